import { z } from 'zod'
import { decompose } from './decompose.ts'
import { type Forecaster, forecasterOf, type ForecastMethod } from './forecaster.ts'
import { continueSmoothing, learnSmoothing, Smoothing } from './forecast-smoothing.ts'
import { fillGaps, seasonsOf } from './series.ts'
import { refuseUnfit } from './unfit.ts'

/** Seasons taken off by MSTL and repeated; what is left continues by exponential smoothing without seasons. */
const Learnt = z.strictObject({
  seasons: z.array(z.int().min(2).max(20_000)).min(1).max(4),
  /** Null: what is left keeps its last value. */
  rest: Smoothing.nullable(),
})
type Learnt = z.infer<typeof Learnt>

const CYCLES_KEPT = 12

export const decompositionMethod: ForecastMethod<Learnt> = {
  method: 'seasonal-decomposition',
  schema: Learnt,
  stepsKept: ({ seasons }) => CYCLES_KEPT * (seasons.at(-1) ?? 1),
  predict: ({ seasons, rest }, { values }, horizon_steps) => {
    // A history to continue from may be shorter than the one that was learnt from.
    const fitting = seasons.filter((season) => season * 2 <= values.length)
    const parts = partsOf(values, fitting)
    const last = parts.rest.at(-1) ?? 0
    const base = rest ? continueSmoothing(rest, parts.rest, horizon_steps) : new Float64Array(horizon_steps).fill(last)
    return base.map((value, step) =>
      fitting.reduce((sum, season, i) => sum + parts.seasonal[i]![values.length - season + (step % season)]!, value),
    )
  },
}

export interface DecompositionOptions {
  /** A day and a week unless told, where the history holds each twice. */
  seasons?: readonly number[]
  /** How what is left goes on: by smoothing unless told, or as its last value. */
  rest?: 'smoothing' | 'naive'
}

export function seasonalDecomposition({ seasons: wanted, rest = 'smoothing' }: DecompositionOptions = {}): Forecaster {
  const name = rest === 'naive' ? 'seasonal-decomposition-naive' : 'seasonal-decomposition'
  return forecasterOf(name, decompositionMethod, (history) => {
    const seasons = (wanted ?? seasonsOf(history)).filter((season) => season * 2 <= history.values.length)
    if (seasons.length === 0) refuseUnfit(`${history.values.length} slots do not hold a season twice.`, [])
    const kept = CYCLES_KEPT * (seasons.at(-1) ?? 1)
    const parts = partsOf(history.values.subarray(Math.max(0, history.values.length - kept)), seasons)
    return { seasons, rest: rest === 'naive' ? null : learnSmoothing(parts.rest, []) }
  })
}

function partsOf(values: Float64Array, seasons: readonly number[]): { seasonal: Float64Array[]; rest: Float64Array } {
  const filled = fillGaps(values, seasons[0] ?? 1)
  if (seasons.length === 0) return { seasonal: [], rest: filled }
  const { seasonal } = decompose(filled, seasons)
  return { seasonal, rest: filled.map((value, t) => seasonal.reduce((left, own) => left - own[t]!, value)) }
}
