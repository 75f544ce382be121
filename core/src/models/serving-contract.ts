import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { byRole, Instant, ModelParams, newModel, VersionNumber } from './contract.ts'

const Ulid = '[0-9A-HJKMNP-TV-Z]{26}'
export const PredictionId = z.string().regex(new RegExp(`^prd_${Ulid}$`))
const ExperimentId = z.string().regex(new RegExp(`^exp_${Ulid}$`))
const AlertId = z.string().regex(new RegExp(`^alt_${Ulid}$`))
const noPrediction = { prediction_id: `prd_${'0'.repeat(26)}` }
const noExperiment = { experiment_id: `exp_${'0'.repeat(26)}` }

export const ROWS_MAX = 10_000
/** A row: fields by name. One that is missing or null is unknown. */
const Value = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()])
export const Row = z.record(z.string().max(200), Value)
const Rows = z.array(Row).min(1).max(ROWS_MAX)

const End = z.number().nullable()
export const Prediction = z
  .object({
    prediction_id: PredictionId.describe('To report what came true: `POST /ai/predictions/{prediction_id}/outcome`.'),
    version: z.number().int().describe('Which version answered.'),
    value: z.number().nullable(),
    lower: End,
    upper: End,
    interval: z.enum(['calibrated', 'not-calibrated', 'none']),
    label: z.string().optional(),
    anomaly: z.boolean().optional(),
    fields: z
      .record(z.string(), z.object({ value: z.number(), lower: End, upper: End, imputed: z.literal(true) }))
      .optional()
      .describe(
        'Of imputation: fields that were missing. No measured value is repeated, and none feeds a verified figure.',
      ),
    unusual: z.array(z.string()).describe('Inputs outside of what was there in training.'),
  })
  .meta({ id: 'ModelPrediction' })
export type Prediction = z.infer<typeof Prediction>

export const predict = route({
  name: 'models.predict',
  method: 'POST',
  path: '/ai/models/{model_id}/predict',
  summary: 'Answers rows, by the champion or by a version that is named',
  description:
    'While an experiment splits the traffic, rows of one `key` are always answered by the same version. Every answer is on record with its version.',
  needs: 'models.predict',
  params: ModelParams,
  body: z.strictObject({
    rows: Rows,
    version: z.int().min(1).optional().describe('The champion unless given.'),
    key: z
      .string()
      .max(200)
      .optional()
      .describe('Whom the rows are about: an asset, a site. Keeps an experiment steady; only its digest is kept.'),
  }),
  output: z.object({ model_id: z.string(), predictions: z.array(Prediction) }),
  problems: [
    ...byRole,
    'models/unknown-model',
    'models/unknown-version',
    'models/no-champion',
    'models/input-unfit',
    'models/retired',
    'models/too-slow',
    'models/onnx-refused',
    'learn/model-file-invalid',
    'server/file-damaged',
  ],
  examples: [{ summary: 'Nothing answers yet', after: newModel, body: { rows: [{ area_m2: 120 }] }, status: 409 }],
})

export const explain = route({
  name: 'models.explain',
  method: 'POST',
  path: '/ai/models/{model_id}/explain',
  summary: 'Takes answers apart: what each feature added, exactly',
  description: 'Shapley values of the trees: base and contributions sum to the total, on the scale that `says` names.',
  needs: 'models.predict',
  params: ModelParams,
  body: z.strictObject({ rows: Rows.max(1_000), version: z.int().min(1).optional() }),
  output: z.object({
    model_id: z.string(),
    version: z.number().int(),
    explanations: z.array(
      z.object({
        base: z.number(),
        total: z.number(),
        contributions: z.array(z.object({ feature: z.string(), contribution: z.number() })),
        says: z.string(),
      }),
    ),
  }),
  problems: [
    ...byRole,
    'models/unknown-model',
    'models/unknown-version',
    'models/no-champion',
    'models/not-explainable',
    'models/input-unfit',
    'models/retired',
    'learn/model-file-invalid',
    'server/file-damaged',
  ],
  examples: [{ summary: 'Nothing answers yet', after: newModel, body: { rows: [{ area_m2: 120 }] }, status: 409 }],
})

export const Outcome = z.strictObject({
  realised: z.number().describe('What came true; of a classification 0 or 1.'),
  source: z.string().min(1).max(200).describe('Where that is from: `meter`, `invoice`.'),
  observed_at: Instant.optional(),
})

