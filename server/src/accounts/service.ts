import { createKey, type ApiKey, type Me } from '@tidemark/core/accounts/contract.ts'
import {
  isPermission,
  may,
  permissionTable,
  type PermissionLine,
  type Role,
  openToVisitors,
} from '@tidemark/core/accounts/permissions.ts'
import type { InputOf } from '@tidemark/core/lib/contract.ts'
import { faultsOf } from '@tidemark/core/lib/faults.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import type { Credentials, Needed } from '../platform/access.ts'
import { anonymous, type Actor, type Context } from '../platform/context.ts'
import { forgiveAttempts } from './attempts.ts'
import { actorOfKey, describeKey, makeKey, revokeById, unknownKey } from './keys.ts'
import { comesFromHere, firstRunLines, isClaimed } from './claim.ts'
import { digestOf } from './secrets.ts'
import { actingIn, describeMe, SESSION_IDLE_S, sessionCookie, takeCookie } from './sessions.ts'
import * as store from './store.ts'
import { sessionOfAccessToken, tokenNotValid } from './tokens.ts'

export { firstRunLines, isClaimed }
export { hasConsented } from './consents.ts'
export { makeKey } from './keys.ts'
export { personalData } from './data-rights.ts'
export { requireStepUp } from './sessions.ts'

/** How fresh "last seen" is: written at most this often, so that reading stays reading. */
const TOUCH_MS = 60_000

/**
 * Who sends a request: a key or an access token in `Authorization`, or else the session of a cookie. One statement by a
 * unique index; nothing is remembered between requests, so what an administrator changes holds from the next one.
 * @throws Problem `accounts/token-not-valid` for an Authorization header that is not, or no longer, valid. A cookie that
 * has ended makes a visitor, and is taken away.
 */
export async function authenticate(credentials: Credentials, ctx: Context): Promise<Actor> {
  const { authorization, cookies, address } = credentials
  if (authorization !== undefined) return bearer(ctx, authorization, address)
  const token = cookies.get(sessionCookie(ctx).name)
  if (token === undefined) return anonymous
  const now = ctx.now()
  const seen_since = new Date(now.getTime() - SESSION_IDLE_S * 1000)
  const token_hash = digestOf(token)
  const row = await store.findActingSession(ctx.system_db, token_hash, now, seen_since)
  if (!row) {
    takeCookie(ctx)
    return anonymous
  }
  if (now.getTime() - row.last_seen_at.getTime() > TOUCH_MS)
    await store.touchSession(ctx.system_db, row.session_id, now)
  return personActing(row, 'cookie')
}

async function bearer(ctx: Context, authorization: string, address: string): Promise<Actor> {
  const text = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(authorization)?.[1]
  if (text?.startsWith('tm_')) {
    const key = await actorOfKey({ ...ctx, db: ctx.system_db }, text, address)
    if (key) return key
    throw tokenNotValid('The key is mistyped, unknown, revoked or expired, or may not be used from this address.')
  }
  const session_id = text === undefined ? undefined : await sessionOfAccessToken(ctx, text)
  const now = ctx.now()
  const row = session_id === undefined ? undefined : await store.findActingFamily(ctx.system_db, session_id, now)
  if (!row)
    throw tokenNotValid('Send "Authorization: Bearer …" with a key (tm_…) or an access token that is still valid.')
  if (now.getTime() - row.last_seen_at.getTime() > TOUCH_MS) await store.touchFamily(ctx.system_db, row.session_id, now)
  return personActing(row, 'token')
}

function personActing(row: store.ActingRow, via: 'cookie' | 'token'): Actor {
  const { person_id, session_id, instance_admin, organisation_id, role, held_back } = row
  const acting =
    organisation_id === null || role === null
      ? {}
      : actingIn({ organisation_id, role, second_factor_required: held_back }, false)
  return { kind: 'person', person_id, ...acting, session_id, instance_admin, via }
}

/**
 * Whether the caller holds the right that a route names. What no line of the table allows is refused.
 * @throws Problem `accounts/not-signed-in`, `accounts/not-allowed`, `accounts/second-factor-required`
 */
