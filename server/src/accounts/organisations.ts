import type {
  changeRole as changeRoleRoute,
  createOrganisation as createRoute,
  getOrganisation as getRoute,
  invite as inviteRoute,
  leaveOrganisation as leaveRoute,
  listInvitations as listInvitationsRoute,
  listMembers as listMembersRoute,
  listOrganisations as listRoute,
  OrganisationProfile,
  removeMember as removeRoute,
  requireSecondFactor as requireFactorRoute,
  revokeInvitation as revokeRoute,
  updateOrganisation as updateRoute,
} from '@tidemark/core/accounts/contract.ts'
import { renderMail } from '@tidemark/core/accounts/mails.ts'
import { refuseBeyond as refuseBeyondPlan } from '@tidemark/core/admin/plans.ts'
import { may, rolesGrantedBy, type Role } from '@tidemark/core/accounts/permissions.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { sendMail } from '../platform/mail.ts'
import { emit } from '../webhooks/service.ts'
import { digestOf, freshSecret } from './secrets.ts'
import {
  after,
  describeMembership,
  hasShownTwo,
  personOf,
  renewSession,
  requireRealPerson,
  requireStepUp,
} from './sessions.ts'
import { actIn, unknownOrganisation } from './sign-in.ts'
import * as store from './store.ts'

const INVITATION_S = 7 * 24 * 3600
const ORGANISATIONS_MAX = 50
const OPEN_INVITATIONS_MAX = 200

/** The organisation that is asked for is the one in whose name the caller acts: any other is not there for them. */
function ownOrganisation({ actor }: Context, organisation_id: string): string {
  const acting = actor.kind === 'person' || actor.kind === 'key' ? actor.organisation_id : undefined
  if (acting === organisation_id) return organisation_id
  throw unknownOrganisation(organisation_id)
}

/** What the caller is there. Rights were checked at the door; this is for what depends on the role itself. */
function ownRole({ actor }: Context): Role {
  invariant(actor.kind === 'person' && actor.role !== undefined, 'only members come here')
  return actor.role as Role
}

export async function list(ctx: Context): Promise<OutputOf<typeof listRoute>> {
  const rows = await store.listMemberships(ctx.db, [personOf(ctx).person_id])
  return { organisations: rows.map(describeMembership) }
}

export async function create(ctx: Context, input: InputOf<typeof createRoute>): Promise<OutputOf<typeof createRoute>> {
  const { person_id } = await requireRealPerson(ctx)
  const now = ctx.now()
  const organisation_id = newId('org', now)
  return ctx.db.transaction(async (tx) => {
    const memberships = await store.listMemberships(tx, [person_id])
    if (memberships.filter((each) => each.role === 'owner').length >= ORGANISATIONS_MAX) {
      throw new Problem('accounts/too-many', { detail: `One person owns ${ORGANISATIONS_MAX} organisations at most.` })
    }
    await store.insertOrganisation(tx, { organisation_id, ...input, created_at: now })
    await store.insertMembership(tx, { organisation_id, person_id, role: 'owner', joined_at: now })
    const inside = { ...ctx, db: tx }
    await renewSession(inside, { organisation_id })
    const profile = await load(inside, organisation_id)
    const resource = { type: 'organisation', id: organisation_id }
    await record(inside, { action: 'accounts.organisation_created', resource, organisation_id, after: profile })
    return profile
  })
}

export async function get(
  ctx: Context,
  { organisation_id }: InputOf<typeof getRoute>,
): Promise<OutputOf<typeof getRoute>> {
  return load(ctx, ownOrganisation(ctx, organisation_id))
}

async function load(ctx: Context, organisation_id: string): Promise<OrganisationProfile> {
  const organisation = await store.findOrganisation(ctx.db, organisation_id)
  if (!organisation) throw unknownOrganisation(organisation_id)
  return describeOrganisation(organisation)
}

export function describeOrganisation(organisation: store.StoredOrganisation): OrganisationProfile {
  return {
    ...organisation,
    created_at: organisation.created_at.toISOString(),
    deletion_due_at: organisation.deletion_due_at?.toISOString() ?? null,
  }
}

