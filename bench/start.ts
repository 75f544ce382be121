// How long `npm start` takes until it answers, once it is installed: the whole command, on a data folder that is there.
// Beside it, in the same run, a Node process that does nothing.
//
//   node bench/start.ts
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { sayBar } from './bar.ts'

const ROUNDS = 5
const SECONDS_MAX = 5
const root = dirname(import.meta.dirname)
const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
try {
  const first_s = await secondsUntilReady()
  const times_s: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) times_s.push(await secondsUntilReady())
  const began = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  const bare_s = (performance.now() - began) / 1000
  const median_s = times_s.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN
  process.stdout.write(`a Node process that does nothing  ${bare_s.toFixed(2)} s\n`)
  process.stdout.write(`npm start, an empty data folder   ${first_s.toFixed(2)} s\n`)
  process.stdout.write(
    `npm start, median of ${ROUNDS}            ${median_s.toFixed(2)} s, ${(median_s / bare_s).toFixed(0)} × nothing\n`,
  )
  sayBar({ what: 'ready after npm start', measured: median_s, unit: 's', at: { most: SECONDS_MAX } })
} finally {
  await rm(data_dir, { recursive: true, force: true })
}

async function secondsUntilReady(): Promise<number> {
  const began = performance.now()
  // A group of its own, so that the server below npm ends with it.
  const child = spawn('npm', ['start'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', TIDEMARK_DATA: data_dir, DATABASE_URL: '' },
  })
  const closed = new Promise<void>((resolve) => {
    child.on('close', () => resolve())
  })
  let output = ''
  const ready = new Promise<number>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('is ready after')) resolve((performance.now() - began) / 1000)
    })
  })
  const seconds = await Promise.race([ready, closed])
  if (seconds === undefined) throw new Error(`npm start ended before it was ready:\n${output}`)
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  await closed
  return seconds
}
