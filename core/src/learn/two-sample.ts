import { chiSquareTail, kolmogorovTail } from './distributions.ts'
import { Problem } from '../lib/problem.ts'

/**
 * How far apart two samples are, and how often chance alone takes them that far. Numbers are finite; missing ones are left
 * out by the caller, who counts them. Sources stand in docs/methods/learn-drift.md.
 */

function demand(holds: boolean, detail: string): void {
  if (!holds) throw new Problem('learn/data-unfit', { detail })
}

/**
 * Population stability index of two lists of counts over the same bins, in nats. Half a row is added to every bin of both, so
 * an empty bin costs what it is worth at that size and not what an arbitrary small number makes of it.
 */
export function psi(reference_counts: ArrayLike<number>, current_counts: ArrayLike<number>): number {
  const bins = reference_counts.length
  demand(bins > 0 && bins === current_counts.length, 'Both samples are counted over the same bins.')
  let reference_total = bins / 2
  let current_total = bins / 2
  for (let bin = 0; bin < bins; bin++) {
    reference_total += reference_counts[bin]!
    current_total += current_counts[bin]!
  }
  let sum = 0
  for (let bin = 0; bin < bins; bin++) {
    const reference = (reference_counts[bin]! + 0.5) / reference_total
    const current = (current_counts[bin]! + 0.5) / current_total
    sum += (current - reference) * Math.log(current / reference)
  }
  return sum
}

export interface KolmogorovSmirnov {
  /** The largest difference between the two distribution functions, 0 to 1. */
  distance: number
  p_value: number
  /** `exact` counts paths (ties make it cautious); `asymptotic` is Kolmogorov's law with Stephens's correction. */
  law: 'exact' | 'asymptotic'
}

/** The most path steps that are counted for an exact p-value. */
const KS_EXACT_CELLS_MAX = 250_000

/** The two-sample Kolmogorov–Smirnov test, two-sided. */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): KolmogorovSmirnov {
  demand(a.length > 0 && b.length > 0, 'Two samples are compared; one of them is empty.')
  const distance = ksDistance(Float64Array.from(a).sort(), Float64Array.from(b).sort())
  if (a.length * b.length <= KS_EXACT_CELLS_MAX) {
    return { distance, p_value: exactKsTail(distance, a.length, b.length), law: 'exact' }
  }
  const root = Math.sqrt((a.length * b.length) / (a.length + b.length))
  return { distance, p_value: kolmogorovTail((root + 0.12 + 0.11 / root) * distance), law: 'asymptotic' }
}

function ksDistance(a: Float64Array, b: Float64Array): number {
  let i = 0
  let j = 0
  let distance = 0
  while (i < a.length && j < b.length) {
    const here = Math.min(a[i]!, b[j]!)
    while (i < a.length && a[i]! <= here) i++
    while (j < b.length && b[j]! <= here) j++
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length))
  }
  return distance
}

/** The share of orders of `m` and `n` values whose distance is at least `distance`, by counting lattice paths (Hodges 1958). */
function exactKsTail(distance: number, m: number, n: number): number {
  // Distances are multiples of 1 / mn; half a step keeps rounding from deciding.
  const limit = (Math.round(distance * m * n) - 0.5) / (m * n)
  const within = new Float64Array(n + 1)
  for (let j = 0; j <= n; j++) within[j] = j / n > limit ? 0 : 1
  for (let i = 1; i <= m; i++) {
    // Each row is scaled by i / (i + n) so that the counts, of up to 500 digits, become a chance.
    const scale = i / (i + n)
    within[0] = i / m > limit ? 0 : scale * within[0]!
    for (let j = 1; j <= n; j++) {
      within[j] = Math.abs(i / m - j / n) > limit ? 0 : scale * within[j]! + within[j - 1]!
    }
  }
  return Math.min(1, Math.max(0, 1 - within[n]!))
}

/** First Wasserstein distance: the area between the two distribution functions, in the unit of the values. */
export function wasserstein(a: Float64Array, b: Float64Array): number {
  demand(a.length > 0 && b.length > 0, 'Two samples are compared; one of them is empty.')
  const left = Float64Array.from(a).sort()
  const right = Float64Array.from(b).sort()
  let i = 0
  let j = 0
  let area = 0
  let before = Math.min(left[0]!, right[0]!)
  while (i < left.length || j < right.length) {
    const here = Math.min(left[i] ?? Infinity, right[j] ?? Infinity)
    area += Math.abs(i / left.length - j / right.length) * (here - before)
    before = here
    while (i < left.length && left[i]! <= here) i++
    while (j < right.length && right[j]! <= here) j++
  }
  return area
}

export interface ChiSquare {
  statistic: number
  /** Categories that occur at all, less one. */
  freedom: number
  p_value: number
  /** The smallest count that independence expects; below 5 the law is a poor guide. */
  expected_min: number
}

/** Pearson's chi-square test that two lists of counts over the same categories come from one distribution. */
export function chiSquareTest(a: ArrayLike<number>, b: ArrayLike<number>): ChiSquare {
  demand(a.length === b.length, 'Both samples are counted over the same categories.')
  let a_total = 0
  let b_total = 0
  for (let i = 0; i < a.length; i++) {
    a_total += a[i]!
    b_total += b[i]!
  }
  demand(a_total > 0 && b_total > 0, 'Two samples are compared; one of them is empty.')
  let statistic = 0
  let categories = 0
  let expected_min = Infinity
  for (let i = 0; i < a.length; i++) {
    const both = a[i]! + b[i]!
    if (both === 0) continue
    categories++
    for (const [count, total] of [[a[i]!, a_total] as const, [b[i]!, b_total] as const]) {
      const expected = (both * total) / (a_total + b_total)
      statistic += (count - expected) ** 2 / expected
      expected_min = Math.min(expected_min, expected)
    }
  }
  const freedom = categories - 1
  return { statistic, freedom, p_value: freedom > 0 ? chiSquareTail(statistic, freedom) : 1, expected_min }
}

/**
 * Adjusted p-values after Benjamini and Hochberg (1995): calling everything at most `q` a finding keeps the expected share of
 * false findings at or below `q`.
 */
export function benjaminiHochberg(p_values: readonly number[]): number[] {
  const order = p_values.map((_, i) => i).sort((a, b) => p_values[b]! - p_values[a]!)
  const adjusted = p_values.map(() => 1)
  let least = 1
  order.forEach((index, place) => {
    const rank = p_values.length - place
    least = Math.min(least, (p_values[index]! * p_values.length) / rank)
    adjusted[index] = least
  })
  return adjusted
}
