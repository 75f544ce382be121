// What the rules and the forest of a device class find of faults that were planted into readings they have not seen.
//
//   node bench/sensor-faults.ts
//
// Devices of three classes (masts, tide probes, inverters), four of each, play 60 days in quarters of an hour to learn from
// and 30 to be judged. Into copies of these 30 days faults of eight kinds are planted, at random times. A fault is caught when a
// reading of its first three is doubted, of a value that stands still one of its first twelve; false alarms are counted on the
// 30 days as they were.
import { Asset } from '@tidemark/core/sites/contract.ts'
import { randomOf } from '@tidemark/core/learn/random.ts'
import { simulateSite } from '@tidemark/core/sites/simulate.ts'
import { newSeries, verdictOf } from '@tidemark/core/telemetry/check.ts'
import { classScorer, fitClassForest, type ClassScorer } from '@tidemark/core/telemetry/class-forest.ts'
import { newCounter } from '@tidemark/core/telemetry/counter.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { learnProfile, type Sample, type SeriesProfile } from '@tidemark/core/telemetry/profile.ts'
import { simulateSensors } from '@tidemark/core/telemetry/simulate.ts'
import { rulesFor, takeIn, type SeriesMemory } from '@tidemark/core/telemetry/take-in.ts'
import { sayBar } from './bar.ts'

const DAY_MS = 86_400_000
const STEP_S = 900
const FROM_MS = Date.UTC(2026, 2, 1)
const CUT_MS = FROM_MS + 60 * DAY_MS
const TO_MS = CUT_MS + 30 * DAY_MS
const DEVICES = 4
const EVENTS_EACH = 8

const faults = [
  'spike',
  'stuck',
  'drift',
  'bias',
  'noise',
  'dropout to 0',
  'other unit',
  'another time’s value',
] as const
type Fault = (typeof faults)[number]
type Reading = { at_ms: number; values: Map<string, number> }

interface Device {
  history: Reading[]
  judged: Reading[]
  profiles: Map<string, SeriesProfile>
}

const classes: { kind: string; measure: string; devices: Device[] }[] = [
  { kind: 'weather_station', measure: 'temperature', devices: coast('sim-mast') },
  { kind: 'water_monitor', measure: 'water_temperature_c', devices: coast('sim-tide') },
  { kind: 'pv_inverter', measure: 'generation_power_kw', devices: inverters() },
]

const totals = { rules: 0, forest: 0, both: 0, events: 0 }
const alarms = { rules: 0, forest: 0, readings: 0 }
const table = new Map<Fault, { rules: number; forest: number; both: number; events: number }>()
for (const { kind, measure, devices } of classes) judgeClass(kind, measure, devices)
writeTable()

function judgeClass(kind: string, measure: string, devices: readonly Device[]): void {
  const histories = devices.map(({ history }, at) => ({ sensor_id: `${kind}-${at}`, series: seriesOf(history) }))
  const started = process.cpuUsage()
  const grown = fitClassForest(kind, histories)
  const spent_ms = process.cpuUsage(started).user / 1000
  if ('needs' in grown) throw new Error('sixty days are enough')
  const scorer = classScorer(grown.model)
  process.stdout.write(
    `${kind}: ${grown.model.readings} readings of ${devices.length} devices, grown in ${spent_ms.toFixed(0)} ms, ` +
      `${(100 * grown.model.alarm_share).toFixed(2)} % of held-out readings beyond the threshold, a file of ${(JSON.stringify(grown.model).length / 1e6).toFixed(1)} MB\n`,
  )
  for (const [at, device] of devices.entries()) {
    for (const doubt of judge(device, device.judged, scorer)) {
      alarms.readings++
      if (doubt.rules) alarms.rules++
      if (doubt.forest) alarms.forest++
    }
    for (const fault of faults) {
      const random = randomOf(1_000 * at + faults.indexOf(fault))
      const { readings, starts } = plant(device, measure, fault, random)
      const doubts = judge(device, readings, scorer)
      const row = table.get(fault) ?? { rules: 0, forest: 0, both: 0, events: 0 }
      table.set(fault, row)
      for (const start of starts) {
        const seen = doubts.slice(start, start + (fault === 'stuck' ? 12 : 3))
        const [rules, forest] = [seen.some((each) => each.rules), seen.some((each) => each.forest)]
        row.events++
        if (rules) row.rules++
        if (forest) row.forest++
        if (rules || forest) row.both++
      }
    }
  }
}

