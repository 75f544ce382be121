import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as contract from '@tidemark/core/projects/contract.ts'
import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import * as telemetry from '@tidemark/core/telemetry/contract.ts'
import { access, capabilities } from '../app.ts'
import {
  addOrganisation,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'

let app: AccountsTestApp
let organisation_id: string
let ann: TestPerson
let stranger: TestPerson
beforeAll(async () => {
  app = await openAccountsApp({ capabilities, access, seed: false })
  organisation_id = await addOrganisation(app, 'Coast Trust')
  ann = await signedIn(app, { organisation_id, role: 'editor', name: 'Ann' })
  stranger = await signedIn(app, { organisation_id: await addOrganisation(app, 'Elsewhere'), role: 'owner' })
})
afterAll(() => app?.close())

const square = contract.exampleProject.boundary as Boundary
const add = async (more: object = {}, by = ann) =>
  (await by.fetch(contract.addProject, { body: { ...contract.exampleProject, ...more } as never })).body
const sendBoundary = (project_id: string, body: Uint8Array | string) =>
  ann.fetch(contract.setBoundary, { params: { project_id }, body: Buffer.from(body as string), headers: { 'content-type': 'application/octet-stream' } }) // oxfmt-ignore
const incoming = () => readdir(join(app.ctx.config.data_dir, 'files', 'incoming'))

describe('projects', () => {
  test('have numbers of their own organisation, which name them wherever an id does, and none is given again', async () => {
    const [first, second] = [await add(), await add({ name: 'Second' })]
    const theirs = await add({ name: 'Theirs' }, stranger)
    expect([first.number, second.number, theirs.number]).toEqual([1, 2, 1])
    expect((await ann.fetch(contract.getProject, { params: { project_id: '1' } })).body.id).toBe(first.id)
    expect((await ann.fetch(contract.getProject, { params: { project_id: theirs.id } })).status).toBe(404)
    expect((await ann.fetch(contract.removeProject, { params: { project_id: '2' } })).status).toBe(204)
    expect((await add({ name: 'Third' })).number).toBe(3)
    expect((await ann.fetch(contract.getProject, { params: { project_id: '2' } })).problem.type).toBe('/problems/projects/unknown-project') // oxfmt-ignore
  })

  test('tell what they measure against what they claim, and which moves are open', async () => {
    const { area, state, moves } = await add({ claimed_ha: 10.5 })
    // 0.0027° by 0.0027° at 9.05° north; the area is worked out in the tests of boundaries.
    expect(area.measured_ha).toBeCloseTo(8.86, 1)
    expect([state, area.verdict, moves.map(({ move, missing }) => [move, missing])]).toEqual([
      'draft',
      'warns',
      [['register', []], ['withdraw', ['reason']]], // oxfmt-ignore
    ])
    const none = await add({ boundary: null, claimed_ha: null })
    const refused = await ann.fetch(contract.moveProject, {
      params: { project_id: none.id },
      body: { move: 'register' },
    })
    expect([refused.problem.type, (refused.body as { lacks?: string[] }).lacks]).toEqual(['/problems/projects/move-lacks', ['polygon']]) // oxfmt-ignore
    const jump = await ann.fetch(contract.moveProject, { params: { project_id: none.id }, body: { move: 'approve' } })
    expect(jump.problem.type).toBe('/problems/projects/wrong-move')
    const gone = await ann.fetch(contract.moveProject, { params: { project_id: none.id }, body: { move: 'withdraw', reason: 'Sold.' } }) // oxfmt-ignore
    expect(gone.body.state).toBe('withdrawn')
    const changed = await ann.fetch(contract.changeProject, { params: { project_id: none.id }, body: contract.exampleProject as never }) // oxfmt-ignore
    expect(changed.problem.type).toBe('/problems/projects/withdrawn')
    const { events } = (await ann.fetch(contract.showHistory, { params: { project_id: none.id } })).body
    expect(events.map(({ kind, facts }) => [kind, facts.reason])).toEqual([['moved', 'Sold.'], ['created', undefined]]) // oxfmt-ignore
  })
})

describe('a boundary from a file', () => {
  const kml = (inside: string) => `<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>${inside}</Document></kml>` // oxfmt-ignore
  const placemark = kml('<Placemark><Point><coordinates>1,2</coordinates></Point></Placemark><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates> 76.27,9.05,0 76.28,9.05,0\n76.28,9.06,0 76.27,9.06,0 76.27,9.05,0 </coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>76.272,9.052 76.274,9.052 76.274,9.054 76.272,9.052</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark>') // oxfmt-ignore

  test('is read from GeoJSON, KML and KMZ alike', async () => {
    const { id } = await add({ boundary: null })
    const collection = { type: 'FeatureCollection', features: [{ type: 'Feature', properties: null, geometry: square }, { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] } }] } // oxfmt-ignore
    const json = (await sendBoundary(id, JSON.stringify(collection))).body
    expect([json.format, json.polygons, json.left_aside, json.project.boundary]).toEqual(['geojson', 1, 1, square])
    const plain = (await sendBoundary(id, placemark)).body
    expect([plain.format, plain.left_aside, plain.project.boundary?.coordinates.length]).toEqual(['kml', 1, 2])
    const packed = (await sendBoundary(id, zipSync({ 'files/photo.jpg': new Uint8Array(9), '../../etc/doc.kml': strToU8(placemark) }))).body // oxfmt-ignore
    expect([packed.format, packed.project.area.measured_ha]).toEqual(['kmz', plain.project.area.measured_ha])
  })

  test.each([
    ['neither format', 'POINT (1 2)'],
    ['points only', kml('<Placemark><Point><coordinates>1,2</coordinates></Point></Placemark>')],
    ['XML that does not end', placemark.slice(0, -20)],
    ['a document type', `<!DOCTYPE kml [<!ENTITY a "b">]>${kml('&a;')}`],
    ['words for numbers', placemark.replace('76.28,9.05', 'here,there')],
    [
      'another reference system',
      JSON.stringify({ ...square, crs: { type: 'name', properties: { name: 'EPSG:3857' } } }),
    ],
    ['too deep', `${'{"type":"Feature","geometry":'.repeat(80)}null${'}'.repeat(80)}`],
    ['an archive without a map', zipSync({ 'a.txt': strToU8('x') })],
    ['an archive cut in two', zipSync({ 'doc.kml': strToU8(placemark) }).slice(0, 200)],
    ['an archive that unpacks to 40 MB', zipSync({ 'doc.kml': new Uint8Array(40e6) }, { level: 9 })],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x41])],
  ])('422 projects/boundary-unreadable: %s', async (_what, body) => {
    const { status, problem } = await sendBoundary('1', body)
    expect([status, problem.type]).toEqual([422, '/problems/projects/boundary-unreadable'])
  })

  test('422 projects/boundary-unsound: it crosses itself, and the project stays as it was', async () => {
    const before = (await ann.fetch(contract.getProject, { params: { project_id: '1' } })).body
    const crossed = { type: 'Polygon', coordinates: [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]] } // oxfmt-ignore
    expect((await sendBoundary('1', JSON.stringify(crossed))).problem.type).toBe('/problems/projects/boundary-unsound')
    expect((await ann.fetch(contract.getProject, { params: { project_id: '1' } })).body).toEqual(before)
  })
})

