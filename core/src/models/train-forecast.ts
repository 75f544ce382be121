import { errorsOf } from '../learn/backtest.ts'
import { compareOnHoldout } from '../learn/bootstrap.ts'
import { chooseForecaster } from '../learn/choose-forecaster.ts'
import { coverageReport } from '../learn/conformal.ts'
import { seasonalNaive } from '../learn/forecast-baselines.ts'
import type { FittedForecaster } from '../learn/forecaster.ts'
import { readForecaster } from '../learn/forecasters.ts'
import {
  calibrateHorizons,
  forecastIntervals,
  writeHorizonCalibration,
  type HorizonCalibration,
} from '../learn/horizon-conformal.ts'
import { readModelFile } from '../learn/read-model-file.ts'
import { sliceSeries, type Series } from '../learn/series.ts'
import { Problem } from '../lib/problem.ts'
import { ForecastFile, ForecastParameters } from './algorithm-forecast.ts'
import { quantileOf } from './figures.ts'
import { artifactText, readArtifact, type Artifact } from './artifact.ts'
import type { Rival } from './compare.ts'
import type { Encoding } from './encode.ts'
import { SPEED_ROWS, speedOf } from './evaluate.ts'
import { numbersOf, type Frame } from './frame.ts'
import type { Comparison } from './gate.ts'
import { lossNames } from './losses.ts'
import type { Recipe } from './recipe.ts'
import type { Trained, Training } from './train.ts'

/** Slots of a series at most: a table of any number of rows is one series. */
const SLOTS_MAX = 200_000

/**
 * Trains a forecaster: the way to forecast is chosen by a backtest on the earlier part of the series, tested on the later
 * part, and then continues the whole of it. Nothing is fitted anew at the end, so what was tested is what answers.
 * @throws {Problem} learn/data-unfit
 */
export async function trainForecast(
  frame: Frame,
  recipe: Recipe,
  training: Training,
  champion?: Rival,
): Promise<Trained> {
  const { horizon_steps, origin_count } = ForecastParameters.parse(recipe.parameters)
  const series = seriesFrom(frame, recipe)
  const slots = series.values.length
  const known = Math.floor(slots * (1 - recipe.holdout_share))
  const earlier = sliceSeries(series, 0, known)
  training.say(`${slots} slots of ${series.step_s} s; the last ${slots - known} to test on.`)
  const choice = chooseForecaster(earlier, {
    horizon_steps,
    origin_count,
    report: ({ step, of, name }) => {
      training.say(`Trying ${name}.`)
      training.report({ step, of })
    },
  })
  training.say(choice.why)
  const intervals = calibrateHorizons(errorsOf(choice.tested), { levels: [recipe.level] })
  const fitted = choice.chosen.fit(earlier)
  const artifact = artifactOf(horizon_steps, fitted.continueFrom(series).write(), writeHorizonCalibration(intervals))
  const text = artifactText(artifact)
  const model = readArtifact(text)
  const made = forecastsFrom(series, known, horizon_steps, fitted)
  const own = errorsIn(series, made)
  const comparison = compare(series, known, horizon_steps, own, champion)
  const steps = Array.from({ length: SPEED_ROWS }, (_, step) => ({ step: 1 + (step % horizon_steps) }))
  const loss = own.losses.reduce((sum, each) => sum + each, 0) / own.losses.length
  const coverage = coverageIn(series, made, intervals)
  // Errors of one origin hang together: each counts once among those that margins were measured on.
  const rows = { train: known, calibration: choice.tested.origins.length, holdout: slots - known, left_out: 0 }
  return {
    text,
    reference: {
      kind: 'reference',
      version: 1,
      rows: known,
      columns: [],
      answers: [],
      loss_max: quantileOf(own.losses.slice().sort(), 0.99) || 1,
    },
    metrics: {
      loss,
      mae: loss,
      ...(coverage === null ? {} : { coverage }),
      backtest_mae: choice.tested.metrics.mae,
      seasonal_naive_mae: choice.naive_mae,
    },
    evaluation: {
      rows,
      split: 'by-time',
      holdout_from: new Date(series.start_ms + known * series.step_s * 1_000).toISOString(),
      loss: lossNames.forecast,
      coverage: { level: recipe.level, overall: coverage, groups: [] },
      fairness: null,
      importance: [],
      leakage: [],
      us_per_row: speedOf(steps, model, training.clock_us),
    },
    comparison,
    schema: { missing: [], added: [] },
  }
}

function artifactOf(horizon_steps: number, forecaster: unknown, intervals: unknown): Artifact {
  return {
    kind: 'tidemark-model',
    version: 1,
    algorithm: 'forecaster',
    task: 'forecast',
    encoding: encodingOf(horizon_steps),
    model: { kind: 'forecast', version: 1, horizon_steps, forecaster, intervals },
    calibration: null,
    group: null,
    classes: null,
    threshold: null,
  }
}

function encodingOf(horizon_steps: number): Encoding {
  const step = {
    name: 'step',
    kind: 'number' as const,
    mean: 0,
    deviation: 1,
    min: 1,
    max: horizon_steps,
    missing_share: 0,
  }
  return { kind: 'encoding', version: 1, form: 'codes', fields: [step] }
}

