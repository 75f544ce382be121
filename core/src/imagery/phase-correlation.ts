import FFT from 'fft.js'
import { invariant } from '../lib/invariant.ts'
import { maskCodes, type Band, type Mask } from './grid.ts'

/** How far the content of one square tile lies from that of another. */
export interface TileShift {
  /** Content at column x of the first lies at column x + shift of the second. */
  shift_col_px: number
  shift_row_px: number
  /**
   * How sharply the correlation stands out: its peak over the standard deviation of the rest of its surface. The same ground
   * gives a high number whatever the season, different ground no more than chance.
   */
  psr: number
}

/** Where the weight of a frequency falls to e^(−½), in cycles per pixel: higher ones are mostly noise and aliases. */
const LOW_PASS = 0.2
/** Around the peak, what belongs to it and not to the rest, in pixels to each side. */
const PEAK_SIDE_PX = 5
/** Of a tile, how many of its pixels must be clear in both pictures for its correlation to mean anything. */
export const TILE_CLEAR_SHARE = 0.5

/**
 * Phase correlation of square tiles whose side is a power of two (Kuglin and Hines 1975): both tiles lose their mean and are
 * faded out by a Hann window, the cross power spectrum is whitened, so that brightness and contrast no longer matter, and its
 * inverse transform has a peak where one tile lies on the other. The spectrum is then weighted by a Gaussian, which makes the peak
 * a Gaussian whose centre three logarithms in a row give exactly. Work arrays are kept, so one correlator serves many tiles.
 */
export class PhaseCorrelator {
  readonly side: number
  readonly #fft: FFT
  readonly #hann: Float64Array
  readonly #low_pass: Float64Array
  readonly #field: Float64Array
  readonly #line: Float64Array
  readonly #line_out: Float64Array
  readonly #surface: Float64Array

