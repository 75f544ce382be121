// The ways into an account beside a password, on an installation that somebody owns: a passkey, a provider, and what an
// organisation may ask for on top. A visitor is led to one of them, and back to where they were.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser, visit, type Visit } from './browser.ts'
import { addDevice, codeOf, confirmIfAsked, expectSound, focused, send } from './person.ts'
import { startProvider, type Provider } from './provider.ts'
import { startServer, type RunningServer } from './server.ts'

const { browser, reason } = await startBrowser()
let server: RunningServer | undefined
let provider: Provider | undefined
beforeAll(async () => {
  if (!browser) return
  provider = await startProvider()
  server = await startServer({ env: provider.env })
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await provider?.stop()
})

const password = 'lantern orchard velvet tunnel'

describe.skipIf(!browser)(`ways in${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let ada: Visit
  let petra: Visit
  beforeAll(async () => {
    ada = await open('localhost')
    petra = await open('127.0.0.1')
    await claim(ada)
  })

  it('a visitor is led to sign in and back; the questionnaire stays open to them, with what they typed', async () => {
    const visitor = await open('localhost')
    const { page } = visitor
    await page.goto('/calculations')
    await page.waitForURL('**/auth/sign-in?return_to=%2Fcalculations')
    await page.getByText('Sign in, and you are back where you were.').waitFor()
    await page.goto('/questionnaire')
    await page.getByLabel('Name', { exact: true }).fill('Voilerie Kermor')
    await expectSound(visitor, 'ways-in-questionnaire-of-a-visitor')
    await page.getByRole('link', { name: 'Sign in and calculate' }).click()
    await page.getByLabel('E-mail').fill('ada@example.org')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Skip the tour' }).click()
    await page.getByRole('button', { name: 'Calculate and certify' }).waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Voilerie Kermor')
    expect(visitor.complaints).toEqual([])
    await visitor.context.close()
  })

  it('a passkey is added and named, and opens the account with nothing typed', async () => {
    const { page } = ada
    await addDevice(ada)
    await page.goto('/settings/security')
    await page.getByLabel('Name of the passkey').fill('Telephone')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('“Telephone” is added.').waitFor()
    await page.getByRole('button', { name: 'Rename Telephone' }).click()
    await page.getByRole('dialog').getByLabel('Name of the passkey').fill('Key ring')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Remove Key ring' }).waitFor()
    await expectSound(ada, 'ways-in-passkeys')
    await page.getByTestId('account').click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    await expect.poll(() => focused(ada)).toBe('H1 Sign in')
    await expectSound(ada, 'ways-in-sign-in')
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('button', { name: 'Skip the tour' }).click()
    await page.waitForURL('**/calculations')
  })

  it('where passkeys cannot work, the page says where they do', async () => {
    const visitor = await open('127.0.0.1')
    await visitor.page.goto('/auth/sign-in')
    const there = visitor.page.getByRole('link', { name: /^Passkeys work at http:\/\/localhost:\d+/ })
    expect(await there.getAttribute('href')).toMatch(/^http:\/\/localhost:\d+\/auth\/sign-in$/)
    await visitor.context.close()
  })

  it('somebody comes through a provider, and makes an organisation in the tour', async () => {
    const { page } = petra
    await send(ada, 'PATCH', '/api/v1/admin/instance', { open_registration: true })
    provider!.says = { sub: 'petra', email: 'petra@example.org', email_verified: true, name: 'Petra Marsh' }
    await page.goto('/calculations')
    await page.getByRole('link', { name: 'Sign in with Harbour' }).click()
    await page.getByText('You act for no organisation yet').waitFor()
    await expectSound(petra, 'ways-in-no-organisation')
    await page.goto('/welcome')
    await page.getByLabel('Name of the organisation').fill('Marsh & Sons')
    await page.getByLabel('Country').selectOption('GB')
    await page.getByRole('button', { name: 'Make the organisation' }).click()
    await page.getByRole('button', { name: 'Put in the sample data' }).waitFor()
    expect(await focused(petra)).toBe('H2 A first figure in a few minutes')
    await page.goto('/settings/security')
    await page.getByRole('button', { name: 'Remove Harbour' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('This is the last way into your account').waitFor()
    await expectSound(petra, 'ways-in-last-way')
  })

  it('a second factor is asked for after the provider as well', async () => {
    const { secret_base32 } = await send<{ secret_base32: string }>(petra, 'POST', '/api/v1/auth/second-factor/enrol')
    const { recovery_codes } = await send<{ recovery_codes: string[] }>(
      petra,
      'POST',
      '/api/v1/auth/second-factor/confirm',
      { code: codeOf(secret_base32) },
    )
    const later = await open('127.0.0.1')
    await later.page.goto('/auth/sign-in')
    await later.page.getByRole('link', { name: 'Sign in with Harbour' }).click()
    await later.page.getByRole('heading', { name: 'Second step' }).waitFor()
    expect(new URL(later.page.url()).hash, 'the challenge does not stay in the address').toBe('')
    await later.page.getByRole('button', { name: /use a recovery code/ }).click()
    await later.page.getByLabel('Recovery code').fill(recovery_codes[0]!)
    await later.page.keyboard.press('Enter')
    await later.page.getByRole('heading', { name: 'Welcome, Petra Marsh' }).waitFor()
    await later.context.close()
  })

  it('an organisation asks for a second factor: who has shown one meets a wall, with the way through it', async () => {
    const { page } = ada
    const grace = await joined(ada, 'grace@example.org')
    await page.goto('/settings/organisation')
    await page.getByRole('button', { name: 'Require it' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Require it' }).click()
    await page.getByText('Every member needs a second factor.').waitFor()
    await page.getByRole('list', { name: 'Plan and use' }).getByText('People in the organisation').waitFor()

    await grace.page.goto('/calculations')
    await grace.page.getByText('Voilerie Kermor asks for a second factor').waitFor()
    await expectSound(grace, 'ways-in-wall')
    await grace.page.getByRole('link', { name: 'Set one up' }).click()
    await addDevice(grace)
    await grace.page.getByLabel('Name of the passkey').fill('Laptop')
    await grace.page.getByRole('button', { name: 'Add a passkey' }).click()
    await confirmIfAsked(grace, password)
    await grace.page.getByText('“Laptop” is added.').waitFor()
    await grace.page.goto('/calculations')
    await grace.page.getByText('Nothing has been calculated yet.').waitFor()
    await grace.context.close()
  })

  it('nothing was complained of in the console on the way', () => {
    const refusals = /status of (?:401|403|409)/
    expect([...ada.complaints, ...petra.complaints].filter((each) => !refusals.test(each))).toEqual([])
  })
})

function open(host: 'localhost' | '127.0.0.1'): Promise<Visit> {
  if (!browser || !server) throw new Error('The browser and the server are started before.')
  // Passkeys need a name; a provider sends people back to the number that the server listens on.
  return visit(browser, 'desktop', server.base_url.replace('127.0.0.1', host))
}

/** The first account, by the link that was printed. */
async function claim(seen: Visit): Promise<void> {
  await seen.page.goto('/verify')
  const organisation = { name: 'Voilerie Kermor', country: 'FR' }
  const token = /\/auth\/claim#(\S+)/.exec(server?.output() ?? '')?.[1]
  await send(seen, 'POST', '/api/v1/auth/claim', {
    token,
    email: 'ada@example.org',
    password,
    name: 'Ada Kermor',
    organisation,
  })
}

/** Somebody who followed the link of an invitation and has a password, in a visit of their own. */
async function joined(inviter: Visit, email: string): Promise<Visit> {
  const { organisation_id } = await send<{ organisation_id: string }>(inviter, 'GET', '/api/v1/me')
  await send(inviter, 'POST', `/api/v1/organisations/${organisation_id}/invitations`, { email, role: 'editor' })
  const { mails } = await send<{ mails: { to: string; text: string }[] }>(inviter, 'GET', '/api/v1/admin/outbox')
  const invitation = /\/auth\/invitation#(\S+)/.exec(mails.find((mail) => mail.to === email)?.text ?? '')?.[1]
  const seen = await open('localhost')
  await seen.page.goto('/verify')
  await send(seen, 'POST', '/api/v1/auth/sign-up', { email, password, name: 'Grace Le Goff', invitation })
  return seen
}
