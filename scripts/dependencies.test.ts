import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cruise } from './dependencies.ts'

const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as { forbidden: { name: string }[] }

/** A small project that breaks every rule once. The comment before each file names the rule that it breaks. */
const lawless: Record<string, string> = {
  'core/package.json': '{"name":"core","dependencies":{"zod":"1.0.0"}}',
  'server/package.json': '{"name":"server","dependencies":{"kysely":"1.0.0"}}',
  'web/package.json': '{"name":"web","dependencies":{}}',
  'node_modules/zod/package.json': '{"name":"zod","version":"1.0.0","main":"index.js"}',
  'node_modules/zod/index.js': 'module.exports = {}',
  'node_modules/kysely/package.json': '{"name":"kysely","version":"1.0.0","main":"index.js"}',
  'node_modules/kysely/index.js': 'module.exports = {}',

  // core-uses-only-core-and-pure-libraries
  'core/src/lib/disk.ts': `import { readFileSync } from 'node:fs'\nexport const read = readFileSync`,
  // core-is-not-tested-through-the-other-worlds
  'core/src/lib/disk.test.ts': `import { b } from '../../../server/src/beta/service.ts'\nexport const x = b`,
  // no-circles, no-circles-between-capabilities
  'core/src/alpha/one.ts': `import { two } from '../beta/two.ts'\nexport const one = () => two`,
  'core/src/beta/two.ts': `import { one } from '../alpha/one.ts'\nexport const two = () => one`,
  // web-never-imports-server, web-runs-in-a-browser
  'web/src/lib/api.ts': `import { b } from '../../../server/src/beta/service.ts'\nimport 'node:fs'\nexport const x = b`,
  // web-ground-knows-no-capability
  'web/src/ui/Button.ts': `import { page } from '../alpha/Page.ts'\nexport const button = page`,
  // web-capabilities-stay-home
  'web/src/alpha/Page.ts': `import { other } from '../beta/Other.ts'\nexport const page = other`,
  'web/src/beta/Other.ts': `export const other = 1`,
  // sites-stand-on-telemetry
  'web/src/sites/Page.ts': `import { other } from '../beta/Other.ts'\nexport const page = other`,
  // server-never-imports-web
  'server/src/app.ts': `import { other } from '../../web/src/beta/Other.ts'\nexport const app = other`,
  // platform-knows-no-capability
  'server/src/platform/reach.ts': `import { b } from '../beta/service.ts'\nexport const x = b`,
  // a-capability-enters-another-by-its-service
  'server/src/alpha/service.ts': `import { s } from '../beta/store.ts'\nexport const x = s`,
  // doors-call-the-service
  'server/src/alpha/http.ts': `import { s } from './store.ts'\nexport const h = s`,
  // a-store-looks-down-only
  'server/src/alpha/store.ts': `import { d } from './decide.ts'\nexport const s = d`,
  // database-drivers-stay-below
  'server/src/alpha/decide.ts': `import * as kysely from 'kysely'\nexport const d = kysely`,
  // a-service-does-not-know-its-doors
  'server/src/beta/service.ts': `import { j } from './jobs.ts'\nexport const b = j`,
  // only-the-top-knows-the-app
  'server/src/beta/jobs.ts': `import { app } from '../app.ts'\nexport const j = app`,
  'server/src/beta/store.ts': `export const s = 1`,
  // commands-call-services
  'server/src/cli.ts': `import { s } from './alpha/store.ts'\nexport const cli = s`,
  // declared-where-used
  'server/src/beta/extra.ts': `import * as zod from 'zod'\nexport const e = zod`,
  // testing-is-for-tests
  'server/src/platform/testing.ts': `import { app } from '../app.ts'\nexport const start = app`,
  'server/src/beta/uses-testing.ts': `import { start } from '../platform/testing.ts'\nexport const u = start`,
  // everything-resolves
  'server/src/beta/lost.ts': `import { n } from './nowhere.ts'\nexport const l = n`,
  // tests-are-not-imported
  'server/src/beta/uses-test.ts': `import { t } from './some.test.ts'\nexport const u = t`,
  'server/src/beta/some.test.ts': `export const t = 1`,
}

const folder = mkdtempSync(join(tmpdir(), 'tidemark-lawless-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

describe('the dependency rules', () => {
  write(lawless)
  const { breaches } = cruise(folder)

  it.each(forbidden.map((rule) => rule.name))('catch a breach of %s', (name) => {
    expect(breaches.map((breach) => breach.rule)).toContain(name)
  })

  it('let a capability call the service of another', () => {
    expect(breaches).not.toContainEqual(
      expect.objectContaining({ to: 'server/src/beta/service.ts', from: 'server/src/alpha/service.ts' }),
    )
  })
})

it('a cruise that finds no module is refused instead of being called clean', () => {
  const empty = mkdtempSync(join(tmpdir(), 'tidemark-empty-'))
  mkdirSync(join(empty, 'core/src'), { recursive: true })
  try {
    expect(() => cruise(empty)).toThrow(/found no module under core\/src/)
  } finally {
    rmSync(empty, { recursive: true })
  }
})
