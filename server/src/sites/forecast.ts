import type { InputOf } from '@tidemark/core/lib/contract.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import { classError_kw, classOf, predictClass, SCALE_SLOTS_MIN } from '@tidemark/core/sites/forecast-class.ts'
import { knownLately, stepsOfDay, type Component, type ComponentName } from '@tidemark/core/sites/forecast-component.ts'
import {
  forecast as forecastRoute,
  tellWeather as tellWeatherRoute,
  weatherColumns,
  type ForecastAnswer,
} from '@tidemark/core/sites/forecast-contract.ts'
import {
  bears,
  classTargetOf,
  fitToLearn,
  FLAT_VALUES_MIN,
  flatComponents,
  FULL_DAYS_MIN,
  predictComponents,
  type ForecastLevel,
  type Said,
  targetNames,
  targetOf,
  type TargetName,
} from '@tidemark/core/sites/forecast-fit.ts'
import { componentFor } from '@tidemark/core/sites/forecast-limits.ts'
import { bind } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { shownForecast, type SiteForecast } from './forecast-answer.ts'
import {
  classChampion,
  isRetired,
  siteChampion,
  wishSiteModel,
  type ClassSpeaker,
  type Speaker,
} from './forecast-models.ts'
import { readComponents } from './forecast-series.ts'
import * as store from './forecast-store.ts'
import { fitInThread } from './forecast-thread.ts'
import { knownSite } from './service.ts'
import type { SiteRow } from './store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A fit takes seconds; one that did not come in this time is asked for again. */
const ASKED_MS = HOUR_MS / 6
/** What repeats looks back this far only, and is measured in the time of a request. */
const BASELINE_DAYS = 28
/** What repeats costs milliseconds to learn anew. */
const REPEAT_AFTER_MS = DAY_MS
export const COVERAGE_DAYS = 60

const generators = new Set<string>(['pv_inverter', 'turbine', 'genset'])

export async function forecast(ctx: Context, input: InputOf<typeof forecastRoute>): Promise<ForecastAnswer> {
  const site = await knownSite(ctx, input.siteId)
  const made = await forecastOf(ctx, site, input.horizon)
  const generates = site.assets.some(({ kind }) => generators.has(kind))
  const target = input.target ?? (generates ? 'generation' : 'load')
  const asked = made.targets[target]
  if (asked === undefined) throw insufficient(target, made)
  await keep(ctx, site, made)
  const since = new Date(ctx.now().getTime() - COVERAGE_DAYS * DAY_MS)
  const coverage = await store.coverageSince(ctx.db, site.organisation_id, site.id, since)
  return shownForecast({ site, made, asked, horizon: input.horizon, coverage })
}

export async function tellWeather(
  ctx: Context,
  { id, issued_at, values }: InputOf<typeof tellWeatherRoute>,
): Promise<{ stored: number; issued_at: string }> {
  const site = await knownSite(ctx, id)
  const issued = issued_at === undefined ? ctx.now() : new Date(issued_at)
  const faults: Fault[] = values.flatMap(({ at }, index) =>
    Date.parse(at) < issued.getTime()
      ? [{ path: `/values/${index}/at`, code: 'not-a-forecast', message: 'An instant after issued_at.', value: at }]
      : [],
  )
  if (issued > ctx.now()) faults.push({ path: '/issued_at', code: 'in-the-future', message: 'Not after now.' })
  if (faults.length > 0)
    throw new Problem('sites/not-a-forecast', {
      detail: 'Weather is told before it comes: each instant lies after issued_at, and that not after now.',
      faults,
    })
  const newest = new Map<string, store.WeatherRow>()
  for (const value of values)
    for (const name of weatherColumns) {
      const told = value[name]
      if (told !== undefined)
        newest.set(`${name} ${Date.parse(value.at)}`, { name, at: new Date(value.at), issued_at: issued, value: told })
    }
  const rows = [...newest.values()]
  return {
    stored: await store.insertWeather(ctx.db, site.organisation_id, site.id, rows),
    issued_at: issued.toISOString(),
  }
}

