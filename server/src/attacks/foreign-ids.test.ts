import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import { scopes } from '@tidemark/core/accounts/permissions.ts'
import * as factors from '@tidemark/core/factors/contract.ts'
import * as footprint from '@tidemark/core/footprint/contract.ts'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import * as models from '@tidemark/core/models/contract.ts'
import * as data from '@tidemark/core/models/data-contract.ts'
import * as serving from '@tidemark/core/models/serving-contract.ts'
import * as projects from '@tidemark/core/projects/contract.ts'
import * as evidence from '@tidemark/core/projects/evidence-contract.ts'
import * as privacy from '@tidemark/core/privacy/contract.ts'
import * as telemetry from '@tidemark/core/telemetry/contract.ts'
import * as webhooks from '@tidemark/core/webhooks/contract.ts'
import { access, capabilities } from '../app.ts'
import { jsonb } from '../platform/database/values.ts'
import { share } from '../platform/testing-extent.ts'
import { newId } from '../platform/ids.ts'
import { claim } from '../platform/testing-access.ts'
import { runExample, type TestAnswer } from '../platform/testing.ts'
import {
  addOrganisation,
  anotherSession,
  openAccountsApp,
  PASSWORD,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'
import { acceptedBody, contentOf, fieldsOf, paramsOf, placesIn, withAt } from '../testing-attacks.ts'

/**
 * Whatever takes an id is asked for one that another organisation has, and for one that nobody has: the two answers are
 * the same to the last byte. Which routes take ids is read from the contracts; an id that has no line here fails.
 */
const routes = capabilities.flatMap(({ bindings }) => bindings.map(({ route }) => route))

/** What is an id: every parameter in a path, and in query and body what is called one. Data sets, and models to MLflow, go by name. */
const isId = (name: string, route: AnyRoute) =>
  /(?:^|_)ids?$|^actor$|^after$|^dataset$/.test(name) || (name === 'name' && route.name.startsWith('models.mlflow'))

/** Ids that are no secret of anybody, each with the reason. By place, after the name of the route where it matters. */
const openToAll: Record<string, string> = {
  kid: 'public keys are for everybody',
  provider: 'providers are of the installation',
  'lines/id': 'the caller’s own name for a line',
  'organisation/id': 'the caller’s own name for a company',
  company_id: 'the caller’s own name for a company',
  sensor_id: 'the caller’s own name for a sensor',
  'telemetry project_id': 'the caller’s own name for a project',
  site_id: 'the caller’s own name for a site',
  line_id: 'a name within a calculation, whose id stands beside it',
  'lines/measured_by/site_id': 'held against the caller’s own readings alone',
  'lines/measured_by/meters/device_id': 'held against the caller’s own readings alone',
  'lines/measured_by/meters/sensor_id': 'held against the caller’s own readings alone',
  'assets/asset_id': 'the caller’s own name for a machine',
  'assets/sensor_ids': 'the caller’s own names for sensors',
  'credential/id': 'a device’s name for a passkey, which counts with its signature alone',
  version: 'a number within a model, whose id stands beside it',
  model_version: 'a number within a model, whose name stands beside it',
  alias: 'a word within a model, whose id stands beside it',
  'models.getRun after': 'the number of a line within a run, whose id stands beside it',
  'models.infer id': 'the caller’s own name for a request',
  'models.inferVersion id': 'the caller’s own name for a request',
  'models.mlflowCreate name': 'the caller’s own name for a model; each organisation has names of its own',
  'models.create recipe/dataset': 'looked up among one’s own when something is trained on it',
  'models.update recipe/dataset': 'looked up among one’s own when something is trained on it',
  'expectations/dataset': 'looked up among one’s own when a table is validated',
  'sites.addAlertRule asset_id': 'the caller’s own name for a machine',
  'projects.evidenceFile index': 'the place of a file within evidence, whose id stands beside it',
  'projects.analysisPicture kind': 'a word within an analysis, whose id stands beside it',
}

/** For each id, one that organisation A or its owner has. A new kind of id needs a line that makes one. */
const owned: Record<string, () => string | Promise<string>> = {
  organisation_id: () => world.organisation_id,
  person_id: () => world.ann.person_id,
  actor: () => world.ann.person_id,
  after: () => world.ann.person_id,
  resource_id: () => world.organisation_id,
  'accounts.adminListOrganisations after': () => world.organisation_id,
  'accounts.adminListKeys after': () => world.key_id,
  invitation_id: async () => {
    const params = { organisation_id: world.organisation_id }
    const body = { email: 'zanzibarquux@example.org', role: 'reader' } as const
    return (await world.ann.fetch(contract.invite, { params, body })).body.invitation_id
  },
  key_id: () => world.key_id,
  session_id: async () => (await (await anotherSession(app, world.ann)).me()).session_id,
  passkey_id: () => insertPasskey(),
  identity_id: async () => {
    await sql`insert into accounts.oauth_identity (provider, subject, person_id, created_at)
      values ('oidc', 'zanzibarquux', ${world.ann.person_id}, ${app.ctx.now()})`.execute(app.db.kysely)
    const { body } = await world.ann.fetch('/api/v1/auth/identities')
    return (body as { identities: { identity_id: string }[] }).identities[0]?.identity_id ?? ''
  },
  series_id: async () => {
    // Numbers that are short stand in every answer.
    await sql`select setval(pg_get_serial_sequence('telemetry.series', 'series_id'), 734512)`.execute(app.db.kysely)
    const device = { sensor_id: 'mast-7', name: 'Zanzibarquux', kind: 'weather_station' }
    await world.ann.fetch('/api/v1/devices', { method: 'POST', body: device })
    await askByName('telemetry.ingest')
    const { rows } = await sql<{ series_id: number }>`select series_id from telemetry.series order by 1 desc`.execute(
      app.db.kysely,
    )
    return String(rows[0]?.series_id ?? '')
  },
  validation_id: async () => {
    const sensor_readings = [{ timestamp: '2026-03-01T12:00:00Z', sensor_id: WORD, measurements: { temperature: 20 } }]
    const { body } = await world.ann.fetch(telemetry.validate, { body: { project_id: WORD, sensor_readings } })
    return body.validation_id ?? ''
  },
  endpoint_id: () => world.endpoint_id,
  delivery_id: async () => (await world.ann.fetch(webhooks.ping, { params: { endpoint_id: world.endpoint_id } })).body.delivery_id, // oxfmt-ignore
  export_id: async () => {
    const params = { organisation_id: world.organisation_id }
    const { body } = await world.ann.fetch(privacy.exportOrganisation, { params })
    await app.app.jobs.drain()
    return body.export_id
  },
  dataset: async () => (await learnt()).dataset_id,
  model_id: async () => (await learnt()).model_id,
  model_name: async () => (await learnt()).name,
  name: async () => (await learnt()).name,
  run_id: async () => (await learnt()).run_id,
  prediction_id: async () => (await learnt()).prediction_id,
  experiment_id: async () => (await learnt()).experiment_id,
  'models.acknowledgeAlert alert_id': async () => (await learnt()).alert_id,
  rule_id: () => alertRule(),
  alert_id: () => insertSiteAlert(),
  plan_id: () => insertPlan(),
  project_id: async () => (await restored()).project_id,
  evidence_id: async () => (await restored()).evidence_id,
  before_evidence_id: async () => (await restored()).evidence_id,
  after_evidence_id: async () => (await restored()).evidence_id,
  analysis_id: async () => (await restored()).analysis_id,
  decision_id: async () => (await restored()).decision_id,
  period_id: async () => (await restored()).period_id,
  document_id: async () => (await restored()).document_id,
  // The first example of a site has it.
  asset_id: () => 'inv-1',
  waveform_id: () => waveform(),
  'sites.waveformSpectrum id': () => ownSite(),
  'sites.removeWaveform id': () => ownSite(),
  'certificates.get id': () => world.certificate_id,
  'certificates.signature id': () => world.certificate_id,
  'footprint.trace id': () => world.calculation_id,
  'footprint.proposeMeasurement id': () => world.calculation_id,
  'footprint.applyMeasurement id': () => world.calculation_id,
  'footprint.proposeMeasurement device_id': () => meter(),
  'footprint.applyMeasurement device_id': () => meter(),
  'factors.show id': () => world.factor_id,
  'footprint.calculate lines/factor/id': () => world.factor_id,
  'footprint.validate lines/factor/id': () => world.factor_id,
}

let counting: Promise<string> | undefined
const meter = () => (counting ??= addMeter())

/** A meter that was read once in the year of the calculation. */
async function addMeter(): Promise<string> {
  const device = { sensor_id: 'meter-zanzibarquux', name: 'Zanzibarquux', kind: 'meter' } as const
  const { device_id } = (await world.ann.fetch(telemetry.addDevice, { body: device })).body
  const reading = { timestamp: '2024-06-01T12:00:00Z', sensor_id: device.sensor_id, measurements: { import_energy_kwh: 1 } } // oxfmt-ignore
  await world.ann.fetch(telemetry.ingest, { body: { readings: [reading] } })
  return device_id
}

/** A passkey of its owner’s. Its own door asks for a device that no test has. */
async function insertPasskey(): Promise<string> {
  const passkey_id = newId('psk', app.ctx.now())
  await sql`insert into accounts.passkey (passkey_id, person_id, credential_id, user_handle, public_key, rp_id, name, counter,
    transports, synchronised, created_at) values (${passkey_id}, ${world.ann.person_id}, '\\x01', ${Buffer.alloc(16)}, '\\x02',
    'localhost', 'Zanzibarquux', 0, '', false, ${app.ctx.now()})`.execute(app.db.kysely)
  return passkey_id
}

interface Learnt {
  dataset_id: string
  model_id: string
  name: string
  run_id: string
  prediction_id: string
  experiment_id: string
  alert_id: string
}
let learning: Promise<Learnt> | undefined

/** A model that was trained twice, answers, is compared with another version and has something wrong with its inputs. */
const learnt = () => (learning ??= learn())

async function learn(): Promise<Learnt> {
  const rows = Array.from({ length: 240 }, (_, row) => ({ area_m2: 50 + row, use_kwh: 100 * row + ((row * 37) % 11) }))
  const recipe = { algorithm: 'ridge', dataset: WORD, target: 'use_kwh' } as const
  const { dataset } = (await world.ann.fetch(data.ingest, { body: { name: WORD, rows } })).body
  const made = { title: 'Zanzibarquux', name: WORD, task: 'regression', recipe } as const
  const { model_id, name } = (await world.ann.fetch(models.create, { body: made as never })).body
  const params = { model_id }
  for (const seed of [1, 2]) {
    await world.ann.fetch(models.retrain, { params, body: { seed } })
    await app.app.jobs.drain()
  }
  const [run] = (await world.ann.fetch(models.listRuns, { params })).body.runs
  const promotion = { reason: 'Zanzibarquux', against_verdict: true }
  await world.ann.fetch(models.promote, { params: { model_id, version: '1' }, body: promotion })
  // All of them far outside of what was learnt from: the next look finds it.
  const strange = rows.map((row) => ({ area_m2: 9_000 + row.area_m2 }))
  const { predictions } = (await world.ann.fetch(serving.predict, { params, body: { rows: strange } })).body
  const { open } = (await world.ann.fetch(serving.checkNow, { params })).body
  const { experiment_id } = (await world.ann.fetch(serving.startExperiment, { params, body: { challenger: 2 } as never })).body // oxfmt-ignore
  const [prediction_id, alert_id] = [predictions[0]?.prediction_id ?? '', open[0]?.alert_id ?? '']
  return {
    dataset_id: dataset.dataset_id,
    model_id,
    name,
    run_id: run?.run_id ?? '',
    prediction_id,
    experiment_id,
    alert_id,
  }
}

let site: Promise<string> | undefined
const ownSite = () => (site ??= askByName('sites.add').then((body) => String((body as { id?: string }).id)))

async function alertRule(): Promise<string> {
  const watches = { kind: 'anomaly', severity_min: 'medium' }
  const body = { site_id: await ownSite(), name: 'Zanzibarquux', watches }
  const answer = await world.ann.fetch('/api/v1/alert-rules', { method: 'POST', body })
  return (answer.body as { rule_id: string }).rule_id
}

async function waveform(): Promise<string> {
  const samples = Array.from({ length: 8_192 }, (_, n) => Math.sin(n / 7).toFixed(4)).join('\n')
  const query = { sample_rate_hz: '12000', unit: 'g' }
  const path = `/api/v1/sites/${await ownSite()}/assets/inv-1/waveforms?${new URLSearchParams(query).toString()}`
  const headers = { 'content-type': 'text/csv' }
  const answer = await world.ann.fetch(path, { method: 'POST', headers, body: samples })
  return (answer.body as { id: string }).id
}

/** An alert, without the months of readings that would raise one. */
async function insertSiteAlert(): Promise<string> {
  const alert_id = newId('alt', app.ctx.now())
  await sql`insert into sites.alert (alert_id, organisation_id, site_id, rule_id, subject, severity, told, times, raised_at,
    from_at, last_seen_at, note) values (${alert_id}, ${world.organisation_id}, ${await ownSite()}, ${await alertRule()},
    'zanzibarquux', 'high', '{"type":"threshold","measure":null,"value":1,"expected":null}', 1, ${app.ctx.now()},
    ${app.ctx.now()}, ${app.ctx.now()}, 'zanzibarquux')`.execute(app.db.kysely)
  return alert_id
}

/** A plan over no slots, without the weeks of readings that a real one is made from. */
async function insertPlan(): Promise<string> {
  const [plan_id, siteId, now] = [newId('plan', app.ctx.now()), await ownSite(), app.ctx.now()]
  const amounts = ['energy', 'export_credit', 'demand', 'wear', 'refill', 'total', 'import_kwh', 'export_kwh', 'curtailed_kwh', 'peak_import_kw'] // oxfmt-ignore
  const unknown = { emissions_kg_co2e: null, self_consumption: null, self_sufficiency: null }
  const cost = { ...Object.fromEntries(amounts.map((name) => [name, 0])), ...unknown }
  const savings = { money: 0, share: null, emissions_kg_co2e: null }
  const answer = {
    success: true, recommendations: [], nothing_to_gain: WORD, siteId, plan_id, horizon: '24h', made_at: now, step_s: 900,
    currency: 'EUR', simulated: false, schedule: [], runs: [], breaches: [], idle_breaches: [],
    costs: { plan: cost, idle: cost, self_consumption_rule: cost },
    savings: { against_idle: savings, against_self_consumption_rule: savings },
    scenarios: [], contributions: [], peaks: [], emissions_kg_co2e_per_kwh: null, assumptions: [],
    forecast: { load: { fallback_level: 'full', model_id: null, method: WORD }, generation: null },
    solver: { name: 'HiGHS', status: 'optimal', binaries: 0, duration_ms: 0 },
  } // oxfmt-ignore
  const task = { start_ms: now.getTime(), slot_s: 900, load_kw: [], batteries: [], shiftable: [] }
  await sql`insert into sites.plan (plan_id, organisation_id, site_id, horizon, made_at, site_changed_at, task, schedule, answer)
    values (${plan_id}, ${world.organisation_id}, ${siteId}, '24h', ${now}, ${now}, ${jsonb(task)}, '{}',
    ${jsonb(answer)})`.execute(app.db.kysely)
  return plan_id
}

interface Restored {
  project_id: string
  evidence_id: string
  analysis_id: string
  decision_id: string
  period_id: string
  document_id: string
}
let restoring: Promise<Restored> | undefined

/** A project with a picture, an analysis, a decision, a period and a document. */
const restored = () => (restoring ??= restore())

async function restore(): Promise<Restored> {
  const body = { ...projects.exampleProject, name: 'Zanzibarquux shore' }
  const { id: project_id } = (await world.ann.fetch(projects.addProject, { body: body as never })).body
  const [example] = evidence.upload.examples
  const fields = { ...(example?.body as object), project_id, uploader: WORD }
  const sent = (await world.ann.fetch(evidence.upload, { body: fields as never, files: example?.files })).body
  const evidence_id = sent.evidence.id
  const season = { name: 'Zanzibarquux', from: '2026-01-01', to: '2026-02-01' }
  const params = { project_id }
  const { period_id } = (await world.ann.fetch(projects.addPeriod, { params, body: season as never })).body
  const octets = { 'content-type': 'application/octet-stream' }
  const document = await world.ann.fetch(projects.addDocument, { params, query: { name: 'zanzibarquux.txt' }, body: Buffer.from(WORD), headers: octets }) // oxfmt-ignore
  const [analysis_id, decision_id] = [newId('ana', app.ctx.now()), newId('dcn', app.ctx.now())]
  const task = { before: { number: 1 }, after: { number: 1 } }
  const acquired = { before: null, after: null }
  await sql`insert into projects.analysis (analysis_id, organisation_id, project_id, state, cause, before_evidence_id,
    after_evidence_id, acquisition_utc, task, generated, reason, created_at, ended_at, asked_by) values (${analysis_id},
    ${world.organisation_id}, ${project_id}, 'failed', 'asked', ${evidence_id}, ${evidence_id}, ${jsonb(acquired)}, ${jsonb(task)},
    false, 'zanzibarquux', ${app.ctx.now()}, ${app.ctx.now()}, 'system')`.execute(app.db.kysely)
  await sql`insert into projects.picture (analysis_id, kind, organisation_id, media_type, width, height, sha256, bytes)
    values (${analysis_id}, 'change', ${world.organisation_id}, 'image/png', 800, 600, ${sent.file_hashes[0]}, 1)`.execute(
    app.db.kysely,
  )
  await sql`insert into projects.decision (decision_id, organisation_id, project_id, analysis_id, verdict, state, proposed_t_co2e,
    reason, second_needed, decided_at, decided_by) values (${decision_id}, ${world.organisation_id}, ${project_id}, ${analysis_id},
    'reject', 'waits_for_second', 0, 'zanzibarquux', true, ${app.ctx.now()}, 'system')`.execute(app.db.kysely)
  return { project_id, evidence_id, analysis_id, decision_id, period_id, document_id: document.body.document_id }
}

/** The first example of a route, asked by the owner. */
async function askByName(name: string): Promise<unknown> {
  const route = routes.find((each) => each.name === name)
  return route && (await world.ann.fetch(route, { params: paramsOf(route), body: acceptedBody(route) })).body
}

interface World {
  ann: TestPerson
  organisation_id: string
  key_id: string
  endpoint_id: string
  factor_id: string
  calculation_id: string
  certificate_id: string
}
let app: AccountsTestApp
let world: World
interface Stranger {
  name: string
  headers: Record<string, string>
  email: string
  /** An organisation of their own, for ids that stand beside a foreign one. */
  own?: Record<string, string>
}
const strangers: Stranger[] = []
const WORD = 'zanzibarquux'

beforeAll(async () => {
  app = await openAccountsApp({ capabilities, access })
  await claim(app)
  const organisation_id = await addOrganisation(app, 'Zanzibarquux Holding')
  const ann = await signedIn(app, { organisation_id, role: 'owner', name: 'Ann Zanzibarquux' })
  const example = footprint.calculate.examples[0]?.body as object
  const organisation = { name: 'Zanzibarquux Holding', country: 'FR' }
  const calculation = (await ann.fetch(footprint.calculate, { body: { ...example, organisation } as never })).body
  const factor = { name: 'Zanzibarquux steam', value: 1.5, unit: 'kWh', source: 'Own measurement' }
  const hook = { url: 'https://zanzibarquux.example/in', events: ['calculation.created'], description: WORD }
  world = {
    ann,
    organisation_id,
    key_id: (await ann.fetch(contract.createKey, { body: { name: 'Zanzibarquux', scopes: [...scopes] } })).body.key.key_id, // oxfmt-ignore
    endpoint_id: (await ann.fetch(webhooks.create, { body: hook as never })).body.endpoint_id,
    factor_id: (await ann.fetch(factors.addCustom, { body: factor })).body.id,
    calculation_id: calculation.calculation_id,
    certificate_id: calculation.certificate_id,
  }
  await addStrangers()
  await sql`update accounts.organisation set plan = 'enterprise'`.execute(app.db.kysely)
}, 120_000)
afterAll(() => app?.close())

async function addStrangers(): Promise<void> {
  const elsewhere = await addOrganisation(app, 'Elsewhere')
  const bob = await signedIn(app, { organisation_id: elsewhere, role: 'owner' })
  const { secret } = (await bob.fetch(contract.createKey, { body: { name: 'All', scopes: [...scopes], kind: 'organisation' } as never })).body // oxfmt-ignore
  const nobody = await signedIn(app)
  const own = { organisation_id: elsewhere }
  const cookie = (person: TestPerson) => ({ cookie: `tidemark=${person.session}`, 'sec-fetch-site': 'same-origin' })
  strangers.push(
    { name: 'the owner of another organisation', headers: cookie(bob), email: bob.email, own },
    { name: 'a key of another organisation', headers: { authorization: `Bearer ${secret}` }, email: bob.email, own },
    { name: 'a person of no organisation', headers: cookie(nobody), email: nobody.email },
    { name: 'nobody', headers: {}, email: 'nobody@example.org' },
  )
}

interface IdPlace {
  part: 'params' | 'query' | 'body'
  place: string
  name: string
}

function idsOf(route: AnyRoute): IdPlace[] {
  const in_path = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({ part: 'params' as const, place: name, name })) // oxfmt-ignore
  const beside = (['query', 'body'] as const).flatMap((part) =>
    fieldsOf(route, part)
      .filter(({ name }) => isId(name, route))
      .map((field) => ({ part, ...field })),
  )
  return [...in_path, ...beside]
}

