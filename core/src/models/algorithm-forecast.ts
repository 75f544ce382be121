import { z } from 'zod'
import { forecastIntervals, readHorizonCalibration } from '../learn/horizon-conformal.ts'
import { readForecaster } from '../learn/forecasters.ts'
import { invariant } from '../lib/invariant.ts'
import { readModelFile } from '../learn/read-model-file.ts'
import { algorithm } from './algorithm.ts'

export const ForecastParameters = z.strictObject({
  horizon_steps: z.int().min(1).max(1_000).default(24).describe('How many steps ahead.'),
  origin_count: z.int().min(2).max(50).default(8).describe('How often the backtest begins anew.'),
})

export const ForecastFile = z.strictObject({
  kind: z.literal('forecast'),
  version: z.literal(1),
  horizon_steps: z.int().min(1).max(1_000),
  forecaster: z.unknown(),
  intervals: z.unknown(),
})

/**
 * The coming values of one series. A row asks for one step: `{ "step": 1 }` is the first slot after the history. How it is
 * trained stands in `train-forecast.ts`, because a series is not a table of rows that could be shuffled.
 */
export const forecaster = algorithm({
  name: 'forecaster',
  title: 'Forecaster, chosen by backtest',
  says: 'Seasonal, smoothing, autoregressive and boosted forecasters, tried on the past; the best one or their average continues the series.',
  tasks: ['forecast'],
  parameters: ForecastParameters,
  form: 'codes',
  explains: false,
  train: async () => invariant(false, 'A forecaster is trained from its series.'),
  load: (file) => {
    const { horizon_steps, forecaster: of, intervals } = readModelFile(ForecastFile, file, 'a forecast')
    const predicted = readForecaster(of).predict(horizon_steps)
    const reach = forecastIntervals(readHorizonCalibration(intervals), predicted).map((levels) => levels[0])
    const at = (numbers: ArrayLike<number>, step: number) => numbers[Math.round(step) - 1] ?? NaN
    const ends = (side: 'lower' | 'upper') => reach.map((found) => (found?.state === 'calibrated' ? found[side] : NaN))
    const [lower, upper] = [ends('lower'), ends('upper')]
    return {
      score: ({ values }) => ({
        value: values.map((step) => at(predicted, step)),
        lower: values.map((step) => at(lower, step)),
        upper: values.map((step) => at(upper, step)),
      }),
    }
  },
})
