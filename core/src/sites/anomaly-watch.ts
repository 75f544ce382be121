import type { Asset } from './contract.ts'
import type { Tariff } from './tariff.ts'

/**
 * What a site's devices showed, laid out in slots of one length, for those who look for what is not as it should be. A slot
 * without a reading that counts is NaN; nothing is filled in. Whatever judges slot i looks at slots 0 to i only, so that
 * what is found in history is what would have been found then.
 */
export interface Watch {
  latitude: number
  longitude: number
  time_zone: string
  tariff: Tariff | null
  assets: readonly Asset[]
  from_ms: number
  slot_s: number
  count: number
  series: readonly WatchedSeries[]
}

export interface WatchedSeries {
  sensor_id: string
  asset_id: string
  measure: string
  kind: 'gauge' | 'counter'
  mean: Float64Array
  low: Float64Array
  high: Float64Array
}

export const anomalyTypes = [
  'silence',
  'stuck_value',
  'meter_reset',
  'spike',
  'night_generation',
  'clear_sky_excess',
  'over_rating',
  'flatliner',
  'power_drop',
  'underperformance',
  'load_surge',
  'load_drop',
  'imbalance',
  'unusual_combination',
  'unusual_shape',
] as const
export type AnomalyType = (typeof anomalyTypes)[number]

export const detectionMethods = [
  'rule',
  'irradiance_model',
  'peer_comparison',
  'seasonal_residual',
  'energy_balance',
  'isolation_forest',
  'stream_shapes',
] as const
export type DetectionMethod = (typeof detectionMethods)[number]

/** Why, as a code that a page can put into words. */
export const causes = [
  'no_readings',
  'device_repeats_itself',
  'figure_frozen',
  'counter_went_back',
  'single_reading',
  'power_without_sun',
  'more_than_the_sky_gives',
  'more_than_it_can',
  'shows_zero',
  'stopped',
  'constant_share_missing',
  'partial_loss',
  'gradual_loss',
  'more_than_usual',
  'less_than_usual',
  'meters_disagree',
  'measure_out_of_line',
  'shape_not_seen_before',
] as const
export type Cause = (typeof causes)[number]

/** What one detector found: a stretch of slots of one asset. */
export interface Hit {
  type: AnomalyType
  method: DetectionMethod
  cause: Cause
  asset_id: string | null
  sensor_id: string | null
  measure: string | null
  /** First slot that is out of line, and the one after the last. */
  first: number
  end: number
  /** The slot whose end made it certain. */
  found: number
  /** How far the worst slot stands beyond the detector's threshold: 1 is on it. */
  strength: number
  /** How rare so strange a slot is among the slots that this detector learnt from; null for rules that learn nothing. */
  p_value: number | null
  value: number | null
  expected: number | null
  /** For each slot what should have been and what was, in kW: what energy is counted from. Null where it is no power. */
  power: { value: Float64Array; expected: Float64Array } | null
}

/** A line of what was looked at, or why not. */
export interface Judged {
  method: DetectionMethod
  asset_id: string | null
  measure: string | null
  slots_judged: number
  /** In the detector's own unit; see docs/methods/anomalies.md. Null while it has none. */
  threshold: number | null
  /** What is missing when nothing was judged. */
  needs: string | null
}

export interface Found {
  hits: Hit[]
  judged: Judged[]
}

export const slotMs = ({ slot_s }: Watch) => slot_s * 1000
export const slotsPerDay = ({ slot_s }: Watch) => Math.max(1, Math.round(86_400 / slot_s))

/** The series of an asset that has the first of these measures. */
export function seriesFor(watch: Watch, asset_id: string, measures: readonly string[]): WatchedSeries | undefined {
  for (const measure of measures) {
    const found = watch.series.find((each) => each.asset_id === asset_id && each.measure === measure)
    if (found !== undefined) return found
  }
  return undefined
}

export const generationOf = (watch: Watch, asset_id: string) =>
  seriesFor(watch, asset_id, ['generation_power_kw', 'power_kw'])

/** Readings of single devices, as slots: for plays, benches and tests; the server reads the same from its roll-ups. */
export function watchOf(
  site: Pick<Watch, 'latitude' | 'longitude' | 'time_zone' | 'tariff' | 'assets'>,
  span: { from_ms: number; to_ms: number; slot_s: number },
  readings: Iterable<{ at_ms: number; sensor_id: string; measure: string; kind: WatchedSeries['kind']; value: number }>,
): Watch {
  const count = Math.ceil((span.to_ms - span.from_ms) / (span.slot_s * 1000))
  const laid = new Map<string, WatchedSeries & { readings: Float64Array }>()
  for (const { at_ms, sensor_id, measure, kind, value } of readings) {
    const slot = Math.floor((at_ms - span.from_ms) / (span.slot_s * 1000))
    const asset = site.assets.find(({ sensor_ids }) => sensor_ids.includes(sensor_id))
    if (asset === undefined || slot < 0 || slot >= count) continue
    const key = `${sensor_id} ${measure}`
    const series = laid.get(key) ?? { sensor_id, asset_id: asset.asset_id, measure, kind, ...emptySlots(count) }
    laid.set(key, series)
    const before = series.readings[slot] ?? 0
    series.readings[slot] = before + 1
    series.mean[slot] = before === 0 ? value : ((series.mean[slot] ?? 0) * before + value) / (before + 1)
    series.low[slot] = before === 0 ? value : Math.min(series.low[slot] ?? value, value)
    series.high[slot] = before === 0 ? value : Math.max(series.high[slot] ?? value, value)
  }
  const { from_ms, slot_s } = span
  return { ...site, from_ms, slot_s, count, series: [...laid.values()] }
}

export function emptySlots(count: number) {
  const empty = () => new Float64Array(count).fill(NaN)
  return { mean: empty(), low: empty(), high: empty(), readings: new Float64Array(count) }
}

/** Linear between order statistics (type 7 of Hyndman and Fan); NaN of nothing. */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return NaN
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? NaN
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place % 1)
}

/** Half of the middle half, scaled to the standard deviation of a normal distribution. */
export function spreadOf(values: ArrayLike<number>): number {
  return values.length < 4 ? NaN : (quantileOf(values, 0.75) - quantileOf(values, 0.25)) / 1.349
}

/** Mean over slots of a stretch that are known; null where none is. */
export function meanOver(values: Float64Array, first: number, end: number): number | null {
  let sum = 0
  let known = 0
  for (let i = first; i < end; i++) {
    const value = values[i] ?? NaN
    if (Number.isNaN(value)) continue
    sum += value
    known += 1
  }
  return known === 0 ? null : sum / known
}
