/**
 * What a measurement of trial ground should find, worked out from the ground itself by formulas of its own: NDVI, water and classes
 * are written out here again, so that no fault of the code on trial can hide in its own truth.
 */
import type { MeasuredPair } from '../measurement.ts'
import type { Light } from './light.ts'
import { isInside, SIDE_PX, type Outline } from './ground.ts'

export const DELTA_OFF_MOST = 0.05
export const SHARE_OFF_MOST = 0.05

export interface Truth {
  /** Pixels inside the true outline that are land on both dates. */
  pixels: number
  delta: number
  /** Shares of water or negative, barren, sparse, moderate and dense. */
  classes: { before: number[]; after: number[] }
  /** Shares with an NDVI of 0.4 and more: what counts as covered, and all of a picture that becomes tonnes. */
  cover: { before: number; after: number }
  /** Of the same pixels: the change of (G − R) / (G + R), and the share more than half under leaves. */
  greenness_delta: number
  leaves: { before: number; after: number }
}

const bounds = [0, 0.2, 0.4, 0.6]
const covered = ([, , , moderate = 0, dense = 0]: readonly number[]) => moderate + dense
const classOf = (ndvi: number) => bounds.filter((bound) => ndvi >= bound).length

/** Of pictures without noise, as they should lie; `leaves` is the share under leaves of every pixel. */
export function truthOf(
  outline: Outline,
  light: { before: Light; after: Light },
  leaves: { before: Float32Array; after: Float32Array },
): Truth {
  const sums = { ndvi: 0, greenness: 0, before: 0, after: 0 }
  const classes = { before: [0, 0, 0, 0, 0], after: [0, 0, 0, 0, 0] }
  let pixels = 0
  const isWater = (of: Light, at: number) => of.green[at]! > of.nir[at]!
  for (let row = 0, at = 0; row < SIDE_PX; row++) {
    for (let col = 0; col < SIDE_PX; col++, at++) {
      if (!isInside(outline, col + 0.5, row + 0.5) || isWater(light.before, at) || isWater(light.after, at)) continue
      pixels++
      const [first, second] = [ratio('nir', light.before, at), ratio('nir', light.after, at)]
      sums.ndvi += second - first
      sums.greenness += ratio('green', light.after, at) - ratio('green', light.before, at)
      classes.before[classOf(first)]!++
      classes.after[classOf(second)]!++
      if (leaves.before[at]! > 0.5) sums.before++
      if (leaves.after[at]! > 0.5) sums.after++
    }
  }
  const share = (count: number) => (pixels === 0 ? 0 : count / pixels)
  return {
    pixels,
    delta: share(sums.ndvi),
    classes: { before: classes.before.map(share), after: classes.after.map(share) },
    cover: { before: share(covered(classes.before)), after: share(covered(classes.after)) },
    greenness_delta: share(sums.greenness),
    leaves: { before: share(sums.before), after: share(sums.after) },
  }
}

const ratio = (role: 'nir' | 'green', light: Light, at: number) =>
  (light[role][at]! - light.red[at]!) / (light[role][at]! + light.red[at]!)

export interface Graded {
  /** The change within 0.05, and the covered share of both dates within five points. */
  correct: boolean
  /** Besides, every class of both dates within five points. */
  is_fine: boolean
  delta_off: number
  /** The larger of both dates; null where the measurement names no share. */
  cover_off: number | null
  /** The largest of all classes and both dates; null where the measurement names none. */
  class_off: number | null
}

/**
 * Holds what was measured against the truth. A measurement that gives no share does not say what was asked, and is not right.
 * Greenness is held against greenness, and its green pixels against ground under leaves.
 */
export function gradePair(truth: Truth, found: MeasuredPair): Graded {
  const isGreenness = found.index.kind === 'greenness'
  const delta_off = Math.abs(found.index.delta - (isGreenness ? truth.greenness_delta : truth.delta))
  const cover_off = coverOff(isGreenness ? truth.leaves : truth.cover, found)
  const class_off = classesOff(truth, found)
  const correct = delta_off <= DELTA_OFF_MOST && isWithin(cover_off)
  return { correct, is_fine: correct && isWithin(class_off), delta_off, cover_off, class_off }
}

const isWithin = (off: number | null) => off !== null && off <= SHARE_OFF_MOST

function coverOff(truth: Truth['cover'], { cover: { share } }: MeasuredPair): number | null {
  return share === null ? null : Math.max(Math.abs(share.before - truth.before), Math.abs(share.after - truth.after))
}

function classesOff({ classes }: Truth, { transitions }: MeasuredPair): number | null {
  const px = transitions?.px
  const total = px?.flat().reduce((sum, count) => sum + count, 0) ?? 0
  if (!px || total === 0) return null
  const off = classes.before.flatMap((_, at) => {
    const before = (px[at] ?? []).reduce((sum, count) => sum + count, 0) / total
    const after = px.reduce((sum, row) => sum + (row[at] ?? 0), 0) / total
    return [Math.abs(before - classes.before[at]!), Math.abs(after - classes.after[at]!)]
  })
  return Math.max(...off)
}
