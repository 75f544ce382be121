import { invariant } from '../lib/invariant.ts'

/**
 * Perceptual hashes: 64 bits of what a picture looks like, which change little when it is made smaller, packed again or
 * brightened. The coarse half of the discrete cosine transform of the picture at 32 × 32 pixels of grey, each coefficient
 * compared with their median (Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010, section 3.2).
 */

/** The side of the picture that is hashed. */
export const HASHED_PX = 32
const KEPT = 8

/** Row by row, 0 to 255. */
export type GreyPicture = Uint8Array | Float32Array | Float64Array

/** Sixteen hexadecimal digits. */
export function perceptualHash(grey: GreyPicture): string {
  invariant(grey.length === HASHED_PX * HASHED_PX, 'a picture is hashed at 32 × 32 pixels')
  const coarse = coarseCosines(grey)
  const ranked = Float64Array.from(coarse).sort()
  const median = ((ranked[(KEPT * KEPT) / 2 - 1] ?? 0) + (ranked[(KEPT * KEPT) / 2] ?? 0)) / 2
  let digits = ''
  for (let at = 0; at < coarse.length; at += 4) {
    let nibble = 0
    for (let bit = 0; bit < 4; bit += 1) nibble = nibble * 2 + ((coarse[at + bit] ?? 0) > median ? 1 : 0)
    digits += nibble.toString(16)
  }
  return digits
}

/** The hashes of a picture as it is, turned by quarters, and each of these flipped: eight, its own first. */
export function perceptualHashes(grey: GreyPicture): string[] {
  const hashes: string[] = []
  let turned = grey
  for (let quarter = 0; quarter < 4; quarter += 1) {
    hashes.push(perceptualHash(turned), perceptualHash(flipped(turned)))
    turned = turnedRight(turned)
  }
  return hashes
}

/** In how many of their 64 bits two hashes differ. */
export function hashDistance(one: string, other: string): number {
  let differing = BigInt(`0x${one}`) ^ BigInt(`0x${other}`)
  let bits = 0
  for (; differing !== 0n; differing &= differing - 1n) bits += 1
  return bits
}

/** The smallest distance between a hash and any of several. */
export function nearestHashDistance(hash: string, others: readonly string[]): number {
  return Math.min(64, ...others.map((other) => hashDistance(hash, other)))
}

/** Coefficients (1..8, 1..8): the mean and what is constant along an edge say nothing of a picture. */
function coarseCosines(grey: GreyPicture): Float64Array {
  const side = HASHED_PX
  const cosines = cosineTable()
  const rows = new Float64Array(side * KEPT)
  for (let y = 0; y < side; y += 1) {
    for (let u = 0; u < KEPT; u += 1) {
      let sum = 0
      for (let x = 0; x < side; x += 1) sum += (grey[y * side + x] ?? 0) * (cosines[u * side + x] ?? 0)
      rows[y * KEPT + u] = sum
    }
  }
  const coarse = new Float64Array(KEPT * KEPT)
  for (let v = 0; v < KEPT; v += 1) {
    for (let u = 0; u < KEPT; u += 1) {
      let sum = 0
      for (let y = 0; y < side; y += 1) sum += (rows[y * KEPT + u] ?? 0) * (cosines[v * side + y] ?? 0)
      coarse[v * KEPT + u] = sum
    }
  }
  return coarse
}

let table: Float64Array | undefined

function cosineTable(): Float64Array {
  table ??= Float64Array.from({ length: KEPT * HASHED_PX }, (_, at) => {
    const [u, x] = [Math.floor(at / HASHED_PX) + 1, at % HASHED_PX]
    return Math.cos(((2 * x + 1) * u * Math.PI) / (2 * HASHED_PX))
  })
  return table
}

function moved(grey: GreyPicture, from: (x: number, y: number) => number): Float64Array {
  return Float64Array.from(
    { length: HASHED_PX * HASHED_PX },
    (_, at) => grey[from(at % HASHED_PX, Math.floor(at / HASHED_PX))] ?? 0,
  )
}

const flipped = (grey: GreyPicture) => moved(grey, (x, y) => y * HASHED_PX + (HASHED_PX - 1 - x))
const turnedRight = (grey: GreyPicture) => moved(grey, (x, y) => (HASHED_PX - 1 - x) * HASHED_PX + y)