export const forecastBindings = [bind(forecastRoute, forecast), bind(tellWeatherRoute, tellWeather)]

/** Forecasts everything of a site by the best means that its latest readings bear, and hands it to a learner if due. */
export async function forecastOf(ctx: Context, site: SiteRow, horizon: '24h' | '7d'): Promise<SiteForecast> {
  const read = await readComponents(ctx, site)
  const { components, slot_s } = read
  const steps = stepsOfDay(slot_s) * (horizon === '7d' ? 7 : 1)
  const learnt = await siteChampion(ctx, site)
  await wishIfDue(ctx, site, components, learnt)
  const made: SiteForecast = { ...read, steps, targets: {}, passed_over: [] }
  if (learnt === undefined)
    made.passed_over.push({ level: 'full', reason: await reasonForNoModel(ctx, site, components) })
  else take(made, 'full', learnt, predictComponents(learnt.model, bearing(made, 'full'), steps))
  if (wanting(made, site).length > 0) await takeOwnOrClass(ctx, site, made)
  if (missing(made).length > 0) take(made, 'flatliner', null, flatComponents(components, steps))
  return made
}

/**
 * Until there is one that learnt: what repeats, or what other sites of the class do where that was nearer on the site's own
 * days; of what the site has no days of, the class alone.
 */
async function takeOwnOrClass(ctx: Context, site: SiteRow, made: SiteForecast): Promise<void> {
  const { components, steps } = made
  const wide = [...components, ...unmeasured(site, made)]
  const classes = await classesOf(ctx, site, made, wide)
  const known = await store.findRepeating(ctx.db, site.organisation_id, site.id)
  const repeats = components.length === 0 ? undefined : await baseline(ctx, site, components, known)
  const bear = repeats === undefined ? [] : bearing(made, 'baseline')
  if (repeats === undefined)
    made.passed_over.push({ level: 'baseline', reason: 'There are not three days in which it could be tried out.' })
  else {
    const own = bear.filter((component) => !isOutdone(made, component, repeats, classes.get(component.name)))
    take(made, 'baseline', repeats, predictComponents(repeats.model, own, steps))
  }
  takeClass(made, wide, classes)
  // A sum may want a part that the class does not have.
  if (repeats !== undefined && missing(made).length > 0)
    take(made, 'baseline', repeats, predictComponents(repeats.model, bear, steps))
}

async function classesOf(
  ctx: Context,
  site: SiteRow,
  made: SiteForecast,
  components: readonly Component[],
): Promise<Map<ComponentName, ClassSpeaker>> {
  const found = new Map<ComponentName, ClassSpeaker>()
  for (const { name } of components) {
    const speaker = await classChampion(ctx, site, name, made.simulated)
    if ('reason' in speaker) made.passed_over.push({ level: 'class_model', reason: speaker.reason })
    else found.set(name, speaker)
  }
  return found
}

/** Whether other sites' days tell more of the coming day than the site's own few: by errors on these. */
function isOutdone(
  made: SiteForecast,
  component: Component,
  repeats: Speaker,
  speaker: ClassSpeaker | undefined,
): boolean {
  const own = repeats.model.components[component.name]?.near
  const own_kw = own?.ranking.find(({ name }) => name === own.name)?.mae_kw
  const class_kw = speaker === undefined ? null : classError_kw(speaker.model, component)
  if (own_kw === undefined || class_kw === null || class_kw >= own_kw) return false
  const reason = `${component.name}: the class was ${class_kw.toPrecision(3)} kW off on the site’s own days, repeating them ${own_kw.toPrecision(3)} kW.`
  made.passed_over.push({ level: 'baseline', reason })
  return true
}

