import type { ProjectMessage } from '@tidemark/core/projects/live-contract.ts'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { projectKey } from './queries.ts'

const RETRY_MS = [500, 2_000, 10_000, 30_000]

/**
 * What happens to a project is asked for as it happens: the stream says that something did, and the page asks what. Without the
 * stream the page asks by itself, every second while something is being measured, see `queries.ts`.
 */
export function useProjectNews(project_id: string): void {
  const client = useQueryClient()
  useEffect(() => {
    let closed = false
    let failures = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    let socket: WebSocket | undefined
    const hear = (message: Pick<ProjectMessage, 'kind' | 'data'>) => {
      failures = 0
      if (message.kind === 'heartbeat' || message.kind === 'hello') return
      // How far an analysis is changes nothing else.
      const is_step = message.kind === 'analysis' && message.data.state === 'running'
      const queryKey = is_step ? projectKey(project_id, 'analyses') : projectKey(project_id)
      void client.invalidateQueries({ queryKey })
    }
    const connect = () => {
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
      const made = new WebSocket(`${scheme}://${location.host}/ws/project/${encodeURIComponent(project_id)}`)
      socket = made
      made.addEventListener('message', ({ data }) => hear(JSON.parse(String(data)) as ProjectMessage))
      made.addEventListener('close', () => {
        if (closed) return
        timer = setTimeout(connect, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)])
        failures += 1
      })
    }
    connect()
    return () => {
      closed = true
      clearTimeout(timer)
      socket?.close()
    }
  }, [client, project_id])
}
