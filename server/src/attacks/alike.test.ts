import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiKeyText, parseApiKey } from '@tidemark/core/accounts/api-key.ts'
import * as contract from '@tidemark/core/accounts/contract.ts'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { slowHashRuns } from '../accounts/secrets.ts'
import { access, capabilities } from '../app.ts'
import { listMails } from '../platform/mail.ts'
import { claim } from '../platform/testing-access.ts'
import type { TestAnswer, TestRequest } from '../platform/testing.ts'
import {
  addOrganisation,
  addPerson,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'

/**
 * Who asks whether somebody has an account here is told nothing: not by the answer, and not by the clock. The clock is not
 * read: the same statements and the same slow hashes are counted.
 */
let app: AccountsTestApp
let known: TestPerson
let suspended: TestPerson
beforeAll(async () => {
  app = await openAccountsApp({ capabilities, access })
  await claim(app)
  known = await addPerson(app)
  suspended = await addPerson(app)
  await sql`update accounts.person set suspended_at = now() where person_id = ${suspended.person_id}`.execute(
    app.db.kysely,
  )
  await sql`update accounts.instance set open_registration = true`.execute(app.db.kysely)
})
afterAll(() => app?.close())

const wrong = 'another boat that nobody rows'

/** How many statements the server has sent to its database. */
async function statements(): Promise<number> {
  const text = (await app.fetch('/metrics')).bytes.toString()
  return Number(/^tidemark_database_query_duration_seconds_count (\d+)/m.exec(text)?.[1])
}

interface Seen {
  status: number
  body: unknown
  headers: unknown
  statements: number
  slow_hashes: number
}

/** What can be seen of an answer, and what it took. */
async function seen(ask: () => Promise<TestAnswer<unknown>>): Promise<Seen> {
  const counting = -(await statements()) + (await statements())
  const [before, hashes] = [await statements(), slowHashRuns()]
  const { status, body, headers } = await ask()
  const { date: _, 'x-request-id': __, ...rest } = headers
  const { request_id: ___, ...said } = body as Record<string, unknown>
  return { status, body: said, headers: rest, statements: (await statements()) - before - counting, slow_hashes: slowHashRuns() - hashes }
} // oxfmt-ignore

const post =
  (route: AnyRoute, body: object, more: TestRequest = {}) =>
  () =>
    app.fetch(route, { body, ...more })

describe('told apart neither by the answer nor by the work', () => {
  test.each([
    ['signing in', contract.signIn, (email: string) => ({ email, password: wrong }), 1],
    ['asking for tokens', contract.token, (email: string) => ({ email, password: wrong }), 1],
    ['asking for a reset', contract.requestReset, (email: string) => ({ email }), 0],
    ['asking for the confirmation again', contract.resendVerification, (email: string) => ({ email }), 0],
    ['signing up', contract.signUp, (email: string) => ({ email, password: wrong, name: 'Somebody', locale: 'en' }), 1],
  ] as const)('%s: an address that has an account, one that is suspended, one that nobody has', async (name, route, bodyOf, slow_hashes) => {
    const of_known = await seen(post(route, bodyOf(known.email)))
    const of_suspended = await seen(post(route, bodyOf(suspended.email)))
    const of_nobody = await seen(post(route, bodyOf(`nobody-${name.replaceAll(' ', '-')}@example.org`)))
    expect(of_suspended).toEqual(of_known)
    // A refused sign-in notes whose account it was: the pseudonym is one statement more, behind a slow hash of 0.1 s.
    const spare = route === contract.signIn || route === contract.token ? 1 : 0
    expect({ ...of_nobody, statements: 0 }).toEqual({ ...of_known, statements: 0 })
    expect(of_known.statements - of_nobody.statements).toBeLessThanOrEqual(spare)
    expect(of_nobody.slow_hashes).toBe(slow_hashes)
    expect(of_nobody.statements).toBeGreaterThan(1)
  }) // oxfmt-ignore

  test('confirming again: an address that waits and one that does not', async () => {
    const email = 'waiting@example.org'
    await app.fetch(contract.signUp, { body: { email, password: wrong, name: 'Waiting', locale: 'en' } })
    expect(await seen(post(contract.resendVerification, { email }))).toEqual(
      await seen(post(contract.resendVerification, { email: 'does-not-wait@example.org' })),
    )
  })

  test('moving to an address that is taken, and to a free one', async () => {
    const [one, other] = [await signedIn(app), await signedIn(app)]
    const move = (person: TestPerson, email: string) =>
      seen(() => person.fetch(contract.changeEmail, { body: { email } }))
    expect(await move(one, known.email)).toEqual(await move(other, 'free@example.org'))
  })

  test('links of every kind that were never written', async () => {
    const token = 'A'.repeat(43)
    for (const [route, body] of [
      [contract.verifyEmail, { token }],
      [contract.showInvitation, { token }],
      [contract.resetPassword, { token, password: wrong }],
      [contract.secondFactor, { challenge: token, code: '123456' }],
      [contract.claim, { token, email: 'x@example.org', password: wrong, name: 'X', locale: 'en', organisation: { name: 'X', country: 'FR' } }],
    ] as const)
      expect((await seen(post(route, body))).slow_hashes, route.name).toBe(0)
  }) // oxfmt-ignore

  test('keys: one that is there with a wrong secret, one that is not there, one that has ended: one statement each', async () => {
    const organisation_id = await addOrganisation(app)
    const owner = await signedIn(app, { organisation_id, role: 'owner' })
    const make = async () => (await owner.fetch(contract.createKey, { body: { name: 'Key', scopes: ['footprint.read'] } })).body
    const [there, ended] = [await make(), await make()]
    await owner.fetch(contract.revokeKey, { params: { key_id: ended.key.key_id } })
    const parts = parseApiKey(there.secret)
    if (!parts) throw new Error('no key')
    const tried = [
      apiKeyText({ ...parts, secret: 'A'.repeat(43) }),
      apiKeyText({ ...parts, name: '00000000' }),
      ended.secret,
    ]
    const answers: Seen[] = []
    for (const key of tried)
      answers.push(await seen(() => app.fetch(contract.me, { headers: { authorization: `Bearer ${key}` } })))
    expect(answers.map((each) => each.statements)).toEqual([1, 1, 1])
    expect(answers.map((each) => each.slow_hashes)).toEqual([0, 0, 0])
    expect([answers[1], answers[2]]).toEqual([answers[0], answers[0]])
  }) // oxfmt-ignore

  test('an invitation to somebody who has an account, and to somebody who has none, is answered alike', async () => {
    const organisation_id = await addOrganisation(app)
    const owner = await signedIn(app, { organisation_id, role: 'owner' })
    const invite = async (email: string) => {
      const { status, body } = await owner.fetch(contract.invite, { params: { organisation_id }, body: { email, role: 'reader' } })
      return [status, { ...body, email: '', invitation_id: '' }]
    }
    expect(await invite(known.email)).toEqual(await invite('nobody-invited@example.org'))
  }) // oxfmt-ignore
})

test('an address that nobody has gets no mail and leaves no trace', async () => {
  const email = 'never-heard-of@example.org'
  const before = (await listMails(app.ctx, 1000)).length
  for (const route of [contract.requestReset, contract.resendVerification]) await app.fetch(route, { body: { email } })
  expect((await listMails(app.ctx, 1000)).length).toBe(before)
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from accounts.email_token where email = ${email}`.execute(app.db.kysely) // oxfmt-ignore
  expect(rows[0]?.n).toBe(0)
})

describe('addresses that look alike', () => {
  // Cyrillic а, full-width letters, a ligature, the Kelvin sign, a dotless i, a mark that follows, a space of no width.
  const look_alikes = ['\u0430da@example.org', '\uff41da@example.org', 'ada@ex\u0430mple.org', 'ada@example\u3002org', 'ﬁada@example.org', 'ad\u0430@example.org', 'a\u200bda@example.org', 'ada\u0301@example.org', 'ada@example.org\u0000', 'ada@example.org,eve@evil.example', 'ada@example.org\r\nBcc: eve@evil.example', '"ada"@example.org', 'ada@[127.0.0.1]', 'ada@example.org.', '\u202eada@example.org'] // oxfmt-ignore

  test('never open the account of the one that they look like', async () => {
    const ada = await addPerson(app)
    await sql`update accounts.person set email = 'ada@example.org' where person_id = ${ada.person_id}`.execute(
      app.db.kysely,
    )
    const before = (await listMails(app.ctx, 1000)).filter(({ to }) => to === 'ada@example.org').length
    for (const email of look_alikes) {
      const answer = await app.fetch(contract.requestReset, { body: { email } })
      expect([202, 422], email).toContain(answer.status)
      expect((await app.fetch(contract.signIn, { body: { email, password: 'a boat that nobody else rows' } })).status, email).not.toBe(200) // oxfmt-ignore
    }
    const mails = await listMails(app.ctx, 1000)
    expect(mails.filter(({ to }) => to === 'ada@example.org')).toHaveLength(before)
    expect(mails.filter(({ to }) => to.includes('evil'))).toEqual([])
  })

  test('what Unicode itself says is the same letter is the same address, and its mail goes to the one that is kept', async () => {
    const kate = await addPerson(app)
    await sql`update accounts.person set email = 'kate@example.org' where person_id = ${kate.person_id}`.execute(
      app.db.kysely,
    )
    await app.fetch(contract.requestReset, { body: { email: '\u212aate@example.org' } })
    const mails = await listMails(app.ctx, 1000)
    expect(mails.filter(({ to }) => to === 'kate@example.org')).toHaveLength(1)
    expect(mails.filter(({ to }) => to.includes('\u212a'))).toEqual([])
  })
})
