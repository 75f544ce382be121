import { maskCodes, type Band, type Mask } from './grid.ts'

/**
 * A shift between two tiles to a few hundredths of a pixel, from a guess that is right to about one: the shift s, gain α and
 * offset β that make α · first(x − s) + β most like second(x), by least squares and Gauss-Newton steps (Lucas and Kanade 1981).
 * A correlation alone is drawn towards zero by its own window and loses the fraction of a pixel in smooth or noisy pictures;
 * here the window only weighs the differences.
 */
export interface RefinedShift {
  shift_col_px: number
  shift_row_px: number
  /** Correlation of the two tiles once they lie on each other, in [−1, 1]. */
  correlation: number
}

const STEPS_MAX = 12
/** A step shorter than this many pixels ends the search. */
const STEP_ENOUGH_PX = 1e-3
/** From the guess, how far the answer may lie; beyond it the search has lost its hold. */
const STRAY_MOST_PX = 2.5
/** The smoothing and the interpolation look four pixels to each side. */
const REACH_PX = 4
const CLEAR_LEAST_PX = 200

/**
 * The refined shift of two tiles of `side` × `side` pixels; undefined when the search strays from the guess, or fewer than 200
 * pixels are clear with their surroundings.
 */
export function refineShift(
  tiles: { first: Band; second: Band; mask_first: Mask; mask_second: Mask; side: number },
  guess: { shift_col_px: number; shift_row_px: number },
): RefinedShift | undefined {
  const { side } = tiles
  const first = smooth(tiles.first, tiles.mask_first, side)
  const second = smooth(tiles.second, tiles.mask_second, side)
  const room = { first, second, weights: new Float64Array(side * side), side }
  const clear_first = clearAround(tiles.mask_first, side)
  const clear_second = clearAround(tiles.mask_second, side)
  let [col, row, correlation] = [guess.shift_col_px, guess.shift_row_px, 0]
  for (let step = 0; step < STEPS_MAX; step++) {
    const weighed = weigh(room.weights, clear_first, clear_second, side, Math.round(col), Math.round(row))
    if (weighed < CLEAR_LEAST_PX) return undefined
    const found = gaussNewton(room, col, row)
    if (!found) return undefined
    col += found.step_col
    row += found.step_row
    correlation = found.correlation
    const strayed = Math.max(Math.abs(col - guess.shift_col_px), Math.abs(row - guess.shift_row_px))
    if (!(strayed <= STRAY_MOST_PX)) return undefined
    if (Math.max(Math.abs(found.step_col), Math.abs(found.step_row)) < STEP_ENOUGH_PX) break
  }
  return { shift_col_px: col, shift_row_px: row, correlation }
}

/** Smoothed by 1 4 6 4 1 along rows and columns; what is not clear counts as the mean of what is. */
function smooth(band: Band, mask: Mask, side: number): Float64Array {
  let [clear, sum] = [0, 0]
  for (let i = 0; i < band.length; i++) {
    if (mask[i] !== maskCodes.clear) continue
    clear += 1
    sum += band[i]!
  }
  const mean = clear > 0 ? sum / clear : 0
  const filled = Float64Array.from(band, (value, i) => (mask[i] === maskCodes.clear ? value - mean : 0))
  return binomial(binomial(filled, side, 1), side, side)
}

/** One pass along the direction in which neighbours lie `stride` apart. The two pixels at each end stay as they are. */
function binomial(values: Float64Array, side: number, stride: number): Float64Array {
  const out = values.slice()
  const across = stride === 1 ? side : 1
  for (let line = 0; line < side; line++) {
    for (let k = 2; k < side - 2; k++) {
      const i = line * across + k * stride
      const near = values[i - stride]! + values[i + stride]!
      const far = values[i - 2 * stride]! + values[i + 2 * stride]!
      out[i] = (far + 4 * near + 6 * values[i]!) / 16
    }
  }
  return out
}

/** 1 where every pixel of the square of REACH_PX around is clear. */
function clearAround(mask: Mask, side: number): Uint8Array {
  const rows = new Uint8Array(mask.length)
  const all = new Uint8Array(mask.length)
  for (let line = 0; line < side; line++) erodeLine(mask, maskCodes.clear, rows, line * side, 1, side)
  for (let line = 0; line < side; line++) erodeLine(rows, 1, all, line, side, side)
  return all
}

function erodeLine(source: Uint8Array, wanted: number, out: Uint8Array, start: number, stride: number, side: number) {
  let run = 0
  for (let k = 0; k < side; k++) {
    run = source[start + k * stride] === wanted ? run + 1 : 0
    if (run > 2 * REACH_PX) out[start + (k - REACH_PX) * stride] = 1
  }
}

