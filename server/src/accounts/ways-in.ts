import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Context } from '../platform/context.ts'
import { placeOf } from './passkeys/place.ts'
import { listPasskeys } from './passkeys/store.ts'
import * as store from './store.ts'

/**
 * Refuses to take away the last way into an account: a password, a passkey that works here, or an account at a provider
 * that is offered. The mail that resets a password is not counted: it is for emergencies. Joins the transaction of
 * `ctx.db`, which has locked the person.
 * @throws Problem `accounts/last-way-in`
 */
export async function refuseLastWayIn(
  ctx: Context,
  person_id: string,
  without: { passkey_id?: string; provider?: string; subject?: string },
): Promise<void> {
  const [person, passkeys, identities] = await Promise.all([
    store.findPerson(ctx.db, person_id),
    listPasskeys(ctx.db, person_id),
    store.listIdentities(ctx.db, person_id),
  ])
  const rp_id = placeOf(ctx).place?.rp_id
  const left =
    typeof person?.password_hash === 'string' ||
    passkeys.some((each) => each.passkey_id !== without.passkey_id && !each.blocked_at && each.rp_id === rp_id) ||
    identities.some(
      (each) =>
        !(each.provider === without.provider && each.subject === without.subject) &&
        ctx.config.providers.some(({ id }) => id === each.provider),
    )
  if (left) return
  throw new Problem('accounts/last-way-in', { detail: 'Set a password or add a passkey first.' })
}

/** Whoever has no second factor any more has shown one at most: an organisation that asks for two asks again. */
export async function weakenIfBare(ctx: Context, person_id: string): Promise<void> {
  const factor = await store.findSecondFactor(ctx.db, person_id)
  if (factor?.confirmed_at) return
  const passkeys = await listPasskeys(ctx.db, person_id)
  if (passkeys.every((each) => each.blocked_at)) await store.weakenSessions(ctx.db, person_id)
}
