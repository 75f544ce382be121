import { invariant } from '../lib/invariant.ts'
import { assertProfile, canonicalize } from './canonical.ts'
import type { Subject } from './contract.ts'
import { unsignedForms, type UnsignedCertificate } from './document.ts'
import { bytesOfHex, concat, sha256Hex, utf8 } from './encoding.ts'
import type { Kind } from './kinds/kind.ts'
import { kinds, stateFacts, type CertificateKind, type FactsOf } from './kinds/kinds.ts'
import type { ProofOptions } from './proof.ts'

/** Returns the origin that a `did:web` speaks for: `did:web:example.org%3A8443` → `https://example.org:8443`. */
export function originOf(did: string): string {
  return `https://${did.slice('did:web:'.length).replaceAll('%3A', ':')}`
}

/** What every certificate says beside what it is of. */
export interface IssuingFacts {
  certificate_id: string
  issuer: { id: string; name: string }
  /** When it was issued, RFC 3339 in UTC. */
  valid_from: string
}

/**
 * Returns the document to sign: a W3C Verifiable Credential 2.0 in the Tidemark JSON profile. It names nobody: the
 * subject is a salted commitment.
 * @throws Problem `certificates/outside-profile` when a text among the facts is not fit to be signed.
 */
export function buildCertificate<K extends CertificateKind>(
  kind: K,
  { certificate_id, issuer, valid_from, ...facts }: IssuingFacts & FactsOf<K>,
): UnsignedCertificate<K> {
  const origin = originOf(issuer.id)
  const document: UnsignedCertificate<K> = {
    '@context': ['https://www.w3.org/ns/credentials/v2', `${origin}/ns/v1`],
    id: `${origin}/certificates/${certificate_id}`,
    type: ['VerifiableCredential', kinds[kind].vc_type],
    issuer,
    validFrom: valid_from,
    credentialSubject: stateFacts[kind](facts as unknown as FactsOf<K>),
  }
  assertProfile(document)
  // A verifier must be able to read whatever was signed.
  const read = unsignedForms[kind].safeParse(document)
  invariant(read.success, `the facts are none of ${kind}: ${read.error?.message}`)
  const of_kind: Kind = kinds[kind]
  const wrong = of_kind.contradictionIn?.(document.credentialSubject)
  invariant(wrong === undefined, `the facts of ${kind} contradict themselves: ${wrong?.message}`)
  return document
}

/** Returns what the proof says beside its value. `created` is when it is signed, in UTC. */
export function proofOptionsFor(document: UnsignedCertificate, kid: string, created: string): ProofOptions {
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