const lineOf = (route: AnyRoute, { place, name }: IdPlace) =>
  owned[`${route.name} ${place}`] ?? owned[name] ?? afterExample(route, name)
const isOpen = ({ name }: AnyRoute, { place }: IdPlace) =>
  [`${name} ${place}`, `${name.split('.')[0]} ${place}`, place].some((each) => each in openToAll)

/** Where an example says which route makes the thing, that route is asked by its owner. */
function afterExample(route: AnyRoute, name: string): (() => Promise<string>) | undefined {
  const after = route.examples.map((example) => example.after).find((each) => each?.fill[name] !== undefined)
  const before = routes.find((each) => each.name === after?.route)
  const [first] = before?.examples ?? []
  if (!after || !before || !first) return undefined
  return async () => {
    const headers = { cookie: `tidemark=${world.ann.session}`, 'sec-fetch-site': 'same-origin' }
    const { body } = await runExample(app, routes, before, first, headers)
    const steps = (after.fill[name] ?? '').split('.')
    return String(steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], body))
  }
}
const taking = routes.map((route) => [route, idsOf(route).filter((id) => !isOpen(route, id))] as const).filter(([, ids]) => ids.length > 0) // oxfmt-ignore

const made = new Map<unknown, Promise<string> | string>()

/** The id that its owner has: made once, so that every route is asked for the same. */
async function idFor(route: AnyRoute, id: IdPlace): Promise<string> {
  const line = lineOf(route, id)
  const key = owned[`${route.name} ${id.place}`] ?? owned[id.name] ?? id.name
  if (line && !made.has(key)) made.set(key, line())
  return (await made.get(key)) ?? ''
}

