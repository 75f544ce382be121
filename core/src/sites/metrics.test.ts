import { describe, expect, it } from 'vitest'
import { metricsOf, type SiteSlots } from './metrics.ts'
import { Tariff } from './tariff.ts'

const site = { latitude: 43.6, longitude: 3.88, time_zone: 'UTC', tariff: null }
const noon_ms = Date.parse('2026-06-21T11:00:00Z')
const of = (...values: number[]) => Float64Array.from(values)
const slots = (changes: Partial<SiteSlots> = {}): SiteSlots => ({
  from_ms: noon_ms,
  to_ms: noon_ms + 3_600_000,
  slot_s: 900,
  generation_kw: of(100, 100, 100, 100),
  load_kw: of(60, 60, 60, 60),
  import_kwh: of(0, 0, 0, 0),
  export_kwh: of(10, 10, 10, 10),
  battery_kw: null,
  grid_intensity_g_per_kwh: null,
  inverters: [
    {
      asset_id: 'a',
      plant: { rated_kw: 125 },
      generation_kw: of(100, 100, 100, 100),
      irradiance_w_per_m2: of(1000, 1000, 1000, 1000),
    },
  ],
  ...changes,
})

describe('the figures of a site', () => {
  it('follow from what was made, used, drawn and fed in', () => {
    const metrics = metricsOf(slots(), site)
    expect(metrics.energy.generation_kwh).toEqual({ value: 100, coverage: 1 })
    expect(metrics.energy.load_kwh.value).toBe(60)
    expect(metrics.self_consumption.value).toBeCloseTo(0.6, 12)
    expect(metrics.self_sufficiency.value).toBe(1)
    expect(metrics.performance_ratio.value).toBeCloseTo(0.8, 12)
    expect(metrics.availability.value).toBe(1)
  })

  it('leave out what was not measured, and say over how much of the time they speak', () => {
    const metrics = metricsOf(slots({ generation_kw: of(100, NaN, 100, NaN), export_kwh: of(10, 10, NaN, 10) }), site)
    expect(metrics.energy.generation_kwh).toEqual({ value: 50, coverage: 0.5 })
    expect(metrics.self_consumption).toEqual({ value: expect.closeTo(0.6, 12), coverage: 0.25 })
  })

  it('are not told where they cannot be, with the reason', () => {
    const nothing = of(NaN, NaN, NaN, NaN)
    const metrics = metricsOf(
      slots({ generation_kw: nothing, load_kw: nothing, import_kwh: nothing, export_kwh: nothing, inverters: [] }),
      site,
    )
    expect(metrics.energy.load_kwh).toEqual({ value: null, coverage: 0, reason: 'Nothing was measured.' })
    expect(metrics.performance_ratio.reason).toContain('No irradiance')
    expect(metrics.availability.reason).toBe('There is no inverter.')
    expect(metrics.emissions_hourly_kg_co2e.reason).toContain('intensity')
    expect(metrics.energy.battery_charge_kwh.reason).toBe('There is no battery.')
    expect(metrics.cost).toBeNull()
  })

  it('take load to be what is left where it has no meter of its own', () => {
    const metrics = metricsOf(slots({ load_kw: null, import_kwh: of(5, 0, 0, 0), battery_kw: of(0, -20, 20, 0) }), site)
    // 100 made; 40 fed in, 5 drawn; what the battery took it gave back.
    expect(metrics.energy.load_kwh.value).toBeCloseTo(65, 9)
    expect(metrics.energy.battery_charge_kwh.value).toBe(5)
    expect(metrics.energy.battery_discharge_kwh.value).toBe(5)
  })

  it('count an inverter that is silent in daylight as not available', () => {
    const inverters = [
      { asset_id: 'a', plant: { rated_kw: 125 }, generation_kw: of(100, 0, NaN, 100), irradiance_w_per_m2: null },
    ]
    expect(metricsOf(slots({ inverters }), site).availability.value).toBe(0.5)
    const at_night = slots({ inverters, from_ms: Date.parse('2026-06-21T00:00:00Z') })
    expect(metricsOf(at_night, site).availability).toMatchObject({ value: null, reason: 'There was no daylight.' })
  })

  it('weigh import by the intensity of its hour, and price it', () => {
    const tariff = Tariff.parse({ currency: 'EUR', price_per_kwh: 0.2, export_price_per_kwh: 0.1 })
    const metrics = metricsOf(slots({ import_kwh: of(10, 0, 0, 20), grid_intensity_g_per_kwh: of(50, 50, 100, 100) }), {
      ...site,
      tariff,
    })
    expect(metrics.emissions_hourly_kg_co2e.value).toBeCloseTo(0.5 + 2, 12)
    expect(metrics.cost?.total).toBeCloseTo(30 * 0.2 - 40 * 0.1, 12)
    expect(metrics.peak_import_kw.value).toBe(80)
  })
})
