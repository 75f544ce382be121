import { describe, expect, it } from 'vitest'
import { fairnessOf } from './fairness.ts'
import { randomOf } from './random.ts'

/** `counts[group] = [selected, refused]`: everybody's label is 1. */
const selections = (counts: Record<string, [number, number]>) => {
  const rows = Object.entries(counts).flatMap(([group, [selected, refused]]) => [
    ...Array.from({ length: selected }, () => ({ group, predicted: 0.9 })),
    ...Array.from({ length: refused }, () => ({ group, predicted: 0.1 })),
  ])
  return {
    kind: 'labels' as const,
    groups: rows.map(({ group }) => group),
    predicted: rows.map(({ predicted }) => predicted),
    actual: rows.map(() => 1),
  }
}

describe('fairness between groups', () => {
  it('has the ratio and the interval of Katz: 30 % against 60 % of a hundred each', () => {
    const { gaps, verdict } = fairnessOf(selections({ north: [30, 70], south: [60, 40] }))
    const gap = gaps.find((each) => each.group === 'north' && each.measure === 'selected_rate')!
    expect(gap).toMatchObject({ row_count: 100, value: 0.3, others_value: 0.6, ratio: 0.5, verdict: 'unfair' })
    // By hand: exp(ln 0.5 ± 1.96 √(0.7/30 + 0.4/60)), 0.356 to 0.702, with n - 1 in the variance.
    expect(gap.ratio_low).toBeCloseTo(0.5 * Math.exp(-1.959964 * Math.sqrt((0.7 / 30 + 0.4 / 60) * (100 / 99))), 6)
    expect(verdict).toBe('unfair')
  })

  it('is fair only with the whole interval, and unclear on fewer rows of the same rates', () => {
    expect(fairnessOf(selections({ a: [5000, 5000], b: [4900, 5100] })).verdict).toBe('fair')
    expect(fairnessOf(selections({ a: [50, 50], b: [49, 51] })).verdict).toBe('unclear')
  })

  it('is not assessable without groups, with one group, or with a handful of rows each', () => {
    const nobody = { ...selections({ a: [50, 50] }), groups: Array.from({ length: 100 }, () => null) }
    expect(fairnessOf(nobody)).toMatchObject({ verdict: 'not_assessable', because: 'No row has a group.', gaps: [] })
    expect(fairnessOf(selections({ a: [50, 50] })).verdict).toBe('not_assessable')
    expect(fairnessOf(selections({ a: [5, 5], b: [9, 1] })).verdict).toBe('not_assessable')
  })

  it('asks the true positives of those whose label is 1 alone', () => {
    const rows = selections({ a: [40, 10], b: [20, 30] })
    const actual = rows.actual.map((_, row) => (row % 50 < 40 ? 1 : 0))
    const gap = fairnessOf({ ...rows, actual }).gaps.find(
      (each) => each.group === 'b' && each.measure === 'true_positive_rate',
    )
    expect(gap).toMatchObject({ row_count: 40, value: 0.5, others_value: 1 })
  })

  it('compares errors where the target is a number', () => {
    const { normal } = randomOf(4)
    const groups = Array.from({ length: 2000 }, (_, row) => (row % 2 ? 'flat' : 'house'))
    const predicted = groups.map((group) => (group === 'flat' ? 2 : 1) * normal())
    const { gaps, verdict } = fairnessOf({ kind: 'numbers', groups, actual: groups.map(() => 0), predicted })
    expect(verdict).toBe('unfair')
    expect(gaps[0]!.ratio).toBeCloseTo(2, 0)
  })

  it('is refused for lists of different lengths and labels that are none', () => {
    const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
    expect(() => fairnessOf({ kind: 'numbers', groups: ['a'], actual: [1, 2], predicted: [1, 2] })).toThrow(unfit)
    expect(() => fairnessOf({ kind: 'labels', groups: ['a', 'b'], actual: [1, 2], predicted: [1, 0] })).toThrow(unfit)
    expect(() => fairnessOf({ kind: 'numbers', groups: ['a', 'b'], actual: [1, NaN], predicted: [1, 0] })).toThrow(
      unfit,
    )
  })
})
