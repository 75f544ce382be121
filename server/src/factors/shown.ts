import type { Factor, ShownFactor } from '@tidemark/core/factors/contract.ts'
import { findUnit } from '@tidemark/core/lib/units.ts'
import type { Context } from '../platform/context.ts'

/** The day on which the answer is given, in UTC. */
export function todayOf(ctx: Context): string {
  return ctx.now().toISOString().slice(0, 10)
}

/** A factor with what a reader must know before using it on that day. */
export function shown(factor: Factor, is_current: boolean, today: string): ShownFactor {
  return {
    ...factor,
    expired: factor.valid_to !== undefined && factor.valid_to < today,
    calculable: findUnit(factor.unit) !== undefined,
    is_current,
  }
}
