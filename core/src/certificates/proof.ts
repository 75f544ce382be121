import { ed25519 } from '@noble/curves/ed25519.js'
import { canonicalize } from './canonical.ts'
import { base58Of, bytesOfBase58, concat, sha256Bytes } from './encoding.ts'

/**
 * The Data Integrity cryptosuite `eddsa-jcs-2022` (W3C Data Integrity EdDSA Cryptosuites v1.0, 3.3): Ed25519 over
 * SHA-256(JCS(proof options)) followed by SHA-256(JCS(document)). No JSON-LD processing.
 */
export interface ProofOptions {
  type: 'DataIntegrityProof'
  cryptosuite: 'eddsa-jcs-2022'
  /** When it was signed, RFC 3339 in UTC. */
  created: string
  /** `did:web:HOST#<kid>`. */
  verificationMethod: string
  proofPurpose: 'assertionMethod'
  /** The document's own context, repeated, as the suite's signing algorithm prescribes. */
  '@context': unknown
}

export interface Proof extends ProofOptions {
  /** `z` and the base58btc of the 64-byte signature. */
  proofValue: string
}

const MULTICODEC_ED25519_PUBLIC = Uint8Array.of(0xed, 0x01)

/** Returns the 64 bytes that are signed. `document` is the document without its proof, `options` the proof without its value. */
export function signedBytes(document: object, options: object): Uint8Array {
  return concat(sha256Bytes(canonicalize(options)), sha256Bytes(canonicalize(document)))
}

/** Returns the document with its proof in place, given the signature over `signedBytes(document, options)`. */
export function attachProof<D extends object>(
  document: D,
  options: ProofOptions,
  signature: Uint8Array,
): D & { proof: Proof } {
  return { ...document, proof: { ...options, proofValue: multibaseOf(signature) } }
}

/** Splits a signed document into what was signed and the signature. The signature is undefined unless it is `z` + base58btc of 64 bytes. */
export function detachProof(signed: Record<string, unknown>): {
  document: Record<string, unknown>
  options: Record<string, unknown>
  signature: Uint8Array | undefined
} {
  const { proof, ...document } = signed
  const { proofValue, ...options } =
    typeof proof === 'object' && proof !== null ? (proof as Record<string, unknown>) : {}
  const bytes = typeof proofValue === 'string' ? bytesOfMultibase(proofValue) : undefined
  return { document, options, signature: bytes?.length === 64 ? bytes : undefined }
}

/**
 * Says whether this signature was made by this key. Strict as RFC 8032 and FIPS 186-5 have it: no other encoding of
 * the same signature passes, so a certificate has one proof value and no more.
 */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, public_key: Uint8Array): boolean {
  if (signature.length !== 64 || public_key.length !== 32) return false
  try {
    return ed25519.verify(signature, message, public_key, { zip215: false })
  } catch {
    // The library throws for points that are not on the curve: to a verifier that is just another wrong signature.
    return false
  }
}

/** `z` and base58btc. */
export function multibaseOf(bytes: Uint8Array): string {
  return `z${base58Of(bytes)}`
}

export function bytesOfMultibase(text: string): Uint8Array | undefined {
  return text.startsWith('z') ? bytesOfBase58(text.slice(1)) : undefined
}

/** Writes an Ed25519 public key as a Multikey (W3C Controlled Identifiers 2.2.2). */
export function multikeyOf(public_key: Uint8Array): string {
  return multibaseOf(concat(MULTICODEC_ED25519_PUBLIC, public_key))
}

/** Reads an Ed25519 public key from a Multikey. */
export function publicKeyOfMultikey(multikey: string): Uint8Array | undefined {
  const bytes = bytesOfMultibase(multikey)
  const known = bytes?.length === 34 && MULTICODEC_ED25519_PUBLIC.every((byte, i) => bytes[i] === byte)
  return known ? bytes.slice(2) : undefined
}
