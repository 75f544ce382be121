import { rm } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { startServer } from './server.ts'

const inventory = (n: number) => ({
  organisation: { name: `Company ${n}`, country: 'FR' },
  reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
  lines: [
    { id: 'a', quantity: 1000 + n, unit: 'kWh', activity: 'electricity' },
    { id: 'b', quantity: n, unit: 'L', factor: { id: 'base-carbone:25775' }, category: '1.2' },
  ],
})

async function post(base_url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${base_url}/api/v1/calculate`, { method: 'POST', headers, body: JSON.stringify(body) })
}

it('kill -9 among a hundred calculations: every acknowledged one is there whole, with a certificate that replays', async () => {
  const first = await startServer()
  const acknowledged: { calculation_id: string; certificate_id: string; result_digest: string }[] = []
  let refused = 0
  const requests = Array.from({ length: 100 }, async (_, n) => {
    try {
      const answer = await post(first.base_url, inventory(n))
      if (answer.status !== 201) throw new Error(await answer.text())
      acknowledged.push((await answer.json()) as (typeof acknowledged)[number])
      // In the middle, with answers given and others under way.
      if (acknowledged.length === 30) await first.kill()
    } catch {
      refused += 1
    }
  })
  await Promise.all(requests)
  expect(acknowledged.length).toBeGreaterThanOrEqual(30)
  expect(refused).toBeGreaterThan(0)

  const second = await startServer({ data_folder: first.data_folder })
  try {
    for (const { calculation_id, certificate_id, result_digest } of acknowledged) {
      const trace = (await (
        await fetch(`${second.base_url}/api/v1/trace/${calculation_id}`)
      ).json()) as (typeof acknowledged)[number]
      expect(trace).toMatchObject({ calculation_id, certificate_id, result_digest })
      const bundle = await (
        await fetch(`${second.base_url}/api/v1/certificates/${certificate_id}?format=bundle`)
      ).text()
      const verified = await fetch(`${second.base_url}/api/v1/certificates/verify?replay=1`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: bundle,
      })
      expect(await verified.json()).toMatchObject({ outcome: 'valid' })
    }
    // What was not acknowledged is either there whole or not at all: each calculation has its certificate and the reverse.
    const list = async (path: string) =>
      (await (await fetch(`${second.base_url}${path}?limit=200`)).json()) as Record<
        string,
        { certificate_id: string }[]
      >
    const calculations = (await list('/api/v1/calculations')).calculations?.map((each) => each.certificate_id)
    const certificates = (await list('/api/v1/certificates')).certificates?.map((each) => each.certificate_id)
    expect(calculations?.sort()).toEqual(certificates?.sort())
  } finally {
    await second.stop()
    await rm(first.data_folder, { recursive: true, force: true })
  }
})
