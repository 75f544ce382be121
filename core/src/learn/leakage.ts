import { Problem } from '../lib/problem.ts'
import { columnOf, type Matrix } from './matrix.ts'
import { auc } from './metrics.ts'
import { randomOf, range, shuffle } from './random.ts'

export interface LeakageSuspicion {
  column: number
  /** How well this column alone foretells the target on rows kept aside: R² for numbers, AUC for labels. */
  score: number
  measure: 'r_squared' | 'auc'
  suspect: boolean
}

export interface LeakageOptions {
  /** From which R² a column is suspect; 0.98. */
  r_squared_suspect?: number
  /** From which AUC; 0.99. */
  auc_suspect?: number
  seed?: number
}

/** Fewer rows than this fit anything. */
const ROWS_MIN = 60
const BINS_MAX = 100
const ROWS_A_BIN = 10

/**
 * Columns that alone predict the target nearly perfectly: mostly the target under another name, or something known only after
 * it. Half of the rows tell the mean target of each bin of the column (a missing value is a bin), the other half is foretold
 * from it; a straight line is tried as well. Rows where the column has a value are also judged by themselves: a leak that is
 * there for some rows is one. A warning, not a proof: a law of nature is no leak, and a leak through two columns
 * at once is not seen. Answers `undefined` below 60 rows or for a constant target. The most suspect comes first.
 */
export function leakageOf(
  matrix: Matrix,
  target: Float64Array,
  options: LeakageOptions = {},
): LeakageSuspicion[] | undefined {
  const { r_squared_suspect = 0.98, auc_suspect = 0.99, seed = 0 } = options
  if (target.length !== matrix.row_count || target.some((value) => !Number.isFinite(value))) {
    throw new Problem('learn/data-unfit', { detail: 'Every row needs a finite target.' })
  }
  if (matrix.row_count < ROWS_MIN) return undefined
  const labels = target.every((value) => value === 0 || value === 1)
  const order = shuffle(range(matrix.row_count), randomOf(seed))
  const half = matrix.row_count >>> 1
  const [learnt, kept] = [order.slice(0, half), order.slice(half)]
  const truth = Float64Array.from(kept, (row) => target[row]!)
  if ([truth, Float64Array.from(learnt, (row) => target[row]!)].some(isConstant)) return undefined
  const measure = labels ? 'auc' : 'r_squared'
  const limit = labels ? auc_suspect : r_squared_suspect
  return Array.from(range(matrix.column_count), (column) => {
    const values = columnOf(matrix, column)
    const scoreOn = (from: Uint32Array, to: Uint32Array) => {
      const true_there = to === kept ? truth : Float64Array.from(to, (row) => target[row]!)
      const foretold = [foretellByBins(values, target, from, to), foretellByLine(values, target, from, to)]
      return Math.max(...foretold.map((guess) => (labels ? auc(true_there, guess) : rSquaredOf(true_there, guess))))
    }
    const there = [learnt, kept].map((rows) => rows.filter((row) => !Number.isNaN(values[row])))
    const score = Math.max(scoreOn(learnt, kept), isEnough(there, target) ? scoreOn(there[0]!, there[1]!) : 0)
    return { column, score, measure, suspect: score >= limit } as const
  }).sort((a, b) => b.score - a.score)
}

/** Whether the rows that have a value, where others have none, are enough to be judged by themselves. */
function isEnough(parts: readonly Uint32Array[], target: Float64Array): boolean {
  return parts.every(
    (rows) => rows.length >= ROWS_MIN / 2 && !isConstant(Float64Array.from(rows, (row) => target[row]!)),
  )
}

function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0])
}

function rSquaredOf(truth: Float64Array, guess: Float64Array): number {
  const mean = truth.reduce((sum, value) => sum + value / truth.length, 0)
  const left = truth.reduce((sum, value, i) => sum + (value - guess[i]!) ** 2, 0)
  const all = truth.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.max(0, 1 - left / all)
}

type Foretell = (values: Float64Array, target: Float64Array, learnt: Uint32Array, kept: Uint32Array) => Float64Array

const foretellByBins: Foretell = (values, target, learnt, kept) => {
  const sorted = Float64Array.from(learnt, (row) => values[row]!)
    .filter((value) => !Number.isNaN(value))
    .sort()
  const bin_count = Math.min(BINS_MAX, Math.max(2, Math.floor(learnt.length / ROWS_A_BIN)))
  const cuts = Array.from(
    { length: bin_count - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bin_count)],
  )
  const edges = [...new Set(cuts)].filter((edge) => edge !== undefined)
  const binOf = (value: number) => {
    if (Number.isNaN(value)) return edges.length + 1
    const bin = edges.findIndex((edge) => value < edge)
    return bin === -1 ? edges.length : bin
  }
  const sums = new Float64Array(edges.length + 2)
  const counts = new Float64Array(edges.length + 2)
  let sum = 0
  for (const row of learnt) {
    const bin = binOf(values[row]!)
    sums[bin]! += target[row]!
    counts[bin]! += 1
    sum += target[row]!
  }
  return Float64Array.from(kept, (row) => {
    const bin = binOf(values[row]!)
    return counts[bin]! > 0 ? sums[bin]! / counts[bin]! : sum / learnt.length
  })
}

const foretellByLine: Foretell = (values, target, learnt, kept) => {
  const rows = learnt.filter((row) => Number.isFinite(values[row]))
  const x_mean = rows.reduce((sum, row) => sum + values[row]! / rows.length, 0)
  const y_mean = rows.reduce((sum, row) => sum + target[row]! / rows.length, 0)
  const spread = rows.reduce((sum, row) => sum + (values[row]! - x_mean) ** 2, 0)
  const common = rows.reduce((sum, row) => sum + (values[row]! - x_mean) * (target[row]! - y_mean), 0)
  const slope = spread > 0 ? common / spread : 0
  return Float64Array.from(kept, (row) => {
    const value = values[row]!
    return Number.isFinite(value) ? y_mean + slope * (value - x_mean) : y_mean
  })
}
