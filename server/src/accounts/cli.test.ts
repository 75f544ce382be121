import { Command } from 'commander'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import { addPerson, Browser, openAccountsApp, PASSWORD, type AccountsTestApp } from '../testing-accounts.ts'
import { addAccountsCommands } from './cli.ts'

let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp()
})
afterAll(() => app?.close())

/** Runs the command line as a person would, and reads the lines of JSON that it prints. */
async function tidemark(...words: string[]): Promise<Record<string, unknown>[]> {
  let out = ''
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true))
  try {
    const program = new Command('tidemark').exitOverride()
    addAccountsCommands(program, (work) => work(app.ctx))
    await program.parseAsync(['node', 'tidemark', ...words])
  } finally {
    stdout.mockRestore()
  }
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('a key that is made at the machine works over HTTP until it is revoked there', async () => {
  const [made] = await tidemark(
    'keys',
    'create',
    '--scope',
    'accounts.read,footprint.read',
    '--name',
    'Nightly',
    '--days',
    '30',
  )
  expect(made?.scopes).toEqual(['accounts.read', 'footprint.read'])
  const params = { organisation_id: DEMO_ORGANISATION_ID }
  const headers = { authorization: `Bearer ${String(made?.secret)}` }
  expect((await app.fetch(contract.getOrganisation, { params, headers })).status).toBe(200)
  const listed = await tidemark('keys', 'list', '--organisation', DEMO_ORGANISATION_ID)
  expect(listed.map((key) => [key.name, key.state])).toContainEqual(['Nightly', 'active'])
  expect(JSON.stringify(listed)).not.toContain(String(made?.secret).slice(17, 40))
  await tidemark('keys', 'revoke', String(made?.key_id))
  expect((await app.fetch(contract.getOrganisation, { params, headers })).status).toBe(401)
})

test.each([
  [['--scope', 'everything'], 'request/invalid'],
  [['--scope', 'instance.admin'], 'request/invalid'],
  [['--scope', 'footprint.read', '--ip', 'localhost'], 'request/invalid'],
  [['--scope', 'footprint.read', '--organisation', 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C'], 'accounts/unknown-organisation'],
])('keys create %j is refused: %s', async (words, type) => {
  await expect(tidemark('keys', 'create', ...words)).rejects.toMatchObject({ type })
})

test('an account that failures locked is unlocked at the machine', async () => {
  const ada = await addPerson(app)
  const body = { email: ada.email, password: 'another boat that nobody rows' }
  for (let i = 0; i < 5; i++) await new Browser(app).fetch(contract.signIn, { body })
  const right = { email: ada.email, password: PASSWORD }
  expect((await ada.fetch(contract.signIn, { body: right })).status).toBe(429)
  expect(await tidemark('people', 'unlock', ada.email.toUpperCase())).toEqual([{ unlocked: ada.email }])
  expect((await ada.fetch(contract.signIn, { body: right })).status).toBe(200)
})
