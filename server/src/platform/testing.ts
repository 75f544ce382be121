import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import { ENGINE_VERSION } from '@tidemark/core/footprint/engine-version.ts'
import type { AnyRoute, OutputOf, RouteExample } from '@tidemark/core/lib/contract.ts'
import type { Problem } from '@tidemark/core/lib/problem.ts'
import type { Access } from './access.ts'
import type { Capability } from './capability.ts'
import { readConfig, type Config } from './config.ts'
import type { Context } from './context.ts'
import type { Database } from './database/database.ts'
import { makeSnapshot } from './database/snapshot.ts'
import { FORM_HEADER } from './guard.ts'
import { createLog } from './log.ts'
import { realPulse, type Pulse } from './pulse.ts'
import { startApp, type RunningApp } from './start.ts'

/** A server of real PostgreSQL; when set, the same tests run on a fresh database there. */
const test_database_url = process.env.TEST_DATABASE_URL

export interface TestAppOptions {
  /** The time in every context. A fixed instant unless given, so that a test gives the same today and tomorrow. */
  now?: Date | (() => Date)
  /** How time passes for sockets; as it does for everybody unless given. */
  pulse?: Pulse
  /** Whether capabilities put in what a newcomer meets. False unless said: most tests want to see their own data only. */
  seed?: boolean
  /** Those of the application unless given. A capability's own tests name what they need, and open faster. */
  capabilities?: readonly Capability[]
  /** Who may do what. That of the application unless capabilities are named. */
  access?: Access
  config?: Partial<Config>
  web_dir?: string
  /** Receives log lines; nothing is logged otherwise. */
  onLog?: (line: string) => void
}

export interface TestRequest {
  method?: string
  params?: Record<string, string>
  query?: Record<string, string>
  /** Sent as JSON, unless it is bytes, a stream, or a `content-type` is given. */
  body?: unknown
  headers?: Record<string, string>
  /** Of a route that takes a form: its files, beside the fields in `body`. */
  files?: RouteExample['files']
}

export interface TestAnswer<T> {
  status: number
  headers: Record<string, string | string[] | number | undefined>
  /** Parsed when the answer is JSON or a problem, text otherwise. */
  body: T
  /** The same body, when it is a refusal. */
  problem: ProblemBody
  bytes: Buffer
}

export interface TestApp {
  /** A whole request and answer through the HTTP server, without a network. */
  fetch<R extends AnyRoute>(route: R, request?: TestRequest): Promise<TestAnswer<OutputOf<R>>>
  fetch(url: string, request?: TestRequest): Promise<TestAnswer<unknown>>
  inject: FastifyInstance['inject']
  db: Database
  ctx: Context
  app: RunningApp
  close(): Promise<void>
}

/** What a refusal looks like. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  detail?: string
  instance: string
  request_id: string
  faults?: NonNullable<Problem['details']['faults']>
}

/** A capability's own tests ask what it does; `access.test.ts` asks who may have it done. */
const everybodyMay: Access = { authorise: async () => undefined }

/** Protects nothing: the keys of a test are gone with its folder. */
const TEST_KEK = Buffer.alloc(32, 7).toString('base64')

export const TEST_NOW = new Date('2026-11-21T12:00:00.000Z')

/**
 * The application on a database of its own, migrated. Takes about a second: the migrated database is kept as a dump,
 * named after the migrations, and each call begins from it.
 */
