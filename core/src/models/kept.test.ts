import { describe, expect, it } from 'vitest'
import { keptFindings, totalOf, type DayObserved } from './kept.ts'

const days = (count: number, loss: number, held: number): DayObserved[] =>
  Array.from({ length: count }, (_, at) => ({
    day: `2026-03-${String(at + 1).padStart(2, '0')}`,
    answers: 24,
    outcomes: 96,
    // Days differ a little, so that there is an error of their mean.
    loss_sum: 96 * (loss + 0.01 * (at % 3)),
    banded: 96,
    held: Math.round(96 * held),
  }))

describe('what came true of a model of readings', () => {
  it('is summed over outcomes, and is nothing where there are none', () => {
    expect(totalOf([])).toMatchObject({ outcomes: 0, loss: null, held: null })
    expect(totalOf(days(2, 0.5, 0.75))).toMatchObject({ answers: 48, outcomes: 192, held: 0.75 })
  })

  it('says nothing before a week, nor of a loss as promised', () => {
    expect(keptFindings(days(6, 5, 0.1), 0.5, 0.95)).toEqual([])
    expect(keptFindings(days(10, 0.5, 0.95), 0.5, 0.95)).toEqual([])
  })

  it('finds a loss that grew by more than a quarter, and intervals that fail, with the day since when', () => {
    const found = keptFindings(days(10, 0.9, 0.8), 0.5, 0.95)
    expect(found.map(({ kind }) => kind)).toEqual(['accuracy', 'coverage'])
    expect(found[0]?.since.toISOString()).toBe('2026-03-01T00:00:00.000Z')
    expect(keptFindings(days(10, 0.9, 0.8), undefined, null)).toEqual([])
  })
})
