import { expect, test } from 'vitest'
import type { Tensor } from './inference-contract.ts'
import { rowsOf } from './open-inference.ts'

const tensor = (name: string, shape: number[], data: Tensor['data']): Tensor => ({
  name,
  shape,
  datatype: 'FP64',
  data,
})

test('tensors become rows: one column each, or several that are numbered', () => {
  const rows = [
    { a: 1, b0: 3, b1: 4 },
    { a: 2, b0: 5, b1: null },
  ]
  expect(rowsOf([tensor('a', [2], [1, 2]), tensor('b', [2, 2], [3, 4, 5, null])])).toEqual(rows)
  expect(rowsOf([tensor('a', [2, 1], [[1], [2]]), tensor('b', [2, 2], [[3, 4], [5, null]])])).toEqual(rows) // oxfmt-ignore
})

test.each([
  ['a million times a million cells', [1_000_000, 1_000_000, 1_000_000, 1_000_000], [1]],
  ['a million columns', [1, 1_000_000], [1]],
  ['more columns than are read', [1, 1_001], Array.from({ length: 1_001 }, () => 1)],
  ['more rows than a request may have', [10_001], Array.from({ length: 10_001 }, () => 1)],
  ['no rows', [0], []],
  ['fewer cells than its shape', [3], [1, 2]],
])('models/input-unfit: %s, and nothing is made of it', (_, shape, data) => {
  expect(() => rowsOf([tensor('a', shape, data)])).toThrow(expect.objectContaining({ type: 'models/input-unfit' }))
})
