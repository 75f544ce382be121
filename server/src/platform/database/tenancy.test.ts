import { tmpdir } from 'node:os'
import { sql, type PostgresPoolClient } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { InvariantError } from '@tidemark/core/lib/invariant.ts'
import { createLog } from '../log.ts'
import { NOBODY } from '../tenancy.ts'
import { freshPostgres } from '../testing.ts'
import { enter, openDatabase, type Database, type OpenedDatabase } from './database.ts'
import { isDatabaseError } from './errors.ts'
import { migrate, readMigrations } from './migrate.ts'

const A = 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1A'
const B = 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1B'
const server_url = process.env.TEST_DATABASE_URL
const log = createLog('silent')
let db: OpenedDatabase
let drop = async () => {}

beforeAll(async () => {
  const fresh = server_url ? await freshPostgres(server_url) : undefined
  if (fresh) drop = fresh.drop
  db = await openDatabase({ config: { data_dir: tmpdir(), database_url: fresh?.url }, log, in_memory: !fresh })
  await migrate(db, log, await readMigrations())
  await sql`create schema sample`.execute(db.kysely)
  await sql`create table sample.note (id int primary key, organisation_id text not null, text text not null)`.execute(
    db.kysely,
  )
  await sql`select platform.keep_apart('sample.note', 'select, insert, update, delete')`.execute(db.kysely)
})
afterAll(async () => {
  await db?.close()
  await drop()
})
beforeEach(async () => {
  await sql`truncate sample.note`.execute(db.kysely)
  await sql`insert into sample.note values (1, ${A}, 'of a'), (2, ${B}, 'of b')`.execute(db.kysely)
})

/** The query of somebody who forgot whose rows they may see. */
const seen = async (from: Database) =>
  (await sql<{ id: number }>`select * from sample.note order by id`.execute(from.kysely)).rows.map(({ id }) => id)
const whoAmI = async (from: Database) =>
  (
    await sql<{ role: string; organisation: string | null }>`
      select current_user::text as role, current_setting('app.organisation', true) as organisation
    `.execute(from.kysely)
  ).rows[0]

describe('an organisation', () => {
  test('sees its own rows, whatever the query forgot, and the system sees all', async () => {
    expect(await seen(db.scopedTo(A))).toEqual([1])
    expect(await seen(db.scopedTo(B))).toEqual([2])
    expect(await seen(db.scopedTo(NOBODY))).toEqual([])
    expect(await seen(db)).toEqual([1, 2])
  })

  test('writes no row of another, moves none to it and changes or deletes none of it', async () => {
    const a = db.scopedTo(A)
    const isRefused = (error: unknown) => isDatabaseError(error, '42501')
    await expect(sql`insert into sample.note values (3, ${B}, 'forged')`.execute(a.kysely)).rejects.toSatisfy(isRefused)
    await expect(sql`update sample.note set organisation_id = ${B} where id = 1`.execute(a.kysely)).rejects.toSatisfy(
      isRefused,
    )
    expect((await sql`update sample.note set text = 'mine' where id = 2`.execute(a.kysely)).numAffectedRows).toBe(0n)
    expect((await sql`delete from sample.note`.execute(a.kysely)).numAffectedRows).toBe(1n)
    expect(await seen(db)).toEqual([2])
  })

  test('cannot turn the wall off, read what it was not granted, or make tables', async () => {
    const a = db.scopedTo(A)
    for (const statement of [
      'alter table sample.note disable row level security',
      'alter table sample.note no force row level security',
      'drop policy of_own_organisation on sample.note',
      'create table sample.mine (id int)',
      'truncate sample.note',
      'select * from platform.rate_limit',
      'select * from platform.mail',
      'select * from platform.job_request',
      'select * from platform.migration',
      'create policy all_of_it on sample.note using (true)',
    ])
      await expect(sql.raw(statement).execute(a.kysely), statement).rejects.toSatisfy((error) =>
        isDatabaseError(error, '42501'),
      )
    expect(await seen(a)).toEqual([1])
  })

  test('leaves nothing behind on a connection, whatever happened on it', async () => {
    const a = db.scopedTo(A)
    const clean = { role: (await whoAmI(db))?.role, organisation: '' }
    await expect(sql`select 1/0`.execute(a.kysely)).rejects.toThrow('division by zero')
    await expect(
      a.transaction(async (tx) => {
        await sql`select 1/0`.execute(tx.kysely)
      }),
    ).rejects.toThrow('division by zero')
    await expect(
      a.transaction(async (tx) => {
        await sql`select set_config('app.organisation', ${B}, true)`.execute(tx.kysely)
        throw new Error('undone')
      }),
    ).rejects.toThrow('undone')
    // As many as the pool has connections, at once, so that each of them is looked at.
    const looks = await Promise.all(Array.from({ length: 20 }, () => whoAmI(db)))
    for (const look of looks) expect({ ...look, organisation: look?.organisation ?? '' }).toEqual(clean)
    expect(await seen(a)).toEqual([1])
    expect(clean.role).not.toBe('tidemark_app')
  })
})

