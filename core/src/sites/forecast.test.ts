import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Asset } from './contract.ts'
import { bandAt, leadOf, measureBands, usualByHour } from './forecast-bands.ts'
import { fromSlot, seenAt, type Component } from './forecast-component.ts'
import { bears, fitForecast, fitToLearn, flatComponents, predictComponents, targetOf } from './forecast-fit.ts'
import { clearSkySlots_kw, componentFor, limitFactor } from './forecast-limits.ts'
import { layWeather } from './forecast-weather.ts'
import { simulateSite } from './simulate.ts'
import { clearSkyPower_kw } from './sun.ts'
import { onTheWall, wallHour, wallSlots } from './wall-clock.ts'

const HOUR_MS = 3_600_000
const DAY = 24
const inverter = { asset_id: 'inv', name: 'Inverter', kind: 'pv_inverter', rated_kw: 60, tilt_deg: 30, azimuth_deg: 180, temperature_coefficient_per_k: -0.004, sensor_ids: ['inv'] } as const // oxfmt-ignore
const assets: Asset[] = [
  { ...inverter, sensor_ids: ['inv'] },
  { asset_id: 'load', name: 'Load', kind: 'meter', role: 'load', sensor_ids: ['load'] },
]
const place = { latitude: 43.6, longitude: 3.88, time_zone: 'Europe/Paris', assets }

/** Hours of a simulated depot, as forecasters see them. */
function played(from_ms: number, days: number): Component[] {
  const load = new Float64Array(days * DAY)
  const solar = new Float64Array(days * DAY)
  const span = { from_ms, to_ms: from_ms + days * DAY * HOUR_MS, step_s: 3_600 }
  for (const { at_ms, readings } of simulateSite({ plant: { ...place, load_kw: 90 }, seed: 3, ...span, faults: [] })) {
    const slot = (at_ms - from_ms) / HOUR_MS
    for (const { measurements } of readings) {
      if (measurements.load_power_kw !== undefined) load[slot] = measurements.load_power_kw
      if (measurements.generation_power_kw !== undefined) solar[slot] = measurements.generation_power_kw
    }
  }
  const given = { start_ms: from_ms, slot_s: 3_600, weather: {}, notes: [] }
  return [componentFor(place, 'load', load, given), componentFor(place, 'solar', solar, given)]
}

const cut = (components: readonly Component[], slots: number): Component[] =>
  components.map((component) => ({ ...component, values: component.values.slice(0, slots) }))

describe('the clock on the wall', () => {
  // Paris goes forward on 29 March 2026 at 01:00 UTC, back on 25 October at 01:00 UTC.
  const quarters = (start_ms: number, count: number) => ({
    values: Float64Array.from({ length: count }, (_, slot) => slot),
    wall: wallSlots({ start_ms, slot_s: 3_600, time_zone: 'Europe/Paris' }, count + 1),
  })

  it('has a gap for the hour that does not exist, and the mean of the hour that is lived twice', () => {
    const spring = quarters(Date.UTC(2026, 2, 28, 23), 23)
    const day = onTheWall(spring.values, spring.wall, [0, 23], 3_600)
    expect([...day.values].slice(0, 5)).toEqual([0, 1, Number.NaN, 2, 3])
    expect(day.values).toHaveLength(24)
    const autumn = quarters(Date.UTC(2026, 9, 24, 22), 25)
    const long = onTheWall(autumn.values, autumn.wall, [0, 25], 3_600)
    expect([...long.values].slice(0, 5)).toEqual([0, 1, 2.5, 4, 5])
    expect(long.values).toHaveLength(24)
  })

  it('knows hours and weekends', () => {
    // Saturday the third of January 1970, three in the morning.
    expect(wallHour(2 * 24 + 3, 3_600)).toEqual({ hour: 3, is_weekend: true })
    expect(wallHour(4 * 24 + 3, 3_600)).toEqual({ hour: 3, is_weekend: false })
  })

  it.each([
    ['forward', Date.UTC(2026, 2, 1, 23), Date.UTC(2026, 2, 29, 11)],
    ['back', Date.UTC(2026, 8, 27, 22), Date.UTC(2026, 9, 25, 12)],
  ])('is kept by habits over the night when it is put %s', (_, from_ms, to_ms) => {
    // Somebody switches on at eight and off at six, by the wall, every day.
    const count = Math.round((to_ms - from_ms) / HOUR_MS)
    const wall = wallSlots({ start_ms: from_ms, slot_s: 3_600, time_zone: 'Europe/Paris' }, count + 8 * DAY)
    const habit = (slot: number) =>
      wallHour(wall[slot]!, 3_600).hour >= 8 && wallHour(wall[slot]!, 3_600).hour < 18 ? 50 : 5
    const values = Float64Array.from({ length: count }, (__, slot) => habit(slot))
    const load: Component = {
      name: 'load',
      start_ms: from_ms,
      slot_s: 3_600,
      wall,
      values,
      limit_kw: null,
      weather: {},
    }
    // Seen from the noon before, the day ahead holds the change.
    const before = { ...load, values: values.slice(0, count - DAY) }
    const model = fitForecast([before], false)!
    const [said] = predictComponents(model, [before], DAY)
    expect(said!.point_kw).toEqual(values.slice(count - DAY))
  })
})

