import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

/** Folders whose code can move a digit of a model. */
const folders = ['learn', 'models', 'lib']

let digest: Promise<string> | undefined

/** Digest of the source of learners and models: two runs of one digest were computed by the same code. */
export function codeVersion(): Promise<string> {
  digest ??= computeDigest()
  return digest
}

async function computeDigest(): Promise<string> {
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
