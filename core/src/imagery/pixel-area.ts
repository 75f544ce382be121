import { ln, sin } from '../lib/exact-math.ts'
import { invariant } from '../lib/invariant.ts'
import { determinantOf, pixelToMap, type Grid } from './grid.ts'

/**
 * How much ground a pixel covers. In a projected CRS every pixel has the same area; in degrees it shrinks towards the poles, so
 * there is one area per row, on the WGS 84 ellipsoid. A sphere would be up to half a per cent off.
 */
export type PixelArea = { kind: 'uniform'; m2: number } | { kind: 'rows'; m2: Float64Array }

export type PixelAreaAnswer = { outcome: 'known'; area: PixelArea } | { outcome: 'cannot_tell'; reason: AreaRefusal }

export type AreaRefusal =
  /** The file names no CRS, so nobody knows what its units are. */
  | { code: 'crs_unknown' }
  /** A grid in degrees whose rows do not run along parallels: each pixel would have an area of its own. */
  | { code: 'geographic_grid_is_turned' }
  /** Rows reach beyond a pole. */
  | { code: 'latitude_out_of_range'; latitude: number }

/** WGS 84: semi-major axis in metres and flattening. Source: NGA.STND.0036, World Geodetic System 1984. */
export const WGS84_A_M = 6_378_137
export const WGS84_F = 1 / 298.257223563
const E2 = WGS84_F * (2 - WGS84_F)
const E = Math.sqrt(E2)
const B2 = WGS84_A_M * WGS84_A_M * (1 - E2)

const TURNED_SHARE = 1e-9

/**
 * The area of the pixels of a grid: |a·e − b·d| · unit² when projected, row by row when in degrees.
 *
 * A projected area is that of the map. On a UTM map it differs from the ground by up to 0.08 % within a zone, which the polygon's
 * geodesic area does not.
 */
export function pixelArea(grid: Grid): PixelAreaAnswer {
  const [, b, , d] = grid.transform
  const determinant = Math.abs(determinantOf(grid.transform))
  if (grid.crs_kind === undefined) return { outcome: 'cannot_tell', reason: { code: 'crs_unknown' } }
  if (grid.crs_kind === 'projected') {
    const unit_m = grid.unit_m ?? 1
    return { outcome: 'known', area: { kind: 'uniform', m2: determinant * unit_m * unit_m } }
  }
  if (Math.max(Math.abs(b), Math.abs(d)) > TURNED_SHARE * Math.sqrt(determinant)) {
    return { outcome: 'cannot_tell', reason: { code: 'geographic_grid_is_turned' } }
  }
  const edges = Float64Array.from({ length: grid.height + 1 }, (_, row) => pixelToMap(grid.transform, 0, row)[1])
  const outside = edges.find((latitude) => Math.abs(latitude) > 90 + 1e-9)
  if (outside !== undefined) {
    return { outcome: 'cannot_tell', reason: { code: 'latitude_out_of_range', latitude: outside } }
  }
  const width_deg = Math.abs(grid.transform[0])
  const zones = edges.map((latitude) => zoneFromEquator(Math.max(-90, Math.min(90, latitude))))
  const m2 = Float64Array.from(
    { length: grid.height },
    (_, row) => Math.abs(zones[row + 1]! - zones[row]!) * (width_deg / 360),
  )
  return { outcome: 'known', area: { kind: 'rows', m2 } }
}

/**
 * The area in m² of the belt from the equator to a latitude, negative to the south:
 * π b² · [ sin φ / (1 − e² sin² φ) + artanh(e sin φ) / e ]. Source: J. P. Snyder, Map Projections, 1987, equation 3-12.
 */
export function zoneFromEquator(latitude_deg: number): number {
  const s = sin((latitude_deg * Math.PI) / 180)
  const artanh = ln((1 + E * s) / (1 - E * s)) / 2
  return Math.PI * B2 * (s / (1 - E2 * s * s) + artanh / E)
}

/** Hectares of `count` pixels of equal area, or of so many pixels in each row. */
export function hectares(area: PixelArea, counts_by_row: ArrayLike<number>): number {
  let m2 = 0
  if (area.kind === 'uniform') {
    for (let row = 0; row < counts_by_row.length; row++) m2 += counts_by_row[row]!
    return (m2 * area.m2) / M2_PER_HA
  }
  invariant(counts_by_row.length === area.m2.length, 'there is one count per row')
  for (let row = 0; row < counts_by_row.length; row++) m2 += counts_by_row[row]! * area.m2[row]!
  return m2 / M2_PER_HA
}

export const M2_PER_HA = 10_000

/** The side in metres of a square as large as a pixel; in degrees, of a pixel of the middle row. */
export function pixelSide_m(area: PixelArea): number {
  return Math.sqrt(area.kind === 'uniform' ? area.m2 : area.m2[area.m2.length >> 1]!)
}
