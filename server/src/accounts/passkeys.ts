import { randomBytes } from 'node:crypto'
import {
  PASSKEYS_MAX,
  type addPasskey as addRoute,
  type listPasskeys as listRoute,
  type Passkey,
  type passkeyRegistrationOptions as registrationOptionsRoute,
  type passkeySignIn as signInRoute,
  type passkeySignInOptions as signInOptionsRoute,
  type passkeyStepUp as stepUpRoute,
  type removePasskey as removeRoute,
  type renamePasskey as renameRoute,
} from '@tidemark/core/accounts/passkeys-contract.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { passkeysHere, placeOf, requirePlace } from './passkeys/place.ts'
import { ask, refused, takeQuestion } from './passkeys/question.ts'
import * as passkeyStore from './passkeys/store.ts'
import type { StoredPasskey } from './passkeys/store.ts'
import { ALGORITHMS, checkAssertion, checkRegistration, type Checked, type CheckedAssertion } from './passkeys/check.ts'
import { after, openSession, personOf, renewSession, requireRealPerson, requireStepUp, STEP_UP_S } from './sessions.ts'
import * as store from './store.ts'
import { refuseLastWayIn, weakenIfBare } from './ways-in.ts'

/** Passkeys: discoverable, with user verification, so that possession and fingerprint, face or PIN are both shown. */

const USER_HANDLE_BYTES = 32
/** As long as the question may be answered. */
const TIMEOUT_MS = 5 * 60 * 1000

export async function list(ctx: Context): Promise<OutputOf<typeof listRoute>> {
  const passkeys = await passkeyStore.listPasskeys(ctx.db, personOf(ctx).person_id)
  return { passkeys: passkeys.map((passkey) => describe(ctx, passkey)), here: passkeysHere(ctx) }
}

function describe(ctx: Context, passkey: StoredPasskey): Passkey {
  const here = placeOf(ctx).place?.rp_id === passkey.rp_id
  return {
    passkey_id: passkey.passkey_id,
    name: passkey.name,
    state: passkey.blocked_at ? 'blocked' : here ? 'active' : 'elsewhere',
    synchronised: passkey.synchronised,
    created_at: passkey.created_at.toISOString(),
    last_used_at: passkey.last_used_at?.toISOString() ?? null,
  }
}

/* Making one */

