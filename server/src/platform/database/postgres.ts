import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { Log } from '../log.ts'
import { unavailable } from './errors.ts'
import { postgresTypes } from './values.ts'

/** A PostgreSQL server that would lose acknowledged work, or is too old. The message says what to change. */
export class UnsafeDatabaseError extends Error {
  override name = 'UnsafeDatabaseError'
}

const CONNECTIONS_MAX = 10
/** A request waits this long for its turn while others are at work, as on the embedded database. */
const WAIT_MS_MAX = 30_000

/**
 * Lines up before a pool those who would find it busy. The pool's own patience is short, so that a server that is gone is
 * told from one that works: being the eleventh is no reason to give up after that time.
 */
export function inTurn(pool: PostgresPool, places = CONNECTIONS_MAX): PostgresPool {
  let free = places
  let ended: Promise<void> | undefined
  const waiting: (() => void)[] = []
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }
  const enter = async () => {
    if (free > 0) return void (free -= 1)
    const turn = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(turn.resolve), 1)
      turn.reject(unavailable('The database is busy with long work. Try again shortly.'))
    }, WAIT_MS_MAX)
    waiting.push(turn.resolve)
    await turn.promise.finally(() => clearTimeout(timer))
  }
  return {
    options: pool.options,
    // The query builder ends what it used, and the database whatever is left.
    end: () => (ended ??= pool.end()),
    connect: async () => {
      await enter()
      const client = await pool.connect().catch((error: unknown) => {
        leave()
        throw error
      })
      return {
        query: client.query.bind(client),
        release: (destroy?: boolean) => {
          client.release(destroy)
          leave()
        },
      } as PostgresPoolClient
    },
  }
}

/** A pool that reconnects by itself: a lost connection is dropped, and the next request opens another. */
export function openPostgresPool(url: string, log: Log): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    types: postgresTypes as pg.CustomTypesConfig,
    connectionTimeoutMillis: 1_500,
    idleTimeoutMillis: 30_000,
    query_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    application_name: 'tidemark',
  })
  // Without listeners a connection that the server closes would end the process: the pool speaks for idle connections
  // only, so each one gets a listener of its own for the time it is in use.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'an idle database connection was lost'))
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/**
 * Refuses a server whose settings allow acknowledged commits to vanish in a power cut.
 * @returns the promise to print in the health report.
 * @throws UnsafeDatabaseError naming each setting and what it must be.
 */
export async function checkDurability(pool: pg.Pool): Promise<string> {
  const names = [
    'fsync',
    'full_page_writes',
    'synchronous_commit',
    'data_checksums',
    'server_version_num',
    'server_version',
  ]
  const { rows } = await pool.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any($1)',
    [names],
  )
  const settings = new Map(rows.map((row) => [row.name, row.setting]))
  const wrong = ['fsync', 'full_page_writes', 'synchronous_commit'].filter((name) => settings.get(name) === 'off')
  if (wrong.length > 0) {
    throw new UnsafeDatabaseError(
      `The PostgreSQL server has ${wrong.map((name) => `${name}=off`).join(', ')}: an acknowledged certificate could be lost. Set ${wrong.length > 1 ? 'them' : 'it'} to on.`,
    )
  }
  if (Number(settings.get('server_version_num')) < 150_000) {
    throw new UnsafeDatabaseError(
      `The server is PostgreSQL ${settings.get('server_version')}; version 15 or later is needed.`,
    )
  }
  const checksums = settings.get('data_checksums') === 'on' ? 'with data checksums' : 'without data checksums'
  return `PostgreSQL ${settings.get('server_version')} ${checksums}: what is acknowledged survives a crash of the process and of the machine.`
}
