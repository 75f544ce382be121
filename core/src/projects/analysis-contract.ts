import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import {
  afterProject,
  AnalysisId,
  byRole,
  EvidenceId,
  EvidenceRef,
  Instant,
  nowhere,
  ProjectId,
  ProjectParams,
  Sha256,
  Somebody,
} from './contract.ts'
import { DecisionSummary } from './decision-contract.ts'
import { EvidenceType } from './evidence-contract.ts'
import { evidenceClasses } from './measurement.ts'
import { levelNames } from './decide.ts'
import { methodIds, MethodResult } from './method-result.ts'
import { AnalysisReport, MethodParameters } from './report.ts'

/** What was measured on a pair, and what each method makes of it. */

export const analysisStates = ['queued', 'running', 'measured', 'cannot_tell', 'failed'] as const
export const AnalysisState = z
  .enum(analysisStates)
  .describe('measured and cannot_tell are results; failed says that there is none, and why.')
  .meta({ id: 'AnalysisState' })
export type AnalysisState = z.infer<typeof AnalysisState>

/**
 * The record of an analysis in the column names of the registry that this format comes from. What was not measured is
 * null: a photograph has no `ndvi_improvement`.
 */
const record = {
  evidence_type: EvidenceType,
  before_image_hash: Sha256.nullable(),
  after_image_hash: Sha256.nullable(),
  project_area_hectares: z.number().nullable().describe('What the methods counted: the boundary’s area.'),
  calculated_co2_sequestration: z
    .number()
    .nullable()
    .describe('Kilograms of CO2 by seed-ai-v1, as its formula has it.'),
  vegetation_change_percentage: z.number().nullable().describe('Points of cover gained, after minus before.'),
  ndvi_improvement: z
    .number()
    .nullable()
    .describe('Of reflectances only. Null for colour pictures: they hold no NDVI.'),
  land_transformation_score: z.number().nullable().describe('The transformation multiplier of seed-ai-v1.'),
  calculated_carbon_credits: z
    .number()
    .nullable()
    .describe('Seed credit units, a tenth of a kilogram each: not tonnes.'),
  credit_calculation_method: z.string(),
  confidence_score: z
    .number()
    .nullable()
    .describe('0–100: trust in the measurement, apart from the size of the effect.'),
  analysis_summary: z.string().nullable(),
}
const further = {
  methodology_id: z.string().nullable().describe('The method whose tonnes stand in tco2e.'),
  methodology_version: z.string().nullable(),
  params_json: z.record(z.string(), z.unknown()).nullable(),
  evidence_class: z.enum(evidenceClasses).nullable(),
  acquisition_utc: z.object({ before: z.string().nullable(), after: z.string().nullable() }),
  crs: z.string().nullable(),
  valid_fraction: z.number().nullable().describe('The worse of both dates.'),
  registration_px: z.number().nullable().describe('What is left of the shift between both pictures.'),
  season_gap_days: z.number().nullable(),
  integrity_flags: z.array(z.string()).describe('Checks that block or flag.'),
  tco2e: z.number().nullable(),
  unit: z.string().nullable(),
}
export const AnalysisRecord = z.object({ ...record, ...further }).meta({ id: 'AnalysisRecord' })
export type AnalysisRecord = z.infer<typeof AnalysisRecord>

export const pictureKinds = [
  'view_before',
  'view_after',
  'index_before',
  'index_after',
  'mask_before',
  'mask_after',
  'change',
  'delta',
] as const
export const AnalysisPicture = z
  .object({
    kind: z.enum(pictureKinds),
    media_type: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    corners: z
      .array(z.array(z.number()).length(2))
      .length(4)
      .nullable()
      .describe('Longitude and latitude: top left, top right, bottom right, bottom left.'),
  })
  .meta({ id: 'AnalysisPicture' })

export const Progress = z
  .object({
    step: z.string(),
    done: z.number(),
    of: z.number(),
  })
  .meta({ id: 'AnalysisProgress' })