test('documents are kept by what they are, not by their names, and only ever saved; what is refused leaves nothing', async () => {
  const params = { project_id: '1' }
  const send = (name: string, body: string | Uint8Array) =>
    ann.fetch(contract.addDocument, { params, query: { name }, body: Buffer.from(body as string), headers: { 'content-type': 'application/octet-stream' } }) // oxfmt-ignore
  const { status, body } = await send('a "page".html', '<script>alert(1)</script>')
  expect([status, body.media_type], JSON.stringify(body)).toEqual([201, 'text/plain'])
  const saved = await ann.fetch(contract.getDocument, { params: { document_id: body.document_id } })
  expect([saved.headers['content-type'], saved.headers['content-disposition']]).toEqual([
    'application/octet-stream',
    "attachment; filename*=UTF-8''a%20%22page%22.html",
  ])
  expect(saved.bytes.toString()).toBe('<script>alert(1)</script>')
  expect((await stranger.fetch(contract.getDocument, { params: { document_id: body.document_id } })).problem.type).toBe('/problems/projects/unknown-document') // oxfmt-ignore
  const program = await send('design.pdf', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]))
  expect([program.status, program.problem.type]).toEqual([422, '/problems/projects/document-unreadable'])
  expect(await incoming()).toEqual([])
  expect((await ann.fetch(contract.listDocuments, { params })).body.documents).toHaveLength(1)
  expect((await ann.fetch(contract.removeProject, { params })).problem.type).toBe('/problems/projects/has-evidence')
})

