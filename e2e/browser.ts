// A real browser without a system package: Chromium comes from npm as compressed archives and is unpacked once per version.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

const root = dirname(import.meta.dirname)
const pictures = join(import.meta.dirname, 'pictures')

/**
 * Ours, not the package's own list: that one switches web security off, and a journey in an unsafe browser proves little.
 * There is no sandbox because containers and root have none to offer; the pages are our own.
 */
const launchArguments = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--font-render-hinting=none',
]

export type Started = { browser: Browser; reason?: undefined } | { browser?: undefined; reason: string }

/** Starts the browser, or says in one sentence why it cannot run on this machine: a journey is then skipped with it. */
export async function startBrowser(): Promise<Started> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { reason: `the browser from npm runs on linux x64 only, this is ${process.platform} ${process.arch}` }
  }
  try {
    const { executablePath, folder } = await unpackBrowser()
    const env = { ...process.env, FONTCONFIG_FILE: writeFontSettings(folder), ...librariesFor(executablePath, folder) }
    return { browser: await chromium.launch({ executablePath, args: launchArguments, env: onlyStrings(env) }) }
  } catch (error) {
    const sentences = error instanceof Error ? error.message : String(error)
    return { reason: `the browser did not start: ${sentences.split('\n').slice(0, 3).join(' ')}` }
  }
}

/** How a person sees the pages. Each journey takes its pictures in all of these. */
export const views = {
  desktop: { viewport: { width: 1280, height: 800 }, locale: 'en-GB', colorScheme: 'light' },
  phone: {
    viewport: { width: 360, height: 740 },
    locale: 'en-GB',
    colorScheme: 'light',
    isMobile: true,
    hasTouch: true,
  },
  dark: { viewport: { width: 1280, height: 800 }, locale: 'en-GB', colorScheme: 'dark' },
  french: { viewport: { width: 1280, height: 800 }, locale: 'fr-FR', colorScheme: 'light' },
  /** The longest words on the narrowest screen, in the dark: what reads well here does in English, on a desk and in the light. */
  french_phone: {
    viewport: { width: 360, height: 740 },
    locale: 'fr-FR',
    colorScheme: 'dark',
    isMobile: true,
    hasTouch: true,
  },
} as const

export type View = keyof typeof views

export interface Visit {
  page: Page
  context: BrowserContext
  /** What the page wrote to its console as an error, threw, or could not load. Empty on a good visit. */
  complaints: string[]
}

/** Opens a fresh profile with the given view and an empty page in it, and listens for complaints from the first moment. */
export async function visit(browser: Browser, view: View, base_url?: string): Promise<Visit> {
  const context = await browser.newContext({ ...views[view], baseURL: base_url, acceptDownloads: true })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
  page.on('response', (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()}: ${response.url()}`)
  })
  return { page, context, complaints }
}

/** Takes a picture of the whole page into `e2e/pictures`, which git ignores, and returns its path. */
export async function picture(page: Page, name: string): Promise<string> {
  mkdirSync(pictures, { recursive: true })
  const path = join(pictures, `${name}.png`)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
  return path
}

/**
 * What WCAG 2.2 A and AA find wrong with the page as it is now, one sentence per rule and the elements it concerns. Expect
 * an empty list.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.slice(0, 3).map((node) => node.target.join(' '))
    return `${id}: ${help} (${nodes.length} × ${where.join(', ')})`
  })
}

/** By how many pixels the page is wider than its window. A page that fits answers 0: nobody should scroll sideways. */
export async function overflow_px(page: Page): Promise<number> {
  // A phone's browser widens its layout to what does not fit, so the content is compared with the window that was asked for.
  const content_px = Number(await page.evaluate('document.documentElement.scrollWidth'))
  const window_px = page.viewportSize()?.width ?? content_px
  return Math.max(0, content_px - window_px)
}

// --- Unpacking -------------------------------------------------------------------------------------------------------

async function unpackBrowser(): Promise<{ executablePath: string; folder: string }> {
  const { inflate } = await import('@sparticuz/chromium')
  const archives = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'bin')
  const { version } = JSON.parse(readFileSync(join(archives, '..', 'package.json'), 'utf8')) as { version: string }
  // Beside the package and not in a shared temporary folder: the package reuses what it finds there, of whatever version.
  const folder = join(root, 'node_modules', '.cache', `chromium-${version}`)
  const executablePath = join(folder, 'chromium')
  if (existsSync(executablePath)) return { executablePath, folder }

  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  await withTemporaryFolder(unfinished, () =>
    Promise.all(
      ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'].map((name) =>
        inflate(join(archives, name)),
      ),
    ),
  )
  // Renaming is all or nothing, so a half unpacked browser is never started. Whoever comes second keeps the first one's.
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    if (!existsSync(executablePath)) throw error
    rmSync(unfinished, { recursive: true, force: true })
  }
  return { executablePath, folder }
}

/** The package unpacks into the temporary folder of the process; there is no argument for it. */
async function withTemporaryFolder(folder: string, work: () => Promise<unknown>): Promise<void> {
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    await work()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}

/** Chromium needs NSS and NSPR beyond the C library. Where the system has none, the package brings its own. */
function librariesFor(executablePath: string, folder: string): { LD_LIBRARY_PATH?: string } {
  const linked = execFileSync('ldd', [executablePath], { encoding: 'utf8' })
  if (!linked.includes('not found')) return {}
  const own = join(folder, 'al2023', 'lib')
  return { LD_LIBRARY_PATH: [own, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') }
}

/**
 * A bare machine has no font at all, and a browser without fonts lays out lines of no height. The package's own settings
 * look in fixed folders; ours name the font it brings, then whatever the system has for the other scripts.
 */
function writeFontSettings(folder: string): string {
  const path = join(folder, 'fonts.conf')
  const prefer = (generic: string) =>
    `<alias><family>${generic}</family><prefer><family>Open Sans</family></prefer></alias>`
  const folders = [join(folder, 'fonts'), '/usr/share/fonts'].map((place) => `<dir>${place}</dir>`)
  const lines = [
    ...folders,
    `<cachedir>${join(folder, 'font-cache')}</cachedir>`,
    prefer('sans-serif'),
    prefer('system-ui'),
  ]
  const head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
  writeFileSync(path, `${head}\n<fontconfig>\n${lines.join('\n')}\n</fontconfig>\n`)
  return path
}

function onlyStrings(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
