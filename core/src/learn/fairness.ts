import { Problem } from '../lib/problem.ts'
import { normalQuantile } from './distributions.ts'

/** What is compared between groups: a mean over rows. */
export type FairnessMeasure =
  | 'selected_rate'
  | 'error_rate'
  | 'true_positive_rate'
  | 'false_positive_rate'
  | 'absolute_error'

export interface GroupGap {
  group: string
  measure: FairnessMeasure
  /** Rows of the group that the measure is a mean of: all of them, or those with the label in question. */
  row_count: number
  value: number
  /** The same over the rows of all other groups. */
  others_value: number
  others_row_count: number
  /** `value / others_value` with its 95 % interval; absent where one of them is zero. */
  ratio?: number
  ratio_low?: number
  ratio_high?: number
  /** `fair` or `unfair` when the whole interval lies within or outside 0.8 to 1.25; `unclear` when it reaches across. */
  verdict: 'fair' | 'unfair' | 'unclear' | 'too_few_rows'
}

export interface FairnessReport {
  /** The worst of the gaps; `not_assessable` where there are no two groups to compare. */
  verdict: 'fair' | 'unfair' | 'unclear' | 'not_assessable'
  because: string
  gaps: GroupGap[]
}

/** Four fifths and its inverse: US Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D. */
const RATIO_LOW = 0.8
const RATIO_HIGH = 1.25
/** Below this the interval of a ratio is not to be trusted. */
const ROWS_MIN = 30

export interface FairnessInput {
  /** The group of each row; null where it is not known, and such rows are left out. */
  groups: readonly (string | null)[]
  actual: ArrayLike<number>
  predicted: ArrayLike<number>
  /** `labels` (0 and 1, predicted as a probability) or `numbers`. */
  kind: 'labels' | 'numbers'
  /** From which probability a row is selected; 0.5. */
  threshold?: number
}

/**
 * How differently a model treats groups: each group's rates, or mean absolute error, against those of everybody else, with the
 * interval of their ratio. It never says fair for want of data. Refuses lists of different lengths and labels that are none.
 */
export function fairnessOf({ groups, actual, predicted, kind, threshold = 0.5 }: FairnessInput): FairnessReport {
  if (groups.length !== actual.length || actual.length !== predicted.length) {
    const detail = `Groups, truth and predictions stand row by row: ${groups.length}, ${actual.length}, ${predicted.length}.`
    throw new Problem('learn/data-unfit', { detail })
  }
  const names = [...new Set(groups)].filter((name) => name !== null).sort()
  if (names.length < 2) {
    const because = names.length === 0 ? 'No row has a group.' : `All rows are of the group ${names[0]}.`
    return { verdict: 'not_assessable', because, gaps: [] }
  }
  const measures = kind === 'labels' ? labelMeasures(actual, predicted, threshold) : numberMeasures(actual, predicted)
  const gaps = names
    .flatMap((group) => measures.map(([measure, valueOf]) => gapOf(group, measure, groups, valueOf)))
    // Where nobody has the label that a rate asks about, there is no such rate.
    .filter(({ row_count, others_row_count }) => row_count + others_row_count > 0)
  return { ...summed(gaps), gaps }
}

/** What a row brings to a measure; undefined when the measure does not ask about it. */
type ValueOf = (row: number) => number | undefined

function labelMeasures(
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  threshold: number,
): [FairnessMeasure, ValueOf][] {
  for (let row = 0; row < actual.length; row++) {
    const fits = (actual[row] === 0 || actual[row] === 1) && predicted[row]! >= 0 && predicted[row]! <= 1
    if (fits) continue
    throw new Problem('learn/data-unfit', {
      detail: `Row ${row} needs a label of 0 or 1 and a probability from 0 to 1.`,
    })
  }
  const selected = (row: number) => (predicted[row]! >= threshold ? 1 : 0)
  return [
    ['selected_rate', selected],
    ['error_rate', (row) => (selected(row) === actual[row] ? 0 : 1)],
    ['true_positive_rate', (row) => (actual[row] === 1 ? selected(row) : undefined)],
    ['false_positive_rate', (row) => (actual[row] === 0 ? selected(row) : undefined)],
  ]
}

