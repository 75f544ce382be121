// How long a person waits for the landing page in Chromium: from the address to the number computed on the page, with an
// empty cache each time. Beside it, in the same run, a page of the same server that needs no script at all.
//
//   node bench/first-page.ts
import { startBrowser } from '../e2e/browser.ts'
import { startServer } from '../e2e/server.ts'
import { sayBar, skipBar } from './bar.ts'

const ROUNDS = 7
const MS_MAX = 2000

const started = await startBrowser()
if (!started.browser) {
  skipBar('first page in Chromium', started.reason)
  process.exit(0)
}
const { browser } = started
const server = await startServer()
try {
  const bare_ms: number[] = []
  const page_ms: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    bare_ms.push(await timed('/version', 'body'))
    page_ms.push(await timed('/', '[data-testid=home-total]'))
  }
  const [bare, page] = [median(bare_ms), median(page_ms)]
  process.stdout.write(`a bare answer of the server     ${bare.toFixed(0).padStart(5)} ms\n`)
  process.stdout.write(
    `the landing page, number shown  ${page.toFixed(0).padStart(5)} ms: ${(page / MS_MAX).toFixed(2)} × the bar of ${MS_MAX} ms, ${(page / bare).toFixed(1)} × a bare answer\n`,
  )
  process.stdout.write(
    `slowest of ${ROUNDS}                    ${Math.max(...page_ms)
      .toFixed(0)
      .padStart(5)} ms\n`,
  )
  sayBar({ what: 'first page in Chromium', measured: page, unit: 'ms', at: { most: MS_MAX } })
} finally {
  await browser.close()
  await server.stop()
}

async function timed(path: string, selector: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  const started = performance.now()
  await page.goto(server.base_url + path)
  await page.locator(selector).first().waitFor()
  const ms = performance.now() - started
  await context.close()
  return ms
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
