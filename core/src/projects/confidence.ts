/**
 * Confidence from 0 to 100: how far the measurement can be trusted. How large the change was is another number, and stands
 * beside it. Uncalibrated until a table says how often scores like this one were right.
 */
import { z } from 'zod'
import {
  applyIsotonic,
  fitIsotonic,
  IsotonicFile,
  readIsotonic,
  writeIsotonic,
  type Isotonic,
} from '../learn/calibration.ts'
import { calibrationError } from '../learn/metrics.ts'
import { randomOf, range, shuffle } from '../learn/random.ts'
import { Problem } from '../lib/problem.ts'
import {
  componentNames,
  componentWeights,
  gatesOf,
  geometricMean,
  qualityOf,
  scoreComponent,
  SIGNIFICANT_Z,
  type Quality,
} from './confidence-components.ts'
import type { Ecosystem } from './ecosystems.ts'
import type { PairMeasurement } from './measurement.ts'
import { Message } from './message.ts'
import { roundTo } from './method-result.ts'

/** The version of components, weights and gates. */
export const CONFIDENCE_FORMULA = 'raw-2'

const Score = z.number().min(0).max(100)
const Share = z.number().min(0).max(1)
const Bin = z.strictObject({ count: z.number().int().min(1), predicted_mean: Share, actual_mean: Share })

/** How often a raw score was right, from pairs whose truth is known. */
export const CalibrationTable = z.strictObject({
  kind: z.literal('confidence-calibration'),
  version: z.string().regex(/^conf-[1-9][0-9]{0,3}$/),
  formula: z.literal(CONFIDENCE_FORMULA),
  isotonic: z.strictObject(IsotonicFile.shape),
  fitted_on: z.strictObject({ pairs: z.number().int().min(1), scenes: z.number().int().min(1) }),
  held_out: z.strictObject({
    pairs: z.number().int().min(1),
    scenes: z.number().int().min(1),
    ece: Share.describe('Expected calibration error on scenes that the table was not fitted on.'),
    bins: z.array(Bin).describe('The reliability diagram.'),
  }),
})
export type CalibrationTable = z.infer<typeof CalibrationTable>

/** A table with a larger error than this on held-out scenes is not used. */
export const ECE_MAX = 0.05

export const Confidence = z.strictObject({
  formula: z
    .enum(['raw-1', CONFIDENCE_FORMULA])
    .describe('Reports stay as they were computed, by the first formula too.'),
  calibration: z.string().max(20).describe('`uncalibrated`, or the version of the table: `conf-1`.'),
  components: z.array(
    z.strictObject({
      component: z.enum(componentNames),
      weight: Share,
      value: Share,
      counted: z.boolean().describe('Detectability counts where there is a change to detect.'),
      says: Message,
    }),
  ),
  raw_score: Score,
  calibrated_score: Score.nullable(),
  gates: z.array(z.strictObject({ gate: z.string().max(40), score_max: Score, says: Message })),
  score: Score.describe('What decides: calibrated where it can be, under every gate, rounded down to a tenth.'),
  effect: z
    .strictObject({
      delta: z.number(),
      sigma: z.number(),
      z: z.number().min(0),
      significant: z.boolean(),
      direction: z.enum(['gain', 'loss', 'none']),
    })
    .nullable()
    .describe('How large the change was. No part of the score says that larger is better.'),
})
export type Confidence = z.infer<typeof Confidence>

/** Scores a pair. Pure: the same pair and table give the same bytes in any engine. */
export function confidenceOf(
  measurement: PairMeasurement,
  ecosystem: Ecosystem,
  calibration: CalibrationTable | null = null,
): Confidence {
  const quality = qualityOf(measurement, ecosystem)
  return { ...scoreQuality(quality, calibration), effect: effectOf(measurement) }
}

/** The score of a quality, real or supposed. */
export function scoreQuality(quality: Quality, calibration: CalibrationTable | null): Omit<Confidence, 'effect'> {
  // Where nothing changed there is nothing to detect: finding that out well is no weakness.
  const has_change = quality.z === null || quality.z >= SIGNIFICANT_Z
  const scored = componentNames.map((name) => {
    const { score, says } = scoreComponent(name, quality)
    return { name, score: roundTo(score, 9), says, counted: name !== 'detectability' || has_change }
  })
  const raw_score = geometricMean(scored.filter(({ counted }) => counted))
  const usable = calibration !== null && calibration.held_out.ece <= ECE_MAX ? calibration : null
  const calibrated_score = usable === null ? null : calibratedScore(raw_score, usable)
  const gates = gatesOf(quality)
  const capped = Math.min(calibrated_score ?? raw_score, ...gates.map(({ score_max }) => score_max))
  return {
    formula: CONFIDENCE_FORMULA,
    calibration: usable?.version ?? 'uncalibrated',
    components: scored.map(({ name, score, says, counted }) => ({
      component: name,
      weight: componentWeights[name],
      value: score,
      counted,
      says,
    })),
    raw_score,
    calibrated_score,
    gates,
    // Down, so that 84.96 is not shown as 85.0 and read as a level that it does not reach.
    score: Math.floor(roundTo(capped, 6) * 10) / 10,
  }
}

