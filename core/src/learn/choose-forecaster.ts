import { invariant } from '../lib/invariant.ts'
import { type Backtest, backtest, type BacktestOptions, backtestOf, isUnfit } from './backtest.ts'
import { flatliner, seasonalNaive, slotMean } from './forecast-baselines.ts'
import type { FittedForecaster, Forecaster } from './forecaster.ts'
import { averageOf, candidatesFor } from './forecasters.ts'
import { type Covariates, knownCount, type Series, shortestSeason, sliceSeries } from './series.ts'
import { refuseUnfit } from './unfit.ts'

export interface Choice {
  chosen: Forecaster
  /** The backtest of the chosen one. */
  tested: Backtest
  /** One sentence for people. */
  why: string
  beats_seasonal_naive: boolean
  /** MAE of the seasonal naive forecast at the same origins, and of the chosen one as a share of it. */
  naive_mae: number
  share_of_naive: number | null
  /** Every candidate that could be judged, the best first, averages among them. */
  ranking: { name: string; mae: number; mase: number | null }[]
  /** Those that could not, and why. */
  unfit: { name: string; reason: string }[]
}

export interface ChoiceOptions extends Omit<BacktestOptions, 'report'> {
  /** Those of `candidatesFor` unless told. The seasonal naive forecast is always among them. */
  candidates?: readonly Forecaster[]
  /** How many of the best are averaged; 3 unless told, 1 for none. */
  average_count?: number
  report?: (done: { step: number; of: number; name: string }) => void
}

/**
 * Picks the forecaster with the least mean absolute error over a rolling backtest, or the average of the best three where
 * that is less still; says so when nothing beats the seasonal naive forecast, and then picks that.
 *
 * @throws {Problem} learn/data-unfit where not even the seasonal naive forecast can be judged.
 */
export function chooseForecaster(series: Series, options: ChoiceOptions): Choice {
  const naive = seasonalNaive()
  const given = options.candidates ?? candidatesFor(series, options.horizon_steps)
  const candidates = [naive, ...given.filter((candidate) => candidate.name !== naive.name)]
  const judged: { forecaster: Forecaster; tested: Backtest }[] = []
  const unfit: Choice['unfit'] = []
  candidates.forEach((forecaster, i) => {
    options.report?.({ step: i, of: candidates.length, name: forecaster.name })
    try {
      judged.push({ forecaster, tested: backtest(series, forecaster, { ...options, report: undefined }) })
    } catch (error) {
      if (!isUnfit(error) || forecaster === naive) throw error
      unfit.push({ name: forecaster.name, reason: error.message })
    }
  })
  const byError = (a: { tested: Backtest }, b: { tested: Backtest }) => a.tested.metrics.mae - b.tested.metrics.mae
  const base = judged[0]
  invariant(base, 'the seasonal naive forecast was judged or threw')
  if (base.tested.metrics.count === 0)
    refuseUnfit('None of the slots that forecasts would be judged on has a value.', [])
  judged.sort(byError)
  const best = judged.slice(0, options.average_count ?? 3)
  if (best.length > 1) judged.push(averaged(series, best))
  judged.sort(byError)
  const [first] = judged
  invariant(first, 'at least the seasonal naive forecast is ranked')
  const beats = first.tested.metrics.mae < base.tested.metrics.mae
  const winner = beats ? first : base
  const naive_mae = base.tested.metrics.mae
  return {
    chosen: winner.forecaster,
    tested: winner.tested,
    why: sentence(winner.forecaster.name, winner.tested, naive_mae, beats),
    beats_seasonal_naive: beats,
    naive_mae,
    share_of_naive: naive_mae > 0 ? winner.tested.metrics.mae / naive_mae : null,
    ranking: judged.map(({ forecaster, tested }) => ({
      name: forecaster.name,
      mae: tested.metrics.mae,
      mase: tested.metrics.mase,
    })),
    unfit,
  }
}

