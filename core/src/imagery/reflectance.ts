import { maskCodes, type Band, type Mask } from './grid.ts'

/**
 * From the numbers of a file to reflectance: ρ = DN · scale + bias, with what is no measurement named in the mask. A wrong
 * offset is the cheapest way to a forest that is not there: Sentinel-2 numbers of baseline 04.00 or later read without their
 * offset of −1000 lower NDVI by some 0.3, so an offset that is not known is refused and never guessed.
 */
export interface Calibration {
  scale: number
  bias: number
  /** Numbers that mean "nothing measured here". */
  nodata: readonly number[]
  /** Numbers outside this range are no measurement either: fill, or saturation above. Both ends belong to it. */
  valid_range?: readonly [least: number, most: number]
  /** Numbers from here on are saturated. */
  saturated_from?: number
}

/** What metadata says about the offset of a Sentinel-2 product. */
export interface Sentinel2Facts {
  /** `BOA_ADD_OFFSET` or `RADIO_ADD_OFFSET` of the product: 0 or −1000. */
  add_offset_dn?: number
  /** `QUANTIFICATION_VALUE`: 10 000 unless the metadata says otherwise. */
  quantification?: number
  /** `PROCESSING_BASELINE`, such as `05.09`. */
  processing_baseline?: string
  /** The source has already taken the offset out, as "harmonised" collections do. */
  is_harmonised?: boolean
}

export type CalibrationAnswer =
  | { outcome: 'known'; calibration: Calibration; evidence: 'harmonised' | 'offset' | 'baseline' | 'sensor' }
  | { outcome: 'cannot_tell'; reasons: CalibrationRefusal[] }

export type CalibrationRefusal =
  | { code: 'offset_unknown' }
  | { code: 'baseline_unreadable'; processing_baseline: string }
  | { code: 'offset_implausible'; add_offset_dn: number }
  | { code: 'quantification_implausible'; quantification: number }

const SENTINEL2_QUANTIFICATION = 10_000
/** Since processing baseline 04.00 (2022-01-25, and everything reprocessed later) reflectance is (DN − 1000) / 10 000. */
const SENTINEL2_OFFSET_DN = -1000
const SENTINEL2_OFFSET_BASELINE = 4
const SENTINEL2_SATURATED_DN = 65_535

/**
 * How the numbers of a Sentinel-2 product become reflectance: (DN + offset) / quantification.
 *
 * A harmonised source has taken the offset out already, so there it is never applied again, whatever the copied metadata says;
 * else the product's own offset counts, else its processing baseline. With none of the three nobody can tell. DN 0 is no data.
 * Source: ESA, Sentinel-2 Products Specification Document, and the notice on baseline 04.00.
 */
export function sentinel2Calibration(facts: Sentinel2Facts): CalibrationAnswer {
  const { add_offset_dn, quantification = SENTINEL2_QUANTIFICATION, processing_baseline, is_harmonised } = facts
  if (!(quantification >= 1 && quantification <= 100_000)) {
    return cannotTell({ code: 'quantification_implausible', quantification })
  }
  if (is_harmonised) return known(sentinel2(0, quantification), 'harmonised')
  if (add_offset_dn !== undefined) {
    if (!(add_offset_dn <= 0 && add_offset_dn >= -quantification)) {
      return cannotTell({ code: 'offset_implausible', add_offset_dn })
    }
    return known(sentinel2(add_offset_dn, quantification), 'offset')
  }
  if (processing_baseline === undefined) return cannotTell({ code: 'offset_unknown' })
  const read = /^N?(\d{2})\.?(\d{2})$/.exec(processing_baseline)
  if (!read) return cannotTell({ code: 'baseline_unreadable', processing_baseline: processing_baseline.slice(0, 20) })
  const offset_dn = Number(read[1]) >= SENTINEL2_OFFSET_BASELINE ? SENTINEL2_OFFSET_DN : 0
  return known(sentinel2(offset_dn, quantification), 'baseline')
}

const cannotTell = (reason: CalibrationRefusal): CalibrationAnswer => ({ outcome: 'cannot_tell', reasons: [reason] })

const known = (
  calibration: Calibration,
  evidence: 'harmonised' | 'offset' | 'baseline' | 'sensor',
): CalibrationAnswer => ({ outcome: 'known', calibration, evidence })

