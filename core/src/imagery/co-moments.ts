import { invariant } from '../lib/invariant.ts'
import { ExactSum } from './exact-sum.ts'
import { maskCodes, type Band, type Mask } from './grid.ts'

/** Values are counted in steps of this many per one: a ten-thousandth of reflectance, as sensors deliver it. */
const STEPS = 10_000
const PART = 2000

/**
 * Means and covariances of several bands over the clear pixels, window by window. Values are counted in ten-thousandths, so that
 * sums are exact and the same in any order of windows.
 */
export class CoMoments {
  readonly bands: number
  readonly #sums: ExactSum[]
  readonly #products: ExactSum[]
  #pixels = 0

  constructor(bands: number) {
    this.bands = bands
    this.#sums = Array.from({ length: bands }, () => new ExactSum())
    this.#products = Array.from({ length: bands * bands }, () => new ExactSum())
  }

  get pixels(): number {
    return this.#pixels
  }

  add(values: readonly Band[], mask: Mask): void {
    invariant(values.length === this.bands, 'there are as many bands as were announced')
    invariant(
      values.every(({ length }) => length === mask.length),
      'every band of a window has its number of pixels',
    )
    const steps = new Float64Array(this.bands * PART)
    for (let start = 0; start < mask.length; start += PART) {
      const count = this.#gather(values, mask, start, Math.min(mask.length, start + PART), steps)
      this.#pixels += count
      for (let i = 0; i < this.bands; i++) this.#addBand(i, count, steps)
    }
  }

  /** The clear pixels of a part as whole steps, band after band. Returns how many they are. */
  #gather(values: readonly Band[], mask: Mask, start: number, end: number, steps: Float64Array): number {
    let count = 0
    for (let i = start; i < end; i++) {
      if (mask[i] !== maskCodes.clear) continue
      for (let band = 0; band < this.bands; band++) steps[band * PART + count] = Math.round(values[band]![i]! * STEPS)
      count += 1
    }
    return count
  }

  #addBand(i: number, count: number, steps: Float64Array) {
    let sum = 0
    for (let k = 0; k < count; k++) sum += steps[i * PART + k]!
    this.#sums[i]!.add(sum)
    for (let j = i; j < this.bands; j++) {
      let product = 0
      for (let k = 0; k < count; k++) product += steps[i * PART + k]! * steps[j * PART + k]!
      this.#products[i * this.bands + j]!.add(product)
    }
  }

  mean(i: number): number {
    return Number(this.#sums[i]!.total()) / this.#pixels / STEPS
  }

  /** Divided by n, exact but for the last division. */
  covariance(one: number, other: number): number {
    const [i, j] = one <= other ? [one, other] : [other, one]
    const n = BigInt(this.#pixels)
    const scaled = n * this.#products[i * this.bands + j]!.total() - this.#sums[i]!.total() * this.#sums[j]!.total()
    return Number(scaled) / (this.#pixels * STEPS) ** 2
  }

  /** Pearson's r; undefined where a band has no contrast. */
  correlation(i: number, j: number): number | undefined {
    const product = this.covariance(i, i) * this.covariance(j, j)
    if (!(product > 0)) return undefined
    return Math.max(-1, Math.min(1, this.covariance(i, j) / Math.sqrt(product)))
  }
}
