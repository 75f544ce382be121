import { describe, expect, test } from 'vitest'
import { Problem } from '../../lib/problem.ts'
import { Factor } from '../contract.ts'
import { customFactor, customReader } from './custom.ts'
import { desnzReader } from './desnz.ts'
import { findHubSheet, readEpaHub, type Cell } from './epa-hub.ts'
import type { FactorReader } from './report.ts'

const digest = (text: string) =>
  [...text]
    .reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7)
    .toString(16)
    .padStart(12, '0')

function run(reader: FactorReader, rows: readonly string[][]) {
  rows.forEach((cells, n) => reader.push(cells, n + 2))
  return reader.finish()
}

function faultCodes(work: () => unknown): string[] {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return (error.details.faults ?? []).map((fault) => fault.code)
    throw error
  }
  return []
}

describe('the flat file of DESNZ', () => {
  const header = [
    'ID',
    'Scope',
    'Level 1',
    'Level 2',
    'Level 3',
    'Level 4',
    'Column Text',
    'UOM',
    'GHG/Unit',
    'GHG Conversion Factor 2031',
  ]
  const fuel = (n: number, gas: string, value: string, uom = 'litres') => [
    `1_9_9_8_${n}`,
    'Scope 1',
    'Fuels',
    'Liquid fuels',
    'Invented',
    '',
    '',
    uom,
    gas,
    value,
  ]
  const rows = [
    fuel(1, 'kg CO2e', '2.5'),
    fuel(2, 'kg CO2e of CO2 per unit', '2.4'),
    fuel(3, 'kg CO2e of CH4 per unit', '0.06'),
    fuel(4, 'kg CO2e of N2O per unit', '0.04'),
    ['1_9_9_1_1', 'Scope 1', 'Fuels', 'Gaseous fuels', 'Invented', '', '', 'cubic metres', 'kg CO2e', '2'],
    [
      '3_1_1_5_1',
      'Scope 3',
      'Business travel- air',
      'Flights',
      'Short-haul',
      'Economy',
      'With RF',
      'passenger.km',
      'kg CO2e',
      '0.1',
    ],
    [
      '3_1_2_5_1',
      'Scope 3',
      'Business travel- air',
      'Flights',
      'Short-haul',
      'First',
      'With RF',
      'passenger.km',
      'kg CO2e',
      '',
    ],
    [
      '5_1_1_4_5',
      'Scope 1',
      'SECR kWh pass & delivery vehs',
      'Cars',
      'Small',
      '',
      'Diesel',
      'km',
      'kWh (Net CV)',
      '0.5',
    ],
    [
      '99_1_1_8_2',
      'Outside of Scopes',
      'Outside of scopes',
      'Blend',
      'Invented',
      '',
      '',
      'litres',
      'kg CO2e of CO2 per unit',
      '0.13',
    ],
  ]
  const { factors, counts, edition } = run(desnzReader(header), rows)
  const find = (id: string) => factors.find((factor) => factor.id === `desnz:${id}`)

  test('the rows of one id are one factor with its gases, in the year of the header', () => {
    expect(edition).toBe('2031')
    expect(find('1_9_9_8')).toMatchObject({
      unit: 'L',
      gwp_set: 'AR5',
      boundary: 'direct',
      valid_from: '2031-01-01',
      stages: [{ stage: 'combustion', total_kg_co2e: 2.5, gases_kg_co2e: { co2: 2.4, ch4: 0.06, n2o: 0.04 } }],
    })
    for (const factor of factors) expect(Factor.safeParse(factor).error, factor.id).toBeUndefined()
  })
  test('a blank is not a zero, and energy is no emission: both are counted', () => {
    expect(find('3_1_2_5')).toBeUndefined()
    expect(counts.skipped).toEqual({ 'blank-value': 1, 'energy-not-emissions': 1 })
  })
  test('what is outside of scopes is biogenic and adds nothing', () => {
    expect(find('99_1_1_8')).toMatchObject({ total_kg_co2e: 0, stages: [{ co2_biogenic_kg: 0.13 }] })
  })
  test('a cubic metre of fuel gas has no temperature, so it is kept and not calculable', () => {
    expect(find('1_9_9_1')?.unit).toBe('source:cubic metres')
  })
  test('flights say whether effects at altitude are in', () => {
    expect(find('3_1_1_5')).toMatchObject({
      radiative_forcing: 'included',
      distance_uplift: { percent: 8, included: true },
    })
  })
  test('broken lines are named', () => {
    expect(
      faultCodes(() =>
        run(desnzReader(header), [fuel(1, 'kg CO2e', '2,5'), fuel(1, 'kg CO2e', '2'), ['x'], fuel(9, 'kg XY', '1')]),
      ),
    ).toEqual(['bad-number', 'duplicate-id', 'wrong-column-count', 'unknown-gas'])
    expect(faultCodes(() => desnzReader(header.slice(0, 9)))).toEqual(['missing-column'])
  })
})

