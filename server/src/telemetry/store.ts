import { sql } from 'kysely'
import type { DeclaredMeasure, Device } from '@tidemark/core/telemetry/contract.ts'
import type { SeriesProfile } from '@tidemark/core/telemetry/profile.ts'
import type { SeriesMemory, SlotGain } from '@tidemark/core/telemetry/take-in.ts'
import type { Database } from '../platform/database/database.ts'
import { columnOf, columnOrOne } from '../platform/database/columns.ts'
import { jsonb } from '../platform/database/values.ts'

export interface DeviceRow {
  device_id: string
  organisation_id: string
  sensor_id: string
  name: string
  kind: Device['kind']
  project_id: string | null
  site_id: string | null
  placement: Device['placement']
  measures: Partial<Record<string, DeclaredMeasure>>
  simulated: boolean
  created_at: Date
  retired_at: Date | null
  last_reading_at: Date | null
  battery_level_percent: number | null
  signal_strength_percent: number | null
  calibrated_at: Date | null
  public_key: string | null
}

export interface SeriesRow {
  series_id: number
  organisation_id: string
  device_id: string
  measure: string
  readings: number
  first_at: Date | null
  last_at: Date | null
  last_value: number | null
  state: SeriesMemory
  profile: SeriesProfile | null
  profile_at: Date | null
}

export interface BatchRow {
  batch_id: string
  organisation_id: string
  received_at: Date
  source: 'http' | 'csv' | 'mqtt' | 'websocket'
  received: number
  stored_values: number
  valid: number
  suspect: number
  invalid: number
  duplicates: number
  conflicts: number
  refused: number
}

interface ReadingRow {
  captured_at: Date
  received_at: Date
  value: number
  series_id: number
  verdict: number
  findings: number
  organisation_id: string
}

interface RollupRow {
  slot_start: Date
  series_id: number
  slot_s: number
  readings: number
  not_counted: number
  sum: number
  low: number | null
  high: number | null
  amount: number
  organisation_id: string
}

interface Tables {
  'telemetry.device': DeviceRow
  'telemetry.series': SeriesRow
  'telemetry.reading': ReadingRow
  'telemetry.rollup': RollupRow
  'telemetry.batch': BatchRow
  'telemetry.retention': { organisation_id: string; readings_kept_months: number; changed_at: Date }
}

export async function insertDevice(tx: Database, device: DeviceRow): Promise<boolean> {
  const row = await tx
    .as<Tables>()
    .insertInto('telemetry.device')
    .values({
      ...device,
      placement: jsonb(device.placement) as never,
      measures: jsonb(device.measures) as never,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'sensor_id']).doNothing())
    .returning('device_id')
    .executeTakeFirst()
  return row !== undefined
}

export async function updateDevice(
  tx: Database,
  device_id: string,
  changes: Partial<Omit<DeviceRow, 'device_id' | 'organisation_id' | 'sensor_id'>>,
): Promise<void> {
  const { placement, measures, ...rest } = changes
  await tx
    .as<Tables>()
    .updateTable('telemetry.device')
    .set({
      ...rest,
      ...(placement === undefined ? {} : { placement: jsonb(placement) as never }),
      ...(measures === undefined ? {} : { measures: jsonb(measures) as never }),
    })
    .where('device_id', '=', device_id)
    .execute()
}

/** What a device said of itself with its newest reading; null where it said nothing. */
export interface DeviceNote {
  device_id: string
  at_ms: number
  battery_level_percent: number | null
  signal_strength_percent: number | null
  calibrated_at_ms: number | null
  simulated: boolean
}

