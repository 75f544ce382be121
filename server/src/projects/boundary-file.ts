import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { Unzip, UnzipInflate } from 'fflate'
import { SaxesParser } from 'saxes'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { Boundary, CORNERS_MAX } from '@tidemark/core/projects/boundary.ts'

/** Reads a boundary from the files that maps are kept in: GeoJSON, KML, and KML in a zip. */

export interface ReadBoundary {
  boundary: Boundary
  format: 'geojson' | 'kml' | 'kmz'
  polygons: number
  left_aside: number
}

/** What a KMZ unpacks to at most: its maps are some kilobytes, its pictures are not looked at. */
const KML_BYTES_MAX = 16 * 1024 * 1024
const ENTRIES_MAX = 1_000
const DEPTH_MAX = 64

type Ring = [number, number][]
interface Shapes {
  polygons: Ring[][]
  /** Lines, points and whatever else encloses nothing. */
  left_aside: number
}

/**
 * @throws Problem `projects/boundary-unreadable` for what is none of these formats, damaged, or holds no polygon.
 */
export async function readBoundary(file: Readable): Promise<ReadBoundary> {
  const bytes = await buffer(file)
  const is_zip = bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'))
  const text = textOf(is_zip ? kmlOf(bytes) : bytes)
  const is_xml = /^\s*</.test(text)
  if (is_zip && !is_xml) throw unreadable('The KMZ holds no KML.')
  const { polygons, left_aside } = is_xml ? shapesOfKml(text) : shapesOfGeoJson(text)
  if (polygons.length === 0) throw unreadable('It holds no polygon: lines and points enclose nothing.', { left_aside })
  const [first] = polygons
  const parsed = Boundary.safeParse(
    polygons.length === 1 ? { type: 'Polygon', coordinates: first } : { type: 'MultiPolygon', coordinates: polygons },
  )
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw unreadable(`Its polygons cannot be read: ${issue?.message ?? 'they are not built as they should be'}.`)
  }
  const format = is_zip ? 'kmz' : is_xml ? 'kml' : 'geojson'
  return { boundary: parsed.data, format, polygons: polygons.length, left_aside }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable('It is not written in UTF-8.')
  }
}

/**
 * The first KML of a KMZ, in memory: no entry's name becomes a path anywhere. What unpacks to more than is read is given up
 * while it unpacks, whatever its header says.
 */
function kmlOf(bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = []
  let size = 0
  let entries = 0
  let is_found = false
  const unzip = new Unzip((entry) => {
    entries += 1
    if (entries > ENTRIES_MAX) throw unreadable(`The KMZ has more than ${ENTRIES_MAX} entries.`)
    if (is_found || !/\.kml$/i.test(entry.name)) return
    is_found = true
    entry.ondata = (error, chunk) => {
      if (error) throw unreadable('The KMZ is damaged.')
      size += chunk.length
      if (size > KML_BYTES_MAX) throw unreadable(`Its KML unpacks to more than ${KML_BYTES_MAX} bytes.`)
      chunks.push(chunk)
    }
    entry.start()
  })
  unzip.register(UnzipInflate)
  try {
    // A little at a time, so that a bomb is noticed while it is small.
    for (let at = 0; at < bytes.length; at += 4_096)
      unzip.push(bytes.subarray(at, at + 4_096), at + 4_096 >= bytes.length)
  } catch (error) {
    throw error instanceof Problem ? error : unreadable('The KMZ is damaged.')
  }
  return Buffer.concat(chunks)
}

/** Polygons anywhere in the document, with their outer and inner rings. Entities and processing instructions are refused. */
function shapesOfKml(text: string): Shapes {
  const shapes: Shapes = { polygons: [], left_aside: 0 }
  const open: string[] = []
  let rings: Ring[] | undefined
  let written = ''
  const parser = new SaxesParser()
  parser.on('doctype', () => {
    throw unreadable('KML has no document type.')
  })
  parser.on('opentag', ({ name }) => {
    const local = localName(name)
    open.push(local)
    if (open.length > DEPTH_MAX) throw unreadable('It is nested too deeply.')
    if (local === 'Polygon') rings = []
    if (['Point', 'LineString', 'Model', 'Track', 'GroundOverlay'].includes(local)) shapes.left_aside += 1
    written = ''
  })
  parser.on('text', (part) => {
    if (open.at(-1) === 'coordinates') written += part
  })
  parser.on('closetag', () => {
    const local = open.pop()
    if (local === 'coordinates' && rings && open.includes('LinearRing')) {
      const ring = ringOf(written)
      if (open.includes('outerBoundaryIs')) rings.unshift(ring)
      else rings.push(ring)
    }
    if (local !== 'Polygon' || !rings) return
    if (rings.length > 0) shapes.polygons.push(rings)
    rings = undefined
  })
  try {
    parser.write(text).close()
  } catch (error) {
    throw error instanceof Problem ? error : unreadable('It is not well-formed XML.')
  }
  return shapes
}

/** `76.27,9.05,0 76.28,9.05,0 …` */
function ringOf(written: string): Ring {
  const positions = written.trim().split(/\s+/)
  if (positions.length > CORNERS_MAX) throw unreadable(`A ring has more than ${CORNERS_MAX} corners.`)
  return positions.map((position) => {
    const [longitude = Number.NaN, latitude = Number.NaN] = position.split(',').map(Number)
    return [longitude, latitude]
  })
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function shapesOfGeoJson(text: string): Shapes {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw unreadable('It is neither GeoJSON, KML nor KMZ.')
  }
  const shapes: Shapes = { polygons: [], left_aside: 0 }
  gather(document, shapes, 0)
  return shapes
}

function gather(value: unknown, shapes: Shapes, depth: number): void {
  if (depth > DEPTH_MAX) throw unreadable('It is nested too deeply.')
  if (typeof value !== 'object' || value === null) return
  const { type, coordinates, geometry, geometries, features, crs } = value as Record<string, unknown>
  // RFC 7946 has one reference system; older files may name another, and their numbers would mean other places.
  if (crs !== undefined && crs !== null && !/CRS84|4326/.test(JSON.stringify(crs))) {
    throw unreadable('It names another reference system than WGS 84: convert it to longitude and latitude.')
  }
  if (type === 'Polygon' && Array.isArray(coordinates)) shapes.polygons.push(coordinates as Ring[])
  else if (type === 'MultiPolygon' && Array.isArray(coordinates)) shapes.polygons.push(...(coordinates as Ring[][]))
  else if (type === 'Feature') gather(geometry, shapes, depth + 1)
  else if (type === 'FeatureCollection' && Array.isArray(features))
    for (const each of features) gather(each, shapes, depth + 1)
  else if (type === 'GeometryCollection' && Array.isArray(geometries))
    for (const each of geometries) gather(each, shapes, depth + 1)
  else shapes.left_aside += 1
}

function unreadable(detail: string, facts: Record<string, unknown> = {}): Problem {
  return new Problem('projects/boundary-unreadable', { detail, ...facts })
}
