import { type BoostedTrees, withCodes } from './boosted-trees.ts'
import { type Matrix, matrixOver } from './matrix.ts'
import { goesLeft, type Tree } from './tree.ts'
import { demandColumns } from './unfit.ts'

/** What each column adds to what trees answer. Base and the contributions of a row sum to its answer. */
export interface Explanation {
  /** The answer where nothing is known of a row: the mean over the training data, by the covers of the leaves. */
  base: number
  /** One row per row, one column per column. */
  contributions: Matrix
}

/** Explains rows by trees that were prepared once. */
export type Explainer = (matrix: Matrix) => Explanation

/** Explains what the trees add up to: of boosted trees the raw answer (a logit, a logarithm of a rate). */
export function explainBoostedTrees(model: BoostedTrees, matrix: Matrix): Explanation {
  return boostedTreesExplainer(model)(matrix)
}

/** The same for many calls: preparing takes about as long as explaining twenty rows. */
export function boostedTreesExplainer(model: BoostedTrees): Explainer {
  const explain = treeExplainer(model.trees, model.column_count)
  return (matrix) => {
    demandColumns(matrix, model.column_count)
    const { base, contributions } = explain(withCodes(model, matrix))
    return { base: base + model.base, contributions }
  }
}

/**
 * Exact Shapley values of a sum of trees, path-dependent (Lundberg et al., Nature Machine Intelligence 2, 2020): a column
 * that is not known splits a row among both children in proportion to their covers.
 *
 * Per leaf the game is a product of one factor per column on its path, `o` where the column is known (1 if the row agrees
 * with the path, else 0) and `z` where it is not. Let each column be known by the chance t: the Shapley value of column i is
 * ∫₀¹ (oᵢ - zᵢ) ∏_{j≠i} (t·oⱼ + (1 - t)·zⱼ) dt, a polynomial that Gauss and Legendre's points integrate exactly. So the
 * weights of all subsets come down to one product per point, carried from node to node, as in Linear TreeSHAP (Yu et al.
 * 2022): time in proportion to leaves × half the depth.
 *
 * @throws {Problem} learn/data-unfit if the columns are not those of the trees
 */
export function treeExplainer(trees: readonly Tree[], column_count: number): Explainer {
  const prepared = trees.map(prepare)
  const base = prepared.reduce((sum, tree) => sum + tree.base, 0)
  return (matrix) => {
    demandColumns(matrix, column_count)
    const { values, row_count } = matrix
    const contributions = new Float64Array(row_count * column_count)
    for (let first = 0; first < row_count; first += ROWS_AT_ONCE) {
      const end = Math.min(row_count, first + ROWS_AT_ONCE)
      for (const tree of prepared) {
        for (let row = first; row < end; row++) {
          follow(tree, values, row * column_count)
          gather(tree, contributions, row * column_count)
        }
      }
    }
    return { base, contributions: matrixOver(contributions, row_count, column_count) }
  }
}

/** The mean size of each column's contributions: what the columns matter over all these rows. */
export function meanAbsoluteShap({ values, row_count, column_count }: Matrix): Float64Array {
  const means = new Float64Array(column_count)
  for (let at = 0; at < values.length; at++) means[at % column_count]! += Math.abs(values[at]!) / row_count
  return means
}

/** Rows that stay near while the trees go over them. */
const ROWS_AT_ONCE = 64

/**
 * How a row stands to the edge above a node, and to the edge before it on the same column: agrees with both, with the
 * earlier one only, or with neither. Without an earlier one, that counts as agreed.
 */
const AGREES = 0
const PARTS_HERE = 1
const PARTED_BEFORE = 2

interface PreparedTree {
  tree: Tree
  base: number
  /** Points of integration. */
  points: number
  /** For each node the earlier node on its path whose edge asked the same column; -1: none. */
  previous: Int32Array
  /** Per node, standing and point: what the edge makes of the product above; at a leaf with the leaf's value in it. */
  factors: Float64Array
  /** Per node, standing and point: what a unit of the product below adds to the edge's column. */
  shares: Float64Array
  /** Of the row at hand: the standing at each node, and the products. */
  standing: Uint8Array
  products: Float64Array
}

function prepare(tree: Tree): PreparedTree {
  const count = tree.left.length
  const { parent, previous, known, columns_max } = pathsOf(tree)
  const points = Math.max(1, Math.ceil(columns_max / 2))
  const { at, weights } = gaussLegendre(points)
  const factors = new Float64Array(count * 3 * points)
  const shares = new Float64Array(count * 3 * points)
  let base = 0
  for (let node = 0; node < count; node++) {
    const leaf_value = tree.left[node]! < 0 ? tree.value[node]! : undefined
    if (leaf_value !== undefined) base += (leaf_value * tree.cover[node]!) / tree.cover[0]!
    if (parent[node]! < 0) continue
    const z = known[node]!
    const z_before = previous[node]! < 0 ? 1 : known[previous[node]!]!
    for (let point = 0; point < points; point++) {
      const t = at[point]!
      const agrees = t + (1 - t) * z
      const parts = (1 - t) * z
      const agreed = t + (1 - t) * z_before
      const slot = node * 3 * points + point
      const scale = leaf_value ?? 1
      factors[slot] = (scale * agrees) / agreed
      factors[slot + PARTS_HERE * points] = (scale * parts) / agreed
      factors[slot + PARTED_BEFORE * points] = (scale * z) / z_before
      // What the earlier edge on this column counts for the leaves below is taken back: here more is known.
      const before = (1 - z_before) / agreed
      shares[slot] = weights[point]! * ((1 - z) / agrees - before)
      shares[slot + PARTS_HERE * points] = weights[point]! * (-1 / (1 - t) - before)
    }
  }
  const standing = new Uint8Array(count)
  return { tree, base, points, previous, factors, shares, standing, products: new Float64Array(count * points) }
}

