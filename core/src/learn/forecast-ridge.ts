import { z } from 'zod'
import { type Forecaster, forecasterOf, type ForecastMethod } from './forecaster.ts'
import { cholesky, solveCholesky } from './linear-algebra.ts'
import { type Covariates, fillGaps, seasonsOf, type Series, shortestSeason } from './series.ts'
import { demandOption, refuseUnfit } from './unfit.ts'

/**
 * Ridge autoregression: the next slots, all at once, as weighted sums of the last ones, both measured from the level of the
 * last season. One factorisation serves every step ahead. See docs/methods/learn-forecasters.md.
 */
const Learnt = z
  .strictObject({
    lags: z.array(z.int().min(1).max(20_000)).min(1).max(2_000),
    level_steps: z.int().min(1).max(20_000),
    season_steps: z.int().min(1).max(20_000),
    /** Steps predicted at once; further ones are predicted from these. */
    block_steps: z.int().min(1).max(2_000),
    log: z.boolean(),
    /** For each step of a block its weight for each lag. */
    weights: z.array(z.array(z.number())).max(2_000),
    covariates: z.record(z.string().max(200), z.number()),
  })
  .refine(
    ({ lags, weights, block_steps }) =>
      weights.length === block_steps && weights.every((row) => row.length === lags.length),
    'there is a weight for each lag and step',
  )
type Learnt = z.infer<typeof Learnt>

export interface RidgeForecastOptions {
  /** Steps predicted at once; a day unless told. */
  horizon_steps?: number
  /** Works on logarithms: for what is above 0 and swings in proportion. Off unless told. */
  log?: boolean
  /** Covariates to use; all of the history's unless told. */
  covariates?: readonly string[]
}

const LAGS_MAX = 192
const ROWS_MAX = 6_000
/** Shares of the mean diagonal of the normal equations. */
const PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1, 1]

export const ridgeMethod: ForecastMethod<Learnt> = {
  method: 'ridge-autoregression',
  schema: Learnt,
  stepsKept: ({ lags, level_steps, season_steps }) => Math.max(...lags, level_steps) + 2 * season_steps,
  covariatesOf: ({ covariates }) => Object.keys(covariates),
  predict: (learnt, history, horizon_steps, future) => {
    const { lags, weights, block_steps, level_steps } = learnt
    const past = workingValues(history, learnt)
    const values = new Float64Array(past.length + horizon_steps + block_steps)
    values.set(past)
    for (let end = past.length; end < past.length + horizon_steps; end += block_steps) {
      const level = meanBefore(values, end, level_steps)
      weights.forEach((row, step) => {
        let sum = level
        row.forEach((weight, i) => (sum += weight * ((values[end - lags[i]!] ?? level) - level)))
        values[end + step] = sum
      })
    }
    const known = knownPart(learnt.covariates, future, horizon_steps)
    // A logarithm too far out is kept where numbers are finite.
    const back = (value: number) => (learnt.log ? Math.exp(Math.min(700, value)) : value)
    return known.map((share, step) => back(share + values[past.length + step]!))
  },
}

export function ridgeAutoregression(options: RidgeForecastOptions = {}): Forecaster {
  const { log = false } = options
  return forecasterOf(log ? 'ridge-autoregression-log' : 'ridge-autoregression', ridgeMethod, (history) =>
    learn(history, options),
  )
}

