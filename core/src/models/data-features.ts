import { permutationImportance } from '../learn/importance.ts'
import type { Matrix } from '../learn/matrix.ts'
import { randomOf, range, shuffle } from '../learn/random.ts'
import { Problem } from '../lib/problem.ts'
import type { Scorer } from './algorithm.ts'
import { columnsOf, encodeFrame, type Encoding } from './encode.ts'
import { labelsOf, numbersOf, takeFrame, type Frame } from './frame.ts'
import { lossesOf, lossNames } from './losses.ts'
import type { Task } from './recipe.ts'

/** A model in memory, with what it was trained to say. */
export interface MeasuredModel {
  task: Task
  target: string
  encoding: Encoding
  scorer: Scorer
  /** How often its intervals shall hold. */
  level: number
  /** Of a classification: how the two classes are written; the second is what the probability is of. */
  classes: readonly [string, string] | null
  /** Rows of the frame that it has not learnt from, where that is known. */
  holdout?: Uint32Array
}

export interface FeatureImportance {
  name: string
  permutation_mean: number
  permutation_sd: number
  permutation_share: number
  shap_mean_abs: number | null
}

export interface FeaturesReport {
  loss: string
  loss_value: number
  rows_used: number
  measured_on: 'holdout' | 'all_rows'
  shap_says: string | null
  features: FeatureImportance[]
}

/** Tasks whose loss can be told row by row from one column of truth. */
const measurable: readonly Task[] = ['regression', 'quantile', 'classification']

/**
 * Which features a model leans on, by two measures that answer two questions: how much its loss grows when a column is
 * shuffled, and how much a feature adds to an answer on average. Columns that one category was spread over count as one.
 * @throws {Problem} learn/data-unfit for a task without a loss of its own rows, or fewer than two rows with a truth.
 */
export function featuresOf(
  model: MeasuredModel,
  frame: Frame,
  { rows_max, repeats, seed = 0 }: { rows_max: number; repeats: number; seed?: number },
): FeaturesReport {
  const { task, encoding, scorer, level } = model
  if (!measurable.includes(task)) {
    throw new Problem('learn/data-unfit', {
      detail: `Of a model for ${task} no loss can be told row by row here.`,
      task,
    })
  }
  const truth = truthOf(model, frame)
  const usable = (model.holdout ?? range(frame.row_count)).filter((row) => Number.isFinite(truth[row]))
  if (usable.length < 2) {
    throw new Problem('learn/data-unfit', {
      detail: `${usable.length} rows have a value of ${model.target}; it takes two.`,
    })
  }
  const rows = shuffle(usable.slice(), randomOf(seed)).slice(0, rows_max).sort()
  const matrix = encodeFrame(encoding, takeFrame(frame, rows))
  const target = Float64Array.from(rows, (row) => truth[row] ?? NaN)
  const columns = columnsOf(encoding)
  const together = encoding.fields.map((_, field) =>
    columns.flatMap((column, index) => (column.field === field ? [index] : [])),
  )
  const { loss, importances } = permutationImportance((given) => given.values, matrix, target, {
    // What is predicted is scored whole, intervals included, so the matrix itself is handed to the loss.
    loss: (actual, values) =>
      meanOf(lossesOf(task, scorer.score({ ...matrix, values }), { target: actual, groups: null }, level)),
    repeat_count: repeats,
    seed,
    together,
  })
  const explained = scorer.explain?.(matrix)
  const sum = importances.reduce((all, { importance_mean }) => all + Math.max(0, importance_mean), 0)
  return {
    loss: lossNames[task],
    loss_value: loss,
    rows_used: rows.length,
    measured_on: model.holdout ? 'holdout' : 'all_rows',
    shap_says: explained?.says ?? null,
    features: encoding.fields
      .map(({ name }, field) => {
        const { importance_mean = 0, importance_sd = 0 } = importances[field] ?? {}
        return {
          name,
          permutation_mean: importance_mean,
          permutation_sd: importance_sd,
          permutation_share: sum > 0 ? Math.max(0, importance_mean) / sum : 0,
          shap_mean_abs: explained ? meanSize(explained.contributions, together[field] ?? []) : null,
        }
      })
      .sort((a, b) => b.permutation_mean - a.permutation_mean),
  }
}

function truthOf({ target, classes }: MeasuredModel, frame: Frame): Float64Array {
  if (classes === null) return numbersOf(frame, target)
  return Float64Array.from(labelsOf(frame, target), (label) => (label === '' ? NaN : Number(label === classes[1])))
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The mean size of what some columns add together. */
function meanSize({ values, row_count, column_count }: Matrix, columns: readonly number[]): number {
  let sum = 0
  for (let row = 0; row < row_count; row++) {
    sum += Math.abs(columns.reduce((all, column) => all + (values[row * column_count + column] ?? 0), 0))
  }
  return sum / row_count
}
