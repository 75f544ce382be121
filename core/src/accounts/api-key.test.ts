import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apiKeyPrefix, apiKeyText, keyNameOf, parseApiKey, withoutSecrets } from './api-key.ts'

const parts = { kind: 'live', name: '8Q2R5T7W', secret: 'abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE' } as const
const key = apiKeyText(parts)

test('a key says what it is and is read back', () => {
  expect(key).toMatch(/^tm_live_8Q2R5T7W_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE_[0-9A-Za-z]{6}$/)
  expect(parseApiKey(key)).toEqual(parts)
  expect(apiKeyPrefix(parts)).toBe('tm_live_8Q2R5T7W')
})

test('any one character changed is noticed without asking anybody', () => {
  let checked = 0
  for (let at = 0; at < key.length; at++) {
    for (const other of 'aZ0_-') {
      if (key[at] === other) continue
      expect(parseApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBeUndefined()
      checked += 1
    }
  }
  expect(checked).toBeGreaterThan(300)
})

test.each([key.slice(0, -1), `${key}x`, ` ${key}`, `${key}\n`, key.toLowerCase(), '', 'tm_live_'])(
  '%j is not a key',
  (text) => {
    expect(parseApiKey(text)).toBeUndefined()
  },
)

test('no text whatever makes the reader fail', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
      expect(parseApiKey(text)).toBeUndefined()
    }),
  )
})

test('every name comes from its own five bytes', () => {
  expect(keyNameOf(Uint8Array.from([0, 0, 0, 0, 0]))).toBe('00000000')
  expect(keyNameOf(Uint8Array.from([255, 255, 255, 255, 255]))).toBe('ZZZZZZZZ')
  expect(keyNameOf(Uint8Array.from([0, 0, 0, 0, 33]))).toBe('00000011')
})

test('a text that quotes a key is shown without its secret', () => {
  const text = withoutSecrets(`curl -H 'authorization: Bearer ${key}'`)
  expect(text).toBe("curl -H 'authorization: Bearer tm_live_8Q2R5T7W_…'")
})
