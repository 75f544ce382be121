import type {
  adminGetInstance as getInstanceRoute,
  adminListKeys as listKeysRoute,
  adminListOrganisations as listOrganisationsRoute,
  adminListPeople as listPeopleRoute,
  adminUpdateInstance as updateInstanceRoute,
  adminUpdateOrganisation as updateOrganisationRoute,
  adminUpdatePerson as updatePersonRoute,
} from '@tidemark/core/accounts/contract.ts'
import type { AuditAction } from '@tidemark/core/audit/actions.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { describeKey } from './keys.ts'
import { describePerson, requireStepUp } from './sessions.ts'
import { endAll, unknownOrganisation } from './sign-in.ts'
import * as store from './store.ts'

/** The installation, seen by those who run it. They see that accounts exist, not what is in them. */

export async function getInstance(ctx: Context): Promise<OutputOf<typeof getInstanceRoute>> {
  const { claimed_at, open_registration } = await store.readInstance(ctx.db)
  const counts = await store.countEverything(ctx.db, ctx.now())
  return { claimed_at: claimed_at?.toISOString() ?? null, open_registration, ...counts }
}

export async function updateInstance(
  ctx: Context,
  { open_registration }: InputOf<typeof updateInstanceRoute>,
): Promise<OutputOf<typeof updateInstanceRoute>> {
  await requireStepUp(ctx)
  await ctx.db.transaction(async (tx) => {
    const before = await store.lockInstance(tx)
    await store.saveInstance(tx, { open_registration })
    await record(
      { ...ctx, db: tx },
      {
        action: 'accounts.instance_changed',
        resource: { type: 'instance', id: 'instance' },
        before: { open_registration: before.open_registration },
        after: { open_registration },
      },
    )
  })
  return getInstance(ctx)
}

export async function listPeople(
  ctx: Context,
  { search, limit, after }: InputOf<typeof listPeopleRoute>,
): Promise<OutputOf<typeof listPeopleRoute>> {
  const found = await store.listPeople(ctx.db, { search, limit: limit + 1, after })
  const rows = found.slice(0, limit)
  const memberships = await store.listMemberships(
    ctx.db,
    rows.map((row) => row.person_id),
  )
  return {
    people: rows.map((row) => describe(row, memberships)),
    next: found.length > limit ? (rows.at(-1)?.person_id ?? null) : null,
  }
}

type ListedPerson = Awaited<ReturnType<typeof store.listPeople>>[number]

function describe(row: ListedPerson, memberships: readonly store.MembershipRow[]) {
  return {
    ...describePerson(row, row.second_factor, row.passkeys),
    suspended: row.suspended_at !== null,
    last_seen_at: row.last_seen_at?.toISOString() ?? null,
    memberships: memberships
      .filter((each) => each.person_id === row.person_id)
      .map(({ organisation_id, name, role }) => ({ organisation_id, name, role })),
  }
}

export async function updatePerson(
  ctx: Context,
  { person_id, suspended, instance_admin }: InputOf<typeof updatePersonRoute>,
): Promise<OutputOf<typeof updatePersonRoute>> {
  await requireStepUp(ctx)
  await ctx.db.transaction(async (tx) => {
    const admins = await store.lockAdmins(tx)
    const person = await store.findPerson(tx, person_id)
    if (!person)
      throw new Problem('accounts/unknown-person', { detail: 'GET /api/v1/admin/people lists everybody.', person_id })
    if (person.is_demo) {
      throw new Problem('accounts/demo-stays', {
        detail: 'The guest of the demonstration is neither suspended nor raised.',
      })
    }
    const stops = suspended === true || instance_admin === false
    if (stops && admins.includes(person_id) && admins.length === 1)
      throw new Problem('accounts/last-admin', { detail: 'Make somebody else an administrator first.' })
    const now = ctx.now()
    await store.savePerson(tx, person_id, {
      ...(suspended === undefined ? {} : { suspended_at: suspended ? (person.suspended_at ?? now) : null }),
      ...(instance_admin === undefined ? {} : { instance_admin }),
    })
    if (suspended) await endAll(ctx, tx, person_id)
    const was_suspended = person.suspended_at !== null
    for (const action of changesOf(
      { suspended: was_suspended, instance_admin: person.instance_admin },
      { suspended, instance_admin },
    ))
      await record({ ...ctx, db: tx }, { action, resource: { type: 'person', id: person_id } })
  })
  const [row] = await store.listPeople(ctx.db, { limit: 1, person_id })
  invariant(row, 'whoever was just changed is there')
  return describe(row, await store.listMemberships(ctx.db, [person_id]))
}

interface Standing {
  suspended?: boolean | undefined
  instance_admin?: boolean | undefined
}

function changesOf(was: Required<Standing>, is: Standing): AuditAction[] {
  const changes: AuditAction[] = []
  if (is.suspended !== undefined && is.suspended !== was.suspended)
    changes.push(is.suspended ? 'accounts.person_suspended' : 'accounts.person_restored')
  if (is.instance_admin !== undefined && is.instance_admin !== was.instance_admin)
    changes.push(is.instance_admin ? 'accounts.admin_granted' : 'accounts.admin_withdrawn')
  return changes
}

export async function listOrganisations(
  ctx: Context,
  { search, limit, after }: InputOf<typeof listOrganisationsRoute>,
): Promise<OutputOf<typeof listOrganisationsRoute>> {
  const found = await store.listOrganisations(ctx.db, { search, limit: limit + 1, after })
  const rows = found.slice(0, limit)
  return {
    organisations: rows.map((row) => describeRow(row)),
    next: found.length > limit ? (rows.at(-1)?.organisation_id ?? null) : null,
  }
}

function describeRow({ created_at, deletion_due_at, ...row }: store.StoredOrganisation & { members: number }) {
  return { ...row, created_at: created_at.toISOString(), deletion_due_at: deletion_due_at?.toISOString() ?? null }
}

export async function updateOrganisation(
  ctx: Context,
  { organisation_id, plan }: InputOf<typeof updateOrganisationRoute>,
): Promise<OutputOf<typeof updateOrganisationRoute>> {
  await requireStepUp(ctx)
  return ctx.db.transaction(async (tx) => {
    const before = await store.lockOrganisation(tx, organisation_id)
    if (!before) throw unknownOrganisation(organisation_id)
    await store.saveOrganisation(tx, organisation_id, { plan })
    const members = (await store.listMembers(tx, organisation_id)).length
    await record(
      { ...ctx, db: tx },
      {
        action: 'accounts.plan_changed',
        resource: { type: 'organisation', id: organisation_id },
        before: { plan: before.plan },
        after: { plan },
      },
    )
    return describeRow({ ...before, plan, members })
  })
}

export async function listKeys(
  ctx: Context,
  { search, limit, after }: InputOf<typeof listKeysRoute>,
): Promise<OutputOf<typeof listKeysRoute>> {
  const found = await store.listKeys(ctx.db, { search, limit: limit + 1, after })
  const rows = found.slice(0, limit)
  return {
    keys: rows.map((row) => describeKey(row, ctx.now())),
    next: found.length > limit ? (rows.at(-1)?.key_id ?? null) : null,
  }
}
