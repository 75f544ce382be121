import { confidenceOf, type ConfidenceBasis, type Count } from './anomaly-confidence.ts'
import { mergeHits, type Merged } from './anomaly-merge.ts'
import { peerPower_kw, powerHits } from './anomaly-power.ts'
import { balanceHits, loadHits, loadOf } from './anomaly-residual.ts'
import { ruleHits, siteSilenceHits } from './anomaly-rules.ts'
import { lossOf, severityOf, usualDay, type Loss, type Severity } from './anomaly-severity.ts'
import { shapeHits } from './anomaly-shapes.ts'
import { togetherHits } from './anomaly-together.ts'
import {
  generationOf,
  slotMs,
  type AnomalyType,
  type Cause,
  type DetectionMethod,
  type Found,
  type Hit,
  type Judged,
  type Watch,
  type WatchedSeries,
} from './anomaly-watch.ts'

/** Something on a site that is not as it should be, from one instant to another. */
export interface Anomaly {
  type: AnomalyType
  asset_id: string | null
  sensor_id: string | null
  measure: string | null
  from_ms: number
  to_ms: number
  /** When it became certain, had somebody watched. */
  found_ms: number
  /** It was still so in the last slot that was looked at. */
  is_open: boolean
  severity: Severity
  value: number | null
  expected: number | null
  /** Percent of what was expected, or of the asset's rating where nothing was expected. */
  deviation: number | null
  deviation_of: 'expected' | 'rating' | null
  confidence: number
  confidence_basis: ConfidenceBasis
  cause: Cause
  method: DetectionMethod
  strength: number
  p_value: number | null
  /** Everything that spoke of this window, the leading one first. */
  evidence: {
    method: DetectionMethod
    type: AnomalyType
    measure: string | null
    strength: number
    p_value: number | null
  }[]
  /** The stretch to look at: the anomaly with as much of what was before and after. */
  look: { from_ms: number; to_ms: number }
  loss: Loss
}

export interface DetectionOptions {
  /** False alarms that the whole site may raise in a week, shared among everything that is looked at; 2 unless told. */
  alarms_per_week?: number
  /** What people said of earlier findings, by type. */
  judged?: Partial<Record<AnomalyType, Count>>
}

export const ALARMS_PER_WEEK_DEFAULT = 2

