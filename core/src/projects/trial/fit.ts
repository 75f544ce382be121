/** From the pairs of a trial to the table that is shipped, with what it answers for and what it does not. */
import { z } from 'zod'
import { calibrationError } from '../../learn/metrics.ts'
import { digestOf } from '../../certificates/canonical.ts'
import { calibrateConfidence, CalibrationTable, heldOutScenes, scoreQuality } from '../confidence.ts'
import { roundTo } from '../method-result.ts'
import { families } from './degrade.ts'
import { tablePlan, type TrialPlan, type TrialRow } from './plan.ts'

const Share = z.number().min(0).max(1)
const Count = z.number().int().min(0)
/** What a family came to; `null` where none of its pairs was measured. */
const FamilyFigures = z.strictObject({
  family: z.enum(families),
  pairs: Count,
  refused: Count.describe('Pairs of which the measurement said that it cannot tell.'),
  right: Share.nullable().describe('Share of the measured pairs that were right.'),
  all_classes_right: Share.nullable().describe('Share of which every class was within five points as well.'),
  raw: Share.nullable(),
  calibrated: Share.nullable(),
  shown: Share.nullable().describe('After the gates.'),
})
export type FamilyFigures = z.infer<typeof FamilyFigures>

/** The file of a calibration: its table, and what has to be known to read it. */
export const CalibrationFile = z.strictObject({
  kind: z.literal('confidence-calibration-file'),
  made_by: z.string(),
  data: z.string().describe('What it was fitted on.'),
  right_means: z.string(),
  limits: z.array(z.string()).min(1),
  plan: z.strictObject({ first_seed: Count, scenes: Count, families_per_scene: Count }),
  held_out_families: z.array(FamilyFigures),
  sample: z
    .array(z.strictObject({ family: z.enum(families), raw_score: z.number(), right: z.boolean().nullable() }))
    .describe('The pairs of the first scene: whoever makes them again sees whether the measurement is still the same.'),
  table: CalibrationTable,
  table_digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
})
export type CalibrationFile = z.infer<typeof CalibrationFile>

/** Two fifths of the scenes are judged on: with fewer, chance alone makes an error of some points. */
export const tableSplit = { held_out_fraction: 0.4, seed: 1 } as const

/** What the curve answers for: pairs that were measured and whose evidence passed its checks. A gate speaks for the others. */
const graded = (rows: readonly TrialRow[], table: CalibrationTable | null = null) =>
  rows.flatMap(({ scene, quality, graded: found }) => {
    if (!found || quality.hard_flags > 0) return []
    const { raw_score, calibrated_score, score } = scoreQuality(quality, table)
    return [{ scene, raw_score, calibrated_score, score, correct: found.correct }]
  })

/** The table of a version, fitted on what was measured. */
export function fitTrial(rows: readonly TrialRow[], version: string): CalibrationTable {
  return calibrateConfidence(graded(rows), { version, ...tableSplit })
}

/** What is shipped. */
export function calibrationFile(
  rows: readonly TrialRow[],
  version: string,
  plan: TrialPlan = tablePlan,
): CalibrationFile {
  const table = fitTrial(rows, version)
  const held = heldOutScenes(graded(rows), tableSplit)
  return CalibrationFile.parse({
    kind: 'confidence-calibration-file',
    made_by: 'node bench/confidence.ts --table',
    data: 'Generated scenes with known ground, degraded on purpose. No field data and no real picture is among them.',
    right_means:
      'The change of the index within 0.05 of the truth, and the covered share of both dates within five points.',
    limits: [
      'A share of generated pairs that were right, every kind of trouble equally often: what is sent in earnest has another mixture.',
      'Ground of water, mud, leaves, fields and built places in two dimensions: no tides, no slopes, no light that depends on the angle.',
      'Whether the files are what they claim is for the checks of integrity; a well made copy looks like a good measurement.',
    ],
    plan,
    held_out_families: familyFigures(
      rows.filter(({ scene }) => held.has(scene)),
      table,
    ),
    sample: sampleOf(rows.filter(({ scene }) => scene === rows[0]?.scene)),
    table,
    table_digest: digestOf(table),
  })
}

/** What is compared of pairs that are made again. */
export function sampleOf(rows: readonly TrialRow[]): CalibrationFile['sample'] {
  return rows.map(({ family, quality, graded: found }) => ({
    family,
    raw_score: scoreQuality(quality, null).raw_score,
    right: found?.correct ?? null,
  }))
}

export function familyFigures(rows: readonly TrialRow[], table: CalibrationTable): FamilyFigures[] {
  return families.flatMap((family) => {
    const here = rows.filter((row) => row.family === family)
    const measured = here.filter((row) => row.graded !== undefined)
    const scores = measured.map(({ quality }) => scoreQuality(quality, table))
    const mean = (values: readonly number[]) =>
      values.length === 0 ? null : roundTo(values.reduce((sum, value) => sum + value, 0) / values.length, 4)
    const figures: FamilyFigures = {
      family,
      pairs: here.length,
      refused: here.length - measured.length,
      right: mean(measured.map(({ graded: found }) => (found?.correct ? 1 : 0))),
      all_classes_right: mean(measured.map(({ graded: found }) => (found?.is_fine ? 1 : 0))),
      raw: mean(scores.map(({ raw_score }) => raw_score / 100)),
      calibrated: mean(scores.map(({ calibrated_score }) => (calibrated_score ?? 0) / 100)),
      shown: mean(scores.map(({ score }) => score / 100)),
    }
    return here.length === 0 ? [] : [figures]
  })
}

/** How a table does on pairs that it was not fitted on; `said` and `right` are counts of pairs. */
export function judgeTable(rows: readonly TrialRow[], table: CalibrationTable, bin_count = 10) {
  const pairs = graded(rows, table)
  const right = pairs.map(({ correct }) => (correct ? 1 : 0))
  const said = pairs.map(({ calibrated_score, raw_score }) => (calibrated_score ?? raw_score) / 100)
  const raw = pairs.map(({ raw_score }) => raw_score / 100)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return {
    pairs: pairs.length,
    said: sum(said),
    right: sum(right),
    ...calibrationError(right, said, bin_count),
    raw_ece: calibrationError(right, raw, bin_count).ece,
  }
}

/** The bytes of the file. */
export const writtenFile = (file: CalibrationFile) => `${JSON.stringify(file, null, 2)}\n`
