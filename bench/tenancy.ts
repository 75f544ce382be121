// What it costs that a request sees the rows of one organisation only: the same query by the system and by an organisation,
// alternating in one run, on the embedded database and, where DATABASE_URL names one, on PostgreSQL.
//
//   node bench/tenancy.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createLog } from '../server/src/platform/log.ts'
import { openDatabase, type Database, type OpenedDatabase } from '../server/src/platform/database/database.ts'
import { migrate, readMigrations } from '../server/src/platform/database/migrate.ts'

const BAR_MS = 1
const rounds = 3_000
const organisation_id = 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1A'
const log = createLog('silent')

const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
try {
  for (const database_url of [undefined, process.env.DATABASE_URL]) {
    const db = await openDatabase({ config: { data_dir, database_url }, log })
    await migrate(db, log, await readMigrations())
    await measure(db)
    await db.close()
    if (process.env.DATABASE_URL === undefined) break
  }
} finally {
  await rm(data_dir, { recursive: true, force: true })
}

async function measure(db: OpenedDatabase): Promise<void> {
  const scoped = db.scopedTo(organisation_id)
  for (const [what, work] of [
    ['one query', query],
    ['a transaction of five queries', five],
  ] as const) {
    const [all, one]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      all.push(await took(db, work))
      one.push(await took(scoped, work))
    }
    const [by_all, by_one] = [median(all), median(one)]
    process.stdout.write(
      `${db.kind}, ${what}: ${by_all.toFixed(3)} ms by the system, ${by_one.toFixed(3)} ms by an organisation: ` +
        `${(by_one / by_all).toFixed(2)} ×, ${(by_one - by_all).toFixed(3)} ms more (bar: ${BAR_MS} ms)\n`,
    )
  }
}

async function took(db: Database, work: (db: Database) => Promise<unknown>): Promise<number> {
  const started_ms = performance.now()
  await work(db)
  return performance.now() - started_ms
}

function query(db: Database): Promise<unknown> {
  return sql`select id from footprint.calculation where id = 'calc_01KAHX3V9M8Q2R5T7W0Y4Z6B1C'`.execute(db.kysely)
}

function five(db: Database): Promise<unknown> {
  return db.transaction(async (tx) => {
    for (let i = 0; i < 5; i += 1) await query(tx)
  })
}

function median(list: number[]): number {
  return list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
}
