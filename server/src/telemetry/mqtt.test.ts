import { createServer, type AddressInfo } from 'node:net'
import { Aedes } from 'aedes'
import { sql } from 'kysely'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDevice } from '@tidemark/core/telemetry/contract.ts'
import { access, accounts } from '../accounts/http.ts'
import { makeKey } from '../accounts/service.ts'
import { audit } from '../audit/http.ts'
import { claim } from '../platform/testing-access.ts'
import { TEST_NOW } from '../platform/testing.ts'
import { addOrganisation, openAccountsApp, signedIn, type AccountsTestApp } from '../testing-accounts.ts'
import { telemetry } from './http.ts'
import { mqttPort } from './ways-in.ts'

let app: AccountsTestApp
let elsewhere: Aedes
const elsewhere_server = createServer((socket) => elsewhere.handle(socket))
const clients: MqttClient[] = []
let organisation_id: string
let key: string
let powerless: string
beforeAll(async () => {
  elsewhere = await Aedes.createBroker()
  await new Promise<void>((resolve) => elsewhere_server.listen(0, '127.0.0.1', () => resolve()))
  const mqtt_url = `mqtt://127.0.0.1:${(elsewhere_server.address() as AddressInfo).port}`
  const config = { mqtt: { host: '127.0.0.1', port: 0 }, mqtt_url }
  app = await openAccountsApp({ capabilities: [audit, accounts, telemetry], access, config })
  await claim(app)
  organisation_id = await addOrganisation(app)
  const owner = await signedIn(app, { organisation_id, role: 'owner' })
  const keyFor = async (scope: string) =>
    (await makeKey({ ...app.ctx, db: app.ctx.system_db }, { kind: 'organisation', name: scope, scopes: [scope], expires_in_days: 1, ip_list: [], person_id: owner.person_id, organisation_id, role: 'owner' })).secret // oxfmt-ignore
  ;[key, powerless] = [await keyFor('telemetry.ingest'), await keyFor('audit.read')]
  for (const sensor_id of ['m-1', 'm-2', 'far-1'])
    await owner.fetch(addDevice, { body: { sensor_id, kind: 'meter', site_id: 'yard' } })
  await app.app.listen()
})
afterAll(async () => {
  for (const client of clients) await client.endAsync(true)
  await app?.close()
  await new Promise<void>((resolve) => elsewhere.close(() => resolve()))
  elsewhere_server.close()
})

async function connect(password?: string): Promise<MqttClient> {
  const url = `mqtt://127.0.0.1:${mqttPort(app.ctx)}`
  const client = await connectAsync(url, { username: 'device', password, reconnectPeriod: 0, connectTimeout: 5_000 })
  clients.push(client)
  client.on('error', () => undefined)
  return client
}
const at = (seconds_ago: number) => new Date(TEST_NOW.getTime() - seconds_ago * 1000).toISOString()
const reading = (seconds_ago: number) => ({ timestamp: at(seconds_ago), measurements: { power_kw: seconds_ago } })
const stored = async (sensor_id: string) => {
  const { rows } = await sql<{
    value: number
  }>`select value from telemetry.reading join telemetry.series using (series_id)
    join telemetry.device using (device_id) where sensor_id = ${sensor_id} order by captured_at desc`.execute(
    app.db.kysely,
  )
  return rows.map(({ value }) => value)
}

describe('the broker for devices', () => {
  it('acknowledges a reading, a list of them or a batch when they are stored, whatever comes at once', async () => {
    const client = await connect(key)
    await client.publishAsync(`tidemark/${organisation_id}/m-1`, JSON.stringify(reading(1)), { qos: 1 })
    expect(await stored('m-1')).toEqual([1])
    await Promise.all([
      client.publishAsync('tidemark/-/m-1', JSON.stringify([reading(2), reading(3)]), { qos: 1 }),
      client.publishAsync('tidemark/yard/m-1', JSON.stringify({ readings: [reading(4)] }), { qos: 2 }),
      ...Array.from({ length: 40 }, (_, i) =>
        client.publishAsync('tidemark/-/m-2', JSON.stringify(reading(i)), { qos: 1 }),
      ),
    ])
    expect(await stored('m-1')).toEqual([1, 2, 3, 4])
    expect(await stored('m-2')).toEqual(Array.from({ length: 40 }, (_, i) => i))
  })

  it('tells under …/verdict what became of a message, and of nothing else', async () => {
    const client = await connect(key)
    const heard: [string, { faults?: { code: string }[]; readings?: { faults: { code: string }[] }[] }][] = []
    client.on('message', (topic, payload) => heard.push([topic, JSON.parse(payload.toString()) as never]))
    const granted = await client.subscribeAsync(`tidemark/${organisation_id}/m-1/verdict`, { qos: 0 })
    expect(granted.map(({ qos }) => qos)).toEqual([0])
    for (const topic of ['#', 'tidemark/#', `tidemark/${organisation_id}/m-1`, 'tidemark/org_1/m-1/verdict', '$SYS/#'])
      await expect(client.subscribeAsync(topic)).rejects.toThrow('Unspecified error')
    await client.publishAsync('tidemark/-/m-1', 'half a JSON {', { qos: 1 })
    await client.publishAsync('tidemark/-/m-1', JSON.stringify({ ...reading(9), sensor_id: 'm-2' }), { qos: 1 })
    await client.publishAsync('tidemark/-/m-1', JSON.stringify([reading(50), { timestamp: 'now' }]), { qos: 1 })
    await expect.poll(() => heard.length).toBe(3)
    expect(heard.map(([, { faults, readings }]) => faults?.[0]?.code ?? readings?.[0]?.faults[0]?.code)).toEqual(['malformed-json', 'other-sensor', 'invalid-instant']) // oxfmt-ignore
  })

  it('opens to nobody without a key that may send readings', async () => {
    for (const password of [undefined, 'tm_live_nothing', powerless])
      await expect(connect(password)).rejects.toThrow('Connection refused')
  })

  it('cuts off who publishes for somebody else, and stores nothing of it', async () => {
    const before = await stored('m-1')
    for (const topic of ['tidemark/org_00000000000000000000000000/m-1', 'tidemark/elsewhere/m-1', 'other/-/m-1']) {
      const client = await connect(key)
      const closed = new Promise<unknown>((resolve) => void client.once('close', () => resolve(undefined)))
      client.publish(topic, JSON.stringify(reading(99)), { qos: 1 })
      await closed
    }
    expect(await stored('m-1')).toEqual(before)
  })
})

it('what a broker elsewhere has under an organisation is taken in, and nothing of devices that nobody knows', async () => {
  const client = await connectAsync(`mqtt://127.0.0.1:${(elsewhere_server.address() as AddressInfo).port}`)
  clients.push(client)
  await client.publishAsync(`tidemark/${organisation_id}/stranger`, JSON.stringify(reading(5)), { qos: 1 })
  await client.publishAsync('tidemark/nowhere/far-1', JSON.stringify(reading(5)), { qos: 1 })
  await client.publishAsync(`tidemark/${organisation_id}/far-1`, JSON.stringify(reading(7)), { qos: 1 })
  await expect.poll(() => stored('far-1')).toEqual([7])
})
