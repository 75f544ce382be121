import { describe, expect, test } from 'vitest'
import { Problem } from '../../lib/problem.ts'
import { Factor } from '../contract.ts'
import { baseCarboneReader } from './base-carbone.ts'
import { cellsOf, columns58, columns67, element, goodRows, poste, type CaseRow } from './cases/base-carbone-rows.ts'
import type { ImportResult } from './report.ts'

function read(rows: readonly CaseRow[], columns: readonly string[] = columns67): ImportResult {
  const reader = baseCarboneReader(columns, 'V99')
  cellsOf(rows, columns).forEach((cells, index) => reader.push(cells, index + 2))
  return reader.finish()
}

function faultsOf(rows: readonly CaseRow[], columns: readonly string[] = columns67) {
  try {
    read(rows, columns)
  } catch (error) {
    if (error instanceof Problem && error.type === 'factors/unreadable-file') return error.details.faults ?? []
    throw error
  }
  return []
}

const good = read(goodRows)
const factorOf = (id: string): Factor => {
  const found = good.factors.find((factor) => factor.id === `base-carbone:${id}`)
  if (!found) throw new Error(`no factor ${id}`)
  return found
}

describe('an element and its postes become one factor', () => {
  test('every factor keeps the contract', () => {
    for (const factor of good.factors) expect(Factor.safeParse(factor).error, factor.id).toBeUndefined()
  })

  test('stages carry the gases, already weighted, and biogenic CO2 where it is released, never where it is cancelled', () => {
    expect(factorOf('900001')).toMatchObject({
      unit: 'L',
      total_kg_co2e: 3.1,
      boundary: 'life_cycle',
      gwp_set: 'AR5-fossil-ch4',
      category: '1.2',
      geography: 'FR',
      valid_to: '2027-12-31',
      uncertainty_percent: 10,
      quality: { technical: 4.5 },
      stages: [
        {
          stage: 'combustion',
          total_kg_co2e: 2.49,
          gases_kg_co2e: { co2: 2.47, ch4_fossil: 0.000921, n2o: 0.0207 },
          co2_biogenic_kg: 0.155899,
        },
        { stage: 'upstream', total_kg_co2e: 0.609, gases_kg_co2e: { co2: 0.571, ch4_fossil: 0.0053, n2o: 0.033 } },
      ],
    })
    expect(factorOf('900001').stages[1]).not.toHaveProperty('co2_biogenic_kg')
    expect(factorOf('900001').quality).not.toHaveProperty('geographic')
  })

  test('biogenic methane counts in the total', () => {
    expect(factorOf('900002').stages).toEqual([
      { stage: 'whole', total_kg_co2e: 0.5, gases_kg_co2e: { co2: 0, ch4_biogenic: 0.5 } },
    ])
  })

  test('contrails, which have a value and no gas, are other; padding zeros are nothing', () => {
    expect(factorOf('900006')).toMatchObject({ radiative_forcing: 'included', unit: 'passenger.km' })
    expect(factorOf('900006').stages[0]?.gases_kg_co2e).toEqual({ co2: 0.1, other: 0.1 })
    expect(Object.keys(factorOf('900001').stages[0]?.gases_kg_co2e ?? {})).toEqual([
      'co2',
      'ch4_fossil',
      'ch4_biogenic',
      'n2o',
      'other',
    ])
  })

  test('names lose the damage of the export, and the raw row keeps it', () => {
    expect(factorOf('900002').name.fr).toBe('Eau "très" sale')
    expect(factorOf('900002').raw?.['Nom base français']).toBe('"""Eau """"très"""" sale"""')
    expect(factorOf('900002').note).toBe('Tout en méthane biogénique')
    expect(factorOf('900003').name.fr).toBe('Tuyau')
    expect(factorOf('900001').name).toEqual({ fr: 'Carburant inventé, B9', en: 'Invented fuel' })
    expect(factorOf('900001').raw?.['Poste 2: CO2b']).toBe('-0,155899')
  })

  test('archived elements are kept, negative ones too, and spend carries its price year', () => {
    expect(factorOf('900003')).toMatchObject({ status: 'archived', unit: 'm' })
    expect(factorOf('900008')).toMatchObject({ total_kg_co2e: -0.25, geography: 'KR' })
    expect(factorOf('900005')).toMatchObject({
      unit: 'kEUR-2023',
      price: { currency: 'EUR', year: 2023, tax: 'excluded' },
    })
  })

  test('an element whose unit has no counterpart is kept in the words of the file, and counted', () => {
    expect(factorOf('900004').unit).toBe('source:keuro')
    expect(good.counts).toMatchObject({
      lines: 10,
      factors: 7,
      valid: 6,
      archived: 1,
      not_calculable: 1,
      not_calculable_units: { keuro: 1 },
      skipped: { 'source-data-not-a-factor': 1 },
      roll_ups: { stages: { checked: 1, off: 0 }, gases: { checked: 5, off: 0 } },
    })
  })

  test('58 columns are enough, and their order is free', () => {
    const again = read(goodRows, [...columns58].reverse())
    const plain = (result: ImportResult) => result.factors.map((factor) => ({ ...factor, raw: undefined }))
    expect(plain(again)).toEqual(plain(good))
  })

  test('two postes of one type are one stage, added up', () => {
    const chair = element('1', { 'Total poste non décomposé': '0,6' })
    const [factor] = read([
      chair,
      poste(chair, 'Energie', { 'Total poste non décomposé': '0,1', 'Nom poste français': 'Mise en forme' }),
      poste(chair, 'Energie', { 'Total poste non décomposé': '0,2', 'Nom poste français': 'Assemblage' }),
      poste(chair, 'Intrants', { 'Total poste non décomposé': '0,3' }),
    ]).factors
    expect(factor?.stages).toEqual([
      { stage: 'process', total_kg_co2e: 0.3 },
      { stage: 'inputs', total_kg_co2e: 0.3 },
    ])
  })

  test('postes need not follow their element', () => {
    const [first, second] = [element('1', {}), element('2', {})]
    const { factors } = read([poste(first, 'Amont', {}), second, first])
    expect(factors.find(({ id }) => id === 'base-carbone:1')?.stages[0]?.stage).toBe('upstream')
  })

  test('a poste of a type nobody knows leaves the element whole, and is counted', () => {
    const chair = element('1', {})
    const { factors, counts } = read([chair, poste(chair, 'Téléportation', {})])
    expect(factors[0]?.stages).toEqual([{ stage: 'whole', total_kg_co2e: 1.5 }])
    expect(counts.unread).toEqual({ 'unknown-poste-type': 1 })
  })

  test('parts that do not add up are named, and the published total stands', () => {
    const chair = element('7', { 'Total poste non décomposé': '1' })
    const { factors, counts } = read([chair, poste(chair, 'Amont', { 'Total poste non décomposé': '0,5' })])
    expect(factors[0]?.total_kg_co2e).toBe(1)
    expect(counts.roll_ups.stages).toMatchObject({
      checked: 1,
      off: 1,
      examples: ['element 7: 1 published, 0.5 summed'],
    })
  })
})

