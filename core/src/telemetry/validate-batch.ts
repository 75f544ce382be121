import { digestOf } from '../certificates/canonical.ts'
import { pointer, type Fault } from '../lib/problem.ts'
import { checkTime, checkTogether, newSeries, verdictOf, type Finding, type Verdict } from './check.ts'
import { forestFinding } from './class-finding.ts'
import type { DeclaredMeasure } from './contract.ts'
import { newCounter } from './counter.ts'
import { measures } from './measures.ts'
import type { SeriesProfile } from './profile.ts'
import {
  batchQualityOf,
  completenessOf,
  confidenceOf,
  fieldsPresent,
  qualityOf,
  timelinessOf,
  type QualityDetails,
  type ReadingQuality,
} from './quality.ts'
import { readReading, type Reading } from './reading.ts'
import { rulesFor, takeIn, type SeriesMemory } from './take-in.ts'

/**
 * What validates; its version changes with any rule that can move a verdict or a score. Since 1.1.0 forests are asked; where
 * none was, the rules are those of 1.0.0, and what they certified comes out the same.
 */
function methodOf(forests: readonly ForestPast[]): BatchValidation['method'] {
  return { name: 'tidemark-sensor-validation', version: forests.length === 0 ? '1.0.0' : '1.1.0' }
}

/**
 * - `basic` holds readings against limits alone.
 * - `standard` holds them against what is known of their device too, where there is enough of it.
 * - `strict` accepts nothing that could not be held against a past.
 */
export type ValidationLevel = 'basic' | 'standard' | 'strict'

/** What is known of one measure of one sensor before the batch. */
export interface SeriesPast {
  sensor_id: string
  measure: string
  /** The device is played by a program. */
  simulated: boolean
  declared: DeclaredMeasure | null
  profile: SeriesProfile | null
  memory: SeriesMemory | null
  last_at_ms: number | null
}

/**
 * What the forest of a device's class said of its readings. The forest itself is too large to travel with every batch: its file
 * is named by its digest, and its scores are taken as they are.
 */
export interface ForestPast {
  sensor_id: string
  /** Null where none is trained, or the device has too little past of its own. */
  forest: { name: string; version: number; sha256: string; device_kind: string } | null
  /** Why there are no scores; null where there are. */
  reason: string | null
  /** By the place of the reading in the batch. */
  scores: readonly { index: number; score: number; measure: string }[]
}

export interface Batch {
  /** As they were sent: anything that JSON can hold. */
  readings: readonly unknown[]
  validation_level: ValidationLevel
  validated_at_ms: number
  past: readonly SeriesPast[]
  forests?: readonly ForestPast[]
}

export interface ReadingVerdict {
  sensor_id: string | null
  timestamp: string | null
  validation_result: {
    is_valid: boolean
    verdict: Verdict | 'refused'
    anomaly_score: number | null
    /** Which forest said so; this and the next are left out where nobody asked for one. */
    anomaly_model?: string | null
    /** Why there is no score. */
    anomaly_reason?: string | null
    is_anomaly: boolean
    range_validation: { valid: boolean; errors: string[] }
    trend_validation: { valid: boolean; warnings: string[] }
    confidence: number
    checked_against: 'own_past' | 'limits'
    faults: Fault[]
  }
}

export interface BatchCounts {
  total: number
  accepted: number
  valid: number
  suspect: number
  invalid: number
  refused: number
  unusual: number
  late: number
  dated_ahead: number
  against_own_past: number
  simulated: number
}

export interface BatchValidation {
  method: { name: 'tidemark-sensor-validation'; version: '1.0.0' | '1.1.0' }
  counts: BatchCounts
  /** First and last instant of the readings that could be read; null when there is none. */
  captured: { from: string; to: string } | null
  /** How many sensors the readings name, and the digest of their sorted names. */
  sensors: { count: number; digest: string }
  quality_score: {
    score: number
    details: QualityDetails | 'No valid readings'
    score_all_readings: number
    details_all_readings: QualityDetails | null
    valid_readings: number
    total_readings: number
    data_coverage: number
  }
  validation_results: ReadingVerdict[]
}

/** What a reading was found to be, before it is shown. */
interface Judged {
  input: unknown
  reading: Reading | null
  faults: Fault[]
  findings: Finding[]
  verdict: Verdict | 'refused'
  has_past: boolean
  is_late: boolean
  is_simulated: boolean
  forest: { score: number | null; model: string | null; reason: string | null } | null
}

