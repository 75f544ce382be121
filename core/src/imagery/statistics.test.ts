import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classCounts, classOfBins, classProfiles, coverCarlsonRipley } from './classes.ts'
import { maskCodes, windowsOf, type Window } from './grid.ts'
import { bars, binOf, shareFrom } from './histogram.ts'
import { IndexStatistics } from './statistics.ts'

const defaults = classProfiles['ndvi-default-1']

function statisticsOf(values: readonly number[], mask: readonly number[] = values.map(() => 0)) {
  const statistics = new IndexStatistics()
  statistics.add(Float32Array.from(values), Uint8Array.from(mask))
  return statistics
}

/** The part of a picture under a window, as reading a file gives it. */
function cut<T extends Float32Array | Uint8Array>(whole: T, width: number, window: Window): T {
  const part = whole.slice(0, window.width * window.height) as T
  for (let row = 0; row < window.height; row++) {
    const from = (window.row + row) * width + window.col
    part.set(whole.subarray(from, from + window.width), row * window.width)
  }
  return part
}

describe('statistics of an index', () => {
  it('of a scene with a known composition are those worked out on paper', () => {
    // 500 pixels of 0.1, 300 of 0.5 and 200 of 0.8: mean 0.05 + 0.15 + 0.16 = 0.36; mean of squares 0.005 + 0.075 + 0.128 =
    // 0.208; variance 0.208 − 0.1296 = 0.0784; standard deviation 0.28. Ranks 500 and 501 are 0.1 and 0.5: median 0.3.
    const scene = [...Array(500).fill(0.1), ...Array(300).fill(0.5), ...Array(200).fill(0.8)]
    const statistics = statisticsOf(scene)
    const summary = statistics.summary()!
    expect(summary.pixels).toBe(1000)
    expect(summary.mean).toBeCloseTo(0.36, 9)
    expect(summary.sd).toBeCloseTo(0.28, 9)
    expect(Math.abs(summary.median - 0.3)).toBeLessThanOrEqual(5e-5 + 1e-9)
    expect(Math.abs(summary.p05 - 0.1)).toBeLessThanOrEqual(5e-5 + 1e-9)
    expect(Math.abs(summary.p95 - 0.8)).toBeLessThanOrEqual(5e-5 + 1e-9)
    expect(classCounts(statistics.histogram, defaults)).toEqual([0, 500, 0, 300, 200])
    expect(shareFrom(statistics.histogram, 0.4)).toBe(0.5)
  })

  it('of equal pixels have a deviation of exactly zero', () => {
    expect(statisticsOf(Array(4321).fill(0.333333)).summary()).toMatchObject({ sd: 0, pixels: 4321 })
  })

  it('are none at all when no pixel is clear', () => {
    expect(statisticsOf([0.9, 0.9], [maskCodes.cloud, maskCodes.outside]).summary()).toBeUndefined()
    expect(shareFrom(new IndexStatistics().histogram, 0)).toBeUndefined()
    expect(coverCarlsonRipley(new IndexStatistics().histogram)).toBeUndefined()
  })

  it('never count a masked pixel: whatever stands under the mask, the numbers are the same', () => {
    const value = fc.float({ min: -1, max: 1, noNaN: true })
    const pixel = fc.tuple(value, value, fc.integer({ min: 0, max: 9 }))
    fc.assert(
      fc.property(fc.array(pixel, { maxLength: 60 }), (pixels) => {
        const mask = pixels.map(([, , code]) => code)
        const one = statisticsOf(
          pixels.map(([v]) => v),
          mask,
        )
        const other = statisticsOf(
          pixels.map(([v, w, code]) => (code === 0 ? v : w)),
          mask,
        )
        expect(one.summary()).toEqual(other.summary())
        expect(one.pixels).toBe(mask.filter((code) => code === 0).length)
      }),
      { numRuns: 60 },
    )
  })

  it('are the same to the last bit however the picture is cut into windows', () => {
    const values = Float32Array.from({ length: 37 * 29 }, (_, i) => Math.fround(((i * 7919) % 2003) / 1001 - 1))
    const mask = Uint8Array.from(values, (_, i) => (i % 11 === 0 ? maskCodes.shadow : 0))
    const whole = statisticsOf([...values], [...mask]).summary()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (side) => {
        const pieces = new IndexStatistics()
        for (const window of windowsOf({ width: 37, height: 29 }, side)) {
          pieces.add(cut(values, 37, window), cut(mask, 37, window))
        }
        expect(pieces.summary()).toEqual(whole)
      }),
      { numRuns: 15 },
    )
  })

  it('agree with sorting and summing all the pixels', () => {
    const value = fc.float({ min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 80 }), (values) => {
        const summary = statisticsOf(values).summary()!
        const sorted = values.toSorted((a, b) => a - b)
        const n = values.length
        const mean = values.reduce((sum, v) => sum + v, 0) / n
        const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n)
        const median = (sorted[Math.floor((n - 1) / 2)]! + sorted[Math.floor(n / 2)]!) / 2
        expect(Math.abs(summary.mean - mean)).toBeLessThan(1e-6)
        expect(Math.abs(summary.sd - sd)).toBeLessThan(2e-6)
        expect(Math.abs(summary.median - median)).toBeLessThan(5.2e-5)
      }),
      { numRuns: 60 },
    )
  })
})

