import type { SocketInputOf } from '@tidemark/core/lib/socket.ts'
import { liveProject, type ProjectMessage } from '@tidemark/core/projects/live-contract.ts'
import type { Context } from '../platform/context.ts'
import { GAP, type LiveEvent } from '../platform/events.ts'
import { bindSocket, messageBytes, type Peer } from '../platform/sockets.ts'
import { projectTopic } from './happenings.ts'
import { knownProject } from './service.ts'

const kinds: readonly string[] = ['analysis', 'evidence', 'decision', 'changed', GAP] satisfies ProjectMessage['kind'][]

/** Hands on what is announced of a project. Whoever is too slow for it is told that there is a gap. */
async function openLive(
  ctx: Context,
  { project_id, after }: SocketInputOf<typeof liveProject>,
): Promise<(peer: Peer) => void> {
  const { id, organisation_id } = await knownProject(ctx, project_id)
  const topic = projectTopic(id)
  return (peer) => {
    let is_behind = false
    const say = (kind: ProjectMessage['kind'], cursor: string | null, data: ProjectMessage['data']) => {
      const said: ProjectMessage = { kind, project_id: id, at: ctx.now().toISOString(), cursor, data }
      if (!is_behind) is_behind = !peer.send(messageBytes(said))
    }
    const hear = ({ kind, cursor, data }: LiveEvent) => {
      if (kinds.includes(kind)) say(kind as ProjectMessage['kind'], cursor, (data ?? {}) as ProjectMessage['data'])
    }
    const latest = () => ctx.events.latest(organisation_id, topic)
    const missed = after === undefined ? [] : ctx.events.since(organisation_id, topic, after)
    say('hello', latest(), {})
    if (missed === undefined) say('gap', latest(), {})
    else for (const event of missed) hear(event)
    const unsubscribe = ctx.events.subscribe(organisation_id, topic, hear)
    peer.onRoom(() => {
      is_behind = false
      say('gap', latest(), {})
    })
    peer.onQuiet(() => say('heartbeat', latest(), {}))
    peer.onClose(unsubscribe)
  }
}

export const liveSockets = [bindSocket(liveProject, openLive)]
