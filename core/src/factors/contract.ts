import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { unknownUnitSentence } from '../lib/quantity.ts'
import { findUnit, suggestUnits } from '../lib/units.ts'

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
  'factors/unknown-dialect': {
    status: 422,
    title: 'The file is not in a form that can be recognised; nothing was changed',
  },
  'factors/edition-unknown': { status: 422, title: 'The file does not say which edition it is; nothing was changed' },
  'factors/edition-differs': {
    status: 409,
    title: 'That edition is already here with other content; nothing was changed',
  },
  'factors/instance-admin-only': {
    status: 403,
    title: 'Editions of publishers are imported for all organisations at once',
  },
  'factors/unknown-activity': { status: 404, title: 'There is no activity of that name' },
  'factors/unknown-region': { status: 404, title: 'There is no factor of that activity for that region' },
} as const satisfies ProblemTable

/** A factor as it is answered: with what a reader must know before using it today. */
export const ShownFactor = Factor.extend({
  /** Its validity ended before today. It can still be used, and is named in the warnings of a calculation. */
  expired: z.boolean(),
  /** Whether its unit is in our table. A factor in a publisher's own unit can be shown, not calculated with. */
  calculable: z.boolean(),
  /** Whether its edition is the one that a reference without edition means. */
  is_current: z.boolean(),
})
export type ShownFactor = z.infer<typeof ShownFactor>

/** No control character: a database refuses some of them, and none of them means anything here. */
const plainText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cs}\u0000-\u001f\u007f]*$/u, 'Control characters and halves of a pair are not text.')
const short = plainText(200).trim().min(1)
const Id = plainText(300).min(3)
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

export const search = route({
  name: 'factors.search',
  method: 'GET',
  path: '/api/v1/factors',
  summary: 'Search emission factors in French and English',
  description:
    'Accents, plurals, common synonyms and typing errors are seen through; the last word may be half typed. Without a status only valid factors are listed, the expired ones among them flagged. Raw rows are left out: ask for one factor to see its own.',
  needs: 'public',
  query: z.object({
    q: z.string().max(200).optional(),
    dimension: short.optional(),
    unit: short.optional(),
    geography: short.optional(),
    year: whole(1990, 2100).optional(),
    status: z.enum(['valid', 'archived', 'all']).default('valid'),
    category: short.optional(),
    dataset: short.optional(),
    edition: short.optional(),
    activity: short.optional(),
    limit: whole(1, 100).default(20),
    offset: whole(0, 100_000).default(0),
  }),
  output: z.object({
    total: z.number().int(),
    /** Whether each answer holds every word, or at least one of them because none held all. */
    matched: z.enum(['all_words', 'some_words', 'no_query']),
    /** Words that nothing is found by, and those that were searched instead. */
    corrected: z.array(z.object({ word: z.string(), to: z.array(z.string()) })),
    factors: z.array(ShownFactor.omit({ raw: true })),
  }),
  problems: [],
  examples: [
    { summary: 'The French electricity mix', query: { q: 'électricité mix moyen', geography: 'FR', limit: '3' } },
    { summary: 'With a typing error, counted in litres', query: { q: 'gazole roiutier', unit: 'L', limit: '3' } },
  ],
})

export const listEditions = route({
  name: 'factors.editions',
  method: 'GET',
  path: '/api/v1/factors/editions',
  summary: 'Every edition of every dataset that is here, and what reading it came to',
  needs: 'public',
  output: z.object({
    editions: z.array(
      z.object({
        dataset: z.string(),
        edition: z.string(),
        publisher: z.string(),
        is_current: z.boolean(),
        imported_at: z.iso.datetime(),
        factors: z.number().int(),
        counts: z.record(z.string(), z.unknown()),
      }),
    ),
  }),
  problems: [],
  examples: [{ summary: 'All of them' }],
})

