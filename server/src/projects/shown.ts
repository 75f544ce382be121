import { judgeArea } from '@tidemark/core/projects/boundary.ts'
import type {
  AllowedMove,
  Citation,
  Period,
  Project,
  ProjectDocument,
  ProjectEvent,
} from '@tidemark/core/projects/contract.ts'
import type { z } from 'zod'
import type { CitationRow, DocumentRow, EventRow, PeriodRow, ProjectRow } from './store.ts'

/** Rows as they are answered. */

export interface ProjectCircumstances {
  moves: z.infer<typeof AllowedMove>[]
  evidence: Project['evidence']
  latest_analysis_id: string | null
}

export function shownProject(row: ProjectRow, { moves, evidence, latest_analysis_id }: ProjectCircumstances): Project {
  const { organisation_id: _organisation, described_by: _described, measured_ha, perimeter_m, ...project } = row
  const { claimed_ha } = row
  return {
    ...project,
    area: { claimed_ha, measured_ha, perimeter_m, ...judgeArea(claimed_ha, measured_ha) },
    moves,
    evidence,
    latest_analysis_id,
    created_at: row.created_at.toISOString(),
    changed_at: row.changed_at.toISOString(),
  }
}

export function shownPeriod(row: PeriodRow, citations: readonly CitationRow[]): Period {
  const { organisation_id: _organisation, project_id: _project, from_day, to_day, created_at, ...period } = row
  return {
    ...period,
    from: from_day,
    to: to_day,
    created_at: created_at.toISOString(),
    citations: citations.filter(({ period_id }) => period_id === row.period_id).map(shownCitation),
  }
}

export function shownCitation({
  citation_id,
  series_id,
  cited,
  digest,
  note,
  cited_at,
  cited_by,
}: CitationRow): Citation {
  return { citation_id, series_id, ...cited, digest, note, cited_at: cited_at.toISOString(), cited_by }
}

export function shownDocument({
  organisation_id: _organisation,
  project_id: _project,
  added_at,
  ...document
}: DocumentRow): ProjectDocument {
  return { ...document, added_at: added_at.toISOString() }
}

export function shownEvent({ at, kind, by, subject_id, facts }: EventRow): ProjectEvent {
  return { at: at.toISOString(), kind, by, subject_id, facts }
}
