import { describe, expect, test } from 'vitest'
import { Problem } from '../../lib/problem.ts'
import { asDownload, asOpenData, goodRows } from './cases/base-carbone-rows.ts'
import { compareEditions, editionFromFileName, isUtf8, sniffContainer, sniffHeader } from './sniff.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const latin = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

function problemOf(work: () => unknown): Problem {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('what a file is shows in its bytes', () => {
  test('the download is Windows-1252 with semicolons, the export UTF-8 with commas', () => {
    expect(sniffContainer(latin(asDownload(goodRows)))).toEqual({ kind: 'text', encoding: 'windows-1252' })
    expect(sniffContainer(utf8(asOpenData(goodRows)))).toEqual({ kind: 'text', encoding: 'utf-8' })
    expect(sniffHeader(asDownload(goodRows), 'windows-1252')).toMatchObject({ dialect: 'base-carbone', separator: ';' })
    expect(sniffHeader(asOpenData(goodRows), 'utf-8')).toMatchObject({ dialect: 'base-carbone', separator: ',' })
  })

  test('a byte-order mark, a typographic apostrophe and stray spaces change nothing', () => {
    const header = asDownload([]).replaceAll("'", '’').replace('Type Ligne', '\uFEFF Type Ligne ')
    expect(sniffHeader(header, 'utf-8').dialect).toBe('base-carbone')
  })

  test('separators inside quotes are not counted', () => {
    expect(sniffHeader('"a;b;c;d;e",value,unit,source\n', 'utf-8')).toMatchObject({ dialect: 'custom', separator: ',' })
  })

  test.each([2022, 2025, 2031])('the flat file of %i is known whatever its year', (year) => {
    const header = `ID,Scope,Level 1,Level 2,Level 3,Level 4,Column Text,UOM,GHG/Unit,GHG Conversion Factor ${year}`
    expect(sniffHeader(header, 'utf-8')).toMatchObject({ dialect: 'desnz-flat', separator: ',' })
  })

  test('a spreadsheet is known by its container', () => {
    expect(sniffContainer(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0))).toEqual({ kind: 'xlsx' })
  })
})

describe('what is not known is refused, with what was seen', () => {
  test('an empty file', () =>
    expect(problemOf(() => sniffContainer(new Uint8Array())).type).toBe('factors/unreadable-file'))
  test.each([
    ['binary', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1, 2)],
    ['utf-16', Uint8Array.of(0xff, 0xfe, 0x54, 0)],
  ])('%s', (encoding, bytes) => {
    const problem = problemOf(() => sniffContainer(bytes))
    expect(problem).toMatchObject({ type: 'factors/unknown-dialect', details: { seen: { encoding } } })
  })
  test('one column', () => {
    const problem = problemOf(() => sniffHeader('Type Ligne\nElément\n', 'utf-8'))
    expect(problem).toMatchObject({
      type: 'factors/unknown-dialect',
      details: { seen: { column_count: 1, separator: null } },
    })
  })
  test('columns of something else, which the answer lists with what would be right', () => {
    const problem = problemOf(() => sniffHeader('date;amount;account\n', 'windows-1252'))
    expect(problem.details).toMatchObject({
      seen: { encoding: 'windows-1252', separator: ';', columns: ['date', 'amount', 'account'] },
      expected: expect.arrayContaining([expect.stringContaining('Base Carbone')]),
    })
  })
})

test.each([
  [[0xc3, 0xa9], true],
  [[0xe9], false],
  [[0xc3], false],
  [[0xc0, 0x80], false],
  [[0xed, 0xa0, 0x80], false],
  [[0xf0, 0x9f, 0x8c, 0x8a], true],
  [[0xf4, 0x90, 0x80, 0x80], false],
  [[0xe0, 0x80, 0x80], false],
  [[0x80], false],
])('the bytes %j are UTF-8: %s', (bytes, answer) => {
  expect(isUtf8(Uint8Array.from(bytes))).toBe(answer)
  // The platform's own strict decoder is the judge.
  const judge = (): boolean => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes)) !== undefined
    } catch {
      return false
    }
  }
  expect(judge()).toBe(answer)
})

test.each([
  ['Base_Carbone_V23.6.csv', 'V23.6'],
  ['basecarbone-v17-fr.csv', 'V17'],
  ['export.csv', undefined],
  ['dev2.csv', undefined],
])('the file name %s says edition %s', (name, edition) => expect(editionFromFileName(name)).toBe(edition))

test('editions are ordered by number, not by letter', () => {
  expect(['V23.6', 'V9', 'V17', 'V23.10'].sort(compareEditions)).toEqual(['V9', 'V17', 'V23.6', 'V23.10'])
  expect(['2025', '2022', '2024'].sort(compareEditions)).toEqual(['2022', '2024', '2025'])
})
