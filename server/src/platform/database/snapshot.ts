import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkout } from '../config.ts'
import { createLog } from '../log.ts'
import { openDatabase } from './database.ts'
import { migrate, readMigrations } from './migrate.ts'

const folder = join(checkout, 'node_modules/.cache/tidemark')

/**
 * A dump of the migrated, empty embedded database, kept among the installed modules under the digest of the migrations.
 * To begin from it takes a third of the time of making a database anew: for a first start, and for every test file.
 * @returns its path when it is there.
 */
export async function findSnapshot(): Promise<string | undefined> {
  const path = await snapshotPath()
  return existsSync(path) ? path : undefined
}

/** Returns the path of the dump, and makes it when it is not there. */
export async function makeSnapshot(): Promise<string> {
  const path = await snapshotPath()
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true })
  const log = createLog('silent')
  const db = await openDatabase({ config: { data_dir: folder }, log, in_memory: true })
  try {
    await migrate(db, log, await readMigrations())
    const dump = await db.dump?.()
    if (!dump) throw new Error('The embedded database gave no dump.')
    // Several processes may do this at once: each writes its own, and the last to be renamed stays.
    const own = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
    await writeFile(own, dump)
    await rename(own, path)
  } finally {
    await db.close()
  }
  await removeOutdated(path)
  return path
}

async function snapshotPath(): Promise<string> {
  const pglite = await readFile(join(checkout, 'node_modules/@electric-sql/pglite/package.json'), 'utf8')
  const hash = createHash('sha256').update((JSON.parse(pglite) as { version: string }).version)
  for (const { name, sha256 } of await readMigrations()) hash.update(`${name} ${sha256}\n`)
  return join(folder, `migrated-${hash.digest('hex').slice(0, 16)}.tar`)
}

/** Those of earlier migrations, 40 MB each; a younger one may belong to a branch in work. */
async function removeOutdated(keep: string): Promise<void> {
  const DAY_MS = 86_400_000
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (!name.startsWith('migrated-') || path === keep) continue
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > DAY_MS) await rm(path, { force: true })
  }
}

if (import.meta.main) await makeSnapshot()