describe('classes of vegetation', () => {
  it('begin at their lower bound: 0.2 is sparse and 0.1999 is barren', () => {
    const of = (value: number) => classCounts(statisticsOf([value]).histogram, defaults).indexOf(1)
    expect([-1, -0.0001, 0, 0.1999, 0.2, 0.4, 0.5999, 0.6, 1].map(of)).toEqual([0, 0, 1, 1, 2, 3, 3, 4, 4])
  })

  it('of the Indonesian profile are three densities of mangrove, as published with two decimals', () => {
    const mangrove = classOfBins(classProfiles['id-mof-2005'])
    const of = (value: number) => mangrove[binOf(value)]
    expect([-1, 0.1, 0.32, 0.33, 0.42, 0.43, 1].map(of)).toEqual([2, 2, 2, 3, 3, 4, 4])
  })
})

describe('cover', () => {
  it('after Carlson and Ripley is 0 on bare ground, 1 under a closed canopy and a quarter halfway', () => {
    const cover = (value: number) => coverCarlsonRipley(statisticsOf([value]).histogram)!
    expect(cover(-0.4)).toBe(0)
    expect(cover(0.05)).toBeLessThan(1e-6)
    expect(cover(0.455)).toBeCloseTo(0.25, 3)
    expect(cover(0.9)).toBe(1)
    // With wet soil at 0.2 the same 0.53 is half of the way, and so a quarter.
    const wet = coverCarlsonRipley(statisticsOf([0.53]).histogram, { ndvi_soil: 0.2, ndvi_full: 0.86 })
    expect(wet).toBeCloseTo(0.25, 3)
  })

  it('is a mean over pixels, not the cover of the mean', () => {
    // Half closed canopy, half bare: 0.5. The mean NDVI of 0.455 would give 0.25.
    expect(coverCarlsonRipley(statisticsOf([0.86, 0.05]).histogram)).toBeCloseTo(0.5, 3)
  })
})

describe('a histogram', () => {
  it('in bars keeps every pixel, the value 1 in the last bar', () => {
    const statistics = statisticsOf([-1, -0.981, -0.98, 0, 0.999, 1])
    const drawn = bars(statistics.histogram)
    expect(drawn).toHaveLength(100)
    expect(drawn[0]).toEqual({ from: -1, to: -0.98, pixels: 2 })
    expect(drawn[1]?.pixels).toBe(1)
    expect(drawn[50]).toMatchObject({ from: 0, pixels: 1 })
    expect(drawn[99]).toMatchObject({ to: 1, pixels: 2 })
    expect(drawn.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(6)
  })
})
