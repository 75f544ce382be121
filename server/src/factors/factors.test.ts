import * as contract from '@tidemark/core/factors/contract.ts'
import {
  asDownload,
  asOpenData,
  columns58,
  columns67,
  element,
  goodRows,
  poste,
  type CaseRow,
} from '@tidemark/core/factors/import/cases/base-carbone-rows.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { factors } from './http.ts'
import * as service from './service.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [factors] })
})
afterAll(() => app.close())

/** Windows-1252, for the letters that the invented rows use: those that it shares with Latin-1. */
const cp1252 = (text: string) => Buffer.from(text, 'latin1')
const utf8 = (text: string) => Buffer.from(text, 'utf8')

const send = (bytes: Buffer, query: Record<string, string> = { filename: 'Base_Carbone_V99.1.csv' }) =>
  app.fetch(contract.importFile, { body: bytes, query })
const find = async (query: Record<string, string>) => (await app.fetch(contract.search, { query })).body
const ids = async (query: Record<string, string>) => (await find(query)).factors.map(({ id }) => id)

async function emptied(): Promise<void> {
  await sql`truncate factors.factor, factors.edition, factors.word, factors.embedded, factors.own_factor, factors.own_edition, factors.own_word`.execute(
    app.db.kysely,
  )
}

/** Everything that is stored, as one text: equal before and after means that nothing was changed. */
async function everything(): Promise<string> {
  const { rows } = await sql<{ all: string }>`
    select (select coalesce(string_agg(factor::text, '|' order by id, edition), '') from factors.any_factor as factor)
      || (select coalesce(string_agg(edition::text, '|' order by dataset, edition), '') from factors.any_edition as edition)
      || (select coalesce(string_agg(word, '|' order by word), '') from factors.any_word as any_word) as all
  `.execute(app.db.kysely)
  return rows[0]?.all ?? ''
}

describe('a file is imported', () => {
  beforeEach(emptied)

  test('200: in the download dialect, with every line that is no factor counted', async () => {
    const { status, body } = await send(cp1252(asDownload(goodRows)))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      dataset: 'base-carbone',
      edition: 'V99.1',
      is_current: true,
      changed: true,
      dialect: { kind: 'base-carbone', encoding: 'windows-1252', separator: ';', columns: 67 },
      counts: {
        lines: 10,
        factors: 7,
        valid: 6,
        archived: 1,
        not_calculable_units: { keuro: 1 },
        skipped: { 'source-data-not-a-factor': 1 },
      },
      stored: { added: 7, already_there: 0 },
    })
  })

  test('200: in the open-data dialect the same rows are the same factors', async () => {
    await send(cp1252(asDownload(goodRows)))
    const before = await everything()
    const { body } = await send(utf8(asOpenData(goodRows)))
    expect(body).toMatchObject({ changed: false, stored: { added: 0, already_there: 7 } })
    const { rows } = await sql<{
      documents: string
    }>`select string_agg(doc::text, '|' order by id) as documents from factors.factor`.execute(app.db.kysely)
    expect(before).toContain('Carburant inventé')
    expect(rows[0]?.documents).toContain('0,155899')
  })

  test('200: with 58 columns, a byte-order mark and Windows line ends', async () => {
    const text = `\uFEFF${asOpenData(goodRows, columns58).replaceAll('\n', '\r\n')}`
    expect((await send(utf8(text))).body).toMatchObject({ counts: { factors: 7 }, dialect: { columns: 58 } })
  })

  test('the same file twice changes nothing', async () => {
    const bytes = cp1252(asDownload(goodRows))
    const first = await send(bytes)
    const before = await everything()
    const second = await send(bytes)
    expect(second.body).toMatchObject({ changed: false, digest: first.body.digest, counts: first.body.counts })
    expect(await everything()).toBe(before)
  })

  test('of two editions the newer is current whatever the order, and the older can be pinned', async () => {
    const newer = goodRows.map((row): CaseRow =>
      row["Identifiant de l'élément"] === '900008' ? { ...row, 'Total poste non décomposé': '-0,5' } : row,
    )
    await send(cp1252(asDownload(newer)), { filename: 'Base_Carbone_V99.2.csv' })
    expect((await send(cp1252(asDownload(goodRows)), { edition: 'V99.1' })).body.is_current).toBe(false)
    const id = 'base-carbone:900008'
    expect((await service.findFactor(app.ctx, { id }))?.total_kg_co2e).toBe(-0.5)
    expect((await service.findFactor(app.ctx, { id, edition: 'V99.1' }))?.total_kg_co2e).toBe(-0.25)
    const both = await service.findFactors(app.ctx, [{ id }, { id, edition: 'V99.1' }, { id: 'base-carbone:1' }])
    expect([...both.keys()].sort()).toEqual([id, `${id}@V99.1`])
    const shown = await app.fetch(contract.show, { params: { id }, query: { edition: 'V99.1' } })
    expect(shown.body).toMatchObject({ is_current: false, editions: ['V99.2', 'V99.1'] })
  })

  test('409: the same edition with another number is refused, and named', async () => {
    await send(cp1252(asDownload(goodRows)))
    const before = await everything()
    const other = goodRows.map((row): CaseRow => ({
      ...row,
      'Total poste non décomposé':
        row['Total poste non décomposé'] === '-0,25' ? '-0,26' : (row['Total poste non décomposé'] ?? ''),
    }))
    const { status, problem } = await send(cp1252(asDownload(other)))
    expect(status).toBe(409)
    expect(problem).toMatchObject({
      type: expect.stringContaining('factors/edition-differs'),
      factors: ['base-carbone:900008'],
    })
    expect(await everything()).toBe(before)
  })

  test('422: a Base Carbone whose name says no version asks for it', async () => {
    const { status, problem } = await send(cp1252(asDownload(goodRows)), { filename: 'export.csv' })
    expect([status, problem.type]).toEqual([422, expect.stringContaining('factors/edition-unknown')])
  })

  test('a unit of the publisher’s own is kept, searchable and flagged', async () => {
    await send(cp1252(asDownload(goodRows)))
    const shown = await app.fetch(contract.show, { params: { id: 'base-carbone:900004' } })
    expect(shown.body).toMatchObject({ unit: 'source:keuro', calculable: false, expired: false })
    expect((await find({ q: 'chose 900004' })).factors[0]).toMatchObject({
      id: 'base-carbone:900004',
      calculable: false,
    })
  })
})

