import type {
  acceptInvitation as acceptRoute,
  resendVerification as resendRoute,
  showInvitation as showInvitationRoute,
  signUp as signUpRoute,
  verifyEmail as verifyRoute,
} from '@tidemark/core/accounts/contract.ts'
import { renderMail } from '@tidemark/core/accounts/mails.ts'
import { refuseBeyond } from '@tidemark/core/admin/plans.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { nameActor, record } from '../audit/service.ts'
import type { Context, Person } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { sendMail } from '../platform/mail.ts'
import { emit } from '../webhooks/service.ts'
import { asIf } from './as-if.ts'
import { attemptSubject } from './attempts.ts'
import { digestOf, freshSecret, hashPassword } from './secrets.ts'
import { after, openSession, requireRealPerson } from './sessions.ts'
import { actIn, linkNotValid, refuseWeak } from './sign-in.ts'
import * as store from './store.ts'

const SIGN_UP_S = 24 * 3600

export async function signUp(
  ctx: Context,
  { invitation, ...input }: InputOf<typeof signUpRoute>,
): Promise<OutputOf<typeof signUpRoute>> {
  const { email, password, name, locale } = input
  if (invitation !== undefined) return signUpInvited(ctx, input, invitation)
  if (!(await store.readInstance(ctx.db)).open_registration) {
    throw new Problem('accounts/registration-closed', {
      detail: 'Ask somebody who is in your organisation, or the administrator of this installation, to invite you.',
    })
  }
  refuseWeak(password, { second_factor: false, email, name })
  await ctx.limits.spend('login', 'account', attemptSubject(ctx, 'sign-in', email))
  const password_hash = await hashPassword(password)
  const known = await store.findPersonByEmail(ctx.db, email)
  const unreachable = known !== undefined && (known.is_demo || known.suspended_at !== null)
  await asIf(ctx, !unreachable, (inside) => askForConfirmation(inside, email, { name, locale, password_hash }, known))
  return { next: 'look_in_your_mail', me: null }
}

/**
 * The account is made when the link is followed: until then nothing is known of the address but that it was typed. Who
 * has an account and forgot is told so by mail, for the same work, and gets no link.
 */
async function askForConfirmation(
  ctx: Context,
  email: string,
  pending: store.PendingPerson,
  known?: store.StoredPerson,
): Promise<void> {
  const secret = freshSecret()
  await store.dropSignUps(ctx.db, email)
  await store.insertEmailToken(ctx.db, {
    token_hash: digestOf(secret),
    purpose: 'sign_up',
    email,
    person_id: null,
    pending: known ? null : pending,
    created_at: ctx.now(),
    expires_at: known ? ctx.now() : after(ctx.now(), SIGN_UP_S),
  })
  if (known) {
    const facts = { link: `${ctx.origin()}/auth/sign-in`, reset_link: `${ctx.origin()}/auth/forgot` }
    await sendMail(ctx, renderMail('known-address', known.locale, known.email, facts))
    return
  }
  const facts = {
    link: `${ctx.origin()}/auth/verify-email#${secret}`,
    valid_for: pending.locale === 'fr' ? '24 heures' : '24 hours',
  }
  await sendMail(ctx, renderMail('verify-email', pending.locale, email, facts))
}

const nobody: store.PendingPerson = { name: '', locale: 'en', password_hash: '' }

export async function resendVerification(
  ctx: Context,
  { email }: InputOf<typeof resendRoute>,
): Promise<OutputOf<typeof resendRoute>> {
  await ctx.limits.spend('login', 'account', attemptSubject(ctx, 'sign-in', email))
  const waiting = (await store.findPendingSignUp(ctx.db, email, ctx.now()))?.pending
  await asIf(ctx, Boolean(waiting), (inside) => askForConfirmation(inside, email, waiting ?? nobody))
  return { done: true }
}

export async function verifyEmail(
  ctx: Context,
  { token }: InputOf<typeof verifyRoute>,
): Promise<OutputOf<typeof verifyRoute>> {
  const token_hash = digestOf(token)
  const now = ctx.now()
  const email = await ctx.db.transaction(async (tx) => {
    const link = await store.findEmailToken(tx, token_hash, ['sign_up', 'change'], now)
    if (!link || !(await store.useEmailToken(tx, token_hash, now))) throw linkNotValid()
    const inside = { ...ctx, db: tx }
    if (link.purpose === 'sign_up' && link.pending) await makePerson(inside, { ...link.pending, email: link.email })
    else await moveToAddress(inside, link)
    return link.email
  })
  return { email }
}

async function moveToAddress(ctx: Context, { person_id, email }: store.StoredEmailToken): Promise<void> {
  const person = person_id === null ? undefined : await store.findPerson(ctx.db, person_id)
  // Somebody may have taken the address since, or the account may have been suspended.
  if (!person || person.suspended_at || (await store.findPersonByEmail(ctx.db, email))) throw linkNotValid()
  await store.savePerson(ctx.db, person.person_id, { email, email_verified_at: ctx.now() })
  await store.dropEmailTokens(ctx.db, person.person_id, 'reset')
  await record(ctx, { action: 'accounts.email_changed', resource: { type: 'person', id: person.person_id } })
}

