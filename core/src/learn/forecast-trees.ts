import { z } from 'zod'
import {
  type BoostedTrees,
  type BoostedTreesOptions,
  fitBoostedTrees,
  predictBoostedTrees,
  readBoostedTrees,
  writeBoostedTrees,
} from './boosted-trees.ts'
import { type Forecaster, forecasterOf, type ForecastMethod } from './forecaster.ts'
import { type Matrix, takeRows } from './matrix.ts'
import { calendarOf, type Covariates, seasonsOf, type Series } from './series.ts'
import { demandOption, refuseUnfit } from './unfit.ts'

/**
 * Boosted trees on what is known a whole horizon before: lags of that age or older, their mean, the calendar and
 * covariates. They learn the difference from the recent level, since trees cannot continue a trend.
 */
interface Learnt {
  lags: number[]
  level_steps: number
  block_steps: number
  covariates: string[]
  trees: BoostedTrees
}

const LearntFile = z.strictObject({
  lags: z.array(z.int().min(1).max(100_000)).max(500),
  level_steps: z.int().min(1).max(100_000),
  block_steps: z.int().min(1).max(20_000),
  covariates: z.array(z.string().max(200)).max(1_000),
  trees: z.unknown(),
})

export const treesMethod: ForecastMethod<Learnt> = {
  method: 'boosted-trees',
  // Trees are read by their own reader, and must look at the columns that these lags make.
  schema: LearntFile.transform((file) => ({ ...file, trees: readBoostedTrees(file.trees) })).refine(
    ({ lags, block_steps, covariates, trees }) =>
      lags.every((lag) => lag >= block_steps) && trees.column_count === lags.length + covariates.length + 3,
    'lags are no younger than a block of steps, and the trees know one column for each',
  ) as unknown as z.ZodType<Learnt>,
  written: (learnt) => ({ ...learnt, trees: writeBoostedTrees(learnt.trees) }),
  stepsKept: ({ lags, level_steps, block_steps }) => Math.max(...lags, level_steps + block_steps) + level_steps,
  covariatesOf: ({ covariates }) => covariates,
  predict: (learnt, history, horizon_steps, future) => {
    const past = history.values.length
    const values = new Float64Array(past + horizon_steps)
    values.set(history.values)
    // The level after a gap as long as a week.
    const otherwise = meanOf(history.values, 0, past)
    const extended = {
      ...history,
      values,
      covariates: joined(history, future, learnt.covariates, past + horizon_steps),
    }
    // Further than a block ahead, what was predicted stands for what is not known yet.
    for (let from = past; from < past + horizon_steps; from += learnt.block_steps) {
      const slots = rangeOf(from, Math.min(past + horizon_steps, from + learnt.block_steps))
      const { matrix, levels } = features(extended, slots, learnt)
      const off = predictBoostedTrees(learnt.trees, matrix)
      slots.forEach((slot, i) => (values[slot] = off[i]! + (Number.isNaN(levels[i]!) ? otherwise : levels[i]!)))
    }
    return values.subarray(past).slice()
  },
}

export interface TreesForecastOptions {
  /** Steps predicted from what was measured; a day unless told. Further ones use predictions as lags. */
  horizon_steps?: number
  /** Covariates to use; all of the history's unless told. */
  covariates?: readonly string[]
  /** For the trees; 200 trees of 31 leaves, rate 0.06, unless told. */
  trees?: BoostedTreesOptions
}

const ROWS_MAX = 30_000

