import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { localTime } from '@tidemark/core/sites/local-time.ts'
import type { Case } from '@tidemark/core/sites/schedule-advice.ts'
import {
  optimization as optimizationRoute,
  realisedPlan as realisedRoute,
  type Optimization,
} from '@tidemark/core/sites/schedule-contract.ts'
import { expectedPeak_kw, PEAK_DAYS_MIN, shavedPeak_kw } from '@tidemark/core/sites/schedule-peak.ts'
import {
  batteryTasks,
  pricesOf,
  runsOf,
  type BatteryTask,
  type ScheduleTask,
  withoutRuns,
} from '@tidemark/core/sites/schedule-task.ts'
import { contributionOf, variantsOf } from '@tidemark/core/sites/schedule-variants.ts'
import type { Tariff } from '@tidemark/core/sites/tariff.ts'
import { bind } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { seriesOfSite, type SiteSeries } from '../telemetry/service.ts'
import { forecastOf, insufficient, keep } from './forecast.ts'
import type { MadeForecast, SiteForecast } from './forecast-answer.ts'
import { locationEmissions, readSlots } from './metrics.ts'
import { shownPlan, type Solution } from './schedule-answer.ts'
import { realisedOf } from './schedule-realised.ts'
import * as store from './schedule-store.ts'
import { knownSite } from './service.ts'
import { solve } from './solver.ts'
import type { SiteRow } from './store.ts'

const DAY_MS = 86_400_000
/** A battery whose charge was read longer ago may be anywhere. */
const CHARGE_KNOWN_MS = 2 * 3_600_000
/** A plan for a week is worth this much of a solver's time, one for a day less; what it is compared with, a third. */
const TIME_LIMIT_S = { '24h': 9, '7d': 18 } as const

/** Plans a site: what can be known is read, the rest is the solver's. The same slot is planned once. */
export async function optimization(ctx: Context, input: InputOf<typeof optimizationRoute>): Promise<Optimization> {
  const site = await knownSite(ctx, input.siteId)
  const { horizon } = input
  if (site.tariff === null)
    throw new Problem('sites/no-tariff', {
      detail: 'Without prices no plan is cheaper than another: give the site a tariff.',
    })
  const made = await forecastOf(ctx, site, horizon)
  const { id: site_id, organisation_id, changed_at: site_changed_at } = site
  const same = { organisation_id, site_id, horizon, made_at: made.now, site_changed_at }
  const known = await store.findPlanOf(ctx.db, same)
  if (known) return known.answer
  await keep(ctx, site, made)
  const { task, assumptions } = await taskOf(ctx, site, site.tariff, made)
  const solution = await solveAll(task, horizon, casesOf(task, made))
  const plan_id = newId('plan', ctx.now())
  const answer = shownPlan({ plan_id, site, horizon, made, solution, assumptions })
  await store.insertPlan(ctx.db, { ...same, plan_id, task, schedule: solution.plan.schedule, answer })
  return (await store.findPlanOf(ctx.db, same))?.answer ?? answer
}

export async function plan(
  ctx: Context,
  { plan_id }: InputOf<typeof realisedRoute>,
): Promise<OutputOf<typeof realisedRoute>> {
  const row = await store.findPlan(ctx.db, organisationOf(ctx), plan_id)
  if (!row) throw new Problem('sites/unknown-plan', { detail: `There is no plan "${plan_id}".`, plan_id })
  const site = await knownSite(ctx, row.site_id)
  return { plan: row.answer, realised: await realisedOf(ctx, site, row) }
}

export const scheduleBindings = [bind(optimizationRoute, optimization), bind(realisedRoute, plan)]

async function solveAll(task: ScheduleTask, horizon: '24h' | '7d', cases: readonly Case[]): Promise<Solution> {
  const limit_s = TIME_LIMIT_S[horizon]
  const solved = await solve(task, limit_s)
  const contributions: Solution['contributions'] = []
  const without: Solution['without'] = new Map()
  for (const variant of variantsOf(task)) {
    const { schedule } = await solve(variant.task, limit_s / 3)
    contributions.push(contributionOf(task, solved.schedule, variant, schedule))
    if (!variant.own_prices) without.set(variant.without, variant.whole(schedule))
  }
  return { task, plan: solved, contributions, without, cases }
}

