import { buffer } from 'node:stream/consumers'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { faultsOf } from '@tidemark/core/lib/faults.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  Columns,
  type Column,
  type Dataset,
  type DatasetVersion,
  type Expectation,
  type ingest as ingestRoute,
  type ingestFile as ingestFileRoute,
  type listDatasets as listRoute,
  type showDataset as showRoute,
  type showRows as rowsRoute,
} from '@tidemark/core/models/data-contract.ts'
import { columnsOfExpectation } from '@tidemark/core/models/expectations.ts'
import { readPattern } from '@tidemark/core/models/pattern.ts'
import { cellOf, frameOf, type ColumnValues, type Table } from '@tidemark/core/models/table.ts'
import { nameOfActor, record } from '../audit/service.ts'
import type { FileInput } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import type { TrainingSource } from './data.ts'
import { asFile, decodeColumn, digestOf, encodeColumn, fromFile, sha256Of } from './datasets-bytes.ts'
import { columnRows, objectRows, readFile, type RowSource } from './datasets-read.ts'
import * as store from './datasets-store.ts'
import { tableOf } from './datasets-table.ts'

/** A column with all its cells is at most this large as a file. */
const COLUMN_BYTES_MAX = 1024 * 1024 * 1024

type Ingested = OutputOf<typeof ingestRoute>

export async function ingest(ctx: Context, input: InputOf<typeof ingestRoute>): Promise<Ingested> {
  organisationOf(ctx)
  const { rows, values, columns, ...about } = input
  const source = rows ? objectRows(rows, 'json') : columnRows(values ?? {})
  return keep(ctx, source, { ...about, columns, filename: null })
}

export async function ingestFile(ctx: Context, input: InputOf<typeof ingestFileRoute> & FileInput): Promise<Ingested> {
  organisationOf(ctx)
  const { file, name, title, filename = null, columns, decimal } = input
  const declared = columns === undefined ? undefined : readColumns(columns)
  const source = await readFile(await buffer(file), { decimal })
  return keep(ctx, source, { name, title, filename, columns: declared })
}

function readColumns(text: string): Column[] {
  let written: unknown
  try {
    written = JSON.parse(text)
  } catch {
    throw new Problem('request/invalid', {
      detail: 'The query `columns` is not JSON.',
      faults: [{ path: '/columns', code: 'not-json', message: 'is not JSON' }],
    })
  }
  const read = Columns.safeParse(written)
  if (read.success) return read.data
  const faults = faultsOf(read.error, written, '/columns')
  throw new Problem('request/invalid', { detail: 'The query `columns` does not describe columns.', faults })
}

interface About {
  name: string
  title?: string | undefined
  description?: string | undefined
  columns?: readonly Column[] | undefined
  expectations?: readonly Expectation[] | undefined
  filename: string | null
}

/** Reads everything first: what does not fit is refused before a byte is stored. */
async function keep(ctx: Context, source: RowSource, about: About): Promise<Ingested> {
  const table = await tableOf(source, about.columns)
  if (about.expectations)
    refuseExpectations(
      about.expectations,
      table.columns.map(({ column }) => column),
    )
  const organisation_id = organisationOf(ctx)
  const encoded = table.columns.map(({ column, values }) => {
    const bytes = encodeColumn(values)
    return { column, bytes, sha256: sha256Of(bytes) }
  })
  const sha256 = digestOf(table.row_count, encoded)
  const there = await store.findDataset(ctx.db, organisation_id, about.name)
  const newest = there && (await store.findVersion(ctx.db, there.dataset_id))
  const columns = newest?.sha256 === sha256 ? newest.columns : await putColumns(ctx, organisation_id, encoded)
  return ctx.db.transaction((tx) =>
    addVersion({ ...ctx, db: tx }, about, {
      sha256,
      columns,
      row_count: table.row_count,
      bytes: encoded.reduce((sum, { bytes }) => sum + bytes.length, 0),
      source: { format: source.format, filename: about.filename },
    }),
  )
}

type Encoded = { column: Column; bytes: Uint8Array; sha256: string }

/** Files come before the rows that name them: a crash in between leaves bytes that nobody names, never a name without bytes. */
async function putColumns(
  ctx: Context,
  organisation_id: string,
  encoded: readonly Encoded[],
): Promise<store.StoredColumn[]> {
  const stored: store.StoredColumn[] = []
  for (const { column, bytes, sha256 } of encoded) {
    const file = await ctx.files.put(asFile(organisation_id, bytes), { bytes_max: COLUMN_BYTES_MAX })
    stored.push({ column, sha256, file_sha256: file.sha256 })
  }
  return stored
}

