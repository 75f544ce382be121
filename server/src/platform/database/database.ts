import { AsyncLocalStorage } from 'node:async_hooks'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import { InvariantError, invariant } from '@tidemark/core/lib/invariant.ts'
import { ConfigError, type Config } from '../config.ts'
import type { Log } from '../log.ts'
import { EmbeddedPool } from './embedded.ts'
import { keepStatistics } from './statistics.ts'
import { translateDatabaseError } from './errors.ts'
import { lockFolder } from './folder-lock.ts'
import { checkDurability, inTurn, openPostgresPool } from './postgres.ts'

/** Tables are declared by the store that owns them; nothing outside it can name them. */
export type NoTables = Record<never, never>

export interface Database {
  readonly kind: 'embedded' | 'postgres'
  /** One sentence: what an acknowledged write survives. */
  readonly durability: string
  readonly kysely: Kysely<NoTables>
  /** The same database with a store's own tables: `db.as<CreditsTables>().selectFrom('credits.lot')`. */
  as<Tables>(): Kysely<Tables>
  /**
   * Runs `work` in one transaction and commits when it returns; any error undoes everything. Inside, only `tx` may be
   * used: the outer database is refused there. A transaction within a transaction joins it.
   */
  transaction<T>(work: (tx: Database) => Promise<T>): Promise<T>
  /**
   * The same database as one organisation sees it: rows of others are not there, whatever a query says, and none can be
   * written for them. PostgreSQL itself keeps it, by row-level security under a role that cannot turn it off. With
   * `NOBODY` only what is everybody's is there.
   */
  scopedTo(organisation_id: string): Database
  health(): Promise<DatabaseHealth>
  close(): Promise<void>
}

export interface DatabaseHealth {
  kind: 'embedded' | 'postgres'
  reachable: boolean
  latency_ms?: number
  durability: string
  /** Free space where the embedded database lives; undefined for PostgreSQL and in memory. */
  free_bytes?: number
  free_bytes_min?: number
  writable: boolean
  /** How long ago the embedded database's thread showed that it is alive. */
  heartbeat_age_ms?: number
}

export interface OpenOptions {
  config: Pick<Config, 'data_dir' | 'database_url'>
  log: Log
  /** For tests: nothing is kept. Ignores `database_url`. */
  in_memory?: boolean
  /** A dump for a database that does not exist yet to begin from: much faster than making one anew. */
  snapshot_file?: string
  onQuery?: (duration_s: number) => void
  /** The embedded database hung and could not be opened again. The caller ends the process. */
  onFatal?: (error: unknown) => void
  free_bytes_min?: number
  silence_ms_max?: number
}

/** Writes are refused below this: PostgreSQL in WebAssembly spins for ever on a disk that is really full. */
const FREE_BYTES_MIN = 256 * 1024 * 1024

/**
 * Opens PostgreSQL when `config.database_url` is set, and the embedded database in `config.data_dir` otherwise.
 * @throws FolderInUseError, UnsafeDatabaseError, or the driver's own error when the server cannot be reached.
 */
export async function openDatabase(options: OpenOptions): Promise<OpenedDatabase> {
  return options.config.database_url && !options.in_memory
    ? openPostgres(options, options.config.database_url)
    : openEmbedded(options)
}

export interface OpenedDatabase extends Database {
  /** The whole embedded database as a tar archive; undefined for PostgreSQL, which has its own tools. */
  dump?: () => Promise<Uint8Array<ArrayBuffer>>
  /** How long ago the thread of the embedded database showed that it is alive. */
  heartbeatAge_ms?: () => number
}

async function openPostgres(options: OpenOptions, url: string): Promise<OpenedDatabase> {
  const pool = openPostgresPool(url, options.log)
  try {
    const durability = await checkDurability(pool)
    return new RootDatabase({
      kind: 'postgres',
      durability,
      pool: inTurn(pool as unknown as PostgresPool),
      onQuery: options.onQuery,
      measure: async () => ({ writable: true }),
      release: async () => undefined,
    })
  } catch (error) {
    await pool.end()
    throw error
  }
}