/** Runs readings through the rules and the forest as ingest does; invalid ones are not shown to the forest. */
function judge({ profiles, history }: Device, readings: readonly Reading[], scorer: ClassScorer) {
  const memories = new Map<string, SeriesMemory>()
  const before = new Map<string, Sample>()
  const last = history.at(-1)
  for (const [measure, value] of last?.values ?? []) before.set(measure, { at_ms: last?.at_ms ?? 0, value })
  const rows: { at_ms: number; values: Map<string, number>; before: Map<string, Sample>; profiles: typeof profiles }[] =
    []
  const doubts = readings.map(({ at_ms, values }) => {
    const findings = [...values].flatMap(([id, value]) => {
      const measure = measures.get(id)
      if (measure === undefined) return []
      const memory = memories.get(id) ?? { checks: newSeries, counter: newCounter }
      const rules = rulesFor(measure, { interval_s: STEP_S }, profiles.get(id) ?? null)
      const step = takeIn(memory, measure, rules, [{ at_ms, value, findings: [] }], null)
      memories.set(id, step.memory)
      return step.taken.flatMap((taken) => taken.findings)
    })
    rows.push({ at_ms, values, before: new Map(before), profiles })
    const verdict = verdictOf(findings)
    if (verdict !== 'invalid') for (const [id, value] of values) before.set(id, { at_ms, value })
    return { rules: verdict !== 'valid', invalid: verdict === 'invalid', forest: false }
  })
  for (const [at, said] of scorer.score(rows).entries()) {
    const doubt = doubts[at]
    if (doubt && !doubt.invalid) doubt.forest = (said?.score ?? 0) < 0
  }
  return doubts
}

/** A copy of the judged days with one kind of fault in it, where the series is not at rest. */
function plant({ judged, profiles }: Device, measure: string, fault: Fault, random: ReturnType<typeof randomOf>) {
  const profile = profiles.get(measure)
  const size = Math.max(profile?.residual_scale ?? 1, 1e-6)
  const readings = judged.map(({ at_ms, values }) => ({ at_ms, values: new Map(values) }))
  const starts: number[] = []
  const stretch = Math.floor(readings.length / EVENTS_EACH)
  for (let event = 0; event < EVENTS_EACH; event++) {
    let start = event * stretch + 24 + Math.floor(random.next() * (stretch - 72))
    // A plant at night has nothing to be wrong about.
    while ((readings[start]?.values.get(measure) ?? 0) === 0 && start < (event + 1) * stretch) start++
    starts.push(start)
    const first = readings[start]?.values.get(measure) ?? 0
    const length = fault === 'spike' ? 1 : 24
    for (let at = start; at < Math.min(readings.length, start + length); at++) {
      const reading = readings[at]
      const value = reading?.values.get(measure)
      if (reading === undefined || value === undefined) continue
      const changed: Record<Fault, number> = {
        spike: value + 10 * size,
        stuck: first,
        drift: value + 0.1 * size * (at - start + 1),
        bias: value + 5 * size,
        noise: value + 4 * size * random.normal(),
        'dropout to 0': 0,
        'other unit': measure.includes('temperature') ? value * 1.8 + 32 : value * 1_000,
        'another time’s value': judged[at - 24]?.values.get(measure) ?? value,
      }
      reading.values.set(measure, changed[fault])
    }
  }
  return { readings, starts }
}

