/**
 * `conservation-v1`: emissions that did not happen because a threatened wetland was kept. Two published forms: a yearly one
 * as The Nature Conservancy's blue-carbon workbook has it, a continuous one after Adame and others (2020). The threat is
 * declared with its source; an image can only show that the vegetation still stands. docs/methods/conservation-v1.md
 */
import { z } from 'zod'
import { exp } from '../lib/exact-math.ts'
import { foundHectares, monitoredYears } from './measurement.ts'
import { refuseEvidence, refusePicture, type MethodInput } from './method-gates.ts'
import { applicable, combinedUncertainty, notApplicable, put, Sheet, type MethodResult } from './method-result.ts'

const PerHectare = z.number().min(0).max(10_000)
const Declared = z.strictObject({
  /** Share of the area lost each year if nobody kept it. */
  loss_fraction_per_yr: z.number().gt(0).lt(1),
  loss_source: z.string().min(1).max(300),
})

const Yearly = Declared.extend({
  form: z.literal('yearly'),
  biomass_t_co2_per_ha: PerHectare.describe('Lost at once with the plants.'),
  soil_t_co2_per_ha_yr: PerHectare.describe('From the soil, for ten years after a loss.'),
  uptake_t_co2_per_ha_yr: PerHectare.describe('What a kept hectare goes on taking up.'),
  buffer_percent: z.number().min(0).max(100).default(20),
})
const Continuous = Declared.extend({
  form: z.literal('continuous'),
  stock_t_co2_per_ha: PerHectare.describe('What a lost hectare gives off in the end.'),
  decay_per_yr: z.number().gt(0).max(10),
  uptake_t_co2_per_ha_yr: PerHectare,
  buffer_percent: z.number().min(0).max(100).default(20),
})

/** Null: no threat was declared, and nothing is computed. */
export const ConservationParameters = z.discriminatedUnion('form', [Yearly, Continuous]).nullable().default(null)
export type ConservationParameters = z.infer<typeof ConservationParameters>
type YearlyThreat = z.infer<typeof Yearly>
type ContinuousThreat = z.infer<typeof Continuous>

const SOIL_YEARS = 10

export interface YearlyRow {
  year: number
  /** Lost in this year without the project. */
  loss_ha: number
  lost_ha: number
  avoided_t_co2e: number
}

/** The yearly form: P(y) = A (1 − loss)^y, and what the lost part would have given off or not taken up, year by year. */
export function avoidedYearly(
  area_ha: number,
  years: number,
  threat: Pick<
    YearlyThreat,
    'loss_fraction_per_yr' | 'biomass_t_co2_per_ha' | 'soil_t_co2_per_ha_yr' | 'uptake_t_co2_per_ha_yr'
  >,
): YearlyRow[] {
  const rows: YearlyRow[] = []
  let standing_ha = area_ha
  let lost_ha = 0
  for (let year = 1; year <= years; year++) {
    const loss_ha = standing_ha * threat.loss_fraction_per_yr
    standing_ha -= loss_ha
    lost_ha += loss_ha
    const soil_ha = lost_ha - (rows[year - 1 - SOIL_YEARS]?.lost_ha ?? 0)
    const avoided_t_co2e =
      threat.biomass_t_co2_per_ha * loss_ha +
      threat.soil_t_co2_per_ha_yr * soil_ha +
      threat.uptake_t_co2_per_ha_yr * lost_ha
    rows.push({ year, loss_ha, lost_ha, avoided_t_co2e })
  }
  return rows
}

/**
 * What planting takes up in a year by the same workbook: only what stood through the year before counts, and only what
 * survived. An image decides elsewhere what survived; this is for plans.
 */
export function plantedUptake(
  planted_through_year_before_ha: number,
  rate: number,
  survival: number,
  buffer: number,
): number {
  return planted_through_year_before_ha * rate * survival * (1 - buffer)
}

/**
 * The continuous form. Area would shrink as e^(−d t), lost carbon would leave at rate r, kept area goes on taking up s:
 * A s t − A s (1 − e^(−dt)) / d + A C (d e^(−rt) − r e^(−dt) + (r − d)) / (r − d).
 */
