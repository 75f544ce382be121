/**
 * The pools of one stratum after VM0033 v2.1: soil, what was washed in, CH4, N2O, plants. Each for the time between the
 * two pictures, in t CO2e, emissions positive and removals negative.
 */
import { z } from 'zod'
import { allochthonousFromCarbon, allochthonousPercent } from './allochthonous.ts'
import { coverFactor, meanCoverFactor } from './cover-factor.ts'
import type { Ecosystem } from './ecosystems.ts'
import { coverSources, FieldCover, type Stratum } from './method-gates.ts'
import { CO2_PER_C } from './method-ipcc-ws2013-tier1-v1.ts'
import { put, type Sheet } from './method-result.ts'

/** What the methodology asks of a project before anything is computed (section 4). Null: not declared. */
export const vm0033Declarations = [
  'restores_tidal_wetland',
  'land_abandoned_or_use_not_displaced',
  'no_redd_or_forest_management',
  'no_commercial_forestry_baseline',
  'no_nitrogen_fertiliser',
  'no_lowered_water_table',
  'no_burning_of_organic_soil',
] as const
const Declared = z.boolean().nullable().default(null)

const percent = z.number().min(0).max(100)
const PerHectare = z.number().min(0).max(10_000)

export const Vm0033Parameters = z.strictObject({
  declarations: z
    .strictObject({
      restores_tidal_wetland: Declared,
      land_abandoned_or_use_not_displaced: Declared,
      no_redd_or_forest_management: Declared,
      no_commercial_forestry_baseline: Declared,
      no_nitrogen_fertiliser: Declared,
      no_lowered_water_table: Declared,
      no_burning_of_organic_soil: Declared,
    })
    .prefault({}),
  soil_type: z.enum(['mineral', 'organic']).nullable().default(null),
  carbon_soil_percent: percent.gt(0).nullable().default(null).describe('Of dry soil, from samples.'),
  carbon_autochthonous_percent: percent.nullable().default(null).describe('Measured, instead of equations 40 to 43.'),
  om_deposited_percent: percent.lt(100).default(1.5),
  soil_cores: z
    .strictObject({
      before_t_c_per_ha: PerHectare,
      after_t_c_per_ha: PerHectare,
      years: z.number().gt(0).max(100),
      relative_half_width_90: z.number().min(0).max(10),
      source: z.string().min(1).max(300),
    })
    .nullable()
    .default(null),
  soil_default_t_c_per_ha_yr: z.number().min(0).max(10).default(1.46),
  baseline_soil: z.enum(['cover_before', 'zero']).default('cover_before'),
  cover_path: z.enum(['linear', 'end']).default('linear').describe('Cover between the two dates.'),
  cover_source: z.enum(coverSources).default('share'),
  field_cover: FieldCover.nullable().default(null),
  cover_half_width_90_if_unknown: z.number().min(0).max(0.5).default(0.1),
  salinity_ppt: z.number().min(0).max(60).nullable().default(null),
  ch4_t_per_ha_yr: z.number().min(0).max(10).nullable().default(null).describe('Measured; needed up to 18 ppt.'),
  n2o_water: z.enum(['wetland', 'open_water']).default('wetland'),
  gwp_ch4: z.number().min(1).max(120).default(28),
  gwp_n2o: z.number().min(1).max(400).default(265),
  trees: z
    .strictObject({ delta_t_c_per_ha: z.number().min(-10_000).max(10_000), source: z.string().min(1).max(300) })
    .nullable()
    .default(null)
    .describe('Change of carbon in trees between the two dates, from field plots.'),
  herbaceous_first_year: z.boolean().default(false).describe('Whether this period holds the first year of growth.'),
  herbaceous_t_c_per_ha: z.number().min(0).max(20).default(3),
  fire_reduction_premium_t_co2e: z.number().min(0).max(1e9).default(0),
  error_allowable_fraction: z.union([z.literal(0.2), z.literal(0.3)]).default(0.2),
  buffer_percent: percent.default(20),
  sea_level_cap_t_co2e: z.number().min(0).nullable().default(null),
  earlier_ner_t_co2e: z.number().default(0),
  earlier_stock_t_co2e: z.number().default(0),
  earlier_adjusted_t_co2e: z.number().default(0),
})
export type Vm0033Parameters = z.infer<typeof Vm0033Parameters>

