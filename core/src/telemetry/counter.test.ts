import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advanceCounter, increments, newCounter, shareOverSlots, type CounterLimits } from './counter.ts'

const HOUR_MS = 3_600_000
const limits: CounterLimits = { hourly_max: 100, rolls_over_at: 10_000, gap_s: 7_200, resolution: 0.1 }

/** Values an hour apart; a hole is an hour without a reading. */
const hourly = (values: readonly (number | null)[]) =>
  values.flatMap((value, i) => (value === null ? [] : [{ at_ms: i * HOUR_MS, value }]))
const counted = (...values: (number | null)[]) =>
  increments(hourly(values), limits).reduce((sum, { amount }) => sum + amount, 0)
const eventsOf = (...values: (number | null)[]) => {
  let state = newCounter
  return hourly(values).flatMap((sample) => {
    const step = advanceCounter(state, sample, limits)
    state = step.state
    return step.event === null ? [] : [step.event]
  })
}

describe('a counter', () => {
  it('counts differences', () => {
    expect(counted(500, 540, 590)).toBe(90)
    expect(eventsOf(500, 540, 590)).toEqual([])
  })

  it('shows zero for one reading: nothing is lost and no spike appears', () => {
    expect(counted(500, 540, 0, 590)).toBe(90)
    expect(eventsOf(500, 540, 0, 590)).toEqual(['glitch'])
  })

  it('shows nonsense for one reading: nothing is lost and no spike appears', () => {
    expect(counted(500, 540, 9e9, 590)).toBe(90)
    expect(eventsOf(500, 540, 9e9, 590)).toEqual(['glitch'])
  })

  it('is reset: counting goes on from zero', () => {
    expect(counted(500, 540, 20, 60)).toBe(40 + 20 + 40)
    expect(eventsOf(500, 540, 20, 60)).toEqual(['reset'])
  })

  it('rolls over', () => {
    expect(counted(9_950, 9_990, 30, 70)).toBe(40 + 40 + 40)
    expect(eventsOf(9_950, 9_990, 30, 70)).toEqual(['rollover'])
  })

  it('is replaced by another: the new one has counted nothing yet', () => {
    expect(counted(500, 540, 7_000, 7_030)).toBe(40 + 30)
    expect(eventsOf(500, 540, 7_000, 7_030)).toEqual(['replaced'])
  })

  it('is set back to a good part of what it showed: that was not counted since', () => {
    expect(counted(15_000, 15_040, 10_000, 10_030)).toBe(40 + 30)
    const wide = { ...limits, hourly_max: 1e6, rolls_over_at: null }
    const found = increments(hourly([15_000, 15_040, 10_000, 10_030]), wide)
    expect(found.reduce((sum, { amount }) => sum + amount, 0)).toBe(40 + 30)
  })

  it('steps back by its own rounding: that is zero, not negative', () => {
    expect(counted(500, 499.95, 540)).toBeCloseTo(40.05, 9)
    expect(eventsOf(500, 499.95, 540)).toEqual([])
  })

  it('falls silent: what was counted belongs to the whole silence, never to the hour in which it spoke again', () => {
    const found = increments(hourly([500, 540, null, null, null, 740]), limits)
    expect(found.at(-1)).toEqual({ from_ms: HOUR_MS, to_ms: 5 * HOUR_MS, amount: 200, spans_gap: true })
    const slots = shareOverSlots(found, HOUR_MS)
    expect([...slots.values()]).toEqual([40, 50, 50, 50, 50])
  })

  it('never counts less than nothing nor more than the plant can do, whatever it shows', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 40 }), (values) => {
        for (const { from_ms, to_ms, amount } of increments(hourly(values), limits)) {
          expect(amount).toBeGreaterThanOrEqual(0)
          // Both ends may be off by the resolution.
          expect(amount).toBeLessThanOrEqual((limits.hourly_max * (to_ms - from_ms)) / HOUR_MS + 2 * limits.resolution)
        }
      }),
    )
  })

  it('loses nothing when it is shared out over slots', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1e9 }), { minLength: 2, maxLength: 30 })
    fc.assert(
      fc.property(times, fc.integer({ min: 1e7, max: 1e8 }), (instants, slot_ms) => {
        const samples = [...instants].sort((a, b) => a - b).map((at_ms) => ({ at_ms, value: at_ms / HOUR_MS }))
        const slots = shareOverSlots(increments(samples, limits), slot_ms)
        const shared = [...slots.values()].reduce((sum, amount) => sum + amount, 0)
        expect(shared).toBeCloseTo(samples.at(-1)!.value - samples[0]!.value, 6)
      }),
    )
  })
})
