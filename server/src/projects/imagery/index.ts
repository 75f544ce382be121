import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { pipeline } from 'node:stream/promises'
import type { FileFacts } from '@tidemark/core/projects/file-facts.ts'
import type { FileStore } from '../../platform/files.ts'
import { imageLimits, inspectLimits, measureLimits, type ImageLimits, type RunLimits } from './limits.ts'
import type { PairOutcome, PairRequest } from './pair.ts'
import type { Progress } from './protocol.ts'
import { runApart } from './run-apart.ts'

/** The door to pictures: everything behind it decodes in a process of its own. */

export interface LookOptions {
  limits?: Partial<ImageLimits & RunLimits>
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/**
 * What a picture file says of itself and what was counted in it. Nothing is left behind when it is refused.
 *
 * @param preview where a PNG of at most 1024 pixels a side is written.
 * @throws Problem `projects/image-not-supported`, `projects/image-unreadable`, `projects/image-too-large`,
 * `projects/analysis-stopped` or `projects/analysis-cancelled`.
 */
export async function inspectFile(path: string, options: LookOptions & { preview?: string } = {}): Promise<FileFacts> {
  const { preview = null } = options
  const limits = { ...imageLimits, ...inspectLimits, ...options.limits }
  try {
    return await runApart(
      { kind: 'inspect', path, limits, preview },
      { ...options, limits, ...(preview === null ? {} : { writes_to: dirname(preview) }) },
    )
  } catch (error) {
    // A process that was ended by force cannot tidy up.
    if (preview !== null) await rm(preview, { force: true })
    throw error
  }
}

/**
 * Measures a pair and draws its pictures into `folder`, which the caller removes. The same bytes give the same numbers.
 *
 * @throws Problem as `inspectFile`. A pair that cannot be measured is no problem but an outcome with its reasons.
 */
export async function measurePair(
  request: PairRequest,
  options: LookOptions & { folder: string },
): Promise<PairOutcome> {
  const { folder } = options
  const limits = { ...imageLimits, ...measureLimits, ...options.limits }
  return runApart({ kind: 'measure', request, folder, limits }, { ...options, limits, writes_to: folder })
}

/** Folders of copies are named after the process whose they are. */
const COPIES = 'tidemark-imagery-'

/** Removes the copies of processes that were ended by force: those of nobody who is still there. */
export async function sweepCopies(directory: string = tmpdir()): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names) {
    const pid = new RegExp(`^${COPIES}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isThere(Number(pid))) continue
    await rm(join(directory, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // One of another user's is there too, and is not ours to sweep after.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Stored files as paths for a while, their digests found right on the way, with a folder to draw into. */
export async function withLocalCopies<T>(
  files: FileStore,
  sha256s: readonly string[],
  work: (paths: string[], folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `${COPIES}${process.pid}-`))
  try {
    const paths: string[] = []
    for (const [index, sha256] of sha256s.entries()) {
      const path = join(folder, `in-${index}`)
      await pipeline(files.stream(sha256), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
      paths.push(path)
    }
    return await work(paths, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
