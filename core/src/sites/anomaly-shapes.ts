import { stepStream, streamDetector } from '../learn/stream-detector.ts'
import { stretchesOf, thresholdFor } from './anomaly-threshold.ts'
import {
  meanOver,
  quantileOf,
  slotsPerDay,
  type Found,
  type Hit,
  type Watch,
  type WatchedSeries,
} from './anomaly-watch.ts'

/**
 * Shapes that were not seen before in one stream, by the conformal detector over nearest neighbours. Its p-value cannot be
 * smaller than one in 751, which a quarter-hourly stream reaches about once a week by chance alone; so a slot must also be
 * stranger than all that the budget bears, counted in the median strangeness.
 */
const P_MAX = 0.004
const LIMITS = { floor: 5, cap: 10 }
const PAST_DAYS = 28
export const SHAPE_WINDOW = 12

export function shapeHits(watch: Watch, series: WatchedSeries, budget: number): Found {
  const detector = streamDetector({ window: SHAPE_WINDOW, learning_scores: 300 })
  const p_values = new Float64Array(watch.count).fill(NaN)
  const strangeness = new Float64Array(watch.count).fill(NaN)
  const expected = new Float64Array(watch.count).fill(NaN)
  series.mean.forEach((value, i) => {
    const reading = stepStream(detector, value)
    if (reading.expected !== undefined) expected[i] = reading.expected
    if (reading.state !== 'scored') return
    p_values[i] = reading.p_value
    strangeness[i] = reading.strangeness
  })
  const per_day = slotsPerDay(watch)
  const strength = new Float64Array(watch.count).fill(NaN)
  const relative = new Float64Array(watch.count).fill(NaN)
  let threshold: number = LIMITS.floor
  let slots_judged = 0
  for (let day = per_day; day < watch.count; day += per_day) {
    const from = Math.max(0, day - PAST_DAYS * per_day)
    const usual = quantileOf(
      strangeness.subarray(from, day).filter((each) => !Number.isNaN(each)),
      0.5,
    )
    if (!(usual > 0)) continue
    threshold = thresholdFor(relative, from, day, watch.slot_s, budget, LIMITS)
    for (let i = day; i < Math.min(day + per_day, watch.count); i++) {
      if (Number.isNaN(p_values[i])) continue
      relative[i] = (strangeness[i] ?? NaN) / usual
      const size = (relative[i] ?? NaN) / threshold
      strength[i] = (p_values[i] ?? 1) <= P_MAX ? size : Math.min(0.99, size)
      slots_judged += 1
    }
  }
  const stretches = stretchesOf(strength, { confirm: 3, of: 4, quiet: 8, quiet_slots_max: per_day })
  const hits = stretches.map(({ first, end, found, strength: most, peak }): Hit => ({
    type: 'unusual_shape',
    method: 'stream_shapes',
    cause: 'shape_not_seen_before',
    asset_id: series.asset_id,
    sensor_id: series.sensor_id,
    measure: series.measure,
    first,
    end,
    found,
    strength: most,
    p_value: p_values[peak] ?? null,
    value: meanOver(series.mean, first, end),
    expected: meanOver(expected, first, end),
    power: null,
  }))
  const needs = slots_judged === 0 ? 'about five days of readings without long gaps' : null
  const line = { method: 'stream_shapes' as const, asset_id: series.asset_id, measure: series.measure }
  return { hits, judged: [{ ...line, slots_judged, threshold: slots_judged === 0 ? null : threshold, needs }] }
}
