import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sample } from './cases/seed-request.ts'
import {
  accuracyOf,
  completenessOf,
  completenessWarnings,
  confidenceOf,
  recencyOf,
  uncertaintyOf,
} from './seed-scores.ts'

describe('completeness', () => {
  test.each([
    ['nothing', {}, 0],
    ['no object', 7, 0],
    ['a field', { a: 1 }, 1],
    ['null and an empty text are not filled in', { a: 1, b: null, c: '' }, 1 / 3],
    ['zero, false and a blank are filled in', { a: 0, b: false, c: ' ' }, 1],
    ['lists are walked through', { a: [{ b: 1 }, { b: null }] }, 1 / 2],
    ['scalars in a list are no fields', { a: [1, 2, null], b: 1 }, 1],
    ['nor are those in a list of lists', { a: [[1, null], [{ b: '' }]], c: 1 }, 1 / 2],
    ['empty lists and objects are no fields', { a: [], b: {}, c: null }, 0],
    ['a list on top', [{ a: 1 }, 2, { b: null }], 1 / 2],
  ])('%s', (_desc, data, score) => {
    expect(completenessOf(data)).toBe(score)
  })

  test('of the sample is whole: all of its fields are filled in', () => {
    expect(completenessOf(sample)).toBe(1)
  })

  test('is the same as the guide’s recursion says for any JSON', () => {
    // The guide's own function, line by line.
    const counted = (data: unknown): number => {
      let total_fields = 0
      let completed_fields = 0
      const count_fields = (obj: unknown): void => {
        if (Array.isArray(obj)) for (const item of obj) count_fields(item)
        else if (typeof obj === 'object' && obj !== null)
          for (const value of Object.values(obj) as unknown[])
            if (typeof value === 'object' && value !== null) count_fields(value)
            else {
              total_fields += 1
              if (value !== null && value !== '') completed_fields += 1
            }
      }
      count_fields(data)
      return total_fields > 0 ? completed_fields / total_fields : 0
    }
    fc.assert(fc.property(fc.jsonValue(), (data) => completenessOf(data) === counted(data)))
  })

  test('stands nesting that would break a recursion', () => {
    let deep: unknown = { a: 1 }
    for (let n = 0; n < 100_000; n += 1) deep = { deep }
    expect(completenessOf(deep)).toBe(1)
  })

  test('warns below one half, in the guide’s words', () => {
    expect(completenessWarnings(0.5)).toEqual([])
    expect(completenessWarnings(1 / 3)).toEqual(['Low data completeness: 33.3%'])
  })
})

describe('accuracy', () => {
  test('is the share of quantities that stood every check, each quantity once', () => {
    const checks = [
      { path: '/a', passed: true },
      { path: '/b', passed: true },
      { path: '/b', passed: false, reason: 'no' },
      { path: '/c', passed: true },
    ]
    expect(accuracyOf(checks)).toBe(2 / 3)
  })

  test('of what nobody could check is 0', () => {
    expect(accuracyOf([])).toBe(0)
  })
})

describe('recency', () => {
  // Days since the end of 2024 (366 days of 2024 are over at 2025-01-01T00:00Z): 12 months are 365.25, 60 are 1826.25.
  test.each([
    ['on the day after', '2025-01-01T00:00:00Z', 1],
    ['within twelve months', '2025-12-31T00:00:00Z', 1],
    ['halfway, at 36 months', '2028-01-01T18:00:00Z', 0.5],
    ['from sixty months on', '2030-01-02T00:00:00Z', 0],
    ['a century later', '2125-01-01T00:00:00Z', 0],
    ['before the period has ended', '2024-06-01T00:00:00Z', 1],
  ])('%s', (_desc, now, score) => {
    expect(recencyOf('2024-12-31', now)).toBeCloseTo(score, 10)
  })

  test('never rises with time', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4000 }), fc.nat({ max: 4000 }), (a, b) => {
        const at = (days: number) => new Date(Date.UTC(2024, 0, 1) + days * 86_400_000).toISOString()
        const [early, late] = a < b ? [a, b] : [b, a]
        return recencyOf('2024-12-31', at(early)) >= recencyOf('2024-12-31', at(late))
      }),
    )
  })
})

describe('confidence and uncertainty', () => {
  test('weigh completeness 0.4, accuracy 0.4, recency 0.2', () => {
    expect(confidenceOf({ completeness: 0.5, accuracy: 0.25, recency: 1 })).toBeCloseTo(0.2 + 0.1 + 0.2, 12)
    expect(confidenceOf({ completeness: 1, accuracy: 1, recency: 1 })).toBeLessThanOrEqual(1)
    expect(confidenceOf({ completeness: 0, accuracy: 0, recency: 0 })).toBe(0)
  })

  test('start at 15 % and end at 35 %', () => {
    expect(uncertaintyOf(1)).toEqual({
      low_estimate_factor: 0.85,
      high_estimate_factor: 1.15,
      uncertainty_percentage: 15,
    })
    // 0.15 + (1 − 0.5) × 0.2 = 0.25.
    expect(uncertaintyOf(0.5)).toEqual({
      low_estimate_factor: 0.75,
      high_estimate_factor: 1.25,
      uncertainty_percentage: 25,
    })
    expect(uncertaintyOf(0).uncertainty_percentage).toBeCloseTo(35, 12)
  })
})
