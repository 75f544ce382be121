import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { Line, Me, PasskeysHere } from './contract.ts'

export { PasskeysHere }

/**
 * Passkeys (W3C Web Authentication Level 3) and the ways in through providers. What the browser's calls take and give is
 * passed through as `@simplewebauthn/browser` writes it: `options` goes into `startRegistration` or
 * `startAuthentication`, and what they return comes back as `credential`.
 */

/** How many one person has at most: one for each device, and to spare. */
export const PASSKEYS_MAX = 20

const At = z.iso.datetime()
const PasskeyId = z.string().regex(/^psk_[0-9A-HJKMNP-TV-Z]{26}$/, 'An id looks like psk_01KAHX3V9M8Q2R5T7W0Y4Z6B1C.')
const IdentityId = z.string().regex(/^idn_[0-9a-f]{32}$/, 'The list of identities says which there are.')

const Base64Url = (length_max: number) =>
  z
    .string()
    .min(1)
    .max(length_max)
    .regex(/^[A-Za-z0-9_-]+$/, 'This is not base64url.')

const signedIn = ['accounts/not-signed-in'] as const
const confirmed = [...signedIn, 'accounts/step-up-needed'] as const

export const Passkey = z
  .object({
    passkey_id: z.string(),
    name: z.string(),
    state: z
      .enum(['active', 'blocked', 'elsewhere'])
      .describe(
        'blocked: its counter went back, as it does when a key was copied; remove it. elsewhere: made for another name of this service.',
      ),
    synchronised: z.boolean().describe('Whether its owner’s other devices have it as well.'),
    created_at: At,
    last_used_at: At.nullable(),
  })
  .meta({ id: 'Passkey' })
export type Passkey = z.infer<typeof Passkey>

export const listPasskeys = route({
  name: 'accounts.listPasskeys',
  method: 'GET',
  path: '/api/v1/auth/passkeys',
  summary: 'The caller’s passkeys, and whether passkeys work at this address',
  needs: 'accounts.self',
  output: z.object({ passkeys: z.array(Passkey), here: PasskeysHere }),
  problems: signedIn,
  examples: [{ summary: 'Mine' }],
})

const Challenge = Base64Url(200).describe('Answered once, within five minutes, by the browser that asked.')

