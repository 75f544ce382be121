import { invariant } from '../lib/invariant.ts'
import { type BinnedTable, shareOf } from './boosted-trees-bins.ts'
import { addRows } from './boosted-trees-histogram.ts'
import {
  improveSplit,
  leafValueOf,
  type NodeSums,
  noSplit,
  type Split,
  type SplitRules,
} from './boosted-trees-split.ts'
import type { Crew } from './crew.ts'
import { CATEGORY_WORDS } from './tree.ts'

export interface GrowRules extends SplitRules {
  max_leaves: number
  max_depth: number
  /** Per column 1, -1 or 0: whether what is predicted may only rise with it, only fall, or both. */
  monotone: Int8Array
}

/** A node of a growing tree. Its rows are `rows[start]` to `rows[end - 1]`. */
export interface GrownNode extends NodeSums {
  start: number
  end: number
  depth: number
  /** The place of its cells in the pool; -1: they are not kept. */
  slot: number
  split: Split | undefined
  left: number
  right: number
}

/** The memory in which trees grow, made once for all of them. */
export interface Nursery {
  table: BinnedTable
  crew: Crew
  gradients: Float32Array
  /** 2: every second derivative is 1. 3: they stand beside the gradients. */
  stride: number
  rows: Uint32Array
  /** Where parts of `rows` wait until it is known where they go: those that go left, and right. */
  left_rows: Uint32Array
  right_rows: Uint32Array
  /** Where the cells of each of this member's columns begin in a slot. */
  offsets: Map<number, number>
  slot_cells: number
  pool: Float64Array
  free_slots: number[]
  /** What each member found for each of two nodes. */
  findings: Float64Array
  /** How many rows of each member's part go left. */
  left_counts: Uint32Array
  block_sums: Float64Array
  goes_left: Uint8Array
}

/** Numbers in which one member tells the others of the best split that it found. */
export const FINDING_LENGTH = 16
/** Sums over rows are made in blocks of this many, whoever makes them, so that they are the same to the bit. */
export const BLOCK_ROWS = 4096
/** Below this many rows one member parts them alone: a barrier costs more than it saves. */
const PART_TOGETHER_ROWS = 4096
/** Cells beyond this are not kept; the nodes concerned are counted anew. */
const POOL_BYTES_MAX = 2 ** 28

/** Room for the leaves of one tree while it grows, used again for the next. */
export function makeNursery(
  table: BinnedTable,
  gradients: Float32Array,
  stride: number,
  max_leaves: number,
  crew: Crew,
): Nursery {
  const { row_count } = table
  const mine = table.shares[crew.index] ?? { first: 0, end: 0 }
  const offsets = new Map<number, number>()
  let slot_cells = 0
  for (let column = mine.first; column < mine.end; column++) {
    offsets.set(column, slot_cells)
    slot_cells += (table.columns[column]!.count + 1) * stride
  }
  // As many as any member of any crew would take: what is kept must not depend on how many share the work.
  const all_cells = table.columns.reduce((sum, { count }) => sum + (count + 1) * stride, 0)
  const slots = Math.max(3, Math.min(max_leaves + 2, Math.floor(POOL_BYTES_MAX / (8 * Math.max(1, all_cells)))))
  return {
    table,
    crew,
    gradients,
    stride,
    rows: crew.words(row_count),
    left_rows: crew.words(crew.size > 1 ? row_count : 0),
    right_rows: crew.words(row_count),
    offsets,
    slot_cells,
    pool: new Float64Array(slots * slot_cells),
    free_slots: Array.from({ length: slots }, (_, slot) => slot),
    findings: crew.floats(crew.size * 2 * FINDING_LENGTH),
    left_counts: crew.words(crew.size),
    block_sums: crew.floats(2 * Math.ceil(row_count / BLOCK_ROWS) + 2),
    goes_left: new Uint8Array(256),
  }
}

/**
 * Grows one tree leaf by leaf, always where the loss falls most, over the first `count` entries of `rows`, which it puts in
 * the order of its leaves. Only columns with a 1 in `allowed` are looked at.
 */
