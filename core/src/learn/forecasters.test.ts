import { describe, expect, it } from 'vitest'
import { decompose, loess } from './decompose.ts'
import { flatliner, seasonalNaive, similarDay, slotMean } from './forecast-baselines.ts'
import { seasonalDecomposition } from './forecast-decomposition.ts'
import { ridgeAutoregression } from './forecast-ridge.ts'
import { continueSmoothing, exponentialSmoothing } from './forecast-smoothing.ts'
import { treesForecaster } from './forecast-trees.ts'
import { averageOf, candidatesFor, readForecaster } from './forecasters.ts'
import { nelderMead } from './nelder-mead.ts'
import { randomOf } from './random.ts'
import { calendarOf, fillGaps, seasonsOf, type Series, sliceSeries } from './series.ts'

const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
const invalid = expect.objectContaining({ type: 'learn/model-file-invalid' })
const hourly = (values: ArrayLike<number>, covariates?: Record<string, Float64Array>): Series => ({
  start_ms: Date.UTC(2024, 0, 1),
  step_s: 3600,
  values: Float64Array.from(values),
  ...(covariates ? { covariates } : {}),
})
/** A day, a weekend and a little noise. */
const load = (count: number, noise = 1, seed = 1) => {
  const random = randomOf(seed)
  return Float64Array.from({ length: count }, (_, t) => {
    const weekend = Math.floor(t / 24) % 7 >= 5
    return 100 + (weekend ? 8 : 20) * Math.sin((2 * Math.PI * t) / 24) + noise * random.normal()
  })
}
const errorOf = (predicted: Float64Array, truth: Float64Array) =>
  predicted.reduce((sum, value, i) => sum + Math.abs(value - truth[i]!), 0) / predicted.length
const quickTrees = treesForecaster({ trees: { tree_count: 20, learning_rate: 0.2, max_leaves: 8 } })
const everyKind = [
  seasonalNaive(),
  seasonalNaive({ season_steps: 168 }),
  slotMean(),
  similarDay(),
  flatliner(),
  ridgeAutoregression(),
  ridgeAutoregression({ log: true }),
  exponentialSmoothing(),
  seasonalDecomposition(),
  seasonalDecomposition({ rest: 'naive' }),
  quickTrees,
  averageOf([seasonalNaive(), slotMean()]),
]

describe('a series', () => {
  it('has seasons of a day and a week where its step allows', () => {
    expect(seasonsOf({ step_s: 3600 })).toEqual([24, 168])
    expect(seasonsOf({ step_s: 86_400 })).toEqual([7])
    expect(seasonsOf({ step_s: 7 * 86_400 })).toEqual([])
    expect(seasonsOf({ step_s: 5_000 })).toEqual([])
  })

  it('knows that the first of January 2024 was a Monday, and the offset from UTC', () => {
    const series = hourly([1])
    expect(calendarOf(series, 0)).toEqual({ second: 0, weekday: 0 })
    expect(calendarOf({ ...series, utc_offset_s: -3600 }, 0)).toEqual({ second: 82_800, weekday: 6 })
    expect(calendarOf(series, 49)).toEqual({ second: 3600, weekday: 2 })
  })

  it('is cut as a copy: what was left out cannot be reached', () => {
    const part = sliceSeries(hourly([1, 2, 3, 4], { a: Float64Array.of(5, 6, 7, 8) }), 1, 3)
    expect(part).toMatchObject({ start_ms: Date.UTC(2024, 0, 1, 1), values: Float64Array.of(2, 3) })
    expect(part.values.buffer.byteLength).toBe(16)
    expect(part.covariates!.a).toEqual(Float64Array.of(6, 7))
  })

  it('has its gaps filled by the same slot of other seasons, else by its neighbours', () => {
    expect(fillGaps(Float64Array.of(1, 5, Number.NaN, 6, 3, 7), 2)).toEqual(Float64Array.of(1, 5, 2, 6, 3, 7))
    expect(fillGaps(Float64Array.of(4, Number.NaN, 8), 10)).toEqual(Float64Array.of(4, 6, 8))
    expect(() => fillGaps(Float64Array.of(Number.NaN), 1)).toThrow(unfit)
  })
})