describe('a broken file changes nothing and says where', () => {
  beforeAll(async () => {
    await emptied()
    await send(cp1252(asDownload(goodRows)))
  })
  const good = asDownload(goodRows)
  const chair = element('1', {})
  const lines = good.split('\n')
  const broken: [string, Buffer, string, RegExp][] = [
    [
      'a quote that is never closed',
      cp1252(`${good}Elément;"jamais fermé;1\n`),
      'factors/unreadable-file',
      /line \d+.*never closed/,
    ],
    [
      'a line with too few columns',
      cp1252(`${good}Elément;12\n`),
      'factors/unreadable-file',
      /line 13: there are 2 columns/,
    ],
    [
      'a required column that is missing',
      cp1252(
        asDownload(
          goodRows,
          columns67.filter((name) => name !== 'Unité français'),
        ),
      ),
      'factors/unreadable-file',
      /column "Unité français".*required/,
    ],
    [
      'a number that is none',
      cp1252(asDownload([element('1', { 'Total poste non décomposé': 'beaucoup' })])),
      'factors/unreadable-file',
      /line 2, column "Total poste non décomposé".*not a number/,
    ],
    [
      'a poste without its element',
      cp1252(asDownload([chair, poste(element('2', {}), 'Amont', {})])),
      'factors/unreadable-file',
      /line 3.*no element 2/,
    ],
    ['an element twice', cp1252(asDownload([chair, chair])), 'factors/unreadable-file', /line 3.*line 2 too/],
    ['an empty file', Buffer.alloc(0), 'factors/unreadable-file', /empty/],
    ['a header and nothing else', cp1252(`${lines[0]}\n`), 'factors/unreadable-file', /no emission factor/],
    ['a single column', cp1252('Type Ligne\nElément\n'), 'factors/unknown-dialect', /one column/],
    ['a binary', Buffer.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0), 'factors/unknown-dialect', /binary/],
    ['a NUL late in the text', cp1252(`${good}\0`), 'factors/unknown-dialect', /binary/],
    ['a spreadsheet cut short', Buffer.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0), 'factors/unreadable-file', /spreadsheet/],
    ['a table of something else', utf8('date,amount\n2026-01-01,3\n'), 'factors/unknown-dialect', /date, amount/],
    [
      'an own file without a source',
      utf8('name,value,unit\nRope,1,kg\n'),
      'factors/unreadable-file',
      /source.*required/,
    ],
    [
      'an own file with a unit that is none',
      utf8('name,value,unit,source\nRope,1,ton,me\n'),
      'factors/unreadable-file',
      /line 2, column "unit".*"ton" is not one of our units/,
    ],
  ]
  test.each(broken)('422: %s', async (_, bytes, type, message) => {
    const before = await everything()
    const { status, problem } = await send(bytes, { edition: 'V99.9' })
    expect(status).toBe(422)
    expect(problem.type).toContain(type)
    expect(problem.detail).toMatch(message)
    expect(problem.detail).toMatch(/Nothing was changed|And \d+ more/)
    expect(await everything()).toBe(before)
  })

  test('413: more than 64 MB is refused before it is read', async () => {
    const { status } = await app.fetch(contract.importFile, {
      body: utf8('x'),
      headers: { 'content-length': String(65 * 1024 * 1024) },
    })
    expect(status).toBe(413)
  })
})