/** Notes what devices said last, unless something newer is known. Once played, a device stays marked. */
export async function noteDevices(tx: Database, notes: readonly DeviceNote[]): Promise<void> {
  await sql`update telemetry.device d set
      last_reading_at = to_timestamp(n.at_ms / 1000),
      battery_level_percent = coalesce(n.battery, d.battery_level_percent),
      signal_strength_percent = coalesce(n.signal, d.signal_strength_percent),
      calibrated_at = coalesce(to_timestamp(n.calibrated_ms / 1000), d.calibrated_at),
      simulated = d.simulated or n.simulated
    from unnest(${notes.map((note) => note.device_id)}::text[], ${notes.map((note) => note.at_ms)}::float8[],
      ${notes.map((note) => note.battery_level_percent)}::float8[],
      ${notes.map((note) => note.signal_strength_percent)}::float8[],
      ${notes.map((note) => note.calibrated_at_ms)}::float8[], ${notes.map((note) => note.simulated)}::boolean[])
      as n (device_id, at_ms, battery, signal, calibrated_ms, simulated)
    where d.device_id = n.device_id
      and (d.last_reading_at is null or d.last_reading_at <= to_timestamp(n.at_ms / 1000))`.execute(tx.kysely)
}

export async function countDevices(db: Database, organisation_id: string): Promise<number> {
  const row = await db
    .as<Tables>()
    .selectFrom('telemetry.device')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

export async function findDevice(
  db: Database,
  organisation_id: string,
  device_id: string,
): Promise<DeviceRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('telemetry.device')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('device_id', '=', device_id)
    .executeTakeFirst()
}

export async function listDevices(
  db: Database,
  organisation_id: string,
  query: { project_id?: string | undefined; site_id?: string | undefined; after?: string | undefined; limit: number },
): Promise<DeviceRow[]> {
  const { project_id, site_id, after, limit } = query
  let rows = db
    .as<Tables>()
    .selectFrom('telemetry.device')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .orderBy('sensor_id')
    .limit(limit)
  if (project_id !== undefined) rows = rows.where('project_id', '=', project_id)
  if (site_id !== undefined) rows = rows.where('site_id', '=', site_id)
  if (after !== undefined) rows = rows.where('sensor_id', '>', after)
  return rows.execute()
}

export async function findDevicesBySensor(
  db: Database,
  organisation_id: string,
  sensor_ids: readonly string[],
): Promise<DeviceRow[]> {
  if (sensor_ids.length === 0) return []
  const { rows } = await sql<DeviceRow>`select * from telemetry.device
    where organisation_id = ${organisation_id} and sensor_id = any(${[...sensor_ids]}::text[])`.execute(db.kysely)
  return rows
}

/** Makes the series that are missing. */
export async function makeSeries(
  tx: Database,
  organisation_id: string,
  wanted: readonly { device_id: string; measure: string }[],
  state: SeriesMemory,
): Promise<void> {
  await sql`insert into telemetry.series (organisation_id, device_id, measure, state)
    select ${organisation_id}::text, device_id, measure, ${JSON.stringify(state)}::text::jsonb
    from unnest(${wanted.map((each) => each.device_id)}::text[], ${wanted.map((each) => each.measure)}::text[])
      as wanted (device_id, measure)
    on conflict (device_id, measure) do nothing`.execute(tx.kysely)
}

/** Series of devices, locked in one order, so that two batches of the same device take turns and never wait in a ring. */
export async function lockSeries(tx: Database, device_ids: readonly string[]): Promise<SeriesRow[]> {
  const { rows } = await sql<SeriesRow>`select * from telemetry.series
    where device_id = any(${[...device_ids]}::text[]) order by series_id for update`.execute(tx.kysely)
  return rows
}

export async function listSeries(db: Database, device_ids: readonly string[]): Promise<SeriesRow[]> {
  if (device_ids.length === 0) return []
  const { rows } = await sql<SeriesRow>`select * from telemetry.series
    where device_id = any(${[...device_ids]}::text[]) order by device_id, measure`.execute(db.kysely)
  return rows
}