/** The report as it was hashed and certified. */
export const ReportJson = AnalysisReport.meta({ id: 'AnalysisReport' })
/** Bars of the index over both dates, for people to look at. */
export const Histogram = z.array(
  z.object({ from: z.number(), to: z.number(), before_px: z.number(), after_px: z.number() }),
)

export const Analysis = z
  .object({
    analysis_id: AnalysisId,
    project_id: ProjectId,
    project_number: z.number().int(),
    state: AnalysisState,
    cause: z.enum(['pair_complete', 'asked', 'demonstration']),
    before_evidence_id: EvidenceId,
    after_evidence_id: EvidenceId,
    before_evidence_number: z.number().int(),
    after_evidence_number: z.number().int(),
    progress: Progress.nullable(),
    reason: z.string().nullable().describe('Why it failed.'),
    record: AnalysisRecord,
    pictures: z.array(AnalysisPicture),
    report_digest: z.string().nullable().describe('`sha256:…` of the report in its canonical form.'),
    certificate_id: z.string().nullable(),
    level: z.enum(levelNames).nullable().describe('What the confidence asks for: /api/v1/projects/methods lists them.'),
    generated: z.boolean().describe('Of a generated scene, not a real place.'),
    decision: DecisionSummary.nullable(),
    created_at: Instant,
    started_at: Instant.nullable(),
    ended_at: Instant.nullable(),
    asked_by: Somebody,
  })
  .meta({ id: 'Analysis' })
export type Analysis = z.infer<typeof Analysis>
export const WholeAnalysis = Analysis.extend({ report: ReportJson.nullable(), histogram: Histogram.nullable() }).meta({
  id: 'WholeAnalysis',
})
export type WholeAnalysis = z.infer<typeof WholeAnalysis>

export const analysisProblems = {
  'projects/unknown-analysis': { status: 404, title: 'There is no such analysis' },
  'projects/no-pair': { status: 409, title: 'A before and an after must be there' },
  'projects/no-area': { status: 409, title: 'Without an area in hectares nothing can be compared' },
  'projects/already-analysing': { status: 409, title: 'This project is being analysed' },
} as const satisfies ProblemTable

const ofProject = [...byRole, 'projects/unknown-project'] as const
const noAnalysis = { analysis_id: 'ana_00000000000000000000000000' }
const AnalysisParams = z.object({ analysis_id: AnalysisId })

export const listMethods = route({
  name: 'projects.methods',
  method: 'GET',
  path: '/api/v1/projects/methods',
  summary:
    'The methods that are computed side by side, with their parameters, units and sources; and the levels of confidence',
  needs: 'projects.read',
  output: z.object({
    methods: z.array(
      z.object({
        method_id: z.enum(methodIds),
        method_version: z.string(),
        unit: z.string(),
        page: z.string().describe('Where every equation stands.'),
      }),
    ),
    defaults: MethodParameters.describe('What stands in where a project says nothing.'),
    levels: z.array(z.object({ level: z.enum(levelNames), score_min: z.number(), action: z.string() })),
    second_reviewer_below: z.number(),
    confidence: z.object({ formula: z.string(), calibration: z.string() }),
    statement: z.object({ en: z.string(), fr: z.string() }),
  }),
  problems: byRole,
  examples: [{ summary: 'All' }],
})

