import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { count, countAnswer, standingOfTally, startTally, type Tally } from '@tidemark/core/models/experiment.ts'
import { CHALLENGER, CHAMPION } from '@tidemark/core/models/lifecycle.ts'
import { judgeable, liveLoss } from '@tidemark/core/models/live-loss.ts'
import { lossNames } from '@tidemark/core/models/losses.ts'
import type * as contract from '@tidemark/core/models/serving-contract.ts'
import type { Experiment } from '@tidemark/core/models/serving-contract.ts'
import type { Reference } from '@tidemark/core/models/train.ts'
import { standingOf } from '@tidemark/core/learn/sequential.ts'
import { nameOfActor, record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as experiments from './experiments-store.ts'
import { ARTIFACT_BYTES_MAX, runtimeOf } from './runtime.ts'
import { shadowsOf, type PredictionRow } from './serving-store.ts'
import { aliasesOf, load, loadVersion, moveAlias, moveChampion, refuseRetired } from './registry.ts'
import * as store from './store.ts'

export async function startExperiment(
  ctx: Context,
  input: InputOf<typeof contract.startExperiment>,
): Promise<Experiment> {
  const model = await load(ctx, input.model_id)
  refuseRetired(model)
  const champion = (await aliasesOf(ctx, model.model_id))[CHAMPION]
  if (champion === undefined)
    throw new Problem('models/no-champion', {
      detail: 'There is no champion to compare with: promote a version first.',
    })
  const challenger = await loadVersion(ctx, model.model_id, input.challenger)
  refuseUnfit(model, champion, challenger)
  const started_at = ctx.now()
  const row: experiments.ExperimentRow = {
    experiment_id: newId('exp', started_at),
    organisation_id: model.organisation_id,
    model_id: model.model_id,
    champion,
    challenger: challenger.version,
    plan: input.plan,
    state: 'collecting',
    reason: null,
    result: startTally(input.plan, await lossBound(ctx, await loadVersion(ctx, model.model_id, champion))),
    started_at,
    started_by: '',
    ended_at: null,
  }
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    await store.lockModel(tx, model.model_id)
    const running = await experiments.runningExperiment(tx, model.model_id)
    if (running)
      throw new Problem('models/experiment-running', {
        detail: `${running.experiment_id} is under way. End it first.`,
        experiment_id: running.experiment_id,
      })
    row.started_by = await nameOfActor(inside)
    await experiments.insertExperiment(tx, row)
    const move = {
      action: 'set' as const,
      to_version: challenger.version,
      reason: 'An experiment began.',
      against_verdict: false,
    }
    await moveAlias(inside, model, CHALLENGER, { ...move, experiment_id: row.experiment_id })
    await noteExperiment(inside, row, 'models.experiment_started')
  })
  runtimeOf(ctx).forget(model.model_id)
  return shown(row, model)
}

function refuseUnfit(model: store.ModelRow, champion: number, challenger: store.VersionRow): void {
  const unfit = (detail: string) => new Problem('models/experiment-unfit', { detail })
  if (challenger.version === champion) throw unfit(`Version ${champion} is the champion already.`)
  if (challenger.retired_at !== null) throw unfit(`Version ${challenger.version} was retired.`)
  if (model.kept !== null)
    throw unfit('Who answers with it judges it by what comes true: there is no traffic to share out.')
  if (!judgeable.includes(model.task)) throw unfit(`Answers of a ${model.task} cannot be judged one by one.`)
}

/** A larger loss counts as this: what the champion exceeded once in a hundred rows when it was tested. */
async function lossBound(ctx: Context, { reference_sha256 }: store.VersionRow): Promise<number> {
  if (reference_sha256 === null)
    throw new Problem('models/experiment-unfit', {
      detail: 'The champion was trained elsewhere, so the size of its losses is not known.',
    })
  const bytes = await ctx.files.read(reference_sha256, { bytes_max: ARTIFACT_BYTES_MAX })
  return (JSON.parse(new TextDecoder().decode(bytes)) as Reference).loss_max
}

export async function listExperiments(
  ctx: Context,
  { model_id: key }: { model_id: string },
): Promise<OutputOf<typeof contract.listExperiments>> {
  const model = await load(ctx, key)
  return { experiments: (await experiments.listExperiments(ctx.db, model.model_id)).map((row) => shown(row, model)) }
}

export async function getExperiment(ctx: Context, { experiment_id }: { experiment_id: string }): Promise<Experiment> {
  const row = await loadExperiment(ctx, experiment_id)
  return shown(row, await load(ctx, row.model_id))
}

async function loadExperiment(ctx: Context, experiment_id: string): Promise<experiments.ExperimentRow> {
  const row = await experiments.findExperiment(ctx.db, organisationOf(ctx), experiment_id)
  if (!row) throw new Problem('models/unknown-experiment', { detail: `There is no experiment ${experiment_id}.` })
  return row
}

export async function stopExperiment(
  ctx: Context,
  { experiment_id, reason }: InputOf<typeof contract.stopExperiment>,
): Promise<Experiment> {
  const { model_id } = await loadExperiment(ctx, experiment_id)
  const model = await load(ctx, model_id)
  const ended = await ctx.db.transaction(async (tx) => {
    const row = await experiments.lockExperiment(tx, experiment_id)
    if (!row || row.ended_at !== null)
      throw new Problem('models/experiment-over', { detail: `${experiment_id} is over.` })
    return end({ ...ctx, db: tx }, model, row, { state: 'stopped', reason })
  })
  return shown(ended, model)
}

