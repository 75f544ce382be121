import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Analysis, SeedAnalysis, WholeAnalysis } from '@tidemark/core/projects/analysis-contract.ts'
import type * as contract from '@tidemark/core/projects/analysis-contract.ts'
import { confidenceTable } from '@tidemark/core/projects/calibration/conf-1.ts'
import { CONFIDENCE_FORMULA } from '@tidemark/core/projects/confidence.ts'
import { levelOf, levels, SECOND_REVIEWER_BELOW, STATEMENT } from '@tidemark/core/projects/decide.ts'
import type { MethodId } from '@tidemark/core/projects/method-result.ts'
import { MethodParameters, type AnalysisReport } from '@tidemark/core/projects/report.ts'
import { nameOfActor } from '../audit/service.ts'
import { RawReply } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { enqueue } from '../platform/jobs.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { shownSummary } from './decision-shown.ts'
import { decisionsOf } from './decision-store.ts'
import * as store from './analysis-store.ts'
import type { AnalysisTask, TaskScene } from './analysis-task.ts'
import * as evidence from './evidence-store.ts'
import { announce, note } from './happenings.ts'
import { analyseKind } from './job-kinds.ts'
import { knownProject, moveOn, refuseWithdrawn } from './service.ts'
import { findProject, type ProjectRow } from './store.ts'

type Side = 'before' | 'after'

// --- Asking for one

export async function triggerAnalysis(
  ctx: Context,
  { project_id, ...wanted }: InputOf<typeof contract.triggerAnalysis>,
): Promise<OutputOf<typeof contract.triggerAnalysis>> {
  const { project, row } = await ask(ctx, project_id, 'asked', wanted)
  announce(ctx, project, 'analysis', { analysis_id: row.analysis_id, state: row.state })
  const [analysis] = await shownAll(ctx, [row])
  invariant(analysis, 'what was asked for is there')
  return { message: 'The analysis has begun.', project_id: project.number, analysis }
}

/** Begins an analysis where nobody asked: returns undefined when something is missing or one is under way. */
export async function askByItself(
  ctx: Context,
  project_id: string,
  cause: 'pair_complete' | 'demonstration',
): Promise<store.AnalysisRow | undefined> {
  try {
    const { project, row } = await ask(ctx, project_id, cause, {})
    announce(ctx, project, 'analysis', { analysis_id: row.analysis_id, state: row.state })
    return row
  } catch (error) {
    if (error instanceof Problem && error.type.startsWith('projects/')) return undefined
    throw error
  }
}

type Wanted = Omit<InputOf<typeof contract.triggerAnalysis>, 'project_id'>

async function ask(
  ctx: Context,
  project_ref: string,
  cause: Analysis['cause'],
  wanted: Wanted,
): Promise<{ project: ProjectRow; row: store.AnalysisRow }> {
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await knownProject(inside, project_ref, { lock: true })
    refuseWithdrawn(project)
    const task = await taskOf(inside, project, wanted)
    const opened = ['registered', 'rejected', 'approved'].includes(project.state)
      ? await moveOn(inside, project, 'evidence_collection', { move: 'collect_evidence' })
      : project
    const row = newRow(inside, opened, task, { cause, asked_by: await nameOfActor(inside) })
    if (!(await store.insertAnalysis(tx, row))) {
      throw new Problem('projects/already-analysing', { detail: `${project.name} is being analysed. One at a time.` })
    }
    await enqueue(tx, analyseKind, { analysis_id: row.analysis_id })
    const facts = { before: task.before.number, after: task.after.number, cause }
    await note(inside, opened, {
      kind: 'analysis',
      action: 'projects.analysis_asked',
      subject_id: row.analysis_id,
      facts,
    })
    return { project: opened, row }
  })
}

