import { cholesky, solveCholesky } from './linear-algebra.ts'
import { normalEquations } from './linear.ts'
import type { Matrix } from './matrix.ts'

/**
 * Where the method stands: for each row `inside` a and `room` 1 - a with their multipliers `low` and `high`, and the
 * coefficients. Throughout, residual = high - low, and Xᵀa is what it has to be; at the end a · low = room · high = 0.
 */
interface Point {
  inside: Float64Array
  room: Float64Array
  low: Float64Array
  high: Float64Array
  beta: Float64Array
}

/** Where to go from a point; `room` changes by the opposite of `inside`. */
type Direction = Omit<Point, 'room'>

export interface QuantileProgramme {
  /** The table, with a column of ones for the intercept. */
  rows: Matrix
  target: Float64Array
  level: number
  /** How far the loss may be above the least one, as a share of it. */
  tolerance: number
}

export type QuantileOutcome = { beta: Float64Array } | { dependent_column: number } | { unsettled_after: number }

const ITERATIONS_MAX = 200
/** How close to the edge a step may go. */
const STEP_SHARE = 0.99995

/**
 * The coefficients of the least Σ ρ(y - Xβ), through the dual programme max yᵀa with Xᵀa = (1 - level) Xᵀ1 and
 * 0 ≤ a ≤ 1, by a primal–dual interior-point method with Mehrotra's predictor and corrector (Portnoy and Koenker 1997).
 */
export function solveQuantile(
  programme: QuantileProgramme,
  report?: (done: { step: number; of: number; loss: number }) => void,
): QuantileOutcome {
  const { rows, target, level, tolerance } = programme
  const point = firstPoint(programme)
  if (typeof point === 'number') return { dependent_column: point }
  const wanted = columnSums(rows, point.inside)
  for (let step = 1; step <= ITERATIONS_MAX; step++) {
    const residuals = residualsOf(rows, target, point.beta)
    const loss = residuals.reduce((sum, r) => sum + (r > 0 ? level : level - 1) * r, 0)
    const gap = gapOf(point)
    report?.({ step, of: ITERATIONS_MAX, loss })
    // The gap bounds how far the loss is above the least. A loss within the rounding of targets near 1 is none.
    if (gap <= tolerance * loss || gap <= 1e-14 * rows.row_count) return { beta: point.beta }
    const system = systemAt(rows, point)
    // Few rows still count near the end; where they leave no system to solve, rounding has had the last word.
    if (typeof system === 'number') return gap <= 1e-6 * loss ? { beta: point.beta } : { dependent_column: system }
    const off = { residuals, sums: columnSums(rows, point.inside).map((sum, c) => wanted[c]! - sum) }
    const straight = directionAt(rows, point, system, off, () => [0, 0])
    const centring = (gap / (2 * rows.row_count)) * (gapAfter(point, straight) / gap) ** 3
    const bent = directionAt(rows, point, system, off, (i) => [
      centring - straight.inside[i]! * straight.low[i]!,
      centring + straight.inside[i]! * straight.high[i]!,
    ])
    move(point, bent)
  }
  return { unsettled_after: ITERATIONS_MAX }
}

/** All of `a` at 1 - level fulfils the equations; least squares gives residuals, and multipliers on their sides. */
function firstPoint({ rows, target, level }: QuantileProgramme): Point | number {
  const { row_count, column_count } = rows
  const { gram, moments } = normalEquations(rows, target, new Float64Array(row_count).fill(1))
  const lower = cholesky(gram, column_count)
  if (typeof lower === 'number') return lower
  const beta = solveCholesky(lower, moments)
  const residuals = residualsOf(rows, target, beta)
  const margin = 1e-12 + (0.1 * residuals.reduce((sum, r) => sum + Math.abs(r), 0)) / row_count
  return {
    inside: new Float64Array(row_count).fill(1 - level),
    room: new Float64Array(row_count).fill(level),
    low: residuals.map((r) => Math.max(-r, 0) + margin),
    high: residuals.map((r) => Math.max(r, 0) + margin),
    beta,
  }
}

interface System {
  /** The triangle of Xᵀ D X. */
  lower: Float64Array
  /** D = 1 / (low / inside + high / room). */
  d: Float64Array
}

