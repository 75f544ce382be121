import { describe, expect, it } from 'vitest'
import { brightness, hashDistance, orientedHashes, perceptualHash, pictureDistance, shrink } from './perceptual-hash.ts'
import { landscape, lottery } from './testing-scene.ts'
import { detailOf, FINE_OVER_MIDDLE_LEAST } from './upscaling.ts'

const W = 120
const H = 90
/** Waves of forty pixels and more: what a photograph shows from afar. */
const ground = landscape(31, 40, 40)
const photo = ground.sample(W, H)
const own = perceptualHash(photo, W, H)
const remake = (value: (x: number, y: number) => number, width = W, height = H) =>
  Float32Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width)))

describe('the fingerprint of a picture', () => {
  it('is the same at half the size, and nearly so when brighter, harsher, noisy or rounded to eight bits', () => {
    const draw = lottery(5)
    const half = remake((x, y) => ground.at(2 * x + 0.5, 2 * y + 0.5), W / 2, H / 2)
    expect(hashDistance(own, perceptualHash(half, W / 2, H / 2))).toBeLessThanOrEqual(2)
    const harsh = photo.map((value) => Math.min(1, 1.4 * value + 0.05 + 0.02 * (draw() - 0.5)))
    expect(hashDistance(own, perceptualHash(harsh, W, H))).toBeLessThanOrEqual(6)
    const rounded = Uint8Array.from(photo, (value) => Math.round(255 * value))
    expect(hashDistance(own, perceptualHash(rounded, W, H))).toBeLessThanOrEqual(2)
  })

  it('of a recoloured twin is the same, since it looks at brightness alone', () => {
    const green = photo.map((value) => value / 0.587)
    const none = new Float32Array(W * H)
    expect(hashDistance(own, perceptualHash(brightness(none, green, none), W, H))).toBe(0)
  })

  it('of another picture differs in about half of its bits', () => {
    for (const seed of [32, 33, 34, 35, 36]) {
      const other = perceptualHash(landscape(seed, 40, 40).sample(W, H), W, H)
      expect(hashDistance(own, other)).toBeGreaterThan(16)
    }
  })

  it('finds a picture turned or mirrored in any of the eight ways', () => {
    const oriented = orientedHashes(photo, W, H)
    expect(oriented).toHaveLength(8)
    expect(oriented[0]).toBe(own)
    const at = (x: number, y: number) => photo[y * W + x]!
    const ways: [string, Float32Array, number, number][] = [
      ['mirrored', remake((x, y) => at(W - 1 - x, y)), W, H],
      ['upside down', remake((x, y) => at(x, H - 1 - y)), W, H],
      ['turned by 180°', remake((x, y) => at(W - 1 - x, H - 1 - y)), W, H],
      ['transposed', remake((x, y) => at(y, x), H, W), H, W],
      ['turned by 90°', remake((x, y) => at(y, H - 1 - x), H, W), H, W],
      ['turned by 270°', remake((x, y) => at(W - 1 - y, x), H, W), H, W],
      ['transposed the other way', remake((x, y) => at(W - 1 - y, H - 1 - x), H, W), H, W],
    ]
    for (const [way, picture, width, height] of ways) {
      const hash = perceptualHash(picture, width, height)
      expect(pictureDistance(hash, oriented), way).toBeLessThanOrEqual(1)
      expect(hashDistance(hash, own), way).toBeGreaterThan(8)
    }
  })

  it('counts differing bits', () => {
    expect(hashDistance('0000000000000000', 'ffffffffffffffff')).toBe(64)
    expect(hashDistance('8000000000000001', '0000000000000000')).toBe(2)
    expect(hashDistance('a5a5a5a5a5a5a5a5', '5a5a5a5a5a5a5a5a')).toBe(64)
  })

  it('stands on a picture shrunk by means, parts of pixels included', () => {
    // A ramp over 48 columns: new pixel k covers columns 1.5k to 1.5k + 1.5.
    const ramp = Float64Array.from({ length: 48 * 33 }, (_, i) => i % 48)
    const shrunk = shrink(ramp, 48, 33)
    // Pixel 0: column 0 whole and half of column 1: (0 + 0.5) / 1.5. Pixel 1: the other half and column 2: (0.5 + 2) / 1.5.
    expect([shrunk[0], shrunk[1]].map((value) => value?.toFixed(9))).toEqual(['0.333333333', '1.666666667'])
    expect(shrunk.reduce((sum, value) => sum + value, 0) / 1024).toBeCloseTo(23.5, 9)
  })
})

describe('the detail of a picture', () => {
  const draw = lottery(17)
  const SIDE = 288
  /** Detail of every width down to a single pixel, falling off as in pictures of the world. */
  const sharp = (side: number) => {
    const base = landscape(3, 20, 20).sample(side, side)
    return base.map((value) => value + 0.04 * (draw() - 0.5))
  }
  const enlarged = (times: number) => {
    const small_side = Math.ceil(SIDE / times) + 2
    const small = sharp(small_side)
    return remake(
      (x, y) => {
        const [u, v] = [x / times, y / times]
        const [i, j] = [Math.floor(u), Math.floor(v)]
        const at = (a: number, b: number) => small[b * small_side + a]!
        const upper = at(i, j) + (u - i) * (at(i + 1, j) - at(i, j))
        const lower = at(i, j + 1) + (u - i) * (at(i + 1, j + 1) - at(i, j + 1))
        return upper + (v - j) * (lower - upper)
      },
      SIDE,
      SIDE,
    )
  }

  it('reaches as far as its pixels do, and ends early where a picture was enlarged two or three times', () => {
    const native = detailOf(sharp(SIDE), SIDE, SIDE)!
    expect(native.fine_over_middle).toBeGreaterThan(1)
    expect(native.lines).toBe(576)
    for (const times of [2, 3]) {
      expect(detailOf(enlarged(times), SIDE, SIDE)!.fine_over_middle).toBeLessThan(FINE_OVER_MIDDLE_LEAST)
    }
  })

  it('is not judged on a small picture or on one without contrast', () => {
    expect(detailOf(new Float32Array(200 * 200), 200, 200)).toBeUndefined()
    expect(detailOf(new Float32Array(256 * 256), 256, 256)).toBeUndefined()
  })
})
