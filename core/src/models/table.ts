import { invariant } from '../lib/invariant.ts'
import { Problem, shown, type Fault } from '../lib/problem.ts'
import type { Column, ColumnType } from './data-contract.ts'
import type { Frame } from './frame.ts'

/** Stands for a missing category; no dictionary is that long. */
export const MISSING_CODE = 0xffff_ffff
/** More different values than this are texts, not categories. */
export const CATEGORIES_MAX = 100_000
const FAULTS_MAX = 100
const CHUNK = 65_536

/** The cells of one column: numbers with NaN where one is missing (truth values are 0 and 1, instants milliseconds since 1970). */
export type ColumnValues =
  | { type: 'number' | 'integer' | 'boolean' | 'timestamp'; values: Float64Array }
  | { type: 'category'; dictionary: readonly string[]; codes: Uint32Array }
  | { type: 'text'; values: readonly (string | null)[] }

export interface Table {
  row_count: number
  columns: readonly { column: Column; values: ColumnValues }[]
}

/** How a cell was written where it came from. */
export interface Notation {
  /** What stands before the decimals of a number; a point unless said. */
  decimal?: 'point' | 'comma'
  /** Words that mean a missing value, beside the empty cell, in columns that hold no words. */
  missing?: ReadonlySet<string>
}

export type Cell = number | string | null

/** What CSV files write for a number that is not there. */
export const missingWords: ReadonlySet<string> = new Set(['NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '-'])

type Refusal = Pick<Fault, 'code' | 'message'>

/** A cell as its column wants it, or why it cannot be. Texts stay as they are; all else is read strictly. */
export function readCell(
  type: ColumnType,
  raw: unknown,
  { decimal = 'point', missing }: Notation = {},
): Cell | Refusal {
  if (raw === null || raw === undefined || raw === '') return null
  if (type === 'text' || type === 'category') return readWord(raw)
  if (typeof raw === 'string') {
    const text = raw.trim()
    if (text === '' || missing?.has(text)) return null
    return type === 'boolean'
      ? readTruth(text)
      : type === 'timestamp'
        ? readInstant(text)
        : readNumber(type, text, decimal)
  }
  if (type === 'boolean')
    return typeof raw === 'boolean' ? Number(raw) : refusal('not-a-truth-value', 'is not true or false')
  if (type === 'timestamp') {
    if (raw instanceof Date && Number.isFinite(raw.getTime())) return raw.getTime()
    return refusal('not-an-instant', 'is not a time like 2026-01-31T12:00:00Z')
  }
  if (typeof raw === 'bigint') return checkedNumber(type, Number(raw))
  return typeof raw === 'number' ? checkedNumber(type, raw) : refusal('not-a-number', 'is not a number')
}

function refusal(code: string, message: string): Refusal {
  return { code, message }
}

function readWord(raw: unknown): Cell | Refusal {
  const text =
    typeof raw === 'string' ? raw : ['number', 'boolean', 'bigint'].includes(typeof raw) ? String(raw) : undefined
  if (text === undefined) return raw instanceof Date ? raw.toISOString() : refusal('not-a-text', 'is not a text')
  // PostgreSQL and JSON consumers alike choke on it, and half a pair is no text at all.
  return /\0/.test(text) || !text.isWellFormed() ? refusal('broken-text', 'holds characters that no text has') : text
}

function readTruth(text: string): Cell | Refusal {
  const small = text.toLowerCase()
  if (small === 'true' || small === '1') return 1
  return small === 'false' || small === '0' ? 0 : refusal('not-a-truth-value', 'is not true or false, 1 or 0')
}

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}:?\d{2})?)?$/

