/**
 * The Carbon Offset Marketplace's request for a company's emissions: its address, its field names, its answer. The form
 * is its own; the calculation behind it is the engine's. `seed-inventory.ts` says how each field becomes a line, and
 * `docs/methods/seed-emission-request.md` says why.
 */
import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { faultsOf } from '../lib/faults.ts'
import { Problem, shown, type Fault } from '../lib/problem.ts'
import { Inventory, ReportingPeriod, Warning } from './contract.ts'

/** Most entries of each list; seven lists of this length stay below what one inventory may hold. */
const ENTRIES_MAX = 2_000
/** Fifteen-minute readings of a leap year, and some room. */
const READINGS_MAX = 40_000
const FAULTS_MAX = 100

const Amount = (says: string) => z.number().min(0).max(1e12).nullish().describe(says)
/** What is not Unicode cannot be written as UTF-8, and so can neither be stored nor signed. */
const Text = (length_max: number) =>
  z
    .string()
    .min(1)
    .max(length_max)
    .refine((text) => text.isWellFormed(), 'The text holds half of a surrogate pair.')
const Words = (says: string) => Text(120).nullish().describe(says)
const Flag = (says: string) => z.boolean().nullish().describe(says)
/** Fields beyond those listed are let through: they count for completeness, and the answer names them as not read. */
const Section = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape).nullish()
const List = <Shape extends z.ZodRawShape>(shape: Shape) => z.array(z.looseObject(shape)).max(ENTRIES_MAX).nullish()
const FreeForm = (says: string) => z.unknown().optional().describe(says)

const energy_data = Section({
  electricity: Section({
    consumption_kwh: Amount('Total of the reporting period.'),
    grid_mix: Words(
      '`regional_average`, an eGRID subregion such as CAMX, `california`, `texas`, or the name of a utility.',
    ),
    grid_region: Words('The subregion, where grid_mix does not name it.'),
    time_period: Words('How often the meter is read or billed. It never multiplies the figure.'),
    meter_readings: z
      .array(
        z.union([
          z.number().min(0).max(1e12),
          z.null(),
          z.looseObject({ consumption_kwh: Amount('Used in the interval.') }),
        ]),
      )
      .max(READINGS_MAX)
      .nullish()
      .describe('Use per interval in kWh, or an object with consumption_kwh for each.'),
  }),
  natural_gas: Section({
    consumption_therms: Amount('US therms, total of the reporting period.'),
    heating_value: Words('`higher_heating_value`, as US utilities bill. Lower is refused into not_counted.'),
    supplier: Words('Kept, not used.'),
  }),
  fuel: Section({
    gasoline_gallons: Amount('US gallons burnt in vehicles.'),
    diesel_gallons: Amount('US gallons burnt in vehicles.'),
    heating_oil_gallons: Amount('US gallons of No. 2 burnt in boilers.'),
  }),
})

const transportation_data = Section({
  flights: List({
    origin_airport: Words('IATA code.'),
    destination_airport: Words('IATA code.'),
    aircraft_type: Words('Kept, not used.'),
    class: Words('economy, premium_economy, business, first.'),
    passengers: Amount('People on this journey.'),
    round_trip: Flag('Absent: one way.'),
  }),
  ground_vehicles: List({
    vehicle_type: Words('sedan, suv, van, pickup, truck, motorcycle.'),
    fuel_type: Words('gasoline, diesel, hybrid, plug_in_hybrid, electric, lpg, cng, e85.'),
    distance_miles: Amount('Driven in the reporting period.'),
    fuel_efficiency_mpg: Amount('Miles per US gallon.'),
  }),
  shipping: List({
    origin: Words('Place name; it gives no distance.'),
    destination: Words('Place name; it gives no distance.'),
    weight_lbs: Amount('Pounds shipped.'),
    shipping_method: Words('ground_freight, rail, sea, air.'),
    distance_miles: Amount('Way of the goods in miles; this or distance_km is needed.'),
    distance_km: Amount('Way of the goods in km.'),
  }),
})

const facility_data = Section({
  buildings: List({
    square_footage: Amount('Square feet.'),
    building_type: Words('office, warehouse …'),
    year_built: z.number().min(0).max(3000).nullish(),
    energy_star_score: Amount('1 to 100.'),
    location: Words('Place name.'),
    occupancy: Amount('People.'),
  }),
  industrial_processes: List({
    process_type: Words('Name of the process.'),
    production_volume: Amount('Units made in the reporting period.'),
    energy_intensity: Amount('kWh per unit.'),
    materials_used: FreeForm('Not counted: use supply_chain_data.raw_materials.'),
  }),
})