test('a period cites a series as it stands: readings that come later change nothing of what was cited', async () => {
  const device = { sensor_id: 'soil-1', name: 'Soil probe', kind: 'soil_probe' }
  const { device_id } = (await ann.fetch(telemetry.addDevice, { body: device as never })).body
  const at = (hour: number) => new Date(app.ctx.now().getTime() - hour * 3_600_000).toISOString()
  const reading = (hour: number, value: number) => ({ timestamp: at(hour), sensor_id: 'soil-1', project_id: 'p', measurements: { soil_moisture_percent: value } }) // oxfmt-ignore
  const send = (...readings: object[]) => ann.fetch(telemetry.ingest, { body: { readings } })
  const taken = await send(reading(30, 20), reading(29, 30), reading(28, 900))
  expect(taken.status, taken.bytes.toString().slice(0, 300)).toBe(202)
  const known = await ann.fetch(telemetry.getDevice, { params: { device_id } })
  const series_id = known.body.series[0]?.series_id ?? 0
  const day = (back: number) => new Date(app.ctx.now().getTime() - back * 86_400_000).toISOString().slice(0, 10)
  const period = { name: 'Two days', from: day(2), to: day(1) }
  const { period_id } = (await ann.fetch(contract.addPeriod, { params: { project_id: '1' }, body: period as never }))
    .body
  const cite = (id: number) =>
    ann.fetch(contract.citeSeries, { params: { period_id }, body: { series_id: id } as never })
  const { status, body } = await cite(series_id)
  expect(status, JSON.stringify(body).slice(0, 300)).toBe(201)
  expect(body).toMatchObject({ readings: 2, not_counted: 1, mean: 25, coverage_fraction: 2 / 48, simulated: false })
  // One of three was invalid; all are a day old and more, so 0.4 each; 0.8 is the most that a device can be trusted; of
  // what was to come every quarter of an hour next to nothing came.
  const { details, assumed } = body.quality ?? {}
  expect(details).toMatchObject({ accuracy: 0.8, timeliness: expect.closeTo(0.4), validity: 2 / 3 })
  expect(details?.completeness).toBeLessThan(0.1)
  expect(assumed).toEqual(['battery_level', 'signal_strength', 'calibration_date'])
  const { completeness = 0, accuracy = 0, consistency = 0, timeliness = 0, validity = 0 } = details ?? {}
  const weighted = 0.2 * completeness + 0.3 * accuracy + 0.2 * consistency + 0.1 * timeliness + 0.2 * validity
  expect(body.quality_score).toBeCloseTo(100 * weighted, 9)
  await send(reading(27, 40))
  const { periods } = (await ann.fetch(contract.listPeriods, { params: { project_id: '1' } })).body
  expect(periods[0]?.citations).toEqual([body])
  expect((await cite(series_id)).body).toMatchObject({ readings: 3 })
  expect((await cite(999_999)).problem.type).toBe('/problems/projects/unknown-series')
  const later = { name: 'Later', from: '2030-01-01', to: '2030-01-02' }
  const empty = (await ann.fetch(contract.addPeriod, { params: { project_id: '1' }, body: later as never })).body
  const nothing = await ann.fetch(contract.citeSeries, { params: { period_id: empty.period_id }, body: { series_id } as never }) // oxfmt-ignore
  expect(nothing.problem.type).toBe('/problems/projects/nothing-to-cite')
  const foreign = await stranger.fetch(contract.citeSeries, { params: { period_id }, body: { series_id } as never })
  expect(foreign.problem.type).toBe('/problems/projects/unknown-period')
})
