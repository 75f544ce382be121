import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { ColumnName } from './recipe.ts'

export const columnTypes = ['number', 'integer', 'category', 'text', 'boolean', 'timestamp'] as const
export type ColumnType = (typeof columnTypes)[number]

export const ROWS_MAX = 5_000_000
export const CELLS_MAX = 50_000_000
export const COLUMNS_MAX = 500
export const FILE_BYTES_MAX = 256 * 1024 * 1024
export const JSON_BYTES_MAX = 32 * 1024 * 1024
export const EXPECTATIONS_MAX = 200

const Instant = z.iso.datetime()
const Line = (length_max: number) =>
  z
    .string()
    .min(1)
    .max(length_max)
    .regex(/^[^\p{Cc}]+$/u)

export const Column = z
  .strictObject({
    name: ColumnName,
    type: z.enum(columnTypes),
    unit: Line(40).optional().describe('Of a number: kWh, EUR, m².'),
    nullable: z.boolean().default(true).describe('Whether a cell may be missing.'),
    target: z.boolean().default(false).describe('Whether models are to predict it.'),
    description: Line(500).optional(),
  })
  .meta({ id: 'DataColumn' })
export type Column = z.output<typeof Column>

export const Columns = z
  .array(Column)
  .min(1)
  .max(COLUMNS_MAX)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two columns have one name')

export const DatasetId = z.string().regex(/^dat_[0-9A-HJKMNP-TV-Z]{26}$/)
const DatasetKey = z.string().min(1).max(100).describe('The id of a data set, or its name.')
const DatasetName = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,79}$/)
  .describe('Small letters, digits, dots and hyphens: `office-energy`. A name that exists gets a new version.')
const Version = z.coerce.number().int().min(1).max(1_000_000)

// --- Expectations

const about = { column: ColumnName }
const every = {
  share_min: z.number().min(0).max(1).default(1).describe('Which share of the rows must comply.'),
  severity: z.enum(['error', 'warning']).default('error').describe('A warning does not fail the report.'),
  why: Line(300).optional(),
}
const Scalar = z.union([z.number(), z.boolean(), z.string().max(1000)])

export const Expectation = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('type'), ...about, type: z.enum(columnTypes), ...every }),
    z.strictObject({
      kind: z.literal('range'),
      ...about,
      min: z.union([z.number(), Instant]).optional(),
      max: z.union([z.number(), Instant]).optional(),
      ...every,
    }),
    z.strictObject({ kind: z.literal('set'), ...about, values: z.array(Scalar).min(1).max(10_000), ...every }),
    z.strictObject({ kind: z.literal('not_null'), ...about, ...every }),
    z.strictObject({ kind: z.literal('unique'), columns: z.array(ColumnName).min(1).max(10), ...every }),
    z.strictObject({ kind: z.literal('pattern'), ...about, pattern: z.string().min(1).max(500), ...every }),
    z.strictObject({
      kind: z.literal('freshness'),
      ...about,
      age_max_h: z.number().positive().max(1_000_000).describe('The newest row is at most this old.'),
      severity: every.severity,
      why: every.why,
    }),
    z.strictObject({
      kind: z.literal('compare'),
      left: ColumnName,
      operator: z.enum(['<', '<=', '=', '!=', '>=', '>']),
      right: ColumnName.describe('Another column of the same kind.'),
      ...every,
    }),
    z.strictObject({
      kind: z.literal('row_count'),
      min: z.int().nonnegative().optional(),
      max: z.int().nonnegative().optional(),
      severity: every.severity,
      why: every.why,
    }),
    z.strictObject({
      kind: z.literal('refers_to'),
      ...about,
      dataset: DatasetKey,
      dataset_column: ColumnName.describe('Every value must occur there, in the newest version.'),
      ...every,
    }),
  ])
  .meta({ id: 'DataExpectation' })
