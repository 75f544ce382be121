import { describe, expect, it } from 'vitest'
import { measures } from '../telemetry/measures.ts'
import { readReading } from '../telemetry/reading.ts'
import { Asset } from './contract.ts'
import { simulateSite, type PlantFault, type Scenario, type SentReading } from './simulate.ts'
import { clearSkyPower_kw, sunAt } from './sun.ts'

const HOUR_MS = 3_600_000
const from_ms = Date.parse('2026-06-01T00:00:00Z')

const assets = [
  { asset_id: 'inv-1', name: 'Inverter', kind: 'pv_inverter', rated_kw: 120, sensor_ids: ['inv-1'] },
  {
    asset_id: 'bat-1',
    name: 'Battery',
    kind: 'battery',
    capacity_kwh: 200,
    charge_kw_max: 60,
    discharge_kw_max: 60,
    sensor_ids: ['bat-1'],
  },
  { asset_id: 'grid', name: 'Grid', kind: 'meter', role: 'grid', sensor_ids: ['grid'] },
  { asset_id: 'load', name: 'Load', kind: 'meter', role: 'load', sensor_ids: ['load'] },
  { asset_id: 'wind', name: 'Turbine', kind: 'turbine', rated_kw: 50, sensor_ids: ['wind'] },
].map((asset) => Asset.parse(asset))

const scenario = (changes: Partial<Scenario> = {}): Scenario => ({
  plant: { latitude: 43.6, longitude: 3.88, time_zone: 'Europe/Paris', assets, load_kw: 90 },
  seed: 7,
  from_ms,
  to_ms: from_ms + 3 * 24 * HOUR_MS,
  step_s: 900,
  faults: [],
  ...changes,
})
const play = (changes: Partial<Scenario> = {}) => [...simulateSite(scenario(changes))]
const of = (steps: ReturnType<typeof play>, sensor_id: string) =>
  steps.flatMap(({ at_ms, readings }) =>
    readings.filter((each) => each.sensor_id === sensor_id).map(({ measurements }) => ({ at_ms, measurements })),
  )
const fault = (kind: PlantFault['kind'], sensor_id: string, from_h: number, to_h: number): PlantFault => ({
  kind,
  sensor_id,
  from_ms: from_ms + from_h * HOUR_MS,
  to_ms: from_ms + to_h * HOUR_MS,
})

describe('a simulated site', () => {
  const steps = play()

  it('plays the same under the same seed, and otherwise under another', () => {
    expect(play()).toEqual(steps)
    expect(play({ seed: 8 })).not.toEqual(steps)
  })

  it('sends readings that are taken in as they are, and marked', () => {
    for (const { readings } of steps.slice(40, 50)) {
      for (const reading of readings) {
        const read = readReading(reading)
        expect(read).toMatchObject({ reading: { simulated: true } })
        for (const [measure, value] of Object.entries((reading as SentReading).measurements)) {
          const [low, high] = measures.get(measure)?.range ?? [NaN, NaN]
          expect(value).toBeGreaterThanOrEqual(low)
          expect(value).toBeLessThanOrEqual(high)
        }
      }
    }
  })

  it('makes no sun at night, and never more than a sky without clouds allows', () => {
    for (const { at_ms, measurements } of of(steps, 'inv-1')) {
      const power_kw = measurements.generation_power_kw ?? NaN
      if (sunAt(at_ms, 43.6, 3.88).elevation_deg < 0) expect(power_kw).toBe(0)
      expect(power_kw).toBeLessThanOrEqual(1.05 * clearSkyPower_kw({ rated_kw: 120 }, at_ms, 43.6, 3.88) + 1)
    }
  })

  it('keeps energy: what is used comes from the sun, the battery or the grid', () => {
    for (const { readings } of steps) {
      const value = (sensor_id: string, measure: string) =>
        readings.find((each) => each.sensor_id === sensor_id)?.measurements[measure] ?? NaN
      const made = value('inv-1', 'generation_power_kw') + value('wind', 'generation_power_kw')
      const supplied = made + value('bat-1', 'battery_power_kw') + value('grid', 'grid_power_kw')
      const used = value('load', 'load_power_kw')
      // Each of four instruments is right to about a percent.
      expect(Math.abs(supplied - used)).toBeLessThan(
        0.02 * (Math.abs(used) + value('inv-1', 'generation_power_kw') + 60),
      )
      const charge = value('bat-1', 'state_of_charge_percent')
      expect(charge).toBeGreaterThan(9)
      expect(charge).toBeLessThanOrEqual(100)
    }
  })

  it('has counters that only grow, until one is reset', () => {
    const grows = of(steps, 'grid').map(({ measurements }) => measurements.import_energy_kwh ?? NaN)
    expect(grows.every((value, i) => i === 0 || value >= (grows[i - 1] ?? 0))).toBe(true)
    const reset = of(play({ faults: [fault('meter_reset', 'grid', 30, 31)] }), 'grid')
    const at = reset.findIndex(({ at_ms }) => at_ms === from_ms + 30 * HOUR_MS)
    expect(reset[at]?.measurements.import_energy_kwh).toBeLessThan(100)
    expect(reset[at - 1]?.measurements.import_energy_kwh).toBeGreaterThan(10_000)
  })

  it('uses more on a working day than on a Sunday', () => {
    const week = of(play({ to_ms: from_ms + 7 * 24 * HOUR_MS }), 'load')
    const total = (day: number) =>
      week
        .filter(({ at_ms }) => Math.floor((at_ms - from_ms) / (24 * HOUR_MS)) === day)
        .reduce((sum, { measurements }) => sum + (measurements.load_power_kw ?? 0), 0)
    // The 1st of June 2026 is a Monday.
    expect(total(1)).toBeGreaterThan(1.5 * total(6))
  })
})

