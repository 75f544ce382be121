import { sql } from 'kysely'
import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import type { Citation, documentKinds, ProjectEvent } from '@tidemark/core/projects/contract.ts'
import type { MethodParameters } from '@tidemark/core/projects/report.ts'
import type { Ecosystem } from '@tidemark/core/projects/ecosystems.ts'
import type { ProjectState } from '@tidemark/core/projects/states.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

/** Projects, their periods, citations, documents and what happened to them. */

export interface ProjectRow {
  id: string
  organisation_id: string
  number: number
  name: string
  developer: string
  ecosystem: Ecosystem
  description: string | null
  claimed_ha: number | null
  boundary: Boundary | null
  measured_ha: number | null
  perimeter_m: number | null
  method_parameters: MethodParameters
  state: ProjectState
  generated: boolean
  created_at: Date
  changed_at: Date
  created_by: string
  described_by: string[]
}

export interface PeriodRow {
  period_id: string
  organisation_id: string
  project_id: string
  name: string
  from_day: string
  to_day: string
  note: string | null
  created_at: Date
  created_by: string
}

/** What a citation froze. */
export interface Cited {
  sensor_id: string
  measure: string
  unit: string
  simulated: boolean
  from: string
  to: string
  readings: number
  not_counted: number
  mean: number | null
  min: number | null
  max: number | null
  amount: number | null
  coverage_fraction: number
  quality_score: number | null
  quality: Citation['quality']
}

export interface CitationRow {
  citation_id: string
  organisation_id: string
  period_id: string
  series_id: number
  cited: Cited
  digest: string
  note: string | null
  cited_at: Date
  cited_by: string
}

export interface DocumentRow {
  document_id: string
  organisation_id: string
  project_id: string
  name: string
  kind: (typeof documentKinds)[number]
  media_type: string
  bytes: number
  sha256: string
  added_at: Date
  added_by: string
}

export interface EventRow {
  organisation_id: string
  project_id: string
  at: Date
  kind: ProjectEvent['kind']
  by: string
  subject_id: string | null
  facts: ProjectEvent['facts']
}

interface Tables {
  'projects.project': ProjectRow
  'projects.period': PeriodRow
  'projects.citation': CitationRow
  'projects.document': DocumentRow
  'projects.event': EventRow
}

/** The next short name of a kind within an organisation; one that was given is never given again. */
export async function nextNumber(tx: Database, organisation_id: string, kind: 'project' | 'evidence'): Promise<number> {
  const { rows } = await sql<{
    number: number
  }>`select projects.next_number(${organisation_id}, ${kind}) as number`.execute(tx.kysely)
  return rows[0]?.number ?? 0
}

