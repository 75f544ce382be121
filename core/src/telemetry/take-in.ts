import { checkValue, rangeFor, verdictOf, type Finding, type SeriesState, type Verdict } from './check.ts'
import type { DeclaredMeasure } from './contract.ts'
import { advanceCounter, shareOverSlots, type CounterLimits, type CounterState, type Increment } from './counter.ts'
import type { Measure } from './measures.ts'
import type { SeriesProfile } from './profile.ts'

/** One value on its way into a series. */
export interface Arrival {
  at_ms: number
  value: number
  /** What was already found about the reading that it came in. */
  findings: readonly Finding[]
}

export interface Taken extends Arrival {
  verdict: Verdict
  /** It came after a later one. Its own limits are checked; the series' memory has moved on. */
  is_late: boolean
}

/** What holds for a series: of its measure, of its device, and of its past. */
export interface SeriesRules {
  range: readonly [low: number, high: number]
  /** Null for a gauge. */
  counter: CounterLimits | null
  profile: SeriesProfile | null
  interval_s: number
  /** Lengths of the slots over which sums are kept. */
  slots_s: readonly number[]
}

export interface SeriesMemory {
  checks: SeriesState
  counter: CounterState
}

/** When a device does not say how often it is read: as often as a grid meter. */
export const INTERVAL_S_DEFAULT = 900
/** A silence of this many intervals is a gap. */
export const GAP_INTERVALS = 3
/** What an undeclared counter can count in an hour at most, in its unit: a plant of 100 MW. */
const HOURLY_MAX_DEFAULT = 100_000

const SLOTS_S = [900, 3_600, 86_400] as const
/** Series that are read more often than once a minute are summed by the minute too. */
const FINE_SLOT_S = 60

export function rulesFor(
  measure: Measure,
  declared: DeclaredMeasure | undefined,
  profile: SeriesProfile | null,
): SeriesRules {
  const interval_s = declared?.interval_s ?? profile?.interval_s ?? INTERVAL_S_DEFAULT
  // Only what is declared decides: slots that came and went with a learnt interval would have holes.
  const is_fine = (declared?.interval_s ?? INTERVAL_S_DEFAULT) < FINE_SLOT_S
  return {
    range: rangeFor(measure, declared?.range ?? null),
    counter:
      measure.kind === 'counter'
        ? {
            hourly_max: declared?.hourly_max ?? HOURLY_MAX_DEFAULT,
            rolls_over_at: declared?.rolls_over_at ?? null,
            gap_s: GAP_INTERVALS * interval_s,
            resolution: profile?.resolution ?? 0,
          }
        : null,
    profile,
    interval_s,
    slots_s: is_fine ? [FINE_SLOT_S, ...SLOTS_S] : SLOTS_S,
  }
}

/**
 * Takes values into a series.
 * @param arrivals oldest first, each at an instant of its own, none of them stored before.
 * @param last_at_ms the newest instant stored so far, or null.
 */
export function takeIn(
  memory: SeriesMemory,
  measure: Measure,
  rules: SeriesRules,
  arrivals: readonly Arrival[],
  last_at_ms: number | null,
): { taken: Taken[]; memory: SeriesMemory; increments: Increment[] } {
  let { checks, counter } = memory
  const increments: Increment[] = []
  const taken = arrivals.map((arrival): Taken => {
    const is_late = last_at_ms !== null && arrival.at_ms <= last_at_ms
    // A late value is held against limits alone: what the series remembers came after it.
    const limits = is_late ? { range: rules.range, profile: null } : rules
    const checked = checkValue({ measure: measure.id, value: arrival.value }, arrival.at_ms, limits, checks)
    const findings = arrival.findings.length === 0 ? checked.findings : [...arrival.findings, ...checked.findings]
    if (!is_late) {
      checks = checked.state
      if (rules.counter !== null && verdictOf(findings) !== 'invalid') {
        const step = advanceCounter(counter, arrival, rules.counter)
        counter = step.state
        if (step.increment !== null) increments.push(step.increment)
        if (step.is_held) findings.push(heldFinding(measure.id, arrival.value, counter))
      }
    }
    const { at_ms, value } = arrival
    return { at_ms, value, findings, verdict: verdictOf(findings), is_late }
  })
  return { taken, memory: { checks, counter }, increments }
}

function heldFinding(measure: string, value: number, { last }: CounterState): Finding {
  const message = `${measure} shows ${value} after ${last?.value}: the next reading will tell which of the two is right.`
  return {
    check: 'rate_of_change',
    severity: 'unlikely',
    measure,
    value,
    limit: null,
    expected: last?.value ?? null,
    message,
  }
}

/** What one slot of time gains. Invalid values are counted apart and enter no figure. */
export interface SlotGain {
  slot_s: number
  slot_start_ms: number
  readings: number
  not_counted: number
  sum: number
  low: number | null
  high: number | null
  amount: number
}

export function slotGains(
  taken: readonly Pick<Taken, 'at_ms' | 'value' | 'verdict'>[],
  increments: readonly Increment[],
  slots_s: readonly number[],
): SlotGain[] {
  return slots_s.flatMap((slot_s) => {
    const slot_ms = slot_s * 1000
    const slots = new Map<number, SlotGain>()
    const slotAt = (slot: number): SlotGain => {
      const there = slots.get(slot)
      if (there !== undefined) return there
      const made = { ...noGain, slot_s, slot_start_ms: slot * slot_ms }
      slots.set(slot, made)
      return made
    }
    for (const { at_ms, value, verdict } of taken) {
      const slot = slotAt(Math.floor(at_ms / slot_ms))
      if (verdict === 'invalid') {
        slot.not_counted += 1
      } else {
        slot.readings += 1
        slot.sum += value
        slot.low = Math.min(slot.low ?? value, value)
        slot.high = Math.max(slot.high ?? value, value)
      }
    }
    for (const [slot, amount] of shareOverSlots(increments, slot_ms)) slotAt(slot).amount += amount
    return [...slots.values()]
  })
}

const noGain = { readings: 0, not_counted: 0, sum: 0, low: null, high: null, amount: 0 }

/** How a stretch of time is drawn with at most so many points: single readings, slots, or several slots put together. */
export function resolutionFor(
  span_s: number,
  points_max: number,
  { interval_s, slots_s }: Pick<SeriesRules, 'interval_s' | 'slots_s'>,
): { slot_s: number; slots_each: number } {
  if (span_s / interval_s <= points_max) return { slot_s: 0, slots_each: 1 }
  for (const [i, slot_s] of slots_s.entries()) {
    const fitting = stepsBetween(slot_s, slots_s[i + 1]).find((each) => span_s / (slot_s * each) <= points_max)
    if (fitting !== undefined) return { slot_s, slots_each: fitting }
  }
  const coarsest = slots_s.at(-1) ?? 86_400
  return { slot_s: coarsest, slots_each: Math.ceil(span_s / coarsest / points_max) }
}

/** How many slots may be put together so that they still make up a whole slot of the next length: 2, 3, 4, 6 … hours of a day. */
function stepsBetween(slot_s: number, next_s: number | undefined): number[] {
  if (next_s === undefined) return [1]
  return Array.from({ length: next_s / slot_s - 1 }, (_, i) => i + 1).filter((each) => next_s % (slot_s * each) === 0)
}
