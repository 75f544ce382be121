import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Context } from '../platform/context.ts'
import type { DataSubject } from '../platform/personal-data.ts'
import * as store from './standing/store.ts'

export type { CountedOrganisation } from './standing/store.ts'

/** Whom to write to about a person or an organisation: the person, or the owners. */
export async function contactsOf(ctx: Context, { kind, id }: DataSubject): Promise<store.Contact[]> {
  if (kind === 'organisation') return store.ownersOf(ctx.system_db, id)
  const contact = await store.contactOf(ctx.system_db, id)
  return contact ? [contact] : []
}

/**
 * Refuses to begin a deletion that would leave something without an owner, or the demonstration without its guest.
 * @throws Problem `accounts/demo-stays`, `accounts/last-owner` naming the organisations.
 */
export async function refuseDeletion(ctx: Context, { kind, id }: DataSubject): Promise<void> {
  const found =
    kind === 'person' ? await store.contactOf(ctx.system_db, id) : await store.findOrganisation(ctx.system_db, id)
  if (!found) throw new Problem(kind === 'person' ? 'accounts/unknown-person' : 'accounts/unknown-organisation')
  if (found.is_demo) throw new Problem('accounts/demo-stays', { detail: 'The demonstration is not deleted.' })
  const alone = kind === 'person' ? await store.ownedAlone(ctx.system_db, id) : []
  if (alone.length > 0) {
    throw new Problem('accounts/last-owner', {
      detail: `${alone.map(({ name }) => name).join(', ')}: make somebody else an owner, or close it first.`,
      organisations: alone,
    })
  }
}

/** Shows in the profile of an organisation when it will be deleted; null takes it back. */
export async function noteDeletionDue(ctx: Context, { kind, id }: DataSubject, due_at: Date | null): Promise<void> {
  if (kind === 'organisation') await store.noteDeletionDue(ctx.db, id, due_at)
}

/** On which plan an organisation is; undefined when it is not known, as of the demonstration on a new installation. */
export async function planOf(
  ctx: Context,
  organisation_id: string,
): Promise<'free' | 'pro' | 'enterprise' | undefined> {
  const found = await store.findOrganisation(ctx.system_db, organisation_id)
  return found?.plan
}

/** What one organisation has of what its plan counts. */
export async function countsOf(ctx: Context, organisation_id: string): Promise<store.CountedOrganisation | undefined> {
  return store.countedOrganisation(ctx.system_db, organisation_id, ctx.now())
}

/** Who there is, for the administrators of the installation. */
export async function population(ctx: Context) {
  return {
    people: await store.countPeople(ctx.system_db),
    organisations: await store.countedOrganisations(ctx.system_db, ctx.now()),
  }
}
