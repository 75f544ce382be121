import { invariant } from '@tidemark/core/lib/invariant.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import type { SeriesProfile } from '@tidemark/core/telemetry/profile.ts'
import { rulesFor } from '@tidemark/core/telemetry/take-in.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as store from './store.ts'

/** A series of a site, as those who stand on telemetry see it. */
export interface SiteSeries {
  series_id: number
  device_id: string
  sensor_id: string
  measure: string
  simulated: boolean
  readings: number
  first_at: Date | null
  last_at: Date | null
  last_value: number | null
  profile: SeriesProfile | null
  /** How often it is meant to be read, or usually is. */
  interval_s: number
}

/** Every series of the devices that stand on a site, by device and measure. */
export async function seriesOfSite(ctx: Context, site_id: string): Promise<SiteSeries[]> {
  const devices = await store.listDevices(ctx.db, organisationOf(ctx), { site_id, limit: 10_000 })
  const deviceOf = new Map(devices.map((device) => [device.device_id, device]))
  const series = await store.listSeries(ctx.db, [...deviceOf.keys()])
  return series.flatMap((each) => {
    const device = deviceOf.get(each.device_id)
    if (device === undefined) return []
    const { series_id, device_id, measure, readings, first_at, last_at, last_value, profile } = each
    const { sensor_id, simulated } = device
    const known = measures.get(measure)
    invariant(known !== undefined, 'only known measures are stored')
    const { interval_s } = rulesFor(known, device.measures[measure], profile)
    return [{ series_id, device_id, sensor_id, measure, simulated, readings, first_at, last_at, last_value, profile, interval_s }] // oxfmt-ignore
  })
}

/** A slot of time of one series. Readings that were invalid are in no figure. */
export interface Slot {
  from_ms: number
  readings: number
  not_counted: number
  mean: number | null
  low: number | null
  high: number | null
  /** What a counter counted in it. */
  amount: number
}

/**
 * Slots of one length of several series, `from` included and `to` not, oldest first; slots without readings are not there.
 * @param slot_s 900, 3600 or 86400; 60 for series that are declared to be read more often than once a minute.
 */
export async function slotsOf(
  ctx: Context,
  series_ids: readonly number[],
  slot_s: number,
  from: Date,
  to: Date,
): Promise<Map<number, Slot[]>> {
  const slots = new Map<number, Slot[]>(series_ids.map((series_id) => [series_id, []]))
  for (const row of await store.listSlotsOf(ctx.db, series_ids, slot_s, from, to)) {
    const { series_id, slot_start, readings, not_counted, sum, low, high, amount } = row
    const mean = readings === 0 ? null : sum / readings
    slots.get(series_id)?.push({ from_ms: slot_start.getTime(), readings, not_counted, mean, low, high, amount })
  }
  return slots
}

/** Single readings of a series in order of time, `from` included and `to` not; verdicts 0 valid, 1 suspect, 2 invalid. */
export async function readingsOf(
  ctx: Context,
  series_id: number,
  from: Date,
  to: Date,
  limit: number,
): Promise<{ at_ms: number; value: number; verdict: number }[]> {
  const rows = await store.listReadings(ctx.db, series_id, from, to, limit)
  return rows.map(({ captured_at, value, verdict }) => ({ at_ms: captured_at.getTime(), value, verdict }))
}

/** How much every site has, of whichever organisation: for work that the system does for all of them. */
export async function readingsBySite(
  ctx: Pick<Context, 'system_db'>,
): Promise<{ site_id: string; organisation_id: string; readings: number; last_at: Date }[]> {
  return store.countReadingsBySite(ctx.system_db)
}
