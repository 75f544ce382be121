import type {
  AliasEvent,
  Card,
  Evaluation,
  Metrics,
  Run,
  RunLine,
  Settings,
  Signature,
  Verdict,
  Version,
} from '@tidemark/core/models/contract.ts'
import type { Kept } from '@tidemark/core/models/kept.ts'
import type { Recipe, RunRecord, Task } from '@tidemark/core/models/recipe.ts'
import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export interface ModelRow {
  model_id: string
  organisation_id: string
  name: string
  title: string
  task: Task
  recipe: Recipe | null
  /** Of what it learns from readings, and who trains it; null for a model that learns from data sets. */
  kept: Kept | null
  settings: Settings
  card: Card
  card_revision: number
  next_run_at: Date | null
  created_at: Date
  created_by: string
  retired_at: Date | null
}

export interface VersionRow {
  model_id: string
  version: number
  organisation_id: string
  run_id: string | null
  format: Version['format']
  artifact_sha256: string
  artifact_bytes: number
  reference_sha256: string | null
  signature: Signature
  algorithm: string
  record: RunRecord | null
  metrics: Metrics
  evaluation: Evaluation | null
  verdict: Verdict | null
  card: Card
  created_at: Date
  created_by: string
  retired_at: Date | null
}

export interface RunRow {
  run_id: string
  organisation_id: string
  model_id: string
  kind: Run['kind']
  cause: Run['cause']
  state: Run['state']
  record: RunRecord
  reproduces: string | null
  step: number
  steps: number | null
  loss: number | null
  reason: string | null
  verdict: Verdict | null
  result_version: number | null
  artifact_sha256: string | null
  identical: boolean | null
  cancel_asked: boolean
  worker: string | null
  alive_at: Date | null
  created_at: Date
  created_by: string
  started_at: Date | null
  ended_at: Date | null
}

export interface AliasEventRow extends Omit<AliasEvent, 'at'> {
  model_id: string
  organisation_id: string
  run_id: string | null
  experiment_id: string | null
  at: Date
}

export interface CardRow {
  model_id: string
  revision: number
  organisation_id: string
  card: Card
  at: Date
  by: string
}

export interface RunLineRow extends Omit<RunLine, 'at'> {
  run_id: string
  organisation_id: string
  at: Date
}

interface AliasRow {
  model_id: string
  alias: string
  organisation_id: string
  version: number
}

interface Tables {
  'models.model': ModelRow
  'models.version': VersionRow
  'models.run': RunRow
  'models.run_line': RunLineRow
  'models.alias': AliasRow
  'models.alias_event': AliasEventRow
  'models.card_revision': CardRow
}

/** Columns that hold JSON: the drivers differ in what they make of a bare list, so each is cast. */
const documents = new Set([
  'recipe',
  'kept',
  'settings',
  'card',
  'signature',
  'record',
  'metrics',
  'evaluation',
  'verdict',
])

/** The same values, with documents as the database takes them. */
function cast<T extends object>(row: T): T {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      documents.has(name) && value !== null && value !== undefined ? jsonb(value) : value,
    ]),
  ) as T
}

// --- Models

export async function insertModel(tx: Database, row: ModelRow): Promise<void> {
  await tx.as<Tables>().insertInto('models.model').values(cast(row)).execute()
}

/** One of that name may have come meanwhile: false then. */
export async function insertKept(tx: Database, row: ModelRow): Promise<boolean> {
  const made = await tx
    .as<Tables>()
    .insertInto('models.model')
    .values(cast(row))
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doNothing())
    .returning('model_id')
    .executeTakeFirst()
  return made !== undefined
}

/** By id or by name. */
export async function findModel(db: Database, organisation_id: string, key: string): Promise<ModelRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('models.model')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where(key.startsWith('mdl_') ? 'model_id' : 'name', '=', key)
    .executeTakeFirst()
}

/** The same, held until the transaction ends: whoever moves an alias or adds a version comes one after the other. */
export async function lockModel(tx: Database, model_id: string): Promise<ModelRow | undefined> {
  return tx
    .as<Tables>()
    .selectFrom('models.model')
    .selectAll()
    .where('model_id', '=', model_id)
    .forUpdate()
    .executeTakeFirst()
}

export interface ModelFilter {
  task?: Task
  q?: string
  retired: boolean
  limit: number
}

