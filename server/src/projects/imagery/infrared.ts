import type { BandRole } from '@tidemark/core/imagery/sensors.ts'
import type { InfraredFacts } from '@tidemark/core/projects/integrity.ts'
import type { SceneWindow } from './scene-reader.ts'

/** Fewer pixels say nothing about how bands depend on each other. */
const PIXELS_LEAST = 1_000
const colours = ['red', 'green', 'blue'] as const

/**
 * How much of the near infrared the visible bands explain: a least-squares plane through them, from sums over windows; and
 * whether it is one of them, pixel by pixel.
 */
export class InfraredCheck {
  readonly #moments = new Float64Array(25)
  readonly #equal = new Map<BandRole, boolean>()
  #pixels = 0

  add({ bands, mask }: SceneWindow): void {
    const nir = bands.get('nir')
    const others = colours.map((role) => bands.get(role))
    if (!nir) return
    for (const [slot, role] of colours.entries()) {
      const band = others[slot]
      if (band && this.#equal.get(role) !== false) this.#equal.set(role, isEqual(nir, band, mask))
    }
    const [red, green, blue] = others
    const moments = this.#moments
    const values = [1, 0, 0, 0, 0]
    // One pixel in nine is enough, and keeps this out of the time that a measurement takes.
    for (let at = 0; at < mask.length; at += 9) {
      if (mask[at] !== 0) continue
      values[1] = red?.[at] ?? 0
      values[2] = green?.[at] ?? 0
      values[3] = blue?.[at] ?? 0
      values[4] = nir[at] ?? 0
      for (let i = 0; i < 5; i += 1) {
        for (let j = i; j < 5; j += 1)
          moments[i * 5 + j] = (moments[i * 5 + j] ?? 0) + (values[i] ?? 0) * (values[j] ?? 0)
      }
      this.#pixels += 1
    }
  }

  /** Undefined when too little was clear. */
  facts(): InfraredFacts | undefined {
    if (this.#pixels < PIXELS_LEAST) return undefined
    const equals = [...this.#equal].find(([, isSame]) => isSame)?.[0] ?? null
    return { r_squared: this.#explained(), equals }
  }

  /** By elimination on the covariances; a band that is missing or depends on the ones before it explains nothing more. */
  #explained(): number {
    const n = this.#pixels
    const moment = (i: number, j: number) => (this.#moments[Math.min(i, j) * 5 + Math.max(i, j)] ?? 0) / n
    const covariance = [1, 2, 3, 4].map((i) => [1, 2, 3, 4].map((j) => moment(i, j) - moment(0, i) * moment(0, j)))
    const of = (i: number, j: number) => covariance[i]?.[j] ?? 0
    const all = of(3, 3)
    if (!(all > 0)) return 0
    let left = all
    for (let pivot = 0; pivot < 3; pivot += 1) {
      const own = of(pivot, pivot)
      if (!(own > 1e-12)) continue
      left -= of(pivot, 3) ** 2 / own
      for (let i = pivot + 1; i < 4; i += 1) {
        const share = of(i, pivot) / own
        const row = covariance[i]
        if (!row) continue
        for (let j = pivot + 1; j < 4; j += 1) row[j] = (row[j] ?? 0) - share * of(pivot, j)
      }
    }
    return Math.min(1, Math.max(0, 1 - left / all))
  }
}

function isEqual(one: Float32Array, other: Float32Array, mask: Uint8Array): boolean {
  for (let at = 0; at < mask.length; at += 1) if (mask[at] === 0 && one[at] !== other[at]) return false
  return true
}