export async function registrationOptions(ctx: Context): Promise<OutputOf<typeof registrationOptionsRoute>> {
  const person = await requireRealPerson(ctx)
  const { rp_id } = requirePlace(ctx)
  await requireStepUp(ctx)
  const known = await passkeyStore.listPasskeys(ctx.db, person.person_id)
  refuseTooMany(known)
  const user_handle = handleOf(known)
  const { generateRegistrationOptions } = await import('@simplewebauthn/server')
  const options = await generateRegistrationOptions({
    rpName: 'Tidemark',
    rpID: rp_id,
    userName: person.email,
    userDisplayName: person.name,
    userID: new Uint8Array(user_handle),
    challenge: ask(ctx, 'register', user_handle),
    timeout: TIMEOUT_MS,
    supportedAlgorithmIDs: ALGORITHMS,
    attestationType: 'none',
    excludeCredentials: known.filter((each) => each.rp_id === rp_id).map(descriptorOf),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  return { options: { ...options } }
}

/** All passkeys of one person share it, so that a device replaces its own instead of showing two. */
function handleOf(known: readonly StoredPasskey[]): Uint8Array {
  return known[0]?.user_handle ?? randomBytes(USER_HANDLE_BYTES)
}

function descriptorOf({ credential_id, transports }: StoredPasskey) {
  return {
    id: Buffer.from(credential_id).toString('base64url'),
    transports: transports === '' ? [] : transports.split(' '),
  }
}

function refuseTooMany(known: readonly StoredPasskey[]): void {
  if (known.length < PASSKEYS_MAX) return
  throw new Problem('accounts/too-many', {
    detail: `One person has ${PASSKEYS_MAX} passkeys at most. Remove one first.`,
  })
}

/** Keeps what the device made. The device has just been used, so this session has shown two factors. */
export async function add(ctx: Context, { name, credential }: InputOf<typeof addRoute>): Promise<Passkey> {
  const person = await requireRealPerson(ctx)
  const place = requirePlace(ctx)
  await requireStepUp(ctx)
  const { challenge, user_handle } = await takeQuestion(ctx, 'register')
  const made = await checkRegistration(ctx, place, challenge, credential)
  return ctx.db.transaction(async (tx) => {
    await store.lockPerson(tx, person.person_id)
    refuseTooMany(await passkeyStore.listPasskeys(tx, person.person_id))
    const passkey = newPasskey(ctx, { ...made, name, user_handle, rp_id: place.rp_id, person_id: person.person_id })
    if (!(await passkeyStore.insertPasskey(tx, passkey))) {
      throw new Problem('accounts/passkey-known', { detail: 'This device has a passkey here: use it, or rename it.' })
    }
    const inside = { ...ctx, db: tx }
    await renewSession(inside, { two_factors: true })
    const resource = { type: 'passkey', id: passkey.passkey_id }
    await record(inside, { action: 'accounts.passkey_added', resource })
    return describe(ctx, passkey)
  })
}

function newPasskey(
  ctx: Context,
  made: Checked & Pick<StoredPasskey, 'name' | 'user_handle' | 'rp_id' | 'person_id'>,
): StoredPasskey {
  const created_at = ctx.now()
  return {
    ...made,
    passkey_id: newId('psk', created_at),
    created_at,
    last_used_at: null,
    blocked_at: null,
  }
}

export async function rename(ctx: Context, { passkey_id, name }: InputOf<typeof renameRoute>): Promise<Passkey> {
  return ctx.db.transaction(async (tx) => {
    const renamed = await passkeyStore.renamePasskey(tx, personOf(ctx).person_id, passkey_id, name)
    if (!renamed) throw unknownPasskey(passkey_id)
    const resource = { type: 'passkey', id: passkey_id }
    await record({ ...ctx, db: tx }, { action: 'accounts.passkey_renamed', resource })
    return describe(ctx, renamed)
  })
}

export async function remove(ctx: Context, { passkey_id }: InputOf<typeof removeRoute>): Promise<undefined> {
  const { person_id } = personOf(ctx)
  const own = await passkeyStore.listPasskeys(ctx.db, person_id)
  if (!own.some((each) => each.passkey_id === passkey_id)) throw unknownPasskey(passkey_id)
  await requireStepUp(ctx)
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    await store.lockPerson(tx, person_id)
    await refuseLastWayIn(inside, person_id, { passkey_id })
    if (!(await passkeyStore.deletePasskey(tx, person_id, passkey_id))) throw unknownPasskey(passkey_id)
    await weakenIfBare(inside, person_id)
    await renewSession(inside)
    await record(inside, { action: 'accounts.passkey_removed', resource: { type: 'passkey', id: passkey_id } })
  })
}

function unknownPasskey(passkey_id: string): Problem {
  return new Problem('accounts/unknown-passkey', { detail: 'GET /api/v1/auth/passkeys lists yours.', passkey_id })
}

/* Using one */

export async function signInOptions(ctx: Context): Promise<OutputOf<typeof signInOptionsRoute>> {
  const { rp_id } = requirePlace(ctx)
  return { options: await assertionOptions(rp_id, ask(ctx, 'sign_in')) }
}

async function assertionOptions(rpID: string, challenge: Uint8Array<ArrayBuffer>, allowed?: readonly StoredPasskey[]) {
  const { generateAuthenticationOptions } = await import('@simplewebauthn/server')
  const options = await generateAuthenticationOptions({
    rpID,
    challenge,
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    // Left out at a sign-in: the device shows whom it knows, and no address has to be typed.
    ...(allowed === undefined ? {} : { allowCredentials: allowed.map(descriptorOf) }),
  })
  return { ...options }
}

