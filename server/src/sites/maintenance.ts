import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  HISTORY_DAYS,
  maintenance as maintenanceRoute,
  MAINTENANCE_ASSETS_MAX,
} from '@tidemark/core/sites/maintenance-contract.ts'
import { healthOf, isMaintained } from '@tidemark/core/sites/maintenance.ts'
import { bind } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { shownHealth } from './maintenance-answer.ts'
import { readHistory, readSurroundings } from './maintenance-series.ts'
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
  const data: OutputOf<typeof maintenanceRoute>['data'] = []
  for (const asset of asked.slice(offset, offset + MAINTENANCE_ASSETS_MAX)) {
    const history = { ...(await readHistory(ctx, site, series, asset, surroundings, from, to)), asset }
    const health = healthOf(history, { now_ms: to.getTime() })
    data.push(shownHealth(asset, health, { from, to, waveforms: 0 }))
  }
  const simulated = site.simulated || series.some((each) => each.simulated)
  return { success: true, data, siteId, total: asked.length, simulated }
}

export const maintenanceBindings = [bind(maintenanceRoute, maintenance)]