export const reportOutcome = route({
  name: 'models.reportOutcome',
  method: 'POST',
  path: '/ai/predictions/{prediction_id}/outcome',
  summary: 'Reports what came true',
  description: 'Once: the same outcome again changes nothing, another one is refused.',
  needs: 'models.predict',
  params: z.object({ prediction_id: PredictionId }),
  body: Outcome,
  output: z.object({ prediction_id: PredictionId, known: z.literal(true) }),
  problems: [...byRole, 'models/unknown-prediction', 'models/outcome-known'],
  examples: [
    { summary: 'No such prediction', params: noPrediction, body: { realised: 1, source: 'meter' }, status: 404 },
  ],
})

export const reportOutcomes = route({
  name: 'models.reportOutcomes',
  method: 'POST',
  path: '/ai/predictions/outcomes',
  summary: 'Reports many outcomes at once, all or none',
  needs: 'models.predict',
  body: z.strictObject({
    outcomes: z
      .array(Outcome.extend({ prediction_id: PredictionId }))
      .min(1)
      .max(ROWS_MAX),
  }),
  output: z.object({ known: z.number().int() }),
  problems: [...byRole, 'models/unknown-prediction', 'models/outcome-known'],
  examples: [
    {
      summary: 'No such prediction',
      body: { outcomes: [{ ...noPrediction, realised: 1, source: 'meter' }] },
      status: 404,
    },
  ],
})

export const StoredPrediction = z
  .object({
    prediction_id: PredictionId,
    model_id: z.string(),
    version: z.number().int(),
    alias: z.string().nullable().describe('By which name the version was found at the time.'),
    part: z.enum(['answer', 'shadow']),
    beside: PredictionId.nullable().describe('Of a shadow: the answer that was given.'),
    experiment_id: ExperimentId.nullable(),
    input_sha256: z.string(),
    input: Row.nullable().describe('Null where inputs are not kept.'),
    output: z.record(z.string(), z.unknown()),
    latency_us: z.number().int(),
    at: Instant,
    outcome: z.object({ realised: z.number(), source: z.string(), at: Instant }).nullable(),
  })
  .meta({ id: 'StoredModelPrediction' })

