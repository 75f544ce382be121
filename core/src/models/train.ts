import { writePlatt } from '../learn/calibration.ts'
import { calibrate, writeCalibration, type Calibration } from '../learn/conformal.ts'
import { takeRows, type Matrix } from '../learn/matrix.ts'
import { randomOf, range, shuffle } from '../learn/random.ts'
import { calibrateScores, alertThreshold } from '../learn/score-calibration.ts'
import { Problem, type Fault } from '../lib/problem.ts'
import { quantileOf } from './figures.ts'
import type { Algorithm, Scorer, TrainingData, TrainRun } from './algorithm.ts'
import { algorithmNamed } from './algorithms.ts'
import { artifactText, readArtifact, type Artifact, type LoadedModel } from './artifact.ts'
import { compareVersions, type Rival } from './compare.ts'
import type { Evaluation, Metrics } from './contract.ts'
import { encodeFrame, fitEncoding, type Encoding } from './encode.ts'
import { evaluate, type Tested } from './evaluate.ts'
import { columnNamed, labelsOf, numbersOf, rowAt, takeFrame, type Frame } from './frame.ts'
import type { Comparison } from './gate.ts'
import { lossesOf } from './losses.ts'
import { calibrationCurve } from './probabilities.ts'
import type { Recipe, Task } from './recipe.ts'
import { trainForecast } from './train-forecast.ts'
import { splitRows, type Parts } from './split.ts'

/** What a course of training is told while it runs. */
export interface Training extends Pick<TrainRun, 'report' | 'fitTrees'> {
  /** A line for the log. */
  say(line: string, level?: 'info' | 'warning'): void
  /** Microseconds of a clock: core has none. */
  clock_us(): number
}

export interface Trained {
  /** The file of the version, to the byte the same for the same record. */
  text: string
  /** Rows of the training part, to compare later ones with. */
  reference: Reference
  metrics: Metrics
  evaluation: Evaluation
  comparison: Comparison
  /** What it reads and the champion does not, and the other way round. */
  schema: { missing: string[]; added: string[] }
}

/** A sample of what the model was trained on, column by column, and of what it says about rows that it had not seen. */
export interface Reference {
  kind: 'reference'
  version: 1
  rows: number
  columns: { name: string; type: 'number' | 'category'; values: (number | string | null)[] }[]
  answers: number[]
  /** The loss that one in a hundred rows of the holdout exceeds, for tests that need a bound. */
  loss_max: number
}

/** Rows of the reference: enough for drift, and no copy of the data. */
export const REFERENCE_ROWS_MAX = 2_000

/**
 * Trains a model from a table and a recipe, measures it on rows that it has not seen, and compares it with the champion, or
 * with a baseline where there is none. The artifact that is tested is read back from its own text: what is measured is what
 * will answer.
 * @throws {Problem} learn/data-unfit, models/recipe-unfit
 */
export async function trainModel(
  frame: Frame,
  { recipe, task }: { recipe: Recipe; task: Task },
  training: Training,
  champion?: Rival,
): Promise<Trained> {
  if (task === 'forecast') return trainForecast(frame, recipe, training, champion)
  const algorithm = algorithmNamed(recipe.algorithm)
  const features = featuresOf(frame, recipe, task)
  const parts = splitRows(frame, recipe, task)
  training.say(
    `${frame.row_count} rows: ${parts.train.length} to learn from, ${parts.calibration.length} to measure intervals on, ${parts.holdout.length} to test on; ${parts.left_out} left out. Split ${parts.split === 'by-time' ? 'by time' : 'by the digest of each row'}.`,
  )
  const encoding = fitEncoding(takeFrame(frame, parts.train), features, algorithm.form)
  const whole = encodeFrame(encoding, frame)
  const classes = task === 'classification' ? classesOf(frame, recipe.target ?? '') : null
  const target = targetOf(frame, recipe, classes)
  const data = dataOf(frame, recipe, task, parts, { encoding, whole, target })
  training.say(`${algorithm.title} on ${features.length} fields.`)
  const file = await algorithm.train(data, recipe.parameters, { seed: recipe.seed, level: recipe.level, ...training })
  const artifact = finish(algorithm, file, { frame, recipe, task, parts, encoding, whole, target, classes })
  if (artifact.probabilities !== undefined)
    training.say(`Probabilities laid on a curve through ${parts.calibration.length} rows.`)
  const text = artifactText(artifact)
  const model = readArtifact(text)
  const tested = testedOn(frame, recipe, task, parts, { model, whole, target })
  const { metrics, evaluation } = evaluate(model, tested, training)
  for (const { says } of evaluation.leakage) training.say(says, 'warning')
  const comparison = compareVersions(tested, data, champion)
  return {
    text,
    reference: referenceOf(frame, features, parts, tested, recipe.seed),
    metrics,
    evaluation,
    comparison,
    schema: schemaOf(features, champion),
  }
}

