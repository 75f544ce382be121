import { z } from 'zod'
import { Factor, GwpSet, QualityGrades, Stage } from '../factors/contract.ts'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { categoryIds } from '../lib/categories.ts'
import { MeasuredBy } from './measured-by.ts'

export const LINES_MAX = 20_000

/** Text that every database and every JSON reader can hold: no control characters, no half of a surrogate pair. */
const Words = (length_max: number) =>
  z
    .string()
    .max(length_max)
    .refine((text) => text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text), {
      error: 'Control characters and broken Unicode have no place in a text.',
    })
const Text = (length_max: number) => Words(length_max).min(1)
/** A name goes into a certificate, where it stands on one line. */
const Name = (length_max: number) =>
  Text(length_max).refine((text) => !/[\t\n\r\u0080-\u009f]/.test(text), { error: 'A name stands on one line.' })
const IsoDate = z.iso.date()
const CountryCode = z.string().regex(/^[A-Z]{2}$/, 'A country is two capital letters of ISO 3166: FR, GB, US.')

export const Organisation = z
  .strictObject({
    id: Name(120).optional(),
    name: Name(200),
    country: CountryCode,
    sector: Name(120).optional(),
    employees: z.number().min(0).max(1e8).optional(),
    turnover_eur: z.number().min(0).max(1e13).optional(),
  })
  .meta({ id: 'Organisation' })

export const ReportingPeriod = z
  .strictObject({ start_date: IsoDate, end_date: IsoDate })
  .meta({ id: 'ReportingPeriod', description: 'Both days are part of the period.' })

/** A factor of the library, by id; without an edition, the current one. */
export const FactorReference = z.strictObject({ id: Text(200), edition: Text(60).optional() })

/** A factor the user brings along. It must say where it comes from. */
export const InlineFactor = z.strictObject({
  value: z.number().min(-1e12).max(1e12),
  unit: Words(60).describe('kgCO2e/<unit of our table>, such as kgCO2e/kWh'),
  source: Text(400),
  boundary: z.enum(['direct', 'life_cycle', 'upstream']).optional(),
  uncertainty_percent: z.number().min(0).max(1000).optional(),
})

/**
 * Who runs the asset. `operated`: under our operational control, owned or leased. `leased_in`: we use it, another
 * controls it (3.8). `leased_out`: ours, run by a tenant (3.13). `franchise` 3.14, `investment` 3.15. `third_party`:
 * somebody else's service, such as a taxi or a carrier.
 */
export const Ownership = z.enum(['operated', 'leased_in', 'leased_out', 'franchise', 'investment', 'third_party'])
export type Ownership = z.infer<typeof Ownership>

/** What was bought beside the electricity or heat itself; it decides the market-based figure. */
export const EnergyContract = z.strictObject({
  type: z.enum(['guarantee_of_origin', 'ppa', 'supplier_specific', 'residual_mix']),
  kg_co2e_per_kwh: z.number().min(0).max(10),
  share: z.number().min(0).max(1).default(1).describe('The part of the quantity that the contract covers.'),
  source: Text(400),
})

export const InventoryLine = z
  .strictObject({
    id: Text(120),
    label: Text(300).optional(),
    quantity: z.number().min(0).max(1e15),
    unit: Text(40),
    factor: z
      .union([
        FactorReference,
        InlineFactor,
        z
          .array(z.union([FactorReference, InlineFactor]))
          .min(1)
          .max(6),
      ])
      .optional(),
    activity: Text(80).optional().describe('Instead of a factor: the library picks one and says why.'),
    attributes: z.record(Words(60), z.union([Words(120), z.number(), z.boolean()])).optional(),
    category: z.enum(categoryIds).optional(),
    site: Text(120).optional(),
    ownership: Ownership.optional(),
    contract: EnergyContract.optional(),
    // Strict here: a misspelt grade would otherwise vanish and count as the worst.
    data_quality: z.strictObject(QualityGrades.shape).optional(),
    uncertainty_percent: z.number().min(0).max(1000).optional(),
    measured_by: MeasuredBy.optional().describe('Set when meters replaced an estimate; see `footprint.measure`.'),
    comment: Text(1000).optional(),
  })
  .meta({ id: 'InventoryLine' })
