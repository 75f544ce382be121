import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'

const Instant = z.iso.datetime()
const ExportId = z.string().regex(/^exp_[0-9A-HJKMNP-TV-Z]{26}$/)
const OrganisationId = z.string().regex(/^org_[0-9A-HJKMNP-TV-Z]{26}$/)

/** Between asking for a deletion and carrying it out: long enough to come back from a holiday. */
export const GRACE_DAYS = 30
/** How long a finished export can be fetched. */
export const EXPORT_HOURS = 24

export const problems = {
  'privacy/unknown-export': { status: 404, title: 'There is no such export' },
  'privacy/export-not-ready': { status: 409, title: 'The export is still being made' },
  'privacy/export-expired': { status: 410, title: 'The export can no longer be fetched' },
  'privacy/no-deletion': { status: 404, title: 'No deletion is scheduled' },
  'privacy/already-scheduled': { status: 409, title: 'A deletion is scheduled already' },
} as const satisfies ProblemTable

export const DataExport = z
  .object({
    export_id: ExportId,
    of: z.enum(['person', 'organisation']),
    state: z.enum(['making', 'ready', 'failed']),
    requested_at: Instant,
    expires_at: Instant.nullable().describe('Until when the file can be fetched.'),
    bytes: z.number().int().nullable(),
    digest: z.string().nullable().describe('sha256: of the file.'),
  })
  .meta({ id: 'DataExport' })
export type DataExport = z.infer<typeof DataExport>

/** What the file holds. */
export const ExportDocument = z
  .object({
    format: z.literal('tidemark-export'),
    version: z.literal(1),
    of: z.object({ kind: z.enum(['person', 'organisation']), id: z.string() }),
    made_at: Instant,
    collections: z.record(z.string(), z.array(z.unknown())).describe('By capability and kind; see the documentation.'),
    digests: z.record(z.string(), z.string()).describe('sha256: over the canonical JSON of each collection.'),
  })
  .meta({ id: 'ExportDocument' })
export type ExportDocument = z.infer<typeof ExportDocument>

const Kept = z.object({ what: z.string(), why_en: z.string(), why_fr: z.string() })

export const Deletion = z
  .object({
    deletion_id: z.string(),
    of: z.enum(['person', 'organisation']),
    state: z.enum(['scheduled', 'undone', 'done']),
    requested_at: Instant,
    due_at: Instant.describe('Until then it can be undone.'),
    stays: z.array(Kept).describe('What is not deleted, and why.'),
  })
  .meta({ id: 'Deletion' })
export type Deletion = z.infer<typeof Deletion>

export const Retention = z
  .object({
    calculations_months: z
      .number()
      .int()
      .min(12)
      .max(240)
      .nullable()
      .describe('Older calculations are deleted with their evidence; certificates stay. null keeps them.'),
    deliveries_days: z.number().int().min(1).max(30).describe('How far the log of webhook deliveries goes back.'),
  })
  .meta({ id: 'Retention' })
export type Retention = z.infer<typeof Retention>

export const defaultRetention: Retention = { calculations_months: null, deliveries_days: 30 }

const signedIn = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
const sensitive = [...signedIn, 'accounts/step-up-needed', 'accounts/demo-stays'] as const
const nobodys = { organisation_id: 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }
const OrganisationParams = z.object({ organisation_id: OrganisationId })

export const exportMine = route({
  name: 'privacy.exportMine',
  method: 'POST',
  path: '/api/v1/me/export',
  summary: 'Asks for everything that is kept about the caller',
  description: 'It is made in the background. Articles 15 and 20 GDPR.',
  needs: 'accounts.self',
  output: DataExport,
  status: 202,
  problems: sensitive,
  examples: [{ summary: 'Not for the demonstration’s guest', status: 403 }],
})

export const exportOrganisation = route({
  name: 'privacy.exportOrganisation',
  method: 'POST',
  path: '/api/v1/organisations/{organisation_id}/export',
  summary: 'Asks for everything that is kept about the organisation',
  needs: 'accounts.export',
  params: OrganisationParams,
  output: DataExport,
  status: 202,
  problems: [...sensitive, 'accounts/unknown-organisation'],
  examples: [{ summary: 'Of another organisation', params: nobodys, status: 404 }],
})

export const listExports = route({
  name: 'privacy.listExports',
  method: 'GET',
  path: '/api/v1/exports',
  summary: 'The exports that the caller asked for',
  needs: 'accounts.self',
  output: z.object({ exports: z.array(DataExport) }),
  problems: signedIn,
  examples: [{ summary: 'Mine' }],
})

