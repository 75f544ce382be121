import { z } from 'zod'
import type { Context } from '../platform/context.ts'
import { enqueue, jobKind, work, type JobBinding } from '../platform/jobs.ts'
import { actingFor } from '../platform/tenancy.ts'
import { readingsBySite, seriesOfSite } from '../telemetry/service.ts'
import { detectKind } from './alerts.ts'
import { detect } from './anomalies.ts'
import * as store from './anomalies-store.ts'
import { findSite } from './store.ts'

const dueKind = jobKind('sites.detect_due', z.object({}))

/** A site is looked at once in so long at most, however much comes in. */
const EVERY_MS = 10 * 60_000

export const anomaliesJobs: readonly JobBinding[] = [
  work(detectKind, { concurrency: 1, retry_limit: 2, expire_s: 600 }, detectOn),
  work(dueKind, { schedule: '*/5 * * * *', retry_limit: 0, expire_s: 240 }, detectDue),
]

/**
 * Has every site looked at to which readings came since it last was, and those that fell silent. Ingest need not know of
 * it: how many readings there are tells, late ones included.
 */
export async function detectDue(ctx: Context): Promise<void> {
  const known = new Map((await store.listDetections(ctx.system_db)).map((row) => [row.site_id, row]))
  const now_ms = ctx.now().getTime()
  for (const { site_id, organisation_id, readings, last_at } of await readingsBySite(ctx)) {
    const before = known.get(site_id)
    const is_rested = before === undefined || now_ms - before.ran_at.getTime() >= EVERY_MS
    // Silence brings no readings: while a site is live it is looked at each hour all the same.
    const may_be_silent = now_ms - last_at.getTime() < 2 * 86_400_000
    const is_old = before === undefined || now_ms - before.ran_at.getTime() >= 3_600_000
    if (is_rested && (before?.readings !== readings || (may_be_silent && is_old))) {
      await enqueue(ctx.system_db, detectKind, { site_id, organisation_id })
    }
  }
}

/** The site may be gone by then. */
export async function detectOn(
  ctx: Context,
  { site_id, organisation_id }: { site_id: string; organisation_id: string },
): Promise<void> {
  const own = actingFor(ctx, organisation_id)
  const site = await findSite(own.db, organisation_id, site_id)
  if (site) await detect(own, site, await seriesOfSite(own, site_id))
}
