import { expect, test } from 'vitest'
import { PUBLIC_KEY, SIGNATURE, signedBytes } from './signature.ts'

const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes)

test('a device signs its reading in one form, whatever the order it was written in, and not the signature itself', () => {
  const reading = { timestamp: '2026-03-01T12:00:00Z', sensor_id: 'mast-7', measurements: { temperature: 21.5 } }
  const canonical = '{"measurements":{"temperature":21.5},"sensor_id":"mast-7","timestamp":"2026-03-01T12:00:00Z"}'
  expect(text(signedBytes(reading))).toBe(canonical)
  expect(text(signedBytes({ signature: 'x', ...Object.fromEntries(Object.entries(reading).reverse()) }))).toBe(
    canonical,
  )
})

test.each([
  ['no object', 'reading'],
  ['a list', []],
  ['nothing', null],
  ['half of a surrogate pair, somewhere', { metadata: { note: ['\ud800'] } }],
  ['half of a pair in a name', { '\udc00': 1 }],
  ['no number', { measurements: { temperature: Number.NaN } }],
])('%s has no form that could be signed', (_what, input) => {
  expect(signedBytes(input)).toBeUndefined()
})

test('keys and signatures have their exact length, and no bits to spare', () => {
  const [key, signature] = [Buffer.alloc(32, 1).toString('base64url'), Buffer.alloc(64, 1).toString('base64url')]
  expect([PUBLIC_KEY.test(key), SIGNATURE.test(signature)]).toEqual([true, true])
  for (const wrong of [`${key}=`, key.slice(1), `${key.slice(0, -1)}B`, '']) expect(PUBLIC_KEY.test(wrong)).toBe(false)
  expect(SIGNATURE.test(`${signature.slice(0, -1)}B`)).toBe(false)
})
