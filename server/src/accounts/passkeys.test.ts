import * as contract from '@tidemark/core/accounts/contract.ts'
import * as passkeys from '@tidemark/core/accounts/passkeys-contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addOrganisation,
  addPerson,
  anotherSession,
  Browser,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'
import { SoftwareAuthenticator, type Lies } from '../testing-authenticator.ts'
import * as passkeyStore from './passkeys/store.ts'
import * as store from './store.ts'

let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp()
})
afterAll(() => app?.close())

const AT = { host: 'localhost', origin: 'http://localhost' }

/** Makes a passkey for somebody who is signed in, as their browser and their device do it. */
async function addPasskey(person: Browser, device = new SoftwareAuthenticator(), lies: Lies = {}) {
  const asked = await person.fetch(passkeys.passkeyRegistrationOptions)
  expect(asked.status).toBe(200)
  const credential = device.register(asked.body.options, lies)
  return { device, answer: await person.fetch(passkeys.addPasskey, { body: { name: 'Telephone', credential } }) }
}

async function personWithPasskey(device = new SoftwareAuthenticator({ counter: 1 })) {
  const person = await signedIn(app)
  const { answer } = await addPasskey(person, device)
  expect(answer.status).toBe(201)
  return { person, device, passkey_id: answer.body.passkey_id }
}

async function signInWith(device: SoftwareAuthenticator, lies: Lies = {}, browser = new Browser(app)) {
  const asked = await browser.fetch(passkeys.passkeySignInOptions)
  const credential = device.signIn(asked.body.options, lies)
  return { browser, credential, answer: await browser.fetch(passkeys.passkeySignIn, { body: { credential } }) }
}

async function actionsOf(person: TestPerson): Promise<string[]> {
  const { rows } = await sql<{ action: string }>`select e.action from audit.event e
    join audit.actor a on a.actor_ref = e.actor_ref where a.id = ${person.person_id} order by e.seq`.execute(
    app.ctx.system_db.kysely,
  )
  return rows.map(({ action }) => action)
}

test('a passkey made in one browser signs in from another without an address, and counts as both factors', async () => {
  const { person, device } = await personWithPasskey()
  const { answer, browser } = await signInWith(device)
  expect(answer.status).toBe(200)
  expect(answer.body.me).toMatchObject({
    person: { person_id: person.person_id, passkeys: 1, second_factor: false },
    two_factors: true,
  })
  expect((await browser.me()).person.email).toBe(person.email)
  const { body } = await person.fetch(passkeys.listPasskeys)
  expect(body.here).toMatchObject({ usable: true, reason: null })
  expect(body.passkeys).toEqual([
    expect.objectContaining({
      name: 'Telephone',
      state: 'active',
      synchronised: true,
      last_used_at: app.clock.now().toISOString(),
    }),
  ])
})

