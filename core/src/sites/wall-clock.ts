import type { Series } from '../learn/series.ts'
import { offset_ms } from './local-time.ts'

/**
 * People live by the clock on the wall: on the day it is put forward they come an hour earlier by the sun. A load is laid
 * out on that clock before anything learns from it, and a forecast is taken back to instants afterwards. The hour that
 * does not exist is a gap, and the hour that is lived twice is one, with the mean of both.
 *
 * @returns for each of `count` slots from `start_ms` on, where it stands on the wall: slots since 1970 by that clock.
 */
export function wallSlots(
  { start_ms, slot_s, time_zone }: { start_ms: number; slot_s: number; time_zone: string },
  count: number,
): Float64Array {
  return Float64Array.from({ length: count }, (_, slot) => {
    const at_ms = start_ms + slot * slot_s * 1000
    return Math.floor((at_ms + offset_ms(at_ms, time_zone)) / (slot_s * 1000))
  })
}

/** The slots `from` to `to` as the wall counts them, cut before the wall slot of the one that comes next. */
export function onTheWall(
  values: Float64Array,
  wall: Float64Array,
  [from, to]: readonly [number, number],
  slot_s: number,
): Series {
  const first = wall[from] ?? Number.NaN
  const length = Math.max(1, (wall[to] ?? Number.NaN) - first)
  const sums = new Float64Array(length)
  const counts = new Uint8Array(length)
  for (let slot = from; slot < to; slot++) {
    const value = values[slot] ?? Number.NaN
    const index = (wall[slot] ?? Number.NaN) - first
    if (Number.isNaN(value) || index < 0 || index >= length) continue
    sums[index] = (sums[index] ?? 0) + value
    counts[index] = (counts[index] ?? 0) + 1
  }
  return {
    start_ms: first * slot_s * 1000,
    step_s: slot_s,
    values: sums.map((sum, index) => (counts[index] === 0 ? Number.NaN : sum / (counts[index] ?? Number.NaN))),
  }
}

/** Hour of the day, 0 to 23, and whether it is a Saturday or a Sunday, by the wall. */
export function wallHour(wall_slot: number, slot_s: number): { hour: number; is_weekend: boolean } {
  const second = wall_slot * slot_s
  const day = Math.floor(second / 86_400)
  // The first of January 1970 was a Thursday.
  const weekday = (((day + 4) % 7) + 7) % 7
  return { hour: Math.floor((second - day * 86_400) / 3_600), is_weekend: weekday === 0 || weekday === 6 }
}
