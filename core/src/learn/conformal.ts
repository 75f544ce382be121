import { z } from 'zod'
import { type Fault, Problem } from '../lib/problem.ts'
import { intervalQuality } from './metrics.ts'
import { readModelFile } from './read-model-file.ts'

/**
 * Prediction intervals that cover as often as they say, by conformal calibration: margins are measured on data that the
 * model was not fitted to. Exact for exchangeable data, whatever the model. How and why: docs/methods/learn-conformal.md.
 */
export interface Calibration {
  kind: 'conformal-calibration'
  version: 1
  /** The share of outcomes that shall lie inside, in (0, 1). */
  level: number
  /** 'symmetric': one margin on both sides. 'signed': each side has its own and misses (1 - level) / 2. */
  sides: 'symmetric' | 'signed'
  pooled: Margin
  /** Mondrian groups that have enough points of their own; others use the pooled margin. */
  groups: Record<string, Margin>
}

/** What is added below and above; null where the points are too few for the level: not calibrated. */
export interface Margin {
  count: number
  below: number | null
  above: number | null
}

export interface Interval {
  lower: number
  upper: number
}

/** An interval, or why there is none. */
export type CalibratedInterval =
  | ({ state: 'calibrated'; group: string | null; count: number } & Interval)
  | { state: 'not_calibrated'; group: string | null; count: number; count_needed: number }

export interface CalibrationData {
  truth: ArrayLike<number>
  /** The lower end before calibration: a predicted quantile (CQR), or the point prediction itself. */
  lower: ArrayLike<number>
  /** The upper end before calibration; the same as `lower` for a point prediction (split conformal). */
  upper: ArrayLike<number>
  /** A label for each point, for coverage within every group. */
  groups?: readonly string[]
}

export interface CalibrationOptions {
  /** 0.9 unless told. */
  level?: number
  /** 'symmetric' unless told. */
  sides?: 'symmetric' | 'signed'
  /** A group with fewer points uses the pooled margin; 60 unless told. */
  group_points_min?: number
}

/** Points below which a group's own quantile swings more than it tells. */
export const GROUP_POINTS_MIN = 60

/**
 * The finite-sample quantile of conformal prediction: the score of rank ⌈(n + 1) · level⌉, or undefined where that rank
 * lies beyond the n scores, so that no finite margin keeps the promise (Lei et al. 2018).
 */
export function conformalQuantile(scores: ArrayLike<number>, level: number): number | undefined {
  const rank = conformalRank(scores.length, level)
  return rank <= scores.length ? Float64Array.from(scores).sort()[rank - 1] : undefined
}

/** The fewest points with which an interval of this level has ends. */
export function pointsNeeded(level: number, sides: 'symmetric' | 'signed' = 'symmetric'): number {
  const each = sides === 'symmetric' ? level : (1 + level) / 2
  let count = Math.max(1, Math.ceil(each / (1 - each)) - 1)
  while (conformalRank(count, each) > count) count++
  return count
}

/**
 * Measures margins on held-out outcomes. With `lower` = `upper` = the point prediction this is split conformal; with two
 * predicted quantiles it is conformalised quantile regression (Romano, Patterson and Candès 2019), whose margin may be
 * negative. `groups` makes it Mondrian (Vovk 2012).
 *
 * @throws {Problem} learn/data-unfit where lengths differ or a number is not finite.
 */