describe('the factors that come with the program', () => {
  beforeAll(async () => {
    await emptied()
    await factors.seed?.(app.ctx)
  })

  test('are there, current, and a second start changes nothing', async () => {
    const before = await everything()
    await factors.seed?.(app.ctx)
    expect(await everything()).toBe(before)
    const { body } = await app.fetch(contract.listEditions)
    expect(
      body.editions.filter(({ is_current }) => is_current).map(({ dataset, edition }) => `${dataset} ${edition}`),
    ).toEqual(expect.arrayContaining(['base-carbone V23.6', 'desnz 2025', 'epa-hub 2025']))
  })

  test('stay as they are when a file brings the same rows, and a newer edition inherits what they serve', async () => {
    const gas = element('37133', {
      'Nom base français': 'Gaz naturel - 2022',
      'Code de la catégorie': 'Combustibles > Fossiles > Gazeux > Gaz naturel',
      'Unité français': 'kgCO2e/kWh PCS',
      'Total poste non décomposé': '0,3',
    })
    const same = await send(cp1252(asDownload([gas])), { edition: 'V23.6' })
    expect(same.body).toMatchObject({ changed: false, stored: { added: 0, embedded_kept: 1 } })
    expect(same.body.stored.embedded_that_differ).toEqual(['base-carbone:37133: 0.215 here, 0.3 in the file'])
    expect(await service.findFactor(app.ctx, { id: 'base-carbone:37133' })).toMatchObject({ total_kg_co2e: 0.215 })

    await send(cp1252(asDownload([{ ...gas, 'Commentaire français': 'Nouvelle édition' }])), { edition: 'V24' })
    const newer = await service.findFactor(app.ctx, { id: 'base-carbone:37133' })
    expect(newer).toMatchObject({ edition: 'V24', total_kg_co2e: 0.3, activity: 'natural_gas' })
    expect((await service.candidatesFor(app.ctx, 'natural_gas')).some((factor) => factor.edition === 'V24')).toBe(true)
    await sql`delete from factors.factor where edition = 'V24'`.execute(app.db.kysely)
    await sql`delete from factors.edition where edition = 'V24'`.execute(app.db.kysely)
    await sql`update factors.edition set is_current = true where dataset = 'base-carbone'`.execute(app.db.kysely)
  })

  test('serve activities: every candidate is valid, current and of that activity', async () => {
    const found = await service.factorsOfActivities(app.ctx, ['electricity', 'diesel', 'no_such'])
    expect(new Set(found.map(({ activity }) => activity))).toEqual(new Set(['electricity', 'diesel']))
    expect(found.every(({ status }) => status === 'valid')).toBe(true)
    expect(await service.factorsOfActivities(app.ctx, [])).toEqual([])
  })

  describe('are found', () => {
    test.each([
      ['électricité', 'base-carbone:43642', 1],
      ['electricite', 'base-carbone:43642', 1],
      ['ELECTRICITY', 'base-carbone:43642', 3],
      ['élec', 'base-carbone:43642', 3],
      ['electrcité', 'base-carbone:43642', 1],
      ['électricité mix moyen 2023', 'base-carbone:43273', 2],
      ['diesel', 'base-carbone:25775', 3],
      ['gazole', 'base-carbone:25775', 3],
      ['gazoil', 'base-carbone:25775', 3],
      ['gazole routier', 'base-carbone:25775', 1],
      ['gazol routié', 'base-carbone:25775', 2],
      ['gaz naturel', 'base-carbone:37133', 1],
      ['natural gas', 'base-carbone:37133', 2],
      ['gaz natural', 'base-carbone:37133', 3],
      ['essence', 'base-carbone:25763', 3],
      ['gasoline', 'base-carbone:25763', 6],
      ['fioul', 'base-carbone:14087', 2],
      ['heating oil', 'base-carbone:14087', 3],
      ['R410A', 'base-carbone:43632', 2],
      ['electricity germany', 'owid-grid:DEU', 2],
      ['électricité allemagne', 'owid-grid:DEU', 2],
    ])('"%s" finds %s among the first %i', async (q, id, place) => {
      expect((await ids({ q })).slice(0, place)).toContain(id)
    })

    test('a word is put right and the answer says how', async () => {
      expect(await find({ q: 'electrcité' })).toMatchObject({
        matched: 'all_words',
        corrected: [{ word: 'electrcite', to: ['electricite'] }],
      })
    })

    test('while it is being typed', async () => {
      const typed = await Promise.all(['elect', 'electri', 'electrici'].map((q) => ids({ q })))
      for (const found of typed) expect(found).toContain('base-carbone:43642')
    })

    test('by some words, said to be so, where none has them all', async () => {
      const answer = await find({ q: 'électricité zzyzxy' })
      expect(answer.matched).toBe('some_words')
      expect(answer.factors[0]?.id).toBe('base-carbone:43642')
    })

    test('by nothing: an answer with none', async () => {
      expect(await find({ q: 'zzyzxy' })).toEqual({ total: 0, matched: 'all_words', corrected: [], factors: [] })
    })

    test('within a unit, a dimension, a place, a category, a dataset, an activity and a year', async () => {
      const all = async (query: Record<string, string>) => (await find({ limit: '100', ...query })).factors
      expect(new Set((await all({ unit: 'L' })).map(({ unit }) => unit))).toEqual(new Set(['L']))
      expect(new Set((await all({ dimension: 'fuel_energy_net' })).map(({ unit }) => unit))).toEqual(
        new Set(['kWh_net']),
      )
      expect(new Set((await all({ geography: 'GB' })).map(({ geography }) => geography))).toEqual(new Set(['GB']))
      expect(new Set((await all({ category: '2.1' })).map(({ category }) => category))).toEqual(new Set(['2.1']))
      expect(new Set((await all({ dataset: 'desnz' })).map(({ dataset }) => dataset))).toEqual(new Set(['desnz']))
      expect(new Set((await all({ activity: 'diesel' })).map(({ activity }) => activity))).toEqual(new Set(['diesel']))
      expect(
        await ids({ q: 'électricité mix moyen consommation', year: '2021', dataset: 'base-carbone', limit: '1' }),
      ).toEqual(['base-carbone:37091'])
    })

    test('page by page, without gap or repetition, and with the number of all', async () => {
      const whole = await find({ q: 'gaz', limit: '30' })
      const pages = await Promise.all(
        [0, 10, 20].map((offset) => find({ q: 'gaz', limit: '10', offset: String(offset) })),
      )
      expect(pages.flatMap((page) => page.factors.map(({ id }) => id))).toEqual(whole.factors.map(({ id }) => id))
      expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([whole.total]))
      expect(await find({ q: 'gaz', offset: '99999' })).toMatchObject({ total: whole.total, factors: [] })
    })

    test('the expired ones flagged, and without the raw rows', async () => {
      const [newest] = (await find({ q: 'électricité mix moyen', dataset: 'base-carbone' })).factors
      expect(newest).toMatchObject({ valid_to: '2024-12-31', expired: true, calculable: true, is_current: true })
      expect(newest).not.toHaveProperty('raw')
    })
  })

  describe('answer by region in plain numbers', () => {
    const region = (query: Record<string, string>) => app.fetch(contract.emissionFactors, { query })

    test('electricity of the United States is the hub’s national average per kWh', async () => {
      const { body } = await region({ region: 'usa', activity: 'electricity' })
      expect(body.region).toBe('usa')
      expect(body.factors.usa_national_average).toBeCloseTo(0.3516, 4)
      expect(body.details.usa_national_average).toMatchObject({ unit: 'kgCO2e/kWh', edition: '2025' })
      expect(body.source).toContain('EPA')
      for (const [name, value] of Object.entries(body.factors)) expect(Number.isFinite(value), name).toBe(true)
      expect(Object.keys(body.details)).toEqual(Object.keys(body.factors))
    })
    test('a state is the grid region that it lies in', async () => {
      expect(
        (await region({ region: 'California', activity: 'electricity' })).body.details.california?.factor_id,
      ).toMatch(/^epa-hub:6\..*camx/i)
    })
    test('natural gas of France has its stages apart', async () => {
      const { body } = await region({ region: 'France', activity: 'natural_gas' })
      // Bills are in gross energy, so that comes first; what differs from it is said in the name.
      expect(body.factors).toMatchObject({
        total_factor: 0.215,
        combustion_factor: 0.181,
        upstream_factor: 0.0344,
        total_factor_per_kwh_net: 0.239,
      })
      for (const name of Object.keys(body.factors)) expect(body.details[name]?.factor_id, name).toMatch(/:/)
    })
    test('gasoline is understood', async () => {
      expect((await region({ region: 'US', activity: 'gasoline' })).body.factors).toHaveProperty('combustion_factor')
    })
    test('404: an unknown activity lists those that are known', async () => {
      const { status, problem } = await region({ region: 'usa', activity: 'teleportation' })
      expect([status, problem.type]).toEqual([404, expect.stringContaining('factors/unknown-activity')])
      expect(problem).toMatchObject({ known_activities: expect.arrayContaining(['electricity', 'natural_gas']) })
    })
    test('404: an unknown region lists those that are known', async () => {
      const { status, problem } = await region({ region: 'Atlantis', activity: 'electricity' })
      expect([status, problem.type]).toEqual([404, expect.stringContaining('factors/unknown-region')])
      expect(problem).toMatchObject({ known_regions: expect.arrayContaining(['FR', 'US', 'GB']) })
    })
  })

  test('404: an unknown factor says which editions have the id', async () => {
    const unknown = await app.fetch(contract.show, { params: { id: 'base-carbone:1' } })
    expect([unknown.status, unknown.problem.type]).toEqual([404, expect.stringContaining('factors/unknown-factor')])
    const pinned = await app.fetch(contract.show, { params: { id: 'base-carbone:25775' }, query: { edition: 'V1' } })
    expect(pinned.problem).toMatchObject({ status: 404, editions: ['V23.6'] })
  })

  test('an id with a slash is found when it is encoded', async () => {
    const [slashed] = (await service.factorsOfActivities(app.ctx, ['cloud_spend'])).filter(({ id }) => id.includes('/'))
    const { body } = await app.fetch(contract.show, { params: { id: slashed?.id ?? '' } })
    expect(body.id).toBe(slashed?.id)
  })

  describe('are not harmed by what is asked', () => {
    const nasty = [
      "'; drop table factors.factor; --",
      "' or 1=1 --",
      '\\',
      '%_',
      '!&|():*<->',
      "a' | 'b",
      '$1',
      '{}',
      '\u202e',
      '𝔉',
      'ﬁoul',
    ]
    const parameters = ['q', 'unit', 'dimension', 'geography', 'category', 'dataset', 'edition', 'activity']
    test.each(parameters)('SQL and query syntax in %s is only text', async (name) => {
      for (const value of nasty) {
        const { status } = await app.fetch(contract.search, { query: { [name]: value } })
        expect(status, value).toBe(200)
      }
      expect((await find({ q: 'diesel' })).total).toBeGreaterThan(0)
    })
    test('422: ten thousand letters, a NUL, a year of ten digits, a negative page', async () => {
      const refused: Record<string, string>[] = [
        { q: 'a'.repeat(10_000) },
        { unit: '\0' },
        { geography: 'F\0R' },
        { year: '2'.repeat(10) },
        { offset: '-1' },
        { limit: '1e9' },
      ]
      for (const query of refused) {
        expect((await app.fetch(contract.search, { query })).status, JSON.stringify(query)).toBe(422)
      }
    })
    test('a NUL and control characters among the words are passed over', async () => {
      expect(await ids({ q: '\0dies\u0007el\0' })).toBeDefined()
      expect((await find({ q: 'diesel\0' })).total).toBe((await find({ q: 'diesel ' })).total)
    })
    test('404 or 422: ids that are none', async () => {
      for (const id of ["x' or '1'='1", 'a'.repeat(299), '../../etc', 'a:b\0']) {
        expect([404, 422], id).toContain((await app.fetch(contract.show, { params: { id } })).status)
      }
      expect(await service.findFactor(app.ctx, { id: 'a\0b' })).toBeUndefined()
    })
  })
})

