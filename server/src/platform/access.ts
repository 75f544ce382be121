import type { IncomingHttpHeaders } from 'node:http'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import type { Actor, Context } from './context.ts'

/** What a request says of who sends it. */
export interface Credentials {
  cookies: ReadonlyMap<string, string>
  authorization: string | undefined
  address: string
  headers: IncomingHttpHeaders
}

/** What somebody wants to do: a route, a socket, or another way in. */
export type Needed = Pick<AnyRoute, 'name' | 'summary' | 'needs'>

/**
 * Who may do what, handed in from above: the platform asks, and knows no accounts. Without these, everybody is anonymous
 * and a route that needs a right cannot be bound.
 */
export interface Access {
  /**
   * Says who sends a request. `ctx` is the system's, and sees every organisation.
   * @returns `anonymous` when the request carries nothing.
   * @throws Problem with status 401 when it carries something that is not, or no longer, valid.
   */
  authenticate?: (credentials: Credentials, ctx: Context) => Promise<Actor>
  /** Returns when `ctx.actor` holds the right that the route needs, and throws a problem otherwise. */
  authorise?: (needed: Needed, ctx: Context) => Promise<void>
  /** Whether an administrator exists. Until then nobody but this machine may reach the server. */
  isClaimed?: (ctx: Context) => Promise<boolean>
}
