// What is found of known faults on simulated plants: how many, how soon, and how many alarms are false.
//
//   node bench/detection.ts                            forty plants, a third of them healthy
//   TIDEMARK_BENCH_NAB=folder node bench/detection.ts  labelled series too: data/**/*.csv and labels/combined_windows.json
//   node bench/detection.ts --table                    the table of measured precision, for core/src/sites/anomaly-precision.ts
//
// Plants are five weeks long: two to learn from, three in which up to three faults of ten kinds begin at random times. The
// table comes from other plants than the bench.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { detectAnomalies } from '@tidemark/core/sites/anomalies.ts'
import {
  drawFaults,
  runTrial,
  scoreTrials,
  trialKinds,
  type KindScore,
  type Trial,
} from '@tidemark/core/sites/anomaly-trial.ts'
import { quantileOf, watchOf } from '@tidemark/core/sites/anomaly-watch.ts'
import { Asset } from '@tidemark/core/sites/contract.ts'
import { sayBar } from './bar.ts'

const HOUR_MS = 3_600_000
const PLANTS = 40
const TABLE_PLANTS = 150
const TABLE_FIRST_SEED = 10_000

if (process.argv.includes('--table')) {
  const { precision_table, anomalies, correct } = scoreTrials(plants(TABLE_FIRST_SEED, TABLE_PLANTS))
  process.stdout.write(`${correct} of ${anomalies} findings on ${TABLE_PLANTS} plants were faults\n`)
  for (const [type, cells] of Object.entries(precision_table)) {
    const written = cells.map(({ found, correct: right }) => `{ found: ${found}, correct: ${right} }`)
    process.stdout.write(`  ${type}: [${written.join(', ')}],\n`)
  }
} else {
  bench()
  const folder = process.env.TIDEMARK_BENCH_NAB
  if (folder) benchFolder(folder)
}

function plants(first_seed: number, count: number): Trial[] {
  return Array.from({ length: count }, (_, i) => {
    const seed = first_seed + i
    const kinds = i % 3 === 2 ? [] : [0, 1, 2].flatMap((n) => trialKinds[(seed * 3 + n) % trialKinds.length] ?? [])
    return runTrial(seed, drawFaults(seed, kinds))
  })
}

function bench(): void {
  const started = process.cpuUsage()
  const trials = plants(0, PLANTS)
  const { user, system } = process.cpuUsage(started)
  const score = scoreTrials(trials)
  const healthy = scoreTrials(trials.filter(({ faults }) => faults.length === 0))
  process.stdout.write(`${PLANTS} plants, ${score.weeks.toFixed(0)} weeks watched\n`)
  writeTable([...score.by_kind])
  const faults = [...score.by_kind.values()].reduce((sum, kind) => sum + kind.faults, 0)
  const found = [...score.by_kind.values()].reduce((sum, kind) => sum + kind.found, 0)
  const precision = score.correct / score.anomalies
  process.stdout.write(
    `found ${found} of ${faults} faults; ${score.correct} of ${score.anomalies} anomalies were faults; `,
  )
  process.stdout.write(`${(score.false_alarms / score.weeks).toFixed(2)} false alarms a week of a plant, `)
  process.stdout.write(`${(healthy.false_alarms / healthy.weeks).toFixed(2)} on healthy ones; `)
  process.stdout.write(
    `${((user + system) / 1e6 / PLANTS).toFixed(2)} s of processor time a plant, its play included\n`,
  )
  const kinds = [...score.by_kind.values()].map((kind) => kind.found / kind.faults)
  sayBar({ what: 'faults found on simulated plants', measured: (100 * found) / faults, unit: '%', at: { least: 90 } })
  sayBar({ what: 'kind of fault found least', measured: 100 * Math.min(...kinds), unit: '%', at: { least: 70 } })
  sayBar({ what: 'anomalies that were faults', measured: 100 * precision, unit: '%', at: { least: 70 } })
  const weekly = score.false_alarms / score.weeks
  sayBar({ what: 'false alarms of a plant', measured: weekly, unit: 'a week', at: { most: 2 } })
}

