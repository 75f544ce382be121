import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as contract from '@tidemark/core/models/contract.ts'
import * as inference from '@tidemark/core/models/inference-contract.ts'
import * as mlflow from '@tidemark/core/models/mlflow-contract.ts'
import * as serving from '@tidemark/core/models/serving-contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../audit/http.ts'
import { openFiles } from '../platform/files.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { createModels } from './http.ts'
import { markOrphans, train, trainDue } from './runs.ts'
import { runtimeOf } from './runtime.ts'
import { MODELS_MAX } from './registry.ts'
import { buildings, buildingsSource, recipe } from './testing.ts'
import { linearOnnx } from './testing-onnx.ts'

let app: TestApp
const source = buildingsSource({
  buildings: [buildings(600)],
  shuffled: [buildings(600, { shuffled: true })],
  tiny: [buildings(12)],
})
beforeAll(async () => {
  app = await openTestApp({
    capabilities: [testAccounts, audit, createModels({ source })],
    access: testAccess,
    seed: true,
    now: () => new Date(),
  })
})
afterAll(() => app?.close())

const ann = as(personIn(ORG_A, 'owner'))
const bob = as(personIn(ORG_B, 'owner'))

async function described(settings: object = {}): Promise<string> {
  const body = { title: 'Energy of a building', task: 'regression' as const, recipe: recipe(), settings }
  const made = await app.fetch(contract.create, { headers: ann, body })
  expect(made.status, made.bytes.toString()).toBe(201)
  return made.body.model_id
}

async function trained(model_id: string, body: object = {}) {
  const asked = await app.fetch(contract.retrain, { headers: ann, params: { model_id }, body })
  expect(asked.status, asked.bytes.toString()).toBe(202)
  await app.app.jobs.drain()
  return runOf(asked.body.run_id)
}

async function runOf(run_id: string) {
  return (await app.fetch(contract.getRun, { headers: ann, params: { run_id } })).body.run
}

const promoted = (model_id: string, version: number, more: object = {}) =>
  app.fetch(contract.promote, {
    headers: ann,
    params: { model_id, version: String(version) },
    body: { reason: 'It is better.', ...more },
  })

const rows = [
  { area_m2: 400, use: 'school', door: 'red' },
  { area_m2: 400, use: 'hotel', door: null },
]
const ask = (model_id: string, more: object = {}) =>
  app.fetch(serving.predict, { headers: ann, params: { model_id }, body: { rows, ...more } })

/** The first version of a model, which answers: most tests go on from here. */
let model_id: string
let first: contract.Run
beforeAll(async () => {
  model_id = await described()
  first = (await trained(model_id)) as contract.Run
  await promoted(model_id, 1)
})

test('a model is described, trained, promoted, asked and measured on what came true', async () => {
  expect(first, first.reason ?? first.verdict?.says).toMatchObject({
    state: 'succeeded',
    result_version: 1,
    verdict: { outcome: 'passed', against: 'the baseline' },
  })
  const answered = await ask(model_id)
  expect(answered.status, answered.bytes.toString()).toBe(200)
  const [school, hotel] = answered.body.predictions
  expect(school).toMatchObject({ version: 1, interval: 'calibrated', unusual: [] })
  expect(hotel!.value).toBeGreaterThan(2 * school!.value!)
  const { prediction_id } = school!
  const params = { prediction_id }
  const told = await app.fetch(serving.reportOutcome, {
    headers: ann,
    params,
    body: { realised: 36_000, source: 'meter' },
  })
  expect(told.body).toEqual({ prediction_id, known: true })
  const { body: listed } = await app.fetch(serving.listPredictions, { headers: ann, params: { model_id } })
  expect(
    listed.predictions.sort((a, b) => Number(b.input?.use === 'hotel') - Number(a.input?.use === 'hotel')),
  ).toMatchObject([
    { version: 1, alias: 'champion', input: rows[1], outcome: null },
    { version: 1, alias: 'champion', input: rows[0], outcome: { realised: 36_000, source: 'meter' } },
  ])
  const { body: found } = await app.fetch(serving.performance, { headers: ann, params: { model_id } })
  expect(found).toMatchObject({ version: 1, predictions: 2, outcomes: 1, state: 'too-few-outcomes' })
  expect(found.metrics.mae).toBeCloseTo(Math.abs(36_000 - school!.value!))
  const again = { headers: ann, params, body: { realised: 36_000, source: 'meter' } }
  expect((await app.fetch(serving.reportOutcome, again)).status).toBe(200)
  const other = { headers: ann, params, body: { realised: 1, source: 'meter' } }
  expect((await app.fetch(serving.reportOutcome, other)).problem.type).toBe('/problems/models/outcome-known')
})

