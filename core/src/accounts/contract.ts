import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { Email } from './email.ts'
import { permissions, roles, scopes } from './permissions.ts'

/** One line of text for people: no control characters, no half of a surrogate pair, nothing but blanks is nothing. */
export const Line = (length_max: number) =>
  z
    .string()
    .max(length_max)
    .trim()
    .min(1)
    .refine(
      (text) => text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(text),
      {
        error: 'A name stands on one line and holds no control characters.',
      },
    )
const Id = (kind: string) =>
  z
    .string()
    .regex(new RegExp(`^${kind}_[0-9A-HJKMNP-TV-Z]{26}$`), `An id looks like ${kind}_01KAHX3V9M8Q2R5T7W0Y4Z6B1C.`)
const PersonId = Id('per')
const OrganisationId = Id('org')
const InvitationId = Id('inv')
const SessionId = Id('ses')
const KeyId = Id('key')
const At = z.iso.datetime()
const CountryCode = z.string().regex(/^[A-Z]{2}$/, 'A country is two capital letters of ISO 3166: FR, GB, US.')

/** What is typed as a password. How good it must be is decided in `password.ts`, which says what is missing. */
const Password = z
  .string()
  .min(1)
  .max(512)
  .refine((text) => text.isWellFormed(), { error: 'The password holds broken Unicode.' })
  .meta({ format: 'password' })
/** Six digits of an authenticator, or a recovery code; blanks and hyphens are passed over. */
const Code = z.string().min(6).max(40)
/** The secret of a link that was mailed or printed: 32 random bytes in base64url. */
const LinkToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'The end of the link was cut off: it has 43 characters.')

export const Role = z.enum(roles).meta({ id: 'Role' })
export const PermissionName = z.enum(permissions as [string, ...string[]]).meta({ id: 'Permission' })
export const Scope = z
  .enum(scopes as [string, ...string[]])
  .meta({ id: 'Scope', description: 'A permission that an API key can carry.' })
export const Locale = z.enum(['en', 'fr']).meta({ id: 'Locale' })
export const Plan = z.enum(['free', 'pro', 'enterprise']).meta({ id: 'Plan' })

const Done = z.object({ done: z.literal(true) })

/* Who is here */

export const Person = z
  .object({
    person_id: z.string(),
    email: z.string(),
    email_verified: z.boolean(),
    name: z.string(),
    locale: Locale,
    instance_admin: z.boolean(),
    is_demo: z.boolean().describe('Whether this is the guest of the demonstration, who has no password.'),
    has_password: z.boolean(),
    second_factor: z.boolean().describe('Whether an authenticator with codes is set up.'),
    passkeys: z.number().int().describe('How many passkeys open the account.'),
    created_at: At,
  })
  .meta({ id: 'Person' })
export type Person = z.infer<typeof Person>

export const MembershipSummary = z
  .object({
    organisation_id: z.string(),
    name: z.string(),
    role: Role,
    plan: Plan,
    is_demo: z.boolean(),
    second_factor_required: z.boolean(),
  })
  .meta({ id: 'MembershipSummary' })

export const Me = z
  .object({
    person: Person,
    organisation_id: z.string().nullable().describe('In whose name this session acts; null when in none.'),
    role: Role.nullable(),
    permissions: z.array(PermissionName).describe('What the caller may do there: what the web shows by.'),
    memberships: z.array(MembershipSummary),
    session_id: z.string(),
    two_factors: z
      .boolean()
      .describe('Whether this session has shown two factors: a code beside the password, or a passkey.'),
    second_factor_required_by: z
      .object({ organisation_id: z.string(), name: z.string() })
      .nullable()
      .describe('The organisation in whose name the session would act, once a second factor is set up and shown.'),
    stepped_up_until: At.nullable().describe('Until when sensitive actions go through without being asked again.'),
  })
  .meta({ id: 'Me' })
export type Me = z.infer<typeof Me>

export const PasskeysHere = z
  .object({
    usable: z.boolean(),
    reason: z
      .enum(['numeric_address', 'no_https', 'other_address'])
      .nullable()
      .describe(
        'Why not: the page runs on a number such as 127.0.0.1, without https, or elsewhere than PUBLIC_ORIGIN says.',
      ),
    open_at: z
      .string()
      .nullable()
      .describe('Where passkeys do work, such as http://localhost:3000; null when nowhere.'),
  })
  .meta({ id: 'PasskeysHere', description: 'Whether passkeys work at the address under which the caller sees this.' })
export type PasskeysHere = z.infer<typeof PasskeysHere>

export const InstanceState = z
  .object({
    claimed: z.boolean().describe('Whether a first real account exists.'),
    demo: z.boolean().describe('Whether one click signs this caller in to the demonstration.'),
    open_registration: z.boolean().describe('Whether anybody may sign up; by invitation one always may.'),
    providers: z.array(z.object({ id: z.string(), name: z.string() })).describe('Where else one can sign in.'),
    passkeys: PasskeysHere,
  })
  .meta({ id: 'InstanceState' })

