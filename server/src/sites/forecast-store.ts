import { sql } from 'kysely'
import { ForecastModel, type ForecastLevel, type TargetName } from '@tidemark/core/sites/forecast-fit.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export interface ModelRow {
  model_id: string
  organisation_id: string
  site_id: string
  learns: boolean
  trained_at: Date
  model: ForecastModel
}

/** What a target was told to do on the day ahead. */
export interface Told {
  point_kw: number[]
  band95: ({ lower: number; upper: number } | null)[]
  band80: ({ lower: number; upper: number } | null)[]
}

export interface Outcome {
  slots: number
  covered95: number
  covered80: number
  /** Bands of a flatliner are not known: such slots count for the error alone. */
  banded: number
  error_kw: number
}

export interface ForecastRow {
  site_id: string
  target: TargetName
  made_at: Date
  organisation_id: string
  level: ForecastLevel
  model_id: string | null
  /** Of the registry; null of what repeats. */
  model_version: number | null
  slot_s: number
  told: Told
  outcome: Outcome | null
}

export interface WeatherRow {
  name: string
  at: Date
  issued_at: Date
  value: number
}

interface Tables {
  'sites.forecast_model': ModelRow
  'sites.forecast': ForecastRow
  'sites.weather': WeatherRow & { site_id: string; organisation_id: string }
}

/** Of what repeats: puts the newest in the place of the one before. */
export async function saveModel(tx: Database, row: ModelRow): Promise<void> {
  const { model_id, organisation_id, site_id, learns, trained_at, model } = row
  await sql`insert into sites.forecast_model (model_id, organisation_id, site_id, learns, trained_at, model)
    values (${model_id}, ${organisation_id}, ${site_id}, ${learns}, ${trained_at}, ${jsonb(model)})
    on conflict (site_id, learns) do update set
      model_id = excluded.model_id, trained_at = excluded.trained_at, model = excluded.model`.execute(tx.kysely)
}

/** What repeats on a site. What another version of this program wrote is as good as nothing: it is learnt anew. */
export async function findRepeating(
  db: Database,
  organisation_id: string,
  site_id: string,
): Promise<ModelRow | undefined> {
  const row = await db
    .as<Tables>()
    .selectFrom('sites.forecast_model')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('site_id', '=', site_id)
    .where('learns', '=', false)
    .executeTakeFirst()
  return row !== undefined && ForecastModel.safeParse(row.model).success ? row : undefined
}

/** Notes that a site is handed to a learner; false where that was done since `not_since`. */
export async function wish(
  tx: Database,
  organisation_id: string,
  site_id: string,
  asked_at: Date,
  not_since: Date,
): Promise<boolean> {
  const { rows } = await sql`insert into sites.forecast_wish as w (site_id, organisation_id, asked_at)
    values (${site_id}, ${organisation_id}, ${asked_at})
    on conflict (site_id) do update set asked_at = excluded.asked_at where w.asked_at < ${not_since}
    returning site_id`.execute(tx.kysely)
  return rows.length > 0
}

/** Sites of every organisation of which forecasts were asked for: the system's own look. */
export async function listForecastSites(system_db: Database): Promise<{ site_id: string; organisation_id: string }[]> {
  const { rows } = await sql<{ site_id: string; organisation_id: string }>`select s.id as site_id, s.organisation_id
    from sites.site s
    where exists (select from sites.forecast_model m where m.site_id = s.id)
      or exists (select from sites.forecast_wish w where w.site_id = s.id)
    order by s.id`.execute(system_db.kysely)
  return rows
}

/** What was told of a slot first stays: a forecast is not bettered afterwards. */
export async function keepForecasts(tx: Database, rows: readonly ForecastRow[]): Promise<void> {
  for (const row of rows)
    await tx
      .as<Tables>()
      .insertInto('sites.forecast')
      .values({ ...row, told: jsonb(row.told) as never, outcome: null })
      .onConflict((conflict) => conflict.columns(['site_id', 'target', 'made_at']).doNothing())
      .execute()
}