test('an old answer is given again by its version, to the last digit', async () => {
  const { prediction_id } = (await ask(model_id)).body.predictions[0]!
  const replayed = await app.fetch(serving.replayPrediction, { headers: ann, params: { prediction_id } })
  expect(replayed.body).toMatchObject({ version: 1, identical: true })
})

test('how long it takes is measured, under the end of its id and no name', async () => {
  await app.fetch(serving.checkNow, { headers: ann, params: { model_id } })
  const text = (await app.fetch('/metrics')).bytes.toString()
  const counted = `tidemark_model_answer_duration_seconds_count{model="${model_id.slice(-6)}",version="1"}`
  expect(Number(text.split(`${counted} `)[1]?.split('\n')[0])).toBeGreaterThan(0)
  expect(text).toContain('tidemark_model_cache_bytes ')
  expect(text).not.toContain(model_id)
})

test('an answer is taken apart, and parts sum to it', async () => {
  const { body } = await app.fetch(serving.explain, { headers: ann, params: { model_id }, body: { rows } })
  const [school] = body.explanations
  const sum = school!.contributions.reduce((total, each) => total + each.contribution, school!.base)
  expect(sum).toBeCloseTo((await ask(model_id)).body.predictions[0]!.value!, 6)
})

describe('a run', () => {
  test('is made again from its record, to the same bytes', async () => {
    const asked = await app.fetch(contract.reproduceRun, { headers: ann, params: { run_id: first.run_id } })
    expect(asked.status).toBe(202)
    await app.app.jobs.drain()
    const again = await runOf(asked.body.run_id)
    expect(again).toMatchObject({
      state: 'succeeded',
      identical: true,
      artifact_sha256: first.artifact_sha256,
      result_version: null,
    })
    const wrong = await app.fetch(contract.reproduceRun, { headers: ann, params: { run_id: again.run_id } })
    expect(wrong.problem.type).toBe('/problems/models/not-reproducible')
  })

  test('on shuffled targets makes a version that no gate lets pass, and a person can only promote it knowingly', async () => {
    const run = await trained(model_id, { dataset: 'shuffled' })
    expect(run).toMatchObject({ state: 'succeeded', verdict: { outcome: 'rejected', against: 'version 1' } })
    expect(run.verdict!.says).toContain('no gain')
    const version = run.result_version!
    const refused = await promoted(model_id, version)
    expect(refused.problem).toMatchObject({ status: 409, type: '/problems/models/gate-closed' })
    expect((await promoted(model_id, version, { against_verdict: true })).body.stage).toBe('champion')
    const back = await app.fetch(contract.rollback, {
      headers: ann,
      params: { model_id },
      body: { reason: 'A trial.' },
    })
    expect(back.body).toMatchObject({ version: 1, stage: 'champion' })
    const { events } = (await app.fetch(contract.history, { headers: ann, params: { model_id } })).body
    expect(events.map(({ action, to_version, against_verdict }) => [action, to_version, against_verdict])).toEqual([
      ['rollback', 1, false],
      ['promote', version, true],
      ['promote', 1, false],
    ])
    const at = events[1]!.at
    const then = await app.fetch(contract.championAt, { headers: ann, params: { model_id }, query: { at } })
    expect(then.body.version).toBe(version)
    const nothing = await app.fetch(contract.rollback, {
      headers: ann,
      params: { model_id },
      body: { reason: 'Further.' },
    })
    expect(nothing.problem.type).toBe('/problems/models/nothing-to-roll-back')
  })

  test('that a killed thread, too little time or unfit data ends is marked with its reason; the champion goes on answering', async () => {
    const slow = {
      algorithm: 'boosted-trees' as const,
      parameters: { tree_count: 5_000, max_leaves: 64, min_samples_leaf: 1, early_stopping: false },
      dataset: 'buildings',
      target: 'energy_kwh',
    }
    const body = { recipe: slow, settings: { time_limit_s: 1 } }
    await app.fetch(contract.update, { headers: ann, params: { model_id }, body })
    expect(await trained(model_id)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('longer than the 1 s') as string,
    })
    await app.fetch(contract.update, { headers: ann, params: { model_id }, body: { settings: { time_limit_s: 900 } } })
    for (const [end, state, reason] of [
      [
        (run_id: string) => app.fetch(contract.cancelRun, { headers: ann, params: { run_id } }),
        'cancelled',
        'Cancelled.',
      ],
      [
        async (run_id: string) =>
          runtimeOf(app.ctx).running.get(run_id)?.('The training thread ended in the middle (code 1).'),
        'failed',
        'ended in the middle',
      ],
    ] as const) {
      const asked = await app.fetch(contract.retrain, { headers: ann, params: { model_id }, body: {} })
      const { run_id } = asked.body
      const twice = await app.fetch(contract.retrain, { headers: ann, params: { model_id }, body: {} })
      expect(twice.problem.type).toBe('/problems/models/already-running')
      const working = app.app.jobs.drain()
      while (!runtimeOf(app.ctx).running.has(run_id)) await new Promise((resolve) => setTimeout(resolve, 5))
      await end(run_id)
      await working
      expect(await runOf(run_id)).toMatchObject({
        state,
        reason: expect.stringContaining(reason) as string,
        result_version: null,
      })
    }
    const empty = await trained(model_id, { dataset: 'tiny' })
    expect(empty).toMatchObject({ state: 'failed', reason: expect.stringContaining('it takes 20') as string })
    const over = await app.fetch(contract.cancelRun, { headers: ann, params: { run_id: empty.run_id } })
    expect(over.problem.type).toBe('/problems/models/not-running')
    await app.fetch(contract.update, { headers: ann, params: { model_id }, body: { recipe: recipe() } })
    expect((await ask(model_id)).body.predictions[0]).toMatchObject({ version: 1 })
  })

  test('that a full disk ends registers nothing', async () => {
    const before = (await app.fetch(contract.listVersions, { headers: ann, params: { model_id } })).body.versions.length
    const asked = await app.fetch(contract.retrain, { headers: ann, params: { model_id }, body: {} })
    const files = await openFiles(join(app.ctx.config.data_dir, 'files'), { free_bytes_min: Number.MAX_SAFE_INTEGER })
    await train({ ...app.ctx, files }, { run_id: asked.body.run_id })
    expect(await runOf(asked.body.run_id)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('nearly full') as string,
    })
    const after = (await app.fetch(contract.listVersions, { headers: ann, params: { model_id } })).body.versions.length
    expect(after).toBe(before)
    await app.app.jobs.drain()
  })

  test('whose process died is marked at the next start, and by whoever is given its job again', async () => {
    const { run_id } = (await app.fetch(contract.retrain, { headers: ann, params: { model_id }, body: {} })).body
    await sql`update models.run set state = 'running', worker = 'gone', alive_at = now() where run_id = ${run_id}`.execute(
      app.db.kysely,
    )
    await train(app.ctx, { run_id })
    expect(await runOf(run_id)).toMatchObject({ state: 'failed', reason: 'The process that worked on it ended.' })
    await sql`update models.run set state = 'running', worker = 'gone', alive_at = now() - interval '1 hour' where run_id = ${run_id}`.execute(
      app.db.kysely,
    )
    expect(await markOrphans(app.ctx)).toBe(1)
    expect((await runOf(run_id)).state).toBe('failed')
    await app.app.jobs.drain()
  })

  test('is due as often as its kind asks for, until somebody says otherwise', async () => {
    const set = (cadence: string) =>
      app.fetch(contract.update, { headers: ann, params: { model_id }, body: { settings: { cadence } } as never })
    expect((await app.fetch(contract.get, { headers: ann, params: { model_id } })).body.cadence).toBe('monthly')
    const [off, weekly, monthly] = [(await set('off')).body, (await set('weekly')).body, (await set('monthly')).body]
    expect([off.next_run_at, weekly.cadence]).toEqual([null, 'weekly'])
    expect(new Date(weekly.next_run_at!).getUTCDay()).toBe(1)
    expect(new Date(monthly.next_run_at!).getUTCDate()).toBe(1)
  })

  test('is asked for by the schedule when it is due', async () => {
    await sql`update models.model set next_run_at = now() - interval '1 minute' where model_id = ${model_id}`.execute(
      app.db.kysely,
    )
    await trainDue(app.ctx)
    const { runs } = (await app.fetch(contract.listRuns, { headers: ann, params: { model_id } })).body
    expect(runs[0]).toMatchObject({ cause: 'schedule', state: 'queued', created_by: 'system' })
    const next = (await app.fetch(contract.get, { headers: ann, params: { model_id } })).body.next_run_at
    expect(Date.parse(next!)).toBeGreaterThan(Date.now())
    const cancelled = await app.fetch(contract.cancelRun, { headers: ann, params: { run_id: runs[0]!.run_id } })
    expect(cancelled.body.state).toBe('cancelled')
    await app.app.jobs.drain()
    expect((await runOf(runs[0]!.run_id)).state).toBe('cancelled')
  })
})

