import { sql } from 'kysely'
import type { EvidenceType, NamedBand } from '@tidemark/core/projects/evidence-contract.ts'
import type { FileFacts } from '@tidemark/core/projects/file-facts.ts'
import type { EvidenceClass } from '@tidemark/core/projects/measurement.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export interface EvidenceRow {
  id: string
  organisation_id: string
  number: number
  project_id: string
  evidence_type: EvidenceType
  content_sha256: string
  evidence_class: EvidenceClass
  uploader: string | null
  gps: { latitude: number; longitude: number } | null
  claimed_co2: number | null
  project_area_hectares: number | null
  captured_at: string | null
  sensor: string | null
  bands: NamedBand[] | null
  generated: boolean
  uploaded_at: Date
  uploaded_by: string
  /** Who sent it or named its bands; of a key also who made it. */
  partakers: string[]
  withdrawn_at: Date | null
  withdrawn_reason: string | null
}

export interface EvidenceFileRow {
  evidence_id: string
  place: number
  organisation_id: string
  name: string
  sha256: string
  pixels_sha256: string
  phash: string | null
  facts: FileFacts
}

interface Tables {
  'projects.evidence': EvidenceRow
  'projects.evidence_file': EvidenceFileRow
}

const packed = (value: unknown) => (value === null ? null : jsonb(value)) as never

/** @returns false when the same bytes are evidence of that type already. */
export async function insertEvidence(tx: Database, evidence: EvidenceRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .as<Tables>()
    .insertInto('projects.evidence')
    .values({ ...evidence, gps: packed(evidence.gps), bands: packed(evidence.bands) })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'evidence_type', 'content_sha256']).where('withdrawn_at', 'is', null).doNothing(),
    )
    .executeTakeFirstOrThrow()
  return Number(numInsertedOrUpdatedRows) > 0
}

export async function insertFiles(tx: Database, files: readonly EvidenceFileRow[]): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('projects.evidence_file')
    .values(files.map((file) => ({ ...file, facts: jsonb(file.facts) as never })))
    .execute()
}

/** @param ref an id or a number. */
export async function findEvidence(
  db: Database,
  organisation_id: string,
  ref: string,
): Promise<EvidenceRow | undefined> {
  const query = db
    .as<Tables>()
    .selectFrom('projects.evidence')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
  return (/^\d+$/.test(ref) ? query.where('number', '=', Number(ref)) : query.where('id', '=', ref)).executeTakeFirst()
}

/** The same bytes for the same project and type, as long as they were not withdrawn. */
export async function findSame(
  db: Database,
  { project_id, evidence_type, content_sha256 }: Pick<EvidenceRow, 'project_id' | 'evidence_type' | 'content_sha256'>,
): Promise<EvidenceRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('projects.evidence')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('evidence_type', '=', evidence_type)
    .where('content_sha256', '=', content_sha256)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst()
}

/** Of one project, or of all of an organisation; the newest first. */
export async function listEvidence(db: Database, organisation_id: string, project_id?: string): Promise<EvidenceRow[]> {
  const query = db
    .as<Tables>()
    .selectFrom('projects.evidence')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
  const found = project_id === undefined ? query : query.where('project_id', '=', project_id)
  return found.orderBy('uploaded_at', 'desc').orderBy('number', 'desc').execute()
}

export async function listFiles(db: Database, evidence_ids: readonly string[]): Promise<EvidenceFileRow[]> {
  if (evidence_ids.length === 0) return []
  return db
    .as<Tables>()
    .selectFrom('projects.evidence_file')
    .selectAll()
    .where('evidence_id', 'in', evidence_ids)
    .orderBy('evidence_id')
    .orderBy('place')
    .execute()
}

export async function nameBands(
  tx: Database,
  { id, bands, partakers }: Pick<EvidenceRow, 'id' | 'bands' | 'partakers'>,
): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('projects.evidence')
    .set({ bands: packed(bands), partakers })
    .where('id', '=', id)
    .execute()
}

export async function withdraw(tx: Database, id: string, at: Date, reason: string): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('projects.evidence')
    .set({ withdrawn_at: at, withdrawn_reason: reason })
    .where('id', '=', id)
    .execute()
}

export interface EvidenceCount {
  project_id: string
  evidence_type: EvidenceType
  count: number
}

/** What projects have, without what was withdrawn. */
export async function countEvidence(db: Database, organisation_id: string): Promise<EvidenceCount[]> {
  const rows = await db
    .as<Tables>()
    .selectFrom('projects.evidence')
    .select(['project_id', 'evidence_type', ({ fn }) => fn.countAll<number>().as('count')])
    .where('organisation_id', '=', organisation_id)
    .where('withdrawn_at', 'is', null)
    .groupBy(['project_id', 'evidence_type'])
    .execute()
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

/** Other evidence that is the same picture, by how it is. Whose it is is not said: nobody may learn it. */
export interface SameElsewhere {
  by: 'bytes' | 'pixels' | 'phash'
  count: number
  /** Bits of 64 that differ, of the nearest; 0 for bytes and pixels. */
  distance: number
}

export interface Sought {
  project_id: string
  evidence_id: string
  /** The other date of the pair. That both are one file is found; that they look alike is what a place does. */
  partner_id: string
  sha256: string
  pixels_sha256: string
  phash_variants: readonly string[]
  distance_max: number
  /** Projects of the same organisation that rightly lie in the same scene. */
  besides: readonly string[]
}

/**
 * Evidence anywhere that was this picture before: the same bytes, the same pixels, or the same to the eye under a quarter turn
 * or a flip. Only what was there earlier counts, so that nobody spoils the proof of others by handing in a copy of it, and a
 * pair that is measured again finds what it found. What a project keeps twice for itself counts only as the other date of the
 * pair.
 * @param db the system's.
 */
export async function findSameElsewhere(db: Database, sought: Sought): Promise<SameElsewhere[]> {
  const { project_id, evidence_id, partner_id, sha256, pixels_sha256, phash_variants, distance_max, besides } = sought
  const { rows } = await sql<SameElsewhere>`
    with other as (
      select f.sha256, f.pixels_sha256, f.phash, e.id = ${partner_id} as is_partner
      from projects.evidence_file f join projects.evidence e on e.id = f.evidence_id
        join projects.evidence self on self.id = ${evidence_id}
      where e.withdrawn_at is null and not e.generated and e.id <> self.id and (e.id = ${partner_id}
        or (e.project_id <> ${project_id} and e.project_id <> all(${[...besides]}::text[]) and (e.uploaded_at, e.id) < (self.uploaded_at, self.id)))
    ), same as (
      select 'bytes' as by, 0 as distance from other where sha256 = ${sha256}
      union all
      select 'pixels', 0 from other where pixels_sha256 = ${pixels_sha256} and sha256 <> ${sha256}
      union all
      select 'phash', least_distance from other,
        lateral (select min(bit_count(('x' || variant)::bit(64) # ('x' || other.phash)::bit(64)))::int as least_distance
          from unnest(${phash_variants}::text[]) as variant) as compared
        where phash is not null and not is_partner and pixels_sha256 <> ${pixels_sha256}
          and least_distance <= ${distance_max}
    )
    select by, count(*)::int as count, min(distance)::int as distance from same group by by order by 1`.execute(
    db.kysely,
  )
  return rows
}

/** What somebody typed as the uploader's name, where it is theirs. */
export async function forgetUploader(tx: Database, email: string): Promise<number> {
  const { numUpdatedRows } = await tx
    .as<Tables>()
    .updateTable('projects.evidence')
    .set({ uploader: null })
    .where(sql`lower(uploader)`, '=', email.toLowerCase())
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}
