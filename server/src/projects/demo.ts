import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { ProjectInput, type listProjects as listRoute } from '@tidemark/core/projects/contract.ts'
import { UploadForm } from '@tidemark/core/projects/evidence-contract.ts'
import type { FormFile } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { enqueue } from '../platform/jobs.ts'
import { actingFor, organisationOf } from '../platform/tenancy.ts'
import {
  DEMO_CLAIMED_HA,
  demoBoundary,
  GENERATED_LABEL,
  GENERATED_SENSOR,
  sceneDates,
  writeDemoScene,
} from './demo-scene.ts'
import { takeIn } from './evidence.ts'
import { demonstrateKind } from './job-kinds.ts'
import { insertProject, listProjects, moveOn } from './service.ts'
import * as store from './store.ts'

/**
 * The project that a newcomer meets: a generated scene, and said to be one wherever it is shown. Only its row is there from the
 * start; its pictures are made and measured by a job once somebody looks, so that nobody waits for them who does not.
 */
export async function seedDemo(ctx: Context): Promise<void> {
  const inside = actingFor(ctx, DEMO_ORGANISATION_ID)
  // Once, also where it was removed since.
  if (await store.hasNumbered(inside.db, DEMO_ORGANISATION_ID)) return
  await inside.db.transaction(async (tx) => {
    const within = { ...inside, db: tx }
    const input = ProjectInput.parse({
      name: `Planted shore (${GENERATED_LABEL})`,
      developer: 'Made by a program of this installation',
      ecosystem: 'mangrove',
      description: `A ${GENERATED_LABEL}: both pictures are computed from a formula, in the open sea, so that what they should show is known. \`tidemark scene\` writes the same files.`,
      claimed_ha: DEMO_CLAIMED_HA,
      boundary: demoBoundary(),
      method_parameters: { ipcc: { climate: 'tropical_wet', salinity_ppt: 30 } },
    })
    const { id } = await insertProject(within, input, { generated: true })
    const project = await store.findProject(tx, DEMO_ORGANISATION_ID, id)
    if (project) await moveOn(within, project, 'registered', { move: 'register' })
  })
}

/** All projects; the first look at those of the demonstration has its scene made. */
export async function listAtFirstLook(
  ctx: Context,
  filter: InputOf<typeof listRoute>,
): Promise<OutputOf<typeof listRoute>> {
  await onFirstLook(ctx, await store.listProjects(ctx.db, organisationOf(ctx)))
  return listProjects(ctx, filter)
}

/** Once, however many look. */
async function onFirstLook(ctx: Context, projects: readonly store.ProjectRow[]): Promise<void> {
  const waiting = projects.find(({ generated, state }) => generated && state === 'registered')
  if (!waiting || organisationOf(ctx) !== DEMO_ORGANISATION_ID) return
  await ctx.db.transaction(async (tx) => {
    const within = { ...actingFor(ctx, DEMO_ORGANISATION_ID), db: tx }
    const project = await store.findProject(tx, waiting.organisation_id, waiting.id, { lock: true })
    if (project?.state !== 'registered') return
    await moveOn(within, project, 'evidence_collection', { move: 'collect_evidence' })
    await enqueue(tx, demonstrateKind, { project_id: project.id })
  })
}

/** The job: both pictures, taken in as anybody's are; the analysis follows by itself. */
export async function demonstrate(ctx: Context, { project_id }: { project_id: string }): Promise<void> {
  const inside = actingFor(ctx, DEMO_ORGANISATION_ID)
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-scene-'))
  try {
    for (const when of ['before', 'after'] as const) {
      const path = join(folder, `${when}.tif`)
      await writeDemoScene(path, when)
      const received = await ctx.files.receive(createReadStream(path), { bytes_max: 16 * 1024 * 1024 })
      const file: FormFile = { ...received, name: `generated-${when}.tif` }
      const form = UploadForm.parse({
        project_id,
        evidence_type: when,
        uploader: GENERATED_LABEL,
        captured_at: sceneDates[when],
        sensor: GENERATED_SENSOR,
      })
      try {
        await takeIn(inside, { ...form, files: [file] }, { generated: true })
      } finally {
        await received.drop()
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
