import type { OutputOf } from '@tidemark/core/lib/contract.ts'
import type * as contract from '@tidemark/core/projects/decision-contract.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { countStats } from './stats-store.ts'

/** How analyses and decisions went, counted from the rows at this moment. */
export async function showStats(ctx: Context): Promise<OutputOf<typeof contract.stats>> {
  const found = await countStats(ctx.db, organisationOf(ctx))
  const { projects_with_pair, projects_with_result, decided, approved, ...counts } = found
  return {
    ...counts,
    computed_at: ctx.now().toISOString(),
    projects_with_pair,
    ai_adoption_rate: projects_with_pair === 0 ? null : projects_with_result / projects_with_pair,
    verification_success_rate: decided === 0 ? null : approved / decided,
  }
}
