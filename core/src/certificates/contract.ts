import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import example from './vectors/example-certificate.json' with { type: 'json' }

const Text = z.string().min(1).max(400)
const IsoDate = z.iso.date()
/** RFC 3339 in UTC: one zone, one meaning. */
const Instant = z.iso.datetime()
/** `sha256:` and 64 lower-case hex digits. */
export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export const CertificateHash = z.string().regex(/^[0-9a-f]{64}$/)
export const CertificateId = z.string().regex(/^cert_[0-9A-HJKMNP-TV-Z]{26}$/)
export const CalculationId = z.string().regex(/^calc_[0-9A-HJKMNP-TV-Z]{26}$/)
/** An RFC 7638 thumbprint. */
export const Kid = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
/** A decimal number as text, without exponent: signed documents hold no fractions as numbers. */
export const Decimal = z
  .string()
  .regex(/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/)
  .max(60)
const Counted = z.strictObject({ count: z.int().min(0), digest: Digest })

/** The person or organisation that a certificate speaks of. Never in the certificate, which holds a commitment only. */
export const Subject = z
  .strictObject({ id: Text.optional(), name: Text, country: Text.optional(), sector: Text.optional() })
  .meta({ id: 'CertificateSubject' })
export type Subject = z.infer<typeof Subject>

/** What the holder hands on to show whom a certificate speaks of: SHA-256(salt || "." || JCS(subject)) is the commitment. */
export const Disclosure = z
  .strictObject({ salt: z.string().regex(/^[0-9a-f]{64}$/), subject: Subject })
  .meta({ id: 'Disclosure' })
export type Disclosure = z.infer<typeof Disclosure>

/** Everything a certificate states, in our own names; `buildCertificate` turns it into the document. */
export const CertificateFacts = z.strictObject({
  certificate_id: CertificateId,
  calculation_id: CalculationId,
  issuer: z.strictObject({ id: z.string().regex(/^did:web:[A-Za-z0-9._%-]+$/), name: Text }),
  valid_from: Instant,
  reporting_period: z.strictObject({ start_date: IsoDate, end_date: IsoDate }),
  totals: z.strictObject({
    emissions_kg_co2e: Decimal,
    scope_1_kg_co2e: Decimal,
    scope_2_location_kg_co2e: Decimal,
    scope_2_market_kg_co2e: Decimal,
    scope_3_kg_co2e: Decimal,
    biogenic_kg_co2: Decimal,
    interval_95: z.strictObject({ low_kg_co2e: Decimal, high_kg_co2e: Decimal }),
  }),
  method: z.strictObject({ name: Text, engine_version: Text, engine_digest: Digest, gwp_set: Text }),
  factors: Counted,
  airports: Counted.optional(),
  inputs: Counted,
  result_digest: Digest,
  data_quality_score: z.int().min(0).max(100),
  subject_commitment: Digest,
})
export type CertificateFacts = z.infer<typeof CertificateFacts>

/** The document without its proof: a W3C Verifiable Credential 2.0 in the Tidemark JSON profile. */
export const UnsignedEmissionCertificate = z.strictObject({
  '@context': z.tuple([z.literal('https://www.w3.org/ns/credentials/v2'), z.url()]),
  id: z.url(),
  type: z.tuple([z.literal('VerifiableCredential'), z.literal('EmissionCalculationCertificate')]),
  issuer: CertificateFacts.shape.issuer,
  validFrom: Instant,
  credentialSubject: z.strictObject({
    subjectCommitment: Digest,
    calculationId: CalculationId,
    reportingPeriod: z.strictObject({ startDate: IsoDate, endDate: IsoDate }),
    totals: z.strictObject({
      unit: z.literal('kgCO2e'),
      emissions: Decimal,
      scope1: Decimal,
      scope2Location: Decimal,
      scope2Market: Decimal,
      scope3: Decimal,
      interval95: z.strictObject({ low: Decimal, high: Decimal }),
      biogenicUnit: z.literal('kgCO2'),
      biogenic: Decimal,
    }),
    method: z.strictObject({ name: Text, engineVersion: Text, engineDigest: Digest, gwpSet: Text }),
    factors: Counted,
    airports: Counted.optional(),
    inputs: Counted,
    resultDigest: Digest,
    dataQualityScore: z.int().min(0).max(100),
  }),
})
export type UnsignedEmissionCertificate = z.infer<typeof UnsignedEmissionCertificate>

