import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import {
  addOrganisation,
  addPerson,
  Browser,
  mailedSecret,
  openAccountsApp,
  PASSWORD,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'

let app: AccountsTestApp
let organisation_id: string
let owner: TestPerson
beforeAll(async () => {
  app = await openAccountsApp()
})
afterAll(() => app?.close())
beforeEach(async () => {
  organisation_id = await addOrganisation(app)
  owner = await signedIn(app, { organisation_id, role: 'owner', name: 'Olga Owner' })
})

const params = () => ({ organisation_id })
const type = (name: string) => `/problems/${name}`

describe('an organisation', () => {
  test('is made by anybody with an account, who owns it; its profile changes field by field', async () => {
    const ada = await signedIn(app)
    const made = await ada.fetch(contract.createOrganisation, {
      body: { name: 'Laiterie', country: 'FR', sector: '10.51C' },
    })
    expect([made.status, made.body.sites]).toEqual([201, []])
    expect(await ada.me()).toMatchObject({ organisation_id: made.body.organisation_id, role: 'owner' })
    const own = { organisation_id: made.body.organisation_id }
    const sites = [{ name: 'Siège', country: 'FR', city: 'Lyon' }]
    const changed = await ada.fetch(contract.updateOrganisation, { params: own, body: { employees: 40, sites } })
    expect(changed.body).toMatchObject({ name: 'Laiterie', employees: 40, sites, plan: 'free' })
    expect((await ada.fetch(contract.getOrganisation, { params: own })).body).toEqual(changed.body)
  })

  test('422: plan, owner and dates are nobody’s to write', async () => {
    for (const extra of [
      { plan: 'enterprise' },
      { is_demo: true },
      { deletion_due_at: null },
      { organisation_id: 'org_x' },
    ])
      expect((await owner.fetch(contract.updateOrganisation, { params: params(), body: extra as never })).status).toBe(
        422,
      )
  })

  test('404: another’s is not there, by any address', async () => {
    const other = { organisation_id: await addOrganisation(app, 'Elsewhere') }
    const stranger = await addPerson(app, { ...other, role: 'reader' })
    const invited = { ...other, invitation_id: 'inv_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }
    const answers = await Promise.all([
      owner.fetch(contract.getOrganisation, { params: other }),
      owner.fetch(contract.updateOrganisation, { params: other, body: { name: 'Mine now' } }),
      owner.fetch(contract.listMembers, { params: other }),
      owner.fetch(contract.changeRole, {
        params: { ...other, person_id: stranger.person_id },
        body: { role: 'owner' },
      }),
      owner.fetch(contract.removeMember, { params: { ...other, person_id: stranger.person_id } }),
      owner.fetch(contract.leaveOrganisation, { params: other }),
      owner.fetch(contract.listInvitations, { params: other }),
      owner.fetch(contract.invite, { params: other, body: { email: 'x@example.org', role: 'owner' } }),
      owner.fetch(contract.revokeInvitation, { params: invited }),
      owner.fetch(contract.switchOrganisation, { body: other }),
    ])
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 404))
  })

  test('403: a role does what the table says and no more', async () => {
    const reader = await signedIn(app, { organisation_id, role: 'reader' })
    expect((await reader.fetch(contract.getOrganisation, { params: params() })).status).toBe(200)
    const refused = [
      await reader.fetch(contract.updateOrganisation, { params: params(), body: { name: 'Mine' } }),
      await reader.fetch(contract.invite, { params: params(), body: { email: 'x@example.org', role: 'reader' } }),
      await reader.fetch(contract.listInvitations, { params: params() }),
    ]
    expect(refused.map((answer) => answer.problem.type)).toEqual(Array(3).fill(type('accounts/not-allowed')))
    const { members } = (await reader.fetch(contract.listMembers, { params: params() })).body
    expect(
      members.map((member) => member.second_factor),
      'who is protected how is for stewards',
    ).toEqual([null, null])
  })

  test('a person in two organisations is something else in each, and acts in one at a time', async () => {
    const second = await addOrganisation(app, 'Second')
    await sql`insert into accounts.membership values (${second}, ${owner.person_id}, 'reader', ${app.clock.now()})`.execute(
      app.db.kysely,
    )
    expect((await owner.fetch(contract.getOrganisation, { params: { organisation_id: second } })).status).toBe(404)
    const before = owner.session
    const { body: me } = await owner.fetch(contract.switchOrganisation, { body: { organisation_id: second } })
    expect([me.organisation_id, me.role]).toEqual([second, 'reader'])
    expect(owner.session, 'what the session may do changed').not.toBe(before)
    expect(me.permissions).not.toContain('accounts.invite')
    expect((await owner.fetch(contract.listInvitations, { params: params() })).status).toBe(403)
  })
})

