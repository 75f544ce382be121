import { describe, expect, it } from 'vitest'
import { Problem } from '../lib/problem.ts'
import { leafOf, readTree, type TreeFile, writeTree } from './tree.ts'

/** A split on a number, and on its right one on a category: {1, 40, 254} goes left, the missing right. */
const file: TreeFile = {
  left: [1, -1, 3, -1, -1],
  right: [2, -1, 4, -1, -1],
  feature: [0, -1, 1, -1, -1],
  threshold: [0.5, 0, 0, 0, 0],
  missing_left: [1, 0, 0, 0, 0],
  value: [0, 10, 0, 20, 30],
  cover: [8, 5, 3, 1, 2],
  category_set: [-1, -1, 0, -1, -1],
  category_sets: [[1, 40, 254]],
}
const tree = readTree(file, 2, '/trees/0')
const answer = (...row: number[]) => tree.value[leafOf(tree, Float64Array.from(row), 0)]

describe('a tree', () => {
  it('sends at most the threshold left, more right, and what is missing where the split says', () => {
    expect([answer(0.5, 0), answer(Number.NEGATIVE_INFINITY, 0), answer(Number.NaN, 0)]).toEqual([10, 10, 10])
    expect([answer(0.500001, 0), answer(Number.POSITIVE_INFINITY, 0)]).toEqual([30, 30])
  })

  it('sends the categories of a set left, and no category at all where the missing goes', () => {
    expect([1, 40, 254].map((code) => answer(1, code))).toEqual([20, 20, 20])
    expect([0, 41, 255, 1.5, -1, 1e12, Number.NaN].map((code) => answer(1, code))).toEqual(Array(7).fill(30))
  })

  it('is written as it was read', () => {
    expect(writeTree(tree)).toEqual(file)
    expect(writeTree(readTree(JSON.parse(JSON.stringify(file)) as TreeFile, 2, ''))).toEqual(file)
  })

  const broken: [string, Partial<TreeFile>][] = [
    ['lists of different lengths', { value: [0] }],
    ['no node', { left: [], right: [], feature: [], threshold: [], missing_left: [], value: [], cover: [] }],
    ['a circle', { left: [1, -1, 0, -1, -1] }],
    ['a node that is its own child', { left: [0, -1, 3, -1, -1] }],
    ['a child that is not there', { right: [2, -1, 5, -1, -1] }],
    ['a child with two parents', { left: [1, -1, 4, -1, -1] }],
    ['a leaf with a child', { left: [1, 2, 3, -1, -1] }],
    ['a column that is not there', { feature: [2, -1, 1, -1, -1] }],
    ['a column below none', { feature: [-2, -1, 1, -1, -1] }],
    ['a set that is not there', { category_set: [-1, -1, 1, -1, -1] }],
    ['too few places of sets', { category_set: [-1] }],
    ['no cover', { cover: [8, 8, 0, 0, 0] }],
    ['covers that do not add up', { cover: [9, 5, 3, 1, 2] }],
  ]
  it.each(broken)('is refused with learn/model-file-invalid for %s', (_, change) => {
    const read = () => readTree({ ...file, ...change }, 2, '/trees/0')
    expect(read).toThrow(Problem)
    expect(read).toThrow(/The tree at \/trees\/0 is broken/)
  })
})