describe('limits of the sun', () => {
  it('bound a plant that is read at any instant of a slot, and are zero at night', () => {
    const start_ms = Date.UTC(2026, 5, 21)
    const limits = clearSkySlots_kw([inverter], place, { start_ms, slot_s: 3_600, count: DAY })
    limits.forEach((limit, slot) => {
      for (let minute = 0; minute < 60; minute += 10) {
        const at_ms = start_ms + slot * HOUR_MS + minute * 60_000
        expect(clearSkyPower_kw(inverter, at_ms, place.latitude, place.longitude)).toBeLessThanOrEqual(
          limit * 1.02 + 1e-9,
        )
      }
    })
    expect(limits[0]).toBe(0)
    expect(Math.max(...limits)).toBeLessThan(60)
  })

  it('are lifted where a plant outdoes its declaration, and not without end', () => {
    const sky = Float64Array.from({ length: 100 }, () => 10)
    const measured = (factor: number) => sky.map((limit) => limit * factor)
    expect(limitFactor(measured(0.8), sky)).toBe(1)
    expect(limitFactor(measured(1.2), sky)).toBeCloseTo(1.2, 12)
    expect(limitFactor(measured(60), sky)).toBe(1.5)
  })
})

describe('weather that is told', () => {
  const start_ms = Date.UTC(2026, 5, 1)
  const grid = { start_ms, slot_s: 3_600, past: 30 * DAY, ahead: DAY }
  const word = (slot: number, issued: number, value: number) => ({
    at_ms: start_ms + slot * HOUR_MS,
    issued_ms: start_ms + issued * HOUR_MS,
    value,
  })
  const all = Array.from({ length: 31 * DAY }, (_, slot) => word(slot, slot - 30, slot))

  it('is learnt from as it was told a day before; what was said later does not count', () => {
    const late = word(100, 99, 1e9)
    const column = layWeather([...all, late], grid)
    expect('values' in column && column.values[100]).toBe(100)
    const newest = layWeather([...all, word(30 * DAY + 5, 30 * DAY - 1, -7)], grid)
    expect('values' in newest && newest.values[30 * DAY + 5]).toBe(-7)
  })

  it('is not used with a hole in the time to come, or for less than four weeks', () => {
    expect(layWeather(all.slice(0, -1), grid)).toMatchObject({ reason: expect.stringContaining('not told whole') })
    expect(layWeather(all.slice(5 * DAY), grid)).toMatchObject({ reason: expect.stringContaining('25.0 days') })
  })
})

