import type { OrganisationProfile } from '@tidemark/core/accounts/contract.ts'
import type { Role } from '@tidemark/core/accounts/permissions.ts'
import { sql, type ColumnType, type Selectable } from 'kysely'
import type { Database } from '../platform/database/database.ts'

/**
 * Everything of the schema `accounts`. These statements run as the system: the role of requests cannot read these tables,
 * so that no query of another capability, forgetful or injected, reaches a hash or an address.
 */

type At = ColumnType<Date, Date, Date>
type Hash = Uint8Array
export type Locale = 'en' | 'fr'
export type Plan = 'free' | 'pro' | 'enterprise'

interface PersonTable {
  person_id: string
  email: string
  email_verified_at: Date | null
  name: string
  locale: Locale
  password_hash: string | null
  instance_admin: boolean
  is_demo: boolean
  suspended_at: Date | null
  created_at: At
}

interface OrganisationTable {
  organisation_id: string
  name: string
  country: string
  sector: string | null
  employees: number | null
  turnover_eur: number | null
  sites: ColumnType<OrganisationProfile['sites'], string, string>
  plan: Plan
  is_demo: boolean
  created_at: At
  deletion_due_at: Date | null
  second_factor_required: boolean
}

interface MembershipTable {
  organisation_id: string
  person_id: string
  role: Role
  joined_at: At
}

interface InvitationTable {
  invitation_id: string
  organisation_id: string
  email: string
  role: Role
  token_hash: Hash
  invited_by: string | null
  created_at: At
  expires_at: At
  accepted_at: Date | null
  revoked_at: Date | null
}

interface SessionFields {
  session_id: string
  person_id: string
  organisation_id: string | null
  created_at: At
  last_seen_at: At
  expires_at: At
  stepped_up_at: Date | null
  ip_prefix: string
  user_agent: string
  /** Whether it has shown two factors: a code beside the password, or a passkey. */
  two_factors: boolean
}

interface SessionTable extends SessionFields {
  token_hash: Hash
}

interface FamilyTable extends SessionFields {
  revoked_at: Date | null
}

interface RefreshTokenTable {
  token_hash: Hash
  session_id: string
  created_at: At
  used_at: Date | null
}

interface ApiKeyTable {
  key_id: string
  kind: 'personal' | 'organisation'
  prefix: string
  secret_hash: Hash
  name: string
  organisation_id: string
  person_id: string
  scopes: string
  ip_list: string
  created_at: At
  expires_at: At
  last_used_at: Date | null
  revoked_at: Date | null
}

interface SecondFactorTable {
  person_id: string
  seed: Hash
  created_at: At
  confirmed_at: Date | null
  last_step: number
  recovery_salt: Hash | null
}

interface EmailTokenTable {
  token_hash: Hash
  purpose: 'sign_up' | 'change' | 'reset' | 'second_factor'
  email: string
  person_id: string | null
  pending: ColumnType<PendingPerson | null, string | null, never>
  created_at: At
  expires_at: At
  used_at: Date | null
}

/** What a sign-up will be made of once the address is confirmed. */
export interface PendingPerson {
  name: string
  locale: Locale
  password_hash: string
}

interface ConsentTable {
  person_id: string
  purpose: string
  given: boolean
  text_version: string
  text_digest: string
  at: At
  seq: ColumnType<number, never, never>
}

interface Tables {
  'accounts.instance': {
    only_one: ColumnType<boolean, never, never>
    claim_hash: Hash | null
    claimed_at: Date | null
    open_registration: boolean
  }
  'accounts.person': PersonTable
  'accounts.organisation': OrganisationTable
  'accounts.membership': MembershipTable
  'accounts.invitation': InvitationTable
  'accounts.session': SessionTable
  'accounts.refresh_family': FamilyTable
  'accounts.refresh_token': RefreshTokenTable
  'accounts.api_key': ApiKeyTable
  'accounts.second_factor': SecondFactorTable
  'accounts.recovery_code': { person_id: string; code_hash: Hash; used_at: Date | null }
  'accounts.oauth_identity': { provider: string; subject: string; person_id: string; created_at: At }
  'accounts.email_token': EmailTokenTable
  'accounts.login_attempt': { subject: string; failures: number; locked_until: Date | null; last_at: At }
  'accounts.consent': ConsentTable
}

export type StoredPerson = Selectable<PersonTable>
export type StoredOrganisation = Selectable<OrganisationTable>
export type StoredInvitation = Selectable<InvitationTable>
export type StoredSession = Selectable<SessionTable>
export type StoredFamily = Selectable<FamilyTable>
export type StoredKey = Selectable<ApiKeyTable>
export type StoredSecondFactor = Selectable<SecondFactorTable>
export type StoredEmailToken = Selectable<EmailTokenTable>
export type StoredConsent = Selectable<ConsentTable>

const from = (db: Database) => db.as<Tables>()

/* Instance */

export async function readInstance(db: Database) {
  return from(db).selectFrom('accounts.instance').selectAll().executeTakeFirstOrThrow()
}

/** Locks the one row, so that of two claims one waits and then finds it claimed. */
export async function lockInstance(tx: Database) {
  return from(tx).selectFrom('accounts.instance').selectAll().forUpdate().executeTakeFirstOrThrow()
}

