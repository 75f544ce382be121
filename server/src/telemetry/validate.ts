import { digestOf } from '@tidemark/core/certificates/canonical.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { pointer, type Fault } from '@tidemark/core/lib/problem.ts'
import {
  checkTime,
  checkTogether,
  newSeries,
  verdictOf,
  type Finding,
  type Verdict,
} from '@tidemark/core/telemetry/check.ts'
import type { validate as validateRoute } from '@tidemark/core/telemetry/contract.ts'
import { newCounter } from '@tidemark/core/telemetry/counter.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import {
  batchQualityOf,
  completenessOf,
  confidenceOf,
  fieldsPresent,
  qualityOf,
  timelinessOf,
  type ReadingQuality,
} from '@tidemark/core/telemetry/quality.ts'
import { readReading, type Reading } from '@tidemark/core/telemetry/reading.ts'
import { rulesFor, takeIn, type SeriesMemory } from '@tidemark/core/telemetry/take-in.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as store from './store.ts'

type Level = InputOf<typeof validateRoute>['validation_level']
type Output = OutputOf<typeof validateRoute>
type Result = Output['validation_results'][number]

/** What a reading was found to be, before it is shown. */
interface Judged {
  index: number
  input: unknown
  reading: Reading | null
  faults: Fault[]
  findings: Finding[]
  verdict: Verdict | 'refused'
  has_past: boolean
}

/**
 * Checks and scores readings as they would be when they are taken in, and stores nothing. Readings of one device are
 * checked in the order of their time, each against what came before it.
 */
export async function validate(ctx: Context, input: InputOf<typeof validateRoute>): Promise<Output> {
  const now = ctx.now()
  const judged = input.sensor_readings.map((reading, index) => read(reading, index, now))
  await judgeAgainstPast(ctx, judged, input.validation_level)
  const results = judged.map((each) => shown(each, input.validation_level, now))
  const quality = batchQualityOf(
    judged.map((each, i) => qualityFor(each, results[i]?.validation_result.is_valid ?? false, now)),
  )
  const { details, ...scores } = quality
  const quality_score = { ...scores, details: details ?? 'No valid readings' }
  const certified = {
    project_id: input.project_id,
    validation_timestamp: now.toISOString(),
    validation_level: input.validation_level,
    readings_digest: digestOf(judged.map((each) => canonicalReading(each.input))),
    quality_score,
    validation_results: results,
  }
  const validation_id = digestOf(canonicalReading(certified)).replace('sha256:', '')
  return {
    success: true,
    validation_id,
    quality_score,
    validation_results: results,
    certificate_hash: validation_id,
  }
}

function read(input: unknown, index: number, now: Date): Judged {
  const outcome = readReading(input, pointer(['sensor_readings', index]))
  if ('faults' in outcome) {
    return { index, input, reading: null, faults: outcome.faults, findings: [], verdict: 'refused', has_past: false }
  }
  const findings = [...checkTime(outcome.reading, now.getTime()), ...checkTogether(outcome.reading.values)]
  return {
    index,
    input,
    reading: outcome.reading,
    faults: [],
    findings,
    verdict: verdictOf(findings),
    has_past: false,
  }
}

/** Runs every readable value through the series it would go to, beginning with what that remembers. */
async function judgeAgainstPast(ctx: Context, judged: readonly Judged[], level: Level): Promise<void> {
  const readable = judged
    .flatMap((each) => (each.reading === null ? [] : [{ each, reading: each.reading }]))
    .sort((a, b) => a.reading.captured_at_ms - b.reading.captured_at_ms)
  const sensors = [...new Set(readable.map(({ reading }) => reading.sensor_id))]
  const devices = await store.findDevicesBySensor(ctx.db, organisationOf(ctx), sensors)
  const series = await store.listSeries(
    ctx.db,
    devices.map(({ device_id }) => device_id),
  )
  const deviceOf = new Map(devices.map((device) => [device.sensor_id, device]))
  const seriesOf = new Map(series.map((each) => [`${each.device_id} ${each.measure}`, each]))
  const memories = new Map<string, SeriesMemory>()
  for (const { each, reading } of readable) {
    const device = deviceOf.get(reading.sensor_id)
    for (const { measure: id, value } of reading.values) {
      const measure = measures.get(id)
      if (measure === undefined) continue
      const known = device && seriesOf.get(`${device.device_id} ${id}`)
      const key = `${reading.sensor_id} ${id}`
      const memory = memories.get(key) ?? known?.state ?? { checks: newSeries, counter: newCounter }
      const profile = level === 'basic' ? null : (known?.profile ?? null)
      const rules = rulesFor(measure, device?.measures[id], profile)
      const arrival = { at_ms: reading.captured_at_ms, value, findings: [] }
      const step = takeIn(memory, measure, rules, [arrival], known?.last_at?.getTime() ?? null)
      memories.set(key, step.memory)
      each.findings.push(...step.taken.flatMap((taken) => taken.findings))
      each.has_past ||= profile !== null
    }
    each.verdict = verdictOf(each.findings)
  }
}

function shown({ input, reading, faults, findings, verdict, has_past }: Judged, level: Level, now: Date): Result {
  const impossible = findings.filter(({ severity }) => severity === 'impossible')
  const unlikely = findings.filter(({ severity }) => severity === 'unlikely')
  // `strict` believes nothing that could not be held against a past.
  const is_proven = level !== 'strict' || has_past
  return {
    sensor_id: reading?.sensor_id ?? textOf(input, 'sensor_id'),
    timestamp: textOf(input, 'timestamp'),
    validation_result: {
      is_valid: verdict === 'valid' && is_proven,
      verdict,
      // No forest is trained on the class of the device yet: nothing is guessed in its place.
      anomaly_score: null,
      is_anomaly: unlikely.some(({ check }) => check === 'usual_for_hour' || check === 'isolation_forest'),
      range_validation: {
        valid: impossible.length === 0 && faults.length === 0,
        errors: [
          ...faults.map(({ path, message }) => `${path}: ${message}`),
          ...impossible.map(({ message }) => message),
        ],
      },
      trend_validation: { valid: unlikely.length === 0, warnings: unlikely.map(({ message }) => message) },
      confidence: reading === null ? 0 : confidenceOf(reading.health, now.getTime()).confidence,
      checked_against: has_past ? 'own_past' : 'limits',
      faults,
    },
  }
}

function qualityFor({ input, reading, findings }: Judged, is_valid: boolean, now: Date): ReadingQuality {
  const unusual = findings.some(({ check }) => check === 'usual_for_hour' || check === 'isolation_forest')
  return qualityOf(
    {
      completeness: completenessOf(fieldsPresent(input)),
      accuracy: reading === null ? 0 : confidenceOf(reading.health, now.getTime()).confidence,
      consistency: reading === null || unusual ? 0 : 1,
      timeliness: reading === null ? 0 : timelinessOf(reading, now.getTime()),
      validity: is_valid ? 1 : 0,
    },
    is_valid,
  )
}

function textOf(input: unknown, field: string): string | null {
  const value: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, field) : null
  return typeof value === 'string' ? value.slice(0, 120) : null
}

/** What was sent may hold anything that JSON holds, also what has no canonical form: then its own text stands for it. */
function canonicalReading(input: unknown): string {
  return JSON.stringify(input) ?? 'null'
}
