import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitBoostedTrees, predictBoostedTrees } from './boosted-trees.ts'
import { lessonOfChance } from './testing-boosted-trees.ts'
import { type Matrix, matrixOf, matrixOver, rowOf } from './matrix.ts'
import { randomOf } from './random.ts'
import { goesLeft, leafOf, readTree, type Tree } from './tree.ts'
import { explainBoostedTrees, gaussLegendre, meanAbsoluteShap, treeExplainer } from './tree-shap.ts'

/** What a tree answers if only the columns of `known` (a set of bits) are known: definition, word by word. */
function answerKnowing(tree: Tree, row: Float64Array, known: number, node = 0): number {
  const column = tree.feature[node] ?? -1
  if (column < 0) return tree.value[node] ?? 0
  const [left, right] = [tree.left[node] ?? 0, tree.right[node] ?? 0]
  if ((known >> column) & 1)
    return answerKnowing(tree, row, known, goesLeft(tree, node, row[column] ?? 0) ? left : right)
  const cover = (child: number) => (tree.cover[child] ?? 0) / (tree.cover[node] ?? 1)
  return cover(left) * answerKnowing(tree, row, known, left) + cover(right) * answerKnowing(tree, row, known, right)
}

/** Shapley's formula over all subsets. */
function shapleyOf(trees: readonly Tree[], row: Float64Array): number[] {
  const M = row.length
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))
  const answers = Array.from({ length: 2 ** M }, (_, known) =>
    trees.reduce((sum, tree) => sum + answerKnowing(tree, row, known), 0),
  )
  return Array.from(row, (_, column) => {
    let value = 0
    for (let known = 0; known < 2 ** M; known++) {
      if ((known >> column) & 1) continue
      const size = known.toString(2).replaceAll('0', '').length
      const weight = (factorial(size) * factorial(M - size - 1)) / factorial(M)
      value += weight * ((answers[known | (1 << column)] ?? 0) - (answers[known] ?? 0))
    }
    return value
  })
}

/** A tree of chance: splits on numbers and categories, columns asked again and again, very uneven covers. */
function treeOfChance(seed: number, column_count: number, splits: number): Tree {
  const random = randomOf(seed)
  const file = { left: [-1], right: [-1], feature: [-1], threshold: [0], value: [random.normal()], cover: [1000] }
  const missing_left: (0 | 1)[] = [0]
  const category_set = [-1]
  const category_sets: number[][] = []
  for (let split = 0; split < splits; split++) {
    const leaves = [...file.left.keys()].filter((node) => file.left[node] === -1)
    const node = leaves[random.integer(leaves.length)] ?? 0
    const part = random.next() < 0.2 ? 1e-6 : random.next() * 0.98 + 0.01
    file.feature[node] = random.integer(column_count)
    file.threshold[node] = random.normal()
    missing_left[node] = random.next() < 0.5 ? 1 : 0
    // The last column is one of categories.
    if (file.feature[node] === column_count - 1) {
      category_set[node] = category_sets.push([0, 1, 2, 3, 4].filter(() => random.next() < 0.5)) - 1
    }
    const cover = file.cover[node] ?? 0
    for (const [side, share] of [
      ['left', part],
      ['right', 1 - part],
    ] as const) {
      file[side][node] = file.left.length
      file.left.push(-1)
      file.right.push(-1)
      file.feature.push(-1)
      file.threshold.push(0)
      file.value.push(random.normal())
      file.cover.push(cover * share)
      missing_left.push(0)
      category_set.push(-1)
    }
  }
  return readTree({ ...file, missing_left, category_set, category_sets }, column_count, '')
}

function rowOfChance(seed: number, column_count: number): Float64Array {
  const random = randomOf(seed)
  const row = Float64Array.from({ length: column_count }, () => (random.next() < 0.2 ? Number.NaN : random.normal()))
  row[column_count - 1] = random.next() < 0.2 ? Number.NaN : random.integer(6)
  return row
}

function expectToAddUp(matrix: Matrix, base: number, contributions: Matrix, answers: Float64Array): void {
  for (let row = 0; row < matrix.row_count; row++) {
    const sum = rowOf(contributions, row).reduce((total, part) => total + part, base)
    expect(Math.abs(sum - answers[row]!)).toBeLessThan(1e-9)
  }
}

