import { chmod, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../platform/config.ts'
import type { DataSubject } from '../platform/personal-data.ts'

/** One line for each who was erased: an id that means nothing any more. It belongs into every backup, apart from the database. */
function fileOf({ data_dir }: Pick<Config, 'data_dir'>): string {
  return join(data_dir, 'erased.ndjson')
}

export async function readTombstones(config: Pick<Config, 'data_dir'>): Promise<DataSubject[]> {
  const text = await readFile(fileOf(config), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap((line) => {
    const [kind, id] = line.split(' ')
    return (kind === 'person' || kind === 'organisation') && id !== undefined ? [{ kind, id }] : []
  })
}

/** Adds lines and waits until they are on the disk. */
export async function addTombstones(config: Pick<Config, 'data_dir'>, subjects: readonly DataSubject[]): Promise<void> {
  if (subjects.length === 0) return
  await mkdir(config.data_dir, { recursive: true, mode: 0o700 })
  const file = await open(fileOf(config), 'a', 0o600)
  try {
    await file.appendFile(subjects.map(({ kind, id }) => `${kind} ${id}\n`).join(''))
    await file.sync()
  } finally {
    await file.close()
  }
  if (process.platform !== 'win32') await chmod(fileOf(config), 0o600)
}
