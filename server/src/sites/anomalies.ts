import { setImmediate as breathe } from 'node:timers/promises'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  ALARMS_PER_WEEK_DEFAULT,
  detectStepwise,
  type Anomaly,
  type DetectionOptions,
} from '@tidemark/core/sites/anomalies.ts'
import { listAnomalies as listRoute, type SiteAnomaly } from '@tidemark/core/sites/anomalies-contract.ts'
import { confidenceOf } from '@tidemark/core/sites/anomaly-confidence.ts'
import { QUIET_S } from '@tidemark/core/sites/anomaly-threshold.ts'
import { slotMs, type Judged, type Watch } from '@tidemark/core/sites/anomaly-watch.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { bind } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import type { Database } from '../platform/database/database.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { seriesOfSite, type SiteSeries } from '../telemetry/service.ts'
import { shownAlert } from './alerts.ts'
import { raiseAlerts } from './alerts-raise.ts'
import * as store from './anomalies-store.ts'
import { readWatch } from './anomalies-watch.ts'
import { announce } from './live.ts'
import { knownSite } from './service.ts'
import type { SiteRow } from './store.ts'

/** Whoever asks again within this time is shown what was found; a stream of readings would have it look all the time. */
const LOOK_AGAIN_MS = 30_000
/** Larger sites are looked at by the job alone: nobody waits for them. */
const ASSETS_AT_ONCE_MAX = 30
/** Below this nothing can be said, whatever the detector. */
const SLOTS_MIN = 4
/** An alarm of the time before the latest look is left alone: what made it certain may have left the window. */
const REJUDGE_MS = 14 * 86_400_000
const STORED_MAX = 10_000
/** What ended longer ago is history, and no news to whoever watches. */
const NEWS_MS = 86_400_000

export async function listAnomalies(
  ctx: Context,
  input: InputOf<typeof listRoute>,
): Promise<OutputOf<typeof listRoute>> {
  const site = await knownSite(ctx, input.siteId)
  const { assetId: asset_id } = input
  if (asset_id !== undefined && !site.assets.some((asset) => asset.asset_id === asset_id)) {
    throw new Problem('sites/unknown-asset', { detail: `There is no asset "${asset_id}" on this site.`, asset_id })
  }
  const series = await seriesOfSite(ctx, site.id)
  const readings = countReadings(series)
  const before = await store.findDetection(ctx.db, site.id)
  const is_due = before === undefined || ctx.now().getTime() - before.ran_at.getTime() >= LOOK_AGAIN_MS
  const is_small = before === undefined || site.assets.length <= ASSETS_AT_ONCE_MAX
  if (before?.readings !== readings && is_due && is_small) await detect(ctx, site, series)
  const detection = await store.findDetection(ctx.db, site.id)
  if (detection === undefined) throw nothingToJudge(site, series)
  const rows = await store.listAnomalies(ctx.db, organisationOf(ctx), {
    site_id: site.id,
    asset_id,
    from: input.from === undefined ? undefined : new Date(input.from),
    to: input.to === undefined ? undefined : new Date(input.to),
    limit: input.limit,
  })
  const judged = await store.countVerdicts(ctx.db, organisationOf(ctx))
  return {
    success: true,
    siteId: site.id,
    timestamp: ctx.now().toISOString(),
    data: rows.map((row) => shown(row, judged)),
    detection: {
      ran_at: detection.ran_at.toISOString(),
      // Where nothing came since, what was found holds now; otherwise it holds as of when it was found.
      checked_at: (detection.readings === readings ? ctx.now() : detection.ran_at).toISOString(),
      readings_since: Math.max(0, readings - detection.readings),
      from: detection.judged_from.toISOString(),
      to: detection.judged_to.toISOString(),
      alarms_per_week: ALARMS_PER_WEEK_DEFAULT,
      is_current: detection.readings === readings,
      looked_at: detection.judged,
    },
  }
}

export const anomaliesBindings = [bind(listRoute, listAnomalies)]

/** Grows with everything that is stored, however late it came. */
export function countReadings(series: readonly SiteSeries[]): number {
  return series.reduce((sum, { readings }) => sum + readings, 0)
}