export const problems = {
  'accounts/not-signed-in': { status: 401, title: 'Sign in first, or send a valid key' },
  'accounts/not-allowed': { status: 403, title: 'Your role does not allow this' },
  'accounts/step-up-needed': { status: 403, title: 'Confirm that it is you' },
  'accounts/wrong-credentials': { status: 401, title: 'E-mail and password do not fit' },
  'accounts/second-factor-needed': { status: 401, title: 'A code of the second factor is needed' },
  'accounts/wrong-code': { status: 401, title: 'The code does not fit, or was used already' },
  'accounts/locked': { status: 429, title: 'Too many attempts; wait before the next one' },
  'accounts/link-not-valid': { status: 410, title: 'This link is not valid, or no longer' },
  'accounts/weak-password': { status: 422, title: 'This password is too easy to guess' },
  'accounts/already-claimed': { status: 409, title: 'This installation has an administrator already' },
  'accounts/registration-closed': { status: 403, title: 'Accounts are made by invitation here' },
  'accounts/demo-closed': { status: 403, title: 'The demonstration is not open to you' },
  'accounts/demo-stays': { status: 403, title: 'The demonstration’s guest cannot do this' },
  'accounts/token-not-valid': { status: 401, title: 'The token is not valid, or no longer' },
  'accounts/raced': { status: 409, title: 'Another request has just used this refresh token' },
  'accounts/token-reused': { status: 401, title: 'This refresh token was used before; its whole family is ended' },
  'accounts/second-factor-on': { status: 409, title: 'A second factor is set up already' },
  'accounts/second-factor-off': { status: 409, title: 'No second factor is set up' },
  'accounts/unknown-session': { status: 404, title: 'You have no such session' },
  'accounts/unknown-organisation': { status: 404, title: 'You are in no such organisation' },
  'accounts/unknown-member': { status: 404, title: 'Nobody of that id is a member' },
  'accounts/unknown-invitation': { status: 404, title: 'There is no such invitation' },
  'accounts/unknown-key': { status: 404, title: 'There is no such key' },
  'accounts/unknown-person': { status: 404, title: 'There is no such person' },
  'accounts/unknown-provider': { status: 404, title: 'Nobody can sign in through that provider here' },
  'accounts/provider-refused': { status: 401, title: 'The provider did not confirm who you are' },
  'accounts/invitation-for-another': { status: 403, title: 'This invitation is for another address' },
  'accounts/has-account': { status: 409, title: 'This address has an account: sign in instead' },
  'accounts/already-member': { status: 409, title: 'This person is a member already' },
  'accounts/last-owner': { status: 409, title: 'An organisation keeps at least one owner' },
  'accounts/last-admin': { status: 409, title: 'An installation keeps at least one administrator' },
  'accounts/beyond-your-role': { status: 403, title: 'Nobody hands out more than they hold' },
  'accounts/too-many': { status: 409, title: 'There are as many as there may be' },
  'accounts/passkeys-not-here': { status: 409, title: 'Passkeys do not work at this address' },
  'accounts/passkey-refused': { status: 401, title: 'This passkey was not accepted' },
  'accounts/passkey-known': { status: 409, title: 'This passkey is kept here already' },
  'accounts/unknown-passkey': { status: 404, title: 'You have no such passkey' },
  'accounts/unknown-identity': { status: 404, title: 'No such account at a provider signs you in' },
  'accounts/last-way-in': { status: 409, title: 'This is the last way into your account' },
  'accounts/second-factor-required': { status: 403, title: 'This needs a second factor' },
} as const satisfies ProblemTable

const signedIn = ['accounts/not-signed-in'] as const
const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
const sensitive = [...byRole, 'accounts/step-up-needed'] as const
const guessed = ['accounts/wrong-credentials', 'accounts/locked'] as const

const someone = { email: 'ada@example.org', password: 'a boat that nobody else rows' }

export const state = route({
  name: 'accounts.state',
  method: 'GET',
  path: '/api/v1/auth/state',
  summary: 'What a visitor can do here, and who is signed in',
  description: 'Never refuses: `me` is null for whoever is not signed in with a session of the web.',
  needs: 'public',
  output: z.object({ instance: InstanceState, me: Me.nullable() }),
  problems: [],
  examples: [{ summary: 'A visitor' }],
})

/* First run */

export const demo = route({
  name: 'accounts.demo',
  method: 'POST',
  path: '/api/v1/auth/demo',
  summary: 'Signs in to the demonstration at one click',
  description: 'Only from the machine itself, and only until a first real account has claimed the installation.',
  needs: 'public',
  output: Me,
  problems: ['accounts/demo-closed'],
  examples: [{ summary: 'On a new installation' }],
})

export const claim = route({
  name: 'accounts.claim',
  method: 'POST',
  path: '/api/v1/auth/claim',
  summary: 'Makes the first real account, which administers the installation',
  description:
    'With the secret at the end of the link that is printed at start. It works once. The person is signed in and owns the organisation.',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({
    token: LinkToken,
    email: Email,
    password: Password,
    name: Line(120),
    locale: Locale.default('en'),
    organisation: z.strictObject({ name: Line(200), country: CountryCode }),
  }),
  output: Me,
  status: 201,
  problems: ['accounts/link-not-valid', 'accounts/already-claimed', 'accounts/weak-password'],
  examples: [
    {
      summary: 'With a secret that was never printed',
      body: { token: 'A'.repeat(43), ...someone, name: 'Ada', organisation: { name: 'Example Ltd', country: 'GB' } },
      status: 410,
    },
  ],
})

/* Sign-up, sign-in, sign-out */

export const signUp = route({
  name: 'accounts.signUp',
  method: 'POST',
  path: '/api/v1/auth/sign-up',
  summary: 'Asks for an account',
  description:
    'With an invitation the account is made and signed in at once, because the link proved the address. Without one, where registration is open, the answer is the same for known and unknown addresses: what comes next is in the mail.',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({
    email: Email,
    password: Password,
    name: Line(120),
    locale: Locale.default('en'),
    invitation: LinkToken.optional(),
  }),
  output: z.object({ next: z.enum(['look_in_your_mail', 'signed_in']), me: Me.nullable() }),
  status: 202,
  problems: [
    'accounts/registration-closed',
    'accounts/weak-password',
    'accounts/link-not-valid',
    'accounts/invitation-for-another',
    'accounts/has-account',
    'admin/plan-limit',
  ],
  examples: [{ summary: 'Where accounts are made by invitation', body: { ...someone, name: 'Ada' }, status: 403 }],
})

export const showInvitation = route({
  name: 'accounts.showInvitation',
  method: 'POST',
  path: '/api/v1/auth/invitation',
  summary: 'What an invitation offers, for the page behind its link',
  needs: 'public',
  body: z.strictObject({ token: LinkToken }),
  output: z.object({
    email: z.string(),
    organisation_name: z.string(),
    role: Role,
    invited_by: z.string(),
    expires_at: At,
    has_account: z.boolean().describe('Whether to sign in or to sign up. Only the holder of the link is told.'),
  }),
  problems: ['accounts/link-not-valid'],
  examples: [{ summary: 'No such invitation', body: { token: 'A'.repeat(43) }, status: 410 }],
})

