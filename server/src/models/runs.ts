import { Worker } from 'node:worker_threads'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type * as contract from '@tidemark/core/models/contract.ts'
import type { Run, Verdict } from '@tidemark/core/models/contract.ts'
import { judge } from '@tidemark/core/models/gate.ts'
import { CHAMPION } from '@tidemark/core/models/lifecycle.ts'
import { cadenceOf, nextDue, Recipe, type RunRecord } from '@tidemark/core/models/recipe.ts'
import type { Trained } from '@tidemark/core/models/train.ts'
import { readArtifact } from '@tidemark/core/models/artifact.ts'
import { z } from 'zod'
import { nameOfActor, record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { enqueue, jobKind } from '../platform/jobs.ts'
import { actingFor, organisationOf } from '../platform/tenancy.ts'
import { codeVersion } from './code-version.ts'
import type { DataVersion } from './data.ts'
import { ARTIFACT_BYTES_MAX, runtimeOf } from './runtime.ts'
import { completed, load, moveChampion, note, noRecipeOf, refuseRetired } from './registry.ts'
import { shownLine, shownRun } from './shown.ts'
import * as store from './store.ts'
import type { Assignment, Report } from './train-worker.ts'

/** Training, as a job: from the record of what is wanted to a version, or to a reason why there is none. */

export const trainKind = jobKind('models.train', z.object({ run_id: z.string() }))
/** Models of readings are trained by who keeps them, each in a queue of its own. */
export const keptTrainKinds = {
  sites: jobKind('sites.train_model', z.object({ run_id: z.string() })),
  telemetry: jobKind('telemetry.train_model', z.object({ run_id: z.string() })),
} as const

/** A process that was not heard of for this long is gone. */
const SILENT_MS = 60_000
export const BEAT_MS = 2_000
/** Lines of one run; a learner that talks without end is cut short. */
const LINES_MAX = 20_000

export async function retrain(ctx: Context, input: InputOf<typeof contract.retrain>): Promise<Run> {
  const model = await load(ctx, input.model_id)
  refuseRetired(model)
  if (model.kept !== null) {
    if (input.parameters !== undefined || input.dataset !== undefined) throw noRecipeOf(model)
    return askKept(ctx, model, 'person', input.seed)
  }
  if (!model.recipe)
    throw new Problem('models/no-recipe', { detail: `Versions of ${model.name} are uploaded as ONNX files.` })
  const { parameters, seed, dataset = model.recipe.dataset } = input
  const recipe = completed(
    { ...model.recipe, dataset, ...(parameters ? { parameters } : {}), ...(seed === undefined ? {} : { seed }) },
    model.task,
  )
  const data = await findData(ctx, dataset, input.dataset_version)
  return ask(ctx, model, {
    kind: 'train',
    cause: 'person',
    record: await recordOf(recipe, model.task, data),
    reproduces: null,
  })
}

/** Trains a model again by itself; returns undefined when it cannot be, which is then said in the log of the server. */
export async function retrainByItself(
  ctx: Context,
  model: store.ModelRow,
  cause: 'schedule' | 'drift',
): Promise<Run | undefined> {
  if (model.retired_at !== null) return undefined
  const as = actingFor(ctx, model.organisation_id)
  try {
    if (model.kept !== null) return await askKept(as, model, cause)
    if (!model.recipe) return undefined
    const data = await findData(as, model.recipe.dataset)
    const wanted = {
      kind: 'train' as const,
      cause,
      record: await recordOf(model.recipe, model.task, data),
      reproduces: null,
    }
    return await ask(as, model, wanted)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    ctx.log.info({ model_id: model.model_id, cause, problem: error.type }, 'a model is not trained again now')
    return undefined
  }
}

async function findData(ctx: Context, dataset: string | undefined, version?: number): Promise<DataVersion> {
  if (dataset === undefined)
    throw new Problem('models/no-data', {
      detail: 'Name a data set: "dataset", in the recipe or here. POST /ai/data/ingest makes one.',
    })
  const found = await runtimeOf(ctx).source.find(ctx, dataset, version)
  if (found) return found
  const which = version === undefined ? '' : ` of version ${version}`
  throw new Problem('models/no-data', { detail: `There is no data set ${dataset}${which}.`, dataset })
}

async function recordOf(recipe: RunRecord['recipe'], task: RunRecord['task'], data: DataVersion): Promise<RunRecord> {
  return { recipe, task, ...data, code_version: await codeVersion() }
}

/** Asks who keeps a model to train it: a job of theirs, from which the version comes back here. */
async function askKept(ctx: Context, model: store.ModelRow, cause: Run['cause'], seed = 0): Promise<Run> {
  const algorithm = model.task === 'anomaly' ? 'isolation-forest' : 'forecaster'
  const recipe = Recipe.parse({ algorithm, seed })
  const nothing = { dataset_id: null, dataset_version: null, data_sha256: '', readings: null }
  const record_ = { recipe, task: model.task, ...nothing, code_version: await codeVersion() }
  return ask(ctx, model, { kind: 'train', cause, record: record_, reproduces: null })
}

interface Wanted {
  kind: Run['kind']
  cause: Run['cause']
  record: RunRecord
  reproduces: string | null
}

async function ask(ctx: Context, model: store.ModelRow, wanted: Wanted): Promise<Run> {
  const { model_id, organisation_id } = model
  const created_at = ctx.now()
  const run_id = newId('run', created_at)
  return ctx.db.transaction(async (tx) => {
    // One after the other: two that ask at once do not both find that nothing is under way.
    await store.lockModel(tx, model_id)
    const open = await store.openRun(tx, model_id)
    if (open)
      throw new Problem('models/already-running', {
        detail: `${model.name} is being trained by ${open.run_id}.`,
        run_id: open.run_id,
      })
    const row: store.RunRow = {
      run_id,
      organisation_id,
      model_id,
      ...wanted,
      state: 'queued',
      created_at,
      step: 0,
      steps: null,
      loss: null,
      reason: null,
      verdict: null,
      result_version: null,
      artifact_sha256: null,
      identical: null,
      cancel_asked: false,
      worker: null,
      alive_at: null,
      started_at: null,
      ended_at: null,
      created_by: await nameOfActor({
        ...ctx,
        db: tx,
      }),
    }
    await store.insertRun(tx, row)
    await enqueue(tx, model.kept === null ? trainKind : keptTrainKinds[model.kept.keeper], { run_id })
    const resource = { type: 'model', id: model_id }
    await record({ ...ctx, db: tx }, { action: 'models.training_asked', resource, organisation_id, after: { run_id } })
    return shownRun(row)
  })
}

export async function getRun(
  ctx: Context,
  input: InputOf<typeof contract.getRun>,
): Promise<OutputOf<typeof contract.getRun>> {
  const run = await loadRun(ctx, input.run_id)
  const lines = await store.listRunLines(ctx.db, input.run_id, input.after, input.limit)
  return { run: shownRun(run), lines: lines.map(shownLine) }
}

async function loadRun(ctx: Context, run_id: string): Promise<store.RunRow> {
  const run = await store.findRun(ctx.db, run_id)
  if (!run || run.organisation_id !== organisationOf(ctx))
    throw new Problem('models/unknown-run', { detail: `There is no run ${run_id}.` })
  return run
}

export async function cancelRun(ctx: Context, { run_id }: { run_id: string }): Promise<Run> {
  const { model_id } = await loadRun(ctx, run_id)
  const run = await ctx.db.transaction(async (tx) => {
    const locked = await store.lockRun(tx, run_id)
    if (!locked || (locked.state !== 'queued' && locked.state !== 'running'))
      throw new Problem('models/not-running', { detail: `${run_id} has ended: ${locked?.state ?? 'gone'}.` })
    const ended =
      locked.state === 'queued'
        ? { state: 'cancelled' as const, reason: 'Cancelled before it began.', ended_at: ctx.now() }
        : {}
    const changes = { cancel_asked: true, ...ended }
    await store.updateRun(tx, run_id, changes)
    await record(
      { ...ctx, db: tx },
      { action: 'models.training_cancelled', resource: { type: 'model', id: model_id }, after: { run_id } },
    )
    return { ...locked, ...changes }
  })
  // Another process notices by its next beat.
  runtimeOf(ctx).running.get(run_id)?.('cancelled')
  return shownRun(run)
}

export async function reproduceRun(ctx: Context, { run_id }: { run_id: string }): Promise<Run> {
  const run = await loadRun(ctx, run_id)
  const model = await load(ctx, run.model_id)
  const code_version = await codeVersion()
  if (model.kept !== null)
    throw new Problem('models/not-reproducible', {
      detail: 'Readings that came late may have joined those it learnt from: the same bytes are not promised.',
    })
  if (run.kind !== 'train' || run.state !== 'succeeded' || run.artifact_sha256 === null)
    throw new Problem('models/not-reproducible', { detail: `${run_id} made no version: ${run.state}.` })
  if (run.record.code_version !== code_version)
    throw new Problem('models/not-reproducible', {
      detail: 'The learners have changed since. Run the release that it was trained with; its digest is in the record.',
      trained_with: run.record.code_version,
      here: code_version,
    })
  const { dataset_id, dataset_version } = run.record
  invariant(dataset_id !== null && dataset_version !== null, 'what learns from data sets names them')
  const data = await findData(ctx, dataset_id, dataset_version)
  if (data.data_sha256 !== run.record.data_sha256)
    throw new Problem('models/not-reproducible', {
      detail: 'The version of the data is no longer what it was.',
      ...data,
    })
  return ask(ctx, model, { kind: 'reproduce', cause: 'person', record: run.record, reproduces: run_id })
}

// --- The job

export async function train(ctx: Context, { run_id }: { run_id: string }): Promise<void> {
  await carryOutRun(ctx, run_id, carryOut)
}

/** Carries out a run. Whatever happens, the run ends with a reason and the champion goes on answering. */
export async function carryOutRun(
  ctx: Context,
  run_id: string,
  carry: (ctx: Context, run: store.RunRow) => Promise<void>,
): Promise<void> {
  const run = await store.findRun(ctx.system_db, run_id)
  // Cancelled before it began, or deleted with its model.
  if (!run || (run.state !== 'queued' && run.state !== 'running')) return
  const scoped = actingFor(ctx, run.organisation_id)
  if (run.state === 'running') {
    // The queue hands a job out again when its process has died.
    await fail(scoped, run, 'The process that worked on it ended.')
    return
  }
  const { worker } = runtimeOf(ctx)
  const now = ctx.now()
  await store.updateRun(scoped.db, run_id, { state: 'running', worker, alive_at: now, started_at: now })
  try {
    await carry(scoped, run)
  } catch (error) {
    const ended = error instanceof Ended
    if (!ended && !(error instanceof Problem)) ctx.log.error({ err: error, run_id }, 'a training run failed')
    await fail(scoped, run, reasonOf(error), ended && error.message === CANCELLED ? 'cancelled' : 'failed')
  }
}

export const CANCELLED = 'Cancelled.'

/** A run that was ended from outside. */
export class Ended extends Error {}

/** What may be told: a rule that said no in its own words, anything else by its kind. */
function reasonOf(error: unknown): string {
  if (error instanceof Ended || error instanceof Problem) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'It needed more memory than the model allows.'
  return `Something went wrong on our side (${error instanceof Error ? error.name : 'unknown'}).`
}

async function fail(
  ctx: Context,
  { run_id }: store.RunRow,
  reason: string,
  state: 'failed' | 'cancelled' = 'failed',
): Promise<void> {
  await store.updateRun(ctx.db, run_id, { state, reason, ended_at: ctx.now() })
}

async function carryOut(ctx: Context, run: store.RunRow): Promise<void> {
  const model = await store.findModel(ctx.db, run.organisation_id, run.model_id)
  const { source } = runtimeOf(ctx)
  if (!model) throw new Ended('The model is gone.')
  const { recipe, task, dataset_id, dataset_version, data_sha256 } = run.record
  invariant(dataset_id !== null && dataset_version !== null, 'what learns from data sets names them')
  const frame = await source.read(ctx, { dataset_id, dataset_version, data_sha256 })
  const champion = run.kind === 'train' ? await championFor(ctx, run.model_id) : undefined
  const trained = await inThread(ctx, run, model, { frame, recipe, task, ...(champion ? { champion } : {}) })
  const bytes = new TextEncoder().encode(trained.text)
  const artifact = await ctx.files.put(bytes, { bytes_max: ARTIFACT_BYTES_MAX })
  if (run.kind === 'reproduce') return endReproduction(ctx, run, artifact.sha256)
  const reference = await ctx.files.put(new TextEncoder().encode(JSON.stringify(trained.reference)), {
    bytes_max: ARTIFACT_BYTES_MAX,
  })
  await register(ctx, run, trained, { artifact, reference_sha256: reference.sha256 })
  // Somebody may have deleted the last version that named the same bytes just before this one did.
  if (!(await ctx.files.has(artifact.sha256))) await ctx.files.put(bytes, { bytes_max: ARTIFACT_BYTES_MAX })
}

async function championFor(ctx: Context, model_id: string): Promise<Assignment['champion']> {
  const version = (await store.aliasesOf(ctx.db, [model_id])).get(model_id)?.[CHAMPION]
  const row = version === undefined ? undefined : await store.findVersion(ctx.db, model_id, version)
  // What was uploaded is not run here: a person compares it by an experiment.
  if (!row || row.format !== 'tidemark') return undefined
  const text = new TextDecoder().decode(await ctx.files.read(row.artifact_sha256, { bytes_max: ARTIFACT_BYTES_MAX }))
  const from = row.evaluation?.holdout_from ?? null
  return { version: row.version, text, holdout_from: from === null ? null : new Date(from).getTime() }
}

/** Trains in a thread of its own, with limits on memory and time, and writes down what it says. */
async function inThread(
  ctx: Context,
  run: store.RunRow,
  model: store.ModelRow,
  assignment: Assignment,
): Promise<Trained> {
  const { time_limit_s, memory_limit_mb } = model.settings
  const journal = new Journal(ctx, run)
  const worker = new Worker(new URL('./train-worker.ts', import.meta.url), {
    workerData: assignment,
    execArgv: [],
    resourceLimits: {
      maxOldGenerationSizeMb: memory_limit_mb,
      maxYoungGenerationSizeMb: Math.max(16, memory_limit_mb >> 3),
    },
  })
  const { promise, resolve, reject } = Promise.withResolvers<Trained>()
  const { running } = runtimeOf(ctx)
  const end = (reason: string) => reject(new Ended(reason === 'cancelled' ? CANCELLED : reason))
  running.set(run.run_id, end)
  const limit = setTimeout(
    () => end(`It took longer than the ${time_limit_s} s that the model allows.`),
    time_limit_s * 1_000,
  )
  const beat = setInterval(() => void journal.beat().then((go_on) => go_on || end('cancelled'), reject), BEAT_MS)
  worker.on('message', (report: Report) => {
    if (report.kind === 'done') resolve(report.trained)
    else if (report.kind === 'refused') reject(new Problem(report.type, report.details))
    else journal.add(report)
  })
  worker.on('error', reject)
  worker.on('exit', (code) => reject(new Ended(`The training thread ended in the middle (code ${code}).`)))
  try {
    return await promise
  } finally {
    clearTimeout(limit)
    clearInterval(beat)
    running.delete(run.run_id)
    await worker.terminate()
    await journal.close()
  }
}

/** Writes what a run says, some lines at a time, and that it is alive. */
export class Journal {
  readonly #ctx: Context
  readonly #run: store.RunRow
  #lines: store.RunLineRow[] = []
  #seq = 0
  #progress: Partial<store.RunRow> = {}

  constructor(ctx: Context, run: store.RunRow) {
    this.#ctx = ctx
    this.#run = run
  }

  add(report: Exclude<Report, { kind: 'done' | 'refused' }>): void {
    const { run_id, organisation_id } = this.#run
    const steps = report.kind === 'step'
    const [step, loss] = steps ? [report.step, report.loss ?? null] : [null, null]
    if (steps) this.#progress = { step: report.step, steps: report.of, loss }
    if (this.#seq >= LINES_MAX) return
    this.#seq += 1
    const line = steps
      ? `Step ${report.step} of ${report.of}${loss === null ? '' : `, loss ${loss.toPrecision(6)}`}.`
      : report.line
    const level = steps ? 'info' : report.level
    this.#lines.push({ run_id, seq: this.#seq, organisation_id, at: this.#ctx.now(), level, line, step, loss })
  }

  /** @returns false when somebody asked for an end. */
  async beat(): Promise<boolean> {
    const { run_id } = this.#run
    const lines = this.#lines.splice(0)
    await store.insertRunLines(this.#ctx.db, lines)
    await store.updateRun(this.#ctx.db, run_id, { alive_at: this.#ctx.now(), ...this.#progress })
    return (await store.findRun(this.#ctx.db, run_id))?.cancel_asked === false
  }

  async close(): Promise<void> {
    await this.beat()
  }
}

interface Files {
  artifact: { sha256: string; bytes: number }
  reference_sha256: string
}

/** The version, the end of the run and, where it may, the promotion: all or nothing. */
async function register(
  ctx: Context,
  run: store.RunRow,
  trained: Trained,
  { artifact, reference_sha256 }: Files,
): Promise<void> {
  const { signature } = readArtifact(trained.text)
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const model = await store.lockModel(tx, run.model_id)
    if (!model || model.retired_at !== null) throw new Ended('The model was retired meanwhile.')
    const { comparison, evaluation, metrics, schema } = trained
    const verdict = judge({ comparison, gain_min: model.settings.gain_min, evaluation, schema })
    const version = (await store.lastVersion(tx, model.model_id)) + 1
    await store.insertVersion(tx, {
      model_id: model.model_id,
      version,
      organisation_id: model.organisation_id,
      run_id: run.run_id,
      format: 'tidemark',
      artifact_sha256: artifact.sha256,
      artifact_bytes: artifact.bytes,
      reference_sha256,
      signature,
      algorithm: run.record.recipe.algorithm,
      record: run.record,
      metrics,
      evaluation,
      verdict,
      card: model.card,
      created_at: ctx.now(),
      created_by: run.created_by,
      retired_at: null,
    })
    const ended = { state: 'succeeded' as const, verdict, result_version: version, artifact_sha256: artifact.sha256 }
    await store.updateRun(tx, run.run_id, { ...ended, ended_at: ctx.now() })
    if (promotes(verdict, model)) {
      const reason = `${verdict.says} Promoted by itself, as the model is set.`
      await moveChampion(inside, model, {
        action: 'promote',
        to_version: version,
        reason,
        against_verdict: false,
        run_id: run.run_id,
      })
    } else await note(inside, model, 'models.version_added', { version })
  })
  runtimeOf(ctx).forget(run.model_id)
}

export function promotes(verdict: Verdict, { settings }: store.ModelRow): boolean {
  return verdict.outcome === 'passed' && settings.auto_promote
}

async function endReproduction(ctx: Context, run: store.RunRow, sha256: string): Promise<void> {
  const original = run.reproduces === null ? undefined : await store.findRun(ctx.db, run.reproduces)
  const identical = original?.artifact_sha256 === sha256
  const reason = identical
    ? 'The same bytes came out.'
    : `Other bytes came out: ${sha256}, and ${original?.artifact_sha256 ?? 'nothing'} before.`
  const ended = { state: 'succeeded' as const, artifact_sha256: sha256, identical, reason }
  await store.updateRun(ctx.db, run.run_id, { ...ended, ended_at: ctx.now() })
}

// --- What is done by itself

/** Runs whose process is gone are marked; called at start and every few minutes. */
export async function markOrphans(ctx: Context): Promise<number> {
  const { worker } = runtimeOf(ctx)
  const before = new Date(ctx.now().getTime() - SILENT_MS)
  const silent = await store.silentRuns(ctx.system_db, before)
  let marked = 0
  for (const run of silent) {
    if (run.worker === worker && runtimeOf(ctx).running.has(run.run_id)) continue
    await fail({ ...ctx, db: ctx.system_db }, run, 'The process that worked on it ended.')
    marked += 1
  }
  return marked
}

/** At the start of the only process there is, whatever runs is an orphan. */
export async function markAllOrphans(ctx: Context): Promise<void> {
  const far = new Date(ctx.now().getTime() + 86_400_000)
  for (const run of await store.silentRuns(ctx.system_db, far))
    await fail({ ...ctx, db: ctx.system_db }, run, 'The process that worked on it ended.')
}

/** Asks for the training of every model whose schedule has come. */
export async function trainDue(ctx: Context): Promise<void> {
  const now = ctx.now()
  for (const model of await store.dueModels(ctx.system_db, now, 200)) {
    const next_run_at = nextDue(model.settings.cadence ?? cadenceOf[model.task], now) ?? null
    await store.updateModel(ctx.system_db, model.model_id, { next_run_at })
    await retrainByItself(ctx, model, 'schedule')
  }
}
