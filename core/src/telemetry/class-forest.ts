import { z } from 'zod'
import { IsolationForestFile, readIsolationForest, writeIsolationForest } from '../learn/isolation-file.ts'
import { fitIsolationForest, scoreIsolation } from '../learn/isolation-forest.ts'
import { fitRidge, predictLinear } from '../learn/linear.ts'
import { matrixOf } from '../learn/matrix.ts'
import type { ForestSaid } from './class-finding.ts'
import { distancesOf, forestRows, forestViews, isForestMeasure, type Relation, type Seen } from './class-features.ts'
import { learnProfile, type Sample } from './profile.ts'

/** A class needs so much accepted history, of devices that have a profile each, before a forest is grown. */
export const FOREST_READINGS_MIN = 2_000
export const FOREST_DAYS_MIN = 7
/** So many readings are learnt from at most, the newest of each device. */
export const FOREST_READINGS_MAX = 20_000
export const FOREST_DEVICES_MAX = 50
/** The latest readings are held out; of these one in two hundred lies beyond the threshold. */
const HELD_OUT_SHARE = 0.25
export const FOREST_ALARM_SHARE = 0.005
const MEASURES_MAX = 8
const RELATION_ROWS_MIN = 200
const TREES = 60

/** The forest of a device class; plain data. */
export const ClassForest = z.strictObject({
  version: z.literal(1),
  device_kind: z.string(),
  measures: z.array(z.string()).min(1).max(MEASURES_MAX),
  relations: z.array(
    z.strictObject({ measure: z.string(), intercept: z.number(), weights: z.array(z.number()), scale: z.number() }),
  ),
  /** Two forests for each measure: in one of them all, what is strange in one measure would be hidden by nine others. */
  parts: z.array(
    z.strictObject({
      measure: z.string(),
      view: z.enum(forestViews),
      forest: IsolationForestFile,
      /** A value that scores higher stands apart. */
      threshold: z.number(),
    }),
  ),
  readings: z.number(),
  devices: z.number(),
  days: z.number(),
  held_out: z.number(),
  /** Of the held-out readings, how many stand apart. */
  alarm_share: z.number(),
  trained_from_ms: z.number(),
  trained_to_ms: z.number(),
})
export type ClassForest = z.infer<typeof ClassForest>

/** What a device of the class has shown, of each gauge: accepted values, oldest first. */
export interface DeviceHistory {
  sensor_id: string
  series: readonly { measure: string; samples: readonly Sample[] }[]
}

/** How much accepted history there is, and how much is needed. */
export interface ForestNeeds {
  readings: number
  readings_needed: number
  days: number
  days_needed: number
  devices: number
}

/**
 * Grows the forest of a class on what its devices showed and was accepted, the earlier three quarters of it, and sets its
 * threshold on the rest.
 * @returns how much is missing where there is too little: until then no reading is scored.
 */
export function fitClassForest(
  device_kind: string,
  histories: readonly DeviceHistory[],
  { seed = 0, report }: { seed?: number; report?: (done: { step: number; of: number }) => void } = {},
): { model: ClassForest } | { needs: ForestNeeds } {
  const class_measures = commonMeasures(histories)
  const taught = histories.flatMap((history) => rowsOf(history, class_measures)).sort((a, b) => a.at_ms - b.at_ms)
  const [first, last] = [taught[0], taught.at(-1)]
  const days = first === undefined || last === undefined ? 0 : (last.at_ms - first.at_ms) / 86_400_000
  if (first === undefined || last === undefined || taught.length < FOREST_READINGS_MIN || days < FOREST_DAYS_MIN)
    return { needs: needsOf(taught.length, days, histories.length) }
  const cut = Math.floor((1 - HELD_OUT_SHARE) * taught.length)
  const relations = learnRelations(class_measures, taught.slice(0, cut))
  const looks = class_measures.flatMap((measure) => forestViews.map((view) => ({ measure, view })))
  const rows = taught.map((seen) => forestRows(class_measures, relations, looks, seen))
  const parts = looks.flatMap((look, at) => {
    const of_look = (from: number, to: number) => rows.slice(from, to).flatMap((row) => row[at] ?? [])
    const [learnt, held_out] = [of_look(0, cut), of_look(cut, rows.length)]
    report?.({ step: at + 1, of: looks.length })
    if (learnt.length === 0 || held_out.length === 0) return []
    const forest = fitIsolationForest(matrixOf(learnt), { seed, tree_count: TREES })
    const scores = scoreIsolation(forest, matrixOf(held_out)).sort()
    // So many of n + 1 that a new value like these is beyond it no more often than its share of one in two hundred.
    const place = Math.ceil((scores.length + 1) * (1 - FOREST_ALARM_SHARE / looks.length))
    return [
      { ...look, forest: writeIsolationForest(forest), threshold: scores[Math.min(scores.length, place) - 1] ?? 1 },
    ]
  })
  const judged = partScorer(parts)(taught.slice(cut).map((seen) => forestRows(class_measures, relations, parts, seen)))
  return {
    model: {
      version: 1,
      device_kind,
      measures: class_measures,
      relations: relations.map((relation) => ({ ...relation, weights: [...relation.weights] })),
      parts,
      readings: taught.length,
      devices: histories.length,
      days,
      held_out: judged.length,
      alarm_share: judged.filter((said) => (said?.score ?? 0) < 0).length / Math.max(1, judged.length),
      trained_from_ms: first.at_ms,
      trained_to_ms: last.at_ms,
    },
  }
}

