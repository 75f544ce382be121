import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type {
  Expectation,
  ExpectationResult,
  features as featuresRoute,
  statistics as statisticsRoute,
  validate as validateRoute,
  ValidationReport,
} from '@tidemark/core/models/data-contract.ts'
import { featuresOf, type MeasuredModel } from '@tidemark/core/models/data-features.ts'
import { checkExpectation, columnsOfExpectation, reportPasses } from '@tidemark/core/models/expectations.ts'
import { frameOf, type ColumnValues, type Table } from '@tidemark/core/models/table.ts'
import { correlationsOf, profileOf } from '@tidemark/core/models/profile.ts'
import { cellOf, isMissing } from '@tidemark/core/models/table.ts'
import type { Frame } from '@tidemark/core/models/frame.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { objectRows } from './datasets-read.ts'
import { open, readColumn, readTable, refuseExpectations, type Opened } from './datasets-service.ts'
import * as store from './datasets-store.ts'
import { tableOf } from './datasets-table.ts'

// --- Validation

export async function validate(ctx: Context, input: InputOf<typeof validateRoute>): Promise<ValidationReport> {
  const opened = input.dataset === undefined ? undefined : await open(ctx, input.dataset, input.version)
  const declared = input.columns ?? opened?.version.columns.map(({ column }) => column)
  const sent = input.rows && (await tableOf(objectRows(input.rows, 'json'), declared))
  const columns = sent ? sent.columns.map(({ column }) => column) : (declared ?? [])
  const expectations = input.expectations ?? opened?.dataset.expectations ?? []
  refuseExpectations(expectations, columns)
  const now = ctx.now()
  const results: ExpectationResult[] = []
  for (const expectation of expectations) {
    // One expectation after the other, each with its own columns in memory.
    const table = sent ?? (await tableFor(ctx, opened, expectation))
    const referred = await referredBy(ctx, expectation)
    const options = { now: now.getTime(), failing_max: input.failing_max, ...(referred ? { referred } : {}) }
    results.push(checkExpectation(table, expectation, options))
  }
  if (input.keep && opened && input.expectations) await keepExpectations(ctx, opened, input.expectations)
  const { dataset_id = null, version = null, sha256 = null } = sent ? {} : (opened?.version ?? {})
  const row_count = sent?.row_count ?? opened?.version.row_count ?? 0
  return {
    passed: reportPasses(results),
    dataset_id,
    version,
    sha256,
    row_count,
    checked_at: now.toISOString(),
    results,
  }
}

async function tableFor(ctx: Context, opened: Opened | undefined, expectation: Expectation): Promise<Table> {
  if (!opened) return { row_count: 0, columns: [] }
  return readTable(ctx, opened.version, columnsOfExpectation(expectation))
}

/** The values that may be referred to; undefined where there is no such data set or column. */
async function referredBy(ctx: Context, expectation: Expectation): Promise<ReadonlySet<string> | undefined> {
  if (expectation.kind !== 'refers_to') return undefined
  let opened: Opened
  try {
    opened = await open(ctx, expectation.dataset)
  } catch (error) {
    if (error instanceof Problem && error.type === 'models/unknown-dataset') return undefined
    throw error
  }
  const stored = opened.version.columns.find(({ column }) => column.name === expectation.dataset_column)
  if (!stored) return undefined
  const values = await readColumn(ctx, opened.version, stored)
  const words = new Set<string>()
  for (let row = 0; row < opened.version.row_count; row++) {
    if (!isMissing(values, row)) words.add(String(cellOf(values, row)))
  }
  return words
}

async function keepExpectations(
  ctx: Context,
  { dataset }: Opened,
  expectations: readonly Expectation[],
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await store.updateDataset(tx, dataset.dataset_id, { expectations: [...expectations] })
    const change = { before: { expectations: dataset.expectations }, after: { expectations } }
    const resource = { type: 'dataset', id: dataset.dataset_id }
    await record({ ...ctx, db: tx }, { action: 'models.expectations_changed', resource, ...change })
  })
}

