import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as metrics from './metrics.ts'

const unfit = expect.objectContaining({ type: 'learn/data-unfit' })

// The four rows, and most values below, are the examples in scikit-learn's reference pages for these functions.
const truth = [3, -0.5, 2, 7]
const guess = [2.5, 0, 2, 8]

describe('errors of numbers', () => {
  it('agree with published examples', () => {
    expect(metrics.rmse(truth, guess)).toBeCloseTo(Math.sqrt(0.375), 15)
    expect(metrics.mae(truth, guess)).toBe(0.5)
    expect(metrics.rSquared(truth, guess)).toBeCloseTo(0.9486, 4)
    expect(metrics.mape(truth, guess)).toBeCloseTo(0.327380952, 9)
    expect(metrics.pinball([1, 2, 3], [0, 2, 3], 0.1)).toBeCloseTo(0.1 / 3, 15)
    expect(metrics.pinball([1, 2, 3], [1, 2, 4], 0.1)).toBeCloseTo(0.3, 15)
    expect(metrics.pinball([1, 2, 3], [0, 2, 3], 0.9)).toBeCloseTo(0.3, 15)
  })

  it('are scaled by the seasonal naive forecast: an error of 1 where repeating the last season errs by 2 is 0.5', () => {
    expect(metrics.mase([10, 20], [11, 19], [1, 5, 3, 7, 5, 9], 2)).toBe(0.5)
    expect(metrics.mase([10, 20], [11, 19], [0, 4, 8])).toBe(0.25)
  })

  it('take a perfect forecast as 1 of R², and the mean as 0', () => {
    expect(metrics.rSquared(truth, truth)).toBe(1)
    expect(metrics.rSquared([1, 2, 3], [2, 2, 2])).toBe(0)
  })

  it('count what lies in its interval, the ends included', () => {
    const quality = metrics.intervalQuality([1, 2, 3, 4], [1, 2.5, 0, 0], [2, 3.5, 3, 1])
    expect(quality).toEqual({ coverage: 0.5, width_mean: 1.5 })
  })

  it('are refused where they have no value, and the row is named', () => {
    expect(() => metrics.mape([1, 0, 2], [1, 1, 1])).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ faults: [expect.objectContaining({ path: '/actual/1' })] }),
      }),
    )
    expect(() => metrics.rmse([1, Number.NaN], [1, 1])).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ faults: [expect.objectContaining({ path: '/actual/1' })] }),
      }),
    )
    expect(() => metrics.mae([], [])).toThrow(unfit)
    expect(() => metrics.mae([1], [1, 2])).toThrow(unfit)
    expect(() => metrics.mae([1], [Infinity])).toThrow(unfit)
    expect(() => metrics.rSquared([1, 1], [1, 1])).toThrow(unfit)
    expect(() => metrics.mase([1], [1], [5, 5, 5])).toThrow(unfit)
    expect(() => metrics.mase([1], [1], [5, 6], 2)).toThrow(unfit)
    expect(() => metrics.pinball([1], [1], 1)).toThrow(unfit)
    expect(() => metrics.intervalQuality([1], [2], [1])).toThrow(unfit)
  })
})