const ProofShape = z.strictObject({
  type: z.literal('DataIntegrityProof'),
  cryptosuite: z.literal('eddsa-jcs-2022'),
  created: Instant,
  verificationMethod: z.string().regex(/^did:web:[A-Za-z0-9._%-]+#[A-Za-z0-9_-]{43}$/),
  proofPurpose: z.literal('assertionMethod'),
  '@context': z.array(z.string()),
  proofValue: z.string().regex(/^z[1-9A-HJ-NP-Za-km-z]{64,90}$/),
})

/** A certificate as it is handed on. */
export const EmissionCertificate = UnsignedEmissionCertificate.extend({ proof: ProofShape }).meta({
  id: 'EmissionCertificate',
  description: 'W3C Verifiable Credential 2.0 with one eddsa-jcs-2022 proof.',
})
export type EmissionCertificate = z.infer<typeof EmissionCertificate>

const Amount = z.number()
/** The flat form of a certificate, signed with RSA-PSS, for readers written against it. Emissions in tonnes of CO2e. */
export const SeedForm = z
  .strictObject({
    certificate_id: CertificateId,
    certificate_type: z.literal('emission_calculation'),
    version: z.literal('1.0'),
    issued_by: Text,
    issue_timestamp: Instant,
    key_id: Kid,
    signature_algorithm: z.literal('RSASSA-PSS-SHA256-MGF1-SHA256-SALT-MAX'),
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
    digital_signature: z.base64(),
    certificate_hash: CertificateHash.optional(),
  })
  .meta({ id: 'SeedFormCertificate' })
export type SeedForm = z.infer<typeof SeedForm>

const JsonObject = z.record(z.string(), z.unknown())

/** What a certified number was computed from and came to; the engine that reads it gives it types. */
export const Evidence = z
  .strictObject({
    inventory: JsonObject,
    factors: z.array(JsonObject),
    airports: z.array(JsonObject).optional(),
    result: JsonObject,
  })
  .meta({ id: 'Evidence' })
export type Evidence = z.infer<typeof Evidence>

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
    evidence: Evidence.optional(),
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
      })
      .optional(),
  })
  .meta({ id: 'VerificationReport' })
export type Report = z.infer<typeof Report>

export const problems = {
  'certificates/unknown-certificate': { status: 404, title: 'There is no certificate of that id' },
  'certificates/unknown-key': { status: 404, title: 'There is no key of that name' },
  'certificates/unreadable-json': { status: 400, title: 'The text is not JSON with a single meaning' },
  'certificates/outside-profile': { status: 422, title: 'A value cannot be signed in the form it has' },
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
    '`vc`: the signed document. `seed`: the flat form, signed with RSA-PSS when asked for; `bare=1` leaves out its own hash. `bundle`: the document with its evidence, disclosure and keys, in one file.',
  needs: 'certificates.read',
  params: IdParams,
  query: z.object({ format: z.enum(['vc', 'seed', 'bundle']).default('vc'), bare: z.enum(['0', '1']).default('0') }),
  output: z.union([EmissionCertificate, SeedForm, Bundle]),
  problems: ['certificates/unknown-certificate', 'certificates/no-disclosure'],
  examples: [
    { summary: 'The certificate of the calculation just made', after: afterCalculation },
    { summary: 'In the flat form', query: { format: 'seed' }, after: afterCalculation },
    { summary: 'As a file to hand on', query: { format: 'bundle' }, after: afterCalculation },
    { summary: 'No such certificate', params: { id: 'cert_00000000000000000000000000' }, status: 404 },
  ],
})

export const CertificateSummary = z.object({
  certificate_id: CertificateId,
  calculation_id: CalculationId,
  certificate_hash: CertificateHash,
  kid: Kid,
  issued_at: Instant,
  emissions_kg_co2e: Decimal,
})
export type CertificateSummary = z.infer<typeof CertificateSummary>

export const list = route({
  name: 'certificates.list',
  method: 'GET',
  path: '/api/v1/certificates',
  summary: 'Certificates, newest first',
  needs: 'certificates.read',
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) }),
  output: z.object({ certificates: z.array(CertificateSummary) }),
  problems: [],
  examples: [{ summary: 'The newest', query: { limit: '5' } }],
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
