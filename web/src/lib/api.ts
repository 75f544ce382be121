import type { AnyRoute, InputOf, Route } from '@tidemark/core/lib/contract.ts'
import type { Fault } from '@tidemark/core/lib/problem.ts'
import type { z } from 'zod'

/** What a route answers, defaults filled in: the server validates its answers on the way out. */
export type AnswerOf<R> = R extends Route<z.ZodType, z.ZodType, z.ZodType, infer O> ? z.output<O> : never

/** A rule that said no, as the server answered it (RFC 9457), or the network that did not answer at all. */
export class ApiProblem extends Error {
  override name = 'ApiProblem'
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string | undefined
  readonly faults: readonly Fault[]
  readonly request_id: string | undefined

  constructor(problem: {
    type: string
    title: string
    status: number
    detail?: string
    faults?: readonly Fault[]
    request_id?: string
  }) {
    super(problem.detail ?? problem.title)
    this.type = problem.type
    this.title = problem.title
    this.status = problem.status
    this.detail = problem.detail
    this.faults = problem.faults ?? []
    this.request_id = problem.request_id
  }
}

/** What the client does when the network does not answer; `ProblemPanel` has words for it in both languages. */
export const NO_ANSWER = 'network/no-answer'
/** The server answered something that is not of the contract, such as a proxy's page. */
export const NOT_OURS = 'network/not-the-api'

/**
 * Calls a route of a contract: parameters, query and body are picked from `input` by the route's own schemas.
 * @throws ApiProblem for every answer that is not a success.
 */
export async function call<R extends AnyRoute>(
  route: R,
  input: InputOf<R>,
  signal?: AbortSignal,
): Promise<AnswerOf<R>> {
  const given = (input ?? {}) as Record<string, unknown>
  const request: RequestInit = {
    method: route.method,
    headers: { accept: 'application/json' },
    ...(signal ? { signal } : {}),
  }
  if (route.body) {
    const outside = new Set([...keysOf(route.params), ...keysOf(route.query)])
    request.body = JSON.stringify(Object.fromEntries(Object.entries(given).filter(([key]) => !outside.has(key))))
    request.headers = { ...request.headers, 'content-type': 'application/json' }
  }
  const answer = await fetch(addressOf(route, given), request).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new ApiProblem({ type: NO_ANSWER, title: 'The server does not answer', status: 0 })
  })
  if (!answer.ok) throw await problemOf(answer)
  return (await jsonOf(answer)) as AnswerOf<R>
}

/** The address of a route with its parameters and query filled in. */
export function addressOf(route: AnyRoute, given: Record<string, unknown>): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(given[key])))
  const query = new URLSearchParams()
  for (const key of keysOf(route.query)) {
    const value = given[key]
    if (value !== undefined && value !== '') query.set(key, String(value))
  }
  return query.size > 0 ? `${path}?${query}` : path
}

function keysOf(schema: unknown): string[] {
  const shape = (schema as { shape?: Record<string, unknown> } | undefined)?.shape
  return shape ? Object.keys(shape) : []
}

async function jsonOf(answer: Response): Promise<unknown> {
  try {
    return await answer.json()
  } catch {
    throw new ApiProblem({ type: NOT_OURS, title: 'The answer is not from the Tidemark API', status: answer.status })
  }
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  const body = (await answer.json().catch(() => undefined)) as Record<string, unknown> | undefined
  if (!body || typeof body.title !== 'string') {
    return new ApiProblem({ type: NOT_OURS, title: 'The answer is not from the Tidemark API', status: answer.status })
  }
  return new ApiProblem({
    type: String(body.type ?? 'about:blank'),
    title: body.title,
    status: answer.status,
    ...(typeof body.detail === 'string' ? { detail: body.detail } : {}),
    ...(Array.isArray(body.faults) ? { faults: body.faults as Fault[] } : {}),
    ...(typeof body.request_id === 'string' ? { request_id: body.request_id } : {}),
  })
}
