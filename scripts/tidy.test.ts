import { describe, expect, it } from 'vitest'
import { lockfileGaps, platformEntry } from './lockfile.ts'
import {
  clockAndDice,
  deadLinks,
  decisionFaults,
  foreignSchemas,
  longFunctions,
  migrationFaults,
  titleFaults,
  unknownScripts,
  unwelcomeText,
} from './tidy.ts'

const code = (text: string) => ({ path: 'core/src/x/rule.ts', text })
const page = (text: string) => ({ path: 'docs/page.md', text })

describe('clock and dice', () => {
  it.each([
    'Date.now()',
    'Math.random()',
    'new Date()',
    'new Date',
    'Date()',
    'performance.now()',
    'globalThis.Date.now()',
  ])('%s is found in core', (written) =>
    expect(clockAndDice(code(`export const f = () => ${written}`))).toHaveLength(1),
  )

  it.each([
    'new Date("2026-01-01")',
    'const a: Date = given',
    '// Date.now() is not for us',
    '"Math.random()"',
    'Date.parse(x)',
  ])('%s is fine', (written) => expect(clockAndDice(code(written))).toEqual([]))
})

describe('long functions', () => {
  const body = (lines: number) => Array.from({ length: lines }, (_, line) => `  use(${line})`).join('\n')

  it('a function of 70 lines is fine, one of 71 is named with its length', () => {
    expect(longFunctions(code(`function a() {\n${body(68)}\n}`), 70)).toEqual([])
    expect(longFunctions(code(`function a() {\n${body(69)}\n}`), 70)).toEqual([
      { id: 'core/src/x/rule.ts#a', lines: 71 },
    ])
  })

  it('lines of inner functions are theirs, so a list of short functions is not long', () => {
    const inner = (name: string) => `  function ${name}() {\n${body(40)}\n  }`
    expect(longFunctions(code(`function maker() {\n${inner('a')}\n${inner('b')}\n${inner('c')}\n}`), 70)).toEqual([])
    const crowded = `function maker() {\n${inner('a')}\n${body(71)}\n}`
    expect(longFunctions(code(crowded), 70)).toEqual([{ id: 'core/src/x/rule.ts#maker', lines: 75 }])
  })

  it('arrows, methods and callbacks count as well', () => {
    const text = `const a = () => {\n${body(80)}\n}\nclass B {\n  c() {\n${body(80)}\n  }\n}\nmap(() => {\n${body(80)}\n})`
    const ids = longFunctions(code(text), 70).map((each) => each.id.split('#')[1])
    expect(ids).toEqual(['a', 'c', 'given to map'])
  })
})

describe('unwelcome text', () => {
  it.each([
    `// TO${'DO'} later`,
    `FIX${'ME'}`,
    `cd /ho${'me'}/ada/x`,
    `'/wo${'rk'}/x'`,
    `https://registry.npm${'js'}.org/x`,
    `${'<'.repeat(7)} HEAD`,
  ])('%s is found', (line) =>
    expect(unwelcomeText(code(`fine\n${line}`))).toEqual([expect.stringMatching(/^core\/src\/x\/rule\.ts:2 /)]),
  )

  it.each(['Todos los Santos', 'docs/work/plan', '/api/v1/home', 'https://example.org/work/x', '======= of a table'])(
    '%s is fine',
    (line) => expect(unwelcomeText(code(line))).toEqual([]),
  )
})

describe('stores', () => {
  const schemas = new Set(['credits', 'ledger', 'factors'])
  const store = (text: string) => ({ path: 'server/src/credits/store.ts', text })

  it.each([
    'sql`select * from ledger.entry`',
    'sql`insert into ledger.entry (id) values (1)`',
    'sql`update only ledger.entry set a = 1`',
    'sql`select 1 from credits.batch b left join ledger.entry e on e.id = b.id`',
    "db.selectFrom('ledger.entry')",
    "db.selectFrom(['ledger.entry as e'])",
    "tx.insertInto('ledger.entry')",
    "db.withSchema('ledger')",
  ])('%s reaches into another schema', (text) => {
    expect(foreignSchemas(store(text), 'credits', schemas)).toEqual([expect.stringContaining('ledger')])
  })

  it.each([
    'sql`select l.id from credits.batch l`',
    "db.selectFrom('credits.batch')",
    'sql`select 1 from pg_catalog.pg_class`',
  ])('%s stays home', (text) => expect(foreignSchemas(store(text), 'credits', schemas)).toEqual([]))
})

