import { createHash } from 'node:crypto'
import { canonicalize } from '@tidemark/core/certificates/canonical.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Output } from '@tidemark/core/models/artifact.ts'
import type { Row } from '@tidemark/core/models/frame.ts'
import type * as contract from '@tidemark/core/models/serving-contract.ts'
import type { Prediction } from '@tidemark/core/models/serving-contract.ts'
import { nameOfActor } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { countOutcomes } from './experiments.ts'
import { runtimeOf } from './runtime.ts'
import { serve, type Served } from './served.ts'
import * as serving from './serving-store.ts'
import { load } from './registry.ts'
import { trafficOf, type Route } from './traffic.ts'

export async function predict(
  ctx: Context,
  input: InputOf<typeof contract.predict>,
): Promise<OutputOf<typeof contract.predict>> {
  const { rows, key } = input
  const champion = await serve(ctx, input.model_id, input.version)
  const route = input.version === undefined ? await trafficOf(ctx, champion, key) : undefined
  const answering = route?.answers ?? champion
  const predictions = await answer(ctx, answering, rows, { part: 'answer', key, route })
  if (route?.shadow) {
    const ids = predictions.map(({ prediction_id }) => prediction_id)
    // Whatever happens to the challenger, the champion has answered.
    await answer(ctx, route.shadow, rows, { part: 'shadow', key, route, beside: ids }).catch((error: unknown) =>
      ctx.log.warn({ err: error, model_id: champion.model.model_id }, 'the challenger could not predict in the shadow'),
    )
  }
  return { model_id: champion.model.model_id, predictions }
}

interface Asked {
  part: 'answer' | 'shadow'
  key?: string
  route?: Route
  beside?: readonly string[]
}

/** Of requests with more rows than this, every row is on record, and the inputs of so many are kept. */
export const INPUTS_KEPT_MAX = 1_000

