import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plain } from './plain.ts'

it.each([
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [62000, '62000'],
  [0.1 + 0.2, '0.3'],
  [5834.123456, '5834.123'],
  [123456789, '123456800'],
  [0.000123456789, '0.0001234568'],
  [9999999.9, '10000000'],
  [-1000, '-1000'],
  [1e21, '1e+21'],
  [1.5e-12, '1.5e-12'],
  [Number.NaN, 'NaN'],
])('%d is read as %s', (value, text) => expect(plain(value)).toBe(text))

it('what is read differs from the number by half of the seventh digit at most', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Math.abs(Number(plain(value)) - value)).toBeLessThanOrEqual(Math.abs(value) * 5.000001e-7)
      expect(
        plain(value)
          .replace(/e.*$/, '')
          .replace(/[-.]/g, '')
          .replace(/^0+|0+$/g, '').length,
      ).toBeLessThanOrEqual(7)
    }),
    { numRuns: 5000 },
  )
})
