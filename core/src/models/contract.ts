import { z } from 'zod'
import { learnProblems } from '../learn/problems.ts'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { Kept } from './kept.ts'
import { algorithmNames, cadences, DatasetKey, Recipe, RunRecord, Seed, Task } from './recipe.ts'

export const Instant = z.iso.datetime()
const Ulid = '[0-9A-HJKMNP-TV-Z]{26}'
export const ModelName = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,99}$/)
  .describe('Small letters, digits, dots and hyphens: `site-energy`. Unique in an organisation.')
export const RunId = z.string().regex(new RegExp(`^run_${Ulid}$`))
export const VersionNumber = z.coerce.number().int().min(1).max(1_000_000)
/** A model is found by its id or by its name. */
export const ModelKey = z.string().min(1).max(100).describe('The id of a model, or its name.')
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const By = z.string().describe('Who: the name that the log gives them, `system` or `visitor`.')

const Text = (length_max: number) =>
  z
    .string()
    .max(length_max)
    .regex(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u)
const Title = Text(120).min(1)
export const Reason = Text(1_000).min(3).describe('Why. It stands in the history for ever: no names.')

/** What a model is for, in words for whoever relies on it. */
export const Card = z
  .strictObject({
    purpose: Text(4_000).default('').describe('What it is for.'),
    audience: Text(4_000).default('').describe('Whose decisions it may inform.'),
    limits: Text(4_000).default('').describe('Where it must not be used, and what it cannot tell.'),
    data: Text(4_000).default('').describe('What it was trained on, and what is not in there.'),
    fairness: Text(4_000).default('').describe('Whom it might serve worse, and what was done about it.'),
  })
  .meta({ id: 'ModelCard' })
export type Card = z.infer<typeof Card>

export const Settings = z
  .strictObject({
    auto_promote: z.boolean().default(false).describe('Whether a version that passes every gate answers at once.'),
    gain_min: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe(
        'By how much it must beat the champion: the lower end of the 95 % interval of the relative gain lies above.',
      ),
    cadence: z.enum(cadences).optional().describe('How often it is trained again; by its task unless said.'),
    retrain_on_drift: z.boolean().default(false),
    keep_inputs: z.boolean().default(true).describe('Whether inputs are kept with predictions. Drift needs them.'),
    keep_days: z.int().min(1).max(3_650).default(365).describe('How long predictions are kept.'),
    time_limit_s: z.int().min(1).max(14_400).default(900),
    memory_limit_mb: z.int().min(64).max(8_192).default(1_024),
  })
  .meta({ id: 'ModelSettings' })
export type Settings = z.infer<typeof Settings>

export const stages = ['candidate', 'shadow', 'champion', 'retired'] as const
export const Stage = z.enum(stages)
export type Stage = (typeof stages)[number]

/** What goes in and what comes out. */
export const Signature = z
  .object({
    inputs: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['number', 'category', 'tensor']),
        categories: z.array(z.string()).optional(),
        min: z.number().optional(),
        max: z.number().optional(),
        datatype: z.string().optional().describe('Of a tensor, as the Open Inference Protocol writes it.'),
        shape: z.array(z.number().int()).optional(),
      }),
    ),
    outputs: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        datatype: z.string().optional(),
        shape: z.array(z.number().int()).optional(),
      }),
    ),
  })
  .meta({ id: 'ModelSignature' })
export type Signature = z.infer<typeof Signature>

export const gateNames = ['schema', 'leakage', 'gain', 'coverage', 'fairness', 'speed'] as const
export const Gate = z.object({
  gate: z.enum(gateNames),
  outcome: z.enum(['passed', 'failed', 'warned', 'not-assessable']),
  says: z.string(),
})
export type Gate = z.infer<typeof Gate>

