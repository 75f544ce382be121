import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitIsolationForest, scoreIsolation } from './isolation-forest.ts'
import { matrixOver } from './matrix.ts'
import { randomOf } from './random.ts'
import {
  alertThreshold,
  calibrateScores,
  readScoreCalibration,
  scorePValues,
  writeScoreCalibration,
} from './score-calibration.ts'

const nine = calibrateScores([9, 1, 2, 3, 4, 5, 6, 7, 8])

describe('p-values of scores', () => {
  it('count the held-out scores at least as high, and the row itself', () => {
    expect([...scorePValues(nine, [0, 1, 5, 5.5, 9, 10])]).toEqual([1, 1, 0.6, 0.5, 0.2, 0.1])
  })

  it('are at most a no more often than a, for ordinary rows: exactly so over all ranks', () => {
    // Of n + 1 exchangeable scores each is the last with equal chance; its p-value is then 1/(n+1), 2/(n+1) … 1.
    const p_values = Array.from({ length: 10 }, (_, last) => {
      const others = Array.from({ length: 10 }, (_, i) => i).filter((i) => i !== last)
      return scorePValues(calibrateScores(others), [last])[0]!
    })
    expect(p_values.sort()).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
  })
})

describe('a threshold by a budget of alerts', () => {
  it('lets through as many as the budget: 2 in 10 rows leaves two of nine ranks above', () => {
    expect(alertThreshold(nine, { alerts_per_period: 2, rows_per_period: 10 })).toEqual({
      threshold: 8,
      alert_share: 0.2,
      alerts_per_period: 2,
    })
  })

  it('alerts exactly where the p-value is within the share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 20, maxLength: 60 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 5, max: 99 }),
        (held_out, score, percent) => {
          const calibration = calibrateScores(held_out)
          const { threshold } = alertThreshold(calibration, { alerts_per_period: percent, rows_per_period: 100 })
          const by_p_value = scorePValues(calibration, [score])[0]! <= percent / 100 + 1e-12
          expect(score > threshold).toBe(by_p_value)
        },
      ),
    )
  })

  it('keeps its promise on rows of an isolation forest: about 50 in 5000, hardly ever more than 80', () => {
    const random = randomOf(11)
    const normal = (rows: number) => matrixOver(Float64Array.from({ length: rows * 4 }, random.normal), rows, 4)
    const forest = fitIsolationForest(normal(1000))
    const calibration = calibrateScores(scoreIsolation(forest, normal(2000)))
    const { threshold } = alertThreshold(calibration, { alerts_per_period: 7, rows_per_period: 700 })
    const alerts = scoreIsolation(forest, normal(5000)).filter((score) => score > threshold).length
    expect(alerts).toBeGreaterThan(25)
    expect(alerts).toBeLessThan(80)
  })

  it('learn/data-unfit: a budget that the held-out scores cannot vouch for, and how many could', () => {
    expect(() => alertThreshold(nine, { alerts_per_period: 1, rows_per_period: 672 })).toThrow(
      expect.objectContaining({
        type: 'learn/data-unfit',
        details: expect.objectContaining({ faults: [expect.objectContaining({ value: 9, expected: 671 })] }),
      }),
    )
    expect(() => alertThreshold(nine, { alerts_per_period: 0, rows_per_period: 10 })).toThrow('alerts_per_period')
    expect(() => alertThreshold(nine, { alerts_per_period: 11, rows_per_period: 10 })).toThrow('rows_per_period')
    expect(() => calibrateScores([])).toThrow('no held-out scores')
    expect(() => calibrateScores([1, Number.NaN])).toThrow('Row 1')
  })

  it('comes back from its file; learn/model-file-invalid: anything else', () => {
    expect(readScoreCalibration(JSON.parse(JSON.stringify(writeScoreCalibration(nine))))).toEqual(nine)
    for (const file of [null, { ...writeScoreCalibration(nine), held_out: [] }, { kind: 'score-calibration' }])
      expect(() => readScoreCalibration(file)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
  })
})
