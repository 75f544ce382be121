import { z } from 'zod'
import { cholesky, solveCholesky } from './linear-algebra.ts'
import { rowOf, type Matrix } from './matrix.ts'
import { readModelFile } from './read-model-file.ts'
import { demandColumns, demandNumbers, demandOption, demandPerRow, refuseUnfit } from './unfit.ts'

/** A weighted sum of the columns: y = intercept + Σ coefficient · x. What ridge, quantile, Huber and NNLS all give. */
export interface Linear {
  method: 'ridge' | 'quantile' | 'huber' | 'non-negative'
  intercept: number
  /** One per column, in the units of target per column; 0 for a column that is constant. */
  coefficients: Float64Array
}

export interface RidgeOptions {
  /** λ ≥ 0 in Σ w (y - ŷ)² + λ Σ β²; 1 by default. 0 is least squares, which needs columns that are no sums of others. */
  penalty?: number
  /** Whether β counts in deviations of its column, so that units do not matter to the penalty; true by default. */
  standardise?: boolean
  /** Whether there is an intercept, which is never penalised; true by default. */
  intercept?: boolean
  /** One per row, at least 0; all 1 by default. */
  weights?: ArrayLike<number>
}

/**
 * Ridge regression by the normal equations of centred and scaled columns (A. E. Hoerl and R. W. Kennard, Technometrics 12,
 * 1970). Refuses missing values, infinities and, without a penalty, columns that are sums of others (`learn/data-unfit`).
 */
export function fitRidge(matrix: Matrix, target: ArrayLike<number>, options: RidgeOptions = {}): Linear {
  const { penalty = 1, standardise = true, intercept = true } = options
  demandNumbers(matrix, 'refused')
  demandPerRow('target', target, matrix.row_count)
  demandOption('penalty', penalty, { least: 0, most: Number.MAX_VALUE })
  const weights = demandWeights(options.weights, matrix.row_count)
  const scaling = scalingOf(matrix, weights, intercept, standardise)
  const target_mean = intercept ? weightedMean(target, weights) : 0
  const scaled = scaledRows(matrix, scaling)
  const { gram, moments } = normalEquations(
    scaled,
    Float64Array.from(target, (y) => y - target_mean),
    weights,
  )
  const size = scaling.columns.length
  for (let k = 0; k < size; k++) gram[k * size + k]! += penalty
  const lower = cholesky(gram, size)
  if (typeof lower === 'number') return refuseDependent(scaling.columns[lower] ?? 0)
  return unscaled('ridge', solveCholesky(lower, moments), target_mean, scaling, matrix.column_count)
}

/** The model's answer for each row. Refuses other columns, missing values and infinities (`learn/data-unfit`). */
export function predictLinear({ intercept, coefficients }: Linear, matrix: Matrix): Float64Array {
  demandColumns(matrix, coefficients.length)
  if (matrix.values.length > 0) demandNumbers(matrix, 'refused')
  return Float64Array.from({ length: matrix.row_count }, (_, r) => {
    const row = rowOf(matrix, r)
    let sum = intercept
    for (let c = 0; c < row.length; c++) sum += coefficients[c]! * row[c]!
    return sum
  })
}

export type LinearFile = z.infer<typeof LinearFile>
export const LinearFile = z.object({
  kind: z.literal('linear'),
  version: z.literal(1),
  method: z.enum(['ridge', 'quantile', 'huber', 'non-negative']),
  intercept: z.number(),
  coefficients: z.array(z.number()).min(1).max(1_000_000),
})

export function writeLinear({ method, intercept, coefficients }: Linear): LinearFile {
  return { kind: 'linear', version: 1, method, intercept, coefficients: [...coefficients] }
}

/** Refuses what is not a linear model: `learn/model-file-invalid`. */
export function readLinear(file: unknown): Linear {
  const { method, intercept, coefficients } = readModelFile(LinearFile, file, 'a linear model')
  return { method, intercept, coefficients: Float64Array.from(coefficients) }
}

// --- What the fits share ---------------------------------------------------------------------------------------------

/** How the columns that vary were centred and scaled; constant columns are left out and get a coefficient of 0. */
export interface Scaling {
  /** The columns kept, in their order. */
  columns: number[]
  means: Float64Array
  scales: Float64Array
}

