import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'

/** The state of the service, for people and for whatever restarts it. */
export const Health = z
  .object({
    status: z
      .enum(['ok', 'read_only'])
      .describe('`read_only`: the disk is nearly full; reading works, writing is refused.'),
    database: z.object({
      kind: z.enum(['embedded', 'postgres']),
      latency_ms: z.number().describe('Time for the smallest possible question.'),
      heartbeat_age_ms: z.number().optional().describe('How long ago the embedded database showed that it is alive.'),
    }),
    durability: z.string().describe('What an acknowledged write survives.'),
    free_bytes: z.number().optional().describe('Free space where the embedded database lives.'),
    free_bytes_min: z.number().optional().describe('Below this, writing is refused.'),
  })
  .meta({ id: 'Health' })

export const Version = z
  .object({
    version: z.string(),
    engine_version: z
      .string()
      .describe('Version of the calculation methods, as it stands in results and certificates.'),
    node: z.string(),
    started_at: z.iso.datetime(),
    uptime_s: z.number(),
  })
  .meta({ id: 'Version' })

export const ProblemDescription = z
  .object({ type: z.string(), status: z.number().int(), title: z.string() })
  .meta({ id: 'ProblemDescription' })

export const problems = {
  'system/unknown-problem': { status: 404, title: 'There is no problem of that type' },
} as const satisfies ProblemTable

export const health = route({
  name: 'system.health',
  method: 'GET',
  path: '/health',
  summary: 'Whether the service works, and what it promises',
  description: 'Answers 503 when the database cannot be reached.',
  needs: 'public',
  output: Health,
  problems: [],
  examples: [{ summary: 'A service that works' }],
})

export const version = route({
  name: 'system.version',
  method: 'GET',
  path: '/version',
  summary: 'Which version runs, and since when',
  needs: 'public',
  output: Version,
  problems: [],
  examples: [{ summary: 'The version' }],
})

export const metrics = route({
  name: 'system.metrics',
  method: 'GET',
  path: '/metrics',
  summary: 'Measurements for Prometheus',
  needs: 'public',
  output: z.string(),
  produces: 'text/plain',
  problems: [],
  examples: [{ summary: 'All measurements' }],
})

export const listProblems = route({
  name: 'system.listProblems',
  method: 'GET',
  path: '/problems',
  summary: 'Every problem that an answer can name',
  needs: 'public',
  output: z.object({ problems: z.array(ProblemDescription) }).meta({ id: 'ProblemList' }),
  problems: [],
  examples: [{ summary: 'All problems' }],
})

export const describeProblem = route({
  name: 'system.describeProblem',
  method: 'GET',
  path: '/problems/{capability}/{problem}',
  summary: 'What a problem type means',
  description: 'The `type` of every problem answer is the address of its description.',
  needs: 'public',
  params: z.object({ capability: z.string(), problem: z.string() }),
  output: ProblemDescription,
  problems: ['system/unknown-problem'],
  examples: [
    { summary: 'Input that does not have the expected form', params: { capability: 'request', problem: 'invalid' } },
    { summary: 'A type that does not exist', params: { capability: 'request', problem: 'no-such' }, status: 404 },
  ],
})
