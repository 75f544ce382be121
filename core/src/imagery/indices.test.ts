import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCodes } from './grid.ts'
import { mndwi, mvi, ndvi, ndwi } from './indices.ts'

const band = (...values: number[]) => Float32Array.from(values)
const clear = (count: number) => new Uint8Array(count)

describe('NDVI', () => {
  it('of a leaf, of soil, of water and of equal bands is what the formula gives by hand', () => {
    // 0.40/0.60 = 2/3, 0.05/0.45 = 1/9, −0.03/0.07 = −3/7.
    const { values, mask } = ndvi(band(0.1, 0.2, 0.05, 0.3), band(0.5, 0.25, 0.02, 0.3), clear(4))
    expect([...values].map((value) => value.toFixed(6))).toEqual(['0.666667', '0.111111', '-0.428571', '0.000000'])
    expect([...mask]).toEqual([0, 0, 0, 0])
  })

  it('of a dark water pixel is doubtful, and not the 0.996 that two numbers near nothing would give', () => {
    const { values, mask } = ndvi(band(0.0000075), band(0.003885), clear(1))
    expect(values[0]).toBe(0)
    expect(mask[0]).toBe(maskCodes.doubtful)
  })

  it('lies in [−1, 1] and is never NaN, whatever the reflectances; what is not valid is never called clear', () => {
    const reflectance = fc.float({ min: Math.fround(-0.3), max: 2, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.tuple(reflectance, reflectance), { minLength: 1, maxLength: 40 }), (pairs) => {
        const [red, nir] = [band(...pairs.map(([r]) => r)), band(...pairs.map(([, n]) => n))]
        const { values, mask } = ndvi(red, nir, clear(pairs.length))
        for (let i = 0; i < pairs.length; i++) {
          expect(values[i]! >= -1 && values[i]! <= 1).toBe(true)
          const is_valid = red[i]! + nir[i]! > 0 && Math.max(red[i]!, nir[i]!) >= 0.01
          expect(mask[i]).toBe(is_valid ? maskCodes.clear : maskCodes.doubtful)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('changes its sign when the bands change places', () => {
    const [red, nir] = [band(0.07, 0.2, 0.33), band(0.41, 0.15, 0.33)]
    const turned = ndvi(nir, red, clear(3)).values
    expect([...ndvi(red, nir, clear(3)).values]).toEqual([...turned].map((value) => 0 - value))
  })

  it('leaves a pixel that the mask has named as it was named', () => {
    const mask = Uint8Array.of(maskCodes.cloud, maskCodes.nodata, maskCodes.water)
    expect([...ndvi(band(0, 0, 0), band(0, 0, 0.3), mask).mask]).toEqual([4, 1, 7])
  })

  it('of a camera without a scale asks for no least signal', () => {
    const { values, mask } = ndvi(band(0.002, 0), band(0.004, 0), clear(2), undefined, 0)
    expect([values[0]?.toFixed(6), mask[0]]).toEqual(['0.333333', maskCodes.clear])
    expect(mask[1]).toBe(maskCodes.doubtful)
  })
})

describe('indices of water and of wet canopies', () => {
  it('are what the formulas give by hand', () => {
    expect(ndwi(band(0.09), band(0.03), clear(1)).values[0]).toBeCloseTo(0.5, 6)
    expect(mndwi(band(0.06), band(0.04), clear(1)).values[0]).toBeCloseTo(0.2, 6)
    expect(mvi(band(0.05), band(0.35), band(0.1), clear(1)).values[0]).toBeCloseTo(6, 5)
  })

  it('are doubtful where they would divide by nothing', () => {
    expect([...mvi(band(0.05, 0.08), band(0.35, 0.02), band(0.055, 0.01), clear(2)).mask]).toEqual([8, 8])
    expect(ndwi(band(0), band(0), clear(1)).mask[0]).toBe(maskCodes.doubtful)
  })
})
