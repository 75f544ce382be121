import type { Factor, FactorStage, Stage } from '../contract.ts'
import { placeCode } from '../places.ts'
import { checkRollUp, count, emptyCounts, Faults, sourceUnit, tally, type FactorReader } from './report.ts'
import { cleanText, headerKey, readNumber } from './text.ts'

const REQUIRED = ['ID', 'Scope', 'Level 1', 'Level 2', 'Level 3', 'UOM', 'GHG/Unit'] as const
const VALUE = /^ghg conversion factor (20\d{2})$/

/** What a table of the workbook is about: which stage it counts, and where it usually lands. */
interface Table {
  stage: Stage
  boundary: Factor['boundary']
  category?: string
}

const tables: readonly [RegExp, Table][] = [
  [
    /^wtt- (fuels|bioenergy|uk electricity|heat and steam)/i,
    { stage: 'upstream', boundary: 'upstream', category: '3.3' },
  ],
  [/^wtt- delivery vehs & freight/i, { stage: 'upstream', boundary: 'upstream', category: '3.4' }],
  [/^wtt-/i, { stage: 'upstream', boundary: 'upstream', category: '3.6' }],
  [/^(fuels|bioenergy)$/i, { stage: 'combustion', boundary: 'direct', category: '1.1' }],
  [/^refrigerant/i, { stage: 'fugitive', boundary: 'direct', category: '1.4' }],
  [
    /^(passenger vehicles|delivery vehicles|secr kwh pass)/i,
    { stage: 'combustion', boundary: 'direct', category: '1.2' },
  ],
  [/^uk electricity t&d/i, { stage: 'losses', boundary: 'upstream', category: '3.3' }],
  [
    /^(uk electricity|overseas electricity|secr kwh uk electricity)/i,
    { stage: 'generation', boundary: 'direct', category: '2.1' },
  ],
  [/^heat and steam/i, { stage: 'generation', boundary: 'direct', category: '2.2' }],
  [/^transmission and distribution/i, { stage: 'losses', boundary: 'upstream', category: '3.3' }],
  [/^managed assets- vehicles/i, { stage: 'combustion', boundary: 'direct', category: '3.13' }],
  [/^managed assets- electricity/i, { stage: 'generation', boundary: 'direct', category: '3.13' }],
  [/^business travel/i, { stage: 'combustion', boundary: 'direct', category: '3.6' }],
  [/^freighting goods/i, { stage: 'combustion', boundary: 'direct', category: '3.4' }],
  [/^hotel stay/i, { stage: 'whole', boundary: 'direct', category: '3.6' }],
  [/^homeworking/i, { stage: 'whole', boundary: 'direct', category: '3.7' }],
  [/^water supply/i, { stage: 'whole', boundary: 'life_cycle', category: '3.1' }],
  [/^water treatment/i, { stage: 'whole', boundary: 'life_cycle', category: '3.5' }],
  [/^material use/i, { stage: 'manufacture', boundary: 'life_cycle', category: '3.1' }],
  [/^waste disposal/i, { stage: 'treatment', boundary: 'direct', category: '3.5' }],
  [/^outside of scopes/i, { stage: 'combustion', boundary: 'direct' }],
]

const units: Record<string, string> = {
  tonnes: 't',
  kg: 'kg',
  litres: 'L',
  'million litres': 'million_L',
  'kWh (Net CV)': 'kWh_net',
  'kWh (Gross CV)': 'kWh_gross',
  km: 'vehicle.km',
  miles: 'vehicle.mi',
  'passenger.km': 'passenger.km',
  'tonne.km': 'tonne.km',
  'Room per night': 'room.night',
  'per FTE Working Hour': 'fte.hour',
}

const gasOf: Record<string, 'total' | 'co2' | 'ch4' | 'n2o'> = {
  'kg CO2e': 'total',
  'kg CO2e of CO2 per unit': 'co2',
  'kg CO2e of CH4 per unit': 'ch4',
  'kg CO2e of N2O per unit': 'n2o',
}

