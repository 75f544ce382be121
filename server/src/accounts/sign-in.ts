import type {
  changeEmail as changeEmailRoute,
  changePassword as changePasswordRoute,
  endSession as endSessionRoute,
  listSessions as listSessionsRoute,
  requestReset as requestResetRoute,
  resetPassword as resetPasswordRoute,
  secondFactor as secondFactorRoute,
  signIn as signInRoute,
  stepUp as stepUpRoute,
  switchOrganisation as switchRoute,
  updateMe as updateMeRoute,
  Me,
} from '@tidemark/core/accounts/contract.ts'
import { renderMail } from '@tidemark/core/accounts/mails.ts'
import { passwordFaults, type PasswordContext } from '@tidemark/core/accounts/password.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { nameActor, record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { sendMail } from '../platform/mail.ts'
import { asIf } from './as-if.ts'
import { attemptSubject, countAttempt, forgiveAttempts } from './attempts.ts'
import { checkCode, isOn } from './second-factor.ts'
import { digestOf, freshSecret, hashPassword, isOutdated, passwordFits } from './secrets.ts'
import {
  actingIn,
  after,
  describeMe,
  endOtherSessions,
  hasShownTwo,
  loadPerson,
  openSession,
  personOf,
  renewSession,
  requireRealPerson,
  requireStepUp,
  STEP_UP_S,
  takeCookie,
} from './sessions.ts'
import * as store from './store.ts'

const CHALLENGE_S = 5 * 60
const RESET_S = 3600
const CHANGE_EMAIL_S = 24 * 3600

/**
 * The person whose e-mail and password these are. Does the same work for an address that nobody has, and says the same.
 * @throws Problem `accounts/wrong-credentials`, `accounts/locked`
 */
export async function whoHas(ctx: Context, email: string, password: string): Promise<store.StoredPerson> {
  await countAttempt(ctx, 'sign-in', email)
  const person = await store.findPersonByEmail(ctx.db, email)
  const fits = await passwordFits(person?.password_hash, password)
  if (!fits || !person || person.suspended_at) {
    const resource = person && { type: 'person', id: person.person_id }
    await record(ctx, {
      action: 'accounts.sign_in_refused',
      ...(resource ? { resource } : {}),
      result: 'refused',
      after: { why: 'password' },
    })
    throw wrongCredentials()
  }
  await forgiveAttempts(ctx, 'sign-in', email)
  if (person.password_hash !== null && isOutdated(person.password_hash))
    await store.savePerson(ctx.db, person.person_id, { password_hash: await hashPassword(password) })
  return person
}

function wrongCredentials(): Problem {
  return new Problem('accounts/wrong-credentials', { detail: 'No account has this e-mail with this password.' })
}

export async function signIn(
  ctx: Context,
  { email, password }: InputOf<typeof signInRoute>,
): Promise<OutputOf<typeof signInRoute>> {
  const person = await whoHas(ctx, email, password)
  if (!(await isOn(ctx, person.person_id)))
    return { next: 'signed_in', me: await openSession(ctx, person, { how: 'password' }) }
  return { next: 'second_factor', ...(await challenge(ctx, person)) }
}

/** What stands for the first half of signing in, for five minutes. */
export async function challenge(ctx: Context, { person_id, email }: store.StoredPerson) {
  const secret = freshSecret()
  const expires_at = after(ctx.now(), CHALLENGE_S)
  await store.insertEmailToken(ctx.db, {
    token_hash: digestOf(secret),
    purpose: 'second_factor',
    email,
    person_id,
    pending: null,
    created_at: ctx.now(),
    expires_at,
  })
  return { challenge: secret, expires_at: expires_at.toISOString() }
}

export async function secondFactor(
  ctx: Context,
  { challenge: secret, code }: InputOf<typeof secondFactorRoute>,
): Promise<OutputOf<typeof secondFactorRoute>> {
  const token_hash = digestOf(secret)
  const half = await store.findEmailToken(ctx.db, token_hash, ['second_factor'], ctx.now())
  const person = half?.person_id ? await store.findPerson(ctx.db, half.person_id) : undefined
  if (!person || person.suspended_at) throw linkNotValid('Begin again with e-mail and password.')
  await checkCode(ctx, person.person_id, code)
  if (!(await store.useEmailToken(ctx.db, token_hash, ctx.now())))
    throw linkNotValid('Begin again with e-mail and password.')
  return {
    me: await openSession(ctx, person, { how: 'second_factor' }),
    recovery_codes_left: await store.countRecoveryCodes(ctx.db, person.person_id),
  }
}

