import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { Certificate } from './document.ts'
import {
  CalculationId,
  CertificateHash,
  CertificateId,
  Decimal,
  Instant,
  IsoDate,
  JsonObject,
  Kid,
  Text,
  ValidationId,
} from './fields.ts'
import { Evidence } from './kinds/emission-calculation.ts'
import { OpenEvidence } from './kinds/kind.ts'
import { certificateKinds } from './kinds/kinds.ts'
import { SensorBatchEvidence } from './kinds/sensor-batch.ts'
import example from './vectors/example-certificate.json' with { type: 'json' }

export {
  Certificate,
  EmissionCertificate,
  SensorBatchCertificate,
  ProjectAnalysisCertificate,
  CreditDecisionCertificate,
} from './document.ts'
export { CertificateHash, CertificateId, Decimal, Digest, Kid } from './fields.ts'
export { Evidence } from './kinds/emission-calculation.ts'

/** The person or organisation that a certificate speaks of. Never in the certificate, which holds a commitment only. */
export const Subject = z
  .strictObject({
    id: Text.optional(),
    name: Text,
    country: Text.optional(),
    sector: Text.optional(),
    location: Text.optional(),
  })
  .meta({ id: 'CertificateSubject' })
export type Subject = z.infer<typeof Subject>

/** What the holder hands on to show whom a certificate speaks of: SHA-256(salt || "." || JCS(subject)) is the commitment. */
export const Disclosure = z
  .strictObject({ salt: z.string().regex(/^[0-9a-f]{64}$/), subject: Subject })
  .meta({ id: 'Disclosure' })
export type Disclosure = z.infer<typeof Disclosure>

const Amount = z.number()
/** The flat form of a certificate, signed with RSA-PSS, for readers written against it. Emissions in tonnes of CO2e. */
const flat = {
  certificate_id: CertificateId,
  version: z.literal('1.0'),
  issued_by: Text,
  issue_timestamp: Instant,
  key_id: Kid,
  signature_algorithm: z.literal('RSASSA-PSS-SHA256-MGF1-SHA256-SALT-MAX'),
  digital_signature: z.base64(),
  certificate_hash: CertificateHash.optional(),
}
export const EmissionSeedForm = z
  .strictObject({
    ...flat,
    certificate_type: z.literal('emission_calculation'),
    company: z.strictObject({ id: Text, name: Text, industry: Text }),
    calculation: z.strictObject({
      calculation_id: CalculationId,
      total_emissions_tons_co2e: Amount,
      scope1_emissions: Amount,
      scope2_emissions: Amount,
      scope3_emissions: Amount,
      confidence_score: Amount,
      methodology: Text,
      reporting_period: z.strictObject({ start_date: IsoDate, end_date: IsoDate }),
    }),
    verification: z.strictObject({
      ai_model_version: Text,
      emission_factors_source: Text,
      data_quality_score: Amount,
      calculation_timestamp: Instant,
      native_certificate_hash: CertificateHash,
    }),
  })
  .meta({ id: 'SeedFormCertificate' })
export type EmissionSeedForm = z.infer<typeof EmissionSeedForm>

/** The same for a batch of sensor readings. */
export const SensorSeedForm = z
  .strictObject({
    ...flat,
    certificate_type: z.literal('iot_verification'),
    project: z.strictObject({ id: Text, name: Text, type: Text, location: Text }),
    verification: z.strictObject({
      validation_id: ValidationId,
      data_quality_score: Amount,
      total_readings: z.int(),
      valid_readings: z.int(),
      data_coverage: Amount,
      anomaly_detection_model: Text,
      validation_timestamp: Instant,
      native_certificate_hash: CertificateHash,
    }),
    sensor_summary: z.strictObject({
      total_sensors: z.int(),
      sensor_details: z
        .record(z.string(), z.strictObject({ readings_count: z.int(), valid_readings: z.int(), anomalies: z.int() }))
        .nullable()
        .describe('Null once the readings are kept no longer.'),
      overall_validity_rate: Amount,
    }),
    quality_assessment: z.strictObject({
      completeness: Amount,
      accuracy: Amount,
      consistency: Amount,
      timeliness: Amount,
      validity: Amount,
    }),
  })
  .meta({ id: 'SensorSeedFormCertificate' })
export type SensorSeedForm = z.infer<typeof SensorSeedForm>

export const SeedForm = z.union([EmissionSeedForm, SensorSeedForm])
export type SeedForm = z.infer<typeof SeedForm>

