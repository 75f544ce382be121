import type { Column, DatasetVersion, Expectation } from '@tidemark/core/models/data-contract.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export interface DatasetRow {
  dataset_id: string
  organisation_id: string
  name: string
  title: string
  description: string
  expectations: Expectation[]
  version_count: number
  created_at: Date
}

/** A column, the digest of its cells, and the file that holds them. */
export interface StoredColumn {
  column: Column
  sha256: string
  file_sha256: string
}

export interface VersionRow {
  dataset_id: string
  version: number
  organisation_id: string
  sha256: string
  row_count: number
  bytes: number
  columns: StoredColumn[]
  source: DatasetVersion['source']
  schema_changes: string[]
  created_at: Date
  created_by: string
}

interface Tables {
  'models.dataset': DatasetRow
  'models.dataset_version': VersionRow
}

export async function findDataset(db: Database, organisation_id: string, key: string): Promise<DatasetRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('models.dataset')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where((is) => is.or([is('dataset_id', '=', key), is('name', '=', key)]))
    .executeTakeFirst()
}

/** The same among all that this database shows: that of one organisation, for work that the system does for it. */
export async function findDatasetInSight(db: Database, key: string): Promise<DatasetRow | undefined> {
  const [found, other] = await db
    .as<Tables>()
    .selectFrom('models.dataset')
    .selectAll()
    .where((is) => is.or([is('dataset_id', '=', key), is('name', '=', key)]))
    .limit(2)
    .execute()
  // Two of one name are of two organisations; neither is meant more than the other.
  return other ? undefined : found
}

/** The data set of that name, made when it is not there, and locked until the transaction ends. */
export async function lockDataset(tx: Database, row: DatasetRow): Promise<DatasetRow> {
  const { organisation_id, name, expectations } = row
  await tx
    .as<Tables>()
    .insertInto('models.dataset')
    .values({ ...row, expectations: jsonb(expectations) as unknown as Expectation[] })
    .onConflict((taken) => taken.columns(['organisation_id', 'name']).doNothing())
    .execute()
  return tx
    .as<Tables>()
    .selectFrom('models.dataset')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirstOrThrow()
}

export async function updateDataset(
  tx: Database,
  dataset_id: string,
  { expectations, ...changes }: Partial<Pick<DatasetRow, 'title' | 'description' | 'expectations' | 'version_count'>>,
): Promise<void> {
  const all = { ...changes, ...(expectations ? { expectations: jsonb(expectations) } : {}) }
  if (Object.keys(all).length === 0) return
  await tx
    .as<Tables>()
    .updateTable('models.dataset')
    .set(all as Partial<DatasetRow>)
    .where('dataset_id', '=', dataset_id)
    .execute()
}

export async function insertVersion(tx: Database, row: VersionRow): Promise<void> {
  const { columns, source, schema_changes, ...plain } = row
  await tx
    .as<Tables>()
    .insertInto('models.dataset_version')
    .values({
      ...plain,
      columns: jsonb(columns) as unknown as StoredColumn[],
      source: jsonb(source) as unknown as VersionRow['source'],
      schema_changes: jsonb(schema_changes) as unknown as string[],
    })
    .execute()
}

/** The version named, or the newest. */
export async function findVersion(db: Database, dataset_id: string, version?: number): Promise<VersionRow | undefined> {
  const all = db.as<Tables>().selectFrom('models.dataset_version').selectAll().where('dataset_id', '=', dataset_id)
  const wanted = version === undefined ? all.orderBy('version', 'desc').limit(1) : all.where('version', '=', version)
  const row = await wanted.executeTakeFirst()
  return row && withNumbers(row)
}

export async function listVersions(db: Database, dataset_id: string, limit: number): Promise<VersionRow[]> {
  const rows = await db
    .as<Tables>()
    .selectFrom('models.dataset_version')
    .selectAll()
    .where('dataset_id', '=', dataset_id)
    .orderBy('version', 'desc')
    .limit(limit)
    .execute()
  return rows.map(withNumbers)
}

/** Data sets that have a version, each with its newest, the newest data set first. */
export async function listDatasets(
  db: Database,
  organisation_id: string,
  { limit, before }: { limit: number; before?: string | undefined },
): Promise<{ dataset: DatasetRow; newest: VersionRow }[]> {
  const all = db
    .as<Tables>()
    .selectFrom('models.dataset')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('version_count', '>', 0)
  const datasets = await (before === undefined ? all : all.where('dataset_id', '<', before))
    .orderBy('dataset_id', 'desc')
    .limit(limit)
    .execute()
  if (datasets.length === 0) return []
  const versions = await db
    .as<Tables>()
    .selectFrom('models.dataset_version as v')
    .innerJoin('models.dataset as d', (join) =>
      join.onRef('d.dataset_id', '=', 'v.dataset_id').onRef('d.version_count', '=', 'v.version'),
    )
    .selectAll('v')
    .where(
      'v.dataset_id',
      'in',
      datasets.map(({ dataset_id }) => dataset_id),
    )
    .execute()
  const newest = new Map(versions.map((row) => [row.dataset_id, withNumbers(row)]))
  return datasets.flatMap((dataset) => {
    const version = newest.get(dataset.dataset_id)
    return version ? [{ dataset, newest: version }] : []
  })
}

/** Everything of an organisation. @returns the files that held its cells, which nobody else shares. */
export async function deleteOf(tx: Database, organisation_id: string): Promise<{ files: string[]; versions: number }> {
  const rows = await tx
    .as<Tables>()
    .selectFrom('models.dataset_version')
    .select('columns')
    .where('organisation_id', '=', organisation_id)
    .execute()
  await tx.as<Tables>().deleteFrom('models.dataset_version').where('organisation_id', '=', organisation_id).execute()
  await tx.as<Tables>().deleteFrom('models.dataset').where('organisation_id', '=', organisation_id).execute()
  const files = new Set(rows.flatMap(({ columns }) => columns.map(({ file_sha256 }) => file_sha256)))
  return { files: [...files], versions: rows.length }
}

/** A bigint comes as text from one driver and as a number from the other. */
function withNumbers(row: VersionRow): VersionRow {
  return { ...row, bytes: Number(row.bytes) }
}
