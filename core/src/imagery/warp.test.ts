import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCodes, windowsOf, wholeWindow, type Grid, type Window } from './grid.ts'
import { landscape } from './testing-scene.ts'
import { shiftedPlaces, Warp, warpBand, warpMask, type Places } from './warp.ts'

const grid = (width: number, height: number): Grid => ({ width, height, transform: [10, 0, 500_000, 0, -10, 4e6] })
const same = (x: number, y: number) => [x, y] as const

function warped(values: Float32Array, mask: Uint8Array, window: Window, places: Places) {
  const out_mask = warpMask({ window, mask }, places, new Uint8Array(places.cols.length))
  const out = warpBand({ window, mask, values }, places, out_mask, new Float32Array(places.cols.length))
  return { values: out, mask: out_mask }
}

describe('a picture brought onto another grid', () => {
  it('that is its own stays as it is, bit for bit, masks included', () => {
    const values = landscape(1).sample(12, 9)
    const mask = Uint8Array.from(values, (_, i) => (i % 17 === 0 ? maskCodes.cloud : 0))
    const warp = new Warp(grid(12, 9), grid(12, 9), same)
    const whole = wholeWindow(grid(12, 9))
    const places = warp.places(whole)
    expect(warp.sourceWindow(places)).toEqual(whole)
    const out = warped(values, mask, whole, places)
    expect(out.mask).toEqual(mask)
    const off = values.map((value, i) => Math.abs(value - out.values[i]!))
    expect(Math.max(...off)).toBeLessThan(1e-7)
  })

  it('keeps a plane exact at any shift, since bilinear interpolation does', () => {
    const plane = Float32Array.from({ length: 400 }, (_, i) => 0.1 + 0.01 * (i % 20) + 0.02 * Math.floor(i / 20))
    const part = fc.double({ min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(part, part, (col, row) => {
        const whole = { col: 0, row: 0, width: 20, height: 20 }
        const places = shiftedPlaces({ col: 2, row: 2, width: 16, height: 16 }, col, row)
        const { values, mask } = warped(plane, new Uint8Array(400), whole, places)
        expect(mask.every((code) => code === 0)).toBe(true)
        values.forEach((value, i) => {
          const expected = 0.1 + 0.01 * (2 + (i % 16) + col) + 0.02 * (2 + Math.floor(i / 16) + row)
          expect(Math.abs(value - expected)).toBeLessThan(1e-6)
        })
      }),
      { numRuns: 20 },
    )
  })

  it('undoes a known shift of a landscape that is a formula', () => {
    const ground = landscape(5, 30, 12)
    const [before, after] = [ground.sample(40, 40), ground.sample(40, 40, 1.4, -0.6)]
    const inner = { col: 4, row: 4, width: 32, height: 32 }
    const places = shiftedPlaces(inner, 1.4, -0.6)
    const { values } = warped(after, new Uint8Array(1600), wholeWindow(grid(40, 40)), places)
    const [off, unmoved] = [values, after].map((picture, which) => {
      const squares = Array.from({ length: 1024 }, (_, i) => {
        const at = (4 + Math.floor(i / 32)) * 40 + 4 + (i % 32)
        return (picture[which === 0 ? i : at]! - before[at]!) ** 2
      })
      return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / 1024)
    })
    // Bilinear interpolation leaves the bend of the shortest waves, and nothing else.
    expect(unmoved).toBeGreaterThan(0.01)
    expect(off).toBeLessThan(0.0025)
  })

  it('follows a shift as a registration tells it: content at column x lies at x + shift of the source', () => {
    const ground = landscape(6, 30, 12)
    const after = ground.sample(40, 40, 2, -1)
    const shift = { shift_col_px: 2, shift_row_px: -1 }
    const warp = new Warp(grid(40, 40), grid(40, 40), same, shift)
    const window = { col: 5, row: 6, width: 20, height: 20 }
    const { values } = warped(after, new Uint8Array(1600), wholeWindow(grid(40, 40)), warp.places(window))
    const before = ground.sample(40, 40)
    values.forEach((value, i) => {
      expect(Math.abs(value - before[(6 + Math.floor(i / 20)) * 40 + 5 + (i % 20)]!)).toBeLessThan(1e-5)
    })
  })

  it('lets nothing hidden leak into the clear: a pixel that a cloud would share in is cloud', () => {
    const values = new Float32Array(25).fill(0.2)
    const mask = new Uint8Array(25)
    values[12] = 0.9
    mask[12] = maskCodes.cloud
    const whole = wholeWindow(grid(5, 5))
    const out = warped(values, mask, whole, shiftedPlaces(whole, 0.25, 0.25))
    for (const [i, code] of out.mask.entries()) {
      if (code === maskCodes.clear) expect(out.values[i]).toBeCloseTo(0.2, 6)
    }
    expect(out.mask.filter((code) => code === maskCodes.cloud).length).toBe(4)
  })

  it('takes water and doubt from the nearest pixel, and calls what lies off the picture no data', () => {
    const mask = Uint8Array.of(0, 7, 8, 0)
    const source = { window: { col: 0, row: 0, width: 4, height: 1 }, mask }
    const window = { col: -1, row: 0, width: 6, height: 1 }
    const out = warpMask(source, shiftedPlaces(window, 0.2, 0), new Uint8Array(6))
    expect([...out]).toEqual([1, 0, 7, 8, 0, 1])
  })

  it('comes from the places that the projection says, to a tenth of a pixel where a row is curved', () => {
    // A made-up projection with a bend: across 600 pixels a straight line would be off by 4.5 pixels in its middle.
    const bent = (x: number, y: number) => [x, y + 5e-6 * (x - 500_000) ** 2] as const
    const [target, source] = [grid(600, 10), grid(700, 60)]
    const warp = new Warp(target, source, bent)
    let worst = 0
    for (const window of windowsOf(target, 600)) {
      const { cols, rows } = warp.places(window)
      for (let i = 0; i < cols.length; i++) {
        const [x, y] = [500_000 + 10 * ((i % 600) + 0.5), 4e6 - 10 * (Math.floor(i / 600) + 0.5)]
        const [, exact_y] = bent(x, y)
        worst = Math.max(worst, Math.abs(rows[i]! - (4e6 - exact_y) / 10), Math.abs(cols[i]! - (x - 500_000) / 10))
      }
    }
    expect(worst).toBeGreaterThan(0)
    expect(worst).toBeLessThan(0.1)
  })

  it('is the same through windows of any size when coordinates are exact', () => {
    const [target, source] = [grid(30, 20), grid(40, 30)]
    const turned = (x: number, y: number) => [x + 13, y - 27] as const
    const values = landscape(9).sample(40, 30)
    const mask = new Uint8Array(1200)
    const warp = new Warp(target, source, turned)
    const whole = warped(values, mask, wholeWindow(source), warp.places(wholeWindow(target)))
    for (const window of windowsOf(target, 7)) {
      const places = warp.places(window)
      const part = warp.sourceWindow(places)!
      const cut = Float32Array.from({ length: part.width * part.height }, (_, i) => {
        return values[(part.row + Math.floor(i / part.width)) * 40 + part.col + (i % part.width)]!
      })
      const out = warped(cut, new Uint8Array(cut.length), part, places)
      out.values.forEach((value, i) => {
        const at = (window.row + Math.floor(i / window.width)) * 30 + window.col + (i % window.width)
        expect(Math.abs(value - whole.values[at]!)).toBeLessThan(1e-6)
      })
    }
  })

  it('that lies elsewhere altogether needs no window, nor does one that the projection cannot place', () => {
    const away = new Warp(grid(5, 5), grid(5, 5), (x, y) => [x + 1e6, y])
    expect(away.sourceWindow(away.places(wholeWindow(grid(5, 5))))).toBeUndefined()
    const lost = new Warp(grid(5, 5), grid(5, 5), () => [Number.NaN, Number.NaN])
    const places = lost.places(wholeWindow(grid(5, 5)))
    expect(lost.sourceWindow(places)).toBeUndefined()
    const source = { window: wholeWindow(grid(5, 5)), mask: new Uint8Array(25) }
    expect(warpMask(source, places, new Uint8Array(25)).every((code) => code === maskCodes.nodata)).toBe(true)
  })
})
