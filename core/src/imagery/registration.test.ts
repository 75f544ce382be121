import { describe, expect, it } from 'vitest'
import { maskCodes } from './grid.ts'
import { PhaseCorrelator } from './phase-correlation.ts'
import {
  judgeRegistration,
  registerBands,
  registerTile,
  registrationTiles,
  type RegistrationVerdict,
  type TileResult,
} from './registration.ts'
import { randomOf } from '../learn/random.ts'
import { landscape, patches } from './testing-scene.ts'

const clear = (values: Float32Array) => ({ values, mask: new Uint8Array(values.length) })

function expectShift(verdict: RegistrationVerdict, col: number, row: number, within_px = 0.1) {
  if (verdict.outcome !== 'registered') throw new Error(`not registered: ${JSON.stringify(verdict)}`)
  expect(Math.abs(verdict.shift_col_px - col)).toBeLessThan(within_px)
  expect(Math.abs(verdict.shift_row_px - row)).toBeLessThan(within_px)
  return verdict
}

function expectNear(tile: TileResult | undefined, col: number, row: number) {
  expect(Math.abs(tile!.least_squares!.shift_col_px - col)).toBeLessThan(0.1)
  expect(Math.abs(tile!.least_squares!.shift_row_px - row)).toBeLessThan(0.1)
}

describe('registration', () => {
  const side = 64
  const correlator = new PhaseCorrelator(side)
  const ground = landscape(7)
  const before = clear(ground.sample(side, side))

  it.each([
    [0, 0],
    [0.1, -0.1],
    [0.5, 0.5],
    [-0.37, 0.72],
    [1.25, -2.6],
    [-4.4, 3.1],
  ])('recovers a known shift of (%f, %f) px to a tenth of a pixel, tile by tile', (col, row) => {
    const found = registerTile(correlator, before, clear(ground.sample(side, side, col, row)))
    expectNear(found, col, row)
  })

  it('minds neither brightness nor contrast, nor a moderate noise, nor a cloud that hides a quarter', () => {
    const { next: draw } = randomOf(3)
    const after = ground.sample(side, side, 0.6, -0.3).map((value) => 0.1 + 1.6 * value + 0.02 * (draw() - 0.5))
    const mask = new Uint8Array(side * side)
    for (let row = 0; row < 32; row++) {
      mask.fill(maskCodes.cloud, row * side, row * side + 32)
      after.fill(0.9, row * side, row * side + 32)
    }
    const found = registerTile(correlator, before, { values: after, mask })
    expectNear(found, 0.6, -0.3)
  })

  it('finds nothing to hold on to under clouds or on a field without contrast', () => {
    const cloudy = { values: before.values, mask: new Uint8Array(side * side).fill(maskCodes.cloud, 0, 2100) }
    expect(registerTile(correlator, before, cloudy)).toBeUndefined()
    expect(registerTile(correlator, before, clear(new Float32Array(side * side).fill(0.3)))).toBeUndefined()
  })

  it('of a whole pair gives the shift, what is left of it and how many tiles agree', () => {
    const size = { width: 140, height: 132 }
    const [first, second] = [ground.sample(140, 132), ground.sample(140, 132, 1.3, -0.45)]
    const verdict = expectShift(registerBands(clear(first), clear(second), size), 1.3, -0.45)
    expect(verdict).toMatchObject({ tiles: 9, tiles_measured: 9, is_shifted: true })
    expect(verdict.residual_px).toBeLessThan(0.05)
    const still = expectShift(registerBands(clear(first), clear(first), size), 0, 0, 1e-6)
    expect(still.is_shifted).toBe(false)
  })

  it('holds where half of what is seen has changed: the shift of what stayed is found to a fifth of a pixel', () => {
    const size = { width: 200, height: 200 }
    const [stayed, before_only, after_only] = [41, 42, 43].map((seed) => patches(seed, 200, 200))
    const mixed = (one: Float32Array, other: Float32Array) => clear(one.map((value, i) => (value + other[i]!) / 2))
    const pair = [mixed(stayed!(), before_only!()), mixed(stayed!(-0.8, 1.6), after_only!())] as const
    const verdict = expectShift(registerBands(...pair, size), -0.8, 1.6, 0.2)
    // Least squares, which large patches draw aside, would agree less.
    expect(verdict.method).toBe('phase')
    expect(verdict.residual_px).toBeGreaterThan(0.05)
  })

  it('does not register other ground, and says that nothing correlates', () => {
    const size = { width: 132, height: 132 }
    const other = landscape(8, 60, 3).sample(132, 132)
    const verdict = registerBands(clear(ground.sample(132, 132)), clear(other), size)
    expect(verdict).toMatchObject({ outcome: 'cannot_tell', reasons: [{ code: 'no_correlation', tiles_needed: 5 }] })
  })

  it('refuses a picture under 64 pixels across', () => {
    const size = { width: 63, height: 200 }
    const band = clear(new Float32Array(63 * 200))
    expect(registerBands(band, band, size)).toMatchObject({
      outcome: 'cannot_tell',
      reasons: [{ code: 'picture_too_small', side_least_px: 64 }],
    })
  })
})

