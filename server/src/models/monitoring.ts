import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Row } from '@tidemark/core/models/frame.ts'
import { CHAMPION } from '@tidemark/core/models/lifecycle.ts'
import { keptFindings, totalOf } from '@tidemark/core/models/kept.ts'
import { held, liveLoss } from '@tidemark/core/models/live-loss.ts'
import { accuracyFindings, driftState, findingsOf, type Finding, type Realised } from '@tidemark/core/models/monitor.ts'
import type * as contract from '@tidemark/core/models/serving-contract.ts'
import type { Alert, DriftState, Performance } from '@tidemark/core/models/serving-contract.ts'
import type { Reference } from '@tidemark/core/models/train.ts'
import { nameOfActor } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { actingFor, organisationOf } from '../platform/tenancy.ts'
import * as alerts from './alerts-store.ts'
import * as observed from './observed-store.ts'
import { retrainByItself } from './runs.ts'
import { ARTIFACT_BYTES_MAX, runtimeOf } from './runtime.ts'
import { aliasesOf, load, loadVersion } from './registry.ts'
import * as serving from './serving-store.ts'
import { INPUTS_KEPT_MAX } from './serving.ts'
import * as store from './store.ts'

/** Answers of one period that are looked at; the newest, when there are more, which the report says. */
const LOOKED_AT_MAX = 20_000
/** Inputs that drift is measured on. */
const DRIFT_ROWS_MAX = 5_000
const PERIOD_MS = 30 * 86_400_000
const OUTCOMES_MIN = 20

interface Period {
  model: store.ModelRow
  version: store.VersionRow
  since: Date
  until: Date
}

async function periodOf(
  ctx: Context,
  input: { model_id: string; version?: number; since?: string; until?: string },
): Promise<Period> {
  const model = await load(ctx, input.model_id)
  const number = input.version ?? (await aliasesOf(ctx, model.model_id))[CHAMPION]
  if (number === undefined)
    throw new Problem('models/no-champion', {
      detail: `No version of ${model.name} answers yet. Name one with ?version=.`,
    })
  const version = await loadVersion(ctx, model.model_id, number)
  // A moment later, so that what was said in this very millisecond counts.
  const until = input.until === undefined ? new Date(ctx.now().getTime() + 1) : new Date(input.until)
  const since = input.since === undefined ? new Date(until.getTime() - PERIOD_MS) : new Date(input.since)
  return { model, version, since, until }
}

export async function performance(ctx: Context, input: InputOf<typeof contract.performance>): Promise<Performance> {
  await runtimeOf(ctx).log.flush(ctx)
  return performanceOf(ctx, await periodOf(ctx, input))
}

/** How often intervals of kept models are to hold. */
const KEPT_LEVEL = 0.95

/** Of a model of readings: what its keeper saw come true, by day. */
async function keptPerformance(ctx: Context, { model, version, since, until }: Period): Promise<Performance> {
  const days = await observed.listDays(ctx.db, model.model_id, version.version, since, until)
  const { answers, outcomes, banded, loss, held: holding } = totalOf(days)
  const state = outcomes === 0 ? 'no-outcomes' : outcomes < OUTCOMES_MIN ? 'too-few-outcomes' : 'measured'
  return {
    model_id: model.model_id,
    version: version.version,
    since: since.toISOString(),
    until: until.toISOString(),
    predictions: answers,
    outcomes,
    state,
    says: saysOf(state, outcomes),
    metrics: loss === null ? {} : { loss, ...(holding === null ? {} : { coverage95: holding }) },
    trained: version.metrics,
    coverage: { level: banded > 0 ? KEPT_LEVEL : null, held: holding, outcomes: banded },
    latency_us: null,
    days: days.map((day) => ({
      day: day.day,
      predictions: day.answers,
      outcomes: day.outcomes,
      loss: day.outcomes === 0 ? null : day.loss_sum / day.outcomes,
      held: day.banded === 0 ? null : day.held / day.banded,
    })),
    recorded: 'Sums by day: single answers are kept where they are given.',
  }
}

