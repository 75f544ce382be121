import { describe, expect, it } from 'vitest'
import { canTeach, classError_kw, classOf, fitClass, predictClass } from './forecast-class.ts'
import type { Component } from './forecast-component.ts'
import { componentFor } from './forecast-limits.ts'

const DAY = 24
const START_MS = Date.UTC(2026, 2, 2)
const place = { latitude: 45, longitude: 0, time_zone: 'UTC', assets: [] }

/** A load of this mean, half at night and one and a half by day, seen hour by hour. */
function load(days: number, mean_kw: number, swing = 0.5): Component {
  const values = Float64Array.from({ length: days * DAY }, (_, slot) =>
    slot % DAY >= 6 && slot % DAY < 18 ? mean_kw * (1 + swing) : mean_kw * (1 - swing),
  )
  return componentFor(place, 'load', values, { start_ms: START_MS, slot_s: 3_600, weather: {}, notes: [] })
}

const small = { site_id: 'a', component: load(20, 10) }
const large = { site_id: 'b', component: load(20, 1_000) }
const flat = { site_id: 'c', component: load(20, 50, 0.25) }

describe('a class of sites', () => {
  it('is told by the assets: loads by what stands behind them, gensets by nobody', () => {
    const hvac = { asset_id: 'h', name: 'h', sensor_ids: [], kind: 'hvac' as const, rated_kw: 5 }
    const genset = {
      asset_id: 'g',
      name: 'g',
      sensor_ids: [],
      kind: 'genset' as const,
      rated_kw: 5,
      fuel_l_per_kwh: 0.28,
    }
    expect(classOf([hvac], 'load')).toBe('load-hvac')
    expect(classOf([], 'solar')).toBeNull()
    expect(classOf([genset], 'other')).toBeNull()
  })

  it('learns the course of the day whatever the size, and gives it the size that a first day shows', () => {
    const model = fitClass('load', [small, large])
    const said = predictClass(model, load(1, 200), DAY)
    expect(said?.point_kw[3]).toBeCloseTo(100, 6)
    expect(said?.point_kw[12]).toBeCloseTo(300, 6)
    expect(classError_kw(model, load(5, 200))).toBeCloseTo(0, 6)
    expect(model).toMatchObject({ site_ids: ['a', 'b'], error: expect.closeTo(0, 9) })
  })

  it('has a band as wide as its sites differ: the worst one, left out, sets it', () => {
    const alike = fitClass('load', [small, large])
    const unlike = fitClass('load', [small, large, flat])
    const width = (model: typeof alike) => {
      const band = predictClass(model, load(1, 200), DAY)?.band95[12]
      return (band?.upper ?? 0) - (band?.lower ?? 0)
    }
    expect(width(alike)).toBeLessThan(1e-6)
    // The flat one is a quarter of its mean off what the two others do.
    expect(width(unlike)).toBeGreaterThanOrEqual(2 * 0.25 * 200 - 1e-6)
    expect(unlike.spread).toBeGreaterThan(0)
  })

  it('says nothing of a load whose size nobody has seen, and learns from no short or holey past', () => {
    expect(predictClass(fitClass('load', [small, large]), load(0, 1), DAY)).toBeNull()
    expect(canTeach(load(13, 5))).toBe(false)
    const holey = load(20, 5)
    holey.values.fill(Number.NaN, 10 * DAY, 18 * DAY)
    expect(canTeach(holey)).toBe(false)
    expect(canTeach(load(20, 5))).toBe(true)
  })
})
