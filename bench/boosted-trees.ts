// Gradient-boosted trees beside scikit-learn's HistGradientBoosting: the same rows, the same settings (100 trees of 31
// leaves, learning rate 0.1, no early stopping), in the same run; and what TreeSHAP takes for a row of such a model.
//
//   node bench/boosted-trees.ts [rounds]
//   TIDEMARK_BENCH_CSV=folder node bench/boosted-trees.ts     each *.csv too: numbers, the target last; 0 and 1: two classes
//
// Both sides have the matrix in memory before the clock starts, fit once before it counts, and then take turns, so that other
// work on the machine meets both. On one thread the median of processor time counts, and ours includes what the compiler and
// the collector of garbage do beside it. On two threads the shortest time on the wall counts: where others want the processor
// as well, threads that wait for each other lose most of it, theirs more than ours, so believe it on a quiet machine only.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { type BoostedTreesOptions, fitBoostedTrees, predictBoostedTrees } from '@tidemark/core/learn/boosted-trees.ts'
import { matrixOver, type Matrix } from '@tidemark/core/learn/matrix.ts'
import { auc } from '@tidemark/core/learn/metrics.ts'
import { randomOf } from '@tidemark/core/learn/random.ts'
import { boostedTreesExplainer } from '@tidemark/core/learn/tree-shap.ts'
import { startTrainingCrew } from '../server/src/models/training-crew.ts'
import { sayBar, skipBar } from './bar.ts'

interface Lesson {
  name: string
  classes: boolean
  matrix: Matrix
  target: Float64Array
  /** The last fifth of the rows, to measure on. */
  test: Matrix
  test_target: Float64Array
}

interface Fit {
  cpu_ms: number
  wall_ms: number
}

const QUALITY_BAR = 'boosted trees, R² or AUC below scikit-learn, worst set'
const CPU_BAR = 'boosted trees, processor time over scikit-learn, one thread, worst set'
const WALL_BAR = 'boosted trees, wall time over scikit-learn, two threads, worst set'
const SHAP_BAR = 'TreeSHAP, 100 trees of 31 leaves, processor time per row'

const rounds = Number(process.argv[2] ?? 5)
/** No more rounds of a set after this: on a busy machine a fit of two threads that spin can take half a minute. */
const SECONDS_MAX = 30
const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import sklearn, numpy'], { stdio: 'ignore' }).status === 0,
)
const reference = `
import json, sys, time
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
folder, columns, classes = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'classes'
read = lambda name: np.fromfile(folder + '/' + name)
rows, target, test = read('rows').reshape(-1, columns), read('target'), read('test').reshape(-1, columns)
learner = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
for line in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    model = learner(max_iter=100, max_leaf_nodes=31, learning_rate=0.1, early_stopping=False).fit(rows, target)
    times = {'cpu_ms': (time.process_time() - cpu) * 1e3, 'wall_ms': (time.perf_counter() - wall) * 1e3}
    (model.predict_proba(test)[:, 1] if classes else model.predict(test)).tofile(folder + '/predicted')
    print(json.dumps(times), flush=True)
`

const lessons = [houses(), twoClasses(), friedman(), ...csvFiles(process.env['TIDEMARK_BENCH_CSV'])]
if (python === undefined) {
  process.stdout.write('skipped: scikit-learn not there\n')
  for (const bar of [QUALITY_BAR, CPU_BAR, WALL_BAR]) skipBar(bar, 'scikit-learn not there')
} else await compare(python)
explain(lessons[0] ?? houses())

