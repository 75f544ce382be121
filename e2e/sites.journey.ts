// What somebody who runs a depot does: describes it, lets its devices speak, watches it live, is told of a fault, and looks at
// the forecast and the plan. The plant is played through the public API, and every page says so.
import type { Asset, Site } from '@tidemark/core/sites/contract.ts'
import { simulateSite, type PlantFault } from '@tidemark/core/sites/simulate.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser, visit, type Visit } from './browser.ts'
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

const STEP_S = 900
const HOUR_MS = 3_600_000
const LATEST_H = 0.5
const DAYS = 16

describe.skipIf(!browser)(`an energy site${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('is described, watched live, found faulty, forecast and planned for', async () => {
    if (!browser || !server) throw new Error('skipped without a browser')
    const seen = await visit(browser, 'desktop', server.base_url)
    const { page, complaints } = seen
    await page.goto('/')
    await send(seen, 'POST', '/api/v1/auth/demo', {})

    await page.goto('/sites')
    await page.getByRole('heading', { name: 'No site yet' }).waitFor()
    await page.getByRole('link', { name: 'Add a site' }).click()
    await describeSite(seen)
    await page.getByRole('button', { name: 'Make it known' }).waitFor()
    const [site] = (await send<{ sites: Site[] }>(seen, 'GET', '/api/v1/sites')).sites
    if (!site) throw new Error('the site was not stored')

    await page.getByRole('link', { name: 'Alert rules' }).click()
    await page.getByRole('button', { name: 'Add the rule' }).click()
    await page.getByText('Anomalies from “Medium” on').waitFor()
    const plant = await play(seen, site)
    await plant.past()

    await page.getByRole('link', { name: 'Live', exact: true }).click()
    await page.locator('[data-connection=live]').waitFor()
    await plant.latest()
    await page.getByText(/Load meter · Load/).waitFor()
    await expectSound(seen, 'sites-live')

    await page.getByRole('link', { name: 'Anomalies', exact: true }).click()
    const fault = page.getByTestId('anomaly').filter({ hasText: 'Power dropped' }).filter({ hasText: 'It stopped.' })
    await fault.getByRole('link', { name: /^Look at it/ }).click()
    await fault.getByText('Expected', { exact: true }).waitFor()
    const silence = page.getByTestId('anomaly').filter({ hasText: 'Silence' }).filter({ hasText: 'Battery' })
    await silence.getByRole('button', { name: 'I take care of it' }).click()
    await silence.getByText('Taken care of').waitFor()
    await silence.getByRole('button', { name: 'It was right' }).click()
    await silence.getByText('Judged right').waitFor()
    await expectSound(seen, 'sites-anomalies')

    await page.getByRole('link', { name: 'Forecast', exact: true }).click()
    await page.getByRole('heading', { name: 'Generation', exact: true }).waitFor({ timeout: 60_000 })
    await expectSound(seen, 'sites-forecast')
    await page.getByRole('link', { name: 'Plan', exact: true }).click()
    await page.getByTestId('savings').waitFor({ timeout: 60_000 })
    expect(await page.getByTestId('savings').textContent()).toMatch(/€/)
    await expectSound(seen, 'sites-plan')
    await page.getByRole('link', { name: 'Overview', exact: true }).click()
    await page.getByText('Self-consumption').waitFor()
    expect(await page.getByText('Simulated').count()).toBeGreaterThan(1)
    await expectSound(seen, 'sites-overview')

    await listen(seen, site)
    await putIntoBooks(seen)
    expect(complaints).toEqual([])
    await seen.context.close()
  })
})

/** Fills the form as somebody with the plates at hand would. */
async function describeSite({ page }: Visit): Promise<void> {
  const asset = (name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) })
  const fill = async (kind: string, fields: Record<string, string>) => {
    await page.getByRole('button', { name: `+ ${kind}` }).click()
    for (const [label, value] of Object.entries(fields)) await asset(kind).last().getByLabel(label).fill(value)
  }
  await page.getByLabel('Name', { exact: true }).fill('Depot of the journey')
  await page.getByLabel('Latitude').fill('43.6')
  await page.getByLabel('Longitude').fill('3.88')
  await page.getByLabel('Country').selectOption('FR')
  await page.getByLabel('Time zone').selectOption('Europe/Paris')
  await fill('Solar inverter', { 'Rated power, kW': '80', 'Devices (optional)': 'inv-1' })
  await fill('Battery', {
    'Capacity, kWh': '120',
    'Charges at up to, kW': '50',
    'Gives up to, kW': '50',
    'Devices (optional)': 'bat-1',
  })
  await fill('Meter', { 'Devices (optional)': 'grid-1' })
  await fill('Meter', { Name: 'Load meter', 'Devices (optional)': 'load-1' })
  await asset('Meter').last().getByLabel('What it measures').selectOption('load')
  await page.getByRole('button', { name: 'Enter a tariff' }).click()
  await page.getByLabel('Price, EUR/kWh').fill('0.19')
  await page.getByRole('button', { name: '+ A price at other times' }).click()
  await page.getByLabel('Price, EUR/kWh').last().fill('0.13')
  await page.getByRole('button', { name: 'Add the site' }).click()
}

/** Sends a second of vibration as somebody with an accelerometer would, and looks at what is in it. */
async function listen(seen: Visit, site: Site): Promise<void> {
  const { page } = seen
  const asset = site.assets.find(({ kind }) => kind === 'pv_inverter')
  await page.goto(`/sites/${site.id}/assets/${asset?.asset_id}/vibration`)
  const samples = Array.from({ length: 2_048 }, (_, i) => Math.sin(i / 3) + Math.sin(i * i) / 5)
  const buffer = Buffer.from(JSON.stringify({ samples, unit: 'g', sample_rate_hz: 2_048 }))
  await page.getByLabel('Recording', { exact: true }).setInputFiles({ name: 'fan.json', mimeType: 'application/json', buffer }) // oxfmt-ignore
  await page.getByRole('button', { name: 'Send and look into it' }).click()
  // It swings 2048 / (2π · 3) times a second.
  await page.getByText(/^Highest: 108|^Highest: 109/).waitFor()
  await expectSound(seen, 'sites-vibration')
}

/** An estimate of three days of electricity gives way to what the main meter counted: 10 kWh an hour. */
async function putIntoBooks(seen: Visit): Promise<void> {
  const { page } = seen
  const midnight_ms = Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS
  const day = (before: number) => new Date(midnight_ms - before * 24 * HOUR_MS).toISOString().slice(0, 10)
  await send(seen, 'POST', '/api/v1/devices', { sensor_id: 'main', name: 'Main meter', kind: 'meter' })
  const readings = Array.from({ length: 6 * 24 }, (_, hour) => ({
    timestamp: new Date(midnight_ms - (6 * 24 - hour) * HOUR_MS).toISOString(),
    sensor_id: 'main',
    measurements: { import_energy_kwh: 5_000 + 10 * hour },
  }))
  await send(seen, 'POST', '/api/v1/readings', { readings })
  const made = await send<{ calculation_id: string }>(seen, 'POST', '/api/v1/calculate', {
    organisation: { name: 'Depot of the journey', country: 'FR' },
    reporting_period: { start_date: day(4), end_date: day(2) },
    gwp_set: 'AR5-fossil-ch4',
    lines: [{ id: 'power', label: 'Depot', quantity: 900, unit: 'kWh', activity: 'electricity', category: '2.1' }],
  })
  await page.goto(`/calculations/${made.calculation_id}`)
  await page.locator('summary').filter({ hasText: 'Purchased electricity' }).click()
  await page.getByRole('button', { name: 'Replace with a meter' }).click()
  await page.getByLabel('Meter', { exact: true }).selectOption({ label: 'Main meter (main)' })
  await page.getByTestId('difference').getByText('−180 kWh').waitFor()
  await expectSound(seen, 'sites-into-the-books')
  await page.getByRole('button', { name: 'Replace, calculate and certify' }).click()
  await page.waitForURL((url) => !url.pathname.endsWith(made.calculation_id))
  await page.locator('summary').filter({ hasText: 'Purchased electricity' }).click()
  await page.getByText('720 kWh').first().waitFor()
}

/** A plant that stood still around the last noon and whose battery has fallen silent, to be played in two goes: all but the last hours, and those while somebody watches. */
async function play(seen: Visit, site: Site) {
  const to_ms = Math.floor(Date.now() / (STEP_S * 1000)) * STEP_S * 1000
  const parted_ms = to_ms - LATEST_H * HOUR_MS
  const kinds: Partial<Record<Asset['kind'], string>> = {
    pv_inverter: 'pv_inverter',
    battery: 'battery',
    meter: 'meter',
  }
  for (const { name, kind, sensor_ids } of site.assets) {
    for (const sensor_id of sensor_ids) {
      const body = { sensor_id, name, kind: kinds[kind] ?? 'other', site_id: site.id, simulated: true }
      await send(seen, 'POST', '/api/v1/devices', body)
    }
  }
  const steps = simulateSite({
    plant: { ...site, load_kw: 70 },
    seed: 5,
    from_ms: to_ms - DAYS * 24 * HOUR_MS,
    to_ms,
    step_s: STEP_S,
    faults: [
      tripAtNoon(to_ms),
      { kind: 'silence', sensor_id: 'bat-1', from_ms: to_ms - 3 * HOUR_MS, to_ms: to_ms + HOUR_MS },
    ],
  })
  const past: unknown[] = []
  const latest: unknown[] = []
  for (const { at_ms, readings } of steps) (at_ms < parted_ms ? past : latest).push(...readings)
  const sent = async (readings: unknown[]) => {
    const batch = await send<{ refused: number }>(seen, 'POST', '/api/v1/readings', { readings })
    expect(batch.refused).toBe(0)
  }
  return { past: () => sent(past), latest: () => sent(latest) }
}

/** From nine to fourteen o'clock UTC, today where that is over, else yesterday: light enough at any time of the year. */
function tripAtNoon(to_ms: number): PlantFault {
  const midnight_ms = Math.floor(to_ms / (24 * HOUR_MS)) * 24 * HOUR_MS
  const today_ms = midnight_ms + 9 * HOUR_MS
  const from_ms = today_ms + 5 * HOUR_MS <= to_ms ? today_ms : today_ms - 24 * HOUR_MS
  return { kind: 'inverter_trip', sensor_id: 'inv-1', from_ms, to_ms: from_ms + 5 * HOUR_MS }
}
