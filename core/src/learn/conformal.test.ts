import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  adaptiveConformal,
  adaptiveCoverage,
  adaptiveMargin,
  afterOutcome,
  readAdaptive,
  writeAdaptive,
} from './adaptive-conformal.ts'
import {
  calibrate,
  conformalQuantile,
  coverageReport,
  intervalOf,
  nested,
  pointsNeeded,
  readCalibration,
  writeCalibration,
} from './conformal.ts'
import {
  calibrateHorizons,
  forecastIntervals,
  readHorizonCalibration,
  writeHorizonCalibration,
} from './horizon-conformal.ts'
import { randomOf } from './random.ts'

const zeros = (count: number) => new Float64Array(count)
const normals = (count: number, seed: number) => Float64Array.from({ length: count }, randomOf(seed).normal)
const covered = (truth: ArrayLike<number>, margin: number) =>
  Array.from(truth).filter((value) => Math.abs(value) <= margin).length / truth.length

describe('the finite-sample quantile', () => {
  it('has rank ⌈(n + 1) · level⌉, and none where that lies beyond n', () => {
    const scores = [5, 1, 4, 2, 3, 9, 7, 8, 6]
    expect(conformalQuantile(scores, 0.9)).toBe(9)
    expect(conformalQuantile(scores, 0.8)).toBe(8)
    expect(conformalQuantile(scores, 0.5)).toBe(5)
    expect(conformalQuantile(scores.slice(1), 0.9)).toBeUndefined()
    expect(conformalQuantile([], 0.5)).toBeUndefined()
  })

  it('needs 9 points for 90 %, 19 for 95 % and 39 for 95 % with sides of their own', () => {
    expect([pointsNeeded(0.9), pointsNeeded(0.95), pointsNeeded(0.95, 'signed'), pointsNeeded(0.5)]).toEqual([
      9, 19, 39, 1,
    ])
  })

  it('covers at least the level and at most 1/(n + 1) more, on average over exchangeable data', () => {
    for (const [count, level] of [
      [19, 0.95],
      [30, 0.9],
      [100, 0.8],
    ] as const) {
      let hits = 0
      const rounds = 20_000
      const random = randomOf(count)
      for (let round = 0; round < rounds; round++) {
        const drawn = Float64Array.from({ length: count + 1 }, random.next)
        if (drawn[count]! <= (conformalQuantile(drawn.subarray(0, count), level) ?? Infinity)) hits++
      }
      // Four standard errors of 20,000 rounds are at most 0.0114.
      expect(hits / rounds).toBeGreaterThan(level - 0.0114)
      expect(hits / rounds).toBeLessThan(level + 1 / (count + 1) + 0.0114)
    }
  })
})

describe('a coverage report', () => {
  it('counts both kinds of miss, leaves out what is not known and gives Wilson’s interval: 0.596 to 0.982 for 9 of 10', () => {
    const truth = [...Array<number>(9).fill(0), 5, Number.NaN]
    const report = coverageReport(truth, zeros(11).fill(-1), zeros(11).fill(2))
    expect(report).toMatchObject({ count: 10, coverage: 0.9, below_share: 0, above_share: 0.1, width_median: 3 })
    expect(report.coverage_low).toBeCloseTo(0.5958, 4)
    expect(report.coverage_high).toBeCloseTo(0.9821, 4)
  })
})

