import { isUnfit, originsOf } from '../learn/backtest.ts'
import { flatliner, seasonalNaive, similarDay, slotMean } from '../learn/forecast-baselines.ts'
import { ridgeAutoregression } from '../learn/forecast-ridge.ts'
import { exponentialSmoothing } from '../learn/forecast-smoothing.ts'
import { treesForecaster } from '../learn/forecast-trees.ts'
import type { FittedForecaster, Forecaster, ForecasterFile } from '../learn/forecaster.ts'
import { readForecaster } from '../learn/forecasters.ts'
import { knownCount, type Series } from '../learn/series.ts'
import { onTheWall } from './wall-clock.ts'

export const componentNames = ['load', 'solar', 'other'] as const
export type ComponentName = (typeof componentNames)[number]

/** One thing that is forecast: its slots up to now, and what nature allows it then and in the days to come. */
export interface Component {
  name: ComponentName
  start_ms: number
  slot_s: number
  /** Where each slot of the history and of the days ahead stands on the clock on the wall. */
  wall: Float64Array
  /** kW, NaN for a gap. */
  values: Float64Array
  /** The most that can be, for the slots of the history and those ahead; null where nothing is known. */
  limit_kw: Float64Array | null
  /** Forecast weather for the history and the day ahead, without holes; later days are forecast without. */
  weather: Readonly<Record<string, Float64Array>>
}

/**
 * In which form a forecaster sees a component: as it was measured, on the clock on the wall, or as a share of what a clear
 * sky gives.
 */
export type Space = 'instants' | 'wall' | 'clearness'

export interface Candidate {
  name: string
  space: Space
  forecaster: Forecaster
}

/** A fitted candidate as it is kept. */
export interface Member {
  name: string
  space: Space
  file: ForecasterFile
}

export const HORIZON_DAYS = 7
export const stepsOfDay = (slot_s: number) => 86_400 / slot_s
/** Below this share of the highest clear-sky power a ratio says nothing. */
const LOW_SUN_SHARE = 0.05

/** What is tried: those that repeat, and where `learns` those that learn too. */
export function candidatesOf(component: Component, part: 'near' | 'far', learns: boolean): Candidate[] {
  const { name, slot_s } = component
  const day = stepsOfDay(slot_s)
  const space: Space = name === 'load' ? 'wall' : 'instants'
  const of = (forecaster: Forecaster, where: Space = space, label = forecaster.name): Candidate => ({
    name: label,
    space: where,
    forecaster,
  })
  const repeating = [of(seasonalNaive(), space, 'seasonal-naive'), of(slotMean())]
  if (name === 'load') repeating.push(of(seasonalNaive({ season_steps: 7 * day })), of(similarDay()))
  if (name === 'other') repeating.push(of(flatliner()))
  if (name === 'solar') {
    for (const days of [7, 14, 28])
      repeating.push(of(slotMean({ days }), 'clearness', `clear-sky share, mean of ${days} days`))
  }
  if (!learns) return repeating
  const trees = { tree_count: 120, max_leaves: 15, learning_rate: 0.08, min_samples_leaf: 20 }
  const has_weather = Object.keys(component.weather).length > 0
  if (part === 'far') return [...repeating, of(treesForecaster({ horizon_steps: HORIZON_DAYS * day, trees }))]
  return [
    ...repeating,
    of(ridgeAutoregression({ horizon_steps: day }), space),
    ...(name === 'solar' && !has_weather ? [] : [of(exponentialSmoothing())]),
    of(treesForecaster({ horizon_steps: day, trees })),
  ]
}

/** No fitted forecaster remembers longer: what it goes on from is cut to this. */
export const MEMORY_DAYS = 42

/**
 * The history before slot `origin` as a forecaster of this space sees it: a copy, with nothing of later.
 * @param whole false where a fitted forecaster only goes on from the end of it.
 */
