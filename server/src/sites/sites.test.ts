import * as contract from '@tidemark/core/sites/contract.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../audit/http.ts'
import { testAccounts } from '../platform/testing-access.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { sites } from './http.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [testAccounts, audit, sites] })
})
afterAll(() => app.close())

const depot = contract.addSite.examples[0]?.body as object
const nowhere = { id: 'site_00000000000000000000000000' }

describe('sites', () => {
  it('are added with what stands on them, described anew, listed and removed', async () => {
    const added = await app.fetch(contract.addSite, { body: depot })
    expect(added.status).toBe(201)
    const { id } = added.body
    expect(added.body.assets?.[1]).toMatchObject({ kind: 'battery', efficiency: 0.9, state_of_charge_min: 0.1 })
    const changed = await app.fetch(contract.changeSite, { params: { id }, body: { ...depot, name: 'Depot North' } })
    expect(changed.body).toMatchObject({ id, name: 'Depot North', created_at: added.body.created_at })
    expect((await app.fetch(contract.listSites)).body.sites.map(({ name }) => name)).toEqual(['Depot North'])
    expect((await app.fetch(contract.removeSite, { params: { id } })).status).toBe(204)
    expect((await app.fetch(contract.getSite, { params: { id } })).status).toBe(404)
  })

  it('404: sites/unknown-site', async () => {
    const answer = await app.fetch(contract.getSite, { params: nowhere })
    expect(answer.problem.type).toContain('sites/unknown-site')
  })

  it.each([
    ['a zone that nobody knows', { time_zone: 'Mars/Olympus' }, '/time_zone'],
    ['two assets of one name', { assets: [1, 2].map(() => ({ asset_id: 'a', name: 'A', kind: 'meter' })) }, '/assets'],
    ['an asset of no kind', { assets: [{ asset_id: 'a', name: 'A', kind: 'reactor' }] }, '/assets/0/kind'],
  ])('422: %s', async (_, change, path) => {
    const answer = await app.fetch(contract.addSite, { body: { ...depot, ...change } })
    expect(answer.status).toBe(422)
    expect(answer.problem.faults?.map((fault) => fault.path)).toContain(path)
  })
})
