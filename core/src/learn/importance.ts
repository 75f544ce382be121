import { Problem } from '../lib/problem.ts'
import { columnOf, matrixOver, type Matrix } from './matrix.ts'
import { randomOf, range, shuffle } from './random.ts'

/** What a column is worth to a model: how much its loss grows when the column's values are dealt to other rows. */
export interface Importance {
  /** The columns shuffled together. */
  columns: number[]
  /** Mean growth of the loss over the repeats, in the unit of the loss; about 0 or below it for a column without use. */
  importance_mean: number
  /** Standard deviation over the repeats: what the luck of the shuffle does. */
  importance_sd: number
}

export interface PermutationImportance {
  /** The loss on the rows as they are. */
  loss: number
  importances: Importance[]
}

export interface ImportanceOptions {
  /** Less is better: `rmse`, `logLoss`, or `1 - auc`. */
  loss: (actual: Float64Array, predicted: Float64Array) => number
  /** Shuffles of each column; 5. */
  repeat_count?: number
  /** Names the shuffles; 0. */
  seed?: number
  /** Columns that belong together, such as those of one category, in lists; every column alone when absent. */
  together?: readonly (readonly number[])[]
  /** Called after each shuffle; throwing cancels. */
  report?: (done: { step: number; of: number }) => void
}

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) of any model on rows it has not learnt from. Columns
 * that say the same stand in for each other, and both look unimportant: shuffle them `together`.
 */
export function permutationImportance(
  predict: (matrix: Matrix) => Float64Array,
  matrix: Matrix,
  actual: Float64Array,
  { loss, repeat_count = 5, seed = 0, together, report }: ImportanceOptions,
): PermutationImportance {
  const { row_count, column_count } = matrix
  checkAsked(matrix, actual, repeat_count)
  const groups = together ?? Array.from(range(column_count), (column) => [column])
  const unchanged = loss(actual, predict(matrix))
  const worked = matrixOver(matrix.values.slice(), row_count, column_count)
  const random = randomOf(seed)
  const importances = groups.map((columns, group) => {
    const kept = columns.map((column) => {
      if (!(column >= 0 && column < column_count)) throw unfit(`There is no column ${column} of ${column_count}.`)
      return columnOf(matrix, column)
    })
    // Each group draws from a row of its own, so asking for fewer columns does not change the others.
    const chance = random.fork(columns[0] ?? group)
    const growths = Array.from({ length: repeat_count }, (_, repeat) => {
      const order = shuffle(range(row_count), chance)
      columns.forEach((column, c) => writeColumn(worked, column, kept[c]!, order))
      const growth = loss(actual, predict(worked)) - unchanged
      report?.({ step: group * repeat_count + repeat + 1, of: groups.length * repeat_count })
      return growth
    })
    columns.forEach((column, c) => writeColumn(worked, column, kept[c]!, range(row_count)))
    return { columns: [...columns], ...spreadOf(growths) }
  })
  return { loss: unchanged, importances }
}

function unfit(detail: string): Problem {
  return new Problem('learn/data-unfit', { detail })
}

function checkAsked({ row_count }: Matrix, actual: Float64Array, repeat_count: number): void {
  if (row_count < 2) throw unfit(`Shuffling ${row_count} rows changes nothing; it takes two.`)
  if (actual.length !== row_count) throw unfit(`There are ${row_count} rows and ${actual.length} true values.`)
  if (!(Number.isInteger(repeat_count) && repeat_count >= 1)) throw unfit(`${repeat_count} shuffles are none.`)
}

function writeColumn({ values, column_count }: Matrix, column: number, kept: Float64Array, order: Uint32Array): void {
  for (let row = 0; row < order.length; row++) values[row * column_count + column] = kept[order[row]!]!
}

function spreadOf(growths: readonly number[]): { importance_mean: number; importance_sd: number } {
  const importance_mean = growths.reduce((sum, each) => sum + each, 0) / growths.length
  const squares = growths.reduce((sum, each) => sum + (each - importance_mean) ** 2, 0)
  return { importance_mean, importance_sd: growths.length > 1 ? Math.sqrt(squares / (growths.length - 1)) : 0 }
}
