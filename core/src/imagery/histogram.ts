import { invariant } from '../lib/invariant.ts'

/**
 * Histograms of an index in [−1, 1] with bins of 1e-4. An index is counted in whole millionths, so that sums are exact and
 * bounds such as 0.2 fall onto the edge of a bin: whatever a bound separates is then counted exactly, and quantiles are known
 * to half a bin. Memory is the same for a hundred pixels and for a hundred million.
 */
export const MILLIONTHS = 1_000_000
/** Millionths in one bin. */
export const BIN_MILLIONTHS = 100
/** Bins from −1 up; the last holds the value 1 alone. */
export const BINS = (2 * MILLIONTHS) / BIN_MILLIONTHS + 1

/** The bin whose lower edge is `bound`, which must be a multiple of 1e-4. */
export function binOf(bound: number): number {
  const bin = Math.round((bound + 1) * (MILLIONTHS / BIN_MILLIONTHS))
  invariant(Math.abs((bound + 1) * (MILLIONTHS / BIN_MILLIONTHS) - bin) < 1e-6, 'a bound is a multiple of 1e-4')
  return bin
}

/** The middle of a bin; for the last, 1. */
export function valueAtBin(bin: number): number {
  return bin >= BINS - 1 ? 1 : (2 * bin + 1 - (BINS - 1)) / (BINS - 1)
}

/** The share of the counted pixels at or above `bound`; undefined when none was counted. */
export function shareFrom(histogram: Uint32Array, bound: number): number | undefined {
  const first = Math.max(0, binOf(bound))
  let [from, all] = [0, 0]
  for (let bin = 0; bin < histogram.length; bin++) {
    all += histogram[bin]!
    if (bin >= first) from += histogram[bin]!
  }
  return all === 0 ? undefined : from / all
}

/** The bin in which the pixel of this rank lies when all are sorted; the first has rank 1. */
export function binOfRank(histogram: ArrayLike<number>, rank: number): number {
  let reached = 0
  for (let bin = 0; bin < histogram.length; bin++) {
    reached += histogram[bin]!
    if (reached >= rank) return bin
  }
  return histogram.length - 1
}

/**
 * The value below which a share `p` of the `count` pixels lies, by the middle of its bin: within 5e-5 of the value of that rank.
 * The median of an even number is the mean of the two in the middle.
 */
export function quantile(histogram: Uint32Array, count: number, p: number): number {
  const rank = p * count
  const lower = Math.max(1, Math.ceil(rank))
  const upper = Math.min(count, Math.floor(rank) + 1)
  return (valueAtBin(binOfRank(histogram, lower)) + valueAtBin(binOfRank(histogram, upper))) / 2
}

export interface HistogramBar {
  from: number
  to: number
  pixels: number
}

/** The histogram in bars of `bins` bins each (200 unless said otherwise, which is 0.02) for people to look at. */
export function bars(histogram: Uint32Array, bins = 200): HistogramBar[] {
  const found: HistogramBar[] = []
  const edge = (bin: number) => (2 * bin - (BINS - 1)) / (BINS - 1)
  for (let first = 0; first < BINS - 1; first += bins) {
    // The value 1 stands in a bin of its own and belongs to the last bar.
    const end = first + bins >= BINS - 1 ? BINS : first + bins
    let pixels = 0
    for (let bin = first; bin < end; bin++) pixels += histogram[bin]!
    found.push({ from: edge(first), to: edge(Math.min(BINS - 1, end)), pixels })
  }
  return found
}
