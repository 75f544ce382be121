import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'

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
): Promise<(OwnedOrganisation & { is_demo: boolean; plan: string }) | undefined> {
  const { rows } = await sql<OwnedOrganisation & { is_demo: boolean; plan: string }>`
    select organisation_id, name, is_demo, plan from accounts.organisation
    where organisation_id = ${organisation_id}`.execute(db.kysely)
  return rows[0]
}

export async function noteDeletionDue(db: Database, organisation_id: string, due_at: Date | null): Promise<void> {
  await sql`update accounts.organisation set deletion_due_at = ${due_at}
    where organisation_id = ${organisation_id}`.execute(db.kysely)
}

type Rows = Record<string, unknown>[]

/** What is kept about a person, secrets and their hashes left out. */
export async function dataOfPerson(db: Database, person_id: string): Promise<Record<string, Rows>> {
  const ask = async (query: ReturnType<typeof sql<Record<string, unknown>>>) => (await query.execute(db.kysely)).rows
  return {
    'accounts.person': await ask(sql`select person_id, email, email_verified_at, name, locale, instance_admin,
      suspended_at, created_at, password_hash is not null as has_password from accounts.person where person_id = ${person_id}`),
    'accounts.memberships': await ask(sql`select m.organisation_id, o.name, m.role, m.joined_at
      from accounts.membership m join accounts.organisation o using (organisation_id) where m.person_id = ${person_id}`),
    'accounts.sessions':
      await ask(sql`select session_id, organisation_id, created_at, last_seen_at, expires_at, ip_prefix,
      user_agent from accounts.session where person_id = ${person_id}
      union all select session_id, organisation_id, created_at, last_seen_at, expires_at, ip_prefix, user_agent
      from accounts.refresh_family where person_id = ${person_id}`),
    'accounts.keys': await ask(sql`select key_id, kind, prefix, name, organisation_id, scopes, ip_list, created_at,
      expires_at, last_used_at, revoked_at from accounts.api_key where person_id = ${person_id}`),
    'accounts.second_factor': await ask(sql`select created_at, confirmed_at from accounts.second_factor
      where person_id = ${person_id}`),
    'accounts.identities': await ask(sql`select provider, subject, created_at from accounts.oauth_identity
      where person_id = ${person_id}`),
    'accounts.invitations': await ask(sql`select i.invitation_id, i.organisation_id, i.email, i.role, i.created_at,
      i.expires_at, i.accepted_at, i.revoked_at from accounts.invitation i join accounts.person p on p.email = i.email
      where p.person_id = ${person_id}`),
    'accounts.consents': await ask(sql`select purpose, given, text_version, text_digest, at from accounts.consent
      where person_id = ${person_id} order by seq`),
  }
}

export async function dataOfOrganisation(db: Database, organisation_id: string): Promise<Record<string, Rows>> {
  const ask = async (query: ReturnType<typeof sql<Record<string, unknown>>>) => (await query.execute(db.kysely)).rows
  return {
    'accounts.organisation': await ask(
      sql`select * from accounts.organisation where organisation_id = ${organisation_id}`,
    ),
    'accounts.members': await ask(sql`select m.person_id, p.name, p.email, m.role, m.joined_at
      from accounts.membership m join accounts.person p using (person_id) where m.organisation_id = ${organisation_id}`),
    'accounts.invitations': await ask(sql`select invitation_id, email, role, invited_by, created_at, expires_at,
      accepted_at, revoked_at from accounts.invitation where organisation_id = ${organisation_id}`),
    'accounts.keys':
      await ask(sql`select key_id, kind, prefix, name, person_id, scopes, ip_list, created_at, expires_at,
      last_used_at, revoked_at from accounts.api_key where organisation_id = ${organisation_id}`),
  }
}

/** Deletes a person, and what is tied to their address; the tables that hang on the person go with them. */
export async function deletePerson(
  db: Database,
  person_id: string,
  email: string | undefined,
): Promise<Record<string, number>> {
  const count = async (query: ReturnType<typeof sql>) => Number((await query.execute(db.kysely)).numAffectedRows ?? 0)
  const by_address = email ?? ''
  return {
    'accounts.email_token': await count(sql`delete from accounts.email_token
      where person_id = ${person_id} or email = ${by_address}`),
    'accounts.invitation': await count(sql`delete from accounts.invitation where email = ${by_address}`),
    'accounts.person': await count(sql`delete from accounts.person where person_id = ${person_id}`),
  }
}

export async function deleteOrganisation(db: Database, organisation_id: string): Promise<Record<string, number>> {
  const result = await sql`delete from accounts.organisation where organisation_id = ${organisation_id}`.execute(
    db.kysely,
  )
  return { 'accounts.organisation': Number(result.numAffectedRows ?? 0) }
}
