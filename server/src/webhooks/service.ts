import { randomBytes } from 'node:crypto'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  ENDPOINTS_MAX,
  type create as createRoute,
  type Delivery,
  type Endpoint,
  type list as listRoute,
  type listDeliveries as listDeliveriesRoute,
  type update as updateRoute,
  type WebhookEvent,
} from '@tidemark/core/webhooks/contract.ts'
import { answerOf, FAILURES_MAX, nextAttempt } from '@tidemark/core/webhooks/retry.ts'
import { SECRET_PREFIX, signWebhook } from '@tidemark/core/webhooks/sign.ts'
import { z } from 'zod'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import type { Database } from '../platform/database/database.ts'
import { newId } from '../platform/ids.ts'
import { enqueue, jobKind } from '../platform/jobs.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { call, refusalOf } from './call.ts'
import * as store from './store.ts'

export const deliverKind = jobKind('webhooks.deliver', z.object({ delivery_id: z.string() }))
export const tidyKind = jobKind('webhooks.tidy', z.object({}))

/** The log of deliveries goes back this far. */
const KEPT_DAYS = 30
/** The beginning of an answer is enough to see what is wrong. */
const ANSWER_LENGTH_MAX = 1_000

/**
 * Tells every endpoint of the organisation that wants to know. Joins the transaction of `ctx.db`: what is undone is told
 * to nobody.
 * @param data ids and totals. No names: what was sent cannot be erased.
 */
export async function emit(
  ctx: Context,
  event: WebhookEvent,
  data: Readonly<Record<string, string | number | boolean | null>>,
  organisation_id: string = organisationOf(ctx),
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const wanting = (await store.listEndpoints(tx, organisation_id)).filter(
      ({ active, events }) => active && events.includes(event),
    )
    if (wanting.length > 0) await tell(ctx, tx, wanting, event, data)
  })
}

async function tell(
  ctx: Context,
  tx: Database,
  endpoints: readonly store.EndpointRow[],
  event: WebhookEvent,
  data: Readonly<Record<string, unknown>>,
): Promise<store.ShownDelivery[]> {
  const created_at = ctx.now()
  const event_id = newId('evt', created_at)
  const organisation_id = endpoints[0]?.organisation_id ?? ''
  const body = JSON.stringify({ id: event_id, type: event, timestamp: created_at.toISOString(), organisation_id, data })
  const deliveries = endpoints.map(({ endpoint_id }): store.DeliveryRow => ({
    delivery_id: newId('dlv', created_at),
    organisation_id,
    endpoint_id,
    event_id,
    state: 'waiting',
    attempts: 0,
    created_at,
    next_attempt_at: created_at,
    last_attempt_at: null,
    last_status: null,
    last_answer: null,
    last_duration_ms: null,
  }))
  await store.insertEvent(tx, { event_id, organisation_id, event, created_at, body })
  await store.insertDeliveries(tx, deliveries)
  for (const { delivery_id } of deliveries) await enqueue(tx, deliverKind, { delivery_id })
  return deliveries.map((delivery) => ({ ...delivery, event }))
}

/** One attempt. What fails is tried again later by a job of its own, so that the waits are ours to say. */
export async function deliver(ctx: Context, { delivery_id }: { delivery_id: string }): Promise<void> {
  const delivery = await store.findDelivery(ctx.db, delivery_id)
  const endpoint = delivery && (await store.findEndpoint(ctx.db, delivery.endpoint_id))
  // Taken away, or delivered before a crash: nothing is left to do.
  if (!delivery || !endpoint || delivery.state !== 'waiting') return
  if (!endpoint.active) {
    await store.updateDelivery(ctx.db, delivery_id, { state: 'failed', next_attempt_at: null })
    return
  }
  const started_at = ctx.now()
  const started_ms = performance.now()
  const headers = signWebhook(secretOf(ctx, endpoint), delivery.event_id, started_at.getTime() / 1000, delivery.body)
  const { status, answer } = await call(ctx, endpoint.url, delivery.body, { ...headers })
  const attempt = {
    attempts: delivery.attempts + 1,
    last_attempt_at: started_at,
    last_status: status ?? null,
    last_answer: printable(answer),
    last_duration_ms: Math.round(performance.now() - started_ms),
  }
  await ctx.db.transaction(async (tx) => noteAnswer({ ...ctx, db: tx }, endpoint, delivery_id, attempt))
}

type Attempt = Pick<
  store.DeliveryRow,
  'attempts' | 'last_attempt_at' | 'last_status' | 'last_answer' | 'last_duration_ms'
>