/** Rows by their time, in even slots as long as the usual distance between two; a slot without a row is a gap. */
function seriesFrom(frame: Frame, { time = '', target = '' }: Recipe): Series {
  const times = numbersOf(frame, time)
  const values = numbersOf(frame, target)
  const rows = Array.from(times.keys())
    .filter((row) => Number.isFinite(times[row]))
    .sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0))
  const distances = rows
    .slice(1)
    .map((row, index) => (times[row] ?? 0) - (times[rows[index] ?? 0] ?? 0))
    .filter((each) => each > 0)
  const step_ms = quantileOf(Float64Array.from(distances).sort(), 0.5)
  const [first, last] = [times[rows[0] ?? 0] ?? NaN, times[rows.at(-1) ?? 0] ?? NaN]
  const count = Math.round((last - first) / step_ms) + 1
  if (!(count >= 20 && count <= SLOTS_MAX))
    throw new Problem('learn/data-unfit', {
      detail: `A series has from 20 to ${SLOTS_MAX} slots, and these rows would make ${Number.isFinite(count) ? count : 0}.`,
    })
  const slots = new Float64Array(count).fill(NaN)
  // The last one of a slot counts: a later reading corrects an earlier one.
  for (const row of rows) slots[Math.round(((times[row] ?? 0) - first) / step_ms)] = values[row] ?? NaN
  return { start_ms: first, step_s: step_ms / 1_000, values: slots }
}

interface Judged {
  losses: Float64Array
  /** By which forecast each belongs: those of one are not independent. */
  blocks: number[]
}

interface Made {
  origin: number
  predicted: Float64Array
}

/** Forecasts that begin one after the other in the later part, without fitting anything anew. */
function forecastsFrom(series: Series, known: number, horizon_steps: number, fitted: FittedForecaster): Made[] {
  const made: Made[] = []
  for (let origin = known; origin < series.values.length; origin += horizon_steps)
    made.push({ origin, predicted: fitted.continueFrom(sliceSeries(series, 0, origin)).predict(horizon_steps) })
  return made
}

/** Their absolute errors, where the truth is known. */
function errorsIn({ values }: Series, made: readonly Made[]): Judged {
  const pairs = made
    .flatMap(({ origin, predicted }) =>
      Array.from(predicted, (guess, step) => ({ origin, error: Math.abs((values[origin + step] ?? NaN) - guess) })),
    )
    .filter(({ error }) => !Number.isNaN(error))
  return { losses: Float64Array.from(pairs, ({ error }) => error), blocks: pairs.map(({ origin }) => origin) }
}

/** How often their intervals held; null where none was calibrated or nothing came that is known. */
function coverageIn({ values }: Series, made: readonly Made[], intervals: HorizonCalibration): number | null {
  const known = made.flatMap(({ origin, predicted }) =>
    forecastIntervals(intervals, predicted).flatMap(([found], step) => {
      const came = values[origin + step] ?? NaN
      return found?.state === 'calibrated' && !Number.isNaN(came) ? [{ ...found, came }] : []
    }),
  )
  if (known.length === 0) return null
  const of = (name: 'came' | 'lower' | 'upper') => known.map((each) => each[name])
  return coverageReport(of('came'), of('lower'), of('upper')).coverage
}

/** Against the champion, and in any case against repeating the season before. */
function compare(
  series: Series,
  known: number,
  horizon_steps: number,
  own: Judged,
  champion: Rival | undefined,
): Comparison {
  const against = champion ? `version ${champion.version}` : 'the seasonal naive forecast'
  const rows = own.losses.length
  const errorsOfAnother = (other: FittedForecaster) =>
    errorsIn(series, forecastsFrom(series, known, horizon_steps, other))
  const naive = errorsOfAnother(seasonalNaive().fit(sliceSeries(series, 0, known)))
  if (rows < 8 || naive.losses.length !== rows)
    return {
      against,
      rows,
      gain: null,
      gain_lower: null,
      gain_upper: null,
      says: 'The later part of the series has too few known slots to compare on.',
    }
  const gainOver = (other: Judged) => {
    const enough = new Set(own.blocks).size >= 8
    const found = compareOnHoldout(other.losses, own.losses, { seed: 1, ...(enough ? { blocks: own.blocks } : {}) })
    const relative = (gain: number) => (found.champion_loss > 0 ? gain / found.champion_loss : 0)
    return { gain: relative(found.gain), gain_lower: relative(found.gain_low), gain_upper: relative(found.gain_high) }
  }
  const over_naive = gainOver(naive)
  if (!champion) return { against, rows, ...over_naive }
  const { forecaster } = readModelFile(ForecastFile, champion.model.artifact.model, 'a forecast')
  const theirs = errorsOfAnother(readForecaster(forecaster))
  if (theirs.losses.length !== rows)
    return {
      against,
      rows,
      gain: null,
      gain_lower: null,
      gain_upper: null,
      says: `${against} cannot be asked for the same slots.`,
    }
  return { against, rows, ...gainOver(theirs), baseline_gain_lower: over_naive.gain_lower }
}
