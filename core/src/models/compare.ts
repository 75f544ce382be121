import { compareOnHoldout } from '../learn/bootstrap.ts'
import { meanOf, quantileOf } from './figures.ts'
import type { Scores, TrainingData } from './algorithm.ts'
import type { LoadedModel } from './artifact.ts'
import { encodeFrame } from './encode.ts'
import type { Tested } from './evaluate.ts'
import { takeFrame } from './frame.ts'
import type { Comparison } from './gate.ts'
import { maskedCells, pairedCells } from './imputation.ts'
import { lossesOf } from './losses.ts'

/** The version that answers now. */
export interface Rival {
  version: number
  model: LoadedModel
  /** The first moment that it has not seen, in milliseconds; null where it was not split by time. */
  holdout_from: number | null
}

const DAY_MS = 86_400_000
/** Fewer pairs than this tell nothing. */
const PAIRS_MIN = 8

/**
 * Compares a new version with the champion, on rows of the holdout that neither was trained on; where there is no champion,
 * with what a model that knows no feature would say. It must beat that in any case: where the truth has become noise, saying
 * nothing beats every champion, and is no progress. Losses pair row by row, and days are drawn whole where there are days.
 */
export function compareVersions(tested: Tested, data: TrainingData, champion?: Rival): Comparison {
  const against = champion ? `version ${champion.version}` : 'the baseline'
  const nothing = (says: string): Comparison => ({
    against,
    rows: 0,
    gain: null,
    gain_lower: null,
    gain_upper: null,
    says,
  })
  const { task } = tested
  if (task === 'imputation') return compareCells(tested, against, champion)
  if (task === 'anomaly' && !tested.target.some((label) => label === 1))
    return nothing(
      'No row is labelled as an anomaly, so which of two detectors is better cannot be told: a person decides.',
    )
  const rows = unseenRows(tested, champion)
  if (rows.length < PAIRS_MIN)
    return nothing(
      `Only ${rows.length} rows are later than everything ${against} was trained on; ${PAIRS_MIN} are needed.`,
    )
  const truth = {
    target: Float64Array.from(rows, (row) => tested.target[row] ?? NaN),
    groups: tested.groups && Array.from(rows, (row) => tested.groups?.[row] ?? ''),
  }
  const level = tested.recipe.level
  const own = lossesOf(task, takeScores(tested.scores, rows), truth, level)
  if (own.length < PAIRS_MIN) return nothing(`Only ${own.length} pairs can be compared; ${PAIRS_MIN} are needed.`)
  const blocks = blocksOf(tested, rows, own.length)
  const gainOver = (scores: Scores) => {
    const found = compareOnHoldout(lossesOf(task, scores, truth, level), own, {
      seed: 1,
      ...(blocks ? { blocks } : {}),
    })
    const relative = (gain: number) => (found.champion_loss > 0 ? gain / found.champion_loss : 0)
    return { gain: relative(found.gain), gain_lower: relative(found.gain_low), gain_upper: relative(found.gain_high) }
  }
  const over_baseline = gainOver(baselineScores(data, rows.length, level))
  if (!champion) return { against, rows: rows.length, ...over_baseline }
  const over_champion = gainOver(scoresOf(champion.model, tested, rows))
  return { against, rows: rows.length, ...over_champion, baseline_gain_lower: over_baseline.gain_lower }
}

/** The same for imputation, on cells of the holdout that are masked one at a time. */
function compareCells(tested: Tested, against: string, champion: Rival | undefined): Comparison {
  const frame = takeFrame(tested.frame, unseenRows(tested, champion))
  const cells = maskedCells(tested.model, frame)
  const pairs = champion
    ? pairedCells(cells, maskedCells(champion.model, frame))
    : {
        own: Float64Array.from(cells, ({ loss }) => loss),
        other: Float64Array.from(cells, ({ loss_of_mean }) => loss_of_mean),
      }
  if (pairs.own.length < PAIRS_MIN)
    return {
      against,
      rows: frame.row_count,
      gain: null,
      gain_lower: null,
      gain_upper: null,
      says: 'No field has enough known cells to compare on.',
    }
  const found = compareOnHoldout(pairs.other, pairs.own, { seed: 1 })
  const relative = (gain: number) => (found.champion_loss > 0 ? gain / found.champion_loss : 0)
  return {
    against,
    rows: frame.row_count,
    gain: relative(found.gain),
    gain_lower: relative(found.gain_low),
    gain_upper: relative(found.gain_high),
  }
}

/** Rows of the holdout from after everything that the champion saw. */
function unseenRows({ times, target }: Tested, champion: Rival | undefined): Uint32Array {
  const all = Uint32Array.from({ length: target.length }, (_, row) => row)
  const from = champion?.holdout_from
  return times && from !== null && from !== undefined ? all.filter((row) => (times[row] ?? -Infinity) >= from) : all
}

/** Days, where there are enough of them: rows of one day are not independent. */
function blocksOf({ times }: Tested, rows: Uint32Array, pairs: number): number[] | undefined {
  if (!times || pairs !== rows.length) return undefined
  const days = Array.from(rows, (row) => Math.floor((times[row] ?? 0) / DAY_MS))
  return new Set(days).size >= PAIRS_MIN ? days : undefined
}

function scoresOf(rival: LoadedModel, { frame }: Tested, rows: Uint32Array): Scores {
  return rival.score(encodeFrame(rival.encoding, takeFrame(frame, rows)))
}

function takeScores({ value, lower, upper }: Scores, rows: Uint32Array): Scores {
  const of = (all: Float64Array) => Float64Array.from(rows, (row) => all[row] ?? NaN)
  return { value: of(value), ...(lower ? { lower: of(lower) } : {}), ...(upper ? { upper: of(upper) } : {}) }
}

/** The best that can be said of every row alike, by the loss in question. */
function baselineScores({ task, target }: TrainingData, row_count: number, level: number): Scores {
  const all = (value: number) => new Float64Array(row_count).fill(value)
  if (task === 'regression' || task === 'classification') return { value: all(meanOf(target)) }
  // Everybody alike: groups and anomalies come in no order.
  if (task === 'ranking' || task === 'anomaly') return { value: all(0) }
  const sorted = Float64Array.from(target).sort()
  const tail = (1 - level) / 2
  const at = (share: number) => all(quantileOf(sorted, share))
  return { lower: at(tail), value: at(0.5), upper: at(1 - tail) }
}
