import { randomOf } from '../learn/random.ts'
import { measures } from '../telemetry/measures.ts'
import { detectAnomalies, type Anomaly } from './anomalies.ts'
import { bandOf, type Count, type PrecisionTable } from './anomaly-confidence.ts'
import { watchOf, type AnomalyType, type Watch } from './anomaly-watch.ts'
import { Asset } from './contract.ts'
import { simulateSite, type FaultKind, type PlantFault } from './simulate.ts'
import { Tariff } from './tariff.ts'

/**
 * Detection on trial: simulated plants with faults of known kind and time, and what was found of them. Benches, tests and
 * the table of measured precision stand on it.
 */
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A Monday in spring: days are neither the longest nor the shortest. */
export const TRIAL_FROM_MS = Date.parse('2026-03-30T00:00:00Z')
export const TRIAL_DAYS = 35
/** Faults begin after two weeks of learning. */
export const TRIAL_LEARNING_DAYS = 14

export const trialAssets: readonly Asset[] = [
  { asset_id: 'inv-1', name: 'Inverter 1', kind: 'pv_inverter', rated_kw: 60, sensor_ids: ['inv-1'] },
  { asset_id: 'inv-2', name: 'Inverter 2', kind: 'pv_inverter', rated_kw: 60, sensor_ids: ['inv-2'] },
  {
    asset_id: 'bat-1',
    name: 'Battery',
    kind: 'battery',
    capacity_kwh: 200,
    charge_kw_max: 60,
    discharge_kw_max: 60,
    sensor_ids: ['bat-1'],
  },
  { asset_id: 'grid', name: 'Grid meter', kind: 'meter', role: 'grid', sensor_ids: ['grid'] },
  { asset_id: 'load', name: 'Load meter', kind: 'meter', role: 'load', sensor_ids: ['load'] },
  { asset_id: 'wind', name: 'Turbine', kind: 'turbine', rated_kw: 20, sensor_ids: ['wind'] },
].map((asset) => Asset.parse(asset))

const tariff = Tariff.parse({
  currency: 'EUR',
  price_per_kwh: 0.19,
  periods: [{ name: 'off-peak', price_per_kwh: 0.13, from: '22:00', to: '06:00' }],
  export_price_per_kwh: 0.06,
})

/** Faults that show in hours or days. What takes months, such as a battery that fades, is a matter of maintenance. */
export const trialKinds = [
  'inverter_trip',
  'string_loss',
  'soiling',
  'stuck_sensor',
  'night_generation',
  'spike',
  'silence',
  'meter_reset',
  'load_surge',
  'bearing_wear',
] as const satisfies readonly FaultKind[]
export type TrialKind = (typeof trialKinds)[number]

/** Hours into its day at which a fault of the kind begins, how long it lasts, and on which devices it can sit. */
const plays: Record<
  TrialKind,
  { hour: readonly [number, number]; hours: readonly [number, number]; on: readonly string[] }
> = {
  inverter_trip: { hour: [7, 14], hours: [2, 30], on: ['inv-1', 'inv-2'] },
  string_loss: { hour: [6, 12], hours: [24, 72], on: ['inv-1', 'inv-2'] },
  soiling: { hour: [0, 23], hours: [240, 360], on: ['inv-1', 'inv-2'] },
  stuck_sensor: { hour: [7, 15], hours: [4, 24], on: ['inv-1', 'load', 'grid', 'wind'] },
  night_generation: { hour: [21, 23], hours: [4, 30], on: ['inv-1', 'inv-2'] },
  spike: { hour: [0, 23], hours: [1, 1], on: ['inv-2', 'load', 'wind'] },
  silence: { hour: [0, 23], hours: [2, 24], on: ['inv-1', 'bat-1', 'grid', 'load', 'wind'] },
  meter_reset: { hour: [8, 18], hours: [1, 1], on: ['grid', 'load'] },
  load_surge: { hour: [0, 23], hours: [2, 12], on: ['load'] },
  bearing_wear: { hour: [0, 23], hours: [240, 400], on: ['wind'] },
}

export interface Trial {
  seed: number
  faults: readonly PlantFault[]
  watch: Watch
  anomalies: Anomaly[]
}

/** Draws faults for a plant: `count` of the kinds given, each on a day of its own after the learning. */
export function drawFaults(seed: number, kinds: readonly TrialKind[]): PlantFault[] {
  const random = randomOf(seed).fork(77)
  const span_days = TRIAL_DAYS - TRIAL_LEARNING_DAYS - 1
  return kinds.map((kind, i) => {
    const { hour, hours, on } = plays[kind]
    const between = ([low, high]: readonly [number, number]) => low + random.next() * (high - low)
    // Faults of one plant begin on different days; long ones begin early enough to show.
    const is_long = hours[0] >= 200
    const day =
      TRIAL_LEARNING_DAYS + (is_long ? random.integer(5) : Math.floor(((i + random.next()) * span_days) / kinds.length))
    const from_ms = TRIAL_FROM_MS + day * DAY_MS + between(hour) * HOUR_MS
    const step_ms = 900_000
    const start_ms = Math.floor(from_ms / step_ms) * step_ms
    return {
      kind,
      sensor_id: on[random.integer(on.length)] ?? '',
      from_ms: start_ms,
      to_ms: Math.min(start_ms + between(hours) * HOUR_MS, TRIAL_FROM_MS + TRIAL_DAYS * DAY_MS),
    }
  })
}