function takeClass(
  made: SiteForecast,
  components: readonly Component[],
  classes: ReadonlyMap<ComponentName, ClassSpeaker>,
): void {
  const said = components.flatMap((component) => {
    const speaker = classes.get(component.name)
    const own = speaker === undefined ? null : predictClass(speaker.model, component, made.steps)
    if (speaker !== undefined && own === null) {
      const reason = `${component.name}: ${SCALE_SLOTS_MIN} slots of the last three days are needed to tell how large it is.`
      made.passed_over.push({ level: 'class_model', reason })
    }
    return own === null ? [] : [own]
  })
  for (const target of targetNames) {
    if (made.targets[target] !== undefined) continue
    const found = classTargetOf(target, components, said)
    if (found === null) continue
    const used = Object.keys(found.methods).flatMap((name) => classes.get(name as ComponentName) ?? [])
    made.targets[target] = { ...found, model: null, classes: used }
  }
}

/** Generators that the site has and nobody has heard of yet: how large they are is declared. */
function unmeasured({ assets, ...place }: SiteRow, { components, now, slot_s }: SiteForecast): Component[] {
  return (['solar', 'other'] as const).flatMap((name) => {
    if (components.some((component) => component.name === name) || classOf(assets, name) === null) return []
    const given = { start_ms: now.getTime(), slot_s, weather: {}, notes: [] }
    return [componentFor({ ...place, assets }, name, new Float64Array(0), given)]
  })
}

/** Sums that the site's assets make, and that are not yet there. */
function wanting(made: SiteForecast, site: SiteRow): TargetName[] {
  const declared = unmeasured(site, made).length > 0 && made.targets.generation === undefined
  return declared ? ['generation', ...missing(made)] : missing(made)
}

/** Sums that can be had but are not yet there. */
function missing({ targets, components }: SiteForecast): TargetName[] {
  const has = (name: Component['name']) => components.some((component) => component.name === name)
  const generates = has('solar') || has('other')
  return targetNames.filter(
    (target) => targets[target] === undefined && (target === 'generation' ? generates : has('load')),
  )
}

function bearing({ components, passed_over }: SiteForecast, level: 'full' | 'baseline'): Component[] {
  return components.filter((component) => {
    if (bears([component], level)) return true
    const { known, count } = knownLately(component, 7)
    const share = level === 'full' ? 70 : 30
    const reason = `${component.name}: ${known} of the last week's ${count} slots are known; ${share} % are needed.`
    passed_over.push({ level, reason })
    return false
  })
}

function take(made: SiteForecast, level: ForecastLevel, model: Speaker | null, said: readonly Said[]): void {
  for (const target of missing(made)) {
    const found = targetOf(target, level, model?.model ?? null, made.components, said)
    if (found !== null) made.targets[target] = { ...found, model, classes: [] }
    else if (level === 'full')
      made.passed_over.push({ level, reason: `${target}: its forecasters do not cover all that it is made of.` })
  }
}

async function reasonForNoModel(ctx: Context, site: SiteRow, components: readonly Component[]): Promise<string> {
  if (await isRetired(ctx, site)) return 'Somebody took the forecaster of this site out of use: see its model.'
  const ready = fitToLearn(components, 366)
  const [first] = ready
  const days = first === undefined ? 0 : first.values.length / stepsOfDay(first.slot_s)
  return days >= FULL_DAYS_MIN
    ? 'Forecasters are being fitted; ask again in a minute.'
    : `There are ${days.toFixed(1)} days to learn from; ${FULL_DAYS_MIN} are needed.`
}

/** What repeats is measured when it is first needed, and again when it is a day old. */
async function baseline(
  ctx: Context,
  site: SiteRow,
  components: readonly Component[],
  known: store.ModelRow | undefined,
): Promise<Speaker | undefined> {
  const ready = fitToLearn(components, BASELINE_DAYS)
  const covers = ready.every(({ name }) => known?.model.components[name] !== undefined)
  if (known !== undefined && covers && ctx.now().getTime() - known.trained_at.getTime() < REPEAT_AFTER_MS)
    return { ...known, name: null, version: null }
  const model = await fitInThread({ components: ready, learns: false })
  if (model === null) return undefined
  const { organisation_id, id: site_id } = site
  const trained_at = ctx.now()
  const row = { model_id: newId('fcm', trained_at), organisation_id, site_id, learns: false, trained_at, model }
  await store.saveModel(ctx.db, row)
  return { ...row, name: null, version: null }
}