/** Puts together what a plan rests on, and says what was assumed where nothing is known. */
async function taskOf(
  ctx: Context,
  site: SiteRow,
  tariff: Tariff,
  made: SiteForecast,
): Promise<{ task: ScheduleTask; assumptions: string[] }> {
  const { load, generation } = made.targets
  if (load === undefined) throw insufficient('load', made)
  const generates = site.assets.some(({ kind }) => kind === 'pv_inverter' || kind === 'turbine' || kind === 'genset')
  if (generates && generation === undefined) throw insufficient('generation', made)
  const series = await seriesOfSite(ctx, site.id)
  const grid = {
    start_ms: made.now.getTime(),
    slot_s: made.slot_s,
    count: made.steps,
    time_zone: site.time_zone,
  }
  const assumptions: string[] = []
  const shiftable = site.shiftable_loads.flatMap((each) => runsOf(each, grid))
  const reached = await peakSoFar(ctx, site, series, made.now, assumptions)
  const metered = Array.from(load.point_kw)
  const batteries = batteryTasks(site.assets, chargeOf(site, series, made.now, assumptions))
  const days_kw = tariff.demand_charge_per_kw_month > 0 ? await lastPeaks(ctx, site, series, made.now, batteries) : []
  const peakOf = (month: string, last_ms: number) => {
    const expected_kw = expectedPeak_kw(days_kw, daysLeft(last_ms, site.time_zone))
    const so_far_kw = month === reached.month ? reached.peak_kw : 0
    return expected_kw === null ? { so_far_kw } : { so_far_kw, expected_kw }
  }
  const grid_meter = site.assets.find((asset) => asset.kind === 'meter' && asset.role === 'grid')
  const limits = grid_meter?.kind === 'meter' ? grid_meter : undefined
  if (shiftable.length > 0)
    assumptions.push('Loads that can be moved are in the metered load, from the opening of their window on.')
  if (batteries.length > 0) assumptions.push('Batteries end with at least what they hold now.')
  if (generates) assumptions.push('Generation can be held back.')
  if (tariff.demand_charge_per_kw_month > 0)
    assumptions.push(
      'Peaks are weighed with what is drawn at its p90.',
      days_kw.length < PEAK_DAYS_MIN
        ? 'Only peaks within the horizon are weighed; later days of the month may set a higher one.'
        : `What the rest of a month will reach anyway is told by ${days_kw.length} of the last ${PEAK_DAYS} days, each as low as the batteries could have kept it: only what a plan lets rise above that, or above what was reached, is weighed.`,
    )
  const emissions = await locationEmissions(ctx, site, { value: 1_000, coverage: 1 }, made.now, made.now)
  const emissions_kg_per_kwh = emissions.factor?.kg_co2e_per_kwh ?? null
  assumptions.push(
    emissions_kg_per_kwh === null
      ? 'No publisher speaks for the grid of this country: emissions are not known.'
      : 'Every kWh from the grid emits the yearly mean of the country; what is fed in is not credited.',
  )
  return {
    task: {
      start_ms: grid.start_ms,
      slot_s: grid.slot_s,
      load_kw: withoutRuns(metered, shiftable),
      generation_kw: generation === undefined ? metered.map(() => 0) : Array.from(generation.point_kw),
      ...pricesOf(tariff, grid, peakOf),
      surprise_kw: surpriseOf(made),
      emissions_kg_per_kwh,
      batteries,
      shiftable,
      import_kw_max: limits?.import_kw_max ?? null,
      export_kw_max: limits?.export_kw_max ?? null,
    },
    assumptions,
  }
}

/** How full each battery was when it was last read; not so long ago that it may be anywhere. */
function chargeOf(
  site: SiteRow,
  series: readonly SiteSeries[],
  now: Date,
  assumptions: string[],
): Map<string, number | null> {
  const full = new Map<string, number | null>()
  for (const asset of site.assets) {
    if (asset.kind !== 'battery') continue
    const read = series.find(
      ({ measure, sensor_id, last_at }) =>
        measure === 'state_of_charge_percent' &&
        asset.sensor_ids.includes(sensor_id) &&
        last_at !== null &&
        now.getTime() - last_at.getTime() <= CHARGE_KNOWN_MS,
    )
    const known = read?.last_value ?? null
    full.set(asset.asset_id, known === null ? null : known / 100)
    if (known === null) assumptions.push(`How full ${asset.name} is was not read lately: taken as empty to its least.`)
  }
  return full
}

