import { randomBytes } from 'node:crypto'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import {
  apiKeyPrefix,
  apiKeyText,
  KEY_NAME_BYTES,
  KEY_SECRET_BYTES,
  keyNameOf,
  parseApiKey,
} from '@tidemark/core/accounts/api-key.ts'
import type {
  ApiKey,
  createKey as createRoute,
  listKeys as listRoute,
  revokeKey as revokeRoute,
} from '@tidemark/core/accounts/contract.ts'
import { refuseBeyond } from '@tidemark/core/admin/plans.ts'
import { may, scopesInForce, scopesOf, type Role } from '@tidemark/core/accounts/permissions.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { nameActor, record } from '../audit/service.ts'
import type { Context, Key } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { emit } from '../webhooks/service.ts'
import { digestOf, sameBytes } from './secrets.ts'
import { after, personOf, requireStepUp } from './sessions.ts'
import * as store from './store.ts'

const KEYS_MAX = 200
const TOUCH_MS = 60_000

export async function list(ctx: Context): Promise<OutputOf<typeof listRoute>> {
  const { person_id, organisation_id, role } = personOf(ctx)
  if (organisation_id === undefined) return { keys: [] }
  const all_of_organisation = may(role as Role, 'accounts.manage_keys')
  const keys = await store.listKeysOf(ctx.db, { person_id, organisation_id, all_of_organisation })
  return { keys: keys.map((key) => describeKey(key, ctx.now())) }
}

export function describeKey(key: store.ListedKey, now: Date): ApiKey {
  const scopes = key.scopes.split(' ')
  return {
    key_id: key.key_id,
    kind: key.kind,
    name: key.name,
    prefix: key.prefix,
    organisation_id: key.organisation_id,
    scopes,
    scopes_in_force: scopesInForce(scopes, key.role ?? undefined),
    answered_for_by: key.person_name,
    ip_list: listOf(key.ip_list),
    state: key.revoked_at ? 'revoked' : key.expires_at <= now ? 'expired' : 'active',
    created_at: key.created_at.toISOString(),
    expires_at: key.expires_at.toISOString(),
    last_used_at: key.last_used_at?.toISOString() ?? null,
  }
}

function listOf(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}

export async function create(ctx: Context, input: InputOf<typeof createRoute>): Promise<OutputOf<typeof createRoute>> {
  const { person_id, organisation_id, role } = personOf(ctx)
  if (organisation_id === undefined || role === undefined) {
    throw new Problem('accounts/not-allowed', { detail: 'A key belongs to an organisation, and you act in none.' })
  }
  if (input.kind === 'organisation' && !may(role as Role, 'accounts.manage_keys')) {
    throw new Problem('accounts/not-allowed', {
      detail: `Who is ${role} makes personal keys only.`,
      needs: 'accounts.manage_keys',
    })
  }
  await requireStepUp(ctx)
  return makeKey(ctx, { ...input, person_id, organisation_id, role: role as Role })
}

export interface KeyToMake {
  kind: 'personal' | 'organisation'
  name: string
  scopes: readonly string[]
  expires_in_days: number
  ip_list: readonly string[]
  /** Who answers for it, and what they are in that organisation. */
  person_id: string
  organisation_id: string
  role: Role
}

/**
 * Makes a key, and returns it with its secret, which is nowhere else from then on.
 * @throws Problem `accounts/beyond-your-role` when a scope is more than the role holds.
 */
