/**
 * Chance that is the same on every machine: a seed names one endless row of numbers.
 * The generator is sfc32 (C. Doty-Humphrey, PractRand), seeded through SplitMix32; neither is fit for secrets.
 */
export interface Random {
  /** Evenly from [0, 1), in steps of 2⁻⁵³. */
  next(): number
  /** Evenly from 0, 1, … below - 1; `below` is a whole number from 1 to 2³². */
  integer(below: number): number
  /** From the normal distribution of mean 0 and deviation 1. */
  normal(): number
  /** Another row of numbers that depends on this seed and `label` only, not on how many were drawn. */
  fork(label: number): Random
}

export function randomOf(seed: number): Random {
  let state = seed | 0
  // A whole seed below 2⁵³ counts in full, not only its low half.
  state ^= Math.imul(Math.floor(seed / 2 ** 32) | 0, 0x9e3779b1)
  const key = state
  const splitmix = () => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let a = splitmix()
  let b = splitmix()
  let c = splitmix()
  let counter = 1
  const bits = () => {
    const out = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + out
    c |= 0
    return out >>> 0
  }
  // Seeds that differ in one bit begin alike until the state has been stirred.
  for (let i = 0; i < 12; i++) bits()
  const next = () => (bits() * 2 ** 21 + (bits() >>> 11)) / 2 ** 53
  const integer = (below: number) => Math.floor(next() * below)
  let spare: number | undefined
  const normal = () => {
    if (spare !== undefined) {
      const taken = spare
      spare = undefined
      return taken
    }
    // Marsaglia's polar method.
    for (;;) {
      const x = 2 * next() - 1
      const y = 2 * next() - 1
      const square = x * x + y * y
      if (square === 0 || square >= 1) continue
      const scale = Math.sqrt((-2 * Math.log(square)) / square)
      spare = y * scale
      return x * scale
    }
  }
  const fork = (label: number) => randomOf((key ^ Math.imul(label + 1, 0x85ebca6b)) >>> 0)
  return { next, integer, normal, fork }
}

/** Puts the items in an order of chance, in place (Fisher and Yates), and returns them. */
export function shuffle<T extends Uint32Array | unknown[]>(items: T, random: Random): T {
  const cells = items as unknown[]
  for (let i = cells.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const kept = cells[i]
    cells[i] = cells[j]
    cells[j] = kept
  }
  return items
}

/** The whole numbers from 0 to count - 1. */
export function range(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i)
}