export function needsOf(readings: number, days: number, devices: number): ForestNeeds {
  return { readings, readings_needed: FOREST_READINGS_MIN, days, days_needed: FOREST_DAYS_MIN, devices }
}

/** What is missing, in a sentence for whoever asked for a score. */
export function needsSentence(device_kind: string, { readings, days, devices }: ForestNeeds): string {
  return (
    `No forest of ${device_kind} devices yet: ${readings} accepted readings over ${days.toFixed(1)} days of ` +
    `${devices} devices; ${FOREST_READINGS_MIN} over ${FOREST_DAYS_MIN} days are needed.`
  )
}

/** Gauges that at least half of the devices have, the commonest first. */
function commonMeasures(histories: readonly DeviceHistory[]): string[] {
  const counts = new Map<string, number>()
  for (const { series } of histories)
    for (const { measure } of series) if (isForestMeasure(measure)) counts.set(measure, (counts.get(measure) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count >= histories.length / 2)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, MEASURES_MAX)
    .map(([measure]) => measure)
    .sort()
}

/** Readings of a device by instant, each with what came before it. Profiles are learnt from what is taught. */
function rowsOf({ series }: DeviceHistory, class_measures: readonly string[]): Seen[] {
  const profiles = new Map<string, NonNullable<ReturnType<typeof profileOf>>>()
  const instants = new Map<number, { values: Map<string, number>; before: Map<string, Sample> }>()
  for (const { measure, samples } of series) {
    const profile = class_measures.includes(measure) ? profileOf(samples) : null
    if (profile === null) continue
    profiles.set(measure, profile)
    samples.forEach((sample, at) => {
      const row = instants.get(sample.at_ms) ?? { values: new Map(), before: new Map() }
      row.values.set(measure, sample.value)
      const previous = samples[at - 1]
      if (previous !== undefined) row.before.set(measure, previous)
      instants.set(sample.at_ms, row)
    })
  }
  return [...instants]
    .map(([at_ms, row]) => ({ at_ms, ...row, profiles }))
    .filter((row) => !distancesOf(class_measures, row.at_ms, row.values, row.profiles).every(Number.isNaN))
}

function profileOf(samples: readonly Sample[]) {
  const learnt = learnProfile(samples)
  return 'profile' in learnt ? learnt.profile : null
}

/** What each measure should be by the others, where enough readings have all of them. */
function learnRelations(class_measures: readonly string[], taught: readonly Seen[]): Relation[] {
  if (class_measures.length < 2) return []
  const rows = taught
    .map((row) => distancesOf(class_measures, row.at_ms, row.values, row.profiles))
    .filter((row) => !row.some(Number.isNaN))
  if (rows.length < RELATION_ROWS_MIN) return []
  return class_measures.flatMap((measure, own) => {
    const others = matrixOf(rows.map((row) => row.filter((_, at) => at !== own)))
    const target = rows.map((row) => row[own] ?? Number.NaN)
    const { intercept, coefficients } = fitRidge(others, target)
    const said = predictLinear({ method: 'ridge', intercept, coefficients }, others)
    const off = Float64Array.from(target, (value, at) => Math.abs(value - (said[at] ?? Number.NaN))).sort()
    const scale = (off[Math.floor(off.length / 2)] ?? 0) / 0.6745
    return scale > 0 ? [{ measure, intercept, weights: [...coefficients], scale }] : []
  })
}

export interface ClassScorer {
  model: ClassForest
  /** Null where nothing of the reading can be held against the device's own past. */
  score(readings: readonly Seen[]): (ForestSaid | null)[]
}

/** Reads a forest once for many readings. @throws {Problem} learn/model-file-invalid */
export function classScorer(model: ClassForest): ClassScorer {
  const { measures: of_class, relations, parts } = model
  const score = partScorer(parts)
  return {
    model,
    score: (readings) => score(readings.map((seen) => forestRows(of_class, relations, parts, seen))),
  }
}

type Part = ClassForest['parts'][number]

/** Of each reading the measure that stands apart most, in units of its threshold's distance. */
function partScorer(parts: readonly Part[]) {
  const forests = parts.map(({ forest }) => readIsolationForest(forest))
  return (readings: readonly (readonly (Float64Array | null)[])[]): (ForestSaid | null)[] => {
    const said: (ForestSaid | null)[] = readings.map(() => null)
    parts.forEach(({ measure, threshold }, part) => {
      const known = readings.flatMap((rows, at) => (rows[part] ? [{ row: rows[part], at }] : []))
      const forest = forests[part]
      if (known.length === 0 || forest === undefined) return
      const scores = scoreIsolation(forest, matrixOf(known.map(({ row }) => row)))
      known.forEach(({ at }, index) => {
        const score = threshold - (scores[index] ?? 0)
        const before = said[at] ?? null
        if (before === null || score < before.score) said[at] = { score, measure }
      })
    })
    return said
  }
}