export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  // Loaded only when wanted: a capability's own tests run while another one is being written.
  const capabilities = options.capabilities ?? (await import('../app.ts')).capabilities
  const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-test-'))
  const database = await freshDatabase()
  const { now = TEST_NOW } = options
  const cleanUp = async () => {
    await database.drop()
    await rm(data_dir, { recursive: true, force: true })
  }
  const running = await startApp({
    capabilities,
    engine_version: ENGINE_VERSION,
    ...(options.access ?? (options.capabilities ? everybodyMay : (await import('../app.ts')).access)),
    config: {
      ...readConfig({}),
      port: 0,
      data_dir,
      kek: TEST_KEK,
      // A test asks more in a second than a person in an hour; those of the limits turn them on.
      rate_limits: 'off',
      ...database.config,
      ...options.config,
    },
    log: options.onLog ? createLog('debug', { write: options.onLog }) : createLog('silent'),
    now: now instanceof Date ? () => new Date(now) : now,
    pulse: options.pulse ?? realPulse,
    seed: options.seed ?? false,
    web_dir: options.web_dir ?? false,
    ...database.start,
  }).catch(async (error: unknown) => {
    await cleanUp()
    throw error
  })
  return {
    fetch: async (target: AnyRoute | string, request: TestRequest = {}) =>
      inject(running.http, target, request) as never,
    inject: running.http.inject.bind(running.http) as FastifyInstance['inject'],
    db: running.db,
    ctx: running.ctx,
    app: running,
    close: async () => {
      await running.close()
      await cleanUp()
    },
  }
}

async function inject(
  http: FastifyInstance,
  target: AnyRoute | string,
  request: TestRequest,
): Promise<TestAnswer<unknown>> {
  const route = typeof target === 'string' ? undefined : target
  const path = route ? fillPath(route.path, request.params ?? {}) : (target as string)
  if (route?.accepts === 'form' && (request.files || isPlain(request.body))) {
    const { body, files, ...rest } = request
    const { headers, bytes } = formOf(route, (body ?? {}) as Record<string, unknown>, files ?? exampleFiles(route))
    // As our pages send it; a test that says what kind of body it sends says all of it.
    const by_a_page: Record<string, string> =
      request.headers?.['content-type'] === undefined ? { [FORM_HEADER]: '1' } : {}
    return inject(http, path, {
      ...rest,
      method: route.method,
      headers: { ...headers, ...by_a_page, ...request.headers },
      body: bytes,
    })
  }
  const is_raw =
    request.body instanceof Uint8Array || isStream(request.body) || request.headers?.['content-type'] !== undefined
  const default_type =
    request.body === undefined ? {} : { 'content-type': is_raw ? 'application/octet-stream' : 'application/json' }
  const answer = await http.inject({
    method: (request.method ?? route?.method ?? 'GET') as 'GET',
    url: path,
    query: request.query,
    headers: { ...default_type, ...request.headers },
    payload:
      request.body === undefined ? undefined : ((is_raw ? request.body : JSON.stringify(request.body)) as string),
  })
  const is_json =
    /[/+]json\b/.test(String(answer.headers['content-type'] ?? '')) && answer.headers['content-encoding'] === undefined
  const body: unknown = is_json && answer.payload !== '' ? JSON.parse(answer.payload) : answer.payload
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body,
    problem: body as ProblemBody,
    bytes: answer.rawPayload,
  }
}

/** A form as a browser sends it. What is no text in a field is written as JSON would write it. */
export function formOf(
  route: Pick<AnyRoute, 'form'>,
  fields: Record<string, unknown>,
  files: NonNullable<RouteExample['files']>,
): { headers: { 'content-type': string }; bytes: Buffer } {
  const boundary = 'tidemark-form-boundary'
  const quoted = (name: string) => JSON.stringify(name.replaceAll(/[\r\n"]/g, '_'))
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name=${quoted(name)}\r\n\r\n${text}\r\n`)
    })
  const of_files = files.map(({ name, media_type, base64 }) =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name=${quoted(route.form?.files_field ?? 'files')}; filename=${quoted(name)}\r\ncontent-type: ${media_type}\r\n\r\n`,
      ),
      Buffer.from(base64, 'base64'),
      Buffer.from('\r\n'),
    ]),
  )
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    bytes: Buffer.concat([...parts, ...of_files, Buffer.from(`--${boundary}--\r\n`)]),
  }
}

/** The files of the first example that has some: a form that is asked for in passing holds what it needs. */
function exampleFiles(route: AnyRoute): NonNullable<RouteExample['files']> {
  return route.examples.find(({ files }) => files)?.files ?? []
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && !isStream(value)
}

function isStream(value: unknown): value is Readable {
  return typeof value === 'object' && value !== null && 'pipe' in value
}

