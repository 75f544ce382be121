import { may, type Role } from '@tidemark/core/accounts/permissions.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { measureBoundary, type Boundary } from '@tidemark/core/projects/boundary.ts'
import { PROJECTS_MAX, type Project } from '@tidemark/core/projects/contract.ts'
import type * as contract from '@tidemark/core/projects/contract.ts'
import {
  moveProject as moved,
  movesFrom,
  transitions,
  type ProjectMove,
  type Transition,
} from '@tidemark/core/projects/states.ts'
import { nameOfActor, namesBehind } from '../audit/service.ts'
import type { FileInput } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as analyses from './analysis-store.ts'
import { readBoundary } from './boundary-file.ts'
import * as evidence from './evidence-store.ts'
import { announce, note } from './happenings.ts'
import { shownEvent, shownProject, type ProjectCircumstances } from './shown.ts'
import * as store from './store.ts'

export async function listProjects(
  ctx: Context,
  filter: InputOf<typeof contract.listProjects>,
): Promise<OutputOf<typeof contract.listProjects>> {
  const organisation_id = organisationOf(ctx)
  const [rows, counts, latest] = await Promise.all([
    store.listProjects(ctx.db, organisation_id, filter),
    evidence.countEvidence(ctx.db, organisation_id),
    analyses.latestIds(ctx.db, organisation_id),
  ])
  return { projects: rows.map((row) => shownProject(row, circumstancesOf(ctx, row, counts, latest))) }
}

export async function addProject(ctx: Context, input: InputOf<typeof contract.addProject>): Promise<Project> {
  return insertProject(ctx, input, { generated: false })
}

/** @param options.generated of a scene that a program made: said wherever it is shown. */
export async function insertProject(
  ctx: Context,
  input: InputOf<typeof contract.addProject>,
  { generated }: { generated: boolean },
): Promise<Project> {
  const organisation_id = organisationOf(ctx)
  const created_at = ctx.now()
  const figures = figuresOf(input.boundary)
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const there = await store.countProjects(tx, organisation_id)
    if (!(there < PROJECTS_MAX)) {
      throw new Problem('projects/too-many', {
        detail: `An organisation has at most ${PROJECTS_MAX} projects; there are ${there}.`,
      })
    }
    const created_by = await nameOfActor(inside)
    const row: store.ProjectRow = {
      ...input,
      ...figures,
      id: newId('prj', created_at),
      organisation_id,
      number: await store.nextNumber(tx, organisation_id, 'project'),
      state: 'draft',
      generated,
      created_at,
      changed_at: created_at,
      created_by,
      described_by: await namesBehind(inside),
    }
    await store.insertProject(tx, row)
    await note(inside, row, { kind: 'created', action: 'projects.added', after: standing(row) })
    return show(inside, row)
  })
}

export async function getProject(ctx: Context, { project_id }: { project_id: string }): Promise<Project> {
  return show(ctx, await knownProject(ctx, project_id))
}

export async function changeProject(
  ctx: Context,
  { project_id, ...input }: InputOf<typeof contract.changeProject>,
): Promise<Project> {
  const figures = figuresOf(input.boundary)
  return change(ctx, project_id, { ...input, ...figures }, { kind: 'changed', action: 'projects.changed' })
}

export async function setBoundary(
  ctx: Context,
  { project_id, file }: InputOf<typeof contract.setBoundary> & FileInput,
): Promise<OutputOf<typeof contract.setBoundary>> {
  await knownProject(ctx, project_id)
  const { boundary, ...read } = await readBoundary(file)
  const changes = { boundary, ...figuresOf(boundary) }
  const facts = { format: read.format, area_ha: changes.measured_ha }
  const project = await change(ctx, project_id, changes, { kind: 'boundary', action: 'projects.boundary_read', facts })
  return { project, ...read }
}

async function change(
  ctx: Context,
  project_id: string,
  changes: Partial<store.ProjectRow>,
  happened: Pick<Parameters<typeof note>[2], 'kind' | 'action' | 'facts'>,
): Promise<Project> {
  const shown = await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const before = await knownProject(inside, project_id, { lock: true })
    refuseWithdrawn(before)
    const described_by = [...new Set([...before.described_by, ...(await namesBehind(inside))])]
    const after = { ...before, ...changes, described_by, changed_at: ctx.now() }
    await store.updateProject(tx, after)
    await note(inside, after, { ...happened, before: standing(before), after: standing(after) })
    return show(inside, after)
  })
  announce(ctx, { id: shown.id, organisation_id: organisationOf(ctx) }, 'changed', { state: shown.state })
  return shown
}

export async function removeProject(ctx: Context, { project_id }: { project_id: string }): Promise<undefined> {
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await knownProject(inside, project_id, { lock: true })
    const held = [
      ...(await evidence.listEvidence(tx, project.organisation_id, project.id)),
      ...(await store.listDocuments(tx, project.organisation_id, project.id)),
    ]
    if (held.length > 0) {
      throw new Problem('projects/has-evidence', {
        detail: `${project.name} has ${held.length} pieces of evidence or documents. Withdraw the project instead.`,
        count: held.length,
      })
    }
    await note(inside, project, { kind: 'changed', action: 'projects.removed', before: standing(project) })
    await store.deleteProject(tx, project.organisation_id, project.id)
  })
}

