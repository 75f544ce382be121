import { describe, expect, it } from 'vitest'
import { findKeypoints } from './keypoints.ts'
import { randomOf } from '../learn/random.ts'
import { matchScenes } from './same-scene.ts'

/** A place made of bright and dark blocks at random, drawn four to a pixel, which can be looked at through any geometry. */
function place(seed: number) {
  const { next } = randomOf(seed)
  const [side, fine] = [300, 2]
  const map = new Float32Array(side * fine * side * fine).fill(0.5)
  for (let block = 0; block < 420; block++) {
    const [left, top] = [side * fine * (1.1 * next() - 0.1), side * fine * (1.1 * next() - 0.1)].map(Math.round)
    const [width, height] = [fine * (6 + 22 * next()), fine * (6 + 22 * next())].map(Math.round)
    const value = next()
    for (let row = Math.max(0, top!); row < Math.min(side * fine, top! + height!); row++) {
      map.fill(value, row * side * fine + Math.max(0, left!), row * side * fine + Math.min(side * fine, left! + width!))
    }
  }
  const within = (at: number) => Math.max(0, Math.min(side * fine - 1, Math.floor(at * fine)))
  return (x: number, y: number) => map[within(y) * side * fine + within(x)]!
}

const SIDE = 256
/** Each pixel is the mean of four looks, as a lens would have it, with a little noise. */
function look(
  at: (x: number, y: number) => number,
  through: (x: number, y: number) => readonly [number, number],
  seed = 1,
) {
  const { next: draw } = randomOf(seed)
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)]
    let sum = 0
    for (const [u, v] of [
      [-0.25, -0.25],
      [0.25, -0.25],
      [-0.25, 0.25],
      [0.25, 0.25],
    ] as const) {
      sum += at(...through(x + u, y + v)) / 4
    }
    return sum + 0.02 * (draw() - 0.5)
  })
}

const shore = place(1)
const straight = (x: number, y: number) => [x + 20, y + 20] as const
const pointsOf = (picture: Float32Array) => findKeypoints(picture, SIDE, SIDE)
const own = pointsOf(look(shore, straight))

describe('two photographs', () => {
  it('of one scene agree, though one is turned, nearer, seen at an angle, brighter and noisy', () => {
    const [cos, sin] = [Math.cos(1.2), Math.sin(1.2)]
    const aslant = (x: number, y: number) => {
      const [u, v] = [0.9 * (x - 128), 0.9 * (y - 128)]
      const depth = 1 + 0.0006 * u
      return [148 + (cos * u - sin * v) / depth, 148 + (sin * u + cos * v) / depth] as const
    }
    const other = look(shore, aslant, 2).map((value) => 0.2 + 0.7 * value)
    const match = matchScenes(own, pointsOf(other))
    expect(match.verdict).toBe('same_scene')
    expect(match.inliers).toBeGreaterThanOrEqual(30)
    // Whichever is asked first, the same corners find each other.
    expect(matchScenes(pointsOf(other), own).matches).toBe(match.matches)
    expect(matchScenes(own, pointsOf(other))).toEqual(match)
  })

  it('of different scenes do not, and that is said to prove nothing', () => {
    const match = matchScenes(own, pointsOf(look(place(2), straight)))
    expect(match.inliers).toBeLessThan(10)
    expect(match.verdict).toBe('cannot_tell')
  })

  it('without corners, or too small for any, cannot be compared', () => {
    const bare = pointsOf(new Float32Array(SIDE * SIDE).fill(0.4))
    expect(bare.count).toBe(0)
    expect(matchScenes(own, bare)).toEqual({ matches: 0, inliers: 0, verdict: 'cannot_tell' })
    expect(findKeypoints(new Float32Array(63 * 200), 63, 200).count).toBe(0)
  })
})
