/**
 * `seed-ai-v1`: the credit formula of the AI verification system that this capability began with, to the letter. Its unit
 * is its own: it gives a hundred for every tonne, so the tonnes always stand beside it. docs/methods/seed-ai-v1.md
 */
import { z } from 'zod'
import type { Ecosystem } from './ecosystems.ts'
import { coverClasses, foundHectares, monitoredYears, type CoverClass, type MeasuredPair } from './measurement.ts'
import { refuseEvidence, refusePicture, Z_90, type MethodInput } from './method-gates.ts'
import {
  applicable,
  combinedUncertainty,
  notApplicable,
  put,
  roundTo,
  Sheet,
  type MethodResult,
} from './method-result.ts'

/** kg CO2 per hectare and year, as the source lists them. */
export const seedBaseRates: Record<Ecosystem, number> = {
  mangrove: 1500,
  salt_marsh: 1200,
  seagrass: 830,
  coastal_wetland: 900,
  restored_vegetation: 600,
}

/** Credits for a kilogram, as the source has it: a hundred for a tonne, where every standard gives one. */
const CREDITS_PER_KG = 0.1

export const seedTransitions = [
  'barren_to_dense',
  'barren_to_moderate',
  'sparse_to_dense',
  'maintained',
  'moderate_to_dense',
  'other_gain',
  'loss',
  'no_vegetation',
  'no_significant_change',
] as const
export type SeedTransition = (typeof seedTransitions)[number]

const seedMultipliers: Partial<Record<SeedTransition, number>> = {
  barren_to_dense: 2.5,
  barren_to_moderate: 1.8,
  sparse_to_dense: 1.5,
  maintained: 1,
}

/** Strictly above, as the source writes `> 0.4`. */
const ndviSteps = [
  { above: 0.4, multiplier: 2 },
  { above: 0.3, multiplier: 1.7 },
  { above: 0.2, multiplier: 1.4 },
  { above: 0.1, multiplier: 1.1 },
] as const

const Multiplier = z.number().min(0).max(10)

const seedShape = {
  preset: z.enum(['letter', 'seed-later-code']).default('letter'),
  transition_rule: z
    .enum(['class_of_median', 'cover_points'])
    .default('class_of_median')
    .describe('How barren, sparse, moderate and dense are told apart.'),
  transition: z
    .enum(seedTransitions)
    .nullable()
    .default(null)
    .describe('Stated by a person instead of measured: two reviewers decide on it.'),
  multiplier_other_gain: Multiplier.default(1).describe('For gains that the source does not list.'),
  multiplier_moderate_to_dense: Multiplier.default(1),
  multiplier_no_significant_change: Multiplier.default(1),
  multiplier_loss: Multiplier.default(0),
  multiplier_no_vegetation: Multiplier.default(0),
  ndvi_statistic: z.enum(['mean', 'median']).default('mean'),
  ndvi_multiplier_else: Multiplier.default(1),
  rounding_decimals: z
    .number()
    .int()
    .min(2)
    .max(12)
    .default(6)
    .describe('Of the NDVI improvement, before it is compared.'),
  area_factor_rule: z.enum(['constant', 'later_code_table']).default('constant'),
  area_factor: Multiplier.default(1),
  area_basis: z.enum(['claimed', 'found', 'smaller']).default('claimed').describe('The source takes the claimed area.'),
  quality: z
    .enum(['excellent', 'very_good', 'good', 'none'])
    .default('none')
    .describe('Its thresholds are not stated.'),
  confidence_high_from: z.number().min(0).max(100).default(85),
  confidence_low_below: z.number().min(0).max(100).default(55),
  low_confidence_multiplier: Multiplier.default(1),
  project_bonus_multiplier: Multiplier.default(1),
}

export const SeedParameters = z.strictObject(seedShape)
export type SeedParameters = z.infer<typeof SeedParameters>

/**
 * What a file that looks like a later version of the source fills the gaps with. Offered apart: nobody knows whether the
 * source ever used these.
 */
export const seedLaterCode: SeedParameters = SeedParameters.parse({
  preset: 'seed-later-code',
  transition_rule: 'cover_points',
  multiplier_moderate_to_dense: 1.2,
  multiplier_no_significant_change: 0.8,
  area_factor_rule: 'later_code_table',
})

/** @returns Hectares' factor of the later file: small projects lose a fifth, middling ones gain a tenth. */
export function laterAreaFactor(area_ha: number): number {
  if (area_ha <= 0) return 0
  if (area_ha < 1) return 0.8
  if (area_ha <= 10) return 1
  if (area_ha <= 50) return 1.1
  if (area_ha <= 100) return 1.05
  return 1
}

/** The NDVI multiplier of an improvement, rounded first: 0.8 − 0.5 is 0.3 here, and so not above it. */
export function seedNdviMultiplier(improvement: number, parameters: SeedParameters): number {
  const rounded = roundTo(improvement, parameters.rounding_decimals)
  return ndviSteps.find(({ above }) => rounded > above)?.multiplier ?? parameters.ndvi_multiplier_else
}

