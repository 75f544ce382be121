/**
 * Turns what a counter shows into what was counted. Counters roll over, are reset, are replaced, show zero or nonsense
 * for one reading, and fall silent for days; none of these may become a spike or a negative amount.
 *
 * A sample that cannot follow the last one (smaller, or larger than the plant can do in the time) is held back until
 * the next one says which of the two was wrong:
 * - the next follows the last one believed: the held sample was a glitch and is dropped;
 * - the next follows the held one: the counter rolled over, was reset or was replaced, and counting goes on from there;
 * - neither: the next is held instead.
 */
export interface CounterLimits {
  /** The most that can be counted in an hour, in the counter's unit. */
  hourly_max: number
  /** The value after which it starts again at zero; null when it is not known. */
  rolls_over_at: number | null
  /** Two samples further apart than this have a gap between them. */
  gap_s: number
  /** A step back of at most this is the counter's own rounding, and counts as zero. */
  resolution: number
}

export interface CounterSample {
  at_ms: number
  value: number
}

export interface CounterState {
  /** The last sample believed. */
  last: CounterSample | null
  /** A sample that is waiting for the next one to explain it. */
  held: CounterSample | null
}

export type CounterEvent = 'glitch' | 'reset' | 'rollover' | 'replaced'

/** What was counted between two instants. It belongs to that whole time, evenly, when it spans a gap. */
export interface Increment {
  from_ms: number
  to_ms: number
  amount: number
  spans_gap: boolean
}

export interface CounterStep {
  state: CounterState
  increment: Increment | null
  /** Something that was found out about this sample or the one held before it. */
  event: CounterEvent | null
  /** This sample cannot follow the last one, and waits. */
  is_held: boolean
}

/** A counter that shows more than this share of its last value was not reset to zero. */
const RESET_SHARE_MAX = 0.1

export const newCounter: CounterState = { last: null, held: null }

/** Takes the next sample, which is later than every one before it. */
export function advanceCounter(state: CounterState, sample: CounterSample, limits: CounterLimits): CounterStep {
  const { last, held } = state
  if (last === null) return { state: { last: sample, held: null }, increment: null, event: null, is_held: false }
  if (follows(last, sample, limits)) {
    return {
      state: { last: sample, held: null },
      increment: increment(last, sample, Math.max(0, sample.value - last.value), limits),
      event: held === null ? null : 'glitch',
      is_held: false,
    }
  }
  if (held !== null && follows(held, sample, limits)) {
    const { event, amount } = explain(last, held, limits)
    const counted = amount + Math.max(0, sample.value - held.value)
    return {
      state: { last: sample, held: null },
      increment: increment(last, sample, counted, limits),
      event,
      is_held: false,
    }
  }
  return { state: { last, held: sample }, increment: null, event: null, is_held: true }
}

/** Whether the plant can have counted from one sample to the other. */
function follows(from: CounterSample, to: CounterSample, { hourly_max, resolution }: CounterLimits): boolean {
  const amount = to.value - from.value
  const hours = (to.at_ms - from.at_ms) / 3_600_000
  return amount >= -resolution && amount <= hourly_max * hours + resolution
}

/** What happened between the last sample before a break and the first after it, and how much was counted across it. */
function explain(
  last: CounterSample,
  held: CounterSample,
  { hourly_max, rolls_over_at }: CounterLimits,
): { event: CounterEvent; amount: number } {
  const possible = (hourly_max * (held.at_ms - last.at_ms)) / 3_600_000
  if (rolls_over_at !== null && held.value < last.value) {
    const amount = rolls_over_at - last.value + held.value
    if (amount >= 0 && amount <= possible) return { event: 'rollover', amount }
  }
  // After a reset the counter shows what was counted since. What came between the last sample and the reset is lost. One
  // that shows a good part of what it showed before did not begin at zero: it was set, or is another.
  const began_at_zero = held.value >= 0 && held.value <= RESET_SHARE_MAX * last.value
  if (began_at_zero && held.value <= possible) return { event: 'reset', amount: held.value }
  // A new counter, or one that was set by hand: its first value says nothing about what was counted.
  return { event: 'replaced', amount: 0 }
}

function increment(from: CounterSample, to: CounterSample, amount: number, { gap_s }: CounterLimits): Increment {
  return {
    from_ms: from.at_ms,
    to_ms: to.at_ms,
    amount,
    spans_gap: to.at_ms - from.at_ms > gap_s * 1000,
  }
}

/** What a whole series of samples counted, oldest first. */
export function increments(samples: Iterable<CounterSample>, limits: CounterLimits): Increment[] {
  const found: Increment[] = []
  let state = newCounter
  for (const sample of samples) {
    const step = advanceCounter(state, sample, limits)
    state = step.state
    if (step.increment !== null) found.push(step.increment)
  }
  return found
}

/**
 * Shares increments out over slots of one length: each part of an increment falls into the slot in which it was counted,
 * as if it had been counted evenly.
 * @returns the amount by slot number, `floor(at_ms / slot_ms)`.
 */
export function shareOverSlots(found: readonly Increment[], slot_ms: number): Map<number, number> {
  const slots = new Map<number, number>()
  for (const { from_ms, to_ms, amount } of found) {
    const last_slot = Math.ceil(to_ms / slot_ms) - 1
    for (let slot = Math.floor(from_ms / slot_ms); slot <= last_slot; slot++) {
      const inside_ms = Math.min(to_ms, (slot + 1) * slot_ms) - Math.max(from_ms, slot * slot_ms)
      slots.set(slot, (slots.get(slot) ?? 0) + (amount * inside_ms) / (to_ms - from_ms))
    }
  }
  return slots
}
