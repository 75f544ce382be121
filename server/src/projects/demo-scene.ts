import proj4 from 'proj4'
import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import { TiffWriter } from './imagery/tiff-write.ts'

/**
 * A generated scene, not a real place: two dates of a strip of shore in the open Gulf of Guinea, where there is none. Every
 * pixel follows from its place by the formulas below, so that the same files come out anywhere, and what was planted is
 * known: bare mud of NDVI 0.1 before; after it, stands of NDVI 0.7 on the planted rows and 0.45 on the young ones.
 */

/** Stands in the metadata of the files, in the names of sensor and project, and wherever the pictures are shown. */
export const GENERATED_LABEL = 'generated scene, not a real place'
export const GENERATED_SENSOR = `Sentinel-2A (${GENERATED_LABEL})`

const SIDE = 192
const PIXEL_M = 10
/** UTM zone 31 north. */
const [WEST_M, NORTH_M] = [276_000, 56_000]
/** The planted square, in pixels from the north-west corner. */
const PLANTED = { from: 60, to: 132 }

export const sceneDates = { before: '2023-02-08', after: '2025-02-11' } as const
type When = keyof typeof sceneDates

const ground = {
  mud: { red: 0.18, nir: 0.22, green: 0.16 },
  young: { red: 0.11, nir: 0.29, green: 0.11 },
  stand: { red: 0.06, nir: 0.34, green: 0.08 },
  forest: { red: 0.05, nir: 0.33, green: 0.07 },
  sea: { red: 0.03, nir: 0.02, green: 0.06 },
}
const bands = ['red', 'nir', 'green'] as const
/** Scene classification of Sentinel-2: vegetation, bare, water. */
const SCL = { vegetation: 4, bare: 5, water: 6 }

/** A hash of a place between 0 and 1: texture without dice. */
function grain(col: number, row: number, seed: number): number {
  let mixed = Math.imul(col, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b) ^ Math.imul(seed + 1, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
}

/** The same drawn softly over patches of `size` pixels. */
function patches(col: number, row: number, size: number, seed: number): number {
  const [x, y] = [col / size, row / size]
  const [left, top] = [Math.floor(x), Math.floor(y)]
  const [across, down] = [x - left, y - top]
  const at = (dx: number, dy: number) => grain(left + dx, top + dy, seed)
  const upper = at(0, 0) * (1 - across) + at(1, 0) * across
  const lower = at(0, 1) * (1 - across) + at(1, 1) * across
  return upper * (1 - down) + lower * down
}

function coverOf(col: number, row: number, when: When): keyof typeof ground {
  const shore = 30 + 14 * patches(0, row, 24, 7)
  if (col < shore) return 'sea'
  const is_planted = col >= PLANTED.from && col < PLANTED.to && row >= PLANTED.from && row < PLANTED.to
  if (!is_planted) return patches(col, row, 9, 3) > 0.45 ? 'forest' : 'mud'
  if (when === 'before') return 'mud'
  return Math.floor((row - PLANTED.from) / 12) % 3 === 2 ? 'young' : 'stand'
}

/** Digital numbers as Sentinel-2 L2A has them since baseline 04.00: 10 000 × reflectance + 1000. */
function valueAt(band: number, col: number, row: number, when: When): number {
  const cover = coverOf(col, row, when)
  const role = bands[band]
  if (role === undefined) return cover === 'sea' ? SCL.water : cover === 'mud' ? SCL.bare : SCL.vegetation
  // The ground has its texture on both dates; a little is new each time, as light and air are.
  const texture = 0.9 + 0.2 * patches(col, row, 3, band) + 0.01 * (grain(col, row, when === 'before' ? 11 : 12) - 0.5)
  return Math.round(10_000 * ground[cover][role] * texture + 1_000)
}

/** Writes the picture of one date as a tiled GeoTIFF of some hundred kilobytes. The same bytes each time. */
export async function writeDemoScene(path: string, when: When): Promise<void> {
  const names = ['B04', 'B08', 'B03', 'SCL']
  const writer = await TiffWriter.create(path, {
    width: SIDE,
    height: SIDE,
    bands: names.length,
    sample: 'uint16',
    tile_px: 64,
    transform: [PIXEL_M, 0, WEST_M, 0, -PIXEL_M, NORTH_M],
    epsg: 32631,
    metadata: [
      ...names.map((value, sample) => ({ name: 'DESCRIPTION', value, sample, role: 'description' })),
      { name: 'SPACECRAFT_NAME', value: GENERATED_SENSOR },
      { name: 'PROCESSING_LEVEL', value: 'Level-2A' },
      { name: 'PROCESSING_BASELINE', value: '05.09' },
      { name: 'PRODUCT_START_TIME', value: `${sceneDates[when]}T10:00:00Z` },
    ],
  })
  try {
    const { width, height } = writer.piece
    for (let down = 0; down < writer.down; down += 1) {
      for (let across = 0; across < writer.across; across += 1) {
        const tile = new Uint16Array(width * height * names.length)
        for (let at = 0; at < tile.length; at += 1) {
          const pixel = Math.floor(at / names.length)
          const [col, row] = [across * width + (pixel % width), down * height + Math.floor(pixel / width)]
          tile[at] = valueAt(at % names.length, col, row, when)
        }
        await writer.write(across, down, tile)
      }
    }
    await writer.finish()
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

/** The planted square in longitude and latitude, a fifth of a pixel inside, so that no pixel's centre lies on it. */
export function demoBoundary(): Boundary {
  const utm = proj4('+proj=utm +zone=31 +datum=WGS84 +units=m')
  const corner = (col: number, row: number): [number, number] => {
    const [longitude = 0, latitude = 0] = utm.inverse([WEST_M + PIXEL_M * col, NORTH_M - PIXEL_M * row])
    return [longitude, latitude]
  }
  const [low, high] = [PLANTED.from + 0.2, PLANTED.to - 0.2]
  return {
    type: 'Polygon',
    coordinates: [[corner(low, high), corner(high, high), corner(high, low), corner(low, low), corner(low, high)]],
  }
}

/** Hectares of the planted square on the map: what the project of the scene claims. */
export const DEMO_CLAIMED_HA = ((PLANTED.to - PLANTED.from) * PIXEL_M) ** 2 / 10_000