// --- Statistics

export async function statistics(
  ctx: Context,
  input: InputOf<typeof statisticsRoute>,
): Promise<OutputOf<typeof statisticsRoute>> {
  const { version } = await open(ctx, input.dataset, input.version)
  const wanted = input.columns === undefined ? version.columns : namedColumns(version, input.columns.split(','))
  const columns = []
  for (const stored of wanted) {
    const values = await readColumn(ctx, version, stored)
    columns.push(profileOf(stored.column, values, version.row_count, input.bins))
  }
  const { dataset_id, sha256, row_count } = version
  const correlations = input.correlations === 'yes' ? { correlations: await correlate(ctx, version, wanted) } : {}
  return { dataset_id, version: version.version, sha256, row_count, columns, ...correlations }
}

function namedColumns({ columns }: store.VersionRow, names: readonly string[]): store.StoredColumn[] {
  return names.map((name) => {
    const found = columns.find(({ column }) => column.name === name.trim())
    if (found) return found
    const known = columns.map(({ column }) => column.name)
    throw new Problem('models/unknown-column', { detail: `There is no column "${name.trim()}".`, columns: known })
  })
}

const CORRELATED_COLUMNS_MAX = 40
const CORRELATED_ROWS_MAX = 100_000

async function correlate(ctx: Context, version: store.VersionRow, wanted: readonly store.StoredColumn[]) {
  const numeric = wanted.filter(({ column: { type } }) => ['number', 'integer', 'boolean'].includes(type))
  const step = Math.max(1, Math.ceil(version.row_count / CORRELATED_ROWS_MAX))
  const rows_used = Math.ceil(version.row_count / step)
  const columns: { column: store.StoredColumn['column']; values: ColumnValues }[] = []
  for (const stored of numeric.slice(0, CORRELATED_COLUMNS_MAX)) {
    const read = await readColumn(ctx, version, stored)
    if (read.type === 'text' || read.type === 'category') continue
    const all = read.values
    const values = Float64Array.from({ length: rows_used }, (_, row) => all[row * step] ?? Number.NaN)
    columns.push({ column: stored.column, values: { type: 'number', values } })
  }
  const columns_left_out = numeric.slice(CORRELATED_COLUMNS_MAX).map(({ column }) => column.name)
  return { rows_used, columns_left_out, pairs: correlationsOf({ row_count: rows_used, columns }) }
}

// --- Features

/** A model in memory that was trained on a data set, as the registry hands it in. */
export interface ModelOnDataset {
  model_id: string
  model_version: number
  /** The rows that it has not learnt from follow from its recipe and from the rows themselves. */
  measured: (frame: Frame) => MeasuredModel
}

/** Finds the model to ask: the one named, or the one last trained on the data set. */
export type FindModel = (
  ctx: Context,
  about: { dataset_id: string; version: number; model?: string | undefined },
) => Promise<ModelOnDataset | undefined>

export function featuresBy(findModel: FindModel) {
  return async (ctx: Context, input: InputOf<typeof featuresRoute>): Promise<OutputOf<typeof featuresRoute>> => {
    const { dataset, version } = await open(ctx, input.dataset, input.version)
    const asked = { dataset_id: dataset.dataset_id, version: version.version, model: input.model }
    const model = await findModel(ctx, asked)
    if (!model) {
      const which = input.model === undefined ? 'No model' : `No version of the model ${input.model}`
      throw new Problem('models/nothing-trained', {
        detail: `${which} was trained on ${dataset.name}. Train one: POST /ai/models, then POST /ai/models/{model_id}/retrain.`,
        ...asked,
      })
    }
    const frame = frameOf(await readTable(ctx, version))
    const report = featuresOf(model.measured(frame), frame, { rows_max: input.rows_max, repeats: input.repeats })
    const { model_id, model_version } = model
    return { dataset_id: dataset.dataset_id, version: version.version, model_id, model_version, ...report }
  }
}
