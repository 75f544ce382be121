import { Problem, shown, type Fault } from '../lib/problem.ts'

/**
 * How good predictions are, as functions over lists of numbers of one length. Every function refuses empty lists, lists of
 * different lengths and numbers that are not finite with `learn/data-unfit`: a metric over a hole would be a metric of
 * something else. Shares are from 0 to 1, never per cent. Sources stand in docs/methods/learn-metrics.md.
 */
export type Numbers = ArrayLike<number>

const FAULTS_SHOWN = 20

/** Refuses the data of a metric, naming the rows. */
function unfit(detail: string, faults: Fault[] = []): Problem {
  return new Problem('learn/data-unfit', { detail, faults: faults.slice(0, FAULTS_SHOWN) })
}

function checkLists(lists: Record<string, Numbers>): number {
  const [[first_name, first] = ['', []], ...others] = Object.entries(lists)
  if (first.length === 0) throw unfit('There are no rows to measure.')
  for (const [name, list] of others) {
    if (list.length === first.length) continue
    throw unfit(`${first_name} has ${first.length} numbers and ${name} has ${list.length}; they belong in pairs.`)
  }
  const faults = Object.entries(lists).flatMap(([name, list]) => holesIn(name, list))
  if (faults.length > 0) throw unfit('A metric needs a finite number in every row.', faults)
  return first.length
}

function holesIn(name: string, list: Numbers): Fault[] {
  const faults: Fault[] = []
  for (let i = 0; i < list.length && faults.length < FAULTS_SHOWN; i++) {
    if (Number.isFinite(list[i])) continue
    const message = `row ${i} of ${name} is not a finite number`
    faults.push({ path: `/${name}/${i}`, code: 'not-finite', message, value: shown(list[i]) })
  }
  return faults
}

function meanOver(count: number, term: (row: number) => number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += term(i)
  return sum / count
}

/** Root of the mean squared error, in the unit of the target. */
export function rmse(actual: Numbers, predicted: Numbers): number {
  const count = checkLists({ actual, predicted })
  return Math.sqrt(meanOver(count, (i) => (actual[i]! - predicted[i]!) ** 2))
}

/** Mean absolute error, in the unit of the target. */
export function mae(actual: Numbers, predicted: Numbers): number {
  const count = checkLists({ actual, predicted })
  return meanOver(count, (i) => Math.abs(actual[i]! - predicted[i]!))
}

/** The share of the variance explained; below zero when the mean would have done better. Refuses a constant target. */
export function rSquared(actual: Numbers, predicted: Numbers): number {
  const count = checkLists({ actual, predicted })
  const mean = meanOver(count, (i) => actual[i]!)
  const variance = meanOver(count, (i) => (actual[i]! - mean) ** 2)
  if (!(variance > 0)) throw unfit('The target is constant, so there is no variance to explain.')
  return 1 - meanOver(count, (i) => (actual[i]! - predicted[i]!) ** 2) / variance
}

/** Mean absolute error as a share of the true value. Refuses true values of zero, for which there is no such share. */
export function mape(actual: Numbers, predicted: Numbers): number {
  const count = checkLists({ actual, predicted })
  const faults: Fault[] = []
  for (let i = 0; i < count && faults.length < FAULTS_SHOWN; i++) {
    if (actual[i] === 0) faults.push({ path: `/actual/${i}`, code: 'zero', message: `row ${i} is truly zero` })
  }
  if (faults.length > 0) throw unfit('MAPE has no value where the truth is zero; MAE and MASE have one.', faults)
  return meanOver(count, (i) => Math.abs((actual[i]! - predicted[i]!) / actual[i]!))
}

/**
 * Mean absolute error over that of the seasonal naive forecast on the training series (Hyndman and Koehler 2006): below 1 is
 * better than repeating what was `season` steps ago. Refuses a training series that is constant or not longer than a season.
 */
export function mase(actual: Numbers, predicted: Numbers, training: Numbers, season = 1): number {
  const error = mae(actual, predicted)
  if (!(Number.isInteger(season) && season >= 1)) throw unfit(`A season is a whole number of steps, not ${season}.`)
  checkLists({ training })
  if (!(training.length > season))
    throw unfit(`A season of ${season} needs more than ${training.length} training steps.`)
  const naive = meanOver(training.length - season, (i) => Math.abs(training[i + season]! - training[i]!))
  if (!(naive > 0)) throw unfit('The naive forecast makes no error on the training series, so there is no scale.')
  return error / naive
}

