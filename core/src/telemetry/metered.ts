/**
 * What a counter counted in a stretch of time, for how much of that time it can be said, and how good the readings are that
 * say it. Nothing is guessed: what was lost in a reset, what fell on one side of an edge that a silence runs over, and what
 * nobody read is not covered.
 */
import { advanceCounter, newCounter, type CounterLimits, type CounterSample, type CounterState } from './counter.ts'
import { confidenceOf, freshnessOf, qualityOf, type QualityDetails } from './quality.ts'

export interface Period {
  from_ms: number
  to_ms: number
}

/** A stored reading of a counter, as far as a figure over time asks. */
export interface MeterReading {
  at_ms: number
  received_ms: number
  value: number
  /** 0 valid, 1 suspect, 2 invalid. */
  verdict: number
  /** It was far from what its hour usually shows. */
  is_unusual: boolean
}

/**
 * Why a stretch is not covered. `no_readings`: nobody read it. `gap_at_edge`: counted, but over a silence that runs beyond
 * the period, so nobody knows how much of it belongs here. `reset`, `replaced`: what came just before is lost.
 */
export type UncoveredReason = 'no_readings' | 'gap_at_edge' | 'reset' | 'replaced'

export interface Uncovered extends Period {
  why: UncoveredReason
}

interface Span extends Period {
  amount: number
}

export interface Metered {
  /** Stretches within the period for which the amount is known, in order; neighbours within a quarter of an hour are one. */
  spans: readonly Span[]
  uncovered: readonly Uncovered[]
  /** Readings that were looked at, those just outside the period included. */
  readings: number
  glitches: number
  rollovers: number
  quality: { score: number } & QualityDetails
}

const QUARTER_MS = 900_000

/** Walks over the readings of one counter, oldest first, from a gap's length before the period to as long after it. */
export class MeterWalk {
  readonly #period: Period
  readonly #limits: CounterLimits
  readonly #spans: Span[] = []
  readonly #breaks: Uncovered[] = []
  #counter: CounterState = newCounter
  #readings = 0
  #glitches = 0
  #rollovers = 0
  #inside = 0
  #valid = 0
  #usual = 0
  #freshness = 0

  constructor(period: Period, limits: CounterLimits) {
    this.#period = period
    this.#limits = limits
  }

  add(reading: MeterReading): void {
    this.#readings += 1
    this.#judge(reading)
    if (reading.verdict === 2) return
    const before = this.#counter
    // Nothing says yet whether a doubtful value is right: counting begins with one that nobody doubts.
    if (before.last === null && reading.verdict !== 0) return
    const step = advanceCounter(before, reading, this.#limits)
    this.#counter = step.state
    if (step.event === 'glitch') this.#glitches += 1
    if (step.event === 'rollover') this.#rollovers += 1
    if (step.increment === null) return
    if ((step.event === 'reset' || step.event === 'replaced') && before.last !== null && before.held !== null)
      return this.#takeAfterBreak(before.last, before.held, reading, step.event)
    this.#take(before.last ?? reading, reading, step.increment.amount)
  }

  /** What was counted before a break and not read is lost; from the first value after it on, counting is sure again. */
  #takeAfterBreak(last: CounterSample, held: CounterSample, next: CounterSample, why: 'reset' | 'replaced'): void {
    this.#breaks.push({ from_ms: last.at_ms, to_ms: held.at_ms, why })
    this.#take(held, next, Math.max(0, next.value - held.value))
  }

