import { readFile } from 'node:fs/promises'
import { airportsDigestOf, factorsDigestOf } from '@tidemark/core/certificates/bundle.ts'
import type { Evidence } from '@tidemark/core/certificates/contract.ts'
import { findActivity } from '@tidemark/core/factors/activities.ts'
import type { Factor } from '@tidemark/core/factors/contract.ts'
import { calculate as compute } from '@tidemark/core/footprint/calculate.ts'
import {
  checkLines,
  faultsOfWhole,
  needsOf,
  readInventory,
  refuseTooManyLines,
} from '@tidemark/core/footprint/check.ts'
import type {
  airports as airportsRoute,
  Airport,
  calculate as calculateRoute,
  Calculation,
  FootprintResult,
  Inventory,
  listCalculations as listRoute,
  questionnaire as questionnaireRoute,
  trace as traceRoute,
  validate as validateRoute,
} from '@tidemark/core/footprint/contract.ts'
import { libraryOf, type Library } from '@tidemark/core/footprint/library.ts'
import type {
  applyMeasurement as applyMeasurementRoute,
  proposeMeasurement as proposeMeasurementRoute,
} from '@tidemark/core/footprint/measurement-contract.ts'
import { readSeedRequest, type SeedEmissionAnswer } from '@tidemark/core/footprint/seed-contract.ts'
import { inventoryOfSeedRequest, settleSeedInventory } from '@tidemark/core/footprint/seed-inventory.ts'
import { seedResultOf } from '@tidemark/core/footprint/seed-result.ts'
import { questionnaireActivities } from '@tidemark/core/footprint/questionnaire-inventory.ts'
import { decimalOfKg } from '@tidemark/core/lib/amount.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import { issueCertificate } from '../certificates/service.ts'
import { factorsOfActivities, findFactors, refKey } from '../factors/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { emit } from '../webhooks/service.ts'
import { loadAirports, searchAirports } from './airports.ts'
import { engineDigest } from './engine-digest.ts'
import { faultsOfMeasurements, propose } from './measurement.ts'
import * as store from './store.ts'

/** Calculates, certifies and stores in one transaction: an answer that was given is there, with its certificate. */
export async function calculate(ctx: Context, inventory: InputOf<typeof calculateRoute>): Promise<Calculation> {
  refuseTooManyLines(inventory.lines.length)
  const whole = [...faultsOfWhole(inventory), ...(await faultsOfMeasurements(ctx, inventory))]
  const library = await libraryFor(ctx, inventory)
  const result = computeOrRefuse(inventory, library, whole)
  return storeWithCertificate(ctx, inventory, library, result)
}

/** What meters would make of a line; nothing is changed. */
export async function proposeMeasurement(
  ctx: Context,
  input: InputOf<typeof proposeMeasurementRoute>,
): Promise<OutputOf<typeof proposeMeasurementRoute>> {
  return (await propose(ctx, input)).proposal
}

/** Puts what a caller saw on record: a calculation beside the one that it is based on, which stays as it is. */
export async function applyMeasurement(
  ctx: Context,
  input: InputOf<typeof applyMeasurementRoute>,
): Promise<Calculation> {
  const { proposal, inventory, library, result } = await propose(ctx, input)
  const { refused, calculation_id, line_id, proposal_digest } = proposal
  if (refused) throw new Problem(refused.type, { detail: refused.detail })
  if (proposal_digest !== input.proposal_digest) {
    throw new Problem('footprint/proposal-outdated', {
      detail: 'Readings came in or were changed since the proposal was made. Look at the new one.',
      proposal_digest,
    })
  }
  return storeWithCertificate(ctx, inventory, library, result, { calculation_id, line_id })
}

function computeOrRefuse(inventory: Inventory, library: Library, whole: Fault[]): FootprintResult {
  if (whole.length === 0) return compute(inventory, library)
  const { faults } = checkLines(
    { inventory, line_indices: inventory.lines.map((_, index) => index), faults: [] },
    library,
  )
  const all = [...whole, ...faults]
  throw new Problem('footprint/invalid-inventory', {
    detail: `${all.length} ${all.length === 1 ? 'fault was' : 'faults were'} found. The first: ${all[0]?.message}`,
    faults: all,
  })
}

