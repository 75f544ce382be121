import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  type addWaveform as addWaveformRoute,
  type listWaveforms as listWaveformsRoute,
  type removeWaveform as removeWaveformRoute,
  type setMaintenanceLimits as setLimitsRoute,
  type waveformSpectrum as spectrumRoute,
  type WaveformRecord,
  WAVEFORMS_MAX,
  WAVEFORMS_WITH_SAMPLES,
} from '@tidemark/core/sites/maintenance-contract.ts'
import { isMaintained, type MaintainedAsset } from '@tidemark/core/sites/maintenance.ts'
import { bearingOrders, type BearingGeometry } from '@tidemark/core/sites/spectrum.ts'
import { analyseWaveform } from '@tidemark/core/sites/waveform-features.ts'
import { readWaveform } from '@tidemark/core/sites/waveform.ts'
import { record } from '../audit/service.ts'
import type { FileInput } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import * as store from './maintenance-store.ts'
import { knownSite } from './service.ts'

/** As many values of an envelope as a screen can show. */
const ENVELOPE_VALUES_MAX = 2_000

export async function addWaveform(
  ctx: Context,
  { id, asset_id, captured_at, file, ...given }: InputOf<typeof addWaveformRoute> & FileInput,
): Promise<WaveformRecord> {
  const { asset, key } = await knownAsset(ctx, id, asset_id)
  const waveform = readWaveform(await bytesOf(file), given)
  const at = captured_at === undefined ? ctx.now() : new Date(captured_at)
  if (at > ctx.now())
    throw new Problem('sites/waveform-unreadable', {
      detail: 'A waveform was recorded before it is sent.',
      faults: [{ path: '/captured_at', code: 'in-the-future', message: 'Not after now.', value: captured_at }],
    })
  const samples = new Uint8Array(waveform.samples.buffer)
  const sha256 = createHash('sha256').update(samples).digest()
  const { features } = analyseWaveform(waveform, geometryOf(asset))
  const { sample_rate_hz, rpm, unit } = waveform
  const told = { captured_at: at, sample_rate_hz, rpm, unit, sample_count: waveform.samples.length, sha256, features }
  return ctx.db.transaction(async (tx) => {
    const there = await store.findWaveform(tx, key, { captured_at: at })
    if (there !== undefined) {
      if (Buffer.compare(there.sha256, sha256) === 0) return shownWaveform(there)
      throw new Problem('sites/waveform-there', {
        detail: `There is another waveform of ${at.toISOString()}; remove it first, or give the instant of this one.`,
        waveform_id: there.waveform_id,
      })
    }
    const count = await store.countWaveforms(tx, key)
    if (count >= WAVEFORMS_MAX)
      throw new Problem('sites/too-many-waveforms', {
        detail: `An asset has at most ${WAVEFORMS_MAX} waveforms; there are ${count}. Remove those that no longer count.`,
      })
    const waveform_id = newId('wav', ctx.now())
    await store.insertWaveform(tx, { waveform_id, ...key, ...told, samples })
    await store.letSamplesGo(tx, key, WAVEFORMS_WITH_SAMPLES)
    const resource = { type: 'waveform', id: waveform_id }
    const after = { asset_id, captured_at: at.toISOString(), sample_count: told.sample_count }
    await record({ ...ctx, db: tx }, { action: 'sites.waveform_added', resource, after })
    const kept = await store.findWaveform(tx, key, { waveform_id })
    return shownWaveform(kept ?? { waveform_id, ...key, ...told, has_samples: true })
  })
}

export async function listWaveforms(
  ctx: Context,
  { id, asset_id, limit }: InputOf<typeof listWaveformsRoute>,
): Promise<OutputOf<typeof listWaveformsRoute>> {
  const { key } = await knownAsset(ctx, id, asset_id)
  const waveforms = await store.listWaveforms(ctx.db, key, limit)
  return { waveforms: waveforms.map(shownWaveform), total: await store.countWaveforms(ctx.db, key) }
}

