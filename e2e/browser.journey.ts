import { afterAll, describe, expect, it } from 'vitest'
import { accessibilityFaults, overflow_px, startBrowser, visit, views, type View } from './browser.ts'

const { browser, reason } = await startBrowser()
afterAll(() => browser?.close())

const page_html = `<!doctype html><html lang="en"><title>A page</title>
  <style>body { background: white; color: black } @media (prefers-color-scheme: dark) { body { background: black; color: white } }</style>
  <main><h1>Tide</h1><p id="locale"></p><button>Go</button></main>
  <script>document.getElementById('locale').textContent = (1234.5).toLocaleString()</script></html>`

describe.skipIf(!browser)(`the browser that the journeys use${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it.each(Object.keys(views) as View[])('shows a page as a person sees it: %s', async (view) => {
    const { page, context, complaints } = await visit(browser!, view)
    await page.setContent(page_html)
    expect(await page.getByRole('heading', { name: 'Tide' }).isVisible()).toBe(true)
    expect(page.viewportSize()).toEqual(views[view].viewport)
    expect(await page.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')).toBe(
      views[view].colorScheme === 'dark',
    )
    const number = await page.locator('#locale').textContent()
    expect(number).toBe((1234.5).toLocaleString(views[view].locale))
    expect(complaints).toEqual([])
    await context.close()
  })

  it('finds what a screen reader would miss, and nothing on a good page', async () => {
    const { page, context } = await visit(browser!, 'desktop')
    await page.setContent(page_html)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.setContent('<!doctype html><title>x</title><main><img src="data:,"><button></button></main>')
    const faults = await accessibilityFaults(page)
    expect(faults.join('\n')).toMatch(/image-alt/)
    expect(faults.join('\n')).toMatch(/button-name/)
    await context.close()
  })

  it('notices a page that is too wide for a phone', async () => {
    const { page, context } = await visit(browser!, 'phone')
    await page.setContent('<!doctype html><meta name="viewport" content="width=device-width"><main>fits</main>')
    expect(await overflow_px(page)).toBe(0)
    await page.setContent(
      '<!doctype html><meta name="viewport" content="width=device-width"><main style="width: 500px">too wide</main>',
    )
    expect(await overflow_px(page)).toBeGreaterThan(100)
    await context.close()
  })

  it('hears a page complain', async () => {
    const { page, context, complaints } = await visit(browser!, 'desktop')
    await page.setContent('<script>console.error("ouch"); setTimeout(() => { throw new Error("broken") })</script>')
    await expect.poll(() => complaints).toEqual(['console: ouch', 'thrown: broken'])
    await context.close()
  })
})
