import { describe, expect, it } from 'vitest'
import { detectAnomalies, type Anomaly } from './anomalies.ts'
import { runTrial, scoreTrials, trialAssets, TRIAL_FROM_MS, watchPlant } from './anomaly-trial.ts'
import { watchOf } from './anomaly-watch.ts'
import type { FaultKind, PlantFault } from './simulate.ts'

const HOUR_MS = 3_600_000
const fault = (kind: FaultKind, sensor_id: string, day: number, hour: number, hours: number): PlantFault => {
  const from_ms = TRIAL_FROM_MS + (24 * day + hour) * HOUR_MS
  return { kind, sensor_id, from_ms, to_ms: from_ms + hours * HOUR_MS }
}
const told = (anomalies: readonly Anomaly[], asset_id: string) =>
  anomalies.filter((each) => each.asset_id === asset_id).map(({ type, cause }) => [type, cause])

describe('detection on a simulated plant', () => {
  // Two plants hold all ten kinds, each fault on a device or a day of its own.
  const one = runTrial(
    41,
    [
      fault('inverter_trip', 'inv-1', 15, 10, 5),
      fault('night_generation', 'inv-1', 17, 22, 5),
      fault('soiling', 'inv-2', 15, 0, 312),
      fault('silence', 'bat-1', 18, 3, 6),
      fault('meter_reset', 'grid', 19, 12, 1),
      fault('load_surge', 'load', 22, 13, 4),
    ],
    28,
  )
  const two = runTrial(
    42,
    [
      fault('string_loss', 'inv-1', 15, 9, 30),
      fault('stuck_sensor', 'load', 17, 10, 6),
      fault('spike', 'load', 20, 11, 1),
      fault('bearing_wear', 'wind', 15, 0, 300),
    ],
    28,
  )
  const { by_kind } = scoreTrials([one, two])

  it.each<[FaultKind, number]>([
    ['inverter_trip', 1],
    ['night_generation', 1],
    ['soiling', 168],
    ['silence', 1],
    ['meter_reset', 0.5],
    ['load_surge', 1],
    ['string_loss', 1],
    ['stuck_sensor', 1.5],
    ['spike', 0.5],
    ['bearing_wear', 144],
  ])('finds %s within %d hours', (kind, hours_max) => {
    const score = by_kind.get(kind)
    expect(score).toMatchObject({ faults: 1, found: 1 })
    expect((score?.delays_ms[0] ?? NaN) / HOUR_MS).toBeLessThanOrEqual(hours_max)
  })

  it('says what it is and why', () => {
    expect(told(one.anomalies, 'inv-1')).toEqual([
      ['power_drop', 'stopped'],
      ['night_generation', 'power_without_sun'],
    ])
    expect(told(one.anomalies, 'inv-2')).toContainEqual(['underperformance', 'gradual_loss'])
    expect(told(two.anomalies, 'inv-1')).toContainEqual(['power_drop', 'constant_share_missing'])
    const wear = two.anomalies.find(({ asset_id }) => asset_id === 'wind')
    expect(wear).toMatchObject({ type: 'unusual_combination', measure: 'vibration_rms_mm_per_s' })
  })

  it('counts what a trip cost in energy and, slot by slot at the tariff, in money', () => {
    const trip = one.anomalies.find(({ type }) => type === 'power_drop')
    const healthy = watchPlant(41, one.faults.slice(1), 28)
    const made = healthy.series.find(
      ({ asset_id, measure }) => asset_id === 'inv-1' && measure === 'generation_power_kw',
    )
    const first = (15 * 24 + 10) * 4
    const truth_kwh = [...(made?.mean.subarray(first, first + 20) ?? [])].reduce((sum, kw) => sum + kw / 4, 0)
    expect(trip?.value).toBe(0)
    expect(trip?.deviation).toBe(-100)
    expect(Math.abs((trip?.loss.energy_kwh ?? NaN) / truth_kwh - 1)).toBeLessThan(0.05)
    // Between what is paid for feeding in and the price by day.
    const price = (trip?.loss.money ?? NaN) / (trip?.loss.energy_kwh ?? NaN)
    expect(price).toBeGreaterThanOrEqual(0.06)
    expect(price).toBeLessThanOrEqual(0.19)
  })

  it('tells of one window once, with what every detector said of it', () => {
    const stuck = two.anomalies.filter(({ asset_id, type }) => asset_id === 'load' && type === 'stuck_value')
    expect(stuck).toHaveLength(1)
    expect(stuck[0]?.evidence.map(({ method }) => method)).toContain('energy_balance')
  })

  it('raises no storm on healthy plants: within the budget of two a week', () => {
    const { anomalies, weeks } = scoreTrials([51, 52, 53].map((seed) => runTrial(seed, [], 28)))
    expect(anomalies / weeks).toBeLessThanOrEqual(2)
  })

  it('does not see the future: a history cut short tells the same of its time', () => {
    const cut = detectAnomalies(watchPlant(42, two.faults, 16)).anomalies
    const whole = detectAnomalies(two.watch).anomalies
    const end_ms = TRIAL_FROM_MS + 16 * 24 * HOUR_MS
    const starts = (anomalies: readonly Anomaly[]) =>
      anomalies.filter(({ found_ms }) => found_ms <= end_ms).map(({ from_ms, type }) => [from_ms, type])
    expect(starts(cut)).toEqual(starts(whole))
    expect(cut.length).toBeGreaterThan(0)
  })
})

describe('silence', () => {
  it('of a whole site is one anomaly, told after six hours, and severe by how long it lasts', () => {
    const { series, ...watch } = watchPlant(3, [], 3)
    const cut = series.map((each) => ({ ...each, mean: each.mean.map((value, i) => (i < 240 ? value : NaN)) }))
    const { anomalies } = detectAnomalies({ ...watch, series: cut })
    expect(anomalies.map(({ type, asset_id }) => [type, asset_id])).toEqual([['silence', null]])
    expect(anomalies[0]).toMatchObject({ is_open: true, found_ms: TRIAL_FROM_MS + 66 * HOUR_MS, value: null })
  })
})

describe('a site of which little is known', () => {
  it('is told what is missing, detector by detector, instead of a guess', () => {
    const { judged, anomalies } = detectAnomalies(watchPlant(1, [], 2))
    expect(anomalies).toEqual([])
    const waiting = judged.filter(({ slots_judged }) => slots_judged === 0)
    expect(waiting.map(({ method }) => method)).toEqual(
      expect.arrayContaining(['seasonal_residual', 'isolation_forest']),
    )
    for (const { needs } of waiting) expect(needs).not.toBeNull()
  })

  it('without any reading has nothing judged and nothing found', () => {
    const site = { latitude: 0, longitude: 0, time_zone: 'UTC', tariff: null, assets: trialAssets }
    const span = { from_ms: TRIAL_FROM_MS, to_ms: TRIAL_FROM_MS + 24 * HOUR_MS, slot_s: 900 }
    const { judged, anomalies } = detectAnomalies(watchOf(site, span, []))
    expect(anomalies).toEqual([])
    expect(judged.every(({ slots_judged }) => slots_judged === 0)).toBe(true)
  })
})
