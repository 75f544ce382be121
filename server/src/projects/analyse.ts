import { createReadStream } from 'node:fs'
import { hostname } from 'node:os'
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { canonicalize } from '@tidemark/core/certificates/canonical.ts'
import { evidenceDigests } from '@tidemark/core/certificates/kinds/kinds.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { confidenceTable } from '@tidemark/core/projects/calibration/conf-1.ts'
import { analysisEvidence, analysisFacts, type AnalysisSubject } from '@tidemark/core/projects/analysis-evidence.ts'
import { recordOf } from '@tidemark/core/projects/analysis-record.ts'
import type { PairMeasurement } from '@tidemark/core/projects/measurement.ts'
import { type AnalysisInput, readAnalysisInput, reportText } from '@tidemark/core/projects/report.ts'
import { moveProject as moved, transitions, type Transition } from '@tidemark/core/projects/states.ts'
import { issueCertificate } from '../certificates/service.ts'
import type { Context } from '../platform/context.ts'
import type { ReceivedFile } from '../platform/files.ts'
import { enqueue } from '../platform/jobs.ts'
import { sourceDigestOf } from '../platform/source-digest.ts'
import { actingFor } from '../platform/tenancy.ts'
import { emit } from '../webhooks/service.ts'
import * as store from './analysis-store.ts'
import type { AnalysisTask } from './analysis-task.ts'
import { askByItself } from './analyses.ts'
import { bookFindings } from './books.ts'
import { listEvidence } from './evidence-store.ts'
import { announce, note } from './happenings.ts'
import { measurePair, sweepCopies, withLocalCopies } from './imagery/index.ts'
import type { PairOutcome, PairRequest, Picture } from './imagery/pair.ts'
import { analyseKind } from './job-kinds.ts'
import { moveOn } from './service.ts'
import { findProject, lockFiles, type ProjectRow } from './store.ts'

/** The job: from what was asked to a report, its pictures and its certificate in one transaction, or to a reason. */

/** A process that was not heard of for this long is gone. */
const SILENT_MS = 60_000
const BEAT_MS = 2_000
/** A pair that ends its process twice ends the third as well. */
const ATTEMPTS_MAX = 2
const PICTURE_BYTES_MAX = 256 * 1024 * 1024

/** Names this process in the record of an analysis. */
const worker = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
const underway = new Map<string, AbortController>()

export async function analyse(ctx: Context, { analysis_id }: { analysis_id: string }): Promise<void> {
  const row = await store.findAnalysis(ctx.system_db, analysis_id)
  if (!row || row.ended_at !== null || isAlive(ctx, row)) return
  const scoped = actingFor(ctx, row.organisation_id)
  if (row.attempts >= ATTEMPTS_MAX) return fail(scoped, row, 'The process that worked on it ended, twice.')
  const now = ctx.now()
  const begun = { state: 'running' as const, worker, alive_at: now, started_at: now, attempts: row.attempts + 1 }
  await store.updateAnalysis(scoped.db, analysis_id, begun)
  tell(scoped, row, { state: 'running' })
  try {
    await carryOut(scoped, { ...row, ...begun })
  } catch (error) {
    if (error instanceof Problem && error.type === 'projects/analysis-cancelled') return handBack(scoped, row)
    if (!(error instanceof Problem)) ctx.log.error({ err: error, analysis_id }, 'an analysis failed')
    await fail(scoped, row, reasonOf(error))
  }
}

/** Whether another worker is on it: the queue may hand a job out twice. */
function isAlive(ctx: Context, { state, alive_at }: store.AnalysisRow): boolean {
  return state === 'running' && alive_at !== null && ctx.now().getTime() - alive_at.getTime() < SILENT_MS
}

/** What may be told: a rule that said no in its own words, anything else by its kind. */
function reasonOf(error: unknown): string {
  if (error instanceof Problem) return error.message
  return `Something went wrong on our side (${error instanceof Error ? error.name : 'unknown'}).`
}