function systemAt(rows: Matrix, { inside, room, low, high }: Point): System | number {
  const d = inside.map((a, i) => 1 / (low[i]! / a + high[i]! / room[i]!))
  const { gram } = normalEquations(rows, d, d)
  const lower = cholesky(gram, rows.column_count)
  return typeof lower === 'number' ? lower : { lower, d }
}

/** Newton's direction towards inside · low and room · high as `products` asks for each row, and back to feasibility. */
function directionAt(
  rows: Matrix,
  { inside, room, low, high }: Point,
  { lower, d }: System,
  off: { residuals: Float64Array; sums: Float64Array },
  products: (row: number) => [low: number, high: number],
): Direction {
  const low_free = new Float64Array(rows.row_count)
  const high_free = new Float64Array(rows.row_count)
  const pull = new Float64Array(rows.row_count)
  for (let i = 0; i < rows.row_count; i++) {
    const [low_product, high_product] = products(i)
    low_free[i] = low_product / inside[i]! - low[i]!
    high_free[i] = high_product / room[i]! - high[i]!
    pull[i] = off.residuals[i]! - high[i]! + low[i]! + low_free[i]! - high_free[i]!
  }
  const { moments } = normalEquations(rows, pull, d)
  const beta = solveCholesky(
    lower,
    moments.map((moment, c) => moment - off.sums[c]!),
  )
  const inside_step = residualsOf(rows, pull, beta).map((rest, i) => d[i]! * rest)
  return {
    beta,
    inside: inside_step,
    low: low_free.map((free, i) => free - (low[i]! / inside[i]!) * inside_step[i]!),
    high: high_free.map((free, i) => free + (high[i]! / room[i]!) * inside_step[i]!),
  }
}

/** How far `a` on one hand and the multipliers on the other can go before one of them would be negative; at most 1. */
function stepsAlong({ inside, room, low, high }: Point, to: Direction): { primal: number; dual: number } {
  let primal = 1 / STEP_SHARE
  let dual = 1 / STEP_SHARE
  for (let i = 0; i < inside.length; i++) {
    if (to.inside[i]! < 0) primal = Math.min(primal, -inside[i]! / to.inside[i]!)
    else if (to.inside[i]! > 0) primal = Math.min(primal, room[i]! / to.inside[i]!)
    if (to.low[i]! < 0) dual = Math.min(dual, -low[i]! / to.low[i]!)
    if (to.high[i]! < 0) dual = Math.min(dual, -high[i]! / to.high[i]!)
  }
  return { primal: primal * STEP_SHARE, dual: dual * STEP_SHARE }
}

function move({ inside, room, low, high, beta }: Point, to: Direction): void {
  const { primal, dual } = stepsAlong({ inside, room, low, high, beta }, to)
  for (let i = 0; i < inside.length; i++) {
    inside[i]! += primal * to.inside[i]!
    room[i]! -= primal * to.inside[i]!
    low[i]! += dual * to.low[i]!
    high[i]! += dual * to.high[i]!
  }
  for (let c = 0; c < beta.length; c++) beta[c]! += dual * to.beta[c]!
}

function gapOf({ inside, room, low, high }: Point): number {
  let gap = 0
  for (let i = 0; i < inside.length; i++) gap += inside[i]! * low[i]! + room[i]! * high[i]!
  return gap
}

function gapAfter(point: Point, to: Direction): number {
  const { primal, dual } = stepsAlong(point, to)
  let gap = 0
  for (let i = 0; i < point.inside.length; i++) {
    const step = primal * to.inside[i]!
    gap += (point.inside[i]! + step) * (point.low[i]! + dual * to.low[i]!)
    gap += (point.room[i]! - step) * (point.high[i]! + dual * to.high[i]!)
  }
  return gap
}

/** y - Xβ. */
function residualsOf({ values, row_count, column_count }: Matrix, y: Float64Array, beta: Float64Array): Float64Array {
  const residuals = Float64Array.from(y)
  for (let r = 0; r < row_count; r++)
    for (let c = 0; c < column_count; c++) residuals[r]! -= values[r * column_count + c]! * beta[c]!
  return residuals
}

/** Xᵀa. */
function columnSums({ values, row_count, column_count }: Matrix, a: Float64Array): Float64Array {
  const sums = new Float64Array(column_count)
  for (let r = 0; r < row_count; r++)
    for (let c = 0; c < column_count; c++) sums[c]! += values[r * column_count + c]! * a[r]!
  return sums
}