export function growTree(nursery: Nursery, count: number, rules: GrowRules, allowed: Uint8Array): GrownNode[] {
  const nodes: GrownNode[] = [rootOf(nursery, count)]
  const slots = nursery.free_slots.slice()
  if (canSplit(nodes[0]!, rules)) {
    nodes[0]!.slot = takeSlot(slots)
    countRows(nursery, nodes[0]!, nodes[0]!.slot, allowed)
    findSplits(nursery, [nodes[0]!], rules, allowed)
  }
  for (let leaves = 1; leaves < rules.max_leaves; leaves++) {
    const parent = mostGainful(nodes)
    if (parent?.split === undefined) break
    const children = partRows(nursery, parent, parent.split, rules)
    parent.left = nodes.push(children[0]) - 1
    parent.right = nodes.push(children[1]) - 1
    const open = leaves + 1 < rules.max_leaves ? children.filter((child) => canSplit(child, rules)) : []
    if (open.length > 0) countChildren(nursery, parent, children, open, slots, allowed)
    else if (parent.slot >= 0) slots.push(parent.slot)
    findSplits(nursery, open, rules, allowed)
    for (const child of open) {
      // Two slots stay free for the next two children; whose cells found no room is counted anew when it is split.
      if (child.split !== undefined && slots.length >= 2) continue
      slots.push(child.slot)
      child.slot = -1
    }
  }
  return nodes
}

function rootOf({ crew, rows, gradients, stride, block_sums }: Nursery, count: number): GrownNode {
  const blocks = Math.ceil(count / BLOCK_ROWS)
  for (let block = crew.index; block < blocks; block += crew.size) {
    const end = Math.min(count, (block + 1) * BLOCK_ROWS)
    let gradient = 0
    let hessian = 0
    for (let i = block * BLOCK_ROWS; i < end; i++) {
      const row = rows[i]!
      gradient += stride === 2 ? gradients[row]! : gradients[2 * row]!
      hessian += stride === 2 ? 1 : gradients[2 * row + 1]!
    }
    block_sums[2 * block] = gradient
    block_sums[2 * block + 1] = hessian
  }
  crew.barrier()
  let gradient = 0
  let hessian = 0
  for (let block = 0; block < blocks; block++) {
    gradient += block_sums[2 * block]!
    hessian += block_sums[2 * block + 1]!
  }
  return leafFrom({ start: 0, end: count, depth: 0, gradient, hessian, lowest: -Infinity, highest: Infinity })
}

function leafFrom(known: Omit<GrownNode, 'count' | 'slot' | 'split' | 'left' | 'right'>): GrownNode {
  return { ...known, count: known.end - known.start, slot: -1, split: undefined, left: -1, right: -1 }
}

function canSplit(node: GrownNode, rules: GrowRules): boolean {
  return (
    node.count >= 2 * rules.min_samples_leaf &&
    node.depth < rules.max_depth &&
    node.hessian >= 2 * rules.min_hessian_leaf &&
    node.lowest < node.highest
  )
}

function mostGainful(nodes: readonly GrownNode[]): GrownNode | undefined {
  let best: GrownNode | undefined
  let most = -Infinity
  for (const node of nodes) {
    if (node.left >= 0 || node.split === undefined || node.split.gain <= most) continue
    best = node
    most = node.split.gain
  }
  return best
}

/** Fills the cells of this member's columns from the rows of a node. */
function countRows(nursery: Nursery, node: GrownNode, slot: number, allowed: Uint8Array): void {
  const { table, pool, slot_cells, offsets, stride, gradients, rows } = nursery
  const base = slot * slot_cells
  pool.fill(0, base, base + slot_cells)
  for (const group of table.groups) {
    if (!offsets.has(group.columns[0]!) || group.columns.every((column) => allowed[column] === 0)) continue
    const cells_at = group.columns.map((column) => base + (offsets.get(column) ?? 0))
    addRows(group, { rows, start: node.start, end: node.end }, gradients, { cells: pool, offsets: cells_at, stride })
  }
}