/** Puts a result on record: the calculation and its certificate together, or neither. */
export async function storeWithCertificate(
  ctx: Context,
  inventory: Inventory,
  library: Library,
  result: FootprintResult,
  based_on: store.BasedOn | null = null,
): Promise<Calculation> {
  const calculated_at = ctx.now()
  const id = newId('calc', calculated_at)
  const factors = usedFactors(result, library)
  const { organisation, reporting_period } = inventory
  const engine_digest = await engineDigest()
  const airports = usedAirports(inventory, library)
  const certificate = await ctx.db.transaction(async (tx) => {
    const issued = await issueCertificate({ ...ctx, db: tx }, 'emission_calculation', {
      calculation_id: id,
      subject: subjectOf(organisation),
      reporting_period,
      totals: totalsOf(result),
      method: {
        name: 'tidemark-footprint',
        engine_version: result.engine_version,
        engine_digest,
        gwp_set: result.gwp_set,
      },
      factors: { count: factors.length, digest: factorsDigestOf(factors) },
      ...(airports.length > 0 ? { airports: { count: airports.length, digest: airportsDigestOf(airports) } } : {}),
      inputs: { count: inventory.lines.length, digest: result.input_digest },
      result_digest: result.result_digest,
      data_quality_score: Math.round(result.data_quality_score),
    })
    await store.insertCalculation(tx, organisationOf(ctx), {
      id,
      calculated_at,
      certificate_id: issued.certificate_id,
      certificate_hash: issued.certificate_hash,
      inventory,
      factors,
      airports,
      result,
      based_on,
    })
    await announce({ ...ctx, db: tx }, { id, result, certificate_id: issued.certificate_id, based_on })
    return issued
  })
  return {
    calculation_id: id,
    calculated_at: calculated_at.toISOString(),
    certificate_id: certificate.certificate_id,
    certificate_hash: certificate.certificate_hash,
    ...(based_on === null ? {} : { based_on }),
    organisation,
    reporting_period,
    ...result,
  }
}

/** The log is written last: its end is locked until the transaction is over. */
async function announce(
  ctx: Context,
  {
    id,
    result,
    certificate_id,
    based_on,
  }: { id: string; result: FootprintResult; certificate_id: string; based_on: store.BasedOn | null },
): Promise<void> {
  const organisation_id = organisationOf(ctx)
  const { emissions_kg_co2e } = result
  await emit(ctx, 'calculation.created', { calculation_id: id, certificate_id, emissions_kg_co2e })
  await emit(ctx, 'certificate.issued', { certificate_id, calculation_id: id })
  await record(ctx, {
    action: based_on === null ? 'footprint.calculated' : 'footprint.line_measured',
    resource: { type: 'calculation', id },
    ...(based_on === null ? {} : { before: based_on }),
    after: result.result_digest,
    organisation_id,
  })
}

/** Whom the certificate is about; its name appears only where the holder discloses it. */
function subjectOf({ id, name, country, sector }: Inventory['organisation']) {
  return { name, country, ...(id === undefined ? {} : { id }), ...(sector === undefined ? {} : { sector }) }
}

/** What a certificate states, as exact decimals. */
function totalsOf(result: FootprintResult) {
  return {
    emissions_kg_co2e: decimalOfKg(result.emissions_kg_co2e),
    scope_1_kg_co2e: decimalOfKg(result.scopes['1']),
    scope_2_location_kg_co2e: decimalOfKg(result.scopes['2_location']),
    scope_2_market_kg_co2e: decimalOfKg(result.scopes['2_market']),
    scope_3_kg_co2e: decimalOfKg(result.scopes['3']),
    biogenic_kg_co2: decimalOfKg(result.biogenic_kg_co2),
    interval_95: {
      low_kg_co2e: decimalOfKg(result.interval_95.low),
      high_kg_co2e: decimalOfKg(result.interval_95.high),
    },
  }
}

/** Current editions last: a library built from this list then means the same by an id without an edition. */
function usedFactors(result: FootprintResult, library: Library): Factor[] {
  const used = result.factors_used.flatMap(({ id, edition }) => library.factor(id, edition) ?? [])
  const isCurrent = (factor: Factor) => library.factor(factor.id) === factor
  return [...used.filter((factor) => !isCurrent(factor)), ...used.filter(isCurrent)]
}

function usedAirports(inventory: Inventory, library: Library): Airport[] {
  return needsOf(inventory).airports.flatMap((iata) => library.airport(iata) ?? [])
}

/** Fetches everything an inventory names in a handful of queries; what is not there the engine reports. */
export async function libraryFor(ctx: Context, inventory: Inventory): Promise<Library> {
  const needs = needsOf(inventory)
  const [named, candidates, airports] = await Promise.all([
    findFactors(ctx, needs.factors),
    factorsOfActivities(ctx, withCompanions(needs.activities)),
    loadAirports(),
  ])
  const pinned = needs.factors.filter(({ edition }) => edition !== undefined)
  const current = needs.factors.filter(({ edition }) => edition === undefined)
  const fetched = (references: typeof pinned) => references.flatMap((reference) => named.get(refKey(reference)) ?? [])
  // Of several editions of one id the last is current: those that lines pin come first.
  return libraryOf({
    factors: [...fetched(pinned), ...candidates, ...fetched(current)],
    airports: needs.airports.flatMap((iata) => airports.get(iata) ?? []),
  })
}

/** An activity together with those whose factors complete it. */
function withCompanions(activities: readonly string[]): string[] {
  return [...new Set(activities.flatMap((key) => [key, ...(findActivity(key)?.companions ?? [])]))]
}

/** What a stored calculation came from and came to, for whoever wants to check it. */
export async function evidenceOf(ctx: Context, calculation_id: string): Promise<Evidence | undefined> {
  const stored = await store.findCalculation(ctx.db, calculation_id)
  if (!stored) return undefined
  const { inventory, factors, airports, result } = stored
  return { inventory, factors, ...(airports.length > 0 ? { airports } : {}), result }
}

