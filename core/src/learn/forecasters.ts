import { z } from 'zod'
import { invariant } from '../lib/invariant.ts'
import { flat, seasonalNaive, seasonMean, similarDay, slotMean } from './forecast-baselines.ts'
import { decompositionMethod, seasonalDecomposition } from './forecast-decomposition.ts'
import { ridgeAutoregression, ridgeMethod } from './forecast-ridge.ts'
import { exponentialSmoothing, smoothingMethod } from './forecast-smoothing.ts'
import { treesForecaster, treesMethod } from './forecast-trees.ts'
import {
  fittedOf,
  type FittedForecaster,
  type Forecaster,
  ForecasterFile,
  type ForecastMethod,
  seriesOf,
  writeSeries,
} from './forecaster.ts'
import { readModelFile } from './read-model-file.ts'
import { demandSeries, seasonsOf, type Series } from './series.ts'
import { refuseUnfit } from './unfit.ts'

/** Every kind that can be read from a file. */
const methods = [seasonMean, flat, ridgeMethod, smoothingMethod, decompositionMethod, treesMethod] as const

/** What is tried where nobody says otherwise: baselines first, then what learns. */
export function candidatesFor(series: Series, horizon_steps: number): Forecaster[] {
  const seasons = seasonsOf(series)
  const known = series.values.filter((value) => !Number.isNaN(value))
  const week = seasons.at(-1)
  return [
    seasonalNaive(),
    ...(week !== undefined && seasons.length > 1 ? [seasonalNaive({ season_steps: week })] : []),
    slotMean(),
    similarDay(),
    ridgeAutoregression({ horizon_steps: Math.min(horizon_steps, 2_000) }),
    ...(known.every((value) => value > 0)
      ? [ridgeAutoregression({ horizon_steps: Math.min(horizon_steps, 2_000), log: true })]
      : []),
    exponentialSmoothing(),
    seasonalDecomposition(),
    treesForecaster({ horizon_steps: Math.min(horizon_steps, 20_000) }),
  ]
}

/** The mean of several forecasts, which often beats each of them. All are fitted, and all must fit. */
export function averageOf(members: readonly Forecaster[]): Forecaster {
  if (members.length === 0) refuseUnfit('An average needs a forecaster.', [])
  const name = `mean of ${members.map((member) => member.name).join(', ')}`
  return {
    name,
    fit: (history) =>
      average(
        name,
        members.map((member) => member.fit(history)),
        history,
      ),
  }
}

function average(name: string, members: readonly FittedForecaster[], history: Series): FittedForecaster {
  return {
    name,
    predict: (horizon_steps, future) => {
      const all = members.map((member) => member.predict(horizon_steps, future))
      return Float64Array.from({ length: horizon_steps }, (_, step) =>
        all.reduce((sum, each) => sum + (each[step] ?? Number.NaN) / all.length, 0),
      )
    },
    continueFrom: (next) =>
      average(
        name,
        members.map((member) => member.continueFrom(next)),
        next,
      ),
    write: () => ({
      kind: 'forecaster',
      version: 1,
      name,
      method: 'average',
      learnt: { members: members.map((member) => member.write()) },
      // Each member keeps what it needs of the history.
      history: writeSeries({ ...history, values: new Float64Array(1), covariates: undefined }),
    }),
  }
}

const AverageFile = z.strictObject({ members: z.array(z.unknown()).min(1).max(20) })

/**
 * Reads a fitted forecaster that `write` made; it predicts the same to the bit.
 *
 * @throws {Problem} learn/model-file-invalid for anything else, and learn/data-unfit where its history is not a series.
 */
export function readForecaster(file: unknown, depth = 0): FittedForecaster {
  const read = readModelFile(ForecasterFile, file, 'a forecaster of version 1')
  const history = seriesOf(read.history)
  demandSeries(history)
  if (read.method === 'average') {
    const limited = depth > 0 ? AverageFile.refine(() => false, 'averages of averages are not read') : AverageFile
    const { members } = readModelFile(limited, read.learnt, 'an average of forecasters')
    return average(
      read.name,
      members.map((member) => readForecaster(member, depth + 1)),
      history,
    )
  }
  const known = methods.find(({ method }) => method === read.method) as ForecastMethod<unknown> | undefined
  if (known === undefined) {
    readModelFile(z.never(), read.method, `a forecaster that is known here: its method is ${read.method}`)
    invariant(known, 'nothing is never')
  }
  const learnt = readModelFile(known.schema, read.learnt, `what ${read.method} learns`)
  return fittedOf(read.name, known, learnt, history)
}
