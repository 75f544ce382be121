import type { ColumnProfile, Expectation } from '@tidemark/core/models/data-contract.ts'

const every = { share_min: 1, severity: 'error' as const }
/** A column of so few words is a set of choices rather than a list of names. */
const SET_MAX = 20

/**
 * What a newer version of a table would be expected to keep, read off this one: columns that are complete stay so, numbers
 * of one sign keep it, a handful of words stays that handful. Ranges are left to who knows the thing that was measured.
 */
export function expectationsFrom(profiles: readonly ColumnProfile[], row_count: number): Expectation[] {
  const least: Expectation = { kind: 'row_count', min: Math.max(1, Math.floor(row_count / 2)), severity: 'error' }
  return [least, ...profiles.flatMap(ofColumn)].slice(0, 200)
}

function ofColumn({ column, missing_count, count, distinct_count, numbers, top }: ColumnProfile): Expectation[] {
  const about = { column: column.name, ...every }
  const found: Expectation[] = []
  if (count > 0 && missing_count === 0) found.push({ kind: 'not_null', ...about })
  if (numbers && numbers.min >= 0) found.push({ kind: 'range', ...about, min: 0 })
  // All of them are known only where the profile names as many as there are.
  if (column.type === 'category' && top && distinct_count <= SET_MAX && top.length === distinct_count && count > 0)
    found.push({ kind: 'set', ...about, values: top.map(({ value }) => value) })
  return found
}

/** Which columns an expectation is about, for a line that names it. */
export function columnsOf(expectation: Expectation): string {
  if (expectation.kind === 'unique') return expectation.columns.join(', ')
  if (expectation.kind === 'compare') return `${expectation.left} ${expectation.operator} ${expectation.right}`
  return 'column' in expectation ? expectation.column : ''
}

/** The figures of an expectation: `0 … 100`, `a, b`. */
export function figuresOf(expectation: Expectation): string {
  const { kind } = expectation
  if (kind === 'range' || kind === 'row_count') return `${expectation.min ?? '−∞'} … ${expectation.max ?? '∞'}`
  if (kind === 'set') {
    const shown = expectation.values.slice(0, 8).map(String).join(', ')
    return expectation.values.length > 8 ? `${shown} …` : shown
  }
  if (kind === 'type') return expectation.type
  if (kind === 'pattern') return expectation.pattern
  if (kind === 'freshness') return `≤ ${expectation.age_max_h} h`
  if (kind === 'refers_to') return `${expectation.dataset}.${expectation.dataset_column}`
  return ''
}
