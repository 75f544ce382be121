import { invariant } from '../lib/invariant.ts'

/**
 * A sum of whole numbers that stays exact past 2^53, and so is the same in whatever order and in whatever pieces a picture is
 * read. The inner loop adds doubles over a few thousand pixels and hands each such part over; two doubles hold the rest.
 */
const HIGH = 2 ** 45

export class ExactSum {
  #high = 0
  #low = 0

  /** Adds a whole number of at most 2^53 in size. */
  add(part: number): void {
    const carried = Math.floor(part / HIGH)
    this.#high += carried
    this.#low += part - carried * HIGH
    if (this.#low >= HIGH) {
      this.#low -= HIGH
      this.#high += 1
    }
  }

  total(): bigint {
    invariant(Number.isSafeInteger(this.#low) && Number.isSafeInteger(this.#high), 'a sum of whole numbers is whole')
    return BigInt(this.#high) * BigInt(HIGH) + BigInt(this.#low)
  }
}

/**
 * Mean and standard deviation of `count` whole numbers from their exact sum and sum of squares. The deviation is that of all the
 * numbers there are (divided by n), since pixels of a polygon are no sample of it. Exact to the last bits, so that equal numbers
 * have a deviation of exactly zero.
 */
export function moments(count: number, sum: bigint, squares: bigint): { mean: number; sd: number } {
  const n = BigInt(count)
  const variance_n2 = n * squares - sum * sum
  return { mean: Number(sum) / count, sd: Math.sqrt(Number(variance_n2)) / count }
}
