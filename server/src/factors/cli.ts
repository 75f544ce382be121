import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { search as searchRoute, type ImportReport, type ShownFactor } from '@tidemark/core/factors/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import type { Context } from '../platform/context.ts'
import * as service from './service.ts'

/** Opens what a command works with and closes it afterwards. */
export type WithContext = <T>(work: (ctx: Context) => Promise<T>) => Promise<T>

interface Output {
  json?: boolean
}

/** `tidemark factors import|search|show`: exit code 0 done, 1 refused by a rule, 2 input that cannot be used. */
export function addFactorsCommands(program: Command, withContext: WithContext): void {
  const factors = program.command('factors').description('Emission factors: import, search, show')
  factors
    .command('import')
    .argument(
      '<file>',
      'Base Carbone CSV, DESNZ flat CSV, EPA hub XLSX, or your own CSV with name, value, unit, source',
    )
    .option('--edition <edition>', 'which edition it is, where neither the file nor its name says')
    .option('--json', 'print the whole report')
    .description('Read a publisher’s factor file; the same file twice changes nothing')
    .action((file: string, options: Output & { edition?: string }) => importFile(file, options, withContext))
  factors
    .command('search')
    .argument('<words...>', 'words in French or English')
    .option('--geography <code>', 'country or region: FR, US-CAMX, world')
    .option('--unit <unit>', 'our unit: kWh, L, tonne.km')
    .option('--dimension <dimension>', 'what is counted: energy, fuel_energy_gross, mass')
    .option('--year <year>', 'valid in that year')
    .option('--status <status>', 'valid, archived or all', 'valid')
    .option('--category <category>', 'GHG Protocol category: 1.1, 3.6')
    .option('--dataset <dataset>', 'base-carbone, desnz, epa-hub')
    .option('--activity <activity>', 'a key of the activities')
    .option('--limit <count>', 'how many', '10')
    .option('--offset <count>', 'how many to pass over', '0')
    .option('--json', 'print the whole answer')
    .description('Search the library; accents, synonyms and typing errors are seen through')
    .action((words: string[], options: Output & Record<string, string>) => searchFactors(words, options, withContext))
  factors
    .command('show')
    .argument('<id>', 'such as base-carbone:25775')
    .option('--edition <edition>', 'an edition; the current one unless said')
    .option('--json', 'print the factor as JSON, its raw row included')
    .description('Show one factor with everything needed to judge it')
    .action((id: string, options: Output & { edition?: string }) => showFactor(id, options, withContext))
}

async function importFile(
  file: string,
  options: Output & { edition?: string },
  withContext: WithContext,
): Promise<void> {
  const bytes = await readBytes(file)
  if (!bytes) return
  const bar = process.stderr.isTTY
    ? new SingleBar({ format: '{bar} {percentage} %', stream: process.stderr }, Presets.shades_classic)
    : undefined
  bar?.start(100, 0)
  try {
    const report = await withContext((ctx) =>
      service.importBytes(ctx, bytes, {
        filename: basename(file),
        edition: options.edition,
        onProgress: (share) => bar?.update(Math.round(share * 100)),
      }),
    )
    bar?.stop()
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : summary(report))
  } catch (error) {
    bar?.stop()
    refuse(error, options.json)
  }
}

async function readBytes(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    process.stderr.write(`${file}: ${error instanceof Error ? error.message : 'not readable'}\n`)
    process.exitCode = 2
    return undefined
  }
}

async function searchFactors(
  words: string[],
  options: Output & Record<string, string>,
  withContext: WithContext,
): Promise<void> {
  const { json, ...filter } = options
  const input = searchRoute.query?.safeParse({ ...filter, q: words.join(' ') })
  if (!input?.success) {
    for (const issue of input?.error.issues ?? []) process.stderr.write(`--${issue.path.join('.')}: ${issue.message}\n`)
    process.exitCode = 2
    return
  }
  const query = input.data
  const answer = await withContext((ctx) => service.search(ctx, query))
  if (json) {
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
    return
  }
  const corrected = answer.corrected.map(({ word, to }) => `"${word}" read as ${to.join(' or ')}. `).join('')
  const some = answer.matched === 'some_words' ? 'No factor has every word; these have some. ' : ''
  process.stdout.write(`${corrected}${some}${answer.total} found.\n${answer.factors.map(lineOf).join('')}`)
}

async function showFactor(id: string, options: Output & { edition?: string }, withContext: WithContext): Promise<void> {
  try {
    const factor = await withContext((ctx) => service.show(ctx, { id, edition: options.edition }))
    process.stdout.write(options.json ? `${JSON.stringify(factor, null, 2)}\n` : page(factor))
  } catch (error) {
    refuse(error, options.json)
  }
}

