import { expect, it } from 'vitest'
import { usualOf } from './anomaly-usual.ts'
import type { Watch } from './anomaly-watch.ts'

const HOURS = 24 * 28
const watch = { from_ms: Date.UTC(2026, 5, 1), slot_s: 3_600, count: HOURS, time_zone: 'UTC', assets: [], series: [] } as unknown as Watch // oxfmt-ignore
const look = (values: Float64Array) => usualOf(watch, values, () => false)

it('a cold store that rests most of the time is held against what it draws when it runs, never against nothing', () => {
  const values = Float64Array.from({ length: HOURS }, (_, i) => (i % 24 === 15 && i > 24 * 20 ? 8 : 0))
  const { scale } = look(values)
  const known = scale.filter((each) => !Number.isNaN(each))
  expect(known.length).toBeGreaterThan(24 * 14)
  expect(Math.min(...known)).toBeCloseTo(0.04 * 8, 12)
})

it('of what never ran nothing is out of line', () => {
  const { expected, scale } = look(new Float64Array(HOURS))
  const deviations = expected.map((usual, i) => (0 - usual) / (scale[i] ?? NaN))
  expect(deviations.some((each) => Math.abs(each) > 0)).toBe(false)
})
