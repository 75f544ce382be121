/**
 * `ipcc-ws2013-tier1-v1`: soil and biomass of replanted or rewetted coastal wetlands with the default factors of the IPCC
 * Wetlands Supplement 2013, chapter 4. docs/methods/ipcc-ws2013-tier1-v1.md says which defaults await confirmation.
 */
import { z } from 'zod'
import { coverFactor } from './cover-factor.ts'
import { mangroveClimates, type Ecosystem, type MangroveClimate } from './ecosystems.ts'
import {
  coverHalfWidth,
  coverSources,
  FieldCover,
  refuseEvidence,
  strataOf,
  Z_90,
  type MethodInput,
  type Stratum,
} from './method-gates.ts'
import {
  applicable,
  combinedUncertainty,
  notApplicable,
  put,
  roundTo,
  Sheet,
  type MethodResult,
  type MethodUncertainty,
} from './method-result.ts'
import { monitoredYears } from './measurement.ts'

/** t CO2 of a t C. */
export const CO2_PER_C = 44 / 12

const confirm = (table: string) => `IPCC WS 2013 ${table}, to be confirmed against the source`

/** t C/ha/yr in soil after rewetting or revegetation, with the 95 % interval (intervals to be confirmed). */
export const soilFactors: Partial<Record<Ecosystem, { t_c: number; low: number; high: number; source: string }>> = {
  mangrove: { t_c: 1.62, low: 1.3, high: 2, source: 'IPCC WS 2013 table 4.12' },
  salt_marsh: { t_c: 0.91, low: 0.7, high: 1.1, source: 'IPCC WS 2013 table 4.12' },
  seagrass: { t_c: 0.43, low: 0.2, high: 0.7, source: 'IPCC WS 2013 table 4.12' },
}

/** Above-ground growth and stock in t d.m./ha, and root to shoot, of mangroves. */
export const mangroveGrowth: Record<MangroveClimate, { growth: number; stock: number; root_to_shoot: number }> = {
  tropical_wet: { growth: 9.9, stock: 192, root_to_shoot: 0.49 },
  tropical_dry: { growth: 3.3, stock: 92, root_to_shoot: 0.29 },
  subtropical: { growth: 18.1, stock: 75, root_to_shoot: 0.96 },
}

/** t C of a t of dry matter. */
const CARBON_FRACTION = 0.451
/** kg CH4/ha/yr from rewetted land below 18 ppt; nothing above. */
const CH4_KG_PER_HA = 193.7
const CH4_SALINITY_PPT = 18

export const IpccParameters = z.strictObject({
  climate: z.enum(mangroveClimates).nullable().default(null).describe('Of the mangrove tables; needed for mangroves.'),
  salinity_ppt: z.number().min(0).max(60).nullable().default(null),
  age_at_start_years: z.number().min(0).max(500).default(0).describe('Of the stand, at the date of the before image.'),
  cover_source: z.enum(coverSources).default('share'),
  field_cover: FieldCover.nullable().default(null),
  cover_half_width_90_if_unknown: z.number().min(0).max(0.5).default(0.1),
  gwp_ch4: z.number().min(1).max(120).default(28),
})
export type IpccParameters = z.infer<typeof IpccParameters>

/** Above-ground biomass in t d.m./ha after so many years: growth until the stock of the climate is reached. */
export function mangroveBiomass(climate: MangroveClimate, age_years: number): number {
  const { growth, stock } = mangroveGrowth[climate]
  return Math.min(growth * age_years, stock)
}

export interface IpccStratum {
  ecosystem: Ecosystem
  climate: MangroveClimate | null
  area_ha: number
  years: number
  age_at_start_years: number
  /** Cover factor gained since the before image, 0 to 1. */
  cover_factor: number
}

/** Removals of one stratum in t CO2: soil and, for mangroves, biomass above and below ground. */
export function ipccRemovals(sheet: Sheet, stratum: IpccStratum): { soil_t_co2: number; biomass_t_co2: number } {
  const { ecosystem, climate, area_ha, years, cover_factor: f } = stratum
  const soil = soilFactors[ecosystem]
  const soil_t_co2 = soil === undefined ? 0 : soil.t_c * years * area_ha * f * CO2_PER_C
  if (soil !== undefined) {
    sheet.line({
      symbol: 'soil',
      formula: 'EF_rewet × years × hectares × f × 44/12',
      substituted: put`${soil.t_c} × ${years} × ${area_ha} × ${f} × 44/12`,
      value: soil_t_co2,
      unit: 't CO2',
      source: soil.source,
    })
  }
  if (ecosystem !== 'mangrove' || climate === null) return { soil_t_co2, biomass_t_co2: 0 }
  const { growth, stock, root_to_shoot } = mangroveGrowth[climate]
  const age = stratum.age_at_start_years
  const gain = sheet.line({
    symbol: 'ΔAGB',
    formula: 'min(G_W × (age + years), AGB_max) − min(G_W × age, AGB_max)',
    substituted: put`min(${growth} × ${age + years}, ${stock}) − min(${growth} × ${age}, ${stock})`,
    value: mangroveBiomass(climate, age + years) - mangroveBiomass(climate, age),
    unit: 't d.m./ha',
    source: confirm('tables 4.3, 4.4'),
  })
  const biomass_t_co2 = sheet.line({
    symbol: 'biomass',
    formula: 'ΔAGB × (1 + R) × CF × hectares × f × 44/12',
    substituted: put`${gain} × (1 + ${root_to_shoot}) × ${CARBON_FRACTION} × ${area_ha} × ${f} × 44/12`,
    value: gain * (1 + root_to_shoot) * CARBON_FRACTION * area_ha * f * CO2_PER_C,
    unit: 't CO2',
    source: confirm('tables 4.2, 4.5'),
  })
  return { soil_t_co2, biomass_t_co2 }
}