export type Expectation = z.output<typeof Expectation>
const Expectations = z.array(Expectation).max(EXPECTATIONS_MAX)

const Value = z.union([z.number(), z.string(), z.boolean(), z.null()])
export const ExpectationResult = z.object({
  expectation: Expectation,
  outcome: z.enum(['passed', 'failed', 'not_assessable']),
  says: z.string(),
  rows_checked: z.number().int(),
  rows_failing: z.number().int(),
  share_passing: z.number().nullable().describe('Of the rows checked; null when there were none.'),
  failing: z
    .array(z.object({ row: z.number().int(), values: z.record(z.string(), Value) }))
    .describe('The first of them; rows are counted from 0.'),
})
export type ExpectationResult = z.infer<typeof ExpectationResult>

export const ValidationReport = z
  .object({
    passed: z.boolean().describe('No expectation of severity `error` failed or could not be assessed.'),
    dataset_id: DatasetId.nullable(),
    version: z.number().int().nullable(),
    sha256: z.string().nullable(),
    row_count: z.number().int(),
    checked_at: Instant,
    results: z.array(ExpectationResult),
  })
  .meta({ id: 'DataValidationReport' })
export type ValidationReport = z.infer<typeof ValidationReport>

// --- Data sets

export const DatasetVersion = z
  .object({
    version: z.number().int(),
    sha256: z
      .string()
      .describe('Digest of columns and cells: equal tables have equal digests, whatever file they came in.'),
    row_count: z.number().int(),
    bytes: z.number().int(),
    columns: z.array(Column),
    source: z.object({ format: z.enum(['json', 'csv', 'ndjson', 'parquet']), filename: z.string().nullable() }),
    schema_changes: z.array(z.string()).describe('What is different in the columns from the version before.'),
    created_at: Instant,
    created_by: z.string(),
  })
  .meta({ id: 'DatasetVersion' })
export type DatasetVersion = z.infer<typeof DatasetVersion>

export const Dataset = z
  .object({
    dataset_id: DatasetId,
    name: z.string(),
    title: z.string(),
    description: z.string(),
    version_count: z.number().int(),
    newest: DatasetVersion,
    expectation_count: z.number().int(),
    created_at: Instant,
  })
  .meta({ id: 'Dataset' })
export type Dataset = z.infer<typeof Dataset>

const ofDataset = ['models/unknown-dataset'] as const
const ofIngest = [
  'models/cells-unfit',
  'models/unknown-column',
  'models/dataset-too-large',
  'models/pattern-unfit',
  'request/no-organisation',
] as const

export const dataProblems = {
  'models/unknown-dataset': { status: 404, title: 'There is no such data set, or no such version of it' },
  'models/unknown-column': { status: 422, title: 'The data set has no such column' },
  'models/cells-unfit': { status: 422, title: 'Some cells do not fit their columns' },
  'models/file-unreadable': { status: 422, title: 'The file cannot be read as a table' },
  'models/dataset-too-large': { status: 413, title: 'The data set is larger than can be kept here' },
  'models/pattern-unfit': { status: 422, title: 'The pattern cannot be used' },
  'models/nothing-trained': { status: 409, title: 'No model was trained on this data set' },
} as const satisfies ProblemTable

const Row = z.record(z.string().max(200), z.union([z.number(), z.string().max(1_000_000), z.boolean(), z.null()]))
const Ingested = z.object({
  created: z.boolean().describe('False when the newest version holds the same already: then nothing was stored.'),
  dataset: Dataset,
})

