import { fitIsolationForest, scoreIsolation } from '../learn/isolation-forest.ts'
import { fitRidge, predictLinear } from '../learn/linear.ts'
import { matrixOf, type Matrix } from '../learn/matrix.ts'
import { calibrateScores, scorePValues } from '../learn/score-calibration.ts'
import type { Asset } from './contract.ts'
import { stretchesOf, thresholdFor, type Stretch } from './anomaly-threshold.ts'
import {
  meanOver,
  slotsPerDay,
  spreadOf,
  type Found,
  type Hit,
  type Judged,
  type Watch,
  type WatchedSeries,
} from './anomaly-watch.ts'

/**
 * Several measures of one asset at once. Each is predicted from the others by ridge regression on the asset's own past; the
 * residuals, in deviations, go to an isolation forest; its scores are held against those of later slots that it did not
 * learn from. A forest cannot tell how far outside something lies, so a slot also needs a residual that is large. Learnt
 * anew each week, from what was not strange.
 */
const TRAIN_DAYS_MIN = 10
const TRAIN_DAYS_MAX = 14
const JUDGE_DAYS = 7
const HELD_OUT_SHARE = 0.4
const P_MAX = 0.01
const LIMITS = { floor: 8, cap: 15 }
const RESIDUAL_FLOOR_SHARE = 0.005
const MEASURES_MIN = 3
/** A measure that the others explain less than this, on slots held out, follows something that is not measured here. */
const EXPLAINED_MIN = 0.7

export function togetherHits(watch: Watch, asset: Asset, budget: number, is_masked: (slot: number) => boolean): Found {
  const series = watch.series.filter(
    ({ asset_id, kind, mean }) => asset_id === asset.asset_id && kind === 'gauge' && varies(mean),
  )
  if (series.length < MEASURES_MIN) return { hits: [], judged: [] }
  const line = { method: 'isolation_forest' as const, asset_id: asset.asset_id, measure: null }
  const looked = lookTogether(watch, series, budget, is_masked)
  if ('needs' in looked) {
    return { hits: [], judged: [{ ...line, slots_judged: 0, threshold: null, needs: looked.needs }] }
  }
  const { strength, p_values, threshold, train } = looked
  const per_day = slotsPerDay(watch)
  const hour = Math.max(2, Math.round(per_day / 24))
  const stretches = stretchesOf(strength, { confirm: hour, of: hour + 2, quiet: 2 * hour, quiet_slots_max: per_day })
  const hits = stretches.map((stretch) => hitOf(asset, series, train, stretch, p_values))
  const slots_judged = strength.filter((each) => !Number.isNaN(each)).length
  const judged: Judged = { ...line, slots_judged, threshold, needs: null }
  return { hits, judged: [judged] }
}

function hitOf(
  asset: Asset,
  series: readonly WatchedSeries[],
  train: readonly number[],
  { first, end, found, strength, peak }: Stretch,
  p_values: Float64Array,
): Hit {
  const worst = culpritOf(series, train, peak)
  return {
    type: 'unusual_combination',
    method: 'isolation_forest',
    cause: 'measure_out_of_line',
    asset_id: asset.asset_id,
    sensor_id: worst?.sensor_id ?? null,
    measure: worst?.measure ?? null,
    first,
    end,
    found,
    strength,
    p_value: p_values[peak] ?? null,
    ...valuesOf(worst, series, train, first, end),
    power: null,
  }
}

function varies(values: Float64Array): boolean {
  const known = values.filter((value) => !Number.isNaN(value))
  return new Set(known.subarray(0, 2_000)).size > 20
}

interface Looked {
  strength: Float64Array
  p_values: Float64Array
  threshold: number
  /** What the first model learnt from: nothing that was judged. */
  train: readonly number[]
}

/** Week by week: learns from the latest two that were in order, judges the next. */
function lookTogether(
  watch: Watch,
  series: readonly WatchedSeries[],
  budget: number,
  is_masked: (slot: number) => boolean,
): Looked | { needs: string } {
  const per_day = slotsPerDay(watch)
  const slots: number[] = []
  for (let i = 0; i < watch.count; i++) if (series.every(({ mean }) => !Number.isNaN(mean[i]))) slots.push(i)
  const strength = new Float64Array(watch.count).fill(NaN)
  const p_values = new Float64Array(watch.count).fill(NaN)
  const sizes = new Float64Array(watch.count).fill(NaN)
  const in_order = slots.filter((slot) => !is_masked(slot))
  const begin = in_order[TRAIN_DAYS_MIN * per_day]
  if (begin === undefined) {
    const days = TRAIN_DAYS_MIN - in_order.length / per_day
    return { needs: `${days.toFixed(1)} more days in which all its measures came` }
  }
  let threshold: number = LIMITS.floor
  let first_train: readonly number[] | null = null
  for (let week = begin; week < watch.count; week += JUDGE_DAYS * per_day) {
    const past = in_order.filter((slot) => slot < week && !((strength[slot] ?? 0) >= 1))
    const train = past.slice(-TRAIN_DAYS_MAX * per_day)
    const judge = slots.filter((slot) => slot >= week && slot < week + JUDGE_DAYS * per_day)
    const found = judgeTogether(series, train, judge)
    if (found === null) continue
    first_train ??= train
    threshold = thresholdFor(sizes, 0, week, watch.slot_s, budget, LIMITS)
    judge.forEach((slot, row) => {
      const largest = found.largest[row] ?? 0
      sizes[slot] = is_masked(slot) ? NaN : largest
      p_values[slot] = found.p_values[row] ?? 1
      const size = largest / threshold
      strength[slot] = (found.p_values[row] ?? 1) <= P_MAX ? size : Math.min(0.99, size)
    })
  }
  if (first_train === null) return { needs: 'measures of which at least two follow the others' }
  return { strength, p_values, threshold, train: first_train }
}

