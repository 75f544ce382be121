import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import { may, roles, type Role } from '@tidemark/core/accounts/permissions.ts'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { access, capabilities } from '../app.ts'
import { isMailAddress, listMails } from '../platform/mail.ts'
import { share } from '../platform/testing-extent.ts'
import { claim } from '../platform/testing-access.ts'
import type { TestAnswer } from '../platform/testing.ts'
import {
  addOrganisation,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'
import {
  acceptedBody,
  contentOf,
  faultIn,
  fieldsOf,
  paramsOf,
  placesIn,
  withAt,
  type Path,
} from '../testing-attacks.ts'

/** What is put into bodies, queries and paths by whoever wants more than they have. Generated over every route. */
const routes = capabilities.flatMap(({ bindings }) => bindings.map(({ route }) => route))
const with_body = routes.filter((route) => acceptedBody(route) !== undefined && (route.accepts ?? 'json') === 'json')

let app: AccountsTestApp
let organisation_id: string
beforeAll(async () => {
  app = await openAccountsApp({ capabilities, access })
  await claim(app)
  organisation_id = await addOrganisation(app, 'Home')
  // What a plan includes is not what is asked here.
  await sql`update accounts.organisation set plan = 'enterprise' where organisation_id = ${organisation_id}`.execute(
    app.db.kysely,
  )
})
afterAll(() => app?.close())

/** Somebody who may do everything, and did nothing yet: a route that is reached may end their session. */
const somebody = (needs = 'public') => signedIn(app, { organisation_id, role: roleFor(needs), instance_admin: true })
/** An owner, and somebody else for what owners leave to others. */
const roleFor = (needs: string): Role =>
  may('owner', needs) ? 'owner' : (roles.find((role) => may(role, needs)) ?? 'owner')
const own = () => ({ organisation_id })

const isObject = (here: unknown) => typeof here === 'object' && here !== null && !Array.isArray(here)
const placeOf = (path: Path) => path.filter((step) => typeof step === 'string').join('/')

describe('fields that were not asked for', () => {
  const wanted = {
    organisation_id: 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', organisation: 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', owner_id: 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', person_id: 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', created_by: 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1C',
    role: 'owner', roles: ['owner'], permissions: ['*'], scopes: ['*'], instance_admin: true, is_admin: true, is_demo: true, plan: 'enterprise', id: '1', key_id: '1', session_id: '1', kind: 'organisation', via: 'token', state: 'active', status: 'done',
    email_verified: true, email_verified_at: '2020-01-01T00:00:00Z', password_hash: '$argon2id$', second_factor: false, two_factors: true, suspended: false, created_at: '2020-01-01T00:00:00Z', expires_at: '2099-01-01T00:00:00Z', stepped_up_at: '2099-01-01T00:00:00Z', deletion_due_at: null, certificate_id: '1', result: {}, total_t: 0, verified: true, simulated: false,
  } // oxfmt-ignore

  /** Fields of such a name that a body has for a reason; whoever may use them is asked for by the other tests. */
  const meant: Record<string, string> = {
    'accounts.claim organisation': 'the first account names its organisation',
    'accounts.switchOrganisation organisation_id': 'one of one’s own',
    'accounts.token organisation_id': 'one of one’s own',
    'accounts.changeRole role': 'what the route is for; nobody hands out more than they hold',
    'accounts.invite role': 'what the route is for; nobody hands out more than they hold',
    'accounts.createKey scopes': 'what the route is for; nobody hands out more than they hold',
    'accounts.createKey kind': 'keys of the organisation are for whoever manages them',
    'accounts.adminUpdatePerson instance_admin': 'for administrators of the instance',
    'accounts.adminUpdatePerson suspended': 'for administrators of the instance',
    'accounts.adminUpdateOrganisation plan': 'for administrators of the instance',
    'telemetry.addDevice kind': 'the kind of device',
    'projects.changeEvidence bands/role': 'what a band of a picture shows',
    'footprint.calculate simulated': 'owned to; without it a played meter measures nothing',
    'telemetry.addDevice simulated': 'owned to, and shown with every figure',
    'telemetry.changeDevice kind': 'the kind of device',
    'sites.add simulated': 'owned to, and shown with every figure',
    'sites.add assets/role': 'what a machine is for',
    'sites.add assets/kind': 'the kind of machine',
    'sites.change assets/role': 'what a machine is for',
    'sites.change assets/kind': 'the kind of machine',
    'sites.addAlertRule watches/kind': 'what a rule watches for',
    'models.startExperiment plan': 'how long versions are compared, and by what',
    'models.ingestData expectations/kind': 'what is expected of the data',
    'models.validateData expectations/kind': 'what is expected of the data',
    'footprint.calculate organisation': 'whom the inventory is of',
    'footprint.calculate organisation/id': 'the caller’s own name for a company',
    'footprint.calculate lines/id': 'the caller’s own name for a line',
    'footprint.calculate lines/factor/id': 'a factor of the library, or of one’s own',
  }

  /** Bodies that are read leniently: what is too much there is left aside, and nowhere to be found afterwards. */
  const lenient: Record<string, string> = {
    'accounts.addPasskey': 'a browser writes it, and new ones write more',
    'accounts.passkeySignIn': 'a browser writes it, and new ones write more',
    'accounts.passkeyStepUp': 'a browser writes it, and new ones write more',
    'telemetry.ingest': 'devices say more than is measured, and one bad reading does not cost the others',
    'telemetry.validate': 'the same readings, certified with what is read of them',
    'footprint.validate': 'every fault of an inventory is an answer, and nothing is stored',
    'footprint.calculate_emissions': 'the flat form of earlier clients, who send more',
    'models.infer': 'clients of the protocol send parameters of other servers',
    'models.inferVersion': 'clients of the protocol send parameters of other servers',
    'models.mlflowUpdate': 'clients of MLflow send what their release knows',
    'models.mlflowDelete': 'clients of MLflow send what their release knows',
    'models.mlflowSetAlias': 'clients of MLflow send what their release knows',
    'models.mlflowDeleteAlias': 'clients of MLflow send what their release knows',
  }
  /** Where another rule than the form of the body says no. */
  const refusals: Record<string, string> = {
    'models.create recipe/parameters': '/problems/models/recipe-unfit',
  }
  const strict = with_body.filter(({ name }) => !(name in lenient))
  const apart = ['accounts.person', 'accounts.membership', 'accounts.session']
  const refusal = '/problems/request/invalid'

  /** Asks with every field of those names that the body does not have, at each depth of it. */
  async function askForMore(route: AnyRoute) {
    const person = await somebody(route.needs)
    const known = new Set(fieldsOf(route, 'body').map(({ place }) => place))
    const body = acceptedBody(route)
    const answers: { place: string; answer: TestAnswer<unknown>; ours: string[]; count: number }[] = []
    for (const path of placesIn(body, isObject)) {
      const isKnown = (name: string) => known.has(placeOf([...path, name]))
      const more = Object.entries(wanted).filter(([name]) => !isKnown(name))
      const asked = withAt(body, path, (here) => ({ ...(here as object), ...Object.fromEntries(more) }))
      const answer = await person.fetch(route, { params: paramsOf(route, own()), body: asked })
      const ours = Object.keys(wanted).filter(isKnown).map((name) => placeOf([...path, name])) // oxfmt-ignore
      answers.push({ place: placeOf(path) || '(whole)', answer, ours, count: more.length })
    }
    return answers
  }

  test('are refused by every body, at every depth, and nothing is changed', async () => {
    const before = await contentOf(app, apart)
    const wrong: string[] = []
    const asked_for = new Set<string>()
    let count = 0
    for (const route of strict)
      for (const { place, answer, ours, count: more } of await askForMore(route)) {
        count += more
        for (const name of ours) asked_for.add(`${route.name} ${name}`)
        if (answer.problem.type !== (refusals[`${route.name} ${place}`] ?? refusal))
          wrong.push(`${route.name} ${place}: ${answer.status} ${answer.problem.type}`)
      }
    expect(wrong).toEqual([])
    const unexplained = [...asked_for].filter((name) => !(name in meant))
    expect(unexplained.map((name) => `${name} is a field of that body: say in "meant" why`)).toEqual([])
    expect(await contentOf(app, apart)).toEqual(before)
    console.info(`attacks: extra fields: ${count} in ${strict.length} strict bodies, ${Object.keys(lenient).length} lenient ones`) // oxfmt-ignore
  })

  test('are left aside by the few bodies that are read leniently: no row of any table holds a word of them', async () => {
    for (const route of with_body.filter(({ name }) => name in lenient))
      for (const { answer } of await askForMore(route)) expect(faultIn(answer)).toBeUndefined()
    const rows = await everyRow()
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.filter((row) => /01KAHX3V9M8Q2R5T7W0Y4Z6B1C|2099-01-01/.test(row))).toEqual([])
  })

  test('change nothing in an address either', async () => {
    const person = await somebody()
    const wrong: string[] = []
    for (const route of routes.filter(({ method, produces }) => method === 'GET' && produces === undefined)) {
      const known = new Set(fieldsOf(route, 'query').map(({ name }) => name))
      const more = Object.entries(wanted).filter(([name, value]) => !known.has(name) && typeof value === 'string')
      const query = route.examples[0]?.query ?? {}
      const params = paramsOf(route, own())
      const plain = await person.fetch(route, { params, query })
      const asked = await person.fetch(route, { params, query: { ...query, ...(Object.fromEntries(more) as Record<string, string>) } }) // oxfmt-ignore
      const same = asked.status === plain.status && withoutChance(asked) === withoutChance(plain)
      if (!same && asked.problem.type !== refusal)
        wrong.push(`${route.name}: ${asked.status} instead of ${plain.status}`)
    }
    expect(wrong).toEqual([])
  })

  /** What is measured anew at each request is not compared. */
  function withoutChance({ bytes }: TestAnswer<unknown>): string {
    return bytes
      .toString()
      .replaceAll(/"request_id":"[^"]*"|"\w*(?:_ms|_bytes|_s|_mb|rss|checked|seq|hash)":[^,}]*/g, '')
  }

  async function everyRow(): Promise<string[]> {
    const found = await sql<{ name: string }>`select quote_ident(schemaname) || '.' || quote_ident(tablename) as name
      from pg_tables where schemaname in (select name from (values ('accounts'), ('footprint'), ('certificates'), ('factors'),
      ('telemetry'), ('sites'), ('projects'), ('models'), ('webhooks'), ('privacy')) as mine (name)) and tablename not like 'factor%'`.execute(
      app.db.kysely,
    )
    const rows: string[] = []
    for (const { name } of found.rows)
      rows.push(...(await sql<{ row: string }>`select t::text as row from ${sql.raw(name)} t`.execute(app.db.kysely)).rows.map(({ row }) => row)) // oxfmt-ignore
    return rows
  }
})

