// The real server as a person starts it: a process of its own on a free port, with a data folder that ends with it.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
/** A cold embedded database takes a few seconds to create; on a busy machine, many times that. */
const READY_SECONDS_MAX = 90
const STOP_SECONDS_MAX = 30

/**
 * Once it answers requests, `server/src/main.ts` prints a line with its address and nothing else, or `ready` before it. The
 * log is no such line: there the address stands among other words.
 */
const readyLine = /^ *(?:ready )?(http:\/\/127\.0\.0\.1:\d+)\/?\r?\n/m

export interface RunningServer {
  /** Without a slash at the end: `http://127.0.0.1:41234`. */
  base_url: string
  pid: number
  data_folder: string
  /** All that the process has written until now, standard output and standard error together. */
  output(): string
  /** Asks the process to end, waits until it has, and removes the data folder unless the caller brought it. */
  stop(): Promise<void>
  /** Ends the process without a word, as a power cut of the process alone would, and keeps the data folder. */
  kill(): Promise<void>
}

export interface ServerOptions {
  /** Kept when the server stops, so that another can be started on it. A fresh folder unless said. */
  data_folder?: string
  /** Settings beside HOST, PORT and TIDEMARK_DATA. */
  env?: Record<string, string>
}

/** Starts the server and returns once it is ready. Rejects with everything it said when it ends or hesitates instead. */
export async function startServer({ data_folder: given, env = {} }: ServerOptions = {}): Promise<RunningServer> {
  const data_folder = given ?? (await mkdtemp(join(tmpdir(), 'tidemark-journey-')))
  // What this shell or this test runner happens to have set is not what a person starts the server with.
  const { DATABASE_URL: _database, NODE_ENV: _mode, VITEST: _runner, ...surroundings } = process.env
  const child = spawn(process.execPath, [join(root, 'server/src/main.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...surroundings, HOST: '127.0.0.1', PORT: '0', TIDEMARK_DATA: data_folder, ...env },
  })
  let output = ''
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(`ended with ${code ?? signal}`))
  })
  const removeOwnFolder = () => (given === undefined ? rm(data_folder, { recursive: true, force: true }) : undefined)

  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  const stop = async () => {
    child.kill('SIGTERM')
    const limit = timer(STOP_SECONDS_MAX)
    const how = await Promise.race([ended, limit.over])
    limit.cancel()
    if (how === 'over') await kill()
    await removeOwnFolder()
    if (how === 'over') throw new Error(`The server did not stop within ${STOP_SECONDS_MAX} s.\n${output}`)
  }

  const ready = new Promise<string>((resolve) => {
    const listen = (chunk: Buffer) => {
      output += chunk.toString()
      const found = readyLine.exec(output)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  })
  const limit = timer(READY_SECONDS_MAX)
  const first = await Promise.race([ready, ended, limit.over])
  limit.cancel()
  if (!first.startsWith('http://')) {
    await kill()
    await removeOwnFolder()
    const what = first === 'over' ? `was not ready after ${READY_SECONDS_MAX} s` : first
    throw new Error(`The server ${what}. It said:\n${output || '(nothing)'}`)
  }
  return { base_url: first, pid: child.pid ?? -1, data_folder, output: () => output, stop, kill }
}

function timer(seconds: number): { over: Promise<'over'>; cancel: () => void } {
  let handle: NodeJS.Timeout | undefined
  const over = new Promise<'over'>((resolve) => {
    handle = setTimeout(() => resolve('over'), seconds * 1000)
  })
  return { over, cancel: () => clearTimeout(handle) }
}