function readInstant(text: string): Cell | Refusal {
  const match = INSTANT.exec(text)
  if (!match) return refusal('not-an-instant', 'is not a time like 2026-01-31T12:00:00Z')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const time = Date.UTC(year, month - 1, day, hour, minute, second, Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000))
  const read = new Date(time)
  // The 31st of February would roll over into March.
  const whole = read.getUTCMonth() === month - 1 && read.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (!whole) return refusal('not-an-instant', 'is a time that the calendar does not have')
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(match[8] ?? '') ?? []
  return time - (sign === undefined ? 0 : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000)
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/

function readNumber(type: ColumnType, text: string, decimal: 'point' | 'comma'): Cell | Refusal {
  const plain = decimal === 'comma' ? text.replace(',', '.') : text
  if (NUMBER.test(plain)) return checkedNumber(type, Number(plain))
  const hint = /^[+-]?\d+,\d+$/.test(text) ? '; say decimal=comma if that is what the comma means' : ''
  return refusal('not-a-number', `is not a number${hint}`)
}

function checkedNumber(type: ColumnType, value: number): Cell | Refusal {
  // A float column may say NaN where it has nothing.
  if (Number.isNaN(value)) return null
  if (!Number.isFinite(value)) return refusal('not-finite', 'is not a finite number')
  if (type === 'integer' && !Number.isSafeInteger(value))
    return refusal('not-an-integer', 'is not a whole number below 2^53')
  // -0 is 0: equal tables have equal digests.
  return value + 0
}

/** Takes rows cell by cell, keeps what fits in columns, and remembers what does not. */
export class TableBuilder {
  readonly faults: Fault[] = []
  fault_count = 0
  row_count = 0
  text_bytes = 0
  readonly #columns: readonly Column[]
  readonly #builders: readonly Builder[]
  readonly #notation: Notation

  constructor(columns: readonly Column[], notation: Notation = {}) {
    this.#columns = columns
    this.#builders = columns.map(({ type }) => builderOf(type))
    this.#notation = notation
  }

  /** @param place how a person finds the row where it came from: `line 17`. */
  add(cells: (column: number) => unknown, place?: () => string): void {
    const row = this.row_count++
    for (const [c, { name, type, nullable }] of this.#columns.entries()) {
      const raw = cells(c)
      const read = readCell(type, raw, this.#notation)
      if (typeof read === 'object' && read !== null) this.#fault(row, name, { ...read, value: shown(raw) }, place)
      else if (read === null && !nullable)
        this.#fault(
          row,
          name,
          { code: 'missing', message: 'is missing, and the column has a value in every row' },
          place,
        )
      else {
        if (typeof read === 'string') this.text_bytes += read.length
        this.#builders[c]?.push(read)
      }
    }
  }

  #fault(row: number, name: string, fault: Omit<Fault, 'path'>, place = () => `row ${row}`): void {
    this.fault_count++
    if (this.faults.length >= FAULTS_MAX) return
    this.faults.push({
      path: `/rows/${row}/${name}`,
      ...fault,
      message: `${place()}, column ${name}: ${fault.message}`,
    })
  }

  /** @throws {Problem} models/cells-unfit with up to a hundred faults and the count of all. */
  finish(): Table {
    for (const [c, { name }] of this.#columns.entries()) {
      const builder = this.#builders[c]
      if (builder && builder.different() > CATEGORIES_MAX) {
        this.fault_count++
        const message = `has more than ${CATEGORIES_MAX} different values; declare it as text`
        this.faults.push({ path: `/columns/${name}`, code: 'too-many-categories', message })
      }
    }
    if (this.fault_count > 0) {
      throw new Problem('models/cells-unfit', {
        detail: `${this.fault_count} of the cells do not fit their columns; nothing was stored. ${this.faults[0]?.message ?? ''}.`,
        faults: this.faults,
        faults_found: this.fault_count,
      })
    }
    const columns = this.#columns.map((column, c) => {
      const builder = this.#builders[c]
      invariant(builder, 'every column has its builder')
      return { column, values: builder.finish(column.type) }
    })
    return { row_count: this.row_count, columns }
  }
}

