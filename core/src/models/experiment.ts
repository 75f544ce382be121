import {
  observe,
  standingOf,
  startSequential,
  type SequentialOutcome,
  type SequentialState,
} from '../learn/sequential.ts'
import type { Experiment, ExperimentPlan } from './serving-contract.ts'
import { placeOf } from './split.ts'

/** What an experiment has seen so far, as it is kept. */
export interface Tally {
  sequential: SequentialState
  champion_outcomes: number
  challenger_outcomes: number
  champion_loss_sum: number
  challenger_loss_sum: number
  /** How long the challenger took, by doubling: entry n counts answers of 2^n to 2^(n+1) microseconds. */
  latency_counts: number[]
  failures: number
}

/**
 * Begins to count.
 * @param loss_max a larger loss counts as this; chosen before the first outcome.
 */
export function startTally({ mode, share, alpha }: ExperimentPlan, loss_max: number): Tally {
  return {
    sequential: startSequential({ loss_max, alpha, ...(mode === 'split' ? { challenger_share: share } : {}) }),
    champion_outcomes: 0,
    challenger_outcomes: 0,
    champion_loss_sum: 0,
    challenger_loss_sum: 0,
    latency_counts: [],
    failures: 0,
  }
}

/** Whether the challenger answers for a key: the same key always gets the same answer, and one experiment says nothing of another. */
export function isChallenged(experiment_id: string, key: string, share: number): boolean {
  return placeOf(`${experiment_id}\u0000${key}`) < share
}

/** The tally after one more outcome. */
export function count(tally: Tally, outcome: SequentialOutcome): Tally {
  const next = { ...tally, sequential: observe(tally.sequential, outcome) }
  if ('loss' in outcome) {
    const side = outcome.answered_by === 'champion' ? 'champion' : 'challenger'
    next[`${side}_outcomes`] += 1
    next[`${side}_loss_sum`] += outcome.loss
    return next
  }
  next.champion_outcomes += 1
  next.challenger_outcomes += 1
  next.champion_loss_sum += outcome.champion_loss
  next.challenger_loss_sum += outcome.challenger_loss
  return next
}

/** The tally after the challenger took so long for an answer, or failed to give one. */
export function countAnswer(tally: Tally, latency_us: number | 'failed'): Tally {
  if (latency_us === 'failed') return { ...tally, failures: tally.failures + 1 }
  const place = Math.max(0, Math.floor(Math.log2(Math.max(1, latency_us))))
  const latency_counts = Array.from(
    { length: Math.max(tally.latency_counts.length, place + 1) },
    (_, index) => (tally.latency_counts[index] ?? 0) + (index === place ? 1 : 0),
  )
  return { ...tally, latency_counts }
}

/** Answers before speed and failures are judged. */
const ANSWERS_MIN = 50
/** More failures than this share of what was asked end an experiment. */
const FAILURE_SHARE_MAX = 0.02

export interface Standing {
  state: Experiment['state']
  says: string
}

/** Where an experiment stands. Looking often changes nothing: the test allows for it. */
export function standingOfTally(plan: ExperimentPlan, tally: Tally): Standing {
  const guard = guardrail(plan, tally)
  if (guard) return { state: 'stopped', says: `Stopped: guardrail. ${guard}` }
  const { verdict, count: outcomes, gain = 0 } = standingOf(tally.sequential)
  const seen = `after ${outcomes} outcomes`
  if (outcomes === 0)
    return {
      state: 'collecting',
      says: `Undecidable yet: collecting (0/${plan.outcomes_needed}). Nothing has come true that could be compared.`,
    }
  if (verdict === 'challenger_better')
    return {
      state: 'challenger-wins',
      says: `The challenger wins ${seen}: its loss is less by ${gain.toPrecision(3)}.`,
    }
  if (verdict === 'champion_better') {
    const worse = harmOf(tally)
    if (worse > plan.harm_max)
      return {
        state: 'stopped',
        says: `Stopped: guardrail. The challenger is surely worse, by ${(100 * worse).toFixed(0)} % of the champion's loss, ${seen}.`,
      }
    return {
      state: 'champion-kept',
      says: `The champion is kept ${seen}: its loss is less by ${(-gain).toPrecision(3)}.`,
    }
  }
  if (outcomes >= plan.outcomes_max)
    return {
      state: 'undecided',
      says: `Undecided ${seen}: if there is a difference it is small. The champion is kept.`,
    }
  return { state: 'collecting', says: `Collecting (${outcomes}/${plan.outcomes_needed}): undecidable yet.` }
}

/** By which share of the champion's mean loss the challenger's is larger. */
function harmOf({ champion_outcomes, challenger_outcomes, champion_loss_sum, challenger_loss_sum }: Tally): number {
  if (champion_outcomes === 0 || challenger_outcomes === 0) return 0
  const champion = champion_loss_sum / champion_outcomes
  const challenger = challenger_loss_sum / challenger_outcomes
  return champion > 0 ? (challenger - champion) / champion : challenger > 0 ? Infinity : 0
}

function guardrail({ latency_us_max }: ExperimentPlan, { latency_counts, failures }: Tally): string | undefined {
  const answers = latency_counts.reduce((sum, each) => sum + each, 0)
  if (answers + failures < ANSWERS_MIN) return undefined
  if (failures > FAILURE_SHARE_MAX * (answers + failures))
    return `The challenger failed on ${failures} of ${answers + failures} requests.`
  const slow = latency_counts.reduce((sum, each, place) => sum + (2 ** place >= latency_us_max ? each : 0), 0)
  return slow > answers / 2 ? `Half of the challenger's answers took longer than ${latency_us_max} µs.` : undefined
}
