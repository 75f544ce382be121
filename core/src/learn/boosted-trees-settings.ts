import type { Fault } from '../lib/problem.ts'
import type { BoostedTreesOptions } from './boosted-trees.ts'
import { BINS_MAX } from './boosted-trees-bins.ts'
import type { GrowRules } from './boosted-trees-grow.ts'
import type { Lesson, Objective, ObjectiveName } from './boosted-trees-objectives.ts'
import type { Crew } from './crew.ts'
import type { Matrix } from './matrix.ts'
import { randomOf, range, shuffle } from './random.ts'
import { demandOption, demandPerRow, refuseUnfit } from './unfit.ts'

/** The options with every default in its place. */
export interface Settings extends GrowRules {
  objective: ObjectiveName
  tree_count: number
  learning_rate: number
  max_bins: number
  categorical: ReadonlySet<number>
  row_share: number
  column_share: number
  stopping: { share: number; rounds: number; tolerance: number; rows: Uint32Array | undefined } | undefined
  seed: number
  report: NonNullable<BoostedTreesOptions['report']>
}

/** Which rows are learnt from and which are kept back, each ascending. */
export interface Parts {
  training: Uint32Array
  validation: Uint32Array
}

const ROWS_MAX = 2 ** 31
const RELEVANCE_MAX = 31

/** Checks data and options whole, before anything is made. */
export function settingsOf(matrix: Matrix, target: ArrayLike<number>, options: BoostedTreesOptions): Settings {
  const { row_count, column_count } = matrix
  if (row_count === 0 || column_count === 0 || row_count > ROWS_MAX)
    refuseUnfit(`A table of ${row_count} rows and ${column_count} columns cannot be learnt from.`, [
      { path: column_count === 0 ? '/columns' : '/rows', code: 'empty', message: 'At least one row and one column' },
    ])
  const settings: Settings = {
    objective: options.objective ?? { name: 'squared' },
    tree_count: options.tree_count ?? 100,
    learning_rate: options.learning_rate ?? 0.1,
    max_leaves: options.max_leaves ?? 31,
    max_depth: options.max_depth ?? Infinity,
    min_samples_leaf: options.min_samples_leaf ?? 20,
    min_hessian_leaf: options.min_hessian_leaf ?? 1e-3,
    l2: options.l2 ?? 0,
    min_gain: options.min_gain ?? 0,
    max_bins: options.max_bins ?? BINS_MAX,
    categorical: new Set(options.categorical_columns),
    category_smoothing: options.category_smoothing ?? 10,
    monotone: Int8Array.from({ length: column_count }, (_, column) => options.monotone?.[column] ?? 0),
    row_share: options.row_share ?? 1,
    column_share: options.column_share ?? 1,
    stopping: stoppingOf(options),
    seed: options.seed ?? 0,
    report: options.report ?? (() => {}),
  }
  demandSettings(settings)
  demandColumnOptions(options, column_count)
  demandTargets(target, settings.objective, options, row_count)
  return settings
}

function stoppingOf({ early_stopping: given }: BoostedTreesOptions): Settings['stopping'] {
  if (!given) return undefined
  const { share = 0.1, rounds = 10, tolerance = 1e-7, validation_rows: rows } = given
  return { share, rounds, tolerance, rows: rows && Uint32Array.from(rows).sort() }
}

