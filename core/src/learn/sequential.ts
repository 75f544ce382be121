import { z } from 'zod'
import { Problem } from '../lib/problem.ts'

/**
 * A comparison of champion and challenger that may be looked at after every outcome: the chance that it ever names a winner
 * that is none is at most `alpha`, however long it runs and whenever one stops. It is the predictable plug-in empirical
 * Bernstein confidence sequence of Waudby-Smith and Ramdas (2024, theorem 2) for the mean of bounded differences.
 * Docs: docs/methods/learn-comparison.md.
 */
export const SequentialState = z.strictObject({
  kind: z.literal('sequential'),
  version: z.literal(1),
  /** A loss is from 0 to this, in its own unit, chosen before the first outcome; a larger one counts as this. */
  loss_max: z.number().positive(),
  alpha: z.number().gt(0).lt(1),
  /** Absent in shadow mode, where both predict every row; else the share of rows that the challenger answers. */
  challenger_share: z.number().gt(0).lt(1).optional(),
  count: z.int().nonnegative(),
  /** Sums over outcomes mapped to 0 … 1: of values, of squared distances from the running mean, and of the bets. */
  sum: z.number().nonnegative(),
  squares: z.number().nonnegative(),
  bet_sum: z.number().nonnegative(),
  bet_value_sum: z.number().nonnegative(),
  risk_sum: z.number().nonnegative(),
  /** How many losses were above `loss_max` and counted as that. */
  clipped_count: z.int().nonnegative(),
  /** The first decision; it stays, because taking it back would be peeking. */
  decision: z.enum(['challenger_better', 'champion_better']).optional(),
  decided_at_count: z.int().positive().optional(),
})
export type SequentialState = z.infer<typeof SequentialState>

/** Both losses on one row (shadow), or the loss of the one that answered it (split traffic). */
export type SequentialOutcome =
  | { champion_loss: number; challenger_loss: number }
  | { answered_by: 'champion' | 'challenger'; loss: number }

export interface SequentialStanding {
  /** `collecting` until zero is outside the interval. */
  verdict: 'collecting' | 'challenger_better' | 'champion_better'
  count: number
  /** Loss of the champion less that of the challenger: above zero the challenger is better. Absent before the first outcome. */
  gain?: number
  /** Holds the mean gain at every moment at once with the chance 1 - alpha. */
  gain_low: number
  gain_high: number
}

/** Bets are at most half of what is at stake, as the authors advise. */
const BET_MAX = 0.5

export function startSequential(options: {
  loss_max: number
  alpha?: number
  challenger_share?: number
}): SequentialState {
  const { loss_max, alpha = 0.05, challenger_share } = options
  const fits = loss_max > 0 && loss_max < Infinity && alpha > 0 && alpha < 1
  if (!(fits && (challenger_share === undefined || (challenger_share > 0 && challenger_share < 1)))) {
    throw new Problem('learn/data-unfit', {
      detail: 'A sequential test needs a largest loss above zero, and alpha and the share between 0 and 1.',
      ...options,
    })
  }
  return {
    kind: 'sequential',
    version: 1,
    loss_max,
    alpha,
    ...(challenger_share === undefined ? {} : { challenger_share }),
    count: 0,
    sum: 0,
    squares: 0,
    bet_sum: 0,
    bet_value_sum: 0,
    risk_sum: 0,
    clipped_count: 0,
  }
}

/** The differences that can occur: in split traffic an answer stands for 1 / share of the rows (inverse probability). */
function boundsOf({ loss_max, challenger_share }: SequentialState): { low: number; width: number } {
  if (challenger_share === undefined) return { low: -loss_max, width: 2 * loss_max }
  const low = -loss_max / challenger_share
  return { low, width: loss_max / (1 - challenger_share) - low }
}

/** The state after one more outcome. Outcomes come in the order they are known, each once. */
export function observe(state: SequentialState, outcome: SequentialOutcome): SequentialState {
  const { difference, clipped } = differenceOf(state, outcome)
  const { low, width } = boundsOf(state)
  const value = (difference - low) / width
  const count = state.count + 1
  // Everything the bet rests on was known before this outcome: that is what makes looking at any time harmless.
  const mean_before = (0.5 + state.sum) / count
  const variance_before = (0.25 + state.squares) / count
  const bet = Math.min(
    BET_MAX,
    Math.sqrt((2 * Math.log(2 / state.alpha)) / (variance_before * count * Math.log(1 + count))),
  )
  const sum = state.sum + value
  const mean = (0.5 + sum) / (count + 1)
  const next: SequentialState = {
    ...state,
    count,
    sum,
    squares: state.squares + (value - mean) ** 2,
    bet_sum: state.bet_sum + bet,
    bet_value_sum: state.bet_value_sum + bet * value,
    risk_sum: state.risk_sum + (value - mean_before) ** 2 * (-Math.log(1 - bet) - bet),
    clipped_count: state.clipped_count + clipped,
  }
  if (next.decision !== undefined) return next
  const { gain_low, gain_high } = intervalOf(next)
  if (!(gain_low > 0 || gain_high < 0)) return next
  return { ...next, decision: gain_low > 0 ? 'challenger_better' : 'champion_better', decided_at_count: count }
}

function differenceOf(state: SequentialState, outcome: SequentialOutcome): { difference: number; clipped: number } {
  let clipped = 0
  const bounded = (loss: number) => {
    if (!(loss >= 0 && loss < Infinity)) {
      throw new Problem('learn/data-unfit', { detail: `A loss is a finite number from 0, not ${loss}.` })
    }
    if (loss > state.loss_max) clipped++
    return Math.min(loss, state.loss_max)
  }
  const share = state.challenger_share
  if ('answered_by' in outcome && share !== undefined) {
    const loss = bounded(outcome.loss)
    return { difference: outcome.answered_by === 'champion' ? loss / (1 - share) : -loss / share, clipped }
  }
  if ('champion_loss' in outcome && share === undefined) {
    const difference = bounded(outcome.champion_loss) - bounded(outcome.challenger_loss)
    return { difference, clipped }
  }
  const detail =
    share === undefined ? 'In shadow mode both models have a loss.' : 'In split traffic one model answers a row.'
  throw new Problem('learn/data-unfit', { detail })
}

function intervalOf(state: SequentialState): { gain_low: number; gain_high: number } {
  const { low, width } = boundsOf(state)
  if (state.count === 0) return { gain_low: low, gain_high: low + width }
  const centre = state.bet_value_sum / state.bet_sum
  const margin = (Math.log(2 / state.alpha) + state.risk_sum) / state.bet_sum
  return { gain_low: low + width * Math.max(0, centre - margin), gain_high: low + width * Math.min(1, centre + margin) }
}

/** Where the comparison stands now. */
export function standingOf(state: SequentialState): SequentialStanding {
  const { low, width } = boundsOf(state)
  return {
    verdict: state.decision ?? 'collecting',
    count: state.count,
    ...(state.count > 0 ? { gain: low + (width * state.sum) / state.count } : {}),
    ...intervalOf(state),
  }
}

/** A state that was kept as JSON. */
export function readSequential(written: unknown): SequentialState {
  const read = SequentialState.safeParse(written)
  if (read.success) return read.data
  throw new Problem('learn/model-file-invalid', {
    detail: `This is not the state of a sequential test: ${read.error.issues[0]?.message ?? 'it has another form'}.`,
  })
}