const QUALITY = { excellent: 1.3, very_good: 1.2, good: 1.1, none: 1 } as const

export interface SeedFormulaInput {
  ecosystem: Ecosystem
  transition: SeedTransition
  /** Absent for anything but NDVI of reflectances. */
  ndvi_improvement: number | null
  area_ha: number
  years: number
  confidence_score: number
}

/** The formula itself, line by line. Returns credits in the source's own unit, and kilograms. */
export function seedFormula(sheet: Sheet, input: SeedFormulaInput, parameters: SeedParameters) {
  const base = seedBaseRates[input.ecosystem]
  const t = sheet.line({
    symbol: 'transformation',
    formula: 'multiplier of the transformation',
    substituted: input.transition,
    value: transformationMultiplier(input.transition, parameters),
    unit: '1',
    source: input.transition in seedMultipliers ? 'the source’s list' : 'not in the source’s list',
  })
  const n = sheet.line({
    symbol: 'NDVI',
    formula: 'multiplier of the NDVI improvement, strictly above 0.4, 0.3, 0.2, 0.1',
    substituted:
      input.ndvi_improvement === null
        ? 'no NDVI'
        : put`${roundTo(input.ndvi_improvement, parameters.rounding_decimals)}`,
    value: input.ndvi_improvement === null ? 1 : seedNdviMultiplier(input.ndvi_improvement, parameters),
    unit: '1',
    source: 'the source’s list',
  })
  const factor =
    parameters.area_factor_rule === 'later_code_table' ? laterAreaFactor(input.area_ha) : parameters.area_factor
  const kg = sheet.line({
    symbol: 'CO2_kg',
    formula: 'base rate × transformation × NDVI × area factor × hectares × years',
    substituted: put`${base} × ${t} × ${n} × ${factor} × ${input.area_ha} × ${input.years}`,
    value: base * t * n * factor * input.area_ha * input.years,
    unit: 'kg CO2',
    source: 'the source’s formula; its rates and multipliers',
  })
  const credits = sheet.line({
    symbol: 'base_credits',
    formula: 'CO2_kg × 0.1',
    substituted: put`${kg} × ${CREDITS_PER_KG}`,
    value: kg * CREDITS_PER_KG,
    unit: 'seed credit units',
    source: 'the source’s conversion: 100 for a tonne',
  })
  const quality = QUALITY[parameters.quality]
  const confidence = confidenceMultiplier(input.confidence_score, parameters)
  const value = sheet.line({
    symbol: 'credits',
    formula: 'base_credits × quality × confidence × project bonus',
    substituted: put`${credits} × ${quality} × ${confidence} × ${parameters.project_bonus_multiplier}`,
    value: credits * quality * confidence * parameters.project_bonus_multiplier,
    unit: 'seed credit units',
    source: 'the source’s adjustments',
  })
  const t_co2e = sheet.line({
    symbol: 't_co2e',
    formula: 'CO2_kg ÷ 1000',
    substituted: put`${kg} ÷ 1000`,
    value: kg / 1000,
    unit: 't CO2e',
  })
  return { value, t_co2e }
}

function transformationMultiplier(transition: SeedTransition, parameters: SeedParameters): number {
  switch (transition) {
    case 'moderate_to_dense':
      return parameters.multiplier_moderate_to_dense
    case 'other_gain':
      return parameters.multiplier_other_gain
    case 'no_significant_change':
      return parameters.multiplier_no_significant_change
    case 'loss':
      return parameters.multiplier_loss
    case 'no_vegetation':
      return parameters.multiplier_no_vegetation
    default:
      return seedMultipliers[transition] ?? 0
  }
}

function confidenceMultiplier(score: number, parameters: SeedParameters): number {
  if (score >= parameters.confidence_high_from) return 1.1
  return score < parameters.confidence_low_below ? parameters.low_confidence_multiplier : 1
}

/** The class that the median of the index falls into, before and after; then the move between them. */
export function transitionOfClasses(before: CoverClass, after: CoverClass): SeedTransition {
  const [from, to] = [coverClasses.indexOf(before), coverClasses.indexOf(after)]
  const sparse = coverClasses.indexOf('sparse')
  if (to < from) return 'loss'
  if (to === from) return from >= sparse ? 'maintained' : 'no_vegetation'
  if (before === 'barren' && after === 'dense') return 'barren_to_dense'
  if (before === 'barren' && after === 'moderate') return 'barren_to_moderate'
  if (before === 'sparse' && after === 'dense') return 'sparse_to_dense'
  if (before === 'moderate' && after === 'dense') return 'moderate_to_dense'
  // What was water may have been the tide: no gain of vegetation is read from it.
  return before === 'water' ? 'no_vegetation' : 'other_gain'
}