describe('bands', () => {
  it('keep their promise on errors that are as large as usual, and are wider where more is usual', () => {
    const count = 400
    const scale_kw = Array.from({ length: count }, (_, at) => 1 + (at % 5))
    // Evenly spread errors of up to twice what is usual.
    const error_kw = scale_kw.map((scale, at) => scale * (((at * 37) % count) / (count / 4) - 2))
    const bands = measureBands({ lead: scale_kw.map(() => '0'), error_kw, scale_kw }, 50)
    const at = (scale: number) => bandAt(bands, { level: 0.95, point_kw: 20, scale_kw: scale, lead: '0' }, [0, 100])!
    const covered = error_kw.filter(
      (error, i) => 20 + error >= at(scale_kw[i]!).lower && 20 + error <= at(scale_kw[i]!).upper,
    )
    expect(covered.length / count).toBeGreaterThanOrEqual(0.95)
    expect(covered.length / count).toBeLessThan(0.97)
    expect(at(2).upper - at(2).lower).toBeCloseTo(2 * (at(1).upper - at(1).lower), 9)
    expect(bandAt(bands, { level: 0.95, point_kw: 1, scale_kw: 5, lead: '0' }, [0, 4])).toEqual({ lower: 0, upper: 4 })
    expect(bandAt(bands, { level: 0.95, point_kw: 0, scale_kw: 0, lead: '0' }, [0, 0])).toEqual({ lower: 0, upper: 0 })
  })

  it('are not told from a handful of errors', () => {
    const bands = measureBands({ lead: ['0', '0'], error_kw: [1, 2], scale_kw: [1, 1] }, 50)
    expect(bandAt(bands, { level: 0.95, point_kw: 1, scale_kw: 1, lead: '0' }, [0, 9])).toBeNull()
  })

  it('have leads of hours, and hours that saw little are drawn to the mean', () => {
    expect([0, 3, 4, 95, 96, 300].map((step) => leadOf(step, 900))).toEqual(['0', '0', '1', '8', '24', '48'])
    const usual = usualByHour([0, 1], [10, 0])
    expect(usual[0]).toBeCloseTo((10 + 20 * 5) / 21, 12)
    expect(usual[47]).toBe(5)
  })
})