describe('a transaction of an organisation', () => {
  test('sees and writes its rows, and what it joins is the same one', async () => {
    const a = db.scopedTo(A)
    await a.transaction(async (tx) => {
      await sql`insert into sample.note values (3, ${A}, 'x')`.execute(tx.kysely)
      await tx.transaction(async (inner) => expect(await seen(inner)).toEqual([1, 3]))
      await a.transaction(async (inner) => expect(await seen(inner)).toEqual([1, 3]))
      await tx.scopedTo(A).transaction(async (inner) => expect(await seen(inner)).toEqual([1, 3]))
    })
    expect(await seen(db)).toEqual([1, 2, 3])
  })

  test('is not joined by another organisation nor by the system, and joins neither', async () => {
    const nothing = async () => undefined
    for (const [outer, inner] of [
      [db.scopedTo(A), db.scopedTo(B)],
      [db.scopedTo(A), db],
      [db, db.scopedTo(A)],
    ] as const) {
      await expect(outer.transaction(() => inner.transaction(nothing))).rejects.toThrow(InvariantError)
      await expect(outer.transaction(() => seen(inner))).rejects.toThrow(InvariantError)
    }
    await expect(db.scopedTo(A).transaction(async (tx) => void tx.scopedTo(B))).rejects.toThrow(InvariantError)
  })
})

test('200 requests of two organisations, nobody and the system at once: each sees its own', async () => {
  const kinds = [
    { from: () => db.scopedTo(A), expected: [1] },
    { from: () => db.scopedTo(B), expected: [2] },
    { from: () => db.scopedTo(NOBODY), expected: [] },
    { from: () => db as Database, expected: [1, 2] },
  ]
  const wrong: string[] = []
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const { from, expected } = kinds[(index * 7) % kinds.length] as (typeof kinds)[number]
      if (index % 5 === 0) await sql`select 1/0`.execute(from().kysely).catch(() => undefined)
      const got = index % 2 === 0 ? await seen(from()) : await from().transaction(seen)
      if (String(got) !== String(expected)) wrong.push(`request ${index} saw ${got.join()}`)
    }),
  )
  expect(wrong).toEqual([])
})

test('more at once than there are connections wait for their turn, however long the others take', async () => {
  const slow = (from: Database) => sql`select pg_sleep(0.2)`.execute(from.kysely)
  const places = db.kind === 'postgres' ? 120 : 12
  const done = await Promise.all(Array.from({ length: places }, (_, index) => slow(index % 2 ? db : db.scopedTo(A))))
  expect(done.length).toBe(places)
})

/**
 * Tables that do not keep organisations apart, each with its reason. Any other has a column organisation_id, row-level
 * security that holds for its owner too, and a policy for the role of requests.
 */
const notApart: Record<string, string> = {
  'factors.edition': 'editions of publishers are everybody’s',
  'factors.embedded': 'what the program brings is everybody’s',
  'factors.factor': 'factors of publishers are everybody’s',
  'factors.word': 'words of publishers’ factors are everybody’s',
  'platform.job_request': 'written by all, read by the system alone',
  'platform.mail': 'written by all, read by the system alone',
  'platform.migration': 'the system’s own',
  'platform.rate_limit': 'the system’s own',
  'platform.socket_ticket': 'the system’s own: a ticket is redeemed before it is known who asks',
}
/** Schemas of the system, each with its reason. That requests cannot read their tables is checked at the end. */
const keptElsewhere: Record<string, string> = {
  accounts: 'accounts decide who is in which organisation: requests see them through their service',
  audit: 'the log has policies of its own, tested beside it',
  privacy: 'exports and deletions are asked for by persons and carried out by the system: open to it alone',
  pgboss: 'the queue’s own tables, made by the queue, open to the system alone',
}

