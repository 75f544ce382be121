import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import { listMails } from '../platform/mail.ts'
import {
  addOrganisation,
  addPerson,
  anotherSession,
  Browser,
  mailedSecret,
  openAccountsApp,
  PASSWORD,
  signedIn,
  type AccountsTestApp,
} from '../testing-accounts.ts'
import { slowHashRuns } from './secrets.ts'
import { tidy } from './service.ts'

let app: AccountsTestApp
let organisation_id: string
beforeAll(async () => {
  app = await openAccountsApp()
  organisation_id = await addOrganisation(app)
})
afterAll(() => app?.close())

const wrong = 'another boat that nobody rows'

describe('signing in', () => {
  test('200: with e-mail in any spelling and password, and then requests are those of that person', async () => {
    const ada = await addPerson(app, { organisation_id, role: 'editor' })
    const answer = await ada.fetch(contract.signIn, {
      body: { email: ` ${ada.email.toUpperCase()} `, password: PASSWORD },
    })
    expect(answer.status).toBe(200)
    const me = await ada.me()
    expect(me).toMatchObject({ organisation_id, role: 'editor', person: { person_id: ada.person_id } })
    expect(me.permissions).toContain('footprint.calculate')
    expect(me.permissions).not.toContain('accounts.invite')
  })

  test('the cookie is HttpOnly, SameSite=Lax, for the whole site; under https it is Secure and __Host-', async () => {
    const ada = await addPerson(app)
    const body = { email: ada.email, password: PASSWORD }
    const plain = String((await ada.fetch(contract.signIn, { body })).headers['set-cookie'])
    expect(plain).toMatch(/^tidemark=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
    const public_app = await openAccountsApp({ config: { public_origin: 'https://carbon.example' } })
    try {
      const eve = await addPerson(public_app)
      const headers = { host: 'carbon.example' }
      const answer = await eve.fetch(contract.signIn, { body: { email: eve.email, password: PASSWORD }, headers })
      expect(String(answer.headers['set-cookie'])).toMatch(/^__Host-tidemark=[\w-]{43}; Path=\/; .*; Secure$/)
    } finally {
      await public_app.close()
    }
  })

  test('401: an unknown address and a wrong password are told apart neither by the answer nor by the work done', async () => {
    const ada = await addPerson(app)
    const seen = await Promise.all(
      [ada.email, 'nobody@example.org', 'guest@demonstration.invalid'].map(async (email) => {
        const answer = await new Browser(app).fetch(contract.signIn, { body: { email, password: wrong } })
        const { instance: _, request_id: __, ...problem } = answer.problem
        return { status: answer.status, problem, cookie: answer.headers['set-cookie'] }
      }),
    )
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
    expect(seen[0]?.status).toBe(401)
    const runsFor = async (email: string) => {
      const before = slowHashRuns()
      await new Browser(app).fetch(contract.signIn, { body: { email, password: wrong } })
      return slowHashRuns() - before
    }
    expect([await runsFor(ada.email), await runsFor('nobody2@example.org')]).toEqual([1, 1])
  })

  test('401: a suspended person, with the answer of a wrong password', async () => {
    const ada = await signedIn(app)
    await sql`update accounts.person set suspended_at = now() where person_id = ${ada.person_id}`.execute(app.db.kysely)
    expect((await ada.fetch(contract.me)).status).toBe(401)
    const answer = await ada.fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })
    expect([answer.status, answer.problem.type]).toEqual([401, '/problems/accounts/wrong-credentials'])
  })

  test('422: fields that were not asked for are refused, not taken over', async () => {
    const ada = await addPerson(app)
    for (const extra of [
      { role: 'owner' },
      { organisation_id },
      { instance_admin: true },
      { person_id: ada.person_id },
    ]) {
      const body = { email: ada.email, password: PASSWORD, ...extra }
      expect((await ada.fetch(contract.signIn, { body: body as never })).status).toBe(422)
    }
  })
})

