import { idleSchedule, outcomeOf, type Schedule } from '@tidemark/core/sites/schedule-cost.ts'
import { programmeOf } from '@tidemark/core/sites/schedule-model.ts'
import type { ScheduleTask } from '@tidemark/core/sites/schedule-task.ts'
import { contributionOf, variantsOf } from '@tidemark/core/sites/schedule-variants.ts'
import { randomOf } from '@tidemark/core/learn/random.ts'
import loadHighs from 'highs'
import { afterAll, describe, expect, it } from 'vitest'
import { closeSolver, solve } from './solver.ts'

afterAll(closeSolver)

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
  charge_kw_max: 4,
  discharge_kw_max: 4,
  efficiency_one_way: 1,
  wear_cost_per_kwh: 0.01,
  least_kwh: 0,
  most_kwh: 8,
  start_kwh: 4,
}
const run = { name: 'Pump', power_kw: 6, first: 0, end: 6, needed: 2, interruptible: false }

/** A day that never was: loads, sun and prices by dice, some of them below zero. */
function dice(seed: number, count: number, change: Partial<ScheduleTask> = {}): ScheduleTask {
  const random = randomOf(seed)
  const draw = (low: number, high: number) =>
    Array.from({ length: count }, () => Math.round(low + (high - low) * random.next()))
  const slots = [...Array(count).keys()]
  return {
    ...base,
    load_kw: draw(2, 20),
    generation_kw: draw(0, 25),
    import_price: draw(-5, 30).map((cents) => cents / 100),
    export_price: draw(-5, 20).map((cents) => cents / 100),
    peaks: [{ month: '2026-06', slots, so_far_kw: 8, charge_per_kw: 0.2 }],
    ...change,
  }
}

/** Every way to run the battery in steps of 4 kW and to begin the run, tried out. */
function cheapestOf(task: ScheduleTask): number {
  const count = task.load_kw.length
  const powers = task.batteries.length === 0 ? [0] : [-4, 0, 4]
  let best = Infinity
  const tryRuns = (battery_kw: number[][]) => {
    const [only] = task.shiftable
    const begins =
      only === undefined
        ? [0]
        : Array.from({ length: only.end - only.needed - only.first + 1 }, (_, at) => only.first + at)
    for (const begin of begins) {
      const runs =
        only === undefined ? [] : [task.load_kw.map((_, slot) => (slot >= begin && slot < begin + only.needed ? 1 : 0))]
      // Of what is made, nothing is held back, or what would be fed in, or all of it, whichever is cheapest in its slot.
      const free = outcomeOf(task, { battery_kw, runs, curtailed_kw: [] })
      const curtailed_kw = task.generation_kw.map((made, slot) => {
        const net = free.import_kw[slot]! - free.export_kw[slot]!
        const cost = (held: number) =>
          Math.max(0, net + held) * task.import_price[slot]! - Math.max(0, -net - held) * task.export_price[slot]!
        return [0, Math.min(made, free.export_kw[slot]!), made].reduce((a, b) => (cost(b) < cost(a) - 1e-9 ? b : a))
      })
      const { cost } = outcomeOf(task, { battery_kw, runs, curtailed_kw })
      // What is left over at the end is worth nothing to the programme.
      best = Math.min(best, cost.total - cost.refill)
    }
  }
  const go = (slot: number, stored: number, power: number[]) => {
    if (slot === count) {
      if (stored >= 4 || task.batteries.length === 0) tryRuns(task.batteries.length === 0 ? [] : [power])
      return
    }
    for (const each of powers) {
      const next = stored - each
      if (task.batteries.length > 0 && (next < 0 || next > 8)) continue
      go(slot + 1, next, [...power, each])
    }
  }
  go(0, 4, [])
  return best
}

const costOf = (task: ScheduleTask, schedule: Schedule) => {
  const { cost } = outcomeOf(task, schedule)
  return cost.total - cost.refill
}