test('what goes to the device asks for a passkey that is kept there, with user verification and no attestation', async () => {
  const person = await signedIn(app)
  const made = (await person.fetch(passkeys.passkeyRegistrationOptions)).body.options
  expect(made).toMatchObject({
    rp: { id: 'localhost', name: 'Tidemark' },
    user: { name: person.email },
    attestation: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  // ES256, EdDSA and RS256, and no kind that would be refused afterwards.
  expect(made.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-7, -8, -257])
  expect(Buffer.from(made.user.id, 'base64url')).toHaveLength(32)
  expect(Buffer.from(made.challenge, 'base64url')).toHaveLength(32)
  const asked = (await new Browser(app).fetch(passkeys.passkeySignInOptions)).body.options
  expect(asked).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
  expect(asked.allowCredentials).toBeUndefined()
})

test('who has an authenticator as well is not asked for its code after a passkey', async () => {
  const { person, device } = await personWithPasskey()
  await store.keepSeed(app.ctx.system_db, person.person_id, new Uint8Array(48), app.clock.now())
  await store.confirmSecondFactor(app.ctx.system_db, person.person_id, app.clock.now())
  expect((await signInWith(device)).answer.status).toBe(200)
})

describe('an answer that does not fit is refused, and nobody is signed in', () => {
  const lies: [what: string, lies: Lies][] = [
    ['from a page of another origin', { origin: 'https://localhost.evil.example' }],
    ['from the same name on another port', { origin: 'http://localhost:8080' }],
    ['for another relying party', { rp_id: 'evil.example' }],
    ['to another question', { challenge: 'A'.repeat(43) }],
    ['without user verification', { verified: false }],
    ['without anybody present', { present: false, verified: false }],
    ['in a frame of another site', { cross_origin: true }],
    ['of the kind that makes a passkey', { type: 'webauthn.create' }],
    ['signed by another key', { key: new SoftwareAuthenticator().key }],
    ['for another person', { user_handle: Buffer.alloc(32, 1) }],
    ['for nobody', { user_handle: null }],
  ]
  test.each(lies)('%s', async (_what, lie) => {
    const { person, device } = await personWithPasskey()
    const { answer, browser } = await signInWith(device, lie)
    expect([answer.status, answer.problem.type]).toEqual([401, '/problems/accounts/passkey-refused'])
    expect(browser.session).toBe('')
    // The device is as good as before: nothing was counted.
    expect((await signInWith(device)).answer.body.me.person.person_id).toBe(person.person_id)
  })

  test('a passkey that nobody keeps here', async () => {
    const stranger = new SoftwareAuthenticator()
    stranger.user_handle = Buffer.alloc(32, 2)
    const { answer } = await signInWith(stranger)
    expect([answer.status, answer.problem.type]).toEqual([401, '/problems/accounts/passkey-refused'])
  })

  test('of somebody who is suspended', async () => {
    const { person, device } = await personWithPasskey()
    await store.savePerson(app.ctx.system_db, person.person_id, { suspended_at: app.clock.now() })
    expect((await signInWith(device)).answer.status).toBe(401)
  })

  test('with bytes that are no answer at all', async () => {
    const { device } = await personWithPasskey()
    const browser = new Browser(app)
    const asked = await browser.fetch(passkeys.passkeySignInOptions)
    const good = device.signIn(asked.body.options)
    const response = { ...good.response, clientDataJSON: 'AAAA', authenticatorData: 'AA', signature: 'A' }
    const answer = await browser.fetch(passkeys.passkeySignIn, { body: { credential: { ...good, response } } })
    expect([answer.status, answer.problem.type]).toEqual([401, '/problems/accounts/passkey-refused'])
  })
})

describe('a question', () => {
  test('is answered once: the same answer a second time is refused, also with the cookie kept', async () => {
    const { device } = await personWithPasskey(new SoftwareAuthenticator())
    const browser = new Browser(app)
    const asked = await browser.fetch(passkeys.passkeySignInOptions)
    const credential = device.signIn(asked.body.options)
    const copy = new Browser(app)
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    expect((await browser.fetch(passkeys.passkeySignIn, { body: { credential } })).status).toBe(200)
    expect((await copy.fetch(passkeys.passkeySignIn, { body: { credential } })).status).toBe(401)
  })

  test('of twenty who answer it at once lets one in', async () => {
    const { device } = await personWithPasskey(new SoftwareAuthenticator())
    const browser = new Browser(app)
    const asked = await browser.fetch(passkeys.passkeySignInOptions)
    const credential = device.signIn(asked.body.options)
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        new Browser(app).fetch(passkeys.passkeySignIn, { body: { credential }, headers: { cookie } }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(401)])
  })

  test('is answered by the browser that was asked and by no other', async () => {
    const { device } = await personWithPasskey()
    const asked = await new Browser(app).fetch(passkeys.passkeySignInOptions)
    const other = new Browser(app)
    await other.fetch(passkeys.passkeySignInOptions)
    const credential = device.signIn(asked.body.options)
    expect((await other.fetch(passkeys.passkeySignIn, { body: { credential } })).status).toBe(401)
    const without_cookie = await new Browser(app).fetch(passkeys.passkeySignIn, { body: { credential } })
    expect(without_cookie.status).toBe(401)
  })

  test('waits five minutes', async () => {
    const { device } = await personWithPasskey()
    const browser = new Browser(app)
    const asked = await browser.fetch(passkeys.passkeySignInOptions)
    const credential = device.signIn(asked.body.options)
    app.clock.pass(301)
    expect((await browser.fetch(passkeys.passkeySignIn, { body: { credential } })).status).toBe(401)
  })

  test('for signing in does not confirm, and one for confirming does not sign in', async () => {
    const { person, device } = await personWithPasskey()
    const sign_in = await person.fetch(passkeys.passkeySignInOptions)
    const wrong = device.signIn(sign_in.body.options)
    expect((await person.fetch(passkeys.passkeyStepUp, { body: { credential: wrong } })).status).toBe(401)
    const step_up = await person.fetch(passkeys.passkeyStepUpOptions)
    const credential = device.signIn(step_up.body.options)
    expect((await person.fetch(passkeys.passkeySignIn, { body: { credential } })).status).toBe(401)
  })
})