export async function findSeries(
  db: Database,
  organisation_id: string,
  series_id: number,
): Promise<(SeriesRow & Pick<DeviceRow, 'sensor_id' | 'simulated' | 'measures'>) | undefined> {
  return db
    .as<Tables>()
    .selectFrom('telemetry.series as s')
    .innerJoin('telemetry.device as d', 'd.device_id', 's.device_id')
    .selectAll('s')
    .select(['d.sensor_id', 'd.simulated', 'd.measures'])
    .where('s.organisation_id', '=', organisation_id)
    .where('s.series_id', '=', series_id)
    .executeTakeFirst()
}

export interface KeptValue {
  series_id: number
  at_ms: number
  value: number
}

/** What is stored at these instants of these series already. */
export async function findStored(tx: Database, keys: readonly KeptValue[]): Promise<KeptValue[]> {
  const { rows } = await sql<{ series_id: number; captured_at: Date; value: number }>`
    select r.series_id, r.captured_at, r.value
    from unnest(${keys.map((key) => key.series_id)}::int[], ${keys.map((key) => key.at_ms)}::float8[])
      as wanted (series_id, at_ms)
    join telemetry.reading r
      on r.series_id = wanted.series_id and r.captured_at = to_timestamp(wanted.at_ms / 1000)`.execute(tx.kysely)
  return rows.map(({ series_id, captured_at, value }) => ({ series_id, at_ms: captured_at.getTime(), value }))
}

/** Values on their way in, column by column: forty thousand objects would cost more than storing them. */
export class NewValues {
  readonly series_id: number[] = []
  readonly at_ms: number[] = []
  readonly value: number[] = []
  readonly verdict: number[] = []
  readonly findings: number[] = []

  add(series_id: number, at_ms: number, value: number, verdict: 0 | 1 | 2, findings: number): void {
    this.series_id.push(series_id)
    this.at_ms.push(at_ms)
    this.value.push(value)
    this.verdict.push(verdict)
    this.findings.push(findings)
  }
}

/** Writes values that are not there yet, and makes the months that they fall into. */
export async function insertReadings(
  tx: Database,
  organisation_id: string,
  received_at: Date,
  values: NewValues,
): Promise<void> {
  const months = new Set<string>()
  // By day first: an instant is written out for each day, not for each value.
  for (const day of new Set(values.at_ms.map((at_ms) => Math.floor(at_ms / DAY_MS))))
    months.add(new Date(day * DAY_MS).toISOString().slice(0, 7))
  await sql`select telemetry.make_month(month) from unnest(${[...months].map((month) => `${month}-01T00:00:00Z`)}::timestamptz[])
    as m (month)`.execute(tx.kysely)
  const { kind } = tx
  await sql`insert into telemetry.reading
      (captured_at, received_at, value, series_id, verdict, findings, organisation_id)
    select ${columnOf(kind, 'timestamptz', values.at_ms)}, ${received_at}::timestamptz,
      ${columnOf(kind, 'float8', values.value)}, ${columnOf(kind, 'int4', values.series_id)},
      ${columnOrOne(kind, 'int2', values.verdict)}, ${columnOrOne(kind, 'int2', values.findings)},
      ${organisation_id}::text`.execute(tx.kysely)
}

const DAY_MS = 86_400_000

/** What slots gain, column by column. */
export class SlotSums {
  readonly slot_start_ms: number[] = []
  readonly series_id: number[] = []
  readonly slot_s: number[] = []
  readonly readings: number[] = []
  readonly not_counted: number[] = []
  readonly sum: number[] = []
  readonly low: (number | null)[] = []
  readonly high: (number | null)[] = []
  readonly amount: number[] = []

  add(series_id: number, gain: SlotGain): void {
    this.slot_start_ms.push(gain.slot_start_ms)
    this.series_id.push(series_id)
    this.slot_s.push(gain.slot_s)
    this.readings.push(gain.readings)
    this.not_counted.push(gain.not_counted)
    this.sum.push(gain.sum)
    this.low.push(gain.low)
    this.high.push(gain.high)
    this.amount.push(gain.amount)
  }
}

