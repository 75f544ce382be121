import { describe, expect, it } from 'vitest'
import { permutationImportance } from './importance.ts'
import { matrixOf, matrixOver, rowOf, type Matrix } from './matrix.ts'
import { rmse } from './metrics.ts'
import { randomOf } from './random.ts'

const random = randomOf(11)
const rows = matrixOver(Float64Array.from({ length: 400 * 3 }, random.normal), 400, 3)
// A model that is the truth: 3·x₀ + x₁, and nothing of x₂.
const predict = (matrix: Matrix) =>
  Float64Array.from({ length: matrix.row_count }, (_, row) => 3 * rowOf(matrix, row)[0]! + rowOf(matrix, row)[1]!)
const actual = predict(rows)
const squared = (truth: Float64Array, guess: Float64Array) => rmse(truth, guess) ** 2

describe('permutation importance', () => {
  const { loss, importances } = permutationImportance(predict, rows, actual, { loss: squared, repeat_count: 20 })

  it('is twice the variance that a column brings: 18, 2 and 0 here', () => {
    // E(3x - 3x')² = 2·9·Var(x); the columns are standard normal.
    expect(loss).toBe(0)
    expect(Math.abs(importances[0]!.importance_mean / 18 - 1)).toBeLessThan(0.15)
    expect(Math.abs(importances[1]!.importance_mean / 2 - 1)).toBeLessThan(0.15)
    expect(importances[2]).toEqual({ columns: [2], importance_mean: 0, importance_sd: 0 })
  })

  it('says how far the luck of the shuffle reaches', () => {
    expect(importances[0]!.importance_sd).toBeGreaterThan(0.1)
    expect(importances[0]!.importance_sd).toBeLessThan(3)
  })

  it('gives a column the same whichever others are asked for, and leaves the rows as they were', () => {
    const before = rows.values.slice()
    const options = { loss: squared, repeat_count: 20, together: [[1]] }
    expect(permutationImportance(predict, rows, actual, options).importances).toEqual([importances[1]])
    expect(rows.values).toEqual(before)
  })

  it('shuffles columns together where they say the same', () => {
    const twins = matrixOf(Array.from({ length: 50 }, (_, row) => [row, row]))
    const mean = (matrix: Matrix) =>
      Float64Array.from({ length: matrix.row_count }, (_, row) => (rowOf(matrix, row)[0]! + rowOf(matrix, row)[1]!) / 2)
    const apart = permutationImportance(mean, twins, mean(twins), { loss: rmse })
    const joint = permutationImportance(mean, twins, mean(twins), { loss: rmse, together: [[0, 1]] })
    expect(joint.importances[0]!.importance_mean).toBeGreaterThan(1.9 * apart.importances[0]!.importance_mean)
  })

  it('can be cancelled from its report, and is refused for one row', () => {
    const stop = () => {
      throw new Error('enough')
    }
    expect(() => permutationImportance(predict, rows, actual, { loss: rmse, report: stop })).toThrow('enough')
    const one = matrixOf([[1, 2, 3]])
    const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
    expect(() => permutationImportance(predict, one, predict(one), { loss: rmse })).toThrow(unfit)
    expect(() => permutationImportance(predict, rows, actual, { loss: rmse, together: [[3]] })).toThrow(unfit)
  })
})
