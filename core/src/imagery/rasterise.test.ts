import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCodes, windowsOf, type Grid } from './grid.ts'
import { edgeUncertainty, polygonFigures, type Ring } from './polygon-area.ts'
import { maskOfPolygons, PolygonRaster, polygonsInPixels, type PixelPolygon } from './rasterise.ts'

const ring = (...corners: number[]) => Float64Array.from(corners)
const drawn = (polygons: readonly PixelPolygon[], width: number, height: number) => {
  const mask = maskOfPolygons(new PolygonRaster(polygons), { width, height })
  return Array.from({ length: height }, (_, row) =>
    [...mask.subarray(row * width, (row + 1) * width)].map((code) => (code === 0 ? '#' : '.')).join(''),
  )
}

describe('the area of a polygon', () => {
  it('of Antarctica as GeographicLib publishes it is 13 662 703 680 020 m², its perimeter 16 831 067.893 m', () => {
    const antarctica: Ring = [
      [-58, -63.1],
      [-74, -72.9],
      [-102, -71.9],
      [-102, -74.9],
      [-131, -74.3],
      [-163, -77.5],
      [163, -77.4],
      [172, -71.7],
      [140, -65.9],
      [113, -65.7],
      [88, -66.6],
      [59, -66.9],
      [25, -69.8],
      [-4, -70],
      [-14, -71],
      [-33, -77.3],
      [-46, -77.9],
      [-61, -74.7],
    ]
    const { area_m2, perimeter_m } = polygonFigures([[antarctica]])
    expect(Math.abs(area_m2 - 13_662_703_680_020.1)).toBeLessThan(1)
    expect(perimeter_m).toBeCloseTo(16_831_067.893, 3)
  })

  it('has its holes taken off and its parts added, whichever way round the rings run and whether they are closed', () => {
    const square = (west: number, side: number): Ring => [
      [west, 0],
      [west + side, 0],
      [west + side, side],
      [west, side],
      [west, 0],
    ]
    const area = (...polygons: Ring[][]) => polygonFigures(polygons).area_m2
    const [outer, hole, other] = [square(0, 0.1), square(0.02, 0.01), square(1, 0.1)]
    expect(area([outer, hole])).toBeCloseTo(area([outer]) - area([hole]), 3)
    expect(area([outer, hole.toReversed()])).toBeCloseTo(area([outer, hole]), 6)
    expect(area([outer], [other])).toBeCloseTo(2 * area([outer]), 1)
    expect(area([outer.slice(0, -1)])).toBe(area([outer]))
  })

  it('is open at its edge by half a pixel times the perimeter', () => {
    // One hectare, 400 m around, pixels of ten metres: 2000 m² of 10 000.
    expect(edgeUncertainty({ area_m2: 10_000, perimeter_m: 400 }, 10)).toBeCloseTo(0.2, 12)
    expect(edgeUncertainty({ area_m2: 0, perimeter_m: 0 }, 10)).toBe(1)
  })
})

