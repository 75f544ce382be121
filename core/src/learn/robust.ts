import { Problem } from '../lib/problem.ts'
import { fitRidge, predictLinear, demandWeights, type Linear } from './linear.ts'
import type { Matrix } from './matrix.ts'
import { demandCount, demandNumbers, demandOption, demandPerRow, refuseUnfit } from './unfit.ts'

export interface HuberOptions {
  /** Residuals count squared up to this many robust deviations, and in proportion beyond; 1.345 by default. */
  bend?: number
  /** As in ridge regression, on the weighted rows; 0 by default. */
  penalty?: number
  /** One per row, at least 0; all 1 by default. */
  weights?: ArrayLike<number>
  /** Called in each iteration; throwing from it cancels the fit. */
  report?: (done: { step: number; of: number; loss: number }) => void
}

const ITERATIONS_MAX = 500
const SETTLED = 1e-9
/** The median of absolute normal deviations is this much of the standard deviation. */
const NORMAL_MAD = 0.674_489_750_196_081_7

/**
 * Huber's regression: squared for small residuals, absolute for large ones, so that a few wild rows do not turn the line
 * (P. J. Huber, Annals of Mathematical Statistics 35, 1964). By least squares reweighted again and again, the scale taken
 * each time from the median of absolute residuals; `loss` in reports is that scale. It guards against wild targets, not
 * against wild columns. Refuses what ridge regression refuses.
 */
export function fitHuber(matrix: Matrix, target: ArrayLike<number>, options: HuberOptions = {}): Linear {
  const { bend = 1.345, penalty = 0, report } = options
  demandOption('bend', bend, { least: 0.1, most: 100 })
  demandNumbers(matrix, 'refused')
  const given = demandWeights(options.weights, matrix.row_count)
  let linear = fitRidge(matrix, target, { penalty, weights: given })
  let fitted = predictLinear(linear, matrix)
  for (let step = 1; step <= ITERATIONS_MAX; step++) {
    const residuals = fitted.map((y, r) => Math.abs(target[r]! - y))
    const scale = weightedMedian(residuals, given) / NORMAL_MAD
    report?.({ step, of: ITERATIONS_MAX, loss: scale })
    // Half of the rows lie on the line, beside what is off it or beside their own size: it cannot be bettered.
    const farthest = residuals.reduce((most, rest, r) => (given[r]! > 0 ? Math.max(most, rest) : most), 0)
    const largest = fitted.reduce((most, y) => Math.max(most, Math.abs(y)), 0)
    if (scale <= 1e-7 * farthest || scale <= 1e-12 * largest) break
    const weights = given.map((weight, r) => weight * Math.min(1, (bend * scale) / residuals[r]!))
    const refitted = refit(matrix, target, penalty, weights)
    if (refitted === undefined) break
    linear = refitted
    const next = predictLinear(linear, matrix)
    const moved = next.reduce((most, y, r) => Math.max(most, Math.abs(y - fitted[r]!)), 0)
    fitted = next
    if (moved <= SETTLED * scale) break
  }
  return { ...linear, method: 'huber' }
}

/** Where hardly more rows than columns keep any weight, columns can no longer be told apart: the last line stands. */
function refit(matrix: Matrix, target: ArrayLike<number>, penalty: number, weights: Float64Array): Linear | undefined {
  try {
    return fitRidge(matrix, target, { penalty, weights })
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

export interface TheilSen {
  /** The median of the slopes between all pairs of points with different x. */
  slope: number
  /** The median of y - slope · x. */
  intercept: number
  /** A 95 % interval for the slope by P. K. Sen (JASA 63, 1968), its ranks from Kendall's S with ties in y; see the page. */
  slope_low: number
  slope_high: number
  pair_count: number
}

const POINTS_MAX = 5_000

/**
 * The line through points that up to 29 % wild ones cannot carry off: H. Theil (1950), P. K. Sen (1968). Looks at every
 * pair, so at most 5,000 points; refuses more, fewer than two different x, and what is not finite (`learn/data-unfit`).
 */
export function theilSen(x: ArrayLike<number>, y: ArrayLike<number>): TheilSen {
  demandPerRow('x', x, x.length)
  demandPerRow('y', y, x.length)
  demandCount('points', x.length, { least: 2, most: POINTS_MAX })
  const slopes = pairSlopes(x, y)
  if (slopes.length === 0)
    refuseUnfit('Every point has the same x.', [{ path: '/x', code: 'constant', message: 'At least two different x' }])
  const slope = middle(slopes)
  const rests = Float64Array.from(y, (value, i) => value - slope * x[i]!).sort()
  // Kendall's S of n points has the variance (n (n - 1)(2n + 5) - Σ ties) / 18; 1.96 deviations hold 95 %.
  const half = 1.959_963_984_540_054 * Math.sqrt(kendallVariance(x, y))
  const rank_low = Math.floor((slopes.length - half) / 2)
  const rank_high = Math.ceil((slopes.length + half) / 2)
  return {
    slope,
    intercept: middle(rests),
    slope_low: slopes[rank_low - 1] ?? -Infinity,
    slope_high: slopes[rank_high] ?? Infinity,
    pair_count: slopes.length,
  }
}

function pairSlopes(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  const slopes = new Float64Array((x.length * (x.length - 1)) / 2)
  let count = 0
  for (let i = 0; i < x.length; i++)
    for (let j = 0; j < i; j++) if (x[i] !== x[j]) slopes[count++] = (y[i]! - y[j]!) / (x[i]! - x[j]!)
  return slopes.slice(0, count).sort()
}

/** Ties within x and within y take away what they cannot contribute (M. G. Kendall, Rank Correlation Methods, 1970). */
function kendallVariance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const term = (n: number) => n * (n - 1) * (2 * n + 5)
  const ties = (numbers: ArrayLike<number>, part: (n: number) => number) => {
    const counts = new Map<number, number>()
    for (let i = 0; i < numbers.length; i++) counts.set(numbers[i]!, (counts.get(numbers[i]!) ?? 0) + 1)
    return [...counts.values()].reduce((sum, n) => sum + part(n), 0)
  }
  const n = x.length
  const pairs = (n: number) => n * (n - 1)
  const triples = (n: number) => n * (n - 1) * (n - 2)
  const rest = n > 2 ? (ties(x, triples) * ties(y, triples)) / (9 * triples(n)) : 0
  return (term(n) - ties(x, term) - ties(y, term)) / 18 + rest + (ties(x, pairs) * ties(y, pairs)) / (2 * pairs(n))
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >>> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

function weightedMedian(numbers: Float64Array, weights: Float64Array): number {
  const order = Array.from(numbers.keys()).sort((a, b) => numbers[a]! - numbers[b]!)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let below = 0
  for (let k = 0; k < order.length; k++) {
    below += weights[order[k]!]!
    if (below > total / 2) return numbers[order[k]!]!
    // Exactly half below: between this one and the next that weighs anything.
    if (below === total / 2) {
      const next = order.slice(k + 1).find((row) => weights[row]! > 0)
      return next === undefined ? numbers[order[k]!]! : (numbers[order[k]!]! + numbers[next]!) / 2
    }
  }
  return numbers[order.at(-1) ?? 0] ?? 0
}