test('history is only added to, and goes with its model alone', async () => {
  for (const change of [
    "update models.alias_event set reason = 'another'",
    'delete from models.alias_event',
    'truncate models.alias_event',
    "update models.version set algorithm = 'another'",
    'delete from models.version where version = 1',
    'update models.card_revision set revision = 9',
    'update models.outcome set realised = 0',
  ])
    await expect(sql.raw(change).execute(app.db.kysely), change).rejects.toThrow(
      /only added to|never changed|with its model/,
    )
})

test('server/file-damaged: an artifact whose bytes are others is refused', async () => {
  const other = await described()
  const run = await trained(other)
  await promoted(other, 1)
  const sha256 = run.artifact_sha256!
  // The same record gives the same bytes, so it is the same file.
  expect(sha256).toBe(first.artifact_sha256)
  const path = join(app.ctx.config.data_dir, 'files', sha256.slice(0, 2), sha256)
  const bytes = await readFile(path)
  await writeFile(path, bytes.toString().replace('"area_m2"', '"AREA_M2"'))
  const params = { model_id: other, version: '1' }
  expect((await app.fetch(contract.fetchArtifact, { headers: ann, params })).problem.type).toBe(
    '/problems/server/file-damaged',
  )
  await writeFile(path, bytes)
  const fetched = await app.fetch(contract.fetchArtifact, { headers: ann, params })
  expect(createHash('sha256').update(fetched.bytes).digest('hex')).toBe(sha256)
})

