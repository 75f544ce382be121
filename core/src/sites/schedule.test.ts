import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adviceOf } from './schedule-advice.ts'
import { idleSchedule, outcomeOf, selfConsumptionSchedule } from './schedule-cost.ts'
import { programmeOf, scheduleOf } from './schedule-model.ts'
import { batteryTasks, pricesOf, runsOf, type ScheduleTask, withoutRuns } from './schedule-task.ts'
import { Tariff } from './tariff.ts'

const HOUR_MS = 3_600_000
const time_zone = 'Europe/Paris'

const base: ScheduleTask = {
  start_ms: Date.UTC(2026, 5, 1),
  slot_s: 3_600,
  load_kw: [10, 10, 10, 10],
  generation_kw: [0, 0, 0, 0],
  import_price: [0.1, 0.1, 0.3, 0.3],
  export_price: [0.05, 0.05, 0.05, 0.05],
  currency: 'EUR',
  emissions_kg_per_kwh: 0.05,
  peaks: [],
  batteries: [],
  shiftable: [],
  import_kw_max: null,
  export_kw_max: null,
}
const battery = {
  asset_id: 'b',
  name: 'B',
  charge_kw_max: 5,
  discharge_kw_max: 5,
  efficiency_one_way: 0.9,
  wear_cost_per_kwh: 0.02,
  least_kwh: 2,
  most_kwh: 20,
  start_kwh: 10,
}

describe('what comes of a schedule', () => {
  it('is billed by hand: energy, feeding in, the peak above what was reached, wear, and filling up again', () => {
    const task: ScheduleTask = {
      ...base,
      generation_kw: [0, 15, 0, 0],
      peaks: [{ month: '2026-06', slots: [0, 1, 2, 3], so_far_kw: 6, charge_per_kw: 2 }],
      batteries: [battery],
    }
    const schedule = { battery_kw: [[0, 0, 4.5, 0]], runs: [], curtailed_kw: [0, 0, 0, 0] }
    const { cost, stored_kwh, import_kw } = outcomeOf(task, schedule)
    expect(import_kw).toEqual([10, 0, 5.5, 10])
    expect(cost.energy).toBeCloseTo(1 + 5.5 * 0.3 + 10 * 0.3, 12)
    expect(cost.export_credit).toBeCloseTo(5 * 0.05, 12)
    expect(cost.demand).toBeCloseTo(4 * 2, 12)
    expect(cost.wear).toBeCloseTo(4.5 * 0.02, 12)
    expect(stored_kwh[0]?.at(-1)).toBeCloseTo(5, 12)
    expect(cost.refill).toBeCloseTo((5 / 0.9) * 0.1, 12)
    expect(cost.self_consumption).toBeCloseTo(10 / 15, 12)
    expect(cost.emissions_kg_co2e).toBeCloseTo(25.5 * 0.05, 12)
  })

  it('balances in every slot, and no battery leaves its limits by the rule of self-consumption', () => {
    const powers = fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(powers, powers, fc.double({ min: 2, max: 20, noNaN: true }), (load_kw, generation_kw, start_kwh) => {
        const task = { ...base, load_kw, generation_kw, batteries: [{ ...battery, start_kwh }] }
        const schedule = selfConsumptionSchedule(task)
        const { import_kw, export_kw, stored_kwh } = outcomeOf(task, schedule)
        load_kw.forEach((load, slot) => {
          const power = schedule.battery_kw[0]?.[slot] ?? Number.NaN
          expect(import_kw[slot]! - export_kw[slot]! + generation_kw[slot]! + power).toBeCloseTo(load, 9)
          expect(Math.min(import_kw[slot]!, export_kw[slot]!)).toBe(0)
          expect(Math.abs(power)).toBeLessThanOrEqual(5 + 1e-9)
          expect(stored_kwh[0]![slot]).toBeGreaterThanOrEqual(2 - 1e-9)
          expect(stored_kwh[0]![slot]).toBeLessThanOrEqual(20 + 1e-9)
        })
      }),
      { numRuns: 50 },
    )
  })

  it('says which limits break, by how much and since when', () => {
    const { breaches } = outcomeOf({ ...base, load_kw: [10, 14, 12, 10], import_kw_max: 11 }, idleSchedule(base))
    const first_at_ms = base.start_ms + HOUR_MS
    expect(breaches).toEqual([{ limit: 'import_kw_max', limit_value: 11, worst: 14, slots: 2, kwh: 4, first_at_ms }])
    const nearly_empty = { ...base, batteries: [{ ...battery, start_kwh: battery.least_kwh - 0.5 }] }
    expect(outcomeOf(nearly_empty, idleSchedule(nearly_empty)).breaches).toMatchObject([
      { limit: 'state_of_charge_min', limit_value: battery.least_kwh, worst: battery.least_kwh - 0.5, kwh: 0.5 },
    ])
  })
})

