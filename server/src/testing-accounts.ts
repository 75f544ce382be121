import type { Me } from '@tidemark/core/accounts/contract.ts'
import * as contract from '@tidemark/core/accounts/contract.ts'
import type { Role } from '@tidemark/core/accounts/permissions.ts'
import type { AnyRoute, OutputOf } from '@tidemark/core/lib/contract.ts'
import { hotp, stepAt } from '@tidemark/core/accounts/totp.ts'
import { access, accounts } from './accounts/http.ts'
import { digestOf, freshSecret, hashPassword } from './accounts/secrets.ts'
import { after, SESSION_S } from './accounts/sessions.ts'
import { firstRunLines } from './accounts/service.ts'
import * as store from './accounts/store.ts'
import { newId } from './platform/ids.ts'
import { listMails } from './platform/mail.ts'
import {
  openTestApp,
  TEST_NOW,
  type TestAnswer,
  type TestApp,
  type TestAppOptions,
  type TestRequest,
} from './platform/testing.ts'

/** People for tests: they sign in over HTTP and keep their cookies, as a browser does. */

export const PASSWORD = 'a boat that nobody else rows'

/** A clock that stands still until it is told to go on. */
export class Clock {
  #at = TEST_NOW.getTime()
  readonly now = () => new Date(this.#at)
  pass(seconds: number): void {
    this.#at += seconds * 1000
  }
}

export interface AccountsTestApp extends TestApp {
  clock: Clock
}

export async function openAccountsApp(options: TestAppOptions = {}): Promise<AccountsTestApp> {
  const clock = new Clock()
  const app = await openTestApp({ capabilities: [accounts], access, now: clock.now, seed: true, ...options })
  return Object.assign(app, { clock })
}

export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #app: TestApp

  constructor(app: TestApp) {
    this.#app = app
  }

  async fetch<R extends AnyRoute>(route: R, request?: TestRequest): Promise<TestAnswer<OutputOf<R>>>
  async fetch(route: string, request?: TestRequest): Promise<TestAnswer<unknown>>
  async fetch(route: AnyRoute | string, request: TestRequest = {}): Promise<TestAnswer<unknown>> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await this.#app.fetch(route as AnyRoute, {
      ...request,
      headers: { ...(cookie === '' ? {} : { cookie }), 'sec-fetch-site': 'same-origin', ...request.headers },
    })
    this.keep(answer)
    return answer
  }

  keep(answer: TestAnswer<unknown>): void {
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(String(line)) ?? []
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
  }

  /** The cookie of the session, for tests that steal it. */
  get session(): string {
    return this.cookies.get('tidemark') ?? ''
  }

  async me(): Promise<Me> {
    const { body, status } = await this.fetch(contract.me)
    if (status !== 200) throw new Error(`Nobody is signed in: ${status}`)
    return body
  }
}

let hashed: Promise<string> | undefined

export interface TestPerson extends Browser {
  person_id: string
  email: string
}

/** Adds somebody with `PASSWORD` to an organisation. They are not signed in. */
export async function addPerson(
  app: TestApp,
  options: { organisation_id?: string; role?: Role; name?: string; instance_admin?: boolean } = {},
): Promise<TestPerson> {
  const now = app.ctx.now()
  const person_id = newId('per', now)
  const email = `${person_id.slice(-10).toLowerCase()}@example.org`
  await store.insertPerson(app.ctx.system_db, {
    person_id,
    email,
    email_verified_at: now,
    name: options.name ?? 'Ada Lovelace',
    locale: 'en',
    password_hash: await (hashed ??= hashPassword(PASSWORD)),
    instance_admin: options.instance_admin ?? false,
    suspended_at: null,
    created_at: now,
  })
  if (options.organisation_id !== undefined) {
    const { organisation_id, role = 'reader' } = options
    await store.insertMembership(app.ctx.system_db, { organisation_id, person_id, role, joined_at: now })
  }
  return Object.assign(new Browser(app), { person_id, email })
}

/** The same with a session that has just begun. That signing in makes one is tested by itself, and slow on purpose. */
export async function signedIn(app: TestApp, options: Parameters<typeof addPerson>[1] = {}): Promise<TestPerson> {
  const person = await addPerson(app, options)
  await giveSession(app, person, options?.organisation_id)
  return person
}

/** A further session of somebody, in a browser of its own. */
export async function anotherSession(app: TestApp, { person_id }: TestPerson): Promise<Browser> {
  return giveSession(app, Object.assign(new Browser(app), { person_id }), undefined)
}

async function giveSession<B extends Browser & { person_id: string }>(
  app: TestApp,
  browser: B,
  organisation_id: string | undefined,
): Promise<B> {
  const now = app.ctx.now()
  const token = freshSecret()
  await store.insertSession(app.ctx.system_db, {
    session_id: newId('ses', now),
    token_hash: digestOf(token),
    person_id: browser.person_id,
    organisation_id: organisation_id ?? null,
    created_at: now,
    last_seen_at: now,
    expires_at: after(now, SESSION_S),
    stepped_up_at: now,
    ip_prefix: '127.0.0.0/24',
    user_agent: 'lightMyRequest',
  })
  browser.cookies.set('tidemark', token)
  return browser
}

export async function addOrganisation(app: TestApp, name = 'Example Ltd'): Promise<string> {
  const organisation_id = newId('org', app.ctx.now())
  await store.insertOrganisation(app.ctx.system_db, {
    organisation_id,
    name,
    country: 'GB',
    sector: null,
    employees: null,
    turnover_eur: null,
    sites: [],
    created_at: app.ctx.now(),
  })
  return organisation_id
}

/** The secret at the end of the link that the server prints at its first start. */
export async function claimSecret(app: TestApp): Promise<string> {
  return secretIn((await firstRunLines(app.ctx, 'http://localhost')).join('\n'))
}

/** The secret of the newest link that was mailed to an address. */
export async function mailedSecret(app: TestApp, to: string, kind: string): Promise<string> {
  const mail = (await listMails(app.ctx, 1000)).find((each) => each.to === to && each.kind === kind)
  if (!mail) throw new Error(`No ${kind} was mailed to ${to}.`)
  return secretIn(mail.text)
}

function secretIn(text: string): string {
  return /#([\w-]{43})\b/.exec(text)?.[1] ?? ''
}

/** An authenticator: turns the second factor on, and makes codes. */
export async function turnOnSecondFactor(app: AccountsTestApp, person: Browser) {
  const enrolled = await person.fetch(contract.enrolSecondFactor)
  const secret = bytesOfBase32(enrolled.body.secret_base32)
  const code = (at = app.clock.now()) => hotp(secret, stepAt(at))
  const confirmed = await person.fetch(contract.confirmSecondFactor, { body: { code: code() } })
  if (confirmed.status !== 200) throw new Error(`The second factor is not on: ${confirmed.bytes.toString()}`)
  return { code, recovery_codes: confirmed.body.recovery_codes, secret }
}

function bytesOfBase32(text: string): Uint8Array {
  const bits = [...text].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'))
  return Uint8Array.from(bits.join('').match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}
