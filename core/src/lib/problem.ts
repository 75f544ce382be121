/**
 * A problem is a rule saying no: named in a contract with status and title, answered as RFC 9457
 * `application/problem+json`, and provoked by a test. A bug is something else: see `invariant`.
 */
export class Problem extends Error {
  override name = 'Problem'
  /** `capability/what-is-wrong`, a key of a contract's problem table. */
  readonly type: string
  /** Facts for the person who reads it at midnight: the value, the limit, what would be right. */
  readonly details: ProblemDetails

  constructor(type: string, details: ProblemDetails = {}) {
    super(details.detail ?? type)
    this.type = type
    this.details = details
  }
}

export interface ProblemDetails {
  /** One sentence about this occurrence: what was sent, and what would be right. */
  detail?: string
  /** Every fault found, not only the first. */
  faults?: Fault[]
  [fact: string]: unknown
}

/** One thing wrong with the input. */
export interface Fault {
  /** JSON Pointer (RFC 6901) to the field: `/lines/3/unit`. Empty for the whole document. */
  path: string
  /** Stable, for programs: `unknown-unit`. */
  code: string
  /** For people: what is wrong and what would be right. */
  message: string
  /** What was sent, shortened when long. */
  value?: unknown
  /** What would be right, when that can be listed. */
  expected?: unknown
}

export interface ProblemDefinition {
  status: number
  title: string
}

export type ProblemTable = Readonly<Record<string, ProblemDefinition>>

/** Problems that any route can answer, and those of the library below all contracts. */
export const commonProblems = {
  'units/unknown-unit': { status: 422, title: 'There is no unit of that name' },
  'units/wrong-dimension': { status: 422, title: 'These units measure different things' },
  'request/invalid': { status: 422, title: 'The request does not have the expected form' },
  'request/malformed-json': { status: 400, title: 'The body is not valid JSON' },
  'request/malformed-body': { status: 400, title: 'The body is not what its headers say' },
  'request/too-large': { status: 413, title: 'The body is larger than this endpoint accepts' },
  'request/too-deep': { status: 400, title: 'The JSON is nested too deeply' },
  'request/unsupported-media-type': { status: 415, title: 'This endpoint reads another media type' },
  'request/not-found': { status: 404, title: 'There is nothing at this address' },
  'request/method-not-allowed': { status: 405, title: 'This address does not answer that method' },
  'request/cross-site': { status: 403, title: 'Another site sent this request' },
  'request/upgrade-required': { status: 426, title: 'This address is opened as a WebSocket' },
  'request/ticket-not-valid': { status: 401, title: 'The ticket is not, or no longer, valid' },
  'request/unknown-host': { status: 421, title: 'This server does not answer for that host' },
  'request/too-many': { status: 429, title: 'Too many requests; wait before the next one' },
  'request/no-organisation': { status: 409, title: 'What is stored belongs to an organisation' },
  'outside/refused-address': { status: 422, title: 'This address is not called from here' },
  'outside/no-answer': { status: 502, title: 'The other side did not answer as it should' },
  'server/unavailable': { status: 503, title: 'The service cannot answer just now' },
  'server/out-of-space': { status: 507, title: 'The disk is nearly full; nothing was written' },
  'server/file-damaged': { status: 500, title: 'A stored file is not what was stored' },
  'server/bug': { status: 500, title: 'Something went wrong on our side' },
} as const satisfies ProblemTable

/** Shortens a value for an error message, so that a 100 MB string does not come back in the answer. */
export function shown(value: unknown): unknown {
  if (typeof value === 'string') return value.length > 80 ? `${value.slice(0, 77)}…` : value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value === null || value === undefined || typeof value === 'boolean') return value
  return Array.isArray(value) ? `list of ${value.length}` : typeof value
}

/** Builds an RFC 6901 pointer from path segments. */
export function pointer(segments: readonly PropertyKey[]): string {
  return segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
