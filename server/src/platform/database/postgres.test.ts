import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import { health } from '@tidemark/core/system/contract.ts'
import { createLog } from '../log.ts'
import { freshPostgres, openTestApp, type TestApp } from '../testing.ts'
import { openDatabase } from './database.ts'
import { UnsafeDatabaseError } from './postgres.ts'

const server_url = process.env.TEST_DATABASE_URL
const log = createLog('silent')

/** Stands between the application and PostgreSQL, and can be cut like a cable. */
class Cable {
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #state: 'whole' | 'cut' | 'silent' = 'whole'

  constructor(target: URL) {
    this.#server = createServer((socket) => {
      this.#keep(socket)
      if (this.#state === 'cut') return void socket.destroy()
      if (this.#state === 'silent') return
      const onward = connect(Number(target.port || 5432), target.hostname)
      this.#keep(onward)
      socket.pipe(onward).pipe(socket)
      socket.on('close', () => onward.destroy())
      onward.on('close', () => socket.destroy())
    })
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends every connection; new ones are refused, or accepted and never answered. */
  cut(state: 'cut' | 'silent'): void {
    this.#state = state
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#state = 'whole'
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.mend()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

// Skipped where no TEST_DATABASE_URL names a server: there is no PostgreSQL to lose.
describe.skipIf(!server_url)('when PostgreSQL is lost', () => {
  const url = new URL(server_url ?? 'postgres://none')
  let fresh: Awaited<ReturnType<typeof freshPostgres>>
  let cable: Cable
  let app: TestApp
  beforeAll(async () => {
    fresh = await freshPostgres(url.toString())
    cable = new Cable(url)
    const through = new URL(fresh.url)
    through.hostname = '127.0.0.1'
    through.port = String(await cable.open())
    app = await openTestApp({ capabilities: [], config: { database_url: through.toString() } })
    await sql`create table kept (id int)`.execute(app.db.kysely)
  })
  // A connection that was cut is noticed with its next use at the latest; then it is replaced.
  const answering = () => expect.poll(async () => (await app.fetch(health)).status, { timeout: 5_000 }).toBe(200)
  afterEach(async () => {
    cable.mend()
    await answering()
  })
  afterAll(async () => {
    await app?.close()
    await cable?.close()
    await fresh?.drop()
  })

  test.each(['cut', 'silent'] as const)('%s: 503 with Retry-After, and it heals by itself', async (state) => {
    cable.cut(state)
    const lost = await app.fetch(health)
    expect([lost.status, lost.problem.type, lost.headers['retry-after']]).toEqual([
      503,
      '/problems/server/unavailable',
      '2',
    ])
    await expect(sql`select 1`.execute(app.db.kysely)).rejects.toMatchObject({ type: 'server/unavailable' })
    cable.mend()
    await answering()
  })

  test('in the middle of a transaction: nothing of it stays', async () => {
    const work = app.db.transaction(async (tx) => {
      await sql`insert into kept values (1)`.execute(tx.kysely)
      cable.cut('cut')
      await sql`insert into kept values (2)`.execute(tx.kysely)
    })
    await expect(work).rejects.toMatchObject({ type: 'server/unavailable' })
    cable.mend()
    await answering()
    expect((await sql`select * from kept`.execute(app.db.kysely)).rows).toEqual([])
  })

  test('connections that the server ends while nobody uses them are replaced', async () => {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
      app.db.kysely,
    )
    await expect.poll(async () => (await app.fetch(health)).status, { timeout: 5_000 }).toBe(200)
  })
})

test('a server that would lose acknowledged commits is refused at the start, naming the setting', async ({ skip }) => {
  if (!server_url) return skip('TEST_DATABASE_URL names no server')
  const url = new URL(server_url)
  url.searchParams.set('options', '-c synchronous_commit=off')
  const opening = openDatabase({ config: { data_dir: '', database_url: url.toString() }, log })
  await expect(opening).rejects.toThrow(UnsafeDatabaseError)
  await expect(openDatabase({ config: { data_dir: '', database_url: url.toString() }, log })).rejects.toThrow(
    'synchronous_commit=off',
  )
})

test('a server that is not there fails the start within seconds', async () => {
  const opening = openDatabase({ config: { data_dir: '', database_url: 'postgres://nobody@127.0.0.1:9/none' }, log })
  await expect(opening).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
