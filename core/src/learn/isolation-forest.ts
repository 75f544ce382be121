import { growTree, growthOver } from './isolation-grow.ts'
import type { Matrix } from './matrix.ts'
import { randomOf } from './random.ts'
import { demandColumns, demandCount, demandNumbers, demandOption } from './unfit.ts'

/**
 * Isolation forest: what few random cuts set apart from the rest is an anomaly.
 * F. T. Liu, K. M. Ting, Z.-H. Zhou: Isolation Forest (ICDM 2008) and Isolation-Based Anomaly Detection (TKDD 6, 2012).
 */
export interface IsolationForest {
  column_count: number
  /** How many rows each tree saw, ψ in the papers. */
  sample_count: number
  /** Of each tree the index of its first node; the nodes of a tree stand together, parents before children. */
  roots: Uint32Array
  nodes: IsolationNodes
}

/** One entry per node of all trees. The right child stands beside the left one. */
export interface IsolationNodes {
  /** The column that is compared; 0 at a leaf. */
  column: Uint32Array
  /** Rows of at most this value go left; +∞ at a leaf. */
  threshold: Float64Array
  /** The left child; a leaf names itself, so that a walk that goes on stays where it is. */
  left: Uint32Array
  /** 1 where rows without the value go left. */
  missing_left: Uint8Array
  /** How many rows of the sample came here. */
  row_count: Uint32Array
}

export interface IsolationForestOptions {
  /** How many trees; 100 by default, as in the papers. */
  tree_count?: number
  /** How many rows each tree sees, or all where there are fewer; 256 by default, as in the papers. */
  sample_count?: number
  /** 0 by default. */
  seed?: number
  /** Called after each tree; throwing from it cancels the fit. */
  report?: (done: { step: number; of: number }) => void
}

const NODES_MAX = 50_000_000
/** Rows that are walked through all trees together: small enough to stay in the cache. */
const BLOCK_ROWS = 4096

/**
 * Fits a forest to rows that are mostly ordinary. Missing values are allowed: at each cut, rows without the value go all
 * to one side, drawn once with the odds of the rows that have it. A column that is constant or empty is never cut.
 * Refuses infinities and tables without rows or columns (`learn/data-unfit`).
 */
export function fitIsolationForest(matrix: Matrix, options: IsolationForestOptions = {}): IsolationForest {
  const { tree_count = 100, seed = 0, report } = options
  demandOption('tree_count', tree_count, { least: 1, most: 10_000, whole: true })
  demandOption('sample_count', options.sample_count ?? 256, { least: 1, most: 2 ** 24, whole: true })
  demandNumbers(matrix, 'allowed')
  const sample_count = Math.min(options.sample_count ?? 256, matrix.row_count)
  demandCount('sampled rows in all trees', tree_count * sample_count, { least: 1, most: NODES_MAX / 2 })
  const growth = growthOver(matrix, sample_count, tree_count, randomOf(seed))
  const roots = new Uint32Array(tree_count)
  for (let tree = 0; tree < tree_count; tree++) {
    roots[tree] = growth.node_count
    growTree(growth)
    report?.({ step: tree + 1, of: tree_count })
  }
  return { column_count: matrix.column_count, sample_count, roots, nodes: firstNodes(growth.nodes, growth.node_count) }
}

/**
 * Scores rows by s = 2^(-E[h] / c(ψ)), above 0 and at most 1: near 1 is an anomaly, well below 0.5 is ordinary, and 0.5
 * everywhere means that nothing stands out. Refuses other columns than those fitted, and infinities (`learn/data-unfit`).
 */
export function scoreIsolation(forest: IsolationForest, matrix: Matrix): Float64Array {
  const path_lengths = isolationPathLengths(forest, matrix)
  const usual = averagePathLength(forest.sample_count)
  // A sample of one row has no path and no usual path: nothing can be said, which is 0.5 on this scale.
  return path_lengths.map((length) => (usual === 0 ? 0.5 : 2 ** (-length / usual)))
}

