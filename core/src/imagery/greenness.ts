import { invariant } from '../lib/invariant.ts'
import { maskCodes, type Band, type Mask } from './grid.ts'

/**
 * What red, green and blue alone can say about plants. None of this is NDVI: against real near infrared these indices correlate
 * from −0.4 to +0.96, and the sign turns over water and towns. They rank pixels of one picture by how green they look, and that
 * is all that is made of them: a share of green pixels, and whether it grew.
 */
export interface RgbBands {
  red: Band
  green: Band
  blue: Band
}

/** The names of the indices, with the range of each. */
export const greennessRanges = {
  ngrdi: [-1, 1],
  vari: [-1, 1],
  gli: [-1, 1],
  rgbvi: [-1, 1],
  exg: [-1, 2],
  tgi: [-1, 1],
} as const
export type GreennessIndex = keyof typeof greennessRanges

/** NGRDI, also GRVI: (G − R) / (G + R). The best of these at telling plants from what is none (Tucker 1979). 0 where both are 0. */
export function ngrdi({ red, green }: RgbBands, out: Band = new Float32Array(red.length)): Band {
  for (let i = 0; i < out.length; i++) {
    const sum = green[i]! + red[i]!
    out[i] = sum > 0 ? (green[i]! - red[i]!) / sum : 0
  }
  return out
}

/** The least divisor of VARI: below it the ratio is noise, and 0 stands in its place. */
const VARI_DIVISOR_LEAST = 0.01

/** VARI: (G − R) / (G + R − B), clamped to [−1, 1]; 0 where the divisor is below 0.01 (Gitelson et al. 2002). */
export function vari({ red, green, blue }: RgbBands, out: Band = new Float32Array(red.length)): Band {
  for (let i = 0; i < out.length; i++) {
    const divisor = green[i]! + red[i]! - blue[i]!
    const ratio = divisor >= VARI_DIVISOR_LEAST ? (green[i]! - red[i]!) / divisor : 0
    out[i] = ratio > 1 ? 1 : ratio < -1 ? -1 : ratio
  }
  return out
}

/** GLI, also VDVI: (2G − R − B) / (2G + R + B). 0 where all are 0 (Louhaichi, Borman and Johnson 2001). */
export function gli({ red, green, blue }: RgbBands, out: Band = new Float32Array(red.length)): Band {
  for (let i = 0; i < out.length; i++) {
    const twice = 2 * green[i]!
    const others = red[i]! + blue[i]!
    out[i] = twice + others > 0 ? (twice - others) / (twice + others) : 0
  }
  return out
}

/** RGBVI: (G² − R·B) / (G² + R·B). 0 where both terms are 0 (Bendig et al. 2015). */
export function rgbvi({ red, green, blue }: RgbBands, out: Band = new Float32Array(red.length)): Band {
  for (let i = 0; i < out.length; i++) {
    const square = green[i]! * green[i]!
    const product = red[i]! * blue[i]!
    out[i] = square + product > 0 ? (square - product) / (square + product) : 0
  }
  return out
}

/** ExG: 2g − r − b of the chromatic coordinates r = R / (R + G + B) …, in [−1, 2]. 0 where all are 0 (Woebbecke et al. 1995). */
export function exg({ red, green, blue }: RgbBands, out: Band = new Float32Array(red.length)): Band {
  for (let i = 0; i < out.length; i++) {
    const sum = red[i]! + green[i]! + blue[i]!
    out[i] = sum > 0 ? (2 * green[i]! - red[i]! - blue[i]!) / sum : 0
  }
  return out
}

/** TGI: (G − 0.39·R − 0.61·B), over the greatest of the three, since photographs have no scale. 0 where all are 0 (Hunt et al. 2011). */
export function tgi({ red, green, blue }: RgbBands, out: Band = new Float32Array(red.length)): Band {
  for (let i = 0; i < out.length; i++) {
    const most = Math.max(red[i]!, green[i]!, blue[i]!)
    out[i] = most > 0 ? (green[i]! - 0.39 * red[i]! - 0.61 * blue[i]!) / most : 0
  }
  return out
}

/** Bins of ExG, from −1 to 2. Wide enough that a picture of a few thousand pixels fills them. */
const BINS = 300
const EXG_LEAST = -1
const EXG_STEP = 3 / BINS

/** Counts ExG over pictures of any size, window by window. */
export class GreennessHistogram {
  readonly counts = new Uint32Array(BINS)
  #pixels = 0

  get pixels(): number {
    return this.#pixels
  }

  /** @param values as `exg` leaves them. Counts what the mask calls clear. */
  add(values: Band, mask: Mask): void {
    invariant(values.length === mask.length, 'values and mask of one window have one length')
    for (let i = 0; i < values.length; i++) {
      if (mask[i] !== maskCodes.clear) continue
      const bin = Math.floor((values[i]! - EXG_LEAST) / EXG_STEP)
      this.counts[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]! += 1
      this.#pixels += 1
    }
  }
}