/**
 * Whether a site is to be learnt anew before its schedule says so: for the first time, of what was not known then, or with a
 * quarter more to learn from.
 */
export function isDue(components: readonly Component[], learnt: Speaker | undefined): boolean {
  const ready = fitToLearn(components, 366)
  const [first] = ready
  if (first === undefined || first.values.length < FULL_DAYS_MIN * stepsOfDay(first.slot_s)) return false
  if (learnt === undefined) return true
  const { trained_from_ms, trained_to_ms, slot_s } = learnt.model
  const length_ms = first.values.length * first.slot_s * 1000
  const covers = ready.every(({ name }) => learnt.model.components[name] !== undefined)
  return !covers || slot_s !== first.slot_s || length_ms > 1.25 * (trained_to_ms - trained_from_ms)
}

export async function wishIfDue(
  ctx: Context,
  site: SiteRow,
  components: readonly Component[],
  learnt: Speaker | undefined,
): Promise<void> {
  if (!isDue(components, learnt)) return
  const not_since = new Date(ctx.now().getTime() - ASKED_MS)
  const { organisation_id, id } = site
  if (await store.wish(ctx.db, organisation_id, id, ctx.now(), not_since)) await wishSiteModel(ctx, site)
}

/** Keeps the day ahead as it was told, to be held against what comes. */
export async function keep(ctx: Context, site: SiteRow, made: SiteForecast): Promise<void> {
  const day = stepsOfDay(made.slot_s)
  const rows = Object.values(made.targets).map(({ target, level, model, classes, point_kw, band80, band95 }) => ({
    site_id: site.id,
    target,
    made_at: made.now,
    organisation_id: site.organisation_id,
    level,
    model_id: model?.model_id ?? classes[0]?.model_id ?? null,
    model_version: model?.version ?? null,
    slot_s: made.slot_s,
    told: { point_kw: [...point_kw.subarray(0, day)], band80: band80.slice(0, day), band95: band95.slice(0, day) },
    outcome: null,
  }))
  await store.keepForecasts(ctx.db, rows)
}

/** Says how much is missing, slot by slot. */
export function insufficient(target: TargetName, { components, slot_s, passed_over }: SiteForecast): Problem {
  const wanted = { load: ['load'], generation: ['solar', 'other'], net: ['load', 'solar', 'other'] }[target]
  const there = components.filter(({ name }) => wanted.includes(name))
  const lately = there.map((component) => ({ name: component.name, ...knownLately(component, 1) }))
  const needs_load = target !== 'generation' && !there.some(({ name }) => name === 'load')
  const faults: Fault[] = lately.flatMap(({ name, known }) =>
    known >= FLAT_VALUES_MIN
      ? []
      : [
          {
            path: `/${name}`,
            code: 'insufficient-data',
            message: `${FLAT_VALUES_MIN - known} more slots of ${slot_s} s of the last day.`,
            value: known,
            expected: FLAT_VALUES_MIN,
          },
        ],
  )
  const nothing = there.length === 0 || needs_load
  const classes = passed_over.filter(({ level }) => level === 'class_model').map(({ reason }) => ` No class: ${reason}`)
  if (nothing)
    faults.push({
      path: needs_load ? '/load' : '/generation',
      code: 'not-measured',
      message: 'A device with readings, named in sensor_ids of an asset of the site.',
      value: 0,
      expected: FLAT_VALUES_MIN,
    })
  return new Problem('sites/insufficient-data', {
    detail: nothing
      ? `Nothing can be forecast: no device of the site's assets measures ${needs_load ? 'load' : 'generation'}.${classes.join('')}`
      : `Nothing can be forecast: ${lately.map(({ name, known, count }) => `${known} of the last ${count} slots of ${name} are known`).join(', ')}; ${FLAT_VALUES_MIN} are needed.${classes.join('')}`,
    faults,
    target,
  })
}
