import { Problem } from '../lib/problem.ts'
import type { Expectation, ExpectationResult } from './data-contract.ts'
import { readPattern } from './pattern.ts'
import { cellOf, instantOf, isMissing, readCell, type ColumnValues, type Table } from './table.ts'

export interface CheckOptions {
  /** Milliseconds since 1970. */
  now: number
  /** Rows shown that do not comply; 20. */
  failing_max?: number
  /** What `refers_to` may refer to: the values of the other column, as words. */
  referred?: ReadonlySet<string>
}

/** Which columns of the table an expectation reads, in the order in which they are shown. */
export function columnsOfExpectation(expectation: Expectation): string[] {
  if (expectation.kind === 'unique') return expectation.columns
  if (expectation.kind === 'compare') return [expectation.left, expectation.right]
  return expectation.kind === 'row_count' ? [] : [expectation.column]
}

/**
 * Holds one expectation against a table that has at least the columns it reads. A missing cell complies with everything but
 * `not_null`: that it may be missing is an expectation of its own.
 * @throws {Problem} models/unknown-column, and models/pattern-unfit for a pattern that cannot be used.
 */
export function checkExpectation(table: Table, expectation: Expectation, options: CheckOptions): ExpectationResult {
  const columns = columnsOfExpectation(expectation).map((name) => valuesOf(table, name))
  const judged = judgeOf(table, expectation, columns, options)
  if ('outcome' in judged)
    return { expectation, rows_checked: table.row_count, rows_failing: 0, share_passing: null, failing: [], ...judged }
  return countFailing(table, expectation, columns, judged, options.failing_max ?? 20)
}

function valuesOf({ columns }: Table, name: string): ColumnValues {
  const found = columns.find(({ column }) => column.name === name)
  if (found) return found.values
  throw new Problem('models/unknown-column', {
    detail: `There is no column "${name}".`,
    columns: columns.map(({ column }) => column.name),
  })
}

/** Tells of one row whether it complies; undefined when the expectation has nothing to say about it. */
interface RowJudge {
  complies: (row: number) => boolean | undefined
  /** What is expected, for the sentence of the report. */
  wants: string
}
type Judged = RowJudge | Pick<ExpectationResult, 'outcome' | 'says'>

function judgeOf(
  table: Table,
  expectation: Expectation,
  columns: readonly ColumnValues[],
  options: CheckOptions,
): Judged {
  const [first, second] = columns
  if (expectation.kind === 'row_count') return judgeRowCount(table, expectation)
  if (!first) return { outcome: 'not_assessable', says: 'It names no column.' }
  const unlessMissing = (complies: (row: number) => boolean, wants: string): RowJudge => ({
    complies: (row) => (isMissing(first, row) ? undefined : complies(row)),
    wants,
  })
  switch (expectation.kind) {
    case 'not_null':
      return { complies: (row) => !isMissing(first, row), wants: `${expectation.column} is there` }
    case 'type': {
      const reads = (row: number) => {
        const read = readCell(expectation.type, wordOf(first, row))
        return read === null || typeof read !== 'object'
      }
      return unlessMissing(
        first.type === expectation.type ? () => true : reads,
        `${expectation.column} is of type ${expectation.type}`,
      )
    }
    case 'range':
      return judgeRange(first, expectation, unlessMissing)
    case 'set': {
      const allowed = new Set(expectation.values.map(String))
      const sample = expectation.values.slice(0, 5).join(', ')
      return unlessMissing(
        (row) => allowed.has(wordOf(first, row)),
        `${expectation.column} is one of ${sample}${allowed.size > 5 ? ', …' : ''}`,
      )
    }
    case 'pattern': {
      const pattern = readPattern(expectation.pattern)
      return unlessMissing(
        (row) => pattern.matches(wordOf(first, row)),
        `${expectation.column} has the form ${expectation.pattern}`,
      )
    }
    case 'refers_to': {
      const { referred } = options
      const there = `${expectation.dataset_column} of ${expectation.dataset}`
      if (!referred) return { outcome: 'not_assessable', says: `There is no ${there}.` }
      return unlessMissing((row) => referred.has(wordOf(first, row)), `${expectation.column} occurs in ${there}`)
    }
    case 'unique':
      return judgeUnique(table, expectation, columns)
    case 'freshness':
      return judgeFreshness(first, expectation, options.now)
    case 'compare':
      return second
        ? judgeCompare(expectation, first, second)
        : { outcome: 'not_assessable', says: 'It names one column only.' }
  }
}

/** A cell as a word: what sets, patterns and references compare. */
function wordOf(values: ColumnValues, row: number): string {
  return String(cellOf(values, row))
}

