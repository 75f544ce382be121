import { invariant } from '../lib/invariant.ts'
import { CLASSES, classOfBins, coverClassNames, type ClassProfile, type CoverClassName } from './classes.ts'
import { ExactSum, moments } from './exact-sum.ts'
import { maskCodes, type Band, type Mask, type Window } from './grid.ts'
import { BIN_MILLIONTHS, BINS, binOfRank, MILLIONTHS } from './histogram.ts'
import { M2_PER_HA, type PixelArea } from './pixel-area.ts'
import { PART, summarise, type IndexSummary } from './statistics.ts'

/**
 * What changed between two dates, pixel by pixel on one grid. An index is compared where both dates show clear ground; a
 * transition of classes is also counted where either shows water, since land that the sea takes or gives is no missing
 * measurement. Everything else is not counted at all. Swapping the dates negates the change to the last bit.
 */
export interface PairWindow {
  before: Band
  after: Band
  mask_before: Mask
  mask_after: Mask
  /** 1 where a pixel lies on the fringe of a masked cloud; left out where nobody asks. */
  fringe?: Uint8Array | undefined
}

export interface ChangeShares {
  threshold: number
  /** Share of the compared pixels whose index rose by more than the threshold. */
  gain_fraction: number
  loss_fraction: number
}

export interface ClassArea {
  class: CoverClassName
  before_px: number
  after_px: number
  before_ha: number
  after_ha: number
}

export interface PairSummary {
  /** Pixels with clear ground on both dates: what `before`, `after` and `delta` are taken over. */
  pixels_compared: number
  before: IndexSummary
  after: IndexSummary
  delta: { mean: number; sd: number; median: number }
  changes: ChangeShares[]
  /** Share of the gains above 0.1 that lie on the fringe of a masked cloud; undefined when none was marked or nothing gained. */
  gain_near_mask_fraction: number | undefined
}

export interface Transitions {
  /** From class (row) to class (column), in the order of `coverClassNames`. */
  px: number[][]
  ha: number[][]
  classes: ClassArea[]
}

export const changeThresholds: readonly number[] = [0.1, 0.2]
const FRINGE_GAIN_MILLIONTHS = 100_000
/** Bins of |Δ| are open below and closed above, and bin 0 holds no change alone: so "more than 0.1" is counted exactly. */
const DELTA_BINS = (2 * MILLIONTHS) / BIN_MILLIONTHS + 1
const WATER = maskCodes.water
const CELLS = CLASSES * CLASSES

/** Statistics of a pair, window by window, in under half a megabyte, plus 100 bytes a row on a grid in degrees. */
export class PairStatistics {
  readonly histogram_before = new Uint32Array(BINS)
  readonly histogram_after = new Uint32Array(BINS)
  /** Pixels by the size of their gain and of their loss: bin k holds ((k − 1) · 1e-4, k · 1e-4]. */
  readonly gains = new Uint32Array(DELTA_BINS)
  readonly losses = new Uint32Array(DELTA_BINS)
  readonly #class_of_bin: Uint8Array
  readonly #area: PixelArea | undefined
  /** Transitions by row where rows differ in area, else all in one. */
  readonly #cells: Uint32Array
  readonly #sums = { before: new ExactSum(), after: new ExactSum() }
  readonly #squares = { before: new ExactSum(), after: new ExactSum(), delta: new ExactSum() }
  #pixels = 0
  #gained = 0
  #gained_on_fringe = 0
  #has_fringe = false

  /** @param area undefined when nobody knows what a pixel covers; then no hectares are told. */
  constructor(profile: ClassProfile, area: PixelArea | undefined) {
    this.#class_of_bin = classOfBins(profile)
    this.#area = area
    this.#cells = new Uint32Array(CELLS * (area?.kind === 'rows' ? area.m2.length : 1))
  }

