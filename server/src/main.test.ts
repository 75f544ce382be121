import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const main = join(import.meta.dirname, 'main.ts')
const children: ChildProcess[] = []
let data_dir = ''

beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'tidemark-main-'))
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(data_dir, { recursive: true, force: true })
})

function start(env: Record<string, string>): ChildProcess {
  const own = { PATH: process.env.PATH, PORT: '0', TIDEMARK_DATA: data_dir, LOG_LEVEL: 'warn', ...env }
  const child = spawn(process.execPath, [main], { env: own, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  return child
}

/** Waits for the end; returns the exit code and what was said on standard error. */
async function endOf(child: ChildProcess): Promise<{ code: number; said: string }> {
  let said = ''
  child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, said }
}

test('before there is an administrator it listens on this machine only, and says how to go on', async () => {
  const { code, said } = await endOf(start({ HOST: '0.0.0.0' }))
  expect(code).toBe(1)
  expect(said).toContain('HOST is 0.0.0.0, and this instance has no administrator yet')
  expect(said).toContain('HOST=127.0.0.1')
})

test('it starts, prints a curl line that works, and stops cleanly when asked', async ({ skip }) => {
  const child = start({})
  let text = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.once('exit', () => reject(new Error('The server ended by itself.')))
  child.stdout?.on('data', (bytes: Buffer) => {
    text += bytes.toString()
    if (/Try:\n.*\n\n/.test(text)) resolve()
  })
  await promise
  expect(text).toMatch(/Tidemark is ready after \d+\.\d s\.\n {2}http:\/\/127\.0\.0\.1:\d+\n/)
  const line = /Try:\n {2}(curl .*)\n/.exec(text)?.[1] ?? ''
  const ended = endOf(child)
  const has_curl = await run('curl', ['--version']).then(
    () => true,
    () => false,
  )
  if (has_curl) {
    const { stdout } = await run('sh', ['-c', line])
    expect(JSON.parse(stdout)).not.toHaveProperty('request_id')
  }
  child.removeAllListeners('exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual({ code: 0, said: '' })
  if (!has_curl) skip('curl is not here, so its line was not run')
})

test.each([
  [{ PORT: 'http' }, 'PORT is "http", and a port is a whole number from 0 to 65535.\n'],
  [{ DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' }, 'The PostgreSQL server of DATABASE_URL does not answer.\n'],
])('%j: it does not start, and says why in one sentence', async (env, sentence) => {
  expect(await endOf(start(env))).toEqual({ code: 1, said: sentence })
})

test('a port in use is named, and the database is left closed', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const PORT = String((other.address() as AddressInfo).port)
  expect(await endOf(start({ PORT }))).toEqual({
    code: 1,
    said: 'The port is in use. Stop what listens there, or choose another with PORT.\n',
  })
  other.close()
})
