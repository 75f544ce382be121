import type { AuditFilters } from '@tidemark/core/audit/contract.ts'
import type { ChainPosition, StoredEvent } from '@tidemark/core/audit/chain.ts'
import { sql, type ColumnType } from 'kysely'
import type { Database } from '../platform/database/database.ts'

interface EventTable extends Omit<StoredEvent, 'at'> {
  at: ColumnType<Date, Date, never>
}

interface ActorTable {
  actor_ref: string
  kind: 'person' | 'key'
  id: string
  name: string | null
}

interface Tables {
  'audit.event': EventTable
  'audit.actor': ActorTable
}

export type ListedEvent = StoredEvent & { actor_id: string | null; actor_name: string | null }

/** Locks the end of the chain until the transaction ends, and says where it is. */
export async function lockHead(tx: Database): Promise<ChainPosition> {
  const { rows } = await sql<ChainPosition>`select seq, hash from audit.take_head()`.execute(tx.kysely)
  const [head] = rows
  if (!head) throw new Error('The log has no end to add to.')
  return head
}

export async function readHead(db: Database): Promise<ChainPosition> {
  const { rows } = await sql<ChainPosition>`select seq, hash from audit.head`.execute(db.kysely)
  return rows[0] ?? { seq: 0, hash: '' }
}

/** The pseudonym of somebody; the fresh one becomes theirs when they have none. */
export async function refOf(tx: Database, kind: 'person' | 'key', id: string, fresh_ref: string): Promise<string> {
  const { rows } = await sql<{ ref: string }>`select audit.ref_of(${kind}, ${id}, ${fresh_ref}) as ref`.execute(
    tx.kysely,
  )
  return rows[0]?.ref ?? fresh_ref
}

export async function insertEvent(tx: Database, event: StoredEvent): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('audit.event')
    .values({ ...event, at: new Date(event.at) })
    .execute()
}

/** Newest first. `organisation_id` undefined means every organisation. */
export async function listEvents(
  db: Database,
  filters: AuditFilters & { organisation_id?: string; before?: number; limit: number },
): Promise<ListedEvent[]> {
  let query = db
    .as<Tables>()
    .selectFrom('audit.event as e')
    .selectAll('e')
    .orderBy('e.seq', 'desc')
    .limit(filters.limit)
  const { organisation_id, before, action, actor, resource_type, resource_id, result, from, to } = filters
  if (organisation_id !== undefined) query = query.where('e.organisation_id', '=', organisation_id)
  if (before !== undefined) query = query.where('e.seq', '<', before)
  if (action !== undefined) query = query.where('e.action', '=', action)
  if (actor !== undefined)
    query = query.where((column) =>
      column('e.actor_ref', 'in', column.selectFrom('audit.actor').select('actor_ref').where('id', '=', actor)).or(
        'e.actor_ref',
        '=',
        actor,
      ),
    )
  if (resource_type !== undefined) query = query.where('e.resource_type', '=', resource_type)
  if (resource_id !== undefined) query = query.where('e.resource_id', '=', resource_id)
  if (result !== undefined) query = query.where('e.result', '=', result)
  if (from !== undefined) query = query.where('e.at', '>=', new Date(from))
  if (to !== undefined) query = query.where('e.at', '<', new Date(to))
  const rows = await query.execute()
  // Names are looked up for the few who are on the page: whether one may be seen is asked of the log for each.
  const refs = [...new Set(rows.flatMap(({ actor_ref }) => actor_ref ?? []))]
  const actors = new Map((await actorsOf(db, refs)).map((actor_of) => [actor_of.actor_ref, actor_of]))
  return rows.map((row) => {
    const known = row.actor_ref === null ? undefined : actors.get(row.actor_ref)
    return { ...row, at: row.at.toISOString(), actor_id: known?.id ?? null, actor_name: known?.name ?? null }
  })
}

async function actorsOf(db: Database, refs: readonly string[]): Promise<ActorTable[]> {
  if (refs.length === 0) return []
  return db.as<Tables>().selectFrom('audit.actor').selectAll().where('actor_ref', 'in', refs).execute()
}

/** Some rows after a number, in the order of the chain. */
export async function eventsAfter(db: Database, seq: number, limit: number): Promise<StoredEvent[]> {
  const rows = await db
    .as<Tables>()
    .selectFrom('audit.event')
    .selectAll()
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

export async function nameActor(db: Database, kind: 'person' | 'key', id: string, name: string): Promise<void> {
  await db.as<Tables>().updateTable('audit.actor').set({ name }).where('kind', '=', kind).where('id', '=', id).execute()
}

/** Cuts the pseudonym from whom it stood for. */
export async function eraseActor(db: Database, kind: 'person' | 'key', id: string): Promise<boolean> {
  const result = await db
    .as<Tables>()
    .deleteFrom('audit.actor')
    .where('kind', '=', kind)
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** Cuts the pseudonyms of an organisation's keys; returns how many. */
export async function eraseKeysOf(db: Database, organisation_id: string): Promise<number> {
  const { numAffectedRows } = await sql`delete from audit.actor a where a.kind = 'key'
    and exists (select from audit.event e where e.actor_ref = a.actor_ref and e.organisation_id = ${organisation_id})`.execute(
    db.kysely,
  )
  return Number(numAffectedRows ?? 0)
}

export async function findActor(db: Database, kind: 'person' | 'key', id: string): Promise<ActorTable | undefined> {
  return db
    .as<Tables>()
    .selectFrom('audit.actor')
    .selectAll()
    .where('kind', '=', kind)
    .where('id', '=', id)
    .executeTakeFirst()
}