export function calibrate(data: CalibrationData, options: CalibrationOptions = {}): Calibration {
  const { level = 0.9, sides = 'symmetric', group_points_min = GROUP_POINTS_MIN } = options
  refuseUnfit(data, level)
  const rows = new Map<string, number[]>()
  data.groups?.forEach((group, row) => {
    const own = rows.get(group)
    if (own) own.push(row)
    else rows.set(group, [row])
  })
  const all = Array.from({ length: data.truth.length }, (_, row) => row)
  const groups = Object.fromEntries(
    [...rows]
      .filter(([, own]) => own.length >= group_points_min)
      .map(([group, own]) => [group, marginOf(data, own, level, sides)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  ) as Record<string, Margin>
  return {
    kind: 'conformal-calibration',
    version: 1,
    level,
    sides,
    pooled: marginOf(data, all, level, sides),
    groups,
  }
}

export interface Bounds {
  /** No end lies below: 0 for what cannot be negative. */
  at_least?: number
  /** No end lies above: the rated power of a plant. */
  at_most?: number
}

/** The interval of one prediction; `group` falls back to the pooled margin where it has none of its own. */
export function intervalOf(
  calibration: Calibration,
  { lower, upper }: Interval,
  group?: string,
  bounds: Bounds = {},
): CalibratedInterval {
  const own = group !== undefined && Object.hasOwn(calibration.groups, group) ? calibration.groups[group] : undefined
  const margin = own ?? calibration.pooled
  const named = own === undefined ? null : (group ?? null)
  if (margin.below === null || margin.above === null) {
    const count_needed = pointsNeeded(calibration.level, calibration.sides)
    return { state: 'not_calibrated', group: named, count: margin.count, count_needed }
  }
  const ends = { lower: lower - margin.below, upper: upper + margin.above }
  // A negative margin can push the ends past each other: what is left is the point between them.
  if (ends.lower > ends.upper) ends.lower = ends.upper = (ends.lower + ends.upper) / 2
  return { state: 'calibrated', group: named, count: margin.count, ...within(ends, bounds) }
}

/** Widens wider levels until each holds the one before: quantiles that are monotone. Levels ascend. */
export function nested(intervals: readonly Interval[]): Interval[] {
  const out: Interval[] = []
  for (const { lower, upper } of intervals) {
    const inner = out.at(-1)
    out.push(inner ? { lower: Math.min(lower, inner.lower), upper: Math.max(upper, inner.upper) } : { lower, upper })
  }
  return out
}

/** Keeps both ends inside what can be. */
export function within({ lower, upper }: Interval, { at_least = -Infinity, at_most = Infinity }: Bounds): Interval {
  const clamp = (value: number) => Math.min(at_most, Math.max(at_least, value))
  return { lower: clamp(lower), upper: clamp(upper) }
}

export interface CoverageReport {
  count: number
  /** The share of outcomes inside their interval, ends included. */
  coverage: number
  /** Wilson's 95 % interval of that share, were outcomes independent: eight points prove little. */
  coverage_low: number
  coverage_high: number
  below_share: number
  above_share: number
  width_mean: number
  width_median: number
}

/** How often intervals held and how wide they were: one without the other says nothing. Outcomes that are NaN are left out. */
export function coverageReport(
  truth: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
): CoverageReport {
  const known = Array.from({ length: truth.length }, (_, row) => row).filter((row) => !Number.isNaN(truth[row]))
  const [actual, low, high] = [truth, lower, upper].map((column) => known.map((row) => column[row] ?? Number.NaN)) as [
    number[],
    number[],
    number[],
  ]
  const { coverage, width_mean } = intervalQuality(actual, low, high)
  const count = known.length
  const share = (holds: (value: number, row: number) => boolean) => actual.filter(holds).length / count
  const [coverage_low, coverage_high] = wilson(coverage, count)
  const widths = Float64Array.from(high, (end, row) => end - (low[row] ?? Number.NaN)).sort()
  return {
    count,
    coverage,
    coverage_low,
    coverage_high,
    below_share: share((value, row) => value < (low[row] ?? Number.NaN)),
    above_share: share((value, row) => value > (high[row] ?? Number.NaN)),
    width_mean,
    width_median: ((widths[(count - 1) >> 1] ?? Number.NaN) + (widths[count >> 1] ?? Number.NaN)) / 2,
  }
}

/** The 95 % score interval of a share (Wilson 1927). */
function wilson(share: number, count: number): [number, number] {
  const z = 1.959964
  const spread = 1 + (z * z) / count
  const centre = (share + (z * z) / (2 * count)) / spread
  const reach = (z / spread) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))
  return [Math.max(0, centre - reach), Math.min(1, centre + reach)]
}

const MarginFile = z.strictObject({
  count: z.int().nonnegative(),
  below: z.number().nullable(),
  above: z.number().nullable(),
})

export const CalibrationFile = z.strictObject({
  kind: z.literal('conformal-calibration'),
  version: z.literal(1),
  level: z.number().gt(0).lt(1),
  sides: z.enum(['symmetric', 'signed']),
  pooled: MarginFile,
  groups: z
    .record(z.string().max(200), MarginFile)
    .refine((groups) => Object.keys(groups).length <= 10_000, 'a calibration has at most 10,000 groups'),
})

/** A calibration is plain data already: this is what goes into a file. */
export function writeCalibration(calibration: Calibration): Calibration {
  return copyOf(calibration)
}

/** @throws {Problem} learn/model-file-invalid */
export function readCalibration(file: unknown): Calibration {
  return readModelFile(CalibrationFile, file, 'a calibration of version 1')
}

function copyOf(calibration: Calibration): Calibration {
  const groups = Object.fromEntries(Object.entries(calibration.groups).map(([name, margin]) => [name, { ...margin }]))
  return { ...calibration, pooled: { ...calibration.pooled }, groups }
}

function conformalRank(count: number, level: number): number {
  // 20 · 0.95 must be 19, whatever the binary digits of 0.95 say.
  return Math.max(1, Math.ceil((count + 1) * level - 1e-9))
}

function marginOf(data: CalibrationData, rows: readonly number[], level: number, sides: Calibration['sides']): Margin {
  const below = Float64Array.from(rows, (row) => (data.lower[row] ?? NaN) - (data.truth[row] ?? NaN))
  const above = Float64Array.from(rows, (row) => (data.truth[row] ?? NaN) - (data.upper[row] ?? NaN))
  if (sides === 'symmetric') {
    const margin =
      conformalQuantile(
        below.map((score, i) => Math.max(score, above[i] ?? NaN)),
        level,
      ) ?? null
    return { count: rows.length, below: margin, above: margin }
  }
  const each = (1 + level) / 2
  return {
    count: rows.length,
    below: conformalQuantile(below, each) ?? null,
    above: conformalQuantile(above, each) ?? null,
  }
}

function refuseUnfit({ truth, lower, upper, groups }: CalibrationData, level: number): void {
  const faults: Fault[] = []
  if (!(level > 0 && level < 1))
    faults.push({ path: '/level', code: 'out-of-range', message: 'a level lies between 0 and 1', value: level })
  for (const [name, column] of Object.entries({ truth, lower, upper })) {
    if (column.length !== truth.length)
      faults.push({ path: `/${name}`, code: 'length', message: `has ${column.length} numbers, truth ${truth.length}` })
    for (let row = 0; row < column.length && faults.length < 20; row++)
      if (!Number.isFinite(column[row]))
        faults.push({ path: `/${name}/${row}`, code: 'not-finite', message: 'calibration needs finite numbers' })
  }
  if (groups && groups.length !== truth.length)
    faults.push({ path: '/groups', code: 'length', message: `has ${groups.length} labels, truth ${truth.length}` })
  if (faults.length > 0)
    throw new Problem('learn/data-unfit', { detail: 'These points cannot calibrate an interval.', faults })
}
