import { z } from 'zod'
import { evidenceDigestsOf } from '../bundle.ts'
import { CalculationId, Counted, Decimal, Digest, IsoDate, JsonObject, Text } from '../fields.ts'
import type { Kind } from './kind.ts'

/** What was emitted in a period: totals of an inventory, from these factors, by this engine. */
export const EmissionFacts = z.strictObject({
  calculation_id: CalculationId,
  reporting_period: z.strictObject({ start_date: IsoDate, end_date: IsoDate }),
  totals: z.strictObject({
    emissions_kg_co2e: Decimal,
    scope_1_kg_co2e: Decimal,
    scope_2_location_kg_co2e: Decimal,
    scope_2_market_kg_co2e: Decimal,
    scope_3_kg_co2e: Decimal,
    biogenic_kg_co2: Decimal,
    interval_95: z.strictObject({ low_kg_co2e: Decimal, high_kg_co2e: Decimal }),
  }),
  method: z.strictObject({ name: Text, engine_version: Text, engine_digest: Digest, gwp_set: Text }),
  factors: Counted,
  airports: Counted.optional(),
  inputs: Counted,
  result_digest: Digest,
  data_quality_score: z.int().min(0).max(100),
  subject_commitment: Digest,
})
export type EmissionFacts = z.infer<typeof EmissionFacts>

export const EmissionStated = z.strictObject({
  subjectCommitment: Digest,
  calculationId: CalculationId,
  reportingPeriod: z.strictObject({ startDate: IsoDate, endDate: IsoDate }),
  totals: z.strictObject({
    unit: z.literal('kgCO2e'),
    emissions: Decimal,
    scope1: Decimal,
    scope2Location: Decimal,
    scope2Market: Decimal,
    scope3: Decimal,
    interval95: z.strictObject({ low: Decimal, high: Decimal }),
    biogenicUnit: z.literal('kgCO2'),
    biogenic: Decimal,
  }),
  method: z.strictObject({ name: Text, engineVersion: Text, engineDigest: Digest, gwpSet: Text }),
  factors: Counted,
  airports: Counted.optional(),
  inputs: Counted,
  resultDigest: Digest,
  dataQualityScore: z.int().min(0).max(100),
})
export type EmissionStated = z.infer<typeof EmissionStated>

/** What a certified number was computed from and came to; the engine that reads it gives it types. */
export const Evidence = z
  .strictObject({
    inventory: JsonObject,
    factors: z.array(JsonObject),
    airports: z.array(JsonObject).optional(),
    result: JsonObject,
  })
  .meta({ id: 'Evidence' })
export type Evidence = z.infer<typeof Evidence>

/** Units stand beside the amounts they are of. */
export function stateEmission(facts: EmissionFacts): EmissionStated {
  const { totals, method } = facts
  return {
    subjectCommitment: facts.subject_commitment,
    calculationId: facts.calculation_id,
    reportingPeriod: { startDate: facts.reporting_period.start_date, endDate: facts.reporting_period.end_date },
    totals: {
      unit: 'kgCO2e',
      emissions: totals.emissions_kg_co2e,
      scope1: totals.scope_1_kg_co2e,
      scope2Location: totals.scope_2_location_kg_co2e,
      scope2Market: totals.scope_2_market_kg_co2e,
      scope3: totals.scope_3_kg_co2e,
      interval95: { low: totals.interval_95.low_kg_co2e, high: totals.interval_95.high_kg_co2e },
      // Biogenic CO2 is carbon dioxide, not an equivalent, and never part of the total.
      biogenicUnit: 'kgCO2',
      biogenic: totals.biogenic_kg_co2,
    },
    method: {
      name: method.name,
      engineVersion: method.engine_version,
      engineDigest: method.engine_digest,
      gwpSet: method.gwp_set,
    },
    factors: facts.factors,
    ...(facts.airports ? { airports: facts.airports } : {}),
    inputs: facts.inputs,
    resultDigest: facts.result_digest,
    dataQualityScore: facts.data_quality_score,
  }
}

export const emissionCalculation: Kind<EmissionStated, Evidence> = {
  vc_type: 'EmissionCalculationCertificate',
  called: ['an emission certificate', 'un certificat d’émissions'],
  Stated: EmissionStated,
  Evidence,
  entry: ['line', 'la ligne'],
  faults_at: '/evidence/inventory',
  recordIdOf: ({ calculationId }) => calculationId,
  says: ({ totals, reportingPeriod: { startDate, endDate } }) => [
    `Emissions from ${startDate} to ${endDate}: ${totals.emissions} ${totals.unit}.`,
    `Émissions du ${startDate} au ${endDate} : ${totals.emissions} ${totals.unit}.`,
  ],
  digestsStated: ({ inputs, factors, airports, resultDigest }) => ({
    inventory: inputs.digest,
    factors: factors.digest,
    result: resultDigest,
    airports: airports?.digest,
  }),
  digestsOf: evidenceDigestsOf,
  statedTwice: () => [
    ['/totals/emissions', '/result/emissions_kg_co2e', 'decimal'],
    ['/totals/scope1', '/result/scopes/1', 'decimal'],
    ['/totals/scope2Location', '/result/scopes/2_location', 'decimal'],
    ['/totals/scope2Market', '/result/scopes/2_market', 'decimal'],
    ['/totals/scope3', '/result/scopes/3', 'decimal'],
    ['/totals/interval95/low', '/result/interval_95/low', 'decimal'],
    ['/totals/interval95/high', '/result/interval_95/high', 'decimal'],
    ['/totals/biogenic', '/result/biogenic_kg_co2', 'decimal'],
    ['/method/gwpSet', '/result/gwp_set', 'text'],
    ['/method/engineVersion', '/result/engine_version', 'text'],
    ['/resultDigest', '/result/result_digest', 'text'],
    ['/inputs/digest', '/result/input_digest', 'text'],
    ['/reportingPeriod/startDate', '/inventory/reporting_period/start_date', 'text'],
    ['/reportingPeriod/endDate', '/inventory/reporting_period/end_date', 'text'],
    ['/factors/count', '/factors', 'length'],
    ['/inputs/count', '/inventory/lines', 'length'],
    ['/airports/count', '/airports', 'length'],
    ['/dataQualityScore', '/result/data_quality_score', 'score'],
  ],
}