export async function saveInstance(
  tx: Database,
  change: { claim_hash?: Hash | null; claimed_at?: Date; open_registration?: boolean },
): Promise<void> {
  await from(tx).updateTable('accounts.instance').set(change).execute()
}

export async function countEverything(db: Database, now: Date) {
  const { rows } = await sql<{ people: number; organisations: number; active_keys: number }>`select
    (select count(*) from accounts.person) as people,
    (select count(*) from accounts.organisation) as organisations,
    (select count(*) from accounts.api_key where revoked_at is null and expires_at > ${now}) as active_keys`.execute(
    db.kysely,
  )
  return rows[0] ?? { people: 0, organisations: 0, active_keys: 0 }
}

/* People */

export async function insertPerson(tx: Database, person: Omit<StoredPerson, 'is_demo'> & { is_demo?: boolean }) {
  await from(tx)
    .insertInto('accounts.person')
    .values({ is_demo: false, ...person })
    .execute()
}

/** Does nothing when that address has an account by now. */
export async function insertPersonUnlessThere(tx: Database, person: StoredPerson): Promise<boolean> {
  const result = await from(tx)
    .insertInto('accounts.person')
    .values(person)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function findPerson(db: Database, person_id: string): Promise<StoredPerson | undefined> {
  return from(db).selectFrom('accounts.person').selectAll().where('person_id', '=', person_id).executeTakeFirst()
}

export async function findPersonByEmail(db: Database, email: string): Promise<StoredPerson | undefined> {
  return from(db).selectFrom('accounts.person').selectAll().where('email', '=', email).executeTakeFirst()
}

/** Of two who take away a way in at the same moment, one waits and sees what is left. */
export async function lockPerson(tx: Database, person_id: string): Promise<void> {
  await from(tx)
    .selectFrom('accounts.person')
    .select('person_id')
    .where('person_id', '=', person_id)
    .forUpdate()
    .execute()
}

export async function savePerson(
  tx: Database,
  person_id: string,
  change: Partial<Omit<StoredPerson, 'person_id' | 'created_at' | 'is_demo'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await from(tx).updateTable('accounts.person').set(change).where('person_id', '=', person_id).execute()
}

/** Locks every administrator, so that of two who leave at once one stays. */
export async function lockAdmins(tx: Database): Promise<string[]> {
  const rows = await from(tx)
    .selectFrom('accounts.person')
    .select('person_id')
    .where('instance_admin', '=', true)
    .where('suspended_at', 'is', null)
    .orderBy('person_id')
    .forUpdate()
    .execute()
  return rows.map((row) => row.person_id)
}

interface PageOf {
  search?: string | undefined
  limit: number
  after?: string | undefined
}

export async function listPeople(
  db: Database,
  { search, limit, after, person_id }: PageOf & { person_id?: string },
): Promise<(StoredPerson & { last_seen_at: Date | null; second_factor: boolean; passkeys: number })[]> {
  let query = from(db)
    .selectFrom('accounts.person as p')
    .selectAll('p')
    .select([
      sql<Date | null>`greatest(
        (select max(s.last_seen_at) from accounts.session s where s.person_id = p.person_id),
        (select max(f.last_seen_at) from accounts.refresh_family f where f.person_id = p.person_id))`.as(
        'last_seen_at',
      ),
      sql<boolean>`exists (select from accounts.second_factor f
        where f.person_id = p.person_id and f.confirmed_at is not null)`.as('second_factor'),
      sql<number>`(select count(*)::int from accounts.passkey k
        where k.person_id = p.person_id and k.blocked_at is null)`.as('passkeys'),
    ])
    .orderBy('p.person_id')
    .limit(limit)
  if (after !== undefined) query = query.where('p.person_id', '>', after)
  if (person_id !== undefined) query = query.where('p.person_id', '=', person_id)
  if (search !== undefined) {
    const pattern = likePattern(search)
    query = query.where((is) => is.or([is('p.name', 'ilike', pattern), is('p.email', 'ilike', pattern)]))
  }
  return query.execute()
}

/** Part of a text, with the signs that `like` reads as wildcards taken literally. */
function likePattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
}

export async function deletePerson(tx: Database, person_id: string): Promise<void> {
  await from(tx).deleteFrom('accounts.person').where('person_id', '=', person_id).execute()
}

/* Organisations and members */

