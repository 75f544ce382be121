import { z } from 'zod'
import { Problem } from '../lib/problem.ts'
import { conformalQuantile } from './conformal.ts'
import { readModelFile } from './read-model-file.ts'

/**
 * Adaptive conformal inference (Gibbs and Candès 2021): a margin from the latest scores whose level moves with every miss,
 * so that the long-run coverage comes out right even when the data drift. Plain data; a step returns the next state.
 */
export interface AdaptiveConformal {
  kind: 'adaptive-conformal'
  version: 1
  /** The share of outcomes that shall lie inside. */
  level: number
  /** How far one outcome moves the level. */
  rate: number
  /** The share allowed to miss just now; at 0 or below the interval is unbounded, at 1 or above it is a point. */
  miss_now: number
  /** The latest scores, oldest first, at most `scores_max`. */
  scores: readonly number[]
  scores_max: number
  /** 1 for a miss, 0 for a hit: the latest outcomes, oldest first, at most `outcomes_max`. */
  outcomes: readonly number[]
  outcomes_max: number
  /** Outcomes seen and missed since the start. */
  seen: number
  missed: number
}

export interface AdaptiveOptions {
  /** 0.9 unless told. */
  level?: number
  /** 0.01 unless told: a miss moves a 95 % interval by about one point of coverage. */
  rate?: number
  /** Scores kept for the quantile; 1440 unless told, which is 60 days of hours. */
  scores_max?: number
  /** Outcomes kept for the rolling coverage; 720 unless told, which is 30 days of hours. */
  outcomes_max?: number
}

export function adaptiveConformal(scores: ArrayLike<number>, options: AdaptiveOptions = {}): AdaptiveConformal {
  const { level = 0.9, rate = 0.01, scores_max = 1440, outcomes_max = 720 } = options
  const kept = Array.from(scores).slice(-scores_max)
  const sound = level > 0 && level < 1 && rate >= 0 && Number.isFinite(rate) && scores_max >= 1 && outcomes_max >= 1
  if (!sound || !kept.every((score) => !Number.isNaN(score)))
    throw new Problem('learn/data-unfit', {
      detail: 'Adaptive intervals need a level in (0, 1) and scores that are numbers.',
    })
  return {
    kind: 'adaptive-conformal',
    version: 1,
    level,
    rate,
    miss_now: 1 - level,
    scores: kept,
    scores_max,
    outcomes: [],
    outcomes_max,
    seen: 0,
    missed: 0,
  }
}

/** The margin for the next prediction: Infinity where none keeps the promise, -Infinity where the empty set does. */
export function adaptiveMargin({ scores, miss_now }: AdaptiveConformal): number {
  if (miss_now <= 0) return Infinity
  if (miss_now >= 1) return -Infinity
  return conformalQuantile(scores, 1 - miss_now) ?? Infinity
}

/** The state after one outcome is known: its score is compared with the margin that held, then joins the others. */
export function afterOutcome(state: AdaptiveConformal, score: number): AdaptiveConformal {
  if (Number.isNaN(score)) return state
  const miss = score > adaptiveMargin(state) ? 1 : 0
  return {
    ...state,
    miss_now: state.miss_now + state.rate * (1 - state.level - miss),
    scores: [...state.scores.slice(state.scores.length >= state.scores_max ? 1 : 0), score],
    outcomes: [...state.outcomes.slice(state.outcomes.length >= state.outcomes_max ? 1 : 0), miss],
    seen: state.seen + 1,
    missed: state.missed + miss,
  }
}

/** Coverage so far and over the latest outcomes; null before there are any. */
export function adaptiveCoverage({ outcomes, seen, missed }: AdaptiveConformal): {
  coverage: number | null
  coverage_rolling: number | null
  rolling_count: number
} {
  const misses = outcomes.reduce((sum, miss) => sum + miss, 0)
  return {
    coverage: seen === 0 ? null : 1 - missed / seen,
    coverage_rolling: outcomes.length === 0 ? null : 1 - misses / outcomes.length,
    rolling_count: outcomes.length,
  }
}

const AdaptiveFile = z
  .strictObject({
    kind: z.literal('adaptive-conformal'),
    version: z.literal(1),
    level: z.number().gt(0).lt(1),
    rate: z.number().nonnegative(),
    miss_now: z.number(),
    scores: z.array(z.number()).max(100_000),
    scores_max: z.int().min(1).max(100_000),
    outcomes: z.array(z.literal([0, 1])).max(100_000),
    outcomes_max: z.int().min(1).max(100_000),
    seen: z.int().nonnegative(),
    missed: z.int().nonnegative(),
  })
  .refine(
    (file) =>
      file.scores.length <= file.scores_max && file.outcomes.length <= file.outcomes_max && file.missed <= file.seen,
    'more is kept than the file says can be',
  )

/** The state as it goes into a file: it is plain data already. */
export function writeAdaptive(state: AdaptiveConformal): AdaptiveConformal {
  return { ...state, scores: [...state.scores], outcomes: [...state.outcomes] }
}

/** @throws {Problem} learn/model-file-invalid */
export function readAdaptive(file: unknown): AdaptiveConformal {
  return readModelFile(AdaptiveFile, file, 'an adaptive interval of version 1')
}
