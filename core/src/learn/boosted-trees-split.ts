import { CATEGORY_WORDS } from './tree.ts'

/** Keeps a division by nothing finite. */
const TINY = 1e-15

/** What a split must keep to. */
export interface SplitRules {
  min_samples_leaf: number
  min_hessian_leaf: number
  l2: number
  min_gain: number
  category_smoothing: number
}

/** What is known of a node before it is split. */
export interface NodeSums {
  gradient: number
  hessian: number
  count: number
  /** Between these the value of every leaf below must stay, so that monotone constraints hold. */
  lowest: number
  highest: number
}

/** The best way found to split a node. */
export interface Split {
  gain: number
  /** -1: no way is worth it. */
  column: number
  /** Of a split on a number: the last bin that goes left. */
  bin: number
  /** Of a split on categories: the bins that go left, 256 bits. */
  set: Uint32Array | undefined
  missing_left: boolean
  left_gradient: number
  left_hessian: number
  left_count: number
}

/** The cells of one column in one node. */
export interface ColumnCells {
  cells: Float64Array
  offset: number
  stride: number
  /** Bins of values; the cell behind them is of what is missing. */
  bins: number
}

/** Where the search begins: a split must gain more than `min_gain`. */
export function noSplit(min_gain: number): Split {
  return {
    gain: min_gain,
    column: -1,
    bin: -1,
    set: undefined,
    missing_left: false,
    left_gradient: 0,
    left_hessian: 0,
    left_count: 0,
  }
}

/** A value that a node would have as a leaf: a Newton step within bounds. */
export function leafValueOf(gradient: number, hessian: number, l2: number, lowest: number, highest: number): number {
  const step = -gradient / (hessian + l2 + TINY)
  return Math.min(Math.max(step, lowest), highest)
}

/** Twice the fall of the loss, by its second-order approximation, if a node takes this value. */
function fallAt(value: number, gradient: number, curvature: number): number {
  return -(2 * gradient + curvature * value) * value
}

const everyBin = Uint8Array.from({ length: 256 }, (_, bin) => bin)

/**
 * Looks for a better split of a node on one column than `best`, and writes it there. Both ways are tried for what is
 * missing; where nothing is, it will go with the more numerous side. Among equal gains the first stays: lowest column, lowest
 * bin, missing to the right.
 */
export function improveSplit(
  best: Split,
  column: number,
  source: ColumnCells,
  node: NodeSums,
  rules: SplitRules,
  kind: { categorical: boolean; monotone: number },
): void {
  const order = kind.categorical ? categoryOrder(source, rules.category_smoothing) : everyBin
  const length = kind.categorical ? order.length : source.bins
  const any_missing = source.cells[source.offset + source.bins * source.stride + 1]! > 0
  for (const missing_left of any_missing ? [false, true] : [false]) {
    if (!scan(best, source, node, rules, kind.monotone, order, length, missing_left, any_missing)) continue
    best.column = column
    best.set = kind.categorical
      ? setOf(order.subarray(0, best.bin + 1), order, source.bins, best.missing_left)
      : undefined
  }
}

/** Bits of the bins that go left. A category that does not occur in the node goes where what is missing goes. */
function setOf(left: Uint8Array, present: Uint8Array, bins: number, missing_left: boolean): Uint32Array {
  const goes = new Uint8Array(bins).fill(missing_left ? 1 : 0)
  for (const bin of present) goes[bin] = 0
  for (const bin of left) goes[bin] = 1
  const set = new Uint32Array(CATEGORY_WORDS)
  for (let bin = 0; bin < bins; bin++) set[bin >> 5]! |= goes[bin]! << (bin & 31)
  return set
}

/**
 * Categories that occur in the node, by their mean gradient: for a convex loss the best of all ways to part them in two is a
 * cut of this order (W. D. Fisher 1958). Smoothing draws rare ones to the middle, where they decide nothing by themselves.
 */
export function categoryOrder({ cells, offset, stride, bins }: ColumnCells, smoothing: number): Uint8Array {
  const present = everyBin.slice(0, bins).filter((bin) => cells[offset + bin * stride + 1]! > 0)
  const mean = (bin: number) => {
    const at = offset + bin * stride
    return cells[at]! / (cells[at + stride - 1]! + smoothing)
  }
  return present.sort((a, b) => mean(a) - mean(b) || a - b)
}

/** What both sides fall if each takes its best value within bounds; -∞ where these would be in the wrong order. */
function boundedFalls(
  left_gradient: number,
  left_hessian: number,
  right_gradient: number,
  right_hessian: number,
  l2: number,
  monotone: number,
  { lowest, highest }: NodeSums,
): number {
  const left = leafValueOf(left_gradient, left_hessian, l2, lowest, highest)
  const right = leafValueOf(right_gradient, right_hessian, l2, lowest, highest)
  if ((right - left) * monotone < 0) return -Infinity
  return fallAt(left, left_gradient, left_hessian + l2) + fallAt(right, right_gradient, right_hessian + l2)
}

/** Tries every cut of the bins in `order`. Says whether one is better than `best`, which then holds it. */
function scan(
  best: Split,
  { cells, offset, stride, bins }: ColumnCells,
  node: NodeSums,
  rules: SplitRules,
  monotone: number,
  order: Uint8Array,
  length: number,
  missing_left: boolean,
  any_missing: boolean,
): boolean {
  const { gradient, hessian, count, lowest, highest } = node
  const { min_samples_leaf, min_hessian_leaf } = rules
  const l2 = rules.l2 + TINY
  const bounded = monotone !== 0 || lowest > -Infinity || highest < Infinity
  const value = leafValueOf(gradient, hessian, l2, lowest, highest)
  const whole = bounded ? fallAt(value, gradient, hessian + l2) : (gradient * gradient) / (hessian + l2)
  let best_gain = best.gain
  let best_position = -1
  let best_gradient = 0
  let best_hessian = 0
  let best_count = 0
  // The cell of second derivatives is the last one of three, and of two that of the counts.
  const last = stride - 1
  const missing = offset + bins * stride
  let left_gradient = missing_left ? cells[missing]! : 0
  let left_count = missing_left ? cells[missing + 1]! : 0
  let left_hessian = missing_left ? cells[missing + last]! : 0
  // Where nothing is missing, or it goes left, the last bin cannot go left as well: nothing would be on the right.
  const end = any_missing && !missing_left ? length : length - 1
  const count_max = count - min_samples_leaf
  for (let position = 0; position < end; position++) {
    const at = offset + order[position]! * stride
    const here = cells[at + 1]!
    if (here === 0) continue
    left_gradient += cells[at]!
    left_count += here
    left_hessian += cells[at + last]!
    if (left_count < min_samples_leaf) continue
    if (left_count > count_max) break
    const right_hessian = hessian - left_hessian
    if (left_hessian < min_hessian_leaf || right_hessian < min_hessian_leaf) continue
    const right_gradient = gradient - left_gradient
    const falls = bounded
      ? boundedFalls(left_gradient, left_hessian, right_gradient, right_hessian, l2, monotone, node)
      : (left_gradient * left_gradient) / (left_hessian + l2) + (right_gradient * right_gradient) / (right_hessian + l2)
    const gain = falls - whole
    if (gain <= best_gain) continue
    best_gain = gain
    best_position = position
    best_gradient = left_gradient
    best_hessian = left_hessian
    best_count = left_count
  }
  if (best_position < 0) return false
  best.gain = best_gain
  best.bin = best_position
  best.missing_left = any_missing ? missing_left : best_count > count - best_count
  best.left_gradient = best_gradient
  best.left_hessian = best_hessian
  best.left_count = best_count
  return true
}
