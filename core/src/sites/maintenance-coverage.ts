import type { IndicatorId } from './maintenance-indicators.ts'
import type { IndicatorHealth } from './maintenance-trend.ts'

/** Of how many dates the interval from p10 to p90 held the truth, on simulated plants run until their limit. */
export interface HeldClass {
  /** How much of the way to the limit was gone: from this share, up to the next. */
  from_progress: number
  dates: number
  held: number
}

/** Measured by `bench/maintenance.ts`, which prints it anew. Indicators that are not here were not measured. */
export const heldClasses: Partial<Record<IndicatorId, readonly HeldClass[]>> = {}

/** The class that a date belongs to; null without a date, or where no such dates were measured. */
export function datesHeld(id: IndicatorId, { date, progress }: IndicatorHealth): HeldClass | null {
  if (date === null || progress === null) return null
  return heldClasses[id]?.findLast(({ from_progress }) => progress >= from_progress) ?? null
}