  #take(from: CounterSample, to: CounterSample, amount: number): void {
    const from_ms = Math.max(from.at_ms, this.#period.from_ms)
    const to_ms = Math.min(to.at_ms, this.#period.to_ms)
    if (from_ms >= to_ms) return
    const whole_ms = to.at_ms - from.at_ms
    const is_cut = to_ms - from_ms < whole_ms
    if (is_cut && whole_ms > this.#limits.gap_s * 1000) {
      this.#breaks.push({ from_ms, to_ms, why: 'gap_at_edge' })
      return
    }
    const inside = is_cut ? (amount * (to_ms - from_ms)) / whole_ms : amount
    const last = this.#spans.at(-1)
    const is_same_quarter =
      last?.to_ms === from_ms && Math.floor(last.from_ms / QUARTER_MS) === Math.floor((to_ms - 1) / QUARTER_MS)
    if (is_same_quarter) {
      last.to_ms = to_ms
      last.amount += inside
    } else {
      this.#spans.push({ from_ms, to_ms, amount: inside })
    }
  }

  #judge({ at_ms, received_ms, verdict, is_unusual }: MeterReading): void {
    if (at_ms < this.#period.from_ms || at_ms >= this.#period.to_ms) return
    this.#inside += 1
    if (verdict === 0) this.#valid += 1
    if (!is_unusual) this.#usual += 1
    this.#freshness += freshnessOf((received_ms - at_ms) / 1000)
  }

  /**
   * @param interval_s how often the counter is meant to be read.
   * @param calibrated_at_ms null when nobody said.
   */
  finish(interval_s: number, calibrated_at_ms: number | null): Metered {
    const { from_ms, to_ms } = this.#period
    const share = (count: number) => (this.#inside === 0 ? 0 : count / this.#inside)
    // Battery and signal are known as they are today, and say nothing of a year that is over.
    const health = { battery_level_percent: null, signal_strength_percent: null, calibrated_at_ms }
    const details: QualityDetails = {
      completeness: Math.min(1, (this.#inside * interval_s * 1000) / (to_ms - from_ms)),
      accuracy: confidenceOf(health, to_ms).confidence,
      consistency: share(this.#usual),
      timeliness: share(this.#freshness),
      validity: share(this.#valid),
    }
    return {
      spans: this.#spans,
      uncovered: complementOf(this.#spans, this.#period).map((hole) => ({ ...hole, why: this.#reasonOf(hole) })),
      readings: this.#readings,
      glitches: this.#glitches,
      rollovers: this.#rollovers,
      quality: { score: qualityOf(details, true).score, ...details },
    }
  }

  #reasonOf(hole: Period): UncoveredReason {
    return this.#breaks.find(({ from_ms, to_ms }) => from_ms < hole.to_ms && to_ms > hole.from_ms)?.why ?? 'no_readings'
  }
}

/** What several counters counted together. */
export interface MeteredTogether {
  /** The share of the period for which every one of them is known, 0 to 1. */
  coverage_share: number
  /** What each counted in that time. */
  amounts: number[]
  /** The lowest of each dimension: a sum is no better than its worst part. */
  quality: { score: number } & QualityDetails
}

/**
 * Puts counters together that measure one thing between them, such as the two feeds of a building. Time counts as covered
 * when every one of them covers it: a sum with a part missing is no sum.
 */
export function together(meters: readonly Metered[], period: Period): MeteredTogether {
  const holes = union(meters.flatMap(({ uncovered }) => uncovered))
  const length_ms = period.to_ms - period.from_ms
  const open_ms = holes.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0)
  const lowest = (dimension: keyof QualityDetails) =>
    meters.reduce((low, { quality }) => Math.min(low, quality[dimension]), 1)
  const details: QualityDetails = {
    completeness: lowest('completeness'),
    accuracy: lowest('accuracy'),
    consistency: lowest('consistency'),
    timeliness: lowest('timeliness'),
    validity: lowest('validity'),
  }
  return {
    coverage_share: (length_ms - open_ms) / length_ms,
    amounts: meters.map(({ spans }) => amountOutside(spans, holes)),
    quality: { score: qualityOf(details, true).score, ...details },
  }
}

/** What lies in a period and in none of the spans, which are in order and do not overlap. */
function complementOf(spans: readonly Period[], { from_ms, to_ms }: Period): Period[] {
  const holes: Period[] = []
  let reached_ms = from_ms
  for (const span of spans) {
    if (span.from_ms > reached_ms) holes.push({ from_ms: reached_ms, to_ms: span.from_ms })
    reached_ms = span.to_ms
  }
  if (reached_ms < to_ms) holes.push({ from_ms: reached_ms, to_ms })
  return holes
}

function union(holes: readonly Period[]): Period[] {
  const found: Period[] = []
  for (const { from_ms, to_ms } of [...holes].sort((a, b) => a.from_ms - b.from_ms)) {
    const last = found.at(-1)
    if (last !== undefined && from_ms <= last.to_ms) last.to_ms = Math.max(last.to_ms, to_ms)
    else found.push({ from_ms, to_ms })
  }
  return found
}

/** The amount of the spans without what falls into the holes; both are in order. */
function amountOutside(spans: readonly Span[], holes: readonly Period[]): number {
  let sum = 0
  let first = 0
  for (const span of spans) {
    while ((holes[first]?.to_ms ?? Infinity) <= span.from_ms) first += 1
    let inside_ms = 0
    for (let i = first; (holes[i]?.from_ms ?? Infinity) < span.to_ms; i += 1) {
      const hole = holes[i]
      if (hole !== undefined) inside_ms += Math.min(hole.to_ms, span.to_ms) - Math.max(hole.from_ms, span.from_ms)
    }
    sum += inside_ms === 0 ? span.amount : span.amount * (1 - inside_ms / (span.to_ms - span.from_ms))
  }
  return sum
}
