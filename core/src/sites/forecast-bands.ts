import { z } from 'zod'
import { calibrate, CalibrationFile, intervalOf } from '../learn/conformal.ts'
import { wallHour } from './wall-clock.ts'

/**
 * How far a forecast may be off. Errors are measured in units of what is usual at that time (a cloud takes more from noon
 * than from evening), together for all times of day, apart for near and far; their conformal margins, times what is usual
 * then, are the band.
 */
export const Scale = z.strictObject({
  /** Per unit of clear-sky power. */
  sun: z.number().min(0),
  /** Mean absolute error by hour of the local day, of working days and of weekends: 48 numbers. */
  hours_kw: z.array(z.number().min(0)).length(48),
})
export type Scale = z.infer<typeof Scale>

/** Hours ahead at which a lead begins. */
export const leadStarts_h = [0, 1, 3, 8, 24, 48] as const
export const leadOf = (step: number, slot_s: number) =>
  String(leadStarts_h.findLast((start) => (step * slot_s) / 3_600 >= start) ?? 0)

export const Bands = z.strictObject({
  levels: z.array(z.strictObject({ level: z.number(), calibration: CalibrationFile })).min(1),
  /** Quantiles 0, 1/50, …, 1 of the size of errors in units of what is usual, by lead. */
  sizes: z.record(z.string(), z.array(z.number()).length(51)),
  /** An error of this size counts as near: a tenth of the highest power. */
  near_kw: z.number().min(0),
})
export type Bands = z.infer<typeof Bands>

export const LEVELS = [0.8, 0.95] as const

/** Errors at steps ahead of origins, and what is usual there; a scale of 0 says that nothing can be off. */
export interface ScaledErrors {
  lead: string[]
  error_kw: number[]
  scale_kw: number[]
}

export function measureBands({ lead, error_kw, scale_kw }: ScaledErrors, highest_kw: number): Bands {
  const usable = [...lead.keys()].filter((at) => (scale_kw[at] ?? Number.NaN) > 0)
  const truth = usable.map((at) => (error_kw[at] ?? Number.NaN) / (scale_kw[at] ?? Number.NaN))
  const groups = usable.map((at) => lead[at] ?? '')
  const zero = new Float64Array(truth.length)
  const data = { truth, lower: zero, upper: zero, groups }
  const sizes: Bands['sizes'] = {}
  for (const each of new Set(groups)) {
    const sorted = truth.filter((_, at) => groups[at] === each).map(Math.abs)
    sorted.sort((a, b) => a - b)
    sizes[each] = Array.from({ length: 51 }, (_, at) => sorted[Math.round((at / 50) * (sorted.length - 1))] ?? 0)
  }
  return {
    levels: LEVELS.map((level) => ({ level, calibration: calibrate(data, { level, sides: 'signed' }) })),
    sizes,
    near_kw: highest_kw / 10,
  }
}

export interface Band {
  lower: number
  upper: number
}

/** The band of one level around a point; null where errors were too few to say. */
export function bandAt(
  bands: Bands,
  { level, point_kw, scale_kw, lead }: { level: number; point_kw: number; scale_kw: number; lead: string },
  [least, most]: readonly [number, number],
): Band | null {
  const found = bands.levels.find((each) => each.level === level)
  if (found === undefined) return null
  if (scale_kw === 0) return { lower: point_kw, upper: point_kw }
  const interval = intervalOf(found.calibration, { lower: 0, upper: 0 }, lead)
  if (interval.state !== 'calibrated') return null
  const clip = (value: number) => Math.min(most, Math.max(least, value))
  return {
    // A band that misses its own point on one side begins at it: forecasts that run high have no room above.
    lower: clip(Math.min(point_kw, point_kw + interval.lower * scale_kw)),
    upper: clip(Math.max(point_kw, point_kw + interval.upper * scale_kw)),
  }
}

/** How often, at such a lead and time, what came was within a tenth of the highest power of what was said. */
export function confidenceAt(bands: Bands, scale_kw: number, lead: string): number | null {
  if (scale_kw === 0) return 1
  const sizes = bands.sizes[lead]
  if (sizes === undefined) return null
  return sizes.filter((size) => size * scale_kw <= bands.near_kw).length / sizes.length
}

/** Which of the 48 hours of a scale a slot of the clock on the wall belongs to. */
export function hourCell(wall_slot: number, slot_s: number): number {
  const { hour, is_weekend } = wallHour(wall_slot, slot_s)
  return hour + (is_weekend ? 24 : 0)
}

/** Mean sizes of errors by cell; a cell that saw few is drawn to the mean of all. */
export function usualByHour(cells: readonly number[], errors_kw: readonly number[]): number[] {
  const DRAWN_BY = 20
  const sums = Array.from({ length: 48 }, () => 0)
  const counts = Array.from({ length: 48 }, () => 0)
  cells.forEach((cell, at) => {
    sums[cell] = (sums[cell] ?? 0) + Math.abs(errors_kw[at] ?? Number.NaN)
    counts[cell] = (counts[cell] ?? 0) + 1
  })
  const total = sums.reduce((sum, each) => sum + each, 0) / Math.max(1, cells.length)
  return sums.map((sum, cell) => (sum + DRAWN_BY * total) / ((counts[cell] ?? Number.NaN) + DRAWN_BY))
}