export const fetchExport = route({
  name: 'privacy.fetchExport',
  method: 'GET',
  path: '/api/v1/exports/{export_id}/file',
  summary: 'The file: one JSON document with a digest of each collection',
  description: 'For 24 hours, by whoever asked for it and has confirmed lately that it is them.',
  needs: 'accounts.self',
  params: z.object({ export_id: ExportId }),
  output: ExportDocument,
  produces: 'application/json',
  problems: [...sensitive, 'privacy/unknown-export', 'privacy/export-not-ready', 'privacy/export-expired'],
  examples: [{ summary: 'No such export', params: { export_id: 'exp_00000000000000000000000000' }, status: 404 }],
})

export const showMyDeletion = route({
  name: 'privacy.showMyDeletion',
  method: 'GET',
  path: '/api/v1/me/deletion',
  summary: 'Whether and when the caller’s account will be deleted, and what stays',
  needs: 'accounts.self',
  output: z.object({ deletion: Deletion.nullable(), stays: z.array(Kept) }),
  problems: signedIn,
  examples: [{ summary: 'Mine' }],
})

export const deleteMe = route({
  name: 'privacy.deleteMe',
  method: 'POST',
  path: '/api/v1/me/deletion',
  summary: 'Schedules the deletion of the caller’s account in 30 days',
  description: 'Until then it can be undone. Article 17 GDPR.',
  needs: 'accounts.self',
  output: Deletion,
  status: 202,
  problems: [...sensitive, 'accounts/last-owner', 'privacy/already-scheduled', 'accounts/unknown-person'],
  examples: [{ summary: 'Not for the demonstration’s guest', status: 403 }],
})

export const keepMe = route({
  name: 'privacy.keepMe',
  method: 'DELETE',
  path: '/api/v1/me/deletion',
  summary: 'Undoes it',
  needs: 'accounts.self',
  output: Deletion,
  problems: [...signedIn, 'privacy/no-deletion'],
  examples: [{ summary: 'Nothing is scheduled', status: 404 }],
})

export const showDeletion = route({
  name: 'privacy.showDeletion',
  method: 'GET',
  path: '/api/v1/organisations/{organisation_id}/deletion',
  summary: 'Whether and when the organisation will be deleted, and what stays',
  needs: 'accounts.read',
  params: OrganisationParams,
  output: z.object({ deletion: Deletion.nullable(), stays: z.array(Kept) }),
  problems: [...signedIn, 'accounts/unknown-organisation'],
  examples: [{ summary: 'Of another organisation', params: nobodys, status: 404 }],
})

export const deleteOrganisation = route({
  name: 'privacy.deleteOrganisation',
  method: 'POST',
  path: '/api/v1/organisations/{organisation_id}/deletion',
  summary: 'Schedules the deletion of the organisation in 30 days',
  description: 'Its owners are told by mail. People keep their accounts.',
  needs: 'accounts.delete_organisation',
  params: OrganisationParams,
  output: Deletion,
  status: 202,
  problems: [...sensitive, 'accounts/unknown-organisation', 'privacy/already-scheduled'],
  examples: [{ summary: 'Of another organisation', params: nobodys, status: 404 }],
})

export const keepOrganisation = route({
  name: 'privacy.keepOrganisation',
  method: 'DELETE',
  path: '/api/v1/organisations/{organisation_id}/deletion',
  summary: 'Undoes it',
  needs: 'accounts.delete_organisation',
  params: OrganisationParams,
  output: Deletion,
  problems: [...signedIn, 'accounts/unknown-organisation', 'privacy/no-deletion'],
  examples: [{ summary: 'Of another organisation', params: nobodys, status: 404 }],
})

export const showRetention = route({
  name: 'privacy.showRetention',
  method: 'GET',
  path: '/api/v1/retention',
  summary: 'How long the organisation keeps what',
  needs: 'accounts.read',
  output: Retention,
  problems: signedIn,
  examples: [{ summary: 'Of the caller’s organisation' }],
})

export const setRetention = route({
  name: 'privacy.setRetention',
  method: 'PUT',
  path: '/api/v1/retention',
  summary: 'Changes how long; what is older goes the next night',
  needs: 'accounts.manage_organisation',
  body: Retention.strict(),
  output: Retention,
  problems: sensitive,
  examples: [{ summary: 'Ten years', body: { calculations_months: 120, deliveries_days: 30 }, status: 403 }],
})
