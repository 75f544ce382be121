import { createHash } from 'node:crypto'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import * as contract from '@tidemark/core/models/data-contract.ts'
import { randomOf } from '@tidemark/core/learn/random.ts'
import * as registry from '@tidemark/core/models/contract.ts'
import { audit } from '../audit/http.ts'
import { openTestApp, promisedStatus, runExample, type TestApp } from '../platform/testing.ts'
import { as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { datasetBindings } from './datasets-http.ts'
import { eraseOf, exportOf, trainingSource } from './datasets-service.ts'
import { decodeColumn, encodeColumn } from './datasets-bytes.ts'
import { createModels } from './http.ts'

let app: TestApp
beforeAll(async () => {
  const capabilities = [testAccounts, audit, createModels()]
  app = await openTestApp({ capabilities, access: testAccess, seed: true, now: () => new Date() })
})
afterAll(() => app?.close())

const ann = as(personIn(ORG_A, 'owner'))
const bob = as(personIn(ORG_B, 'owner'))

const ingest = (body: object, headers = ann) => app.fetch(contract.ingest, { body, headers })
const ingestFile = (name: string, body: Uint8Array | string, query: Record<string, string> = {}) =>
  app.fetch(contract.ingestFile, {
    body: typeof body === 'string' ? Buffer.from(body) : body,
    query: { name, ...query },
    headers: { ...ann, 'content-type': 'application/octet-stream' },
  })
const rowsOf = async (dataset: string, query: Record<string, string> = {}) =>
  (await app.fetch(contract.showRows, { params: { dataset }, query, headers: ann })).body

describe('every route', () => {
  const routes: readonly AnyRoute[] = datasetBindings({ findModel: async () => undefined }).map(({ route }) => route)
  const examples = routes.flatMap((route) => route.examples.map((example) => ({ route, example })))
  test.each(examples.map(({ route, example }) => [route.name, example.summary, route, example] as const))(
    '%s: %s',
    async (_name, _summary, route, example) => {
      const answer = await runExample(app, routes, route, example, ann)
      expect(answer.status, answer.bytes.toString().slice(0, 500)).toBe(promisedStatus(route, example))
    },
  )
})

describe('a data set', () => {
  const rows = [
    { site: 'A', use_kwh: 10, at: '2026-01-01T00:00:00Z' },
    { site: 'B', use_kwh: null, at: '2026-01-02T00:00:00Z' },
    { site: 'A', use_kwh: 12.5, at: '2026-01-03T00:00:00Z' },
  ]

  test('gets a version for what is new, and none for what is the same', async () => {
    const first = await ingest({ name: 'versions', rows })
    expect(first.body).toMatchObject({ created: true, dataset: { version_count: 1, newest: { row_count: 3 } } })
    const again = await ingest({ name: 'versions', rows })
    expect(again.body).toMatchObject({ created: false, dataset: { version_count: 1 } })
    expect(again.body.dataset.newest.sha256).toBe(first.body.dataset.newest.sha256)
    const more = [...rows, { site: 'C', use_kwh: 3, at: '2026-01-04T00:00:00Z', note: 'new meter' }]
    const second = await ingest({ name: 'versions', rows: more })
    expect(second.body.dataset).toMatchObject({ version_count: 2, newest: { schema_changes: ['note is new: text'] } })
    const dataset = second.body.dataset.dataset_id
    const shown = await app.fetch(contract.showDataset, { params: { dataset }, headers: ann })
    expect(shown.body.versions.map(({ version }) => version)).toEqual([2, 1])
    expect((await rowsOf(dataset, { version: '1' })).rows).toHaveLength(3)
    expect((await rowsOf(dataset, { offset: '3' })).rows).toEqual([['C', 3, '2026-01-04T00:00:00.000Z', 'new meter']])
    const missing = await app.fetch(contract.showRows, { params: { dataset }, query: { version: '9' }, headers: ann })
    expect(missing.problem.type).toBe('/problems/models/unknown-dataset')
  })

  test('has one digest whatever file it came in: JSON, CSV, NDJSON and Parquet', async () => {
    const csv = '\ufeffsite;use_kwh;at\r\nA;10;2026-01-01\r\nB;;2026-01-02\r\n"A";12,5;2026-01-03T00:00:00+00:00\r\n'
    const ndjson = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: 'site', data: rows.map(({ site }) => site), type: 'STRING' },
        { name: 'use_kwh', data: rows.map(({ use_kwh }) => use_kwh), type: 'DOUBLE' },
        { name: 'at', data: rows.map(({ at }) => new Date(at)), type: 'TIMESTAMP' },
      ],
    })
    const answers = [
      await ingestFile('from-json', JSON.stringify(rows)),
      await ingestFile('from-csv', csv, { decimal: 'comma', filename: 'a.csv' }),
      await ingestFile('from-ndjson', ndjson),
      await ingestFile('from-parquet', Buffer.from(parquet)),
      await ingest({
        name: 'from-lists',
        values: { site: ['A', 'B', 'A'], use_kwh: [10, null, 12.5], at: rows.map(({ at }) => at) },
      }),
    ]
    for (const answer of answers) expect(answer.status, answer.bytes.toString().slice(0, 400)).toBe(201)
    const newest = answers.map(({ body }) => body.dataset.newest)
    expect(newest.map(({ source }) => source.format)).toEqual(['json', 'csv', 'ndjson', 'parquet', 'json'])
    expect(new Set(newest.map(({ sha256 }) => sha256)).size).toBe(1)
    expect(newest[0]!.columns.map(({ type }) => type)).toEqual(['text', 'number', 'timestamp'])
  })

  test('with cells that do not fit is refused with row and column, and nothing is stored', async () => {
    const columns = [
      { name: 'site', type: 'category', nullable: false },
      { name: 'use_kwh', type: 'number' },
    ]
    const csv = 'site,use_kwh\nA,1\n,2\nB,"1,5"\n'
    const answer = await ingestFile('refused', csv, { columns: JSON.stringify(columns) })
    expect(answer.status).toBe(422)
    expect(answer.problem).toMatchObject({
      type: '/problems/models/cells-unfit',
      faults: [
        { path: '/rows/1/site', code: 'missing', message: expect.stringContaining('line 3, column site') },
        { path: '/rows/2/use_kwh', code: 'not-a-number', message: expect.stringContaining('decimal=comma') },
      ],
    })
    const odd = await ingest({ name: 'refused', columns, rows: [{ site: 'A', usage: 1 }] })
    expect(odd.problem).toMatchObject({ type: '/problems/models/cells-unfit', faults: [{ path: '/columns/usage' }] })
    const gone = await app.fetch(contract.showDataset, { params: { dataset: 'refused' }, headers: ann })
    expect(gone.status).toBe(404)
  })

  test.each<[string, Uint8Array | string, string]>([
    ['nothing', '', 'empty'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'gzip'],
    ['a workbook', Buffer.from('PK\u0003\u0004rest'), 'CSV'],
    ['another encoding', Buffer.from('site,caf\xe9\n1,2\n', 'latin1'), 'UTF-8'],
    ['a ragged row', 'a,b\n1,2\n3\n', 'line 3'],
    ['an open quote', 'a,b\n1,"2\n', 'cannot be read'],
    ['a name twice', 'a,a\n1,2\n', 'twice'],
    ['a name that is missing', 'a,\n1,2\n', 'no name'],
    ['a broken line of NDJSON', '{"a":1}\n{"a":\n', 'Line 2'],
    ['a list of numbers', '[1,2]', 'not an object'],
    ['half a Parquet file', Buffer.from('PAR1PAR1'), 'Parquet'],
    ['a Parquet file of noise', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(400, 0x5f), Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.from('PAR1')]), 'Parquet'], // oxfmt-ignore
  ])('that is %s is no table, and the answer says why', async (_what, body, word) => {
    const answer = await ingestFile('unreadable', body)
    expect(answer.problem).toMatchObject({
      type: '/problems/models/file-unreadable',
      detail: expect.stringContaining(word),
    })
  })

  test('that is too large is refused before it is kept', async () => {
    const names = Array.from({ length: contract.COLUMNS_MAX + 1 }, (_, i) => `c${i}`)
    const answer = await ingestFile('wide', `${names.join(',')}\n${names.map(() => 1).join(',')}\n`)
    expect(answer.problem).toMatchObject({ type: '/problems/models/dataset-too-large', status: 413 })
  })

  test('of one organisation is not there for another, nor in a file that theirs could share', async () => {
    const mine = await ingest({ name: 'private', rows })
    const theirs = await ingest({ name: 'private', rows }, bob)
    expect(theirs.body.dataset.newest.sha256).toBe(mine.body.dataset.newest.sha256)
    const asked = { params: { dataset: mine.body.dataset.dataset_id }, headers: bob }
    expect((await app.fetch(contract.showDataset, asked)).status).toBe(404)
    const listed = await app.fetch(contract.listDatasets, { headers: bob })
    expect(listed.body.datasets.map(({ name }) => name)).toEqual(['private'])
    // Erasing theirs leaves mine whole.
    expect(await exportOf(app.ctx, ORG_B)).toMatchObject({ 'models.datasets': [{ name: 'private' }] })
    expect(await eraseOf(app.ctx, ORG_B)).toEqual({ 'models.dataset_version': 1 })
    expect(await eraseOf(app.ctx, ORG_B)).toEqual({ 'models.dataset_version': 0 })
    expect((await rowsOf('private')).rows).toHaveLength(3)
  })

  test('is what models are trained on, by digest', async () => {
    const { body } = await ingest({ name: 'training', rows })
    const ctx = { ...app.ctx, actor: personIn(ORG_A, 'owner') }
    const found = await trainingSource.find(ctx, 'training')
    expect(found).toEqual({
      dataset_id: body.dataset.dataset_id,
      dataset_version: 1,
      data_sha256: body.dataset.newest.sha256,
    })
    const frame = await trainingSource.read(ctx, found!)
    expect(frame.columns.map(({ name, type }) => [name, type])).toEqual([['site', 'category'], ['use_kwh', 'number'], ['at', 'time']]) // oxfmt-ignore
    expect(await trainingSource.find(ctx, 'training', 7)).toBeUndefined()
    // What the system trains again for an organisation, it sees with the eyes of that organisation.
    await ingest({ name: 'training', rows }, bob)
    const system_for = (organisation_id: string) => ({ ...app.ctx, db: app.ctx.system_db.scopedTo(organisation_id) })
    expect(await trainingSource.find(system_for(ORG_A), 'training')).toEqual(found)
    expect((await trainingSource.find(system_for(ORG_B), 'training'))?.dataset_id).not.toBe(found?.dataset_id)
    expect(await trainingSource.find(app.ctx, 'training')).toBeUndefined()
    const other = { ...found!, data_sha256: createHash('sha256').digest('hex') }
    await expect(trainingSource.read(ctx, other)).rejects.toMatchObject({ type: 'models/unknown-dataset' })
  })
})

