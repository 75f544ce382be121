import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvariantError } from '@tidemark/core/lib/invariant.ts'
import { cookieText, parseCookies } from './cookies.ts'

const read = (header: string | undefined) => Object.fromEntries(parseCookies(header))

test.each([
  ['a=1; b=2', { a: '1', b: '2' }],
  ['__Host-tidemark=abc', { '__Host-tidemark': 'abc' }],
  ['a=b=c==', { a: 'b=c==' }],
  ['a=', { a: '' }],
  [undefined, {}],
  ['', {}],
  ['a', {}],
  ['=a', {}],
  ['; ;a=1;', { a: '1' }],
  ['a=1; a=2; b=3', { b: '3' }],
  ['a=with space', {}],
  ['a="quoted"', {}],
  ['a b=1', {}],
  ['__proto__=1', { ['__proto__']: '1' }],
  [`a=${'x'.repeat(9000)}`, {}],
])('of %j these are read: %j', (header, expected) => {
  expect(Object.entries(read(header))).toEqual(Object.entries(expected))
})

test('whatever is sent is read without an error', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => parseCookies(header) instanceof Map))
})

test('what is set is what is read', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/), (value) => {
      expect(read(cookieText({ name: 'tidemark', value, secure: false }).split(';')[0])).toEqual({ tidemark: value })
    }),
  )
})

test('a cookie is out of the reach of scripts and of other sites', () => {
  expect(cookieText({ name: '__Host-tidemark', value: 'x', max_age_s: 60, secure: true })).toBe(
    '__Host-tidemark=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
  )
})

test.each([
  { name: 'a', value: 'x\r\nset-cookie: b=1' },
  { name: 'a', value: 'x; Domain=example.com' },
  { name: 'a b', value: 'x' },
  { name: 'a', value: 'é' },
  { name: 'a', value: 'x', path: '/; Secure' },
  { name: '__Host-a', value: 'x' },
])('%j is never sent', (cookie) => {
  expect(() => cookieText({ ...cookie, secure: false })).toThrow(InvariantError)
})
