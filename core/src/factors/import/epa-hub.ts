import { Problem } from '../../lib/problem.ts'
import type { Factor, FactorStage, Stage } from '../contract.ts'
import { count, emptyCounts, Faults, tally, tidy, type ImportCounts, type ImportResult } from './report.ts'
import { slug } from './text.ts'

export type Cell = string | number | boolean | Date | null | undefined
export interface Sheet {
  name: string
  rows: readonly (readonly Cell[])[]
}

interface HubRow {
  line: number
  cells: readonly Cell[]
}

/** Potentials by which the hub itself says that its gases are weighted: AR5 since the 2024 edition, AR4 before. */
const potentials: Record<'AR4' | 'AR5', { ch4: number; n2o: number }> = {
  AR4: { ch4: 25, n2o: 298 },
  AR5: { ch4: 28, n2o: 265 },
}

const unitOf: Record<string, string> = {
  'mmBtu of fuel': 'MMBtu_gross',
  'mmBtu of heat': 'MMBtu',
  MWh: 'MWh',
  'short ton': 'short_ton',
  scf: 'scf',
  gallon: 'gal_us',
  'vehicle-mile': 'vehicle.mi',
  'passenger-mile': 'passenger.mi',
  'short ton-mile': 'short_ton.mi',
  'ton-mile': 'short_ton.mi',
}

const treatments = [
  'Recycled',
  'Landfilled',
  'Combusted',
  'Composted',
  'Anaerobically digested (dry)',
  'Anaerobically digested (wet)',
]
const treatmentStages: Stage[] = ['treatment', 'treatment', 'incineration', 'treatment', 'treatment', 'treatment']

/** Whether a workbook is the hub: one sheet says "Table 1" beside "Stationary Combustion". */
export function findHubSheet(sheets: readonly Sheet[]): Sheet | undefined {
  return sheets.find(({ rows }) =>
    rows.some((row) => textAt(row, 1) === 'Table 1' && textAt(row, 2) === 'Stationary Combustion'),
  )
}

/**
 * Reads tables 1 to 10 of EPA's GHG Emission Factors Hub. Gases are masses; biogenic CO2 (biomass fuels, ethanol,
 * biodiesel) goes to its own ledger. Tables 11 and 12 hold potentials, not factors, and table 12 counts only the HFC and
 * PFC parts of blends: both are skipped and counted.
 *
 * Source: US EPA, Center for Corporate Climate Leadership, GHG Emission Factors Hub, editions 2021 to 2025.
 */
export function readEpaHub(sheet: Sheet): ImportResult {
  const faults = new Faults()
  const counts = emptyCounts()
  const edition = editionOf(sheet)
  const tables = splitTables(sheet)
  const table = (n: number): HubRow[] => tables.get(n) ?? []
  const said = [
    ...stationaryCombustion(table(1), faults),
    ...mobileFuels(table(2), faults),
    ...gasolineVehicles(table(3), faults),
    ...otherVehicles(table(4), faults),
    ...nonRoadVehicles(table(5), faults),
    ...electricity(table(6), faults),
    ...steam(table(7), faults),
    ...distances(8, '3.4', table(8), faults),
    ...distances(10, '3.6', table(10), faults),
    ...waste(table(9), counts),
  ]
  for (const n of [11, 12]) for (const _row of dataRows(table(n))) count(counts.skipped, 'potential-not-a-factor')
  counts.lines = said.length

  const factors = new Map<string, Factor>()
  for (const row of said) {
    const factor = factorOf(row, edition, faults)
    if (!factor) continue
    if (factors.has(factor.id)) faults.add(row.line, '', 'duplicate-id', `two rows would both be ${factor.id}.`)
    factors.set(factor.id, factor)
  }
  if (factors.size === 0) faults.add(1, '', 'no-elements', 'the sheet holds no emission factor.')
  faults.refuseIfAny()
  tally(counts, [...factors.values()])
  return { dataset: 'epa-hub', publisher: 'US EPA', edition, factors: [...factors.values()], counts }
}

function editionOf(sheet: Sheet): string {
  const beginning = sheet.rows.slice(0, 12).flat().map(String)
  const modified = beginning.find((cell) => cell.startsWith('Last Modified')) ?? ''
  const edition = /\b(20\d{2})\b/.exec(modified)?.[1]
  if (edition) return edition
  throw new Problem('factors/unreadable-file', {
    detail: 'The hub does not say when it was last modified, so its edition is not known. Nothing was changed.',
  })
}