/** The same text with another last letter or digit: of the same form, and nobody’s. */
const likeNothing = (id: string) => `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`

interface Asked {
  params: Record<string, string>
  query: Record<string, string>
  body: unknown
}

function request(route: AnyRoute, ids: readonly (readonly [IdPlace, string])[], stranger: Stranger): Asked {
  const of = (part: string) => Object.fromEntries(ids.filter(([id]) => id.part === part).map(([id, value]) => [id.name, value])) // oxfmt-ignore
  const in_body = ids.filter(([id]) => id.part === 'body')
  return {
    params: paramsOf(route, of('params')),
    query: { ...route.examples.find(({ query }) => query)?.query, ...of('query') },
    body: in_body.reduce((body, [{ place }, value]) => putId(body, place, value), bodyOf(route, stranger)),
  }
}

function bodyOf(route: AnyRoute, { email }: Stranger): unknown {
  return route.name === 'accounts.token' ? { email, password: PASSWORD } : acceptedBody(route)
}

/** Puts an id where the contract has it: at the top, or into the first object that has such a field. */
function putId(body: unknown, place: string, value: string): unknown {
  const names = place.split('/')
  if (names.length === 1) return { ...(body as object), [place]: value }
  const found = placesIn(body, () => true).find(
    (path) => path.filter((step) => typeof step === 'string').join('/') === place,
  )
  if (!found) throw new Error(`No example has ${place}.`)
  return withAt(body, found, () => value)
}