const rollupColumns = sql.raw(
  'slot_start, series_id, slot_s, readings, not_counted, sum, low, high, amount, organisation_id',
)

function slotRows({ kind }: Database, organisation_id: string, slots: SlotSums) {
  return sql`select ${columnOf(kind, 'timestamptz', slots.slot_start_ms)}, ${columnOf(kind, 'int4', slots.series_id)},
    ${columnOf(kind, 'int4', slots.slot_s)}, ${columnOrOne(kind, 'int4', slots.readings)},
    ${columnOrOne(kind, 'int4', slots.not_counted)}, ${columnOf(kind, 'float8', slots.sum)},
    ${columnOf(kind, 'float8', slots.low)}, ${columnOf(kind, 'float8', slots.high)},
    ${columnOrOne(kind, 'float8', slots.amount)}, ${organisation_id}::text`
}

/** Slots that are known not to be there yet. */
export async function insertRollups(tx: Database, organisation_id: string, slots: SlotSums): Promise<void> {
  if (slots.series_id.length === 0) return
  await sql`insert into telemetry.rollup (${rollupColumns}) ${slotRows(tx, organisation_id, slots)}`.execute(tx.kysely)
}

/** Adds to what the slots hold. Looking whether each is there costs more than writing it. */
export async function addToRollups(tx: Database, organisation_id: string, slots: SlotSums): Promise<void> {
  if (slots.series_id.length === 0) return
  await sql`insert into telemetry.rollup as r (${rollupColumns}) ${slotRows(tx, organisation_id, slots)}
    on conflict (series_id, slot_s, slot_start) do update set
      readings = r.readings + excluded.readings,
      not_counted = r.not_counted + excluded.not_counted,
      sum = r.sum + excluded.sum,
      low = least(r.low, excluded.low),
      high = greatest(r.high, excluded.high),
      amount = r.amount + excluded.amount`.execute(tx.kysely)
}

export interface SeriesChange {
  series_id: number
  readings_added: number
  first_at_ms: number
  last_at_ms: number
  last_value: number
  state: SeriesMemory
}

export async function updateSeries(tx: Database, changes: readonly SeriesChange[]): Promise<void> {
  await sql`update telemetry.series s set
      readings = s.readings + c.added,
      first_at = least(s.first_at, to_timestamp(c.first_ms / 1000)),
      last_at = to_timestamp(c.last_ms / 1000),
      last_value = c.last_value,
      state = c.state::jsonb
    from unnest(${changes.map((each) => each.series_id)}::int[], ${changes.map((each) => each.readings_added)}::int[],
      ${changes.map((each) => each.first_at_ms)}::float8[], ${changes.map((each) => each.last_at_ms)}::float8[],
      ${changes.map((each) => each.last_value)}::float8[], ${changes.map((each) => JSON.stringify(each.state))}::text[])
      as c (series_id, added, first_ms, last_ms, last_value, state)
    where s.series_id = c.series_id`.execute(tx.kysely)
}

export async function saveProfile(
  tx: Database,
  series_id: number,
  profile: SeriesProfile,
  profile_at: Date,
): Promise<void> {
  await sql`update telemetry.series set profile = ${jsonb(profile)}, profile_at = ${profile_at}
    where series_id = ${series_id}`.execute(tx.kysely)
}

export async function insertBatch(tx: Database, batch: BatchRow): Promise<void> {
  await tx.as<Tables>().insertInto('telemetry.batch').values(batch).execute()
}

/** Readings of a series in order of time, `from` included and `to` not. */
export async function listReadings(
  db: Database,
  series_id: number,
  from: Date,
  to: Date,
  limit: number,
): Promise<{ captured_at: Date; value: number; verdict: number }[]> {
  return db
    .as<Tables>()
    .selectFrom('telemetry.reading')
    .select(['captured_at', 'value', 'verdict'])
    .where('series_id', '=', series_id)
    .where('captured_at', '>=', from)
    .where('captured_at', '<', to)
    .orderBy('captured_at')
    .limit(limit)
    .execute()
}

