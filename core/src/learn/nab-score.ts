/**
 * The score of the Numenta Anomaly Benchmark (Lavin and Ahmad, ICMLA 2015, arXiv 1510.03336), which rewards finding an
 * anomaly early in its window and counts alarms outside of all windows against the detector. Our own program.
 */
export interface NabSeries {
  /** Larger is stranger; one per value. */
  scores: ArrayLike<number>
  /** Windows around the true anomalies, first and last position, in order and apart. */
  windows: readonly (readonly [first: number, last: number])[]
}

export interface NabProfile {
  true_positive: number
  false_positive: number
  false_negative: number
}

export const nabProfiles = {
  standard: { true_positive: 1, false_positive: 0.11, false_negative: 1 },
  few_false_alarms: { true_positive: 1, false_positive: 0.22, false_negative: 1 },
  few_misses: { true_positive: 1, false_positive: 0.11, false_negative: 2 },
} as const satisfies Record<string, NabProfile>

/** The opening of a series in which a detector may learn: 15 %, at most 750 values. */
export function probation(length: number): number {
  return Math.min(Math.floor(0.15 * length), 750)
}

/** 100 for a detector that finds every anomaly at once and nothing else, 0 for one that never speaks; may be negative. */
export function nabScore(corpus: readonly NabSeries[], threshold: number, profile: NabProfile): number {
  let score = 0
  let windows = 0
  for (const series of corpus) {
    score += rawScore(series, threshold, profile)
    windows += series.windows.length
  }
  const nothing = -profile.false_negative * windows
  return (100 * (score - nothing)) / (profile.true_positive * windows - nothing)
}

function rawScore({ scores, windows }: NabSeries, threshold: number, profile: NabProfile): number {
  let total = 0
  const found = new Set<number>()
  for (let i = probation(scores.length); i < scores.length; i++) {
    if (!((scores[i] ?? 0) >= threshold)) continue
    const inside = windows.findIndex(([first, last]) => first <= i && i <= last)
    if (inside >= 0) {
      const [first, last] = windows[inside] ?? [i, i]
      // Only the earliest alarm of a window counts.
      if (!found.has(inside))
        total += (profile.true_positive * sigmoid(-(last - i + 1) / (last - first + 1))) / sigmoid(-1)
      found.add(inside)
      continue
    }
    const before = windows.filter(([, last]) => last < i).at(-1)
    total += profile.false_positive * (before ? sigmoid(afterWindow(before, i)) : -1)
  }
  return total - profile.false_negative * (windows.length - found.size)
}

/** How many windows' lengths past the end. */
function afterWindow([first, last]: readonly [number, number], i: number): number {
  return (i - last) / Math.max(1, last - first)
}

function sigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1
}