describe('guessing', () => {
  test('429: five failures lock an address for a quarter of an hour, whether or not it has an account', async () => {
    const ada = await addPerson(app)
    for (const email of [ada.email, 'guessed@example.org']) {
      const statuses: number[] = []
      for (let i = 0; i < 6; i++)
        statuses.push((await new Browser(app).fetch(contract.signIn, { body: { email, password: wrong } })).status)
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    }
    const locked = await new Browser(app).fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })
    expect([locked.status, locked.headers['retry-after']]).toEqual([429, '900'])
    app.clock.pass(901)
    expect((await ada.fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })).status).toBe(200)
  })

  test('of twenty guesses at once no more than five are judged', async () => {
    const ada = await addPerson(app)
    const before = slowHashRuns()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        new Browser(app).fetch(contract.signIn, { body: { email: ada.email, password: wrong } }),
      ),
    )
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5)
    expect(slowHashRuns() - before).toBe(5)
  })

  test('each further lock is twice as long, to a day; after a hundred failures nothing is judged until a reset', async () => {
    const ada = await addPerson(app)
    const waits: number[] = []
    let judged = 0
    const attempt = async (password: string) => {
      const answer = await new Browser(app).fetch(contract.signIn, { body: { email: ada.email, password } })
      return answer
    }
    // A hundred slow hashes would take ten seconds: the counter is moved, as failures would move it.
    for (let done = 4; done < 100; done += 5) {
      await setFailures(ada.email, done)
      judged += (await attempt(wrong)).status === 401 ? 1 : 0
      const refused = await attempt(PASSWORD)
      waits.push(Number(refused.headers['retry-after']))
      app.clock.pass(30 * 86_400)
    }
    expect(judged).toBe(20)
    expect(waits.slice(0, 4)).toEqual([900, 1800, 3600, 7200])
    expect(Math.max(...waits)).toBe(86_400)
    expect((await attempt(PASSWORD)).status).toBe(429)
    await ada.fetch(contract.requestReset, { body: { email: ada.email } })
    const token = await mailedSecret(app, ada.email, 'reset-password')
    await ada.fetch(contract.resetPassword, { body: { token, password: `${PASSWORD} today` } })
    expect((await attempt(`${PASSWORD} today`)).status).toBe(200)
  }, 30_000)

  async function setFailures(email: string, failures: number): Promise<void> {
    const subject = app.ctx.keyring.pseudonymOf('accounts.sign-in', email)
    await sql`insert into accounts.login_attempt values (${subject}, ${failures}, null, now())
      on conflict (subject) do update set failures = ${failures}, locked_until = null`.execute(app.db.kysely)
  }
})

describe('sessions', () => {
  test('fixation: signing in never adopts a session that the browser brought', async () => {
    const eve = await signedIn(app)
    const planted = eve.session
    const victim = await addPerson(app)
    victim.cookies.set('tidemark', planted)
    await victim.fetch(contract.signIn, { body: { email: victim.email, password: PASSWORD } })
    expect(victim.session).not.toBe(planted)
    const thief = new Browser(app)
    thief.cookies.set('tidemark', planted)
    expect((await thief.fetch(contract.me)).status).toBe(401)
    const made_up = new Browser(app)
    made_up.cookies.set('tidemark', 'A'.repeat(43))
    expect((await made_up.fetch(contract.me)).status).toBe(401)
    expect(made_up.session).toBe('')
  })

  test('confirming who one is changes the cookie, and the one before no longer works', async () => {
    const ada = await signedIn(app)
    const before = ada.session
    expect((await ada.fetch(contract.stepUp, { body: { password: PASSWORD } })).status).toBe(200)
    expect(ada.session).not.toBe(before)
    const thief = new Browser(app)
    thief.cookies.set('tidemark', before)
    expect((await thief.fetch(contract.me)).status).toBe(401)
    expect((await ada.fetch(contract.me)).status).toBe(200)
  })

  test('a session ends after twelve hours without a request, and after thirty days in any case', async () => {
    const idle = await signedIn(app)
    app.clock.pass(12 * 3600 + 1)
    expect((await idle.fetch(contract.me)).status).toBe(401)
    const busy = await signedIn(app)
    for (let hours = 0; hours < 30 * 24; hours += 11) {
      app.clock.pass(11 * 3600)
      await busy.fetch(contract.me)
    }
    expect((await busy.fetch(contract.me)).status).toBe(401)
  })

  test('ten at most; each can be ended by its owner and nobody else; sign-out everywhere ends all', async () => {
    const ada = await signedIn(app)
    const eve = await signedIn(app)
    const own = (await ada.me()).session_id
    expect((await eve.fetch(contract.endSession, { params: { session_id: own } })).status).toBe(404)
    const other = await anotherSession(app, ada)
    const { sessions } = (await ada.fetch(contract.listSessions)).body
    expect(sessions.map((each) => each.current).sort()).toEqual([false, true])
    expect(
      (await ada.fetch(contract.endSession, { params: { session_id: (await other.me()).session_id } })).status,
    ).toBe(204)
    expect((await other.fetch(contract.me)).status).toBe(401)
    expect((await ada.fetch(contract.signOutEverywhere)).status).toBe(204)
    expect((await ada.fetch(contract.me)).status).toBe(401)
    expect(ada.session).toBe('')
    for (let i = 0; i < 11; i++) await anotherSession(app, ada)
    await ada.fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })
    const left = (await ada.fetch(contract.listSessions)).body.sessions
    expect([left.length, left.filter((each) => each.current).length]).toEqual([10, 1])
  }, 20_000)

  test('nothing that opens a door is stored as it is', async () => {
    const ada = await signedIn(app)
    const { rows } = await sql<{ text: string }>`select s::text || p::text as text from accounts.session s
      join accounts.person p using (person_id) where person_id = ${ada.person_id}`.execute(app.db.kysely)
    expect(rows).toHaveLength(1)
    for (const secret of [ada.session, Buffer.from(ada.session, 'base64url').toString('hex'), PASSWORD])
      expect(rows[0]?.text).not.toContain(secret)
    expect(rows[0]?.text).toContain('$argon2id$v=19$m=65536,t=3,p=1$')
  })
})

