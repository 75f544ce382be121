import type { BoostedTreesOptions } from './boosted-trees.ts'
import { BINS_MAX, shareOf } from './boosted-trees-bins.ts'
import { BLOCK_ROWS, FINDING_LENGTH } from './boosted-trees-grow.ts'
import { lanesOf } from './boosted-trees-histogram.ts'
import { crewBytes } from './crew.ts'

/**
 * How many bytes a crew of `size` shares while it fits, at most: what `fitBoostedTrees` takes from it, in the same order.
 * The table, the target, weights and groups are not in it.
 */
export function boostedTreesBytes(
  row_count: number,
  column_count: number,
  { max_leaves = 31 }: BoostedTreesOptions,
  size: number,
): number {
  const per_row = (bytes: number) => row_count * bytes
  const lesson = [per_row(8), per_row(8)]
  const members = Array.from({ length: size }, (_, index) => shareOf(column_count, index, size))
  const bins = members.flatMap(({ first, end }) => lanesOf(end - first).map(() => per_row(4)))
  const edges = [column_count * BINS_MAX * 8, column_count * 4]
  const blocks = (2 * Math.ceil(row_count / BLOCK_ROWS) + 2) * 8
  const growing = [per_row(4), per_row(size > 1 ? 4 : 0), per_row(4), size * 2 * FINDING_LENGTH * 8, size * 4, blocks]
  const boosting = [2 * max_leaves * 8, per_row(4), 4, 8]
  return crewBytes([...lesson, ...bins, ...edges, ...growing, ...boosting])
}
