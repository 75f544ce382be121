import { Problem } from '../../lib/problem.ts'
import { headerKey } from './text.ts'

export type Dialect = 'base-carbone' | 'desnz-flat' | 'epa-hub' | 'custom'
export type Separator = ';' | ',' | '\t'

export type Container = { kind: 'xlsx' } | { kind: 'text'; encoding: 'utf-8' | 'windows-1252' }

/** What the dialects can be told by, for the message to somebody whose file is none of them. */
const knownDialects = [
  'Base Carbone CSV (columns "Type Ligne", "Identifiant de l\'élément", "Total poste non décomposé", …)',
  'DESNZ flat CSV (columns "ID", "Scope", "Level 1", "UOM", "GHG/Unit", "GHG Conversion Factor <year>")',
  'EPA GHG Emission Factors Hub XLSX (a sheet with "Table 1 … Stationary Combustion")',
  'your own CSV (columns "name", "value", "unit", "source")',
]

/**
 * Tells from the first bytes whether a file is a spreadsheet or text, and from all of them how its text is encoded.
 * ADEME's download is Windows-1252, its open-data export UTF-8: bytes that are valid UTF-8 are UTF-8.
 * @throws Problem `factors/unreadable-file` for an empty file, `factors/unknown-dialect` for other binary ones.
 */
export function sniffContainer(bytes: Uint8Array): Container {
  if (bytes.length === 0)
    throw new Problem('factors/unreadable-file', { detail: 'The file is empty. Nothing was changed.' })
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04) return { kind: 'xlsx' }
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (utf16) throw unknown('The file is UTF-16 text. Save it as UTF-8.', { encoding: 'utf-16' })
  // Text holds no control characters; a NUL nowhere, because no database keeps one.
  const nul = bytes.indexOf(0)
  const early = bytes
    .subarray(0, 4096)
    .findIndex((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
  const control = early >= 0 ? early : nul
  if (control >= 0) {
    throw unknown(
      `The file is binary (byte ${control + 1} is 0x${(bytes[control] ?? 0).toString(16).padStart(2, '0')}) and not an XLSX.`,
      {
        encoding: 'binary',
      },
    )
  }
  return { kind: 'text', encoding: isUtf8(bytes) ? 'utf-8' : 'windows-1252' }
}

/** Whether the bytes are well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF). */
export function isUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i] ?? 0
    if (lead < 0x80) {
      i += 1
      continue
    }
    const more =
      lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0
    if (more === 0 || i + more >= bytes.length) return false
    const second = bytes[i + 1] ?? 0
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < low || second > high) return false
    for (let n = 2; n <= more; n += 1) if (((bytes[i + n] ?? 0) & 0xc0) !== 0x80) return false
    i += more + 1
  }
  return true
}

export interface SniffedHeader {
  dialect: Exclude<Dialect, 'epa-hub'>
  separator: Separator
  columns: string[]
}

/**
 * Finds the separator and the dialect from the first record of a text file.
 * @throws Problem `factors/unknown-dialect`, listing the encoding, separator and columns that were seen.
 */
export function sniffHeader(text: string, encoding: string): SniffedHeader {
  const record = firstRecord(text.replace(/^\uFEFF/, ''))
  const separators = [';', ',', '\t'] as const
  const counted = separators.map((separator) => ({ separator, seen: splitRecord(record, separator).length - 1 }))
  const best = counted.reduce((a, b) => (b.seen > a.seen ? b : a))
  const columns = splitRecord(record, best.separator)
  const keys = new Set(columns.map(headerKey))
  const has = (...names: string[]): boolean => names.every((name) => keys.has(headerKey(name)))
  const seen = {
    encoding,
    separator: best.seen === 0 ? null : best.separator,
    column_count: columns.length,
    columns: columns.slice(0, 20).map((name) => name.slice(0, 60)),
  }
  if (best.seen === 0) {
    throw unknown(
      `The first line is one column, "${(columns[0] ?? '').slice(0, 60)}": no ; , or tab separates it.`,
      seen,
    )
  }
  if (has('Type Ligne', "Identifiant de l'élément"))
    return { dialect: 'base-carbone', separator: best.separator, columns }
  if (has('ID', 'UOM', 'GHG/Unit')) return { dialect: 'desnz-flat', separator: best.separator, columns }
  if (isCustomHeader(keys)) return { dialect: 'custom', separator: best.separator, columns }
  throw unknown(`None of the ${columns.length} columns tells what file this is: ${seen.columns.join(', ')}.`, seen)
}

/** Two of the three mandatory columns are enough to know a file of one's own; the reader says which is missing. */
function isCustomHeader(keys: ReadonlySet<string>): boolean {
  const any = (...names: string[]): number => (names.some((name) => keys.has(name)) ? 1 : 0)
  return any('value', 'valeur') + any('unit', 'unité', 'unite') + any('source') >= 2
}

/** The problem of a file that is none of the known ones, with what was seen and what would be right. */
export function unknown(detail: string, seen: Record<string, unknown>): Problem {
  return new Problem('factors/unknown-dialect', {
    detail: `${detail} Nothing was changed.`,
    seen,
    expected: knownDialects,
  })
}

/** Everything up to the first line break that is not inside quotes. */
function firstRecord(text: string): string {
  let quoted = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (char === '"') quoted = !quoted
    else if (!quoted && (char === '\n' || char === '\r')) return text.slice(0, i)
  }
  return text
}

/** One CSV record to its cells, RFC 4180 quotes. For headers only: whole files go through a real CSV reader. */
function splitRecord(record: string, separator: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < record.length; i += 1) {
    const char = record[i] ?? ''
    if (quoted && char === '"' && record[i + 1] === '"') {
      cell += '"'
      i += 1
    } else if (char === '"') quoted = !quoted
    else if (!quoted && char === separator) {
      cells.push(cell)
      cell = ''
    } else cell += char
  }
  return [...cells, cell]
}

/**
 * Base Carbone does not say in the file which version it is; its file name does: `Base_Carbone_V23.6.csv`,
 * `basecarbone-v17-fr.csv`. Undefined when the name does not either.
 */
export function editionFromFileName(name: string): string | undefined {
  const match = /(?:^|[^a-z])v(\d{1,2}(?:\.\d{1,2})?)(?![\d])/iu.exec(name)
  return match ? `V${match[1]}` : undefined
}

/** Orders editions of one dataset from old to new: numbers by value, so V9 comes before V17 and 2024 before 2025. */
export function compareEditions(a: string, b: string): number {
  const parts = (edition: string): number[] => (edition.match(/\d+/g) ?? []).map(Number)
  const left = parts(a)
  const right = parts(b)
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const step = (left[i] ?? -1) - (right[i] ?? -1)
    if (step !== 0) return step
  }
  return a < b ? -1 : a > b ? 1 : 0
}
