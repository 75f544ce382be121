// Seconds to plan a day and a week of quarters of an hour: a depot with sun, a battery, a demand charge and loads that can
// be moved, everything solved that an answer holds (the plan, and it again without each of its parts).
//
//   node bench/schedule.ts
//
// The plan is held against doing nothing and against a battery that follows the sun, on the same forecast. HiGHS runs as
// WebAssembly, in one thread.
import { idleSchedule, outcomeOf, selfConsumptionSchedule } from '@tidemark/core/sites/schedule-cost.ts'
import { batteryTasks, pricesOf, runsOf, type ScheduleTask, withoutRuns } from '@tidemark/core/sites/schedule-task.ts'
import { variantsOf } from '@tidemark/core/sites/schedule-variants.ts'
import { simulateSite } from '@tidemark/core/sites/simulate.ts'
import { Tariff } from '@tidemark/core/sites/tariff.ts'
import { Asset, ShiftableLoad } from '@tidemark/core/sites/contract.ts'
import { closeSolver, solve } from '../server/src/sites/solver.ts'
import { sayBar } from './bar.ts'

const start_ms = Date.UTC(2026, 5, 1, 10)
const time_zone = 'Europe/Paris'
const tariff = Tariff.parse({
  currency: 'EUR',
  price_per_kwh: 0.19,
  periods: [
    { name: 'off-peak', price_per_kwh: 0.13, from: '22:00', to: '06:00' },
    { name: 'evening peak', price_per_kwh: 0.29, from: '18:00', to: '20:00' },
  ],
  export_price_per_kwh: 0.06,
  demand_charge_per_kw_month: 9,
})
const assets = [
  { asset_id: 'inv', name: 'Inverter', kind: 'pv_inverter', rated_kw: 120, sensor_ids: ['inv'] },
  { asset_id: 'bat', name: 'Battery', kind: 'battery', capacity_kwh: 200, charge_kw_max: 60, discharge_kw_max: 60, wear_cost_per_kwh: 0.03 }, // oxfmt-ignore
  { asset_id: 'load', name: 'Load', kind: 'meter', role: 'load', sensor_ids: ['load'] },
].map((asset) => Asset.parse(asset))
const loads = [
  { name: 'Forklifts', power_kw: 15, duration_h: 4, earliest: '17:00', latest: '07:00', interruptible: true },
  { name: 'Cold store', power_kw: 10, duration_h: 3, earliest: '08:00', latest: '20:00' },
  { name: 'Compressor', power_kw: 8, duration_h: 2, earliest: '06:00', latest: '18:00' },
].map((load) => ShiftableLoad.parse(load))

for (const [name, count, most_s] of [
  ['day', 96, 10],
  ['week', 672, 60],
] as const) {
  const task = taskOf(count)
  await solve(task, 1)
  const plan = await solve(task, 60)
  const started_ms = performance.now()
  const statuses = [plan.status]
  for (const variant of variantsOf(task)) statuses.push((await solve(variant.task, 60)).status)
  const all_s = (plan.duration_ms + performance.now() - started_ms) / 1_000
  const idle = outcomeOf(task, idleSchedule(task)).cost.total
  const rule = outcomeOf(task, selfConsumptionSchedule(task)).cost.total
  const planned = outcomeOf(task, plan.schedule).cost.total
  process.stdout.write(
    `${name}: ${count} steps, ${plan.binaries} whole numbers, ${statuses.join(' ')}; doing nothing ${idle.toFixed(2)}, following the sun ${rule.toFixed(2)}, planned ${planned.toFixed(2)} ${task.currency}\n`,
  )
  sayBar({ what: `plan of a ${name}, solved`, measured: plan.duration_ms / 1_000, unit: 's', at: { most: most_s / 5 } })
  sayBar({
    what: `plan of a ${name} and its ${statuses.length - 1} variants`,
    measured: all_s,
    unit: 's',
    at: { most: most_s },
  })
  sayBar({ what: `plan of a ${name}, cost of doing nothing`, measured: (100 * planned) / idle, unit: '%', at: { most: (100 * rule) / idle } }) // oxfmt-ignore
}
await closeSolver()

function taskOf(count: number): ScheduleTask {
  const load: number[] = []
  const sun: number[] = []
  const plant = { latitude: 43.6, longitude: 3.88, time_zone, assets, load_kw: 90 }
  const to_ms = start_ms + count * 900_000
  for (const { readings } of simulateSite({ plant, seed: 7, from_ms: start_ms, to_ms, step_s: 900, faults: [] })) {
    load.push(readings.find(({ sensor_id }) => sensor_id === 'load')?.measurements.load_power_kw ?? 0)
    sun.push(readings.find(({ sensor_id }) => sensor_id === 'inv')?.measurements.generation_power_kw ?? 0)
  }
  const grid = { start_ms, slot_s: 900, count, time_zone }
  const shiftable = loads.flatMap((each) => runsOf(each, grid))
  return {
    start_ms,
    slot_s: 900,
    load_kw: withoutRuns(load, shiftable),
    generation_kw: sun,
    ...pricesOf(tariff, grid, () => ({ so_far_kw: 40 })),
    emissions_kg_per_kwh: 0.05,
    batteries: batteryTasks(assets, new Map([['bat', 0.5]])),
    shiftable,
    import_kw_max: 80,
    export_kw_max: 50,
  }
}
