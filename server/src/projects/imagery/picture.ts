import type { Window } from '@tidemark/core/imagery/grid.ts'
import sharp from 'sharp'

/** How a picture is made smaller: so many pixels of it on each side become one. */
function sizesOf({ width, height }: { width: number; height: number }, side_px_max: number) {
  const factor = Math.max(1, Math.ceil(Math.max(width, height) / side_px_max))
  return { factor, width: Math.ceil(width / factor), height: Math.ceil(height / factor) }
}

/**
 * Rows of small pixels that are being filled. Windows come from top to bottom, so only those under the last ones are open;
 * whatever lies above is finished and takes the room of a result alone.
 */
class OpenRows {
  first = 0
  rows = 0

  /** Opens the rows under a window and closes those above it. */
  reach(
    window: Window,
    factor: number,
    height: number,
    on: { close(row: number): void; grow(rows: number): void },
  ): void {
    const top = Math.floor(window.row / factor)
    while (this.first < top && this.rows > 0) {
      on.close(this.first)
      this.first += 1
      this.rows -= 1
    }
    if (this.rows === 0) this.first = top
    const bottom = Math.min(height, Math.ceil((window.row + window.height) / factor))
    if (bottom - this.first > this.rows) {
      this.rows = bottom - this.first
      on.grow(this.rows)
    }
  }

  closeAll(on: { close(row: number): void }): void {
    for (; this.rows > 0; this.rows -= 1, this.first += 1) on.close(this.first)
  }
}

/** The first pixel of a window, along one side, that is a multiple of `every` in the whole picture. */
const firstOf = (start: number, every: number) => (every - (start % every)) % every

/** A small picture of a large one: the mean of the values that fall into each of its pixels, gathered window by window. */
export class Shrink {
  readonly width: number
  readonly height: number
  /** Large pixels in one small pixel, on each side. */
  readonly factor: number
  readonly #means: Float32Array
  readonly #open = new OpenRows()
  #sums = new Float64Array(0)
  #counts = new Uint32Array(0)

  constructor(size: { width: number; height: number }, side_px_max: number) {
    const { factor, width, height } = sizesOf(size, side_px_max)
    this.factor = factor
    this.width = width
    this.height = height
    this.#means = new Float32Array(width * height).fill(Number.NaN)
  }