function demandSettings(settings: Settings): void {
  const whole = true
  demandOption('tree_count', settings.tree_count, { least: 1, most: 100_000, whole })
  demandOption('learning_rate', settings.learning_rate, { least: 1e-6, most: 10 })
  demandOption('max_leaves', settings.max_leaves, { least: 2, most: 65_536, whole })
  if (settings.max_depth !== Infinity) demandOption('max_depth', settings.max_depth, { least: 1, most: 65_536, whole })
  demandOption('min_samples_leaf', settings.min_samples_leaf, { least: 1, most: ROWS_MAX, whole })
  demandOption('min_hessian_leaf', settings.min_hessian_leaf, { least: 0, most: Number.MAX_VALUE })
  demandOption('l2', settings.l2, { least: 0, most: Number.MAX_VALUE })
  demandOption('min_gain', settings.min_gain, { least: 0, most: Number.MAX_VALUE })
  demandOption('max_bins', settings.max_bins, { least: 2, most: BINS_MAX, whole })
  demandOption('category_smoothing', settings.category_smoothing, { least: 0, most: Number.MAX_VALUE })
  demandOption('row_share', settings.row_share, { least: 1e-9, most: 1 })
  demandOption('column_share', settings.column_share, { least: 1e-9, most: 1 })
  demandOption('seed', settings.seed, { least: 0, most: Number.MAX_SAFE_INTEGER, whole })
  const { objective, stopping } = settings
  if (objective.name === 'quantile') demandOption('objective/alpha', objective.alpha, { least: 1e-9, most: 1 - 1e-9 })
  if (objective.name === 'tweedie') demandOption('objective/power', objective.power, { least: 1.001, most: 1.999 })
  if (objective.name === 'lambdamart')
    demandOption('objective/top', objective.top ?? 10, { least: 1, most: 1e6, whole })
  if (!stopping) return
  demandOption('early_stopping/share', stopping.share, { least: 1e-9, most: 0.9 })
  demandOption('early_stopping/rounds', stopping.rounds, { least: 1, most: 100_000, whole })
  demandOption('early_stopping/tolerance', stopping.tolerance, { least: 0, most: Number.MAX_VALUE })
}

function demandColumnOptions({ categorical_columns, monotone }: BoostedTreesOptions, column_count: number): void {
  const faults: Fault[] = []
  const blame = (path: string, code: string, message: string) =>
    faults.push({ path: `/options/${path}`, code, message })
  for (const column of categorical_columns ?? []) {
    if (Number.isInteger(column) && column >= 0 && column < column_count) continue
    blame('categorical_columns', 'no-such-column', `A column from 0 to ${column_count - 1}, not ${column}`)
  }
  if (monotone && monotone.length !== column_count)
    blame('monotone', 'length', `One number per column: ${column_count}, not ${monotone.length}`)
  monotone?.forEach((direction, column) => {
    if (![-1, 0, 1].includes(direction)) blame(`monotone/${column}`, 'direction', 'It is 1, 0 or -1')
    else if (direction !== 0 && categorical_columns?.includes(column))
      blame(`monotone/${column}`, 'no-order', 'Categories have no order that predictions could follow')
  })
  if (faults.length > 0) refuseUnfit(`The options of columns do not fit: ${faults[0]?.message}.`, faults)
}

function demandTargets(
  target: ArrayLike<number>,
  objective: ObjectiveName,
  { weights, groups }: BoostedTreesOptions,
  row_count: number,
): void {
  demandPerRow('target', target, row_count)
  const [fits, expected] = rangeOf(objective)
  for (let row = 0; row < row_count; row++) {
    if (fits(target[row]!)) continue
    refuseUnfit(`The target of row ${row} does not suit the objective ${objective.name}: it is ${expected}.`, [
      { path: `/target/${row}`, code: 'out-of-range', message: `It is ${expected}`, value: target[row] },
    ])
  }
  if (weights) {
    demandPerRow('weights', weights, row_count)
    let total = 0
    for (let row = 0; row < row_count; row++) total += weights[row]! >= 0 ? weights[row]! : Number.NaN
    if (!(total > 0 && total < Infinity))
      refuseUnfit('Weights are 0 or more, and not all 0.', [
        { path: '/weights', code: 'out-of-range', message: 'They are 0 or more, with a finite sum above 0' },
      ])
  }
  if (groups) demandPerRow('groups', groups, row_count)
  if (isRanking(objective) && !groups)
    refuseUnfit('Ranking needs to know which rows are ranked together.', [
      { path: '/options/groups', code: 'missing', message: 'One number per row: the same within a group' },
    ])
}

/** Whether rows count within their group only. */
export function isRanking({ name }: ObjectiveName): boolean {
  return name === 'pairwise' || name === 'lambdamart'
}