/** The mean over the trees of each row's path length h, in cuts. */
export function isolationPathLengths(forest: IsolationForest, matrix: Matrix): Float64Array {
  demandColumns(matrix, forest.column_count)
  const lengths = new Float64Array(matrix.row_count)
  if (matrix.row_count === 0) return lengths
  const missing_count = demandNumbers(matrix, 'allowed')
  const { leaf_lengths, depths } = measureTrees(forest)
  for (let from = 0; from < matrix.row_count; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, matrix.row_count)
    // The walk by fours does not look for missing values.
    const fours = missing_count > 0 ? from : to - ((to - from) % 4)
    for (let tree = 0; tree < forest.roots.length; tree++) {
      const root = forest.roots[tree]!
      walkByFours(forest.nodes, root, depths[tree]!, leaf_lengths, matrix, from, fours, lengths)
      walk(forest.nodes, root, leaf_lengths, matrix, fours, to, lengths)
    }
  }
  for (let row = 0; row < lengths.length; row++) lengths[row]! /= forest.roots.length
  return lengths
}

/**
 * c(n), the mean path length of an unsuccessful search in a binary search tree of n rows, by which path lengths are
 * normalised and unfinished branches are prolonged: 2 H(n - 1) - 2 (n - 1) / n with H(i) ≈ ln i + 0.5772156649 (equation
 * 1 of the papers), 1 for two rows and 0 below.
 */
export function averagePathLength(row_count: number): number {
  if (row_count <= 1) return 0
  if (row_count === 2) return 1
  return 2 * (Math.log(row_count - 1) + 0.577_215_664_901_532_9) - (2 * (row_count - 1)) / row_count
}

/** Of each node the path length of a row that ends there, and of each tree its depth. */
function measureTrees({ roots, nodes }: IsolationForest): { leaf_lengths: Float64Array; depths: Uint32Array } {
  const node_count = nodes.left.length
  const node_depths = new Uint32Array(node_count)
  const leaf_lengths = new Float64Array(node_count)
  const depths = new Uint32Array(roots.length)
  for (let tree = 0; tree < roots.length; tree++) {
    const end = roots[tree + 1] ?? node_count
    for (let node = roots[tree]!; node < end; node++) {
      const left = nodes.left[node]!
      const depth = node_depths[node]!
      leaf_lengths[node] = depth + averagePathLength(nodes.row_count[node]!)
      if (depth > depths[tree]!) depths[tree] = depth
      if (left !== node) node_depths[left] = node_depths[left + 1] = depth + 1
    }
  }
  return { leaf_lengths, depths }
}

/** Adds the path lengths of rows `from` to before `to`. */
function walk(
  { column, threshold, left, missing_left }: IsolationNodes,
  root: number,
  leaf_lengths: Float64Array,
  { values, column_count }: Matrix,
  from: number,
  to: number,
  lengths: Float64Array,
): void {
  for (let row = from; row < to; row++) {
    let node = root
    for (let child = left[node]!; child !== node; child = left[node]!) {
      const value = values[row * column_count + column[node]!]!
      const goes_left = Number.isNaN(value) ? missing_left[node] === 1 : value <= threshold[node]!
      node = goes_left ? child : child + 1
    }
    lengths[row]! += leaf_lengths[node]!
  }
}

/**
 * The same for rows that miss nothing and whose count is a multiple of four. A comparison becomes a number without a jump
 * and a leaf leads to itself, so the processor has nothing to guess, and four walks do not wait for one another.
 */
function walkByFours(
  { column, threshold, left }: IsolationNodes,
  root: number,
  depth: number,
  leaf_lengths: Float64Array,
  { values, column_count }: Matrix,
  from: number,
  to: number,
  lengths: Float64Array,
): void {
  for (let row = from; row < to; row += 4) {
    const at_a = row * column_count
    const at_b = at_a + column_count
    const at_c = at_b + column_count
    const at_d = at_c + column_count
    let a = root
    let b = root
    let c = root
    let d = root
    for (let cut = 0; cut < depth; cut++) {
      a = left[a]! + Number(values[at_a + column[a]!]! > threshold[a]!)
      b = left[b]! + Number(values[at_b + column[b]!]! > threshold[b]!)
      c = left[c]! + Number(values[at_c + column[c]!]! > threshold[c]!)
      d = left[d]! + Number(values[at_d + column[d]!]! > threshold[d]!)
    }
    lengths[row]! += leaf_lengths[a]!
    lengths[row + 1]! += leaf_lengths[b]!
    lengths[row + 2]! += leaf_lengths[c]!
    lengths[row + 3]! += leaf_lengths[d]!
  }
}

function firstNodes(nodes: IsolationNodes, count: number): IsolationNodes {
  return {
    column: nodes.column.slice(0, count),
    threshold: nodes.threshold.slice(0, count),
    left: nodes.left.slice(0, count),
    missing_left: nodes.missing_left.slice(0, count),
    row_count: nodes.row_count.slice(0, count),
  }
}
