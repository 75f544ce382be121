// Markup and scripts in every text that can be stored: put in through the interface as somebody would who wants them to run
// in other people's browsers, then looked at on every page of the web application.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paths } from '../web/src/lib/paths.ts'
import { startBrowser, visit, type Visit } from './browser.ts'
import { startServer, type RunningServer } from './server.ts'

const { browser, reason } = await startBrowser()
let server: RunningServer | undefined
beforeAll(async () => {
  if (browser) server = await startServer({ env: { RATE_LIMITS: 'off' } })
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

/** Each says "pwned" where it runs, and where it is shown as the text that it is. */
const payloads = [
  `"><img src=x onerror=alert('pwned')>`,
  `<script>alert('pwned')</script>`,
  `</title><svg onload=alert('pwned')>`,
  `javascript:alert('pwned')`,
  `{{constructor.constructor('alert("pwned")')()}}`,
  `'-alert('pwned')-'`,
] as const
const owner = { name: 'Ada Kermor', email: 'ada@example.org', password: 'lantern orchard velvet tunnel', locale: 'en' }

describe.skipIf(!browser)(`markup in stored texts${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let cookie = ''
  let seen: Visit
  const alarms: string[] = []
  const ids: Record<string, string> = {}
  let accepted = 0
  let refused = 0

  beforeAll(async () => {
    if (!browser || !server) return
    const link = /\/auth\/claim#(\S+)/.exec(server.output())?.[1] ?? ''
    const organisation = { name: `Voilerie ${payloads[0]}`, country: 'FR' }
    const claimed = await call('POST', '/api/v1/auth/claim', { token: link, ...owner, organisation })
    ids.organisation_id = String((claimed.body as { organisation_id?: string }).organisation_id)
    await storeEverywhere()
    seen = await visit(browser, 'desktop', server.base_url)
    const [name = '', value = ''] = cookie.split('=')
    await seen.context.addCookies([{ name, value, url: server.base_url }])
    seen.page.on('dialog', (dialog) => {
      alarms.push(`${seen.page.url()}: a dialog says ${dialog.message()}`)
      void dialog.dismiss()
    })
  }, 170_000)

  it('is stored where a text may be any text, and refused where it may not', () => {
    console.info(`attacks: markup: ${accepted} texts stored, ${refused} refused, through every route with a body`)
    expect(accepted).toBeGreaterThan(40)
    expect(refused).toBeGreaterThan(40)
  })

  it('runs on no page: it is shown as the text that it is', async () => {
    const pages = [...new Set(Object.values(paths).filter((path) => !path.includes('$'))), ...shownByIds()]
    const admin = ['people', 'organisations', 'keys', 'factors', 'outbox', 'jobs', 'usage', 'plans'].map((part) => `/admin?part=${part}`) // oxfmt-ignore
    let with_text = 0
    for (const path of [...pages, ...admin]) {
      await seen.page.goto(path, { waitUntil: 'networkidle' })
      // What is folded away is drawn as well.
      await seen.page.evaluate(`document.querySelectorAll('details').forEach((each) => (each.open = true))`)
      if (
        String(await seen.page.evaluate('(document.querySelector("main") ?? document.body).innerText')).includes(
          'pwned',
        )
      )
        with_text += 1
      const made = await seen.page.evaluate(`[...document.querySelectorAll('*')].filter((each) =>
        [...each.attributes].some(({ name, value }) => name.startsWith('on') || (['href', 'src', 'action'].includes(name) && /^\\s*javascript:/i.test(value)))
        || (each.localName === 'script' && each.textContent.includes('pwned'))).map((each) => each.outerHTML.slice(0, 200))`)
      expect(made, path).toEqual([])
    }
    expect(alarms).toEqual([])
    expect(seen.complaints.filter((each) => !/40\d|Failed to load resource/.test(each))).toEqual([])
    console.info(
      `attacks: markup: ${pages.length + admin.length} pages looked at, ${with_text} of them show it as text`,
    )
    // It was there to be seen: were the pages empty, this would prove nothing.
    expect(with_text).toBeGreaterThan(8)
  })

  it('leads to no other site: what stands in an address as the way back is a path of ours or nothing', async () => {
    for (const away of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      'data:text/html,x',
    ])
      for (const path of [paths.signIn, paths.welcome]) {
        await seen.page.goto(`${path}?return_to=${encodeURIComponent(away)}`, { waitUntil: 'networkidle' })
        expect(new URL(seen.page.url()).origin, away).toBe(server?.base_url)
        expect(await seen.page.locator('a[href*="evil.example"]').count(), away).toBe(0)
      }
    expect(alarms).toEqual([])
    expect(seen.complaints.filter((each) => each.startsWith('thrown'))).toEqual([])
  })

  it('would not run if it did get in: the policy stops scripts in the page, in attributes and in addresses', async () => {
    await seen.page.goto('/verify', { waitUntil: 'networkidle' })
    await seen.page.evaluate(`{
      const script = document.createElement('script')
      script.textContent = 'window.ran = "a script"'
      const picture = document.createElement('div')
      picture.innerHTML = '<img src="data:x" onerror="window.ran = 1">'
      const link = document.createElement('a')
      link.href = 'javascript:window.ran = "an address"'
      const foreign = document.createElement('script')
      foreign.src = 'https://evil.example/x.js'
      document.body.append(script, picture, link, foreign)
      link.click()
    }`)
    await expect
      .poll(() => seen.complaints.filter((each) => each.includes('Content Security Policy')).length)
      .toBeGreaterThanOrEqual(3)
    expect(await seen.page.evaluate('window.ran ?? "nothing"')).toBe('nothing')
    expect(alarms).toEqual([])
  })

  /** Pages that show one thing, for every thing that was made. */
  function shownByIds(): string[] {
    return [
      ids.calculation_id && `/calculations/${ids.calculation_id}`,
      ids.certificate_id && `/certificates/${ids.certificate_id}`,
      ids.factor_id && `/factors?q=pwned&factor=${encodeURIComponent(ids.factor_id)}`,
      '/factors?q=pwned',
      `/auth/sign-in?return_to=${encodeURIComponent(payloads[3])}`,
      `/auth/sign-in?problem=${encodeURIComponent(payloads[0])}`,
      `/factors?q=${encodeURIComponent(payloads[0])}`,
      `/nowhere/${encodeURIComponent(payloads[0])}`,
    ].flatMap((path) => path || [])
  }

  async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const base_url = server?.base_url ?? ''
    const answer = await fetch(`${base_url}${path}`, {
      method,
      headers: { origin: base_url, cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const given = answer.headers.getSetCookie()[0]?.split(';')[0]
    if (given !== undefined && !given.endsWith('=')) cookie = given
    const text = await answer.text()
    return { status: answer.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text }
  }

  /** Every string of every example body, one at a time, by the document of the interface. */
  async function storeEverywhere(): Promise<void> {
    const { body: document } = await call('GET', '/openapi.json')
    const { paths: operations } = document as { paths: Record<string, Record<string, Operation>> }
    for (const [path, methods] of Object.entries(operations))
      for (const [method, { requestBody }] of Object.entries(methods)) {
        if (/password|sign-(?:in|out|up)|claim|deletion|\/auth\/organisation|\/auth\/token|instance|require/.test(path))
          continue
        const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {})
        if (example === undefined) continue
        for (const [index, place] of stringsIn(example.value).entries()) {
          const payload = payloads[index % payloads.length] ?? payloads[0]
          const answer = await call(method.toUpperCase(), filled(path), changed(example.value, place, payload))
          if (answer.status < 300) accepted += 1
          else refused += 1
          if (answer.status < 300) keepIds(answer.body)
        }
      }
    const found = await call('GET', '/api/v1/factors?q=pwned')
    ids.factor_id = (found.body as { factors?: { id: string }[] }).factors?.[0]?.id ?? ''
    // An address of mail and a name that stands at the top of every page.
    await call('PATCH', '/api/v1/me', { name: payloads[0] })
    await call('PATCH', `/api/v1/organisations/${ids.organisation_id}`, { name: payloads[1], sites: [{ name: payloads[0], country: 'FR', city: payloads[2] }] }) // oxfmt-ignore
  }

  function keepIds(body: unknown): void {
    for (const [name, value] of Object.entries(body as object))
      if (name.endsWith('_id') && name !== 'organisation_id' && typeof value === 'string') ids[name] = value
  }

  function filled(path: string): string {
    return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? 'unknown'))
  }
})

interface Operation {
  requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> }
}

type Place = readonly (string | number)[]

function stringsIn(value: unknown, place: Place = []): Place[] {
  if (typeof value === 'string') return [place]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => stringsIn(inner, [...place, Array.isArray(value) ? Number(name) : name])) // oxfmt-ignore
}

function changed(value: unknown, [first, ...rest]: Place, text: string): unknown {
  if (first === undefined) return text
  if (Array.isArray(value)) return value.map((inner: unknown, index) => (index === first ? changed(inner, rest, text) : inner)) // oxfmt-ignore
  const object = value as Record<string, unknown>
  return { ...object, [first]: changed(object[first], rest, text) }
}