function learn(history: Series, { horizon_steps, log = false, covariates }: RidgeForecastOptions): Learnt {
  const count = history.values.length
  const season_steps = shortestSeason(history)
  const block_wanted = horizon_steps ?? Math.max(1, season_steps)
  demandOption('horizon_steps', block_wanted, { least: 1, most: 2_000, whole: true })
  if (log && history.values.some((value) => value <= 0))
    refuseUnfit('Logarithms need values above 0.', [{ path: '/values', code: 'not-positive', message: 'above 0' }])
  const { lags, direct } = lagsFor(seasonsOf(history), count)
  const block_steps = direct ? Math.min(block_wanted, Math.max(1, Math.floor(count / 4))) : 1
  const level_steps = Math.min(Math.max(season_steps, 1), Math.max(...lags))
  const names = [...(covariates ?? Object.keys(history.covariates ?? {}))].sort()
  const start = { lags, level_steps, season_steps, block_steps, log, weights: [], covariates: {} }
  const effects = covariateEffects(history, names, workingValues(history, start), season_steps)
  const values = workingValues(history, { ...start, covariates: effects })
  const rows = trainingRows(history, { lags, level_steps, block_steps })
  if (rows.length < 10)
    refuseUnfit(`Ridge autoregression has ${rows.length} stretches to learn from and needs 10.`, [
      {
        path: '/values',
        code: 'too-short',
        message: `at least ${Math.max(...lags) + block_steps + 10} slots`,
        value: count,
      },
    ])
  const weights = fitWeights(values, rows, { lags, level_steps, block_steps })
  return { ...start, covariates: effects, weights }
}

interface Shape {
  lags: number[]
  level_steps: number
  block_steps: number
}

/** Every slot of the longest season that fits, or, where those are too many, the last ones and those around whole days. */
function lagsFor(seasons: readonly number[], count: number): { lags: number[]; direct: boolean } {
  const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)
  const fitting = seasons.filter((season) => season * 3 <= count)
  const longest = fitting.at(-1)
  if (longest === undefined) return { lags: upTo(Math.max(1, Math.min(24, Math.floor(count / 4)))), direct: true }
  if (longest <= LAGS_MAX) return { lags: upTo(Math.max(longest, Math.min(14, Math.floor(count / 4)))), direct: true }
  const day = fitting[0] ?? longest
  const days = Math.floor(longest / day)
  const around = Array.from({ length: days }, (_, d) => [-1, 0, 1].map((off) => (d + 1) * day + off)).flat()
  return { lags: [...new Set([...upTo(12), ...around])].sort((a, b) => a - b), direct: false }
}

/** The origins whose targets were really measured; older ones are left out evenly where there are very many. */
function trainingRows({ values }: Series, { lags, level_steps, block_steps }: Shape): number[] {
  const first = Math.max(...lags, level_steps)
  const rows: number[] = []
  for (let end = first; end + block_steps <= values.length; end++) {
    let whole = true
    for (let step = 0; step < block_steps && whole; step++) whole = !Number.isNaN(values[end + step])
    if (whole) rows.push(end)
  }
  const stride = Math.ceil(rows.length / ROWS_MAX)
  return stride <= 1 ? rows : rows.filter((_, i) => (rows.length - 1 - i) % stride === 0)
}

/** Ridge with the penalty that did best on the last fifth of the origins, then fitted to all of them. */
function fitWeights(values: Float64Array, rows: readonly number[], shape: Shape): number[][] {
  const held = Math.max(1, Math.floor(rows.length / 5))
  // Origins whose targets reach into the held part are left out of the trial.
  const border = rows[rows.length - held] ?? 0
  const trial = rows.filter((end) => end + shape.block_steps <= border)
  let penalty = 1e-2
  if (trial.length >= 5) {
    const system = normalSystem(values, trial, shape)
    let least = Infinity
    for (const each of PENALTIES) {
      const error = errorOf(values, rows.slice(-held), shape, solveRidge(system, each, shape))
      if (error < least) [least, penalty] = [error, each]
    }
  }
  return solveRidge(normalSystem(values, rows, shape), penalty, shape)
}

interface NormalSystem {
  gram: Float64Array
  moments: Float64Array
}

function normalSystem(values: Float64Array, rows: readonly number[], shape: Shape): NormalSystem {
  const { lags, level_steps, block_steps } = shape
  const width = lags.length
  const gram = new Float64Array(width * width)
  const moments = new Float64Array(block_steps * width)
  const x = new Float64Array(width)
  for (const end of rows) {
    const level = meanBefore(values, end, level_steps)
    for (let i = 0; i < width; i++) x[i] = values[end - lags[i]!]! - level
    for (let i = 0; i < width; i++) {
      const own = x[i]!
      for (let j = 0; j <= i; j++) gram[i * width + j]! += own * x[j]!
    }
    for (let step = 0; step < block_steps; step++) {
      const target = values[end + step]! - level
      for (let i = 0; i < width; i++) moments[step * width + i]! += target * x[i]!
    }
  }
  return { gram, moments }
}