export function seenAt(component: Component, origin: number, space: Space, whole = true): Series {
  const { slot_s, limit_kw, wall } = component
  const from = whole ? 0 : Math.max(0, origin - MEMORY_DAYS * stepsOfDay(slot_s))
  if (space === 'wall') {
    const laid = (column: Float64Array) => onTheWall(column, wall, [from, origin], slot_s)
    const columns = mapColumns(component.weather, (column) => withoutHoles(laid(column).values))
    return { ...laid(component.values), ...covariatesOf(columns) }
  }
  const values = component.values.slice(from, origin)
  const cut = { start_ms: component.start_ms + from * slot_s * 1000, step_s: slot_s, values }
  if (space === 'instants' || limit_kw === null)
    return { ...cut, ...covariatesOf(mapColumns(component.weather, (column) => column.slice(from, origin))) }
  const low = LOW_SUN_SHARE * highest(limit_kw)
  const shares = values.map((value, at) => {
    const limit = limit_kw[from + at] ?? Number.NaN
    return limit > low ? value / limit : Number.NaN
  })
  return { ...cut, values: shares }
}

/** What a fitted forecaster says of the `steps` slots from `origin` on, in kW, within what nature allows. */
export function predictAt(
  component: Component,
  { space, fitted }: { space: Space; fitted: FittedForecaster },
  origin: number,
  steps: number,
): Float64Array {
  const { limit_kw, weather, wall } = component
  const series = seenAt(component, origin, space, false)
  const at_end = fitted.continueFrom(series)
  let said: Float64Array
  if (space === 'wall') {
    const index = Float64Array.from(
      { length: steps },
      (_, step) => (wall[origin + step] ?? Number.NaN) - (wall[origin] ?? Number.NaN),
    )
    const count = index.reduce((most, at) => Math.max(most, at), 0) + 1
    const future = mapColumns(weather, (column) => futureOnTheWall(column, origin, index, count))
    const ahead = at_end.predict(count, future)
    // Clocks that are put back come to an hour that was lived already, and is lived again alike.
    const past = (back: number) => series.values.at(back) ?? Number.NaN
    said = index.map((at) =>
      at >= 0 ? (ahead[at] ?? Number.NaN) : Number.isNaN(past(at)) ? (ahead[0] ?? Number.NaN) : past(at),
    )
  } else {
    const future = space === 'clearness' ? {} : weather
    said = at_end.predict(
      steps,
      mapColumns(future, (column) => column.slice(origin, origin + steps)),
    )
  }
  return said.map((value, step) => {
    const limit = limit_kw?.[origin + step] ?? Infinity
    return Math.min(limit, Math.max(0, space === 'clearness' ? value * limit : value))
  })
}

/** A forecaster for one part of the horizon, chosen by what came true at each origin. */
export interface ChosenPart {
  candidates: Candidate[]
  name: string
  /** A row per origin, a number for each step of the whole horizon of the part. */
  rows: Float64Array[]
  naive_rows: Float64Array[]
  /** The best first. */
  ranking: { name: string; mae_kw: number }[]
  unfit: { name: string; reason: string }[]
}

/**
 * Fits every candidate on what was known at the first origin, has it continue at each, and picks the least mean absolute
 * error from step `first_step` on; the mean of the best three joins the race. Null where not even repetition can be judged.
 */
export function chooseFor(
  component: Component,
  candidates: readonly Candidate[],
  origins: readonly number[],
  { first_step, steps }: { first_step: number; steps: number },
): ChosenPart | null {
  const judged: { candidates: Candidate[]; name: string; rows: Float64Array[]; mae_kw: number }[] = []
  const unfit: ChosenPart['unfit'] = []
  for (const candidate of candidates) {
    try {
      const [first = 0] = origins
      const fitted = candidate.forecaster.fit(seenAt(component, first, candidate.space))
      const rows = origins.map((origin) => predictAt(component, { space: candidate.space, fitted }, origin, steps))
      judged.push({
        candidates: [candidate],
        name: candidate.name,
        rows,
        mae_kw: errorOf(component, origins, rows, first_step),
      })
    } catch (error) {
      if (!isUnfit(error)) throw error
      unfit.push({ name: candidate.name, reason: error.message })
    }
  }
  const naive = judged.find(({ name }) => name === 'seasonal-naive')
  if (naive === undefined || Number.isNaN(naive.mae_kw)) return null
  const byError = (a: { mae_kw: number }, b: { mae_kw: number }) => a.mae_kw - b.mae_kw
  judged.sort(byError)
  const best = judged.slice(0, 3)
  if (best.length === 3) {
    const rows = origins.map((_, at) => meanOf(best.map((each) => each.rows[at] ?? new Float64Array(steps))))
    judged.push({
      candidates: best.flatMap((each) => each.candidates),
      name: `mean of ${best.map(({ name }) => name).join(', ')}`,
      rows,
      mae_kw: errorOf(component, origins, rows, first_step),
    })
    judged.sort(byError)
  }
  const [winner = naive] = judged
  const { candidates: chosen, name, rows } = winner.mae_kw < naive.mae_kw ? winner : naive
  const ranking = judged.map((each) => ({ name: each.name, mae_kw: each.mae_kw }))
  return { candidates: chosen, name, rows, naive_rows: naive.rows, ranking, unfit }
}

