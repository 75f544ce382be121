import { canonicalize } from '@tidemark/core/certificates/canonical.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import { algorithmNamed, algorithmTable } from '@tidemark/core/models/algorithms.ts'
import type * as contract from '@tidemark/core/models/contract.ts'
import type { AliasEvent, Card, Model, Version } from '@tidemark/core/models/contract.ts'
import {
  CHALLENGER,
  CHAMPION,
  championEventAt,
  refusePromotion,
  rollbackTarget,
} from '@tidemark/core/models/lifecycle.ts'
import { cadenceOf, nextDue, type Recipe, type Task } from '@tidemark/core/models/recipe.ts'
import { z } from 'zod'
import { nameOfActor, record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { isDatabaseError } from '../platform/database/errors.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as alerts from './alerts-store.ts'
import * as experiments from './experiments-store.ts'
import { runtimeOf } from './runtime.ts'
import { shownEvent, shownModel, shownRun, shownVersion } from './shown.ts'
import * as store from './store.ts'

/** How many models an organisation has at most. */
export const MODELS_MAX = 500

export async function algorithms(): Promise<OutputOf<typeof contract.algorithms>> {
  return {
    algorithms: algorithmTable.map(({ name, title, says, tasks, parameters, explains }) => ({
      name,
      title,
      says,
      tasks: [...tasks],
      explains,
      parameters: z.toJSONSchema(parameters, { io: 'input' }) as Record<string, unknown>,
    })),
  }
}

export async function list(
  ctx: Context,
  input: InputOf<typeof contract.list>,
): Promise<OutputOf<typeof contract.list>> {
  const rows = await store.listModels(ctx.db, organisationOf(ctx), input)
  return { models: await withFacts(ctx, rows) }
}

export async function create(ctx: Context, input: InputOf<typeof contract.create>): Promise<Model> {
  const { task, settings, card, title } = input
  const recipe = input.recipe ? completed(input.recipe, task) : null
  const organisation_id = organisationOf(ctx)
  const created_at = ctx.now()
  const model_id = newId('mdl', created_at)
  const row: store.ModelRow = {
    model_id,
    organisation_id,
    name: input.name ?? nameFrom(title, model_id),
    title,
    task,
    recipe,
    kept: null,
    settings,
    card,
    card_revision: 1,
    next_run_at: dueAt({ recipe, kept: null, settings, task }, created_at),
    created_at,
    created_by: '',
    retired_at: null,
  }
  await ctx.db.transaction(async (tx) => {
    if ((await store.countModels(tx, organisation_id)) >= MODELS_MAX)
      throw new Problem('models/too-many', {
        detail: `An organisation has ${MODELS_MAX} models at most.`,
        models_max: MODELS_MAX,
      })
    row.created_by = await nameOfActor({ ...ctx, db: tx })
    await store.insertModel(tx, row).catch(nameTaken(row.name))
    await store.insertCard(tx, { model_id, revision: 1, organisation_id, card, at: created_at, by: row.created_by })
    await record(
      { ...ctx, db: tx },
      { action: 'models.created', resource: { type: 'model', id: model_id }, after: row.recipe ?? {} },
    )
  })
  return shownModel(row, { aliases: {}, versions: 0, open_alerts: 0 })
}

/** The title in small letters and hyphens, with the end of the id, which makes it unique. */
function nameFrom(title: string, model_id: string): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 80)
  return `${plain === '' ? 'model' : plain}-${model_id.slice(-6).toLowerCase()}`
}

function nameTaken(name: string) {
  return (error: unknown): never => {
    if (!isDatabaseError(error, '23505')) throw error
    throw new Problem('models/name-taken', { detail: `There is a model called "${name}". Choose another name.`, name })
  }
}

/**
 * A recipe with every parameter written out, so that a default that changes later does not change what was said.
 * @throws Problem `models/recipe-unfit` with every fault.
 */