describe('an experiment', () => {
  const start = (challenger: number, plan: object = {}) =>
    app.fetch(serving.startExperiment, { headers: ann, params: { model_id }, body: { challenger, plan } })
  const experimentOf = async (experiment_id: string) =>
    (await app.fetch(serving.getExperiment, { headers: ann, params: { experiment_id } })).body

  test('in the shadow is undecidable without outcomes, keeps the champion when it is better, and says when', async () => {
    const started = await start(2, { outcomes_needed: 100 })
    expect(started.body, started.bytes.toString()).toMatchObject({ state: 'collecting', champion: 1, challenger: 2 })
    const { experiment_id } = started.body
    expect(started.body.says).toContain('Undecidable yet: collecting (0/100)')
    expect((await start(2)).problem.type).toBe('/problems/models/experiment-running')
    const many = Array.from({ length: 400 }, (_, row) => ({
      area_m2: 60 + 2 * row,
      use: ['office', 'school', 'hotel'][row % 3]!,
      door: null,
    }))
    const { predictions } = (await ask(model_id, { rows: many })).body
    expect(predictions.every(({ version }) => version === 1)).toBe(true)
    const factors = [150, 90, 220]
    const outcomes = predictions.map(({ prediction_id }, row) => ({
      prediction_id,
      realised: many[row]!.area_m2 * factors[row % 3]!,
      source: 'meter',
    }))
    await app.fetch(serving.reportOutcomes, { headers: ann, body: { outcomes } })
    const ended = await experimentOf(experiment_id)
    // Version 2 learnt noise: it is surely worse, and by far.
    expect(ended, ended.says).toMatchObject({ state: 'stopped', ended_at: expect.any(String) as string })
    expect(ended.says).toContain('guardrail')
    expect(ended.gain_high).toBeLessThan(0)
    const stop = await app.fetch(serving.stopExperiment, {
      headers: ann,
      params: { experiment_id },
      body: { reason: 'Enough.' },
    })
    expect(stop.problem.type).toBe('/problems/models/experiment-over')
  })

  test('that splits answers a key by the same version every time, and ends by hand', async () => {
    const { experiment_id } = (await start(2, { mode: 'split', share: 0.5 })).body
    const versions = new Map<string, number>()
    for (let turn = 0; turn < 2; turn++)
      for (let key = 0; key < 12; key++) {
        const { version } = (await ask(model_id, { key: `asset-${key}` })).body.predictions[0]!
        expect(versions.get(`${key}`) ?? version).toBe(version)
        versions.set(`${key}`, version)
      }
    expect(new Set(versions.values())).toEqual(new Set([1, 2]))
    expect((await ask(model_id)).body.predictions[0]!.version).toBe(1)
    const stop = { headers: ann, params: { experiment_id }, body: { reason: 'Seen enough.' } }
    expect((await app.fetch(serving.stopExperiment, stop)).body).toMatchObject({
      state: 'stopped',
      reason: 'Seen enough.',
    })
    expect((await start(1)).problem.type).toBe('/problems/models/experiment-unfit')
  })
})

