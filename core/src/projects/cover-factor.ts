/**
 * How much of the default soil rate a stratum earns by its vegetation cover: VM0033 v2.1, equation 33. It is the one
 * place where a picture enters tonnes.
 */

const COVER_NONE = 0.15
const COVER_FULL = 0.5
const SLOPE_WIDTH = 0.35

/** 0 below 15 % cover, 1 from 50 % on, straight between. */
export function coverFactor(cover: number): number {
  if (cover < COVER_NONE) return 0
  if (cover >= COVER_FULL) return 1
  return (cover - COVER_NONE) / SLOPE_WIDTH
}

/** Mean of the factor while cover goes evenly from one value to the other; exact, since the factor is made of lines. */
export function meanCoverFactor(from: number, to: number): number {
  if (Math.abs(to - from) < 1e-9) return coverFactor((from + to) / 2)
  return (area(to) - area(from)) / (to - from)
}

/** ∫ f(c) dc from 0. */
function area(cover: number): number {
  if (cover < COVER_NONE) return 0
  if (cover < COVER_FULL) return ((cover - COVER_NONE) * (cover - COVER_NONE)) / (2 * SLOPE_WIDTH)
  return SLOPE_WIDTH / 2 + (cover - COVER_FULL)
}
