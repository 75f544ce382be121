import { canonicalize } from '@tidemark/core/certificates/canonical.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Card, Settings, type Metrics, type Run, type Verdict } from '@tidemark/core/models/contract.ts'
import type { DayObserved, Kept, ReadingsUsed } from '@tidemark/core/models/kept.ts'
import { CHAMPION } from '@tidemark/core/models/lifecycle.ts'
import type { Task } from '@tidemark/core/models/recipe.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as observed from './observed-store.ts'
import { BEAT_MS, CANCELLED, carryOutRun, Ended, Journal, promotes, retrainByItself } from './runs.ts'
import { ARTIFACT_BYTES_MAX, runtimeOf } from './runtime.ts'
import { aliasesOf, dueAt, moveAlias, moveChampion, note } from './registry.ts'
import * as store from './store.ts'

/**
 * Models that learn from readings. Capabilities above this one keep them: they say what such a model is about, train it in a
 * job of their own, and answer with its champion. Runs, versions, promotion, alerts and history are those of any model.
 */

export { keptTrainKinds } from './runs.ts'

/** What a keeper says of a model when there is none yet. */
export interface KeptModel {
  name: string
  title: string
  task: Task
  kept: Kept
  card: Partial<Card>
  /** How often it is trained again unless somebody says otherwise. */
  cadence: 'daily' | 'weekly'
}

/** Finds the model of that name, and describes it first where there is none. One that was retired stays retired. */
export async function ensureKept(
  ctx: Context,
  { name, title, task, kept, card, cadence }: KeptModel,
): Promise<store.ModelRow> {
  const organisation_id = organisationOf(ctx)
  const there = await store.findModel(ctx.db, organisation_id, name)
  if (there !== undefined) return there
  const created_at = ctx.now()
  const settings = Settings.parse({ cadence, auto_promote: true, retrain_on_drift: true })
  const row: store.ModelRow = {
    model_id: newId('mdl', created_at),
    organisation_id,
    name,
    title,
    task,
    recipe: null,
    kept,
    settings,
    card: Card.parse(card),
    card_revision: 1,
    next_run_at: dueAt({ recipe: null, kept, settings, task }, created_at),
    created_at,
    created_by: 'system',
    retired_at: null,
  }
  await ctx.db.transaction(async (tx) => {
    if (!(await store.insertKept(tx, row))) return
    const { model_id } = row
    await store.insertCard(tx, { model_id, revision: 1, organisation_id, card: row.card, at: created_at, by: 'system' })
    const about = { action: 'models.created', resource: { type: 'model', id: model_id } } as const
    await record(
      { ...ctx, db: tx },
      { ...about, organisation_id, after: JSON.parse(canonicalize({ name, kind: kept.kind })) },
    )
  })
  const made = await store.findModel(ctx.db, organisation_id, name)
  invariant(made !== undefined, 'a model that was just described is there')
  return made
}

/** Asks for training unless it is under way or the model is retired; undefined then. */
export async function wishKept(
  ctx: Context,
  model: KeptModel,
  cause: Exclude<Run['cause'], 'person'>,
): Promise<Run | undefined> {
  const row = await ensureKept(ctx, model)
  return retrainByItself(ctx, row, cause)
}

/** The version that answers, as plain data, and what is known of it. */
export interface KeptChampion {
  model_id: string
  name: string
  version: number
  created_at: Date
  metrics: Metrics
  sha256: string
  file: unknown
}

/** Files of kept models, by digest: what a digest names never changes, whoever asks. */
const files = new Map<string, unknown>()
const FILES_MAX = 64

/**
 * The champion of a kept model; undefined where nothing answers, or where somebody retired it. Looked up anew each second.
 */
export async function keptChampion(ctx: Context, name: string): Promise<KeptChampion | undefined> {
  const organisation_id = organisationOf(ctx)
  const found = await runtimeOf(ctx).resolved(`kept/${organisation_id}/${name}`, async () => {
    const model = await store.findModel(ctx.db, organisation_id, name)
    if (model === undefined || model.retired_at !== null || model.kept === null) return null
    const version = (await aliasesOf(ctx, model.model_id))[CHAMPION]
    const row = version === undefined ? undefined : await store.findVersion(ctx.db, model.model_id, version)
    return row ? { model, row } : null
  })
  if (found === null) return undefined
  const { model, row } = found
  const { version, created_at, metrics, artifact_sha256 } = row
  const file = await fileOf(ctx, artifact_sha256)
  return { model_id: model.model_id, name, version, created_at, metrics, sha256: artifact_sha256, file }
}

async function fileOf(ctx: Context, sha256: string): Promise<unknown> {
  if (!files.has(sha256)) {
    const bytes = await ctx.files.read(sha256, { bytes_max: ARTIFACT_BYTES_MAX })
    const [oldest] = files.keys()
    if (files.size >= FILES_MAX && oldest !== undefined) files.delete(oldest)
    files.set(sha256, JSON.parse(new TextDecoder().decode(bytes)))
  }
  return files.get(sha256)
}

/** What a keeper hands back. */
export interface KeptTrained {
  /** Plain data; the same readings make the same. */
  file: unknown
  /** Digest of the readings. */
  data_sha256: string
  readings: ReadingsUsed
  algorithm: string
  metrics: Metrics
  verdict: Verdict
  kept: Kept
}

export interface KeptRun {
  model: store.ModelRow
  say: (line: string, level?: 'info' | 'warning') => void
  step: (step: number, of: number) => void
  /** Aborted when somebody cancels, or when it took longer than the model allows. */
  signal: AbortSignal
}

/**
 * Carries out a run that was asked for: the keeper's job calls it.
 * @param train throws a Problem, or an error, where there is nothing to be learnt: it is the reason that the run ends with.
 */
