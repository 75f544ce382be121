// What it costs that readings are read, checked, summed and stored, instead of just copied: values a second through the
// function in which every way in ends, beside COPY of the very rows that it stored, in one run. On PostgreSQL where there is
// one, and on the embedded database.
//
//   node bench/ingest.ts
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { startApp, type RunningApp } from '../server/src/platform/start.ts'
import { readConfig } from '../server/src/platform/config.ts'
import { createLog } from '../server/src/platform/log.ts'
import { audit } from '../server/src/audit/http.ts'
import { testAccounts } from '../server/src/platform/testing-access.ts'
import { actingFor } from '../server/src/platform/tenancy.ts'
import { telemetry } from '../server/src/telemetry/http.ts'
import { takeBatch } from '../server/src/telemetry/ingest.ts'
import { addDevice } from '../server/src/telemetry/service.ts'
import { DEMO_ORGANISATION_ID } from '../core/src/accounts/demo.ts'
import { sayBar, skipBar } from './bar.ts'
import { findPostgres } from './local-postgres.ts'

const BAR = 0.5
const devices = 100
/** Eleven hours of minutes, then a week of quarter hours: with each of those goes a slot of its own. */
const readings_each = 672
const intervals_s = [60, 900] as const
const measured = ['power_kw', 'voltage_v', 'current_a', 'frequency_hz'] as const
const values_all = devices * readings_each * measured.length
const BATCH = 10_000
const AT_ONCE = 4

for (const interval_s of intervals_s) await embedded(interval_s)
await postgres()

async function embedded(interval_s: number): Promise<void> {
  const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const app = await open(data_dir, undefined)
  try {
    const rate = await ingestAll(app, makeBatches(interval_s))
    process.stdout.write(`embedded, every ${interval_s} s: ${thousands(rate)} values/s, ${thousands(values_all)} values in batches of ${thousands(BATCH)} readings\n`) // oxfmt-ignore
  } finally {
    await app.close()
    await rm(data_dir, { recursive: true, force: true })
  }
}

async function postgres(): Promise<void> {
  const server = await findPostgres()
  const has_psql = spawnSync('psql', ['--version']).status === 0
  if (!server || !has_psql) {
    skipBar('readings beside COPY', 'no PostgreSQL 15 and psql here; TEST_DATABASE_URL names one')
    return
  }
  const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  try {
    const app = await open(data_dir, server.url)
    try {
      const [minutes = 0, quarters = 0] = [
        await ingestAll(app, makeBatches(60)),
        await ingestAll(app, makeBatches(900)),
      ]
      const stored = await sql<{ count: number }>`select count(*)::int as count from telemetry.reading`.execute(
        app.db.kysely,
      )
      if (stored.rows[0]?.count !== 2 * values_all)
        throw new Error(`${stored.rows[0]?.count} of ${2 * values_all} values are there`)
      const [bare, keyed] = await copyAll(app, server.url)
      process.stdout.write(
        `${server.name}: every 60 s ${thousands(minutes)} values/s taken in, every 900 s ${thousands(quarters)}; ` +
          `COPY of the same rows ${thousands(bare)}/s into a table without a key, ${thousands(keyed)}/s into one with ours: ` +
          `${(minutes / keyed).toFixed(2)} and ${(quarters / keyed).toFixed(2)} × of the latter, ${(minutes / bare).toFixed(2)} and ${(quarters / bare).toFixed(2)} × of the former\n`,
      )
      for (const [what, rate] of [
        ['minutes', minutes],
        ['quarter hours', quarters],
      ] as const)
        sayBar({ what: `${what} beside COPY into such a table`, measured: rate / keyed, unit: '×', at: { least: BAR } })
      // Without a key nothing could be told apart: it is no table that readings could be in. Said, not judged.
    } finally {
      await app.close()
    }
  } finally {
    await rm(data_dir, { recursive: true, force: true })
    await server.stop()
  }
}

