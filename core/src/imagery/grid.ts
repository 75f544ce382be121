import { invariant } from '../lib/invariant.ts'

/**
 * Where pixels lie on the Earth, rectangles of them, and what is known about each of them. Everything else in this folder
 * stands on these four shapes: a grid, a window, a band of numbers and a mask of codes beside it.
 */

/** Six numbers of an affine map: x = a·col + b·row + c, y = d·col + e·row + f. */
export type Transform = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

/**
 * Where pixels lie: x = a·col + b·row + c, y = d·col + e·row + f, in the units of the CRS. (col, row) = (0, 0) is the outer
 * corner of the first pixel and (0.5, 0.5) its centre, as in GDAL and in GeoTIFF's PixelIsArea.
 */
export interface Grid {
  width: number
  height: number
  transform: Transform
  /** EPSG code; undefined when the file names none. */
  epsg?: number
  /** The CRS as proj4 text. */
  crs?: string
  /** Whether x and y are lengths or degrees of longitude and latitude; undefined when the file does not say. */
  crs_kind?: CrsKind
  /** Metres in one unit of a projected CRS: 1 unless the file says feet. */
  unit_m?: number
}

export type CrsKind = 'projected' | 'geographic'

/** A rectangle of pixels of a grid. */
export interface Window {
  col: number
  row: number
  width: number
  height: number
}

/** Numbers of one band over a window, row by row. Never NaN: what is not a measurement is named in the mask. */
export type Band = Float32Array

/** One code per pixel of a window, row by row. Zero is a clear look at the ground; everything else says what stands in the way. */
export type Mask = Uint8Array

/**
 * What a pixel shows instead of the ground. `water` is a clear look at water; `doubtful` is dark or unclassified; `outside` lies
 * outside the polygon.
 */
export const maskCodes = {
  clear: 0,
  nodata: 1,
  saturated: 2,
  shadow: 3,
  cloud: 4,
  cirrus: 5,
  snow: 6,
  water: 7,
  doubtful: 8,
  outside: 9,
} as const

export type MaskName = keyof typeof maskCodes
export type MaskCode = (typeof maskCodes)[MaskName]

/** The names by their codes: `maskNames[4]` is `cloud`. */
export const maskNames: readonly MaskName[] = [
  'clear',
  'nodata',
  'saturated',
  'shadow',
  'cloud',
  'cirrus',
  'snow',
  'water',
  'doubtful',
  'outside',
]

/** One more than the highest code: the length of a list of counts by code. */
export const MASK_CODES = maskNames.length

/** The point of the map at a place in pixels, which may lie between pixels. */
export function pixelToMap(transform: Transform, col: number, row: number): [x: number, y: number] {
  const [a, b, c, d, e, f] = transform
  return [a * col + b * row + c, d * col + e * row + f]
}

/** The place in pixels of a point of the map: the inverse of `pixelToMap`. */
export function mapToPixel(transform: Transform, x: number, y: number): [col: number, row: number] {
  const [a, b, c, d, e, f] = transform
  const determinant = determinantOf(transform)
  const dx = x - c
  const dy = y - f
  return [(e * dx - b * dy) / determinant, (a * dy - d * dx) / determinant]
}

/** The affine map from the map back to pixels, for loops that would otherwise divide at every point. */
export function invertTransform(transform: Transform): Transform {
  const [a, b, c, d, e, f] = transform
  const determinant = determinantOf(transform)
  const [ia, ib, id, ie] = [e / determinant, -b / determinant, -d / determinant, a / determinant]
  return [ia, ib, -(ia * c + ib * f), id, ie, -(id * c + ie * f)]
}

/** a·e − b·d: the signed area of one pixel in the squared unit of the CRS. Negative when rows run southwards, as they mostly do. */
export function determinantOf([a, b, , d, e]: Transform): number {
  const determinant = a * e - b * d
  invariant(Number.isFinite(determinant) && determinant !== 0, 'a transform without area maps a picture onto a line')
  return determinant
}

