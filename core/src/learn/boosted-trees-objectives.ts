import { quantileByReordering, weightedQuantileOf } from './boosted-trees-quantile.ts'
import { rankingObjective } from './boosted-trees-ranking.ts'

/** What the trees are to make small. */
export type ObjectiveName =
  /** Squared error; predicts the mean. */
  | { name: 'squared' }
  /** Absolute error; predicts the median. */
  | { name: 'absolute' }
  /** Pinball loss; predicts the quantile `alpha`, between 0 and 1. */
  | { name: 'quantile'; alpha: number }
  /** Log loss of targets from 0 to 1; predicts a probability. */
  | { name: 'logistic' }
  /** Poisson deviance of targets from 0 up; predicts a rate. */
  | { name: 'poisson' }
  /** Tweedie deviance of targets from 0 up, `power` between 1 and 2; predicts a mean. */
  | { name: 'tweedie'; power: number }
  /** Logistic loss of every pair of one group that differs in relevance; predicts a score without a unit. */
  | { name: 'pairwise' }
  /** The same, each pair weighed by what its exchange would do to NDCG at `top`; predicts a score without a unit. */
  | { name: 'lambdamart'; top?: number }

/** What an objective sees of the data. Arrays go by row. */
export interface Lesson {
  target: Float64Array
  weights: Float64Array | undefined
  /** What the trees say so far. */
  raw: Float64Array
  /** Per row the derivative of the loss by `raw`; with the second one behind it unless `constant_hessian`. */
  gradients: Float32Array
  /** Of ranking: the rows of group g are `group_rows[group_starts[g]]` and on. */
  group_starts: Uint32Array
  group_rows: Uint32Array
}

export interface Objective {
  /** Every second derivative is 1: nobody needs to keep it. */
  constant_hessian: boolean
  /** Gradients are counted per group, not per row. */
  by_group: boolean
  /** The one number that makes the loss of these rows smallest. */
  base(lesson: Lesson, rows: Uint32Array): number
  /** Writes the gradients of rows (of groups, if `by_group`) `first` to `end - 1`. */
  differentiate(lesson: Lesson, first: number, end: number): void
  /** The mean loss of these rows. */
  loss(lesson: Lesson, rows: Uint32Array): number
  /** From what the trees add up to, to what is predicted. */
  answer(raw: number): number
  /** For losses without a useful second derivative: the best leaf value for the residuals `target - raw` of some rows. */
  leafValue?(residuals: Float64Array, weights: Float64Array | undefined): number
  /** No leaf moves further than this, before the learning rate: a Newton step on an exponential can be far too long. */
  step_max: number
}

/** The gradients and leaves of a loss, by its name. */
export function objectiveOf(name: ObjectiveName, weighted: boolean): Objective {
  switch (name.name) {
    case 'squared':
      return squared(weighted)
    case 'absolute':
      return quantile(0.5, weighted)
    case 'quantile':
      return quantile(name.alpha, weighted)
    case 'logistic':
      return logistic()
    case 'poisson':
      return tweedie(1)
    case 'tweedie':
      return tweedie(name.power)
    case 'pairwise':
      return rankingObjective()
    case 'lambdamart':
      return rankingObjective(name.top ?? 10)
    default:
      return name satisfies never
  }
}

const same = (raw: number) => raw

function squared(weighted: boolean): Objective {
  return {
    constant_hessian: !weighted,
    by_group: false,
    base: meanTarget,
    differentiate: ({ target, weights, raw, gradients }, first, end) => {
      if (!weights) for (let row = first; row < end; row++) gradients[row] = raw[row]! - target[row]!
      else
        for (let row = first; row < end; row++) {
          gradients[2 * row] = weights[row]! * (raw[row]! - target[row]!)
          gradients[2 * row + 1] = weights[row]!
        }
    },
    loss: (lesson, rows) => meanLoss(lesson, rows, (raw, target) => (raw - target) ** 2),
    answer: same,
    step_max: Infinity,
  }
}

