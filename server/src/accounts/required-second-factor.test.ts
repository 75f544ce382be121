import * as contract from '@tidemark/core/accounts/contract.ts'
import * as passkeys from '@tidemark/core/accounts/passkeys-contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addOrganisation,
  addPerson,
  anotherSession,
  Browser,
  mailedSecret,
  openAccountsApp,
  PASSWORD,
  signedIn,
  turnOnSecondFactor,
  type AccountsTestApp,
} from '../testing-accounts.ts'
import { SoftwareAuthenticator } from '../testing-authenticator.ts'
import * as store from './store.ts'

let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp()
})
afterAll(() => app?.close())

const required = { required: true }

/** Somebody who has an authenticator and has shown it. That setting one up does this is tested below, and slow on purpose. */
async function signedInWithBoth(options: Parameters<typeof signedIn>[1]) {
  const person = await signedIn(app, options)
  await store.keepSeed(app.ctx.system_db, person.person_id, new Uint8Array(48), app.clock.now())
  await store.confirmSecondFactor(app.ctx.system_db, person.person_id, app.clock.now())
  await store.saveSession(app.ctx.system_db, (await person.me()).session_id, { two_factors: true })
  return person
}

/** An organisation with an owner who has a second factor and asks everybody for one. */
async function strictOrganisation() {
  const organisation_id = await addOrganisation(app, 'Strict Ltd')
  const owner = await signedInWithBoth({ organisation_id, role: 'owner' })
  const params = { organisation_id }
  const answer = await owner.fetch(contract.requireSecondFactor, { params, body: required })
  expect(answer.body).toMatchObject({ organisation_id, second_factor_required: true })
  return { organisation_id, owner, params }
}

describe('turning it on', () => {
  test('needs a second factor of one’s own, shown in this session', async () => {
    const organisation_id = await addOrganisation(app)
    const owner = await signedIn(app, { organisation_id, role: 'owner' })
    const ask = () => owner.fetch(contract.requireSecondFactor, { params: { organisation_id }, body: required })
    const refused = await ask()
    expect([refused.status, refused.problem.type]).toEqual([403, '/problems/accounts/second-factor-required'])
    await turnOnSecondFactor(app, owner)
    expect((await ask()).status).toBe(200)
    expect((await owner.fetch(contract.getOrganisation, { params: { organisation_id } })).body).toMatchObject({
      second_factor_required: true,
    })
  })

  test('needs an owner who confirmed within five minutes', async () => {
    const { organisation_id, owner, params } = await strictOrganisation()
    const admin = await signedInWithBoth({ organisation_id, role: 'admin' })
    const by_admin = await admin.fetch(contract.requireSecondFactor, { params, body: { required: false } })
    expect([by_admin.status, by_admin.problem.type]).toEqual([403, '/problems/accounts/not-allowed'])
    app.clock.pass(301)
    const late = await owner.fetch(contract.requireSecondFactor, { params, body: { required: false } })
    expect([late.status, late.problem.type]).toEqual([403, '/problems/accounts/step-up-needed'])
  })

  test('and off is in the log, each by its name', async () => {
    const { organisation_id, owner, params } = await strictOrganisation()
    await owner.fetch(contract.requireSecondFactor, { params, body: { required: false } })
    const { rows } = await sql<{ action: string }>`select action from audit.event
      where resource_id = ${organisation_id} and action like 'accounts.second_factor_%' order by seq`.execute(
      app.ctx.system_db.kysely,
    )
    expect(rows.map(({ action }) => action)).toEqual([
      'accounts.second_factor_required',
      'accounts.second_factor_optional',
    ])
  })
})

