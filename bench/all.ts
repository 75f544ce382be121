// Every bar, measured one after the other, and a table of the figures at the end. Takes about two minutes; other work on
// the machine shows in the figures, so a missed bar is measured again alone before it is believed.
//
//   npm run bench
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { barLine } from './bar.ts'

const MINUTES_MAX = 3
const root = dirname(import.meta.dirname)

/** The cheapest first. Each prints its own figures too when it is run by itself. */
const programs = [
  ['bench/web-size.ts'],
  ['bench/footprint.ts'],
  ['bench/certify.ts'],
  ['bench/isolation-forest.ts'],
  ['bench/boosted-trees.ts'],
  ['bench/models.ts'],
  ['bench/stream.ts'],
  ['bench/forecasting.ts'],
  ['bench/detection.ts'],
  ['bench/confidence.ts'],
  ['bench/sensor-faults.ts'],
  ['bench/forecast-sites.ts'],
  ['bench/schedule.ts'],
  ['bench/maintenance.ts'],
  ['bench/start.ts'],
  ['bench/first-page.ts'],
  ['bench/factors.ts'],
  ['bench/ingest.ts'],
  ['bench/imagery.ts'],
  ['bench/stream-clients.ts'],
]

const rows: string[][] = []
await run(['scripts/ensure.mjs', 'web'])
for (const program of programs) {
  process.stdout.write(`${program[0]} …\n`)
  const { output, ended } = await run(program)
  const found = output.split('\n').flatMap((line) => {
    const bar = barLine.exec(line)
    return bar ? [[bar[2] ?? '', bar[3] ?? '', bar[4] ?? '', bar[1] ?? '']] : []
  })
  if (ended !== 0 || found.length === 0) {
    found.push([program[0] ?? '', `ended with ${ended}`, '', 'missed'])
    process.stdout.write(output)
  }
  rows.push(...found)
}

const heads = ['bar', 'measured', 'limit', 'verdict']
const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)))
const line = (cells: readonly string[]) => `${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`
process.stdout.write(`\n${line(heads)}${rows.map(line).join('')}`)
if (rows.some((row) => row[3] === 'missed')) process.exitCode = 1

function run(args: readonly string[]): Promise<{ output: string; ended: number | string }> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      args.map((arg, at) => (at === 0 ? join(root, arg) : arg)),
      { cwd: root },
    )
    let output = ''
    const limit = setTimeout(() => child.kill('SIGTERM'), MINUTES_MAX * 60_000)
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      resolve({ output, ended: code ?? signal ?? 'nothing' })
    })
  })
}
