/** How drift counts rows: coarse bins for the index that is shown, and finer cells for shuffling. */
export interface Cells {
  bins: { label: string; reference: number; current: number }[]
  /** The bin of each row in `bins`, for the test of shuffled rows. */
  reference_cells: Uint16Array
  current_cells: Uint16Array
  /** Cells stand in the order of the values, so that a distribution function can be summed over them; the missing come last. */
  cell_count: number
  ordered: boolean
  /** How many cells from the first are of values, not of missing ones. */
  value_cell_count: number
  reference_count: number
  current_count: number
  reference_missing_count: number
  current_missing_count: number
  unseen?: string[]
}

const BINS = 10
const FINE_CELLS = 100
const CATEGORIES_MAX = 50
const UNSEEN_SHOWN = 20

/** The number a share of the sorted values lies below. */
function quantileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** Values between which cells are cut, each once: `parts` cells of equal mass where values do not tie. */
function edgesOf(sorted: Float64Array, parts: number): Float64Array {
  const edges = Array.from({ length: parts - 1 }, (_, i) => quantileOf(sorted, (i + 1) / parts))
  return Float64Array.from(new Set(edges.filter((edge) => !Number.isNaN(edge))))
}

/** How many edges lie below the value: the number of its cell. An edge belongs to the cell below it. */
function cellOf(edges: Float64Array, value: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (edges[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Deciles of the reference for the index; for shuffling a hundred cells of equal mass of both sides together. */
export function cellsOfNumbers({ reference, current }: { reference: Float64Array; current: Float64Array }): Cells {
  const known = (values: Float64Array) => values.filter((value) => !Number.isNaN(value))
  const before = known(reference).sort()
  const now = known(current)
  const both = new Float64Array(before.length + now.length)
  both.set(before)
  both.set(now, before.length)
  both.sort()
  const edges = edgesOf(before.length > 0 ? before : both, BINS)
  const fine = edgesOf(both, FINE_CELLS)
  const count = (values: Float64Array) => {
    const counts = new Float64Array(edges.length + 2)
    for (const value of values) counts[Number.isNaN(value) ? edges.length + 1 : cellOf(edges, value)]! += 1
    return counts
  }
  const reference_counts = count(reference)
  const current_counts = count(current)
  const place = (value: number) => (Number.isNaN(value) ? fine.length + 1 : cellOf(fine, value))
  return {
    bins: Array.from(reference_counts, (before_count, bin) => ({
      label: labelOf(edges, bin),
      reference: before_count,
      current: current_counts[bin] ?? 0,
    })).filter((bin) => bin.reference + bin.current > 0),
    reference_cells: Uint16Array.from(reference, place),
    current_cells: Uint16Array.from(current, place),
    cell_count: fine.length + 2,
    value_cell_count: fine.length + 1,
    ordered: true,
    reference_count: reference.length,
    current_count: current.length,
    reference_missing_count: reference_counts.at(-1) ?? 0,
    current_missing_count: current_counts.at(-1) ?? 0,
  }
}

function labelOf(edges: Float64Array, bin: number): string {
  const shown = (value: number | undefined) => String(Number((value ?? 0).toPrecision(6)))
  if (bin > edges.length) return 'missing'
  if (edges.length === 0) return 'all'
  if (bin === 0) return `≤ ${shown(edges[0])}`
  if (bin === edges.length) return `> ${shown(edges.at(-1))}`
  return `${shown(edges[bin - 1])} – ${shown(edges[bin])}`
}

/** One cell for each of the most frequent categories, one for all others together, one for the missing. */
export function cellsOfCategories({
  reference,
  current,
}: {
  reference: readonly (string | null)[]
  current: readonly (string | null)[]
}): Cells {
  const before = tally(reference)
  const now = tally(current)
  const names = [...new Set([...before.keys(), ...now.keys()])].filter((name) => name !== null)
  const rows = (name: string) => (before.get(name) ?? 0) + (now.get(name) ?? 0)
  names.sort((a, b) => rows(b) - rows(a) || (a < b ? -1 : 1))
  const kept = new Map(names.slice(0, CATEGORIES_MAX).map((name, cell) => [name, cell]))
  const missing = kept.size + 1
  const place = (value: string | null) => (value === null ? missing : (kept.get(value) ?? kept.size))
  const reference_cells = Uint16Array.from(reference, place)
  const current_cells = Uint16Array.from(current, place)
  const labels = [...kept.keys(), 'all others', 'missing']
  const count = (cells: Uint16Array) => {
    const counts = new Float64Array(labels.length)
    for (const cell of cells) counts[cell]! += 1
    return counts
  }
  const reference_counts = count(reference_cells)
  const current_counts = count(current_cells)
  return {
    bins: labels
      .map((label, cell) => ({ label, reference: reference_counts[cell]!, current: current_counts[cell]! }))
      .filter((bin) => bin.reference + bin.current > 0),
    reference_cells,
    current_cells,
    cell_count: missing + 1,
    value_cell_count: missing,
    ordered: false,
    reference_count: reference.length,
    current_count: current.length,
    reference_missing_count: before.get(null) ?? 0,
    current_missing_count: now.get(null) ?? 0,
    unseen: names.filter((name) => !before.has(name)).slice(0, UNSEEN_SHOWN),
  }
}

function tally(values: readonly (string | null)[]): Map<string | null, number> {
  const counts = new Map<string | null, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
