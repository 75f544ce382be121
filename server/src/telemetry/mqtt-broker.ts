import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { callbackify } from 'node:util'
import type { Aedes, AuthenticateError, Client } from 'aedes'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { ingest as ingestRoute } from '@tidemark/core/telemetry/contract.ts'
import type { Door } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { Gatherer } from './gather.ts'
import { readMessage, readTopic, type Topic } from './message.ts'
import * as store from './store.ts'

/** Before somebody has said who they are, and in one message afterwards. */
const STRANGER_BYTES_MAX = 64 * 1024
const MESSAGE_BYTES_MAX = 1024 * 1024
/** Whether a device may still send is asked this often. */
const RECHECK_MS = 60_000
const CLIENTS_MAX = 10_000

interface Member {
  ctx: Context
  organisation_id: string
  checked_ms: number
  recheck: () => Promise<Context>
}

export interface MqttBroker {
  port: number
  close(): Promise<void>
}

/**
 * Opens a broker for devices. They show an API key, or an access token, as their password; what they publish is taken in
 * like any batch, and acknowledged (QoS 1) after the commit. What became of it is published to `…/verdict`. It passes no
 * message from one client to another.
 */
export async function openMqttBroker(ctx: Context, door: Door): Promise<MqttBroker> {
  const { mqtt } = ctx.config
  invariant(mqtt !== undefined, 'a broker is opened where a port is set')
  const { Aedes } = await import('aedes')
  const members = new WeakMap<Client, Member>()
  const gatherer = new Gatherer('mqtt')
  const broker: Aedes = await Aedes.createBroker({
    connectTimeout: 10_000,
    keepaliveLimit: 1_200,
    maxClientsIdLength: 120,
    queueLimit: 200,
    maxTopicLevels: 4,
    preConnect: (_client, packet, done) => {
      // Nothing is kept for whoever is away, and nobody leaves a last will.
      packet.clean = true
      done(null, packet.will === undefined && broker.connectedClients < CLIENTS_MAX)
    },
    authenticate: (client, _username, password, done) => {
      callbackify(join)(client, password, (error) => done(error ? refusal(error, ctx) : null, !error))
    },
    authorizePublish: (client, packet, done) => {
      const member = client && members.get(client)
      if (!member) return done(new Error('Nobody sent this.'))
      // Kept messages would pile up here; they are in the database.
      packet.retain = false
      callbackify(take)(member, packet.topic, packet.payload, done)
    },
    authorizeSubscribe: (client, subscription, done) => {
      const own = members.get(client)?.organisation_id
      const [root, organisation_id, sensor_id, verdict, ...more] = subscription.topic.split('/')
      const fits = root === 'tidemark' && organisation_id === own && sensor_id !== '#' && verdict === 'verdict'
      done(null, fits && more.length === 0 ? subscription : null)
    },
    // What a device publishes is for the database.
    authorizeForward: (_client, packet) => (packet.topic.endsWith('/verdict') ? packet : null),
  })
  // Both are told of a client that went wrong; it is closed, and that is all there is to do.
  broker.on('clientError', (_client, error) => ctx.log.debug({ reason: error.message }, 'an MQTT client was closed'))
  broker.on('connectionError', (_client, error) =>
    ctx.log.debug({ reason: error.message }, 'an MQTT client was closed'),
  )
  const server = createServer((socket) => guard(socket, broker.handle(socket), members))
  await listen(server, mqtt)
  const { port } = server.address() as AddressInfo
  ctx.log.info({ host: mqtt.host, port }, 'devices may send by MQTT')
  return {
    port,
    close: async () => {
      server.close()
      await new Promise<void>((resolve) => broker.close(() => resolve()))
      await gatherer.idle()
    },
  }

  async function join(client: Client, password: Buffer | undefined): Promise<void> {
    const recheck = () => admit(door, client, password)
    const own = await recheck()
    members.set(client, { ctx: own, organisation_id: organisationOf(own), checked_ms: performance.now(), recheck })
  }

  async function take(member: Member, topic_text: string, payload: Buffer | string): Promise<void> {
    if (performance.now() - member.checked_ms > RECHECK_MS) {
      member.ctx = await member.recheck()
      member.checked_ms = performance.now()
    }
    const topic = readTopic(topic_text)
    // A wrong address is a mistake in the set-up of a device: it is told, not taken for a reading.
    if (!topic || !(await isOwn(member, topic)))
      throw new Error(`Nothing is published to ${topic_text} by this client.`)
    const bytes = Buffer.from(payload)
    if (bytes.length > MESSAGE_BYTES_MAX) throw new Error(`A message has at most ${MESSAGE_BYTES_MAX} bytes.`)
    const message = readMessage(bytes, topic.sensor_id)
    const outcome =
      'faults' in message ? message : await gatherer.take(member.ctx, member.organisation_id, message.readings)
    tell(`tidemark/${member.organisation_id}/${topic.sensor_id}/verdict`, outcome)
  }

  function tell(topic: string, outcome: object): void {
    const payload = Buffer.from(JSON.stringify(outcome))
    broker.publish({ cmd: 'publish', qos: 0, retain: false, dup: false, topic, payload }, () => undefined)
  }
}

async function isOwn({ ctx, organisation_id }: Member, { place, sensor_id }: Topic): Promise<boolean> {
  if (place === '-' || place === organisation_id) return true
  const [device] = await store.findDevicesBySensor(ctx.db, organisation_id, [sensor_id])
  return device?.site_id === place
}

async function admit(door: Door, { conn }: Client, password: Buffer | undefined): Promise<Context> {
  const address = (conn as Socket).remoteAddress ?? ''
  const authorization = password === undefined ? undefined : `Bearer ${password.toString('utf8')}`
  return door.admit({ cookies: new Map(), authorization, address, headers: {} }, ingestRoute)
}

function refusal(error: unknown, { log }: Context): AuthenticateError {
  const is_problem = error instanceof Problem && !error.type.startsWith('server/')
  if (!is_problem) log.warn({ err: error }, 'an MQTT client could not be asked who it is')
  // 4: bad user name or password, 3: server unavailable.
  return Object.assign(new Error('refused'), { returnCode: is_problem ? 4 : 3 })
}

/** A packet may say that it is a quarter of a gigabyte long: of a stranger that much is not kept. */
function guard(socket: Socket, client: Client, members: WeakMap<Client, Member>): void {
  let bytes = 0
  const count = (chunk: Buffer) => {
    bytes += chunk.length
    if (members.has(client)) socket.off('data', count)
    else if (bytes > STRANGER_BYTES_MAX) socket.destroy()
  }
  socket.on('data', count)
  socket.on('error', () => undefined)
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
