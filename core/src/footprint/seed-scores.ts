/**
 * The marketplace's own scores of a request: completeness, confidence and its range of uncertainty, by its formulas to
 * the letter. It names accuracy and recency without defining them; both are defined here, from the request alone.
 */
import type { Check } from './seed-inventory.ts'

/**
 * Share of the fields that hold something, counted as the marketplace counts: every scalar under a key is a field, filled
 * unless it is null or an empty string; lists are walked through, and scalars standing in a list are not fields. A key
 * that is absent is not counted at all, so this is completeness of what was begun. 0 when there is no field.
 */
export function completenessOf(data: unknown): number {
  let total_fields = 0
  let completed_fields = 0
  const open: unknown[] = [data]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    const fields = !Array.isArray(value)
    for (const each of Object.values(value) as unknown[]) {
      if (typeof each === 'object' && each !== null) open.push(each)
      else if (fields && each !== undefined) {
        total_fields += 1
        if (each !== null && each !== '') completed_fields += 1
      }
    }
  }
  return total_fields > 0 ? completed_fields / total_fields : 0
}

/**
 * Share of the quantities that stood every check made of them: within what one organisation can have, in agreement with
 * what else the request says of it, and of something that a factor is known for. 0 when no quantity could be checked:
 * what nobody checked is not accurate.
 */
export function accuracyOf(checks: readonly Check[]): number {
  const failed = new Set(checks.filter((check) => !check.passed).map((check) => check.path))
  const all = new Set(checks.map((check) => check.path))
  return all.size > 0 ? (all.size - failed.size) / all.size : 0
}

const DAY_MS = 86_400_000
/** The marketplace's rule of timeliness: no more than 12 months old. */
const FRESH_DAYS = 365.25
/** Five years: what base years and most factors are good for. */
const STALE_DAYS = 5 * 365.25

/**
 * 1 until twelve months after the last day of the reporting period, then falling evenly to 0 at sixty months. A month is
 * a twelfth of 365.25 days. A period that has not ended is 1.
 * @param end_date day in ISO 8601, part of the period
 * @param now instant in ISO 8601
 */
export function recencyOf(end_date: string, now: string): number {
  const age_days = (Date.parse(now) - (Date.parse(end_date) + DAY_MS)) / DAY_MS
  return Math.min(1, Math.max(0, (STALE_DAYS - age_days) / (STALE_DAYS - FRESH_DAYS)))
}

export interface Scores {
  completeness: number
  accuracy: number
  recency: number
}

/** min(1, 0.4 completeness + 0.4 accuracy + 0.2 recency). */
export function confidenceOf({ completeness, accuracy, recency }: Scores): number {
  return Math.min(1, completeness * 0.4 + accuracy * 0.4 + recency * 0.2)
}

/** 15 %, and 20 % of what confidence lacks. As the marketplace has it, whatever the data: it is no statistical interval. */
export function uncertaintyOf(confidence: number): {
  low_estimate_factor: number
  high_estimate_factor: number
  uncertainty_percentage: number
} {
  const total = 0.15 + (1 - confidence) * 0.2
  return { low_estimate_factor: 1 - total, high_estimate_factor: 1 + total, uncertainty_percentage: total * 100 }
}

/** The warnings of the marketplace's validation, in its words. */
export function completenessWarnings(completeness: number): string[] {
  return completeness < 0.5 ? [`Low data completeness: ${(completeness * 100).toFixed(1)}%`] : []
}
