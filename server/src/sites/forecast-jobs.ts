import type { Component } from '@tidemark/core/sites/forecast-component.ts'
import { fitToLearn, signs } from '@tidemark/core/sites/forecast-fit.ts'
import { z } from 'zod'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { enqueue, jobKind, work, type JobBinding } from '../platform/jobs.ts'
import { actingFor } from '../platform/tenancy.ts'
import { COVERAGE_DAYS, fitKind, forecastOf, isDue, keep } from './forecast.ts'
import { HISTORY_DAYS, readComponents } from './forecast-series.ts'
import * as store from './forecast-store.ts'
import { fitInThread } from './forecast-thread.ts'
import { dropPlans } from './schedule-store.ts'
import { findSite } from './store.ts'

const tendKind = jobKind('sites.tend_forecasts', z.object({}))
const DAY_MS = 86_400_000
/** Readings come late: a day is judged an hour after its end. */
const LATE_MS = 3_600_000
/** Plans are kept for as long as somebody looks back at them. */
const PLAN_DAYS = 400

export const forecastJobs: readonly JobBinding[] = [
  work(fitKind, { concurrency: 1, retry_limit: 2, expire_s: 600 }, fit),
  work(tendKind, { schedule: '7 * * * *', retry_limit: 0, expire_s: 1_800 }, tendForecasts),
]

/** Has a thread choose and fit, and keeps what it learnt. The site may be gone by then. */
async function fit(ctx: Context, { site_id, organisation_id }: { site_id: string; organisation_id: string }) {
  const own = actingFor(ctx, organisation_id)
  const site = await findSite(own.db, organisation_id, site_id)
  if (!site) return
  const { components } = await readComponents(own, site, HISTORY_DAYS)
  const model = await fitInThread({ components: fitToLearn(components, 366), learns: true })
  if (model === null) return
  const trained_at = ctx.now()
  await store.saveModel(own.db, {
    model_id: newId('fcm', trained_at),
    organisation_id,
    site_id,
    learns: true,
    trained_at,
    model,
  })
}

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
    const learnt = (await store.findModels(own.db, organisation_id, site_id)).find(({ learns }) => learns)
    if (learnt && isDue(made.components, learnt, ctx.now()))
      await enqueue(own.db, fitKind, { site_id, organisation_id })
  }
}

/** Holds what was told against what came. Slots that were not measured, and nights of the sun, do not count. */
async function judge(ctx: Context, site_id: string, organisation_id: string, components: readonly Component[]) {
  const before = new Date(ctx.now().getTime() - DAY_MS - LATE_MS)
  for (const row of await store.openForecasts(ctx.db, organisation_id, site_id, before)) {
    await store.saveOutcome(ctx.db, row, outcomeOf(row, components))
  }
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
