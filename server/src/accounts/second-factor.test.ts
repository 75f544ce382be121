import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import {
  anotherSession,
  Browser,
  openAccountsApp,
  PASSWORD,
  signedIn,
  turnOnSecondFactor,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'
import { slowHashRuns } from './secrets.ts'

let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp()
})
afterAll(() => app?.close())

async function halfWay(person: TestPerson): Promise<{ browser: Browser; challenge: string }> {
  const browser = new Browser(app)
  const { body } = await browser.fetch(contract.signIn, { body: { email: person.email, password: PASSWORD } })
  if (body.next !== 'second_factor') throw new Error('Nobody asked for the second factor.')
  return { browser, challenge: body.challenge }
}

test('a password alone no longer signs in: the second half asks for a code', async () => {
  const ada = await signedIn(app)
  const other = await anotherSession(app, ada)
  const before = ada.session
  const { code, recovery_codes } = await turnOnSecondFactor(app, ada)
  expect(recovery_codes).toHaveLength(10)
  expect(ada.session, 'the rights of the session changed, so its cookie does').not.toBe(before)
  expect((await other.fetch(contract.me)).status, 'opened with a password alone').toBe(401)
  app.clock.pass(60)
  const { browser, challenge } = await halfWay(ada)
  expect((await browser.fetch(contract.me)).status).toBe(401)
  const answer = await browser.fetch(contract.secondFactor, { body: { challenge, code: code() } })
  expect([answer.status, answer.body.recovery_codes_left]).toEqual([200, 10])
  expect((await browser.me()).person).toMatchObject({ person_id: ada.person_id, second_factor: true })
  const again = await browser.fetch(contract.secondFactor, { body: { challenge, code: code() } })
  expect([again.status, again.problem.type]).toEqual([410, '/problems/accounts/link-not-valid'])
})

test('of twenty who come with one code at the same moment one is let in', async () => {
  const ada = await signedIn(app)
  const { code } = await turnOnSecondFactor(app, ada)
  app.clock.pass(60)
  const halves = await Promise.all(Array.from({ length: 4 }, () => halfWay(ada)))
  const now = code()
  // The counter of failures would stop the twenty after five; it is moved out of the way to see the code itself hold.
  const subject = app.ctx.keyring.pseudonymOf('accounts.second-factor', ada.person_id)
  const unlocked = setInterval(
    () => void sql`delete from accounts.login_attempt where subject = ${subject}`.execute(app.db.kysely),
    1,
  )
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => {
      const { browser, challenge } = halves[i % 4] ?? { browser: new Browser(app), challenge: '' }
      return browser.fetch(contract.secondFactor, { body: { challenge, code: now } })
    }),
  )
  clearInterval(unlocked)
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
  expect(answers.every((answer) => [200, 401, 410, 429].includes(answer.status))).toBe(true)
})

test('401: a code that was used, or that is older than the last one, does not count again', async () => {
  const ada = await signedIn(app)
  const { code } = await turnOnSecondFactor(app, ada)
  app.clock.pass(90)
  const older = code(new Date(app.clock.now().getTime() - 30_000))
  const used = code()
  const first = await halfWay(ada)
  expect(
    (await first.browser.fetch(contract.secondFactor, { body: { challenge: first.challenge, code: used } })).status,
  ).toBe(200)
  for (const replayed of [used, older]) {
    const { browser, challenge } = await halfWay(ada)
    const answer = await browser.fetch(contract.secondFactor, { body: { challenge, code: replayed } })
    expect([answer.status, answer.problem.type]).toEqual([401, '/problems/accounts/wrong-code'])
  }
})

test('a recovery code works once, in whatever spelling, for one slow hash; the others stay', async () => {
  const ada = await signedIn(app)
  const { recovery_codes } = await turnOnSecondFactor(app, ada)
  const typed = recovery_codes[3]?.toLowerCase().replaceAll('-', ' ') ?? ''
  const first = await halfWay(ada)
  const before = slowHashRuns()
  const answer = await first.browser.fetch(contract.secondFactor, { body: { challenge: first.challenge, code: typed } })
  expect([answer.status, answer.body.recovery_codes_left, slowHashRuns() - before]).toEqual([200, 9, 1])
  const second = await halfWay(ada)
  const again = await second.browser.fetch(contract.secondFactor, {
    body: { challenge: second.challenge, code: typed },
  })
  expect(again.status).toBe(401)
  const other = await second.browser.fetch(contract.secondFactor, {
    body: { challenge: second.challenge, code: recovery_codes[4] ?? '' },
  })
  expect(other.status).toBe(200)
})

