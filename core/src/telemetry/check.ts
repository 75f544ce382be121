import { measures, type Measure } from './measures.ts'
import { usualAt, type SeriesProfile } from './profile.ts'
import type { MeasuredValue, Reading } from './reading.ts'

/**
 * Is a value possible, and is it likely? Limits come first, since no learner can extrapolate: an isolation forest that
 * never saw a zero finds zero quite normal. Then the device's own past, when there is enough of it.
 */
export type CheckName =
  | 'time'
  | 'range'
  | 'rate_of_change'
  | 'stuck'
  | 'usual_for_hour'
  | 'drift'
  | 'clock'
  | 'cross_sensor'
  | 'isolation_forest'

/** `impossible` makes a reading invalid, `unlikely` makes it suspect. */
export type Severity = 'impossible' | 'unlikely'

export interface Finding {
  check: CheckName
  severity: Severity
  measure: string | null
  value: number | null
  /** What was crossed, in the unit of `value`. */
  limit: number | null
  /** What would have been usual. */
  expected: number | null
  message: string
}

export type Verdict = 'valid' | 'suspect' | 'invalid'

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ severity }) => severity === 'impossible')) return 'invalid'
  return findings.length === 0 ? 'valid' : 'suspect'
}

/** Clocks of devices may run ahead by this much. */
export const CLOCK_AHEAD_MAX_S = 300
/** No device of this kind was there before: such a time is a clock that was never set. */
const EARLIEST_MS = Date.UTC(2000, 0, 1)
/** A value this many deviations from what its hour usually shows is unlikely. */
const RESIDUAL_DEVIATIONS_MAX = 8
/** Beyond the fastest change of its past by this factor, a change is unlikely. */
const RATE_MARGIN = 1.5
/** Two-sided CUSUM of a day's mean residual: half a deviation is let pass, five of them raise it (mean run 465 days). */
const DRIFT_ALLOWANCE = 0.5
const DRIFT_LIMIT = 5
/** A run must be this much longer than the longest one seen, and at least this long. */
const RUN_MARGIN = 1.5
const RUN_MIN = 6

/** What is remembered of one device and one measure from reading to reading. */
export interface SeriesState {
  last: { at_ms: number; value: number } | null
  /** How many equal values came in a row, and which. */
  run: { value: number; length: number } | null
  /** Residuals of the day that is going on. */
  day: { day: number; sum: number; count: number } | null
  drift: { up: number; down: number }
}

export const newSeries: SeriesState = { last: null, run: null, day: null, drift: { up: 0, down: 0 } }

export interface SeriesLimits {
  /** Narrower than the measure's own, when the device declares it. */
  range: readonly [low: number, high: number]
  profile: SeriesProfile | null
}

/** Is the instant possible? */
export function checkTime({ captured_at_ms }: Reading, received_at_ms: number): Finding[] {
  const ahead_s = (captured_at_ms - received_at_ms) / 1000
  const about = { check: 'time', severity: 'impossible', measure: null, expected: null } as const
  if (ahead_s > CLOCK_AHEAD_MAX_S) {
    const message = `The reading is dated ${Math.round(ahead_s)} s after it was received.`
    return [{ ...about, value: ahead_s, limit: CLOCK_AHEAD_MAX_S, message }]
  }
  if (captured_at_ms < EARLIEST_MS) {
    return [{ ...about, value: null, limit: null, message: 'The reading is dated before 2000: its clock was not set.' }]
  }
  return []
}

/**
 * Checks one value against its limits and its past, and returns what to remember for the next.
 * Only a value that is not impossible is remembered: one glitch does not make the next good value a jump.
 */
export function checkValue(
  { measure: id, value }: MeasuredValue,
  at_ms: number,
  limits: SeriesLimits,
  state: SeriesState,
): { findings: Finding[]; state: SeriesState } {
  const [low, high] = limits.range
  if (!(value >= low && value <= high)) {
    const limit = value < low ? low : high
    const message = `${id} value ${value} outside range [${low}, ${high}]`
    return {
      findings: [{ check: 'range', severity: 'impossible', measure: id, value, limit, expected: null, message }],
      state,
    }
  }
  const { profile } = limits
  const run = state.run?.value === value ? { value, length: state.run.length + 1 } : { value, length: 1 }
  // A counter stands still, and jumps when it is reset: `counter.ts` says what that means.
  if (profile === null || measures.get(id)?.kind === 'counter') {
    return { findings: [], state: { ...state, run, last: { at_ms, value } } }
  }
  const drifted = followDrift(state, profile, at_ms, value)
  return {
    findings: [
      ...checkRate(id, value, at_ms, state, profile),
      ...checkRun(id, run, profile),
      ...checkUsual(id, value, at_ms, profile),
      ...findDrift(id, state.drift, drifted.drift, profile),
    ],
    state: { run, last: { at_ms, value }, ...drifted },
  }
}

