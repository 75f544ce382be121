/**
 * Thresholds from a budget of alarms: how high one must be so that, over the time learnt from, no more episodes would have
 * begun than are bearable. Counted in episodes, since strange slots come in clusters.
 */
export interface ThresholdLimits {
  /** Below this nothing is worth an alarm, however rare it is. */
  floor: number
  /** Above this it is always one: what was learnt from may hold faults itself. */
  cap: number
}

/** With a past too short to spend the budget once, the threshold lies above everything seen by this factor. */
const MARGIN = 1.1
/** Strange slots at most so far apart belong to one episode. */
export const QUIET_S = 21_600

/**
 * The lowest threshold within limits with which the slots from `first` to `end` would have begun at most
 * `alarms_per_week` episodes each week. NaN slots were not judged. Of nothing it is the floor times the margin.
 */
export function thresholdFor(
  scores: Float64Array,
  first: number,
  end: number,
  slot_s: number,
  alarms_per_week: number,
  { floor, cap }: ThresholdLimits,
): number {
  const peaks = clusterPeaks(scores, first, end, Math.ceil(QUIET_S / slot_s), floor)
  const judged_s = countKnown(scores, first, end) * slot_s
  const bearable = Math.floor((alarms_per_week * judged_s) / 604_800)
  peaks.sort((a, b) => b - a)
  const first_unborne = peaks[bearable]
  if (first_unborne === undefined) return floor
  return Math.min(cap, Math.max(floor, first_unborne * MARGIN))
}

/** The highest score of each cluster of scores at or above `least`. */
function clusterPeaks(scores: Float64Array, first: number, end: number, quiet: number, least: number): number[] {
  const peaks: number[] = []
  let last = -Infinity
  for (let i = first; i < end; i++) {
    const score = scores[i] ?? NaN
    if (!(score >= least)) continue
    if (i - last > quiet) peaks.push(score)
    else peaks.push(Math.max(peaks.pop() ?? score, score))
    last = i
  }
  return peaks
}

function countKnown(scores: Float64Array, first: number, end: number): number {
  let known = 0
  for (let i = first; i < end; i++) if (!Number.isNaN(scores[i])) known += 1
  return known
}

/** How rare a score so high is among the known ones from `first` to `end`: (1 + as many as are as high) / (n + 1). */
export function rarityOf(scores: Float64Array, first: number, end: number, score: number): number {
  let as_high = 1
  let known = 0
  for (let i = first; i < end; i++) {
    const other = scores[i] ?? NaN
    if (Number.isNaN(other)) continue
    known += 1
    if (other >= score) as_high += 1
  }
  return as_high / (known + 1)
}

/** A stretch of slots that a detector calls out of line. */
export interface Stretch {
  first: number
  /** After the last strange slot. */
  end: number
  /** The slot with which it became certain. */
  found: number
  strength: number
  peak: number
}

/**
 * Joins slots of strength 1 and more into stretches. One is certain when `confirm` of the latest `of` judged slots are
 * strange, and over when `quiet` judged slots in a row are not. Slots that were not judged (NaN) count for neither, so that
 * a fault of a solar plant lasts over the night; `quiet_slots_max` of any kind end it too.
 */
export function stretchesOf(
  strength: Float64Array,
  { confirm, of, quiet, quiet_slots_max }: { confirm: number; of: number; quiet: number; quiet_slots_max: number },
): Stretch[] {
  const found: Stretch[] = []
  let latest: number[] = []
  let open: Stretch | null = null
  let calm = 0
  for (let i = 0; i < strength.length; i++) {
    const now = strength[i] ?? NaN
    if (open !== null && i - open.end >= quiet_slots_max) open = null
    if (Number.isNaN(now)) continue
    latest = [...latest, i].slice(-of)
    const is_strange = now >= 1
    if (open !== null) {
      calm = is_strange ? 0 : calm + 1
      if (is_strange) extend(open, i, now)
      if (calm >= quiet) open = null
      continue
    }
    const strange = latest.filter((slot) => (strength[slot] ?? 0) >= 1)
    const [first] = strange
    if (!is_strange || strange.length < confirm || first === undefined) continue
    open = { first, end: i + 1, found: i, strength: now, peak: i }
    for (const slot of strange) extend(open, slot, strength[slot] ?? 0)
    found.push(open)
    calm = 0
    latest = []
  }
  return found
}

function extend(open: Stretch, slot: number, strength: number): void {
  open.end = Math.max(open.end, slot + 1)
  if (strength > open.strength) {
    open.strength = strength
    open.peak = slot
  }
}