/** Mean pinball loss of a forecast of the quantile at `level` (0 to 1), in the unit of the target; at 0.5 half the MAE. */
export function pinball(actual: Numbers, predicted: Numbers, level: number): number {
  const count = checkLists({ actual, predicted })
  if (!(level > 0 && level < 1)) throw unfit(`A quantile's level lies between 0 and 1, not at ${level}.`)
  return meanOver(count, (i) => {
    const error = actual[i]! - predicted[i]!
    return error >= 0 ? level * error : (level - 1) * error
  })
}

/** How many true values lie within their interval (its ends included), as a share, and how wide the intervals are. */
export function intervalQuality(
  actual: Numbers,
  low: Numbers,
  high: Numbers,
): { coverage: number; width_mean: number } {
  const count = checkLists({ actual, low, high })
  for (let i = 0; i < count; i++) {
    if (!(low[i]! <= high[i]!)) throw unfit(`The interval of row ${i} ends before it begins.`)
  }
  const coverage = meanOver(count, (i) => (low[i]! <= actual[i]! && actual[i]! <= high[i]! ? 1 : 0))
  return { coverage, width_mean: meanOver(count, (i) => high[i]! - low[i]!) }
}

function checkLabels(actual: Numbers): number {
  let positives = 0
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] !== 0 && actual[i] !== 1) throw unfit(`Row ${i} of actual is ${actual[i]}; a label is 0 or 1.`)
    positives += actual[i]!
  }
  return positives
}

function checkProbabilities(predicted: Numbers): void {
  for (let i = 0; i < predicted.length; i++) {
    if (predicted[i]! >= 0 && predicted[i]! <= 1) continue
    throw unfit(`Row ${i} of predicted is ${predicted[i]}; a probability lies from 0 to 1.`)
  }
}

/** Rows from the highest score to the lowest, those of one score in one group: `[from, to)` in `order`. */
function* byScore(scores: Numbers): Generator<{ order: Uint32Array; from: number; to: number }> {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  for (let from = 0; from < order.length;) {
    let to = from + 1
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++
    yield { order, from, to }
    from = to
  }
}

/**
 * Area under the ROC curve: the chance that a row of label 1 scores higher than one of label 0, a tie counting half (Hanley
 * and McNeil 1982). Refuses data with one label only.
 */
export function auc(actual: Numbers, scores: Numbers): number {
  const count = checkLists({ actual, scores })
  const positives = checkLabels(actual)
  const negatives = count - positives
  if (positives === 0 || negatives === 0) throw unfit('An AUC needs rows of both labels.')
  let above = 0
  let area = 0
  for (const { order, from, to } of byScore(scores)) {
    let here = 0
    for (let i = from; i < to; i++) here += actual[order[i]!]!
    area += (to - from - here) * (above + here / 2)
    above += here
  }
  return area / (positives * negatives)
}

/** Average precision, the area under the steps of the precision–recall curve; rows of one score are one threshold. */
export function averagePrecision(actual: Numbers, scores: Numbers): number {
  checkLists({ actual, scores })
  const positives = checkLabels(actual)
  if (positives === 0) throw unfit('Average precision needs at least one row of label 1.')
  let found = 0
  let area = 0
  for (const { order, from, to } of byScore(scores)) {
    let here = 0
    for (let i = from; i < to; i++) here += actual[order[i]!]!
    found += here
    area += (here / positives) * (found / to)
  }
  return area
}

/** The nearest to certainty that a log loss counts: a wrong 0 or 1 costs 34.5 rather than infinity. */
const PROBABILITY_MIN = 1e-15

/** Mean negative log likelihood of labels 0 and 1 under the predicted probability of 1, in nats. */
export function logLoss(actual: Numbers, predicted: Numbers): number {
  const count = checkLists({ actual, predicted })
  checkLabels(actual)
  checkProbabilities(predicted)
  return meanOver(count, (i) => {
    const chance = actual[i] === 1 ? predicted[i]! : 1 - predicted[i]!
    return -Math.log(Math.min(Math.max(chance, PROBABILITY_MIN), 1))
  })
}

/** Mean squared error of the predicted probability of label 1 (Brier 1950). */
export function brier(actual: Numbers, predicted: Numbers): number {
  const count = checkLists({ actual, predicted })
  checkLabels(actual)
  checkProbabilities(predicted)
  return meanOver(count, (i) => (actual[i]! - predicted[i]!) ** 2)
}

/** One bin of a reliability diagram. */
export interface CalibrationBin {
  count: number
  predicted_mean: number
  actual_mean: number
}

/**
 * Expected calibration error over bins of equal mass (Nguyen and O'Connor 2015), with the bins for a reliability diagram.
 * Rows of one probability stay in one bin, that of their middle rank, so the order of the rows does not matter.
 */