export const Verdict = z
  .object({
    outcome: z.enum(['passed', 'rejected']),
    says: z.string().describe('`rejected: no gain`, and why.'),
    against: z.string().describe('What it was compared with: `version 3`, or a baseline for the first one.'),
    gain: z.number().nullable().describe('Relative gain in the loss: 0.1 is ten percent less.'),
    gain_lower: z.number().nullable().describe('Lower end of its 95 % interval, by paired bootstrap.'),
    gain_upper: z.number().nullable(),
    gain_min: z.number(),
    rows: z.number().int().describe('Rows it was measured on, later than all that either was trained on.'),
    gates: z.array(Gate),
  })
  .meta({ id: 'ModelVerdict' })
export type Verdict = z.infer<typeof Verdict>

export const Metrics = z.record(z.string(), z.number()).meta({ id: 'ModelMetrics' })
export type Metrics = z.infer<typeof Metrics>
const Share = z.number().nullable()

/** What was found on the rows that the version had not seen. */
export const Evaluation = z
  .object({
    rows: z.object({
      train: z.number().int(),
      calibration: z.number().int(),
      holdout: z.number().int(),
      left_out: z.number().int().describe('Rows without a target.'),
    }),
    split: z.enum(['by-time', 'by-digest']).describe('Later rows, or rows drawn by the digest of their contents.'),
    holdout_from: Instant.nullable(),
    loss: z.string(),
    coverage: z
      .object({
        level: z.number(),
        overall: Share,
        groups: z.array(z.object({ group: z.string(), rows: z.number().int(), coverage: z.number() })),
      })
      .nullable(),
    fairness: z
      .object({
        column: z.string(),
        verdict: z.enum(['fair', 'unfair', 'unclear', 'not_assessable']),
        because: z.string(),
        gaps: z.array(
          z.object({
            group: z.string(),
            measure: z.string(),
            row_count: z.number().int(),
            value: z.number(),
            others_value: z.number(),
            others_row_count: z.number().int(),
            ratio: z.number().optional(),
            ratio_low: z.number().optional(),
            ratio_high: z.number().optional(),
            verdict: z.enum(['fair', 'unfair', 'unclear', 'too_few_rows']),
          }),
        ),
      })
      .nullable()
      .describe('Null is not assessable: no column of groups was named.'),
    importance: z.array(z.object({ feature: z.string(), importance: z.number(), deviation: z.number() })),
    leakage: z.array(z.object({ feature: z.string(), says: z.string() })),
    fields: z
      .array(
        z.object({
          field: z.string(),
          on: z.boolean(),
          error: z.number(),
          error_of_median: z.number(),
          rows: z.number().int(),
        }),
      )
      .optional()
      .describe('Of imputation: what each field scores on cells that were masked.'),
    us_per_row: z.number().describe('Microseconds for one row at a time, the median. No part of the artifact.'),
  })
  .meta({ id: 'ModelEvaluation' })
export type Evaluation = z.infer<typeof Evaluation>

export const Version = z
  .object({
    model_id: z.string(),
    version: z.number().int(),
    stage: Stage,
    aliases: z.array(z.string()),
    format: z
      .enum(['tidemark', 'onnx', 'readings'])
      .describe('readings: trained on readings, and answers where `kept` says.'),
    algorithm: z.string(),
    artifact_sha256: Sha256,
    artifact_bytes: z.number().int(),
    signature: Signature,
    record: RunRecord.nullable(),
    run_id: RunId.nullable(),
    metrics: Metrics,
    evaluation: Evaluation.nullable(),
    verdict: Verdict.nullable(),
    card: Card,
    created_at: Instant,
    created_by: By,
    retired_at: Instant.nullable(),
  })
  .meta({ id: 'ModelVersion' })
export type Version = z.infer<typeof Version>

export const Model = z
  .object({
    model_id: z.string(),
    name: ModelName,
    title: z.string(),
    task: Task,
    recipe: Recipe.nullable(),
    kept: Kept.nullable().describe('Of a model that learns from readings: what it is about, and where it answers.'),
    settings: Settings,
    cadence: z.enum(cadences),
    next_run_at: Instant.nullable(),
    card: Card,
    card_revision: z.number().int(),
    champion: z.number().int().nullable(),
    versions: z.number().int(),
    open_alerts: z.number().int(),
    created_at: Instant,
    created_by: By,
    retired_at: Instant.nullable(),
  })
  .meta({ id: 'Model' })
