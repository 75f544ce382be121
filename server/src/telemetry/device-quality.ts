import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  type deviceQuality as deviceQualityRoute,
  FLAGGED_SHOWN_MAX,
  READINGS_EACH_MAX,
} from '@tidemark/core/telemetry/device-quality-contract.ts'
import { deviceQualityOf, type DeviceQuality, type LookedAt } from '@tidemark/core/telemetry/device-quality.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { confidenceOf, qualityWeights } from '@tidemark/core/telemetry/quality.ts'
import type { DeviceHealth } from '@tidemark/core/telemetry/reading.ts'
import { rulesFor } from '@tidemark/core/telemetry/take-in.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { listJudged, type JudgedRow } from './device-quality-store.ts'
import { checksIn, isUnusual } from './finding-bits.ts'
import * as store from './store.ts'

const HOUR_MS = 3_600_000
type Answer = OutputOf<typeof deviceQualityRoute>

/** How far a device can be trusted, from what it sent in the last days. */
export async function deviceQuality(
  ctx: Context,
  { device_id, days }: InputOf<typeof deviceQualityRoute>,
): Promise<Answer> {
  const device = await store.findDevice(ctx.db, organisationOf(ctx), device_id)
  if (!device)
    throw new Problem('telemetry/unknown-device', { detail: `There is no device "${device_id}".`, device_id })
  const to = device.retired_at ?? ctx.now()
  const from = new Date(Math.floor(to.getTime() / HOUR_MS - 24 * days) * HOUR_MS)
  const series = await store.listSeries(ctx.db, [device_id])
  const judged = await listJudged(ctx.db, series.map(({ series_id }) => series_id), { from, to, limit: READINGS_EACH_MAX }) // oxfmt-ignore
  const expectations = await expectationsOf(ctx, device, series, { from, to })
  const health = healthOf(device)
  const now_ms = to.getTime()
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    weights: { ...qualityWeights },
    quality: deviceQualityOf(judged.map(lookedAt), expectations, health, now_ms),
    assumed: confidenceOf(health, now_ms).unknown as Answer['assumed'],
    series: expectations,
    flagged: flaggedOf(judged, series),
  }
}

/** Readings of one series that a look at its quality takes at most: eleven weeks of one each five minutes. */
export const SERIES_READINGS_MAX = 20_000

export interface SeriesQuality {
  /** 0 to 1, over all readings. */
  score: number
  details: DeviceQuality['details']
  /** What the device does not say, and is counted as if it were well: the published rule. */
  assumed: Answer['assumed']
  /** Readings that were looked at; of more than there may be, the newest. */
  readings: number
}

/**
 * The five dimensions of one series within a stretch of time, `to` not included. Battery, signal and calibration are those that
 * the device told last.
 * @returns null where no reading is left to look at, or nobody has the series.
 */
export async function seriesQuality(
  ctx: Context,
  series_id: number,
  { from, to }: { from: Date; to: Date },
): Promise<SeriesQuality | null> {
  const organisation_id = organisationOf(ctx)
  const known = await store.findSeries(ctx.db, organisation_id, series_id)
  const device = known && (await store.findDevice(ctx.db, organisation_id, known.device_id))
  if (!device) return null
  const ends = [to, ctx.now(), device.retired_at ?? to].map((at) => at.getTime())
  const until = new Date(Math.min(...ends))
  const series = (await store.listSeries(ctx.db, [device.device_id])).filter((each) => each.series_id === series_id)
  const last = new Date(until.getTime() - 1)
  const judged = await listJudged(ctx.db, [series_id], { from, to: last, limit: SERIES_READINGS_MAX })
  const expectations = await expectationsOf(ctx, device, series, { from, to: until })
  const health = healthOf(device)
  const quality = deviceQualityOf(judged.map(lookedAt), expectations, health, until.getTime())
  if (quality === null) return null
  const assumed = confidenceOf(health, until.getTime()).unknown as Answer['assumed']
  return { score: quality.score, details: quality.details, assumed, readings: judged.length }
}

function healthOf({ battery_level_percent, signal_strength_percent, calibrated_at }: store.DeviceRow): DeviceHealth {
  return { battery_level_percent, signal_strength_percent, calibrated_at_ms: calibrated_at?.getTime() ?? null }
}

function lookedAt({ captured_at, received_at, verdict, findings }: JudgedRow): LookedAt {
  return {
    at_ms: captured_at.getTime(),
    received_ms: received_at.getTime(),
    verdict,
    is_unusual: isUnusual(findings),
  }
}

async function expectationsOf(
  ctx: Context,
  device: store.DeviceRow,
  series: readonly store.SeriesRow[],
  { from, to }: { from: Date; to: Date },
): Promise<Answer['series']> {
  const ids = series.map(({ series_id }) => series_id)
  const came = new Map<number, number>()
  for (const { series_id, readings, not_counted } of await store.listSlotsOf(ctx.db, ids, 3_600, from, to))
    came.set(series_id, (came.get(series_id) ?? 0) + readings + not_counted)
  return series.map(({ series_id, measure, first_at, profile }) => {
    const known = measures.get(measure)
    invariant(known !== undefined, 'only known measures are stored')
    const { interval_s } = rulesFor(known, device.measures[measure], profile)
    // Before its first reading nothing was to come.
    const since_ms = Math.max(from.getTime(), first_at?.getTime() ?? to.getTime())
    const expected = Math.max(0, Math.floor((to.getTime() - since_ms) / 1000 / interval_s))
    return { series_id, measure, interval_s, came: came.get(series_id) ?? 0, expected }
  })
}

function flaggedOf(judged: readonly JudgedRow[], series: readonly store.SeriesRow[]): Answer['flagged'] {
  const measureOf = new Map(series.map(({ series_id, measure }) => [series_id, measure]))
  return judged
    .filter(({ verdict }) => verdict > 0)
    .sort((a, b) => b.captured_at.getTime() - a.captured_at.getTime())
    .slice(0, FLAGGED_SHOWN_MAX)
    .map(({ series_id, captured_at, received_at, value, verdict, findings }) => {
      const measure = measureOf.get(series_id) ?? ''
      return {
        series_id,
        measure,
        unit: measures.get(measure)?.unit ?? '',
        at: captured_at.toISOString(),
        received_at: received_at.toISOString(),
        value,
        verdict: verdict === 1 ? 'suspect' : 'invalid',
        checks: checksIn(findings),
      }
    })
}