describe('while it is on', () => {
  test('a member with a password alone reaches their own account and nothing of the organisation', async () => {
    const { organisation_id, params } = await strictOrganisation()
    const member = await signedIn(app, { organisation_id, role: 'admin' })
    expect(await member.me()).toMatchObject({
      organisation_id: null,
      role: null,
      permissions: ['accounts.self'],
      second_factor_required_by: { organisation_id, name: 'Strict Ltd' },
      two_factors: false,
    })
    for (const route of [contract.getOrganisation, contract.listMembers, contract.listInvitations]) {
      const answer = await member.fetch(route, { params })
      expect([route.name, answer.status, answer.problem.type]).toEqual([
        route.name,
        403,
        '/problems/accounts/second-factor-required',
      ])
    }
    const key = await member.fetch(contract.createKey, { body: { name: 'Way round', scopes: ['footprint.read'] } })
    expect(key.status).toBe(403)
    expect((await member.fetch(contract.listKeys)).body.keys).toEqual([])
    expect((await member.fetch(contract.switchOrganisation, { body: params })).body.role).toBeNull()
    expect((await member.fetch(contract.showSecondFactor)).status).toBe(200)
  })

  test('an authenticator opens everything at once, and its end closes it', async () => {
    const { organisation_id, params } = await strictOrganisation()
    const member = await signedIn(app, { organisation_id, role: 'reader' })
    const { code } = await turnOnSecondFactor(app, member)
    expect(await member.me()).toMatchObject({ organisation_id, role: 'reader', second_factor_required_by: null })
    expect((await member.fetch(contract.listMembers, { params })).status).toBe(200)
    app.clock.pass(30)
    const off = await member.fetch(contract.disableSecondFactor, { body: { code: code(), password: PASSWORD } })
    expect(off.status).toBe(204)
    expect((await member.fetch(contract.listMembers, { params })).status).toBe(403)
  })

  test('a passkey opens everything at once; another session shows it first', async () => {
    const { organisation_id, params } = await strictOrganisation()
    const member = await signedIn(app, { organisation_id, role: 'reader' })
    const device = new SoftwareAuthenticator()
    const asked = await member.fetch(passkeys.passkeyRegistrationOptions)
    const credential = device.register(asked.body.options)
    expect((await member.fetch(passkeys.addPasskey, { body: { name: 'Key', credential } })).status).toBe(201)
    expect((await member.fetch(contract.listMembers, { params })).status).toBe(200)

    const by_password = await anotherSession(app, member)
    await by_password.fetch(contract.switchOrganisation, { body: params })
    expect((await by_password.fetch(contract.listMembers, { params })).status).toBe(403)
    const question = await by_password.fetch(passkeys.passkeyStepUpOptions)
    const shown = device.signIn(question.body.options)
    expect((await by_password.fetch(passkeys.passkeyStepUp, { body: { credential: shown } })).status).toBe(200)
    expect((await by_password.fetch(contract.listMembers, { params })).status).toBe(200)
  })

  test('a program that signs in with a password alone is kept out as well, and one with a code is not', async () => {
    const { organisation_id, params } = await strictOrganisation()
    const member = await addPerson(app, { organisation_id, role: 'reader' })
    const program = new Browser(app)
    const bearer = async (body: { email: string; password: string; code?: string }) => {
      const { access_token } = (await program.fetch(contract.token, { body })).body
      return program.fetch(contract.listMembers, { params, headers: { authorization: `Bearer ${access_token}` } })
    }
    expect((await bearer({ email: member.email, password: PASSWORD })).problem.type).toBe(
      '/problems/accounts/second-factor-required',
    )
    const { code } = await turnOnSecondFactor(app, await anotherSession(app, member))
    app.clock.pass(30)
    expect((await bearer({ email: member.email, password: PASSWORD, code: code() })).status).toBe(200)
  })

  test('a personal key follows its person; a key of the organisation goes on, because it is a machine’s', async () => {
    const organisation_id = await addOrganisation(app)
    const owner = await signedIn(app, { organisation_id, role: 'owner' })
    const keyOf = async (kind: 'personal' | 'organisation') =>
      (await owner.fetch(contract.createKey, { body: { kind, name: kind, scopes: ['accounts.read'] } })).body.secret
    const [personal, shared] = [await keyOf('personal'), await keyOf('organisation')]
    const use = (secret: string) =>
      new Browser(app).fetch(contract.listMembers, {
        params: { organisation_id },
        headers: { authorization: `Bearer ${secret}` },
      })
    expect([(await use(personal)).status, (await use(shared)).status]).toEqual([200, 200])
    await store.saveOrganisation(app.ctx.system_db, organisation_id, { second_factor_required: true })
    expect((await use(personal)).problem.type).toBe('/problems/accounts/second-factor-required')
    expect((await use(shared)).status).toBe(200)
    await store.keepSeed(app.ctx.system_db, owner.person_id, new Uint8Array(48), app.clock.now())
    await store.confirmSecondFactor(app.ctx.system_db, owner.person_id, app.clock.now())
    expect((await use(personal)).status).toBe(200)
  })

  test('whoever accepts an invitation is a member, and acts there once they have a second factor', async () => {
    const { organisation_id, owner, params } = await strictOrganisation()
    const guest = await signedIn(app)
    const body = { email: guest.email, role: 'editor' as const }
    expect((await owner.fetch(contract.invite, { params, body })).status).toBe(201)
    const token = await mailedSecret(app, guest.email, 'invitation')
    const joined = await guest.fetch(contract.acceptInvitation, { body: { token } })
    expect(joined.body).toMatchObject({ role: null, second_factor_required_by: { organisation_id } })
    expect((await guest.fetch(contract.listMembers, { params })).status).toBe(403)
    await store.saveSession(app.ctx.system_db, joined.body.session_id, { two_factors: true })
    expect(await guest.me()).toMatchObject({ organisation_id, role: 'editor' })
  })

  test('another organisation of the same person stays open', async () => {
    const { organisation_id } = await strictOrganisation()
    const open_id = await addOrganisation(app)
    const member = await signedIn(app, { organisation_id, role: 'reader' })
    const joined_at = app.clock.now()
    const membership = { organisation_id: open_id, person_id: member.person_id, role: 'editor' as const, joined_at }
    await store.insertMembership(app.ctx.system_db, membership)
    const me = await member.fetch(contract.switchOrganisation, { body: { organisation_id: open_id } })
    expect(me.body).toMatchObject({ organisation_id: open_id, role: 'editor', second_factor_required_by: null })
    expect((await member.fetch(contract.listMembers, { params: { organisation_id: open_id } })).status).toBe(200)
  })

  test('whoever is kept out can leave', async () => {
    const { organisation_id, params } = await strictOrganisation()
    const member = await signedIn(app, { organisation_id, role: 'reader' })
    expect((await member.fetch(contract.leaveOrganisation, { params })).body).toMatchObject({
      organisation_id: null,
      second_factor_required_by: null,
    })
  })
})