export async function makeKey(ctx: Context, wanted: KeyToMake): Promise<{ key: ApiKey; secret: string }> {
  const { organisation_id, person_id, kind, name, role } = wanted
  const held = scopesOf(role)
  const beyond = wanted.scopes.filter((scope) => !held.some((each) => each === scope))
  if (beyond.length > 0) {
    throw new Problem('accounts/beyond-your-role', {
      detail: `Who is ${role} cannot give a key ${beyond.join(', ')}.`,
      scopes_you_can_give: held,
    })
  }
  const now = ctx.now()
  const parts = {
    kind: 'live',
    name: keyNameOf(randomBytes(KEY_NAME_BYTES)),
    secret: randomBytes(KEY_SECRET_BYTES).toString('base64url'),
  } as const
  const key_id = newId('key', now)
  const key = await ctx.db.transaction(async (tx) => {
    const organisation = await store.lockOrganisation(tx, organisation_id)
    const active = await store.countActiveKeys(tx, organisation_id, now)
    // Whoever sits at the machine puts organisations on plans, and is not held by them.
    if (organisation && ctx.actor.kind !== 'system') refuseBeyond(organisation, 'api_keys', active)
    if (active >= KEYS_MAX)
      throw new Problem('accounts/too-many', {
        detail: `An organisation has ${KEYS_MAX} keys at most. Revoke one first.`,
      })
    await store.insertKey(tx, {
      key_id,
      kind,
      prefix: apiKeyPrefix(parts),
      secret_hash: digestOf(parts.secret),
      name,
      organisation_id,
      person_id,
      scopes: [...new Set(wanted.scopes)].join(' '),
      ip_list: wanted.ip_list.join(' '),
      created_at: now,
      expires_at: after(now, wanted.expires_in_days * 24 * 3600),
      last_used_at: null,
      revoked_at: null,
    })
    const inside = { ...ctx, db: tx }
    await nameActor({ ...inside, system_db: tx }, 'key', key_id, name)
    const listed = await store.findKey(tx, key_id)
    invariant(listed, 'what was just stored is there')
    await emit(inside, 'key.created', { key_id, kind }, organisation_id)
    const resource = { type: 'key', id: key_id }
    await record(inside, {
      action: 'accounts.key_created',
      resource,
      organisation_id,
      after: { scopes: wanted.scopes },
    })
    return describeKey(listed, now)
  })
  return { key, secret: apiKeyText(parts) }
}

/** Own keys, and those of the organisation for whoever manages them. Anybody else's are not there. */
export async function revoke(ctx: Context, { key_id }: InputOf<typeof revokeRoute>): Promise<undefined> {
  const { person_id, organisation_id, role } = personOf(ctx)
  const key = await store.findKey(ctx.db, key_id)
  const manages = may(role as Role, 'accounts.manage_keys')
  const own = key && key.kind === 'personal' && key.person_id === person_id
  const managed = key && key.kind === 'organisation' && manages && key.organisation_id === organisation_id
  if (!key || !(own || managed)) throw unknownKey(key_id)
  await revokeById(ctx, key_id, key.organisation_id)
}

export async function revokeById(ctx: Context, key_id: string, organisation_id: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    if (!(await store.revokeKey(tx, key_id, ctx.now()))) throw unknownKey(key_id)
    const inside = { ...ctx, db: tx }
    await emit(inside, 'key.revoked', { key_id }, organisation_id)
    await record(inside, {
      action: 'accounts.key_revoked',
      resource: { type: 'key', id: key_id },
      organisation_id,
    })
  })
}

export function unknownKey(key_id: string): Problem {
  return new Problem('accounts/unknown-key', { detail: 'It may have been revoked already.', key_id })
}

/**
 * Who calls with a key: undefined when the key is mistyped, unknown, ended, or called from elsewhere than it may. The
 * secret is compared in constant time, and also when there is nothing to compare with.
 */
export async function actorOfKey(ctx: Context, text: string, address: string): Promise<Key | undefined> {
  const parts = parseApiKey(text)
  if (!parts) return undefined
  const now = ctx.now()
  const found = await store.findActingKey(ctx.db, apiKeyPrefix(parts), now)
  const fits = sameBytes(found?.secret_hash ?? new Uint8Array(32), digestOf(parts.secret))
  if (!found || !fits || !isWithin(address, listOf(found.ip_list))) return undefined
  const { key_id, organisation_id, last_used_at } = found
  if (!last_used_at || now.getTime() - last_used_at.getTime() > TOUCH_MS) await store.touchKey(ctx.db, key_id, now)
  return {
    kind: 'key',
    key_id,
    organisation_id,
    made_by: found.person_id,
    scopes: found.held_back ? [] : scopesInForce(found.scopes.split(' '), found.role ?? undefined),
    ...(found.held_back ? { held_back_by: organisation_id } : {}),
  }
}

/** Whether an address is in one of these networks; an empty list means anywhere. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true
  // An IPv4 address that came in over IPv6 is that IPv4 address.
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address.split('%')[0] ?? ''
  if (!isIPv4(plain) && !isIPv6(plain)) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', bits] = network.split('/')
    const family = isIPv4(base) ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(base, family)
    else list.addSubnet(base, Number(bits), family)
  }
  return list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
}
