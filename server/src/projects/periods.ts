import { digestOf } from '@tidemark/core/certificates/canonical.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { PERIODS_MAX, type Citation, type Period } from '@tidemark/core/projects/contract.ts'
import type * as contract from '@tidemark/core/projects/contract.ts'
import { nameOfActor } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { findSeries, seriesQuality, slotsOf, type KnownSeries, type Slot } from '../telemetry/service.ts'
import { note } from './happenings.ts'
import { knownProject, refuseWithdrawn } from './service.ts'
import { shownCitation, shownPeriod } from './shown.ts'
import * as store from './store.ts'

const HOUR_S = 3_600
const DAY_MS = 86_400_000
const CITATIONS_MAX = 100

export async function listPeriods(
  ctx: Context,
  { project_id }: { project_id: string },
): Promise<OutputOf<typeof contract.listPeriods>> {
  const project = await knownProject(ctx, project_id)
  const periods = await store.listPeriods(ctx.db, project.organisation_id, project.id)
  const citations = await store.listCitations(
    ctx.db,
    periods.map(({ period_id }) => period_id),
  )
  return { periods: periods.map((period) => shownPeriod(period, citations)) }
}

export async function addPeriod(
  ctx: Context,
  { project_id, from, to, name, note: remark }: InputOf<typeof contract.addPeriod>,
): Promise<Period> {
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await knownProject(inside, project_id, { lock: true })
    refuseWithdrawn(project)
    const there = (await store.listPeriods(tx, project.organisation_id, project.id)).length
    if (!(there < PERIODS_MAX)) throw tooMany('periods', there, PERIODS_MAX)
    const created_at = ctx.now()
    const row: store.PeriodRow = {
      period_id: newId('prd', created_at),
      organisation_id: project.organisation_id,
      project_id: project.id,
      name,
      from_day: from,
      to_day: to,
      note: remark,
      created_at,
      created_by: await nameOfActor(inside),
    }
    await store.insertPeriod(tx, row)
    const facts = { from, to }
    await note(inside, project, { kind: 'period', action: 'projects.period_added', subject_id: row.period_id, facts })
    return shownPeriod(row, [])
  })
}

/** Cites a series: its hourly figures within the period as they stand now, with their digest. */
export async function citeSeries(
  ctx: Context,
  { period_id, series_id, note: remark }: InputOf<typeof contract.citeSeries>,
): Promise<Citation> {
  const organisation_id = organisationOf(ctx)
  const period = await store.findPeriod(ctx.db, organisation_id, period_id)
  if (!period) throw new Problem('projects/unknown-period', { detail: `There is no period ${period_id}.` })
  const series = await findSeries(ctx, series_id)
  if (!series) throw new Problem('projects/unknown-series', { detail: `There is no series ${series_id}.` })
  const from = new Date(`${period.from_day}T00:00:00Z`)
  const end = new Date(Date.parse(`${period.to_day}T00:00:00Z`) + DAY_MS)
  const slots = (await slotsOf(ctx, [series_id], HOUR_S, from, end)).get(series_id) ?? []
  const cited = { ...citedOf(series, slots, from, end), ...(await qualityOf(ctx, series_id, from, end)) }
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await knownProject(inside, period.project_id, { lock: true })
    refuseWithdrawn(project)
    const there = (await store.listCitations(tx, [period_id])).length
    if (!(there < CITATIONS_MAX)) throw tooMany('citations in a period', there, CITATIONS_MAX)
    const cited_at = ctx.now()
    const row: store.CitationRow = {
      citation_id: newId('cit', cited_at),
      organisation_id,
      period_id,
      series_id,
      cited,
      digest: digestOf({ hours: slots.map(shownHour), quality: cited.quality }).slice('sha256:'.length),
      note: remark,
      cited_at,
      cited_by: await nameOfActor(inside),
    }
    await store.insertCitation(tx, row)
    const facts = { measure: cited.measure, quality_score: cited.quality_score }
    await note(inside, project, { kind: 'cited', action: 'projects.series_cited', subject_id: row.citation_id, facts })
    return shownCitation(row)
  })
}

const shownHour = ({ from_ms, ...figures }: Slot) => ({ ...figures, from: new Date(from_ms).toISOString() })

/** What telemetry makes of the series over the period, as it stands now. */
async function qualityOf(
  ctx: Context,
  series_id: number,
  from: Date,
  to: Date,
): Promise<Pick<store.Cited, 'quality_score' | 'quality'>> {
  const found = await seriesQuality(ctx, series_id, { from, to })
  if (found === null) return { quality_score: null, quality: null }
  const { score, ...quality } = found
  return { quality_score: 100 * score, quality }
}

/** @throws Problem `projects/nothing-to-cite` where no reading counts. */
function citedOf(
  series: KnownSeries,
  slots: readonly Slot[],
  from: Date,
  end: Date,
): Omit<store.Cited, 'quality_score' | 'quality'> {
  const { sensor_id, measure, unit, simulated, kind } = series
  const sum = (of: (slot: Slot) => number) => slots.reduce((total, slot) => total + of(slot), 0)
  const readings = sum((slot) => slot.readings)
  const not_counted = sum((slot) => slot.not_counted)
  if (readings === 0) {
    throw new Problem('projects/nothing-to-cite', {
      detail: `${sensor_id} has no counted reading of ${measure} in this period${not_counted > 0 ? `; ${not_counted} were invalid` : ''}.`,
      not_counted,
    })
  }
  const hours = (end.getTime() - from.getTime()) / (HOUR_S * 1_000)
  const lows = slots.flatMap(({ low }) => low ?? [])
  const highs = slots.flatMap(({ high }) => high ?? [])
  return {
    sensor_id,
    measure,
    unit,
    simulated,
    from: from.toISOString(),
    to: end.toISOString(),
    readings,
    not_counted,
    mean: sum((slot) => (slot.mean ?? 0) * slot.readings) / readings,
    min: lows.length === 0 ? null : Math.min(...lows),
    max: highs.length === 0 ? null : Math.max(...highs),
    amount: kind === 'counter' ? sum((slot) => slot.amount) : null,
    coverage_fraction: slots.filter((slot) => slot.readings > 0).length / hours,
  }
}

function tooMany(what: string, there: number, max: number): Problem {
  return new Problem('projects/too-many', { detail: `There are ${there} ${what}; at most ${max} are kept.` })
}
