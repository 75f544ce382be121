import type { Asset } from './contract.ts'
import { batteryIndicators, swingContext } from './maintenance-battery.ts'
import { datesHeld, type HeldClass } from './maintenance-coverage.ts'
import type { AssetHistory } from './maintenance-history.ts'
import { indicatorKinds, type IndicatorId } from './maintenance-indicators.ts'
import { clippingOf, inverterIndicators, type ContextFigure, type IndicatorSeries } from './maintenance-inverter.ts'
import { runningIndicators, runtimeOf } from './maintenance-running.ts'
import { assessIndicator, type IndicatorHealth, type IndicatorStatus } from './maintenance-trend.ts'
import { turbineIndicators } from './maintenance-turbine.ts'
import { STANDS_OUT, type WaveformFeatures } from './waveform-features.ts'

/** Indicators of single waveforms which, this high, call for a look without any history. */
const atOnce: Partial<Record<IndicatorId, number>> = {
  outer_race: STANDS_OUT,
  inner_race: STANDS_OUT,
  rolling_element: STANDS_OUT,
  cage: STANDS_OUT,
}

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
  const indicators = [...series, ...(options.waveforms ?? [])].map((each) => {
    const own_limit = options.limits?.[each.id]
    const health = assessIndicator(indicatorKinds[each.id], each.points, { now_ms: options.now_ms, own_limit })
    return { ...each, own_limit, health: atOnceOr(each, health) }
  })
  const rank = ({ health }: AssessedIndicator) => severity.indexOf(health.status)
  const [worst] = [...indicators].sort(
    (a, b) => rank(a) - rank(b) || (b.health.progress ?? 0) - (a.health.progress ?? 0) || newestOf(b) - newestOf(a),
  )
  const status = worst?.health.status ?? 'insufficient_evidence'
  const has_moved = worst !== undefined && rank(worst) <= severity.indexOf('watch')
  const moved = has_moved ? worst : null
  return { status, moved, indicators, context, confidence: moved === null ? null : datesHeld(moved.id, moved.health) }
}

/** Where no limit says how far each is on its way, the louder one. */
function newestOf({ points }: AssessedIndicator): number {
  return points.at(-1)?.value ?? 0
}

/** Shocks that stand out in the newest waveform are watched, be there ten waveforms before it or none. */
function atOnceOr({ id, points }: IndicatorSeries, health: IndicatorHealth): IndicatorHealth {
  const newest = points.at(-1)?.value ?? 0
  const is_seen = newest >= (atOnce[id] ?? Infinity)
  const is_quiet = health.status === 'healthy' || health.status === 'insufficient_evidence'
  return is_seen && is_quiet ? { ...health, status: 'watch', now: newest, missing_count: 0 } : health
}

/** Series of the features of waveforms, in order of time. */
export function waveformIndicators(
  recorded: readonly { at_ms: number; features: WaveformFeatures }[],
): IndicatorSeries[] {
  const series = (id: IndicatorId, of: (features: WaveformFeatures) => number | null | undefined): IndicatorSeries => ({
    id,
    points: recorded.flatMap(({ at_ms, features }) => {
      const value = of(features)
      return value === null || value === undefined ? [] : [{ at_ms, value }]
    }),
  })
  const all = [
    series('outer_race', ({ bearing }) => bearing?.outer_race.times_noise),
    series('inner_race', ({ bearing }) => bearing?.inner_race.times_noise),
    series('rolling_element', ({ bearing }) => bearing?.rolling_element.times_noise),
    series('cage', ({ bearing }) => bearing?.cage.times_noise),
    series('kurtosis', ({ kurtosis }) => kurtosis),
    series('crest_factor', ({ crest_factor }) => crest_factor),
  ]
  return all.filter(({ points }) => points.length > 0)
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