describe('monitoring', () => {
  test('below 200 inputs nothing is called free of drift; a shift is found with its feature, its slice and its day', async () => {
    const watched = await described({ retrain_on_drift: true })
    await trained(watched)
    await promoted(watched, 1)
    await ask(watched)
    const early = (await app.fetch(serving.drift, { headers: ann, params: { model_id: watched } })).body
    expect(early.verdict).toBe('too_few_rows')
    const shifted = Array.from({ length: 400 }, (_, row) => ({
      area_m2: 700 + (row % 300),
      use: 'hotel',
      door: 'green',
    }))
    await ask(watched, { rows: shifted })
    const { body } = await app.fetch(serving.drift, { headers: ann, params: { model_id: watched } })
    expect(body.verdict).toBe('drift')
    const use = body.features.find(({ feature }) => feature === 'use')
    expect(use).toMatchObject({ verdict: 'drift', slice: expect.stringContaining('hotel') as string })
    const checked = (await app.fetch(serving.checkNow, { headers: ann, params: { model_id: watched } })).body
    expect(checked.open.map(({ kind, feature }) => `${kind}/${feature}`)).toEqual(
      expect.arrayContaining(['drift/use', 'drift/area_m2', 'quality/door']),
    )
    const once = (await app.fetch(serving.checkNow, { headers: ann, params: { model_id: watched } })).body
    expect(once).toMatchObject({ raised: 0, resolved: 0 })
    // Seen at two looks it is confirmed, and training is asked for once.
    const { runs } = (await app.fetch(contract.listRuns, { headers: ann, params: { model_id: watched } })).body
    expect(runs.map(({ cause }) => cause)).toEqual(['drift', 'person'])
    await app.fetch(contract.cancelRun, { headers: ann, params: { run_id: runs[0]!.run_id } })
    await app.fetch(serving.checkNow, { headers: ann, params: { model_id: watched } })
    const later = (await app.fetch(contract.listRuns, { headers: ann, params: { model_id: watched } })).body.runs
    expect(later).toHaveLength(2)
    const { alert_id } = once.open[0]!
    const seen = await app.fetch(serving.acknowledgeAlert, { headers: ann, params: { alert_id } })
    expect(seen.body.acknowledged_at).not.toBeNull()
    expect((await app.fetch(contract.get, { headers: ann, params: { model_id: watched } })).body.open_alerts).toBe(
      once.open.length,
    )
  })
})

