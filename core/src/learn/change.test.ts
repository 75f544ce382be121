import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changePoints, pelt, type SegmentCost } from './change-points.ts'
import { type Cusum, cusumOf, cusumRunLength, cusumThreshold, readCusum, stepCusum, writeCusum } from './cusum.ts'
import { randomOf } from './random.ts'

const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
const invalid = expect.objectContaining({ type: 'learn/model-file-invalid' })

/** Values until the first alarm, on average. */
function runLength(shift: number, threshold: number, rounds: number): number {
  const random = randomOf(threshold * 100 + shift)
  let steps = 0
  for (let round = 0; round < rounds; round++) {
    let state = cusumOf({ target: 0, deviation: 1, threshold })
    for (let alarm = false; !alarm; steps++) {
      const next = stepCusum(state, random.normal() + shift)
      state = next.state
      alarm = next.alarm !== undefined
    }
  }
  return steps / rounds
}

describe('a CUSUM', () => {
  // Montgomery, Introduction to Statistical Quality Control, table 9.3 and 9.4: two-sided, slack 0.5.
  it.each([
    { shift: 0, threshold: 4, published: 168 },
    { shift: 0, threshold: 5, published: 465 },
    { shift: 1, threshold: 4, published: 8.38 },
    { shift: 1, threshold: 5, published: 10.4 },
  ])('alarms after $published values, as published, for shift $shift and threshold $threshold', (row) => {
    const rounds = row.shift === 0 ? 1_500 : 4_000
    const measured = runLength(row.shift, row.threshold, rounds)
    // A run length is nearly exponential without a shift: four standard errors.
    expect(Math.abs(measured / row.published - 1)).toBeLessThan(4 / Math.sqrt(rounds))
    expect(cusumRunLength(row.shift, { slack: 0.5, threshold: row.threshold }) / row.published).toBeCloseTo(1, 1)
  })

  it('finds the threshold for a wanted rate of false alarms', () => {
    const threshold = cusumThreshold(465)
    expect(threshold).toBeCloseTo(5, 1)
    expect(cusumRunLength(0, { slack: 0.5, threshold })).toBeCloseTo(465, 6)
  })

  it('says in which direction, since when and by how much, and begins anew', () => {
    let state = cusumOf({ target: 20, deviation: 2, threshold: 4 })
    const values = [20, 20, 20, 16, 16, 16, 16]
    const steps = values.map((value) => {
      const next = stepCusum(state, value)
      state = next.state
      return next.alarm
    })
    expect(steps.slice(0, 5)).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(steps[5]).toEqual({ direction: 'down', began_steps_ago: 3, shift: -4 })
    expect(state).toMatchObject({ above: 0, below: 1.5, below_steps: 1 })
  })

  it('skips what is missing', () => {
    const state = cusumOf({ target: 0, deviation: 1 })
    expect(stepCusum(state, Number.NaN)).toEqual({ state })
  })

  it('goes on from its file where it stopped; other files are refused', () => {
    const { state } = stepCusum(cusumOf({ target: 0, deviation: 1 }), 3)
    const file = JSON.parse(JSON.stringify(writeCusum(state))) as Cusum
    expect(stepCusum(readCusum(file), 2)).toEqual(stepCusum(state, 2))
    expect(() => readCusum({ ...file, deviation: 0 })).toThrow(invalid)
    expect(() => readCusum([])).toThrow(invalid)
    expect(() => cusumOf({ target: 0, deviation: 0 })).toThrow(unfit)
    expect(() => cusumOf({ target: Number.NaN, deviation: 1 })).toThrow(unfit)
  })
})

/** Every segmentation there is, one by one. */
function leastCost(count: number, cost: SegmentCost, penalty: number, least: number): number {
  let best = Infinity
  for (let cuts = 0; cuts < 1 << (count - 1); cuts++) {
    let from = 0
    let total = -penalty
    let allowed = true
    for (let to = 1; to <= count; to++) {
      if (to < count && ((cuts >> (to - 1)) & 1) === 0) continue
      allowed &&= to - from >= least
      total += cost(from, to) + penalty
      from = to
    }
    if (allowed && total < best) best = total
  }
  return best
}