export type Model = z.infer<typeof Model>

export const runStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
export const Run = z
  .object({
    run_id: RunId,
    model_id: z.string(),
    kind: z.enum(['train', 'reproduce']),
    cause: z.enum(['person', 'schedule', 'drift']),
    state: z.enum(runStates),
    record: RunRecord,
    reproduces: RunId.nullable(),
    step: z.number().int(),
    steps: z.number().int().nullable(),
    loss: z.number().nullable(),
    reason: z.string().nullable().describe('Why it failed or was cancelled.'),
    verdict: Verdict.nullable(),
    result_version: z.number().int().nullable(),
    artifact_sha256: Sha256.nullable(),
    identical: z.boolean().nullable().describe('Of a reproduction: whether the same bytes came out.'),
    created_at: Instant,
    created_by: By,
    started_at: Instant.nullable(),
    ended_at: Instant.nullable(),
  })
  .meta({ id: 'ModelRun' })
export type Run = z.infer<typeof Run>

export const RunLine = z
  .object({
    seq: z.number().int(),
    at: Instant,
    level: z.enum(['info', 'warning', 'error']),
    line: z.string(),
    step: z.number().int().nullable(),
    loss: z.number().nullable(),
  })
  .meta({ id: 'ModelRunLine' })
export type RunLine = z.infer<typeof RunLine>

export const AliasEvent = z
  .object({
    seq: z.number().int(),
    alias: z.string(),
    from_version: z.number().int().nullable(),
    to_version: z.number().int().nullable(),
    action: z.enum(['promote', 'rollback', 'set', 'remove', 'retire']),
    reason: z.string(),
    against_verdict: z.boolean(),
    at: Instant,
    by: By,
  })
  .meta({ id: 'ModelAliasEvent' })
export type AliasEvent = z.infer<typeof AliasEvent>

export const problems = {
  ...learnProblems,
  'models/unknown-model': { status: 404, title: 'There is no such model' },
  'models/unknown-version': { status: 404, title: 'The model has no such version' },
  'models/unknown-alias': { status: 404, title: 'The model has no such alias' },
  'models/unknown-run': { status: 404, title: 'There is no such training run' },
  'models/name-taken': { status: 409, title: 'There is a model of that name' },
  'models/too-many': { status: 409, title: 'There are as many as there may be' },
  'models/recipe-unfit': { status: 422, title: 'The model cannot be trained like this' },
  'models/no-data': { status: 422, title: 'There are no data to train on' },
  'models/no-recipe': { status: 409, title: 'Versions of this model are uploaded, not trained' },
  'models/already-running': { status: 409, title: 'This model is being trained' },
  'models/not-running': { status: 409, title: 'This run has ended' },
  'models/not-reproducible': { status: 409, title: 'There is nothing to make again' },
  'models/gate-closed': { status: 409, title: 'This version did not pass the gates' },
  'models/nothing-to-roll-back': { status: 409, title: 'There is no earlier champion to go back to' },
  'models/no-champion': { status: 409, title: 'No version of this model answers yet' },
  'models/in-use': { status: 409, title: 'This is in use' },
  'models/retired': { status: 409, title: 'This was retired' },
  'models/onnx-refused': { status: 422, title: 'This ONNX model is not accepted' },
  'models/input-unfit': { status: 422, title: 'The input does not have the form that the model reads' },
  'models/too-slow': { status: 503, title: 'The model took longer than it may' },
  'models/not-explainable': { status: 409, title: 'Answers of this model cannot be taken apart' },
  'models/unknown-prediction': { status: 404, title: 'There is no such prediction' },
  'models/outcome-known': { status: 409, title: 'Another outcome is known already' },
  'models/unknown-experiment': { status: 404, title: 'There is no such experiment' },
  'models/experiment-running': { status: 409, title: 'An experiment is under way' },
  'models/experiment-over': { status: 409, title: 'This experiment is over' },
  'models/experiment-unfit': { status: 422, title: 'These versions cannot be compared like this' },
  'models/unknown-alert': { status: 404, title: 'There is no such alert' },
  'models/input-not-kept': { status: 409, title: 'The input of this prediction was not kept' },
} as const satisfies ProblemTable

