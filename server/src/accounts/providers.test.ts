import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import {
  addOrganisation,
  Browser,
  mailedSecret,
  openAccountsApp,
  signedIn,
  turnOnSecondFactor,
  type AccountsTestApp,
} from '../testing-accounts.ts'

/** A provider of our own on this machine: it signs what a test tells it to say. */
interface StandIn {
  issuer: string
  says: Record<string, unknown>
  /** What the token endpoint does wrong, if anything. */
  fault?: 'nonce' | 'audience' | 'issuer' | 'signature' | 'expired' | 'error'
  server: Server
}

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 })

async function startStandIn(): Promise<StandIn> {
  const codes = new Map<string, { nonce: string; challenge: string }>()
  const server = createServer(async (request, reply) => {
    const url = new URL(request.url ?? '/', stand_in.issuer)
    const json = (status: number, body: object) =>
      reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url.pathname === '/.well-known/openid-configuration') {
      return json(200, {
        issuer: stand_in.issuer,
        authorization_endpoint: `${stand_in.issuer}/authorize`,
        token_endpoint: `${stand_in.issuer}/token`,
        jwks_uri: `${stand_in.issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      })
    }
    if (url.pathname === '/jwks')
      return json(200, { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] })
    if (url.pathname === '/authorize') {
      const code = `code-${codes.size}`
      codes.set(code, {
        nonce: url.searchParams.get('nonce') ?? '',
        challenge: url.searchParams.get('code_challenge') ?? '',
      })
      const back = new URL(url.searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', url.searchParams.get('state') ?? '')
      return reply.writeHead(302, { location: back.href }).end()
    }
    if (url.pathname !== '/token') return reply.writeHead(404).end()
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const form = new URLSearchParams(body)
    const known = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!known || challenge !== known.challenge || stand_in.fault === 'error')
      return json(400, { error: 'invalid_grant' })
    return json(200, { access_token: 'unused', token_type: 'Bearer', expires_in: 60, id_token: idToken(known.nonce) })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stand_in: StandIn = { issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, says: {}, server }
  return stand_in

  function idToken(nonce: string): string {
    const { fault, issuer, says } = stand_in
    const now_s = Math.floor(Date.now() / 1000)
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = {
      iss: fault === 'issuer' ? 'http://127.0.0.1:1' : issuer,
      aud: fault === 'audience' ? 'somebody-else' : 'tidemark',
      nonce: fault === 'nonce' ? 'another' : nonce,
      iat: now_s - (fault === 'expired' ? 7200 : 0),
      exp: now_s + (fault === 'expired' ? -3600 : 300),
      ...says,
    }
    const text = `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}`
    const key = fault === 'signature' ? strangers.privateKey : keys.privateKey
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
  }
}

let stand_in: StandIn
let app: AccountsTestApp
beforeAll(async () => {
  stand_in = await startStandIn()
  const provider = {
    id: 'oidc',
    name: 'Stand-in',
    issuer: stand_in.issuer,
    client_id: 'tidemark',
    client_secret: 'hush',
  }
  app = await openAccountsApp({ config: { providers: [provider] } })
})
afterAll(async () => {
  await app?.close()
  stand_in?.server.close()
})
let subject = 0
beforeEach(() => {
  stand_in.fault = undefined
  stand_in.says = { sub: `subject-${subject++}`, email: `p${subject}@example.org`, email_verified: true, name: 'Petra' }
})

const provider = 'oidc'
const problem = (location: unknown) => decodeURIComponent(/\?problem=([^&]*)/.exec(String(location))?.[1] ?? '')

/** The browser is where the provider will send it back to. */
const atOrigin = () => ({ host: new URL(app.ctx.origin()).host })

/** From the button to the end of the redirects, as a browser goes. */
async function goThrough(browser: Browser, query: Record<string, string> = {}) {
  const left = await browser.fetch(contract.startProvider, { params: { provider }, query, headers: atOrigin() })
  expect(left.status).toBe(302)
  const back = await fetch(String(left.headers.location), { redirect: 'manual' })
  return arrive(browser, back.headers.get('location') ?? '')
}

async function arrive(browser: Browser, address: string) {
  const { search } = new URL(address)
  const answer = await browser.fetch(contract.completeProvider, {
    params: { provider },
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: { 'sec-fetch-site': 'cross-site' },
  })
  return { status: answer.status, location: answer.headers.location }
}

async function openRegistration(): Promise<void> {
  const admin = await signedIn(app, { instance_admin: true })
  await admin.fetch(contract.adminUpdateInstance, { body: { open_registration: true } })
}

test('the state of the installation lists it, and says nothing of its secret', async () => {
  const { body, bytes } = await app.fetch(contract.state)
  expect(body.instance.providers).toEqual([{ id: 'oidc', name: 'Stand-in' }])
  expect(bytes.toString()).not.toContain('hush')
})

test('by invitation a new person is signed in and a member; the next time the provider is enough', async () => {
  const organisation_id = await addOrganisation(app)
  const owner = await signedIn(app, { organisation_id, role: 'owner' })
  const email = `invited${subject}@example.org`
  await owner.fetch(contract.invite, { params: { organisation_id }, body: { email, role: 'editor' } })
  const invitation = await mailedSecret(app, email, 'invitation')
  const petra = new Browser(app)
  const { location } = await goThrough(petra, { invitation, return_to: '/calculations' })
  expect(location).toBe(`${app.ctx.origin()}/calculations`)
  expect(await petra.me()).toMatchObject({
    organisation_id,
    role: 'editor',
    person: { email, name: 'Petra', has_password: false },
  })
  const later = new Browser(app)
  await goThrough(later)
  expect((await later.me()).person.person_id).toBe((await petra.me()).person.person_id)
})

test('without an invitation: closed until registration is open, then only for an address that the provider confirms', async () => {
  expect(problem((await goThrough(new Browser(app))).location)).toBe('accounts/registration-closed')
  await openRegistration()
  stand_in.says.email_verified = false
  expect(problem((await goThrough(new Browser(app))).location)).toBe('accounts/provider-refused')
  stand_in.says.email_verified = true
  const petra = new Browser(app)
  await goThrough(petra)
  expect((await petra.me()).person).toMatchObject({ email: stand_in.says.email, instance_admin: false })
})

test('an account with the same address is not opened; who is signed in to it adds the provider, and then it opens', async () => {
  const ada = await signedIn(app)
  stand_in.says.email = ada.email
  const stranger = new Browser(app)
  expect(problem((await goThrough(stranger)).location)).toMatch(/^accounts\/(has-account|registration-closed)$/)
  expect((await stranger.fetch(contract.me)).status).toBe(401)
  await goThrough(ada)
  const later = new Browser(app)
  await goThrough(later)
  expect((await later.me()).person.person_id).toBe(ada.person_id)
})

test('a page of another site that sends a signed-in browser to the provider adds nothing to the account', async () => {
  const ada = await signedIn(app)
  // The stranger’s own account at the provider, into which their page has signed Ada’s browser before.
  for (const site of ['cross-site', 'same-site', 'none']) {
    const headers = { 'sec-fetch-site': site }
    const left = await ada.fetch(contract.startProvider, {
      params: { provider },
      headers: { ...atOrigin(), ...headers },
    })
    const back = await fetch(String(left.headers.location), { redirect: 'manual' })
    await arrive(ada, back.headers.get('location') ?? '')
  }
  const stranger = new Browser(app)
  await goThrough(stranger)
  const { status, body } = await stranger.fetch(contract.me)
  expect(status === 200 && body.person.person_id === ada.person_id, 'a way into the account').toBe(false)
})

test('adding a provider is a sensitive action: it wants a confirmation within five minutes', async () => {
  const ada = await signedIn(app)
  app.clock.pass(301)
  const left = await ada.fetch(contract.startProvider, { params: { provider }, headers: atOrigin() })
  expect(problem(left.headers.location)).toBe('accounts/step-up-needed')
})

test('a page that was opened under another name of this machine sets out from the one that is come back to', async () => {
  const left = await new Browser(app).fetch(contract.startProvider, {
    params: { provider },
    query: { return_to: '/factors' },
    headers: { host: 'localhost' },
  })
  const origin = app.ctx.origin()
  expect(left.headers.location).toBe(`${origin}/api/v1/auth/oidc/${provider}?return_to=%2Ffactors`)
})

test('the way back is kept where the provider’s answer is not the end of it', async () => {
  const ada = await signedIn(app)
  await goThrough(ada)
  await turnOnSecondFactor(app, ada)
  app.clock.pass(60)
  const asked = await goThrough(new Browser(app), { return_to: '/factors?q=gaz' })
  expect(asked.location).toMatch(/\/auth\/sign-in\?return_to=%2Ffactors%3Fq%3Dgaz#challenge=/)
  stand_in.fault = 'nonce'
  const refused = await goThrough(new Browser(app), { return_to: '/factors' })
  expect(refused.location).toMatch(/\?problem=accounts%2Fprovider-refused&return_to=%2Ffactors$/)
})

test('a second factor is asked for after the provider as well', async () => {
  const ada = await signedIn(app)
  await goThrough(ada)
  const { code } = await turnOnSecondFactor(app, ada)
  app.clock.pass(60)
  const later = new Browser(app)
  const { location } = await goThrough(later)
  expect((await later.fetch(contract.me)).status).toBe(401)
  const challenge = /#challenge=([\w-]{43})$/.exec(String(location))?.[1] ?? ''
  expect((await later.fetch(contract.secondFactor, { body: { challenge, code: code() } })).status).toBe(200)
})

describe('whoever did not set out does not arrive', () => {
  test.each(['nonce', 'audience', 'issuer', 'signature', 'expired', 'error'] as const)(
    'an answer with the wrong %s',
    async (fault) => {
      await openRegistration()
      stand_in.fault = fault
      const browser = new Browser(app)
      expect(problem((await goThrough(browser)).location)).toBe('accounts/provider-refused')
      expect((await browser.fetch(contract.me)).status).toBe(401)
    },
  )

  test('an answer that belongs to another browser, or to a departure that was used', async () => {
    await openRegistration()
    const eve = new Browser(app)
    const left = await eve.fetch(contract.startProvider, { params: { provider }, headers: atOrigin() })
    const back = (await fetch(String(left.headers.location), { redirect: 'manual' })).headers.get('location') ?? ''
    const victim = new Browser(app)
    expect(problem((await arrive(victim, back)).location), 'no cookie').toBe('accounts/provider-refused')
    await victim.fetch(contract.startProvider, { params: { provider }, headers: atOrigin() })
    expect(problem((await arrive(victim, back)).location), 'another state').toBe('accounts/provider-refused')
    expect((await arrive(eve, back)).location).toBe(`${app.ctx.origin()}/`)
    expect(problem((await arrive(eve, back)).location), 'used').toBe('accounts/provider-refused')
  })

  test('a departure of more than ten minutes ago', async () => {
    const browser = new Browser(app)
    const left = await browser.fetch(contract.startProvider, { params: { provider }, headers: atOrigin() })
    const back = (await fetch(String(left.headers.location), { redirect: 'manual' })).headers.get('location') ?? ''
    app.clock.pass(601)
    expect(problem((await arrive(browser, back)).location)).toBe('accounts/provider-refused')
  })
})

test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/a\\b'])(
  '422: nobody is sent on to %s',
  async (return_to) => {
    expect(
      (await new Browser(app).fetch(contract.startProvider, { params: { provider }, query: { return_to } })).status,
    ).toBe(422)
  },
)

test('404: a provider that is not configured', async () => {
  expect((await app.fetch(contract.startProvider, { params: { provider: 'google' } })).status).toBe(404)
})
