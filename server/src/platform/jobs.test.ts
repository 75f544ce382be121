import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { Capability } from './capability.ts'
import { enqueue, jobKind, work } from './jobs.ts'
import { openTestApp, type TestApp } from './testing.ts'

const greet = jobKind('trial.greet', z.object({ name: z.string() }))
const tidy = jobKind('trial.tidy', z.object({ room: z.number() }))
const stumble = jobKind('trial.stumble', z.object({ times: z.number() }))

const greeted: string[] = []
const tidied: number[] = []
let stumbles = 0
let logged = ''

const trial: Capability = {
  name: 'trial',
  bindings: [],
  problems: {},
  jobs: [
    work(greet, {}, async (ctx, { name }) => {
      greeted.push(ctx.actor.kind === 'system' ? name : `${name}, for somebody else`)
    }),
    work(tidy, { once: true }, async (_ctx, { room }) => void tidied.push(room)),
    work(stumble, { retry_limit: 2, retry_delay_s: 60 }, async (_ctx, { times }) => {
      stumbles += 1
      if (stumbles <= times) throw new Error('the private words of Ann')
    }),
  ],
}

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [trial], onLog: (line) => (logged += line) })
})
afterAll(() => app?.close())
beforeEach(() => {
  greeted.length = 0
  stumbles = 0
})

test('a job asked for in a transaction runs after it', async () => {
  await app.db.transaction(async (tx) => {
    await enqueue(tx, greet, { name: 'Ann' })
    await enqueue(tx, greet, { name: 'Béa' })
  })
  expect(await app.app.jobs.drain()).toEqual({ done: 2, failed: 0 })
  expect(greeted.sort()).toEqual(['Ann', 'Béa'])
})

test('what looks at all there is runs once, however often it was asked for while it waited', async () => {
  for (const room of [1, 2, 1, 1]) await enqueue(app.db, tidy, { room })
  expect(await app.app.jobs.drain()).toEqual({ done: 2, failed: 0 })
  expect(tidied.splice(0).sort(), 'in any order').toEqual([1, 2])
  await enqueue(app.db, tidy, { room: 1 })
  expect(await app.app.jobs.drain()).toEqual({ done: 1, failed: 0 })
  expect(tidied).toEqual([1])
})

test('a transaction that is undone asks for nothing', async () => {
  const undone = app.db.transaction(async (tx) => {
    await enqueue(tx, greet, { name: 'nobody' })
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  expect(await app.app.jobs.drain()).toEqual({ done: 0, failed: 0 })
  expect(greeted).toEqual([])
})

test('a job for later waits until then', async () => {
  await enqueue(app.db, greet, { name: 'later' }, { start_after: new Date(Date.now() + 3_600_000) })
  expect(await app.app.jobs.drain()).toEqual({ done: 0, failed: 0 })
  expect(await app.app.jobs.drain({ ahead: true })).toEqual({ done: 1, failed: 0 })
})

test('a job that fails is tried again as often as its kind says, and then counted as failed', async () => {
  await enqueue(app.db, stumble, { times: 1 })
  expect(await app.app.jobs.drain({ ahead: true })).toEqual({ done: 1, failed: 1 })
  stumbles = 0
  await enqueue(app.db, stumble, { times: 99 })
  expect(await app.app.jobs.drain({ ahead: true })).toEqual({ done: 0, failed: 3 })
  expect(await app.app.jobs.counts()).toContainEqual({ job: 'trial.stumble', state: 'failed', count: 1 })
  const metrics = await app.fetch('/metrics')
  expect(metrics.body).toContain('tidemark_jobs{job="trial.stumble",state="failed"} 1')
})

test('the queue keeps the name of a failure only: its message may hold what people typed', async () => {
  const { rows } = await sql<{ output: string }>`select output::text as output from pgboss.job
    where name = 'trial.stumble' and state = 'failed'`.execute(app.db.kysely)
  expect(rows).toHaveLength(1)
  expect(rows[0]!.output).not.toContain('Ann')
})

test('a payload of another form is a bug of the caller, found before anything is written', async () => {
  await expect(enqueue(app.db, greet, { name: 7 } as never)).rejects.toThrow('expected string')
})

test('a server that listens works through its jobs by itself and stops cleanly in the middle of them', async () => {
  const own = await openTestApp({ capabilities: [trial] })
  try {
    await own.app.listen()
    await own.db.transaction((tx) => enqueue(tx, greet, { name: 'by itself' }))
    for (let i = 0; i < 200 && greeted.length === 0; i++) await sleep(25)
    expect(greeted).toEqual(['by itself'])
    for (let i = 0; i < 20; i++) await enqueue(own.db, greet, { name: `last ${i}` })
  } finally {
    await own.close()
  }
  expect(logged).not.toContain('could not be handed on')
})