export async function update(
  ctx: Context,
  { organisation_id, ...change }: InputOf<typeof updateRoute>,
): Promise<OutputOf<typeof updateRoute>> {
  ownOrganisation(ctx, organisation_id)
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const stored = await store.lockOrganisation(tx, organisation_id)
    if (!stored) throw unknownOrganisation(organisation_id)
    await store.saveOrganisation(tx, organisation_id, change)
    const profile = await load(inside, organisation_id)
    await record(inside, {
      action: 'accounts.organisation_changed',
      resource: { type: 'organisation', id: organisation_id },
      before: describeOrganisation(stored),
      after: profile,
    })
    return profile
  })
}

/**
 * Whether every member needs a second factor. An owner who turned it on without one would be the first whom it keeps out.
 */
export async function requireSecondFactor(
  ctx: Context,
  { organisation_id, required }: InputOf<typeof requireFactorRoute>,
): Promise<OutputOf<typeof requireFactorRoute>> {
  ownOrganisation(ctx, organisation_id)
  await requireRealPerson(ctx)
  await requireStepUp(ctx)
  if (required && !(await hasShownTwo(ctx))) {
    throw new Problem('accounts/second-factor-required', {
      detail:
        'Set up a second factor of your own first. If you have a passkey, confirm with it: this session has shown a password alone.',
      organisation_id,
      enrol_at: '/api/v1/auth/second-factor/enrol',
    })
  }
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const before = await store.lockOrganisation(tx, organisation_id)
    if (!before) throw unknownOrganisation(organisation_id)
    await store.saveOrganisation(tx, organisation_id, { second_factor_required: required })
    const profile = await load(inside, organisation_id)
    await record(inside, {
      action: required ? 'accounts.second_factor_required' : 'accounts.second_factor_optional',
      resource: { type: 'organisation', id: organisation_id },
      before: { second_factor_required: before.second_factor_required },
      after: { second_factor_required: required },
    })
    return profile
  })
}

/* Members */

export async function listMembers(
  ctx: Context,
  { organisation_id }: InputOf<typeof listMembersRoute>,
): Promise<OutputOf<typeof listMembersRoute>> {
  ownOrganisation(ctx, organisation_id)
  const rows = await store.listMembers(ctx.db, organisation_id)
  const sees_all = ctx.actor.kind === 'person' && may(ownRole(ctx), 'accounts.manage_members')
  return {
    members: rows.map((row) => ({
      ...describeMember(row),
      ...(sees_all ? {} : { second_factor: null, last_seen_at: null }),
    })),
  }
}

function describeMember({ joined_at, last_seen_at, ...row }: store.MemberRow) {
  return { ...row, joined_at: joined_at.toISOString(), last_seen_at: last_seen_at?.toISOString() ?? null }
}

export async function changeRole(
  ctx: Context,
  { organisation_id, person_id, role }: InputOf<typeof changeRoleRoute>,
): Promise<OutputOf<typeof changeRoleRoute>> {
  ownOrganisation(ctx, organisation_id)
  await ctx.db.transaction(async (tx) => {
    const before = await lockMember(ctx, tx, organisation_id, person_id)
    refuseBeyond(ctx, before)
    refuseBeyond(ctx, role)
    await requireStepUp({ ...ctx, db: tx })
    if (before === 'owner' && role !== 'owner') await refuseLastOwner(tx, organisation_id)
    await store.saveRole(tx, organisation_id, person_id, role)
    const resource = { type: 'person', id: person_id }
    await record(
      { ...ctx, db: tx },
      { action: 'accounts.role_changed', resource, before: { role: before }, after: { role } },
    )
  })
  const member = (await store.listMembers(ctx.db, organisation_id)).find((each) => each.person_id === person_id)
  if (!member) throw unknownMember(person_id)
  return describeMember(member)
}

/** Locks the organisation first: of two owners who leave at the same moment, one stays. */
async function lockMember(ctx: Context, tx: Context['db'], organisation_id: string, person_id: string): Promise<Role> {
  await store.lockOrganisation(tx, organisation_id)
  const role = await store.findRole(tx, organisation_id, person_id)
  if (role === undefined) throw unknownMember(person_id)
  // The caller's own role may have changed while they waited for the lock.
  const own = await store.findRole(tx, organisation_id, personOf(ctx).person_id)
  if (own !== ownRole(ctx)) throw new Problem('accounts/not-allowed', { detail: 'Your role has just changed.' })
  return role
}

function unknownMember(person_id: string): Problem {
  return new Problem('accounts/unknown-member', { detail: 'GET …/members lists everybody.', person_id })
}

