import { z } from 'zod'
import { CertificateHash, Counted, Decimal, Digest, IsoDate, RecordId, Text } from '../fields.ts'
import { formInDocument, OpenEvidence, openEvidenceDigests, statedInResult, type Kind } from './kind.ts'

export const decisions = ['approved', 'approved_partial', 'rejected', 'more_evidence'] as const
export type Decision = (typeof decisions)[number]

/** What reviewers decided about the credits of a project for one monitoring period. */
export const CreditDecisionFacts = z.strictObject({
  decision_id: RecordId,
  project_id: RecordId,
  analysis_certificate_hash: CertificateHash,
  decision: z.enum(decisions),
  approved_t_co2e: Decimal.regex(/^[^-]/, 'Nobody approves less than nothing.'),
  method: z.strictObject({ id: RecordId, version: Text, engine_digest: Digest }),
  monitoring_period: z.strictObject({ start_date: IsoDate, end_date: IsoDate }),
  reviewers: z.int().min(1).max(1000),
  inputs: Counted,
  result_digest: Digest,
  subject_commitment: Digest,
})
export type CreditDecisionFacts = z.infer<typeof CreditDecisionFacts>

/** The decision as the certificate words it. */
export function decisionSentence(decision: Decision, approved_t_co2e: string): string {
  switch (decision) {
    case 'approved':
      return `approved for ${approved_t_co2e} tCO2e`
    case 'approved_partial':
      return `approved in part for ${approved_t_co2e} tCO2e`
    case 'rejected':
      return 'rejected'
    case 'more_evidence':
      return 'not decided: more evidence is needed'
  }
}

/** Only an approval is for an amount, and none is for nothing. */
export function amountFits(decision: Decision, approved_t_co2e: string): boolean {
  const is_nothing = /^0(?:\.0+)?$/.test(approved_t_co2e)
  return decision === 'approved' || decision === 'approved_partial' ? !is_nothing : is_nothing
}

export const CreditDecisionStated = formInDocument(CreditDecisionFacts.extend({ statement: Text }))
export type CreditDecisionStated = z.infer<typeof CreditDecisionStated>

function contradictionIn({ decision, approvedTCo2e, statement, monitoringPeriod }: CreditDecisionStated) {
  if (!amountFits(decision, approvedTCo2e)) {
    return {
      path: '/approvedTCo2e',
      message: 'an approval is for more than nothing, and nothing else is for an amount.',
    }
  }
  if (statement !== decisionSentence(decision, approvedTCo2e)) {
    return { path: '/statement', message: 'the statement says something else than decision and amount.' }
  }
  return monitoringPeriod.startDate <= monitoringPeriod.endDate
    ? undefined
    : { path: '/monitoringPeriod', message: 'the monitoring period ends before it begins.' }
}

const inFrench: Record<Decision, (amount: string) => string> = {
  approved: (amount) => `approuvé pour ${amount} tCO2e`,
  approved_partial: (amount) => `approuvé en partie pour ${amount} tCO2e`,
  rejected: () => 'rejeté',
  more_evidence: () => 'non décidé : d’autres preuves sont nécessaires',
}

export const creditDecision: Kind<CreditDecisionStated, OpenEvidence> = {
  vc_type: 'CreditDecisionCertificate',
  called: ['a certificate of a credit decision', 'un certificat de décision de crédit'],
  Stated: CreditDecisionStated,
  Evidence: OpenEvidence,
  entry: ['line', 'la ligne'],
  faults_at: '/evidence',
  recordIdOf: ({ decisionId }) => decisionId,
  says: ({ projectId, monitoringPeriod: { startDate, endDate }, statement, decision, approvedTCo2e, reviewers }) => [
    `Project ${projectId}, ${startDate} to ${endDate}: ${statement}, by ${reviewers} ${reviewers === 1 ? 'reviewer' : 'reviewers'}.`,
    `Projet ${projectId}, du ${startDate} au ${endDate} : ${inFrench[decision](approvedTCo2e)}, par ${reviewers} ${reviewers === 1 ? 'évaluateur' : 'évaluateurs'}.`,
  ],
  contradictionIn,
  digestsStated: ({ inputs, resultDigest }) => ({ inputs: inputs.digest, result: resultDigest }),
  digestsOf: (evidence) => {
    const { inputs, result_digest } = openEvidenceDigests(evidence)
    return { inputs: inputs.digest, result: result_digest }
  },
  statedTwice: statedInResult,
}
