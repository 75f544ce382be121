import { z } from 'zod'
import { symmetricEigen } from './linear-algebra.ts'
import { matrixOver, type Matrix } from './matrix.ts'
import { readModelFile } from './read-model-file.ts'
import { demandColumns, demandCount, demandNumbers, demandOption } from './unfit.ts'

/** Principal components: the perpendicular directions along which rows differ most, from the most to the least. */
export interface Pca {
  column_count: number
  means: Float64Array
  /** What each column is divided by: its deviation, or 1; a constant column has 1. */
  scales: Float64Array
  /** One direction of length 1 after the other, each of `column_count` numbers. The largest of each is positive. */
  components: Float64Array
  /** The variance of the rows along each direction, with n - 1; in squared units, or in deviations when standardised. */
  variances: Float64Array
  /** The variance along all directions, kept or not. */
  variance_total: number
}

export interface PcaOptions {
  /** How many directions to keep; by default all that there can be, the lesser of columns and rows - 1 (at least 1). */
  component_count?: number
  /** Whether columns are divided by their deviation first, so that units do not matter; false by default. */
  standardise?: boolean
}

/** Rotations take time with the third power: a second for 300 columns. */
const COLUMNS_MAX = 1000

/**
 * Finds the directions by the eigenvectors of the covariance of the columns (K. Pearson, 1901; H. Hotelling, 1933).
 * The sign of a direction means nothing; it is chosen so that its largest number is positive. Refuses missing values,
 * infinities and more than 1,000 columns (`learn/data-unfit`).
 */
export function fitPca(matrix: Matrix, options: PcaOptions = {}): Pca {
  demandNumbers(matrix, 'refused')
  const { row_count, column_count } = matrix
  demandCount('columns', column_count, { least: 1, most: COLUMNS_MAX })
  const possible = Math.max(1, Math.min(column_count, row_count - 1))
  const component_count = options.component_count ?? possible
  demandOption('component_count', component_count, { least: 1, most: possible, whole: true })
  const { means, scales } = scalesOf(matrix, options.standardise ?? false)
  const centred = centredRows(matrix, means, scales)
  const freedom = Math.max(1, row_count - 1)
  const variance_total = centred.values.reduce((sum, x) => sum + x * x, 0) / freedom
  const { values, vectors } = symmetricEigen(columnProducts(centred), column_count)
  return {
    column_count,
    means,
    scales,
    components: vectors.slice(0, component_count * column_count),
    // Rounding can leave a variance just below nothing.
    variances: values.slice(0, component_count).map((value) => Math.max(0, value) / freedom),
    variance_total,
  }
}

/** How far each row lies along each direction: `row_count × component_count`. */
export function transformPca(pca: Pca, matrix: Matrix): Matrix {
  demandColumns(matrix, pca.column_count)
  if (matrix.values.length > 0) demandNumbers(matrix, 'refused')
  const component_count = pca.variances.length
  const { values } = centredRows(matrix, pca.means, pca.scales)
  const places = new Float64Array(matrix.row_count * component_count)
  for (let r = 0; r < matrix.row_count; r++)
    for (let k = 0; k < component_count; k++) {
      let place = 0
      for (let c = 0; c < pca.column_count; c++)
        place += values[r * pca.column_count + c]! * pca.components[k * pca.column_count + c]!
      places[r * component_count + k] = place
    }
  return matrixOver(places, matrix.row_count, component_count)
}

/** The rows at these places, in the units of the table; what was lost with directions not kept stays lost. */
export function restorePca(pca: Pca, places: Matrix): Matrix {
  const component_count = pca.variances.length
  demandColumns(places, component_count)
  const values = new Float64Array(places.row_count * pca.column_count)
  for (let r = 0; r < places.row_count; r++)
    for (let c = 0; c < pca.column_count; c++) {
      let sum = 0
      for (let k = 0; k < component_count; k++)
        sum += places.values[r * component_count + k]! * pca.components[k * pca.column_count + c]!
      values[r * pca.column_count + c] = pca.means[c]! + pca.scales[c]! * sum
    }
  return matrixOver(values, places.row_count, pca.column_count)
}

/** The share of all variance along each direction kept; 0 where rows do not differ at all. */
export function explainedShares({ variances, variance_total }: Pca): Float64Array {
  return variances.map((variance) => (variance_total === 0 ? 0 : variance / variance_total))
}

function scalesOf({ values, row_count, column_count }: Matrix, standardise: boolean) {
  const means = new Float64Array(column_count)
  const scales = new Float64Array(column_count).fill(1)
  for (let c = 0; c < column_count; c++) {
    for (let r = 0; r < row_count; r++) means[c]! += values[r * column_count + c]! / row_count
    let squares = 0
    for (let r = 0; r < row_count; r++) squares += (values[r * column_count + c]! - means[c]!) ** 2
    const deviation = Math.sqrt(squares / Math.max(1, row_count - 1))
    if (standardise && deviation > 1e-14 * Math.abs(means[c]!)) scales[c] = deviation
  }
  return { means, scales }
}

function centredRows({ values, row_count, column_count }: Matrix, means: Float64Array, scales: Float64Array): Matrix {
  const centred = values.map((x, at) => (x - means[at % column_count]!) / scales[at % column_count]!)
  return matrixOver(centred, row_count, column_count)
}

/** XᵀX. */
function columnProducts({ values, row_count, column_count }: Matrix) {
  const products = new Float64Array(column_count * column_count)
  for (let r = 0; r < row_count; r++)
    for (let i = 0; i < column_count; i++)
      for (let j = 0; j <= i; j++)
        products[i * column_count + j]! += values[r * column_count + i]! * values[r * column_count + j]!
  for (let i = 0; i < column_count; i++)
    for (let j = 0; j < i; j++) products[j * column_count + i] = products[i * column_count + j]!
  return products
}

export type PcaFile = z.infer<typeof PcaFile>
const numbers = z.array(z.number()).min(1).max(COLUMNS_MAX)
export const PcaFile = z.object({
  kind: z.literal('pca'),
  version: z.literal(1),
  means: numbers,
  scales: z.array(z.number().positive()).min(1).max(COLUMNS_MAX),
  components: z.array(numbers).min(1).max(COLUMNS_MAX),
  variances: z.array(z.number().min(0)).min(1).max(COLUMNS_MAX),
  variance_total: z.number().min(0),
})

export function writePca({ column_count, means, scales, components, variances, variance_total }: Pca): PcaFile {
  const lists = Array.from(variances, (_, k) => [...components.subarray(k * column_count, (k + 1) * column_count)])
  return {
    kind: 'pca',
    version: 1,
    means: [...means],
    scales: [...scales],
    components: lists,
    variances: [...variances],
    variance_total,
  }
}

/** Refuses what is not one, or has lists of different lengths: `learn/model-file-invalid`. */
export function readPca(file: unknown): Pca {
  const whole = PcaFile.refine(
    ({ means, scales, components, variances }) =>
      scales.length === means.length &&
      components.length === variances.length &&
      components.every((component) => component.length === means.length),
    'every direction must have one number per column and a variance',
  )
  const { means, scales, components, variances, variance_total } = readModelFile(whole, file, 'principal components')
  return {
    column_count: means.length,
    means: Float64Array.from(means),
    scales: Float64Array.from(scales),
    components: Float64Array.from(components.flat()),
    variances: Float64Array.from(variances),
    variance_total,
  }
}