/** A rule that says no ends with 1 and its reasons, a file that is no factor file with 2; a bug is thrown on. */
function refuse(error: unknown, json: boolean | undefined): void {
  if (!(error instanceof Problem)) throw error
  process.exitCode = error.type === 'factors/unknown-dialect' ? 2 : 1
  if (json) {
    process.stdout.write(`${JSON.stringify({ type: error.type, ...error.details }, null, 2)}\n`)
    return
  }
  process.stderr.write(`${error.message}\n`)
  for (const fault of (error.details.faults ?? []).slice(0, 20)) process.stderr.write(`  ${fault.message}\n`)
}

function lineOf(
  factor: Pick<
    ShownFactor,
    'id' | 'edition' | 'name' | 'total_kg_co2e' | 'unit' | 'geography' | 'expired' | 'valid_to' | 'calculable'
  >,
): string {
  const flags = [
    factor.expired ? `valid to ${factor.valid_to}` : '',
    factor.calculable ? '' : 'cannot be calculated with',
  ]
    .filter((flag) => flag !== '')
    .join(', ')
  return `${factor.id}  ${factor.total_kg_co2e} kgCO2e/${factor.unit}  ${factor.geography}  ${factor.name.fr}${flags ? `  (${flags})` : ''}\n`
}

function page(factor: ShownFactor & { editions: string[] }): string {
  const lines: [string, string | undefined][] = [
    ['Name', factor.name.fr === factor.name.en ? factor.name.fr : `${factor.name.fr} / ${factor.name.en}`],
    [
      'Value',
      `${factor.total_kg_co2e} kgCO2e/${factor.unit}${factor.calculable ? '' : ' (a unit of the publisher’s own: cannot be calculated with)'}`,
    ],
    ...factor.stages.map(({ stage, total_kg_co2e, co2_biogenic_kg }): [string, string] => [
      `  ${stage}`,
      `${total_kg_co2e}${co2_biogenic_kg === undefined ? '' : `, and ${co2_biogenic_kg} kg of biogenic CO2 beside it`}`,
    ]),
    ['Boundary', `${factor.boundary}${factor.gwp_set ? `, weighted by ${factor.gwp_set}` : ''}`],
    ['Place', factor.geography_name ? `${factor.geography} (${factor.geography_name})` : factor.geography],
    [
      'Valid',
      `${factor.valid_from ?? '…'} to ${factor.valid_to ?? '…'}${factor.expired ? ', expired' : ''}${factor.status === 'archived' ? ', archived by the publisher' : ''}`,
    ],
    ['Uncertainty', factor.uncertainty_percent === undefined ? undefined : `± ${factor.uncertainty_percent} %`],
    ['Serves', factor.activity],
    [
      'Source',
      `${factor.publisher} ${factor.edition}, ${factor.row}: ${factor.source.title} (${factor.source.licence}) ${factor.source.url}`,
    ],
    ['Editions', factor.editions.join(', ')],
    ['Note', factor.note],
  ]
  return `${factor.id}\n${lines.flatMap(([label, text]) => (text === undefined ? [] : [`${label.padEnd(14)}${text}\n`])).join('')}`
}

function summary(report: ImportReport): string {
  const { counts, stored } = report
  const tally = (name: string, reasons: Record<string, number>): string[] =>
    Object.entries(reasons).map(([reason, number]) => `  ${name} ${number}: ${reason}`)
  const said = [
    `${report.publisher} ${report.dataset} ${report.edition}${report.is_current ? ', current' : ', not the current edition'}`,
    report.changed
      ? `${stored.added} factors added of ${counts.factors} (${counts.valid} valid, ${counts.archived} archived) on ${counts.lines} lines`
      : 'Everything in this file was here already. Nothing was changed.',
    ...tally('skipped', counts.skipped),
    ...tally('kept but not calculable', counts.not_calculable_units),
    ...tally('not understood', counts.unread),
    ...Object.entries(counts.roll_ups)
      .filter(([, rollUp]) => rollUp.checked > 0)
      .map(
        ([name, rollUp]) =>
          `  sums of ${name}: ${rollUp.checked} checked, ${rollUp.off} off, largest deviation ${rollUp.largest_deviation_percent.toFixed(2)} %`,
      ),
    ...stored.embedded_that_differ.map((text) => `  differs from what came with the program: ${text}`),
  ]
  return `${said.join('\n')}\n`
}
