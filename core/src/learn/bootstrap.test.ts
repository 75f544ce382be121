import { describe, expect, it } from 'vitest'
import { compareOnHoldout } from './bootstrap.ts'
import { randomOf } from './random.ts'

const losses = (count: number, seed: number, gain: number) => {
  const random = randomOf(seed)
  const champion = Float64Array.from({ length: count }, () => random.normal() ** 2)
  return { champion, challenger: champion.map((loss) => loss - gain + 0.5 * random.normal()) }
}

describe('a comparison on a frozen holdout', () => {
  it('covers the true gain about as often as it says: 95 of 100 times', () => {
    let covered = 0
    for (let trial = 0; trial < 150; trial++) {
      const { champion, challenger } = losses(120, trial, 0.3)
      const found = compareOnHoldout(champion, challenger, { resample_count: 300, seed: trial })
      if (found.gain_low <= 0.3 && 0.3 <= found.gain_high) covered++
    }
    // 142.5 expected, standard deviation 2.7.
    expect(covered).toBeGreaterThanOrEqual(133)
    expect(covered).toBeLessThan(150)
  })

  it('agrees with the normal interval of the paired difference on many rows, which are bundled', () => {
    const { champion, challenger } = losses(20_000, 5, 0.3)
    const found = compareOnHoldout(champion, challenger)
    const half = (1.96 * 0.5) / Math.sqrt(20_000)
    expect(found.unit_count).toBe(5000)
    expect(found.gain_high - found.gain_low).toBeGreaterThan(2 * half * 0.9)
    expect(found.gain_high - found.gain_low).toBeLessThan(2 * half * 1.1)
    expect(found.gain).toBeCloseTo(found.champion_loss - found.challenger_loss, 12)
  })

  it('takes the root for squared errors', () => {
    const champion = new Float64Array(10).fill(9)
    const found = compareOnHoldout(champion, new Float64Array(10).fill(4), { of: 'root_mean' })
    expect(found).toMatchObject({ gain: 1, gain_low: 1, gain_high: 1, champion_loss: 3, challenger_loss: 2 })
  })

  it('is far less sure when rows come in blocks that share their luck', () => {
    const random = randomOf(3)
    const luck = Array.from({ length: 20 }, random.normal)
    const challenger = Float64Array.from({ length: 1000 }, (_, row) => 5 + luck[row % 20]!)
    const champion = new Float64Array(1000).fill(5)
    const blocks = Array.from({ length: 1000 }, (_, row) => `site ${row % 20}`)
    const apart = compareOnHoldout(champion, challenger)
    const together = compareOnHoldout(champion, challenger, { blocks })
    const width = (found: typeof apart) => found.gain_high - found.gain_low
    expect(together.unit_count).toBe(20)
    expect(width(together) / width(apart)).toBeGreaterThan(5)
  })

  it('is the same for the same seed, and refused without pairs, finite losses or enough rows', () => {
    const { champion, challenger } = losses(50, 1, 0)
    expect(compareOnHoldout(champion, challenger)).toEqual(compareOnHoldout(champion, challenger))
    const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
    expect(() => compareOnHoldout(champion, challenger.slice(1))).toThrow(unfit)
    expect(() => compareOnHoldout([1, 2, 3], [1, 2, 3])).toThrow(unfit)
    expect(() =>
      compareOnHoldout(
        champion,
        champion.map(() => Number.NaN),
      ),
    ).toThrow(unfit)
    expect(() => compareOnHoldout(champion, challenger, { level: 1 })).toThrow(unfit)
  })
})
