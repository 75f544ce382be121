import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { sha256 } from '@noble/hashes/sha2.js'

/**
 * Text forms of bytes. Every decoder is strict: one text for one value, `undefined` for anything else. A lenient decoder
 * lets two texts carry one signature, and then a file can be changed without the change being seen.
 */

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Returns lower-case hex of the SHA-256 of the bytes, or of the UTF-8 form of the text. */
export function sha256Hex(input: Uint8Array | string): string {
  return bytesToHex(sha256Bytes(input))
}

export function sha256Bytes(input: Uint8Array | string): Uint8Array {
  return sha256(typeof input === 'string' ? utf8ToBytes(input) : input)
}

export function utf8(text: string): Uint8Array {
  return utf8ToBytes(text)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function hexOf(bytes: Uint8Array): string {
  return bytesToHex(bytes)
}

/** Reads lower-case hex. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

/** The Bitcoin alphabet, as the multibase prefix `z` names it. A leading zero byte is a leading `1`. */
export function base58Of(bytes: Uint8Array): string {
  let zeros = 0
  while (zeros < bytes.length && bytes[zeros] === 0) zeros += 1
  let value = 0n
  for (const byte of bytes) value = value * 256n + BigInt(byte)
  let digits = ''
  while (value > 0n) {
    digits = BASE58.charAt(Number(value % 58n)) + digits
    value /= 58n
  }
  return '1'.repeat(zeros) + digits
}

/** Reads base58btc of at most 128 characters: the cost grows with the square of the length, and no key or signature is longer. */
export function bytesOfBase58(text: string): Uint8Array | undefined {
  if (text.length > 128) return undefined
  let value = 0n
  for (const character of text) {
    const digit = BASE58.indexOf(character)
    if (digit < 0) return undefined
    value = value * 58n + BigInt(digit)
  }
  let zeros = 0
  while (zeros < text.length && text[zeros] === '1') zeros += 1
  const bytes: number[] = []
  while (value > 0n) {
    bytes.unshift(Number(value % 256n))
    value /= 256n
  }
  return Uint8Array.from([...Array.from({ length: zeros }, () => 0), ...bytes])
}

export function base64Of(bytes: Uint8Array): string {
  const text = encode64(bytes, BASE64)
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

export function base64urlOf(bytes: Uint8Array): string {
  return encode64(bytes, BASE64URL)
}

/** Reads base64 with its padding, and nothing else: no line breaks, no foreign characters, no stray bits at the end. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const bytes = decode64(text.replace(/={1,2}$/, ''), BASE64)
  return bytes && base64Of(bytes) === text ? bytes : undefined
}

/** Reads base64url without padding. */
export function bytesOfBase64url(text: string): Uint8Array | undefined {
  const bytes = decode64(text, BASE64URL)
  return bytes && base64urlOf(bytes) === text ? bytes : undefined
}

function encode64(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63)
    if (left > 1) text += alphabet.charAt((group >> 6) & 63)
    if (left > 2) text += alphabet.charAt(group & 63)
  }
  return text
}

function decode64(text: string, alphabet: string): Uint8Array | undefined {
  const bytes: number[] = []
  let buffer = 0
  let bits = 0
  for (const character of text) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) return undefined
    buffer = ((buffer << 6) | digit) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes.push((buffer >> bits) & 255)
    }
  }
  return Uint8Array.from(bytes)
}
