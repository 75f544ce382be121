import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { baseCarboneReader } from '@tidemark/core/factors/import/base-carbone.ts'
import { customReader } from '@tidemark/core/factors/import/custom.ts'
import { desnzReader } from '@tidemark/core/factors/import/desnz.ts'
import { findHubSheet, readEpaHub, type Cell, type Sheet } from '@tidemark/core/factors/import/epa-hub.ts'
import type { FactorReader, ImportResult } from '@tidemark/core/factors/import/report.ts'
import {
  editionFromFileName,
  sniffContainer,
  sniffHeader,
  unknown,
  type SniffedHeader,
} from '@tidemark/core/factors/import/sniff.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { CsvError, parse } from 'csv-parse'
import { readXlsx } from 'hucre/xlsx'
import { sha256 } from './rows.ts'
import { refuseTooMuchUnpacked } from './spreadsheet-size.ts'

export interface ReadFile extends ImportResult {
  dialect: { kind: string; encoding?: string; separator?: string; columns?: number }
}

export interface ReadOptions {
  filename?: string
  edition?: string
  /** Called now and then with how much of the file is read, from 0 to 1. */
  onProgress?: (share: number) => void
}

/**
 * Reads a factor file of any known form. Nothing is written. Text is decoded and taken apart piece by piece with pauses
 * for other requests; what cannot be divided is the last step, about half a second for the largest file there is.
 * @throws Problem `factors/unreadable-file`, `factors/unknown-dialect` or `factors/edition-unknown`.
 */
export async function readFactorFile(bytes: Uint8Array, options: ReadOptions = {}): Promise<ReadFile> {
  const container = sniffContainer(bytes)
  if (container.kind === 'xlsx')
    return { ...(await readWorkbook(bytes)), dialect: { kind: 'epa-hub', encoding: 'xlsx' } }
  const beginning = new TextDecoder(container.encoding).decode(bytes.subarray(0, 256 * 1024))
  const header = sniffHeader(beginning, container.encoding)
  const reader = readerOf(header, options)
  await readRows(bytes, container.encoding, header, reader, options.onProgress)
  const dialect = {
    kind: header.dialect,
    encoding: container.encoding,
    separator: header.separator,
    columns: header.columns.length,
  }
  return { ...reader.finish(), dialect }
}

function readerOf(header: SniffedHeader, options: ReadOptions): FactorReader {
  switch (header.dialect) {
    case 'base-carbone':
      return baseCarboneReader(header.columns, options.edition ?? baseCarboneEdition(options.filename))
    case 'desnz-flat':
      return desnzReader(header.columns)
    case 'custom':
      return customReader(header.columns, sha256)
  }
}

function baseCarboneEdition(filename: string | undefined): string {
  const edition = editionFromFileName(filename ?? '')
  if (edition) return edition
  throw new Problem('factors/edition-unknown', {
    detail:
      'Base Carbone does not say its version in the file, and the file name does not either. Say it as the edition, such as V23.6. Nothing was changed.',
    filename,
  })
}

const PIECE_BYTES = 256 * 1024

async function readRows(
  bytes: Uint8Array,
  encoding: string,
  header: SniffedHeader,
  reader: FactorReader,
  onProgress: ReadOptions['onProgress'],
): Promise<void> {
  const decoder = new TextDecoder(encoding)
  async function* pieces(): AsyncGenerator<string> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      yield decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true })
      onProgress?.(Math.min(1, (at + PIECE_BYTES) / bytes.length))
      await setImmediate()
    }
    yield decoder.decode()
  }
  const parser = parse({
    delimiter: header.separator,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    info: true,
    // A quote that is never closed would otherwise swallow the rest of the file as one cell.
    max_record_size: 1_000_000,
  })
  const source = Readable.from(pieces())
  source.on('error', (error) => parser.destroy(error))
  try {
    let is_header = true
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<{
      record: string[]
      info: { lines: number }
    }>) {
      if (is_header) is_header = false
      else reader.push(record, info.lines)
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw unreadableCsv(error)
  } finally {
    source.destroy()
  }
}

const csvReasons: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed: the file is cut short',
  CSV_MAX_RECORD_SIZE: 'one row is longer than a million characters: a quote is probably never closed',
  CSV_INVALID_CLOSING_QUOTE: 'a quoted cell goes on after its closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a cell that is not quoted',
}

function unreadableCsv(error: CsvError): Problem {
  const line = typeof error.lines === 'number' ? error.lines : 0
  const column = typeof error.column === 'number' ? error.column + 1 : undefined
  const where = column === undefined ? `line ${line}` : `line ${line}, column ${column}`
  const reason = csvReasons[error.code] ?? 'the text is not CSV'
  return new Problem('factors/unreadable-file', {
    detail: `${where}: ${reason}. Nothing was changed.`,
    faults: [
      { path: `/lines/${line}`, code: error.code.toLowerCase().replaceAll('_', '-'), message: `${where}: ${reason}.` },
    ],
  })
}

async function readWorkbook(bytes: Uint8Array): Promise<ImportResult> {
  const sheets = await readSheets(bytes)
  const hub = findHubSheet(sheets)
  if (hub) return readEpaHub(hub)
  throw unknown(
    `None of the sheets is one that is known: ${sheets
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 200)}.`,
    {
      encoding: 'xlsx',
      sheets: sheets.slice(0, 20).map(({ name, rows }) => ({ name: name.slice(0, 60), rows: rows.length })),
    },
  )
}

async function readSheets(bytes: Uint8Array): Promise<Sheet[]> {
  refuseTooMuchUnpacked(bytes)
  try {
    const workbook = await readXlsx(bytes)
    return workbook.sheets.map(({ name, rows }) => ({ name, rows: rows as Cell[][] }))
  } catch (error) {
    throw new Problem('factors/unreadable-file', {
      detail: `The spreadsheet cannot be opened: ${error instanceof Error ? error.message.slice(0, 200) : 'it is damaged'}. Nothing was changed.`,
    })
  }
}