describe('the simplex', () => {
  it('finds the least of Rosenbrock’s valley and of a bowl with a rim of NaN', () => {
    const valley = nelderMead(([x, y]) => (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2, [-1.2, 1], {
      evaluations_max: 2_000,
    })
    expect(valley.point[0]).toBeCloseTo(1, 3)
    expect(valley.point[1]).toBeCloseTo(1, 3)
    const bowl = nelderMead(([x]) => (x! > 3 ? Number.NaN : (x! - 2) ** 2), [0])
    expect(bowl.point[0]).toBeCloseTo(2, 3)
  })
})

describe('decomposition', () => {
  it('by local lines leaves a straight line as it is', () => {
    const line = Float64Array.from({ length: 200 }, (_, t) => 3 + 0.5 * t)
    loess(line, 31).forEach((value, t) => expect(value).toBeCloseTo(line[t]!, 9))
  })

  it('finds trend, day and week, and its parts add up to the series', () => {
    const values = load(24 * 7 * 6, 0.5).map((value, t) => value + 0.02 * t)
    const parts = decompose(values, [24, 168])
    values.forEach((value, t) =>
      expect(parts.trend[t]! + parts.seasonal[0]![t]! + parts.seasonal[1]![t]! + parts.remainder[t]!).toBeCloseTo(
        value,
        9,
      ),
    )
    expect((parts.trend[800]! - parts.trend[200]!) / 600).toBeCloseTo(0.02, 2)
    const spread = Math.sqrt(parts.remainder.reduce((sum, value) => sum + value * value, 0) / values.length)
    expect(spread).toBeLessThan(0.7)
  })

  it('with robust passes is not bent by an outlier', () => {
    const values = load(24 * 14, 0.1)
    values[170] = 1_000
    const bent = decompose(values, [24]).trend[170]!
    const robust = decompose(values, [24], { robust_passes: 3 }).trend[170]!
    expect(Math.abs(robust - 100)).toBeLessThan(Math.abs(bent - 100) / 2)
  })
})

describe('every forecaster', () => {
  it.each(everyKind)('$name is read back from its file and predicts the same to the bit', (forecaster) => {
    const values = load(24 * 7 * 5)
    values[500] = Number.NaN
    if (forecaster.name.includes('log')) values[500] = 90
    const fitted = forecaster.fit(hourly(values))
    const read = readForecaster(JSON.parse(JSON.stringify(fitted.write())))
    expect(read.predict(60)).toEqual(fitted.predict(60))
    const later = hourly(load(24 * 7 * 6, 1, 2))
    expect(read.continueFrom(later).predict(60)).toEqual(fitted.continueFrom(later).predict(60))
  })

  it.each(everyKind)(
    '$name stays finite on a constant series and on short ones, or refuses with learn/data-unfit',
    (forecaster) => {
      for (const count of [1, 2, 10, 30, 80, 400]) {
        let predicted: Float64Array
        try {
          predicted = forecaster.fit(hourly(new Float64Array(count).fill(7))).predict(30)
        } catch (error) {
          expect(error).toEqual(unfit)
          continue
        }
        predicted.forEach((value) => expect(value).toBeCloseTo(7, 6))
      }
    },
  )

  it.each(everyKind)('$name refuses infinities, nothing but gaps, and a history of other steps', (forecaster) => {
    const good = load(24 * 7 * 4)
    expect(() => forecaster.fit(hourly([...good, Infinity]))).toThrow(unfit)
    expect(() => forecaster.fit(hourly(new Float64Array(500).fill(Number.NaN)))).toThrow(unfit)
    expect(() => forecaster.fit(hourly(good)).continueFrom({ ...hourly(good), step_s: 900 })).toThrow(unfit)
    expect(() => forecaster.fit(hourly(good)).predict(0)).toThrow(unfit)
    const silent = hourly(new Float64Array(24 * 7 * 30).fill(Number.NaN))
    silent.values[0] = 100
    // What was known half a year ago is no reason for a forecast, save for the one that takes the last day there was.
    expect(() => forecaster.fit(hourly(good)).continueFrom(silent)).toThrow(unfit)
  })

  it('that learns comes nearer than repeating the last day, on a load with weekends', () => {
    const values = load(24 * 7 * 5 + 24)
    const history = hourly(values.subarray(0, 24 * 7 * 5))
    const truth = values.subarray(24 * 7 * 5)
    const naive = errorOf(seasonalNaive().fit(history).predict(24), truth)
    for (const forecaster of [...candidatesFor(history, 24).slice(4, -1), quickTrees])
      expect(errorOf(forecaster.fit(history).predict(24), truth), forecaster.name).toBeLessThan(naive * 0.8)
  })
})

describe('baselines', () => {
  it('repeat the last season, the mean of seven days, of four weeks, and the last day’s median', () => {
    const values = Float64Array.from({ length: 24 * 28 }, (_, t) => Math.floor(t / 24))
    const at = (forecaster: {
      fit: typeof seasonalNaive extends () => infer F ? (F extends { fit: infer G } ? G : never) : never
    }) => forecaster.fit(hourly(values)).predict(1)[0]
    expect([seasonalNaive(), slotMean(), similarDay(), flatliner()].map(at)).toEqual([27, 24, 10.5, 27])
  })

  it('look further back where a value is missing', () => {
    const values = Float64Array.from({ length: 72 }, (_, t) => t)
    values[48] = Number.NaN
    expect(seasonalNaive().fit(hourly(values)).predict(2)).toEqual(Float64Array.of(24, 49))
  })
})

describe('exponential smoothing', () => {
  it('without trend and season is the plain recursion: level ← level + α (value − level)', () => {
    const values = Float64Array.of(10, 12, 9, 11, 14)
    let level = (10 + 12) / 2
    for (const value of values) level += 0.3 * (value - level)
    const plain = { seasons: [], level: 0.3, trend: 0, damping: 0.9, season: [], error: 0 }
    expect(continueSmoothing(plain, values, 2)[1]).toBeCloseTo(level, 12)
  })

  it('with a damped trend goes on by φ + φ² + … of the last slope', () => {
    const learnt = { seasons: [], level: 0.5, trend: 0.2, damping: 0.8, season: [], error: 0 }
    const [one = 0, two = 0, three = 0] = continueSmoothing(learnt, Float64Array.of(1, 2, 3, 4, 5, 6), 3)
    expect((three - two) / (two - one)).toBeCloseTo(0.8, 9)
  })
})

describe('ridge autoregression', () => {
  it('continues a clean pattern almost exactly, its trend included', () => {
    const values = Float64Array.from(
      { length: 24 * 40 + 24 },
      (_, t) => 50 + 0.05 * t + 10 * Math.sin((2 * Math.PI * t) / 24),
    )
    const predicted = ridgeAutoregression()
      .fit(hourly(values.subarray(0, 24 * 40)))
      .predict(24)
    expect(errorOf(predicted, values.subarray(24 * 40))).toBeLessThan(0.1)
  })

  it('works on quarters of hours, where a week is too long to weigh slot by slot', () => {
    const values = Float64Array.from({ length: 96 * 22 }, (_, t) => 50 + 10 * Math.sin((2 * Math.PI * t) / 96))
    const series = { ...hourly(values.subarray(0, 96 * 21)), step_s: 900 }
    expect(errorOf(ridgeAutoregression().fit(series).predict(96), values.subarray(96 * 21))).toBeLessThan(0.5)
  })

  it('on logarithms refuses what is not above 0', () => {
    expect(() => ridgeAutoregression({ log: true }).fit(hourly(new Float64Array(500)))).toThrow(unfit)
  })
})

describe('covariates', () => {
  const count = 24 * 7 * 6
  const random = randomOf(9)
  const holidays = new Set(Array.from({ length: 10 }, () => random.integer(42)))
  const holiday = Float64Array.from({ length: count + 24 }, (_, t) => (holidays.has(Math.floor(t / 24)) ? 1 : 0))
  holiday.fill(1, count)
  const values = load(count, 0.3).map((value, t) => value - 30 * holiday[t]!)
  const history = hourly(values, { holiday: holiday.slice(0, count) })

  it.each([ridgeAutoregression(), quickTrees])(
    '$name lowers its forecast for a holiday that is to come',
    (forecaster) => {
      const fitted = forecaster.fit(history)
      const at = (value: number) => fitted.predict(24, { holiday: new Float64Array(24).fill(value) })
      const lowered = at(0).reduce((sum, each, i) => sum + (each - at(1)[i]!) / 24, 0)
      expect(lowered).toBeGreaterThan(15)
      expect(lowered).toBeLessThan(50)
    },
  )

  it.each([ridgeAutoregression(), treesForecaster({ trees: { tree_count: 5 } })])(
    '$name asks for what it learnt with, step by step',
    (forecaster) => {
      const fitted = forecaster.fit(history)
      expect(() => fitted.predict(24)).toThrow(unfit)
      expect(() => fitted.predict(24, { holiday: new Float64Array(23) })).toThrow(unfit)
      expect(() => fitted.predict(1, { holiday: Float64Array.of(Number.NaN) })).toThrow(unfit)
    },
  )
})

describe('files of forecasters', () => {
  it('that are something else are refused with learn/model-file-invalid', () => {
    const file = ridgeAutoregression()
      .fit(hourly(load(24 * 7 * 4)))
      .write()
    const learnt = file.learnt as Record<string, unknown>
    const average = averageOf([averageOf([slotMean()])])
      .fit(hourly(load(400)))
      .write()
    const trees = treesForecaster({ trees: { tree_count: 2 } })
      .fit(hourly(load(24 * 7 * 4)))
      .write()
    for (const broken of [
      null,
      { ...file, method: 'lstm' },
      { ...file, method: 'toString' },
      { ...file, learnt: { ...learnt, weights: [] } },
      { ...file, learnt: { ...learnt, lags: [1e9] } },
      { ...file, history: { ...file.history, values: [] } },
      { ...file, history: { ...file.history, covariates: { holiday: [1] } } },
      { ...trees, learnt: { ...(trees.learnt as object), lags: [] } },
      average,
    ])
      expect(() => readForecaster(broken)).toThrow(invalid)
  })
})
