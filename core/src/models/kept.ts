import { z } from 'zod'
import type { Finding } from './monitor.ts'

/** Who trains models from readings, and answers with them: capabilities that stand above this one. */
export const keepers = ['sites', 'telemetry'] as const
export type Keeper = (typeof keepers)[number]

/** What such a model is: of one site, of a class that new sites begin with, or of a class of devices. */
export const keptKinds = ['forecaster', 'class-forecaster', 'detector'] as const

/** A model that learns from readings rather than from a data set: what it is about, and where it answers. */
export const Kept = z
  .strictObject({
    keeper: z.enum(keepers),
    kind: z.enum(keptKinds),
    subject: z.string().max(200).describe('What the keeper knows it by: the id of a site, the name of a class.'),
    site: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
    device_kind: z.string().nullable(),
    series: z
      .array(z.strictObject({ sensor_id: z.string(), measure: z.string() }))
      .max(200)
      .describe('What the newest version learnt from, the first 200.'),
    simulated: z.boolean().describe('Its readings are played, and it answers for what is played alone.'),
    answers_at: z.string().describe('The route that it answers.'),
  })
  .meta({ id: 'KeptModel' })
export type Kept = z.infer<typeof Kept>

/** The readings that a version was trained on. */
export const ReadingsUsed = z.strictObject({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  count: z.int().describe('Slots or readings that were known.'),
})
export type ReadingsUsed = z.infer<typeof ReadingsUsed>

/** What came of a version's answers on one day. */
export interface DayObserved {
  day: string
  answers: number
  outcomes: number
  /** Sum over outcomes, in the unit of `metrics.loss` of the version. */
  loss_sum: number
  /** Outcomes that had an interval, and of those the ones that lay in it. */
  banded: number
  held: number
}

const DAYS_MIN = 7
/** By how much the loss must have grown to be worth an alert. */
const LOSS_GROWTH_MIN = 1.25
/** Intervals of neighbouring slots hold or fail together: coverage is judged by days. */
const COVERAGE_SLACK = 0.05

/** What was seen in all, of days that are known. */
export function totalOf(days: readonly DayObserved[]) {
  const sum = (of: (day: DayObserved) => number) => days.reduce((total, day) => total + of(day), 0)
  const [outcomes, banded] = [sum((day) => day.outcomes), sum((day) => day.banded)]
  return {
    answers: sum((day) => day.answers),
    outcomes,
    banded,
    loss: outcomes === 0 ? null : sum((day) => day.loss_sum) / outcomes,
    held: banded === 0 ? null : sum((day) => day.held) / banded,
  }
}

/**
 * Whether accuracy or coverage were lost since a version was made, by its days: slots of one day are off together, so a day
 * counts once. Nothing is said before a week of them.
 * @param days of one version, oldest first.
 */
export function keptFindings(
  days: readonly DayObserved[],
  trained_loss: number | undefined,
  level: number | null,
): Finding[] {
  const known = days.filter(({ outcomes }) => outcomes > 0)
  const [first] = known
  if (first === undefined || known.length < DAYS_MIN) return []
  const about = { feature: null, slice: null, since: new Date(`${first.day}T00:00:00Z`) }
  const found: Finding[] = []
  const losses = meanAndError(known.map(({ loss_sum, outcomes }) => loss_sum / outcomes))
  if (trained_loss !== undefined && losses.mean - 2 * losses.error > LOSS_GROWTH_MIN * trained_loss) {
    const times = trained_loss > 0 ? `${(losses.mean / trained_loss).toFixed(2)} times` : 'more than'
    const says = `The loss of ${known.length} days is ${times} what it was when the version was made.`
    found.push({ ...about, kind: 'accuracy', says, facts: { loss: losses.mean, trained_loss } })
  }
  const banded = known.filter((day) => day.banded > 0)
  if (level === null || banded.length < DAYS_MIN) return found
  const shares = meanAndError(banded.map((day) => day.held / day.banded))
  if (shares.mean + 2 * shares.error < level - COVERAGE_SLACK) {
    const says = `Intervals of ${percent(level)} held ${percent(shares.mean)} of the time on ${banded.length} days.`
    found.push({ ...about, kind: 'coverage', says, facts: { held: shares.mean, level } })
  }
  return found
}

function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  return { mean, error: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