export async function signOut(ctx: Context): Promise<undefined> {
  const { person_id, session_id } = personOf(ctx)
  await ctx.db.transaction(async (tx) => {
    await store.deleteSession(tx, person_id, session_id)
    await store.revokeFamily(tx, person_id, session_id, ctx.now())
    await record({ ...ctx, db: tx }, { action: 'accounts.signed_out', resource: { type: 'session', id: session_id } })
  })
  takeCookie(ctx)
}

export async function signOutEverywhere(ctx: Context): Promise<undefined> {
  const { person_id } = personOf(ctx)
  await ctx.db.transaction(async (tx) => {
    await endAll(ctx, tx, person_id)
    await record({ ...ctx, db: tx }, { action: 'accounts.session_ended', resource: { type: 'person', id: person_id } })
  })
  takeCookie(ctx)
}

/**
 * Signs somebody out of everything, half-way sign-ins included. A link that would move the account to another address
 * goes too: a thief who asked for it would come back by it.
 */
export async function endAll(ctx: Context, tx: Context['db'], person_id: string): Promise<void> {
  await store.deleteSessions(tx, person_id)
  await store.revokeFamilies(tx, person_id, ctx.now())
  await store.dropEmailTokens(tx, person_id, 'second_factor')
  await store.dropEmailTokens(tx, person_id, 'change')
}

/** Shows once more that it is the same person: with the second factor where there is one, with the password otherwise. */
export async function stepUp(
  ctx: Context,
  { password, code }: InputOf<typeof stepUpRoute>,
): Promise<OutputOf<typeof stepUpRoute>> {
  const person = await requireRealPerson(ctx)
  if (await isOn(ctx, person.person_id)) {
    if (code === undefined) {
      throw new Problem('accounts/second-factor-needed', {
        detail: 'You have a second factor: give a code of your authenticator, or a recovery code.',
      })
    }
    await checkCode(ctx, person.person_id, code)
  } else if (password === undefined || person.password_hash === null) {
    throw new Problem('accounts/wrong-credentials', {
      detail:
        person.password_hash === null
          ? 'You have no password: sign in again where you signed in.'
          : 'Give your password.',
    })
  } else {
    await checkOwnPassword(ctx, person, password)
  }
  const now = ctx.now()
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    await renewSession(inside, { stepped_up_at: now })
    await record(inside, { action: 'accounts.stepped_up', resource: { type: 'person', id: person.person_id } })
  })
  return { stepped_up_until: after(now, STEP_UP_S).toISOString() }
}

async function checkOwnPassword(ctx: Context, person: store.StoredPerson, password: string): Promise<void> {
  await countAttempt(ctx, 'sign-in', person.email)
  if (!(await passwordFits(person.password_hash, password)))
    throw new Problem('accounts/wrong-credentials', { detail: 'This is not your password.' })
  await forgiveAttempts(ctx, 'sign-in', person.email)
}

export async function switchOrganisation(
  ctx: Context,
  { organisation_id }: InputOf<typeof switchRoute>,
): Promise<OutputOf<typeof switchRoute>> {
  const actor = personOf(ctx)
  const role = await store.findRole(ctx.db, organisation_id, actor.person_id)
  if (role === undefined) throw unknownOrganisation(organisation_id)
  return actIn(ctx, organisation_id)
}

/** From now on the session acts in the name of that organisation. */
export async function actIn(ctx: Context, organisation_id: string | undefined): Promise<Me> {
  const { organisation_id: _, role: __, held_back_by: ___, ...actor } = personOf(ctx)
  return ctx.db.transaction(async (tx) => {
    const memberships = await store.listMemberships(tx, [actor.person_id])
    const membership = memberships.find((each) => each.organisation_id === organisation_id)
    const acting = membership ? actingIn(membership, await hasShownTwo({ ...ctx, db: tx })) : {}
    const inside = { ...ctx, db: tx, actor: { ...actor, ...acting } }
    await renewSession(inside, { organisation_id: organisation_id ?? null })
    const me = await describeMe(inside)
    if (organisation_id !== undefined)
      await record(inside, {
        action: 'accounts.organisation_switched',
        resource: { type: 'organisation', id: organisation_id },
      })
    return me
  })
}

