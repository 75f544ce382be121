/** What travels with the certificate of a decision, and how anybody weighs it again. */
import { z } from 'zod'
import { decimalOf, digestOf } from '../certificates/canonical.ts'
import type { Decision as Certified } from '../certificates/kinds/credit-decision.ts'
import { faultsOf } from '../lib/faults.ts'
import { Problem } from '../lib/problem.ts'
import { firstDifferenceOf, type AnalysisReplay } from './analysis-evidence.ts'
import { Verdict } from './decision-contract.ts'
import { methodIds } from './method-result.ts'
import { readAnalysisInput, reportOf, type AnalysisInput } from './report.ts'
import { weighDecision } from './weigh-decision.ts'

/** What was decided on which analysis. No name and no words of anybody: that there was a reason is all that is said of it. */
export const DecisionSubject = z.strictObject({
  kind: z.literal('credit-decision-input'),
  version: z.literal(2),
  decision_id: z.string().min(1).max(80),
  project_id: z.string().min(1).max(80),
  analysis_id: z.string().min(1).max(80),
  analysis_certificate_hash: z.string().min(1).max(200),
  verdict: Verdict,
  method: z.enum(methodIds).nullable(),
  fraction: z.number().gt(0).max(1).nullable(),
  approved_t_co2e: z.number().positive().nullable().describe('A figure of the reviewers’ own.'),
  is_reasoned: z.boolean(),
  uploaded_on: z.strictObject({ before: z.iso.date(), after: z.iso.date() }),
})
export type DecisionSubject = z.infer<typeof DecisionSubject>

export const certifiedAs: Record<Verdict, Certified> = {
  approve: 'approved',
  approve_partial: 'approved_partial',
  request_more: 'more_evidence',
  reject: 'rejected',
}

/** What a decision comes to, in the names of the facts of its certificate. */
export interface DecisionStatement {
  kind: 'credit-decision'
  decision_id: string
  project_id: string
  analysis_certificate_hash: string
  report_digest: string
  verdict: Verdict
  decision: Certified
  approved_t_co2e: string
  measured_t_co2e: string | null
  fraction: string | null
  method: { id: string; version: string }
  monitoring_period: { start_date: string; end_date: string }
  reviewers: number
}

/**
 * Inputs and result as certificates take them: `{ inputs: [subject, input of the analysis], result }`. The result follows from
 * the inputs alone: the report is computed from its measurement and the decision is weighed against it.
 * @throws Problem whatever `weighDecision` refuses.
 */
export function decisionEvidence(subject: DecisionSubject, input: AnalysisInput) {
  return { inputs: [subject, input] as [DecisionSubject, AnalysisInput], result: statementOf(subject, input) }
}

function statementOf(subject: DecisionSubject, input: AnalysisInput): DecisionStatement {
  const { decision_id, project_id, analysis_certificate_hash, verdict, method, fraction, uploaded_on } = subject
  const report = reportOf(input)
  const weighed = weighDecision(
    {
      verdict,
      ...(method === null ? {} : { method }),
      ...(verdict === 'approve_partial' && fraction !== null ? { fraction } : {}),
      ...(subject.approved_t_co2e === null ? {} : { approved_t_co2e: subject.approved_t_co2e }),
      ...(subject.is_reasoned ? { reason: 'In writing.' } : {}),
    },
    report,
  )
  const { override_t_co2e, measured_t_co2e, second_needed } = weighed
  return {
    kind: 'credit-decision',
    decision_id,
    project_id,
    analysis_certificate_hash,
    report_digest: report.report_digest,
    verdict,
    decision: certifiedAs[verdict],
    approved_t_co2e: decimalOf(weighed.proposed_t_co2e),
    measured_t_co2e: measured_t_co2e === null ? null : decimalOf(measured_t_co2e),
    fraction: weighed.fraction === null ? null : decimalOf(weighed.fraction),
    // A figure of the reviewers' own is by no method, and the certificate says so.
    method:
      override_t_co2e === null
        ? { id: weighed.method ?? 'none', version: weighed.method_version ?? '1' }
        : { id: 'reviewers-own-figure', version: '1' },
    monitoring_period: {
      start_date: report.monitored.before ?? uploaded_on.before,
      end_date: report.monitored.after ?? uploaded_on.after,
    },
    reviewers: second_needed ? 2 : 1,
  }
}

/**
 * Computes the report from its measurement again, weighs the decision against it, and names the first difference.
 * @throws Problem `projects/invalid-analysis` when the evidence cannot be read, and whatever `weighDecision` refuses.
 */
export function replayDecision({ inputs, result }: { inputs: readonly unknown[]; result: unknown }): AnalysisReplay {
  const [about, computed_from] = inputs
  if (inputs.length !== 2) {
    throw new Problem('projects/invalid-analysis', {
      detail: `A decision travels with two inputs, what was decided and what was measured; these are ${inputs.length}.`,
    })
  }
  const subject = DecisionSubject.safeParse(about)
  if (!subject.success) {
    const faults = faultsOf(subject.error, about, '/inputs/0')
    throw new Problem('projects/invalid-analysis', { detail: faults[0]?.message ?? 'It cannot be read.', faults })
  }
  const found = statementOf(subject.data, readAnalysisInput(computed_from))
  const first_difference = firstDifferenceOf(result, found)
  const result_digest = digestOf(found)
  return first_difference ? { same: false, result_digest, first_difference } : { same: true, result_digest }
}
