import { readFile, statfs } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, type Results } from '@electric-sql/pglite'
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { unaccent } from '@electric-sql/pglite/contrib/unaccent'
import type { Answer, Question, WorkerOptions } from './embedded.ts'
import { embeddedParsers } from './values.ts'

/**
 * The thread in which the embedded database lives. PostgreSQL compiled to WebAssembly blocks the event loop it runs on,
 * and spins for ever when the disk is full at the wrong moment; in a thread of its own it can do neither to the server.
 */
const options = workerData as WorkerOptions
const port = parentPort
if (!port) throw new Error('The embedded database runs in a worker thread only.')

const beat = new Int32Array(options.beat)
setInterval(() => Atomics.add(beat, 0, 1), 200).unref()

const SPACE_CHECK_MS = 250
let space_checked_at_ms = 0
let read_only = false
let in_transaction = false

const database = await PGlite.create({
  ...(options.directory ? { dataDir: options.directory } : {}),
  ...(options.snapshot_file ? { loadDataDir: new Blob([await readFile(options.snapshot_file)]) } : {}),
  extensions: { pg_trgm, unaccent, btree_gist },
  parsers: embeddedParsers,
})
port.on('message', (question: Question) => void answer(question))
port.postMessage({ id: 0, ok: true } satisfies Answer)

async function answer(question: Question): Promise<void> {
  try {
    port?.postMessage({ id: question.id, ok: true, ...(await carryOut(question)) } satisfies Answer)
  } catch (error) {
    port?.postMessage({ id: question.id, ok: false, error: portable(error) } satisfies Answer)
  }
}

async function carryOut(question: Question) {
  switch (question.kind) {
    case 'query':
      await keepSpace()
      noteTransaction(question.sql)
      return { result: await query(question.sql, question.parameters) }
    case 'dump': {
      const dump = await database.dumpDataDir('none')
      return { bytes: new Uint8Array(await dump.arrayBuffer()) }
    }
    case 'close':
      await database.close()
      return {}
  }
}

async function query(sql: string, parameters: readonly unknown[]) {
  // Without parameters several statements may come at once, as PostgreSQL's simple protocol allows: migrations do that.
  const results: Results[] =
    parameters.length === 0 ? await database.exec(sql) : [await database.query(sql, [...parameters])]
  const last = results.at(-1)
  return { rows: last?.rows ?? [], command: last?.command ?? '', row_count: last?.affectedRows ?? 0 }
}

/**
 * Below the floor every transaction is made read-only by PostgreSQL itself, the running one included, so that no list
 * of "writing statements" can be incomplete. The database would hang on a disk that is really full.
 */
async function keepSpace(): Promise<void> {
  if (!options.directory || Date.now() - space_checked_at_ms < SPACE_CHECK_MS) return
  space_checked_at_ms = Date.now()
  const disk = await statfs(options.directory)
  const scarce = disk.bavail * disk.bsize < options.free_bytes_min
  if (in_transaction) {
    // A setting made inside a transaction would vanish with its rollback, so here only the transaction itself is stopped.
    if (scarce) await database.exec('set transaction_read_only = on').catch(() => undefined)
    space_checked_at_ms = 0
  } else if (scarce !== read_only) {
    await database.exec(`set default_transaction_read_only = ${scarce ? 'on' : 'off'}`)
    read_only = scarce
  }
}

/** Transactions are begun and ended by the query builder alone, in these words; `rollback to` a savepoint ends nothing. */
function noteTransaction(sql: string): void {
  if (/^(begin|start transaction)\b/i.test(sql)) in_transaction = true
  else if (/^(commit|rollback)$/i.test(sql)) in_transaction = false
}

/** Errors lose their fields on the way between threads, so they are carried as plain data. */
function portable(error: unknown): { message: string; fields: Record<string, unknown> } {
  if (!(error instanceof Error)) return { message: String(error), fields: {} }
  const fields = Object.entries(error).filter(([, value]) => typeof value === 'string' || typeof value === 'number')
  return { message: error.message, fields: Object.fromEntries(fields) }
}
