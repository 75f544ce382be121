import type { claim as claimRoute, demo as demoRoute, state as stateRoute } from '@tidemark/core/accounts/contract.ts'
import { apiKeyPrefix, apiKeyText, keyNameOf, type ApiKeyParts } from '@tidemark/core/accounts/api-key.ts'
import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import { scopesOf } from '@tidemark/core/accounts/permissions.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import { isLoopback } from '../platform/config.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { passkeysHere } from './passkeys/place.ts'
import { providersOf } from './providers.ts'
import { digestOf, hashPassword, sameBytes } from './secrets.ts'
import { after, describeMe, openSession } from './sessions.ts'
import { linkNotValid, refuseWeak } from './sign-in.ts'
import { makePerson } from './sign-up.ts'
import * as store from './store.ts'

/**
 * The first run: a demonstration that opens at one click on this machine, and a link that makes the first real account.
 * Both end when that account exists.
 */

export const DEMO_PERSON_ID = 'per_00000000000000000000000000'
export const DEMO_KEY_ID = 'key_00000000000000000000000000'

export async function isClaimed(ctx: Context): Promise<boolean> {
  return (await store.readInstance(ctx.system_db)).claimed_at !== null
}

export async function state(ctx: Context): Promise<OutputOf<typeof stateRoute>> {
  const { claimed_at, open_registration } = await store.readInstance(ctx.db)
  return {
    instance: {
      claimed: claimed_at !== null,
      demo: claimed_at === null && comesFromHere(ctx),
      open_registration,
      providers: providersOf(ctx).map(({ id, name }) => ({ id, name })),
      passkeys: passkeysHere(ctx),
    },
    me: ctx.actor.kind === 'person' ? await describeMe(ctx) : null,
  }
}

/**
 * Whether the request was sent on the machine that answers it, and for that machine: behind a proxy on the same machine
 * everybody comes from here, and asks for the name that the proxy has.
 */
export function comesFromHere({ client }: Context): boolean {
  if (client === undefined || !isLoopback(client.address)) return false
  const address = `http://${client.host ?? 'localhost'}`
  return URL.canParse(address) && isLoopback(new URL(address).hostname.replaceAll(/^\[|\]$/g, ''))
}

/** Puts in the demonstration's organisation, guest and key, until the installation is claimed. */
export async function seed(ctx: Context): Promise<void> {
  if (await isClaimed(ctx)) return
  const now = ctx.now()
  await ctx.db.transaction(async (tx) => {
    await store.insertOrganisation(tx, {
      organisation_id: DEMO_ORGANISATION_ID,
      name: 'Demonstration',
      country: 'FR',
      sector: null,
      employees: null,
      turnover_eur: null,
      sites: [],
      is_demo: true,
      created_at: now,
    })
    await store.insertPersonUnlessThere(tx, {
      person_id: DEMO_PERSON_ID,
      // A domain that no mail is ever sent to (RFC 2606).
      email: 'guest@demonstration.invalid',
      email_verified_at: null,
      name: 'Guest',
      locale: 'en',
      password_hash: null,
      instance_admin: false,
      is_demo: true,
      suspended_at: null,
      created_at: now,
    })
    const membership = { organisation_id: DEMO_ORGANISATION_ID, person_id: DEMO_PERSON_ID, joined_at: now }
    await store.insertMembership(tx, { ...membership, role: 'owner' })
    const key = demoKey(ctx)
    await store.keepKey(tx, {
      key_id: DEMO_KEY_ID,
      kind: 'personal',
      prefix: apiKeyPrefix(key),
      secret_hash: digestOf(key.secret),
      name: 'Demonstration',
      organisation_id: DEMO_ORGANISATION_ID,
      person_id: DEMO_PERSON_ID,
      scopes: scopesOf('editor').join(' '),
      ip_list: '127.0.0.0/8 ::1/128',
      created_at: now,
      expires_at: after(now, 365 * 24 * 3600),
      last_used_at: null,
      revoked_at: null,
    })
  })
}