export function avoidedContinuous(
  area_ha: number,
  years: number,
  threat: Pick<
    ContinuousThreat,
    'loss_fraction_per_yr' | 'stock_t_co2_per_ha' | 'decay_per_yr' | 'uptake_t_co2_per_ha_yr'
  >,
): number {
  const { loss_fraction_per_yr: d, decay_per_yr: r, stock_t_co2_per_ha: stock, uptake_t_co2_per_ha_yr: s } = threat
  const standing = exp(-Math.min(700, d * years))
  const left = exp(-Math.min(700, r * years))
  // Equal rates make the quotient 0 ÷ 0; this is its limit.
  const given_off =
    Math.abs(r - d) < 1e-6 * d ? 1 - standing * (1 + d * years) : (d * left - r * standing + (r - d)) / (r - d)
  return area_ha * (s * years - (s * (1 - standing)) / d + stock * given_off)
}

/** Whether the picture shows that it still stands: without that, nothing was avoided. */
function refuseLoss(sheet: Sheet, input: MethodInput): void {
  const pair = refusePicture(sheet, input)
  if (pair === undefined) return
  const { share } = pair.cover
  if (pair.index.kind !== 'ndvi') sheet.refuse('cover-needs-ndvi', { index: pair.index.kind })
  else if (share === null) sheet.refuse('cover-not-measured', { cover_source: 'share' })
  else if (share.after < share.before - 0.05) sheet.refuse('vegetation-not-kept')
}

function avoidedOf(sheet: Sheet, area_ha: number, years: number, threat: YearlyThreat | ContinuousThreat): number {
  if (threat.form === 'continuous') {
    return sheet.line({
      symbol: 'avoided',
      formula: 'A s t − A s (1 − e^(−dt)) ÷ d + A C (d e^(−rt) − r e^(−dt) + r − d) ÷ (r − d)',
      substituted: put`A = ${area_ha}, s = ${threat.uptake_t_co2_per_ha_yr}, t = ${years}, d = ${threat.loss_fraction_per_yr}, C = ${threat.stock_t_co2_per_ha}, r = ${threat.decay_per_yr}`,
      value: avoidedContinuous(area_ha, years, threat),
      unit: 't CO2e',
      source: 'Adame and others 2020',
    })
  }
  const rows = avoidedYearly(area_ha, Math.floor(years), threat)
  for (const { year, loss_ha, lost_ha, avoided_t_co2e } of rows) {
    const older_ha = rows[year - 1 - SOIL_YEARS]?.lost_ha ?? 0
    sheet.line({
      symbol: `avoided, year ${year}`,
      formula: 'biomass × lost this year + soil × lost within ten years + uptake × lost so far',
      substituted: put`${threat.biomass_t_co2_per_ha} × ${loss_ha} + ${threat.soil_t_co2_per_ha_yr} × (${lost_ha} − ${older_ha}) + ${threat.uptake_t_co2_per_ha_yr} × ${lost_ha}`,
      value: avoided_t_co2e,
      unit: 't CO2e',
      source: 'TNC blue-carbon workbook',
    })
  }
  return rows.reduce((sum, row) => sum + row.avoided_t_co2e, 0)
}

/** Avoided emissions between the two pictures. Whole years only in the yearly form; never a year to come. */
export function conservationV1(input: MethodInput, parameters: ConservationParameters): MethodResult {
  const sheet = new Sheet()
  const head = {
    method_id: 'conservation',
    label: 'Avoided loss, declared threat',
    unit: 't CO2e',
    parameters: { ...parameters },
  } as const
  if (parameters === null) {
    sheet.refuse('no-threat-declared')
    return notApplicable(head, sheet)
  }
  refuseEvidence(sheet, input)
  refuseLoss(sheet, input)
  const area_ha = foundHectares(input.measurement.area)
  if (area_ha === null) sheet.refuse('area-unknown')
  const years = monitoredYears(input.measurement)
  if (sheet.reasons.length > 0 || years === null || area_ha === null) return notApplicable(head, sheet)
  sheet.warn('threat-is-declared', { source: parameters.loss_source })
  const avoided = avoidedOf(sheet, area_ha, years, parameters)
  const { buffer_percent } = parameters
  const value = sheet.line({
    symbol: 'credits',
    formula: 'max(0, avoided × (1 − buffer %))',
    substituted: put`max(0, ${avoided} × (1 − ${buffer_percent} %))`,
    value: Math.max(0, avoided * (1 - buffer_percent / 100)),
    unit: 't CO2e',
  })
  const { edge_uncertainty_fraction } = input.measurement.area
  const uncertainty = combinedUncertainty([{ input: 'area', relative_half_width_90: edge_uncertainty_fraction }])
  return applicable(head, sheet, { value, t_co2e: value, area_ha, years, uncertainty })
}