export const show = route({
  name: 'factors.show',
  method: 'GET',
  path: '/api/v1/factors/{id}',
  summary: 'One factor with everything needed to judge it, its raw row included',
  description: 'Without an edition, the current one. An id may hold a colon and a slash: encode it.',
  needs: 'public',
  params: z.object({ id: Id }),
  query: z.object({ edition: short.optional() }),
  output: ShownFactor.extend({ editions: z.array(z.string()) }),
  problems: ['factors/unknown-factor'],
  examples: [{ summary: 'Road diesel of Base Carbone', params: { id: 'base-carbone:25775' } }],
})

const Tally = z.record(z.string(), z.number().int())
const RollUp = z.object({
  checked: z.number().int(),
  off: z.number().int(),
  largest_deviation_percent: z.number(),
  examples: z.array(z.string()),
})

export const ImportReport = z.object({
  dataset: z.string(),
  edition: z.string(),
  publisher: z.string(),
  is_current: z.boolean(),
  /** False when everything in the file was there already. */
  changed: z.boolean(),
  digest: z.string(),
  dialect: z.object({
    kind: z.string(),
    encoding: z.string().optional(),
    separator: z.string().optional(),
    columns: z.number().int().optional(),
  }),
  counts: z.object({
    lines: z.number().int(),
    factors: z.number().int(),
    valid: z.number().int(),
    archived: z.number().int(),
    not_calculable: z.number().int(),
    not_calculable_units: Tally,
    skipped: Tally,
    unread: Tally,
    roll_ups: z.object({ stages: RollUp, gases: RollUp }),
  }),
  stored: z.object({
    added: z.number().int(),
    already_there: z.number().int(),
    /** Rows that came with the program and stay as they are; those whose published total is another are named. */
    embedded_kept: z.number().int(),
    embedded_that_differ: z.array(z.string()),
  }),
})
export type ImportReport = z.infer<typeof ImportReport>

export const importFile = route({
  name: 'factors.import',
  method: 'POST',
  path: '/api/v1/factors/import',
  summary: 'Read a publisher’s factor file, or one of your own',
  description:
    'Base Carbone CSV (Windows-1252 with semicolons or UTF-8 with commas, V17 to V23.x), the DESNZ flat file, the EPA hub as XLSX, or a CSV with the columns name, value, unit and source. The same file twice changes nothing; a broken file changes nothing and the problem names every line. Base Carbone does not say its version: it is taken from `filename`, or say `edition`.',
  needs: 'factors.import',
  limit: 'upload',
  accepts: 'file',
  body_bytes_max: 64 * 1024 * 1024,
  query: z.object({
    filename: plainText(300).optional(),
    edition: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/)
      .optional(),
  }),
  output: ImportReport,
  problems: [
    'factors/instance-admin-only',
    'factors/unreadable-file',
    'factors/unknown-dialect',
    'factors/edition-unknown',
    'factors/edition-differs',
  ],
  examples: [
    {
      summary: 'A file of one’s own',
      query: { filename: 'own.csv' },
      body: 'name,value,unit,source\nRope of hemp,1.7,kg,Example supplier 2026\n',
    },
  ],
})

export const addCustom = route({
  name: 'factors.custom',
  method: 'POST',
  path: '/api/v1/factors/custom',
  summary: 'Add a factor of your own',
  description:
    'Value, unit and source are mandatory. A custom factor never changes: entering the same again gives the same id, a correction gives a new one.',
  needs: 'factors.write',
  body: z.strictObject({
    name: short,
    name_fr: short.optional(),
    value: z.number(),
    unit: short.superRefine((unit, ctx) => {
      if (findUnit(unit)) return
      ctx.addIssue({
        code: 'custom',
        message: unknownUnitSentence(unit),
        params: { code: 'unknown-unit', expected: suggestUnits(unit) },
      })
    }),
    source: plainText(500).trim().min(3),
    source_url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional(),
    licence: short.optional(),
    geography: short.optional(),
    category: z
      .string()
      .regex(/^[123]\.\d{1,2}$/)
      .optional(),
    valid_from: z.iso.date().optional(),
    valid_to: z.iso.date().optional(),
    uncertainty_percent: z.number().min(0).max(1000).optional(),
    boundary: Factor.shape.boundary.optional(),
    stage: Stage.optional(),
    gwp_set: GwpSet.optional(),
    note: plainText(2000).optional(),
  }),
  output: ShownFactor,
  status: 201,
  problems: ['admin/plan-limit'],
  examples: [
    {
      summary: 'Rope, from a supplier',
      body: { name: 'Rope of hemp', value: 1.7, unit: 'kg', source: 'Example supplier, 2026' },
    },
  ],
})