export const PublicJwk = z
  .object({
    kty: z.enum(['OKP', 'RSA']),
    kid: Kid,
    alg: z.string().optional(),
    use: z.string().optional(),
    crv: z.string().optional(),
    x: z.string().optional(),
    n: z.string().optional(),
    e: z.string().optional(),
    tidemark_use: z.string().optional(),
    tidemark_state: z.string().optional(),
  })
  .strict()
export const JwksDocument = z.strictObject({ keys: z.array(PublicJwk) }).meta({ id: 'Jwks' })

/**
 * The file that a person downloads and hands on. Its `keys` are a convenience for readers that look them up elsewhere:
 * keys that travel with a signature prove nothing.
 */
export const Bundle = z
  .strictObject({
    format: z.literal('tidemark-bundle'),
    version: z.literal(1),
    certificate: JsonObject,
    seed_form: JsonObject.optional(),
    disclosure: Disclosure.optional(),
    evidence: z.union([Evidence, SensorBatchEvidence, OpenEvidence]).optional(),
    keys: JwksDocument,
  })
  .meta({ id: 'CertificateBundle' })
export type Bundle = z.infer<typeof Bundle>

export const checkNames = [
  'json',
  'form',
  'profile',
  'proof',
  'certificate',
  'key',
  'signature',
  'hash',
  'disclosure',
  'inventory',
  'factors',
  'airports',
  'readings',
  'past',
  'inputs',
  'result',
  'agreement',
  'seed_form',
  'keys',
  'replay',
] as const

export const Check = z.object({
  name: z.enum(checkNames),
  status: z.enum(['passed', 'failed', 'skipped']),
  says_en: z.string(),
  says_fr: z.string(),
  /** JSON Pointer into the file that was checked, to what a failed check is about. */
  path: z.string().optional(),
  expected: z.string().optional(),
  found: z.string().optional(),
  line_id: z.string().optional(),
})
export type Check = z.infer<typeof Check>

export const outcomes = ['valid', 'altered', 'untrusted_key', 'unreadable', 'replay_differs'] as const
export type Outcome = (typeof outcomes)[number]

/** What a verifier found: one outcome, and each check with its own answer. */
export const Report = z
  .object({
    outcome: z.enum(outcomes),
    says_en: z.string(),
    says_fr: z.string(),
    form: z.enum(['certificate', 'bundle', 'seed', 'unknown']),
    checks: z.array(Check),
    /** What the certificate states, as it stands; worth no more than the outcome. */
    stated: z
      .object({
        certificate_id: z.string().optional(),
        certificate_hash: z.string().optional(),
        kid: z.string().optional(),
        issuer_name: z.string().optional(),
        issued_at: z.string().optional(),
        calculation_id: z.string().optional(),
        emissions_kg_co2e: z.string().optional(),
        subject_name: z.string().optional(),
        kind: z.enum(certificateKinds).optional(),
        record_id: z.string().optional(),
        /** What it says, in one sentence. */
        statement_en: z.string().optional(),
        statement_fr: z.string().optional(),
      })
      .optional(),
    /** It was asked to be computed again and could not be: the check "replay" says why. */
    not_replayed: z.literal(true).optional(),
  })
  .meta({ id: 'VerificationReport' })
export type Report = z.infer<typeof Report>

export const problems = {
  'certificates/unknown-certificate': { status: 404, title: 'There is no certificate of that id' },
  'certificates/unknown-key': { status: 404, title: 'There is no key of that name' },
  'certificates/unreadable-json': { status: 400, title: 'The text is not JSON with a single meaning' },
  'certificates/outside-profile': { status: 422, title: 'A value cannot be signed in the form it has' },
  'certificates/no-flat-form': { status: 404, title: 'Certificates of this kind have no flat form' },
  'certificates/no-disclosure': { status: 410, title: 'The name behind this certificate was erased' },
} as const satisfies ProblemTable

const IdParams = z.object({ id: CertificateId })
const afterCalculation = { route: 'footprint.calculate', fill: { id: 'certificate_id' } }

export const get = route({
  name: 'certificates.get',
  method: 'GET',
  path: '/api/v1/certificates/{id}',
  summary: 'A certificate, alone, in the flat RSA form, or with everything needed to check it',
  description:
    '`vc`: the signed document. `seed`: the flat form of an emission calculation or of a sensor batch, signed with RSA-PSS when asked for; `bare=1` leaves out its own hash. `bundle`: the document with its evidence, disclosure and keys, in one file.',
  needs: 'certificates.read',
  params: IdParams,
  query: z.object({ format: z.enum(['vc', 'seed', 'bundle']).default('vc'), bare: z.enum(['0', '1']).default('0') }),
  output: z.union([Certificate, SeedForm, Bundle]),
  problems: ['certificates/unknown-certificate', 'certificates/no-flat-form', 'certificates/no-disclosure'],
  examples: [
    { summary: 'The certificate of the calculation just made', after: afterCalculation },
    { summary: 'In the flat form', query: { format: 'seed' }, after: afterCalculation },
    { summary: 'As a file to hand on', query: { format: 'bundle' }, after: afterCalculation },
    { summary: 'No such certificate', params: { id: 'cert_00000000000000000000000000' }, status: 404 },
  ],
})