export async function signIn(
  ctx: Context,
  { credential }: InputOf<typeof signInRoute>,
): Promise<OutputOf<typeof signInRoute>> {
  const place = requirePlace(ctx)
  const { challenge } = await takeQuestion(ctx, 'sign_in')
  const passkey = await passkeyStore.findByCredential(ctx.db, Buffer.from(credential.id, 'base64url'))
  const person = passkey && (await store.findPerson(ctx.db, passkey.person_id))
  // A passkey that nobody was asked for by name says whom it is for; one that does not was not made here.
  if (!passkey || !person || person.suspended_at || typeof credential.response.userHandle !== 'string') {
    await noteRefusal(ctx, passkey?.person_id)
    throw refused('This passkey is not known here. It may have been removed.')
  }
  const used = await orNote(ctx, passkey, () => checkAssertion(ctx, place, challenge, credential, passkey))
  await countUse(ctx, passkey, used)
  return { me: await openSession(ctx, person, { how: 'passkey' }) }
}

export async function stepUpOptions(ctx: Context): Promise<OutputOf<typeof signInOptionsRoute>> {
  const { person_id } = await requireRealPerson(ctx)
  const { rp_id } = requirePlace(ctx)
  const usable = (await passkeyStore.listPasskeys(ctx.db, person_id)).filter(
    (each) => each.rp_id === rp_id && !each.blocked_at,
  )
  if (usable.length === 0)
    throw new Problem('accounts/unknown-passkey', { detail: 'You have no passkey for this address.' })
  return { options: await assertionOptions(rp_id, ask(ctx, 'step_up'), usable) }
}

export async function stepUp(
  ctx: Context,
  { credential }: InputOf<typeof stepUpRoute>,
): Promise<OutputOf<typeof stepUpRoute>> {
  const { person_id } = await requireRealPerson(ctx)
  const place = requirePlace(ctx)
  const { challenge } = await takeQuestion(ctx, 'step_up')
  const passkey = await passkeyStore.findByCredential(ctx.db, Buffer.from(credential.id, 'base64url'))
  if (!passkey || passkey.person_id !== person_id) {
    await noteRefusal(ctx, person_id)
    throw refused('This is not one of your passkeys.')
  }
  const used = await orNote(ctx, passkey, () => checkAssertion(ctx, place, challenge, credential, passkey))
  await countUse(ctx, passkey, used)
  const now = ctx.now()
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    await renewSession(inside, { stepped_up_at: now, two_factors: true })
    await record(inside, { action: 'accounts.stepped_up', resource: { type: 'person', id: person_id } })
  })
  return { stepped_up_until: after(now, STEP_UP_S).toISOString() }
}

/**
 * Two devices with one key cannot count as one. Whoever comes second is refused, and as nobody can tell which is the
 * owner's, the passkey opens nothing any more.
 */
async function countUse(
  ctx: Context,
  { passkey_id, person_id }: StoredPasskey,
  { counter, synchronised }: CheckedAssertion,
): Promise<void> {
  if (await passkeyStore.countUse(ctx.db, passkey_id, { counter, synchronised, at: ctx.now() })) return
  await ctx.db.transaction(async (tx) => {
    await passkeyStore.blockPasskey(tx, passkey_id, ctx.now())
    const resource = { type: 'passkey', id: passkey_id }
    await record({ ...ctx, db: tx }, { action: 'accounts.passkey_blocked', resource, result: 'refused' })
  })
  await noteRefusal(ctx, person_id)
  throw blocked()
}

export function blocked(): Problem {
  return refused(
    'Its counter went back, as it does when a passkey was copied, so it is blocked. Sign in another way, remove it, and make a new one.',
  )
}

async function orNote<T>(ctx: Context, { person_id, blocked_at }: StoredPasskey, check: () => Promise<T>): Promise<T> {
  try {
    const checked = await check()
    if (blocked_at) throw blocked()
    return checked
  } catch (error) {
    await noteRefusal(ctx, person_id)
    throw error
  }
}

async function noteRefusal(ctx: Context, person_id: string | undefined): Promise<void> {
  const resource = person_id === undefined ? {} : { resource: { type: 'person', id: person_id } }
  await record(ctx, {
    action: 'accounts.sign_in_refused',
    ...resource,
    result: 'refused',
    after: { why: 'passkey' },
  })
}