describe('passwords', () => {
  test('a reset by mail: once, within an hour, and every session ends', async () => {
    const ada = await signedIn(app)
    expect((await new Browser(app).fetch(contract.requestReset, { body: { email: ada.email } })).status).toBe(202)
    const token = await mailedSecret(app, ada.email, 'reset-password')
    const weak = await ada.fetch(contract.resetPassword, { body: { token, password: 'password2026password' } })
    expect([weak.status, weak.problem.faults?.[0]?.code]).toEqual([422, 'guessable'])
    const password = 'seven grey geese over Lisbon'
    expect((await ada.fetch(contract.resetPassword, { body: { token, password } })).status).toBe(200)
    expect((await ada.fetch(contract.me)).status).toBe(401)
    expect((await ada.fetch(contract.resetPassword, { body: { token, password } })).status).toBe(410)
    expect((await ada.fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })).status).toBe(401)
    expect((await ada.fetch(contract.signIn, { body: { email: ada.email, password } })).status).toBe(200)
    await ada.fetch(contract.requestReset, { body: { email: ada.email } })
    const late = await mailedSecret(app, ada.email, 'reset-password')
    app.clock.pass(3601)
    expect((await ada.fetch(contract.resetPassword, { body: { token: late, password } })).status).toBe(410)
  })

  test('202: asking for a reset of an unknown address says the same and mails nothing', async () => {
    const ada = await addPerson(app)
    const before = (await listMails(app.ctx, 1000)).length
    const [known, unknown] = await Promise.all(
      [ada.email, 'nobody3@example.org'].map((email) =>
        new Browser(app).fetch(contract.requestReset, { body: { email } }),
      ),
    )
    expect([unknown?.status, unknown?.body]).toEqual([known?.status, known?.body])
    expect((await listMails(app.ctx, 1000)).length).toBe(before + 1)
  })

  test('changing it needs the present one, ends the other sessions and keeps this one under a new cookie', async () => {
    const ada = await signedIn(app)
    const other = await anotherSession(app, ada)
    const refused = await ada.fetch(contract.changePassword, { body: { current_password: wrong, new_password: wrong } })
    expect(refused.status).toBe(401)
    const own_name = 'adalovelace ada lovelace'
    const weak = await ada.fetch(contract.changePassword, {
      body: { current_password: PASSWORD, new_password: own_name },
    })
    expect([weak.status, weak.problem.faults?.[0]?.path]).toEqual([422, '/new_password'])
    const before = ada.session
    const body = { current_password: PASSWORD, new_password: wrong }
    expect((await ada.fetch(contract.changePassword, { body })).status).toBe(200)
    expect(ada.session).not.toBe(before)
    expect([(await ada.fetch(contract.me)).status, (await other.fetch(contract.me)).status]).toEqual([200, 401])
  })

  test('a hash of another cost is made anew at the next sign-in', async () => {
    const ada = await addPerson(app)
    const { hash } = await import('@node-rs/argon2')
    const old = await hash(PASSWORD, { memoryCost: 19456, timeCost: 2 })
    await sql`update accounts.person set password_hash = ${old} where person_id = ${ada.person_id}`.execute(
      app.db.kysely,
    )
    expect((await ada.fetch(contract.signIn, { body: { email: ada.email, password: PASSWORD } })).status).toBe(200)
    const { rows } = await sql<{ password_hash: string }>`select password_hash from accounts.person
      where person_id = ${ada.person_id}`.execute(app.db.kysely)
    expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/)
  })
})

