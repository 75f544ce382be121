// From an installation that nobody owns to one with two people in it: claimed by the link that was printed, a colleague
// invited by mail, a second factor, a key that a program uses, everything exported, and an account deleted.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser, visit, type View, type Visit } from './browser.ts'
import { codeOf, confirmIfAsked, expectSound } from './person.ts'
import { startServer, type RunningServer } from './server.ts'

const { browser, reason } = await startBrowser()
let server: RunningServer | undefined
beforeAll(async () => {
  if (browser) server = await startServer()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

const owner = { name: 'Ada Kermor', email: 'ada@example.org', password: 'lantern orchard velvet tunnel' }
const colleague = { name: 'Grace Le Goff', email: 'grace@example.org', password: 'copper meadow whistle anchor' }

describe.skipIf(!browser)(`accounts${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let first: Visit
  let second: Visit
  let recovery_codes: string[] = []
  beforeAll(async () => {
    first = await open('desktop')
    second = await open('desktop')
  })

  it('a newcomer enters the demonstration at one click, and is shown around once', async () => {
    const { page } = first
    await page.goto('/')
    await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await expectSound(first, 'accounts-sign-in')
    await page.getByRole('button', { name: 'Enter the demonstration' }).click()
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor()
    await expectSound(first, 'accounts-welcome-demo')
    await page.getByRole('button', { name: 'Skip the tour' }).click()
    await page.waitForURL('**/calculations')
    await page.getByTestId('account').click()
    expect(await page.getByTestId('account').textContent()).toContain('Demonstration')
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
  })

  it('settings ask for signing in first, and keep the way back', async () => {
    const { page } = first
    await page.goto('/settings/keys')
    await page.waitForURL('**/auth/sign-in?return_to=*')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    expect(await page.getByLabel('E-mail').getAttribute('aria-invalid')).toBe('true')
    expect(await page.evaluate('document.activeElement?.getAttribute("name")')).toBe('email')
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill('not the password at all')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('alert').getByText('E-mail and password do not fit').waitFor()
    await expectSound(first, 'accounts-sign-in-refused')
  })

  it('the printed link makes the first account, which owns its organisation; the tour offers sample figures', async () => {
    const { page } = first
    const link = /http:\/\/\S+\/auth\/claim#\S+/.exec(server?.output() ?? '')?.[0] ?? ''
    expect(link, 'the link is printed').not.toBe('')
    await page.goto(link)
    await page.getByLabel('Name', { exact: true }).fill(owner.name)
    expect(new URL(page.url()).hash, 'the secret does not stay in the address').toBe('')
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill('password')
    await page.getByText('At least 15 characters.').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByText('Good: a guesser would not get here.').waitFor()
    await page.getByLabel('Name of the organisation').fill('Voilerie Kermor')
    await page.getByLabel('Country').selectOption('FR')
    await expectSound(first, 'accounts-claim')
    await page.getByRole('button', { name: 'Claim it' }).click()
    await page.getByRole('heading', { name: `Welcome, ${owner.name}` }).waitFor()
    await page.getByRole('button', { name: 'Put in the sample data' }).click()
    await page.getByText('The sample is in your results').waitFor()
    for (let step = 0; step < 3; step++) await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByText('Atelier Marée (demonstration)').waitFor()
    expect(await page.getByTestId('account').textContent()).toContain('Voilerie Kermor')
  })

  it('a colleague is invited, reads the mail, and joins with the role that was given', async () => {
    const { page } = first
    await page.goto('/settings/organisation')
    const form = page.locator('#invitations')
    await form.getByLabel('E-mail').fill(colleague.email)
    await form.getByLabel('Role').selectOption('contributor')
    await form.getByRole('button', { name: 'Send the invitation' }).click()
    await page.getByText(`The invitation to ${colleague.email} is on its way.`).waitFor()

    await page.goto('/admin?part=outbox')
    const mail = page.getByTestId('mail').filter({ hasText: colleague.email }).first()
    await mail.locator('summary').click()
    const link = /http:\/\/\S+\/auth\/invitation#\S+/.exec((await mail.textContent()) ?? '')?.[0] ?? ''
    await expectSound(first, 'accounts-admin-outbox')

    await second.page.goto(link)
    await second.page.getByText(`${owner.name} invites you to join Voilerie Kermor.`).waitFor()
    await second.page.getByLabel('Name', { exact: true }).fill(colleague.name)
    await second.page.getByLabel('Password', { exact: true }).fill(colleague.password)
    await expectSound(second, 'accounts-invitation')
    await second.page.getByRole('button', { name: 'Make the account and join' }).click()
    await second.page.getByRole('button', { name: 'Skip the tour' }).click()
    await second.page.goto('/settings/organisation')
    await second.page.getByText('Change roles and remove members: this takes the role owner or admin.').waitFor()
    await second.page.getByText(colleague.email).waitFor()
    await expectSound(second, 'accounts-organisation-as-contributor')
    await second.page.goto('/admin')
    await second.page.getByText(/for administrators of the installation only/).waitFor()
  })

  it('a second factor is turned on, and a recovery code opens the account without it', async () => {
    const { page } = second
    await page.goto('/settings/security')
    await page.getByRole('button', { name: 'Set up an authenticator' }).click()
    await confirmIfAsked(second, colleague.password)
    const secret = (await page.locator('dd code').first().textContent()) ?? ''
    await page.getByRole('img', { name: /^QR code/ }).waitFor()
    await page.getByLabel('Six digits that the app shows').fill('000000')
    await page.getByRole('button', { name: 'Turn it on' }).click()
    await page.getByText('This code does not fit.').waitFor()
    await expectSound(second, 'accounts-second-factor')
    await page.getByLabel('Six digits that the app shows').fill(codeOf(secret))
    await page.getByRole('button', { name: 'Turn it on' }).click()
    await page.getByTestId('recovery-codes').waitFor()
    recovery_codes = await page.getByTestId('recovery-codes').getByRole('listitem').allTextContents()
    expect(recovery_codes.length).toBe(10)
    await expectSound(second, 'accounts-recovery-codes')
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('A second factor is on.').waitFor()

    await page.getByTestId('account').click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('E-mail').fill(colleague.email)
    await page.getByLabel('Password', { exact: true }).fill(colleague.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Second step' }).waitFor()
    await page.getByRole('button', { name: /use a recovery code/ }).click()
    await page.getByLabel('Recovery code').fill(recovery_codes[0]!)
    await expectSound(second, 'accounts-recovery')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL('**/calculations')
  })

  it('an API key is shown once, does what it was given, and is refused the rest', async () => {
    const { page } = second
    await page.goto('/settings/keys')
    await page.getByLabel('What is it for?').fill('Night export')
    await page.getByRole('button', { name: 'Make the key' }).click()
    await confirmIfAsked(second, recovery_codes[1]!)
    await page.getByRole('heading', { name: '“Night export” is made' }).waitFor()
    const key = (await page.getByTestId('new-key').locator('code').textContent()) ?? ''
    await expectSound(second, 'accounts-key')
    const ask = (path: string) => fetch(`${server?.base_url}${path}`, { headers: { authorization: `Bearer ${key}` } })
    const answer = await ask('/api/v1/calculations?limit=5')
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('Atelier Marée (demonstration)')
    expect((await ask('/api/v1/audit')).status).toBe(403)
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('button', { name: 'Revoke Night export' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('Revoked', { exact: true }).waitFor()
    expect((await ask('/api/v1/calculations?limit=5')).status).toBe(401)
  })

  it('everything kept about a person is exported, and the account is deleted with a way back', async () => {
    const { page } = second
    await page.goto('/settings/data')
    await page.getByRole('button', { name: 'Export my data' }).click()
    await confirmIfAsked(second, recovery_codes[2]!)
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click({ timeout: 60_000 })
    const document = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as {
      format: string
      collections: Record<string, { email?: string }[]>
    }
    expect(document.format).toBe('tidemark-export')
    expect(document.collections['accounts.person']?.[0]?.email).toBe(colleague.email)
    await page.getByRole('button', { name: 'Delete my account' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete my account' }).click()
    await page.getByText(/^It is scheduled for/).waitFor()
    await expectSound(second, 'accounts-deletion')
  })

  it('the trail holds all of it, and its chain is whole', async () => {
    const { page } = first
    await page.goto('/settings/audit')
    for (const what of ['API key made', 'Invitation accepted', 'Second factor turned on', 'Deletion scheduled']) {
      await page.getByRole('listitem').filter({ hasText: what }).first().waitFor()
    }
    await page.getByRole('button', { name: 'Check the chain' }).click()
    await page.getByText(/^The chain is whole/).waitFor()
    await expectSound(first, 'accounts-audit')
  })

  it('a session that was ended elsewhere sends to sign in, and back to the page that was open', async () => {
    const { page } = first
    const elsewhere = await open('desktop')
    await elsewhere.context.addCookies(await first.context.cookies())
    await elsewhere.page.goto('/settings/security')
    await page.goto('/settings/profile')
    await page.getByLabel('Name', { exact: true }).waitFor()
    await elsewhere.page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await elsewhere.page.waitForURL('**/auth/sign-in**')
    await elsewhere.context.close()

    await page.getByRole('link', { name: 'API keys' }).click()
    await page.waitForURL('**/auth/sign-in?return_to=*')
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'A new key' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/settings/keys')
  })

  it('the organisation has a profile with sites, a webhook says why an address is refused, and factors are imported', async () => {
    const { page } = first
    await page.goto('/settings/organisation')
    const profile = page.locator('#profile')
    await profile.getByLabel('Employees').fill('forty')
    await profile.getByRole('button', { name: 'Save' }).click()
    await profile.getByText('A number, zero or more.').waitFor()
    await profile.getByLabel('Employees').fill('1,040')
    await profile.getByLabel('Sector').fill('13.92z')
    await profile.getByRole('button', { name: 'Add a site' }).click()
    await profile.getByRole('group', { name: 'Site 1' }).getByLabel('Name').fill('Atelier')
    await profile.getByRole('group', { name: 'Site 1' }).getByLabel('Country').selectOption('FR')
    await expectSound(first, 'accounts-organisation')
    await profile.getByRole('button', { name: 'Save' }).click()
    await profile.getByText('Saved.').waitFor()
    await page.reload()
    expect(await profile.getByLabel('Employees').inputValue()).toBe('1,040')
    expect(await profile.getByRole('group', { name: 'Site 1' }).getByLabel('Name').inputValue()).toBe('Atelier')

    await page.goto('/settings/webhooks')
    await page.getByLabel('Address').fill('http://127.0.0.1/hook')
    await page.getByRole('button', { name: 'Add the webhook' }).click()
    await page.getByRole('alert').getByText('This address cannot be called').waitFor()
    expect(await page.getByLabel('Address').getAttribute('aria-invalid')).toBe('true')
    await expectSound(first, 'accounts-webhook-refused')

    await page.goto('/admin?part=factors')
    await page.getByLabel('File').setInputFiles({
      name: 'own.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('name,value,unit,source\nRope of hemp,1.7,kg,Example supplier 2026\n'),
    })
    await page.getByRole('button', { name: 'Import the file' }).click()
    await confirmIfAsked(first, owner.password)
    await page.getByText('One factor was added.').waitFor()
    await expectSound(first, 'accounts-import')
  })

  it('a forgotten password is replaced through the mail, and the old one no longer opens', async () => {
    const visitor = await open('desktop')
    const { page } = visitor
    await page.goto('/auth/forgot')
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByRole('button', { name: 'Mail me a link' }).click()
    await page.getByText(/the link is on its way/).waitFor()
    await first.page.goto('/admin?part=outbox')
    const mail = first.page.getByTestId('mail').filter({ hasText: 'Choose a new password' }).first()
    const link = /http:\/\/\S+\/auth\/reset#\S+/.exec((await mail.textContent()) ?? '')?.[0] ?? ''
    await page.goto(link)
    const old_password = owner.password
    owner.password = 'harbour pencil thunder maple'
    await page.getByLabel('New password').fill(owner.password)
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByRole('heading', { name: 'The password is set' }).waitFor()
    await page.getByRole('link', { name: 'Sign in', exact: true }).last().click()
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill(old_password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('E-mail and password do not fit').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: `Welcome, ${owner.name}` }).waitFor()
    // Every session ended with the old password, so the pages that follow are looked at with this one.
    first.complaints.push(...visitor.complaints)
    await first.context.close()
    first = { ...visitor, complaints: first.complaints }
    expect(await page.getByTestId('account').textContent()).toContain('Voilerie Kermor')
  })

  it('nothing was complained of in the console on the way', () => {
    // A refusal is an answer, but browsers write every status above 399 to the console.
    const refusals = /status of (?:401|403|422)/
    expect([...first.complaints, ...second.complaints].filter((each) => !refusals.test(each))).toEqual([])
  })

  it('every page of an account reads well in French on a phone in the dark', async () => {
    const seen = await open('french_phone')
    await seen.context.addCookies(await first.context.cookies())
    for (const address of addresses) await expectPage(seen, address, 'french_phone')
    expect(seen.complaints).toEqual([])
    await seen.context.close()
  })

  it('every page before signing in reads well in French on a phone in the dark', async () => {
    const view = 'french_phone'
    const seen = await open(view)
    for (const address of before) await expectPage(seen, address, view)
    expect(seen.complaints.filter((each) => !/status of 410/.test(each))).toEqual([])
    await seen.context.close()
  })
})

const addresses = [
  '/welcome',
  '/settings/profile',
  '/settings/security',
  '/settings/data',
  '/settings/organisation',
  '/settings/keys',
  '/settings/webhooks',
  '/settings/audit',
  '/admin',
  ...['people', 'organisations', 'keys', 'plans', 'outbox', 'jobs', 'usage', 'factors'].map(
    (part) => `/admin?part=${part}`,
  ),
  '/admin/audit',
]
const made_up = 'A'.repeat(43)
const before = [
  '/auth/sign-in',
  '/auth/sign-up',
  '/auth/forgot',
  '/auth/claim',
  `/auth/claim#${made_up}`,
  `/auth/reset#${made_up}`,
  `/auth/verify-email#${made_up}`,
  `/auth/invitation#${made_up}`,
]

function open(view: View): Promise<Visit> {
  if (!browser || !server) throw new Error('The browser and the server are started before.')
  return visit(browser, view, server.base_url)
}

async function expectPage(seen: Visit, address: string, view: View): Promise<void> {
  await seen.page.goto(address)
  await seen.page.waitForLoadState('networkidle')
  await seen.page.getByRole('heading', { level: 1 }).waitFor()
  await expectSound(seen, `accounts-${view}${address.replace(/#.*/, '-link').replaceAll(/[^a-z]+/g, '-')}`)
}
