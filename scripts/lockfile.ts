// Completes package-lock.json after a change of the dependencies, so that `npm ci` accepts it everywhere: adds an entry for
// each optional package of another platform that the registry in reach did not give. docs/decisions/0021 says why.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const systems: Record<string, string> = { windows: 'win32', win: 'win32', mac: 'darwin' }
for (const name of 'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(' '))
  systems[name] = name
const processors = new Set('arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64'.split(' '))

export interface PlatformEntry {
  version: string
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optional: true
}

/**
 * The entry of a package of another platform, as npm would write it but for its digest. Throws for a name that says no
 * platform: an entry that fits every machine would be installed on every machine.
 */
export function platformEntry(name: string, version: string): PlatformEntry {
  const words = name.split(/[-/]/)
  const os = words.map((word) => systems[word]).find((system) => system !== undefined)
  const cpu = words.find((word) => processors.has(word))
  if (os === undefined && cpu === undefined) throw new Error(`${name} names no platform; run npm install again`)
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu')) && 'glibc'
  return {
    version: version.replace(/^[\^~=v]+/, ''),
    ...(cpu && { cpu: [cpu] }),
    ...(libc && os === 'linux' && { libc: [libc] }),
    ...(os && { os: [os] }),
    optional: true,
  }
}

function complete(lock: Lockfile): number {
  const gaps = lockfileGaps(lock)
  for (const { name, wanted_by, version, dev } of gaps) {
    const entry = { ...platformEntry(name, version), ...(dev && { dev: true }) }
    const free = !(`node_modules/${name}` in lock.packages)
    lock.packages[free ? `node_modules/${name}` : `${wanted_by}/node_modules/${name}`] = entry
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
  lock.packages = Object.fromEntries(sorted)
  return gaps.length
}

export interface Lockfile {
  packages: Record<string, { dev?: boolean; optionalDependencies?: Record<string, string> }>
}

export interface LockfileGap {
  name: string
  version: string
  wanted_by: string
  dev: boolean
}

/**
 * Optional packages that the lockfile names and does not hold. `npm ci` refuses such a file; it comes about when the registry
 * in reach lacks the binaries of another platform.
 */
export function lockfileGaps(lock: Lockfile): LockfileGap[] {
  return Object.entries(lock.packages).flatMap(([wanted_by, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !resolvesFrom(wanted_by, name, lock))
      .map(([name, version]) => ({ name, version, wanted_by, dev: entry.dev === true })),
  )
}

/** Looks for a package as Node does: beside the one that asks, then outwards. */
function resolvesFrom(path: string, name: string, lock: Lockfile): boolean {
  for (
    let place = path;
    ;
    place = place.includes('/node_modules/') ? place.slice(0, place.lastIndexOf('/node_modules/')) : ''
  ) {
    if (`${place === '' ? '' : `${place}/`}node_modules/${name}` in lock.packages) return true
    if (place === '') return false
  }
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'package-lock.json')
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lockfile
  const added = complete(lock)
  if (added > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  process.stdout.write(added > 0 ? `Added ${added} entries for other platforms.\n` : 'The lockfile is whole.\n')
}
