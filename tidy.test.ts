// The repository itself, as a test: what no compiler keeps and nobody should have to remember. Each message says how to mend.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { lockfileGaps, type Lockfile } from './scripts/lockfile.ts'
import {
  clockAndDice,
  deadLinks,
  decisionFaults,
  foreignSchemas,
  isProductCode,
  longFunctions,
  migrationFaults,
  titleFaults,
  unknownScripts,
  unwelcomeText,
} from './scripts/tidy.ts'

/**
 * A ratchet: a longer function needs its name here with a reason, and a name whose function has become shorter must go. So
 * long ones are few and known, and short ones do not creep. Keys read `path#name`.
 */
const FUNCTION_LINES_MAX = 70
const longOnPurpose: Record<string, string> = {}

const FILE_BYTES_MAX = 1_000_000
/** Larger files that belong here, each with its reason. */
const largeOnPurpose: Record<string, string> = {
  'package-lock.json': 'the exact version and digest of every package',
  'docs/openapi.json': 'every route with its schemas, problems and examples, for those who generate clients',
}

/** Folders of core/src that are tools and mathematics, not capabilities. */
const notCapabilities = new Set(['lib', 'learn', 'imagery'])

const root = import.meta.dirname
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const withText = (path: string) => ({ path, text: read(path) })
const there = (path: string) => existsSync(join(root, path))

// New files that nobody has added yet are looked at as well: their author wants to know before the commit.
const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
const files = [...new Set(listing.toString().split('\0'))].filter((path) => path !== '' && there(path)).sort()

const binary = /\.(?:png|jpe?g|webp|avif|ico|woff2?|ttf|gz|br|zip|xlsx|pdf|wasm)$/
const texts = files.filter((path) => !binary.test(path) && path !== 'package-lock.json').map(withText)
const documents = texts.filter(({ path }) => path.endsWith('.md'))
const code = texts.filter(({ path }) => isProductCode(path))
const tests = texts.filter(({ path }) => /\.(?:test|journey)\.tsx?$/.test(path))
const migrations = texts.filter(({ path }) => /^server\/migrations\/(?!schema\.sql$)[^/]+\.sql$/.test(path))

const capabilities = new Set(
  files
    .flatMap((path) => /^core\/src\/([^/]+)\/contract\.ts$/.exec(path)?.[1] ?? [])
    .filter((name) => !notCapabilities.has(name)),
)
/** Where the server keeps a capability. What serves the machine itself, such as `system`, lives on the ground floor. */
const serverHome = (name: string) =>
  [`server/src/${name}`, `server/src/platform/${name}`].find((home) =>
    files.some((path) => path.startsWith(`${home}/`)),
  )

