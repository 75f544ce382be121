import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deltaBars, PairStatistics, type PairWindow } from './change.ts'
import { classProfiles } from './classes.ts'
import { maskCodes, windowsOf, type Window } from './grid.ts'
import { ndvi } from './indices.ts'
import type { PixelArea } from './pixel-area.ts'
import { changeNoise, detectability, invariantMask } from './significance.ts'

const profile = classProfiles['ndvi-default-1']
const square: PixelArea = { kind: 'uniform', m2: 100 }

interface Pixel {
  before: number
  after: number
  code_before?: number
  code_after?: number
}

const windowOf = (pixels: readonly Pixel[]): PairWindow => ({
  before: Float32Array.from(pixels, ({ before }) => before),
  after: Float32Array.from(pixels, ({ after }) => after),
  mask_before: Uint8Array.from(pixels, ({ code_before }) => code_before ?? 0),
  mask_after: Uint8Array.from(pixels, ({ code_after }) => code_after ?? 0),
})

function pairOf(pixels: readonly Pixel[], area: PixelArea = square) {
  const statistics = new PairStatistics(profile, area)
  statistics.add(windowOf(pixels), { col: 0, row: 0, width: pixels.length, height: 1 })
  return statistics
}

const many = (count: number, pixel: Pixel): Pixel[] => Array(count).fill(pixel)

/** 100 bare pixels of which 40 were planted, 30 of forest, 20 of forest felled, 10 of land that the sea took. */
const scene: Pixel[] = [
  ...many(60, { before: 0.1, after: 0.1 }),
  ...many(40, { before: 0.1, after: 0.45 }),
  ...many(30, { before: 0.7, after: 0.7 }),
  ...many(20, { before: 0.7, after: 0.15 }),
  ...many(10, { before: 0.3, after: -0.3, code_after: maskCodes.water }),
]

describe('a change between two dates', () => {
  it('of a scene with a known composition is what is worked out on paper', () => {
    const summary = pairOf(scene).summary()!
    // 150 pixels with clear ground twice. Δ: 40 of +0.35 and 20 of −0.55 make 14 − 11 = 3, over 150 pixels 0.02.
    expect(summary.pixels_compared).toBe(150)
    expect(summary.delta.mean).toBeCloseTo(0.02, 9)
    expect(summary.before.mean).toBeCloseTo((100 * 0.1 + 50 * 0.7) / 150, 7)
    expect(summary.after.mean - summary.before.mean).toBeCloseTo(summary.delta.mean, 9)
    expect(summary.delta.median).toBe(0)
    // Mean of squares (40 · 0.1225 + 20 · 0.3025) / 150 = 0.073; variance 0.073 − 0.0004.
    expect(summary.delta.sd).toBeCloseTo(Math.sqrt(0.0726), 6)
    expect(summary.changes).toEqual([
      { threshold: 0.1, gain_fraction: 40 / 150, loss_fraction: 20 / 150 },
      { threshold: 0.2, gain_fraction: 40 / 150, loss_fraction: 20 / 150 },
    ])
  })

  it('moves pixels and hectares from class to class, land taken by the sea included', () => {
    const { px, ha, classes } = pairOf(scene).transitions()!
    expect(px).toEqual([
      [0, 0, 0, 0, 0],
      [0, 60, 0, 40, 0],
      [10, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 20, 0, 0, 30],
    ])
    expect(ha[1]?.[3]).toBeCloseTo(0.4, 12)
    expect(classes.find((entry) => entry.class === 'barren')).toEqual({
      class: 'barren',
      before_px: 100,
      after_px: 80,
      before_ha: 1,
      after_ha: 0.8,
    })
    expect(classes.reduce((sum, { before_px }) => sum + before_px, 0)).toBe(160)
  })

  it('under a cloud is none: a cloudy "before" earns nothing, where counting it would have found +0.516', () => {
    // A cloud reflects nearly the same in red and infrared; the field behind it has an NDVI of 0.545.
    const bands = (red: number, nir: number) => [Float32Array.of(red), Float32Array.of(nir)] as const
    const clear = new Uint8Array(1)
    const cloud = ndvi(...bands(0.5, 0.53), clear).values[0]!
    const field = ndvi(...bands(0.1, 0.34), clear).values[0]!
    expect(pairOf([{ before: cloud, after: field }]).summary()?.delta.mean).toBeCloseTo(0.516, 3)
    const masked = pairOf([{ before: cloud, after: field, code_before: maskCodes.cloud }])
    expect(masked.summary()).toBeUndefined()
    expect(masked.transitionPixels().flat()).toEqual(Array(25).fill(0))
  })

  it('turns its sign and its table when the dates are swapped, to the last bit', () => {
    const value = fc.float({ min: -1, max: 1, noNaN: true })
    const code = fc.constantFrom(0, 0, 0, maskCodes.water, maskCodes.cloud)
    const pixel = fc.record({ before: value, after: value, code_before: code, code_after: code })
    fc.assert(
      fc.property(fc.array(pixel, { minLength: 1, maxLength: 60 }), (pixels) => {
        const swapped = pixels.map((p) => ({
          before: p.after,
          after: p.before,
          code_before: p.code_after,
          code_after: p.code_before,
        }))
        const [forth, back] = [pairOf(pixels), pairOf(swapped)]
        const [there, again] = [forth.summary(), back.summary()]
        expect(again?.before).toEqual(there?.after)
        expect(again?.delta.mean).toBe(there && 0 - there.delta.mean)
        expect(again?.delta.median).toBe(there && 0 - there.delta.median)
        expect(again?.delta.sd).toBe(there?.delta.sd)
        expect(again?.changes.map((c) => [c.gain_fraction, c.loss_fraction])).toEqual(
          there?.changes.map((c) => [c.loss_fraction, c.gain_fraction]),
        )
        const px = forth.transitionPixels()
        expect(back.transitionPixels()).toEqual(px.map((row, i) => row.map((_, j) => px[j]![i])))
      }),
      { numRuns: 20 },
    )
  })

  it('has areas that add up to the ground seen on both dates, and is the same however it is cut into windows', () => {
    const [width, height] = [23, 17]
    const pixels = Array.from({ length: width * height }, (_, i): Pixel => ({
      before: ((i * 7919) % 2001) / 1000 - 1,
      after: ((i * 104_729) % 2001) / 1000 - 1,
      code_before: i % 13 === 0 ? maskCodes.cloud : 0,
      code_after: i % 7 === 0 ? maskCodes.water : 0,
    }))
    const rows: PixelArea = { kind: 'rows', m2: Float64Array.from({ length: height }, (_, row) => 80 + row) }
    const whole = windowOf(pixels)
    const cut = (window: Window): PairWindow => {
      const at = (i: number) => (window.row + Math.floor(i / window.width)) * width + window.col + (i % window.width)
      return windowOf(Array.from({ length: window.width * window.height }, (_, i) => pixels[at(i)]!))
    }
    const once = new PairStatistics(profile, rows)
    once.add(whole, { col: 0, row: 0, width, height })
    const expected_m2 = pixels.reduce(
      (sum, pixel, i) => sum + (pixel.code_before ? 0 : rows.m2[Math.floor(i / width)]!),
      0,
    )
    const { ha, classes } = once.transitions()!
    expect(ha.flat().reduce((sum, value) => sum + value, 0)).toBeCloseTo(expected_m2 / 10_000, 9)
    expect(classes.reduce((sum, { after_ha }) => sum + after_ha, 0)).toBeCloseTo(expected_m2 / 10_000, 9)
    for (const side of [1, 5, 16]) {
      const pieces = new PairStatistics(profile, rows)
      for (const window of windowsOf({ width, height }, side)) pieces.add(cut(window), window)
      expect(pieces.summary()).toEqual(once.summary())
      expect(pieces.transitions()).toEqual(once.transitions())
    }
  })

  it('of exactly 0.1 is not more than 0.1, and one of 0.100001 is', () => {
    const gain = (after: number) => pairOf([{ before: 0, after }]).summary()?.changes[0]?.gain_fraction
    expect([gain(0.1), gain(0.100001), gain(-0.2)]).toEqual([0, 1, 0])
  })

  it('tells how much of the gain lies on the fringe of a cloud', () => {
    const statistics = new PairStatistics(profile, undefined)
    const gained = many(4, { before: 0.1, after: 0.5 })
    const fringe = Uint8Array.of(1, 1, 1, 0)
    statistics.add({ ...windowOf(gained), fringe }, { col: 0, row: 0, width: 4, height: 1 })
    expect(statistics.summary()?.gain_near_mask_fraction).toBe(0.75)
    expect(statistics.transitions()).toBeUndefined()
    expect(pairOf(gained).summary()?.gain_near_mask_fraction).toBeUndefined()
  })

  it('is drawn as bars that keep every pixel', () => {
    const drawn = deltaBars(pairOf(scene))
    expect(drawn).toHaveLength(200)
    expect(drawn.filter(({ pixels }) => pixels > 0)).toEqual([
      { from: -0.56, to: -0.54, pixels: 20 },
      { from: 0, to: 0.02, pixels: 90 },
      { from: 0.34, to: 0.36, pixels: 40 },
    ])
  })
})

