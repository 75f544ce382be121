import { quantileOf } from './figures.ts'
import type { Column, ColumnProfile } from './data-contract.ts'
import { instantOf, MISSING_CODE, type ColumnValues, type Table } from './table.ts'

type Numbers = NonNullable<ColumnProfile['numbers']>

const TOP = 20
const GAPS_SHOWN = 10
/** A pause of more than this many usual steps is a gap. */
const GAP_STEPS = 3

/** What a column holds: counts, spread, the most frequent, gaps in time. */
export function profileOf(column: Column, values: ColumnValues, row_count: number, bin_count = 20): ColumnProfile {
  const facts =
    values.type === 'text' || values.type === 'category' ? profileWords(values) : profileNumbers(values, bin_count)
  const missing_count = row_count - facts.count
  return { column, missing_count, missing_share: row_count > 0 ? missing_count / row_count : 0, ...facts }
}

type Facts = Omit<ColumnProfile, 'column' | 'missing_count' | 'missing_share'>

function profileWords(values: Extract<ColumnValues, { type: 'text' | 'category' }>): Facts {
  const counts = new Map<string, number>()
  if (values.type === 'category') {
    const by_code = new Uint32Array(values.dictionary.length)
    for (const code of values.codes) if (code !== MISSING_CODE) by_code[code] = (by_code[code] ?? 0) + 1
    values.dictionary.forEach((word, code) => counts.set(word, by_code[code] ?? 0))
  } else for (const value of values.values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  let [count, sum, min, max] = [0, 0, Infinity, 0]
  for (const [word, times] of counts) {
    const length = word.length
    count += times
    sum += length * times
    if (length < min) min = length
    if (length > max) max = length
  }
  const top = [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, TOP)
    .map(([value, times]) => ({ value: value.length > 200 ? `${value.slice(0, 199)}…` : value, count: times }))
  return { count, distinct_count: counts.size, top, ...(count > 0 ? { lengths: { min, max, mean: sum / count } } : {}) }
}

function profileNumbers(values: Extract<ColumnValues, { values: Float64Array }>, bin_count: number): Facts {
  const sorted = values.values.filter((value) => !Number.isNaN(value)).sort()
  const count = sorted.length
  let distinct_count = count > 0 ? 1 : 0
  for (let i = 1; i < count; i++) if (sorted[i] !== sorted[i - 1]) distinct_count++
  const facts = { count, distinct_count }
  if (values.type === 'boolean') {
    const true_count = sorted.reduce((sum, value) => sum + value, 0)
    return { ...facts, truths: { true_count, false_count: count - true_count } }
  }
  if (count === 0) return facts
  if (values.type === 'timestamp') return { ...facts, times: timesOf(sorted) }
  return { ...facts, numbers: numbersOf(sorted, bin_count) }
}

function numbersOf(sorted: Float64Array, bin_count: number): Numbers {
  const count = sorted.length
  const min = sorted[0] ?? NaN
  const max = sorted.at(-1) ?? NaN
  // Distances from the least: sums of large numbers that differ little keep their digits.
  let sum = 0
  for (const value of sorted) sum += (value - min) / count
  const mean = min + sum
  let squares = 0
  let zero_count = 0
  for (const value of sorted) {
    squares += (value - mean) ** 2
    if (value === 0) zero_count++
  }
  const at = (share: number) => quantileOf(sorted, share)
  return {
    min,
    max,
    mean,
    sd: count > 1 ? Math.sqrt(squares / (count - 1)) : null,
    zero_count,
    quantiles: {
      p01: at(0.01),
      p05: at(0.05),
      p25: at(0.25),
      p50: at(0.5),
      p75: at(0.75),
      p95: at(0.95),
      p99: at(0.99),
    },
    histogram: histogramOf(sorted, bin_count),
  }
}

function histogramOf(sorted: Float64Array, bin_count: number): Numbers['histogram'] {
  const min = sorted[0] ?? 0
  const max = sorted.at(-1) ?? 0
  const width = (max - min) / bin_count
  // A range too narrow, or too wide, to be cut into bins is one bin.
  if (!(width > 0 && Number.isFinite(width) && min + width > min)) return { edges: [min, max], counts: [sorted.length] }
  const edges = Array.from({ length: bin_count + 1 }, (_, i) => (i === bin_count ? max : min + i * width))
  const counts = edges.slice(1).map(() => 0)
  let bin = 0
  for (const value of sorted) {
    while (bin < bin_count - 1 && value >= (edges[bin + 1] ?? Infinity)) bin++
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return { edges, counts }
}

function timesOf(sorted: Float64Array): NonNullable<ColumnProfile['times']> {
  const steps = new Float64Array(Math.max(0, sorted.length - 1))
  for (let i = 0; i < steps.length; i++) steps[i] = (sorted[i + 1] ?? 0) - (sorted[i] ?? 0)
  const moved = steps.filter((step) => step > 0).sort()
  const median = moved.length > 0 ? quantileOf(moved, 0.5) : null
  const gaps: { from: string; to: string; length_s: number }[] = []
  steps.forEach((step, i) => {
    if (median === null || step <= GAP_STEPS * median) return
    gaps.push({ from: instantOf(sorted[i] ?? 0), to: instantOf(sorted[i + 1] ?? 0), length_s: step / 1000 })
  })
  gaps.sort((a, b) => b.length_s - a.length_s)
  return {
    first: instantOf(sorted[0] ?? 0),
    last: instantOf(sorted.at(-1) ?? 0),
    step_median_s: median === null ? null : median / 1000,
    gaps: gaps.slice(0, GAPS_SHOWN),
  }
}

export interface Correlation {
  a: string
  b: string
  pearson: number
  row_count: number
}

/** Pearson's correlation of every pair of columns of numbers, over rows that have both; constant columns have none. */
export function correlationsOf({ columns, row_count }: Table): Correlation[] {
  const numeric = columns.flatMap(({ column, values }) =>
    values.type === 'number' || values.type === 'integer' || values.type === 'boolean'
      ? [{ name: column.name, values: values.values }]
      : [],
  )
  const found: Correlation[] = []
  for (const [i, a] of numeric.entries()) {
    for (const b of numeric.slice(i + 1)) {
      const pair = pearsonOf(a.values, b.values, row_count)
      if (pair) found.push({ a: a.name, b: b.name, ...pair })
    }
  }
  return found.sort((a, b) => Math.abs(b.pearson) - Math.abs(a.pearson))
}

function pearsonOf(a: Float64Array, b: Float64Array, rows: number): { pearson: number; row_count: number } | undefined {
  let [row_count, a_mean, b_mean, a_squares, b_squares, common] = [0, 0, 0, 0, 0, 0]
  for (let row = 0; row < rows; row++) {
    const x = a[row] ?? NaN
    const y = b[row] ?? NaN
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    row_count++
    const [dx, dy] = [x - a_mean, y - b_mean]
    a_mean += dx / row_count
    b_mean += dy / row_count
    a_squares += dx * (x - a_mean)
    b_squares += dy * (y - b_mean)
    common += dx * (y - b_mean)
  }
  const scale = Math.sqrt(a_squares) * Math.sqrt(b_squares)
  if (row_count < 3 || !(scale > 0)) return undefined
  return { pearson: Math.max(-1, Math.min(1, common / scale)), row_count }
}
