// A person's way through the real server in a real browser: from the landing page to a certificate that is checked without
// a network, and to an altered copy that is refused by the name of the field, in both languages.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessibilityFaults, overflow_px, picture, startBrowser, visit, type View, type Visit } from './browser.ts'
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

/** What stands on the pages, in the words of each language. */
const languages = {
  desktop: {
    start: 'Start the questionnaire',
    name: 'Name',
    country: 'Country',
    year: 'Year',
    premises: 'In premises that we own or rent',
    goods: 'Goods, also or only',
    next: 'Next',
    electricity: 'Electricity',
    kwh: '62,000',
    bills: 'Bills or accounts',
    unknown: 'I don’t know',
    yes: 'Yes',
    from: 'From',
    to: 'To',
    cabin: 'Class',
    trips: 'Passengers × trips',
    calculate: 'Calculate and certify',
    same: 'Your browser computed the same digits.',
    certificate: 'See the certificate',
    bundle: 'Download the bundle',
    offline: 'The network is off. Everything below still works.',
    ready: 'Ready to work offline: the verifier, the engine and the keys are loaded.',
    replay: 'Replay it',
    verify: 'Verify',
    gap: 'you said you don’t know',
    replayed: 'Computed again, digit for digit.',
    valid: 'Valid',
    altered: 'Altered',
  },
  french: {
    start: 'Commencer le questionnaire',
    name: 'Nom',
    country: 'Pays',
    year: 'Année',
    premises: 'Dans des locaux à nous ou loués',
    goods: 'Des biens, aussi ou seulement',
    next: 'Suivant',
    electricity: 'Électricité',
    kwh: '62 000',
    bills: 'Factures ou comptabilité',
    unknown: 'Je ne sais pas',
    yes: 'Oui',
    from: 'De',
    to: 'À',
    cabin: 'Classe',
    trips: 'Passagers × trajets',
    calculate: 'Calculer et certifier',
    same: 'Votre navigateur a calculé les mêmes chiffres.',
    certificate: 'Voir le certificat',
    bundle: 'Télécharger le dossier',
    offline: 'Le réseau est coupé. Tout ce qui suit fonctionne encore.',
    ready: 'Prêt à travailler hors ligne\u00A0: vérificateur, moteur et clés sont chargés.',
    replay: 'Le rejouer',
    verify: 'Vérifier',
    gap: 'vous avez dit ne pas savoir',
    replayed: 'Recalculé, au chiffre près.',
    valid: 'Valide',
    altered: 'Altéré',
  },
} as const satisfies Partial<Record<View, Record<string, string>>>

type Spoken = keyof typeof languages
type Words = (typeof languages)[Spoken]

