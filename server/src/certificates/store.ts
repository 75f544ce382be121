import type { CertificateKind } from '@tidemark/core/certificates/kinds/kinds.ts'
import type { ColumnType } from 'kysely'
import type { Database } from '../platform/database/database.ts'

interface SubjectTable {
  organisation_id: string
  subject_ref: string
  wrapped_key: Uint8Array | null
  created_at: ColumnType<Date, Date, never>
  erased_at: Date | null
}

interface CertificateTable {
  certificate_id: string
  organisation_id: string
  kind: CertificateKind
  /** Of the calculation, the validation, the analysis or the decision. */
  record_id: string
  certificate_hash: string
  kid: string
  issued_at: Date
  document: string
  subject_ref: string
  disclosure: Uint8Array
}

interface Tables {
  'certificates.subject': SubjectTable
  'certificates.certificate': CertificateTable
}

export type StoredCertificate = CertificateTable

export async function insertCertificate(tx: Database, certificate: StoredCertificate): Promise<void> {
  await tx.as<Tables>().insertInto('certificates.certificate').values(certificate).execute()
}

export async function findCertificate(db: Database, certificate_id: string): Promise<StoredCertificate | undefined> {
  return db
    .as<Tables>()
    .selectFrom('certificates.certificate')
    .selectAll()
    .where('certificate_id', '=', certificate_id)
    .executeTakeFirst()
}

/** The newest, of one kind or of all. */
export async function listCertificates(
  db: Database,
  { limit, kind }: { limit: number; kind?: CertificateKind | undefined },
): Promise<StoredCertificate[]> {
  const all = db.as<Tables>().selectFrom('certificates.certificate')
  const rows = kind === undefined ? all : all.where('kind', '=', kind)
  return rows.selectAll().orderBy('issued_at', 'desc').orderBy('certificate_id', 'desc').limit(limit).execute()
}

/** Every key that signed something that is stored here. */
export async function listKids(db: Database): Promise<string[]> {
  const rows = await db.as<Tables>().selectFrom('certificates.certificate').select('kid').distinct().execute()
  return rows.map((row) => row.kid)
}

/** The subject's wrapped key; null once erased, undefined when the subject is not known. */
export async function findSubjectKey(
  db: Database,
  organisation_id: string,
  subject_ref: string,
): Promise<Uint8Array | null | undefined> {
  const row = await db
    .as<Tables>()
    .selectFrom('certificates.subject')
    .select('wrapped_key')
    .where('organisation_id', '=', organisation_id)
    .where('subject_ref', '=', subject_ref)
    .executeTakeFirst()
  return row?.wrapped_key
}

/** Keeps this key unless there is one already, and returns the one that counts: of two at once the first wins. */
export async function keepSubjectKey(
  tx: Database,
  organisation_id: string,
  subject_ref: string,
  wrapped_key: Uint8Array,
  at: Date,
): Promise<Uint8Array> {
  const row = await tx
    .as<Tables>()
    .insertInto('certificates.subject')
    .values({ organisation_id, subject_ref, wrapped_key, created_at: at, erased_at: null })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'subject_ref']).doUpdateSet((column) => ({
        wrapped_key: column.fn.coalesce('certificates.subject.wrapped_key', 'excluded.wrapped_key'),
        erased_at: null,
      })),
    )
    .returning('wrapped_key')
    .executeTakeFirstOrThrow()
  return row.wrapped_key ?? wrapped_key
}

/** Destroys the subject's key, of every organisation that `db` shows. Returns whether there was one. */
export async function eraseSubjectKey(tx: Database, subject_ref: string, at: Date): Promise<boolean> {
  const result = await tx
    .as<Tables>()
    .updateTable('certificates.subject')
    .set({ wrapped_key: null, erased_at: at })
    .where('subject_ref', '=', subject_ref)
    .where('wrapped_key', 'is not', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Every certificate of an organisation. */
export async function certificatesOf(db: Database, organisation_id: string): Promise<StoredCertificate[]> {
  return db
    .as<Tables>()
    .selectFrom('certificates.certificate')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .orderBy('certificate_id')
    .execute()
}

/** Destroys the keys of all subjects of an organisation; returns how many there were. */
export async function eraseSubjectKeysOf(tx: Database, organisation_id: string, at: Date): Promise<number> {
  const result = await tx
    .as<Tables>()
    .updateTable('certificates.subject')
    .set({ wrapped_key: null, erased_at: at })
    .where('organisation_id', '=', organisation_id)
    .where('wrapped_key', 'is not', null)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** How many certificates each organisation has. */
export async function countByOrganisation(db: Database): Promise<{ organisation_id: string; count: number }[]> {
  return db
    .as<Tables>()
    .selectFrom('certificates.certificate')
    .select((column) => ['organisation_id', column.fn.countAll<number>().as('count')])
    .groupBy('organisation_id')
    .execute()
}