async function fail(ctx: Context, row: store.AnalysisRow, reason: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await projectOf(inside, row)
    await store.updateAnalysis(tx, row.analysis_id, { state: 'failed', reason, ended_at: ctx.now(), progress: null })
    if (!project) return
    const facts = { state: 'failed', reason: reason.slice(0, 300) }
    await note(inside, project, {
      kind: 'analysis',
      action: 'projects.analysis_ended',
      subject_id: row.analysis_id,
      facts,
    })
  })
  tell(ctx, row, { state: 'failed', reason })
}

/** The server stops: the next process takes it up from the beginning. */
async function handBack(ctx: Context, { analysis_id, attempts }: store.AnalysisRow): Promise<void> {
  await store.updateAnalysis(ctx.db, analysis_id, { state: 'queued', worker: null, alive_at: null, attempts })
  await enqueue(ctx.db, analyseKind, { analysis_id })
}

async function carryOut(ctx: Context, row: store.AnalysisRow): Promise<void> {
  const { task } = row
  const controller = new AbortController()
  underway.set(row.analysis_id, controller)
  const progress = new Progress(ctx, row)
  const digests = [...task.before.files, ...task.after.files].map(({ sha256 }) => sha256)
  try {
    await withLocalCopies(ctx.files, digests, async (paths, folder) => {
      const request = await requestOf(ctx, row, paths)
      const outcome = await measurePair(request, {
        folder,
        signal: controller.signal,
        onProgress: ({ step, done, of }) => progress.say({ step, done, of }),
      })
      await progress.close()
      await conclude(ctx, row, outcome)
    })
  } finally {
    underway.delete(row.analysis_id)
    await progress.close()
  }
  await goOn(ctx, row)
}

async function requestOf(ctx: Context, row: store.AnalysisRow, paths: readonly string[]): Promise<PairRequest> {
  const { task } = row
  const sceneOf = (scene: AnalysisTask['before'], from: number) => ({
    files: scene.files.map(({ sha256 }, at) => ({ path: paths[from + at] ?? '', sha256 })),
    evidence_id: scene.evidence_id,
    claimed_on: scene.claimed_on,
    sensor: scene.sensor,
    level: null,
    bands: scene.bands ?? null,
  })
  return {
    before: sceneOf(task.before, 0),
    after: sceneOf(task.after, task.before.files.length),
    boundary: task.boundary,
    polygon_ha: task.polygon_ha,
    claimed_ha: task.claimed_ha,
    ecosystem: task.ecosystem,
    findings: await bookFindings(ctx, row),
  }
}

/** What the report says, with its pictures and its certificate: all or nothing. */
async function conclude(ctx: Context, row: store.AnalysisRow, outcome: PairOutcome): Promise<void> {
  const input = inputOf(row.task, outcome.measurement)
  const subject = await subjectOf(row)
  const evidence = analysisEvidence(subject, input)
  const { report } = evidence.result
  const pictures = await receivePictures(ctx, outcome.pictures)
  try {
    await ctx.db.transaction(async (tx) => {
      const inside = { ...ctx, db: tx }
      const project = await projectOf(inside, row, { lock: true })
      // Removed meanwhile, with all that hung on it.
      if (!project) return
      await savePictures(inside, row, pictures)
      const issued = await certify(inside, project, evidence)
      const told = { kind: 'project_analysis', record_id: row.analysis_id }
      await emit(inside, 'certificate.issued', { certificate_id: issued.certificate_id, ...told })
      const { measurement } = outcome
      const state = measurement.outcome
      await store.updateAnalysis(tx, row.analysis_id, {
        ...recordOf(report),
        state,
        ai_analysis_results: reportText(report),
        sensor: measurement.after.sensor,
        level: report.proposal.level,
        evidence_text: canonicalize(evidence),
        report_digest: report.report_digest,
        certificate_id: issued.certificate_id,
        certificate_hash: issued.certificate_hash,
        histogram: outcome.histogram,
        progress: null,
        ended_at: ctx.now(),
      })
      const facts = { state, confidence_score: report.confidence.score, tco2e: report.proposal.methods.find(({ method_id }) => method_id === report.proposal.method_id)?.t_co2e ?? null } // oxfmt-ignore
      const happened = { kind: 'analysis', action: 'projects.analysis_ended', subject_id: row.analysis_id } as const
      await note(inside, await moveAlong(inside, project), {
        ...happened,
        facts,
        after: { digest: report.report_digest },
      })
      // Last: what fails before this leaves no file behind.
      for (const { file } of pictures) await file.keep()
    })
  } finally {
    await Promise.all(pictures.map(({ file }) => file.drop()))
  }
  tell(ctx, row, { state: outcome.measurement.outcome })
}

