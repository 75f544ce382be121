import { Problem } from '../lib/problem.ts'
import { randomOf, range, shuffle } from './random.ts'

/** Which rows are learnt from and which are kept to measure on: row numbers, in ascending order, never both. */
export interface Split {
  train: Uint32Array
  test: Uint32Array
}

export interface FoldOptions {
  /** Into how many parts the rows are dealt; 5. */
  fold_count?: number
  /** Names the deal; 0. */
  seed?: number
}

function unfit(detail: string): Problem {
  return new Problem('learn/data-unfit', { detail })
}

function checkFolds(fold_count: number, units: number, of: string): void {
  if (Number.isInteger(fold_count) && fold_count >= 2 && fold_count <= units) return
  throw unfit(`${units} ${of} cannot be dealt into ${fold_count} folds; between 2 and ${units} would do.`)
}

/** Splits by the fold each row was dealt to: fold f is tested on once and learnt from otherwise. */
function splitsOf(fold_of_row: Uint32Array, fold_count: number): Split[] {
  return Array.from({ length: fold_count }, (_, fold) => ({
    train: range(fold_of_row.length).filter((row) => fold_of_row[row] !== fold),
    test: range(fold_of_row.length).filter((row) => fold_of_row[row] === fold),
  }))
}

/** Deals rows at random into folds whose sizes differ by one at most. For rows in time use `timeSeriesSplits`. */
export function kFolds(row_count: number, { fold_count = 5, seed = 0 }: FoldOptions = {}): Split[] {
  checkFolds(fold_count, row_count, 'rows')
  const fold_of_row = new Uint32Array(row_count)
  shuffle(range(row_count), randomOf(seed)).forEach((row, place) => (fold_of_row[row] = place % fold_count))
  return splitsOf(fold_of_row, fold_count)
}

/** Rows by what stands at their place, in the order of first appearance. */
function rowsBy<T>(labels: ArrayLike<T>): Uint32Array[] {
  const found = new Map<T, number[]>()
  for (let row = 0; row < labels.length; row++) {
    const rows = found.get(labels[row]!)
    if (rows) rows.push(row)
    else found.set(labels[row]!, [row])
  }
  return [...found.values()].map((rows) => Uint32Array.from(rows))
}

/**
 * Folds in which every label has its share: its rows are dealt so that any two folds differ by one of them at most. Refuses a
 * label with fewer rows than folds, because some fold would be tested on a label it cannot judge.
 */
export function stratifiedFolds(
  labels: ArrayLike<number | string>,
  { fold_count = 5, seed = 0 }: FoldOptions = {},
): Split[] {
  checkFolds(fold_count, labels.length, 'rows')
  const random = randomOf(seed)
  const fold_of_row = new Uint32Array(labels.length)
  let place = 0
  for (const rows of rowsBy(labels)) {
    if (rows.length < fold_count) {
      throw unfit(`The label ${labels[rows[0]!]} has ${rows.length} rows, fewer than the ${fold_count} folds.`)
    }
    // One label goes on where the last stopped, so the folds stay of one size.
    for (const row of shuffle(rows, random)) fold_of_row[row] = place++ % fold_count
  }
  return splitsOf(fold_of_row, fold_count)
}

/**
 * Folds that never tear a group apart (the readings of one site, the buildings of one owner): what is learnt is tested on
 * groups it has not seen. Groups go from the largest to the smallest into the fold with the fewest rows.
 */
export function groupFolds(
  groups: ArrayLike<number | string>,
  { fold_count = 5, seed = 0 }: FoldOptions = {},
): Split[] {
  const members = shuffle(rowsBy(groups), randomOf(seed))
  checkFolds(fold_count, members.length, 'groups')
  const sizes = new Float64Array(fold_count)
  const fold_of_row = new Uint32Array(groups.length)
  for (const rows of members.sort((a, b) => b.length - a.length)) {
    const fold = sizes.indexOf(Math.min(...sizes))
    sizes[fold]! += rows.length
    for (const row of rows) fold_of_row[row] = fold
  }
  return splitsOf(fold_of_row, fold_count)
}

export interface TimeSplitOptions {
  /** How often the origin moves forward; 5. */
  split_count?: number
  /** Rows in each test part; as many as fit (`row_count / (split_count + 1)`, rounded down). */
  test_count?: number
  /** Rows left out between learning and testing, for targets that are known only later; 0. */
  gap_count?: number
  /** Rows to learn from at most, the latest ones: a sliding window. All earlier rows when absent: an expanding one. */
  train_count_max?: number
}

/** Splits of rows that stand in the order of time: every test part lies wholly after what was learnt from, and a gap. */
export function timeSeriesSplits(
  row_count: number,
  { split_count = 5, test_count, gap_count = 0, train_count_max }: TimeSplitOptions = {},
): Split[] {
  const tested = test_count ?? Math.floor(row_count / (split_count + 1))
  const counts = { split_count, test_count: tested, train_count_max: train_count_max ?? 1 }
  for (const [name, count] of Object.entries(counts)) {
    if (!(Number.isInteger(count) && count >= 1)) throw unfit(`${name} is ${count}; it is a whole number from 1.`)
  }
  if (!(Number.isInteger(gap_count) && gap_count >= 0)) throw unfit(`A gap of ${gap_count} rows is none.`)
  const train_count_first = row_count - split_count * tested - gap_count
  if (!(train_count_first >= 1)) {
    throw unfit(`${row_count} rows are too few for ${split_count} tests of ${tested} after a gap of ${gap_count}.`)
  }
  return Array.from({ length: split_count }, (_, split) => {
    const train_to = train_count_first + split * tested
    const train_from = Math.max(0, train_to - (train_count_max ?? train_to))
    const test_from = train_to + gap_count
    const rows = range(row_count)
    return { train: rows.slice(train_from, train_to), test: rows.slice(test_from, test_from + tested) }
  })
}

/**
 * One split by time: the latest `test_share` of the rows to measure on, the rest to learn from. Rows of the moment at the
 * border all go to the test part, so the two parts share no moment. Times may stand in any order, in any unit.
 */
export function laterHoldout(times: ArrayLike<number>, test_share = 0.2): Split {
  if (!(test_share > 0 && test_share < 1)) throw unfit(`A share of ${test_share} leaves one of the two parts empty.`)
  const sorted = Float64Array.from(times).sort()
  const border = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (1 - test_share)))]
  if (border === undefined || Number.isNaN(sorted.at(-1))) throw unfit('Every row needs a time.')
  const rows = range(times.length)
  const split = { train: rows.filter((row) => times[row]! < border), test: rows.filter((row) => times[row]! >= border) }
  if (split.train.length === 0)
    throw unfit('All rows before the border are of its own moment: there is no earlier part.')
  return split
}
