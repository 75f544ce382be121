import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseApiKey } from '@tidemark/core/accounts/api-key.ts'
import * as contract from '@tidemark/core/accounts/contract.ts'
import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import {
  Browser,
  claimSecret,
  mailedSecret,
  openAccountsApp,
  PASSWORD,
  type AccountsTestApp,
} from '../testing-accounts.ts'
import { slowHashRuns } from './secrets.ts'
import { firstRunLines, isClaimed } from './service.ts'

/** Claiming happens once in the life of an installation: what claims has one of its own, what only tries the demonstration shares one. */
let app: AccountsTestApp
let shared: AccountsTestApp | undefined
beforeEach(async () => {
  app = shared ?? (await openAccountsApp())
})
afterEach(async () => {
  if (app !== shared) await app?.close()
})

const body = (token: string) => ({
  token,
  email: 'ada@example.org',
  password: PASSWORD,
  name: 'Ada Lovelace',
  organisation: { name: 'Example Ltd', country: 'GB' },
})

async function demoKey(): Promise<string> {
  const line = (await firstRunLines(app.ctx, 'http://localhost')).find((each) => each.includes('tm_demo_')) ?? ''
  return line.trim()
}

describe('the demonstration', () => {
  beforeAll(async () => {
    shared = await openAccountsApp()
  })
  afterAll(async () => {
    await shared?.close()
    shared = undefined
  })

  test('200: one click from this machine signs in as its guest, and says so', async () => {
    const guest = new Browser(app)
    expect((await guest.fetch(contract.state)).body.instance).toMatchObject({ claimed: false, demo: true })
    const { status, body: me } = await guest.fetch(contract.demo)
    expect(status).toBe(200)
    expect(me).toMatchObject({ organisation_id: DEMO_ORGANISATION_ID, role: 'owner', person: { is_demo: true } })
    expect((await guest.fetch(contract.state)).body.me?.person.name).toBe('Guest')
  })

  test('403: not from another machine', async () => {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/auth/demo', remoteAddress: '203.0.113.9' })
    expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([403, '/problems/accounts/demo-closed'])
    const state = await app.inject({ method: 'GET', url: '/api/v1/auth/state', remoteAddress: '203.0.113.9' })
    expect(state.json<{ instance: { demo: boolean } }>().instance.demo).toBe(false)
  })

  test('403: not for a public name either, under which a proxy on this machine is reached by everybody', async () => {
    const behind = await openAccountsApp({ config: { public_origin: 'https://carbon.example' } })
    try {
      for (const [host, status] of [
        ['carbon.example', 403],
        ['localhost', 200],
        ['127.0.0.1:3000', 200],
        ['[::1]:3000', 200],
      ] as const)
        expect((await behind.fetch(contract.demo, { headers: { host } })).status, host).toBe(status)
    } finally {
      await behind.close()
    }
  })

  test('its key is printed at every start, is no secret of the database, and opens nothing from another machine', async () => {
    const key = await demoKey()
    expect(parseApiKey(key)?.kind).toBe('demo')
    expect(await demoKey()).toBe(key)
    const url = `/api/v1/organisations/${DEMO_ORGANISATION_ID}`
    const headers = { authorization: `Bearer ${key}` }
    expect((await app.fetch(url, { headers })).status).toBe(200)
    for (const remoteAddress of ['203.0.113.9', '2001:db8::1', '::ffff:203.0.113.9'])
      expect((await app.inject({ method: 'GET', url, headers, remoteAddress })).statusCode).toBe(401)
    for (const remoteAddress of ['127.0.0.9', '::1', '::ffff:127.0.0.1'])
      expect((await app.inject({ method: 'GET', url, headers, remoteAddress })).statusCode).toBe(200)
  })

  test('403: its guest invites nobody, sets no password and makes no organisation', async () => {
    const guest = new Browser(app)
    await guest.fetch(contract.demo)
    const params = { organisation_id: DEMO_ORGANISATION_ID }
    const answers = await Promise.all([
      guest.fetch(contract.invite, { params, body: { email: 'eve@example.org', role: 'owner' } }),
      guest.fetch(contract.changePassword, { body: { new_password: PASSWORD } }),
      guest.fetch(contract.createOrganisation, { body: { name: 'Mine', country: 'FR' } }),
      guest.fetch(contract.changeEmail, { body: { email: 'eve@example.org' } }),
      guest.fetch(contract.enrolSecondFactor),
    ])
    expect(answers.map((answer) => answer.problem.type)).toEqual(Array(5).fill('/problems/accounts/demo-stays'))
  })
})

