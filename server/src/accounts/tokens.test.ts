import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import type { OutputOf } from '@tidemark/core/lib/contract.ts'
import { Browser, PASSWORD } from '../testing-accounts.ts'
import {
  addOrganisation,
  addPerson,
  openAccountsApp,
  signedIn,
  turnOnSecondFactor,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'

let app: AccountsTestApp
let organisation_id: string
let ada: TestPerson
beforeAll(async () => {
  app = await openAccountsApp()
  organisation_id = await addOrganisation(app)
  ada = await addPerson(app, { organisation_id, role: 'editor' })
})
afterAll(() => app?.close())

type Tokens = OutputOf<typeof contract.token>

async function getTokens(person = ada): Promise<Tokens> {
  const answer = await app.fetch(contract.token, { body: { email: person.email, password: PASSWORD } })
  if (answer.status !== 200) throw new Error(answer.bytes.toString())
  return answer.body
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const meWith = async (token: string) => (await app.fetch(contract.me, bearer(token))).status
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const partsOf = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((text) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>)

describe('an access token', () => {
  test('opens what its person may do, for ten minutes', async () => {
    const { access_token, expires_in_s, role } = await getTokens()
    expect([expires_in_s, role]).toEqual([600, 'editor'])
    const [header, claims] = partsOf(access_token)
    expect(header).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' })
    expect(claims).toMatchObject({ sub: ada.person_id, org: organisation_id, roles: ['editor'] })
    expect(await meWith(access_token)).toBe(200)
    app.clock.pass(599)
    expect(await meWith(access_token)).toBe(200)
    app.clock.pass(2)
    expect(await meWith(access_token)).toBe(401)
  })

  test('what changed since it was made holds at once: role, membership, suspension, sign-out', async () => {
    const { access_token } = await getTokens()
    const change = (statement: ReturnType<typeof sql>) => statement.execute(app.db.kysely)
    await change(sql`update accounts.membership set role = 'reader' where person_id = ${ada.person_id}`)
    expect((await app.fetch(contract.me, bearer(access_token))).body.role).toBe('reader')
    await change(sql`update accounts.membership set role = 'editor' where person_id = ${ada.person_id}`)
    await change(sql`update accounts.person set suspended_at = now() where person_id = ${ada.person_id}`)
    expect(await meWith(access_token)).toBe(401)
    await change(sql`update accounts.person set suspended_at = null where person_id = ${ada.person_id}`)
    expect(await meWith(access_token)).toBe(200)
    expect((await app.fetch(contract.signOut, bearer(access_token))).status).toBe(204)
    expect(await meWith(access_token)).toBe(401)
  })

  test('401: everything that is not one of ours', async () => {
    const { access_token, refresh_token } = await getTokens()
    const [header = {}, claims = {}] = partsOf(access_token)
    const signature = access_token.split('.')[2] ?? ''
    const kid = String(header.kid)
    const foreign = generateKeyPairSync('ed25519')
    const signedBy = (head: object, body: object, key = foreign.privateKey) =>
      `${part(head)}.${part(body)}.${sign(null, Buffer.from(`${part(head)}.${part(body)}`), key).toString('base64url')}`
    const public_key =
      app.ctx.keyring.publicKey('session-jwt', kid)?.export({ type: 'spki', format: 'pem' }).toString() ?? ''
    const hs256 = `${part({ alg: 'HS256', typ: 'at+jwt', kid })}.${part(claims)}`
    const jwk = foreign.publicKey.export({ format: 'jwk' })
    const ours = async (head: object, body: object) => {
      const text = `${part(head)}.${part(body)}`
      const by_us = await app.ctx.keyring.sign('session-jwt', Buffer.from(text))
      return `${text}.${Buffer.from(by_us).toString('base64url')}`
    }
    const by_certificate_key = async () => {
      const own = app.ctx.keyring.activeKey('certificate')?.kid
      const text = `${part({ ...header, kid: own })}.${part(claims)}`
      const by_us = await app.ctx.keyring.sign('certificate', Buffer.from(text))
      return `${text}.${Buffer.from(by_us).toString('base64url')}`
    }
    const forged: Record<string, string> = {
      'alg none': `${part({ ...header, alg: 'none' })}.${part(claims)}.`,
      'alg None': `${part({ ...header, alg: 'None' })}.${part(claims)}.${signature}`,
      'HS256 under the public key': `${hs256}.${createHmac('sha256', public_key).update(hs256).digest('base64url')}`,
      'another key under our name': signedBy(header, claims),
      'a key that the token brings along': signedBy({ ...header, jwk }, claims),
      'a signature of ours with jwk in the header': await ours({ ...header, jwk }, claims),
      'a signature of ours with jku in the header': await ours({ ...header, jku: 'https://evil.example/jwks' }, claims),
      'a signature of ours with x5u in the header': await ours({ ...header, x5u: 'https://evil.example/x5u' }, claims),
      'an unknown name of a key': signedBy({ ...header, kid: 'A'.repeat(43) }, claims),
      'the key of certificates': await by_certificate_key(),
      'another type': await ours({ ...header, typ: 'JWT' }, claims),
      'no type': await ours({ alg: 'EdDSA', kid }, claims),
      'an unknown critical header': await ours({ ...header, crit: ['x'], x: 1 }, claims),
      'another issuer': await ours(header, { ...claims, iss: 'https://evil.example' }),
      'another audience': await ours(header, { ...claims, aud: 'somebody' }),
      'no end': await ours(header, { ...claims, exp: undefined }),
      'an end that has passed': await ours(header, { ...claims, exp: Number(claims.iat) - 1 }),
      'a beginning to come': await ours(header, { ...claims, nbf: Number(claims.iat) + 3600 }),
      'a session that is not there': await ours(header, { ...claims, sid: 'ses_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }),
      'another person in the claims': `${part(header)}.${part({ ...claims, sub: 'per_x' })}.${signature}`,
      'a refresh token': refresh_token,
      nothing: '',
      'a very long text': 'A'.repeat(5000),
    }
    const let_in: string[] = []
    for (const [name, token] of Object.entries(forged)) if ((await meWith(token)) !== 401) let_in.push(name)
    expect(let_in).toEqual([])
    expect(await meWith(access_token), 'the true one still works').toBe(200)
    for (const authorization of [`Basic ${access_token}`, access_token, `Bearer  ${access_token} x`, 'Bearer'])
      expect((await app.fetch(contract.me, { headers: { authorization } })).status).toBe(401)
  })

  test('401: a cookie’s secret is no token, and a token is no cookie', async () => {
    const eve = await signedIn(app)
    expect(await meWith(eve.session)).toBe(401)
    const browser = new Browser(app)
    browser.cookies.set('tidemark', (await getTokens()).access_token)
    expect((await browser.fetch(contract.me)).status).toBe(401)
  })

  test('claims about role and organisation are read by others, never believed here', async () => {
    const { access_token } = await getTokens()
    const [header = {}, claims = {}] = partsOf(access_token)
    const text = `${part(header)}.${part({ ...claims, roles: ['owner'], org: 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' })}`
    const by_us = Buffer.from(await app.ctx.keyring.sign('session-jwt', Buffer.from(text))).toString('base64url')
    const { body } = await app.fetch(contract.me, bearer(`${text}.${by_us}`))
    expect([body.role, body.organisation_id]).toEqual(['editor', organisation_id])
  })
})

describe('a refresh token', () => {
  const refresh = (refresh_token: string) => app.fetch(contract.refresh, { body: { refresh_token } })

  test('of twenty who come with it at once one gets the next pair, nineteen hear 409, and the family lives', async () => {
    const { refresh_token } = await getTokens()
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refresh_token)))
    const won = answers.filter((answer) => answer.status === 200)
    const raced = answers.filter((answer) => answer.problem.type === '/problems/accounts/raced')
    expect([won.length, raced.length]).toEqual([1, 19])
    expect((await refresh(won[0]?.body.refresh_token ?? '')).status).toBe(200)
  })

  test('one that comes back later ends its whole family, access tokens included, and no other', async () => {
    const first = await getTokens()
    const bystander = await getTokens()
    const second = (await refresh(first.refresh_token)).body
    app.clock.pass(11)
    const replayed = await refresh(first.refresh_token)
    expect([replayed.status, replayed.problem.type]).toEqual([401, '/problems/accounts/token-reused'])
    expect((await refresh(second.refresh_token)).problem.type).toBe('/problems/accounts/token-not-valid')
    expect(await meWith(second.access_token)).toBe(401)
    expect(await meWith(bystander.access_token)).toBe(200)
    expect((await refresh(bystander.refresh_token)).status).toBe(200)
  })

  test('its family ends after thirty days, however often it was renewed', async () => {
    let tokens = await getTokens()
    for (let day = 0; day < 29; day++) {
      app.clock.pass(86_400)
      tokens = (await refresh(tokens.refresh_token)).body
    }
    app.clock.pass(86_401)
    expect((await refresh(tokens.refresh_token)).status).toBe(401)
  })

  test('revoking ends its family, and says the same of one that nobody has', async () => {
    const { refresh_token, access_token } = await getTokens()
    const answers = await Promise.all(
      [refresh_token, 'A'.repeat(43)].map((each) => app.fetch(contract.revoke, { body: { refresh_token: each } })),
    )
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, { done: true }],
      [200, { done: true }],
    ])
    expect(await meWith(access_token)).toBe(401)
    expect((await refresh(refresh_token)).status).toBe(401)
  })

  test('is stored as a hash', async () => {
    const { refresh_token } = await getTokens()
    const { rows } = await sql<{ text: string }>`select t::text as text from accounts.refresh_token t`.execute(
      app.db.kysely,
    )
    const all = rows.map((row) => row.text).join()
    expect(all).not.toContain(refresh_token)
    expect(all).not.toContain(Buffer.from(refresh_token, 'base64url').toString('hex'))
  })

  test('403: a program confirms again before it does what is sensitive', async () => {
    const { access_token } = await getTokens()
    const create = () =>
      app.fetch(contract.createKey, {
        body: { name: 'By a program', scopes: ['footprint.read'] },
        ...bearer(access_token),
      })
    expect((await create()).status).toBe(201)
    app.clock.pass(301)
    expect((await create()).problem.type).toBe('/problems/accounts/step-up-needed')
    expect((await app.fetch(contract.stepUp, { body: { password: PASSWORD }, ...bearer(access_token) })).status).toBe(
      200,
    )
    expect((await create()).status).toBe(201)
  })
})

test('with a second factor no token is given without a code', async () => {
  const person = await signedIn(app)
  const { code } = await turnOnSecondFactor(app, person)
  app.clock.pass(60)
  const body = { email: person.email, password: PASSWORD }
  expect((await app.fetch(contract.token, { body })).problem.type).toBe('/problems/accounts/second-factor-needed')
  expect((await app.fetch(contract.token, { body: { ...body, code: '000000' } })).status).toBe(401)
  const given = await app.fetch(contract.token, { body: { ...body, code: code() } })
  expect([given.status, given.body.organisation_id]).toEqual([200, null])
})

test('404: nobody gets a token for an organisation that they are not in', async () => {
  const other = await addOrganisation(app)
  const body = { email: ada.email, password: PASSWORD, organisation_id: other }
  expect((await app.fetch(contract.token, { body })).status).toBe(404)
})
