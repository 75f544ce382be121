// What a developer of a mangrove project and their reviewer do: a boundary is drawn and pasted, two pictures are sent, the result
// is read, and somebody who had no part in it decides. The pictures are a generated scene, as the
// project's name says.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_CLAIMED_HA, demoBoundary, writeDemoScene } from '../server/src/projects/demo-scene.ts'
import { startBrowser, visit, type View, type Visit } from './browser.ts'
import { expectSound, send } from './person.ts'
import { startServer, type RunningServer } from './server.ts'

const { browser, reason } = await startBrowser()
let server: RunningServer | undefined
let folder = ''
beforeAll(async () => {
  if (!browser) return
  folder = await mkdtemp(join(tmpdir(), 'tidemark-scene-'))
  const written = Promise.all((['before', 'after'] as const).map((when) => writeDemoScene(scene(when), when)))
  server = await startServer()
  await written
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  if (folder !== '') await rm(folder, { recursive: true })
})

const scene = (when: 'before' | 'after') => join(folder, `${when}.tif`)
const password = 'four tides turn a slow wheel'
const developer = { name: 'Ines', email: 'ines@example.org', password }
const reviewer = { name: 'Vera', email: 'vera@example.org', password }

describe.skipIf(!browser)(`a restoration project${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('is drawn, sent two pictures, measured while one watches, read, and decided by somebody who had no part in it', async () => {
    if (!browser || !server) throw new Error('skipped without a browser')
    const ines = await visit(browser, 'desktop', server.base_url)
    const vera = await visit(browser, 'desktop', server.base_url)
    await makeAccounts(ines, vera, server)
    await describeProject(ines)
    await sendPictures(ines)
    await readResult(ines)
    await decide(vera)

    // Her page is open all the while, and is told of it.
    await ines.page
      .getByTestId('decided')
      .getByText(/^for [\d,]+ t CO₂e$/)
      .waitFor({ timeout: 10_000 })
    await ines.page.getByRole('link', { name: 'Certificate of the decision' }).waitFor()
    const { pathname } = new URL(ines.page.url())
    const cookies = await ines.context.cookies()
    expect([...ines.complaints, ...vera.complaints]).toEqual([])
    await Promise.all([ines.context.close(), vera.context.close()])

    await look('french_phone', cookies, [
      ['/projects', 'Créer un projet'],
      [`${pathname}?part=evidence`, 'Envoyer une image'],
      [`${pathname}?part=result`, 'La végétation a gagné'],
    ])
    await look('dark', cookies, [[pathname, 'Approved in part']])
  })
})

/** The developer claims the installation and invites the reviewer, as the pages of accounts have it. */
async function makeAccounts(ines: Visit, vera: Visit, { output }: RunningServer): Promise<void> {
  const secret = /auth\/claim#(\S+)/.exec(output())?.[1] ?? ''
  await ines.page.goto('/')
  const organisation = { name: 'Coast Trust', country: 'FR' }
  const { organisation_id } = await send<{ organisation_id: string }>(ines, 'POST', '/api/v1/auth/claim', { ...developer, token: secret, organisation }) // oxfmt-ignore
  await send(ines, 'POST', `/api/v1/organisations/${organisation_id}/invitations`, {
    email: reviewer.email,
    role: 'verifier',
  })
  const outbox = JSON.stringify(await send(ines, 'GET', '/api/v1/admin/outbox'))
  const invitation = /auth\/invitation#([\w-]+)/.exec(outbox)?.[1] ?? ''
  await vera.page.goto('/')
  await send(vera, 'POST', '/api/v1/auth/sign-up', { ...reviewer, invitation })
}

async function describeProject(seen: Visit): Promise<void> {
  const { page } = seen
  await page.goto('/projects')
  await page.getByRole('heading', { name: 'No project yet' }).waitFor()
  await page.getByRole('link', { name: 'Make a project' }).click()
  await page.getByLabel('Name of the project').fill('Planted shore (generated)')
  await page.getByLabel('Developer').fill('Coast Trust')
  await page.getByLabel('Claimed hectares').fill(String(DEMO_CLAIMED_HA))

  await page.locator('[data-testid=draw-map][data-drawn=true]').waitFor()
  await page.getByLabel('Look at latitude, longitude').fill('0.4977, 0.9959')
  await page.getByRole('button', { name: 'Go there' }).click()
  const map = page.getByTestId('draw-map')
  await map.scrollIntoViewIfNeeded()
  const box = await map.boundingBox()
  if (!box) throw new Error('the map has no place')
  const corners = [[0.3, 0.3], [0.6, 0.3], [0.6, 0.6], [0.3, 0.6], [0.3, 0.3]] // oxfmt-ignore
  for (const [x = 0, y = 0] of corners) {
    await page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 3 })
    await page.mouse.down()
    await page.mouse.up()
  }
  const area = page.getByTestId('area')
  await area.and(page.locator('[data-verdict=blocks]')).waitFor()
  await page.getByRole('button', { name: 'Draw the boundary' }).and(page.locator('[aria-pressed=false]')).waitFor()

  await page.getByLabel('Or type or paste it').fill(JSON.stringify(demoBoundary()))
  await page.getByRole('button', { name: 'Read what stands there' }).click()
  await area.and(page.locator('[data-verdict=agrees]')).waitFor()
  expect(await area.textContent()).toMatch(/51\.2 ha/)
  await page.getByLabel('Climate').selectOption('tropical_wet')
  await page.getByLabel('Salinity of the water, g/l').fill('30')
  await page
    .getByRole('group', { name: /^It restores a tidal wetland/ })
    .getByLabel('Yes')
    .check()
  await expectSound(seen, 'projects-new')
  await page.getByRole('button', { name: 'Make the project' }).click()
  await page.getByRole('button', { name: 'Register the project' }).click()
  await page.getByRole('heading', { name: 'Next: send a picture from before' }).waitFor()
}

async function sendPictures(seen: Visit): Promise<void> {
  const { page } = seen
  await page.getByRole('link', { name: 'To the evidence' }).click()
  const form = page.getByRole('form', { name: 'Send a picture' })
  await form.getByRole('button', { name: 'Send' }).click()
  await form.getByText('Choose a file.').waitFor()
  await form.locator('input[type=file]').setInputFiles(scene('before'))
  await form.getByRole('button', { name: 'Send' }).click()
  await form.getByText('It is kept as evidence.').waitFor()
  await form.locator('input[type=file]').setInputFiles(scene('after'))
  await form.getByRole('button', { name: 'Send' }).click()
  await form.getByText('It is kept, and the pair is being measured now.').waitFor()
  expect(await page.getByTestId('evidence').count()).toBe(2)
  await page.getByTestId('progress').waitFor()
  await page.getByTestId('progress').waitFor({ state: 'detached', timeout: 60_000 })
}

async function readResult(seen: Visit): Promise<void> {
  const { page } = seen
  await page.getByRole('link', { name: 'Result', exact: true }).click()
  await page.getByRole('heading', { name: 'Vegetation grew' }).waitFor()
  const divider = page.getByRole('slider', { name: 'Divider between before and after' })
  await divider.press('ArrowRight')
  expect(await divider.getAttribute('aria-valuetext')).toContain('51')
  await page.getByLabel('Blue and hatched orange instead of green and red').check()
  await page.getByText(/^(Uncalibrated:|Calibrated by table)/).waitFor()
  expect(await page.getByTestId('transitions').textContent()).toContain('Dense')
  expect(await page.getByTestId('methods').textContent()).toContain('Not declared')
  await page.getByText(/^Formula sheet: IPCC/).click()
  await page.getByText('1.62 ×').waitFor()
  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  await page.getByRole('button', { name: 'Hand in for review' }).click()
  await page.getByRole('heading', { name: 'A reviewer is on it' }).waitFor()
}

async function decide(seen: Visit): Promise<void> {
  const { page } = seen
  await page.goto('/reviews')
  await page.getByRole('link', { name: 'Planted shore (generated)' }).click()
  const form = page.getByRole('form', { name: 'Your decision' })
  await form.getByLabel('Approve a part').check()
  await form.getByLabel('Share that is approved').fill('60')
  await form.getByRole('button', { name: 'Approve this part' }).click()
  await form.getByText('This is needed.').waitFor()
  await form.getByLabel('Reason, in writing').fill('The young rows are not closed yet.')
  await expectSound(seen, 'projects-review')
  await form.getByRole('button', { name: 'Approve this part' }).click()
  await page.getByTestId('decided').getByRole('heading', { name: 'Approved in part' }).waitFor()
}

type Cookies = Awaited<ReturnType<Visit['context']['cookies']>>

/** Other eyes on the same pages, signed in already. */
async function look(
  view: View,
  cookies: Cookies,
  pages: readonly (readonly [address: string, text: string])[],
): Promise<void> {
  if (!browser || !server) return
  const seen = await visit(browser, view, server.base_url)
  await seen.context.addCookies(cookies)
  for (const [index, [address, text]] of pages.entries()) {
    await seen.page.goto(address)
    await seen.page.getByText(text).first().waitFor()
    await expectSound(seen, `projects-${view}-${index}`)
  }
  expect(seen.complaints).toEqual([])
  await seen.context.close()
}