/** The weights of the pixels of the second tile: a Hann window where both tiles are clear around. Returns how many count. */
function weigh(
  weights: Float64Array,
  clear_first: Uint8Array,
  clear_second: Uint8Array,
  side: number,
  col: number,
  row: number,
): number {
  weights.fill(0)
  let counted = 0
  for (let y = Math.max(0, row); y < Math.min(side, side + row); y++) {
    const fade_row = hann(y, side)
    for (let x = Math.max(0, col); x < Math.min(side, side + col); x++) {
      if (clear_second[y * side + x] === 0 || clear_first[(y - row) * side + (x - col)] === 0) continue
      weights[y * side + x] = fade_row * hann(x, side)
      counted += 1
    }
  }
  return counted
}

const hann = (i: number, side: number) => {
  const u = (i + 0.5) / side
  return 4 * u * (1 - u)
}

interface Room {
  first: Float64Array
  second: Float64Array
  weights: Float64Array
  side: number
}

/** One Gauss-Newton step: the normal equations of second ≈ α·f + β + p·∂f/∂x + q·∂f/∂y, whose shift is −p/α, −q/α. */
function gaussNewton({ first, second, weights, side }: Room, col: number, row: number) {
  const [whole_col, whole_row] = [Math.floor(col), Math.floor(row)]
  // first(x − s) lies between columns x − ⌈s⌉ … : four taps around it, their derivatives for the slope.
  const across = taps(1 - (col - whole_col))
  const down = taps(1 - (row - whole_row))
  const normal = new Float64Array(25)
  const terms = new Float64Array(5)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const weight = weights[y * side + x]!
      if (weight === 0) continue
      let [value, slope_x, slope_y] = [0, 0, 0]
      for (let j = 0; j < 4; j++) {
        const at = (y - whole_row - 2 + j) * side + (x - whole_col - 2)
        const [a, b, c, d] = [first[at]!, first[at + 1]!, first[at + 2]!, first[at + 3]!]
        const line = a * across.weights[0]! + b * across.weights[1]! + c * across.weights[2]! + d * across.weights[3]!
        const slope = a * across.slopes[0]! + b * across.slopes[1]! + c * across.slopes[2]! + d * across.slopes[3]!
        value += line * down.weights[j]!
        slope_x += slope * down.weights[j]!
        slope_y += line * down.slopes[j]!
      }
      terms[0] = value
      terms[1] = 1
      terms[2] = slope_x
      terms[3] = slope_y
      terms[4] = second[y * side + x]!
      for (let i = 0; i < 5; i++) {
        const weighed = weight * terms[i]!
        for (let j = i; j < 5; j++) normal[i * 5 + j]! += weighed * terms[j]!
      }
    }
  }
  return stepOf(normal)
}

/** The four weights of cubic convolution (Keys 1981) for a point `t` past the second of four neighbours, and their derivatives. */
function taps(t: number): { weights: Float64Array; slopes: Float64Array } {
  const [t2, t3] = [t * t, t * t * t]
  return {
    weights: Float64Array.of(
      (-t3 + 2 * t2 - t) / 2,
      (3 * t3 - 5 * t2 + 2) / 2,
      (-3 * t3 + 4 * t2 + t) / 2,
      (t3 - t2) / 2,
    ),
    slopes: Float64Array.of(
      (-3 * t2 + 4 * t - 1) / 2,
      (9 * t2 - 10 * t) / 2,
      (-9 * t2 + 8 * t + 1) / 2,
      (3 * t2 - 2 * t) / 2,
    ),
  }
}

/** Solves the four normal equations by Cholesky's method without roots; undefined when they do not determine a shift. */
function stepOf(normal: Float64Array) {
  const at = (i: number, j: number) => normal[i <= j ? i * 5 + j : j * 5 + i]!
  const total = at(1, 1)
  const covariance = at(0, 4) - (at(0, 1) * at(1, 4)) / total
  const variance_first = at(0, 0) - (at(0, 1) * at(0, 1)) / total
  const variance_second = at(4, 4) - (at(1, 4) * at(1, 4)) / total
  const lower = new Float64Array(16)
  const pivots = new Float64Array(4)
  for (let j = 0; j < 4; j++) {
    for (let i = j; i < 4; i++) {
      let value = at(i, j)
      for (let k = 0; k < j; k++) value -= lower[i * 4 + k]! * lower[j * 4 + k]! * pivots[k]!
      if (i === j) {
        if (!(value > 1e-9 * at(j, j))) return undefined
        pivots[j] = value
        lower[j * 4 + j] = 1
      } else lower[i * 4 + j] = value / pivots[j]!
    }
  }
  const solved = new Float64Array(4)
  for (let i = 0; i < 4; i++) {
    let value = at(i, 4)
    for (let k = 0; k < i; k++) value -= lower[i * 4 + k]! * solved[k]!
    solved[i] = value
  }
  for (let i = 3; i >= 0; i--) {
    let value = solved[i]! / pivots[i]!
    for (let k = i + 1; k < 4; k++) value -= lower[k * 4 + i]! * solved[k]!
    solved[i] = value
  }
  const [gain, , p, q] = [solved[0]!, solved[1]!, solved[2]!, solved[3]!]
  if (gain === 0) return undefined
  return {
    step_col: -p / gain,
    step_row: -q / gain,
    correlation: covariance / Math.sqrt(variance_first * variance_second),
  }
}
