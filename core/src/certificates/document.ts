import { z } from 'zod'
import { Instant, Text } from './fields.ts'
import { kinds, type CertificateKind, type StatedOf } from './kinds/kinds.ts'

/** The documents that are signed and handed on: one form for each kind, alike in everything but what they state. */

export const Issuer = z.strictObject({ id: z.string().regex(/^did:web:[A-Za-z0-9._%-]+$/), name: Text })

export const ProofForm = z.strictObject({
  type: z.literal('DataIntegrityProof'),
  cryptosuite: z.literal('eddsa-jcs-2022'),
  created: Instant,
  verificationMethod: z.string().regex(/^did:web:[A-Za-z0-9._%-]+#[A-Za-z0-9_-]{43}$/),
  proofPurpose: z.literal('assertionMethod'),
  '@context': z.array(z.string()),
  proofValue: z.string().regex(/^z[1-9A-HJ-NP-Za-km-z]{64,90}$/),
})

/** The document without its proof: a W3C Verifiable Credential 2.0 in the Tidemark JSON profile. */
function unsignedForm<T extends string, S extends z.ZodType>(vc_type: T, Stated: S) {
  return z.strictObject({
    '@context': z.tuple([z.literal('https://www.w3.org/ns/credentials/v2'), z.url()]),
    id: z.url(),
    type: z.tuple([z.literal('VerifiableCredential'), z.literal(vc_type)]),
    issuer: Issuer,
    validFrom: Instant,
    credentialSubject: Stated,
  })
}

const says = 'W3C Verifiable Credential 2.0 with one eddsa-jcs-2022 proof.'

export const UnsignedEmissionCertificate = unsignedForm(
  'EmissionCalculationCertificate',
  kinds.emission_calculation.Stated,
)
const UnsignedSensorBatchCertificate = unsignedForm('SensorBatchCertificate', kinds.sensor_batch.Stated)
const UnsignedProjectAnalysisCertificate = unsignedForm('ProjectAnalysisCertificate', kinds.project_analysis.Stated)
const UnsignedCreditDecisionCertificate = unsignedForm('CreditDecisionCertificate', kinds.credit_decision.Stated)

/** A certificate as it is handed on. */
export const EmissionCertificate = UnsignedEmissionCertificate.extend({ proof: ProofForm }).meta({
  id: 'EmissionCertificate',
  description: says,
})
export type EmissionCertificate = z.infer<typeof EmissionCertificate>
export const SensorBatchCertificate = UnsignedSensorBatchCertificate.extend({ proof: ProofForm }).meta({
  id: 'SensorBatchCertificate',
  description: says,
})
export const ProjectAnalysisCertificate = UnsignedProjectAnalysisCertificate.extend({ proof: ProofForm }).meta({
  id: 'ProjectAnalysisCertificate',
  description: says,
})
export const CreditDecisionCertificate = UnsignedCreditDecisionCertificate.extend({ proof: ProofForm }).meta({
  id: 'CreditDecisionCertificate',
  description: says,
})

export const unsignedForms = {
  emission_calculation: UnsignedEmissionCertificate,
  sensor_batch: UnsignedSensorBatchCertificate,
  project_analysis: UnsignedProjectAnalysisCertificate,
  credit_decision: UnsignedCreditDecisionCertificate,
} as const satisfies Record<CertificateKind, z.ZodType>

/** A certificate of any kind. */
export const Certificate = z.union([
  EmissionCertificate,
  SensorBatchCertificate,
  ProjectAnalysisCertificate,
  CreditDecisionCertificate,
])

export interface UnsignedCertificate<K extends CertificateKind = CertificateKind> {
  '@context': [string, string]
  id: string
  type: [string, string]
  issuer: z.infer<typeof Issuer>
  validFrom: string
  credentialSubject: StatedOf<K>
}
export type SignedCertificate<K extends CertificateKind = CertificateKind> = UnsignedCertificate<K> & {
  proof: z.infer<typeof ProofForm>
}
