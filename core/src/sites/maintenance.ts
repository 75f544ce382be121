import type { Asset } from './contract.ts'
import { batteryIndicators, swingContext } from './maintenance-battery.ts'
import { datesHeld, type HeldClass } from './maintenance-coverage.ts'
import type { AssetHistory } from './maintenance-history.ts'
import { indicatorKinds, type IndicatorId } from './maintenance-indicators.ts'
import { clippingOf, inverterIndicators, type ContextFigure, type IndicatorSeries } from './maintenance-inverter.ts'
import { runningIndicators, runtimeOf } from './maintenance-running.ts'
import { assessIndicator, type IndicatorHealth, type IndicatorStatus } from './maintenance-trend.ts'
import { turbineIndicators } from './maintenance-turbine.ts'

/** An indicator with what it showed and what that means. */
export interface AssessedIndicator extends IndicatorSeries {
  health: IndicatorHealth
  /** The limit that the site set, instead of the one that is known. */
  own_limit?: number | undefined
}

export interface AssetHealth {
  status: IndicatorStatus
  /** The indicator that the status, the date and the recommendation come from; null where nothing moved. */
  moved: AssessedIndicator | null
  indicators: AssessedIndicator[]
  context: ContextFigure[]
  /** How often dates of this kind held on simulated plants; null where that was not measured. */
  confidence: HeldClass | null
}

const severity: readonly IndicatorStatus[] = ['act_now', 'degrading', 'watch', 'healthy', 'insufficient_evidence']

/** Kinds whose health shows in readings; a meter's is the business of the checks on its readings. */
export const maintainedKinds = ['pv_inverter', 'battery', 'genset', 'hvac', 'charger', 'turbine'] as const
export type MaintainedAsset = Extract<Asset, { kind: (typeof maintainedKinds)[number] }>

export function isMaintained(asset: Asset): asset is MaintainedAsset {
  return asset.kind !== 'meter'
}

/**
 * The health of an asset from its history, and from features of waveforms where some were recorded. The worst indicator
 * decides; among equals the one that is furthest on its way to its limit.
 */
export function healthOf(
  history: AssetHistory & { asset: MaintainedAsset },
  options: { now_ms: number; limits?: Partial<Record<IndicatorId, number>>; waveforms?: readonly IndicatorSeries[] },
): AssetHealth {
  const { series, context } = indicatorsOf(history)
  const indicators = [...series, ...(options.waveforms ?? [])].map((each) => ({
    ...each,
    own_limit: options.limits?.[each.id],
    health: assessIndicator(indicatorKinds[each.id], each.points, {
      now_ms: options.now_ms,
      own_limit: options.limits?.[each.id],
    }),
  }))
  const rank = ({ health }: AssessedIndicator) => severity.indexOf(health.status)
  const [worst] = [...indicators].sort(
    (a, b) => rank(a) - rank(b) || (b.health.progress ?? 0) - (a.health.progress ?? 0),
  )
  const status = worst?.health.status ?? 'insufficient_evidence'
  const has_moved = worst !== undefined && rank(worst) <= severity.indexOf('watch')
  const moved = has_moved ? worst : null
  return { status, moved, indicators, context, confidence: moved === null ? null : datesHeld(moved.id, moved.health) }
}

function indicatorsOf(history: AssetHistory & { asset: MaintainedAsset }): {
  series: IndicatorSeries[]
  context: ContextFigure[]
} {
  const { asset } = history
  switch (asset.kind) {
    case 'pv_inverter':
      return { series: inverterIndicators({ ...history, asset }), context: clippingOf(history) }
    case 'battery':
      return { series: batteryIndicators({ ...history, asset }), context: swingContext({ ...history, asset }) }
    case 'turbine':
      return { series: turbineIndicators({ ...history, asset }), context: [] }
    case 'genset':
    case 'hvac':
    case 'charger':
      return { series: runningIndicators({ ...history, asset }), context: runtimeOf({ ...history, asset }) }
  }
}