const supply_chain_data = Section({
  raw_materials: List({
    material_type: Words('steel, aluminum, copper, concrete, cement, glass, plastic, paper, cardboard, wood …'),
    quantity_tons: Amount('Short tons where country is US, tonnes elsewhere.'),
    origin_country: Words('ISO code or English name.'),
    transport_mode: Words('Kept, not used: it comes without a distance.'),
  }),
  products: List({
    product_category: Words('What was made.'),
    units_produced: Amount('How many.'),
    material_composition: FreeForm('Free form.'),
  }),
  waste: List({
    waste_type: Words('electronic, paper, plastic, metal, food, mixed …'),
    quantity_tons: Amount('Short tons where country is US, tonnes elsewhere.'),
    disposal_method: Words('recycling, landfill, incineration, composting, anaerobic_digestion, reuse.'),
  }),
})

/** The request. Every data section is optional, and so is every field in it: how much is filled in is scored. */
export const SeedEmissionRequest = z.looseObject({
  company_id: Text(120),
  company_name: Text(200).nullish(),
  reporting_period: z.looseObject(ReportingPeriod.shape).describe('Both days are part of the period.'),
  industry_type: Text(120),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'A country is two capital letters of ISO 3166: US, GB, FR.')
    .nullish()
    .describe('ISO 3166. Absent: US, because every unit of this request is a US one.'),
  energy_data,
  transportation_data,
  facility_data,
  supply_chain_data,
  production_data: z.record(z.string(), z.unknown()).nullish().describe('Free form; listed, never counted.'),
})
export type SeedEmissionRequest = z.infer<typeof SeedEmissionRequest>

const required = ['company_id', 'reporting_period', 'industry_type'] as const

/**
 * Reads a document as the request. An empty string is a field that was not filled in, as null is.
 * @throws Problem `footprint/invalid-seed-request` with every fault of form, each with the path to its field.
 */
export function readSeedRequest(document: unknown): SeedEmissionRequest {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw refused([{ path: '', code: 'wrong-type', message: 'The request is a JSON object.', value: shown(document) }])
  }
  const filled = withoutEmptyText(document) as Record<string, unknown>
  const missing = required.filter((field) => filled[field] === undefined || filled[field] === null)
  const faults: Fault[] = missing.map((field) => ({
    path: `/${field}`,
    code: 'missing-field',
    message: `Missing required field: ${field}`,
  }))
  const parsed = SeedEmissionRequest.safeParse(filled)
  if (!parsed.success) {
    faults.push(...faultsOf(parsed.error, filled).filter((fault) => !faults.some((each) => each.path === fault.path)))
    throw refused(faults)
  }
  const { start_date, end_date } = parsed.data.reporting_period
  if (end_date < start_date) {
    faults.push({
      path: '/reporting_period/end_date',
      code: 'period-without-days',
      message: `The period ends before it starts on ${start_date}: it holds no day.`,
      value: end_date,
    })
    throw refused(faults)
  }
  return parsed.data
}

function refused(faults: readonly Fault[]): Problem {
  return new Problem('footprint/invalid-seed-request', {
    detail: `${faults.length === 1 ? 'One fault was' : `${faults.length} faults were`} found. The first: ${faults[0]?.message}`,
    faults: faults.slice(0, FAULTS_MAX),
    ...(faults.length > FAULTS_MAX ? { faults_found: faults.length } : {}),
  })
}

/** The fields of the request lie at most this deep; what lies deeper is free form and stays as it is. */
const DEPTH_READ = 6

function withoutEmptyText(value: unknown, depth = 0): unknown {
  if (value === '') return null
  if (typeof value !== 'object' || value === null || depth > DEPTH_READ) return value
  if (Array.isArray(value)) return value.map((each) => withoutEmptyText(each, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutEmptyText(each, depth + 1)]))
}

const Tonnes = z.number()
const Path = z.string().describe('JSON Pointer into the request. `*` stands for the remaining fields.')
export const NotCounted = z.object({ path: Path, reason: z.string(), what_would_help: z.string() })
export type NotCounted = z.infer<typeof NotCounted>
const Remark = z.object({ path: Path, reason: z.string() })

