import type { Seen } from './class-features.ts'
import type { ForestSaid } from './class-finding.ts'
import type { ClassScorer } from './class-forest.ts'
import type { Sample, SeriesProfile } from './profile.ts'

/** What is known of one measure of a device before the readings that are to be scored. */
export interface DoubtedSeries {
  measure: string
  profile: SeriesProfile | null
  last: Sample | null
  last_at_ms: number | null
  range: readonly [low: number, high: number]
}

export interface DoubtedReading {
  /** Its place among those that were sent. */
  index: number
  at_ms: number
  values: readonly { measure: string; value: number }[]
}

/**
 * What the forest of its class says of the readings of one device, by their place. Rules go first: a value out of its range is
 * not shown to the forest, which cannot extrapolate. Late readings are not scored: what came before them is not remembered.
 */
export function doubtsOf(
  scorer: ClassScorer,
  series: readonly DoubtedSeries[],
  readings: readonly DoubtedReading[],
): Map<number, ForestSaid> {
  const of_measure = new Map(series.map((each) => [each.measure, each]))
  const profiles: Map<string, SeriesProfile> = new Map()
  const before = new Map<string, Sample>()
  for (const { measure, profile, last } of series) {
    if (profile !== null) profiles.set(measure, profile)
    if (last !== null) before.set(measure, last)
  }
  const seen: (Seen & { index: number })[] = []
  for (const { index, at_ms, values } of readings.toSorted((a, b) => a.at_ms - b.at_ms)) {
    const possible = values.filter(({ measure, value }) => {
      const known = of_measure.get(measure)
      if (known === undefined || at_ms <= (known.last_at_ms ?? -Infinity)) return false
      return value >= known.range[0] && value <= known.range[1]
    })
    if (possible.length === 0) continue
    seen.push({
      index,
      at_ms,
      values: new Map(possible.map(({ measure, value }) => [measure, value])),
      before: new Map(before),
      profiles,
    })
    for (const { measure, value } of possible) before.set(measure, { at_ms, value })
  }
  const said = scorer.score(seen)
  return new Map(
    seen.flatMap(({ index }, at) => {
      const one = said[at] ?? null
      return one === null ? [] : [[index, one] as const]
    }),
  )
}
