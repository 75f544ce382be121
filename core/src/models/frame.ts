import type { Fault } from '../lib/problem.ts'
import { Problem } from '../lib/problem.ts'

/**
 * A table with named columns, column by column: what models are trained on. Numbers, instants (milliseconds since 1970)
 * and truth values (0 and 1) are numbers with NaN where one is missing; everything else is text with null.
 */
export interface Frame {
  row_count: number
  columns: readonly FrameColumn[]
}

export type FrameColumn =
  | { name: string; type: 'number' | 'boolean' | 'time'; values: Float64Array }
  | { name: string; type: 'category'; values: readonly (string | null)[] }

/** One row as it comes over the wire: a field that is missing, or null, is unknown. */
export type Row = Readonly<Record<string, string | number | boolean | null | undefined>>

/** @throws {Problem} learn/data-unfit naming what there is. */
export function columnNamed(frame: Frame, name: string): FrameColumn {
  const column = frame.columns.find((each) => each.name === name)
  if (column) return column
  const known = frame.columns.map((each) => each.name)
  const fault: Fault = {
    path: `/${name}`,
    code: 'unknown-column',
    message: 'is no column of the data',
    expected: known,
  }
  throw new Problem('learn/data-unfit', { detail: `The data have no column "${name}".`, faults: [fault] })
}

/** The values of a column as numbers. @throws {Problem} learn/data-unfit for a column of words. */
export function numbersOf(frame: Frame, name: string): Float64Array {
  const column = columnNamed(frame, name)
  if (column.type !== 'category') return column.values
  const fault: Fault = { path: `/${name}`, code: 'not-a-number', message: 'holds words, and numbers are needed' }
  throw new Problem('learn/data-unfit', { detail: `The column "${name}" holds words, not numbers.`, faults: [fault] })
}

/** The values of a column as labels: numbers by how they are written, missing ones as an empty text. */
export function labelsOf(frame: Frame, name: string): string[] {
  const column = columnNamed(frame, name)
  return column.type === 'category'
    ? column.values.map((value) => value ?? '')
    : Array.from(column.values, (value) => (Number.isNaN(value) ? '' : String(value)))
}

/** The rows named, in that order. */
export function takeFrame(frame: Frame, rows: ArrayLike<number>): Frame {
  const at = Uint32Array.from(rows)
  const columns = frame.columns.map((column): FrameColumn => {
    const { name } = column
    if (column.type === 'category')
      return { name, type: 'category', values: Array.from(at, (row) => column.values[row] ?? null) }
    return { name, type: column.type, values: Float64Array.from(at, (row) => column.values[row] ?? NaN) }
  })
  return { row_count: at.length, columns }
}

/** One row of a frame as a record, for a reader or a check. */
export function rowAt(frame: Frame, row: number): Row {
  return Object.fromEntries(
    frame.columns.map((column) => {
      if (column.type === 'category') return [column.name, column.values[row] ?? null]
      const value = column.values[row] ?? NaN
      return [column.name, Number.isNaN(value) ? null : value]
    }),
  )
}