async function compare(command: string): Promise<void> {
  process.stdout.write(`boosted trees, 100 trees of 31 leaves; ${rounds} rounds, ms\n`)
  const crew = startTrainingCrew(2)
  let [worst_gap, worst_cpu, worst_wall] = [-Infinity, 0, 0]
  for (const lesson of lessons) {
    const { matrix, target } = lesson
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
    const [one, two] = [startReference(command, folder, lesson, 1), startReference(command, folder, lesson, 2)]
    const options: BoostedTreesOptions = { objective: { name: lesson.classes ? 'logistic' : 'squared' } }
    const fits = { their_one: [] as Fit[], our_one: [] as Fit[], their_two: [] as Fit[], our_two: [] as Fit[] }
    const ends_at = performance.now() + SECONDS_MAX * 1000
    // Round 0 warms up.
    for (let round = 0; round <= rounds && (round < 2 || performance.now() < ends_at); round++) {
      fits.their_one.push(await one.fit())
      fits.our_one.push(await timed(async () => fitBoostedTrees(matrix, target, options)))
      fits.their_two.push(await two.fit())
      fits.our_two.push(await timed(() => crew.fit(matrix, target, options)))
    }
    const predicted = floatsOf(readFileSync(join(folder, 'predicted')))
    for (const side of [one, two]) side.end()
    rmSync(folder, { recursive: true })
    const ours = predictBoostedTrees(fitBoostedTrees(matrix, target, options), lesson.test)
    const gap = qualityOf(lesson, predicted) - qualityOf(lesson, ours)
    const cpu = [medianOf(fits.their_one, 'cpu_ms'), medianOf(fits.our_one, 'cpu_ms')] as const
    const wall = [shortest(fits.their_two), shortest(fits.our_two)] as const
    worst_gap = Math.max(worst_gap, gap)
    worst_cpu = Math.max(worst_cpu, cpu[1] / cpu[0])
    worst_wall = Math.max(worst_wall, wall[1] / wall[0])
    const shape = `${matrix.row_count} × ${matrix.column_count}`
    process.stdout.write(
      `  ${lesson.name.padEnd(24)} ${shape.padEnd(12)} ${lesson.classes ? 'AUC' : 'R² '} ${qualityOf(lesson, predicted).toFixed(4)}, here ${qualityOf(lesson, ours).toFixed(4)} · one thread ${said(cpu)} · two ${said(wall)} · first fit here ${fits.our_one[0]?.cpu_ms.toFixed(0)}\n`,
    )
  }
  await crew.close()
  sayBar({ what: QUALITY_BAR, measured: worst_gap, unit: '', at: { most: 0.002 } })
  sayBar({ what: CPU_BAR, measured: worst_cpu, unit: 'x', at: { most: 1.5 } })
  sayBar({ what: WALL_BAR, measured: worst_wall, unit: 'x', at: { most: 1 } })
}

function explain({ matrix, target, test }: Lesson): void {
  const explainer = boostedTreesExplainer(fitBoostedTrees(matrix, target))
  const measured = Array.from({ length: rounds + 1 }, () => {
    const before = process.cpuUsage()
    explainer(test)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e3 / test.row_count
  })
  sayBar({ what: SHAP_BAR, measured: middle(measured.slice(1)), unit: 'ms', at: { most: 0.3 } })
}

async function timed(fit: () => Promise<unknown>): Promise<Fit> {
  const before = process.cpuUsage()
  const started = performance.now()
  await fit()
  const { user, system } = process.cpuUsage(before)
  return { cpu_ms: (user + system) / 1e3, wall_ms: performance.now() - started }
}

