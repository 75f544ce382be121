import { Factor } from '@tidemark/core/factors/contract.ts'
import { findUnit } from '@tidemark/core/lib/units.ts'
import { describe, expect, test, type TestContext } from 'vitest'
import { officialFile } from './official-files.ts'
import { readFactorFile } from './read-file.ts'
import { contentDigest } from './rows.ts'

/** Facts about Base Carbone V23.6 that anybody can count in the file. */
const LINES = 18_616
const VALID = 6518
const ARCHIVED = 4421

describe('the full Base Carbone V23.6', () => {
  test('the download and the open-data rendering hold the same 6,518 valid factors with equal content', async (context) => {
    const download = await readFactorFile(await officialFile(context, 'base-carbone-v23.6.cp1252.csv'), {
      edition: 'V23.6',
    })
    const open = await readFactorFile(await officialFile(context, 'base-carbone-v23.6.utf8.csv'), { edition: 'V23.6' })
    expect(download.dialect).toMatchObject({ encoding: 'windows-1252', separator: ';', columns: 67 })
    expect(open.dialect).toMatchObject({ encoding: 'utf-8', separator: ',', columns: 67 })
    for (const { counts } of [download, open]) {
      expect(counts).toMatchObject({
        lines: LINES,
        valid: VALID,
        archived: ARCHIVED,
        skipped: { 'source-data-not-a-factor': 1878 },
        unread: {},
      })
    }
    const contents = (read: typeof open) => read.factors.map((factor) => `${factor.id} ${contentDigest(factor)}`)
    expect(contents(download)).toEqual(contents(open))
  })

  test('stages add up for all 2,182 elements that have them, and gases for all 4,354 rows', async (context) => {
    const { counts } = await readFactorFile(await officialFile(context, 'base-carbone-v23.6.cp1252.csv'), {
      edition: 'V23.6',
    })
    expect(counts.roll_ups.stages).toMatchObject({ checked: 2182, off: 0 })
    expect(counts.roll_ups.stages.largest_deviation_percent).toBeCloseTo(0.65, 2)
    expect(counts.roll_ups.gases).toMatchObject({ checked: 4354, off: 0 })
  })

  test('every factor keeps the contract, and its unit is ours or the publisher’s own word, of which there are 64', async (context) => {
    const { factors, counts } = await readFactorFile(await officialFile(context, 'base-carbone-v23.6.cp1252.csv'), {
      edition: 'V23.6',
    })
    expect(factors.filter((factor) => !Factor.safeParse(factor).success).map(({ id }) => id)).toEqual([])
    expect(factors.filter(({ unit }) => !findUnit(unit) && !unit.startsWith('source:'))).toEqual([])
    expect(counts.not_calculable).toBe(64)
    expect(counts.not_calculable_units).toEqual({
      keuro: 40,
      kWh: 9,
      m3: 5,
      'course.km': 2,
      'euro dépensé': 2,
      'Franc CFP': 2,
      'kgH2/100km': 2,
      'personne.mois': 2,
    })
  })

  test('3,046 valid factors ended before 2026: 3,036 by plain texts, 10 by spans of years and spreadsheet serials', async (context) => {
    const { factors } = await readFactorFile(await officialFile(context, 'base-carbone-v23.6.utf8.csv'), {
      edition: 'V23.6',
    })
    const ended = factors.filter(
      ({ status, valid_to }) => status === 'valid' && valid_to !== undefined && valid_to < '2026-01-01',
    )
    const unusual = ended.filter(({ raw }) => /^\d{5}$|ans$/.test(raw?.['Période de validité'] ?? ''))
    expect([ended.length - unusual.length, unusual.length]).toEqual([3036, 10])
  })

  test.for<[string, string, number, Record<string, number>]>([
    ['37133', 'kWh_gross', 0.215, { combustion: 0.181, upstream: 0.0344 }],
    ['37132', 'kWh_net', 0.239, { combustion: 0.201, upstream: 0.0382 }],
    ['26621', 'kWh_net', 0.227, { combustion: 0.187, upstream: 0.0395 }],
    ['26627', 'kWh_gross', 0.204, { combustion: 0.168, upstream: 0.0355 }],
    ['25775', 'L', 3.1, { combustion: 2.49, upstream: 0.609 }],
    ['25763', 'L', 2.69, { combustion: 2.2, upstream: 0.491 }],
    ['28332', 'kWh', 0.0607, { generation: 0.0418, upstream: 0.0135, losses: 0.0054 }],
    ['28333', 'kWh', 0.0599, { generation: 0.0407, upstream: 0.0138, losses: 0.0054 }],
    ['37091', 'kWh', 0.0569, { generation: 0.038, upstream: 0.0138, losses: 0.00515 }],
    ['42513', 'kWh', 0.052, { generation: 0.0338, upstream: 0.0135, losses: 0.00474 }],
    ['43273', 'kWh', 0.058, { generation: 0.0394, upstream: 0.0133, losses: 0.0053 }],
    ['43642', 'kWh', 0.0519, { generation: 0.035, upstream: 0.0131, losses: 0.0038 }],
  ])(
    'element %s is counted per %s, is %d in all, and its stages are as published',
    async ([element, unit, total, stages], context) => {
      const factor = (await sample(context)).get(`base-carbone:${element}`)
      expect(factor).toMatchObject({ unit, total_kg_co2e: total })
      expect(Object.fromEntries((factor?.stages ?? []).map((stage) => [stage.stage, stage.total_kg_co2e]))).toEqual(
        stages,
      )
    },
  )

  test('an original extract of 117 lines gives the same totals as the whole', async (context) => {
    const extract = await readFactorFile(await officialFile(context, 'base-carbone-extract.cp1252.csv'), {
      edition: 'V23.6',
    })
    const whole = await sample(context)
    expect(extract.counts).toMatchObject({ lines: 117, factors: 53 })
    for (const { id, total_kg_co2e } of extract.factors) expect(total_kg_co2e, id).toBe(whole.get(id)?.total_kg_co2e)
  })

  test('methane of biological origin is in the total: treating waste water is nothing but that', async (context) => {
    const factor = (await sample(context)).get('base-carbone:14741')
    expect(factor?.stages[0]?.gases_kg_co2e?.ch4_biogenic).toBe(factor?.total_kg_co2e)
  })

  let read: Promise<Map<string, Factor>> | undefined
  /** The whole file, read once. */
  async function sample(context: Pick<TestContext, 'skip'>): Promise<Map<string, Factor>> {
    const bytes = await officialFile(context, 'base-carbone-v23.6.cp1252.csv')
    read ??= readFactorFile(bytes, { edition: 'V23.6' }).then(
      ({ factors }) => new Map(factors.map((factor) => [factor.id, factor])),
    )
    return read
  }
})