describe('JSON that is read in two ways by careless code', () => {
  const asText = (route: AnyRoute, body: string, person: TestPerson) =>
    person.fetch(route, { params: paramsOf(route, own()), body, headers: { 'content-type': 'application/json' } })

  test('__proto__ is refused by name in every body at every depth, and no object has learnt anything from it', async () => {
    const wrong: string[] = []
    for (const route of with_body) {
      const person = await somebody(route.needs)
      const text = JSON.stringify(acceptedBody(route))
      for (const at of [...text.matchAll(/\{/g)].slice(0, 12).map(({ index }) => index + 1)) {
        for (const key of ['__proto__', '\\u005f\\u005fproto__']) {
          const body = `${text.slice(0, at)}"${key}":{"instance_admin":true,"role":"owner"}${text[at] === '}' ? '' : ','}${text.slice(at)}`
          const { status, problem } = await asText(route, body, person)
          if (problem.faults?.[0]?.code !== 'forbidden-key') wrong.push(`${route.name}: ${status} ${problem.type}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect([({} as Record<string, unknown>).instance_admin, ({} as Record<string, unknown>).role]).toEqual([undefined, undefined]) // oxfmt-ignore
  })

  test('65 levels are refused before anything is built, at every route', async () => {
    const people = new Map([['owner', await somebody()], ['verifier', await somebody('projects.review')]]) // oxfmt-ignore
    const deep = `{"a":${'['.repeat(64)}${']'.repeat(64)}}`
    const wrong: string[] = []
    for (const route of with_body) {
      const person = people.get(roleFor(route.needs))
      if (!person) throw new Error(`${route.name} is for somebody who is not here.`)
      const { problem } = await asText(route, deep, person)
      if (problem.type !== '/problems/request/too-deep') wrong.push(`${route.name}: ${problem.type}`)
    }
    expect(wrong).toEqual([])
  })

  test('of a key that comes twice the last counts, for what is checked and for what is done alike', async () => {
    const admin = await signedIn(app, { organisation_id, role: 'admin' })
    const invite = (roles: string, email: string) => asText(contract.invite, `{"email":"${email}",${roles}}`, admin)
    const refused = await invite('"role":"reader","role":"owner"', 'twice-1@example.org')
    expect(refused.problem.type).toBe('/problems/accounts/beyond-your-role')
    const made = await invite('"role":"owner","role":"reader"', 'twice-2@example.org')
    expect(made.body).toMatchObject({ role: 'reader' })
  })
})

describe('what means something to SQL, to a header or to a mail', () => {
  const payloads = [
    `'`,
    `' or '1'='1'; drop table accounts.person; --`,
    `"; delete from accounts.membership; --\\'; select pg_sleep(9); --`,
    `1) union select email, password_hash from accounts.person --$1%' escape ''`,
    `x\r\nset-cookie: pwned=1\r\nlocation: https://evil.example/pwned\r\nBcc: pwned@evil.example\r\n\r\npwned`,
    `\u2028\u0000\u202e`,
    `\ud800`,
  ]

  test('is a text like any other in every string of every body, query and path', async () => {
    const before = await tablesAndPeople()
    const wrong: string[] = []
    let count = 0
    const check = async (name: string, asked: Promise<TestAnswer<unknown>>) => {
      count += 1
      const fault = await asked.then(faultIn, (error: unknown) => `was cut off: ${String(error)}`)
      if (fault !== undefined) wrong.push(`${name}: ${fault}`)
    }
    let people = 0
    for (const [turn, route] of routes.entries()) {
      const person = await somebody(route.needs)
      people += 1
      const body = acceptedBody(route)
      const query = route.examples.find((example) => example.query)?.query ?? {}
      const params = paramsOf(route, own())
      const strings =
        body === undefined || route.accepts === 'file' ? [] : placesIn(body, (here) => typeof here === 'string')
      for (const payload of share(payloads, 4, turn)) {
        for (const path of strings)
          await check(`${route.name} ${placeOf(path)}`, person.fetch(route, { params, query, body: withAt(body, path, () => payload) })) // oxfmt-ignore
        for (const { name } of fieldsOf(route, 'query'))
          await check(
            `${route.name} ?${name}`,
            person.fetch(route, { params, query: { ...query, [name]: payload }, body }),
          )
        for (const name of Object.keys(params))
          await check(`${route.name} {${name}}`, person.fetch(route, { params: { ...params, [name]: payload.toWellFormed() }, query, body })) // oxfmt-ignore
      }
    }
    expect(wrong).toEqual([])
    const after = await tablesAndPeople()
    // Readings of a new month bring a table of their own.
    expect(after.tables).toEqual(expect.arrayContaining(before.tables))
    expect(after.people).toBe(before.people + people)
    console.info(`attacks: strings: ${count} requests with ${payloads.length} texts at ${routes.length} routes`)
  }, 120_000)

  async function tablesAndPeople() {
    const { rows } = await sql<{ people: number }>`select count(*)::int as people from accounts.person`.execute(
      app.db.kysely,
    )
    return { tables: Object.keys(await contentOf(app)), people: rows[0]?.people ?? 0 }
  }

  test('and what came of it in mails is one address, one line of subject, and no header', async () => {
    const owner = await signedIn(app, { organisation_id, role: 'owner', name: 'Ann' })
    const name = 'Quote " and <b> and {link} and %0d%0aBcc: pwned@evil.example'
    await owner.fetch(contract.updateOrganisation, { params: own(), body: { name } })
    await owner.fetch(contract.invite, { params: own(), body: { email: 'mailed@example.org', role: 'reader' } })
    const mails = await listMails(app.ctx, 1_000)
    expect(mails.some(({ subject, text }) => `${subject}${text}`.includes('Quote " and <b> and {link}'))).toBe(true)
    const wrong = mails.filter(({ to, subject }) => !isMailAddress(to) || /[\p{Cc}\u2028\u2029]/u.test(subject))
    expect(wrong).toEqual([])
    expect(mails.filter(({ to }) => to.includes('evil.example'))).toEqual([])
  })

  test('finds no more than a text that nobody wrote', async () => {
    const person = await somebody()
    await person.fetch(contract.createKey, { body: { name: 'There to be found', scopes: ['footprint.read'] } })
    const lists = routes.filter(({ method, name }) => method === 'GET' && name !== 'factors.search')
    const wrong: string[] = []
    let count = 0
    for (const route of lists)
      for (const { name } of fieldsOf(route, 'query').filter((field) => field.name !== 'after')) {
        const query = route.examples.find((example) => example.query)?.query ?? {}
        const found = async (text: string) =>
          lengthsIn((await person.fetch(route, { params: paramsOf(route, own()), query: { ...query, [name]: text } })).body) // oxfmt-ignore
        const nothing = await found('zq9xv')
        for (const text of [`zq9xv' or '1'='1`, `zq9xv%`, `_q9xv`, `zq9xv') or ('1'='1`, `zq9xv\\`]) {
          count += 1
          const more = await found(text)
          if (more > nothing) wrong.push(`${route.name} ?${name}=${text}: ${more} instead of ${nothing}`)
        }
      }
    expect(wrong).toEqual([])
    expect(count).toBeGreaterThan(50)
  })

  /** How many things an answer lists; a refusal lists nothing. */
  function lengthsIn(body: unknown): number {
    if (typeof body !== 'object' || body === null || 'type' in body) return 0
    return Object.values(body).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0)
  }
})
