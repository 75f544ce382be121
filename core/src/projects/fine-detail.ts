import FFT from 'fft.js'
import { invariant } from '../lib/invariant.ts'

/** The side of the square that is looked at: a power of two. */
export const DETAIL_PX = 256

/**
 * How much of a picture's contrast lies in its finest detail: the share of spectral power in the highest quarter of
 * frequencies, along rows and along columns, whichever is less. A picture that was enlarged by a third or more has next to
 * nothing there, whatever its number of pixels says. So has one that is out of focus, which is the caveat of this number.
 *
 * @param grey 256 × 256 pixels out of the picture at its own resolution, row by row.
 */
export function fineDetailShare(grey: ArrayLike<number>): number {
  invariant(grey.length === DETAIL_PX * DETAIL_PX, 'detail is sought in 256 × 256 pixels')
  const along_rows = shareAlong((line, at) => grey[line * DETAIL_PX + at] ?? 0)
  const along_columns = shareAlong((line, at) => grey[at * DETAIL_PX + line] ?? 0)
  return Math.min(along_rows, along_columns)
}

function shareAlong(valueAt: (line: number, at: number) => number): number {
  const side = DETAIL_PX
  const fft = new FFT(side)
  const spectrum = fft.createComplexArray() as number[]
  let [fine, all] = [0, 0]
  for (let line = 0; line < side; line += 1) {
    const values = Array.from({ length: side }, (_, at) => valueAt(line, at))
    const mean = values.reduce((sum, value) => sum + value, 0) / side
    // Without a window the jump from the last pixel back to the first would look like detail.
    const windowed = values.map(
      (value, at) => (value - mean) * (0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 0.5)) / side)),
    )
    fft.realTransform(spectrum, windowed)
    for (let k = 1; k <= side / 2; k += 1) {
      const power = (spectrum[2 * k] ?? 0) ** 2 + (spectrum[2 * k + 1] ?? 0) ** 2
      all += power
      if (k > (3 * side) / 8) fine += power
    }
  }
  return all > 0 ? fine / all : 0
}