describe('migrations', () => {
  const capabilities = new Set(['credits'])
  const good = '-- A batch is what a project has issued at once.\ncreate table credits.batch ();'

  it('a dated, owned and explained migration is fine', () => {
    expect(
      migrationFaults({ path: 'server/migrations/20261121T1200_credits_batch.sql', text: good }, capabilities),
    ).toEqual([])
  })

  it.each([
    ['a name without its time', 'server/migrations/credits_batch.sql', good],
    ['a name without a capability', 'server/migrations/20261121T1200_batches_more.sql', good],
    ['no reason at the top', 'server/migrations/20261121T1200_credits_batch.sql', 'create table credits.batch ();'],
  ])('%s is refused', (_what, path, text) => {
    expect(migrationFaults({ path, text }, capabilities)).toHaveLength(1)
  })
})

describe('documents', () => {
  it('have one title, and a # in a fenced block is no title', () => {
    expect(titleFaults(page('# One\n```sh\n# a comment\n```'))).toEqual([])
    expect(titleFaults(page('# One\n# Two'))).toHaveLength(1)
    expect(titleFaults(page('no title'))).toHaveLength(1)
  })

  it('link to files and headings that are there', () => {
    const files: Record<string, string> = { 'docs/other.md': '# Other\n## Étapes & more\n', 'README.md': '# Read me' }
    const check = (text: string) =>
      deadLinks(
        page(text),
        (path) => path in files,
        (path) => files[path] ?? '',
      )
    expect(
      check('[a](other.md) [b](other.md#étapes--more) [c](../README.md) [d](https://example.org) `[e](nowhere)`'),
    ).toEqual([])
    expect(check('[a](nowhere.md)')).toHaveLength(1)
    expect(check('[a](other.md#gone)')).toHaveLength(1)
    expect(check('[a](../../outside.md)')).toHaveLength(1)
  })

  it('name scripts that exist', () => {
    const scripts = new Set(['start', 'check'])
    expect(unknownScripts(page('`npm start`, `npm run check`, `npm ci`'), scripts)).toEqual([])
    expect(unknownScripts(page('`npm test` and `npm run chekc`'), scripts)).toHaveLength(2)
  })

  it('that record decisions carry a number of their own', () => {
    expect(decisionFaults(['docs/decisions/0001-a.md', 'docs/decisions/0002-b.md'])).toEqual([])
    expect(decisionFaults(['docs/decisions/0001-a.md', 'docs/decisions/0001-b.md'])).toHaveLength(1)
    expect(decisionFaults(['docs/decisions/notes.md'])).toHaveLength(1)
  })
})

describe('the lockfile', () => {
  it('is completed with entries that install on their own platform alone', () => {
    expect(platformEntry('@x/binding-linux-x64-musl', '^1.2.3')).toEqual({
      version: '1.2.3',
      cpu: ['x64'],
      libc: ['musl'],
      os: ['linux'],
      optional: true,
    })
    expect(platformEntry('@x/y-win32-arm64-msvc', '1.0.0')).toMatchObject({ os: ['win32'], cpu: ['arm64'] })
    expect(() => platformEntry('left-pad', '1.0.0')).toThrow(/names no platform/)
  })

  it('holds every optional package it names, wherever Node would look for it', () => {
    const packages = {
      '': {},
      'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-mac': '1' } },
      'node_modules/a/node_modules/a-linux': {},
      'node_modules/a-mac': {},
    }
    expect(lockfileGaps({ packages })).toEqual([])
    const { 'node_modules/a-mac': _gone, ...without } = packages
    expect(lockfileGaps({ packages: without })).toEqual([
      { name: 'a-mac', version: '1', wanted_by: 'node_modules/a', dev: false },
    ])
  })
})
