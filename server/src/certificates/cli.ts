import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Check, Outcome, Report } from '@tidemark/core/certificates/contract.ts'
import { rsaPssWith, type Jwks } from '@tidemark/core/certificates/keys.ts'
import { verifyCertificate, type Replayers } from '@tidemark/core/certificates/verify.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { Option, type Command } from 'commander'
import { readConfig } from '../platform/config.ts'
import { publicKeysFile } from '../platform/keyring.ts'
import { textOf } from './service.ts'

export interface VerifyCommandOptions {
  /** Computes evidence again; without any `--replay` is refused. */
  replayers?: Replayers
}

/** 0 valid, 1 altered or another result, 2 unusable input, 3 not signed by a trusted key. */
const EXIT_CODES: Record<Outcome, number> = { valid: 0, altered: 1, replay_differs: 1, unreadable: 2, untrusted_key: 3 }

/** A replay that was asked for and could not be done is no success: whoever goes on after a 0 would take it for one. */
function exitCodeOf({ outcome, not_replayed }: Report): number {
  return outcome === 'valid' && not_replayed ? 4 : EXIT_CODES[outcome]
}

/** Adds `tidemark verify FILE`. It opens no database and no connection. */
export function addVerifyCommand(program: Command, options: VerifyCommandOptions = {}): void {
  program
    .command('verify')
    .argument('<file>', 'a certificate, a bundle or a flat-form certificate; - reads standard input')
    .description('Check a certificate offline, and say exactly what was altered')
    .option('--replay', 'also compute the evidence in a bundle again')
    .option('--trust <file>', 'public keys (JWKS) to trust; those of the local data folder unless given')
    .option('--json', 'print the report as JSON')
    .addOption(new Option('--language <language>', 'of the report').choices(['en', 'fr']).default('en'))
    .addHelpText(
      'after',
      '\nExit codes: 0 valid, 1 altered or another result, 2 unusable input, 3 not signed by a trusted key, 4 valid, but not computed again as asked.',
    )
    .action(
      async (file: string, flags: { replay?: boolean; trust?: string; json?: boolean; language: 'en' | 'fr' }) => {
        try {
          if (flags.replay && !options.replayers) throw new Unusable('This program cannot compute evidence again.')
          const { replayers } = options
          const report = await verifyCertificate(await textFrom(file), {
            trusted_keys: await trustedKeys(flags.trust),
            verifyRsaPss: rsaPssWith(globalThis.crypto.subtle),
            ...(flags.replay && replayers ? { replayers } : {}),
          })
          process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : forPeople(report, flags.language))
          process.exitCode = exitCodeOf(report)
        } catch (error) {
          if (!(error instanceof Unusable) && !(error instanceof Problem)) throw error
          process.stderr.write(`${error.message}\n`)
          process.exitCode = EXIT_CODES.unreadable
        }
      },
    )
}

/** The command cannot do what it was asked; the message says why. */
class Unusable extends Error {
  override name = 'Unusable'
}

async function textFrom(file: string): Promise<string> {
  const bytes = file === '-' ? await standardInput() : await readFile(file).catch(() => undefined)
  if (!bytes) throw new Unusable(`${file} cannot be read.`)
  return textOf(bytes)
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Without a list nothing can be proven, which the report says; a list that was named and cannot be read is an error. */
async function trustedKeys(given: string | undefined): Promise<Jwks> {
  const path = given ?? publicKeysFile(readConfig(process.env))
  if (given === undefined && !existsSync(path)) return { keys: [] }
  const text = await readFile(path, 'utf8').catch(() => undefined)
  const list = text === undefined ? undefined : parsed(text)
  if (!isJwks(list))
    throw new Unusable(
      `${path} is not a list of public keys (JWKS). Fetch the issuer's from https://ISSUER/.well-known/jwks.json.`,
    )
  return list
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isJwks(value: unknown): value is Jwks {
  const keys: unknown = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined
  return Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null)
}

const MARKS: Record<Check['status'], string> = { passed: '✓', failed: '✗', skipped: '–' }

function forPeople(report: Report, language: 'en' | 'fr'): string {
  const say = (said: { says_en: string; says_fr: string }): string => (language === 'fr' ? said.says_fr : said.says_en)
  const { stated } = report
  const facts = [
    stated?.certificate_id,
    stated?.subject_name,
    stated?.emissions_kg_co2e && `${stated.emissions_kg_co2e} kgCO2e`,
    stated?.issued_at,
  ]
  const known = facts.filter((fact) => fact !== undefined && fact !== '')
  const checks = report.checks.map((check) => {
    const where =
      check.status === 'failed' && check.path !== undefined && check.path !== '' ? `\n      ${check.path}` : ''
    return `  ${MARKS[check.status]} ${say(check)}${where}`
  })
  const statement = language === 'fr' ? stated?.statement_fr : stated?.statement_en
  // A total says by itself what it is of; what another kind states takes a sentence.
  if (statement !== undefined && stated?.emissions_kg_co2e === undefined) known.push(statement)
  return `${[say(report), ...(known.length > 0 ? [known.join(' · ')] : []), '', ...checks].join('\n')}\n`
}