describe('members', () => {
  test('a role that is changed holds from the next request of the same session', async () => {
    const editor = await signedIn(app, { organisation_id, role: 'editor' })
    const target = { ...params(), person_id: editor.person_id }
    expect((await owner.fetch(contract.changeRole, { params: target, body: { role: 'admin' } })).body.role).toBe(
      'admin',
    )
    expect((await editor.fetch(contract.listInvitations, { params: params() })).status).toBe(200)
    await owner.fetch(contract.changeRole, { params: target, body: { role: 'reader' } })
    expect((await editor.fetch(contract.listInvitations, { params: params() })).status).toBe(403)
    expect((await owner.fetch(contract.removeMember, { params: target })).status).toBe(200)
    expect(await editor.me()).toMatchObject({ organisation_id: null, role: null, memberships: [] })
  })

  test('409: the last owner stays owner, and two who step down at once leave one', async () => {
    const self = { ...params(), person_id: owner.person_id }
    const answers = [
      await owner.fetch(contract.changeRole, { params: self, body: { role: 'admin' } }),
      await owner.fetch(contract.removeMember, { params: self }),
      await owner.fetch(contract.leaveOrganisation, { params: params() }),
    ]
    expect(answers.map((answer) => answer.problem.type)).toEqual(Array(3).fill(type('accounts/last-owner')))
    const second = await signedIn(app, { organisation_id, role: 'owner' })
    const both = await Promise.all(
      [owner, second].map((each) => each.fetch(contract.leaveOrganisation, { params: params() })),
    )
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 409])
  })

  test('403: an admin makes, changes and removes no owner; nobody hands out more than they hold', async () => {
    const admin = await signedIn(app, { organisation_id, role: 'admin' })
    const self = { ...params(), person_id: admin.person_id }
    const boss = { ...params(), person_id: owner.person_id }
    const answers = [
      await admin.fetch(contract.changeRole, { params: self, body: { role: 'owner' } }),
      await admin.fetch(contract.changeRole, { params: boss, body: { role: 'reader' } }),
      await admin.fetch(contract.removeMember, { params: boss }),
      await admin.fetch(contract.invite, { params: params(), body: { email: 'x@example.org', role: 'owner' } }),
    ]
    expect(answers.map((answer) => answer.problem.type)).toEqual(Array(4).fill(type('accounts/beyond-your-role')))
  })

  test('403: what is sensitive is confirmed within five minutes', async () => {
    const editor = await addPerson(app, { organisation_id, role: 'editor' })
    app.clock.pass(301)
    const target = { ...params(), person_id: editor.person_id }
    const answers = () =>
      Promise.all([
        owner.fetch(contract.changeRole, { params: target, body: { role: 'reader' } }),
        owner.fetch(contract.invite, { params: params(), body: { email: 'x@example.org', role: 'reader' } }),
        owner.fetch(contract.createKey, { body: { name: 'Key', scopes: ['footprint.read'] } }),
      ])
    expect((await answers()).map((answer) => answer.problem.type)).toEqual(
      Array(3).fill(type('accounts/step-up-needed')),
    )
    await owner.fetch(contract.stepUp, { body: { password: PASSWORD } })
    expect((await answers()).map((answer) => answer.status)).toEqual([200, 201, 201])
  })
})

