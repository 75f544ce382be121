import type { Fault } from '../lib/problem.ts'
import { refuseUnfit } from './unfit.ts'

/** Values in slots of one length, without holes in time: a slot whose value is not known holds NaN. */
export interface Series {
  /** Epoch milliseconds at which the first slot begins. */
  start_ms: number
  step_s: number
  values: Float64Array
  /** Columns that are known for the future too (holidays, forecast temperature), as long as `values`. */
  covariates?: Readonly<Record<string, Float64Array>>
  /** Added to UTC to find the hour of day and the day of week; 0 unless told. */
  utc_offset_s?: number
}

export type Covariates = Readonly<Record<string, Float64Array>>

const DAY_S = 86_400

/** @throws {Problem} learn/data-unfit for infinities, steps without a length, and covariates with holes or of other lengths. */
export function demandSeries({ start_ms, step_s, values, covariates = {}, utc_offset_s = 0 }: Series): void {
  const faults: Fault[] = []
  const blame = (path: string, message: string) => faults.push({ path, code: 'unfit', message })
  if (!Number.isFinite(start_ms) || !Number.isFinite(utc_offset_s)) blame('/start_ms', 'times are finite')
  if (!(step_s > 0 && Number.isFinite(step_s))) blame('/step_s', 'a step is longer than nothing')
  const infinite = values.findIndex((value) => !Number.isFinite(value) && !Number.isNaN(value))
  if (infinite >= 0) blame(`/values/${infinite}`, 'a number, or NaN for a gap')
  for (const [name, column] of Object.entries(covariates)) {
    if (column.length !== values.length)
      blame(`/covariates/${name}`, `${column.length} numbers for ${values.length} slots`)
    const hole = column.findIndex((value) => !Number.isFinite(value))
    if (hole >= 0) blame(`/covariates/${name}/${hole}`, 'a finite number: what is known beforehand has no gaps')
  }
  if (faults.length > 0) refuseUnfit(`The series cannot be forecast from: ${faults[0]?.message}.`, faults)
}

/** The slots from `from` to just before `to`, copied: nothing of the rest can be reached through it. */
export function sliceSeries(series: Series, from: number, to: number): Series {
  const begin = Math.max(0, from)
  const covariates = series.covariates && cutColumns(series.covariates, begin, to)
  return {
    ...series,
    start_ms: series.start_ms + begin * series.step_s * 1000,
    values: series.values.slice(begin, to),
    ...(covariates ? { covariates } : {}),
  }
}

export function cutColumns(columns: Covariates, from: number, to: number): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice(from, to)]))
}

/** Slots in a day and in a week, where the step allows; ascending, each longer than one slot. */
export function seasonsOf({ step_s }: Pick<Series, 'step_s'>): number[] {
  const lengths = [DAY_S / step_s, (7 * DAY_S) / step_s]
  return lengths.filter((length) => Number.isInteger(length) && length > 1)
}

/** The season a baseline repeats: a day of slots, a week of days, else the last value. */
export function shortestSeason(series: Pick<Series, 'step_s'>): number {
  return seasonsOf(series)[0] ?? 1
}

/** Second of the day and day of the week (0 is Monday) at which a slot begins; slots may lie past the end. */
export function calendarOf(
  { start_ms, step_s, utc_offset_s = 0 }: Series,
  slot: number,
): { second: number; weekday: number } {
  const local_s = Math.round(start_ms / 1000 + utc_offset_s + slot * step_s)
  const day = Math.floor(local_s / DAY_S)
  // The first of January 1970 was a Thursday.
  return { second: local_s - day * DAY_S, weekday: (((day + 3) % 7) + 7) % 7 }
}

export function knownCount(values: Float64Array): number {
  let count = 0
  for (const value of values) if (!Number.isNaN(value)) count++
  return count
}

/**
 * A copy without gaps: each takes the mean of the nearest known values a whole number of seasons before and after it, or,
 * where there are none, lies on the line between its neighbours in time.
 *
 * @throws {Problem} learn/data-unfit where nothing is known at all.
 */
export function fillGaps(values: Float64Array, season: number): Float64Array {
  const filled = values.slice()
  if (knownCount(values) === values.length) return filled
  if (knownCount(values) === 0) refuseUnfit(`None of the ${values.length} slots has a value.`, [])
  const nearestKnown = (from: number, step: number) => {
    for (let i = from + step; i >= 0 && i < values.length; i += step) if (!Number.isNaN(values[i])) return values[i]
    return undefined
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue
    const alike = [nearestKnown(i, -season), nearestKnown(i, season)].filter((value) => value !== undefined)
    const beside =
      alike.length > 0 ? alike : [nearestKnown(i, -1), nearestKnown(i, 1)].filter((value) => value !== undefined)
    filled[i] = beside.reduce((sum, value) => sum + value, 0) / beside.length
  }
  return filled
}