export function calibrationError(
  actual: Numbers,
  predicted: Numbers,
  bin_count = 10,
): { ece: number; bins: CalibrationBin[] } {
  const count = checkLists({ actual, predicted })
  checkLabels(actual)
  checkProbabilities(predicted)
  if (!(Number.isInteger(bin_count) && bin_count >= 1)) throw unfit(`There is no way to make ${bin_count} bins.`)
  const sums = new Map<number, CalibrationBin>()
  for (const { order, from, to } of byScore(predicted)) {
    const bin = bin_count - 1 - Math.min(bin_count - 1, Math.floor((((from + to) / 2) * bin_count) / count))
    const kept = sums.get(bin) ?? { count: 0, predicted_mean: 0, actual_mean: 0 }
    for (let i = from; i < to; i++) {
      kept.count++
      kept.predicted_mean += predicted[order[i]!]!
      kept.actual_mean += actual[order[i]!]!
    }
    sums.set(bin, kept)
  }
  const bins = [...sums]
    .sort(([a], [b]) => a - b)
    .map(([, { count: rows, predicted_mean, actual_mean }]) => ({
      count: rows,
      predicted_mean: predicted_mean / rows,
      actual_mean: actual_mean / rows,
    }))
  const ece = bins.reduce((sum, bin) => sum + (bin.count / count) * Math.abs(bin.predicted_mean - bin.actual_mean), 0)
  return { ece, bins }
}

export interface NdcgOptions {
  /** Ranks that count, from the top; all of them when absent. */
  k?: number
  /** What a relevance is worth: `2^relevance - 1` (the default, as in LambdaMART) or the relevance itself. */
  gain?: 'exponential' | 'linear'
}

/**
 * Normalised discounted cumulative gain of one query (Järvelin and Kekäläinen 2002), discount `1 / log2(rank + 1)`. Items of
 * one score share the gain of their ranks (McSherry and Najork 2008), so their order in the list does not matter. Answers
 * `undefined` when no item is relevant: every order is then as good as any other.
 */
export function ndcg(
  relevance: Numbers,
  scores: Numbers,
  { k, gain = 'exponential' }: NdcgOptions = {},
): number | undefined {
  const count = checkLists({ relevance, scores })
  const ranks = Math.min(k ?? count, count)
  if (!(Number.isInteger(ranks) && ranks >= 1)) throw unfit(`The first ${k} ranks are not a list.`)
  const gains = Float64Array.from({ length: count }, (_, i) => {
    if (!(relevance[i]! >= 0)) throw unfit(`Item ${i} has the relevance ${relevance[i]}; it cannot be below zero.`)
    return gain === 'linear' ? relevance[i]! : 2 ** relevance[i]! - 1
  })
  const ideal = discountedGain(gains, gains, ranks)
  return ideal > 0 ? discountedGain(gains, scores, ranks) / ideal : undefined
}

function discountedGain(gains: Float64Array, scores: Numbers, ranks: number): number {
  let sum = 0
  for (const { order, from, to } of byScore(scores)) {
    if (from >= ranks) break
    let gain = 0
    let discount = 0
    for (let i = from; i < to; i++) {
      gain += gains[order[i]!]!
      if (i < ranks) discount += 1 / Math.log2(i + 2)
    }
    sum += (gain / (to - from)) * discount
  }
  return sum
}

/**
 * Mean NDCG over queries that stand one after the other, `group_sizes[q]` items each. Queries without a relevant item are
 * left out and counted; refuses data where that leaves none.
 */
export function ndcgOfGroups(
  relevance: Numbers,
  scores: Numbers,
  group_sizes: Numbers,
  options: NdcgOptions = {},
): { ndcg: number; group_count: number; without_relevance_count: number } {
  const count = checkLists({ relevance, scores })
  let from = 0
  let sum = 0
  let counted = 0
  for (let q = 0; q < group_sizes.length; q++) {
    const to = from + group_sizes[q]!
    if (!(Number.isInteger(to) && to > from && to <= count))
      throw unfit(`Group ${q} has no rows, or more than there are.`)
    const one = ndcg(
      Array.prototype.slice.call(relevance, from, to),
      Array.prototype.slice.call(scores, from, to),
      options,
    )
    if (one !== undefined) counted++
    sum += one ?? 0
    from = to
  }
  if (from !== count) throw unfit(`The groups hold ${from} rows of ${count}.`)
  if (counted === 0) throw unfit('No group has a relevant item, so no order is better than another.')
  return { ndcg: sum / counted, group_count: counted, without_relevance_count: group_sizes.length - counted }
}
