import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Transform, type Readable } from 'node:stream'
import { constants } from 'node:zlib'
import compress from '@fastify/compress'
import helmet from '@fastify/helmet'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { AnyRoute, RouteLimit } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { commonProblems, Problem, type ProblemTable } from '@tidemark/core/lib/problem.ts'
import type { AnySocket } from '@tidemark/core/lib/socket.ts'
import type { Access, Credentials, Needed } from './access.ts'
import { ARRIVAL_MS_MAX, Arrivals } from './arrivals.ts'
import { RawReply, type Binding, type Door } from './capability.ts'
import type { Config } from './config.ts'
import { anonymous, system, type Actor, type Client, type Context } from './context.ts'
import { parseCookies } from './cookies.ts'
import { readForm, readForms } from './form.ts'
import { refuseForeignSocket, refuseOtherSites, refuseUnknownHost } from './guard.ts'
import { readInput } from './input.ts'
import { readJsonBody } from './json-body.ts'
import { limitHeaders, tooMany, type LimitedBy, type Limits } from './limits.ts'
import type { Log } from './log.ts'
import { problemReply } from './problem-reply.ts'
import type { Pulse } from './pulse.ts'
import { Reply } from './reply.ts'
import { helmetOptions, strictTransport } from './security-headers.ts'
import { registerSockets, upgradesTo, type Admitted, type SocketBinding } from './sockets.ts'
import { redeemTicket } from './tickets.ts'
import { scopeOf } from './tenancy.ts'
import { serveWeb } from './web-files.ts'

export { bind, bindFile, bindUpload, RawReply, type Binding, type FileInput, type FormFile } from './capability.ts'

export interface HttpOptions extends Pick<Access, 'authenticate' | 'authorise'> {
  bindings: readonly Binding[]
  sockets?: readonly SocketBinding[]
  /** How time passes for sockets and for bodies on their way; as it does for everybody unless said. */
  pulse?: Pulse
  /** Every problem that a handler may throw, beside the common ones. */
  problems: ProblemTable
  /** Makes the context of one request. */
  context: (request: RequestFacts) => Context
  config: Pick<Config, 'host' | 'port' | 'public_origin' | 'trusted_proxies'>
  limits: Limits
  log: Log
  /** The built web application; without it the root leads to the documentation. */
  web_dir?: string
  /** Called after each answer. */
  onAnswer?: (answer: { route: string; method: string; status: number; duration_s: number }) => void
  /** Adds addresses that are no contract's: the documentation pages. */
  pages?: (app: FastifyInstance) => Promise<readonly string[]>
}

/** What is known of a request, and shapes its context: the database it sees follows from the actor. */
export interface RequestFacts {
  request_id: string
  log: Log
  actor: Actor
  client: Client
  reply: Reply
}

const BODY_BYTES_MAX = 1024 * 1024

/**
 * Makes the server, not yet listening. Refuses to start when two routes share a name or an address, or when a route
 * needs a right that nothing checks: what is not allowed by a line is forbidden.
 */
