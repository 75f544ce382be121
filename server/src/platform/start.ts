import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { commonProblems, type ProblemTable } from '@tidemark/core/lib/problem.ts'
import type { Capability } from './capability.ts'
import { checkout, publicOrigin, type Config } from './config.ts'
import type { Access } from './access.ts'
import { system, type Context } from './context.ts'
import { openDatabase, type OpenedDatabase } from './database/database.ts'
import { migrate, readMigrations } from './database/migrate.ts'
import { findSnapshot } from './database/snapshot.ts'
import { serveDocumentation } from './documentation.ts'
import { openEvents, type Events } from './events.ts'
import { openFiles } from './files.ts'
import { createHttp, type RequestFacts } from './http.ts'
import { Jobs } from './jobs.ts'
import { openKeyring } from './keyring.ts'
import { createLimits, limitJobs } from './limits.ts'
import { createLog, type Log } from './log.ts'
import { mailJobs } from './mail.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { openApiDocument } from './openapi.ts'
import { realPulse, type Pulse } from './pulse.ts'
import { scopeOf } from './tenancy.ts'
import { Reply } from './reply.ts'
import { createSystem } from './system/http.ts'

export interface StartOptions extends Access {
  capabilities: readonly Capability[]
  /** Version of the calculation methods, shown by `/version`. */
  engine_version: string
  config: Config
  log?: Log
  now?: () => Date
  pulse?: Pulse
  /** Whether capabilities put in what a newcomer meets. True unless said. */
  seed?: boolean
  /** The built web application; the usual place when it exists, unless said. `false` serves none. */
  web_dir?: string | false
  /** For tests: a database in memory, from a dump. */
  in_memory?: boolean
  snapshot_file?: string
  /** The database was lost for good and the process has nothing left to do. */
  onFatal?: (error: unknown) => void
}

export interface RunningApp {
  http: FastifyInstance
  db: OpenedDatabase
  /** The context of the platform itself, for seeding, jobs and the command line. */
  ctx: Context
  /** Background work; begins with `listen`. */
  jobs: Jobs
  routes: readonly AnyRoute[]
  /** Every problem that an answer can name. */
  problems: ProblemTable
  openapi: Record<string, unknown>
  /** Begins to answer; returns the address: `http://127.0.0.1:3000`. */
  listen(): Promise<string>
  /** Answers what is under way, then closes everything. */
  close(): Promise<void>
}

/**
 * Opens the database, migrates, seeds and makes the server, not yet listening. The server, the command line and the
 * tests start this way.
 */
