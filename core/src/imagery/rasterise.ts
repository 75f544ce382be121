import { invariant } from '../lib/invariant.ts'
import { invertTransform, maskCodes, wholeWindow, type Grid, type Mask, type Window } from './grid.ts'
import type { Polygon } from './polygon-area.ts'

/**
 * Which pixels lie inside a polygon: those whose centres do, holes excepted (GDAL's rule without "all touched"). A centre on a
 * boundary shared by two polygons belongs to exactly one of them, so strata that tile a project share no pixel and lose none.
 * Windows may be drawn in any order and cut anyhow; a pixel's answer is always the same.
 */
export class PolygonRaster {
  /** Per polygon its edges in pixels of the grid, upper end first: x0, y0, x1, y1. Level edges meet no row of centres. */
  readonly #polygons: Float64Array[]
  /** The rectangle of pixels that the polygons reach, not cut at the grid. */
  readonly bounds: Window

  /** @param polygons rings of corners in pixels of the grid, as `polygonsInPixels` gives them. */
  constructor(polygons: readonly PixelPolygon[]) {
    invariant(polygons.length > 0, 'there is something to draw')
    this.#polygons = polygons.map(edgesOf)
    const xs = polygons.flatMap((rings) => rings.flatMap((ring) => extent(ring, 0)))
    const ys = polygons.flatMap((rings) => rings.flatMap((ring) => extent(ring, 1)))
    const [left, right] = [Math.floor(Math.min(...xs)), Math.ceil(Math.max(...xs))]
    const [top, bottom] = [Math.floor(Math.min(...ys)), Math.ceil(Math.max(...ys))]
    this.bounds = { col: left, row: top, width: right - left, height: bottom - top }
  }

  /** Writes `clear` for the pixels of a window that lie inside and `outside` for the others, and says how many lie inside. */
  draw(window: Window, out: Mask): number {
    invariant(out.length === window.width * window.height, 'a mask has one code per pixel of its window')
    out.fill(maskCodes.outside)
    for (const edges of this.#polygons) fillPolygon(edges, window, out)
    let inside = 0
    for (let i = 0; i < out.length; i++) if (out[i] === maskCodes.clear) inside += 1
    return inside
  }

  /** How many pixels of each row of the grid lie inside. */
  insideByRow(grid: Pick<Grid, 'width' | 'height'>): Uint32Array {
    const counts = new Uint32Array(grid.height)
    const { col, row, width, height } = this.bounds
    const left = Math.max(0, col)
    const right = Math.min(grid.width, col + width)
    if (right <= left) return counts
    const line = new Uint8Array(right - left)
    const last = Math.min(grid.height, row + height)
    for (let at = Math.max(0, row); at < last; at++) {
      counts[at] = this.draw({ col: left, row: at, width: right - left, height: 1 }, line)
    }
    return counts
  }
}

/** Rings of one polygon, each as x, y, x, y … in pixels of a grid; closed without saying the first corner again. */
export type PixelPolygon = readonly Float64Array[]

/** Projects longitude and latitude in degrees to the CRS of a grid. */
export type Project = (longitude: number, latitude: number) => readonly [x: number, y: number]

/** How far an edge may run from its projection before it is cut in two, in pixels. */
const EDGE_TOLERANCE_PX = 0.05
const EDGE_CUTS_MAX = 12

/**
 * The corners of polygons in pixels of a grid. An edge that is straight in longitude and latitude (RFC 7946) is a curve on most
 * maps, so it is cut into pieces until each lies within a twentieth of a pixel of the curve.
 */
export function polygonsInPixels(polygons: readonly Polygon[], grid: Grid, project: Project): PixelPolygon[] {
  const inverse = invertTransform(grid.transform)
  const place = (longitude: number, latitude: number): Corner => {
    const [x, y] = project(longitude, latitude)
    invariant(Number.isFinite(x) && Number.isFinite(y), 'a corner of a checked polygon has a place on the map')
    const [a, b, c, d, e, f] = inverse
    return [a * x + b * y + c, d * x + e * y + f]
  }
  return polygons.map((rings) =>
    rings.map((ring) => {
      const corners: number[] = []
      for (const [index, start] of ring.entries()) {
        const end = ring[(index + 1) % ring.length]!
        const from = place(start[0], start[1])
        corners.push(...from)
        if (start[0] !== end[0] || start[1] !== end[1]) {
          cutEdge(start, end, from, place(end[0], end[1]), place, EDGE_CUTS_MAX, corners)
        }
      }
      return Float64Array.from(corners)
    }),
  )
}

type Corner = readonly [number, number]

function cutEdge(
  start: Corner,
  end: Corner,
  from: Corner,
  to: Corner,
  place: (longitude: number, latitude: number) => Corner,
  cuts_left: number,
  corners: number[],
) {
  // The sum of two numbers does not depend on their order, so both neighbours of an edge cut it at the same places.
  const half: Corner = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2]
  const at = place(half[0], half[1])
  const off = Math.hypot(at[0] - (from[0] + to[0]) / 2, at[1] - (from[1] + to[1]) / 2)
  if (off <= EDGE_TOLERANCE_PX || cuts_left === 0) return
  cutEdge(start, half, from, at, place, cuts_left - 1, corners)
  corners.push(at[0], at[1])
  cutEdge(half, end, at, to, place, cuts_left - 1, corners)
}

