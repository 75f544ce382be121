import { z } from 'zod'
import { coverageReport } from '../learn/conformal.ts'
import { isUnfit } from '../learn/backtest.ts'
import { flatliner } from '../learn/forecast-baselines.ts'
import { ForecasterFile } from '../learn/forecaster.ts'
import { knownCount } from '../learn/series.ts'
import { bandAt, Bands, confidenceAt, hourCell, leadOf, measureBands, Scale, usualByHour } from './forecast-bands.ts'
import type { ScaledErrors } from './forecast-bands.ts'
import type { ClassModel, ClassSaid } from './forecast-class.ts'
import {
  candidatesOf,
  chooseFor,
  type ChosenPart,
  type Component,
  componentNames,
  type ComponentName,
  fitMembers,
  fromSlot,
  HORIZON_DAYS,
  knownLately,
  originsFor,
  predictAt,
  predictMembers,
  seenAt,
  stepsOfDay,
} from './forecast-component.ts'

/** What is asked for: sums of components. What is drawn from the grid is load less generation. */
export const targetNames = ['load', 'generation', 'net'] as const
export type TargetName = (typeof targetNames)[number]
/** What each is made of. */
export const signs: Record<TargetName, Partial<Record<ComponentName, 1 | -1>>> = {
  load: { load: 1 },
  generation: { solar: 1, other: 1 },
  net: { load: 1, solar: -1, other: -1 },
}

const Ranked = z.array(z.strictObject({ name: z.string(), mae_kw: z.number() }))
const MemberFile = z.strictObject({
  name: z.string(),
  space: z.enum(['instants', 'wall', 'clearness']),
  file: ForecasterFile,
})
const PartFile = z.strictObject({
  name: z.string(),
  members: z.array(MemberFile).min(1),
  ranking: Ranked,
  unfit: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
})
const ComponentFile = z.strictObject({
  near: PartFile,
  far: PartFile,
  /** Of the day ahead, and of the days after it. */
  scale: z.strictObject({ near: Scale, far: Scale }),
  weather: z.array(z.string()),
  known_slots: z.number(),
})
const Score = z.strictObject({
  slots: z.number(),
  mae_kw: z.number(),
  naive_mae_kw: z.number(),
  /** Over the error of repeating the day before, within the whole history. */
  mase: z.number().nullable(),
  /** 1 less the error as a share of that of repeating the day before at the same origins. */
  skill: z.number().nullable(),
  bias_kw: z.number(),
})
const TargetFile = z.strictObject({
  bands: Bands,
  day: Score,
  week: Score.nullable(),
  /** Of 95 % bands whose margins came from the first half of the origins, on the other half. */
  coverage95: z.number().nullable(),
  coverage_slots: z.number(),
  width95_kw: z.number().nullable(),
})

/** Everything that was learnt of a site; plain data. */
export const ForecastModel = z.strictObject({
  version: z.literal(1),
  slot_s: z.number().positive(),
  learns: z.boolean(),
  trained_from_ms: z.number(),
  trained_to_ms: z.number(),
  origins: z.number(),
  components: z.partialRecord(z.enum(componentNames), ComponentFile),
  targets: z.partialRecord(z.enum(targetNames), TargetFile),
})
export type ForecastModel = z.infer<typeof ForecastModel>

/** Learners want to have seen weeks; what repeats wants to have seen days. */
export const FULL_DAYS_MIN = 15
export const BASELINE_DAYS_MIN = 3

/**
 * Chooses, fits and measures forecasters for every component and every sum of them.
 *
 * @param components slots of one grid that end now; nothing after their end is looked at.
 * @param learns false for forecasters that repeat only, which takes milliseconds.
 * @param report told after each part that was chosen.
 * @returns null where the history is too short or too full of gaps to judge any forecast by what came.
 */
