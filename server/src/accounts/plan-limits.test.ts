import * as contract from '@tidemark/core/accounts/contract.ts'
import { planTable } from '@tidemark/core/admin/plans.ts'
import { create as createWebhook } from '@tidemark/core/webhooks/contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addOrganisation,
  addPerson,
  mailedSecret,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
} from '../testing-accounts.ts'
import { webhooks } from '../webhooks/http.ts'
import { accounts } from './http.ts'
import * as store from './store.ts'

let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp({ capabilities: [webhooks, accounts] })
})
afterAll(() => app?.close())

const { members: MEMBERS, api_keys: KEYS } = planTable.free

/** An organisation on the free plan with its owner and so many members beside. */
async function organisationOf(members_beside: number) {
  const organisation_id = await addOrganisation(app)
  const owner = await signedIn(app, { organisation_id, role: 'owner' })
  for (let i = 0; i < members_beside; i++) await addPerson(app, { organisation_id, role: 'reader' })
  return { organisation_id, owner, params: { organisation_id } }
}

describe('members', () => {
  test('whoever is invited counts: the last one that the plan includes, and not the next', async () => {
    const { owner, params } = await organisationOf((MEMBERS ?? 0) - 2)
    const invite = (email: string) => owner.fetch(contract.invite, { params, body: { email, role: 'reader' } })
    expect((await invite('fifth@example.org')).status).toBe(201)
    const refused = await invite('sixth@example.org')
    expect(refused.problem).toMatchObject({
      type: '/problems/admin/plan-limit',
      status: 403,
      feature: 'members',
      limit: MEMBERS,
      used: MEMBERS,
      plan: 'free',
    })
    // Inviting the same address again replaces the invitation before.
    expect((await invite('fifth@example.org')).status).toBe(201)
  })

  test('a plan that became smaller since the invitation is found when it is accepted, and the link still works later', async () => {
    const { organisation_id, owner, params } = await organisationOf(0)
    const guest = await signedIn(app)
    expect((await owner.fetch(contract.invite, { params, body: { email: guest.email, role: 'reader' } })).status).toBe(
      201,
    )
    for (let i = 1; i < (MEMBERS ?? 0); i++) await addPerson(app, { organisation_id })
    const token = await mailedSecret(app, guest.email, 'invitation')
    const refused = await guest.fetch(contract.acceptInvitation, { body: { token } })
    expect([refused.status, refused.problem.type]).toEqual([403, '/problems/admin/plan-limit'])
    await store.saveOrganisation(app.ctx.system_db, organisation_id, { plan: 'pro' })
    expect((await guest.fetch(contract.acceptInvitation, { body: { token } })).body.role).toBe('reader')
  })
})

describe('keys', () => {
  test('end where the plan ends, also for many who ask at once; one that is revoked makes room', async () => {
    const { owner } = await organisationOf(0)
    const make = () => owner.fetch(contract.createKey, { body: { name: 'K', scopes: ['accounts.read'] } })
    const answers = await Promise.all(Array.from({ length: (KEYS ?? 0) + 4 }, make))
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(KEYS ?? 0)
    const refused = answers.find(({ status }) => status !== 201)
    expect(refused?.problem).toMatchObject({ type: '/problems/admin/plan-limit', feature: 'api_keys', limit: KEYS })
    const params = { key_id: made[0]?.body.key.key_id ?? '' }
    expect((await owner.fetch(contract.revokeKey, { params })).status).toBe(204)
    expect((await make()).status).toBe(201)
  })
})

describe('webhooks are told', () => {
  const events = ['member.joined', 'member.left', 'key.created', 'key.revoked'] as const

  async function toldOf(organisation_id: string) {
    const { rows } = await sql<{ event: string; body: string }>`select event, body from webhooks.event
      where organisation_id = ${organisation_id} order by event`.execute(app.ctx.system_db.kysely)
    return rows.map(({ event, body }) => [event, (JSON.parse(body) as { data: Record<string, unknown> }).data] as const)
  }

  test('who joins and leaves, and which keys come and go: ids and no names', async () => {
    const { organisation_id, owner, params } = await organisationOf(0)
    const url = 'https://hooks.example.org/'
    expect((await owner.fetch(createWebhook, { body: { url, events: [...events] } })).status).toBe(201)
    const guest = await signedIn(app, { name: 'Nobody Should Read This' })
    await owner.fetch(contract.invite, { params, body: { email: guest.email, role: 'contributor' } })
    const token = await mailedSecret(app, guest.email, 'invitation')
    await guest.fetch(contract.acceptInvitation, { body: { token } })
    const made = await guest.fetch(contract.createKey, { body: { name: 'Secret plan', scopes: ['accounts.read'] } })
    const { key_id } = made.body.key
    const { person_id } = guest
    await owner.fetch(contract.removeMember, { params: { organisation_id, person_id } })
    expect(await toldOf(organisation_id)).toEqual([
      ['key.created', { key_id, kind: 'personal' }],
      ['key.revoked', { key_id }],
      ['member.joined', { person_id, role: 'contributor' }],
      ['member.left', { person_id }],
    ])
    const all = JSON.stringify(await toldOf(organisation_id))
    expect(all).not.toContain('Nobody Should Read This')
    expect(all).not.toContain(guest.email)
  })

  test('of one who leaves by themselves, and of a key that is revoked; not of what was refused', async () => {
    const { organisation_id, owner, params } = await organisationOf(0)
    const member = await signedIn(app, { organisation_id, role: 'reader' })
    await owner.fetch(createWebhook, { body: { url: 'https://hooks.example.org/', events: [...events] } })
    expect((await owner.fetch(contract.leaveOrganisation, { params })).status).toBe(409)
    await member.fetch(contract.leaveOrganisation, { params })
    const { body } = await owner.fetch(contract.createKey, { body: { name: 'K', scopes: ['accounts.read'] } })
    await owner.fetch(contract.revokeKey, { params: { key_id: body.key.key_id } })
    const told = await toldOf(organisation_id)
    expect(told.map(([event]) => event)).toEqual(['key.created', 'key.revoked', 'member.left'])
  })
})