/** Plays a plant for five weeks and looks for what is wrong with it. */
export function runTrial(seed: number, faults: readonly PlantFault[], days = TRIAL_DAYS): Trial {
  const watch = watchPlant(seed, faults, days)
  const start_ms = TRIAL_FROM_MS + TRIAL_LEARNING_DAYS * DAY_MS
  const { anomalies } = detectAnomalies(watch)
  return { seed, faults, watch, anomalies: anomalies.filter(({ found_ms }) => found_ms >= start_ms) }
}

export function watchPlant(seed: number, faults: readonly PlantFault[], days = TRIAL_DAYS): Watch {
  const site = { latitude: 43.6, longitude: 3.88, time_zone: 'Europe/Paris', tariff, assets: trialAssets }
  const span = { from_ms: TRIAL_FROM_MS, to_ms: TRIAL_FROM_MS + days * DAY_MS }
  const steps = simulateSite({ plant: { ...site, load_kw: 90 }, seed, ...span, step_s: 900, faults })
  return watchOf(site, { ...span, slot_s: 900 }, readingsIn(steps))
}

function* readingsIn(steps: ReturnType<typeof simulateSite>) {
  for (const { at_ms, readings } of steps) {
    for (const { sensor_id, measurements } of readings) {
      for (const [measure, value] of Object.entries(measurements)) {
        yield { at_ms, sensor_id, measure, kind: measures.get(measure)?.kind ?? 'gauge', value }
      }
    }
  }
}

/** Something that is still told shortly after a fault ended tells of the fault. */
const GRACE_MS = 6 * HOUR_MS

/** The fault that an anomaly tells of: on the device that has it, or at the meter that disagrees with it, in its time. */
export function faultOf({ faults }: Trial, anomaly: Anomaly): PlantFault | undefined {
  // Of several at once the shortest: what lasts for weeks is told of all the time.
  const by_length = [...faults].sort((a, b) => a.to_ms - a.from_ms - (b.to_ms - b.from_ms))
  return by_length.find(({ kind, sensor_id, from_ms, to_ms }) => {
    const on = kind === 'load_surge' ? 'load' : sensor_id
    const is_there = anomaly.asset_id === on || anomaly.evidence.some(({ method }) => method === 'energy_balance')
    return is_there && anomaly.to_ms > from_ms && anomaly.from_ms < to_ms + GRACE_MS && anomaly.found_ms > from_ms
  })
}

export interface KindScore {
  faults: number
  found: number
  /** From the fault's beginning until it was certain, of those found. */
  delays_ms: number[]
}

export interface TrialScore {
  by_kind: Map<FaultKind, KindScore>
  anomalies: number
  correct: number
  /** Anomalies that tell of no fault, and the weeks of plant that were watched. */
  false_alarms: number
  weeks: number
  precision_table: PrecisionTable
}

export function scoreTrials(trials: readonly Trial[]): TrialScore {
  const by_kind = new Map<FaultKind, KindScore>()
  const table: Partial<Record<AnomalyType, [Count, Count, Count]>> = {}
  let correct = 0
  let anomalies = 0
  let weeks = 0
  for (const trial of trials) {
    weeks += (trial.watch.count * trial.watch.slot_s) / 604_800 - TRIAL_LEARNING_DAYS / 7
    const told = trial.anomalies.map((anomaly) => ({ anomaly, fault: faultOf(trial, anomaly) }))
    for (const { anomaly, fault } of told) {
      anomalies += 1
      if (fault !== undefined) correct += 1
      const cells = (table[anomaly.type] ??= [none(), none(), none()])
      const cell = cells[bandOf(anomaly.strength)]
      cell.found += 1
      if (fault !== undefined) cell.correct += 1
    }
    for (const fault of trial.faults) {
      const score = by_kind.get(fault.kind) ?? { faults: 0, found: 0, delays_ms: [] }
      by_kind.set(fault.kind, score)
      score.faults += 1
      const first = told.filter((each) => each.fault === fault).map(({ anomaly }) => anomaly.found_ms - fault.from_ms)
      if (first.length === 0) continue
      score.found += 1
      score.delays_ms.push(Math.min(...first))
    }
  }
  return { by_kind, anomalies, correct, false_alarms: anomalies - correct, weeks, precision_table: table }
}

const none = (): Count => ({ found: 0, correct: 0 })
