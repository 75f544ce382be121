import { describe, expect, it } from 'vitest'
import { maskCodes } from './grid.ts'
import { ndvi } from './indices.ts'
import {
  isOffsetContradicted,
  landsatC2L2,
  reflectanceAsIs,
  sentinel2Calibration,
  toReflectance,
  uncalibrated,
  type Calibration,
  type Numbers,
  type Sentinel2Facts,
} from './reflectance.ts'

function reflect(dn: Numbers, calibration: Calibration) {
  const out = new Float32Array(dn.length)
  const mask = new Uint8Array(dn.length)
  toReflectance(dn, calibration, out, mask)
  return { out: [...out].map((value) => Number(value.toFixed(6))), mask: [...mask] }
}

function sentinel2(facts: Sentinel2Facts): Calibration {
  const answer = sentinel2Calibration(facts)
  if (answer.outcome !== 'known') throw new Error('the calibration should be known')
  return answer.calibration
}

describe('Sentinel-2 reflectance', () => {
  it('is DN / 10 000 before baseline 04.00 and (DN − 1000) / 10 000 from it on', () => {
    const dn = Uint16Array.of(1000, 1405, 3230, 11_000)
    expect(reflect(dn, sentinel2({ processing_baseline: '03.01' })).out).toEqual([0.1, 0.1405, 0.323, 1.1])
    expect(reflect(dn, sentinel2({ processing_baseline: '04.00' })).out).toEqual([0, 0.0405, 0.223, 1])
    expect(reflect(dn, sentinel2({ processing_baseline: 'N0510' })).out).toEqual([0, 0.0405, 0.223, 1])
  })

  it('never takes the offset off twice: a harmonised source has none left, whatever its copied metadata says', () => {
    const facts = { is_harmonised: true, add_offset_dn: -1000, processing_baseline: '05.09' }
    expect(sentinel2(facts)).toMatchObject({ scale: 1e-4, bias: 0 })
  })

  it("follows the product's own offset before the baseline", () => {
    expect(sentinel2({ add_offset_dn: 0, processing_baseline: '05.09' }).bias).toBe(0)
    expect(sentinel2({ add_offset_dn: -1000 }).bias).toBe(-0.1)
  })

  it('is refused when nothing tells the offset, or what tells it cannot be read', () => {
    const reasonsOf = (facts: Sentinel2Facts) => {
      const answer = sentinel2Calibration(facts)
      return answer.outcome === 'cannot_tell' ? answer.reasons.map(({ code }) => code) : []
    }
    expect(reasonsOf({})).toEqual(['offset_unknown'])
    expect(reasonsOf({ processing_baseline: 'latest' })).toEqual(['baseline_unreadable'])
    expect(reasonsOf({ add_offset_dn: 1000 })).toEqual(['offset_implausible'])
    expect(reasonsOf({ add_offset_dn: Number.NaN })).toEqual(['offset_implausible'])
    expect(reasonsOf({ quantification: 0, add_offset_dn: 0 })).toEqual(['quantification_implausible'])
  })

  it('shows what a forgotten offset does: NDVI 0.693 falls to 0.394 over the very same field', () => {
    const red = Uint16Array.of(1405)
    const nir = Uint16Array.of(3230)
    const indexWith = (facts: Sentinel2Facts) => {
      const bands = [red, nir].map((dn) => Float32Array.from(reflect(dn, sentinel2(facts)).out))
      return ndvi(bands[0]!, bands[1]!, new Uint8Array(1)).values[0]
    }
    expect(indexWith({ processing_baseline: '04.00' })).toBeCloseTo(0.693, 3)
    expect(indexWith({ processing_baseline: '03.01' })).toBeCloseTo(0.394, 3)
  })

  it('taken off twice is contradicted by the pixels', () => {
    const dn = Uint16Array.from({ length: 1000 }, (_, i) => 300 + i)
    const once = reflect(dn, sentinel2({ add_offset_dn: 0 }))
    const twice = reflect(dn, sentinel2({ add_offset_dn: -1000 }))
    expect(isOffsetContradicted(Float32Array.from(once.out), Uint8Array.from(once.mask))).toBe(false)
    expect(isOffsetContradicted(Float32Array.from(twice.out), Uint8Array.from(twice.mask))).toBe(true)
    expect(isOffsetContradicted(Float32Array.of(-1), Uint8Array.of(maskCodes.cloud))).toBe(false)
  })
})

describe('Landsat Collection 2 reflectance', () => {
  it('is 0.0000275 · DN − 0.2 within the valid range; fill and what lies outside are no measurement', () => {
    const { out, mask } = reflect(Uint16Array.of(0, 7272, 7273, 18_182, 43_636, 43_637), landsatC2L2)
    // 0.0000275 · 18 182 − 0.2 = 0.300005 and 0.0000275 · 43 636 − 0.2 = 0.99999, worked out by hand.
    expect(out).toEqual([0, 0, 0.000007, 0.300005, 0.99999, 0])
    expect(mask).toEqual([maskCodes.nodata, maskCodes.nodata, 0, 0, 0, maskCodes.saturated])
  })
})

describe('numbers of a file', () => {
  it('that are holes become nodata and zero, never NaN', () => {
    const { out, mask } = reflect(Float32Array.of(0.2, Number.NaN, -9999, Infinity, 1.4), reflectanceAsIs())
    expect(out).toEqual([0.2, 0, 0, 0, 1.4])
    expect(mask).toEqual([0, 1, 1, 1, 0])
  })

  it('may have two values for nothing, as 0 and −32 768 in one file', () => {
    const { mask } = reflect(Int16Array.of(0, -32_768, 1200), { scale: 1e-4, bias: 0, nodata: [0, -32_768] })
    expect(mask).toEqual([1, 1, 0])
  })

  it('without a scale are brought to 0..1 and keep their ratios', () => {
    expect(reflect(Uint8Array.of(0, 51, 255), uncalibrated(255)).out).toEqual([0, 0.2, 1])
  })

  it('do not overrule a mask that already names a cloud or the outside, but do overrule a clear, wet or doubtful pixel', () => {
    const mask = Uint8Array.of(maskCodes.cloud, maskCodes.outside, maskCodes.clear, maskCodes.water, maskCodes.doubtful)
    toReflectance(new Uint16Array(5), landsatC2L2, new Float32Array(5), mask)
    expect([...mask]).toEqual([maskCodes.cloud, maskCodes.outside, 1, 1, 1])
  })
})