export function fitForecast(
  components: readonly Component[],
  learns: boolean,
  report?: (done: { step: number; of: number; line: string }) => void,
): ForecastModel | null {
  const [first] = components
  if (first === undefined) return null
  const day = stepsOfDay(first.slot_s)
  const origins = sharedOrigins(components, learns)
  if (origins.length < 2) return null
  const parts = components.flatMap((component, index) => {
    const near = chooseFor(component, candidatesOf(component, 'near', learns), origins, { first_step: 0, steps: day })
    // What was said a day ahead cannot be known a week ahead.
    const dry = { ...component, weather: {} }
    const far = chooseFor(dry, candidatesOf(dry, 'far', learns), origins, {
      first_step: day,
      steps: HORIZON_DAYS * day,
    })
    const line =
      near === null || far === null
        ? `${component.name}: too little is known to judge any forecast by.`
        : `${component.name}: ${near.name} for the day ahead, ${far.name} for the days after it, at ${origins.length} origins.`
    report?.({ step: index + 1, of: components.length, line })
    return near === null || far === null ? [] : [joined(component, origins, near, far)]
  })
  if (parts.length === 0) return null
  const targets: ForecastModel['targets'] = {}
  for (const target of targetNames) {
    const measured = measureTarget(target, components, parts, origins)
    if (measured !== null) targets[target] = measured
  }
  return {
    version: 1,
    slot_s: first.slot_s,
    learns,
    trained_from_ms: first.start_ms,
    trained_to_ms: first.start_ms + first.values.length * first.slot_s * 1000,
    origins: origins.length,
    components: Object.fromEntries(parts.map(({ component, file }) => [component.name, file])),
    targets,
  }
}

/** Slots at which forecasts are tried out: where every component had been heard of lately. */
function sharedOrigins(components: readonly Component[], learns: boolean): number[] {
  const [first] = components
  if (first === undefined) return []
  const day = stepsOfDay(first.slot_s)
  const count = first.values.length
  const days_min = learns ? FULL_DAYS_MIN - 1 : BASELINE_DAYS_MIN - 2
  if (count < (days_min + 1) * day) return []
  const least = Math.max(days_min * day, learns ? Math.floor(0.4 * count) : 0)
  return originsFor(first, least).filter((origin) =>
    components.every(({ values }) => knownCount(values.subarray(Math.max(0, origin - day), origin)) >= day / 2),
  )
}

/** Those of which there are a few days and something of late, from where all of them are known; what is younger waits. */
export function fitToLearn(components: readonly Component[], days_max: number): Component[] {
  const begun = components.flatMap((component) => {
    const day = stepsOfDay(component.slot_s)
    const first = component.values.findIndex((value) => !Number.isNaN(value))
    const days = first < 0 ? 0 : (component.values.length - first) / day
    return days >= BASELINE_DAYS_MIN && knownLately(component, 7).known >= day / 2 ? [{ component, first }] : []
  })
  const [any] = begun
  if (any === undefined) return []
  const count = any.component.values.length
  const oldest = count - days_max * stepsOfDay(any.component.slot_s)
  const from = Math.max(0, Math.ceil(oldest), ...begun.map(({ first }) => first))
  return begun.map(({ component }) => fromSlot(component, from))
}

interface FittedPart {
  component: Component
  file: z.infer<typeof ComponentFile>
  /** Rows over the whole horizon: the first day by the near part, the rest by the far. */
  rows: Float64Array[]
  naive_rows: Float64Array[]
}

function joined(component: Component, origins: readonly number[], near: ChosenPart, far: ChosenPart): FittedPart {
  const join = (first: readonly Float64Array[], later: readonly Float64Array[]) =>
    later.map((row, at) => {
      const whole = row.slice()
      whole.set(first[at] ?? [])
      return whole
    })
  const day = stepsOfDay(component.slot_s)
  const rows = join(near.rows, far.rows)
  const naive_rows = join(near.naive_rows, far.naive_rows)
  const partFile = (part: ChosenPart, seen: Component) => ({
    name: part.name,
    members: fitMembers(seen, part.candidates),
    ranking: part.ranking,
    unfit: part.unfit,
  })
  const file = {
    near: partFile(near, component),
    far: partFile(far, { ...component, weather: {} }),
    scale: {
      near: scaleOf(component, origins, rows, [0, day]),
      far: scaleOf(component, origins, rows, [day, HORIZON_DAYS * day]),
    },
    weather: Object.keys(component.weather),
    known_slots: knownCount(component.values),
  }
  return { component, file, rows, naive_rows }
}