export async function insertOrganisation(
  tx: Database,
  {
    sites,
    ...organisation
  }: Omit<StoredOrganisation, 'plan' | 'is_demo' | 'deletion_due_at' | 'second_factor_required'> & {
    is_demo?: boolean
  },
): Promise<void> {
  await from(tx)
    .insertInto('accounts.organisation')
    .values({
      plan: 'free',
      is_demo: false,
      second_factor_required: false,
      ...organisation,
      sites: JSON.stringify(sites),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function findOrganisation(db: Database, organisation_id: string): Promise<StoredOrganisation | undefined> {
  return from(db)
    .selectFrom('accounts.organisation')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirst()
}

/** Locks the organisation: changes of who is in it happen one after the other. */
export async function lockOrganisation(tx: Database, organisation_id: string): Promise<StoredOrganisation | undefined> {
  return from(tx)
    .selectFrom('accounts.organisation')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .forUpdate()
    .executeTakeFirst()
}

export async function saveOrganisation(
  tx: Database,
  organisation_id: string,
  { sites, ...change }: Partial<Omit<StoredOrganisation, 'organisation_id' | 'created_at' | 'is_demo'>>,
): Promise<void> {
  const set = { ...change, ...(sites === undefined ? {} : { sites: JSON.stringify(sites) }) }
  if (Object.keys(set).length === 0) return
  await from(tx).updateTable('accounts.organisation').set(set).where('organisation_id', '=', organisation_id).execute()
}

export async function deleteOrganisation(tx: Database, organisation_id: string): Promise<void> {
  await from(tx).deleteFrom('accounts.organisation').where('organisation_id', '=', organisation_id).execute()
}

export async function listOrganisations(
  db: Database,
  { search, limit, after }: PageOf,
): Promise<(StoredOrganisation & { members: number })[]> {
  let query = from(db)
    .selectFrom('accounts.organisation as o')
    .selectAll('o')
    .select(
      sql<number>`(select count(*) from accounts.membership m where m.organisation_id = o.organisation_id)`.as(
        'members',
      ),
    )
    .orderBy('o.organisation_id')
    .limit(limit)
  if (after !== undefined) query = query.where('o.organisation_id', '>', after)
  if (search !== undefined) query = query.where('o.name', 'ilike', likePattern(search))
  return query.execute()
}

export interface MembershipRow {
  organisation_id: string
  person_id: string
  name: string
  role: Role
  plan: Plan
  is_demo: boolean
  second_factor_required: boolean
}

/** The organisations of these people, in the order in which they joined. */
export async function listMemberships(db: Database, person_ids: readonly string[]): Promise<MembershipRow[]> {
  if (person_ids.length === 0) return []
  return from(db)
    .selectFrom('accounts.membership as m')
    .innerJoin('accounts.organisation as o', 'o.organisation_id', 'm.organisation_id')
    .select(['m.organisation_id', 'm.person_id', 'o.name', 'm.role', 'o.plan', 'o.is_demo', 'o.second_factor_required'])
    .where('m.person_id', 'in', person_ids)
    .orderBy('m.joined_at')
    .orderBy('m.organisation_id')
    .execute()
}

export async function insertMembership(tx: Database, membership: Selectable<MembershipTable>): Promise<boolean> {
  const result = await from(tx)
    .insertInto('accounts.membership')
    .values(membership)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function findRole(db: Database, organisation_id: string, person_id: string): Promise<Role | undefined> {
  const row = await from(db)
    .selectFrom('accounts.membership')
    .select('role')
    .where('organisation_id', '=', organisation_id)
    .where('person_id', '=', person_id)
    .executeTakeFirst()
  return row?.role
}

export async function saveRole(tx: Database, organisation_id: string, person_id: string, role: Role): Promise<void> {
  await from(tx)
    .updateTable('accounts.membership')
    .set({ role })
    .where('organisation_id', '=', organisation_id)
    .where('person_id', '=', person_id)
    .execute()
}

export async function deleteMembership(tx: Database, organisation_id: string, person_id: string): Promise<void> {
  await from(tx)
    .deleteFrom('accounts.membership')
    .where('organisation_id', '=', organisation_id)
    .where('person_id', '=', person_id)
    .execute()
}

export async function countMembers(tx: Database, organisation_id: string): Promise<number> {
  const { count } = await from(tx)
    .selectFrom('accounts.membership')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function countOwners(tx: Database, organisation_id: string): Promise<number> {
  const { count } = await from(tx)
    .selectFrom('accounts.membership')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisation_id)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow()
  return Number(count)
}

export interface MemberRow {
  person_id: string
  name: string
  email: string
  role: Role
  joined_at: Date
  second_factor: boolean
  last_seen_at: Date | null
}

export async function listMembers(db: Database, organisation_id: string): Promise<MemberRow[]> {
  return from(db)
    .selectFrom('accounts.membership as m')
    .innerJoin('accounts.person as p', 'p.person_id', 'm.person_id')
    .select(['p.person_id', 'p.name', 'p.email', 'm.role', 'm.joined_at'])
    .select([
      sql<boolean>`exists (select from accounts.second_factor f
        where f.person_id = p.person_id and f.confirmed_at is not null)
        or exists (select from accounts.passkey k where k.person_id = p.person_id and k.blocked_at is null)`.as(
        'second_factor',
      ),
      sql<Date | null>`greatest(
        (select max(s.last_seen_at) from accounts.session s where s.person_id = p.person_id),
        (select max(f.last_seen_at) from accounts.refresh_family f where f.person_id = p.person_id))`.as(
        'last_seen_at',
      ),
    ])
    .where('m.organisation_id', '=', organisation_id)
    .orderBy('m.joined_at')
    .orderBy('p.person_id')
    .execute()
}

/* Invitations */

export async function insertInvitation(tx: Database, invitation: StoredInvitation): Promise<void> {
  await from(tx).insertInto('accounts.invitation').values(invitation).execute()
}

/** Takes back what is open for an address, so that one link at most works. */
export async function revokeOpenInvitations(tx: Database, organisation_id: string, email: string, at: Date) {
  await from(tx)
    .updateTable('accounts.invitation')
    .set({ revoked_at: at })
    .where('organisation_id', '=', organisation_id)
    .where('email', '=', email)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .execute()
}

export async function revokeInvitation(
  tx: Database,
  organisation_id: string,
  invitation_id: string,
  at: Date,
): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.invitation')
    .set({ revoked_at: at })
    .where('organisation_id', '=', organisation_id)
    .where('invitation_id', '=', invitation_id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** The invitation behind a link while it can be used. */
export async function findOpenInvitation(
  db: Database,
  token_hash: Hash,
  now: Date,
): Promise<(StoredInvitation & { organisation_name: string; inviter: string | null }) | undefined> {
  return from(db)
    .selectFrom('accounts.invitation as i')
    .innerJoin('accounts.organisation as o', 'o.organisation_id', 'i.organisation_id')
    .leftJoin('accounts.person as p', 'p.person_id', 'i.invited_by')
    .selectAll('i')
    .select(['o.name as organisation_name', 'p.name as inviter'])
    .where('i.token_hash', '=', token_hash)
    .where('i.accepted_at', 'is', null)
    .where('i.revoked_at', 'is', null)
    .where('i.expires_at', '>', now)
    .executeTakeFirst()
}

/** Uses the invitation up; false when somebody else just did. */
export async function acceptInvitation(tx: Database, invitation_id: string, at: Date): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.invitation')
    .set({ accepted_at: at })
    .where('invitation_id', '=', invitation_id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function listInvitations(
  db: Database,
  organisation_id: string,
  limit: number,
): Promise<(StoredInvitation & { inviter: string | null })[]> {
  return from(db)
    .selectFrom('accounts.invitation as i')
    .leftJoin('accounts.person as p', 'p.person_id', 'i.invited_by')
    .selectAll('i')
    .select('p.name as inviter')
    .where('i.organisation_id', '=', organisation_id)
    .orderBy('i.invitation_id', 'desc')
    .limit(limit)
    .execute()
}

export async function countOpenInvitations(tx: Database, organisation_id: string, now: Date): Promise<number> {
  const { count } = await from(tx)
    .selectFrom('accounts.invitation')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisation_id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/* Sessions of the web */

export async function insertSession(
  tx: Database,
  session: Omit<StoredSession, 'two_factors'> & { two_factors?: boolean },
): Promise<void> {
  await from(tx)
    .insertInto('accounts.session')
    .values({ two_factors: false, ...session })
    .execute()
}

/** Who acts, as it is known at this instant: one statement for every request, so a change of role holds from the next one. */
export interface ActingRow {
  session_id: string
  person_id: string
  instance_admin: boolean
  organisation_id: string | null
  role: Role | null
  last_seen_at: Date
  /** Whether that organisation asks for a second factor, and this session has shown one factor alone. */
  held_back: boolean
}

export async function findActingSession(
  db: Database,
  token_hash: Hash,
  now: Date,
  seen_since: Date,
): Promise<ActingRow | undefined> {
  const { rows } =
    await sql<ActingRow>`select s.session_id, s.person_id, s.last_seen_at, p.instance_admin, m.organisation_id, m.role,
      coalesce(o.second_factor_required and not s.two_factors, false) as held_back
    from accounts.session s
    join accounts.person p on p.person_id = s.person_id and p.suspended_at is null
    left join accounts.membership m on m.person_id = s.person_id and m.organisation_id = s.organisation_id
    left join accounts.organisation o on o.organisation_id = m.organisation_id
    where s.token_hash = ${token_hash} and s.expires_at > ${now} and s.last_seen_at > ${seen_since}`.execute(db.kysely)
  return rows[0]
}

export async function findActingFamily(db: Database, session_id: string, now: Date): Promise<ActingRow | undefined> {
  const { rows } =
    await sql<ActingRow>`select f.session_id, f.person_id, f.last_seen_at, p.instance_admin, m.organisation_id, m.role,
      coalesce(o.second_factor_required and not f.two_factors, false) as held_back
    from accounts.refresh_family f
    join accounts.person p on p.person_id = f.person_id and p.suspended_at is null
    left join accounts.membership m on m.person_id = f.person_id and m.organisation_id = f.organisation_id
    left join accounts.organisation o on o.organisation_id = m.organisation_id
    where f.session_id = ${session_id} and f.revoked_at is null and f.expires_at > ${now}`.execute(db.kysely)
  return rows[0]
}

export async function touchSession(db: Database, session_id: string, at: Date): Promise<void> {
  await from(db)
    .updateTable('accounts.session')
    .set({ last_seen_at: at })
    .where('session_id', '=', session_id)
    .execute()
}

export async function touchFamily(db: Database, session_id: string, at: Date): Promise<void> {
  await from(db)
    .updateTable('accounts.refresh_family')
    .set({ last_seen_at: at })
    .where('session_id', '=', session_id)
    .execute()
}

export async function findSession(db: Database, session_id: string): Promise<StoredSession | undefined> {
  return from(db).selectFrom('accounts.session').selectAll().where('session_id', '=', session_id).executeTakeFirst()
}

export async function saveSession(
  tx: Database,
  session_id: string,
  change: { token_hash?: Hash; organisation_id?: string | null; stepped_up_at?: Date; two_factors?: boolean },
): Promise<void> {
  await from(tx).updateTable('accounts.session').set(change).where('session_id', '=', session_id).execute()
}

export async function listSessions(db: Database, person_id: string): Promise<StoredSession[]> {
  return from(db)
    .selectFrom('accounts.session')
    .selectAll()
    .where('person_id', '=', person_id)
    .orderBy('last_seen_at', 'desc')
    .execute()
}

export async function deleteSession(tx: Database, person_id: string, session_id: string): Promise<boolean> {
  const result = await from(tx)
    .deleteFrom('accounts.session')
    .where('person_id', '=', person_id)
    .where('session_id', '=', session_id)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** From now on no session of a person, of the web or of a program, counts as having shown two factors. */
export async function weakenSessions(tx: Database, person_id: string): Promise<void> {
  const two_factors = false
  await from(tx).updateTable('accounts.session').set({ two_factors }).where('person_id', '=', person_id).execute()
  await from(tx)
    .updateTable('accounts.refresh_family')
    .set({ two_factors })
    .where('person_id', '=', person_id)
    .execute()
}

/** Ends every session of a person but one, if one is to stay. */
export async function deleteSessions(tx: Database, person_id: string, except?: string): Promise<void> {
  let query = from(tx).deleteFrom('accounts.session').where('person_id', '=', person_id)
  if (except !== undefined) query = query.where('session_id', '<>', except)
  await query.execute()
}

/** Keeps the one that was just opened, and those seen last. */
export async function trimSessions(
  tx: Database,
  { person_id, session_id }: StoredSession,
  kept: number,
): Promise<void> {
  await sql`delete from accounts.session where person_id = ${person_id} and session_id not in (
    select session_id from accounts.session where person_id = ${person_id}
    order by session_id = ${session_id} desc, last_seen_at desc limit ${kept})`.execute(tx.kysely)
}

/* Refresh tokens */

export async function insertFamily(tx: Database, family: StoredFamily): Promise<void> {
  await from(tx).insertInto('accounts.refresh_family').values(family).execute()
}

export async function insertRefreshToken(tx: Database, token_hash: Hash, session_id: string, at: Date): Promise<void> {
  await from(tx)
    .insertInto('accounts.refresh_token')
    .values({ token_hash, session_id, created_at: at, used_at: null })
    .execute()
}

/** Locks token and family: of many who come with one token, one after the other sees what it became. */
export async function lockRefreshToken(
  tx: Database,
  token_hash: Hash,
): Promise<{ used_at: Date | null; family: StoredFamily } | undefined> {
  const token = await from(tx)
    .selectFrom('accounts.refresh_token')
    .select(['session_id', 'used_at'])
    .where('token_hash', '=', token_hash)
    .forUpdate()
    .executeTakeFirst()
  if (!token) return undefined
  const family = await from(tx)
    .selectFrom('accounts.refresh_family')
    .selectAll()
    .where('session_id', '=', token.session_id)
    .forUpdate()
    .executeTakeFirst()
  return family && { used_at: token.used_at, family }
}

export async function useRefreshToken(tx: Database, token_hash: Hash, at: Date): Promise<void> {
  await from(tx)
    .updateTable('accounts.refresh_token')
    .set({ used_at: at })
    .where('token_hash', '=', token_hash)
    .execute()
}

export async function revokeFamily(tx: Database, person_id: string, session_id: string, at: Date): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.refresh_family')
    .set({ revoked_at: at })
    .where('session_id', '=', session_id)
    .where('person_id', '=', person_id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function revokeFamilies(tx: Database, person_id: string, at: Date, except?: string): Promise<void> {
  let query = from(tx)
    .updateTable('accounts.refresh_family')
    .set({ revoked_at: at })
    .where('person_id', '=', person_id)
    .where('revoked_at', 'is', null)
  if (except !== undefined) query = query.where('session_id', '<>', except)
  await query.execute()
}

export async function findFamily(db: Database, session_id: string): Promise<StoredFamily | undefined> {
  return from(db)
    .selectFrom('accounts.refresh_family')
    .selectAll()
    .where('session_id', '=', session_id)
    .executeTakeFirst()
}

export async function saveFamily(
  tx: Database,
  session_id: string,
  change: { organisation_id?: string | null; stepped_up_at?: Date; two_factors?: boolean },
): Promise<void> {
  await from(tx).updateTable('accounts.refresh_family').set(change).where('session_id', '=', session_id).execute()
}

export async function listFamilies(db: Database, person_id: string, now: Date): Promise<StoredFamily[]> {
  return from(db)
    .selectFrom('accounts.refresh_family')
    .selectAll()
    .where('person_id', '=', person_id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('last_seen_at', 'desc')
    .execute()
}

/** Keeps the one that was just opened, and those seen last. */
export async function trimFamilies(
  tx: Database,
  { person_id, session_id }: StoredFamily,
  kept: number,
  at: Date,
): Promise<void> {
  await sql`update accounts.refresh_family set revoked_at = ${at}
    where person_id = ${person_id} and revoked_at is null and session_id not in (
      select session_id from accounts.refresh_family where person_id = ${person_id} and revoked_at is null
      order by session_id = ${session_id} desc, last_seen_at desc limit ${kept})`.execute(tx.kysely)
}

/* API keys */

export async function insertKey(tx: Database, key: StoredKey): Promise<void> {
  await from(tx).insertInto('accounts.api_key').values(key).execute()
}

/** Puts the demonstration's key in, or brings it up to date. */
export async function keepKey(tx: Database, key: StoredKey): Promise<void> {
  const { secret_hash, prefix, expires_at, scopes, ip_list } = key
  await from(tx)
    .insertInto('accounts.api_key')
    .values(key)
    .onConflict((conflict) =>
      conflict.column('key_id').doUpdateSet({ secret_hash, prefix, expires_at, scopes, ip_list }),
    )
    .execute()
}

export interface ActingKey {
  key_id: string
  secret_hash: Hash
  organisation_id: string
  person_id: string
  scopes: string
  ip_list: string
  last_used_at: Date | null
  role: Role | null
  /** A personal key of somebody without the second factor that the organisation asks for. */
  held_back: boolean
}

/** A key that is in force, with the role that limits it as it is now. */
export async function findActingKey(db: Database, prefix: string, now: Date): Promise<ActingKey | undefined> {
  const { rows } =
    await sql<ActingKey>`select k.key_id, k.secret_hash, k.organisation_id, k.person_id, k.scopes, k.ip_list, k.last_used_at, m.role,
      o.second_factor_required and k.kind = 'personal'
        and not exists (select from accounts.second_factor f
          where f.person_id = k.person_id and f.confirmed_at is not null)
        and not exists (select from accounts.passkey y
          where y.person_id = k.person_id and y.blocked_at is null) as held_back
    from accounts.api_key k
    join accounts.person p on p.person_id = k.person_id and p.suspended_at is null
    join accounts.organisation o on o.organisation_id = k.organisation_id
    left join accounts.membership m on m.person_id = k.person_id and m.organisation_id = k.organisation_id
    where k.prefix = ${prefix} and k.revoked_at is null and k.expires_at > ${now}`.execute(db.kysely)
  return rows[0]
}

export async function touchKey(db: Database, key_id: string, at: Date): Promise<void> {
  await from(db).updateTable('accounts.api_key').set({ last_used_at: at }).where('key_id', '=', key_id).execute()
}

export type ListedKey = StoredKey & { person_name: string; role: Role | null }

function keysWithNames(db: Database) {
  return from(db)
    .selectFrom('accounts.api_key as k')
    .innerJoin('accounts.person as p', 'p.person_id', 'k.person_id')
    .leftJoin('accounts.membership as m', (join) =>
      join.onRef('m.person_id', '=', 'k.person_id').onRef('m.organisation_id', '=', 'k.organisation_id'),
    )
    .selectAll('k')
    .select(['p.name as person_name', 'm.role'])
}

export async function findKey(db: Database, key_id: string): Promise<ListedKey | undefined> {
  return keysWithNames(db).where('k.key_id', '=', key_id).executeTakeFirst()
}

/** A person's own keys of an organisation and, if asked for, the organisation's. Newest first. */
export async function listKeysOf(
  db: Database,
  {
    person_id,
    organisation_id,
    all_of_organisation,
  }: { person_id: string; organisation_id: string; all_of_organisation: boolean },
): Promise<ListedKey[]> {
  return keysWithNames(db)
    .where('k.organisation_id', '=', organisation_id)
    .where((is) =>
      is.or([
        is.and([is('k.person_id', '=', person_id), is('k.kind', '=', 'personal')]),
        ...(all_of_organisation ? [is('k.kind', '=', 'organisation')] : []),
      ]),
    )
    .orderBy('k.key_id', 'desc')
    .limit(500)
    .execute()
}

export async function listKeysOfPerson(db: Database, person_id: string): Promise<ListedKey[]> {
  return keysWithNames(db).where('k.person_id', '=', person_id).orderBy('k.key_id').execute()
}

export async function listKeysOfOrganisation(db: Database, organisation_id: string): Promise<ListedKey[]> {
  return keysWithNames(db).where('k.organisation_id', '=', organisation_id).orderBy('k.key_id').execute()
}

export async function listKeys(db: Database, { search, limit, after }: PageOf): Promise<ListedKey[]> {
  let query = keysWithNames(db).orderBy('k.key_id').limit(limit)
  if (after !== undefined) query = query.where('k.key_id', '>', after)
  if (search !== undefined) {
    const pattern = likePattern(search)
    query = query.where((is) => is.or([is('k.name', 'ilike', pattern), is('k.prefix', 'ilike', pattern)]))
  }
  return query.execute()
}

export async function countActiveKeys(tx: Database, organisation_id: string, now: Date): Promise<number> {
  const { count } = await from(tx)
    .selectFrom('accounts.api_key')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisation_id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function revokeKey(tx: Database, key_id: string, at: Date): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.api_key')
    .set({ revoked_at: at })
    .where('key_id', '=', key_id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Returns the ids of what was in force. */
export async function revokeKeysOf(
  tx: Database,
  by: { organisation_id: string; person_id?: string; kind?: 'personal' },
  at: Date,
): Promise<string[]> {
  let query = from(tx)
    .updateTable('accounts.api_key')
    .set({ revoked_at: at })
    .where('organisation_id', '=', by.organisation_id)
    .where('revoked_at', 'is', null)
  if (by.person_id !== undefined) query = query.where('person_id', '=', by.person_id)
  if (by.kind !== undefined) query = query.where('kind', '=', by.kind)
  const rows = await query.returning('key_id').execute()
  return rows.map((row) => row.key_id)
}

/** Passes an organisation's keys from one answerable person to another. Returns the ids of those in force. */
export async function passKeys(tx: Database, organisation_id: string, from_person: string, to_person: string) {
  const rows = await from(tx)
    .updateTable('accounts.api_key')
    .set({ person_id: to_person })
    .where('organisation_id', '=', organisation_id)
    .where('person_id', '=', from_person)
    .where('kind', '=', 'organisation')
    .returning(['key_id', 'revoked_at'])
    .execute()
  return rows.filter((row) => row.revoked_at === null).map((row) => row.key_id)
}

/* Second factor */

export async function findSecondFactor(db: Database, person_id: string): Promise<StoredSecondFactor | undefined> {
  return from(db).selectFrom('accounts.second_factor').selectAll().where('person_id', '=', person_id).executeTakeFirst()
}

/** Begins anew, unless one is confirmed. Returns whether it did. */
export async function keepSeed(tx: Database, person_id: string, seed: Hash, at: Date): Promise<boolean> {
  const result = await from(tx)
    .insertInto('accounts.second_factor')
    .values({ person_id, seed, created_at: at, confirmed_at: null, last_step: -1, recovery_salt: null })
    .onConflict((conflict) =>
      conflict
        .column('person_id')
        .doUpdateSet({ seed, created_at: at, last_step: -1 })
        .where('accounts.second_factor.confirmed_at', 'is', null),
    )
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Takes a half minute: true for one caller, false for everybody who comes with the same code or an older one. */
export async function takeStep(tx: Database, person_id: string, step: number): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.second_factor')
    .set({ last_step: step })
    .where('person_id', '=', person_id)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function confirmSecondFactor(tx: Database, person_id: string, at: Date): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.second_factor')
    .set({ confirmed_at: at })
    .where('person_id', '=', person_id)
    .where('confirmed_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function deleteSecondFactor(tx: Database, person_id: string): Promise<void> {
  await from(tx).deleteFrom('accounts.second_factor').where('person_id', '=', person_id).execute()
}

export async function replaceRecoveryCodes(
  tx: Database,
  person_id: string,
  recovery_salt: Hash,
  hashes: readonly Hash[],
): Promise<void> {
  await from(tx).deleteFrom('accounts.recovery_code').where('person_id', '=', person_id).execute()
  await from(tx)
    .updateTable('accounts.second_factor')
    .set({ recovery_salt })
    .where('person_id', '=', person_id)
    .execute()
  await from(tx)
    .insertInto('accounts.recovery_code')
    .values(hashes.map((code_hash) => ({ person_id, code_hash, used_at: null })))
    .execute()
}

export async function useRecoveryCode(tx: Database, person_id: string, code_hash: Hash, at: Date): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.recovery_code')
    .set({ used_at: at })
    .where('person_id', '=', person_id)
    .where('code_hash', '=', code_hash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function countRecoveryCodes(db: Database, person_id: string): Promise<number> {
  const { count } = await from(db)
    .selectFrom('accounts.recovery_code')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('person_id', '=', person_id)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/* Providers */

export async function findIdentity(db: Database, provider: string, subject: string): Promise<string | undefined> {
  const row = await from(db)
    .selectFrom('accounts.oauth_identity')
    .select('person_id')
    .where('provider', '=', provider)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return row?.person_id
}

export async function insertIdentity(
  tx: Database,
  identity: { provider: string; subject: string; person_id: string; created_at: Date },
): Promise<boolean> {
  const result = await from(tx)
    .insertInto('accounts.oauth_identity')
    .values(identity)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function deleteIdentity(
  tx: Database,
  { provider, subject, person_id }: { provider: string; subject: string; person_id: string },
): Promise<boolean> {
  const result = await from(tx)
    .deleteFrom('accounts.oauth_identity')
    .where('provider', '=', provider)
    .where('subject', '=', subject)
    .where('person_id', '=', person_id)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

export async function listIdentities(db: Database, person_id: string) {
  return from(db)
    .selectFrom('accounts.oauth_identity')
    .selectAll()
    .where('person_id', '=', person_id)
    .orderBy('created_at')
    .orderBy('provider')
    .orderBy('subject')
    .execute()
}

/* Links in mails, and the half-way of signing in */

export async function insertEmailToken(
  tx: Database,
  { pending, ...token }: Omit<StoredEmailToken, 'used_at'>,
): Promise<void> {
  await from(tx)
    .insertInto('accounts.email_token')
    .values({ ...token, pending: pending && JSON.stringify(pending), used_at: null })
    .execute()
}

export async function findEmailToken(
  db: Database,
  token_hash: Hash,
  purposes: readonly StoredEmailToken['purpose'][],
  now: Date,
): Promise<StoredEmailToken | undefined> {
  return from(db)
    .selectFrom('accounts.email_token')
    .selectAll()
    .where('token_hash', '=', token_hash)
    .where('purpose', 'in', purposes)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

/** Uses a link up; false when it was used in the meantime. */
export async function useEmailToken(tx: Database, token_hash: Hash, at: Date): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.email_token')
    .set({ used_at: at })
    .where('token_hash', '=', token_hash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** What was asked for before no longer works. */
export async function dropEmailTokens(tx: Database, person_id: string, purpose: 'reset' | 'change' | 'second_factor') {
  await from(tx)
    .deleteFrom('accounts.email_token')
    .where('person_id', '=', person_id)
    .where('purpose', '=', purpose)
    .execute()
}

/** The newest sign-up of an address that still waits for its confirmation. */
export async function findPendingSignUp(db: Database, email: string, now: Date): Promise<StoredEmailToken | undefined> {
  return from(db)
    .selectFrom('accounts.email_token')
    .selectAll()
    .where('email', '=', email)
    .where('purpose', '=', 'sign_up')
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Every link that was mailed to an address. */
export async function dropEmailTokensTo(tx: Database, email: string): Promise<number> {
  const result = await from(tx).deleteFrom('accounts.email_token').where('email', '=', email).executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function dropInvitationsTo(tx: Database, email: string): Promise<number> {
  const result = await from(tx).deleteFrom('accounts.invitation').where('email', '=', email).executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function dropSignUps(tx: Database, email: string): Promise<void> {
  await from(tx)
    .deleteFrom('accounts.email_token')
    .where('email', '=', email)
    .where('purpose', '=', 'sign_up')
    .execute()
}

/* Work that may be undone, in a transaction that is committed all the same */

export async function markPlace(tx: Database): Promise<void> {
  await sql`savepoint as_if`.execute(tx.kysely)
}

export async function keepSincePlace(tx: Database): Promise<void> {
  await sql`release savepoint as_if`.execute(tx.kysely)
}

export async function undoToPlace(tx: Database): Promise<void> {
  await sql`rollback to savepoint as_if`.execute(tx.kysely)
}

/* Failures in a row */

/**
 * Counts a try before it is judged, so that tries at the same moment cannot share one. Undefined while locked.
 * @param locks_after every so many failures lock; for how long is doubled each time.
 */
export async function countAttempt(
  db: Database,
  subject: string,
  now: Date,
  rule: { locks_after: number; lock_s: number; lock_s_max: number; failures_max: number },
): Promise<number | undefined> {
  const { locks_after, lock_s, lock_s_max, failures_max } = rule
  const { rows } = await sql<{ failures: number }>`
    insert into accounts.login_attempt as a (subject, failures, locked_until, last_at) values (${subject}, 1, null, ${now})
    on conflict (subject) do update set
      failures = a.failures + 1,
      last_at = ${now},
      locked_until = case
        when a.failures + 1 >= ${failures_max}::int then 'infinity'::timestamptz
        when (a.failures + 1) % ${locks_after}::int = 0 then ${now}::timestamptz + make_interval(secs =>
          least(${lock_s_max}::float8, ${lock_s}::float8 * 2 ^ ((a.failures + 1) / ${locks_after}::int - 1)))
      end
      where a.locked_until is null or a.locked_until <= ${now}
    returning failures`.execute(db.kysely)
  return rows[0]?.failures
}

/** When the next try is allowed: a Date, or `never` until somebody lifts it. */
export async function lockedUntil(db: Database, subject: string): Promise<Date | 'never' | undefined> {
  const { rows } = await sql<{ for_good: boolean; locked_until: Date | null }>`select
    locked_until = 'infinity' as for_good, nullif(locked_until, 'infinity') as locked_until
    from accounts.login_attempt where subject = ${subject}`.execute(db.kysely)
  const [row] = rows
  return row?.for_good ? 'never' : (row?.locked_until ?? undefined)
}

export async function forgetAttempts(db: Database, subject: string): Promise<boolean> {
  const result = await from(db).deleteFrom('accounts.login_attempt').where('subject', '=', subject).executeTakeFirst()
  return result.numDeletedRows > 0n
}

/* Consents */

export async function insertConsent(tx: Database, consent: Omit<StoredConsent, 'seq'>): Promise<void> {
  await from(tx).insertInto('accounts.consent').values(consent).execute()
}

/** All that was ever given or withdrawn, newest first. */
export async function listConsents(db: Database, person_id: string): Promise<StoredConsent[]> {
  return from(db)
    .selectFrom('accounts.consent')
    .selectAll()
    .where('person_id', '=', person_id)
    .orderBy('seq', 'desc')
    .execute()
}

/* Tidying */

/** What is over and says nothing any more. Failures up to the last are kept while they lock. */
export async function deleteOver(db: Database, before: Date): Promise<void> {
  await sql`delete from accounts.used_challenge where expires_at < ${before}`.execute(db.kysely)
  await sql`delete from accounts.email_token where expires_at < ${before}`.execute(db.kysely)
  await sql`delete from accounts.session where expires_at < ${before}`.execute(db.kysely)
  await sql`delete from accounts.refresh_family where expires_at < ${before}`.execute(db.kysely)
  await sql`delete from accounts.login_attempt where last_at < ${before} and coalesce(locked_until < ${before}, true)`.execute(
    db.kysely,
  )
}
