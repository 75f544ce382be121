// How early maintenance notices what wears out, how often it is wrong, and how many of its dates hold: simulated plants, some
// in good order for a year, others run until the limit of an indicator is reached. Then worsening of many shapes, most of
// which the method does not know, laid over what plants in good order measured: from these come the classes of confidence.
//
//   node bench/maintenance.ts
//   node bench/maintenance.ts --classes     on other plants, the table that goes into core/src/sites/maintenance-coverage.ts
import { randomOf } from '@tidemark/core/learn/random.ts'
import { Asset } from '@tidemark/core/sites/contract.ts'
import { CLASS_EDGES, type HeldClass, heldClasses } from '@tidemark/core/sites/maintenance-coverage.ts'
import type { AssetHistory } from '@tidemark/core/sites/maintenance-history.ts'
import { indicatorKinds, type IndicatorId } from '@tidemark/core/sites/maintenance-indicators.ts'
import { assessIndicator, type HealthPoint, type IndicatorHealth } from '@tidemark/core/sites/maintenance-trend.ts'
import { healthOf, type MaintainedAsset } from '@tidemark/core/sites/maintenance.ts'
import type { FaultKind, PlantFault } from '@tidemark/core/sites/simulate.ts'
import { simulatedHistories } from '@tidemark/core/sites/testing-maintenance.ts'
import { sayBar } from './bar.ts'

const DAY_MS = 86_400_000
/** The table of classes comes from other plants than those it is measured on. */
const FIRST_SEED = process.argv.includes('--classes') ? 101 : 1
const HEALTHY_PLANTS = 8
const WORN_PLANTS = 12
const LOOK_EVERY_DAYS = 10

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
  shape: string
  progress: number
  held: boolean
  within: number
}

/** How far on its way to the limit, by the share of the time that is gone. The method knows the second, fourth and last. */
const shapes: Record<string, (gone: number) => number> = {
  'slowing (power 0.7)': (gone) => gone ** 0.7,
  even: (gone) => gone,
  'power 1.5': (gone) => gone ** 1.5,
  square: (gone) => gone ** 2,
  cube: (gone) => gone ** 3,
  exponential: (gone) => Math.expm1(3 * gone) / Math.expm1(3),
}
/** Indicators that are laid over, each with the asset of the plant that has it. */
const overlaid: [IndicatorId, string][] = [
  ['yield', 'inv'],
  ['temperature', 'inv'],
  ['capacity', 'bat'],
  ['round_trip', 'bat'],
  ['vibration', 'wind'],
]

const quiet = falseAlarms()
const ran = wears.flatMap(runToLimit)
say('on simulated faults', ran)
const byIndicator = new Map(overlaid.map(([id, asset_id]) => [id, overlay(id, quiet.get(`${asset_id} ${id}`) ?? [])]))
const looks = [...byIndicator.values()].flat()
for (const name of Object.keys(shapes))
  say(
    name,
    looks.filter(({ shape }) => shape === name),
  )
const held = looks.filter((look) => look.held).length / looks.length
sayBar({ what: 'maintenance, dates whose p10–p90 held the truth', measured: 100 * held, unit: '%', at: { least: 75 } })
sayClasses()

function say(what: string, some: readonly Look[]): void {
  process.stdout.write(
    `${what}: ${share(some.filter((look) => look.held).length, some.length)} of ${some.length} dates held\n`,
  )
}

function sayClasses(): void {
  const table = Object.fromEntries([...byIndicator].map(([id, own]) => [id, classesOf(own)]))
  if (process.argv.includes('--classes')) process.stdout.write(`${JSON.stringify(table)}\n`)
  for (const [id, own] of byIndicator)
    for (const { from_progress, dates, held: kept } of classesOf(own)) {
      const told = heldClasses[id]?.find((each) => each.from_progress === from_progress)
      const stands = told === undefined ? 'not in the table' : `the table says ${share(told.held, told.dates)}`
      process.stdout.write(`${id} from ${from_progress} of the way: ${share(kept, dates)} of ${dates}; ${stands}\n`)
    }
}