async function answer(ctx: Context, served: Served, rows: readonly Row[], asked: Asked): Promise<Prediction[]> {
  const started_ms = performance.now()
  const outputs = await served.answers(rows)
  const latency_us = Math.round(((performance.now() - started_ms) * 1_000) / rows.length)
  const at = ctx.now()
  const { model, version, alias } = served
  runtimeOf(ctx).answer_times?.observe(version, latency_us)
  const key_sha256 = asked.key === undefined ? null : digestOf(`${model.organisation_id}\n${asked.key}`)
  const keeps = model.settings.keep_inputs
  const every = Math.ceil(rows.length / INPUTS_KEPT_MAX)
  const written = outputs.map((output, index): serving.PredictionRow => ({
    prediction_id: newId('prd', at),
    organisation_id: model.organisation_id,
    model_id: model.model_id,
    version: version.version,
    alias,
    part: asked.part,
    beside: asked.beside?.[index] ?? null,
    experiment_id: asked.route?.experiment_id ?? null,
    key_sha256,
    input_sha256: digestOf(canonicalize(rows[index] ?? {})),
    input: keeps && index % every === 0 ? { ...rows[index] } : null,
    output: { ...output },
    value: output.value,
    latency_us,
    at,
  }))
  runtimeOf(ctx).log.add(ctx, written)
  return outputs.map((output, index) => ({
    prediction_id: written[index]?.prediction_id ?? '',
    version: version.version,
    ...output,
  }))
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A model for other parts of the server: asked in process, on record like any other. */
export interface ModelHandle {
  version: number
  predict(rows: readonly Row[]): Promise<Prediction[]>
  /** Without a record, for sweeps over many assumed rows: a fraction of a millisecond a row. */
  assume(rows: readonly Row[]): Output[] | Promise<Output[]>
}

/** @throws Problem as `serve` does. */
export async function openModel(ctx: Context, key: string, version?: number): Promise<ModelHandle> {
  const served = await serve(ctx, key, version)
  return {
    version: served.version.version,
    predict: (rows) => answer(ctx, served, rows, { part: 'answer' }),
    assume: (rows) => served.answers(rows),
  }
}

export async function explain(
  ctx: Context,
  input: InputOf<typeof contract.explain>,
): Promise<OutputOf<typeof contract.explain>> {
  const { model, version, loaded } = await serve(ctx, input.model_id, input.version)
  if (!loaded?.explain)
    throw new Problem('models/not-explainable', {
      detail: `Answers of ${version.algorithm} cannot be taken apart exactly. Importance over many rows is in the evaluation of the version.`,
    })
  return { model_id: model.model_id, version: version.version, explanations: loaded.explain(input.rows) }
}

// --- What came true

export async function reportOutcome(
  ctx: Context,
  input: InputOf<typeof contract.reportOutcome>,
): Promise<OutputOf<typeof contract.reportOutcome>> {
  await keepOutcomes(ctx, [input])
  return { prediction_id: input.prediction_id, known: true }
}

export async function reportOutcomes(
  ctx: Context,
  { outcomes }: InputOf<typeof contract.reportOutcomes>,
): Promise<OutputOf<typeof contract.reportOutcomes>> {
  await keepOutcomes(ctx, outcomes)
  return { known: outcomes.length }
}

type Reported = InputOf<typeof contract.reportOutcome>

/** All or none. What is known already and is the same changes nothing. */
async function keepOutcomes(ctx: Context, given: readonly Reported[]): Promise<void> {
  await runtimeOf(ctx).log.flush(ctx)
  const reported = [...new Map(given.map((each) => [each.prediction_id, each])).values()]
  const ids = reported.map(({ prediction_id }) => prediction_id)
  const at = ctx.now()
  await ctx.db.transaction(async (tx) => {
    const predictions = new Map(
      (await serving.findPredictions(tx, organisationOf(ctx), ids)).map((row) => [row.prediction_id, row]),
    )
    const unknown = ids.filter((id) => !predictions.has(id))
    if (unknown.length > 0)
      throw new Problem('models/unknown-prediction', {
        detail: `There is no prediction ${unknown[0]}.`,
        unknown: unknown.slice(0, 20),
      })
    const known = new Map((await serving.findOutcomes(tx, ids)).map((row) => [row.prediction_id, row]))
    const other = reported.find(
      ({ prediction_id, realised }) => (known.get(prediction_id)?.realised ?? realised) !== realised,
    )
    if (other)
      throw new Problem('models/outcome-known', {
        detail: `What came true of ${other.prediction_id} is known as ${known.get(other.prediction_id)?.realised}.`,
        prediction_id: other.prediction_id,
      })
    const by = await nameOfActor({ ...ctx, db: tx })
    const fresh = reported.filter(({ prediction_id }) => !known.has(prediction_id))
    await serving.insertOutcomes(
      tx,
      fresh.map(({ prediction_id, realised, source, observed_at }) => ({
        prediction_id,
        organisation_id: organisationOf(ctx),
        model_id: predictions.get(prediction_id)?.model_id ?? '',
        realised,
        source,
        observed_at: observed_at === undefined ? null : new Date(observed_at),
        at,
        by,
      })),
    )
    const realised = fresh.flatMap(({ prediction_id, realised: truth }) => {
      const prediction = predictions.get(prediction_id)
      return prediction ? [{ prediction, realised: truth }] : []
    })
    await countOutcomes({ ...ctx, db: tx }, realised)
  })
}

export async function listPredictions(
  ctx: Context,
  input: InputOf<typeof contract.listPredictions>,
): Promise<OutputOf<typeof contract.listPredictions>> {
  const { model_id } = await load(ctx, input.model_id)
  await runtimeOf(ctx).log.flush(ctx)
  const { limit, before, version } = input
  const rows = await serving.listPredictions(ctx.db, model_id, { limit: limit + 1, before, version })
  const shown = rows.slice(0, limit)
  return {
    predictions: shown.map((row) => ({
      prediction_id: row.prediction_id,
      model_id: row.model_id,
      version: row.version,
      alias: row.alias,
      part: row.part,
      beside: row.beside,
      experiment_id: row.experiment_id,
      input_sha256: row.input_sha256,
      input: row.input as Record<string, string | number | boolean | null> | null,
      output: row.output,
      latency_us: row.latency_us,
      at: row.at.toISOString(),
      outcome:
        row.realised === null || row.known_at === null
          ? null
          : { realised: row.realised, source: row.source ?? '', at: row.known_at.toISOString() },
    })),
    next: rows.length > limit ? (shown.at(-1)?.prediction_id ?? null) : null,
  }
}

/** The same version, the same input: is it the same answer? */
export async function replayPrediction(
  ctx: Context,
  { prediction_id }: { prediction_id: string },
): Promise<OutputOf<typeof contract.replayPrediction>> {
  await runtimeOf(ctx).log.flush(ctx)
  const [row] = await serving.findPredictions(ctx.db, organisationOf(ctx), [prediction_id])
  if (!row) throw new Problem('models/unknown-prediction', { detail: `There is no prediction ${prediction_id}.` })
  if (!row.input)
    throw new Problem('models/input-not-kept', { detail: 'Only the digest of what was asked is on record.' })
  const served = await serve(ctx, row.model_id, row.version, { also_retired: true })
  const [output] = await served.answers([row.input as Row])
  const replayed = { ...output }
  return {
    version: row.version,
    identical: canonicalize(replayed) === canonicalize(row.output),
    stored: row.output,
    replayed,
  }
}