/** All anomalies of a watch, oldest first, and what was looked at. For what takes long there is `detectStepwise`. */
export function detectAnomalies(
  watch: Watch,
  options: DetectionOptions = {},
): { anomalies: Anomaly[]; judged: Judged[] } {
  const steps = detectStepwise(watch, options)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** The same, asset by asset: whoever runs it may do something else between the steps. */
export function* detectStepwise(
  watch: Watch,
  { alarms_per_week = ALARMS_PER_WEEK_DEFAULT, judged: said = {} }: DetectionOptions = {},
): Generator<undefined, { anomalies: Anomaly[]; judged: Judged[] }> {
  const budget = alarms_per_week / Math.max(1, 2 * watch.assets.length)
  const hits: Hit[] = []
  const judged: Judged[] = []
  const take = (found: Found) => {
    hits.push(...found.hits)
    judged.push(...found.judged)
  }
  for (const asset of watch.assets) {
    take(hitsOfAsset(watch, asset, budget))
    yield
  }
  take(balanceHits(watch, budget, maskOf(watch, hits)))
  hits.push(...siteSilenceHits(watch))
  const usual = usualDay(watch)
  const anomalies = mergeHits(watch, hits)
    .map((merged) => anomalyOf(watch, merged, usual, said))
    .sort((a, b) => a.from_ms - b.from_ms)
  return { anomalies, judged }
}

function hitsOfAsset(watch: Watch, asset: Watch['assets'][number], budget: number): Found {
  const usual = new Map<WatchedSeries, Float64Array>()
  const hits: Hit[] = []
  const judged: Judged[] = []
  const none = () => false
  // Expectations first: rules tell beside what they find what would have been.
  const load = loadOf(watch, asset)
  if (asset.kind === 'pv_inverter') {
    const found = powerHits(watch, asset, budget)
    // A device that is silent or stuck says nothing of the light either: its neighbours do.
    const made = generationOf(watch, asset.asset_id)
    const by_peers = peerPower_kw(watch, asset)
    if (made !== undefined && by_peers !== null) usual.set(made, by_peers)
    hits.push(...found.hits)
    judged.push(...found.judged)
  }
  if (load !== undefined) {
    const { usual: expected } = loadHits(watch, asset, budget, none)
    if (expected !== null) usual.set(load, expected)
  }
  const rules = ruleHits(watch, asset, usual)
  judged.push(...rules.judged)
  const isMasked = maskOf(watch, [...rules.hits, ...hits])
  if (load !== undefined) {
    const { usual: _, ...found } = loadHits(watch, asset, budget, maskOf(watch, rules.hits))
    const shapes = shapeHits(watch, load, budget)
    hits.push(...found.hits, ...shapes.hits)
    judged.push(...found.judged, ...shapes.judged)
  }
  const together = togetherHits(watch, asset, budget, isMasked)
  return { hits: [...rules.hits, ...hits, ...together.hits], judged: [...judged, ...together.judged] }
}

function maskOf(watch: Watch, hits: readonly Hit[]): (slot: number) => boolean {
  const marks = new Uint8Array(watch.count)
  for (const { first, end, type } of hits) if (type !== 'underperformance') marks.fill(1, first, end)
  return (slot) => marks[slot] === 1
}

function anomalyOf(
  watch: Watch,
  merged: Merged,
  usual: ReturnType<typeof usualDay>,
  said: NonNullable<DetectionOptions['judged']>,
): Anomaly {
  const { lead, hits, first, end, found } = merged
  const at = (slot: number) => watch.from_ms + slot * slotMs(watch)
  const loss = lossOf(watch, merged)
  const { confidence, basis } = confidenceOf(lead, said[lead.type])
  const rated_kw = ratingOf(watch, lead.asset_id)
  const length = Math.max(8, end - first)
  const others = hits.filter((hit) => hit !== lead).sort((a, b) => b.strength - a.strength)
  return {
    type: lead.type,
    asset_id: lead.asset_id,
    sensor_id: lead.sensor_id,
    measure: lead.measure,
    from_ms: at(first),
    to_ms: at(end),
    found_ms: at(found + 1),
    is_open: end >= watch.count,
    severity: severityOf(merged, loss, usual),
    value: lead.value,
    expected: lead.expected,
    ...deviationOf(lead, rated_kw),
    confidence,
    confidence_basis: basis,
    cause: lead.cause,
    method: lead.method,
    strength: lead.strength,
    p_value: lead.p_value,
    evidence: [lead, ...others].map(({ method, type, measure, strength, p_value }) => ({
      method,
      type,
      measure,
      strength,
      p_value,
    })),
    look: { from_ms: at(Math.max(0, first - length)), to_ms: at(Math.min(watch.count, end + length)) },
    loss,
  }
}

function deviationOf(
  { value, expected, measure }: Hit,
  rated_kw: number | null,
): Pick<Anomaly, 'deviation' | 'deviation_of'> {
  if (value === null || expected === null) return { deviation: null, deviation_of: null }
  if (expected !== 0) return { deviation: 100 * ((value - expected) / Math.abs(expected)), deviation_of: 'expected' }
  if (rated_kw === null || !measure?.endsWith('power_kw')) return { deviation: null, deviation_of: null }
  return { deviation: (100 * value) / rated_kw, deviation_of: 'rating' }
}

function ratingOf({ assets }: Watch, asset_id: string | null): number | null {
  const asset = assets.find((each) => each.asset_id === asset_id)
  if (asset === undefined || asset.kind === 'meter') return null
  return asset.kind === 'battery' ? asset.discharge_kw_max : asset.rated_kw
}
