import type { Cells } from './drift-cells.ts'
import { randomOf, range } from './random.ts'
import { psi } from './two-sample.ts'

/** Which rows belong together, such as the readings of one day: rows of a block are not independent of each other. */
export interface DriftBlocks {
  reference: ArrayLike<number | string>
  current: ArrayLike<number | string>
}

/** Rows or whole blocks, each with the cells it falls into: unit u has those from `starts[u]` to `starts[u + 1]`. */
interface Units {
  starts: Uint32Array
  cells: Uint16Array
  counts: Uint32Array
}

const GROUP = 10
/** With fewer ways than this to deal the units to two sides, no result could be rare. */
const WAYS_MIN = 1000

/**
 * How often chance alone brings two samples as far apart as they are: whole units are dealt anew to the two sides, and the
 * distance is taken again. Exact at every size for rows that are independent, or for blocks that are.
 */
export function permutationTails(
  cells: Cells,
  { permutation_count, seed, blocks }: { permutation_count: number; seed: number; blocks?: DriftBlocks },
): { p_value: number; distinguishable: boolean } {
  const before = unitsOf(cells.reference_cells, blocks?.reference)
  const now = unitsOf(cells.current_cells, blocks?.current)
  const before_count = before.starts.length - 1
  const now_count = now.starts.length - 1
  // Dealing the smaller side is quicker and gives the same pairs of samples.
  const units = now_count <= before_count ? joined(now, before) : joined(before, now)
  const dealt_count = Math.min(now_count, before_count)
  const order = range(before_count + now_count)
  const total = sumOf(units, order, cells.cell_count)
  const observed = distancesOf(sumOf(units, order.subarray(0, dealt_count), cells.cell_count), total, cells)
  const random = randomOf(seed)
  const as_far = observed.map(() => 1)
  for (let round = 0; round < permutation_count; round++) {
    for (let i = 0; i < dealt_count; i++) {
      const j = i + random.integer(order.length - i)
      const kept = order[i]!
      order[i] = order[j]!
      order[j] = kept
    }
    const distances = distancesOf(sumOf(units, order.subarray(0, dealt_count), cells.cell_count), total, cells)
    // A hair of tolerance, so that the same sum in another order counts as equal.
    distances.forEach((distance, i) => {
      if (distance >= observed[i]! * (1 - 1e-12)) as_far[i]! += 1
    })
  }
  const p_value = Math.min(1, (as_far.length * Math.min(...as_far)) / (permutation_count + 1))
  return { p_value, distinguishable: waysOf(dealt_count, order.length) >= WAYS_MIN }
}

function unitsOf(row_cells: Uint16Array, blocks: ArrayLike<number | string> | undefined): Units {
  if (!blocks)
    return { starts: range(row_cells.length + 1), cells: row_cells, counts: new Uint32Array(row_cells.length).fill(1) }
  const by_block = new Map<number | string, Map<number, number>>()
  row_cells.forEach((cell, row) => {
    const block = blocks[row]!
    const counts = by_block.get(block) ?? new Map<number, number>()
    counts.set(cell, (counts.get(cell) ?? 0) + 1)
    by_block.set(block, counts)
  })
  const all = [...by_block.values()]
  const starts = new Uint32Array(all.length + 1)
  all.forEach((counts, unit) => (starts[unit + 1] = starts[unit]! + counts.size))
  return {
    starts,
    cells: Uint16Array.from(all.flatMap((counts) => [...counts.keys()])),
    counts: Uint32Array.from(all.flatMap((counts) => [...counts.values()])),
  }
}

function joined(first: Units, second: Units): Units {
  const offset = first.cells.length
  const starts = new Uint32Array(first.starts.length + second.starts.length - 1)
  starts.set(first.starts)
  starts.set(
    second.starts.map((start) => start + offset),
    first.starts.length - 1,
  )
  const cells = new Uint16Array(offset + second.cells.length)
  cells.set(first.cells)
  cells.set(second.cells, offset)
  const counts = new Uint32Array(cells.length)
  counts.set(first.counts)
  counts.set(second.counts, offset)
  return { starts, cells, counts }
}

function sumOf({ starts, cells, counts }: Units, chosen: Uint32Array, cell_count: number): Float64Array {
  const sums = new Float64Array(cell_count)
  for (const unit of chosen) for (let i = starts[unit]!; i < starts[unit + 1]!; i++) sums[cells[i]!]! += counts[i]!
  return sums
}

/** The distances that count: for numbers the index over tenths and the Kolmogorov–Smirnov distance, else the index alone. */
function distancesOf(dealt: Float64Array, total: Float64Array, { ordered, value_cell_count }: Cells): number[] {
  const rest = total.map((count, cell) => count - dealt[cell]!)
  if (!ordered) return [psi(rest, dealt)]
  return [psi(coarse(rest, value_cell_count), coarse(dealt, value_cell_count)), ksOver(dealt, rest, value_cell_count)]
}

function coarse(counts: Float64Array, value_cell_count: number): Float64Array {
  const groups = Math.ceil(value_cell_count / GROUP)
  const sums = new Float64Array(groups + 1)
  counts.forEach((count, cell) => (sums[cell < value_cell_count ? Math.floor(cell / GROUP) : groups]! += count))
  return sums
}

function ksOver(a: Float64Array, b: Float64Array, value_cell_count: number): number {
  let a_total = 0
  let b_total = 0
  for (let cell = 0; cell < value_cell_count; cell++) {
    a_total += a[cell]!
    b_total += b[cell]!
  }
  if (a_total === 0 || b_total === 0) return 0
  let a_sum = 0
  let b_sum = 0
  let distance = 0
  for (let cell = 0; cell < value_cell_count; cell++) {
    a_sum += a[cell]!
    b_sum += b[cell]!
    distance = Math.max(distance, Math.abs(a_sum / a_total - b_sum / b_total))
  }
  return distance
}

function waysOf(chosen: number, of: number): number {
  let ways = 1
  for (let i = 0; i < chosen && ways < WAYS_MIN; i++) ways *= (of - i) / (i + 1)
  return ways
}