export const CertificateSummary = z.object({
  certificate_id: CertificateId,
  kind: z.enum(certificateKinds),
  record_id: z
    .string()
    .describe('What was certified: the id of a calculation, a validation, an analysis or a decision.'),
  calculation_id: CalculationId.optional().describe('Of an emission calculation.'),
  certificate_hash: CertificateHash,
  kid: Kid,
  issued_at: Instant,
  emissions_kg_co2e: Decimal.optional().describe('Of an emission calculation.'),
  says_en: z.string(),
  says_fr: z.string(),
})
export type CertificateSummary = z.infer<typeof CertificateSummary>

export const list = route({
  name: 'certificates.list',
  method: 'GET',
  path: '/api/v1/certificates',
  summary: 'Certificates, newest first',
  needs: 'certificates.read',
  query: z.object({
    limit: z.coerce.number().int().min(1).max(200).default(20),
    kind: z.enum(certificateKinds).optional(),
  }),
  output: z.object({ certificates: z.array(CertificateSummary) }),
  problems: [],
  examples: [
    { summary: 'The newest', query: { limit: '5' } },
    { summary: 'Of decisions alone', query: { kind: 'credit_decision' } },
  ],
})

export const verify = route({
  name: 'certificates.verify',
  method: 'POST',
  path: '/api/v1/certificates/verify',
  summary: 'Checks a certificate, a bundle or a flat form, and says exactly what was altered',
  description:
    'Trusts this server’s own keys and no others. Answers 200 whatever the outcome: the report is the result. To check without trusting this server, or a file of more than 8 MB, run `tidemark verify` or follow the recipe in docs/methods/certificates.md.',
  needs: 'public',
  limit: 'verify',
  query: z.object({
    replay: z.enum(['0', '1']).default('0').describe('1 also computes the evidence of a bundle again.'),
  }),
  body: z.unknown(),
  accepts: 'file',
  body_bytes_max: 8 * 1024 * 1024,
  output: Report,
  problems: ['certificates/unreadable-json'],
  examples: [{ summary: 'A certificate that another key signed', body: example }],
})

export const signature = route({
  name: 'certificates.signature',
  method: 'GET',
  path: '/certificates/{id}/certificate.ps256.sig',
  summary: 'A detached RSA-PSS signature (salt 32) over the canonical document, for one line of openssl',
  needs: 'certificates.read',
  params: IdParams,
  output: z.unknown(),
  produces: 'application/octet-stream',
  problems: ['certificates/unknown-certificate'],
  examples: [{ summary: 'Of the calculation just made', after: afterCalculation }],
})

export const jwks = route({
  name: 'certificates.jwks',
  method: 'GET',
  path: '/.well-known/jwks.json',
  summary: 'The public keys of this server (RFC 7517)',
  needs: 'public',
  output: JwksDocument,
  problems: [],
  examples: [{ summary: 'All keys that are not revoked' }],
})

export const did = route({
  name: 'certificates.did',
  method: 'GET',
  path: '/.well-known/did.json',
  summary: 'The issuer’s DID document (did:web), with Multikeys',
  needs: 'public',
  output: z.looseObject({
    id: z.string(),
    verificationMethod: z.array(z.looseObject({ id: z.string(), publicKeyMultibase: z.string() })),
  }),
  problems: [],
  examples: [{ summary: 'The issuer' }],
})

export const pem = route({
  name: 'certificates.pem',
  method: 'GET',
  path: '/.well-known/keys/{kid}.pem',
  summary: 'One public key as PEM, for openssl',
  needs: 'public',
  params: z.object({ kid: Kid }),
  output: z.string(),
  produces: 'application/x-pem-file',
  problems: ['certificates/unknown-key'],
  examples: [{ summary: 'No such key', params: { kid: 'A'.repeat(43) }, status: 404 }],
})

export const vocabulary = route({
  name: 'certificates.vocabulary',
  method: 'GET',
  path: '/ns/v1',
  summary: 'The JSON-LD context that certificates name: what their terms mean',
  description: 'Verification needs it not: the proof covers the JSON itself, without JSON-LD processing.',
  needs: 'public',
  output: z.object({ '@context': z.object({ '@vocab': z.url() }) }),
  problems: [],
  examples: [{ summary: 'The context' }],
})
