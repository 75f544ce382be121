import { sql } from 'kysely'
import type { Anomaly } from '@tidemark/core/sites/anomalies.ts'
import type { Count } from '@tidemark/core/sites/anomaly-confidence.ts'
import type { Severity } from '@tidemark/core/sites/anomaly-severity.ts'
import type { AnomalyType, Judged } from '@tidemark/core/sites/anomaly-watch.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export type Verdict = 'correct' | 'false_alarm'

export interface DetectionRow {
  site_id: string
  organisation_id: string
  ran_at: Date
  judged_from: Date
  judged_to: Date
  readings: number
  judged: Judged[]
}

/** What the detectors told, beside what has a column of its own. */
export type ToldOfAnomaly = Omit<
  Anomaly,
  'type' | 'asset_id' | 'from_ms' | 'to_ms' | 'found_ms' | 'is_open' | 'severity' | 'strength'
>

export interface AnomalyRow {
  anomaly_id: string
  organisation_id: string
  site_id: string
  type: AnomalyType
  asset_id: string | null
  from_at: Date
  to_at: Date
  found_at: Date
  is_open: boolean
  severity: Severity
  strength: number
  simulated: boolean
  told: ToldOfAnomaly
  stored_at: Date
  changed_at: Date
  withdrawn_at: Date | null
  verdict: Verdict | null
  judged_at: Date | null
}

interface Tables {
  'sites.detection': DetectionRow
  'sites.anomaly': AnomalyRow
}

export async function findDetection(db: Database, site_id: string): Promise<DetectionRow | undefined> {
  return db.as<Tables>().selectFrom('sites.detection').selectAll().where('site_id', '=', site_id).executeTakeFirst()
}

/** All that were ever looked at, with how much there was. */
export async function listDetections(db: Database): Promise<Pick<DetectionRow, 'site_id' | 'ran_at' | 'readings'>[]> {
  return db.as<Tables>().selectFrom('sites.detection').select(['site_id', 'ran_at', 'readings']).execute()
}

/** Writes down that a site was looked at, and keeps its row locked: two that look at once take turns. */
export async function lockDetection(tx: Database, row: DetectionRow): Promise<void> {
  const { site_id, organisation_id, ran_at, judged_from, judged_to, readings, judged } = row
  await sql`insert into sites.detection (site_id, organisation_id, ran_at, judged_from, judged_to, readings, judged)
    values (${site_id}, ${organisation_id}, ${ran_at}, ${judged_from}, ${judged_to}, ${readings}, ${jsonb(judged)})
    on conflict (site_id) do update set ran_at = excluded.ran_at, judged_from = excluded.judged_from,
      judged_to = excluded.judged_to, readings = excluded.readings, judged = excluded.judged`.execute(tx.kysely)
}

export async function insertAnomaly(tx: Database, row: AnomalyRow): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('sites.anomaly')
    .values({ ...row, told: jsonb(row.told) as never })
    .execute()
}

export async function updateAnomaly(
  tx: Database,
  anomaly_id: string,
  { told, ...changes }: Partial<Omit<AnomalyRow, 'anomaly_id' | 'organisation_id' | 'site_id'>>,
): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('sites.anomaly')
    .set({ ...changes, ...(told === undefined ? {} : { told: jsonb(told) as never }) })
    .where('anomaly_id', '=', anomaly_id)
    .execute()
}

export async function findAnomaly(db: Database, anomaly_id: string): Promise<AnomalyRow | undefined> {
  return db.as<Tables>().selectFrom('sites.anomaly').selectAll().where('anomaly_id', '=', anomaly_id).executeTakeFirst()
}

export async function listAnomalies(
  db: Database,
  organisation_id: string,
  query: {
    site_id: string
    asset_id?: string | undefined
    from?: Date | undefined
    to?: Date | undefined
    withdrawn?: boolean
    limit: number
  },
): Promise<AnomalyRow[]> {
  let rows = db
    .as<Tables>()
    .selectFrom('sites.anomaly')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('site_id', '=', query.site_id)
    .orderBy('from_at', 'desc')
    .orderBy('anomaly_id', 'desc')
    .limit(query.limit)
  if (query.asset_id !== undefined) rows = rows.where('asset_id', '=', query.asset_id)
  if (query.from !== undefined) rows = rows.where('to_at', '>', query.from)
  if (query.to !== undefined) rows = rows.where('from_at', '<', query.to)
  if (query.withdrawn !== true) rows = rows.where('withdrawn_at', 'is', null)
  return rows.execute()
}

/** What people of an organisation said of its findings, by type. */
export async function countVerdicts(
  db: Database,
  organisation_id: string,
): Promise<Partial<Record<AnomalyType, Count>>> {
  const { rows } = await sql<{ type: AnomalyType; found: number; correct: number }>`
    select type, count(*)::int as found, (count(*) filter (where verdict = 'correct'))::int as correct
    from sites.anomaly where organisation_id = ${organisation_id} and verdict is not null group by type`.execute(
    db.kysely,
  )
  return Object.fromEntries(rows.map(({ type, found, correct }) => [type, { found, correct }]))
}

export async function exportAnomalies(db: Database, organisation_id: string): Promise<AnomalyRow[]> {
  return db
    .as<Tables>()
    .selectFrom('sites.anomaly')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .orderBy('anomaly_id', 'desc')
    .limit(100_000)
    .execute()
}
