import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { EVIDENCE_MAX, type Evidence, type NamedBand } from '@tidemark/core/projects/evidence-contract.ts'
import type * as contract from '@tidemark/core/projects/evidence-contract.ts'
import type { FileFacts } from '@tidemark/core/projects/file-facts.ts'
import { evidenceClasses } from '@tidemark/core/projects/measurement.ts'
import { transitions, type Transition } from '@tidemark/core/projects/states.ts'
import { nameOfActor, namesBehind } from '../audit/service.ts'
import { RawReply, type FormFile } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as analyses from './analysis-store.ts'
import { askByItself } from './analyses.ts'
import { saved } from './documents.ts'
import * as store from './evidence-store.ts'
import { announce, note } from './happenings.ts'
import { inspectFile, withLocalCopies } from './imagery/index.ts'
import { knownProject, moveOn, refuseWithdrawn } from './service.ts'
import { findProject, lockFiles, nextNumber, type ProjectRow } from './store.ts'

type Upload = InputOf<typeof contract.upload> & { files: readonly FormFile[] }

/**
 * Takes pictures in: looks at each before anything is stored, then stores all of them with their rows, or nothing. The same
 * bytes for the same project and type again answer with what they became.
 */
export async function upload(ctx: Context, input: Upload): Promise<OutputOf<typeof contract.upload>> {
  return takeIn(ctx, input, { generated: false })
}

/** @param options.generated made by a program: said wherever it is shown. */
export async function takeIn(
  ctx: Context,
  { project_id, files, ...form }: Upload,
  { generated }: { generated: boolean },
): Promise<OutputOf<typeof contract.upload>> {
  const project = await knownProject(ctx, project_id)
  refuseWithdrawn(project)
  const different = [...new Map(files.map((file) => [file.sha256, file])).values()]
  if (different.length === 0) {
    const fault = { path: '/files', code: 'missing', message: 'At least one file is sent, as "files".' }
    throw new Problem('request/invalid', { detail: fault.message, faults: [fault] })
  }
  const content_sha256 = contentDigestOf(different)
  const same = { project_id: project.id, evidence_type: form.evidence_type, content_sha256 }
  const before = await store.findSame(ctx.db, same)
  if (before) return answer(ctx, project, before, { already_there: true })
  const inspected: { file: FormFile; facts: FileFacts }[] = []
  for (const file of different) inspected.push({ file, facts: await inspectFile(file.path) })
  refuseUnknownBands(form.bands ?? null, inspected.map(({ facts }) => facts)) // oxfmt-ignore
  const row = await insert(ctx, project, { ...form, inspected, content_sha256, generated })
  announce(ctx, project, 'evidence', { evidence_id: row.id, evidence_type: row.evidence_type })
  return answer(ctx, project, row, { already_there: false })
}

interface Inspected extends Omit<InputOf<typeof contract.upload>, 'project_id'> {
  inspected: readonly { file: FormFile; facts: FileFacts }[]
  content_sha256: string
  generated: boolean
}

async function insert(ctx: Context, { id: project_id }: ProjectRow, taken: Inspected): Promise<store.EvidenceRow> {
  const { inspected, content_sha256, generated, evidence_type, co2, ...form } = taken
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await knownProject(inside, project_id, { lock: true })
    refuseWithdrawn(project)
    const { organisation_id } = project
    // The other of two that were sent at once was first.
    const same = await store.findSame(tx, { project_id, evidence_type, content_sha256 })
    if (same) return same
    await refuseTooMany(inside, project)
    const uploaded_at = ctx.now()
    const partakers = await namesBehind(inside)
    const row: store.EvidenceRow = {
      id: newId('evd', uploaded_at),
      organisation_id,
      number: await nextNumber(tx, organisation_id, 'evidence'),
      project_id,
      evidence_type,
      content_sha256,
      evidence_class: bestClassOf(inspected.map(({ facts }) => facts)),
      uploader: form.uploader ?? null,
      gps: form.gps ?? null,
      claimed_co2: co2 ?? null,
      project_area_hectares: form.project_area_hectares ?? null,
      captured_at: form.captured_at ?? null,
      sensor: form.sensor ?? null,
      bands: form.bands ?? null,
      generated,
      uploaded_at,
      uploaded_by: await nameOfActor(inside),
      partakers,
      withdrawn_at: null,
      withdrawn_reason: null,
    }
    const rows = inspected.map(({ file: { name, sha256 }, facts }, place) => {
      const { pixels_sha256, phash } = facts
      return { evidence_id: row.id, place, organisation_id, name, sha256, pixels_sha256, phash, facts }
    })
    await lockFiles(tx, rows.map(({ sha256 }) => sha256)) // oxfmt-ignore
    await store.insertEvidence(tx, row)
    await store.insertFiles(tx, rows)
    const moved = await openForEvidence(inside, project, evidence_type)
    await note(inside, moved, {
      kind: 'evidence',
      action: 'projects.evidence_added',
      subject_id: row.id,
      facts: { evidence_type, files: rows.length, number: row.number },
      after: { content_sha256, evidence_type },
    })
    // Last: what fails before this leaves no file, and what is kept is named by a row that is about to be committed.
    for (const { file } of inspected) await file.keep()
    return row
  })
}

