import { jwtVerify } from 'jose'
import type {
  refresh as refreshRoute,
  revoke as revokeRoute,
  token as tokenRoute,
} from '@tidemark/core/accounts/contract.ts'
import type { Role } from '@tidemark/core/accounts/permissions.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import type { Context, Person } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { checkCode, isOn } from './second-factor.ts'
import { digestOf, freshSecret } from './secrets.ts'
import { actingIn, after, SESSIONS_MAX, trace } from './sessions.ts'
import { unknownOrganisation, whoHas } from './sign-in.ts'
import * as store from './store.ts'

export const ACCESS_TOKEN_S = 600
const REFRESH_FAMILY_S = 30 * 24 * 3600
/** Two requests that set out together with one token are a race, not a theft. */
const RACE_MS = 10_000
const AUDIENCE = 'tidemark-api'

type Tokens = OutputOf<typeof tokenRoute>

export async function token(
  ctx: Context,
  { email, password, code, organisation_id }: InputOf<typeof tokenRoute>,
): Promise<Tokens> {
  const person = await whoHas(ctx, email, password)
  const two_factors = await isOn(ctx, person.person_id)
  if (two_factors) {
    if (code === undefined) {
      throw new Problem('accounts/second-factor-needed', {
        detail: 'This account has a second factor: send a code of the authenticator as "code".',
      })
    }
    await checkCode(ctx, person.person_id, code)
  }
  const memberships = await store.listMemberships(ctx.db, [person.person_id])
  const acting = organisation_id ?? memberships[0]?.organisation_id
  const membership = memberships.find((each) => each.organisation_id === acting)
  const role = membership?.role
  if (organisation_id !== undefined && role === undefined) throw unknownOrganisation(organisation_id)
  const now = ctx.now()
  const family: store.StoredFamily = {
    session_id: newId('ses', now),
    person_id: person.person_id,
    organisation_id: acting ?? null,
    created_at: now,
    last_seen_at: now,
    expires_at: after(now, REFRESH_FAMILY_S),
    revoked_at: null,
    stepped_up_at: now,
    two_factors,
    ...trace(ctx),
  }
  const refresh_token = freshSecret()
  await ctx.db.transaction(async (tx) => {
    await store.insertFamily(tx, family)
    await store.insertRefreshToken(tx, digestOf(refresh_token), family.session_id, now)
    await store.trimFamilies(tx, family, SESSIONS_MAX, now)
    const actor: Person = {
      kind: 'person',
      person_id: person.person_id,
      ...(membership ? actingIn(membership, two_factors) : {}),
      session_id: family.session_id,
      instance_admin: person.instance_admin,
      via: 'token',
    }
    const resource = { type: 'session', id: family.session_id }
    await record({ ...ctx, db: tx, actor }, { action: 'accounts.signed_in', resource, after: { how: 'token' } })
  })
  return tokensOf(ctx, family, refresh_token, role)
}

async function tokensOf(
  ctx: Context,
  family: store.StoredFamily,
  refresh_token: string,
  role: Role | undefined,
): Promise<Tokens> {
  return {
    access_token: await accessToken(ctx, family, role),
    token_type: 'Bearer',
    expires_in_s: ACCESS_TOKEN_S,
    refresh_token,
    refresh_expires_at: family.expires_at.toISOString(),
    organisation_id: role === undefined ? null : family.organisation_id,
    role: role ?? null,
  }
}

type Outcome =
  | { kind: 'renewed'; family: store.StoredFamily; role: Role | undefined }
  | { kind: 'invalid' | 'raced' | 'reused' }

/**
 * A refresh token for the next pair. Token and family are locked in one transaction, so of twenty who come at once one is
 * served and nineteen find it used a moment ago. Who comes later with a used token holds a copy: the family ends.
 */