type Content = Pick<store.VersionRow, 'sha256' | 'columns' | 'row_count' | 'bytes' | 'source'>

async function addVersion(ctx: Context, about: About, content: Content): Promise<Ingested> {
  const created_at = ctx.now()
  const dataset = await store.lockDataset(ctx.db, {
    dataset_id: newId('dat', created_at),
    organisation_id: organisationOf(ctx),
    name: about.name,
    title: about.title ?? about.name,
    description: about.description ?? '',
    expectations: [...(about.expectations ?? [])],
    version_count: 0,
    created_at,
  })
  const before = await store.findVersion(ctx.db, dataset.dataset_id)
  const created = before?.sha256 !== content.sha256
  const version: store.VersionRow =
    before && !created
      ? before
      : {
          ...content,
          dataset_id: dataset.dataset_id,
          organisation_id: dataset.organisation_id,
          version: dataset.version_count + 1,
          schema_changes: before ? schemaChanges(before.columns, content.columns) : [],
          created_at,
          created_by: await nameOfActor(ctx),
        }
  const changes = {
    ...(about.title === undefined ? {} : { title: about.title }),
    ...(about.description === undefined ? {} : { description: about.description }),
    ...(about.expectations === undefined ? {} : { expectations: [...about.expectations] }),
    version_count: version.version,
  }
  await store.updateDataset(ctx.db, dataset.dataset_id, changes)
  if (created) {
    await store.insertVersion(ctx.db, version)
    const after = { version: version.version, sha256: version.sha256, row_count: version.row_count }
    await record(ctx, { action: 'models.data_ingested', resource: { type: 'dataset', id: dataset.dataset_id }, after })
  }
  return { created, dataset: shownDataset({ ...dataset, ...changes }, version) }
}

function schemaChanges(before: readonly store.StoredColumn[], after: readonly store.StoredColumn[]): string[] {
  const old = new Map(before.map(({ column }) => [column.name, column]))
  const now = new Map(after.map(({ column }) => [column.name, column]))
  const gone = [...old.keys()].filter((name) => !now.has(name)).map((name) => `${name} is gone`)
  const come = [...now.values()].filter(({ name }) => !old.has(name)).map(({ name, type }) => `${name} is new: ${type}`)
  const turned = [...now.values()].flatMap(({ name, type, unit }) => {
    const was = old.get(name)
    if (!was) return []
    return [
      ...(was.type === type ? [] : [`${name} was ${was.type} and is ${type}`]),
      ...(was.unit === unit ? [] : [`${name} was in ${was.unit ?? 'no unit'} and is in ${unit ?? 'no unit'}`]),
    ]
  })
  return [...gone, ...come, ...turned]
}

/** Patterns that can be used, and columns that are there. */
export function refuseExpectations(expectations: readonly Expectation[], columns: readonly Column[]): void {
  const known = columns.map(({ name }) => name)
  for (const [index, expectation] of expectations.entries()) {
    const unknown = columnsOfExpectation(expectation).find((name) => !known.includes(name))
    if (unknown !== undefined) {
      throw new Problem('models/unknown-column', {
        detail: `Expectation ${index} is about the column "${unknown}", which is not there.`,
        faults: [
          {
            path: `/expectations/${index}`,
            code: 'unknown-column',
            message: `There is no column ${unknown}.`,
            expected: known,
          },
        ],
      })
    }
    if (expectation.kind === 'pattern') readPattern(expectation.pattern)
  }
}

// --- Reading

export interface Opened {
  dataset: store.DatasetRow
  version: store.VersionRow
}

/** @throws Problem `models/unknown-dataset` */
export async function open(ctx: Context, key: string, number?: number): Promise<Opened> {
  const dataset = await store.findDataset(ctx.db, organisationOf(ctx), key)
  if (!dataset) throw new Problem('models/unknown-dataset', { detail: `There is no data set ${key}.` })
  const version = await store.findVersion(ctx.db, dataset.dataset_id, number)
  if (version) return { dataset, version }
  throw new Problem('models/unknown-dataset', {
    detail: `The data set ${dataset.name} has no version ${number ?? 1}; the newest is ${dataset.version_count}.`,
  })
}

/** The cells of one column, or of some of its rows. One column lies in one file, so the others are not read. */
export async function readColumn(
  ctx: Context,
  { organisation_id, row_count }: store.VersionRow,
  { column, file_sha256 }: store.StoredColumn,
  rows: { from?: number; to?: number } = {},
): Promise<ColumnValues> {
  const file = await ctx.files.read(file_sha256, { bytes_max: COLUMN_BYTES_MAX + 1024 })
  return decodeColumn(column.type, fromFile(organisation_id, file), row_count, rows)
}

