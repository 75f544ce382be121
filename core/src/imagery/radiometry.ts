import type { CoMoments } from './co-moments.ts'

/**
 * Whether the numbers of two dates speak the same language: how a band differs over ground that should not have changed (see
 * `invariantMask` in significance.ts), and which gain and offset lie between the dates.
 */
export interface RadiometryFit {
  pixels: number
  /** Root mean square of after − before, in reflectance. */
  rmse: number
  /** Mean of after − before. */
  bias: number
  /** after ≈ gain · before + offset; undefined where the ground has no contrast to fit a line to. */
  line: { gain: number; offset: number; correlation: number; rmse_after_fit: number } | undefined
}

const PIXELS_LEAST = 100

/**
 * The comparison of one band, before as band `i` and after as band `j` of the moments over pseudo-invariant pixels. The line is the
 * reduced major axis, gain = ±sd(after) / sd(before): both dates carry noise, and ordinary least squares would flatten the slope.
 * Undefined with fewer than a hundred pixels.
 */
export function compareRadiometry(moments: CoMoments, i = 0, j = 1): RadiometryFit | undefined {
  if (moments.pixels < PIXELS_LEAST) return undefined
  const [before, after] = [moments.covariance(i, i), moments.covariance(j, j)]
  const together = moments.covariance(i, j)
  const bias = moments.mean(j) - moments.mean(i)
  const rmse = Math.sqrt(Math.max(0, before + after - 2 * together) + bias * bias)
  const correlation = moments.correlation(i, j)
  if (correlation === undefined || correlation === 0) return { pixels: moments.pixels, rmse, bias, line: undefined }
  const gain = Math.sign(correlation) * Math.sqrt(after / before)
  const offset = moments.mean(j) - gain * moments.mean(i)
  const rmse_after_fit = Math.sqrt(Math.max(0, after + gain * gain * before - 2 * gain * together))
  return { pixels: moments.pixels, rmse, bias, line: { gain, offset, correlation, rmse_after_fit } }
}
