import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Log } from '../log.ts'
import { checkout } from '../config.ts'
import type { Database } from './database.ts'

export const migrationsFolder = join(checkout, 'server/migrations')

export interface Migration {
  name: string
  text: string
  sha256: string
}

/** What stands in the database and what stands in the folder do not fit together. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

const FILE_NAME = /^\d{8}T\d{4}_[a-z][a-z0-9-]*(_[a-z0-9][a-z0-9_-]*)?\.sql$/

/**
 * Reads the folder in the order of application.
 * @throws MigrationError when a name is not `YYYYMMDDTHHMM_capability_what.sql`, or the first line does not say why.
 */
export async function readMigrations(folder: string = migrationsFolder): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8')
      if (!FILE_NAME.test(name))
        throw new MigrationError(`${name}: a migration is called YYYYMMDDTHHMM_capability_what.sql.`)
      if (!/^-- \S/.test(text))
        throw new MigrationError(`${name}: the first line of a migration is a comment that says why.`)
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

/** One key for all processes that migrate the same database: "tidemark" in ASCII. */
const MIGRATION_LOCK = '8388357979398820459'

/**
 * Brings the database up to the files: each new one in a transaction of its own, one process at a time.
 * @returns the names of those applied now.
 * @throws MigrationError when an applied file was changed or is not there: the database was made by other code.
 */
export async function migrate(db: Database, log: Log, migrations: readonly Migration[]): Promise<string[]> {
  await db.transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.raw(MIGRATION_LOCK)})`.execute(tx.kysely)
    await sql`create schema if not exists platform`.execute(tx.kysely)
    await sql`create table if not exists platform.migration (
      name text primary key,
      sha256 text not null,
      applied_at timestamptz not null default now()
    )`.execute(tx.kysely)
  })
  const applied: string[] = []
  for (const migration of migrations) {
    if (await applyOnce(db, migration, migrations)) {
      log.info({ migration: migration.name }, 'applied a migration')
      applied.push(migration.name)
    }
  }
  return applied
}

/** The lock is taken anew for each file, so that a second process finds the first one's work done. */
async function applyOnce(db: Database, migration: Migration, all: readonly Migration[]): Promise<boolean> {
  return db.transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.raw(MIGRATION_LOCK)})`.execute(tx.kysely)
    const known = await sql<{ name: string; sha256: string }>`select name, sha256 from platform.migration`.execute(
      tx.kysely,
    )
    refuseStrangers(known.rows, all)
    if (known.rows.some((row) => row.name === migration.name)) return false
    await sql.raw(migration.text).execute(tx.kysely)
    await sql`insert into platform.migration (name, sha256) values (${migration.name}, ${migration.sha256})`.execute(
      tx.kysely,
    )
    return true
  })
}

function refuseStrangers(applied: readonly { name: string; sha256: string }[], files: readonly Migration[]): void {
  for (const row of applied) {
    const file = files.find((migration) => migration.name === row.name)
    if (!file) {
      throw new MigrationError(
        `The database has the migration ${row.name}, which this version does not know: it was made by a newer version. Use that, or another database.`,
      )
    }
    if (file.sha256 !== row.sha256) {
      throw new MigrationError(
        `The migration ${row.name} was changed after it was applied to this database. Restore the file and write a new migration for the change. (A data folder with nothing in it worth keeping can be deleted instead.)`,
      )
    }
  }
}
