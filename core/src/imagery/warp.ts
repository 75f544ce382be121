import { invariant } from '../lib/invariant.ts'
import {
  clipWindow,
  invertTransform,
  maskCodes,
  maskNames,
  pixelToMap,
  type Band,
  type Grid,
  type Mask,
  type Transform,
  type Window,
} from './grid.ts'
import { strongerCode } from './masks.ts'

/**
 * Brings a picture onto another grid, window by window: reflectance by bilinear interpolation, masks by the nearest pixel. A pixel
 * whose value would mix in a cloud, a shadow or a hole takes that code instead, so that nothing hidden leaks into the clear.
 */

/** From the CRS of the target grid to that of the source. Undefined or NaN where the projection has no answer. */
export type ToSource = (x: number, y: number) => readonly [x: number, y: number]

export interface WarpOptions {
  /** How far the coordinates of a pixel may be off where they are interpolated along a row, in pixels of the source. */
  tolerance_px?: number
  /** Content at column x of the target lies at x + shift of the source, as a registration found it, in pixels of the target. */
  shift_col_px?: number
  shift_row_px?: number
}

const TOLERANCE_PX = 0.1
/** Runs shorter than this are projected pixel by pixel. */
const RUN_LEAST_PX = 4
/** Bilinear interpolation looks one pixel further than the place it is asked for. */
const MARGIN_PX = 2

/** Where the pixels of a window of the target lie in the source: column and row of every centre, in source pixels. */
export interface Places {
  cols: Float64Array
  rows: Float64Array
}

export class Warp {
  readonly #target: Transform
  readonly #source: Grid
  readonly #to_source_pixel: Transform
  readonly #project: ToSource
  readonly #tolerance_px: number
  readonly #shift: readonly [number, number]

  /** @param project identity where both grids share their CRS. */
  constructor(target: Grid, source: Grid, project: ToSource, options: WarpOptions = {}) {
    this.#target = target.transform
    this.#source = source
    this.#to_source_pixel = invertTransform(source.transform)
    this.#project = project
    this.#tolerance_px = options.tolerance_px ?? TOLERANCE_PX
    this.#shift = [options.shift_col_px ?? 0, options.shift_row_px ?? 0]
  }

  /**
   * Where the centres of a window's pixels lie in the source. Along a row the map is nearly linear: its ends and its middle are
   * projected, and where the middle is further from their mean than the tolerance the run is halved (as GDAL's approximate
   * transformer does).
   */
  places(window: Window): Places {
    const { width, height } = window
    const cols = new Float64Array(width * height)
    const rows = new Float64Array(width * height)
    for (let row = 0; row < height; row++) {
      const run = { cols, rows, start: row * width, col: window.col, row: window.row + row }
      this.#placeRun(run, 0, width - 1, this.#place(run, 0), this.#place(run, width - 1))
    }
    return { cols, rows }
  }

  #place(run: Run, k: number): readonly [number, number] {
    const [shift_col, shift_row] = this.#shift
    const [x, y] = this.#project(...pixelToMap(this.#target, run.col + k + 0.5 + shift_col, run.row + 0.5 + shift_row))
    const [a, b, c, d, e, f] = this.#to_source_pixel
    return [a * x + b * y + c, d * x + e * y + f]
  }

  #placeRun(run: Run, first: number, last: number, from: Place, to: Place) {
    const length = last - first
    const half = first + (length >> 1)
    if (length > RUN_LEAST_PX) {
      const middle = this.#place(run, half)
      const share = (half - first) / length
      const off_col = from[0] + share * (to[0] - from[0]) - middle[0]
      const off_row = from[1] + share * (to[1] - from[1]) - middle[1]
      // NaN fails the comparison, so the edge of what a projection can answer is found pixel by pixel.
      if (!(Math.max(Math.abs(off_col), Math.abs(off_row)) <= this.#tolerance_px)) {
        this.#placeRun(run, first, half, from, middle)
        this.#placeRun(run, half, last, middle, to)
        return
      }
    }
    const is_short = length <= RUN_LEAST_PX
    for (let k = first; k <= last; k++) {
      const share = length === 0 ? 0 : (k - first) / length
      const at = is_short
        ? this.#place(run, k)
        : [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]
      run.cols[run.start + k] = at[0]!
      run.rows[run.start + k] = at[1]!
    }
  }

  /** The window of the source that a reader must hand in for these places; undefined when none of them lies on it. */
  sourceWindow({ cols, rows }: Places): Window | undefined {
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
    for (let i = 0; i < cols.length; i++) {
      if (cols[i]! < left) left = cols[i]!
      if (cols[i]! > right) right = cols[i]!
      if (rows[i]! < top) top = rows[i]!
      if (rows[i]! > bottom) bottom = rows[i]!
    }
    if (!(right >= left && bottom >= top)) return undefined
    const [col, row] = [Math.floor(left) - MARGIN_PX, Math.floor(top) - MARGIN_PX]
    const width = Math.ceil(right) + MARGIN_PX - col
    const height = Math.ceil(bottom) + MARGIN_PX - row
    return clipWindow(this.#source, { col, row, width, height })
  }
}

