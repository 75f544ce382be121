import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { SIGNATURE, signedBytes } from '@tidemark/core/telemetry/signature.ts'
import { pointer, type Fault } from '@tidemark/core/lib/problem.ts'

export type SignatureVerdict = 'right' | 'wrong' | 'missing' | 'not_checked'

/**
 * Whether a reading was signed by its device. A device without a key cannot be asked: then a signature is not checked, and
 * null stands for a reading that has none.
 */
export function checkSignature(input: unknown, public_key: string | null): SignatureVerdict | null {
  const signature: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'signature') : undefined
  if (public_key === null) return signature === undefined ? null : 'not_checked'
  if (signature === undefined) return 'missing'
  const bytes = signedBytes(input)
  if (bytes === undefined || typeof signature !== 'string' || !SIGNATURE.test(signature)) return 'wrong'
  return verify(null, bytes, keyOf(public_key), Buffer.from(signature, 'base64url')) ? 'right' : 'wrong'
}

export function signatureFault(index: number, verdict: 'wrong' | 'missing'): Fault {
  return {
    path: pointer(['readings', index, 'signature']),
    code: verdict === 'wrong' ? 'signature-wrong' : 'signature-missing',
    message:
      verdict === 'wrong'
        ? 'The signature is not that of this device over this reading.'
        : 'This device has a key, so each of its readings is signed with it.',
  }
}

/** Reading a key takes longer than using it. */
const keys = new Map<string, KeyObject>()
const KEYS_MAX = 20_000

function keyOf(public_key: string): KeyObject {
  const known = keys.get(public_key)
  if (known) return known
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: public_key }, format: 'jwk' })
  if (keys.size >= KEYS_MAX) keys.clear()
  keys.set(public_key, key)
  return key
}