async function taskOf(ctx: Context, project: ProjectRow, wanted: Wanted): Promise<AnalysisTask> {
  const there = (await evidence.listEvidence(ctx.db, project.organisation_id, project.id)).filter(
    ({ withdrawn_at }) => withdrawn_at === null,
  )
  const before = pick(there, 'before', wanted.before_evidence_id)
  const after = pick(there, 'after', wanted.after_evidence_id)
  if (!before || !after) {
    const missing = [...(before ? [] : ['before']), ...(after ? [] : ['after'])]
    throw new Problem('projects/no-pair', {
      detail: `There is no picture from ${missing.join(' and none from ')}.`,
      missing,
    })
  }
  const claimed_ha =
    wanted.project_area_hectares ??
    after.project_area_hectares ??
    before.project_area_hectares ??
    project.claimed_ha ??
    project.measured_ha
  if (claimed_ha === null) {
    throw new Problem('projects/no-area', {
      detail:
        'Say the area: project_area_hectares here or with the evidence, claimed_ha of the project, or its boundary.',
    })
  }
  const files = await evidence.listFiles(ctx.db, [before.id, after.id])
  return {
    project_id: project.id,
    ecosystem: project.ecosystem,
    claimed_ha,
    polygon_ha: project.measured_ha,
    boundary: project.boundary,
    method_parameters: project.method_parameters,
    before: sceneOf(before, files),
    after: sceneOf(after, files),
  }
}

function pick(there: readonly evidence.EvidenceRow[], side: Side, ref: string | undefined) {
  if (ref === undefined) return there.find(({ evidence_type }) => evidence_type === side)
  const found = there.find(({ id, number }) => id === ref || String(number) === ref)
  if (found) return found
  throw new Problem('projects/unknown-evidence', { detail: `This project has no evidence "${ref}".`, evidence_id: ref })
}

function sceneOf(row: evidence.EvidenceRow, files: readonly evidence.EvidenceFileRow[]): TaskScene {
  return {
    evidence_id: row.id,
    number: row.number,
    files: files.filter(({ evidence_id }) => evidence_id === row.id).map(({ sha256, name }) => ({ sha256, name })),
    claimed_on: row.captured_at?.slice(0, 10) ?? null,
    uploaded_on: row.uploaded_at.toISOString().slice(0, 10),
    sensor: row.sensor,
    bands: row.bands,
  }
}

function newRow(
  ctx: Context,
  { id: project_id, organisation_id, generated }: ProjectRow,
  task: AnalysisTask,
  { cause, asked_by }: Pick<store.AnalysisRow, 'cause' | 'asked_by'>,
): store.AnalysisRow {
  const created_at = ctx.now()
  return {
    ...nothingYet,
    analysis_id: newId('ana', created_at),
    organisation_id,
    project_id,
    state: 'queued',
    cause,
    before_evidence_id: task.before.evidence_id,
    after_evidence_id: task.after.evidence_id,
    before_image_hash: task.before.files[0]?.sha256 ?? null,
    after_image_hash: task.after.files[0]?.sha256 ?? null,
    project_area_hectares: task.claimed_ha,
    task,
    generated,
    created_at,
    asked_by,
  }
}

const nothingYet = {
  evidence_type: 'after' as const,
  calculated_co2_sequestration: null,
  vegetation_change_percentage: null,
  ndvi_improvement: null,
  land_transformation_score: null,
  calculated_carbon_credits: null,
  credit_calculation_method: 'ai_analysis',
  ai_analysis_results: null,
  confidence_score: null,
  analysis_summary: null,
  methodology_id: null,
  methodology_version: null,
  params_json: null,
  evidence_class: null,
  sensor: null,
  acquisition_utc: { before: null, after: null },
  crs: null,
  valid_fraction: null,
  registration_px: null,
  season_gap_days: null,
  integrity_flags: [],
  tco2e: null,
  unit: null,
  level: null,
  evidence_text: null,
  report_digest: null,
  certificate_id: null,
  certificate_hash: null,
  histogram: null,
  progress: null,
  reason: null,
  worker: null,
  alive_at: null,
  attempts: 0,
  started_at: null,
  ended_at: null,
}

// --- Looking at them

export async function listMethods(): Promise<OutputOf<typeof contract.listMethods>> {
  const method = (method_id: MethodId, unit: string) => ({
    method_id,
    method_version: 'v1',
    unit,
    page: `docs/methods/${method_id}-v1.md`,
  })
  return {
    methods: [
      method('seed-ai', 'seed credit units'),
      method('ipcc-ws2013-tier1', 't CO2e'),
      method('vm0033-like', 'VM0033-like units (t CO2e)'),
      method('conservation', 't CO2e'),
    ],
    defaults: MethodParameters.parse({}),
    levels: levels.map(({ level, score_min, action }) => ({ level, score_min, action })),
    second_reviewer_below: SECOND_REVIEWER_BELOW,
    confidence: { formula: CONFIDENCE_FORMULA, calibration: confidenceTable.version },
    statement: STATEMENT,
  }
}

