import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { signOut } from '@tidemark/core/accounts/contract.ts'
import { addSite, getSite } from '@tidemark/core/sites/contract.ts'
import { LiveMessage, liveTicket } from '@tidemark/core/sites/live-contract.ts'
import { addDevice, ingest } from '@tidemark/core/telemetry/contract.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { access, accounts } from '../accounts/http.ts'
import { audit } from '../audit/http.ts'
import { claim } from '../platform/testing-access.ts'
import { TEST_NOW } from '../platform/testing.ts'
import { telemetry } from '../telemetry/http.ts'
import { siteTopic } from '../telemetry/service.ts'
import {
  addOrganisation,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'
import { HandPulse, mustOpen, openSocket, type TestSocket } from '../testing-sockets.ts'
import { sites } from './http.ts'
import { announce } from './live.ts'
import { actingFor } from '../platform/tenancy.ts'

const depot = { name: 'Depot', latitude: 43.6, longitude: 3.9, time_zone: 'Europe/Paris', country: 'FR' }
type Lagged =
  | { kind: 'forecast'; data: { i: number } }
  | { kind: 'lagged'; dropped: Record<string, number>; values: unknown[] }

const reading = (sensor_id: string, seconds_ago: number, generation_power_kw: number) => ({
  timestamp: new Date(TEST_NOW.getTime() - seconds_ago * 1000).toISOString(),
  sensor_id,
  measurements: { generation_power_kw },
})

const pulse = new HandPulse()
/** The server answers in order: when it has answered a ping, it has heard what was said before, answers to its own among it. */
async function heardOut({ ws }: TestSocket): Promise<void> {
  ws.ping()
  await once(ws, 'pong')
}

/** A Python that has the library; the first one in the path may be another than the system's. */
const python = ['python3', '/usr/bin/python3'].find(
  (each) => spawnSync(each, ['-c', 'import websockets'], { stdio: 'ignore' }).status === 0,
)

let app: AccountsTestApp
let origin: string
let socket_origin: string
beforeAll(async () => {
  app = await openAccountsApp({ capabilities: [audit, accounts, telemetry, sites], access, pulse })
  origin = await app.app.listen()
  socket_origin = origin.replace('http', 'ws')
})
afterAll(() => app?.close())

/** A site with one inverter, by whoever asks. */
async function makeSite(headers: Record<string, string>, sensor_id: string) {
  const assets = [{ asset_id: 'inv', name: 'Inverter', kind: 'pv_inverter', rated_kw: 50, sensor_ids: [sensor_id] }]
  const { body: site } = await app.fetch(addSite, { body: { ...depot, assets }, headers })
  const body = {
    sensor_id,
    kind: 'pv_inverter',
    site_id: site.id,
    measures: { generation_power_kw: { interval_s: 10 } },
  }
  const added = await app.fetch(addDevice, { body, headers })
  expect([site.number, added.status]).toEqual([expect.any(Number), 201])
  return site
}

describe('before anybody has claimed the installation', () => {
  it('a program on this machine opens ws://…/ws/site/1 with nothing in its hand, and hears of every reading', async () => {
    const site = await makeSite({}, 'inv-1')
    expect(site.number).toBe(1)
    expect((await app.fetch(getSite, { params: { id: '1' } })).body.id).toBe(site.id)
    const stream = await mustOpen(`${socket_origin}/ws/site/1`)
    const hello = await stream.next()
    expect(LiveMessage.parse(hello)).toMatchObject({
      kind: 'hello',
      site_id: site.id,
      values: [],
      resumed: 'not_asked',
    })
    await app.fetch(ingest, { body: { readings: [reading('inv-1', 5, 12.5)] } })
    expect(LiveMessage.parse(await stream.next())).toMatchObject({
      kind: 'reading',
      source: 'http',
      left_out: 0,
      values: [{ sensor_id: 'inv-1', measure: 'generation_power_kw', unit: 'kW', value: 12.5, verdict: 'valid' }],
    })
    expect(await stream.next()).toMatchObject({ kind: 'metrics', now: { generation_kw: 12.5, load_kw: null } })
    stream.ws.close()
  })

  it('403: a page of another site opens nothing, though this machine’s visitor could', async () => {
    const refused = await openSocket(`${socket_origin}/ws/site/1`, { origin: 'https://evil.example' })
    expect(refused).toMatchObject({ status: 403, type: '/problems/request/cross-site' })
  })

  it('426: request/upgrade-required, where the address is fetched', async () => {
    const answer = await fetch(`${origin}/ws/site/1`)
    expect([answer.status, ((await answer.json()) as { type: string }).type]).toEqual([426, '/problems/request/upgrade-required']) // oxfmt-ignore
  })
})

describe.skipIf(!python)('a Python program of five lines (skipped: python3 with websockets not there)', () => {
  it('prints what comes in, on a server where nobody has an account yet, with no more than the address', async () => {
    const { port } = new URL(origin)
    const client = spawn(python ?? '', ['-u', '-c', pythonClient(`ws://localhost:${port}/ws/site/1`)])
    const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]()
    const received = async () => {
      const { value } = await lines.next()
      expect(value).toMatch(/^Received: \{/)
      return LiveMessage.parse(JSON.parse(String(value).slice('Received: '.length)))
    }
    try {
      expect(await received()).toMatchObject({ kind: 'hello', number: 1 })
      await app.fetch(ingest, { body: { readings: [reading('inv-1', 2, 31.25)] } })
      const next = await received()
      expect(next.kind === 'metrics' ? await received() : next).toMatchObject({
        kind: 'reading',
        values: [{ value: 31.25 }],
      })
    } finally {
      client.kill()
    }
  })
})

/** As programs that watch a site are written: it opens the address and prints. */
function pythonClient(url: string): string {
  return `
import asyncio
import websockets

async def subscribe():
    async with websockets.connect('${url}') as ws:
        while True:
            data = await ws.recv()
            print(f"Received: {data}")

asyncio.run(subscribe())
`
}

describe('once there are accounts', () => {
  let ann: TestPerson
  let bob: TestPerson
  let home: string
  let away: string
  let site: { id: string; number: number }
  const cookieOf = (person: TestPerson) => ({ cookie: `tidemark=${person.session}`, origin })
  const asAnn = () => ({ cookie: `tidemark=${ann.session}`, 'sec-fetch-site': 'same-origin' })
  beforeAll(async () => {
    await claim(app)
    home = await addOrganisation(app, 'Home')
    away = await addOrganisation(app, 'Away')
    ann = await signedIn(app, { organisation_id: home, role: 'owner' })
    bob = await signedIn(app, { organisation_id: away, role: 'owner' })
    site = await makeSite(asAnn(), 'inv-9')
  })

  it('refuses nobody-in-particular, pages of other sites, cookies without a page, and everybody else’s sites', async () => {
    const url = `${socket_origin}/ws/site/${site.id}`
    const refused = await Promise.all([
      openSocket(url),
      openSocket(url, { ...cookieOf(ann), origin: 'https://evil.example' }),
      openSocket(url, { cookie: cookieOf(ann).cookie }),
      openSocket(url, cookieOf(bob)),
      openSocket(url, { authorization: 'Bearer tm_live_nothing' }),
      openSocket(`${socket_origin}/ws/site/2`, cookieOf(ann)),
      openSocket(`${socket_origin}/ws/site/x`, cookieOf(ann)),
    ])
    expect(refused.map((each) => ('status' in each ? each.status : 101))).toEqual([401, 403, 403, 404, 401, 404, 422])
  })

  it('opens with a ticket, once: request/ticket-not-valid from then on and after half a minute', async () => {
    const take = async () => (await app.fetch(liveTicket, { headers: asAnn() })).body.ticket
    const ticket = await take()
    const stream = await mustOpen(`${socket_origin}/ws/site/1?ticket=${ticket}`)
    expect(await stream.next()).toMatchObject({ kind: 'hello', site_id: site.id })
    stream.ws.close()
    const again = await openSocket(`${socket_origin}/ws/site/1?ticket=${ticket}`)
    expect(again).toMatchObject({ status: 401, type: '/problems/request/ticket-not-valid' })
    const late = await take()
    app.clock.pass(31)
    expect(await openSocket(`${socket_origin}/ws/site/1?ticket=${late}`)).toMatchObject({ status: 401 })
  })

  it('goes on from a cursor with what was missed, and says when that is no longer known', async () => {
    const url = `${socket_origin}/ws/site/1`
    const first = await mustOpen(url, cookieOf(ann))
    await first.next()
    await app.fetch(ingest, { body: { readings: [reading('inv-9', 60, 1)] }, headers: asAnn() })
    const { cursor } = await first.next<{ cursor: string }>(({ kind }) => kind === 'reading')
    first.ws.close()
    for (const ago of [50, 40])
      await app.fetch(ingest, { body: { readings: [reading('inv-9', ago, ago)] }, headers: asAnn() })
    const second = await mustOpen(`${url}?after=${cursor}`, cookieOf(ann))
    expect(await second.next()).toMatchObject({ kind: 'hello', resumed: 'complete', values: [{ value: 40 }] })
    expect([await second.next(), await second.next()]).toMatchObject([
      { kind: 'reading', values: [{ value: 50 }] },
      { kind: 'reading', values: [{ value: 40 }] },
    ])
    second.ws.close()
    const third = await mustOpen(`${url}?after=0123456789-7`, cookieOf(ann))
    expect(await third.next()).toMatchObject({ kind: 'hello', resumed: 'gap' })
    third.ws.close()
  })

  it('hears what is announced of its own site, and nothing of a site of the same name elsewhere', async () => {
    const stream = await mustOpen(`${socket_origin}/ws/site/1`, cookieOf(ann))
    await stream.next()
    announce(actingFor(app.ctx, away), site.id, 'alert', { secret: 'theirs' })
    announce(actingFor(app.ctx, home), site.id, 'alert', { alert_id: 'ours' })
    expect(await stream.next(({ kind }) => kind !== 'metrics')).toMatchObject({
      kind: 'alert',
      data: { alert_id: 'ours' },
    })
    stream.ws.close()
  })

  it('leaves out what a slow client has no room for, counts it, and goes on from the state as it is', async () => {
    const stream = await mustOpen(`${socket_origin}/ws/site/1`, cookieOf(ann))
    await stream.next()
    stream.ws.pause()
    const sent = 400
    // On PostgreSQL they go round by the database: the client reads on when all of them have come.
    const told = new Promise<void>((resolve) => {
      let left = sent
      const end = app.ctx.events.subscribe(home, siteTopic(site.id), () => {
        left -= 1
        if (left > 0) return
        end()
        resolve()
      })
    })
    for (let i = 0; i < sent; i += 1)
      announce(actingFor(app.ctx, home), site.id, 'forecast', { i, text: 'x'.repeat(70_000) })
    await told
    stream.ws.resume()
    const heard: number[] = []
    let dropped = 0
    // Where events come from another process it may catch up in between, and lag once more.
    while (heard.length + dropped < sent) {
      const message = await stream.next<Lagged>(({ kind }) => kind === 'forecast' || kind === 'lagged')
      if (message.kind === 'forecast') {
        heard.push(message.data.i)
      } else {
        dropped += message.dropped.forecast ?? 0
        expect(message.values).toMatchObject([{ sensor_id: 'inv-9' }])
      }
    }
    expect(dropped).toBeGreaterThan(0)
    expect(heard).toEqual([...new Set(heard)].sort((one, other) => one - other))
    announce(actingFor(app.ctx, home), site.id, 'forecast', { i: sent })
    expect(await stream.next(({ kind }) => kind === 'forecast')).toMatchObject({ data: { i: sent } })
    stream.ws.close()
  })

  it('names a series that fell silent once, and again when it has spoken and falls silent anew', async () => {
    const { headers, url } = { headers: asAnn(), url: `${socket_origin}/ws/site/1` }
    const speak = () => app.fetch(ingest, { body: { readings: [spoken('inv-9')] }, headers })
    const spoken = (sensor_id: string) => ({ timestamp: app.clock.now().toISOString(), sensor_id, measurements: { generation_power_kw: 3 } }) // oxfmt-ignore
    await speak()
    const stream = await mustOpen(url, cookieOf(ann))
    expect(await stream.next()).toMatchObject({ kind: 'hello', silent: [] })
    const fallSilent = async () => {
      app.clock.pass(31)
      pulse.pass(5)
      return stream.next(({ kind }) => kind === 'stale')
    }
    expect(await fallSilent()).toMatchObject({ silent: [{ sensor_id: 'inv-9', silent_s: 31, interval_s: 10 }] })
    app.clock.pass(31)
    pulse.pass(10)
    await speak()
    await stream.next(({ kind }) => kind === 'reading')
    expect(await fallSilent()).toMatchObject({ silent: [{ sensor_id: 'inv-9', silent_s: 31 }] })
    stream.ws.close()
  })

  it('gives a sign of life after twenty quiet seconds, and cuts off who does not answer theirs', async () => {
    const alive = await mustOpen(`${socket_origin}/ws/site/1`, cookieOf(ann))
    const dead = await mustOpen(`${socket_origin}/ws/site/1`, cookieOf(ann), { autoPong: false })
    await Promise.all([alive.next(), dead.next()])
    const pinged = Promise.all([alive, dead].map(({ ws }) => once(ws, 'ping')))
    pulse.pass(20)
    expect(await alive.next(({ kind }) => kind === 'heartbeat')).toMatchObject({ cursor: expect.any(String) })
    await pinged
    await heardOut(alive)
    pulse.pass(20)
    expect(await dead.closed).toBe(1006)
    expect(alive.ws.readyState).toBe(alive.ws.OPEN)
    alive.ws.close()
  })

  it('ends what a ticket opened after ten minutes with 4408, and what a session opened within a minute of its end with 4401', async () => {
    const { ticket } = (await app.fetch(liveTicket, { headers: asAnn() })).body
    const carla = await signedIn(app, { organisation_id: home, role: 'reader' })
    const by_ticket = await mustOpen(`${socket_origin}/ws/site/1?ticket=${ticket}`)
    const by_session = await mustOpen(`${socket_origin}/ws/site/1`, cookieOf(carla))
    await carla.fetch(signOut)
    const passAnswering = async (seconds: number, ...answering: TestSocket[]) => {
      for (let passed = 0; passed < seconds; passed += 15) {
        pulse.pass(15)
        await Promise.all(answering.map(heardOut))
      }
    }
    await passAnswering(45, by_session, by_ticket)
    pulse.pass(15)
    expect(await by_session.closed).toBe(4401)
    await heardOut(by_ticket)
    await passAnswering(525, by_ticket)
    expect(by_ticket.ws.readyState).toBe(by_ticket.ws.OPEN)
    pulse.pass(15)
    expect(await by_ticket.closed).toBe(4408)
  })

  it('cuts off who speaks where nothing is asked', async () => {
    const stream = await mustOpen(`${socket_origin}/ws/site/1`, cookieOf(ann))
    stream.ws.send('{"kind":"subscribe"}')
    expect(await stream.closed).toBe(1008)
  })
})