describe('the Open Inference Protocol', () => {
  test('says what a model reads and answers tensors', async () => {
    const { name } = (await app.fetch(contract.get, { headers: ann, params: { model_id } })).body
    const { body: about } = await app.fetch(inference.metadata, { headers: ann, params: { model_name: name } })
    expect(about).toMatchObject({
      name,
      platform: 'tidemark_boosted-trees',
      inputs: [
        { name: 'area_m2', datatype: 'FP64', shape: [-1] },
        { name: 'use', datatype: 'BYTES' },
        { name: 'door' },
      ],
    })
    const inputs = [
      { name: 'area_m2', shape: [2, 1], datatype: 'FP64' as const, data: [400, 400] },
      { name: 'use', shape: [2], datatype: 'BYTES' as const, data: ['school', 'hotel'] },
    ]
    const asked = { headers: ann, params: { model_name: name, model_version: '1' }, body: { id: 'mine', inputs } }
    const { body } = await app.fetch(inference.inferVersion, asked)
    expect(body).toMatchObject({
      model_name: name,
      model_version: '1',
      id: 'mine',
      outputs: [{ name: 'value', datatype: 'FP64', shape: [2] }, { name: 'lower' }, { name: 'upper' }],
    })
    const unfit = { headers: ann, params: { model_name: name }, body: { inputs: [{ ...inputs[0]!, data: [1] }] } }
    expect((await app.fetch(inference.infer, unfit)).problem.type).toBe('/problems/models/input-unfit')
    const vast = { ...unfit, body: { inputs: [{ ...inputs[0]!, shape: [1_000_000, 1_000_000, 1_000_000] }] } }
    expect((await app.fetch(inference.infer, vast)).problem.type).toBe('/problems/models/input-unfit')
  })
})

test('an ONNX model is uploaded, promoted and asked like any other; what is none is refused', async () => {
  const made = await app.fetch(contract.create, { headers: ann, body: { title: 'Elsewhere', task: 'regression' } })
  const params = { model_id: made.body.model_id }
  const upload = (bytes: Uint8Array) =>
    app.fetch(contract.uploadOnnx, {
      headers: { ...ann, 'content-type': 'application/octet-stream' },
      params,
      body: Buffer.from(bytes),
    })
  expect((await upload(new Uint8Array(10))).problem.type).toBe('/problems/models/onnx-refused')
  const uploaded = await upload(linearOnnx([2, 3], 1))
  expect(uploaded.body, uploaded.bytes.toString()).toMatchObject({ version: 1, format: 'onnx', stage: 'candidate' })
  await promoted(params.model_id, 1)
  const { predictions } = (
    await ask(params.model_id, {
      rows: [
        { x0: 1, x1: 1 },
        { x0: 2, x1: 2 },
      ],
    })
  ).body
  expect(predictions.map(({ value }) => value)).toEqual([6, 11])
  const unfit = await ask(params.model_id, { rows: [{ x0: 1 }] })
  expect(unfit.problem.type).toBe('/problems/models/input-unfit')
  const apart = await app.fetch(serving.explain, { headers: ann, params, body: { rows: [{ x0: 1, x1: 1 }] } })
  expect(apart.problem.type).toBe('/problems/models/not-explainable')
  const trained_here = await app.fetch(contract.retrain, { headers: ann, params, body: {} })
  expect(trained_here.problem.type).toBe('/problems/models/no-recipe')
})