function extent(ring: Float64Array, axis: 0 | 1): [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity]
  for (let i = axis; i < ring.length; i += 2) {
    least = Math.min(least, ring[i]!)
    most = Math.max(most, ring[i]!)
  }
  return [least, most]
}

function edgesOf(rings: PixelPolygon): Float64Array {
  const edges: number[] = []
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const next = (i + 2) % ring.length
      const [x0, y0, x1, y1] = [ring[i]!, ring[i + 1]!, ring[next]!, ring[next + 1]!]
      // Always from top to bottom, so that both neighbours of an edge find the same crossing to the last bit.
      if (y0 < y1) edges.push(x0, y0, x1, y1)
      else if (y1 < y0) edges.push(x1, y1, x0, y0)
    }
  }
  return Float64Array.from(edges)
}

/** Fills between the first and second, third and fourth … crossing of each row of centres with the edges. */
function fillPolygon(edges: Float64Array, window: Window, out: Mask) {
  const { starts, crossings } = crossingsOf(edges, window)
  for (let row = 0; row < window.height; row++) {
    const found = crossings.subarray(starts[row], starts[row + 1]).sort()
    for (let k = 0; k + 1 < found.length; k += 2) {
      // A centre at column i + ½ lies in [x0, x1) when i runs from ⌈x0 − ½⌉ to ⌈x1 − ½⌉ − 1.
      const first = Math.max(0, Math.ceil(found[k]! - 0.5) - window.col)
      const end = Math.min(window.width, Math.ceil(found[k + 1]! - 0.5) - window.col)
      if (end > first) out.fill(maskCodes.clear, row * window.width + first, row * window.width + end)
    }
  }
}

/** Where each row's line of centres crosses the edges; those of row k stand from `starts[k]` to `starts[k + 1]`. */
function crossingsOf(edges: Float64Array, window: Window): { starts: Uint32Array; crossings: Float64Array } {
  const starts = new Uint32Array(window.height + 1)
  for (let at = 0; at < edges.length; at += 4) {
    const [first, end] = rowsCrossed(edges, at, window)
    for (let row = first; row < end; row++) starts[row + 1]! += 1
  }
  for (let row = 0; row < window.height; row++) starts[row + 1]! += starts[row]!
  const crossings = new Float64Array(starts[window.height]!)
  const next = starts.slice(0, -1)
  for (let at = 0; at < edges.length; at += 4) {
    const [first, end] = rowsCrossed(edges, at, window)
    const [x0, y0, x1, y1] = [edges[at]!, edges[at + 1]!, edges[at + 2]!, edges[at + 3]!]
    for (let row = first; row < end; row++) {
      const centre = window.row + row + 0.5
      crossings[next[row]!++] = x0 + ((centre - y0) / (y1 - y0)) * (x1 - x0)
    }
  }
  return { starts, crossings }
}

function rowsCrossed(edges: Float64Array, at: number, window: Window): [first: number, end: number] {
  const first = Math.max(0, Math.ceil(edges[at + 1]! - 0.5) - window.row)
  const end = Math.min(window.height, Math.ceil(edges[at + 3]! - 0.5) - window.row)
  return [first, end]
}

/** The mask of a whole small grid; larger ones are filled window by window. */
export function maskOfPolygons(raster: PolygonRaster, grid: Pick<Grid, 'width' | 'height'>): Mask {
  const mask = new Uint8Array(grid.width * grid.height)
  raster.draw(wholeWindow(grid), mask)
  return mask
}