function calibratedScore(raw_score: number, { isotonic }: CalibrationTable): number {
  const [probability = 0] = applyIsotonic(readIsotonic(isotonic), [raw_score / 100])
  return roundTo(100 * Math.min(1, Math.max(0, probability)), 6)
}

function effectOf(measurement: PairMeasurement): Confidence['effect'] {
  if (measurement.outcome === 'cannot_tell') return null
  const { delta, sigma } = measurement.index
  const size = roundTo(Math.abs(delta) / sigma, 9)
  const significant = size >= SIGNIFICANT_Z
  return { delta, sigma, z: size, significant, direction: !significant ? 'none' : delta > 0 ? 'gain' : 'loss' }
}

/** A pair of the bench: what it scored before gates, and whether its measurement came within the tolerance of the truth. */
export interface GradedPair {
  /** Pairs of one scene stay on one side of the split. */
  scene: string
  raw_score: number
  correct: boolean
}

export interface CalibrationOptions {
  version: string
  /** Share of the scenes that are only judged on; 0.3. */
  held_out_fraction?: number
  /** Names the split; 0. */
  seed?: number
  bin_count?: number
  /** Each step of the curve stands on so many pairs at least; 40. */
  pairs_per_step?: number
}

/**
 * Fits the table on some scenes and judges it on others. The caller looks at `held_out.ece`: above `ECE_MAX` no score
 * will use the table.
 * @throws Problem `projects/invalid-analysis` with fewer than four scenes, or scores outside 0 to 100.
 */
export function calibrateConfidence(pairs: readonly GradedPair[], options: CalibrationOptions): CalibrationTable {
  const scenes = new Set(pairs.map(({ scene }) => scene)).size
  const outside = pairs.find(({ raw_score }) => !(raw_score >= 0 && raw_score <= 100))
  if (scenes < 4 || outside !== undefined) {
    throw new Problem('projects/invalid-analysis', {
      detail:
        outside === undefined
          ? `A calibration is fitted and judged on four scenes at least, these are ${scenes}.`
          : `A raw score lies between 0 and 100, this is ${outside.raw_score}.`,
      scenes,
    })
  }
  const held = heldOutScenes(pairs, options)
  const [train, test] = [pairs.filter(({ scene }) => !held.has(scene)), pairs.filter(({ scene }) => held.has(scene))]
  const isotonic = fitSteps(train, options.pairs_per_step ?? 40)
  const predicted = applyIsotonic(isotonic, sharesOf(test))
  const { ece, bins } = calibrationError(labelsOf(test), predicted, options.bin_count ?? 10)
  return CalibrationTable.parse({
    kind: 'confidence-calibration',
    version: options.version,
    formula: CONFIDENCE_FORMULA,
    isotonic: writeIsotonic(isotonic),
    fitted_on: { pairs: train.length, scenes: scenes - held.size },
    held_out: { pairs: test.length, scenes: held.size, ece: roundTo(ece, 9), bins },
  })
}

/** The scenes that `calibrateConfidence` only judges on: the same for the same scenes, share and seed. */
export function heldOutScenes(
  pairs: readonly Pick<GradedPair, 'scene'>[],
  { held_out_fraction = 0.3, seed = 0 }: Pick<CalibrationOptions, 'held_out_fraction' | 'seed'> = {},
): Set<string> {
  const scenes = [...new Set(pairs.map(({ scene }) => scene))].sort()
  const wanted = Math.round(scenes.length * held_out_fraction)
  const order = shuffle(range(scenes.length), randomOf(seed))
  return new Set(Array.from(order.slice(0, Math.min(scenes.length - 2, Math.max(2, wanted))), (i) => scenes[i] ?? ''))
}

/**
 * The rising curve through steps of neighbouring scores. A handful of pairs that all happened to be right would promise certainty
 * to the best scores, where it matters most: so a step has many pairs, and one more right and one more wrong than were seen.
 */
function fitSteps(pairs: readonly GradedPair[], pairs_per_step: number): Isotonic {
  const sorted = [...pairs].sort((a, b) => a.raw_score - b.raw_score)
  const steps: GradedPair[][] = []
  for (const [at, pair] of sorted.entries()) {
    const last = steps.at(-1)
    const isTied = last?.at(-1)?.raw_score === pair.raw_score
    const isEnd = sorted.length - at < pairs_per_step
    if (last && (isTied || isEnd || last.length < pairs_per_step)) last.push(pair)
    else steps.push([pair])
  }
  const scores = steps.map((step) =>
    roundTo(step.reduce((sum, { raw_score }) => sum + raw_score, 0) / step.length / 100, 9),
  )
  const rights = steps.map((step) => (step.filter(({ correct }) => correct).length + 1) / (step.length + 2))
  const { scores: at, values } = fitIsotonic(scores, rights, { weights: steps.map(({ length }) => length) })
  return { scores: at, values: values.map((value) => roundTo(value, 9)) }
}

const sharesOf = (pairs: readonly GradedPair[]) => Float64Array.from(pairs, ({ raw_score }) => raw_score / 100)
const labelsOf = (pairs: readonly GradedPair[]) => Float64Array.from(pairs, ({ correct }) => (correct ? 1 : 0))