export async function listAnalyses(
  ctx: Context,
  { project_id }: { project_id: string },
): Promise<OutputOf<typeof contract.listAnalyses>> {
  const { id, organisation_id } = await knownProject(ctx, project_id)
  return { analyses: await shownAll(ctx, await store.listAnalyses(ctx.db, organisation_id, { project_id: id })) }
}

export async function getAnalysis(ctx: Context, { analysis_id }: { analysis_id: string }): Promise<WholeAnalysis> {
  const row = await knownAnalysis(ctx, analysis_id)
  const [shown] = await shownAll(ctx, [row])
  invariant(shown, 'what is there is shown')
  return { ...shown, report: reportIn(row), histogram: row.histogram }
}

export async function showAnalysisPicture(
  ctx: Context,
  { analysis_id, kind }: InputOf<typeof contract.showAnalysisPicture>,
): Promise<RawReply> {
  await knownAnalysis(ctx, analysis_id)
  const picture = (await store.listPictures(ctx.db, [analysis_id])).find((each) => each.kind === kind)
  if (!picture) throw new Problem('projects/unknown-picture', { detail: `${analysis_id} has no picture "${kind}".` })
  const headers: Record<string, string> = { 'cache-control': 'private, max-age=86400' }
  if (picture.media_type !== 'image/png')
    headers['content-disposition'] = `attachment; filename="${analysis_id}-${kind}.tif"`
  return new RawReply({ body: ctx.files.stream(picture.sha256), media_type: picture.media_type, headers })
}

/** @throws Problem `projects/unknown-analysis`, for that of another organisation too. */
export async function knownAnalysis(
  ctx: Context,
  analysis_id: string,
  options: { lock?: boolean } = {},
): Promise<store.AnalysisRow> {
  const row = await store.findAnalysis(ctx.db, analysis_id, options)
  if (row && row.organisation_id === organisationOf(ctx)) return row
  throw new Problem('projects/unknown-analysis', { detail: `There is no analysis ${analysis_id}.`, analysis_id })
}

/** The report as it was hashed. */
export function reportIn({ ai_analysis_results }: store.AnalysisRow): AnalysisReport | null {
  return ai_analysis_results === null ? null : (JSON.parse(ai_analysis_results) as AnalysisReport)
}

async function shownAll(ctx: Context, rows: readonly store.AnalysisRow[]): Promise<Analysis[]> {
  const ids = rows.map(({ analysis_id }) => analysis_id)
  const pictures = await store.listPictures(ctx.db, ids)
  const decisions = await decisionsOf(ctx.db, ids)
  const projects = new Map<string, ProjectRow | undefined>()
  for (const { project_id, organisation_id } of rows) {
    if (!projects.has(project_id)) projects.set(project_id, await findProject(ctx.db, organisation_id, project_id))
  }
  return rows.map((row) => {
    const decision = decisions.get(row.analysis_id)
    return {
      ...shown(row),
      project_number: projects.get(row.project_id)?.number ?? 0,
      pictures: pictures.filter(({ analysis_id }) => analysis_id === row.analysis_id).map(shownPicture),
      decision: decision ? shownSummary(decision) : null,
    }
  })
}

function shown(row: store.AnalysisRow): Omit<Analysis, 'project_number' | 'pictures' | 'decision'> {
  const { analysis_id, project_id, state, cause, before_evidence_id, after_evidence_id, task, progress, reason } = row
  const { report_digest, certificate_id, level, generated, asked_by } = row
  return {
    analysis_id,
    project_id,
    state,
    cause,
    before_evidence_id,
    after_evidence_id,
    progress,
    reason,
    report_digest,
    certificate_id,
    level,
    generated,
    asked_by,
    before_evidence_number: task.before.number,
    after_evidence_number: task.after.number,
    record: recordIn(row),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
  }
}

function shownPicture({ kind, media_type, width, height, corners }: store.PictureRow): Analysis['pictures'][number] {
  return { kind, media_type, width, height, corners }
}

