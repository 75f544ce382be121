import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** The real server in a process of its own, killed while readings come in: three ways of sending, side by side. */
let data_dir: string
let server: ChildProcess | undefined
beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'tidemark-ingest-crash-'))
})
afterAll(async () => {
  server?.kill('SIGKILL')
  await rm(data_dir, { recursive: true, force: true })
})

async function start(): Promise<string> {
  const env = {
    ...process.env,
    TIDEMARK_DATA: data_dir,
    PORT: '0',
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'warn',
    DATABASE_URL: '',
  }
  server = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const chunk of server.stdout ?? []) {
    text += String(chunk)
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
    if (origin !== undefined) return origin
  }
  throw new Error(`The server ended by itself: ${text}`)
}

const FROM_MS = Date.UTC(2026, 2, 1)
const at = (second: number) => new Date(FROM_MS + second * 1000).toISOString()
const reading = (sensor_id: string, second: number) => ({ sensor_id, timestamp: at(second), measurements: { humidity: second % 100 } }) // oxfmt-ignore

async function post(origin: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const is_file = typeof body === 'string'
  const headers = { 'content-type': is_file ? 'text/csv' : 'application/json' }
  const answer = await fetch(origin + path, { method: 'POST', headers, body: is_file ? body : JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

/** Sends until the server is gone; returns the seconds whose readings were acknowledged. */
async function sendUntilKilled(from: number, sendSeconds: (seconds: number[]) => Promise<unknown>): Promise<number[]> {
  const acknowledged: number[] = []
  for (let next = from; ; next += 20) {
    const seconds = Array.from({ length: 20 }, (_, i) => next + i)
    try {
      await sendSeconds(seconds)
      acknowledged.push(...seconds)
    } catch {
      return acknowledged
    }
  }
}

test('kill -9 while readings come in by HTTP, file and WebSocket: every acknowledged reading is there, once', async () => {
  const acknowledged: Record<string, number[]> = { http: [], file: [], socket: [] }
  const first = await start()
  for (const sensor_id of Object.keys(acknowledged)) await post(first, '/api/v1/devices', { sensor_id, kind: 'other' }) // oxfmt-ignore
  const ws = new WebSocket(`${first.replace('http', 'ws')}/ws/readings`)
  await new Promise((resolve) => ws.addEventListener('open', resolve, { once: true }))
  let failing: (reason: unknown) => void = () => undefined
  ws.addEventListener('close', (event) => failing(event))
  const ways: Record<string, (seconds: number[]) => Promise<unknown>> = {
    http: (seconds) => post(first, '/api/v1/readings', { readings: seconds.map((second) => reading('http', second)) }),
    file: (seconds) => post(first, '/api/v1/readings/upload', ['sensor_id,timestamp,humidity', ...seconds.map((second) => `file,${at(second)},${second % 100}`)].join('\n')), // oxfmt-ignore
    socket: (seconds) =>
      new Promise((resolve, reject) => {
        ws.addEventListener('message', resolve, { once: true })
        failing = reject
        ws.send(JSON.stringify(seconds.map((second) => reading('socket', second))))
      }),
  }
  const sending = Object.entries(ways).map(async ([way, send]) => {
    acknowledged[way]?.push(...(await sendUntilKilled(0, send)))
  })
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  server?.kill('SIGKILL')
  await Promise.all([...sending, server && once(server, 'close')])
  const origin = await start()
  for (const [way, seconds] of Object.entries(acknowledged)) {
    expect(seconds.length, way).toBeGreaterThan(100)
    // Sent again, each is known and none is stored: it is there. A second one at an instant cannot be; slots count them.
    const again: Record<string, unknown>[] = []
    for (let from = 0; from < seconds.length; from += 5_000)
      again.push(await post(origin, '/api/v1/readings', { readings: seconds.slice(from, from + 5_000).map((second) => reading(way, second)) })) // oxfmt-ignore
    expect(
      again.map(({ stored_values }) => stored_values),
      way,
    ).toEqual(again.map(() => 0))
    const { devices } = (await (await fetch(`${origin}/api/v1/devices`)).json()) as { devices: { device_id: string; sensor_id: string }[] } // oxfmt-ignore
    const device_id = devices.find(({ sensor_id }) => sensor_id === way)?.device_id
    const { series } = (await (await fetch(`${origin}/api/v1/devices/${device_id}`)).json()) as { series: { series_id: number; readings: number }[] } // oxfmt-ignore
    const span = `from=${at(-3600)}&to=${at(400_000)}&points_max=300`
    const { points, slot_s } = (await (await fetch(`${origin}/api/v1/series/${series[0]?.series_id}/points?${span}`)).json()) as { points: { readings: number; not_counted: number }[]; slot_s: number } // oxfmt-ignore
    expect(slot_s).toBe(1_800)
    const counted = points.reduce((sum, point) => sum + point.readings + point.not_counted, 0)
    // What was stored and not acknowledged any more is the last message, or nothing: never a part of it.
    expect(counted, way).toBe(series[0]?.readings)
    expect(counted - seconds.length, way).toBeGreaterThanOrEqual(0)
    expect((counted - seconds.length) % 20, way).toBe(0)
    expect(counted - seconds.length, way).toBeLessThanOrEqual(20)
  }
}, 120_000)