export const listAnalyses = route({
  name: 'projects.listAnalyses',
  method: 'GET',
  path: '/api/v1/projects/{project_id}/analyses',
  summary: 'The analyses of a project, the newest first',
  needs: 'projects.read',
  params: ProjectParams,
  output: z.object({ analyses: z.array(Analysis) }),
  problems: ofProject,
  examples: [
    { summary: 'Of the fringe', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

export const getAnalysis = route({
  name: 'projects.getAnalysis',
  method: 'GET',
  path: '/api/v1/analyses/{analysis_id}',
  summary: 'One analysis with its whole report',
  needs: 'projects.read',
  params: AnalysisParams,
  output: WholeAnalysis,
  problems: [...byRole, 'projects/unknown-analysis'],
  examples: [{ summary: 'No such analysis', params: noAnalysis, status: 404 }],
})

export const showAnalysisPicture = route({
  name: 'projects.analysisPicture',
  method: 'GET',
  path: '/api/v1/analyses/{analysis_id}/pictures/{kind}',
  summary: 'A picture of an analysis: what is seen, index, masks, the change; delta is a GeoTIFF for a GIS',
  needs: 'projects.read',
  params: AnalysisParams.extend({ kind: z.enum(pictureKinds) }),
  output: z.unknown(),
  produces: 'image/png',
  problems: [...byRole, 'projects/unknown-analysis', 'projects/unknown-picture'],
  examples: [{ summary: 'No such analysis', params: { ...noAnalysis, kind: 'change' }, status: 404 }],
})

// --- At the addresses of the registry that this format comes from

const status = z.enum(['incomplete', ...analysisStates])

export const SeedAnalysis = z
  .object({
    project_id: z.number().int(),
    status: status.describe('incomplete: no analysis yet, `missing` says what it waits for.'),
    missing: z.array(z.enum(['before', 'after', 'project_area_hectares', 'boundary'])),
    progress: Progress.nullable(),
    ...record,
    ...further,
    ai_analysis_results: ReportJson.nullable().describe('The whole report.'),
    verification_level: z.enum(levelNames).nullable(),
    recommended_action: z.string().nullable(),
    analysis_id: AnalysisId.nullable(),
    report_digest: z.string().nullable(),
    certificate_id: z.string().nullable(),
    generated: z.boolean(),
    statement: z.string().describe('What this is not.'),
  })
  .meta({ id: 'EvidenceAnalysis' })
export type SeedAnalysis = z.infer<typeof SeedAnalysis>

export const evidenceAnalysis = route({
  name: 'projects.evidenceAnalysis',
  method: 'GET',
  path: '/evidences/{evidence_id}/analysis',
  summary: 'The analysis in which a piece of evidence was looked at last',
  needs: 'projects.read',
  params: z.object({ evidence_id: EvidenceRef }),
  output: SeedAnalysis.extend({ evidence_id: z.number().int() }),
  problems: [...byRole, 'projects/unknown-evidence'],
  examples: [
    {
      summary: 'A before without its after',
      after: { route: 'projects.upload', fill: { evidence_id: 'evidence.id' } },
    },
    { summary: 'No such evidence', params: { evidence_id: 'evd_00000000000000000000000000' }, status: 404 },
  ],
})

export const creditCalculation = route({
  name: 'projects.creditCalculation',
  method: 'GET',
  path: '/projects/{project_id}/credit-calculation',
  summary: 'What each method makes of the latest result, side by side',
  needs: 'projects.read',
  params: ProjectParams,
  output: SeedAnalysis.extend({ methods: z.array(MethodResult), decision: DecisionSummary.nullable() }),
  problems: ofProject,
  examples: [
    { summary: 'Nothing measured yet', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

export const triggerAnalysis = route({
  name: 'projects.triggerAnalysis',
  method: 'POST',
  path: '/projects/{project_id}/trigger-analysis',
  summary: 'Has the newest before and after of a project analysed',
  needs: 'projects.analyse',
  params: ProjectParams,
  query: z.object({
    project_area_hectares: z.coerce
      .number()
      .positive()
      .max(1e7)
      .optional()
      .describe('Claimed; the claim of the project unless said.'),
    before_evidence_id: EvidenceRef.optional().describe('The newest unless said.'),
    after_evidence_id: EvidenceRef.optional(),
  }),
  output: z.object({
    message: z.string(),
    project_id: z.number().int(),
    analysis: Analysis,
  }),
  status: 202,
  problems: [
    ...ofProject,
    'projects/unknown-evidence',
    'projects/no-pair',
    'projects/no-area',
    'projects/already-analysing',
    'projects/withdrawn',
  ],
  examples: [
    { summary: 'Without a pair', after: afterProject, query: { project_area_hectares: '5.5' }, status: 409 },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})
