import { averagePathLength, type IsolationForest } from './isolation-forest.ts'
import type { Matrix } from './matrix.ts'
import { treeExplainer, type Explainer, type Explanation } from './tree-shap.ts'
import type { Tree } from './tree.ts'
import { demandColumns, demandNumbers } from './unfit.ts'

/**
 * What each column does to the score s: log₂ s = base + Σ contributions, exactly. Above 0 makes a row stranger, below 0 more
 * ordinary; a contribution of 0.1 multiplies the score by 2^0.1. The base is what a row scores of which nothing is known.
 * Refuses other columns than those fitted, and infinities (`learn/data-unfit`).
 */
export function explainIsolation(forest: IsolationForest, matrix: Matrix): Explanation {
  return isolationExplainer(forest)(matrix)
}

/**
 * The same for many calls: preparing takes as long as explaining some rows. The Shapley values are those of the mean path
 * length, a sum of trees, so they are exact; path lengths are counted in -1 / c(ψ), which makes them add up to log₂ s.
 */
export function isolationExplainer(forest: IsolationForest): Explainer {
  const usual = averagePathLength(forest.sample_count)
  const explain = treeExplainer(isolationTrees(forest), forest.column_count)
  return (matrix) => {
    demandColumns(matrix, forest.column_count)
    if (matrix.row_count > 0) demandNumbers(matrix, 'allowed')
    const { base, contributions } = explain(matrix)
    // A sample of one row is never cut and scores 0.5, to which no column adds anything.
    if (usual === 0) return { base: -1, contributions }
    const values = contributions.values.map((length) => 0 - length / usual)
    return { base: -base / usual, contributions: { ...contributions, values } }
  }
}

/** The forest in the shape that all learners of trees share; what the trees answer adds up to the mean path length. */
export function isolationTrees({ roots, nodes }: IsolationForest): Tree[] {
  return Array.from(roots, (root, tree) => {
    const end = roots[tree + 1] ?? nodes.left.length
    const count = end - root
    const depths = new Uint32Array(count)
    const isLeaf = (node: number) => nodes.left[root + node] === root + node
    const left = Int32Array.from({ length: count }, (_, node) => (isLeaf(node) ? -1 : nodes.left[root + node]! - root))
    // Parents stand before their children, so their depth is known.
    left.forEach((child, node) => {
      if (child >= 0) depths[child] = depths[child + 1] = depths[node]! + 1
    })
    return {
      left,
      right: left.map((child) => (child < 0 ? -1 : child + 1)),
      feature: Int32Array.from(left, (child, node) => (child < 0 ? -1 : nodes.column[root + node]!)),
      threshold: Float64Array.from(left, (child, node) => (child < 0 ? 0 : nodes.threshold[root + node]!)),
      missing_left: nodes.missing_left.slice(root, end),
      category_set: new Int32Array(count).fill(-1),
      categories: new Uint32Array(0),
      value: Float64Array.from(left, (child, node) =>
        child < 0 ? (depths[node]! + averagePathLength(nodes.row_count[root + node]!)) / roots.length : 0,
      ),
      cover: Float64Array.from(nodes.row_count.subarray(root, end)),
    }
  })
}
