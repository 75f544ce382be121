// How much script a browser loads before the landing page works, gzipped as the server sends it, and the same for each
// other page. Counts what the build has: run `npx vite build web` before.
//
//   node bench/web-size.ts
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sayBar, skipBar } from './bar.ts'

const KB_MAX = 250
const dist = join(import.meta.dirname, '../web/dist')

interface Chunk {
  file: string
  imports?: string[]
  css?: string[]
  isEntry?: boolean
}

const manifest_file = join(dist, '.vite/manifest.json')
if (!existsSync(manifest_file)) {
  skipBar('initial script, gzipped', 'the web is not built; run `npx vite build web` first')
  process.exit(0)
}
const manifest = JSON.parse(readFileSync(manifest_file, 'utf8')) as Record<string, Chunk>

/** The chunk and everything that it cannot run without. */
function filesOf(key: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[key]
  if (!chunk || found.has(chunk.file)) return found
  found.add(chunk.file)
  for (const each of chunk.imports ?? []) filesOf(each, found)
  return found
}

function gzipped_kb(files: Iterable<string>): number {
  let bytes = 0
  for (const file of files) bytes += gzipSync(readFileSync(join(dist, file)), { level: 6 }).byteLength
  return bytes / 1000
}

const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry)
if (entry === undefined) throw new Error('The build has no entry.')
const shell = filesOf(entry)
const pages = Object.keys(manifest).filter((key) => key.endsWith('Page.tsx'))
process.stdout.write(`shell (router, words, queries)      ${gzipped_kb(shell).toFixed(1).padStart(7)} kB gzipped\n`)
for (const page of pages) {
  const all = new Set([...shell, ...filesOf(page)])
  const name = page.replace(/^.*\//, '').replace('.tsx', '')
  const own = [...all].filter((file) => !shell.has(file))
  process.stdout.write(
    `${name.padEnd(34)}  ${gzipped_kb(all).toFixed(1).padStart(7)} kB, of which ${gzipped_kb(own).toFixed(1)} kB its own\n`,
  )
}
const landing = pages.find((page) => page.endsWith('/HomePage.tsx'))
const initial_kb = gzipped_kb(new Set([...shell, ...(landing === undefined ? [] : filesOf(landing))]))
process.stdout.write(
  `initial script on the landing page  ${initial_kb.toFixed(1).padStart(7)} kB: ${(initial_kb / KB_MAX).toFixed(2)} × the bar of ${KB_MAX} kB\n`,
)
sayBar({ what: 'initial script, gzipped', measured: initial_kb, unit: 'kB', at: { most: KB_MAX } })
