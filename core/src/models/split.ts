import { laterHoldout } from '../learn/splits.ts'
import { Problem } from '../lib/problem.ts'
import { columnNamed, labelsOf, numbersOf, type Frame, type FrameColumn } from './frame.ts'
import type { Recipe, Task } from './recipe.ts'

/** Rows by what they are for: row numbers of the frame. No row is in two parts. */
export interface Parts {
  train: Uint32Array
  /** Margins of intervals are measured on these. */
  calibration: Uint32Array
  /** Nothing was learnt from these. */
  holdout: Uint32Array
  split: 'by-time' | 'by-digest'
  /** Of a split by time: the first moment of the holdout, in milliseconds since 1970. */
  holdout_from: number | null
  left_out: number
}

/**
 * Splits rows for training and testing. With a column of times the test rows are the latest, as they will be in use.
 * Without one they are drawn by the digest of their contents, so that a row that is in two versions of a data set is in the
 * same part both times: no model is ever tested on a row that it, or the champion before it, was trained on.
 * @throws {Problem} learn/data-unfit where a part would have too few rows.
 */
export function splitRows(frame: Frame, recipe: Recipe, task: Task): Parts {
  const rows = usableRows(frame, recipe)
  const left_out = frame.row_count - rows.length
  const parts =
    recipe.time === undefined ? byDigest(frame, recipe, task, rows) : byTime(frame, recipe, recipe.time, rows)
  for (const [name, part, least] of [
    ['train', parts.train, TRAIN_ROWS_MIN],
    ['holdout', parts.holdout, HOLDOUT_ROWS_MIN],
  ] as const)
    if (part.length < least)
      throw new Problem('learn/data-unfit', {
        detail: `Of ${rows.length} usable rows ${part.length} would be the ${name} part, and it takes ${least}.`,
        rows: rows.length,
        left_out,
      })
  return { ...parts, left_out }
}

const TRAIN_ROWS_MIN = 20
const HOLDOUT_ROWS_MIN = 8

/** Rows that say what is to be learnt, and when. */
function usableRows(frame: Frame, { target, time }: Recipe): Uint32Array {
  const needed = [target, time].flatMap((name) => (name === undefined ? [] : [columnNamed(frame, name)]))
  const has = (column: FrameColumn, row: number) =>
    column.type === 'category' ? column.values[row] !== null : Number.isFinite(column.values[row])
  return Uint32Array.from({ length: frame.row_count }, (_, row) => row).filter((row) =>
    needed.every((column) => has(column, row)),
  )
}

function byTime(frame: Frame, recipe: Recipe, time: string, rows: Uint32Array): Omit<Parts, 'left_out'> {
  const times = numbersOf(frame, time)
  const outer = laterHoldout(
    Array.from(rows, (row) => times[row] ?? NaN),
    recipe.holdout_share,
  )
  const earlier = outer.train.map((index) => rows[index] ?? 0)
  const holdout = outer.test.map((index) => rows[index] ?? 0)
  const holdout_from = holdout.reduce((least, row) => Math.min(least, times[row] ?? Infinity), Infinity)
  if (recipe.calibration_share === 0)
    return { train: earlier, calibration: new Uint32Array(0), holdout, split: 'by-time', holdout_from }
  const share = recipe.calibration_share / (1 - recipe.holdout_share)
  const inner = laterHoldout(
    Array.from(earlier, (row) => times[row] ?? NaN),
    share,
  )
  const [train, calibration] = [inner.train, inner.test].map((part) => part.map((index) => earlier[index] ?? 0))
  return {
    train: train ?? earlier,
    calibration: calibration ?? new Uint32Array(0),
    holdout,
    split: 'by-time',
    holdout_from,
  }
}

function byDigest(frame: Frame, recipe: Recipe, task: Task, rows: Uint32Array): Omit<Parts, 'left_out'> {
  // What is ranked together stays together.
  const groups = task === 'ranking' && recipe.group !== undefined ? labelsOf(frame, recipe.group) : undefined
  const columns = [...frame.columns].sort((a, b) => (a.name < b.name ? -1 : 1))
  const place =
    rows.length === 0
      ? new Float64Array(0)
      : Float64Array.from(rows, (row) => placeOf(groups?.[row] ?? textOf(columns, row)))
  const { holdout_share, calibration_share } = recipe
  const within = (from: number, to: number) =>
    rows.filter((_, index) => (place[index] ?? 0) >= from && (place[index] ?? 0) < to)
  return {
    holdout: within(0, holdout_share),
    calibration: within(holdout_share, holdout_share + calibration_share),
    train: within(holdout_share + calibration_share, 1),
    split: 'by-digest',
    holdout_from: null,
  }
}

function textOf(columns: readonly FrameColumn[], row: number): string {
  return columns.map((column) => `${column.name}\u0001${String(column.values[row])}`).join('\u0002')
}

/**
 * A number from 0 to below 1 that depends on the text alone, evenly spread: FNV-1a over its UTF-16 units, stirred as
 * MurmurHash3 ends. Not for secrets.
 */
export function placeOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