describe('a factor of one’s own', () => {
  beforeAll(emptied)
  const rope = { name: 'Corde de chanvre', value: 1.7, unit: 'kg', source: 'Fournisseur, 2026' }

  test('201: is kept, found and the same when it is entered again', async () => {
    const first = await app.fetch(contract.addCustom, { body: rope })
    expect(first.status).toBe(201)
    expect(first.body).toMatchObject({
      id: expect.stringMatching(/^custom:corde-de-chanvre-/),
      calculable: true,
      is_current: true,
    })
    const before = await everything()
    expect((await app.fetch(contract.addCustom, { body: rope })).body.id).toBe(first.body.id)
    expect(await everything()).toBe(before)
    expect(await ids({ q: 'chanvre' })).toEqual([first.body.id])
  })
  test('a correction is another factor, and the first one stays', async () => {
    const first = (await app.fetch(contract.addCustom, { body: rope })).body.id
    const second = (await app.fetch(contract.addCustom, { body: { ...rope, value: 1.8 } })).body.id
    expect(second).not.toBe(first)
    expect(await service.findFactor(app.ctx, { id: first })).toMatchObject({ total_kg_co2e: 1.7 })
    expect(await service.findFactor(app.ctx, { id: second })).toMatchObject({ total_kg_co2e: 1.8 })
  })
  test('422: without a value, with "ton", without a source, with a number that is none: all named', async () => {
    const { status, problem } = await app.fetch(contract.addCustom, {
      body: { name: 'x', value: 'a', unit: 'ton', source: '' },
    })
    expect(status).toBe(422)
    expect((problem.faults ?? []).map(({ path, code }) => `${path} ${code}`)).toEqual(
      expect.arrayContaining([
        expect.stringMatching('/value '),
        '/unit unknown-unit',
        expect.stringMatching('/source '),
      ]),
    )
  })
  test('a file of one’s own adds each row once', async () => {
    const text = 'Nom;Valeur;Unité;Source\nToile;0,9;m2;Fournisseur\nVoile;1,1;m2;Fournisseur\n'
    expect((await send(utf8(text), {})).body).toMatchObject({ dataset: 'custom', changed: true, stored: { added: 2 } })
    expect((await send(utf8(text), {})).body).toMatchObject({ changed: false })
    expect((await send(utf8(`${text}Mât;3;item;Fournisseur\n`), {})).body).toMatchObject({
      changed: true,
      stored: { added: 1, already_there: 2 },
    })
    expect(await ids({ q: 'toile' })).toHaveLength(1)
  })
})

test('units and activities are listed whole', async () => {
  const units = (await app.fetch(contract.listUnits)).body
  expect(units.units).toEqual(
    expect.arrayContaining([expect.objectContaining({ id: 'kWh_gross', dimension: 'fuel_energy_gross', per_base: 1 })]),
  )
  expect(units.currencies).toContain('EUR')
  const { activities } = (await app.fetch(contract.listActivities)).body
  expect(activities).toEqual(expect.arrayContaining([expect.objectContaining({ key: 'electricity', category: '2.1' })]))
})

test('two imports at once: both are whole, and the newer edition is current', async () => {
  await emptied()
  const answers = await Promise.all(
    ['V1', 'V3', 'V2'].map((edition) =>
      send(cp1252(asDownload([element('5', { 'Commentaire français': edition })])), { edition }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await service.findFactor(app.ctx, { id: 'base-carbone:5' })).toMatchObject({ edition: 'V3', note: 'V3' })
})