export function completed(recipe: Recipe, task: Task): Recipe {
  const faults: Fault[] = []
  const algorithm = algorithmNamed(recipe.algorithm)
  if (!algorithm.tasks.includes(task))
    faults.push({
      path: '/recipe/algorithm',
      code: 'wrong-task',
      message: `does no ${task}`,
      value: recipe.algorithm,
      expected: algorithmTable.filter(({ tasks }) => tasks.includes(task)).map(({ name }) => name),
    })
  const needs_target = !['anomaly', 'imputation'].includes(task)
  if (needs_target && recipe.target === undefined)
    faults.push({ path: '/recipe/target', code: 'missing', message: `a ${task} needs a column to predict` })
  if (task === 'ranking' && recipe.group === undefined)
    faults.push({
      path: '/recipe/group',
      code: 'missing',
      message: 'a ranking needs a column that says what is ranked together',
    })
  if (task === 'forecast' && recipe.time === undefined)
    faults.push({ path: '/recipe/time', code: 'missing', message: 'a forecast needs a column of times' })
  const parameters = algorithm.parameters.safeParse(recipe.parameters)
  for (const { path, message, code } of parameters.error?.issues ?? [])
    faults.push({ path: `/recipe/parameters${path.map((part) => `/${String(part)}`).join('')}`, code, message })
  if (faults.length > 0)
    throw new Problem('models/recipe-unfit', {
      detail: `This recipe cannot be followed: ${faults[0]?.path ?? ''} ${faults[0]?.message ?? ''}.`,
      faults,
    })
  return { ...recipe, parameters: parameters.data as Record<string, unknown> }
}

export function dueAt(
  { recipe, kept, settings, task }: Pick<store.ModelRow, 'recipe' | 'kept' | 'settings' | 'task'>,
  after: Date,
): Date | null {
  // Without data to name there is nothing to train on.
  if (recipe?.dataset === undefined && kept === null) return null
  return nextDue(settings.cadence ?? cadenceOf[task], after) ?? null
}

export async function get(
  ctx: Context,
  { model_id: key }: { model_id: string },
): Promise<OutputOf<typeof contract.get>> {
  const row = await load(ctx, key)
  const { model_id } = row
  const [model] = await withFacts(ctx, [row])
  const aliases = (await store.aliasesOf(ctx.db, [model_id])).get(model_id) ?? {}
  const versions = await store.listVersions(ctx.db, model_id, 100)
  const runs = await store.listRuns(ctx.db, model_id, 20)
  const events = await store.aliasEvents(ctx.db, model_id)
  return {
    ...(model as Model),
    aliases,
    version_list: versions.map((version) => shownVersion(version, aliases)),
    last_runs: runs.map(shownRun),
    history: events.slice(-100).reverse().map(shownEvent),
  }
}

export async function update(ctx: Context, input: InputOf<typeof contract.update>): Promise<Model> {
  const before = await load(ctx, input.model_id)
  refuseRetired(before)
  if (before.kept !== null && input.recipe !== undefined) throw noRecipeOf(before)
  const settings = { ...before.settings, ...definedOf(input.settings ?? {}) }
  const recipe = input.recipe ? completed(input.recipe, before.task) : before.recipe
  const title = input.title ?? before.title
  const after = { ...before, title, settings, recipe }
  const changes = { title, settings, recipe, next_run_at: dueAt(after, ctx.now()) }
  await ctx.db.transaction(async (tx) => {
    await store.updateModel(tx, before.model_id, changes)
    const resource = { type: 'model', id: before.model_id }
    const seen = ({ title: t, settings: s, recipe: r }: store.ModelRow) => ({ title: t, settings: s, recipe: r })
    await record({ ...ctx, db: tx }, { action: 'models.changed', resource, before: seen(before), after: seen(after) })
  })
  runtimeOf(ctx).forget(before.model_id)
  return one(ctx, { ...before, ...changes })
}

/** What is learnt from readings is chosen by who keeps the model: there is nothing to say about how. */
export function noRecipeOf({ name, kept }: store.ModelRow): Problem {
  return new Problem('models/recipe-unfit', {
    detail: `${name} learns from readings, as ${kept?.keeper ?? 'its keeper'} chooses: it has no recipe.`,
  })
}

function definedOf<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}

export async function editCard(
  ctx: Context,
  { model_id: key, ...card }: InputOf<typeof contract.editCard>,
): Promise<OutputOf<typeof contract.editCard>> {
  const { model_id, organisation_id } = await load(ctx, key)
  return ctx.db.transaction(async (tx) => {
    const locked = await store.lockModel(tx, model_id)
    const revision = (locked?.card_revision ?? 0) + 1
    const by = await nameOfActor({ ...ctx, db: tx })
    await store.updateModel(tx, model_id, { card, card_revision: revision })
    await store.insertCard(tx, { model_id, revision, organisation_id, card, at: ctx.now(), by })
    const change = { before: locked?.card ?? {}, after: card }
    await record(
      { ...ctx, db: tx },
      { action: 'models.card_changed', resource: { type: 'model', id: model_id }, ...change },
    )
    return { card, revision }
  })
}

