import { Problem } from '../lib/problem.ts'
import type { DecisionInput } from './decision-contract.ts'
import { SECOND_REVIEWER_BELOW } from './decide.ts'
import { foundHectares } from './measurement.ts'
import { declaredFigures } from './method-settings.ts'
import type { MethodId, MethodResult } from './method-result.ts'
import { roundTo } from './method-result.ts'
import { CARBON_T_PER_HA_YR_MAX } from './plausibility.ts'
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
 * report asks for it and where figures that no picture shows stand behind the tonnes. With a second reviewer below 40, for a
 * figure of one's own, for such declared figures, and for more than the report proposes.
 * @throws Problem `projects/not-measured`, `projects/reason-missing`, `projects/beyond-measured`
 */
export function weighDecision(wanted: DecisionInput, report: AnalysisReport | null): WeighedDecision {
  if (report === null) throw new Problem('projects/not-measured', { detail: 'There is no result to decide on.' })
  const approves = wanted.verdict === 'approve' || wanted.verdict === 'approve_partial'
  const method_id = wanted.method ?? report.proposal.method_id
  const method = report.methods.find((each) => each.method_id === method_id)
  const is_declared = method !== undefined && declaredFigures(method).length > 0
  refuseUnwritten(wanted, report, { approves, is_declared })
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
  const second_needed = is_doubtful || is_declared || proposed_t_co2e > (proposalFor(report, method)?.t_co2e ?? 0)
  return { ...weighed, measured_t_co2e: measured_t, fraction, proposed_t_co2e, second_needed }
}

function proposalFor({ proposal }: AnalysisReport, method: MethodResult | undefined) {
  return proposal.methods.find((each) => each.method_id === method?.method_id)
}

function refuseUnwritten(
  wanted: DecisionInput,
  report: AnalysisReport,
  { approves, is_declared }: { approves: boolean; is_declared: boolean },
): void {
  const asked = report.proposal.reason_needed || is_declared
  const is_plain = wanted.verdict === 'approve' && wanted.approved_t_co2e === undefined && !asked
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
function approvable(report: AnalysisReport, method: MethodResult | undefined): number {
  const measured_t = method ? tonnesOf(method) : null
  if (!method || measured_t === null) {
    const because = method?.reasons.map((reason) => sentenceOf(reason).en).join(' ')
    throw new Problem('projects/not-measured', {
      detail: because ? `Nothing was computed: ${because}` : 'No method came to tonnes: there is nothing to approve.',
    })
  }
  const proposed = proposalFor(report, method)
  // Above 40 the rules say what may be approved; below, only people can, and two of them do.
  const is_blocked =
    isWithheld(report, method) || (report.proposal.level !== 'manual_review' && (proposed?.t_co2e ?? 0) <= 0)
  if (is_blocked) {
    const because = proposed?.because.map((reason) => sentenceOf(reason).en).join(' ')
    throw new Problem('projects/not-measured', {
      detail: `There is nothing to approve by ${method.method_id}. ${because}`.trim(),
    })
  }
  return measured_t
}

/** The part that was asked for, or the lower bound at 90 % over the estimate. */
function fractionOf({ fraction }: DecisionInput, report: AnalysisReport, method: MethodResult | undefined): number {
  if (fraction !== undefined) return fraction
  const proposed = proposalFor(report, method)?.fraction_from_uncertainty
  if (proposed !== null && proposed !== undefined && proposed > 0 && proposed < 1) return proposed
  const message = 'Say which part, between 0 and 1: the uncertainty of the method proposes none.'
  throw new Problem('projects/reason-missing', {
    detail: message,
    faults: [{ path: '/fraction', code: 'missing', message }],
  })
}

/** Whether a guard holds back what a method came to: no person lifts it, better evidence does. */
function isWithheld({ plausibility }: AnalysisReport, { method_id }: MethodResult): boolean {
  return plausibility.some((each) => each.effect === 'block' && (each.method_id ?? method_id) === method_id)
}

/**
 * A figure of the reviewers' own is bounded by what was measured: by the largest that any method came to; where pictures were
 * compared and no method takes them, by what no wetland is known to exceed. What was not measured carries no figure at all.
 */
function ownFigure(figure_t: number, report: AnalysisReport): number {
  const nothing = (detail: string) => new Problem('projects/not-measured', { detail })
  if (report.proposal.level === 'more_evidence')
    throw nothing('Between 40 and 55 there is nothing to approve until better evidence comes.')
  if (report.integrity.effect === 'block') throw nothing('Evidence that a check refuses carries no figure.')
  const most_t = mostOf(report)
  if (most_t === undefined) throw nothing('The pair was not measured: there is nothing that a figure could rest on.')
  if (figure_t <= most_t) return figure_t
  throw new Problem('projects/beyond-measured', {
    detail: `${figure_t} t are more than the ${most_t} t that may be approved of this measurement at most.`,
    most_t_co2e: most_t,
  })
}

function mostOf(report: AnalysisReport): number | undefined {
  const { methods, measurement, monitored, proposal } = report
  const sound = methods.filter((method) => !isWithheld(report, method)).flatMap((method) => tonnesOf(method) ?? [])
  if (sound.length > 0) return Math.max(...sound)
  const is_measured = measurement.outcome === 'measured' && proposal.outcome !== 'loss' && monitored.years !== null
  const has_sums = methods.some((method) => tonnesOf(method) !== null)
  const area_ha = foundHectares(measurement.area) ?? measurement.area.claimed_ha
  return is_measured && !has_sums ? roundTo(CARBON_T_PER_HA_YR_MAX * area_ha * (monitored.years ?? 0), 6) : undefined
}
