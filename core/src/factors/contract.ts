import { z } from 'zod'
import type { ProblemTable } from '../lib/problem.ts'

/** Sets of 100-year global warming potentials. `AR5` counts all methane as 28 (UNFCCC, EPA, DESNZ); `AR5-fossil-ch4` counts fossil methane as 30 (ADEME). */
export const gwpSets = ['AR4', 'AR5', 'AR5-fossil-ch4', 'AR6'] as const
export const GwpSet = z.enum(gwpSets)
export type GwpSet = z.infer<typeof GwpSet>

/**
 * The stages of an activity at which gases leave. Two factors for one activity may be added only when they share none.
 * `whole` means that the publisher gives one number and does not say how it divides.
 */
export const stages = [
  'combustion',
  'generation',
  'fugitive',
  'process',
  'upstream',
  'losses',
  'manufacture',
  'transport',
  'inputs',
  'collection',
  'treatment',
  'incineration',
  'amortisation',
  'fuel',
  'use',
  'other',
  'whole',
] as const
export const Stage = z.enum(stages)
export type Stage = z.infer<typeof Stage>

const Gases = z.record(z.string(), z.number())

/** One stage of a factor, per unit of the factor. */
export const FactorStage = z.object({
  stage: Stage,
  /** As published, or the sum of the gases under the factor's own set. */
  total_kg_co2e: z.number(),
  /**
   * Gases apart, already weighted, in kgCO2e under the factor's `gwp_set`. Keys: co2, ch4_fossil, ch4_biogenic, ch4
   * (origin not said), n2o, sf6, nf3, hfc, pfc, other, or a gas of the GWP table such as HFC-134a.
   */
  gases_kg_co2e: Gases.optional(),
  /** Gases apart as masses in kg, where the publisher gives masses. The engine weights them with the inventory's set. */
  gases_kg: Gases.optional(),
  /** Biogenic CO2 in kg: never in the total, always reported beside it. */
  co2_biogenic_kg: z.number().optional(),
})
export type FactorStage = z.infer<typeof FactorStage>

const Grade = z.number().min(1).max(5)
/** Data-quality grades from 1 (poor) to 5 (excellent), in the five dimensions of the pedigree method. */
export const QualityGrades = z.object({
  reliability: Grade.optional(),
  technical: Grade.optional(),
  geographic: Grade.optional(),
  temporal: Grade.optional(),
  completeness: Grade.optional(),
})
export type QualityGrades = z.infer<typeof QualityGrades>

const Bilingual = z.object({ en: z.string(), fr: z.string() })
const IsoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)

/** A factor is never just a number: everything needed to judge it travels with it. */
export const Factor = z.object({
  /** `dataset:row`, stable over editions: `base-carbone:25775`, `desnz:1_100_1000_15`, `epa-hub:1.natural-gas.mmbtu`. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*:[A-Za-z0-9][A-Za-z0-9._/-]*$/),
  dataset: z.string(),
  publisher: z.string(),
  edition: z.string(),
  /** Where to look in the publisher's file: `Table 1, row 17`, `element 25775`. */
  row: z.string(),
  name: Bilingual,
  /** A key of our closed list of activities, when the library may pick this factor by itself. */
  activity: z.string().optional(),
  /** What distinguishes factors of one activity: `{ fuel: 'diesel', class: 'economy' }`. */
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** The unit of the activity, from the closed table: emissions are per one of these. */
  unit: z.string(),
  total_kg_co2e: z.number(),
  stages: z.array(FactorStage).min(1),
  /** `direct`: at the point of use only. `life_cycle`: everything before it too. `upstream`: only what comes before. */
  boundary: z.enum(['direct', 'life_cycle', 'upstream']),
  /** Undefined where the publisher does not say. */
  gwp_set: GwpSet.optional(),
  /** ISO 3166 country or subdivision, `US-CAMX` for an eGRID subregion, `EU`, `world`. */
  geography: z.string(),
  geography_name: z.string().optional(),
  /** The GHG Protocol category in which it usually lands: `1.1`, `2.1`, `3.6`. */
  category: z.string().optional(),
  valid_from: IsoDate.optional(),
  valid_to: IsoDate.optional(),
  /** After this day somebody should look for a newer one. */
  best_before: IsoDate.optional(),
  /** Half-width of the 95 % interval in percent of the value, where the publisher gives one. */
  uncertainty_percent: z.number().min(0).optional(),
  quality: QualityGrades.optional(),
  status: z.enum(['valid', 'archived']),
  /** Said of flights only: whether non-CO2 effects at altitude are in the number. */
  radiative_forcing: z.enum(['included', 'excluded']).optional(),
  /** Said of flights only: a detour allowance on great-circle distance, and whether the number already holds it. */
  distance_uplift: z.object({ percent: z.number(), included: z.boolean() }).optional(),
  /** Said of spend only. */
  price: z
    .object({
      currency: z.string(),
      year: z.number().int(),
      basis: z.enum(['purchaser', 'producer', 'unknown']),
      tax: z.enum(['excluded', 'included', 'unknown']),
    })
    .optional(),
  source: z.object({ title: z.string(), url: z.string(), licence: z.string() }),
  note: z.string().optional(),
  /** The publisher's row as it was read, field by field. */
  raw: z.record(z.string(), z.string()).optional(),
})
export type Factor = z.infer<typeof Factor>

export const problems = {
  'factors/unknown-factor': { status: 404, title: 'There is no factor of that id and edition' },
  'factors/unreadable-file': { status: 422, title: 'The factor file could not be read; nothing was changed' },
  'factors/unknown-dialect': { status: 422, title: 'The file is not in a form that can be recognised; nothing was changed' },
} as const satisfies ProblemTable