describe('scores of labels', () => {
  it('agree with published examples', () => {
    expect(metrics.auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).toBe(0.75)
    expect(metrics.averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).toBeCloseTo(0.8333333333333333, 15)
    expect(metrics.brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3])).toBeCloseTo(0.0375, 15)
    expect(metrics.logLoss([1, 0, 0, 1], [0.9, 0.1, 0.2, 0.65])).toBeCloseTo(0.21616, 5)
  })

  it('give ties half: a constant score has an AUC of one half and the base rate as average precision', () => {
    expect(metrics.auc([0, 1, 1, 0, 1], [7, 7, 7, 7, 7])).toBe(0.5)
    expect(metrics.averagePrecision([0, 1, 1, 0, 1], [7, 7, 7, 7, 7])).toBe(0.6)
  })

  it('have an AUC equal to the share of pairs in order, whatever ties there are', () => {
    const rows = fc.array(fc.record({ label: fc.integer({ min: 0, max: 1 }), score: fc.integer({ min: 0, max: 5 }) }), {
      minLength: 2,
      maxLength: 40,
    })
    fc.assert(
      fc.property(rows, (drawn) => {
        const ones = drawn.filter(({ label }) => label === 1)
        const zeros = drawn.filter(({ label }) => label === 0)
        fc.pre(ones.length > 0 && zeros.length > 0)
        const won = ones.flatMap((one) => zeros.map((zero) => (Math.sign(one.score - zero.score) + 1) / 2))
        const expected = won.reduce((sum, each) => sum + each, 0) / won.length
        const labels = drawn.map(({ label }) => label)
        const scores = drawn.map(({ score }) => score)
        expect(metrics.auc(labels, scores)).toBeCloseTo(expected, 12)
      }),
    )
  })

  it('bound the cost of a wrong certainty', () => {
    expect(metrics.logLoss([1], [0])).toBeCloseTo(34.5388, 4)
    expect(metrics.logLoss([1, 0], [1, 0])).toBeCloseTo(0, 15)
  })

  it('find no calibration error in a forecast that keeps its word, and the distance of one that does not', () => {
    const actual = [0, 0, 0, 1, 0, 1, 1, 1]
    const kept = metrics.calibrationError(actual, [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75], 2)
    expect(kept.ece).toBe(0)
    expect(kept.bins).toEqual([
      { count: 4, predicted_mean: 0.25, actual_mean: 0.25 },
      { count: 4, predicted_mean: 0.75, actual_mean: 0.75 },
    ])
    // By hand: two bins of four; |0.05 - 0.25| and |0.95 - 0.75|, half the rows each.
    const bold = metrics.calibrationError(actual, [0.05, 0.05, 0.05, 0.05, 0.95, 0.95, 0.95, 0.95], 2)
    expect(bold.ece).toBeCloseTo(0.2, 15)
  })

  it('put rows of one probability into one bin, so that their order does not matter', () => {
    const one = metrics.calibrationError([0, 1, 1, 0], [0.5, 0.5, 0.5, 0.5], 4)
    expect(one).toEqual({ ece: 0, bins: [{ count: 4, predicted_mean: 0.5, actual_mean: 0.5 }] })
  })

  it('are refused for labels, probabilities and bins that are none', () => {
    expect(() => metrics.auc([1, 1], [0, 1])).toThrow(unfit)
    expect(() => metrics.auc([0, 2], [0, 1])).toThrow(unfit)
    expect(() => metrics.averagePrecision([0, 0], [0, 1])).toThrow(unfit)
    expect(() => metrics.brier([0, 1], [0, 1.1])).toThrow(unfit)
    expect(() => metrics.calibrationError([0, 1], [0, 1], 0)).toThrow(unfit)
  })
})

describe('orders', () => {
  const relevance = [10, 0, 0, 1, 5]

  it('agree with published examples', () => {
    const linear = { gain: 'linear' } as const
    expect(metrics.ndcg(relevance, [0.1, 0.2, 0.3, 4, 70], linear)).toBeCloseTo(0.6956940443813076, 12)
    expect(metrics.ndcg(relevance, [0.05, 1.1, 1, 0.5, 0], linear)).toBeCloseTo(0.4936802, 6)
    expect(metrics.ndcg(relevance, [0.05, 1.1, 1, 0.5, 0], { ...linear, k: 4 })).toBeCloseTo(0.35202, 4)
    // Two items share the first rank: each counts half.
    expect(metrics.ndcg(relevance, [1, 0, 0, 0, 1], { ...linear, k: 1 })).toBe(0.75)
  })

  it('weigh a relevance by 2^relevance - 1 unless told otherwise', () => {
    // By hand: gains 1, 7, 0 in that order; (1 + 7 / log2 3) / (7 + 1 / log2 3).
    const by_hand = (1 + 7 / Math.log2(3)) / (7 + 1 / Math.log2(3))
    expect(metrics.ndcg([1, 3, 0], [3, 2, 1])).toBeCloseTo(by_hand, 15)
  })

  it('of a query without a relevant item are left out of the mean, and counted', () => {
    expect(metrics.ndcg([0, 0], [1, 2])).toBeUndefined()
    const groups = metrics.ndcgOfGroups([1, 0, 0, 0, 0, 1], [2, 1, 3, 4, 1, 0], [2, 2, 2])
    expect(groups.ndcg).toBeCloseTo((1 + 1 / Math.log2(3)) / 2, 15)
    expect(groups).toMatchObject({ group_count: 2, without_relevance_count: 1 })
  })

  it('are refused when the groups are not the rows', () => {
    expect(() => metrics.ndcgOfGroups([1, 0], [1, 0], [1])).toThrow(unfit)
    expect(() => metrics.ndcgOfGroups([1, 0], [1, 0], [3])).toThrow(unfit)
    expect(() => metrics.ndcgOfGroups([0, 0], [1, 0], [2])).toThrow(unfit)
    expect(() => metrics.ndcg([-1, 0], [1, 0])).toThrow(unfit)
    expect(() => metrics.ndcg([1, 0], [1, 0], { k: 0 })).toThrow(unfit)
  })
})