export async function openForecasts(
  db: Database,
  organisation_id: string,
  site_id: string,
  before: Date,
): Promise<ForecastRow[]> {
  return db
    .as<Tables>()
    .selectFrom('sites.forecast')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('site_id', '=', site_id)
    .where('made_at', '<=', before)
    .where('outcome', 'is', null)
    .orderBy('made_at')
    .limit(500)
    .execute()
}

export async function saveOutcome(
  tx: Database,
  { site_id, target, made_at }: ForecastRow,
  outcome: Outcome,
): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('sites.forecast')
    .set({ outcome: jsonb(outcome) as never })
    .where('site_id', '=', site_id)
    .where('target', '=', target)
    .where('made_at', '=', made_at)
    .execute()
}

export async function dropForecasts(tx: Database, site_id: string, before: Date): Promise<void> {
  await tx
    .as<Tables>()
    .deleteFrom('sites.forecast')
    .where('site_id', '=', site_id)
    .where('made_at', '<', before)
    .execute()
}

export async function coverageSince(
  db: Database,
  organisation_id: string,
  site_id: string,
  since: Date,
): Promise<(Outcome & { target: TargetName; forecasts: number; since: Date })[]> {
  const { rows } = await sql<
    Outcome & { target: TargetName; forecasts: number; since: Date }
  >`select target, count(*)::int as forecasts, min(made_at) as since,
      sum((outcome->>'slots')::int)::int as slots, sum((outcome->>'banded')::int)::int as banded,
      sum((outcome->>'covered95')::int)::int as covered95, sum((outcome->>'covered80')::int)::int as covered80,
      sum((outcome->>'error_kw')::float8) as error_kw
    from sites.forecast
    where organisation_id = ${organisation_id} and site_id = ${site_id} and made_at >= ${since} and outcome is not null
    group by target`.execute(db.kysely)
  return rows
}

export async function insertWeather(
  tx: Database,
  organisation_id: string,
  site_id: string,
  rows: readonly WeatherRow[],
): Promise<number> {
  const { numAffectedRows } = await sql`insert into sites.weather (site_id, name, at, issued_at, organisation_id, value)
    select ${site_id}::text, name, to_timestamp(at_ms / 1000), to_timestamp(issued_ms / 1000), ${organisation_id}::text, value
    from unnest(${rows.map(({ name }) => name)}::text[], ${rows.map(({ at }) => at.getTime())}::float8[],
      ${rows.map(({ issued_at }) => issued_at.getTime())}::float8[], ${rows.map(({ value }) => value)}::float8[])
      as w (name, at_ms, issued_ms, value)
    on conflict (site_id, name, at, issued_at) do update set value = excluded.value`.execute(tx.kysely)
  return Number(numAffectedRows ?? 0)
}

/** All that was said of a stretch of time before an instant. */
export async function listWeather(
  db: Database,
  organisation_id: string,
  site_id: string,
  from: Date,
  to: Date,
  issued_before: Date,
): Promise<WeatherRow[]> {
  return db
    .as<Tables>()
    .selectFrom('sites.weather')
    .select(['name', 'at', 'issued_at', 'value'])
    .where('organisation_id', '=', organisation_id)
    .where('site_id', '=', site_id)
    .where('at', '>=', from)
    .where('at', '<', to)
    .where('issued_at', '<=', issued_before)
    .orderBy('at')
    .orderBy('issued_at')
    .execute()
}

/** The tables of forecasts, oldest dependants first. Sites take theirs along when they go; an export names them. */
export async function exportForecasts(
  db: Database,
  organisation_id: string,
): Promise<Record<string, readonly unknown[]>> {
  const of = (table: keyof Tables) =>
    db
      .as<Tables>()
      .selectFrom(table as 'sites.forecast')
      .selectAll()
      .where('organisation_id', '=', organisation_id)
      .limit(100_000)
      .execute()
  return {
    'sites.forecast_models': await of('sites.forecast_model'),
    'sites.forecasts': await of('sites.forecast'),
    'sites.weather': await of('sites.weather'),
  }
}
