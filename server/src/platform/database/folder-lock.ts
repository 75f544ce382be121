import { link, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** Another process has the folder. The message says which, and what can be done. */
export class FolderInUseError extends Error {
  override name = 'FolderInUseError'
  readonly holder_pid: number | undefined

  constructor(folder: string, holder_pid: number | undefined) {
    super(
      `The data folder ${folder} is in use by ${holder_pid ? `process ${holder_pid}` : 'another process'}. ` +
        'The embedded database can be open once only: stop that process, choose another folder with TIDEMARK_DATA, or use PostgreSQL with DATABASE_URL.',
    )
    this.holder_pid = holder_pid
  }
}

export interface FolderLock {
  release(): Promise<void>
}

/**
 * Lets one process at a time have the folder. The embedded database has no lock of its own: two openers would each
 * write, without an error, and acknowledged commits of one would vanish.
 * @throws FolderInUseError when another process has it.
 */
export async function lockFolder(folder: string, how: 'socket' | 'file' = bestLock()): Promise<FolderLock> {
  return how === 'socket' ? lockBySocket(folder) : lockByFile(folder)
}

function bestLock(): 'socket' | 'file' {
  return process.platform === 'linux' ? 'socket' : 'file'
}

/**
 * Linux: a socket in the abstract namespace, named after the folder's device and inode so that every path to it meets
 * the same lock. The kernel frees it when the process ends, however it ends.
 */
async function lockBySocket(folder: string): Promise<FolderLock> {
  const { dev, ino } = await stat(folder)
  const name = `\0tidemark-${dev}-${ino}`
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(String(process.pid))
  })
  server.unref()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(name, resolve)
  try {
    await promise
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    throw new FolderInUseError(folder, await askHolder(name))
  }
  return { release: () => new Promise((done) => server.close(() => done())) }
}

function askHolder(name: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ path: name, timeout: 500 })
    socket.on('data', (bytes) => (text += bytes.toString()))
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(/^\d+$/.test(text) ? Number(text) : undefined))
  })
}

/**
 * Elsewhere: a file beside the folder with the holder's process id in it. It appears whole (a hard link to a finished
 * file), and only if none is there.
 */
async function lockByFile(folder: string): Promise<FolderLock> {
  const path = join(dirname(folder), `.${basename(folder)}.lock`)
  const mine = `${path}.${process.pid}.${Math.round(performance.now() * 1000)}`
  await writeFile(mine, String(process.pid), { mode: 0o600, flag: 'wx' })
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await linked(mine, path)) {
        // Two may take over the same stale file at once; the one whose link was removed by the other sees it here.
        await setTimeout(50)
        if ((await readFile(path, 'utf8').catch(() => '')) === String(process.pid)) {
          return { release: () => rm(path, { force: true }) }
        }
        continue
      }
      const holder_pid = Number(await readFile(path, 'utf8').catch(() => '0'))
      if (holder_pid > 0 && isAlive(holder_pid)) throw new FolderInUseError(folder, holder_pid)
      await rm(path, { force: true })
    }
    throw new FolderInUseError(folder, undefined)
  } finally {
    await rm(mine, { force: true })
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
