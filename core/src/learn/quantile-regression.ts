import { demandWeights, refuseDependent, scaledRows, scalingOf, unscaled, type Linear } from './linear.ts'
import { matrixOver, type Matrix } from './matrix.ts'
import { solveQuantile } from './quantile-interior.ts'
import { demandNumbers, demandOption, demandPerRow, refuseUnfit } from './unfit.ts'

export interface QuantileOptions {
  /** The share of rows below the line, from 0.001 to 0.999; 0.5 by default, the median (least absolute deviations). */
  level?: number
  /** One per row, at least 0; all 1 by default. */
  weights?: ArrayLike<number>
  /** How far the loss may be above the least one, as a share of it; 1e-9 by default. */
  tolerance?: number
  /** Called in each iteration; throwing from it cancels the fit. */
  report?: (done: { step: number; of: number; loss: number }) => void
}

/**
 * The line with a share `level` of the rows below it, which has the least Σ w ρ(y - ŷ), ρ(r) = level·r above the line and
 * (level - 1)·r below (R. Koenker and G. Bassett, Econometrica 46, 1978). The loss is within `tolerance` of the least:
 * the duality gap proves it. Where several lines are equally good, one from amid them is given. Refuses missing values,
 * infinities and columns that are sums of others (`learn/data-unfit`).
 */
export function fitQuantile(matrix: Matrix, target: ArrayLike<number>, options: QuantileOptions = {}): Linear {
  const { level = 0.5, tolerance = 1e-9, report } = options
  demandNumbers(matrix, 'refused')
  demandPerRow('target', target, matrix.row_count)
  demandOption('level', level, { least: 0.001, most: 0.999 })
  demandOption('tolerance', tolerance, { least: 1e-12, most: 0.1 })
  const weights = demandWeights(options.weights, matrix.row_count)
  const scaling = scalingOf(matrix, weights, true, true)
  const { columns } = scaling
  const centre = target[weights.findIndex((weight) => weight > 0)] ?? Number.NaN
  // Not `Math.max(...)`: a million arguments are too many.
  const spread = weights.reduce((most, weight, r) => Math.max(most, weight > 0 ? Math.abs(target[r]! - centre) : 0), 0)
  const done = (scaled: ArrayLike<number>, level: number) =>
    unscaled('quantile', scaled, level, scaling, matrix.column_count)
  if (spread === 0) return done(new Float64Array(columns.length), centre)
  // A row that weighs w is a row multiplied by w: ρ(w r) = w ρ(r).
  const scaled_target = weights.map((weight, r) => (weight === 0 ? 0 : (weight * (target[r]! - centre)) / spread))
  const rows = withIntercept(scaledRows(matrix, scaling), weights)
  const outcome = solveQuantile({ rows, target: scaled_target, level, tolerance }, report)
  if ('dependent_column' in outcome) return refuseDependent(columns[outcome.dependent_column - 1] ?? 0)
  if ('unsettled_after' in outcome)
    return refuseUnfit(`The quantile did not settle in ${outcome.unsettled_after} steps.`, [
      { path: '/options/tolerance', code: 'unsettled', message: 'A coarser tolerance, or columns less alike' },
    ])
  const [level_found = 0, ...slopes] = outcome.beta
  return done(
    slopes.map((slope) => slope * spread),
    centre + level_found * spread,
  )
}

/** A column of ones first, and every row times its weight. */
function withIntercept({ values, row_count, column_count }: Matrix, weights: Float64Array): Matrix {
  const wider = new Float64Array(row_count * (column_count + 1))
  for (let r = 0; r < row_count; r++) {
    const at = r * (column_count + 1)
    wider[at] = weights[r]!
    for (let c = 0; c < column_count; c++) wider[at + 1 + c] = weights[r]! * values[r * column_count + c]!
  }
  return matrixOver(wider, row_count, column_count + 1)
}