export async function createHttp(options: HttpOptions): Promise<{ http: FastifyInstance; door: Door }> {
  const { log, sockets = [] } = options
  const problems: ProblemTable = { ...commonProblems, ...options.problems }
  checkBindings(options)

  const app = fastify({
    ...serverOptions(options),
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
  })

  const arrivals = new Arrivals(options.pulse)
  arrivals.watch(app.server)
  app.decorateRequest('tidemark', undefined)
  // Before any route: a route keeps the handler that stands when it is added.
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply))
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (request.protocol === 'https') reply.header('strict-transport-security', strictTransport)
    refuseUnknownHost(request, options.config)
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config.route_name ?? request.routeOptions.url ?? 'unmatched'
    const duration_s = reply.elapsedTime / 1000
    options.onAnswer?.({ route, method: request.method, status: reply.statusCode, duration_s })
    request.log.info(
      {
        method: request.method,
        path: pathOf(request),
        route,
        status: reply.statusCode,
        duration_ms: Math.round(duration_s * 1e6) / 1000,
      },
      'answered',
    )
  })
  await app.register(helmet, helmetOptions)
  await registerBodies(app, options.bindings, register)
  await registerSockets(app, { sockets, admit: admitSocket, pulse: options.pulse })

  const pages = (await options.pages?.(app)) ?? []
  const web = await serveWeb(app, options.web_dir)
  answerNothingElse(app, options, { pages, web })
  return { http: app, door: { admit: admitElsewhere } }

  function register(target: FastifyInstance, { route, handler }: Binding): void {
    target.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      bodyLimit: route.body_bytes_max ?? BODY_BYTES_MAX,
      config: { route_name: route.name },
      // Before the body is read: who may not send it need not be listened to.
      onRequest: async (request, reply) => {
        request.tidemark = await admit(request, reply, route)
        arrivals.letLong(request.raw, route)
      },
      handler: async (request, reply) => {
        const ctx = request.tidemark
        invariant(ctx, `${route.name} was reached without a context.`)
        if (route.accepts === 'form') return send(reply, route, await handleForm(ctx, request, { route, handler }))
        const is_file = route.accepts === 'file'
        const parts = { params: request.params, query: request.query, body: is_file ? undefined : request.body }
        const input = await readInput(route, parts)
        const output = await handler(ctx, (is_file ? { ...input, ...fileOf(request, route) } : input) as never)
        return send(reply, route, output)
      },
      onSend: async (request, reply) => {
        for (const [name, value] of request.tidemark?.reply.headers ?? []) reply.header(name, value)
      },
    })
  }

  /** Who asks, how often, from where, and whether they may: in this order, so that guessing costs the guesser. */
  async function admit(request: FastifyRequest, reply: FastifyReply, route: AnyRoute): Promise<Context> {
    const facts = factsOf(request)
    const actor = await identify(request.ip, () => authenticate(credentialsOf(request), facts))
    await spend(route.limit ?? 'api', actor, request.ip, reply)
    refuseOtherSites(request, options.config, actor, route.accepts === 'form')
    const ctx = options.context({ ...facts, actor })
    // Already here: a refusal takes along what was said so far, such as a cookie that is to go.
    request.tidemark = ctx
    await authorise(route, ctx)
    return ctx
  }

  /** The same for a socket, which a ticket in the address may open too. */
  async function admitSocket(request: FastifyRequest, reply: FastifyReply, socket: AnySocket): Promise<Admitted> {
    const facts = factsOf(request)
    const { ticket } = request.query as { ticket?: unknown }
    const with_ticket = typeof ticket === 'string' && request.headers.authorization === undefined
    const ask = () => authenticate(credentialsOf(request), facts)
    const actor = await identify(request.ip, with_ticket ? () => redeemTicket(options.context(facts), ticket) : ask)
    await spend(socket.limit ?? 'api', actor, request.ip, reply)
    refuseForeignSocket(request, options.config, actor)
    const ctx = options.context({ ...facts, actor })
    request.tidemark = ctx
    await authorise(socket, ctx)
    const { authorization = '', cookie = '' } = request.headers
    return {
      ctx,
      proof: with_ticket ? undefined : `${actor.kind} ${authorization} ${cookie}`,
      recheck: async () => {
        const now = await ask()
        if (scopeOf(now) !== scopeOf(actor))
          throw new Problem('request/no-organisation', {
            detail: 'Whoever opened this acts for another organisation now.',
          })
        await authorise(socket, options.context({ ...facts, actor: now }))
      },
    }
  }

  /** For another way in than HTTP. */
  async function admitElsewhere(credentials: Credentials, needed: Needed): Promise<Context> {
    const { address } = credentials
    const request_id = randomUUID()
    const facts = { request_id, log: log.child({ request_id }), actor: system, client: { address }, reply: new Reply() }
    const actor = await identify(address, () => authenticate(credentials, facts))
    await spend('api', actor, address)
    const ctx = options.context({ ...facts, actor })
    await authorise(needed, ctx)
    return ctx
  }

  function factsOf(request: FastifyRequest): RequestFacts {
    const facts = {
      request_id: request.id,
      log: request.log as Log,
      client: {
        address: request.ip,
        user_agent: request.headers['user-agent']?.slice(0, 300),
        fetch_site: fetchSiteOf(request),
        cookies: parseCookies(request.headers.cookie),
        host: request.host,
        ...(request.headers.origin === undefined ? {} : { origin: request.headers.origin }),
      },
      reply: new Reply(),
    }
    return { ...facts, actor: system }
  }

  /** Whoever tries keys or tickets is counted by address, as long as none of them fits. */
  async function identify(address: string, find: () => Promise<Actor>): Promise<Actor> {
    try {
      return await find()
    } catch (error) {
      if (error instanceof Problem) await options.limits.spend('api', 'address', address)
      throw error
    }
  }

  async function authenticate(credentials: Credentials, facts: RequestFacts): Promise<Actor> {
    return (await options.authenticate?.(credentials, options.context(facts))) ?? anonymous
  }

  async function authorise(needed: Needed, ctx: Context): Promise<void> {
    if (needed.needs !== 'public') await options.authorise?.(needed, ctx)
  }

  async function spend(policy: RouteLimit, actor: Actor, address: string, reply?: FastifyReply): Promise<void> {
    const [by, subject] = countedAs(actor, address)
    const taken = await options.limits.take(policy, by, subject)
    if (taken) reply?.headers(limitHeaders(policy, taken))
    if (taken && !taken.allowed) throw tooMany(taken)
  }

  async function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const answer = problemReply(error, problems, { instance: pathOf(request), request_id: request.id })
    const gone = request.raw.destroyed && !request.raw.complete
    if (gone)
      request.log.info(
        { route: request.routeOptions.config?.route_name },
        'the sender went away in the middle of the body',
      )
    else if (answer.bug) request.log.error({ err: error }, 'a bug: the request was answered with its id only')
    else if (answer.status >= 500) request.log.warn({ err: error }, 'the request could not be served')
    else request.log.debug({ problem: error instanceof Problem ? error.type : undefined }, 'refused')
    // What is left of a body that was refused half way is not waited for.
    if (answer.status === 413) reply.header('connection', 'close')
    return reply
      .code(answer.status)
      .headers({ 'cache-control': 'no-store', ...answer.headers })
      .type('application/problem+json')
      .send(answer.body)
  }
}