/** The highest quarter of an hour that this month has seen at the grid meter. */
async function peakSoFar(
  ctx: Context,
  site: SiteRow,
  series: readonly SiteSeries[],
  now: Date,
  assumptions: string[],
): Promise<{ month: string; peak_kw: number }> {
  const { year, month, day, minute_of_day } = localTime(now.getTime(), site.time_zone)
  const name = `${year}-${String(month).padStart(2, '0')}`
  // An hour's change of the clock does not matter: the slots before the month are told from it by their name.
  const from_ms = now.getTime() - (day - 1) * DAY_MS - minute_of_day * 60_000 - 3_600_000
  const from = new Date(Math.floor(from_ms / 900_000) * 900_000)
  const { import_kwh } = await readSlots(ctx, site, series, from, now)
  let [peak_kw, known] = [0, 0]
  import_kwh.forEach((kwh, slot) => {
    const at = localTime(from.getTime() + slot * 900_000, site.time_zone)
    if (Number.isNaN(kwh) || at.month !== month) return
    known++
    peak_kw = Math.max(peak_kw, kwh * 4)
  })
  if (known === 0 && (site.tariff?.demand_charge_per_kw_month ?? 0) > 0)
    assumptions.push('The grid meter has said nothing this month: its peak so far is taken as none.')
  return { month: name, peak_kw }
}

/** Days that tell how high the rest of a month will go. */
const PEAK_DAYS = 31

/** The peaks of the last days that were read for the most part, each as low as the batteries could have kept it. */
async function lastPeaks(
  ctx: Context,
  site: SiteRow,
  series: readonly SiteSeries[],
  now: Date,
  batteries: readonly BatteryTask[],
): Promise<number[]> {
  const to = new Date(Math.floor(now.getTime() / 900_000) * 900_000)
  const from = new Date(to.getTime() - PEAK_DAYS * DAY_MS)
  const { import_kwh, export_kwh, battery_kw } = await readSlots(ctx, site, series, from, to)
  const days = new Map<string, number[]>()
  import_kwh.forEach((kwh, slot) => {
    if (Number.isNaN(kwh)) return
    const { year, month, day } = localTime(from.getTime() + slot * 900_000, site.time_zone)
    const sent_kwh = export_kwh[slot] ?? 0
    const net_kw = 4 * (kwh - (Number.isNaN(sent_kwh) ? 0 : sent_kwh)) + (battery_kw?.[slot] || 0)
    const name = `${year}-${month}-${day}`
    days.set(name, [...(days.get(name) ?? []), net_kw])
  })
  return [...days.values()].filter((day) => day.length >= 0.8 * 96).map((day) => shavedPeak_kw(day, 0.25, batteries))
}

/** Days of the calendar month after an instant. */
function daysLeft(at_ms: number, time_zone: string): number {
  const { year, month, day } = localTime(at_ms, time_zone)
  return new Date(Date.UTC(year, month, 0)).getUTCDate() - day
}

/** From what is expected to be drawn to its p90; nothing where bands are not known. */
function surpriseOf({ targets }: SiteForecast): number[] {
  const drawn = targets.net ?? targets.load
  return drawn?.band80.map((band, slot) => Math.max(0, (band?.upper ?? -Infinity) - (drawn.point_kw[slot] ?? 0))) ?? []
}

/** Load and generation at p10, p50 and p90, in all pairs; none where bands are not known. */
function casesOf(task: ScheduleTask, { targets }: SiteForecast): Case[] {
  const { load, generation } = targets
  if (load === undefined) return []
  const loads = quantiles(load)
  const made = generation === undefined ? [task.generation_kw] : quantiles(generation)
  if (loads === null || made === null) return []
  // What can be moved was taken out of the middle; it is as much at the ends.
  const [low = [], middle = [], high = []] = loads
  const fixed = [low, middle, high].map((kw) =>
    kw.map((each, slot) => Math.max(0, each - (middle[slot] ?? 0) + (task.load_kw[slot] ?? 0))),
  )
  return fixed.flatMap((load_kw) => made.map((generation_kw) => ({ load_kw, generation_kw })))
}

function quantiles({ point_kw, band80 }: MadeForecast): [number[], number[], number[]] | null {
  if (band80.some((band) => band === null)) return null
  return [band80.map((band) => band?.lower ?? 0), Array.from(point_kw), band80.map((band) => band?.upper ?? 0)]
}