/** CH4 of fresh and brackish land in t CO2e. An unknown salinity counts as fresh: what is not known is deducted. */
function methane(sheet: Sheet, input: MethodInput, parameters: IpccParameters, area_ha: number, years: number): number {
  if (input.ecosystem === 'seagrass') return 0
  const { salinity_ppt, gwp_ch4 } = parameters
  if (salinity_ppt !== null && salinity_ppt >= CH4_SALINITY_PPT) return 0
  if (salinity_ppt === null) sheet.warn('salinity-unknown-ch4-deducted')
  return sheet.line({
    symbol: 'CH4',
    formula: 'EF_CH4 × hectares × years × GWP ÷ 1000',
    substituted: put`${CH4_KG_PER_HA} × ${area_ha} × ${years} × ${gwp_ch4} ÷ 1000`,
    value: (CH4_KG_PER_HA * area_ha * years * gwp_ch4) / 1000,
    unit: 't CO2e',
    source: confirm('table 4.14'),
  })
}

/** The cover factor that the stratum gained, and the half-width that its cover leaves. */
function gainedFactor(sheet: Sheet, stratum: Stratum, assumed: number) {
  const { cover_before, cover_after } = stratum
  if (cover_after < cover_before) sheet.warn('cover-fell', { stratum: stratum.stratum_id })
  const before = coverFactor(cover_before)
  const gained = sheet.line({
    symbol: `f(${stratum.stratum_id})`,
    formula: 'max(0, f(cover after) − f(cover before))',
    substituted: put`max(0, f(${cover_after}) − f(${cover_before}))`,
    value: Math.max(0, coverFactor(cover_after) - before),
    unit: '1',
    source: 'VM0033 v2.1 eq. 33',
  })
  const low = coverFactor(Math.max(0, cover_after - coverHalfWidth(sheet, stratum, assumed)))
  const half_width = gained > 0 ? (gained - Math.max(0, low - before)) / gained : 0
  return { gained, half_width }
}

function refuseIpcc(sheet: Sheet, { ecosystem }: MethodInput, { climate }: IpccParameters): void {
  if (soilFactors[ecosystem] === undefined)
    sheet.refuse('ecosystem-not-covered', { ecosystem, method: 'ipcc-ws2013-tier1' })
  if (ecosystem === 'mangrove' && climate === null) sheet.refuse('climate-needed')
}

function listUnspecified(sheet: Sheet, parameters: IpccParameters): void {
  sheet.notSpecified('f (Tier 1 has no cover factor; VM0033 eq. 33 is used)', parameters.cover_source)
  sheet.notSpecified('age_at_start_years', parameters.age_at_start_years)
  sheet.notSpecified('gwp_ch4', parameters.gwp_ch4)
}

/** Half-widths of area, cover and the soil factor; the biomass defaults have none that could be stated. */
function uncertaintyOf(input: MethodInput, cover: number): MethodUncertainty {
  const soil = soilFactors[input.ecosystem]
  const factor = soil === undefined ? 0 : Math.max(soil.high - soil.t_c, soil.t_c - soil.low) / soil.t_c
  return combinedUncertainty([
    { input: 'area', relative_half_width_90: input.measurement.area.edge_uncertainty_fraction },
    { input: 'cover', relative_half_width_90: roundTo(cover, 9) },
    // From the 95 % interval of the table to 90 %.
    { input: 'soil factor', relative_half_width_90: roundTo((factor * Z_90) / 1.959963984540054, 9) },
  ])
}

/** Computes removals since the before image, as Tier 1 does. Never negative: a loss is a warning and 0. */
export function ipccTier1V1(input: MethodInput, parameters: IpccParameters): MethodResult {
  const sheet = new Sheet()
  const head = {
    method_id: 'ipcc-ws2013-tier1',
    label: 'IPCC Wetlands Supplement 2013, Tier 1',
    unit: 't CO2e',
    parameters: { ...parameters },
  } as const
  refuseEvidence(sheet, input)
  refuseIpcc(sheet, input, parameters)
  const strata = strataOf(sheet, input, parameters)
  const years = monitoredYears(input.measurement)
  if (sheet.reasons.length > 0 || years === null) return notApplicable(head, sheet)
  listUnspecified(sheet, parameters)
  let removals_t = 0
  let area_ha = 0
  let off_by_cover = 0
  for (const stratum of strata) {
    const { gained, half_width } = gainedFactor(sheet, stratum, parameters.cover_half_width_90_if_unknown)
    const { ecosystem } = input
    const { climate, age_at_start_years } = parameters
    const one = { ecosystem, climate, area_ha: stratum.area_ha, years, age_at_start_years, cover_factor: gained }
    const { soil_t_co2, biomass_t_co2 } = ipccRemovals(sheet, one)
    removals_t += soil_t_co2 + biomass_t_co2
    off_by_cover += half_width * (soil_t_co2 + biomass_t_co2)
    area_ha += stratum.area_ha
  }
  const ch4_t = methane(sheet, input, parameters, area_ha, years)
  const t_co2e = sheet.line({
    symbol: 'removals',
    formula: 'max(0, Σ(soil + biomass) − CH4)',
    substituted: put`max(0, ${removals_t} − ${ch4_t})`,
    value: Math.max(0, removals_t - ch4_t),
    unit: 't CO2e',
  })
  const uncertainty = uncertaintyOf(input, removals_t > 0 ? off_by_cover / removals_t : 0)
  return applicable(head, sheet, { value: t_co2e, t_co2e, area_ha, years, uncertainty })
}