/** A measurement moves a project on by itself, where it stands at a place from which measurements move it. */
async function moveAlong(ctx: Context, project: ProjectRow): Promise<ProjectRow> {
  const analysing: Transition | undefined = transitions.find(({ move }) => move === 'analyse')
  if (!analysing?.from.includes(project.state)) return project
  return moveOn(ctx, project, moved(project.state, 'analyse', 'system'), { move: 'analyse' })
}

function certify(ctx: Context, { id, name }: ProjectRow, evidence: ReturnType<typeof analysisEvidence>) {
  const travels = evidence as unknown as { inputs: Record<string, unknown>[]; result: Record<string, unknown> }
  return issueCertificate(ctx, 'project_analysis', {
    subject: { id, name },
    ...analysisFacts(evidence),
    ...evidenceDigests.project_analysis(travels),
  })
}

/** What a report is computed from, of a task and what was measured for it. */
function inputOf(task: AnalysisTask, measurement: PairMeasurement): AnalysisInput {
  const middle = middleOf(task)
  return readAnalysisInput({
    kind: 'project-analysis-input',
    version: 1,
    project: { ecosystem: task.ecosystem, ...middle },
    measurement,
    parameters: task.method_parameters,
    calibration: confidenceTable,
  })
}

function middleOf({ boundary }: AnalysisTask): { latitude_deg: number | null; longitude_deg: number | null } {
  if (boundary === null) return { latitude_deg: null, longitude_deg: null }
  const points = boundary.type === 'Polygon' ? boundary.coordinates.flat() : boundary.coordinates.flat(2)
  const middle = (of: readonly number[]) => (Math.min(...of) + Math.max(...of)) / 2
  return {
    longitude_deg: middle(points.map(([longitude = 0]) => longitude)),
    latitude_deg: middle(points.map(([, latitude = 0]) => latitude)),
  }
}

/** What a certificate of an analysis was issued for, as it was then: for its bundle. */
export async function analysisEvidenceOf(ctx: Context, analysis_id: string) {
  const row = await store.findAnalysis(ctx.db, analysis_id)
  const text = row?.evidence_text ?? null
  return text === null
    ? undefined
    : (JSON.parse(text) as { inputs: Record<string, unknown>[]; result: Record<string, unknown> })
}

async function subjectOf({ analysis_id, project_id, task }: store.AnalysisRow): Promise<AnalysisSubject> {
  const filesOf = (role: 'before' | 'after') =>
    task[role].files.map(({ sha256 }) => ({ role, digest: `sha256:${sha256}` }))
  return {
    analysis_id,
    project_id,
    files: [...filesOf('before'), ...filesOf('after')],
    engine_digest: await rulesDigest(),
  }
}

/** Digest of the rules that computed it: in every certificate of an analysis and of a decision. */
export function rulesDigest(): Promise<string> {
  return sourceDigestOf(['projects', 'imagery', 'lib'])
}

interface TakenPicture {
  picture: Picture
  file: ReceivedFile
}

async function receivePictures(ctx: Context, pictures: readonly Picture[]): Promise<TakenPicture[]> {
  const taken: TakenPicture[] = []
  try {
    for (const picture of pictures) {
      invariant((await stat(picture.path)).size > 0, `the picture "${picture.kind}" is empty`)
      const file = await ctx.files.receive(createReadStream(picture.path), { bytes_max: PICTURE_BYTES_MAX })
      taken.push({ picture, file })
    }
    return taken
  } catch (error) {
    await Promise.all(taken.map(({ file }) => file.drop()))
    throw error
  }
}

