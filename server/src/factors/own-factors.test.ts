import { afterAll, beforeAll, expect, test } from 'vitest'
import * as contract from '@tidemark/core/factors/contract.ts'
import { asDownload, goodRows } from '@tidemark/core/factors/import/cases/base-carbone-rows.ts'
import { as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { factors } from './http.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [testAccounts, factors], access: testAccess, seed: true })
})
afterAll(() => app?.close())

const ann = as(personIn(ORG_A, 'editor'))
const bob = as(personIn(ORG_B, 'editor'))
const steam = { name: 'Zanzibarquux steam', value: 0.7, unit: 'kWh', source: 'Our boiler, 2026' }
const add = (headers: Record<string, string>, body: object = steam) => app.fetch(contract.addCustom, { body, headers })
const find = async (headers: Record<string, string>, q: string) =>
  (await app.fetch(contract.search, { query: { q }, headers })).body

test('a factor of one’s own is found and used by its organisation, and is not there for any other', async () => {
  const { id } = (await add(ann)).body
  expect((await find(ann, 'zanzibarquux')).factors.map((factor) => factor.id)).toEqual([id])
  expect((await app.fetch(contract.show, { params: { id }, headers: ann })).status).toBe(200)

  for (const headers of [bob, {}]) {
    const found = await find(headers, 'zanzibarquux')
    expect([found.total, JSON.stringify(found).includes(id)]).toEqual([0, false])
    // Nor does a slip of the keyboard lead to the words of others.
    expect(JSON.stringify(await find(headers, 'zanzibarqux')).toLowerCase()).not.toContain('zanzibarquux')
    expect((await app.fetch(contract.show, { params: { id }, headers })).status).toBe(404)
    const editions = (await app.fetch(contract.listEditions, { headers })).body.editions
    expect(editions.filter(({ dataset }) => dataset === 'custom')).toEqual([])
  }
})

test('two organisations may write down the same factor, and each has its own', async () => {
  const same = { ...steam, name: 'Rope of nettles' }
  const [of_ann, of_bob] = [(await add(ann, same)).body.id, (await add(bob, same)).body.id]
  expect(of_ann).toBe(of_bob)
  for (const headers of [ann, bob]) expect((await find(headers, 'rope of nettles')).total).toBe(1)
})

test('a publisher’s edition, which all calculate with, is imported by an administrator of the instance', async () => {
  const file = { body: Buffer.from(asDownload(goodRows), 'latin1'), query: { filename: 'Base_Carbone_V99.1.csv' } }
  const key = { kind: 'key' as const, key_id: 'key_1', organisation_id: ORG_A, scopes: ['factors.import'] }
  for (const headers of [ann, as(personIn(ORG_A, 'owner')), as(key)]) {
    const { status, problem } = await app.fetch(contract.importFile, { ...file, headers })
    expect([status, problem.type]).toEqual([403, '/problems/factors/instance-admin-only'])
  }
  const admin = as(personIn(ORG_A, 'editor', { admin: true }))
  expect((await app.fetch(contract.importFile, { ...file, headers: admin })).status).toBe(200)
  const editions = (await app.fetch(contract.listEditions, { headers: bob })).body.editions
  expect(editions.map(({ edition }) => edition)).toContain('V99.1')
})

test('a table of one’s own factors is imported by an editor, for their organisation', async () => {
  const text = 'name;value;unit;source\nZanzibarquux peat;1.2;kg;Our bog\n'
  const answer = await app.fetch(contract.importFile, {
    body: Buffer.from(text),
    query: { filename: 'own.csv' },
    headers: ann,
  })
  expect(answer.status, answer.bytes.toString().slice(0, 400)).toBe(200)
  expect((await find(ann, 'zanzibarquux peat')).total).toBe(1)
  expect((await find(bob, 'zanzibarquux peat')).factors.filter(({ id }) => id.startsWith('custom:'))).toEqual([])
})
