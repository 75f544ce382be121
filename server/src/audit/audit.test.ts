import * as contract from '@tidemark/core/audit/contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Actor, Context } from '../platform/context.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { ANN, as, BOB, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { audit } from './http.ts'
import { eraseActor, nameActor, record, verifyChain } from './service.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [testAccounts, audit], access: testAccess })
})
afterAll(() => app?.close())

const ann = personIn(ORG_A, 'owner')
const bob = personIn(ORG_B, 'admin')

/** The context of a request of somebody. */
function by(actor: Actor, address = '203.0.113.77'): Context {
  const db =
    actor.kind === 'person' && actor.organisation_id !== undefined ? app.db.scopedTo(actor.organisation_id) : app.db
  return { ...app.ctx, db, actor, client: { address }, request_id: 'request-1' }
}

const calculated = { action: 'footprint.calculated', resource: { type: 'calculation', id: 'calc_1' } } as const

/** As somebody would who holds the database itself and knows what guards it. */
async function tamper(statement: string): Promise<void> {
  await app.db.transaction(async (tx) => {
    await sql.raw('alter table audit.event disable trigger user').execute(tx.kysely)
    await sql.raw(statement).execute(tx.kysely)
    await sql.raw('alter table audit.event enable trigger user').execute(tx.kysely)
  })
}

async function clear(): Promise<void> {
  await tamper('delete from audit.event')
  await sql`update audit.head set seq = 0, hash = repeat('0', 64)`.execute(app.db.kysely)
  await sql`delete from audit.actor`.execute(app.db.kysely)
}
beforeEach(clear)

test('an event says who did what to which resource from where, and holds no name and no content', async () => {
  await record(by(ann), { ...calculated, before: { title: 'Zoé secret' }, after: { title: 'Zoé secret 2' } })
  await nameActor(app.ctx, 'person', ANN, 'Ann Onyme')
  const { body } = await app.fetch(contract.list, { headers: as(ann) })
  expect(body.events).toMatchObject([
    {
      seq: 1,
      actor_kind: 'person',
      actor_id: ANN,
      actor_name: 'Ann Onyme',
      organisation_id: ORG_A,
      action: 'footprint.calculated',
      resource_id: 'calc_1',
      result: 'done',
      ip_prefix: '203.0.113.0/24',
      request_id: 'request-1',
    },
  ])
  expect(body.events[0]!.before_digest).not.toBe(body.events[0]!.after_digest)
  const { rows } = await sql<{ line: string }>`select event::text as line from audit.event`.execute(app.db.kysely)
  for (const word of ['Ann', 'Zoé', ANN, '113.77']) expect(rows[0]!.line).not.toContain(word)
})