export async function authorise(route: Needed, ctx: Context): Promise<void> {
  const { actor } = ctx
  if (holds(actor, route.needs)) return
  if (actor.kind === 'anonymous' && (await isOpenToVisitor(ctx, route.needs))) return
  if (actor.kind === 'anonymous')
    throw new Problem('accounts/not-signed-in', {
      detail: `${route.summary}: this needs ${route.needs}.`,
      needs: route.needs,
    })
  await record(
    { ...ctx, db: ctx.system_db },
    {
      action: 'accounts.denied',
      resource: { type: 'route', id: route.name },
      result: 'refused',
    },
  )
  if ((actor.kind === 'person' || actor.kind === 'key') && actor.held_back_by !== undefined) {
    throw new Problem('accounts/second-factor-required', {
      detail:
        'The organisation asks every member for a second factor. Set up an authenticator or a passkey, or sign in with it, and everything opens.',
      organisation_id: actor.held_back_by,
      enrol_at: '/api/v1/auth/second-factor/enrol',
    })
  }
  throw new Problem('accounts/not-allowed', {
    detail:
      actor.kind === 'key'
        ? `The key does not carry ${route.needs}.`
        : `This needs ${route.needs}, which you do not hold here.`,
    needs: route.needs,
  })
}

/** A newcomer's first number needs no account: see `openToVisitors`. Written with the first account, this is over. */
async function isOpenToVisitor(ctx: Context, needs: string): Promise<boolean> {
  return openToVisitors.some((open) => open === needs) && comesFromHere(ctx) && !(await isClaimed(ctx))
}

/** The table, asked for an actor. */
export function holds(actor: Actor, needs: string): boolean {
  if (needs === 'public' || actor.kind === 'system') return true
  if (actor.kind === 'anonymous' || !isPermission(needs)) return false
  const line: PermissionLine = permissionTable[needs]
  if (actor.kind === 'key') return line.key && actor.scopes.includes(needs)
  if (line.held_in === 'person') return true
  if (line.held_in === 'instance') return actor.instance_admin
  return actor.role !== undefined && may(actor.role as Role, needs)
}

export async function me(ctx: Context): Promise<Me> {
  return describeMe(ctx)
}

export type KeyWanted = Pick<InputOf<typeof createKey>, 'name' | 'scopes' | 'expires_in_days' | 'ip_list'> & {
  organisation_id: string
}

/**
 * Makes a key of an organisation from the command line. The owner who has been there longest answers for it.
 * @throws Problem `request/invalid`, `accounts/unknown-organisation`
 */
export async function makeKeyFor(ctx: Context, { organisation_id, ...wanted }: KeyWanted) {
  const read = createKey.body?.safeParse({ ...wanted, kind: 'organisation' })
  if (!read?.success) {
    const faults = read ? faultsOf(read.error, wanted) : []
    throw new Problem('request/invalid', {
      detail: faults.map((fault) => `${fault.path}: ${fault.message}`).join(' '),
      faults,
    })
  }
  const owner = (await store.listMembers(ctx.db, organisation_id)).find((member) => member.role === 'owner')
  if (!owner) {
    throw new Problem('accounts/unknown-organisation', {
      detail: `There is no organisation ${organisation_id}.`,
      organisation_id,
    })
  }
  return makeKey(ctx, { ...read.data, organisation_id, person_id: owner.person_id, role: owner.role })
}

/** Every key of one organisation, or of all, as lists show them. */
export async function allKeys(ctx: Context, organisation_id?: string): Promise<ApiKey[]> {
  const rows =
    organisation_id === undefined
      ? await store.listKeys(ctx.db, { limit: 10_000 })
      : await store.listKeysOfOrganisation(ctx.db, organisation_id)
  return rows.map((row) => describeKey(row, ctx.now()))
}

/** @throws Problem `accounts/unknown-key` */
export async function revokeAnyKey(ctx: Context, key_id: string): Promise<void> {
  const key = await store.findKey(ctx.db, key_id)
  if (!key) throw unknownKey(key_id)
  await revokeById(ctx, key_id, key.organisation_id)
}

/**
 * Lifts what too many failures locked, for password and second factor. For whoever sits at the machine.
 * @returns whether there is such an account.
 */
export async function unlock(ctx: Context, email: string): Promise<boolean> {
  const person = await store.findPersonByEmail(ctx.db, email)
  if (!person) return false
  await forgiveAttempts(ctx, 'sign-in', email)
  await forgiveAttempts(ctx, 'second-factor', person.person_id)
  return true
}

/** What is over is forgotten after so long: failures, links, sessions. */
const OVER_DAYS = 30

export async function tidy(ctx: Context): Promise<void> {
  await store.deleteOver(ctx.db, new Date(ctx.now().getTime() - OVER_DAYS * 86_400_000))
}