describe('a broken file is refused with every line and column', () => {
  const chair = element('1', {})
  test.each<[string, CaseRow[], string, string]>([
    [
      'a number that is none',
      [element('1', { 'Total poste non décomposé': '1,5 kg' })],
      'bad-number',
      '/lines/2/Total poste non décomposé',
    ],
    [
      'a total left blank',
      [element('1', { 'Total poste non décomposé': '' })],
      'missing-number',
      '/lines/2/Total poste non décomposé',
    ],
    ['a gas that is no number', [element('1', { CH4f: 'n/a' })], 'bad-number', '/lines/2/CH4f'],
    [
      'a poste without an element',
      [chair, poste(element('2', {}), 'Amont', {})],
      'orphan-poste',
      "/lines/3/Identifiant de l'élément",
    ],
    ['an element that stands there twice', [chair, chair], 'duplicate-id', "/lines/3/Identifiant de l'élément"],
    [
      'a status nobody knows',
      [element('1', { "Statut de l'élément": 'Peut-être' })],
      'unknown-status',
      "/lines/2/Statut de l'élément",
    ],
    ['a line of another type', [{ ...chair, 'Type Ligne': 'Titre' }], 'unknown-line-type', '/lines/2/Type Ligne'],
    ['an id of letters', [element('abc', {})], 'bad-id', "/lines/2/Identifiant de l'élément"],
    ['no element at all', [], 'no-elements', '/lines/1'],
  ])('%s', (_, rows, code, path) => {
    expect(faultsOf(rows)).toEqual(expect.arrayContaining([expect.objectContaining({ code, path })]))
  })

  test('a line with another number of columns', () => {
    const reader = baseCarboneReader(columns67, 'V99')
    reader.push(cellsOf([chair])[0] ?? [], 2)
    reader.push(['Elément', '2'], 3)
    expect(() => reader.finish()).toThrow(/line 3: there are 2 columns, and the header has 67/)
  })

  test('a missing column and a doubled one are both named at once', () => {
    const columns = [...columns67.filter((name) => name !== 'Unité français' && name !== 'Type poste'), 'CO2f']
    expect(faultsOf([chair], columns).map(({ code }) => code)).toEqual([
      'duplicate-column',
      'missing-column',
      'missing-column',
    ])
  })

  test('a thousand faults are counted and a hundred shown', () => {
    const rows = Array.from({ length: 1000 }, (_, n) => element(String(n + 1), { 'Total poste non décomposé': 'x' }))
    const faults = faultsOf(rows)
    expect(faults).toHaveLength(100)
    expect(() => read(rows)).toThrow(/And 999 more/)
  })
})
