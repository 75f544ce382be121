import { randomOf } from '../learn/random.ts'

/**
 * A landscape that is a formula: patches of every width from one and a half pixels up, which can be looked at from any place
 * between pixels. Tests of registration and resampling take their truth from it, and not from a resampler.
 */
export interface Landscape {
  /** The value at a place in pixels. */
  at(x: number, y: number): number
  sample(width: number, height: number, shift_x?: number, shift_y?: number): Float32Array
}

/** A sum of waves in every direction, no shorter than `wave_least_px` pixels: around 0.3, mostly within ±0.15. */
export function landscape(seed: number, waves = 24, wave_least_px = 4): Landscape {
  const { next: draw } = randomOf(seed)
  const parts = Array.from({ length: waves }, () => {
    const length_px = wave_least_px * (1 + 7 * draw() ** 2)
    const angle = 2 * Math.PI * draw()
    const turns = (2 * Math.PI) / length_px
    return { x: turns * Math.cos(angle), y: turns * Math.sin(angle), phase: 2 * Math.PI * draw() }
  })
  const scale = 0.1 * Math.sqrt(2 / waves)
  const at = (x: number, y: number) =>
    parts.reduce((sum, part) => sum + scale * Math.cos(part.x * x + part.y * y + part.phase), 0.3)
  return {
    at,
    /** What lies at (x, y) is seen at (x + shift_x, y + shift_y). */
    sample: (width, height, shift_x = 0, shift_y = 0) =>
      Float32Array.from({ length: width * height }, (_, i) =>
        at((i % width) - shift_x, Math.floor(i / width) - shift_y),
      ),
  }
}

/**
 * A landscape of round patches one to six pixels wide, each where chance put it: unlike waves, no part of it resembles another. What
 * lies at (x, y) is seen at (x + shift_x, y + shift_y).
 */
export function patches(seed: number, width: number, height: number) {
  const { next } = randomOf(seed)
  const parts = Array.from({ length: Math.round((width * height) / 25) }, () => ({
    x: width * (1.3 * next() - 0.15),
    y: height * (1.3 * next() - 0.15),
    spread: 1 + 5 * next(),
    height: 0.1 * (next() - 0.5),
  }))
  return (shift_x = 0, shift_y = 0) => {
    const out = new Float32Array(width * height).fill(0.3)
    for (const part of parts) {
      const [x, y, reach] = [part.x + shift_x, part.y + shift_y, 4 * part.spread]
      for (let row = Math.max(0, Math.ceil(y - reach)); row <= Math.min(height - 1, y + reach); row++) {
        for (let col = Math.max(0, Math.ceil(x - reach)); col <= Math.min(width - 1, x + reach); col++) {
          const away = ((col - x) ** 2 + (row - y) ** 2) / (2 * part.spread ** 2)
          out[row * width + col]! += part.height * Math.exp(-away)
        }
      }
    }
    return out
  }
}