export interface OtsuSplit {
  threshold: number
  /** Variance between the two groups over all variance, in [0, 1]. An even spread has 0.75, a bell 0.64. */
  separation: number
  mean_below: number
  mean_above: number
}

/**
 * The threshold that parts a histogram of ExG into two groups with the greatest variance between them (Otsu 1979). Of a tie, the
 * middle. Undefined when fewer than two bins hold anything.
 */
export function otsu(counts: ArrayLike<number>): OtsuSplit | undefined {
  const middle = (bin: number) => EXG_LEAST + (bin + 0.5) * EXG_STEP
  let [pixels, sum, squares] = [0, 0, 0]
  for (let bin = 0; bin < counts.length; bin++) {
    pixels += counts[bin]!
    sum += counts[bin]! * middle(bin)
    squares += counts[bin]! * middle(bin) ** 2
  }
  const variance = pixels > 0 ? squares / pixels - (sum / pixels) ** 2 : 0
  let [best, first, last] = [0, 0, 0]
  let [below, sum_below] = [0, 0]
  const means = { below: 0, above: 0 }
  for (let bin = 0; bin < counts.length - 1; bin++) {
    below += counts[bin]!
    sum_below += counts[bin]! * middle(bin)
    if (below === 0 || below === pixels) continue
    const [mean_below, mean_above] = [sum_below / below, (sum - sum_below) / (pixels - below)]
    const between = (below / pixels) * (1 - below / pixels) * (mean_above - mean_below) ** 2
    if (between > best * (1 + 1e-12)) {
      best = between
      first = bin
      Object.assign(means, { below: mean_below, above: mean_above })
    }
    // Empty bins between two groups change nothing: the threshold lies in the middle of them.
    if (between >= best * (1 - 1e-12)) last = bin
  }
  if (best === 0) return undefined
  const threshold = EXG_LEAST + ((first + last) / 2 + 1) * EXG_STEP
  return { threshold, separation: Math.min(1, best / variance), mean_below: means.below, mean_above: means.above }
}

export type GreennessVerdict =
  | {
      outcome: 'measured'
      threshold: number
      separation: number
      before: GreenShare
      after: GreenShare
      /** After minus before. */
      delta: number
      /** `none` where the intervals overlap. */
      change: 'visible_greening' | 'visible_loss' | 'none'
    }
  | { outcome: 'cannot_tell'; reasons: GreennessRefusal[] }

export interface GreenShare {
  /** Share of the clear pixels whose ExG lies above the threshold. */
  share: number
  /** The share if the threshold lay a tenth of the way further towards either group. */
  share_low: number
  share_high: number
}

export type GreennessRefusal =
  | { code: 'no_clear_pixels' }
  /** Nothing in the pictures parts into green and not green, so any threshold would cut through one and the same ground. */
  | { code: 'no_two_groups'; separation: number; separation_least: number }

/** Above the 0.75 that an even spread of greenness reaches without any two groups. */
export const SEPARATION_LEAST = 0.76
const INTERVAL_SHARE = 0.1

/**
 * The share of green pixels before and after, with one threshold for both, found by Otsu's method on both pictures together: two
 * thresholds would compare nothing. On a photograph taken at an angle it is a share of pixels and not of ground.
 */
export function greennessChange(before: GreennessHistogram, after: GreennessHistogram): GreennessVerdict {
  if (before.pixels === 0 || after.pixels === 0)
    return { outcome: 'cannot_tell', reasons: [{ code: 'no_clear_pixels' }] }
  // Each picture counts the same, whatever its number of pixels.
  const together = Float64Array.from(
    before.counts,
    (count, bin) => count / before.pixels + after.counts[bin]! / after.pixels,
  )
  const split = otsu(together)
  const separation = split?.separation ?? 0
  if (!split || separation < SEPARATION_LEAST) {
    const reason = { code: 'no_two_groups' as const, separation, separation_least: SEPARATION_LEAST }
    return { outcome: 'cannot_tell', reasons: [reason] }
  }
  const shares = [before, after].map((picture) => shareAbove(picture, split))
  const [first, second] = [shares[0]!, shares[1]!]
  const is_greener = second.share_low > first.share_high
  const is_barer = second.share_high < first.share_low
  return {
    outcome: 'measured',
    threshold: split.threshold,
    separation,
    before: first,
    after: second,
    delta: second.share - first.share,
    change: is_greener ? 'visible_greening' : is_barer ? 'visible_loss' : 'none',
  }
}

function shareAbove({ counts, pixels }: GreennessHistogram, split: OtsuSplit): GreenShare {
  const from = (threshold: number) => {
    const first = Math.round((threshold - EXG_LEAST) / EXG_STEP)
    let above = 0
    for (let bin = Math.max(0, first); bin < BINS; bin++) above += counts[bin]!
    return above / pixels
  }
  const margin = INTERVAL_SHARE * (split.mean_above - split.mean_below)
  return {
    share: from(split.threshold),
    share_low: from(split.threshold + margin),
    share_high: from(split.threshold - margin),
  }
}