export type InventoryLine = z.infer<typeof InventoryLine>

export const PriceIndex = z.strictObject({
  from: Words(20).describe('A currency and year of our table, such as EUR-2024.'),
  to: Words(20),
  rate: z.number().positive().max(1e6).describe('How many `to` one `from` is worth: inflation and exchange together.'),
  source: Text(400),
})

export const Inventory = z
  .strictObject({
    organisation: Organisation,
    reporting_period: ReportingPeriod,
    gwp_set: GwpSet.default('AR5'),
    radiative_forcing: z
      .enum(['included', 'excluded'])
      .default('included')
      .describe('Whether flights count the non-CO2 effects at altitude.'),
    residual_mix: z
      .array(z.strictObject({ country: CountryCode, kg_co2e_per_kwh: z.number().min(0).max(10), source: Text(400) }))
      .max(50)
      .default([]),
    price_indices: z.array(PriceIndex).max(200).default([]),
    simulated: z
      .literal(true)
      .optional()
      .describe('A demonstration or a trial: meters that a program plays may stand in it, and the result says so.'),
    lines: z.array(InventoryLine).min(1),
  })
  .meta({ id: 'Inventory' })
export type Inventory = z.infer<typeof Inventory>

const Kg = z.number()
/** kgCO2e by gas. `unattributed`: what the publisher does not divide. */
const GasAmounts = z.record(z.string(), Kg)

const FaultShape = z.object({
  path: z.string(),
  code: z.string(),
  message: z.string(),
  value: z.unknown().optional(),
  expected: z.unknown().optional(),
})

/** Something the reader should know; nothing was changed because of it. */
export const Warning = z.object({
  code: z.string(),
  message: z.string(),
  line_ids: z.array(z.string()),
})
export type Warning = z.infer<typeof Warning>

/**
 * One step from the quantity to the emissions. `says` is for people; the other fields are enough for a program to run
 * the step again.
 */
export const TraceStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('quantity'), value: z.number(), unit: z.string(), says: z.string() }),
  z.object({
    step: z.literal('factor'),
    factor: z.string(),
    edition: z.string(),
    reason: z.string(),
    says: z.string(),
  }),
  z.object({
    step: z.literal('distance'),
    from: z.string(),
    to: z.string(),
    great_circle_km: z.number(),
    uplift_percent: z.number(),
    legs: z.number(),
    passengers: z.number(),
    value: z.number(),
    unit: z.string(),
    says: z.string(),
  }),
  z.object({
    step: z.literal('convert'),
    value: z.number(),
    from: z.string(),
    to: z.string(),
    rate: z.number(),
    result: z.number(),
    source: z.string().optional(),
    says: z.string(),
  }),
  z.object({
    step: z.literal('emit'),
    factor: z.string(),
    stage: Stage,
    quantity: z.number(),
    unit: z.string(),
    kg_co2e_per_unit: z.number(),
    emissions_kg_co2e: Kg,
    category: z.string(),
    /** Per unit: what the stage puts beside the scopes, never in them. Only what is not zero. */
    beside_per_unit: z
      .object({
        biogenic_kg_co2: z.number().optional(),
        other_gases_kg_co2e: z.number().optional(),
        avoided_kg_co2e: z.number().optional(),
      })
      .optional(),
    says: z.string(),
  }),
  z.object({
    step: z.literal('market'),
    kwh: z.number(),
    share: z.number(),
    kg_co2e_per_kwh: z.number(),
    /** The residual mix for what no contract covers; absent where that part stands at the location-based figure. */
    residual_kg_co2e_per_kwh: z.number().optional(),
    remainder_kg_co2e: Kg,
    emissions_kg_co2e: Kg,
    says: z.string(),
  }),
  z.object({ step: z.literal('sum'), emissions_kg_co2e: Kg, says: z.string() }),
])
export type TraceStep = z.infer<typeof TraceStep>

