import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64Of, bytesOfBase64, utf8 } from '../certificates/encoding.ts'

/**
 * Signatures of webhooks in the form of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over
 * `id.timestamp.body`. A receiver may copy this file's `verifyWebhook`, or use any library of that standard.
 */

export const SECRET_PREFIX = 'whsec_'

/** Seconds by which the clocks of both sides may differ. Older is a replay, and is refused. */
export const TOLERANCE_S = 300

export interface WebhookHeaders {
  'webhook-id': string
  /** Seconds since 1970. */
  'webhook-timestamp': string
  'webhook-signature': string
}

/**
 * @param secret as it was shown: `whsec_` and base64.
 * @param timestamp_s when this attempt is sent; each attempt is signed anew, under the same id.
 */
export function signWebhook(secret: string, id: string, timestamp_s: number, body: string): WebhookHeaders {
  const timestamp = String(Math.floor(timestamp_s))
  const signature = base64Of(hmac(sha256, keyOf(secret), utf8(`${id}.${timestamp}.${body}`)))
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

export type Verdict = 'valid' | 'missing-headers' | 'too-old' | 'too-new' | 'wrong-signature'

/**
 * Whether a request was signed with the secret, and lately. What is `valid` may still be the second copy of an event that
 * was already worked on: keep the `webhook-id` of the last day and pass over those that are known.
 * @param body the bytes as they came, before any parser, as UTF-8 text.
 */
export function verifyWebhook(options: {
  secret: string
  headers: Partial<WebhookHeaders>
  body: string
  now_s: number
  tolerance_s?: number
}): Verdict {
  const { secret, headers, body, now_s, tolerance_s = TOLERANCE_S } = options
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': given } = headers
  if (id === undefined || id === '' || given === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp))
    return 'missing-headers'
  const age_s = now_s - Number(timestamp)
  if (age_s > tolerance_s) return 'too-old'
  if (age_s < -tolerance_s) return 'too-new'
  const wanted = hmac(sha256, keyOf(secret), utf8(`${id}.${timestamp}.${body}`))
  const fits = given.split(' ').some((each) => {
    const found = each.startsWith('v1,') ? bytesOfBase64(each.slice(3)) : undefined
    return found !== undefined && same(found, wanted)
  })
  return fits ? 'valid' : 'wrong-signature'
}

function keyOf(secret: string): Uint8Array {
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret
  const key = bytesOfBase64(text)
  if (!key || key.length < 24) throw new Error('A webhook secret is whsec_ and at least 24 bytes in base64.')
  return key
}

/** Takes the same time wherever the first difference is. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < b.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
