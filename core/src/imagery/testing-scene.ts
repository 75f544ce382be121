/**
 * A landscape that is a formula: patches of every width from one and a half pixels up, which can be looked at from any place
 * between pixels. Tests of registration and resampling take their truth from it, and not from a resampler.
 */
export interface Landscape {
  /** The value at a place in pixels. */
  at(x: number, y: number): number
  sample(width: number, height: number, shift_x?: number, shift_y?: number): Float32Array
}

/** The same numbers for the same seed, evenly spread over [0, 1). */
export function lottery(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A sum of waves in every direction, no shorter than `wave_least_px` pixels: around 0.3, mostly within ±0.15. */
export function landscape(seed: number, waves = 24, wave_least_px = 4): Landscape {
  const draw = lottery(seed)
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
