import { WORDS, type Keypoints } from './keypoints.ts'
import { randomOf } from '../learn/random.ts'

/**
 * Whether two photographs show one scene: how many of their corners look alike and lie as one plane seen from two places would have
 * them (a homography found by RANSAC, Fischler and Bolles 1981). Many agreeing points are proof of one scene. Few are proof of
 * nothing: plants grow, light changes, and a photographer steps aside.
 */
export interface SceneMatch {
  /** Corners that look more like one of the other picture than like any further one, both ways. */
  matches: number
  /** Of these, those that agree on one geometry. Four agree by construction. */
  inliers: number
  verdict: 'same_scene' | 'doubtful' | 'cannot_tell'
}

/** From a handful of pairs: the same place gave 189 and 373, different photographs 0 to 4. Provisional. */
export const INLIERS_SAME = 30
export const INLIERS_DOUBT = 15
/** Of 256 comparisons, how many may differ between two looks at one corner. */
const BITS_MOST = 70
/** The best match must be this much better than the second best. */
const RATIO_MOST = 0.85
const ROUNDS = 800
/** How far from its place a point may lie, in pixels of the level on which it was found. */
const INLIER_PX = 3
const SEED = 4_712

/** Compares the corners of two pictures. The draw of samples is fixed, so the same pictures give the same numbers. */
export function matchScenes(one: Keypoints, other: Keypoints): SceneMatch {
  const pairs = mutualMatches(one, other)
  const inliers = pairs.length < 4 ? 0 : mostAgreeing(one, other, pairs)
  const verdict = inliers >= INLIERS_SAME ? 'same_scene' : inliers >= INLIERS_DOUBT ? 'doubtful' : 'cannot_tell'
  return { matches: pairs.length, inliers, verdict }
}

type Pair = readonly [one: number, other: number]

function mutualMatches(one: Keypoints, other: Keypoints): Pair[] {
  const forth = nearest(one, other)
  const back = nearest(other, one)
  return [...forth].flatMap((match, i): Pair[] => (match >= 0 && back[match] === i ? [[i, match]] : []))
}

/** For every point its nearest in the other picture; −1 where that is too different or hardly nearer than the next. */
function nearest(from: Keypoints, to: Keypoints): Int32Array {
  const found = new Int32Array(from.count).fill(-1)
  for (let i = 0; i < from.count; i++) {
    let [best, second, at] = [Infinity, Infinity, -1]
    for (let j = 0; j < to.count; j++) {
      const bits = differingBits(from.words, i * WORDS, to.words, j * WORDS)
      if (bits < best) {
        second = best
        best = bits
        at = j
      } else if (bits < second) second = bits
    }
    if (best <= BITS_MOST && best <= RATIO_MOST * second) found[i] = at
  }
  return found
}

function differingBits(one: Int32Array, i: number, other: Int32Array, j: number): number {
  let bits = 0
  for (let k = 0; k < WORDS; k++) {
    let word = one[i + k]! ^ other[j + k]!
    word -= (word >>> 1) & 0x55555555
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
    bits += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return bits
}

function mostAgreeing(one: Keypoints, other: Keypoints, pairs: readonly Pair[]): number {
  const { next: draw } = randomOf(SEED)
  let most = 0
  for (let round = 0; round < ROUNDS; round++) {
    const sample = [0, 1, 2, 3].map(() => pairs[Math.floor(draw() * pairs.length)]!)
    if (new Set(sample.map(([i]) => i)).size < 4) continue
    const map = homography(one, other, sample)
    if (!map || !isPlausible(map, one, sample)) continue
    most = Math.max(most, agreeing(map, one, other, pairs))
  }
  return most
}

function agreeing(map: Float64Array, one: Keypoints, other: Keypoints, pairs: readonly Pair[]): number {
  let count = 0
  for (const [i, j] of pairs) {
    const [x, y] = [one.x[i]!, one.y[i]!]
    const depth = map[6]! * x + map[7]! * y + 1
    const off_x = (map[0]! * x + map[1]! * y + map[2]!) / depth - other.x[j]!
    const off_y = (map[3]! * x + map[4]! * y + map[5]!) / depth - other.y[j]!
    const reach = INLIER_PX * other.scale[j]!
    if (depth > 0 && off_x * off_x + off_y * off_y <= reach * reach) count += 1
  }
  return count
}

/** A plane that is seen keeps its front to the camera and is not squeezed onto a line or a point. */
function isPlausible(map: Float64Array, one: Keypoints, sample: readonly Pair[]): boolean {
  const [a, b, , d, e] = map
  const area = a! * e! - b! * d!
  return area > 0.05 && area < 20 && sample.every(([i]) => map[6]! * one.x[i]! + map[7]! * one.y[i]! + 1 > 0.2)
}

/**
 * The projective map through four pairs of points, a … h of x' = (ax + by + c) / (gx + hy + 1); undefined when three of them lie on
 * a line.
 */
function homography(one: Keypoints, other: Keypoints, sample: readonly Pair[]): Float64Array | undefined {
  const rows: Float64Array[] = []
  for (const [i, j] of sample) {
    const [x, y, u, v] = [one.x[i]!, one.y[i]!, other.x[j]!, other.y[j]!]
    rows.push(
      Float64Array.of(x, y, 1, 0, 0, 0, -u * x, -u * y, u),
      Float64Array.of(0, 0, 0, x, y, 1, -v * x, -v * y, v),
    )
  }
  for (let k = 0; k < 8; k++) {
    let pivot = k
    for (let i = k + 1; i < 8; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i
    const row = rows[pivot]!
    if (!(Math.abs(row[k]!) > 1e-9)) return undefined
    rows[pivot] = rows[k]!
    rows[k] = row
    for (let i = 0; i < 8; i++) {
      if (i === k) continue
      const share = rows[i]![k]! / row[k]!
      if (share !== 0) for (let j = k; j < 9; j++) rows[i]![j]! -= share * row[j]!
    }
  }
  return Float64Array.from(rows, (row, k) => row[8]! / row[k]!)
}
