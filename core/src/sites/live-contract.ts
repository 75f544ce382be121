import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { socket } from '../lib/socket.ts'
import { SiteId, SiteRef } from './contract.ts'
import { SiteMetrics } from './metrics-contract.ts'

const Instant = z.iso.datetime({ offset: true })
const Cursor = z
  .string()
  .max(60)
  .regex(/^[\w-]+$/)

/** One value that came in, or the newest of its series. */
export const LiveValue = z
  .object({
    series_id: z.number().int(),
    device_id: z.string(),
    sensor_id: z.string(),
    measure: z.string(),
    unit: z.string(),
    at: Instant,
    value: z.number(),
    verdict: z.enum(['valid', 'suspect', 'invalid']).nullable().describe('Null where only the newest value is known.'),
    simulated: z.boolean(),
  })
  .meta({ id: 'LiveValue' })
export type LiveValue = z.infer<typeof LiveValue>

/** A series that fell silent: no reading for longer than three of its intervals. */
export const SilentSeries = z
  .object({
    series_id: z.number().int(),
    sensor_id: z.string(),
    measure: z.string(),
    last_at: Instant,
    silent_s: z.number(),
    interval_s: z.number(),
  })
  .meta({ id: 'SilentSeries' })
export type SilentSeries = z.infer<typeof SilentSeries>

const about = {
  site_id: SiteId,
  at: Instant.describe('When it was said.'),
  cursor: Cursor.nullable().describe('Go on from here with ?after=. Null until something has happened.'),
}
const state = {
  values: z.array(LiveValue).describe('The newest value of each series.'),
  now: SiteMetrics.shape.now,
  silent: z.array(SilentSeries),
}

/** How an announcement of another part of sites travels: what it says is that part’s own form. */
const announced = <K extends string>(kind: K) =>
  z.object({ kind: z.literal(kind), ...about, data: z.record(z.string(), z.unknown()) })

export const LiveMessage = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('hello'),
      ...about,
      number: z.number().int(),
      name: z.string(),
      simulated: z.boolean(),
      heartbeat_s: z.number(),
      resumed: z
        .enum(['not_asked', 'complete', 'gap'])
        .describe('complete: what was missed follows. gap: it is not known any more, so fetch the series anew.'),
      ...state,
    }),
    z.object({
      kind: z.literal('reading'),
      ...about,
      source: z.enum(['http', 'csv', 'mqtt', 'websocket']),
      values: z.array(LiveValue),
      left_out: z
        .number()
        .int()
        .describe('Values of the batch that are not here: of a large one, the newest of each series is.'),
    }),
    z.object({ kind: z.literal('metrics'), ...about, now: SiteMetrics.shape.now }),
    announced('anomaly'),
    announced('alert'),
    announced('forecast'),
    z.object({ kind: z.literal('stale'), ...about, silent: z.array(SilentSeries) }),
    z.object({
      kind: z.literal('lagged'),
      ...about,
      dropped: z.record(z.string(), z.number()).describe('How many messages of each kind were not sent to you.'),
      ...state,
    }),
    z.object({ kind: z.literal('heartbeat'), ...about }),
  ])
  .meta({ id: 'LiveMessage' })
export type LiveMessage = z.infer<typeof LiveMessage>

const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const

export const live = socket({
  name: 'sites.live',
  path: '/ws/site/{site_id}',
  summary: 'What happens on a site, as it happens',
  description:
    'Opened with a key or access token in Authorization, from our own pages with their cookie, or with ?ticket=. Nothing is said while nothing happens but a heartbeat; series that fall silent are named once.',
  needs: 'sites.read',
  params: z.object({ site_id: SiteRef }),
  query: z.object({
    after: Cursor.optional().describe('The cursor of the last message that was received.'),
    ticket: z.string().max(100).optional(),
  }),
  sends: LiveMessage,
  problems: [...byRole, 'sites/unknown-site'],
  examples: [
    { summary: 'The first site', params: { site_id: '1' } },
    { summary: 'No such site', params: { site_id: 'site_00000000000000000000000000' }, status: 404 },
  ],
})

export const liveTicket = route({
  name: 'sites.liveTicket',
  method: 'POST',
  path: '/api/v1/stream/tickets',
  summary: 'A ticket that opens one stream, once, within half a minute',
  description: 'For pages and programs that can send no header with a WebSocket: ws://…/ws/site/1?ticket=…',
  needs: 'sites.read',
  output: z.object({ ticket: z.string(), expires_at: Instant }).meta({ id: 'StreamTicket' }),
  status: 201,
  problems: byRole,
  examples: [{ summary: 'One' }],
})
