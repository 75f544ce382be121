import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  addWaveform as addWaveformRoute,
  HISTORY_DAYS,
  listWaveforms as listWaveformsRoute,
  maintenance as maintenanceRoute,
  MAINTENANCE_ASSETS_MAX,
  removeWaveform as removeWaveformRoute,
  setMaintenanceLimits as setLimitsRoute,
  waveformSpectrum as spectrumRoute,
  WAVEFORMS_MAX,
} from '@tidemark/core/sites/maintenance-contract.ts'
import { healthOf, isMaintained, waveformIndicators } from '@tidemark/core/sites/maintenance.ts'
import { bind, bindFile } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { shownHealth } from './maintenance-answer.ts'
import { readHistory, readSurroundings } from './maintenance-series.ts'
import { limitsOfSite, listWaveforms as waveformsOf } from './maintenance-store.ts'
import {
  addWaveform,
  listWaveforms,
  removeWaveform,
  setMaintenanceLimits,
  waveformSpectrum,
} from './maintenance-waveforms.ts'
import { seriesOfSite } from '../telemetry/service.ts'
import { knownSite } from './service.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export async function maintenance(
  ctx: Context,
  { siteId, assetId, offset }: InputOf<typeof maintenanceRoute>,
): Promise<OutputOf<typeof maintenanceRoute>> {
  const site = await knownSite(ctx, siteId)
  const maintained = site.assets.filter(isMaintained)
  const asked = assetId === undefined ? maintained : maintained.filter(({ asset_id }) => asset_id === assetId)
  if (assetId !== undefined && asked.length === 0)
    throw new Problem('sites/unknown-asset', {
      detail: `The site has no asset "${assetId}" whose health is looked at.`,
      known: maintained.map(({ asset_id }) => asset_id),
    })
  // Whole hours: the one under way is not over.
  const to = new Date(Math.floor(ctx.now().getTime() / HOUR_MS) * HOUR_MS)
  const from = new Date(to.getTime() - HISTORY_DAYS * DAY_MS)
  const series = await seriesOfSite(ctx, site.id)
  const surroundings = await readSurroundings(ctx, site, series, from, to)
  const limits = await limitsOfSite(ctx.db, site.organisation_id, site.id)
  const data: OutputOf<typeof maintenanceRoute>['data'] = []
  for (const asset of asked.slice(offset, offset + MAINTENANCE_ASSETS_MAX)) {
    const history = { ...(await readHistory(ctx, site, series, asset, surroundings, from, to)), asset }
    const key = { organisation_id: site.organisation_id, site_id: site.id, asset_id: asset.asset_id }
    const recorded = (await waveformsOf(ctx.db, key, WAVEFORMS_MAX))
      .reverse()
      .map(({ captured_at, features }) => ({ at_ms: captured_at.getTime(), features }))
    const waveforms = waveformIndicators(recorded)
    const health = healthOf(history, { now_ms: to.getTime(), limits: limits.get(asset.asset_id) ?? {}, waveforms })
    data.push(shownHealth(asset, health, { from, to, waveforms: recorded.length }))
  }
  const simulated = site.simulated || series.some((each) => each.simulated)
  return { success: true, data, siteId: site.id, total: asked.length, simulated }
}

export const maintenanceBindings = [
  bind(maintenanceRoute, maintenance),
  bindFile(addWaveformRoute, addWaveform),
  bind(listWaveformsRoute, listWaveforms),
  bind(spectrumRoute, waveformSpectrum),
  bind(removeWaveformRoute, removeWaveform),
  bind(setLimitsRoute, setMaintenanceLimits),
]
