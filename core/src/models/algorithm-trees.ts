import { z } from 'zod'
import { predictBoostedTrees, type BoostedTrees, type BoostedTreesOptions } from '../learn/boosted-trees.ts'
import { readBoostedTrees, writeBoostedTrees } from '../learn/boosted-trees-file.ts'
import { readModelFile } from '../learn/read-model-file.ts'
import { boostedTreesExplainer, type Explainer } from '../learn/tree-shap.ts'
import { algorithm, type Scorer, type TrainingData, type TrainRun } from './algorithm.ts'
import { categoricalColumns, type Encoding } from './encode.ts'
import type { Task } from './recipe.ts'

const shape = {
  tree_count: z.int().min(1).max(5_000).default(200).describe('At most this many trees.'),
  learning_rate: z.number().min(0.001).max(1).default(0.1).describe('What share of its answer each tree contributes.'),
  max_leaves: z.int().min(2).max(1_024).default(31).describe('Leaves of a tree, at most.'),
  max_depth: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Splits between root and leaf, at most; unlimited unless said.'),
  min_samples_leaf: z.int().min(1).max(10_000).default(20).describe('Rows in a leaf, at least.'),
  l2: z.number().min(0).max(1_000).default(0).describe('Draws leaves to 0.'),
  row_share: z.number().min(0.1).max(1).default(1).describe('Share of the rows drawn anew for each tree.'),
  column_share: z.number().min(0.1).max(1).default(1).describe('Share of the columns drawn anew for each tree.'),
  early_stopping: z.boolean().default(true).describe('Whether a tenth of the rows tells when more trees stop helping.'),
}

export const TreesParameters = z.strictObject({
  ...shape,
  loss: z.enum(['squared', 'absolute', 'poisson', 'tweedie']).default('squared').describe('Of a regression.'),
  monotone: z
    .record(z.string(), z.union([z.literal(1), z.literal(-1)]))
    .default({})
    .describe('By feature: 1, answers may only rise with it; -1, only fall.'),
})
export type TreesParameters = z.infer<typeof TreesParameters>

/** Below this many rows a tenth is too few to stop by. */
const EARLY_STOPPING_ROWS_MIN = 200

type Shape = Omit<TreesParameters, 'loss' | 'monotone'>

/** The options that every fit of trees shares. */
export function treeOptions(
  parameters: Shape,
  data: Pick<TrainingData, 'encoding' | 'matrix'>,
  seed: number,
): BoostedTreesOptions {
  const { early_stopping, max_depth, ...plain } = parameters
  const stops = early_stopping && data.matrix.row_count >= EARLY_STOPPING_ROWS_MIN
  return {
    ...plain,
    ...(max_depth === undefined ? {} : { max_depth }),
    ...(stops ? { early_stopping: { share: 0.1, rounds: 10 } } : {}),
    categorical_columns: categoricalColumns(data.encoding).map(({ column }) => column),
    seed,
  }
}

/** Fits one after the other, and reports them as one course of steps. */
async function fitEach(
  data: TrainingData,
  run: TrainRun,
  fits: readonly BoostedTreesOptions[],
): Promise<BoostedTrees[]> {
  const models: BoostedTrees[] = []
  const of = fits.reduce((sum, { tree_count = 0 }) => sum + tree_count, 0)
  let before = 0
  for (const options of fits) {
    const offset = before
    const report: BoostedTreesOptions['report'] = ({ step, loss }) =>
      run.report({ step: offset + step, of, ...(loss === undefined ? {} : { loss }) })
    models.push(await run.fitTrees(data.matrix, data.target, { ...options, report }))
    before += options.tree_count ?? 0
  }
  return models
}

const TreesModel = z.object({ kind: z.literal('trees'), models: z.array(z.unknown()).min(1).max(3) })

function fileOf(models: readonly BoostedTrees[]): unknown {
  return { kind: 'trees', models: models.map(writeBoostedTrees) }
}

function read(file: unknown): BoostedTrees[] {
  return readModelFile(TreesModel, file, 'a model of trees').models.map((each) => readBoostedTrees(each))
}