function writeTable(rows: readonly [string, KindScore][]): void {
  const hours = (ms: number) => (Number.isNaN(ms) ? '–' : (ms / HOUR_MS).toFixed(1))
  process.stdout.write(`${'kind'.padEnd(28)}found      delay, median / 90 %, in hours\n`)
  for (const [kind, { faults, found, delays_ms }] of [...rows].sort(([a], [b]) => a.localeCompare(b))) {
    const [middle, late] = [quantileOf(delays_ms, 0.5), quantileOf(delays_ms, 0.9)]
    process.stdout.write(`${kind.padEnd(28)}${`${found} of ${faults}`.padEnd(11)}${hours(middle)} / ${hours(late)}\n`)
  }
}

/** Single series without a site: what a load meter would be judged by. */
function benchFolder(folder: string): void {
  const labels = JSON.parse(readFileSync(join(folder, 'labels/combined_windows.json'), 'utf8')) as Record<
    string,
    [string, string][]
  >
  const by_group = new Map<string, KindScore & { told: number; correct: number; weeks: number }>()
  for (const [name, windows] of Object.entries(labels)) {
    const path = join(folder, 'data', name)
    if (!existsSync(path)) continue
    const group = dirname(name)
    const score = by_group.get(group) ?? { faults: 0, found: 0, delays_ms: [], told: 0, correct: 0, weeks: 0 }
    by_group.set(group, score)
    const { told, weeks } = judgeFile(path)
    const spans = windows.map(([from, to]) => [instant(from), instant(to)] as const)
    const hits = told.map((each) => spans.find(([from, to]) => each.to_ms > from && each.from_ms < to))
    score.told += told.length
    score.correct += hits.filter((hit) => hit !== undefined).length
    score.weeks += weeks
    for (const span of spans) {
      const delays = told.filter((_, i) => hits[i] === span).map(({ found_ms }) => Math.max(0, found_ms - span[0]))
      score.faults += 1
      if (delays.length === 0) continue
      score.found += 1
      score.delays_ms.push(Math.min(...delays))
    }
  }
  process.stdout.write(`\nlabelled series of ${folder.split('/').at(-1)}\n`)
  writeTable([...by_group])
  for (const [group, { told, correct, weeks }] of by_group) {
    const wrong = weeks > 0 ? ((told - correct) / weeks).toFixed(2) : '–'
    process.stdout.write(`${group.padEnd(28)}${correct} of ${told} anomalies lie in a window; ${wrong} others a week\n`)
  }
}

function judgeFile(path: string) {
  const rows = readFileSync(path, 'utf8').trim().split(/\r?\n/).slice(1)
  const points = rows.flatMap((row) => {
    const [time, value] = row.split(',')
    const at_ms = instant(time ?? '')
    return Number.isFinite(at_ms) && value !== undefined ? [{ at_ms, value: Number(value) }] : []
  })
  const steps = points.slice(1).map(({ at_ms }, i) => at_ms - (points[i]?.at_ms ?? at_ms))
  const slot_s = Math.max(1, Math.round(quantileOf(steps, 0.5) / 1000))
  const from_ms = points[0]?.at_ms ?? 0
  const to_ms = (points.at(-1)?.at_ms ?? 0) + slot_s * 1000
  const meter = Asset.parse({ asset_id: 'one', name: 'One', kind: 'meter', role: 'load', sensor_ids: ['one'] })
  const site = { latitude: 0, longitude: 0, time_zone: 'UTC', tariff: null, assets: [meter] }
  const readings = points.map((point) => ({
    ...point,
    sensor_id: 'one',
    measure: 'load_power_kw',
    kind: 'gauge' as const,
  }))
  const { anomalies } = detectAnomalies(watchOf(site, { from_ms, to_ms, slot_s }, readings))
  return { told: anomalies, weeks: (to_ms - from_ms) / 604_800_000 }
}

function instant(time: string): number {
  return Date.parse(`${time.replace(' ', 'T').replace(/\.0+$/, '')}Z`)
}
