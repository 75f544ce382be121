import { Problem } from '../lib/problem.ts'
import type { DecisionInput } from './decision-contract.ts'
import { SECOND_REVIEWER_BELOW } from './decide.ts'
import type { MethodId, MethodResult } from './method-result.ts'
import { roundTo } from './method-result.ts'
import type { AnalysisReport } from './report.ts'
import { sentenceOf } from './words.ts'

/** What a reviewer's decision comes to. */
export interface WeighedDecision {
  method: MethodId | null
  method_version: string | null
  /** What the method came to, in tonnes. */
  measured_t_co2e: number | null
  fraction: number | null
  /** A figure of the reviewer's own. */
  override_t_co2e: number | null
  /** Approved as soon as the decision is effective: whole tonnes, unless the figure is the reviewer's own. */
  proposed_t_co2e: number
  second_needed: boolean
}

/**
 * Weighs what a reviewer wants against the report: the method's tonnes, or a part of them, never more; in writing where the
 * report asks for it; with a second reviewer below 40 and for a figure of one's own.
 * @throws Problem `projects/not-measured`, `projects/reason-missing`, `projects/beyond-measured`
 */
export function weighDecision(wanted: DecisionInput, report: AnalysisReport | null): WeighedDecision {
  if (report === null) throw new Problem('projects/not-measured', { detail: 'There is no result to decide on.' })
  const approves = wanted.verdict === 'approve' || wanted.verdict === 'approve_partial'
  refuseUnwritten(wanted, report, approves)
  const method_id = wanted.method ?? report.proposal.method_id
  const method = report.methods.find((each) => each.method_id === method_id)
  const weighed = {
    method: method_id,
    method_version: method?.method_version ?? null,
    measured_t_co2e: method ? tonnesOf(method) : null,
    fraction: null,
    override_t_co2e: null,
    proposed_t_co2e: 0,
    second_needed: false,
  }
  if (!approves) return weighed
  const is_doubtful = report.confidence.score < SECOND_REVIEWER_BELOW
  if (wanted.approved_t_co2e !== undefined) {
    const figure = ownFigure(wanted.approved_t_co2e, report)
    return { ...weighed, override_t_co2e: figure, proposed_t_co2e: figure, second_needed: true }
  }
  const measured_t = approvable(report, method)
  const fraction = wanted.verdict === 'approve' ? 1 : fractionOf(wanted, report, method)
  const proposed_t_co2e = Math.floor(roundTo(measured_t * fraction, 6))
  if (!(proposed_t_co2e > 0)) {
    throw new Problem('projects/not-measured', {
      detail: `${measured_t} t were measured, of which ${proposed_t_co2e} whole tonnes would be approved: there is nothing to approve.`,
      measured_t_co2e: measured_t,
    })
  }
  return { ...weighed, measured_t_co2e: measured_t, fraction, proposed_t_co2e, second_needed: is_doubtful }
}

function refuseUnwritten(wanted: DecisionInput, report: AnalysisReport, approves: boolean): void {
  const is_plain =
    wanted.verdict === 'approve' && wanted.approved_t_co2e === undefined && !report.proposal.reason_needed
  if (is_plain || (wanted.reason !== undefined && wanted.reason.trim().length > 0)) return
  const why = approves
    ? 'This approval needs its reason in writing.'
    : 'Whoever is refused or asked for more is told why.'
  throw new Problem('projects/reason-missing', {
    detail: why,
    faults: [{ path: '/reason', code: 'missing', message: why }],
  })
}

/** Tonnes of a method. Units of VM0033 are tonnes after deductions and buffer, and no more than those may be credited. */
function tonnesOf({ method_id, value, t_co2e }: MethodResult): number | null {
  return method_id === 'vm0033-like' ? value : t_co2e
}

/** What a method came to and nothing speaks against. */
function approvable({ proposal }: AnalysisReport, method: MethodResult | undefined): number {
  const measured_t = method ? tonnesOf(method) : null
  if (!method || measured_t === null) {
    const because = method?.reasons.map((reason) => sentenceOf(reason).en).join(' ')
    throw new Problem('projects/not-measured', {
      detail: because ? `Nothing was computed: ${because}` : 'No method came to tonnes: there is nothing to approve.',
    })
  }
  const proposed = proposal.methods.find((each) => each.method_id === method.method_id)
  // Above 40 the rules say what may be approved; below, only people can, and two of them do.
  const is_blocked = proposal.level !== 'manual_review' && (proposed?.t_co2e ?? 0) <= 0
  if (is_blocked) {
    const because = proposed?.because.map((reason) => sentenceOf(reason).en).join(' ')
    throw new Problem('projects/not-measured', {
      detail: `There is nothing to approve by ${method.method_id}. ${because}`.trim(),
    })
  }
  return measured_t
}

/** The part that was asked for, or the lower bound at 90 % over the estimate. */
function fractionOf(
  { fraction }: DecisionInput,
  { proposal }: AnalysisReport,
  method: MethodResult | undefined,
): number {
  if (fraction !== undefined) return fraction
  const proposed = proposal.methods.find((each) => each.method_id === method?.method_id)?.fraction_from_uncertainty
  if (proposed !== null && proposed !== undefined && proposed > 0 && proposed < 1) return proposed
  const message = 'Say which part, between 0 and 1: the uncertainty of the method proposes none.'
  throw new Problem('projects/reason-missing', {
    detail: message,
    faults: [{ path: '/fraction', code: 'missing', message }],
  })
}

function ownFigure(figure_t: number, { methods }: AnalysisReport): number {
  const measured = methods.flatMap((method) => tonnesOf(method) ?? [])
  const most_t = Math.max(...measured)
  if (measured.length === 0 || figure_t <= most_t) return figure_t
  throw new Problem('projects/beyond-measured', {
    detail: `${figure_t} t are more than the ${most_t} t that any method came to.`,
    most_t_co2e: most_t,
  })
}
