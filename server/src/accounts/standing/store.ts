import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'

export interface Contact {
  person_id: string
  email: string
  name: string
  locale: 'en' | 'fr'
  is_demo: boolean
}

export async function contactOf(db: Database, person_id: string): Promise<Contact | undefined> {
  const { rows } = await sql<Contact>`select person_id, email, name, locale, is_demo from accounts.person
    where person_id = ${person_id}`.execute(db.kysely)
  return rows[0]
}

export async function ownersOf(db: Database, organisation_id: string): Promise<Contact[]> {
  const { rows } = await sql<Contact>`select p.person_id, p.email, p.name, p.locale, p.is_demo
    from accounts.membership m join accounts.person p using (person_id)
    where m.organisation_id = ${organisation_id} and m.role = 'owner' order by m.joined_at`.execute(db.kysely)
  return rows
}

export interface OwnedOrganisation {
  organisation_id: string
  name: string
}

/** Organisations that would have no owner without this person, those that are closing already left out. */
export async function ownedAlone(db: Database, person_id: string): Promise<OwnedOrganisation[]> {
  const { rows } = await sql<OwnedOrganisation>`select o.organisation_id, o.name
    from accounts.membership m join accounts.organisation o using (organisation_id)
    where m.person_id = ${person_id} and m.role = 'owner' and o.deletion_due_at is null and not exists (
      select from accounts.membership other where other.organisation_id = m.organisation_id
        and other.role = 'owner' and other.person_id <> m.person_id)
    order by o.organisation_id`.execute(db.kysely)
  return rows
}

export async function findOrganisation(
  db: Database,
  organisation_id: string,
): Promise<(OwnedOrganisation & { is_demo: boolean; plan: PlannedOrganisation['plan'] }) | undefined> {
  const { rows } = await sql<OwnedOrganisation & { is_demo: boolean; plan: PlannedOrganisation['plan'] }>`
    select organisation_id, name, is_demo, plan from accounts.organisation
    where organisation_id = ${organisation_id}`.execute(db.kysely)
  return rows[0]
}

export async function noteDeletionDue(db: Database, organisation_id: string, due_at: Date | null): Promise<void> {
  await sql`update accounts.organisation set deletion_due_at = ${due_at}
    where organisation_id = ${organisation_id}`.execute(db.kysely)
}

export interface PlannedOrganisation {
  organisation_id: string
  plan: 'free' | 'pro' | 'enterprise'
}

/** Every organisation but the demonstration, the oldest first. */
export async function plannedOrganisations(db: Database): Promise<PlannedOrganisation[]> {
  const { rows } = await sql<PlannedOrganisation>`select organisation_id, plan from accounts.organisation
    where not is_demo order by created_at, organisation_id`.execute(db.kysely)
  return rows
}

export async function countPeople(db: Database): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from accounts.person where not is_demo`.execute(
    db.kysely,
  )
  return rows[0]?.n ?? 0
}