/** What one row says of one factor, in the hub's own words and units. */
interface Said {
  table: number
  line: number
  key: string[]
  name: string
  unit: string
  category: string
  stage?: Stage
  co2_kg?: number
  ch4_g?: number
  n2o_g?: number
  /** Table 9 gives no gases. */
  total_kg?: number
  biogenic?: boolean
  geography?: string
  geography_name?: string
  raw: Record<string, string>
}

/** Three columns that stand side by side: kg of CO2, g of CH4, g of N2O. */
function gasesFrom(row: HubRow, first: number, faults: Faults): Pick<Said, 'co2_kg' | 'ch4_g' | 'n2o_g'> {
  return {
    co2_kg: numberAt(row, first, faults),
    ch4_g: numberAt(row, first + 1, faults),
    n2o_g: numberAt(row, first + 2, faults),
  }
}

function* stationaryCombustion(rows: readonly HubRow[], faults: Faults): Generator<Said> {
  let group = ''
  let unit = ''
  for (const row of rows) {
    const { line, cells } = row
    const fuel = textAt(cells, 2)
    const per = /^mmBtu per (.+)$/i.exec(textAt(cells, 3))
    if (per) unit = per[1] ?? ''
    else if (fuel !== '' && isBlank(cells[3]) && isBlank(cells[4])) group = fuel
    else if (fuel !== '' && typeof cells[4] === 'number') {
      const biogenic = /^biomass/i.test(group)
      const common = { table: 1, line, name: fuel, category: '1.1', biogenic, raw: { group, fuel } }
      yield { ...common, key: [fuel, 'mmbtu'], unit: 'mmBtu of fuel', ...gasesFrom(row, 4, faults) }
      if (!isBlank(cells[7])) yield { ...common, key: [fuel, unit], unit, ...gasesFrom(row, 7, faults) }
    }
  }
}

function* mobileFuels(rows: readonly HubRow[], faults: Faults): Generator<Said> {
  for (const row of dataRows(rows)) {
    const fuel = textAt(row.cells, 2)
    const unit = textAt(row.cells, 4)
    const biogenic = /^(biodiesel|ethanol)/i.test(fuel)
    const name = `${fuel}, mobile combustion, CO2 only`
    const co2_kg = numberAt(row, 3, faults)
    yield { table: 2, line: row.line, key: [fuel, unit], name, unit, category: '1.2', co2_kg, biogenic, raw: { fuel } }
  }
}

function* gasolineVehicles(rows: readonly HubRow[], faults: Faults): Generator<Said> {
  for (const row of carriedRows(rows, 1)) {
    const [vehicle = ''] = row.carried
    const model_year = textAt(row.cells, 3)
    const name = `${vehicle}, model year ${model_year}, CH4 and N2O only`
    const raw = { vehicle, model_year }
    const gases = { ch4_g: numberAt(row, 4, faults), n2o_g: numberAt(row, 5, faults) }
    yield {
      table: 3,
      line: row.line,
      key: [vehicle, model_year],
      name,
      unit: 'vehicle-mile',
      category: '1.2',
      ...gases,
      raw,
    }
  }
}

function* otherVehicles(rows: readonly HubRow[], faults: Faults): Generator<Said> {
  for (const row of carriedRows(rows, 2)) {
    const [vehicle = '', fuel = ''] = row.carried
    const model_year = textAt(row.cells, 4)
    const name = `${vehicle}, ${fuel}${model_year ? `, model year ${model_year}` : ''}, CH4 and N2O only`
    const raw = { vehicle, fuel, model_year }
    const gases = { ch4_g: numberAt(row, 5, faults), n2o_g: numberAt(row, 6, faults) }
    yield {
      table: 4,
      line: row.line,
      key: [vehicle, fuel, model_year],
      name,
      unit: 'vehicle-mile',
      category: '1.2',
      ...gases,
      raw,
    }
  }
}