function nothingToJudge(site: SiteRow, series: readonly SiteSeries[]): Problem {
  const sensors = site.assets.flatMap(({ sensor_ids }) => sensor_ids)
  const heard = new Set(series.filter(({ readings }) => readings > 0).map(({ sensor_id }) => sensor_id))
  const missing = sensors.filter((sensor_id) => !heard.has(sensor_id))
  const detail =
    sensors.length === 0
      ? 'No asset of this site names a device: its sensor_ids say whose readings tell of it.'
      : `Nothing can be judged before an hour of readings; nothing came yet from ${missing.slice(0, 10).join(', ') || 'long enough'}.`
  return new Problem('sites/insufficient-data', {
    detail,
    site_id: site.id,
    needs: { slots: SLOTS_MIN, slot_s: 900, silent_sensor_ids: missing.slice(0, 100) },
  })
}

/** Looks at the last five weeks of a site and keeps what was found. Nothing happens where there is nothing to look at. */
export async function detect(ctx: Context, site: SiteRow, series: readonly SiteSeries[]): Promise<void> {
  const watch = await readWatch(ctx, site, series)
  if (watch === null || slotsHeard(watch) < SLOTS_MIN) return
  const judged = await store.countVerdicts(ctx.db, site.organisation_id)
  const found = await runDetectors(watch, { judged })
  const simulated = site.simulated || series.some((each) => each.simulated)
  const { fresh, raised } = await ctx.db.transaction(async (tx) => {
    await store.lockDetection(tx, detectionRow(ctx, site, watch, countReadings(series), found.judged))
    const { kept, added } = await keepAnomalies({ ...ctx, db: tx }, site, watch, found.anomalies, simulated)
    return { fresh: added, raised: await raiseAlerts({ ...ctx, db: tx }, site, watch, kept) }
  })
  const lately_ms = ctx.now().getTime() - NEWS_MS
  for (const row of fresh) if (row.to_at.getTime() > lately_ms) announce(ctx, site.id, 'anomaly', shown(row, judged))
  for (const alert of raised) announce(ctx, site.id, 'alert', shownAlert(alert))
}

async function runDetectors(watch: Watch, options: DetectionOptions) {
  const steps = detectStepwise(watch, options)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    // Others are served between one asset and the next.
    await breathe()
  }
}

function slotsHeard({ series, count }: Watch): number {
  let heard = 0
  for (let i = 0; i < count; i++) if (series.some(({ mean }) => !Number.isNaN(mean[i]))) heard += 1
  return heard
}

function detectionRow(
  ctx: Context,
  site: SiteRow,
  watch: Watch,
  readings: number,
  judged: Judged[],
): store.DetectionRow {
  return {
    site_id: site.id,
    organisation_id: site.organisation_id,
    ran_at: ctx.now(),
    judged_from: new Date(watch.from_ms),
    judged_to: new Date(watch.from_ms + watch.count * slotMs(watch)),
    readings,
    judged,
  }
}

/**
 * The same look twice changes nothing. What is found again, at the same asset in the same time, is the same anomaly, longer
 * or shorter; what is not found any more, though its time was looked at, is withdrawn.
 */
async function keepAnomalies(
  ctx: Context,
  site: SiteRow,
  watch: Watch,
  anomalies: readonly Anomaly[],
  simulated: boolean,
): Promise<{ kept: store.AnomalyRow[]; added: store.AnomalyRow[] }> {
  const { db } = ctx
  const from = new Date(watch.from_ms)
  const left = await store.listAnomalies(db, site.organisation_id, {
    site_id: site.id,
    from,
    withdrawn: true,
    limit: STORED_MAX,
  })
  const kept: store.AnomalyRow[] = []
  const added: store.AnomalyRow[] = []
  const rows = anomalies.map((anomaly) => rowOf(ctx, site, anomaly, simulated))
  for (const { row, before } of paired(rows, left)) {
    if (before === undefined) {
      await store.insertAnomaly(db, row)
      added.push(row)
    }
    kept.push(before === undefined ? row : await update(db, before, row))
  }
  const since_ms = watch.from_ms + watch.count * slotMs(watch) - REJUDGE_MS
  for (const { anomaly_id, withdrawn_at, from_at, verdict } of left) {
    if (withdrawn_at !== null || from_at.getTime() < since_ms || verdict !== null) continue
    await store.updateAnomaly(db, anomaly_id, { withdrawn_at: ctx.now(), is_open: false })
  }
  return { kept, added }
}