export const acceptInvitation = route({
  name: 'accounts.acceptInvitation',
  method: 'POST',
  path: '/api/v1/invitations/accept',
  summary: 'Joins an organisation with an account that one has',
  description: 'The session then acts in the name of that organisation.',
  needs: 'accounts.self',
  body: z.strictObject({ token: LinkToken }),
  output: Me,
  problems: [
    ...signedIn,
    'accounts/link-not-valid',
    'accounts/invitation-for-another',
    'accounts/already-member',
    'accounts/demo-stays',
    'admin/plan-limit',
  ],
  examples: [{ summary: 'No such invitation', body: { token: 'A'.repeat(43) }, status: 410 }],
})

export const verifyEmail = route({
  name: 'accounts.verifyEmail',
  method: 'POST',
  path: '/api/v1/auth/verify-email',
  summary: 'Confirms an address with the secret of the link that was mailed to it',
  description: 'Does not sign in: whoever reads the mail need not be whoever knows the password.',
  needs: 'public',
  body: z.strictObject({ token: LinkToken }),
  output: z.object({ email: z.string() }),
  problems: ['accounts/link-not-valid'],
  examples: [{ summary: 'No such link', body: { token: 'A'.repeat(43) }, status: 410 }],
})

export const resendVerification = route({
  name: 'accounts.resendVerification',
  method: 'POST',
  path: '/api/v1/auth/verify-email/resend',
  summary: 'Mails the link that confirms an address once more',
  description: 'Answers the same whether or not the address is known.',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({ email: Email }),
  output: Done,
  status: 202,
  problems: [],
  examples: [{ summary: 'Any address', body: { email: 'ada@example.org' } }],
})

const SignedIn = z.discriminatedUnion('next', [
  z.object({ next: z.literal('signed_in'), me: Me }),
  z.object({
    next: z.literal('second_factor'),
    challenge: z.string().describe('Goes into the next request, within five minutes.'),
    expires_at: At,
  }),
])

export const signIn = route({
  name: 'accounts.signIn',
  method: 'POST',
  path: '/api/v1/auth/sign-in',
  summary: 'Signs in with e-mail and password; sets the session’s cookie',
  description:
    'Answers the same, and takes the same work, whether or not the address is known. Who has a second factor is asked for it next. An address that was never confirmed counts as unknown.',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({ email: Email, password: Password }),
  output: SignedIn,
  problems: guessed,
  examples: [{ summary: 'An unknown address', body: someone, status: 401 }],
})

export const secondFactor = route({
  name: 'accounts.secondFactor',
  method: 'POST',
  path: '/api/v1/auth/sign-in/second-factor',
  summary: 'The second half of signing in: a code of the authenticator, or a recovery code',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({ challenge: z.string().min(20).max(2000), code: Code }),
  output: z.object({ me: Me, recovery_codes_left: z.number().int() }),
  problems: ['accounts/link-not-valid', 'accounts/wrong-code', 'accounts/locked'],
  examples: [{ summary: 'A challenge made up', body: { challenge: 'A'.repeat(43), code: '123456' }, status: 410 }],
})

export const signOut = route({
  name: 'accounts.signOut',
  method: 'POST',
  path: '/api/v1/auth/sign-out',
  summary: 'Ends this session',
  needs: 'accounts.self',
  output: z.undefined(),
  status: 204,
  problems: signedIn,
  examples: [{ summary: 'This session' }],
})

export const signOutEverywhere = route({
  name: 'accounts.signOutEverywhere',
  method: 'POST',
  path: '/api/v1/auth/sign-out-everywhere',
  summary: 'Ends every session and every refresh token of the caller, this one included',
  needs: 'accounts.self',
  output: z.undefined(),
  status: 204,
  problems: signedIn,
  examples: [{ summary: 'All of them' }],
})

export const stepUp = route({
  name: 'accounts.stepUp',
  method: 'POST',
  path: '/api/v1/auth/step-up',
  summary: 'Confirms that it is still the same person, for sensitive actions in the next five minutes',
  description:
    'With a code where a second factor is set up, with the password otherwise. Who signs in through a provider signs in there again. The session gets a new cookie.',
  limit: 'login',
  needs: 'accounts.self',
  body: z.strictObject({ password: Password.optional(), code: Code.optional() }),
  output: z.object({ stepped_up_until: At }),
  problems: [...signedIn, ...guessed, 'accounts/second-factor-needed', 'accounts/wrong-code', 'accounts/demo-stays'],
  examples: [{ summary: 'The demonstration’s guest has no password', body: { password: 'anything' }, status: 403 }],
})

export const switchOrganisation = route({
  name: 'accounts.switchOrganisation',
  method: 'POST',
  path: '/api/v1/auth/organisation',
  summary: 'Acts in the name of another of one’s organisations from now on',
  needs: 'accounts.self',
  body: z.strictObject({ organisation_id: OrganisationId }),
  output: Me,
  problems: [...signedIn, 'accounts/unknown-organisation'],
  examples: [{ summary: 'Somebody else’s', body: { organisation_id: 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }, status: 404 }],
})

/* Password */

export const requestReset = route({
  name: 'accounts.requestReset',
  method: 'POST',
  path: '/api/v1/auth/password-reset',
  summary: 'Mails a link to set a new password',
  description: 'Answers the same whether or not the address is known.',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({ email: Email }),
  output: Done,
  status: 202,
  problems: [],
  examples: [{ summary: 'Any address', body: { email: 'ada@example.org' } }],
})

