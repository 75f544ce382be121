import type { Retention } from '@tidemark/core/privacy/contract.ts'
import { sql, type ColumnType } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import type { DataSubject } from '../platform/personal-data.ts'

export interface ExportRow {
  export_id: string
  subject_kind: DataSubject['kind']
  subject_id: string
  requested_by: string
  organisation_id: string | null
  state: 'making' | 'ready' | 'failed'
  requested_at: Date
  expires_at: Date | null
  content: Uint8Array | null
  bytes: number | null
  digest: string | null
}

export interface DeletionRow {
  deletion_id: string
  subject_kind: DataSubject['kind']
  subject_id: string
  state: 'scheduled' | 'undone' | 'done'
  requested_at: Date
  due_at: Date
  done_at: Date | null
  erased: ColumnType<Record<string, number> | null, string | null, string | null>
}

interface TombstoneRow {
  subject_kind: DataSubject['kind']
  subject_id: string
  erased_at: Date
}

interface Tables {
  'privacy.export': ExportRow
  'privacy.deletion': DeletionRow
  'privacy.tombstone': TombstoneRow
  'privacy.retention': Retention & { organisation_id: string }
}

export type ListedExport = Omit<ExportRow, 'content'>
const listed = [
  'export_id',
  'subject_kind',
  'subject_id',
  'requested_by',
  'organisation_id',
  'state',
  'requested_at',
  'expires_at',
  'bytes',
  'digest',
] as const

export async function insertExport(tx: Database, row: ExportRow): Promise<void> {
  await tx.as<Tables>().insertInto('privacy.export').values(row).execute()
}

export async function listExports(db: Database, requested_by: string): Promise<ListedExport[]> {
  return db
    .as<Tables>()
    .selectFrom('privacy.export')
    .select(listed)
    .where('requested_by', '=', requested_by)
    .orderBy('requested_at', 'desc')
    .limit(50)
    .execute()
}

export async function findExport(db: Database, export_id: string): Promise<ExportRow | undefined> {
  return db.as<Tables>().selectFrom('privacy.export').selectAll().where('export_id', '=', export_id).executeTakeFirst()
}

export async function updateExport(db: Database, export_id: string, changes: Partial<ExportRow>): Promise<void> {
  await db.as<Tables>().updateTable('privacy.export').set(changes).where('export_id', '=', export_id).execute()
}

export async function deleteExportsRequestedBefore(db: Database, before: Date): Promise<void> {
  await db.as<Tables>().deleteFrom('privacy.export').where('requested_at', '<', before).execute()
}

/** Exports of somebody, and those that they asked for. */
export async function deleteExportsOf(tx: Database, { kind, id }: DataSubject): Promise<number> {
  const result = await tx
    .as<Tables>()
    .deleteFrom('privacy.export')
    .where((column) =>
      column.or([
        column.and([column('subject_kind', '=', kind), column('subject_id', '=', id)]),
        column('requested_by', '=', id),
      ]),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function insertDeletion(tx: Database, row: Omit<DeletionRow, 'erased'>): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('privacy.deletion')
    .values({ ...row, erased: null })
    .execute()
}

export async function findScheduled(db: Database, { kind, id }: DataSubject) {
  return db
    .as<Tables>()
    .selectFrom('privacy.deletion')
    .selectAll()
    .where('subject_kind', '=', kind)
    .where('subject_id', '=', id)
    .where('state', '=', 'scheduled')
    .executeTakeFirst()
}

/** Takes a deletion that is due, so that no other process carries it out at the same time. */
export async function lockDue(tx: Database, now: Date) {
  return tx
    .as<Tables>()
    .selectFrom('privacy.deletion')
    .selectAll()
    .where('state', '=', 'scheduled')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
}

export async function endDeletion(
  tx: Database,
  deletion_id: string,
  state: 'undone' | 'done',
  at: Date,
  erased?: Record<string, number | undefined>,
): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('privacy.deletion')
    .set({ state, done_at: at, erased: erased ? JSON.stringify(erased) : null })
    .where('deletion_id', '=', deletion_id)
    .execute()
}

export async function keepTombstone(tx: Database, { kind, id }: DataSubject, erased_at: Date): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('privacy.tombstone')
    .values({ subject_kind: kind, subject_id: id, erased_at })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function listTombstones(db: Database): Promise<TombstoneRow[]> {
  return db.as<Tables>().selectFrom('privacy.tombstone').selectAll().orderBy('erased_at').execute()
}

export async function findRetention(db: Database, organisation_id: string): Promise<Retention | undefined> {
  return db
    .as<Tables>()
    .selectFrom('privacy.retention')
    .select(['calculations_months', 'deliveries_days'])
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirst()
}

export async function saveRetention(tx: Database, organisation_id: string, retention: Retention): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('privacy.retention')
    .values({ organisation_id, ...retention })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(retention))
    .execute()
}

export async function listRetentions(db: Database): Promise<(Retention & { organisation_id: string })[]> {
  return db.as<Tables>().selectFrom('privacy.retention').selectAll().execute()
}

export async function deleteRetention(tx: Database, organisation_id: string): Promise<void> {
  await tx.as<Tables>().deleteFrom('privacy.retention').where('organisation_id', '=', organisation_id).execute()
}

/**
 * Writes the tables anew without what was deleted, and drops the log of changes: a deleted row lies in the files of the
 * database until then. On a server the administrator's own tools do so in time; the embedded database has nobody else.
 */
export async function compact(db: Database): Promise<void> {
  if (db.kind !== 'embedded') return
  // Counts are noted now and then; this writes them down at once.
  await sql`select pg_stat_force_next_flush()`.execute(db.kysely)
  const { rows } = await sql<{ name: string }>`select quote_ident(schemaname) || '.' || quote_ident(relname) as name
    from pg_stat_user_tables where n_dead_tup > 0 or n_tup_del > 0 or n_tup_upd > 0`.execute(db.kysely)
  for (const { name } of rows) await sql`vacuum (full) ${sql.raw(name)}`.execute(db.kysely)
  for (const statement of ['set wal_recycle = off', 'checkpoint', 'select pg_switch_wal()', 'checkpoint'])
    await sql.raw(statement).execute(db.kysely)
}
