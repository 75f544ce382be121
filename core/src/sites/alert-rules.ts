import type { Watches } from './alerts-contract.ts'
import { severities, type Severity } from './anomaly-severity.ts'
import type { AnomalyType } from './anomaly-watch.ts'

/** When one is told: what a rule lets through, thresholds with two edges, and how feedback moves the limit. */

type AnomalyRule = Extract<Watches, { kind: 'anomaly' }>
export type ThresholdRule = Extract<Watches, { kind: 'threshold' }>

export interface Finding {
  type: AnomalyType
  asset_id: string | null
  severity: Severity
  confidence: number
  strength: number
}

/** Whether a rule tells of a finding. What concerns the whole site concerns each of its assets. */
export function lets(
  { types, severity_min, confidence_min }: AnomalyRule,
  { asset_id, strength_min }: { asset_id: string | null; strength_min: number },
  finding: Finding,
): boolean {
  const is_there = asset_id === null || finding.asset_id === null || finding.asset_id === asset_id
  const is_wanted = types.length === 0 || types.includes(finding.type)
  const is_grave = severities.indexOf(finding.severity) >= severities.indexOf(severity_min)
  return is_there && is_wanted && is_grave && finding.confidence >= confidence_min && finding.strength >= strength_min
}

/** Where a measure of one device stands between the two edges of a threshold. */
export interface ThresholdState {
  /** Raised, and since which instant it was beyond. */
  is_raised: boolean
  /** The first slot beyond raise_at since it was last on the quiet side of clear_at; null while quiet. */
  beyond_since_ms: number | null
  /** Up to where was looked: what comes late changes nothing. */
  looked_to_ms: number
}

export type ThresholdStep = { event: 'raised'; from_ms: number; value: number } | { event: 'cleared' } | null

/**
 * One more slot. Raised when the value was beyond `raise_at` for `for_s`, without coming back past `clear_at` in between;
 * over when it is back past `clear_at`. Between the edges nothing changes, so that a value that trembles on one raises once.
 */
export function stepThreshold(
  state: ThresholdState,
  rule: ThresholdRule,
  slot: { from_ms: number; to_ms: number; value: number },
): { state: ThresholdState; step: ThresholdStep } {
  if (slot.from_ms < state.looked_to_ms) return { state, step: null }
  const sign = rule.direction === 'above' ? 1 : -1
  const looked = { ...state, looked_to_ms: slot.to_ms }
  if (sign * (slot.value - rule.clear_at) <= 0 && sign * (slot.value - rule.raise_at) <= 0) {
    const step: ThresholdStep = state.is_raised ? { event: 'cleared' } : null
    return { state: { ...looked, is_raised: false, beyond_since_ms: null }, step }
  }
  const is_beyond = sign * (slot.value - rule.raise_at) > 0
  const beyond_since_ms = state.beyond_since_ms ?? (is_beyond ? slot.from_ms : null)
  const lasted = beyond_since_ms !== null && slot.to_ms - beyond_since_ms >= rule.for_s * 1000
  if (state.is_raised || beyond_since_ms === null || !is_beyond || !lasted) {
    return { state: { ...looked, beyond_since_ms }, step: null }
  }
  return {
    state: { ...looked, is_raised: true, beyond_since_ms },
    step: { event: 'raised', from_ms: beyond_since_ms, value: slot.value },
  }
}

export interface Told {
  strength: number
  verdict: 'correct' | 'false_alarm' | null
}

/** Findings may not be held back for being this much weaker than the strongest false one alone. */
const BESIDE = 1.0001

/**
 * The lowest strength from which on false alerts stay within a weekly budget, by what people said of earlier findings.
 * Those that nobody judged count as false in the share that judged ones were, by Laplace's rule. Without a false alarm
 * nothing is held back.
 */
export function tunedStrength(findings: readonly Told[], weeks: number, alerts_per_week: number): number {
  const judged = findings.filter(({ verdict }) => verdict !== null)
  const wrong = judged.filter(({ verdict }) => verdict === 'false_alarm')
  if (wrong.length === 0) return 1
  const false_share = (wrong.length + 1) / (judged.length + 2)
  const falseFrom = (least: number) =>
    findings
      .filter(({ strength }) => strength >= least)
      .reduce((sum, { verdict }) => sum + (verdict === null ? false_share : verdict === 'false_alarm' ? 1 : 0), 0)
  const limits = [1, ...findings.map(({ strength }) => strength * BESIDE).filter((limit) => limit > 1)]
  const bearable = limits.sort((a, b) => a - b).find((limit) => falseFrom(limit) <= alerts_per_week * weeks)
  return bearable ?? 1
}