async function open(data_dir: string, database_url: string | undefined): Promise<RunningApp> {
  const config = { ...readConfig({}), data_dir, database_url, port: 0, rate_limits: 'off' as const, kek: Buffer.alloc(32, 7).toString('base64') } // oxfmt-ignore
  const capabilities = [testAccounts, audit, telemetry]
  const app = await startApp({ capabilities, engine_version: 'bench', authorise: async () => undefined, config, log: createLog('silent'), seed: false, web_dir: false }) // oxfmt-ignore
  const ctx = actingFor(app.ctx, DEMO_ORGANISATION_ID)
  const about = { project_id: null, site_id: 'bench', placement: null, measures: {}, public_key: null, simulated: true }
  for (let d = 0; d < devices; d += 1) await addDevice(ctx, { ...about, sensor_id: `bench-${d}`, kind: 'meter' })
  return app
}

/** Values a second, from parsed readings to the last commit. */
async function ingestAll(app: RunningApp, batches: readonly unknown[][]): Promise<number> {
  const ctx = actingFor(app.ctx, DEMO_ORGANISATION_ID)
  const left = [...batches]
  const started_ms = performance.now()
  const send = async () => {
    for (let batch = left.shift(); batch !== undefined; batch = left.shift()) {
      const { stored_values, valid } = await takeBatch(ctx, batch, 'http')
      if (stored_values !== batch.length * measured.length || valid !== batch.length)
        throw new Error('something was refused')
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, send))
  return values_all / ((performance.now() - started_ms) / 1000)
}

/** Rows a second by COPY, from the client as ours come: into a table that is no more than the columns, and into one with the key. */
async function copyAll(app: RunningApp, url: string): Promise<[number, number]> {
  const target = new URL(url)
  const rows = spawnSync('psql', [target.href, '-qAtc', 'copy (select * from telemetry.reading) to stdout'], { maxBuffer: 1e9, encoding: 'utf8' }).stdout.split('\n').slice(0, -1) // oxfmt-ignore
  const copy = 'captured_at timestamptz not null, received_at timestamptz not null, value double precision not null, series_id integer not null, verdict smallint not null, findings smallint not null, organisation_id text not null' // oxfmt-ignore
  const rates: number[] = []
  for (const [name, more] of [
    ['bare', ''],
    ['keyed', ', primary key (series_id, captured_at)'],
  ] as const) {
    await sql.raw(`create table public.copy_${name} (${copy}${more})`).execute(app.db.kysely)
    const per_batch = BATCH * measured.length
    const parts = Array.from(
      { length: Math.ceil(rows.length / per_batch) },
      (_, i) => `${rows.slice(i * per_batch, (i + 1) * per_batch).join('\n')}\n`,
    )
    const script = parts.map((part) => `copy public.copy_${name} from stdin;\n${part}\\.\n`).join('')
    const started_ms = performance.now()
    await psql(target.href, script)
    rates.push(rows.length / ((performance.now() - started_ms) / 1000))
  }
  return [rates[0] ?? 0, rates[1] ?? 0]
}

function psql(url: string, script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('psql', [url, '-q', '-v', 'ON_ERROR_STOP=1', '-f', '-'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`psql ended with ${code}`))))
    child.stdin.end(script)
  })
}

/** Each holds whole devices, so that two at once do not wait for one another. */
function makeBatches(interval_s: number): unknown[][] {
  const from_ms = Date.UTC(2026, interval_s === 60 ? 4 : 5, 1)
  const all = Array.from({ length: devices }, (_, d) =>
    Array.from({ length: readings_each }, (__, i) => ({
      sensor_id: `bench-${d}`,
      timestamp: new Date(from_ms + i * interval_s * 1000).toISOString(),
      measurements: { power_kw: 40 + ((i * 7919 + d) % 97) / 10, voltage_v: 228 + ((i * 31 + d) % 50) / 10, current_a: 60 + (i % 13), frequency_hz: 49.9 + (i % 20) / 100 }, // oxfmt-ignore
      metadata: { battery_level: 90, signal_strength: 80 },
    })),
  )
  const found: unknown[][] = []
  let batch: unknown[] = []
  for (const readings of all) {
    if (batch.length + readings.length > BATCH) {
      found.push(batch)
      batch = []
    }
    batch.push(...readings)
  }
  return [...found, batch]
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en')
}
