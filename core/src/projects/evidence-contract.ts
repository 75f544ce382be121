import { z } from 'zod'
import { bandRoles } from '../imagery/sensors.ts'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import {
  afterProject,
  byRole,
  EvidenceId,
  EvidenceRef,
  Instant,
  Line,
  nowhere,
  ProjectId,
  ProjectParams,
  ProjectRef,
  Sha256,
  Somebody,
  Text,
} from './contract.ts'
import { FileFacts } from './file-facts.ts'
import { evidenceClasses } from './measurement.ts'

/** Pictures as evidence: how they come in, how they are shown. Nothing of them is changed; what was looked at stays. */

/** A scene may come band by band: red, near infrared, a mask … */
export const FILES_MAX = 16
/** The tile of a Sentinel-2 scene is some 120 MB a band. */
export const FILE_BYTES_MAX = 1024 * 1024 * 1024
export const EVIDENCE_MAX = 1_000

export const evidenceTypes = ['before', 'after', 'general'] as const
export const EvidenceType = z.enum(evidenceTypes).meta({ id: 'EvidenceType' })
export type EvidenceType = z.infer<typeof EvidenceType>

/** A band as a person names it. What the file itself calls its bands is believed first. */
export const NamedBand = z
  .strictObject({
    role: z.enum(bandRoles).exclude(['alpha', 'other']),
    file: z
      .number()
      .int()
      .min(0)
      .max(FILES_MAX - 1)
      .describe('Which file of the evidence, the first one being 0.'),
    band: z.number().int().min(0).max(255).describe('Which band of that file, the first one being 0.'),
  })
  .meta({ id: 'NamedBand' })
export type NamedBand = z.infer<typeof NamedBand>
/** Each role once, each band once; a band that is not named is not used. */
export const NamedBands = z
  .array(NamedBand)
  .min(1)
  .max(bandRoles.length)
  .refine((bands) => new Set(bands.map(({ role }) => role)).size === bands.length, { error: 'A role is named once.' })
  .refine((bands) => new Set(bands.map(({ file, band }) => `${file} ${band}`)).size === bands.length, {
    error: 'A band plays one role.',
  })

export const EvidenceFile = z
  .object({
    name: z.string().describe('As it was called by whoever sent it.'),
    facts: FileFacts,
  })
  .meta({ id: 'EvidenceFile' })

export const Evidence = z
  .object({
    id: EvidenceId,
    number: z.number().int().describe('`evidence_id` in answers that count: its number within the organisation.'),
    project_id: ProjectId,
    project_number: z.number().int(),
    evidence_type: EvidenceType,
    files: z.array(EvidenceFile),
    evidence_class: z.enum(evidenceClasses).describe('The best that it can be by itself.'),
    uploader: z.string().nullable().describe('As typed by whoever sent it.'),
    gps: z.object({ latitude: z.number(), longitude: z.number() }).nullable().describe('As typed, not as found.'),
    claimed_co2: z.number().nullable().describe('`co2` as typed. No figure is computed from it.'),
    project_area_hectares: z.number().nullable(),
    captured_at: z.string().nullable().describe('When it was taken, as typed: an instant or a day.'),
    sensor: z.string().nullable().describe('As typed.'),
    bands: z
      .array(NamedBand)
      .nullable()
      .describe('As a person named them; used where neither a file nor its sensor says which band is which.'),
    uploaded_at: Instant,
    uploaded_by: Somebody,
    generated: z.boolean().describe('Made by a program: a generated scene, not a real place.'),
    withdrawn_at: Instant.nullable(),
    withdrawn_reason: z.string().nullable(),
  })
  .meta({ id: 'Evidence' })
export type Evidence = z.infer<typeof Evidence>

export const evidenceProblems = {
  'projects/unknown-evidence': { status: 404, title: 'There is no such evidence' },
  'projects/unknown-picture': { status: 404, title: 'There is no such picture' },
  'projects/evidence-in-use': { status: 409, title: 'What was analysed stays as it is' },
} as const satisfies ProblemTable

/** A number as a form has it: text. */
const Numeral = z
  .string()
  .trim()
  .regex(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/, 'A number, with a point: 5.5.')
  .transform(Number)
const left_out = z.literal('').transform(() => undefined)

