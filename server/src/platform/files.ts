import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { outOfSpace } from './database/errors.ts'

/** What was stored: its name is the digest of its bytes, so that nothing can be put in its place unseen. */
export interface StoredFile {
  /** 64 digits in small letters. */
  sha256: string
  bytes: number
}

/**
 * Where files lie, by the digest of their bytes. The same bytes stored twice are one file, also for two organisations:
 * who may read one is the business of the capability that keeps its digest in a table, and so is knowing when nobody
 * needs it any more. The folder below is one such place; an object store is another.
 */
export interface FileStore {
  /**
   * Stores bytes. When it returns they survive a crash, whole; when it throws there is nothing.
   * @throws Problem `request/too-large` beyond `bytes_max`, `server/out-of-space` when the disk is nearly full.
   */
  put(source: FileSource, options: { bytes_max: number }): Promise<StoredFile>
  /**
   * Takes bytes in without storing them yet: they lie apart, can be looked at, and are kept or dropped by whoever asked.
   * What is neither kept nor dropped is gone after the next start.
   * @throws Problem as `put`.
   */
  receive(source: FileSource, options: { bytes_max: number }): Promise<ReceivedFile>
  /**
   * All the bytes, whose digest was computed again.
   * @throws Problem `server/file-damaged` when they are gone or are not what was stored; `request/too-large` beyond
   * `bytes_max`, before memory is taken.
   */
  read(sha256: string, options?: { bytes_max?: number }): Promise<Uint8Array<ArrayBuffer>>
  /** The same as a stream. Its last bytes come only after the digest of all was found right; otherwise it fails. */
  stream(sha256: string): Readable
  has(sha256: string): Promise<boolean>
  /** Removes what nobody needs any more; nothing happens when it is gone already. */
  remove(sha256: string): Promise<void>
}

/** Bytes that came in and are not stored yet. */
export interface ReceivedFile extends StoredFile {
  /** Where they lie on this machine until they are kept or dropped. */
  readonly path: string
  /** Stores them under their digest. When it returns they survive a crash. */
  keep(): Promise<void>
  /** Forgets them, unless they are kept. What was stored under the same digest before stays. */
  drop(): Promise<void>
}

export type FileSource = Uint8Array | AsyncIterable<Uint8Array>

/** Writes are refused below this, as the embedded database refuses them: it lives on the same disk. */
const FREE_BYTES_MIN = 256 * 1024 * 1024
/** How much is written between two looks at the free space. */
const LOOK_EVERY_BYTES = 8 * 1024 * 1024

/** Being written by this process at this moment. */
const underway = new Set<string>()

/**
 * Files in a folder, `ab/abcd…`, each written beside, flushed and then renamed, so that a name exists only with all of
 * its bytes. What a crash left half written is removed here.
 */
export async function openFiles(directory: string, options: { free_bytes_min?: number } = {}): Promise<FileStore> {
  await mkdir(join(directory, 'incoming'), { recursive: true, mode: 0o700 })
  await sweep(join(directory, 'incoming'))
  return new FolderFiles(directory, options.free_bytes_min ?? FREE_BYTES_MIN)
}

class FolderFiles implements FileStore {
  readonly #directory: string
  readonly #free_bytes_min: number

  constructor(directory: string, free_bytes_min: number) {
    this.#directory = directory
    this.#free_bytes_min = free_bytes_min
  }

  async put(source: FileSource, options: { bytes_max: number }): Promise<StoredFile> {
    const received = await this.receive(source, options)
    try {
      await received.keep()
      return { sha256: received.sha256, bytes: received.bytes }
    } catch (error) {
      throw isFull(error) ? outOfSpace(error) : error
    } finally {
      await received.drop()
    }
  }

