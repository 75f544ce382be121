import { describe, expect, it } from 'vitest'
import { backtest, backtestIntervals, errorsOf, originsOf } from './backtest.ts'
import { chooseForecaster, forecastWithFallback } from './choose-forecaster.ts'
import { flatliner, seasonalNaive, slotMean } from './forecast-baselines.ts'
import { ridgeAutoregression } from './forecast-ridge.ts'
import { exponentialSmoothing } from './forecast-smoothing.ts'
import { treesForecaster } from './forecast-trees.ts'
import { candidatesFor } from './forecasters.ts'
import { randomOf } from './random.ts'
import type { Forecaster } from './forecaster.ts'
import type { Series } from './series.ts'

const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
const hourly = (values: ArrayLike<number>): Series => ({ start_ms: 0, step_s: 3600, values: Float64Array.from(values) })
const load = (count: number, seed = 1) => {
  const random = randomOf(seed)
  let noise = 0
  return hourly(
    Float64Array.from({ length: count }, (_, t) => {
      noise = 0.8 * noise + random.normal()
      return 100 + (Math.floor(t / 24) % 7 >= 5 ? 8 : 20) * Math.sin((2 * Math.PI * t) / 24) + noise
    }),
  )
}

/** All that the trees do, in a tenth of their time. */
const quickTrees = treesForecaster({ horizon_steps: 24, trees: { tree_count: 20, learning_rate: 0.2, max_leaves: 8 } })

describe('a backtest', () => {
  it('never lets the future through: whatever comes after an origin, the forecast is the same', () => {
    const series = {
      ...load(24 * 7 * 5),
      covariates: { known: Float64Array.from({ length: 24 * 35 }, (_, t) => t % 5) },
    }
    const options = { horizon_steps: 24, origin_count: 2 }
    for (const forecaster of [...candidatesFor(series, 24).slice(0, -1), quickTrees]) {
      const clean = backtest(series, forecaster, options)
      clean.origins.forEach((origin, i) => {
        // The only origin of this backtest sees a rest of holes or of absurd numbers; what is known beforehand stays.
        const values = series.values.slice(0, origin + 24).fill([Number.NaN, -1e300][i]!, origin)
        const known = series.covariates.known.slice(0, origin + 24)
        const poisoned = backtest({ ...series, values, covariates: { known } }, forecaster, {
          ...options,
          origin_count: 1,
        })
        expect(poisoned.origins).toEqual([origin])
        expect(poisoned.predicted[0]).toEqual(clean.predicted[i])
      })
    }
  })

  it('shows a forecaster that peeks: reaching for the rest of the series finds nothing there', () => {
    const series = load(24 * 20)
    const peeking: Forecaster = {
      name: 'peeking',
      fit: (history) => {
        const there = new Float64Array(history.values.buffer)
        return { ...flatliner().fit(history), predict: (steps) => new Float64Array(steps).fill(there.length) }
      },
    }
    const { origins, predicted } = backtest(series, peeking, { horizon_steps: 24, origin_count: 2 })
    expect(predicted.map(([length]) => length)).toEqual(origins)
  })

  it('has eight origins, a horizon apart, the last one judged by the end of the series', () => {
    expect(originsOf(load(24 * 60), { horizon_steps: 24 })).toEqual(
      [52, 53, 54, 55, 56, 57, 58, 59].map((day) => day * 24),
    )
    expect(originsOf(load(100), { horizon_steps: 24, stride_steps: 12 })).toEqual([28, 40, 52, 64, 76])
    expect(() => originsOf(load(20), { horizon_steps: 24 })).toThrow(unfit)
  })

  it('reports errors by step and overall, beside repeating the last season', () => {
    const values = Float64Array.from({ length: 24 * 30 }, (_, t) => Math.floor(t / 24))
    const tested = backtest(hourly(values), seasonalNaive(), { horizon_steps: 48 })
    expect(tested.by_step[0]).toMatchObject({ count: 8, mae: 1, bias: -1, mase: 1 })
    expect(tested.by_step[47]).toMatchObject({ mae: 2, rmse: 2, mase: 2 })
    expect(tested.metrics).toEqual({
      count: 384,
      mae: 1.5,
      rmse: Math.sqrt(2.5),
      bias: -1.5,
      mase: 1.5,
      pinball_median: 0.75,
    })
    expect(errorsOf(tested)[0]![47]).toBe(2)
  })

  it('leaves out what is not known, and counts what is left', () => {
    const series = load(24 * 30)
    series.values.fill(Number.NaN, 24 * 29, 24 * 29 + 6)
    const { by_step } = backtest(series, slotMean(), { horizon_steps: 24 })
    expect(by_step.map(({ count }) => count)).toEqual([...Array<number>(6).fill(7), ...Array<number>(18).fill(8)])
    expect(Number.isFinite(by_step[0]!.mae)).toBe(true)
  })

  it('fits once and continues where asked, as a model in service does', () => {
    const tested = backtest(load(24 * 40), ridgeAutoregression(), { horizon_steps: 24, refit: 'first' })
    const anew = backtest(load(24 * 40), ridgeAutoregression(), { horizon_steps: 24 })
    expect(tested.predicted[0]).toEqual(anew.predicted[0])
    expect(tested.predicted[7]).not.toEqual(anew.predicted[7])
    expect(tested.metrics.mae).toBeLessThan(anew.metrics.mae * 1.2)
  })

  it('is cancelled by its report', () => {
    const stop = () => {
      throw new Error('enough')
    }
    expect(() => backtest(load(24 * 40), slotMean(), { horizon_steps: 24, report: stop })).toThrow('enough')
  })

  it('judges intervals on origins that did not make them: 95 % hold about as often as they say', () => {
    const tested = backtest(load(24 * 150), slotMean(), { horizon_steps: 24, origin_count: 120, refit: 'first' })
    const [interval] = backtestIntervals(tested, { levels: [0.95] })
    expect(Math.abs(interval!.coverage!.coverage - 0.95)).toBeLessThan(0.03)
    expect(interval!.coverage!.count).toBe(60 * 24)
    expect(interval!.pinball).toBeGreaterThan(0)
    const few = backtest(load(24 * 30), slotMean(), { horizon_steps: 1, origin_count: 8 })
    expect(backtestIntervals(few, { levels: [0.95] })[0]!.coverage).toBeNull()
  })
})

