import type { Component } from '@tidemark/core/sites/forecast-component.ts'
import { signs } from '@tidemark/core/sites/forecast-fit.ts'
import { realisedLoss } from '@tidemark/core/sites/forecast-registry.ts'
import { z } from 'zod'
import { keptMetrics, keptTrainKinds, observeKept } from '../models/service.ts'
import type { Context } from '../platform/context.ts'
import { jobKind, work, type JobBinding } from '../platform/jobs.ts'
import { actingFor } from '../platform/tenancy.ts'
import { COVERAGE_DAYS, forecastOf, keep } from './forecast.ts'
import { trainSiteModel } from './forecast-models.ts'
import * as store from './forecast-store.ts'
import { dropPlans } from './schedule-store.ts'
import { findSite } from './store.ts'

const tendKind = jobKind('sites.tend_forecasts', z.object({}))
const DAY_MS = 86_400_000
/** Readings come late: a day is judged an hour after its end. */
const LATE_MS = 3_600_000
/** Plans are kept for as long as somebody looks back at them. */
const PLAN_DAYS = 400

export const forecastJobs: readonly JobBinding[] = [
  work(keptTrainKinds.sites, { concurrency: 1, expire_s: 15_000, retry_limit: 1 }, trainSiteModel),
  work(tendKind, { schedule: '7 * * * *', retry_limit: 0, expire_s: 1_800 }, tendForecasts),
]

/** Every hour, for each site that has forecasts: tells the day ahead, judges days that are over, has it learn anew if due. */
export async function tendForecasts(ctx: Context): Promise<void> {
  for (const { site_id, organisation_id } of await store.listForecastSites(ctx.system_db)) {
    const own = actingFor(ctx, organisation_id)
    const site = await findSite(own.db, organisation_id, site_id)
    if (!site) continue
    const made = await forecastOf(own, site, '24h')
    await keep(own, site, made)
    await judge(own, site_id, organisation_id, made.components)
    const oldest = new Date(ctx.now().getTime() - COVERAGE_DAYS * DAY_MS)
    await store.dropForecasts(own.db, site_id, oldest)
    await dropPlans(own.db, site_id, new Date(ctx.now().getTime() - PLAN_DAYS * DAY_MS))
  }
}

/** Holds what was told against what came. Slots that were not measured, and nights of the sun, do not count. */
async function judge(ctx: Context, site_id: string, organisation_id: string, components: readonly Component[]) {
  const before = new Date(ctx.now().getTime() - DAY_MS - LATE_MS)
  for (const row of await store.openForecasts(ctx.db, organisation_id, site_id, before)) {
    const outcome = outcomeOf(row, components)
    await store.saveOutcome(ctx.db, row, outcome)
    await tellRegistry(ctx, row, outcome)
  }
}

/** The version that said it learns in the registry how it fared. */
async function tellRegistry(ctx: Context, row: store.ForecastRow, outcome: store.Outcome): Promise<void> {
  const { model_id, model_version: version, target, made_at } = row
  if (model_id === null || version === null) return
  const loss_sum = realisedLoss((await keptMetrics(ctx, model_id, version)) ?? {}, target, outcome.error_kw)
  if (loss_sum === null) return
  await observeKept(
    ctx,
    { model_id, version },
    {
      day: made_at.toISOString().slice(0, 10),
      answers: 1,
      outcomes: outcome.slots,
      loss_sum,
      banded: outcome.banded,
      held: outcome.covered95,
    },
  )
}

function outcomeOf(
  { told, made_at, slot_s, target }: store.ForecastRow,
  components: readonly Component[],
): store.Outcome {
  const outcome = { slots: 0, banded: 0, covered95: 0, covered80: 0, error_kw: 0 }
  const wanted = components.filter(({ name, slot_s: own }) => signs[target][name] !== undefined && own === slot_s)
  told.point_kw.forEach((point, step) => {
    const truth = wanted.reduce((sum, { name, values, start_ms }) => {
      const slot = Math.round((made_at.getTime() - start_ms) / (slot_s * 1000)) + step
      return sum + (signs[target][name] ?? 0) * (values[slot] ?? Number.NaN)
    }, 0)
    const [band95, band80] = [told.band95[step], told.band80[step]]
    const is_night = band95 !== null && band95 !== undefined && band95.lower === band95.upper
    if (wanted.length === 0 || Number.isNaN(truth) || is_night) return
    outcome.slots++
    outcome.error_kw += Math.abs(truth - point)
    if (!band95 || !band80) return
    outcome.banded++
    if (truth >= band95.lower && truth <= band95.upper) outcome.covered95++
    if (truth >= band80.lower && truth <= band80.upper) outcome.covered80++
  })
  return outcome
}