/** The average's forecasts are the averages of those already made: nothing is fitted again. */
function averaged(series: Series, best: readonly { forecaster: Forecaster; tested: Backtest }[]) {
  const forecaster = averageOf(best.map((each) => each.forecaster))
  const { horizon_steps, origins } = best[0]?.tested ?? { horizon_steps: 0, origins: [] }
  const predicted = origins.map((_, origin) =>
    Float64Array.from({ length: horizon_steps }, (__, step) =>
      best.reduce((sum, { tested }) => sum + (tested.predicted[origin]?.[step] ?? Number.NaN) / best.length, 0),
    ),
  )
  return { forecaster, tested: backtestOf(series, forecaster.name, { horizon_steps, origins, predicted }) }
}

function sentence(name: string, { origins, metrics }: Backtest, naive_mae: number, beats: boolean): string {
  const times = `${origins.length} ${origins.length === 1 ? 'origin' : 'origins'}`
  if (!beats) return `Nothing beat repeating the last season over ${times}, so that is the forecast.`
  const share = naive_mae > 0 ? ` (${((100 * metrics.mae) / naive_mae).toFixed(0)} % of repeating the last season)` : ''
  return `Of those tried, ${name} was nearest over ${times}: mean absolute error ${metrics.mae.toPrecision(3)}${share}.`
}

/** What a forecast rests on, from the most to the least. */
export type FallbackLevel = 'full' | 'baseline' | 'flatliner'

export interface FallbackForecast {
  level: FallbackLevel
  name: string
  predicted: Float64Array
  /** Why each level above this one was not used. */
  passed_over: { level: FallbackLevel; reason: string }[]
}

export interface FallbackOptions {
  horizon_steps: number
  future?: Covariates
  /** A fitted forecaster that is to be used where it can. */
  full?: FittedForecaster
  /** The share of the last week's slots that must be known to go on in full; 0.7 unless told. */
  full_share_min?: number
  /** The same for the baseline, which repeats; 0.3 unless told. */
  baseline_share_min?: number
  /** Known values of the last day without which nothing is said; 3 unless told. */
  flatliner_values_min?: number
}

/**
 * A forecast by the best means that the latest data bear: the fitted forecaster, the mean of the last seven days by slot,
 * the median of the last day, or a refusal. The level is part of the answer.
 *
 * @throws {Problem} learn/data-unfit with how many values are missing, where nothing can be said.
 */
export function forecastWithFallback(series: Series, options: FallbackOptions): FallbackForecast {
  const { horizon_steps, full, full_share_min = 0.7, baseline_share_min = 0.3, flatliner_values_min = 3 } = options
  const passed_over: FallbackForecast['passed_over'] = []
  const week = 7 * shortestSeason(series)
  const share = knownShare(series.values, week)
  const shown = `${(share * 100).toFixed(0)} % of the last ${week} slots are known`
  const tryLevel = (
    level: FallbackLevel,
    share_min: number,
    fit: () => FittedForecaster,
  ): FallbackForecast | undefined => {
    if (share < share_min) {
      passed_over.push({ level, reason: `${shown}; ${(share_min * 100).toFixed(0)} % are needed.` })
      return undefined
    }
    try {
      const fitted = fit()
      return { level, name: fitted.name, predicted: fitted.predict(horizon_steps, options.future), passed_over }
    } catch (error) {
      if (!isUnfit(error)) throw error
      passed_over.push({ level, reason: error.message })
      return undefined
    }
  }
  if (!full) passed_over.push({ level: 'full', reason: 'No forecaster has been fitted.' })
  const found =
    (full && tryLevel('full', full_share_min, () => full.continueFrom(series))) ??
    tryLevel('baseline', baseline_share_min, () => slotMean().fit(series))
  if (found) return found
  const day = Math.max(shortestSeason(series), flatliner_values_min)
  const recent = sliceSeries(series, series.values.length - day, series.values.length)
  const known = knownCount(recent.values)
  const enough = known >= flatliner_values_min
  const last = enough ? tryLevel('flatliner', 0, () => flatliner().fit(recent)) : undefined
  if (last) return last
  refuseUnfit(
    `Nothing can be forecast: ${known} of the last ${day} values are known, and ${flatliner_values_min} are needed.`,
    [
      {
        path: '/values',
        code: 'insufficient-data',
        message: `${flatliner_values_min - known} more values of the last ${day}`,
        value: known,
        expected: flatliner_values_min,
      },
    ],
  )
}

function knownShare(values: Float64Array, count: number): number {
  return knownCount(values.subarray(Math.max(0, values.length - count))) / count
}
