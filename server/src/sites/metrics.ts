import { calculate } from '@tidemark/core/footprint/calculate.ts'
import { Inventory } from '@tidemark/core/footprint/contract.ts'
import { libraryOf } from '@tidemark/core/footprint/library.ts'
import { findActivity } from '@tidemark/core/factors/activities.ts'
import type { InputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Asset } from '@tidemark/core/sites/contract.ts'
import { metrics as metricsRoute, METRICS_DAYS_MAX, type SiteMetrics } from '@tidemark/core/sites/metrics-contract.ts'
import { metricsOf, type Figure, type SiteSlots } from '@tidemark/core/sites/metrics.ts'
import { factorsOfActivities } from '../factors/service.ts'
import { bind } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { seriesOfSite, slotsOf, type SiteSeries, type Slot } from '../telemetry/service.ts'
import { knownSite } from './service.ts'
import type { SiteRow } from './store.ts'

const SLOT_S = 900
const SLOT_MS = SLOT_S * 1000
const DAY_MS = 86_400_000
/** What was measured longer ago is not what is so now. */
const NOW_MS = 2 * SLOT_MS

export async function metrics(ctx: Context, input: InputOf<typeof metricsRoute>): Promise<SiteMetrics> {
  const site = await knownSite(ctx, input.id)
  const { from, to } = spanOf(input, ctx.now())
  const series = await seriesOfSite(ctx, site.id)
  const slots = await readSlots(ctx, site, series, from, to)
  const figures = metricsOf(slots, site)
  return {
    site_id: site.id,
    from: from.toISOString(),
    to: to.toISOString(),
    simulated: site.simulated || series.some(({ simulated }) => simulated),
    now: nowOf(site, series, ctx.now()),
    ...figures,
    emissions_location_kg_co2e: await locationEmissions(ctx, site, figures.energy.import_kwh, from, to),
  }
}

export const metricsBindings = [bind(metricsRoute, metrics)]

function spanOf(input: { from?: string | undefined; to?: string | undefined }, now: Date): { from: Date; to: Date } {
  const to_ms = Math.floor((input.to === undefined ? now.getTime() : Date.parse(input.to)) / SLOT_MS) * SLOT_MS
  const from_ms = input.from === undefined ? to_ms - DAY_MS : Math.floor(Date.parse(input.from) / SLOT_MS) * SLOT_MS
  const longest_ms = METRICS_DAYS_MAX * DAY_MS
  // One end given and the other not: the contract cannot know how far apart they are.
  if (from_ms >= to_ms || to_ms - from_ms > longest_ms) {
    throw new Problem('request/invalid', {
      detail: `from lies before to, and at most ${METRICS_DAYS_MAX} days.`,
      faults: [
        { path: '/from', code: 'invalid-span', message: `from lies at most ${METRICS_DAYS_MAX} days before to.` },
      ],
    })
  }
  return { from: new Date(from_ms), to: new Date(to_ms) }
}

/** Reads what the devices of a site's assets measured, slot by slot. */
export async function readSlots(
  ctx: Context,
  site: SiteRow,
  series: readonly SiteSeries[],
  from: Date,
  to: Date,
): Promise<SiteSlots> {
  const stored = await slotsOf(
    ctx,
    series.map(({ series_id }) => series_id),
    SLOT_S,
    from,
    to,
  )
  const count = Math.round((to.getTime() - from.getTime()) / SLOT_MS)
  const grid = (values: readonly Slot[], of: (slot: Slot) => number | null) => {
    const laid = new Float64Array(count).fill(NaN)
    for (const slot of values) laid[Math.round((slot.from_ms - from.getTime()) / SLOT_MS)] = of(slot) ?? NaN
    return laid
  }
  /** The first of these measures that a device of the asset has. */
  const lay = (asset: Asset, measures: readonly string[], of: (slot: Slot) => number | null) => {
    const found = measures
      .flatMap((measure) => series.filter((each) => each.measure === measure))
      .find(({ sensor_id }) => asset.sensor_ids.includes(sensor_id))
    return found === undefined ? null : grid(stored.get(found.series_id) ?? [], of)
  }
  const mean = ({ mean: value }: Slot) => value
  const amount = ({ amount: value, readings }: Slot) => (readings === 0 && value === 0 ? null : value)
  const ofKind = <K extends Asset['kind']>(kind: K) =>
    site.assets.filter((asset): asset is Extract<Asset, { kind: K }> => asset.kind === kind)
  const makers = [...ofKind('pv_inverter'), ...ofKind('turbine'), ...ofKind('genset')]
  const made = makers.flatMap((asset) => {
    const power = lay(asset, ['generation_power_kw', 'power_kw'], mean)
    return power === null ? [] : [{ asset, power }]
  })
  const grid_meters = ofKind('meter').filter(({ role }) => role === 'grid')
  const drawn = (measure: string, sign: 1 | -1) =>
    addUp(
      grid_meters.flatMap(
        (asset) =>
          lay(asset, [measure], amount) ??
          lay(asset, ['grid_power_kw'], ({ mean: power }) =>
            power === null ? null : (Math.max(0, sign * power) * SLOT_S) / 3_600,
          ) ??
          [],
      ),
      count,
    )
  const loads = ofKind('meter').flatMap((asset) =>
    asset.role === 'load' ? (lay(asset, ['load_power_kw', 'power_kw'], mean) ?? []) : [],
  )
  const batteries = ofKind('battery').flatMap((asset) => lay(asset, ['battery_power_kw', 'power_kw'], mean) ?? [])
  const intensity = series.find(({ measure }) => measure === 'grid_intensity_g_per_kwh')
  return {
    from_ms: from.getTime(),
    to_ms: to.getTime(),
    slot_s: SLOT_S,
    generation_kw:
      made.length === 0
        ? new Float64Array(count)
        : addUp(
            made.map(({ power }) => power),
            count,
          ),
    load_kw: loads.length === 0 ? null : addUp(loads, count),
    import_kwh: drawn('import_energy_kwh', 1),
    export_kwh: drawn('export_energy_kwh', -1),
    battery_kw: batteries.length === 0 ? null : addUp(batteries, count),
    grid_intensity_g_per_kwh: intensity === undefined ? null : grid(stored.get(intensity.series_id) ?? [], mean),
    inverters: made.flatMap(({ asset, power }) =>
      asset.kind === 'pv_inverter'
        ? [
            {
              asset_id: asset.asset_id,
              plant: asset,
              generation_kw: power,
              irradiance_w_per_m2: lay(asset, ['irradiance_w_per_m2'], mean),
            },
          ]
        : [],
    ),
  }
}