/** A table that anybody can send: ten offices and what they use. */
const offices = {
  name: 'office-energy',
  title: 'Energy of our offices',
  columns: [
    { name: 'office', type: 'text', nullable: false },
    { name: 'heating', type: 'category' },
    { name: 'area_m2', type: 'number', unit: 'm²', nullable: false },
    { name: 'read_at', type: 'timestamp' },
    { name: 'use_kwh', type: 'number', unit: 'kWh', target: true },
  ],
  rows: Array.from({ length: 10 }, (_, i) => ({
    office: `Office ${i + 1}`,
    heating: i % 3 === 0 ? 'heat pump' : 'gas',
    area_m2: 120 + 35 * i,
    read_at: `2026-01-${String(i + 1).padStart(2, '0')}T00:00:00Z`,
    use_kwh: i === 4 ? null : 9000 + 2450 * i,
  })),
}
const office_expectations = [
  { kind: 'not_null', column: 'use_kwh', share_min: 0.8 },
  { kind: 'range', column: 'area_m2', min: 10, max: 100_000 },
  { kind: 'unique', columns: ['office'] },
]
const afterIngest = { route: 'models.ingestData', fill: { dataset: 'dataset.dataset_id' } }

export const ingest = route({
  name: 'models.ingestData',
  method: 'POST',
  path: '/ai/data/ingest',
  summary: 'Keep a table as a version of a data set',
  description:
    'Rows as objects, or columns as lists. Types are inferred from every cell where `columns` are not given. A cell that does not fit refuses the whole, and the problem names row and column. The same table again is no new version. Files go to `/ai/data/ingest/file`.',
  needs: 'data.ingest',
  limit: 'upload',
  body_bytes_max: JSON_BYTES_MAX,
  body: z
    .strictObject({
      name: DatasetName,
      title: Line(120).optional(),
      description: Line(2000).optional(),
      columns: Columns.optional(),
      rows: z.array(Row).optional(),
      values: z
        .record(z.string().max(200), z.array(Value))
        .optional()
        .describe('Instead of `rows`: a list for each column, all of one length.'),
      expectations: Expectations.optional().describe('Kept with the data set; replaces those that were.'),
    })
    .refine(({ rows, values }) => (rows === undefined) !== (values === undefined), 'give either rows or values'),
  output: Ingested,
  status: 201,
  problems: ofIngest,
  examples: [
    { summary: 'Ten offices', body: { ...offices, expectations: office_expectations } },
    {
      summary: 'The same as lists, types inferred',
      body: { name: 'office-areas', values: { office: ['A', 'B', 'C'], area_m2: [120, 155.5, null] } },
    },
    {
      summary: 'A cell that does not fit',
      body: { ...offices, rows: [{ office: 'Office 1', area_m2: 'large' }] },
      status: 422,
    },
  ],
})

export const ingestFile = route({
  name: 'models.ingestDataFile',
  method: 'POST',
  path: '/ai/data/ingest/file',
  summary: 'Keep a CSV, JSON, NDJSON or Parquet file as a version of a data set',
  description:
    'The format is taken from the file itself. CSV is UTF-8 with a head line, separated by comma, semicolon, tab or bar. Times without a zone are UTC. `columns` is the JSON of what `/ai/data/ingest` takes under that name; types are inferred from every cell without it.',
  needs: 'data.ingest',
  limit: 'upload',
  accepts: 'file',
  body_bytes_max: FILE_BYTES_MAX,
  query: z.object({
    name: DatasetName,
    title: Line(120).optional(),
    filename: Line(300).optional(),
    columns: z.string().max(200_000).optional(),
    decimal: z.enum(['point', 'comma']).default('point'),
  }),
  output: Ingested,
  status: 201,
  problems: [...ofIngest, 'models/file-unreadable'],
  examples: [
    {
      summary: 'Three meters as CSV',
      query: { name: 'meters', filename: 'meters.csv' },
      body: 'meter,read_at,use_kwh\nM1,2026-01-01,120.5\nM2,2026-01-01,98\nM3,2026-01-01,\n',
    },
  ],
})