/** How far off is usual at these steps ahead: of the sun in proportion to a clear sky, of anything else by the hour. */
function scaleOf(
  component: Component,
  origins: readonly number[],
  rows: readonly Float64Array[],
  [from, to]: readonly [number, number],
): Scale {
  const { name, values, limit_kw, wall, slot_s } = component
  const cells: number[] = []
  const errors: number[] = []
  let [off, sky] = [0, 0]
  origins.forEach((origin, at) => {
    for (let step = from; step < to; step++) {
      const error = (values[origin + step] ?? Number.NaN) - (rows[at]?.[step] ?? Number.NaN)
      if (Number.isNaN(error)) continue
      cells.push(hourCell(wall[origin + step] ?? Number.NaN, slot_s))
      errors.push(error)
      off += Math.abs(error)
      sky += limit_kw?.[origin + step] ?? 0
    }
  })
  const none = Array.from({ length: 48 }, () => 0)
  if (name === 'solar') return { sun: sky > 0 ? off / sky : 0, hours_kw: none }
  return { sun: 0, hours_kw: usualByHour(cells, errors) }
}

interface ScaledPart {
  component: Component
  scale: z.infer<typeof ComponentFile>['scale']
}

/** What is usual for a sum: components are off apart from one another, so their squares add up. */
function scaleAt(parts: readonly ScaledPart[], slot: number, step: number): number {
  let squares = 0
  for (const { component, scale: both } of parts) {
    const scale = step < stepsOfDay(component.slot_s) ? both.near : both.far
    const { slot_s, wall, limit_kw, name } = component
    const usual =
      name === 'solar'
        ? scale.sun * (limit_kw?.[slot] ?? 0)
        : (scale.hours_kw[hourCell(wall[slot] ?? Number.NaN, slot_s)] ?? 0)
    squares += usual * usual
  }
  return Math.sqrt(squares)
}

function partsOf<P extends { component: Component }>(
  target: TargetName,
  components: readonly Component[],
  parts: readonly P[],
): { part: P; sign: 1 | -1 }[] | null {
  const wanted = signs[target]
  const there = components.filter(({ name }) => wanted[name] !== undefined)
  const found = parts.flatMap((part) => {
    const sign = wanted[part.component.name]
    return sign === undefined ? [] : [{ part, sign }]
  })
  // A sum of which a part is there but could not be forecast is not known; net also needs a load.
  if (found.length === 0 || found.length < there.length) return null
  if (target === 'net' && !found.some(({ part }) => part.component.name === 'load')) return null
  return found
}

function measureTarget(
  target: TargetName,
  components: readonly Component[],
  parts: readonly FittedPart[],
  origins: readonly number[],
): z.infer<typeof TargetFile> | null {
  const found = partsOf(target, components, parts)
  const [first] = found ?? []
  if (found === null || first === undefined) return null
  const { slot_s, values } = first.part.component
  const scales = found.map(({ part }) => ({ component: part.component, scale: part.file.scale }))
  const sum = (of: (part: FittedPart) => number) => found.reduce((total, { part, sign }) => total + sign * of(part), 0)
  const truth = values.map((_, slot) => sum(({ component }) => component.values[slot] ?? Number.NaN))
  const rows = origins.map((_, at) =>
    Float64Array.from({ length: HORIZON_DAYS * stepsOfDay(slot_s) }, (__, step) =>
      sum((part) => part.rows[at]?.[step] ?? Number.NaN),
    ),
  )
  const naive = rows.map((row, at) => row.map((_, step) => sum((part) => part.naive_rows[at]?.[step] ?? Number.NaN)))
  const errors = rows.map((row, at) =>
    errorsAt({ truth, row, origin: origins[at] ?? Number.NaN, slot_s, scales, found }),
  )
  const highest = highKw(truth)
  const bands = measureBands(together(errors), highest)
  const half = Math.floor(origins.length / 2)
  const trial = measureBands(together(errors.slice(0, half)), highest)
  const covered = coverageOf(trial, together(errors.slice(half)))
  const day = stepsOfDay(slot_s)
  const within_kw = naiveWithin(truth, day)
  const score = scoreOf(truth, origins, rows, naive, [0, day], within_kw)
  if (score === null) return null
  return {
    bands,
    day: score,
    week: scoreOf(truth, origins, rows, naive, [0, HORIZON_DAYS * day], within_kw),
    ...covered,
  }
}

