/**
 * How far a device can be trusted, from what it sent lately: the five published dimensions, each over all of its readings.
 * Of a stored reading the fields that it was sent with are not kept, so completeness is what came of what was to come.
 */
import { confidenceOf, freshnessOf, qualityOf, type QualityDetails } from './quality.ts'
import type { DeviceHealth } from './reading.ts'

export interface LookedAt {
  at_ms: number
  received_ms: number
  /** 0 valid, 1 suspect, 2 invalid. */
  verdict: number
  /** It was far from what its hour usually shows. */
  is_unusual: boolean
}

/** What came of one measure of the device, of what was to come. */
export interface Expectation {
  came: number
  expected: number
}

export interface DeviceQuality {
  /** Over all readings. */
  score: number
  details: QualityDetails
  /** Over those that are valid alone, as the marketplace publishes it; 0 where none is. */
  score_valid_readings: number
  valid: number
  suspect: number
  invalid: number
  /** Share of valid readings. */
  data_coverage: number
}

/**
 * @param expectations one for each measure; what came beyond what was to come makes up for nothing elsewhere.
 * @returns null where there is no reading to speak of.
 */
export function deviceQualityOf(
  readings: readonly LookedAt[],
  expectations: readonly Expectation[],
  health: DeviceHealth,
  now_ms: number,
): DeviceQuality | null {
  if (readings.length === 0) return null
  const of_device = { completeness: completenessOf(expectations), accuracy: confidenceOf(health, now_ms).confidence }
  const valid = readings.filter(({ verdict }) => verdict === 0)
  const details = { ...of_device, ...meanOf(readings) }
  const suspect = readings.filter(({ verdict }) => verdict === 1).length
  return {
    score: qualityOf(details, true).score,
    details,
    score_valid_readings: valid.length === 0 ? 0 : qualityOf({ ...of_device, ...meanOf(valid) }, true).score,
    valid: valid.length,
    suspect,
    invalid: readings.length - valid.length - suspect,
    data_coverage: valid.length / readings.length,
  }
}

function completenessOf(expectations: readonly Expectation[]): number {
  const shares = expectations.flatMap(({ came, expected }) => (expected > 0 ? [Math.min(1, came / expected)] : []))
  return shares.length === 0 ? 1 : shares.reduce((sum, share) => sum + share, 0) / shares.length
}

function meanOf(readings: readonly LookedAt[]): Pick<QualityDetails, 'consistency' | 'timeliness' | 'validity'> {
  let [usual, fresh, valid] = [0, 0, 0]
  for (const { at_ms, received_ms, verdict, is_unusual } of readings) {
    if (!is_unusual) usual += 1
    fresh += freshnessOf((received_ms - at_ms) / 1000)
    if (verdict === 0) valid += 1
  }
  return {
    consistency: usual / readings.length,
    timeliness: fresh / readings.length,
    validity: valid / readings.length,
  }
}
