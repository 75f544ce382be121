import type { Asset } from '@tidemark/core/sites/contract.ts'
import type { AssetHistory } from '@tidemark/core/sites/maintenance-history.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import type { Context } from '../platform/context.ts'
import { slotsOf, type SiteSeries, type Slot } from '../telemetry/service.ts'
import type { SiteRow } from './store.ts'

const HOUR_S = 3_600
/** Swings of charge begin and end within hours: those of a battery are looked at in quarters. */
const SLOT_S_OF_BATTERY = 900

/** What the assets of one site share: the warmth around them, and the inverters that each is compared with. */
export interface Surroundings {
  warmth: Float64Array[]
  inverters: { asset_id: string; share: Float64Array }[]
}

/** The measures that indicators are made of. */
const used = [
  'generation_power_kw',
  'load_power_kw',
  'battery_power_kw',
  'power_kw',
  'irradiance_w_per_m2',
  'module_temperature_c',
  'equipment_temperature_c',
  'state_of_charge_percent',
  'battery_resistance_mohm',
  'battery_capacity_kwh',
  'vibration_rms_mm_per_s',
  'rotation_rpm',
  'fuel_l',
]

export async function readSurroundings(
  ctx: Context,
  site: SiteRow,
  series: readonly SiteSeries[],
  from: Date,
  to: Date,
): Promise<Surroundings> {
  const inverters = site.assets.filter((asset) => asset.kind === 'pv_inverter')
  const powers = inverters.flatMap((asset) => {
    const found = seriesOf(series, asset, 'generation_power_kw') ?? seriesOf(series, asset, 'power_kw')
    return found === undefined ? [] : [{ asset, found }]
  })
  const warm = warmthOf(series, inverters)
  const read = await readSeries(ctx, [...powers.map(({ found }) => found), ...warm], HOUR_S, from, to)
  return {
    warmth: warm.flatMap(({ series_id }) => read.get(series_id) ?? []),
    inverters: powers.flatMap(({ asset, found }) => {
      const power = read.get(found.series_id)
      return power === undefined ? [] : [{ asset_id: asset.asset_id, share: power.map((kw) => kw / asset.rated_kw) }]
    }),
  }
}

/** The air of a weather station; else modules of one inverter and the light that warms them. */
function warmthOf(series: readonly SiteSeries[], inverters: readonly Asset[]): SiteSeries[] {
  const air = series.find(({ measure }) => measure === 'temperature')
  if (air !== undefined) return [air]
  for (const inverter of inverters) {
    const [modules, light] = ['module_temperature_c', 'irradiance_w_per_m2'].map((measure) =>
      seriesOf(series, inverter, measure),
    )
    if (modules !== undefined && light !== undefined) return [modules, light]
  }
  return []
}

/** What was measured on one asset, hour by hour; on a battery quarter by quarter. */
export async function readHistory(
  ctx: Context,
  site: SiteRow,
  series: readonly SiteSeries[],
  asset: Asset,
  surroundings: Surroundings,
  from: Date,
  to: Date,
): Promise<AssetHistory> {
  const found = used.flatMap((measure) => seriesOf(series, asset, measure) ?? [])
  const slot_s = asset.kind === 'battery' ? SLOT_S_OF_BATTERY : HOUR_S
  const read = await readSeries(ctx, found, slot_s, from, to)
  const times = HOUR_S / slot_s
  return {
    asset,
    from_ms: from.getTime(),
    slot_s,
    slot_count: slotCount(slot_s, from, to),
    longitude: site.longitude,
    measured: new Map(
      found.flatMap(({ measure, series_id }) => {
        const values = read.get(series_id)
        return values === undefined ? [] : [[measure, values] as const]
      }),
    ),
    peers: surroundings.inverters.flatMap(({ asset_id, share }) => (asset_id === asset.asset_id ? [] : [share])),
    surroundings: surroundings.warmth.map((hours) => repeated(hours, times)),
  }
}

/** The first device of the asset that measures it. */
function seriesOf(series: readonly SiteSeries[], { sensor_ids }: Asset, measure: string): SiteSeries | undefined {
  return series.find((each) => each.measure === measure && sensor_ids.includes(each.sensor_id))
}

function slotCount(slot_s: number, from: Date, to: Date): number {
  return Math.round((to.getTime() - from.getTime()) / (slot_s * 1000))
}

/** Each value so many times in a row. */
function repeated(values: Float64Array, times: number): Float64Array {
  return times === 1
    ? values
    : Float64Array.from({ length: values.length * times }, (_, i) => values[Math.floor(i / times)] ?? NaN)
}

async function readSeries(
  ctx: Context,
  series: readonly SiteSeries[],
  slot_s: number,
  from: Date,
  to: Date,
): Promise<Map<number, Float64Array>> {
  const stored = await slotsOf(
    ctx,
    series.map(({ series_id }) => series_id),
    slot_s,
    from,
    to,
  )
  return new Map(
    series.map(({ series_id, measure }) => {
      const is_counter = measures.get(measure)?.kind === 'counter'
      return [series_id, laid(stored.get(series_id) ?? [], is_counter, { slot_s, from, to })]
    }),
  )
}

function laid(
  slots: readonly Slot[],
  is_counter: boolean,
  { slot_s, from, to }: { slot_s: number; from: Date; to: Date },
): Float64Array {
  const values = new Float64Array(slotCount(slot_s, from, to)).fill(NaN)
  for (const { from_ms, mean, amount, readings } of slots) {
    const value = is_counter ? (readings === 0 ? NaN : amount) : (mean ?? NaN)
    values[Math.round((from_ms - from.getTime()) / (slot_s * 1000))] = value
  }
  return values
}
