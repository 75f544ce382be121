import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { categories } from '@tidemark/core/lib/categories.ts'
import { calculate as compute, Run } from '@tidemark/core/footprint/calculate.ts'
import { faultsOfWhole, readInventory } from '@tidemark/core/footprint/check.ts'
import { InventoryLine, type FootprintResult, type Inventory } from '@tidemark/core/footprint/contract.ts'
import { LineFault } from '@tidemark/core/footprint/line-fault.ts'
import { faultsOf } from '@tidemark/core/lib/faults.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import type { Context } from '../platform/context.ts'
import * as service from './service.ts'

/** Opens what a command works with and closes it afterwards. */
export type WithContext = <T>(work: (ctx: Context) => Promise<T>) => Promise<T>

/** `tidemark calculate FILE`: exit code 0 calculated, 1 refused with faults, 2 not readable. */
export function addCalculateCommand(program: Command, withContext: WithContext): void {
  program
    .command('calculate')
    .argument(
      '<file>',
      'an inventory as JSON; one line a row as .ndjson streams inventories of any length; - reads standard input',
    )
    .option('--json', 'print the whole result with its traces')
    .option('--store', 'keep the calculation and issue a certificate')
    .description('Calculate an inventory, with the trace of every line')
    .addHelpText(
      'after',
      '\nA .ndjson file begins with the inventory without its lines, then one line of the inventory per row.\n',
    )
    .action(async (file: string, options: { json?: boolean; store?: boolean }) => {
      try {
        if (file.endsWith('.ndjson')) return await streamFile(file, options, withContext)
        await calculateFile(file, options, withContext)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        printFaults(error.details.faults ?? [{ path: '', code: error.type, message: error.message }])
        process.exitCode = 1
      }
    })
}

async function calculateFile(
  file: string,
  options: { json?: boolean; store?: boolean },
  withContext: WithContext,
): Promise<void> {
  const document = await readJson(file)
  if (document === undefined) return
  const reading = readInventory(document)
  if (!reading.inventory || reading.faults.length > 0) {
    printFaults(reading.faults)
    process.exitCode = 1
    return
  }
  const { inventory } = reading
  const result = await withContext(async (ctx) =>
    options.store ? service.calculate(ctx, inventory) : compute(inventory, await service.libraryFor(ctx, inventory)),
  )
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : summary(result))
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(file === '-' ? await text(process.stdin) : await readFile(file, 'utf8'))
  } catch (error) {
    process.stderr.write(`${file}: ${error instanceof Error ? error.message : 'not readable'}\n`)
    process.exitCode = 2
    return undefined
  }
}

