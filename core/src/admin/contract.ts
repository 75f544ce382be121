import { z } from 'zod'
import { AuditPage, AuditQuery } from '../audit/contract.ts'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { features, planProblems, plans } from './plans.ts'

const Instant = z.iso.datetime()

export const problems = {
  ...planProblems,
} as const satisfies ProblemTable

const needs = 'instance.admin'
const byAdmin = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
const examples = [{ summary: 'Not for the demonstration’s guest', status: 403 }]

const JobCount = z.object({
  job: z.string(),
  state: z.string().describe('requested, created, retry, active, failed or cancelled; what is done is not counted.'),
  count: z.number().int(),
})

export const AdminHealth = z
  .object({
    at: Instant,
    database: z.object({
      kind: z.enum(['embedded', 'postgres']),
      reachable: z.boolean(),
      writable: z.boolean(),
      latency_ms: z.number().optional(),
      free_bytes: z.number().optional(),
      durability: z.string(),
    }),
    memory_bytes: z.number().int(),
    uptime_s: z.number().int(),
    jobs: z.object({ waiting: z.number().int(), failed: z.number().int() }),
    mail: z.object({ server: z.boolean().describe('Whether mails leave the machine.'), waiting: z.number().int() }),
    audit: z.object({ seq: z.number().int(), hash: z.string() }).describe('The end of the log: note it elsewhere.'),
  })
  .meta({ id: 'AdminHealth' })

export const health = route({
  name: 'admin.health',
  method: 'GET',
  path: '/api/v1/admin/health',
  summary: 'How the installation is',
  needs,
  output: AdminHealth,
  problems: byAdmin,
  examples,
})

export const jobs = route({
  name: 'admin.jobs',
  method: 'GET',
  path: '/api/v1/admin/jobs',
  summary: 'Background work by kind and state, and what failed last',
  needs,
  output: z.object({
    counts: z.array(JobCount),
    failed: z.array(
      z.object({ job_id: z.string(), job: z.string(), failed_at: Instant.nullable(), attempts: z.number().int() }),
    ),
  }),
  problems: byAdmin,
  examples,
})

export const AdminUsage = z
  .object({
    at: Instant,
    totals: z.record(z.string(), z.number().int()).describe('Rows of each kind, over all organisations.'),
    by_month: z.array(z.object({ month: z.string(), calculations: z.number().int(), organisations: z.number().int() })),
    funnel: z
      .array(z.object({ step: z.string(), organisations: z.number().int() }))
      .describe(
        'How many organisations came so far; each step counts those of the step before. The demonstration is none.',
      ),
    over_limit: z.array(
      z.object({
        organisation_id: z.string(),
        feature: z.enum(features),
        used: z.number().int(),
        limit: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'AdminUsage' })
export type AdminUsage = z.infer<typeof AdminUsage>

export const usage = route({
  name: 'admin.usage',
  method: 'GET',
  path: '/api/v1/admin/usage',
  summary: 'How much is used, and how far organisations come',
  description: 'Counted from the rows themselves, at this moment. Nobody is tracked.',
  needs,
  output: AdminUsage,
  problems: byAdmin,
  examples,
})

export const audit = route({
  name: 'admin.audit',
  method: 'GET',
  path: '/api/v1/admin/audit',
  summary: 'The log of every organisation, and of what happened in none',
  needs,
  query: AuditQuery.extend({ organisation_id: z.string().max(80).optional() }),
  output: AuditPage,
  problems: byAdmin,
  examples,
})

export const outbox = route({
  name: 'admin.outbox',
  method: 'GET',
  path: '/api/v1/admin/outbox',
  summary: 'Mails that were not sent: all of them where no mail server is set',
  description: 'They may hold links that open an account.',
  needs,
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.object({
    mails: z.array(
      z.object({
        mail_id: z.string(),
        kind: z.string(),
        to: z.string(),
        subject: z.string(),
        text: z.string(),
        created_at: Instant,
        refusal: z.string().optional(),
      }),
    ),
  }),
  problems: byAdmin,
  examples,
})

export const listPlans = route({
  name: 'admin.plans',
  method: 'GET',
  path: '/api/v1/plans',
  summary: 'What each plan includes',
  needs: 'public',
  output: z.object({
    plans: z.array(
      z.object({
        plan: z.enum(plans),
        limits: z.array(
          z.object({
            feature: z.enum(features),
            limit: z.number().int().nullable().describe('null has no limit.'),
            says_en: z.string(),
            says_fr: z.string(),
          }),
        ),
      }),
    ),
  }),
  problems: [],
  examples: [{ summary: 'All plans' }],
})

const nobodys = { organisation_id: 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }

export const OrganisationUsage = z
  .object({
    organisation_id: z.string(),
    plan: z.enum(plans),
    features: z.array(
      z.object({
        feature: z.enum(features),
        used: z.number().int(),
        limit: z.number().int().nullable().describe('null has no limit.'),
        says_en: z.string(),
        says_fr: z.string(),
      }),
    ),
  })
  .meta({ id: 'OrganisationUsage' })

export const organisationUsage = route({
  name: 'admin.organisationUsage',
  method: 'GET',
  path: '/api/v1/organisations/{organisation_id}/usage',
  summary: 'What the organisation has of what its plan includes',
  description: 'Counted at this moment. Invitations that are open count as people, because they may become members.',
  needs: 'accounts.read',
  params: z.object({ organisation_id: z.string().regex(/^org_[0-9A-HJKMNP-TV-Z]{26}$/) }),
  output: OrganisationUsage,
  problems: ['accounts/not-signed-in', 'accounts/not-allowed', 'accounts/unknown-organisation'],
  examples: [
    {
      summary: 'Mine',
      after: { route: 'accounts.listOrganisations', fill: { organisation_id: 'organisations.0.organisation_id' } },
    },
    { summary: 'Somebody else’s', params: nobodys, status: 404 },
  ],
})