/** Soils and herbs that the methodology knows this way. */
export type Vm0033Ecosystem = Extract<Ecosystem, 'mangrove' | 'salt_marsh' | 'seagrass'>

/** Default CH4 by salinity in t CH4/ha/yr (equations 60, 61); undefined where the source has no default. */
export function defaultMethane(salinity_ppt: number): number | undefined {
  if (salinity_ppt >= 20) return 0.0056
  return salinity_ppt > 18 ? 0.011 : undefined
}

const n2oRates = {
  open_water: { marine: 0.000157, brackish: 0.00033, other: 0.00053 },
  wetland: { marine: 0.000487, brackish: 0.000754, other: 0.000864 },
} as const

/** Default N2O in t N2O/ha/yr (equations 63 to 68). */
export function defaultNitrousOxide(water: keyof typeof n2oRates, salinity_ppt: number): number {
  const rates = n2oRates[water]
  if (salinity_ppt > 18) return rates.marine
  return salinity_ppt >= 5 ? rates.brackish : rates.other
}

export interface Pools {
  soil_t: number
  baseline_soil_t: number
  /** Soil carbon from elsewhere; below 0 like the soil it is deducted from. */
  allochthonous_t: number
  trace_t: number
  biomass_t: number
}

export interface PoolInput {
  ecosystem: Vm0033Ecosystem
  stratum: Stratum
  years: number
  parameters: Vm0033Parameters
}

/** Mean cover factor over the period, of the project and of what would have gone on without it. */
export function factorsOf({ stratum, parameters }: Pick<PoolInput, 'stratum' | 'parameters'>): [number, number] {
  const { cover_before, cover_after } = stratum
  const before = parameters.baseline_soil === 'zero' ? 0 : coverFactor(cover_before)
  const of_project =
    parameters.cover_path === 'linear' ? meanCoverFactor(cover_before, cover_after) : coverFactor(cover_after)
  return [of_project, before]
}

function soilOf(sheet: Sheet, input: PoolInput): [soil_t: number, baseline_t: number] {
  const { stratum, parameters } = input
  const { soil_cores: cores } = parameters
  const default_rate = -parameters.soil_default_t_c_per_ha_yr * CO2_PER_C
  const [of_project, before] = factorsOf(input)
  if (cores === null) {
    const soil_t = soilLine(sheet, input, default_rate, of_project)
    return [soil_t, baselineLine(sheet, input, default_rate, before)]
  }
  const rate = sheet.line({
    symbol: `soil rate (${stratum.stratum_id})`,
    formula: '−44/12 × (C after − C before) ÷ T',
    substituted: put`−44/12 × (${cores.after_t_c_per_ha} − ${cores.before_t_c_per_ha}) ÷ ${cores.years}`,
    value: (-CO2_PER_C * (cores.after_t_c_per_ha - cores.before_t_c_per_ha)) / cores.years,
    unit: 't CO2e/ha/yr',
    source: `VM0033 v2.1 eq. 36; ${cores.source}`.slice(0, 200),
  })
  const soil_t = soilLine(sheet, input, rate, 1)
  // Cores measure what grew, and not what would have grown without the project; for seagrass no default says that.
  return [soil_t, input.ecosystem === 'seagrass' ? 0 : baselineLine(sheet, input, default_rate, before)]
}

function baselineLine(sheet: Sheet, { stratum, years }: PoolInput, rate: number, factor: number): number {
  return sheet.line({
    symbol: `soil baseline (${stratum.stratum_id})`,
    formula: 'default soil rate × f(cover before) × hectares × years',
    substituted: put`${rate} × ${factor} × ${stratum.area_ha} × ${years}`,
    value: rate * factor * stratum.area_ha * years,
    unit: 't CO2e',
    source: 'VM0033 v2.1 eq. 33; the baseline is an assumption: what stood before stays',
  })
}