export const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
export const ModelParams = z.object({ model_id: ModelKey })
export const VersionParams = z.object({ model_id: ModelKey, version: VersionNumber })
const RunParams = z.object({ run_id: RunId })
const nowhere = { model_id: 'no-such-model' }
const noRun = { run_id: `run_${'0'.repeat(26)}` }
export const newModel = { route: 'models.create', fill: { model_id: 'model_id' } }

export const algorithms = route({
  name: 'models.algorithms',
  method: 'GET',
  path: '/ai/algorithms',
  summary: 'What can be trained, with every parameter and its default',
  needs: 'models.read',
  output: z.object({
    algorithms: z.array(
      z.object({
        name: z.enum(algorithmNames),
        title: z.string(),
        says: z.string(),
        tasks: z.array(Task),
        explains: z.boolean().describe('Whether its answers can be taken apart by feature.'),
        parameters: z.record(z.string(), z.unknown()).describe('A JSON Schema.'),
      }),
    ),
  }),
  problems: byRole,
  examples: [{ summary: 'All' }],
})

export const list = route({
  name: 'models.list',
  method: 'GET',
  path: '/ai/models',
  summary: 'The models of the organisation, by name',
  needs: 'models.read',
  query: z.object({
    task: Task.optional(),
    q: z.string().max(100).optional().describe('Part of a name or title.'),
    retired: z.stringbool().default(false).describe('Whether those retired are listed too.'),
    limit: z.coerce.number().int().min(1).max(500).default(200),
  }),
  output: z.object({ models: z.array(Model) }),
  problems: byRole,
  examples: [{ summary: 'All' }, { summary: 'Those that find anomalies', query: { task: 'anomaly' } }],
})

export const create = route({
  name: 'models.create',
  method: 'POST',
  path: '/ai/models',
  summary: 'Describes a model: what it is for and how it is trained',
  description: 'Nothing is trained yet: ask for that with `POST /ai/models/{model_id}/retrain`.',
  needs: 'models.train',
  body: z.strictObject({
    title: Title,
    name: ModelName.optional().describe('Made from the title unless given.'),
    task: Task,
    recipe: Recipe.optional().describe('Left out for a model whose versions are uploaded as ONNX.'),
    settings: Settings.prefault({}),
    card: Card.prefault({}),
  }),
  output: Model,
  status: 201,
  problems: [...byRole, 'models/name-taken', 'models/too-many', 'models/recipe-unfit'],
  examples: [
    {
      summary: 'Energy of a building from its size and use',
      body: {
        title: 'Energy of a building',
        task: 'regression',
        recipe: { algorithm: 'boosted-trees', target: 'energy_kwh', parameters: { tree_count: 60 } },
        card: {
          purpose: 'Says what a building of that size and use needs in a year.',
          limits: 'Not for data centres.',
        },
      },
    },
    {
      summary: 'An algorithm that does not rank',
      body: { title: 'Ranking', task: 'ranking', recipe: { algorithm: 'ridge', target: 'gain' } },
      status: 422,
    },
  ],
})

