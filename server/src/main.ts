import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { firstRunLines } from './accounts/service.ts'
import { access, capabilities, engine_version, showpiece } from './app.ts'
import { ConfigError, isLoopback, readConfig, type Config } from './platform/config.ts'
import { FolderInUseError } from './platform/database/folder-lock.ts'
import { MigrationError } from './platform/database/migrate.ts'
import { UnsafeDatabaseError } from './platform/database/postgres.ts'
import { KeyringError } from './platform/keyring.ts'
import { createLog } from './platform/log.ts'
import { startApp, type RunningApp } from './platform/start.ts'

/**
 * Starts the server, prints where it is and what to try, and stops cleanly on SIGINT and SIGTERM. The command line's
 * `serve` is this function.
 */
export async function serve(config: Config): Promise<RunningApp> {
  const log = createLog(config.log_level)
  const app = await startApp({
    capabilities,
    ...access,
    engine_version,
    config,
    log,
    onFatal: (error) => {
      log.fatal({ err: error }, 'the database cannot be opened again; the process ends')
      process.exit(1)
    },
  })
  try {
    await refuseUnclaimed(app)
    const origin = await app.listen()
    process.stdout.write(greeting(app, origin, performance.now(), await firstRunLines(app.ctx, origin)))
  } catch (error) {
    await app.close()
    throw error
  }
  stopOnSignal(app)
  return app
}

/** The first account owns the instance, so until there is one nobody but this machine may come first. */
async function refuseUnclaimed({ ctx }: RunningApp): Promise<void> {
  const { host } = ctx.config
  if (isLoopback(host) || (await access.isClaimed?.(ctx))) return
  throw new ConfigError(
    `HOST is ${host}, and this instance has no administrator yet: whoever came first would own it. Start it with HOST=127.0.0.1, make the first account with the link it prints, then listen on ${host}.`,
  )
}

function greeting(app: RunningApp, origin: string, ready_ms: number, first_run: readonly string[]): string {
  return [
    '',
    `Tidemark is ready after ${(ready_ms / 1000).toFixed(1)} s.`,
    `  ${origin}`,
    `  ${origin}/docs   every address, with examples to run`,
    `  ${app.db.durability}`,
    '',
    'Try:',
    `  ${curlLine(app.routes, origin)}`,
    '',
    ...first_run,
    '',
  ].join('\n')
}

/** The showpiece's first example as a line to paste; the health report while there is no showpiece. */
function curlLine(routes: readonly AnyRoute[], origin: string): string {
  const route = routes.find((candidate) => candidate.name === showpiece)
  const body = route?.examples[0]?.body
  if (!route || body === undefined) return `curl -s ${origin}/health`
  const quoted = JSON.stringify(body).replaceAll("'", String.raw`'\''`)
  return `curl -s ${origin}${route.path} -H 'content-type: application/json' -d '${quoted}'`
}

function stopOnSignal(app: RunningApp): void {
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    // A second signal, or ten seconds, and it ends at once: what was acknowledged is on disk either way.
    if (stopping) process.exit(1)
    stopping = true
    app.ctx.log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), 10_000).unref()
    void app.close().then(() => process.exit(0))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

/** A sentence for what the person at the keyboard can mend; undefined for a bug. */
export function startFailure(error: unknown): string | undefined {
  if (error instanceof ConfigError || error instanceof FolderInUseError) return error.message
  if (error instanceof MigrationError || error instanceof UnsafeDatabaseError || error instanceof KeyringError)
    return error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return 'The port is in use. Stop what listens there, or choose another with PORT.'
  if (code === 'EACCES')
    return 'The port or the data folder may not be used by this account. Choose others with PORT and TIDEMARK_DATA.'
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') return 'The PostgreSQL server of DATABASE_URL does not answer.'
  if (code === '28P01' || code === '3D000')
    return `PostgreSQL refused: ${(error as Error).message}. Check DATABASE_URL.`
  return undefined
}

if (import.meta.main) {
  try {
    await serve(readConfig(process.env))
  } catch (error) {
    const sentence = startFailure(error)
    process.stderr.write(
      sentence
        ? `${sentence}\n`
        : `Tidemark could not start: ${error instanceof Error ? error.stack : String(error)}\n`,
    )
    process.exit(1)
  }
}
