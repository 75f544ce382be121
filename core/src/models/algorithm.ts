import type { z } from 'zod'
import type { BoostedTrees, BoostedTreesOptions } from '../learn/boosted-trees.ts'
import type { Matrix } from '../learn/matrix.ts'
import type { Encoding } from './encode.ts'
import type { AlgorithmName, Task } from './recipe.ts'

/** What a learner is given: rows as numbers, and what each should come to. */
export interface TrainingData {
  task: Task
  encoding: Encoding
  matrix: Matrix
  /** One finite number a row; classes are 0 and 1. Empty where a task has no target. */
  target: Float64Array
  /** What is ranked together. */
  groups: readonly string[] | null
  /** When each row is from, in milliseconds since 1970. */
  times: Float64Array | null
  /** Rows kept back from fitting, to decide on what the fit left open; null when none were. */
  tune: { matrix: Matrix; target: Float64Array; times: Float64Array | null } | null
}

export interface TrainRun {
  seed: number
  /** How often an interval shall hold. */
  level: number
  /** Called at each step; throwing from it ends the fit. */
  report(done: { step: number; of: number; loss?: number }): void
  /** Fits trees as `fitBoostedTrees` does, to the same bits, on as many threads as there are to spare. */
  fitTrees(matrix: Matrix, target: Float64Array, options: BoostedTreesOptions): Promise<BoostedTrees>
}

/** A kind of model that can be trained. */
export interface Algorithm<P = unknown> {
  name: AlgorithmName
  title: string
  says: string
  tasks: readonly Task[]
  parameters: z.ZodType<P>
  /** How it wants its rows. */
  form: Encoding['form']
  /** Whether its answers can be taken apart by feature. */
  explains: boolean
  /** Learns, and returns a file: plain data that JSON can hold. */
  train(data: TrainingData, parameters: P, run: TrainRun): Promise<unknown>
  /** Reads such a file. @throws {Problem} learn/model-file-invalid */
  load(file: unknown, about: { task: Task; encoding: Encoding }): Scorer
}

/** A model in memory. */
export interface Scorer {
  /** One number a row; of a quantile model also a low and a high one. */
  score(matrix: Matrix): Scores
  /** What each column adds to each answer: base and contributions sum to it exactly, on the scale of `says`. */
  explain?(matrix: Matrix): { base: number; contributions: Matrix; says: string }
  /** Of imputation: fields that can be filled. */
  fields?: readonly FieldScorer[]
}

export interface Scores {
  value: Float64Array
  lower?: Float64Array
  upper?: Float64Array
}

/** How one field is filled from the others. */
export interface FieldScorer {
  /** Its place among the fields of the encoding. */
  field: number
  /** False where it did not do better than the median: then the field is left empty. */
  on: boolean
  /** Mean absolute errors on cells that were masked. */
  error: number
  error_of_median: number
  rows: number
  margin: number | null
  score(matrix: Matrix): Float64Array
}

/** An algorithm as the table has it, where each has parameters of another type. */
export function algorithm<P>(definition: Algorithm<P>): Algorithm {
  return definition as unknown as Algorithm
}
