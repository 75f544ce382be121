import type { Alert } from '@tidemark/core/models/serving-contract.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export interface AlertRow {
  alert_id: string
  organisation_id: string
  model_id: string
  version: number
  kind: Alert['kind']
  feature: string | null
  slice: string | null
  says: string
  facts: Record<string, unknown>
  since: Date
  raised_at: Date
  seen_at: Date
  acknowledged_at: Date | null
  acknowledged_by: string | null
  resolved_at: Date | null
}

interface Tables {
  'models.alert': AlertRow
}

export async function openCounts(db: Database, model_ids: readonly string[]): Promise<Map<string, number>> {
  if (model_ids.length === 0) return new Map()
  const rows = await db
    .as<Tables>()
    .selectFrom('models.alert')
    .select((column) => ['model_id', column.fn.countAll<number>().as('n')])
    .where('model_id', 'in', model_ids)
    .where('resolved_at', 'is', null)
    .groupBy('model_id')
    .execute()
  return new Map(rows.map(({ model_id, n }) => [model_id, Number(n)]))
}

/** Of all organisations. */
export async function openByKind(db: Database): Promise<{ kind: string; count: number }[]> {
  const rows = await db
    .as<Tables>()
    .selectFrom('models.alert')
    .select((column) => ['kind', column.fn.countAll<number>().as('count')])
    .where('resolved_at', 'is', null)
    .groupBy('kind')
    .execute()
  return rows.map(({ kind, count }) => ({ kind, count: Number(count) }))
}

export async function listAlerts(db: Database, model_id: string, open: boolean): Promise<AlertRow[]> {
  const query = db.as<Tables>().selectFrom('models.alert').selectAll().where('model_id', '=', model_id)
  return (open ? query.where('resolved_at', 'is', null) : query).orderBy('alert_id', 'desc').limit(500).execute()
}

export async function findAlert(
  db: Database,
  organisation_id: string,
  alert_id: string,
): Promise<AlertRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('models.alert')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('alert_id', '=', alert_id)
    .executeTakeFirst()
}

export async function insertAlert(tx: Database, row: AlertRow): Promise<void> {
  const facts = jsonb(row.facts) as unknown as Record<string, unknown>
  await tx
    .as<Tables>()
    .insertInto('models.alert')
    .values({ ...row, facts })
    .execute()
}

export async function updateAlert(tx: Database, alert_id: string, changes: Partial<AlertRow>): Promise<void> {
  const cast = changes.facts === undefined ? changes : { ...changes, facts: jsonb(changes.facts) as never }
  await tx.as<Tables>().updateTable('models.alert').set(cast).where('alert_id', '=', alert_id).execute()
}