  /**
   * Adds the values of a window but for those where `left_out` is not 0. Windows come from top to bottom.
   * @param options `only`: left out is this code alone. `every`: only every so manieth pixel along and down counts, for
   * pictures that are only looked at.
   */
  add(
    window: Window,
    values: ArrayLike<number>,
    left_out?: ArrayLike<number>,
    { only, every = 1 }: { only?: number; every?: number } = {},
  ): void {
    const { factor, width } = this
    this.#open.reach(window, factor, this.height, this.#rows)
    const [sums, counts] = [this.#sums, this.#counts]
    for (let row = firstOf(window.row, every); row < window.height; row += every) {
      const down = (Math.floor((window.row + row) / factor) - this.#open.first) * width
      for (let col = firstOf(window.col, every); col < window.width; col += every) {
        const at = row * window.width + col
        const value = values[at] as number
        const code = left_out === undefined ? 0 : (left_out[at] as number)
        if ((only === undefined ? code !== 0 : code === only) || !Number.isFinite(value)) continue
        const into = down + (((window.col + col) / factor) | 0)
        sums[into] = (sums[into] as number) + value
        counts[into] = (counts[into] as number) + 1
      }
    }
  }

  /** The means; NaN where nothing counted. */
  finish(): Float32Array {
    this.#open.closeAll(this.#rows)
    return this.#means
  }

  readonly #rows = {
    close: (row: number) => {
      const { width } = this
      for (let col = 0; col < width; col += 1) {
        const count = this.#counts[col] as number
        if (count > 0) this.#means[row * width + col] = (this.#sums[col] as number) / count
      }
      this.#sums.copyWithin(0, width).fill(0, this.#sums.length - width)
      this.#counts.copyWithin(0, width).fill(0, this.#counts.length - width)
    },
    grow: (rows: number) => {
      if (rows * this.width <= this.#sums.length) return
      const [sums, counts] = [new Float64Array(rows * this.width), new Uint32Array(rows * this.width)]
      sums.set(this.#sums)
      counts.set(this.#counts)
      this.#sums = sums
      this.#counts = counts
    },
  }
}

/** Which code most pixels of each small pixel have; the lowest of several. */
export class Majority {
  readonly width: number
  readonly height: number
  readonly factor: number
  readonly #found: Uint8Array
  readonly #open = new OpenRows()
  readonly #codes: number
  #counts = new Uint16Array(0)

  constructor(size: { width: number; height: number }, side_px_max: number, codes: number) {
    const { factor, width, height } = sizesOf(size, side_px_max)
    this.factor = factor
    this.width = width
    this.height = height
    this.#codes = codes
    this.#found = new Uint8Array(width * height)
  }

  /** Counts the codes of every so manieth pixel of a window. Windows come from top to bottom. */
  add(window: Window, codes: Uint8Array, every = 1): void {
    const { factor, width } = this
    this.#open.reach(window, factor, this.height, this.#rows)
    const counts = this.#counts
    for (let row = firstOf(window.row, every); row < window.height; row += every) {
      const down = (Math.floor((window.row + row) / factor) - this.#open.first) * width
      for (let col = firstOf(window.col, every); col < window.width; col += every) {
        const code = codes[row * window.width + col] as number
        const into = (down + (((window.col + col) / factor) | 0)) * this.#codes + code
        counts[into] = (counts[into] as number) + 1
      }
    }
  }

  finish(): Uint8Array {
    this.#open.closeAll(this.#rows)
    return this.#found
  }

  readonly #rows = {
    close: (row: number) => {
      for (let col = 0; col < this.width; col += 1) {
        let [best, most] = [0, 0]
        for (let code = 0; code < this.#codes; code += 1) {
          const count = this.#counts[col * this.#codes + code] as number
          if (count > most) [best, most] = [code, count]
        }
        this.#found[row * this.width + col] = best
      }
      const length = this.width * this.#codes
      this.#counts.copyWithin(0, length).fill(0, this.#counts.length - length)
    },
    grow: (rows: number) => {
      const length = rows * this.width * this.#codes
      if (length <= this.#counts.length) return
      const counts = new Uint16Array(length)
      counts.set(this.#counts)
      this.#counts = counts
    },
  }
}

export type Colour = readonly [red: number, green: number, blue: number, alpha: number]

/** Writes a PNG of colours, one per pixel. */
export async function writePng(
  path: string,
  { width, height }: { width: number; height: number },
  colourAt: (pixel: number) => Colour,
): Promise<void> {
  const rgba = Buffer.alloc(width * height * 4)
  for (let pixel = 0; pixel < width * height; pixel += 1) rgba.set(colourAt(pixel), pixel * 4)
  await sharp(rgba, { raw: { width, height, channels: 4 } })
    .png({ compressionLevel: 6 })
    .toFile(path)
}

/** A sample of so many values is enough to stretch a picture by. */
const SAMPLED = 50_000

/** The values below which 2 % and 98 % of the finite ones lie: what a preview stretches to black and white. */
export function stretchOf(values: Float32Array): readonly [low: number, high: number] {
  const step = Math.max(1, Math.floor(values.length / SAMPLED))
  const sample = new Float32Array(Math.ceil(values.length / step))
  let count = 0
  for (let at = 0; at < values.length; at += step) {
    const value = values[at] as number
    if (Number.isFinite(value)) sample[count++] = value
  }
  if (count === 0) return [0, 1]
  const finite = sample.subarray(0, count).sort()
  const at = (share: number) => finite[Math.min(count - 1, Math.floor(share * count))] ?? 0
  const [low, high] = [at(0.02), at(0.98)]
  return high > low ? [low, high] : [low, low + 1]
}
