import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPermission, openToVisitors, roles, scopes } from '@tidemark/core/accounts/permissions.ts'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { access as ofTheApp, capabilities } from './app.ts'
import type { Access } from './platform/access.ts'
import { anonymous, type Actor, type Key, type Person } from './platform/context.ts'
import {
  addPeople,
  as,
  claim,
  expectedOutcome,
  ORG_A,
  ORG_B,
  outcomeOf,
  personIn,
  probe,
  probes,
  testAccess,
  testAccounts,
} from './platform/testing-access.ts'
import { share } from './platform/testing-extent.ts'
import { openTestApp, placed, promisedStatus, runExample, type TestAnswer, type TestApp } from './platform/testing.ts'

/**
 * Every route, asked by everybody who can ask. What is expected follows from the table of permissions and from what the
 * route says it needs: nothing is written down twice, so a new route is in the matrix by being bound.
 */
const routes = capabilities.flatMap(({ bindings }) => bindings.map(({ route }) => route))

const asked: readonly AnyRoute[] = [...routes, ...probes]

interface Identity {
  name: string
  headers: Record<string, string>
  /** Undefined for credentials that are refused wherever they are shown. */
  actor?: Actor
}

const key = (scopes_of_key: readonly string[]): Key => ({ kind: 'key', key_id: 'key_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', organisation_id: ORG_A, scopes: scopes_of_key }) // oxfmt-ignore
const homeless: Person = { kind: 'person', person_id: 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', session_id: 'ses_01KAHX3V9M8Q2R5T7W0Y4Z6B1D', instance_admin: false, via: 'token' } // oxfmt-ignore
const known = (name: string, actor: Actor): Identity => ({ name, actor, headers: as(actor) })

const identities: Identity[] = [
  { name: 'anonymous', actor: anonymous, headers: {} },
  ...roles.map((role) => known(`${role} of A`, personIn(ORG_A, role))),
  ...roles.map((role) => known(`${role} of B`, personIn(ORG_B, role))),
  known('person of no organisation', homeless),
  known('administrator of the instance', { ...homeless, instance_admin: true }),
  known('reader and administrator of the instance', personIn(ORG_A, 'reader', { admin: true })),
  ...scopes.map((scope) => known(`key for ${scope}`, key([scope]))),
  known('key for everything', key(scopes)),
  known('key for nothing', key([])),
  known('key that claims what no key holds', key(['instance.admin', 'accounts.delete_organisation', '*', 'public'])),
  { name: 'expired credentials', headers: { 'x-test-refused': 'expired' } },
  { name: 'revoked credentials', headers: { 'x-test-refused': 'revoked' } },
]

const access: Access = {
  authenticate: async (credentials, ctx) => {
    if (credentials.headers['x-test-refused']) throw new Problem('accounts/not-signed-in')
    return (await testAccess.authenticate?.(credentials, ctx)) ?? anonymous
  },
  authorise: ofTheApp.authorise ?? testAccess.authorise,
}

let app: TestApp
beforeAll(async () => {
  const has_accounts = capabilities.some(({ name }) => name === 'accounts')
  app = await openTestApp({
    seed: true,
    access,
    capabilities: [...(has_accounts ? [] : [testAccounts]), ...capabilities, probe],
  })
  await addPeople(app, [homeless.person_id])
  await claim(app)
})
afterAll(() => app?.close())

test('every route needs a right that the table knows, or is public, and shows how it is asked', () => {
  const unknown = routes.filter(({ needs }) => needs !== 'public' && !isPermission(needs))
  expect(unknown.map(({ name, needs }) => `${name} needs "${needs}", and core/src/accounts/permissions.ts has no line for it`)).toEqual([]) // oxfmt-ignore
  const silent = routes.filter(({ examples }) => examples.length === 0)
  expect(silent.map(({ name }) => `${name} has no example, so nobody can ask for it here`)).toEqual([])
})

test(`${asked.length} routes × ${identities.length} identities: each is admitted or refused as the table says`, async () => {
  const wrong: string[] = []
  let count = 0
  const askedBy = (turn: number) => share(identities, 3, turn)
  const isAdmitted = (route: AnyRoute, { actor }: Identity) => expectedOutcome(route.needs, actor) === 'admitted'
  const ask = async (route: AnyRoute, { name, actor, headers }: Identity) => {
    const want = expectedOutcome(route.needs, actor)
    const example = route.examples[0]
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, param]) => param ?? '')
    // Any id will do: who is refused is refused before it is read.
    const params = Object.fromEntries(names.map((param) => [param, example?.params?.[param] ?? 'unknown']))
    // Who should be refused brings everything that is needed to do harm. Who is admitted brings nothing, and hears so.
    const body = want === 'admitted' || route.accepts === 'file' ? undefined : example?.body
    const got = outcomeOf(await app.fetch(route, { params, body, headers }))
    count += 1
    if (got !== want) wrong.push(`${route.name} by ${name}: ${got}, expected ${want}`)
  }
  const refuseAll = async (some: readonly AnyRoute[]) => {
    for (const [turn, route] of some.entries())
      for (const identity of askedBy(turn)) if (!isAdmitted(route, identity)) await ask(route, identity)
  }
  // One look at what is stored before and after all who are refused: it costs more than they do.
  const before = await stateOf(app)
  await refuseAll(asked)
  if (before !== (await stateOf(app))) wrong.push(...(await storersAmong(asked, refuseAll)))
  for (const [turn, route] of asked.entries())
    for (const identity of askedBy(turn)) if (isAdmitted(route, identity)) await ask(route, identity)
  console.info(`access: ${count} combinations of route and identity`)
  expect(wrong).toEqual([])
}, 300_000)

