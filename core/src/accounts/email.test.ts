import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Email, isEmail, normalEmail } from './email.ts'

test.each([
  ['Ada@Example.ORG', 'ada@example.org'],
  ['  ada@example.org ', 'ada@example.org'],
  ['ADA+tag@example.org', 'ada+tag@example.org'],
  ['e\u0301va@exemple.fr', '\u00e9va@exemple.fr'],
])('%j is kept as %j', (given, kept) => {
  expect(Email.parse(given)).toBe(kept)
})

test.each([
  '',
  'ada',
  '@example.org',
  'ada@',
  'ada@localhost',
  'ada@@example.org',
  'a b@example.org',
  'ada@exa mple.org',
  'ada@example.org\r\nBcc: eve@example.org',
  'ada\u0000@example.org',
  '"ada"@example.org',
  'ada@example.org,eve@example.org',
  'Ada <ada@example.org>',
  '.ada@example.org',
  'ada..l@example.org',
  'ada@-example.org',
  'ada@example..org',
  `${'a'.repeat(65)}@example.org`,
  `ada@${'a.'.repeat(130)}org`,
  'ada\u202e@example.org',
])('%j is not an address', (text) => {
  expect(Email.safeParse(text).success).toBe(false)
})

test('whatever passes is one line with one @, and in its own normal form', () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })), (text) => {
      const normal = normalEmail(text)
      if (!isEmail(normal)) return
      expect(normal).toMatch(/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/)
      expect(normalEmail(normal)).toBe(normal)
    }),
  )
})
