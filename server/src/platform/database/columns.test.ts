import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestApp, type TestApp } from '../testing.ts'
import { binaryArray, columnOf, columnOrOne, type ColumnType } from './columns.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [] })
})
afterAll(() => app.close())

const rows = [
  { at_ms: Date.UTC(2026, 4, 1, 12, 0, 0, 123), value: 0.1 + 0.2, count: 2_147_483_647, low: null },
  { at_ms: Date.UTC(2000, 0, 1), value: -5e-324, count: -2_147_483_648, low: 1.5 },
  { at_ms: Date.UTC(1999, 11, 31, 23, 59, 59, 999), value: 1.7976931348623157e308, count: 0, low: null },
]

it('come back as they went in, on whichever database this runs', async () => {
  const { kind, kysely } = app.db
  const column = (type: ColumnType, name: keyof (typeof rows)[number]) => columnOf(kind, type, rows.map((row) => row[name])) // oxfmt-ignore
  const back = await sql`select ${column('timestamptz', 'at_ms')} as at, ${column('float8', 'value')} as value,
    ${column('int4', 'count')} as count, ${column('float8', 'low')} as low`.execute(kysely)
  expect(back.rows).toEqual(rows.map(({ at_ms, value, count, low }) => ({ at: new Date(at_ms), value, count, low })))
  const one = (numbers: number[]) =>
    sql`select ${columnOf(kind, 'int4', [1, 2])} as n, ${columnOrOne(kind, 'int2', numbers)} as v`.execute(kysely)
  expect((await one([-3, -3])).rows).toEqual([1, 2].map((n) => ({ n, v: -3 })))
  expect((await one([-3, 4])).rows).toEqual([{ n: 1, v: -3 }, { n: 2, v: 4 }]) // oxfmt-ignore
  const none = await sql`select ${columnOf(kind, 'int4', [])} as nothing`.execute(kysely)
  expect(none.rows).toEqual([])
})

it('are bytes as PostgreSQL’s documentation of its types has them', () => {
  const hex = (bytes: Buffer) => bytes.toString('hex').replace(/(.{8})/g, '$1 ')
  // One dimension, with nulls, of int4 (23), two elements from index 1; the first of four bytes, the second null.
  expect(hex(binaryArray('int4', [7, null]))).toBe('00000001 00000001 00000017 00000002 00000001 00000004 00000007 ffffffff ') // oxfmt-ignore
  // A microsecond before 2000 is −1 in 64 bits.
  expect(hex(binaryArray('timestamptz', [946_684_799_999.999]))).toContain('00000008 ffffffff ffffffff')
  expect(() => binaryArray('int4', [1.5])).toThrow('whole numbers')
  expect(() => binaryArray('int2', [40_000])).toThrow('16 bits')
})
