import { z } from 'zod'
import { demandWeights } from './linear.ts'
import { readModelFile } from './read-model-file.ts'
import { demandCount, demandPerRow, refuseUnfit } from './unfit.ts'

/** A rising staircase with slanted steps: between two points straight, beyond the ends flat. */
export interface Isotonic {
  /** Where the level changes, rising. */
  scores: Float64Array
  /** What is answered there, never falling. */
  values: Float64Array
}

export interface IsotonicOptions {
  /** One per row, at least 0; all 1 by default. */
  weights?: ArrayLike<number>
  /** Whether the values fall with the scores instead; false by default. */
  decreasing?: boolean
}

/**
 * The rising curve of least squares, by pooling adjacent violators (M. Ayer and others, Annals of Mathematical Statistics
 * 26, 1955). With labels 0 and 1 as targets it turns scores into probabilities. Rows of one score count as one, with their
 * mean. Refuses what is not finite, and no rows (`learn/data-unfit`).
 */
export function fitIsotonic(
  scores: ArrayLike<number>,
  target: ArrayLike<number>,
  options: IsotonicOptions = {},
): Isotonic {
  demandCount('rows', scores.length, { least: 1, most: 2 ** 31 })
  demandPerRow('scores', scores, scores.length)
  demandPerRow('target', target, scores.length)
  const weights = demandWeights(options.weights, scores.length)
  const sign = options.decreasing === true ? -1 : 1
  const points = pointsOf(scores, target, weights)
  const pooled = poolAdjacent(
    points.map(({ value }) => sign * value),
    points.map(({ weight }) => weight),
  )
  // Of each level only the ends matter.
  const kept = points.flatMap(({ score }, i) =>
    pooled[i] === pooled[i - 1] && pooled[i] === pooled[i + 1] ? [] : [{ score, value: sign * pooled[i]! }],
  )
  return {
    scores: Float64Array.from(kept, ({ score }) => score),
    values: Float64Array.from(kept, ({ value }) => value),
  }
}

/** The rising sequence nearest to the values in weighted squares; weights above 0. */
export function poolAdjacent(values: ArrayLike<number>, weights: ArrayLike<number>): Float64Array {
  const means = new Float64Array(values.length)
  const masses = new Float64Array(values.length)
  const lengths = new Uint32Array(values.length)
  let blocks = 0
  for (let i = 0; i < values.length; i++) {
    means[blocks] = values[i]!
    masses[blocks] = weights[i]!
    lengths[blocks] = 1
    blocks++
    while (blocks > 1 && means[blocks - 2]! >= means[blocks - 1]!) {
      const [into, from] = [blocks - 2, blocks - 1]
      const mass = masses[into]! + masses[from]!
      means[into]! += (masses[from]! / mass) * (means[from]! - means[into]!)
      masses[into] = mass
      lengths[into]! += lengths[from]!
      blocks--
    }
  }
  const pooled = new Float64Array(values.length)
  let at = 0
  for (let block = 0; block < blocks; block++) {
    pooled.fill(means[block]!, at, at + lengths[block]!)
    at += lengths[block]!
  }
  return pooled
}

/** Straight between the points, flat beyond them; NaN stays NaN. */
export function applyIsotonic({ scores, values }: Isotonic, given: ArrayLike<number>): Float64Array {
  return Float64Array.from(given, (score) => {
    if (Number.isNaN(score)) return Number.NaN
    let low = 0
    let high = scores.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (scores[middle]! <= score) low = middle + 1
      else high = middle
    }
    if (low === 0) return values[0]!
    if (low === scores.length) return values[low - 1]!
    const share = (score - scores[low - 1]!) / (scores[low]! - scores[low - 1]!)
    // Either end exactly, and never beyond one by rounding.
    const between = values[low - 1]! + share * (values[low]! - values[low - 1]!)
    const [least, most] = values[low - 1]! < values[low]! ? [low - 1, low] : [low, low - 1]
    return Math.min(Math.max(between, values[least]!), values[most]!)
  })
}

