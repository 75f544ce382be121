import { describe, expect, test } from 'vitest'
import { digestOf } from '../../certificates/canonical.ts'
import { CONFIDENCE_FORMULA, ECE_MAX, scoreQuality } from '../confidence.ts'
import { qualityOf } from '../confidence-components.ts'
import { pairWith } from '../testing-measurement.ts'
import { families } from '../trial/degrade.ts'
import { CalibrationFile, writtenFile } from '../trial/fit.ts'
import { tablePlan } from '../trial/plan.ts'
import file from './conf-1.json' with { type: 'json' }
import { confidenceTable } from './conf-1.ts'

describe('the calibration that is shipped', () => {
  const { table, table_digest, plan, held_out_families, limits } = CalibrationFile.parse(file)

  test('is whole: its digest is that of its table, and every kind of trouble has its figures', () => {
    expect(digestOf(table)).toBe(table_digest)
    expect(confidenceTable).toEqual(table)
    expect(plan).toEqual(tablePlan)
    expect(held_out_families.map(({ family }) => family)).toEqual([...families])
    expect(limits.length).toBeGreaterThan(2)
    expect(writtenFile(CalibrationFile.parse(file)).length).toBeLessThan(20_000)
  })

  test('is of the formula in use, and held its target on scenes that it was not fitted on', () => {
    const { fitted_on, held_out } = table
    expect(table.formula).toBe(CONFIDENCE_FORMULA)
    expect(held_out.ece).toBeLessThanOrEqual(ECE_MAX)
    expect(held_out.bins.reduce((sum, { count }) => sum + count, 0)).toBe(held_out.pairs)
    expect(fitted_on.scenes + held_out.scenes).toBe(tablePlan.scenes)
    expect(fitted_on.pairs + held_out.pairs).toBeGreaterThan(2_000)
    const of_bins = held_out.bins.reduce(
      (sum, { count, predicted_mean, actual_mean }) => sum + count * Math.abs(predicted_mean - actual_mean),
      0,
    )
    expect(of_bins / held_out.pairs).toBeCloseTo(held_out.ece, 8)
  })

  test('scores a good pair by name, never certain, and a poor one below it', () => {
    const quality = qualityOf(pairWith(), 'mangrove')
    const good = scoreQuality(quality, confidenceTable)
    expect(good.calibration).toBe('conf-1')
    expect(good.score).toBeGreaterThan(70)
    expect(good.score).toBeLessThan(100)
    expect(scoreQuality({ ...quality, pif_rmse: 0.1 }, confidenceTable).score).toBeLessThan(30)
    expect(scoreQuality({ ...quality, cover_sigma: 0.2 }, confidenceTable).score).toBeLessThan(good.score - 20)
  })
})