async function noteAnswer(
  ctx: Context,
  { endpoint_id, organisation_id }: store.EndpointRow,
  delivery_id: string,
  attempt: Attempt,
): Promise<void> {
  const { db } = ctx
  const meaning = answerOf(attempt.last_status ?? undefined)
  if (meaning === 'delivered') {
    await store.updateDelivery(db, delivery_id, { ...attempt, state: 'delivered', next_attempt_at: null })
    await store.updateEndpoint(db, endpoint_id, { failures: 0 })
    return
  }
  const next = meaning === 'gone' ? undefined : nextAttempt(attempt.attempts, ctx.now())
  if (next) {
    await store.updateDelivery(db, delivery_id, { ...attempt, next_attempt_at: next })
    await enqueue(db, deliverKind, { delivery_id }, { start_after: next })
    return
  }
  await store.updateDelivery(db, delivery_id, { ...attempt, state: 'failed', next_attempt_at: null })
  const failures = await store.countFailure(db, endpoint_id)
  if (meaning === 'gone' || failures >= FAILURES_MAX) {
    const disabled_reason = meaning === 'gone' ? 'gone' : 'failures'
    await store.updateEndpoint(db, endpoint_id, { active: false, disabled_reason })
    await record(ctx, {
      action: 'webhooks.disabled',
      resource: { type: 'webhook', id: endpoint_id },
      organisation_id,
      after: { disabled_reason },
    })
  }
}

/** What a stranger answered is shown on a screen: no control characters, and not much of it. */
function printable(text: string): string {
  return text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, ANSWER_LENGTH_MAX)
}

export async function list(ctx: Context): Promise<OutputOf<typeof listRoute>> {
  return { endpoints: (await store.listEndpoints(ctx.db, organisationOf(ctx))).map(shown) }
}

export async function create(ctx: Context, input: InputOf<typeof createRoute>): Promise<OutputOf<typeof createRoute>> {
  refuseUrl(input.url)
  const organisation_id = organisationOf(ctx)
  const created_at = ctx.now()
  const endpoint_id = newId('whk', created_at)
  const secret = newSecret()
  const endpoint: store.EndpointRow = {
    endpoint_id,
    organisation_id,
    url: input.url,
    events: [...new Set(input.events)],
    description: input.description,
    wrapped_secret: ctx.keyring.wrap(labelOf(endpoint_id), Buffer.from(secret)),
    active: true,
    disabled_reason: null,
    failures: 0,
    created_at,
  }
  await ctx.db.transaction(async (tx) => {
    const there = (await store.listEndpoints(tx, organisation_id)).length
    if (there >= ENDPOINTS_MAX)
      throw new Problem('webhooks/too-many', {
        detail: `An organisation has ${ENDPOINTS_MAX} webhooks at most. Take one away first.`,
        webhooks_max: ENDPOINTS_MAX,
      })
    await store.insertEndpoint(tx, endpoint)
    await noteChange({ ...ctx, db: tx }, 'webhooks.created', endpoint_id, undefined, endpoint)
  })
  return { ...shown(endpoint), secret }
}

export async function update(
  ctx: Context,
  { endpoint_id, active, ...changes }: InputOf<typeof updateRoute>,
): Promise<Endpoint> {
  const before = await load(ctx, endpoint_id)
  if (changes.url !== undefined) refuseUrl(changes.url)
  const state =
    active === undefined
      ? {}
      : active
        ? { active, disabled_reason: null, failures: 0 }
        : { active, disabled_reason: 'by-hand' as const }
  const defined = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const after = { ...before, ...defined, ...state }
  await ctx.db.transaction(async (tx) => {
    await store.updateEndpoint(tx, endpoint_id, after)
    await noteChange({ ...ctx, db: tx }, 'webhooks.changed', endpoint_id, before, after)
  })
  return shown(after)
}

export async function remove(ctx: Context, { endpoint_id }: { endpoint_id: string }): Promise<undefined> {
  const before = await load(ctx, endpoint_id)
  await ctx.db.transaction(async (tx) => {
    await store.deleteEndpoint(tx, endpoint_id)
    await noteChange({ ...ctx, db: tx }, 'webhooks.deleted', endpoint_id, before, undefined)
  })
  return undefined
}

export async function renewSecret(ctx: Context, { endpoint_id }: { endpoint_id: string }) {
  const before = await load(ctx, endpoint_id)
  const secret = newSecret()
  await ctx.db.transaction(async (tx) => {
    const wrapped_secret = ctx.keyring.wrap(labelOf(endpoint_id), Buffer.from(secret))
    await store.updateEndpoint(tx, endpoint_id, { wrapped_secret })
    await noteChange({ ...ctx, db: tx }, 'webhooks.secret_renewed', endpoint_id, undefined, undefined)
  })
  return { ...shown(before), secret }
}

export async function ping(ctx: Context, { endpoint_id }: { endpoint_id: string }): Promise<Delivery> {
  const endpoint = await load(ctx, endpoint_id)
  refuseInactive(endpoint)
  const [delivery] = await ctx.db.transaction((tx) => tell(ctx, tx, [endpoint], 'ping', { endpoint_id }))
  if (!delivery) throw new Problem('webhooks/unknown-endpoint')
  return shownDelivery(delivery)
}

