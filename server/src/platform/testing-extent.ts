/**
 * `npm test` has ten minutes on two cores. The longest batteries ask one in so many of their questions there, the same ones
 * each time, and every row and every column of their matrix has its turn; `TEST_EXTENT=whole`, as `.ci/run` sets it, asks all.
 */
export const isWhole = process.env.TEST_EXTENT === 'whole'

/** One in `out_of` of the items; a different one for each `turn`, so that the columns of a matrix take turns along its rows. */
export function share<T>(items: readonly T[], out_of: number, turn: number): readonly T[] {
  return isWhole ? items : items.filter((_, index) => (index + turn) % out_of === 0)
}
