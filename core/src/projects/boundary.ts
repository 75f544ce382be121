import geodesic from 'geographiclib-geodesic'
import { z } from 'zod'
import { Problem } from '../lib/problem.ts'

/** A boundary of more corners is drawn finer than any picture of it. */
export const CORNERS_MAX = 5_000
const RINGS_MAX = 200
/** Below a hundred square metres no pixel of any satellite lies whole inside. */
export const AREA_HA_MIN = 0.01
/** A hundred kilometres by a hundred: a slip of the digits is likelier than a project. */
export const AREA_HA_MAX = 1_000_000

const Position = z
  .array(z.number().min(-180).max(180))
  .min(2)
  .max(3)
  .refine(([, latitude = 0]) => Math.abs(latitude) <= 90, {
    error: 'A position is longitude, latitude in degrees, in this order.',
  })
const Ring = z.array(Position).min(4).max(CORNERS_MAX)
const Rings = z.array(Ring).min(1).max(RINGS_MAX)

/** A GeoJSON geometry (RFC 7946): longitude and latitude in WGS 84, rings closed. */
export const Boundary = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('Polygon'), coordinates: Rings }),
    z.strictObject({ type: z.literal('MultiPolygon'), coordinates: z.array(Rings).min(1).max(RINGS_MAX) }),
  ])
  .meta({ id: 'Boundary' })
export type Boundary = z.infer<typeof Boundary>

export interface BoundaryFigures {
  /** On the WGS 84 ellipsoid, holes taken off. */
  area_ha: number
  /** Of the outer rings. */
  perimeter_m: number
  /** `[west, south, east, north]` in degrees. */
  bounds: readonly [number, number, number, number]
}

type Point = readonly [longitude: number, latitude: number]

/** The polygons of a boundary, each a list of rings of which the first is the outer one. */
export function polygonsOf(boundary: Boundary): readonly (readonly Point[])[][] {
  const polygons = boundary.type === 'Polygon' ? [boundary.coordinates] : boundary.coordinates
  return polygons.map((rings) => rings.map((ring) => ring.map(([x = 0, y = 0]): Point => [x, y])))
}

/**
 * Measures a boundary on the ellipsoid (Karney 2013, as in GeographicLib).
 * @throws Problem `projects/boundary-unsound` for one that is not closed, crosses itself, is too fine, crosses the 180th
 * meridian, or is too small or too large to be meant.
 */
export function measureBoundary(boundary: Boundary): BoundaryFigures {
  const polygons = polygonsOf(boundary)
  const rings = polygons.flat()
  const corners = rings.reduce((sum, ring) => sum + ring.length, 0)
  if (!(corners <= CORNERS_MAX)) {
    throw unsound(`It has ${corners} corners; at most ${CORNERS_MAX} are measured. Simplify it to the pixel's width.`, {
      corners,
      corners_max: CORNERS_MAX,
    })
  }
  for (const ring of rings) refuseOpen(ring)
  const points = rings.flat()
  const bounds = boundsOf(points)
  if (!(bounds[2] - bounds[0] < 90)) {
    throw unsound('It spans more than a quarter of the Earth, or crosses the 180th meridian: cut it there in two.')
  }
  refuseCrossings(rings)
  let area_m2 = 0
  let perimeter_m = 0
  for (const [outer = [], ...holes] of polygons) {
    const whole = measureRing(outer)
    const taken_off = holes.map(measureRing).reduce((sum, { area_m2: each }) => sum + each, 0)
    if (!(taken_off < whole.area_m2)) throw unsound('Its holes are as large as itself.')
    area_m2 += whole.area_m2 - taken_off
    perimeter_m += whole.perimeter_m
  }
  const area_ha = area_m2 / 10_000
  if (!(area_ha >= AREA_HA_MIN && area_ha <= AREA_HA_MAX)) {
    throw unsound(
      `It encloses ${area_ha.toPrecision(4)} ha; between ${AREA_HA_MIN} and ${AREA_HA_MAX} ha can be a project.`,
      { area_ha },
    )
  }
  return { area_ha, perimeter_m, bounds }
}

/** `[west, south, east, north]` in degrees. */
export function boundsOfBoundary(boundary: Boundary): BoundaryFigures['bounds'] {
  return boundsOf(polygonsOf(boundary).flat(2))
}

/** 5 % off warns, 20 % blocks: what is claimed against what is measured. */
export const AREA_WARN_FRACTION = 0.05
export const AREA_BLOCK_FRACTION = 0.2

export type AreaVerdict = 'agrees' | 'warns' | 'blocks' | 'cannot_tell'

export function judgeArea(
  claimed_ha: number | null,
  measured_ha: number | null,
): { error_fraction: number | null; verdict: AreaVerdict } {
  if (claimed_ha === null || measured_ha === null) return { error_fraction: null, verdict: 'cannot_tell' }
  const error_fraction = Math.abs(claimed_ha - measured_ha) / claimed_ha
  if (error_fraction > AREA_BLOCK_FRACTION) return { error_fraction, verdict: 'blocks' }
  return { error_fraction, verdict: error_fraction > AREA_WARN_FRACTION ? 'warns' : 'agrees' }
}