export async function listDeliveries(
  ctx: Context,
  { endpoint_id, limit }: InputOf<typeof listDeliveriesRoute>,
): Promise<OutputOf<typeof listDeliveriesRoute>> {
  await load(ctx, endpoint_id)
  return { deliveries: (await store.listDeliveries(ctx.db, endpoint_id, limit)).map(shownDelivery) }
}

export async function redeliver(ctx: Context, { delivery_id }: { delivery_id: string }): Promise<Delivery> {
  const delivery = await store.findDelivery(ctx.db, delivery_id, organisationOf(ctx))
  if (!delivery) throw new Problem('webhooks/unknown-delivery', { detail: `There is no delivery ${delivery_id}.` })
  refuseInactive(await load(ctx, delivery.endpoint_id))
  const again = { state: 'waiting' as const, attempts: 0, next_attempt_at: ctx.now() }
  await ctx.db.transaction(async (tx) => {
    await store.updateDelivery(tx, delivery_id, again)
    await enqueue(tx, deliverKind, { delivery_id })
    await record(
      { ...ctx, db: tx },
      { action: 'webhooks.redelivered', resource: { type: 'webhook', id: delivery.endpoint_id } },
    )
  })
  return shownDelivery({ ...delivery, ...again })
}

export async function tidy(ctx: Context): Promise<void> {
  await store.deleteEventsBefore(ctx.db, new Date(ctx.now().getTime() - KEPT_DAYS * 86_400_000))
}

/** How many webhooks each organisation has, for plans. Of every organisation, so it asks as the system. */
export async function countEndpoints(ctx: Context, organisation_id?: string): Promise<Map<string, number>> {
  return store.countEndpoints(ctx.system_db, organisation_id)
}

/** Everything that is kept for an organisation, secrets aside. */
export async function exportOf(ctx: Context, organisation_id: string): Promise<Record<string, unknown[]>> {
  const endpoints = await store.listEndpoints(ctx.db, organisation_id)
  const deliveries = await Promise.all(
    endpoints.map(({ endpoint_id }) => store.listDeliveries(ctx.db, endpoint_id, 10_000)),
  )
  return { 'webhooks.endpoints': endpoints.map(shown), 'webhooks.deliveries': deliveries.flat().map(shownDelivery) }
}

export async function eraseOf(ctx: Context, organisation_id: string): Promise<Record<string, number>> {
  return store.deleteOfOrganisation(ctx.db, organisation_id)
}

export async function expire(ctx: Context, organisation_id: string, before: Date): Promise<number> {
  return store.deleteEventsBefore(ctx.db, before, organisation_id)
}

async function load(ctx: Context, endpoint_id: string): Promise<store.EndpointRow> {
  const endpoint = await store.findEndpoint(ctx.db, endpoint_id, organisationOf(ctx))
  if (!endpoint) throw new Problem('webhooks/unknown-endpoint', { detail: `There is no webhook ${endpoint_id}.` })
  return endpoint
}

function refuseInactive({ active, disabled_reason }: store.EndpointRow): void {
  if (active) return
  throw new Problem('webhooks/not-active', {
    detail: 'This webhook is switched off. Switch it on first: PATCH with "active": true.',
    disabled_reason,
  })
}

function refuseUrl(url: string): void {
  const reason = refusalOf(url)
  if (reason !== undefined) throw new Problem('webhooks/refused-url', { detail: reason })
}

/** The digest of a change covers what its owner sees; the secret is in none of it. */
async function noteChange(
  ctx: Context,
  action: 'webhooks.created' | 'webhooks.changed' | 'webhooks.deleted' | 'webhooks.secret_renewed',
  endpoint_id: string,
  before: store.EndpointRow | undefined,
  after: store.EndpointRow | undefined,
): Promise<void> {
  await record(ctx, {
    action,
    resource: { type: 'webhook', id: endpoint_id },
    ...(before ? { before: shown(before) } : {}),
    ...(after ? { after: shown(after) } : {}),
  })
}

function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString('base64')}`
}

function labelOf(endpoint_id: string): string {
  return `webhooks.secret:${endpoint_id}`
}

function secretOf({ keyring }: Context, { endpoint_id, wrapped_secret }: store.EndpointRow): string {
  return Buffer.from(keyring.unwrap(labelOf(endpoint_id), wrapped_secret)).toString()
}

function shown(row: store.EndpointRow): Endpoint {
  const { endpoint_id, url, events, description, active, disabled_reason, failures, created_at } = row
  return {
    endpoint_id,
    url,
    events: events as WebhookEvent[],
    description,
    active,
    disabled_reason,
    failures,
    created_at: created_at.toISOString(),
  }
}

function shownDelivery(row: store.ShownDelivery): Delivery {
  return {
    delivery_id: row.delivery_id,
    endpoint_id: row.endpoint_id,
    event_id: row.event_id,
    event: row.event,
    state: row.state,
    attempts: row.attempts,
    created_at: row.created_at.toISOString(),
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    last_attempt_at: row.last_attempt_at?.toISOString() ?? null,
    last_status: row.last_status,
    last_answer: row.last_answer,
    last_duration_ms: row.last_duration_ms,
  }
}
