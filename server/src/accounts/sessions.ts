import { ipPrefixOf } from '@tidemark/core/audit/chain.ts'
import type { Me } from '@tidemark/core/accounts/contract.ts'
import {
  permissionsOf,
  permissions,
  permissionTable,
  type Permission,
  type Role,
} from '@tidemark/core/accounts/permissions.ts'
import { renderMail } from '@tidemark/core/accounts/mails.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import type { Context, Person } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { sendMail } from '../platform/mail.ts'
import { listPasskeys } from './passkeys/store.ts'
import { digestOf, freshSecret } from './secrets.ts'
import * as store from './store.ts'

/** A session of the web ends after so long without a request, and after so long in any case. */
export const SESSION_IDLE_S = 12 * 3600
export const SESSION_S = 30 * 24 * 3600
/** Of either kind. The one not seen for longest gives way. */
const SESSIONS_MAX = 10
/** Signing in, or confirming that it is still oneself, opens sensitive actions for so long. */
export const STEP_UP_S = 5 * 60

export function after(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000)
}

/** `__Host-` where there is https: such a cookie cannot be planted from a sister domain, nor over plain http. */
export function sessionCookie(ctx: Pick<Context, 'origin'>): { name: string; secure: boolean } {
  const secure = ctx.origin().startsWith('https:')
  return { name: secure ? '__Host-tidemark' : 'tidemark', secure }
}

function giveCookie(ctx: Context, token: string): void {
  ctx.reply.setCookie({ ...sessionCookie(ctx), value: token, max_age_s: SESSION_S })
}

export function takeCookie(ctx: Context): void {
  ctx.reply.removeCookie(sessionCookie(ctx))
}

/** From where and with what, as far as it is worth keeping. */
export function trace(ctx: Context): { ip_prefix: string; user_agent: string } {
  return {
    ip_prefix: ipPrefixOf(ctx.client?.address) ?? '',
    // Shown to people: on one line, and no longer than one.
    user_agent: (ctx.client?.user_agent ?? '').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 200),
  }
}

/** A person who acts for themselves: not a key, not a visitor. */
export function personOf({ actor }: Pick<Context, 'actor'>): Person {
  if (actor.kind === 'person') return actor
  throw new Problem('accounts/not-signed-in', {
    detail: actor.kind === 'key' ? 'A key cannot do this; sign in as a person.' : 'Nobody is signed in.',
  })
}

/**
 * Opens a session for somebody who has just shown who they are, under a new secret. Whatever session the browser brought
 * along is ended, so that nobody can hand out a session of their own and wait in it.
 */
export async function openSession(
  ctx: Context,
  person: store.StoredPerson,
  options: {
    organisation_id?: string
    how: 'password' | 'second_factor' | 'passkey' | 'provider' | 'demo' | 'claim' | 'invitation'
  },
): Promise<Me> {
  const now = ctx.now()
  const token = freshSecret()
  const session_id = newId('ses', now)
  const seen = trace(ctx)
  const me = await ctx.db.transaction(async (tx) => {
    const earlier = await store.listSessions(tx, person.person_id)
    if (ctx.actor.kind === 'person' && ctx.actor.via === 'cookie')
      await store.deleteSession(tx, ctx.actor.person_id, ctx.actor.session_id)
    const memberships = await store.listMemberships(tx, [person.person_id])
    const organisation_id = options.organisation_id ?? memberships[0]?.organisation_id ?? null
    const session: store.StoredSession = {
      session_id,
      token_hash: digestOf(token),
      person_id: person.person_id,
      organisation_id,
      created_at: now,
      last_seen_at: now,
      expires_at: after(now, SESSION_S),
      stepped_up_at: now,
      two_factors: options.how === 'second_factor' || options.how === 'passkey',
      ...seen,
    }
    await store.insertSession(tx, session)
    await store.trimSessions(tx, session, SESSIONS_MAX)
    const actor = actorOf(person, session, memberships)
    const inside = { ...ctx, db: tx, actor }
    const from_new_place = earlier.length > 0 && !earlier.some((each) => sameplace(each, seen))
    if (from_new_place && !person.is_demo) await tellOfNewSignIn(inside, person, seen)
    const answer = await describeMe(inside)
    await record(inside, {
      action: 'accounts.signed_in',
      resource: { type: 'session', id: session_id },
      after: { how: options.how },
    })
    return answer
  })
  giveCookie(ctx, token)
  return me
}

