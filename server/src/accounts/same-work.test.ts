import * as contract from '@tidemark/core/accounts/contract.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listMails } from '../platform/mail.ts'
import { addPerson, Browser, openAccountsApp, signedIn, type AccountsTestApp } from '../testing-accounts.ts'
import * as store from './store.ts'

/**
 * Whether an address has an account shows neither in the answer nor in the work: both are counted here in statements, which
 * are what the time goes into, because a clock would measure the machine.
 */
let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp()
  await store.saveInstance(app.ctx.system_db, { open_registration: true })
})
afterAll(() => app?.close())

/** How many statements the database has answered, as the metrics say. */
async function statements(): Promise<number> {
  const { body } = await app.fetch('/metrics')
  return Number(/^tidemark_database_query_duration_seconds_count (\d+)$/m.exec(String(body))?.[1])
}

async function workOf(ask: () => Promise<{ status: number; bytes: Buffer }>) {
  const before = await statements()
  const mails_before = (await listMails(app.ctx, 1000)).length
  const { status, bytes } = await ask()
  const mails = (await listMails(app.ctx, 1000)).length - mails_before
  return { status, body: bytes.toString(), statements: (await statements()) - before, mails }
}

const browser = () => new Browser(app)

test('asking for a reset: a known address costs what an unknown one costs, and only one gets a mail', async () => {
  const ada = await addPerson(app)
  const ask = (email: string) => workOf(() => browser().fetch(contract.requestReset, { body: { email } }))
  const known = await ask(ada.email)
  const unknown = await ask('nobody-here@example.org')
  expect([known.mails, unknown.mails]).toEqual([1, 0])
  expect({ ...unknown, mails: 1 }).toEqual(known)
  expect(known.statements).toBeGreaterThan(5)
})

test('signing up: a known address costs what an unknown one costs, and both get a mail', async () => {
  const ada = await addPerson(app)
  const ask = (email: string) =>
    workOf(() =>
      browser().fetch(contract.signUp, { body: { email, password: 'seven grey geese over Lisbon', name: 'Grace' } }),
    )
  const known = await ask(ada.email)
  const unknown = await ask('somebody-new@example.org')
  expect(unknown).toEqual(known)
  expect([known.mails, known.status]).toEqual([1, 202])
})

test('asking for the confirmation once more: an address that waits costs what any other costs', async () => {
  const email = 'waits-for-it@example.org'
  const body = { email, password: 'seven grey geese over Lisbon', name: 'Grace' }
  await browser().fetch(contract.signUp, { body })
  const ask = (to: string) => workOf(() => browser().fetch(contract.resendVerification, { body: { email: to } }))
  const waiting = await ask(email)
  const other = await ask('does-not-wait@example.org')
  expect([waiting.mails, other.mails]).toEqual([1, 0])
  expect({ ...other, mails: 1 }).toEqual(waiting)
})

test('moving to another address: one that is taken costs what a free one costs', async () => {
  const ada = await signedIn(app)
  const grace = await addPerson(app)
  const ask = (email: string) => workOf(() => ada.fetch(contract.changeEmail, { body: { email } }))
  const taken = await ask(grace.email)
  const free = await ask('free-address@example.org')
  expect([taken.mails, free.mails]).toEqual([0, 1])
  expect({ ...taken, mails: 1 }).toEqual(free)
})
