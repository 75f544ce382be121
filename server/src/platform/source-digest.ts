import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

const digests = new Map<string, Promise<string>>()

/**
 * Digest of the source of folders of core, tests left out: two results of one digest were computed by the same code.
 * @param folders whose code can move a digit of the result.
 * @returns `sha256:` and hex.
 */
export function sourceDigestOf(folders: readonly string[]): Promise<string> {
  const key = folders.join(' ')
  const known = digests.get(key)
  if (known !== undefined) return known
  const computed = computeDigest(folders)
  digests.set(key, computed)
  return computed
}

async function computeDigest(folders: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of folders) {
    const directory = new URL(`../../../core/src/${folder}/`, import.meta.url)
    const names = (await readdir(directory)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    for (const name of names.sort()) {
      hash.update(`${folder}/${name}\n`)
      hash.update(await readFile(new URL(name, directory)))
    }
  }
  return `sha256:${hash.digest('hex')}`
}
