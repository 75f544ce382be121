import { describe, expect, it } from 'vitest'
import { Expectation, type Column, type ColumnType } from './data-contract.ts'
import { checkExpectation, reportPasses, type CheckOptions } from './expectations.ts'
import { TableBuilder } from './table.ts'

const types: Record<string, ColumnType> = {
  meter: 'text',
  kind: 'category',
  use: 'number',
  limit: 'number',
  at: 'timestamp',
}
const names = Object.keys(types)
const columns = names.map((name): Column => ({ name, type: types[name]!, nullable: true, target: false }))
const builder = new TableBuilder(columns)
for (const row of [
  ['FR-001', 'gas', 10, 20, '2026-01-01T00:00:00Z'],
  ['FR-002', 'gas', 30, 20, '2026-01-02T00:00:00Z'],
  ['FR-002', 'wood', null, 20, '2026-01-03T00:00:00Z'],
  ['x', null, -5, null, null],
])
  builder.add((c) => row[c])
const table = builder.finish()
const now = Date.UTC(2026, 0, 4)
const check = (given: object, options: Partial<CheckOptions> = {}) =>
  checkExpectation(table, Expectation.parse(given), { now, ...options })
const rows = (result: ReturnType<typeof check>) => result.failing.map(({ row }) => row)

describe('expectations', () => {
  it('name the rows that do not comply, with their values', () => {
    const range = check({ kind: 'range', column: 'use', min: 0, max: 25 })
    expect(range).toMatchObject({ outcome: 'failed', rows_checked: 3, rows_failing: 2 })
    expect(range.failing).toEqual([
      { row: 1, values: { use: 30 } },
      { row: 3, values: { use: -5 } },
    ])
    expect(range.share_passing).toBeCloseTo(1 / 3, 12)
    expect(rows(check({ kind: 'not_null', column: 'use' }))).toEqual([2])
    expect(rows(check({ kind: 'set', column: 'kind', values: ['gas'] }))).toEqual([2])
    expect(rows(check({ kind: 'unique', columns: ['meter'] }))).toEqual([2])
    expect(rows(check({ kind: 'unique', columns: ['meter', 'kind'] }))).toEqual([])
    expect(rows(check({ kind: 'pattern', column: 'meter', pattern: 'FR-\\d{3}' }))).toEqual([3])
    expect(rows(check({ kind: 'compare', left: 'use', operator: '<=', right: 'limit' }))).toEqual([1])
    expect(rows(check({ kind: 'type', column: 'meter', type: 'number' }))).toEqual([0, 1, 2, 3])
    expect(rows(check({ kind: 'refers_to', column: 'meter', dataset: 'meters', dataset_column: 'id' }, { referred: new Set(['FR-001', 'FR-002']) }))).toEqual([3]) // oxfmt-ignore
  })

  it('are met by a share where that is said, and show no more rows than asked for', () => {
    expect(check({ kind: 'not_null', column: 'use', share_min: 0.75 }).outcome).toBe('passed')
    expect(check({ kind: 'not_null', column: 'use', share_min: 0.76 }).outcome).toBe('failed')
    const shown = check({ kind: 'type', column: 'meter', type: 'number' }, { failing_max: 1 })
    expect(shown.failing).toHaveLength(1)
    expect(shown.rows_failing).toBe(4)
  })

  it('ask how old the newest row is, and how many there are', () => {
    expect(check({ kind: 'freshness', column: 'at', age_max_h: 24 }).outcome).toBe('passed')
    expect(check({ kind: 'freshness', column: 'at', age_max_h: 23.9 })).toMatchObject({
      outcome: 'failed',
      says: 'The newest is from 2026-01-03T00:00:00.000Z, 24 hours ago; wanted at most 23.9.',
    })
    expect(check({ kind: 'row_count', min: 4, max: 4 }).outcome).toBe('passed')
    expect(check({ kind: 'row_count', min: 5 }).outcome).toBe('failed')
  })

  it('compare times with times', () => {
    const bounds = { kind: 'range', column: 'at', min: '2026-01-02T00:00:00Z' }
    expect(rows(check(bounds))).toEqual([0])
    expect(check({ kind: 'range', column: 'at', min: 5 }).outcome).toBe('not_assessable')
  })

  it('that cannot be assessed are no pass: words have no range, a missing data set refers to nothing', () => {
    const results = [
      check({ kind: 'range', column: 'kind', min: 0 }),
      check({ kind: 'refers_to', column: 'meter', dataset: 'gone', dataset_column: 'id' }),
      check({ kind: 'compare', left: 'use', operator: '<', right: 'kind' }),
      check({ kind: 'freshness', column: 'use', age_max_h: 1 }),
    ]
    expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'not_assessable'))
    expect(reportPasses(results)).toBe(false)
    expect(reportPasses([check({ kind: 'range', column: 'kind', min: 0, severity: 'warning' })])).toBe(true)
  })

  it('of a column that is not there are refused, and the columns are named', () => {
    expect(() => check({ kind: 'not_null', column: 'usage' })).toThrow(
      expect.objectContaining({ type: 'models/unknown-column', details: expect.objectContaining({ columns: names }) }),
    )
  })
})