function pointsOf(scores: ArrayLike<number>, target: ArrayLike<number>, weights: Float64Array) {
  const order = Array.from({ length: scores.length }, (_, row) => row)
    .filter((row) => weights[row]! > 0)
    .sort((a, b) => scores[a]! - scores[b]!)
  const points: { score: number; value: number; weight: number }[] = []
  for (const row of order) {
    const last = points.at(-1)
    // 0 and -0 are one score.
    if (last !== undefined && last.score === scores[row]) {
      last.weight += weights[row]!
      last.value += (weights[row]! / last.weight) * (target[row]! - last.value)
    } else points.push({ score: scores[row]!, value: target[row]!, weight: weights[row]! })
  }
  return points
}

/** A probability from a score: 1 / (1 + exp(slope · score + offset)); the slope is below 0 where high scores mean yes. */
export interface Platt {
  slope: number
  offset: number
}

const NEWTON_STEPS_MAX = 100

/**
 * Platt's sigmoid through scores and labels 0 or 1, by Newton's method with backtracking as H.-T. Lin, C.-J. Lin and
 * R. C. Weng set it right (A note on Platt's probabilistic outputs, Machine Learning 68, 2007). Targets are drawn in a
 * little, (n₁ + 1)/(n₁ + 2) and 1/(n₀ + 2), so that perfect separation gives no infinite slope. Refuses other labels, one
 * label only, and what is not finite (`learn/data-unfit`).
 */
export function fitPlatt(scores: ArrayLike<number>, labels: ArrayLike<number>): Platt {
  demandPerRow('scores', scores, scores.length)
  const targets = drawnIn(labels, scores.length)
  const { middle, spread } = middleOf(scores)
  // Scores near 1 in size: Newton's steps are the same, and the little ridge below means the same whatever the unit.
  const x = Float64Array.from(scores, (score) => (score - middle) / spread)
  const above = targets.reduce((sum, target) => sum + target, 0)
  let at = { slope: 0, offset: Math.log((targets.length - above) / above) }
  let loss = plattLoss(x, targets, at)
  for (let step = 0; step < NEWTON_STEPS_MAX; step++) {
    const { gradient, direction } = newtonOf(x, targets, at)
    if (Math.max(Math.abs(gradient[0]), Math.abs(gradient[1])) < 1e-10 * targets.length) break
    const descent = gradient[0] * direction[0] + gradient[1] * direction[1]
    let share = 1
    let next = at
    let next_loss = loss
    do {
      next = { slope: at.slope + share * direction[0], offset: at.offset + share * direction[1] }
      next_loss = plattLoss(x, targets, next)
      share /= 2
    } while (!(next_loss <= loss + 2e-4 * share * descent) && share > 1e-12)
    // No step makes it better: rounding has the last word.
    if (!(next_loss < loss)) break
    at = next
    loss = next_loss
  }
  return { slope: at.slope / spread, offset: at.offset - (at.slope * middle) / spread }
}

/** Probabilities from 0 to 1; NaN stays NaN. */
export function applyPlatt({ slope, offset }: Platt, given: ArrayLike<number>): Float64Array {
  return Float64Array.from(given, (score) => sigmoidDown(slope * score + offset))
}

function drawnIn(labels: ArrayLike<number>, count: number): Float64Array {
  demandPerRow('labels', labels, count)
  const odd = Array.from(labels).findIndex((label) => label !== 0 && label !== 1)
  if (odd >= 0)
    refuseUnfit('Labels are 0 or 1.', [
      { path: `/labels/${odd}`, code: 'label', message: '0 or 1', value: labels[odd] },
    ])
  const ones = Array.from(labels).filter((label) => label === 1).length
  if (ones === 0 || ones === count)
    refuseUnfit('A calibration needs rows of both labels.', [
      { path: '/labels', code: 'one-label', message: 'Rows of label 0 and of label 1' },
    ])
  const high = (ones + 1) / (ones + 2)
  const low = 1 / (count - ones + 2)
  return Float64Array.from(labels, (label) => (label === 1 ? high : low))
}

