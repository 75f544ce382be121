import { expect, test } from 'vitest'
import { readNumber } from './read-number.ts'

test.each([
  ['1234', 'en', 1234],
  ['1,234', 'en', 1234],
  ['1,234,567.5', 'en', 1234567.5],
  ['1,23', 'en', 1.23],
  ['1,234', 'fr', 1.234],
  ['1 234,5', 'fr', 1234.5],
  ['1\u202F234', 'fr', 1234],
  ['1.5', 'fr', 1.5],
  ['.5', 'en', 0.5],
  ['-3', 'en', -3],
] as const)('"%s" typed in %s is %d', (text, language, value) => {
  expect(readNumber(text, language)).toBe(value)
})

test.each(['12 kWh', '1e5', '1,2,3', '--1', 'Infinity', '0x10'])(
  '"%s" is not a number, and stays as it was typed',
  (text) => {
    expect(readNumber(text, 'en')).toBe(text)
  },
)

test('nothing typed is not a zero', () => {
  expect(readNumber(' ', 'fr')).toBeUndefined()
})