export const LineResult = z
  .object({
    id: z.string(),
    label: z.string().optional(),
    site: z.string().optional(),
    /** Location-based; every stage of the line together. */
    emissions_kg_co2e: Kg,
    emissions_market_kg_co2e: Kg,
    gases: GasAmounts,
    biogenic_kg_co2: Kg,
    /** The scope and category that the line was stated or found to be; `parts` says where each stage went. */
    scope: z.enum(['1', '2', '3']),
    category: z.string(),
    parts: z.array(z.object({ stage: Stage, category: z.string(), emissions_kg_co2e: Kg })),
    interval_95: z.object({ low: Kg, high: Kg }),
    /** Share of the variance of the total that comes from this line, 0 to 1: where better evidence helps most. */
    uncertainty_share: z.number(),
    data_quality_score: z.number(),
    trace: z.array(TraceStep),
  })
  .meta({ id: 'LineResult' })
export type LineResult = z.infer<typeof LineResult>

/** What the engine computes: the same inventory and factors give the same bytes everywhere. */
export const FootprintResult = z
  .object({
    emissions_kg_co2e: Kg.describe('Scopes 1, 2 (location-based) and 3.'),
    emissions_market_kg_co2e: Kg.describe('Scopes 1, 2 (market-based) and 3.'),
    scopes: z.object({ '1': Kg, '2_location': Kg, '2_market': Kg, '3': Kg }),
    categories: z.record(z.string(), Kg).describe('Location-based; only categories with a line.'),
    categories_market: z.record(z.string(), Kg).describe('Market-based figures of 2.1 and 2.2.'),
    gases: GasAmounts,
    biogenic_kg_co2: Kg.describe('Beside the total, never in it.'),
    outside_scopes: z.object({
      other_gases_kg_co2e: Kg.describe(
        'CFC, HCFC and other gases of the Montreal Protocol, which the GHG Protocol keeps beside the scopes.',
      ),
      avoided_kg_co2e: Kg.describe('Negative stages such as recycling credits; they never net the inventory.'),
    }),
    interval_95: z.object({ low: Kg, high: Kg }),
    data_quality_score: z.number().describe('0 to 100, weighted by emissions.'),
    lines: z.array(LineResult),
    warnings: z.array(Warning),
    factors_used: z.array(
      z.object({
        id: z.string(),
        edition: z.string(),
        publisher: z.string(),
        name: z.object({ en: z.string(), fr: z.string() }),
        unit: z.string(),
        total_kg_co2e: z.number(),
        source: z.object({ title: z.string(), url: z.string(), licence: z.string() }),
        digest: z.string(),
      }),
    ),
    gwp_set: GwpSet,
    engine_version: z.string(),
    input_digest: z.string(),
    result_digest: z.string(),
  })
  .meta({ id: 'FootprintResult' })
export type FootprintResult = z.infer<typeof FootprintResult>

export const Calculation = FootprintResult.extend({
  calculation_id: z.string(),
  based_on: z
    .object({ calculation_id: z.string(), line_id: z.string() })
    .optional()
    .describe('The calculation in which meters replaced the estimate of that line. It stays as it was.'),
  calculated_at: z.string(),
  certificate_id: z.string(),
  certificate_hash: z.string(),
  organisation: Organisation,
  reporting_period: ReportingPeriod,
}).meta({ id: 'Calculation' })
export type Calculation = z.infer<typeof Calculation>

export const Airport = z.object({
  iata: z.string(),
  name: z.string(),
  country: z.string(),
  latitude_deg: z.number(),
  longitude_deg: z.number(),
})
export type Airport = z.infer<typeof Airport>

export const problems = {
  'footprint/invalid-inventory': { status: 422, title: 'The inventory has faults; nothing was calculated' },
  'footprint/too-many-lines': { status: 413, title: 'The inventory has more lines than one request may hold' },
  'footprint/unknown-calculation': { status: 404, title: 'There is no calculation of that id' },
  'footprint/invalid-seed-request': { status: 422, title: 'The request has faults; nothing was calculated' },
} as const satisfies ProblemTable