function soilLine(sheet: Sheet, { stratum, years }: PoolInput, rate: number, factor: number): number {
  return sheet.line({
    symbol: `soil (${stratum.stratum_id})`,
    formula: 'soil rate × mean f(cover) × hectares × years',
    substituted: put`${rate} × ${factor} × ${stratum.area_ha} × ${years}`,
    value: rate * factor * stratum.area_ha * years,
    unit: 't CO2e',
    source: 'VM0033 v2.1 eq. 33',
  })
}

/** Percent of the soil carbon that came from elsewhere; 0 on organic soil and for seagrass by layers. */
export function allochthonousOf({ ecosystem, parameters }: Pick<PoolInput, 'ecosystem' | 'parameters'>): number {
  const { soil_type, carbon_soil_percent, carbon_autochthonous_percent: own, om_deposited_percent } = parameters
  if (soil_type === 'organic' || ecosystem === 'seagrass' || carbon_soil_percent === null) return 0
  return own === null
    ? allochthonousFromCarbon(ecosystem, carbon_soil_percent, om_deposited_percent)
    : allochthonousPercent(carbon_soil_percent, own)
}

function traceOf(sheet: Sheet, { stratum, years, parameters }: PoolInput): number {
  const { salinity_ppt, gwp_ch4, gwp_n2o } = parameters
  const salinity = salinity_ppt ?? 0
  const ch4 = parameters.ch4_t_per_ha_yr ?? defaultMethane(salinity) ?? 0
  const n2o = defaultNitrousOxide(parameters.n2o_water, salinity)
  return sheet.line({
    symbol: `CH4 and N2O (${stratum.stratum_id})`,
    formula: '(CH4 × GWP + N2O × GWP) × hectares × years',
    substituted: put`(${ch4} × ${gwp_ch4} + ${n2o} × ${gwp_n2o}) × ${stratum.area_ha} × ${years}`,
    value: (ch4 * gwp_ch4 + n2o * gwp_n2o) * stratum.area_ha * years,
    unit: 't CO2e',
    source: 'VM0033 v2.1 eq. 60–68; GWP of AR5, to be confirmed against the VCS rule',
  })
}

/** Herbs once, in their first year (equation 78); trees from field plots (equation 75). */
function biomassOf(sheet: Sheet, { ecosystem, stratum, parameters }: PoolInput): number {
  const { trees, herbaceous_first_year, herbaceous_t_c_per_ha } = parameters
  const gained = stratum.cover_after - stratum.cover_before
  const herbs = herbaceous_first_year && ecosystem === 'salt_marsh' ? herbaceous_t_c_per_ha * Math.max(0, gained) : 0
  const per_ha = herbs + (trees?.delta_t_c_per_ha ?? 0)
  if (per_ha === 0) return 0
  return sheet.line({
    symbol: `biomass (${stratum.stratum_id})`,
    formula: '−44/12 × (herbs + trees) × hectares',
    substituted: put`−44/12 × (${herbs} + ${trees?.delta_t_c_per_ha ?? 0}) × ${stratum.area_ha}`,
    value: -CO2_PER_C * per_ha * stratum.area_ha,
    unit: 't CO2e',
    source: trees === null ? 'VM0033 v2.1 eq. 70, 78' : `VM0033 v2.1 eq. 70, 75; ${trees.source}`.slice(0, 200),
  })
}

/** Every pool of a stratum, each with its line. */
export function poolsOf(sheet: Sheet, input: PoolInput): Pools {
  const [soil_t, baseline_soil_t] = soilOf(sheet, input)
  const share = allochthonousOf(input)
  const allochthonous_t =
    soil_t >= 0 || share === 0
      ? 0
      : sheet.line({
          symbol: `allochthonous (${input.stratum.stratum_id})`,
          formula: 'soil × %C from elsewhere ÷ 100',
          substituted: put`${soil_t} × ${share} ÷ 100`,
          value: (soil_t * share) / 100,
          unit: 't CO2e',
          source: 'VM0033 v2.1 eq. 38–43',
        })
  return {
    soil_t,
    baseline_soil_t,
    allochthonous_t,
    trace_t: traceOf(sheet, input),
    biomass_t: biomassOf(sheet, input),
  }
}