export const validate = route({
  name: 'models.validateData',
  method: 'POST',
  path: '/ai/data/validate',
  summary: 'Check a data set, or rows on their way in, against expectations',
  description:
    'Expectations are data: given here, or those kept with the data set. The report names each one, how many rows comply, and the first that do not. Nothing of `rows` is stored.',
  needs: 'data.ingest',
  limit: 'upload',
  body_bytes_max: JSON_BYTES_MAX,
  body: z
    .strictObject({
      dataset: DatasetKey.optional(),
      version: z.int().min(1).optional(),
      columns: Columns.optional(),
      rows: z.array(Row).optional(),
      expectations: Expectations.optional().describe('Those kept with the data set, unless given.'),
      keep: z.boolean().default(false).describe('Whether these expectations are kept with the data set from now on.'),
      failing_max: z.int().min(0).max(1000).default(20).describe('Rows shown for each expectation.'),
    })
    .refine(({ dataset, rows }) => dataset !== undefined || rows !== undefined, 'give a data set or rows')
    .refine(({ dataset, keep }) => !keep || dataset !== undefined, 'only a data set can keep expectations'),
  output: ValidationReport,
  problems: [...ofDataset, 'models/cells-unfit', 'models/unknown-column', 'models/pattern-unfit'],
  examples: [
    {
      summary: 'Rows on their way in',
      body: { columns: offices.columns, rows: offices.rows, expectations: office_expectations },
    },
    { summary: 'No such data set', body: { dataset: 'nothing-here', expectations: office_expectations }, status: 404 },
  ],
})

const DatasetQuery = z.object({ dataset: DatasetKey, version: Version.optional() })

export const Numbers = z.object({
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  sd: z.number().nullable().describe('Standard deviation; null for one value.'),
  zero_count: z.number().int(),
  quantiles: z.object({
    p01: z.number(),
    p05: z.number(),
    p25: z.number(),
    p50: z.number(),
    p75: z.number(),
    p95: z.number(),
    p99: z.number(),
  }),
  histogram: z.object({
    edges: z
      .array(z.number())
      .describe('One more than counts; a value on an edge belongs above it, the last one below.'),
    counts: z.array(z.number().int()),
  }),
})
const Top = z.array(z.object({ value: z.string(), count: z.number().int() }))
export const ColumnProfile = z
  .object({
    column: Column,
    count: z.number().int().describe('Cells with a value.'),
    missing_count: z.number().int(),
    missing_share: z.number(),
    distinct_count: z.number().int(),
    numbers: Numbers.optional(),
    top: Top.optional().describe('Of words: the most frequent.'),
    truths: z.object({ true_count: z.number().int(), false_count: z.number().int() }).optional(),
    lengths: z.object({ min: z.number().int(), max: z.number().int(), mean: z.number() }).optional(),
    times: z
      .object({
        first: Instant,
        last: Instant,
        step_median_s: z.number().nullable().describe('Median time between neighbours, equal times aside.'),
        gaps: z
          .array(z.object({ from: Instant, to: Instant, length_s: z.number() }))
          .describe('More than three steps without a row; the longest first.'),
      })
      .optional(),
  })
  .meta({ id: 'DataColumnProfile' })
export type ColumnProfile = z.infer<typeof ColumnProfile>

export const statistics = route({
  name: 'models.dataStatistics',
  method: 'GET',
  path: '/ai/data/statistics',
  summary: 'What each column of a data set holds, with histograms',
  needs: 'data.read',
  query: DatasetQuery.extend({
    columns: z.string().max(20_000).optional().describe('Names with commas between; all unless given.'),
    bins: z.coerce.number().int().min(1).max(200).default(20),
    correlations: z.enum(['yes', 'no']).default('no'),
  }),
  output: z.object({
    dataset_id: DatasetId,
    version: z.number().int(),
    sha256: z.string(),
    row_count: z.number().int(),
    columns: z.array(ColumnProfile),
    correlations: z
      .object({
        rows_used: z.number().int(),
        columns_left_out: z.array(z.string()),
        pairs: z.array(z.object({ a: z.string(), b: z.string(), pearson: z.number(), row_count: z.number().int() })),
      })
      .optional()
      .describe('Of pairs of numbers, the strongest first; over up to 100,000 rows evenly spread, and 40 columns.'),
  }),
  problems: [...ofDataset, 'models/unknown-column'],
  examples: [
    { summary: 'All columns', after: afterIngest },
    {
      summary: 'Two columns and their correlation',
      after: afterIngest,
      query: { columns: 'area_m2,use_kwh', correlations: 'yes' },
    },
  ],
})

