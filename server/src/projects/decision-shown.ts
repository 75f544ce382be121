import type { Decision } from '@tidemark/core/projects/decision-contract.ts'
import type { z } from 'zod'
import type { DecisionSummary } from '@tidemark/core/projects/decision-contract.ts'
import type { AnalysisRow } from './analysis-store.ts'
import type { DecisionRow } from './decision-store.ts'

/** What waits for a second reviewer approves nothing yet. */
export function shownSummary(row: DecisionRow): z.infer<typeof DecisionSummary> {
  const { decision_id, verdict, state, statement, certificate_id } = row
  const approved_t_co2e = state === 'effective' ? row.proposed_t_co2e : 0
  return {
    decision_id,
    verdict,
    state,
    approved_t_co2e,
    statement,
    certificate_id,
    decided_at: row.decided_at.toISOString(),
  }
}

export function shownDecision(
  row: DecisionRow,
  analysis: Pick<AnalysisRow, 'confidence_score' | 'level'>,
  project_number: number,
): Decision {
  const { analysis_id, project_id, method, method_version, measured_t_co2e, fraction, reason, wanted, second_needed } =
    row
  const { decided_at, decided_by, second_at, second_by, second_reason } = row
  const first = { name: decided_by, at: decided_at.toISOString(), confirms: true, reason }
  const second =
    second_at === null
      ? []
      : [{ name: second_by, at: second_at.toISOString(), confirms: row.state === 'effective', reason: second_reason }]
  return {
    ...shownSummary(row),
    analysis_id,
    project_id,
    method,
    method_version,
    measured_t_co2e,
    fraction,
    reason,
    wanted,
    second_needed,
    project_number,
    override: row.override_t_co2e === null ? null : { approved_t_co2e: row.override_t_co2e },
    confidence_score: analysis.confidence_score,
    level: analysis.level,
    reviewers: [first, ...second],
  }
}