/** Whether a grid can carry pixels at all: whole positive sides and a transform that keeps area. Readers ask before they build one. */
export function isUsableGrid({ width, height, transform }: Grid): boolean {
  const [a, b, , d, e] = transform
  const determinant = a * e - b * d
  const sides = Number.isSafeInteger(width) && Number.isSafeInteger(height) && width > 0 && height > 0
  return sides && transform.every(Number.isFinite) && Number.isFinite(determinant) && determinant !== 0
}

/** How far apart two transforms may be and still be called one grid, as a share of a pixel over the whole picture. */
const SAME_GRID_PX = 1e-3

/**
 * Whether pixel (i, j) of one grid is pixel (i, j) of the other: same size, same CRS, and no corner more than a thousandth of
 * a pixel away. Two grids that do not name their CRS are never the same.
 */
export function isSameGrid(one: Grid, other: Grid): boolean {
  if (one.width !== other.width || one.height !== other.height || !isSameCrs(one, other)) return false
  const corners = [
    [0, 0],
    [one.width, 0],
    [0, one.height],
    [one.width, one.height],
  ] as const
  return corners.every(([col, row]) => {
    const [other_col, other_row] = mapToPixel(other.transform, ...pixelToMap(one.transform, col, row))
    return Math.abs(other_col - col) <= SAME_GRID_PX && Math.abs(other_row - row) <= SAME_GRID_PX
  })
}

/** Whether two grids name the same CRS, by EPSG code or else by the same proj4 text. Two unknown ones are not the same. */
export function isSameCrs(one: Grid, other: Grid): boolean {
  if (one.epsg !== undefined && other.epsg !== undefined) return one.epsg === other.epsg
  return one.crs !== undefined && one.crs === other.crs
}

/** The whole of a grid as one window. */
export function wholeWindow({ width, height }: Pick<Grid, 'width' | 'height'>): Window {
  return { col: 0, row: 0, width, height }
}

/** The part of a window that lies on the grid; undefined when none does. */
export function clipWindow(grid: Pick<Grid, 'width' | 'height'>, window: Window): Window | undefined {
  const col = Math.max(0, window.col)
  const row = Math.max(0, window.row)
  const width = Math.min(grid.width, window.col + window.width) - col
  const height = Math.min(grid.height, window.row + window.height) - row
  return width > 0 && height > 0 ? { col, row, width, height } : undefined
}

/**
 * The windows of at most `side` × `side` pixels that cover `within` (the whole grid unless said otherwise) without overlap, row
 * by row, cut along multiples of `side` so that they fall onto the tiles of a tiled file.
 */
export function* windowsOf(
  grid: Pick<Grid, 'width' | 'height'>,
  side: number,
  within: Window = wholeWindow(grid),
): Generator<Window> {
  invariant(Number.isSafeInteger(side) && side > 0, 'a window has at least one pixel')
  const clipped = clipWindow(grid, within)
  if (!clipped) return
  const [right, bottom] = [clipped.col + clipped.width, clipped.row + clipped.height]
  for (let row = clipped.row; row < bottom; row = nextCut(row, side, bottom)) {
    const height = nextCut(row, side, bottom) - row
    for (let col = clipped.col; col < right; col = nextCut(col, side, right)) {
      yield { col, row, width: nextCut(col, side, right) - col, height }
    }
  }
}

function nextCut(at: number, side: number, end: number): number {
  return Math.min(end, (Math.floor(at / side) + 1) * side)
}

/** The grid of a window alone: its pixel (0, 0) is the window's first. */
export function gridOfWindow(grid: Grid, window: Window): Grid {
  const [a, b, , d, e] = grid.transform
  const [c, f] = pixelToMap(grid.transform, window.col, window.row)
  return { ...grid, width: window.width, height: window.height, transform: [a, b, c, d, e, f] }
}
