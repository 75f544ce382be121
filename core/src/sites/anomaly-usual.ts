import { offset_ms } from './local-time.ts'
import { quantileOf, slotMs, slotsPerDay, spreadOf, type Watch } from './anomaly-watch.ts'

/**
 * What is usual at a time of the week, learnt day by day from the past alone: the median of the same slot and its two
 * neighbours on the same weekday of up to four weeks, or, while fewer than three such days are known, of days of the same
 * kind (working days, Saturdays, Sundays). Slots that were out of line teach nothing.
 */
export interface Usual {
  expected: Float64Array
  /** Robust deviation of what was usual at this hour, never below a share of the level. */
  scale: Float64Array
}

const WEEKS = 4
const DAYS_MIN = 3
const SCALE_FLOOR_SHARE = 0.04

export function usualOf(watch: Watch, values: Float64Array, is_out_of_line: (slot: number) => boolean): Usual {
  const per_day = slotsPerDay(watch)
  const expected = new Float64Array(watch.count).fill(NaN)
  const scale = new Float64Array(watch.count).fill(NaN)
  const residuals = new Float64Array(watch.count).fill(NaN)
  const level = levelOf(values)
  for (let i = 0; i < watch.count; i++) {
    const past = pastAlike(watch, values, i, per_day, is_out_of_line)
    if (past.length === 0) continue
    const usual = quantileOf(past, 0.5)
    expected[i] = usual
    const spread = spreadOf(nearResiduals(residuals, i, per_day))
    const value = values[i] ?? NaN
    if (!Number.isNaN(value) && !is_out_of_line(i)) residuals[i] = value - usual
    if (Number.isNaN(spread)) continue
    scale[i] = Math.max(spread, SCALE_FLOOR_SHARE * Math.max(Math.abs(usual), level))
  }
  return { expected, scale }
}

/** The middle of what it shows; of what rests most of the time, of what it shows when it runs: nothing is a share of nothing. */
function levelOf(values: Float64Array): number {
  const sizes = values.filter((value) => !Number.isNaN(value)).map(Math.abs)
  const middle = quantileOf(sizes, 0.5)
  return middle === 0 ? quantileOf(sizes.filter((size) => size > 0), 0.5) : middle // oxfmt-ignore
}

/** By the clock on the wall: people change theirs twice a year. */
function pastAlike(
  watch: Watch,
  values: Float64Array,
  slot: number,
  per_day: number,
  is_out_of_line: (slot: number) => boolean,
): number[] {
  const at_ms = watch.from_ms + slot * slotMs(watch)
  const offset_now = offset_ms(at_ms, watch.time_zone)
  const day = Math.floor((at_ms + offset_now) / 86_400_000)
  const kind = kindOfDay(day)
  const same: number[][] = []
  const alike: number[][] = []
  for (let back = 1; back <= 7 * WEEKS; back++) {
    if (slot - back * per_day < -per_day) break
    if (kindOfDay(day - back) !== kind) continue
    const then_ms = at_ms - back * 86_400_000
    const moved = Math.round((offset_now - offset_ms(then_ms, watch.time_zone)) / slotMs(watch))
    const found = around(values, slot - back * per_day + moved, is_out_of_line)
    if (found.length === 0) continue
    if (back % 7 === 0) same.push(found)
    if (back <= 7 * WEEKS && alike.length < 10) alike.push(found)
  }
  if (same.length >= DAYS_MIN) return same.flat()
  return alike.length >= DAYS_MIN || (kind !== 0 && alike.length >= 2) ? alike.flat() : []
}

function around(values: Float64Array, slot: number, is_out_of_line: (slot: number) => boolean): number[] {
  return [slot - 1, slot, slot + 1].flatMap((each) => {
    const value = values[each] ?? NaN
    return Number.isNaN(value) || is_out_of_line(each) ? [] : [value]
  })
}

/** 0 for working days, 1 for Saturdays, 2 for Sundays; the first of January 1970 was a Thursday. */
function kindOfDay(day: number): number {
  const weekday = (((day + 4) % 7) + 7) % 7
  return weekday === 0 ? 2 : weekday === 6 ? 1 : 0
}

const RESIDUAL_DAYS = 21
/** Residuals of the hour before and after, on the days before this one. */
function nearResiduals(residuals: Float64Array, slot: number, per_day: number): number[] {
  const reach = Math.max(1, Math.round(per_day / 24))
  const near: number[] = []
  for (let back = 1; back <= RESIDUAL_DAYS; back++) {
    const centre = slot - back * per_day
    if (centre + reach < 0) break
    for (let i = Math.max(0, centre - reach); i <= centre + reach; i++) {
      const residual = residuals[i] ?? NaN
      if (!Number.isNaN(residual)) near.push(residual)
    }
  }
  return near
}
