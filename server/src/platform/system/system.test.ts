import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeProblem, health, listProblems, metrics, version } from '@tidemark/core/system/contract.ts'
import { openTestApp, runExample, promisedStatus, type TestApp } from '../testing.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [] })
}, 60_000)
afterAll(() => app?.close())

test('the health report says what an acknowledged write survives', async () => {
  const answer = await app.fetch(health)
  expect(answer.status).toBe(200)
  expect(answer.body.status).toBe('ok')
  expect(answer.body.database.kind).toMatch(/embedded|postgres/)
  expect(answer.body.durability).toMatch(/survives/)
})

test('the version report names the engine and the runtime', async () => {
  const { body } = await app.fetch(version)
  expect(body).toMatchObject({
    engine_version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    node: process.version,
    started_at: '2026-11-21T12:00:00.000Z',
  })
})

test('the measurements count requests by route name and status', async () => {
  await app.fetch('/nowhere')
  const { bytes, headers } = await app.fetch(metrics)
  expect(headers['content-type']).toMatch(/^text\/plain/)
  expect(bytes.toString()).toMatch(
    /tidemark_http_request_duration_seconds_count\{route="unmatched",method="GET",status="404"\} 1/,
  )
  expect(bytes.toString()).toMatch(/tidemark_database_query_duration_seconds_count [1-9]/)
})

test('every listed problem has the address that its answers name', async () => {
  const { body } = await app.fetch(listProblems)
  expect(body.problems.length).toBeGreaterThan(10)
  for (const problem of body.problems) {
    const { status, body: page } = await app.fetch(problem.type)
    expect([problem.type, status, page]).toEqual([problem.type, 200, problem])
  }
})

test('every example of the system routes is answered as promised', async () => {
  for (const route of app.app.routes) {
    for (const example of route.examples) {
      const answer = await runExample(app, app.app.routes, route, example)
      expect([route.name, example.summary, answer.status]).toEqual([
        route.name,
        example.summary,
        promisedStatus(route, example),
      ])
    }
  }
  expect(app.app.routes).toContain(describeProblem)
})
