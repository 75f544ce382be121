import type { DecisionInput, Verdict } from '@tidemark/core/projects/decision-contract.ts'
import { SECOND_REVIEWER_BELOW } from '@tidemark/core/projects/decide.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { MethodId } from '@tidemark/core/projects/method-result.ts'
import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { weighDecision, type WeighedDecision } from '@tidemark/core/projects/weigh-decision.ts'

/** A decision while a reviewer makes it. */
export interface DecisionDraft {
  verdict: (typeof Verdict)['options'][number]
  method: MethodId | ''
  fraction_percent: number
  reason: string
  /** Sentences of what to send, chosen from the proposals or written. */
  wanted: string[]
  more: string
  /** A figure of one's own, as it was typed; undefined while the method's stands. */
  own_t: number | undefined
}

/** What the report proposes: the start of every decision, and none of it is decided. */
export function draftFor(report: AnalysisReport): DecisionDraft {
  const { proposal } = report
  const method = proposal.method_id ?? methodsToChoose(report)[0]?.method_id ?? ''
  const approves = method !== '' && isPossible(report, 'approve', method)
  return {
    verdict: !approves ? 'request_more' : proposal.level === 'approve_partial' ? 'approve_partial' : 'approve',
    method,
    fraction_percent: proposedPercent(report, method),
    reason: '',
    wanted: [],
    more: '',
    own_t: undefined,
  }
}

/** The part that the uncertainty of the method supports; half where it supports none, and the reviewer says which. */
export function proposedPercent({ proposal }: AnalysisReport, method: MethodId | ''): number {
  const found = proposal.methods.find(({ method_id }) => method_id === method)?.fraction_from_uncertainty ?? null
  return found !== null && found > 0 && found < 1 ? Math.round(found * 100) : 50
}

export function methodsToChoose({ methods }: AnalysisReport) {
  return methods.filter(({ value, t_co2e }) => (value ?? 0) > 0 && (t_co2e ?? 0) > 0)
}

/** Whether there is anything that this verdict would approve. */
export function isPossible(report: AnalysisReport, verdict: DecisionDraft['verdict'], method: MethodId | ''): boolean {
  return weighed(report, { verdict, ...(method === '' ? {} : { method }), fraction: 0.99, reason: '·' }) !== undefined
}

/** What the draft would come to by the rules that the server asks; undefined where there is nothing to approve. */
export function weighDraft(report: AnalysisReport, draft: DecisionDraft): WeighedDecision | undefined {
  // The reason is asked for apart: how much it comes to does not hang on it.
  return weighed(report, { ...sentOf(draft), reason: '·' })
}

function weighed(report: AnalysisReport, input: DecisionInput): WeighedDecision | undefined {
  const { fraction, ...rest } = input
  try {
    return weighDecision(
      input.verdict === 'approve_partial' && fraction !== undefined ? { ...rest, fraction } : rest,
      report,
    )
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

export function needsReason(report: AnalysisReport, { verdict, own_t }: DecisionDraft): boolean {
  return verdict !== 'approve' || own_t !== undefined || report.proposal.reason_needed
}

export function needsSecond(report: AnalysisReport, draft: DecisionDraft): boolean {
  const approves = draft.verdict === 'approve' || draft.verdict === 'approve_partial'
  return approves && (report.confidence.score < SECOND_REVIEWER_BELOW || draft.own_t !== undefined)
}

/** What is sent. */
export function sentOf({
  verdict,
  method,
  fraction_percent,
  reason,
  wanted,
  more,
  own_t,
}: DecisionDraft): DecisionInput {
  const approves = verdict === 'approve' || verdict === 'approve_partial'
  const asked = [...wanted, ...more.split('\n').map((line) => line.trim())].filter((line) => line !== '')
  return {
    verdict,
    ...(approves && method !== '' ? { method } : {}),
    ...(verdict === 'approve_partial' ? { fraction: fraction_percent / 100 } : {}),
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    ...(verdict === 'request_more' && asked.length > 0 ? { wanted: asked.slice(0, 20) } : {}),
    ...(approves && own_t !== undefined ? { approved_t_co2e: own_t } : {}),
  }
}