/** What is at no address of ours: another method, a page of the web application, or nothing. */
function answerNothingElse(
  app: FastifyInstance,
  options: HttpOptions,
  { pages, web }: { pages: readonly string[]; web: Awaited<ReturnType<typeof serveWeb>> },
): void {
  const addresses = [
    ...options.bindings.map(({ route }) => addressOf(route)),
    ...pages.map((page) => addressOf({ method: 'GET', path: page })),
  ]

  app.setNotFoundHandler(async (request, reply) => {
    const path = pathOf(request)
    const allow = allowedMethods(addresses, path)
    // A page may lie where a program posts to: /verify shows a form, and takes a decision.
    if (!allow.includes('GET') && web.isNavigation(request)) return web.sendPage(reply)
    if (allow.length > 0 && request.method === 'OPTIONS')
      return reply.code(204).header('allow', allow.join(', ')).send()
    if (allow.length > 0) {
      throw new Problem('request/method-not-allowed', {
        detail: `${path} answers ${allow.join(', ')}.`,
        method: request.method,
        allow,
      })
    }
    throw new Problem('request/not-found', {
      detail: `There is nothing at ${path}. GET /openapi.json lists every address.`,
    })
  })
}

function serverOptions({ log, config, sockets = [] }: HttpOptions) {
  return {
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: (request: IncomingMessage) => saneRequestId(request.headers['x-request-id']) ?? randomUUID(),
    bodyLimit: BODY_BYTES_MAX,
    // Nobody's word on the caller's address is taken, unless a setting names the proxy.
    trustProxy: config.trusted_proxies.length > 0 ? [...config.trusted_proxies] : false,
    // The longest of any; what each route has is counted in arrivals.ts.
    requestTimeout: ARRIVAL_MS_MAX,
    keepAliveTimeout: 5_000,
    // Slow senders are looked for this often; the default of 30 s would make the limits above three times as long.
    http: {
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
      // What asks to be upgraded where no socket is declared stays an ordinary request.
      shouldUpgradeCallback: upgradesTo(sockets),
    },
    routerOptions: { maxParamLength: 500 },
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerBrokenRequest,
  } as const
}

