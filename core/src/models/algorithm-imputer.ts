import { z } from 'zod'
import { predictBoostedTrees, type BoostedTrees } from '../learn/boosted-trees.ts'
import { readBoostedTrees, writeBoostedTrees } from '../learn/boosted-trees-file.ts'
import { conformalQuantile } from '../learn/conformal.ts'
import { matrixOver, takeRows, type Matrix } from '../learn/matrix.ts'
import { readModelFile } from '../learn/read-model-file.ts'
import { algorithm, type FieldScorer, type TrainingData, type TrainRun } from './algorithm.ts'
import { meanOf, quantileOf } from './figures.ts'
import { treeOptions } from './algorithm-trees.ts'

const FieldFile = z.strictObject({
  field: z.int().min(0).max(500),
  on: z.boolean(),
  median: z.number(),
  error: z.number(),
  error_of_median: z.number(),
  rows: z.int().min(0),
  margin: z.number().nullable(),
  model: z.unknown(),
})
const ImputerFile = z.strictObject({
  kind: z.literal('field-imputer'),
  version: z.literal(1),
  fields: z.array(FieldFile).max(500),
})
type FieldFile = z.infer<typeof FieldFile>

/** Fewer known cells than this, and a field is left alone. */
const KNOWN_MIN = 50

/** Fills the numbers of a row that are missing from the other fields, where that is better than the median. */
export const fieldImputer = algorithm({
  name: 'field-imputer',
  title: 'Imputation field by field',
  says: 'Boosted trees for every field of numbers, from all the others. A field is filled only where masked cells show that it beats the median.',
  tasks: ['imputation'],
  parameters: z.strictObject({
    tree_count: z.int().min(1).max(1_000).default(60).describe('Trees of each field.'),
    learning_rate: z
      .number()
      .min(0.001)
      .max(1)
      .default(0.1)
      .describe('What share of its answer each tree contributes.'),
    max_leaves: z.int().min(2).max(256).default(15).describe('Leaves of a tree, at most.'),
    min_samples_leaf: z.int().min(1).max(10_000).default(20).describe('Rows in a leaf, at least.'),
  }),
  form: 'codes',
  explains: false,
  train: async (data, parameters, run) => {
    const numbers = data.encoding.fields.flatMap((field, index) => (field.kind === 'number' ? [index] : []))
    const fields: FieldFile[] = []
    for (const [place, field] of numbers.entries()) {
      const found = await fitField(
        data,
        field,
        { ...parameters, l2: 0, row_share: 1, column_share: 1, early_stopping: false },
        run,
      )
      if (found) fields.push(found)
      run.report({ step: place + 1, of: numbers.length })
    }
    return { kind: 'field-imputer', version: 1, fields }
  },
  load: (file, { encoding }) => {
    const { fields } = readModelFile(ImputerFile, file, 'a model that fills fields')
    const scorers = fields.map(({ model, median, ...about }): FieldScorer => {
      const trees = about.on ? readBoostedTrees(model) : undefined
      const score = (matrix: Matrix) =>
        trees ? predictField(trees, matrix, about.field) : new Float64Array(matrix.row_count).fill(median)
      return { ...about, score }
    })
    // Its answer as one number: how many of the fields of a row can be filled.
    const share = scorers.filter(({ on }) => on).length / Math.max(1, encoding.fields.length)
    return { score: ({ row_count }) => ({ value: new Float64Array(row_count).fill(share) }), fields: scorers }
  },
})

async function fitField(
  data: TrainingData,
  field: number,
  parameters: Parameters<typeof treeOptions>[0],
  run: TrainRun,
): Promise<FieldFile | undefined> {
  const known = knownRows(data.matrix, field)
  const tested = data.tune && knownRows(data.tune.matrix, field)
  if (known.length < KNOWN_MIN || !data.tune || !tested || tested.length < KNOWN_MIN / 2) return undefined
  const target = columnAt(data.matrix, field, known)
  const matrix = masked(takeRows(data.matrix, known), field)
  const options = treeOptions(parameters, { ...data, matrix }, run.seed)
  const trees = await run.fitTrees(matrix, target, { ...options, objective: { name: 'absolute' } })
  const truth = columnAt(data.tune.matrix, field, tested)
  const median = quantileOf(Float64Array.from(target).sort(), 0.5)
  const guessed = predictField(trees, takeRows(data.tune.matrix, tested), field)
  const errors = truth.map((value, row) => Math.abs(value - (guessed[row] ?? 0)))
  const [error, error_of_median] = [meanOf(errors), meanOf(truth.map((value) => Math.abs(value - median)))]
  const on = error < error_of_median
  const margin = on ? (conformalQuantile(errors, run.level) ?? null) : null
  return {
    field,
    on,
    median,
    error,
    error_of_median,
    rows: tested.length,
    margin,
    model: on ? writeBoostedTrees(trees) : null,
  }
}

function knownRows({ values, row_count, column_count }: Matrix, column: number): Uint32Array {
  return Uint32Array.from({ length: row_count }, (_, row) => row).filter(
    (row) => !Number.isNaN(values[row * column_count + column]),
  )
}

function columnAt({ values, column_count }: Matrix, column: number, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row * column_count + column] ?? NaN)
}

/** The same rows with one column hidden. */
function masked({ values, row_count, column_count }: Matrix, column: number): Matrix {
  const hidden = values.slice()
  for (let row = 0; row < row_count; row++) hidden[row * column_count + column] = NaN
  return matrixOver(hidden, row_count, column_count)
}

function predictField(trees: BoostedTrees, matrix: Matrix, field: number): Float64Array {
  return predictBoostedTrees(trees, masked(matrix, field))
}