/** A process that has read the lesson and fits once for each line it is sent. */
function startReference(command: string, folder: string, lesson: Lesson, threads: number) {
  writeFileSync(join(folder, 'rows'), lesson.matrix.values)
  writeFileSync(join(folder, 'target'), lesson.target)
  writeFileSync(join(folder, 'test'), lesson.test.values)
  const kind = lesson.classes ? 'classes' : 'numbers'
  const child: ChildProcess = spawn(command, ['-c', reference, folder, String(lesson.matrix.column_count), kind], {
    env: { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('The reference has no pipes.')
  const lines: Interface = createInterface(stdout)
  return {
    fit: async (): Promise<Fit> => {
      stdin.write('fit\n')
      const [line] = (await once(lines, 'line')) as [string]
      return JSON.parse(line) as Fit
    },
    end: () => stdin.end(),
  }
}

/** Prices like those of Californian districts: place, incomes with a heavy tail, ages in whole years with a cap, and noise. */
function houses(): Lesson {
  const random = randomOf(201)
  const centres = Array.from(
    { length: 12 },
    () => [10 * random.next(), 9 * random.next(), 0.5 + random.next()] as const,
  )
  return made('houses', 20_640, 9, false, () => {
    const [x, y] = [10 * random.next(), 9 * random.next()]
    const near = Math.max(...centres.map(([cx, cy, pull]) => pull * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2))))
    const income = Math.exp(1.2 + 0.45 * random.normal())
    const age = Math.min(52, Math.floor(60 * random.next()))
    const rooms = Math.round(100 * Math.exp(0.5 * random.normal() + 2.5))
    const beds = Math.round(rooms * (0.15 + 0.1 * random.next()))
    const people = Math.round(beds * (1 + 3 * random.next()))
    const coast = random.integer(5)
    const price =
      0.4 * income * (1 + near) + 0.8 * near * near * coast + 0.006 * age - 0.3 * Math.log(people / beds + 1)
    return [price * Math.exp(0.2 * random.normal()), x, y, age, rooms, beds, people, people / 3, income, coast]
  })
}

/** Two classes, one in fifteen, of ten columns with steps, long tails and missing values. */
function twoClasses(): Lesson {
  const random = randomOf(202)
  return made('two classes', 150_000, 10, true, () => {
    const row = Array.from({ length: 10 }, random.normal)
    const late = Math.floor(Math.exp(0.8 * (row[0] ?? 0)))
    const use = Math.exp(row[1] ?? 0)
    const age = Math.round(50 + 15 * (row[2] ?? 0))
    const income = random.next() < 0.2 ? Number.NaN : Math.round(5000 * Math.exp(0.7 * (row[3] ?? 0)))
    const logit = -3.4 + 0.5 * late + 0.4 * Math.min(use, 4) - 0.02 * (age - 50) + 0.3 * (row[4] ?? 0) * (row[5] ?? 0)
    const is_bad = random.next() < 1 / (1 + Math.exp(-logit - (income > 8000 ? -0.5 : 0)))
    return [is_bad ? 1 : 0, late, use, age, income, ...row.slice(4, 8), Math.round(2 * (row[8] ?? 0)), row[9] ?? 0]
  })
}

/** J. Friedman's first function of ten even columns (Multivariate Adaptive Regression Splines, 1991), one value in twenty missing. */
function friedman(): Lesson {
  const random = randomOf(203)
  return made('Friedman 1, with holes', 50_000, 10, false, () => {
    const x = Array.from({ length: 10 }, random.next)
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = x
    const y = 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + random.normal()
    return [y, ...x.map((value) => (random.next() < 0.05 ? Number.NaN : value))]
  })
}

/** `row` gives the target and then the columns. */
function made(name: string, count: number, columns: number, classes: boolean, row: () => number[]): Lesson {
  return lessonOf(name, classes, columns, Array.from({ length: count }, row))
}

function lessonOf(name: string, classes: boolean, columns: number, rows: readonly number[][]): Lesson {
  const kept = Math.floor(rows.length * 0.8)
  const part = (some: readonly number[][]) => ({
    matrix: matrixOver(Float64Array.from(some.flatMap((row) => row.slice(1))), some.length, columns),
    target: Float64Array.from(some, ([target]) => target ?? 0),
  })
  const { matrix: test, target: test_target } = part(rows.slice(kept))
  return { name, classes, ...part(rows.slice(0, kept)), test, test_target }
}

/** Tables of numbers; a first line of names is passed over, and an empty field is missing. */
function csvFiles(folder: string | undefined): Lesson[] {
  if (folder === undefined) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.csv'))
  return names.sort().map((name) => {
    const lines = readFileSync(join(folder, name), 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '')
    const rows = lines.map((line) => line.split(',').map((field) => (field === '' ? Number.NaN : Number(field))))
    if (lines[0] !== undefined && /[a-z]/i.test(lines[0])) rows.shift()
    const turned = rows.map((row) => [row.at(-1) ?? Number.NaN, ...row.slice(0, -1)])
    const classes = turned.every(([target]) => target === 0 || target === 1)
    return lessonOf(name, classes, (turned[0]?.length ?? 1) - 1, turned)
  })
}

function qualityOf({ classes, test_target }: Lesson, predicted: Float64Array): number {
  if (classes) return auc(test_target, predicted)
  const mean = test_target.reduce((sum, y) => sum + y, 0) / test_target.length
  const squares = (from: (row: number) => number) => test_target.reduce((sum, y, row) => sum + (y - from(row)) ** 2, 0)
  return 1 - squares((row) => predicted[row] ?? 0) / squares(() => mean)
}

function floatsOf(bytes: Buffer): Float64Array {
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

function shortest(fits: readonly Fit[]): number {
  return Math.min(...fits.slice(1).map((fit) => fit.wall_ms))
}

function medianOf(fits: readonly Fit[], time: keyof Fit): number {
  return middle(fits.slice(1).map((fit) => fit[time]))
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

function said([theirs, ours]: readonly [number, number]): string {
  return `${theirs.toFixed(0)}, here ${ours.toFixed(0)}: ${(ours / theirs).toFixed(2)}`
}