/** Counts the smaller child and takes it from the parent to have the larger one, in the parent's slot. */
function countChildren(
  nursery: Nursery,
  parent: GrownNode,
  children: readonly [GrownNode, GrownNode],
  open: readonly GrownNode[],
  slots: number[],
  allowed: Uint8Array,
): void {
  const [left, right] = children
  const [smaller, larger] = left.count <= right.count ? [left, right] : [right, left]
  const spare = takeSlot(slots)
  if (parent.slot < 0 || !open.includes(larger)) {
    if (parent.slot >= 0) slots.push(parent.slot)
    slots.push(spare)
    for (const child of open) {
      child.slot = takeSlot(slots)
      countRows(nursery, child, child.slot, allowed)
    }
    return
  }
  countRows(nursery, smaller, spare, allowed)
  const { pool, slot_cells } = nursery
  const whole = pool.subarray(parent.slot * slot_cells, (parent.slot + 1) * slot_cells)
  const part = pool.subarray(spare * slot_cells, (spare + 1) * slot_cells)
  for (let i = 0; i < whole.length; i++) whole[i]! -= part[i]!
  larger.slot = parent.slot
  if (open.includes(smaller)) smaller.slot = spare
  else slots.push(spare)
}

function takeSlot(slots: number[]): number {
  const slot = slots.pop()
  invariant(slot !== undefined, 'two slots are free before children are counted')
  return slot
}

/** Each member looks at its own columns; then all take the best of what all found. At most two nodes at a time. */
function findSplits(nursery: Nursery, nodes: readonly GrownNode[], rules: GrowRules, allowed: Uint8Array): void {
  const { table, crew, pool, slot_cells, offsets, stride, findings } = nursery
  if (nodes.length === 0) return
  nodes.forEach((node, place) => {
    const best = noSplit(rules.min_gain)
    for (const [column, offset] of offsets) {
      if (allowed[column] === 0) continue
      const bins = table.columns[column]!
      const source = { cells: pool, offset: node.slot * slot_cells + offset, stride, bins: bins.count }
      const kind = { categorical: bins.categories !== undefined, monotone: rules.monotone[column]! }
      improveSplit(best, column, source, node, rules, kind)
    }
    if (crew.size === 1) node.split = best.column < 0 ? undefined : best
    else putFinding(findings, (crew.index * 2 + place) * FINDING_LENGTH, best)
  })
  if (crew.size === 1) return
  crew.barrier()
  nodes.forEach((node, place) => {
    let best = noSplit(rules.min_gain)
    for (let member = 0; member < crew.size; member++) {
      const found = takeFinding(findings, (member * 2 + place) * FINDING_LENGTH, table)
      // Members hold columns in ascending order, so the first of equal gains is that of the lowest column.
      if (found.column >= 0 && found.gain > best.gain) best = found
    }
    node.split = best.column < 0 ? undefined : best
  })
}

function putFinding(findings: Float64Array, at: number, split: Split): void {
  findings[at] = split.gain
  findings[at + 1] = split.column
  findings[at + 2] = split.bin
  findings[at + 3] = split.missing_left ? 1 : 0
  findings[at + 4] = split.left_gradient
  findings[at + 5] = split.left_hessian
  findings[at + 6] = split.left_count
  for (let word = 0; word < CATEGORY_WORDS; word++) findings[at + 7 + word] = split.set?.[word] ?? 0
}

function takeFinding(findings: Float64Array, at: number, table: BinnedTable): Split {
  const column = findings[at + 1]!
  const on_categories = column >= 0 && table.columns[column]!.categories !== undefined
  return {
    gain: findings[at]!,
    column,
    bin: findings[at + 2]!,
    missing_left: findings[at + 3] === 1,
    left_gradient: findings[at + 4]!,
    left_hessian: findings[at + 5]!,
    left_count: findings[at + 6]!,
    set: on_categories ? Uint32Array.from(findings.subarray(at + 7, at + 7 + CATEGORY_WORDS)) : undefined,
  }
}

