import { shareOf } from './boosted-trees-bins.ts'
import type { Boosting } from './boosted-trees-boost.ts'
import { randomOf } from './random.ts'

export interface Drawn {
  /** First the rows that a tree grows on. */
  rows: Uint32Array
  /** First all the others: those kept back and those not drawn. */
  others: Uint32Array
  /** One cell: how many were drawn. */
  count: Uint32Array
}

/** Draws the rows of one tree without putting any back, in ascending order, and returns how many. */
export function drawRows(drawn: Drawn, boosting: Boosting, step: number): number {
  const { settings, parts, crew, lesson } = boosting
  if (settings.row_share === 1) {
    const { first, end } = shareOf(parts.training.length, crew.index, crew.size)
    drawn.rows.set(parts.training.subarray(first, end), first)
    if (crew.index === 0) drawn.others.set(parts.validation)
    crew.barrier()
    return parts.training.length
  }
  if (crew.index === 0) {
    const taken = boosting.objective.by_group ? drawGroups(boosting, step) : drawSingly(boosting, step)
    let count = 0
    let other_count = 0
    for (let row = 0; row < lesson.raw.length; row++) {
      if (taken[row] === 1) drawn.rows[count++] = row
      else drawn.others[other_count++] = row
    }
    drawn.count[0] = count
  }
  crew.barrier()
  return drawn.count[0]!
}

function drawSingly({ settings, parts: { training }, lesson }: Boosting, step: number): Uint8Array {
  const taken = new Uint8Array(lesson.raw.length)
  draw(training.length, settings.row_share, settings.seed, step, (at) => (taken[training[at]!] = 1))
  return taken
}

/** Ranking draws groups, those kept back left out. */
function drawGroups({ settings, parts, lesson }: Boosting, step: number): Uint8Array {
  const taken = new Uint8Array(lesson.raw.length)
  const trained = new Uint8Array(lesson.raw.length)
  for (const row of parts.training) trained[row] = 1
  const { group_starts, group_rows } = lesson
  const groups = [...group_starts.keys()]
    .slice(0, -1)
    .filter((group) => trained[group_rows[group_starts[group]!]!] === 1)
  draw(groups.length, settings.row_share, settings.seed, step, (at) => {
    const group = groups[at]!
    for (let i = group_starts[group]!; i < group_starts[group + 1]!; i++) taken[group_rows[i]!] = 1
  })
  return taken
}

/** Selection sampling: every set of so many is as likely as any other. */
function draw(count: number, share: number, seed: number, step: number, take: (at: number) => void): void {
  const random = randomOf(seed).fork(step)
  let wanted = Math.max(1, Math.round(share * count))
  for (let at = 0; at < count; at++) {
    if (random.next() * (count - at) >= wanted) continue
    take(at)
    wanted--
  }
}