/** Whether a project was ever added to an organisation. */
export async function hasNumbered(db: Database, organisation_id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from projects.counter where organisation_id = ${organisation_id}`.execute(
    db.kysely,
  )
  return rows.length > 0
}

function columns({ boundary, method_parameters, ...rest }: ProjectRow) {
  return {
    ...rest,
    boundary: (boundary === null ? null : jsonb(boundary)) as never,
    method_parameters: jsonb(method_parameters) as never,
  }
}

export async function insertProject(tx: Database, project: ProjectRow): Promise<void> {
  await tx.as<Tables>().insertInto('projects.project').values(columns(project)).execute()
}

export async function updateProject(tx: Database, project: ProjectRow): Promise<void> {
  const { id, organisation_id, number: _, created_at: __, created_by: ___, ...changes } = columns(project)
  await tx
    .as<Tables>()
    .updateTable('projects.project')
    .set(changes)
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute()
}

export async function deleteProject(tx: Database, organisation_id: string, id: string): Promise<void> {
  await tx
    .as<Tables>()
    .deleteFrom('projects.project')
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute()
}

/** @param ref an id or a number. */
export async function findProject(
  db: Database,
  organisation_id: string,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<ProjectRow | undefined> {
  const query = db
    .as<Tables>()
    .selectFrom('projects.project')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
  const found = /^\d+$/.test(ref) ? query.where('number', '=', Number(ref)) : query.where('id', '=', ref)
  return (options.lock ? found.forUpdate() : found).executeTakeFirst()
}

export async function listProjects(
  db: Database,
  organisation_id: string,
  filter: { state?: ProjectState | undefined; ecosystem?: Ecosystem | undefined } = {},
): Promise<ProjectRow[]> {
  let query = db.as<Tables>().selectFrom('projects.project').selectAll().where('organisation_id', '=', organisation_id)
  if (filter.state) query = query.where('state', '=', filter.state)
  if (filter.ecosystem) query = query.where('ecosystem', '=', filter.ecosystem)
  return query.orderBy('name').orderBy('id').execute()
}

export async function countProjects(db: Database, organisation_id: string): Promise<number> {
  const { count } = await db
    .as<Tables>()
    .selectFrom('projects.project')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirstOrThrow()
  return Number(count)
}

// --- Periods and citations

export async function insertPeriod(tx: Database, period: PeriodRow): Promise<void> {
  await tx.as<Tables>().insertInto('projects.period').values(period).execute()
}

export async function listPeriods(db: Database, organisation_id: string, project_id?: string): Promise<PeriodRow[]> {
  const query = db.as<Tables>().selectFrom('projects.period').selectAll().where('organisation_id', '=', organisation_id)
  const found = project_id === undefined ? query : query.where('project_id', '=', project_id)
  return found.orderBy('from_day').orderBy('period_id').execute()
}

export async function findPeriod(db: Database, organisation_id: string, id: string): Promise<PeriodRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('projects.period')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('period_id', '=', id)
    .executeTakeFirst()
}

export async function insertCitation(tx: Database, citation: CitationRow): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('projects.citation')
    .values({ ...citation, cited: jsonb(citation.cited) as never })
    .execute()
}

export async function listCitations(db: Database, period_ids: readonly string[]): Promise<CitationRow[]> {
  if (period_ids.length === 0) return []
  return db
    .as<Tables>()
    .selectFrom('projects.citation')
    .selectAll()
    .where('period_id', 'in', period_ids)
    .orderBy('cited_at')
    .orderBy('citation_id')
    .execute()
}

// --- Documents

export async function insertDocument(tx: Database, document: DocumentRow): Promise<void> {
  await tx.as<Tables>().insertInto('projects.document').values(document).execute()
}

export async function listDocuments(
  db: Database,
  organisation_id: string,
  project_id?: string,
): Promise<DocumentRow[]> {
  const query = db
    .as<Tables>()
    .selectFrom('projects.document')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
  const found = project_id === undefined ? query : query.where('project_id', '=', project_id)
  return found.orderBy('added_at').orderBy('document_id').execute()
}

export async function findDocument(
  db: Database,
  organisation_id: string,
  document_id: string,
): Promise<DocumentRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('projects.document')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('document_id', '=', document_id)
    .executeTakeFirst()
}

// --- What happened

export async function insertEvent(tx: Database, event: EventRow): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('projects.event')
    .values({ ...event, facts: jsonb(event.facts) as never })
    .execute()
}

/** The newest first, a thousand at most. */
export async function listEvents(db: Database, organisation_id: string, project_id?: string): Promise<EventRow[]> {
  const query = db
    .as<Tables>()
    .selectFrom('projects.event')
    .select(['organisation_id', 'project_id', 'at', 'kind', 'by', 'subject_id', 'facts'])
    .where('organisation_id', '=', organisation_id)
  const found = project_id === undefined ? query : query.where('project_id', '=', project_id).limit(1_000)
  return found.orderBy(sql`event_id`, 'desc').execute()
}

// --- Files

/**
 * Digests of files that nothing keeps any more: not evidence, not a document, not a picture, of any organisation.
 * @param db the system's: files are shared by all organisations.
 */
export async function withoutOwner(db: Database, digests: readonly string[]): Promise<string[]> {
  if (digests.length === 0) return []
  const { rows } = await sql<{ sha256: string }>`select sha256 from unnest(${digests}::text[]) as asked (sha256)
    where not exists (select from projects.evidence_file f where f.sha256 = asked.sha256)
      and not exists (select from projects.document d where d.sha256 = asked.sha256)
      and not exists (select from projects.picture p where p.sha256 = asked.sha256)`.execute(db.kysely)
  return rows.map(({ sha256 }) => sha256)
}

/** Until the transaction ends nobody else stores or removes these bytes. In order, so that two never wait for each other. */
export async function lockFiles(tx: Database, digests: readonly string[]): Promise<void> {
  for (const digest of [...new Set(digests)].sort())
    await sql`select pg_advisory_xact_lock(hashtext('projects.file ' || ${digest}))`.execute(tx.kysely)
}

/** Digests of every file of an organisation. */
export async function filesOf(db: Database, organisation_id: string): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`
    select sha256 from projects.evidence_file where organisation_id = ${organisation_id}
    union select sha256 from projects.document where organisation_id = ${organisation_id}
    union select sha256 from projects.picture where organisation_id = ${organisation_id}`.execute(db.kysely)
  return rows.map(({ sha256 }) => sha256)
}

export async function eraseOrganisation(tx: Database, organisation_id: string): Promise<Record<string, number>> {
  const { numDeletedRows } = await tx
    .as<Tables>()
    .deleteFrom('projects.project')
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirstOrThrow()
  await sql`delete from projects.counter where organisation_id = ${organisation_id}`.execute(tx.kysely)
  return { 'projects.project': Number(numDeletedRows) }
}
