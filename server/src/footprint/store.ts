import type { Factor } from '@tidemark/core/factors/contract.ts'
import type { Airport, FootprintResult, Inventory } from '@tidemark/core/footprint/contract.ts'
import { sql, type ColumnType } from 'kysely'
import type { Database } from '../platform/database/database.ts'

type Json<T> = ColumnType<T, string, never>

interface CalculationTable {
  id: string
  organisation_id: string
  calculated_at: ColumnType<Date, Date, never>
  certificate_id: string
  certificate_hash: string
  organisation_name: string
  start_date: ColumnType<unknown, string, never>
  end_date: ColumnType<unknown, string, never>
  emissions_kg_co2e: number
  engine_version: string
  input_digest: string
  result_digest: string
  inventory: Json<Inventory>
  factors: Json<Factor[]>
  airports: Json<Airport[]>
  result: Json<FootprintResult>
  based_on: ColumnType<BasedOn | null, string | null, never>
}

/** The calculation that another was made from, and the line that meters measured. */
export interface BasedOn {
  calculation_id: string
  line_id: string
}

interface Tables {
  'footprint.calculation': CalculationTable
}

export interface StoredCalculation {
  id: string
  calculated_at: Date
  certificate_id: string
  certificate_hash: string
  inventory: Inventory
  factors: Factor[]
  airports: Airport[]
  result: FootprintResult
  based_on: BasedOn | null
}

export async function insertCalculation(
  tx: Database,
  organisation_id: string,
  calculation: StoredCalculation,
): Promise<void> {
  const { inventory, result } = calculation
  await tx
    .as<Tables>()
    .insertInto('footprint.calculation')
    .values({
      id: calculation.id,
      organisation_id,
      calculated_at: calculation.calculated_at,
      certificate_id: calculation.certificate_id,
      certificate_hash: calculation.certificate_hash,
      organisation_name: inventory.organisation.name,
      start_date: inventory.reporting_period.start_date,
      end_date: inventory.reporting_period.end_date,
      emissions_kg_co2e: result.emissions_kg_co2e,
      engine_version: result.engine_version,
      input_digest: result.input_digest,
      result_digest: result.result_digest,
      inventory: JSON.stringify(inventory),
      factors: JSON.stringify(calculation.factors),
      airports: JSON.stringify(calculation.airports),
      result: JSON.stringify(result),
      based_on: calculation.based_on === null ? null : JSON.stringify(calculation.based_on),
    })
    .execute()
}

/** A calculation with everything that it came from. */
const whole = ['id', 'calculated_at', 'certificate_id', 'certificate_hash', 'inventory', 'factors', 'airports', 'result', 'based_on'] as const // oxfmt-ignore

export async function findCalculation(db: Database, id: string): Promise<StoredCalculation | undefined> {
  return db.as<Tables>().selectFrom('footprint.calculation').select(whole).where('id', '=', id).executeTakeFirst()
}

export async function listCalculations(db: Database, limit: number) {
  return db
    .as<Tables>()
    .selectFrom('footprint.calculation')
    .select((column) => [
      'id',
      'certificate_id',
      'organisation_name',
      column.cast<string>('start_date', 'text').as('start_date'),
      column.cast<string>('end_date', 'text').as('end_date'),
      'emissions_kg_co2e',
      'calculated_at',
    ])
    .orderBy('calculated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export async function hasCalculationOf(db: Database, organisation_name: string): Promise<boolean> {
  const row = await db
    .as<Tables>()
    .selectFrom('footprint.calculation')
    .select('id')
    .where('organisation_name', '=', organisation_name)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Everything that an organisation calculated. */
export async function calculationsOf(db: Database, organisation_id: string): Promise<StoredCalculation[]> {
  return db
    .as<Tables>()
    .selectFrom('footprint.calculation')
    .select(whole)
    .where('organisation_id', '=', organisation_id)
    .orderBy('id')
    .execute()
}

/** Deletes the calculations of an organisation, or those from before an instant; returns how many. */
export async function deleteCalculations(tx: Database, organisation_id: string, before?: Date): Promise<number> {
  const query = tx.as<Tables>().deleteFrom('footprint.calculation').where('organisation_id', '=', organisation_id)
  const result = await (before ? query.where('calculated_at', '<', before) : query).executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function countCalculations(db: Database, organisation_id: string, since: Date): Promise<number> {
  const row = await db
    .as<Tables>()
    .selectFrom('footprint.calculation')
    .select((column) => column.fn.countAll<number>().as('n'))
    .where('organisation_id', '=', organisation_id)
    .where('calculated_at', '>=', since)
    .executeTakeFirst()
  return row?.n ?? 0
}

export interface MonthlyUse {
  month: string
  organisation_id: string
  calculations: number
}

/** Calculations by month and organisation, the newest month first. */
export async function usageByMonth(db: Database, since: Date): Promise<MonthlyUse[]> {
  const { rows } =
    await sql<MonthlyUse>`select to_char(calculated_at at time zone 'UTC', 'YYYY-MM') as month, organisation_id,
    count(*)::int as calculations from footprint.calculation where calculated_at >= ${since}
    group by 1, 2 order by 1 desc, 2`.execute(db.kysely)
  return rows
}

/** Who calculated at least once, and how many calculations there are. */
export async function calculatingOrganisations(db: Database): Promise<{ organisation_id: string; count: number }[]> {
  const { rows } = await sql<{ organisation_id: string; count: number }>`select organisation_id, count(*)::int as count
    from footprint.calculation group by 1`.execute(db.kysely)
  return rows
}