describe('core', () => {
  const core = code.filter(({ path }) => path.startsWith('core/'))

  it('reads no clock and rolls no dice', () => {
    expect(core.flatMap(clockAndDice)).toEqual([])
  })

  it('has a contract in every capability', () => {
    const folders = new Set(core.flatMap(({ path }) => /^core\/src\/([^/]+)\//.exec(path)?.[1] ?? []))
    const without = [...folders].filter((name) => !notCapabilities.has(name) && !capabilities.has(name))
    expect(without.map((name) => `core/src/${name} has no contract.ts: what does it promise?`)).toEqual([])
  })
})

describe('a capability', () => {
  it('has the same name in core and in the server, and there a service, its routes and a test', () => {
    const faults = [...capabilities].flatMap((name) => {
      const home = serverHome(name)
      if (home === undefined) return [`core/src/${name} promises what nobody keeps: server/src/${name} is missing`]
      const onGround = home.startsWith('server/src/platform/')
      const missing = onGround ? ['http.ts'] : ['service.ts', 'http.ts']
      const faultsHere = missing.filter((file) => !there(`${home}/${file}`)).map((file) => `${home}/${file} is missing`)
      const tested = tests.some(({ path }) => path.startsWith(onGround ? 'server/src/platform/' : `${home}/`))
      return tested ? faultsHere : [...faultsHere, `${home} has no test over HTTP`]
    })
    expect(faults).toEqual([])
  })

  it('of the server has its contract in core', () => {
    const folders = new Set(files.flatMap((path) => /^server\/src\/([^/]+)\/service\.ts$/.exec(path)?.[1] ?? []))
    const without = [...folders].filter((name) => !capabilities.has(name))
    expect(without.map((name) => `server/src/${name} has no core/src/${name}/contract.ts`)).toEqual([])
  })

  it('that keeps something in a schema has a store for it', () => {
    const owners = new Set(
      migrations.flatMap(({ text }) =>
        [...text.matchAll(/create schema (?:if not exists )?([a-z_]+)/gi)].map((match) => match[1] ?? ''),
      ),
    )
    const without = [...owners].filter(
      (name) =>
        capabilities.has(name) && !there(`server/src/${name}/store.ts`) && serverHome(name) === `server/src/${name}`,
    )
    expect(without.map((name) => `the schema ${name} has no server/src/${name}/store.ts`)).toEqual([])
  })

  it('reaches only its own schema from its store', () => {
    const stores = texts.filter(({ path }) => /^server\/src\/[^/]+\/(?:[a-z-]+-)?store\.ts$/.test(path))
    const faults = stores.flatMap((store) => foreignSchemas(store, store.path.split('/')[2] ?? '', capabilities))
    expect(faults).toEqual([])
  })
})

describe('problems', async () => {
  const declared = await declaredProblems()
  // A case or a vector in a data file is a test as well: `"want_error": "credits/unknown-batch"`.
  const proofs = [...tests, ...texts.filter(({ path }) => /\/(?:cases|vectors)\//.test(path))].filter(
    ({ path }) => path !== 'tidy.test.ts',
  )

  it('of every contract are named in at least one test', () => {
    const unproven = [...declared].filter(([type]) => !proofs.some(({ text }) => text.includes(type)))
    const faults = unproven.map(([type, place]) => `${place} declares ${type}, and no test provokes it`)
    expect(faults).toEqual([])
  })

  it('that code raises are declared in a contract, with status and title', () => {
    const raised = code.flatMap(({ path, text }) =>
      [...text.matchAll(/new Problem\(\s*'([^']+)'/g)].map((match) => ({ path, type: match[1] ?? '' })),
    )
    const unknown = raised.filter(({ type }) => !declared.has(type))
    expect(unknown.map(({ path, type }) => `${path} raises ${type}, which no contract declares`)).toEqual([])
  })
})

/** Every problem of core with the file that declares it. A table is any exported object whose values have status and title. */
async function declaredProblems(): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const { path } of code.filter(
    ({ path: place, text }) => place.startsWith('core/') && /satisfies ProblemTable/.test(text),
  )) {
    const module = (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>
    for (const value of Object.values(module)) for (const type of problemTypes(value)) found.set(type, path)
  }
  return found
}

function problemTypes(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const entries = Object.entries(value as Record<string, unknown>)
  const isTable = entries.every(
    ([type, each]) =>
      /^[a-z]+\/[a-z0-9-]+$/.test(type) &&
      typeof each === 'object' &&
      each !== null &&
      'status' in each &&
      'title' in each,
  )
  return isTable ? entries.map(([type]) => type) : []
}

describe('files', () => {
  it('hold no unfinished work, no path of one machine and no merge leftovers', () => {
    expect(texts.flatMap(unwelcomeText)).toEqual([])
  })

  it('stay below a megabyte, unless listed with a reason', () => {
    const large = files.filter((path) => statSync(join(root, path)).size > FILE_BYTES_MAX && !(path in largeOnPurpose))
    const faults = large.map(
      (path) => `${path} is ${statSync(join(root, path)).size} bytes: git keeps every version for ever`,
    )
    expect(faults).toEqual([])
    expect(
      Object.keys(largeOnPurpose).filter((path) => !there(path)),
      'listed as large, but gone',
    ).toEqual([])
  })

  it('are named in kebab-case, and React components after themselves', () => {
    const odd = code.filter(({ path }) => {
      const name = posix.basename(path).replace(/\.config(?=\.)/, '')
      return !(path.endsWith('.tsx') ? /^(?:[A-Z][A-Za-z0-9]*|[a-z0-9-]+)\.tsx$/ : /^[a-z0-9-]+\.ts$/).test(name)
    })
    expect(odd.map(({ path }) => `${path}: write kebab-case.ts, or ComponentName.tsx`)).toEqual([])
  })
})

describe('functions', () => {
  const long = code.flatMap((file) => longFunctions(file, FUNCTION_LINES_MAX))

  it(`are at most ${FUNCTION_LINES_MAX} lines long, unless listed with a reason`, () => {
    const faults = long
      .filter(({ id }) => !(id in longOnPurpose))
      .map(({ id, lines }) => `${id} has ${lines} lines: often one half decides and the other half does; cut it there`)
    expect(faults).toEqual([])
  })

  it('leave the list when they have become shorter', () => {
    const still = new Set(long.map(({ id }) => id))
    expect(Object.keys(longOnPurpose).filter((id) => !still.has(id))).toEqual([])
  })
})

describe('migrations', () => {
  it('are named by time and capability and open with their reason', () => {
    const owners = new Set([...capabilities, 'platform'])
    expect(migrations.flatMap((file) => migrationFaults(file, owners))).toEqual([])
  })
})

describe('documents', () => {
  const scripts = new Set(Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts))

  it('have one title', () => {
    expect(documents.flatMap(titleFaults)).toEqual([])
  })

  it('link to what is there', () => {
    expect(documents.flatMap((page) => deadLinks(page, there, read))).toEqual([])
  })

  it('name scripts that exist', () => {
    expect(documents.flatMap((page) => unknownScripts(page, scripts))).toEqual([])
  })

  it('record decisions under a number of their own', () => {
    const notes = documents.map(({ path }) => path).filter((path) => path.startsWith('docs/decisions/'))
    expect(decisionFaults(notes)).toEqual([])
  })

  it('that a stranger looks for are there', () => {
    const wanted = [
      'README.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'HOUSE_STYLE.md',
      'CHANGELOG.md',
      'LICENSE',
      'NOTICE',
      'docs/start.md',
    ]
    expect(wanted.filter((path) => !there(path))).toEqual([])
    expect(read('LICENSE')).toMatch(/Apache License\s+Version 2\.0/)
  })
})

describe('data', () => {
  it('says where every set of factors comes from and under which licence', () => {
    const folders = new Set(files.flatMap((path) => /^data\/factors\/([^/]+)\//.exec(path)?.[1] ?? []))
    const faults = [...folders].flatMap((name) => {
      const source = `data/factors/${name}/source.md`
      if (!there(source)) return [`${source} is missing: publisher, edition, licence, date of retrieval`]
      return /licen[cs]e|public domain/i.test(read(source)) ? [] : [`${source} names no licence`]
    })
    expect(faults).toEqual([])
  })
})

describe('the lockfile', () => {
  it('is whole, so that `npm ci` accepts it', () => {
    const gaps = lockfileGaps(JSON.parse(read('package-lock.json')) as Lockfile)
    const names = gaps.map((gap) => `${gap.name}, which ${gap.wanted_by} names`)
    expect(names, '`npm run lockfile` adds what is missing').toEqual([])
  })
})
