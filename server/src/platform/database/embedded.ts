import { Worker } from 'node:worker_threads'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Log } from '../log.ts'
import { unavailable } from './errors.ts'

export interface WorkerOptions {
  /** Undefined keeps everything in memory. */
  directory?: string
  /** A dump to begin from, for an empty database. */
  snapshot_file?: string
  free_bytes_min: number
  /** One counter, which the worker raises while it is alive. */
  beat: SharedArrayBuffer
}

export type Question =
  | { id: number; kind: 'query'; sql: string; parameters: readonly unknown[] }
  | { id: number; kind: 'dump' }
  | { id: number; kind: 'close' }

export interface Answer {
  id: number
  ok: boolean
  result?: { rows: unknown[]; command: string; row_count: number }
  bytes?: Uint8Array<ArrayBuffer>
  error?: { message: string; fields: Record<string, unknown> }
}

type Command = 'UPDATE' | 'DELETE' | 'INSERT' | 'SELECT' | 'MERGE' | 'COMMIT' | 'ROLLBACK'

export interface EmbeddedOptions extends Omit<WorkerOptions, 'beat'> {
  log: Log
  /** Whether space is short right now: a worker that is silent then has hung, and is given less time. */
  spaceIsShort?: () => boolean
  /** How long the worker may be silent; a test takes less than the default. */
  silence_ms_max?: number
  /** Called when the database cannot be opened again after a hang: the process has nothing left to do. */
  onFatal: (error: unknown) => void
}

/** A statement over a large table may keep the worker silent this long; longer is a hang. */
const SILENCE_MS_MAX = 300_000
/** On a nearly full disk the database is known to spin, and nothing that writes may run anyway. */
const SILENCE_SHORT_OF_SPACE_MS_MAX = 8_000

/** A request waits this long for its turn on the one connection. */
const WAIT_MS_MAX = 30_000

const CLOSE_MS_MAX = 5_000

interface Waiting {
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/**
 * The embedded database as a pool of one connection, in the form that Kysely's PostgreSQL dialect expects: so one
 * dialect serves both databases, with the same transactions, savepoints and errors.
 */
export class EmbeddedPool implements PostgresPool {
  readonly options = {}
  readonly #options: EmbeddedOptions
  readonly #watchdog: NodeJS.Timeout
  #worker: Worker
  #opened: Promise<void>
  #waiting = new Map<number, Waiting>()
  #beat = new Int32Array(new SharedArrayBuffer(4))
  #beat_seen = 0
  #beat_seen_at_ms = performance.now()
  #next_id = 1
  #generation = 0
  #closed = false
  #restarting = false
  /** Resolves when the connection is free: whoever wants it waits for the one before. */
  #last_turn: Promise<void> = Promise.resolve()

  static async open(options: EmbeddedOptions): Promise<EmbeddedPool> {
    const pool = new EmbeddedPool(options)
    try {
      await pool.#opened
    } catch (error) {
      await pool.end()
      throw error
    }
    return pool
  }

  private constructor(options: EmbeddedOptions) {
    this.#options = options
    this.#worker = this.#start()
    this.#opened = this.#answerTo(0)
    this.#watchdog = setInterval(() => this.#watch(), 500)
    this.#watchdog.unref()
  }

  async connect(): Promise<PostgresPoolClient> {
    const turn = Promise.withResolvers<void>()
    const before = this.#last_turn
    this.#last_turn = turn.promise
    if (!(await comesWithin(before, WAIT_MS_MAX))) {
      void before.then(() => turn.resolve())
      throw unavailable('The database is busy with long work. Try again shortly.')
    }
    if (this.#closed) {
      turn.resolve()
      throw unavailable('The database is closed.')
    }
    const generation = this.#generation
    return {
      query: (async (text: string, parameters: readonly unknown[] = []) => {
        // After a restart the transaction that this client was in is gone; going on would commit half of it.
        if (generation !== this.#generation) throw unavailable('The database was restarted. Try again shortly.')
        const { result } = await this.#ask({ kind: 'query', sql: text, parameters })
        if (!result) throw new Error('The database worker answered without a result.')
        return { command: result.command as Command, rowCount: result.row_count, rows: result.rows }
      }) as PostgresPoolClient['query'],
      release: (destroy) => {
        // There is no other connection to take instead, so the worker that holds it begins anew.
        if (destroy && !this.#closed && generation === this.#generation)
          void this.restart('a connection could not be given back')
        turn.resolve()
      },
    }
  }

  /** How long ago the worker last showed that it is alive. */
  heartbeatAge_ms(): number {
    this.#look()
    return performance.now() - this.#beat_seen_at_ms
  }

  /** The whole database as an uncompressed tar archive. */
  async dump(): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes } = await this.#ask({ kind: 'dump' })
    if (!bytes) throw new Error('The database worker answered without a dump.')
    return bytes
  }