const smallInventory = {
  organisation: { id: 'org-1', name: 'Atelier Marée', country: 'FR', sector: '62.01Z', employees: 40 },
  reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
  gwp_set: 'AR5-fossil-ch4',
  lines: [
    { id: 'elec', label: 'Office electricity', quantity: 62000, unit: 'kWh', activity: 'electricity', category: '2.1' },
    {
      id: 'fleet',
      label: 'Company cars',
      quantity: 4200,
      unit: 'L',
      factor: { id: 'base-carbone:25775' },
      category: '1.2',
    },
    {
      id: 'paper',
      quantity: 500,
      unit: 'kg',
      factor: { value: 0.919, unit: 'kgCO2e/kg', source: 'Supplier declaration 2024' },
      category: '3.1',
    },
  ],
}

export const calculate = route({
  name: 'footprint.calculate',
  method: 'POST',
  path: '/api/v1/calculate',
  summary: 'Calculate, trace, store and certify an inventory',
  needs: 'footprint.calculate',
  body: Inventory,
  body_bytes_max: 16 * 1024 * 1024,
  output: Calculation,
  status: 201,
  problems: ['footprint/invalid-inventory', 'footprint/too-many-lines'],
  examples: [{ summary: 'A small office in France', body: smallInventory }],
})

export const ValidationReport = z.object({
  valid: z.boolean(),
  faults: z.array(FaultShape).describe('The first thousand.'),
  faults_found: z.number().int(),
  warnings: z.array(Warning),
})

export const validate = route({
  name: 'footprint.validate',
  method: 'POST',
  path: '/api/v1/validate',
  summary: 'Every fault of an inventory at once, each with the path to its field',
  description: 'Answers 200 whether or not there are faults: the report is the result.',
  needs: 'public',
  body: z.unknown(),
  body_bytes_max: 16 * 1024 * 1024,
  output: ValidationReport,
  problems: ['footprint/too-many-lines'],
  examples: [
    { summary: 'A clean inventory', body: smallInventory },
    { summary: 'Two faults, both named', body: { ...smallInventory, lines: [{ id: 'a', quantity: -1, unit: 'ton' }] } },
  ],
})

const CalculationId = z.object({ id: z.string().regex(/^calc_[0-9A-Z]{26}$/) })

export const trace = route({
  name: 'footprint.trace',
  method: 'GET',
  path: '/api/v1/trace/{id}',
  summary: 'A stored calculation with the trace of every line',
  needs: 'footprint.read',
  params: CalculationId,
  output: Calculation.extend({ inventory: Inventory, factors: z.array(Factor), airports: z.array(Airport) }),
  problems: ['footprint/unknown-calculation'],
  examples: [
    {
      summary: 'The trace of the calculation just made',
      after: { route: 'footprint.calculate', fill: { id: 'calculation_id' } },
    },
    { summary: 'No such calculation', params: { id: 'calc_00000000000000000000000000' }, status: 404 },
  ],
})

export const listCalculations = route({
  name: 'footprint.list',
  method: 'GET',
  path: '/api/v1/calculations',
  summary: 'Stored calculations, newest first',
  needs: 'footprint.read',
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) }),
  output: z.object({
    calculations: z.array(
      z.object({
        calculation_id: z.string(),
        certificate_id: z.string(),
        organisation_name: z.string(),
        reporting_period: ReportingPeriod,
        emissions_kg_co2e: Kg,
        calculated_at: z.string(),
      }),
    ),
  }),
  problems: [],
  examples: [{ summary: 'The newest', query: { limit: '5' } }],
})

export const questionnaire = route({
  name: 'footprint.questionnaire',
  method: 'GET',
  path: '/api/v1/questionnaire',
  summary: 'The factors that the first questionnaire can lead to, for a country',
  description: 'A browser that holds them computes the total by itself, with the same engine as the server.',
  needs: 'public',
  query: z.object({ country: CountryCode.default('FR') }),
  output: z.object({ country: CountryCode, factors: z.array(Factor) }),
  problems: [],
  examples: [{ summary: 'For France', query: { country: 'FR' } }],
})

export const airports = route({
  name: 'footprint.airports',
  method: 'GET',
  path: '/api/v1/airports',
  summary: 'Airports with scheduled flights, by code or by words of the name',
  needs: 'public',
  query: z.object({ q: z.string().min(1).max(80), limit: z.coerce.number().int().min(1).max(50).default(10) }),
  output: z.object({ airports: z.array(Airport) }),
  problems: [],
  examples: [{ summary: 'By code', query: { q: 'CDG' } }],
})
