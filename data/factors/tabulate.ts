/** What the build scripts of the datasets share: reading official tables and writing ours, one factor per line. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Factor } from '@tidemark/core/factors/contract.ts'
import { expandDataset, type DatasetHead } from '@tidemark/core/factors/dataset.ts'
import { parse } from 'csv-parse/sync'

export type Entry = Partial<Factor>

/** Rows of a CSV text as objects. A file without one of the columns it must have is refused. */
export function readTable(text: string, columns: readonly string[], delimiter = ','): Record<string, string>[] {
  const rows: Record<string, string>[] = parse(text, { columns: true, bom: true, delimiter, relax_column_count: true })
  const first = rows[0]
  const missing = first ? columns.filter((column) => !(column in first)) : columns
  if (missing.length > 0) throw new Error(`The table has no column ${missing.join(', ')}.`)
  return rows
}

/** A number of an official table. Blank is undefined, which is not zero; anything else that is no number is refused. */
export function readAmount(cell: string | number | null | undefined): number | undefined {
  if (cell === null || cell === undefined || cell === '') return undefined
  const value = Number(cell)
  if (!Number.isFinite(value)) throw new Error(`"${cell}" is not a number.`)
  return value
}

/** Takes the binary noise off a sum or product of decimal numbers: twelve significant digits are more than any source has. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12))
}

/** The text of a dataset file: what the factors share on top, then one factor per line. */
export function datasetText(common: DatasetHead, entries: readonly Entry[]): string {
  const ids = new Set(entries.map((entry) => entry.id))
  if (ids.size !== entries.length) throw new Error('Two factors of one file have the same id.')
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`)
  const text = `{\n  "common": ${JSON.stringify(common)},\n  "factors": [\n${lines.join(',\n')}\n  ]\n}\n`
  expandDataset(JSON.parse(text))
  return text
}

/** Runs a build from the command line: `node build.ts OFFICIAL_FILE…` writes the file beside the script. */
export function runBuild(script: string, build: (paths: string[]) => string, target = 'factors.json'): void {
  void runBuildAsync(script, async (paths) => build(paths), target)
}

export async function runBuildAsync(
  script: string,
  build: (paths: string[]) => Promise<string>,
  target = 'factors.json',
): Promise<void> {
  if (process.argv[1] !== fileURLToPath(script)) return
  const paths = process.argv.slice(2)
  if (paths.length === 0) throw new Error('Say where the official file is: node build.ts PATH')
  const text = await build(paths)
  writeFileSync(new URL(target, script), text)
  process.stdout.write(`${target}: ${text.split('\n').length - 6} lines, ${Math.round(text.length / 1024)} kB\n`)
}

/** A day `months` after another, for best-before rules. */
export function monthsAfter(day: string, months: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + months)
  return date.toISOString().slice(0, 10)
}