/** A project that waits for evidence, or was decided on, is collecting it again. */
async function openForEvidence(
  ctx: Context,
  project: ProjectRow,
  type: Evidence['evidence_type'],
): Promise<ProjectRow> {
  const opening: Transition | undefined = transitions.find(({ move }) => move === 'collect_evidence')
  const opens = type !== 'general' && project.state !== 'analysed' && opening?.from.includes(project.state)
  return opens ? moveOn(ctx, project, 'evidence_collection', { move: 'collect_evidence' }) : project
}

async function refuseTooMany(ctx: Context, { id, organisation_id }: ProjectRow): Promise<void> {
  const there = (await store.listEvidence(ctx.db, organisation_id, id)).length
  if (there < EVIDENCE_MAX) return
  throw new Problem('projects/too-many', { detail: `A project has at most ${EVIDENCE_MAX} pieces of evidence.` })
}

async function answer(
  ctx: Context,
  project: ProjectRow,
  row: store.EvidenceRow,
  { already_there }: { already_there: boolean },
): Promise<OutputOf<typeof contract.upload>> {
  const asked = already_there ? undefined : await askByItself(ctx, project.id, 'pair_complete')
  const evidence = await shownOne(ctx, row)
  return {
    message: messageOf(already_there, asked !== undefined),
    project_id: project.number,
    evidence_id: row.number,
    evidence_type: row.evidence_type,
    file_hashes: evidence.files.map(({ facts }) => facts.sha256),
    already_there,
    analysis_triggered: asked !== undefined,
    analysis_id: asked?.analysis_id ?? null,
    evidence,
  }
}

function messageOf(already_there: boolean, triggered: boolean): string {
  if (already_there) return 'These bytes were sent before; nothing is stored twice.'
  return triggered ? 'Stored. Before and after are there: the analysis has begun.' : 'Stored.'
}

export async function listEvidence(
  ctx: Context,
  { project_id }: { project_id: string },
): Promise<OutputOf<typeof contract.listEvidence>> {
  const project = await knownProject(ctx, project_id)
  const rows = await store.listEvidence(ctx.db, project.organisation_id, project.id)
  return { evidence: await shownAll(ctx, rows, new Map([[project.id, project.number]])) }
}

export async function getEvidence(ctx: Context, { evidence_id }: { evidence_id: string }): Promise<Evidence> {
  return shownOne(ctx, await knownEvidence(ctx, evidence_id))
}

/** Names bands for the analyses to come; those that were made keep theirs. */
export async function changeEvidence(
  ctx: Context,
  { evidence_id, bands }: InputOf<typeof contract.changeEvidence>,
): Promise<Evidence> {
  const found = await knownEvidence(ctx, evidence_id)
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await knownProject(inside, found.project_id, { lock: true })
    refuseWithdrawn(project)
    const before = await knownEvidence(inside, found.id)
    const files = await store.listFiles(tx, [found.id])
    refuseUnknownBands(bands, files.map(({ facts }) => facts)) // oxfmt-ignore
    const partakers = [...new Set([...before.partakers, ...(await namesBehind(inside))])]
    const after = { ...before, bands, partakers }
    await store.nameBands(tx, after)
    await note(inside, project, {
      kind: 'evidence',
      action: 'projects.evidence_bands_named',
      subject_id: found.id,
      facts: { number: found.number, bands: bands?.map(({ role }) => role).join(', ') ?? null },
      before: { bands: before.bands },
      after: { bands },
    })
    return shownOne(inside, after)
  })
}

/** @throws Problem `request/invalid` for a band that no file of the evidence has. */
function refuseUnknownBands(bands: readonly NamedBand[] | null, files: readonly FileFacts[]): void {
  const faults = (bands ?? []).flatMap(({ role, file, band }, at) => {
    const there = files[file]?.bands.length
    if (there !== undefined && band < there) return []
    const message =
      there === undefined
        ? `"${role}" is said to be in file ${file}; there are ${files.length}, the first one being 0.`
        : `"${role}" is said to be band ${band}; file ${file} has ${there}, the first one being 0.`
    return [{ path: `/bands/${at}`, code: 'unknown-band', message }]
  })
  const [first] = faults
  if (first) throw new Problem('request/invalid', { detail: first.message, faults })
}

