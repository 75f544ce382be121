import { z } from 'zod'
import { socket } from '../lib/socket.ts'
import { byRole, Instant, ProjectId, ProjectRef } from './contract.ts'

const Cursor = z
  .string()
  .max(60)
  .regex(/^[\w-]+$/)

export const ProjectMessage = z
  .object({
    kind: z
      .enum(['hello', 'analysis', 'evidence', 'decision', 'changed', 'gap', 'heartbeat'])
      .describe('gap: something may have been missed here, so ask for the project anew.'),
    project_id: ProjectId,
    at: Instant.describe('When it was said.'),
    cursor: Cursor.nullable().describe('Go on from here with ?after=. Null until something has happened.'),
    data: z
      .record(z.string(), z.unknown())
      .describe('Of an analysis: analysis_id, state, and while it runs progress {step, done, of}.'),
  })
  .meta({ id: 'ProjectMessage' })
export type ProjectMessage = z.infer<typeof ProjectMessage>

export const liveProject = socket({
  name: 'projects.live',
  path: '/ws/project/{project_id}',
  summary: 'What happens to a project, as it happens: how far an analysis is, what came in, what was decided',
  description:
    'Opened with a key or access token in Authorization, from our own pages with their cookie, or with ?ticket=. What it says is told once; the state itself is asked for over HTTP.',
  needs: 'projects.read',
  params: z.object({ project_id: ProjectRef }),
  query: z.object({
    after: Cursor.optional().describe('The cursor of the last message that was received.'),
    ticket: z.string().max(100).optional(),
  }),
  sends: ProjectMessage,
  problems: [...byRole, 'projects/unknown-project'],
  examples: [
    { summary: 'The first project', params: { project_id: '1' } },
    { summary: 'No such project', params: { project_id: 'prj_00000000000000000000000000' }, status: 404 },
  ],
})