export const listPredictions = route({
  name: 'models.listPredictions',
  method: 'GET',
  path: '/ai/models/{model_id}/predictions',
  summary: 'What it said lately, with what came true, newest first',
  needs: 'models.read',
  params: ModelParams,
  query: z.object({
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
    before: PredictionId.optional(),
    version: VersionNumber.optional(),
  }),
  output: z.object({ predictions: z.array(StoredPrediction), next: PredictionId.nullable() }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [{ summary: 'Nothing yet', after: newModel }],
})

export const replayPrediction = route({
  name: 'models.replayPrediction',
  method: 'POST',
  path: '/ai/predictions/{prediction_id}/replay',
  summary: 'Asks the same version the same again and says whether the answer is the same',
  needs: 'models.read',
  params: z.object({ prediction_id: PredictionId }),
  output: z.object({
    version: z.number().int(),
    identical: z.boolean(),
    stored: z.record(z.string(), z.unknown()),
    replayed: z.record(z.string(), z.unknown()),
  }),
  problems: [...byRole, 'models/unknown-prediction', 'models/input-not-kept', 'server/file-damaged'],
  examples: [{ summary: 'No such prediction', params: noPrediction, status: 404 }],
})

const Period = z.object({
  version: VersionNumber.optional().describe('The champion unless given.'),
  since: Instant.optional().describe('30 days ago unless given.'),
  until: Instant.optional(),
})

export const Performance = z
  .object({
    model_id: z.string(),
    version: z.number().int(),
    since: Instant,
    until: Instant,
    predictions: z.number().int(),
    outcomes: z.number().int(),
    state: z.enum(['measured', 'too-few-outcomes', 'no-outcomes']),
    says: z.string(),
    metrics: z.record(z.string(), z.number()).describe('On what came true in this period.'),
    trained: z.record(z.string(), z.number()).describe('The same on the holdout, when the version was made.'),
    coverage: z.object({ level: z.number().nullable(), held: z.number().nullable(), outcomes: z.number().int() }),
    latency_us: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
    days: z
      .array(
        z.object({
          day: z.string(),
          predictions: z.number().int(),
          outcomes: z.number().int(),
          loss: z.number().nullable(),
          held: z.number().nullable().describe('Share of intervals that held.'),
        }),
      )
      .describe('By the day of the prediction.'),
    recorded: z.string().describe('How much of what was said is on record: all, or which sample.'),
  })
  .meta({ id: 'ModelPerformance' })
export type Performance = z.infer<typeof Performance>

export const performance = route({
  name: 'models.performance',
  method: 'GET',
  path: '/ai/models/{model_id}/performance',
  summary: 'How good the answers were, where the truth is known by now',
  needs: 'models.read',
  params: ModelParams,
  query: Period,
  output: Performance,
  problems: [...byRole, 'models/unknown-model', 'models/unknown-version', 'models/no-champion'],
  examples: [{ summary: 'Nothing answers yet', after: newModel, status: 409 }],
})

export const FeatureState = z.object({
  feature: z.string(),
  kind: z.enum(['number', 'category']),
  verdict: z.enum(['drift', 'no_drift', 'too_few_rows', 'not_assessable']),
  because: z.string(),
  psi: z.number().nullable(),
  ks_distance: z.number().nullable(),
  q_value: z.number().nullable().describe('How likely chance alone does this, adjusted for the number of features.'),
  since: Instant.nullable().describe('The first day from which on it is seen.'),
  slice: z.string().nullable().describe('Of a category: which one changed its share most.'),
  missing_share: z.number(),
  missing_share_in_training: z.number(),
  unseen_share: z.number().describe('Categories that were not there in training.'),
  outside_share: z.number().describe('Numbers outside of what was there in training.'),
  quality: z.enum(['as-in-training', 'worse', 'too_few_rows']),
})

export const DriftState = z
  .object({
    model_id: z.string(),
    version: z.number().int(),
    since: Instant,
    until: Instant,
    rows: z.number().int().describe('Inputs compared, against the reference of the training part.'),
    reference_rows: z.number().int(),
    verdict: z.enum(['drift', 'no_drift', 'too_few_rows']),
    says: z.string(),
    features: z.array(FeatureState),
    answers: FeatureState.nullable().describe('Whether the answers themselves are other ones than on the holdout.'),
  })
  .meta({ id: 'ModelDrift' })
export type DriftState = z.infer<typeof DriftState>

export const drift = route({
  name: 'models.drift',
  method: 'GET',
  path: '/ai/models/{model_id}/drift',
  summary: 'Whether its inputs are other ones than those it was trained on, feature by feature',
  description:
    'Below 200 rows the answer is never "no drift". What counts as drift is large and beyond chance: docs/models.md.',
  needs: 'models.read',
  params: ModelParams,
  query: Period,
  output: DriftState,
  problems: [...byRole, 'models/unknown-model', 'models/unknown-version', 'models/no-champion'],
  examples: [{ summary: 'Nothing answers yet', after: newModel, status: 409 }],
})

export const Alert = z
  .object({
    alert_id: AlertId,
    model_id: z.string(),
    version: z.number().int(),
    kind: z.enum(['drift', 'quality', 'accuracy', 'coverage', 'experiment', 'training']),
    feature: z.string().nullable(),
    slice: z.string().nullable(),
    says: z.string(),
    facts: z.record(z.string(), z.unknown()),
    since: Instant.describe('From when on it is seen in the data.'),
    raised_at: Instant,
    seen_at: Instant.describe('When it was last found to hold.'),
    acknowledged_at: Instant.nullable(),
    acknowledged_by: z.string().nullable(),
    resolved_at: Instant.nullable(),
  })
  .meta({ id: 'ModelAlert' })
export type Alert = z.infer<typeof Alert>

export const listAlerts = route({
  name: 'models.listAlerts',
  method: 'GET',
  path: '/ai/models/{model_id}/alerts',
  summary: 'What is wrong with it, each with its cause, newest first',
  needs: 'models.read',
  params: ModelParams,
  query: z.object({ open: z.stringbool().default(false).describe('Only those that still hold.') }),
  output: z.object({ alerts: z.array(Alert) }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [{ summary: 'None', after: newModel }],
})

export const acknowledgeAlert = route({
  name: 'models.acknowledgeAlert',
  method: 'POST',
  path: '/ai/alerts/{alert_id}/acknowledge',
  summary: 'Says that somebody has seen it',
  needs: 'models.train',
  params: z.object({ alert_id: AlertId }),
  output: Alert,
  problems: [...byRole, 'models/unknown-alert'],
  examples: [{ summary: 'No such alert', params: { alert_id: `alt_${'0'.repeat(26)}` }, status: 404 }],
})

export const checkNow = route({
  name: 'models.checkNow',
  method: 'POST',
  path: '/ai/models/{model_id}/check',
  summary: 'Looks for drift, worse data and lost accuracy now, and raises or ends alerts; otherwise once an hour',
  needs: 'models.train',
  params: ModelParams,
  output: z.object({ raised: z.number().int(), resolved: z.number().int(), open: z.array(Alert) }),
  problems: [...byRole, 'models/unknown-model', 'models/no-champion'],
  examples: [{ summary: 'Nothing answers yet', after: newModel, status: 409 }],
})

// --- Experiments

export const ExperimentPlan = z
  .strictObject({
    mode: z
      .enum(['shadow', 'split'])
      .default('shadow')
      .describe('Shadow: both predict every row, the champion answers. Split: the challenger answers some.'),
    share: z
      .number()
      .min(0.01)
      .max(0.9)
      .default(0.1)
      .describe('Of a split: the share of keys that the challenger answers.'),
    outcomes_needed: z
      .int()
      .min(20)
      .max(1_000_000)
      .default(200)
      .describe('Outcomes to expect; it may be decided earlier.'),
    outcomes_max: z.int().min(20).max(10_000_000).default(20_000).describe('When it ends undecided.'),
    alpha: z
      .number()
      .min(0.001)
      .max(0.2)
      .default(0.05)
      .describe('How often it may name a winner that is none, however often one looks.'),
    harm_max: z
      .number()
      .min(0)
      .max(10)
      .default(0.2)
      .describe('It is stopped when the challenger is surely worse by this share of the loss of the champion.'),
    latency_us_max: z
      .int()
      .min(1)
      .default(50_000)
      .describe('It is stopped when half of the answers of the challenger take longer.'),
  })
  .meta({ id: 'ExperimentPlan' })
export type ExperimentPlan = z.infer<typeof ExperimentPlan>

export const experimentStates = ['collecting', 'challenger-wins', 'champion-kept', 'stopped', 'undecided'] as const
export const Experiment = z
  .object({
    experiment_id: ExperimentId,
    model_id: z.string(),
    champion: z.number().int(),
    challenger: z.number().int(),
    plan: ExperimentPlan,
    state: z.enum(experimentStates),
    says: z.string().describe('`collecting (37/200)`, or what was found.'),
    outcomes: z.number().int(),
    champion_outcomes: z.number().int(),
    challenger_outcomes: z.number().int(),
    gain: z
      .number()
      .nullable()
      .describe('Loss of the champion less that of the challenger: above 0 the challenger is better.'),
    gain_low: z
      .number()
      .nullable()
      .describe('The true gain is above this and below the other, at every look at once, with 1 - alpha.'),
    gain_high: z.number().nullable(),
    loss: z.string(),
    clipped: z.number().int().describe('Losses above the bound, which count as the bound.'),
    started_at: Instant,
    started_by: z.string(),
    ended_at: Instant.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'ModelExperiment' })
export type Experiment = z.infer<typeof Experiment>

export const startExperiment = route({
  name: 'models.startExperiment',
  method: 'POST',
  path: '/ai/models/{model_id}/experiments',
  summary: 'Lets a version predict beside the champion, or answer for some, and compares them on what comes true',
  needs: 'models.promote',
  params: ModelParams,
  body: z.strictObject({ challenger: z.int().min(1), plan: ExperimentPlan.prefault({}) }),
  output: Experiment,
  status: 201,
  problems: [
    ...byRole,
    'models/unknown-model',
    'models/unknown-version',
    'models/no-champion',
    'models/experiment-running',
    'models/experiment-unfit',
    'models/retired',
  ],
  examples: [{ summary: 'Nothing answers yet', after: newModel, body: { challenger: 2 }, status: 409 }],
})

export const listExperiments = route({
  name: 'models.listExperiments',
  method: 'GET',
  path: '/ai/models/{model_id}/experiments',
  summary: 'Its experiments, newest first',
  needs: 'models.read',
  params: ModelParams,
  output: z.object({ experiments: z.array(Experiment) }),
  problems: [...byRole, 'models/unknown-model'],
  examples: [{ summary: 'None yet', after: newModel }],
})

export const getExperiment = route({
  name: 'models.getExperiment',
  method: 'GET',
  path: '/ai/experiments/{experiment_id}',
  summary: 'How an experiment stands. Without outcomes it is undecidable yet, and says so',
  needs: 'models.read',
  params: z.object({ experiment_id: ExperimentId }),
  output: Experiment,
  problems: [...byRole, 'models/unknown-experiment'],
  examples: [{ summary: 'No such experiment', params: noExperiment, status: 404 }],
})

export const stopExperiment = route({
  name: 'models.stopExperiment',
  method: 'POST',
  path: '/ai/experiments/{experiment_id}/stop',
  summary: 'Ends an experiment by hand; the champion goes on answering',
  needs: 'models.promote',
  params: z.object({ experiment_id: ExperimentId }),
  body: z.strictObject({ reason: z.string().min(3).max(1_000) }),
  output: Experiment,
  problems: [...byRole, 'models/unknown-experiment', 'models/experiment-over'],
  examples: [{ summary: 'No such experiment', params: noExperiment, body: { reason: 'Not needed.' }, status: 404 }],
})
