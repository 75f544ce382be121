import { z } from 'zod'
import { matrixOver, type Matrix } from '../learn/matrix.ts'
import { Problem, shown, type Fault } from '../lib/problem.ts'
import { columnNamed, type Frame, type FrameColumn, type Row } from './frame.ts'

/**
 * How named fields become the numbers that a learner reads. Learnt from training rows alone and kept inside the artifact,
 * so that a row means the same to a model years later, whatever the data look like by then.
 */
export interface Encoding {
  kind: 'encoding'
  version: 1
  /** 'codes': one column a field, categories as whole numbers, for trees. 'dense': standardised, one column a category. */
  form: 'codes' | 'dense'
  fields: readonly Field[]
}

export type Field = NumberField | CategoryField

export interface NumberField {
  name: string
  kind: 'number'
  /** Of the training rows, to standardise with; a constant column has deviation 0. */
  mean: number
  deviation: number
  min: number
  max: number
  missing_share: number
}

export interface CategoryField {
  name: string
  kind: 'category'
  /** The most frequent first; what is not among them is unseen, and counts as missing. */
  categories: readonly string[]
  missing_share: number
}

/** More categories than this and the rest is one: `unseen`. */
export const CATEGORIES_MAX = 200
/** Fields of one model. */
export const FIELDS_MAX = 500

/** Learns the encoding of the fields named from the rows of a frame. */
export function fitEncoding(frame: Frame, names: readonly string[], form: Encoding['form']): Encoding {
  return { kind: 'encoding', version: 1, form, fields: names.map((name) => fieldOf(columnNamed(frame, name))) }
}

function fieldOf(column: FrameColumn): Field {
  return column.type === 'category'
    ? categoryField(column.name, column.values)
    : numberField(column.name, column.values)
}

