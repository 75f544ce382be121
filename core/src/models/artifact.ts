import { z } from 'zod'
import { intervalOf, readCalibration, type Calibration } from '../learn/conformal.ts'
import { readPlatt } from '../learn/calibration.ts'
import { readModelFile } from '../learn/read-model-file.ts'
import { matrixOver, rowOf, type Matrix } from '../learn/matrix.ts'
import { Problem } from '../lib/problem.ts'
import type { Scorer, Scores } from './algorithm.ts'
import { algorithmNamed } from './algorithms.ts'
import type { Signature } from './contract.ts'
import { columnsOf, readEncoding, rowReader, unusualFields, type Encoding } from './encode.ts'
import type { Row } from './frame.ts'
import { onCurve } from './probabilities.ts'
import { algorithmNames, Task } from './recipe.ts'

/**
 * A model as a file: everything that an answer follows from, and nothing else. No date and no name stands in it, so that
 * training again from the same record gives the same bytes.
 */
export interface Artifact {
  kind: 'tidemark-model'
  version: 1
  algorithm: (typeof algorithmNames)[number]
  task: Task
  encoding: unknown
  /** The learner's own file. */
  model: unknown
  /** Margins of intervals; null where a task has none, or the rows were too few. */
  calibration: unknown
  /** The column that groups of the calibration come from. */
  group: string | null
  /** Of a classification: how the two classes are written; the second is what the probability is of. */
  classes: readonly [string, string] | null
  /** Of anomalies: a score above it is one. */
  threshold: number | null
  /** Of a classification: the curve that its probabilities were laid on; left out where there is none. */
  probabilities?: unknown
}

const ArtifactFile = z.strictObject({
  kind: z.literal('tidemark-model'),
  version: z.literal(1),
  algorithm: z.enum(algorithmNames),
  task: Task,
  encoding: z.unknown(),
  model: z.unknown(),
  calibration: z.unknown(),
  group: z.string().max(200).nullable(),
  classes: z.tuple([z.string().max(1_000), z.string().max(1_000)]).nullable(),
  threshold: z.number().nullable(),
  probabilities: z.unknown().optional(),
})

/** What a model says about one row. */
export interface Output {
  /** The number itself: a value, a probability, a score. Null where there is none: beyond a horizon, or nothing to fill. */
  value: number | null
  lower: number | null
  upper: number | null
  /** Why there is an interval, or none. */
  interval: 'calibrated' | 'not-calibrated' | 'none'
  /** Of a classification. */
  label?: string
  /** Of anomalies. */
  anomaly?: boolean
  /** Of imputation: what was filled in, each with its interval. Measured values are not repeated. */
  fields?: Record<string, { value: number; lower: number | null; upper: number | null; imputed: true }>
  /** Inputs outside of what was there in training. */
  unusual: string[]
}

/** What each feature adds to an answer. Base and contributions sum to `total`. */
export interface Explanation {
  base: number
  total: number
  contributions: { feature: string; contribution: number }[]
  says: string
}

export interface LoadedModel {
  artifact: Artifact
  signature: Signature
  /** @throws {Problem} models/input-unfit with every fault. */
  predict(rows: readonly Row[]): Output[]
  /** One number a row, for rows as they were encoded: what is measured on held-out data. */
  score(matrix: Matrix): Scores
  /** Undefined where answers cannot be taken apart. */
  explain?: (rows: readonly Row[]) => Explanation[]
  encoding: Encoding
  calibration: Calibration | null
  scorer: Scorer
}

/** Text of an artifact: the same object gives the same text. */
export function artifactText(artifact: Artifact): string {
  return JSON.stringify(artifact)
}

/**
 * Reads a model from the text of its file. Every part is checked before it is used.
 * @throws {Problem} learn/model-file-invalid
 */
export function readArtifact(text: string): LoadedModel {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    throw new Problem('learn/model-file-invalid', { detail: 'The file of this model is not JSON.' })
  }
  return loadArtifact(file)
}

/** @throws {Problem} learn/model-file-invalid */
export function loadArtifact(file: unknown): LoadedModel {
  const artifact = readModelFile(ArtifactFile, file, 'a model of this server') as Artifact
  const encoding = readEncoding(artifact.encoding)
  const calibration = artifact.calibration === null ? null : readCalibration(artifact.calibration)
  const learnt = algorithmNamed(artifact.algorithm).load(artifact.model, { task: artifact.task, encoding })
  const scorer = artifact.probabilities === undefined ? learnt : onCurve(learnt, readPlatt(artifact.probabilities))
  const model = { artifact, encoding, calibration, scorer, signature: signatureOf(artifact, encoding) }
  const read = rowReader(encoding, artifact.group === null ? [] : [artifact.group])
  return {
    ...model,
    score: (matrix) => scorer.score(matrix),
    predict: (rows) => answer(model, rows, read(rows)),
    ...(scorer.explain ? { explain: (rows: readonly Row[]) => explain(model, read(rows)) } : {}),
  }
}

