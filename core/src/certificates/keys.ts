import { canonicalize } from './canonical.ts'
import { base64urlOf, bytesOfBase64url, sha256Bytes } from './encoding.ts'

/** What a key may sign. A key has one use for its whole life. */
export const keyUses = ['certificate', 'certificate-seed'] as const
export type KeyUse = (typeof keyUses)[number]

/** A public key as JSON (RFC 7517), as `/.well-known/jwks.json` publishes it. */
export interface Jwk {
  kty: string
  /** The key's name: its thumbprint (RFC 7638), so that a name cannot be given to another key. */
  kid?: string
  alg?: string
  use?: string
  /** Ed25519: the curve and the public key. */
  crv?: string
  x?: string
  /** RSA: modulus and exponent. */
  n?: string
  e?: string
  /** What the key may sign here, so that a key of one use is never taken for another. */
  tidemark_use?: string
  tidemark_state?: string
}

export interface Jwks {
  keys: readonly Jwk[]
}

/** Checks an RSASSA-PSS signature with SHA-256, MGF1-SHA-256 and a salt of exactly `salt_bytes`. */
export type VerifyRsaPss = (
  jwk: Jwk,
  message: Uint8Array,
  signature: Uint8Array,
  salt_bytes: number,
) => Promise<boolean>

/** Returns the RFC 7638 thumbprint in base64url, or undefined when it is not a key of a kind used here. */
export function thumbprintOf(jwk: Jwk): string | undefined {
  const required =
    jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && jwk.x !== undefined
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x }
      : jwk.kty === 'RSA' && jwk.n !== undefined && jwk.e !== undefined
        ? { e: jwk.e, kty: jwk.kty, n: jwk.n }
        : undefined
  return required && base64urlOf(sha256Bytes(canonicalize(required)))
}

/**
 * Returns the key of that name and use. Passes over a key whose name is not its thumbprint, or that says it is for
 * another use: a list that holds such a key was put together wrongly or with intent.
 */
export function findKey(keys: Jwks, kid: string, use: KeyUse): Jwk | undefined {
  return keysOfUse(keys, use).find((key) => key.kid === kid)
}

/** Every sound key of a use. */
export function keysOfUse(keys: Jwks, use: KeyUse): Jwk[] {
  const kty = use === 'certificate' ? 'OKP' : 'RSA'
  return keys.keys.filter(
    (key) => key.kty === kty && key.tidemark_use === use && key.kid !== undefined && thumbprintOf(key) === key.kid,
  )
}

/** Returns the 32 bytes of an Ed25519 public key. */
export function ed25519BytesOf(jwk: Jwk): Uint8Array | undefined {
  const bytes = bytesOfBase64url(jwk.x ?? '')
  return bytes?.length === 32 ? bytes : undefined
}

/** Length of the modulus in bits, 0 when it cannot be read. */
export function modulusBitsOf(jwk: Jwk): number {
  const bytes = bytesOfBase64url(jwk.n ?? '')
  const first = bytes?.[0]
  return bytes && first ? bytes.length * 8 - Math.clz32(first) + 24 : 0
}

/** The longest salt that PSS with SHA-256 can hold under a modulus of so many bits (RFC 8017 9.1.1): 350 bytes for 3072. */
export function longestSalt(modulus_bits: number): number {
  return Math.ceil((modulus_bits - 1) / 8) - 32 - 2
}

/** The part of WebCrypto that is needed here. Browsers and Node both have it; a caller hands it in. */
export interface SubtleVerifier {
  importKey(
    format: 'jwk',
    key: { kty: string; n: string; e: string },
    algorithm: { name: 'RSA-PSS'; hash: 'SHA-256' },
    extractable: boolean,
    usages: ['verify'],
  ): Promise<never>
  verify(
    algorithm: { name: 'RSA-PSS'; saltLength: number },
    key: never,
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>
}

/** Makes the RSA check out of WebCrypto: `rsaPssWith(crypto.subtle)`. */
export function rsaPssWith(subtle: unknown): VerifyRsaPss {
  const web = subtle as SubtleVerifier
  return async (jwk, message, signature, salt_bytes) => {
    const key = await web.importKey(
      'jwk',
      { kty: jwk.kty, n: jwk.n ?? '', e: jwk.e ?? '' },
      { name: 'RSA-PSS', hash: 'SHA-256' },
      false,
      ['verify'],
    )
    return web.verify(
      { name: 'RSA-PSS', saltLength: salt_bytes },
      key,
      Uint8Array.from(signature),
      Uint8Array.from(message),
    )
  }
}