describe('runs of loads that may be moved', () => {
  const load = {
    name: 'Charging',
    power_kw: 8,
    duration_h: 2,
    earliest: '22:00',
    latest: '06:00',
    interruptible: false,
  }
  const slots = (start_ms: number, count: number) => ({ start_ms, slot_s: 3_600, count, time_zone })

  it('are found once a day, over midnight, by the clock on the wall', () => {
    // Noon of a summer's day in Paris, for two days: windows of 22:00 to 06:00 begin at slots 10 and 34.
    const runs = runsOf(load, slots(Date.UTC(2026, 6, 1, 10), 48))
    expect(runs.map(({ first, end }) => [first, end])).toEqual([
      [10, 18],
      [34, 42],
    ])
  })

  it('have a window of seven hours on the night that has 23, of nine on the one that has 25', () => {
    // Clocks go forward on 29 March 2026 and back on 25 October 2026, both in the night to Sunday.
    const spring = runsOf(load, slots(Date.UTC(2026, 2, 28, 11), 24))
    const autumn = runsOf(load, slots(Date.UTC(2026, 9, 24, 10), 25))
    expect(spring.map(({ first, end }) => end - first)).toEqual([7])
    expect(autumn.map(({ first, end }) => end - first)).toEqual([9])
  })

  it('run once on a night in which their window opens twice', () => {
    const twice = { ...load, duration_h: 0.5, earliest: '02:30', latest: '02:45' }
    const whole = { ...twice, latest: '06:00', duration_h: 0.25 }
    const quarters = { start_ms: Date.UTC(2026, 9, 24, 22), slot_s: 900, count: 60, time_zone }
    expect(runsOf(whole, quarters)).toHaveLength(1)
    expect(runsOf(twice, quarters)).toHaveLength(0)
  })

  it('are left out where they began before, or where too little of the window is seen', () => {
    // From 23:00 on the window has been open for an hour; of tomorrow's, one hour is seen.
    expect(runsOf(load, slots(Date.UTC(2026, 6, 1, 21), 24))).toHaveLength(0)
    expect(runsOf(load, slots(Date.UTC(2026, 6, 1, 10), 12))).toHaveLength(1)
    expect(runsOf(load, slots(Date.UTC(2026, 6, 1, 10), 11))).toHaveLength(0)
  })

  it('keep their energy where slots are longer than they', () => {
    const [run] = runsOf({ ...load, duration_h: 1.5 }, slots(Date.UTC(2026, 6, 1, 10), 24))
    expect(run).toMatchObject({ needed: 2, power_kw: 6 })
  })

  it('are taken out of the meter’s load, never below nothing', () => {
    const runs = [{ name: 'C', power_kw: 8, first: 1, end: 4, needed: 2, interruptible: false }]
    expect(withoutRuns([10, 10, 5, 10], runs)).toEqual([10, 2, 0, 10])
  })
})

