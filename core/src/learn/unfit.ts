import { Problem, type Fault } from '../lib/problem.ts'
import type { Matrix } from './matrix.ts'

const FAULTS_SHOWN = 20

/** Refuses data with every reason given; rows and columns are counted from 0. */
export function refuseUnfit(detail: string, faults: Fault[]): never {
  throw new Problem('learn/data-unfit', { detail, faults })
}

/**
 * Refuses a table that nothing can be learnt from: without rows or columns, with infinities, or, where `missing` is
 * `'refused'`, with NaN. Returns how many values are missing.
 */
export function demandNumbers(matrix: Matrix, missing: 'allowed' | 'refused'): number {
  const { values, row_count, column_count } = matrix
  if (row_count === 0 || column_count === 0)
    refuseUnfit(`A table of ${row_count} rows and ${column_count} columns has nothing in it.`, [
      { path: row_count === 0 ? '/rows' : '/columns', code: 'empty', message: 'At least one row and one column' },
    ])
  let missing_count = 0
  let infinite_count = 0
  for (const value of values) {
    // Only NaN and the infinities differ from themselves by something other than 0.
    if (value - value === 0) continue
    if (Number.isNaN(value)) missing_count++
    else infinite_count++
  }
  if (infinite_count > 0 || (missing === 'refused' && missing_count > 0)) {
    const also = missing === 'refused' ? ` and ${missing_count} missing` : ''
    refuseUnfit(`There are ${infinite_count} infinite${also} values.`, faultsOf(matrix, missing))
  }
  return missing_count
}

/** Refuses targets or weights that are not one finite number per row. */
export function demandPerRow(name: string, numbers: ArrayLike<number>, row_count: number): void {
  if (numbers.length !== row_count)
    refuseUnfit(`There are ${numbers.length} values of ${name} for ${row_count} rows.`, [
      { path: `/${name}`, code: 'length', message: 'One number per row', value: numbers.length, expected: row_count },
    ])
  const faults: Fault[] = []
  for (let row = 0; row < row_count && faults.length < FAULTS_SHOWN; row++) {
    const value = numbers[row]
    if (Number.isFinite(value)) continue
    faults.push({ path: `/${name}/${row}`, code: 'not-finite', message: 'A finite number', value: String(value) })
  }
  if (faults.length > 0) refuseUnfit(`Row ${faults[0]?.path.split('/')[2]} has no finite ${name}.`, faults)
}

/** Refuses a table whose columns are not those a model was fitted on. */
export function demandColumns(matrix: Matrix, expected: number): void {
  if (matrix.column_count === expected) return
  refuseUnfit(`The model knows ${expected} columns; this table has ${matrix.column_count}.`, [
    { path: '/columns', code: 'columns', message: 'As many columns', value: matrix.column_count, expected },
  ])
}

/** Refuses an option outside its range; `whole` asks for a whole number. */
export function demandOption(
  name: string,
  value: number,
  { least, most, whole = false }: { least: number; most: number; whole?: boolean },
): void {
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return
  const expected = `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`
  refuseUnfit(`The option ${name} is ${expected}.`, [
    { path: `/options/${name}`, code: 'option', message: `It is ${expected}`, value: String(value), expected },
  ])
}

/** Refuses more or fewer rows, columns or points than a learner can take. */
export function demandCount(name: string, count: number, { least, most }: { least: number; most: number }): void {
  if (count >= least && count <= most) return
  const expected = `from ${least} to ${most}`
  refuseUnfit(`There are ${count} ${name}; this takes ${expected}.`, [
    {
      path: `/${name.replaceAll(' ', '_')}`,
      code: 'count',
      message: `The number of ${name} is ${expected}`,
      value: count,
      expected,
    },
  ])
}

function faultsOf({ values, column_count }: Matrix, missing: 'allowed' | 'refused'): Fault[] {
  const faults: Fault[] = []
  for (let at = 0; at < values.length && faults.length < FAULTS_SHOWN; at++) {
    const value = values[at] ?? Number.NaN
    if (Number.isFinite(value) || (Number.isNaN(value) && missing === 'allowed')) continue
    const path = `/rows/${Math.floor(at / column_count)}/columns/${at % column_count}`
    faults.push({ path, code: 'not-finite', message: 'A finite number', value: String(value) })
  }
  return faults
}