describe('a check', () => {
  test('uses the expectations kept with the data set, and keeps new ones when told to', async () => {
    const expectations = [{ kind: 'range', column: 'use_kwh', min: 0 }]
    await ingest({ name: 'checked', values: { use_kwh: [1, -2, 3], meter: ['a', 'b', 'b'] }, expectations })
    const check = async (more: object = {}) =>
      (await app.fetch(contract.validate, { body: { dataset: 'checked', ...more }, headers: ann })).body
    const report = await check()
    expect(report).toMatchObject({ passed: false, version: 1, row_count: 3, results: [{ outcome: 'failed', failing: [{ row: 1, values: { use_kwh: -2 } }] }] }) // oxfmt-ignore
    expect(await check({ rows: [{ use_kwh: 5, meter: 'c' }] })).toMatchObject({ passed: true, dataset_id: null })
    await check({ expectations: [{ kind: 'unique', columns: ['meter'], share_min: 0.5 }], keep: true })
    expect(await check()).toMatchObject({ passed: true, results: [{ rows_failing: 1 }] })
  })

  test('compares with another data set by reference', async () => {
    await ingest({ name: 'meters', values: { id: ['a', 'b'] } })
    const refer = (dataset: string) =>
      app.fetch(contract.validate, {
        body: {
          rows: [{ meter: 'a' }, { meter: 'x' }],
          expectations: [{ kind: 'refers_to', column: 'meter', dataset, dataset_column: 'id' }],
        },
        headers: ann,
      })
    expect((await refer('meters')).body.results).toMatchObject([{ outcome: 'failed', failing: [{ row: 1 }] }])
    expect((await refer('nothing')).body).toMatchObject({ passed: false, results: [{ outcome: 'not_assessable' }] })
  })

  test.each([
    [{ kind: 'pattern', column: 'meter', pattern: '(a' }, '/problems/models/pattern-unfit'],
    [{ kind: 'not_null', column: 'metre' }, '/problems/models/unknown-column'],
  ])('that cannot be made is refused: %o', async (expectation, type) => {
    const answer = await app.fetch(contract.validate, {
      body: { rows: [{ meter: 'a' }], expectations: [expectation] },
      headers: ann,
    })
    expect(answer.problem.type).toBe(type)
  })
})

