import { z } from 'zod'
import { type Forecaster, forecasterOf, type ForecastMethod } from './forecaster.ts'
import { nelderMead } from './nelder-mead.ts'
import { knownCount, seasonsOf } from './series.ts'
import { refuseUnfit } from './unfit.ts'

/**
 * Additive exponential smoothing with a damped trend, any number of seasons and an autoregressive error (Holt 1957; Winters
 * 1960; Gardner and McKenzie 1985; Taylor 2003 for two seasons). See docs/methods/learn-forecasters.md.
 */
export const Smoothing = z.strictObject({
  /** Slots in each season, ascending; none for a series without. */
  seasons: z.array(z.int().min(2).max(20_000)).max(4),
  level: z.number().min(0).max(1),
  trend: z.number().min(0).max(1),
  damping: z.number().min(0).max(1),
  season: z.array(z.number().min(0).max(1)).max(4),
  error: z.number().min(-1).max(1),
})
export type Smoothing = z.infer<typeof Smoothing>

const CYCLES_KEPT = 12
const STEPS_KEPT_MIN = 400

export const smoothingMethod: ForecastMethod<Smoothing> = {
  method: 'exponential-smoothing',
  schema: Smoothing.refine(({ seasons, season }) => seasons.length === season.length, 'each season has its rate'),
  stepsKept: ({ seasons }) => stepsKept(seasons),
  predict: (learnt, { values }, horizon_steps) => continueSmoothing(learnt, values, horizon_steps),
}

/** All parameters are fitted; `seasons` are a day and a week unless told, where the history holds each twice. */
export function exponentialSmoothing(options: { seasons?: readonly number[] } = {}): Forecaster {
  return forecasterOf('exponential-smoothing', smoothingMethod, (history) => {
    const { values } = history
    const seasons = (options.seasons ?? seasonsOf(history)).filter((season) => season * 2 <= values.length)
    if (knownCount(values) < 8)
      refuseUnfit(`Exponential smoothing needs 8 values; there are ${knownCount(values)}.`, [])
    return learnSmoothing(values.subarray(Math.max(0, values.length - stepsKept(seasons))), seasons)
  })
}

function stepsKept(seasons: readonly number[]): number {
  return Math.max(STEPS_KEPT_MIN, CYCLES_KEPT * (seasons.at(-1) ?? 1))
}

/** The parameters with the least squared error one step ahead, by the simplex of Nelder and Mead. */
export function learnSmoothing(values: Float64Array, seasons: readonly number[]): Smoothing {
  const start = [logit(0.2), logit(0.05), logit(0.6), ...seasons.map(() => logit(0.15)), 0.3]
  const { point } = nelderMead((at) => filter(parametersAt(at, seasons), values).error, start, {
    step: 0.8,
    evaluations_max: 60 * start.length,
    tolerance: 1e-5,
  })
  return parametersAt(point, seasons)
}

/** Keeps every parameter where the recursion stays bounded. */
function parametersAt(at: Float64Array, seasons: readonly number[]): Smoothing {
  const level = 0.001 + 0.998 * logistic(at[0]!)
  return {
    seasons: [...seasons],
    level,
    trend: level * 0.3 * logistic(at[1]!),
    damping: 0.8 + 0.18 * logistic(at[2]!),
    season: seasons.map((_, i) => ((1 - level) * logistic(at[3 + i]!)) / seasons.length),
    error: 0.95 * Math.tanh(at[3 + seasons.length]!),
  }
}

/** The coming values of what was learnt, after a history that may be another than it was learnt from. */
export function continueSmoothing(learnt: Smoothing, values: Float64Array, horizon_steps: number): Float64Array {
  const { level, trend, error_last, states, scale } = filter(learnt, values)
  let [slope, damped, carried] = [0, 1, error_last]
  return Float64Array.from({ length: horizon_steps }, (_, step) => {
    damped *= learnt.damping
    slope += damped * trend
    carried *= learnt.error
    const season = states.reduce((sum, state) => sum + state[(values.length + step) % state.length]!, 0)
    return (level + slope + season + carried) * scale
  })
}

interface Filtered {
  level: number
  trend: number
  /** The last value less what level, trend and season said. */
  error_last: number
  /** For each season the effect of each of its slots, by position in the series. */
  states: Float64Array[]
  /** Sum of squared errors one step ahead, after the opening; NaN where it runs away. */
  error: number
  /** Everything above is in units of this. */
  scale: number
}

/** One pass over the series; a missing value changes nothing but the trend's course. */
function filter(learnt: Smoothing, raw: Float64Array): Filtered {
  const scale = scaleOf(raw)
  const opening = Math.min(raw.length, Math.max(2 * (learnt.seasons.at(-1) ?? 1), 4))
  const states = openingSeasons(raw, learnt.seasons, opening, scale)
  let level = meanOf(raw, 0, Math.max(1, learnt.seasons.at(-1) ?? 2)) / scale
  let [trend, error_last, error] = [0, 0, 0]
  for (let t = 0; t < raw.length; t++) {
    let season = 0
    for (const state of states) season += state[t % state.length]!
    const said = level + learnt.damping * trend + season
    const value = raw[t]! / scale
    const off = Number.isNaN(value) ? 0 : value - said - learnt.error * error_last
    level += learnt.damping * trend + learnt.level * off
    trend = learnt.damping * trend + learnt.trend * off
    states.forEach((state, i) => (state[t % state.length]! += learnt.season[i]! * off))
    error_last = Number.isNaN(value) ? learnt.error * error_last : value - said
    if (t >= opening / 2) error += off * off
  }
  return { level, trend, error_last, states, error: Number.isFinite(error) ? error : Number.NaN, scale }
}

/** The effects of a season over the opening: the means of its slots, less what shorter seasons already say. */
function openingSeasons(
  values: Float64Array,
  seasons: readonly number[],
  opening: number,
  scale: number,
): Float64Array[] {
  const states: Float64Array[] = []
  const centre = meanOf(values, 0, opening)
  for (const season of seasons) {
    const sums = new Float64Array(season)
    const counts = new Float64Array(season)
    for (let t = 0; t < opening; t++) {
      if (Number.isNaN(values[t]!)) continue
      let shorter = 0
      for (const state of states) shorter += state[t % state.length]!
      sums[t % season]! += (values[t]! - centre) / scale - shorter
      counts[t % season]!++
    }
    states.push(sums.map((sum, slot) => (counts[slot]! > 0 ? sum / counts[slot]! : 0)))
  }
  return states
}

function scaleOf(values: Float64Array): number {
  let largest = 0
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value)
  return largest > 0 ? largest : 1
}

function meanOf(values: Float64Array, from: number, to: number): number {
  let [sum, count] = [0, 0]
  for (let i = from; i < Math.min(to, values.length); i++) {
    if (Number.isNaN(values[i]!)) continue
    sum += values[i]!
    count++
  }
  // A gap as long as the opening: the first value there is will do.
  return count > 0 ? sum / count : (values.find((value) => !Number.isNaN(value)) ?? 0)
}

function logit(share: number): number {
  return Math.log(share / (1 - share))
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