/** Each measure from the others, learnt on the first part; the forest's p-values by the second part. */
function judgeTogether(series: readonly WatchedSeries[], train: readonly number[], judge: readonly number[]) {
  const kept = Math.floor(train.length * (1 - HELD_OUT_SHARE))
  const [fit, held_out] = [train.slice(0, kept), train.slice(kept)]
  const tight = series
    .map((target) => relationOf(series, target, fit))
    .filter((relation) => explainedBy(relation, held_out) >= EXPLAINED_MIN)
  if (tight.length < 2) return null
  const rowsOf = (slots: readonly number[]) => {
    const columns = tight.map(({ predict, scale, target }) => {
      const predicted = predict(slots)
      return slots.map((slot, row) => ((target.mean[slot] ?? 0) - (predicted[row] ?? 0)) / scale)
    })
    return slots.map((_, row) => columns.map((column) => column[row] ?? 0))
  }
  const forest = fitIsolationForest(matrixOf(rowsOf(fit)), { tree_count: 60, seed: 1 })
  const calibration = calibrateScores(scoreIsolation(forest, matrixOf(rowsOf(held_out))))
  const residuals = rowsOf(judge)
  const p_values = judge.length === 0 ? [] : [...scorePValues(calibration, scoreIsolation(forest, matrixOf(residuals)))]
  return { largest: residuals.map((row) => Math.max(...row.map(Math.abs))), p_values }
}

interface Relation {
  target: WatchedSeries
  scale: number
  predict(slots: readonly number[]): Float64Array
}

function relationOf(series: readonly WatchedSeries[], target: WatchedSeries, slots: readonly number[]): Relation {
  const others = series
    .filter((each) => each !== target)
    .map((each) => ({ mean: each.mean, range: rangeOver(each, slots) }))
  const targets = Float64Array.from(slots, (slot) => target.mean[slot] ?? 0)
  const linear = fitRidge(featuresOf(others, slots), targets, { penalty: 1e-3 })
  const predict = (asked: readonly number[]) =>
    asked.length === 0 ? new Float64Array(0) : predictLinear(linear, featuresOf(others, asked))
  const fitted = predict(slots)
  const residuals = targets.map((value, row) => value - (fitted[row] ?? 0))
  const floor = RESIDUAL_FLOOR_SHARE * targets.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9)
  // What is out of line by day may be quiet by night: the larger of the robust and the plain deviation.
  const plain = Math.sqrt(residuals.reduce((sum, each) => sum + each * each, 0) / Math.max(1, residuals.length))
  return { target, scale: Math.max(spreadOf(residuals) || 0, plain, floor), predict }
}

/** The share of a measure's movement that the others tell, on slots that were not learnt from. */
function explainedBy({ target, predict }: Relation, slots: readonly number[]): number {
  const predicted = predict(slots)
  const mean = slots.reduce((sum, slot) => sum + (target.mean[slot] ?? 0), 0) / Math.max(1, slots.length)
  let left = 0
  let whole = 0
  slots.forEach((slot, row) => {
    const value = target.mean[slot] ?? 0
    left += (value - (predicted[row] ?? 0)) ** 2
    whole += (value - mean) ** 2
  })
  return whole > 0 ? 1 - left / whole : 0
}

interface Feature {
  mean: Float64Array
  range: { low: number; high: number }
}

function rangeOver({ mean }: WatchedSeries, slots: readonly number[]): Feature['range'] {
  const range = { low: Infinity, high: -Infinity }
  for (const slot of slots) {
    range.low = Math.min(range.low, mean[slot] ?? Infinity)
    range.high = Math.max(range.high, mean[slot] ?? -Infinity)
  }
  return range
}

/** Straight and squared, so that a gentle bend is no anomaly; beyond what was learnt the bend is not prolonged. */
function featuresOf(others: readonly Feature[], slots: readonly number[]): Matrix {
  return matrixOf(
    slots.map((slot) =>
      others.flatMap(({ mean, range }) => {
        const value = mean[slot] ?? 0
        return [value, Math.min(range.high, Math.max(range.low, value)) ** 2]
      }),
    ),
  )
}

/**
 * The measure that is to blame at a slot: the one without which the others agree best with one another. A measure that is
 * far off puts the predictions of all others off too, so the largest residual alone may point at the wrong one.
 */
function culpritOf(
  series: readonly WatchedSeries[],
  train: readonly number[],
  slot: number,
): WatchedSeries | undefined {
  let least = Infinity
  let culprit: WatchedSeries | undefined
  for (const suspect of series) {
    const others = series.filter((each) => each !== suspect)
    let disagreement = 0
    for (const target of others) {
      const { predict, scale } = relationOf(others, target, train)
      disagreement += Math.abs((target.mean[slot] ?? 0) - (predict([slot])[0] ?? 0)) / scale
    }
    if (disagreement >= least) continue
    least = disagreement
    culprit = suspect
  }
  return culprit
}

function valuesOf(
  worst: WatchedSeries | undefined,
  series: readonly WatchedSeries[],
  train: readonly number[],
  first: number,
  end: number,
): { value: number | null; expected: number | null } {
  if (worst === undefined) return { value: null, expected: null }
  const { predict } = relationOf(series, worst, train)
  const slots = Array.from({ length: end - first }, (_, i) => first + i).filter((slot) =>
    series.every(({ mean }) => !Number.isNaN(mean[slot])),
  )
  return { value: meanOver(worst.mean, first, end), expected: meanOver(predict(slots), 0, slots.length) }
}