export const resetPassword = route({
  name: 'accounts.resetPassword',
  method: 'POST',
  path: '/api/v1/auth/password-reset/complete',
  summary: 'Sets a new password with the secret of the link',
  description: 'Ends every session. Does not sign in and does not touch the second factor.',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({ token: LinkToken, password: Password }),
  output: Done,
  problems: ['accounts/link-not-valid', 'accounts/weak-password'],
  examples: [{ summary: 'No such link', body: { token: 'A'.repeat(43), password: someone.password }, status: 410 }],
})

export const changePassword = route({
  name: 'accounts.changePassword',
  method: 'POST',
  path: '/api/v1/auth/password',
  summary: 'Changes the password; every other session ends',
  description: 'Who has none yet, having signed in through a provider, sets one within five minutes of signing in.',
  limit: 'login',
  needs: 'accounts.self',
  body: z.strictObject({ current_password: Password.optional(), new_password: Password }),
  output: Done,
  problems: [...signedIn, ...guessed, 'accounts/weak-password', 'accounts/step-up-needed', 'accounts/demo-stays'],
  examples: [
    {
      summary: 'The demonstration’s guest has no password',
      body: { current_password: 'anything', new_password: someone.password },
      status: 403,
    },
  ],
})

/* Sessions */

export const Session = z
  .object({
    session_id: z.string(),
    kind: z.enum(['web', 'api']),
    current: z.boolean(),
    created_at: At,
    last_seen_at: At,
    expires_at: At,
    ip_prefix: z.string().describe('The network it was last seen from, not the whole address.'),
    user_agent: z.string().describe('What the browser or program called itself.'),
  })
  .meta({ id: 'Session' })

export const listSessions = route({
  name: 'accounts.listSessions',
  method: 'GET',
  path: '/api/v1/auth/sessions',
  summary: 'Where the caller is signed in: browsers, and programs with refresh tokens',
  needs: 'accounts.self',
  output: z.object({ sessions: z.array(Session) }),
  problems: signedIn,
  examples: [{ summary: 'All of mine' }],
})