describe('the hub of EPA', () => {
  const row = (...cells: Cell[]): Cell[] => [null, ...cells]
  const sheet = (modified: string): { name: string; rows: Cell[][] } => ({
    name: 'Hub',
    rows: [
      row(null, null, null, null, modified),
      row('Table 1', '   Stationary Combustion'),
      row(null, 'Fuel Type', 'Heat Content (HHV)', 'CO2 Factor', 'CH4 Factor'),
      row(null, null, 'mmBtu per short ton', 'kg CO2 per mmBtu'),
      row(null, 'Coal'),
      row(null, 'Invented coal', 25, 100, 10, 1, 2500, 250, 25),
      row(null, 'Biomass Fuels - Solid'),
      row(null, 'Invented wood', 10, 90, 7, 3, 900, 70, 30),
      row(null, 'Source:'),
      row(null, 'a note with 1 number', 1),
      row('Table 6', '   Electricity'),
      row(null, 'INVT', 'Invented grid', 1000, 0.1, 0.01, 2000, 0.2, 0.02, 0.042),
      row('Table 9', '   Waste'),
      row(null, 'Material', 'Recycled'),
      row(null, 'Invented can', 0.06, 'NA', 0, 'NA', 'NA', 'NA'),
      row('Table 12', ' Blends'),
      row(null, 'R-0', 18, 'a mix'),
    ],
  })
  const found = findHubSheet([{ name: 'other', rows: [['x']] }, sheet('Last Modified: January 15, 2025')])
  const { factors, counts, edition } = readEpaHub(found ?? { name: '', rows: [] })
  const find = (id: string) => factors.find((factor) => factor.id === `epa-hub:${id}`)

  test('gases stay masses, and the total is theirs under the set of the edition', () => {
    expect(edition).toBe('2025')
    expect(find('1.invented-coal.mmbtu')).toMatchObject({
      unit: 'MMBtu_gross',
      total_kg_co2e: 100 + 0.01 * 28 + 0.001 * 265,
      stages: [{ stage: 'combustion', gases_kg: { co2: 100, ch4: 0.01, n2o: 0.001 } }],
    })
    expect(find('1.invented-coal.short-ton')?.unit).toBe('short_ton')
    for (const factor of factors) expect(Factor.safeParse(factor).error, factor.id).toBeUndefined()
  })
  test('the CO2 of biomass is biogenic', () => {
    expect(find('1.invented-wood.mmbtu')?.stages[0]).toMatchObject({
      gases_kg: { ch4: 0.007, n2o: 0.003 },
      co2_biogenic_kg: 90,
    })
    expect(find('1.invented-wood.mmbtu')?.stages[0]?.gases_kg).not.toHaveProperty('co2')
  })
  test('pounds per MWh are exact pounds, and the grid loss stays in the raw row', () => {
    expect(find('6.invt')).toMatchObject({ geography: 'US-INVT', unit: 'MWh', raw: { grid_gross_loss: '0.042' } })
    expect(find('6.invt')?.stages[0]?.gases_kg?.co2).toBe(453.59237)
  })
  test('a zero is a factor and NA is none; potentials are counted, not read', () => {
    expect(find('9.invented-can.combusted')?.total_kg_co2e).toBe(0)
    expect(find('9.invented-can.landfilled')).toBeUndefined()
    expect(counts.skipped).toEqual({ 'not-applicable': 4, 'potential-not-a-factor': 1 })
  })
  test('a note below a table is not a row of it', () =>
    expect(factors.every((factor) => !factor.name.en.includes('note'))).toBe(true))
  test('a hub that does not say its year is refused', () => {
    expect(() => readEpaHub(sheet('nothing'))).toThrow(/does not say when/)
  })
})

describe('factors of one’s own', () => {
  const header = ['Nom', 'Valeur', 'Unité', 'Source', 'Pays']
  test('value, unit, source and name make a factor; the same ones make the same id', () => {
    const once = run(customReader(header, digest), [['Mélasse', '0,42', 'kg', 'Fournisseur, 2026', 'FR']]).factors
    const twice = run(customReader(header, digest), [['Mélasse', '0,42', 'kg', 'Fournisseur, 2026', 'FR']]).factors
    const other = run(customReader(header, digest), [['Mélasse', '0,43', 'kg', 'Fournisseur, 2026', 'FR']]).factors
    expect(once[0]).toMatchObject({
      dataset: 'custom',
      unit: 'kg',
      total_kg_co2e: 0.42,
      geography: 'FR',
      source: { title: 'Fournisseur, 2026' },
    })
    expect(once[0]?.id).toMatch(/^custom:melasse-[0-9a-f]{12}$/)
    expect(twice[0]?.id).toBe(once[0]?.id)
    expect(other[0]?.id).not.toBe(once[0]?.id)
    expect(Factor.safeParse(once[0]).error).toBeUndefined()
  })
  test('a name without a Latin letter still has an id', () => {
    expect(
      Factor.safeParse(customFactor({ name: '糖蜜', value: 1, unit: 'kg', source: 's' }, digest)).error,
    ).toBeUndefined()
  })
  test('an address of a source that is a program, or none, is refused: it becomes a link', () => {
    const linked = [...header, 'URL']
    const read = (url: string) => run(customReader(linked, digest), [['a', '1', 'kg', 's', 'FR', url]])
    for (const url of [
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      'data:text/html,x',
      'https:',
      '//evil.example',
      'x',
    ])
      expect(
        faultCodes(() => read(url)),
        url,
      ).toEqual(['bad-address'])
    expect(read('https://example.org/a').factors[0]?.source.url).toBe('https://example.org/a')
  })
  test('every fault is named at once', () => {
    expect(
      faultCodes(() =>
        run(customReader(header, digest), [
          ['', 'x', 'ton', '', 'FR'],
          ['a', '1', 'kg', 's'],
        ]),
      ),
    ).toEqual(['missing', 'missing', 'bad-number', 'unknown-unit', 'wrong-column-count'])
    expect(faultCodes(() => customReader(['value', 'unit'], digest))).toEqual(['missing-column', 'missing-column'])
  })
})