async function openEmbedded(options: OpenOptions): Promise<OpenedDatabase> {
  const directory = options.in_memory ? undefined : await prepareFolder(options.config.data_dir)
  const lock = directory ? await lockFolder(directory) : undefined
  const free_bytes_min = options.free_bytes_min ?? FREE_BYTES_MIN
  let free_bytes: number | undefined
  const sample = async () => {
    if (directory) free_bytes = await freeBytes(directory)
  }
  await sample()
  const sampler = setInterval(() => void sample().catch(() => undefined), 1_000)
  sampler.unref()
  const isShort = () => free_bytes !== undefined && free_bytes < free_bytes_min
  const release = async () => {
    clearInterval(sampler)
    await lock?.release()
  }
  try {
    const creation = directory ? await prepareCreation(directory) : undefined
    const pool = await EmbeddedPool.open({
      directory,
      snapshot_file: directory === undefined || creation ? options.snapshot_file : undefined,
      free_bytes_min,
      silence_ms_max: options.silence_ms_max,
      log: options.log,
      spaceIsShort: isShort,
      onFatal:
        options.onFatal ??
        ((error) => options.log.fatal({ reason: String(error) }, 'the database cannot be opened again')),
    })
    await creation?.complete()
    const endStatistics = keepStatistics(pool, (error) => {
      options.log.debug({ reason: String(error) }, 'the statistics of tables were not looked at')
    })
    const database = new RootDatabase({
      kind: 'embedded',
      durability: directory
        ? 'Embedded database: what is acknowledged survives a crash of the process, not a power cut of the machine. Use PostgreSQL (DATABASE_URL) for that.'
        : 'Embedded database in memory: nothing survives the process.',
      pool,
      onQuery: options.onQuery,
      measure: async () => {
        await sample()
        return {
          free_bytes,
          free_bytes_min,
          writable: !isShort(),
          heartbeat_age_ms: Math.round(pool.heartbeatAge_ms()),
        }
      },
      beforeClose: endStatistics,
      release,
    })
    return Object.assign(database, { dump: () => pool.dump(), heartbeatAge_ms: () => pool.heartbeatAge_ms() })
  } catch (error) {
    await release()
    throw error
  }
}

/** The folder is ours alone: the embedded database makes its files readable by everyone, whatever the umask. */
async function prepareFolder(data_dir: string): Promise<string> {
  const directory = join(data_dir, 'database')
  await mkdir(data_dir, { recursive: true, mode: 0o700 })
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if (process.platform === 'win32') return directory
  const { mode } = await stat(directory)
  if ((mode & 0o077) !== 0) await chmod(directory, 0o700)
  return directory
}

/**
 * Notes that a database is being made, so that one whose making was interrupted is made again: nothing in it was ever
 * acknowledged. Undefined when there is a whole one.
 * @throws ConfigError when the folder holds something that is not ours: it is not touched.
 */
async function prepareCreation(directory: string): Promise<{ complete(): Promise<void> } | undefined> {
  const mark = `${directory}.unfinished`
  const interrupted = existsSync(mark)
  const names = await readdir(directory)
  if (!interrupted && names.includes('PG_VERSION')) return undefined
  if (!interrupted && names.length > 0) {
    throw new ConfigError(
      `The folder ${directory} holds something that is not a database. Choose another with TIDEMARK_DATA.`,
    )
  }
  await writeFile(mark, 'A database is being made here. When no process does so, the next start begins again.\n')
  for (const name of names) await rm(join(directory, name), { recursive: true, force: true })
  return { complete: () => rm(mark, { force: true }) }
}

async function freeBytes(directory: string): Promise<number> {
  const disk = await statfs(directory)
  return disk.bavail * disk.bsize
}

interface Running {
  root: RootDatabase
  /** Whose transaction it is; undefined for that of the system. */
  scope: string | undefined
  tx: Database
  open: boolean
}

/** The database role that sees the rows of one organisation. A migration makes it and grants it what it needs. */
const APP_ROLE = 'tidemark_app'
const ENTER = "select set_config('role', $2, false), set_config('app.organisation', $1, false)"
const LEAVE = "select set_config('role', 'none', false), set_config('app.organisation', '', false)"

/** The transaction in whose course the present code runs. */
const running = new AsyncLocalStorage<Running>()