function* nonRoadVehicles(rows: readonly HubRow[], faults: Faults): Generator<Said> {
  for (const row of carriedRows(rows, 1)) {
    const [vehicle = ''] = row.carried
    const fuel = textAt(row.cells, 3)
    const name = `${vehicle}, ${fuel}, CH4 and N2O only`
    const gases = { ch4_g: numberAt(row, 4, faults), n2o_g: numberAt(row, 5, faults) }
    yield {
      table: 5,
      line: row.line,
      key: [vehicle, fuel],
      name,
      unit: 'gallon',
      category: '1.2',
      ...gases,
      raw: { vehicle, fuel },
    }
  }
}

function* electricity(rows: readonly HubRow[], faults: Faults): Generator<Said> {
  const LB_KG = 0.45359237
  for (const row of rows) {
    const subregion = textAt(row.cells, 2)
    if (typeof row.cells[4] !== 'number' || subregion === '') continue
    const geography_name = textAt(row.cells, 3)
    const grid_gross_loss = String(numberAt(row, 10, faults) ?? '')
    for (const [kind, first] of [
      ['', 4],
      ['non-baseload', 7],
    ] as const) {
      const pounds = gasesFrom(row, first, faults)
      yield {
        table: 6,
        line: row.line,
        key: [subregion, kind],
        name: `Grid electricity, ${geography_name}${kind ? `, ${kind}` : ''}`,
        unit: 'MWh',
        category: '2.1',
        stage: 'generation',
        // All three gases are in pounds here.
        co2_kg: tidy((pounds.co2_kg ?? 0) * LB_KG),
        ch4_g: tidy((pounds.ch4_g ?? 0) * LB_KG * 1000),
        n2o_g: tidy((pounds.n2o_g ?? 0) * LB_KG * 1000),
        geography: /^us/i.test(subregion) ? 'US' : `US-${subregion}`,
        geography_name,
        raw: { subregion, kind: kind || 'total output', grid_gross_loss },
      }
    }
  }
}

function* steam(rows: readonly HubRow[], faults: Faults): Generator<Said> {
  for (const row of dataRows(rows)) {
    const name = textAt(row.cells, 2)
    const gases = gasesFrom(row, 3, faults)
    yield {
      table: 7,
      line: row.line,
      key: [name],
      name,
      unit: 'mmBtu of heat',
      category: '2.2',
      stage: 'generation',
      ...gases,
      raw: {},
    }
  }
}

function* distances(table: number, category: string, rows: readonly HubRow[], faults: Faults): Generator<Said> {
  for (const row of dataRows(rows)) {
    // A letter at the end refers to a footnote: "Passenger Car A".
    const vehicle = textAt(row.cells, 2).replace(/ [A-F]$/, '')
    const unit = textAt(row.cells, 6)
    yield {
      table,
      line: row.line,
      key: [vehicle, unit],
      name: vehicle,
      unit,
      category,
      ...gasesFrom(row, 3, faults),
      raw: { vehicle },
    }
  }
}

/** Table 9 gives tonnes of CO2e per short ton, by EPA's waste model, which still weights by AR4. NA is no zero. */
function* waste(rows: readonly HubRow[], counts: ImportCounts): Generator<Said> {
  for (const { line, cells } of rows) {
    const material = textAt(cells, 2)
    if (material === '' || ![3, 4, 5, 6, 7, 8].some((n) => typeof cells[n] === 'number')) continue
    for (const [n, treatment] of treatments.entries()) {
      const cell = cells[n + 3]
      if (typeof cell !== 'number') {
        count(counts.skipped, 'not-applicable')
        continue
      }
      const name = `${material}, ${treatment.toLowerCase()}`
      const raw = { material, treatment, t_co2e_per_short_ton: String(cell) }
      const stage = treatmentStages[n] ?? 'treatment'
      yield {
        table: 9,
        line,
        key: [material, treatment],
        name,
        unit: 'short ton',
        category: '3.5',
        stage,
        total_kg: tidy(cell * 1000),
        raw,
      }
    }
  }
}

