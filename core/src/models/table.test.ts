import { describe, expect, it } from 'vitest'
import type { Column, ColumnType } from './data-contract.ts'
import { SchemaInference } from './schema-inference.ts'
import { cellOf, frameOf, missingWords, readCell, TableBuilder } from './table.ts'

const column = (name: string, type: ColumnType, more: Partial<Column> = {}): Column => ({
  name,
  type,
  nullable: true,
  target: false,
  ...more,
})
const refused = (code: string) => expect.objectContaining({ code })

describe('a cell', () => {
  it.each<[ColumnType, unknown, unknown]>([
    ['number', '1.5', 1.5],
    ['number', '-.5e3', -500],
    ['number', ' 7 ', 7],
    ['number', '', null],
    ['number', 'NA', null],
    ['number', Number.NaN, null],
    ['number', 12n, 12],
    ['integer', '42', 42],
    ['integer', '42.0', 42],
    ['boolean', 'TRUE', 1],
    ['boolean', '0', 0],
    ['boolean', false, 0],
    ['category', 'NA', 'NA'],
    ['category', 7, '7'],
    ['text', ' padded ', ' padded '],
    ['timestamp', '2026-02-28', Date.UTC(2026, 1, 28)],
    ['timestamp', '2026-02-28T23:59:59.250Z', Date.UTC(2026, 1, 28, 23, 59, 59, 250)],
    ['timestamp', '2026-02-28 12:00+02:00', Date.UTC(2026, 1, 28, 10)],
    ['timestamp', '2026-02-28T12:00:00-0130', Date.UTC(2026, 1, 28, 13, 30)],
  ])('of type %s reads %o as %o', (type, raw, value) => {
    expect(readCell(type, raw, { missing: missingWords })).toBe(value)
  })

  it.each<[ColumnType, unknown, string]>([
    ['number', '1,5', 'not-a-number'],
    ['number', '0x10', 'not-a-number'],
    ['number', '1 000', 'not-a-number'],
    ['number', true, 'not-a-number'],
    ['number', [5], 'not-a-number'],
    ['number', '1e999', 'not-finite'],
    ['number', Infinity, 'not-finite'],
    ['integer', '1.5', 'not-an-integer'],
    ['integer', 2 ** 53, 'not-an-integer'],
    ['boolean', 'yes', 'not-a-truth-value'],
    ['boolean', 1, 'not-a-truth-value'],
    ['text', { a: 1 }, 'not-a-text'],
    ['text', 'a\0b', 'broken-text'],
    ['text', '\ud800', 'broken-text'],
    ['timestamp', '2026-02-30', 'not-an-instant'],
    ['timestamp', '2026-02-28T25:00', 'not-an-instant'],
    ['timestamp', 'yesterday', 'not-an-instant'],
    ['timestamp', 1_700_000_000, 'not-an-instant'],
  ])('of type %s refuses %o: %s', (type, raw, code) => {
    expect(readCell(type, raw)).toEqual(refused(code))
  })

  it('with a decimal comma is read where that was said, and hinted at where not', () => {
    expect(readCell('number', '1,5', { decimal: 'comma' })).toBe(1.5)
    expect(readCell('number', '1,5')).toMatchObject({ message: expect.stringContaining('decimal=comma') })
  })

  it('of minus zero is zero, so that equal tables have equal digests', () => {
    expect(Object.is(readCell('number', '-0'), 0)).toBe(true)
  })
})

describe('a table', () => {
  it('is built column by column and read back as it was', () => {
    const builder = new TableBuilder([column('use', 'number'), column('kind', 'category'), column('at', 'timestamp'), column('on', 'boolean'), column('note', 'text')]) // oxfmt-ignore
    const rows = [
      [1.5, 'gas', '2026-01-01T00:00:00Z', true, 'first'],
      [null, 'wood', null, false, null],
      [2, 'gas', '2026-01-02T00:00:00Z', null, ''],
    ]
    for (const row of rows) builder.add((c) => row[c])
    const { columns, row_count } = builder.finish()
    const cells = (row: number) => columns.map(({ values }) => cellOf(values, row))
    expect(row_count).toBe(3)
    expect(cells(0)).toEqual([1.5, 'gas', '2026-01-01T00:00:00.000Z', true, 'first'])
    expect(cells(1)).toEqual([null, 'wood', null, false, null])
    expect(cells(2)).toEqual([2, 'gas', '2026-01-02T00:00:00.000Z', null, null])
    const frame = frameOf({ columns, row_count })
    expect(frame.columns.map(({ type }) => type)).toEqual(['number', 'category', 'time', 'boolean', 'category'])
    expect(frame.columns[1]!.values).toEqual(['gas', 'wood', 'gas'])
  })

  it('keeps more rows than one chunk holds', () => {
    const builder = new TableBuilder([column('x', 'number'), column('k', 'category')])
    for (let i = 0; i < 150_000; i++) builder.add((c) => (c === 0 ? i : `k${i % 3}`))
    const { columns } = builder.finish()
    expect(cellOf(columns[0]!.values, 149_999)).toBe(149_999)
    expect(cellOf(columns[1]!.values, 149_999)).toBe('k2')
  })

  it('names every cell that does not fit, and how many there are beyond a hundred', () => {
    const builder = new TableBuilder([column('use', 'number'), column('id', 'text', { nullable: false })])
    for (let i = 0; i < 150; i++)
      builder.add(
        (c) => (c === 0 ? 'much' : i === 1 ? '' : 'x'),
        () => `line ${i + 2}`,
      )
    expect(() => builder.finish()).toThrow(
      expect.objectContaining({
        type: 'models/cells-unfit',
        details: expect.objectContaining({
          faults_found: 151,
          faults: expect.arrayContaining([
            expect.objectContaining({ path: '/rows/0/use', message: 'line 2, column use: is not a number' }),
            expect.objectContaining({ path: '/rows/1/id', code: 'missing' }),
          ]),
        }),
      }),
    )
    expect(builder.faults).toHaveLength(100)
  })
})

describe('types are inferred', () => {
  const infer = (cells: unknown[]) => {
    const inference = new SchemaInference(['x'], { missing: missingWords })
    for (const cell of cells) inference.add(() => cell)
    return inference.columns()[0]!
  }

  it.each<[string, unknown[], string]>([
    ['whole numbers', ['1', '2', '-3'], 'integer'],
    ['one with decimals in the last row', [...Array.from({ length: 5000 }, () => '1'), '1.5'], 'number'],
    ['0 and 1 are numbers', ['0', '1'], 'integer'],
    ['true and false', ['true', 'FALSE'], 'boolean'],
    ['codes with zeros in front', ['007', '012', '007', '007'], 'category'],
    ['dates', ['2026-01-01', '2026-01-02T10:00'], 'timestamp'],
    ['words that repeat', ['gas', 'gas', 'wood', 'wood'], 'category'],
    ['words that do not', ['a', 'b', 'c'], 'text'],
    ['nothing at all', ['', null], 'text'],
    ['numbers and a word', ['1', '2', 'many', 'many', '1', '2'], 'category'],
    ['mixed JSON', [1, 'a', true], 'text'],
  ])('%s', (_name, cells, type) => {
    expect(infer(cells).type).toBe(type)
  })

  it('with missing cells as nullable, whatever word says that nothing is there', () => {
    expect(infer(['1', 'NA', '3'])).toMatchObject({ type: 'integer', nullable: true })
    expect(infer(['1', '2'])).toMatchObject({ nullable: false })
  })
})