/** How bodies are packed and read: JSON whole, files as they come. */
async function registerBodies(
  app: FastifyInstance,
  bindings: readonly Binding[],
  register: (target: FastifyInstance, binding: Binding) => void,
): Promise<void> {
  await app.register(compress, {
    global: true,
    threshold: 1024,
    encodings: ['br', 'gzip'],
    customTypes: /^(text\/|image\/svg|application\/([\w.-]+\+)?(json|xml|javascript|wasm))/,
    // The default quality of 11 takes longer than sending the bytes.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    /^application\/([\w.-]+\+)?json\b/,
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => readJsonBody(body),
  )
  const accepting = (what: NonNullable<AnyRoute['accepts']>) =>
    bindings.filter(({ route }) => (route.accepts ?? 'json') === what)
  for (const binding of accepting('json')) register(app, binding)
  await app.register(async (child) => {
    child.removeAllContentTypeParsers()
    // The body stays a stream: a factor file of a hundred thousand rows is read as it arrives.
    child.addContentTypeParser('*', async (_request: FastifyRequest, payload: Readable) => payload)
    for (const binding of accepting('file')) register(child, binding)
  })
  if (accepting('form').length === 0) return
  await app.register(async (child) => {
    await readForms(child)
    for (const binding of accepting('form')) register(child, binding)
  })
}

function fetchSiteOf({ headers: { 'sec-fetch-site': site } }: FastifyRequest): string | undefined {
  return typeof site === 'string' ? site.slice(0, 20) : undefined
}

function credentialsOf({ headers, ip }: FastifyRequest): Credentials {
  const { authorization, cookie } = headers
  return { cookies: parseCookies(cookie), authorization, address: ip, headers }
}

function countedAs(actor: Actor, address: string): [by: LimitedBy, subject: string] {
  if (actor.kind === 'person') return ['person', actor.person_id]
  return actor.kind === 'key' ? ['key', actor.key_id] : ['address', address]
}

async function send(reply: FastifyReply, route: AnyRoute, output: unknown): Promise<FastifyReply> {
  if (output instanceof RawReply) {
    return reply
      .code(output.status ?? route.status ?? 200)
      .headers(output.headers)
      .type(output.media_type)
      .send(
        output.body instanceof Uint8Array
          ? Buffer.from(output.body.buffer, output.body.byteOffset, output.body.byteLength)
          : output.body,
      )
  }
  invariant(
    route.produces === undefined,
    `${route.name} produces ${route.produces}, so its handler returns a RawReply.`,
  )
  const checked = await route.output.safeParseAsync(output)
  if (!checked.success) {
    const where = checked.error.issues
      .slice(0, 5)
      .map(
        (issue: { path: PropertyKey[]; message: string }) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`,
      )
    invariant(false, `${route.name} answered what its contract does not promise: ${where.join('; ')}`)
  }
  reply.code(route.status ?? 200).header('cache-control', 'no-store')
  return checked.data === undefined || route.status === 204
    ? reply.send()
    : reply.type('application/json; charset=utf-8').send(JSON.stringify(checked.data))
}

/** What the handler does not keep of the files is gone afterwards, whatever happens. */
async function handleForm(ctx: Context, request: FastifyRequest, { route, handler }: Binding): Promise<unknown> {
  const { fields, files } = await readForm(request, route, ctx.files)
  try {
    const input = await readInput(route, { params: request.params, query: request.query, body: fields })
    return await handler(ctx, { ...input, files } as never)
  } finally {
    await Promise.all(files.map((file) => file.drop()))
  }
}

/** The body as a stream that refuses to be longer than the route allows. */
function fileOf(request: FastifyRequest, route: AnyRoute): { file: Readable; file_media_type: string } {
  const bytes_max = route.body_bytes_max ?? BODY_BYTES_MAX
  const tooLarge = () =>
    new Problem('request/too-large', {
      detail: `The body is larger than the ${bytes_max} bytes that this endpoint accepts.`,
      bytes_max,
    })
  if (Number(request.headers['content-length'] ?? 0) > bytes_max) throw tooLarge()
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > bytes_max) done(tooLarge())
      else done(null, chunk)
    },
  })
  // A handler that refuses before reading leaves the stream without a listener; its error must not end the process.
  counted.on('error', () => undefined)
  const source = request.body as Readable | undefined
  if (source) {
    source.on('error', (error) => counted.destroy(error))
    source.on('close', () => {
      if (!source.readableEnded) counted.destroy(new Error('The sender went away.'))
    })
    source.pipe(counted)
  } else counted.end()
  const media_type = (request.headers['content-type'] ?? 'application/octet-stream').split(';')[0] ?? ''
  return { file: counted, file_media_type: media_type.trim().toLowerCase() }
}

function checkBindings({ bindings, sockets = [], authorise }: HttpOptions): void {
  const names = new Set<string>()
  const addresses = new Set<string>()
  const of_sockets = sockets.map(({ socket }) => ({ route: { ...socket, method: 'GET' } }))
  for (const { route } of [...bindings, ...of_sockets]) {
    const address = `${route.method} ${route.path.replaceAll(/\{\w+\}/g, '{}')}`
    invariant(!names.has(route.name), `Two routes are called ${route.name}.`)
    invariant(!addresses.has(address), `Two routes answer ${address}.`)
    invariant(
      route.needs === 'public' || authorise,
      `${route.name} needs "${route.needs}", and nothing here checks rights.`,
    )
    names.add(route.name)
    addresses.add(address)
  }
}

interface Address {
  pattern: RegExp
  methods: string[]
}

function addressOf({ method, path }: { method: string; path: string }): Address {
  const pattern = path
    .split(/\{\w+\}/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('[^/]+')
  return { pattern: new RegExp(`^${pattern}$`), methods: method === 'GET' ? ['GET', 'HEAD'] : [method] }
}

function allowedMethods(addresses: readonly Address[], path: string): string[] {
  return [...new Set(addresses.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort()
}

/** Without the query, which may hold what nobody should read in a log. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '/'
}

/** A caller's own id is kept when it cannot confuse a log. */
function saneRequestId(given: string | string[] | undefined): string | undefined {
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : undefined
}

/** Answers what is not even HTTP, or came too slowly to become a request. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, reason] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'Request Timeout']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'Request Header Fields Too Large']
        : [400, 'Bad Request']
  const body = JSON.stringify({ type: 'about:blank', title: reason, status })
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

declare module 'fastify' {
  interface FastifyContextConfig {
    route_name?: string
  }
  interface FastifyRequest {
    /** The context of the request, once it is admitted. */
    tidemark?: Context
  }
}