function rangeOf(objective: ObjectiveName): [(target: number) => boolean, string] {
  if (objective.name === 'logistic') return [(target) => target >= 0 && target <= 1, 'from 0 to 1']
  if (objective.name === 'poisson' || objective.name === 'tweedie') return [(target) => target >= 0, '0 or more']
  if (!isRanking(objective)) return [() => true, 'a number']
  const fits = (target: number) => Number.isInteger(target) && target >= 0 && target <= RELEVANCE_MAX
  return [fits, `a whole number from 0 to ${RELEVANCE_MAX}`]
}

/** The arrays that objectives read and write; what changes is shared by the crew. */
export function lessonOf(
  target: ArrayLike<number>,
  { weights, groups }: BoostedTreesOptions,
  { constant_hessian }: Objective,
  crew: Crew,
): Lesson {
  const { group_starts, group_rows } = groupRows(groups, target.length)
  return {
    target: Float64Array.from(target),
    weights: weights && Float64Array.from(weights),
    raw: crew.floats(target.length),
    gradients: crew.singles(target.length * (constant_hessian ? 1 : 2)),
    group_starts,
    group_rows,
  }
}

/** Rows by group, groups in the order in which they first come up. */
function groupRows(
  groups: ArrayLike<number> | undefined,
  row_count: number,
): Pick<Lesson, 'group_starts' | 'group_rows'> {
  if (!groups) return { group_starts: new Uint32Array(1), group_rows: new Uint32Array(0) }
  const numbers = new Map<number, number[]>()
  for (let row = 0; row < row_count; row++) {
    const rows = numbers.get(groups[row]!)
    if (rows) rows.push(row)
    else numbers.set(groups[row]!, [row])
  }
  const group_starts = new Uint32Array(numbers.size + 1)
  const group_rows = new Uint32Array(row_count)
  let group = 0
  for (const rows of numbers.values()) {
    group_rows.set(rows, group_starts[group])
    group_starts[group + 1] = group_starts[group]! + rows.length
    group++
  }
  return { group_starts, group_rows }
}

/** Draws, or takes, the rows that are kept back; groups of ranking are kept back whole. */
export function partsOf(settings: Settings, lesson: Lesson, row_count: number): Parts {
  const { stopping, seed } = settings
  if (!stopping) return { training: range(row_count), validation: new Uint32Array(0) }
  const kept = new Uint8Array(row_count)
  if (stopping.rows) {
    for (const row of stopping.rows) {
      if (row >= row_count) refuseUnfit(`There is no row ${row} to keep back.`, [noSuchRow(row_count)])
      kept[row] = 1
    }
  } else if (isRanking(settings.objective)) {
    const group_count = lesson.group_starts.length - 1
    const drawn = shuffle(range(group_count), randomOf(seed).fork(VALIDATION)).subarray(
      0,
      shareCount(stopping.share, group_count),
    )
    for (const group of drawn)
      for (let at = lesson.group_starts[group]!; at < lesson.group_starts[group + 1]!; at++)
        kept[lesson.group_rows[at]!] = 1
  } else {
    const drawn = shuffle(range(row_count), randomOf(seed).fork(VALIDATION))
    for (const row of drawn.subarray(0, shareCount(stopping.share, row_count))) kept[row] = 1
  }
  const rows = range(row_count)
  const parts = { training: rows.filter((row) => kept[row] === 0), validation: rows.filter((row) => kept[row] === 1) }
  if (parts.training.length > 0 && parts.validation.length > 0) return parts
  return refuseUnfit('There are too few rows to learn from some and keep others back.', [
    { path: '/options/early_stopping', code: 'too-few', message: 'At least one row, or group, on each side' },
  ])
}

const VALIDATION = 1_000_003

function shareCount(share: number, count: number): number {
  return Math.max(1, Math.round(share * count))
}

function noSuchRow(row_count: number): Fault {
  const message = `Rows go from 0 to ${row_count - 1}`
  return { path: '/options/early_stopping/validation_rows', code: 'no-such-row', message }
}