function fillPath(path: string, params: Record<string, string>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${path} needs the parameter ${name}.`)
    return encodeURIComponent(value)
  })
}

/**
 * Executes one example as a caller would, with whatever must come before it.
 * @returns the answer; comparing its status with the promised one is the test's business.
 */
export async function runExample(
  app: TestApp,
  routes: readonly AnyRoute[],
  route: AnyRoute,
  example: RouteExample,
  /** Who asks, also for what comes before it. */
  as: Record<string, string> = {},
  /** What came before a route that only reads is kept here and shown to the next one: it takes nothing away. */
  made?: Map<string, TestAnswer<unknown>>,
): Promise<TestAnswer<unknown>> {
  let given = { params: example.params ?? {}, query: example.query ?? {}, body: example.body }
  if (example.after) {
    const { route: name, fill } = example.after
    const before = routes.find((candidate) => candidate.name === name)
    const first = before?.examples[0]
    if (!before || !first) throw new Error(`${route.name} has an example after ${name}, which has none.`)
    const kept = route.method === 'GET' ? made?.get(name) : undefined
    const answer = kept ?? (await runExample(app, routes, before, first, as, made))
    if (answer.status !== promisedStatus(before, first))
      throw new Error(`${name} answered ${answer.status}: ${answer.bytes.toString().slice(0, 500)}`)
    if (route.method === 'GET') made?.set(name, answer)
    const filled = Object.entries(fill).map(([name_here, field]) => [name_here, String(fieldAt(answer.body, field))])
    given = placed(route, given, Object.fromEntries(filled))
  }
  const headers = { ...as, ...(route.accepts === 'file' ? { 'content-type': 'application/octet-stream' } : {}) }
  const files = example.files ? { files: example.files } : {}
  return app.fetch(route, { ...given, ...files, headers }) as Promise<TestAnswer<unknown>>
}

interface Given {
  params: Record<string, string>
  query: Record<string, string>
  body?: unknown
}

/** Puts values where a route has a place for them: in its path, in its body where that has such a field, else in the query. */
export function placed(
  route: AnyRoute,
  { params, query, body }: Given,
  values: Record<string, string>,
): Required<Given> {
  const shape = (route.body as { shape?: Record<string, unknown> } | undefined)?.shape ?? {}
  const of = (matches: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => matches(name)))
  const isInPath = (name: string) => route.path.includes(`{${name}}`)
  const isInBody = (name: string) => !isInPath(name) && Object.hasOwn(shape, name)
  const for_body = of(isInBody)
  return {
    params: { ...params, ...of(isInPath) },
    query: { ...query, ...of((name) => !isInPath(name) && !isInBody(name)) },
    body: Object.keys(for_body).length === 0 ? body : { ...(body as object | undefined), ...for_body },
  }
}

export function promisedStatus(route: AnyRoute, example: RouteExample): number {
  return example.status ?? route.status ?? 200
}

/** `certificate.id` or `items.0.id`. */
function fieldAt(value: unknown, path: string): unknown {
  const found = path
    .split('.')
    .reduce<unknown>((here, key) => (here as Record<string, unknown> | undefined)?.[key], value)
  if (found === undefined) throw new Error(`The answer has no field ${path}.`)
  return found
}

interface FreshDatabase {
  config: Partial<Config>
  start: { in_memory?: boolean; snapshot_file?: string }
  drop(): Promise<void>
}

async function freshDatabase(): Promise<FreshDatabase> {
  if (test_database_url) return freshPostgres(test_database_url)
  return {
    config: {},
    start: { in_memory: true, snapshot_file: await makeSnapshot() },
    drop: async () => undefined,
  }
}

/** A new database on the given server. For tests that need to break it; most only call `openTestApp`. */
export async function freshPostgres(server_url: string): Promise<FreshDatabase & { name: string; url: string }> {
  const name = `tidemark_test_${randomBytes(8).toString('hex')}`
  await onServer(server_url, `create database ${name}`)
  const url = new URL(server_url)
  url.pathname = `/${name}`
  return {
    name,
    url: url.toString(),
    config: { database_url: url.toString(), kek: randomBytes(32).toString('base64') },
    start: {},
    drop: () => onServer(server_url, `drop database if exists ${name} with (force)`),
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