function judgeRowCount({ row_count }: Table, { min, max }: Extract<Expectation, { kind: 'row_count' }>): Judged {
  const passed = row_count >= (min ?? 0) && row_count <= (max ?? Infinity)
  const wanted = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`]
    .filter(Boolean)
    .join(' and ')
  return {
    outcome: passed ? 'passed' : 'failed',
    says: `There are ${row_count} rows; wanted ${wanted || 'any number'}.`,
  }
}

function judgeRange(
  values: ColumnValues,
  { column, min, max }: Extract<Expectation, { kind: 'range' }>,
  unlessMissing: (complies: (row: number) => boolean, wants: string) => RowJudge,
): Judged {
  if (values.type === 'text' || values.type === 'category')
    return { outcome: 'not_assessable', says: `${column} holds words, which have no range.` }
  const boundOf = (bound: number | string | undefined, otherwise: number) =>
    bound === undefined ? otherwise : typeof bound === 'number' ? bound : Date.parse(bound)
  if (values.type === 'timestamp' && [min, max].some((bound) => typeof bound === 'number')) {
    return { outcome: 'not_assessable', says: `${column} holds times; write its bounds as times.` }
  }
  if (values.type !== 'timestamp' && [min, max].some((bound) => typeof bound === 'string')) {
    return { outcome: 'not_assessable', says: `${column} holds numbers; write its bounds as numbers.` }
  }
  const [low, high] = [boundOf(min, -Infinity), boundOf(max, Infinity)]
  const within = (row: number) => (values.values[row] ?? NaN) >= low && (values.values[row] ?? NaN) <= high
  return unlessMissing(within, `${column} lies from ${min ?? 'anywhere'} to ${max ?? 'anywhere'}`)
}

function judgeUnique(
  table: Table,
  { columns: names }: Extract<Expectation, { kind: 'unique' }>,
  columns: readonly ColumnValues[],
): RowJudge {
  const keyOf = (row: number) =>
    columns.length === 1 && columns[0]
      ? cellOf(columns[0], row)
      : JSON.stringify(columns.map((values) => cellOf(values, row)))
  const seen = new Set<unknown>()
  const again = new Uint8Array(table.row_count)
  for (let row = 0; row < table.row_count; row++) {
    const key = keyOf(row)
    if (seen.has(key)) again[row] = 1
    else seen.add(key)
  }
  // A row in which all of them are missing repeats nothing.
  const complies = (row: number) => (columns.every((values) => isMissing(values, row)) ? undefined : again[row] === 0)
  return { complies, wants: `${names.join(' with ')} does not repeat` }
}

function judgeFreshness(
  values: ColumnValues,
  { column, age_max_h }: Extract<Expectation, { kind: 'freshness' }>,
  now: number,
): Judged {
  if (values.type !== 'timestamp') return { outcome: 'not_assessable', says: `${column} holds no times.` }
  const newest = values.values.reduce((latest, time) => (time > latest ? time : latest), -Infinity)
  if (newest === -Infinity) return { outcome: 'not_assessable', says: `${column} holds no time at all.` }
  const age_h = (now - newest) / 3_600_000
  const says = `The newest is from ${instantOf(newest)}, ${Math.round(age_h * 10) / 10} hours ago; wanted at most ${age_max_h}.`
  return { outcome: age_h <= age_max_h ? 'passed' : 'failed', says }
}

const comparisons: Record<string, (a: number | string, b: number | string) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
}

function judgeCompare(
  { left, operator, right }: Extract<Expectation, { kind: 'compare' }>,
  a: ColumnValues,
  b: ColumnValues,
): Judged {
  const kindOf = ({ type }: ColumnValues) =>
    type === 'text' || type === 'category' ? 'words' : type === 'timestamp' ? 'times' : 'numbers'
  if (kindOf(a) !== kindOf(b)) {
    return { outcome: 'not_assessable', says: `${left} holds ${kindOf(a)} and ${right} holds ${kindOf(b)}.` }
  }
  const raw = (values: ColumnValues, row: number) =>
    values.type === 'text' || values.type === 'category' ? wordOf(values, row) : (values.values[row] ?? NaN)
  const compare = comparisons[operator]
  const complies = (row: number) =>
    isMissing(a, row) || isMissing(b, row) ? undefined : compare?.(raw(a, row), raw(b, row))
  return { complies, wants: `${left} ${operator} ${right}` }
}

function countFailing(
  table: Table,
  expectation: Expectation,
  columns: readonly ColumnValues[],
  { complies, wants }: RowJudge,
  failing_max: number,
): ExpectationResult {
  const names = columnsOfExpectation(expectation)
  const failing: ExpectationResult['failing'] = []
  let rows_checked = 0
  let rows_failing = 0
  for (let row = 0; row < table.row_count; row++) {
    const fits = complies(row)
    if (fits === undefined) continue
    rows_checked++
    if (fits) continue
    rows_failing++
    if (failing.length >= failing_max) continue
    failing.push({
      row,
      values: Object.fromEntries(
        names.map((name, c) => [name, columns[c] ? shortened(cellOf(columns[c], row)) : null]),
      ),
    })
  }
  const share_passing = rows_checked > 0 ? 1 - rows_failing / rows_checked : null
  const share_min = 'share_min' in expectation ? expectation.share_min : 1
  const outcome = rows_checked === 0 ? 'not_assessable' : (share_passing ?? 0) >= share_min ? 'passed' : 'failed'
  const says =
    rows_checked === 0
      ? `No row could be checked: wanted that ${wants}.`
      : `${rows_failing} of ${rows_checked} rows do not comply; wanted that ${wants}${share_min < 1 ? ` in ${share_min * 100} % of the rows` : ''}.`
  return { expectation, outcome, says, rows_checked, rows_failing, share_passing, failing }
}

function shortened(cell: number | string | boolean | null): number | string | boolean | null {
  return typeof cell === 'string' && cell.length > 200 ? `${cell.slice(0, 199)}…` : cell
}

/** Whether a report passes: a table without rows, or an expectation that could not be assessed, is no reason to. */
export function reportPasses(results: readonly ExpectationResult[]): boolean {
  return results.every(({ outcome, expectation }) => outcome === 'passed' || expectation.severity === 'warning')
}
