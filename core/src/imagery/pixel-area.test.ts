import geodesic from 'geographiclib-geodesic'
import { describe, expect, it } from 'vitest'
import type { Grid } from './grid.ts'
import { hectares, pixelArea, pixelSide_m, zoneFromEquator, type PixelArea } from './pixel-area.ts'

function areaOf(grid: Grid): PixelArea {
  const answer = pixelArea(grid)
  if (answer.outcome !== 'known') throw new Error('the area should be known')
  return answer.area
}

const degrees = (step: number, north: number, height: number): Grid => ({
  width: 4,
  height,
  transform: [step, 0, 10, 0, -step, north],
  crs_kind: 'geographic',
})

describe('the area of a pixel', () => {
  it('of a projected grid is |a·e − b·d|, turned or not, in metres or in feet', () => {
    const projected: Grid = { width: 9, height: 9, transform: [10, 0, 0, 0, -10, 0], crs_kind: 'projected' }
    expect(areaOf(projected)).toEqual({ kind: 'uniform', m2: 100 })
    expect(areaOf({ ...projected, transform: [8, 6, 0, 6, -8, 0] })).toEqual({ kind: 'uniform', m2: 100 })
    const foot = areaOf({ ...projected, transform: [1, 0, 0, 0, -1, 0], unit_m: 0.3048 })
    expect(foot.kind === 'uniform' && foot.m2).toBeCloseTo(0.09290304, 12)
    expect(hectares({ kind: 'uniform', m2: 100 }, [250])).toBe(2.5)
  })

  it('of a grid in degrees is that of GeographicLib on the ellipsoid, row by row', () => {
    // The edges along parallels are no geodesics, so the library gets one point in every thousandth of a degree.
    const [step, north] = [0.25, 38.25]
    const area = areaOf(degrees(step, north, 3))
    if (area.kind !== 'rows') throw new Error('rows should differ')
    for (const row of [0, 2]) {
      const polygon = geodesic.Geodesic.WGS84.Polygon(false)
      const [top, bottom] = [north - row * step, north - (row + 1) * step]
      for (let i = 0; i <= 250; i++) polygon.AddPoint(bottom, i / 1000)
      for (let i = 250; i >= 0; i--) polygon.AddPoint(top, i / 1000)
      const expected = polygon.Compute(false, true).area!
      expect(Math.abs(area.m2[row]! / expected - 1)).toBeLessThan(1e-9)
    }
  })

  it('in degrees adds up to the whole Earth: 510 065 621.724 km² on WGS 84', () => {
    expect((2 * zoneFromEquator(90)) / 1e12).toBeCloseTo(510.065621724, 8)
    const world: Grid = { width: 360, height: 180, transform: [1, 0, -180, 0, -1, 90], crs_kind: 'geographic' }
    expect(hectares(areaOf(world), Array(180).fill(360)) / 1e8).toBeCloseTo(510.065621724, 7)
  })

  it('in degrees is not square: 0.0000898° at 38° north is ten metres high and 7.9 wide', () => {
    const area = areaOf(degrees(0.0000898315, 38, 1))
    expect(area.kind === 'rows' && area.m2[0]! / 10).toBeCloseTo(7.9, 1)
    expect(pixelSide_m(area)).toBeCloseTo(8.9, 1)
  })

  it('is not guessed without a CRS, on a turned grid in degrees, or beyond a pole', () => {
    const reasonOf = (grid: Grid) => {
      const answer = pixelArea(grid)
      return answer.outcome === 'cannot_tell' ? answer.reason.code : answer.outcome
    }
    expect(reasonOf({ ...degrees(1, 10, 2), crs_kind: undefined })).toBe('crs_unknown')
    expect(reasonOf({ ...degrees(1, 10, 2), transform: [1, 0.1, 0, 0, -1, 10] })).toBe('geographic_grid_is_turned')
    expect(reasonOf(degrees(1, 91, 2))).toBe('latitude_out_of_range')
  })
})
