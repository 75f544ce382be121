import type { Optimization } from '@tidemark/core/sites/schedule-contract.ts'
import type { Schedule } from '@tidemark/core/sites/schedule-cost.ts'
import type { ScheduleTask } from '@tidemark/core/sites/schedule-task.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export interface PlanRow {
  plan_id: string
  organisation_id: string
  site_id: string
  horizon: '24h' | '7d'
  made_at: Date
  site_changed_at: Date
  task: ScheduleTask
  schedule: Schedule
  answer: Optimization
}

interface Tables {
  'sites.plan': PlanRow
}

/** Two that ask at once make one plan: the first stays. */
export async function insertPlan(tx: Database, row: PlanRow): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('sites.plan')
    .values({
      ...row,
      task: jsonb(row.task) as never,
      schedule: jsonb(row.schedule) as never,
      answer: jsonb(row.answer) as never,
    })
    .onConflict((conflict) => conflict.columns(['site_id', 'horizon', 'made_at', 'site_changed_at']).doNothing())
    .execute()
}

export async function findPlanOf(
  db: Database,
  given: Pick<PlanRow, 'organisation_id' | 'site_id' | 'horizon' | 'made_at' | 'site_changed_at'>,
): Promise<PlanRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('sites.plan')
    .selectAll()
    .where('organisation_id', '=', given.organisation_id)
    .where('site_id', '=', given.site_id)
    .where('horizon', '=', given.horizon)
    .where('made_at', '=', given.made_at)
    .where('site_changed_at', '=', given.site_changed_at)
    .executeTakeFirst()
}

export async function findPlan(db: Database, organisation_id: string, plan_id: string): Promise<PlanRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('sites.plan')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('plan_id', '=', plan_id)
    .executeTakeFirst()
}

export async function dropPlans(tx: Database, site_id: string, before: Date): Promise<void> {
  await tx.as<Tables>().deleteFrom('sites.plan').where('site_id', '=', site_id).where('made_at', '<', before).execute()
}

export async function exportPlans(db: Database, organisation_id: string): Promise<readonly unknown[]> {
  return db
    .as<Tables>()
    .selectFrom('sites.plan')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .orderBy('made_at')
    .limit(10_000)
    .execute()
}
