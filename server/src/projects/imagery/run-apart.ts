import { fork, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { imageryProblems } from '@tidemark/core/projects/imagery-problems.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { RunLimits } from './limits.ts'
import type { Progress, Results, Said, Task } from './protocol.ts'

export interface ApartOptions {
  limits: RunLimits
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
  /** The only folder that the process may write to. */
  writes_to?: string
}

const LOOK_EVERY_MS = 50
/** How long a process has to end by itself before it is ended. */
const GRACE_MS = 500
/** The JavaScript heap holds bookkeeping only; pixels lie outside it, where the watch below sees them. */
const HEAP_MB = 256

/**
 * Carries out one task in a process of its own. Memory is watched from outside, because neither V8's limits nor those of a
 * thread cover the buffers that pixels lie in; time is limited; and whatever ends the process ends nothing else.
 *
 * @throws Problem of the task; `projects/analysis-stopped` when the process crashed, took too much memory or too long;
 * `projects/analysis-cancelled` when `signal` was raised.
 */
export async function runApart<K extends Task['kind']>(
  task: Extract<Task, { kind: K }>,
  options: ApartOptions,
): Promise<Results[K]> {
  const { limits, signal, onProgress } = options
  if (signal?.aborted) throw cancelled()
  const child = start(options.writes_to)
  const { promise, resolve, reject } = Promise.withResolvers<Results[K]>()
  child.on('message', (said: Said) => {
    if (said.kind === 'ready') child.send(task)
    else if (said.kind === 'progress') onProgress?.(said.progress)
    else if (said.kind === 'done') resolve(said.result as Results[K])
    else if (said.kind === 'refused') reject(asProblem(said.type, said.details))
    else reject(new Error(`A process that decodes pictures failed: ${said.message}`))
  })
  child.on('error', (error) => reject(stopped(`the process could not be started (${error.name})`)))
  child.on('exit', (code, by) => reject(stopped(`the process ended in the middle (${by ?? `code ${code}`})`)))
  const end = setTimeout(
    () => reject(stopped(`it took longer than ${limits.seconds_max} s`)),
    limits.seconds_max * 1_000,
  )
  const watch = watchMemory(child, limits.memory_mb_max, reject)
  const onAbort = () => reject(cancelled())
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await promise
  } finally {
    clearTimeout(end)
    clearInterval(watch)
    signal?.removeEventListener('abort', onAbort)
    await ended(child)
  }
}

/** What the process may reach is what decoding needs: it starts no other, and inherits no secret from the environment. */
function start(writes_to: string | undefined): ChildProcess {
  return fork(new URL('./child.ts', import.meta.url), {
    execArgv: [
      `--max-old-space-size=${HEAP_MB}`,
      '--permission',
      '--allow-addons',
      '--allow-fs-read=*',
      ...(writes_to === undefined ? [] : [`--allow-fs-write=${writes_to}`]),
      '--disable-warning=SecurityWarning',
      '--disable-warning=ExperimentalWarning',
    ],
    // One arena of glibc's allocator for the threads that unpack: each would keep what it once had.
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', MALLOC_ARENA_MAX: '2' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

function watchMemory(child: ChildProcess, memory_mb_max: number, reject: (reason: Error) => void): NodeJS.Timeout {
  const bytes_max = memory_mb_max * 1024 * 1024
  const check = (bytes: number) => {
    if (bytes <= bytes_max) return
    child.kill('SIGKILL')
    reject(stopped(`it needed more than ${memory_mb_max} MB of memory`))
  }
  // Where there is no such file the process tells its memory with its progress.
  child.on('message', (said: Said) => said.kind === 'progress' && check(said.rss_bytes))
  return setInterval(() => void residentBytes(child.pid).then(check, () => undefined), LOOK_EVERY_MS)
}

/** Resident memory as Linux tells it; nothing elsewhere. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  if (child.connected) child.disconnect()
  const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await gone
  clearTimeout(kill)
}

/** A problem of the task as it was raised over there, if it is one that is declared. */
function asProblem(type: string, details: Problem['details']): Error {
  return type in imageryProblems ? new Problem(type, details) : new Error(`An undeclared problem: ${type}`)
}

function stopped(why: string): Problem {
  return new Problem('projects/analysis-stopped', {
    detail: `Looking at the picture was stopped: ${why}. The picture is kept as it is; a smaller part of it may be measurable.`,
    why,
  })
}

function cancelled(): Problem {
  return new Problem('projects/analysis-cancelled', { detail: 'Looking at the picture was cancelled.' })
}
