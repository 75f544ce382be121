import { refuseUnfit } from './unfit.ts'

/**
 * Where a finished series changes for good: the segmentation of least cost plus a penalty per change, exactly, by PELT
 * (Killick, Fearnhead and Eckley 2012). See docs/methods/learn-change.md.
 */
export interface Segment {
  /** From this position of the series, from 0 … */
  from: number
  /** … to just before this one. */
  to: number
  mean: number
  deviation: number
  /** Values that are not missing. */
  count: number
}

export interface ChangePointOptions {
  /** 'mean': the level shifts, the noise stays. 'mean_and_deviation': either may. 'mean' unless told. */
  what?: 'mean' | 'mean_and_deviation'
  /** What one more change must save, in units of twice the log-likelihood; unless told, as the BIC has it (see below). */
  penalty?: number
  /** 2 unless told, and at least 2 for 'mean_and_deviation'. */
  segment_count_min?: number
  /** The noise, for 'mean'; unless told it is measured from differences of neighbours. */
  deviation?: number
}

/**
 * Splits a series into segments. Missing values (NaN) belong to the segment around them and count for nothing. The
 * penalty of the BIC is `parameters · ln n`, a change costing its place and what it changes: 2 ln n, or 3 ln n.
 *
 * @throws {Problem} learn/data-unfit for infinities and for a series without a value.
 */
export function changePoints(values: ArrayLike<number>, options: ChangePointOptions = {}): Segment[] {
  const { what = 'mean' } = options
  const places: number[] = []
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue
    if (!Number.isFinite(values[i]))
      refuseUnfit(`Value ${i} is infinite.`, [{ path: `/${i}`, code: 'not-finite', message: 'a finite number' }])
    places.push(i)
  }
  const count = places.length
  if (count === 0) refuseUnfit('There is no value in the series.', [])
  const known = Float64Array.from(places, (place) => values[place]!)
  const least = what === 'mean' ? 1 : 2
  const segment_count_min = Math.max(least, Math.floor(options.segment_count_min ?? 2))
  const penalty = options.penalty ?? (what === 'mean' ? 2 : 3) * Math.log(count)
  const sums = sumsOf(known)
  const cost = what === 'mean' ? meanCost(sums, options.deviation ?? noiseOf(known)) : normalCost(sums, known)
  const cuts = pelt(count, cost, penalty, segment_count_min)
  return cuts.map((from, i) => {
    const to = cuts[i + 1] ?? count
    return {
      from: i === 0 ? 0 : places[from]!,
      to: to === count ? values.length : places[to]!,
      mean: sums.centre + (sums.first[to]! - sums.first[from]!) / (to - from),
      deviation: Math.sqrt(squaresOf(sums, from, to) / (to - from)),
      count: to - from,
    }
  })
}

/** What a stretch from `from` to just before `to` costs: twice its negative log-likelihood, up to a constant. */
export type SegmentCost = (from: number, to: number) => number

/** The starts of the segments of least total cost, exactly. `cost` must not rise when a stretch is split. */
export function pelt(count: number, cost: SegmentCost, penalty: number, segment_count_min: number): number[] {
  const best = new Float64Array(count + 1).fill(Infinity)
  const before = new Int32Array(count + 1)
  best[0] = -penalty
  let candidates = [0]
  /** From this end on, a start has lost. */
  const lost_at = new Float64Array(count + 1).fill(Infinity)
  for (let end = segment_count_min; end <= count; end++) {
    const opened = end - segment_count_min
    if (opened >= segment_count_min) candidates.push(opened)
    candidates = candidates.filter((start) => end < lost_at[start]!)
    const costs = candidates.map((start) => best[start]! + cost(start, end))
    costs.forEach((total, i) => {
      if (total + penalty >= best[end]!) return
      best[end] = total + penalty
      before[end] = candidates[i]!
    })
    // A start that already loses without paying for a change never wins again, once a segment can begin here instead.
    candidates.forEach((start, i) => {
      if (costs[i]! > best[end]! + Math.abs(best[end]!) * 1e-12)
        lost_at[start] = Math.min(lost_at[start]!, end + segment_count_min)
    })
  }
  const starts: number[] = []
  if (count < segment_count_min) return [0]
  for (let end = count; end > 0; end = before[end]!) starts.push(before[end]!)
  return starts.reverse()
}

interface Sums {
  /** Taken off every value, so that squares of large numbers do not drown differences of small ones. */
  centre: number
  first: Float64Array
  second: Float64Array
}

function sumsOf(values: Float64Array): Sums {
  const centre = medianOf(values)
  const first = new Float64Array(values.length + 1)
  const second = new Float64Array(values.length + 1)
  values.forEach((value, i) => {
    const off = value - centre
    first[i + 1] = first[i]! + off
    second[i + 1] = second[i]! + off * off
  })
  return { centre, first, second }
}

function squaresOf({ first, second }: Sums, from: number, to: number): number {
  const sum = first[to]! - first[from]!
  return Math.max(0, second[to]! - second[from]! - (sum * sum) / (to - from))
}

function meanCost(sums: Sums, deviation: number): SegmentCost {
  const variance = deviation * deviation
  return (from, to) => squaresOf(sums, from, to) / variance
}

function normalCost(sums: Sums, values: Float64Array): SegmentCost {
  // A stretch that does not move at all would be infinitely likely.
  const spread = squaresOf(sums, 0, values.length) / values.length
  const variance_min = Math.max(spread * 1e-6, Number.MIN_VALUE * 1e20)
  return (from, to) => {
    const count = to - from
    const variance = Math.max(variance_min, squaresOf(sums, from, to) / count)
    return count * (Math.log(variance) + squaresOf(sums, from, to) / count / variance)
  }
}

/** Noise from differences of neighbours, which a change of level touches only once: MAD / (0.6745 · √2). */
function noiseOf(values: Float64Array): number {
  if (values.length < 2) return 1
  const differences = Float64Array.from({ length: values.length - 1 }, (_, i) => Math.abs(values[i + 1]! - values[i]!))
  const robust = medianOf(differences) / (0.6745 * Math.SQRT2)
  if (robust > 0) return robust
  // More than half of the neighbours are equal: the mean difference still sees the others.
  const mean = differences.reduce((sum, each) => sum + each, 0) / differences.length
  return mean > 0 ? mean / 1.128379 : 1
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort()
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}
