import type { Evaluation, Gate, Verdict } from './contract.ts'

/** How two versions did on the same rows, none of which either was trained on. Losses: less is better. */
export interface Comparison {
  against: string
  rows: number
  /** Relative: (loss of the other - loss of this one) / loss of the other. */
  gain: number | null
  gain_lower: number | null
  gain_upper: number | null
  /** Against what a model says that knows no feature, where the comparison is with a champion. */
  baseline_gain_lower?: number
  /** Why there are no figures. */
  says?: string
}

export interface Judged {
  comparison: Comparison
  gain_min: number
  evaluation: Evaluation
  /** What the champion reads and this version does not, and the other way round. */
  schema: { missing: readonly string[]; added: readonly string[] }
}

/** Coverage may be this far off what was promised, before chance is allowed for. */
const COVERAGE_SLACK = 0.03
/** Groups with fewer rows say nothing about coverage. */
export const GROUP_ROWS_MIN = 50
/**
 * A version that says nearly the same of every row may beat the mean of its training part by luck of the holdout: of
 * models trained on shuffled targets one in thirty did, by less than this.
 */
const BASELINE_GAIN_MIN = 0.01
/** One row, in process. */
const US_PER_ROW_MAX = 1_000

/**
 * Decides whether a version may answer in place of the champion. Every gate says what it found; one that cannot be
 * assessed does not close, and says so.
 */
export function judge(judged: Judged): Verdict {
  const { comparison, gain_min } = judged
  const gates = [
    schemaGate(judged),
    leakageGate(judged.evaluation),
    gainGate(comparison, gain_min),
    coverageGate(judged.evaluation),
    fairnessGate(judged.evaluation),
    speedGate(judged.evaluation),
  ]
  const closed = gates.filter(({ outcome }) => outcome === 'failed')
  const no_gain = closed.some(({ gate }) => gate === 'gain')
  const why = closed.map(({ says }) => says).join(' ')
  return {
    outcome: closed.length === 0 ? 'passed' : 'rejected',
    says: closed.length === 0 ? `passed: ${gates[2]?.says ?? ''}` : `rejected: ${no_gain ? 'no gain. ' : ''}${why}`,
    against: comparison.against,
    gain: comparison.gain,
    gain_lower: comparison.gain_lower,
    gain_upper: comparison.gain_upper,
    gain_min,
    rows: comparison.rows,
    gates,
  }
}

function schemaGate({ schema, comparison }: Judged): Gate {
  const { missing, added } = schema
  if (added.length > 0)
    return gate('schema', 'failed', `It reads ${listed(added)}, which callers of ${comparison.against} do not send.`)
  if (missing.length > 0)
    return gate('schema', 'warned', `It no longer reads ${listed(missing)}; callers may go on sending them.`)
  return gate('schema', 'passed', 'It reads what callers send.')
}

function leakageGate({ leakage }: Evaluation): Gate {
  if (leakage.length === 0) return gate('leakage', 'passed', 'No feature gives the answer away.')
  const says = leakage.map(({ says: each }) => each).join(' ')
  return gate('leakage', 'warned', `A feature may give the answer away. ${says}`)
}

function gainGate({ gain, gain_lower, against, rows, says, baseline_gain_lower }: Comparison, gain_min: number): Gate {
  if (gain === null || gain_lower === null)
    return gate('gain', 'failed', says ?? `It could not be compared with ${against}.`)
  const found = `Against ${against} on ${rows} rows the loss is ${percent(gain)} less, at least ${percent(gain_lower)} with 97.5 % certainty`
  // Where there is no champion, the comparison itself is with that.
  if (!((baseline_gain_lower ?? gain_lower) > BASELINE_GAIN_MIN))
    return gate(
      'gain',
      'failed',
      `It is not surely better than saying the same of every row, by more than ${percent(BASELINE_GAIN_MIN)}.`,
    )
  return gain_lower > gain_min
    ? gate('gain', 'passed', `${found}.`)
    : gate('gain', 'failed', `${found}, and more than ${percent(gain_min)} is asked.`)
}

function coverageGate({ coverage, rows }: Evaluation): Gate {
  if (!coverage || coverage.overall === null) return gate('coverage', 'not-assessable', 'It gives no intervals.')
  const { level } = coverage
  const measured = [
    { group: 'all rows', rows: rows.holdout, coverage: coverage.overall },
    ...coverage.groups.filter(({ rows }) => rows >= GROUP_ROWS_MIN),
  ]
  const off = measured.filter((each) => Math.abs(each.coverage - level) > slackOf(level, each.rows, rows.calibration))
  // Intervals that hold more often than they say are wide, not wrong.
  const low = off.filter((each) => each.coverage < level)
  const sentence = (each: { group: string; coverage: number }) => `${each.group}: ${percent(each.coverage)}`
  if (low.length > 0)
    return gate(
      'coverage',
      'failed',
      `Intervals of ${percent(level)} hold less often: ${low.map(sentence).join(', ')}.`,
    )
  if (off.length > 0)
    return gate(
      'coverage',
      'warned',
      `Intervals of ${percent(level)} are wider than need be: ${off.map(sentence).join(', ')}.`,
    )
  return gate('coverage', 'passed', `Intervals of ${percent(level)} held ${percent(coverage.overall)} of the time.`)
}

/** Three points, and what chance alone does with so many rows to test and to calibrate on: two standard errors. */
function slackOf(level: number, tested: number, calibrated: number): number {
  return COVERAGE_SLACK + 2 * Math.sqrt(level * (1 - level) * (1 / tested + 1 / calibrated))
}

function fairnessGate({ fairness }: Evaluation): Gate {
  if (!fairness) return gate('fairness', 'not-assessable', 'No column of groups was named.')
  const outcome = { fair: 'passed', unfair: 'failed', unclear: 'warned', not_assessable: 'not-assessable' } as const
  return gate('fairness', outcome[fairness.verdict], `Groups of ${fairness.column}: ${fairness.because}`)
}

function speedGate({ us_per_row }: Evaluation): Gate {
  const says = `One row takes ${us_per_row.toFixed(0)} µs`
  return us_per_row <= US_PER_ROW_MAX
    ? gate('speed', 'passed', `${says}.`)
    : gate('speed', 'failed', `${says}, and ${US_PER_ROW_MAX} µs are allowed.`)
}

function gate(name: Gate['gate'], outcome: Gate['outcome'], says: string): Gate {
  return { gate: name, outcome, says }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function listed(names: readonly string[]): string {
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')
}
