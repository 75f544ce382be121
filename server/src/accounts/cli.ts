import { normalEmail } from '@tidemark/core/accounts/email.ts'
import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import { scopes } from '@tidemark/core/accounts/permissions.ts'
import { InvalidArgumentError, type Command } from 'commander'
import type { Context } from '../platform/context.ts'
import * as service from './service.ts'

/** `tidemark keys` and `tidemark people`: for whoever sits at the machine that holds the data. */
export function addAccountsCommands(
  program: Command,
  withContext: <T>(work: (ctx: Context) => Promise<T>) => Promise<T>,
): void {
  const keys = program.command('keys').description('API keys')
  keys
    .command('create')
    .description('Make an API key for an organisation; it is shown this once')
    .requiredOption('--scope <scope...>', `what it may do: ${scopes.join(', ')}`)
    .option('--organisation <id>', 'for which organisation; the demonstration unless given', DEMO_ORGANISATION_ID)
    .option('--name <name>', 'what lists show', 'Command line')
    .option('--days <days>', 'how long it lasts, 365 at most', daysOf, 90)
    .option('--ip <network...>', 'from where alone it may be used: 192.0.2.7 or 192.0.2.0/24')
    .action(async (options: CreateOptions) => {
      const made = await withContext((ctx) => service.makeKeyFor(ctx, wantedOf(options)))
      print({ key_id: made.key.key_id, expires_at: made.key.expires_at, scopes: made.key.scopes, secret: made.secret })
    })
  keys
    .command('list')
    .description('List API keys by their prefix')
    .option('--organisation <id>', 'of one organisation; of all unless given')
    .action(async (options: { organisation?: string }) => {
      for (const key of await withContext((ctx) => service.allKeys(ctx, options.organisation)))
        print({ key_id: key.key_id, prefix: key.prefix, name: key.name, state: key.state, scopes: key.scopes_in_force })
    })
  keys
    .command('revoke')
    .argument('<key_id>', 'as `keys list` shows it')
    .description('Revoke an API key; it is refused from the next request')
    .action(async (key_id: string) => {
      await withContext((ctx) => service.revokeAnyKey(ctx, key_id))
      print({ revoked: key_id })
    })

  program
    .command('people')
    .description('Accounts of people')
    .command('unlock')
    .argument('<email>', 'address of the account')
    .description('Lift what too many failed attempts locked')
    .action(async (email: string) => {
      const known = await withContext((ctx) => service.unlock(ctx, normalEmail(email)))
      if (known) return print({ unlocked: normalEmail(email) })
      process.stderr.write(`Nobody has an account with ${email}.\n`)
      process.exitCode = 1
    })
}

interface CreateOptions {
  scope: string[]
  organisation: string
  name: string
  days: number
  ip?: string[]
}

function wantedOf({ scope, organisation, name, days, ip }: CreateOptions): service.KeyWanted {
  // Both `--scope a b` and `--scope a,b` are what people type.
  const listed = scope.flatMap((each) => each.split(','))
  return { organisation_id: organisation, name, scopes: listed, expires_in_days: days, ip_list: ip ?? [] }
}

function daysOf(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= 365) return days
  throw new InvalidArgumentError('A key lasts 1 to 365 days.')
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
