import type { AuditAction } from '@tidemark/core/audit/actions.ts'
import type { ProjectEvent } from '@tidemark/core/projects/contract.ts'
import { nameOfActor, record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import * as store from './store.ts'

/** What everybody who watches a project is told of. */
export const projectTopic = (project_id: string) => `project/${project_id}`

export interface Happened {
  kind: ProjectEvent['kind']
  action: AuditAction
  subject_id?: string
  facts?: ProjectEvent['facts']
  before?: unknown
  after?: unknown
}

/**
 * Writes what happened into the project's own time line and into the log, in the transaction of `ctx.db`: the last thing that
 * a transaction does.
 */
export async function note(ctx: Context, project: store.ProjectRow, happened: Happened): Promise<void> {
  const { kind, action, subject_id = null, facts = {}, before, after } = happened
  const { id: project_id, organisation_id } = project
  const by = await nameOfActor(ctx)
  await store.insertEvent(ctx.db, { organisation_id, project_id, at: ctx.now(), kind, by, subject_id, facts })
  await record(ctx, {
    action,
    organisation_id,
    resource: subject_id === null ? { type: 'project', id: project_id } : { type: kind, id: subject_id },
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  })
}

/** Tells whoever watches the project. After the commit of what it speaks of. */
export function announce(
  ctx: Context,
  { id, organisation_id }: Pick<store.ProjectRow, 'id' | 'organisation_id'>,
  kind: 'analysis' | 'evidence' | 'decision' | 'changed',
  data: Readonly<Record<string, unknown>>,
): void {
  ctx.events.publish({ organisation_id, topic: projectTopic(id), kind, data })
}