/** Streams an inventory line by line: results go out as they come, only totals are kept. */
async function streamFile(
  file: string,
  options: { json?: boolean; store?: boolean },
  withContext: WithContext,
): Promise<void> {
  if (options.store) {
    process.stderr.write(
      'A streamed inventory is not stored: a certificate covers an inventory as a whole. Use a .json file.\n',
    )
    process.exitCode = 2
    return
  }
  const rows = createInterface({ input: createReadStream(file), crlfDelay: Infinity })[Symbol.asyncIterator]()
  const first = await rows.next()
  // Lines that the header lacks are replaced by one that is never calculated, so that the one schema reads both.
  const header = readInventory({ ...parse(first.value), lines: [{ id: '-', quantity: 0, unit: 'kg' }] })
  if (!header.inventory || header.faults.length > 0 || faultsOfWhole(header.inventory).length > 0) {
    printFaults(header.faults)
    process.exitCode = 1
    return
  }
  const inventory = { ...header.inventory, lines: [] }
  const bar = process.stderr.isTTY
    ? new SingleBar({ format: '{value} lines', stream: process.stderr }, Presets.shades_classic)
    : undefined
  await withContext(async (ctx) => {
    bar?.start(0, 0)
    const run = await streamLines(ctx, inventory, rows, options.json ?? false, () => bar?.increment())
    bar?.stop()
    const { totals } = run
    const answer = {
      emissions_kg_co2e: totals.location.kg,
      emissions_market_kg_co2e: totals.market.kg,
      scopes: {
        '1': totals.scope('1'),
        '2_location': totals.scope('2'),
        '2_market': totals.scope2Market(),
        '3': totals.scope('3'),
      },
      warnings: run.warnings.list(),
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  })
}

const BATCH_LINES = 2_000

async function streamLines(
  ctx: Context,
  inventory: Inventory,
  rows: AsyncIterator<string>,
  json: boolean,
  onLine: () => void,
): Promise<Run> {
  const run = new Run(inventory, await service.libraryFor(ctx, inventory), { keep_factors: false })
  let index = 0
  for (let batch = await take(rows); batch.length > 0; batch = await take(rows)) {
    const lines = batch.map((row, offset) => readLine(row, index + offset))
    // Each batch may name factors that no batch before it named.
    run.lookIn(await service.libraryFor(ctx, { ...inventory, lines }))
    for (const line of lines) {
      try {
        const { result } = run.add(line)
        if (json && !process.stdout.write(`${JSON.stringify(result)}\n`)) await drained()
      } catch (error) {
        if (error instanceof LineFault) throw new Problem('footprint/invalid-inventory', { faults: [error.at(index)] })
        throw error
      }
      index += 1
      onLine()
    }
  }
  return run
}

async function take(rows: AsyncIterator<string>): Promise<string[]> {
  const batch: string[] = []
  while (batch.length < BATCH_LINES) {
    const next = await rows.next()
    if (next.done) break
    if (next.value.trim() !== '') batch.push(next.value)
  }
  return batch
}

function readLine(row: string, index: number): InventoryLine {
  const value = parse(row)
  const line = InventoryLine.safeParse(value)
  if (!line.success)
    throw new Problem('footprint/invalid-inventory', { faults: faultsOf(line.error, value, `/lines/${index}`) })
  return line.data
}

function parse(row: string | undefined): object {
  try {
    const value: unknown = JSON.parse(row ?? '')
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Falls through to the refusal below, which says what a row should be.
  }
  throw new Problem('footprint/invalid-inventory', {
    faults: [
      {
        path: '',
        code: 'malformed-json',
        message: `Each row is a JSON object; this one begins with ${(row ?? '').slice(0, 40)}`,
      },
    ],
  })
}

function drained(): Promise<void> {
  return new Promise((resolve) => process.stdout.once('drain', resolve))
}

function printFaults(faults: readonly Fault[]): void {
  for (const fault of faults) process.stderr.write(`${fault.path || '/'}  ${fault.code}\n  ${fault.message}\n`)
}

function summary(result: FootprintResult & { certificate_id?: string; calculation_id?: string }): string {
  const tonnes = (kg: number) => `${(kg / 1000).toFixed(3).padStart(14)} tCO2e`
  const rows = [
    '',
    `Total        ${tonnes(result.emissions_kg_co2e)}   95 %: ${(result.interval_95.low / 1000).toFixed(3)} to ${(result.interval_95.high / 1000).toFixed(3)}`,
    `  Scope 1    ${tonnes(result.scopes['1'])}`,
    `  Scope 2    ${tonnes(result.scopes['2_location'])}   market-based: ${(result.scopes['2_market'] / 1000).toFixed(3)}`,
    `  Scope 3    ${tonnes(result.scopes['3'])}`,
    '',
    ...Object.entries(result.categories).map(
      ([id, kg]) => `  ${id.padEnd(5)}${tonnes(kg)}   ${categories[id as keyof typeof categories].en}`,
    ),
    '',
    ...result.warnings.map(
      (warning) =>
        `! ${warning.message}${warning.line_ids.length > 0 ? ` (${warning.line_ids.slice(0, 5).join(', ')}${warning.line_ids.length > 5 ? ' …' : ''})` : ''}`,
    ),
    `Engine ${result.engine_version}, ${result.gwp_set}. Result ${result.result_digest}`,
    ...(result.calculation_id
      ? [`Stored as ${result.calculation_id}, certificate ${result.certificate_id ?? ''}`]
      : []),
    '',
  ]
  return rows.join('\n')
}
