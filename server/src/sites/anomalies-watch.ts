import { emptySlots, type Watch, type WatchedSeries } from '@tidemark/core/sites/anomaly-watch.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import type { Context } from '../platform/context.ts'
import { slotsOf, type SiteSeries } from '../telemetry/service.ts'
import type { SiteRow } from './store.ts'

const SLOT_S = 900
const SLOT_MS = SLOT_S * 1000
const DAY_MS = 86_400_000
/** Detectors learn from up to four weeks; the fifth is what they judge. */
const HISTORY_DAYS = 35
/** A site from which nothing came for so long has ended, and is not silent. */
const ENDED_MS = 7 * DAY_MS
/** So many series are read at a time: rows are larger than what becomes of them. */
const SERIES_AT_ONCE = 40

/**
 * What the devices of a site's assets showed over the last five weeks, in quarters of an hour; null without any reading.
 * The last quarter may still be filling, so it ends with the last full one.
 */
export async function readWatch(ctx: Context, site: SiteRow, series: readonly SiteSeries[]): Promise<Watch | null> {
  const owned = series.flatMap((each) => {
    const asset = site.assets.find(({ sensor_ids }) => sensor_ids.includes(each.sensor_id))
    return asset === undefined || each.last_at === null ? [] : [{ ...each, asset_id: asset.asset_id }]
  })
  const times = owned.flatMap(({ first_at, last_at }) => (first_at && last_at ? [{ first_at, last_at }] : []))
  if (times.length === 0) return null
  const now_ms = ctx.now().getTime()
  const newest_ms = Math.max(...times.map(({ last_at }) => last_at.getTime()))
  const is_live = now_ms - newest_ms < ENDED_MS
  // What was measured at 12:00 stands for 12:00 to 12:15: it is there, whole or not.
  const last_slot_ms = Math.floor(newest_ms / SLOT_MS) * SLOT_MS + SLOT_MS
  const to_ms = is_live ? Math.max(last_slot_ms, Math.floor(now_ms / SLOT_MS) * SLOT_MS) : last_slot_ms
  const first_ms = Math.min(...times.map(({ first_at }) => first_at.getTime()))
  const from_ms = Math.floor(Math.max(first_ms, to_ms - HISTORY_DAYS * DAY_MS) / DAY_MS) * DAY_MS
  const count = Math.round((to_ms - from_ms) / SLOT_MS)
  const laid: WatchedSeries[] = []
  for (let at = 0; at < owned.length; at += SERIES_AT_ONCE) {
    const some = owned.slice(at, at + SERIES_AT_ONCE)
    const ids = some.map(({ series_id }) => series_id)
    const stored = await slotsOf(ctx, ids, SLOT_S, new Date(from_ms), new Date(to_ms))
    for (const { series_id, sensor_id, asset_id, measure } of some) {
      const { mean, low, high } = emptySlots(count)
      for (const slot of stored.get(series_id) ?? []) {
        const i = Math.round((slot.from_ms - from_ms) / SLOT_MS)
        mean[i] = slot.mean ?? NaN
        low[i] = slot.low ?? NaN
        high[i] = slot.high ?? NaN
      }
      laid.push({ sensor_id, asset_id, measure, kind: measures.get(measure)?.kind ?? 'gauge', mean, low, high })
    }
  }
  const { latitude, longitude, time_zone, tariff, assets } = site
  return { latitude, longitude, time_zone, tariff, assets, from_ms, slot_s: SLOT_S, count, series: laid }
}