export const SeedEmissionResults = z.object({
  calculation_id: z.string(),
  timestamp: z.string(),
  company_id: z.string(),
  reporting_period: ReportingPeriod,
  emissions_unit: z.literal('tCO2e').describe('Of every emissions figure here: metric tonnes of CO2 equivalent.'),
  total_emissions_tons_co2e: Tonnes.describe('Scopes 1, 2 (location-based) and 3, in metric tonnes.'),
  scope1_emissions: Tonnes,
  scope2_emissions: Tonnes.describe('Location-based.'),
  scope3_emissions: Tonnes,
  market_based: z.object({ total_emissions_tons_co2e: Tonnes, scope2_emissions: Tonnes }),
  interval_95: z.object({ low: Tonnes, high: Tonnes }).describe('By the pedigree of every line; tonnes.'),
  confidence_score: z.number().min(0).max(1),
  uncertainty_range: z
    .object({ low_estimate_factor: z.number(), high_estimate_factor: z.number(), uncertainty_percentage: z.number() })
    .describe('By the fixed formula of 15 % and a penalty; `interval_95` is what the data support.'),
  methodology: z.string(),
  emission_factors_version: z.string().describe('Publishers and editions of the factors that were used.'),
  data_quality_assessment: z.object({
    valid: z.boolean(),
    errors: z.array(z.string()),
    warnings: z.array(z.string()),
    completeness_score: z.number(),
    accuracy_score: z.number(),
    recency_score: z.number(),
    failed_checks: z.array(Remark),
  }),
  scope3_note: z.string(),
  not_counted: z.array(NotCounted).describe('What was sent and could not become a number.'),
  not_read: z.array(Remark).describe('What was sent and changes no number.'),
  warnings: z.array(Warning).describe('What the engine would have a person look at.'),
  inventory: Inventory.describe('What the request was turned into; POST /api/v1/calculate takes it as it stands.'),
  line_sources: z.record(z.string(), z.string()).describe('From the id of a line to the place in the request.'),
  certificate_id: z.string(),
  certificate_hash: z.string(),
  result_digest: z.string(),
})
export type SeedEmissionResults = z.infer<typeof SeedEmissionResults>

export const SeedEmissionAnswer = z
  .object({ success: z.literal(true), calculation_id: z.string(), results: SeedEmissionResults })
  .meta({ id: 'SeedEmissionAnswer' })
export type SeedEmissionAnswer = z.infer<typeof SeedEmissionAnswer>

const example = {
  company_id: 'comp_123',
  reporting_period: { start_date: '2025-01-01', end_date: '2025-12-31' },
  industry_type: 'technology',
  energy_data: {
    electricity: { consumption_kwh: 50000, grid_mix: 'regional_average', time_period: 'annual' },
    natural_gas: { consumption_therms: 1200, heating_value: 'higher_heating_value', supplier: 'utility_company' },
    fuel: { gasoline_gallons: 800, diesel_gallons: 200, heating_oil_gallons: 150 },
  },
  transportation_data: {
    flights: [
      {
        origin_airport: 'SFO',
        destination_airport: 'LAX',
        aircraft_type: 'Boeing 737',
        class: 'economy',
        passengers: 2,
        round_trip: true,
      },
    ],
  },
}

/**
 * The body is taken as any object and read by `readSeedRequest`, so that a fault of form is answered as this request's
 * own problem; its schema stands here for the documentation.
 */
const Body = z.looseObject({}).meta({
  ...z.toJSONSchema(SeedEmissionRequest, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // The format says it; the pattern beside it is several hundred characters long.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern
    },
  }),
  $schema: undefined,
})

export const calculateEmissions = route({
  name: 'footprint.calculate_emissions',
  method: 'POST',
  path: '/api/v1/calculate-emissions',
  summary: 'A company’s data in the marketplace’s form, turned into an inventory, calculated, stored and certified',
  description:
    'Every field is optional but company_id, reporting_period and industry_type. What cannot become a number is listed in not_counted with what would help. No neural network: factors are used throughout.',
  needs: 'footprint.calculate',
  body: Body,
  body_bytes_max: 4 * 1024 * 1024,
  output: SeedEmissionAnswer,
  problems: ['footprint/invalid-seed-request'],
  examples: [
    { summary: 'A technology company in the United States', body: example },
    { summary: 'Nothing that is needed is there', body: { energy_data: {} }, status: 422 },
  ],
})
