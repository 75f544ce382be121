import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asDownload, element, goodRows } from '@tidemark/core/factors/import/cases/base-carbone-rows.ts'
import { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { addFactorsCommands } from './cli.ts'
import { factors } from './http.ts'

let app: TestApp
let folder: string
beforeAll(async () => {
  app = await openTestApp({ capabilities: [factors] })
  folder = await mkdtemp(join(tmpdir(), 'tidemark-cli-'))
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  process.exitCode = 0
})

/** Runs the command line as a person would, and collects what it prints and with what code it ends. */
async function tidemark(...words: string[]): Promise<{ out: string; err: string; code: number }> {
  let out = ''
  let err = ''
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true))
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true))
  try {
    const program = new Command('tidemark')
    addFactorsCommands(program, (work) => work(app.ctx))
    await program.parseAsync(['node', 'tidemark', ...words])
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
  }
  const code = Number(process.exitCode ?? 0)
  process.exitCode = 0
  return { out, err, code }
}

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, Buffer.from(text, 'latin1'))
  return path
}

describe('tidemark factors import', () => {
  test('0: reads a file, says what was skipped and why, and says so when nothing is new', async () => {
    const file = await fileOf('Base_Carbone_V99.csv', asDownload(goodRows))
    const first = await tidemark('factors', 'import', file)
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toMatch(
      /ADEME base-carbone V99, current\n7 factors added of 7 \(6 valid, 1 archived\) on 10 lines\n  skipped 1: source-data-not-a-factor\n  kept but not calculable 1: keuro/,
    )
    expect((await tidemark('factors', 'import', file)).out).toContain('Nothing was changed.')
  })
  test('0: with --json the whole report', async () => {
    const file = await fileOf('other.csv', asDownload([element('77', {})]))
    expect(JSON.parse((await tidemark('factors', 'import', file, '--edition', 'V98', '--json')).out)).toMatchObject({
      edition: 'V98',
      changed: true,
      is_current: false,
    })
  })
  test('1: a broken file is refused with its lines on the error output', async () => {
    const file = await fileOf('Broken_V97.csv', asDownload([element('1', { 'Total poste non décomposé': 'x' })]))
    const { out, err, code } = await tidemark('factors', 'import', file)
    expect([out, code]).toEqual(['', 1])
    expect(err).toContain('line 2, column "Total poste non décomposé"')
  })
  test('2: a file that is no factor file', async () => {
    expect((await tidemark('factors', 'import', await fileOf('notes.csv', 'date,amount\n1,2\n'))).code).toBe(2)
  })
  test('2: a file that is not there', async () => {
    expect((await tidemark('factors', 'import', join(folder, 'none.csv'))).code).toBe(2)
  })
})

describe('tidemark factors search and show', () => {
  test('0: finds, one factor per line, and flags what has ended or cannot be calculated with', async () => {
    const { out, code } = await tidemark('factors', 'search', 'carburant', 'inventé')
    expect(code).toBe(0)
    expect(out).toBe('1 found.\nbase-carbone:900001  3.1 kgCO2e/L  FR  Carburant inventé, B9\n')
    expect((await tidemark('factors', 'search', 'chose', '900004')).out).toContain('(cannot be calculated with)')
  })
  test('0: with --json and a filter', async () => {
    const answer = JSON.parse((await tidemark('factors', 'search', 'chose', '--unit', 'kEUR-2023', '--json')).out) as {
      factors: { id: string }[]
    }
    expect(answer.factors.map(({ id }) => id)).toEqual(['base-carbone:900005'])
  })
  test('2: a filter that cannot be', async () => {
    const { err, code } = await tidemark('factors', 'search', 'x', '--year', 'soon')
    expect([err.startsWith('--year: '), code]).toEqual([true, 2])
  })
  test('0: shows a factor with its stages, source and editions', async () => {
    const { out } = await tidemark('factors', 'show', 'base-carbone:900001')
    for (const said of [
      'Carburant inventé, B9 / Invented fuel',
      '3.1 kgCO2e/L',
      'combustion',
      '0.155899 kg of biogenic CO2',
      'to 2027-12-31',
      '± 10 %',
      'V99',
    ]) {
      expect(out).toContain(said)
    }
  })
  test('1: an id that is none, with its problem as JSON on request', async () => {
    expect(await tidemark('factors', 'show', 'base-carbone:1')).toMatchObject({ out: '', code: 1 })
    const { out, code } = await tidemark('factors', 'show', 'base-carbone:1', '--json')
    expect([(JSON.parse(out) as { type: string }).type, code]).toEqual(['factors/unknown-factor', 1])
  })
})
