import type { MaintenanceItem } from '@tidemark/core/sites/maintenance-contract.ts'
import { indicatorKinds } from '@tidemark/core/sites/maintenance-indicators.ts'
import { failedAfter, survivalPriors } from '@tidemark/core/sites/maintenance-survival.ts'
import type { FailureDate } from '@tidemark/core/sites/maintenance-trend.ts'
import { recommendations } from '@tidemark/core/sites/maintenance-words.ts'
import type { AssessedIndicator, AssetHealth, MaintainedAsset } from '@tidemark/core/sites/maintenance.ts'

const DAY_MS = 86_400_000
const METHOD =
  'CUSUM for the onset, Theil-Sen with its 95 % interval for the trend, block bootstrap over windows and shapes for the date'

const types = {
  act_now: 'predictive',
  degrading: 'predictive',
  watch: 'preventive',
  healthy: 'routine',
  insufficient_evidence: 'routine',
} as const
const priorities = {
  act_now: 'critical',
  degrading: 'high',
  watch: 'medium',
  healthy: 'low',
  insufficient_evidence: 'low',
} as const

/** The answer in the names that its callers know, with what it rests on. */
export function shownHealth(
  asset: MaintainedAsset,
  health: AssetHealth,
  { from, to, waveforms }: { from: Date; to: Date; waveforms: number },
): MaintenanceItem {
  const { status, moved, indicators, context, confidence } = health
  const date = moved?.health.date ?? null
  const is_beyond = status === 'act_now' && date === null
  const prior = status === 'insufficient_evidence' ? survivalPriors[asset.kind] : undefined
  const said = recommendations[moved?.id ?? (status === 'healthy' ? 'none' : 'insufficient')]
  return {
    assetId: asset.asset_id,
    assetName: asset.name,
    assetKind: asset.kind,
    type: is_beyond ? 'corrective' : types[status],
    priority: priorities[status],
    status,
    predictedFailureDate: date === null ? null : iso(date.p50_ms),
    daysUntilMaintenance: is_beyond ? 0 : date === null ? null : Math.floor((date.p10_ms - to.getTime()) / DAY_MS),
    confidence: confidence === null ? null : confidence.held / confidence.dates,
    confidence_basis: confidence,
    recommendation: said.en,
    recommendations: said,
    moved: moved?.id ?? null,
    dates: shownDates(date),
    indicators: indicators.map(shownIndicator),
    context,
    evidence: {
      from: from.toISOString(),
      to: to.toISOString(),
      history_days: daysKnown(indicators),
      waveforms,
      method: METHOD,
    },
    prior:
      prior === undefined
        ? null
        : { ...prior, failed_after_5_years: failedAfter(prior, 5), failed_after_10_years: failedAfter(prior, 10) },
  }
}

function shownIndicator({
  id,
  points,
  reason,
  health,
  own_limit,
}: AssessedIndicator): MaintenanceItem['indicators'][number] {
  const { name, unit, worse, scale, limit } = indicatorKinds[id]
  const { onset, trend } = health
  return {
    id,
    name,
    unit,
    worse,
    scale,
    status: health.status,
    reason: reason ?? null,
    missing_values: health.missing_count,
    reference: health.reference,
    now: health.now,
    limit: health.limit,
    limit_basis: own_limit === undefined ? (limit?.basis ?? null) : 'Set for this asset',
    progress: health.progress,
    onset_at: onset === null ? null : iso(onset.at_ms),
    noticed_at: onset === null ? null : iso(onset.noticed_ms),
    trend:
      trend === null ? null : { per_day: trend.per_day, low: trend.low, high: trend.high, values: trend.point_count },
    dates: shownDates(health.date),
    recovered: health.recovered.map((episode) => ({ from: iso(episode.from_ms), to: iso(episode.to_ms) })),
    series: points.map(({ at_ms, value }) => ({ at: iso(at_ms), value })),
  }
}

function shownDates(date: FailureDate | null): MaintenanceItem['dates'] {
  if (date === null) return null
  return { p10: iso(date.p10_ms), p50: iso(date.p50_ms), p90: date.p90_ms === null ? null : iso(date.p90_ms) }
}

function daysKnown(indicators: readonly AssessedIndicator[]): number {
  return new Set(indicators.flatMap(({ points }) => points.map(({ at_ms }) => Math.floor(at_ms / DAY_MS)))).size
}

function iso(at_ms: number): string {
  return new Date(at_ms).toISOString()
}
