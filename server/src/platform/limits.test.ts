import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from './log.ts'
import { openDatabase, type OpenedDatabase } from './database/database.ts'
import { migrate, readMigrations } from './database/migrate.ts'
import { enqueue, type JobKind } from './jobs.ts'
import { createLimits, defaultLimits, forgetFullBuckets, limitHeaders, limitJobs, network } from './limits.ts'
import { freshPostgres, openTestApp } from './testing.ts'

let db: OpenedDatabase
let drop = async () => {}
beforeAll(async () => {
  const server_url = process.env.TEST_DATABASE_URL
  const fresh = server_url ? await freshPostgres(server_url) : undefined
  if (fresh) drop = fresh.drop
  const log = createLog('silent')
  db = await openDatabase({ config: { data_dir: tmpdir(), database_url: fresh?.url }, log, in_memory: !fresh })
  await migrate(db, log, await readMigrations())
})
afterAll(async () => {
  await db?.close()
  await drop()
})

const table = { ...defaultLimits, api: { key: { count: 4, window_s: 60 }, address: { count: 2, window_s: 60 } } }
let subject = 0

describe.each(['in the process', 'in the database'])('counted %s', (where) => {
  const begin = () => {
    let now_ms = Date.UTC(2026, 10, 21)
    const limits = createLimits({
      table,
      now: () => new Date(now_ms),
      db: where === 'in the database' ? db : undefined,
    })
    subject += 1
    const name = `key_${subject}`
    return { limits, name, wait: (seconds: number) => (now_ms += seconds * 1000), now: () => new Date(now_ms) }
  }

  test('so many are allowed at once, the next one is told how long to wait, and after that time it is', async () => {
    const { limits, name, wait } = begin()
    const taken = []
    for (let i = 0; i < 5; i += 1) taken.push(await limits.take('api', 'key', name))
    expect(taken.map((each) => each?.allowed)).toEqual([true, true, true, true, false])
    expect(taken.map((each) => each?.remaining)).toEqual([3, 2, 1, 0, 0])
    expect(taken.at(-1)?.retry_after_s).toBe(15)
    wait(14)
    await expect(limits.spend('api', 'key', name)).rejects.toMatchObject({
      type: 'request/too-many',
      details: { retry_after_s: 1, limit: 4, window_s: 60 },
    })
    wait(1)
    expect((await limits.spend('api', 'key', name))?.allowed).toBe(true)
    wait(60)
    expect(await limits.take('api', 'key', name)).toMatchObject({ allowed: true, remaining: 3 })
  })

  test('each one who asks has a bucket of their own, and so has each limit', async () => {
    const { limits, name } = begin()
    for (let i = 0; i < 5; i += 1) await limits.take('api', 'key', name)
    expect((await limits.take('api', 'key', `${name} another`))?.allowed).toBe(true)
    expect((await limits.take('verify', 'key', name))?.allowed).toBe(true)
    expect(await limits.take('login', 'key', name), 'no limit is set for it').toBeUndefined()
  })

  test('of a hundred at once exactly as many as there are pass', async () => {
    const { limits, name } = begin()
    const taken = await Promise.all(Array.from({ length: 100 }, () => limits.take('api', 'key', name)))
    expect(taken.filter((each) => each?.allowed).length).toBe(4)
  })

  test('addresses of one IPv6 home are one', async () => {
    const { limits, name } = begin()
    const home = `2001:db8:${subject}:1`
    await limits.take('api', 'address', `${home}::1`)
    await limits.take('api', 'address', `${home}:ffff::2`)
    expect((await limits.take('api', 'address', `${home}:0:0:0:3`))?.allowed).toBe(false)
    expect((await limits.take('api', 'address', `2001:db8:${subject}:2::1`))?.allowed).toBe(true)
    expect(name).toBeTruthy()
  })
})

test('a clock that is set back locks nobody out for longer than a window', async () => {
  let now_ms = Date.UTC(2026, 10, 21)
  const limits = createLimits({ table, now: () => new Date(now_ms) })
  await limits.take('api', 'key', 'k')
  now_ms -= 3600_000
  expect((await limits.take('api', 'key', 'k'))?.allowed).toBe(false)
  now_ms += 3600_000
  expect((await limits.take('api', 'key', 'k'))?.allowed).toBe(true)
})

test('buckets that are full again are forgotten', async () => {
  const limits = createLimits({ table, now: () => new Date(0), db })
  await limits.take('api', 'key', 'old')
  expect(await forgetFullBuckets(db, new Date(20_000))).toBe(1)
})

test('an hourly job forgets them, and leaves those that still count', async () => {
  const [job] = limitJobs
  expect(job?.options.schedule).toBe('17 * * * *')
  const app = await openTestApp({ capabilities: [] })
  try {
    const at_ms = app.ctx.now().getTime()
    await sql`insert into platform.rate_limit (name, full_at_ms) values ('full', ${at_ms - 1}), ('not yet', ${at_ms + 1})`.execute(
      app.db.kysely,
    )
    if (job) await enqueue(app.db, job.kind as JobKind<object>, {})
    expect(await app.app.jobs.drain()).toEqual({ done: 1, failed: 0 })
    const { rows } = await sql<{ name: string }>`select name from platform.rate_limit`.execute(app.db.kysely)
    expect(rows).toEqual([{ name: 'not yet' }])
  } finally {
    await app.close()
  }
})

test('no more than the limit passes in any window, whatever the rhythm', async () => {
  const waits = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(waits, async (seconds) => {
      let now_s = 0
      const limits = createLimits({ table, now: () => new Date(now_s * 1000) })
      const passed: number[] = []
      for (const wait of seconds) {
        now_s += wait
        if ((await limits.take('api', 'key', 'k'))?.allowed) passed.push(now_s)
      }
      // A full bucket, and what comes back while the window lasts.
      for (const from of passed) {
        const within = passed.filter((at) => at >= from && at < from + 60).length
        expect(within).toBeLessThanOrEqual(8)
      }
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::1', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
])('%s counts as %s', (address, expected) => {
  expect(network(address)).toBe(expected)
})

test('the headers are those of the IETF’s draft on rate limits', async () => {
  const limits = createLimits({ table, now: () => new Date(0) })
  const taken = await limits.take('api', 'key', 'k')
  expect(taken && limitHeaders('api', taken)).toEqual({
    'ratelimit-policy': '"api";q=4;w=60',
    ratelimit: '"api";r=3;t=15',
  })
})
