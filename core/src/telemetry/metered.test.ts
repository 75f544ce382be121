import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CounterLimits } from './counter.ts'
import { MeterWalk, together, type Metered, type MeterReading } from './metered.ts'

const HOUR_MS = 3_600_000
const limits: CounterLimits = { hourly_max: 100, rolls_over_at: null, gap_s: 3 * 3_600, resolution: 0 }
const day = { from_ms: 0, to_ms: 24 * HOUR_MS }

/** Readings from [hour, value]; received as they were taken. */
const readings = (...pairs: readonly (readonly [hour: number, value: number])[]): MeterReading[] =>
  pairs.map(([hour, value]) => ({ at_ms: hour * HOUR_MS, received_ms: hour * HOUR_MS, value, verdict: 0, is_unusual: false })) // oxfmt-ignore
const every = (from: number, to: number, valueAt: (hour: number) => number) =>
  Array.from({ length: to - from + 1 }, (_, i) => [from + i, valueAt(from + i)] as const)
function walk(given: readonly MeterReading[], period = day): Metered {
  const walking = new MeterWalk(period, limits)
  for (const reading of given) walking.add(reading)
  return walking.finish(3_600, null)
}
const sumOf = (metered: Metered) => metered.spans.reduce((sum, { amount }) => sum + amount, 0)
const holesOf = ({ uncovered }: Metered) =>
  uncovered.map(({ from_ms, to_ms, why }) => [from_ms / HOUR_MS, to_ms / HOUR_MS, why])

describe('what a counter counted in a period', () => {
  it('by hand: 10 kWh an hour, silent for five hours, reset at noon, read until the end', () => {
    // 0–4: 40. 4–9 silent, and the counter went on: 50. 9–12: 30. At 13 it shows 3: it was reset, and what was counted
    // between 12 and 13 is lost. 13–24: 110. Together 230 in 23 of 24 hours.
    const metered = walk(readings(...every(0, 4, (h) => 1000 + 10 * h), ...every(9, 12, (h) => 1000 + 10 * h), ...every(13, 24, (h) => 3 + 10 * (h - 13)))) // oxfmt-ignore
    expect(sumOf(metered)).toBe(230)
    expect(holesOf(metered)).toEqual([[12, 13, 'reset']])
    expect(together([metered], day)).toMatchObject({ coverage_share: 23 / 24, amounts: [230] })
    // 20 of 24 readings inside the day.
    expect(metered.quality.completeness).toBeCloseTo(20 / 24, 12)
  })

  it('an interval over the edge is shared out, a silence over the edge is not', () => {
    const metered = walk(readings([-0.5, 100], [0.5, 110], [1.5, 120], [23, 335], [28, 385]))
    expect(holesOf(metered)).toEqual([[23, 24, 'gap_at_edge']])
    // Half of ten before half past midnight, ten, and 215 over a silence within the day.
    expect(sumOf(metered)).toBe(5 + 10 + 215)
  })

  it('a meter that was replaced says nothing of the change, and one glitch nothing at all', () => {
    const metered = walk(readings([0, 500], [8, 540], [9, 300], [10, 310], [11, 0], [12, 330], [24, 450]))
    expect(holesOf(metered)).toEqual([[8, 9, 'replaced']])
    expect([sumOf(metered), metered.glitches]).toEqual([40 + 10 + 20 + 120, 1])
  })

  it('invalid readings are not counted, doubtful ones do not begin, and both lower the quality', () => {
    const given = readings([0, 70], [1, 100], [2, 9e9], [12, 200], [24, 300])
    const [doubtful, , invalid] = given
    if (doubtful) doubtful.verdict = 1
    if (invalid) Object.assign(invalid, { verdict: 2, is_unusual: true, received_ms: invalid.at_ms + 86_400_001 })
    const metered = walk(given)
    expect(holesOf(metered)).toEqual([[0, 1, 'no_readings']])
    expect(sumOf(metered)).toBe(200)
    expect(metered.quality).toMatchObject({ validity: 0.5, consistency: 0.75, timeliness: 0.85, accuracy: 0.8 })
  })

  it('without a reading nothing is covered', () => {
    expect(together([walk([])], day)).toMatchObject({ coverage_share: 0, amounts: [0] })
  })
})

describe('several counters together', () => {
  it('cover what every one of them covers', () => {
    const whole = walk(readings(...every(0, 24, (h) => 2 * h)))
    const late = walk(readings(...every(6, 24, (h) => 10 * h)))
    expect(together([whole, late], day)).toMatchObject({ coverage_share: 0.75, amounts: [36, 180] })
  })

  it('whatever is not read, amounts and holes make up the whole of a steady counter', () => {
    const missing = fc.uniqueArray(fc.integer({ min: 0, max: 24 }), { maxLength: 20 })
    fc.assert(
      fc.property(missing, missing, (a, b) => {
        const steady = (gone: readonly number[]) =>
          walk(readings(...every(0, 24, (h) => 7 * h).filter(([h]) => !gone.includes(h))))
        const { coverage_share, amounts } = together([steady(a), steady(b)], day)
        for (const amount of amounts) expect(amount).toBeCloseTo(7 * 24 * coverage_share, 9)
      }),
      { numRuns: 50 },
    )
  })
})