describe('the counter', () => {
  test('that goes back blocks the passkey for good, and the log says so', async () => {
    const { person, device, passkey_id } = await personWithPasskey(new SoftwareAuthenticator({ counter: 7 }))
    expect((await signInWith(device)).answer.status).toBe(200)
    const behind = await signInWith(device, { counter: 8 })
    expect([behind.answer.status, behind.answer.problem.detail]).toEqual([
      401,
      expect.stringContaining('counter went back'),
    ])
    // The owner's device, whose counter is ahead, is refused as well: nobody can tell which of the two it is.
    expect((await signInWith(device)).answer.problem.detail).toContain('blocked')
    const { body } = await person.fetch(passkeys.listPasskeys)
    expect(body.passkeys).toEqual([expect.objectContaining({ passkey_id, state: 'blocked' })])
    expect((await person.me()).person.passkeys).toBe(0)
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from audit.event
      where action = 'accounts.passkey_blocked' and resource_id = ${passkey_id}`.execute(app.ctx.system_db.kysely)
    expect(rows[0]?.n).toBe(1)
  })

  test('of a made-up answer is not judged: whoever lacks the key blocks nothing', async () => {
    const { device } = await personWithPasskey(new SoftwareAuthenticator({ counter: 7 }))
    await signInWith(device, { counter: 1, key: new SoftwareAuthenticator().key })
    expect((await signInWith(device)).answer.status).toBe(200)
  })

  test('that was used and then stays 0 has gone back', async () => {
    const { device } = await personWithPasskey(new SoftwareAuthenticator({ counter: 7 }))
    expect((await signInWith(device, { counter: 0 })).answer.status).toBe(401)
  })

  test('that stays 0 from the first day belongs to a device that does not count', async () => {
    const { device } = await personWithPasskey(new SoftwareAuthenticator())
    expect((await signInWith(device)).answer.status).toBe(200)
    expect((await signInWith(device)).answer.status).toBe(200)
  })
})

describe('confirming with a passkey', () => {
  test('opens sensitive actions, raises the session to two factors, and changes its cookie', async () => {
    const { person, device } = await personWithPasskey()
    const elsewhere = await anotherSession(app, person)
    app.clock.pass(301)
    expect((await elsewhere.fetch(passkeys.passkeyRegistrationOptions)).problem.type).toBe(
      '/problems/accounts/step-up-needed',
    )
    expect((await elsewhere.me()).two_factors).toBe(false)
    const before = elsewhere.session
    const asked = await elsewhere.fetch(passkeys.passkeyStepUpOptions)
    expect(asked.body.options.allowCredentials).toHaveLength(1)
    const credential = device.signIn(asked.body.options)
    expect((await elsewhere.fetch(passkeys.passkeyStepUp, { body: { credential } })).status).toBe(200)
    expect(elsewhere.session).not.toBe(before)
    expect((await elsewhere.me()).two_factors).toBe(true)
    expect((await elsewhere.fetch(passkeys.passkeyRegistrationOptions)).status).toBe(200)
  })

  test('works with one’s own passkey and not with somebody else’s', async () => {
    const { person } = await personWithPasskey()
    const { device } = await personWithPasskey()
    const asked = await person.fetch(passkeys.passkeyStepUpOptions)
    const credential = device.signIn(asked.body.options)
    const answer = await person.fetch(passkeys.passkeyStepUp, { body: { credential } })
    expect([answer.status, answer.problem.type]).toEqual([401, '/problems/accounts/passkey-refused'])
  })

  test('needs one: who has none is told', async () => {
    const answer = await (await signedIn(app)).fetch(passkeys.passkeyStepUpOptions)
    expect([answer.status, answer.problem.type]).toEqual([404, '/problems/accounts/unknown-passkey'])
  })
})

describe('making a passkey', () => {
  test('needs a confirmation of the last five minutes, at both steps', async () => {
    const person = await signedIn(app)
    const asked = await person.fetch(passkeys.passkeyRegistrationOptions)
    app.clock.pass(299)
    const credential = new SoftwareAuthenticator().register(asked.body.options)
    app.clock.pass(2)
    expect((await person.fetch(passkeys.passkeyRegistrationOptions)).status).toBe(403)
    const answer = await person.fetch(passkeys.addPasskey, { body: { name: 'Telephone', credential } })
    expect([answer.status, answer.problem.type]).toEqual([403, '/problems/accounts/step-up-needed'])
  })

  const lies: [what: string, lies: Lies][] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['another relying party', { rp_id: 'evil.example' }],
    ['another question', { challenge: 'B'.repeat(43) }],
    ['no user verification', { verified: false }],
    ['a frame of another site', { cross_origin: true }],
    ['the kind that signs in', { type: 'webauthn.get' }],
    [
      'a certificate, whose addresses would be called',
      { attestation: { format: 'packed', statement: new Map([['x5c', Buffer.from('certificate')]]) } },
    ],
    ['an attestation of a make nobody asked for', { attestation: { format: 'tpm', statement: new Map() } }],
    ['words beside no attestation', { attestation: { format: 'none', statement: new Map([['ver', '2.0']]) } }],
  ]
  test.each(lies)('with %s is refused', async (_what, lie) => {
    const { answer } = await addPasskey(await signedIn(app), undefined, lie)
    expect([answer.status, answer.problem.type]).toEqual([401, '/problems/accounts/passkey-refused'])
  })

  test('twice on one device is refused, also for another person', async () => {
    const { person, device } = await personWithPasskey()
    for (const again of [person, await signedIn(app)]) {
      const { answer } = await addPasskey(again, device)
      expect([answer.status, answer.problem.type]).toEqual([409, '/problems/accounts/passkey-known'])
    }
    const asked = await person.fetch(passkeys.passkeyRegistrationOptions)
    expect(asked.body.options.excludeCredentials).toHaveLength(1)
  })

  test('is done for one person under one handle, as often as they have devices, up to twenty', async () => {
    const { person } = await personWithPasskey()
    const second = new SoftwareAuthenticator()
    expect((await addPasskey(person, second)).answer.status).toBe(201)
    const [first] = await passkeyStore.listPasskeys(app.ctx.system_db, person.person_id)
    if (!first) throw new Error('It was just kept.')
    expect(Buffer.from(first.user_handle)).toEqual(Buffer.from(second.user_handle))
    for (let i = 2; i < passkeys.PASSKEYS_MAX; i++) {
      const passkey_id = first.passkey_id.replace(/.{6}$/, `ZZZZ${String(i).padStart(2, '0')}`)
      await passkeyStore.insertPasskey(app.ctx.system_db, { ...first, passkey_id, credential_id: Buffer.from([1, i]) })
    }
    const answer = await person.fetch(passkeys.passkeyRegistrationOptions)
    expect([answer.status, answer.problem.type]).toEqual([409, '/problems/accounts/too-many'])
  })

  test('is noted in the log with its renaming and removal', async () => {
    const { person, passkey_id } = await personWithPasskey()
    const renamed = await person.fetch(passkeys.renamePasskey, { params: { passkey_id }, body: { name: 'Old key' } })
    expect(renamed.body.name).toBe('Old key')
    expect((await person.fetch(passkeys.removePasskey, { params: { passkey_id } })).status).toBe(204)
    expect(await actionsOf(person)).toEqual([
      'accounts.passkey_added',
      'accounts.passkey_renamed',
      'accounts.passkey_removed',
    ])
    expect((await person.me()).two_factors).toBe(false)
  })
})

describe('a passkey of somebody else', () => {
  test('is neither shown nor renamed nor removed', async () => {
    const { passkey_id } = await personWithPasskey()
    const other = await signedIn(app)
    expect((await other.fetch(passkeys.listPasskeys)).body.passkeys).toEqual([])
    const params = { passkey_id }
    const renamed = await other.fetch(passkeys.renamePasskey, { params, body: { name: 'Mine' } })
    const removed = await other.fetch(passkeys.removePasskey, { params })
    for (const answer of [renamed, removed])
      expect([answer.status, answer.problem.type]).toEqual([404, '/problems/accounts/unknown-passkey'])
  })
})

test('the last way in cannot be removed: without a password a passkey stays', async () => {
  const { person, passkey_id } = await personWithPasskey()
  await store.savePerson(app.ctx.system_db, person.person_id, { password_hash: null })
  const answer = await person.fetch(passkeys.removePasskey, { params: { passkey_id } })
  expect([answer.status, answer.problem.type]).toEqual([409, '/problems/accounts/last-way-in'])
  const { answer: second } = await addPasskey(person)
  expect(second.status).toBe(201)
  const both = await Promise.all(
    [passkey_id, second.body.passkey_id].map((id) =>
      person.fetch(passkeys.removePasskey, { params: { passkey_id: id } }),
    ),
  )
  expect(both.map(({ status }) => status).sort(), 'of two at once one stays').toEqual([204, 409])
})

describe('the address', () => {
  test('127.0.0.1 is no name: the answer says so, and where to go', async () => {
    const person = await signedIn(app)
    const at_number = { host: '127.0.0.1', origin: 'http://127.0.0.1' }
    const answer = await person.fetch(passkeys.passkeyRegistrationOptions, { headers: at_number })
    expect(answer.problem).toMatchObject({
      type: '/problems/accounts/passkeys-not-here',
      status: 409,
      reason: 'numeric_address',
      open_at: 'http://localhost',
      detail: expect.stringContaining('Open http://localhost instead'),
    })
    const state = await new Browser(app).fetch(contract.state, { headers: { host: '127.0.0.1' } })
    expect(state.body.instance.passkeys).toEqual({
      usable: false,
      reason: 'numeric_address',
      open_at: 'http://localhost',
    })
    const here = await new Browser(app).fetch(contract.state, { headers: { host: AT.host } })
    expect(here.body.instance.passkeys.usable).toBe(true)
  })

  test('of PUBLIC_ORIGIN is the one that counts, with its cookies under __Host-', async () => {
    const elsewhere = await openAccountsApp({ config: { public_origin: 'https://carbon.example' } })
    try {
      const headers = { host: 'carbon.example', origin: 'https://carbon.example' }
      const browser = new Browser(elsewhere)
      const asked = await browser.fetch(passkeys.passkeySignInOptions, { headers })
      expect(asked.body.options.rpId).toBe('carbon.example')
      expect([...browser.cookies.keys()]).toContain('__Host-tidemark-passkey')
      const local = await new Browser(elsewhere).fetch(passkeys.passkeySignInOptions, { headers: AT })
      expect(local.problem).toMatchObject({ reason: 'other_address', open_at: 'https://carbon.example' })
    } finally {
      await elsewhere.close()
    }
  })

  test.each([
    ['http://carbon.example', 'no_https', null],
    ['http://192.0.2.7:3000', 'numeric_address', null],
    ['https://[2001:db8::1]', 'numeric_address', null],
  ])('%s cannot have passkeys: %s', async (public_origin, reason, open_at) => {
    const { passkeysHere } = await import('./passkeys/place.ts')
    expect(passkeysHere({ origin: () => public_origin })).toEqual({ usable: false, reason, open_at })
  })

  test('under which a passkey was made is the only one that it opens', async () => {
    const { person, device, passkey_id } = await personWithPasskey()
    await sql`update accounts.passkey set rp_id = 'old.example' where passkey_id = ${passkey_id}`.execute(
      app.ctx.system_db.kysely,
    )
    expect((await signInWith(device)).answer.status).toBe(401)
    const { body } = await person.fetch(passkeys.listPasskeys)
    expect(body.passkeys[0]?.state).toBe('elsewhere')
  })
})

test('a signed-in browser that signs in as somebody else leaves its old session', async () => {
  const organisation_id = await addOrganisation(app)
  const earlier = await signedIn(app, { organisation_id, role: 'owner' })
  const stolen = earlier.session
  const { person, device } = await personWithPasskey()
  const { answer } = await signInWith(device, {}, earlier)
  expect(answer.body.me.person.person_id).toBe(person.person_id)
  const thief = new Browser(app)
  thief.cookies.set('tidemark', stolen)
  expect((await thief.fetch(contract.me)).status).toBe(401)
})

test('what the guest of the demonstration has is no passkey', async () => {
  const guest = new Browser(app)
  await guest.fetch(contract.demo)
  const answer = await guest.fetch(passkeys.passkeyRegistrationOptions)
  expect([answer.status, answer.problem.type]).toEqual([403, '/problems/accounts/demo-stays'])
})

test('questions that were answered are forgotten when they can no longer be answered', async () => {
  await personWithPasskey()
  const count = async () =>
    (await sql<{ n: number }>`select count(*)::int as n from accounts.used_challenge`.execute(app.ctx.system_db.kysely))
      .rows[0]?.n ?? 0
  expect(await count()).toBeGreaterThan(0)
  app.clock.pass(31 * 24 * 3600)
  await store.deleteOver(app.ctx.system_db, app.clock.now())
  expect(await count()).toBe(0)
})

test('a person’s passkeys are in their export and go with them', async () => {
  const { personalData } = await import('./data-rights.ts')
  const person = await addPerson(app)
  const [template] = await passkeyStore.listPasskeys(app.ctx.system_db, (await personWithPasskey()).person.person_id)
  if (!template) throw new Error('It was just kept.')
  const own = {
    ...template,
    passkey_id: 'psk_01KAHX3V9M8Q2R5T7W0Y4Z6B1C',
    person_id: person.person_id,
    credential_id: Buffer.from('hers'),
  }
  await passkeyStore.insertPasskey(app.ctx.system_db, own)
  const exported = await personalData.exportOf(app.ctx, { kind: 'person', id: person.person_id })
  expect(exported['accounts.passkeys']).toEqual([
    expect.objectContaining({ credential_id: Buffer.from('hers').toString('base64url') }),
  ])
  await personalData.erase(app.ctx, { kind: 'person', id: person.person_id })
  expect(await passkeyStore.listPasskeys(app.ctx.system_db, person.person_id)).toEqual([])
})