function factorOf(said: Said, edition: string, faults: Faults): Factor | undefined {
  const unit = Object.hasOwn(unitOf, said.unit) ? unitOf[said.unit] : undefined
  if (!unit) {
    faults.add(said.line, 'Unit', 'unknown-unit', `"${said.unit}" is not a unit of the hub.`, said.unit)
    return undefined
  }
  const gwp_set = said.total_kg === undefined && Number(edition) >= 2024 ? 'AR5' : 'AR4'
  const stage = stageOf(said, potentials[gwp_set])
  return {
    id: `epa-hub:${said.table}.${said.key
      .map(slug)
      .filter((part) => part !== '')
      .join('.')}`,
    dataset: 'epa-hub',
    publisher: 'US EPA',
    edition,
    row: `Table ${said.table}, row ${said.line}`,
    name: { en: said.name, fr: said.name },
    unit,
    total_kg_co2e: stage.total_kg_co2e,
    stages: [stage],
    boundary: 'direct',
    gwp_set,
    geography: said.geography ?? 'US',
    ...(said.geography_name ? { geography_name: said.geography_name } : {}),
    category: said.category,
    status: 'valid',
    source: {
      title: `GHG Emission Factors Hub (${edition}), table ${said.table}`,
      url: 'https://www.epa.gov/climateleadership/ghg-emission-factors-hub',
      licence: 'US Government work, public domain',
    },
    raw: rawOf(said),
  }
}

function stageOf(said: Said, weights: { ch4: number; n2o: number }): FactorStage {
  const stage = said.stage ?? 'combustion'
  if (said.total_kg !== undefined) return { stage, total_kg_co2e: said.total_kg }
  const gases_kg: Record<string, number> = {}
  if (said.co2_kg !== undefined && !said.biogenic) gases_kg.co2 = said.co2_kg
  if (said.ch4_g !== undefined) gases_kg.ch4 = tidy(said.ch4_g / 1000)
  if (said.n2o_g !== undefined) gases_kg.n2o = tidy(said.n2o_g / 1000)
  const total = (gases_kg.co2 ?? 0) + (gases_kg.ch4 ?? 0) * weights.ch4 + (gases_kg.n2o ?? 0) * weights.n2o
  const biogenic = said.biogenic && said.co2_kg !== undefined ? { co2_biogenic_kg: said.co2_kg } : {}
  return { stage, total_kg_co2e: tidy(total), gases_kg, ...biogenic }
}

function rawOf(said: Said): Record<string, string> {
  const masses = { kg_co2: said.co2_kg, g_ch4: said.ch4_g, g_n2o: said.n2o_g }
  return {
    ...Object.fromEntries(Object.entries(said.raw).filter(([, text]) => text !== '')),
    ...Object.fromEntries(
      Object.entries(masses).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    ),
    ...(said.total_kg === undefined ? { unit: said.unit } : {}),
  }
}

function numberAt({ line, cells }: HubRow, column: number, faults: Faults): number | undefined {
  const cell = cells[column]
  if (typeof cell === 'number') return cell
  if (isBlank(cell)) return undefined
  faults.add(line, `column ${column + 1}`, 'bad-number', `"${String(cell).slice(0, 40)}" is not a number.`)
  return undefined
}

/** The rows of each table: from its "Table n" in the second column to its source note. */
function splitTables(sheet: Sheet): Map<number, HubRow[]> {
  const tables = new Map<number, HubRow[]>()
  let open: HubRow[] | undefined
  sheet.rows.forEach((cells, index) => {
    const title = /^Table (\d+)$/.exec(textAt(cells, 1))
    if (title) {
      open = []
      tables.set(Number(title[1]), open)
    } else if (/^(Source|Notes?):/.test(textAt(cells, 2))) open = undefined
    else open?.push({ line: index + 1, cells })
  })
  return tables
}

/** Rows that hold at least one number: headings, units and blank rows fall away. */
function dataRows(rows: readonly HubRow[]): HubRow[] {
  return rows.filter(({ cells }) => cells.some((cell) => typeof cell === 'number'))
}

/** Data rows in which the first `width` columns are written only where they change. */
function carriedRows(rows: readonly HubRow[], width: number): (HubRow & { carried: string[] })[] {
  const last: string[] = []
  return dataRows(rows).map((row) => {
    for (let n = 0; n < width; n += 1) {
      const written = textAt(row.cells, 2 + n)
      if (written !== '') last.splice(n, last.length - n, written)
    }
    return { ...row, carried: [...last] }
  })
}

function textAt(cells: readonly Cell[], column: number): string {
  const cell = cells[column]
  return isBlank(cell) ? '' : String(cell).replaceAll(/\s+/gu, ' ').trim()
}

function isBlank(cell: Cell): boolean {
  return cell === null || cell === undefined || (typeof cell === 'string' && cell.trim() === '')
}
