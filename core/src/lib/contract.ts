import type { z } from 'zod'

/** Names of the limits on how often something may be asked; what they come to is a setting of the server. */
export const routeLimits = ['login', 'api', 'upload', 'verify'] as const
export type RouteLimit = (typeof routeLimits)[number]

/**
 * A contract is what a capability promises, as a value: its routes with their schemas, its problems, an example of each.
 * The server binds it, the web calls it, OpenAPI is derived from it, and a test executes its examples.
 */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  /** Unique over all contracts: `footprint.calculate`. */
  name: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{braces}` for parameters. */
  path: string
  summary: string
  description?: string
  /** The right a caller must hold. `public` needs none. */
  needs: string
  /** How often it may be asked: `api` unless said. */
  limit?: RouteLimit
  params?: Params
  query?: Query
  body?: Body
  /**
   * `json` unless said; `file` hands the handler the request's bytes as a stream under `file`; `form` takes
   * multipart/form-data: its fields as `body`, its files stored beforehand under `files`.
   */
  accepts?: 'json' | 'file' | 'form'
  /** Of a `form`: where its files stand, how many there may be, and how large each. */
  form?: { files_field: string; files_max: number; file_bytes_max: number }
  /** What a successful answer holds. Validated on the way out as well: a breach is a bug of ours. */
  output: Output
  /** Success status, 200 unless said. */
  status?: number
  /** Media type of the answer when it is not JSON; then the handler returns a `RawReply`. */
  produces?: string
  /** Largest body in bytes, when it differs from the platform's default. */
  body_bytes_max?: number
  /** Keys of problem tables, beside the common ones. */
  problems: readonly string[]
  /** Each is executed by a test. `params` may name an id that `after` (another route's name) returns. */
  examples: readonly RouteExample[]
}

export interface RouteExample {
  summary: string
  params?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
  /** Of a form: its files. */
  files?: readonly { name: string; media_type: string; base64: string }[]
  /** The expected status, the route's own success status unless said. */
  status?: number
  /** Name of a route whose first example runs before this one, and which of its output fields fill which parameters. */
  after?: { route: string; fill: Record<string, string> }
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : unknown

/** What a service function receives: parameters, query and body side by side. */
export type InputOf<R> =
  R extends Route<infer P, infer Q, infer B, z.ZodType>
    ? (z.ZodType extends P ? unknown : Parsed<P>) &
        (z.ZodType extends Q ? unknown : Parsed<Q>) &
        (z.ZodType extends B ? unknown : Parsed<B>)
    : never

/** What a service function returns. */
export type OutputOf<R> = R extends Route<z.ZodType, z.ZodType, z.ZodType, infer O> ? z.input<O> : never

export type AnyRoute = Route<any, any, any, any>

/** Declares a route and keeps the exact types of its schemas. */
export function route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
>(definition: Route<Params, Query, Body, Output>): Route<Params, Query, Body, Output> {
  return definition
}
