import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GAP, openEvents, type Events, type LiveEvent } from './events.ts'
import { createLog } from './log.ts'

const log = createLog('silent')
const about = { organisation_id: 'org_1', topic: 'site/one', kind: 'alert' }

/** Listens, and waits for what is to come. */
function ear(events: Events, topic = about.topic) {
  const heard: LiveEvent[] = []
  let woken = () => undefined as void
  const end = events.subscribe(about.organisation_id, topic, (event) => {
    heard.push(event)
    woken()
  })
  const until = async (enough: (heard: readonly LiveEvent[]) => boolean) => {
    while (!enough(heard)) await new Promise<void>((resolve) => (woken = resolve))
    return heard
  }
  return { heard, end, until }
}

describe('events of one process', () => {
  const events = openEvents({ database_url: undefined }, log)

  it('reach those who listen to their topic in their organisation, and nobody else', () => {
    const ours = ear(events)
    const elsewhere = ear(events, 'site/two')
    events.publish({ ...about, data: 1 })
    events.publish({ ...about, organisation_id: 'org_2', data: 'theirs' })
    ours.end()
    events.publish({ ...about, data: 2 })
    expect(ours.heard.map(({ data }) => data)).toEqual([1])
    expect(elsewhere.heard).toEqual([])
  })

  it('are known again from a cursor on, the latest 256 of a topic, and an unknown cursor knows nothing', () => {
    const first = events.latest(about.organisation_id, about.topic) ?? ''
    for (let i = 0; i < 255; i += 1) events.publish({ ...about, data: i })
    expect(events.since(about.organisation_id, about.topic, first)).toHaveLength(255)
    events.publish({ ...about, data: 'one more' })
    expect(events.since(about.organisation_id, about.topic, first)).toBeUndefined()
    expect(events.since('org_2', about.topic, events.latest(about.organisation_id, about.topic) ?? '')).toBeUndefined()
  })
})

const database_url = process.env.TEST_DATABASE_URL
const why = database_url === undefined ? ' (skipped: TEST_DATABASE_URL names no PostgreSQL)' : ''

describe.skipIf(database_url === undefined)(`events of several processes on one PostgreSQL${why}`, () => {
  let one: Events
  let other: Events
  beforeAll(async () => {
    one = openEvents({ database_url }, log)
    other = openEvents({ database_url }, log)
    await Promise.all([one.flush(), other.flush()])
  })
  afterAll(async () => Promise.all([one.close(), other.close()]))

  it('are heard by all in the same order, whoever told them, and a cursor means the same to all', async () => {
    const [here, there] = [ear(one), ear(other)]
    for (let i = 0; i < 50; i += 1) (i % 2 === 0 ? one : other).publish({ ...about, data: i })
    await here.until(({ length }) => length === 50)
    await there.until(({ length }) => length === 50)
    expect(there.heard).toEqual(here.heard)
    expect(here.heard.map(({ data }) => data).sort((a, b) => Number(a) - Number(b))).toEqual([...Array(50).keys()])
    const { cursor } = here.heard[19] ?? { cursor: '' }
    expect(other.since(about.organisation_id, about.topic, cursor)).toEqual(here.heard.slice(20))
    for (const each of [here, there]) each.end()
  })

  it('arrive whole when they are longer than a notification may be, in any script', async () => {
    const there = ear(other)
    const data = { text: 'é水🌊"\\\n '.repeat(4_000), list: [1, null, 'x 2/3 y'] }
    one.publish({ ...about, data })
    one.publish({ ...about, data: 'after' })
    await there.until(({ length }) => length === 2)
    expect(there.heard.map((event) => event.data)).toEqual([data, 'after'])
    there.end()
  })

  it('are cut off with their connection: then everybody is told of a gap, no old cursor is known, and it goes on', async () => {
    const there = ear(other)
    one.publish({ ...about, data: 'before' })
    await there.until(({ length }) => length === 1)
    const client = new pg.Client({ connectionString: database_url })
    await client.connect()
    await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'tidemark-live' and datname = current_database()`)
    await client.end()
    const heard = await there.until((events) => events.some(({ kind }) => kind === GAP))
    expect(other.since(about.organisation_id, about.topic, heard[0]?.cursor ?? '')).toBeUndefined()
    // Both connect again, each in its own time: what is told until then is told again.
    for (let tries = 0; tries < 50 && !there.heard.some(({ data }) => data === 'again'); tries += 1) {
      one.publish({ ...about, data: 'again' })
      await one.flush()
      await sleep(50)
    }
    expect(there.heard.at(-1)).toMatchObject({ data: 'again' })
    there.end()
  })
})
