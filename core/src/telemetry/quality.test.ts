import { describe, expect, it } from 'vitest'
import type { DeviceHealth, Reading } from './reading.ts'
import {
  batchQualityOf,
  completenessOf,
  confidenceOf,
  fieldsPresent,
  qualityOf,
  qualityWeights,
  timelinessOf,
} from './quality.ts'

const NOW_MS = Date.UTC(2026, 2, 1, 12)
const DAY_MS = 86_400_000

const healthy: DeviceHealth = { battery_level_percent: 100, signal_strength_percent: 100, calibrated_at_ms: NOW_MS }

describe('confidence in a device', () => {
  it.each([
    ['in good health', {}, 0.8],
    ['battery below 50 %', { battery_level_percent: 49 }, 0.7],
    ['battery at 50 %', { battery_level_percent: 50 }, 0.8],
    ['battery below 20 %', { battery_level_percent: 19.9 }, 0.6],
    ['signal below 80 %', { signal_strength_percent: 79 }, 0.75],
    ['signal below 50 %', { signal_strength_percent: 49 }, 0.65],
    ['calibrated 180 days ago', { calibrated_at_ms: NOW_MS - 180 * DAY_MS }, 0.8],
    ['calibrated 181 days ago', { calibrated_at_ms: NOW_MS - 181 * DAY_MS }, 0.7],
    ['calibrated 366 days ago', { calibrated_at_ms: NOW_MS - 366 * DAY_MS }, 0.5],
    [
      'in the worst of health',
      { battery_level_percent: 1, signal_strength_percent: 1, calibrated_at_ms: NOW_MS - 999 * DAY_MS },
      0.15,
    ],
  ])('follows the published deductions: %s', (_, health, expected) => {
    expect(confidenceOf({ ...healthy, ...health }, NOW_MS).confidence).toBe(expected)
  })

  it('says what it had to assume', () => {
    const silent = { battery_level_percent: null, signal_strength_percent: null, calibrated_at_ms: null }
    expect(confidenceOf(silent, NOW_MS)).toEqual({
      confidence: 0.8,
      unknown: ['battery_level', 'signal_strength', 'calibration_date'],
    })
  })
})

describe('completeness', () => {
  it('counts fields that hold something', () => {
    expect(
      fieldsPresent({ timestamp: 'x', sensor_id: 's', project_id: '', measurements: {}, metadata: { a: 1 } }),
    ).toEqual({ required_present: 2, optional_present: 1 })
    expect(completenessOf({ required_present: 4, optional_present: 0 })).toBe(0.8)
    expect(completenessOf({ required_present: 4, optional_present: 2 })).toBe(1)
    expect(completenessOf({ required_present: 3, optional_present: 1 })).toBeCloseTo(0.7, 12)
    expect(fieldsPresent(null)).toEqual({ required_present: 0, optional_present: 0 })
  })
})

describe('timeliness', () => {
  const aged = (age_s: number, zone_assumed = false) =>
    timelinessOf({ captured_at_ms: NOW_MS - age_s * 1000, zone_assumed } as Reading, NOW_MS)

  it.each([
    [0, 1],
    [300, 1],
    [301, 0.8],
    [3_600, 0.8],
    [3_601, 0.6],
    [86_400, 0.6],
    [86_401, 0.4],
    [604_800, 0.4],
    [604_801, 0.2],
  ])('after %i s is %d', (age_s, expected) => {
    expect(aged(age_s)).toBe(expected)
  })

  it('is nothing when the time has no zone', () => {
    expect(aged(0, true)).toBe(0)
  })
})

describe('the quality of a batch', () => {
  const good = qualityOf({ completeness: 1, accuracy: 0.8, consistency: 1, timeliness: 1, validity: 1 }, true)
  const bad = qualityOf({ completeness: 0.5, accuracy: 0.2, consistency: 0, timeliness: 0.2, validity: 0 }, false)

  it('weighs the five dimensions as published: the weights come to one', () => {
    expect(Object.values(qualityWeights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
    // 0.2·1 + 0.3·0.8 + 0.2·1 + 0.1·1 + 0.2·1
    expect(good.score).toBeCloseTo(0.94, 12)
    // 0.2·0.5 + 0.3·0.2 + 0.1·0.2
    expect(bad.score).toBeCloseTo(0.18, 12)
  })

  it('gives the mean of valid readings as published, and beside it the mean of all', () => {
    const batch = batchQualityOf([good, bad, bad, bad])
    expect(batch.score).toBeCloseTo(0.94, 12)
    expect(batch.score_all_readings).toBeCloseTo((0.94 + 3 * 0.18) / 4, 12)
    expect(batch).toMatchObject({ valid_readings: 1, total_readings: 4, data_coverage: 0.25 })
    expect(batch.details?.accuracy).toBeCloseTo(0.8, 12)
    expect(batch.details_all_readings?.accuracy).toBeCloseTo(0.35, 12)
  })

  it('is zero when nothing is valid, and when nothing came', () => {
    expect(batchQualityOf([bad])).toMatchObject({ score: 0, details: null, data_coverage: 0 })
    expect(batchQualityOf([])).toMatchObject({ score: 0, score_all_readings: 0, total_readings: 0 })
  })
})
