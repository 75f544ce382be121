/**
 * `vm0033-like-v1`: the equations of Verra's VM0033 v2.1 (4 September 2023) on strata whose cover was measured. Not a Verra
 * quantification: no validator has looked at it. docs/methods/vm0033-like-v1.md
 */
import { coverFactor } from './cover-factor.ts'
import { monitoredYears } from './measurement.ts'
import { coverHalfWidth, refuseEvidence, strataOf, Z_90, type MethodInput, type Stratum } from './method-gates.ts'
import {
  applicable,
  combinedUncertainty,
  notApplicable,
  put,
  roundTo,
  Sheet,
  type MethodResult,
} from './method-result.ts'
import { relativeError, unitsOf, type Part } from './vm0033-accounts.ts'
import {
  defaultMethane,
  poolsOf,
  vm0033Declarations,
  type Pools,
  type Vm0033Ecosystem,
  type Vm0033Parameters,
} from './vm0033-pools.ts'

export { Vm0033Parameters } from './vm0033-pools.ts'

/** Buffers that the risk tool can give; to be confirmed against it. */
const BUFFER_PERCENT_MIN = 10
const BUFFER_PERCENT_MAX = 60

/** Half-widths are kept at 90 %; an allowance of 30 % is one at 95 %. */
const Z_95 = 1.959963984540054

function isKnown(ecosystem: string): ecosystem is Vm0033Ecosystem {
  return ecosystem === 'mangrove' || ecosystem === 'salt_marsh' || ecosystem === 'seagrass'
}

/** Section 4 and the data without which no default stands in. */
function refuseMethod(sheet: Sheet, { ecosystem }: MethodInput, parameters: Vm0033Parameters): void {
  if (!isKnown(ecosystem)) sheet.refuse('ecosystem-not-covered', { ecosystem, method: 'vm0033-like' })
  for (const declaration of vm0033Declarations) {
    const declared = parameters.declarations[declaration]
    if (declared === null) sheet.refuse('not-declared', { declaration })
    else if (!declared) sheet.refuse('condition-not-met', { declaration })
  }
  if (ecosystem === 'seagrass' && parameters.soil_cores === null) sheet.refuse('seagrass-needs-cores')
  refuseSoil(sheet, ecosystem, parameters)
  const { salinity_ppt, ch4_t_per_ha_yr, buffer_percent } = parameters
  if (salinity_ppt === null) sheet.refuse('salinity-needed')
  else if (ch4_t_per_ha_yr === null && defaultMethane(salinity_ppt) === undefined) {
    sheet.refuse('methane-data-needed', { salinity_ppt })
  }
  if (buffer_percent < BUFFER_PERCENT_MIN || buffer_percent > BUFFER_PERCENT_MAX) {
    sheet.refuse('buffer-outside', { buffer_percent, least: BUFFER_PERCENT_MIN, most: BUFFER_PERCENT_MAX })
  }
}

function refuseSoil(sheet: Sheet, ecosystem: string, parameters: Vm0033Parameters): void {
  if (parameters.soil_type === null) sheet.refuse('soil-type-needed')
  if (parameters.soil_type !== 'mineral' || ecosystem === 'seagrass') return
  // The deduction is mandatory on mineral soil, and cannot be made without a sample.
  if (parameters.carbon_soil_percent === null) sheet.refuse('soil-carbon-needed')
}

/** What the source leaves to the project, or says nothing of. */
function listUnspecified(sheet: Sheet, parameters: Vm0033Parameters): void {
  sheet.notSpecified('cover between the two dates', parameters.cover_path)
  sheet.notSpecified('baseline soil', parameters.baseline_soil)
  sheet.notSpecified('baseline CH4 and N2O', 0)
  sheet.notSpecified('buffer_percent (from the risk tool)', parameters.buffer_percent)
  sheet.notSpecified('leakage (0 under the declared conditions)', 0)
}

interface StratumAccount {
  ner_t: number
  ner_stock_t: number
  parts: Part[]
}

