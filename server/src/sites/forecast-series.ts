import type { Asset } from '@tidemark/core/sites/contract.ts'
import { MEMORY_DAYS, stepsOfDay, type Component, type ComponentName } from '@tidemark/core/sites/forecast-component.ts'
import { weatherColumns } from '@tidemark/core/sites/forecast-contract.ts'
import { componentFor } from '@tidemark/core/sites/forecast-limits.ts'
import { layWeather } from '@tidemark/core/sites/forecast-weather.ts'
import type { Context } from '../platform/context.ts'
import { seriesOfSite, slotsOf, type SiteSeries, type Slot } from '../telemetry/service.ts'
import * as store from './forecast-store.ts'
import type { SiteRow } from './store.ts'

/** What is learnt looks back this far. */
export const HISTORY_DAYS = 140
/** What goes on from there needs no more: a few days beyond what any forecaster remembers. */
const RECENT_DAYS = MEMORY_DAYS + 3
const DAY_MS = 86_400_000
const QUARTER_S = 900
const HOUR_S = 3_600

/** What forecasters are shown of a site, up to now and no further. */
export interface SiteComponents {
  components: Component[]
  /** The end of the histories, where forecasts begin. */
  now: Date
  slot_s: number
  simulated: boolean
  notes: string[]
}

/** Reads loads and generation of a site from its meters, in quarters of an hour, or in hours where it is read more rarely. */
export async function readComponents(ctx: Context, site: SiteRow, days = RECENT_DAYS): Promise<SiteComponents> {
  const measured = new Set(site.assets.flatMap(({ sensor_ids }) => sensor_ids))
  const series = (await seriesOfSite(ctx, site.id)).filter(
    ({ measure, sensor_id }) => measured.has(sensor_id) && /(?:power_kw|energy_kwh)$/.test(measure),
  )
  const slot_s = slotLength(series)
  const now = new Date(Math.floor(ctx.now().getTime() / (slot_s * 1000)) * slot_s * 1000)
  const from = new Date(now.getTime() - days * DAY_MS)
  const grid = {
    start_ms: from.getTime(),
    slot_s,
    count: Math.round((now.getTime() - from.getTime()) / (slot_s * 1000)),
  }
  const stored = await slotsOf(
    ctx,
    series.map(({ series_id }) => series_id),
    slot_s,
    from,
    now,
  )
  const laid = layOut(site, series, stored, grid)
  const known = laid.flatMap(({ values }) => values.findIndex((value) => !Number.isNaN(value))).filter((at) => at >= 0)
  const notes: string[] = []
  const weather = await readWeather(ctx, site, grid, now, notes)
  // Before the first word nothing is compared with anything; with weather, learning begins with it.
  const first = weather.first ?? Math.min(grid.count, ...known)
  const components = laid.map(({ name, values }) =>
    componentFor(site, name, values.slice(first), {
      start_ms: grid.start_ms + first * slot_s * 1000,
      slot_s,
      weather: Object.fromEntries(weather.columns.map(([column, all]) => [column, all.slice(first)])),
      notes,
    }),
  )
  return { components, now, slot_s, simulated: site.simulated || series.some(({ simulated }) => simulated), notes }
}

/** Devices that are read once an hour leave three quarters empty. */
function slotLength(series: readonly SiteSeries[]): number {
  const spacings = series.flatMap(({ readings, first_at, last_at }) =>
    first_at === null || last_at === null || readings < 2
      ? []
      : [(last_at.getTime() - first_at.getTime()) / 1000 / (readings - 1)],
  )
  return spacings.length > 0 && Math.min(...spacings) > 1.8 * QUARTER_S ? HOUR_S : QUARTER_S
}

interface Grid {
  start_ms: number
  slot_s: number
  count: number
}