test('every table keeps organisations apart, or is listed here with its reason', async () => {
  const { rows } = await sql<{ name: string; schema: string; apart: boolean; granted: boolean }>`
    select n.nspname || '.' || c.relname as name, n.nspname as schema,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organisation_id' and a.attnotnull)
        and c.relrowsecurity and c.relforcerowsecurity
        and exists (select from pg_policy p join pg_roles r on r.oid = any (p.polroles)
          where p.polrelid = c.oid and r.rolname = 'tidemark_app'
            and pg_get_expr(p.polqual, p.polrelid) like '%app.organisation%') as apart,
      has_table_privilege('tidemark_app', c.oid, 'select, update, delete') as granted
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'sample')
    order by 1
  `.execute(db.kysely)
  const faults = rows
    .filter(({ name, schema, apart }) => !apart && !(name in notApart) && !(schema in keptElsewhere))
    .map(({ name }) => `${name} keeps no organisations apart: select platform.keep_apart('${name}', 'select, insert')`)
  expect(faults).toEqual([])
  const names = new Set(rows.map(({ name }) => name))
  expect(
    Object.keys(notApart).filter((name) => !names.has(name)),
    'listed, but gone',
  ).toEqual([])
  const open = rows.filter(({ name, apart, granted }) => granted && !apart && !name.startsWith('factors.'))
  expect(
    open.filter(({ schema }) => schema !== 'audit').map(({ name }) => `${name} is open to every organisation`),
  ).toEqual([])
})

describe('a connection', () => {
  /** One that notes what it is asked, and fails at what it is told to. */
  function noted(fails_at?: RegExp) {
    const asked: string[] = []
    let released: boolean | 'kept' | undefined
    const gone = Promise.withResolvers<void>()
    const client = {
      query: async (text: string) => {
        asked.push(text)
        if (fails_at?.test(text)) throw new Error('connection lost')
        return { command: 'SELECT', rowCount: 0, rows: [] }
      },
      release: (destroy?: boolean) => {
        released = destroy ?? 'kept'
        gone.resolve()
      },
    } as unknown as PostgresPoolClient
    return { client, asked, gone: gone.promise, released: () => released }
  }

  test('that can be taken back from an organisation is kept for the next', async () => {
    const { client, asked, gone, released } = noted()
    const entered = await enter(client, A)
    entered.release()
    await gone
    expect(released()).toBe('kept')
    expect(asked.map((text) => /'none'/.test(text))).toEqual([false, true])
  })

  test('that cannot be taken back is destroyed: nobody gets it with another’s rights', async () => {
    const { client, gone, released } = noted(/'none'/)
    const entered = await enter(client, A)
    entered.release()
    await gone
    expect(released()).toBe(true)
  })

  test('that cannot be handed to an organisation is destroyed before anything is asked of it', async () => {
    const { client, released, asked } = noted(/'role', \$2/)
    await expect(enter(client, A)).rejects.toThrow('connection lost')
    expect([released(), asked.length]).toEqual([true, 1])
  })

  test('that a failed piece of work gave back too early is destroyed as well', async () => {
    const { client, released, asked } = noted()
    const entered = await enter(client, A)
    entered.release(true)
    expect([released(), asked.length]).toEqual([true, 1])
  })

  test('runs nothing that waited behind what failed: neither outside the transaction nor in the next one', async () => {
    const waiting: Promise<unknown>[] = []
    const failed = db.scopedTo(A).transaction((tx) => {
      const fails = sql`select 1/0`.execute(tx.kysely)
      for (let id = 10; id < 30; id++)
        waiting.push(sql`insert into sample.note values (${id}, ${A}, 'too late')`.execute(tx.kysely))
      return Promise.all([fails, ...waiting])
    })
    await expect(failed).rejects.toThrow('division by zero')
    const next = db.scopedTo(B).transaction(async (tx) => {
      const before = await seen(tx)
      await Promise.allSettled(waiting)
      return [before, await seen(tx)]
    })
    expect(await next).toEqual([[2], [2]])
    const ends = await Promise.allSettled(waiting)
    expect(ends.filter(({ status }) => status === 'fulfilled')).toEqual([])
    expect(await seen(db)).toEqual([1, 2])
  })
})