function recordIn(row: store.AnalysisRow): Analysis['record'] {
  return {
    evidence_type: row.evidence_type,
    before_image_hash: row.before_image_hash,
    after_image_hash: row.after_image_hash,
    project_area_hectares: row.project_area_hectares,
    calculated_co2_sequestration: row.calculated_co2_sequestration,
    vegetation_change_percentage: row.vegetation_change_percentage,
    ndvi_improvement: row.ndvi_improvement,
    land_transformation_score: row.land_transformation_score,
    calculated_carbon_credits: row.calculated_carbon_credits,
    credit_calculation_method: row.credit_calculation_method,
    confidence_score: row.confidence_score,
    analysis_summary: row.analysis_summary,
    methodology_id: row.methodology_id,
    methodology_version: row.methodology_version,
    params_json: row.params_json,
    evidence_class: row.evidence_class,
    acquisition_utc: row.acquisition_utc,
    crs: row.crs,
    valid_fraction: row.valid_fraction,
    registration_px: row.registration_px,
    season_gap_days: row.season_gap_days,
    integrity_flags: row.integrity_flags,
    tco2e: row.tco2e,
    unit: row.unit,
  }
}

// --- At the registry's addresses

export async function evidenceAnalysis(
  ctx: Context,
  { evidence_id }: { evidence_id: string },
): Promise<OutputOf<typeof contract.evidenceAnalysis>> {
  const piece = await evidence.findEvidence(ctx.db, organisationOf(ctx), evidence_id)
  if (!piece)
    throw new Problem('projects/unknown-evidence', { detail: `There is no evidence "${evidence_id}".`, evidence_id })
  const project = await knownProject(ctx, piece.project_id)
  const row = await store.findAnalysisOf(ctx.db, piece.id)
  const answer = await seedAnalysis(ctx, project, row)
  return { ...answer, evidence_id: piece.number, evidence_type: piece.evidence_type }
}

export async function creditCalculation(
  ctx: Context,
  { project_id }: { project_id: string },
): Promise<OutputOf<typeof contract.creditCalculation>> {
  const project = await knownProject(ctx, project_id)
  const row =
    (await store.findLatest(ctx.db, project.id, { with_result: true })) ?? (await store.findLatest(ctx.db, project.id))
  const answer = await seedAnalysis(ctx, project, row)
  const decision = row && (await decisionsOf(ctx.db, [row.analysis_id])).get(row.analysis_id)
  return {
    ...answer,
    methods: answer.ai_analysis_results?.methods ?? [],
    decision: decision ? shownSummary(decision) : null,
  }
}

async function seedAnalysis(
  ctx: Context,
  project: ProjectRow,
  row: store.AnalysisRow | undefined,
): Promise<SeedAnalysis> {
  const report = row ? reportIn(row) : null
  const score = row?.confidence_score ?? null
  return {
    project_id: project.number,
    status: row?.state ?? 'incomplete',
    missing: row ? [] : await missingOf(ctx, project),
    progress: row?.progress ?? null,
    ...recordIn({ ...nothingYet, ...row, evidence_type: row?.evidence_type ?? 'general' } as store.AnalysisRow),
    before_image_hash: row?.before_image_hash ?? null,
    after_image_hash: row?.after_image_hash ?? null,
    project_area_hectares: row?.project_area_hectares ?? project.measured_ha ?? project.claimed_ha,
    ai_analysis_results: report,
    verification_level: row?.level ?? null,
    recommended_action: score === null ? null : levelOf(score).action,
    analysis_id: row?.analysis_id ?? null,
    report_digest: row?.report_digest ?? null,
    certificate_id: row?.certificate_id ?? null,
    generated: row?.generated ?? project.generated,
    statement: STATEMENT.en,
  }
}

async function missingOf(ctx: Context, project: ProjectRow): Promise<SeedAnalysis['missing']> {
  const counts = (await evidence.countEvidence(ctx.db, project.organisation_id)).filter(
    ({ project_id }) => project_id === project.id,
  )
  const has = (side: Side) => counts.some(({ evidence_type, count }) => evidence_type === side && count > 0)
  return [
    ...(has('before') ? [] : (['before'] as const)),
    ...(has('after') ? [] : (['after'] as const)),
    ...(project.claimed_ha === null && project.measured_ha === null ? (['project_area_hectares'] as const) : []),
    ...(project.boundary === null ? (['boundary'] as const) : []),
  ]
}