/** Nobody raises, lowers or removes whom they could not have made what they are. */
function refuseBeyond(ctx: Context, role: Role): void {
  const own = ownRole(ctx)
  if (rolesGrantedBy(own).includes(role)) return
  throw new Problem('accounts/beyond-your-role', {
    detail: `Who is ${own} cannot make, change or remove anybody who is ${role}.`,
    roles_you_grant: rolesGrantedBy(own),
  })
}

async function refuseLastOwner(tx: Context['db'], organisation_id: string): Promise<void> {
  if ((await store.countOwners(tx, organisation_id)) > 1) return
  throw new Problem('accounts/last-owner', { detail: 'Make somebody else an owner first, or close the organisation.' })
}

export async function removeMember(
  ctx: Context,
  { organisation_id, person_id }: InputOf<typeof removeRoute>,
): Promise<OutputOf<typeof removeRoute>> {
  ownOrganisation(ctx, organisation_id)
  return ctx.db.transaction(async (tx) => {
    const role = await lockMember(ctx, tx, organisation_id, person_id)
    refuseBeyond(ctx, role)
    await requireStepUp({ ...ctx, db: tx })
    if (role === 'owner') await refuseLastOwner(tx, organisation_id)
    const inside = { ...ctx, db: tx }
    const keys = await takeOut(ctx, tx, organisation_id, person_id, personOf(ctx).person_id)
    await announceGoing(inside, organisation_id, person_id, keys.keys_revoked)
    const resource = { type: 'person', id: person_id }
    await record(inside, { action: 'accounts.member_removed', resource, before: { role } })
    return keys
  })
}

/** Tells the organisation's own programs who went, and which keys with them. */
async function announceGoing(
  ctx: Context,
  organisation_id: string,
  person_id: string,
  keys_revoked: readonly string[],
): Promise<void> {
  await emit(ctx, 'member.left', { person_id }, organisation_id)
  for (const key_id of keys_revoked) await emit(ctx, 'key.revoked', { key_id }, organisation_id)
}

/** Ends a membership with the personal keys; whoever stays answers for the keys of the organisation from now on. */
async function takeOut(
  ctx: Context,
  tx: Context['db'],
  organisation_id: string,
  person_id: string,
  successor_id: string,
) {
  const now = ctx.now()
  const keys_revoked = await store.revokeKeysOf(tx, { organisation_id, person_id, kind: 'personal' }, now)
  // Whoever removes themselves leaves nobody to answer: then these keys end too.
  const keys_taken_over =
    person_id === successor_id ? [] : await store.passKeys(tx, organisation_id, person_id, successor_id)
  if (person_id === successor_id)
    keys_revoked.push(...(await store.revokeKeysOf(tx, { organisation_id, person_id }, now)))
  await store.deleteMembership(tx, organisation_id, person_id)
  return { keys_revoked, keys_taken_over }
}

export async function leave(
  ctx: Context,
  { organisation_id }: InputOf<typeof leaveRoute>,
): Promise<OutputOf<typeof leaveRoute>> {
  const { person_id, organisation_id: named, held_back_by } = personOf(ctx)
  const acting = named ?? held_back_by
  const role = await store.findRole(ctx.db, organisation_id, person_id)
  if (role === undefined) throw unknownOrganisation(organisation_id)
  await requireRealPerson(ctx)
  await ctx.db.transaction(async (tx) => {
    await store.lockOrganisation(tx, organisation_id)
    if ((await store.findRole(tx, organisation_id, person_id)) === 'owner') await refuseLastOwner(tx, organisation_id)
    const owner = (await store.listMembers(tx, organisation_id)).find(
      (member) => member.role === 'owner' && member.person_id !== person_id,
    )
    invariant(owner, 'an organisation has an owner who stays')
    const inside = { ...ctx, db: tx }
    const { keys_revoked } = await takeOut(ctx, tx, organisation_id, person_id, owner.person_id)
    await announceGoing(inside, organisation_id, person_id, keys_revoked)
    const resource = { type: 'organisation', id: organisation_id }
    await record(inside, { action: 'accounts.member_left', resource, organisation_id })
  })
  const [next] = await store.listMemberships(ctx.db, [person_id])
  const stays = acting !== undefined && acting !== organisation_id
  return actIn(ctx, stays ? acting : next?.organisation_id)
}

/* Invitations, from the side of who invites */