describe('a fitted site', () => {
  const from_ms = Date.UTC(2026, 3, 1)
  const year = played(from_ms, 45)
  const known = 35 * DAY
  const model = fitForecast(cut(year, known), true)!

  it('beats repeating the day before, for load, sun and their difference, and says what it tried', () => {
    for (const target of ['load', 'generation', 'net'] as const) {
      expect(model.targets[target]?.day.skill).toBeGreaterThan(0)
      expect(model.targets[target]?.coverage95).toBeGreaterThan(0.85)
    }
    expect(model.components.solar?.near.ranking.length).toBeGreaterThan(5)
    expect(model.components.load?.far.members.length).toBeGreaterThan(0)
  })

  it('never sees the future: whatever stands there, the model and what it says are the same to the last digit', () => {
    const poisons = [Number.NaN, 1e9, -1e9]
    const repeating = fitForecast(cut(year, known), false)
    for (const poison of poisons) {
      // Slots after the cut lie in the same memory: a view, and not a copy, would reach them.
      const poisoned = year.map((component) => {
        const values = component.values.slice().fill(poison, known)
        return { ...component, values: values.subarray(0, known) }
      })
      if (poison === 1e9) expect(fitForecast(poisoned, true)).toEqual(model)
      else expect(fitForecast(poisoned, false)).toEqual(repeating)
      const [clean, dirty] = [cut(year, known), poisoned].map((components) =>
        predictComponents(model, components, 7 * DAY),
      )
      expect(dirty?.map(({ point_kw }) => [...point_kw])).toEqual(clean?.map(({ point_kw }) => [...point_kw]))
    }
    const origin = 20 * DAY
    const poisoned = year.map((component) => ({ ...component, values: component.values.slice().fill(1e9, origin) }))
    for (const space of ['instants', 'wall', 'clearness'] as const)
      expect(seenAt(poisoned[1]!, origin, space)).toEqual(seenAt(year[1]!, origin, space))
  })

  it('says the same of the first day whether one or seven are asked for', () => {
    const components = cut(year, known)
    const of = (steps: number) =>
      targetOf('net', 'full', model, components, predictComponents(model, components, steps))!
    expect([...of(7 * DAY).point_kw.subarray(0, DAY)]).toEqual([...of(DAY).point_kw])
    expect(of(7 * DAY).band95.slice(0, DAY)).toEqual(of(DAY).band95)
  })

  it('stays within what nature allows, whenever it is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: known - 5 * DAY, max: known + 2 * DAY }), (slot) => {
        const components = cut(year, slot)
        const said = predictComponents(model, components, DAY)
        const sun = targetOf('generation', 'full', model, components, said)!
        sun.band95.forEach((band, step) => {
          const limit = components[1]!.limit_kw![slot + step]!
          expect(band?.upper).toBeLessThanOrEqual(limit + 1e-9)
          expect(sun.point_kw[step]).toBeGreaterThanOrEqual(band!.lower)
          expect(sun.point_kw[step]).toBeLessThanOrEqual(band!.upper)
          if (limit === 0) expect(sun.confidence[step]).toBe(1)
        })
      }),
      { numRuns: 20 },
    )
  })

  it('is read from plain data to the same forecast', () => {
    const components = cut(year, known)
    const read = JSON.parse(JSON.stringify(model)) as typeof model
    const said = [model, read].map((each) =>
      predictComponents(each, components, DAY).map(({ point_kw }) => [...point_kw]),
    )
    expect(said[1]).toEqual(said[0])
  })

  it('is silent of a sum of which a part is missing', () => {
    const [load, solar] = cut(year, known)
    const said = predictComponents(model, [load!], DAY)
    expect(targetOf('net', 'full', model, [load!, solar!], said)).toBeNull()
    expect(targetOf('load', 'full', model, [load!, solar!], said)).not.toBeNull()
  })
})

describe('the ladder', () => {
  const young = played(Date.UTC(2026, 5, 1), 20)

  it('asks for most of a week to go on in full, and for a third of it to repeat', () => {
    const holes = (share: number) => {
      const [load] = young
      const values = load!.values.map((value, slot) =>
        slot >= 13 * DAY && (slot % 100) / 100 < share ? Number.NaN : value,
      )
      return [{ ...load!, values }]
    }
    expect([bears(holes(0.2), 'full'), bears(holes(0.5), 'full'), bears(holes(0.5), 'baseline')]).toEqual([
      true,
      false,
      true,
    ])
    expect(bears(holes(0.8), 'baseline')).toBe(false)
  })

  it('learns from nothing younger than three days, and from nothing that fell silent', () => {
    const [load, solar] = young
    const late = { ...solar!, values: solar!.values.slice().fill(Number.NaN, 0, 18 * DAY) }
    const silent = { ...solar!, values: solar!.values.slice().fill(Number.NaN, 12 * DAY) }
    expect(fitToLearn([load!, late], 366).map(({ name }) => name)).toEqual(['load'])
    expect(fitToLearn([load!, silent], 366).map(({ name }) => name)).toEqual(['load'])
    expect(fitToLearn([load!, solar!], 10)[0]?.values).toHaveLength(10 * DAY)
    expect(fitForecast([fromSlot(load!, 18 * DAY)], false)).toBeNull()
  })

  it('ends with the middle of the last day, of the sun as a share of a clear sky, and with silence', () => {
    const day = young.map((component) => fromSlot(component, 19 * DAY))
    const [load, solar] = flatComponents(day, DAY)
    expect(new Set(load?.point_kw).size).toBe(1)
    expect(solar?.point_kw[0]).toBe(0)
    expect(Math.max(...solar!.point_kw)).toBeGreaterThan(5)
    const two = day.map((component) => ({ ...component, values: component.values.slice().fill(Number.NaN, 2) }))
    expect(flatComponents(two, DAY)).toEqual([])
  })
})