function checkRate(id: string, value: number, at_ms: number, { last }: SeriesState, profile: SeriesProfile): Finding[] {
  if (last === null) return []
  const elapsed_s = (at_ms - last.at_ms) / 1000
  // After a gap anything may have happened.
  if (elapsed_s <= 0 || elapsed_s > 10 * profile.interval_s) return []
  const limit = RATE_MARGIN * profile.rate_max_per_s * elapsed_s + profile.resolution
  const change = Math.abs(value - last.value)
  if (change <= limit) return []
  const message = `${id} changed by ${round(change)} in ${round(elapsed_s)} s; it never changes by more than ${round(limit)}.`
  return [{ check: 'rate_of_change', severity: 'unlikely', measure: id, value, limit, expected: last.value, message }]
}

function checkRun(id: string, run: { value: number; length: number }, { run_max }: SeriesProfile): Finding[] {
  const longest = run.value === 0 ? run_max.zero : run_max.other
  const limit = Math.max(RUN_MIN, Math.ceil(RUN_MARGIN * longest))
  if (run.length <= limit) return []
  const message = `${id} has shown ${run.value} ${run.length} times in a row; the longest run before was ${longest}.`
  const about = { measure: id, value: run.value, limit: null, expected: null, message }
  return [{ check: 'stuck', severity: 'unlikely', ...about }]
}

function checkUsual(id: string, value: number, at_ms: number, profile: SeriesProfile): Finding[] {
  const expected = usualAt(profile, at_ms)
  if (expected === null) return []
  const reach = RESIDUAL_DEVIATIONS_MAX * profile.residual_scale
  if (Math.abs(value - expected) <= reach) return []
  const limit = value > expected ? expected + reach : expected - reach
  const message = `${id} is ${round(value)}; at this hour it is usually about ${round(expected)}.`
  return [{ check: 'usual_for_hour', severity: 'unlikely', measure: id, value, limit, expected, message }]
}

/** Adds the value to its day, and a day that is over to the sums that tell a slow drift from noise. */
function followDrift(
  { day, drift }: SeriesState,
  profile: SeriesProfile,
  at_ms: number,
  value: number,
): Pick<SeriesState, 'day' | 'drift'> {
  const usual = usualAt(profile, at_ms)
  if (usual === null) return { day, drift }
  const today = Math.floor(at_ms / 86_400_000)
  if (day !== null && day.day === today) {
    return { day: { day: today, sum: day.sum + value - usual, count: day.count + 1 }, drift }
  }
  const begun = { day: today, sum: value - usual, count: 1 }
  if (day === null || profile.daily_residual_scale === 0) return { day: begun, drift }
  const deviations = day.sum / day.count / profile.daily_residual_scale
  return {
    day: begun,
    drift: {
      up: Math.max(0, drift.up + deviations - DRIFT_ALLOWANCE),
      down: Math.max(0, drift.down - deviations - DRIFT_ALLOWANCE),
    },
  }
}

function findDrift(
  id: string,
  before: SeriesState['drift'],
  now: SeriesState['drift'],
  profile: SeriesProfile,
): Finding[] {
  // Told once a day, by the reading that closed it.
  if (before === now || Math.max(now.up, now.down) <= DRIFT_LIMIT) return []
  const direction = now.up > now.down ? 'above' : 'below'
  const message =
    `${id} has been ${direction} what is usual for days, each by little ` +
    `(days differ by about ${round(profile.daily_residual_scale)}): the sensor may be drifting.`
  return [
    { check: 'drift', severity: 'unlikely', measure: id, value: null, limit: DRIFT_LIMIT, expected: null, message },
  ]
}

/** Relative difference between measured and computed power beyond which voltage, current and power cannot all be right. */
const POWER_DIFFERENCE_MAX = 0.2

/** Values of one reading against each other: active power is voltage × current × power factor (one phase). */
export function checkTogether(values: readonly MeasuredValue[]): Finding[] {
  const of = (id: string) => values.find(({ measure }) => measure === id)?.value
  const power_kw = of('power_kw')
  const voltage_v = of('voltage_v')
  const current_a = of('current_a')
  const power_factor = of('power_factor')
  if (power_kw === undefined || voltage_v === undefined || current_a === undefined || power_factor === undefined) {
    return []
  }
  const expected = (voltage_v * current_a * power_factor) / 1000
  const reach = POWER_DIFFERENCE_MAX * Math.max(Math.abs(expected), Math.abs(power_kw), 0.1)
  if (Math.abs(power_kw - expected) <= reach) return []
  const message = `power_kw is ${round(power_kw)}, but voltage, current and power factor make ${round(expected)}.`
  return [
    {
      check: 'cross_sensor',
      severity: 'unlikely',
      measure: 'power_kw',
      value: power_kw,
      limit: null,
      expected,
      message,
    },
  ]
}

/** The range that holds for a device: its own where it declares one, never wider than what is physically possible. */
export function rangeFor(measure: Measure, declared: readonly [number, number] | null): readonly [number, number] {
  if (declared === null) return measure.range
  return [Math.max(declared[0], measure.range[0]), Math.min(declared[1], measure.range[1])]
}

/** For people: four significant digits. */
function round(value: number): string {
  return String(Number(value.toPrecision(4)))
}
