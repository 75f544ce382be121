import { z } from 'zod'
import { invariant } from '../lib/invariant.ts'
import { cutColumns, type Covariates, demandSeries, knownCount, type Series, sliceSeries } from './series.ts'
import { demandOption, refuseUnfit } from './unfit.ts'

/** Learns from a history what it takes to continue it. */
export interface Forecaster {
  name: string
  /** @throws {Problem} learn/data-unfit where the history is too short, empty or not finite. */
  fit(history: Series): FittedForecaster
}

/** What was learnt, and the end of the history it continues. */
export interface FittedForecaster {
  name: string
  /**
   * The `horizon_steps` slots after the history.
   *
   * @throws {Problem} learn/data-unfit where a covariate that was learnt from is not given for every step.
   */
  predict(horizon_steps: number, future?: Covariates): Float64Array
  /** What was learnt, unchanged, at the end of another history of the same kind: a day later nothing is fitted anew. */
  continueFrom(history: Series): FittedForecaster
  /** Reads back to predictions that are the same to the bit. */
  write(): ForecasterFile
}

/** How a kind of forecaster predicts from what it learnt, and how that is read from a file. */
export interface ForecastMethod<Learnt> {
  method: string
  schema: z.ZodType<Learnt>
  /** As it goes into a file; what was learnt itself unless told. */
  written?(learnt: Learnt): unknown
  /** The slots at the end of the history that `predict` looks at. */
  stepsKept(learnt: Learnt): number
  /** Columns that must be known for the future. */
  covariatesOf?(learnt: Learnt): readonly string[]
  predict(learnt: Learnt, history: Series, horizon_steps: number, future: Covariates): Float64Array
}

export const HORIZON_STEPS_MAX = 100_000

/** Makes a forecaster of a method and a way to learn. */
export function forecasterOf<Learnt>(
  name: string,
  method: ForecastMethod<Learnt>,
  learn: (history: Series) => Learnt,
): Forecaster {
  return {
    name,
    fit: (history) => {
      demandSeries(history)
      if (knownCount(history.values) === 0) refuseUnfit(`None of the ${history.values.length} slots has a value.`, [])
      return fittedOf(name, method, learn(history), history)
    },
  }
}

/** A forecaster that has learnt, with the history that it continues. */
export function fittedOf<Learnt>(
  name: string,
  method: ForecastMethod<Learnt>,
  learnt: Learnt,
  history: Series,
): FittedForecaster {
  const kept = sliceSeries(history, history.values.length - method.stepsKept(learnt), history.values.length)
  // A forecast from nothing would be an invention, even where something is known of long ago.
  if (knownCount(kept.values) === 0)
    refuseUnfit(`None of the last ${kept.values.length} slots, which ${name} looks at, has a value.`, [
      { path: '/values', code: 'insufficient-data', message: 'A value among the latest slots', value: 0, expected: 1 },
    ])
  return {
    name,
    predict: (horizon_steps, future = {}) => {
      demandOption('horizon_steps', horizon_steps, { least: 1, most: HORIZON_STEPS_MAX, whole: true })
      const wanted = method.covariatesOf?.(learnt) ?? []
      for (const column of wanted) demandFuture(column, future[column], horizon_steps)
      const predicted = method.predict(learnt, kept, horizon_steps, cutColumns(future, 0, horizon_steps))
      invariant(predicted.length === horizon_steps, 'a forecast has a number for each step')
      if (!predicted.every(Number.isFinite)) refuseUnfit('The forecast leaves what numbers can hold.', [])
      return predicted
    },
    continueFrom: (next) => {
      demandSeries(next)
      if (next.step_s !== history.step_s)
        refuseUnfit(`Learnt from steps of ${history.step_s} s, not ${next.step_s} s.`, [])
      return fittedOf(name, method, learnt, next)
    },
    write: () => ({
      kind: 'forecaster',
      version: 1,
      name,
      method: method.method,
      learnt: method.written ? method.written(learnt) : learnt,
      history: writeSeries(kept),
    }),
  }
}

function demandFuture(name: string, column: Float64Array | undefined, horizon_steps: number): void {
  const known = column?.subarray(0, horizon_steps)
  if (known?.length === horizon_steps && known.every(Number.isFinite)) return
  refuseUnfit(`The forecast was learnt with ${name}: it needs it for each of the ${horizon_steps} steps ahead.`, [
    { path: `/future/${name}`, code: 'missing', message: `${horizon_steps} finite numbers`, value: known?.length ?? 0 },
  ])
}

const SLOTS_MAX = 500_000
const Column = z.array(z.number().nullable()).min(1).max(SLOTS_MAX)
export const SeriesFile = z
  .strictObject({
    start_ms: z.number(),
    step_s: z.number().positive(),
    /** null is a gap. */
    values: Column,
    covariates: z.record(z.string().max(200), z.array(z.number()).max(SLOTS_MAX)).optional(),
    utc_offset_s: z.number().optional(),
  })
  .refine(
    ({ values, covariates = {} }) => Object.values(covariates).every((column) => column.length === values.length),
    'covariates are as long as the values',
  )
export type SeriesFile = z.infer<typeof SeriesFile>

export const ForecasterFile = z.strictObject({
  kind: z.literal('forecaster'),
  version: z.literal(1),
  name: z.string().max(500),
  method: z.string().max(100),
  learnt: z.unknown(),
  history: SeriesFile,
})
export type ForecasterFile = z.infer<typeof ForecasterFile>

export function writeSeries({ values, covariates, ...rest }: Series): SeriesFile {
  const columns =
    covariates && Object.fromEntries(Object.entries(covariates).map(([name, column]) => [name, Array.from(column)]))
  const written = Array.from(values, (value) => (Number.isNaN(value) ? null : value))
  return { ...rest, values: written, ...(columns ? { covariates: columns } : {}) }
}

export function seriesOf({ values, covariates, ...rest }: SeriesFile): Series {
  const columns =
    covariates &&
    Object.fromEntries(Object.entries(covariates).map(([name, column]) => [name, Float64Array.from(column)]))
  const read = Float64Array.from(values, (value) => value ?? Number.NaN)
  return { ...rest, values: read, ...(columns ? { covariates: columns } : {}) }
}
