import type { ColumnProfile } from '@tidemark/core/models/data-contract.ts'
import { expect, test } from 'vitest'
import { columnsOf, expectationsFrom, figuresOf } from './expectations.ts'

const column = (name: string, type: 'number' | 'category') => ({ name, type, nullable: true, target: false })
const numbers = (min: number) => ({ min }) as unknown as NonNullable<ColumnProfile['numbers']>
const profile = (more: Partial<ColumnProfile> & Pick<ColumnProfile, 'column'>): ColumnProfile => ({
  count: 10,
  missing_count: 0,
  missing_share: 0,
  distinct_count: 2,
  ...more,
})

test('a table suggests what its next version should keep, and nothing that it does not show', () => {
  const suggested = expectationsFrom(
    [
      profile({ column: column('area_m2', 'number'), numbers: numbers(3) }),
      profile({ column: column('balance', 'number'), numbers: numbers(-5), missing_count: 1 }),
      profile({
        column: column('use', 'category'),
        top: [
          { value: 'office', count: 6 },
          { value: 'school', count: 4 },
        ],
      }),
      profile({ column: column('name', 'category'), distinct_count: 9, top: [{ value: 'x', count: 1 }] }),
    ],
    10,
  )
  expect(suggested.map((each) => [each.kind, columnsOf(each), figuresOf(each)])).toEqual([
    ['row_count', '', '5 … ∞'],
    ['not_null', 'area_m2', ''],
    ['range', 'area_m2', '0 … ∞'],
    ['not_null', 'use', ''],
    ['set', 'use', 'office, school'],
    ['not_null', 'name', ''],
  ])
})