interface Builder {
  push(cell: Cell): void
  different(): number
  finish(type: ColumnType): ColumnValues
}

function builderOf(type: ColumnType): Builder {
  return type === 'text' ? textBuilder() : type === 'category' ? categoryBuilder() : numberBuilder()
}

function numberBuilder(): Builder {
  const grown = growing((length) => new Float64Array(length))
  return {
    push: (cell) => grown.push(typeof cell === 'number' ? cell : Number.NaN),
    different: () => 0,
    finish: (type) => {
      invariant(type !== 'text' && type !== 'category', 'words are built elsewhere')
      return { type, values: grown.finish() }
    },
  }
}

function categoryBuilder(): Builder {
  const codes = growing((length) => new Uint32Array(length))
  const known = new Map<string, number>()
  return {
    push: (cell) => {
      if (typeof cell !== 'string') return codes.push(MISSING_CODE)
      let code = known.get(cell)
      if (code === undefined) {
        code = known.size
        known.set(cell, code)
      }
      codes.push(code)
    },
    different: () => known.size,
    finish: () => {
      // In the order of their characters, so that the same cells give the same bytes in whatever order they came.
      const dictionary = [...known.keys()].sort()
      const places = new Map(dictionary.map((word, place) => [word, place]))
      const moved = Uint32Array.from(known.keys(), (word) => places.get(word) ?? MISSING_CODE)
      const first = codes.finish()
      return { type: 'category', dictionary, codes: first.map((code) => moved[code] ?? MISSING_CODE) }
    },
  }
}

function textBuilder(): Builder {
  const values: (string | null)[] = []
  return {
    push: (cell) => void values.push(typeof cell === 'string' ? cell : null),
    different: () => 0,
    finish: () => ({ type: 'text', values }),
  }
}

/** A typed array that grows by chunks: doubling would need three times the memory at the wrong moment. */
function growing<T extends Float64Array | Uint32Array>(make: (length: number) => T) {
  const full: T[] = []
  let last = make(CHUNK)
  let used = 0
  return {
    push(value: number): void {
      if (used === CHUNK) {
        full.push(last)
        last = make(CHUNK)
        used = 0
      }
      last[used++] = value
    },
    finish(): T {
      const all = make(full.length * CHUNK + used)
      full.forEach((chunk, index) => all.set(chunk, index * CHUNK))
      all.set(last.subarray(0, used), full.length * CHUNK)
      full.length = 0
      return all
    },
  }
}

/** One cell as it goes over the wire: numbers, words, truth values, instants as ISO 8601, and null. */
export function cellOf(values: ColumnValues, row: number): number | string | boolean | null {
  if (values.type === 'text') return values.values[row] ?? null
  if (values.type === 'category') return values.dictionary[values.codes[row] ?? MISSING_CODE] ?? null
  const value = values.values[row] ?? Number.NaN
  if (Number.isNaN(value)) return null
  if (values.type === 'boolean') return value === 1
  return values.type === 'timestamp' ? instantOf(value) : value
}

export function isMissing(values: ColumnValues, row: number): boolean {
  if (values.type === 'text') return values.values[row] === null
  return values.type === 'category' ? values.codes[row] === MISSING_CODE : Number.isNaN(values.values[row])
}

/** ISO 8601 of milliseconds since 1970. */
export function instantOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** The table as models take it: words of either kind are categories there. */
export function frameOf({ row_count, columns }: Table): Frame {
  return {
    row_count,
    columns: columns.map(({ column: { name }, values }) => {
      if (values.type === 'text') return { name, type: 'category', values: values.values }
      if (values.type === 'category') {
        return { name, type: 'category', values: Array.from(values.codes, (code) => values.dictionary[code] ?? null) }
      }
      const type = values.type === 'boolean' ? 'boolean' : values.type === 'timestamp' ? 'time' : 'number'
      return { name, type, values: values.values }
    }),
  }
}