/** All columns but those that have another part to play, unless the recipe names its features. */
function featuresOf(frame: Frame, recipe: Recipe, task: Task): string[] {
  const faults: Fault[] = []
  // What fairness is measured by is read only when somebody says so.
  const played = new Set([recipe.target, recipe.time, recipe.fairness, task === 'ranking' ? recipe.group : undefined])
  const features = recipe.features ?? frame.columns.map(({ name }) => name).filter((name) => !played.has(name))
  features.forEach((name, index) => {
    columnNamed(frame, name)
    if (name === recipe.target)
      faults.push({
        path: `/recipe/features/${index}`,
        code: 'is-target',
        message: 'is what shall be predicted',
        value: name,
      })
  })
  if (features.length === 0)
    faults.push({ path: '/recipe/features', code: 'none', message: 'leaves nothing to learn from' })
  if (faults.length === 0) return features
  throw new Problem('models/recipe-unfit', {
    detail: `The recipe does not suit the data: ${faults[0]?.message ?? ''}.`,
    faults,
  })
}

/** The two classes as they are written, the rarer one last: it is what one asks for. */
function classesOf(frame: Frame, target: string): [string, string] {
  const counts = new Map<string, number>()
  for (const label of labelsOf(frame, target)) if (label !== '') counts.set(label, (counts.get(label) ?? 0) + 1)
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([label]) => label)
  const [first, second] = sorted
  if (first === undefined || second === undefined || sorted.length > 2)
    throw new Problem('learn/data-unfit', {
      detail: `A classification tells two classes apart, and "${target}" has ${sorted.length}: ${sorted.slice(0, 5).join(', ')}.`,
    })
  // Of 0 and 1, or false and true, the second is meant whichever is rarer.
  return ['1', 'true', 'yes'].includes(first) ? [second, first] : [first, second]
}

/** The target of every row of the frame, NaN where there is none. */
function targetOf(frame: Frame, { target }: Recipe, classes: [string, string] | null): Float64Array {
  if (target === undefined) return new Float64Array(frame.row_count).fill(NaN)
  if (classes === null) return numbersOf(frame, target)
  return Float64Array.from(labelsOf(frame, target), (label) => (label === '' ? NaN : Number(label === classes[1])))
}

interface Whole {
  encoding: Encoding
  whole: Matrix
  target: Float64Array
}

function dataOf(
  frame: Frame,
  recipe: Recipe,
  task: Task,
  parts: Parts,
  { encoding, whole, target }: Whole,
): TrainingData {
  const times = recipe.time === undefined ? null : numbersOf(frame, recipe.time)
  const groups = recipe.group === undefined ? null : labelsOf(frame, recipe.group)
  const of = (rows: Uint32Array) => ({
    matrix: takeRows(whole, rows),
    target: Float64Array.from(rows, (row) => target[row] ?? NaN),
    times: times && Float64Array.from(rows, (row) => times[row] ?? NaN),
  })
  return {
    task,
    encoding,
    ...of(parts.train),
    groups: groups && Array.from(parts.train, (row) => groups[row] ?? ''),
    tune: parts.calibration.length > 0 ? of(parts.calibration) : null,
  }
}

interface Finishing extends Whole {
  frame: Frame
  recipe: Recipe
  task: Task
  parts: Parts
  classes: [string, string] | null
}

/** Adds what is measured on the calibration part: margins of intervals, the threshold of an alert, the curve of probabilities. */
function finish(algorithm: Algorithm, file: unknown, finishing: Finishing): Artifact {
  const { recipe, task, encoding, classes } = finishing
  const scorer = algorithm.load(file, { task, encoding })
  const has_intervals = task === 'regression' || task === 'quantile'
  const calibration = has_intervals ? calibrationOf(scorer, finishing) : null
  const groups_used = calibration !== null && Object.keys(calibration.groups).length > 0
  return {
    kind: 'tidemark-model',
    version: 1,
    algorithm: recipe.algorithm,
    task,
    encoding,
    model: file,
    calibration: calibration && writeCalibration(calibration),
    group: groups_used ? (recipe.group ?? null) : null,
    classes,
    threshold: task === 'anomaly' ? thresholdOf(scorer, finishing) : null,
    ...(task === 'classification' ? curveOf(scorer, finishing) : {}),
  }
}

function curveOf(scorer: Scorer, { parts, whole, target }: Finishing): Pick<Artifact, 'probabilities'> {
  const rows = parts.calibration
  const truth = Float64Array.from(rows, (row) => target[row] ?? NaN)
  const curve = calibrationCurve(scorer, takeRows(whole, rows), truth)
  return curve ? { probabilities: writePlatt(curve) } : {}
}