function sentinel2(offset_dn: number, quantification: number): Calibration {
  const scale = 1 / quantification
  return { scale, bias: offset_dn / quantification, nodata: [0], saturated_from: SENTINEL2_SATURATED_DN }
}

/**
 * Landsat Collection 2 Level-2 surface reflectance: ρ = 0.0000275 · DN − 0.2, fill 0, valid 7273 to 43 636.
 * Source: USGS, Landsat Collection 2 Level-2 Science Products: scale factors and valid ranges.
 */
export const landsatC2L2: Calibration = { scale: 0.0000275, bias: -0.2, nodata: [0], valid_range: [7273, 43_636] }

/** PlanetScope surface reflectance: ρ = DN / 10 000, 0 is no data. Source: Planet, Product Specifications. */
export const planetscopeSr: Calibration = { scale: 0.0001, bias: 0, nodata: [0], saturated_from: 65_535 }

/** Numbers that are reflectance already, as floating point files hold it. Holes are NaN or the file's own nodata. */
export function reflectanceAsIs(nodata: readonly number[] = []): Calibration {
  return { scale: 1, bias: 0, nodata }
}

/**
 * Numbers without a physical scale, brought to 0..1 by the range of their type: 8-bit by 255, 16-bit by 65 535. Ratios of
 * bands keep their meaning; what comes out is never called reflectance, and NDVI from it is `ndvi_dn`.
 */
export function uncalibrated(dn_most: number, nodata: readonly number[] = []): Calibration {
  return { scale: 1 / dn_most, bias: 0, nodata }
}

export type Numbers = Uint8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array

/**
 * Writes the reflectance of a window into `out` and marks in `mask` what is no measurement: `nodata` for fill, holes and numbers
 * below the valid range, `saturated` above it. Marked pixels hold 0, so that no NaN ever reaches a sum. What the mask says
 * already stays, but for `clear`, `water` and `doubtful`.
 *
 * @param dn the numbers of the file, `out` and `mask` of the same length.
 */
export function toReflectance(dn: Numbers, calibration: Calibration, out: Band, mask: Mask): void {
  const { scale, bias } = calibration
  const nodata_first = calibration.nodata[0] ?? Number.NaN
  const nodata_second = calibration.nodata[1] ?? Number.NaN
  const [least, most] = calibration.valid_range ?? [-Infinity, Infinity]
  const saturated_from = Math.min(calibration.saturated_from ?? Infinity, most === Infinity ? Infinity : most + 1)
  for (let i = 0; i < dn.length; i++) {
    const value = dn[i]!
    // NaN fails both comparisons of the range, as it should.
    if (value >= least && value < saturated_from && value !== nodata_first && value !== nodata_second) {
      const reflectance = value * scale + bias
      if (Math.abs(reflectance) <= REFLECTANCE_MOST) {
        out[i] = reflectance
        continue
      }
    }
    out[i] = 0
    const before = mask[i]!
    if (before !== maskCodes.clear && before !== maskCodes.water && before !== maskCodes.doubtful) continue
    const is_filled = value === nodata_first || value === nodata_second
    mask[i] = !is_filled && value >= saturated_from && value < Infinity ? maskCodes.saturated : maskCodes.nodata
  }
}

/** Sunlit snow and clouds come to about 1.5; ten is a fill value that the file forgot to declare, as −9999 is. */
const REFLECTANCE_MOST = 10

/** Of all measured pixels, how many may fall below −0.01 once the offset is taken off. */
const OFFSET_DARK_SHARE = 0.01
const OFFSET_DARK = -0.01

/**
 * Whether the pixels speak against an offset: more than one in a hundred of them would reflect less than −0.01. So it is when
 * an offset is taken off twice. The other way round, an offset that was forgotten, leaves no such trace.
 */
export function isOffsetContradicted(reflectance: Band, mask: Mask): boolean {
  let [dark, measured] = [0, 0]
  for (let i = 0; i < reflectance.length; i++) {
    if (mask[i] !== maskCodes.clear) continue
    measured += 1
    if (reflectance[i]! < OFFSET_DARK) dark += 1
  }
  return measured > 0 && dark > OFFSET_DARK_SHARE * measured
}