/** Some columns of a version, or all, one after the other. */
export async function readTable(ctx: Context, version: store.VersionRow, names?: readonly string[]): Promise<Table> {
  const wanted = version.columns.filter(({ column }) => names === undefined || names.includes(column.name))
  const columns: { column: Column; values: ColumnValues }[] = []
  for (const stored of wanted) columns.push({ column: stored.column, values: await readColumn(ctx, version, stored) })
  return { row_count: version.row_count, columns }
}

/** What models are trained on. */
export const trainingSource: TrainingSource = {
  find: async (ctx, key, number) => {
    const dataset =
      ctx.actor.kind === 'system'
        ? await store.findDatasetInSight(ctx.db, key)
        : await store.findDataset(ctx.db, organisationOf(ctx), key)
    const version = dataset && (await store.findVersion(ctx.db, dataset.dataset_id, number))
    return version && { dataset_id: version.dataset_id, dataset_version: version.version, data_sha256: version.sha256 }
  },
  read: async (ctx, { dataset_id, dataset_version, data_sha256 }) => {
    const version = await store.findVersion(ctx.db, dataset_id, dataset_version)
    if (version?.sha256 !== data_sha256) {
      const detail = `The data set ${dataset_id} has no version ${dataset_version} with the digest ${data_sha256}.`
      throw new Problem('models/unknown-dataset', { detail })
    }
    return frameOf(await readTable(ctx, version))
  },
}

export async function list(ctx: Context, input: InputOf<typeof listRoute>): Promise<OutputOf<typeof listRoute>> {
  const rows = await store.listDatasets(ctx.db, organisationOf(ctx), input)
  return { datasets: rows.map(({ dataset, newest }) => shownDataset(dataset, newest)) }
}

export async function show(
  ctx: Context,
  { dataset: key }: InputOf<typeof showRoute>,
): Promise<OutputOf<typeof showRoute>> {
  const { dataset, version } = await open(ctx, key)
  const versions = await store.listVersions(ctx.db, dataset.dataset_id, 200)
  return { ...shownDataset(dataset, version), versions: versions.map(shownVersion), expectations: dataset.expectations }
}

export async function showRows(ctx: Context, input: InputOf<typeof rowsRoute>): Promise<OutputOf<typeof rowsRoute>> {
  const { version } = await open(ctx, input.dataset, input.version)
  const to = Math.min(version.row_count, input.offset + input.limit)
  const rows = Array.from({ length: Math.max(0, to - input.offset) }, (): ReturnType<typeof cellOf>[] => [])
  for (const stored of version.columns) {
    const values = await readColumn(ctx, version, stored, { from: input.offset, to })
    rows.forEach((row, index) => row.push(cellOf(values, index)))
  }
  const columns = version.columns.map(({ column }) => column)
  return { version: version.version, row_count: version.row_count, columns, rows }
}

export function shownVersion(row: store.VersionRow): DatasetVersion {
  const { version, sha256, row_count, bytes, columns, source, schema_changes, created_at, created_by } = row
  return {
    version,
    sha256,
    row_count,
    bytes,
    columns: columns.map(({ column }) => column),
    source,
    schema_changes,
    created_at: created_at.toISOString(),
    created_by,
  }
}

function shownDataset(row: store.DatasetRow, newest: store.VersionRow): Dataset {
  const { dataset_id, name, title, description, version_count, expectations, created_at } = row
  return {
    dataset_id,
    name,
    title,
    description,
    version_count,
    newest: shownVersion(newest),
    expectation_count: expectations.length,
    created_at: created_at.toISOString(),
  }
}

/** What an organisation has brought in. The rows themselves are fetched page by page: they may be millions. */
export async function exportOf(ctx: Context, organisation_id: string): Promise<Record<string, unknown[]>> {
  const datasets = await store.listDatasets(ctx.db, organisation_id, { limit: 10_000 })
  return { 'models.datasets': datasets.map(({ dataset, newest }) => shownDataset(dataset, newest)) }
}

/** Rows and files of an organisation. Doing it twice changes nothing. */
export async function eraseOf(ctx: Context, organisation_id: string): Promise<Record<string, number>> {
  const { files, versions } = await store.deleteOf(ctx.db, organisation_id)
  for (const file of files) await ctx.files.remove(file)
  return { 'models.dataset_version': versions }
}
