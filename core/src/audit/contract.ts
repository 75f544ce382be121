import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { auditActions, auditResults } from './actions.ts'

const Instant = z.iso.datetime()
const Hash = z.string().regex(/^[0-9a-f]{64}$/)
// An export is sent while it is read: what the database cannot compare with is refused before the first line.
const Word = z
  .string()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}*$/u)

export const AuditEvent = z
  .object({
    seq: z.number().int().describe('Counts from 1 over the whole installation, without a gap.'),
    event_id: z.string(),
    at: Instant,
    actor_kind: z.enum(['anonymous', 'system', 'person', 'key']),
    actor_ref: z.string().nullable().describe('A pseudonym. It stays when the person is erased.'),
    actor_id: z.string().nullable().describe('Whom the pseudonym stands for; null for nobody, and once erased.'),
    actor_name: z.string().nullable(),
    organisation_id: z.string().nullable(),
    action: z.enum(auditActions),
    resource_type: z.string().nullable(),
    resource_id: z.string().nullable().describe('Of a person, the pseudonym.'),
    result: z.enum(auditResults),
    ip_prefix: z.string().nullable().describe('The network only: /24 or /48.'),
    request_id: z.string(),
    before_digest: z.string().nullable(),
    after_digest: z.string().nullable(),
    prev_hash: Hash,
    hash: Hash.describe('SHA-256 over the canonical JSON of the fields above, the id and name of the actor apart.'),
  })
  .meta({ id: 'AuditEvent' })
export type AuditEvent = z.infer<typeof AuditEvent>

const Filters = z.object({
  action: z.enum(auditActions).optional(),
  actor: Word.optional().describe('A pseudonym, or the id of a person or key.'),
  resource_type: Word.optional(),
  resource_id: Word.optional(),
  result: z.enum(auditResults).optional(),
  from: Instant.optional(),
  to: Instant.optional().describe('Up to, not including.'),
})
export type AuditFilters = z.infer<typeof Filters>

export const AuditQuery = Filters.extend({
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Only events with a smaller number: the `next` of a page.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const ChainReport = z
  .object({
    intact: z.boolean(),
    checked: z.number().int().describe('Events looked at: all of the installation, not of one organisation.'),
    head: z
      .object({ seq: z.number().int(), hash: Hash })
      .describe('Note it elsewhere: with it a later check sees a cut.'),
    faults: z.array(
      z.object({
        kind: z.enum(['altered', 'missing', 'unlinked', 'cut_off']),
        seq: z.number().int(),
        event_id: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'AuditChainReport' })
export type ChainReport = z.infer<typeof ChainReport>

export const AuditPage = z
  .object({ events: z.array(AuditEvent), next: z.number().int().nullable() })
  .meta({ id: 'AuditPage' })

export const problems = {} as const satisfies ProblemTable

/** How many faults a report names; a chain that was cut in two has no more to say after that. */
export const FAULTS_MAX = 100

export const list = route({
  name: 'audit.list',
  method: 'GET',
  path: '/api/v1/audit',
  summary: 'Who did what to which resource, newest first',
  description: 'Of the caller’s organisation.',
  needs: 'audit.read',
  query: AuditQuery,
  output: AuditPage,
  problems: ['accounts/not-signed-in', 'accounts/not-allowed'],
  examples: [{ summary: 'The newest', query: { limit: '5' } }],
})

export const exportEvents = route({
  name: 'audit.export',
  method: 'GET',
  path: '/api/v1/audit/export',
  summary: 'The log of the organisation as a file',
  description:
    'NDJSON holds every chained field, so that hashes can be computed again; CSV is for reading, and no cell of it runs as a formula.',
  needs: 'audit.read',
  query: Filters.extend({ format: z.enum(['ndjson', 'csv']).default('ndjson') }),
  output: z.string(),
  produces: 'application/x-ndjson',
  problems: ['accounts/not-signed-in', 'accounts/not-allowed'],
  examples: [{ summary: 'As lines of JSON' }, { summary: 'For a spreadsheet', query: { format: 'csv' } }],
})

export const verify = route({
  name: 'audit.verify',
  method: 'GET',
  path: '/api/v1/audit/verify',
  summary: 'Whether the log is as it was written, from the first event to the last',
  needs: 'audit.read',
  limit: 'verify',
  query: z.object({
    known_seq: z.coerce.number().int().min(0).optional(),
    known_hash: Hash.optional().describe('With `known_seq`: an end of the chain that was noted before.'),
  }),
  output: ChainReport,
  problems: ['accounts/not-signed-in', 'accounts/not-allowed'],
  examples: [{ summary: 'The whole chain' }],
})