async function performanceOf(ctx: Context, period: Period): Promise<Performance> {
  const { model, version, since, until } = period
  if (model.kept !== null) return keptPerformance(ctx, period)
  const filter = { version: version.version, since, until, limit: LOOKED_AT_MAX }
  const rows = await serving.listPredictions(ctx.db, model.model_id, filter)
  const counted = await serving.countPredictions(ctx.db, model.model_id, filter)
  const level = version.record?.recipe.level ?? null
  const realised = realisedOf(model, rows, level ?? 0.9)
  const judged = realised.filter((each) => each.held !== undefined)
  const state = realised.length === 0 ? 'no-outcomes' : realised.length < OUTCOMES_MIN ? 'too-few-outcomes' : 'measured'
  return {
    model_id: model.model_id,
    version: version.version,
    since: since.toISOString(),
    until: until.toISOString(),
    predictions: counted.predictions,
    outcomes: counted.outcomes,
    state,
    says: saysOf(state, realised.length),
    metrics: metricsOf(model, rows, realised),
    trained: version.metrics,
    coverage: { level, held: judged.length > 0 ? share(judged) : null, outcomes: judged.length },
    latency_us: quantiles(rows.map(({ latency_us }) => latency_us)),
    days: daysOf(rows, realised),
    recorded: recordedSentence(ctx, counted.predictions),
  }
}

function saysOf(state: Performance['state'], outcomes: number): string {
  if (state === 'no-outcomes')
    return 'Nothing has come true yet that was reported, so nothing can be said about accuracy.'
  if (state === 'too-few-outcomes') return `Only ${outcomes} outcomes are known: figures of so few mean little.`
  return `Measured on ${outcomes} outcomes.`
}

function recordedSentence(ctx: Context, predictions: number): string {
  const { lost } = runtimeOf(ctx).log
  const sampled = predictions > LOOKED_AT_MAX ? ` Figures are of the newest ${LOOKED_AT_MAX}.` : ''
  const gone = lost > 0 ? ` ${lost} could not be written down since this process began.` : ''
  return `Every answer is on record; of requests with more than ${INPUTS_KEPT_MAX} rows, the inputs of ${INPUTS_KEPT_MAX} at most.${sampled}${gone}`
}

function realisedOf(
  model: store.ModelRow,
  rows: readonly serving.KnownPrediction[],
  level: number,
): (Realised & { row: serving.KnownPrediction })[] {
  return rows.flatMap((row) => {
    if (row.realised === null) return []
    const loss = liveLoss(model.task, row.output, row.realised, level)
    return loss === undefined ? [] : [{ at: row.at, loss, held: held(row.output, row.realised), row }]
  })
}

function share(judged: readonly Realised[]): number {
  return judged.filter((each) => each.held === true).length / judged.length
}

function metricsOf(
  model: store.ModelRow,
  _rows: readonly serving.KnownPrediction[],
  realised: readonly (Realised & { row: serving.KnownPrediction })[],
): Record<string, number> {
  if (realised.length === 0) return {}
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length
  const loss = mean(realised.map((each) => each.loss))
  const errors = realised.map(({ row }) => (row.realised ?? 0) - (row.value ?? 0))
  if (model.task === 'classification') {
    const right = realised.map(({ row }) => Number((row.value ?? 0) >= 0.5 === (row.realised === 1)))
    return { loss, log_loss: loss, brier: mean(errors.map((error) => error ** 2)), accuracy: mean(right) }
  }
  if (model.task === 'anomaly') return { loss, error_rate: loss }
  return {
    loss,
    rmse: Math.sqrt(mean(errors.map((error) => error ** 2))),
    mae: mean(errors.map(Math.abs)),
    bias: mean(errors),
  }
}

function quantiles(values: readonly number[]): Performance['latency_us'] {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

function daysOf(rows: readonly serving.KnownPrediction[], realised: readonly Realised[]): Performance['days'] {
  const dayOf = ({ at }: { at: Date }) => at.toISOString().slice(0, 10)
  const known = Map.groupBy(realised, dayOf)
  return [...Map.groupBy(rows, dayOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, of_day]) => {
      const true_now = known.get(day) ?? []
      const judged = true_now.filter((each) => each.held !== undefined)
      const loss = true_now.reduce((sum, each) => sum + each.loss, 0) / true_now.length
      return {
        day,
        predictions: of_day.length,
        outcomes: true_now.length,
        loss: true_now.length > 0 ? loss : null,
        held: judged.length > 0 ? share(judged) : null,
      }
    })
}

