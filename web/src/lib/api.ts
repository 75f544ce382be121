import type { AnyRoute, Route } from '@tidemark/core/lib/contract.ts'
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
  /** How long to wait before the next try, where the server says so. */
  readonly retry_after_s: number | undefined

  constructor(problem: {
    type: string
    title: string
    status: number
    detail?: string
    faults?: readonly Fault[]
    request_id?: string
    retry_after_s?: number
  }) {
    super(problem.detail ?? problem.title)
    this.type = problem.type
    this.title = problem.title
    this.status = problem.status
    this.detail = problem.detail
    this.faults = problem.faults ?? []
    this.request_id = problem.request_id
    this.retry_after_s = problem.retry_after_s
  }
}

/** What the client does when the network does not answer; `ProblemPanel` has words for it in both languages. */
export const NO_ANSWER = 'network/no-answer'
/** The server answered something that is not of the contract, such as a proxy's page. */
export const NOT_OURS = 'network/not-the-api'

/** Whether an error is the problem of that type: `isProblem(error, 'accounts/locked')`. */
export function isProblem(error: unknown, type: string): error is ApiProblem {
  return error instanceof ApiProblem && error.type === type
}

/** What is sent: fields that the contract fills in by itself may be left out. */
export type SentTo<R> = R extends Route<infer P, infer Q, infer B, z.ZodType> ? Sent<P> & Sent<Q> & Sent<B> : never
type Sent<T extends z.ZodType> = z.ZodType extends T ? unknown : z.input<T>

/**
 * Calls a route of a contract: parameters, query and body are picked from `input` by the route's own schemas. The browser
 * itself says where the request comes from (Origin, Sec-Fetch-Site), which is all that the server's rule against requests of
 * other sites asks for; a body is always JSON, never a form.
 * @throws ApiProblem for every answer that is not a success.
 */
export async function call<R extends AnyRoute>(route: R, input: SentTo<R>, signal?: AbortSignal): Promise<AnswerOf<R>> {
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
  const answer = await answerTo(addressOf(route, given), request)
  return (answer.status === 204 ? undefined : await jsonOf(answer)) as AnswerOf<R>
}

/** What a route answers as it stands, byte for byte: for files, whose digest must not change on the way. */
export async function callForText<R extends AnyRoute>(route: R, input: SentTo<R>): Promise<string> {
  const accept = route.produces ?? 'application/json'
  const answer = await answerTo(addressOf(route, (input ?? {}) as Record<string, unknown>), { headers: { accept } })
  return answer.text()
}

/** Sends a file to a route that reads one; what the query asks stands in `input`. */
export async function upload<R extends AnyRoute>(
  route: R,
  input: Record<string, unknown>,
  file: Blob,
): Promise<AnswerOf<R>> {
  const headers = { accept: 'application/json', 'content-type': 'application/octet-stream' }
  const answer = await answerTo(addressOf(route, input), { method: route.method, headers, body: file })
  return (await jsonOf(answer)) as AnswerOf<R>
}

async function answerTo(address: string, request: RequestInit): Promise<Response> {
  const answer = await fetch(address, request).catch((error: unknown) => {
    if (request.signal?.aborted) throw error
    throw new ApiProblem({ type: NO_ANSWER, title: 'The server does not answer', status: 0 })
  })
  if (!answer.ok) throw await problemOf(answer)
  return answer
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

/** `accounts/locked` of `/problems/accounts/locked`, the address at which it is described. */
function nameOf(type: unknown): string {
  return typeof type === 'string' ? type.replace(/^.*\/problems\//, '') : 'about:blank'
}

async function jsonOf(answer: Response): Promise<unknown> {
  try {
    return await answer.json()
  } catch {
    throw new ApiProblem({ type: NOT_OURS, title: 'The answer is not from the Tidemark API', status: answer.status })
  }
}

/** The problem that an answer holds which is no success. */
export async function problemOf(answer: Response): Promise<ApiProblem> {
  const body = (await answer.json().catch(() => undefined)) as Record<string, unknown> | undefined
  if (!body || typeof body.title !== 'string') {
    return new ApiProblem({ type: NOT_OURS, title: 'The answer is not from the Tidemark API', status: answer.status })
  }
  return new ApiProblem({
    type: nameOf(body.type),
    title: body.title,
    status: answer.status,
    ...(typeof body.detail === 'string' ? { detail: body.detail } : {}),
    ...(Array.isArray(body.faults) ? { faults: body.faults as Fault[] } : {}),
    ...(typeof body.request_id === 'string' ? { request_id: body.request_id } : {}),
    ...(typeof body.retry_after_s === 'number' ? { retry_after_s: body.retry_after_s } : {}),
  })
}
