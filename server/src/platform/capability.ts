import type { Registry } from 'prom-client'
import type { Readable } from 'node:stream'
import type { AnyRoute, InputOf, OutputOf, Route } from '@tidemark/core/lib/contract.ts'
import type { ProblemTable } from '@tidemark/core/lib/problem.ts'
import type { z } from 'zod'
import type { Credentials, Needed } from './access.ts'
import type { Context } from './context.ts'
import type { ReceivedFile } from './files.ts'
import type { JobBinding } from './jobs.ts'
import type { PersonalData } from './personal-data.ts'
import type { SocketBinding } from './sockets.ts'

/** What the application is made of. The list of them is `app.ts`. */
export interface Capability {
  /** Also the name of its folders, its database schema and the beginning of its route names. */
  name: string
  bindings: readonly Binding[]
  /** Sockets that it keeps open, declared and asked for rights like routes. */
  sockets?: readonly SocketBinding[]
  problems: ProblemTable
  /** Puts in what a newcomer meets. Runs at every start, after the migrations, in the order of the list: idempotent. */
  seed?: (ctx: Context) => Promise<void>
  /** Adds what it measures to `/metrics`, which everybody may read. */
  measures?: (registry: Registry, ctx: Context) => void
  /** What it knows about people and organisations, to be exported and erased. */
  personal_data?: PersonalData
  /** Background work that it carries out. */
  jobs?: readonly JobBinding[]
  /** Begins what goes on beside requests and jobs, such as another way in. Once the server listens. */
  start?: (ctx: Context, door: Door) => Promise<void>
  /** Ends what it has under way beside requests and jobs: threads, what is written some at a time. Before jobs stop. */
  stop?: (ctx: Context) => Promise<void>
}

/** How another way in than HTTP asks who comes and what they may, by the same rules. */
export interface Door {
  /**
   * @returns the context of whoever shows these credentials.
   * @throws Problem when they are not valid, may not do what is needed, or ask too often.
   */
  admit(credentials: Credentials, needs: Needed): Promise<Context>
}

/** A promise together with what keeps it. */
export interface Binding {
  route: AnyRoute
  handler: (ctx: Context, input: never) => Promise<unknown>
}

/** What the handler of an `accepts: 'file'` route receives besides parameters and query. */
export interface FileInput {
  /** The request's body as it arrives. Reading beyond the route's limit throws `request/too-large`. */
  file: Readable
  /** Without parameters, in small letters: `text/csv`. */
  file_media_type: string
}

/**
 * Says which function keeps a route's promise.
 * @param handler gets the validated input and returns the output, which is validated too, or a `RawReply`.
 */
export function bind<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
  route: Route<P, Q, B, O>,
  handler: (ctx: Context, input: InputOf<Route<P, Q, B, O>>) => Promise<OutputOf<Route<P, Q, B, O>> | RawReply>,
): Binding {
  return { route, handler: handler as Binding['handler'] }
}

/** The same for `accepts: 'file'`: the handler also gets the body as a stream. */
export function bindFile<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
  route: Route<P, Q, B, O>,
  handler: (
    ctx: Context,
    input: InputOf<Route<P, Q, B, O>> & FileInput,
  ) => Promise<OutputOf<Route<P, Q, B, O>> | RawReply>,
): Binding {
  return { route, handler: handler as Binding['handler'] }
}

/** A file of a form, not stored yet. What the handler does not keep is gone when it returns or throws. */
export interface FormFile extends ReceivedFile {
  /** As its sender calls it: without folders, shortened, never part of a path. */
  name: string
}

/** The same for `accepts: 'form'`: the fields are the route's body, and the files of the form lie beside them. */
export function bindUpload<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
  route: Route<P, Q, B, O>,
  handler: (
    ctx: Context,
    input: InputOf<Route<P, Q, B, O>> & { files: readonly FormFile[] },
  ) => Promise<OutputOf<Route<P, Q, B, O>> | RawReply>,
): Binding {
  return { route, handler: handler as Binding['handler'] }
}

/** An answer that is not JSON, or needs headers of its own. It is sent as it is, not validated. */
export class RawReply {
  readonly body: Uint8Array | string | Readable
  readonly media_type: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: number | undefined

  constructor(reply: {
    body: Uint8Array | string | Readable
    media_type: string
    headers?: Record<string, string>
    status?: number
  }) {
    this.body = reply.body
    this.media_type = reply.media_type
    this.headers = reply.headers ?? {}
    this.status = reply.status
  }
}