export const boostedTrees = algorithm({
  name: 'boosted-trees',
  title: 'Gradient-boosted trees',
  says: 'Many small decision trees, each mending what the ones before left over. Takes missing values and categories as they are.',
  tasks: ['regression', 'quantile', 'classification'],
  parameters: TreesParameters,
  form: 'codes',
  explains: true,
  train: async (data, parameters, run) => {
    const { loss, monotone, ...plain } = parameters
    const directions = data.encoding.fields.map(({ name }) => monotone[name] ?? 0)
    const base = {
      ...treeOptions(plain, data, run.seed),
      ...(directions.some((direction) => direction !== 0) ? { monotone: directions } : {}),
    }
    return fileOf(
      await fitEach(
        data,
        run,
        objectivesOf(data.task, loss, run.level).map((objective) => ({ ...base, objective })),
      ),
    )
  },
  load: (file, { task, encoding }) => scorerOf(read(file), task, encoding),
})

function objectivesOf(
  task: Task,
  loss: TreesParameters['loss'],
  level: number,
): NonNullable<BoostedTreesOptions['objective']>[] {
  if (task === 'classification') return [{ name: 'logistic' }]
  const tail = (1 - level) / 2
  if (task === 'quantile') return [tail, 0.5, 1 - tail].map((alpha) => ({ name: 'quantile', alpha }))
  return [loss === 'tweedie' ? { name: 'tweedie', power: 1.5 } : { name: loss }]
}

function scorerOf(models: BoostedTrees[], task: Task, _encoding: Encoding): Scorer {
  const [first, middle, last] = models
  if (!first) throw new Error('A model of trees holds at least one.')
  const explained = middle ?? first
  // Preparing takes as long as explaining ten rows, and most models are never asked.
  let explainer: Explainer | undefined
  const explain: Scorer['explain'] = (matrix) => {
    explainer ??= boostedTreesExplainer(explained)
    const { base, contributions } = explainer(matrix)
    return { base, contributions, says: scaleOf(explained, task) }
  }
  if (!middle || !last) return { score: (matrix) => ({ value: predictBoostedTrees(first, matrix) }), explain }
  return {
    score: (matrix) => {
      const [a, b, c] = models.map((model) => predictBoostedTrees(model, matrix)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ]
      // Each quantile is learnt alone, so two can cross: in order they are at least as near the truth.
      for (let row = 0; row < a.length; row++) {
        const sorted = [a[row] ?? NaN, b[row] ?? NaN, c[row] ?? NaN].sort((x, y) => x - y)
        ;[a[row], b[row], c[row]] = sorted as [number, number, number]
      }
      return { lower: a, value: b, upper: c }
    },
    explain,
  }
}

function scaleOf({ objective }: BoostedTrees, task: Task): string {
  if (task === 'classification') return 'Logits: the probability is 1 / (1 + exp(-total)).'
  if (objective.name === 'poisson' || objective.name === 'tweedie') return 'Logarithms: the answer is exp(total).'
  return task === 'quantile' ? 'The unit of the target, for the middle quantile.' : 'The unit of the answer.'
}

export const lambdamart = algorithm({
  name: 'lambdamart',
  title: 'LambdaMART',
  says: 'Boosted trees that learn which of two rows of a group comes first, weighed by what it changes at the top.',
  tasks: ['ranking'],
  parameters: z.strictObject({ ...shape, top: z.int().min(1).max(1_000).default(10).describe('Places that count.') }),
  form: 'codes',
  explains: true,
  train: async (data, { top, ...plain }, run) => {
    const codes = new Map<string, number>()
    const groups = Float64Array.from(data.groups ?? [], (label) => {
      const code = codes.get(label) ?? codes.size
      codes.set(label, code)
      return code
    })
    const options = { ...treeOptions(plain, data, run.seed), objective: { name: 'lambdamart' as const, top }, groups }
    return fileOf(await fitEach(data, run, [options]))
  },
  load: (file, { encoding }) => scorerOf(read(file).slice(0, 1), 'ranking', encoding),
})