export const get = route({
  name: 'models.get',
  method: 'GET',
  path: '/ai/models/{model_id}',
  summary: 'A model with its card, its versions and what was done to them lately',
  needs: 'models.read',
  params: ModelParams,
  output: Model.extend({
    aliases: z.record(z.string(), z.number().int()),
    version_list: z.array(Version).describe('The newest hundred.'),
    last_runs: z.array(Run),
    history: z.array(AliasEvent).describe('The newest hundred moves of an alias, newest first.'),
  }).meta({ id: 'ModelInFull' }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [
    { summary: 'One that was just described', after: newModel },
    { summary: 'No such model', params: nowhere, status: 404 },
  ],
})

export const update = route({
  name: 'models.update',
  method: 'PATCH',
  path: '/ai/models/{model_id}',
  summary: 'Changes the title, the recipe, the gates or the schedule; versions stay as they are',
  needs: 'models.train',
  params: ModelParams,
  body: z.strictObject({ title: Title.optional(), recipe: Recipe.optional(), settings: Settings.partial().optional() }),
  output: Model,
  problems: [...byRole, 'models/unknown-model', 'models/recipe-unfit', 'models/retired'],
  examples: [
    { summary: 'Never trained by itself', after: newModel, body: { settings: { cadence: 'off' } } },
    { summary: 'No such model', params: nowhere, body: { title: 'Another' }, status: 404 },
  ],
})

export const editCard = route({
  name: 'models.editCard',
  method: 'PUT',
  path: '/ai/models/{model_id}/card',
  summary: 'Writes the card anew; what it said before is kept',
  needs: 'models.train',
  params: ModelParams,
  body: Card,
  output: z.object({ card: Card, revision: z.number().int() }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [
    { summary: 'A limit', after: newModel, body: { limits: 'Not for buildings without a meter.' } },
    { summary: 'No such model', params: nowhere, body: {}, status: 404 },
  ],
})

export const cardHistory = route({
  name: 'models.cardHistory',
  method: 'GET',
  path: '/ai/models/{model_id}/card',
  summary: 'What the card said at each time, newest first',
  needs: 'models.read',
  params: ModelParams,
  output: z.object({ revisions: z.array(z.object({ revision: z.number().int(), card: Card, at: Instant, by: By })) }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [{ summary: 'One revision', after: newModel }],
})

export const retrain = route({
  name: 'models.retrain',
  method: 'POST',
  path: '/ai/models/{model_id}/retrain',
  summary: 'Trains a new version in the background',
  description:
    'The champion goes on answering. The new version is compared with it on rows that neither saw; it answers when it passes every gate and the model is set to promote by itself, or when somebody promotes it.',
  needs: 'models.train',
  params: ModelParams,
  body: z.strictObject({
    dataset: DatasetKey.optional(),
    dataset_version: z.int().min(1).optional().describe('The newest unless given.'),
    parameters: z.record(z.string().max(60), z.unknown()).optional().describe('Instead of those of the recipe.'),
    seed: Seed.optional(),
  }),
  output: Run,
  status: 202,
  problems: [
    ...byRole,
    'models/unknown-model',
    'models/no-data',
    'models/no-recipe',
    'models/recipe-unfit',
    'models/already-running',
    'models/retired',
  ],
  examples: [{ summary: 'No data are named', after: newModel, body: {}, status: 422 }],
})

export const listRuns = route({
  name: 'models.listRuns',
  method: 'GET',
  path: '/ai/models/{model_id}/runs',
  summary: 'What was trained, newest first',
  needs: 'models.read',
  params: ModelParams,
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.object({ runs: z.array(Run) }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [{ summary: 'None yet', after: newModel }],
})

export const getRun = route({
  name: 'models.getRun',
  method: 'GET',
  path: '/ai/runs/{run_id}',
  summary: 'A run with its log; ask again with the last number seen for what came since',
  needs: 'models.read',
  params: RunParams,
  query: z.object({
    after: z.coerce.number().int().min(0).default(0).describe('Lines after this number.'),
    limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
  }),
  output: z.object({ run: Run, lines: z.array(RunLine) }),
  problems: [...byRole, 'models/unknown-run'],
  examples: [{ summary: 'No such run', params: noRun, status: 404 }],
})

export const cancelRun = route({
  name: 'models.cancelRun',
  method: 'POST',
  path: '/ai/runs/{run_id}/cancel',
  summary: 'Ends a run; the champion goes on answering',
  needs: 'models.train',
  params: RunParams,
  output: Run,
  problems: [...byRole, 'models/unknown-run', 'models/not-running'],
  examples: [{ summary: 'No such run', params: noRun, status: 404 }],
})

export const reproduceRun = route({
  name: 'models.reproduceRun',
  method: 'POST',
  path: '/ai/runs/{run_id}/reproduce',
  summary: 'Trains again from the record of a run and says whether the same bytes came out',
  needs: 'models.train',
  params: RunParams,
  output: Run,
  status: 202,
  problems: [...byRole, 'models/unknown-run', 'models/not-reproducible', 'models/already-running', 'models/no-data'],
  examples: [{ summary: 'No such run', params: noRun, status: 404 }],
})

export const listVersions = route({
  name: 'models.listVersions',
  method: 'GET',
  path: '/ai/models/{model_id}/versions',
  summary: 'Its versions, newest first',
  needs: 'models.read',
  params: ModelParams,
  query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
  output: z.object({ versions: z.array(Version) }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [{ summary: 'None yet', after: newModel }],
})

export const getVersion = route({
  name: 'models.getVersion',
  method: 'GET',
  path: '/ai/models/{model_id}/versions/{version}',
  summary: 'One version: what it follows from, how it did, what was decided',
  needs: 'models.read',
  params: VersionParams,
  output: Version,
  problems: [...byRole, 'models/unknown-model', 'models/unknown-version'],
  examples: [{ summary: 'Not trained yet', after: newModel, params: { version: '1' }, status: 404 }],
})

export const fetchArtifact = route({
  name: 'models.fetchArtifact',
  method: 'GET',
  path: '/ai/models/{model_id}/versions/{version}/artifact',
  summary: 'The bytes of a version, whose digest is its identity',
  needs: 'models.read',
  params: VersionParams,
  output: z.undefined(),
  produces: 'application/octet-stream',
  problems: [...byRole, 'models/unknown-model', 'models/unknown-version', 'server/file-damaged'],
  examples: [{ summary: 'Not trained yet', after: newModel, params: { version: '1' }, status: 404 }],
})

export const exportVersion = route({
  name: 'models.exportVersion',
  method: 'GET',
  path: '/ai/models/{model_id}/versions/{version}/export',
  summary: 'A version as a folder that MLflow reads, packed as tar',
  needs: 'models.read',
  params: VersionParams,
  output: z.undefined(),
  produces: 'application/x-tar',
  problems: [...byRole, 'models/unknown-model', 'models/unknown-version', 'server/file-damaged'],
  examples: [{ summary: 'Not trained yet', after: newModel, params: { version: '1' }, status: 404 }],
})

export const ONNX_BYTES_MAX = 256 * 1024 * 1024

export const uploadOnnx = route({
  name: 'models.uploadOnnx',
  method: 'POST',
  path: '/ai/models/{model_id}/versions/onnx',
  summary: 'Adds a version that was trained elsewhere, as an ONNX file',
  description:
    'The file is loaded and run once in a process part of its own, with limits on memory and time, before it is registered.',
  needs: 'models.train',
  limit: 'upload',
  accepts: 'file',
  body_bytes_max: ONNX_BYTES_MAX,
  params: ModelParams,
  output: Version,
  status: 201,
  problems: [...byRole, 'models/unknown-model', 'models/onnx-refused', 'models/retired', 'models/too-slow'],
  examples: [{ summary: 'Not an ONNX file', after: newModel, body: 'this is no model', status: 422 }],
})

export const promote = route({
  name: 'models.promote',
  method: 'POST',
  path: '/ai/models/{model_id}/versions/{version}/promote',
  summary: 'Makes a version the champion: from now on it answers',
  description: 'One that a gate rejected needs `against_verdict`, and the history says so.',
  needs: 'models.promote',
  params: VersionParams,
  body: z.strictObject({ reason: Reason, against_verdict: z.boolean().default(false) }),
  output: Version,
  problems: [...byRole, 'models/unknown-model', 'models/unknown-version', 'models/gate-closed', 'models/retired'],
  examples: [
    {
      summary: 'Not trained yet',
      after: newModel,
      params: { version: '1' },
      body: { reason: 'It is better.' },
      status: 404,
    },
  ],
})

export const rollback = route({
  name: 'models.rollback',
  method: 'POST',
  path: '/ai/models/{model_id}/rollback',
  summary: 'Makes the champion before this one the champion again, in one step',
  needs: 'models.promote',
  params: ModelParams,
  body: z.strictObject({ reason: Reason }),
  output: Version,
  problems: [...byRole, 'models/unknown-model', 'models/nothing-to-roll-back'],
  examples: [
    { summary: 'Nothing answered yet', after: newModel, body: { reason: 'It was better before.' }, status: 409 },
  ],
})

export const championAt = route({
  name: 'models.championAt',
  method: 'GET',
  path: '/ai/models/{model_id}/champion',
  summary: 'Which version answered at a time, and who decided so',
  needs: 'models.read',
  params: ModelParams,
  query: z.object({ at: Instant.optional().describe('Now unless given.') }),
  output: z.object({ version: z.number().int().nullable(), since: AliasEvent.nullable() }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [{ summary: 'Now', after: newModel }],
})

export const history = route({
  name: 'models.history',
  method: 'GET',
  path: '/ai/models/{model_id}/history',
  summary: 'Every move of an alias, newest first',
  needs: 'models.read',
  params: ModelParams,
  output: z.object({ events: z.array(AliasEvent) }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [{ summary: 'None yet', after: newModel }],
})

export const AliasName = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,62}$/)
  .refine((name) => name !== 'champion' && !/^v?\d+$/.test(name), 'the champion is made by promoting')

export const setAlias = route({
  name: 'models.setAlias',
  method: 'PUT',
  path: '/ai/models/{model_id}/aliases/{alias}',
  summary: 'Points a name of your own at a version',
  needs: 'models.promote',
  params: z.object({ model_id: ModelKey, alias: AliasName }),
  body: z.strictObject({ version: z.int().min(1), reason: Reason }),
  output: z.object({ aliases: z.record(z.string(), z.number().int()) }),
  problems: [...byRole, 'models/unknown-model', 'models/unknown-version', 'models/retired'],
  examples: [
    {
      summary: 'Not trained yet',
      after: newModel,
      params: { alias: 'audited' },
      body: { version: 1, reason: 'Audited.' },
      status: 404,
    },
  ],
})

export const removeAlias = route({
  name: 'models.removeAlias',
  method: 'DELETE',
  path: '/ai/models/{model_id}/aliases/{alias}',
  summary: 'Takes a name away; the version stays',
  needs: 'models.promote',
  params: z.object({ model_id: ModelKey, alias: AliasName }),
  output: z.undefined(),
  status: 204,
  problems: [...byRole, 'models/unknown-model', 'models/unknown-alias'],
  examples: [{ summary: 'No such alias', after: newModel, params: { alias: 'audited' }, status: 404 }],
})

export const retireVersion = route({
  name: 'models.retireVersion',
  method: 'POST',
  path: '/ai/models/{model_id}/versions/{version}/retire',
  summary: 'Takes a version out of use for good; the champion cannot be',
  needs: 'models.promote',
  params: VersionParams,
  body: z.strictObject({ reason: Reason }),
  output: Version,
  problems: [...byRole, 'models/unknown-model', 'models/unknown-version', 'models/in-use', 'models/retired'],
  examples: [
    {
      summary: 'Not trained yet',
      after: newModel,
      params: { version: '1' },
      body: { reason: 'Too old.' },
      status: 404,
    },
  ],
})

export const retire = route({
  name: 'models.retire',
  method: 'POST',
  path: '/ai/models/{model_id}/retire',
  summary: 'Takes a model out of use: it answers no more and is trained no more; its history stays',
  needs: 'models.promote',
  params: ModelParams,
  body: z.strictObject({ reason: Reason }),
  output: Model,
  problems: [...byRole, 'models/unknown-model', 'models/retired'],
  examples: [
    { summary: 'Superseded', after: newModel, body: { reason: 'Another model took its place.' } },
    { summary: 'No such model', params: nowhere, body: { reason: 'Gone.' }, status: 404 },
  ],
})

export const remove = route({
  name: 'models.remove',
  method: 'DELETE',
  path: '/ai/models/{model_id}',
  summary: 'Deletes a retired model with its versions, predictions and history',
  needs: 'models.promote',
  params: ModelParams,
  output: z.undefined(),
  status: 204,
  problems: [...byRole, 'models/unknown-model', 'models/in-use'],
  examples: [{ summary: 'It is in use: retire it first', after: newModel, status: 409 }],
})