/** Fits the chosen on everything that is known, to be kept. */
export function fitMembers(component: Component, candidates: readonly Candidate[]): Member[] {
  return candidates.map(({ name, space, forecaster }) => ({
    name,
    space,
    file: forecaster.fit(seenAt(component, component.values.length, space)).write(),
  }))
}

/** The mean of what the members say of the slots after the history. */
export function predictMembers(component: Component, members: readonly Member[], steps: number): Float64Array {
  return meanOf(
    members.map(({ space, file }) =>
      predictAt(component, { space, fitted: readForecaster(file) }, component.values.length, steps),
    ),
  )
}

/**
 * Origins of a backtest: 27 hours apart, so that every time of day comes to be one, over the younger part of the history;
 * the days after its end that nobody knows yet do not count.
 */
export function originsFor(component: Pick<Component, 'start_ms' | 'slot_s' | 'values'>, least: number): number[] {
  const { start_ms, slot_s, values } = component
  const day = stepsOfDay(slot_s)
  const stride_steps = Math.round((day * 27) / 24)
  return originsOf(
    { start_ms, step_s: slot_s, values },
    { horizon_steps: day, stride_steps, origin_count: ORIGINS_MAX, history_steps_min: least },
  )
}
const ORIGINS_MAX = 60

function errorOf(component: Component, origins: readonly number[], rows: Float64Array[], first_step: number): number {
  let [sum, count] = [0, 0]
  origins.forEach((origin, at) => {
    const row = rows[at] ?? []
    for (let step = first_step; step < row.length; step++) {
      const off = Math.abs((row[step] ?? Number.NaN) - (component.values[origin + step] ?? Number.NaN))
      if (Number.isNaN(off)) continue
      sum += off
      count++
    }
  })
  return count === 0 ? Number.NaN : sum / count
}

/** The component from one of its slots on. */
export function fromSlot(component: Component, slot: number): Component {
  const { values, wall, limit_kw, weather, start_ms, slot_s } = component
  return {
    ...component,
    start_ms: start_ms + slot * slot_s * 1000,
    values: values.slice(slot),
    wall: wall.slice(slot),
    limit_kw: limit_kw?.slice(slot) ?? null,
    weather: mapColumns(weather, (column) => column.slice(slot)),
  }
}

/** Slots known in the last `days` days, and how many there are. */
export function knownLately({ values, slot_s }: Pick<Component, 'values' | 'slot_s'>, days: number) {
  const count = Math.round(days * stepsOfDay(slot_s))
  return { known: knownCount(values.subarray(Math.max(0, values.length - count))), count }
}

function meanOf(rows: readonly Float64Array[]): Float64Array {
  return Float64Array.from(rows[0] ?? [], (_, step) =>
    rows.reduce((sum, row) => sum + (row[step] ?? Number.NaN) / rows.length, 0),
  )
}

function highest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}

function covariatesOf(columns: Record<string, Float64Array>): { covariates?: Record<string, Float64Array> } {
  return Object.keys(columns).length === 0 ? {} : { covariates: columns }
}

function mapColumns(columns: Component['weather'], of: (column: Float64Array) => Float64Array) {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, of(column)]))
}

/** The hour that the wall skips has no weather: it takes that of the slot before. */
function withoutHoles(values: Float64Array): Float64Array {
  const filled = values.slice()
  for (let at = 0; at < filled.length; at++)
    if (Number.isNaN(filled[at] ?? Number.NaN))
      filled[at] = filled[at - 1] ?? filled.find((value) => !Number.isNaN(value)) ?? 0
  return filled
}

function futureOnTheWall(column: Float64Array, origin: number, index: Float64Array, count: number): Float64Array {
  const laid = new Float64Array(count).fill(Number.NaN)
  index.forEach((at, step) => {
    if (at >= 0) laid[at] = column[origin + step] ?? Number.NaN
  })
  return withoutHoles(laid)
}
