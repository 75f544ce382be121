import { pixelToMap, type Grid, type Transform } from '@tidemark/core/imagery/grid.ts'
import type { Corners, GridFacts } from '@tidemark/core/projects/file-facts.ts'
import { globals } from 'geotiff'
import geokeysToProj4 from 'geotiff-geokeys-to-proj4'
import proj4 from 'proj4'
import { plainText } from './refuse.ts'
import { numbersOf, tags, textOf, type TiffDirectory, type TiffFile } from './tiff-structure.ts'

/** Where the pixels of a TIFF lie, or why nobody can tell. */
export interface Georeference {
  grid: GridFacts | null
  no_crs_reason: string | null
}

const USER_DEFINED = 32_767
const GEOGRAPHIC_MODEL = 2
const PIXEL_IS_POINT = 2
const KEYS_MAX = 1_024

/** Reads the transform and the GeoKeys of a TIFF directory (OGC GeoTIFF 1.1). */
export async function georeferenceOf(file: TiffFile, directory: TiffDirectory): Promise<Georeference> {
  const keys = await geoKeysOf(file, directory)
  const transform = await transformOf(file, directory, keys.GTRasterTypeGeoKey === PIXEL_IS_POINT)
  if (!transform) return { grid: null, no_crs_reason: 'The file does not say where its pixels lie.' }
  const nowhere = { transform, epsg: null, crs: null, crs_kind: null, unit_m: null }
  if (Object.keys(keys).length === 0)
    return { grid: nowhere, no_crs_reason: 'The file names no reference system for its coordinates.' }
  const { crs, reason } = crsOf(keys)
  if (!crs) return { grid: nowhere, no_crs_reason: reason }
  return { grid: { transform, ...crs }, no_crs_reason: null }
}

type GeoKeys = Record<string, number | string | number[]>

/** The GeoKeys by their names; an empty list when there are none or they contradict themselves. */
async function geoKeysOf(file: TiffFile, directory: TiffDirectory): Promise<GeoKeys> {
  const list = (await numbersOf(file, directory, tags.geo_keys, 4 * KEYS_MAX)) ?? []
  const doubles = (await numbersOf(file, directory, tags.geo_doubles, KEYS_MAX)) ?? []
  const ascii = (await textOf(file, directory, tags.geo_ascii)) ?? ''
  const names = globals.geoKeyNames as Record<number, string>
  const keys: GeoKeys = {}
  const count = Math.min(list[3] ?? 0, Math.floor(list.length / 4) - 1)
  for (let index = 1; index <= count; index += 1) {
    const [key = 0, place = 0, length = 0, value = 0] = list.slice(4 * index, 4 * index + 4)
    const name = names[key]
    if (name === undefined) continue
    if (place === 0) keys[name] = value
    else if (place === tags.geo_ascii) keys[name] = ascii.slice(value, value + length - 1)
    else if (place === tags.geo_doubles) {
      const found = doubles.slice(value, value + length)
      keys[name] = found.length === 1 ? (found[0] ?? 0) : found
    }
  }
  return keys
}

type Crs = Pick<GridFacts, 'epsg' | 'crs' | 'crs_kind' | 'unit_m'>

function crsOf(keys: GeoKeys): { crs: Crs | null; reason: string | null } {
  const code = keys.GTModelTypeGeoKey === GEOGRAPHIC_MODEL ? keys.GeographicTypeGeoKey : keys.ProjectedCSTypeGeoKey
  const epsg = typeof code === 'number' && code > 0 && code < USER_DEFINED ? code : null
  const named = epsg === null ? 'a reference system of its own' : `EPSG:${epsg}`
  try {
    const found = geokeysToProj4.toProj4(keys as never)
    const faults = Object.keys(found?.errors ?? {}).filter((fault) => !fault.startsWith('vertical'))
    if (!found || faults.length > 0)
      return { crs: null, reason: `The file names ${named}, which is not known here (${faults.join(', ')}).` }
    // The definition that is used knows which of its axes comes first; values in a GeoTIFF are always x, then y.
    const text = found.proj4.replaceAll(/\+axis=\S+\s*/g, '').trim()
    const scale = found.coordinatesConversionParameters.x
    const to_meter = Number(/\+to_meter=([\d.eE+-]+)/.exec(text)?.[1] ?? 1)
    if (found.isGCS && scale !== 1)
      return { crs: null, reason: `The file counts ${named} in other units than degrees, which is not read here.` }
    if (!found.isGCS && found.coordinatesUnits !== 'metre')
      return { crs: null, reason: `The file counts ${named} in ${found.coordinatesUnits}, which is not a length.` }
    const crs = scale === 1 || found.isGCS ? text : `${text.replace(/\+to_meter=\S+\s*/, '')} +to_meter=${scale}`
    proj4(crs)
    const unit_m = found.isGCS ? null : scale === 1 ? to_meter : scale
    return { crs: { epsg, crs, crs_kind: found.isGCS ? 'geographic' : 'projected', unit_m }, reason: null }
  } catch {
    return {
      crs: null,
      reason: `The file names ${named}, which cannot be used: ${plainText(keys.GTCitationGeoKey) ?? 'no name given'}.`,
    }
  }
}

