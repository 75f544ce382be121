// Ten thousand who watch one site: how long a reading takes from its commit to each of them, over real sockets to one process
// of the server, with the clients in a second process of this machine.
//
//   node bench/stream-clients.ts [clients]
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket from 'ws'
import { sayBar } from './bar.ts'

const BAR_MS = 500
const clients = Number(process.argv.find((each) => /^\d+$/.test(each)) ?? 10_000)
const ROUNDS = 20
const EVERY_MS = 1_000
/** Two processes, so that neither needs more than its share of sockets. */
const FLOCKS = 2

if (process.env.BENCH_FLOCK !== undefined) await beFlock(process.env.BENCH_FLOCK, Number(process.env.BENCH_CLIENTS))
else await measure()

async function measure(): Promise<void> {
  const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const env = {
    ...process.env,
    TIDEMARK_DATA: data_dir,
    PORT: '0',
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'error',
    DATABASE_URL: '',
  }
  const server = fork(join(import.meta.dirname, '../server/src/main.ts'), { env, silent: true })
  const flocks: ChildProcess[] = []
  try {
    const origin = await originOf(server)
    const site = await post(origin, '/api/v1/sites', { name: 'Bench', latitude: 48, longitude: 2, time_zone: 'Europe/Paris', country: 'FR' }) // oxfmt-ignore
    await post(origin, '/api/v1/devices', { sensor_id: 'bench', kind: 'meter', site_id: site.id })
    const opened_ms = performance.now()
    const url = `${origin.replace('http', 'ws')}/ws/site/${String(site.number)}`
    for (let at = 0; at < FLOCKS; at += 1) {
      const count = Math.floor(clients / FLOCKS) + (at < clients % FLOCKS ? 1 : 0)
      flocks.push(
        fork(import.meta.filename, { env: { ...process.env, BENCH_FLOCK: url, BENCH_CLIENTS: String(count) } }),
      )
    }
    const open = await Promise.all(
      flocks.map(async (flock) => ((await once(flock, 'message'))[0] as { open: number }).open),
    )
    const reached = open.reduce((sum, each) => sum + each, 0)
    const seconds = (performance.now() - opened_ms) / 1000
    const acknowledged: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const at_ms = Date.now()
      await post(origin, '/api/v1/readings', { readings: [{ sensor_id: 'bench', timestamp: new Date(at_ms).toISOString(), measurements: { power_kw: round } }] }) // oxfmt-ignore
      acknowledged.push(Date.now() - at_ms)
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
    const delays = (await Promise.all(flocks.map(delaysOf))).flat().sort((a, b) => a - b)
    const share = (part: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] ?? Infinity
    process.stdout.write(
      `${reached.toLocaleString('en')} of ${clients.toLocaleString('en')} clients open after ${seconds.toFixed(1)} s; ` +
        `${delays.length.toLocaleString('en')} of ${(reached * ROUNDS).toLocaleString('en')} messages arrived; ` +
        `from sending a reading to hearing of it: median ${share(0.5)} ms, p99 ${share(0.99)} ms, slowest ${share(1)} ms; ` +
        `of that, until its sender had its answer: median ${acknowledged.sort((a, b) => a - b)[ROUNDS / 2]} ms\n`,
    )
    if (reached < clients) process.stdout.write('not all could be opened: raise the limit on open files (ulimit -n)\n')
    const complete = delays.length === reached * ROUNDS && reached === clients
    sayBar({ what: `a reading told to ${reached.toLocaleString('en')} clients, p99`, measured: complete ? share(0.99) : Infinity, unit: 'ms', at: { most: BAR_MS } }) // oxfmt-ignore
  } finally {
    for (const flock of flocks) flock.kill()
    server.kill('SIGTERM')
    await once(server, 'exit')
    await rm(data_dir, { recursive: true, force: true })
  }
}

async function originOf(server: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of server.stdout ?? []) {
    text += String(chunk)
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
    if (origin !== undefined) return origin
  }
  throw new Error(`The server ended by itself: ${text}`)
}

async function post(origin: string, path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(origin + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) // oxfmt-ignore
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

async function delaysOf(flock: ChildProcess): Promise<number[]> {
  flock.send('told?')
  return ((await once(flock, 'message'))[0] as { delays: number[] }).delays
}

/** Opens its clients a few at a time, and notes how old each reading is as it arrives. */
async function beFlock(url: string, count: number): Promise<void> {
  const delays: number[] = []
  let left = count
  let open = 0
  const openNext = async () => {
    while (left > 0) {
      left -= 1
      const ws = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true })
      const opened = await new Promise<boolean>((resolve) => {
        ws.once('message', () => resolve(true))
        ws.once('error', () => resolve(false))
      })
      if (!opened) continue
      open += 1
      ws.on('message', (data: Buffer) => {
        const now_ms = Date.now()
        const text = data.toString('latin1')
        if (!text.startsWith('{"kind":"reading"')) return
        delays.push(now_ms - Date.parse(/"sensor_id":"bench"[^}]*?"at":"([^"]+)"/.exec(text)?.[1] ?? ''))
      })
    }
  }
  await Promise.all(Array.from({ length: 32 }, openNext))
  process.on('message', () => process.send?.({ delays }))
  process.send?.({ open })
}
