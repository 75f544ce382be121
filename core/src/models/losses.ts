import { ndcg } from '../learn/metrics.ts'
import type { Scores } from './algorithm.ts'
import type { Task } from './recipe.ts'

/** What each task counts as a loss: less is better, and a gain is less of it. */
export const lossNames: Record<Task, string> = {
  regression: 'squared error',
  quantile: 'mean pinball loss of three quantiles',
  classification: 'log loss',
  ranking: '1 - NDCG@10 of a group',
  anomaly: '1 - share of ordinary rows that score lower, of a labelled anomaly',
  imputation: 'absolute error of a masked cell over the deviation of its field',
  forecast: 'absolute error',
}

export interface Truth {
  target: Float64Array
  /** What is ranked together. */
  groups: readonly string[] | null
}

/**
 * The losses of a model on rows, one per row, or per group of a ranking, or per labelled anomaly: always in an order that
 * the truth alone decides, so that two models compare pair by pair.
 */
export function lossesOf(task: Task, scores: Scores, truth: Truth, level: number): Float64Array {
  switch (task) {
    case 'classification':
      return truth.target.map((actual, row) => logLossOf(actual, scores.value[row] ?? NaN))
    case 'quantile':
      return truth.target.map((actual, row) => pinballsOf(actual, scores, row, level))
    case 'ranking':
      return rankingLosses(scores.value, truth)
    case 'anomaly':
      return anomalyLosses(scores.value, truth.target)
    case 'forecast':
    case 'imputation':
      return truth.target.map((actual, row) => Math.abs(actual - (scores.value[row] ?? NaN)))
    case 'regression':
      return truth.target.map((actual, row) => (actual - (scores.value[row] ?? NaN)) ** 2)
  }
}

/** A probability of exactly 0 that turns out otherwise would be an endless loss. */
const PROBABILITY_MIN = 1e-6

export function logLossOf(actual: number, probability: number): number {
  const chance = actual === 1 ? probability : 1 - probability
  return -Math.log(Math.min(1, Math.max(PROBABILITY_MIN, chance)))
}

function pinballsOf(actual: number, { lower, value, upper }: Scores, row: number, level: number): number {
  const tail = (1 - level) / 2
  const pinball = (predicted: number, share: number) =>
    actual >= predicted ? share * (actual - predicted) : (1 - share) * (predicted - actual)
  const middle = value[row] ?? NaN
  return (pinball(lower?.[row] ?? middle, tail) + pinball(middle, 0.5) + pinball(upper?.[row] ?? middle, 1 - tail)) / 3
}

/** Groups in the order of their labels; one without anything relevant cannot be judged, and counts 0 for everybody. */
function rankingLosses(scores: Float64Array, { target, groups }: Truth): Float64Array {
  const rows = new Map<string, number[]>()
  groups?.forEach((label, row) => {
    const own = rows.get(label)
    if (own) own.push(row)
    else rows.set(label, [row])
  })
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
  return Float64Array.from(sorted, ([, own]) => {
    const found = ndcg(
      own.map((row) => target[row] ?? 0),
      own.map((row) => scores[row] ?? 0),
      { k: 10 },
    )
    return found === undefined ? 0 : 1 - found
  })
}

/** Of each labelled anomaly the share of ordinary rows that look at least as odd; their mean is 1 - AUC. */
function anomalyLosses(scores: Float64Array, labels: Float64Array): Float64Array {
  const ordinary = scores.filter((_, row) => labels[row] === 0).sort()
  const anomalies = scores.filter((_, row) => labels[row] === 1)
  return anomalies.map((score) => {
    const [below, upto] = [countBelow(ordinary, score), countUpTo(ordinary, score)]
    return ordinary.length === 0 ? 0 : 1 - (below + upto) / 2 / ordinary.length
  })
}

function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

function countUpTo(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low
}
