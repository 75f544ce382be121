import { invariant } from '../lib/invariant.ts'

/**
 * A table of numbers, one row after the other: what every learner here takes and gives.
 * NaN stands for a missing value; what a learner does with it, each says.
 */
export interface Matrix {
  /** `row_count × column_count` numbers; row r, column c stands at `r * column_count + c`. */
  values: Float64Array
  row_count: number
  column_count: number
}

/** A matrix over numbers that are already there; nothing is copied. */
export function matrixOver(values: Float64Array, row_count: number, column_count: number): Matrix {
  invariant(values.length === row_count * column_count, 'a matrix holds as many numbers as its shape says')
  return { values, row_count, column_count }
}

/** A matrix of rows of one length, copied. */
export function matrixOf(rows: readonly ArrayLike<number>[]): Matrix {
  const column_count = rows[0]?.length ?? 0
  const values = new Float64Array(rows.length * column_count)
  rows.forEach((row, r) => {
    invariant(row.length === column_count, 'the rows of a matrix have one length')
    values.set(row, r * column_count)
  })
  return { values, row_count: rows.length, column_count }
}

/** A view on one row: writing to it writes to the matrix. */
export function rowOf(matrix: Matrix, row: number): Float64Array {
  return matrix.values.subarray(row * matrix.column_count, (row + 1) * matrix.column_count)
}

/** A copy of one column. */
export function columnOf({ values, row_count, column_count }: Matrix, column: number): Float64Array {
  const taken = new Float64Array(row_count)
  for (let r = 0; r < row_count; r++) taken[r] = values[r * column_count + column]!
  return taken
}

/** A copy of the rows named, in that order; a row may be named more than once. */
export function takeRows(matrix: Matrix, rows: ArrayLike<number>): Matrix {
  const { column_count } = matrix
  const values = new Float64Array(rows.length * column_count)
  for (let r = 0; r < rows.length; r++) values.set(rowOf(matrix, rows[r]!), r * column_count)
  return { values, row_count: rows.length, column_count }
}
