import { measures } from '@tidemark/core/telemetry/measures.ts'
import type { Taken } from '@tidemark/core/telemetry/take-in.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import type { BatchRow, DeviceRow, SeriesRow } from './store.ts'

/** The kind of the event that tells of readings that came in. */
export const READING_EVENT = 'reading'

/** Where those who watch a site listen. */
export const siteTopic = (site_id: string) => `site/${site_id}`

/** Readings of one site that were taken in together. */
export interface ReadingNews {
  source: BatchRow['source']
  values: {
    series_id: number
    device_id: string
    sensor_id: string
    measure: string
    unit: string
    at: string
    value: number
    verdict: Taken['verdict']
    simulated: boolean
  }[]
  /** Values that are not told of: of a large batch, the newest of each series is. */
  left_out: number
}

/** A device catching up on a week sends thousands at once: who watches wants to see now, and fetches the past as slots. */
const VALUES_MAX = 500

interface Told {
  device: DeviceRow
  series: SeriesRow
  taken: readonly Taken[]
}

/**
 * What a transaction takes in, gathered by site, to be told when it is over. Of a large batch only what will be told is kept:
 * the rest would outlive its use by the whole transaction.
 */
export class News {
  readonly #by_site = new Map<string, { told: Told[]; count: number }>()

  add(device: DeviceRow, series: SeriesRow, taken: readonly Taken[]): void {
    if (device.site_id === null) return
    const there = this.#by_site.get(device.site_id) ?? { told: [], count: 0 }
    this.#by_site.set(device.site_id, there)
    const was_large = there.count > VALUES_MAX
    there.count += taken.length
    const is_large = there.count > VALUES_MAX
    if (is_large && !was_large) there.told = there.told.map(newestOf)
    const told = { device, series, taken }
    there.told.push(is_large ? newestOf(told) : told)
  }

  /** After the commit. */
  publish(ctx: Context, source: BatchRow['source']): void {
    const organisation_id = organisationOf(ctx)
    for (const [site_id, { told, count }] of this.#by_site) {
      const values = told.flatMap(valuesOf)
      const data: ReadingNews = { source, values, left_out: count - values.length }
      ctx.events.publish({ organisation_id, topic: siteTopic(site_id), kind: READING_EVENT, data })
    }
  }
}

function newestOf({ device, series, taken }: Told): Told {
  return { device, series, taken: taken.slice(-1) }
}

function valuesOf({ device, series, taken }: Told) {
  const { series_id, measure } = series
  const { device_id, sensor_id, simulated } = device
  const unit = measures.get(measure)?.unit
  invariant(unit !== undefined, 'only known measures are stored')
  return taken.map(({ at_ms, value, verdict }) => {
    const at = new Date(at_ms).toISOString()
    return { series_id, device_id, sensor_id, measure, unit, at, value, verdict, simulated }
  })
}