export async function moveProject(
  ctx: Context,
  { project_id, move, reason }: InputOf<typeof contract.moveProject>,
): Promise<Project> {
  const shown = await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const before = await knownProject(inside, project_id, { lock: true })
    const to = moved(before.state, move, holdsOf(ctx))
    const { requires }: Transition = transitionOf(move)
    const missing = missingFor(requires, before, await circumstances(inside, before))
    const lacks = missing.filter((each) => each !== 'reason' || reason === undefined)
    if (lacks.length > 0) {
      throw new Problem('projects/move-lacks', { detail: `For "${move}" there must be: ${lacks.join(', ')}.`, lacks })
    }
    return show(inside, await moveOn(inside, before, to, { move, ...(reason === undefined ? {} : { reason }) }))
  })
  announce(ctx, { id: shown.id, organisation_id: organisationOf(ctx) }, 'changed', { state: shown.state })
  return shown
}

/** Within a transaction that holds the project. */
export async function moveOn(
  ctx: Context,
  project: store.ProjectRow,
  to: store.ProjectRow['state'],
  facts: { move: ProjectMove; reason?: string },
): Promise<store.ProjectRow> {
  if (project.state === to) return project
  const after = { ...project, state: to, changed_at: ctx.now() }
  await store.updateProject(ctx.db, after)
  await note(ctx, after, {
    kind: 'moved',
    action: 'projects.moved',
    facts: { from: project.state, to, ...facts },
    before: standing(project),
    after: standing(after),
  })
  return after
}

export async function showHistory(
  ctx: Context,
  { project_id }: { project_id: string },
): Promise<OutputOf<typeof contract.showHistory>> {
  const project = await knownProject(ctx, project_id)
  return { events: (await store.listEvents(ctx.db, project.organisation_id, project.id)).map(shownEvent) }
}

/**
 * A project by its id or its number.
 * @throws Problem `projects/unknown-project`, for one of another organisation too.
 */
export async function knownProject(
  ctx: Context,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<store.ProjectRow> {
  const project = await store.findProject(ctx.db, organisationOf(ctx), ref, options)
  if (!project)
    throw new Problem('projects/unknown-project', { detail: `There is no project "${ref}".`, project_id: ref })
  return project
}

export function refuseWithdrawn({ name, state }: store.ProjectRow): void {
  if (state === 'withdrawn') throw new Problem('projects/withdrawn', { detail: `${name} was withdrawn.` })
}

export async function show(ctx: Context, row: store.ProjectRow): Promise<Project> {
  return shownProject(row, await circumstances(ctx, row))
}

async function circumstances(ctx: Context, row: store.ProjectRow): Promise<ProjectCircumstances> {
  const counts = await evidence.countEvidence(ctx.db, row.organisation_id)
  const latest = await analyses.findLatest(ctx.db, row.id)
  return circumstancesOf(ctx, row, counts, new Map(latest ? [[row.id, latest.analysis_id]] : []))
}

function circumstancesOf(
  ctx: Context,
  row: store.ProjectRow,
  counts: readonly evidence.EvidenceCount[],
  latest: ReadonlyMap<string, string>,
): ProjectCircumstances {
  const of = (type: evidence.EvidenceCount['evidence_type']) =>
    counts.find(({ project_id, evidence_type }) => project_id === row.id && evidence_type === type)?.count ?? 0
  const found = {
    evidence: { before: of('before'), after: of('after'), general: of('general') },
    latest_analysis_id: latest.get(row.id) ?? null,
  }
  const moves = movesFrom(row.state, holdsOf(ctx)).map((move) => {
    const { to, requires }: Transition = transitionOf(move)
    return { move, to, requires: [...requires], missing: missingFor(requires, row, { ...found, moves: [] }) }
  })
  return { ...found, moves }
}

function transitionOf(move: ProjectMove): Transition {
  return transitions.find((each) => each.move === move) as Transition
}

/** What a decision leads to comes with the decision; by hand it is not moved there. */
function missingFor(
  requires: Transition['requires'],
  row: store.ProjectRow,
  { evidence: counts, latest_analysis_id }: ProjectCircumstances,
): Transition['requires'][number][] {
  const is_there = {
    polygon: row.boundary !== null,
    before_and_after: counts.before > 0 && counts.after > 0,
    analysis: latest_analysis_id !== null,
    reason: false,
    decision: false,
  }
  return requires.filter((each) => !is_there[each])
}

/** Whether whoever asks holds a permission. A visitor who got this far may describe projects, and reviews none. */
export function holdsOf({ actor }: Pick<Context, 'actor'>): (permission: string) => boolean {
  return (permission) => {
    if (actor.kind === 'system') return true
    if (actor.kind === 'key') return actor.scopes.includes(permission)
    if (actor.kind === 'person') return actor.role !== undefined && may(actor.role as Role, permission)
    return permission !== 'projects.review'
  }
}

function figuresOf(boundary: Boundary | null): Pick<store.ProjectRow, 'measured_ha' | 'perimeter_m'> {
  if (boundary === null) return { measured_ha: null, perimeter_m: null }
  const { area_ha, perimeter_m } = measureBoundary(boundary)
  return { measured_ha: area_ha, perimeter_m }
}

/** What the log compares: no name of a place or a person. */
function standing({ ecosystem, claimed_ha, measured_ha, state, boundary, method_parameters }: store.ProjectRow) {
  return { ecosystem, claimed_ha, measured_ha, state, boundary, method_parameters }
}