type Parts = Pick<LoadedModel, 'artifact' | 'encoding' | 'calibration' | 'scorer'>

function answer(model: Parts, rows: readonly Row[], matrix: Matrix): Output[] {
  const { artifact, encoding, calibration, scorer } = model
  if (scorer.fields) return rows.map((row, index) => filled(model, row, matrix, index))
  const { value, lower = value, upper = value } = scorer.score(matrix)
  return rows.map((row, index): Output => {
    const point = value[index] ?? NaN
    const unusual = unusualFields(encoding, row)
    const plain = {
      value: Number.isFinite(point) ? point : null,
      lower: null,
      upper: null,
      interval: 'none' as const,
      unusual,
    }
    if (artifact.task === 'classification') {
      const [negative, positive] = artifact.classes ?? ['0', '1']
      return { ...plain, label: point >= 0.5 ? positive : negative }
    }
    if (artifact.task === 'anomaly')
      return artifact.threshold === null ? plain : { ...plain, anomaly: point > artifact.threshold }
    if (artifact.task === 'forecast') {
      const [low, high] = [lower[index] ?? NaN, upper[index] ?? NaN]
      const known = Number.isFinite(low) && Number.isFinite(high)
      return known
        ? { ...plain, lower: low, upper: high, interval: 'calibrated' }
        : { ...plain, interval: 'not-calibrated' }
    }
    if (!calibration) return plain
    const group = artifact.group === null ? undefined : String(row[artifact.group] ?? '')
    const found = intervalOf(calibration, { lower: lower[index] ?? NaN, upper: upper[index] ?? NaN }, group)
    if (found.state === 'not_calibrated') return { ...plain, interval: 'not-calibrated' }
    return { ...plain, lower: found.lower, upper: found.upper, interval: 'calibrated' }
  })
}

function filled({ encoding, scorer }: Parts, row: Row, matrix: Matrix, index: number): Output {
  const fields: NonNullable<Output['fields']> = {}
  const values = rowOf(matrix, index)
  let missing = 0
  for (const { field, on, margin, score } of scorer.fields ?? []) {
    const name = encoding.fields[field]?.name ?? ''
    if (!Number.isNaN(values[field] ?? NaN)) continue
    missing += 1
    if (!on) continue
    const value = score(matrixOver(values.slice(), 1, values.length))[0] ?? NaN
    const reach = margin === null ? null : { lower: value - margin, upper: value + margin }
    fields[name] = { value, lower: reach?.lower ?? null, upper: reach?.upper ?? null, imputed: true }
  }
  const count = Object.keys(fields).length
  const unusual = unusualFields(encoding, row)
  return { value: missing === 0 ? null : count / missing, lower: null, upper: null, interval: 'none', fields, unusual }
}

/** Contributions by feature: columns that come from one field are added up. */
function explain({ encoding, scorer }: Parts, matrix: Matrix): Explanation[] {
  const taken = scorer.explain?.(matrix)
  if (!taken) return []
  const columns = columnsOf(encoding)
  return Array.from({ length: matrix.row_count }, (_, row) => {
    const of_field = new Float64Array(encoding.fields.length)
    const parts = rowOf(taken.contributions, row)
    let total = taken.base
    columns.forEach(({ field }, column) => {
      of_field[field] = (of_field[field] ?? 0) + (parts[column] ?? 0)
    })
    for (const each of of_field) total += each
    const contributions = encoding.fields.map(({ name }, field) => ({
      feature: name,
      contribution: of_field[field] ?? 0,
    }))
    return { base: taken.base, total, contributions, says: taken.says }
  })
}

/** What goes in and what comes out, for callers and for other tools. */
function signatureOf({ task, group }: Artifact, { fields }: Encoding): Signature {
  const inputs = fields.map((field): Signature['inputs'][number] =>
    field.kind === 'number'
      ? { name: field.name, type: 'number', min: field.min, max: field.max }
      : { name: field.name, type: 'category', categories: [...field.categories] },
  )
  if (group !== null && !fields.some(({ name }) => name === group)) inputs.push({ name: group, type: 'category' })
  const number = (name: string) => ({ name, type: 'number' })
  const outputs = {
    regression: [number('value'), number('lower'), number('upper')],
    quantile: [number('value'), number('lower'), number('upper')],
    forecast: [number('value'), number('lower'), number('upper')],
    classification: [number('value'), { name: 'label', type: 'category' }],
    ranking: [number('value')],
    anomaly: [number('value'), { name: 'anomaly', type: 'boolean' }],
    imputation: [number('value'), { name: 'fields', type: 'object' }],
  }[task]
  return { inputs, outputs }
}
