import { Problem } from '../lib/problem.ts'
import { type CoverageReport, coverageReport } from './conformal.ts'
import type { FittedForecaster, Forecaster } from './forecaster.ts'
import { calibrateHorizons, forecastIntervals, type HorizonOptions } from './horizon-conformal.ts'
import { mae, pinball, rmse } from './metrics.ts'
import { cutColumns, type Series, shortestSeason, sliceSeries } from './series.ts'
import { demandOption, refuseUnfit } from './unfit.ts'

/**
 * A rolling-origin backtest: at each origin the forecaster is given what was known then, as a copy, and its forecast is
 * compared with what came (Tashman 2000). See docs/methods/learn-backtest.md.
 */
export interface Backtest {
  name: string
  horizon_steps: number
  /** The slot at which each forecast begins; the forecaster saw those before it. */
  origins: number[]
  /** A row per origin, a number per step. */
  predicted: Float64Array[]
  /** The same; NaN where the truth is not known. */
  actual: Float64Array[]
  metrics: ForecastMetrics
  /** The same for each step ahead alone. */
  by_step: ForecastMetrics[]
}

export interface ForecastMetrics {
  count: number
  mae: number
  rmse: number
  /** Mean of predicted less actual. */
  bias: number
  /** MAE over that of the seasonal naive forecast within the history before the first origin; null where that is 0. */
  mase: number | null
  /** Pinball loss of the point forecast as a median: half the MAE. */
  pinball_median: number
}

export interface BacktestOptions {
  /** Steps ahead. */
  horizon_steps: number
  /** 8 unless told; fewer where the series does not hold them, and the answer shows which. */
  origin_count?: number
  /** Slots between origins; the horizon unless told, so that forecasts do not overlap. */
  stride_steps?: number
  /** Slots before the first origin, at least; two weeks of days or a fifth of the series, whichever is less, unless told. */
  history_steps_min?: number
  /** 'each' origin fits anew; 'first' fits once and continues, which is what a model in service does. 'each' unless told. */
  refit?: 'each' | 'first'
  report?: (done: { step: number; of: number }) => void
}

/**
 * @throws {Problem} learn/data-unfit where the series holds no origin, or the forecaster refuses a history.
 */
export function backtest(series: Series, forecaster: Forecaster, options: BacktestOptions): Backtest {
  const { horizon_steps, refit = 'each' } = options
  const origins = originsOf(series, options)
  let fitted: FittedForecaster | undefined
  const predicted = origins.map((origin, step) => {
    const history = sliceSeries(series, 0, origin)
    fitted = fitted && refit === 'first' ? fitted.continueFrom(history) : forecaster.fit(history)
    options.report?.({ step: step + 1, of: origins.length })
    return fitted.predict(horizon_steps, cutColumns(series.covariates ?? {}, origin, origin + horizon_steps))
  })
  return backtestOf(series, forecaster.name, { horizon_steps, origins, predicted })
}

/** The figures of forecasts that were made at these origins. */
export function backtestOf(
  series: Series,
  name: string,
  { horizon_steps, origins, predicted }: Pick<Backtest, 'horizon_steps' | 'origins' | 'predicted'>,
): Backtest {
  const actual = origins.map((origin) => series.values.slice(origin, origin + horizon_steps))
  const scale = naiveError(series.values.subarray(0, origins[0]), shortestSeason(series))
  const steps = Array.from({ length: horizon_steps }, (_, step) => step)
  const by_step = steps.map((step) =>
    metricsOf(
      predicted.map((row) => row[step] ?? Number.NaN),
      actual.map((row) => row[step] ?? Number.NaN),
      scale,
    ),
  )
  const metrics = metricsOf(
    predicted.flatMap((row) => Array.from(row)),
    actual.flatMap((row) => Array.from(row)),
    scale,
  )
  return { name, horizon_steps, origins, predicted, actual, metrics, by_step }
}

/** The forecasts' errors `actual - predicted`, a row per origin: what `calibrateHorizons` measures. */
export function errorsOf({ predicted, actual }: Backtest): Float64Array[] {
  return actual.map((row, origin) => row.map((value, step) => value - (predicted[origin]?.[step] ?? Number.NaN)))
}