/** `9.0579,76.2711`: latitude, longitude in degrees. */
const Gps = z
  .string()
  .trim()
  .regex(/^[+-]?\d{1,2}(?:\.\d{1,12})?\s*,\s*[+-]?\d{1,3}(?:\.\d{1,12})?$/, 'Latitude, longitude: 9.0579,76.2711.')
  .transform((text) => {
    const [latitude = 0, longitude = 0] = text.split(',').map(Number)
    return { latitude, longitude }
  })
  .refine(({ latitude, longitude }) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180, {
    error: 'A latitude lies within ±90°, a longitude within ±180°.',
  })

/** JSON in a field of a form. */
const BandsAsText = z
  .string()
  .max(4_000)
  .transform((text, { addIssue }) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      addIssue({
        code: 'custom',
        message: 'JSON: [{"role": "red", "file": 0, "band": 0}, {"role": "nir", "file": 0, "band": 3}].',
      })
      return z.NEVER
    }
  })
  .pipe(NamedBands)

/** The fields of the form beside its files. */
export const UploadForm = z.strictObject({
  project_id: ProjectRef,
  uploader: z.union([left_out, Line]).optional(),
  gps: z.union([left_out, Gps]).optional(),
  co2: z
    .union([left_out, Numeral.pipe(z.number().min(-1e12).max(1e12))])
    .optional()
    .describe('What the sender believes. Kept, shown, and used in no figure.'),
  evidence_type: EvidenceType.default('general'),
  project_area_hectares: z.union([left_out, Numeral.pipe(z.number().positive().max(1e7))]).optional(),
  captured_at: z
    .union([left_out, z.iso.date(), Instant])
    .optional()
    .describe('When it was taken: a day, or an instant with its zone.'),
  sensor: z
    .union([left_out, Line.max(120)])
    .optional()
    .describe('`sentinel-2-l2a`, `landsat-8` …, where no file says it.'),
  bands: z
    .union([left_out, BandsAsText])
    .optional()
    .describe(
      'Which band is which, where no file says it, as JSON: `[{"role": "red", "file": 0, "band": 0}, {"role": "nir", "file": 0, "band": 3}]`, files and bands counted from 0.',
    ),
})

/** 800 × 600 grey pixels: the smallest picture that is looked at, and nothing on it. */
const GREY_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAyAAAAJYAQAAAACyDb/dAAAA6UlEQVR42u3NMQEAAAwCIEvav4ottgcKkB6IRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolEIpFIJBKJRCKRSCQSiUQikUgkEolE8psMaXfWZOQSV9UAAAAASUVORK5CYII='

export const upload = route({
  name: 'projects.upload',
  method: 'POST',
  path: '/upload',
  summary: 'Brings in pictures as evidence: before, after, or general',
  description:
    'A form (multipart/form-data). Files are GeoTIFF (several bands, tiled, COG, BigTIFF), JPEG, PNG or JPEG 2000; bands of one scene may come as several files of one form. All of it is kept or nothing. The same bytes for the same project and type again answer with what is there already. When a project has both a before and an after, the analysis starts by itself.',
  needs: 'projects.upload',
  limit: 'upload',
  accepts: 'form',
  form: { files_field: 'files', files_max: FILES_MAX, file_bytes_max: FILE_BYTES_MAX },
  body_bytes_max: 2 * FILE_BYTES_MAX,
  body: UploadForm,
  output: z.object({
    message: z.string(),
    project_id: z.number().int(),
    evidence_id: z.number().int(),
    evidence_type: EvidenceType,
    file_hashes: z.array(Sha256),
    already_there: z.boolean().describe('The same bytes were sent before: this is what they became then.'),
    analysis_triggered: z.boolean(),
    analysis_id: z.string().nullable(),
    evidence: Evidence,
  }),
  status: 201,
  problems: [
    ...byRole,
    'projects/unknown-project',
    'projects/withdrawn',
    'projects/image-not-supported',
    'projects/image-unreadable',
    'projects/image-too-large',
    'projects/analysis-stopped',
    'projects/too-many',
  ],
  examples: [
    {
      summary: 'A picture from before',
      after: afterProject,
      body: {
        uploader: 'user@example.com',
        gps: '9.0579,76.2711',
        co2: '150',
        evidence_type: 'before',
        project_area_hectares: '8.9',
        captured_at: '2024-02-10',
      },
      files: [{ name: 'before.png', media_type: 'image/png', base64: GREY_PNG }],
    },
    {
      summary: 'Of no project',
      body: { project_id: nowhere.project_id, evidence_type: 'before' },
      files: [{ name: 'before.png', media_type: 'image/png', base64: GREY_PNG }],
      status: 404,
    },
  ],
})

