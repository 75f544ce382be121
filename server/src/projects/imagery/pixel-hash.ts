import { createHash, type Hash } from 'node:crypto'
import type { Window } from '@tidemark/core/imagery/grid.ts'
import type { SampleKind } from '@tidemark/core/projects/file-facts.ts'
import type { Samples } from './raster.ts'

const CELL_PX = 512

/**
 * A digest of decoded values that does not depend on how a file packs or cuts them. The picture is divided into cells of 512 ×
 * 512; each is hashed row by row, the bands of a row one after the other, and the digest of the picture is that of its size,
 * its kind and the digests of its cells. So it can be computed from windows as they come, from top to bottom.
 */
export class PixelHash {
  readonly #size: { width: number; height: number; bands: number; sample: SampleKind }
  readonly #open = new Map<number, Hash>()
  readonly #whole = createHash('sha256')
  readonly #across: number

  constructor(size: { width: number; height: number; bands: number; sample: SampleKind }) {
    const { width, height, bands, sample } = size
    this.#size = size
    this.#across = Math.ceil(width / CELL_PX)
    this.#whole.update(`${width}×${height}×${bands} ${sample}\n`)
  }

  /** All bands over the next window; its columns begin where a cell does. */
  add(window: Window, bands: readonly Samples[]): void {
    const first = Math.floor(window.col / CELL_PX)
    const last = Math.floor((window.col + window.width - 1) / CELL_PX)
    const bytes = bands.map((band) => Buffer.from(band.buffer, band.byteOffset, band.byteLength))
    const size = bands[0]?.BYTES_PER_ELEMENT ?? 1
    for (let row = 0; row < window.height; row += 1) {
      for (let cell = first; cell <= last; cell += 1) {
        const from = Math.max(window.col, cell * CELL_PX) - window.col
        const to = Math.min(window.col + window.width, (cell + 1) * CELL_PX) - window.col
        const hash = this.#hashOf(cell)
        for (const band of bytes)
          hash.update(band.subarray((row * window.width + from) * size, (row * window.width + to) * size))
      }
      const next = window.row + row + 1
      if (next % CELL_PX === 0 || next === this.#size.height)
        for (let cell = first; cell <= last; cell += 1) this.#end(cell)
    }
  }

  finish(): string {
    return this.#whole.digest('hex')
  }

  #hashOf(cell: number): Hash {
    let hash = this.#open.get(cell)
    if (!hash) this.#open.set(cell, (hash = createHash('sha256')))
    return hash
  }

  /** Cells end from left to right, whether windows are squares or whole rows. */
  #end(cell: number): void {
    this.#whole.update(`${cell % this.#across}:`).update(this.#hashOf(cell).digest())
    this.#open.delete(cell)
  }
}
