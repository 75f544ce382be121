import { digestOf } from '@tidemark/core/certificates/canonical.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Kept } from '@tidemark/core/models/kept.ts'
import {
  canTeach,
  CLASS_DAYS_MIN,
  CLASS_SITES_MIN,
  ClassModel,
  classOf,
  fitClass,
  type ClassMember,
} from '@tidemark/core/sites/forecast-class.ts'
import { type Component, type ComponentName } from '@tidemark/core/sites/forecast-component.ts'
import { fitToLearn, ForecastModel } from '@tidemark/core/sites/forecast-fit.ts'
import { classMetrics, classVerdict, forecastMetrics, forecastVerdict } from '@tidemark/core/sites/forecast-registry.ts'
import {
  keptChampion,
  keptStanding,
  trainKept,
  wishKept,
  type KeptModel,
  type KeptRun,
  type KeptTrained,
} from '../models/service.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { seriesOfSite } from '../telemetry/service.ts'
import { HISTORY_DAYS, readComponents } from './forecast-series.ts'
import { fitInThread } from './forecast-thread.ts'
import { findSite, listSites, type SiteRow } from './store.ts'

/** Who says something: a version of the registry, or what repeats, which has no name there. */
export interface Speaker {
  model_id: string
  name: string | null
  version: number | null
  trained_at: Date
  model: ForecastModel
}

const HOUR_MS = 3_600_000
/** A class is learnt from so many sites at most, and so many days of each. */
const CLASS_SITES_MAX = 40
const CLASS_HISTORY_DAYS = 28
/** A class that could not be learnt is asked for again after this. */
const CLASS_AGAIN_MS = 6 * HOUR_MS

export const siteModelName = ({ id }: Pick<SiteRow, 'id'>) => `forecast-${id.toLowerCase()}`
const className = (class_key: string, simulated: boolean) => `class-${class_key}${simulated ? '-simulated' : ''}`

/** The forecaster of a site as the registry keeps it. */
function siteModel(site: SiteRow): KeptModel {
  return {
    name: siteModelName(site),
    title: `Forecast: ${site.name}`.slice(0, 120),
    task: 'forecast',
    cadence: 'weekly',
    kept: keptOf(site, [], site.simulated),
    card: {
      purpose: 'Says what the site will use and generate, a day and a week ahead, with bands.',
      audience: 'Whoever runs the site, and the plans that are made for it.',
      limits: 'Of this site alone. Holidays are not known. What it rests on is said with every answer.',
      data: 'Readings of the devices of the site, of up to 140 days; invalid ones count nowhere.',
    },
  }
}

function keptOf(site: SiteRow, series: Kept['series'], simulated: boolean): Kept {
  return {
    keeper: 'sites',
    kind: 'forecaster',
    subject: site.id,
    site: { id: site.id, name: site.name },
    device_kind: null,
    series,
    simulated,
    answers_at: `GET /api/v1/forecast?siteId=${site.id}`,
  }
}

function classModel(class_key: string, simulated: boolean): KeptModel {
  return {
    name: className(class_key, simulated),
    title: `Class of sites: ${class_key}${simulated ? ', simulated' : ''}`,
    task: 'forecast',
    cadence: 'weekly',
    kept: {
      keeper: 'sites',
      kind: 'class-forecaster',
      subject: class_key,
      site: null,
      device_kind: null,
      series: [],
      simulated,
      answers_at: 'GET /api/v1/forecast',
    },
    card: {
      purpose: 'What a new site begins with until it has a past of its own.',
      limits:
        'It knows the course of the days of other sites, not this one: bands are the widest that any of them needed.',
      data: 'The last 28 days of the sites of the organisation that belong to the class, each freed of its size.',
    },
  }
}

/** The version of a site's forecaster that answers. What another version of this program wrote is learnt anew. */
export async function siteChampion(ctx: Context, site: SiteRow): Promise<Speaker | undefined> {
  const found = await keptChampion(ctx, siteModelName(site))
  const file = ForecastModel.safeParse(found?.file)
  if (found === undefined || !file.success) return undefined
  const { model_id, name, version, created_at } = found
  return { model_id, name, version, trained_at: created_at, model: file.data }
}

/** Has a site's forecaster trained, unless that is under way or somebody retired it. */
export async function wishSiteModel(ctx: Context, site: SiteRow): Promise<void> {
  await wishKept(ctx, siteModel(site), 'schedule')
}

/** Whether somebody took the forecaster of a site out of use. */
export async function isRetired(ctx: Context, site: SiteRow): Promise<boolean> {
  return (await keptStanding(ctx, siteModelName(site)))?.is_retired ?? false
}

/** A class that answers, and where it stands in the registry. */
export interface ClassSpeaker {
  name: string
  model_id: string
  version: number
  trained_at: Date
  model: ClassModel
}

/** The class that a component of a site belongs to; a reason where there is none yet, and it is asked for if it can be had. */
export async function classChampion(
  ctx: Context,
  site: SiteRow,
  component: ComponentName,
  simulated: boolean,
): Promise<ClassSpeaker | { reason: string }> {
  const class_key = classOf(site.assets, component)
  if (class_key === null) return { reason: `${component}: sites with such assets are no class.` }
  const name = className(class_key, simulated)
  const found = await keptChampion(ctx, name)
  const file = ClassModel.safeParse(found?.file)
  if (found !== undefined && file.success) {
    const { model_id, version, created_at } = found
    return { name, model_id, version, trained_at: created_at, model: file.data }
  }
  const others = (await sitesOfClass(ctx, class_key, component)).filter(({ id }) => id !== site.id)
  if (others.length < CLASS_SITES_MIN)
    return {
      reason: `${component}: ${others.length} other sites are of the class ${class_key}; ${CLASS_SITES_MIN} are needed.`,
    }
  const standing = await keptStanding(ctx, name)
  const asked_ms = standing?.last_run?.created_at.getTime() ?? -Infinity
  if (ctx.now().getTime() - asked_ms >= CLASS_AGAIN_MS)
    await wishKept(ctx, classModel(class_key, simulated), 'schedule')
  const ended = standing?.last_run?.reason ?? null
  return {
    reason: `${component}: the class ${class_key} is not learnt yet${ended === null ? '; ask again in a minute.' : `. ${ended}`}`,
  }
}

