import { expect, it } from 'vitest'
import { deviceQualityOf, type LookedAt } from './device-quality.ts'

const DAY_MS = 86_400_000
const now_ms = Date.UTC(2026, 2, 1)
const health = { battery_level_percent: 80, signal_strength_percent: 60, calibrated_at_ms: now_ms - 200 * DAY_MS }
const seen = (verdict: number, age_s = 60, is_unusual = false): LookedAt => ({ at_ms: now_ms, received_ms: now_ms + age_s * 1000, verdict, is_unusual }) // oxfmt-ignore

it('weighs the five dimensions as published, over all readings and beside it over valid ones', () => {
  // Four readings: two valid and fresh, one suspect and unusual, an hour late, one invalid. Of one measure half of what was
  // to come came, of another more than that. Accuracy: 0.8, less 0.05 for the signal and 0.1 for a calibration of 200 days.
  const quality = deviceQualityOf(
    [seen(0), seen(0), seen(1, 3_000, true), seen(2)],
    [
      { came: 48, expected: 96 },
      { came: 200, expected: 100 },
      { came: 0, expected: 0 },
    ],
    health,
    now_ms,
  )
  expect(quality).toMatchObject({ valid: 2, suspect: 1, invalid: 1, data_coverage: 0.5 })
  const details = { completeness: 0.75, accuracy: 0.65, consistency: 0.75, timeliness: 0.95, validity: 0.5 }
  expect(quality?.details).toEqual(details)
  expect(quality?.score).toBeCloseTo(0.2 * 0.75 + 0.3 * 0.65 + 0.2 * 0.75 + 0.1 * 0.95 + 0.2 * 0.5, 12)
  expect(quality?.score_valid_readings).toBeCloseTo(0.2 * 0.75 + 0.3 * 0.65 + 0.2 + 0.1 + 0.2, 12)
})

it('says nothing of a device that sent nothing, and nought of one whose every reading is bad', () => {
  expect(deviceQualityOf([], [], health, now_ms)).toBeNull()
  expect(deviceQualityOf([seen(2)], [], health, now_ms)).toMatchObject({ score_valid_readings: 0, data_coverage: 0 })
})