async function transformOf(
  file: TiffFile,
  directory: TiffDirectory,
  is_point: boolean,
): Promise<GridFacts['transform'] | null> {
  const found = (await matrixOf(file, directory)) ?? (await tiepointOf(file, directory))
  if (!found) return null
  const [a, b, c, d, e, f] = found
  const determinant = a * e - b * d
  if (!found.every(Number.isFinite) || determinant === 0 || !Number.isFinite(determinant)) return null
  // Coordinates of a point raster belong to the middle of a pixel; transforms here begin at its corner.
  return is_point ? [a, b, c - (a + b) / 2, d, e, f - (d + e) / 2] : found
}

async function matrixOf(file: TiffFile, directory: TiffDirectory): Promise<GridFacts['transform'] | null> {
  const matrix = await numbersOf(file, directory, tags.model_transformation, 16)
  if (!matrix || matrix.length < 8) return null
  const [a = 0, b = 0, , c = 0, d = 0, e = 0, , f = 0] = matrix
  return [a, b, c, d, e, f]
}

async function tiepointOf(file: TiffFile, directory: TiffDirectory): Promise<GridFacts['transform'] | null> {
  const [sx, sy] = (await numbersOf(file, directory, tags.model_pixel_scale, 3)) ?? []
  const tie = (await numbersOf(file, directory, tags.model_tiepoint, 6 * KEYS_MAX)) ?? []
  // Several tie points are control points of a picture that was not straightened.
  if (sx === undefined || sy === undefined || tie.length !== 6) return null
  const [i = 0, j = 0, , x = 0, y = 0] = tie
  return [sx, 0, x - i * sx, 0, -sy, y + j * sy]
}

/** The same place as the maths of core takes it. */
export function gridFrom(facts: GridFacts, { width, height }: { width: number; height: number }): Grid {
  return {
    width,
    height,
    transform: facts.transform as Transform,
    ...(facts.epsg === null ? {} : { epsg: facts.epsg }),
    ...(facts.crs === null ? {} : { crs: facts.crs }),
    ...(facts.crs_kind === null ? {} : { crs_kind: facts.crs_kind }),
    ...(facts.unit_m === null ? {} : { unit_m: facts.unit_m }),
  }
}

export type Move = (x: number, y: number) => [x: number, y: number]

export interface Projector {
  toLonLat: Move
  fromLonLat: Move
}

/** Between the coordinates of a reference system and longitude, latitude in degrees on WGS 84. */
export function projectorOf(crs: string): Projector {
  const way = proj4(crs)
  return {
    toLonLat: (x, y) => way.inverse([x, y]) as [number, number],
    fromLonLat: (x, y) => way.forward([x, y]) as [number, number],
  }
}

/** From the coordinates of one reference system to those of another. */
export function moveBetween(from: string, to: string): Move {
  if (from === to) return (x, y) => [x, y]
  const way = proj4(from, to)
  return (x, y) => way.forward([x, y]) as [number, number]
}

/** Where the corners of a picture lie on the Earth; null when that is nowhere. */
export function cornersOf(grid: Grid): Corners | null {
  if (grid.crs === undefined) return null
  const { toLonLat } = projectorOf(grid.crs)
  const corners = [
    [0, 0],
    [grid.width, 0],
    [grid.width, grid.height],
    [0, grid.height],
  ].map(([col = 0, row = 0]) => {
    const [lon, lat] = toLonLat(...pixelToMap(grid.transform, col, row))
    return [round(lon), round(lat)] as [number, number]
  })
  const isOnEarth = corners.every(([lon, lat]) => Math.abs(lon) <= 180.001 && Math.abs(lat) <= 90.001)
  return isOnEarth ? (corners as unknown as Corners) : null
}

/** A hundredth of a millimetre, so that the last bits of a projection stay out of records. */
const round = (degrees: number) => Math.round(degrees * 1e9) / 1e9

/** The sides of the pixel in the middle, in metres on the ground. */
export function pixelSizeOf(grid: Grid): { x: number; y: number } | null {
  const [a, b, , d, e] = grid.transform
  if (grid.crs === undefined) return null
  if (grid.crs_kind === 'projected') {
    const unit_m = grid.unit_m ?? 1
    return { x: Math.hypot(a, d) * unit_m, y: Math.hypot(b, e) * unit_m }
  }
  const [, latitude_deg] = pixelToMap(grid.transform, grid.width / 2, grid.height / 2)
  const phi = (latitude_deg * Math.PI) / 180
  // Lengths of a degree on WGS 84 (series of NIMA TR 8350.2).
  const lat_m = 111_132.954 - 559.822 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi)
  const lon_m = 111_412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi)
  return { x: Math.hypot(a * lon_m, d * lat_m), y: Math.hypot(b * lon_m, e * lat_m) }
}