describe('a calibration', () => {
  it('says how many points it lacks instead of giving an interval', () => {
    const calibration = calibrate({ truth: normals(18, 1), lower: zeros(18), upper: zeros(18) }, { level: 0.95 })
    expect(intervalOf(calibration, { lower: 0, upper: 0 })).toEqual({
      state: 'not_calibrated',
      group: null,
      count: 18,
      count_needed: 19,
    })
  })

  it('of a point prediction covers new data as often as it says', () => {
    const calibration = calibrate(
      { truth: normals(2_000, 2), lower: zeros(2_000), upper: zeros(2_000) },
      { level: 0.9 },
    )
    expect(Math.abs(covered(normals(20_000, 3), calibration.pooled.above!) - 0.9)).toBeLessThan(0.03)
  })

  it('of predicted quantiles widens those that are too narrow and narrows those that are too wide', () => {
    const truth = normals(4_000, 4)
    const at = (half: number) =>
      calibrate({ truth, lower: zeros(4_000).fill(-half), upper: zeros(4_000).fill(half) }, { level: 0.9 })
    expect(at(1).pooled.above).toBeCloseTo(0.645, 1)
    expect(at(2.5).pooled.above).toBeCloseTo(-0.855, 1)
    const crossed = intervalOf(at(2.5), { lower: -0.25, upper: 0.25 })
    expect(crossed).toMatchObject({ state: 'calibrated', lower: 0, upper: 0 })
  })

  it('with sides of their own misses equally often below and above, for errors that lean', () => {
    const leaning = (seed: number) => normals(5_000, seed).map((value) => Math.exp(value))
    const calibration = calibrate(
      { truth: leaning(5), lower: zeros(5_000), upper: zeros(5_000) },
      { level: 0.9, sides: 'signed' },
    )
    const { below, above } = calibration.pooled
    const fresh = leaning(6)
    const report = coverageReport(fresh, zeros(5_000).fill(-below!), zeros(5_000).fill(above!))
    expect(Math.abs(report.below_share - 0.05)).toBeLessThan(0.02)
    expect(Math.abs(report.above_share - 0.05)).toBeLessThan(0.02)
    expect(report.coverage).toBeCloseTo(1 - report.below_share - report.above_share, 12)
  })

  it('covers within every group of 60 points or more; a smaller group uses the pooled margin', () => {
    const random = randomOf(7)
    const groups = Array.from({ length: 3_059 }, (_, i) => (i < 2_000 ? 'calm' : i < 3_000 ? 'wild' : 'few'))
    const truth = groups.map((group) => random.normal() * (group === 'wild' ? 10 : 1))
    const calibration = calibrate({ truth, lower: zeros(3_059), upper: zeros(3_059), groups }, { level: 0.9 })
    expect(Object.keys(calibration.groups)).toEqual(['calm', 'wild'])
    const wild = normals(10_000, 8).map((value) => value * 10)
    expect(covered(wild, calibration.groups.wild!.above!)).toBeCloseTo(0.9, 1)
    expect(covered(wild, calibration.pooled.above!)).toBeLessThan(0.75)
    expect(intervalOf(calibration, { lower: 0, upper: 0 }, 'few')).toMatchObject({ group: null, count: 3_059 })
    expect(intervalOf(calibration, { lower: 0, upper: 0 }, 'toString')).toMatchObject({ group: null })
  })

  it('never leaves the bounds it is given', () => {
    const calibration = calibrate({ truth: normals(99, 9), lower: zeros(99), upper: zeros(99) }, { level: 0.95 })
    const interval = intervalOf(calibration, { lower: 0.5, upper: 0.5 }, undefined, { at_least: 0, at_most: 1 })
    expect(interval).toMatchObject({ lower: 0, upper: 1 })
  })

  it('gives quantiles that are monotone in the level', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }))), (pairs) => {
        const out = nested(pairs.map(([a, b]) => ({ lower: Math.min(a, b), upper: Math.max(a, b) })))
        for (let i = 1; i < out.length; i++) {
          expect(out[i]!.lower).toBeLessThanOrEqual(out[i - 1]!.lower)
          expect(out[i]!.upper).toBeGreaterThanOrEqual(out[i - 1]!.upper)
        }
      }),
    )
  })

  it('refuses holes and lengths that differ with learn/data-unfit', () => {
    const unfit =
      (data: Parameters<typeof calibrate>[0], level = 0.9) =>
      () =>
        calibrate(data, { level })
    const truth = [1, Number.NaN]
    expect(unfit({ truth, lower: [0, 0], upper: [0, 0] })).toThrow(
      expect.objectContaining({ type: 'learn/data-unfit' }),
    )
    expect(unfit({ truth: [1], lower: [0, 0], upper: [0] })).toThrow(
      expect.objectContaining({ type: 'learn/data-unfit' }),
    )
    expect(unfit({ truth: [1], lower: [0], upper: [0] }, 1)).toThrow(
      expect.objectContaining({ type: 'learn/data-unfit' }),
    )
  })

  it('comes back from its file the same; anything else is refused with learn/model-file-invalid', () => {
    const truth = normals(200, 10)
    const calibration = calibrate({ truth, lower: zeros(200), upper: zeros(200), groups: Array(200).fill('a') })
    const file = JSON.parse(JSON.stringify(writeCalibration(calibration))) as Record<string, unknown>
    expect(readCalibration(file)).toEqual(calibration)
    for (const broken of [null, {}, { ...file, level: 2 }, { ...file, kind: 'x' }, { ...file, pooled: { count: -1 } }])
      expect(() => readCalibration(broken)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
  })
})