/** A year of plants in good order: every onset is a false alarm. Returns what each asset's indicators showed. */
function falseAlarms(): Map<string, HealthPoint[][]> {
  let [alarms, dates, asset_years] = [0, 0, 0]
  const shown = new Map<string, HealthPoint[][]>()
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HEALTHY_PLANTS; seed++) {
    const from_ms = Date.parse('2025-01-01T00:00:00Z') + 45 * seed * DAY_MS
    for (const [asset_id, history] of plantOf(seed, from_ms, 365, [])) {
      for (const { id, points, health } of healthOf(history, { now_ms: from_ms + 365 * DAY_MS }).indicators) {
        alarms += health.recovered.length + (health.onset === null ? 0 : 1)
        dates += health.date === null ? 0 : 1
        const name = `${asset_id} ${id}`
        shown.set(name, [...(shown.get(name) ?? []), points])
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
  return shown
}

/** Worsening of each shape laid over each series, beginning after 40 to 70 days and taking 80 to 290. */
function overlay(indicator: IndicatorId, plants: readonly HealthPoint[][]): Look[] {
  const kind = indicatorKinds[indicator]
  return plants.flatMap((points, plant) =>
    Object.entries(shapes).flatMap(([shape, way], s) => {
      const random = randomOf(1_000 * (FIRST_SEED + plant) + s)
      const start_ms = (points[0]?.at_ms ?? 0) + (40 + random.integer(30)) * DAY_MS
      const limit_ms = start_ms + (80 + random.integer(210)) * DAY_MS
      const { reference, limit } = assessIndicator(kind, points, { now_ms: limit_ms })
      if (reference === null || limit === null) return []
      const worn = points
        .filter(({ at_ms }) => at_ms < limit_ms)
        .map(({ at_ms, value }) => {
          const gone = Math.max(0, at_ms - start_ms) / (limit_ms - start_ms)
          return { at_ms, value: value + (limit - reference) * way(gone) }
        })
      return lookedAt(indicator, worn, start_ms, limit_ms).looks.map((look) => ({ ...look, shape }))
    }),
  )
}

function lookedAt(indicator: IndicatorId, points: readonly HealthPoint[], start_ms: number, limit_ms: number) {
  const found: Omit<Look, 'shape'>[] = []
  let noticed_ms: number | null = null
  for (let now_ms = start_ms; now_ms < limit_ms; now_ms += LOOK_EVERY_DAYS * DAY_MS) {
    const seen = points.filter(({ at_ms }) => at_ms < now_ms)
    const health = assessIndicator(indicatorKinds[indicator], seen, { now_ms })
    if (health.onset !== null) noticed_ms ??= health.onset.noticed_ms
    const look = lookOf(health, now_ms, limit_ms)
    if (look !== null) found.push(look)
  }
  return { looks: found, noticed_ms }
}

/** Plants that wear out in 60 to 300 days: when that is noticed, and which dates hold. */
function runToLimit({ indicator, asset_id, fault, reached }: Wear): Look[] {
  const all: Look[] = []
  const leads: number[] = []
  let missed = 0
  for (let seed = FIRST_SEED; seed < FIRST_SEED + WORN_PLANTS; seed++) {
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
    const { looks: found, noticed_ms } = lookedAt(indicator, points, start_ms, limit_ms)
    all.push(...found.map((look) => ({ ...look, shape: fault })))
    if (noticed_ms === null) missed++
    else leads.push((limit_ms - noticed_ms) / (limit_ms - start_ms))
  }
  leads.sort((a, b) => a - b)
  const middle = (values: readonly number[]) => values[Math.floor(values.length / 2)] ?? NaN
  const off = middle(all.map(({ within }) => within).sort((a, b) => a - b))
  process.stdout.write(
    `${fault}: ${WORN_PLANTS} plants, ${missed} not noticed before the limit; noticed with ${(100 * middle(leads)).toFixed(0)} % ` +
      `of the time to the limit left (worst ${(100 * (leads[0] ?? NaN)).toFixed(0)} %); p50 off by ` +
      `${(100 * off).toFixed(0)} % of the time left in the middle\n`,
  )
  say(fault, all)
  return all
}

function lookOf({ date, progress }: IndicatorHealth, now_ms: number, limit_ms: number): Omit<Look, 'shape'> | null {
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