function writeTable(): void {
  process.stdout.write(`\n${'fault'.padEnd(24)}events  rules  forest  both\n`)
  const share = (count: number, of: number) => `${((100 * count) / of).toFixed(0)} %`
  for (const [fault, { rules, forest, both, events }] of table) {
    process.stdout.write(
      `${fault.padEnd(24)}${String(events).padEnd(8)}${share(rules, events).padEnd(7)}${share(forest, events).padEnd(8)}${share(both, events)}\n`,
    )
    totals.rules += rules
    totals.forest += forest
    totals.both += both
    totals.events += events
  }
  const { rules, forest, both, events } = totals
  process.stdout.write(
    `${'all'.padEnd(24)}${String(events).padEnd(8)}${share(rules, events).padEnd(7)}${share(forest, events).padEnd(8)}${share(both, events)}\n`,
  )
  const of_readings = (count: number) => (100 * count) / alarms.readings
  process.stdout.write(
    `doubted of ${alarms.readings} readings without fault: ${of_readings(alarms.rules).toFixed(2)} % by rules, ` +
      `${of_readings(alarms.forest).toFixed(2)} % by the forest\n`,
  )
  sayBar({ what: 'planted sensor faults caught', measured: (100 * both) / events, unit: '%', at: { least: 70 } })
  sayBar({
    what: 'caught beyond what rules catch',
    measured: (100 * (both - rules)) / events,
    unit: '%',
    at: { least: 1 },
  })
  sayBar({
    what: 'faultless readings the forest doubts',
    measured: of_readings(alarms.forest),
    unit: '%',
    at: { most: 1.5 },
  })
}

function coast(sensor_id: string): Device[] {
  return Array.from({ length: DEVICES }, (_, seed) => {
    const span = { from_ms: FROM_MS, to_ms: TO_MS, step_s: STEP_S, seed: seed + 1, faults: [] }
    const steps = simulateSensors({ project_id: 'bench', latitude: -6 - seed, longitude: 106, ...span })
    return deviceOf(
      [...steps].flatMap(({ at_ms, readings }) =>
        readings
          .filter((reading) => reading.sensor_id === sensor_id)
          .map(({ measurements }) => ({ at_ms, values: new Map(Object.entries(measurements)) })),
      ),
    )
  })
}

function inverters(): Device[] {
  return Array.from({ length: DEVICES }, (_, seed) => {
    const asset = Asset.parse({
      asset_id: 'inv',
      name: 'inv',
      kind: 'pv_inverter',
      rated_kw: 20 * (seed + 1),
      sensor_ids: ['inv'],
    })
    const plant_ = { latitude: 43 + seed, longitude: 4, time_zone: 'Europe/Paris', assets: [asset], load_kw: 50 }
    const span = { from_ms: FROM_MS, to_ms: TO_MS, step_s: STEP_S, seed: seed + 1, faults: [] }
    return deviceOf(
      [...simulateSite({ plant: plant_, ...span })].flatMap(({ at_ms, readings }) =>
        readings
          .filter((reading) => reading.sensor_id === 'inv')
          .map(({ measurements }) => ({ at_ms, values: new Map(Object.entries(measurements)) })),
      ),
    )
  })
}

function deviceOf(readings: readonly Reading[]): Device {
  const history = readings.filter(({ at_ms }) => at_ms < CUT_MS)
  const profiles = new Map<string, SeriesProfile>()
  for (const { measure, samples } of seriesOf(history)) {
    const learnt = learnProfile(samples)
    if ('profile' in learnt) profiles.set(measure, learnt.profile)
  }
  return { history, judged: readings.filter(({ at_ms }) => at_ms >= CUT_MS), profiles }
}

function seriesOf(readings: readonly Reading[]): { measure: string; samples: Sample[] }[] {
  const series = new Map<string, Sample[]>()
  for (const { at_ms, values } of readings)
    for (const [measure, value] of values) {
      const samples = series.get(measure) ?? []
      samples.push({ at_ms, value })
      series.set(measure, samples)
    }
  return [...series].map(([measure, samples]) => ({ measure, samples }))
}
