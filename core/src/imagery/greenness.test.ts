import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  exg,
  gli,
  greennessChange,
  GreennessHistogram,
  greennessRanges,
  ngrdi,
  otsu,
  rgbvi,
  tgi,
  vari,
  type RgbBands,
} from './greenness.ts'
import { randomOf } from '../learn/random.ts'
import * as everything from './greenness.ts'

const rgb = (...pixels: readonly [number, number, number][]): RgbBands => ({
  red: Float32Array.from(pixels, ([red]) => red),
  green: Float32Array.from(pixels, ([, green]) => green),
  blue: Float32Array.from(pixels, ([, , blue]) => blue),
})

const formulas = { ngrdi, vari, gli, rgbvi, exg, tgi }

describe('greenness from red, green and blue', () => {
  it('of one leaf is what each formula gives by hand', () => {
    const leaf = rgb([0.2, 0.4, 0.1])
    const expected = {
      ngrdi: 0.2 / 0.6,
      vari: 0.2 / 0.5,
      gli: 0.5 / 1.1,
      rgbvi: (0.16 - 0.02) / (0.16 + 0.02),
      exg: 0.5 / 0.7,
      tgi: (0.4 - 0.078 - 0.061) / 0.4,
    }
    for (const [name, formula] of Object.entries(formulas)) {
      expect(formula(leaf)[0], name).toBeCloseTo(expected[name as keyof typeof expected], 6)
    }
  })

  it('stays within its range and is never NaN, black pixels and pure colours included', () => {
    const channel = fc.float({ min: 0, max: 1, noNaN: true })
    const colour = fc.oneof(
      fc.tuple(channel, channel, channel),
      fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, 1))),
    )
    fc.assert(
      fc.property(fc.array(colour, { minLength: 1, maxLength: 30 }), (pixels) => {
        const bands = rgb(...(pixels as [number, number, number][]))
        for (const [name, formula] of Object.entries(formulas)) {
          const [least, most] = greennessRanges[name as keyof typeof greennessRanges]
          expect([...formula(bands)].every((value) => value >= least && value <= most)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is nowhere called by the name of an index that needs infrared', () => {
    expect(Object.keys(everything).filter((name) => /ndvi/i.test(name))).toEqual([])
  })
})

describe('the threshold after Otsu', () => {
  it('parts two groups between them, and tells one group from two by their separation', () => {
    const counts = (heights: Record<number, number>) => Uint32Array.from({ length: 300 }, (_, bin) => heights[bin] ?? 0)
    const split = otsu(counts({ 100: 50, 101: 50, 140: 70, 141: 30 }))!
    // Groups around 0.01 and 0.408; nothing lies between bins 101 and 140, and the threshold is the middle of the gap.
    expect(split.threshold).toBeCloseTo(-1 + 0.01 * 121, 9)
    expect(split.separation).toBeGreaterThan(0.99)
    expect(split.mean_above - split.mean_below).toBeCloseTo(0.398, 6)
    expect(otsu(counts({ 150: 9 }))).toBeUndefined()
    const even = otsu(counts(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [100 + i, 1]))))!
    expect(even.separation).toBeCloseTo(0.75, 3)
  })
})

describe('a change of greenness', () => {
  const { next: draw } = randomOf(11)
  /** A meadow of which `share` is green, each pixel a little different. */
  const picture = (share: number, pixels = 4000) => {
    const histogram = new GreennessHistogram()
    const bands = rgb(
      ...Array.from({ length: pixels }, (_, i): [number, number, number] => {
        const noise = 0.03 * (draw() - 0.5)
        return i < share * pixels ? [0.2, 0.45 + noise, 0.15] : [0.4, 0.35 + noise, 0.25]
      }),
    )
    histogram.add(exg(bands), new Uint8Array(pixels))
    return histogram
  }

  it('is the share of green pixels before and after, by one threshold for both', () => {
    const verdict = greennessChange(picture(0.25), picture(0.6))
    expect(verdict).toMatchObject({ outcome: 'measured', change: 'visible_greening' })
    expect(verdict.outcome === 'measured' && verdict.before.share).toBeCloseTo(0.25, 9)
    expect(verdict.outcome === 'measured' && verdict.delta).toBeCloseTo(0.35, 9)
    expect(greennessChange(picture(0.6), picture(0.25))).toMatchObject({ change: 'visible_loss' })
    expect(greennessChange(picture(0.5), picture(0.5))).toMatchObject({ change: 'none', delta: 0 })
    // A picture that is wholly green after is compared by the threshold that the bare one needs as well.
    expect(greennessChange(picture(0), picture(1))).toMatchObject({ delta: 1 })
  })

  it('is none where the pictures differ by less than what their thresholds leave open', () => {
    // A tenth of the pixels lie evenly between −0.1 and 0.5: a tenth of that way to either side of the threshold are 20 of 1000.
    const blurred = (green: number) => {
      const histogram = new GreennessHistogram()
      const values = Float32Array.from({ length: 1000 }, (_, i) =>
        i < 100 ? -0.1 + 0.006 * i : i < green ? 0.5 : -0.1,
      )
      histogram.add(values, new Uint8Array(1000))
      return histogram
    }
    const verdict = greennessChange(blurred(500), blurred(515))
    expect(verdict).toMatchObject({ outcome: 'measured', change: 'none' })
    expect(verdict.outcome === 'measured' && verdict.delta).toBeCloseTo(0.015, 9)
  })

  it('cannot be told where nothing parts into green and not green, or nothing is clear', () => {
    const even = () => {
      const histogram = new GreennessHistogram()
      histogram.add(
        Float32Array.from({ length: 3000 }, () => 0.1 + 0.2 * draw()),
        new Uint8Array(3000),
      )
      return histogram
    }
    expect(greennessChange(even(), even())).toMatchObject({
      outcome: 'cannot_tell',
      reasons: [{ code: 'no_two_groups' }],
    })
    const hidden = new GreennessHistogram()
    hidden.add(new Float32Array(9), new Uint8Array(9).fill(4))
    expect(greennessChange(hidden, even())).toMatchObject({ reasons: [{ code: 'no_clear_pixels' }] })
  })
})