export async function trainKept(
  ctx: Context,
  { run_id }: { run_id: string },
  train: (ctx: Context, run: KeptRun) => Promise<KeptTrained>,
): Promise<void> {
  await carryOutRun(ctx, run_id, async (own, run) => {
    const model = await store.findModel(own.db, run.organisation_id, run.model_id)
    if (model === undefined || model.kept === null) throw new Ended('The model is gone.')
    const trained = await watched(own, run, model, (watch) => train(own, { ...watch, model }))
    const artifact = await own.files.put(new TextEncoder().encode(JSON.stringify(trained.file)), {
      bytes_max: ARTIFACT_BYTES_MAX,
    })
    await register(own, run, trained, artifact)
  })
}

/** Writes down what a run says while it goes on, and ends it when it shall. */
async function watched(
  ctx: Context,
  run: store.RunRow,
  { settings: { time_limit_s } }: store.ModelRow,
  work: (run: Omit<KeptRun, 'model'>) => Promise<KeptTrained>,
): Promise<KeptTrained> {
  const journal = new Journal(ctx, run)
  const abort = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (reason: string) => {
    const error = new Ended(reason === 'cancelled' ? CANCELLED : reason)
    abort.abort(error)
    reject(error)
  }
  const { running } = runtimeOf(ctx)
  running.set(run.run_id, end)
  const limit = setTimeout(
    () => end(`It took longer than the ${time_limit_s} s that the model allows.`),
    time_limit_s * 1_000,
  )
  const beat = setInterval(() => void journal.beat().then((go_on) => go_on || end('cancelled'), reject), BEAT_MS)
  try {
    const say = (line: string, level: 'info' | 'warning' = 'info') => journal.add({ kind: 'line', line, level })
    const step = (done: number, of: number) => journal.add({ kind: 'step', step: done, of })
    return await Promise.race([work({ say, step, signal: abort.signal }), ended])
  } finally {
    clearTimeout(limit)
    clearInterval(beat)
    running.delete(run.run_id)
    await journal.close()
  }
}

/** The version, the end of the run and, where it may, the promotion: all or nothing. */
async function register(
  ctx: Context,
  run: store.RunRow,
  { verdict, metrics, algorithm, data_sha256, readings, kept }: KeptTrained,
  artifact: { sha256: string; bytes: number },
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const model = await store.lockModel(tx, run.model_id)
    if (!model || model.retired_at !== null) throw new Ended('The model was retired meanwhile.')
    const version = (await store.lastVersion(tx, model.model_id)) + 1
    const record_ = { ...run.record, data_sha256, readings }
    await store.insertVersion(tx, {
      model_id: model.model_id,
      version,
      organisation_id: model.organisation_id,
      run_id: run.run_id,
      format: 'readings',
      artifact_sha256: artifact.sha256,
      artifact_bytes: artifact.bytes,
      reference_sha256: null,
      signature: { inputs: [], outputs: [] },
      algorithm,
      record: record_,
      metrics,
      evaluation: null,
      verdict,
      card: model.card,
      created_at: ctx.now(),
      created_by: run.created_by,
      retired_at: null,
    })
    const ended = { state: 'succeeded' as const, verdict, result_version: version, artifact_sha256: artifact.sha256 }
    await store.updateRun(tx, run.run_id, { ...ended, record: record_, ended_at: ctx.now() })
    await store.updateModel(tx, model.model_id, { kept })
    if (promotes(verdict, model)) {
      const reason = `${verdict.says} Promoted by itself, as the model is set.`
      const move = {
        action: 'promote' as const,
        to_version: version,
        reason,
        against_verdict: false,
        run_id: run.run_id,
      }
      await moveChampion(inside, model, move)
    } else await note(inside, model, 'models.version_added', { version })
  })
  runtimeOf(ctx).forget(run.model_id)
}

/** Adds what came of a version's answers on a day. A version that is gone is not told. */
export async function observeKept(
  ctx: Context,
  { model_id, version }: { model_id: string; version: number },
  day: DayObserved,
): Promise<void> {
  await observed.addDay(ctx.db, { model_id, version, organisation_id: organisationOf(ctx), ...day })
}

/** What a model was about is gone: it answers no more, and its history stays. Nothing happens where there is none. */
export async function retireKept(ctx: Context, name: string, reason: string): Promise<void> {
  const model = await store.findModel(ctx.db, organisationOf(ctx), name)
  if (model === undefined || model.retired_at !== null) return
  const move = { action: 'retire' as const, to_version: null, reason, against_verdict: false }
  for (const alias of Object.keys(await aliasesOf(ctx, model.model_id))) await moveAlias(ctx, model, alias, move)
  await store.updateModel(ctx.db, model.model_id, { retired_at: ctx.now(), next_run_at: null })
  await note(ctx, model, 'models.retired', {})
}

/** How a kept model stands, whether it answers or not; undefined where there is none of that name. */
export async function keptStanding(
  ctx: Context,
  name: string,
): Promise<{ model_id: string; is_retired: boolean; last_run: store.RunRow | undefined } | undefined> {
  const model = await store.findModel(ctx.db, organisationOf(ctx), name)
  if (model === undefined) return undefined
  const [last_run] = await store.listRuns(ctx.db, model.model_id, 1)
  return { model_id: model.model_id, is_retired: model.retired_at !== null, last_run }
}

/** Figures of any version, to hold what it said against; undefined where it is gone. */
export async function keptMetrics(ctx: Context, model_id: string, version: number): Promise<Metrics | undefined> {
  return (await store.findVersion(ctx.db, model_id, version))?.metrics
}
