import type { Command } from 'commander'
import type { Context } from '../platform/context.ts'
import { verifyChain } from './service.ts'

/** Adds `tidemark audit verify`. */
export function addAuditCommands(
  program: Command,
  withContext: <T>(work: (ctx: Context) => Promise<T>) => Promise<T>,
): void {
  program
    .command('audit')
    .description('The log of who did what')
    .command('verify')
    .description('Compute the chain again and name every event that is not as it was written')
    .option('--head <seq:hash>', 'an end of the chain that was noted before: a log that was cut since is found')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExit codes: 0 intact, 1 not as it was written, 2 unusable input.')
    .action(async (flags: { head?: string; json?: boolean }) => {
      const known = /^(\d+):([0-9a-f]{64})$/.exec(flags.head ?? '')
      if (flags.head !== undefined && !known) {
        process.stderr.write('--head is the number and the hash that an earlier check printed: 12:9f86d0…\n')
        process.exitCode = 2
        return
      }
      const report = await withContext((ctx) =>
        verifyChain(ctx, known ? { seq: Number(known[1]), hash: known[2] ?? '' } : undefined),
      )
      const lines = [
        report.intact
          ? `✓ ${report.checked} events are as they were written.`
          : `✗ ${report.faults.length} faults in ${report.checked} events:`,
        ...report.faults.map(({ kind, seq, event_id }) => `  ${kind} at ${seq}${event_id ? ` (${event_id})` : ''}`),
        `  head ${report.head.seq}:${report.head.hash}`,
      ]
      process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join('\n')}\n`)
      process.exitCode = report.intact ? 0 : 1
    })
}
