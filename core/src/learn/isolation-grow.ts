import type { IsolationNodes } from './isolation-forest.ts'
import type { Matrix } from './matrix.ts'
import { range, type Random } from './random.ts'

/** The trees that have grown so far, and the room to grow another. */
export interface Growth {
  nodes: IsolationNodes
  node_count: number
  matrix: Matrix
  sample_count: number
  random: Random
  /** Every row in an order of chance; the first `sample_count` are the sample of the tree that grows. */
  rows: Uint32Array
  /** The columns that can be cut at all, in an order of chance. */
  columns: Uint32Array
  /** Of the column just looked at: the values of the rows of the node, their range, and how many are not missing. */
  looked: { values: Float64Array; low: number; high: number; known_count: number }
  /** Where the rows of each node of the growing tree begin among the first rows, and how deep it stands. */
  starts: Uint32Array
  depths: Uint8Array
  set_aside: Uint32Array
}

/** Room for `tree_count` trees of `sample_count` rows each. */
export function growthOver(matrix: Matrix, sample_count: number, tree_count: number, random: Random): Growth {
  const nodes_per_tree = 2 * sample_count - 1
  return {
    nodes: nodesFor(nodes_per_tree * tree_count),
    node_count: 0,
    matrix,
    sample_count,
    random,
    rows: range(matrix.row_count),
    columns: variedColumns(matrix),
    looked: { values: new Float64Array(sample_count), low: 0, high: 0, known_count: 0 },
    starts: new Uint32Array(nodes_per_tree),
    depths: new Uint8Array(nodes_per_tree),
    set_aside: new Uint32Array(sample_count),
  }
}

/** Grows one more tree over another sample, drawn without putting back, to the depth that an average tree would have. */
export function growTree(growth: Growth): void {
  const { nodes, sample_count, starts, depths } = growth
  const root = growth.node_count
  const depth_max = Math.ceil(Math.log2(sample_count))
  drawSample(growth)
  nodes.row_count[root] = sample_count
  starts[0] = 0
  depths[0] = 0
  growth.node_count++
  // Breadth first: two children join the end of the queue, and a node is finished when its turn comes.
  for (let node = root; node < growth.node_count; node++) {
    const start = starts[node - root]!
    const depth = depths[node - root]!
    const count = nodes.row_count[node]!
    nodes.left[node] = node
    nodes.threshold[node] = Infinity
    if (count <= 1 || depth >= depth_max) continue
    const column = drawColumn(growth, start, count)
    if (column === undefined) continue
    const left = growth.node_count
    const left_count = cut(growth, node, start, count)
    nodes.column[node] = column
    nodes.left[node] = left
    nodes.row_count[left] = left_count
    nodes.row_count[left + 1] = count - left_count
    starts[left - root] = start
    starts[left + 1 - root] = start + left_count
    depths[left - root] = depths[left + 1 - root] = depth + 1
    growth.node_count += 2
  }
}

/** Puts a fresh sample first (Fisher and Yates, as far as needed); the order that was there before does not matter. */
function drawSample({ rows, sample_count, random }: Growth): void {
  for (let i = 0; i < sample_count; i++) swap(rows, i, i + random.integer(rows.length - i))
}

/** Draws columns until one has two values in these rows, and leaves what it saw in `looked`; undefined where none has. */
function drawColumn(growth: Growth, start: number, count: number): number | undefined {
  const { columns, random } = growth
  for (let i = 0; i < columns.length; i++) {
    swap(columns, i, i + random.integer(columns.length - i))
    look(growth, columns[i]!, start, count)
    if (growth.looked.low < growth.looked.high) return columns[i]!
  }
  return undefined
}

function look({ matrix, rows, looked }: Growth, column: number, start: number, count: number): void {
  const { values, column_count } = matrix
  let low = Infinity
  let high = -Infinity
  let known_count = 0
  for (let i = 0; i < count; i++) {
    const value = values[rows[start + i]! * column_count + column]!
    looked.values[i] = value
    if (Number.isNaN(value)) continue
    known_count++
    if (value < low) low = value
    if (value > high) high = value
  }
  looked.low = low
  looked.high = high
  looked.known_count = known_count
}

/** Cuts the column in `looked` evenly between its ends, puts the rows of the left side first and returns how many. */
function cut({ nodes, rows, looked, random, set_aside }: Growth, node: number, start: number, count: number): number {
  const { values, low, high, known_count } = looked
  const share = random.next()
  // Written so that no range overflows; rounding must not move the cut out of it, or one side would be empty.
  const drawn = low * (1 - share) + high * share
  const threshold = drawn >= low && drawn < high ? drawn : low
  let known_left = 0
  for (let i = 0; i < count; i++) if (values[i]! <= threshold) known_left++
  const missing_left = random.next() * known_count < known_left
  let left_count = 0
  let right_count = 0
  for (let i = 0; i < count; i++) {
    const row = rows[start + i]!
    const goes_left = Number.isNaN(values[i]!) ? missing_left : values[i]! <= threshold
    if (goes_left) rows[start + left_count++] = row
    else set_aside[right_count++] = row
  }
  for (let i = 0; i < right_count; i++) rows[start + left_count + i] = set_aside[i]!
  nodes.threshold[node] = threshold
  nodes.missing_left[node] = Number(missing_left)
  return left_count
}

/** The columns with at least two different values. */
function variedColumns({ values, row_count, column_count }: Matrix): Uint32Array {
  const first = new Float64Array(column_count).fill(Number.NaN)
  const varied = new Uint8Array(column_count)
  let left = column_count
  for (let row = 0; row < row_count && left > 0; row++) {
    for (let column = 0; column < column_count; column++) {
      const value = values[row * column_count + column]!
      if (varied[column] === 1 || Number.isNaN(value)) continue
      if (Number.isNaN(first[column]!)) first[column] = value
      else if (value !== first[column]) {
        varied[column] = 1
        left--
      }
    }
  }
  return range(column_count).filter((column) => varied[column] === 1)
}

function nodesFor(count: number): IsolationNodes {
  return {
    column: new Uint32Array(count),
    threshold: new Float64Array(count),
    left: new Uint32Array(count),
    missing_left: new Uint8Array(count),
    row_count: new Uint32Array(count),
  }
}

function swap(items: Uint32Array, a: number, b: number): void {
  const kept = items[a]!
  items[a] = items[b]!
  items[b] = kept
}
