// Isolation forest beside scikit-learn's, fitted and scored on the same data in the same run, several seeds on both sides.
//
//   node bench/isolation-forest.ts [seeds]
//   TIDEMARK_BENCH_CSV=folder node bench/isolation-forest.ts     each *.csv too: numbers, the last column 1 for an anomaly
//
// Both sides have the matrix in memory before the clock starts. Time is processor time, so that other work on the machine
// counts for little; scikit-learn keeps to one thread, and ours counts what the compiler and the collector of garbage do
// beside it. Each seed of ours is run after scikit-learn's process has ended; the median of the seeds is compared.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fitIsolationForest, scoreIsolation } from '@tidemark/core/learn/isolation-forest.ts'
import { matrixOver, type Matrix } from '@tidemark/core/learn/matrix.ts'
import { auc } from '@tidemark/core/learn/metrics.ts'
import { randomOf, type Random } from '@tidemark/core/learn/random.ts'
import { sayBar, skipBar } from './bar.ts'

interface Labelled {
  name: string
  matrix: Matrix
  labels: Float64Array
}

interface Outcome {
  auc: number
  time_ms: number
}

const AUC_BAR = 'isolation forest, AUC below scikit-learn, worst set'
const TIME_BAR = 'isolation forest, time over scikit-learn, worst set'

const seeds = Array.from({ length: Number(process.argv[2] ?? 10) }, (_, seed) => seed + 1)
const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import sklearn, numpy'], { stdio: 'ignore' }).status === 0,
)
const reference = `
import json, sys, time
import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
path, columns, seeds = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
table = np.fromfile(path).reshape(-1, columns + 1)
rows, labels = np.ascontiguousarray(table[:, :-1]), table[:, -1]
outcomes = []
for seed in seeds:
    start = time.process_time()
    scores = -IsolationForest(n_estimators=100, max_samples=min(256, len(rows)), random_state=seed).fit(rows).score_samples(rows)
    outcomes.append({'time_ms': (time.process_time() - start) * 1e3, 'auc': roc_auc_score(labels, scores)})
print(json.dumps(outcomes))
`

if (python === undefined) {
  process.stdout.write('skipped: scikit-learn not there\n')
  skipBar(AUC_BAR, 'scikit-learn not there')
  skipBar(TIME_BAR, 'scikit-learn not there')
} else compare(python)

function compare(python: string): void {
  const sets = [clustered(), manyColumns(), heavyTailed(), longTable(), ...csvFiles(process.env['TIDEMARK_BENCH_CSV'])]
  let worst_gap = -Infinity
  let worst_ratio = 0
  process.stdout.write(
    `isolation forest, 100 trees of 256 rows, ${seeds.length} seeds; AUC mean ± deviation, processor ms\n`,
  )
  for (const set of sets) {
    const theirs = runReference(python, set)
    const ours = seeds.map((seed) => runOurs(set, seed))
    const gap = mean(theirs.map((o) => o.auc)) - mean(ours.map((o) => o.auc))
    const ratio = median(ours.map((o) => o.time_ms)) / median(theirs.map((o) => o.time_ms))
    worst_gap = Math.max(worst_gap, gap)
    worst_ratio = Math.max(worst_ratio, ratio)
    const shape = `${set.matrix.row_count} × ${set.matrix.column_count}`
    process.stdout.write(
      `  ${set.name.padEnd(24)} ${shape.padEnd(12)} scikit-learn ${said(theirs)}  here ${said(ours)}  ratio ${ratio.toFixed(2)}\n`,
    )
  }
  sayBar({ what: AUC_BAR, measured: worst_gap, unit: '', at: { most: 0.01 } })
  sayBar({ what: TIME_BAR, measured: worst_ratio, unit: 'x', at: { most: 0.35 } })
}

function runOurs({ matrix, labels }: Labelled, seed: number): Outcome {
  const before = process.cpuUsage()
  const scores = scoreIsolation(fitIsolationForest(matrix, { seed }), matrix)
  const { user, system } = process.cpuUsage(before)
  return { time_ms: (user + system) / 1e3, auc: auc(labels, scores) }
}