/** Origins from the last that the series can judge backwards, ascending. */
export function originsOf(series: Series, options: BacktestOptions): number[] {
  const { horizon_steps, origin_count = 8, stride_steps = horizon_steps } = options
  demandOption('horizon_steps', horizon_steps, { least: 1, most: 100_000, whole: true })
  demandOption('origin_count', origin_count, { least: 1, most: 100_000, whole: true })
  demandOption('stride_steps', stride_steps, { least: 1, most: 100_000, whole: true })
  const count = series.values.length
  const least = options.history_steps_min ?? Math.min(14 * shortestSeason(series), Math.ceil(count / 5))
  const origins: number[] = []
  for (let at = count - horizon_steps; at >= Math.max(1, least) && origins.length < origin_count; at -= stride_steps)
    origins.push(at)
  if (origins.length === 0)
    refuseUnfit(`${count} slots do not hold ${least} of history and ${horizon_steps} to judge.`, [
      { path: '/values', code: 'too-short', message: `at least ${least + horizon_steps} slots`, value: count },
    ])
  return origins.reverse()
}

export interface IntervalBacktest {
  level: number
  /** Null where the first origins were too few to calibrate. */
  coverage: CoverageReport | null
  /** Mean pinball loss of both ends as quantiles. */
  pinball: number | null
}

/**
 * Coverage and width of conformal intervals, measured honestly: margins from the first half of the origins, judged on the
 * others.
 */
export function backtestIntervals(tested: Backtest, options: HorizonOptions = {}): IntervalBacktest[] {
  const half = Math.floor(tested.origins.length / 2)
  const errors = errorsOf(tested)
  if (half === 0) refuseUnfit('Intervals are judged on at least two origins: one to measure, one to judge.', [])
  const calibration = calibrateHorizons(errors.slice(0, half), options)
  return calibration.levels.map((level, i) => {
    const truth: number[] = []
    const lower: number[] = []
    const upper: number[] = []
    for (let origin = half; origin < tested.origins.length; origin++) {
      const bands = forecastIntervals(calibration, tested.predicted[origin] ?? [], options)
      bands.forEach((levels, step) => {
        const interval = levels[i]
        const value = tested.actual[origin]?.[step] ?? Number.NaN
        if (interval?.state !== 'calibrated' || Number.isNaN(value)) return
        truth.push(value)
        lower.push(interval.lower)
        upper.push(interval.upper)
      })
    }
    if (truth.length === 0) return { level, coverage: null, pinball: null }
    const low = pinball(truth, lower, (1 - level) / 2)
    const high = pinball(truth, upper, (1 + level) / 2)
    return { level, coverage: coverageReport(truth, lower, upper), pinball: (low + high) / 2 }
  })
}

function metricsOf(predicted: readonly number[], actual: readonly number[], scale: number): ForecastMetrics {
  const known = actual.map((_, i) => i).filter((i) => !Number.isNaN(actual[i]))
  const truth = known.map((i) => actual[i] ?? Number.NaN)
  const said = known.map((i) => predicted[i] ?? Number.NaN)
  const count = known.length
  // A step whose truth is never known has no figures, which is not the same as good ones.
  if (count === 0) return { count, mae: NaN, rmse: NaN, bias: NaN, mase: null, pinball_median: NaN }
  const error = mae(truth, said)
  return {
    count,
    mae: error,
    rmse: rmse(truth, said),
    bias: said.reduce((sum, value, i) => sum + value - (truth[i] ?? Number.NaN), 0) / count,
    mase: scale > 0 ? error / scale : null,
    pinball_median: pinball(truth, said, 0.5),
  }
}

/** Mean absolute difference of values one season apart, over the pairs that are known; 0 where there are none. */
function naiveError(values: Float64Array, season: number): number {
  let [sum, count] = [0, 0]
  for (let i = season; i < values.length; i++) {
    const off = Math.abs((values[i] ?? Number.NaN) - (values[i - season] ?? Number.NaN))
    if (Number.isNaN(off)) continue
    sum += off
    count++
  }
  return count > 0 ? sum / count : 0
}

/** Whether this is a refusal of the data, which a choice among candidates lives with. */
export function isUnfit(error: unknown): error is Problem {
  return error instanceof Problem && error.type === 'learn/data-unfit'
}
