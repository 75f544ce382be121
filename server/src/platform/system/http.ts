import { commonProblems, Problem, type ProblemTable } from '@tidemark/core/lib/problem.ts'
import { describeProblem, health, listProblems, metrics, problems, version } from '@tidemark/core/system/contract.ts'
import { bind, RawReply, type Capability } from '../capability.ts'
import { unavailable } from '../database/errors.ts'
import type { Metrics } from '../metrics.ts'

export interface SystemFacts {
  metrics: Metrics
  /** Problems of all capabilities. */
  problems: ProblemTable
  version: string
  engine_version: string
  started_at: Date
}

/** The capability that speaks about the running service itself. */
export function createSystem(facts: SystemFacts): Capability {
  const known: ProblemTable = { ...commonProblems, ...problems, ...facts.problems }
  return {
    name: 'system',
    problems,
    bindings: [
      bind(health, async (ctx) => {
        const { kind, reachable, latency_ms, heartbeat_age_ms, writable, durability, free_bytes, free_bytes_min } =
          await ctx.db.health()
        if (!reachable || latency_ms === undefined) throw unavailable('The database cannot be reached just now.')
        return {
          status: writable ? ('ok' as const) : ('read_only' as const),
          database: { kind, latency_ms, heartbeat_age_ms },
          durability,
          free_bytes,
          free_bytes_min,
        }
      }),
      bind(version, async (ctx) => ({
        version: facts.version,
        engine_version: facts.engine_version,
        node: process.version,
        started_at: facts.started_at.toISOString(),
        uptime_s: Math.max(0, Math.round((ctx.now().getTime() - facts.started_at.getTime()) / 1000)),
      })),
      bind(
        metrics,
        async () =>
          new RawReply({
            body: await facts.metrics.registry.metrics(),
            media_type: facts.metrics.registry.contentType,
          }),
      ),
      bind(listProblems, async () => ({
        problems: Object.entries(known).map(([type, definition]) => ({ type: `/problems/${type}`, ...definition })),
      })),
      bind(describeProblem, async (_ctx, input) => {
        const type = `${input.capability}/${input.problem}`
        const definition = Object.hasOwn(known, type) ? known[type] : undefined
        if (!definition)
          throw new Problem('system/unknown-problem', {
            detail: `"${type}" is not one of our problems. GET /problems lists them.`,
          })
        return { type: `/problems/${type}`, ...definition }
      }),
    ],
  }
}
