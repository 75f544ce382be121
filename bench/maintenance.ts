// How early maintenance notices what wears out, how often it is wrong, and how many of its dates hold: simulated plants, some
// in good order for a year, others run until the limit of an indicator is reached, looked at every five days.
//
//   node bench/maintenance.ts
//   node bench/maintenance.ts --classes     also the table that goes into core/src/sites/maintenance-coverage.ts
import { randomOf } from '@tidemark/core/learn/random.ts'
import { Asset } from '@tidemark/core/sites/contract.ts'
import { type HeldClass, heldClasses } from '@tidemark/core/sites/maintenance-coverage.ts'
import type { AssetHistory } from '@tidemark/core/sites/maintenance-history.ts'
import { indicatorKinds, type IndicatorId } from '@tidemark/core/sites/maintenance-indicators.ts'
import { assessIndicator, type IndicatorHealth } from '@tidemark/core/sites/maintenance-trend.ts'
import { healthOf, type MaintainedAsset } from '@tidemark/core/sites/maintenance.ts'
import type { FaultKind, PlantFault } from '@tidemark/core/sites/simulate.ts'
import { simulatedHistories } from '@tidemark/core/sites/testing-maintenance.ts'
import { sayBar } from './bar.ts'

const DAY_MS = 86_400_000
const HEALTHY_PLANTS = 6
const WORN_PLANTS = 16
const LOOK_EVERY_DAYS = 5
const CLASS_EDGES = [0, 0.25, 0.5, 0.75]

const assets = [
  { asset_id: 'inv', name: 'Inverter', kind: 'pv_inverter', rated_kw: 120, sensor_ids: ['inv'] },
  {
    asset_id: 'bat',
    name: 'Battery',
    kind: 'battery',
    capacity_kwh: 200,
    charge_kw_max: 60,
    discharge_kw_max: 60,
    sensor_ids: ['bat'],
  },
  { asset_id: 'wind', name: 'Turbine', kind: 'turbine', rated_kw: 50, sensor_ids: ['wind'] },
].map((asset) => Asset.parse(asset))

interface Wear {
  indicator: IndicatorId
  asset_id: string
  fault: FaultKind
  /** When the limit is reached, as a share of the whole fault: from the simulator's own formulas. */
  reached: number
}
const wears: Wear[] = [
  // 1.6 + 0.8 · 0.55 at the usual wind, and 9 times the square of the wear.
  { indicator: 'vibration', asset_id: 'wind', fault: 'bearing_wear', reached: Math.sqrt((7.1 - 2.04) / 9) },
  { indicator: 'yield', asset_id: 'inv', fault: 'soiling', reached: 0.2 / 0.33 },
  { indicator: 'capacity', asset_id: 'bat', fault: 'battery_fade', reached: 0.2 / 0.4 },
]

interface Look {
  progress: number
  held: boolean
  within: number
}

falseAlarms()
const measured = wears.map((wear) => ({ wear, ...runToLimit(wear) }))
const looks = measured.flatMap((each) => each.looks)
const held = looks.filter((look) => look.held).length / looks.length
sayBar({ what: 'maintenance, dates whose p10–p90 held the truth', measured: 100 * held, unit: '%', at: { least: 75 } })
if (process.argv.includes('--classes')) {
  const table = Object.fromEntries(measured.map(({ wear, looks: own }) => [wear.indicator, classesOf(own)]))
  process.stdout.write(`${JSON.stringify(table)}\n`)
}
for (const { wear, looks: own } of measured)
  for (const { from_progress, dates, held: kept } of classesOf(own)) {
    const told = heldClasses[wear.indicator]?.find((each) => each.from_progress === from_progress)
    const stands = told === undefined ? 'not in the table' : `the table says ${share(told.held, told.dates)}`
    process.stdout.write(
      `${wear.indicator} from ${from_progress} of the way: ${share(kept, dates)} of ${dates}; ${stands}\n`,
    )
  }

/** A year of plants in good order: every onset is a false alarm. */
function falseAlarms(): void {
  let [alarms, dates, asset_years] = [0, 0, 0]
  for (let seed = 1; seed <= HEALTHY_PLANTS; seed++) {
    const from_ms = Date.parse('2025-01-01T00:00:00Z') + 30 * seed * DAY_MS
    for (const history of plantOf(seed, from_ms, 365, []).values()) {
      const { indicators } = healthOf(history, { now_ms: from_ms + 365 * DAY_MS })
      for (const { health } of indicators) {
        alarms += health.recovered.length + (health.onset === null ? 0 : 1)
        dates += health.date === null ? 0 : 1
      }
      asset_years++
    }
  }
  process.stdout.write(`${asset_years} asset-years in good order: ${alarms} false alarms, ${dates} false dates\n`)
  sayBar({
    what: 'maintenance, false alarms',
    measured: alarms / asset_years,
    unit: 'per asset-year',
    at: { most: 0.1 },
  })
}

