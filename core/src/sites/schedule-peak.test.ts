import { describe, expect, it } from 'vitest'
import { expectedPeak_kw, shavedPeak_kw } from './schedule-peak.ts'
import { paidPeak_kw, type BatteryTask } from './schedule-task.ts'

const battery: BatteryTask = {
  asset_id: 'b',
  name: 'b',
  charge_kw_max: 10,
  discharge_kw_max: 10,
  efficiency_one_way: 1,
  wear_cost_per_kwh: 0,
  least_kwh: 0,
  most_kwh: 10,
  start_kwh: 5,
}

describe('what a month will reach anyway', () => {
  it('is of one day as low as a full battery could have kept it, by its energy or by its power', () => {
    // An hour at 40 over 20: ten kWh take it to 30. Two hours at 30: five each take them to 25.
    expect(shavedPeak_kw([20, 40, 20], 1, [battery])).toBeCloseTo(30, 9)
    expect(shavedPeak_kw([20, 30, 30, 20], 1, [battery])).toBeCloseTo(25, 9)
    // A quarter of an hour at 60 has energy to spare, and power for ten of it.
    expect(shavedPeak_kw([20, 60, 20], 0.25, [battery])).toBeCloseTo(50, 9)
    expect(shavedPeak_kw([20, 40, -5], 1, [])).toBe(40)
  })

  it('rises with the days that are to come, is nothing at its end, and unknown before two weeks of days', () => {
    const days = Array.from({ length: 31 }, (_, at) => at)
    expect(expectedPeak_kw(days, 0)).toBe(0)
    expect(expectedPeak_kw(days, 1)).toBe(15)
    expect(expectedPeak_kw(days, 29)).toBe(29)
    expect(expectedPeak_kw(days.slice(0, 13), 10)).toBeNull()
  })

  it('costs nothing up to the higher of what was reached and what is expected', () => {
    expect(paidPeak_kw({ so_far_kw: 5 })).toBe(5)
    expect(paidPeak_kw({ so_far_kw: 5, expected_kw: 12 })).toBe(12)
    expect(paidPeak_kw({ so_far_kw: 20, expected_kw: 12 })).toBe(20)
  })
})