export function unknownOrganisation(organisation_id: string): Problem {
  return new Problem('accounts/unknown-organisation', {
    detail: 'You are not in that organisation, or do not act in its name at the moment.',
    organisation_id,
  })
}

export function linkNotValid(
  detail = 'It was used, replaced or withdrawn, or it has expired. Ask for a new one.',
): Problem {
  return new Problem('accounts/link-not-valid', { detail })
}

/* Password */

/** @throws Problem `accounts/weak-password` with what speaks against it. */
export function refuseWeak(password: string, context: PasswordContext, path = '/password'): void {
  const faults = passwordFaults(password, context).map((fault) => ({ ...fault, path }))
  if (faults.length > 0) throw new Problem('accounts/weak-password', { detail: faults[0]?.message ?? '', faults })
}

export async function requestReset(
  ctx: Context,
  { email }: InputOf<typeof requestResetRoute>,
): Promise<OutputOf<typeof requestResetRoute>> {
  await ctx.limits.spend('login', 'account', attemptSubject(ctx, 'sign-in', email))
  const person = await store.findPersonByEmail(ctx.db, email)
  const reachable = person && !person.is_demo && !person.suspended_at ? person : undefined
  await asIf(ctx, reachable !== undefined, (inside) => mailResetLink(inside, email, reachable))
  return { done: true }
}

async function mailResetLink(ctx: Context, email: string, person: store.StoredPerson | undefined): Promise<void> {
  const { person_id = 'nobody', locale = 'en' } = person ?? {}
  const secret = freshSecret()
  await store.dropEmailTokens(ctx.db, person_id, 'reset')
  await store.insertEmailToken(ctx.db, {
    token_hash: digestOf(secret),
    purpose: 'reset',
    email,
    person_id: person?.person_id ?? null,
    pending: null,
    created_at: ctx.now(),
    expires_at: after(ctx.now(), RESET_S),
  })
  const facts = { link: `${ctx.origin()}/auth/reset#${secret}`, valid_for: locale === 'fr' ? 'une heure' : 'one hour' }
  await sendMail(ctx, renderMail('reset-password', locale, email, facts))
  await record(ctx, { action: 'accounts.password_reset_asked', resource: { type: 'person', id: person_id } })
}

/** Whoever reads the mail sets the password. The second factor stays, and signing in asks for it. */
export async function resetPassword(
  ctx: Context,
  { token, password }: InputOf<typeof resetPasswordRoute>,
): Promise<OutputOf<typeof resetPasswordRoute>> {
  const token_hash = digestOf(token)
  const link = await store.findEmailToken(ctx.db, token_hash, ['reset'], ctx.now())
  const person = link?.person_id ? await store.findPerson(ctx.db, link.person_id) : undefined
  if (!link || !person || person.suspended_at || person.email !== link.email) throw linkNotValid()
  const second_factor = await isOn(ctx, person.person_id)
  refuseWeak(password, { second_factor, email: person.email, name: person.name })
  const password_hash = await hashPassword(password)
  await ctx.db.transaction(async (tx) => {
    if (!(await store.useEmailToken(tx, token_hash, ctx.now()))) throw linkNotValid()
    await store.savePerson(tx, person.person_id, {
      password_hash,
      // The link proved that the address is theirs.
      email_verified_at: person.email_verified_at ?? ctx.now(),
    })
    await endAll(ctx, tx, person.person_id)
    const inside = { ...ctx, db: tx }
    await forgiveAttempts(inside, 'sign-in', person.email)
    await record(inside, { action: 'accounts.password_reset', resource: { type: 'person', id: person.person_id } })
  })
  return { done: true }
}

