import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import { demo } from '@tidemark/core/accounts/contract.ts'
import { capabilities } from './app.ts'
import { openapi_file } from './openapi-file.ts'
import { openApiText } from './platform/openapi.ts'
import { openTestApp, promisedStatus, runExample, type TestAnswer, type TestApp } from './platform/testing.ts'

let app: TestApp
beforeAll(async () => {
  // With what a newcomer meets: the examples are for newcomers.
  app = await openTestApp({ seed: true })
})
afterAll(() => app?.close())

const routes = capabilities.flatMap((capability) => capability.bindings.map((binding) => binding.route))

/** Of the demonstration, which all guests share. */
const made = new Map<string, TestAnswer<unknown>>()

describe('every example of every contract is answered as it promises', () => {
  test.each(routes.map((route) => [route.name, route] as const))('%s', async (_name, route) => {
    expect(route.examples.length, 'a contract shows at least one example').toBeGreaterThan(0)
    for (const example of route.examples) {
      // A newcomer signs in to the demonstration for what needs somebody; each example under a session of its own.
      const headers = route.needs === 'public' ? {} : await guest()
      const answer = await runExample(
        app,
        app.app.routes,
        route,
        example,
        headers,
        route.name.startsWith('accounts.') || route.name.startsWith('privacy.') ? undefined : made,
      )
      const shown = answer.status === promisedStatus(route, example) ? '' : answer.bytes.toString().slice(0, 1000)
      expect([example.summary, answer.status, shown]).toEqual([example.summary, promisedStatus(route, example), ''])
      if (answer.status >= 400)
        expect(Object.keys(app.app.problems)).toContain(answer.problem.type.slice('/problems/'.length))
    }
  })
})

async function guest(): Promise<Record<string, string>> {
  const answer = await app.fetch(demo)
  expect(answer.status).toBe(200)
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
  return { cookie, 'sec-fetch-site': 'same-origin' }
}

test('the seeds can run again and change nothing', async () => {
  const before = await countRows()
  for (const capability of capabilities) await capability.seed?.(app.ctx)
  expect(await countRows()).toEqual(before)
})

test('docs/openapi.json is what the contracts say: `npm run openapi` writes it anew', async () => {
  const committed = await readFile(openapi_file, 'utf8').catch(() => '(not there)')
  expect(
    committed === openApiText(app.app.openapi),
    'docs/openapi.json is stale: run `npm run openapi` and commit it',
  ).toBe(true)
})

test('every address has one owner, and its name begins with its capability', () => {
  for (const { name, bindings } of capabilities) {
    for (const { route } of bindings) expect(route.name.split('.')[0]).toBe(name)
  }
})

async function countRows(): Promise<Record<string, number>> {
  const { rows } = await sql<{
    name: string
  }>`select schemaname || '.' || quote_ident(relname) as name from pg_stat_user_tables order by 1`.execute(
    app.db.kysely,
  )
  const counts: Record<string, number> = {}
  for (const { name } of rows) {
    const counted = await sql<{ n: number }>`select count(*) as n from ${sql.raw(name)}`.execute(app.db.kysely)
    counts[name] = counted.rows[0]?.n ?? 0
  }
  return counts
}
