import { invariant } from '../lib/invariant.ts'
import { randomOf } from '../learn/random.ts'

/**
 * Corners of a picture and what each looks like, so that two photographs can be asked whether they show one scene: corners by
 * FAST-9 (Rosten and Drummond 2006) on three sizes of the picture, each with an orientation by its centroid of brightness and 256
 * comparisons of brightness turned with it (ORB, Rublee et al. 2011). The comparisons are drawn once from a fixed seed.
 */
export interface Keypoints {
  count: number
  /** In pixels of the picture. */
  x: Float32Array
  y: Float32Array
  /** Eight words of 32 bits for every point. */
  words: Int32Array
  /** The side of the square that one pixel of the level covers, for every point. */
  scale: Float32Array
}

export const WORDS = 8
const COMPARISONS = 32 * WORDS
/** Sizes relative to the picture. */
const levels = [1, 1.5, 2.25] as const
const POINTS_MOST = 600
/** Of the range of brightness, by how much a ring must be brighter or darker than its centre. */
const CONTRAST = 0.05
/** Around a point, what its description looks at; a point nearer to the edge has none. */
const PATCH_PX = 15
const EDGE_PX = 20
const ARC = 9
/** Corners are kept evenly: the strongest of each cell of so many by so many. */
const CELLS = 12

/** The ring of sixteen pixels at a distance of three, clockwise from the top. */
const ring: readonly (readonly [number, number])[] = [
  [0, -3],
  [1, -3],
  [2, -2],
  [3, -1],
  [3, 0],
  [3, 1],
  [2, 2],
  [1, 3],
  [0, 3],
  [-1, 3],
  [-2, 2],
  [-3, 1],
  [-3, 0],
  [-3, -1],
  [-2, -2],
  [-1, -3],
]

/** Pairs of places around a point, normally spread and within the patch: x0, y0, x1, y1. */
const comparisons = (() => {
  const { normal } = randomOf(20_110)
  return Float64Array.from({ length: 4 * COMPARISONS }, () => Math.max(-12, Math.min(12, 6 * normal())))
})()

interface Picture {
  values: Float32Array
  width: number
  height: number
}

/** The corners of a picture of brightness, of any unit, at most some 600 over all sizes. Under 64 pixels across there are none. */
export function findKeypoints(brightness: Float32Array, width: number, height: number): Keypoints {
  invariant(brightness.length === width * height, 'a picture has width × height pixels')
  const found: { x: number; y: number; scale: number; words: Int32Array }[] = []
  const contrast = CONTRAST * rangeOf(brightness)
  let picture: Picture = { values: brightness, width, height }
  for (const [index, scale] of levels.entries()) {
    if (index > 0) picture = smaller(smoothed(picture), scale / levels[index - 1]!)
    if (Math.min(picture.width, picture.height) < 64 || !(contrast > 0)) break
    const calm = smoothed(smoothed(picture))
    const most = Math.round(POINTS_MOST * [0.5, 0.3, 0.2][index]!)
    for (const { x, y } of cornersOf(picture, contrast, most)) {
      const words = describe(calm, x, y)
      found.push({ x: (x + 0.5) * scale - 0.5, y: (y + 0.5) * scale - 0.5, scale, words })
    }
  }
  const words = new Int32Array(WORDS * found.length)
  for (const [i, point] of found.entries()) words.set(point.words, WORDS * i)
  return {
    count: found.length,
    x: Float32Array.from(found, ({ x }) => x),
    y: Float32Array.from(found, ({ y }) => y),
    scale: Float32Array.from(found, ({ scale }) => scale),
    words,
  }
}

function rangeOf(values: Float32Array): number {
  const sample = values.filter((_, i) => i % 7 === 0).sort()
  return sample.length === 0
    ? 0
    : sample[Math.floor(0.99 * (sample.length - 1))]! - sample[Math.floor(0.01 * sample.length)]!
}

interface Corner {
  x: number
  y: number
  strength: number
}

function cornersOf(picture: Picture, contrast: number, most: number): Corner[] {
  const { width, height } = picture
  const strengths = new Float32Array(width * height)
  const offsets = ring.map(([x, y]) => y * width + x)
  for (let y = EDGE_PX; y < height - EDGE_PX; y++) {
    for (let x = EDGE_PX; x < width - EDGE_PX; x++) {
      strengths[y * width + x] = cornerStrength(picture.values, y * width + x, offsets, contrast)
    }
  }
  const cells = new Map<number, Corner[]>()
  for (let y = EDGE_PX; y < height - EDGE_PX; y++) {
    for (let x = EDGE_PX; x < width - EDGE_PX; x++) {
      const strength = strengths[y * width + x]!
      if (strength === 0 || !isStrongest(strengths, y * width + x, width)) continue
      const cell = Math.floor((y * CELLS) / height) * CELLS + Math.floor((x * CELLS) / width)
      const there = cells.get(cell)
      if (there) there.push({ x, y, strength })
      else cells.set(cell, [{ x, y, strength }])
    }
  }
  const per_cell = Math.max(1, Math.ceil(most / (CELLS * CELLS)))
  const kept = [...cells.values()].flatMap((corners) =>
    corners.sort((a, b) => b.strength - a.strength).slice(0, 2 * per_cell),
  )
  return kept.sort((a, b) => b.strength - a.strength).slice(0, most)
}

