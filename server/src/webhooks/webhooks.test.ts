import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as contract from '@tidemark/core/webhooks/contract.ts'
import { ENDPOINTS_MAX } from '@tidemark/core/webhooks/contract.ts'
import { FAILURES_MAX, waits_s } from '@tidemark/core/webhooks/retry.ts'
import { verifyWebhook, type WebhookHeaders } from '@tidemark/core/webhooks/sign.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { audit } from '../audit/http.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { webhooks } from './http.ts'
import { emit } from './service.ts'

const has_openssl = (() => {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!has_openssl)('webhooks (skipped where there is no openssl to make a certificate)', () => {
  interface Received {
    headers: Partial<WebhookHeaders> & IncomingMessage['headers']
    body: string
  }

  let app: TestApp
  let receiver: Server
  let origin: string
  const received: Received[] = []
  let answer: (response: ServerResponse) => void

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-webhooks-'))
    const [key_file, ca_file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=receiver', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650']
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key_file, '-out', ca_file], {
      stdio: 'ignore',
    })
    const [key, ca] = [await readFile(key_file), await readFile(ca_file, 'utf8')]
    await rm(folder, { recursive: true })
    receiver = createServer({ key, cert: ca }, (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        received.push({ headers: request.headers as Received['headers'], body })
        answer(response)
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    origin = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}`
    app = await openTestApp({
      capabilities: [testAccounts, audit, webhooks],
      access: testAccess,
      config: { test_loopback: { ca } },
      // The queue goes by the clock of the database, so what is due later must be later by that clock too.
      now: () => new Date(),
    })
  })
  afterAll(async () => {
    await app?.close()
    receiver?.close()
  })
  beforeEach(async () => {
    received.length = 0
    answer = (response) => response.writeHead(204).end()
    await sql`delete from webhooks.event`.execute(app.db.kysely)
    await sql`delete from webhooks.endpoint`.execute(app.db.kysely)
  })

  const ann = as(personIn(ORG_A, 'owner'))
  const bob = as(personIn(ORG_B, 'owner'))

  async function added(events: contract.WebhookEvent[] = ['calculation.created'], path = '/hook') {
    const made = await app.fetch(contract.create, { headers: ann, body: { url: `${origin}${path}`, events } })
    expect(made.status).toBe(201)
    return made.body
  }

  /** As a service does in a request of Ann's. */
  async function happens(): Promise<void> {
    const ctx = { ...app.ctx, db: app.db.scopedTo(ORG_A), actor: personIn(ORG_A, 'owner') }
    await emit(ctx, 'calculation.created', { calculation_id: 'calc_1', emissions_kg_co2e: 12.5 })
  }

  async function deliveriesOf(endpoint_id: string) {
    const { body } = await app.fetch(contract.listDeliveries, { headers: ann, params: { endpoint_id } })
    return body.deliveries
  }

  test('an event reaches its receiver, who can tell that it is ours and new', async () => {
    const { secret, endpoint_id } = await added()
    await happens()
    await app.app.jobs.drain()
    const [{ headers, body }] = received as [Received]
    const now_s = app.ctx.now().getTime() / 1000
    expect(verifyWebhook({ secret, headers, body, now_s })).toBe('valid')
    expect(verifyWebhook({ secret, headers, body, now_s: now_s + 600 })).toBe('too-old')
    expect(verifyWebhook({ secret, headers, body: body.replace('12.5', '1.25'), now_s })).toBe('wrong-signature')
    expect(JSON.parse(body)).toEqual({
      id: headers['webhook-id'],
      type: 'calculation.created',
      timestamp: expect.stringMatching(/Z$/) as string,
      organisation_id: ORG_A,
      data: { calculation_id: 'calc_1', emissions_kg_co2e: 12.5 },
    })
    expect(await deliveriesOf(endpoint_id)).toMatchObject([{ state: 'delivered', attempts: 1, last_status: 204 }])
  })

  test('what is undone is told to nobody', async () => {
    await added()
    const undone = app.db.transaction(async (tx) => {
      await emit({ ...app.ctx, db: tx }, 'calculation.created', { calculation_id: 'calc_1' }, ORG_A)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    await app.app.jobs.drain({ ahead: true })
    expect(received).toEqual([])
  })

  test('who did not ask for an event, another organisation, and a webhook that is off are not told', async () => {
    await added(['member.joined'])
    await app.fetch(contract.create, { headers: bob, body: { url: `${origin}/b`, events: ['calculation.created'] } })
    const { endpoint_id } = await added()
    await app.fetch(contract.update, { headers: ann, params: { endpoint_id }, body: { active: false } })
    await happens()
    await app.app.jobs.drain()
    expect(received).toEqual([])
  })

  test('the secret is shown once, kept encrypted, and a new one takes its place at once', async () => {
    const { secret, endpoint_id } = await added()
    const listed = await app.fetch(contract.list, { headers: ann })
    expect(JSON.stringify(listed.body)).not.toContain(secret.slice(6))
    const { rows } = await sql<{ line: string }>`select endpoint::text as line from webhooks.endpoint`.execute(
      app.db.kysely,
    )
    expect(rows[0]!.line).not.toContain(Buffer.from(secret).toString('hex'))
    const renewed = await app.fetch(contract.renewSecret, { headers: ann, params: { endpoint_id } })
    await happens()
    await app.app.jobs.drain()
    const [{ headers, body }] = received as [Received]
    const now_s = app.ctx.now().getTime() / 1000
    expect(verifyWebhook({ secret, headers, body, now_s })).toBe('wrong-signature')
    expect(verifyWebhook({ secret: renewed.body.secret, headers, body, now_s })).toBe('valid')
  })

  describe('a receiver that does not answer as it should', () => {
    test('is asked again under the same id, ten times more over 24 hours, and then no more', async () => {
      answer = (response) => response.writeHead(500).end('no\u0007 <b>way</b>')
      const { endpoint_id } = await added()
      await happens()
      await app.app.jobs.drain()
      expect(await deliveriesOf(endpoint_id)).toMatchObject([
        {
          state: 'waiting',
          attempts: 1,
          last_status: 500,
          last_answer: 'no  <b>way</b>',
        },
      ])
      await app.app.jobs.drain({ ahead: true })
      expect(received).toHaveLength(waits_s.length + 1)
      expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
      expect(await deliveriesOf(endpoint_id)).toMatchObject([{ state: 'failed', next_attempt_at: null }])
    })

    test('is left alone after five events in a row, which the log says, until it is switched on again', async () => {
      answer = (response) => response.writeHead(500).end()
      const { endpoint_id } = await added()
      for (let i = 0; i < FAILURES_MAX; i++) await happens()
      await app.app.jobs.drain({ ahead: true })
      const [endpoint] = (await app.fetch(contract.list, { headers: ann })).body.endpoints
      expect(endpoint).toMatchObject({ active: false, disabled_reason: 'failures' })
      const { rows } =
        await sql`select * from audit.event where action = 'webhooks.disabled' and resource_id = ${endpoint_id}`.execute(
          app.db.kysely,
        )
      expect(rows).toHaveLength(1)
      const refused = await app.fetch(contract.ping, { headers: ann, params: { endpoint_id } })
      expect(refused.problem).toMatchObject({ status: 409, type: '/problems/webhooks/not-active' })
      const on = await app.fetch(contract.update, { headers: ann, params: { endpoint_id }, body: { active: true } })
      expect(on.body).toMatchObject({ active: true, failures: 0, disabled_reason: null })
    })

    test('and says 410 is never called again', async () => {
      answer = (response) => response.writeHead(410).end()
      await added()
      await happens()
      await app.app.jobs.drain({ ahead: true })
      expect(received).toHaveLength(1)
      expect((await app.fetch(contract.list, { headers: ann })).body.endpoints[0]).toMatchObject({
        active: false,
        disabled_reason: 'gone',
      })
    })

    test('and sends us elsewhere is not followed', async () => {
      answer = (response) => response.writeHead(302, { location: `${origin}/inside` }).end()
      const { endpoint_id } = await added()
      await happens()
      await app.app.jobs.drain()
      expect(received).toHaveLength(1)
      expect(await deliveriesOf(endpoint_id)).toMatchObject([{ state: 'waiting', last_status: 302 }])
    })

    test('and talks without end is cut off', async () => {
      answer = (response) => {
        response.writeHead(200)
        const talk = setInterval(() => response.write('x'.repeat(32_768)), 1)
        response.on('close', () => clearInterval(talk))
      }
      const { endpoint_id } = await added()
      await happens()
      await app.app.jobs.drain()
      expect(await deliveriesOf(endpoint_id)).toMatchObject([{ state: 'waiting', attempts: 1, last_status: null }])
    })
  })

  test('a delivery can be sent once more, and a trial event whenever one likes', async () => {
    const { endpoint_id } = await added()
    const trial = await app.fetch(contract.ping, { headers: ann, params: { endpoint_id } })
    expect(trial.status).toBe(202)
    await app.app.jobs.drain()
    const { delivery_id } = trial.body
    expect((await app.fetch(contract.redeliver, { headers: ann, params: { delivery_id } })).status).toBe(202)
    await app.app.jobs.drain()
    expect(received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['ping', 'ping'])
    expect(received[0]!.headers['webhook-id']).toBe(received[1]!.headers['webhook-id'])
    const unknown = await app.fetch(contract.redeliver, { headers: bob, params: { delivery_id } })
    expect(unknown.problem).toMatchObject({ status: 404, type: '/problems/webhooks/unknown-delivery' })
  })

  test('to another organisation a webhook is not there', async () => {
    const { endpoint_id } = await added()
    const params = { endpoint_id }
    for (const [route, body] of [
      [contract.update, { active: false }],
      [contract.remove, undefined],
      [contract.renewSecret, undefined],
      [contract.ping, undefined],
      [contract.listDeliveries, undefined],
    ] as const) {
      const answered = await app.fetch(route, { headers: bob, params, body })
      expect(answered.problem.type, route.name).toBe('/problems/webhooks/unknown-endpoint')
    }
    expect((await app.fetch(contract.remove, { headers: ann, params })).status).toBe(204)
    expect((await app.fetch(contract.list, { headers: ann })).body.endpoints).toEqual([])
  })

  test('who may not manage webhooks is refused', async () => {
    expect((await app.fetch(contract.list, {})).status).toBe(401)
    expect((await app.fetch(contract.list, { headers: as(personIn(ORG_A, 'editor')) })).status).toBe(403)
  })

  test('there is a limit, and the refusal says it', async () => {
    for (let i = 0; i < ENDPOINTS_MAX; i++) await added(['ping'], `/${i}`)
    const refused = await app.fetch(contract.create, { headers: ann, body: { url: `${origin}/x`, events: ['ping'] } })
    expect(refused.problem).toMatchObject({ status: 409, type: '/problems/webhooks/too-many', webhooks_max: 20 })
  })

  test.each([
    ['http://example.org/', 'Only https is called'],
    ['https://user:word@example.org/', 'would be sent along'],
    ['not an address', 'looks like https://'],
  ])('%s is refused when it is typed, with a reason', async (url, reason) => {
    const refused = await app.fetch(contract.create, { headers: ann, body: { url, events: ['ping'] } })
    expect(refused.problem).toMatchObject({ status: 422, type: '/problems/webhooks/refused-url' })
    expect(refused.problem.detail).toContain(reason)
  })

  test('an address inside is never called; the log of deliveries says so and no more', async () => {
    const url = 'https://169.254.169.254/latest/meta-data/'
    const made = await app.fetch(contract.create, { headers: ann, body: { url, events: ['calculation.created'] } })
    await happens()
    await app.app.jobs.drain()
    const [delivery] = await deliveriesOf(made.body.endpoint_id)
    expect(delivery).toMatchObject({ state: 'waiting', last_status: null })
    expect(delivery!.last_answer).toContain('is not an address on the public internet')
  })
})