test('codes and recovery codes are counted together: five failures lock both', async () => {
  const ada = await signedIn(app)
  const { code, recovery_codes } = await turnOnSecondFactor(app, ada)
  app.clock.pass(60)
  const { browser, challenge } = await halfWay(ada)
  const guesses = ['000000', 'AAAA-AAAA-AAAA-AAAA', '111111', 'BBBB-BBBB-BBBB-BBBB', 'not a code']
  for (const guess of guesses)
    expect((await browser.fetch(contract.secondFactor, { body: { challenge, code: guess } })).status).toBe(401)
  for (const right of [code(), recovery_codes[0] ?? '']) {
    const answer = await browser.fetch(contract.secondFactor, { body: { challenge, code: right } })
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '900'])
  }
  app.clock.pass(901)
  const later = await halfWay(ada)
  const answer = await later.browser.fetch(contract.secondFactor, {
    body: { challenge: later.challenge, code: code() },
  })
  expect(answer.status).toBe(200)
})

test('a half-way sign-in ends after five minutes, and a made-up one never began', async () => {
  const ada = await signedIn(app)
  const { code } = await turnOnSecondFactor(app, ada)
  const { browser, challenge } = await halfWay(ada)
  app.clock.pass(301)
  for (const each of [challenge, 'A'.repeat(43)])
    expect((await browser.fetch(contract.secondFactor, { body: { challenge: each, code: code() } })).status).toBe(410)
})

test('sensitive actions ask for a code, not for the password', async () => {
  const ada = await signedIn(app)
  const { code } = await turnOnSecondFactor(app, ada)
  app.clock.pass(301)
  const refused = await ada.fetch(contract.renewRecoveryCodes)
  expect(refused.problem.type).toBe('/problems/accounts/step-up-needed')
  const by_password = await ada.fetch(contract.stepUp, { body: { password: PASSWORD } })
  expect(by_password.problem.type).toBe('/problems/accounts/second-factor-needed')
  expect((await ada.fetch(contract.stepUp, { body: { code: code() } })).status).toBe(200)
  const renewed = await ada.fetch(contract.renewRecoveryCodes)
  expect([renewed.status, renewed.body.recovery_codes.length]).toEqual([200, 10])
})

test('turning it off needs a code and a password that can stand alone', async () => {
  const ada = await signedIn(app)
  const { code } = await turnOnSecondFactor(app, ada)
  // Beside a second factor a shorter one was allowed.
  const short = 'kX7qLm2vR'
  await ada.fetch(contract.changePassword, { body: { current_password: PASSWORD, new_password: short } })
  app.clock.pass(30)
  const refused = await ada.fetch(contract.disableSecondFactor, { body: { code: code(), password: short } })
  expect(refused.problem.type).toBe('/problems/accounts/weak-password')
  await ada.fetch(contract.changePassword, { body: { current_password: short, new_password: PASSWORD } })
  app.clock.pass(30)
  const wrong = await ada.fetch(contract.disableSecondFactor, { body: { code: code(), password: short } })
  expect(wrong.problem.type).toBe('/problems/accounts/wrong-credentials')
  app.clock.pass(30)
  expect((await ada.fetch(contract.disableSecondFactor, { body: { code: code(), password: PASSWORD } })).status).toBe(
    204,
  )
  expect((await ada.fetch(contract.showSecondFactor)).body).toEqual({
    enabled: false,
    enabled_at: null,
    recovery_codes_left: 0,
  })
})

test('setting it up: the seed is stored encrypted, shown once, and beginning again replaces it until it is confirmed', async () => {
  const ada = await signedIn(app)
  const first = (await ada.fetch(contract.enrolSecondFactor)).body
  const second = (await ada.fetch(contract.enrolSecondFactor)).body
  expect(second.secret_base32).not.toBe(first.secret_base32)
  expect(second.otpauth_uri).toContain(`secret=${second.secret_base32}&`)
  expect((await ada.fetch(contract.showSecondFactor)).body.enabled).toBe(false)
  expect((await ada.fetch(contract.confirmSecondFactor, { body: { code: '000000' } })).status).toBe(401)
  await turnOnSecondFactor(app, ada)
  expect((await ada.fetch(contract.enrolSecondFactor)).status).toBe(409)
  const { rows } = await sql<{ seed: Uint8Array }>`select seed from accounts.second_factor
    where person_id = ${ada.person_id}`.execute(app.db.kysely)
  expect(rows[0]?.seed.length).toBe(12 + 20 + 16)
})

test('a reset by mail does not get around it', async () => {
  const ada = await signedIn(app)
  await turnOnSecondFactor(app, ada)
  await ada.fetch(contract.requestReset, { body: { email: ada.email } })
  const { mailedSecret } = await import('../testing-accounts.ts')
  const token = await mailedSecret(app, ada.email, 'reset-password')
  expect((await ada.fetch(contract.resetPassword, { body: { token, password: PASSWORD } })).status).toBe(200)
  const { body } = await new Browser(app).fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })
  expect(body.next).toBe('second_factor')
})
