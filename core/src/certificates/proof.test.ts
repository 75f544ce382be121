import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  base58Of,
  base64Of,
  base64urlOf,
  bytesOfBase58,
  bytesOfBase64,
  bytesOfBase64url,
  bytesOfHex,
  hexOf,
} from './encoding.ts'
import {
  attachProof,
  bytesOfMultibase,
  detachProof,
  multikeyOf,
  publicKeyOfMultikey,
  signedBytes,
  verifyEd25519,
  type ProofOptions,
} from './proof.ts'
import w3c from './vectors/eddsa-jcs-2022.json' with { type: 'json' }

const { document, options, signature = new Uint8Array() } = detachProof(w3c.signed)
const publicKey = publicKeyOfMultikey(w3c.public_key_multibase) ?? new Uint8Array()

describe('the published eddsa-jcs-2022 vector', () => {
  test('hashes to the published 64 bytes', () => {
    expect(hexOf(signedBytes(document, w3c.hash.options))).toBe(w3c.hash.combined_hash_hex)
  })

  test('verifies', () => {
    expect(verifyEd25519(signature, signedBytes(document, options), publicKey)).toBe(true)
  })

  test('signs again to the same proof value', () => {
    // The secret multikey is two bytes of multicodec (0x80 0x26) and the 32-byte seed.
    const seed = bytesOfMultibase(w3c.secret_key_multibase)?.slice(2) ?? new Uint8Array()
    const again = ed25519.sign(signedBytes(document, options), seed)
    expect(attachProof(document, options as unknown as ProofOptions, again)).toEqual(w3c.signed)
    expect(multikeyOf(ed25519.getPublicKey(seed))).toBe(w3c.public_key_multibase)
  })

  test('no single changed bit of signature, message or key verifies', () => {
    const message = signedBytes(document, options)
    const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
      bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
    for (let bit = 0; bit < 512; bit += 3) {
      expect(verifyEd25519(flipped(signature, bit), message, publicKey)).toBe(false)
      expect(verifyEd25519(signature, flipped(message, bit), publicKey)).toBe(false)
      expect(verifyEd25519(signature, message, flipped(publicKey, bit % 256))).toBe(false)
    }
  })

  test('the same signature with the group order added to s is refused: one certificate, one proof value', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    let s = 0n
    for (const byte of signature.slice(32).toReversed()) s = s * 256n + BigInt(byte)
    const other = s + order
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((other >> BigInt(8 * i)) & 255n))
    expect(
      verifyEd25519(Uint8Array.from([...signature.slice(0, 32), ...bytes]), signedBytes(document, options), publicKey),
    ).toBe(false)
  })

  test('a key of small order, which would accept anything, is refused', () => {
    const identity = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))
    const forged = Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? 1 : 0))
    expect(verifyEd25519(forged, signedBytes(document, options), identity)).toBe(false)
  })

  test.each([
    ['too short', 'z63t83Y53Kf'],
    ['another base', `u${w3c.signed.proof.proofValue.slice(1)}`],
    ['no prefix', w3c.signed.proof.proofValue.slice(1)],
    ['a character outside the alphabet', w3c.signed.proof.proofValue.replace('3', '0')],
    ['a leading zero byte', `z1${w3c.signed.proof.proofValue.slice(1)}`],
    ['white space at the end', `${w3c.signed.proof.proofValue} `],
    ['empty', ''],
  ])('a proof value that is %s is no signature', (_, proofValue) => {
    expect(detachProof({ ...w3c.signed, proof: { ...w3c.signed.proof, proofValue } }).signature).toBeUndefined()
  })
})

describe('text forms of bytes', () => {
  // https://datatracker.ietf.org/doc/html/draft-msporny-base58-03 section 5
  test.each([
    ['Hello World!', '2NEpo7TZRRrLZSi2U'],
    ['The quick brown fox jumps over the lazy dog.', 'USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z'],
    ['\u0000\u0000(\u007f\u00b4\u00cd', '11233QC4'],
  ])('base58 of %j is the published %s', (text, expected) => {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
    expect(base58Of(bytes)).toBe(expected)
    expect(bytesOfBase58(expected)).toEqual(bytes)
  })

  // RFC 4648 section 10
  test.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('base64 of %j is the published %j', (text, expected) => {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
    expect(base64Of(bytes)).toBe(expected)
    expect(bytesOfBase64(expected)).toEqual(bytes)
  })

  test.each(['Zg', 'Zg=', 'Zh==', 'Zm9v=', 'Zm9v\n', ' Zm9v', 'Zm-_', 'Z===', '====', 'Zm9vZg==Zg=='])(
    'base64 %j is refused: one text for one value',
    (text) => {
      expect(bytesOfBase64(text)).toBeUndefined()
    },
  )

  test.each(['Zg==', 'Zh', 'Z', 'Zm+/', 'Zm9v '])('base64url %j is refused', (text) => {
    expect(bytesOfBase64url(text)).toBeUndefined()
  })

  test('every form reads back to the same bytes, as Node writes them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(bytesOfBase58(base58Of(bytes))).toEqual(bytes)
        expect(bytesOfBase64(base64Of(bytes))).toEqual(bytes)
        expect(bytesOfBase64url(base64urlOf(bytes))).toEqual(bytes)
        expect(bytesOfHex(hexOf(bytes))).toEqual(bytes)
        expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(base64urlOf(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      }),
    )
  })

  test.each(['0', 'AB', '0g', ' 00'])('hex %j is refused', (text) => {
    expect(bytesOfHex(text)).toBeUndefined()
  })
})