export async function cardHistory(
  ctx: Context,
  { model_id: key }: { model_id: string },
): Promise<OutputOf<typeof contract.cardHistory>> {
  const { model_id } = await load(ctx, key)
  const rows = await store.listCards(ctx.db, model_id)
  return { revisions: rows.map(({ revision, card, at, by }) => ({ revision, card, at: at.toISOString(), by })) }
}

export async function listRuns(
  ctx: Context,
  { model_id: key, limit }: InputOf<typeof contract.listRuns>,
): Promise<OutputOf<typeof contract.listRuns>> {
  const { model_id } = await load(ctx, key)
  return { runs: (await store.listRuns(ctx.db, model_id, limit)).map(shownRun) }
}

export async function listVersions(
  ctx: Context,
  { model_id: key, limit }: InputOf<typeof contract.listVersions>,
): Promise<OutputOf<typeof contract.listVersions>> {
  const { model_id } = await load(ctx, key)
  const aliases = await aliasesOf(ctx, model_id)
  return { versions: (await store.listVersions(ctx.db, model_id, limit)).map((row) => shownVersion(row, aliases)) }
}

export async function getVersion(ctx: Context, input: { model_id: string; version: number }): Promise<Version> {
  const { model_id } = await load(ctx, input.model_id)
  return shownVersion(await loadVersion(ctx, model_id, input.version), await aliasesOf(ctx, model_id))
}

/** The bytes of a version, with a digest that was computed again. */
export async function fetchArtifact(
  ctx: Context,
  input: { model_id: string; version: number },
): Promise<{ body: Uint8Array; filename: string }> {
  const model = await load(ctx, input.model_id)
  const row = await loadVersion(ctx, model.model_id, input.version)
  const end = row.format === 'onnx' ? 'onnx' : 'json'
  return { body: await ctx.files.read(row.artifact_sha256), filename: `${model.name}-${row.version}.${end}` }
}

export async function championAt(
  ctx: Context,
  { model_id: key, at }: InputOf<typeof contract.championAt>,
): Promise<OutputOf<typeof contract.championAt>> {
  const { model_id } = await load(ctx, key)
  const events = (await store.aliasEvents(ctx.db, model_id)).map(shownEvent)
  const since = championEventAt(events, at === undefined ? ctx.now() : new Date(at))
  return { version: since?.to_version ?? null, since: since ?? null }
}

export async function history(
  ctx: Context,
  { model_id: key }: { model_id: string },
): Promise<OutputOf<typeof contract.history>> {
  const { model_id } = await load(ctx, key)
  return { events: (await store.aliasEvents(ctx.db, model_id)).reverse().map(shownEvent) }
}

// --- Which version answers

export async function promote(ctx: Context, input: InputOf<typeof contract.promote>): Promise<Version> {
  const model = await load(ctx, input.model_id)
  refuseRetired(model)
  const row = await loadVersion(ctx, model.model_id, input.version)
  const standing = { version: row.version, retired: row.retired_at !== null }
  const { against_verdict } = refusePromotion(standing, row.verdict, input.against_verdict)
  const decided = { action: 'promote' as const, to_version: row.version, reason: input.reason, against_verdict }
  await ctx.db.transaction((tx) => moveChampion({ ...ctx, db: tx }, model, decided))
  return getVersion(ctx, { model_id: model.model_id, version: row.version })
}

export async function rollback(
  ctx: Context,
  { model_id: key, reason }: InputOf<typeof contract.rollback>,
): Promise<Version> {
  const model = await load(ctx, key)
  const to_version = await ctx.db.transaction(async (tx) => {
    await store.lockModel(tx, model.model_id)
    const versions = await store.listVersions(tx, model.model_id, 10_000)
    const standings = versions.map(({ version, retired_at }) => ({ version, retired: retired_at !== null }))
    const target = rollbackTarget(await store.aliasEvents(tx, model.model_id), standings)
    await moveChampion({ ...ctx, db: tx }, model, {
      action: 'rollback',
      to_version: target,
      reason,
      against_verdict: false,
    })
    return target
  })
  return getVersion(ctx, { model_id: model.model_id, version: to_version })
}

interface Move {
  action: AliasEvent['action']
  to_version: number | null
  reason: string
  against_verdict: boolean
  run_id?: string
  experiment_id?: string
}

/** Points the champion elsewhere, in the transaction of `ctx.db`: alias, history and log together or not at all. */
export async function moveChampion(ctx: Context, model: store.ModelRow, move: Move): Promise<void> {
  await moveAlias(ctx, model, CHAMPION, move)
  await endExperimentOf(ctx, model, move)
  const action = move.action === 'rollback' ? 'models.rolled_back' : 'models.promoted'
  if (move.to_version !== null) await note(ctx, model, action, { version: move.to_version })
}