  constructor(side: number) {
    invariant(side >= 16 && (side & (side - 1)) === 0, 'the side of a tile is a power of two')
    this.side = side
    this.#fft = new FFT(side)
    this.#hann = Float64Array.from({ length: side }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / side))
    this.#low_pass = Float64Array.from({ length: side }, (_, i) => {
      const frequency = Math.min(i, side - i) / side
      return Math.exp(-0.5 * (frequency / LOW_PASS) ** 2)
    })
    this.#field = new Float64Array(2 * side * side)
    this.#line = new Float64Array(2 * side)
    this.#line_out = new Float64Array(2 * side)
    this.#surface = new Float64Array(side * side)
  }

  /**
   * The shift of `second` against `first`; undefined where less than half of the tile is clear in both, or where one has no
   * contrast. Pixels that either mask names, water included, count as the mean: a tide line moves without the ground moving.
   */
  shift(first: Band, second: Band, mask_first: Mask, mask_second: Mask): TileShift | undefined {
    const pixels = this.side * this.side
    invariant(
      [first, second, mask_first, mask_second].every(({ length }) => length === pixels),
      'a tile has as many pixels as its correlator expects',
    )
    if (!this.#load(first, second, mask_first, mask_second)) return undefined
    this.#transform(false)
    this.#crossPower()
    this.#transform(true)
    for (let i = 0; i < pixels; i++) this.#surface[i] = this.#field[2 * i]!
    return this.#peak()
  }

  /** Both tiles into one complex field, the first as real and the second as imaginary part: two transforms for the price of one. */
  #load(first: Band, second: Band, mask_first: Mask, mask_second: Mask): boolean {
    const { side } = this
    const field = this.#field
    let [clear, sum_1, sum_2] = [0, 0, 0]
    for (let i = 0; i < first.length; i++) {
      if (mask_first[i] !== maskCodes.clear || mask_second[i] !== maskCodes.clear) continue
      clear += 1
      sum_1 += first[i]!
      sum_2 += second[i]!
    }
    if (clear < TILE_CLEAR_SHARE * first.length) return false
    const [mean_1, mean_2] = [sum_1 / clear, sum_2 / clear]
    let [power_1, power_2] = [0, 0]
    for (let row = 0; row < side; row++) {
      for (let col = 0; col < side; col++) {
        const i = row * side + col
        const is_clear = mask_first[i] === maskCodes.clear && mask_second[i] === maskCodes.clear
        const weight = is_clear ? this.#hann[row]! * this.#hann[col]! : 0
        const value_1 = (first[i]! - mean_1) * weight
        const value_2 = (second[i]! - mean_2) * weight
        field[2 * i] = value_1
        field[2 * i + 1] = value_2
        power_1 += value_1 * value_1
        power_2 += value_2 * value_2
      }
    }
    const least = CONTRAST_LEAST * CONTRAST_LEAST * clear
    return power_1 > least && power_2 > least
  }

  /** The transform of the field along its rows and then along its columns, in place. */
  #transform(is_inverse: boolean) {
    const { side } = this
    const field = this.#field
    const line = this.#line
    const out = this.#line_out
    for (let row = 0; row < side; row++) {
      line.set(field.subarray(2 * row * side, 2 * (row + 1) * side))
      if (is_inverse) this.#fft.inverseTransform(out, line)
      else this.#fft.transform(out, line)
      field.set(out, 2 * row * side)
    }
    for (let col = 0; col < side; col++) {
      for (let row = 0; row < side; row++) {
        line[2 * row] = field[2 * (row * side + col)]!
        line[2 * row + 1] = field[2 * (row * side + col) + 1]!
      }
      if (is_inverse) this.#fft.inverseTransform(out, line)
      else this.#fft.transform(out, line)
      for (let row = 0; row < side; row++) {
        field[2 * (row * side + col)] = out[2 * row]!
        field[2 * (row * side + col) + 1] = out[2 * row + 1]!
      }
    }
  }

  /**
   * From the transform Z of first + i·second: F = (Z(k) + Z*(−k)) / 2 and S = (Z(k) − Z*(−k)) / 2i; then S·F* over its absolute
   * value, weighted. The result replaces the field.
   */
  #crossPower() {
    const { side } = this
    const field = this.#field
    const z = field.slice()
    for (let row = 0; row < side; row++) {
      const mirror_row = (side - row) % side
      for (let col = 0; col < side; col++) {
        const i = 2 * (row * side + col)
        const j = 2 * (mirror_row * side + ((side - col) % side))
        const f_re = z[i]! + z[j]!
        const f_im = z[i + 1]! - z[j + 1]!
        const s_re = z[i + 1]! + z[j + 1]!
        const s_im = z[j]! - z[i]!
        const re = s_re * f_re + s_im * f_im
        const im = s_im * f_re - s_re * f_im
        const size = Math.sqrt(re * re + im * im)
        const weight = size > 0 ? (this.#low_pass[row]! * this.#low_pass[col]!) / size : 0
        field[i] = re * weight
        field[i + 1] = im * weight
      }
    }
  }

  #peak(): TileShift {
    const { side } = this
    const surface = this.#surface
    let top = 0
    for (let i = 1; i < surface.length; i++) if (surface[i]! > surface[top]!) top = i
    const [row, col] = [Math.floor(top / side), top % side]
    const at = (r: number, c: number) => surface[((r + side) % side) * side + ((c + side) % side)]!
    const wrapped = (position: number) => (position >= side / 2 ? position - side : position)
    return {
      shift_col_px: wrapped(col) + gaussianCentre(at(row, col - 1), at(row, col), at(row, col + 1)),
      shift_row_px: wrapped(row) + gaussianCentre(at(row - 1, col), at(row, col), at(row + 1, col)),
      psr: this.#peakOverRest(row, col),
    }
  }

  #peakOverRest(row: number, col: number): number {
    const { side } = this
    const surface = this.#surface
    let [count, sum, squares] = [0, 0, 0]
    for (let r = 0; r < side; r++) {
      const is_near_row = distanceAround(r, row, side) <= PEAK_SIDE_PX
      for (let c = 0; c < side; c++) {
        if (is_near_row && distanceAround(c, col, side) <= PEAK_SIDE_PX) continue
        const value = surface[r * side + c]!
        count += 1
        sum += value
        squares += value * value
      }
    }
    const mean = sum / count
    const sd = Math.sqrt(Math.max(0, squares / count - mean * mean))
    return sd > 0 ? (surface[row * side + col]! - mean) / sd : 0
  }
}

/** The root mean square of a faded tile below which there is nothing to hold on to. */
const CONTRAST_LEAST = 1e-4

function distanceAround(one: number, other: number, side: number): number {
  const distance = Math.abs(one - other)
  return Math.min(distance, side - distance)
}

/** The centre of the Gaussian through three values at −1, 0 and 1; of the parabola where a logarithm has no value. */
function gaussianCentre(left: number, middle: number, right: number): number {
  const [l, m, r] = left > 0 && right > 0 ? [Math.log(left), Math.log(middle), Math.log(right)] : [left, middle, right]
  const bend = l - 2 * m + r
  if (!(bend < 0)) return 0
  return Math.max(-0.5, Math.min(0.5, (l - r) / (2 * bend)))
}