describe('change points', () => {
  it('have the least cost of all segmentations, by exhaustive search over short series', () => {
    const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 4, maxLength: 10 })
    fc.assert(
      fc.property(
        values,
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.integer({ min: 1, max: 4 }),
        (drawn, penalty, least) => {
          const cost: SegmentCost = (from, to) => {
            const part = drawn.slice(from, to)
            const mean = part.reduce((sum, value) => sum + value, 0) / part.length
            return part.reduce((sum, value) => sum + (value - mean) ** 2, 0)
          }
          const starts = pelt(drawn.length, cost, penalty, least)
          const total = starts.reduce(
            (sum, from, i) => sum + cost(from, starts[i + 1] ?? drawn.length) + penalty,
            -penalty,
          )
          expect(total).toBeCloseTo(leastCost(drawn.length, cost, penalty, least), 9)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('are found where the level shifts by three deviations, to within two places', () => {
    const random = randomOf(3)
    const levels = [0, 3, 3, -1, 5]
    const values = Float64Array.from({ length: 1_000 }, (_, i) => levels[Math.floor(i / 200)]! + random.normal())
    const segments = changePoints(values)
    expect(segments.map(({ from }) => Math.round(from / 200) * 200)).toEqual([0, 200, 600, 800])
    for (const { from } of segments) expect(Math.abs(from - Math.round(from / 200) * 200)).toBeLessThanOrEqual(2)
    expect(segments[1]!.mean).toBeCloseTo(3, 0)
    expect(segments.at(-1)!.to).toBe(1_000)
  })

  it('are found where only the noise changes, when asked for', () => {
    const random = randomOf(4)
    const values = Float64Array.from({ length: 600 }, (_, i) => random.normal() * (i < 300 ? 1 : 5))
    const [, second, ...rest] = changePoints(values, { what: 'mean_and_deviation' })
    expect(Math.abs(second!.from - 300)).toBeLessThan(15)
    expect(second!.deviation).toBeGreaterThan(4)
    expect(rest).toEqual([])
  })

  it('are imagined in at most 5 of 100 series of nothing but noise', () => {
    let imagined = 0
    for (let seed = 0; seed < 100; seed++) {
      const random = randomOf(seed)
      if (changePoints(Float64Array.from({ length: 300 }, random.normal)).length > 1) imagined++
    }
    expect(imagined).toBeLessThanOrEqual(5)
  })

  it('step over what is missing, and over a series that never moves', () => {
    const holes = [Number.NaN, 1, 1.1, Number.NaN, 0.9, 1, 9, 9.1, Number.NaN, 8.9, 9, Number.NaN]
    const segments = changePoints(holes)
    expect(segments.map(({ from, to, count }) => [from, to, count])).toEqual([
      [0, 6, 4],
      [6, 12, 4],
    ])
    expect(changePoints([5, 5, 5, 5])).toEqual([{ from: 0, to: 4, mean: 5, deviation: 0, count: 4 }])
    expect(changePoints([5])).toHaveLength(1)
    expect(changePoints(new Float64Array(50).fill(7), { what: 'mean_and_deviation' })).toHaveLength(1)
    expect(() => changePoints([])).toThrow(unfit)
    expect(() => changePoints([1, Infinity])).toThrow(unfit)
  })

  it('do not depend on where zero is: 1e9 added changes nothing', () => {
    const random = randomOf(5)
    const values = Array.from({ length: 200 }, (_, i) => random.normal() + (i < 100 ? 0 : 4))
    const starts = (series: number[]) => changePoints(series).map(({ from }) => from)
    expect(starts(values.map((value) => value + 1e9))).toEqual(starts(values))
  })
})
