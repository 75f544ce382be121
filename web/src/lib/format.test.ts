import { expect, it } from 'vitest'
import { formatFor } from './format.ts'

it.each([
  [0.012345, '0.0123'],
  [1234.5, '1,235'],
  [-1e308, '-1E308'],
])('a number reads as a person would write it: %d', (value, text) => expect(formatFor('en').number(value)).toBe(text))
