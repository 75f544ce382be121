import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { Boundary } from './boundary.ts'
import { Ecosystem } from './ecosystems.ts'
import { QualityDimensions } from '../telemetry/device-quality-contract.ts'
import { MethodParameters } from './report.ts'
import { projectMoves, projectStates } from './states.ts'

/** Restoration projects: who does what where, over which periods, with which documents. */

export const PROJECTS_MAX = 2_000
export const PERIODS_MAX = 200
export const DOCUMENTS_MAX = 200
export const BOUNDARY_BYTES_MAX = 4 * 1024 * 1024
export const DOCUMENT_BYTES_MAX = 25 * 1024 * 1024

export const Instant = z.iso.datetime({ offset: true })
export const Day = z.iso.date()
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const ulid = '[0-9A-HJKMNP-TV-Z]{26}'
export const ProjectId = z.string().regex(new RegExp(`^prj_${ulid}$`))
export const EvidenceId = z.string().regex(new RegExp(`^evd_${ulid}$`))
export const AnalysisId = z.string().regex(new RegExp(`^ana_${ulid}$`))
export const DecisionId = z.string().regex(new RegExp(`^dcn_${ulid}$`))
export const PeriodId = z.string().regex(new RegExp(`^prd_${ulid}$`))
export const DocumentId = z.string().regex(new RegExp(`^doc_${ulid}$`))
const refTo = (prefix: string, what: string) =>
  z.string().regex(new RegExp(`^(?:${prefix}_${ulid}|[1-9]\\d{0,8})$`), `The id of ${what}, or its number: 1.`)
/** How a caller names a project: by its id, or by its number within the organisation, the first one being 1. */
export const ProjectRef = refTo('prj', 'a project')
export const EvidenceRef = refTo('evd', 'a piece of evidence')
export const Line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'On one line, without control characters.')
export const Text = z
  .string()
  .min(1)
  .max(4_000)
  .regex(/^[^\p{Cs}\0]*$/u, 'Text without broken characters.')
/** A person by name, as they stood in the books then. Null once they are erased, and for the platform itself. */
export const Somebody = z.string().nullable()

export const State = z.enum(projectStates).meta({ id: 'ProjectState' })
export const Move = z.enum(projectMoves).meta({ id: 'ProjectMove' })

/** What a project claims of its size against what its boundary measures. */
export const ProjectArea = z
  .object({
    claimed_ha: z.number().nullable(),
    measured_ha: z.number().nullable().describe('Geodesic, on the WGS 84 ellipsoid. Null without a boundary.'),
    perimeter_m: z.number().nullable(),
    error_fraction: z.number().nullable().describe('|claimed − measured| / claimed.'),
    verdict: z
      .enum(['agrees', 'warns', 'blocks', 'cannot_tell'])
      .describe('Above 5 % warns, above 20 % blocks every analysis; without a boundary or a claim nobody can tell.'),
  })
  .meta({ id: 'ProjectArea' })
export type ProjectArea = z.infer<typeof ProjectArea>

const projectFields = {
  name: Line,
  developer: Line.describe('Who carries the project out.'),
  ecosystem: Ecosystem,
  description: Text.nullable().default(null),
  claimed_ha: z.number().positive().max(1e7).nullable().default(null),
  boundary: Boundary.nullable().default(null),
  /** What the methods need to know and no picture shows. What is left out is said to be missing, never guessed. */
  method_parameters: MethodParameters.prefault({}),
}
export const ProjectInput = z.strictObject(projectFields)

export const moveRequirements = ['polygon', 'before_and_after', 'analysis', 'reason', 'decision'] as const
/** A move that whoever asks may make from here, and what is missing for it. */
export const AllowedMove = z
  .object({
    move: Move,
    to: State,
    requires: z.array(z.enum(moveRequirements)),
    missing: z.array(z.enum(moveRequirements)).describe('What must be there first; a reason is given with the move.'),
  })
  .meta({ id: 'AllowedMove' })

export const Project = z
  .object({
    id: ProjectId,
    number: z
      .number()
      .int()
      .describe('Its short name within the organisation: wherever an id is asked for, this does.'),
    ...projectFields,
    area: ProjectArea,
    state: State,
    moves: z.array(AllowedMove).describe('What whoever asks may do next.'),
    generated: z.boolean().describe('Its place and its pictures were made by a program: not a real place.'),
    evidence: z.object({ before: z.number().int(), after: z.number().int(), general: z.number().int() }),
    latest_analysis_id: AnalysisId.nullable(),
    created_at: Instant,
    changed_at: Instant,
    created_by: Somebody,
  })
  .meta({ id: 'Project' })