export async function changePassword(
  ctx: Context,
  { current_password, new_password }: InputOf<typeof changePasswordRoute>,
): Promise<OutputOf<typeof changePasswordRoute>> {
  const person = await requireRealPerson(ctx)
  if (person.password_hash === null) await requireStepUp(ctx)
  else await checkOwnPassword(ctx, person, current_password ?? '')
  const second_factor = await isOn(ctx, person.person_id)
  refuseWeak(new_password, { second_factor, email: person.email, name: person.name }, '/new_password')
  const password_hash = await hashPassword(new_password)
  await ctx.db.transaction(async (tx) => {
    await store.savePerson(tx, person.person_id, { password_hash })
    await store.dropEmailTokens(tx, person.person_id, 'reset')
    await store.dropEmailTokens(tx, person.person_id, 'change')
    await endOtherSessions(ctx, tx, person.person_id)
    const inside = { ...ctx, db: tx }
    await renewSession(inside)
    await record(inside, { action: 'accounts.password_changed', resource: { type: 'person', id: person.person_id } })
  })
  return { done: true }
}

/* Oneself */

export async function updateMe(
  ctx: Context,
  change: InputOf<typeof updateMeRoute>,
): Promise<OutputOf<typeof updateMeRoute>> {
  const { person_id } = personOf(ctx)
  const before = await loadPerson(ctx)
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const { name = before.name, locale = before.locale } = change
    await store.savePerson(tx, person_id, { name, locale })
    if (name !== before.name) await nameActor({ ...inside, system_db: tx }, 'person', person_id, name)
    const me = await describeMe(inside)
    await record(inside, {
      action: 'accounts.profile_changed',
      resource: { type: 'person', id: person_id },
      before: { name: before.name, locale: before.locale },
      after: { name, locale },
    })
    return me
  })
}

export async function changeEmail(
  ctx: Context,
  { email }: InputOf<typeof changeEmailRoute>,
): Promise<OutputOf<typeof changeEmailRoute>> {
  const person = await requireRealPerson(ctx)
  await requireStepUp(ctx)
  // A taken address gets no mail, and whoever asks is not told.
  const taken = await store.findPersonByEmail(ctx.db, email)
  await asIf(ctx, taken === undefined, async (inside) => {
    const secret = freshSecret()
    await store.dropEmailTokens(inside.db, person.person_id, 'change')
    await store.insertEmailToken(inside.db, {
      token_hash: digestOf(secret),
      purpose: 'change',
      email,
      person_id: person.person_id,
      pending: null,
      created_at: ctx.now(),
      expires_at: after(ctx.now(), CHANGE_EMAIL_S),
    })
    const facts = {
      link: `${ctx.origin()}/auth/verify-email#${secret}`,
      valid_for: person.locale === 'fr' ? '24 heures' : '24 hours',
    }
    await sendMail(inside, renderMail('verify-email', person.locale, email, facts))
  })
  return { done: true }
}

/* Sessions */

export async function listSessions(ctx: Context): Promise<OutputOf<typeof listSessionsRoute>> {
  const { person_id, session_id } = personOf(ctx)
  const [web, api] = await Promise.all([
    store.listSessions(ctx.db, person_id),
    store.listFamilies(ctx.db, person_id, ctx.now()),
  ])
  const shown = (kind: 'web' | 'api') => (each: store.StoredSession | store.StoredFamily) => ({
    session_id: each.session_id,
    kind,
    current: each.session_id === session_id,
    created_at: each.created_at.toISOString(),
    last_seen_at: each.last_seen_at.toISOString(),
    expires_at: each.expires_at.toISOString(),
    ip_prefix: each.ip_prefix,
    user_agent: each.user_agent,
  })
  const alive = web.filter((each) => each.expires_at > ctx.now())
  return { sessions: [...alive.map(shown('web')), ...api.map(shown('api'))] }
}

export async function endSession(ctx: Context, { session_id }: InputOf<typeof endSessionRoute>): Promise<undefined> {
  const { person_id, session_id: own } = personOf(ctx)
  await ctx.db.transaction(async (tx) => {
    const ended =
      (await store.deleteSession(tx, person_id, session_id)) ||
      (await store.revokeFamily(tx, person_id, session_id, ctx.now()))
    if (!ended) {
      throw new Problem('accounts/unknown-session', { detail: 'It may have ended by itself.', session_id })
    }
    await record(
      { ...ctx, db: tx },
      { action: 'accounts.session_ended', resource: { type: 'session', id: session_id } },
    )
  })
  if (session_id === own) takeCookie(ctx)
}
