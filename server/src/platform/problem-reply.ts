import { Problem, type Fault, type ProblemDefinition, type ProblemTable } from '@tidemark/core/lib/problem.ts'
import { RETRY_AFTER_S } from './database/errors.ts'

export interface ProblemReply {
  status: number
  headers: Record<string, string>
  body: string
  /** Whether a person has to look at it: a bug of ours, or a problem that no contract declares. */
  bug: boolean
}

export interface Occurrence {
  /** The path that was asked for. */
  instance: string
  request_id: string
}

/**
 * Any error as RFC 9457 `application/problem+json`. Of a bug the answer tells the request id and nothing else.
 */
export function problemReply(error: unknown, problems: ProblemTable, occurrence: Occurrence): ProblemReply {
  const problem = asProblem(error)
  const definition = problem && lookUp(problems, problem.type)
  if (!problem || !definition) return bugReply(problems, occurrence)
  const { detail, faults, ...facts } = problem.details
  const standard = {
    type: `/problems/${problem.type}`,
    title: definition.title,
    status: definition.status,
    ...(detail === undefined ? {} : { detail }),
    ...occurrence,
  }
  // Facts come after the standard fields for the reader, and cannot replace them.
  const body = { ...standard, ...facts, ...standard, ...(faults === undefined ? {} : shownFaults(faults)) }
  return {
    status: definition.status,
    headers: headersFor(problem, definition),
    body: JSON.stringify(body, portable),
    bug: false,
  }
}

/** Two hundred thousand faults would be an answer of fifty megabytes, and nobody reads more than these. */
const FAULTS_SHOWN_MAX = 1_000

function shownFaults(faults: readonly Fault[]): { faults: readonly Fault[]; faults_found?: number } {
  if (faults.length <= FAULTS_SHOWN_MAX) return { faults }
  return { faults: faults.slice(0, FAULTS_SHOWN_MAX), faults_found: faults.length }
}

function bugReply(problems: ProblemTable, occurrence: Occurrence): ProblemReply {
  const definition = lookUp(problems, 'server/bug') ?? { status: 500, title: 'Something went wrong on our side' }
  const body = {
    type: '/problems/server/bug',
    ...definition,
    detail: `We have been told. Quote the request id ${occurrence.request_id} when you ask about it.`,
    ...occurrence,
  }
  return { status: definition.status, headers: {}, body: JSON.stringify(body), bug: true }
}

function lookUp(problems: ProblemTable, type: string): ProblemDefinition | undefined {
  return Object.hasOwn(problems, type) ? problems[type] : undefined
}

function headersFor(problem: Problem, definition: ProblemDefinition): Record<string, string> {
  const { retry_after_s, allow } = problem.details
  const headers: Record<string, string> = {}
  if (definition.status === 503 || definition.status === 429)
    headers['retry-after'] = String(retry_after_s ?? RETRY_AFTER_S)
  // RFC 9110, 15.5.2.
  if (definition.status === 401) headers['www-authenticate'] = 'Bearer'
  if (definition.status === 405 && Array.isArray(allow)) headers.allow = allow.join(', ')
  return headers
}

/** The HTTP library's own refusals, by its codes. Whatever else it throws is a bug until proved otherwise. */
const refusals: Record<string, () => Problem> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new Problem('request/too-large', { detail: 'The body is larger than this endpoint accepts.' }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Problem('request/unsupported-media-type', {
      detail: 'Send the body as JSON, with content-type: application/json; a form as multipart/form-data.',
    }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () =>
    new Problem('request/malformed-json', { detail: 'The body is empty, and this endpoint expects JSON.' }),
  // A path that climbs out of the folder of pages: there is nothing there for anybody.
  FST_STATIC_FORBIDDEN_PATH: () => new Problem('request/not-found', { detail: 'There is nothing at this address.' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new Problem('request/malformed-json', { detail: 'The body is not as long as content-length says.' }),
  FST_CP_ERR_INVALID_CONTENT_ENCODING: () =>
    new Problem('request/unsupported-media-type', { detail: 'The body may be compressed by gzip, deflate or br.' }),
  FST_CP_ERR_INVALID_CONTENT: () =>
    new Problem('request/malformed-body', { detail: 'The body is not compressed as content-encoding says.' }),
  FST_ERR_MAX_PARAM_LENGTH: () =>
    new Problem('request/not-found', { detail: 'There is nothing at so long an address.' }),
  FST_ERR_BAD_URL: () => new Problem('request/not-found', { detail: 'The address is not well formed.' }),
}

function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return Object.hasOwn(refusals, code) ? refusals[code]?.() : undefined
}

function portable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value instanceof RegExp ? value.source : value
}
