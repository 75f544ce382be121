import { measures } from './measures.ts'
import { usualAt, type Sample, type SeriesProfile } from './profile.ts'

/**
 * A reading as the forest of its device class sees it: each measure in units of what is usual for this device, so that a small
 * device and a large one of a class look alike. Per measure the level, the distance from what its hour usually shows and the
 * change since the value before; and how far each measure is from what the others say of it.
 */

/** Values of one instant, by measure. */
export type Values = ReadonlyMap<string, number>
export type Profiles = ReadonlyMap<string, SeriesProfile>

/** What a measure should be by the others: a weighted sum of their distances, and how far off that usually is. */
export interface Relation {
  measure: string
  intercept: number
  /** One for each other measure of the class, in their order. */
  weights: readonly number[]
  scale: number
}

/** Beyond this nothing is stranger still: one wild value shall not stretch every cut. */
const FAR = 50
/** After a gap anything may have happened. */
const CHANGE_INTERVALS_MAX = 10
/**
 * Two forests look at each measure: one at its own course, one at what the others say of it. Together, columns in which
 * nothing is strange would hide the one in which something is.
 */
export const forestViews = ['own_course', 'by_the_others'] as const
export type ForestView = (typeof forestViews)[number]

/** Counters grow: what they show says nothing that a forest could learn. */
export function isForestMeasure(measure: string): boolean {
  return measures.get(measure)?.kind === 'gauge'
}

/** Distances from what the hour usually shows, in deviations, one per measure of the class; NaN where it is not known. */
export function distancesOf(
  class_measures: readonly string[],
  at_ms: number,
  values: Values,
  profiles: Profiles,
): number[] {
  return class_measures.map((measure) => {
    const [value, profile] = [values.get(measure), profiles.get(measure)]
    const usual = profile === undefined ? null : usualAt(profile, at_ms)
    if (value === undefined || profile === undefined || usual === null) return Number.NaN
    return near((value - usual) / profile.residual_scale)
  })
}

/** A reading, what came before it, and what its device usually shows. */
export interface Seen {
  at_ms: number
  values: Values
  /** The value before, of each measure. */
  before: ReadonlyMap<string, Sample>
  profiles: Profiles
}

/** What a forest is grown for. */
export interface Look {
  measure: string
  view: ForestView
}

/**
 * One row for each look, in their order; null where the measure cannot be held against a past of the device's own.
 * Own course: level, distance from the usual of the hour, change. By the others: distance from what they say, change.
 */
export function forestRows(
  class_measures: readonly string[],
  relations: readonly Relation[],
  looks: readonly Look[],
  seen: Seen,
): (Float64Array | null)[] {
  const { at_ms, values, before, profiles } = seen
  const distances = distancesOf(class_measures, at_ms, values, profiles)
  return looks.map(({ measure, view }) => {
    const own = class_measures.indexOf(measure)
    const [profile, value, distance] = [profiles.get(measure), values.get(measure), distances[own] ?? Number.NaN]
    if (profile === undefined || value === undefined || Number.isNaN(distance)) return null
    const change = changeOf(value, at_ms, before.get(measure), profile)
    if (view === 'own_course') return Float64Array.of(levelOf(value, profile), distance, change)
    const relation = relations.find((each) => each.measure === measure)
    const off = relation === undefined ? Number.NaN : offTheOthers(distances, own, relation)
    return Number.isNaN(off) ? null : Float64Array.of(off, change)
  })
}

/** How far a measure is from what the others say of it, in units of what is usual. */
function offTheOthers(distances: readonly number[], own: number, { intercept, weights, scale }: Relation): number {
  const others = distances.filter((_, at) => at !== own)
  const said = others.reduce((sum, distance, at) => sum + distance * (weights[at] ?? 0), intercept)
  return near(((distances[own] ?? Number.NaN) - said) / scale)
}

/** Where in the usual course of its day a value stands: 0 in the middle, 1 a usual swing above it. */
function levelOf(value: number, { usual_by_hour, residual_scale }: SeriesProfile): number {
  const usual = usual_by_hour.filter((each) => each !== null)
  if (usual.length === 0) return Number.NaN
  const [low, high] = [Math.min(...usual), Math.max(...usual)]
  return near((value - (low + high) / 2) / Math.max((high - low) / 2, residual_scale))
}

/** The change since the value before, as a share of the fastest that is usual. */
function changeOf(value: number, at_ms: number, before: Sample | undefined, profile: SeriesProfile): number {
  if (before === undefined || profile.rate_max_per_s <= 0) return Number.NaN
  const elapsed_s = (at_ms - before.at_ms) / 1000
  if (elapsed_s <= 0 || elapsed_s > CHANGE_INTERVALS_MAX * profile.interval_s) return Number.NaN
  return near((value - before.value) / elapsed_s / profile.rate_max_per_s)
}

/** A scale of nothing makes a distance that means nothing. */
function near(value: number): number {
  return Number.isFinite(value) ? Math.min(FAR, Math.max(-FAR, value)) : Number.NaN
}
