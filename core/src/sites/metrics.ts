import { invariant } from '../lib/invariant.ts'
import { clearSkyPower_kw, type SolarPlant } from './sun.ts'
import { billOf, type Bill, type Tariff } from './tariff.ts'

/**
 * What a site did over a stretch of time, from slots of a quarter of an hour. A slot in which something was not measured is
 * left out of the figures that need it, never filled: each figure says over which share of the time it speaks.
 */
export interface SiteSlots {
  from_ms: number
  to_ms: number
  slot_s: number
  /** One entry for each slot of the time, in order; NaN where nothing was measured. */
  generation_kw: Float64Array
  /** Null where the site has no meter for it: load is then what is left of the others. */
  load_kw: Float64Array | null
  import_kwh: Float64Array
  export_kwh: Float64Array
  /** Positive when it discharges; null where there is no battery. */
  battery_kw: Float64Array | null
  grid_intensity_g_per_kwh: Float64Array | null
  inverters: readonly InverterSlots[]
}

export interface InverterSlots {
  asset_id: string
  plant: SolarPlant
  generation_kw: Float64Array
  /** In the plane of the modules; null without a sensor. */
  irradiance_w_per_m2: Float64Array | null
}

export interface Figure {
  value: number | null
  /** Over which share of the slots it speaks. */
  coverage: number
  /** Why there is no value. */
  reason?: string
}

export interface SiteMetrics {
  energy: Record<
    'generation_kwh' | 'load_kwh' | 'import_kwh' | 'export_kwh' | 'battery_charge_kwh' | 'battery_discharge_kwh',
    Figure
  >
  peak_import_kw: Figure
  /** Share of what was made that was not fed in. */
  self_consumption: Figure
  /** Share of what was used that was not drawn from the grid. */
  self_sufficiency: Figure
  /** Energy made, against what the light in the plane would have made at the rated efficiency (IEC 61724-1). */
  performance_ratio: Figure
  /** Share of daylight in which inverters were heard and made something. */
  availability: Figure
  /** Import times the grid's intensity of the hour. */
  emissions_hourly_kg_co2e: Figure
  cost: Bill | null
}

/** Light below this says nothing about a plant. */
const LIGHT_MIN_W_PER_M2 = 100
/** An inverter that makes less than this share of its rating in good light is not working. */
const WORKING_SHARE_MIN = 0.005
/** With the sun this low even a good plant may make nothing; then it is not asked. */
const CLEAR_SHARE_MIN = 0.1

export function metricsOf(
  slots: SiteSlots,
  site: { latitude: number; longitude: number; time_zone: string; tariff: Tariff | null },
): SiteMetrics {
  const hours = slots.slot_s / 3_600
  const count = slots.generation_kw.length
  const sumOf = (values: Float64Array | null, part: (value: number) => number, missing: string): Figure => {
    if (values === null) return { value: null, coverage: 0, reason: missing }
    invariant(values.length === count, 'every quantity has one entry for each slot')
    return sumFigure(values, part)
  }
  const load_kw = slots.load_kw ?? derivedLoad(slots, hours)
  const energy: SiteMetrics['energy'] = {
    generation_kwh: sumOf(slots.generation_kw, (kw) => kw * hours, ''),
    load_kwh: sumFigure(load_kw, (kw) => kw * hours),
    import_kwh: sumOf(slots.import_kwh, (kwh) => kwh, ''),
    export_kwh: sumOf(slots.export_kwh, (kwh) => kwh, ''),
    battery_charge_kwh: sumOf(slots.battery_kw, (kw) => Math.max(0, -kw) * hours, 'There is no battery.'),
    battery_discharge_kwh: sumOf(slots.battery_kw, (kw) => Math.max(0, kw) * hours, 'There is no battery.'),
  }
  return {
    energy,
    peak_import_kw: peakOf(slots.import_kwh, hours),
    self_consumption: shareOf(slots.generation_kw, slots.export_kwh, hours, 'Nothing was generated.'),
    self_sufficiency: shareOf(load_kw, slots.import_kwh, hours, 'Nothing was used.'),
    performance_ratio: performanceRatio(slots, hours),
    availability: availabilityOf(slots, site),
    emissions_hourly_kg_co2e: hourlyEmissions(slots),
    cost: site.tariff === null ? null : costOf(slots, site.tariff, site.time_zone),
  }
}

/** Load is what was made, drawn and discharged, less what was fed in and charged. */
function derivedLoad({ generation_kw, import_kwh, export_kwh, battery_kw }: SiteSlots, hours: number): Float64Array {
  return generation_kw.map(
    (made, i) => made + ((import_kwh[i] ?? NaN) - (export_kwh[i] ?? NaN)) / hours + (battery_kw?.[i] ?? 0),
  )
}