describe('intervals by horizon', () => {
  const grows = (origins: number, seed: number) => {
    const random = randomOf(seed)
    return Array.from({ length: origins }, () => Float64Array.from({ length: 24 }, (_, h) => random.normal() * (1 + h)))
  }

  it('cover at every step as often as they say, and widen as errors do', () => {
    const calibration = calibrateHorizons(grows(400, 1), { levels: [0.95, 0.5] })
    const fresh = grows(2_000, 2)
    const bands = forecastIntervals(calibration, zeros(24))
    const widths = bands.map((levels) => {
      const [half, most] = levels
      expect(half).toMatchObject({ state: 'calibrated' })
      return most!.state === 'calibrated' ? most!.upper - most!.lower : Number.NaN
    })
    expect(widths[23]! / widths[0]!).toBeGreaterThan(15)
    bands.forEach((levels, step) => {
      const most = levels[1]!
      if (most.state !== 'calibrated') throw new Error('400 origins are enough')
      const inside = fresh.filter((row) => row[step]! >= most.lower && row[step]! <= most.upper).length / 2_000
      expect(Math.abs(inside - 0.95)).toBeLessThan(0.05)
    })
  })

  it('join neighbouring steps until a block has 60 errors, and say so when all of them are too few', () => {
    expect(calibrateHorizons(grows(8, 3)).block_starts).toEqual([0, 8, 16])
    expect(calibrateHorizons(grows(60, 3)).block_starts).toHaveLength(24)
    const [first] = forecastIntervals(calibrateHorizons(grows(1, 3)), [5])
    expect(first!.map(({ state }) => state)).toEqual(['calibrated', 'calibrated', 'not_calibrated'])
  })

  it('are refused beyond the steps that were measured', () => {
    const bands = forecastIntervals(calibrateHorizons(grows(60, 4)), zeros(25))
    expect(bands[24]!.every(({ state }) => state === 'not_calibrated')).toBe(true)
    expect(bands[23]!.every(({ state }) => state === 'calibrated')).toBe(true)
  })

  it('are not negative where they cannot be', () => {
    const bands = forecastIntervals(calibrateHorizons(grows(60, 5)), zeros(24), { at_least: 0 })
    for (const band of bands.flat()) expect(band).toMatchObject({ lower: 0 })
  })

  it('come back from their file the same, and a file that disagrees with itself is refused', () => {
    const calibration = calibrateHorizons(grows(70, 6))
    const file = JSON.parse(JSON.stringify(writeHorizonCalibration(calibration))) as Record<string, unknown>
    expect(readHorizonCalibration(file)).toEqual(calibration)
    for (const broken of [
      { ...file, levels: [0.5] },
      { ...file, block_starts: [0, 0] },
      { ...file, horizon_steps: 1e9 },
    ])
      expect(() => readHorizonCalibration(broken)).toThrow(
        expect.objectContaining({ type: 'learn/model-file-invalid' }),
      )
  })
})

describe('adaptive intervals', () => {
  /** Errors whose spread doubles half-way: what a margin measured once cannot follow. */
  const drifting = (count: number) => {
    const random = randomOf(11)
    return Array.from({ length: count }, (_, i) => Math.abs(random.normal()) * (i < count / 2 ? 1 : 3))
  }

  it('keep the long-run coverage through a drift that breaks a fixed margin', () => {
    const start = normals(500, 12).map(Math.abs)
    let state = adaptiveConformal(start, { level: 0.9, scores_max: 500, outcomes_max: 1_000 })
    const fixed = adaptiveMargin(state)
    const scores = drifting(8_000)
    for (const score of scores) state = afterOutcome(state, score)
    const { coverage, coverage_rolling } = adaptiveCoverage(state)
    expect(Math.abs(coverage! - 0.9)).toBeLessThan(0.02)
    expect(Math.abs(coverage_rolling! - 0.9)).toBeLessThan(0.03)
    expect(scores.slice(4_000).filter((score) => score <= fixed).length / 4_000).toBeLessThan(0.5)
  })

  it('keep to the bound of the paper: the miss rate is off by at most (max(α, 1 - α) + γ) / (T · γ), whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 300 }), (scores) => {
        const rate = 0.05
        let state = adaptiveConformal([1, 2, 3], { level: 0.8, rate, scores_max: 50 })
        for (const score of scores) state = afterOutcome(state, score)
        const off = Math.abs(1 - adaptiveCoverage(state).coverage! - 0.2)
        expect(off).toBeLessThanOrEqual((0.8 + rate) / (scores.length * rate) + 1e-12)
      }),
    )
  })

  it('are unbounded while the scores are too few, and wait while the truth is missing', () => {
    const state = adaptiveConformal([1, 2, 3], { level: 0.9 })
    expect(adaptiveMargin(state)).toBe(Infinity)
    expect(adaptiveMargin({ ...state, miss_now: 1.01 })).toBe(-Infinity)
    expect(afterOutcome(state, Number.NaN)).toBe(state)
    expect(adaptiveCoverage(state)).toEqual({ coverage: null, coverage_rolling: null, rolling_count: 0 })
  })

  it('come back from their file the same; a file that holds more than it may is refused', () => {
    const state = afterOutcome(adaptiveConformal([1, 2, 3]), 2)
    const file = JSON.parse(JSON.stringify(writeAdaptive(state))) as Record<string, unknown>
    expect(readAdaptive(file)).toEqual(state)
    for (const broken of [
      { ...file, scores_max: 2 },
      { ...file, outcomes: [2] },
      { ...file, seen: 0, missed: 1 },
    ])
      expect(() => readAdaptive(broken)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
    expect(() => adaptiveConformal([1], { level: 1 })).toThrow(expect.objectContaining({ type: 'learn/data-unfit' }))
  })
})