export async function drift(ctx: Context, input: InputOf<typeof contract.drift>): Promise<DriftState> {
  await runtimeOf(ctx).log.flush(ctx)
  return driftIn(ctx, await periodOf(ctx, input))
}

async function driftIn(ctx: Context, { model, version, since, until }: Period): Promise<DriftState> {
  const about = {
    model_id: model.model_id,
    version: version.version,
    since: since.toISOString(),
    until: until.toISOString(),
  }
  if (version.reference_sha256 === null) {
    const says =
      model.kept === null
        ? 'This version was trained elsewhere: there are no training rows to compare with.'
        : 'It reads no rows. That something changed is told by what came true: see performance and alerts.'
    return { ...about, rows: 0, reference_rows: 0, verdict: 'too_few_rows', says, features: [], answers: null }
  }
  const filter = { version: version.version, since, until, limit: DRIFT_ROWS_MAX }
  const rows = await serving.listPredictions(ctx.db, model.model_id, filter)
  const seen = rows.flatMap(({ at, input, value }) => (input ? [{ at, input: input as Row, value }] : []))
  const reference = await referenceOf(ctx, version.reference_sha256)
  const { encoding } = await runtimeOf(ctx).loaded(ctx, version.artifact_sha256)
  return { ...about, rows: seen.length, reference_rows: reference.rows, ...driftState(encoding, reference, seen) }
}

async function referenceOf(ctx: Context, sha256: string): Promise<Reference> {
  // Written by this server and named by its digest: what is read is what was written.
  const bytes = await ctx.files.read(sha256, { bytes_max: ARTIFACT_BYTES_MAX })
  return JSON.parse(new TextDecoder().decode(bytes)) as Reference
}

// --- Alerts

export async function listAlerts(
  ctx: Context,
  { model_id: key, open }: InputOf<typeof contract.listAlerts>,
): Promise<OutputOf<typeof contract.listAlerts>> {
  const { model_id } = await load(ctx, key)
  return { alerts: (await alerts.listAlerts(ctx.db, model_id, open)).map(shownAlert) }
}

export async function acknowledgeAlert(ctx: Context, { alert_id }: { alert_id: string }): Promise<Alert> {
  const row = await alerts.findAlert(ctx.db, organisationOf(ctx), alert_id)
  if (!row) throw new Problem('models/unknown-alert', { detail: `There is no alert ${alert_id}.` })
  const changes = { acknowledged_at: ctx.now(), acknowledged_by: await nameOfActor(ctx) }
  await alerts.updateAlert(ctx.db, alert_id, changes)
  return shownAlert({ ...row, ...changes })
}

export async function checkNow(
  ctx: Context,
  { model_id: key }: { model_id: string },
): Promise<OutputOf<typeof contract.checkNow>> {
  const model = await load(ctx, key)
  const { raised, resolved } = await check(ctx, model)
  const open = await alerts.listAlerts(ctx.db, model.model_id, true)
  return { raised, resolved, open: open.map(shownAlert) }
}

/** Looks at the champion's last 30 days, raises what is newly wrong and ends what no longer is. */
async function check(ctx: Context, model: store.ModelRow): Promise<{ raised: number; resolved: number }> {
  await runtimeOf(ctx).log.flush(ctx)
  const period = await periodOf(ctx, { model_id: model.model_id })
  if (model.kept !== null) return checkKept(ctx, period)
  const state = await driftIn(ctx, period)
  const filter = { version: period.version.version, since: period.since, until: period.until, limit: LOOKED_AT_MAX }
  const rows = await serving.listPredictions(ctx.db, model.model_id, filter)
  const level = period.version.record?.recipe.level ?? 0.9
  const findings = [
    ...findingsOf(state, rows.at(-1)?.at ?? ctx.now()),
    ...accuracyFindings(realisedOf(model, rows, level), period.version.metrics.loss, level),
  ]
  const confirmed = await settle(ctx, model, period.version.version, findings)
  // Seen at two looks: once may be a bad hour.
  if (confirmed.drift && model.settings.retrain_on_drift) await retrainByItself(ctx, model, 'drift')
  return confirmed
}

