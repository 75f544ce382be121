import type { Crew } from './crew.ts'
import { type Group, lanesOf } from './boosted-trees-histogram.ts'
import { columnOf, type Matrix } from './matrix.ts'
import { randomOf } from './random.ts'
import { sortNumbers } from './sort-numbers.ts'

/** Bins 0 to 254 hold values; the one behind the last that is used holds what is missing. */
export const BINS_MAX = 255
/** Above this many rows, edges come from this many drawn by chance, as scikit-learn does it. */
const EDGE_ROWS_MAX = 200_000

/** How the values of one column fall into bins. */
export interface ColumnBins {
  /** Of a column of numbers: bin b holds what is above `edges[b - 1]` and at most `edges[b]`. Of one of categories: empty. */
  edges: Float64Array
  /** Of a column of categories: the categories with a bin of their own, ascending; a category's code is its place. */
  categories: Float64Array | undefined
  /** Bins in use, the one for what is missing not counted. */
  count: number
}

export interface BinnedTable {
  row_count: number
  columns: ColumnBins[]
  groups: Group[]
  /** For each column, the group it is in and its place there. */
  place: { group: Group; lane: number }[]
  /** The columns of each member of the crew: `first` included, `end` not. */
  shares: { first: number; end: number }[]
}

export interface BinOptions {
  max_bins: number
  categorical: ReadonlySet<number>
  seed: number
  /** Only these rows decide where the edges are; the others fall where they fall. */
  edge_rows: Uint32Array
}

/** The part of `count` things that falls to one of `size` members: contiguous, in order, as even as can be. */
export function shareOf(count: number, index: number, size: number): { first: number; end: number } {
  return { first: Math.floor((count * index) / size), end: Math.floor((count * (index + 1)) / size) }
}

/** Puts every value into its bin; each member of the crew does so for its own columns. */
export function binTable(matrix: Matrix, options: BinOptions, crew: Crew): BinnedTable {
  const { row_count, column_count } = matrix
  const shares = Array.from({ length: crew.size }, (_, index) => shareOf(column_count, index, crew.size))
  const groups: Group[] = []
  const place: BinnedTable['place'] = []
  for (const { first, end } of shares) {
    let column = first
    for (const lanes of lanesOf(end - first)) {
      const group: Group = { words: crew.words(row_count), columns: [] }
      for (let lane = 0; lane < lanes; lane++, column++) {
        group.columns.push(column)
        place[column] = { group, lane }
      }
      groups.push(group)
    }
  }
  const edges = crew.floats(column_count * BINS_MAX)
  const counts = crew.words(column_count)
  const mine = shares[crew.index] ?? { first: 0, end: 0 }
  for (let column = mine.first; column < mine.end; column++) {
    const values = columnOf(matrix, column)
    const known = valuesForEdges(values, options, column)
    const found = options.categorical.has(column)
      ? frequentCategories(known, options.max_bins)
      : edgesOf(known, options.max_bins)
    edges.set(found, column * BINS_MAX)
    counts[column] = found.length + (options.categorical.has(column) ? 0 : 1)
  }
  crew.barrier()
  const columns = Array.from({ length: column_count }, (_, column): ColumnBins => {
    const count = counts[column]!
    const of_categories = options.categorical.has(column)
    const kept = edges.slice(column * BINS_MAX, column * BINS_MAX + count - (of_categories ? 0 : 1))
    return { edges: of_categories ? new Float64Array(0) : kept, categories: of_categories ? kept : undefined, count }
  })
  const table = { row_count, columns, groups, place, shares }
  for (let column = mine.first; column < mine.end; column++) fillLane(table, column, matrix)
  crew.barrier()
  return table
}

/** The bin of row `row` in a column. */
export function binOf(table: BinnedTable, column: number, row: number): number {
  const { group, lane } = table.place[column]!
  return (group.words[row]! >>> (8 * lane)) & 255
}

/** The known values among the rows that decide about edges. */
function valuesForEdges(values: Float64Array, { edge_rows, seed }: BinOptions, column: number): Float64Array {
  const random = randomOf(seed).fork(column)
  const known = new Float64Array(Math.min(edge_rows.length, EDGE_ROWS_MAX))
  let wanted = known.length
  let count = 0
  for (let i = 0; i < edge_rows.length && wanted > 0; i++) {
    const left = edge_rows.length - i
    // Selection sampling: every set of rows is as likely as any other.
    if (wanted < left && random.next() * left >= wanted) continue
    wanted--
    const value = values[edge_rows[i]!]!
    if (value === value) known[count++] = value
  }
  return known.subarray(0, count)
}

/**
 * Edges between bins: midpoints between neighbours if there are few distinct values, else midpoints at evenly spaced
 * quantiles. Sorts `known` in place.
 */
export function edgesOf(known: Float64Array, max_bins: number): Float64Array {
  sortNumbers(known)
  const distinct: number[] = []
  for (const value of known) {
    if (value !== distinct.at(-1)) distinct.push(value)
    if (distinct.length > max_bins) return quantileEdges(known, max_bins)
  }
  return Float64Array.from(distinct.slice(1), (value, i) => midpoint(distinct[i]!, value))
}

function quantileEdges(sorted: Float64Array, max_bins: number): Float64Array {
  const edges: number[] = []
  for (let i = 1; i < max_bins; i++) {
    const position = ((sorted.length - 1) * i) / max_bins
    const edge = midpoint(sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!)
    if (edge !== edges.at(-1)) edges.push(edge)
  }
  return Float64Array.from(edges)
}

/** Between two values, below the upper one unless they are equal; finite, so that JSON can hold it. */
function midpoint(low: number, high: number): number {
  const middle = low === high ? low : low / 2 + high / 2
  const between = middle >= high && low < high ? low : Number.isNaN(middle) ? 0 : middle
  return Math.min(Math.max(between, -Number.MAX_VALUE), Number.MAX_VALUE)
}

/** The categories that come up most, the smaller number first among equals; ascending. */
function frequentCategories(known: Float64Array, max_bins: number): Float64Array {
  const times = new Map<number, number>()
  for (const value of known) if (Number.isFinite(value)) times.set(value, (times.get(value) ?? 0) + 1)
  const frequent = [...times].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, max_bins)
  return Float64Array.from(frequent, ([value]) => value).sort()
}

function fillLane(table: BinnedTable, column: number, { values, column_count, row_count }: Matrix): void {
  const { group, lane } = table.place[column]!
  const bins = table.columns[column]!
  const shift = 8 * lane
  const { words } = group
  if (bins.categories) {
    const codes = codesByCategory(bins.categories)
    for (let row = 0; row < row_count; row++) {
      words[row]! |= (codes.get(values[row * column_count + column]!) ?? bins.count) << shift
    }
    return
  }
  const ladder = new Float64Array(256).fill(Infinity)
  ladder.set(bins.edges)
  for (let row = 0; row < row_count; row++) {
    const value = values[row * column_count + column]!
    words[row]! |= (value === value ? climb(ladder, value) : bins.count) << shift
  }
}

/** How many of the 255 ascending edges lie below the value: eight halvings. */
function climb(edges: Float64Array, value: number): number {
  let bin = 0
  for (let step = 128; step > 0; step >>= 1) if (edges[bin + step - 1]! < value) bin += step
  return bin
}

/** Code of each category; what is not among them has none. */
export function codesByCategory(categories: Float64Array): Map<number, number> {
  return new Map(Array.from(categories, (category, code) => [category, code]))
}