describe('a fault', () => {
  const noon = (steps: ReturnType<typeof play>, sensor_id: string, measure: string) =>
    of(steps, sensor_id).find(({ at_ms }) => at_ms === from_ms + 36 * HOUR_MS)?.measurements[measure] ?? NaN
  const healthy = play()

  it.each([
    ['inverter_trip', 'inv-1', 'generation_power_kw', (now: number) => now === 0],
    ['string_loss', 'inv-1', 'generation_power_kw', (now: number, was: number) => now > 0.6 * was && now < 0.8 * was],
    ['soiling', 'inv-1', 'generation_power_kw', (now: number, was: number) => now < 0.95 * was],
    ['load_surge', 'load', 'load_power_kw', (now: number, was: number) => now > was + 40],
    ['bearing_wear', 'wind', 'vibration_rms_mm_per_s', (now: number, was: number) => now > was + 0.5],
  ] as const)('%s shows where it should', (kind, sensor_id, measure, shows) => {
    const now = noon(play({ faults: [fault(kind, sensor_id, 12, 60)] }), sensor_id, measure)
    expect(shows(now, noon(healthy, sensor_id, measure))).toBe(true)
  })

  it('of the sensor shows in what is sent, and in nothing else', () => {
    const silent = play({ faults: [fault('silence', 'grid', 30, 40)] })
    expect(of(silent, 'grid')).toHaveLength(of(healthy, 'grid').length - 40)
    expect(of(silent, 'inv-1')).toEqual(of(healthy, 'inv-1'))
    const stuck = of(play({ faults: [fault('stuck_sensor', 'load', 30, 40)] }), 'load')
    const values = stuck
      .filter(({ at_ms }) => at_ms >= from_ms + 30 * HOUR_MS && at_ms < from_ms + 40 * HOUR_MS)
      .map(({ measurements }) => measurements.load_power_kw)
    expect(new Set(values).size).toBe(1)
    const night = play({ faults: [fault('night_generation', 'inv-1', 46, 50)] })
    const at_midnight = of(night, 'inv-1').find(({ at_ms }) => at_ms === from_ms + 48 * HOUR_MS)
    expect(at_midnight?.measurements.generation_power_kw).toBe(4.2)
    const spiked = of(play({ faults: [fault('spike', 'load', 36, 37)] }), 'load')
    expect(spiked.find(({ at_ms }) => at_ms === from_ms + 36 * HOUR_MS)?.measurements.load_power_kw).toBeGreaterThan(
      300,
    )
  })
})