/**
 * Checks and scores readings as they would be when they are taken in. Those of one sensor are checked in the order of
 * their time, each against what came before it; the result is in the order in which they were sent.
 */
export function validateBatch(batch: Batch): BatchValidation {
  const { readings, validation_level: level, validated_at_ms, past, forests = [] } = batch
  const judged = readings.map((reading, index) => read(reading, index, validated_at_ms))
  judgeAgainstPast(judged, past, level)
  judgeByForests(judged, forests, level)
  const validation_results = judged.map((each) => shown(each, level, validated_at_ms))
  const { details, ...scores } = batchQualityOf(
    judged.map((each, i) =>
      qualityFor(each, validation_results[i]?.validation_result.is_valid === true, validated_at_ms),
    ),
  )
  return {
    method: methodOf(forests),
    counts: countsOf(judged, validation_results),
    captured: capturedOf(judged),
    sensors: sensorsOf(validation_results),
    quality_score: { ...scores, details: details ?? 'No valid readings' },
    validation_results,
  }
}

function read(input: unknown, index: number, validated_at_ms: number): Judged {
  const outcome = readReading(input, pointer(['sensor_readings', index]))
  const about = { input, has_past: false, is_late: false, forest: null }
  if ('faults' in outcome) {
    const faults = outcome.faults.map(writable)
    return { ...about, reading: null, faults, findings: [], verdict: 'refused', is_simulated: false }
  }
  const { reading } = outcome
  const findings = [...checkTime(reading, validated_at_ms), ...checkTogether(reading.values)]
  return { ...about, reading, faults: [], findings, verdict: verdictOf(findings), is_simulated: reading.simulated }
}

/** Runs every readable value through the series it would go to, beginning with what that remembers. */
function judgeAgainstPast(judged: readonly Judged[], past: readonly SeriesPast[], level: ValidationLevel): void {
  const readable = judged
    .flatMap((each) => (each.reading === null ? [] : [{ each, reading: each.reading }]))
    .sort((a, b) => a.reading.captured_at_ms - b.reading.captured_at_ms)
  const known = new Map(past.map((each) => [keyOf(each.sensor_id, each.measure), each]))
  const memories = new Map<string, SeriesMemory>()
  for (const { each, reading } of readable) {
    for (const { measure: id, value } of reading.values) {
      const measure = measures.get(id)
      if (measure === undefined) continue
      const key = keyOf(reading.sensor_id, id)
      const before = known.get(key)
      const memory = memories.get(key) ?? before?.memory ?? { checks: newSeries, counter: newCounter }
      const profile = level === 'basic' ? null : (before?.profile ?? null)
      const rules = rulesFor(measure, before?.declared ?? undefined, profile)
      const arrival = { at_ms: reading.captured_at_ms, value, findings: [] }
      const step = takeIn(memory, measure, rules, [arrival], before?.last_at_ms ?? null)
      memories.set(key, step.memory)
      each.findings.push(...step.taken.flatMap((taken) => taken.findings))
      const is_late = step.taken.some((taken) => taken.is_late)
      each.is_late ||= is_late
      // What comes late is held against limits alone.
      each.has_past ||= profile !== null && !is_late
      each.is_simulated ||= before?.simulated === true
    }
    each.verdict = verdictOf(each.findings)
  }
}

/** Rules went first: what they found impossible is not for a forest to judge. */
function judgeByForests(judged: readonly Judged[], forests: readonly ForestPast[], level: ValidationLevel): void {
  const of_sensor = new Map(forests.map((each) => [each.sensor_id, each]))
  judged.forEach((each, index) => {
    const said = each.reading === null ? undefined : of_sensor.get(each.reading.sensor_id)
    if (said === undefined) return
    const none = (reason: string) => ({ score: null, model: null, reason })
    const found = said.scores.find((one) => one.index === index)
    if (level === 'basic') each.forest = none('The level basic holds readings against limits alone.')
    else if (each.verdict === 'invalid') each.forest = none('A rule found it impossible: the forest is not asked.')
    else if (said.forest === null || found === undefined)
      each.forest = none(said.reason ?? 'None of its values can be held against a past of the device.')
    else {
      const { name, version, device_kind } = said.forest
      each.forest = { score: found.score, model: `${name}, version ${version}`, reason: null }
      if (found.score >= 0) return
      const value = each.reading?.values.find(({ measure }) => measure === found.measure)?.value ?? null
      each.findings.push(forestFinding(found, device_kind, value))
      each.verdict = verdictOf(each.findings)
    }
  })
}

