import type { Window } from '@tidemark/core/imagery/grid.ts'
import sharp from 'sharp'

/** A small picture of a large one: the mean of the values that fall into each of its pixels, gathered window by window. */
export class Shrink {
  readonly width: number
  readonly height: number
  /** Large pixels in one small pixel, on each side. */
  readonly factor: number
  readonly #sums: Float64Array
  readonly #counts: Uint32Array

  constructor({ width, height }: { width: number; height: number }, side_px_max: number) {
    this.factor = Math.max(1, Math.ceil(Math.max(width, height) / side_px_max))
    this.width = Math.ceil(width / this.factor)
    this.height = Math.ceil(height / this.factor)
    this.#sums = new Float64Array(this.width * this.height)
    this.#counts = new Uint32Array(this.width * this.height)
  }

  /**
   * Adds the values of a window, those left out where `left_out` is not 0.
   * @param every only every so manieth pixel along and down, for pictures that are only looked at.
   */
  add(window: Window, values: ArrayLike<number>, left_out?: ArrayLike<number>, every = 1): void {
    const { factor, width } = this
    const [sums, counts] = [this.#sums, this.#counts]
    for (let row = (every - (window.row % every)) % every; row < window.height; row += every) {
      const down = Math.floor((window.row + row) / factor) * width
      for (let col = (every - (window.col % every)) % every; col < window.width; col += every) {
        const at = row * window.width + col
        const value = values[at] as number
        if ((left_out !== undefined && left_out[at] !== 0) || !Number.isFinite(value)) continue
        const into = down + (((window.col + col) / factor) | 0)
        sums[into] = (sums[into] as number) + value
        counts[into] = (counts[into] as number) + 1
      }
    }
  }

  /** The means; NaN where nothing counted. */
  finish(): Float32Array {
    return Float32Array.from(this.#sums, (sum, at) =>
      this.#counts[at] === 0 ? Number.NaN : sum / (this.#counts[at] as number),
    )
  }
}

/** Which code most pixels of each small pixel have; the lowest of several. */
export class Majority {
  readonly width: number
  readonly height: number
  readonly factor: number
  readonly #counts: Uint16Array
  readonly #codes: number

  constructor({ width, height }: { width: number; height: number }, side_px_max: number, codes: number) {
    this.factor = Math.max(1, Math.ceil(Math.max(width, height) / side_px_max))
    this.width = Math.ceil(width / this.factor)
    this.height = Math.ceil(height / this.factor)
    this.#codes = codes
    this.#counts = new Uint16Array(this.width * this.height * codes)
  }

  add(window: Window, codes: Uint8Array, every = 1): void {
    const { factor, width } = this
    const counts = this.#counts
    for (let row = (every - (window.row % every)) % every; row < window.height; row += every) {
      const down = Math.floor((window.row + row) / factor) * width
      for (let col = (every - (window.col % every)) % every; col < window.width; col += every) {
        const code = codes[row * window.width + col] as number
        const into = (down + (((window.col + col) / factor) | 0)) * this.#codes + code
        counts[into] = (counts[into] as number) + 1
      }
    }
  }

  finish(): Uint8Array {
    const found = new Uint8Array(this.width * this.height)
    for (let pixel = 0; pixel < found.length; pixel += 1) {
      let [best, most] = [0, 0]
      for (let code = 0; code < this.#codes; code += 1) {
        const count = this.#counts[pixel * this.#codes + code] as number
        if (count > most) [best, most] = [code, count]
      }
      found[pixel] = best
    }
    return found
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

/** The values below which 2 % and 98 % of the finite ones lie: what a preview stretches to black and white. */
export function stretchOf(values: Float32Array): readonly [low: number, high: number] {
  const finite = values.filter(Number.isFinite).sort()
  if (finite.length === 0) return [0, 1]
  const at = (share: number) => finite[Math.min(finite.length - 1, Math.floor(share * finite.length))] ?? 0
  const [low, high] = [at(0.02), at(0.98)]
  return high > low ? [low, high] : [low, low + 1]
}