function numberMeasures(actual: ArrayLike<number>, predicted: ArrayLike<number>): [FairnessMeasure, ValueOf][] {
  for (let row = 0; row < actual.length; row++) {
    if (Number.isFinite(actual[row]) && Number.isFinite(predicted[row])) continue
    throw new Problem('learn/data-unfit', { detail: `Row ${row} needs a finite truth and prediction.` })
  }
  return [['absolute_error', (row) => Math.abs(actual[row]! - predicted[row]!)]]
}

interface Moments {
  count: number
  mean: number
  variance: number
}

function gapOf(
  group: string,
  measure: FairnessMeasure,
  groups: readonly (string | null)[],
  valueOf: ValueOf,
): GroupGap {
  const own = momentsOf(groups, (name) => name === group, valueOf)
  const others = momentsOf(groups, (name) => name !== null && name !== group, valueOf)
  const gap = {
    group,
    measure,
    row_count: own.count,
    value: own.mean,
    others_value: others.mean,
    others_row_count: others.count,
  }
  const few = Math.min(own.count, others.count) < ROWS_MIN
  if (!(own.mean > 0 && others.mean > 0)) return { ...gap, verdict: few ? 'too_few_rows' : alikeAtZero(own, others) }
  const ratio = own.mean / others.mean
  // The logarithm of a ratio of independent means is nearly normal (Katz et al. 1978, for rates).
  const relative = ({ count, mean, variance }: Moments) => variance / (count * mean * mean)
  const reach = Math.exp(normalQuantile(0.975) * Math.sqrt(relative(own) + relative(others)))
  const ratio_low = ratio / reach
  const ratio_high = ratio * reach
  const within = ratio_low >= RATIO_LOW && ratio_high <= RATIO_HIGH
  const outside = ratio_high < RATIO_LOW || ratio_low > RATIO_HIGH
  const verdict = few ? 'too_few_rows' : within ? 'fair' : outside ? 'unfair' : 'unclear'
  return { ...gap, ratio, ratio_low, ratio_high, verdict }
}

/** Without a ratio: nothing on either side is alike; something against nothing cannot be put into proportion. */
function alikeAtZero(own: Moments, others: Moments): 'fair' | 'unclear' {
  return own.mean === others.mean ? 'fair' : 'unclear'
}

function momentsOf(
  groups: readonly (string | null)[],
  belongs: (group: string | null) => boolean,
  valueOf: ValueOf,
): Moments {
  const values: number[] = []
  for (let row = 0; row < groups.length; row++) {
    const value = belongs(groups[row]!) ? valueOf(row) : undefined
    if (value !== undefined) values.push(value)
  }
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, count)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { count, mean, variance: count > 1 ? squares / (count - 1) : 0 }
}

function summed(gaps: readonly GroupGap[]): Pick<FairnessReport, 'verdict' | 'because'> {
  const named = (verdict: GroupGap['verdict']) =>
    gaps.filter((gap) => gap.verdict === verdict).map(({ group, measure }) => `${measure} of ${group}`)
  const unfair = named('unfair')
  if (unfair.length > 0) return { verdict: 'unfair', because: `Outside 0.8 to 1.25 for sure: ${unfair.join(', ')}.` }
  const open = [...named('unclear'), ...named('too_few_rows')]
  if (gaps.every((gap) => gap.verdict === 'too_few_rows')) {
    return { verdict: 'not_assessable', because: `Every comparison has fewer than ${ROWS_MIN} rows on one side.` }
  }
  if (open.length > 0) return { verdict: 'unclear', because: `Too few rows to be sure: ${open.join(', ')}.` }
  return { verdict: 'fair', because: 'Every ratio lies within 0.8 to 1.25 with its whole interval.' }
}