function runReference(python: string, { matrix, labels }: Labelled): Outcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  try {
    const { row_count, column_count, values } = matrix
    const table = new Float64Array(row_count * (column_count + 1))
    for (let row = 0; row < row_count; row++) {
      table.set(values.subarray(row * column_count, (row + 1) * column_count), row * (column_count + 1))
      table[row * (column_count + 1) + column_count] = labels[row] ?? 0
    }
    const path = join(folder, 'table.f64')
    writeFileSync(path, table)
    const said = execFileSync(python, ['-c', reference, path, String(column_count), JSON.stringify(seeds)], {
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    })
    return JSON.parse(said.toString()) as Outcome[]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Five round clusters of different width in three columns; one row in twenty lies evenly anywhere in their box. */
function clustered(): Labelled {
  const random = randomOf(101)
  const centres = Array.from({ length: 5 }, () => Array.from({ length: 3 }, () => 20 * random.next()))
  return made('clusters, even outliers', 10_000, 3, 0.05, random, (is_outlier) => {
    const cluster = random.integer(5)
    return (column) =>
      is_outlier ? -4 + 28 * random.next() : (centres[cluster]?.[column] ?? 0) + (0.5 + 0.5 * cluster) * random.normal()
  })
}

/** A hundred columns that follow ten hidden ones, with noise; an outlier is moved by three deviations in fifteen of them. */
function manyColumns(): Labelled {
  const random = randomOf(102)
  const loads = Array.from({ length: 1000 }, random.normal)
  return made('many columns', 4_000, 100, 0.05, random, (is_outlier) => {
    const hidden = Array.from({ length: 10 }, random.normal)
    return (column) => {
      const followed = hidden.reduce((sum, value, k) => sum + value * (loads[column * 10 + k] ?? 0), 0)
      return followed / Math.sqrt(10) + 0.5 * random.normal() + (is_outlier && random.next() < 0.15 ? 3 : 0)
    }
  })
}

/** Student's t with three degrees of freedom in nine columns; one row in a hundred is drawn three times as wide. */
function heavyTailed(): Labelled {
  const random = randomOf(103)
  return made('heavy tails', 20_000, 9, 0.01, random, (is_outlier) => () => {
    const squares = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2
    return ((is_outlier ? 3 : 1) * random.normal()) / Math.sqrt(squares / 3)
  })
}

/** Readings of nine sensors that follow the hour, in whole steps; in seven of a hundred rows, three sensors are off. */
function longTable(): Labelled {
  const random = randomOf(104)
  return made('long, in whole steps', 50_000, 9, 0.07, random, (is_outlier) => {
    const hour = random.integer(24)
    const first = random.integer(7)
    return (column) => {
      const off = is_outlier && column >= first && column < first + 3 ? 20 : 0
      return Math.round(50 + 20 * Math.sin((2 * Math.PI * hour) / 24 + column) + 6 * random.normal() + off)
    }
  })
}

function made(
  name: string,
  row_count: number,
  column_count: number,
  outlier_share: number,
  random: Random,
  rowMaker: (is_outlier: boolean) => (column: number) => number,
): Labelled {
  const values = new Float64Array(row_count * column_count)
  const labels = new Float64Array(row_count)
  for (let row = 0; row < row_count; row++) {
    const is_outlier = random.next() < outlier_share
    const valueOf = rowMaker(is_outlier)
    labels[row] = Number(is_outlier)
    for (let column = 0; column < column_count; column++) values[row * column_count + column] = valueOf(column)
  }
  return { name, matrix: matrixOver(values, row_count, column_count), labels }
}

/** Tables of numbers; a first line of names is passed over. */
function csvFiles(folder: string | undefined): Labelled[] {
  if (folder === undefined) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.csv'))
  return names.sort().map((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split(/\r?\n/)
    const rows = lines.filter((line) => line !== '').map((line) => line.split(',').map(Number))
    if (rows[0]?.some(Number.isNaN)) rows.shift()
    const column_count = (rows[0]?.length ?? 1) - 1
    const values = Float64Array.from(rows.flatMap((row) => row.slice(0, column_count)))
    const labels = Float64Array.from(rows, (row) => row[column_count] ?? 0)
    return { name, matrix: matrixOver(values, rows.length, column_count), labels }
  })
}

function said(outcomes: readonly Outcome[]): string {
  const aucs = outcomes.map((o) => o.auc)
  const deviation = Math.sqrt(mean(aucs.map((a) => (a - mean(aucs)) ** 2)))
  const time = median(outcomes.map((o) => o.time_ms)).toFixed(0)
  return `${mean(aucs).toFixed(3)} ± ${deviation.toFixed(3)} ${time.padStart(5)} ms`
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