describe('the choice of a forecaster', () => {
  it('takes the best or the average of the best three, and says by how much it beats repeating the last season', () => {
    const choice = chooseForecaster(load(24 * 7 * 5), {
      horizon_steps: 24,
      candidates: [slotMean(), ridgeAutoregression(), exponentialSmoothing(), quickTrees],
    })
    expect(choice.beats_seasonal_naive).toBe(true)
    expect(choice.share_of_naive).toBeLessThan(0.8)
    expect(choice.ranking[0]!.name).toBe(choice.chosen.name)
    expect(choice.ranking.some(({ name }) => name.startsWith('mean of '))).toBe(true)
    expect(choice.why).toContain('8 origins')
    expect(choice.tested.origins).toHaveLength(8)
  })

  it('says so when nothing beats repeating the last season, and then repeats it', () => {
    const random = randomOf(3)
    const day = Array.from({ length: 24 }, random.normal)
    const choice = chooseForecaster(hourly(Array.from({ length: 24 * 30 }, (_, t) => day[t % 24]!)), {
      horizon_steps: 24,
      candidates: [flatliner(), slotMean()],
      average_count: 1,
    })
    expect(choice).toMatchObject({ beats_seasonal_naive: false, naive_mae: 0, share_of_naive: null })
    expect(choice.chosen.name).toBe('seasonal-naive')
    expect(choice.why).toMatch(/^Nothing beat/)
  })

  it('names the candidates that the data do not bear, and why', () => {
    const choice = chooseForecaster(load(70), { horizon_steps: 12, candidates: [slotMean(), treesForecaster()] })
    expect(choice.unfit).toEqual([{ name: 'boosted-trees', reason: expect.stringContaining('need 50') }])
    expect(() => chooseForecaster(hourly([1, 2]), { horizon_steps: 24 })).toThrow(unfit)
  })
})

describe('the ladder of means', () => {
  const full = ridgeAutoregression().fit(load(24 * 40))
  const thinned = (every: number) => {
    const series = load(24 * 40)
    for (let t = 24 * 33; t < 24 * 40; t++) if (t % every !== 0) series.values[t] = Number.NaN
    return series
  }

  it('goes on in full while the last week is known, and says when it does not', () => {
    expect(forecastWithFallback(load(24 * 40), { horizon_steps: 24, full })).toMatchObject({
      level: 'full',
      passed_over: [],
    })
    const second = forecastWithFallback(thinned(2), { horizon_steps: 24, full })
    expect(second).toMatchObject({ level: 'baseline', name: 'slot-mean' })
    expect(second.passed_over).toEqual([
      { level: 'full', reason: '50 % of the last 168 slots are known; 70 % are needed.' },
    ])
    const third = forecastWithFallback(thinned(7), { horizon_steps: 24, full })
    expect(third).toMatchObject({ level: 'flatliner' })
    expect(new Set(third.predicted).size).toBe(1)
    expect(third.passed_over.map(({ level }) => level)).toEqual(['full', 'baseline'])
  })

  it('refuses with learn/data-unfit and how much is missing, rather than invent', () => {
    const series = load(24 * 40)
    series.values.fill(Number.NaN, 24 * 33)
    series.values[24 * 40 - 1] = 100
    expect(() => forecastWithFallback(series, { horizon_steps: 24, full })).toThrow(
      expect.objectContaining({
        type: 'learn/data-unfit',
        message: 'Nothing can be forecast: 1 of the last 24 values are known, and 3 are needed.',
        details: expect.objectContaining({
          faults: [expect.objectContaining({ code: 'insufficient-data', value: 1, expected: 3 })],
        }),
      }),
    )
  })
})
