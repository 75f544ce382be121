import { describe, expect, it } from 'vitest'
import { randomOf, range, shuffle } from './random.ts'

describe('chance with a seed', () => {
  it('gives the same row of numbers for the same seed and another for its neighbour', () => {
    const row = (seed: number) => Array.from({ length: 20 }, randomOf(seed).next)
    expect(row(42)).toEqual(row(42))
    expect(row(42)).not.toEqual(row(43))
    expect(row(2 ** 40)).not.toEqual(row(2 ** 41))
  })

  it('forks by label alone, however much was drawn before', () => {
    const drawn = randomOf(7)
    drawn.next()
    expect(drawn.fork(3).next()).toBe(randomOf(7).fork(3).next())
    expect(drawn.fork(3).next()).not.toBe(drawn.fork(4).next())
  })

  it('spreads evenly: a chi-square over 64 cells stays below its 99.99 % point in every one of 20 seeds', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = randomOf(seed)
      const cells = new Uint32Array(64)
      for (let i = 0; i < 64_000; i++) cells[random.integer(64)]!++
      const chi_square = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
      // 63 degrees of freedom: 117.5 at 0.9999.
      expect(chi_square).toBeLessThan(117.5)
    }
  })

  it('draws normal numbers with the moments of the normal distribution', () => {
    const random = randomOf(1)
    const drawn = Array.from({ length: 200_000 }, random.normal)
    const moment = (power: number) => drawn.reduce((sum, x) => sum + x ** power, 0) / drawn.length
    expect(moment(1)).toBeCloseTo(0, 2)
    expect(moment(2)).toBeCloseTo(1, 1)
    expect(moment(4)).toBeGreaterThan(2.9)
    expect(moment(4)).toBeLessThan(3.1)
  })

  it('shuffles every item to every place', () => {
    const random = randomOf(5)
    const seen = new Set<string>()
    for (let i = 0; i < 2_000; i++) shuffle(range(4), random).forEach((item, place) => seen.add(`${item}@${place}`))
    expect(seen.size).toBe(16)
  })
})
