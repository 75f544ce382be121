import { hmac } from '@noble/hashes/hmac.js'
import { sha1 } from '@noble/hashes/legacy.js'

/**
 * One-time codes of authenticator apps: HOTP (RFC 4226) over the time (RFC 6238), with the values every app understands:
 * SHA-1, six digits, steps of thirty seconds. SHA-1 is sound here, because HMAC does not rest on its collisions.
 */

export const TOTP_STEP_S = 30
export const TOTP_DIGITS = 6
/** RFC 4226 4, R6: 160 bits are recommended. */
export const TOTP_SECRET_BYTES = 20
/** One step to either side, for clocks that differ (RFC 6238 5.2). */
const WINDOW_STEPS = 1

/** The code for a counter, with leading zeros. */
export function hotp(secret: Uint8Array, counter: number, digits: number = TOTP_DIGITS): string {
  const message = new Uint8Array(8)
  new DataView(message.buffer).setBigUint64(0, BigInt(counter))
  const mac = hmac(sha1, secret, message)
  const offset = (mac[mac.length - 1] ?? 0) & 0x0f
  const number = new DataView(mac.buffer, mac.byteOffset + offset, 4).getUint32(0) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

/** Number of the thirty seconds in which an instant lies, counted from 1970. */
export function stepAt(at: Date): number {
  return Math.floor(at.getTime() / 1000 / TOTP_STEP_S)
}

/**
 * The step whose code was given, within one step of now, or undefined. Every candidate is computed and compared whole, so
 * that the time taken says nothing. Whoever accepts a step stores it: none at or before it counts again.
 */
export function stepOfCode(secret: Uint8Array, code: string, at: Date): number | undefined {
  const digits = digitsOf(code)
  const now = stepAt(at)
  let found: number | undefined
  for (let step = now - WINDOW_STEPS; step <= now + WINDOW_STEPS; step++) {
    if (step >= 0 && sameText(hotp(secret, step), digits)) found = step
  }
  return found
}

/** People type blanks between groups of digits. */
export function digitsOf(code: string): string {
  return code.replaceAll(/[\s-]/g, '')
}

function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 base 32 without padding, as authenticators take it. */
export function base32Of(bytes: Uint8Array): string {
  let text = ''
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32.charAt((buffer >>> (bits - 5)) & 31)
    buffer &= (1 << bits) - 1
  }
  return bits > 0 ? text + BASE32.charAt((buffer << (5 - bits)) & 31) : text
}

/** What the QR code holds; authenticators show issuer and account. */
export function otpauthUri(secret: Uint8Array, account: string, issuer = 'Tidemark'): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  const values = `secret=${base32Of(secret)}&issuer=${encodeURIComponent(issuer)}`
  return `otpauth://totp/${label}?${values}&algorithm=SHA1&digits=${TOTP_DIGITS}&period=${TOTP_STEP_S}`
}

/** 80 random bits each: ten bytes to a code. */
export const RECOVERY_CODE_BYTES = 10
export const RECOVERY_CODES = 10

/** As it is shown: `ABCD-EFGH-IJKL-MNOP`. */
export function recoveryCodeOf(bytes: Uint8Array): string {
  return (base32Of(bytes).match(/.{4}/g) ?? []).join('-')
}

/** As it is hashed, whatever blanks, hyphens and letters were typed; undefined when it is no recovery code. */
export function normalRecoveryCode(text: string): string | undefined {
  const code = digitsOf(text).toUpperCase()
  return /^[A-Z2-7]{16}$/.test(code) ? code : undefined
}
