import { Problem } from '@tidemark/core/lib/problem.ts'
import { replayers } from '@tidemark/core/replayers.ts'
import { Command } from 'commander'
import { addAccountsCommands } from './accounts/cli.ts'
import { access, capabilities, engine_version } from './app.ts'
import { addAuditCommands } from './audit/cli.ts'
import { addVerifyCommand } from './certificates/cli.ts'
import { addFactorsCommands } from './factors/cli.ts'
import { addCalculateCommand } from './footprint/cli.ts'
import { serve, startFailure } from './main.ts'
import { describeConfig, readConfig } from './platform/config.ts'
import type { Context } from './platform/context.ts'
import { createLog } from './platform/log.ts'
import { startApp } from './platform/start.ts'
import { addSceneCommand } from './projects/scene-cli.ts'
import { addSimulateCommands } from './sites/simulate-cli.ts'

/** The same services as behind HTTP, from a terminal. */
const program = new Command('tidemark')
  .description('Climate numbers anyone can replay.')
  .version(engine_version, '--engine-version', 'print the version of the calculation rules')
  .showHelpAfterError()

program
  .command('serve')
  .description('Start the server')
  .action(async () => {
    await serve(readConfig(process.env))
  })

addCalculateCommand(program, withContext)
addVerifyCommand(program, { replayers })
addFactorsCommands(program, withContext)
addAccountsCommands(program, withContext)
addAuditCommands(program, withContext)
addSimulateCommands(program)
addSceneCommand(program)

program
  .command('config')
  .description('Print every setting in force and where it comes from')
  .option('--json', 'as JSON')
  .action((options: { json?: boolean }) => {
    const lines = describeConfig(readConfig(process.env))
    if (options.json) process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`)
    else
      for (const { name, value, source, purpose } of lines)
        process.stdout.write(`${name.padEnd(16)}${value}  (${source}; ${purpose})\n`)
  })

const signingKeys = program.command('signing-keys').description('Keys that sign certificates')
signingKeys
  .command('rotate')
  .argument('<use>', 'certificate or certificate-seed')
  .option('--at-once', 'sign with it now, where the present key is lost; otherwise it is published for a day first')
  .description('Make a new signing key; the present one goes on verifying')
  .action(async (use: string, options: { atOnce?: boolean }) => {
    if (use !== 'certificate' && use !== 'certificate-seed') {
      process.stderr.write(`There is no use "${use}". Uses are certificate and certificate-seed.\n`)
      process.exitCode = 2
      return
    }
    const kid = await withContext((ctx) => ctx.keyring.rotate(use, { at_once: options.atOnce ?? false }))
    process.stdout.write(`${JSON.stringify({ use, kid })}\n`)
  })

async function withContext<T>(work: (ctx: Context) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  // On a terminal the log is for failures only: answers go to standard output.
  const log = createLog(process.env.LOG_LEVEL ? config.log_level : 'error')
  const app = await startApp({ capabilities, ...access, engine_version, config, log, web_dir: false })
  try {
    return await work(app.ctx)
  } finally {
    await app.close()
  }
}

try {
  await program.parseAsync()
} catch (error) {
  const sentence = error instanceof Problem ? (error.details.detail ?? error.type) : startFailure(error)
  if (sentence === undefined) throw error
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 2
}