function solveRidge({ gram, moments }: NormalSystem, penalty: number, { lags, block_steps }: Shape): number[][] {
  const width = lags.length
  let trace = 0
  for (let i = 0; i < width; i++) trace += gram[i * width + i]!
  // A series that never leaves its level has nothing to weigh.
  if (!(trace > 0)) return Array.from({ length: block_steps }, () => Array<number>(width).fill(0))
  const damped = gram.slice()
  for (let i = 0; i < width; i++) damped[i * width + i]! += (penalty * trace) / width
  const lower = cholesky(damped, width)
  if (typeof lower === 'number') return Array.from({ length: block_steps }, () => Array<number>(width).fill(0))
  return Array.from({ length: block_steps }, (_, step) =>
    Array.from(solveCholesky(lower, moments.subarray(step * width, (step + 1) * width))),
  )
}

function errorOf(values: Float64Array, rows: readonly number[], shape: Shape, weights: number[][]): number {
  let error = 0
  for (const end of rows) {
    const level = meanBefore(values, end, shape.level_steps)
    weights.forEach((row, step) => {
      let off = level - values[end + step]!
      row.forEach((weight, i) => (off += weight * (values[end - shape.lags[i]!]! - level)))
      error += off * off
    })
  }
  return error
}

function meanBefore(values: Float64Array, end: number, count: number): number {
  let sum = 0
  const from = Math.max(0, end - count)
  for (let i = from; i < end; i++) sum += values[i]!
  return sum / Math.max(1, end - from)
}

/** What is autoregressed: gaps filled, logarithms taken, what the covariates explain taken off. */
function workingValues(history: Series, learnt: Pick<Learnt, 'log' | 'season_steps' | 'covariates'>): Float64Array {
  const filled = fillGaps(history.values, learnt.season_steps)
  const explained = knownPart(learnt.covariates, history.covariates ?? {}, filled.length)
  return filled.map((value, i) => (learnt.log ? Math.log(Math.max(value, Number.MIN_VALUE)) : value) - explained[i]!)
}

function knownPart(effects: Readonly<Record<string, number>>, columns: Covariates, count: number): Float64Array {
  const sum = new Float64Array(count)
  for (const [name, effect] of Object.entries(effects)) {
    const column = columns[name]
    if (!column)
      refuseUnfit(`The forecast was learnt with ${name}, which is not there.`, [
        { path: `/covariates/${name}`, code: 'missing', message: 'the column it was learnt with' },
      ])
    for (let i = 0; i < count; i++) sum[i]! += effect * column[i]!
  }
  return sum
}

/** Effects by ridge on differences from one season before, so that a season in both is not taken for an effect. */
function covariateEffects(
  history: Series,
  names: readonly string[],
  values: Float64Array,
  season: number,
): Record<string, number> {
  const width = names.length
  if (width === 0) return {}
  const columns = names.map((name) => history.covariates?.[name] ?? new Float64Array(values.length))
  const gram = new Float64Array(width * width)
  const moments = new Float64Array(width)
  for (let t = season; t < values.length; t++) {
    if (Number.isNaN(history.values[t]! + history.values[t - season]!)) continue
    for (let i = 0; i < width; i++) {
      const own = columns[i]![t]! - columns[i]![t - season]!
      moments[i]! += own * (values[t]! - values[t - season]!)
      for (let j = 0; j <= i; j++) gram[i * width + j]! += own * (columns[j]![t]! - columns[j]![t - season]!)
    }
  }
  for (let i = 0; i < width; i++) gram[i * width + i] = gram[i * width + i]! * (1 + 1e-6) + Number.EPSILON
  const lower = cholesky(gram, width)
  const effects = typeof lower === 'number' ? new Float64Array(width) : solveCholesky(lower, moments)
  return Object.fromEntries(names.map((name, i) => [name, effects[i]!]))
}