async function sitesOfClass(ctx: Context, class_key: string, component: ComponentName): Promise<SiteRow[]> {
  const sites = await listSites(ctx.db, organisationOf(ctx))
  return sites.filter(({ assets }) => classOf(assets, component) === class_key)
}

/** The job: trains whichever model of a site or a class a run is of. */
export async function trainSiteModel(ctx: Context, payload: { run_id: string }): Promise<void> {
  await trainKept(ctx, payload, async (own, run) => {
    const kept = run.model.kept
    return kept?.kind === 'class-forecaster' ? trainClass(own, run, kept) : trainSite(own, run)
  })
}

async function trainSite(ctx: Context, { model, say, step, signal }: KeptRun): Promise<KeptTrained> {
  const site = await findSite(ctx.db, organisationOf(ctx), model.kept?.subject ?? '')
  if (!site) throw nothingToLearn('The site is gone.')
  const read = await readComponents(ctx, site, HISTORY_DAYS)
  const ready = fitToLearn(read.components, 366)
  say(
    `Read ${ready.map(({ name, values }) => `${known(values)} slots of ${name}`).join(', ') || 'no component that can be learnt'}.`,
  )
  const fitted = await fitInThread(
    { components: ready, learns: true },
    (done) => {
      say(done.line)
      step(done.step, done.of)
    },
    signal,
  )
  if (fitted === null)
    throw nothingToLearn('The history is too short, or too full of gaps, to judge any forecast by what came.')
  const before = await siteChampion(ctx, site)
  const champion = before?.version ? { version: before.version, model: before.model } : null
  const wanted = new Set(site.assets.flatMap(({ sensor_ids }) => sensor_ids))
  const series = (await seriesOfSite(ctx, site.id))
    .filter(({ sensor_id, measure }) => wanted.has(sensor_id) && /(?:power_kw|energy_kwh)$/.test(measure))
    .slice(0, 200)
    .map(({ sensor_id, measure }) => ({ sensor_id, measure }))
  return {
    file: fitted,
    data_sha256: digestOfComponents(ready),
    readings: usedOf(ready),
    algorithm: [...new Set(Object.values(fitted.components).map(({ near }) => near.name))].join('; ').slice(0, 300),
    metrics: forecastMetrics(fitted),
    verdict: forecastVerdict(fitted, champion),
    kept: keptOf(site, series, read.simulated),
  }
}

async function trainClass(ctx: Context, { say, step, signal }: KeptRun, kept: Kept): Promise<KeptTrained> {
  const { subject: class_key, simulated } = kept
  const component: ComponentName = class_key === 'solar' ? 'solar' : class_key === 'turbine' ? 'other' : 'load'
  const sites = (await sitesOfClass(ctx, class_key, component)).slice(0, CLASS_SITES_MAX)
  const members: ClassMember[] = []
  for (const [index, site] of sites.entries()) {
    signal.throwIfAborted()
    const read = await readComponents(ctx, site, CLASS_HISTORY_DAYS)
    const found = read.components.find(({ name }) => name === component)
    step(index + 1, sites.length)
    // What is played teaches nothing about what is real, and the other way round.
    if (found === undefined || read.simulated !== simulated || !canTeach(found)) continue
    members.push({ site_id: site.id, component: found })
  }
  say(`${members.length} of ${sites.length} sites of the class have ${CLASS_DAYS_MIN} days of history.`)
  if (members.length < CLASS_SITES_MIN)
    throw nothingToLearn(
      `${members.length} sites of the class ${class_key} have ${CLASS_DAYS_MIN} days of history; ${CLASS_SITES_MIN} are needed.`,
    )
  const model = fitClass(class_key, members)
  const components = members.map(({ component: each }) => each)
  return {
    file: model,
    data_sha256: digestOfComponents(components),
    readings: usedOf(components),
    algorithm: 'class-shape',
    metrics: classMetrics(model),
    verdict: classVerdict(model),
    kept,
  }
}

function nothingToLearn(detail: string): Problem {
  return new Problem('sites/insufficient-data', { detail })
}

function known(values: Float64Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0)
}

function digestOfComponents(components: readonly Component[]): string {
  const told = components.map(({ name, start_ms, slot_s, values }) => [name, start_ms, slot_s, ...values])
  // Not a number has no canonical form; JSON writes it as null.
  return digestOf(JSON.stringify(told)).replace('sha256:', '')
}

function usedOf(components: readonly Component[]): KeptTrained['readings'] {
  const ends = components.map(({ start_ms, slot_s, values }) => start_ms + values.length * slot_s * 1000)
  return {
    from: new Date(Math.min(...components.map(({ start_ms }) => start_ms))).toISOString(),
    to: new Date(Math.max(...ends)).toISOString(),
    count: components.reduce((sum, { values }) => sum + known(values), 0),
  }
}
