import { isUtf8 } from 'node:buffer'
import { parquetMetadataAsync, parquetRead, parquetSchema, type FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { COLUMNS_MAX, JSON_BYTES_MAX, ROWS_MAX } from '@tidemark/core/models/data-contract.ts'
import { missingWords, type Notation } from '@tidemark/core/models/table.ts'
import { readJsonBody } from '../platform/json-body.ts'
import { csvRecords, type CsvRecord } from './datasets-csv.ts'

export type Format = 'json' | 'csv' | 'ndjson' | 'parquet'

export interface SourceRow {
  cells: readonly unknown[]
  line: number
}

/** Rows as they came, whatever they came in. They can be gone through more than once: first for types, then for cells. */
export interface RowSource {
  format: Format
  names: readonly string[]
  notation: Notation
  /** Rows as lists in the order of `names`, many at a time. */
  batches(): AsyncIterable<readonly SourceRow[]> | Iterable<readonly SourceRow[]>
  /** Where a person finds a row: `line 17`. */
  placeOf(row: SourceRow): string
  /** Columns whose type the file itself says is a number with decimals. */
  decimals?: ReadonlySet<string>
}

function unreadable(detail: string): Problem {
  return new Problem('models/file-unreadable', { detail })
}

/** Finds out what a file is by its first bytes, and how to go through it. */
export async function readFile(bytes: Buffer, { decimal }: { decimal: 'point' | 'comma' }): Promise<RowSource> {
  if (bytes.length === 0) throw unreadable('The file is empty.')
  if (bytes.subarray(0, 4).toString('latin1') === 'PAR1') return readParquet(bytes)
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw unreadable('The file is packed with gzip. Unpack it first.')
  if (bytes.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') {
    throw unreadable('The file is a workbook or an archive. Save the sheet as CSV in UTF-8 first.')
  }
  if (!isUtf8(bytes))
    throw unreadable('The file is not UTF-8. Save it in that encoding: spreadsheets call it "CSV UTF-8".')
  const body = bytes[0] === 0xef ? bytes.subarray(3) : bytes
  const first = body.subarray(0, 4096).toString().trimStart()[0]
  if (first === '[') return readJson(body)
  return first === '{' ? readNdjson(body) : readCsv(body, decimal)
}

// --- Objects

/** Rows as objects; their names are all that occur, in the order of first appearance. */
export function objectRows(
  rows: readonly unknown[],
  format: Format,
  placeOf: (row: number) => string = (row) => `row ${row}`,
): RowSource {
  const names = new Map<string, number>()
  rows.forEach((row, index) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw unreadable(`${placeOf(index)} is not an object with a field for each column.`)
    for (const name of Object.keys(row)) if (!names.has(name)) names.set(name, names.size)
    if (names.size > COLUMNS_MAX) throw tooLarge(`More than ${COLUMNS_MAX} columns`)
  })
  const list = [...names.keys()]
  const cellsOf = (row: unknown) => {
    const fields = row as Record<string, unknown>
    return list.map((name) => (Object.hasOwn(fields, name) ? fields[name] : null))
  }
  return {
    format,
    names: list,
    notation: {},
    batches: () => inBatches(rows.length, (row) => cellsOf(rows[row])),
    placeOf: ({ line }) => placeOf(line),
  }
}

const BATCH_ROWS = 2000

function* inBatches(row_count: number, cellsOf: (row: number) => readonly unknown[]): Generator<SourceRow[]> {
  for (let from = 0; from < row_count; from += BATCH_ROWS) {
    const length = Math.min(BATCH_ROWS, row_count - from)
    yield Array.from({ length }, (_, index) => ({ cells: cellsOf(from + index), line: from + index }))
  }
}

/** Columns as lists of one length. */
export function columnRows(values: Readonly<Record<string, readonly unknown[]>>): RowSource {
  const lists = Object.values(values)
  const length = lists[0]?.length ?? 0
  const odd = Object.entries(values).find(([, list]) => list.length !== length)
  if (odd) {
    const detail = `The column ${odd[0]} has ${odd[1].length} values and the first one has ${length}.`
    const faults = [
      { path: `/values/${odd[0]}`, code: 'length', message: `has ${odd[1].length} values, not ${length}` },
    ]
    throw new Problem('models/cells-unfit', { detail, faults })
  }
  return {
    format: 'json',
    names: Object.keys(values),
    notation: {},
    batches: () => inBatches(length, (row) => lists.map((list) => list[row])),
    placeOf: ({ line }) => `row ${line}`,
  }
}

function readJson(bytes: Buffer): RowSource {
  if (bytes.length > JSON_BYTES_MAX) {
    throw tooLarge(`A JSON list of more than ${JSON_BYTES_MAX} bytes; write one row a line (NDJSON) or CSV`)
  }
  const rows = readJsonBody(bytes)
  if (!Array.isArray(rows)) throw unreadable('The JSON is not a list of rows.')
  return objectRows(rows, 'json')
}

function readNdjson(bytes: Buffer): RowSource {
  const rows: unknown[] = []
  const lines: number[] = []
  let line = 0
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from)
    const to = end === -1 ? bytes.length : end
    const text = bytes.subarray(from, to)
    line++
    from = to + 1
    if (text.length <= 1 && text.toString().trim() === '') continue
    try {
      rows.push(readJsonBody(text))
    } catch (error) {
      const why = error instanceof Problem ? error.message : 'It is not JSON.'
      throw unreadable(`Line ${line} is not one JSON object. ${why}`)
    }
    lines.push(line)
    if (rows.length > ROWS_MAX) throw tooLarge(`More than ${ROWS_MAX} rows`)
  }
  return objectRows(rows, 'ndjson', (row) => `line ${lines[row]}`)
}