/** What `navigator.credentials.create` takes, in JSON. */
const RegistrationOptions = z.looseObject({
  challenge: Challenge,
  rp: z.object({ id: z.string().optional(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.object({ alg: z.number().int(), type: z.literal('public-key') })),
})

/** What `navigator.credentials.get` takes, in JSON. */
const SignInOptions = z.looseObject({
  challenge: Challenge,
  rpId: z.string().optional(),
  userVerification: z.string().optional(),
})

const common = {
  id: Base64Url(1_400),
  rawId: Base64Url(1_400),
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(40).nullish(),
  clientExtensionResults: z.looseObject({}).default({}),
}

/** Browsers say more from year to year; what is not named here is left out rather than refused. */
export const RegistrationCredential = z
  .object({
    ...common,
    response: z.object({
      clientDataJSON: Base64Url(8_000),
      attestationObject: Base64Url(40_000),
      transports: z
        .array(z.string().regex(/^[a-z-]{1,20}$/))
        .max(10)
        .optional(),
    }),
  })
  .meta({ id: 'PasskeyRegistration', description: 'What `startRegistration` of @simplewebauthn/browser returns.' })

export const AssertionCredential = z
  .object({
    ...common,
    response: z.object({
      clientDataJSON: Base64Url(8_000),
      authenticatorData: Base64Url(4_000),
      signature: Base64Url(4_000),
      userHandle: Base64Url(100).nullish(),
    }),
  })
  .meta({ id: 'PasskeyAssertion', description: 'What `startAuthentication` of @simplewebauthn/browser returns.' })

/** Well-formed, and the answer to nothing that was asked. */
const madeUp = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  clientExtensionResults: {},
  response: { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA' },
}

export const passkeyRegistrationOptions = route({
  name: 'accounts.passkeyRegistrationOptions',
  method: 'POST',
  path: '/api/v1/auth/passkeys/options',
  summary: 'Begins to make a passkey',
  description:
    'The passkey is kept on the device with the name of the account (discoverable), and asks for a fingerprint, a face or a PIN, so that it counts as both factors.',
  needs: 'accounts.self',
  output: z.object({ options: RegistrationOptions }),
  problems: [...confirmed, 'accounts/passkeys-not-here', 'accounts/too-many', 'accounts/demo-stays'],
  examples: [{ summary: 'The demonstration’s guest signs in at one click', status: 403 }],
})

export const addPasskey = route({
  name: 'accounts.addPasskey',
  method: 'POST',
  path: '/api/v1/auth/passkeys',
  summary: 'Keeps the passkey that the device has made',
  needs: 'accounts.self',
  body: z.strictObject({ name: Line(80), credential: RegistrationCredential }),
  output: Passkey,
  status: 201,
  problems: [
    ...confirmed,
    'accounts/passkeys-not-here',
    'accounts/passkey-refused',
    'accounts/passkey-known',
    'accounts/too-many',
    'accounts/demo-stays',
  ],
  examples: [
    {
      summary: 'The demonstration’s guest signs in at one click',
      body: {
        name: 'Telephone',
        credential: { ...madeUp, response: { clientDataJSON: 'e30', attestationObject: 'AAAA' } },
      },
      status: 403,
    },
  ],
})

const PasskeyParams = z.object({ passkey_id: PasskeyId })
const noSuchPasskey = { passkey_id: 'psk_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }

export const renamePasskey = route({
  name: 'accounts.renamePasskey',
  method: 'PATCH',
  path: '/api/v1/auth/passkeys/{passkey_id}',
  summary: 'Gives one of the caller’s passkeys another name',
  needs: 'accounts.self',
  params: PasskeyParams,
  body: z.strictObject({ name: Line(80) }),
  output: Passkey,
  problems: [...signedIn, 'accounts/unknown-passkey'],
  examples: [{ summary: 'Somebody else’s', params: noSuchPasskey, body: { name: 'Telephone' }, status: 404 }],
})

export const removePasskey = route({
  name: 'accounts.removePasskey',
  method: 'DELETE',
  path: '/api/v1/auth/passkeys/{passkey_id}',
  summary: 'Removes one of the caller’s passkeys; never the last way in',
  needs: 'accounts.self',
  params: PasskeyParams,
  output: z.undefined(),
  status: 204,
  problems: [...confirmed, 'accounts/unknown-passkey', 'accounts/last-way-in'],
  examples: [{ summary: 'Somebody else’s', params: noSuchPasskey, status: 404 }],
})

export const passkeySignInOptions = route({
  name: 'accounts.passkeySignInOptions',
  method: 'POST',
  path: '/api/v1/auth/sign-in/passkey/options',
  summary: 'Begins to sign in with a passkey; no address has to be typed',
  limit: 'login',
  needs: 'public',
  output: z.object({ options: SignInOptions }),
  problems: ['accounts/passkeys-not-here'],
  examples: [{ summary: 'A visitor' }],
})

export const passkeySignIn = route({
  name: 'accounts.passkeySignIn',
  method: 'POST',
  path: '/api/v1/auth/sign-in/passkey',
  summary: 'Signs in with a passkey, which counts as both factors; sets the session’s cookie',
  limit: 'login',
  needs: 'public',
  body: z.strictObject({ credential: AssertionCredential }),
  output: z.object({ me: Me }),
  problems: ['accounts/passkeys-not-here', 'accounts/passkey-refused'],
  examples: [{ summary: 'An answer to nothing that was asked', body: { credential: madeUp }, status: 401 }],
})

export const passkeyStepUpOptions = route({
  name: 'accounts.passkeyStepUpOptions',
  method: 'POST',
  path: '/api/v1/auth/step-up/passkey/options',
  summary: 'Begins to confirm with a passkey that it is still the same person',
  limit: 'login',
  needs: 'accounts.self',
  output: z.object({ options: SignInOptions }),
  problems: [...signedIn, 'accounts/passkeys-not-here', 'accounts/unknown-passkey', 'accounts/demo-stays'],
  examples: [{ summary: 'The demonstration’s guest signs in at one click', status: 403 }],
})

export const passkeyStepUp = route({
  name: 'accounts.passkeyStepUp',
  method: 'POST',
  path: '/api/v1/auth/step-up/passkey',
  summary: 'Confirms with a passkey, for sensitive actions in the next five minutes; the session gets a new cookie',
  limit: 'login',
  needs: 'accounts.self',
  body: z.strictObject({ credential: AssertionCredential }),
  output: z.object({ stepped_up_until: At }),
  problems: [...signedIn, 'accounts/passkeys-not-here', 'accounts/passkey-refused', 'accounts/demo-stays'],
  examples: [{ summary: 'The demonstration’s guest signs in at one click', body: { credential: madeUp }, status: 403 }],
})

/* Ways in through providers */

export const Identity = z
  .object({
    identity_id: z.string(),
    provider: z.string(),
    provider_name: z.string().describe('As on its button; the id of a provider that is no longer offered.'),
    offered: z.boolean().describe('Whether one can sign in through it at present.'),
    subject: z.string().describe('What the provider calls the account there.'),
    created_at: At,
  })
  .meta({ id: 'Identity' })

export const listIdentities = route({
  name: 'accounts.listIdentities',
  method: 'GET',
  path: '/api/v1/auth/identities',
  summary: 'Accounts at providers that sign the caller in',
  needs: 'accounts.self',
  output: z.object({ identities: z.array(Identity) }),
  problems: signedIn,
  examples: [{ summary: 'Mine' }],
})

export const unlinkIdentity = route({
  name: 'accounts.unlinkIdentity',
  method: 'DELETE',
  path: '/api/v1/auth/identities/{identity_id}',
  summary: 'Takes one of these away; never the last way in',
  needs: 'accounts.self',
  params: z.object({ identity_id: IdentityId }),
  output: z.undefined(),
  status: 204,
  problems: [...confirmed, 'accounts/unknown-identity', 'accounts/last-way-in'],
  examples: [{ summary: 'Somebody else’s', params: { identity_id: `idn_${'0'.repeat(32)}` }, status: 404 }],
})
