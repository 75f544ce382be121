import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupFolds, kFolds, laterHoldout, stratifiedFolds, timeSeriesSplits, type Split } from './splits.ts'

const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
const plain = (splits: Split[]) => splits.map(({ train, test }) => [[...train], [...test]])

describe('folds', () => {
  it('test every row once and never learn from a row they test on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 8 }), fc.nat(), (rows, folds, seed) => {
        fc.pre(folds <= rows)
        const splits = kFolds(rows, { fold_count: folds, seed })
        expect(splits.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual([...Array(rows).keys()])
        for (const { train, test } of splits) {
          expect([...train, ...test].sort((a, b) => a - b)).toEqual([...Array(rows).keys()])
          expect(Math.abs(test.length - rows / folds)).toBeLessThan(1)
        }
      }),
    )
  })

  it('are the same for a seed and others for its neighbour', () => {
    expect(plain(kFolds(30, { seed: 1 }))).toEqual(plain(kFolds(30, { seed: 1 })))
    expect(plain(kFolds(30, { seed: 1 }))).not.toEqual(plain(kFolds(30, { seed: 2 })))
  })

  it('give every label its share: 90 and 10 rows in 5 folds make 18 and 2 in each', () => {
    const labels = Array.from({ length: 100 }, (_, row) => (row < 90 ? 'no' : 'yes'))
    for (const { test } of stratifiedFolds(labels, { seed: 3 })) {
      expect(test.length).toBe(20)
      expect([...test].filter((row) => labels[row] === 'yes').length).toBe(2)
    }
  })

  it('keep groups whole and the folds even', () => {
    const groups = Array.from({ length: 100 }, (_, row) => `site ${Math.floor(Math.sqrt(row))}`)
    const splits = groupFolds(groups, { fold_count: 3, seed: 5 })
    for (const { train, test } of splits) {
      const seen = new Set([...train].map((row) => groups[row]))
      expect([...test].filter((row) => seen.has(groups[row]))).toEqual([])
      expect(test.length).toBeGreaterThanOrEqual(30)
    }
  })

  it('are refused when there are more of them than rows, groups or rows of a label', () => {
    expect(() => kFolds(3, { fold_count: 4 })).toThrow(unfit)
    expect(() => kFolds(30, { fold_count: 1 })).toThrow(unfit)
    expect(() => groupFolds(['a', 'a', 'b'], { fold_count: 3 })).toThrow(unfit)
    expect(() => stratifiedFolds([0, 0, 0, 1], { fold_count: 2 })).toThrow(unfit)
  })
})

describe('splits in time', () => {
  it('agree with the examples of scikit-learn’s TimeSeriesSplit', () => {
    expect(plain(timeSeriesSplits(6, { split_count: 3, test_count: 1 }))).toEqual([
      [[0, 1, 2], [3]],
      [[0, 1, 2, 3], [4]],
      [[0, 1, 2, 3, 4], [5]],
    ])
    expect(plain(timeSeriesSplits(12, { split_count: 3, test_count: 2, gap_count: 2 }))).toEqual([
      [
        [0, 1, 2, 3],
        [6, 7],
      ],
      [
        [0, 1, 2, 3, 4, 5],
        [8, 9],
      ],
      [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [10, 11],
      ],
    ])
  })

  it('learn from a window where its length is given', () => {
    const [first, second] = timeSeriesSplits(10, { split_count: 2, test_count: 2, train_count_max: 3 })
    expect([[...first!.train], [...second!.train]]).toEqual([
      [3, 4, 5],
      [5, 6, 7],
    ])
  })

  it('put the later rows aside, whatever order they stand in, and tear no moment apart', () => {
    const { train, test } = laterHoldout([30, 10, 20, 40, 40, 40, 10, 5, 50, 1], 0.2)
    expect([...test]).toEqual([3, 4, 5, 8])
    expect([...train]).toEqual([0, 1, 2, 6, 7, 9])
  })

  it('are refused when there is nothing to learn from', () => {
    expect(() => timeSeriesSplits(5, { split_count: 5, test_count: 1 })).toThrow(unfit)
    expect(() => timeSeriesSplits(10, { gap_count: -1 })).toThrow(unfit)
    expect(() => timeSeriesSplits(3, { split_count: 5 })).toThrow(unfit)
    expect(() => laterHoldout([7, 7, 7])).toThrow(unfit)
    expect(() => laterHoldout([1, Number.NaN])).toThrow(unfit)
    expect(() => laterHoldout([])).toThrow(unfit)
    expect(() => laterHoldout([1, 2], 1)).toThrow(unfit)
  })
})