export function demandWeights(weights: ArrayLike<number> | undefined, row_count: number): Float64Array {
  if (weights === undefined) return new Float64Array(row_count).fill(1)
  demandPerRow('weights', weights, row_count)
  const taken = Float64Array.from(weights)
  const negative = taken.findIndex((weight) => weight < 0)
  if (negative >= 0 || !taken.some((weight) => weight > 0))
    refuseUnfit('Weights are at least 0, and one of them is above.', [
      { path: `/weights/${Math.max(negative, 0)}`, code: 'weight', message: 'At least 0', value: taken[negative] },
    ])
  // What counts is one weight beside another; the mean of those that count is 1, so that sums neither vanish nor overflow.
  const most = taken.reduce((a, b) => Math.max(a, b), 0)
  return most > 1e100 || most < 1e-100 ? taken.map((weight) => weight / most) : taken
}

/** Weighted means and deviations; without an intercept nothing is centred, and the scale is the root mean square. */
export function scalingOf(matrix: Matrix, weights: Float64Array, centred: boolean, standardise: boolean): Scaling {
  const scaling: Scaling = {
    columns: [],
    means: new Float64Array(matrix.column_count),
    scales: new Float64Array(matrix.column_count),
  }
  for (let c = 0; c < matrix.column_count; c++) {
    const column = Float64Array.from(
      { length: matrix.row_count },
      (_, r) => matrix.values[r * matrix.column_count + c]!,
    )
    const mean = centred ? weightedMean(column, weights) : 0
    const largest = column.reduce((most, x, r) => (weights[r]! > 0 ? Math.max(most, Math.abs(x - mean)) : most), 0)
    // Deviations as small as the rounding of the mean are none.
    if (largest <= 1e-14 * Math.abs(mean)) continue
    const squares = weightedMean(
      column.map((x) => ((x - mean) / largest) ** 2),
      weights,
    )
    scaling.columns.push(c)
    scaling.means[c] = mean
    scaling.scales[c] = standardise ? largest * Math.sqrt(squares) : 1
  }
  return scaling
}

export function scaledRows(matrix: Matrix, { columns, means, scales }: Scaling): Matrix {
  const values = new Float64Array(matrix.row_count * columns.length)
  for (let r = 0; r < matrix.row_count; r++) {
    columns.forEach((c, k) => {
      values[r * columns.length + k] = (matrix.values[r * matrix.column_count + c]! - means[c]!) / scales[c]!
    })
  }
  return { values, row_count: matrix.row_count, column_count: columns.length }
}

/** Xᵀ W X and Xᵀ W y. */
export function normalEquations({ values, row_count, column_count }: Matrix, y: Float64Array, weights: Float64Array) {
  const gram = new Float64Array(column_count * column_count)
  const moments = new Float64Array(column_count)
  for (let r = 0; r < row_count; r++) {
    const at = r * column_count
    for (let i = 0; i < column_count; i++) {
      const weighted = weights[r]! * values[at + i]!
      moments[i]! += weighted * y[r]!
      for (let j = 0; j <= i; j++) gram[i * column_count + j]! += weighted * values[at + j]!
    }
  }
  for (let i = 0; i < column_count; i++)
    for (let j = 0; j < i; j++) gram[j * column_count + i] = gram[i * column_count + j]!
  return { gram, moments }
}

/** Coefficients of scaled columns, told in the units of the table. */
export function unscaled(
  method: Linear['method'],
  scaled: ArrayLike<number>,
  level: number,
  { columns, means, scales }: Scaling,
  column_count: number,
): Linear {
  const coefficients = new Float64Array(column_count)
  let intercept = level
  columns.forEach((c, k) => {
    coefficients[c] = scaled[k]! / scales[c]!
    intercept -= coefficients[c]! * means[c]!
  })
  return { method, intercept, coefficients }
}

export function refuseDependent(column: number): never {
  return refuseUnfit(
    `Column ${column} is, to within rounding, a sum of columns before it; leave it out or set a penalty.`,
    [{ path: `/columns/${column}`, code: 'dependent', message: 'A column that others do not already say' }],
  )
}

function weightedMean(numbers: ArrayLike<number>, weights: Float64Array): number {
  let total = 0
  for (const weight of weights) total += weight
  let mean = 0
  for (let r = 0; r < weights.length; r++) mean += (weights[r]! / total) * numbers[r]!
  // A second pass takes back what rounding cost the first.
  let correction = 0
  for (let r = 0; r < weights.length; r++)
    if (weights[r]! > 0) correction += (weights[r]! / total) * (numbers[r]! - mean)
  return mean + correction
}
