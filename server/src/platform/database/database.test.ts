import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import { InvariantError } from '@tidemark/core/lib/invariant.ts'
import { createLog } from '../log.ts'
import { freshPostgres } from '../testing.ts'
import { openDatabase, type Database, type OpenedDatabase } from './database.ts'
import { isDatabaseError } from './errors.ts'
import { jsonb } from './values.ts'

const log = createLog('silent')
let db: OpenedDatabase
let drop = async () => {}

interface Tables {
  note: { id: number; text: string }
}

beforeAll(async () => {
  const server_url = process.env.TEST_DATABASE_URL
  const fresh = server_url ? await freshPostgres(server_url) : undefined
  db = await openDatabase({ config: { data_dir: tmpdir(), database_url: fresh?.url }, log, in_memory: !fresh })
  if (fresh) drop = fresh.drop
  await sql`create table note (id int primary key, text text not null)`.execute(db.kysely)
})
afterAll(async () => {
  await db?.close()
  await drop()
})
beforeEach(async () => {
  await sql`truncate note`.execute(db.kysely)
})

const notes = async (from: Database = db) =>
  (await from.as<Tables>().selectFrom('note').select('id').orderBy('id').execute()).map((row) => row.id)
const add = (to: Database, id: number) => to.as<Tables>().insertInto('note').values({ id, text: 'x' }).execute()

test('an error undoes the whole transaction', async () => {
  const work = db.transaction(async (tx) => {
    await add(tx, 1)
    throw new Error('changed my mind')
  })
  await expect(work).rejects.toThrow('changed my mind')
  expect(await notes()).toEqual([])
})

test('a transaction within a transaction joins it, whichever database it is asked of', async () => {
  const work = db.transaction(async (tx) => {
    await add(tx, 1)
    await tx.transaction((inner) => add(inner, 2))
    await db.transaction((inner) => add(inner, 3))
    expect(await notes(tx)).toEqual([1, 2, 3])
    throw new Error('all of it')
  })
  await expect(work).rejects.toThrow('all of it')
  expect(await notes()).toEqual([])
})

test('using the outer database inside a transaction is a bug that shows at once, not a wait for ever', async () => {
  const kysely = db.as<Tables>()
  const work = db.transaction(async () => kysely.selectFrom('note').selectAll().execute())
  await expect(work).rejects.toThrow(InvariantError)
  expect(await notes()).toEqual([])
})

test('work that outlives its transaction uses the outer database like anybody else, and may not use the ended one', async () => {
  let late: Promise<number[]> | undefined
  let kept: Database | undefined
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  await db.transaction(async (tx) => {
    kept = tx
    await add(tx, 1)
    late = ended.then(() => notes())
  })
  end()
  expect(await late).toEqual([1])
  expect(() => kept?.kysely).toThrow('after its end')
})

test('fifty transactions at once each see only whole others', async () => {
  await add(db, 0)
  await Promise.all(
    Array.from({ length: 50 }, () =>
      db.transaction(async (tx) => {
        const row = await tx
          .as<Tables>()
          .selectFrom('note')
          .select('text')
          .where('id', '=', 0)
          .forUpdate()
          .executeTakeFirstOrThrow()
        await tx
          .as<Tables>()
          .updateTable('note')
          .set({ text: `${row.text}x` })
          .where('id', '=', 0)
          .execute()
      }),
    ),
  )
  const row = await db.as<Tables>().selectFrom('note').select('text').executeTakeFirstOrThrow()
  expect(row.text).toHaveLength(51)
})

test('a statement after a failed one does not turn the commit into a silent rollback', async () => {
  const work = db.transaction(async (tx) => {
    await add(tx, 1)
    await add(tx, 1).catch(() => undefined)
  })
  await expect(work).rejects.toThrow('rolled back')
  expect(await notes()).toEqual([])
})

test('a unique violation carries PostgreSQL’s code and the name of the constraint', async () => {
  await add(db, 1)
  const error = await add(db, 1).catch((caught: unknown) => caught)
  expect(isDatabaseError(error, '23505', 'note_pkey')).toBe(true)
})