interface RootOptions {
  kind: Database['kind']
  durability: string
  pool: PostgresPool
  onQuery?: (duration_s: number) => void
  measure: () => Promise<Partial<DatabaseHealth> & { writable: boolean }>
  /** What still asks the database by itself ends first. */
  beforeClose?: () => Promise<void>
  release: () => Promise<void>
}

class RootDatabase implements Database {
  readonly kind: Database['kind']
  readonly durability: string
  readonly kysely: Kysely<NoTables>
  readonly #options: RootOptions
  /** Views that were asked for lately: making a query builder costs more than finding one. */
  readonly #scoped = new Map<string, ScopedDatabase>()

  constructor(options: RootOptions) {
    this.#options = options
    this.kind = options.kind
    this.durability = options.durability
    this.kysely = this.kyselyFor(undefined)
  }

  as<Tables>(): Kysely<Tables> {
    return this.kysely as unknown as Kysely<Tables>
  }

  transaction<T>(work: (tx: Database) => Promise<T>): Promise<T> {
    return this.transactionFor(undefined, this.kysely, work)
  }

  scopedTo(organisation_id: string): Database {
    const known = this.#scoped.get(organisation_id)
    if (known) return known
    const scoped = new ScopedDatabase(this, organisation_id)
    if (this.#scoped.size >= SCOPED_MAX) this.#scoped.clear()
    this.#scoped.set(organisation_id, scoped)
    return scoped
  }

  kyselyFor(scope: string | undefined): Kysely<NoTables> {
    const pool = this.#guarded(this.#options.pool, scope)
    return new Kysely<NoTables>({ dialect: new PostgresDialect({ pool }) })
  }

  async transactionFor<T>(
    scope: string | undefined,
    kysely: Kysely<NoTables>,
    work: (tx: Database) => Promise<T>,
  ): Promise<T> {
    const outer = running.getStore()
    if (outer?.open && outer.root === this) {
      invariant(
        outer.scope === scope,
        'A transaction of another organisation, or of the system, cannot be joined: begin this one outside it.',
      )
      return work(outer.tx)
    }
    return kysely.transaction().execute(async (of_transaction) => {
      const tx = new TransactionDatabase(this, of_transaction, scope)
      const here: Running = { root: this, scope, tx, open: true }
      try {
        return await running.run(here, () => work(tx))
      } finally {
        // What was started here and outlives the transaction uses the database like anybody else.
        here.open = false
        tx.ended = true
      }
    })
  }

  async health(): Promise<DatabaseHealth> {
    const health = { kind: this.kind, durability: this.durability }
    try {
      const latency_ms = await within(HEALTH_MS_MAX, this.#ping())
      return { ...health, reachable: true, latency_ms, ...(await this.#options.measure()) }
    } catch {
      return { ...health, reachable: false, writable: false }
    }
  }

  async #ping(): Promise<number> {
    const started_ms = performance.now()
    const client = await this.#options.pool.connect()
    try {
      await client.query('select 1', [])
    } finally {
      client.release()
    }
    return Math.round((performance.now() - started_ms) * 100) / 100
  }

  async close(): Promise<void> {
    await this.#options.beforeClose?.()
    await this.kysely.destroy()
    // The query builder closes the pool only when it was used.
    const pool = this.#options.pool as PostgresPool & { ended?: boolean }
    if (!pool.ended) await pool.end()
    await this.#options.release()
  }

  /** Every connection is handed out here: outer use within a transaction is caught, errors get their names, time is taken. */
  #guarded(pool: PostgresPool, scope: string | undefined): PostgresPool {
    return {
      options: pool.options,
      end: () => pool.end(),
      connect: async () => {
        const here = running.getStore()
        if (here?.open && here.root === this) {
          throw new InvariantError(
            'The outer database was used inside a transaction. Use the `tx` that the transaction hands out: on one connection this would wait for itself for ever.',
          )
        }
        try {
          const client = this.#observed(await pool.connect())
          return untilItsEnd(scope === undefined ? client : await enter(client, scope))
        } catch (error) {
          throw translateDatabaseError(error, this.kind)
        }
      },
    }
  }

  #observed(client: PostgresPoolClient): PostgresPoolClient {
    const query = async (text: string, parameters: readonly unknown[]) => {
      const started_ms = performance.now()
      try {
        return await client.query(text, parameters)
      } catch (error) {
        throw translateDatabaseError(error, this.kind)
      } finally {
        this.#options.onQuery?.((performance.now() - started_ms) / 1000)
      }
    }
    return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) }
  }
}

