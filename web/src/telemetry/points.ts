import type { listPoints } from '@tidemark/core/telemetry/contract.ts'
import type { AnswerOf } from '../lib/api.ts'
import type { Line, Stretch } from './time-chart-option.ts'

export type Points = AnswerOf<typeof listPoints>

/**
 * What is drawn of a series: its middle, its lowest and highest, with a hole wherever nothing was measured. A counter is
 * drawn by what it counted in each slot.
 */
export function drawnOf({ points, slot_s, gaps }: Points): {
  middle: Line['points']
  band: [at_ms: number, low: number | null, high: number | null][]
} {
  const middle: [number, number | null][] = []
  const band: [number, number | null, number | null][] = []
  const breaks = gaps.map(({ from }) => Date.parse(from))
  let before_ms = Number.NEGATIVE_INFINITY
  for (const { at, mean, min, max, amount } of points) {
    const at_ms = Date.parse(at)
    const hole_ms = slot_s > 0 ? before_ms + slot_s * 1500 : breaks.find((each) => each >= before_ms)
    if (hole_ms !== undefined && Number.isFinite(before_ms) && hole_ms < at_ms) {
      middle.push([before_ms + 1, null])
      band.push([before_ms + 1, null, null])
    }
    middle.push([at_ms, amount ?? mean])
    if (amount === null) band.push([at_ms, min, max])
    before_ms = at_ms
  }
  return { middle, band }
}

export function gapsOf({ gaps }: Points): Stretch[] {
  return gaps.map(({ from, to }) => ({ from_ms: Date.parse(from), to_ms: Date.parse(to), tone: 'gap' }))
}

/** How many readings stand behind the picture, and how many of them no figure counts. */
export function countsOf({ points }: Points): { readings: number; not_counted: number } {
  let readings = 0
  let not_counted = 0
  for (const point of points) {
    readings += point.readings
    not_counted += point.not_counted
  }
  return { readings, not_counted }
}

/** Slot by slot, what several series say together; where one of them says nothing, so does the sum. */
export function summed(parts: readonly Points[]): Line['points'] {
  const [first, ...rest] = parts
  if (first === undefined) return []
  const others = rest.map(({ points }) => new Map(points.map(({ at, mean }) => [at, mean])))
  const joined = first.points.map((point) => ({
    ...point,
    mean: others.reduce<number | null>((sum, other) => {
      const value = other.get(point.at)
      return sum === null || value === null || value === undefined ? null : sum + value
    }, point.mean),
  }))
  return drawnOf({ ...first, points: joined }).middle
}
