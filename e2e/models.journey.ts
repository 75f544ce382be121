// A model's life as a person leads it: a table is brought in and checked, a model is described on it, trained and promoted;
// a newer table makes a second version, the two are compared, the second answers, and one step leads back to the first.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser, visit, type View, type Visit } from './browser.ts'
import { expectSound, send } from './person.ts'
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

describe.skipIf(!browser)(`models${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let seen: Visit
  let model_id = ''
  beforeAll(async () => {
    seen = await open('desktop')
  })

  it('a page without models leads to a table, which is profiled and checked', async () => {
    const { page } = seen
    await page.goto('/')
    await page.getByRole('link', { name: 'Models', exact: true }).click()
    await page.getByRole('heading', { name: 'No model yet: three steps to the first' }).waitFor()
    await expectSound(seen, 'models-empty')
    await page.getByRole('link', { name: 'Bring in a table' }).click()
    await giveTable(seen, 'Bring it in', 500)
    await page.getByRole('heading', { level: 1, name: 'Energy of buildings' }).waitFor()
    await page.getByRole('img', { name: /^Histogram of area_m2/ }).waitFor()
    await page.getByRole('button', { name: 'Begin with what this version shows' }).click()
    await expect.poll(() => page.getByTestId('validation').getAttribute('data-passed')).toBe('true')
    await expectSound(seen, 'models-dataset')
  })

  it('a check that does not hold names the rows', async () => {
    const { page } = seen
    const form = page.getByRole('form', { name: 'Add a check' })
    await form.getByLabel('What').selectOption('range')
    await form.getByLabel('Column').selectOption('area_m2')
    await form.getByLabel('At most').fill('900')
    await form.getByRole('button', { name: 'Add it, and check' }).click()
    await expect.poll(() => page.getByTestId('validation').getAttribute('data-passed')).toBe('false')
    await page.getByRole('region', { name: 'Rows that do not comply' }).waitFor()
  })

  it('a model is described on it; its first version is trained before one’s eyes, and answers once it is promoted', async () => {
    const { page } = seen
    await page.getByRole('link', { name: 'Describe a model' }).click()
    await page.getByLabel('Title of the model').fill('Energy of a building')
    await page.getByLabel('To predict').selectOption('energy_kwh')
    await page.getByLabel('What it is for').fill('Says what a building of that size and use needs in a year.')
    await expectSound(seen, 'models-describe')
    await page.getByRole('button', { name: 'Describe it and train a first version' }).click()
    await page.waitForURL(/\/models\/mdl_\w+\/runs/)
    model_id = /mdl_\w+/.exec(page.url())?.[0] ?? ''
    await ended(seen)
    await page.getByRole('log').getByText(/./).first().waitFor()
    await expectSound(seen, 'models-run')
    await page.getByRole('link', { name: 'See version 1' }).click()
    await promote(seen, 1, 'The first one, better than the median.')
    await page.getByText('Version 1 answers', { exact: true }).waitFor()
  })

  it('the model is asked, and says what each feature added', async () => {
    const { page } = seen
    await page.getByRole('link', { name: 'Ask it' }).click()
    await page.getByLabel('area_m2').fill('a lot')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByText('A number, please.').waitFor()
    await page.getByLabel('area_m2').fill('400')
    await page.getByLabel('use', { exact: true }).selectOption('hotel')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByTestId('prediction').waitFor()
    await page.getByTestId('waterfall').waitFor()
    await page.getByRole('button', { name: 'Draw it' }).click()
    await page.getByTestId('beeswarm').waitFor()
    await expectSound(seen, 'models-predict')
  })

  it('a newer table makes a second version; the two are compared, the second is promoted, and one step leads back', async () => {
    const { page } = seen
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Models' }).click()
    await page.getByRole('link', { name: 'Data sets' }).click()
    await page.getByRole('link', { name: /^Energy of buildings/ }).click()
    await giveTable(seen, 'Bring it in as a new version', 900)
    await page.getByText('900 rows, 5 columns · Version 2').waitFor()
    await page.goto(`/models/${model_id}`)
    await page.getByRole('button', { name: 'Train a new version' }).click()
    await page.waitForURL(/\/runs\?run=/)
    await ended(seen)
    await page.getByRole('link', { name: 'See version 2' }).click()
    await page.getByRole('heading', { name: 'Compare two versions' }).waitFor()
    const compared = page.getByRole('region', { name: 'What is different' })
    expect(await compared.textContent()).toContain('energy-of-buildings v2')
    await promote(seen, 2, 'Trained on nearly twice as many buildings.')
    await page.getByText('Version 2 answers', { exact: true }).waitFor()
    await expectSound(seen, 'models-versions')
    await page.getByRole('button', { name: 'Roll back to version 1' }).click()
    const dialog = page.getByRole('dialog', { name: 'Roll back to version 1?' })
    await dialog.getByRole('button', { name: 'Roll back' }).click()
    await dialog.getByText('A few words, so that somebody understands it in a year.').waitFor()
    await dialog.getByLabel('Why').fill('A trial of the way back.')
    await dialog.getByRole('button', { name: 'Roll back' }).click()
    await page.getByText('Version 1 answers', { exact: true }).waitFor()
    await page.getByText('Rolled back to version 1').waitFor()
    expect(seen.complaints).toEqual([])
  })

  it('what came true is reported, and the pages about it say what so little is worth', async () => {
    const { page } = seen
    await page.getByRole('link', { name: 'Performance' }).click()
    await page.getByRole('button', { name: /^Say what came true/ }).click()
    await page.getByLabel('What came true').fill('88,000')
    await page.getByLabel('Where that is from').fill('meter')
    await page.getByRole('button', { name: 'Keep it' }).click()
    await expect.poll(() => page.getByTestId('performance').getAttribute('data-state')).toBe('too-few-outcomes')
    await expectSound(seen, 'models-performance')
    await page.getByRole('link', { name: 'Drift', exact: true }).click()
    await expect.poll(() => page.getByTestId('drift').getAttribute('data-verdict')).toBe('too_few_rows')
    await expectSound(seen, 'models-drift')
    await page.getByRole('link', { name: 'Experiment', exact: true }).click()
    await page.getByRole('button', { name: 'Start the experiment' }).click()
    await expect.poll(() => page.getByTestId('experiment').getAttribute('data-state')).toBe('collecting')
    await expectSound(seen, 'models-experiment')
    expect(seen.complaints).toEqual([])
  })

  it('the pages fit a phone and speak French', async () => {
    const phone = await open('phone')
    await phone.page.goto('/models')
    await phone.page.getByLabel('Language').first().waitFor({ state: 'attached' })
    await phone.page.evaluate(`localStorage.setItem('tidemark.language', 'fr')`)
    const data = await send<{ datasets: { dataset_id: string }[] }>(phone, 'GET', '/ai/data/datasets')
    const pages = [`/models/data/${data.datasets[0]?.dataset_id}`, `/models/${model_id}`]
    for (const address of [...pages, `/models/${model_id}/versions`]) {
      await phone.page.goto(address)
      await phone.page.getByRole('heading', { level: 1 }).waitFor()
      await phone.page.waitForLoadState('networkidle')
      await expectSound(phone, `models-phone${address.replaceAll(/[^a-z]+/g, '-').slice(0, 20)}-${address.length}`)
    }
    expect(phone.complaints).toEqual([])
    await phone.context.close()
  })
})

function open(view: View): Promise<Visit> {
  if (!browser || !server) throw new Error('The browser and the server are started before.')
  return visit(browser, view, server.base_url)
}

async function giveTable({ page }: Visit, button: string, row_count: number): Promise<void> {
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'Energy of buildings.csv', mimeType: 'text/csv', buffer: Buffer.from(buildings(row_count)) })
  await page.getByRole('button', { name: button, exact: true }).click()
}

/** Buildings whose energy follows from size and use, hour after hour; the colour of the door says nothing. */
function buildings(row_count: number): string {
  const factors = { office: 150, school: 90, hotel: 220 } as const
  const uses = Object.keys(factors) as (keyof typeof factors)[]
  let state = 1
  const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const lines = Array.from({ length: row_count }, (_, row) => {
    const area = 50 + 950 * next()
    const use = uses[Math.floor(3 * next())] ?? 'office'
    const door = next() < 0.5 ? 'red' : 'blue'
    const energy = area * factors[use] * (0.9 + 0.2 * next())
    const read_at = new Date(Date.UTC(2025, 0, 1) + row * 3_600_000).toISOString()
    return `${area.toFixed(1)},${use},${door},${read_at},${energy.toFixed(0)}`
  })
  return `area_m2,use,door,read_at,energy_kwh\n${lines.join('\n')}\n`
}

/** Waits for the run that is open to end well. */
async function ended({ page }: Visit): Promise<void> {
  await expect
    .poll(() => page.getByTestId('run-state').getAttribute('data-state'), { timeout: 60_000 })
    .toBe('succeeded')
}

async function promote({ page }: Visit, version: number, why: string): Promise<void> {
  await page.getByRole('button', { name: `Promote Version ${version}`, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: `Shall version ${version} answer?` })
  await dialog.getByLabel('Why').fill(why)
  const knowingly = dialog.getByRole('checkbox')
  if ((await knowingly.count()) > 0) await knowingly.check()
  await dialog.getByRole('button', { name: 'Promote' }).click()
  await dialog.waitFor({ state: 'detached' })
}
