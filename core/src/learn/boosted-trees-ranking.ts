import type { Lesson, Objective } from './boosted-trees-objectives.ts'

/**
 * Learning to rank. Within a group, each pair of rows of different relevance pulls the more relevant up and the other down
 * (RankNet); with `top`, in proportion to what exchanging the two would change of NDCG at `top` (LambdaMART, C. Burges 2010).
 */
export function rankingObjective(top?: number): Objective {
  return {
    constant_hessian: false,
    by_group: true,
    base: () => 0,
    differentiate: (lesson, first, end) => {
      for (let group = first; group < end; group++) differentiateGroup(lesson, group, top)
    },
    loss: (lesson, rows) => (top === undefined ? pairLoss(lesson, rows) : 1 - meanNdcg(lesson, rows, top)),
    answer: (raw) => raw,
    step_max: Infinity,
  }
}

/** What a relevance is worth at the top of the list: 2^relevance - 1. */
const worth = (relevance: number) => 2 ** relevance - 1
/** What a place counts for, from 0 on: 1, 0.63, 0.5, 0.43, …, and nothing behind the top. */
const discount = (place: number, top: number) => (place < top ? 1 / Math.log2(place + 2) : 0)

function differentiateGroup(lesson: Lesson, group: number, top: number | undefined): void {
  const { target, weights, raw, gradients } = lesson
  const rows = rowsOfGroup(lesson, group)
  for (const row of rows) gradients[2 * row] = gradients[2 * row + 1] = 0
  const ordered = byScore(rows, raw)
  const best = top === undefined ? 1 : bestGain(rows, target, top)
  if (best === 0) return
  for (let i = 0; i < ordered.length; i++) {
    const a = ordered[i]!
    for (let j = i + 1; j < ordered.length; j++) {
      const b = ordered[j]!
      if (target[a] === target[b]) continue
      const [upper, lower] = target[a]! > target[b]! ? [a, b] : [b, a]
      const share = top === undefined ? 1 : exchange(target[a]!, target[b]!, i, j, top) / best
      if (share === 0) continue
      const wrong = (weights ? weights[upper]! : 1) * share
      const doubt = 1 / (1 + Math.exp(raw[upper]! - raw[lower]!))
      gradients[2 * upper]! -= wrong * doubt
      gradients[2 * lower]! += wrong * doubt
      gradients[2 * upper + 1]! += wrong * doubt * (1 - doubt)
      gradients[2 * lower + 1]! += wrong * doubt * (1 - doubt)
    }
  }
}

/** How much the gain of a list changes when the rows at places i and j change places. */
function exchange(relevance_i: number, relevance_j: number, i: number, j: number, top: number): number {
  return Math.abs((worth(relevance_i) - worth(relevance_j)) * (discount(i, top) - discount(j, top)))
}

function bestGain(rows: Uint32Array, target: Float64Array, top: number): number {
  const relevances = Float64Array.from(rows, (row) => target[row]!)
    .sort()
    .reverse()
  return relevances.reduce((sum, relevance, place) => sum + worth(relevance) * discount(place, top), 0)
}

/** The highest score first; rows of one score stay in their order. */
function byScore(rows: Uint32Array, raw: Float64Array): Uint32Array {
  return rows.slice().sort((a, b) => raw[b]! - raw[a]! || a - b)
}

function rowsOfGroup({ group_starts, group_rows }: Lesson, group: number): Uint32Array {
  return group_rows.subarray(group_starts[group], group_starts[group + 1])
}

/** Mean over the groups that lie in `rows` and hold anything relevant; 1 if there is none. */
function meanNdcg(lesson: Lesson, rows: Uint32Array, top: number): number {
  let sum = 0
  let count = 0
  for (const members of groupsWithin(lesson, rows)) {
    const best = bestGain(members, lesson.target, top)
    if (best === 0) continue
    const ordered = byScore(members, lesson.raw)
    for (let place = 0; place < Math.min(top, ordered.length); place++)
      sum += (worth(lesson.target[ordered[place]!]!) * discount(place, top)) / best
    count++
  }
  return count === 0 ? 1 : sum / count
}

/** Mean over all pairs of different relevance of log(1 + e^(lower - upper)). */
function pairLoss(lesson: Lesson, rows: Uint32Array): number {
  const { target, raw } = lesson
  let sum = 0
  let pairs = 0
  for (const members of groupsWithin(lesson, rows)) {
    for (const upper of members) {
      for (const lower of members) {
        if (!(target[upper]! > target[lower]!)) continue
        const behind = raw[lower]! - raw[upper]!
        sum += Math.max(behind, 0) + Math.log1p(Math.exp(-Math.abs(behind)))
        pairs++
      }
    }
  }
  return pairs === 0 ? 0 : sum / pairs
}

function groupsWithin(lesson: Lesson, rows: Uint32Array): Uint32Array[] {
  const wanted = new Set(rows)
  return Array.from({ length: lesson.group_starts.length - 1 }, (_, group) => rowsOfGroup(lesson, group)).filter(
    (members) => members.length > 0 && wanted.has(members[0]!),
  )
}