describe.skipIf(!browser)(`a first footprint, certified${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it.each(['desktop', 'french'] as const)(
    'from the landing page to a certificate checked without a network, and an altered copy refused by its field: %s',
    async (view) => {
      const words = languages[view]
      const seen = await open(view)
      const { page, context, complaints } = seen

      await page.goto('/')
      await page.getByTestId('home-total').waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe(view === 'french' ? 'fr' : 'en')
      expect(await page.getByTestId('home-total').textContent()).toMatch(/CO₂e/)
      await expectSound(seen, `${view}-home`)

      await page.getByRole('link', { name: words.start }).click()
      await answerQuestions(seen, words)
      const live = await page.getByTestId('live-total').first().textContent()

      await page.getByRole('button', { name: words.calculate }).click()
      await page.waitForURL(/\/calculations\/calc_/)
      await expect.poll(() => page.getByTestId('browser-check').textContent(), { timeout: 20_000 }).toBe(words.same)
      expect(await page.getByTestId('total').textContent()).toBe(live)
      expect(await page.getByText(words.gap).count()).toBeGreaterThan(0)
      await expectSound(seen, `${view}-result`)

      await page.getByRole('link', { name: words.certificate }).click()
      await expect.poll(() => outcomeOf(seen), { timeout: 20_000 }).toBe('valid')
      await expectSound(seen, `${view}-certificate`)
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: words.bundle }).click()
      const bundle = readFileSync(await (await download).path(), 'utf8')

      await page.getByRole('link', { name: words.verify, exact: true }).click()
      await expect.poll(() => page.getByTestId('readiness').textContent(), { timeout: 20_000 }).toBe(words.ready)
      await context.setOffline(true)
      await expect.poll(() => page.getByTestId('readiness').textContent()).toBe(words.offline)

      await giveFile(seen, 'bundle.json', bundle)
      expect(await outcomeOf(seen)).toBe('valid')
      expect(await page.getByTestId('outcome').textContent()).toContain(words.valid)
      await page.getByRole('button', { name: words.replay }).click()
      await page.getByText(words.replayed).waitFor()
      await expectSound(seen, `${view}-verified`)

      await giveFile(seen, 'altered.json', altered(bundle))
      expect(await outcomeOf(seen)).toBe('altered')
      expect(await page.getByTestId('outcome').textContent()).toContain(words.altered)
      await expect.poll(() => failedChecks(seen)).toContain('electricity')
      await expectSound(seen, `${view}-altered`)

      await giveFile(seen, 'smaller.json', smallerTotal(bundle))
      expect(await outcomeOf(seen)).toBe('altered')
      await expect.poll(() => failedChecks(seen)).toContain('/certificate/credentialSubject/totals/emissions')
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  it('every page reads well on a phone: nothing to scroll sideways, nothing a screen reader would miss', async () => {
    const seen = await open('phone')
    const made = await fetch(`${server?.base_url}/api/v1/calculations?limit=1`)
    const { calculations } = (await made.json()) as {
      calculations: { calculation_id: string; certificate_id: string }[]
    }
    const [newest] = calculations
    const addresses = [
      '/',
      '/questionnaire',
      '/questionnaire?q=heating',
      '/calculations',
      `/calculations/${newest?.calculation_id}`,
      `/certificates/${newest?.certificate_id}`,
      '/verify',
      '/factors?q=diesel',
      '/factors?q=diesel&factor=base-carbone%3A25775',
      '/nowhere',
    ]
    for (const address of addresses) {
      await seen.page.goto(address)
      await seen.page.waitForLoadState('networkidle')
      await seen.page.getByRole('heading', { level: 1 }).waitFor()
      await expectSound(seen, `phone${address.replaceAll(/[^a-z]+/g, '-')}`)
    }
    expect(seen.complaints).toEqual([])
    await seen.context.close()
  })

  it('a certificate is not called valid without a trusted key: another server’s, and ours while other keys are asked for', async () => {
    const seen = await open('desktop')
    await seen.page.goto('/verify')
    const example = new URL('../core/src/certificates/vectors/example-certificate.json', import.meta.url)
    await giveFile(seen, 'example.json', readFileSync(example, 'utf8'))
    expect(await outcomeOf(seen)).toBe('untrusted_key')

    const answer = await fetch(`${server?.base_url}/api/v1/certificates?limit=1`)
    const { certificates } = (await answer.json()) as { certificates: { certificate_id: string }[] }
    const ours = await fetch(`${server?.base_url}/api/v1/certificates/${certificates[0]?.certificate_id}`)
    await giveFile(seen, 'ours.json', await ours.text())
    expect(await outcomeOf(seen)).toBe('valid')
    await seen.page.getByLabel('Keys that I supply').check()
    await expect.poll(() => outcomeOf(seen)).toBe('untrusted_key')
    const keys = await (await fetch(`${server?.base_url}/.well-known/jwks.json`)).text()
    await seen.page.getByLabel('JWKS as JSON').fill(keys)
    await expect.poll(() => outcomeOf(seen)).toBe('valid')
    await seen.context.close()
  })

  it('the questionnaire is answered by keyboard alone, and the answers are there after a reload', async () => {
    const { page, context } = await open('desktop')
    await page.goto('/questionnaire')
    await page.getByLabel('Name').focus()
    await page.keyboard.type('Voilerie Kermor')
    await page.keyboard.press('Tab')
    await page.keyboard.type('France')
    await page.keyboard.press('Tab')
    await page.keyboard.type('2024')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'How much electricity did you use?' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.type('1000')
    await expect.poll(() => page.getByTestId('live-total').first().textContent()).toMatch(/kg/)
    const before = await page.getByTestId('live-total').first().textContent()
    await page.reload()
    await expect.poll(() => page.getByTestId('live-total').first().textContent()).toBe(before)
    expect(await page.getByLabel('Electricity', { exact: true }).inputValue()).toBe('1,000')
    await context.close()
  })

  it('dark and light follow the system until somebody chooses, and the choice is kept', async () => {
    const { page, context } = await open('dark')
    await page.goto('/')
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const dark = await ground()
    await page.getByLabel('Colours').selectOption('light')
    const light = await ground()
    expect(light).not.toBe(dark)
    await page.reload()
    expect(await ground()).toBe(light)
    await context.close()
  })
})

function open(view: View): Promise<Visit> {
  if (!browser || !server) throw new Error('The browser and the server are started before.')
  return visit(browser, view, server.base_url)
}

/** Company, electricity, a flight and one "I don't know": enough for three scopes and a gap. */
async function answerQuestions({ page }: Visit, words: Words): Promise<void> {
  const next = () => page.getByRole('button', { name: words.next, exact: true }).click()
  const field = (label: string) => page.getByLabel(label, { exact: true })
  await field(words.name).fill('Voilerie Kermor')
  await field(words.country).selectOption('FR')
  await field(words.year).fill('2024')
  await page.getByText(words.premises).click()
  await page.getByText(words.goods).click()
  await next()
  await field(words.electricity).fill(words.kwh)
  await page.getByText(words.bills).click()
  await next()
  await page.getByRole('button', { name: words.unknown }).click()
  await next()
  await next()
  await next()
  await page.getByText(words.yes, { exact: true }).click()
  await chooseAirport(page, words.from, 'CDG')
  await chooseAirport(page, words.to, 'JFK')
  await field(words.cabin).selectOption('economy')
  await field(words.trips).fill('4')
  await page.getByText(words.yes, { exact: true }).nth(1).click()
  await page.getByText(words.bills).click()
  await expect
    .poll(() => page.getByTestId('live-total').first().textContent(), { timeout: 20_000 })
    .toMatch(/^[89][.,]/)
}

async function chooseAirport(page: Visit['page'], label: string, code: string): Promise<void> {
  const field = page.getByRole('combobox', { name: label, exact: true })
  await field.fill(code)
  await page.getByRole('option', { name: new RegExp(`^${code}`) }).waitFor()
  await field.press('Enter')
}

async function giveFile({ page }: Visit, name: string, text: string): Promise<void> {
  await page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })
  await page.getByRole('heading', { name }).waitFor()
  await page.getByTestId('outcome').waitFor()
}

async function outcomeOf({ page }: Visit): Promise<string | null> {
  const outcome = page.getByTestId('outcome')
  return (await outcome.count()) === 0 ? null : outcome.getAttribute('data-outcome')
}

/** The same file with one quantity changed, as somebody would who wants a smaller number. */
function altered(bundle: string): string {
  const copy = JSON.parse(bundle) as { evidence: { inventory: { lines: { quantity: number }[] } } }
  const [line] = copy.evidence.inventory.lines
  if (!line) throw new Error('The bundle holds no line.')
  line.quantity /= 2
  return JSON.stringify(copy)
}

/** The same file with another total in the certificate itself. */
function smallerTotal(bundle: string): string {
  return bundle.replace(/("totals":\s*\{[^}]*?"emissions":\s*")[^"]+"/, '$11.000"')
}

/** What the failed checks say, with the places they point at. */
async function failedChecks({ page }: Visit): Promise<string> {
  return (await page.locator('[data-status=failed]').allTextContents()).join(' ')
}

async function expectSound({ page }: Visit, name: string): Promise<void> {
  await picture(page, name)
  expect(await accessibilityFaults(page), name).toEqual([])
  expect(await overflow_px(page), name).toBe(0)
}
