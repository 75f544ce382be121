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

/** What an organisation has of what plans count, and how far it came. */
export interface CountedOrganisation extends PlannedOrganisation {
  /** Open invitations among them: each may become a member. */
  members: number
  api_keys: number
  has_invited: boolean
  /** Whether somebody came by invitation. */
  has_colleague: boolean
  has_used_key: boolean
}

function counted(now: Date) {
  return sql`o.organisation_id, o.plan,
    ((select count(*) from accounts.membership m where m.organisation_id = o.organisation_id)
      + (select count(*) from accounts.invitation i where i.organisation_id = o.organisation_id
          and i.accepted_at is null and i.revoked_at is null and i.expires_at > ${now}))::int as members,
    (select count(*)::int from accounts.api_key k where k.organisation_id = o.organisation_id
      and k.revoked_at is null and k.expires_at > ${now}) as api_keys,
    exists (select from accounts.invitation i where i.organisation_id = o.organisation_id) as has_invited,
    exists (select from accounts.invitation i where i.organisation_id = o.organisation_id
      and i.accepted_at is not null) as has_colleague,
    exists (select from accounts.api_key k where k.organisation_id = o.organisation_id
      and k.last_used_at is not null) as has_used_key`
}

/** Every organisation but the demonstration, the oldest first. */
export async function countedOrganisations(db: Database, now: Date): Promise<CountedOrganisation[]> {
  const { rows } = await sql<CountedOrganisation>`select ${counted(now)} from accounts.organisation o
    where not o.is_demo order by o.created_at, o.organisation_id`.execute(db.kysely)
  return rows
}

export async function countedOrganisation(
  db: Database,
  organisation_id: string,
  now: Date,
): Promise<CountedOrganisation | undefined> {
  const { rows } = await sql<CountedOrganisation>`select ${counted(now)} from accounts.organisation o
    where o.organisation_id = ${organisation_id}`.execute(db.kysely)
  return rows[0]
}

export async function countPeople(db: Database): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from accounts.person where not is_demo`.execute(
    db.kysely,
  )
  return rows[0]?.n ?? 0
}