/** For each node its parent, the earlier edge on the same column, and the share of cover that stays on the path if it is not known. */
function pathsOf(tree: Tree) {
  const count = tree.left.length
  const parent = new Int32Array(count).fill(-1)
  const previous = new Int32Array(count).fill(-1)
  const known = new Float64Array(count).fill(1)
  const columns_on_path = new Int32Array(count)
  let columns_max = 0
  for (let node = 0; node < count; node++) {
    columns_max = Math.max(columns_max, columns_on_path[node]!)
    if (tree.left[node]! < 0) continue
    for (const child of [tree.left[node]!, tree.right[node]!]) {
      parent[child] = node
      let above = node
      while (parent[above]! >= 0 && tree.feature[parent[above]!] !== tree.feature[node]) above = parent[above]!
      previous[child] = parent[above]! < 0 ? -1 : above
      known[child] = ((previous[child]! < 0 ? 1 : known[above]!) * tree.cover[child]!) / tree.cover[node]!
      columns_on_path[child] = columns_on_path[node]! + (previous[child]! < 0 ? 1 : 0)
    }
  }
  return { parent, previous, known, columns_max }
}

/** From the root down: the products of factors at every node. */
function follow(prepared: PreparedTree, values: Float64Array, offset: number): void {
  const { tree, points, previous, factors, standing, products } = prepared
  const { left, right, feature } = tree
  for (let point = 0; point < points; point++) products[point] = left[0]! < 0 ? 0 : 1
  for (let node = 0; node < left.length; node++) {
    const column = feature[node]!
    if (column < 0) continue
    const to_left = goesLeft(tree, node, values[offset + column]!)
    const [l, r] = [left[node]!, right[node]!]
    // Both children have the same earlier edge.
    const before = previous[l]!
    const parted = before >= 0 && standing[before] !== AGREES
    const l_standing = parted ? PARTED_BEFORE : to_left ? AGREES : PARTS_HERE
    const r_standing = parted ? PARTED_BEFORE : to_left ? PARTS_HERE : AGREES
    standing[l] = l_standing
    standing[r] = r_standing
    const above = node * points
    const l_factor = (l * 3 + l_standing) * points
    const r_factor = (r * 3 + r_standing) * points
    for (let point = 0; point < points; point++) {
      const product = products[above + point]!
      products[l * points + point] = product * factors[l_factor + point]!
      products[r * points + point] = product * factors[r_factor + point]!
    }
  }
}

/** From the leaves up: the sums of products below every node, and what each edge adds to its column. */
function gather(prepared: PreparedTree, contributions: Float64Array, offset: number): void {
  const { tree, points, shares, standing, products } = prepared
  const { left, right, feature } = tree
  for (let node = left.length - 1; node >= 0; node--) {
    const column = feature[node]!
    if (column < 0) continue
    const [l, r] = [left[node]!, right[node]!]
    const l_share = (l * 3 + standing[l]!) * points
    const r_share = (r * 3 + standing[r]!) * points
    let added = 0
    for (let point = 0; point < points; point++) {
      const l_product = products[l * points + point]!
      const r_product = products[r * points + point]!
      added += l_product * shares[l_share + point]! + r_product * shares[r_share + point]!
      products[node * points + point] = l_product + r_product
    }
    contributions[offset + column]! += added
  }
}

/** Points and weights on [0, 1] that integrate polynomials up to degree 2·count - 1 exactly: the roots of Legendre's polynomial. */
export function gaussLegendre(count: number): { at: Float64Array; weights: Float64Array } {
  const at = new Float64Array(count)
  const weights = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5))
    let slope = 0
    for (let step = 0; step < NEWTON_STEPS; step++) {
      let [before, here] = [1, x]
      for (let degree = 2; degree <= count; degree++) {
        ;[before, here] = [here, ((2 * degree - 1) * x * here - (degree - 1) * before) / degree]
      }
      slope = (count * (x * here - before)) / (x * x - 1)
      x -= here / slope
    }
    at[i] = (1 - x) / 2
    weights[i] = 1 / ((1 - x * x) * slope * slope)
  }
  return { at, weights }
}

/** The guess is good to two digits at least, and each step doubles them. */
const NEWTON_STEPS = 6