/** Something was stored for somebody who was refused: asks again, route by route, to say where. */
async function storersAmong(some: readonly AnyRoute[], refuseAll: (some: readonly AnyRoute[]) => Promise<void>) {
  const found: string[] = []
  for (const route of some) {
    const before = await stateOf(app)
    await refuseAll([route])
    if (before !== (await stateOf(app))) found.push(`${route.name}: everybody was refused, and something was stored`)
  }
  return found.length > 0 ? found : ['Everybody was refused, and something was stored that a second try does not store']
}

test('a visitor may try what is open to visitors, on the machine itself, until somebody claims it; elsewhere nothing', async () => {
  const fresh = await openTestApp({ capabilities: [...capabilities, probe], access: ofTheApp, seed: true })
  const ask = async (route: AnyRoute, remoteAddress: string) =>
    (await fresh.inject({ method: 'POST', url: route.path, remoteAddress })).statusCode
  try {
    for (const route of probes) {
      const open = openToVisitors.some((permission) => permission === route.needs)
      expect([route.needs, await ask(route, '127.0.0.1')]).toEqual([route.needs, open ? 200 : 401])
      expect([route.needs, await ask(route, '192.0.2.7')]).toEqual([route.needs, 401])
    }
    await claim(fresh)
    for (const route of probes) expect([route.needs, await ask(route, '127.0.0.1')]).toEqual([route.needs, 401])
  } finally {
    await fresh.close()
  }
})

/**
 * What one organisation makes, asked for by another and by whoever is not signed in.
 */
describe('what belongs to another organisation is not there', () => {
  /** Routes that show a thing to whoever knows its id, each with its reason. */
  const shownToAll: Record<string, string> = {}
  const owner = as(personIn(ORG_A, 'owner'))
  const strangers = [as(personIn(ORG_B, 'owner')), as({ ...key(scopes), organisation_id: ORG_B }), as(homeless), {}]
  /** What an example made: some things are made once. */
  const made_by = new Map<string, TestAnswer<unknown>>()
  const taking = routes.filter(({ name, examples }) => examples.some(({ after }) => after) && !(name in shownToAll))

  test.each(taking.map((route) => [route.name, route] as const))('%s', async (_name, route) => {
    for (const example of route.examples.filter(({ after, status }) => after && (status ?? 200) < 400)) {
      const before = app.app.routes.find(({ name }) => name === example.after?.route)
      const first = before?.examples[0]
      expect(before && first, `${route.name} follows a route that has no example`).toBeDefined()
      if (!before || !first) return
      const made = made_by.get(before.name) ?? (await runExample(app, app.app.routes, before, first, owner))
      made_by.set(before.name, made)
      expect(made.status).toBe(promisedStatus(before, first))
      const filled = Object.entries(example.after?.fill ?? {}).map(([name, field]) => [
        name,
        String(at(made.body, field)),
      ])
      const given = placed(route, { params: {}, query: {}, ...example }, Object.fromEntries(filled))
      const own = await app.fetch(route, { params: given.params, query: given.query, headers: owner })
      for (const headers of strangers) {
        const answer = await app.fetch(route, { ...given, headers })
        expect([401, 403, 404], `${route.name} answered ${answer.status}`).toContain(answer.status)
      }
      if (route.method === 'GET') expect(own.status, 'its owner sees it').toBeLessThan(300)
    }
  })

  test('and no list of anything holds a trace of it', async () => {
    const calculate = app.app.routes.find(({ name }) => name === 'footprint.calculate')
    const first = calculate?.examples[0]
    if (!calculate || !first) throw new Error('There is nothing to calculate.')
    const made = (await runExample(app, app.app.routes, calculate, first, owner)).body as Record<string, string>
    const traces = [made.calculation_id, made.certificate_id, made.certificate_hash].map((id) => id ?? 'missing')
    const lists = routes.filter(({ method, path }) => method === 'GET' && !path.includes('{'))
    let shown = 0
    for (const route of lists) {
      const query = route.examples[0]?.query
      if ((await app.fetch(route, { query, headers: owner })).bytes.includes(traces[0] ?? '')) shown += 1
      for (const headers of strangers) {
        const { bytes } = await app.fetch(route, { query, headers })
        expect(
          traces.filter((trace) => bytes.includes(trace)),
          `${route.name} shows`,
        ).toEqual([])
      }
    }
    expect(shown, 'its owner finds it in a list').toBeGreaterThan(0)
  })
})

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((here, name) => (here as Record<string, unknown> | undefined)?.[name], value)
}

/** How many rows each table of a capability has. The log of who was refused is meant to grow. */
async function stateOf({ db }: TestApp): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema', 'audit', 'pgboss', 'platform') order by 1
  `.execute(db.kysely)
  const counts = rows.map(({ name }) => `select ${`'${name}'`} as name, count(*) as n from ${name}`).join(' union all ')
  return JSON.stringify((await sql.raw(`${counts} order by 1`).execute(db.kysely)).rows)
}
