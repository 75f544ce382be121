/** What to send next: each remedy is tried on the quality of the pair, and the score is computed again. */
import { z } from 'zod'
import { scoreQuality, type CalibrationTable } from './confidence.ts'
import { qualityOf, type Quality } from './confidence-components.ts'
import type { Ecosystem } from './ecosystems.ts'
import type { PairMeasurement } from './measurement.ts'
import { Message, message } from './message.ts'
import { roundTo } from './method-result.ts'

export const remedies = [
  'send_multispectral',
  'send_clear_date',
  'send_same_season',
  'send_dates',
  'send_georeferenced',
  'send_registered',
  'send_same_sensor',
  'send_finer',
  'correct_area',
  'replace_flagged',
  'survey_in_water',
] as const
export type Remedy = (typeof remedies)[number]

export const NextEvidence = z.strictObject({
  remedy: z.enum(remedies),
  gain_points: z.number().min(0).describe('By this alone, in points of the score that decides.'),
  raw_gain_points: z.number().min(0).describe('The same before gates: what it is worth once the gates are lifted.'),
  score_then: z.number().min(0).max(100),
  says: Message,
})
export type NextEvidence = z.infer<typeof NextEvidence>

/** What each remedy would make of the quality, if it went well. */
const better: Record<Exclude<Remedy, 'survey_in_water'>, (quality: Quality) => Partial<Quality>> = {
  // Another picture comes with its place, and lies on the other one as rasters do.
  send_multispectral: (quality) => ({ evidence_class: 'E1', has_crs: true, residual_px: quality.residual_px ?? 0.2 }),
  send_clear_date: () => ({ valid_fraction: 0.95 }),
  send_same_season: () => ({ season_gap_days: 10 }),
  send_dates: ({ season_gap_days }) => ({ has_dates: true, season_gap_days: season_gap_days ?? 10 }),
  send_georeferenced: () => ({ has_crs: true }),
  send_registered: () => ({ residual_px: 0.1, inliers: 60 }),
  send_same_sensor: () => ({ same_sensor_and_level: true, pif_rmse: 0.01 }),
  send_finer: () => ({ pixels: 1_000 }),
  correct_area: () => ({ area_error_fraction: 0 }),
  replace_flagged: () => ({ hard_flags: 0 }),
}

/** Every remedy that gains something, the one that gains most first. */
export function nextEvidence(
  measurement: PairMeasurement,
  ecosystem: Ecosystem,
  calibration: CalibrationTable | null = null,
): NextEvidence[] {
  const quality = qualityOf(measurement, ecosystem)
  const now = scoreQuality(quality, calibration)
  const rows: NextEvidence[] = []
  // No picture from above measures a meadow under water: another kind of evidence comes first.
  if (quality.seagrass) rows.push(rowOf('survey_in_water', 0, 0, now.score))
  for (const [remedy, change] of Object.entries(better) as [Remedy, (typeof better)[keyof typeof better]][]) {
    // If the pair can then be measured at all, which nobody can promise.
    const then = scoreQuality({ ...quality, ...change(quality), cannot_tell: false }, calibration)
    const base = quality.cannot_tell ? scoreQuality({ ...quality, cannot_tell: false }, calibration) : now
    const [gain, raw_gain] = [then.score - base.score, then.raw_score - base.raw_score]
    const lifts = then.gates.length < base.gates.length
    if (gain <= 0 && raw_gain <= 0 && !lifts) continue
    rows.push(rowOf(remedy, gain, raw_gain, then.score))
  }
  return rows.sort(byGain)
}

function rowOf(remedy: Remedy, gain: number, raw_gain: number, score_then: number): NextEvidence {
  const gain_points = roundTo(Math.max(0, gain), 1)
  const facts = { gain_points, score_then: roundTo(score_then, 1) }
  const raw_gain_points = roundTo(Math.max(0, raw_gain), 1)
  return {
    remedy,
    gain_points,
    raw_gain_points,
    score_then: roundTo(score_then, 1),
    says: message(remedy.replaceAll('_', '-'), facts),
  }
}

function byGain(a: NextEvidence, b: NextEvidence): number {
  const first = Number(b.remedy === 'survey_in_water') - Number(a.remedy === 'survey_in_water')
  return (
    first ||
    b.gain_points - a.gain_points ||
    b.raw_gain_points - a.raw_gain_points ||
    remedies.indexOf(a.remedy) - remedies.indexOf(b.remedy)
  )
}
