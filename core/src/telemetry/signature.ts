import { canonicalize } from '../certificates/canonical.ts'
import { utf8 } from '../certificates/encoding.ts'

/** An Ed25519 public key: its 32 bytes in base64url without padding. */
export const PUBLIC_KEY = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
/** An Ed25519 signature: its 64 bytes in base64url without padding. */
export const SIGNATURE = /^[A-Za-z0-9_-]{85}[AQgw]$/

/**
 * What a device signs: the canonical form (RFC 8785) of its reading without the member `signature`, in UTF-8. Undefined for
 * what has no such form. The name of the device and the instant are inside, so a signature is worth nothing for any other
 * reading, and the same reading again is known by both.
 */
export function signedBytes(reading: unknown): Uint8Array | undefined {
  if (typeof reading !== 'object' || reading === null || Array.isArray(reading) || !isWellFormed(reading))
    return undefined
  return utf8(canonicalize({ ...reading, signature: undefined }))
}

/** Half of a surrogate pair has no UTF-8 form. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, inner]) => name.isWellFormed() && isWellFormed(inner))
}
