import { sql } from 'kysely'
import type { ThresholdState } from '@tidemark/core/sites/alert-rules.ts'
import type { Watches } from '@tidemark/core/sites/alerts-contract.ts'
import type { Severity } from '@tidemark/core/sites/anomaly-severity.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'
import type { Verdict } from './anomalies-store.ts'

export interface RuleRow {
  rule_id: string
  organisation_id: string
  site_id: string
  asset_id: string | null
  name: string
  active: boolean
  watches: Watches
  repeat_after_s: number
  alerts_per_week: number
  strength_min: number
  muted_until: Date | null
  states: Record<string, ThresholdState>
  created_at: Date
  changed_at: Date
}

export interface AlertRow {
  alert_id: string
  organisation_id: string
  site_id: string
  rule_id: string
  anomaly_id: string | null
  asset_id: string | null
  sensor_id: string | null
  subject: string
  severity: Severity
  told: { type: string; measure: string | null; value: number | null; expected: number | null }
  times: number
  raised_at: Date
  from_at: Date
  last_seen_at: Date
  resolved_at: Date | null
  acknowledged_at: Date | null
  muted_until: Date | null
  verdict: Verdict | null
  note: string
}

interface Tables {
  'sites.alert_rule': RuleRow
  'sites.alert': AlertRow
}

export async function insertRule(tx: Database, rule: RuleRow): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('sites.alert_rule')
    .values({ ...rule, watches: jsonb(rule.watches) as never, states: jsonb(rule.states) as never })
    .execute()
}

export async function updateRule(
  tx: Database,
  rule_id: string,
  { watches, states, ...changes }: Partial<Omit<RuleRow, 'rule_id' | 'organisation_id' | 'site_id'>>,
): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('sites.alert_rule')
    .set({
      ...changes,
      ...(watches === undefined ? {} : { watches: jsonb(watches) as never }),
      ...(states === undefined ? {} : { states: jsonb(states) as never }),
    })
    .where('rule_id', '=', rule_id)
    .execute()
}

export async function deleteRule(tx: Database, rule_id: string): Promise<void> {
  await tx.as<Tables>().deleteFrom('sites.alert_rule').where('rule_id', '=', rule_id).execute()
}

export async function findRule(db: Database, organisation_id: string, rule_id: string): Promise<RuleRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('sites.alert_rule')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('rule_id', '=', rule_id)
    .executeTakeFirst()
}

export async function listRules(db: Database, organisation_id: string, site_id?: string): Promise<RuleRow[]> {
  const rows = db
    .as<Tables>()
    .selectFrom('sites.alert_rule')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .orderBy('name')
    .orderBy('rule_id')
  return (site_id === undefined ? rows : rows.where('site_id', '=', site_id)).execute()
}

export async function insertAlert(tx: Database, alert: AlertRow): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('sites.alert')
    .values({ ...alert, told: jsonb(alert.told) as never })
    .execute()
}

export async function updateAlert(
  tx: Database,
  alert_id: string,
  { told, ...changes }: Partial<Omit<AlertRow, 'alert_id' | 'organisation_id' | 'site_id' | 'rule_id'>>,
): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('sites.alert')
    .set({ ...changes, ...(told === undefined ? {} : { told: jsonb(told) as never }) })
    .where('alert_id', '=', alert_id)
    .execute()
}

export async function findAlert(
  db: Database,
  organisation_id: string,
  alert_id: string,
): Promise<AlertRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('sites.alert')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('alert_id', '=', alert_id)
    .executeTakeFirst()
}

/** The latest alert of each subject of a rule. */
export async function latestAlerts(db: Database, rule_id: string): Promise<AlertRow[]> {
  const { rows } = await sql<AlertRow>`select distinct on (subject) * from sites.alert
    where rule_id = ${rule_id} order by subject, last_seen_at desc, alert_id desc`.execute(db.kysely)
  return rows
}

/** What is over, or was nothing after all, is not open any more, whatever its rule says by now. */
export async function resolveEnded(tx: Database, site_id: string, at: Date): Promise<void> {
  await sql`update sites.alert set resolved_at = ${at} from sites.anomaly
    where alert.site_id = ${site_id} and alert.resolved_at is null and alert.anomaly_id = anomaly.anomaly_id
      and (not anomaly.is_open or anomaly.withdrawn_at is not null)`.execute(tx.kysely)
}

const stateOf = {
  open: sql<boolean>`resolved_at is null and acknowledged_at is null`,
  acknowledged: sql<boolean>`resolved_at is null and acknowledged_at is not null`,
  resolved: sql<boolean>`resolved_at is not null`,
}

export async function listAlerts(
  db: Database,
  organisation_id: string,
  query: { site_id?: string | undefined; state?: keyof typeof stateOf | undefined; limit: number },
): Promise<AlertRow[]> {
  let rows = db
    .as<Tables>()
    .selectFrom('sites.alert')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .orderBy('raised_at', 'desc')
    .orderBy('alert_id', 'desc')
    .limit(query.limit)
  if (query.site_id !== undefined) rows = rows.where('site_id', '=', query.site_id)
  if (query.state !== undefined) rows = rows.where(stateOf[query.state])
  return rows.execute()
}

export async function countOpen(db: Database, organisation_id: string, site_id?: string): Promise<number> {
  const rows = db
    .as<Tables>()
    .selectFrom('sites.alert')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisation_id)
    .where(stateOf.open)
  const row = await (site_id === undefined ? rows : rows.where('site_id', '=', site_id)).executeTakeFirst()
  return Number(row?.count ?? 0)
}

export async function exportAlerts(db: Database, organisation_id: string) {
  return {
    'sites.alert_rules': await listRules(db, organisation_id),
    'sites.alerts': await listAlerts(db, organisation_id, { limit: 100_000 }),
  }
}
