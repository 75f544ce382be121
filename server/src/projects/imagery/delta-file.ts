import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gridOfWindow, type Grid, type Mask, type Window } from '@tidemark/core/imagery/grid.ts'
import { cornersOf } from './crs.ts'
import type { Picture } from './pair.ts'
import { TiffWriter } from './tiff-write.ts'

/** Beyond this a file of differences is not written: it would be larger than the evidence. */
export const DELTA_PIXELS_MAX = 4_096 * 4_096
export const DELTA_NODATA = -9_999
const TILE_PX = 512

/** The differences of a pair as a GeoTIFF that any GIS opens: float32, tiles of 512 pixels, nodata where a date is not clear. */
export class DeltaFile {
  readonly #writer: TiffWriter
  readonly #path: string
  readonly #grid: Grid
  readonly #region: Window
  readonly #tile = new Float32Array(TILE_PX * TILE_PX)

  private constructor(writer: TiffWriter, path: string, grid: Grid, region: Window) {
    this.#writer = writer
    this.#path = path
    this.#grid = grid
    this.#region = region
  }

  static async create(folder: string, grid: Grid, region: Window, index: string): Promise<DeltaFile | undefined> {
    if (!(region.width * region.height <= DELTA_PIXELS_MAX)) return undefined
    const path = join(folder, 'delta.tif')
    const here = gridOfWindow(grid, region)
    const writer = await TiffWriter.create(path, {
      width: region.width,
      height: region.height,
      bands: 1,
      sample: 'float32',
      tile_px: TILE_PX,
      transform: here.transform,
      nodata: DELTA_NODATA,
      metadata: [{ name: 'DESCRIPTION', value: `${index} after minus before`, sample: 0, role: 'description' }],
      ...(grid.epsg === undefined ? {} : { epsg: grid.epsg, crs_kind: grid.crs_kind ?? 'projected' }),
    })
    return new DeltaFile(writer, path, grid, region)
  }

  /** A window that is one tile of the file: see `tilesOf`. */
  async add(window: Window, delta: Float32Array, left_out: Mask): Promise<void> {
    const tile = this.#tile.fill(DELTA_NODATA)
    for (let row = 0, at = 0; row < window.height; row += 1) {
      for (let col = 0; col < window.width; col += 1, at += 1)
        if (left_out[at] === 0) tile[row * TILE_PX + col] = delta[at] as number
    }
    const across = Math.floor((window.col - this.#region.col) / TILE_PX)
    const down = Math.floor((window.row - this.#region.row) / TILE_PX)
    await this.#writer.write(across, down, tile)
  }

  async finish(): Promise<Picture> {
    await this.#writer.finish()
    const { width, height } = this.#region
    const corners = cornersOf(gridOfWindow(this.#grid, this.#region))
    return { kind: 'delta', path: this.#path, media_type: 'image/tiff', width, height, corners }
  }

  async abandon(): Promise<void> {
    await this.#writer.abandon()
    await rm(this.#path, { force: true })
  }
}

/** Squares of 512 pixels from the corner of a region on. */
export function tilesOf(region: Window): Window[] {
  const tiles: Window[] = []
  for (let row = region.row; row < region.row + region.height; row += TILE_PX) {
    for (let col = region.col; col < region.col + region.width; col += TILE_PX) {
      const width = Math.min(TILE_PX, region.col + region.width - col)
      const height = Math.min(TILE_PX, region.row + region.height - row)
      tiles.push({ col, row, width, height })
    }
  }
  return tiles
}