export type Project = z.infer<typeof Project>

/** A validated sensor series as it stood when it was cited. */
export const Citation = z
  .object({
    citation_id: z.string(),
    series_id: z.number().int(),
    sensor_id: z.string(),
    measure: z.string(),
    unit: z.string(),
    simulated: z.boolean(),
    from: Instant,
    to: Instant,
    readings: z.number().int().describe('Counted ones; invalid readings are none.'),
    not_counted: z.number().int(),
    mean: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    amount: z.number().nullable().describe('Of a counter: what was counted.'),
    coverage_fraction: z.number().describe('Hours of the period that have at least one counted reading.'),
    quality_score: z
      .number()
      .nullable()
      .describe('0–100: the five published dimensions, weighted. Null where no single reading is kept any more.'),
    quality: z
      .object({
        details: QualityDimensions,
        assumed: z.array(z.string()).describe('What the device does not say, and is counted as if it were well.'),
        readings: z.number().int().describe('Readings that were looked at, the newest of them.'),
      })
      .nullable(),
    digest: Sha256.describe('Of `hours` and `quality` as they were cited, in the canonical form.'),
    note: z.string().nullable(),
    cited_at: Instant,
    cited_by: Somebody,
  })
  .meta({ id: 'SensorCitation' })
export type Citation = z.infer<typeof Citation>

export const Period = z
  .object({
    period_id: PeriodId,
    name: z.string(),
    from: Day,
    to: Day,
    note: z.string().nullable(),
    citations: z.array(Citation),
    created_at: Instant,
    created_by: Somebody,
  })
  .meta({ id: 'MonitoringPeriod' })
export type Period = z.infer<typeof Period>

export const documentKinds = ['design', 'land_right', 'field_data', 'permit', 'report', 'other'] as const
export const ProjectDocument = z
  .object({
    document_id: DocumentId,
    name: z.string(),
    kind: z.enum(documentKinds),
    media_type: z.string(),
    bytes: z.number().int(),
    sha256: Sha256,
    added_at: Instant,
    added_by: Somebody,
  })
  .meta({ id: 'ProjectDocument' })
export type ProjectDocument = z.infer<typeof ProjectDocument>