  /** Counts a window; `window.row` says which rows of the grid it covers. */
  add(pair: PairWindow, window: Window): void {
    const { width, height } = window
    const { before, after, mask_before, mask_after, fringe } = pair
    invariant(
      [before, after, mask_before, mask_after, fringe ?? before].every(({ length }) => length === width * height),
      'every array of a window has its number of pixels',
    )
    if (fringe) this.#has_fringe = true
    for (let row = 0; row < height; row++) {
      const cell = this.#area?.kind === 'rows' ? CELLS * (window.row + row) : 0
      for (let start = row * width; start < (row + 1) * width; start += PART) {
        this.#addPart(pair, cell, start, Math.min((row + 1) * width, start + PART))
      }
    }
  }

  #addPart({ before, after, mask_before, mask_after, fringe }: PairWindow, cell: number, start: number, end: number) {
    const { histogram_before, histogram_after, gains, losses } = this
    const cells = this.#cells
    const class_of_bin = this.#class_of_bin
    let pixels = 0
    let sum_b = 0
    let sum_a = 0
    let squares_b = 0
    let squares_a = 0
    let squares_d = 0
    let gained = 0
    let on_fringe = 0
    for (let i = start; i < end; i++) {
      const code_b = mask_before[i]!
      const code_a = mask_after[i]!
      if ((code_b !== 0 && code_b !== WATER) || (code_a !== 0 && code_a !== WATER)) continue
      const b = (before[i]! * MILLIONTHS + (MILLIONTHS + 0.5)) | 0
      const a = (after[i]! * MILLIONTHS + (MILLIONTHS + 0.5)) | 0
      const bin_b = (b / BIN_MILLIONTHS) | 0
      const bin_a = (a / BIN_MILLIONTHS) | 0
      const class_b = code_b === 0 ? class_of_bin[bin_b]! : 0
      const class_a = code_a === 0 ? class_of_bin[bin_a]! : 0
      cells[cell + class_b * CLASSES + class_a]! += 1
      if (code_b !== 0 || code_a !== 0) continue
      histogram_before[bin_b]! += 1
      histogram_after[bin_a]! += 1
      const delta = a - b
      if (delta > 0) gains[((delta + (BIN_MILLIONTHS - 1)) / BIN_MILLIONTHS) | 0]! += 1
      else losses[((BIN_MILLIONTHS - 1 - delta) / BIN_MILLIONTHS) | 0]! += 1
      if (delta > FRINGE_GAIN_MILLIONTHS) {
        gained += 1
        if (fringe !== undefined) on_fringe += fringe[i]!
      }
      pixels += 1
      sum_b += b
      sum_a += a
      squares_b += b * b
      squares_a += a * a
      squares_d += delta * delta
    }
    this.#pixels += pixels
    this.#gained += gained
    this.#gained_on_fringe += on_fringe
    this.#sums.before.add(sum_b)
    this.#sums.after.add(sum_a)
    this.#squares.before.add(squares_b)
    this.#squares.after.add(squares_a)
    this.#squares.delta.add(squares_d)
  }

  get pixels_compared(): number {
    return this.#pixels
  }

  /** The index before, after and between; undefined when no pixel showed clear ground on both dates. */
  summary(thresholds: readonly number[] = changeThresholds): PairSummary | undefined {
    const sum_before = this.#sums.before.total()
    const sum_after = this.#sums.after.total()
    const before = summarise(this.histogram_before, this.#pixels, sum_before, this.#squares.before.total())
    const after = summarise(this.histogram_after, this.#pixels, sum_after, this.#squares.after.total())
    if (!before || !after) return undefined
    const { mean, sd } = moments(this.#pixels, sum_after - sum_before, this.#squares.delta.total())
    return {
      pixels_compared: this.#pixels,
      before,
      after,
      delta: { mean: mean / MILLIONTHS, sd: sd / MILLIONTHS, median: this.#medianDelta() },
      changes: thresholds.map((threshold) => this.#sharesAbove(threshold)),
      gain_near_mask_fraction: this.#has_fringe && this.#gained > 0 ? this.#gained_on_fringe / this.#gained : undefined,
    }
  }

  #medianDelta(): number {
    const lower = Math.max(1, Math.ceil(this.#pixels / 2))
    const upper = Math.floor(this.#pixels / 2) + 1
    return (this.#deltaOfRank(lower) + this.#deltaOfRank(upper)) / 2
  }

  /** Ranks run from the greatest loss to the greatest gain; the pixels without change lie in bin 0 of the losses. */
  #deltaOfRank(rank: number): number {
    const not_gained = this.losses.reduce((sum, count) => sum + count, 0)
    if (rank > not_gained) return binMiddle(binOfRank(this.gains, rank - not_gained))
    return 0 - binMiddle(binOfRank(this.losses, not_gained - rank + 1))
  }

  #sharesAbove(threshold: number): ChangeShares {
    const first = Math.round((threshold * MILLIONTHS) / BIN_MILLIONTHS) + 1
    const above = (bins: Uint32Array) => bins.subarray(first).reduce((sum, count) => sum + count, 0) / this.#pixels
    return { threshold, gain_fraction: above(this.gains), loss_fraction: above(this.losses) }
  }

  /** Class to class in pixels, over ground and water seen on both dates. */
  transitionPixels(): number[][] {
    return this.#matrix((from_to) => {
      let px = 0
      for (let cell = from_to; cell < this.#cells.length; cell += CELLS) px += this.#cells[cell]!
      return px
    })
  }

  /** Class to class in pixels and hectares; undefined when the area of a pixel is not known. */
  transitions(): Transitions | undefined {
    const area = this.#area
    if (!area) return undefined
    const px = this.transitionPixels()
    const ha = this.#matrix((from_to) => {
      let m2 = 0
      for (let cell = from_to, row = 0; cell < this.#cells.length; cell += CELLS, row++) {
        m2 += this.#cells[cell]! * (area.kind === 'rows' ? area.m2[row]! : area.m2)
      }
      return m2 / M2_PER_HA
    })
    return { px, ha, classes: classAreas(px, ha) }
  }

  #matrix(valueOf: (from_to: number) => number): number[][] {
    return coverClassNames.map((_, from) => coverClassNames.map((_name, to) => valueOf(from * CLASSES + to)))
  }
}

function binMiddle(bin: number): number {
  return bin === 0 ? 0 : ((2 * bin - 1) * BIN_MILLIONTHS) / (2 * MILLIONTHS)
}

function classAreas(px: readonly number[][], ha: readonly number[][]): ClassArea[] {
  const before = (matrix: readonly number[][], k: number) => matrix[k]!.reduce((sum, value) => sum + value, 0)
  const after = (matrix: readonly number[][], k: number) => matrix.reduce((sum, row) => sum + row[k]!, 0)
  return coverClassNames.map((name, k) => ({
    class: name,
    before_px: before(px, k),
    after_px: after(px, k),
    before_ha: before(ha, k),
    after_ha: after(ha, k),
  }))
}

/** The histogram of Δ in bars of `bins` bins of 1e-4 each (200 unless said otherwise), from −2 to 2, for people to look at. */
export function deltaBars({ gains, losses }: Pick<PairStatistics, 'gains' | 'losses'>, bins = 200) {
  const half = Math.ceil((DELTA_BINS - 1) / bins)
  const found = Array.from({ length: 2 * half }, (_, bar) => ({
    from: ((bar - half) * bins * BIN_MILLIONTHS) / MILLIONTHS,
    to: ((bar - half + 1) * bins * BIN_MILLIONTHS) / MILLIONTHS,
    pixels: 0,
  }))
  // Pixels without any change stand in the first bar of the gains, as zero does in [0, 0.02).
  found[half]!.pixels += losses[0]!
  for (let bin = 1; bin < DELTA_BINS; bin++) {
    const bar = Math.floor((bin - 1) / bins)
    found[half + bar]!.pixels += gains[bin]!
    found[half - 1 - bar]!.pixels += losses[bin]!
  }
  return found
}