describe('oneself', () => {
  test('a name and a language are changed; what else is sent is refused', async () => {
    const ada = await signedIn(app)
    const { body } = await ada.fetch(contract.updateMe, { body: { name: 'Ada King', locale: 'fr' } })
    expect(body.person).toMatchObject({ name: 'Ada King', locale: 'fr' })
    for (const extra of [{ instance_admin: true }, { email: 'x@example.org' }, { role: 'owner' }])
      expect((await ada.fetch(contract.updateMe, { body: extra as never })).status).toBe(422)
  })

  test('an address is changed by the link that is mailed to the new one', async () => {
    const ada = await signedIn(app)
    const email = `new-${ada.email}`
    app.clock.pass(301)
    expect((await ada.fetch(contract.changeEmail, { body: { email } })).problem.type).toBe(
      '/problems/accounts/step-up-needed',
    )
    await ada.fetch(contract.stepUp, { body: { password: PASSWORD } })
    expect((await ada.fetch(contract.changeEmail, { body: { email } })).status).toBe(202)
    expect((await ada.me()).person.email).toBe(ada.email)
    const token = await mailedSecret(app, email, 'verify-email')
    expect((await new Browser(app).fetch(contract.verifyEmail, { body: { token } })).body).toEqual({ email })
    expect((await ada.me()).person.email).toBe(email)
    expect((await ada.fetch(contract.verifyEmail, { body: { token } })).status).toBe(410)
  })

  test('202: an address that is taken gets no mail, and nobody learns that it is', async () => {
    const ada = await signedIn(app)
    const eve = await addPerson(app)
    expect((await ada.fetch(contract.changeEmail, { body: { email: eve.email } })).status).toBe(202)
    await expect(mailedSecret(app, eve.email, 'verify-email')).rejects.toThrow('No verify-email was mailed')
  })

  test('consent is given, withdrawn, and both stay as evidence', async () => {
    const ada = await signedIn(app)
    const purpose = 'product_news' as const
    expect((await ada.fetch(contract.listConsents)).body.consents.map((each) => each.given)).toEqual([
      false,
      false,
      false,
    ])
    await ada.fetch(contract.setConsent, { body: { purpose, given: true } })
    const { consents } = (await ada.fetch(contract.listConsents)).body
    expect(consents.filter((each) => each.given).map((each) => each.purpose)).toEqual([purpose])
    await ada.fetch(contract.setConsent, { body: { purpose, given: false } })
    const { rows } = await sql<{ given: boolean }>`select given from accounts.consent
      where person_id = ${ada.person_id} order by seq`.execute(app.db.kysely)
    expect(rows.map((row) => row.given)).toEqual([true, false])
  })
})

test('what is over is forgotten after thirty days, and what still locks is not', async () => {
  const ada = await signedIn(app)
  await ada.fetch(contract.requestReset, { body: { email: ada.email } })
  const subject = (what: string) => app.ctx.keyring.pseudonymOf('accounts.sign-in', what)
  await sql`insert into accounts.login_attempt values (${subject('old')}, 3, null, ${app.clock.now()}),
    (${subject('locked')}, 100, 'infinity', ${app.clock.now()})`.execute(app.db.kysely)
  app.clock.pass(61 * 86_400)
  await tidy(app.ctx)
  const count = async (table: string) => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(app.db.kysely)
    return rows[0]?.n
  }
  expect([await count('accounts.session'), await count('accounts.email_token')]).toEqual([0, 0])
  const { rows } = await sql<{ subject: string }>`select subject from accounts.login_attempt`.execute(app.db.kysely)
  expect(rows.map((row) => row.subject)).toContain(subject('locked'))
  expect(rows.map((row) => row.subject)).not.toContain(subject('old'))
})
