import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { TestContext } from 'vitest'
import { checkout } from '../platform/config.ts'

/**
 * Publishers' own files, for tests that compare with them. They are not part of the project: `TIDEMARK_FACTOR_FILES`
 * names their folder (`../shared/data` beside the checkout when unset), and a test without its file says so.
 */
const folder = resolve(checkout, process.env.TIDEMARK_FACTOR_FILES ?? '../shared/data')

export async function officialFile(test: Pick<TestContext, 'skip'>, name: string): Promise<Uint8Array> {
  const path = resolve(folder, name)
  if (!existsSync(path)) test.skip('skipped: file not there')
  return readFile(path)
}