/** The later file's rule, on cover in percent. */
export function transitionOfCover(before_percent: number, after_percent: number): SeedTransition {
  const delta = after_percent - before_percent
  if (delta > 30 && before_percent < 20) return 'barren_to_dense'
  if (delta > 20 && before_percent < 30) return 'barren_to_moderate'
  if (delta > 15 && before_percent < 50) return 'sparse_to_dense'
  if (delta > 10 && before_percent >= 30) return 'moderate_to_dense'
  if (Math.abs(delta) <= 5 && after_percent > 40) return 'maintained'
  return delta < -10 ? 'loss' : 'no_significant_change'
}

export function classOf(value: number, { bounds }: MeasuredPair['class_profile']): CoverClass {
  const above = bounds.filter((bound) => value >= bound).length
  return coverClasses[above] ?? 'water'
}

function measuredTransition(sheet: Sheet, pair: MeasuredPair, parameters: SeedParameters): SeedTransition | undefined {
  if (parameters.transition !== null) {
    sheet.warn('transition-stated', { transition: parameters.transition })
    return parameters.transition
  }
  if (parameters.transition_rule === 'cover_points') {
    const { share } = pair.cover
    if (share !== null) return transitionOfCover(roundTo(100 * share.before, 6), roundTo(100 * share.after, 6))
    sheet.refuse('cover-not-measured', { cover_source: 'share' })
    return undefined
  }
  const { median_before, median_after } = pair.index
  return transitionOfClasses(classOf(median_before, pair.class_profile), classOf(median_after, pair.class_profile))
}

/** Why there is no NDVI improvement, or what it is. */
function ndviImprovement(sheet: Sheet, { index }: MeasuredPair, { ndvi_statistic }: SeedParameters): number | null {
  if (index.kind === 'ndvi') return ndvi_statistic === 'mean' ? index.delta : index.delta_median
  sheet.warn(index.kind === 'ndvi_dn' ? 'ndvi-of-digital-numbers' : 'rgb-is-not-ndvi', { index: index.formula })
  return null
}

function areaOf({ measurement: { area } }: MethodInput, basis: SeedParameters['area_basis']): number {
  const found_ha = foundHectares(area)
  if (basis === 'claimed' || found_ha === null) return area.claimed_ha
  return basis === 'found' ? found_ha : Math.min(found_ha, area.claimed_ha)
}

/** What the source leaves open, with what stood in for it. */
function listUnspecified(sheet: Sheet, parameters: SeedParameters, years: number): void {
  sheet.notSpecified('years', years)
  for (const name of [
    'area_factor_rule',
    'area_factor',
    'transition_rule',
    'multiplier_other_gain',
    'multiplier_moderate_to_dense',
    'multiplier_no_significant_change',
    'multiplier_loss',
    'multiplier_no_vegetation',
    'ndvi_statistic',
    'ndvi_multiplier_else',
    'rounding_decimals',
    'quality',
    'confidence_high_from',
    'confidence_low_below',
    'low_confidence_multiplier',
    'project_bonus_multiplier',
  ] as const)
    sheet.notSpecified(name, parameters[name])
  sheet.notSpecified('ecosystem_detection', 'declared by the project')
}

/** Computes the source's credits for a measured pair. Pure; the same input gives the same bytes. */
export function seedAiV1(input: MethodInput, parameters: SeedParameters): MethodResult {
  const sheet = new Sheet()
  const head = {
    method_id: 'seed-ai',
    label: `seed-ai-v1${parameters.preset === 'letter' ? '' : ` (${parameters.preset})`}`,
    unit: 'seed credit units',
    parameters: { ...parameters },
  } as const
  refuseEvidence(sheet, input)
  const pair = refusePicture(sheet, input)
  const transition = pair && measuredTransition(sheet, pair, parameters)
  const years = monitoredYears(input.measurement)
  if (sheet.reasons.length > 0 || !pair || transition === undefined || years === null) return notApplicable(head, sheet)
  const ndvi_improvement = ndviImprovement(sheet, pair, parameters)
  const area_ha = areaOf(input, parameters.area_basis)
  listUnspecified(sheet, parameters, years)
  sheet.warn('seed-units-are-not-tonnes')
  if (transition === 'maintained') sheet.warn('maintained-pays-for-nothing-new')
  else if (ndvi_improvement !== null) sheet.warn('greening-counted-twice')
  const formula = { ...input, transition, ndvi_improvement, area_ha, years }
  const { value, t_co2e } = seedFormula(sheet, formula, parameters)
  const { sigma, delta } = pair.index
  const uncertainty = combinedUncertainty([
    { input: 'area', relative_half_width_90: input.measurement.area.edge_uncertainty_fraction },
    { input: 'change', relative_half_width_90: roundTo(Math.min(1, (Z_90 * sigma) / Math.abs(delta || sigma)), 9) },
  ])
  return applicable(head, sheet, { value, t_co2e, area_ha, years, uncertainty })
}