function measureRing(ring: readonly Point[]): { area_m2: number; perimeter_m: number } {
  const polygon = geodesic.Geodesic.WGS84.Polygon(false)
  // The last corner is the first again.
  for (const [longitude, latitude] of ring.slice(0, -1)) polygon.AddPoint(latitude, longitude)
  const { area = 0, perimeter } = polygon.Compute(false, true)
  return { area_m2: Math.abs(area), perimeter_m: perimeter }
}

function refuseOpen(ring: readonly Point[]): void {
  const [first, last] = [ring[0], ring.at(-1)]
  const is_closed = first !== undefined && last !== undefined && first[0] === last[0] && first[1] === last[1]
  if (!is_closed) throw unsound('A ring is not closed: its last position is its first again.')
}

function boundsOf(points: readonly Point[]): [number, number, number, number] {
  const bounds: [number, number, number, number] = [180, 90, -180, -90]
  for (const [x, y] of points) {
    bounds[0] = Math.min(bounds[0], x)
    bounds[1] = Math.min(bounds[1], y)
    bounds[2] = Math.max(bounds[2], x)
    bounds[3] = Math.max(bounds[3], y)
  }
  return bounds
}

interface Segment {
  from: Point
  to: Point
  west: number
  east: number
  south: number
  north: number
  ring: number
  place: number
  of: number
}

/**
 * Sides that meet anywhere but at their common corner. Sides are looked at from west to east, each against those that
 * begin before it ends.
 */
function refuseCrossings(rings: readonly (readonly Point[])[]): void {
  const segments = rings.flatMap(segmentsOf).sort((a, b) => a.west - b.west)
  for (let index = 0; index < segments.length; index += 1) {
    const one = segments[index]
    if (!one) continue
    for (let further = index + 1; further < segments.length; further += 1) {
      const other = segments[further]
      if (!other || other.west > one.east) break
      if (other.south > one.north || other.north < one.south || areNeighbours(one, other)) continue
      if (meet(one, other)) {
        const [longitude, latitude] = other.from
        throw unsound(`Its sides cross near longitude ${longitude}, latitude ${latitude}.`, { longitude, latitude })
      }
    }
  }
}

function segmentsOf(ring: readonly Point[], ring_index: number): Segment[] {
  const sides: Segment[] = []
  for (let index = 1; index < ring.length; index += 1) {
    const [from, to] = [ring[index - 1], ring[index]]
    // A corner that is written twice is one corner.
    if (!from || !to || (from[0] === to[0] && from[1] === to[1])) continue
    const [west, east] = from[0] < to[0] ? [from[0], to[0]] : [to[0], from[0]]
    const [south, north] = from[1] < to[1] ? [from[1], to[1]] : [to[1], from[1]]
    sides.push({ from, to, west, east, south, north, ring: ring_index, place: sides.length, of: 0 })
  }
  if (sides.length < 3) throw unsound('A ring has fewer than three sides.')
  for (const side of sides) side.of = sides.length
  return sides
}

/** Two sides of one ring that share a corner; going back on itself is a crossing all the same. */
function areNeighbours(one: Segment, other: Segment): boolean {
  if (one.ring !== other.ring) return false
  const step = Math.abs(one.place - other.place)
  if (step !== 1 && step !== one.of - 1) return false
  const [before, after] = (one.place + 1) % one.of === other.place ? [one, other] : [other, one]
  return turn(before.from, before.to, after.to) !== 0 || isAhead(before, after.to)
}

/** Whether a point in line with a side lies beyond its end rather than back on it. */
function isAhead({ from, to }: Segment, point: Point): boolean {
  return (to[0] - from[0]) * (point[0] - to[0]) + (to[1] - from[1]) * (point[1] - to[1]) > 0
}

function meet(one: Segment, other: Segment): boolean {
  const a = turn(one.from, one.to, other.from)
  const b = turn(one.from, one.to, other.to)
  const c = turn(other.from, other.to, one.from)
  const d = turn(other.from, other.to, one.to)
  if (a !== b && c !== d) return true
  return (
    (a === 0 && isWithin(one, other.from)) ||
    (b === 0 && isWithin(one, other.to)) ||
    (c === 0 && isWithin(other, one.from)) ||
    (d === 0 && isWithin(other, one.to))
  )
}

function turn(a: Point, b: Point, c: Point): -1 | 0 | 1 {
  const cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
  return cross > 0 ? 1 : cross < 0 ? -1 : 0
}

function isWithin({ west, east, south, north }: Segment, [x, y]: Point): boolean {
  return x >= west && x <= east && y >= south && y <= north
}

function unsound(detail: string, facts: Record<string, unknown> = {}): Problem {
  return new Problem('projects/boundary-unsound', { detail, ...facts })
}
