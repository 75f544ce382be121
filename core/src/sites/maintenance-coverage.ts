import type { IndicatorId } from './maintenance-indicators.ts'
import type { IndicatorHealth } from './maintenance-trend.ts'

/** Of how many dates the interval from p10 to p90 held the truth, on simulated plants run until their limit. */
export interface HeldClass {
  /** How much of the way to the limit was gone: from this share, up to the next. */
  from_progress: number
  dates: number
  held: number
}

/** Dates are counted by how much of the way to the limit was gone when they were told. */
export const CLASS_EDGES = [0, 0.25, 0.5, 0.75] as const
/**
 * Measured by `bench/maintenance.ts --classes`: worsening of six shapes laid over what simulated plants in good order showed.
 * Classes of fewer than 30 dates and indicators that are not here were not measured.
 */
export const heldClasses: Partial<Record<IndicatorId, readonly HeldClass[]>> = {
  yield: [
    { from_progress: 0, dates: 122, held: 115 },
    { from_progress: 0.25, dates: 194, held: 167 },
    { from_progress: 0.5, dates: 172, held: 149 },
    { from_progress: 0.75, dates: 156, held: 140 },
  ],
  temperature: [
    { from_progress: 0, dates: 138, held: 120 },
    { from_progress: 0.25, dates: 201, held: 148 },
    { from_progress: 0.5, dates: 174, held: 113 },
    { from_progress: 0.75, dates: 150, held: 97 },
  ],
  capacity: [
    { from_progress: 0, dates: 61, held: 57 },
    { from_progress: 0.25, dates: 192, held: 181 },
    { from_progress: 0.5, dates: 167, held: 159 },
    { from_progress: 0.75, dates: 147, held: 132 },
  ],
  round_trip: [{ from_progress: 0.75, dates: 40, held: 32 }],
  vibration: [
    { from_progress: 0, dates: 129, held: 110 },
    { from_progress: 0.25, dates: 175, held: 127 },
    { from_progress: 0.5, dates: 208, held: 137 },
    { from_progress: 0.75, dates: 233, held: 179 },
  ],
}

/** The class that a date belongs to; null without a date, or where no such dates were measured. */
export function datesHeld(id: IndicatorId, { date, progress }: IndicatorHealth): HeldClass | null {
  if (date === null || progress === null) return null
  return heldClasses[id]?.findLast(({ from_progress }) => Math.max(0, progress) >= from_progress) ?? null
}