test('MLflow finds models and versions under its own names, and reads what is exported', async () => {
  const { name } = (await app.fetch(contract.get, { headers: ann, params: { model_id } })).body
  const got = (await app.fetch(mlflow.getRegistered, { headers: ann, query: { name } })).body.registered_model
  expect(got).toMatchObject({ name, aliases: [{ alias: 'champion', version: '1' }] })
  const by_alias = await app.fetch(mlflow.getByAlias, { headers: ann, query: { name, alias: 'champion' } })
  expect(by_alias.body.model_version).toMatchObject({ version: '1', current_stage: 'Production' })
  const missing = await app.fetch(mlflow.getByAlias, { headers: ann, query: { name, alias: 'audited' } })
  expect(missing.problem.type).toBe('/problems/models/unknown-alias')
  const found = await app.fetch(mlflow.searchRegistered, {
    headers: ann,
    query: { filter: `name LIKE '${name.slice(0, 6)}%'` },
  })
  expect(found.body.registered_models.map((each) => each.name)).toContain(name)
  const exported = await app.fetch(contract.exportVersion, { headers: ann, params: { model_id, version: '1' } })
  const text = exported.bytes.toString('latin1')
  expect(text.slice(257, 262)).toBe('ustar')
  expect(text).toContain(`${name}-1/MLmodel`)
  expect(text).toContain('flavors:\n  tidemark:')
})

test('to another organisation a model is not there', async () => {
  for (const [route, params, body] of [
    [contract.get, { model_id }, undefined],
    [contract.retrain, { model_id }, {}],
    [contract.promote, { model_id, version: '1' }, { reason: 'Mine now.' }],
    [serving.predict, { model_id }, { rows }],
  ] as const) {
    const answered = await app.fetch(route, { headers: bob, params: params as Record<string, string>, body })
    expect(answered.problem.type, route.name).toBe('/problems/models/unknown-model')
  }
  const of_run = await app.fetch(contract.getRun, { headers: bob, params: { run_id: first.run_id } })
  expect(of_run.problem.type).toBe('/problems/models/unknown-run')
  expect((await app.fetch(contract.list, { headers: bob })).body.models).toEqual([])
})

test('a version and a model are retired, and a retired model can be deleted with everything', async () => {
  const champion = { headers: ann, params: { model_id, version: '1' }, body: { reason: 'Too old.' } }
  expect((await app.fetch(contract.retireVersion, champion)).problem.type).toBe('/problems/models/in-use')
  const second = { ...champion, params: { model_id, version: '2' } }
  const { prediction_id } = (await ask(model_id, { version: 2 })).body.predictions[0]!
  expect((await app.fetch(contract.retireVersion, second)).body.stage).toBe('retired')
  expect((await ask(model_id, { version: 2 })).problem.type).toBe('/problems/models/retired')
  const replayed = await app.fetch(serving.replayPrediction, { headers: ann, params: { prediction_id } })
  expect(replayed.body, 'what it once said can still be shown').toMatchObject({ version: 2, identical: true })
  expect((await promoted(model_id, 2)).problem.type).toBe('/problems/models/retired')
  const aliased = { headers: ann, params: { model_id, alias: 'audited' }, body: { version: 1, reason: 'Audited.' } }
  expect((await app.fetch(contract.setAlias, aliased)).body.aliases).toEqual({ champion: 1, audited: 1 })
  expect((await app.fetch(contract.removeAlias, { headers: ann, params: aliased.params })).status).toBe(204)
  const edited = await app.fetch(contract.editCard, {
    headers: ann,
    params: { model_id },
    body: { limits: 'Not for castles.' },
  })
  expect(edited.body).toMatchObject({ revision: 2, card: { limits: 'Not for castles.' } })
  expect((await app.fetch(contract.remove, { headers: ann, params: { model_id } })).problem.type).toBe(
    '/problems/models/in-use',
  )
  await app.fetch(contract.retire, { headers: ann, params: { model_id }, body: { reason: 'Superseded.' } })
  expect((await ask(model_id)).problem.type).toBe('/problems/models/retired')
  expect((await app.fetch(contract.remove, { headers: ann, params: { model_id } })).status).toBe(204)
  const { rows: left } = await sql<{
    n: number
  }>`select count(*)::int as n from models.alias_event where model_id = ${model_id}`.execute(app.db.kysely)
  expect(left[0]!.n).toBe(0)
})