export async function refresh(ctx: Context, input: InputOf<typeof refreshRoute>): Promise<Tokens> {
  const token_hash = digestOf(input.refresh_token)
  const next = freshSecret()
  const outcome = await ctx.db.transaction(async (tx): Promise<Outcome> => {
    const now = ctx.now()
    const found = await store.lockRefreshToken(tx, token_hash)
    if (!found || found.family.revoked_at || found.family.expires_at <= now) return { kind: 'invalid' }
    const { family, used_at } = found
    if (used_at && now.getTime() - used_at.getTime() <= RACE_MS) return { kind: 'raced' }
    if (used_at) {
      await store.revokeFamily(tx, family.person_id, family.session_id, now)
      const resource = { type: 'session', id: family.session_id }
      await record({ ...ctx, db: tx }, { action: 'accounts.refresh_reused', resource, result: 'refused' })
      return { kind: 'reused' }
    }
    const person = await store.findPerson(tx, family.person_id)
    if (!person || person.suspended_at) return { kind: 'invalid' }
    await store.useRefreshToken(tx, token_hash, now)
    await store.insertRefreshToken(tx, digestOf(next), family.session_id, now)
    await store.touchFamily(tx, family.session_id, now)
    const role =
      family.organisation_id === null ? undefined : await store.findRole(tx, family.organisation_id, family.person_id)
    return { kind: 'renewed', family, role }
  })
  if (outcome.kind === 'renewed') return tokensOf(ctx, outcome.family, next, outcome.role)
  if (outcome.kind === 'raced') {
    throw new Problem('accounts/raced', {
      detail: 'This token was used within the last ten seconds. Use the pair that the other request got.',
    })
  }
  if (outcome.kind === 'reused') {
    throw new Problem('accounts/token-reused', {
      detail:
        'It was used before and came back: somebody holds a copy. Every token of its family is ended; sign in again.',
    })
  }
  throw tokenNotValid('This refresh token is unknown, ended or expired. Sign in again.')
}

/** Says the same for tokens that nobody has (RFC 7009 2.2). */
export async function revoke(
  ctx: Context,
  { refresh_token }: InputOf<typeof revokeRoute>,
): Promise<OutputOf<typeof revokeRoute>> {
  await ctx.db.transaction(async (tx) => {
    const found = await store.lockRefreshToken(tx, digestOf(refresh_token))
    if (!found) return
    const { person_id, session_id } = found.family
    await store.revokeFamily(tx, person_id, session_id, ctx.now())
    await record(
      { ...ctx, db: tx },
      { action: 'accounts.session_ended', resource: { type: 'session', id: session_id } },
    )
  })
  return { done: true }
}

export function tokenNotValid(detail: string): Problem {
  return new Problem('accounts/token-not-valid', { detail })
}

/* Access tokens: RFC 7519 with the profile of RFC 9068 */

async function accessToken(ctx: Context, family: store.StoredFamily, role: Role | undefined): Promise<string> {
  await ctx.keyring.ready(['session-jwt'])
  const kid = ctx.keyring.activeKey('session-jwt')?.kid
  invariant(kid, 'there is a key for session tokens')
  const issued_s = Math.floor(ctx.now().getTime() / 1000)
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid }
  const claims = {
    iss: ctx.origin(),
    aud: AUDIENCE,
    sub: family.person_id,
    sid: family.session_id,
    ...(role === undefined || family.organisation_id === null ? {} : { org: family.organisation_id, roles: [role] }),
    jti: freshSecret().slice(0, 22),
    iat: issued_s,
    exp: issued_s + ACCESS_TOKEN_S,
  }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = await ctx.keyring.sign('session-jwt', Buffer.from(signed))
  return `${signed}.${Buffer.from(signature).toString('base64url')}`
}

/**
 * The session that an access token speaks for.
 * @returns undefined for whatever is not one of ours and in time. Which key it was is decided by our own list alone:
 * addresses and keys inside a token (`jku`, `jwk`, `x5u`, `x5c`) are a reason to refuse it.
 */
export async function sessionOfAccessToken(ctx: Context, text: string): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(
      text,
      ({ kid, jku, jwk, x5u, x5c }) => {
        if (jku !== undefined || jwk !== undefined || x5u !== undefined || x5c !== undefined)
          throw new Error('foreign key')
        const key = typeof kid === 'string' ? ctx.keyring.publicKey('session-jwt', kid) : undefined
        if (!key) throw new Error('unknown key')
        return key
      },
      {
        algorithms: ['EdDSA'],
        typ: 'at+jwt',
        issuer: ctx.origin(),
        audience: AUDIENCE,
        currentDate: ctx.now(),
        requiredClaims: ['sub', 'sid', 'iat', 'exp', 'jti'],
      },
    )
    return typeof payload.sid === 'string' ? payload.sid : undefined
  } catch {
    // Whatever is wrong with it, the answer is the same.
    return undefined
  }
}
