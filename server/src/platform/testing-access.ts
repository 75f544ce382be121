import { sql } from 'kysely'
import { z } from 'zod'
import { problems } from '@tidemark/core/accounts/contract.ts'
import {
  isPermission,
  may,
  permissions,
  permissionTable,
  type PermissionLine,
  type Role,
} from '@tidemark/core/accounts/permissions.ts'
import { route as declare, type AnyRoute } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Access } from './access.ts'
import { bind, type Capability } from './capability.ts'
import { anonymous, type Actor, type Context, type Key, type Person } from './context.ts'
import type { TestAnswer } from './testing.ts'

/** Two people and two organisations for tests of capabilities that stand beside accounts. */
export const ORG_A = 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1A'
export const ORG_B = 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1B'
export const ANN = 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1A'
export const BOB = 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1B'

export function personIn(organisation_id: string, role: Role, options: { person_id?: string; admin?: boolean } = {}) {
  return {
    kind: 'person' as const,
    person_id: options.person_id ?? (organisation_id === ORG_A ? ANN : BOB),
    organisation_id,
    role,
    session_id: 'ses_01KAHX3V9M8Q2R5T7W0Y4Z6B1C',
    instance_admin: options.admin ?? false,
    via: 'token' as const,
  }
}

/** Headers that say who asks, believed by `testAccess` alone. */
export function as(actor: Actor): { 'x-test-actor': string } {
  return { 'x-test-actor': JSON.stringify(actor) }
}

/** Rights by the real table, for actors that say who they are. */
export const testAccess: Access = {
  authenticate: async ({ headers }) => {
    const said = headers['x-test-actor']
    return typeof said === 'string' ? (JSON.parse(said) as Actor) : anonymous
  },
  authorise: async (route, { actor }) => {
    if (actor.kind === 'anonymous') throw new Problem('accounts/not-signed-in')
    const allowed = actor.kind === 'system' || holds(actor, route.needs)
    if (!allowed) throw new Problem('accounts/not-allowed')
  },
}

function holds(actor: Person | Key, needs: string): boolean {
  const line: PermissionLine | undefined = isPermission(needs) ? permissionTable[needs] : undefined
  if (!line) return false
  if (actor.kind === 'key') return line.key && actor.scopes.includes(needs)
  if (line.held_in === 'person') return true
  return line.held_in === 'instance' ? actor.instance_admin : may(actor.role as Role, needs)
}

/** The refusals that `testAccess` gives. */
export const testAccounts: Capability = { name: 'accounts', bindings: [], problems }

/**
 * Gives those two accounts and organisations, each owner of their own, where the capability of accounts is bound as well.
 * @param more ids of people who are in no organisation.
 */
export async function addPeople({ ctx }: { ctx: Context }, more: readonly string[] = []): Promise<void> {
  const { kysely } = ctx.system_db
  for (const id of [ORG_A, ORG_B]) {
    await sql`insert into accounts.organisation (organisation_id, name, country, created_at)
      values (${id}, ${`Company ${id.at(-1) ?? ''}`}, 'FR', ${ctx.now()})`.execute(kysely)
  }
  for (const id of [ANN, BOB, ...more]) {
    await sql`insert into accounts.person (person_id, email, name, locale, created_at)
      values (${id}, ${`${id.slice(4).toLowerCase()}@example.org`}, ${`Person ${id.at(-1) ?? ''}`}, 'en', ${ctx.now()})`.execute(
      kysely,
    )
  }
  await sql`insert into accounts.membership (organisation_id, person_id, role, joined_at)
    values (${ORG_A}, ${ANN}, 'owner', ${ctx.now()}), (${ORG_B}, ${BOB}, 'owner', ${ctx.now()})`.execute(kysely)
}

/** A route for every right of the table, so that each line is asked for whether or not a capability needs it yet. */
export const probes: readonly AnyRoute[] = permissions.map((needs, index) =>
  declare({
    name: `probe.${needs}`,
    method: 'POST',
    path: `/api/v1/probe/${index}`,
    summary: `Needs ${needs}`,
    needs,
    output: z.object({ ok: z.literal(true) }),
    problems: [],
    examples: [{ summary: 'Asked' }],
  }),
)
export const probe: Capability = {
  name: 'probe',
  problems: {},
  bindings: probes.map((route) => bind(route, async () => ({ ok: true as const }))),
}

export type Outcome = 'admitted' | 'not signed in' | 'not allowed'

/** What the table says about somebody at a route. Undefined stands for credentials that are refused wherever they are shown. */
export function expectedOutcome(needs: string, actor: Actor | undefined): Outcome {
  if (!actor) return 'not signed in'
  if (needs === 'public') return 'admitted'
  if (actor.kind === 'anonymous') return 'not signed in'
  const line: PermissionLine | undefined = isPermission(needs) ? permissionTable[needs] : undefined
  if (!line || actor.kind === 'system') return 'not allowed'
  if (actor.kind === 'key') return line.key && actor.scopes.includes(needs) ? 'admitted' : 'not allowed'
  if (line.held_in === 'instance') return actor.instance_admin ? 'admitted' : 'not allowed'
  if (line.held_in === 'person') return 'admitted'
  return line.roles.some((role) => role === actor.role) ? 'admitted' : 'not allowed'
}

export function outcomeOf({ status, problem }: TestAnswer<unknown>): Outcome | string {
  if (status >= 500) return `${status} ${problem.type}`
  if (status === 401) return 'not signed in'
  return problem?.type === '/problems/accounts/not-allowed' ? 'not allowed' : 'admitted'
}

/** From the first account on, visitors may do nothing that needs a right. */
export async function claim({ db }: Pick<Context, 'db'>): Promise<void> {
  await sql`update accounts.instance set claimed_at = now()`.execute(db.kysely)
}