export const listUnits = route({
  name: 'factors.units',
  method: 'GET',
  path: '/api/v1/units',
  summary: 'The closed table of units',
  description:
    'Units of one dimension convert into one another. Money is not in the list: EUR-2023 is euros at 2023 prices, kEUR-2023 thousands of them, for every currency listed.',
  needs: 'public',
  output: z.object({
    units: z.array(
      z.object({
        id: z.string(),
        dimension: z.string(),
        per_base: z.number(),
        symbol: z.string(),
        name: z.object({ en: z.string(), fr: z.string() }),
      }),
    ),
    currencies: z.array(z.string()),
  }),
  problems: [],
  examples: [{ summary: 'All of them' }],
})

export const listActivities = route({
  name: 'factors.activities',
  method: 'GET',
  path: '/api/v1/activities',
  summary: 'The closed list of activities that the library finds a factor for',
  needs: 'public',
  output: z.object({
    activities: z.array(
      z.object({
        key: z.string(),
        name: z.object({ en: z.string(), fr: z.string() }),
        kind: z.string(),
        dimensions: z.array(z.string()),
        category: z.string(),
        attributes: z.record(
          z.string(),
          z.object({
            name: z.object({ en: z.string(), fr: z.string() }),
            values: z.array(z.string()).optional(),
            pattern: z.string().optional(),
            default: z.string().optional(),
          }),
        ),
        companions: z.array(z.string()),
        synonyms: z.array(z.string()),
      }),
    ),
  }),
  problems: [],
  examples: [{ summary: 'All of them' }],
})

/** What stands behind one number of the plain answer. */
export const EmissionFactorDetail = z.object({
  unit: z.string(),
  factor_id: z.string(),
  edition: z.string(),
  name: z.string(),
  source: z.string(),
  boundary: Factor.shape.boundary,
  gwp_set: GwpSet.optional(),
  valid_to: z.string().optional(),
  expired: z.boolean(),
})

export const emissionFactors = route({
  name: 'factors.by_region',
  method: 'GET',
  path: '/api/v1/emission-factors',
  summary: 'Factors of one activity in one region, as plain numbers',
  description:
    'In kgCO2e per the unit that `details` states for each number, with the factor it comes from. `region` is a country by code or name, or a grid region of the United States.',
  needs: 'public',
  query: z.object({ region: short, activity: short }),
  output: z.object({
    region: z.string(),
    activity: z.string(),
    factors: z.record(z.string(), z.number()),
    details: z.record(z.string(), EmissionFactorDetail),
    source: z.string(),
    last_updated: z.string(),
  }),
  problems: ['factors/unknown-activity', 'factors/unknown-region'],
  examples: [
    { summary: 'Electricity in the United States', query: { region: 'usa', activity: 'electricity' } },
    { summary: 'Natural gas in France', query: { region: 'France', activity: 'natural_gas' } },
  ],
})

/** What a caller of other capabilities names a factor by. */
export interface FactorRef {
  id: string
  edition?: string
}

/** One text per reference, for use as the key of a map. */
export function refKey({ id, edition }: FactorRef): string {
  return edition === undefined ? id : `${id}@${edition}`
}