describe('the noise of a change', () => {
  /** Bare ground whose second date is brighter by 0.02 and spreads evenly over ±0.12. */
  const bare = Array.from({ length: 2401 }, (_, i): Pixel => ({ before: 0, after: 0.02 + (i - 1200) / 10_000 }))

  it('is measured on ground that should not have changed: 1.4826 times the median deviation', () => {
    const noise = changeNoise(pairOf(bare))
    // Evenly spread over ±0.12 the median deviation is 0.06.
    expect(noise.sigma_source).toBe('pseudo_invariant')
    expect(noise.sigma).toBeCloseTo(1.4826 * 0.06, 3)
    expect(noise.bias).toBeCloseTo(0.02, 3)
    expect(detectability(-0.3, noise)).toBeCloseTo(0.3 / (1.4826 * 0.06), 1)
  })

  it('is never taken for less than 0.05, nor from fewer than a hundred pixels', () => {
    expect(changeNoise(pairOf(many(500, { before: 0.1, after: 0.1 })))).toMatchObject({
      sigma: 0.05,
      sigma_source: 'floor',
      bias: 0,
    })
    expect(changeNoise(pairOf(bare.slice(0, 99)))).toEqual({
      sigma: 0.05,
      sigma_source: 'floor',
      bias: undefined,
      pixels: 99,
    })
    expect(changeNoise(undefined).sigma).toBe(0.05)
  })

  it('counts neither plants nor water nor masked pixels among the ground that should not have changed', () => {
    const pair = windowOf([
      { before: 0.1, after: 0.15 },
      { before: 0.1, after: 0.5 },
      { before: -0.1, after: 0.1 },
      { before: 0.1, after: 0.1, code_after: maskCodes.shadow },
      { before: 0.1, after: 0.1, code_before: maskCodes.water },
    ])
    expect([...invariantMask(pair, new Uint8Array(5))]).toEqual([0, 9, 9, 9, 9])
  })
})
