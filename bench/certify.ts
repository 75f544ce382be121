// A 60-line inventory of a small company: looked up, calculated, traced, certified and stored, in process, on the embedded
// database on disk. Beside it the calculation alone, and in the same run an empty transaction: what storing costs at least.
//
//   node bench/certify.ts
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { calculate as compute } from '@tidemark/core/footprint/calculate.ts'
import { Inventory } from '@tidemark/core/footprint/contract.ts'
import { access, capabilities, engine_version } from '../server/src/app.ts'
import { calculate, libraryFor } from '../server/src/footprint/service.ts'
import { readConfig } from '../server/src/platform/config.ts'
import { createLog } from '../server/src/platform/log.ts'
import { startApp } from '../server/src/platform/start.ts'
import { sayBar } from './bar.ts'

const RUNS = 60
const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
const config = { ...readConfig({}), data_dir, port: 0 }
const app = await startApp({
  capabilities,
  engine_version,
  ...access,
  config,
  log: createLog('silent'),
  web_dir: false,
})
try {
  const demo = JSON.parse(await readFile(new URL('../data/demo/company.json', import.meta.url), 'utf8'))
  const lines = Array.from({ length: 60 }, (_, n) => ({
    ...demo.lines[n % demo.lines.length],
    id: `line-${n}`,
    site: `site-${n}`,
  }))
  const inventory = Inventory.parse({ ...demo, lines })
  const library = await libraryFor(app.ctx, inventory)
  const whole = await median(() => calculate(app.ctx, inventory))
  const engine = await median(async () => compute(inventory, library))
  const empty = await median(() => app.db.transaction(async () => undefined))
  print('60 lines: looked up, calculated, traced, certified, stored', whole)
  print('  of which calculated, traced, digested', engine)
  print('baseline: an empty transaction', empty)
  process.stdout.write(`ratio to the baseline: ${(whole.p50 / empty.p50).toFixed(1)}\n`)
  sayBar({ what: '60-line inventory, certified and stored, p50', measured: whole.p50, unit: 'ms', at: { most: 50 } })
} finally {
  await app.close()
  await rm(data_dir, { recursive: true, force: true })
}

interface Times {
  p50: number
  p99: number
}

async function median(work: () => Promise<unknown>): Promise<Times> {
  const times: number[] = []
  for (let n = 0; n < RUNS + 10; n += 1) {
    const started = performance.now()
    await work()
    if (n >= 10) times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  return { p50: times[Math.floor(RUNS / 2)] ?? 0, p99: times[Math.floor(RUNS * 0.99)] ?? 0 }
}

function print(what: string, { p50, p99 }: Times): void {
  process.stdout.write(
    `${what.padEnd(62)} p50 ${p50.toFixed(2).padStart(8)} ms   p99 ${p99.toFixed(2).padStart(8)} ms\n`,
  )
}