/** The sum by which an arc of nine of the ring exceeds the contrast; 0 without such an arc. */
function cornerStrength(values: Float32Array, i: number, offsets: readonly number[], contrast: number): number {
  const centre = values[i]!
  let [brighter, darker, longest_brighter, longest_darker, sum] = [0, 0, 0, 0, 0]
  // The ring is walked one and a half times, so that an arc over its seam is found as well.
  for (let k = 0; k < 16 + ARC - 1; k++) {
    const off = values[i + offsets[k & 15]!]! - centre
    brighter = off > contrast ? brighter + 1 : 0
    darker = off < -contrast ? darker + 1 : 0
    if (brighter > longest_brighter) longest_brighter = brighter
    if (darker > longest_darker) longest_darker = darker
    if (k < 16) sum += Math.max(0, Math.abs(off) - contrast)
  }
  return longest_brighter >= ARC || longest_darker >= ARC ? sum : 0
}

function isStrongest(strengths: Float32Array, i: number, width: number): boolean {
  const own = strengths[i]!
  for (let row = -1; row <= 1; row++) {
    for (let col = -1; col <= 1; col++) {
      const near = strengths[i + row * width + col]!
      // Of two equal neighbours the earlier stays.
      if (near > own || (near === own && row * width + col < 0)) return false
    }
  }
  return true
}

/** 256 comparisons of a smoothed picture around a point, turned to where its centroid of brightness lies. */
function describe({ values, width }: Picture, x: number, y: number): Int32Array {
  let [moment_x, moment_y] = [0, 0]
  for (let v = -PATCH_PX; v <= PATCH_PX; v++) {
    const half = Math.floor(Math.sqrt(PATCH_PX * PATCH_PX - v * v))
    for (let u = -half; u <= half; u++) {
      const value = values[(y + v) * width + x + u]!
      moment_x += u * value
      moment_y += v * value
    }
  }
  const length = Math.sqrt(moment_x * moment_x + moment_y * moment_y)
  const [cos, sin] = length > 0 ? [moment_x / length, moment_y / length] : [1, 0]
  const at = (k: number) => {
    const [u, v] = [comparisons[k]!, comparisons[k + 1]!]
    return values[(y + Math.round(sin * u + cos * v)) * width + x + Math.round(cos * u - sin * v)]!
  }
  const words = new Int32Array(WORDS)
  for (let k = 0; k < COMPARISONS; k++) {
    if (at(4 * k) < at(4 * k + 2)) words[k >> 5]! |= 1 << (k & 31)
  }
  return words
}

/** Smoothed by 1 4 6 4 1 along rows and columns; the two outermost pixels stay as they are. */
function smoothed({ values, width, height }: Picture): Picture {
  const along = values.slice()
  for (let y = 0; y < height; y++) {
    for (let i = y * width + 2; i < (y + 1) * width - 2; i++) {
      along[i] = (values[i - 2]! + values[i + 2]! + 4 * (values[i - 1]! + values[i + 1]!) + 6 * values[i]!) / 16
    }
  }
  const out = along.slice()
  for (let i = 2 * width; i < (height - 2) * width; i++) {
    const near = along[i - width]! + along[i + width]!
    out[i] = (along[i - 2 * width]! + along[i + 2 * width]! + 4 * near + 6 * along[i]!) / 16
  }
  return { values: out, width, height }
}

function smaller({ values, width, height }: Picture, times: number): Picture {
  const [new_width, new_height] = [Math.floor(width / times), Math.floor(height / times)]
  const out = new Float32Array(new_width * new_height)
  for (let y = 0; y < new_height; y++) {
    const v = Math.min(height - 1.001, (y + 0.5) * times - 0.5)
    const [top, share_y] = [Math.floor(v), v - Math.floor(v)]
    for (let x = 0; x < new_width; x++) {
      const u = Math.min(width - 1.001, (x + 0.5) * times - 0.5)
      const [left, share_x] = [Math.floor(u), u - Math.floor(u)]
      const i = top * width + left
      const upper = values[i]! + share_x * (values[i + 1]! - values[i]!)
      const lower = values[i + width]! + share_x * (values[i + width + 1]! - values[i + width]!)
      out[y * new_width + x] = upper + share_y * (lower - upper)
    }
  }
  return { values: out, width: new_width, height: new_height }
}
