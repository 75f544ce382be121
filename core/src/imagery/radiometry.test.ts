import { describe, expect, it } from 'vitest'
import { CoMoments } from './co-moments.ts'
import { maskCodes } from './grid.ts'
import { explainedShare, NirCheck } from './near-infrared-check.ts'
import { compareRadiometry } from './radiometry.ts'
import { randomOf } from '../learn/random.ts'
import { landscape } from './testing-scene.ts'

const PIXELS = 4000
const { next: draw } = randomOf(21)
const noise = () => draw() + draw() + draw() - 1.5
const band = (value: (i: number) => number) => Float32Array.from({ length: PIXELS }, (_, i) => value(i))
const clear = new Uint8Array(PIXELS)

describe('moments of several bands', () => {
  it('are those of a small table worked out by hand, masked pixels left out', () => {
    const moments = new CoMoments(2)
    // 0.1, 0.2, 0.6 and 0.5, 0.4, 0.3: means 0.3 and 0.4, covariance (−0.2·0.1 + −0.1·0 + 0.3·−0.1) / 3.
    moments.add(
      [Float32Array.of(0.1, 9, 0.2, 0.6), Float32Array.of(0.5, 9, 0.4, 0.3)],
      Uint8Array.of(0, maskCodes.cloud, 0, 0),
    )
    expect(moments.pixels).toBe(3)
    expect(moments.mean(0)).toBeCloseTo(0.3, 12)
    expect(moments.covariance(0, 1)).toBeCloseTo(-0.05 / 3, 12)
    expect(moments.covariance(1, 0)).toBe(moments.covariance(0, 1))
    expect(moments.correlation(0, 1)).toBeCloseTo(-0.05 / Math.sqrt(0.14 * 0.02), 9)
  })

  it('are the same whatever the windows', () => {
    const bands = [band(() => draw()), band(() => draw())]
    const [once, twice] = [new CoMoments(2), new CoMoments(2)]
    once.add(bands, clear)
    for (const [from, to] of [
      [1500, 4000],
      [0, 1500],
    ] as const) {
      twice.add(
        bands.map((values) => values.slice(from, to)),
        clear.slice(from, to),
      )
    }
    expect(twice.covariance(0, 1)).toBe(once.covariance(0, 1))
  })
})

describe('two dates over ground that should not have changed', () => {
  it('give back a known gain and offset, and the difference that they make', () => {
    const before = band((i) => 0.1 + (0.3 * i) / PIXELS)
    const moments = new CoMoments(2)
    moments.add([before, before.map((value) => 1.2 * value - 0.03)], clear)
    const fit = compareRadiometry(moments)!
    expect(fit.line?.gain).toBeCloseTo(1.2, 3)
    expect(fit.line?.offset).toBeCloseTo(-0.03, 4)
    expect(fit.line?.rmse_after_fit).toBeLessThan(1e-4)
    // after − before = 0.2·ρ − 0.03 with ρ even over [0.1, 0.4]: mean 0.02, variance 0.04 · 0.09 / 12.
    expect(fit.bias).toBeCloseTo(0.02, 4)
    expect(fit.rmse).toBeCloseTo(Math.sqrt(0.02 ** 2 + 0.0003), 4)
  })

  it('that run against each other have a falling line', () => {
    const before = band((i) => 0.1 + (0.3 * i) / PIXELS)
    const moments = new CoMoments(2)
    moments.add([before, before.map((value) => 0.5 - 0.5 * value)], clear)
    const { line } = compareRadiometry(moments)!
    expect([line?.gain.toFixed(3), line?.offset.toFixed(3), line?.correlation.toFixed(3)]).toEqual([
      '-0.500',
      '0.500',
      '-1.000',
    ])
  })

  it('with noise on both keep the slope, which ordinary least squares would flatten', () => {
    const truth = band(() => 0.1 + 0.2 * draw())
    const moments = new CoMoments(2)
    const noisy = () => truth.map((value) => value + 0.05 * noise())
    moments.add([noisy(), noisy()], clear)
    const fit = compareRadiometry(moments)!
    expect(fit.line!.gain).toBeGreaterThan(0.95)
    expect(moments.covariance(0, 1) / moments.covariance(0, 0)).toBeLessThan(0.9)
  })

  it('are not compared over fewer than a hundred pixels, and have no line without contrast', () => {
    const few = new CoMoments(2)
    few.add([Float32Array.of(0.1), Float32Array.of(0.2)], new Uint8Array(1))
    expect(compareRadiometry(few)).toBeUndefined()
    const flat = new CoMoments(2)
    flat.add([band(() => 0.1), band(() => 0.15)], clear)
    expect(compareRadiometry(flat)).toMatchObject({ line: undefined })
    expect(compareRadiometry(flat)!.rmse).toBeCloseTo(0.05, 6)
  })
})

describe('a band that claims to be near infrared', () => {
  const ground = [1, 2, 3, 4].map((seed) => landscape(seed, 12).sample(80, 50))
  const [red, green, blue, plants] = ground as [Float32Array, Float32Array, Float32Array, Float32Array]
  const verdictOf = (nir: Float32Array, visible = { red, green, blue }) => {
    const check = new NirCheck()
    check.add({ nir, ...visible }, clear)
    return check.verdict()
  }

  it('is believed when it knows something that red, green and blue do not', () => {
    const nir = plants.map((value, i) => 0.6 * value + 0.4 * red[i]!)
    expect(verdictOf(nir)).toMatchObject({ outcome: 'measured' })
  })

  it('is made up when a mixture of red, green and blue explains it', () => {
    const mixed = red.map((value, i) => 0.5 * value + 0.9 * green[i]! - 0.2 * blue[i]! + 0.1 + 0.002 * noise())
    const verdict = verdictOf(mixed)
    expect(verdict).toMatchObject({ outcome: 'made_up', reasons: [{ code: 'explained_by_rgb' }] })
    expect(verdict.evidence.r_squared).toBeGreaterThan(0.99)
  })

  it('is made up when it is one of the other bands', () => {
    expect(verdictOf(green)).toMatchObject({
      outcome: 'made_up',
      reasons: [{ code: 'equals_band', band: 'green', share: 1 }],
    })
  })

  it('is judged on a grey picture too, where red, green and blue are one', () => {
    const grey = { red, green: red, blue: red }
    expect(verdictOf(plants, grey)).toMatchObject({ outcome: 'measured' })
    expect(
      verdictOf(
        red.map((value) => 1 - value),
        grey,
      ),
    ).toMatchObject({ outcome: 'made_up' })
  })

  it('cannot be judged without contrast or with too few pixels', () => {
    expect(verdictOf(band(() => 0.5))).toMatchObject({ outcome: 'cannot_tell', reasons: [{ code: 'no_contrast' }] })
    expect(new NirCheck().verdict()).toMatchObject({ reasons: [{ code: 'too_few_pixels' }] })
  })
})

describe('the share of variance that others explain', () => {
  it('of a sum of two independent bands is the share of the first', () => {
    // y = 3x + z with x and z independent of equal variance: R² of y on x is 9/10.
    const [x, z] = [band(() => draw()), band(() => draw())]
    const moments = new CoMoments(2)
    moments.add([x.map((value, i) => 3 * value + z[i]!), x], clear)
    expect(explainedShare(moments, 0, [1])).toBeCloseTo(0.9, 1)
  })
})