  /** Replaces the worker. Everything committed is still there; what was under way is answered with 503. */
  async restart(reason: string): Promise<void> {
    // Hanging twice in a row, the second time while opening, is beyond what a restart can mend; and
    // a database in memory is gone with its thread.
    if (this.#restarting || !this.#options.directory) {
      return this.#options.onFatal(new Error(`The database could not be opened again: ${reason}.`))
    }
    this.#restarting = true
    this.#options.log.error({ reason }, 'the database worker is being restarted')
    this.#generation += 1
    const old = this.#worker
    old.removeAllListeners()
    old.on('error', () => undefined)
    this.#rejectAll(unavailable('The database is being restarted. Try again shortly.'))
    this.#opened = (async () => {
      await old.terminate()
      this.#worker = this.#start()
      await this.#answerTo(0)
    })()
    try {
      await this.#opened
      this.#options.log.info('the database worker is back')
    } catch (error) {
      this.#options.onFatal(error)
    } finally {
      this.#restarting = false
    }
  }

  async end(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#watchdog)
    // On a full disk the last checkpoint never ends; everything acknowledged is in the log already.
    const closing = this.#last_turn
      .then(() => this.#ask({ kind: 'close' }))
      .then(
        () => undefined,
        () => undefined,
      )
    await comesWithin(closing, CLOSE_MS_MAX)
    this.#worker.removeAllListeners('exit')
    await this.#worker.terminate()
  }

  #start(): Worker {
    this.#beat_seen_at_ms = performance.now()
    const workerData: WorkerOptions = {
      directory: this.#options.directory,
      // Only at the first start: after a restart there is a database, with what was written since.
      snapshot_file: this.#generation === 0 ? this.#options.snapshot_file : undefined,
      free_bytes_min: this.#options.free_bytes_min,
      beat: this.#beat.buffer as SharedArrayBuffer,
    }
    const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), { workerData, execArgv: [] })
    worker.on('message', (answer: Answer) => this.#receive(answer))
    worker.on('error', (error) => this.#lost(worker, error))
    worker.on('exit', () => this.#lost(worker, new Error('The database worker ended.')))
    return worker
  }

  #answerTo(id: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve: () => resolve(), reject }))
  }

  async #ask(
    question: Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never,
  ): Promise<Answer> {
    await this.#opened.catch((error) => {
      throw unavailable('The database could not be opened.', error)
    })
    const id = this.#next_id++
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...question, id })
    })
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.ok) waiting?.resolve(answer)
    else waiting?.reject(Object.assign(new Error(answer.error?.message), answer.error?.fields))
  }

  #rejectAll(error: unknown): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const waiting of all) waiting.reject(error)
  }

  #lost(worker: Worker, error: Error): void {
    if (worker !== this.#worker) return
    const opening = this.#waiting.has(0)
    this.#rejectAll(opening ? error : unavailable('The database stopped. Try again shortly.', error))
    if (!opening && !this.#closed) void this.restart(error.message)
  }

  #look(): void {
    const beat = Atomics.load(this.#beat, 0)
    if (beat === this.#beat_seen && this.#waiting.size > 0) return
    this.#beat_seen = beat
    this.#beat_seen_at_ms = performance.now()
  }

  #watch(): void {
    const silence_ms = this.heartbeatAge_ms()
    if (silence_ms > this.#silenceMax_ms()) {
      void this.restart(`no sign of life for ${Math.round(silence_ms / 1000)} s`)
    }
  }

  #silenceMax_ms(): number {
    // Opening after a crash replays the log in one go, silently: half a gigabyte takes ten seconds and more.
    const opening = this.#waiting.has(0)
    if (opening) return SILENCE_MS_MAX
    return this.#options.spaceIsShort?.()
      ? SILENCE_SHORT_OF_SPACE_MS_MAX
      : (this.#options.silence_ms_max ?? SILENCE_MS_MAX)
  }
}

async function comesWithin(promise: Promise<void>, limit_ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), limit_ms)))
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
