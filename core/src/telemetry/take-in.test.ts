import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { invariant } from '../lib/invariant.ts'
import { newSeries } from './check.ts'
import { newCounter } from './counter.ts'
import { measures } from './measures.ts'
import { resolutionFor, rulesFor, slotGains, takeIn, type Arrival } from './take-in.ts'

const HOUR_MS = 3_600_000
const measure = (id: string) => {
  const found = measures.get(id)
  invariant(found !== undefined, id)
  return found
}
const fresh = { checks: newSeries, counter: newCounter }
const at = (hour: number, value: number): Arrival => ({ at_ms: hour * HOUR_MS, value, findings: [] })

describe('values are taken in', () => {
  it('in one batch or in many, with the same result', () => {
    const energy = measure('energy_kwh')
    const rules = rulesFor(energy, { interval_s: 3600, hourly_max: 100 }, null)
    const values = [500, 540, 0, 590, 20, 60, 61, 9e8, 62]
    const all = takeIn(
      fresh,
      energy,
      rules,
      values.map((value, i) => at(i, value)),
      null,
    )
    let memory = fresh
    const one_by_one = values.flatMap((value, i) => {
      const step = takeIn(memory, energy, rules, [at(i, value)], i === 0 ? null : (i - 1) * HOUR_MS)
      memory = step.memory
      return step.increments
    })
    expect(one_by_one).toEqual(all.increments)
    expect(memory).toEqual(all.memory)
    expect(all.taken.map(({ verdict }) => verdict)).toEqual([
      'valid', 'valid', 'suspect', 'valid', 'suspect', 'valid', 'valid', 'suspect', 'valid',
    ]) // oxfmt-ignore
  })

  it('late without moving the memory of the series, but within its limits', () => {
    const temperature = measure('temperature')
    const rules = rulesFor(temperature, undefined, null)
    const before = takeIn(fresh, temperature, rules, [at(5, 20)], null)
    const late = takeIn(before.memory, temperature, rules, [at(3, 19), at(4, 99)], 5 * HOUR_MS)
    expect(late.taken).toMatchObject([
      { is_late: true, verdict: 'valid' },
      { is_late: true, verdict: 'invalid' },
    ])
    expect(late.memory).toEqual(before.memory)
  })
})

describe('slots', () => {
  it('count what is valid or suspect, and count what is invalid apart', () => {
    const gains = slotGains(
      [
        { at_ms: 0, value: 10, verdict: 'valid' },
        { at_ms: 60_000, value: 20, verdict: 'suspect' },
        { at_ms: 120_000, value: 999, verdict: 'invalid' },
      ],
      [],
      [900],
    )
    expect(gains).toEqual([
      { slot_s: 900, slot_start_ms: 0, readings: 2, not_counted: 1, sum: 30, low: 10, high: 20, amount: 0 },
    ])
  })

  it('hold the same, however the values were batched', () => {
    const values = fc.array(
      fc.record({ hour: fc.integer({ min: 0, max: 50 }), value: fc.integer({ min: -99, max: 99 }) }),
    )
    fc.assert(
      fc.property(values, fc.nat(60), (list, cut) => {
        const taken = list.map(({ hour, value }) => ({ at_ms: hour * HOUR_MS, value, verdict: 'valid' as const }))
        const total = (parts: (typeof taken)[]) =>
          parts
            .flatMap((part) => slotGains(part, [], [86_400]))
            .reduce((sum, gain) => sum + gain.sum * 7 + gain.readings, 0)
        expect(total([taken.slice(0, cut), taken.slice(cut)])).toBe(total([taken]))
      }),
    )
  })
})

describe('a stretch of time', () => {
  const quarter_hourly = rulesFor(measure('power_kw'), undefined, null)
  const every_second = rulesFor(measure('power_kw'), { interval_s: 1 }, null)
  const DAY_S = 86_400

  it.each([
    ['a day of quarter hours as single readings', DAY_S, quarter_hourly, 0],
    ['a month of quarter hours by the hour', 30 * DAY_S, quarter_hourly, 3_600],
    ['ten minutes of seconds as single readings', 600, every_second, 0],
    ['half a day of seconds by the minute', DAY_S / 2, every_second, 60],
    ['a week of seconds by the quarter of an hour', 7 * DAY_S, every_second, 900],
    ['two years by the day', 730 * DAY_S, every_second, DAY_S],
  ])('is drawn with at most a thousand points: %s', (_, span_s, rules, slot_s) => {
    expect(resolutionFor(span_s, 1_000, rules)).toEqual({ slot_s, slots_each: 1 })
  })

  it.each([
    ['two months in steps of two hours', 60 * DAY_S, quarter_hourly, 3_600, 2],
    ['two days of seconds in steps of three minutes', 2 * DAY_S, every_second, 60, 3],
    ['a year in halves of a day', 365 * DAY_S, quarter_hourly, 3_600, 12],
  ])(
    'between two lengths is drawn with what makes up a whole of the longer one: %s',
    (_, span_s, rules, slot_s, slots_each) => {
      expect(resolutionFor(span_s, 1_000, rules)).toEqual({ slot_s, slots_each })
    },
  )

  it('of decades is drawn with several days a point', () => {
    expect(resolutionFor(20 * 365 * DAY_S, 1_000, quarter_hourly)).toEqual({ slot_s: DAY_S, slots_each: 8 })
  })
})