function keyOf(sensor_id: string, measure: string): string {
  return `${measure} ${sensor_id}`
}

function isUnusual(findings: readonly Finding[]): boolean {
  return findings.some(({ check }) => check === 'usual_for_hour' || check === 'isolation_forest')
}

function shown(judged: Judged, level: ValidationLevel, validated_at_ms: number): ReadingVerdict {
  const { input, reading, faults, findings, verdict, has_past, forest } = judged
  const impossible = findings.filter(({ severity }) => severity === 'impossible')
  const unlikely = findings.filter(({ severity }) => severity === 'unlikely')
  return {
    sensor_id: reading?.sensor_id ?? textOf(input, 'sensor_id'),
    timestamp: textOf(input, 'timestamp'),
    validation_result: {
      is_valid: verdict === 'valid' && (level !== 'strict' || has_past),
      verdict,
      anomaly_score: forest?.score ?? null,
      ...(forest === null ? {} : { anomaly_model: forest.model, anomaly_reason: forest.reason }),
      is_anomaly: isUnusual(unlikely),
      range_validation: {
        valid: impossible.length === 0 && faults.length === 0,
        errors: [
          ...faults.map(({ path, message }) => `${path}: ${message}`),
          ...impossible.map(({ message }) => message),
        ],
      },
      trend_validation: { valid: unlikely.length === 0, warnings: unlikely.map(({ message }) => message) },
      confidence: reading === null ? 0 : confidenceOf(reading.health, validated_at_ms).confidence,
      checked_against: has_past ? 'own_past' : 'limits',
      faults,
    },
  }
}

function qualityFor({ input, reading, findings }: Judged, is_valid: boolean, validated_at_ms: number): ReadingQuality {
  return qualityOf(
    {
      completeness: completenessOf(fieldsPresent(input)),
      accuracy: reading === null ? 0 : confidenceOf(reading.health, validated_at_ms).confidence,
      consistency: reading === null || isUnusual(findings) ? 0 : 1,
      timeliness: reading === null ? 0 : timelinessOf(reading, validated_at_ms),
      validity: is_valid ? 1 : 0,
    },
    is_valid,
  )
}

function countsOf(judged: readonly Judged[], results: readonly ReadingVerdict[]): BatchCounts {
  const of = (is: (each: Judged) => boolean): number => judged.filter(is).length
  return {
    total: judged.length,
    accepted: results.filter(({ validation_result }) => validation_result.is_valid).length,
    valid: of(({ verdict }) => verdict === 'valid'),
    suspect: of(({ verdict }) => verdict === 'suspect'),
    invalid: of(({ verdict }) => verdict === 'invalid'),
    refused: of(({ verdict }) => verdict === 'refused'),
    unusual: of(({ findings }) => isUnusual(findings)),
    late: of(({ is_late }) => is_late),
    dated_ahead: of(({ findings }) => findings.some(({ check, value }) => check === 'time' && value !== null)),
    against_own_past: of(({ has_past }) => has_past),
    simulated: of(({ is_simulated }) => is_simulated),
  }
}

function capturedOf(judged: readonly Judged[]): BatchValidation['captured'] {
  let from_ms = Infinity
  let to_ms = -Infinity
  for (const { reading } of judged) {
    if (reading === null) continue
    from_ms = Math.min(from_ms, reading.captured_at_ms)
    to_ms = Math.max(to_ms, reading.captured_at_ms)
  }
  if (from_ms > to_ms) return null
  return { from: new Date(from_ms).toISOString(), to: new Date(to_ms).toISOString() }
}

function sensorsOf(results: readonly ReadingVerdict[]): BatchValidation['sensors'] {
  const names = [...new Set(results.flatMap(({ sensor_id }) => sensor_id ?? []))].sort()
  return { count: names.length, digest: digestOf(names) }
}

/** What was sent may hold halves of characters, which have no bytes in a file; they are shown as U+FFFD. */
function writable({ path, message, value, ...rest }: Fault): Fault {
  return {
    ...rest,
    path: path.toWellFormed(),
    message: message.toWellFormed(),
    ...(value === undefined ? {} : { value: typeof value === 'string' ? value.toWellFormed() : value }),
  }
}

function textOf(input: unknown, field: string): string | null {
  const value: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, field) : null
  return typeof value === 'string' ? value.slice(0, 120).toWellFormed() : null
}