function quantile(alpha: number, weighted: boolean): Objective {
  const best = (values: Float64Array, weights: Float64Array | undefined) =>
    weights ? weightedQuantileOf(values, weights, alpha) : quantileByReordering(values, alpha)
  return {
    constant_hessian: !weighted,
    by_group: false,
    base: ({ target, weights }, rows) => best(pick(target, rows), weights && pick(weights, rows)),
    differentiate: ({ target, weights, raw, gradients }, first, end) => {
      for (let row = first; row < end; row++) {
        const gradient = target[row]! > raw[row]! ? -alpha : 1 - alpha
        if (!weights) gradients[row] = gradient
        else {
          gradients[2 * row] = weights[row]! * gradient
          gradients[2 * row + 1] = weights[row]!
        }
      }
    },
    loss: (lesson, rows) =>
      meanLoss(lesson, rows, (raw, target) => (target > raw ? alpha * (target - raw) : (1 - alpha) * (raw - target))),
    answer: same,
    leafValue: best,
    step_max: Infinity,
  }
}

/** A share of 0 or 1 is as good as certain; its logit stays finite. */
const CERTAIN = 1e-12

export function sigmoid(raw: number): number {
  return 1 / (1 + Math.exp(-raw))
}

function logistic(): Objective {
  return {
    constant_hessian: false,
    by_group: false,
    base: (lesson, rows) => {
      const share = Math.min(Math.max(meanTarget(lesson, rows), CERTAIN), 1 - CERTAIN)
      return Math.log(share / (1 - share))
    },
    differentiate: ({ target, weights, raw, gradients }, first, end) => {
      for (let row = first; row < end; row++) {
        const probability = 1 / (1 + Math.exp(-raw[row]!))
        const weight = weights ? weights[row]! : 1
        gradients[2 * row] = weight * (probability - target[row]!)
        gradients[2 * row + 1] = weight * probability * (1 - probability)
      }
    },
    loss: (lesson, rows) =>
      // log(1 + e^raw) - target·raw, without overflow.
      meanLoss(lesson, rows, (raw, target) => Math.max(raw, 0) + Math.log1p(Math.exp(-Math.abs(raw))) - target * raw),
    answer: sigmoid,
    step_max: Infinity,
  }
}

/** `power` 1 is Poisson. The deviance without its part that no prediction changes. */
function tweedie(power: number): Objective {
  const poisson = power === 1
  const loss = (raw: number, target: number) =>
    poisson
      ? Math.exp(raw) - target * raw
      : Math.exp((2 - power) * raw) / (2 - power) - (target * Math.exp((1 - power) * raw)) / (1 - power)
  return {
    constant_hessian: false,
    by_group: false,
    base: (lesson, rows) => Math.log(Math.max(meanTarget(lesson, rows), Number.MIN_VALUE)),
    differentiate: ({ target, weights, raw, gradients }, first, end) => {
      for (let row = first; row < end; row++) {
        const weight = weights ? weights[row]! : 1
        const up = weight * Math.exp((2 - power) * raw[row]!)
        const down = weight * target[row]! * (poisson ? 1 : Math.exp((1 - power) * raw[row]!))
        gradients[2 * row] = up - down
        gradients[2 * row + 1] = (2 - power) * up - (1 - power) * down
      }
    },
    loss: (lesson, rows) => meanLoss(lesson, rows, loss),
    answer: Math.exp,
    step_max: 3,
  }
}

function meanTarget({ target, weights }: Lesson, rows: Uint32Array): number {
  let sum = 0
  let total = 0
  for (const row of rows) {
    const weight = weights ? weights[row]! : 1
    sum += weight * target[row]!
    total += weight
  }
  return sum / total
}

function meanLoss(
  { raw, target, weights }: Lesson,
  rows: Uint32Array,
  loss: (raw: number, target: number) => number,
): number {
  let sum = 0
  let total = 0
  for (const row of rows) {
    const weight = weights ? weights[row]! : 1
    sum += weight * loss(raw[row]!, target[row]!)
    total += weight
  }
  return sum / total
}

function pick(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!)
}