/** Errors with the points that they belong to, and what could have been there. */
interface TriedErrors extends ScaledErrors {
  point_kw: number[]
  limits: [number, number][]
}

function errorsAt(given: {
  truth: Float64Array
  row: Float64Array
  origin: number
  slot_s: number
  scales: readonly ScaledPart[]
  found: readonly { part: { component: Component }; sign: 1 | -1 }[]
}): TriedErrors {
  const { truth, row, origin, slot_s, scales, found } = given
  const errors: TriedErrors = { lead: [], error_kw: [], scale_kw: [], point_kw: [], limits: [] }
  for (let step = 0; step < row.length && origin + step < truth.length; step++) {
    const error = (truth[origin + step] ?? Number.NaN) - (row[step] ?? Number.NaN)
    if (Number.isNaN(error)) continue
    errors.lead.push(leadOf(step, slot_s))
    errors.error_kw.push(error)
    errors.scale_kw.push(scaleAt(scales, origin + step, step))
    errors.point_kw.push(row[step] ?? Number.NaN)
    errors.limits.push(limitsAt(found, origin + step))
  }
  return errors
}

function together(all: readonly TriedErrors[]): TriedErrors {
  return {
    lead: all.flatMap(({ lead }) => lead),
    error_kw: all.flatMap(({ error_kw }) => error_kw),
    scale_kw: all.flatMap(({ scale_kw }) => scale_kw),
    point_kw: all.flatMap(({ point_kw }) => point_kw),
    limits: all.flatMap(({ limits }) => limits),
  }
}

/** Nights, where nothing can be off, are not counted. */
function coverageOf(bands: Bands, { lead, error_kw, scale_kw, point_kw: points, limits }: TriedErrors) {
  const lower: number[] = []
  const upper: number[] = []
  const truth: number[] = []
  lead.forEach((each, at) => {
    const [scale = 0, point_kw = Number.NaN, limit] = [scale_kw[at], points[at], limits[at]]
    if (scale === 0 || limit === undefined) return
    const band = bandAt(bands, { level: 0.95, point_kw, scale_kw: scale, lead: each }, limit)
    if (band === null) return
    truth.push(point_kw + (error_kw[at] ?? Number.NaN))
    lower.push(band.lower)
    upper.push(band.upper)
  })
  if (truth.length === 0) return { coverage95: null, coverage_slots: 0, width95_kw: null }
  const report = coverageReport(truth, lower, upper)
  return { coverage95: report.coverage, coverage_slots: truth.length, width95_kw: report.width_mean }
}

function scoreOf(
  truth: Float64Array,
  origins: readonly number[],
  rows: readonly Float64Array[],
  naive: readonly Float64Array[],
  [from, to]: readonly [number, number],
  within_kw: number,
): z.infer<typeof Score> | null {
  let [slots, off, off_naive, bias] = [0, 0, 0, 0]
  origins.forEach((origin, at) => {
    for (let step = from; step < to; step++) {
      const value = truth[origin + step] ?? Number.NaN
      if (Number.isNaN(value)) continue
      slots++
      off += Math.abs(value - (rows[at]?.[step] ?? Number.NaN))
      off_naive += Math.abs(value - (naive[at]?.[step] ?? Number.NaN))
      bias += (rows[at]?.[step] ?? Number.NaN) - value
    }
  })
  if (slots === 0) return null
  return {
    slots,
    mae_kw: off / slots,
    naive_mae_kw: off_naive / slots,
    mase: within_kw > 0 ? off / slots / within_kw : null,
    skill: off_naive > 0 ? 1 - off / off_naive : null,
    bias_kw: bias / slots,
  }
}