type Place = readonly [col: number, row: number]

interface Run extends Places {
  start: number
  col: number
  row: number
}

/** What a reader has read: a window of the source with its bands and mask. */
export interface SourcePixels {
  window: Window
  mask: Mask
}

/**
 * The mask at the places: the code of the nearest pixel, or the strongest of the four pixels around when one of them hides the
 * ground or holds nothing. Places off the source are no data.
 */
export function warpMask(source: SourcePixels, places: Places, out: Mask): Mask {
  const { window, mask } = source
  invariant(out.length === places.cols.length, 'there is one code per place')
  for (let i = 0; i < out.length; i++) {
    const col = places.cols[i]! - 0.5 - window.col
    const row = places.rows[i]! - 0.5 - window.row
    out[i] = codeAt(mask, window.width, window.height, col, row)
  }
  return out
}

/** Codes under which a value stands that may be mixed with its neighbours'. */
const isMeasured = Uint8Array.from(maskNames, (name) => Number(['clear', 'water', 'doubtful'].includes(name)))
/** A neighbour that weighs less than this takes no part: grids that lie exactly on each other stay as they are. */
const WEIGHT_LEAST = 1e-6

function codeAt(mask: Mask, width: number, height: number, col: number, row: number): number {
  const [left, top] = [Math.floor(col), Math.floor(row)]
  const [share_col, share_row] = [col - left, row - top]
  const is_on = col > -0.5 && row > -0.5 && col < width - 0.5 && row < height - 0.5
  if (!is_on) return maskCodes.nodata
  const right = share_col > WEIGHT_LEAST ? Math.min(left + 1, width - 1) : Math.max(left, 0)
  const bottom = share_row > WEIGHT_LEAST ? Math.min(top + 1, height - 1) : Math.max(top, 0)
  const first = share_col < 1 - WEIGHT_LEAST ? Math.max(left, 0) : right
  const upper = share_row < 1 - WEIGHT_LEAST ? Math.max(top, 0) : bottom
  const strongest = strongerCode(
    strongerCode(mask[upper * width + first]!, mask[upper * width + right]!),
    strongerCode(mask[bottom * width + first]!, mask[bottom * width + right]!),
  )
  if (isMeasured[strongest] === 0) return strongest
  const nearest_col = Math.min(width - 1, Math.max(0, Math.round(col)))
  const nearest_row = Math.min(height - 1, Math.max(0, Math.round(row)))
  return mask[nearest_row * width + nearest_col]!
}

/**
 * A band at the places by bilinear interpolation between the centres of the four pixels around; within half a pixel of the edge of
 * the source the outermost pixels stand in for those beyond. Where `out_mask` says that nothing was measured the value is 0.
 *
 * @param out_mask as `warpMask` gave it for the same places.
 */
export function warpBand(source: SourcePixels & { values: Band }, places: Places, out_mask: Mask, out: Band): Band {
  const { window, values } = source
  const { width, height } = window
  for (let i = 0; i < out.length; i++) {
    if (out_mask[i] === maskCodes.nodata) {
      out[i] = 0
      continue
    }
    const col = places.cols[i]! - 0.5 - window.col
    const row = places.rows[i]! - 0.5 - window.row
    const left = Math.floor(col)
    const top = Math.floor(row)
    const share_col = col - left
    const share_row = row - top
    const c0 = left < 0 ? 0 : left
    const c1 = left + 1 >= width ? width - 1 : left + 1
    const r0 = (top < 0 ? 0 : top) * width
    const r1 = (top + 1 >= height ? height - 1 : top + 1) * width
    const upper = values[r0 + c0]! + share_col * (values[r0 + c1]! - values[r0 + c0]!)
    const lower = values[r1 + c0]! + share_col * (values[r1 + c1]! - values[r1 + c0]!)
    out[i] = upper + share_row * (lower - upper)
  }
  return out
}

/** The places of a window whose picture lies shifted on the very same grid. */
export function shiftedPlaces(window: Window, shift_col_px: number, shift_row_px: number): Places {
  const { width, height } = window
  const cols = new Float64Array(width * height)
  const rows = new Float64Array(width * height)
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      cols[row * width + col] = window.col + col + 0.5 + shift_col_px
      rows[row * width + col] = window.row + row + 0.5 + shift_row_px
    }
  }
  return { cols, rows }
}
