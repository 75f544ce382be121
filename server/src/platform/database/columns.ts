import { sql, type RawBuilder } from 'kysely'
import { invariant } from '@tidemark/core/lib/invariant.ts'

/**
 * Many rows in one statement, as columns of numbers: `insert … select ${columnOf(…)}, ${columnOf(…)}`. PostgreSQL takes
 * them as it keeps them, without a digit being written or read; the embedded driver takes text.
 *
 * Each is a set-returning expression for a list of select expressions, where all of one length advance together.
 */
export type ColumnType = 'float8' | 'int4' | 'int2' | 'timestamptz'

/** Ids of the types of elements, their sizes in bytes. */
const elements = { float8: [701, 8], int4: [23, 4], int2: [21, 2], timestamptz: [1184, 8] } as const
/** PostgreSQL counts time from 2000-01-01. */
const EPOCH_MS = 946_684_800_000

/** @param numbers one for each row; an instant is in milliseconds since 1970. */
export function columnOf(
  kind: 'embedded' | 'postgres',
  type: ColumnType,
  numbers: readonly (number | null)[],
): RawBuilder<unknown> {
  if (kind === 'postgres') return sql`unnest(${binaryArray(type, numbers)}::${sql.raw(type)}[])`
  const text = `{${numbers.map((number) => number ?? 'null').join(',')}}`
  if (type === 'timestamptz') return sql`to_timestamp(unnest(${text}::text::float8[]) / 1000)`
  return sql`unnest(${text}::text::${sql.raw(type)}[])`
}

/**
 * A column that is often the same in every row, such as a verdict: then the one number goes, and stands in each. At least one
 * column beside it must be a `columnOf`, which says how many rows there are.
 */
export function columnOrOne(
  kind: 'embedded' | 'postgres',
  type: ColumnType,
  numbers: readonly number[],
): RawBuilder<unknown> {
  const [first] = numbers
  const is_one = first !== undefined && numbers.every((number) => number === first)
  return is_one ? sql`${String(first)}::text::${sql.raw(type)}` : columnOf(kind, type, numbers)
}

/** A list in the form in which PostgreSQL sends and receives it (`array_recv`): a head, and each element behind its length. */
export function binaryArray(type: ColumnType, numbers: readonly (number | null)[]): Buffer {
  const [oid, size] = elements[type]
  const bytes = Buffer.allocUnsafe(20 + numbers.length * (4 + size))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 20
  let has_null = 0
  for (const number of numbers) {
    if (number === null) {
      has_null = 1
      view.setInt32(at, -1)
      at += 4
      continue
    }
    view.setInt32(at, size)
    if (type === 'float8') view.setFloat64(at + 4, number)
    else if (type === 'int4') view.setInt32(at + 4, wholeOf(number, 32))
    else if (type === 'int2') view.setInt16(at + 4, wholeOf(number, 16))
    else writeInstant(view, at + 4, number)
    at += 4 + size
  }
  view.setInt32(0, 1)
  view.setInt32(4, has_null)
  view.setInt32(8, oid)
  view.setInt32(12, numbers.length)
  view.setInt32(16, 1)
  return at === bytes.length ? bytes : bytes.subarray(0, at)
}

function wholeOf(number: number, bits: 16 | 32): number {
  const shift = 32 - bits
  invariant((number << shift) >> shift === number, `a column of whole numbers of ${bits} bits holds no others`)
  return number
}

/** Microseconds since 2000, in two halves: a bigint for each would cost more than the rest. */
function writeInstant(view: DataView, at: number, instant_ms: number): void {
  const micros = Math.round((instant_ms - EPOCH_MS) * 1000)
  invariant(Number.isSafeInteger(micros), 'an instant is within what a database can hold')
  view.setInt32(at, Math.floor(micros / 4_294_967_296))
  view.setUint32(at + 4, micros >>> 0)
}