test('statistics ask for columns that are there, and features for a model that was trained', async () => {
  await ingest({ name: 'looked-at', values: { x: [1, 2, 3, 4], y: [2, 4, 6, 8.5] } })
  const ask = (query: Record<string, string>) =>
    app.fetch(contract.statistics, { query: { dataset: 'looked-at', ...query }, headers: ann })
  const found = await ask({ correlations: 'yes', bins: '2' })
  expect(found.body.columns[0]).toMatchObject({ count: 4, numbers: { mean: 2.5, histogram: { edges: [1, 2.5, 4], counts: [2, 2] } } }) // oxfmt-ignore
  expect(found.body.correlations!.pairs[0]!.pearson).toBeGreaterThan(0.99)
  expect((await ask({ columns: 'x,z' })).problem.type).toBe('/problems/models/unknown-column')
  const features = await app.fetch(contract.features, { query: { dataset: 'looked-at' }, headers: ann })
  expect(features.problem).toMatchObject({ type: '/problems/models/nothing-trained', status: 409 })
})

test('features of the model that was trained on a data set are told from rows that it has not seen', async () => {
  const random = randomOf(3)
  const area_m2 = Array.from({ length: 400 }, () => 50 + Math.round(950 * random.next()))
  const door = area_m2.map(() => ['red', 'blue', null][random.integer(3)] ?? null)
  const use_kwh = area_m2.map((area) => 100 * area + 500 * random.normal())
  const read_at = area_m2.map((_, row) => new Date(Date.UTC(2025, 0, 1) + row * 3_600_000).toISOString())
  await ingest({ name: 'houses', values: { area_m2, door, read_at, use_kwh } })
  const parameters = { tree_count: 20, max_leaves: 8, early_stopping: false }
  const recipe = {
    algorithm: 'boosted-trees',
    parameters,
    dataset: 'houses',
    target: 'use_kwh',
    features: ['area_m2', 'door'],
  }
  const body = { title: 'Energy of a house', task: 'regression', recipe }
  const { model_id } = (await app.fetch(registry.create, { headers: ann, body })).body
  const asked = await app.fetch(registry.retrain, { headers: ann, params: { model_id }, body: {} })
  expect(asked.status, asked.bytes.toString()).toBe(202)
  await app.app.jobs.drain()
  const answer = await app.fetch(contract.features, { query: { dataset: 'houses' }, headers: ann })
  expect(answer.status, answer.bytes.toString()).toBe(200)
  expect(answer.body).toMatchObject({ model_id, model_version: 1, measured_on: 'holdout', loss: 'squared error' })
  expect(answer.body.features.map(({ name }) => name)).toEqual(['area_m2', 'door'])
  expect(answer.body.features[0]!.permutation_share).toBeGreaterThan(0.98)
  expect(answer.body.features[0]!.shap_mean_abs).toBeGreaterThan(20 * answer.body.features[1]!.shap_mean_abs!)
  const other = await app.fetch(contract.features, { query: { dataset: 'looked-at', model: model_id }, headers: ann })
  expect(other.problem.detail).toContain('No version of the model')
})

