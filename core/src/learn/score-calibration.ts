import { z } from 'zod'
import { readModelFile } from './read-model-file.ts'
import { demandOption, demandPerRow, refuseUnfit } from './unfit.ts'

/** Anomaly scores of ordinary rows that the model was not fitted on, from the lowest: what a new score is held against. */
export interface ScoreCalibration {
  held_out: Float64Array
}

/** Keeps the scores of held-out ordinary rows. Scores of the rows a model was fitted on would promise too much. */
export function calibrateScores(held_out_scores: ArrayLike<number>): ScoreCalibration {
  if (held_out_scores.length === 0)
    refuseUnfit('There are no held-out scores to compare with.', [
      { path: '/held_out_scores', code: 'empty', message: 'At least one score' },
    ])
  demandPerRow('held_out_scores', held_out_scores, held_out_scores.length)
  return { held_out: Float64Array.from(held_out_scores).sort() }
}

/**
 * How rare a score this high is among ordinary rows: p = (1 + number of held-out scores at least as high) / (n + 1). If
 * the row is ordinary and exchangeable with those held out, p ≤ a happens with a chance of at most a (conformal p-value;
 * Bates, Candès, Lei, Romano and Sesia, Testing for outliers with conformal p-values, Annals of Statistics 51, 2023).
 */
export function scorePValues({ held_out }: ScoreCalibration, scores: ArrayLike<number>): Float64Array {
  demandPerRow('scores', scores, scores.length)
  return Float64Array.from(
    scores,
    (score) => (1 + held_out.length - countBelow(held_out, score)) / (held_out.length + 1),
  )
}

export interface AlertBudget {
  /** How many false alerts are bearable in a period, on average; above 0. */
  alerts_per_period: number
  /** How many rows are scored in such a period. */
  rows_per_period: number
}

export interface AlertThreshold {
  /** A score above it is an alert. */
  threshold: number
  /** The greatest share of ordinary rows that is expected above it. */
  alert_share: number
  /** The false alerts of a period that this share makes, on average and at most; never more than the budget. */
  alerts_per_period: number
}

/**
 * The lowest threshold that keeps ordinary rows within the budget: the highest share of alerts that the held-out scores
 * can vouch for. Refuses a budget too small for their number (`learn/data-unfit`): n scores cannot tell shares below
 * 1 / (n + 1) apart.
 */
export function alertThreshold({ held_out }: ScoreCalibration, budget: AlertBudget): AlertThreshold {
  demandOption('alerts_per_period', budget.alerts_per_period, { least: Number.MIN_VALUE, most: Number.MAX_VALUE })
  demandOption('rows_per_period', budget.rows_per_period, { least: budget.alerts_per_period, most: Number.MAX_VALUE })
  const share = budget.alerts_per_period / budget.rows_per_period
  // A share such as 3/300 times 300 must not fall just below 3.
  const alerts = Math.min(held_out.length, Math.floor(share * (held_out.length + 1) * (1 + 1e-12)))
  if (alerts < 1) {
    const expected = Math.ceil(1 / share) - 1
    refuseUnfit(
      `${held_out.length} held-out scores cannot vouch for one alert in ${1 / share} rows; ${expected} can.`,
      [
        {
          path: '/held_out_scores',
          code: 'too-few',
          message: 'More held-out scores',
          value: held_out.length,
          expected,
        },
      ],
    )
  }
  const alert_share = alerts / (held_out.length + 1)
  const threshold = held_out[held_out.length - alerts] ?? Number.NaN
  return { threshold, alert_share, alerts_per_period: alert_share * budget.rows_per_period }
}

export type ScoreCalibrationFile = z.infer<typeof ScoreCalibrationFile>
export const ScoreCalibrationFile = z.object({
  kind: z.literal('score-calibration'),
  version: z.literal(1),
  held_out: z.array(z.number()).min(1).max(10_000_000),
})

export function writeScoreCalibration({ held_out }: ScoreCalibration): ScoreCalibrationFile {
  return { kind: 'score-calibration', version: 1, held_out: [...held_out] }
}

/** Refuses what is not one: `learn/model-file-invalid`. The order of the scores in the file does not matter. */
export function readScoreCalibration(file: unknown): ScoreCalibration {
  const { held_out } = readModelFile(ScoreCalibrationFile, file, 'a calibration of scores')
  return { held_out: Float64Array.from(held_out).sort() }
}

/** How many of the sorted numbers are below the value. */
function countBelow(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
