import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { medianComposite } from './composite.ts'
import { maskCodes } from './grid.ts'

function compose(dates: readonly { values: number[]; mask?: number[] }[], dates_least?: number) {
  const count = dates[0]!.values.length
  const [out, out_mask] = [new Float32Array(count), new Uint8Array(count)]
  const bands = dates.map(({ values, mask }) => ({
    values: Float32Array.from(values),
    mask: Uint8Array.from(mask ?? values.map(() => 0)),
  }))
  medianComposite(bands, out, out_mask, dates_least)
  return { values: [...out].map((value) => Number(value.toFixed(6))), mask: [...out_mask] }
}

describe('a composite of several dates', () => {
  it('is the median of the clear dates: one cloud or haze among three changes nothing', () => {
    const dates = [
      { values: [0.7, 0.03, 0.5], mask: [0, maskCodes.cloud, 0] },
      { values: [0.2, 0.6, 0.55] },
      { values: [0.72, 0.64, 0.1], mask: [0, 0, maskCodes.shadow] },
    ]
    expect(compose(dates)).toEqual({ values: [0.7, 0.62, 0.525], mask: [0, 0, 0] })
  })

  it('says what hides a pixel on all dates, and what it shows when water is all there is', () => {
    const { cloud, shadow, water, nodata, doubtful } = maskCodes
    const dates = [
      { values: [0.1, 0.1, 0.1, 0.4], mask: [cloud, cloud, nodata, 0] },
      { values: [0.1, 0.1, 0.1, 0.4], mask: [shadow, water, nodata, nodata] },
    ]
    expect(compose(dates).mask).toEqual([shadow, water, nodata, 0])
    // With two clear dates asked for, one is not enough.
    expect(compose(dates, 2)).toMatchObject({ mask: [shadow, water, nodata, nodata], values: [0, 0, 0, 0] })
    expect(compose([{ values: [0.4] }], 2).mask).toEqual([doubtful])
  })

  it('is the same in whatever order the dates come', () => {
    const value = fc.float({ min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 7 }), (values) => {
        const dates = values.map((v) => ({ values: [v] }))
        const sorted = values.toSorted((a, b) => a - b)
        const n = values.length
        const median = (sorted[Math.floor((n - 1) / 2)]! + sorted[Math.floor(n / 2)]!) / 2
        expect(Math.abs(compose(dates).values[0]! - median)).toBeLessThan(2e-6)
        expect(compose(dates.toReversed())).toEqual(compose(dates))
      }),
      { numRuns: 40 },
    )
  })
})
