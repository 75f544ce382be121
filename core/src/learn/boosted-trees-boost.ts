import { type BinnedTable, binOf, shareOf } from './boosted-trees-bins.ts'
import { type GrownNode, growTree, makeNursery } from './boosted-trees-grow.ts'
import { leafValues } from './boosted-trees-leaves.ts'
import type { Lesson, Objective } from './boosted-trees-objectives.ts'
import { drawRows } from './boosted-trees-sample.ts'
import type { Parts, Settings } from './boosted-trees-settings.ts'
import type { Crew } from './crew.ts'
import { randomOf, range, shuffle } from './random.ts'
import { CATEGORY_WORDS, type Tree } from './tree.ts'

export interface Boosting {
  table: BinnedTable
  lesson: Lesson
  objective: Objective
  settings: Settings
  parts: Parts
  crew: Crew
}

export interface Boosted {
  base: number
  trees: Tree[]
  validation_losses: number[]
}

/** Tree after tree, each on the gradients that those before left. */
export function boost(boosting: Boosting): Boosted {
  const { table, lesson, objective, settings, parts, crew } = boosting
  const nursery = makeNursery(table, lesson.gradients, objective.constant_hessian ? 2 : 3, settings.max_leaves, crew)
  const values = crew.floats(2 * settings.max_leaves)
  const drawn = { rows: nursery.rows, others: crew.words(table.row_count), count: crew.words(1) }
  const base = objective.base(lesson, parts.training)
  const { first, end } = shareOf(table.row_count, crew.index, crew.size)
  lesson.raw.fill(base, first, end)
  crew.barrier()
  const course = courseOf(boosting)
  const trees: Tree[] = []
  for (let step = 1; step <= settings.tree_count; step++) {
    const work = shareOf(objective.by_group ? lesson.group_starts.length - 1 : table.row_count, crew.index, crew.size)
    objective.differentiate(lesson, work.first, work.end)
    const count = drawRows(drawn, boosting, step)
    const nodes = growTree(nursery, count, settings, drawColumns(settings, table.columns.length, step))
    leafValues(values, nodes, boosting, nursery.rows)
    if (nodes.length > 1) {
      trees.push(treeOf(nodes, values, table))
      const others = drawn.others.subarray(0, table.row_count - count)
      addAnswers(boosting, nodes, values, nursery.rows, others)
    }
    crew.barrier()
    const loss = course.loss()
    if (crew.index === 0) settings.report({ step, of: settings.tree_count, loss })
    // Where nothing is left to chance, the next tree would find as little.
    const exhausted = nodes.length === 1 && settings.row_share === 1 && settings.column_share === 1
    if (exhausted || course.over(trees.length)) break
  }
  return { base, trees: trees.slice(0, course.best_count(trees.length)), validation_losses: course.losses }
}

/** Follows the loss of the rows kept back, if there are any. */
function courseOf({ lesson, objective, settings: { stopping }, parts: { validation }, crew }: Boosting) {
  const shared = crew.floats(1)
  const losses: number[] = []
  const measure = () => {
    if (crew.index === 0) shared[0] = objective.loss(lesson, validation)
    crew.barrier()
    return shared[0]!
  }
  let best = stopping ? measure() : Infinity
  let best_count = 0
  let since_best = 0
  return {
    losses,
    loss: () => {
      if (!stopping) return undefined
      const loss = measure()
      losses.push(loss)
      return loss
    },
    over: (count: number) => {
      const loss = losses.at(-1)
      if (!stopping || loss === undefined) return false
      since_best++
      if (loss < best - stopping.tolerance) [best, best_count, since_best] = [loss, count, 0]
      return since_best >= stopping.rounds
    },
    best_count: (count: number) => (stopping ? best_count : count),
  }
}

/** 1 for each column that this tree may look at. */
function drawColumns({ column_share, seed }: Settings, column_count: number, step: number): Uint8Array {
  const allowed = new Uint8Array(column_count)
  if (column_share === 1) return allowed.fill(1)
  const wanted = Math.max(1, Math.round(column_share * column_count))
  const order = shuffle(range(column_count), randomOf(seed).fork(-step))
  for (const column of order.subarray(0, wanted)) allowed[column] = 1
  return allowed
}

/** Adds the answers of a tree to `raw`: by leaf for the rows it grew on, by a walk for the others. */
function addAnswers(
  { table, lesson: { raw }, crew }: Boosting,
  nodes: readonly GrownNode[],
  values: Float64Array,
  rows: Uint32Array,
  others: Uint32Array,
): void {
  const mine = shareOf(nodes[0]!.count, crew.index, crew.size)
  nodes.forEach((node, index) => {
    if (node.left >= 0) return
    const end = Math.min(node.end, mine.end)
    const value = values[index]!
    for (let i = Math.max(node.start, mine.first); i < end; i++) raw[rows[i]!]! += value
  })
  const { first, end } = shareOf(others.length, crew.index, crew.size)
  for (let i = first; i < end; i++) raw[others[i]!]! += values[leafOfBins(table, nodes, others[i]!)]!
}

function leafOfBins(table: BinnedTable, nodes: readonly GrownNode[], row: number): number {
  let index = 0
  for (;;) {
    const { split, left, right } = nodes[index]!
    if (left < 0 || split === undefined) return index
    const bin = binOf(table, split.column, row)
    let goes_left = bin <= split.bin
    if (bin === table.columns[split.column]!.count) goes_left = split.missing_left
    else if (split.set) goes_left = ((split.set[bin >> 5]! >>> (bin & 31)) & 1) === 1
    index = goes_left ? left : right
  }
}

/** The tree in the form in which it is kept: edges in place of bins. */
function treeOf(nodes: readonly GrownNode[], values: Float64Array, table: BinnedTable): Tree {
  const is_split = (node: GrownNode) => node.left >= 0
  const sets = nodes.flatMap((node) => (is_split(node) && node.split?.set ? [node.split.set] : []))
  const categories = new Uint32Array(sets.length * CATEGORY_WORDS)
  sets.forEach((set, place) => categories.set(set, place * CATEGORY_WORDS))
  let place = 0
  const threshold = ({ split, left }: GrownNode) => {
    if (left < 0 || !split || split.set) return 0
    const { edges } = table.columns[split.column]!
    return split.bin < edges.length ? edges[split.bin]! : Infinity
  }
  return {
    left: Int32Array.from(nodes, (node) => node.left),
    right: Int32Array.from(nodes, (node) => node.right),
    feature: Int32Array.from(nodes, (node) => (is_split(node) ? (node.split?.column ?? -1) : -1)),
    threshold: Float64Array.from(nodes, threshold),
    missing_left: Uint8Array.from(nodes, (node) => (is_split(node) && node.split?.missing_left ? 1 : 0)),
    category_set: Int32Array.from(nodes, (node) => (is_split(node) && node.split?.set ? CATEGORY_WORDS * place++ : -1)),
    categories,
    value: Float64Array.from(nodes, (node, index) => (is_split(node) ? 0 : values[index]!)),
    cover: Float64Array.from(nodes, (node) => node.count),
  }
}
