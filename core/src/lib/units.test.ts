import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from './problem.ts'
import { conversionFactor, convert } from './quantity.ts'
import { currencies, findUnit, suggestUnits, units } from './units.ts'

describe('exact definitions', () => {
  // Each from the definition itself: 1959 yard and pound agreement, NIST SP 811 appendix B, ISO 31-4, IEA.
  it.each([
    [1, 'lb', 'kg', 0.45359237],
    [1, 'short_ton', 'kg', 907.18474],
    [1, 'long_ton', 'kg', 1016.0469088],
    [1, 't', 'kg', 1000],
    [1, 'gal_us', 'L', 3.785411784],
    [1, 'gal_uk', 'L', 4.54609],
    [1, 'bbl', 'L', 158.987294928],
    [1, 'mi', 'km', 1.609344],
    [1, 'nmi', 'km', 1.852],
    [1, 'acre', 'm2', 4046.8564224],
    [1, 'ft2', 'm2', 0.09290304],
    [1, 'MMBtu', 'MJ', 1055.05585262],
    [1, 'therm_gross', 'MJ_gross', 105.4804],
    [1, 'tep_net', 'GJ_net', 41.868],
    [1, 'kWh', 'MJ', 3.6],
    [1, 'short_ton.mi', 'tonne.km', 1.45997231821056],
    [1, 'kEUR-2023', 'EUR-2023', 1000],
  ])('%d %s is %s %d', (value, from, to, expected) => {
    expect(convert(value, from, to) / expected).toBeCloseTo(1, 13)
  })
})

it('there and back again loses no digit that matters, for every pair of units of one dimension', () => {
  const unit = fc.constantFrom(...units)
  fc.assert(
    fc.property(unit, unit, fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (a, b, value) => {
      if (a.dimension !== b.dimension) return
      expect(Math.abs(convert(convert(value, a.id, b.id), b.id, a.id) / value - 1)).toBeLessThan(1e-14)
    }),
  )
})

describe('what looks alike and is not', () => {
  it.each([
    ['kWh', 'kWh_gross'],
    ['kWh_gross', 'kWh_net'],
    ['passenger.km', 'vehicle.km'],
    ['km', 'vehicle.km'],
    ['m3', 'm3_0c'],
    ['m3_0c', 'm3_15c'],
    ['m3_15c', 'scf'],
    ['EUR-2023', 'EUR-2024'],
    ['EUR-2023', 'USD-2023'],
    ['kW', 'kWh'],
    ['item', 'person'],
  ])('%s does not convert into %s, and the refusal says what would fit: units/wrong-dimension', (from, to) => {
    expect(() => conversionFactor(from, to)).toThrow(
      expect.objectContaining({ type: 'units/wrong-dimension', details: expect.objectContaining({ from, to }) }),
    )
  })
})

describe('nothing is parsed from free text', () => {
  it.each([
    'ton',
    'tons',
    'TON',
    'Kg',
    'KWH',
    'litre',
    ' kg',
    'kg ',
    '',
    'EUR',
    'EUR-1850',
    'ZZZ-2023',
    'constructor',
    '__proto__',
  ])('"%s" is not a unit: units/unknown-unit', (id) => {
    expect(findUnit(id)).toBeUndefined()
    expect(() => conversionFactor(id, 'kg')).toThrow(expect.objectContaining({ type: 'units/unknown-unit' }))
  })
  it('a word that people use comes back with the units it usually means', () => {
    expect(suggestUnits('ton')).toEqual(['t', 'short_ton', 'long_ton'])
    expect(suggestUnits('kWh PCS')).toEqual(['kWh_gross'])
    expect(suggestUnits('eur').every((id) => findUnit(id))).toBe(true)
    expect(suggestUnits('furlong')).toEqual([])
  })
  it('every suggestion is a unit', () => {
    for (const word of ['ton', 'gallon', 'therm', 'kwh', 'mile', 'tkm', 'm³', '€', '$', 'tep', 'l', 'mmbtu']) {
      expect(suggestUnits(word).length).toBeGreaterThan(0)
      for (const id of suggestUnits(word)) expect(findUnit(id)?.id).toBe(id)
    }
  })
})

it('ids are unique, names stand in both languages, and every factor is positive', () => {
  expect(new Set(units.map(({ id }) => id)).size).toBe(units.length)
  for (const unit of units) {
    expect(unit.per_base).toBeGreaterThan(0)
    expect(unit.name.en.length * unit.name.fr.length).toBeGreaterThan(0)
  }
  expect(new Set(currencies).size).toBe(currencies.length)
})

it('a problem carries its facts', () => {
  try {
    conversionFactor('ton', 'kg')
  } catch (error) {
    expect(error).toBeInstanceOf(Problem)
    expect((error as Problem).details).toMatchObject({ unit: 'ton', did_you_mean: ['t', 'short_ton', 'long_ton'] })
  }
  expect.assertions(2)
})
