import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Context } from '../platform/context.ts'
import * as store from './store.ts'

/**
 * Failures in a row, for passwords by address and for second factors by person. Five lock for fifteen minutes, five more
 * for thirty, and so on up to a day; after a hundred nothing is tried until the password was reset, or an administrator of
 * the machine lifts it (NIST SP 800-63B-4 3.2.2 allows a hundred).
 */
export const attemptRule = { locks_after: 5, lock_s: 15 * 60, lock_s_max: 24 * 3600, failures_max: 100 } as const

export type Attempted = 'sign-in' | 'second-factor'

/** The name of a counter: an address that was only tried is not kept. */
export function attemptSubject(ctx: Context, what: Attempted, whose: string): string {
  return ctx.keyring.pseudonymOf(`accounts.${what}`, whose)
}

/**
 * Counts a try before it is judged; `forgiveAttempts` takes it back when it was right.
 * @throws Problem `accounts/locked` with the seconds to wait, the same for addresses that have no account.
 */
export async function countAttempt(ctx: Context, what: Attempted, whose: string): Promise<void> {
  const subject = attemptSubject(ctx, what, whose)
  const now = ctx.now()
  const counted = await store.countAttempt(ctx.db, subject, now, attemptRule)
  if (counted !== undefined) return
  const until = await store.lockedUntil(ctx.db, subject)
  if (until === 'never') {
    throw new Problem('accounts/locked', {
      detail: `${attemptRule.failures_max} attempts in a row have failed. Set a new password by mail, or ask an administrator to unlock the account.`,
      retry_after_s: attemptRule.lock_s_max,
    })
  }
  const retry_after_s = Math.max(1, Math.ceil(((until ?? now).getTime() - now.getTime()) / 1000))
  throw new Problem('accounts/locked', {
    detail: `Too many attempts in a row have failed. The next one is possible in ${Math.ceil(retry_after_s / 60)} minutes.`,
    retry_after_s,
  })
}

export async function forgiveAttempts(ctx: Context, what: Attempted, whose: string): Promise<void> {
  await store.forgetAttempts(ctx.db, attemptSubject(ctx, what, whose))
}