const afterUpload = { route: 'projects.upload', fill: { evidence_id: 'evidence.id' } }
const nothing = { evidence_id: 'evd_00000000000000000000000000' }
const ofEvidence = [...byRole, 'projects/unknown-evidence'] as const
const EvidenceParams = z.object({ evidence_id: EvidenceRef })

export const listEvidence = route({
  name: 'projects.listEvidence',
  method: 'GET',
  path: '/api/v1/projects/{project_id}/evidence',
  summary: 'The evidence of a project, the newest first',
  needs: 'projects.read',
  params: ProjectParams,
  output: z.object({ evidence: z.array(Evidence) }),
  problems: [...byRole, 'projects/unknown-project'],
  examples: [
    { summary: 'Of the fringe', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

export const getEvidence = route({
  name: 'projects.getEvidence',
  method: 'GET',
  path: '/api/v1/evidence/{evidence_id}',
  summary: 'One piece of evidence, with what its files say of themselves',
  needs: 'projects.read',
  params: EvidenceParams,
  output: Evidence,
  problems: ofEvidence,
  examples: [
    { summary: 'The picture from before', after: afterUpload },
    { summary: 'No such evidence', params: nothing, status: 404 },
  ],
})

export const changeEvidence = route({
  name: 'projects.changeEvidence',
  method: 'PATCH',
  path: '/api/v1/evidence/{evidence_id}',
  summary: 'Names the bands of evidence whose files do not say which is which',
  description:
    'For the analyses that are asked for from now on; each keeps the bands that it was computed with. Where a file or its sensor names the bands, that is believed, and a choice that says otherwise is told with the result. Whoever names bands does not review the project.',
  needs: 'projects.upload',
  params: EvidenceParams,
  body: z.strictObject({ bands: NamedBands.nullable().describe('Null takes the choice back.') }),
  output: Evidence,
  problems: [...ofEvidence, 'projects/withdrawn'],
  examples: [
    {
      summary: 'One band of grey',
      after: afterUpload,
      body: { bands: [{ role: 'red', file: 0, band: 0 }] },
    },
    {
      summary: 'A band that is not there',
      after: afterUpload,
      body: { bands: [{ role: 'nir', file: 0, band: 7 }] },
      status: 422,
    },
  ],
})

export const showPicture = route({
  name: 'projects.evidencePicture',
  method: 'GET',
  path: '/api/v1/evidence/{evidence_id}/picture',
  summary: 'The evidence as a picture to look at, without what its file says of its place and maker',
  needs: 'projects.read',
  params: EvidenceParams,
  query: z.object({ width: z.coerce.number().int().min(16).max(2_048).default(1_024) }),
  output: z.unknown(),
  produces: 'image/png',
  problems: [...ofEvidence, 'projects/image-unreadable', 'projects/image-too-large', 'projects/analysis-stopped'],
  examples: [
    { summary: 'Small', after: afterUpload, query: { width: '160' } },
    { summary: 'No such evidence', params: nothing, status: 404 },
  ],
})

export const getFile = route({
  name: 'projects.evidenceFile',
  method: 'GET',
  path: '/api/v1/evidence/{evidence_id}/files/{index}',
  summary: 'A file as it was sent, to be saved; its digest is checked on the way',
  needs: 'projects.read',
  params: EvidenceParams.extend({ index: z.coerce.number().int().min(0).max(FILES_MAX) }),
  output: z.unknown(),
  produces: 'application/octet-stream',
  problems: [...ofEvidence, 'projects/unknown-picture'],
  examples: [
    { summary: 'The first file', after: afterUpload, params: { index: '0' } },
    { summary: 'No such evidence', params: { ...nothing, index: '0' }, status: 404 },
  ],
})

export const withdrawEvidence = route({
  name: 'projects.withdrawEvidence',
  method: 'POST',
  path: '/api/v1/evidence/{evidence_id}/withdraw',
  summary: 'Takes evidence back that was not analysed: it stays on record and is no longer looked at',
  needs: 'projects.upload',
  params: EvidenceParams,
  body: z.strictObject({ reason: Text }),
  output: Evidence,
  problems: [...ofEvidence, 'projects/evidence-in-use', 'projects/withdrawn'],
  examples: [
    { summary: 'The wrong picture', after: afterUpload, body: { reason: 'Taken at another site.' } },
    { summary: 'No such evidence', params: nothing, body: { reason: 'A slip.' }, status: 404 },
  ],
})
