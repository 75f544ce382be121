import type { z } from 'zod'
import { creditDecision, decisionSentence, type CreditDecisionFacts } from './credit-decision.ts'
import { emissionCalculation, stateEmission, type EmissionFacts } from './emission-calculation.ts'
import { inDocument, openEvidenceDigests, type Kind } from './kind.ts'
import { projectAnalysis, type ProjectAnalysisFacts } from './project-analysis.ts'
import { sensorBatch, sensorBatchDigests, type SensorBatchFacts } from './sensor-batch.ts'

/** Every kind of certificate. */
export const certificateKinds = ['emission_calculation', 'sensor_batch', 'project_analysis', 'credit_decision'] as const
export type CertificateKind = (typeof certificateKinds)[number]

export const kinds = {
  emission_calculation: emissionCalculation,
  sensor_batch: sensorBatch,
  project_analysis: projectAnalysis,
  credit_decision: creditDecision,
} as const satisfies Record<CertificateKind, Kind>

interface FactsByKind {
  emission_calculation: EmissionFacts
  sensor_batch: SensorBatchFacts
  project_analysis: ProjectAnalysisFacts
  credit_decision: CreditDecisionFacts
}

/** What a certificate of this kind states, in our own names. */
export type FactsOf<K extends CertificateKind> = FactsByKind[K]
/** What it states, as `credentialSubject` has it. */
export type StatedOf<K extends CertificateKind> = z.infer<(typeof kinds)[K]['Stated']>
/** What travels with it so that it can be computed again. */
export type EvidenceOf<K extends CertificateKind> = z.infer<(typeof kinds)[K]['Evidence']>

/** How facts of each kind are put into a document. */
export const stateFacts: { [K in CertificateKind]: (facts: FactsOf<K>) => StatedOf<K> } = {
  emission_calculation: stateEmission,
  sensor_batch: inDocument,
  project_analysis: inDocument,
  credit_decision: (facts) => ({
    ...inDocument(facts),
    statement: decisionSentence(facts.decision, facts.approved_t_co2e),
  }),
}

/** The digests that facts must hold for this evidence. Of an emission calculation its own capability makes them. */
export const evidenceDigests = {
  sensor_batch: sensorBatchDigests,
  project_analysis: openEvidenceDigests,
  credit_decision: openEvidenceDigests,
} as const

/** The kind of a document, by its second type; undefined when this version does not know it. */
export function kindOf(document: { type?: unknown }): CertificateKind | undefined {
  const type: unknown = Array.isArray(document.type) ? document.type[1] : undefined
  return certificateKinds.find((name) => kinds[name].vc_type === type)
}