describe('the programme', () => {
  it('has prices by the clock on the wall, 23 or 25 of them on the days that have as many hours', () => {
    const tariff = Tariff.parse({
      currency: 'EUR',
      price_per_kwh: 0.2,
      periods: [{ name: 'night', price_per_kwh: 0.1, from: '22:00', to: '06:00' }],
      demand_charge_per_kw_month: 9,
    })
    const day = (start_ms: number, count: number) =>
      pricesOf(tariff, { start_ms, slot_s: 3_600, count, time_zone }, () => ({ so_far_kw: 0 }))
    const nights = (prices: readonly number[]) => prices.filter((price) => price === 0.1).length
    expect(nights(day(Date.UTC(2026, 2, 28, 23), 23).import_price)).toBe(7)
    expect(nights(day(Date.UTC(2026, 9, 24, 22), 25).import_price)).toBe(9)
    // The last hours of May and the first of June pay for two peaks.
    expect(day(Date.UTC(2026, 4, 31, 12), 24).peaks.map(({ month, slots }) => [month, slots.length])).toEqual([
      ['2026-05', 10],
      ['2026-06', 14],
    ])
  })

  it('chooses between buying and selling only where selling pays as much, and between charging and discharging only where using is paid', () => {
    const task = { ...base, batteries: [battery], import_price: [0.1, 0.02, -0.05, 0.3] }
    const { text, binaries } = programmeOf(task)
    expect(binaries).toBe(3)
    expect(text.split('Binaries')[1]?.match(/\w+/g)).toEqual(['z1', 'z2', 'w0_2', 'End'])
  })

  it('is read back within limits, whatever digits the solver leaves', () => {
    const columns = { d0_0: 5.0000001, c0_1: 5.0000001, c0_2: 1e-9, d0_3: 9 }
    const task = { ...base, batteries: [{ ...battery, start_kwh: 4 }] }
    const { battery_kw } = scheduleOf(task, columns)
    const { stored_kwh } = outcomeOf(task, { battery_kw, runs: [], curtailed_kw: [] })
    expect(Math.min(...stored_kwh.flat())).toBeGreaterThanOrEqual(2 - 1e-12)
    expect(battery_kw[0]?.[2]).toBe(0)
  })

  it('takes a battery of which nothing is known as empty to its least', () => {
    const asset = { asset_id: 'b', name: 'B', kind: 'battery', capacity_kwh: 100, charge_kw_max: 50, discharge_kw_max: 50, efficiency: 0.81, state_of_charge_min: 0.1, state_of_charge_max: 1, wear_cost_per_kwh: 0, sensor_ids: [] } as const // oxfmt-ignore
    const assets = [{ ...asset, sensor_ids: [] as string[] }]
    expect(batteryTasks(assets, new Map([['b', null]]))[0]).toMatchObject({ start_kwh: 10, efficiency_one_way: 0.9 })
    expect(batteryTasks(assets, new Map([['b', 0.05]]))[0]).toMatchObject({ start_kwh: 5, least_kwh: 10 })
  })
})

describe('recommendations', () => {
  const plan = { battery_kw: [[-5, -5, 4, 4]], runs: [], curtailed_kw: [0, 0, 0, 0] }
  const task = { ...base, batteries: [battery] }
  const without = new Map([['battery', idleSchedule(task)]])
  const clock = (at_ms: number) => new Date(at_ms).toISOString().slice(11, 16)

  it('say what to do, when, and what the plan would cost more without it', () => {
    const cases = [{ load_kw: base.load_kw, generation_kw: base.generation_kw }]
    const [card, ...more] = adviceOf({ task, plan, without, cases, clock })
    const gain = outcomeOf(task, idleSchedule(task)).cost.total - outcomeOf(task, plan).cost.total
    expect(card).toMatchObject({
      type: 'battery_schedule',
      title: 'Battery: charge 00:00–02:00; discharge 02:00–04:00',
      potentialSavings: Math.round(gain * 100) / 100,
      energy_kwh: 8,
      confidence: 1,
    })
    expect(more).toEqual([])
  })

  it('are not made where nothing is gained', () => {
    expect(adviceOf({ task, plan: idleSchedule(task), without, cases: [], clock })).toEqual([])
  })
})