/** The sum slot by slot; where one of them is missing, so is the sum. Of nothing at all nothing is known. */
function addUp(parts: readonly Float64Array[], count: number): Float64Array {
  if (parts.length === 0) return new Float64Array(count).fill(NaN)
  return Float64Array.from({ length: count }, (_, i) => parts.reduce((sum, part) => sum + (part[i] ?? NaN), 0))
}

export function nowOf(site: SiteRow, series: readonly SiteSeries[], now: Date): SiteMetrics['now'] {
  const used: Date[] = []
  const latest = (kinds: readonly Asset['kind'][], measure: string, role?: string) => {
    const sensors = site.assets
      .filter(
        (asset) =>
          kinds.includes(asset.kind) && (role === undefined || (asset.kind === 'meter' && asset.role === role)),
      )
      .flatMap(({ sensor_ids }) => sensor_ids)
    const fresh = series.filter(
      (each) =>
        each.measure === measure &&
        sensors.includes(each.sensor_id) &&
        each.last_at !== null &&
        now.getTime() - each.last_at.getTime() <= NOW_MS,
    )
    used.push(...fresh.flatMap(({ last_at }) => last_at ?? []))
    return fresh.length === 0 ? null : fresh.reduce((sum, { last_value }) => sum + (last_value ?? 0), 0)
  }
  const generation_kw = latest(['pv_inverter', 'turbine', 'genset'], 'generation_power_kw')
  const load_kw = latest(['meter'], 'load_power_kw', 'load')
  const grid_kw = latest(['meter'], 'grid_power_kw', 'grid')
  const battery_kw = latest(['battery'], 'battery_power_kw')
  const state_of_charge_percent = latest(['battery'], 'state_of_charge_percent')
  const oldest_ms = Math.min(...used.map((at) => at.getTime()))
  return {
    generation_kw,
    load_kw,
    grid_kw,
    battery_kw,
    state_of_charge_percent,
    at: used.length === 0 ? null : new Date(oldest_ms).toISOString(),
  }
}

/** Import by the yearly factor of the country's grid, chosen and computed by the footprint engine itself. */
export async function locationEmissions(
  ctx: Context,
  site: SiteRow,
  drawn: Figure,
  from: Date,
  to: Date,
): Promise<SiteMetrics['emissions_location_kg_co2e']> {
  if (drawn.value === null) return { ...drawn, factor: null }
  const inventory = Inventory.parse({
    organisation: { name: 'Site', country: site.country },
    reporting_period: { start_date: from.toISOString().slice(0, 10), end_date: to.toISOString().slice(0, 10) },
    lines: [{ id: 'import', quantity: Math.max(0, drawn.value), unit: 'kWh', activity: 'electricity' }],
  })
  const activities = ['electricity', ...(findActivity('electricity')?.companions ?? [])]
  try {
    const result = calculate(inventory, libraryOf({ factors: await factorsOfActivities(ctx, activities) }))
    const [used] = result.factors_used
    return {
      value: result.emissions_kg_co2e,
      coverage: drawn.coverage,
      factor:
        used === undefined
          ? null
          : { id: used.id, edition: used.edition, publisher: used.publisher, kg_co2e_per_kwh: used.total_kg_co2e },
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    // No publisher speaks for this country: then there is no figure.
    const reason = error.details.faults?.[0]?.message ?? error.message
    return { value: null, coverage: drawn.coverage, reason, factor: null }
  }
}