/** The answer without what is different every time, and without the id that was sent. */
function plain({ status, headers, bytes }: TestAnswer<unknown>, ids: readonly string[]): string {
  const { date: _, 'x-request-id': __, ...rest } = headers
  const text = `${status} ${JSON.stringify(rest)} ${bytes.toString('latin1')}`
  const without = ids.reduce((said, id) => said.replaceAll(id, '‹id›').replaceAll(encodeURIComponent(id), '‹id›'), text)
  return without.replaceAll(/"request_id":"[^"]*"/g, '')
}

/** Where two answers part, with what stands around it. */
function difference(one: string, other: string): string {
  const at = Math.max(0, [...one].findIndex((letter, index) => letter !== other[index]) - 60)
  return `${one.slice(at, at + 160)}\n  ${other.slice(at, at + 160)}`
}

/** Wrong passwords are counted, and questions to passkeys remembered. */
const countedWhenAsked = ['accounts.login_attempt', 'accounts.used_challenge']

test('every id that a route takes has a line that makes one, and no line is left over', () => {
  const without = taking.flatMap(([route, ids]) =>
    ids.filter((id) => !lineOf(route, id)).map(({ part, place }) => `${route.name} takes ${place} in its ${part}`),
  )
  expect(without.map((what) => `${what}: give it a line in "owned", or in "openToAll" with the reason`)).toEqual([])
  const names = new Set(routes.map(({ name }) => name))
  const stale = Object.keys(owned).filter((key) => key.includes(' ') && !names.has(key.split(' ')[0] ?? ''))
  expect(stale).toEqual([])
})

