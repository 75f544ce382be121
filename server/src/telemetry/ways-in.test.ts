import { generateKeyPairSync, sign } from 'node:crypto'
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as contract from '@tidemark/core/telemetry/contract.ts'
import { signedBytes } from '@tidemark/core/telemetry/signature.ts'
import { audit } from '../audit/http.ts'
import { testAccounts } from '../platform/testing-access.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { mustOpen } from '../testing-sockets.ts'
import { telemetry } from './http.ts'
import { dropOldReadings } from './retention.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [testAccounts, audit, telemetry] })
})
afterAll(() => app?.close())

const ago = (hours: number) => new Date(TEST_NOW.getTime() - hours * 3_600_000).toISOString()
const add = async (sensor_id: string, rest: object = {}) =>
  (await app.fetch(contract.addDevice, { body: { sensor_id, kind: 'other', ...rest } })).body
const send = async (...readings: unknown[]) => (await app.fetch(contract.ingest, { body: { readings } })).body
const countOf = async (sensor_id: string) => {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from telemetry.reading
    join telemetry.series using (series_id) join telemetry.device using (device_id)
    where sensor_id = ${sensor_id}`.execute(app.db.kysely)
  return rows[0]?.count
}

describe('POST /api/v1/readings/upload', () => {
  const upload = (body: unknown, query: Record<string, string> = {}) =>
    app.fetch(contract.upload, { body, query, headers: { 'content-type': 'text/csv' } })

  it('202: takes in a column for each measure, and names the line of every row that is not simply good', async () => {
    await add('csv-1')
    const file = `\uFEFFsensor_id;timestamp;temperature [degF];humidity
csv-1;${ago(3)};68;50,5
csv-1;${ago(2)};warm;51

nobody;${ago(2)};68;50
csv-1;${ago(1)};;400
csv-1;${ago(3)};68;50,5`
    const { status, body } = await upload(file, { decimal: ',', project_id: 'delta' })
    expect(status).toBe(202)
    expect(body).toMatchObject({ form: 'wide', received: 5, stored_values: 3, valid: 1, invalid: 1, refused: 2, duplicates: 1, broken_off: null }) // oxfmt-ignore
    expect(body.rows.map(({ line, outcome, faults }) => [line, outcome, faults[0]?.path])).toEqual([
      [3, 'refused', '/lines/3/measurements/temperature'],
      [5, 'refused', '/lines/5/sensor_id'],
      [6, 'invalid', undefined],
      [7, 'duplicate', undefined],
    ])
  })

  it('202: takes in a row for each value, piece by piece, and what stands before a broken end', async () => {
    await add('csv-2')
    const rows = Array.from({ length: 4_500 }, (_, i) => `csv-2,${ago(3_000 - i / 2)},humidity,${i % 100},percent\n`)
    const whole = ['sensor_id,timestamp,measure,value,unit\n', ...rows]
    const { body } = await upload(Readable.from([...whole, 'csv-2,"never closed'].map((text) => Buffer.from(text))))
    expect(body).toMatchObject({ form: 'long', received: 4_500, stored_values: 4_500, refused: 0 })
    expect(body.batch_ids.length).toBe(3)
    expect(body.broken_off?.reason).toContain('cut short')
    expect((await upload(whole.join(''))).body).toMatchObject({ stored_values: 0, duplicates: 4_500 })
    expect(await countOf('csv-2')).toBe(4_500)
  })

  it('422: telemetry/not-a-readings-file, with every column that is missing or unknown', async () => {
    const { problem } = await upload('sensor,when,mood\n')
    expect(problem.type).toContain('telemetry/not-a-readings-file')
    expect(problem.faults?.map(({ code }) => code)).toContain('unknown-column')
    for (const file of ['', '\u0000\u0001', '"'.repeat(50)]) expect((await upload(file)).status).toBe(422)
  })
})

describe('a device with a key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const public_key = publicKey.export({ format: 'jwk' }).x ?? ''
  const signed = (reading: object, key = privateKey) => {
    const signature = sign(null, signedBytes(reading) ?? new Uint8Array(), key).toString('base64url')
    return { ...reading, signature }
  }
  const reading = (hours_ago: number, humidity = 50) => ({ sensor_id: 'signer', timestamp: ago(hours_ago), measurements: { humidity } }) // oxfmt-ignore

  it('202: is believed what it signed, and nothing else', async () => {
    await add('signer', { public_key })
    await add('twin', { public_key })
    const genuine = signed(reading(9))
    const sent = await send(
      genuine,
      reading(8),
      signed(reading(7), generateKeyPairSync('ed25519').privateKey),
      { ...signed(reading(6)), measurements: { humidity: 51 } },
      { ...reading(5), signature: genuine.signature },
      { ...genuine, sensor_id: 'twin' },
      { ...reading(4), signature: 7 },
      { ...signed(reading(3)), metadata: { note: 'added on the way' } },
    )
    expect(sent).toMatchObject({ received: 8, signed: 1, valid: 1, stored_values: 1, refused: 7 })
    expect(sent.readings.map(({ signature, faults }) => [signature, faults[0]?.code])).toEqual([
      ['missing', 'signature-missing'],
      ...Array.from({ length: 6 }, () => ['wrong', 'signature-wrong']),
    ])
  })

  it('202: sent again by whoever overheard it, a signed reading is known, and nothing is stored twice', async () => {
    const genuine = signed(reading(9))
    expect(await send(genuine, genuine)).toMatchObject({ duplicates: 2, stored_values: 0 })
    expect(await countOf('signer')).toBe(1)
  })

  it('422: has one of 32 bytes; and one without a key is taken as it is, its signature unchecked', async () => {
    expect((await app.fetch(contract.addDevice, { body: { sensor_id: 'x', kind: 'other', public_key: 'AAAA' } })).status).toBe(422) // oxfmt-ignore
    await add('plain')
    const sent = await send(signed({ ...reading(2, 400), sensor_id: 'plain' }))
    expect(sent).toMatchObject({ signed: 0, readings: [{ outcome: 'invalid', signature: 'not_checked' }] })
  })
})

describe('how long single readings are kept', () => {
  it('200: old ones go by night, are not taken in again, and the sums over time stay', async () => {
    const { device_id } = await add('old')
    const months = [14, 13, 3, 1].map((back) => ({ sensor_id: 'old', timestamp: ago(back * 30 * 24), measurements: { humidity: back } })) // oxfmt-ignore
    await send(...months)
    expect((await app.fetch(contract.showRetention)).body).toEqual({ readings_kept_months: 0, installation_kept_months: 0, kept_from: null }) // oxfmt-ignore
    await dropOldReadings(app.ctx)
    expect(await countOf('old')).toBe(4)
    const set = await app.fetch(contract.setRetention, { body: { readings_kept_months: 2 } })
    expect(set.body).toMatchObject({ readings_kept_months: 2, kept_from: '2026-09-01T00:00:00.000Z' })
    const again = await send(...months)
    expect(again).toMatchObject({ refused: 3, duplicates: 1 })
    expect(again.readings[0]?.faults[0]?.code).toBe('before-retention')
    await dropOldReadings(app.ctx)
    expect(await countOf('old')).toBe(1)
    const { series } = (await app.fetch(contract.getDevice, { params: { device_id } })).body
    const params = { series_id: String(series[0]?.series_id) }
    const { body } = await app.fetch(contract.listPoints, { params, query: { from: ago(15 * 30 * 24), to: ago(0) } })
    expect(body.points.map(({ mean }) => mean)).toEqual([14, 13, 3, 1])
    await app.fetch(contract.setRetention, { body: { readings_kept_months: 0 } })
  })

  it('drops whole months of everybody where the installation says so', async () => {
    const partitions = async () =>
      (
        await sql<{ name: string }>`select inhrelid::regclass::text as name from pg_inherits
        where inhparent = 'telemetry.reading'::regclass order by 1`.execute(app.db.kysely)
      ).rows.map(({ name }) => name)
    const before = await partitions()
    await dropOldReadings({ ...app.ctx, config: { ...app.ctx.config, readings_kept_months: 1 } })
    const left = await partitions()
    expect(before.length).toBeGreaterThan(left.length)
    expect(left.every((name) => name >= 'telemetry.reading_2026_10')).toBe(true)
  })
})

describe('ws /ws/readings', () => {
  it('answers each message when it is stored, and says what cannot be read', async () => {
    await add('live-1')
    const origin = (await app.app.listen()).replace('http', 'ws')
    const stream = await mustOpen(`${origin}/ws/readings?sensor_id=live-1`)
    const reading = (hours: number) => ({ timestamp: ago(hours), measurements: { humidity: 40 } })
    stream.ws.send(JSON.stringify(reading(3)))
    stream.ws.send(JSON.stringify([reading(2), { timestamp: 'soon' }]))
    stream.ws.send('half a JSON [')
    stream.ws.send(JSON.stringify({ ...reading(1), sensor_id: 'csv-1' }))
    const answers = [await stream.next(), await stream.next(), await stream.next(), await stream.next()]
    expect(answers.sort((a, b) => Number(a.message) - Number(b.message))).toMatchObject([
      { kind: 'taken', received: 1, readings: [] },
      { kind: 'taken', received: 2, readings: [{ index: 1, outcome: 'refused' }] },
      { kind: 'refused', faults: [{ code: 'malformed-json' }] },
      { kind: 'refused', faults: [{ code: 'other-sensor' }] },
    ])
    expect(await countOf('live-1')).toBe(2)
    stream.ws.send('x'.repeat(1024 * 1024 + 1))
    expect(await stream.closed).toBe(1009)
  })
})