function layOut(
  site: SiteRow,
  series: readonly SiteSeries[],
  stored: ReadonlyMap<number, Slot[]>,
  grid: Grid,
): { name: ComponentName; values: Float64Array }[] {
  /** Mean power in each slot by the first of these measures that a device of the asset has; counters count as well. */
  const powerOf = (asset: Asset, measures: readonly string[], counter?: string): Float64Array[] => {
    const wanted = [...measures, ...(counter === undefined ? [] : [counter])]
    const found = wanted
      .flatMap((measure) => series.filter((each) => each.measure === measure))
      .find(({ sensor_id, readings }) => readings > 0 && asset.sensor_ids.includes(sensor_id))
    if (found === undefined) return []
    const values = new Float64Array(grid.count).fill(Number.NaN)
    for (const slot of stored.get(found.series_id) ?? []) {
      const at = Math.round((slot.from_ms - grid.start_ms) / (grid.slot_s * 1000))
      const power = found.measure === counter ? (slot.amount * 3_600) / grid.slot_s : slot.mean
      if (power !== null && at >= 0 && at < grid.count) values[at] = power
    }
    return [values]
  }
  const of = (wanted: (asset: Asset) => boolean, measures: readonly string[], counter?: string) =>
    sumOf(site.assets.filter(wanted).flatMap((asset) => powerOf(asset, measures, counter)))
  const made = ['generation_power_kw', 'power_kw']
  const solar = of(({ kind }) => kind === 'pv_inverter', made, 'generation_energy_kwh')
  const other = of(({ kind }) => kind === 'turbine' || kind === 'genset', made, 'generation_energy_kwh')
  const load =
    of((asset) => asset.kind === 'meter' && asset.role === 'load', ['load_power_kw', 'power_kw'], 'energy_kwh') ??
    balanceOf(
      of((asset) => asset.kind === 'meter' && asset.role === 'grid', ['grid_power_kw']),
      [solar, other, of(({ kind }) => kind === 'battery', ['battery_power_kw'])],
    )
  const named: [ComponentName, Float64Array | null][] = [
    ['load', load],
    ['solar', solar],
    ['other', other],
  ]
  return named.flatMap(([name, values]) => (values === null ? [] : [{ name, values: values.map(notBelowZero) }]))
}

/** Meters of a load or a generator show a little less than nothing when there is nothing. */
function notBelowZero(value: number): number {
  return value < 0 ? 0 : value
}

function sumOf(parts: readonly Float64Array[]): Float64Array | null {
  const [first] = parts
  if (first === undefined) return null
  return first.map((_, slot) => parts.reduce((sum, part) => sum + (part[slot] ?? Number.NaN), 0))
}

/** Without a meter of its own, a load is what came from the grid and from what is behind the meter. */
function balanceOf(drawn: Float64Array | null, behind: readonly (Float64Array | null)[]): Float64Array | null {
  if (drawn === null) return null
  return drawn.map((value, slot) => behind.reduce((sum, part) => sum + (part?.[slot] ?? 0), value))
}

async function readWeather(
  ctx: Context,
  site: SiteRow,
  grid: Grid,
  now: Date,
  notes: string[],
): Promise<{ first: number | null; columns: [string, Float64Array][] }> {
  const ahead = stepsOfDay(grid.slot_s)
  const to = new Date(now.getTime() + ahead * grid.slot_s * 1000)
  const rows = await store.listWeather(ctx.db, site.organisation_id, site.id, new Date(grid.start_ms), to, now)
  if (rows.length === 0) return { first: null, columns: [] }
  const columns: [string, Float64Array][] = []
  let first = 0
  for (const name of weatherColumns) {
    const words = rows
      .filter((row) => row.name === name)
      .map(({ at, issued_at, value }) => ({ at_ms: at.getTime(), issued_ms: issued_at.getTime(), value }))
    if (words.length === 0) continue
    const column = layWeather(words, { ...grid, past: grid.count, ahead })
    if ('reason' in column) notes.push(`${name} was not used: ${column.reason}`)
    else {
      columns.push([name, column.values])
      first = Math.max(first, column.first)
    }
  }
  return columns.length === 0 ? { first: null, columns } : { first, columns }
}
