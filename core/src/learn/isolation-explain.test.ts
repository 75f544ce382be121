import { describe, expect, it } from 'vitest'
import { explainIsolation, isolationTrees } from './isolation-explain.ts'
import { fitIsolationForest, isolationPathLengths, scoreIsolation } from './isolation-forest.ts'
import { matrixOf, matrixOver, rowOf, type Matrix } from './matrix.ts'
import { randomOf } from './random.ts'
import { leafOf } from './tree.ts'

const random = randomOf(21)
const cloud = matrixOver(Float64Array.from({ length: 300 * 4 }, random.normal), 300, 4)
const forest = fitIsolationForest(cloud, { tree_count: 10, sample_count: 64 })
const trees_of_forest = isolationTrees(forest)

describe('the contributions of columns to an isolation score', () => {
  it('add up to the logarithm of the score, gaps included', () => {
    const rows = matrixOf([...[0, 1, 2].map((r) => rowOf(cloud, r)), [9, 9, 9, 9], [Number.NaN, 0, Number.NaN, 3]])
    const { base, contributions } = explainIsolation(forest, rows)
    scoreIsolation(forest, rows).forEach((score, r) => {
      const sum = rowOf(contributions, r).reduce((total, x) => total + x, base)
      expect(Math.abs(sum - Math.log2(score))).toBeLessThan(1e-12)
    })
  })

  it('are those of every order of telling the columns, averaged: Shapley’s definition', () => {
    const rows = matrixOf([[0.3, -2, 5, 0]])
    const { contributions } = explainIsolation(forest, rows)
    const lengths = [...contributions.values]
    const usual = Math.log2(scoreIsolation(forest, rows)[0]!) / -isolationPathLengths(forest, rows)[0]!
    orders([0, 1, 2, 3]).forEach((order, _, all) => {
      order.forEach((column, place) => {
        const before = expectedLength(rows, new Set(order.slice(0, place)))
        const after = expectedLength(rows, new Set(order.slice(0, place + 1)))
        lengths[column]! += (usual * (after - before)) / all.length
      })
    })
    // What remains is nothing: each difference above took its share away.
    for (const rest of lengths) expect(Math.abs(rest)).toBeLessThan(1e-12)
  })

  it('point at the column that is out of line, and give nothing to one that is never cut', () => {
    const values = [...Array(200).keys()].map((i) => [Math.sin(i), Math.cos(i), 7])
    const flagged = matrixOf([[0, 30, 7]])
    const { contributions } = explainIsolation(fitIsolationForest(matrixOf([...values, [0, 30, 7]])), flagged)
    const [first, second, constant] = contributions.values
    expect(second).toBeGreaterThan(5 * Math.abs(first!))
    expect(second).toBeGreaterThan(0.1)
    expect(constant).toBe(0)
  })

  it('are nothing beside a base of one half where the forest saw a single row', () => {
    const { base, contributions } = explainIsolation(fitIsolationForest(matrixOf([[1, 2]])), matrixOf([[3, 4]]))
    expect(2 ** base).toBe(0.5)
    expect([...contributions.values]).toEqual([0, 0])
  })

  it('learn/data-unfit: other columns, infinities', () => {
    for (const rows of [[[1, 2]], [[1, 2, 3, Infinity]]])
      expect(() => explainIsolation(forest, matrixOf(rows))).toThrow(
        expect.objectContaining({ type: 'learn/data-unfit' }),
      )
  })
})

describe('the trees of a forest in the shared shape', () => {
  it('answer path lengths to the last digits', () => {
    isolationPathLengths(forest, cloud).forEach((length, r) => {
      const answered = trees_of_forest.reduce((sum, tree) => sum + tree.value[leafOf(tree, cloud.values, r * 4)]!, 0)
      expect(answered).toBeCloseTo(length, 12)
    })
  })
})

/** The mean path length when only some columns are known: elsewhere both sides count by their rows. */
function expectedLength(rows: Matrix, known: ReadonlySet<number>): number {
  return trees_of_forest.reduce((sum, tree) => {
    const below = (node: number): number => {
      const [l, r, column] = [tree.left[node]!, tree.right[node]!, tree.feature[node]!]
      if (l < 0) return tree.value[node]!
      if (known.has(column)) return below(rows.values[column]! <= tree.threshold[node]! ? l : r)
      return (tree.cover[l]! * below(l) + tree.cover[r]! * below(r)) / tree.cover[node]!
    }
    return sum + below(0)
  }, 0)
}

function orders(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item) => orders(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))
}
