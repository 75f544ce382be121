import { Problem } from '../../lib/problem.ts'
import type { Factor, FactorStage, GwpSet, Stage } from '../contract.ts'
import { count, emptyCounts, Faults, tally, tidy, type ImportResult } from './report.ts'
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
  const modified =
    sheet.rows
      .slice(0, 12)
      .flat()
      .map(String)
      .find((cell) => cell.startsWith('Last Modified')) ?? ''
  const edition = /\b(20\d{2})\b/.exec(modified)?.[1]
  if (!edition) {
    throw new Problem('factors/unreadable-file', {
      detail: 'The hub does not say when it was last modified, so its edition is not known. Nothing was changed.',
    })
  }
  const gwp_set: GwpSet & ('AR4' | 'AR5') = Number(edition) >= 2024 ? 'AR5' : 'AR4'
  const tables = splitTables(sheet)
  const factors: Factor[] = []
  const ids = new Set<string>()

  readStationary(tables.get(1) ?? [])
  for (const { line, cells } of dataRows(tables.get(2) ?? [])) {
    const fuel = textAt(cells, 2)
    const biogenic = /^(biodiesel|ethanol)/i.test(fuel)
    add({
      table: 2,
      line,
      key: [fuel, textAt(cells, 4)],
      name: `${fuel}, mobile combustion, CO2 only`,
      unit: textAt(cells, 4),
      category: '1.2',
      co2: numberAt(line, cells, 3),
      biogenic,
      raw: { fuel },
    })
  }
  for (const { line, cells, carried } of carriedRows(tables.get(3) ?? [], 1)) {
    const [vehicle = ''] = carried
    const year = textAt(cells, 3)
    add({
      table: 3,
      line,
      key: [vehicle, year],
      name: `${vehicle}, model year ${year}, CH4 and N2O only`,
      unit: 'vehicle-mile',
      category: '1.2',
      ch4_g: numberAt(line, cells, 4),
      n2o_g: numberAt(line, cells, 5),
      raw: { vehicle, model_year: year },
    })
  }
  for (const { line, cells, carried } of carriedRows(tables.get(4) ?? [], 2)) {
    const [vehicle = '', fuel = ''] = carried
    const year = textAt(cells, 4)
    add({
      table: 4,
      line,
      key: [vehicle, fuel, year],
      name: `${vehicle}, ${fuel}${year ? `, model year ${year}` : ''}, CH4 and N2O only`,
      unit: 'vehicle-mile',
      category: '1.2',
      ch4_g: numberAt(line, cells, 5),
      n2o_g: numberAt(line, cells, 6),
      raw: { vehicle, fuel, model_year: year },
    })
  }
  for (const { line, cells, carried } of carriedRows(tables.get(5) ?? [], 1)) {
    const [vehicle = ''] = carried
    const fuel = textAt(cells, 3)
    add({
      table: 5,
      line,
      key: [vehicle, fuel],
      name: `${vehicle}, ${fuel}, CH4 and N2O only`,
      unit: 'gallon',
      category: '1.2',
      ch4_g: numberAt(line, cells, 4),
      n2o_g: numberAt(line, cells, 5),
      raw: { vehicle, fuel },
    })
  }
  readElectricity(tables.get(6) ?? [])
  for (const { line, cells } of dataRows(tables.get(7) ?? [])) {
    add({
      table: 7,
      line,
      key: [textAt(cells, 2)],
      name: textAt(cells, 2),
      unit: 'mmBtu of heat',
      category: '2.2',
      stage: 'generation',
      co2: numberAt(line, cells, 3),
      ch4_g: numberAt(line, cells, 4),
      n2o_g: numberAt(line, cells, 5),
      raw: {},
    })
  }
  for (const [table, category] of [
    [8, '3.4'],
    [10, '3.6'],
  ] as const) {
    for (const { line, cells } of dataRows(tables.get(table) ?? [])) {
      // A letter at the end refers to a footnote: "Passenger Car A".
      const vehicle = textAt(cells, 2).replace(/ [A-F]$/, '')
      add({
        table,
        line,
        key: [vehicle, textAt(cells, 6)],
        name: vehicle,
        unit: textAt(cells, 6),
        category,
        co2: numberAt(line, cells, 3),
        ch4_g: numberAt(line, cells, 4),
        n2o_g: numberAt(line, cells, 5),
        raw: { vehicle },
      })
    }
  }
  readWaste(tables.get(9) ?? [])
  for (const table of [11, 12]) {
    for (const row of dataRows(tables.get(table) ?? []))
      if (row.cells.length > 0) count(counts.skipped, 'potential-not-a-factor')
  }
  if (factors.length === 0) faults.add(1, '', 'no-elements', 'the sheet holds no emission factor.')
  faults.refuseIfAny()
  tally(counts, factors)
  return { dataset: 'epa-hub', publisher: 'US EPA', edition, factors, counts }

  function readStationary(rows: readonly HubRow[]): void {
    let group = ''
    let unit = ''
    for (const { line, cells } of rows) {
      const fuel = textAt(cells, 2)
      const per = /^mmBtu per (.+)$/i.exec(textAt(cells, 3))
      if (per) unit = per[1] ?? ''
      else if (fuel !== '' && isBlank(cells[3]) && isBlank(cells[4])) group = fuel
      else if (fuel !== '' && typeof cells[4] === 'number') {
        const biogenic = /^biomass/i.test(group)
        const raw = { group, fuel }
        const common = { table: 1, line, name: fuel, category: '1.1', biogenic, raw }
        add({
          ...common,
          key: [fuel, 'mmbtu'],
          unit: 'mmBtu of fuel',
          co2: numberAt(line, cells, 4),
          ch4_g: numberAt(line, cells, 5),
          n2o_g: numberAt(line, cells, 6),
        })
        if (isBlank(cells[7])) continue
        add({
          ...common,
          key: [fuel, unit],
          unit,
          co2: numberAt(line, cells, 7),
          ch4_g: numberAt(line, cells, 8),
          n2o_g: numberAt(line, cells, 9),
        })
      }
    }
  }

  function readElectricity(rows: readonly HubRow[]): void {
    const LB_KG = 0.45359237
    for (const { line, cells } of rows) {
      const subregion = textAt(cells, 2)
      if (typeof cells[4] !== 'number' || subregion === '') continue
      const geography = /^us/i.test(subregion) ? 'US' : `US-${subregion}`
      const grid_loss = numberAt(line, cells, 10)
      for (const [kind, first] of [
        ['', 4],
        ['non-baseload', 7],
      ] as const) {
        const gas = (n: number) => (numberAt(line, cells, first + n) ?? 0) * LB_KG
        add({
          table: 6,
          line,
          key: [subregion, ...(kind ? [kind] : [])],
          name: `Grid electricity, ${textAt(cells, 3)}${kind ? `, ${kind}` : ''}`,
          unit: 'MWh',
          category: '2.1',
          stage: 'generation',
          co2: tidy(gas(0)),
          ch4_g: tidy(gas(1) * 1000),
          n2o_g: tidy(gas(2) * 1000),
          geography,
          geography_name: textAt(cells, 3),
          raw: { subregion, kind: kind || 'total output', grid_gross_loss: String(grid_loss ?? '') },
        })
      }
    }
  }

  /** Table 9 gives tonnes of CO2e per short ton, by EPA's waste model, which still weights by AR4. NA is no zero. */
  function readWaste(rows: readonly HubRow[]): void {
    for (const { line, cells } of rows) {
      const material = textAt(cells, 2)
      if (material === '' || ![3, 4, 5, 6, 7, 8].some((n) => typeof cells[n] === 'number')) continue
      treatments.forEach((treatment, n) => {
        const cell = cells[n + 3]
        if (typeof cell !== 'number') return count(counts.skipped, 'not-applicable')
        counts.lines += 1
        const total = tidy(cell * 1000)
        push({
          ...shared(9, line, [material, treatment]),
          name: { en: `${material}, ${treatment.toLowerCase()}`, fr: `${material}, ${treatment.toLowerCase()}` },
          unit: 'short_ton',
          total_kg_co2e: total,
          stages: [{ stage: treatmentStages[n] ?? 'treatment', total_kg_co2e: total }],
          gwp_set: 'AR4',
          category: '3.5',
          geography: 'US',
          raw: { material, treatment, t_co2e_per_short_ton: String(cell) },
        })
      })
    }
  }

  interface Said {
    table: number
    line: number
    key: string[]
    name: string
    unit: string
    category: string
    stage?: Stage
    co2?: number
    ch4_g?: number
    n2o_g?: number
    biogenic?: boolean
    geography?: string
    geography_name?: string
    raw: Record<string, string>
  }

  function add(said: Said): void {
    counts.lines += 1
    const known: Record<string, string> = {
      ...unitOf,
      'mmBtu of fuel': 'MMBtu_gross',
      'mmBtu of heat': 'MMBtu',
      MWh: 'MWh',
    }
    const unit = Object.hasOwn(known, said.unit) ? known[said.unit] : undefined
    if (!unit)
      return faults.add(said.line, 'Unit', 'unknown-unit', `"${said.unit}" is not a unit of the hub.`, said.unit)
    const weights = potentials[gwp_set as 'AR4' | 'AR5']
    const gases: Record<string, number> = {}
    if (said.co2 !== undefined && !said.biogenic) gases.co2 = said.co2
    if (said.ch4_g !== undefined) gases.ch4 = tidy(said.ch4_g / 1000)
    if (said.n2o_g !== undefined) gases.n2o = tidy(said.n2o_g / 1000)
    const total = tidy((gases.co2 ?? 0) + (gases.ch4 ?? 0) * weights.ch4 + (gases.n2o ?? 0) * weights.n2o)
    const stage: FactorStage = {
      stage: said.stage ?? 'combustion',
      total_kg_co2e: total,
      gases_kg: gases,
      ...(said.biogenic && said.co2 !== undefined ? { co2_biogenic_kg: said.co2 } : {}),
    }
    push({
      ...shared(said.table, said.line, said.key),
      name: { en: said.name, fr: said.name },
      unit,
      total_kg_co2e: total,
      stages: [stage],
      gwp_set,
      category: said.category,
      geography: said.geography ?? 'US',
      ...(said.geography_name ? { geography_name: said.geography_name } : {}),
      raw: {
        ...Object.fromEntries(Object.entries(said.raw).filter(([, text]) => text !== '')),
        ...(said.co2 === undefined ? {} : { kg_co2: String(said.co2) }),
        ...(said.ch4_g === undefined ? {} : { g_ch4: String(said.ch4_g) }),
        ...(said.n2o_g === undefined ? {} : { g_n2o: String(said.n2o_g) }),
        unit: said.unit,
      },
    })
  }

  function shared(table: number, line: number, key: readonly string[]) {
    return {
      id: `epa-hub:${table}.${key
        .map(slug)
        .filter((part) => part !== '')
        .join('.')}`,
      dataset: 'epa-hub',
      publisher: 'US EPA',
      edition: edition ?? '',
      row: `Table ${table}, row ${line}`,
      boundary: 'direct' as const,
      status: 'valid' as const,
      source: {
        title: `GHG Emission Factors Hub (${edition}), table ${table}`,
        url: 'https://www.epa.gov/climateleadership/ghg-emission-factors-hub',
        licence: 'US Government work, public domain',
      },
    }
  }

  function push(factor: Factor): void {
    const line = Number(/\d+$/.exec(factor.row)?.[0])
    if (ids.has(factor.id)) return faults.add(line, '', 'duplicate-id', `two rows would both be ${factor.id}.`)
    ids.add(factor.id)
    factors.push(factor)
  }

  function numberAt(line: number, cells: readonly Cell[], column: number): number | undefined {
    const cell = cells[column]
    if (typeof cell === 'number') return cell
    if (isBlank(cell)) return undefined
    faults.add(line, `column ${column + 1}`, 'bad-number', `"${String(cell).slice(0, 40)}" is not a number.`)
    return undefined
  }
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
