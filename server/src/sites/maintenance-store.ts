import type { WaveformFeatures } from '@tidemark/core/sites/waveform-features.ts'
import type { IndicatorId } from '@tidemark/core/sites/maintenance-indicators.ts'
import type { Waveform } from '@tidemark/core/sites/waveform.ts'
import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export type Limits = Partial<Record<IndicatorId, number>>

export interface WaveformRow {
  waveform_id: string
  organisation_id: string
  site_id: string
  asset_id: string
  captured_at: Date
  sample_rate_hz: number
  rpm: number | null
  unit: Waveform['unit']
  sample_count: number
  sha256: Uint8Array
  samples: Uint8Array | null
  features: WaveformFeatures
}

/** A row without its samples, as most want it. */
export type WaveformHead = Omit<WaveformRow, 'samples'> & { has_samples: boolean }

interface LimitRow {
  site_id: string
  asset_id: string
  organisation_id: string
  limits: Limits
}

interface Tables {
  'sites.waveform': WaveformRow
  'sites.maintenance_limit': LimitRow
}

export interface AssetKey {
  organisation_id: string
  site_id: string
  asset_id: string
}

const headColumns = [
  'waveform_id',
  'organisation_id',
  'site_id',
  'asset_id',
  'captured_at',
  'sample_rate_hz',
  'rpm',
  'unit',
  'sample_count',
  'sha256',
  'features',
] as const

function ofAsset(db: Database, { organisation_id, site_id, asset_id }: AssetKey) {
  return db
    .as<Tables>()
    .selectFrom('sites.waveform')
    .where('organisation_id', '=', organisation_id)
    .where('site_id', '=', site_id)
    .where('asset_id', '=', asset_id)
}

const hasSamples = sql<boolean>`samples is not null`.as('has_samples')

export async function findWaveform(
  db: Database,
  key: AssetKey,
  by: { waveform_id: string } | { captured_at: Date },
): Promise<WaveformHead | undefined> {
  const found = ofAsset(db, key).select([...headColumns, hasSamples])
  return 'waveform_id' in by
    ? found.where('waveform_id', '=', by.waveform_id).executeTakeFirst()
    : found.where('captured_at', '=', by.captured_at).executeTakeFirst()
}

export async function samplesOf(db: Database, key: AssetKey, waveform_id: string): Promise<Uint8Array | null> {
  const row = await ofAsset(db, key).select('samples').where('waveform_id', '=', waveform_id).executeTakeFirst()
  return row?.samples ?? null
}

export async function insertWaveform(tx: Database, row: WaveformRow): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('sites.waveform')
    .values({ ...row, features: jsonb(row.features) as never })
    .execute()
}

/** Lets go of the samples of all but the newest. */
export async function letSamplesGo(
  tx: Database,
  { organisation_id, site_id, asset_id }: AssetKey,
  kept: number,
): Promise<void> {
  await sql`update sites.waveform set samples = null
    where organisation_id = ${organisation_id} and site_id = ${site_id} and asset_id = ${asset_id}
      and samples is not null and waveform_id not in (
        select waveform_id from sites.waveform
        where organisation_id = ${organisation_id} and site_id = ${site_id} and asset_id = ${asset_id}
        order by captured_at desc limit ${kept})`.execute(tx.kysely)
}

/** The newest first. */
export async function listWaveforms(db: Database, key: AssetKey, limit: number): Promise<WaveformHead[]> {
  return ofAsset(db, key)
    .select([...headColumns, hasSamples])
    .orderBy('captured_at', 'desc')
    .limit(limit)
    .execute()
}

export async function countWaveforms(db: Database, key: AssetKey): Promise<number> {
  const { count } = await ofAsset(db, key)
    .select((each) => each.fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function deleteWaveform(
  tx: Database,
  { organisation_id, site_id }: AssetKey,
  waveform_id: string,
): Promise<void> {
  await tx
    .as<Tables>()
    .deleteFrom('sites.waveform')
    .where('organisation_id', '=', organisation_id)
    .where('site_id', '=', site_id)
    .where('waveform_id', '=', waveform_id)
    .execute()
}

export async function limitsOfSite(
  db: Database,
  organisation_id: string,
  site_id: string,
): Promise<Map<string, Limits>> {
  const rows = await db
    .as<Tables>()
    .selectFrom('sites.maintenance_limit')
    .select(['asset_id', 'limits'])
    .where('organisation_id', '=', organisation_id)
    .where('site_id', '=', site_id)
    .execute()
  return new Map(rows.map(({ asset_id, limits }) => [asset_id, limits]))
}

export async function saveLimits(
  tx: Database,
  { organisation_id, site_id, asset_id }: AssetKey,
  limits: Limits,
): Promise<void> {
  await sql`insert into sites.maintenance_limit (site_id, asset_id, organisation_id, limits)
    values (${site_id}, ${asset_id}, ${organisation_id}, ${jsonb(limits)})
    on conflict (site_id, asset_id) do update set limits = excluded.limits`.execute(tx.kysely)
}

/** What was found in waveforms, without their samples, and limits. Both go when their site goes. */
export async function exportMaintenance(
  db: Database,
  organisation_id: string,
): Promise<Record<string, readonly unknown[]>> {
  const waveforms = await db
    .as<Tables>()
    .selectFrom('sites.waveform')
    .select([
      'waveform_id',
      'site_id',
      'asset_id',
      'captured_at',
      'sample_rate_hz',
      'rpm',
      'unit',
      'sample_count',
      'features',
    ])
    .where('organisation_id', '=', organisation_id)
    .limit(100_000)
    .execute()
  const limits = await db
    .as<Tables>()
    .selectFrom('sites.maintenance_limit')
    .select(['site_id', 'asset_id', 'limits'])
    .where('organisation_id', '=', organisation_id)
    .execute()
  return { 'sites.waveforms': waveforms, 'sites.maintenance_limits': limits }
}
