import type { Context } from '../platform/context.ts'
import { eraseMailsTo } from '../platform/mail.ts'
import type { DataSubject, Erased, KeptData, PersonalData } from '../platform/personal-data.ts'
import { attemptSubject } from './attempts.ts'
import { describeKey } from './keys.ts'
import { describeOrganisation } from './organisations.ts'
import { listPasskeys } from './passkeys/store.ts'
import { describePerson } from './sessions.ts'
import * as store from './store.ts'

/** What accounts know about people and organisations: all of it can be taken along, and all of it goes. */
export const personalData: PersonalData = { exportOf, erase, stays }

async function exportOf(ctx: Context, { kind, id }: DataSubject): Promise<Record<string, readonly unknown[]>> {
  return kind === 'person' ? exportPerson(ctx, id) : exportOrganisation(ctx, id)
}

async function exportPerson(
  { system_db: db, now }: Context,
  person_id: string,
): Promise<Record<string, readonly unknown[]>> {
  const person = await store.findPerson(db, person_id)
  if (!person) return {}
  const [memberships, sessions, families, consents, identities, factor, keys, passkeys] = await Promise.all([
    store.listMemberships(db, [person_id]),
    store.listSessions(db, person_id),
    store.listFamilies(db, person_id, now()),
    store.listConsents(db, person_id),
    store.listIdentities(db, person_id),
    store.findSecondFactor(db, person_id),
    store.listKeysOfPerson(db, person_id),
    listPasskeys(db, person_id),
  ])
  return {
    'accounts.person': [
      describePerson(person, Boolean(factor?.confirmed_at), passkeys.filter((each) => !each.blocked_at).length),
    ],
    'accounts.memberships': memberships.map(({ organisation_id, name, role }) => ({ organisation_id, name, role })),
    'accounts.sessions': sessions.map((session) => without(session, 'token_hash')),
    'accounts.token_sessions': families,
    'accounts.consents': consents.map((consent) => without(consent, 'seq')),
    'accounts.identities': identities,
    'accounts.passkeys': passkeys.map(({ credential_id, user_handle, public_key, ...passkey }) => ({
      ...passkey,
      credential_id: Buffer.from(credential_id).toString('base64url'),
      user_handle: Buffer.from(user_handle).toString('base64url'),
      public_key: Buffer.from(public_key).toString('base64url'),
    })),
    'accounts.keys': keys.map((key) => describeKey(key, now())),
  }
}

async function exportOrganisation(
  { system_db: db, now }: Context,
  organisation_id: string,
): Promise<Record<string, readonly unknown[]>> {
  const organisation = await store.findOrganisation(db, organisation_id)
  if (!organisation) return {}
  const [members, invitations, keys] = await Promise.all([
    store.listMembers(db, organisation_id),
    store.listInvitations(db, organisation_id, 100_000),
    store.listKeysOfOrganisation(db, organisation_id),
  ])
  return {
    'accounts.organisation': [describeOrganisation(organisation)],
    'accounts.members': members,
    'accounts.invitations': invitations.map((invitation) => without(invitation, 'token_hash')),
    'accounts.keys': keys.map((key) => describeKey(key, now())),
  }
}

/** Hashes and our own numbers are nobody's data. */
function without<T extends object, K extends keyof T>(row: T, field: K): Omit<T, K> {
  const { [field]: _, ...rest } = row
  return rest
}

async function erase(ctx: Context, { kind, id }: DataSubject): Promise<Erased> {
  return kind === 'person' ? erasePerson(ctx, id) : eraseOrganisation(ctx, id)
}

/**
 * Everything of a person hangs on one row and goes with it. The keys of organisations that they answered for pass to an
 * owner, so that machines go on; whether somebody who is the last owner may go is decided before.
 */
async function erasePerson(ctx: Context, person_id: string): Promise<Erased> {
  return ctx.system_db.transaction(async (tx) => {
    const person = await store.findPerson(tx, person_id)
    if (!person) return {}
    for (const { organisation_id } of await store.listMemberships(tx, [person_id])) {
      const members = await store.listMembers(tx, organisation_id)
      const owner = members.find((member) => member.role === 'owner' && member.person_id !== person_id)
      if (owner) await store.passKeys(tx, organisation_id, person_id, owner.person_id)
    }
    const inside = { ...ctx, db: tx }
    const links = await store.dropEmailTokensTo(tx, person.email)
    const invitations = await store.dropInvitationsTo(tx, person.email)
    await store.forgetAttempts(tx, attemptSubject(ctx, 'sign-in', person.email))
    await store.forgetAttempts(tx, attemptSubject(ctx, 'second-factor', person_id))
    const mails = await eraseMailsTo(inside, person.email)
    await store.deletePerson(tx, person_id)
    return {
      'accounts.person': 1,
      'accounts.email_token': links,
      'accounts.invitation': invitations,
      'platform.mail': mails,
    }
  })
}

async function eraseOrganisation(ctx: Context, organisation_id: string): Promise<Erased> {
  return ctx.system_db.transaction(async (tx) => {
    if (!(await store.findOrganisation(tx, organisation_id))) return {}
    const members = (await store.listMembers(tx, organisation_id)).length
    await store.deleteOrganisation(tx, organisation_id)
    return { 'accounts.organisation': 1, 'accounts.membership': members }
  })
}

function stays(): readonly KeptData[] {
  return []
}
