import { maskCodes, type Mask } from './grid.ts'
import { BIN_MILLIONTHS, MILLIONTHS } from './histogram.ts'
import type { PairStatistics } from './change.ts'

/**
 * How much of a change is noise. Pixels that should not have changed, bare or built ground outside the project, tell how far two
 * dates disagree by themselves; below 0.05, the noise of NDVI from one date to the next, nothing is believed.
 */
export interface ChangeNoise {
  /** Standard deviation of the noise of a difference. */
  sigma: number
  sigma_source: 'pseudo_invariant' | 'floor'
  /** The median difference of the pixels that should not have changed: what light and air added. Undefined with too few. */
  bias: number | undefined
  pixels: number
}

export const SIGMA_FLOOR = 0.05
export const PIF_PIXELS_LEAST = 100
/** Of a normal distribution, the standard deviation over the median absolute deviation. */
const SD_OVER_MAD = 1.4826

/** What counts as bare or built ground on both dates. */
export interface InvariantRule {
  /** NDVI from here… */
  index_least: number
  /** … to here, on both dates. */
  index_most: number
}

/**
 * Ground with an NDVI between 0 and 0.2 on both dates: neither plants nor water, so that seasons do not move it (after Schott,
 * Salvaggio and Volchok 1988, who took built targets by their low infrared-to-red ratio).
 */
export const invariantRule: InvariantRule = { index_least: 0, index_most: 0.2 }

/**
 * Marks every pixel that is not pseudo-invariant as `outside` in a copy of the masks, so that the statistics of the pair count
 * none but these. Written into `out`.
 */
export function invariantMask(
  pair: { before: ArrayLike<number>; after: ArrayLike<number>; mask_before: Mask; mask_after: Mask },
  out: Mask,
  { index_least, index_most }: InvariantRule = invariantRule,
): Mask {
  const { before, after, mask_before, mask_after } = pair
  for (let i = 0; i < out.length; i++) {
    const b = before[i]!
    const a = after[i]!
    const is_invariant =
      mask_before[i] === maskCodes.clear &&
      mask_after[i] === maskCodes.clear &&
      b >= index_least &&
      b <= index_most &&
      a >= index_least &&
      a <= index_most
    out[i] = is_invariant ? maskCodes.clear : maskCodes.outside
  }
  return out
}

/**
 * The noise of a difference from the statistics of pseudo-invariant pixels: 1.4826 times the median absolute deviation from
 * their median, and 0.05 at least. With fewer than a hundred such pixels the floor stands alone.
 */
export function changeNoise(invariant: PairStatistics | undefined): ChangeNoise {
  const pixels = invariant?.pixels_compared ?? 0
  const summary = invariant?.summary()
  if (!invariant || !summary || pixels < PIF_PIXELS_LEAST) {
    return { sigma: SIGMA_FLOOR, sigma_source: 'floor', bias: undefined, pixels }
  }
  const bias = summary.delta.median
  const sigma = SD_OVER_MAD * medianDeviation(invariant, bias, pixels)
  return sigma > SIGMA_FLOOR
    ? { sigma, sigma_source: 'pseudo_invariant', bias, pixels }
    : { sigma: SIGMA_FLOOR, sigma_source: 'floor', bias, pixels }
}

/** The median of |Δ − centre| by walking outwards from the centre over both histograms. */
function medianDeviation({ gains, losses }: PairStatistics, centre: number, pixels: number): number {
  const middle = Math.round((centre * MILLIONTHS) / BIN_MILLIONTHS)
  const at = (bin: number) => (bin > 0 ? gains[bin] : losses[-bin]) ?? 0
  let reached = at(middle)
  let step = 0
  while (reached * 2 < pixels) {
    step += 1
    reached += at(middle + step) + at(middle - step)
  }
  return (step * BIN_MILLIONTHS) / MILLIONTHS
}

/**
 * How many standard deviations of noise a difference is away from none: |Δ| / σ. The noise of neighbouring pixels is one, so it is
 * not divided by the root of their number.
 */
export function detectability(delta: number, { sigma }: Pick<ChangeNoise, 'sigma'>): number {
  return Math.abs(delta) / sigma
}
