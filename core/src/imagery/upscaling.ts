import FFT from 'fft.js'
import { invariant } from '../lib/invariant.ts'

/** How fine the detail of a picture is, against what its number of pixels could hold. */
export interface DetailFinding {
  /**
   * Power in the finest detail over that in middling detail, both multiplied by the square of their frequency, by which pictures of
   * the world lose it: around 1 for a picture at its own size, next to nothing for one that was enlarged.
   */
  fine_over_middle: number
  /** Lines of pixels that were looked at. */
  lines: number
}

const LENGTH = 256
const LINES_MOST = 256
/** As shares of the highest frequency that pixels can carry. */
const FINE = [0.6, 1] as const
const MIDDLE = [0.2, 0.4] as const
/**
 * Under this a picture was enlarged, or is badly out of focus: the two look alike. Provisional: made-up pictures with detail down to
 * a single pixel reach 7 at their own size, and 0.23 and 0.15 once enlarged two and three times by bilinear interpolation.
 */
export const FINE_OVER_MIDDLE_LEAST = 0.3

/**
 * Looks for detail along rows and columns: the mean power spectrum of stretches of 256 pixels under a Hann window. Undefined for
 * pictures under 256 pixels along both sides, or without any contrast.
 */
export function detailOf(values: ArrayLike<number>, width: number, height: number): DetailFinding | undefined {
  invariant(values.length === width * height, 'a picture has width × height pixels')
  const power = new Float64Array(LENGTH / 2)
  const lines =
    addLines(values, { count: height, length: width, across: width, along: 1 }, power) +
    addLines(values, { count: width, length: height, across: 1, along: width }, power)
  const middle = flattenedMean(power, MIDDLE)
  return lines > 0 && middle > 0 ? { fine_over_middle: flattenedMean(power, FINE) / middle, lines } : undefined
}

function flattenedMean(power: Float64Array, [from, to]: readonly [number, number]): number {
  const [first, end] = [Math.round(from * power.length), Math.round(to * power.length)]
  let sum = 0
  for (let k = first; k < end; k++) sum += power[k]! * k * k
  return sum / (end - first)
}

interface Direction {
  count: number
  length: number
  across: number
  along: number
}

const hann = Float64Array.from({ length: LENGTH }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / LENGTH))

/** Adds the power of evenly spread lines, each cut to its middle 256 pixels. Returns how many lines were added. */
function addLines(values: ArrayLike<number>, { count, length, across, along }: Direction, power: Float64Array): number {
  if (length < LENGTH) return 0
  const fft = new FFT(LENGTH)
  const input = new Float64Array(LENGTH)
  const spectrum = new Float64Array(2 * LENGTH)
  const from = (length - LENGTH) >> 1
  const step = Math.max(1, Math.floor(count / LINES_MOST))
  let lines = 0
  for (let line = 0; line < count; line += step) {
    let mean = 0
    for (let k = 0; k < LENGTH; k++) mean += values[line * across + (from + k) * along]! / LENGTH
    for (let k = 0; k < LENGTH; k++) input[k] = (values[line * across + (from + k) * along]! - mean) * hann[k]!
    fft.realTransform(spectrum, input)
    for (let k = 0; k < LENGTH / 2; k++) power[k]! += spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2
    lines += 1
  }
  return lines
}
