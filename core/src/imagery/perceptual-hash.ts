import { invariant } from '../lib/invariant.ts'

/**
 * A fingerprint of what a picture looks like, the same for a copy that was recompressed, resized or recoloured: 64 signs of the
 * lowest frequencies of its brightness (Zauner 2010, pHash). Two fingerprints are compared by how many signs differ.
 */

/** The side to which a picture is shrunk before its frequencies are taken. */
const SIDE = 32
/** Frequencies 1 to 8 along both sides; 0 is brightness and says nothing of content. */
const FREQUENCIES = 8

/** Brightness of a colour after ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, in the unit of the bands. */
export function brightness(
  red: ArrayLike<number>,
  green: ArrayLike<number>,
  blue: ArrayLike<number>,
  out: Float32Array = new Float32Array(red.length),
): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = 0.299 * red[i]! + 0.587 * green[i]! + 0.114 * blue[i]!
  return out
}

/** A picture shrunk to 32 × 32 by the mean over what each of the new pixels covers, parts of pixels included. */
export function shrink(values: ArrayLike<number>, width: number, height: number): Float64Array {
  invariant(values.length === width * height && width > 0 && height > 0, 'a picture has width × height pixels')
  const rows = new Float64Array(SIDE * height)
  for (let y = 0; y < height; y++) shrinkLine(values, y * width, 1, width, rows, y * SIDE, 1)
  const out = new Float64Array(SIDE * SIDE)
  for (let x = 0; x < SIDE; x++) shrinkLine(rows, x, SIDE, height, out, x, SIDE)
  return out
}

function shrinkLine(
  from: ArrayLike<number>,
  start: number,
  stride: number,
  length: number,
  to: Float64Array,
  to_start: number,
  to_stride: number,
) {
  const step = length / SIDE
  for (let k = 0; k < SIDE; k++) {
    const [left, right] = [k * step, (k + 1) * step]
    let sum = 0
    for (let i = Math.floor(left); i < Math.min(length, Math.ceil(right)); i++) {
      sum += from[start + i * stride]! * (Math.min(right, i + 1) - Math.max(left, i))
    }
    to[to_start + k * to_stride] = sum / step
  }
}

/** Cosines of frequency u at the centre of pixel x: the type II cosine transform. */
const cosines = Float64Array.from({ length: FREQUENCIES * SIDE }, (_, i) => {
  const [u, x] = [Math.floor(i / SIDE) + 1, i % SIDE]
  return Math.cos((Math.PI * u * (2 * x + 1)) / (2 * SIDE))
})

/** The 64 lowest frequencies of a 32 × 32 picture, rows of v, columns of u. */
function frequencies(shrunk: Float64Array): Float64Array {
  const along = new Float64Array(SIDE * FREQUENCIES)
  for (let y = 0; y < SIDE; y++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0
      for (let x = 0; x < SIDE; x++) sum += shrunk[y * SIDE + x]! * cosines[u * SIDE + x]!
      along[y * FREQUENCIES + u] = sum
    }
  }
  const out = new Float64Array(FREQUENCIES * FREQUENCIES)
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0
      for (let y = 0; y < SIDE; y++) sum += along[y * FREQUENCIES + u]! * cosines[v * SIDE + y]!
      out[v * FREQUENCIES + u] = sum
    }
  }
  return out
}

/** Sixteen hexadecimal digits: a bit for every frequency, set where it lies above the median of all. */
function hashOf(values: Float64Array): string {
  const sorted = values.toSorted()
  const median = (sorted[31]! + sorted[32]!) / 2
  let hash = ''
  for (let digit = 0; digit < 16; digit++) {
    let nibble = 0
    for (let bit = 0; bit < 4; bit++) nibble = nibble * 2 + Number(values[digit * 4 + bit]! > median)
    hash += nibble.toString(16)
  }
  return hash
}

/** The fingerprint of a picture by its brightness: sixteen hexadecimal digits. */
export function perceptualHash(values: ArrayLike<number>, width: number, height: number): string {
  return hashOf(frequencies(shrink(values, width, height)))
}

/**
 * The fingerprints of a picture as it is, turned and mirrored: eight in all, its own first. Mirroring turns the sign of the odd
 * frequencies and a quarter turn swaps rows and columns, so none of the eight pictures needs to be made.
 */
export function orientedHashes(values: ArrayLike<number>, width: number, height: number): string[] {
  const own = frequencies(shrink(values, width, height))
  const hashes: string[] = []
  for (const is_turned of [false, true]) {
    for (const [sign_u, sign_v] of [
      [1, 1],
      [-1, 1],
      [1, -1],
      [-1, -1],
    ] as const) {
      const oriented = own.map((_, i) => {
        const [v, u] = [Math.floor(i / FREQUENCIES), i % FREQUENCIES]
        const value = is_turned ? own[u * FREQUENCIES + v]! : own[i]!
        // Frequency 1 stands at place 0, so the odd ones are at even places.
        return value * (u % 2 === 0 ? sign_u : 1) * (v % 2 === 0 ? sign_v : 1)
      })
      hashes.push(hashOf(oriented))
    }
  }
  return hashes
}

/** In how many of their 64 bits two fingerprints differ. */
export function hashDistance(one: string, other: string): number {
  invariant(/^[0-9a-f]{16}$/.test(one) && /^[0-9a-f]{16}$/.test(other), 'a fingerprint has sixteen hexadecimal digits')
  let distance = 0
  for (let digit = 0; digit < 16; digit++) {
    let differing = Number.parseInt(one[digit]!, 16) ^ Number.parseInt(other[digit]!, 16)
    for (; differing > 0; differing >>= 1) distance += differing & 1
  }
  return distance
}

/** The least distance of a fingerprint to any of the eight of another picture. */
export function pictureDistance(hash: string, oriented: readonly string[]): number {
  return Math.min(...oriented.map((other) => hashDistance(hash, other)))
}