describe('refusals', () => {
  const make = (body: object) =>
    app.fetch(contract.create, { headers: ann, body: { title: 'A model', task: 'regression', ...body } })
  test('models/recipe-unfit, models/name-taken, models/no-data, models/no-champion, models/unknown-version', async () => {
    expect((await make({ recipe: { ...recipe(), parameters: { trees: 3 } } })).problem.type).toBe(
      '/problems/models/recipe-unfit',
    )
    const { model_id: id } = (await make({ name: 'taken', recipe: { ...recipe(), dataset: undefined } })).body
    expect((await make({ name: 'taken' })).problem.type).toBe('/problems/models/name-taken')
    const params = { model_id: id }
    expect((await app.fetch(contract.retrain, { headers: ann, params, body: {} })).problem.type).toBe(
      '/problems/models/no-data',
    )
    expect((await ask('taken')).problem.type).toBe('/problems/models/no-champion')
    expect((await promoted('taken', 7)).problem.type).toBe('/problems/models/unknown-version')
  })
  test('models/unknown-prediction, models/unknown-experiment, models/unknown-alert', async () => {
    const none = '0'.repeat(26)
    const replay = await app.fetch(serving.replayPrediction, { headers: ann, params: { prediction_id: `prd_${none}` } })
    expect(replay.problem.type).toBe('/problems/models/unknown-prediction')
    const experiment = await app.fetch(serving.getExperiment, {
      headers: ann,
      params: { experiment_id: `exp_${none}` },
    })
    expect(experiment.problem.type).toBe('/problems/models/unknown-experiment')
    const alert = await app.fetch(serving.acknowledgeAlert, { headers: ann, params: { alert_id: `alt_${none}` } })
    expect(alert.problem.type).toBe('/problems/models/unknown-alert')
  })
  test('models/input-not-kept: where inputs are not kept, only their digest is there', async () => {
    const id = await described({ keep_inputs: false })
    await trained(id)
    await promoted(id, 1)
    const { prediction_id } = (await ask(id)).body.predictions[0]!
    const replay = await app.fetch(serving.replayPrediction, { headers: ann, params: { prediction_id } })
    expect(replay.problem.type).toBe('/problems/models/input-not-kept')
  })
  test('models/too-many: there is a limit, and the refusal says it', async () => {
    await sql`insert into models.model (model_id, organisation_id, name, title, task, settings, card, created_at, created_by)
      select 'mdl_' || lpad(n::text, 26, '0'), ${ORG_B}, 'm' || n, 'm', 'regression', '{}', '{}', now(), 'system'
      from generate_series(1, ${MODELS_MAX}) n`.execute(app.db.kysely)
    const refused = await app.fetch(contract.create, { headers: bob, body: { title: 'One more', task: 'regression' } })
    expect(refused.problem).toMatchObject({ status: 409, type: '/problems/models/too-many', models_max: MODELS_MAX })
  })
})