/** One line of what happened to a project, the newest first. */
export const ProjectEvent = z
  .object({
    at: Instant,
    kind: z.enum([
      'created',
      'changed',
      'boundary',
      'moved',
      'document',
      'period',
      'cited',
      'evidence',
      'withdrawn',
      'analysis',
      'decision',
    ]),
    by: Somebody,
    /** What it is about: an evidence, analysis, decision, document or period. */
    subject_id: z.string().nullable(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'ProjectEvent' })
export type ProjectEvent = z.infer<typeof ProjectEvent>

export const problems = {
  'projects/unknown-project': { status: 404, title: 'There is no such project' },
  'projects/unknown-period': { status: 404, title: 'There is no such monitoring period' },
  'projects/unknown-document': { status: 404, title: 'There is no such document' },
  'projects/unknown-series': { status: 404, title: 'There is no such sensor series' },
  'projects/too-many': { status: 409, title: 'There are as many of these as there may be' },
  'projects/has-evidence': { status: 409, title: 'What evidence hangs on is not removed' },
  'projects/move-lacks': { status: 409, title: 'Something must be there before the project moves on' },
  'projects/withdrawn': { status: 409, title: 'The project was withdrawn' },
  'projects/boundary-unreadable': { status: 422, title: 'No boundary could be read from this' },
  'projects/boundary-unsound': { status: 422, title: 'This boundary encloses no area that can be measured' },
  'projects/nothing-to-cite': { status: 409, title: 'The series has no counted reading in that period' },
  'projects/document-unreadable': { status: 422, title: 'This document is not of a kind that is kept here' },
} as const satisfies ProblemTable

export const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
export const nowhere = { project_id: 'prj_00000000000000000000000000' }
export const afterProject = { route: 'projects.add', fill: { project_id: 'id' } } as const
const ofProject = [...byRole, 'projects/unknown-project'] as const
export const ProjectParams = z.object({ project_id: ProjectRef })

const square = {
  type: 'Polygon',
  coordinates: [
    [
      [76.27, 9.05],
      [76.2727, 9.05],
      [76.2727, 9.0527],
      [76.27, 9.0527],
      [76.27, 9.05],
    ],
  ],
}
export const exampleProject = {
  name: 'Ashtamudi mangrove fringe',
  developer: 'Coast Restoration Trust',
  ecosystem: 'mangrove',
  claimed_ha: 8.9,
  boundary: square,
}

export const listProjects = route({
  name: 'projects.list',
  method: 'GET',
  path: '/api/v1/projects',
  summary: 'All projects, by name',
  needs: 'projects.read',
  query: z.object({ state: State.optional(), ecosystem: Ecosystem.optional() }),
  output: z.object({ projects: z.array(Project) }),
  problems: byRole,
  examples: [{ summary: 'All' }, { summary: 'Drafts', query: { state: 'draft' } }],
})

export const addProject = route({
  name: 'projects.add',
  method: 'POST',
  path: '/api/v1/projects',
  summary: 'Adds a project; its boundary is measured on the ellipsoid',
  needs: 'projects.manage',
  body: ProjectInput,
  output: Project,
  status: 201,
  problems: [...byRole, 'projects/too-many', 'projects/boundary-unsound'],
  examples: [
    { summary: 'A mangrove fringe', body: exampleProject },
    {
      summary: 'A boundary that crosses itself',
      body: {
        ...exampleProject,
        boundary: {
          type: 'Polygon',
          coordinates: [
            [
              [76.27, 9.05],
              [76.28, 9.06],
              [76.28, 9.05],
              [76.27, 9.06],
              [76.27, 9.05],
            ],
          ],
        },
      },
      status: 422,
    },
  ],
})

export const getProject = route({
  name: 'projects.get',
  method: 'GET',
  path: '/api/v1/projects/{project_id}',
  summary: 'One project, with the moves that are allowed now',
  needs: 'projects.read',
  params: ProjectParams,
  output: Project,
  problems: ofProject,
  examples: [
    { summary: 'The fringe', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

export const changeProject = route({
  name: 'projects.change',
  method: 'PUT',
  path: '/api/v1/projects/{project_id}',
  summary: 'Describes a project anew',
  description: 'What was analysed keeps the boundary and the parameters that it was analysed with.',
  needs: 'projects.manage',
  params: ProjectParams,
  body: ProjectInput,
  output: Project,
  problems: [...ofProject, 'projects/withdrawn', 'projects/boundary-unsound'],
  examples: [
    { summary: 'Larger', after: afterProject, body: { ...exampleProject, claimed_ha: 9.2 } },
    { summary: 'No such project', params: nowhere, body: exampleProject, status: 404 },
  ],
})

export const removeProject = route({
  name: 'projects.remove',
  method: 'DELETE',
  path: '/api/v1/projects/{project_id}',
  summary: 'Removes a project that has no evidence; its number is not given again',
  needs: 'projects.manage',
  params: ProjectParams,
  output: z.undefined(),
  status: 204,
  problems: [...ofProject, 'projects/has-evidence'],
  examples: [
    { summary: 'The fringe', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

export const setBoundary = route({
  name: 'projects.setBoundary',
  method: 'POST',
  path: '/api/v1/projects/{project_id}/boundary',
  summary: 'Reads the boundary from a GeoJSON, KML or KMZ file',
  description:
    'Polygons of the file become one boundary. Longitudes and latitudes in WGS 84, as both formats have them. Lines and points are left aside, and it is said how many.',
  needs: 'projects.manage',
  limit: 'upload',
  params: ProjectParams,
  accepts: 'file',
  body_bytes_max: BOUNDARY_BYTES_MAX,
  output: z.object({
    project: Project,
    format: z.enum(['geojson', 'kml', 'kmz']),
    polygons: z.number().int(),
    left_aside: z.number().int().describe('Things in the file that enclose no area.'),
  }),
  problems: [...ofProject, 'projects/withdrawn', 'projects/boundary-unreadable', 'projects/boundary-unsound'],
  examples: [
    { summary: 'GeoJSON', after: afterProject, body: JSON.stringify({ type: 'Feature', properties: {}, geometry: square }) }, // oxfmt-ignore
    { summary: 'No boundary at all', after: afterProject, body: 'POINT (1 2)', status: 422 },
  ],
})

export const moveProject = route({
  name: 'projects.move',
  method: 'POST',
  path: '/api/v1/projects/{project_id}/move',
  summary: 'Moves a project to another state',
  needs: 'projects.read',
  description: 'Which moves are allowed, and what they lack, stands in `moves` of the project.',
  params: ProjectParams,
  body: z.strictObject({ move: Move, reason: Text.optional() }),
  output: Project,
  problems: [...ofProject, 'projects/wrong-move', 'projects/move-lacks'],
  examples: [
    { summary: 'Registered', after: afterProject, body: { move: 'register' } },
    { summary: 'No such project', params: nowhere, body: { move: 'register' }, status: 404 },
  ],
})

export const showHistory = route({
  name: 'projects.history',
  method: 'GET',
  path: '/api/v1/projects/{project_id}/history',
  summary: 'What happened to a project, the newest first',
  needs: 'projects.read',
  params: ProjectParams,
  output: z.object({ events: z.array(ProjectEvent) }),
  problems: ofProject,
  examples: [
    { summary: 'Of the fringe', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

// --- Monitoring periods

const PeriodInput = z
  .strictObject({ name: Line, from: Day, to: Day, note: Text.nullable().default(null) })
  .refine(({ from, to }) => from <= to, { error: 'A period ends on or after the day it begins.', path: ['to'] })
const season = { name: 'Dry season 2026', from: '2026-01-01', to: '2026-04-30' }

export const listPeriods = route({
  name: 'projects.listPeriods',
  method: 'GET',
  path: '/api/v1/projects/{project_id}/periods',
  summary: 'Monitoring periods with the sensor series they cite',
  needs: 'projects.read',
  params: ProjectParams,
  output: z.object({ periods: z.array(Period) }),
  problems: ofProject,
  examples: [
    { summary: 'Of the fringe', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

export const addPeriod = route({
  name: 'projects.addPeriod',
  method: 'POST',
  path: '/api/v1/projects/{project_id}/periods',
  summary: 'Adds a monitoring period',
  needs: 'projects.manage',
  params: ProjectParams,
  body: PeriodInput,
  output: Period,
  status: 201,
  problems: [...ofProject, 'projects/too-many', 'projects/withdrawn'],
  examples: [
    { summary: 'A dry season', after: afterProject, body: season },
    { summary: 'Backwards', after: afterProject, body: { ...season, to: '2025-01-01' }, status: 422 },
  ],
})

export const citeSeries = route({
  name: 'projects.cite',
  method: 'POST',
  path: '/api/v1/periods/{period_id}/citations',
  summary: 'Cites a validated sensor series for a period, frozen as it stands now',
  needs: 'projects.upload',
  params: z.object({ period_id: PeriodId }),
  body: z.strictObject({ series_id: z.int().positive(), note: Text.nullable().default(null) }),
  output: Citation,
  status: 201,
  problems: [
    ...byRole,
    'projects/unknown-period',
    'projects/unknown-series',
    'projects/nothing-to-cite',
    'projects/too-many',
    'projects/withdrawn',
  ],
  examples: [
    {
      summary: 'A series that nobody has',
      after: { route: 'projects.addPeriod', fill: { period_id: 'period_id' } },
      body: { series_id: 999_999_999 },
      status: 404,
    },
    {
      summary: 'No such period',
      params: { period_id: 'prd_00000000000000000000000000' },
      body: { series_id: 1 },
      status: 404,
    },
  ],
})

// --- Documents

export const listDocuments = route({
  name: 'projects.listDocuments',
  method: 'GET',
  path: '/api/v1/projects/{project_id}/documents',
  summary: 'The documents of a project',
  needs: 'projects.read',
  params: ProjectParams,
  output: z.object({ documents: z.array(ProjectDocument) }),
  problems: ofProject,
  examples: [
    { summary: 'Of the fringe', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

export const addDocument = route({
  name: 'projects.addDocument',
  method: 'POST',
  path: '/api/v1/projects/{project_id}/documents',
  summary: 'Keeps a document: PDF, PNG, JPEG or plain text',
  needs: 'projects.upload',
  limit: 'upload',
  params: ProjectParams,
  query: z.object({ name: Line, kind: z.enum(documentKinds).default('other') }),
  accepts: 'file',
  body_bytes_max: DOCUMENT_BYTES_MAX,
  output: ProjectDocument,
  status: 201,
  problems: [...ofProject, 'projects/too-many', 'projects/withdrawn', 'projects/document-unreadable'],
  examples: [
    { summary: 'A note', after: afterProject, query: { name: 'note.txt', kind: 'report' }, body: 'Planted in May.\n' },
    { summary: 'No such project', params: nowhere, query: { name: 'note.txt' }, body: 'x', status: 404 },
  ],
})

export const getDocument = route({
  name: 'projects.getDocument',
  method: 'GET',
  path: '/api/v1/documents/{document_id}',
  summary: 'A document, to be saved',
  needs: 'projects.read',
  params: z.object({ document_id: DocumentId }),
  output: z.unknown(),
  produces: 'application/octet-stream',
  problems: [...byRole, 'projects/unknown-document'],
  examples: [
    { summary: 'The note', after: { route: 'projects.addDocument', fill: { document_id: 'document_id' } } },
    { summary: 'No such document', params: { document_id: 'doc_00000000000000000000000000' }, status: 404 },
  ],
})