test('values come out the same from both databases', async () => {
  const { rows } = await sql`select
    1::int8 as small, 9007199254740993::int8 as large, 1.50::numeric as exact, date '2026-03-29' as day,
    timestamp '2026-03-29 02:30:00' as wall_clock, timestamptz '2026-03-29T02:30:00Z' as instant, interval '1 day' as span,
    '{1.10,2}'::numeric[] as exacts, '{7}'::int8[] as wholes, '{2026-01-01}'::date[] as days, '\\x00ff'::bytea as bytes,
    int8range(1, 3) as serials, '{"a":[1,null]}'::jsonb as document, 0.1::float8 as float, '{"a,b",null}'::text[] as texts,
    null::text as nothing, count(*) as counted`.execute(db.kysely)
  const [row] = rows as Record<string, unknown>[]
  expect({ ...row, bytes: [...(row?.bytes as Uint8Array)] }).toEqual({
    small: 1,
    large: 9007199254740993n,
    exact: '1.50',
    day: '2026-03-29',
    wall_clock: '2026-03-29 02:30:00',
    instant: new Date('2026-03-29T02:30:00Z'),
    span: '1 day',
    exacts: ['1.10', '2'],
    wholes: [7],
    days: ['2026-01-01'],
    bytes: [0, 255],
    serials: '[1,3)',
    document: { a: [1, null] },
    float: 0.1,
    texts: ['a,b', null],
    nothing: null,
    counted: 1,
  })
})

test('values go in the same to both databases, lists and JSON included', async () => {
  const { rows } =
    await sql`select ${[1, 2]}::int[] as numbers, ${['a,b', '"']}::text[] as texts, ${jsonb([1, { a: null }])} as list,
    ${jsonb('text')} as text, ${new Date('2026-01-01T00:00:00Z')}::timestamptz as instant, ${'2026-01-01'}::date as day,
    ${new Uint8Array([0, 255])}::bytea as bytes, ${true}::bool as yes, ${null}::int as nothing, ${'12.50'}::numeric as exact`.execute(
      db.kysely,
    )
  const [row] = rows as Record<string, unknown>[]
  expect({ ...row, bytes: [...(row?.bytes as Uint8Array)] }).toEqual({
    numbers: [1, 2],
    texts: ['a,b', '"'],
    list: [1, { a: null }],
    text: 'text',
    instant: new Date('2026-01-01T00:00:00Z'),
    day: '2026-01-01',
    bytes: [0, 255],
    yes: true,
    nothing: null,
    exact: '12.50',
  })
})

test('affected rows are counted', async () => {
  await add(db, 1)
  await add(db, 2)
  const result = await db.as<Tables>().updateTable('note').set({ text: 'y' }).executeTakeFirstOrThrow()
  expect(result.numUpdatedRows).toBe(2n)
})

describe('the embedded database in a folder', () => {
  let data_dir = ''
  beforeAll(async () => {
    data_dir = await mkdtemp(join(tmpdir(), 'tidemark-database-'))
  })
  afterAll(() => rm(data_dir, { recursive: true, force: true }))

  test('below the floor of free space writing is refused by name, reading goes on, and the health report says so', async () => {
    const first = await openDatabase({ config: { data_dir }, log })
    await sql`create table kept (id int)`.execute(first.kysely)
    await first.close()
    const short = await openDatabase({ config: { data_dir }, log, free_bytes_min: Number.MAX_SAFE_INTEGER })
    const refusal = { type: 'server/out-of-space' }
    await expect(sql`insert into kept values (1)`.execute(short.kysely)).rejects.toMatchObject(refusal)
    await expect(
      short.transaction((tx) =>
        sql`with w as (insert into kept values (2) returning 1) select * from w`.execute(tx.kysely),
      ),
    ).rejects.toMatchObject(refusal)
    expect((await sql`select * from kept`.execute(short.kysely)).rows).toEqual([])
    expect(await short.health()).toMatchObject({ reachable: true, writable: false })
    await short.close()
  })

  test('a thread that hangs is replaced: what was under way gets 503, what was committed is there', async () => {
    const hanging = await openDatabase({ config: { data_dir }, log, silence_ms_max: 1_500 })
    await sql`insert into kept values (3)`.execute(hanging.kysely)
    const forever = sql`with recursive t as (select 1 as n union all select n from t) select count(*) from t`.execute(
      hanging.kysely,
    )
    await expect(forever).rejects.toMatchObject({ type: 'server/unavailable' })
    expect((await sql`select id from kept`.execute(hanging.kysely)).rows).toEqual([{ id: 3 }])
    await hanging.close()
  })
})