function sameplace(
  a: { ip_prefix: string; user_agent: string },
  b: { ip_prefix: string; user_agent: string },
): boolean {
  return a.ip_prefix === b.ip_prefix && a.user_agent === b.user_agent
}

async function tellOfNewSignIn(
  ctx: Context,
  { locale, email }: store.StoredPerson,
  seen: { ip_prefix: string; user_agent: string },
) {
  const facts = {
    at: `${ctx.now().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    where: [seen.user_agent, seen.ip_prefix].filter((part) => part !== '').join(', ') || '?',
    link: `${ctx.origin()}/settings/security`,
  }
  await sendMail(ctx, renderMail('new-sign-in', locale, email, facts))
}

function actorOf(
  person: store.StoredPerson,
  { session_id, organisation_id, two_factors }: store.StoredSession,
  memberships: readonly store.MembershipRow[],
): Person {
  const membership = memberships.find((each) => each.organisation_id === organisation_id)
  return {
    kind: 'person',
    person_id: person.person_id,
    ...(membership ? actingIn(membership, two_factors) : {}),
    session_id,
    instance_admin: person.instance_admin,
    via: 'cookie',
  }
}

/**
 * In whose name somebody acts. Where the organisation asks for a second factor, and one alone was shown, it is nobody's:
 * what is left is their own account, where they can set one up.
 */
export function actingIn(
  {
    organisation_id,
    role,
    second_factor_required,
  }: Pick<store.MembershipRow, 'organisation_id' | 'second_factor_required'> & {
    role: string
  },
  two_factors: boolean,
): Pick<Person, 'organisation_id' | 'role' | 'held_back_by'> {
  return second_factor_required && !two_factors ? { held_back_by: organisation_id } : { organisation_id, role }
}

/** Whether the session of the caller has shown two factors. */
export async function hasShownTwo(ctx: Context): Promise<boolean> {
  return (await ownSession(ctx))?.two_factors ?? false
}

async function ownSession(ctx: Context): Promise<store.StoredSession | store.StoredFamily | undefined> {
  const { session_id, via } = personOf(ctx)
  return via === 'cookie' ? store.findSession(ctx.db, session_id) : store.findFamily(ctx.db, session_id)
}

/** A new secret for the same session: after every change of what it may do. Of a token nothing changes hands. */
export async function renewSession(
  ctx: Context,
  change: { organisation_id?: string | null; stepped_up_at?: Date; two_factors?: boolean } = {},
): Promise<void> {
  const { session_id, via } = personOf(ctx)
  if (via === 'token') {
    if (Object.keys(change).length > 0) await store.saveFamily(ctx.db, session_id, change)
    return
  }
  const token = freshSecret()
  await store.saveSession(ctx.db, session_id, { ...change, token_hash: digestOf(token) })
  giveCookie(ctx, token)
}

/** Until when sensitive actions go through; undefined when the person has to confirm first. */
export async function steppedUpUntil(ctx: Context): Promise<Date | undefined> {
  return stillSteppedUp(ctx, await ownSession(ctx))
}

function stillSteppedUp(
  ctx: Context,
  session: Pick<store.StoredSession, 'stepped_up_at'> | undefined,
): Date | undefined {
  const until = session?.stepped_up_at && after(session.stepped_up_at, STEP_UP_S)
  return until && until > ctx.now() ? until : undefined
}

/** @throws Problem `accounts/step-up-needed` */
export async function requireStepUp(ctx: Context): Promise<void> {
  if (await steppedUpUntil(ctx)) return
  throw new Problem('accounts/step-up-needed', {
    detail: 'This is a sensitive action, and it is more than five minutes since you showed who you are.',
    confirm_at: '/api/v1/auth/step-up',
  })
}

/** @throws Problem `accounts/demo-stays` for the guest of the demonstration. */
export async function requireRealPerson(ctx: Context): Promise<store.StoredPerson> {
  const person = await loadPerson(ctx)
  if (!person.is_demo) return person
  throw new Problem('accounts/demo-stays', {
    detail:
      'You are the guest of the demonstration. Claim the installation with the link printed at start, or accept an invitation.',
  })
}

export async function loadPerson(ctx: Context): Promise<store.StoredPerson> {
  const person = await store.findPerson(ctx.db, personOf(ctx).person_id)
  // Whoever was let in a moment ago may have been deleted since.
  if (!person) throw new Problem('accounts/not-signed-in', { detail: 'This account is gone.' })
  return person
}

/** The caller as the web shows them. `ctx` says in whose name they act. */
export async function describeMe(ctx: Context): Promise<Me> {
  const actor = personOf(ctx)
  const [person, memberships, factor, passkeys, session] = await Promise.all([
    loadPerson(ctx),
    store.listMemberships(ctx.db, [actor.person_id]),
    store.findSecondFactor(ctx.db, actor.person_id),
    listPasskeys(ctx.db, actor.person_id),
    ownSession(ctx),
  ])
  const asking = memberships.find((each) => each.organisation_id === actor.held_back_by)
  return {
    person: describePerson(person, Boolean(factor?.confirmed_at), passkeys.filter((each) => !each.blocked_at).length),
    organisation_id: actor.organisation_id ?? null,
    role: (actor.role as Role | undefined) ?? null,
    permissions: permissionsHeld(actor),
    memberships: memberships.map(describeMembership),
    session_id: actor.session_id,
    two_factors: session?.two_factors ?? false,
    second_factor_required_by: asking ? { organisation_id: asking.organisation_id, name: asking.name } : null,
    stepped_up_until: stillSteppedUp(ctx, session)?.toISOString() ?? null,
  }
}

export function describeMembership(row: store.MembershipRow): Me['memberships'][number] {
  const { organisation_id, name, role, plan, is_demo, second_factor_required } = row
  return { organisation_id, name, role, plan, is_demo, second_factor_required }
}

export function permissionsHeld(actor: Pick<Person, 'role' | 'instance_admin'>): Permission[] {
  const by_role = actor.role === undefined ? [] : permissionsOf(actor.role as Role)
  return permissions.filter((name) => {
    const { held_in } = permissionTable[name]
    if (held_in === 'person') return true
    return held_in === 'instance' ? actor.instance_admin : by_role.includes(name)
  })
}

export function describePerson(person: store.StoredPerson, second_factor: boolean, passkeys: number): Me['person'] {
  return {
    person_id: person.person_id,
    email: person.email,
    email_verified: person.email_verified_at !== null,
    name: person.name,
    locale: person.locale,
    instance_admin: person.instance_admin,
    is_demo: person.is_demo,
    has_password: person.password_hash !== null,
    second_factor,
    passkeys,
    created_at: person.created_at.toISOString(),
  }
}

/** Everything that a person is signed in with, but the session that asks. */
export async function endOtherSessions(ctx: Context, tx: Context['db'], person_id: string): Promise<void> {
  const own = ctx.actor.kind === 'person' && ctx.actor.person_id === person_id ? ctx.actor.session_id : undefined
  await store.deleteSessions(tx, person_id, own)
  await store.revokeFamilies(tx, person_id, ctx.now(), own)
}

export { SESSIONS_MAX }
