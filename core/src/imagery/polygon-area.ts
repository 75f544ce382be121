import geodesic from 'geographiclib-geodesic'

/** Corners of a closed line, longitude and latitude in degrees; the first may be said again at the end. */
export type Ring = readonly (readonly [longitude: number, latitude: number])[]
/** An outer ring and its holes. */
export type Polygon = readonly Ring[]

export interface PolygonFigures {
  area_m2: number
  /** Of every ring, holes included: along all of them a pixel may fall on either side. */
  perimeter_m: number
}

/**
 * Area and perimeter of polygons on the WGS 84 ellipsoid, holes taken off, whichever way round the rings run. Edges are geodesics
 * (C. F. F. Karney, Algorithms for geodesics, 2013, as in GeographicLib). Polygons do not overlap: their areas are added.
 */
export function polygonFigures(polygons: readonly Polygon[]): PolygonFigures {
  const total = { area_m2: 0, perimeter_m: 0 }
  for (const rings of polygons) {
    for (const [index, ring] of rings.entries()) {
      const { area_m2, perimeter_m } = ringFigures(ring)
      total.area_m2 += index === 0 ? area_m2 : -area_m2
      total.perimeter_m += perimeter_m
    }
  }
  return total
}

function ringFigures(ring: Ring): PolygonFigures {
  const polygon = geodesic.Geodesic.WGS84.Polygon(false)
  const [first, last] = [ring[0], ring.at(-1)]
  const is_closed = ring.length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1]
  for (const [longitude, latitude] of is_closed ? ring.slice(0, -1) : ring) polygon.AddPoint(latitude, longitude)
  const { area = 0, perimeter } = polygon.Compute(false, true)
  return { area_m2: Math.abs(area), perimeter_m: perimeter }
}

/**
 * What the boundary leaves open when pixels are counted: half a pixel on either side along the whole perimeter, as a share of the
 * area. A cautious bound: along a boundary that runs freely over the pixels the errors of neighbours mostly cancel.
 */
export function edgeUncertainty({ area_m2, perimeter_m }: PolygonFigures, pixel_side_m: number): number {
  return area_m2 > 0 ? Math.min(1, (perimeter_m * pixel_side_m) / 2 / area_m2) : 1
}