export const endSession = route({
  name: 'accounts.endSession',
  method: 'DELETE',
  path: '/api/v1/auth/sessions/{session_id}',
  summary: 'Ends one session of the caller',
  needs: 'accounts.self',
  params: z.object({ session_id: SessionId }),
  output: z.undefined(),
  status: 204,
  problems: [...signedIn, 'accounts/unknown-session'],
  examples: [{ summary: 'Somebody else’s', params: { session_id: 'ses_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }, status: 404 }],
})

/* Second factor */

export const showSecondFactor = route({
  name: 'accounts.showSecondFactor',
  method: 'GET',
  path: '/api/v1/auth/second-factor',
  summary: 'Whether a second factor is set up, and how many recovery codes are left',
  needs: 'accounts.self',
  output: z.object({ enabled: z.boolean(), enabled_at: At.nullable(), recovery_codes_left: z.number().int() }),
  problems: signedIn,
  examples: [{ summary: 'Mine' }],
})

export const enrolSecondFactor = route({
  name: 'accounts.enrolSecondFactor',
  method: 'POST',
  path: '/api/v1/auth/second-factor/enrol',
  summary: 'Begins to set up an authenticator: shows its secret once',
  description: 'Nothing changes until a code made with it is confirmed. Beginning again replaces what was begun.',
  needs: 'accounts.self',
  output: z.object({
    secret_base32: z.string(),
    otpauth_uri: z.string().describe('What a QR code of it holds.'),
  }),
  status: 201,
  problems: [...signedIn, 'accounts/step-up-needed', 'accounts/second-factor-on', 'accounts/demo-stays'],
  examples: [{ summary: 'The demonstration’s guest signs in at one click', status: 403 }],
})

const RecoveryCodes = z.object({
  recovery_codes: z
    .array(z.string())
    .describe('Shown once. Each opens the account one time without the authenticator.'),
})

export const confirmSecondFactor = route({
  name: 'accounts.confirmSecondFactor',
  method: 'POST',
  path: '/api/v1/auth/second-factor/confirm',
  summary: 'Turns the second factor on with a first code; shows the recovery codes',
  description: 'Other sessions end, because they were opened with a password alone.',
  limit: 'login',
  needs: 'accounts.self',
  body: z.strictObject({ code: Code }),
  output: RecoveryCodes,
  problems: [
    ...signedIn,
    'accounts/step-up-needed',
    'accounts/wrong-code',
    'accounts/locked',
    'accounts/second-factor-on',
    'accounts/second-factor-off',
  ],
  examples: [{ summary: 'Before anything was begun', body: { code: '123456' }, status: 409 }],
})

export const disableSecondFactor = route({
  name: 'accounts.disableSecondFactor',
  method: 'POST',
  path: '/api/v1/auth/second-factor/disable',
  summary: 'Turns the second factor off',
  description: 'With a password that is long enough to stand alone; a shorter one is changed first.',
  limit: 'login',
  needs: 'accounts.self',
  body: z.strictObject({ code: Code, password: Password.optional() }),
  output: z.undefined(),
  status: 204,
  problems: [
    ...signedIn,
    ...guessed,
    'accounts/step-up-needed',
    'accounts/wrong-code',
    'accounts/weak-password',
    'accounts/second-factor-off',
  ],
  examples: [{ summary: 'None is set up', body: { code: '123456' }, status: 409 }],
})

export const renewRecoveryCodes = route({
  name: 'accounts.renewRecoveryCodes',
  method: 'POST',
  path: '/api/v1/auth/second-factor/recovery-codes',
  summary: 'Makes ten new recovery codes; the old ones no longer work',
  needs: 'accounts.self',
  output: RecoveryCodes,
  problems: [...signedIn, 'accounts/step-up-needed', 'accounts/second-factor-off'],
  examples: [{ summary: 'No second factor is set up', status: 409 }],
})

/* Tokens for programs that act for a person */

const Tokens = z
  .object({
    access_token: z.string().describe('A JWT for `Authorization: Bearer …`.'),
    token_type: z.literal('Bearer'),
    expires_in_s: z.number().int(),
    refresh_token: z.string().describe('Works once: each use returns the next one.'),
    refresh_expires_at: At,
    organisation_id: z.string().nullable(),
    role: Role.nullable(),
  })
  .meta({ id: 'Tokens' })

export const token = route({
  name: 'accounts.token',
  method: 'POST',
  path: '/api/v1/auth/token',
  summary: 'E-mail and password for an access token and a refresh token',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({
    email: Email,
    password: Password,
    code: Code.optional().describe('Of the second factor, where one is set up.'),
    organisation_id: OrganisationId.optional().describe('In whose name; the first one joined unless said.'),
  }),
  output: Tokens,
  problems: [...guessed, 'accounts/second-factor-needed', 'accounts/wrong-code', 'accounts/unknown-organisation'],
  examples: [{ summary: 'An unknown address', body: someone, status: 401 }],
})

const RefreshToken = z.string().min(20).max(200)

export const refresh = route({
  name: 'accounts.refresh',
  method: 'POST',
  path: '/api/v1/auth/refresh',
  summary: 'A refresh token for the next pair',
  description:
    'Of several requests at the same moment one gets the pair, the others 409 and should use what it got. A token that comes back more than ten seconds after its use was stolen or is a mistake: its whole family ends.',
  needs: 'public',
  body: z.strictObject({ refresh_token: RefreshToken }),
  output: Tokens,
  problems: ['accounts/token-not-valid', 'accounts/raced', 'accounts/token-reused'],
  examples: [{ summary: 'A token made up', body: { refresh_token: 'A'.repeat(43) }, status: 401 }],
})

export const revoke = route({
  name: 'accounts.revoke',
  method: 'POST',
  path: '/api/v1/auth/revoke',
  summary: 'Ends a refresh token with its whole family',
  description: 'Answers the same for a token that is not known (RFC 7009).',
  needs: 'public',
  body: z.strictObject({ refresh_token: RefreshToken }),
  output: Done,
  problems: [],
  examples: [{ summary: 'Any token', body: { refresh_token: 'A'.repeat(43) } }],
})

/* Sign-in through a provider (OpenID Connect) */

const ProviderParams = z.object({ provider: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/) })

export const startProvider = route({
  name: 'accounts.startProvider',
  method: 'GET',
  path: '/api/v1/auth/oidc/{provider}',
  summary: 'Sends the browser to a provider to sign in there',
  limit: 'login',
  needs: 'public',
  params: ProviderParams,
  query: z.object({
    return_to: z
      .string()
      .max(500)
      .regex(/^\/(?![/\\])[^\\\u0000-\u001f]*$/, 'Only a path of this site.')
      .optional(),
    invitation: LinkToken.optional(),
  }),
  output: z.unknown(),
  status: 302,
  produces: 'text/plain',
  problems: ['accounts/unknown-provider'],
  examples: [{ summary: 'None is configured', params: { provider: 'google' }, status: 404 }],
})

export const completeProvider = route({
  name: 'accounts.completeProvider',
  method: 'GET',
  path: '/api/v1/auth/oidc/{provider}/callback',
  summary: 'Where the provider sends the browser back to',
  description:
    'Goes on to where the person was, signed in; to /auth/sign-in#challenge=… when a second factor is asked for; or to /auth/sign-in?problem=… with the type of what went wrong, which a browser in the middle of a redirect could not show.',
  limit: 'login',
  needs: 'public',
  params: ProviderParams,
  query: z.looseObject({ state: z.string().max(500).optional() }),
  output: z.unknown(),
  status: 302,
  produces: 'text/plain',
  problems: ['accounts/unknown-provider'],
  examples: [{ summary: 'None is configured', params: { provider: 'google' }, status: 404 }],
})

/* Oneself */

export const me = route({
  name: 'accounts.me',
  method: 'GET',
  path: '/api/v1/me',
  summary: 'Who the caller is, in whose name they act, and what they may do',
  needs: 'accounts.self',
  output: Me,
  problems: signedIn,
  examples: [{ summary: 'The demonstration’s guest' }],
})

export const updateMe = route({
  name: 'accounts.updateMe',
  method: 'PATCH',
  path: '/api/v1/me',
  summary: 'Changes one’s name or language',
  needs: 'accounts.self',
  body: z.strictObject({ name: Line(120).optional(), locale: Locale.optional() }),
  output: Me,
  problems: signedIn,
  examples: [{ summary: 'In French from now on', body: { locale: 'fr' } }],
})

export const changeEmail = route({
  name: 'accounts.changeEmail',
  method: 'POST',
  path: '/api/v1/me/email',
  summary: 'Begins to change one’s address: a link is mailed to the new one',
  description: 'The old address stays until the link is followed. Answers the same when the new one is taken.',
  needs: 'accounts.self',
  body: z.strictObject({ email: Email }),
  output: Done,
  status: 202,
  problems: [...signedIn, 'accounts/step-up-needed', 'accounts/demo-stays'],
  examples: [{ summary: 'The demonstration’s guest has none', body: { email: 'ada@example.org' }, status: 403 }],
})

export const consentPurposes = ['usage_statistics', 'product_news', 'assistant_history'] as const

export const Consent = z
  .object({
    purpose: z.enum(consentPurposes),
    given: z.boolean(),
    text_version: z.string().describe('Which wording the person saw.'),
    text_digest: z.string().describe('SHA-256 of that wording.'),
    at: At.nullable().describe('When it was given or withdrawn last; null when it was never asked.'),
  })
  .meta({ id: 'Consent' })

export const listConsents = route({
  name: 'accounts.listConsents',
  method: 'GET',
  path: '/api/v1/consents',
  summary: 'What the caller has agreed to, purpose by purpose',
  description: 'Nothing is agreed to unless it was said. What the service needs to work is not asked for here.',
  needs: 'accounts.self',
  output: z.object({ consents: z.array(Consent.extend({ text: z.object({ en: z.string(), fr: z.string() }) })) }),
  problems: signedIn,
  examples: [{ summary: 'Mine' }],
})

export const setConsent = route({
  name: 'accounts.setConsent',
  method: 'POST',
  path: '/api/v1/consents',
  summary: 'Agrees to a purpose or withdraws it; both are kept as evidence',
  needs: 'accounts.self',
  body: z.strictObject({ purpose: z.enum(consentPurposes), given: z.boolean() }),
  output: Consent,
  problems: signedIn,
  examples: [{ summary: 'Withdrawn', body: { purpose: 'usage_statistics', given: false } }],
})

/* Organisations */

export const Site = z
  .strictObject({ name: Line(200), country: CountryCode, city: Line(120).optional() })
  .meta({ id: 'Site' })

const profile = {
  name: Line(200),
  country: CountryCode,
  sector: z
    .string()
    .regex(/^(?:[A-V]|\d{2}(?:\.\d{1,2}[A-Z]?)?)$/, 'A NACE or NAF code: C, 10, 10.5, 10.51 or 10.51C.')
    .nullable()
    .describe('NACE section, division, group or class, or a French NAF subclass.'),
  employees: z.number().int().min(0).max(100_000_000).nullable(),
  turnover_eur: z.number().min(0).max(1e13).nullable(),
  sites: z.array(Site).max(500),
}

export const OrganisationProfile = z
  .object({
    organisation_id: z.string(),
    ...profile,
    plan: Plan,
    is_demo: z.boolean(),
    created_at: At,
    deletion_due_at: At.nullable().describe('Set while the organisation waits to be deleted.'),
    second_factor_required: z.boolean().describe('Whether every member needs a second factor.'),
  })
  .meta({ id: 'OrganisationProfile' })
export type OrganisationProfile = z.infer<typeof OrganisationProfile>

const OrganisationParams = z.object({ organisation_id: OrganisationId })
const nobodys = { organisation_id: 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }
/** The first organisation of the caller. */
const mine = { route: 'accounts.listOrganisations', fill: { organisation_id: 'organisations.0.organisation_id' } }

export const listOrganisations = route({
  name: 'accounts.listOrganisations',
  method: 'GET',
  path: '/api/v1/organisations',
  summary: 'The organisations of the caller, and the role in each',
  needs: 'accounts.self',
  output: z.object({ organisations: z.array(MembershipSummary) }),
  problems: signedIn,
  examples: [{ summary: 'Mine' }],
})

export const createOrganisation = route({
  name: 'accounts.createOrganisation',
  method: 'POST',
  path: '/api/v1/organisations',
  summary: 'Makes an organisation; the caller owns it and the session acts in its name',
  needs: 'accounts.self',
  body: z.strictObject({
    name: profile.name,
    country: profile.country,
    sector: profile.sector.default(null),
    employees: profile.employees.default(null),
    turnover_eur: profile.turnover_eur.default(null),
    sites: profile.sites.default([]),
  }),
  output: OrganisationProfile,
  status: 201,
  problems: [...signedIn, 'accounts/too-many', 'accounts/demo-stays'],
  examples: [
    {
      summary: 'The demonstration’s guest stays in the demonstration',
      body: { name: 'Example Ltd', country: 'GB', sector: '10.51' },
      status: 403,
    },
  ],
})

export const getOrganisation = route({
  name: 'accounts.getOrganisation',
  method: 'GET',
  path: '/api/v1/organisations/{organisation_id}',
  summary: 'The profile of the organisation in whose name the caller acts',
  needs: 'accounts.read',
  params: OrganisationParams,
  output: OrganisationProfile,
  problems: [...byRole, 'accounts/unknown-organisation'],
  examples: [
    { summary: 'Mine', after: mine },
    { summary: 'Somebody else’s', params: nobodys, status: 404 },
  ],
})

export const updateOrganisation = route({
  name: 'accounts.updateOrganisation',
  method: 'PATCH',
  path: '/api/v1/organisations/{organisation_id}',
  summary: 'Changes the profile; what is not named stays',
  needs: 'accounts.manage_organisation',
  params: OrganisationParams,
  body: z.strictObject(profile).partial(),
  output: OrganisationProfile,
  problems: [...byRole, 'accounts/unknown-organisation'],
  examples: [{ summary: 'A site more', after: mine, body: { sites: [{ name: 'Head office', country: 'FR' }] } }],
})

export const requireSecondFactor = route({
  name: 'accounts.requireSecondFactor',
  method: 'PUT',
  path: '/api/v1/organisations/{organisation_id}/second-factor',
  summary: 'Says whether every member needs a second factor',
  description:
    'While it is required, whoever signed in with one factor reaches their own account alone, to set one up. An authenticator with codes counts, and a passkey. An owner turns it on in a session that has shown two factors.',
  needs: 'accounts.require_second_factor',
  params: OrganisationParams,
  body: z.strictObject({ required: z.boolean() }),
  output: OrganisationProfile,
  problems: [...sensitive, 'accounts/unknown-organisation', 'accounts/second-factor-required', 'accounts/demo-stays'],
  examples: [
    { summary: 'The demonstration signs in at one click', after: mine, body: { required: true }, status: 403 },
    { summary: 'Somebody else’s', params: nobodys, body: { required: true }, status: 404 },
  ],
})

export const Member = z
  .object({
    person_id: z.string(),
    name: z.string(),
    email: z.string(),
    role: Role,
    joined_at: At,
    second_factor: z.boolean().describe('An authenticator with codes, or a passkey.'),
    last_seen_at: At.nullable(),
  })
  .meta({ id: 'Member' })

export const listMembers = route({
  name: 'accounts.listMembers',
  method: 'GET',
  path: '/api/v1/organisations/{organisation_id}/members',
  summary: 'Who is in the organisation, and as what',
  description: 'Whether a second factor is on, and when somebody was last seen, is told to those who manage members.',
  needs: 'accounts.read',
  params: OrganisationParams,
  output: z.object({
    members: z.array(Member.extend({ second_factor: z.boolean().nullable() })),
  }),
  problems: [...byRole, 'accounts/unknown-organisation'],
  examples: [{ summary: 'Of mine', after: mine }],
})

const MemberParams = OrganisationParams.extend({ person_id: PersonId })

export const changeRole = route({
  name: 'accounts.changeRole',
  method: 'PATCH',
  path: '/api/v1/organisations/{organisation_id}/members/{person_id}',
  summary: 'Gives a member another role; it holds from the next request',
  needs: 'accounts.manage_members',
  params: MemberParams,
  body: z.strictObject({ role: Role }),
  output: Member,
  problems: [
    ...sensitive,
    'accounts/unknown-organisation',
    'accounts/unknown-member',
    'accounts/beyond-your-role',
    'accounts/last-owner',
  ],
  examples: [
    {
      summary: 'Nobody of that id',
      after: mine,
      params: { person_id: 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' },
      body: { role: 'reader' },
      status: 404,
    },
  ],
})

export const removeMember = route({
  name: 'accounts.removeMember',
  method: 'DELETE',
  path: '/api/v1/organisations/{organisation_id}/members/{person_id}',
  summary: 'Takes a member out of the organisation',
  description:
    'Their personal keys for it end. Organisation keys that they answered for pass to whoever removes them, so that machines go on.',
  needs: 'accounts.manage_members',
  params: MemberParams,
  output: z.object({ keys_revoked: z.array(z.string()), keys_taken_over: z.array(z.string()) }),
  problems: [
    ...sensitive,
    'accounts/unknown-organisation',
    'accounts/unknown-member',
    'accounts/beyond-your-role',
    'accounts/last-owner',
  ],
  examples: [
    {
      summary: 'Nobody of that id',
      after: mine,
      params: { person_id: 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' },
      status: 404,
    },
  ],
})

export const leaveOrganisation = route({
  name: 'accounts.leaveOrganisation',
  method: 'POST',
  path: '/api/v1/organisations/{organisation_id}/leave',
  summary: 'Leaves an organisation; the last owner cannot',
  needs: 'accounts.self',
  params: OrganisationParams,
  output: Me,
  problems: [...signedIn, 'accounts/unknown-organisation', 'accounts/last-owner', 'accounts/demo-stays'],
  examples: [{ summary: 'Somebody else’s', params: nobodys, status: 404 }],
})

export const Invitation = z
  .object({
    invitation_id: z.string(),
    email: z.string(),
    role: Role,
    state: z.enum(['open', 'accepted', 'revoked', 'expired']),
    invited_by: z.string(),
    created_at: At,
    expires_at: At,
  })
  .meta({ id: 'Invitation' })

export const listInvitations = route({
  name: 'accounts.listInvitations',
  method: 'GET',
  path: '/api/v1/organisations/{organisation_id}/invitations',
  summary: 'Invitations and what became of them',
  needs: 'accounts.invite',
  params: OrganisationParams,
  output: z.object({ invitations: z.array(Invitation) }),
  problems: [...byRole, 'accounts/unknown-organisation'],
  examples: [{ summary: 'Of mine', after: mine }],
})

export const invite = route({
  name: 'accounts.invite',
  method: 'POST',
  path: '/api/v1/organisations/{organisation_id}/invitations',
  summary: 'Invites an address; a link that works once is mailed to it',
  description: 'It holds for seven days. Inviting an address again replaces the invitation before.',
  needs: 'accounts.invite',
  params: OrganisationParams,
  body: z.strictObject({ email: Email, role: Role, locale: Locale.default('en') }),
  output: Invitation,
  status: 201,
  problems: [
    ...sensitive,
    'accounts/unknown-organisation',
    'accounts/beyond-your-role',
    'accounts/already-member',
    'accounts/too-many',
    'accounts/demo-stays',
    'admin/plan-limit',
  ],
  examples: [
    {
      summary: 'The demonstration invites nobody',
      after: mine,
      body: { email: 'grace@example.org', role: 'editor' },
      status: 403,
    },
  ],
})

export const revokeInvitation = route({
  name: 'accounts.revokeInvitation',
  method: 'DELETE',
  path: '/api/v1/organisations/{organisation_id}/invitations/{invitation_id}',
  summary: 'Withdraws an invitation',
  needs: 'accounts.invite',
  params: OrganisationParams.extend({ invitation_id: InvitationId }),
  output: z.undefined(),
  status: 204,
  problems: [...byRole, 'accounts/unknown-organisation', 'accounts/unknown-invitation'],
  examples: [
    {
      summary: 'No such invitation',
      after: mine,
      params: { invitation_id: 'inv_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' },
      status: 404,
    },
  ],
})

/* API keys */

/** An address or a network: 192.0.2.7, 192.0.2.0/24, 2001:db8::/48. */
const Network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])

export const ApiKey = z
  .object({
    key_id: z.string(),
    kind: z.enum(['personal', 'organisation']),
    name: z.string(),
    prefix: z.string().describe('The beginning of the key, enough to recognise it: tm_live_8Q2R5T7W.'),
    organisation_id: z.string(),
    scopes: z.array(Scope),
    scopes_in_force: z.array(Scope).describe('Without what the person who answers for it may no longer do.'),
    answered_for_by: z.string().describe('Name of the person whose role limits it.'),
    ip_list: z.array(z.string()).describe('Empty: from anywhere.'),
    state: z.enum(['active', 'expired', 'revoked']),
    created_at: At,
    expires_at: At,
    last_used_at: At.nullable().describe('To the minute.'),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const listKeys = route({
  name: 'accounts.listKeys',
  method: 'GET',
  path: '/api/v1/keys',
  summary: 'The caller’s own keys and, for those who manage them, the organisation’s',
  needs: 'accounts.self',
  output: z.object({ keys: z.array(ApiKey) }),
  problems: signedIn,
  examples: [{ summary: 'Those I see' }],
})

export const createKey = route({
  name: 'accounts.createKey',
  method: 'POST',
  path: '/api/v1/keys',
  summary: 'Makes an API key; it is shown this once',
  description:
    'A personal key acts for the caller, an organisation’s for the organisation; neither can do more than whoever answers for it may do at the time. A key lasts a year at most.',
  needs: 'accounts.self',
  body: z.strictObject({
    kind: z.enum(['personal', 'organisation']).default('personal'),
    name: Line(120),
    scopes: z.array(Scope).min(1).max(scopes.length),
    expires_in_days: z.number().int().min(1).max(365).default(90),
    ip_list: z.array(Network).max(50).default([]),
  }),
  output: z.object({ key: ApiKey, secret: z.string().describe('The key itself: tm_live_…') }),
  status: 201,
  problems: [...sensitive, 'accounts/beyond-your-role', 'accounts/too-many', 'admin/plan-limit'],
  examples: [
    { summary: 'To read results', body: { name: 'Spreadsheet', scopes: ['footprint.read'], expires_in_days: 30 } },
  ],
})

export const revokeKey = route({
  name: 'accounts.revokeKey',
  method: 'DELETE',
  path: '/api/v1/keys/{key_id}',
  summary: 'Revokes a key; it is refused from the next request',
  needs: 'accounts.self',
  params: z.object({ key_id: KeyId }),
  output: z.undefined(),
  status: 204,
  problems: [...signedIn, 'accounts/unknown-key'],
  examples: [{ summary: 'No such key', params: { key_id: 'key_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }, status: 404 }],
})

/* The installation */

const Page = z.object({
  search: z.string().max(120).optional().describe('Part of a name or an address.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().max(60).optional().describe('The last id of the page before.'),
})

export const InstanceSettings = z
  .object({
    claimed_at: At.nullable(),
    open_registration: z.boolean(),
    people: z.number().int(),
    organisations: z.number().int(),
    active_keys: z.number().int(),
  })
  .meta({ id: 'InstanceSettings' })

export const adminGetInstance = route({
  name: 'accounts.adminGetInstance',
  method: 'GET',
  path: '/api/v1/admin/instance',
  summary: 'Settings of the installation, and how many it serves',
  needs: 'instance.admin',
  output: InstanceSettings,
  problems: byRole,
  examples: [{ summary: 'Not for the demonstration’s guest', status: 403 }],
})

export const adminUpdateInstance = route({
  name: 'accounts.adminUpdateInstance',
  method: 'PATCH',
  path: '/api/v1/admin/instance',
  summary: 'Opens or closes registration',
  needs: 'instance.admin',
  body: z.strictObject({ open_registration: z.boolean() }),
  output: InstanceSettings,
  problems: sensitive,
  examples: [{ summary: 'Not for the demonstration’s guest', body: { open_registration: true }, status: 403 }],
})

export const AdminPerson = Person.extend({
  suspended: z.boolean(),
  last_seen_at: At.nullable(),
  memberships: z.array(z.object({ organisation_id: z.string(), name: z.string(), role: Role })),
}).meta({ id: 'AdminPerson' })

export const adminListPeople = route({
  name: 'accounts.adminListPeople',
  method: 'GET',
  path: '/api/v1/admin/people',
  summary: 'Everybody with an account',
  needs: 'instance.admin',
  query: Page,
  output: z.object({ people: z.array(AdminPerson), next: z.string().nullable() }),
  problems: byRole,
  examples: [{ summary: 'Not for the demonstration’s guest', status: 403 }],
})

export const adminUpdatePerson = route({
  name: 'accounts.adminUpdatePerson',
  method: 'PATCH',
  path: '/api/v1/admin/people/{person_id}',
  summary: 'Suspends somebody, or makes them an administrator, or takes either back',
  description: 'Who is suspended is signed out everywhere at once, and their keys are refused.',
  needs: 'instance.admin',
  params: z.object({ person_id: PersonId }),
  body: z.strictObject({ suspended: z.boolean().optional(), instance_admin: z.boolean().optional() }),
  output: AdminPerson,
  problems: [...sensitive, 'accounts/unknown-person', 'accounts/last-admin', 'accounts/demo-stays'],
  examples: [
    {
      summary: 'Not for the demonstration’s guest',
      params: { person_id: 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' },
      body: { suspended: true },
      status: 403,
    },
  ],
})

export const AdminOrganisation = z
  .object({
    organisation_id: z.string(),
    name: z.string(),
    country: z.string(),
    plan: Plan,
    is_demo: z.boolean(),
    members: z.number().int(),
    created_at: At,
    deletion_due_at: At.nullable(),
  })
  .meta({ id: 'AdminOrganisation' })

export const adminListOrganisations = route({
  name: 'accounts.adminListOrganisations',
  method: 'GET',
  path: '/api/v1/admin/organisations',
  summary: 'Every organisation',
  needs: 'instance.admin',
  query: Page,
  output: z.object({ organisations: z.array(AdminOrganisation), next: z.string().nullable() }),
  problems: byRole,
  examples: [{ summary: 'Not for the demonstration’s guest', status: 403 }],
})

export const adminUpdateOrganisation = route({
  name: 'accounts.adminUpdateOrganisation',
  method: 'PATCH',
  path: '/api/v1/admin/organisations/{organisation_id}',
  summary: 'Puts an organisation on another plan',
  needs: 'instance.admin',
  params: OrganisationParams,
  body: z.strictObject({ plan: Plan }),
  output: AdminOrganisation,
  problems: [...sensitive, 'accounts/unknown-organisation'],
  examples: [{ summary: 'Not for the demonstration’s guest', params: nobodys, body: { plan: 'pro' }, status: 403 }],
})

export const adminListKeys = route({
  name: 'accounts.adminListKeys',
  method: 'GET',
  path: '/api/v1/admin/keys',
  summary: 'Every API key, by its prefix',
  needs: 'instance.admin',
  query: Page,
  output: z.object({ keys: z.array(ApiKey), next: z.string().nullable() }),
  problems: byRole,
  examples: [{ summary: 'Not for the demonstration’s guest', status: 403 }],
})
