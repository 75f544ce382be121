import { invariant } from '../lib/invariant.ts'
import { cholesky, solveCholesky } from './linear-algebra.ts'
import { demandWeights, normalEquations, scaledRows, scalingOf, unscaled, type Linear } from './linear.ts'
import type { Matrix } from './matrix.ts'
import { demandNumbers, demandPerRow } from './unfit.ts'

export interface NonNegativeOptions {
  /** One per row, at least 0; all 1 by default. */
  weights?: ArrayLike<number>
}

/**
 * Least squares with no coefficient below 0 and no intercept: how much of each column, when none can be taken back. The
 * active-set method of C. L. Lawson and R. J. Hanson, Solving Least Squares Problems (1974), chapter 23, on the normal
 * equations of columns scaled to length 1. Columns that are sums of others get nothing beside them. Refuses missing values
 * and infinities (`learn/data-unfit`).
 */
export function fitNonNegative(matrix: Matrix, target: ArrayLike<number>, options: NonNegativeOptions = {}): Linear {
  demandNumbers(matrix, 'refused')
  demandPerRow('target', target, matrix.row_count)
  const weights = demandWeights(options.weights, matrix.row_count)
  const scaling = scalingOf(matrix, weights, false, true)
  const y = Float64Array.from(target)
  const { gram, moments } = normalEquations(scaledRows(matrix, scaling), y, weights)
  return unscaled('non-negative', solveNonNegative(gram, moments), 0, scaling, matrix.column_count)
}

/** The x ≥ 0 of least xᵀGx/2 - mᵀx, for a symmetric G without negative eigenvalues. */
export function solveNonNegative(gram: Float64Array, moments: Float64Array): Float64Array {
  const size = moments.length
  const x = new Float64Array(size)
  const taken: number[] = []
  const passed_over = new Set<number>()
  const small = 1e-12 * moments.reduce((most, moment) => Math.max(most, Math.abs(moment)), 0)
  // Each round lowers the loss, so no set of columns comes twice; three rounds a column is what the authors ever saw.
  for (let round = 0; ; round++) {
    invariant(round <= 100 * (size + 1), 'non-negative least squares ends')
    const slopes = moments.map((moment, i) => x.reduce((rest, value, j) => rest - gram[i * size + j]! * value, moment))
    const best = steepest(slopes, taken, passed_over, small)
    if (best === undefined) return x
    taken.push(best)
    let free = solveOn(gram, moments, taken)
    // A column that others already say, or that only rounding recommends, would be taken and given back for ever.
    if (free === undefined || !(free[free.length - 1]! > 0)) {
      taken.pop()
      passed_over.add(best)
      continue
    }
    passed_over.clear()
    while (free !== undefined && free.some((value) => value <= 0)) {
      giveBack(x, taken, free)
      free = solveOn(gram, moments, taken)
    }
    invariant(free !== undefined, 'columns that were independent stay so when some leave')
    taken.forEach((column, k) => (x[column] = free[k]!))
  }
}

function steepest(
  slopes: Float64Array,
  taken: readonly number[],
  passed_over: ReadonlySet<number>,
  small: number,
): number | undefined {
  let best: number | undefined
  slopes.forEach((slope, i) => {
    if (slope <= small || taken.includes(i) || passed_over.has(i)) return
    if (best === undefined || slope > slopes[best]!) best = i
  })
  return best
}

/** Goes towards the free solution as far as all stay at least 0, and lets go of those that arrive there. */
function giveBack(x: Float64Array, taken: number[], free: Float64Array): void {
  const reach = (column: number, k: number) => {
    if (free[k]! > 0) return 1
    return x[column] === 0 ? 0 : x[column]! / (x[column]! - free[k]!)
  }
  const share = taken.reduce((least, column, k) => Math.min(least, reach(column, k)), 1)
  const leaving = new Set(taken.filter((column, k) => free[k]! <= 0 && reach(column, k) <= share))
  taken.forEach((column, k) => {
    x[column] = leaving.has(column) ? 0 : Math.max(0, x[column]! + share * (free[k]! - x[column]!))
  })
  taken.splice(0, taken.length, ...taken.filter((column) => !leaving.has(column)))
}

/** The free solution on these columns; undefined where one is a sum of the others. */
function solveOn(gram: Float64Array, moments: Float64Array, columns: readonly number[]): Float64Array | undefined {
  const size = columns.length
  const part = Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [columns[Math.floor(at / size)]!, columns[at % size]!]
    return gram[i * moments.length + j]!
  })
  const lower = cholesky(part, size)
  if (typeof lower === 'number') return undefined
  return solveCholesky(
    lower,
    Float64Array.from(columns, (column) => moments[column]!),
  )
}