function sumFigure(values: Float64Array, part: (value: number) => number): Figure {
  let sum = 0
  let covered = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    sum += part(value)
    covered += 1
  }
  return figure(covered === 0 ? null : sum, covered, values.length, 'Nothing was measured.')
}

function figure(value: number | null, covered: number, count: number, reason: string): Figure {
  const coverage = count === 0 ? 0 : covered / count
  return value === null ? { value, coverage, reason } : { value, coverage }
}

function peakOf(import_kwh: Float64Array, hours: number): Figure {
  const measured = import_kwh.filter((value) => !Number.isNaN(value))
  const peak = measured.length === 0 ? null : Math.max(0, ...measured) / hours
  return figure(peak, measured.length, import_kwh.length, 'Nothing was measured.')
}

/** One less the share of `whole_kw` that `part_kwh` is, over the slots in which both were measured. */
function shareOf(whole_kw: Float64Array, part_kwh: Float64Array, hours: number, reason: string): Figure {
  let whole = 0
  let part = 0
  let covered = 0
  for (const [i, power_kw] of whole_kw.entries()) {
    const taken = part_kwh[i] ?? NaN
    if (Number.isNaN(power_kw) || Number.isNaN(taken)) continue
    whole += power_kw * hours
    part += taken
    covered += 1
  }
  const share = whole > 0 ? Math.min(1, Math.max(0, 1 - part / whole)) : null
  return figure(share, covered, whole_kw.length, covered === 0 ? 'Nothing was measured.' : reason)
}

function performanceRatio({ inverters, generation_kw }: SiteSlots, hours: number): Figure {
  let made_kwh = 0
  let light_kwh = 0
  let covered = 0
  const lit = inverters.filter(({ irradiance_w_per_m2 }) => irradiance_w_per_m2 !== null)
  for (const inverter of lit) {
    for (const [i, power_kw] of inverter.generation_kw.entries()) {
      const light = inverter.irradiance_w_per_m2?.[i] ?? NaN
      if (Number.isNaN(power_kw) || !(light >= LIGHT_MIN_W_PER_M2)) continue
      made_kwh += power_kw * hours
      light_kwh += ((inverter.plant.rated_kw * light) / 1000) * hours
      covered += 1
    }
  }
  const reason = lit.length === 0 ? 'No irradiance is measured in the plane of the modules.' : 'There was no daylight.'
  return figure(
    light_kwh > 0 ? made_kwh / light_kwh : null,
    covered,
    generation_kw.length * Math.max(1, lit.length),
    reason,
  )
}

function availabilityOf(
  { inverters, from_ms, slot_s, generation_kw }: SiteSlots,
  site: { latitude: number; longitude: number },
): Figure {
  let asked = 0
  let working = 0
  for (const { plant, generation_kw: power_kw, irradiance_w_per_m2 } of inverters) {
    for (const [i, power] of power_kw.entries()) {
      const middle_ms = from_ms + (i + 0.5) * slot_s * 1000
      const light = irradiance_w_per_m2?.[i] ?? NaN
      const is_light = Number.isNaN(light)
        ? clearSkyPower_kw(plant, middle_ms, site.latitude, site.longitude) >= CLEAR_SHARE_MIN * plant.rated_kw
        : light >= LIGHT_MIN_W_PER_M2
      if (!is_light) continue
      asked += 1
      if (power >= WORKING_SHARE_MIN * plant.rated_kw) working += 1
    }
  }
  const reason = inverters.length === 0 ? 'There is no inverter.' : 'There was no daylight.'
  const count = generation_kw.length * Math.max(1, inverters.length)
  return figure(asked === 0 ? null : working / asked, asked, count, reason)
}

function hourlyEmissions({ import_kwh, grid_intensity_g_per_kwh }: SiteSlots): Figure {
  if (grid_intensity_g_per_kwh === null) {
    return { value: null, coverage: 0, reason: 'No device of this site tells the grid’s intensity by the hour.' }
  }
  return sumFigure(
    import_kwh.map((kwh, i) => (kwh * (grid_intensity_g_per_kwh[i] ?? NaN)) / 1000),
    (kg) => kg,
  )
}

function costOf({ from_ms, slot_s, import_kwh, export_kwh }: SiteSlots, tariff: Tariff, time_zone: string): Bill {
  const flows = [...import_kwh].flatMap((drawn, i) =>
    Number.isNaN(drawn)
      ? []
      : [
          {
            from_ms: from_ms + i * slot_s * 1000,
            length_s: slot_s,
            import_kwh: drawn,
            export_kwh: Number.isNaN(export_kwh[i] ?? NaN) ? 0 : (export_kwh[i] ?? 0),
          },
        ],
  )
  return billOf(tariff, flows, time_zone)
}