/** Computed from the key-encryption key, so that every start prints the same one and none of it is kept in clear. */
function demoKey({ keyring }: Context): ApiKeyParts {
  const bytes = (label: string) => Buffer.from(keyring.pseudonymOf(label, DEMO_KEY_ID), 'hex')
  return {
    kind: 'demo',
    name: keyNameOf(bytes('accounts.demo-key-name')),
    secret: bytes('accounts.demo-key-secret').toString('base64url'),
  }
}

/** What the server prints at its start: the way into the demonstration, and the link for the first real account. */
export async function firstRunLines(ctx: Context, origin: string): Promise<string[]> {
  if (await isClaimed(ctx)) return []
  const token = await claimToken(ctx)
  return [
    'Nobody has an account here yet. From this machine the demonstration opens at one click, or with its key:',
    `  ${apiKeyText(demoKey(ctx))}`,
    'Make the first account, which administers this installation, with this link. It works once:',
    `  ${origin}/auth/claim#${token}`,
  ]
}

/** Only its hash is stored; it is computed anew from the key-encryption key at every start until it was used. */
async function claimToken(ctx: Context): Promise<string> {
  const token = Buffer.from(ctx.keyring.pseudonymOf('accounts.claim', 'instance'), 'hex').toString('base64url')
  await ctx.system_db.transaction(async (tx) => {
    const { claimed_at } = await store.lockInstance(tx)
    if (!claimed_at) await store.saveInstance(tx, { claim_hash: digestOf(token) })
  })
  return token
}

export async function demo(ctx: Context): Promise<OutputOf<typeof demoRoute>> {
  const { claimed_at } = await store.readInstance(ctx.db)
  const guest = await store.findPerson(ctx.db, DEMO_PERSON_ID)
  if (claimed_at || !guest || !comesFromHere(ctx)) {
    throw new Problem('accounts/demo-closed', {
      detail: claimed_at
        ? 'This installation has real accounts now: sign in, or ask to be invited.'
        : 'The demonstration opens on the machine that the server runs on.',
    })
  }
  return openSession(ctx, guest, { organisation_id: DEMO_ORGANISATION_ID, how: 'demo' })
}

/** Of several at once one claims; the demonstration's sessions and keys end with it. */
export async function claim(ctx: Context, input: InputOf<typeof claimRoute>): Promise<OutputOf<typeof claimRoute>> {
  const { token, email, password, name, locale, organisation } = input
  refuseWrongToken(await store.readInstance(ctx.db), token)
  refuseWeak(password, { second_factor: false, email, name, organisation: organisation.name })
  const password_hash = await hashPassword(password)
  const now = ctx.now()
  const organisation_id = newId('org', now)
  const person = await ctx.db.transaction(async (tx) => {
    refuseWrongToken(await store.lockInstance(tx), token)
    await store.saveInstance(tx, { claim_hash: null, claimed_at: now })
    await store.deleteSessions(tx, DEMO_PERSON_ID)
    await store.revokeKeysOf(tx, { organisation_id: DEMO_ORGANISATION_ID }, now)
    const inside = { ...ctx, db: tx }
    const made = await makePerson(inside, { email, name, locale, password_hash, instance_admin: true })
    const details = { sector: null, employees: null, turnover_eur: null, sites: [], created_at: now }
    await store.insertOrganisation(tx, { organisation_id, ...organisation, ...details })
    const joined = await store.insertMembership(tx, {
      organisation_id,
      person_id: made.person_id,
      role: 'owner',
      joined_at: now,
    })
    invariant(joined, 'a new organisation has no members')
    const actor = {
      kind: 'person',
      person_id: made.person_id,
      session_id: '',
      instance_admin: true,
      via: 'cookie',
    } as const
    await record(inside, {
      action: 'accounts.claimed',
      resource: { type: 'instance', id: 'instance' },
      actor,
      organisation_id,
    })
    return made
  })
  return openSession(ctx, person, { organisation_id, how: 'claim' })
}

function refuseWrongToken(
  { claimed_at, claim_hash }: { claimed_at: Date | null; claim_hash: Uint8Array | null },
  token: string,
): void {
  if (claimed_at) {
    throw new Problem('accounts/already-claimed', { detail: 'Its administrator can invite you.' })
  }
  if (!claim_hash || !sameBytes(claim_hash, digestOf(token)))
    throw linkNotValid('The link is printed where the server was started. It is the whole line.')
}
