import { describe, expect, it } from 'vitest'
import { countsOf, drawnOf, summed, type Points } from './points.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString()
const point = (minute: number, mean: number | null, not_counted = 0): Points['points'][number] => ({
  at: at(minute),
  mean,
  min: mean,
  max: mean,
  amount: null,
  readings: mean === null ? 0 : 1,
  not_counted,
})
const series = (points: Points['points'], rest: Partial<Points> = {}): Points => ({
  series_id: 1,
  measure: 'load_power_kw',
  unit: 'kW',
  slot_s: 900,
  gaps: [],
  simulated: false,
  points,
  ...rest,
})

describe('what is drawn of a series', () => {
  it('has a hole where slots are missing', () => {
    const { middle } = drawnOf(series([point(0, 1), point(15, 2), point(60, 3)]))
    expect(middle.map(([, value]) => value)).toEqual([1, 2, null, 3])
  })

  it('has a hole where single readings lie further apart than the server calls a gap', () => {
    const readings = series([point(0, 1), point(90, 2)], { slot_s: 0, gaps: [{ from: at(0), to: at(90) }] })
    expect(drawnOf(readings).middle.map(([, value]) => value)).toEqual([1, null, 2])
  })

  it('says nothing of several where one of them says nothing', () => {
    const sum = summed([series([point(0, 1), point(15, 2)]), series([point(0, 10), point(15, null, 1)])])
    expect(sum.map(([, value]) => value)).toEqual([11, null])
  })

  it('counts what no figure counts', () => {
    expect(countsOf(series([point(0, 1), point(15, null, 3)]))).toEqual({ readings: 1, not_counted: 3 })
  })
})