async function savePictures(ctx: Context, row: store.AnalysisRow, pictures: readonly TakenPicture[]): Promise<void> {
  await lockFiles(ctx.db, pictures.map(({ file }) => file.sha256)) // oxfmt-ignore
  const { analysis_id, organisation_id } = row
  const rows = pictures.map(({ picture, file: { sha256, bytes } }) => {
    const { path: _, ...shown } = picture
    return { ...shown, analysis_id, organisation_id, sha256, bytes }
  })
  await store.insertPictures(ctx.db, rows)
}

function projectOf(ctx: Context, row: store.AnalysisRow, options: { lock?: boolean } = {}) {
  return findProject(ctx.db, row.organisation_id, row.project_id, options)
}

/** A better picture may have come while this pair was looked at. */
async function goOn(ctx: Context, { project_id, organisation_id, task }: store.AnalysisRow): Promise<void> {
  const there = (await listEvidence(ctx.db, organisation_id, project_id)).filter(
    ({ withdrawn_at }) => withdrawn_at === null,
  )
  const newest = (side: 'before' | 'after') => there.find(({ evidence_type }) => evidence_type === side)?.number ?? 0
  if (newest('before') > task.before.number || newest('after') > task.after.number)
    await askByItself(ctx, project_id, 'pair_complete')
}

function tell(ctx: Context, row: store.AnalysisRow, data: Readonly<Record<string, unknown>>): void {
  announce(ctx, { id: row.project_id, organisation_id: row.organisation_id }, 'analysis', { analysis_id: row.analysis_id, ...data }) // oxfmt-ignore
}

/** Writes how far it is every now and then, and that it is alive; tells whoever watches at once. */
class Progress {
  readonly #ctx: Context
  readonly #row: store.AnalysisRow
  readonly #beat: NodeJS.Timeout
  #said: store.AnalysisRow['progress'] = null
  #writing: Promise<void> = Promise.resolve()

  constructor(ctx: Context, row: store.AnalysisRow) {
    this.#ctx = ctx
    this.#row = row
    this.#beat = setInterval(() => {
      this.#writing = this.#writing.then(() => this.#write())
    }, BEAT_MS)
    this.#beat.unref()
  }

  say(progress: NonNullable<store.AnalysisRow['progress']>): void {
    this.#said = progress
    tell(this.#ctx, this.#row, { state: 'running', progress })
  }

  async close(): Promise<void> {
    clearInterval(this.#beat)
    await this.#writing
  }

  async #write(): Promise<void> {
    const { db, log, now } = this.#ctx
    const alive = { alive_at: now(), ...(this.#said === null ? {} : { progress: this.#said }) }
    await store.updateAnalysis(db, this.#row.analysis_id, alive).catch((error: unknown) => {
      log.warn({ err: error }, 'the progress of an analysis could not be written')
    })
  }
}

// --- What a crash left

/** Takes up what is running in no process any more. `since` is the instant before which nothing was heard of it. */
export async function takeUp(ctx: Context, since: Date): Promise<void> {
  for (const { analysis_id, organisation_id } of await store.listSilent(ctx.system_db, since)) {
    if (underway.has(analysis_id)) continue
    const { db } = actingFor(ctx, organisation_id)
    await store.updateAnalysis(db, analysis_id, { state: 'queued', worker: null, alive_at: null })
    await enqueue(db, analyseKind, { analysis_id })
  }
}

export async function tend(ctx: Context): Promise<void> {
  await takeUp(ctx, new Date(ctx.now().getTime() - SILENT_MS))
}

/** On the embedded database no other process can be at work: whatever runs at the start is a crash's. */
export async function start(ctx: Context): Promise<void> {
  await sweepCopies()
  if (ctx.db.kind === 'embedded') await takeUp(ctx, new Date(ctx.now().getTime() + 1))
}

export async function stop(): Promise<void> {
  for (const controller of underway.values()) controller.abort()
}
