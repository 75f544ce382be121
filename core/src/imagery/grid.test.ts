import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clipWindow,
  gridOfWindow,
  invertTransform,
  isSameGrid,
  isUsableGrid,
  mapToPixel,
  maskCodes,
  maskNames,
  pixelToMap,
  windowsOf,
  type Grid,
  type Transform,
} from './grid.ts'

/** A Sentinel-2 tile: ten-metre pixels, rows southwards, UTM zone 29 north. */
const tile: Grid = { width: 10_980, height: 10_980, transform: [10, 0, 399_960, 0, -10, 4_500_000], epsg: 32_629 }

describe('a grid', () => {
  it('puts the corner of the first pixel at c and f, and its centre half a pixel on', () => {
    expect(pixelToMap(tile.transform, 0, 0)).toEqual([399_960, 4_500_000])
    expect(pixelToMap(tile.transform, 0.5, 0.5)).toEqual([399_965, 4_499_995])
    expect(pixelToMap(tile.transform, 10_980, 10_980)).toEqual([509_760, 4_390_200])
  })

  it('finds the way back from the map to the pixel, for turned and sheared grids too', () => {
    const side = fc.double({ min: 0.1, max: 100, noNaN: true })
    const turn = fc.double({ min: -0.09, max: 0.09, noNaN: true })
    const place = fc.double({ min: -1e4, max: 1e4, noNaN: true })
    fc.assert(
      fc.property(side, side, turn, turn, place, place, (width, height, b, d, col, row) => {
        const transform: Transform = [width, b, 500_000, d, -height, 4e6]
        const [back_col, back_row] = mapToPixel(transform, ...pixelToMap(transform, col, row))
        expect(Math.abs(back_col - col)).toBeLessThan(1e-3)
        expect(Math.abs(back_row - row)).toBeLessThan(1e-3)
      }),
      { numRuns: 50 },
    )
    const turned: Transform = [8, 6, 1000, 6, -8, 2000]
    expect(invertTransform(turned)).toEqual([0.08, 0.06, -200, 0.06, -0.08, 100])
  })

  it('is the same as another only with the same size, the same CRS and corners within a thousandth of a pixel', () => {
    const moved = (x: number): Grid => ({ ...tile, transform: [10, 0, 399_960 + x, 0, -10, 4_500_000] })
    expect(isSameGrid(tile, moved(0.005))).toBe(true)
    expect(isSameGrid(tile, moved(0.05))).toBe(false)
    expect(isSameGrid(tile, { ...tile, epsg: 32_630 })).toBe(false)
    expect(isSameGrid({ ...tile, epsg: undefined }, { ...tile, epsg: undefined })).toBe(false)
    // A hundred-thousandth of a pixel per pixel is nothing here and a tenth of a pixel at the far end.
    expect(isSameGrid(tile, { ...tile, transform: [10.0001, 0, 399_960, 0, -10, 4_500_000] })).toBe(false)
  })

  it('without area, without size or with a number that is none is not usable', () => {
    expect(isUsableGrid(tile)).toBe(true)
    expect(isUsableGrid({ ...tile, width: 0 })).toBe(false)
    expect(isUsableGrid({ ...tile, height: 1.5 })).toBe(false)
    expect(isUsableGrid({ ...tile, transform: [1, 2, 0, 2, 4, 0] })).toBe(false)
    expect(isUsableGrid({ ...tile, transform: [1, 0, Number.NaN, 0, 1, 0] })).toBe(false)
  })
})

describe('windows', () => {
  it('cover every pixel of what is asked for exactly once, whatever the side', () => {
    const size = fc.integer({ min: 1, max: 30 })
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: -5, max: 30 }), size, (width, height, side, col, extent) => {
        const seen = new Uint8Array(width * height)
        const within = { col, row: 2, width: extent, height: extent }
        for (const window of windowsOf({ width, height }, side, within)) {
          expect(Math.max(window.width, window.height)).toBeLessThanOrEqual(side)
          for (let y = window.row; y < window.row + window.height; y++) {
            for (let x = window.col; x < window.col + window.width; x++) seen[y * width + x]! += 1
          }
        }
        const inside = (x: number, y: number) => x >= col && x < col + extent && y >= 2 && y < 2 + extent
        expect(seen.every((count, i) => count === Number(inside(i % width, Math.floor(i / width))))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('are cut along multiples of their side, as the tiles of a file are', () => {
    const cut = [...windowsOf(tile, 512, { col: 1000, row: 500, width: 100, height: 100 })]
    expect(cut).toEqual([
      { col: 1000, row: 500, width: 24, height: 12 },
      { col: 1024, row: 500, width: 76, height: 12 },
      { col: 1000, row: 512, width: 24, height: 88 },
      { col: 1024, row: 512, width: 76, height: 88 },
    ])
  })

  it('outside the grid are none', () => {
    expect(clipWindow(tile, { col: 10_980, row: 0, width: 5, height: 5 })).toBeUndefined()
    expect(clipWindow(tile, { col: 10_978, row: -3, width: 5, height: 5 })).toEqual({
      col: 10_978,
      row: 0,
      width: 2,
      height: 2,
    })
  })

  it('have a grid of their own with the same pixels in the same places', () => {
    const own = gridOfWindow(tile, { col: 7, row: 11, width: 3, height: 2 })
    expect(pixelToMap(own.transform, 1, 1)).toEqual(pixelToMap(tile.transform, 8, 12))
    expect(own).toMatchObject({ width: 3, height: 2, epsg: 32_629 })
  })
})

describe('a mask', () => {
  it('has a name for every code', () => {
    expect(Object.fromEntries(maskNames.map((name, code) => [name, code]))).toEqual(maskCodes)
  })
})
