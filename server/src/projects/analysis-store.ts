import { sql } from 'kysely'
import type {
  AnalysisRecord,
  AnalysisState,
  Analysis,
  Histogram,
  pictureKinds,
} from '@tidemark/core/projects/analysis-contract.ts'
import type { z } from 'zod'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'
import type { AnalysisTask } from './analysis-task.ts'

export interface AnalysisRow extends AnalysisRecord {
  analysis_id: string
  organisation_id: string
  project_id: string
  state: AnalysisState
  cause: Analysis['cause']
  before_evidence_id: string
  after_evidence_id: string
  /** The report as text, in its canonical form. */
  ai_analysis_results: string | null
  sensor: string | null
  task: AnalysisTask
  level: Analysis['level']
  /** What travels with its certificate, in the canonical form. */
  evidence_text: string | null
  report_digest: string | null
  certificate_id: string | null
  certificate_hash: string | null
  histogram: z.infer<typeof Histogram> | null
  progress: Analysis['progress']
  reason: string | null
  generated: boolean
  worker: string | null
  alive_at: Date | null
  attempts: number
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
  asked_by: string
}

export interface PictureRow {
  analysis_id: string
  kind: (typeof pictureKinds)[number]
  organisation_id: string
  media_type: string
  width: number
  height: number
  corners: [number, number][] | null
  sha256: string
  bytes: number
}

interface Tables {
  'projects.analysis': AnalysisRow
  'projects.picture': PictureRow
}

const json = ['task', 'params_json', 'acquisition_utc', 'histogram', 'progress'] as const

function columns<R extends Partial<AnalysisRow>>(row: R): R {
  const packed: Record<string, unknown> = { ...row }
  for (const name of json) {
    const value = row[name]
    if (value !== undefined && value !== null) packed[name] = jsonb(value)
  }
  return packed as R
}

/** @returns false when an analysis of the project is under way. */
export async function insertAnalysis(tx: Database, row: AnalysisRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .as<Tables>()
    .insertInto('projects.analysis')
    .values(columns(row))
    .onConflict((conflict) => conflict.column('project_id').where('state', 'in', ['queued', 'running']).doNothing())
    .executeTakeFirstOrThrow()
  return Number(numInsertedOrUpdatedRows) > 0
}

export async function updateAnalysis(db: Database, analysis_id: string, changes: Partial<AnalysisRow>): Promise<void> {
  await db
    .as<Tables>()
    .updateTable('projects.analysis')
    .set(columns(changes))
    .where('analysis_id', '=', analysis_id)
    .execute()
}

export async function findAnalysis(
  db: Database,
  analysis_id: string,
  options: { lock?: boolean } = {},
): Promise<AnalysisRow | undefined> {
  const query = db.as<Tables>().selectFrom('projects.analysis').selectAll().where('analysis_id', '=', analysis_id)
  return (options.lock ? query.forUpdate() : query).executeTakeFirst()
}

/** Of a project, or of an organisation; the newest first. */
export async function listAnalyses(
  db: Database,
  organisation_id: string,
  filter: { project_id?: string; state?: readonly AnalysisState[] } = {},
): Promise<AnalysisRow[]> {
  let query = db.as<Tables>().selectFrom('projects.analysis').selectAll().where('organisation_id', '=', organisation_id)
  if (filter.project_id !== undefined) query = query.where('project_id', '=', filter.project_id)
  if (filter.state !== undefined) query = query.where('state', 'in', filter.state)
  return query.orderBy('created_at', 'desc').orderBy('analysis_id', 'desc').execute()
}

/** The last analysis in which a piece of evidence was looked at. */
export async function findAnalysisOf(db: Database, evidence_id: string): Promise<AnalysisRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('projects.analysis')
    .selectAll()
    .where(({ or, eb }) => or([eb('before_evidence_id', '=', evidence_id), eb('after_evidence_id', '=', evidence_id)]))
    .orderBy('created_at', 'desc')
    .orderBy('analysis_id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The newest result of a project, or the newest analysis when none has a result. */
export async function findLatest(
  db: Database,
  project_id: string,
  options: { with_result?: boolean } = {},
): Promise<AnalysisRow | undefined> {
  const query = db.as<Tables>().selectFrom('projects.analysis').selectAll().where('project_id', '=', project_id)
  const found = options.with_result ? query.where('state', 'in', ['measured', 'cannot_tell']) : query
  return found.orderBy('created_at', 'desc').orderBy('analysis_id', 'desc').limit(1).executeTakeFirst()
}

/** The newest analysis of each project of an organisation. */
export async function latestIds(db: Database, organisation_id: string): Promise<Map<string, string>> {
  const { rows } = await sql<{ project_id: string; analysis_id: string }>`
    select distinct on (project_id) project_id, analysis_id from projects.analysis
    where organisation_id = ${organisation_id}
    order by project_id, created_at desc, analysis_id desc`.execute(db.kysely)
  return new Map(rows.map(({ project_id, analysis_id }) => [project_id, analysis_id]))
}

/** Those whose process was not heard of since. */
export async function listSilent(db: Database, since: Date): Promise<AnalysisRow[]> {
  return db
    .as<Tables>()
    .selectFrom('projects.analysis')
    .selectAll()
    .where('state', '=', 'running')
    .where('alive_at', '<', since)
    .execute()
}

export async function insertPictures(tx: Database, pictures: readonly PictureRow[]): Promise<void> {
  if (pictures.length === 0) return
  await tx
    .as<Tables>()
    .insertInto('projects.picture')
    .values(
      pictures.map((each) => ({ ...each, corners: (each.corners === null ? null : jsonb(each.corners)) as never })),
    )
    .execute()
}

export async function listPictures(db: Database, analysis_ids: readonly string[]): Promise<PictureRow[]> {
  if (analysis_ids.length === 0) return []
  return db
    .as<Tables>()
    .selectFrom('projects.picture')
    .selectAll()
    .where('analysis_id', 'in', analysis_ids)
    .orderBy('kind')
    .execute()
}
