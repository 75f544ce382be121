import { measuredPrecision } from './anomaly-precision.ts'
import type { AnomalyType } from './anomaly-watch.ts'

/**
 * How often such a finding was right: measured, not felt. The table counts, for each type and for how far beyond its
 * threshold the finding stood, how many on simulated plants with known faults were true; what the organisation's own people
 * said of findings of the type is added, and soon outweighs the plays.
 */
export interface ConfidenceBasis {
  /** Findings on simulated plants, and how many of them were faults. */
  simulated: { found: number; correct: number }
  /** Findings that somebody judged. */
  judged: { found: number; correct: number }
  /** Which findings those are: of this type and strength, of this type, or of all types. */
  level: 'type_and_strength' | 'type' | 'all'
}

export const strengthBands = ['1 to 1.5', '1.5 to 3', '3 and more'] as const

export function bandOf(strength: number): 0 | 1 | 2 {
  return strength < 1.5 ? 0 : strength < 3 ? 1 : 2
}

export interface Count {
  found: number
  correct: number
}

/** By type, one count for each band of strength. */
export type PrecisionTable = Partial<Record<AnomalyType, readonly [Count, Count, Count]>>

/** A cell with fewer findings says too little by itself. */
const CELL_MIN = 15
/** As many findings as this the plays may weigh at most against what people said. */
const SIMULATED_WEIGHT_MAX = 20

export function confidenceOf(
  { type, strength }: { type: AnomalyType; strength: number },
  judged: Count = { found: 0, correct: 0 },
  table: PrecisionTable = measuredPrecision,
): { confidence: number; basis: ConfidenceBasis } {
  const { count, level } = simulatedCount(type, bandOf(strength), table)
  const weight = Math.min(1, SIMULATED_WEIGHT_MAX / Math.max(1, count.found))
  // Laplace's rule: before anything is known it is one in two, and never quite certain.
  const correct = weight * count.correct + judged.correct + 1
  const found = weight * count.found + judged.found + 2
  const is_simulated_only = judged.found === 0
  const confidence = is_simulated_only ? (count.correct + 1) / (count.found + 2) : correct / found
  return { confidence, basis: { simulated: count, judged, level } }
}

function simulatedCount(type: AnomalyType, band: 0 | 1 | 2, table: PrecisionTable) {
  const of_type = table[type]
  const cell = of_type?.[band]
  if (cell !== undefined && cell.found >= CELL_MIN) return { count: cell, level: 'type_and_strength' as const }
  const sum = total(of_type ?? [])
  if (sum.found >= CELL_MIN) return { count: sum, level: 'type' as const }
  return { count: total(Object.values(table).flat()), level: 'all' as const }
}

function total(counts: readonly Count[]): Count {
  return {
    found: counts.reduce((sum, { found }) => sum + found, 0),
    correct: counts.reduce((sum, { correct }) => sum + correct, 0),
  }
}
