import { z } from 'zod'
import { ReadingsUsed } from './kept.ts'

/** What a model is asked to do. */
export const tasks = [
  'regression',
  'quantile',
  'classification',
  'ranking',
  'anomaly',
  'imputation',
  'forecast',
] as const
export type Task = (typeof tasks)[number]
export const Task = z.enum(tasks)

/** What each task answers with, in a sentence. */
export const taskSentences: Record<Task, string> = {
  regression: 'A number, with an interval that covers as often as it says.',
  quantile: 'A low, a middle and a high number.',
  classification: 'How probable one of two classes is.',
  ranking: 'A score; the higher one of a group comes first.',
  anomaly: 'How far a row stands apart from the others.',
  imputation: 'Values for the fields of a row that are missing.',
  forecast: 'The coming values of a series, with intervals.',
}

export const algorithmNames = [
  'boosted-trees',
  'ridge',
  'baseline',
  'isolation-forest',
  'lambdamart',
  'autoencoder',
  'field-imputer',
  'forecaster',
] as const
export type AlgorithmName = (typeof algorithmNames)[number]

export const ColumnName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]+$/u)
export const Seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)

/** A data set is found by its id or by its name. */
export const DatasetKey = z
  .string()
  .min(1)
  .max(120)
  .describe('A data set, by id or name; its newest version is taken unless one is named.')

/**
 * How a model is trained: on which data, towards which column, by which algorithm. With the version of the data and of the
 * code, the same recipe gives the same bytes.
 */
export const Recipe = z
  .strictObject({
    algorithm: z.enum(algorithmNames),
    parameters: z
      .record(z.string().max(60), z.unknown())
      .default({})
      .describe('As `GET /ai/algorithms` describes them.'),
    dataset: DatasetKey.optional(),
    target: ColumnName.optional().describe('What is to be predicted. Anomalies and imputation need none.'),
    features: z.array(ColumnName).min(1).max(500).optional().describe('All other columns unless said.'),
    time: ColumnName.optional().describe('When a row is from. With it, models are tested on later rows than they saw.'),
    group: ColumnName.optional().describe(
      'What is ranked together; for other tasks, the groups that coverage is kept in.',
    ),
    fairness: ColumnName.optional().describe('Groups that the model should serve alike.'),
    holdout_share: z.number().min(0.05).max(0.5).default(0.2).describe('Rows to test on.'),
    calibration_share: z.number().min(0).max(0.4).default(0.2).describe('Rows to measure intervals on.'),
    level: z.number().min(0.5).max(0.99).default(0.9).describe('How often an interval shall hold.'),
    seed: Seed.default(0),
  })
  .meta({ id: 'ModelRecipe' })
export type Recipe = z.infer<typeof Recipe>

/** Everything that a version follows from. */
export const RunRecord = z
  .object({
    recipe: Recipe,
    task: Task,
    dataset_id: z.string().nullable().describe('null for what was trained on readings.'),
    dataset_version: z.int().nullable(),
    data_sha256: z.string().describe('Empty until readings have been read.'),
    readings: ReadingsUsed.nullable().optional(),
    code_version: z.string().describe('Digest of the source of learners and models.'),
  })
  .meta({ id: 'ModelRunRecord' })
export type RunRecord = z.infer<typeof RunRecord>

export const cadences = ['off', 'daily', 'weekly', 'monthly', 'quarterly'] as const
export type Cadence = (typeof cadences)[number]

/** How often each kind is trained again unless somebody says otherwise. */
export const cadenceOf: Record<Task, Cadence> = {
  anomaly: 'daily',
  imputation: 'weekly',
  regression: 'monthly',
  quantile: 'monthly',
  classification: 'monthly',
  ranking: 'quarterly',
  forecast: 'daily',
}

/** The first instant after `after` at which a schedule is due: at 02:00 UTC, weekly on Monday, monthly on the first. */
export function nextDue(cadence: Cadence, after: Date): Date | undefined {
  if (cadence === 'off') return undefined
  const [year, month, day] = [after.getUTCFullYear(), after.getUTCMonth(), after.getUTCDate()]
  const at = (y: number, m: number, d: number) => new Date(Date.UTC(y, m, d, DUE_HOUR))
  const first = (candidates: Date[]) => candidates.find((candidate) => candidate.getTime() > after.getTime())
  if (cadence === 'daily') return first([at(year, month, day), at(year, month, day + 1)])
  // Sunday is 0; the Monday of this week may lie behind.
  const monday = day - ((after.getUTCDay() + 6) % 7)
  if (cadence === 'weekly') return first([at(year, month, monday), at(year, month, monday + 7)])
  if (cadence === 'monthly') return first([at(year, month, 1), at(year, month + 1, 1)])
  const quarter = month - (month % 3)
  return first([at(year, quarter, 1), at(year, quarter + 3, 1)])
}

const DUE_HOUR = 2
