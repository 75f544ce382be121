import { quantileByReordering } from '../learn/boosted-trees-quantile.ts'

/**
 * What one device has shown of one measure so far: how fast it moves, how long it stands still, what each hour of the day
 * usually looks like. Learnt from accepted readings only. Until there are enough of them there is no profile, and only
 * limits that hold for every device are checked.
 */
export interface SeriesProfile {
  readings_count: number
  from_ms: number
  to_ms: number
  /** Median time between readings. */
  interval_s: number
  /** The smallest step ever seen: below it, a difference means nothing. */
  resolution: number
  /** The fastest change that is usual, per second: 99.95 % of changes seen were slower. */
  rate_max_per_s: number
  /** The longest run of equal readings seen, apart for zero: a solar plant rests all night. */
  run_max: { zero: number; other: number }
  /** Median of each hour of the day, UTC; null for an hour seen on fewer than `HOUR_DAYS_MIN` days. */
  usual_by_hour: readonly (number | null)[]
  /** Robust deviation from the usual value of the hour: the root mean square of those of the hours that move at all. */
  residual_scale: number
  /** Deviation of a day's mean residual: what drift is told from. */
  daily_residual_scale: number
}

export interface Sample {
  at_ms: number
  value: number
}

/** From here on a device has a profile. */
export const PROFILE_READINGS_MIN = 500
export const PROFILE_DAYS_MIN = 3
/** An hour of the day has a usual value when it was seen on this many days. */
const HOUR_DAYS_MIN = 3

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export type ProfileOutcome =
  | { profile: SeriesProfile }
  /** How much is still missing. */
  | { missing: { readings: number; days: number } }

/**
 * Learns a profile from accepted samples, oldest first, at most a few months of them.
 * Gaps are no changes: only steps between neighbours at most three intervals apart tell how fast a value moves.
 */
export function learnProfile(samples: readonly Sample[]): ProfileOutcome {
  const first = samples[0]
  const last = samples.at(-1)
  const days = first === undefined || last === undefined ? 0 : (last.at_ms - first.at_ms) / DAY_MS
  if (first === undefined || last === undefined || samples.length < PROFILE_READINGS_MIN || days < PROFILE_DAYS_MIN) {
    return {
      missing: {
        readings: Math.max(0, PROFILE_READINGS_MIN - samples.length),
        days: Math.max(0, PROFILE_DAYS_MIN - days),
      },
    }
  }
  const interval_s = quantile(
    neighbours(samples, (a, b) => (b.at_ms - a.at_ms) / 1000),
    0.5,
  )
  const close = neighbours(samples, (a, b) => {
    const elapsed_s = (b.at_ms - a.at_ms) / 1000
    return elapsed_s > 0 && elapsed_s <= 3 * interval_s ? { change: Math.abs(b.value - a.value), elapsed_s } : null
  }).filter((step) => step !== null)
  const resolution = smallestPositive(close.map(({ change }) => change))
  const usual_by_hour = usualByHour(samples)
  const residuals = residualsOf(samples, usual_by_hour)
  const residual_scale = Math.max(spreadOfHours(residuals, resolution), resolution)
  return {
    profile: {
      readings_count: samples.length,
      from_ms: first.at_ms,
      to_ms: last.at_ms,
      interval_s,
      resolution,
      rate_max_per_s: quantile(
        close.map(({ change, elapsed_s }) => change / elapsed_s),
        0.9995,
      ),
      run_max: longestRuns(samples),
      usual_by_hour,
      residual_scale,
      daily_residual_scale: Math.max(spread(dailyMeans(residuals)), resolution),
    },
  }
}

/** What the hour of this instant usually shows, or null when it is not known. */
export function usualAt({ usual_by_hour }: SeriesProfile, at_ms: number): number | null {
  return usual_by_hour[hourOf(at_ms)] ?? null
}

function hourOf(at_ms: number): number {
  return Math.floor((((at_ms % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS)
}

function usualByHour(samples: readonly Sample[]): (number | null)[] {
  const hours = Array.from({ length: 24 }, () => ({ values: [] as number[], days: new Set<number>() }))
  for (const { at_ms, value } of samples) {
    const hour = hours[hourOf(at_ms)]
    hour?.values.push(value)
    hour?.days.add(Math.floor(at_ms / DAY_MS))
  }
  return hours.map(({ values, days }) => (days.size < HOUR_DAYS_MIN ? null : quantile(values, 0.5)))
}

function residualsOf(samples: readonly Sample[], usual_by_hour: readonly (number | null)[]): Sample[] {
  return samples.flatMap(({ at_ms, value }) => {
    const usual = usual_by_hour[hourOf(at_ms)] ?? null
    return usual === null ? [] : [{ at_ms, value: value - usual }]
  })
}

/**
 * Of all residuals together the middle half is the nights of a solar plant, on which nothing is ever off: its days would seem
 * to be. So each hour counts once, and those that stand still do not.
 */
function spreadOfHours(residuals: readonly Sample[], resolution: number): number {
  const hours = Array.from({ length: 24 }, () => [] as number[])
  for (const { at_ms, value } of residuals) hours[hourOf(at_ms)]?.push(value)
  const spreads = hours.map(spread).filter((each) => each > resolution)
  if (spreads.length === 0) return spread(residuals.map(({ value }) => value))
  return Math.sqrt(spreads.reduce((sum, each) => sum + each * each, 0) / spreads.length)
}

function dailyMeans(residuals: readonly Sample[]): number[] {
  const days = new Map<number, { sum: number; count: number }>()
  for (const { at_ms, value } of residuals) {
    const day = Math.floor(at_ms / DAY_MS)
    const so_far = days.get(day) ?? { sum: 0, count: 0 }
    days.set(day, { sum: so_far.sum + value, count: so_far.count + 1 })
  }
  return [...days.values()].map(({ sum, count }) => sum / count)
}

function longestRuns(samples: readonly Sample[]): SeriesProfile['run_max'] {
  const run_max = { zero: 1, other: 1 }
  let run = 0
  let value = Number.NaN
  for (const sample of samples) {
    run = sample.value === value ? run + 1 : 1
    value = sample.value
    const kind = value === 0 ? 'zero' : 'other'
    run_max[kind] = Math.max(run_max[kind], run)
  }
  return run_max
}

function neighbours<T>(samples: readonly Sample[], of: (a: Sample, b: Sample) => T): T[] {
  return samples.flatMap((sample, i) => {
    const before = samples[i - 1]
    return before === undefined ? [] : [of(before, sample)]
  })
}

/** Half of the middle 50 %, scaled to the standard deviation of a normal distribution. */
function spread(values: readonly number[]): number {
  return values.length === 0 ? 0 : (quantile(values, 0.75) - quantile(values, 0.25)) / 1.349
}

function smallestPositive(values: readonly number[]): number {
  let smallest = Infinity
  for (const value of values) if (value > 0 && value < smallest) smallest = value
  return Number.isFinite(smallest) ? smallest : 0
}

/** Of nothing it is 0: a series without changes does not move. */
function quantile(values: readonly number[], share: number): number {
  return values.length === 0 ? 0 : quantileByReordering(Float64Array.from(values), share)
}
