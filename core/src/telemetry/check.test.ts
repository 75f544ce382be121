import { describe, expect, it } from 'vitest'
import { randomOf } from '../learn/random.ts'
import { invariant } from '../lib/invariant.ts'
import { checkTime, checkTogether, checkValue, newSeries, rangeFor, verdictOf, type Finding } from './check.ts'
import { measures } from './measures.ts'
import { learnProfile, PROFILE_READINGS_MIN, type Sample, type SeriesProfile } from './profile.ts'
import type { Reading } from './reading.ts'

const START_MS = Date.UTC(2026, 0, 1)
const STEP_MS = 900_000
const DAY_STEPS = 96

/** Air temperature every quarter of an hour: 20 °C, ±6 over the day, and noise of 0.3. */
function temperatures(days: number, seed: number): Sample[] {
  const random = randomOf(seed)
  return Array.from({ length: days * DAY_STEPS }, (_, i) => ({
    at_ms: START_MS + i * STEP_MS,
    value: Math.round(10 * (20 - 6 * Math.cos((2 * Math.PI * i) / DAY_STEPS) + 0.3 * random.normal())) / 10,
  }))
}

const series = temperatures(60, 1)
const past = series.slice(0, 30 * DAY_STEPS)
const future = series.slice(30 * DAY_STEPS)

function profileOf(samples: readonly Sample[]): SeriesProfile {
  const learnt = learnProfile(samples)
  invariant('profile' in learnt, 'there are enough samples')
  return learnt.profile
}
const profile = profileOf(past)

function check(
  samples: readonly Sample[],
  limits = { range: [-50, 70] as const, profile: profile as SeriesProfile | null },
) {
  let state = newSeries
  return samples.map(({ at_ms, value }) => {
    const checked = checkValue({ measure: 'temperature', value }, at_ms, limits, state)
    state = checked.state
    return checked.findings
  })
}
const checksOf = (findings: readonly Finding[]) => findings.map((finding) => finding.check)
/** Readings after the fault began until it is found, or null. */
function delay(fault: (sample: Sample, steps: number) => number, wanted: string): number | null {
  const at = 10 * DAY_STEPS + 50
  const found = check(future.map((each, i) => (i < at ? each : { ...each, value: fault(each, i - at) })))
  const after = found.slice(at).findIndex((findings) => checksOf(findings).includes(wanted as Finding['check']))
  return after < 0 ? null : after
}

describe('a profile', () => {
  it('is learnt from enough readings over enough days, and says what is missing until then', () => {
    expect(learnProfile(past.slice(0, 100))).toEqual({
      missing: { readings: PROFILE_READINGS_MIN - 100, days: expect.closeTo(3 - (99 * STEP_MS) / 86_400_000, 9) },
    })
    expect(learnProfile([])).toEqual({ missing: { readings: PROFILE_READINGS_MIN, days: 3 } })
    expect(profile).toMatchObject({ readings_count: 2880, interval_s: 900 })
    expect(profile.resolution).toBeCloseTo(0.1, 9)
    // Noon is six above the mean, midnight six below.
    expect(profile.usual_by_hour[12]).toBeCloseTo(26, 0)
    expect(profile.usual_by_hour[0]).toBeCloseTo(14, 0)
  })
})

describe('a value is checked against its past', () => {
  it('raises fewer than one alarm in a thousand on thirty days in which nothing happens', () => {
    expect(check(future).filter((findings) => findings.length > 0).length).toBeLessThan(3)
  })

  it.each([
    ['a spike', (sample: Sample, steps: number) => sample.value + (steps === 0 ? 15 : 0), 'rate_of_change', 0],
    ['a jump to zero', () => 0, 'rate_of_change', 0],
    ['a value that stands still', () => 21.3, 'stuck', 12],
    ['a constant error of 12 °C', (sample: Sample) => sample.value + 12, 'usual_for_hour', 1],
    ['a scale that changed to Fahrenheit', (sample: Sample) => sample.value * 1.8 + 32, 'range', 0],
    // A degree in ten days, among days that differ by 0.03: nothing that any single reading shows.
    ['a drift of 0.1 °C a day', (sample: Sample, steps: number) => sample.value + steps / 960, 'drift', 10 * DAY_STEPS],
  ])('finds %s', (_, fault, wanted, readings_max) => {
    const found = delay(fault, wanted)
    expect(found).not.toBeNull()
    expect(found).toBeLessThanOrEqual(readings_max)
  })

  it('does not call the next good value a jump after an impossible one', () => {
    const spiked = future.slice(0, 40).map((each, i) => (i === 20 ? { ...each, value: 900 } : each))
    expect(
      check(spiked)
        .map(checksOf)
        .filter((names) => names.length > 0),
    ).toEqual([['range']])
  })

  it('checks only limits that hold for every device until there is a profile', () => {
    const found = check(
      [
        { at_ms: 0, value: 20 },
        { at_ms: 1000, value: 69 },
        { at_ms: 2000, value: 71 },
      ],
      {
        range: [-50, 70],
        profile: null,
      },
    )
    expect(found.map(checksOf)).toEqual([[], [], ['range']])
    expect(found[2]?.[0]?.message).toBe('temperature value 71 outside range [-50, 70]')
  })

  it('lets a solar plant rest at night', () => {
    const sunny = Array.from({ length: 8 * DAY_STEPS }, (_, i) => ({
      at_ms: START_MS + i * STEP_MS,
      value: Math.max(
        0,
        Math.round(100 * -Math.cos((2 * Math.PI * (i + 0.3)) / DAY_STEPS + Math.floor(i / DAY_STEPS) / 50)),
      ),
    }))
    const learnt = profileOf(sunny.slice(0, 6 * DAY_STEPS))
    const found = check(sunny.slice(6 * DAY_STEPS), { range: [0, 200], profile: learnt } as never)
    expect(found.flat().filter((finding) => finding.check === 'stuck')).toEqual([])
  })
})

describe('an instant', () => {
  const now_ms = Date.UTC(2026, 2, 1)
  const dated = (captured_at_ms: number) => checkTime({ captured_at_ms } as Reading, now_ms)

  it('may be five minutes ahead and years behind, but not in the future nor before there were such devices', () => {
    expect(dated(now_ms + 300_000)).toEqual([])
    expect(dated(Date.UTC(2001, 0, 1))).toEqual([])
    expect(verdictOf(dated(now_ms + 301_000))).toBe('invalid')
    expect(verdictOf(dated(0))).toBe('invalid')
  })
})

describe('values of one reading', () => {
  const together = (power_kw: number) =>
    checkTogether([
      { measure: 'power_kw', value: power_kw },
      { measure: 'voltage_v', value: 230 },
      { measure: 'current_a', value: 10 },
      { measure: 'power_factor', value: 0.95 },
    ])

  it('agree when power is voltage times current times power factor', () => {
    expect(together(2.185)).toEqual([])
    expect(together(21.85)[0]).toMatchObject({ check: 'cross_sensor', expected: 2.185 })
    expect(checkTogether([{ measure: 'power_kw', value: 5 }])).toEqual([])
  })
})

describe('a declared range', () => {
  it('narrows what is possible and never widens it', () => {
    const temperature = measures.get('temperature')
    invariant(temperature !== undefined, 'there is such a measure')
    expect(rangeFor(temperature, null)).toEqual([-50, 70])
    expect(rangeFor(temperature, [0, 40])).toEqual([0, 40])
    expect(rangeFor(temperature, [-100, 400])).toEqual([-50, 70])
  })
})