/**
 * The request of an earlier emission service: turned into an inventory, which is then calculated, certified and stored
 * like any other. What could not be turned into a number is listed with what would help.
 */
export async function calculateEmissions(ctx: Context, document: unknown): Promise<SeedEmissionAnswer> {
  const request = readSeedRequest(document)
  const stated = inventoryOfSeedRequest(request)
  const library = await libraryFor(ctx, stated.inventory)
  const conversion = settleSeedInventory(stated, library)
  const result = compute(conversion.inventory, library)
  const { calculation_id, certificate_id, certificate_hash, calculated_at } = await storeWithCertificate(
    ctx,
    conversion.inventory,
    library,
    result,
  )
  return seedResultOf({
    request,
    conversion,
    result,
    calculation_id,
    certificate_id,
    certificate_hash,
    now: calculated_at,
  })
}

/** Nobody reads more at once, and two hundred thousand of them would be an answer of fifty megabytes. */
const FAULTS_SHOWN_MAX = 1_000

export async function validate(
  ctx: Context,
  document: InputOf<typeof validateRoute>,
): Promise<OutputOf<typeof validateRoute>> {
  const lines = (document as { lines?: unknown } | null)?.lines
  if (Array.isArray(lines)) refuseTooManyLines(lines.length)
  const reading = readInventory(document)
  const { faults, warnings } = reading.inventory
    ? checkLines(reading, await libraryFor(ctx, reading.inventory))
    : { faults: [], warnings: [] }
  const all = [...reading.faults, ...faults]
  return { valid: all.length === 0, faults: all.slice(0, FAULTS_SHOWN_MAX), faults_found: all.length, warnings }
}

export async function trace(ctx: Context, { id }: InputOf<typeof traceRoute>): Promise<OutputOf<typeof traceRoute>> {
  const stored = await store.findCalculation(ctx.db, id)
  if (!stored)
    throw new Problem('footprint/unknown-calculation', {
      detail: `No calculation ${id} is stored here.`,
      calculation_id: id,
    })
  const { inventory, factors, airports, result } = stored
  return {
    calculation_id: id,
    calculated_at: stored.calculated_at.toISOString(),
    certificate_id: stored.certificate_id,
    certificate_hash: stored.certificate_hash,
    ...(stored.based_on === null ? {} : { based_on: stored.based_on }),
    organisation: inventory.organisation,
    reporting_period: inventory.reporting_period,
    ...result,
    inventory,
    factors,
    airports,
  }
}

export async function listCalculations(
  ctx: Context,
  { limit }: InputOf<typeof listRoute>,
): Promise<OutputOf<typeof listRoute>> {
  const rows = await store.listCalculations(ctx.db, limit)
  return {
    calculations: rows.map(({ id, start_date, end_date, calculated_at, ...row }) => ({
      calculation_id: id,
      ...row,
      reporting_period: { start_date, end_date },
      calculated_at: calculated_at.toISOString(),
    })),
  }
}

/**
 * The factors that the questionnaire can lead to in a country, for a browser that chooses among them like the server.
 * Left out are those that no choice there ends at, and the publishers' raw rows, which nothing is computed from.
 */
export async function questionnaire(
  ctx: Context,
  { country }: InputOf<typeof questionnaireRoute>,
): Promise<OutputOf<typeof questionnaireRoute>> {
  const factors = await factorsOfActivities(ctx, withCompanions(questionnaireActivities))
  const useful = factors.filter(({ geography, attributes, activity }) => {
    const elsewhere = geography !== country && /^[A-Z]{2}/.test(geography)
    // An industry code is asked for in its own country only; no grid serves another country, no region a whole one.
    return !elsewhere || (attributes?.naics === undefined && activity !== 'electricity' && !geography.includes('-'))
  })
  return { country, factors: useful.map(({ raw: _raw, ...factor }) => factor) }
}

export async function airports(
  _ctx: Context,
  { q, limit }: InputOf<typeof airportsRoute>,
): Promise<OutputOf<typeof airportsRoute>> {
  return { airports: await searchAirports(q, limit) }
}

/** Calculates the labelled demo company once, so that a newcomer meets a result before entering anything. */
export async function seedDemo(ctx: Context): Promise<void> {
  const file = new URL('../../../data/demo/company.json', import.meta.url)
  const { inventory, faults } = readInventory(JSON.parse(await readFile(file, 'utf8')))
  invariant(inventory && faults.length === 0, 'data/demo/company.json is not a clean inventory')
  if (await store.hasCalculationOf(ctx.db, inventory.organisation.name)) return
  await calculate(ctx, inventory)
}

/** What administrators see of how much is calculated. Of every organisation, so it asks as the system. */
export const usage = {
  since: (ctx: Context, organisation_id: string, since: Date) =>
    store.countCalculations(ctx.system_db, organisation_id, since),
  byMonth: (ctx: Context, since: Date) => store.usageByMonth(ctx.system_db, since),
  byOrganisation: (ctx: Context) => store.calculatingOrganisations(ctx.system_db),
}