/** Drawn anew from the stored bytes, in a process of its own: what a file says of its place and maker stays behind. */
export async function showPicture(
  ctx: Context,
  { evidence_id, width }: InputOf<typeof contract.showPicture>,
): Promise<RawReply> {
  const evidence = await knownEvidence(ctx, evidence_id)
  const [file] = await store.listFiles(ctx.db, [evidence.id])
  invariant(file, 'evidence has files')
  const preview = await withLocalCopies(ctx.files, [file.sha256], async ([path = '']) => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-preview-'))
    try {
      const drawn = join(folder, 'preview.png')
      await inspectFile(path, { preview: drawn })
      return await readFile(drawn)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
  return new RawReply({
    body: await narrowed(preview, width),
    media_type: 'image/png',
    headers: { 'cache-control': 'private, max-age=3600' },
  })
}

/** The preview is ours by now, so it is made smaller here. */
async function narrowed(png: Buffer, width: number): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  return sharp(png).resize({ width, withoutEnlargement: true }).png().toBuffer()
}

export async function getFile(
  ctx: Context,
  { evidence_id, index }: InputOf<typeof contract.getFile>,
): Promise<RawReply> {
  const evidence = await knownEvidence(ctx, evidence_id)
  const file = (await store.listFiles(ctx.db, [evidence.id]))[index]
  if (!file) throw new Problem('projects/unknown-picture', { detail: `${evidence.id} has no file ${index}.` })
  return saved(ctx, file)
}

export async function withdrawEvidence(
  ctx: Context,
  { evidence_id, reason }: InputOf<typeof contract.withdrawEvidence>,
): Promise<Evidence> {
  const found = await knownEvidence(ctx, evidence_id)
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await knownProject(inside, found.project_id, { lock: true })
    refuseWithdrawn(project)
    const used = await analyses.findAnalysisOf(tx, found.id)
    if (used) {
      throw new Problem('projects/evidence-in-use', {
        detail: `It was analysed in ${used.analysis_id}: send a better picture, and the newest pair is analysed.`,
        analysis_id: used.analysis_id,
      })
    }
    const now = ctx.now()
    const after = found.withdrawn_at ? found : { ...found, withdrawn_at: now, withdrawn_reason: reason }
    if (!found.withdrawn_at) {
      await store.withdraw(tx, found.id, now, reason)
      await note(inside, project, { kind: 'withdrawn', action: 'projects.evidence_withdrawn', subject_id: found.id, facts: { reason } }) // oxfmt-ignore
    }
    return shownOne(inside, after)
  })
}

/** @throws Problem `projects/unknown-evidence`, for that of another organisation too. */
export async function knownEvidence(ctx: Context, ref: string): Promise<store.EvidenceRow> {
  const evidence = await store.findEvidence(ctx.db, organisationOf(ctx), ref)
  if (!evidence)
    throw new Problem('projects/unknown-evidence', { detail: `There is no evidence "${ref}".`, evidence_id: ref })
  return evidence
}

async function shownOne(ctx: Context, row: store.EvidenceRow): Promise<Evidence> {
  const project = await findProject(ctx.db, row.organisation_id, row.project_id)
  const [shown] = await shownAll(ctx, [row], new Map([[row.project_id, project?.number ?? 0]]))
  invariant(shown, 'what is there is shown')
  return shown
}

async function shownAll(
  ctx: Context,
  rows: readonly store.EvidenceRow[],
  numbers: ReadonlyMap<string, number>,
): Promise<Evidence[]> {
  const files = await store.listFiles(
    ctx.db,
    rows.map(({ id }) => id),
  )
  return rows.map(({ organisation_id: _o, content_sha256: _c, partakers: _p, uploaded_at, withdrawn_at, ...row }) => ({
    ...row,
    project_number: numbers.get(row.project_id) ?? 0,
    files: files.filter(({ evidence_id }) => evidence_id === row.id).map(({ name, facts }) => ({ name, facts })),
    uploaded_at: uploaded_at.toISOString(),
    withdrawn_at: withdrawn_at?.toISOString() ?? null,
  }))
}

/** Of the digests of its files in order of size of digest: the order in which a form lists them says nothing. */
function contentDigestOf(files: readonly FormFile[]): string {
  const digests = files.map(({ sha256 }) => sha256).sort()
  return createHash('sha256').update(digests.join('\n')).digest('hex')
}

/** Bands of one scene may be files of their own, so the best of them says what it can be together. */
function bestClassOf(facts: readonly FileFacts[]): Evidence['evidence_class'] {
  return evidenceClasses.find((each) => facts.some(({ evidence_class }) => evidence_class === each)) ?? 'E5'
}