export async function listModels(db: Database, organisation_id: string, filter: ModelFilter): Promise<ModelRow[]> {
  const { task, q } = filter
  let query = db.as<Tables>().selectFrom('models.model').selectAll().where('organisation_id', '=', organisation_id)
  if (task) query = query.where('task', '=', task)
  if (!filter.retired) query = query.where('retired_at', 'is', null)
  if (q !== undefined && q !== '') {
    const like = `%${q.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    query = query.where(sql<boolean>`(lower(title) like ${like} or name like ${like})`)
  }
  return query.orderBy('name').limit(filter.limit).execute()
}

export async function countModels(db: Database, organisation_id: string): Promise<number> {
  const row = await db
    .as<Tables>()
    .selectFrom('models.model')
    .select((column) => column.fn.countAll<number>().as('n'))
    .where('organisation_id', '=', organisation_id)
    // Those that sites and devices bring with them are bounded by how many of these there are.
    .where('kept', 'is', null)
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}

export async function updateModel(tx: Database, model_id: string, changes: Partial<ModelRow>): Promise<void> {
  await tx.as<Tables>().updateTable('models.model').set(cast(changes)).where('model_id', '=', model_id).execute()
}

export async function deleteModel(tx: Database, model_id: string): Promise<void> {
  await tx.as<Tables>().deleteFrom('models.model').where('model_id', '=', model_id).execute()
}

/** Models of every organisation whose schedule has come, for the system. */
export async function dueModels(db: Database, now: Date, limit: number): Promise<ModelRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.model')
    .selectAll()
    .where('next_run_at', '<=', now)
    .where('retired_at', 'is', null)
    .orderBy('next_run_at')
    .limit(limit)
    .execute()
}

/** Every model that is in use, of all organisations, for the system. */
export async function modelsInUse(db: Database): Promise<ModelRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.model')
    .selectAll()
    .where('retired_at', 'is', null)
    .orderBy('model_id')
    .execute()
}

// --- Cards

export async function insertCard(tx: Database, row: CardRow): Promise<void> {
  await tx.as<Tables>().insertInto('models.card_revision').values(cast(row)).execute()
}

export async function listCards(db: Database, model_id: string): Promise<CardRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.card_revision')
    .selectAll()
    .where('model_id', '=', model_id)
    .orderBy('revision', 'desc')
    .limit(200)
    .execute()
}

// --- Versions

export async function insertVersion(tx: Database, row: VersionRow): Promise<void> {
  await tx.as<Tables>().insertInto('models.version').values(cast(row)).execute()
}

export async function findVersion(db: Database, model_id: string, version: number): Promise<VersionRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('models.version')
    .selectAll()
    .where('model_id', '=', model_id)
    .where('version', '=', version)
    .executeTakeFirst()
}

export async function listVersions(db: Database, model_id: string, limit: number): Promise<VersionRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.version')
    .selectAll()
    .where('model_id', '=', model_id)
    .orderBy('version', 'desc')
    .limit(limit)
    .execute()
}

export async function lastVersion(db: Database, model_id: string): Promise<number> {
  const row = await db
    .as<Tables>()
    .selectFrom('models.version')
    .select((column) => column.fn.max<number | null>('version').as('version'))
    .where('model_id', '=', model_id)
    .executeTakeFirst()
  return Number(row?.version ?? 0)
}

export async function retireVersion(tx: Database, model_id: string, version: number, at: Date): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('models.version')
    .set({ retired_at: at })
    .where('model_id', '=', model_id)
    .where('version', '=', version)
    .execute()
}

/** How many versions each of these models has. */
export async function versionCounts(db: Database, model_ids: readonly string[]): Promise<Map<string, number>> {
  if (model_ids.length === 0) return new Map()
  const rows = await db
    .as<Tables>()
    .selectFrom('models.version')
    .select((column) => ['model_id', column.fn.countAll<number>().as('n')])
    .where('model_id', 'in', model_ids)
    .groupBy('model_id')
    .execute()
  return new Map(rows.map(({ model_id, n }) => [model_id, Number(n)]))
}

/** Which of these digests some version still names, for the system: files are shared by all organisations. */
export async function filesInUse(db: Database, digests: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ sha256: string }>`select artifact_sha256 as sha256 from models.version
      where artifact_sha256 = any(${digests})
    union select reference_sha256 from models.version where reference_sha256 = any(${digests})`.execute(db.kysely)
  return new Set(rows.map(({ sha256 }) => sha256))
}

// --- Aliases

export async function aliasesOf(
  db: Database,
  model_ids: readonly string[],
): Promise<Map<string, Record<string, number>>> {
  const found = new Map<string, Record<string, number>>(model_ids.map((model_id) => [model_id, {}]))
  if (model_ids.length === 0) return found
  const rows = await db
    .as<Tables>()
    .selectFrom('models.alias')
    .selectAll()
    .where('model_id', 'in', model_ids)
    .orderBy('alias')
    .execute()
  for (const { model_id, alias, version } of rows) {
    const aliases = found.get(model_id)
    if (aliases) aliases[alias] = version
  }
  return found
}

export async function setAlias(tx: Database, row: AliasRow): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('models.alias')
    .values(row)
    .onConflict((conflict) => conflict.columns(['model_id', 'alias']).doUpdateSet({ version: row.version }))
    .execute()
}

export async function deleteAlias(tx: Database, model_id: string, alias: string): Promise<void> {
  await tx.as<Tables>().deleteFrom('models.alias').where('model_id', '=', model_id).where('alias', '=', alias).execute()
}

/** Numbered one after the other; the model is locked by whoever adds. */
export async function addAliasEvent(tx: Database, row: Omit<AliasEventRow, 'seq'>): Promise<void> {
  const last = await tx
    .as<Tables>()
    .selectFrom('models.alias_event')
    .select((column) => column.fn.max<number | null>('seq').as('seq'))
    .where('model_id', '=', row.model_id)
    .executeTakeFirst()
  await tx
    .as<Tables>()
    .insertInto('models.alias_event')
    .values({ ...row, seq: Number(last?.seq ?? 0) + 1 })
    .execute()
}

/** Oldest first. */
export async function aliasEvents(db: Database, model_id: string): Promise<AliasEventRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.alias_event')
    .selectAll()
    .where('model_id', '=', model_id)
    .orderBy('seq')
    .execute()
}

// --- Runs

export async function insertRun(tx: Database, row: RunRow): Promise<void> {
  await tx.as<Tables>().insertInto('models.run').values(cast(row)).execute()
}

export async function findRun(db: Database, run_id: string): Promise<RunRow | undefined> {
  return db.as<Tables>().selectFrom('models.run').selectAll().where('run_id', '=', run_id).executeTakeFirst()
}

export async function lockRun(tx: Database, run_id: string): Promise<RunRow | undefined> {
  return tx
    .as<Tables>()
    .selectFrom('models.run')
    .selectAll()
    .where('run_id', '=', run_id)
    .forUpdate()
    .executeTakeFirst()
}

export async function listRuns(db: Database, model_id: string, limit: number): Promise<RunRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.run')
    .selectAll()
    .where('model_id', '=', model_id)
    .orderBy('run_id', 'desc')
    .limit(limit)
    .execute()
}

/** The run of a model that has not ended yet. */
export async function openRun(db: Database, model_id: string): Promise<RunRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('models.run')
    .selectAll()
    .where('model_id', '=', model_id)
    .where('state', 'in', ['queued', 'running'])
    .limit(1)
    .executeTakeFirst()
}

export async function updateRun(db: Database, run_id: string, changes: Partial<RunRow>): Promise<void> {
  await db.as<Tables>().updateTable('models.run').set(cast(changes)).where('run_id', '=', run_id).execute()
}

/** Runs of every organisation whose process has not been heard of since `before`, for the system. */
export async function silentRuns(db: Database, before: Date): Promise<RunRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.run')
    .selectAll()
    .where('state', '=', 'running')
    .where('alive_at', '<', before)
    .execute()
}

/** Runs of every organisation that a process of that name works on, for the system. */
export async function runsOfWorker(db: Database, worker: string): Promise<RunRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.run')
    .selectAll()
    .where('state', '=', 'running')
    .where('worker', '=', worker)
    .execute()
}

export async function insertRunLines(db: Database, rows: readonly RunLineRow[]): Promise<void> {
  if (rows.length === 0) return
  await db
    .as<Tables>()
    .insertInto('models.run_line')
    .values([...rows])
    .execute()
}

export async function listRunLines(db: Database, run_id: string, after: number, limit: number): Promise<RunLineRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.run_line')
    .selectAll()
    .where('run_id', '=', run_id)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
}

// --- Organisations

export async function deleteModelsOf(tx: Database, organisation_id: string): Promise<number> {
  const result = await tx
    .as<Tables>()
    .deleteFrom('models.model')
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Digests of every file that the models of an organisation name. */
export async function filesOf(db: Database, organisation_id: string): Promise<string[]> {
  const rows = await db
    .as<Tables>()
    .selectFrom('models.version')
    .select(['artifact_sha256', 'reference_sha256'])
    .where('organisation_id', '=', organisation_id)
    .execute()
  return [
    ...new Set(
      rows.flatMap(({ artifact_sha256, reference_sha256 }) => [
        artifact_sha256,
        ...(reference_sha256 ? [reference_sha256] : []),
      ]),
    ),
  ]
}
