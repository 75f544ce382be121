// How fast the engine calculates and traces, beside a bare multiply-and-sum of the same lines in the same run.
//
//   node bench/footprint.ts [lines]
//
// The baseline knows the factor of every line beforehand, multiplies, sums and writes the line as JSON: no units, no
// choice of factors, no gases, no stages, no trace, no interval. It is what a spreadsheet does. Rates are per second of
// processor time, so that other work on the machine counts for little.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { calculate, Run } from '@tidemark/core/footprint/calculate.ts'
import { Inventory, type InventoryLine, type LineResult } from '@tidemark/core/footprint/contract.ts'
import { libraryOf } from '@tidemark/core/footprint/library.ts'
import { rerunTrace } from '@tidemark/core/footprint/rerun-trace.ts'
import { loadEmbeddedFactors } from '../server/src/factors/embedded.ts'
import { sayBar } from './bar.ts'

const streamed = Number(process.argv[2] ?? 1_000_000)
// What is left after a collection is what stays in memory; without it the figure is chance.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const library = libraryOf({
  factors: loadEmbeddedFactors(),
  airports: [
    { iata: 'CDG', name: 'Paris Charles de Gaulle', country: 'FR', latitude_deg: 49.0097, longitude_deg: 2.5479 },
    { iata: 'JFK', name: 'New York JFK', country: 'US', latitude_deg: 40.6398, longitude_deg: -73.7789 },
  ],
})
const grades = { reliability: 4, technical: 3, geographic: 5, temporal: 4, completeness: 4 }
const contract = { type: 'guarantee_of_origin', kg_co2e_per_kwh: 0, share: 0.5, source: 'Register' }

/** What an SME writes down: half of its lines name a factor, the others an activity; one flies, one brings its factor. */
const kinds: object[] = [
  { quantity: 62_000, unit: 'kWh', factor: { id: 'base-carbone:43642' }, category: '2.1', contract },
  { quantity: 84_500, unit: 'kWh_gross', factor: { id: 'base-carbone:37133' }, category: '1.1' },
  { quantity: 4_200, unit: 'L', factor: { id: 'base-carbone:25775' }, category: '1.2', data_quality: grades },
  { quantity: 12, unit: 't', factor: { id: 'desnz:20_507_5313_15' }, category: '3.5' },
  { quantity: 900, unit: 'gal_us', factor: { id: 'epa-hub:2.diesel-fuel.gallon' }, category: '1.2' },
  { quantity: 500, unit: 'kg', factor: { value: 0.9, unit: 'kgCO2e/kg', source: 'Supplier' }, category: '3.1' },
  { quantity: 31_000, unit: 'kWh', activity: 'electricity' },
  { quantity: 18_000, unit: 'vehicle.km', activity: 'car', attributes: { fuel: 'diesel' } },
  { quantity: 3, unit: 'passenger', activity: 'flight', attributes: { from: 'CDG', to: 'JFK', round_trip: true } },
  { quantity: 40, unit: 'kEUR-2023', activity: 'purchase_services', attributes: { sector: 'insurance' } },
]
const lineAt = (index: number): InventoryLine => {
  const kind = kinds[index % kinds.length] as InventoryLine
  return { ...kind, id: `line-${index}`, quantity: kind.quantity * (1 + (index % 97) / 97) }
}
const inventoryOf = (count: number): Inventory =>
  Inventory.parse({
    organisation: { name: 'Atelier Marée', country: 'FR', employees: 40 },
    reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
    gwp_set: 'AR5-fossil-ch4',
    residual_mix: [{ country: 'FR', kg_co2e_per_kwh: 0.125, source: 'AIB 2022' }],
    lines: Array.from({ length: count }, (_, index) => lineAt(index)),
  })

const small = inventoryOf(60)
const stages = stagesOfKinds()
say('60-line inventory, calculated, traced, digested', 'ms', [
  ['engine', msPerRun(() => calculate(small, library).result_digest)],
  ['bare multiply-and-sum, as JSON', msPerRun(() => small.lines.map((line, index) => bare(line, index)).join('\n'))],
])

