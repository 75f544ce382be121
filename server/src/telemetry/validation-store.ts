import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'

export interface ValidationRow {
  validation_id: string
  organisation_id: string
  validated_at: Date
  validation_level: 'basic' | 'standard' | 'strict'
  project_id: string
  sensor_ids: string[]
  total_readings: number
  valid_readings: number
  quality_score: number
  certificate_id: string
  certificate_hash: string
  /** JSON text; null once the readings are kept no longer. */
  evidence: string | null
}

/** What a list shows: evidence may be megabytes. */
export type ValidationHead = Omit<ValidationRow, 'evidence'> & { readings_kept: boolean }

interface Tables {
  'telemetry.validation': ValidationRow
}

const head = [
  'validation_id',
  'organisation_id',
  'validated_at',
  'validation_level',
  'project_id',
  'sensor_ids',
  'total_readings',
  'valid_readings',
  'quality_score',
  'certificate_id',
  'certificate_hash',
] as const

export async function insertValidation(tx: Database, row: ValidationRow): Promise<void> {
  await tx.as<Tables>().insertInto('telemetry.validation').values(row).execute()
}

export async function findValidation(
  db: Database,
  organisation_id: string,
  validation_id: string,
): Promise<ValidationRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('telemetry.validation')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('validation_id', '=', validation_id)
    .executeTakeFirst()
}

export async function listValidations(
  db: Database,
  organisation_id: string,
  query: { sensor_id?: string | undefined; project_id?: string | undefined; limit: number },
): Promise<ValidationHead[]> {
  const { sensor_id, project_id, limit } = query
  let rows = db
    .as<Tables>()
    .selectFrom('telemetry.validation')
    .select(head)
    .select(sql<boolean>`evidence is not null`.as('readings_kept'))
    .where('organisation_id', '=', organisation_id)
    .orderBy('validated_at', 'desc')
    .orderBy('validation_id', 'desc')
    .limit(limit)
  if (sensor_id !== undefined) rows = rows.where(sql<boolean>`sensor_ids @> array[${sensor_id}]::text[]`)
  if (project_id !== undefined) rows = rows.where('project_id', '=', project_id)
  return rows.execute()
}

/** Forgets the readings of validations from before an instant, of one organisation or of all. The certificates stay. */
export async function dropEvidenceBefore(db: Database, horizon: Date, organisation_id?: string): Promise<void> {
  const old = db
    .as<Tables>()
    .updateTable('telemetry.validation')
    .set({ evidence: null })
    .where('validated_at', '<', horizon)
    .where('evidence', 'is not', null)
  await (organisation_id === undefined ? old : old.where('organisation_id', '=', organisation_id)).execute()
}
