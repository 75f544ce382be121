import { describe, expect, test } from 'vitest'
import { findUnit } from '../../lib/units.ts'
import { readBaseCarboneUnit } from './base-carbone-units.ts'

const unitOf = (spelling: string, category = 'Achats de biens') => readBaseCarboneUnit(spelling, category)?.unit

describe('a spelling of the file has one meaning', () => {
  test.each([
    [['kWh PCI', 'KWh PCI', 'kWhPCI', 'kWh (PCI)'], 'kWh_net'],
    [['kWh PCS', 'kWhPCS'], 'kWh_gross'],
    [['tep PCI', 'TEP PCI', 'Tep PCI'], 'tep_net'],
    [['tep PCS', 'TEP PCS', 'Tep PCS'], 'tep_gross'],
    [['litre', 'Litre'], 'L'],
    [['kg', 'Kg', 'kg de poids net', 'kgH2'], 'kg'],
    [['t', 'tonne', 'tonne de déchets'], 't'],
    [['ha', 'Ha'], 'ha'],
    [['m²', 'm2', 'm² SHON'], 'm2'],
    [['t.km', 'tonne.km'], 'tonne.km'],
    [['km.personne', 'passager.km', 'peq.km'], 'passenger.km'],
    [['voiture.km', 'véhicule.km', 'km'], 'vehicle.km'],
    [['m3 (n)'], 'm3_0c'],
    [['keuro (2019) HT'], 'kEUR-2019'],
    [['keuro (2023) HT'], 'kEUR-2023'],
    [['100 feuilles A4'], 'hundred_items'],
  ])('%j is %s', (written, unit) => {
    for (const spelling of written) expect(unitOf(`kgCO2e/${spelling}`), spelling).toBe(unit)
    expect(findUnit(unit)?.id).toBe(unit)
  })

  test('mL is a linear metre of pipe and livre is a book', () => {
    expect(unitOf('kgCO2e/mL')).toBe('m')
    expect(unitOf('kgCO2e/livre')).toBe('item')
  })

  test('a decomposed accent is the same letter', () => {
    expect(unitOf('kgCO2e/ve\u0301hicule.km')).toBe('vehicle.km')
  })
})

describe('what has no exact counterpart has none', () => {
  test.each([
    'keuro',
    'euro dépensé',
    'Franc CFP',
    'kgH2/100km',
    'course.km',
    'personne.mois',
    'ton',
    'constructor',
    '',
  ])('kgCO2e/%s', (spelling) => expect(unitOf(`kgCO2e/${spelling}`)).toBeUndefined())

  test('a fuel counted per bare kWh has no calorific basis, and per m3 no reference state', () => {
    expect(unitOf('kgCO2e/kWh', 'Combustibles > Fossiles')).toBeUndefined()
    expect(unitOf('kgCO2e/m3', 'Combustibles > Fossiles')).toBeUndefined()
    expect(unitOf('kgCO2e/kWh', 'Electricité > Mix')).toBe('kWh')
    expect(unitOf('kgCO2e/m3', 'Achats de biens > Eau')).toBe('m3')
  })

  test('what is not an emission per something is not a factor', () => {
    for (const spelling of ['%', 'GJ / tonne', 'kWh / (m².an)', 'kgDBO']) expect(unitOf(spelling)).toBeUndefined()
  })
})