/** Puts the rows of a node that go left before those that go right, both in their old order, and returns the two children. */
function partRows(nursery: Nursery, node: GrownNode, split: Split, rules: GrowRules): [GrownNode, GrownNode] {
  const { table, crew, rows, left_rows, right_rows, left_counts, goes_left } = nursery
  const { start, count } = node
  const { group, lane } = table.place[split.column]!
  fillDirections(goes_left, split, table.columns[split.column]!.count)
  const middle = start + split.left_count
  if (crew.size > 1 && count >= PART_TOGETHER_ROWS) {
    const { first, end: last } = shareOf(count, crew.index, crew.size)
    const [from, to] = [start + first, start + last]
    left_counts[crew.index] = sortOut(rows, left_rows, right_rows, from, to, group.words, 8 * lane, goes_left)
    crew.barrier()
    let left_before = 0
    for (let member = 0; member < crew.index; member++) left_before += left_counts[member]!
    const left_here = left_counts[crew.index]!
    rows.set(left_rows.subarray(from, from + left_here), start + left_before)
    rows.set(right_rows.subarray(from, to - left_here), middle + first - left_before)
  } else if (crew.index === 0) {
    // Alone, what goes left can stay: there are never more of them than rows that were looked at.
    sortOut(rows, rows, right_rows, start, node.end, group.words, 8 * lane, goes_left)
    rows.set(right_rows.subarray(start, node.end - split.left_count), middle)
  }
  crew.barrier()
  return childrenOf(node, split, rules)
}

/** The two children of a node whose rows have been parted. */
function childrenOf(node: GrownNode, split: Split, rules: GrowRules): [GrownNode, GrownNode] {
  const { start, end } = node
  const depth = node.depth + 1
  const middle = start + split.left_count
  const l2 = rules.l2
  const right_gradient = node.gradient - split.left_gradient
  const right_hessian = node.hessian - split.left_hessian
  let [left_highest, right_lowest, left_lowest, right_highest] = [node.highest, node.lowest, node.lowest, node.highest]
  const direction = rules.monotone[split.column]!
  if (direction !== 0) {
    // Everything below stays on its side of the middle, so no later split can turn the order round.
    const left_value = leafValueOf(split.left_gradient, split.left_hessian, l2, node.lowest, node.highest)
    const right_value = leafValueOf(right_gradient, right_hessian, l2, node.lowest, node.highest)
    const border = (left_value + right_value) / 2
    if (direction > 0) left_highest = right_lowest = border
    else left_lowest = right_highest = border
  }
  const [gradient, hessian] = [split.left_gradient, split.left_hessian]
  return [
    leafFrom({ start, end: middle, depth, gradient, hessian, lowest: left_lowest, highest: left_highest }),
    leafFrom({
      start: middle,
      end,
      depth,
      gradient: right_gradient,
      hessian: right_hessian,
      lowest: right_lowest,
      highest: right_highest,
    }),
  ]
}

/** For each bin, 1 if it goes left; the bin behind the last of values is that of what is missing. */
export function fillDirections(goes_left: Uint8Array, split: Split, bins: number): void {
  for (let bin = 0; bin < bins; bin++) {
    const left = split.set ? ((split.set[bin >> 5]! >>> (bin & 31)) & 1) === 1 : bin <= split.bin
    goes_left[bin] = left ? 1 : 0
  }
  goes_left[bins] = split.missing_left ? 1 : 0
}

/** Copies the rows `rows[start]` to `rows[end - 1]` to two lists that both begin at `start`. Returns how many go left. */
function sortOut(
  rows: Uint32Array,
  left_rows: Uint32Array,
  right_rows: Uint32Array,
  start: number,
  end: number,
  words: Uint32Array,
  shift: number,
  goes_left: Uint8Array,
): number {
  let left = start
  let right = start
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    const goes = goes_left[(words[row]! >>> shift) & 255]!
    // Written to both, kept in one: so no branch is guessed wrongly.
    left_rows[left] = row
    right_rows[right] = row
    left += goes
    right += 1 - goes
  }
  return left - start
}
