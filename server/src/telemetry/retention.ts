import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import type { setRetention as setRoute, showRetention as showRoute } from '@tidemark/core/telemetry/contract.ts'
import { retentionHorizon } from '@tidemark/core/telemetry/retention.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as store from './store.ts'
import { dropEvidenceBefore } from './validation-store.ts'

/** Single readings of an organisation are kept from this instant on, by its own rule or the installation's; null: all. */
export async function keptFrom(ctx: Context, organisation_id: string): Promise<number | null> {
  const own = await store.findRetention(ctx.db, organisation_id)
  return retentionHorizon(ctx.now().getTime(), [own, ctx.config.readings_kept_months])
}

export async function showRetention(ctx: Context): Promise<OutputOf<typeof showRoute>> {
  const own = await store.findRetention(ctx.db, organisationOf(ctx))
  const horizon_ms = retentionHorizon(ctx.now().getTime(), [own, ctx.config.readings_kept_months])
  return {
    readings_kept_months: own,
    installation_kept_months: ctx.config.readings_kept_months,
    kept_from: horizon_ms === null ? null : new Date(horizon_ms).toISOString(),
  }
}

export async function setRetention(
  ctx: Context,
  { readings_kept_months }: InputOf<typeof setRoute>,
): Promise<OutputOf<typeof setRoute>> {
  const organisation_id = organisationOf(ctx)
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const before = await store.findRetention(tx, organisation_id)
    await store.saveRetention(tx, { organisation_id, readings_kept_months, changed_at: ctx.now() })
    await record(inside, {
      action: 'telemetry.retention_changed',
      resource: { type: 'organisation', id: organisation_id },
      before: { readings_kept_months: before },
      after: { readings_kept_months },
    })
    return showRetention(inside)
  })
}

/** Drops what is kept no longer. A job of every night; what it did not finish, the next night does. */
export async function dropOldReadings(ctx: Context): Promise<void> {
  const now_ms = ctx.now().getTime()
  const everywhere_ms = retentionHorizon(now_ms, [ctx.config.readings_kept_months])
  if (everywhere_ms !== null) {
    const months = await store.dropMonths(ctx.system_db, new Date(everywhere_ms))
    await dropEvidenceBefore(ctx.system_db, new Date(everywhere_ms))
    if (months > 0) ctx.log.info({ months }, 'months of single readings were dropped')
  }
  for (const { organisation_id, readings_kept_months } of await store.listRetentions(ctx.system_db)) {
    const horizon_ms = retentionHorizon(now_ms, [readings_kept_months])
    if (horizon_ms === null) continue
    await store.deleteReadingsBefore(ctx.system_db, organisation_id, new Date(horizon_ms))
    await dropEvidenceBefore(ctx.system_db, new Date(horizon_ms), organisation_id)
  }
}