  async receive(source: FileSource, { bytes_max }: { bytes_max: number }): Promise<ReceivedFile> {
    const name = `${process.pid}-${randomUUID()}`
    const path = join(this.#directory, 'incoming', name)
    const drop = async () => {
      await rm(path, { force: true }).catch(() => undefined)
      underway.delete(name)
    }
    underway.add(name)
    try {
      const stored = await this.#write(path, source, bytes_max)
      return { ...stored, path, drop, keep: () => this.#keep(path, stored.sha256) }
    } catch (error) {
      await drop()
      throw isFull(error) ? outOfSpace(error) : error
    }
  }

  async #keep(path: string, sha256: string): Promise<void> {
    const folder = join(this.#directory, sha256.slice(0, 2))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // Also over a file of that name: it holds the same bytes, or damaged ones that are whole again now.
    await rename(path, this.#pathOf(sha256))
    await flushFolder(folder)
  }

  async #write(path: string, source: FileSource, bytes_max: number): Promise<StoredFile> {
    await this.#refuseShort()
    const handle = await open(path, 'wx', 0o600)
    try {
      const stored = await this.#copy(handle, source, bytes_max)
      await handle.sync()
      return stored
    } finally {
      await handle.close()
    }
  }

  async #copy(handle: FileHandle, source: FileSource, bytes_max: number): Promise<StoredFile> {
    const hash = createHash('sha256')
    let bytes = 0
    let looked_at = 0
    for await (const chunk of source instanceof Uint8Array ? [source] : source) {
      bytes += chunk.length
      if (bytes > bytes_max) throw tooLarge(bytes_max)
      if (bytes - looked_at > LOOK_EVERY_BYTES) {
        await this.#refuseShort(chunk.length)
        looked_at = bytes
      }
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    return { sha256: hash.digest('hex'), bytes }
  }

  async #refuseShort(coming_bytes = 0): Promise<void> {
    const disk = await statfs(this.#directory)
    if (disk.bavail * disk.bsize < this.#free_bytes_min + coming_bytes) throw outOfSpace()
  }

  async read(sha256: string, options: { bytes_max?: number } = {}): Promise<Uint8Array<ArrayBuffer>> {
    const path = this.#pathOf(sha256)
    const { bytes_max } = options
    if (bytes_max !== undefined && (await sizeOf(path)) > bytes_max) throw tooLarge(bytes_max)
    const bytes = await readFile(path).catch((error: unknown) => {
      throw isGone(error) ? damaged(sha256, 'It is gone.', error) : error
    })
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw damaged(sha256, OTHER_BYTES)
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  stream(sha256: string): Readable {
    const hash = createHash('sha256')
    let held: Buffer | undefined
    const checked = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        const before = held
        held = chunk
        done(null, before)
      },
      flush(done) {
        if (hash.digest('hex') === sha256) done(null, held)
        else done(damaged(sha256, OTHER_BYTES))
      },
    })
    const file = createReadStream(this.#pathOf(sha256))
    file.on('error', (error) => checked.destroy(isGone(error) ? damaged(sha256, 'It is gone.', error) : error))
    checked.on('close', () => file.destroy())
    return file.pipe(checked)
  }

  async has(sha256: string): Promise<boolean> {
    return (await sizeOf(this.#pathOf(sha256))) >= 0
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.#pathOf(sha256), { force: true })
  }

  #pathOf(sha256: string): string {
    // A digest from a table, never a path from outside: what is no digest is nowhere.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw damaged(sha256.slice(0, 80), 'Its name is no digest.')
    return join(this.#directory, sha256.slice(0, 2), sha256)
  }
}

const OTHER_BYTES = 'Its bytes are no longer those that were stored.'

function damaged(sha256: string, why: string, cause?: unknown): Problem {
  const problem = new Problem('server/file-damaged', { detail: `The file ${sha256} cannot be used. ${why}`, sha256 })
  problem.cause = cause
  return problem
}

function tooLarge(bytes_max: number): Problem {
  return new Problem('request/too-large', {
    detail: `The file is larger than the ${bytes_max} bytes that are accepted here.`,
    bytes_max,
  })
}

/** Size in bytes, -1 when there is no such file. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isGone(error)) return -1
    throw error
  }
}

/** A rename survives a power cut once the folder that holds the name is flushed; Windows has no such call. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes what a process that is gone left half written. Processes of other machines write to folders of their own. */
async function sweep(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1])
    const is_written = pid === process.pid ? underway.has(name) : pid > 0 && isAlive(pid)
    if (!is_written) await rm(join(incoming, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error))
}

function isGone(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
