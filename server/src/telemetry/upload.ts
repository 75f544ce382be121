import { CsvError, parse } from 'csv-parse'
import type { Readable } from 'node:stream'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import type { BatchSummary, upload as uploadRoute, UploadSummary } from '@tidemark/core/telemetry/contract.ts'
import { readHeading, readingOfRow, separatorOf, type Heading } from '@tidemark/core/telemetry/csv.ts'
import type { Context } from '../platform/context.ts'
import type { FileInput } from '../platform/capability.ts'
import { takeBatch } from './ingest.ts'

/** So many rows are taken in together: what came before is kept when the rest does not come. */
const ROWS_EACH = 2_000
const ROWS_SHOWN_MAX = 1_000
const HEADING_CHARACTERS_MAX = 64 * 1024

interface Row {
  line: number
  cells: string[]
}

/** Takes a CSV file in as it arrives, piece by piece. */
export async function upload(
  ctx: Context,
  { file, ...options }: InputOf<typeof uploadRoute> & FileInput,
): Promise<OutputOf<typeof uploadRoute>> {
  const total = new Total(ctx.now())
  let heading: Heading | undefined
  let waiting: Row[] = []
  const takeIn = async () => {
    if (heading === undefined || waiting.length === 0) return
    const { columns, form } = heading
    const readings = waiting.map(({ cells }) => readingOfRow({ columns, form }, cells, options))
    const lines = waiting.map(({ line }) => line)
    waiting = []
    total.add(await takeBatch(ctx, readings, 'csv'), lines)
  }
  try {
    for await (const row of rowsOf(file)) {
      if (heading === undefined) {
        heading = headingOf(row)
        continue
      }
      waiting.push(row)
      if (waiting.length >= ROWS_EACH) await takeIn()
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    if (heading === undefined) throw notReadings(reasonOf(error), [])
    total.broken_off = { line: typeof error.lines === 'number' ? error.lines : 0, reason: reasonOf(error) }
  }
  if (heading === undefined) throw notReadings('The file is empty.', [])
  await takeIn()
  return total.summary(heading.form)
}

function headingOf({ cells }: Row): Heading {
  const heading = readHeading(cells)
  if ('faults' in heading) throw notReadings('Its first row does not name the columns that are needed.', heading.faults)
  return heading
}

function notReadings(detail: string, faults: Fault[]): Problem {
  return new Problem('telemetry/not-a-readings-file', { detail, faults: faults.slice(0, 100) })
}

async function* rowsOf(file: Readable): AsyncGenerator<Row> {
  const pieces = textOf(file)
  let head = ''
  while (!/[\r\n]/.test(head) && head.length < HEADING_CHARACTERS_MAX) {
    const { value, done } = await pieces.next()
    if (done) break
    head += value
  }
  const rows: Row[] = []
  let failure: Error | undefined
  const parser = parse({
    delimiter: separatorOf(head.split(/[\r\n]/)[0] ?? ''),
    relax_column_count: true,
    skip_empty_lines: true,
    // A quote that is never closed would otherwise swallow the rest of the file as one cell.
    max_record_size: 1_000_000,
    // Kept here rather than in the stream, which throws away what it holds when a later row cannot be read.
    on_record: (cells: string[], { lines }) => {
      rows.push({ line: lines, cells })
      return null
    },
  })
  parser.on('error', (error) => (failure = error)).resume()
  const write = (piece: string) => new Promise<void>((resolve) => void parser.write(piece, () => resolve()))
  await write(head)
  yield* rows.splice(0)
  for await (const piece of pieces) {
    if (failure) break
    await write(piece)
    yield* rows.splice(0)
  }
  if (!failure) await new Promise<void>((resolve) => void parser.once('close', resolve).end())
  yield* rows.splice(0)
  if (failure) throw failure
}

async function* textOf(file: Readable): AsyncGenerator<string, undefined> {
  // It leaves a byte order mark out.
  const decoder = new TextDecoder('utf-8')
  for await (const bytes of file as AsyncIterable<Buffer>) yield decoder.decode(bytes, { stream: true })
  yield decoder.decode()
  return undefined
}

const reasons: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'A quote is opened and never closed: the file is cut short.',
  CSV_MAX_RECORD_SIZE: 'One row is longer than a million characters: a quote is probably never closed.',
  CSV_INVALID_CLOSING_QUOTE: 'A quoted cell goes on after its closing quote.',
  INVALID_OPENING_QUOTE: 'A quote stands in the middle of a cell that is not quoted.',
}

function reasonOf({ code }: CsvError): string {
  return reasons[code] ?? 'The file is no CSV.'
}

const counted = ['received', 'stored_values', 'valid', 'suspect', 'invalid', 'duplicates', 'conflicts', 'refused', 'signed'] as const // oxfmt-ignore

/** What became of a file, added up from its pieces. */
class Total {
  readonly #counts = Object.fromEntries(counted.map((name) => [name, 0])) as Record<(typeof counted)[number], number>
  readonly #received_at: Date
  readonly #batch_ids: string[] = []
  readonly #rows: UploadSummary['rows'] = []
  broken_off: UploadSummary['broken_off'] = null

  constructor(received_at: Date) {
    this.#received_at = received_at
  }

  add(batch: BatchSummary, lines: readonly number[]): void {
    for (const name of counted) this.#counts[name] += batch[name]
    this.#batch_ids.push(batch.batch_id)
    for (const { index, faults, ...outcome } of batch.readings) {
      if (this.#rows.length >= ROWS_SHOWN_MAX) return
      const line = lines[index] ?? 0
      const here = faults.map((fault) => ({ ...fault, path: fault.path.replace(/^\/readings\/\d+/, `/lines/${line}`) }))
      this.#rows.push({ ...outcome, line, faults: here })
    }
  }

  summary(form: Heading['form']): UploadSummary {
    const received_at = this.#received_at.toISOString()
    const { broken_off } = this
    return { ...this.#counts, received_at, batch_ids: this.#batch_ids, form, rows: this.#rows, broken_off }
  }
}
