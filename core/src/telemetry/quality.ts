/**
 * How far a reading, and a batch of them, can be trusted: the marketplace's published scores, to the letter.
 * Its batch score is the mean over valid readings alone, so that a batch of one good and ninety-nine bad readings scores
 * as well as a hundred good ones; the mean over all of them stands beside it.
 */
import type { DeviceHealth, Reading } from './reading.ts'

export interface QualityDetails {
  completeness: number
  accuracy: number
  consistency: number
  timeliness: number
  validity: number
}

/** How much each dimension counts. */
export const qualityWeights: Readonly<QualityDetails> = {
  completeness: 0.2,
  accuracy: 0.3,
  consistency: 0.2,
  timeliness: 0.1,
  validity: 0.2,
}
const dimensions = Object.keys(qualityWeights) as (keyof QualityDetails)[]

const DAY_MS = 86_400_000

/**
 * Confidence in what the device says, from its battery, its signal and the age of its calibration: 0.8 at best.
 * A device that says nothing of its battery or signal counts as if both were full, and one that was never calibrated as
 * if it had just been: that is the published rule, and `unknown` names what was assumed.
 */
export function confidenceOf(health: DeviceHealth, now_ms: number): { confidence: number; unknown: string[] } {
  const { battery_level_percent: battery, signal_strength_percent: signal, calibrated_at_ms } = health
  // Whole hundredths: sums of 0.05 would otherwise end in …0001.
  let hundredths = 80
  if (battery !== null) hundredths -= battery < 20 ? 20 : battery < 50 ? 10 : 0
  if (signal !== null) hundredths -= signal < 50 ? 15 : signal < 80 ? 5 : 0
  if (calibrated_at_ms !== null) {
    const days = Math.floor((now_ms - calibrated_at_ms) / DAY_MS)
    hundredths -= days > 365 ? 30 : days > 180 ? 10 : 0
  }
  const unknown = [
    ...(battery === null ? ['battery_level'] : []),
    ...(signal === null ? ['signal_strength'] : []),
    ...(calibrated_at_ms === null ? ['calibration_date'] : []),
  ]
  return { confidence: Math.max(0, hundredths) / 100, unknown }
}

/** Four fifths for the four required fields, one fifth for the two optional ones. */
export function completenessOf(fields: { required_present: number; optional_present: number }): number {
  return (fields.required_present / 4) * 0.8 + (fields.optional_present / 2) * 0.2
}

/** Fields that a reading was sent with, whether or not they could be read; empty ones do not count. */
export function fieldsPresent(input: unknown): { required_present: number; optional_present: number } {
  if (typeof input !== 'object' || input === null) return { required_present: 0, optional_present: 0 }
  const has = (field: string) => {
    const value: unknown = Reflect.get(input, field)
    if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
    return Boolean(value)
  }
  return {
    required_present: ['timestamp', 'sensor_id', 'project_id', 'measurements'].filter(has).length,
    optional_present: ['metadata', 'location'].filter(has).length,
  }
}

/** Fresh within five minutes; then in steps of an hour, a day and a week. A time without a zone cannot be called fresh. */
export function timelinessOf({ captured_at_ms, zone_assumed }: Reading, now_ms: number): number {
  return zone_assumed ? 0 : freshnessOf((now_ms - captured_at_ms) / 1000)
}

/** How fresh a reading was when it came, by its age then. */
export function freshnessOf(age_s: number): number {
  if (age_s <= 300) return 1
  if (age_s <= 3_600) return 0.8
  if (age_s <= 86_400) return 0.6
  return age_s <= 604_800 ? 0.4 : 0.2
}

/** One reading's quality: its five dimensions, each from 0 to 1, and their weighted sum. */
export interface ReadingQuality {
  score: number
  is_valid: boolean
  details: QualityDetails
}

export function qualityOf(details: QualityDetails, is_valid: boolean): ReadingQuality {
  return { score: dimensions.reduce((sum, each) => sum + details[each] * qualityWeights[each], 0), is_valid, details }
}

export interface BatchQuality {
  /** Mean over valid readings, as published; 0 when none is. */
  score: number
  details: QualityDetails | null
  /** Mean over all readings. */
  score_all_readings: number
  details_all_readings: QualityDetails | null
  valid_readings: number
  total_readings: number
  /** Share of valid readings. */
  data_coverage: number
}

export function batchQualityOf(readings: readonly ReadingQuality[]): BatchQuality {
  const valid = readings.filter(({ is_valid }) => is_valid)
  return {
    score: mean(valid.map(({ score }) => score)) ?? 0,
    details: meanDetails(valid),
    score_all_readings: mean(readings.map(({ score }) => score)) ?? 0,
    details_all_readings: meanDetails(readings),
    valid_readings: valid.length,
    total_readings: readings.length,
    data_coverage: readings.length === 0 ? 0 : valid.length / readings.length,
  }
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

function meanDetails(readings: readonly ReadingQuality[]): QualityDetails | null {
  if (readings.length === 0) return null
  const of = (dimension: keyof QualityDetails) => mean(readings.map(({ details }) => details[dimension])) ?? 0
  return {
    completeness: of('completeness'),
    accuracy: of('accuracy'),
    consistency: of('consistency'),
    timeliness: of('timeliness'),
    validity: of('validity'),
  }
}