/** Of a model of readings what came true tells all: a loss that grew, or intervals that fail, ask for training as drift does. */
async function checkKept(ctx: Context, { model, version, since, until }: Period) {
  const days = await observed.listDays(ctx.db, model.model_id, version.version, since, until)
  const level = days.some(({ banded }) => banded > 0) ? KEPT_LEVEL : null
  const confirmed = await settle(ctx, model, version.version, keptFindings(days, version.metrics.loss, level))
  if (confirmed.drift && model.settings.retrain_on_drift) await retrainByItself(ctx, model, 'drift')
  return confirmed
}

async function settle(
  ctx: Context,
  model: store.ModelRow,
  version: number,
  findings: readonly Finding[],
): Promise<{ raised: number; resolved: number; drift: boolean }> {
  const at = ctx.now()
  const keyOf = ({ kind, feature }: Pick<Finding, 'kind' | 'feature'>) => `${kind}/${feature ?? ''}`
  return ctx.db.transaction(async (tx) => {
    await store.lockModel(tx, model.model_id)
    const open = (await alerts.listAlerts(tx, model.model_id, true)).filter(
      ({ kind }) => kind !== 'experiment' && kind !== 'training',
    )
    const same = open.filter((row) => row.version === version)
    const found = new Map(findings.map((finding) => [keyOf(finding), finding]))
    let drift = false
    for (const row of open) {
      const finding = row.version === version ? found.get(keyOf(row as Finding)) : undefined
      if (!finding) await alerts.updateAlert(tx, row.alert_id, { resolved_at: at })
      else {
        const tells = row.kind === 'drift' || (model.kept !== null && row.kind !== 'quality')
        drift ||= tells && row.facts.confirmed !== true
        const { says, facts } = finding
        await alerts.updateAlert(tx, row.alert_id, { seen_at: at, says, facts: { ...facts, confirmed: true } })
      }
    }
    const known = new Set(same.map((row) => keyOf(row as Finding)))
    const fresh = [...found].filter(([key]) => !known.has(key)).map(([, finding]) => finding)
    for (const finding of fresh)
      await alerts.insertAlert(tx, {
        ...finding,
        alert_id: newId('alt', at),
        organisation_id: model.organisation_id,
        model_id: model.model_id,
        version,
        // One alert a feature, whichever slice is loudest today.
        slice: finding.slice,
        raised_at: at,
        seen_at: at,
        acknowledged_at: null,
        acknowledged_by: null,
        resolved_at: null,
      })
    const resolved = open.filter((row) => row.version !== version || !found.has(keyOf(row as Finding))).length
    return { raised: fresh.length, resolved, drift }
  })
}

/** Once an hour: every model that answers, of every organisation. */
export async function watch(ctx: Context): Promise<void> {
  for (const model of await store.modelsInUse(ctx.system_db)) {
    const as = actingFor(ctx, model.organisation_id)
    const aliases = await aliasesOf(as, model.model_id)
    if (aliases[CHAMPION] === undefined) continue
    const before = new Date(ctx.now().getTime() - model.settings.keep_days * 86_400_000)
    await serving.deletePredictionsBefore(ctx.system_db, model.model_id, before)
    try {
      await check(as, model)
    } catch (error) {
      ctx.log.warn({ err: error, model_id: model.model_id }, 'a model could not be checked')
    }
  }
  runtimeOf(ctx).checked_at = ctx.now()
}

function shownAlert(row: alerts.AlertRow): Alert {
  const { organisation_id: _, ...rest } = row
  return {
    ...rest,
    since: row.since.toISOString(),
    raised_at: row.raised_at.toISOString(),
    seen_at: row.seen_at.toISOString(),
    acknowledged_at: row.acknowledged_at?.toISOString() ?? null,
    resolved_at: row.resolved_at?.toISOString() ?? null,
  }
}
