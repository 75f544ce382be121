import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asin, cos, exp, ln, sin } from './exact-math.ts'

const near = (a: number, b: number) => Math.abs(a - b) <= 4e-15 * Math.max(1, Math.abs(b))

describe('exact math agrees with the platform to the fourteenth digit', () => {
  it('ln', () => {
    fc.assert(fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => near(ln(x), Math.log(x))))
  })
  it('exp', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => Math.abs(exp(x) / Math.exp(x) - 1) < 1e-13),
    )
  })
  it('sin and cos over a turn', () => {
    const angle = fc.double({ min: -6.28, max: 6.28, noNaN: true })
    fc.assert(fc.property(angle, (x) => near(sin(x), Math.sin(x)) && near(cos(x), Math.cos(x))))
  })
  it('asin', () => {
    fc.assert(fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (x) => near(asin(x), Math.asin(x))))
  })
  it('published values: ln 2, e, sin 30°, asin 1', () => {
    expect(ln(2)).toBe(0.6931471805599453)
    expect(exp(1)).toBeCloseTo(2.718281828459045, 15)
    expect(sin(0.5235987755982988)).toBeCloseTo(0.5, 15)
    expect(asin(1)).toBe(1.5707963267948966)
  })
})

it('refuses what it cannot compute', () => {
  for (const call of [
    () => ln(0),
    () => ln(-1),
    () => ln(NaN),
    () => exp(701),
    () => exp(NaN),
    () => sin(7),
    () => asin(1.1),
  ]) {
    expect(call).toThrow(RangeError)
  }
})
