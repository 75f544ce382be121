import { createHash } from 'node:crypto'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { MeterWalk, type Metered, type Period } from '@tidemark/core/telemetry/metered.ts'
import { rulesFor } from '@tidemark/core/telemetry/take-in.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { isUnusual } from './finding-bits.ts'
import * as store from './store.ts'

/** A counter of a device, with what is needed to read it. */
export interface Meter {
  device_id: string
  sensor_id: string
  simulated: boolean
  calibrated_at: Date | null
  series: store.SeriesRow
  declared: store.DeviceRow['measures'][string]
}

/** What a counter counted over a time, and which readings say so. */
export interface MeterFigure {
  metered: Metered
  /** SHA-256 over `milliseconds since 1970, value, verdict` of each reading used, a line each, in order of time. */
  series_digest: string
  /** Set where the meter is read so often that one reading of each so many seconds is used. */
  thinned_to_s: number | null
}

/** Meters of a site beyond these are not looked at; whoever asks says how many there may be. */
const DEVICES_MAX = 1_000
const PAGE = 50_000
/** A counter loses nothing when some of what it shows is not looked at. */
const THINNED_TO_S = 60

/** The counters of one measure of a device or of everything that stands on a site, retired ones included; by sensor. */
export async function metersOf(
  ctx: Context,
  { device_id, site_id }: { device_id?: string | undefined; site_id?: string | undefined },
  measure: string,
): Promise<Meter[]> {
  const organisation_id = organisationOf(ctx)
  const found = device_id === undefined ? undefined : await store.findDevice(ctx.db, organisation_id, device_id)
  const devices =
    site_id === undefined
      ? found === undefined
        ? []
        : [found]
      : await store.listDevices(ctx.db, organisation_id, { site_id, limit: DEVICES_MAX })
  const deviceOf = new Map(devices.map((device) => [device.device_id, device]))
  const series = await store.listSeries(ctx.db, [...deviceOf.keys()])
  return series
    .flatMap((each): Meter[] => {
      const device = deviceOf.get(each.device_id)
      if (device === undefined || each.measure !== measure || each.first_at === null) return []
      const { sensor_id, simulated, calibrated_at, measures: all } = device
      return [
        { device_id: device.device_id, sensor_id, simulated, calibrated_at, series: each, declared: all[measure] },
      ]
    })
    .sort((a, b) => (a.sensor_id < b.sensor_id ? -1 : 1))
}

/** Reads a meter over a period, page by page. */
export async function readMeter(ctx: Context, meter: Meter, period: Period): Promise<MeterFigure> {
  const measure = measures.get(meter.series.measure)
  invariant(measure?.kind === 'counter', 'only counters are read over a period')
  const { counter, interval_s } = rulesFor(measure, meter.declared, meter.series.profile)
  invariant(counter !== null, 'a counter has limits')
  const each_s = interval_s < THINNED_TO_S ? THINNED_TO_S : 0
  const walk = new MeterWalk(period, counter)
  const hash = createHash('sha256')
  // The interval over each edge begins or ends outside.
  const edge_ms = Math.max(counter.gap_s, THINNED_TO_S) * 1000
  const before = new Date(period.to_ms + edge_ms)
  let after = new Date(period.from_ms - edge_ms)
  for (;;) {
    const rows = await store.listMeterReadings(ctx.db, meter.series.series_id, after, before, each_s, PAGE)
    let text = ''
    for (const { findings, ...row } of rows) {
      const at_ms = Math.round(row.at_ms)
      walk.add({ ...row, at_ms, is_unusual: isUnusual(findings) })
      text += `${at_ms} ${row.value} ${row.verdict}\n`
    }
    hash.update(text)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) break
    // Of a thinned series a page ends with its slot: what is left of the slot comes before the last reading of it.
    after = new Date(Math.round(last.at_ms))
  }
  return {
    metered: walk.finish(Math.max(interval_s, each_s), meter.calibrated_at?.getTime() ?? null),
    series_digest: `sha256:${hash.digest('hex')}`,
    thinned_to_s: each_s === 0 ? null : each_s,
  }
}