export const features = route({
  name: 'models.dataFeatures',
  method: 'GET',
  path: '/ai/data/features',
  summary: 'Which features a model trained on a data set leans on',
  description:
    'Permutation importance is how much the loss grows when a column is shuffled; SHAP is the mean size of what a feature adds to an answer. Both are about the model, not about causes.',
  needs: 'data.read',
  limit: 'upload',
  query: DatasetQuery.extend({
    model: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('The id or name of a model; the last one trained on the data set unless given.'),
    rows_max: z.coerce
      .number()
      .int()
      .min(50)
      .max(20_000)
      .default(2000)
      .describe('Rows to measure on, drawn at random.'),
    repeats: z.coerce.number().int().min(1).max(20).default(5),
  }),
  output: z.object({
    dataset_id: DatasetId,
    version: z.number().int(),
    model_id: z.string(),
    model_version: z.number().int(),
    loss: z.string().describe('Which loss grows.'),
    loss_value: z.number(),
    rows_used: z.number().int(),
    measured_on: z.enum(['holdout', 'all_rows']).describe('On all rows a model looks better than it is.'),
    shap_says: z
      .string()
      .nullable()
      .describe('The scale of the SHAP values; null for a model that cannot be taken apart.'),
    features: z.array(
      z.object({
        name: z.string(),
        permutation_mean: z.number(),
        permutation_sd: z.number(),
        permutation_share: z.number().describe('Of the sum of all that are above zero.'),
        shap_mean_abs: z.number().nullable(),
      }),
    ),
  }),
  problems: [...ofDataset, 'models/nothing-trained', 'learn/data-unfit'],
  examples: [{ summary: 'Nothing was trained on it yet', after: afterIngest, status: 409 }],
})

export const listDatasets = route({
  name: 'models.listDatasets',
  method: 'GET',
  path: '/ai/data/datasets',
  summary: 'The data sets, the newest first',
  needs: 'data.read',
  query: z.object({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    before: DatasetId.optional().describe('The last id of the page before.'),
  }),
  output: z.object({ datasets: z.array(Dataset) }),
  problems: [],
  examples: [{ summary: 'All' }],
})

export const showDataset = route({
  name: 'models.showDataset',
  method: 'GET',
  path: '/ai/data/datasets/{dataset}',
  summary: 'A data set with its versions and expectations',
  needs: 'data.read',
  params: z.object({ dataset: DatasetKey }),
  output: Dataset.extend({ versions: z.array(DatasetVersion), expectations: Expectations }),
  problems: ofDataset,
  examples: [
    { summary: 'One', after: afterIngest },
    { summary: 'None', params: { dataset: 'nothing-here' }, status: 404 },
  ],
})

export const showRows = route({
  name: 'models.datasetRows',
  method: 'GET',
  path: '/ai/data/datasets/{dataset}/rows',
  summary: 'Rows of a version of a data set',
  needs: 'data.read',
  params: z.object({ dataset: DatasetKey }),
  query: z.object({
    version: Version.optional(),
    offset: z.coerce.number().int().min(0).max(ROWS_MAX).default(0),
    limit: z.coerce.number().int().min(1).max(1000).default(50),
  }),
  output: z.object({
    version: z.number().int(),
    row_count: z.number().int(),
    columns: z.array(Column),
    rows: z.array(z.array(Value)).describe('Cells in the order of the columns.'),
  }),
  problems: ofDataset,
  examples: [{ summary: 'The first rows', after: afterIngest }],
})