/** Plants that wear out in 60 to 300 days: when that is noticed, and which dates hold. */
function runToLimit({ indicator, asset_id, fault, reached }: Wear): { looks: Look[] } {
  const all: Look[] = []
  const leads: number[] = []
  let missed = 0
  for (let seed = 1; seed <= WORN_PLANTS; seed++) {
    const random = randomOf(seed).fork(77)
    const from_ms = Date.parse('2025-01-01T00:00:00Z') + random.integer(365) * DAY_MS
    const start_ms = from_ms + (40 + random.integer(30)) * DAY_MS
    const to_ms = start_ms + ((60 + random.integer(240)) / reached) * DAY_MS
    const limit_ms = start_ms + reached * (to_ms - start_ms)
    const days = Math.ceil((limit_ms - from_ms) / DAY_MS)
    const faults: PlantFault[] = [{ kind: fault, sensor_id: asset_id, from_ms: start_ms, to_ms }]
    const history = plantOf(seed, from_ms, days, faults).get(asset_id)
    if (history === undefined) continue
    const points = healthOf(history, { now_ms: limit_ms }).indicators.find(({ id }) => id === indicator)?.points ?? []
    let noticed_ms: number | null = null
    for (let now_ms = start_ms; now_ms < limit_ms; now_ms += LOOK_EVERY_DAYS * DAY_MS) {
      const health = assessIndicator(
        indicatorKinds[indicator],
        points.filter(({ at_ms }) => at_ms < now_ms),
        { now_ms },
      )
      if (health.onset !== null) noticed_ms ??= health.onset.noticed_ms
      const look = lookOf(health, now_ms, limit_ms)
      if (look !== null) all.push(look)
    }
    if (noticed_ms === null) missed++
    else leads.push((limit_ms - noticed_ms) / (limit_ms - start_ms))
  }
  leads.sort((a, b) => a - b)
  const middle = (values: readonly number[]) => values[Math.floor(values.length / 2)] ?? NaN
  const kept = all.filter((look) => look.held).length
  const off = middle(all.map(({ within }) => within).sort((a, b) => a - b))
  process.stdout.write(
    `${fault}: ${WORN_PLANTS} plants, ${missed} not noticed before the limit; noticed with ${(100 * middle(leads)).toFixed(0)} % ` +
      `of the time to the limit left (worst ${(100 * (leads[0] ?? NaN)).toFixed(0)} %); ${share(kept, all.length)} of ` +
      `${all.length} dates held between p10 and p90, p50 off by ${(100 * off).toFixed(0)} % of the time left in the middle\n`,
  )
  return { looks: all }
}

function lookOf({ date, progress }: IndicatorHealth, now_ms: number, limit_ms: number): Look | null {
  if (date === null || progress === null) return null
  return {
    progress,
    held: date.p10_ms <= limit_ms && limit_ms <= (date.p90_ms ?? Infinity),
    within: Math.abs(date.p50_ms - limit_ms) / (limit_ms - now_ms),
  }
}

function classesOf(own: readonly Look[]): HeldClass[] {
  return CLASS_EDGES.map((from_progress, i) => {
    const inside = own.filter(
      ({ progress }) => (i === 0 || progress >= from_progress) && progress < (CLASS_EDGES[i + 1] ?? Infinity),
    )
    return { from_progress, dates: inside.length, held: inside.filter((look) => look.held).length }
  })
}

function plantOf(seed: number, from_ms: number, days: number, faults: readonly PlantFault[]) {
  const plant = { latitude: 43.6, longitude: 3.88, time_zone: 'Europe/Paris', assets, load_kw: 90 }
  const span = { from_ms, to_ms: from_ms + days * DAY_MS, step_s: 900 }
  return simulatedHistories({ plant, seed, ...span, faults }, 900) as Map<
    string,
    AssetHistory & { asset: MaintainedAsset }
  >
}

function share(some: number, all: number): string {
  return all === 0 ? 'none' : `${((100 * some) / all).toFixed(0)} %`
}