describe('the flat file of DESNZ', () => {
  test.for(['2024', '2025'])(
    'of %s: 8,740 rows, blanks and energy counted, gases adding up to their total',
    async (year, context) => {
      const read = await readFactorFile(await officialFile(context, `desnz-${year}-flat.csv`))
      expect(read).toMatchObject({ dataset: 'desnz', edition: year, dialect: { kind: 'desnz-flat', separator: ',' } })
      expect(read.counts).toMatchObject({
        lines: 8740,
        factors: 2672,
        skipped: { 'blank-value': 1648, 'energy-not-emissions': 514 },
      })
      expect(read.counts.roll_ups.gases).toMatchObject({ off: 0 })
      expect(read.factors.filter((factor) => !Factor.safeParse(factor).success)).toEqual([])
    },
  )

  test('of 2025: gas, diesel and electricity are as printed', async (context) => {
    const { factors } = await readFactorFile(await officialFile(context, 'desnz-2025-flat.csv'))
    const total = (name: RegExp, unit: string) =>
      factors.find((factor) => name.test(factor.name.en) && factor.unit === unit)?.total_kg_co2e
    expect(total(/^Natural gas \(Fuels/, 'kWh_gross')).toBe(0.18296)
    expect(total(/^Natural gas \(Fuels/, 'kWh_net')).toBe(0.2027)
    expect(total(/^Diesel \(average biofuel blend\) \(Fuels/, 'L')).toBe(2.57082)
    expect(total(/^Natural gas \(WTT- fuels/, 'kWh_gross')).toBe(0.03021)
  })
})

interface TidyHub {
  tables: Record<string, { rows: Record<string, string | number | null>[] }>
}

describe('the hub of EPA', () => {
  test('as XLSX gives the values of every row of tables 1 to 10 of its tidy rendering', async (context) => {
    const { factors, edition } = await readFactorFile(await officialFile(context, 'ghg-emission-factors-hub-2025.xlsx'))
    const tidy = JSON.parse(
      new TextDecoder().decode(await officialFile(context, 'ghg-emission-factors-hub-2025_tidy.json')),
    ) as TidyHub
    expect(edition).toBe('2025')
    expect(factors.filter((factor) => !Factor.safeParse(factor).success)).toEqual([])
    const wanted = Object.entries(tidy.tables).flatMap(([table, { rows }]) =>
      rows.flatMap((row) => expectedOf(Number(table), row)),
    )
    const given = factors.map((factor) => `${factor.row} ${factor.unit} ${massesOf(factor)}`)
    expect([...new Set(given)].sort()).toEqual([...new Set(wanted)].sort())
  })

  /** What a row of the tidy rendering says, in the words of `given`. */
  function expectedOf(table: number, row: Record<string, string | number | null>): string[] {
    const where = `Table ${table}, row ${row.row}`
    const g = (name: string) => (typeof row[name] === 'number' ? row[name] : undefined)
    const line = (unit: string, co2?: number, ch4?: number, n2o?: number) =>
      `${where} ${unit} ${[co2, ch4, n2o].map((value) => (value === undefined ? '-' : Number(value.toPrecision(7)))).join(' ')}`
    const units: Record<string, string> = {
      'short ton': 'short_ton',
      scf: 'scf',
      gallon: 'gal_us',
      'vehicle-mile': 'vehicle.mi',
      'passenger-mile': 'passenger.mi',
      'short ton-mile': 'short_ton.mi',
    }
    const unit = units[String(row.unit)] ?? ''
    if (table === 1) {
      const heat = line('MMBtu_gross', g('kgCO2_per_mmBtu'), g('gCH4_per_mmBtu'), g('gN2O_per_mmBtu'))
      return g('kgCO2_per_unit') === undefined
        ? [heat]
        : [heat, line(unit, g('kgCO2_per_unit'), g('gCH4_per_unit'), g('gN2O_per_unit'))]
    }
    if (table === 2) return [line(unit, g('kgCO2_per_unit'))]
    if (table === 3 || table === 4) return [line('vehicle.mi', undefined, g('gCH4_per_mile'), g('gN2O_per_mile'))]
    if (table === 5) return [line('gal_us', undefined, g('gCH4_per_gallon'), g('gN2O_per_gallon'))]
    if (table === 6) {
      const kg = (name: string) => Number(((g(name) ?? 0) * 0.45359237).toPrecision(7))
      const grams = (name: string) => Number(((g(name) ?? 0) * 453.59237).toPrecision(7))
      return ['', 'nonbaseload_'].map((kind) =>
        line('MWh', kg(`${kind}lbCO2_per_MWh`), grams(`${kind}lbCH4_per_MWh`), grams(`${kind}lbN2O_per_MWh`)),
      )
    }
    if (table === 7) return [line('MMBtu', g('kgCO2_per_mmBtu'), g('gCH4_per_mmBtu'), g('gN2O_per_mmBtu'))]
    if (table === 8 || table === 10) return [line(unit, g('kgCO2_per_unit'), g('gCH4_per_unit'), g('gN2O_per_unit'))]
    if (table === 9) {
      return ['recycled', 'landfilled', 'combusted', 'composted', 'digestedDry', 'digestedWet'].flatMap((name) =>
        g(name) === undefined ? [] : [`${where} short_ton total ${Number(((g(name) ?? 0) * 1000).toPrecision(12))}`],
      )
    }
    return []
  }

  /** CO2 in kg (biogenic where it is), CH4 and N2O in g, as the hub prints them. */
  function massesOf(factor: Factor): string {
    const [stage] = factor.stages
    if (!stage?.gases_kg) return `total ${factor.total_kg_co2e}`
    const { co2, ch4, n2o } = stage.gases_kg
    const grams = (kg: number | undefined) => (kg === undefined ? '-' : Number((kg * 1000).toPrecision(7)))
    const kg = stage.co2_biogenic_kg ?? co2
    return `${kg === undefined ? '-' : Number(kg.toPrecision(7))} ${grams(ch4)} ${grams(n2o)}`
  }
})