describe('invitations', () => {
  const invite = async (email: string, role = 'editor' as const) =>
    owner.fetch(contract.invite, { params: params(), body: { email, role } })

  test('the link makes an account at once, in the organisation and the role that were meant', async () => {
    const email = 'invited1@example.org'
    const { body: invitation } = await invite(email)
    expect(invitation).toMatchObject({ state: 'open', invited_by: 'Olga Owner' })
    const token = await mailedSecret(app, email, 'invitation')
    const shown = await new Browser(app).fetch(contract.showInvitation, { body: { token } })
    expect(shown.body).toMatchObject({ email, organisation_name: 'Example Ltd', role: 'editor', has_account: false })
    const person = new Browser(app)
    const body = { email, password: PASSWORD, name: 'Ivy', invitation: token }
    const other = await person.fetch(contract.signUp, { body: { ...body, email: 'other@example.org' } })
    expect(other.problem.type).toBe(type('accounts/invitation-for-another'))
    expect((await person.fetch(contract.signUp, { body })).status).toBe(202)
    expect(await person.me()).toMatchObject({
      organisation_id,
      role: 'editor',
      person: { email, email_verified: true },
    })
    expect((await new Browser(app).fetch(contract.signUp, { body })).status, 'it works once').toBe(410)
    const { invitations } = (await owner.fetch(contract.listInvitations, { params: params() })).body
    expect(invitations.map((each) => each.state)).toEqual(['accepted'])
  })

  test('who has an account joins with it, and nobody else does with that link', async () => {
    const ada = await signedIn(app)
    const eve = await signedIn(app)
    await invite(ada.email)
    const token = await mailedSecret(app, ada.email, 'invitation')
    const again = { email: ada.email, password: PASSWORD, name: 'Ada', invitation: token }
    expect((await new Browser(app).fetch(contract.signUp, { body: again })).problem.type).toBe(
      type('accounts/has-account'),
    )
    expect((await eve.fetch(contract.acceptInvitation, { body: { token } })).problem.type).toBe(
      type('accounts/invitation-for-another'),
    )
    expect((await ada.fetch(contract.acceptInvitation, { body: { token } })).body).toMatchObject({
      organisation_id,
      role: 'editor',
    })
    expect((await ada.fetch(contract.acceptInvitation, { body: { token } })).status).toBe(410)
    expect((await invite(ada.email)).problem.type).toBe(type('accounts/already-member'))
  })

  test('410: withdrawn, replaced by a newer one, or older than seven days', async () => {
    const ada = await signedIn(app)
    const accept = (token: string) => ada.fetch(contract.acceptInvitation, { body: { token } })
    const { body: first } = await invite(ada.email)
    const withdrawn = await mailedSecret(app, ada.email, 'invitation')
    const target = { ...params(), invitation_id: first.invitation_id }
    expect((await owner.fetch(contract.revokeInvitation, { params: target })).status).toBe(204)
    expect((await owner.fetch(contract.revokeInvitation, { params: target })).status).toBe(404)
    expect((await accept(withdrawn)).status).toBe(410)
    app.clock.pass(1)
    await invite(ada.email)
    const replaced = await mailedSecret(app, ada.email, 'invitation')
    app.clock.pass(1)
    await invite(ada.email)
    const newest = await mailedSecret(app, ada.email, 'invitation')
    expect((await accept(replaced)).status).toBe(410)
    app.clock.pass(7 * 86_400 + 1)
    const late = await signedIn(app)
    expect((await new Browser(app).fetch(contract.showInvitation, { body: { token: newest } })).status).toBe(410)
    expect((await late.fetch(contract.acceptInvitation, { body: { token: newest } })).status).toBe(410)
  })

  test('of five who accept one link at the same moment one joins', async () => {
    const ada = await signedIn(app)
    await invite(ada.email)
    const token = await mailedSecret(app, ada.email, 'invitation')
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => new BrowserOf(ada).fetch(contract.acceptInvitation, { body: { token } })),
    )
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
  })

  test('a name that would break out of a mail does not', async () => {
    const name = 'Example\u2028Ltd <b>"{link}"</b>'
    expect((await owner.fetch(contract.updateOrganisation, { params: params(), body: { name } })).status).toBe(422)
    for (const bad of ['a\r\nBcc: eve@example.org', 'a\u0000b', '\u202Etxt.exe'])
      expect((await owner.fetch(contract.updateOrganisation, { params: params(), body: { name: bad } })).status).toBe(
        422,
      )
  })
})

/** A second tab of the same browser: it knows the cookie as it was. */
class BrowserOf extends Browser {
  constructor(person: TestPerson) {
    super(app)
    for (const [name, value] of person.cookies) this.cookies.set(name, value)
  }
}