/**
 * Finds for each row the stored one that it continues, and takes that out of `left`: first of the same type, then of any,
 * since what looked like one thing may turn out to be another.
 */
function paired(rows: readonly store.AnomalyRow[], left: store.AnomalyRow[]) {
  const before = new Map<store.AnomalyRow, store.AnomalyRow>()
  for (const any_type of [false, true]) {
    for (const row of rows) {
      if (before.has(row)) continue
      const at = left.findIndex((each) => isSame(each, row) && (any_type || each.type === row.type))
      const [found] = at < 0 ? [] : left.splice(at, 1)
      if (found !== undefined) before.set(row, found)
    }
  }
  return rows.map((row) => ({ row, before: before.get(row) }))
}

function isSame(a: store.AnomalyRow, b: store.AnomalyRow): boolean {
  if (a.asset_id !== b.asset_id) return false
  const quiet_ms = a.type === b.type ? QUIET_S * 1000 : 0
  return a.from_at.getTime() < b.to_at.getTime() + quiet_ms && b.from_at.getTime() < a.to_at.getTime() + quiet_ms
}

async function update(tx: Database, before: store.AnomalyRow, now: store.AnomalyRow): Promise<store.AnomalyRow> {
  const { anomaly_id, stored_at, verdict, judged_at, from_at, found_at } = before
  // What was told stays told: its beginning does not move when the window of history does.
  const first = from_at < now.from_at ? from_at : now.from_at
  const certain = found_at < now.found_at ? found_at : now.found_at
  const after = { ...now, anomaly_id, stored_at, verdict, judged_at, from_at: first, found_at: certain }
  const { anomaly_id: _, organisation_id: __, site_id: ___, ...changes } = after
  await store.updateAnomaly(tx, anomaly_id, changes)
  return after
}

function rowOf(ctx: Context, site: SiteRow, anomaly: Anomaly, simulated: boolean): store.AnomalyRow {
  const { type, asset_id, from_ms, to_ms, found_ms, is_open, severity, strength, ...told } = anomaly
  const now = ctx.now()
  return {
    anomaly_id: newId('ano', now),
    organisation_id: site.organisation_id,
    site_id: site.id,
    type,
    asset_id,
    from_at: new Date(from_ms),
    to_at: new Date(to_ms),
    found_at: new Date(found_ms),
    is_open,
    severity,
    strength,
    simulated,
    told,
    stored_at: now,
    changed_at: now,
    withdrawn_at: null,
    verdict: null,
    judged_at: null,
  }
}

/** Names of a seed outside, ours inside: this is the one place where they meet. */
function shown(row: store.AnomalyRow, judged: NonNullable<DetectionOptions['judged']>): SiteAnomaly {
  const { told } = row
  // What people said since it was found counts at once.
  const { confidence, basis } = confidenceOf({ type: row.type, strength: row.strength }, judged[row.type])
  return {
    id: row.anomaly_id,
    type: row.type,
    severity: row.severity,
    timestamp: row.from_at.toISOString(),
    value: told.value,
    expectedValue: told.expected,
    deviation: told.deviation,
    confidence,
    deviation_of: told.deviation_of,
    asset_id: row.asset_id,
    sensor_id: told.sensor_id,
    measure: told.measure,
    unit: told.measure === null ? null : (measures.get(told.measure)?.unit ?? null),
    until: row.to_at.toISOString(),
    found_at: row.found_at.toISOString(),
    is_open: row.is_open,
    cause: told.cause,
    method: told.method,
    strength: row.strength,
    p_value: told.p_value,
    evidence: told.evidence,
    window: { from: new Date(told.look.from_ms).toISOString(), to: new Date(told.look.to_ms).toISOString() },
    loss: told.loss,
    confidence_basis: basis,
    verdict: row.verdict,
    simulated: row.simulated,
  }
}
