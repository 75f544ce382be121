import { describe, expect, it } from 'vitest'
import { randomOf } from '../learn/random.ts'
import { Asset } from './contract.ts'
import { datesHeld, heldClasses } from './maintenance-coverage.ts'
import type { AssetHistory } from './maintenance-history.ts'
import { indicatorKinds } from './maintenance-indicators.ts'
import { assessIndicator } from './maintenance-trend.ts'
import { healthOf, type AssetHealth, type MaintainedAsset } from './maintenance.ts'
import type { PlantFault } from './simulate.ts'
import { simulatedHistories } from './testing-maintenance.ts'

const DAY_MS = 86_400_000
const from_ms = Date.parse('2026-02-01T00:00:00Z')

const assets = [
  { asset_id: 'inv', name: 'Inverter', kind: 'pv_inverter', rated_kw: 120, sensor_ids: ['inv'] },
  { asset_id: 'wind', name: 'Turbine', kind: 'turbine', rated_kw: 50, sensor_ids: ['wind'] },
].map((asset) => Asset.parse(asset))
const batteries = [
  {
    asset_id: 'bat',
    name: 'Battery',
    kind: 'battery',
    capacity_kwh: 200,
    charge_kw_max: 60,
    discharge_kw_max: 60,
    sensor_ids: ['bat'],
  },
].map((asset) => Asset.parse(asset))
const seeds = [1, 2, 3, 4, 5, 6, 7, 8]

const after = (days: number) => from_ms + days * DAY_MS
const fault = (kind: PlantFault['kind'], sensor_id: string, from_day: number, to_day: number): PlantFault => ({
  kind,
  sensor_id,
  from_ms: after(from_day),
  to_ms: after(to_day),
})

/** The assets of the plant as they are found after so many days. */
function looked(seed: number, days: number, faults: readonly PlantFault[] = []): Map<string, AssetHealth> {
  const plant = { latitude: 43.6, longitude: 3.88, time_zone: 'Europe/Paris', assets, load_kw: 90 }
  const histories = simulatedHistories({ plant, seed, from_ms, to_ms: after(days), step_s: 3_600, faults })
  return new Map(
    [...histories].map(([id, history]) => [
      id,
      healthOf(history as AssetHistory & { asset: MaintainedAsset }, { now_ms: after(days) }),
    ]),
  )
}

describe('the health of assets', () => {
  it('of plants in good order is good, without a date, whatever the weather was', () => {
    for (const seed of seeds)
      for (const { status, moved, confidence } of looked(seed, 160).values())
        expect({ seed, status, moved, confidence }).toEqual({ seed, status: 'healthy', moved: null, confidence: null })
  })

  it('says with three weeks of readings that these are too few, and how many are missing', () => {
    for (const { status, moved, indicators } of looked(1, 21).values()) {
      expect([status, moved]).toEqual(['insufficient_evidence', null])
      for (const { health } of indicators) expect(health.missing_count).toBeGreaterThan(0)
    }
  })

  it('finds a bearing that wears out, and the limit is reached between p10 and p90 in four plants of five', () => {
    // 2.04 mm/s and 9 more times the square of the wear: 7.1 at three quarters of 160 days.
    const truth_ms = after(50 + 0.75 * 160)
    const found = seeds
      .slice(0, 5)
      .map((seed) => looked(seed, 140, [fault('bearing_wear', 'wind', 50, 210)]).get('wind'))
    const vibrations = found.map((health) => health?.indicators.find(({ id }) => id === 'vibration')?.health)
    for (const health of vibrations) {
      expect(['degrading', 'act_now']).toContain(health?.status)
      expect(health?.onset?.at_ms).toBeGreaterThan(after(50))
      expect(health?.onset?.noticed_ms).toBeLessThan(after(85))
    }
    const held = vibrations.filter(
      (health) => health?.date && health.date.p10_ms <= truth_ms && truth_ms <= (health.date.p90_ms ?? Infinity),
    )
    expect(held.length).toBeGreaterThanOrEqual(4)
  })

  it('finds dirt by the yield, and forgets it when the rain has taken it', () => {
    const dirty = looked(3, 130, [fault('soiling', 'inv', 60, 240)]).get('inv')
    expect(dirty?.moved?.id).toBe('yield')
    expect(dirty?.moved?.health.date).not.toBeNull()
    expect(dirty?.confidence).toBe(
      heldClasses.yield?.findLast((each) => each.from_progress <= (dirty?.moved?.health.progress ?? 0)),
    )
    const washed = looked(3, 150, [fault('soiling', 'inv', 60, 120)]).get('inv')
    expect(washed?.status).toBe('healthy')
    expect(washed?.indicators[0]?.health.recovered).toHaveLength(1)
  })

  it('finds a battery that fades by its swings of charge', () => {
    const plant = {
      latitude: 43.6,
      longitude: 3.88,
      time_zone: 'Europe/Paris',
      assets: [...assets.slice(0, 1), ...batteries],
      // Less than the sun gives at noon: the battery is filled by day and emptied by night.
      load_kw: 50,
    }
    const faults = [fault('battery_fade', 'bat', 60, 180)]
    const history = simulatedHistories({ plant, seed: 4, from_ms, to_ms: after(110), step_s: 900, faults }, 900).get(
      'bat',
    )
    const health = healthOf(history as AssetHistory & { asset: MaintainedAsset }, { now_ms: after(110) })
    const capacity = health.indicators.find(({ id }) => id === 'capacity')?.health
    // Two fifths of the capacity are lost within 120 days: after 48 of them 16 %.
    expect(capacity?.now).toBeCloseTo(0.84, 1)
    expect(capacity).toMatchObject({ limit: 0.8, missing_count: 0 })
    expect(['degrading', 'act_now']).toContain(capacity?.status)
    expect(health.moved?.id).toBe('capacity')
  })

  it('gives no date to what broke at once and then stays as it is', () => {
    const lost = looked(2, 150, [fault('string_loss', 'inv', 80, 400)]).get('inv')
    expect(lost?.moved).toMatchObject({ id: 'yield', health: { status: 'act_now', date: null, trend: null } })
  })
})

