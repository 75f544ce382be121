import { Boundary, measureBoundary, type BoundaryFigures } from '@tidemark/core/projects/boundary.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'

/** What stands in a text as a boundary, read in the browser so that its hectares are known before anything is sent. */
export type ReadText = { boundary: Boundary } | { fault: 'unreadable' | 'no_polygon' | 'kmz' }

/** Reads GeoJSON, KML, or one corner a line as `latitude, longitude`. */
export function readBoundaryText(text: string): ReadText {
  const bare = text.trim()
  if (bare.startsWith('PK')) return { fault: 'kmz' }
  if (bare.startsWith('{')) return readGeoJson(bare)
  if (bare.startsWith('<')) return readKml(bare)
  return readCorners(bare)
}

/** Hectares and perimeter of a boundary, or why it has none: the sentence of the rules, and where its sides cross. */
export type Measured = { figures: BoundaryFigures } | { unsound: string; at?: { latitude: number; longitude: number } }

export function measure(boundary: Boundary): Measured {
  try {
    return { figures: measureBoundary(boundary) }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { detail, longitude, latitude } = error.details as { detail?: string; longitude?: number; latitude?: number }
    const at = typeof longitude === 'number' && typeof latitude === 'number' ? { at: { latitude, longitude } } : {}
    return { unsound: detail ?? error.message, ...at }
  }
}

type Ring = [number, number][]

function boundaryOf(polygons: readonly Ring[][]): ReadText {
  const [first] = polygons
  if (!first) return { fault: 'no_polygon' }
  const candidate =
    polygons.length === 1 ? { type: 'Polygon', coordinates: first } : { type: 'MultiPolygon', coordinates: polygons }
  const read = Boundary.safeParse(candidate)
  return read.success ? { boundary: read.data } : { fault: 'unreadable' }
}

function readGeoJson(text: string): ReadText {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { fault: 'unreadable' }
  }
  const polygons = polygonsIn(parsed)
  return polygons.length === 0 ? { fault: 'no_polygon' } : boundaryOf(polygons)
}

/** Polygons of whatever GeoJSON holds, features and collections looked into. */
function polygonsIn(value: unknown): Ring[][] {
  if (typeof value !== 'object' || value === null) return []
  const { type, coordinates, geometry, geometries, features } = value as Record<string, unknown>
  if (type === 'Polygon') return [coordinates as Ring[]]
  if (type === 'MultiPolygon') return coordinates as Ring[][]
  if (type === 'Feature') return polygonsIn(geometry)
  if (type === 'FeatureCollection' && Array.isArray(features)) return features.flatMap(polygonsIn)
  if (type === 'GeometryCollection' && Array.isArray(geometries)) return geometries.flatMap(polygonsIn)
  return []
}

function readKml(text: string): ReadText {
  const kml = new DOMParser().parseFromString(text, 'application/xml')
  if (kml.getElementsByTagName('parsererror').length > 0) return { fault: 'unreadable' }
  const polygons = [...kml.getElementsByTagNameNS('*', 'Polygon')].map((polygon) =>
    ['outerBoundaryIs', 'innerBoundaryIs'].flatMap((ring) =>
      [...polygon.getElementsByTagNameNS('*', ring)].map(({ textContent }) => ringOfKml(textContent)),
    ),
  )
  return boundaryOf(polygons)
}

/** `76.27,9.05,0 76.28,9.05,0`: longitude, latitude, height. */
function ringOfKml(text: string | null): Ring {
  return (text ?? '')
    .trim()
    .split(/\s+/)
    .map((corner) => {
      const [longitude = Number.NaN, latitude = Number.NaN] = corner.split(',').map(Number)
      return [longitude, latitude]
    })
}

function readCorners(text: string): ReadText {
  const ring: Ring = []
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    const [latitude, longitude, ...more] = line.split(/[\s,;]+/).map(Number)
    if (latitude === undefined || longitude === undefined || more.length > 0) return { fault: 'unreadable' }
    if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return { fault: 'unreadable' }
    ring.push([longitude, latitude])
  }
  const [first, last] = [ring[0], ring.at(-1)]
  if (!first || !last || ring.length < 3) return { fault: 'unreadable' }
  const is_closed = first[0] === last[0] && first[1] === last[1]
  return boundaryOf([[is_closed ? ring : [...ring, first]]])
}
