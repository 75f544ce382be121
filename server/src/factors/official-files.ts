import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { checkout } from '../platform/config.ts'

/**
 * Publishers' own files, for tests that compare with them. They are not part of the project: `TIDEMARK_FACTOR_FILES`
 * names their folder (`../shared/data` beside the checkout when unset), and a test without its file says so.
 */
const folder = resolve(checkout, process.env.TIDEMARK_FACTOR_FILES ?? '../shared/data')

/** What a test is asked to do when its file is not there. */
interface Skippable {
  skip(reason: string): void
}

export async function officialFile(test: Skippable, name: string): Promise<Uint8Array> {
  const path = resolve(folder, name)
  if (!existsSync(path)) test.skip('skipped: file not there')
  return readFile(path)
}