export function treesForecaster(options: TreesForecastOptions = {}): Forecaster {
  return forecasterOf('boosted-trees', treesMethod, (history) => {
    const seasons = seasonsOf(history)
    const block_steps = options.horizon_steps ?? seasons[0] ?? 1
    demandOption('horizon_steps', block_steps, { least: 1, most: 20_000, whole: true })
    const covariates = [...(options.covariates ?? Object.keys(history.covariates ?? {}))].sort()
    const lags = lagsFor(seasons, block_steps, history.values.length)
    const shape = { lags, level_steps: Math.max(seasons.at(-1) ?? 1, 7), block_steps, covariates }
    const first = Math.max(shape.level_steps, seasons[0] ?? 1) + block_steps
    const slots = rangeOf(Math.max(first, history.values.length - ROWS_MAX), history.values.length)
    const { matrix, levels } = features(history, slots, shape)
    const usable = [...slots.keys()].filter((i) => !Number.isNaN(history.values[slots[i]!]! + levels[i]!))
    if (usable.length < 50)
      refuseUnfit(`Boosted trees have ${usable.length} slots to learn from and need 50.`, [
        {
          path: '/values',
          code: 'too-short',
          message: `${first + 50} slots without gaps`,
          value: history.values.length,
        },
      ])
    const target = usable.map((i) => history.values[slots[i]!]! - levels[i]!)
    const settings = { tree_count: 200, learning_rate: 0.06, min_samples_leaf: 10, ...options.trees }
    return { ...shape, trees: fitBoostedTrees(takeRows(matrix, usable), target, settings) }
  })
}

/** Whole days and weeks back, from the horizon on, and the latest slots that are that old. */
function lagsFor(seasons: readonly number[], block_steps: number, count: number): number[] {
  const [day = 1, week = day * 7] = seasons
  const whole = [1, 2, 3, 4, 5, 6, 7].map((days) => days * day)
  const older = [...whole, 2 * week, 3 * week].flatMap((lag) => [lag - 1, lag, lag + 1])
  const latest = [0, 1, 2].map((more) => block_steps + more)
  const usable = [...latest, ...older].filter((lag) => lag >= block_steps && lag * 2 <= count)
  const lags = [...new Set(usable)].sort((a, b) => a - b)
  return lags.length > 0 ? lags : [block_steps]
}

/** A row per slot: lags less the level, the steps since midnight, the day of the week, the level's own course, covariates. */
function features(
  series: Series,
  slots: readonly number[],
  { lags, level_steps, block_steps, covariates }: Omit<Learnt, 'trees'>,
): { matrix: Matrix; levels: Float64Array } {
  const column_count = lags.length + covariates.length + 3
  const values = new Float64Array(slots.length * column_count)
  const columns = covariates.map((name) => series.covariates?.[name])
  const levels = new Float64Array(slots.length)
  slots.forEach((slot, row) => {
    const level = meanOf(series.values, slot - block_steps - level_steps + 1, slot - block_steps + 1)
    levels[row] = level
    const { second, weekday } = calendarOf(series, slot)
    const recent = meanOf(series.values, slot - block_steps - Math.ceil(level_steps / 7) + 1, slot - block_steps + 1)
    const cells = [
      ...lags.map((lag) => (series.values[slot - lag] ?? Number.NaN) - level),
      second,
      weekday,
      recent - level,
      ...columns.map((column) => column?.[slot] ?? Number.NaN),
    ]
    values.set(cells, row * column_count)
  })
  return { matrix: { values, row_count: slots.length, column_count }, levels }
}

/** The mean of what is known, NaN where nothing is. */
function meanOf(values: Float64Array, from: number, to: number): number {
  let [sum, count] = [0, 0]
  for (let i = Math.max(0, from); i < to; i++) {
    if (Number.isNaN(values[i]!)) continue
    sum += values[i]!
    count++
  }
  return count > 0 ? sum / count : Number.NaN
}

function joined(
  history: Series,
  future: Covariates,
  names: readonly string[],
  count: number,
): Record<string, Float64Array> {
  return Object.fromEntries(
    names.map((name) => {
      const column = new Float64Array(count).fill(Number.NaN)
      column.set(history.covariates?.[name] ?? [])
      column.set(future[name] ?? [], history.values.length)
      return [name, column]
    }),
  )
}

function rangeOf(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
}
