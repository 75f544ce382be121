import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'

type Counts = Record<string, number>

export interface StatsRow {
  total_projects: number
  generated_projects: number
  total_evidence: number
  evidence_by_type: { before: number; after: number; general: number }
  projects_with_pair: number
  projects_with_result: number
  total_analyses: number
  analyses_by_state: Counts
  average_confidence: number | null
  confidence_levels: Counts
  evidence_classes: Counts
  calculation_methods: Counts
  decisions_by_verdict: Counts
  waiting_for_review: number
  decided: number
  approved: number
  total_calculated_credits: number
  total_approved_t_co2e: number
  average_analysis_s: number | null
}

/** Everything is counted from rows in one statement; the newest result of each project stands for it. */
export async function countStats(db: Database, organisation_id: string): Promise<StatsRow> {
  const counted = (column: string, from: string) =>
    sql`coalesce((select jsonb_object_agg(what, n) from (select ${sql.raw(column)} as what, count(*)::int as n
      from ${sql.raw(from)} where ${sql.raw(column)} is not null group by 1) as counted), '{}')`
  const { rows } = await sql<StatsRow>`
    with project as (select * from projects.project where organisation_id = ${organisation_id}),
    evidence as (select * from projects.evidence where organisation_id = ${organisation_id} and withdrawn_at is null),
    analysis as (select * from projects.analysis where organisation_id = ${organisation_id}),
    result as (select distinct on (project_id) * from analysis where state in ('measured', 'cannot_tell')
      order by project_id, created_at desc, analysis_id desc),
    decision as (select * from projects.decision where organisation_id = ${organisation_id} and state = 'effective'),
    approval as (select * from decision where proposed_t_co2e > 0),
    waiting as (select from result join project on project.id = result.project_id
      where project.state in ('analysed', 'in_review')
        and not exists (select from decision where decision.analysis_id = result.analysis_id)),
    pair as (select project_id from evidence group by 1
      having bool_or(evidence_type = 'before') and bool_or(evidence_type = 'after'))
    select
      (select count(*)::int from project) as total_projects,
      (select count(*)::int from project where generated) as generated_projects,
      (select count(*)::int from evidence) as total_evidence,
      jsonb_build_object('before', 0, 'after', 0, 'general', 0) || ${counted('evidence_type', 'evidence')} as evidence_by_type,
      (select count(*)::int from pair) as projects_with_pair,
      (select count(*)::int from pair join result using (project_id)) as projects_with_result,
      (select count(*)::int from analysis) as total_analyses,
      ${counted('state', 'analysis')} as analyses_by_state,
      (select avg(confidence_score) from result) as average_confidence,
      ${counted('level', 'result')} as confidence_levels,
      ${counted('evidence_class', 'result')} as evidence_classes,
      ${counted('method', 'approval')} as calculation_methods,
      ${counted('verdict', 'decision')} as decisions_by_verdict,
      (select count(*)::int from waiting) as waiting_for_review,
      (select count(*)::int from decision) as decided,
      (select count(*)::int from approval) as approved,
      (select coalesce(sum(calculated_carbon_credits), 0)::float8 from result) as total_calculated_credits,
      (select coalesce(sum(proposed_t_co2e), 0)::float8 from decision) as total_approved_t_co2e,
      (select avg(extract(epoch from ended_at - started_at))::float8 from analysis where ended_at is not null and started_at is not null)
        as average_analysis_s`.execute(db.kysely)
  return rows[0] as StatsRow
}