export interface MeterRow {
  at_ms: number
  received_ms: number
  value: number
  verdict: number
  findings: number
}

/**
 * Readings of a series in order of time, after one instant and before another, for a figure over a long time.
 * @param each_s Of readings that are closer together, the last of each so many seconds; 0 for all of them.
 */
export async function listMeterReadings(
  db: Database,
  series_id: number,
  after: Date,
  before: Date,
  each_s: number,
  limit: number,
): Promise<MeterRow[]> {
  const slot = sql`floor(extract(epoch from captured_at) / ${each_s}::int)`
  const { rows } = await sql<MeterRow>`select ${each_s === 0 ? sql`` : sql`distinct on (${slot})`}
      (extract(epoch from captured_at) * 1000)::float8 as at_ms,
      (extract(epoch from received_at) * 1000)::float8 as received_ms, value, verdict, findings
    from telemetry.reading
    where series_id = ${series_id} and captured_at > ${after} and captured_at < ${before}
    order by ${each_s === 0 ? sql`` : sql`${slot},`} captured_at ${each_s === 0 ? sql`` : sql`desc`}
    limit ${limit}`.execute(db.kysely)
  return rows
}

/** The last accepted values, oldest first: what a profile is learnt from. */
export async function lastAccepted(
  db: Database,
  series_id: number,
  limit: number,
): Promise<{ at_ms: number; value: number }[]> {
  const rows = await db
    .as<Tables>()
    .selectFrom('telemetry.reading')
    .select(['captured_at', 'value'])
    .where('series_id', '=', series_id)
    .where('verdict', '=', 0)
    .orderBy('captured_at', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse().map(({ captured_at, value }) => ({ at_ms: captured_at.getTime(), value }))
}

/**
 * What a class may learn from, oldest first: accepted values, and those that only its forest doubted. Otherwise what is new
 * would be doubted for ever.
 * @param forest_bit which bit of its findings says that the forest doubted a value.
 */
export async function lastTaught(
  db: Database,
  series_id: number,
  limit: number,
  forest_bit: number,
): Promise<{ at_ms: number; value: number }[]> {
  const { rows } = await sql<{ captured_at: Date; value: number }>`select captured_at, value from telemetry.reading
    where series_id = ${series_id} and (verdict = 0 or (verdict = 1 and findings = ${forest_bit}))
    order by captured_at desc limit ${limit}`.execute(db.kysely)
  return rows.reverse().map(({ captured_at, value }) => ({ at_ms: captured_at.getTime(), value }))
}

/** Series of the devices of a class that are in use: of those that are played, or of those that are not. */
export async function listClassSeries(
  db: Database,
  organisation_id: string,
  { kind, simulated }: Pick<DeviceRow, 'kind' | 'simulated'>,
): Promise<
  (Pick<SeriesRow, 'series_id' | 'device_id' | 'measure' | 'readings' | 'profile'> & { sensor_id: string })[]
> {
  return db
    .as<Tables>()
    .selectFrom('telemetry.series as s')
    .innerJoin('telemetry.device as d', 'd.device_id', 's.device_id')
    .select(['s.series_id', 's.device_id', 's.measure', 's.readings', 's.profile', 'd.sensor_id'])
    .where('d.organisation_id', '=', organisation_id)
    .where('d.kind', '=', kind)
    .where('d.simulated', '=', simulated)
    .where('d.retired_at', 'is', null)
    .orderBy('s.series_id')
    .execute()
}

export async function findDeviceOfSeries(
  db: Database,
  series_id: number,
): Promise<Pick<DeviceRow, 'device_id' | 'organisation_id' | 'kind' | 'simulated'> | undefined> {
  return db
    .as<Tables>()
    .selectFrom('telemetry.series as s')
    .innerJoin('telemetry.device as d', 'd.device_id', 's.device_id')
    .select(['d.device_id', 'd.organisation_id', 'd.kind', 'd.simulated'])
    .where('s.series_id', '=', series_id)
    .executeTakeFirst()
}

/** Of every class of every organisation, how many readings came from devices between two instants, and how many a forest doubted. */
export async function countDoubted(
  system_db: Database,
  from: Date,
  to: Date,
  forest_bit: number,
): Promise<(Pick<DeviceRow, 'organisation_id' | 'kind' | 'simulated'> & { readings: number; doubted: number })[]> {
  const { rows } = await sql<
    Pick<DeviceRow, 'organisation_id' | 'kind' | 'simulated'> & { readings: number; doubted: number }
  >`select organisation_id, kind, simulated, count(*)::int as readings, sum(doubted)::int as doubted
    from (
      select d.organisation_id, d.kind, d.simulated, max(case when r.findings & ${forest_bit}::int > 0 then 1 else 0 end) as doubted
      from telemetry.device d join telemetry.series s on s.device_id = d.device_id
        join telemetry.reading r on r.series_id = s.series_id
      where r.captured_at >= ${from} and r.captured_at < ${to} and s.profile is not null
      group by d.device_id, r.captured_at
    ) as readings group by organisation_id, kind, simulated`.execute(system_db.kysely)
  return rows
}

export interface SlotRow {
  slot_start: Date
  readings: number
  not_counted: number
  sum: number
  low: number | null
  high: number | null
  amount: number
}

/** Slots of one length, or several of them put together: `slots_each` of `slot_s` become one. */
export async function listSlots(
  db: Database,
  series_id: number,
  slot_s: number,
  slots_each: number,
  from: Date,
  to: Date,
): Promise<SlotRow[]> {
  const length_s = slot_s * slots_each
  const { rows } = await sql<SlotRow>`select
      to_timestamp(floor(extract(epoch from slot_start) / ${length_s}::float8) * ${length_s}::float8) as slot_start,
      sum(readings)::int as readings, sum(not_counted)::int as not_counted, sum(sum) as sum,
      min(low) as low, max(high) as high, sum(amount) as amount
    from telemetry.rollup
    where series_id = ${series_id} and slot_s = ${slot_s} and slot_start >= ${from} and slot_start < ${to}
    group by 1 order by 1`.execute(db.kysely)
  return rows
}

/** Slots of one length of several series. */
export async function listSlotsOf(
  db: Database,
  series_ids: readonly number[],
  slot_s: number,
  from: Date,
  to: Date,
): Promise<(SlotRow & { series_id: number })[]> {
  if (series_ids.length === 0) return []
  return db
    .as<Tables>()
    .selectFrom('telemetry.rollup')
    .select(['series_id', 'slot_start', 'readings', 'not_counted', 'sum', 'low', 'high', 'amount'])
    .where('series_id', 'in', [...series_ids])
    .where('slot_s', '=', slot_s)
    .where('slot_start', '>=', from)
    .where('slot_start', '<', to)
    .orderBy('series_id')
    .orderBy('slot_start')
    .execute()
}

export async function countReadingsBySite(
  db: Database,
): Promise<{ site_id: string; organisation_id: string; readings: number; last_at: Date }[]> {
  const { rows } = await sql<{ site_id: string; organisation_id: string; readings: number; last_at: Date }>`
    select site_id, device.organisation_id, sum(readings)::bigint as readings, max(last_at) as last_at
    from telemetry.device join telemetry.series using (device_id)
    where site_id is not null and last_at is not null group by 1, 2 order by 1`.execute(db.kysely)
  return rows
}

/** Everything of an organisation; of readings the newest hundred thousand, as many as one file bears. */
export async function exportOf(db: Database, organisation_id: string): Promise<Record<string, readonly unknown[]>> {
  const ofOrganisation = <
    T extends
      | 'telemetry.device'
      | 'telemetry.series'
      | 'telemetry.batch'
      | 'telemetry.retention'
      | 'telemetry.validation',
  >(
    table: T,
  ) =>
    db
      .as<Tables>()
      .selectFrom(table as 'telemetry.device')
      .selectAll()
      .where('organisation_id', '=', organisation_id)
  return {
    'telemetry.devices': await ofOrganisation('telemetry.device').execute(),
    'telemetry.series': await ofOrganisation('telemetry.series').execute(),
    'telemetry.retention': await ofOrganisation('telemetry.retention').execute(),
    'telemetry.validations': await ofOrganisation('telemetry.validation').execute(),
    'telemetry.batches': await ofOrganisation('telemetry.batch').execute(),
    'telemetry.readings': await db
      .as<Tables>()
      .selectFrom('telemetry.reading')
      .selectAll()
      .where('organisation_id', '=', organisation_id)
      .orderBy('captured_at', 'desc')
      .limit(100_000)
      .execute(),
    'telemetry.rollups': await db
      .as<Tables>()
      .selectFrom('telemetry.rollup')
      .selectAll()
      .where('organisation_id', '=', organisation_id)
      .where('slot_s', '=', 86_400)
      .execute(),
  }
}

export async function findRetention(db: Database, organisation_id: string): Promise<number> {
  const row = await db
    .as<Tables>()
    .selectFrom('telemetry.retention')
    .select('readings_kept_months')
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirst()
  return row?.readings_kept_months ?? 0
}

export async function saveRetention(tx: Database, row: Tables['telemetry.retention']): Promise<void> {
  const { readings_kept_months, changed_at } = row
  await tx
    .as<Tables>()
    .insertInto('telemetry.retention')
    .values(row)
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet({ readings_kept_months, changed_at }))
    .execute()
}

