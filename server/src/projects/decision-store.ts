import type { decisionStates, Verdict } from '@tidemark/core/projects/decision-contract.ts'
import type { MethodId } from '@tidemark/core/projects/method-result.ts'
import type { Database } from '../platform/database/database.ts'

export interface DecisionRow {
  decision_id: string
  organisation_id: string
  project_id: string
  analysis_id: string
  verdict: Verdict
  state: (typeof decisionStates)[number]
  method: MethodId | null
  method_version: string | null
  measured_t_co2e: number | null
  fraction: number | null
  override_t_co2e: number | null
  proposed_t_co2e: number
  reason: string | null
  wanted: string[]
  second_needed: boolean
  statement: string | null
  certificate_id: string | null
  certificate_hash: string | null
  /** What travels with its certificate, in the canonical form. */
  evidence_text: string | null
  decided_at: Date
  decided_by: string
  second_at: Date | null
  second_by: string | null
  second_reason: string | null
}

interface Tables {
  'projects.decision': DecisionRow
}

/** @returns false when the analysis was decided on. */
export async function insertDecision(tx: Database, decision: DecisionRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .as<Tables>()
    .insertInto('projects.decision')
    .values(decision)
    .onConflict((conflict) => conflict.column('analysis_id').where('state', '<>', 'not_confirmed').doNothing())
    .executeTakeFirstOrThrow()
  return Number(numInsertedOrUpdatedRows) > 0
}

export async function updateDecision(tx: Database, decision_id: string, changes: Partial<DecisionRow>): Promise<void> {
  await tx.as<Tables>().updateTable('projects.decision').set(changes).where('decision_id', '=', decision_id).execute()
}

export async function findDecision(
  db: Database,
  decision_id: string,
  options: { lock?: boolean } = {},
): Promise<DecisionRow | undefined> {
  const query = db.as<Tables>().selectFrom('projects.decision').selectAll().where('decision_id', '=', decision_id)
  return (options.lock ? query.forUpdate() : query).executeTakeFirst()
}

/** The newest first. */
export async function listDecisions(
  db: Database,
  organisation_id: string,
  project_id?: string,
): Promise<DecisionRow[]> {
  const query = db
    .as<Tables>()
    .selectFrom('projects.decision')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
  const found = project_id === undefined ? query : query.where('project_id', '=', project_id)
  return found.orderBy('decided_at', 'desc').orderBy('decision_id', 'desc').execute()
}

/** What stands of analyses: a decision that was not confirmed leaves them open. */
export async function decisionsOf(db: Database, analysis_ids: readonly string[]): Promise<Map<string, DecisionRow>> {
  if (analysis_ids.length === 0) return new Map()
  const rows = await db
    .as<Tables>()
    .selectFrom('projects.decision')
    .selectAll()
    .where('analysis_id', 'in', analysis_ids)
    .where('state', '<>', 'not_confirmed')
    .execute()
  return new Map(rows.map((row) => [row.analysis_id, row]))
}
