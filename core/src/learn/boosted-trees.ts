import { binTable, codesByCategory } from './boosted-trees-bins.ts'
import { boost } from './boosted-trees-boost.ts'
import { type ObjectiveName, objectiveOf } from './boosted-trees-objectives.ts'
import { lessonOf, partsOf, settingsOf } from './boosted-trees-settings.ts'
import { alone, type Crew } from './crew.ts'
import type { Matrix } from './matrix.ts'
import { leafOf, type Tree } from './tree.ts'
import { demandColumns } from './unfit.ts'

export { boostedTreesBytes } from './boosted-trees-memory.ts'
export { readBoostedTrees, writeBoostedTrees, BoostedTreesFile } from './boosted-trees-file.ts'
export type { ObjectiveName } from './boosted-trees-objectives.ts'

export interface BoostedTreesOptions {
  /** What to make small; `{ name: 'squared' }`. */
  objective?: ObjectiveName
  /** At most this many trees; 100. */
  tree_count?: number
  /** What share of its answer each tree contributes, above 0; 0.1. */
  learning_rate?: number
  /** Per tree, from 2; 31. */
  max_leaves?: number
  /** Splits between root and leaf, at most; unlimited. */
  max_depth?: number
  /** Rows in a leaf, at least; 20. */
  min_samples_leaf?: number
  /** Sum of second derivatives in a leaf, at least; 0.001. */
  min_hessian_leaf?: number
  /** Draws leaves to 0, in units of second derivatives; 0. */
  l2?: number
  /** A split must lower twice the loss by more than this; 0. */
  min_gain?: number
  /** Bins per column, from 2 to 255; 255. */
  max_bins?: number
  /** Columns whose numbers are names: categories that come up most have a bin, up to `max_bins`; none. */
  categorical_columns?: readonly number[]
  /** How many rows of mean 0 each category is given before categories are put in order; 10. */
  category_smoothing?: number
  /** Per column 1: predictions may only rise with it; -1: only fall; 0: both; all 0. */
  monotone?: readonly number[]
  /** Share of the rows (of the groups, where there are) drawn anew for each tree; 1. */
  row_share?: number
  /** Share of the columns drawn anew for each tree; 1. */
  column_share?: number
  /** Per row, from 0; all 1. */
  weights?: ArrayLike<number>
  /** Per row the group it is ranked in: any numbers; needed for ranking alone. */
  groups?: ArrayLike<number>
  early_stopping?: EarlyStopping
  /** Names one course of chance; 0. */
  seed?: number
  /** Called after each tree; `loss` is that of the rows kept back. Throwing from it ends the fit. */
  report?: (done: { step: number; of: number; loss?: number }) => void
}

/** Rows are kept back, and trees that did not help there are cut off. */
export interface EarlyStopping {
  /** The rows to keep back; else a share of all is drawn. */
  validation_rows?: ArrayLike<number>
  /** Share of the rows, or of the groups; 0.1. */
  share?: number
  /** Stops after so many trees without a new best; 10. */
  rounds?: number
  /** A new best is lower by more than this; 1e-7. */
  tolerance?: number
}

/** A sum of trees. */
export interface BoostedTrees {
  objective: ObjectiveName
  column_count: number
  /** Per column of categories those that were learnt, ascending: a category's code is its place. */
  categories: (Float64Array | undefined)[]
  /** What is predicted, before `answer`, where no tree says anything. */
  base: number
  trees: Tree[]
  /** The loss of the rows kept back after each tree that was tried; empty without early stopping. */
  validation_losses: number[]
}

/**
 * Fits gradient-boosted trees on histograms (Friedman 2001; Ke et al. 2017): each tree takes a Newton step on what the ones
 * before left over. NaN is missing and goes where it helps most; infinities are the largest and smallest of values.
 *
 * Every member of a crew calls this with the same arguments and gets the same model, to the bit, whatever the crew's size.
 *
 * @throws {Problem} learn/data-unfit
 */
export function fitBoostedTrees(
  matrix: Matrix,
  target: ArrayLike<number>,
  options: BoostedTreesOptions = {},
  crew: Crew = alone(),
): BoostedTrees {
  const settings = settingsOf(matrix, target, options)
  const objective = objectiveOf(settings.objective, options.weights !== undefined)
  const lesson = lessonOf(target, options, objective, crew)
  const parts = partsOf(settings, lesson, matrix.row_count)
  const { max_bins, categorical, seed } = settings
  const table = binTable(matrix, { max_bins, categorical, seed, edge_rows: parts.training }, crew)
  const { base, trees, validation_losses } = boost({ table, lesson, objective, settings, parts, crew })
  const categories = table.columns.map((column) => column.categories)
  return {
    objective: settings.objective,
    column_count: matrix.column_count,
    categories,
    base,
    trees,
    validation_losses,
  }
}

/**
 * One prediction per row: a mean, a quantile, a probability, a rate or a score, as the objective says. `raw`: what the trees
 * add up to (a logit, a logarithm of a rate).
 *
 * @throws {Problem} learn/data-unfit if the columns are not those of the fit
 */
export function predictBoostedTrees(model: BoostedTrees, matrix: Matrix, { raw = false } = {}): Float64Array {
  demandColumns(matrix, model.column_count)
  const { values, row_count, column_count } = withCodes(model, matrix)
  const sums = new Float64Array(row_count).fill(model.base)
  for (let first = 0; first < row_count; first += ROWS_AT_ONCE) {
    const end = Math.min(row_count, first + ROWS_AT_ONCE)
    for (const tree of model.trees) {
      for (let row = first; row < end; row++) sums[row]! += tree.value[leafOf(tree, values, row * column_count)]!
    }
  }
  if (raw) return sums
  const { answer } = objectiveOf(model.objective, false)
  return sums.map(answer)
}

/** Rows that stay near while the trees go over them. */
const ROWS_AT_ONCE = 256

/** The table as the trees read it: categories replaced by their codes, unknown ones missing. */
export function withCodes(model: BoostedTrees, matrix: Matrix): Matrix {
  if (model.categories.every((categories) => categories === undefined)) return matrix
  const values = matrix.values.slice()
  model.categories.forEach((categories, column) => {
    if (categories === undefined) return
    const codes = codesByCategory(categories)
    for (let at = column; at < values.length; at += matrix.column_count)
      values[at] = codes.get(values[at]!) ?? Number.NaN
  })
  return { ...matrix, values }
}