function naiveWithin(values: Float64Array, season: number): number {
  let [sum, count] = [0, 0]
  for (let slot = season; slot < values.length; slot++) {
    const off = Math.abs((values[slot] ?? Number.NaN) - (values[slot - season] ?? Number.NaN))
    if (Number.isNaN(off)) continue
    sum += off
    count++
  }
  return count === 0 ? 0 : sum / count
}

/** The highest power that was measured, but for the highest of a thousand: one spike is no plant. */
function highKw(values: Float64Array): number {
  const known = values
    .filter((value) => !Number.isNaN(value))
    .map(Math.abs)
    .sort()
  return known[Math.floor(0.999 * (known.length - 1))] ?? 0
}

/** What a forecast rests on: what learnt, what repeats, what other sites of its class do, or the middle of the last day. */
export type ForecastLevel = 'full' | 'baseline' | 'class_model' | 'flatliner'

export interface TargetForecast {
  target: TargetName
  level: ForecastLevel
  methods: Partial<Record<ComponentName, { day: string; week: string }>>
  point_kw: Float64Array
  /** Null where errors were too few to say. */
  band80: ({ lower: number; upper: number } | null)[]
  band95: ({ lower: number; upper: number } | null)[]
  confidence: (number | null)[]
}

/** Said of each component, beside the model that said it. */
export interface Said {
  component: Component
  point_kw: Float64Array
  scale: ScaledPart['scale'] | null
  method: { day: string; week: string }
}

/** What a model says of each of its components, for the slots after their histories. */
export function predictComponents(model: ForecastModel, components: readonly Component[], steps: number): Said[] {
  return components.flatMap((component): Said[] => {
    const file = model.components[component.name]
    // A model of other slots, or of weather that is not told any more, has nothing to say.
    const speaks = file !== undefined && model.slot_s === component.slot_s
    if (!speaks || file.weather.some((name) => component.weather[name] === undefined)) return []
    const day = Math.min(steps, stepsOfDay(component.slot_s))
    try {
      const point_kw = new Float64Array(steps)
      if (steps > day) point_kw.set(predictMembers({ ...component, weather: {} }, file.far.members, steps))
      point_kw.set(predictMembers(component, file.near.members, day))
      return [{ component, point_kw, scale: file.scale, method: { day: file.near.name, week: file.far.name } }]
    } catch (error) {
      // The latest slots do not bear it: a lesser level will have to.
      if (!isUnfit(error)) throw error
      return []
    }
  })
}

/** The last rung: the middle of the last day, of the sun as a share of what a clear sky gives. */
export function flatComponents(components: readonly Component[], steps: number): Said[] {
  return components.flatMap((component): Said[] => {
    const { values, slot_s, name } = component
    const recent = Math.max(0, values.length - stepsOfDay(slot_s))
    const space = name === 'solar' ? 'clearness' : 'instants'
    const seen = seenAt(component, values.length, space)
    const latest = { ...seen, start_ms: seen.start_ms + recent * slot_s * 1000, values: seen.values.slice(recent) }
    if (knownCount(latest.values) < FLAT_VALUES_MIN) return []
    const fitted = flatliner().fit({ ...latest, covariates: undefined } as never)
    const point_kw = predictAt({ ...component, weather: {} }, { space, fitted }, values.length, steps)
    return [{ component, point_kw, scale: null, method: { day: 'flatliner', week: 'flatliner' } }]
  })
}
export const FLAT_VALUES_MIN = 3

