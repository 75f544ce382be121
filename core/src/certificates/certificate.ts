import { invariant } from '../lib/invariant.ts'
import { assertProfile, canonicalize } from './canonical.ts'
import type { CertificateFacts, Subject, UnsignedEmissionCertificate } from './contract.ts'
import { bytesOfHex, concat, sha256Hex, utf8 } from './encoding.ts'
import type { ProofOptions } from './proof.ts'

/** Returns the origin that a `did:web` speaks for: `did:web:example.org%3A8443` → `https://example.org:8443`. */
export function originOf(did: string): string {
  return `https://${did.slice('did:web:'.length).replaceAll('%3A', ':')}`
}

/**
 * Returns the document to sign: a W3C Verifiable Credential 2.0 in the Tidemark JSON profile. It names nobody: the
 * subject is a salted commitment.
 * @throws Problem `certificates/outside-profile` when a text among the facts is not fit to be signed.
 */
export function buildCertificate(facts: CertificateFacts): UnsignedEmissionCertificate {
  const origin = originOf(facts.issuer.id)
  const { totals, method } = facts
  const document: UnsignedEmissionCertificate = {
    '@context': ['https://www.w3.org/ns/credentials/v2', `${origin}/ns/v1`],
    id: `${origin}/certificates/${facts.certificate_id}`,
    type: ['VerifiableCredential', 'EmissionCalculationCertificate'],
    issuer: facts.issuer,
    validFrom: facts.valid_from,
    credentialSubject: {
      subjectCommitment: facts.subject_commitment,
      calculationId: facts.calculation_id,
      reportingPeriod: { startDate: facts.reporting_period.start_date, endDate: facts.reporting_period.end_date },
      totals: {
        unit: 'kgCO2e',
        emissions: totals.emissions_kg_co2e,
        scope1: totals.scope_1_kg_co2e,
        scope2Location: totals.scope_2_location_kg_co2e,
        scope2Market: totals.scope_2_market_kg_co2e,
        scope3: totals.scope_3_kg_co2e,
        interval95: { low: totals.interval_95.low_kg_co2e, high: totals.interval_95.high_kg_co2e },
        // Biogenic CO2 is carbon dioxide, not an equivalent, and never part of the total.
        biogenicUnit: 'kgCO2',
        biogenic: totals.biogenic_kg_co2,
      },
      method: {
        name: method.name,
        engineVersion: method.engine_version,
        engineDigest: method.engine_digest,
        gwpSet: method.gwp_set,
      },
      factors: facts.factors,
      ...(facts.airports ? { airports: facts.airports } : {}),
      inputs: facts.inputs,
      resultDigest: facts.result_digest,
      dataQualityScore: facts.data_quality_score,
    },
  }
  assertProfile(document)
  return document
}

/** Returns what the proof says beside its value. `created` is when it is signed, in UTC. */
export function proofOptionsFor(document: UnsignedEmissionCertificate, kid: string, created: string): ProofOptions {
  return {
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    created,
    verificationMethod: `${document.issuer.id}#${kid}`,
    proofPurpose: 'assertionMethod',
    '@context': document['@context'],
  }
}

/**
 * Returns the certificate's hash: lower-case hex SHA-256 of the canonical document without its proof. It is the second
 * half of the bytes that are signed, so hash and signature cannot disagree.
 */
export function certificateHash(document: object): string {
  const { proof: _, ...unsigned } = document as Record<string, unknown>
  return sha256Hex(canonicalize(unsigned))
}

/**
 * Commits to a subject without naming it: `sha256:` and hex of SHA-256(salt || "." || JCS(subject)). `salt` is 32 random
 * bytes in hex; without it nobody can try names until one fits (EDPB guidelines 02/2025: a bare hash is personal data).
 */
export function commitmentOf(subject: Subject, salt: string): string {
  const bytes = bytesOfHex(salt)
  invariant(bytes?.length === 32, 'a salt is 32 bytes in hex')
  return `sha256:${sha256Hex(concat(bytes, utf8(`.${canonicalize(subject)}`)))}`
}

/** Brings a subject's texts to Unicode normalisation form C, in which a name has one spelling in bytes. */
export function normalizedSubject(subject: Subject): Subject {
  return Object.fromEntries(
    Object.entries(subject)
      .filter(([, text]) => text !== undefined)
      .map(([key, text]) => [key, text.normalize('NFC')]),
  ) as Subject
}

/** The certificate's own id, from its URL. */
export function certificateIdOf(document: { id: string }): string {
  return document.id.slice(document.id.lastIndexOf('/') + 1)
}