describe('the verdict over tiles', () => {
  const tile = (col: number, row = 0, psr = 50): TileResult => {
    const shift = { shift_col_px: col, shift_row_px: row }
    return { psr, phase: shift, least_squares: shift }
  }

  it('is the median shift; one tile that strayed is left out of what is left', () => {
    const verdict = judgeRegistration([...[0.4, 0.5, 0.5, 0.6].map((x) => tile(x)), tile(0.5, 4), tile(0.5)])
    expect(verdict).toMatchObject({ shift_col_px: 0.5, shift_row_px: 0, tiles: 5, tiles_measured: 6 })
    // Distances 0.1, 0, 0, 0.1, 0: the root of 0.02 / 5.
    expect(verdict.outcome === 'registered' && verdict.residual_px).toBeCloseTo(Math.sqrt(0.004), 12)
  })

  it('follows the way on which the tiles agree better, and says which', () => {
    const both = (phase: number, least_squares: number | undefined): TileResult => ({
      psr: 20,
      phase: { shift_col_px: phase, shift_row_px: 0 },
      least_squares: least_squares === undefined ? undefined : { shift_col_px: least_squares, shift_row_px: 0 },
    })
    const fine = judgeRegistration([both(0.9, 1), both(1, 1), both(1.2, 1.02)])
    expect(fine).toMatchObject({ method: 'least_squares', shift_col_px: 1 })
    const changed = judgeRegistration([both(0.95, 0.2), both(1, undefined), both(1.05, 1.9)])
    expect(changed).toMatchObject({ method: 'phase', shift_col_px: 1 })
    const strayed = judgeRegistration([both(0.9, undefined), both(1, undefined), both(1.1, undefined)])
    expect(strayed).toMatchObject({ method: 'phase', shift_col_px: 1 })
  })

  it('is "cannot tell" when tiles disagree, when too few are found, or when the shift is over five pixels', () => {
    const codes = (tiles: (TileResult | undefined)[]) => {
      const verdict = judgeRegistration(tiles)
      return verdict.outcome === 'cannot_tell' ? verdict.reasons.map(({ code }) => code) : verdict.outcome
    }
    expect(codes([0, 1, 2, 3, 4, 5].map((x) => tile(x)))).toEqual(['tiles_disagree'])
    expect(codes([tile(0), tile(0), undefined, undefined, undefined, tile(0, 0, 5)])).toEqual(['no_correlation'])
    expect(codes([tile(4, 4), tile(4, 4), tile(4, 4)])).toEqual(['shift_too_large'])
    expect(codes([])).toEqual(['no_correlation'])
  })
})

describe('the layout of tiles', () => {
  it('has nine to sixteen, the largest that fit, all on the picture and reaching its corners', () => {
    for (const [width, height, side, count] of [
      [10_980, 10_980, 256, 16],
      [520, 900, 256, 9],
      [300, 200, 64, 12],
      [64, 64, 32, 9],
    ] as const) {
      const layout = registrationTiles({ width, height })!
      expect([layout.side, layout.tiles.length], `${width} × ${height}`).toEqual([side, count])
      expect(layout.tiles.every((t) => t.col >= 0 && t.row >= 0)).toBe(true)
      expect(Math.max(...layout.tiles.map((t) => t.col + t.width))).toBe(width)
      expect(Math.max(...layout.tiles.map((t) => t.row + t.height))).toBe(height)
    }
  })

  it('of a small polygon takes in its surroundings', () => {
    const layout = registrationTiles({ width: 1000, height: 1000 }, { col: 980, row: 500, width: 20, height: 20 })!
    expect(layout.side).toBe(128)
    expect(Math.min(...layout.tiles.map((t) => t.col))).toBe(744)
    expect(Math.max(...layout.tiles.map((t) => t.col + t.width))).toBe(1000)
  })
})