describe('tree SHAP', () => {
  it('halves what two columns do together, and gives all to the one that matters', () => {
    // Answers 1 where both columns are above 0, by two splits of even cover; the third column is never asked.
    const tree = readTree(
      {
        left: [1, -1, 3, -1, -1],
        right: [2, -1, 4, -1, -1],
        feature: [0, -1, 1, -1, -1],
        threshold: [0, 0, 0, 0, 0],
        missing_left: [0, 0, 0, 0, 0],
        value: [0, 0, 0, 0, 1],
        cover: [4, 2, 2, 1, 1],
      },
      3,
      '',
    )
    const { base, contributions } = treeExplainer(
      [tree],
      3,
    )(
      matrixOf([
        [1, 1, 9],
        [-1, 1, 9],
      ]),
    )
    expect(base).toBe(0.25)
    // By hand: v() = 1/4, v(a) = v(b) = 1/2, v(ab) = 1; and in the second row v(a) = v(ab) = 0.
    const expected = [0.375, 0.375, 0, -0.375, 0.125, 0]
    contributions.values.forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 14))
  })

  it('equals Shapley values over all subsets, on trees with holes, categories and columns asked again and again', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 2, max: 7 }),
        fc.integer({ min: 0, max: 25 }),
        (seed, columns, splits) => {
          const trees = [treeOfChance(seed, columns, splits), treeOfChance(seed + 1, columns, 3)]
          const row = rowOfChance(seed, columns)
          const { contributions } = treeExplainer(trees, columns)(matrixOver(row, 1, columns))
          shapleyOf(trees, row).forEach((value, column) => expect(contributions.values[column]).toBeCloseTo(value, 10))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('adds up to the answer within 1e-9, even on a path of sixty columns', () => {
    const trees = Array.from({ length: 5 }, (_, at) => treeOfChance(at, 60, 400))
    const chain = chainOf(60)
    const matrix = matrixOf(Array.from({ length: 40 }, (_, at) => rowOfChance(at, 60)))
    const { base, contributions } = treeExplainer([...trees, chain], 60)(matrix)
    const answers = Float64Array.from({ length: 40 }, (_, row) =>
      [...trees, chain].reduce((sum, tree) => sum + tree.value[leafOf(tree, matrix.values, row * 60)]!, 0),
    )
    expectToAddUp(matrix, base, contributions, answers)
  })

  it('explains boosted trees on the scale of their sum, and summarises by mean size', () => {
    const { matrix, target } = lessonOfChance(400)
    const classes = target.map((y) => (y > 0 ? 1 : 0))
    const options = { objective: { name: 'logistic' }, tree_count: 20, categorical_columns: [2] } as const
    const model = fitBoostedTrees(matrix, classes, options)
    const { base, contributions } = explainBoostedTrees(model, matrix)
    expectToAddUp(matrix, base, contributions, predictBoostedTrees(model, matrix, { raw: true }))
    const means = meanAbsoluteShap(contributions)
    expect(means[0]).toBeCloseTo(
      contributions.values.filter((_, at) => at % 3 === 0).reduce((sum, x) => sum + Math.abs(x), 0) / 400,
      12,
    )
  })

  it('gives nothing to anything where there is no tree, or only a leaf', () => {
    const leaf = treeOfChance(1, 2, 0)
    const { base, contributions } = treeExplainer([leaf], 2)(matrixOf([[1, 2]]))
    expect(base).toBe(leaf.value[0])
    expect([...contributions.values]).toEqual([0, 0])
    expect(treeExplainer([], 2)(matrixOf([[1, 2]])).base).toBe(0)
  })

  it('refuses other columns than those of the trees: learn/data-unfit', () => {
    expect(() => treeExplainer([], 2)(matrixOf([[1]]))).toThrow(/The model knows 2 columns/)
  })
})

/** One long path: every split asks another column. */
function chainOf(column_count: number): Tree {
  const count = 2 * column_count + 1
  const all = Array.from({ length: count }, (_, node) => node)
  const is_split = (node: number) => node % 2 === 0 && node < count - 1
  return readTree(
    {
      left: all.map((node) => (is_split(node) ? node + 1 : -1)),
      right: all.map((node) => (is_split(node) ? node + 2 : -1)),
      feature: all.map((node) => (is_split(node) ? node / 2 : -1)),
      threshold: all.map(() => -1),
      missing_left: all.map(() => 0 as const),
      value: all.map((node) => (is_split(node) ? 0 : node)),
      cover: all.map((node) => 0.7 ** Math.floor((node + 1) / 2) * (is_split(node) || node === count - 1 ? 1 : 3 / 7)),
    },
    column_count,
    '',
  )
}

describe('points of Gauss and Legendre', () => {
  it('integrate every power up to twice their number less one', () => {
    for (const count of [1, 2, 3, 4, 7, 16, 33]) {
      const { at, weights } = gaussLegendre(count)
      for (let power = 0; power < 2 * count; power++) {
        const sum = at.reduce((total, t, i) => total + weights[i]! * t ** power, 0)
        expect(Math.abs(sum - 1 / (power + 1))).toBeLessThan(1e-14)
      }
    }
  })
})
