import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Actor, Context } from './context.ts'

/** No organisation: sees what is everybody's, and writes nothing that belongs to one. */
export const NOBODY = 'nobody'

/**
 * Whose rows an actor's requests see and write; undefined for the system, which sees all. Whoever has not signed in is in
 * the demo organisation, as everybody was before there were others.
 */
export function scopeOf(actor: Actor): string | undefined {
  if (actor.kind === 'system') return undefined
  return actor.kind === 'anonymous' ? DEMO_ORGANISATION_ID : (actor.organisation_id ?? NOBODY)
}

/**
 * The organisation to which what is stored now belongs. What the system stores by itself, the demo company, belongs to the
 * demo organisation.
 * @throws Problem `request/no-organisation` for a person who is in none.
 */
export function organisationOf({ actor }: Pick<Context, 'actor'>): string {
  const own = actor.kind === 'system' ? actor.organisation_id : scopeOf(actor)
  const organisation_id = own ?? DEMO_ORGANISATION_ID
  if (organisation_id === NOBODY) {
    throw new Problem('request/no-organisation', {
      detail: 'What is stored belongs to an organisation, and you are in none yet: make one, or accept an invitation.',
    })
  }
  return organisation_id
}

/** The platform itself, acting for one organisation: it sees the rows of that one alone, and stores for it. */
export function actingFor(ctx: Context, organisation_id: string): Context {
  return { ...ctx, actor: { kind: 'system', organisation_id }, db: ctx.system_db.scopedTo(organisation_id) }
}