/** Puts what was said of components together; null where one of them is missing. */
export function targetOf(
  target: TargetName,
  level: ForecastLevel,
  model: ForecastModel | null,
  components: readonly Component[],
  said: readonly Said[],
): TargetForecast | null {
  const found = partsOf(target, components, said)
  const [first] = found ?? []
  if (found === null || first === undefined) return null
  const { slot_s, values } = first.part.component
  const steps = first.part.point_kw.length
  const point_kw = Float64Array.from({ length: steps }, (_, step) =>
    found.reduce((sum, { part, sign }) => sum + sign * (part.point_kw[step] ?? Number.NaN), 0),
  )
  const bands = model?.targets[target]?.bands
  const scales = found.flatMap(({ part }) =>
    part.scale === null ? [] : [{ component: part.component, scale: part.scale }],
  )
  const limits = Array.from({ length: steps }, (_, step) => limitsAt(found, values.length + step))
  const scale_kw = limits.map((_, step) => scaleAt(scales, values.length + step, step))
  const bandsOf = (level_asked: number) =>
    limits.map((limit, step) =>
      bands === undefined || scales.length < found.length
        ? null
        : bandAt(
            bands,
            {
              level: level_asked,
              point_kw: point_kw[step] ?? Number.NaN,
              scale_kw: scale_kw[step] ?? Number.NaN,
              lead: leadOf(step, slot_s),
            },
            limit,
          ),
    )
  return {
    target,
    level,
    methods: Object.fromEntries(found.map(({ part }) => [part.component.name, part.method])),
    point_kw,
    band80: bandsOf(0.8),
    band95: bandsOf(0.95),
    confidence: scale_kw.map((scale, step) =>
      bands === undefined || scales.length < found.length ? null : confidenceAt(bands, scale, leadOf(step, slot_s)),
    ),
  }
}

/** The same of what classes say: ends of bands are added up, since new sites of one class are off together. */
export function classTargetOf(
  target: TargetName,
  components: readonly Component[],
  said: readonly ClassSaid[],
): TargetForecast | null {
  const found = partsOf(target, components, said)
  const [first] = found ?? []
  if (found === null || first === undefined) return null
  const sum = (of: (part: ClassSaid, sign: 1 | -1) => number) =>
    found.reduce((total, { part, sign }) => total + of(part, sign), 0)
  const bands = (name: 'band80' | 'band95') =>
    first.part[name].map((_, step) => ({
      lower: sum(
        (part, sign) => sign * ((sign === 1 ? part[name][step]?.lower : part[name][step]?.upper) ?? Number.NaN),
      ),
      upper: sum(
        (part, sign) => sign * ((sign === 1 ? part[name][step]?.upper : part[name][step]?.lower) ?? Number.NaN),
      ),
    }))
  const methodOf = ({ class_key, site_ids }: ClassModel) => {
    const name = `class ${class_key} of ${site_ids.length} sites`
    return { day: name, week: name }
  }
  return {
    target,
    level: 'class_model',
    methods: Object.fromEntries(found.map(({ part }) => [part.component.name, methodOf(part.model)])),
    point_kw: first.part.point_kw.map((_, step) => sum((part, sign) => sign * (part.point_kw[step] ?? Number.NaN))),
    band80: bands('band80'),
    band95: bands('band95'),
    confidence: Array.from(first.part.point_kw, () => null),
  }
}

/** The least and the most that a sum of components can be: none is below zero, nor above its limit. */
function limitsAt(found: readonly { part: { component: Component }; sign: 1 | -1 }[], slot: number): [number, number] {
  let [least, most] = [0, 0]
  for (const { part, sign } of found) {
    const limit = part.component.limit_kw?.[slot] ?? Infinity
    if (sign === 1) most += limit
    else least -= limit
  }
  return [least, most]
}

/** Whether the last week bears a forecast of this level. */
export function bears(components: readonly Component[], level: 'full' | 'baseline'): boolean {
  const share = level === 'full' ? 0.7 : 0.3
  return components.every((component) => {
    const { known, count } = knownLately(component, 7)
    return known >= share * count
  })
}