export async function startApp(options: StartOptions): Promise<RunningApp> {
  const { config, capabilities } = options
  const log = options.log ?? createLog(config.log_level)
  const { now = () => new Date(), pulse = realPulse } = options
  const metrics = createMetrics()
  const db = await openFor(options, log, metrics)
  let events: Events | undefined
  try {
    if (db.heartbeatAge_ms) metrics.watchHeartbeat(db.heartbeatAge_ms)
    await migrate(db, log, await readMigrations())
    const keyring = await openKeyring(config, { now })
    const files = await openFiles(join(config.data_dir, 'files'))
    events = openEvents(config, log, options.in_memory)
    const of_capabilities = problemsOf(capabilities)
    const version = await packageVersion()
    const own = createSystem({
      metrics,
      problems: of_capabilities,
      version,
      engine_version: options.engine_version,
      started_at: now(),
    })
    const all = [own, ...capabilities]
    const problems: ProblemTable = { ...commonProblems, ...of_capabilities, ...own.problems }
    const bindings = all.flatMap((capability) => capability.bindings)
    const routes = bindings.map((binding) => binding.route)
    const sockets = all.flatMap((capability) => capability.sockets ?? [])
    const described = sockets.map(({ socket }) => socket)
    const openapi = openApiDocument({ routes, sockets: described, problems, version })
    const { ctx, contextOf, heardAt } = contextsOn({ db, now, pulse, config, keyring, files, events, log })
    if (options.seed ?? true) {
      for (const capability of all) await capability.seed?.(ctx)
    }
    const jobs = new Jobs(ctx, [...mailJobs, ...limitJobs, ...all.flatMap((capability) => capability.jobs ?? [])])
    metrics.watchJobs(() => jobs.counts())
    for (const capability of all) capability.measures?.(metrics.registry, ctx)
    const { authenticate, authorise } = options
    const who = { context: contextOf, authenticate, authorise, limits: ctx.limits }
    const { http, door } = await createHttp({
      ...who,
      bindings,
      sockets,
      pulse,
      problems,
      config,
      log,
      web_dir: webFolder(options.web_dir),
      onAnswer: metrics.observeAnswer,
      pages: (app) => serveDocumentation(app, openapi),
    })
    await http.ready()
    return {
      http,
      db,
      ctx,
      jobs,
      routes,
      problems,
      openapi,
      listen: async () => {
        await http.listen({ host: config.host, port: config.port })
        heardAt(originOf(http))
        // After the first answer is possible: whoever opens a page does not wait for the queue.
        void jobs.start().catch((error: unknown) => log.error({ err: error }, 'background work could not start'))
        for (const capability of all) await capability.start?.(ctx, door)
        return originOf(http)
      },
      close: async () => {
        await http.close()
        for (const capability of all) await capability.stop?.(ctx)
        await jobs.stop()
        await ctx.events.close()
        await db.close()
      },
    }
  } catch (error) {
    await events?.close()
    await db.close()
    throw error
  }
}

async function openFor(options: StartOptions, log: Log, { observeQuery }: Metrics): Promise<OpenedDatabase> {
  const { config, in_memory, onFatal } = options
  const snapshot_file = options.snapshot_file ?? (await findSnapshot())
  return openDatabase({ config, log, in_memory, snapshot_file, onQuery: observeQuery, onFatal })
}

/** The system's context, and how those of requests are made: the rows that one sees follow from who asks. */
function contextsOn(
  ground: Pick<Context, 'now' | 'pulse' | 'config' | 'keyring' | 'files' | 'events' | 'log'> & { db: OpenedDatabase },
) {
  const { db, now, pulse, config, keyring, files, events, log } = ground
  const limits = createLimits({ table: config.rate_limits, now, db: db.kind === 'postgres' ? db : undefined })
  let listening: string | undefined
  const origin = () => config.public_origin ?? listening ?? publicOrigin(config)
  const base = { system_db: db, now, pulse, config, keyring, files, events, limits, origin }
  const ctx: Context = { ...base, db, log, request_id: 'start', actor: system, reply: new Reply() }
  const contextOf = (request: RequestFacts): Context => {
    const scope = scopeOf(request.actor)
    return { ...base, ...request, db: scope === undefined ? db : db.scopedTo(scope) }
  }
  return { ctx, contextOf, heardAt: (address: string) => void (listening = address) }
}

function problemsOf(capabilities: readonly Capability[]): ProblemTable {
  const table: Record<string, ProblemTable[string]> = {}
  for (const capability of capabilities) {
    for (const [type, definition] of Object.entries(capability.problems)) {
      const before = table[type]
      // Two capabilities may share a rule of the library below them, never give one name two meanings.
      invariant(
        !before || (before.status === definition.status && before.title === definition.title),
        `The problem ${type} is declared twice.`,
      )
      table[type] = definition
    }
  }
  return table
}

function webFolder(given: string | false | undefined): string | undefined {
  if (given === false) return undefined
  const folder = given ?? join(checkout, 'web/dist')
  return existsSync(join(folder, 'index.html')) ? folder : undefined
}

function originOf(http: FastifyInstance): string {
  const { address, port, family } = http.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function packageVersion(): Promise<string> {
  const text = await readFile(join(checkout, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