function middleOf(scores: ArrayLike<number>): { middle: number; spread: number } {
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < scores.length; i++) {
    low = Math.min(low, scores[i]!)
    high = Math.max(high, scores[i]!)
  }
  return { middle: low / 2 + high / 2, spread: high / 2 - low / 2 || 1 }
}

function plattLoss(x: Float64Array, targets: Float64Array, { slope, offset }: Platt): number {
  let loss = 0
  for (let i = 0; i < x.length; i++) {
    const f = slope * x[i]! + offset
    // The two forms are one number; each overflows where the other is taken.
    loss += f >= 0 ? targets[i]! * f + Math.log1p(Math.exp(-f)) : (targets[i]! - 1) * f + Math.log1p(Math.exp(f))
  }
  return loss
}

type Pair = [slope: number, offset: number]

function newtonOf(
  x: Float64Array,
  targets: Float64Array,
  { slope, offset }: Platt,
): { gradient: Pair; direction: Pair } {
  // A little on the diagonal, so that the matrix can be inverted where every score is the same.
  let [ss, oo, so] = [1e-12, 1e-12, 0]
  const gradient: Pair = [0, 0]
  for (let i = 0; i < x.length; i++) {
    const p = sigmoidDown(slope * x[i]! + offset)
    const curve = p * (1 - p)
    ss += x[i]! * x[i]! * curve
    so += x[i]! * curve
    oo += curve
    gradient[0] += x[i]! * (targets[i]! - p)
    gradient[1] += targets[i]! - p
  }
  const determinant = ss * oo - so * so
  return {
    gradient,
    direction: [
      (-oo * gradient[0] + so * gradient[1]) / determinant,
      (so * gradient[0] - ss * gradient[1]) / determinant,
    ],
  }
}

/** 1 / (1 + eˣ) without overflow. */
function sigmoidDown(x: number): number {
  if (x < 0) return 1 / (1 + Math.exp(x))
  const small = Math.exp(-x)
  return small / (1 + small)
}

export type IsotonicFile = z.infer<typeof IsotonicFile>
export const IsotonicFile = z.object({
  kind: z.literal('isotonic'),
  version: z.literal(1),
  points: z
    .array(z.tuple([z.number(), z.number()]))
    .min(1)
    .max(10_000_000),
})

export function writeIsotonic({ scores, values }: Isotonic): IsotonicFile {
  return { kind: 'isotonic', version: 1, points: Array.from(scores, (score, i) => [score, values[i] ?? score]) }
}

/** Refuses what is not one, or neither rises nor falls throughout: `learn/model-file-invalid`. */
export function readIsotonic(file: unknown): Isotonic {
  const ordered = IsotonicFile.refine(
    ({ points }) => points.every(([score], i) => i === 0 || score > (points[i - 1]?.[0] ?? score)),
    { path: ['points'], message: 'scores must rise from point to point' },
  ).refine(
    ({ points }) =>
      [1, -1].some((sign) =>
        points.every(([, value], i) => i === 0 || sign * (value - (points[i - 1]?.[1] ?? value)) >= 0),
      ),
    { path: ['points'], message: 'values must never fall, or never rise' },
  )
  const { points } = readModelFile(ordered, file, 'an isotonic calibration')
  return {
    scores: Float64Array.from(points, ([score]) => score),
    values: Float64Array.from(points, ([, value]) => value),
  }
}

export type PlattFile = z.infer<typeof PlattFile>
export const PlattFile = z.object({
  kind: z.literal('platt'),
  version: z.literal(1),
  slope: z.number(),
  offset: z.number(),
})

export function writePlatt({ slope, offset }: Platt): PlattFile {
  return { kind: 'platt', version: 1, slope, offset }
}

/** Refuses what is not one: `learn/model-file-invalid`. */
export function readPlatt(file: unknown): Platt {
  const { slope, offset } = readModelFile(PlattFile, file, 'a Platt calibration')
  return { slope, offset }
}
