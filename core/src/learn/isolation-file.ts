import { z } from 'zod'
import { Problem } from '../lib/problem.ts'
import type { IsolationForest } from './isolation-forest.ts'
import { readModelFile } from './read-model-file.ts'

const NODES_MAX = 50_000_000
const count = z.number().int().min(0).max(0xffff_ffff)

/** An isolation forest as JSON. Leaves have themselves as `left` and no threshold. */
export type IsolationForestFile = z.infer<typeof IsolationForestFile>
export const IsolationForestFile = z.object({
  kind: z.literal('isolation-forest'),
  version: z.literal(1),
  column_count: count.min(1),
  sample_count: count.min(1),
  roots: z.array(count).min(1).max(10_000),
  nodes: z.object({
    column: z.array(count).max(NODES_MAX),
    threshold: z.array(z.number().nullable()).max(NODES_MAX),
    left: z.array(count).max(NODES_MAX),
    missing_left: z.array(z.union([z.literal(0), z.literal(1)])).max(NODES_MAX),
    row_count: z.array(count).max(NODES_MAX),
  }),
})

export function writeIsolationForest({
  column_count,
  sample_count,
  roots,
  nodes,
}: IsolationForest): IsolationForestFile {
  return {
    kind: 'isolation-forest',
    version: 1,
    column_count,
    sample_count,
    roots: [...roots],
    nodes: {
      column: [...nodes.column],
      // JSON has no infinity.
      threshold: Array.from(nodes.threshold, (value) => (value === Infinity ? null : value)),
      left: [...nodes.left],
      missing_left: Array.from(nodes.missing_left, (side) => (side === 1 ? 1 : 0)),
      row_count: [...nodes.row_count],
    },
  }
}

/** Reads a forest and refuses one that is not whole: `learn/model-file-invalid`. */
export function readIsolationForest(file: unknown): IsolationForest {
  const { column_count, sample_count, roots, nodes } = readModelFile(IsolationForestFile, file, 'an isolation forest')
  const lengths = Object.values(nodes).map((list) => list.length)
  if (lengths.some((length) => length !== lengths[0])) refuse('The lists of nodes have different lengths.')
  if (roots[0] !== 0) refuse('The first tree does not begin at the first node.')
  const forest: IsolationForest = {
    column_count,
    sample_count,
    roots: Uint32Array.from(roots),
    nodes: {
      column: Uint32Array.from(nodes.column),
      threshold: Float64Array.from(nodes.threshold, (value) => value ?? Infinity),
      left: Uint32Array.from(nodes.left),
      missing_left: Uint8Array.from(nodes.missing_left),
      row_count: Uint32Array.from(nodes.row_count),
    },
  }
  roots.forEach((root, tree) => checkTree(forest, root, roots[tree + 1] ?? nodes.left.length))
  return forest
}

/** Every node but the root is the child of exactly one that stands before it, and the rows of a node are those of its children. */
function checkTree({ column_count, sample_count, nodes }: IsolationForest, root: number, end: number): void {
  if (!(root < end && end <= nodes.left.length)) refuse(`The tree at node ${root} has no nodes.`)
  if (nodes.row_count[root] !== sample_count) refuse(`The tree at node ${root} does not hold the sample.`)
  // Children stand in the order of their parents, so the next pair is known, and no cycle can be written down.
  let next = root + 1
  const depth_max = Math.ceil(Math.log2(sample_count))
  const depths = new Uint32Array(end - root)
  for (let node = root; node < end; node++) {
    const left = nodes.left[node]!
    const is_leaf = left === node
    if (is_leaf !== (nodes.threshold[node] === Infinity))
      refuse(`Node ${node} is a leaf with a threshold, or a cut without.`)
    if (is_leaf) continue
    const depth = (depths[node - root] ?? 0) + 1
    if (depth > depth_max) refuse(`Node ${node} stands deeper than ${depth_max} cuts.`)
    if (left !== next || left + 1 >= end) refuse(`The children of node ${node} are not where they belong.`)
    if (nodes.column[node]! >= column_count) refuse(`Node ${node} cuts a column that is not there.`)
    if (nodes.row_count[left]! + nodes.row_count[left + 1]! !== nodes.row_count[node])
      refuse(`The rows of node ${node} are not those of its children.`)
    depths[left - root] = depths[left + 1 - root] = depth
    next += 2
  }
  if (next !== end) refuse(`The tree at node ${root} has nodes that nothing leads to.`)
}

function refuse(detail: string): never {
  throw new Problem('learn/model-file-invalid', { detail })
}
