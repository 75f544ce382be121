import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export interface PredictionRow {
  prediction_id: string
  organisation_id: string
  model_id: string
  version: number
  alias: string | null
  part: 'answer' | 'shadow'
  beside: string | null
  experiment_id: string | null
  key_sha256: string | null
  input_sha256: string
  input: Record<string, unknown> | null
  output: Record<string, unknown>
  value: number | null
  latency_us: number
  at: Date
}

export interface OutcomeRow {
  prediction_id: string
  organisation_id: string
  model_id: string
  realised: number
  source: string
  observed_at: Date | null
  at: Date
  by: string
}

interface Tables {
  'models.prediction': PredictionRow
  'models.outcome': OutcomeRow
}

/** One statement for many rows: fifteen lists instead of fifteen parameters a row, of which there may be 65,535. */
export async function insertPredictions(db: Database, rows: readonly PredictionRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql`insert into models.prediction (prediction_id, organisation_id, model_id, version, alias, part, beside,
      experiment_id, key_sha256, input_sha256, input, output, value, latency_us, at)
    select r.prediction_id, r.organisation_id, r.model_id, r.version, r.alias, r.part, r.beside, r.experiment_id, r.key_sha256,
      r.input_sha256, r.input, r.output, r.value, r.latency_us, r.at
    from jsonb_to_recordset(${jsonb(rows)}) as r(prediction_id text, organisation_id text, model_id text, version integer,
      alias text, part text, beside text, experiment_id text, key_sha256 text, input_sha256 text, input jsonb, output jsonb,
      value double precision, latency_us integer, at timestamptz)
    where exists (select from models.model m where m.model_id = r.model_id)
    on conflict (prediction_id) do nothing`.execute(db.kysely)
}

export async function findPredictions(
  db: Database,
  organisation_id: string,
  ids: readonly string[],
): Promise<PredictionRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.prediction')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('prediction_id', 'in', ids)
    .execute()
}

export type KnownPrediction = PredictionRow & { realised: number | null; source: string | null; known_at: Date | null }

export interface PredictionFilter {
  limit: number
  before?: string
  version?: number
  since?: Date
  until?: Date
}

/** With what came true, newest first. */
export async function listPredictions(
  db: Database,
  model_id: string,
  { limit, before, version, since, until }: PredictionFilter,
): Promise<KnownPrediction[]> {
  let query = db
    .as<Tables>()
    .selectFrom('models.prediction as p')
    .leftJoin('models.outcome as o', 'o.prediction_id', 'p.prediction_id')
    .selectAll('p')
    .select(['o.realised', 'o.source', 'o.at as known_at'])
    .where('p.model_id', '=', model_id)
  if (before !== undefined) query = query.where('p.prediction_id', '<', before)
  if (version !== undefined) query = query.where('p.version', '=', version)
  if (since !== undefined) query = query.where('p.at', '>=', since)
  if (until !== undefined) query = query.where('p.at', '<', until)
  return query.orderBy('p.prediction_id', 'desc').limit(limit).execute()
}

/** How many there are in a period, and of how many the outcome is known. */
export async function countPredictions(
  db: Database,
  model_id: string,
  { version, since, until }: Pick<PredictionFilter, 'version' | 'since' | 'until'>,
): Promise<{ predictions: number; outcomes: number }> {
  const { rows } = await sql<{ predictions: number; outcomes: number }>`
    select count(*)::int as predictions, count(o.prediction_id)::int as outcomes
    from models.prediction p left join models.outcome o on o.prediction_id = p.prediction_id
    where p.model_id = ${model_id} and p.version = ${version} and p.at >= ${since} and p.at < ${until}`.execute(
    db.kysely,
  )
  return rows[0] ?? { predictions: 0, outcomes: 0 }
}

export async function findOutcomes(db: Database, ids: readonly string[]): Promise<OutcomeRow[]> {
  return db.as<Tables>().selectFrom('models.outcome').selectAll().where('prediction_id', 'in', ids).execute()
}

export async function insertOutcomes(tx: Database, rows: readonly OutcomeRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql`insert into models.outcome (prediction_id, organisation_id, model_id, realised, source, observed_at, at, by)
    select r.prediction_id, r.organisation_id, r.model_id, r.realised, r.source, r.observed_at, r.at, r.by
    from jsonb_to_recordset(${jsonb(rows)}) as r(prediction_id text, organisation_id text, model_id text,
      realised double precision, source text, observed_at timestamptz, at timestamptz, by text)`.execute(tx.kysely)
}

/** Forgets what was said before an instant, with what came true of it. */
export async function deletePredictionsBefore(tx: Database, model_id: string, before: Date): Promise<number> {
  const result = await tx
    .as<Tables>()
    .deleteFrom('models.prediction')
    .where('model_id', '=', model_id)
    .where('at', '<', before)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** The predictions of an experiment whose outcome is known, in the order in which it became known. */
export async function experimentOutcomes(
  db: Database,
  experiment_id: string,
  limit: number,
): Promise<KnownPrediction[]> {
  return db
    .as<Tables>()
    .selectFrom('models.prediction as p')
    .innerJoin('models.outcome as o', 'o.prediction_id', 'p.prediction_id')
    .selectAll('p')
    .select(['o.realised', 'o.source', 'o.at as known_at'])
    .where('p.experiment_id', '=', experiment_id)
    .where('p.part', '=', 'answer')
    .orderBy('o.at')
    .orderBy('p.prediction_id')
    .limit(limit)
    .execute()
}

/** What the challenger said in the shadow of answers. */
export async function shadowsOf(db: Database, ids: readonly string[]): Promise<PredictionRow[]> {
  if (ids.length === 0) return []
  return db.as<Tables>().selectFrom('models.prediction').selectAll().where('beside', 'in', ids).execute()
}
