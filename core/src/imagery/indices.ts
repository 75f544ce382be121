import { maskCodes, type Band, type Mask } from './grid.ts'

/**
 * Indices of bands that include the infrared, pixel by pixel. Each writes an index and a mask: where the light is too little
 * for a ratio to mean anything the mask says `doubtful` and the index holds 0, so that no NaN is ever written. What can be said
 * from red, green and blue alone stands in greenness.ts and never bears the name NDVI.
 */
export interface IndexWindow {
  values: Band
  mask: Mask
}

/**
 * The least reflectance that one of the two bands must reach. Over water both may be nearly nothing: Landsat numbers 7273 and
 * 7414 are reflectances of 0.00001 and 0.0039, and their "NDVI" of 0.996 is noise over noise.
 */
export const SIGNAL_LEAST = 0.01

/** Room for the results of one window, to be used again for the next of the same size. */
export function indexWindow(pixels: number): IndexWindow {
  return { values: new Float32Array(pixels), mask: new Uint8Array(pixels) }
}

/**
 * NDVI = (ρNIR − ρred) / (ρNIR + ρred), in [−1, 1] (Rouse et al. 1974). Valid where the sum is above zero and the greater of
 * the two reaches `signal_least`; negative reflectances, which atmospheric correction leaves behind, are clamped afterwards.
 *
 * @param signal_least 0 for numbers without a physical scale, whose index is then called `ndvi_dn`.
 */
export function ndvi(
  red: Band,
  nir: Band,
  mask: Mask,
  into: IndexWindow = indexWindow(red.length),
  signal_least: number = SIGNAL_LEAST,
): IndexWindow {
  return normalisedDifference(nir, red, mask, into, signal_least)
}

/** NDWI = (ρgreen − ρNIR) / (ρgreen + ρNIR): above zero over open water (McFeeters 1996). */
export function ndwi(green: Band, nir: Band, mask: Mask, into: IndexWindow = indexWindow(green.length)): IndexWindow {
  return normalisedDifference(green, nir, mask, into, SIGNAL_LEAST)
}

/** MNDWI = (ρgreen − ρSWIR1) / (ρgreen + ρSWIR1): parts water from buildings better than NDWI (Xu 2006). */
export function mndwi(
  green: Band,
  swir1: Band,
  mask: Mask,
  into: IndexWindow = indexWindow(green.length),
): IndexWindow {
  return normalisedDifference(green, swir1, mask, into, SIGNAL_LEAST)
}

/** (plus − minus) / (plus + minus), under the rules of validity above. */
export function normalisedDifference(
  plus: Band,
  minus: Band,
  mask: Mask,
  into: IndexWindow,
  signal_least: number,
): IndexWindow {
  const { values, mask: out_mask } = into
  for (let i = 0; i < plus.length; i++) {
    const p = plus[i]!
    const m = minus[i]!
    const code = mask[i]!
    const sum = p + m
    if (sum > 0 && (p >= signal_least || m >= signal_least)) {
      const ratio = (p - m) / sum
      values[i] = ratio > 1 ? 1 : ratio < -1 ? -1 : ratio
      out_mask[i] = code
    } else {
      values[i] = 0
      out_mask[i] = code === CLEAR || code === WATER ? DOUBTFUL : code
    }
  }
  return into
}

const CLEAR = maskCodes.clear
const WATER = maskCodes.water
const DOUBTFUL = maskCodes.doubtful

/** The least difference of short-wave infrared over green by which MVI may divide: over water it is negative. */
const MVI_DIVISOR_LEAST = 0.01

/**
 * MVI = (ρNIR − ρgreen) / (ρSWIR1 − ρgreen): wet and green canopies such as mangroves stand high, dry vegetation low (Baloloy et
 * al. 2020). It has no upper bound; where the divisor is below 0.01, as over water, the pixel is doubtful. A hint for reviewers
 * on whether a claimed mangrove looks like one, and never part of a quantity.
 */
export function mvi(
  green: Band,
  nir: Band,
  swir1: Band,
  mask: Mask,
  into: IndexWindow = indexWindow(green.length),
): IndexWindow {
  const { values, mask: out_mask } = into
  for (let i = 0; i < green.length; i++) {
    const g = green[i]!
    const code = mask[i]!
    const divisor = swir1[i]! - g
    if (divisor >= MVI_DIVISOR_LEAST) {
      values[i] = (nir[i]! - g) / divisor
      out_mask[i] = code
    } else {
      values[i] = 0
      out_mask[i] = code === CLEAR || code === WATER ? DOUBTFUL : code
    }
  }
  return into
}