interface Group {
  id: string
  line: number
  levels: string[]
  column: string
  scope: string
  uom: string
  total?: number
  gases: Record<string, number>
}

/**
 * Reads the flat file of the UK Government conversion factors, editions 2022 and later: ten columns, of which the last
 * names the year. One factor per row id without its last part, which only counts the gases. A blank is not a zero:
 * groups without a value are skipped and counted. Rows in kWh per distance are energy, no emission.
 *
 * Source: DESNZ, Greenhouse gas reporting: conversion factors; gases are kgCO2e under AR5 from the 2023 edition on, AR4 before.
 */
export function desnzReader(header: readonly string[]): FactorReader {
  const faults = new Faults()
  const index = new Map(header.map((name, n) => [headerKey(name), n]))
  for (const name of REQUIRED) {
    if (!index.has(headerKey(name)))
      faults.add(1, name, 'missing-column', 'this column is required and not in the header.')
  }
  const value_column = header.find((name) => VALUE.test(headerKey(name)))
  const year = VALUE.exec(headerKey(value_column ?? ''))?.[1] ?? ''
  if (!value_column)
    faults.add(1, 'GHG Conversion Factor', 'missing-column', 'no column is called "GHG Conversion Factor" and a year.')
  faults.refuseIfAny()

  const counts = emptyCounts()
  const seen = new Map<string, number>()
  const groups = new Map<string, Group>()
  const at = (cells: readonly string[], name: string): string =>
    cleanText(cells[index.get(headerKey(name)) ?? -1] ?? '')

  return {
    push(cells, line) {
      counts.lines += 1
      if (cells.length !== header.length) {
        return faults.add(
          line,
          '',
          'wrong-column-count',
          `there are ${cells.length} columns, and the header has ${header.length}.`,
        )
      }
      const full_id = at(cells, 'ID')
      if (!/^[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+$/.test(full_id)) {
        return faults.add(line, 'ID', 'bad-id', 'an id is words joined by underscores.', full_id)
      }
      const earlier = seen.get(full_id)
      if (earlier !== undefined)
        return faults.add(line, 'ID', 'duplicate-id', `it stands on line ${earlier} too.`, full_id)
      seen.set(full_id, line)
      const counted = at(cells, 'GHG/Unit')
      const gas = Object.hasOwn(gasOf, counted) ? gasOf[counted] : undefined
      if (gas === undefined) {
        if (counted.startsWith('kWh')) return count(counts.skipped, 'energy-not-emissions')
        return faults.add(line, 'GHG/Unit', 'unknown-gas', 'neither an emission nor energy.', counted)
      }
      const written = at(cells, value_column ?? '')
      if (written === '') return count(counts.skipped, 'blank-value')
      const value = readNumber(written, 'point')
      if (value === undefined)
        return faults.add(line, value_column ?? '', 'bad-number', `"${written.slice(0, 40)}" is not a number.`, written)
      const id = full_id.slice(0, full_id.lastIndexOf('_'))
      const group = groups.get(id) ?? {
        id,
        line,
        levels: [1, 2, 3, 4].map((n) => at(cells, `Level ${n}`)),
        column: at(cells, 'Column Text'),
        scope: at(cells, 'Scope'),
        uom: at(cells, 'UOM'),
        gases: {},
      }
      if (gas === 'total') group.total = value
      else group.gases[gas] = value
      groups.set(id, group)
    },

    finish() {
      const factors: Factor[] = []
      for (const group of groups.values()) {
        const table = tables.find(([pattern]) => pattern.test(group.levels[0] ?? ''))?.[1]
        if (table) factors.push(readGroup(group, table))
        else count(counts.skipped, `unknown-table: ${group.levels[0] ?? ''}`)
      }
      if (seen.size === 0) faults.add(1, '', 'no-elements', 'the file holds no emission factor.')
      faults.refuseIfAny()
      tally(counts, factors)
      return {
        dataset: 'desnz',
        publisher: 'UK Department for Energy Security and Net Zero',
        edition: year,
        factors,
        counts,
      }
    },
  }

  function readGroup(group: Group, table: Table): Factor {
    const [level_1 = '', level_2 = '', level_3 = '', level_4 = ''] = group.levels
    const outside = /^outside of scopes/i.test(level_1)
    const total = outside ? 0 : (group.total ?? Object.values(group.gases).reduce((a, b) => a + b, 0))
    const gases = Object.values(group.gases)
    if (!outside && group.total !== undefined && gases.length === 3)
      checkRollUp(counts.roll_ups.gases, group.id, total, gases)
    const stage: FactorStage = {
      stage: table.stage,
      total_kg_co2e: total,
      ...(!outside && gases.length === 3 ? { gases_kg_co2e: group.gases } : {}),
      ...(outside && group.gases.co2 !== undefined ? { co2_biogenic_kg: group.gases.co2 } : {}),
    }
    const special = [level_3, level_4, group.column].filter((part) => part !== '')
    const name = `${special.join(', ') || level_2} (${[level_1, ...(special.length > 0 ? [level_2] : [])].join(', ')})`
    const forcing = { 'with rf': 'included', 'without rf': 'excluded' } as const
    const column = group.column.toLowerCase()
    const flight = /^business travel- air$/i.test(level_1)
    return {
      id: `desnz:${group.id}`,
      dataset: 'desnz',
      publisher: 'UK Department for Energy Security and Net Zero',
      edition: year,
      row: group.id,
      name: { en: name, fr: name },
      unit: unitOf(group) ?? sourceUnit(group.uom),
      total_kg_co2e: total,
      stages: [stage],
      boundary: table.boundary,
      gwp_set: Number(year) >= 2023 ? 'AR5' : 'AR4',
      geography: /^hotel stay/i.test(level_1) ? (placeCode(level_3) ?? 'GB') : 'GB',
      ...(/^hotel stay/i.test(level_1) ? { geography_name: level_3 } : {}),
      ...(table.category ? { category: table.category } : {}),
      valid_from: `${year}-01-01`,
      valid_to: `${year}-12-31`,
      status: 'valid',
      ...(flight && (column === 'with rf' || column === 'without rf') ? { radiative_forcing: forcing[column] } : {}),
      // The file's flight factors hold DESNZ's 8 % for detours and delays already (methodology paper, air travel).
      ...(/^(wtt- )?business travel- air$/i.test(level_1) ? { distance_uplift: { percent: 8, included: true } } : {}),
      source: {
        title: `Greenhouse gas reporting: conversion factors ${year}, flat file`,
        url: `https://www.gov.uk/government/publications/greenhouse-gas-reporting-conversion-factors-${year}`,
        licence: 'Open Government Licence v3.0',
      },
      raw: rawOf(group),
    }
  }
}

/**
 * A kWh or GJ of a fuel without its basis is no unit, and neither is a cubic metre of a gas without its temperature:
 * the flat file gives bioenergy and fuel gases that way.
 */
function unitOf(group: Group): string | undefined {
  const level_1 = group.levels[0] ?? ''
  const isFuel = /fuels|bioenergy|outside of scopes/i.test(level_1)
  if (group.uom === 'kWh') return isFuel ? undefined : 'kWh'
  if (group.uom === 'cubic metres') return isFuel ? undefined : 'm3'
  return Object.hasOwn(units, group.uom) ? units[group.uom] : undefined
}

function rawOf(group: Group): Record<string, string> {
  const said: Record<string, string | number | undefined> = {
    scope: group.scope,
    level_1: group.levels[0],
    level_2: group.levels[1],
    level_3: group.levels[2],
    level_4: group.levels[3],
    column_text: group.column,
    uom: group.uom,
    kg_co2e: group.total,
    kg_co2e_of_co2: group.gases.co2,
    kg_co2e_of_ch4: group.gases.ch4,
    kg_co2e_of_n2o: group.gases.n2o,
  }
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, String(value)]])),
  )
}