type Ending = Pick<experiments.ExperimentRow, 'state' | 'reason'>

/** The challenger answers no more; where it won and the model is set so, it becomes the champion. */
async function end(
  ctx: Context,
  model: store.ModelRow,
  row: experiments.ExperimentRow,
  ending: Ending,
): Promise<experiments.ExperimentRow> {
  const { experiment_id } = row
  const changes = { ...ending, ended_at: ctx.now(), result: row.result }
  await experiments.updateExperiment(ctx.db, experiment_id, changes)
  const reason = ending.reason ?? 'The experiment is over.'
  await moveAlias(ctx, model, CHALLENGER, {
    action: 'remove',
    to_version: null,
    reason,
    against_verdict: false,
    experiment_id,
  })
  const { auto_promote } = model.settings
  if (ending.state === 'challenger-wins' && auto_promote)
    await moveChampion(ctx, model, {
      action: 'promote',
      to_version: row.challenger,
      reason,
      against_verdict: false,
      experiment_id,
    })
  await noteExperiment(ctx, { ...row, ...changes }, 'models.experiment_ended')
  return { ...row, ...changes }
}

async function noteExperiment(
  ctx: Context,
  { experiment_id, organisation_id, state, champion, challenger }: experiments.ExperimentRow,
  action: 'models.experiment_started' | 'models.experiment_ended',
): Promise<void> {
  const after = { state, champion, challenger }
  await record(ctx, { action, resource: { type: 'experiment', id: experiment_id }, organisation_id, after })
}

export interface Realised {
  prediction: PredictionRow
  realised: number
}

/**
 * Counts what came true for the experiments that the answers belong to, in the transaction in which it is stored: each
 * outcome once, in the order in which they became known.
 */
export async function countOutcomes(ctx: Context, realised: readonly Realised[]): Promise<void> {
  const by_experiment = Map.groupBy(
    realised.filter(({ prediction }) => prediction.experiment_id !== null && prediction.part === 'answer'),
    ({ prediction }) => prediction.experiment_id ?? '',
  )
  for (const [experiment_id, each] of by_experiment) {
    const row = await experiments.lockExperiment(ctx.db, experiment_id)
    // What comes true after its end is kept with the prediction and decides nothing.
    if (!row || row.ended_at !== null) continue
    const model = await store.lockModel(ctx.db, row.model_id)
    if (model) await settle(ctx, model, { ...row, result: await tallyWith(ctx, model, row, each) })
  }
}

async function tallyWith(
  ctx: Context,
  model: store.ModelRow,
  row: experiments.ExperimentRow,
  realised: readonly Realised[],
): Promise<Tally> {
  const level = model.recipe?.level ?? 0.9
  const shadows = new Map(
    (
      await shadowsOf(
        ctx.db,
        realised.map(({ prediction }) => prediction.prediction_id),
      )
    ).map((shadow) => [shadow.beside, shadow]),
  )
  let tally = row.result
  for (const { prediction, realised: truth } of realised) {
    const loss = liveLoss(model.task, prediction.output, truth, level)
    if (loss === undefined) continue
    if (row.plan.mode === 'split') {
      const by_challenger = prediction.version === row.challenger
      if (by_challenger) tally = countAnswer(tally, prediction.latency_us)
      tally = count(tally, { answered_by: by_challenger ? 'challenger' : 'champion', loss })
      continue
    }
    const shadow = shadows.get(prediction.prediction_id)
    const beside = shadow && liveLoss(model.task, shadow.output, truth, level)
    tally = countAnswer(tally, shadow ? shadow.latency_us : 'failed')
    if (beside !== undefined) tally = count(tally, { champion_loss: loss, challenger_loss: beside })
  }
  return tally
}

async function settle(ctx: Context, model: store.ModelRow, row: experiments.ExperimentRow): Promise<void> {
  const { state, says } = standingOfTally(row.plan, row.result)
  if (state === 'collecting') return experiments.updateExperiment(ctx.db, row.experiment_id, { result: row.result })
  // Decided by the plan that a person made, not by whoever reported the outcome.
  await end({ ...ctx, actor: { kind: 'system', organisation_id: model.organisation_id } }, model, row, {
    state,
    reason: says,
  })
}

function shown(row: experiments.ExperimentRow, model: store.ModelRow): Experiment {
  const standing = standingOf(row.result.sequential)
  const { says } = standingOfTally(row.plan, row.result)
  const seen = standing.count > 0
  return {
    experiment_id: row.experiment_id,
    model_id: row.model_id,
    champion: row.champion,
    challenger: row.challenger,
    plan: row.plan,
    state: row.state,
    says: row.ended_at === null ? says : (row.reason ?? says),
    outcomes: standing.count,
    champion_outcomes: row.result.champion_outcomes,
    challenger_outcomes: row.result.challenger_outcomes,
    gain: standing.gain ?? null,
    gain_low: seen ? standing.gain_low : null,
    gain_high: seen ? standing.gain_high : null,
    loss: lossNames[model.task],
    clipped: row.result.sequential.clipped_count,
    started_at: row.started_at.toISOString(),
    started_by: row.started_by,
    ended_at: row.ended_at?.toISOString() ?? null,
    reason: row.reason,
  }
}
