// What a model in memory costs to ask: one row at a time, as it comes over the wire, and ten thousand together.
//
//   node bench/models.ts
import { fitBoostedTrees } from '../core/src/learn/boosted-trees.ts'
import { randomOf } from '../core/src/learn/random.ts'
import { readArtifact } from '../core/src/models/artifact.ts'
import type { Frame } from '../core/src/models/frame.ts'
import { Recipe } from '../core/src/models/recipe.ts'
import { trainModel } from '../core/src/models/train.ts'
import { sayBar } from './bar.ts'

const FEATURES = 10
const ROWS = 10_000

/** Ten columns from a seeded generator, of which five matter. */
function table(): Frame {
  const random = randomOf(1)
  const columns = Array.from({ length: FEATURES }, (_, index) => ({
    name: `x${index}`,
    type: 'number' as const,
    values: Float64Array.from({ length: ROWS }, () => random.normal()),
  }))
  const target = Float64Array.from({ length: ROWS }, (_, row) => {
    const at = (index: number) => columns[index]?.values[row] ?? 0
    return at(0) + 2 * at(1) * at(2) + Math.sin(3 * at(3)) + Math.abs(at(4)) + 0.1 * random.normal()
  })
  return { row_count: ROWS, columns: [...columns, { name: 'y', type: 'number', values: target }] }
}

const frame = table()
const recipe = Recipe.parse({
  algorithm: 'boosted-trees',
  target: 'y',
  parameters: {
    tree_count: 100,
    learning_rate: 0.1,
    max_leaves: 31,
    min_samples_leaf: 20,
    early_stopping: false,
    loss: 'squared',
    l2: 0,
    row_share: 1,
    column_share: 1,
    monotone: {},
  },
})
const started_ms = performance.now()
const trained = await trainModel(
  frame,
  { recipe, task: 'regression' },
  {
    say: () => undefined,
    report: () => undefined,
    fitTrees: async (matrix, target, options) => fitBoostedTrees(matrix, target, options),
    clock_us: () => performance.now() * 1_000,
  },
)
const trained_ms = performance.now() - started_ms
const loaded_ms = performance.now()
const model = readArtifact(trained.text)
const load_ms = performance.now() - loaded_ms
const rows = Array.from({ length: ROWS }, (_, row) =>
  Object.fromEntries(frame.columns.slice(0, FEATURES).map(({ name, values }) => [name, Number(values[row])])),
)

const took = rows.map((row) => {
  const from = performance.now()
  model.predict([row])
  return (performance.now() - from) * 1_000
})
const sorted = took.slice(1_000).sort((a, b) => a - b)
const from = performance.now()
model.predict(rows)
const batch_us = ((performance.now() - from) * 1_000) / ROWS

process.stdout.write(
  `100 trees of 31 leaves on ${FEATURES} fields, R² ${trained.metrics.r_squared?.toFixed(3)}: trained, tested and judged in ${trained_ms.toFixed(0)} ms; file of ${(trained.text.length / 1_024).toFixed(0)} KB read in ${load_ms.toFixed(1)} ms\n` +
    `one row: p50 ${sorted[sorted.length >> 1]?.toFixed(1)} µs, p99 ${sorted[Math.floor(sorted.length * 0.99)]?.toFixed(1)} µs; in a batch of ${ROWS}: ${batch_us.toFixed(1)} µs a row\n`,
)
sayBar({
  what: 'one row predicted in process, p99',
  measured: sorted[Math.floor(sorted.length * 0.99)] ?? Infinity,
  unit: 'µs',
  at: { most: 1_000 },
})
