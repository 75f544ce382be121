import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import * as privacy from '@tidemark/core/privacy/contract.ts'
import { access, capabilities } from '../app.ts'
import {
  addOrganisation,
  mailedSecret,
  openAccountsApp,
  PASSWORD,
  signedIn,
  type AccountsTestApp,
} from '../testing-accounts.ts'

/** What a thief prepared while they were in, and comes back for after the owner has thrown them out. */
let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp({ capabilities, access })
})
afterAll(() => app?.close())

const other_password = 'seven grey geese over Lisbon'

describe('a link that would move the account to a thief’s address is dead', () => {
  test.each(['a reset', 'a change of the password', 'signing out everywhere'] as const)('after %s', async (how) => {
    const ada = await signedIn(app)
    const email = `thief-of-${ada.person_id.slice(-8).toLowerCase()}@example.org`
    await ada.fetch(contract.changeEmail, { body: { email } })
    const token = await mailedSecret(app, email, 'verify-email')
    if (how === 'a reset') {
      await ada.fetch(contract.requestReset, { body: { email: ada.email } })
      const link = await mailedSecret(app, ada.email, 'reset-password')
      await ada.fetch(contract.resetPassword, { body: { token: link, password: other_password } })
    } else if (how === 'signing out everywhere') await ada.fetch(contract.signOutEverywhere)
    else
      await ada.fetch(contract.changePassword, { body: { current_password: PASSWORD, new_password: other_password } })
    expect((await app.fetch(contract.verifyEmail, { body: { token } })).status).toBe(410)
  })

  test('while the account is suspended', async () => {
    const [ada, admin] = [await signedIn(app), await signedIn(app, { instance_admin: true })]
    await ada.fetch(contract.changeEmail, { body: { email: 'thief-of-suspended@example.org' } })
    const token = await mailedSecret(app, 'thief-of-suspended@example.org', 'verify-email')
    await admin.fetch(contract.adminUpdatePerson, { params: { person_id: ada.person_id }, body: { suspended: true } })
    expect((await app.fetch(contract.verifyEmail, { body: { token } })).status).toBe(410)
  })
})

test('an export of the organisation is not there for whoever has lost the right to it since, nor in another name', async () => {
  const organisation_id = await addOrganisation(app)
  const owner = await signedIn(app, { organisation_id, role: 'owner' })
  const admin = await signedIn(app, { organisation_id, role: 'admin' })
  const { body } = await admin.fetch(privacy.exportOrganisation, { params: { organisation_id } })
  await app.app.jobs.drain()
  const fetchIt = async () => {
    const { status, problem } = await admin.fetch(privacy.fetchExport, { params: { export_id: body.export_id } })
    return status === 200 ? 'given' : problem.type
  }
  expect(await fetchIt()).toBe('given')
  const member = { organisation_id, person_id: admin.person_id }
  const setRole = (role: 'admin' | 'reader') => owner.fetch(contract.changeRole, { params: member, body: { role } })
  await setRole('reader')
  expect(await fetchIt()).toBe('/problems/privacy/unknown-export')
  await setRole('admin')
  expect(await fetchIt()).toBe('given')
  expect((await owner.fetch(contract.removeMember, { params: member })).status).toBe(200)
  expect(await fetchIt()).toBe('/problems/privacy/unknown-export')
  expect((await admin.fetch(contract.createOrganisation, { body: { name: 'Own', country: 'FR' } })).status).toBe(201)
  expect(await fetchIt(), 'as the owner of something else').toBe('/problems/privacy/unknown-export')
})