test('twenty thousand rows are kept and read back one page at a time', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i},meter ${i % 50},${(i * 0.25).toFixed(2)}`)
  const answer = await ingestFile('large', `n,meter,use\n${lines.join('\n')}\n`)
  expect(answer.body.dataset.newest).toMatchObject({ row_count: 20_000, columns: [{ type: 'integer' }, { type: 'category' }, { type: 'number' }] }) // oxfmt-ignore
  expect((await rowsOf('large', { offset: '19998' })).rows).toEqual([
    [19_998, 'meter 48', 4999.5],
    [19_999, 'meter 49', 4999.75],
  ])
})

test('every type of column is written and read back as it was, row by row', () => {
  const columns = [
    { type: 'number' as const, values: Float64Array.of(1.5, Number.NaN, -0.25) },
    { type: 'boolean' as const, values: Float64Array.of(1, Number.NaN, 0) },
    { type: 'category' as const, dictionary: ['', 'été'], codes: Uint32Array.of(1, 0xffff_ffff, 0) },
    { type: 'text' as const, values: ['🌊', null, 'ab'] },
  ]
  for (const column of columns) {
    const bytes = encodeColumn(column)
    expect(decodeColumn(column.type, bytes, 3)).toEqual(column)
    expect(encodeColumn(decodeColumn(column.type, bytes, 3, { from: 1, to: 3 }))).toHaveLength(encodeColumn(decodeColumn(column.type, bytes, 3, { from: 1, to: 9 })).length) // oxfmt-ignore
  }
  expect(decodeColumn('text', encodeColumn(columns[3]!), 3, { from: 2, to: 3 })).toEqual({
    type: 'text',
    values: ['ab'],
  })
})
