// How well and how fast the stream detector finds anomalies, by the published score of the Numenta Anomaly Benchmark, beside
// a plain windowed Gaussian on the same series in the same run.
//
//   node bench/stream.ts
//   TIDEMARK_BENCH_NAB=folder node bench/stream.ts     a folder with data/**/*.csv and labels/combined_windows.json
//
// Without a folder the series are made here: 36 of 2,000 values (six kinds of signal, one of six kinds of anomaly twice in
// each), from a seeded generator. They are easier than measured ones: figures of the two are not comparable.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { episodesOf } from '@tidemark/core/learn/episodes.ts'
import { nabProfiles, nabScore, probation } from '@tidemark/core/learn/nab-score.ts'
import { type Random, randomOf } from '@tidemark/core/learn/random.ts'
import { stepStream, streamDetector } from '@tidemark/core/learn/stream-detector.ts'
import { sayBar } from './bar.ts'

interface Labelled {
  name: string
  values: Float64Array
  windows: [number, number][]
}

const folder = process.env.TIDEMARK_BENCH_NAB
const corpus = folder ? readCorpus(folder) : generatedCorpus()
const value_count = corpus.reduce((sum, { values }) => sum + values.length, 0)
process.stdout.write(
  `${corpus.length} series, ${value_count.toLocaleString('en')} values, ${folder ? 'read' : 'generated'}\n`,
)

const SHIPPED = episodesOf().p_value_max
/** p-values at which an alarm may be given. The benchmark's table takes the best for each profile, chosen on the corpus. */
const limits = [1, 2, 3, 4, 6, 10, 20, 30, 40].map((times) => (times + 1e-6) / 751)
const detectors: [name: string, judge: (values: Float64Array) => Float64Array][] = [
  ['conformal k-nearest shapes', shapes],
  ['windowed Gaussian (baseline)', gaussian],
]
const scored = detectors.map(([name, judge]) => {
  const started = process.cpuUsage()
  const p_values = corpus.map(({ values }) => judge(values))
  const spent = process.cpuUsage(started)
  const seconds = (spent.user + spent.system) / 1e6
  // One alarm, then quiet for a fifth of the learning time: the score counts every alarm outside of a window.
  const alarmed = (limit: number) =>
    corpus.map((series, i) => ({ scores: alarms(p_values[i] ?? new Float64Array(0), limit), windows: series.windows }))
  const best = Object.entries(nabProfiles).map(([profile, weights]) => ({
    profile,
    score: Math.max(...limits.map((limit) => nabScore(alarmed(limit), 0.5, weights))),
  }))
  const shipped = nabScore(alarmed(SHIPPED), 0.5, nabProfiles.standard)
  const us = (seconds / value_count) * 1e6
  const told = best.map(({ profile, score }) => `${profile} ${score.toFixed(1)}`).join(', ')
  process.stdout.write(`${name}: ${told} at the best threshold; standard ${shipped.toFixed(1)} at p ≤ ${SHIPPED}; `)
  process.stdout.write(`${us.toFixed(1)} µs of processor time a value\n`)
  return { standard: best[0]?.score ?? 0, us }
})
const [own, baseline] = scored
if (own && baseline && !folder) {
  sayBar({
    what: 'stream detector, NAB score less the baseline',
    measured: own.standard - baseline.standard,
    unit: 'points',
    at: { least: 10 },
  })
  sayBar({ what: 'stream detector, processor time a value', measured: own.us, unit: 'µs', at: { most: 100 } })
}

function shapes(values: Float64Array): Float64Array {
  const detector = streamDetector()
  return values.map((value) => {
    const reading = stepStream(detector, value)
    return reading.state === 'scored' ? reading.p_value : 1
  })
}

/** The tail of a normal distribution over the latest 500 values, both sides. */
function gaussian(values: Float64Array): Float64Array {
  return values.map((value, i) => {
    const past = values.subarray(Math.max(0, i - 500), i)
    if (past.length < 100) return 1
    const mean = past.reduce((sum, each) => sum + each, 0) / past.length
    const deviation = Math.sqrt(past.reduce((sum, each) => sum + (each - mean) ** 2, 0) / past.length) || 1e-9
    const z = Math.abs(value - mean) / deviation
    return Math.min(1, Math.exp(-0.717 * z - 0.416 * z * z))
  })
}

function alarms(p_values: Float64Array, limit: number): Float64Array {
  const quiet = Math.floor(probation(p_values.length) / 5)
  let last = -Infinity
  return p_values.map((p_value, i) => {
    if (!(p_value <= limit) || i - last <= quiet) return 0
    last = i
    return 1
  })
}

function generatedCorpus(): Labelled[] {
  const signals = ['daily', 'noisy', 'steps', 'walk', 'bursts', 'saw'] as const
  const faults = ['spike', 'shift', 'stuck', 'noise', 'flip', 'trend'] as const
  return signals.flatMap((signal, s) =>
    faults.map((fault, f) => {
      const random = randomOf(1_000 + s * 10 + f)
      const values = signalOf(signal, 2_000, random)
      const spread = deviationOf(values)
      const windows = [700 + random.integer(300), 1_300 + random.integer(300)].map((at): [number, number] => {
        spoil(values, fault, at, spread, random)
        return [at - 20, at + 79]
      })
      return { name: `${signal}-${fault}`, values, windows }
    }),
  )
}

function signalOf(kind: string, count: number, random: Random): Float64Array {
  let walk = 0
  return Float64Array.from({ length: count }, (_, i) => {
    walk = 0.98 * walk + random.normal() * 0.3
    const day = (2 * Math.PI * i) / 48
    if (kind === 'daily') return 10 + 3 * Math.sin(day) + Math.sin(2 * day) + random.normal() * 0.3
    if (kind === 'noisy') return 50 + random.normal() * 2
    if (kind === 'steps') return (i % 96 < 60 ? 8 : 2) + random.normal() * 0.3
    if (kind === 'walk') return 20 + walk
    if (kind === 'bursts') return (i % 24 === 7 ? 6 : 1) + Math.abs(random.normal()) * 0.4
    return (i % 36) / 6 + random.normal() * 0.2
  })
}

function spoil(values: Float64Array, fault: string, at: number, spread: number, random: Random): void {
  const stuck = values[at] ?? 0
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const length = fault === 'spike' ? 2 : fault === 'shift' ? 80 : 40
  for (let i = at; i < at + length; i++) {
    const value = values[i] ?? 0
    if (fault === 'spike') values[i] = value + 6 * spread
    else if (fault === 'shift') values[i] = value + 3 * spread
    else if (fault === 'stuck') values[i] = stuck
    else if (fault === 'noise') values[i] = value + random.normal() * 2 * spread
    else if (fault === 'flip') values[i] = low + high - value
    else values[i] = value + (4 * spread * (i - at)) / length
  }
}

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length)
}

function readCorpus(from: string): Labelled[] {
  const labels = JSON.parse(readFileSync(join(from, 'labels/combined_windows.json'), 'utf8')) as Record<
    string,
    [string, string][]
  >
  return Object.entries(labels).flatMap(([name, windows]) => {
    const path = join(from, 'data', name)
    if (!existsSync(path)) return []
    const rows = readFileSync(path, 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(','))
    const times = rows.map(([time]) => Date.parse(`${time}Z`))
    const place = (time: string) => times.findIndex((each) => each >= Date.parse(`${time.replace(/\.0+$/, '')}Z`))
    return [
      {
        name,
        values: Float64Array.from(rows, ([, value]) => Number(value)),
        windows: windows.map(([first, last]): [number, number] => [place(first), place(last)]),
      },
    ]
  })
}
