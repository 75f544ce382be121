import type { Delivery, Endpoint, WebhookEvent } from '@tidemark/core/webhooks/contract.ts'
import type { Database } from '../platform/database/database.ts'

export interface EndpointRow {
  endpoint_id: string
  organisation_id: string
  url: string
  events: string[]
  description: string
  wrapped_secret: Uint8Array
  active: boolean
  disabled_reason: Endpoint['disabled_reason']
  failures: number
  created_at: Date
}

export interface EventRow {
  event_id: string
  organisation_id: string
  event: WebhookEvent
  created_at: Date
  body: string
}

export interface DeliveryRow {
  delivery_id: string
  organisation_id: string
  endpoint_id: string
  event_id: string
  state: Delivery['state']
  attempts: number
  created_at: Date
  next_attempt_at: Date | null
  last_attempt_at: Date | null
  last_status: number | null
  last_answer: string | null
  last_duration_ms: number | null
}

interface Tables {
  'webhooks.endpoint': EndpointRow
  'webhooks.event': EventRow
  'webhooks.delivery': DeliveryRow
}

/** How many each organisation has; of one when it is named. */
export async function countEndpoints(db: Database, organisation_id?: string): Promise<Map<string, number>> {
  let query = db
    .as<Tables>()
    .selectFrom('webhooks.endpoint')
    .select((column) => ['organisation_id', column.fn.countAll<number>().as('count')])
    .groupBy('organisation_id')
  if (organisation_id !== undefined) query = query.where('organisation_id', '=', organisation_id)
  return new Map((await query.execute()).map((row) => [row.organisation_id, Number(row.count)]))
}

export async function listEndpoints(db: Database, organisation_id: string): Promise<EndpointRow[]> {
  return db
    .as<Tables>()
    .selectFrom('webhooks.endpoint')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .orderBy('endpoint_id')
    .execute()
}

export async function findEndpoint(
  db: Database,
  endpoint_id: string,
  organisation_id?: string,
): Promise<EndpointRow | undefined> {
  const query = db.as<Tables>().selectFrom('webhooks.endpoint').selectAll().where('endpoint_id', '=', endpoint_id)
  return (
    organisation_id === undefined ? query : query.where('organisation_id', '=', organisation_id)
  ).executeTakeFirst()
}

export async function insertEndpoint(tx: Database, endpoint: EndpointRow): Promise<void> {
  await tx.as<Tables>().insertInto('webhooks.endpoint').values(endpoint).execute()
}

export async function updateEndpoint(
  tx: Database,
  endpoint_id: string,
  changes: Partial<Omit<EndpointRow, 'endpoint_id' | 'organisation_id'>>,
): Promise<void> {
  await tx.as<Tables>().updateTable('webhooks.endpoint').set(changes).where('endpoint_id', '=', endpoint_id).execute()
}

/** Notes one more delivery that failed for good, and returns how many in a row that makes. */
export async function countFailure(tx: Database, endpoint_id: string): Promise<number> {
  const row = await tx
    .as<Tables>()
    .updateTable('webhooks.endpoint')
    .set((column) => ({ failures: column('failures', '+', 1) }))
    .where('endpoint_id', '=', endpoint_id)
    .returning('failures')
    .executeTakeFirst()
  return row?.failures ?? 0
}

export async function deleteEndpoint(tx: Database, endpoint_id: string): Promise<void> {
  await tx.as<Tables>().deleteFrom('webhooks.endpoint').where('endpoint_id', '=', endpoint_id).execute()
}

export async function insertEvent(tx: Database, event: EventRow): Promise<void> {
  await tx.as<Tables>().insertInto('webhooks.event').values(event).execute()
}

export async function insertDeliveries(tx: Database, deliveries: readonly DeliveryRow[]): Promise<void> {
  await tx
    .as<Tables>()
    .insertInto('webhooks.delivery')
    .values([...deliveries])
    .execute()
}

export type ShownDelivery = DeliveryRow & { event: WebhookEvent }

export async function listDeliveries(db: Database, endpoint_id: string, limit: number): Promise<ShownDelivery[]> {
  return db
    .as<Tables>()
    .selectFrom('webhooks.delivery as d')
    .innerJoin('webhooks.event as e', 'e.event_id', 'd.event_id')
    .selectAll('d')
    .select('e.event')
    .where('d.endpoint_id', '=', endpoint_id)
    .orderBy('d.delivery_id', 'desc')
    .limit(limit)
    .execute()
}

export async function findDelivery(
  db: Database,
  delivery_id: string,
  organisation_id?: string,
): Promise<(ShownDelivery & { body: string }) | undefined> {
  const query = db
    .as<Tables>()
    .selectFrom('webhooks.delivery as d')
    .innerJoin('webhooks.event as e', 'e.event_id', 'd.event_id')
    .selectAll('d')
    .select(['e.event', 'e.body'])
    .where('d.delivery_id', '=', delivery_id)
  return (
    organisation_id === undefined ? query : query.where('d.organisation_id', '=', organisation_id)
  ).executeTakeFirst()
}

export async function updateDelivery(tx: Database, delivery_id: string, changes: Partial<DeliveryRow>): Promise<void> {
  await tx.as<Tables>().updateTable('webhooks.delivery').set(changes).where('delivery_id', '=', delivery_id).execute()
}

/** Forgets events, of all or of one organisation, and with them their deliveries, from before an instant. */
export async function deleteEventsBefore(db: Database, before: Date, organisation_id?: string): Promise<number> {
  const query = db.as<Tables>().deleteFrom('webhooks.event').where('created_at', '<', before)
  const narrowed = organisation_id === undefined ? query : query.where('organisation_id', '=', organisation_id)
  const result = await narrowed.executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function deleteOfOrganisation(tx: Database, organisation_id: string): Promise<Record<string, number>> {
  const endpoints = await tx
    .as<Tables>()
    .deleteFrom('webhooks.endpoint')
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirst()
  const events = await tx
    .as<Tables>()
    .deleteFrom('webhooks.event')
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirst()
  return {
    'webhooks.endpoint': Number(endpoints.numDeletedRows),
    'webhooks.event': Number(events.numDeletedRows),
  }
}