// --- CSV

const DELIMITERS = [',', ';', '\t', '|'] as const

function readCsv(bytes: Buffer, decimal: 'point' | 'comma'): RowSource {
  const delimiter = delimiterOf(bytes)
  const head = firstRecord(bytes, delimiter)
  if (!head) throw unreadable('The file has no head line.')
  const names = head.cells.map((name) => name.trim())
  if (names.length > COLUMNS_MAX) throw tooLarge(`More than ${COLUMNS_MAX} columns`)
  const empty = names.indexOf('')
  if (empty !== -1) throw unreadable(`Column ${empty + 1} of the head line has no name.`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw unreadable(`The head line names ${twice} twice.`)
  return {
    format: 'csv',
    names,
    notation: { decimal, missing: missingWords },
    batches: () => dataRecords(bytes, delimiter, names.length),
    placeOf: ({ line }) => `line ${line}`,
  }
}

function firstRecord(bytes: Buffer, delimiter: string): CsvRecord | undefined {
  for (const [first] of csvRecords(bytes, delimiter)) if (first) return first
  return undefined
}

function* dataRecords(bytes: Buffer, delimiter: string, width: number): Generator<CsvRecord[]> {
  let is_head = true
  for (const records of csvRecords(bytes, delimiter)) {
    if (is_head && records.length > 0) {
      records.shift()
      is_head = false
    }
    const ragged = records.find(({ cells }) => cells.length !== width)
    if (ragged) {
      const { line, cells } = ragged
      throw unreadable(`The CSV cannot be read: line ${line} has ${cells.length} cells and the head line ${width}.`)
    }
    yield records
  }
}

/** What separates the names of the head line, outside of quotes. */
function delimiterOf(bytes: Buffer): string {
  const head =
    bytes
      .subarray(0, 65_536)
      .toString()
      .split(/\r?\n/)[0]
      ?.replaceAll(/"(?:[^"]|"")*"/g, '') ?? ''
  const count = (delimiter: string) => head.split(delimiter).length
  return [...DELIMITERS].sort((a, b) => count(b) - count(a))[0] ?? ','
}

// --- Parquet

const PARQUET_BYTES_MAX = 1024 * 1024 * 1024
const PARQUET_ROWS_AT_ONCE = 20_000

async function readParquet(bytes: Buffer): Promise<RowSource> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const metadata = await orUnreadable(() => parquetMetadataAsync({ ...asBuffer(file) }))
  const row_count = Number(metadata.num_rows)
  if (!(row_count >= 0 && row_count <= ROWS_MAX)) throw tooLarge(`More than ${ROWS_MAX} rows`)
  const unpacked = metadata.row_groups.reduce((sum, group) => sum + Number(group.total_byte_size ?? 0), 0)
  if (!(unpacked <= PARQUET_BYTES_MAX)) throw tooLarge(`More than ${PARQUET_BYTES_MAX} bytes when unpacked`)
  const leaves = await orUnreadable(async () => parquetSchema(metadata).children)
  const nested = leaves.find(({ children, element }) => children.length > 0 || element.repetition_type === 'REPEATED')
  if (nested)
    throw unreadable(`The column ${nested.element.name} holds lists or objects; only flat columns can be read.`)
  if (leaves.length > COLUMNS_MAX) throw tooLarge(`More than ${COLUMNS_MAX} columns`)
  const names = leaves.map(({ element }) => element.name)
  const decimals = leaves.filter(({ element }) => element.type === 'DOUBLE' || element.type === 'FLOAT')
  return {
    format: 'parquet',
    names,
    notation: {},
    decimals: new Set(decimals.map(({ element }) => element.name)),
    batches: () => parquetRows(file, metadata, row_count),
    placeOf: ({ line }) => `row ${line}`,
  }
}

async function* parquetRows(file: ArrayBuffer, metadata: FileMetaData, row_count: number): AsyncIterable<SourceRow[]> {
  for (let rowStart = 0; rowStart < row_count; rowStart += PARQUET_ROWS_AT_ONCE) {
    const rowEnd = Math.min(row_count, rowStart + PARQUET_ROWS_AT_ONCE)
    let rows: unknown[][] = []
    const onComplete = (read: unknown[][]) => {
      rows = read
    }
    await orUnreadable(() => parquetRead({ file: asBuffer(file), metadata, rowStart, rowEnd, compressors, onComplete }))
    if (rows.length !== rowEnd - rowStart) throw unreadable(`The file says it has ${row_count} rows and holds others.`)
    yield rows.map((cells, index) => ({ cells, line: rowStart + index }))
  }
}

function asBuffer(file: ArrayBuffer) {
  return { byteLength: file.byteLength, slice: (start: number, end?: number) => file.slice(start, end) }
}

/** What a parser trips over is the file's fault; only its words are passed on, not its state. */
async function orUnreadable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : 'unknown'
    throw unreadable(`The Parquet file cannot be read: ${why}.`)
  }
}

export function tooLarge(what: string): Problem {
  return new Problem('models/dataset-too-large', { detail: `${what} cannot be kept here.` })
}