function numberField(name: string, values: Float64Array): NumberField {
  let [count, sum, min, max] = [0, 0, Infinity, -Infinity]
  for (const value of values) {
    if (Number.isNaN(value)) continue
    count += 1
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  const mean = count > 0 ? sum / count : 0
  let squares = 0
  for (const value of values) if (!Number.isNaN(value)) squares += (value - mean) ** 2
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0
  const missing_share = values.length > 0 ? 1 - count / values.length : 0
  return { name, kind: 'number', mean, deviation, min: count > 0 ? min : 0, max: count > 0 ? max : 0, missing_share }
}

function categoryField(name: string, values: readonly (string | null)[]): CategoryField {
  const counts = new Map<string, number>()
  let missing = 0
  for (const value of values) {
    if (value === null) missing += 1
    else counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  // Ties by name, so that the order of rows does not matter.
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  const categories = sorted.slice(0, CATEGORIES_MAX).map(([category]) => category)
  return { name, kind: 'category', categories, missing_share: values.length > 0 ? missing / values.length : 0 }
}

/** The columns of the matrix, by the field that each comes from. */
export function columnsOf(encoding: Encoding): { name: string; field: number; category?: string }[] {
  return encoding.fields.flatMap((field, index): { name: string; field: number; category?: string }[] =>
    field.kind === 'number' || encoding.form === 'codes'
      ? [{ name: field.name, field: index }]
      : field.categories.map((category) => ({ name: `${field.name}=${category}`, field: index, category })),
  )
}

/** Which columns hold categories, for learners that split on sets of them. */
export function categoricalColumns(encoding: Encoding): { column: number; category_count: number }[] {
  if (encoding.form !== 'codes') return []
  return encoding.fields.flatMap((field, column) =>
    field.kind === 'category' ? [{ column, category_count: field.categories.length }] : [],
  )
}

/** Turns rows of a frame into numbers. */
export function encodeFrame(encoding: Encoding, frame: Frame): Matrix {
  const readers = encoding.fields.map((field) => frameReader(field, frame))
  return fill(encoding, frame.row_count, (row, field) => readers[field]?.(row) ?? NaN)
}

function frameReader(field: Field, frame: Frame): (row: number) => number {
  const column = frame.columns.find(({ name }) => name === field.name)
  if (!column) return () => NaN
  if (field.kind === 'number') {
    if (column.type !== 'category') return (row) => column.values[row] ?? NaN
    throw unfit(field.name, 'holds words now, and was a number when the model was trained')
  }
  const codes = codesOf(field)
  if (column.type !== 'category') return (row) => codes.get(String(column.values[row])) ?? NaN
  return (row) => codes.get(column.values[row] ?? '') ?? NaN
}

const dictionaries = new WeakMap<CategoryField, Map<string, number>>()

function codesOf(field: CategoryField): Map<string, number> {
  const known = dictionaries.get(field)
  if (known) return known
  const codes = new Map(field.categories.map((category, code) => [category, code]))
  dictionaries.set(field, codes)
  return codes
}

/**
 * Makes what turns rows, as they come over the wire, into numbers. A field that is missing or null is unknown, and so is a
 * category that was not there in training; a word where a number belongs, or a field that the model does not know, is
 * refused with `models/input-unfit` and every fault.
 * @param allowed fields that may come along unread.
 */
export function rowReader(encoding: Encoding, allowed: readonly string[] = []): (rows: readonly Row[]) => Matrix {
  const known = new Set([...encoding.fields.map(({ name }) => name), ...allowed])
  return (rows) => {
    const faults: Fault[] = []
    const say = (row: number, name: string, fault: Pick<Fault, 'code' | 'message' | 'value' | 'expected'>) => {
      if (faults.length < FAULTS_MAX) faults.push({ path: `/rows/${row}/${name}`, ...fault })
    }
    rows.forEach((row, index) => {
      for (const name in row)
        if (!known.has(name))
          say(index, name, { code: 'unknown-field', message: 'is no input of this model', expected: [...known] })
    })
    const matrix = fill(encoding, rows.length, (row, index) => {
      const field = encoding.fields[index]
      const value = field && rows[row]?.[field.name]
      if (value === undefined || value === null) return NaN
      if (field?.kind === 'category') return codesOf(field).get(String(value)) ?? NaN
      const number = typeof value === 'boolean' ? Number(value) : value
      if (typeof number === 'number' && Number.isFinite(number)) return number
      say(row, field?.name ?? '', { code: 'not-a-number', message: 'is not a finite number', value: shown(value) })
      return NaN
    })
    if (faults.length === 0) return matrix
    const [first] = faults
    throw new Problem('models/input-unfit', {
      detail: `The rows do not have the form of this model's inputs: ${first?.path ?? ''} ${first?.message ?? ''}.`,
      faults,
    })
  }
}

const FAULTS_MAX = 100

function fill(encoding: Encoding, row_count: number, valueOf: (row: number, field: number) => number): Matrix {
  const { form, fields } = encoding
  const column_count = form === 'codes' ? fields.length : columnsOf(encoding).length
  const values = new Float64Array(row_count * column_count)
  for (let row = 0; row < row_count; row++) {
    let at = row * column_count
    for (let index = 0; index < fields.length; index++) {
      const value = valueOf(row, index)
      const field = fields[index]
      if (!field) continue
      if (form === 'codes') values[at++] = value
      else if (field.kind === 'number') values[at++] = standardised(field, value)
      else {
        // A category that is unknown is none of them: all its columns stay 0.
        if (value < field.categories.length) values[at + value] = 1
        at += field.categories.length
      }
    }
  }
  return matrixOver(values, row_count, column_count)
}

/** A missing number is put at the mean, which is 0 here; a constant one says nothing. */
function standardised({ mean, deviation }: NumberField, value: number): number {
  return Number.isNaN(value) || deviation === 0 ? 0 : (value - mean) / deviation
}

/** How many values of a row were never seen in training, or lie outside what was: what an answer should say of itself. */
export function unusualFields(encoding: Encoding, row: Row): string[] {
  return encoding.fields.flatMap((field) => {
    const value = row[field.name]
    if (value === undefined || value === null) return []
    if (field.kind === 'category') return codesOf(field).has(String(value)) ? [] : [field.name]
    const number = Number(value)
    return number < field.min || number > field.max ? [field.name] : []
  })
}

const Finite = z.number()
const EncodingFile = z.strictObject({
  kind: z.literal('encoding'),
  version: z.literal(1),
  form: z.enum(['codes', 'dense']),
  fields: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({
          name: z.string().min(1).max(200),
          kind: z.literal('number'),
          mean: Finite,
          deviation: Finite.nonnegative(),
          min: Finite,
          max: Finite,
          missing_share: Finite.min(0).max(1),
        }),
        z.strictObject({
          name: z.string().min(1).max(200),
          kind: z.literal('category'),
          categories: z
            .array(z.string().max(1_000))
            .max(CATEGORIES_MAX)
            .refine((all) => new Set(all).size === all.length, 'a category stands here twice'),
          missing_share: Finite.min(0).max(1),
        }),
      ]),
    )
    .max(FIELDS_MAX)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a field stands here twice'),
})

/** @throws {Problem} learn/model-file-invalid with every fault. */
export function readEncoding(file: unknown): Encoding {
  const read = EncodingFile.safeParse(file)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, code, message }) => ({
    path: path.map((part) => `/${String(part)}`).join(''),
    code: code ?? 'invalid',
    message,
  }))
  throw new Problem('learn/model-file-invalid', { detail: 'The encoding of this model cannot be read.', faults })
}

function unfit(name: string, message: string): Problem {
  const faults = [{ path: `/${name}`, code: 'wrong-type', message }]
  return new Problem('learn/data-unfit', { detail: `The column "${name}" ${message}.`, faults })
}
