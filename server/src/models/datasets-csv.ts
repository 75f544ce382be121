import { Problem } from '@tidemark/core/lib/problem.ts'

/** A record, and the line of the file that it begins on, counted from 1. */
export interface CsvRecord {
  cells: string[]
  line: number
}

const PIECE_BYTES = 1024 * 1024
const CELL_LENGTH_MAX = 1_000_000

function unreadable(line: number, what: string): Problem {
  return new Problem('models/file-unreadable', { detail: `The CSV cannot be read: line ${line} ${what}.` })
}

/**
 * Records of a CSV file as RFC 4180 has them, a piece of the file at a time: cells may be quoted, quotes inside are doubled,
 * lines end in LF, CRLF or CR, and empty lines are passed over. Lines without quotes, nearly all of them, are cut by the
 * runtime; only the others are gone through letter by letter.
 * @throws Problem `models/file-unreadable` with the line.
 */
export function* csvRecords(bytes: Buffer, delimiter: string): Generator<CsvRecord[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let line = 1
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const is_last = from + PIECE_BYTES >= bytes.length
    const text = rest + decoder.decode(bytes.subarray(from, from + PIECE_BYTES), { stream: !is_last })
    const read = recordsIn(text, delimiter, line, is_last)
    yield read.records
    line = read.line
    rest = text.slice(read.end)
    if (rest.length > PIECE_BYTES + CELL_LENGTH_MAX)
      throw unreadable(line, `goes on for more than ${CELL_LENGTH_MAX} characters`)
  }
}

interface Read {
  records: CsvRecord[]
  /** Where the text begins that holds no whole record. */
  end: number
  line: number
}

function recordsIn(text: string, delimiter: string, first_line: number, is_last: boolean): Read {
  const records: CsvRecord[] = []
  const breaks = text.includes('\r') ? /\r\n?|\n/g : /\n/g
  let line = first_line
  let at = 0
  while (at < text.length) {
    breaks.lastIndex = at
    const found = breaks.exec(text)
    // A CR at the end of a piece may be half of a CRLF.
    if (!is_last && (found === null || (found[0] === '\r' && found.index === text.length - 1))) break
    const end = found?.index ?? text.length
    const content = text.slice(at, end)
    if (!content.includes('"')) {
      if (content !== '') records.push({ cells: content.split(delimiter), line })
      at = end + (found?.[0].length ?? 0)
      line++
      continue
    }
    const quoted = quotedRecord(text, at, delimiter, line)
    if (quoted === undefined) {
      if (is_last) throw unreadable(line, 'opens a quote that is never closed')
      break
    }
    if (!is_last && quoted.end >= text.length - 1) break
    records.push({ cells: quoted.cells, line })
    at = quoted.end
    line += quoted.lines
  }
  return { records, end: at, line }
}

/** One record letter by letter; undefined when the text ends within quotes. */
function quotedRecord(
  text: string,
  start: number,
  delimiter: string,
  line: number,
): { cells: string[]; end: number; lines: number } | undefined {
  const cells: string[] = []
  let lines = 1
  for (let at = start; ;) {
    let cell = ''
    if (text[at] === '"') {
      at++
      for (;;) {
        const close = text.indexOf('"', at)
        if (close === -1) return undefined
        cell += text.slice(at, close)
        at = close + 1
        if (text[at] !== '"') break
        cell += '"'
        at++
      }
      lines += cell.split(/\r\n?|\n/).length - 1
    } else {
      const begin = at
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') {
        if (text[at] === '"')
          throw unreadable(line, 'has a quote in the middle of a cell; quote the whole cell and double it')
        at++
      }
      cell = text.slice(begin, at)
    }
    if (cell.length > CELL_LENGTH_MAX) throw unreadable(line, `has a cell of more than ${CELL_LENGTH_MAX} characters`)
    cells.push(cell)
    if (text[at] === delimiter) at++
    else if (at >= text.length) return { cells, end: at, lines }
    else if (text[at] === '\r' && text[at + 1] === '\n') return { cells, end: at + 2, lines }
    else if (text[at] === '\n' || text[at] === '\r') return { cells, end: at + 1, lines }
    else throw unreadable(line, 'goes on after a closing quote')
  }
}
