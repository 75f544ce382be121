import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decimalOfKg, Sum, toKg, toMg } from './amount.ts'

const sumOf = (amounts: number[]) => {
  const sum = new Sum()
  for (const mg of amounts) sum.add(mg)
  return sum
}
const mg = fc.integer({ min: -(2 ** 50), max: 2 ** 50 })

it('a sum is the same in any order, and equals the sum in big integers', () => {
  fc.assert(
    fc.property(fc.array(mg, { maxLength: 200 }), (list) => {
      const forwards = sumOf(list)
      expect(sumOf([...list].reverse()).decimal).toBe(forwards.decimal)
      const exact = list.reduce((total, each) => total + BigInt(each), 0n)
      const sign = exact < 0n ? '-' : ''
      const digits = (exact < 0n ? -exact : exact).toString().padStart(7, '0')
      expect(forwards.decimal).toBe(`${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`)
    }),
  )
})

it('ten million lines of ten milligrams do not lose a milligram beside a gigatonne', () => {
  const sum = sumOf([1e18])
  for (let n = 0; n < 100_000; n += 1) sum.add(10)
  expect(sum.decimal).toBe('1000000000001.000000')
})

it('milligrams and kilograms go back and forth', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), (each) => toMg(toKg(each)) === (each === 0 ? 0 : each)),
  )
  expect(Object.is(toMg(-1e-9), 0)).toBe(true)
  expect(decimalOfKg(13.02)).toBe('13.020000')
  expect(decimalOfKg(-0.000001)).toBe('-0.000001')
})
