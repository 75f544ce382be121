import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'

const Instant = z.iso.datetime()
const EndpointId = z.string().regex(/^whk_[0-9A-HJKMNP-TV-Z]{26}$/)
const DeliveryId = z.string().regex(/^dlv_[0-9A-HJKMNP-TV-Z]{26}$/)

/** What one can be told of. Bodies hold ids and totals, never names. */
export const webhookEvents = [
  'ping',
  'calculation.created',
  'certificate.issued',
  'factors.imported',
  'member.joined',
  'member.left',
  'key.created',
  'key.revoked',
  'export.ready',
  'alert.raised',
] as const
export type WebhookEvent = (typeof webhookEvents)[number]

/** How many endpoints an organisation has at most. */
export const ENDPOINTS_MAX = 20

const Url = z.string().max(2_000).describe('https, on an address of the public internet.')
const Events = z.array(z.enum(webhookEvents)).min(1).max(webhookEvents.length)
const Description = z
  .string()
  .max(200)
  .regex(/^[^\p{Cc}]*$/u)

export const Endpoint = z
  .object({
    endpoint_id: EndpointId,
    url: z.string(),
    events: Events,
    description: z.string(),
    active: z.boolean(),
    disabled_reason: z.enum(['by-hand', 'failures', 'gone']).nullable(),
    failures: z.number().int().describe('Deliveries in a row that failed for good.'),
    created_at: Instant,
  })
  .meta({ id: 'WebhookEndpoint' })
export type Endpoint = z.infer<typeof Endpoint>

export const EndpointWithSecret = Endpoint.extend({
  secret: z.string().describe('Shown this once. It signs every request; see docs/methods/audit-and-privacy.md.'),
}).meta({ id: 'WebhookEndpointWithSecret' })

export const Delivery = z
  .object({
    delivery_id: DeliveryId,
    endpoint_id: EndpointId,
    event_id: z.string(),
    event: z.enum(webhookEvents),
    state: z.enum(['waiting', 'delivered', 'failed']),
    attempts: z.number().int(),
    created_at: Instant,
    next_attempt_at: Instant.nullable(),
    last_attempt_at: Instant.nullable(),
    last_status: z.number().int().nullable(),
    last_answer: z
      .string()
      .nullable()
      .describe('The beginning of what the other side said, or why it was not reached.'),
    last_duration_ms: z.number().int().nullable(),
  })
  .meta({ id: 'WebhookDelivery' })
export type Delivery = z.infer<typeof Delivery>

export const problems = {
  'webhooks/unknown-endpoint': { status: 404, title: 'There is no such webhook' },
  'webhooks/unknown-delivery': { status: 404, title: 'There is no such delivery' },
  'webhooks/refused-url': { status: 422, title: 'This address cannot be called' },
  'webhooks/too-many': { status: 409, title: 'There are as many webhooks as there may be' },
  'webhooks/not-active': { status: 409, title: 'This webhook is switched off' },
} as const satisfies ProblemTable

const needs = 'webhooks.manage'
const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
const Params = z.object({ endpoint_id: EndpointId })
const nowhere = { endpoint_id: 'whk_00000000000000000000000000' }

export const list = route({
  name: 'webhooks.list',
  method: 'GET',
  path: '/api/v1/webhooks',
  summary: 'Where the organisation is told of what happens',
  needs,
  output: z.object({ endpoints: z.array(Endpoint) }),
  problems: byRole,
  examples: [{ summary: 'All' }],
})

export const create = route({
  name: 'webhooks.create',
  method: 'POST',
  path: '/api/v1/webhooks',
  summary: 'Adds an address to be told at',
  description: 'The answer holds the secret that signs requests, this once.',
  needs,
  body: z.strictObject({ url: Url, events: Events, description: Description.default('') }),
  output: EndpointWithSecret,
  status: 201,
  problems: ['admin/plan-limit', ...byRole, 'webhooks/refused-url', 'webhooks/too-many'],
  examples: [
    {
      summary: 'Without https',
      body: { url: 'http://example.org/hook', events: ['calculation.created'] },
      status: 422,
    },
  ],
})

export const update = route({
  name: 'webhooks.update',
  method: 'PATCH',
  path: '/api/v1/webhooks/{endpoint_id}',
  summary: 'Changes what is told, or switches it on or off',
  needs,
  params: Params,
  body: z.strictObject({
    url: Url.optional(),
    events: Events.optional(),
    description: Description.optional(),
    active: z.boolean().optional(),
  }),
  output: Endpoint,
  problems: [...byRole, 'webhooks/unknown-endpoint', 'webhooks/refused-url'],
  examples: [{ summary: 'No such webhook', params: nowhere, body: { active: false }, status: 404 }],
})

export const remove = route({
  name: 'webhooks.remove',
  method: 'DELETE',
  path: '/api/v1/webhooks/{endpoint_id}',
  summary: 'Takes an address away, with the log of its deliveries',
  needs,
  params: Params,
  output: z.undefined(),
  status: 204,
  problems: [...byRole, 'webhooks/unknown-endpoint'],
  examples: [{ summary: 'No such webhook', params: nowhere, status: 404 }],
})

export const renewSecret = route({
  name: 'webhooks.renewSecret',
  method: 'POST',
  path: '/api/v1/webhooks/{endpoint_id}/secret',
  summary: 'Makes a new secret; what is sent from now on is signed with it alone',
  needs,
  params: Params,
  output: EndpointWithSecret,
  problems: [...byRole, 'webhooks/unknown-endpoint'],
  examples: [{ summary: 'No such webhook', params: nowhere, status: 404 }],
})

export const ping = route({
  name: 'webhooks.ping',
  method: 'POST',
  path: '/api/v1/webhooks/{endpoint_id}/ping',
  summary: 'Sends a trial event',
  needs,
  params: Params,
  output: Delivery,
  status: 202,
  problems: [...byRole, 'webhooks/unknown-endpoint', 'webhooks/not-active'],
  examples: [{ summary: 'No such webhook', params: nowhere, status: 404 }],
})

export const listDeliveries = route({
  name: 'webhooks.listDeliveries',
  method: 'GET',
  path: '/api/v1/webhooks/{endpoint_id}/deliveries',
  summary: 'What was sent, and what the other side answered last, newest first',
  needs,
  params: Params,
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.object({ deliveries: z.array(Delivery) }),
  problems: [...byRole, 'webhooks/unknown-endpoint'],
  examples: [{ summary: 'No such webhook', params: nowhere, status: 404 }],
})

export const redeliver = route({
  name: 'webhooks.redeliver',
  method: 'POST',
  path: '/api/v1/webhooks/deliveries/{delivery_id}/redeliver',
  summary: 'Sends the same event once more, under the same id',
  needs,
  params: z.object({ delivery_id: DeliveryId }),
  output: Delivery,
  status: 202,
  problems: [...byRole, 'webhooks/unknown-delivery', 'webhooks/not-active'],
  examples: [{ summary: 'No such delivery', params: { delivery_id: 'dlv_00000000000000000000000000' }, status: 404 }],
})
