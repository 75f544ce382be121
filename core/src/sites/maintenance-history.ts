import { Problem } from '../lib/problem.ts'
import { matrixOver } from '../learn/matrix.ts'
import { fitHuber } from '../learn/robust.ts'
import type { Asset } from './contract.ts'
import { median, type HealthPoint } from './maintenance-trend.ts'

/** What was measured on an asset and around it, in slots of one length; NaN where nothing was. */
export interface AssetHistory {
  asset: Asset
  from_ms: number
  slot_s: number
  slot_count: number
  longitude: number
  /** Means of gauges by measure; of a counter what it counted. */
  measured: ReadonlyMap<string, Float64Array>
  /** Power of the other inverters of the site, each as a share of its rated power. */
  peers: readonly Float64Array[]
  /**
   * What tells how warm it is around: the air's own temperature, or the temperature of modules together with the
   * irradiance that warms them. Empty where nothing does.
   */
  surroundings: readonly Float64Array[]
}

const DAY_MS = 86_400_000
/** Slots that a regression looks at: more say nothing new. */
const ROWS_MAX = 1_500
const ROWS_MIN = 48

/** Which slots belong to each day of the sun at that longitude. */
export function daysOf({
  from_ms,
  slot_s,
  slot_count,
  longitude,
}: AssetHistory): { at_ms: number; from: number; to: number }[] {
  const shift_ms = Math.round(longitude / 15) * 3_600_000
  const dayAt = (slot: number) => Math.floor((from_ms + slot * slot_s * 1000 + shift_ms) / DAY_MS)
  const days: { at_ms: number; from: number; to: number }[] = []
  for (let slot = 0, from = 0; slot < slot_count; slot++) {
    if (slot + 1 < slot_count && dayAt(slot + 1) === dayAt(slot)) continue
    // The middle of the day stands for it.
    days.push({ at_ms: dayAt(slot) * DAY_MS - shift_ms + DAY_MS / 2, from, to: slot + 1 })
    from = slot + 1
  }
  return days
}

/** One value for each day that has one. */
export function byDay(history: AssetHistory, valueOf: (from: number, to: number) => number): HealthPoint[] {
  return daysOf(history).flatMap(({ at_ms, from, to }) => {
    const value = valueOf(from, to)
    return Number.isFinite(value) ? [{ at_ms, value }] : []
  })
}

/** The median of what is finite among the slots of a day, where there are enough of them. */
export function dayMedian(values: Float64Array, count_min: number) {
  return (from: number, to: number) => {
    const known = values.subarray(from, to).filter((value) => Number.isFinite(value))
    return known.length < count_min ? NaN : median([...known])
  }
}

/**
 * What of `target` the other series do not explain, by a regression of the first `day_count` days on which all were
 * measured. Null where these are too few, or where the series cannot be told apart.
 */
export function unexplained(
  history: AssetHistory,
  target: Float64Array,
  features: readonly Float64Array[],
  day_count: number,
): { rests: Float64Array; typical: number } | null {
  const row = (slot: number) => features.map((feature) => feature[slot] ?? NaN)
  const complete = (slot: number) => Number.isFinite(target[slot]) && row(slot).every(Number.isFinite)
  const days = daysOf(history)
    .map(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i).filter(complete))
    .filter((slots) => slots.length > 0)
    .slice(0, day_count)
  const all = days.flat()
  const every = Math.ceil(all.length / ROWS_MAX)
  const slots = all.filter((_, i) => i % every === 0)
  if (slots.length < ROWS_MIN) return null
  const line = fitted(
    slots.map(row),
    slots.map((slot) => target[slot] ?? NaN),
  )
  if (line === null) return null
  const explained = (slot: number) =>
    row(slot).reduce((sum, value, i) => sum + value * (line.coefficients[i] ?? 0), line.intercept)
  return {
    rests: Float64Array.from(target, (value, slot) => value - explained(slot)),
    typical: median(slots.map(explained)),
  }
}

function fitted(rows: number[][], target: number[]) {
  // A column that never moves says nothing, and a regression would refuse it.
  const moves = (rows[0] ?? []).map((first, i) => rows.some((row) => Math.abs((row[i] ?? 0) - first) > 1e-9))
  const kept = moves.flatMap((moving, i) => (moving ? [i] : []))
  const values = Float64Array.from(rows.flatMap((row) => kept.map((i) => row[i] ?? NaN)))
  if (kept.length === 0) return { intercept: median(target), coefficients: moves.map(() => 0) }
  try {
    const { intercept, coefficients } = fitHuber(matrixOver(values, rows.length, kept.length), target, {
      penalty: 1e-6,
    })
    return { intercept, coefficients: moves.map((_, i) => coefficients[kept.indexOf(i)] ?? 0) }
  } catch (error) {
    if (error instanceof Problem) return null
    throw error
  }
}
