import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DETAIL_PX, fineDetailShare } from './fine-detail.ts'
import { HASHED_PX, hashDistance, nearestHashDistance, perceptualHash, perceptualHashes } from './perceptual-hash.ts'

const picture = (valueAt: (x: number, y: number) => number) =>
  Float64Array.from({ length: HASHED_PX ** 2 }, (_, at) => valueAt(at % HASHED_PX, Math.floor(at / HASHED_PX)))
const lit = picture((x, y) => 128 + 50 * Math.sin(x / 3) + 40 * Math.cos((x + 2 * y) / 7) + ((x * 37 + y * 101) % 23))

describe('a perceptual hash', () => {
  it('does not change with brightness or contrast, which scale all but the mean', () => {
    const brighter = lit.map((value) => 1.3 * value + 20)
    expect(perceptualHash(brighter)).toBe(perceptualHash(lit))
  })

  it('of a turned or mirrored picture is one of its eight', () => {
    const eight = perceptualHashes(lit)
    const last = HASHED_PX - 1
    const at = (x: number, y: number) => lit[y * HASHED_PX + x] ?? 0
    const movedAbout = [
      picture((x, y) => at(y, last - x)),
      picture((x, y) => at(last - x, last - y)),
      picture((x, y) => at(y, x)),
    ]
    for (const moved of movedAbout) expect(nearestHashDistance(perceptualHash(moved), eight)).toBe(0)
    expect(eight).toHaveLength(8)
    expect(eight[0]).toBe(perceptualHash(lit))
  })

  it('has a distance that counts bits: none to itself, the same both ways, all 64 to its opposite', () => {
    const hash = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
    const digits = (value: bigint) => value.toString(16).padStart(16, '0')
    fc.assert(
      fc.property(hash, hash, (one, other) => {
        expect(hashDistance(digits(one), digits(one))).toBe(0)
        expect(hashDistance(digits(one), digits(other))).toBe(hashDistance(digits(other), digits(one)))
        expect(hashDistance(digits(one), digits((1n << 64n) - 1n - one))).toBe(64)
      }),
      { numRuns: 50 },
    )
    expect(hashDistance('00000000000000f0', '0000000000000001')).toBe(5)
  })
})

describe('fine detail', () => {
  let state = 1
  // Numerical Recipes' congruential generator, its upper bits.
  const noise = Float64Array.from({ length: DETAIL_PX ** 2 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 16
  })

  it('of noise fills a quarter of the spectrum with a quarter of the power', () => {
    expect(fineDetailShare(noise)).toBeCloseTo(0.25, 1)
  })

  it('is next to nothing in a picture that was enlarged twofold, and nothing in an even one', () => {
    const half = (x: number, y: number) =>
      noise[Math.min(DETAIL_PX - 1, y) * DETAIL_PX + Math.min(DETAIL_PX - 1, x)] ?? 0
    const enlarged = Float64Array.from({ length: DETAIL_PX ** 2 }, (_, at) => {
      const [x, y] = [(at % DETAIL_PX) / 2, Math.floor(at / DETAIL_PX) / 2]
      const [left, top] = [Math.floor(x), Math.floor(y)]
      const along = (row: number) => half(left, row) + (x - left) * (half(left + 1, row) - half(left, row))
      return along(top) + (y - top) * (along(top + 1) - along(top))
    })
    expect(fineDetailShare(enlarged)).toBeLessThan(fineDetailShare(noise) / 20)
    expect(fineDetailShare(new Float64Array(DETAIL_PX ** 2).fill(7))).toBe(0)
  })
})
