import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BoostedTreesOptions,
  fitBoostedTrees,
  predictBoostedTrees,
  readBoostedTrees,
  writeBoostedTrees,
} from './boosted-trees.ts'
import { matrixOf, matrixOver } from './matrix.ts'
import { lessonOfChance } from './testing-boosted-trees.ts'

const small: BoostedTreesOptions = { tree_count: 10, max_leaves: 8, categorical_columns: [2] }
const text = (model: Parameters<typeof writeBoostedTrees>[0]) => JSON.stringify(writeBoostedTrees(model))

function errorOf(target: Float64Array, predicted: Float64Array): number {
  return target.reduce((sum, y, row) => sum + (y - predicted[row]!) ** 2, 0) / target.length
}

describe('boosted trees', () => {
  it('find the one split there is, with its threshold in the middle and half the step of a learning rate of a half', () => {
    const matrix = matrixOf([[1], [2], [3], [4]])
    const options = { tree_count: 1, min_samples_leaf: 1, max_leaves: 2, learning_rate: 0.5 }
    const model = fitBoostedTrees(matrix, [0, 0, 10, 10], options)
    expect(model.base).toBe(5)
    expect([...model.trees[0]!.threshold]).toEqual([2.5, 0, 0])
    predictBoostedTrees(model, matrix).forEach((y, row) => expect(y).toBeCloseTo(row < 2 ? 2.5 : 7.5, 12))
  })

  it('explain what they were taught, with holes and categories, and are the same each time', () => {
    const { matrix, target } = lessonOfChance(2000)
    const model = fitBoostedTrees(matrix, target, {
      ...small,
      tree_count: 60,
      row_share: 0.8,
      column_share: 0.7,
      seed: 3,
    })
    const again = fitBoostedTrees(matrix, target, {
      ...small,
      tree_count: 60,
      row_share: 0.8,
      column_share: 0.7,
      seed: 3,
    })
    const other = fitBoostedTrees(matrix, target, {
      ...small,
      tree_count: 60,
      row_share: 0.8,
      column_share: 0.7,
      seed: 4,
    })
    expect(text(again)).toBe(text(model))
    expect(text(other)).not.toBe(text(model))
    const test = lessonOfChance(500, 2)
    const variance = errorOf(test.target, new Float64Array(500))
    expect(errorOf(test.target, predictBoostedTrees(model, test.matrix))).toBeLessThan(0.15 * variance)
  })

  it('predict the same to the bit after having been written and read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(1000), (row_count, seed) => {
        const { matrix, target } = lessonOfChance(row_count, seed)
        const model = fitBoostedTrees(matrix, target, { ...small, min_samples_leaf: 3 })
        const read = readBoostedTrees(JSON.parse(text(model)))
        expect(text(read)).toBe(text(model))
        const strange = matrixOver(
          matrix.values.map((x, at) => (at % 7 === 0 ? Number.NaN : x * 1.3)),
          row_count,
          3,
        )
        expect(predictBoostedTrees(read, strange)).toEqual(predictBoostedTrees(model, strange))
      }),
      { numRuns: 30 },
    )
  })
})
