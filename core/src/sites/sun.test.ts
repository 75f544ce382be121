import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clearSkyGlobal_w_per_m2,
  clearSkyPower_kw,
  planeIrradiance_w_per_m2,
  planeOf,
  solarPower_kw,
  sunAt,
} from './sun.ts'

describe('the sun', () => {
  it('stands where the almanac says', () => {
    // At the solstice the sun is 23.44° north: at Greenwich (51.48° N) it culminates at 90 - 51.48 + 23.44 = 61.96°.
    const noon = sunAt(Date.parse('2026-06-21T12:02:00Z'), 51.4769, 0)
    expect(noon.elevation_deg).toBeCloseTo(61.96, 1)
    expect(Math.abs(noon.azimuth_deg - 180)).toBeLessThan(1)
    // On the equator at the equinox it is overhead at noon and on the horizon six hours later.
    expect(sunAt(Date.parse('2026-03-20T12:07:00Z'), 0, 0).elevation_deg).toBeGreaterThan(89)
    expect(Math.abs(sunAt(Date.parse('2026-03-20T18:07:00Z'), 0, 0).elevation_deg)).toBeLessThan(1)
    expect(sunAt(Date.parse('2026-12-21T00:00:00Z'), 51.4769, 0).elevation_deg).toBeLessThan(-50)
  })

  it('gives nothing at night and about a thousand watts per square metre overhead', () => {
    expect(clearSkyGlobal_w_per_m2({ elevation_deg: -1, azimuth_deg: 0 })).toBe(0)
    // 1098 · exp(-0.057)
    expect(clearSkyGlobal_w_per_m2({ elevation_deg: 90, azimuth_deg: 0 })).toBeCloseTo(1037.16, 1)
  })
})

describe('a plane', () => {
  it('that lies flat gets what the ground gets', () => {
    const elevation = fc.double({ min: 2, max: 90, noNaN: true })
    fc.assert(
      fc.property(elevation, fc.double({ min: 1, max: 1100, noNaN: true }), (elevation_deg, global) => {
        const flat = planeIrradiance_w_per_m2(
          global,
          { elevation_deg, azimuth_deg: 120 },
          { tilt_deg: 0, azimuth_deg: 0 },
        )
        expect(flat).toBeCloseTo(global, 6)
      }),
    )
  })

  it('that faces a low sun gets more, and one that turns its back gets less', () => {
    const sun = { elevation_deg: 25, azimuth_deg: 180 }
    const facing = planeIrradiance_w_per_m2(400, sun, { tilt_deg: 60, azimuth_deg: 180 })
    const turned = planeIrradiance_w_per_m2(400, sun, { tilt_deg: 60, azimuth_deg: 0 })
    expect(facing).toBeGreaterThan(500)
    expect(turned).toBeLessThan(200)
  })
})

describe('a solar plant', () => {
  it('does its rated power times the losses of the system at standard test conditions', () => {
    // 1000 W/m² on modules at 25 °C: air 31.25 K colder.
    expect(solarPower_kw({ rated_kw: 100 }, 1000, 25 - 31.25)).toBeCloseTo(86, 9)
    expect(solarPower_kw({ rated_kw: 100, temperature_coefficient_per_k: -0.004 }, 1000, 25)).toBeCloseTo(86 * 0.875, 9)
  })

  it('can do nothing at night', () => {
    expect(clearSkyPower_kw({ rated_kw: 100 }, Date.parse('2026-06-21T23:00:00Z'), 45, 5)).toBe(0)
  })

  it('looks to the equator unless it says otherwise', () => {
    expect(planeOf({ rated_kw: 1 }, 45)).toEqual({ tilt_deg: 30, azimuth_deg: 180 })
    expect(planeOf({ rated_kw: 1 }, -33)).toEqual({ tilt_deg: 22, azimuth_deg: 0 })
    expect(planeOf({ rated_kw: 1, tilt_deg: 5, azimuth_deg: 90 }, 45)).toEqual({ tilt_deg: 5, azimuth_deg: 90 })
  })
})
