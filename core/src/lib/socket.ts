import type { z } from 'zod'
import type { RouteLimit } from './contract.ts'

/**
 * A socket as a promise: where it is opened, who may open it, and what is said over it. The server binds it, the web opens
 * it, and a test asks everybody who may not.
 */
export interface SocketRoute<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Sends extends z.ZodType = z.ZodType,
> {
  /** Unique over all contracts, routes included: `sites.live`. */
  name: string
  /** With `{braces}` for parameters. */
  path: string
  summary: string
  description?: string
  /** The right a caller must hold; asked before anything is upgraded, and again while it is open. */
  needs: string
  /** How often one may be opened: `api` unless said. */
  limit?: RouteLimit
  params?: Params
  query?: Query
  /** Every message that the server sends, each one JSON text. */
  sends: Sends
  /** The largest message that it takes, in bytes. Without it the socket takes none, and whoever sends one is cut off. */
  takes_bytes_max?: number
  /** Keys of problem tables, beside the common ones: answered over HTTP, instead of an upgrade. */
  problems: readonly string[]
  examples: readonly SocketExample[]
}

export interface SocketExample {
  summary: string
  params?: Record<string, string>
  query?: Record<string, string>
  /** The expected status: 101 unless said. */
  status?: number
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : unknown

/** What opening a socket hands to the service: parameters and query side by side. */
export type SocketInputOf<S> =
  S extends SocketRoute<infer P, infer Q, z.ZodType>
    ? (z.ZodType extends P ? unknown : Parsed<P>) & (z.ZodType extends Q ? unknown : Parsed<Q>)
    : never

export type MessageOf<S> = S extends SocketRoute<z.ZodType, z.ZodType, infer M> ? z.output<M> : never

export type AnySocket = SocketRoute<any, any, any>

/** Declares a socket and keeps the exact types of its schemas. */
export function socket<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Sends extends z.ZodType = z.ZodType,
>(definition: SocketRoute<Params, Query, Sends>): SocketRoute<Params, Query, Sends> {
  return definition
}

/** How a socket ends, beside the codes of RFC 6455. */
export const closeCodes = {
  /** The server stops; open another in a moment. */
  going_away: 1001,
  /** It was sent what it does not take. */
  policy: 1008,
  too_large: 1009,
  /** Whoever opened it may no longer: signed out, key revoked, right taken. */
  no_longer_allowed: 4401,
  /** A socket opened with a ticket ends after a while: take another and go on from the cursor. */
  ticket_over: 4408,
} as const
