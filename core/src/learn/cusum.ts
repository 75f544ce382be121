import { z } from 'zod'
import { refuseUnfit } from './unfit.ts'
import { readModelFile } from './read-model-file.ts'

/**
 * Two-sided CUSUM: sums what a value exceeds its target by, so that a small lasting shift shows where no single value
 * would (Page 1954). Plain data; a step returns the next state. See docs/methods/learn-change.md.
 */
export interface Cusum {
  kind: 'cusum'
  version: 1
  target: number
  /** One standard deviation of the values when all is well, in their unit. */
  deviation: number
  /** Half the shift worth finding, in deviations. */
  slack: number
  /** The sum at which an alarm is given, in deviations. */
  threshold: number
  /** The sums above and below, in deviations. */
  above: number
  below: number
  /** Values since each sum last left zero: where the shift probably began. */
  above_steps: number
  below_steps: number
}

export interface CusumAlarm {
  direction: 'up' | 'down'
  /** How many values ago, this one counted, the shift probably began. */
  began_steps_ago: number
  /** The shift as the sum tells it, in the unit of the values. */
  shift: number
}

export interface CusumOptions {
  target: number
  /** Above 0; give a floor for series that do not move. */
  deviation: number
  /** 0.5 unless told: finds a shift of one deviation soonest. */
  slack?: number
  /** 5 unless told: one false alarm in 465 independent normal values. */
  threshold?: number
}

/** @throws {Problem} learn/data-unfit where a number is not finite, or deviation and threshold not above 0. */
export function cusumOf({ target, deviation, slack = 0.5, threshold = 5 }: CusumOptions): Cusum {
  const sound = Number.isFinite(target) && slack >= 0 && deviation > 0 && threshold > 0
  if (!sound || !Number.isFinite(deviation + slack + threshold))
    refuseUnfit('A CUSUM needs a target, a deviation and a threshold above 0, and a slack that is not negative.', [])
  const sums = { above: 0, below: 0, above_steps: 0, below_steps: 0 }
  return { kind: 'cusum', version: 1, target, deviation, slack, threshold, ...sums }
}

/** One more value. After an alarm both sums begin anew; a missing value (NaN) leaves the state as it is. */
export function stepCusum(state: Cusum, value: number): { state: Cusum; alarm?: CusumAlarm } {
  if (Number.isNaN(value)) return { state }
  const off = (value - state.target) / state.deviation
  const above = Math.max(0, state.above + off - state.slack)
  const below = Math.max(0, state.below - off - state.slack)
  const above_steps = above > 0 ? state.above_steps + 1 : 0
  const below_steps = below > 0 ? state.below_steps + 1 : 0
  if (above <= state.threshold && below <= state.threshold)
    return { state: { ...state, above, below, above_steps, below_steps } }
  const up = above > state.threshold
  const [sum, began_steps_ago] = up ? [above, above_steps] : [below, below_steps]
  const shift = (up ? 1 : -1) * (state.slack + sum / began_steps_ago) * state.deviation
  return {
    state: { ...state, above: 0, below: 0, above_steps: 0, below_steps: 0 },
    alarm: { direction: up ? 'up' : 'down', began_steps_ago, shift },
  }
}

/**
 * How many independent normal values pass, on average, before an alarm when the mean stands `shift` deviations off target
 * (0: false alarms): Siegmund's approximation (1985), within 3 % of the exact values for thresholds of 4 and more.
 */
export function cusumRunLength(shift: number, { slack, threshold }: { slack: number; threshold: number }): number {
  const oneSided = (drift: number) => {
    const b = threshold + 1.166
    if (Math.abs(drift) < 1e-9) return b * b
    return (Math.exp(-2 * drift * b) + 2 * drift * b - 1) / (2 * drift * drift)
  }
  return 1 / (1 / oneSided(shift - slack) + 1 / oneSided(-shift - slack))
}

/** The threshold with which a false alarm comes once in `run_length` independent normal values, by the same approximation. */
export function cusumThreshold(run_length: number, slack = 0.5): number {
  let [low, high] = [0, 1]
  while (cusumRunLength(0, { slack, threshold: high }) < run_length && high < 1e6) high *= 2
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (cusumRunLength(0, { slack, threshold: middle }) < run_length) low = middle
    else high = middle
  }
  return high
}

const CusumFile = z.strictObject({
  kind: z.literal('cusum'),
  version: z.literal(1),
  target: z.number(),
  deviation: z.number().positive(),
  slack: z.number().nonnegative(),
  threshold: z.number().positive(),
  above: z.number().nonnegative(),
  below: z.number().nonnegative(),
  above_steps: z.int().nonnegative(),
  below_steps: z.int().nonnegative(),
})

/** The state as it goes into a file: it is plain data already. */
export function writeCusum(state: Cusum): Cusum {
  return { ...state }
}

/** @throws {Problem} learn/model-file-invalid */
export function readCusum(file: unknown): Cusum {
  return readModelFile(CusumFile, file, 'a CUSUM of version 1')
}