/** An experiment compares with the champion that it began with: it is over when there is another. */
async function endExperimentOf(ctx: Context, model: store.ModelRow, { reason, experiment_id }: Move): Promise<void> {
  const running = await experiments.runningExperiment(ctx.db, model.model_id)
  if (!running || running.experiment_id === experiment_id) return
  const ended = { state: 'stopped' as const, reason: `The champion changed: ${reason}`, ended_at: ctx.now() }
  await experiments.updateExperiment(ctx.db, running.experiment_id, ended)
  const removed = {
    action: 'remove' as const,
    to_version: null,
    reason: 'The champion changed.',
    against_verdict: false,
  }
  await moveAlias(ctx, model, CHALLENGER, { ...removed, experiment_id: running.experiment_id })
}

/** The same for any alias, without a line in the log. */
export async function moveAlias(ctx: Context, model: store.ModelRow, alias: string, move: Move): Promise<void> {
  const { db } = ctx
  const { model_id, organisation_id } = model
  await store.lockModel(db, model_id)
  const aliases = (await store.aliasesOf(db, [model_id])).get(model_id) ?? {}
  const { to_version } = move
  if (to_version === null) await store.deleteAlias(db, model_id, alias)
  else await store.setAlias(db, { model_id, alias, organisation_id, version: to_version })
  await store.addAliasEvent(db, {
    model_id,
    organisation_id,
    alias,
    from_version: aliases[alias] ?? null,
    to_version,
    action: move.action,
    reason: move.reason,
    against_verdict: move.against_verdict,
    run_id: move.run_id ?? null,
    experiment_id: move.experiment_id ?? null,
    at: ctx.now(),
    by: await nameOfActor(ctx),
  })
  runtimeOf(ctx).forget(model_id)
}

export async function setAlias(
  ctx: Context,
  input: InputOf<typeof contract.setAlias>,
): Promise<OutputOf<typeof contract.setAlias>> {
  const model = await load(ctx, input.model_id)
  const { version, retired_at } = await loadVersion(ctx, model.model_id, input.version)
  if (retired_at !== null) throw new Problem('models/retired', { detail: `Version ${version} was retired.` })
  const move = { action: 'set' as const, to_version: version, reason: input.reason, against_verdict: false }
  await ctx.db.transaction(async (tx) => {
    await moveAlias({ ...ctx, db: tx }, model, input.alias, move)
    await note({ ...ctx, db: tx }, model, 'models.alias_changed', { alias: input.alias, version })
  })
  return { aliases: await aliasesOf(ctx, model.model_id) }
}

export async function removeAlias(ctx: Context, input: { model_id: string; alias: string }): Promise<undefined> {
  const model = await load(ctx, input.model_id)
  const aliases = await aliasesOf(ctx, model.model_id)
  if (aliases[input.alias] === undefined)
    throw new Problem('models/unknown-alias', {
      detail: `${model.name} has no alias "${input.alias}".`,
      expected: Object.keys(aliases),
    })
  const move = { action: 'remove' as const, to_version: null, reason: 'Removed by hand.', against_verdict: false }
  await ctx.db.transaction(async (tx) => {
    await moveAlias({ ...ctx, db: tx }, model, input.alias, move)
    await note({ ...ctx, db: tx }, model, 'models.alias_changed', { alias: input.alias })
  })
  return undefined
}

export async function retireVersion(ctx: Context, input: InputOf<typeof contract.retireVersion>): Promise<Version> {
  const model = await load(ctx, input.model_id)
  const row = await loadVersion(ctx, model.model_id, input.version)
  if (row.retired_at !== null)
    throw new Problem('models/retired', { detail: `Version ${row.version} is retired already.` })
  const aliases = await aliasesOf(ctx, model.model_id)
  const uses = Object.keys(aliases).filter((alias) => aliases[alias] === row.version)
  if (uses.some((alias) => alias === CHAMPION || alias === CHALLENGER))
    throw new Problem('models/in-use', {
      detail: `Version ${row.version} is the ${uses.join(' and the ')}. Promote another first, or end the experiment.`,
    })
  const move = { action: 'retire' as const, to_version: null, reason: input.reason, against_verdict: false }
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    for (const alias of uses) await moveAlias(inside, model, alias, move)
    await store.retireVersion(tx, model.model_id, row.version, ctx.now())
    await note(inside, model, 'models.version_retired', { version: row.version })
  })
  runtimeOf(ctx).forget(model.model_id)
  return getVersion(ctx, input)
}