export async function waveformSpectrum(
  ctx: Context,
  { id, asset_id, waveform_id }: InputOf<typeof spectrumRoute>,
): Promise<OutputOf<typeof spectrumRoute>> {
  const { asset, key } = await knownAsset(ctx, id, asset_id)
  const head = await knownWaveform(ctx, key, waveform_id)
  const bytes = await store.samplesOf(ctx.db, key, waveform_id)
  if (bytes === null)
    throw new Problem('sites/waveform-let-go', {
      detail: `The samples of the newest ${WAVEFORMS_WITH_SAMPLES} waveforms are kept; of this one what was found in it.`,
      waveform_id,
    })
  const { sample_rate_hz, rpm, unit } = head
  const geometry = geometryOf(asset)
  const { spectrum, envelope } = analyseWaveform({ samples: floatsOf(bytes), sample_rate_hz, rpm, unit }, geometry)
  const { from_hz, to_hz, impulsiveness } = envelope
  return {
    waveform: shownWaveform(head),
    spectrum: { step_hz: spectrum.step_hz, values: [...spectrum.values] },
    envelope: {
      from_hz,
      to_hz,
      impulsiveness,
      step_hz: envelope.spectrum.step_hz,
      values: [...envelope.spectrum.values.subarray(0, ENVELOPE_VALUES_MAX)],
    },
    frequencies: rpm === null || geometry === null ? null : frequenciesOf(rpm / 60, geometry),
  }
}

export async function removeWaveform(
  ctx: Context,
  { id, asset_id, waveform_id }: InputOf<typeof removeWaveformRoute>,
): Promise<undefined> {
  await ctx.db.transaction(async (tx) => {
    const within = { ...ctx, db: tx }
    const { key } = await knownAsset(within, id, asset_id)
    const { captured_at, sample_count } = await knownWaveform(within, key, waveform_id)
    await store.deleteWaveform(tx, key, waveform_id)
    const before = { asset_id, captured_at: captured_at.toISOString(), sample_count }
    await record(within, { action: 'sites.waveform_removed', resource: { type: 'waveform', id: waveform_id }, before })
  })
}

export async function setMaintenanceLimits(
  ctx: Context,
  { id, asset_id, limits }: InputOf<typeof setLimitsRoute>,
): Promise<OutputOf<typeof setLimitsRoute>> {
  return ctx.db.transaction(async (tx) => {
    const within = { ...ctx, db: tx }
    const { key } = await knownAsset(within, id, asset_id)
    const before = (await store.limitsOfSite(tx, key.organisation_id, key.site_id)).get(asset_id) ?? {}
    await store.saveLimits(tx, key, limits)
    const resource = { type: 'site', id: key.site_id }
    await record(within, {
      action: 'sites.maintenance_limits_changed',
      resource,
      before: { asset_id, ...before },
      after: { asset_id, ...limits },
    })
    return { asset_id, limits }
  })
}

async function knownAsset(
  ctx: Context,
  id: string,
  asset_id: string,
): Promise<{ asset: MaintainedAsset; key: store.AssetKey }> {
  const site = await knownSite(ctx, id)
  const asset = site.assets.filter(isMaintained).find((each) => each.asset_id === asset_id)
  if (asset === undefined)
    throw new Problem('sites/unknown-asset', {
      detail: `The site has no asset "${asset_id}" whose health is looked at.`,
    })
  return { asset, key: { organisation_id: site.organisation_id, site_id: site.id, asset_id } }
}

async function knownWaveform(ctx: Context, key: store.AssetKey, waveform_id: string): Promise<store.WaveformHead> {
  const head = await store.findWaveform(ctx.db, key, { waveform_id })
  if (!head)
    throw new Problem('sites/unknown-waveform', { detail: `There is no waveform "${waveform_id}".`, waveform_id })
  return head
}

function geometryOf(asset: MaintainedAsset): BearingGeometry | null {
  return asset.kind === 'turbine' ? (asset.bearing ?? null) : null
}

function frequenciesOf(shaft_hz: number, geometry: BearingGeometry) {
  const { outer_race, inner_race, rolling_element, cage } = bearingOrders(geometry)
  return {
    shaft_hz,
    outer_race_hz: outer_race * shaft_hz,
    inner_race_hz: inner_race * shaft_hz,
    rolling_element_hz: rolling_element * shaft_hz,
    cage_hz: cage * shaft_hz,
  }
}

async function bytesOf(file: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of file) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A driver's bytes may lie anywhere within a shared piece of memory; floats need one of their own. */
function floatsOf(bytes: Uint8Array): Float64Array {
  return new Float64Array(new Uint8Array(bytes).buffer)
}

function shownWaveform(head: store.WaveformHead): WaveformRecord {
  const { waveform_id, asset_id, captured_at, sample_rate_hz, rpm, unit, sample_count, has_samples, features } = head
  return {
    id: waveform_id,
    asset_id,
    captured_at: captured_at.toISOString(),
    sample_rate_hz,
    rpm,
    unit,
    sample_count,
    has_samples,
    features,
  }
}