bare(lineAt(0), 0)
const memory: string[] = []
const run = new Run({ ...small, lines: [] }, library, { keep_factors: false })
let traced_bytes = 0
const engine_rate = stream((line) => run.add(line))
const engine_memory = memory.splice(0)
const written = new Run({ ...small, lines: [] }, library, { keep_factors: false })
const written_rate = stream((line) => {
  traced_bytes += JSON.stringify(written.add(line).result).length
})
memory.length = 0
let bare_total = 0
const bare_rate = stream((line, index) => {
  bare_total += bare(line, index).length
})
say(`${streamed.toLocaleString('en')} lines streamed through one core`, 'lines/s', [
  ['traced by Run.add', engine_rate],
  ['traced, and each line written as JSON', written_rate],
  ['bare multiply-and-sum, as JSON', bare_rate],
])
process.stdout.write(`  heap at start, middle and end: ${engine_memory.join(', ')}\n`)
sayBar({ what: 'lines traced on one core', measured: engine_rate, unit: 'lines/s', at: { least: 200_000 } })
sayBar({ what: 'heap grown while streaming', measured: grown_mb(engine_memory), unit: 'MB', at: { most: 5 } })
process.stdout.write(
  `  a traced line is ${round(traced_bytes / streamed)} bytes of JSON, a bare one ${round(bare_total / streamed)}\n`,
)

const results = calculate(inventoryOf(5_000), library).lines
say('5,000 traces run again', 'lines/s', [['rerunTrace', 5_000 / (msPerRun(() => rerunAll(results), 5) / 1000)]])

/** The emissions of each kind of line by stage, found once: the baseline is spared everything but the sums. */
function stagesOfKinds(): number[][] {
  return calculate(inventoryOf(kinds.length), library)
    .lines.toSorted((a, b) => a.id.localeCompare(b.id))
    .map((line) => {
      const index = Number(line.id.slice('line-'.length))
      return line.parts.map((part) => part.emissions_kg_co2e / lineAt(index).quantity)
    })
}

function bare(line: InventoryLine, index: number): string {
  let emissions_kg_co2e = 0
  for (const per_unit of stages[index % kinds.length] ?? []) emissions_kg_co2e += line.quantity * per_unit
  return JSON.stringify({ id: line.id, quantity: line.quantity, unit: line.unit, emissions_kg_co2e })
}

function rerunAll(lines: readonly LineResult[]): number {
  return lines.filter((line) => rerunTrace(line).same).length
}

/** Lines per second of one pass. Lines are made on the way, for the baseline too, so that none of them stays in memory. */
function stream(add: (line: InventoryLine, index: number) => unknown): number {
  for (let index = 0; index < 20_000; index += 1) add(lineAt(index), index)
  const marks = new Set([0, Math.floor(streamed / 2), streamed - 1])
  let paused_ms = 0
  const started_ms = cpuMs()
  for (let index = 0; index < streamed; index += 1) {
    add(lineAt(index), index)
    if (!marks.has(index)) continue
    const before_ms = cpuMs()
    memory.push(heap())
    paused_ms += cpuMs() - before_ms
  }
  return streamed / ((cpuMs() - started_ms - paused_ms) / 1000)
}

/** Processor time of the whole process, the garbage collector's threads included. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** By how much the last heap exceeds the first. */
function grown_mb(heaps: readonly string[]): number {
  return Math.max(0, Number.parseFloat(heaps.at(-1) ?? '') - Number.parseFloat(heaps[0] ?? ''))
}

function heap(): string {
  collectGarbage()
  return `${(process.memoryUsage().heapUsed / 1e6).toFixed(1)} MB`
}

/** Milliseconds of the median run, after warming up. */
function msPerRun(work: () => unknown, runs = 60): number {
  for (let index = 0; index < runs / 3; index += 1) work()
  const times = Array.from({ length: runs }, () => {
    const started_ms = performance.now()
    work()
    return performance.now() - started_ms
  })
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
}

function say(what: string, unit: string, rows: readonly (readonly [name: string, value: number])[]): void {
  const baseline = rows.at(-1)?.[1] ?? 1
  process.stdout.write(`${what}\n`)
  for (const [name, value] of rows) {
    const ratio = rows.length > 1 && value !== baseline ? `, ${(value / baseline).toFixed(2)} × the baseline` : ''
    process.stdout.write(`  ${name}: ${unit === 'ms' ? value.toFixed(2) : round(value)} ${unit}${ratio}\n`)
  }
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en')
}