describe('the solver', () => {
  it('finds a run’s cheapest beginning, as trying every one does, and never pays more than the best in steps', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const only_run = dice(seed, 6, {
        shiftable: [run],
        import_price: dice(seed, 6).import_price.map((each) => Math.abs(each) + 0.21),
      })
      const { schedule } = await solve(only_run)
      expect(costOf(only_run, schedule)).toBeCloseTo(cheapestOf(only_run), 3)
      const with_battery = { ...only_run, batteries: [battery] }
      const both = await solve(with_battery)
      expect(costOf(with_battery, both.schedule)).toBeLessThanOrEqual(cheapestOf(with_battery) + 1e-3)
    }
  })

  it('is as cheap as every way tried where whole steps are all there is', async () => {
    // Loads, sun and limits in whole steps of the battery, no demand charge: a corner of the programme is a whole step.
    for (let seed = 11; seed <= 14; seed++) {
      const random = dice(seed, 6, { peaks: [], batteries: [battery] })
      const steps = (values: readonly number[]) => values.map((value) => 4 * Math.round(value / 4))
      const task = { ...random, load_kw: steps(random.load_kw), generation_kw: steps(random.generation_kw) }
      const { schedule } = await solve(task)
      expect(costOf(task, schedule)).toBeCloseTo(cheapestOf(task), 3)
    }
  })

  it('pays no less than the programme without whole numbers, and no more than doing nothing', async () => {
    const highs = await (loadHighs as unknown as typeof loadHighs.default)()
    for (let seed = 21; seed <= 24; seed++) {
      const task = dice(seed, 24, { batteries: [battery], shiftable: [{ ...run, end: 20 }] })
      const [relaxed = ''] = programmeOf(task).text.split('Binaries')
      const bound = highs.solve(`${relaxed}End\n`).ObjectiveValue
      const { schedule } = await solve(task)
      expect(costOf(task, schedule)).toBeGreaterThanOrEqual(bound - 1e-3)
      expect(costOf(task, schedule)).toBeLessThan(costOf(task, idleSchedule(task)))
    }
  })

  it('keeps the balance in every slot and every battery within its limits, prices below zero included', async () => {
    for (let seed = 31; seed <= 34; seed++) {
      const lossy = { ...battery, efficiency_one_way: 0.93, least_kwh: 1 }
      const task = dice(seed, 25, {
        batteries: [lossy, { ...lossy, asset_id: 'c', start_kwh: 1 }],
        shiftable: [{ ...run, interruptible: true }],
      })
      const { schedule } = await solve(task)
      const { import_kw, export_kw, stored_kwh } = outcomeOf(task, schedule)
      task.load_kw.forEach((load, slot) => {
        const out = schedule.battery_kw.reduce((sum, each) => sum + each[slot]!, 0)
        const made = task.generation_kw[slot]! - schedule.curtailed_kw[slot]!
        const used = load + run.power_kw * schedule.runs[0]![slot]!
        expect(import_kw[slot]! - export_kw[slot]! + made + out).toBeCloseTo(used, 9)
        expect(Math.min(import_kw[slot]!, export_kw[slot]!)).toBe(0)
      })
      expect(schedule.runs[0]?.reduce((sum, each) => sum + each, 0)).toBe(2)
      for (const each of stored_kwh) {
        expect(Math.min(...each)).toBeGreaterThanOrEqual(1 - 1e-9)
        expect(Math.max(...each)).toBeLessThanOrEqual(8 + 1e-9)
      }
      expect(stored_kwh[0]?.at(-1)).toBeGreaterThanOrEqual(4 - 1e-6)
    }
  })

  it('neither buys to sell nor feeds in at a loss where prices are turned round', async () => {
    const task = {
      ...base,
      generation_kw: [20, 20, 0, 0],
      import_price: [0.1, 0.1, 0.1, 0.1],
      export_price: [-0.2, 0.3, 0.3, -0.2],
    }
    const { schedule } = await solve(task)
    const { import_kw, export_kw } = outcomeOf(task, schedule)
    expect(export_kw).toEqual([0, 10, 0, 0])
    expect(import_kw).toEqual([0, 0, 10, 10])
    expect(schedule.curtailed_kw[0]).toBeCloseTo(10, 6)
  })

  it('comes with a plan where limits cannot be kept, and says which and by how much', async () => {
    const task = { ...base, import_kw_max: 7, batteries: [{ ...battery, start_kwh: 8 }] }
    const { schedule } = await solve(task)
    const { breaches } = outcomeOf(task, schedule)
    // Forty kWh are used and 28 may come in; what the battery gives it has to take back.
    expect(breaches.map(({ limit }) => limit)).toEqual(['import_kw_max'])
    expect(breaches[0]?.kwh).toBeCloseTo(12, 6)
    const empty = { ...base, batteries: [{ ...battery, least_kwh: 3, start_kwh: 1 }] }
    const low = outcomeOf(empty, (await solve(empty)).schedule)
    // It is filled with all its power at once: after the first hour nothing is broken.
    expect(low.breaches).toEqual([])
    expect(low.stored_kwh[0]?.[0]).toBeGreaterThanOrEqual(3 - 1e-6)
  })

  it('does not pay twice for a peak that the month has seen already', async () => {
    const month = (so_far_kw: number) => [{ month: '2026-06', slots: [0, 1, 2, 3], so_far_kw, charge_per_kw: 5 }]
    const task = (so_far_kw: number) => ({ ...base, peaks: month(so_far_kw), batteries: [battery] })
    const fresh = outcomeOf(task(0), (await solve(task(0))).schedule)
    const sunk = outcomeOf(task(14), (await solve(task(14))).schedule)
    expect(fresh.cost.peak_import_kw).toBeCloseTo(10, 6)
    expect(sunk.cost.peak_import_kw).toBeCloseTo(12, 6)
    expect(sunk.cost.demand).toBe(0)
  })

  it('leaves room for surprise under a peak that is paid, where it costs nothing', async () => {
    const peaks = [{ month: '2026-06', slots: [0, 1, 2, 3], so_far_kw: 14, charge_per_kw: 5 }]
    const task = { ...base, import_price: [0.1, 0.3, 0.3, 0.3], peaks, batteries: [battery] }
    const careless = outcomeOf(task, (await solve(task)).schedule)
    const careful = { ...task, surprise_kw: [2, 2, 2, 2] }
    const { cost } = outcomeOf(careful, (await solve(careful)).schedule)
    expect(careless.cost.peak_import_kw).toBeCloseTo(14, 6)
    expect(cost.peak_import_kw).toBeCloseTo(12, 6)
    expect(cost.demand).toBe(0)
  })

  it('draws evenly among plans that cost the same, though the month has paid for a higher peak', async () => {
    const task: ScheduleTask = {
      ...base,
      load_kw: [2, 2, 2, 2, 10],
      import_price: [0.1, 0.1, 0.1, 0.1, 0.3],
      export_price: [0, 0, 0, 0, 0],
      peaks: [{ month: '2026-06', slots: [0, 1, 2, 3, 4], so_far_kw: 50, charge_per_kw: 9 }],
      batteries: [{ ...battery, start_kwh: 0, charge_kw_max: 20, discharge_kw_max: 20 }],
    }
    const { import_kw, cost } = outcomeOf(task, (await solve(task)).schedule)
    // Eight kWh fit into the battery at one price: two in each of four hours, and two are bought when it is dear.
    expect(import_kw.map((each) => Math.round(each * 1e4) / 1e4)).toEqual([4, 4, 4, 4, 2])
    expect(cost.demand).toBe(0)
  })

  it('tells what each part brings: without any of them nothing is saved', async () => {
    const task = dice(41, 24, { batteries: [battery], shiftable: [{ ...run, end: 20 }] })
    const { schedule } = await solve(task)
    const variants = variantsOf(task)
    expect(variants.map(({ without }) => without)).toEqual([
      'battery',
      'shifting Pump',
      'prices by time',
      'demand charge',
    ])
    for (const variant of variants) {
      const solved = await solve(variant.task)
      const { contribution } = contributionOf(task, schedule, variant, solved.schedule)
      if (!variant.own_prices) expect(contribution).toBeGreaterThanOrEqual(-0.01)
    }
    expect(programmeOf(task).binaries).toBeGreaterThan(10)
  })
})
