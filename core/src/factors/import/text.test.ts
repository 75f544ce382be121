import { describe, expect, test } from 'vitest'
import { cleanText, headerKey, readDay, readNumber, readValidity, repairMojibake, slug } from './text.ts'

test('a header is the same under another apostrophe, Unicode form, spacing or byte-order mark', () => {
  expect(headerKey('\uFEFF Statut de l’éle\u0301ment ')).toBe("statut de l'élément")
})

test.each([
  ['0,0503', 0.0503],
  ['0.0503', 0.0503],
  ['1,05E-3', 0.00105],
  ['8.74e-4', 0.000874],
  ['0,00000000000000', 0],
  ['-0,155899', -0.155899],
  ['2502', 2502],
])('%s is the number %d', (cell, value) => expect(readNumber(cell)).toBe(value))

test.each(['', ' ', '1,234.5', '1 234', 'NaN', '1e999', '0x10', '12abc', '--1', '1,2,3', 'Infinity', '#N/A'])(
  '"%s" is not a number',
  (cell) => expect(readNumber(cell)).toBeUndefined(),
)

test('where a comma groups thousands, it is not a decimal mark', () => {
  expect(readNumber('1,234', 'point')).toBeUndefined()
  expect(readNumber('9e-05', 'point')).toBe(9e-5)
})

describe('the damage of exports is undone', () => {
  test('triple quotes around and fourfold quotes within', () => {
    expect(cleanText('"""Barre """"équilibre"""" aux fruits"""')).toBe('Barre "équilibre" aux fruits')
  })
  test('tabs and line breaks are spaces', () => expect(cleanText('\tGazole\nroutier ')).toBe('Gazole routier'))
  test('UTF-8 that was read as Windows-1252', () => {
    expect(repairMojibake("DonnÃ©es de l'article L229-25")).toBe("Données de l'article L229-25")
    expect(repairMojibake('lâ€™annÃ©e')).toBe('l’année')
  })
  test('a text that is right stays as it is', () => {
    for (const text of ['Données', 'À l’été', 'Ångström', 'Ã', 'Âge', '100 € – 200 €', 'SÃO PAULO €']) {
      expect(repairMojibake(text)).toBe(text)
    }
  })
})

test.each([
  ['2024-03-11', '2024-03-11'],
  ['11/03/2024', '2024-03-11'],
  ['11/03/2024 00:00', '2024-03-11'],
  ['2024-03-11 00:00:00', '2024-03-11'],
  ['31/02/2024', undefined],
  ['2024', undefined],
])('the day of %s is %s', (cell, day) => expect(readDay(cell)).toBe(day))

test.each([
  ['2026-02-24', { valid_to: '2026-02-24' }],
  ['24/02/2026', { valid_to: '2026-02-24' }],
  ['2023', { valid_to: '2023-12-31' }],
  ['Année 2022', { valid_from: '2022-01-01', valid_to: '2022-12-31' }],
  ["Données valides pour l'année 2024", { valid_from: '2024-01-01', valid_to: '2024-12-31' }],
  ['déc.-18', { valid_to: '2018-12-31' }],
  ['avr-21', { valid_to: '2021-04-30' }],
  ['31-janv-23', { valid_to: '2023-01-31' }],
  ['févr-24', { valid_to: '2024-02-29' }],
  ['5 ans', { valid_to: '2025-06-18' }],
  ['45362', { valid_to: '2024-03-11' }],
  ['', {}],
  ['jusqu’à nouvel ordre', undefined],
  ['31-févr-23', undefined],
  ['constructor-23', undefined],
])('the validity "%s" reads %j', (cell, validity) => expect(readValidity(cell, '2020-06-18')).toEqual(validity))

test('a span of years without a day to count from says nothing', () => expect(readValidity('5 ans')).toBeUndefined())

test('an id is made of plain letters', () => expect(slug('Gazole B7 (été) – cœur')).toBe('gazole-b7-ete-coeur'))