test('an id of another organisation is answered like one that nobody has, by every route and for everybody', async () => {
  const foreign = new Map<IdPlace, string>()
  for (const [route, ids] of taking) for (const id of ids) foreign.set(id, await idFor(route, id))
  const before = await contentOf(app, countedWhenAsked)
  const wrong: string[] = []
  let compared = 0
  const complete = taking.filter(([, ids]) => ids.every((id) => foreign.get(id) !== ''))
  for (const [turn, [route, ids]] of complete.entries())
    for (const stranger of share(strangers, 2, turn))
      for (const own of ids.length > 1 && stranger.own ? [{}, stranger.own] : [{}])
        await compare(route, ids, stranger, own)
  expect(wrong).toEqual([])
  expect(await contentOf(app, countedWhenAsked)).toEqual(before)
  console.info(`attacks: foreign ids: ${taking.length} routes that take ids, ${compared} pairs of answers compared`)

  async function compare(route: AnyRoute, ids: IdPlace[], stranger: Stranger, own: Record<string, string>) {
    const value = (id: IdPlace, pick: (id: string) => string) => own[id.name] ?? pick(foreign.get(id) ?? '')
    const there = ids.map((id) => [id, value(id, (each) => each)] as const)
    const nowhere = ids.map((id) => [id, value(id, likeNothing)] as const)
    const ask = async (given: typeof there) => {
      const { params, query, body } = request(route, given, stranger)
      const answer = await app.fetch(route, { params, query, body, headers: stranger.headers })
      return { answer, text: plain(answer, given.map(([, id]) => id)) } // oxfmt-ignore
    }
    const [of_another, of_nobody] = [await ask(there), await ask(nowhere)]
    compared += 1
    const who = `${route.name} by ${stranger.name}${Object.keys(own).length > 0 ? ', beside an id of their own' : ''}`
    if (of_another.text !== of_nobody.text) wrong.push(`${who}:\n  ${difference(of_another.text, of_nobody.text)}`)
    if (of_another.text.toLowerCase().includes(WORD)) wrong.push(`${who} shows ${WORD}`)
    if (of_another.answer.status === 422 && ids.some(({ part }) => part === 'params') && !route.body) wrong.push(`${who}: 422, so nothing was tried`) // oxfmt-ignore
    if (of_another.answer.status < 300 && ids.some(({ part }) => part !== 'query')) wrong.push(`${who}: ${of_another.answer.status}`) // oxfmt-ignore
  }
}, 120_000)