function calibrationOf(scorer: Scorer, { frame, recipe, parts, whole, target }: Finishing): Calibration | null {
  const rows = parts.calibration
  if (rows.length === 0) return null
  const { value, lower = value, upper = value } = scorer.score(takeRows(whole, rows))
  const groups = recipe.group === undefined ? undefined : labelsOf(frame, recipe.group)
  const truth = Float64Array.from(rows, (row) => target[row] ?? NaN)
  const data = { truth, lower, upper, ...(groups ? { groups: Array.from(rows, (row) => groups[row] ?? '') } : {}) }
  return calibrate(data, { level: recipe.level })
}

/** A score that the allowed share of ordinary rows exceeds; null where there are too few rows to tell. */
function thresholdOf(scorer: Scorer, { recipe, parts, whole, target }: Finishing): number | null {
  const share = Number(recipe.parameters.alert_share ?? 0.01)
  // Rows that are labelled as anomalies are not ordinary.
  const rows = parts.calibration.filter((row) => target[row] !== 1)
  if (rows.length < Math.ceil(1 / share)) return null
  const { value } = scorer.score(takeRows(whole, rows))
  return alertThreshold(calibrateScores(value), { alerts_per_period: share * 1_000, rows_per_period: 1_000 }).threshold
}

function testedOn(
  frame: Frame,
  recipe: Recipe,
  task: Task,
  parts: Parts,
  made: { model: LoadedModel; whole: Matrix; target: Float64Array },
): Tested {
  const { holdout: rows } = parts
  const labelled = (name: string | undefined) => {
    const labels = name === undefined ? null : labelsOf(frame, name)
    return labels && Array.from(rows, (row) => labels[row] ?? '')
  }
  const times = recipe.time === undefined ? null : numbersOf(frame, recipe.time)
  const matrix = takeRows(made.whole, rows)
  return {
    model: made.model,
    task,
    recipe,
    parts,
    frame: takeFrame(frame, rows),
    matrix,
    scores: made.model.score(matrix),
    target: Float64Array.from(rows, (row) => made.target[row] ?? NaN),
    groups: labelled(recipe.group),
    fairness: labelled(recipe.fairness),
    times: times && Float64Array.from(rows, (row) => times[row] ?? NaN),
    training: {
      ...asItWas(frame, parts.train, made),
      target: Float64Array.from(parts.train, (row) => made.target[row] ?? NaN),
    },
    rowAt: (row) =>
      pick(rowAt(frame, rows[row] ?? 0), [
        ...made.model.encoding.fields.map(({ name }) => name),
        ...(made.model.artifact.group === null ? [] : [made.model.artifact.group]),
      ]),
  }
}

function asItWas(
  frame: Frame,
  rows: Uint32Array,
  { model: { encoding }, whole }: { model: LoadedModel; whole: Matrix },
): { encoding: Encoding; matrix: Matrix } {
  if (encoding.form === 'codes') return { encoding, matrix: takeRows(whole, rows) }
  const part = takeFrame(frame, rows)
  const names = encoding.fields.map(({ name }) => name)
  const codes = fitEncoding(part, names, 'codes')
  return { encoding: codes, matrix: encodeFrame(codes, part) }
}

function pick(row: ReturnType<typeof rowAt>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, row[name]]))
}

function referenceOf(
  frame: Frame,
  features: readonly string[],
  { train }: Parts,
  tested: Tested,
  seed: number,
): Reference {
  const drawn = shuffle(train.slice(), randomOf(seed).fork(7)).subarray(0, REFERENCE_ROWS_MAX)
  const sample = takeFrame(frame, drawn)
  const columns = features.map((name): Reference['columns'][number] => {
    const column = columnNamed(sample, name)
    if (column.type === 'category') return { name, type: 'category', values: [...column.values] }
    return {
      name,
      type: 'number',
      values: Array.from(column.values, (value) => (Number.isFinite(value) ? value : null)),
    }
  })
  const losses =
    tested.task === 'imputation'
      ? new Float64Array(0)
      : lossesOf(tested.task, tested.scores, tested, tested.recipe.level)
  // The largest but one in a hundred: one odd row would otherwise make every later test blind.
  const loss_max = quantileOf(Float64Array.from(losses).sort(), 0.99) || 1
  const asked = shuffle(range(tested.scores.value.length), randomOf(seed).fork(8)).subarray(0, REFERENCE_ROWS_MAX)
  const answers = Array.from(asked, (row) => tested.scores.value[row] ?? 0).filter((value) => Number.isFinite(value))
  return { kind: 'reference', version: 1, rows: train.length, columns, answers, loss_max }
}

function schemaOf(features: readonly string[], champion: Rival | undefined): { missing: string[]; added: string[] } {
  if (!champion) return { missing: [], added: [] }
  const before = new Set(champion.model.encoding.fields.map(({ name }) => name))
  const now = new Set(features)
  return { missing: [...before].filter((name) => !now.has(name)), added: features.filter((name) => !before.has(name)) }
}