describe('claiming', () => {
  test('201: the link makes the first account, which administers the installation and owns its organisation', async () => {
    const ada = new Browser(app)
    const { status, body: me } = await ada.fetch(contract.claim, { body: body(await claimSecret(app)) })
    expect([status, me.role, me.person.instance_admin]).toEqual([201, 'owner', true])
    expect(me.memberships).toMatchObject([{ name: 'Example Ltd', role: 'owner', is_demo: false }])
    expect(me.permissions).toContain('instance.admin')
    expect(await isClaimed(app.ctx)).toBe(true)
    expect(await firstRunLines(app.ctx, 'http://localhost')).toEqual([])
    expect((await ada.fetch(contract.adminGetInstance)).body).toMatchObject({ people: 2, organisations: 2 })
  })

  test('of ten who come with it at once one gets it, and it never works again', async () => {
    const token = await claimSecret(app)
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        new Browser(app).fetch(contract.claim, { body: { ...body(token), email: `ada${i}@example.org` } }),
      ),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array(9).fill(409)])
    const late = await new Browser(app).fetch(contract.claim, { body: { ...body(token), email: 'late@example.org' } })
    expect([late.status, late.problem.type]).toEqual([409, '/problems/accounts/already-claimed'])
  })

  test('the demonstration ends with it: its sessions, its click and its key', async () => {
    const guest = new Browser(app)
    await guest.fetch(contract.demo)
    const key = await demoKey()
    await new Browser(app).fetch(contract.claim, { body: body(await claimSecret(app)) })
    expect((await guest.fetch(contract.me)).status).toBe(401)
    expect((await guest.fetch(contract.demo)).problem.type).toBe('/problems/accounts/demo-closed')
    expect((await app.fetch('/api/v1/me', { headers: { authorization: `Bearer ${key}` } })).status).toBe(401)
  })

  test('410: a made-up secret, for no slow hash; 422: a weak password leaves the link as it was', async () => {
    const token = await claimSecret(app)
    const before = slowHashRuns()
    const made_up = await new Browser(app).fetch(contract.claim, { body: body('A'.repeat(43)) })
    expect([made_up.status, slowHashRuns() - before]).toEqual([410, 0])
    const weak = await new Browser(app).fetch(contract.claim, {
      body: { ...body(token), password: 'example ltd ada 2026' },
    })
    expect(weak.problem.type).toBe('/problems/accounts/weak-password')
    expect((await new Browser(app).fetch(contract.claim, { body: body(token) })).status).toBe(201)
  })
})

describe('signing up', () => {
  const ada = { email: 'grace@example.org', password: PASSWORD, name: 'Grace Hopper' }

  test('403: closed until an administrator opens it; then a link confirms the address and makes the account', async () => {
    expect((await new Browser(app).fetch(contract.signUp, { body: ada })).problem.type).toBe(
      '/problems/accounts/registration-closed',
    )
    const admin = new Browser(app)
    await admin.fetch(contract.claim, { body: body(await claimSecret(app)) })
    expect((await admin.fetch(contract.adminUpdateInstance, { body: { open_registration: true } })).status).toBe(200)
    const grace = new Browser(app)
    expect((await grace.fetch(contract.signUp, { body: ada })).body).toEqual({ next: 'look_in_your_mail', me: null })
    expect((await grace.fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })).status).toBe(401)
    const first = await mailedSecret(app, ada.email, 'verify-email')
    app.clock.pass(1)
    await grace.fetch(contract.resendVerification, { body: { email: ada.email } })
    const second = await mailedSecret(app, ada.email, 'verify-email')
    expect((await grace.fetch(contract.verifyEmail, { body: { token: first } })).status, 'replaced').toBe(410)
    expect((await grace.fetch(contract.verifyEmail, { body: { token: second } })).status).toBe(200)
    expect((await grace.fetch(contract.me)).status, 'confirming does not sign in').toBe(401)
    expect((await grace.fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })).status).toBe(200)
    expect(await grace.me()).toMatchObject({ organisation_id: null, role: null, person: { instance_admin: false } })
  })

  test('202: a known address is answered like an unknown one, with the same work; its owner gets a mail', async () => {
    const admin = new Browser(app)
    await admin.fetch(contract.claim, { body: body(await claimSecret(app)) })
    await admin.fetch(contract.adminUpdateInstance, { body: { open_registration: true } })
    const ask = async (email: string) => {
      const before = slowHashRuns()
      const { status, body: answer } = await new Browser(app).fetch(contract.signUp, { body: { ...ada, email } })
      return { status, answer, runs: slowHashRuns() - before }
    }
    expect(await ask('ada@example.org')).toEqual(await ask('somebody@example.org'))
    await expect(mailedSecret(app, 'ada@example.org', 'known-address')).resolves.toBe('')
    const { status } = await new Browser(app).fetch(contract.signIn, {
      body: { email: 'ada@example.org', password: PASSWORD },
    })
    expect(status, 'the account is as it was').toBe(200)
  })

  test('422: nobody signs up as an administrator or into somebody’s organisation', async () => {
    for (const extra of [
      { instance_admin: true },
      { role: 'owner' },
      { organisation_id: DEMO_ORGANISATION_ID },
      { email_verified: true },
    ])
      expect((await new Browser(app).fetch(contract.signUp, { body: { ...ada, ...extra } as never })).status).toBe(422)
  })
})
