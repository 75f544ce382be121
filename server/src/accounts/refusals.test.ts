import { afterAll, beforeAll, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import {
  openAccountsApp,
  PASSWORD,
  signedIn,
  turnOnSecondFactor,
  Browser,
  type AccountsTestApp,
} from '../testing-accounts.ts'

let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp()
})
afterAll(() => app?.close())

const nobody = '01KAHX3V9M8Q2R5T7W0Y4Z6B1C'

async function founder() {
  const person = await signedIn(app)
  const body = { name: 'Works', country: 'FR' }
  const { organisation_id } = (await person.fetch(contract.createOrganisation, { body })).body
  return { person, organisation_id }
}

test('404: what is not there is named for what it is', async () => {
  const { person, organisation_id } = await founder()
  const asked = [
    [contract.endSession, { session_id: `ses_${nobody}` }, {}, 'accounts/unknown-session'],
    [
      contract.changeRole,
      { organisation_id, person_id: `per_${nobody}` },
      { role: 'reader' },
      'accounts/unknown-member',
    ],
    [contract.revokeInvitation, { organisation_id, invitation_id: `inv_${nobody}` }, {}, 'accounts/unknown-invitation'],
    [contract.revokeKey, { key_id: `key_${nobody}` }, {}, 'accounts/unknown-key'],
    [contract.startProvider, { provider: 'google' }, {}, 'accounts/unknown-provider'],
  ] as const
  for (const [route, params, body, type] of asked) {
    const sent = Object.keys(body).length > 0 ? { body: body as never } : {}
    const { status, problem } = await person.fetch(route as typeof contract.revokeKey, { params, ...sent })
    expect([route.name, status, problem.type]).toEqual([route.name, 404, `/problems/${type}`])
  }
})

test('404: an administrator is told that there is no such person', async () => {
  const admin = await signedIn(app, { instance_admin: true })
  const params = { person_id: `per_${nobody}` }
  const { problem } = await admin.fetch(contract.adminUpdatePerson, { params, body: { suspended: true } })
  expect(problem).toMatchObject({ status: 404, type: '/problems/accounts/unknown-person' })
})

test('409: one person founds fifty organisations and not fifty-one', async () => {
  const person = await signedIn(app)
  let last
  for (let n = 0; n < 51; n += 1) {
    last = await person.fetch(contract.createOrganisation, { body: { name: `Works ${n}`, country: 'FR' } })
    expect(last.status).toBe(n < 50 ? 201 : 409)
  }
  expect(last?.problem.type).toBe('/problems/accounts/too-many')
})

test('409: a second factor is set up once, and what is not set up cannot be turned off', async () => {
  const ada = await signedIn(app)
  const off = await ada.fetch(contract.renewRecoveryCodes)
  expect(off.problem).toMatchObject({ status: 409, type: '/problems/accounts/second-factor-off' })
  await turnOnSecondFactor(app, ada)
  const on = await ada.fetch(contract.enrolSecondFactor)
  expect(on.problem).toMatchObject({ status: 409, type: '/problems/accounts/second-factor-on' })
})

test('whoever guesses is locked out, and then the right password does not help either: accounts/locked', async () => {
  const ada = await signedIn(app)
  const browser = new Browser(app)
  let refused
  for (let n = 0; n < 12; n += 1) {
    refused = await browser.fetch(contract.signIn, {
      body: { email: ada.email, password: `a wrong guess, number ${n}` },
    })
    if (refused.problem.type === '/problems/accounts/locked') break
    app.clock.pass(30)
  }
  expect(refused?.problem.type).toBe('/problems/accounts/locked')
  const right = await browser.fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })
  expect(right.problem.type).toBe('/problems/accounts/locked')
})