export async function invite(ctx: Context, input: InputOf<typeof inviteRoute>): Promise<OutputOf<typeof inviteRoute>> {
  const { organisation_id, email, role, locale } = input
  ownOrganisation(ctx, organisation_id)
  const inviter = await requireRealPerson(ctx)
  refuseBeyond(ctx, role)
  await requireStepUp(ctx)
  const now = ctx.now()
  const secret = freshSecret()
  const invitation: store.StoredInvitation = {
    invitation_id: newId('inv', now),
    organisation_id,
    email,
    role,
    token_hash: digestOf(secret),
    invited_by: inviter.person_id,
    created_at: now,
    expires_at: after(now, INVITATION_S),
    accepted_at: null,
    revoked_at: null,
  }
  await ctx.db.transaction(async (tx) => {
    const organisation = await store.lockOrganisation(tx, organisation_id)
    if (!organisation) throw unknownOrganisation(organisation_id)
    const known = await store.findPersonByEmail(tx, email)
    if (known && (await store.findRole(tx, organisation_id, known.person_id)) !== undefined) {
      throw new Problem('accounts/already-member', { detail: 'Change their role instead.', person_id: known.person_id })
    }
    await store.revokeOpenInvitations(tx, organisation_id, email, now)
    const open = await store.countOpenInvitations(tx, organisation_id, now)
    // Whoever is invited may come: an invitation that could not be accepted is not sent.
    refuseBeyondPlan(organisation, 'members', (await store.countMembers(tx, organisation_id)) + open)
    if (open >= OPEN_INVITATIONS_MAX) {
      throw new Problem('accounts/too-many', {
        detail: `At most ${OPEN_INVITATIONS_MAX} invitations are open at a time.`,
      })
    }
    await store.insertInvitation(tx, invitation)
    const inside = { ...ctx, db: tx }
    const facts = {
      organisation: organisation.name,
      role: roleNames[locale][role],
      link: `${ctx.origin()}/auth/invitation#${secret}`,
      valid_for: locale === 'fr' ? 'sept jours' : 'seven days',
    }
    await sendMail(inside, renderMail('invitation', locale, email, facts))
    const resource = { type: 'invitation', id: invitation.invitation_id }
    await record(inside, { action: 'accounts.invited', resource, after: { email, role } })
  })
  return describeInvitation({ ...invitation, inviter: inviter.name }, now)
}

const roleNames: Record<'en' | 'fr', Record<Role, string>> = {
  en: {
    owner: 'owner',
    admin: 'administrator',
    editor: 'editor',
    contributor: 'contributor',
    reader: 'reader',
    verifier: 'verifier',
    operator: 'operator',
  },
  fr: {
    owner: 'propriétaire',
    admin: 'administrateur',
    editor: 'éditeur',
    contributor: 'contributeur',
    reader: 'lecteur',
    verifier: 'vérificateur',
    operator: 'opérateur',
  },
}

function describeInvitation(
  {
    invitation_id,
    email,
    role,
    created_at,
    expires_at,
    accepted_at,
    revoked_at,
    inviter,
  }: store.StoredInvitation & { inviter: string | null },
  now: Date,
) {
  const state: 'open' | 'accepted' | 'revoked' | 'expired' = accepted_at
    ? 'accepted'
    : revoked_at
      ? 'revoked'
      : expires_at <= now
        ? 'expired'
        : 'open'
  return {
    invitation_id,
    email,
    role,
    state,
    invited_by: inviter ?? '',
    created_at: created_at.toISOString(),
    expires_at: expires_at.toISOString(),
  }
}

export async function listInvitations(
  ctx: Context,
  { organisation_id }: InputOf<typeof listInvitationsRoute>,
): Promise<OutputOf<typeof listInvitationsRoute>> {
  ownOrganisation(ctx, organisation_id)
  const rows = await store.listInvitations(ctx.db, organisation_id, 500)
  return { invitations: rows.map((row) => describeInvitation(row, ctx.now())) }
}

export async function revokeInvitation(
  ctx: Context,
  { organisation_id, invitation_id }: InputOf<typeof revokeRoute>,
): Promise<undefined> {
  ownOrganisation(ctx, organisation_id)
  await ctx.db.transaction(async (tx) => {
    if (!(await store.revokeInvitation(tx, organisation_id, invitation_id, ctx.now()))) {
      throw new Problem('accounts/unknown-invitation', {
        detail: 'It may have been accepted or withdrawn.',
        invitation_id,
      })
    }
    const resource = { type: 'invitation', id: invitation_id }
    await record({ ...ctx, db: tx }, { action: 'accounts.invitation_revoked', resource })
  })
}