test('what is undone is not in the log, and leaves no gap', async () => {
  await record(by(ann), calculated)
  const undone = app.db.scopedTo(ORG_A).transaction(async (tx) => {
    await record({ ...by(ann), db: tx }, calculated)
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  await record(by(ann), calculated)
  expect(await verifyChain(app.ctx)).toMatchObject({ intact: true, checked: 2, head: { seq: 2 } })
})

test('two hundred at once are numbered without a gap and the chain holds', async () => {
  await Promise.all(Array.from({ length: 200 }, (_, i) => record(by(i % 2 === 0 ? ann : bob), calculated)))
  expect(await verifyChain(app.ctx)).toMatchObject({ intact: true, checked: 200, head: { seq: 200 }, faults: [] })
})

describe('the database refuses', () => {
  test.each([
    ["update audit.event set action = 'x'", 'UPDATE'],
    ['delete from audit.event', 'DELETE'],
    ['truncate audit.event', 'TRUNCATE'],
  ])('%s, also by its owner', async (statement, word) => {
    await record(by(ann), calculated)
    await expect(sql.raw(statement).execute(app.db.kysely)).rejects.toThrow(word)
  })

  test('an event that does not follow the last one', async () => {
    await record(by(ann), calculated)
    const forged = `insert into audit.event select 7, 'aud_00000000000000000000000000', at, actor_kind, actor_ref,
      organisation_id, action, resource_type, resource_id, result, ip_prefix, request_id, before_digest, after_digest,
      hash, repeat('c', 64) from audit.event`
    await expect(sql.raw(forged).execute(app.db.kysely)).rejects.toThrow('follows the last one')
  })

  test('requests of an organisation everything but adding: not even the end of the chain can be moved', async () => {
    await record(by(ann), calculated)
    const { kysely } = app.db.scopedTo(ORG_A)
    for (const statement of [
      "update audit.event set action = 'x'",
      'delete from audit.event',
      'update audit.head set seq = 0',
      'select * from audit.head',
      'delete from audit.actor',
    ])
      await expect(sql.raw(statement).execute(kysely), statement).rejects.toThrow('permission denied')
  })
})

describe('whoever gets around that is found', () => {
  const columns: [string, string][] = [
    ['seq', '99'],
    ['event_id', "'aud_0000000000000000000000000Z'"],
    ['at', "at + interval '1 millisecond'"],
    ['actor_kind', "'system'"],
    ['actor_ref', "'act_somebodyelse'"],
    ['organisation_id', `'${ORG_B}'`],
    ['action', "'accounts.signed_in'"],
    ['resource_type', "'report'"],
    ['resource_id', 'null'],
    ['result', "'refused'"],
    ['ip_prefix', "'198.51.100.0/24'"],
    ['request_id', "'request-2'"],
    ['before_digest', "repeat('d', 64)"],
    ['after_digest', "repeat('d', 64)"],
    ['prev_hash', "repeat('d', 64)"],
    ['hash', "repeat('d', 64)"],
  ]

  test('the table has no column beside these', async () => {
    const { rows } = await sql<{ name: string }>`select attname as name from pg_attribute
      where attrelid = 'audit.event'::regclass and attnum > 0 and not attisdropped`.execute(app.db.kysely)
    expect(rows.map(({ name }) => name).sort()).toEqual(columns.map(([name]) => name).sort())
  })

  test.each(columns)(
    'in the column %s of the first, a middle and the last row, and the row is named',
    async (column, value) => {
      for (const row of [1, 3, 5]) {
        await clear()
        for (let i = 0; i < 5; i++) await record(by(ann), { ...calculated, before: i, after: i + 1 })
        const { rows } = await sql<{ id: string }>`select event_id as id from audit.event where seq = ${row}`.execute(
          app.db.kysely,
        )
        await tamper(`update audit.event set ${column} = ${value} where seq = ${row}`)
        const { intact, faults } = await verifyChain(app.ctx)
        expect(intact).toBe(false)
        const named = faults.filter(({ kind }) => kind === 'altered')
        if (column === 'event_id') expect(named).toMatchObject([{ seq: row }])
        // A row with another number lies beyond the end that is known: it is missing where it was.
        else if (column === 'seq') expect(faults[0]?.seq).toBe(row === 5 ? 4 : row + 1)
        else expect(named.map(({ event_id }) => event_id)).toContain(rows[0]!.id)
      }
    },
  )

  test('also who takes rows out, from the middle or from the end', async () => {
    for (let i = 0; i < 5; i++) await record(by(ann), calculated)
    const { head } = await verifyChain(app.ctx)
    await tamper('delete from audit.event where seq = 2')
    expect((await verifyChain(app.ctx)).faults).toMatchObject([{ kind: 'missing', seq: 3 }])
    await clear()
    for (let i = 0; i < 5; i++) await record(by(ann), calculated)
    await tamper('delete from audit.event where seq > 3')
    expect((await verifyChain(app.ctx)).faults).toEqual([{ kind: 'cut_off', seq: 3 }])
    // Whoever mends the known end as well is found by an end that was noted elsewhere.
    await sql`update audit.head set seq = 3, hash = (select hash from audit.event where seq = 3)`.execute(app.db.kysely)
    expect((await verifyChain(app.ctx)).intact).toBe(true)
    expect((await verifyChain(app.ctx, head)).faults).toEqual([{ kind: 'cut_off', seq: 3 }])
  })
})

test('an organisation sees its own events only, whatever it asks for', async () => {
  await record(by(ann), calculated)
  await record(by(bob), calculated)
  await nameActor(app.ctx, 'person', BOB, 'Bob')
  const query = { actor: BOB }
  expect((await app.fetch(contract.list, { headers: as(ann) })).body.events).toHaveLength(1)
  expect((await app.fetch(contract.list, { headers: as(ann), query })).body.events).toEqual([])
  expect((await app.fetch(contract.list, { headers: as(bob), query })).body.events).toHaveLength(1)
  const { rows } = await sql`select * from audit.actor`.execute(app.db.scopedTo(ORG_A).kysely)
  expect(rows).toHaveLength(1)
})

test('who may not read the log is refused', async () => {
  for (const route of [contract.list, contract.exportEvents, contract.verify]) {
    expect((await app.fetch(route, {})).status).toBe(401)
    expect((await app.fetch(route, { headers: as(personIn(ORG_A, 'editor')) })).status).toBe(403)
    expect((await app.fetch(route, { headers: as(personIn(ORG_A, 'verifier')) })).status).toBe(200)
  }
})

test('filters and pages', async () => {
  for (let i = 0; i < 7; i++)
    await record(by(ann), {
      ...calculated,
      resource: { type: 'calculation', id: `calc_${i}` },
      result: i === 3 ? 'failed' : 'done',
    })
  const first = await app.fetch(contract.list, { headers: as(ann), query: { limit: '3' } })
  expect(first.body.events.map(({ seq }) => seq)).toEqual([7, 6, 5])
  const second = await app.fetch(contract.list, {
    headers: as(ann),
    query: { limit: '10', before: String(first.body.next) },
  })
  expect(second.body.events.map(({ seq }) => seq)).toEqual([4, 3, 2, 1])
  expect(second.body.next).toBeNull()
  const failed = await app.fetch(contract.list, {
    headers: as(ann),
    query: { result: 'failed', resource_id: 'calc_3' },
  })
  expect(failed.body.events).toHaveLength(1)
})

test('the file holds what is needed to compute the hashes again, and a spreadsheet runs none of it', async () => {
  await record(by(ann), { ...calculated, resource: { type: 'calculation', id: '=cmd|calc' } })
  await nameActor(app.ctx, 'person', ANN, '=HYPERLINK("https://x.example")')
  const ndjson = await app.fetch(contract.exportEvents, { headers: as(ann) })
  const lines = String(ndjson.body)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as contract.AuditEvent)
  expect(lines.map(({ action }) => action)).toEqual(['audit.exported', 'footprint.calculated'])
  const csv = await app.fetch(contract.exportEvents, { headers: as(ann), query: { format: 'csv' } })
  expect(csv.headers['content-type']).toContain('text/csv')
  expect(String(csv.body)).toContain(`"'=cmd|calc"`)
  expect(String(csv.body)).toContain(`"'=HYPERLINK(""https://x.example"")"`)
})

test('a person who is erased leaves a whole chain that names nobody', async () => {
  await record(by(ann), calculated)
  await record(by(bob), { action: 'accounts.role_changed', resource: { type: 'person', id: ANN } })
  await nameActor(app.ctx, 'person', ANN, 'Ann Onyme')
  expect(await eraseActor(app.ctx, 'person', ANN)).toBe(true)
  expect((await verifyChain(app.ctx)).intact).toBe(true)
  const { body } = await app.fetch(contract.list, { headers: as(ann) })
  expect(body.events).toMatchObject([{ actor_id: null, actor_name: null }])
  const { rows } = await sql<{ line: string }>`select event::text as line from audit.event`.execute(app.db.kysely)
  expect(rows.map(({ line }) => line).join()).not.toContain(ANN)
})
