import { describe, expect, it } from 'vitest'
import type { Column, ColumnType } from './data-contract.ts'
import { quantileOf } from './figures.ts'
import { correlationsOf, profileOf } from './profile.ts'
import { TableBuilder } from './table.ts'

const tableOf = (type: ColumnType, ...lists: unknown[][]) => {
  const columns = lists.map((_, c): Column => ({ name: `c${c}`, type, nullable: true, target: false }))
  const builder = new TableBuilder(columns)
  for (let row = 0; row < lists[0]!.length; row++) builder.add((c) => lists[c]![row])
  return builder.finish()
}
const profile = (type: ColumnType, cells: unknown[], bins?: number) => {
  const { columns, row_count } = tableOf(type, cells)
  return profileOf(columns[0]!.column, columns[0]!.values, row_count, bins)
}

describe('a profile', () => {
  it('of numbers has their moments, quantiles and a histogram that counts each once', () => {
    const found = profile('number', [2, 4, 4, 4, 5, 5, 7, 9, null, 0], 3)
    expect(found).toMatchObject({ count: 9, missing_count: 1, missing_share: 0.1, distinct_count: 6 })
    expect(found.numbers).toMatchObject({ min: 0, max: 9, zero_count: 1 })
    expect(found.numbers!.mean).toBeCloseTo(40 / 9, 12)
    // By hand: Σ(x - 40/9)² = 54.2222 over 8.
    expect(found.numbers!.sd).toBeCloseTo(Math.sqrt(54.22222222 / 8), 8)
    expect(found.numbers!.histogram).toEqual({ edges: [0, 3, 6, 9], counts: [2, 5, 2] })
  })

  it('has the quantiles that R calls type 7', () => {
    // quantile(c(1, 3, 4, 8, 10), c(.25, .5, .9)) in R.
    const sorted = Float64Array.of(1, 3, 4, 8, 10)
    expect([0.25, 0.5, 0.9].map((share) => quantileOf(sorted, share))).toEqual([3, 4, 9.2])
  })

  it('keeps the spread of large numbers that differ little', () => {
    const found = profile('number', [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])
    expect(found.numbers!.mean).toBe(1e9 + 10)
    expect(found.numbers!.sd! ** 2).toBeCloseTo(30, 9)
  })

  it('of a constant, of one value and of none is a profile as well', () => {
    expect(profile('number', [5, 5, 5]).numbers).toMatchObject({ sd: 0, histogram: { edges: [5, 5], counts: [3] } })
    expect(profile('number', [5]).numbers).toMatchObject({ sd: null, quantiles: { p50: 5 } })
    expect(profile('number', [null, null])).toMatchObject({ count: 0, missing_share: 1, distinct_count: 0 })
    expect(profile('number', [-1.7e308, 1.7e308]).numbers!.histogram.counts).toEqual([2])
  })

  it('of words names the most frequent, ties in the order of the alphabet', () => {
    const found = profile('category', ['wood', 'gas', 'gas', null, 'coal'])
    expect(found.top).toEqual([
      { value: 'gas', count: 2 },
      { value: 'coal', count: 1 },
      { value: 'wood', count: 1 },
    ])
    expect(found).toMatchObject({ count: 4, distinct_count: 3, lengths: { min: 3, max: 4 } })
    expect(profile('text', ['a', 'a', ''])).toMatchObject({ count: 2, missing_count: 1 })
    expect(profile('boolean', [true, false, true, null]).truths).toEqual({ true_count: 2, false_count: 1 })
  })

  it('of times finds the usual step and the gaps', () => {
    const hours = [0, 1, 2, 3, 10, 11, 12].map((hour) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString())
    expect(profile('timestamp', hours).times).toEqual({
      first: '2026-01-01T00:00:00.000Z',
      last: '2026-01-01T12:00:00.000Z',
      step_median_s: 3600,
      gaps: [{ from: '2026-01-01T03:00:00.000Z', to: '2026-01-01T10:00:00.000Z', length_s: 25_200 }],
    })
    expect(profile('timestamp', hours.slice(0, 1)).times).toMatchObject({ step_median_s: null, gaps: [] })
  })
})

describe('correlations', () => {
  it('are Pearson’s, over rows that have both, the strongest first', () => {
    // By hand: 1 2 3 4 with 2 4 6 8 is 1; with 1 3 2 4 it is 0.8.
    const table = tableOf('number', [1, 2, 3, 4, null], [2, 4, 6, 8, 100], [1, 3, 2, 4, 0], [7, 7, 7, 7, 7])
    const found = correlationsOf(table)
    const pearson = (a: string, b: string) => found.find((each) => each.a === a && each.b === b)?.pearson
    expect(pearson('c0', 'c1')).toBeCloseTo(1, 12)
    expect(pearson('c0', 'c2')).toBeCloseTo(0.8, 12)
    expect(found[0]!).toMatchObject({ a: 'c0', b: 'c1', row_count: 4 })
    expect(found.some(({ a, b }) => [a, b].includes('c3'))).toBe(false)
  })
})
