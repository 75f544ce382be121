import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactSum, moments } from './exact-sum.ts'

describe('a sum of whole numbers', () => {
  it('is exact past 2^53, below zero too, and the same in any order', () => {
    const part = fc.integer({ min: -(2 ** 52), max: 2 ** 52 })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 50 }), (parts) => {
        const [forth, back] = [new ExactSum(), new ExactSum()]
        parts.forEach((value) => forth.add(value))
        parts.toReversed().forEach((value) => back.add(value))
        expect(forth.total()).toBe(parts.reduce((sum, value) => sum + BigInt(value), 0n))
        expect(back.total()).toBe(forth.total())
      }),
      { numRuns: 50 },
    )
  })

  it('gives equal numbers a deviation of exactly zero, and 2, 4, 4, 4, 5, 5, 7, 9 one of 2', () => {
    expect(moments(1_000_000, 333_333n * 1_000_000n, 333_333n ** 2n * 1_000_000n)).toEqual({ mean: 333_333, sd: 0 })
    expect(moments(8, 40n, 232n)).toEqual({ mean: 5, sd: 2 })
  })
})