/** How the query builder ends a transaction. */
const END = /^\s*(?:commit|rollback)\s*;?\s*$/i

/**
 * Refuses what comes after the end of a transaction, or after the connection was given back. Statements that were begun
 * side by side wait in line, and when the first of them fails the others are still there: without this they would run
 * after the rollback, for good, or in the transaction of whoever has the connection next.
 */
function untilItsEnd(client: PostgresPoolClient): PostgresPoolClient {
  let is_over = false
  const query = async (text: string, parameters: readonly unknown[]) => {
    if (is_over) throw new InvariantError('A statement came after the end of its transaction.')
    is_over = END.test(text)
    return client.query(text, parameters)
  }
  const release = (destroy?: boolean) => {
    is_over = true
    client.release(destroy)
  }
  return { query: query as PostgresPoolClient['query'], release }
}

/** Hands the connection to one organisation, until it is released. */
export async function enter(client: PostgresPoolClient, scope: string): Promise<PostgresPoolClient> {
  try {
    await client.query(ENTER, [scope, APP_ROLE])
  } catch (error) {
    client.release(true)
    throw error
  }
  return {
    query: client.query.bind(client),
    release: (destroy) => {
      if (destroy) return client.release(destroy)
      // The next one to take this connection waits behind this statement. What cannot be taken back is not handed on.
      client.query(LEAVE, []).then(
        () => client.release(),
        () => client.release(true),
      )
    },
  }
}

/** More organisations than this within one process are found again in a moment. */
const SCOPED_MAX = 1_000

/** The database as one organisation sees it. */
class ScopedDatabase implements Database {
  readonly kysely: Kysely<NoTables>
  readonly #root: RootDatabase
  readonly #organisation_id: string

  constructor(root: RootDatabase, organisation_id: string) {
    this.#root = root
    this.#organisation_id = organisation_id
    this.kysely = root.kyselyFor(organisation_id)
  }

  get kind() {
    return this.#root.kind
  }

  get durability() {
    return this.#root.durability
  }

  as<Tables>(): Kysely<Tables> {
    return this.kysely as unknown as Kysely<Tables>
  }

  transaction<T>(work: (tx: Database) => Promise<T>): Promise<T> {
    return this.#root.transactionFor(this.#organisation_id, this.kysely, work)
  }

  scopedTo(organisation_id: string): Database {
    return this.#root.scopedTo(organisation_id)
  }

  health(): Promise<DatabaseHealth> {
    return this.#root.health()
  }

  close(): Promise<void> {
    return Promise.reject(new InvariantError('What one organisation sees is closed with the database itself.'))
  }
}

class TransactionDatabase implements Database {
  readonly #root: RootDatabase
  readonly #kysely: Kysely<NoTables>
  readonly #scope: string | undefined
  ended = false

  constructor(root: RootDatabase, kysely: Kysely<NoTables>, scope: string | undefined) {
    this.#root = root
    this.#kysely = kysely
    this.#scope = scope
  }

  scopedTo(organisation_id: string): Database {
    invariant(this.#scope === organisation_id, 'A transaction sees what it saw when it began: choose before.')
    return this
  }

  get kind() {
    return this.#root.kind
  }

  get durability() {
    return this.#root.durability
  }

  get kysely(): Kysely<NoTables> {
    invariant(!this.ended, 'A transaction was used after its end. Await everything that uses `tx` before returning.')
    return this.#kysely
  }

  as<Tables>(): Kysely<Tables> {
    return this.kysely as unknown as Kysely<Tables>
  }

  transaction<T>(work: (tx: Database) => Promise<T>): Promise<T> {
    return work(this)
  }

  health(): Promise<DatabaseHealth> {
    return Promise.reject(new InvariantError('The health of the database is asked for outside transactions.'))
  }

  close(): Promise<void> {
    return Promise.reject(new InvariantError('A transaction cannot close the database.'))
  }
}

/** Whoever asks for health wants an answer now: slower than this is not reachable. */
const HEALTH_MS_MAX = 2_000

async function within<T>(limit_ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${limit_ms} ms.`)), limit_ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
