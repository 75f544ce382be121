import { invariant } from '../lib/invariant.ts'
import { ExactSum, moments } from './exact-sum.ts'
import type { Band, Mask } from './grid.ts'
import { BIN_MILLIONTHS, BINS, MILLIONTHS, quantile } from './histogram.ts'

/** What is known of an index over the clear pixels that were counted. */
export interface IndexSummary {
  pixels: number
  /** Mean of the index pixel by pixel, never the index of mean reflectances. */
  mean: number
  /** Standard deviation of the pixels, divided by n. */
  sd: number
  /** Quantiles are known to 5e-5. */
  median: number
  p05: number
  p25: number
  p75: number
  p95: number
}

/**
 * Statistics of an index in [−1, 1] over pictures of any size, window by window, in 80 kB. Whatever the windows and their order,
 * the numbers are the same to the last bit, because the index is counted in whole millionths.
 */
export class IndexStatistics {
  /** Counted pixels by bins of 1e-4: see histogram.ts. */
  readonly histogram = new Uint32Array(BINS)
  readonly #sum = new ExactSum()
  readonly #squares = new ExactSum()
  #pixels = 0

  get pixels(): number {
    return this.#pixels
  }

  /** Counts the pixels of a window whose mask says clear. Values lie in [−1, 1], as every function of indices.ts leaves them. */
  add(values: Band, mask: Mask): void {
    invariant(values.length === mask.length, 'values and mask of one window have one length')
    for (let start = 0; start < values.length; start += PART) {
      this.#addPart(values, mask, start, Math.min(values.length, start + PART))
    }
  }

  #addPart(values: Band, mask: Mask, start: number, end: number): void {
    const { histogram } = this
    let [pixels, sum, squares] = [0, 0, 0]
    for (let i = start; i < end; i++) {
      if (mask[i] !== 0) continue
      const above = (values[i]! * MILLIONTHS + (MILLIONTHS + 0.5)) | 0
      histogram[(above / BIN_MILLIONTHS) | 0]! += 1
      sum += above
      squares += above * above
      pixels += 1
    }
    this.#pixels += pixels
    this.#sum.add(sum)
    this.#squares.add(squares)
  }

  /** What was counted; undefined when no pixel was clear, for which there is no mean. */
  summary(): IndexSummary | undefined {
    return summarise(this.histogram, this.#pixels, this.#sum.total(), this.#squares.total())
  }
}

/** Pixels between two hand-overs to the exact sums: 2000 squares of up to (2 · 10⁶)² stay below 2^53. */
export const PART = 2000

/** The summary of an index counted in millionths above −1. */
export function summarise(
  histogram: Uint32Array,
  pixels: number,
  sum: bigint,
  squares: bigint,
): IndexSummary | undefined {
  if (pixels === 0) return undefined
  const { mean, sd } = moments(pixels, sum, squares)
  invariant(mean >= 0 && mean <= 2 * MILLIONTHS, 'an index lies in [−1, 1]')
  const at = (p: number) => quantile(histogram, pixels, p)
  return {
    pixels,
    mean: mean / MILLIONTHS - 1,
    sd: sd / MILLIONTHS,
    median: at(0.5),
    p05: at(0.05),
    p25: at(0.25),
    p75: at(0.75),
    p95: at(0.95),
  }
}