export interface NewPerson {
  email: string
  name: string
  locale: store.Locale
  password_hash: string | null
  instance_admin?: boolean
}

/**
 * Makes an account whose address is proven. Joins the transaction of `ctx.db`.
 * @throws Problem `accounts/link-not-valid` when the address got an account in the meantime.
 */
export async function makePerson(ctx: Context, person: NewPerson): Promise<store.StoredPerson> {
  const now = ctx.now()
  const made: store.StoredPerson = {
    person_id: newId('per', now),
    email: person.email,
    email_verified_at: now,
    name: person.name,
    locale: person.locale,
    password_hash: person.password_hash,
    instance_admin: person.instance_admin ?? false,
    is_demo: false,
    suspended_at: null,
    created_at: now,
  }
  if (!(await store.insertPersonUnlessThere(ctx.db, made)))
    throw linkNotValid('This address has an account by now. Sign in.')
  await store.dropSignUps(ctx.db, person.email)
  await nameActor({ ...ctx, system_db: ctx.db }, 'person', made.person_id, made.name)
  await record(ctx, {
    action: 'accounts.signed_up',
    resource: { type: 'person', id: made.person_id },
    actor: { kind: 'person', person_id: made.person_id, session_id: '', instance_admin: false, via: 'cookie' },
  })
  return made
}

/* Invitations, from the side of who is invited */

export async function openInvitation(ctx: Context, token: string) {
  const invitation = await store.findOpenInvitation(ctx.db, digestOf(token), ctx.now())
  if (!invitation)
    throw linkNotValid('It was used, replaced or withdrawn, or it is older than seven days. Ask for a new one.')
  return invitation
}

export async function showInvitation(
  ctx: Context,
  { token }: InputOf<typeof showInvitationRoute>,
): Promise<OutputOf<typeof showInvitationRoute>> {
  const invitation = await openInvitation(ctx, token)
  return {
    email: invitation.email,
    organisation_name: invitation.organisation_name,
    role: invitation.role,
    invited_by: invitation.inviter ?? '',
    expires_at: invitation.expires_at.toISOString(),
    has_account: (await store.findPersonByEmail(ctx.db, invitation.email)) !== undefined,
  }
}

async function signUpInvited(
  ctx: Context,
  { email, password, name, locale }: Omit<InputOf<typeof signUpRoute>, 'invitation'>,
  token: string,
): Promise<OutputOf<typeof signUpRoute>> {
  const invitation = await openInvitation(ctx, token)
  refuseOtherAddress(invitation.email, email)
  if (await store.findPersonByEmail(ctx.db, email)) {
    throw new Problem('accounts/has-account', { detail: 'Sign in with this address, then open the invitation again.' })
  }
  refuseWeak(password, { second_factor: false, email, name, organisation: invitation.organisation_name })
  const password_hash = await hashPassword(password)
  const person = await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const made = await makePerson(inside, { email, name, locale, password_hash })
    await join(inside, invitation, made)
    return made
  })
  const { organisation_id } = invitation
  return { next: 'signed_in', me: await openSession(ctx, person, { organisation_id, how: 'invitation' }) }
}

/** Joins with the account that one has. */
export async function acceptInvitation(
  ctx: Context,
  { token }: InputOf<typeof acceptRoute>,
): Promise<OutputOf<typeof acceptRoute>> {
  const invitation = await openInvitation(ctx, token)
  const person = await requireRealPerson(ctx)
  refuseOtherAddress(invitation.email, person.email)
  await ctx.db.transaction((tx) => join({ ...ctx, db: tx }, invitation, person))
  return actIn(ctx, invitation.organisation_id)
}

function refuseOtherAddress(invited: string, email: string): void {
  if (invited === email) return
  throw new Problem('accounts/invitation-for-another', {
    detail: 'An invitation counts for the address that it was mailed to.',
  })
}

/** Uses the invitation up and makes its person a member. Joins the transaction of `ctx.db`. */
export async function join(
  ctx: Context,
  invitation: store.StoredInvitation,
  person: store.StoredPerson,
): Promise<void> {
  const { organisation_id, role, invitation_id } = invitation
  const now = ctx.now()
  const organisation = await store.lockOrganisation(ctx.db, organisation_id)
  if (!organisation || !(await store.acceptInvitation(ctx.db, invitation_id, now))) throw linkNotValid()
  const membership = { organisation_id, person_id: person.person_id, role, joined_at: now }
  const there = await store.countMembers(ctx.db, organisation_id)
  if (!(await store.insertMembership(ctx.db, membership))) {
    throw new Problem('accounts/already-member', { detail: 'You are in this organisation already.', organisation_id })
  }
  // The plan may have changed since the invitation.
  refuseBeyond(organisation, 'members', there)
  await emit(ctx, 'member.joined', { person_id: person.person_id, role }, organisation_id)
  const actor: Person = {
    kind: 'person',
    person_id: person.person_id,
    organisation_id,
    role,
    session_id: '',
    instance_admin: false,
    via: 'cookie',
  }
  const resource = { type: 'invitation', id: invitation_id }
  await record(ctx, { action: 'accounts.invitation_accepted', resource, actor, organisation_id })
}
