import { createHash } from 'node:crypto'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import type { Column, ColumnType } from '@tidemark/core/models/data-contract.ts'
import { MISSING_CODE, type ColumnValues } from '@tidemark/core/models/table.ts'

/**
 * Columns as bytes, one form for one content, so that equal columns have equal digests. All numbers are little-endian:
 * - number, integer, timestamp: 8 bytes a row (IEEE 754), the same NaN for every missing one;
 * - boolean: 1 byte a row: 0, 1, or 255 for a missing one;
 * - category: how many words; the length of each; their UTF-8; then 4 bytes a row;
 * - text: the length of each row's UTF-8, or 2^32 - 1; then their bytes.
 */
export function encodeColumn(values: ColumnValues): Uint8Array {
  if (values.type === 'text') return encodeWords(values.values)
  if (values.type === 'category') {
    const words = encodeWords(values.dictionary)
    const bytes = new Uint8Array(4 + words.length + values.codes.length * 4)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, values.dictionary.length, true)
    bytes.set(words, 4)
    values.codes.forEach((code, row) => view.setUint32(4 + words.length + row * 4, code, true))
    return bytes
  }
  if (values.type === 'boolean') return Uint8Array.from(values.values, (value) => (Number.isNaN(value) ? 255 : value))
  const bytes = new Uint8Array(values.values.length * 8)
  const view = new DataView(bytes.buffer)
  // Written through a view, a missing number is always the same NaN.
  values.values.forEach((value, row) => view.setFloat64(row * 8, Number.isNaN(value) ? Number.NaN : value, true))
  return bytes
}

function encodeWords(words: readonly (string | null)[]): Uint8Array {
  const encoder = new TextEncoder()
  let size = words.length * 4
  for (const word of words) size += word === null ? 0 : Buffer.byteLength(word)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = words.length * 4
  words.forEach((word, index) => {
    const written = word === null ? MISSING_CODE : encoder.encodeInto(word, bytes.subarray(at)).written
    view.setUint32(index * 4, written, true)
    at += word === null ? 0 : written
  })
  return bytes
}

/**
 * The cells of rows `from` to `to` again. The digest of the bytes was checked before, so bytes that are something else are
 * our mistake.
 */
export function decodeColumn(
  type: ColumnType,
  bytes: Uint8Array,
  row_count: number,
  { from = 0, to = row_count }: { from?: number; to?: number } = {},
): ColumnValues {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const rows = Math.max(0, Math.min(to, row_count) - from)
  if (type === 'text') return { type, values: decodeWords(bytes, row_count, from, from + rows).words }
  if (type === 'category') {
    const word_count = view.getUint32(0, true)
    const { words, end } = decodeWords(bytes.subarray(4), word_count, 0, word_count)
    const start = 4 + end
    invariant(bytes.length === start + row_count * 4, 'a column of categories has a code for each row')
    const dictionary = words.map((word) => word ?? '')
    const codes = new Uint32Array(rows)
    for (let row = 0; row < rows; row++) codes[row] = view.getUint32(start + (from + row) * 4, true)
    return { type, dictionary, codes }
  }
  const values = new Float64Array(rows)
  if (type === 'boolean') {
    invariant(bytes.length === row_count, 'a column of truth values has a byte for each row')
    for (let row = 0; row < rows; row++) values[row] = bytes[from + row] === 255 ? Number.NaN : (bytes[from + row] ?? 0)
    return { type, values }
  }
  invariant(bytes.length === row_count * 8, 'a column of numbers has eight bytes for each row')
  for (let row = 0; row < rows; row++) values[row] = view.getFloat64((from + row) * 8, true)
  return { type, values }
}

function decodeWords(
  bytes: Uint8Array,
  count: number,
  from: number,
  to: number,
): { words: (string | null)[]; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder()
  const words: (string | null)[] = []
  let at = count * 4
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(index * 4, true)
    if (index >= from && index < to) {
      words.push(length === MISSING_CODE ? null : decoder.decode(bytes.subarray(at, at + length)))
    }
    if (length !== MISSING_CODE) at += length
  }
  return { words, end: at }
}

export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Says whose file it is: nobody's cells lie in a file that another organisation's erasure would take along. */
function ownerLine(organisation_id: string): Uint8Array {
  return Buffer.from(`tidemark-column ${organisation_id}\n`)
}

export function asFile(organisation_id: string, bytes: Uint8Array): AsyncIterable<Uint8Array> & { length: number } {
  const line = ownerLine(organisation_id)
  const parts = (async function* () {
    yield line
    yield bytes
  })()
  return Object.assign(parts, { length: line.length + bytes.length })
}

export function fromFile(organisation_id: string, file: Uint8Array): Uint8Array {
  const line = ownerLine(organisation_id)
  invariant(Buffer.compare(file.subarray(0, line.length), line) === 0, 'a column is read by whom it belongs to')
  return file.subarray(line.length)
}

/** What a table is known by: its columns with the digests of their cells, in one way of writing. */
export function digestOf(row_count: number, columns: readonly { column: Column; sha256: string }[]): string {
  const described = columns.map(({ column: { name, type, unit, nullable, target }, sha256 }) => [
    name,
    type,
    unit ?? null,
    nullable,
    target,
    sha256,
  ])
  return sha256Of(JSON.stringify(['tidemark-table-1', row_count, described]))
}
