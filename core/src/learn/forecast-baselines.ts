import { z } from 'zod'
import { type Forecaster, forecasterOf, type ForecastMethod } from './forecaster.ts'
import { seasonsOf, type Series, shortestSeason } from './series.ts'
import { demandOption } from './unfit.ts'

/** Forecasts that repeat: what every other one has to beat. */

const SeasonMean = z.strictObject({
  season_steps: z.int().min(1).max(100_000),
  /** How many seasons back are averaged; one is the seasonal naive forecast. */
  cycles: z.int().min(1).max(1_000),
})
type SeasonMean = z.infer<typeof SeasonMean>

/** Seasons looked at beyond those averaged, where values are missing. */
const SPARE_CYCLES = 3

export const seasonMean: ForecastMethod<SeasonMean> = {
  method: 'season-mean',
  schema: SeasonMean,
  stepsKept: ({ season_steps, cycles }) => season_steps * (cycles + SPARE_CYCLES),
  predict: ({ season_steps, cycles }, { values }, horizon_steps) => {
    const otherwise = medianOf(values)
    return Float64Array.from({ length: horizon_steps }, (_, step) => {
      let [sum, count] = [0, 0]
      for (let i = values.length - season_steps + (step % season_steps); i >= 0 && count < cycles; i -= season_steps) {
        const value = values[i] ?? Number.NaN
        if (Number.isNaN(value)) continue
        sum += value
        count++
      }
      return count > 0 ? sum / count : otherwise
    })
  },
}

/** Repeats the last season: a day unless told. Where a value is missing, that of the season before. */
export function seasonalNaive({ season_steps }: { season_steps?: number } = {}): Forecaster {
  const name = season_steps === undefined ? 'seasonal-naive' : `seasonal-naive-${season_steps}`
  return repeating(name, 1, (history) => season_steps ?? shortestSeason(history))
}

/** The mean of the same slot over the last days: 7 unless told. */
export function slotMean({ days = 7 }: { days?: number } = {}): Forecaster {
  return repeating('slot-mean', days, shortestSeason)
}

/** The mean of the same slot and weekday over the last weeks: 4 unless told. */
export function similarDay({ weeks = 4 }: { weeks?: number } = {}): Forecaster {
  return repeating('similar-day', weeks, (history) => seasonsOf(history).at(-1) ?? 1)
}

function repeating(name: string, cycles: number, seasonOf: (history: Series) => number): Forecaster {
  demandOption('cycles', cycles, { least: 1, most: 1_000, whole: true })
  return forecasterOf(name, seasonMean, (history) => {
    const season_steps = seasonOf(history)
    demandOption('season_steps', season_steps, { least: 1, most: 100_000, whole: true })
    return { season_steps, cycles }
  })
}

const Flat = z.strictObject({ recent_steps: z.int().min(1).max(100_000) })

export const flat: ForecastMethod<z.infer<typeof Flat>> = {
  method: 'flatliner',
  schema: Flat,
  stepsKept: ({ recent_steps }) => recent_steps,
  predict: (_, { values }, horizon_steps) => new Float64Array(horizon_steps).fill(medianOf(values)),
}

/** The median of the last day, for every step: what is left when nothing else can be said. */
export function flatliner(): Forecaster {
  return forecasterOf('flatliner', flat, (history) => {
    // The latest day in which anything is known.
    const last = history.values.findLastIndex((value) => !Number.isNaN(value))
    return {
      recent_steps: Math.min(
        history.values.length,
        history.values.length - 1 - last + Math.max(1, shortestSeason(history)),
      ),
    }
  })
}

/** The median of what is known, of which there is something. */
function medianOf(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort()
  return ((known[(known.length - 1) >> 1] ?? Number.NaN) + (known[known.length >> 1] ?? Number.NaN)) / 2
}
