import { describe, expect, test } from 'vitest'
import type { AnyRoute } from '../lib/contract.ts'
import * as contract from './contract.ts'
import * as passkeys from './passkeys-contract.ts'
import {
  may,
  permissions,
  permissionTable,
  roles,
  rolesGrantedBy,
  scopes,
  scopesInForce,
  scopesOf,
} from './permissions.ts'

test('what no line names is held by nobody', () => {
  for (const role of roles) {
    for (const name of ['', 'footprint.destroy', 'toString', '__proto__', 'constructor', 'instance.admin']) {
      expect(may(role, name), `${role} ${name}`).toBe(false)
    }
  }
})

describe('the table keeps its promises', () => {
  test('an owner holds everything that an organisation has, but does not review its own projects', () => {
    const all_but = permissions.filter((name) => name !== 'projects.review')
    for (const name of all_but) expect(may('owner', name)).toBe(permissionTable[name].held_in !== 'instance')
    expect(roles.filter((role) => may(role, 'projects.review'))).toEqual(['verifier'])
    expect(scopes).not.toContain('projects.review')
  })
  test('an admin holds all but closing the organisation and asking everybody for a second factor', () => {
    expect(permissions.filter((name) => may('owner', name) && !may('admin', name))).toEqual([
      'accounts.require_second_factor',
      'accounts.delete_organisation',
    ])
  })
  test('readers and verifiers write nothing', () => {
    const writing = [
      'footprint.calculate',
      'factors.write',
      'factors.import',
      'certificates.issue',
      'webhooks.manage',
      'data.ingest',
      'models.train',
      'models.promote',
      'models.predict',
      'projects.manage',
      'projects.upload',
      'projects.analyse',
    ]
    for (const name of writing) expect([may('reader', name), may('verifier', name)]).toEqual([false, false])
  })
  test('every permission is explained in both languages', () => {
    for (const name of permissions) {
      const { en, fr } = permissionTable[name].says
      expect(en).toMatch(/^\p{Lu}.+\.$/u)
      expect(fr).toMatch(/^\p{Lu}.+\.$/u)
    }
  })
  test('no key hands out rights or speaks for a person', () => {
    for (const name of [
      'accounts.invite',
      'accounts.manage_members',
      'accounts.manage_keys',
      'accounts.self',
      'instance.admin',
    ])
      expect(scopes).not.toContain(name)
  })
})

test('nobody hands out more than they hold', () => {
  expect(rolesGrantedBy('owner')).toContain('owner')
  expect(rolesGrantedBy('admin')).not.toContain('owner')
  for (const role of roles.slice(2)) expect(rolesGrantedBy(role)).toEqual([])
})

test('a key follows the role of who answers for it, down and out', () => {
  const written = ['footprint.read', 'footprint.calculate']
  expect(scopesInForce(written, 'editor')).toEqual(['footprint.read', 'footprint.calculate'])
  expect(scopesInForce(written, 'reader')).toEqual(['footprint.read'])
  expect(scopesInForce(written, undefined)).toEqual([])
  expect(scopesInForce(['instance.admin', 'accounts.invite'], 'owner')).toEqual([])
  for (const role of roles) for (const scope of scopesOf(role)) expect(may(role, scope)).toBe(true)
})

test('every route of the contract needs a right that the table explains', () => {
  const promised: unknown[] = Object.values({ ...contract, ...passkeys })
  const routes = promised.filter(isRoute)
  expect(routes.length).toBeGreaterThan(40)
  for (const { name, needs } of routes)
    expect(needs === 'public' || permissions.includes(needs as never), name).toBe(true)
})

function isRoute(value: unknown): value is AnyRoute {
  return typeof value === 'object' && value !== null && 'needs' in value
}