test('and each of those ids is one that its owner is shown by', async () => {
  const shown: string[] = []
  for (const [route, ids] of taking.filter(([{ method, needs }]) => method === 'GET' && needs !== 'instance.admin')) {
    const given = await Promise.all(ids.map(async (id) => [id, await idFor(route, id)] as const))
    const stranger = { name: 'owner', headers: {}, email: world.ann.email }
    const { status } = await world.ann.fetch(route, request(route, given, stranger))
    shown.push(`${route.name} ${status}`)
  }
  expect(shown.filter((line) => !/ 2\d\d$/.test(line))).toEqual([])
  expect(shown.length).toBeGreaterThan(8)
})

test('what is a person’s own is not there for the owner of their organisation either', async () => {
  const colleague = await signedIn(app, { organisation_id: world.organisation_id, role: 'owner' })
  const own = await signedIn(app, { organisation_id: world.organisation_id, role: 'reader', name: 'Rita' })
  const { key } = (await own.fetch(contract.createKey, { body: { name: 'Mine', scopes: ['footprint.read'] } })).body
  const exported = (await own.fetch(privacy.exportMine)).body.export_id
  await app.app.jobs.drain()
  const { session_id } = await own.me()
  const answers = await Promise.all([
    colleague.fetch(contract.revokeKey, { params: { key_id: key.key_id } }),
    colleague.fetch(contract.endSession, { params: { session_id } }),
    colleague.fetch(privacy.fetchExport, { params: { export_id: exported } }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
  expect((await own.fetch(privacy.fetchExport, { params: { export_id: exported } })).status).toBe(200)
  const { rows } = await sql`select 1 from accounts.api_key where key_id = ${key.key_id} and revoked_at is null`.execute(app.db.kysely) // oxfmt-ignore
  expect(rows).toHaveLength(1)
})