describe('a polygon on pixels', () => {
  it('takes the pixels whose centres lie inside, and leaves out its holes', () => {
    const outer = ring(1, 1, 7, 1, 7, 6, 1, 6)
    const hole = ring(3, 2, 5, 2, 5, 4, 3, 4)
    expect(drawn([[outer, hole]], 8, 7)).toEqual([
      '........',
      '.######.',
      '.##..##.',
      '.##..##.',
      '.######.',
      '.######.',
      '........',
    ])
    expect(drawn([[ring(0.6, 0.6, 2.4, 0.6, 2.4, 2.4, 0.6, 2.4)]], 3, 3)).toEqual(['...', '.#.', '...'])
    // A triangle under the diagonal: centres on it belong to exactly one side.
    expect(drawn([[ring(0, 0, 4, 4, 0, 4)]], 4, 4)).toEqual(['....', '#...', '##..', '###.'])
    expect(drawn([[ring(0, 0, 4, 0, 4, 4)]], 4, 4)).toEqual(['####', '.###', '..##', '...#'])
  })

  it('of several parts is their union, and beyond the grid is nothing', () => {
    expect(drawn([[ring(0, 0, 1, 0, 1, 1, 0, 1)], [ring(2, 0, 9, 0, 9, 9, 2, 9)]], 4, 2)).toEqual(['#.##', '..##'])
    expect(drawn([[ring(10, 10, 12, 10, 12, 12)]], 2, 2)).toEqual(['..', '..'])
  })

  it('and its neighbours share no pixel and lose none', () => {
    const place = fc.double({ min: 0.5, max: 19.5, noNaN: true })
    fc.assert(
      fc.property(place, place, (x, y) => {
        // Four triangles around one point tile a square of 20 by 20.
        const corners = [0, 0, 20, 0, 20, 20, 0, 20]
        const counts = new Uint8Array(400)
        for (let k = 0; k < 4; k++) {
          const [a, b] = [2 * k, (2 * k + 2) % 8]
          const part = ring(x, y, corners[a]!, corners[a + 1]!, corners[b]!, corners[b + 1]!)
          const mask = maskOfPolygons(new PolygonRaster([[part]]), { width: 20, height: 20 })
          mask.forEach((code, i) => (counts[i]! += code === 0 ? 1 : 0))
        }
        expect(counts.every((count) => count === 1)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('is the same in windows of any size, and its rows add up to it', () => {
    const star = ring(15, 1, 18, 11, 29, 12, 20, 18, 24, 28, 15, 22, 6, 28, 10, 18, 1, 12, 12, 11)
    const raster = new PolygonRaster([[star]])
    const whole = maskOfPolygons(raster, { width: 30, height: 30 })
    for (const side of [1, 7, 16]) {
      for (const window of windowsOf({ width: 30, height: 30 }, side)) {
        const part = new Uint8Array(window.width * window.height)
        raster.draw(window, part)
        part.forEach((code, i) => {
          const at = (window.row + Math.floor(i / window.width)) * 30 + window.col + (i % window.width)
          expect(code).toBe(whole[at])
        })
      }
    }
    const inside = whole.filter((code) => code === maskCodes.clear).length
    expect(raster.insideByRow({ width: 30, height: 30 }).reduce((sum, count) => sum + count, 0)).toBe(inside)
    expect(raster.bounds).toEqual({ col: 1, row: 1, width: 28, height: 27 })
  })

  it('covers as many pixels as its area says, within what the edge leaves open', () => {
    // A disc of radius 40 in 256 corners: π · 1600 = 5026.5, less the corners cut off.
    const disc = Float64Array.from({ length: 512 }, (_, i) => {
      const angle = (2 * Math.PI * (i >> 1)) / 256
      return 50.3 + 40 * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle))
    })
    const pixels = maskOfPolygons(new PolygonRaster([[disc]]), { width: 100, height: 100 }).filter(
      (c) => c === 0,
    ).length
    expect(Math.abs(pixels - 5026)).toBeLessThan(25)
  })

  it('of corners in degrees follows the curve that a straight edge becomes on the map', () => {
    // A made-up map that bends: y = latitude + longitude². The edge from (−1, 0) to (1, 0) sags to −100 pixels in the middle.
    const grid: Grid = { width: 200, height: 300, transform: [0.01, 0, -1, 0, -0.01, 2] }
    const square: Ring = [
      [-1, 0],
      [1, 0],
      [1, 1],
      [-1, 1],
    ]
    const polygons = polygonsInPixels([[square]], grid, (x, y) => [x, y + x * x])
    const raster = new PolygonRaster(polygons)
    const pixels = raster.insideByRow(grid).reduce((sum, count) => sum + count, 0)
    // The bent square keeps its area of 2 × 1: 20 000 pixels. Straight edges between its corners would also give 20 000, but
    // in other places: the middle of the lower edge lies at latitude 0, row 200, and not at row 100.
    expect(Math.abs(pixels - 20_000)).toBeLessThan(100)
    const column = new Uint8Array(300)
    raster.draw({ col: 100, row: 0, width: 1, height: 300 }, column)
    expect([column.indexOf(0), column.lastIndexOf(0)]).toEqual([100, 199])
  })
})
