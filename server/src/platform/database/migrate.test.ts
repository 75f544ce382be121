import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { sql } from 'kysely'
import { createLog } from '../log.ts'
import { freshPostgres } from '../testing.ts'
import { openDatabase, type OpenedDatabase } from './database.ts'
import { migrate, MigrationError, readMigrations } from './migrate.ts'

const log = createLog('silent')
let db: OpenedDatabase
let drop = async () => {}
let folder = ''

beforeAll(async () => {
  const server_url = process.env.TEST_DATABASE_URL
  const fresh = server_url ? await freshPostgres(server_url) : undefined
  db = await openDatabase({ config: { data_dir: tmpdir(), database_url: fresh?.url }, log, in_memory: !fresh })
  if (fresh) drop = fresh.drop
})
afterAll(async () => {
  await db?.close()
  await drop()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-migrations-'))
  await file('20260101T0000_a_first.sql', '-- Why.\ncreate schema a;\ncreate table a.t (id int);\n')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  await sql.raw('drop schema if exists a cascade; drop schema if exists platform cascade').execute(db.kysely)
})

const file = (name: string, text: string) => writeFile(join(folder, name), text)
const run = async () => migrate(db, log, await readMigrations(folder))

test('each migration is applied once, in the order of its name', async () => {
  await file('20260102T0000_a_second.sql', '-- Why.\ninsert into a.t values (1);\n')
  expect(await run()).toEqual(['20260101T0000_a_first.sql', '20260102T0000_a_second.sql'])
  expect(await run()).toEqual([])
  expect((await sql`select id from a.t`.execute(db.kysely)).rows).toEqual([{ id: 1 }])
})

test('a migration that fails half way leaves nothing of itself', async () => {
  await file('20260102T0000_a_broken.sql', '-- Why.\ncreate table a.u (id int);\nselect 1/0;\n')
  await expect(run()).rejects.toThrow('division by zero')
  expect((await sql`select to_regclass('a.u') as found`.execute(db.kysely)).rows).toEqual([{ found: null }])
  expect((await sql`select name from platform.migration`.execute(db.kysely)).rows).toHaveLength(1)
})

test('a file that was changed after it was applied is refused, by name', async () => {
  await run()
  await file('20260101T0000_a_first.sql', '-- Why, said differently.\ncreate schema a;\n')
  await expect(run()).rejects.toThrow(MigrationError)
  await expect(run()).rejects.toThrow('20260101T0000_a_first.sql was changed after it was applied')
})

test('a database made by newer code is refused', async () => {
  await file('20270101T0000_a_future.sql', '-- Why.\nselect 1;\n')
  await run()
  await rm(join(folder, '20270101T0000_a_future.sql'))
  await expect(run()).rejects.toThrow('20270101T0000_a_future.sql, which this version does not know')
})

test('two processes that start at once apply each migration once', async () => {
  const [one, two] = await Promise.all([run(), run()])
  expect([...one, ...two]).toEqual(['20260101T0000_a_first.sql'])
})

test('a migration has a time, a capability and a reason', async () => {
  await file('20260102T0000_a_silent.sql', 'select 1;\n')
  await expect(run()).rejects.toThrow('the first line of a migration is a comment that says why')
  await rm(join(folder, '20260102T0000_a_silent.sql'))
  await file('2_a_second.sql', '-- Why.\nselect 1;\n')
  await expect(run()).rejects.toThrow('a migration is called YYYYMMDDTHHMM_capability_what.sql')
})
