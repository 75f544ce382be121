import { demandOption } from './unfit.ts'

/**
 * Splits a series into trend, seasons and remainder by local regression: STL (Cleveland, Cleveland, McRae and Terpenning
 * 1990) and, for several seasons, MSTL (Bandara, Hyndman and Bergmeir 2021, arXiv 2107.13462).
 */
export interface Decomposition {
  trend: Float64Array
  /** One per season length, in the order given. */
  seasonal: Float64Array[]
  remainder: Float64Array
}

export interface DecomposeOptions {
  /** Cycles of a season that its slots are smoothed over; 11 unless told, as MSTL has it: 7 + 4 · place in the list. */
  season_window?: number
  /** Passes in which outliers lose weight; 0 unless told. */
  robust_passes?: number
}

/** MSTL over seasons in ascending order; the values have no gaps. Each season has at least two cycles. */
export function decompose(
  values: Float64Array,
  seasons: readonly number[],
  options: DecomposeOptions = {},
): Decomposition {
  for (const season of seasons)
    demandOption('season', season, { least: 2, most: Math.floor(values.length / 2), whole: true })
  const seasonal: Float64Array[] = seasons.map(() => new Float64Array(values.length))
  let trend: Float64Array = new Float64Array(values.length)
  if (seasons.length === 0) trend = loess(values, oddAtLeast(Math.max(7, values.length / 5)))
  const rounds = seasons.length > 1 ? 2 : 1
  let left: Float64Array = values
  for (let round = 0; round < rounds; round++) {
    seasons.forEach((season, i) => {
      const own = seasonal[i]!
      left = left.map((value, t) => value + own[t]!)
      const window = oddAtLeast(options.season_window ?? 7 + 4 * (i + 1))
      const found = stl(left, season, { season_window: window, robust_passes: options.robust_passes ?? 0 })
      seasonal[i] = found.seasonal
      trend = found.trend
      left = left.map((value, t) => value - found.seasonal[t]!)
    })
  }
  return { trend, seasonal, remainder: left.map((value, t) => value - trend[t]!) }
}

/** One season: two passes of the inner loop, and further ones with weights where outliers shall count less. */
export function stl(
  values: Float64Array,
  season: number,
  { season_window = 11, robust_passes = 0 }: DecomposeOptions = {},
): { trend: Float64Array; seasonal: Float64Array } {
  const trend_window = oddAtLeast((1.5 * season) / (1 - 1.5 / season_window))
  let trend: Float64Array = new Float64Array(values.length)
  let seasonal: Float64Array = new Float64Array(values.length)
  let weights: Float64Array | undefined
  for (let pass = 0; pass <= robust_passes; pass++) {
    for (let inner = 0; inner < 2; inner++) {
      const detrended = values.map((value, t) => value - trend[t]!)
      const cycle = cycleSubseries(detrended, season, season_window, weights)
      const low = lowPass(cycle, season)
      seasonal = Float64Array.from({ length: values.length }, (_, t) => cycle[t + season]! - low[t]!)
      const deseasoned = values.map((value, t) => value - seasonal[t]!)
      trend = loess(deseasoned, trend_window, weights)
    }
    if (pass < robust_passes) weights = robustness(values.map((value, t) => value - trend[t]! - seasonal[t]!))
  }
  return { trend, seasonal }
}

/** Each slot of the season smoothed over its cycles and carried one cycle past both ends: `2 · season` values more. */
function cycleSubseries(values: Float64Array, season: number, window: number, weights?: Float64Array): Float64Array {
  const out = new Float64Array(values.length + 2 * season)
  for (let slot = 0; slot < season; slot++) {
    const places: number[] = []
    for (let t = slot; t < values.length; t += season) places.push(t)
    const own = Float64Array.from(places, (t) => values[t]!)
    const ownWeights = weights && Float64Array.from(places, (t) => weights[t]!)
    for (let cycle = -1; cycle <= own.length; cycle++)
      out[slot + (cycle + 1) * season] = localLine(own, cycle, window, ownWeights)
  }
  return out
}

/** What in the seasons is really trend: moving averages of a season, a season and three, then local regression. */
function lowPass(cycle: Float64Array, season: number): Float64Array {
  const once = movingMean(movingMean(movingMean(cycle, season), season), 3)
  return loess(once, oddAtLeast(season))
}

function movingMean(values: Float64Array, width: number): Float64Array {
  const out = new Float64Array(values.length - width + 1)
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!
    if (i >= width) sum -= values[i - width]!
    if (i >= width - 1) out[i - width + 1] = sum / width
  }
  return out
}

/** Local lines of tricube weight (Cleveland 1979), found at every tenth of the window and joined in between. */
export function loess(values: Float64Array, window: number, weights?: Float64Array): Float64Array {
  const out = new Float64Array(values.length)
  const jump = Math.max(1, Math.floor(window / 10))
  const last = values.length - 1
  for (let from = 0; from <= last; from += jump) {
    const to = Math.min(last, from + jump)
    if (from === 0) out[0] = localLine(values, 0, window, weights)
    out[to] = localLine(values, to, window, weights)
    for (let t = from + 1; t < to; t++) out[t] = out[from]! + ((out[to]! - out[from]!) * (t - from)) / (to - from)
  }
  return out
}

/** The value at `place` of the line through its `window` nearest neighbours; `place` may lie outside of the series. */
function localLine(values: Float64Array, place: number, window: number, weights?: Float64Array): number {
  const count = Math.min(window, values.length)
  const from = Math.max(0, Math.min(values.length - count, Math.round(place) - (count >> 1)))
  let reach = Math.max(place - from, from + count - 1 - place)
  if (window > values.length) reach += (window - values.length) / 2
  const [far, near] = [0.999 * reach, 0.001 * reach]
  let [total, sum_x, sum_y] = [0, 0, 0]
  const weightOf = (i: number) => {
    const distance = Math.abs(i - place)
    if (distance > far) return 0
    const tricube = distance <= near ? 1 : (1 - (distance / reach) ** 3) ** 3
    return tricube * (weights?.[i] ?? 1)
  }
  for (let i = from; i < from + count; i++) {
    const weight = weightOf(i)
    total += weight
    sum_x += weight * i
    sum_y += weight * values[i]!
  }
  // Where every neighbour is an outlier, the value itself is all there is.
  if (!(total > 0)) return values[Math.max(0, Math.min(values.length - 1, Math.round(place)))]!
  const [mean_x, mean_y] = [sum_x / total, sum_y / total]
  let [spread, together] = [0, 0]
  for (let i = from; i < from + count; i++) {
    const weight = weightOf(i)
    spread += weight * (i - mean_x) ** 2
    together += weight * (i - mean_x) * (values[i]! - mean_y)
  }
  const steep = Math.sqrt(spread / total) > 0.001 * (values.length - 1)
  return steep ? mean_y + (together / spread) * (place - mean_x) : mean_y
}

/** Bisquare weights: none beyond six median deviations. */
function robustness(remainder: Float64Array): Float64Array {
  const sizes = remainder.map(Math.abs).sort()
  const limit = 3 * (sizes[(sizes.length - 1) >> 1]! + sizes[sizes.length >> 1]!)
  return remainder.map((value) => {
    const share = Math.abs(value) / limit
    return limit === 0 || share <= 0.001 ? 1 : share >= 0.999 ? 0 : (1 - share * share) ** 2
  })
}

function oddAtLeast(width: number): number {
  const whole = Math.max(3, Math.ceil(width))
  return whole % 2 === 1 ? whole : whole + 1
}