/** The model answers no more. What it said, and why, stays. */
export async function retire(ctx: Context, { model_id: key, reason }: InputOf<typeof contract.retire>): Promise<Model> {
  const model = await load(ctx, key)
  refuseRetired(model)
  const changes = { retired_at: ctx.now(), next_run_at: null }
  const move = { action: 'retire' as const, to_version: null, reason, against_verdict: false }
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    for (const alias of Object.keys(await aliasesOf(inside, model.model_id)))
      await moveAlias(inside, model, alias, move)
    await store.updateModel(tx, model.model_id, changes)
    await note(inside, model, 'models.retired', {})
  })
  runtimeOf(ctx).forget(model.model_id)
  return one(ctx, { ...model, ...changes })
}

/** Deletes a retired model with everything that hangs on it. Its files go when no other version names them. */
export async function remove(ctx: Context, { model_id: key }: { model_id: string }): Promise<undefined> {
  const model = await load(ctx, key)
  if (model.retired_at === null)
    throw new Problem('models/in-use', {
      detail: `${model.name} is in use. Retire it first; its history goes with it for good.`,
    })
  const versions = await store.listVersions(ctx.db, model.model_id, 100_000)
  await ctx.db.transaction(async (tx) => {
    await store.deleteModel(tx, model.model_id)
    await note({ ...ctx, db: tx }, model, 'models.deleted', {})
  })
  await dropFiles(
    ctx,
    versions.flatMap(({ artifact_sha256, reference_sha256 }) => [
      artifact_sha256,
      ...(reference_sha256 ? [reference_sha256] : []),
    ]),
  )
  return undefined
}

/** Removes files that no version of any organisation names any more. */
export async function dropFiles(ctx: Context, digests: readonly string[]): Promise<void> {
  const wanted = await store.filesInUse(ctx.system_db, digests)
  for (const digest of digests) if (!wanted.has(digest)) await ctx.files.remove(digest)
}

// --- Shared with the other parts of this capability

/** @throws Problem `models/unknown-model` */
export async function load(ctx: Context, key: string): Promise<store.ModelRow> {
  const row = await store.findModel(ctx.db, organisationOf(ctx), key)
  if (!row)
    throw new Problem('models/unknown-model', { detail: `There is no model "${key}". GET /ai/models lists them.` })
  return row
}

/** @throws Problem `models/unknown-version` */
export async function loadVersion(
  ctx: Pick<Context, 'db'>,
  model_id: string,
  version: number,
): Promise<store.VersionRow> {
  const row = await store.findVersion(ctx.db, model_id, version)
  if (!row) throw new Problem('models/unknown-version', { detail: `The model has no version ${version}.`, version })
  return row
}

export async function aliasesOf(ctx: Pick<Context, 'db'>, model_id: string): Promise<Record<string, number>> {
  return (await store.aliasesOf(ctx.db, [model_id])).get(model_id) ?? {}
}

export function refuseRetired({ name, retired_at }: store.ModelRow): void {
  if (retired_at !== null) throw new Problem('models/retired', { detail: `${name} was retired.` })
}

async function one(ctx: Context, row: store.ModelRow): Promise<Model> {
  return (await withFacts(ctx, [row]))[0] as Model
}

async function withFacts(ctx: Context, rows: readonly store.ModelRow[]): Promise<Model[]> {
  const ids = rows.map(({ model_id }) => model_id)
  const aliases = await store.aliasesOf(ctx.db, ids)
  const versions = await store.versionCounts(ctx.db, ids)
  const open = await alerts.openCounts(ctx.db, ids)
  return rows.map((row) =>
    shownModel(row, {
      aliases: aliases.get(row.model_id) ?? {},
      versions: versions.get(row.model_id) ?? 0,
      open_alerts: open.get(row.model_id) ?? 0,
    }),
  )
}

type ModelAction =
  | 'models.promoted'
  | 'models.rolled_back'
  | 'models.alias_changed'
  | 'models.version_added'
  | 'models.version_retired'
  | 'models.retired'
  | 'models.deleted'

/** A line in the log, the last thing that a transaction does. */
export async function note(ctx: Context, model: store.ModelRow, action: ModelAction, after: object): Promise<void> {
  const { model_id, organisation_id } = model
  await record(ctx, {
    action,
    resource: { type: 'model', id: model_id },
    organisation_id,
    after: JSON.parse(canonicalize(after)),
  })
}

export type { Card }