function accountOf(pools: Pools, of_area: number, of_cover: number): StratumAccount {
  const { soil_t, baseline_soil_t, allochthonous_t, trace_t, biomass_t } = pools
  const soil_net_t = soil_t - allochthonous_t - baseline_soil_t
  return {
    ner_t: -(soil_net_t + trace_t + biomass_t),
    ner_stock_t: -(soil_net_t + biomass_t),
    parts: [
      { t_co2e: soil_net_t, relative_half_width: Math.sqrt(of_area * of_area + of_cover * of_cover) },
      { t_co2e: trace_t, relative_half_width: of_area },
      { t_co2e: biomass_t, relative_half_width: of_area },
    ],
  }
}

/** Half-width of the soil term: of the cores where there are any, else what the cover leaves open. */
function soilHalfWidth(sheet: Sheet, stratum: Stratum, parameters: Vm0033Parameters): number {
  if (parameters.soil_cores !== null) return parameters.soil_cores.relative_half_width_90
  const factor = coverFactor(stratum.cover_after)
  if (factor === 0) return 0
  const off = coverHalfWidth(sheet, stratum, parameters.cover_half_width_90_if_unknown)
  return (factor - coverFactor(Math.max(0, stratum.cover_after - off))) / factor
}

/** Each stratum's account, and the error of all together: per stratum first, then over the strata (equations 87 to 91). */
function accountsOf(
  sheet: Sheet,
  input: MethodInput,
  strata: readonly Stratum[],
  parameters: Vm0033Parameters,
  years: number,
) {
  const { ecosystem, measurement } = input
  if (!isKnown(ecosystem)) return { ner_t: 0, ner_stock_t: 0, error: 0 }
  const accounts = strata.map((stratum) => {
    const pools = poolsOf(sheet, { ecosystem, stratum, years, parameters })
    return accountOf(pools, measurement.area.edge_uncertainty_fraction, soilHalfWidth(sheet, stratum, parameters))
  })
  const whole = accounts.map(({ ner_t, parts }) => ({ t_co2e: ner_t, relative_half_width: relativeError(parts) }))
  const sum = (pick: (account: StratumAccount) => number) => accounts.reduce((total, one) => total + pick(one), 0)
  const bounded = whole.every(({ relative_half_width: u }) => Number.isFinite(u))
  return {
    ner_t: sum(({ ner_t }) => ner_t),
    ner_stock_t: sum(({ ner_stock_t }) => ner_stock_t),
    error: bounded ? relativeError(whole) : Infinity,
  }
}

/** Computes what would be issued for the time between the two pictures, after deductions and buffer. */
export function vm0033LikeV1(input: MethodInput, parameters: Vm0033Parameters): MethodResult {
  const sheet = new Sheet()
  const head = {
    method_id: 'vm0033-like',
    label: 'VM0033-like, not a Verra quantification',
    unit: 'VM0033-like units (t CO2e)',
    parameters: { ...parameters },
  } as const
  refuseEvidence(sheet, input)
  refuseMethod(sheet, input, parameters)
  const strata = strataOf(sheet, input, parameters)
  const years = monitoredYears(input.measurement)
  if (sheet.reasons.length > 0 || years === null) return notApplicable(head, sheet)
  listUnspecified(sheet, parameters)
  const { ner_t, ner_stock_t, error: error_90 } = accountsOf(sheet, input, strata, parameters, years)
  const error = error_90 * (parameters.error_allowable_fraction === 0.3 ? Z_95 / Z_90 : 1)
  const premium = parameters.fire_reduction_premium_t_co2e
  const ner = sheet.line({
    symbol: 'NER',
    formula: 'earlier + GHG baseline − GHG project + fire reduction premium − leakage',
    substituted: put`${parameters.earlier_ner_t_co2e} + ${ner_t} + ${premium} − 0`,
    value: parameters.earlier_ner_t_co2e + ner_t + premium,
    unit: 't CO2e',
    source: 'VM0033 v2.1 eq. 85',
  })
  const stock = parameters.earlier_stock_t_co2e + ner_stock_t
  const value = unitsOf(sheet, { ner_t: ner, ner_stock_t: stock, error }, parameters)
  const area_ha = strata.reduce((sum, stratum) => sum + stratum.area_ha, 0)
  const uncertainty = combinedUncertainty([
    { input: 'net emission reductions', relative_half_width_90: roundTo(Math.min(1, error_90), 9) },
  ])
  return applicable(head, sheet, { value, t_co2e: Math.max(0, ner_t + premium), area_ha, years, uncertainty })
}