/** Organisations that keep single readings for so many months and no longer. */
export async function listRetentions(db: Database): Promise<Tables['telemetry.retention'][]> {
  return db.as<Tables>().selectFrom('telemetry.retention').selectAll().where('readings_kept_months', '>', 0).execute()
}

/** Drops the months that have ended by then, of all organisations. Returns how many. */
export async function dropMonths(db: Database, horizon: Date): Promise<number> {
  const { rows } = await sql<{ name: string }>`select c.relname as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'telemetry.reading'::regclass and c.relname ~ '^reading_[0-9]{4}_[0-9]{2}$'
    order by 1`.execute(db.kysely)
  const before = `reading_${horizon.toISOString().slice(0, 7).replace('-', '_')}`
  const over = rows.filter(({ name }) => name < before)
  // One by one: each waits for those who read that month, and holds up nobody else meanwhile.
  for (const { name } of over) await sql`drop table if exists ${sql.table(`telemetry.${name}`)}`.execute(db.kysely)
  return over.length
}

/** Deletes single readings of one organisation from before an instant. Returns how many. */
export async function deleteReadingsBefore(db: Database, organisation_id: string, horizon: Date): Promise<number> {
  const { numAffectedRows } = await sql`delete from telemetry.reading
    where organisation_id = ${organisation_id} and captured_at < ${horizon}`.execute(db.kysely)
  return Number(numAffectedRows ?? 0)
}

export async function eraseOrganisation(tx: Database, organisation_id: string): Promise<Record<string, number>> {
  const erased: Record<string, number> = {}
  for (const table of ['reading', 'rollup', 'batch', 'validation', 'series', 'device', 'retention'] as const) {
    const { numAffectedRows } =
      await sql`delete from ${sql.table(`telemetry.${table}`)} where organisation_id = ${organisation_id}`.execute(
        tx.kysely,
      )
    erased[`telemetry.${table}`] = Number(numAffectedRows ?? 0)
  }
  return erased
}
