import { z } from 'zod'
import { digestOf } from '../certificates/canonical.ts'
import type { SensorBatchEvidence } from '../certificates/kinds/sensor-batch.ts'
import type { ReplayAnswer } from '../certificates/verify.ts'
import { faultsOf } from '../lib/faults.ts'
import { pointer, Problem, type Fault } from '../lib/problem.ts'
import { DeclaredMeasure } from './contract.ts'
import { validateBatch, type BatchValidation, type ForestPast, type SeriesPast } from './validate-batch.ts'

const Sample = z.strictObject({ at_ms: z.number(), value: z.number() })

/** What was known of a series, as it travels: nothing in it has been believed yet. */
const Past = z.strictObject({
  sensor_id: z.string(),
  measure: z.string(),
  simulated: z.boolean(),
  declared: DeclaredMeasure.nullable(),
  profile: z
    .strictObject({
      readings_count: z.number(),
      from_ms: z.number(),
      to_ms: z.number(),
      interval_s: z.number(),
      resolution: z.number(),
      rate_max_per_s: z.number(),
      run_max: z.strictObject({ zero: z.number(), other: z.number() }),
      usual_by_hour: z.array(z.number().nullable()),
      residual_scale: z.number(),
      daily_residual_scale: z.number(),
    })
    .nullable(),
  memory: z
    .strictObject({
      checks: z.strictObject({
        last: Sample.nullable(),
        run: z.strictObject({ value: z.number(), length: z.number() }).nullable(),
        day: z.strictObject({ day: z.number(), sum: z.number(), count: z.number() }).nullable(),
        drift: z.strictObject({ up: z.number(), down: z.number() }),
      }),
      counter: z.strictObject({ last: Sample.nullable(), held: Sample.nullable() }),
    })
    .nullable(),
  last_at_ms: z.number().nullable(),
})

/**
 * Validates the readings of a certificate's evidence again, against what was known of their sensors at the time, and names
 * the first verdict that comes out otherwise.
 * @throws Problem `telemetry/unreadable-evidence` when readings or past are none.
 */
export function replayBatch({ request, readings, past, result }: SensorBatchEvidence): ReplayAnswer {
  const forests = past.flatMap((each, index) => ('scores' in each ? [forestOf(each, index)] : []))
  const found = validateBatch({
    readings: readings.map((text, index) => readingOf(text, index)),
    validation_level: request.validation_level,
    validated_at_ms: Date.parse(request.validated_at),
    past: past.flatMap((each, index) => ('scores' in each ? [] : [pastOf(each, index)])),
    forests,
  })
  const difference = firstDifference(result, found)
  const result_digest = digestOf(found)
  if (difference) return { same: false, result_digest, first_difference: difference }
  const given = takenAsGiven(forests)
  return given ? { same: true, result_digest, taken_as_given: given } : { same: true, result_digest }
}

/** A forest stays with the issuer: its scores were certified, and are not computed again. */
function takenAsGiven(forests: readonly ForestPast[]): ReplayAnswer['taken_as_given'] {
  const names = forests.flatMap(({ forest, scores }) =>
    forest && scores.length > 0 ? `${forest.name}@${forest.version}` : [],
  )
  if (names.length === 0) return undefined
  const list = [...new Set(names)].sort().join(', ')
  return [
    `The scores of ${list} were taken as certified: a forest does not travel.`,
    `Les scores de ${list} sont repris tels que certifiés : une forêt ne voyage pas.`,
  ]
}

function readingOf(text: string, index: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable([
      {
        path: `/readings/${index}`,
        code: 'not-json',
        message: 'A reading is kept as the JSON text that it was sent as.',
      },
    ])
  }
}

function pastOf(value: unknown, index: number): SeriesPast {
  const read = Past.safeParse(value)
  if (read.success) return read.data as SeriesPast
  throw unreadable(faultsOf(read.error, value, `/past/${index}`))
}

/** What a forest said travels among what was known before: its scores are taken as they are. */
const Forest = z.strictObject({
  sensor_id: z.string(),
  forest: z
    .strictObject({ name: z.string(), version: z.number(), sha256: z.string(), device_kind: z.string() })
    .nullable(),
  reason: z.string().nullable(),
  scores: z.array(z.strictObject({ index: z.number(), score: z.number(), measure: z.string() })),
})

function forestOf(value: unknown, index: number): ForestPast {
  const read = Forest.safeParse(value)
  if (read.success) return read.data
  throw unreadable(faultsOf(read.error, value, `/past/${index}`))
}

function unreadable(faults: Fault[]): Problem {
  return new Problem('telemetry/unreadable-evidence', {
    detail: faults[0]?.message ?? 'The evidence cannot be read.',
    faults,
  })
}

/** Verdicts come before scores: a score that differs does so because a verdict does. */
const first_keys = ['method', 'validation_results', 'counts'] as const

function firstDifference(expected: object, found: BatchValidation): ReplayAnswer['first_difference'] {
  const keys = [...new Set([...first_keys, ...Object.keys(found), ...Object.keys(expected)])]
  for (const key of keys) {
    const [was, is]: unknown[] = [Reflect.get(expected, key), Reflect.get(found, key)]
    const difference = key === 'validation_results' ? verdictDifference(was, found) : compare(was, is, [key])
    if (difference) return difference
  }
  return undefined
}

function verdictDifference(expected: unknown, { validation_results }: BatchValidation) {
  if (!Array.isArray(expected)) return compare(expected, validation_results.length, ['validation_results'])
  for (const [index, found] of validation_results.entries()) {
    const was: unknown = expected[index]
    const at = ['validation_results', index]
    const verdict = ['validation_result', 'verdict']
    const difference =
      compare(valueAt(was, verdict), found.validation_result.verdict, [...at, ...verdict]) ?? compare(was, found, at)
    if (difference) return { ...difference, line_id: readingName(index, found) }
  }
  return compare(expected.length, validation_results.length, ['validation_results'])
}

function readingName(index: number, { sensor_id, timestamp }: BatchValidation['validation_results'][number]): string {
  return [String(index + 1), sensor_id, timestamp].filter((part) => part !== null).join(' · ')
}

function valueAt(node: unknown, path: readonly string[]): unknown {
  return path.reduce((at: unknown, key) => Reflect.get(Object(at) as object, key), node)
}

function compare(
  expected: unknown,
  found: unknown,
  segments: readonly (string | number)[],
): ReplayAnswer['first_difference'] {
  if (Object.is(expected, found)) return undefined
  const both_objects = typeof expected === 'object' && typeof found === 'object' && expected !== null && found !== null
  if (!both_objects || Array.isArray(expected) !== Array.isArray(found)) {
    return { path: pointer(segments), expected, found }
  }
  for (const key of new Set([...Object.keys(found), ...Object.keys(expected)])) {
    const difference = compare(Reflect.get(expected, key), Reflect.get(found, key), [...segments, key])
    if (difference) return difference
  }
  return undefined
}