describe('a date', () => {
  const random = randomOf(9)
  /** Kelvins above what is usual, which begin to rise by `per_day` after 40 days. */
  const rising = (days: number, per_day: number) =>
    Array.from({ length: days }, (_, day) => ({
      at_ms: after(day),
      value: Math.max(0, day - 40) * per_day + 0.4 * random.normal(),
    }))
  const assess = (days: number, per_day: number, own_limit?: number) =>
    assessIndicator(indicatorKinds.temperature, rising(days, per_day), { now_ms: after(days), own_limit })

  it('of an even rise lies where the line meets the limit', () => {
    const { date, status } = assess(80, 0.1)
    expect(status).toBe('degrading')
    // 10 K above usual at 0.1 K a day: 100 days after the rise began.
    expect(date?.p10_ms).toBeLessThan(after(140))
    expect(date?.p90_ms ?? Infinity).toBeGreaterThan(after(140))
    expect(Math.abs((date?.p50_ms ?? 0) - after(140))).toBeLessThan(25 * DAY_MS)
  })

  it('is nearer for a limit that is set lower, and is not told of a limit that is passed', () => {
    const [far, near] = [assess(80, 0.1), assess(80, 0.1, 6)]
    expect(near.date?.p50_ms).toBeLessThan(far.date?.p50_ms ?? 0)
    expect(assess(80, 0.1, 2)).toMatchObject({ status: 'act_now', date: null })
  })

  it('is not told without an onset, nor of an indicator that nobody knows the end of', () => {
    expect(assess(200, 0)).toMatchObject({ status: 'healthy', onset: null, date: null })
    const endless = { ...indicatorKinds.temperature, limit: null }
    const { status, onset, date } = assessIndicator(endless, rising(80, 0.1), { now_ms: after(80) })
    expect([status, date, onset !== null]).toEqual(['watch', null, true])
  })

  it('has no confidence where such dates were not counted', () => {
    expect(datesHeld('peer_yield', assess(80, 0.1))).toBeNull()
    expect(datesHeld('yield', assess(200, 0))).toBeNull()
    for (const classes of Object.values(heldClasses))
      for (const { held, dates } of classes) expect(held).toBeLessThanOrEqual(dates)
  })

  it('does not come from one wild day', () => {
    const points = rising(90, 0)
    points[60] = { at_ms: after(60), value: 500 }
    expect(assessIndicator(indicatorKinds.temperature, points, { now_ms: after(90) }).status).toBe('healthy')
  })
})
