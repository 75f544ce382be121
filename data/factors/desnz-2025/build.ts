/**
 * Re-tabulates part of the UK Government GHG conversion factors 2025 (flat file) as factors.
 *
 * One factor per row id without its last part, which only counts the gases: `_1` is the total, `_2` CO2, `_3` CH4,
 * `_4` N2O, all in kgCO2e under AR5.
 */
import { readFileSync } from 'node:fs'
import { blends, gases } from '@tidemark/core/factors/gwp.ts'
import { type Entry, datasetText, monthsAfter, readAmount, readTable, runBuild, tidy } from '../tabulate.ts'
import {
  airHauls,
  airClasses,
  fuels,
  hotelCountries,
  type Names,
  refrigerants,
  selection,
  type Selected,
} from './selection.ts'

const VALUE = 'GHG Conversion Factor 2025'
const columns = ['ID', 'Scope', 'Level 1', 'Level 2', 'Level 3', 'Level 4', 'Column Text', 'UOM', 'GHG/Unit', VALUE]

const units: Record<string, string> = {
  tonnes: 't',
  litres: 'L',
  kg: 'kg',
  'kWh (Net CV)': 'kWh_net',
  'kWh (Gross CV)': 'kWh_gross',
  kWh: 'kWh',
  km: 'vehicle.km',
  'passenger.km': 'passenger.km',
  'tonne.km': 'tonne.km',
  'cubic metres': 'm3',
  'Room per night': 'room.night',
  'per FTE Working Hour': 'fte.hour',
}

interface Row {
  id: string
  levels: [string, string, string, string]
  column: string
  uom: string
  scope: string
  total?: number
  co2?: number
  ch4?: number
  n2o?: number
}

const gasOf: Record<string, 'total' | 'co2' | 'ch4' | 'n2o'> = {
  'kg CO2e': 'total',
  'kg CO2e of CO2 per unit': 'co2',
  'kg CO2e of CH4 per unit': 'ch4',
  'kg CO2e of N2O per unit': 'n2o',
}

/** Rows of the flat file with their gases brought together. Blank stays blank: a blank is not a zero. */
export function readFlatFile(text: string): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const cells of readTable(text, columns)) {
    const full = cells.ID ?? ''
    const gas = gasOf[cells['GHG/Unit'] ?? '']
    const value = readAmount(cells[VALUE])
    if (!full || !gas || value === undefined) continue
    const id = full.slice(0, full.lastIndexOf('_'))
    const level = (n: number) => (cells[`Level ${n}`] ?? '').trim()
    const row = rows.get(id) ?? {
      id,
      levels: [level(1), level(2), level(3), level(4)],
      column: (cells['Column Text'] ?? '').trim(),
      uom: cells.UOM ?? '',
      scope: cells.Scope ?? '',
    }
    row[gas] = value
    rows.set(id, row)
  }
  return rows
}

function rawOf(row: Row): Record<string, string> {
  const said: Record<string, string | number | undefined> = {
    scope: row.scope,
    level_1: row.levels[0],
    level_2: row.levels[1],
    level_3: row.levels[2],
    level_4: row.levels[3],
    column_text: row.column,
    uom: row.uom,
    kg_co2e: row.total,
    kg_co2e_of_co2: row.co2,
    kg_co2e_of_ch4: row.ch4,
    kg_co2e_of_n2o: row.n2o,
  }
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, String(value)]])),
  )
}

function gasesOf(row: Row): Record<string, number> | undefined {
  const { co2, ch4, n2o } = row
  if (co2 === undefined || ch4 === undefined || n2o === undefined) return undefined
  return { co2, ch4, n2o }
}

function entryOf(row: Row, chosen: Selected, names: Names): Entry {
  const { total } = row
  if (total === undefined) throw new Error(`Row ${row.id} has no total.`)
  const unit = chosen.unit ?? units[row.uom]
  if (!unit) throw new Error(`Row ${row.id} has the unit ${row.uom}, for which we have none.`)
  const split = gasesOf(row)
  return {
    id: `desnz:${row.id}`,
    row: row.id,
    name: names,
    activity: chosen.activity,
    ...(chosen.attributes ? { attributes: chosen.attributes } : {}),
    unit,
    total_kg_co2e: total,
    stages: [{ stage: chosen.stage, total_kg_co2e: total, ...(split ? { gases_kg_co2e: split } : {}) }],
    boundary: chosen.boundary,
    geography: chosen.geography ?? 'GB',
    category: chosen.category,
    ...(chosen.note ? { note: chosen.note } : {}),
    raw: rawOf(row),
  }
}

/** Biogenic CO2 stands in a table of its own, "Outside of scopes", beside the bioenergy and the forecourt blends. */
function biogenicOf(rows: Map<string, Row>, row: Row): number | undefined {
  const [, , item] = row.levels
  for (const outside of rows.values()) {
    const [level_1, level_2, level_3] = outside.levels
    if (
      level_1 === 'Outside of scopes' &&
      level_2 !== 'Electricity generated' &&
      level_3 === item &&
      outside.uom === row.uom
    )
      return outside.co2
  }
  return undefined
}

function withBiogenic(entry: Entry, co2_biogenic_kg: number | undefined): Entry {
  const stage = entry.stages?.[0]
  if (co2_biogenic_kg === undefined || !stage) return entry
  return {
    ...entry,
    stages: [{ ...stage, co2_biogenic_kg }],
    raw: { ...entry.raw, outside_of_scopes_kg_co2: String(co2_biogenic_kg) },
  }
}

/**
 * The business travel row of a vehicle that draws current already adds what DESNZ gives apart: petrol burnt in a plug-in
 * hybrid, generation, and losses on the grid. The parts come from those tables, so that each can go where it belongs.
 */
function electricVehicle(rows: Map<string, Row>, entry: Entry, group: string, item: string): Entry {
  const stages: Entry['stages'] = []
  const raw: Record<string, string> = { ...entry.raw }
  for (const [table, stage] of [
    ['burnt', 'combustion'],
    ['generation', 'generation'],
    ['losses', 'losses'],
  ] as const) {
    const id = `${{ burnt: group === '303' ? '5' : '4', generation: '8', losses: '14' }[table]}_${group}_${item}_4`
    const row = rows.get(id)
    if (row?.total === undefined || row.total === 0) continue
    stages.push({ stage, total_kg_co2e: row.total, ...(gasesOf(row) ? { gases_kg_co2e: gasesOf(row) } : {}) })
    raw[`kg_co2e_${table}_row_${id}`] = String(row.total)
  }
  if (stages.length === 0) throw new Error(`Row ${entry.row} has no parts.`)
  return {
    ...entry,
    stages,
    raw,
    note: 'Stages from the tables "UK electricity for EVs", "UK electricity T&D for EVs" and the vehicle\'s own fuel.',
  }
}

/** Radiative forcing weighs only the CO2, by 1.70: the extra is shown as `other`, because it is not CO2. */
function withForcing(entry: Entry, row: Row, twin: Row | undefined): Entry {
  const stage = entry.stages?.[0]
  const forced = row.column === 'With RF'
  const flagged: Entry = {
    ...entry,
    ...(row.levels[0].startsWith('WTT') ? {} : { radiative_forcing: forced ? 'included' : 'excluded' }),
    distance_uplift: { percent: 8, included: true },
  }
  if (!forced || !stage?.gases_kg_co2e || twin?.co2 === undefined || row.co2 === undefined) return flagged
  const gases = { ...stage.gases_kg_co2e, co2: twin.co2, other: tidy(row.co2 - twin.co2) }
  return { ...flagged, stages: [{ ...stage, gases_kg_co2e: gases }] }
}

const common = {
  dataset: 'desnz',
  publisher: 'UK Department for Energy Security and Net Zero',
  edition: '2025',
  gwp_set: 'AR5',
  geography: 'GB',
  valid_from: '2025-01-01',
  valid_to: '2025-12-31',
  best_before: monthsAfter('2025-06-10', 18),
  // Grades of national statistics compiled by a ministry from measured and reported data: decision 0016.
  quality: { reliability: 4, technical: 4, geographic: 5, temporal: 5, completeness: 4 },
  status: 'valid',
  source: {
    title: 'Greenhouse gas reporting: conversion factors 2025, flat file',
    url: 'https://www.gov.uk/government/publications/greenhouse-gas-reporting-conversion-factors-2025',
    licence: 'Open Government Licence v3.0',
  },
} as const

export function buildDesnz(text: string): string {
  const rows = readFlatFile(text)
  const byPlace = new Map<string, Row[]>()
  for (const row of rows.values()) {
    const place = [row.levels[0], row.levels[1], row.levels[2], row.column].join('|').toLowerCase()
    byPlace.set(place, [...(byPlace.get(place) ?? []), row])
  }
  const at = (level_1: string, level_2: string, level_3: string, column = '') =>
    (byPlace.get([level_1, level_2, level_3, column].join('|').toLowerCase()) ?? []).filter(
      (row) => row.total !== undefined,
    )

  const entries: Entry[] = []
  for (const fuel of fuels) {
    const [burnt, before] = fuel.tables
    for (const row of at(burnt, fuel.group, fuel.item)) {
      const unit = fuel.units[row.uom]
      if (!unit) continue
      const entry = entryOf(
        row,
        {
          activity: fuel.activity,
          attributes: fuel.attributes,
          unit,
          stage: 'combustion',
          boundary: 'direct',
          category: fuel.category,
          note: fuel.note,
        },
        fuel.names,
      )
      entries.push(withBiogenic(entry, biogenicOf(rows, row)))
    }
    for (const row of at(before, fuel.group_before, fuel.item)) {
      const unit = fuel.units[row.uom]
      if (!unit) continue
      const names = { en: `${fuel.names.en}: well to tank`, fr: `${fuel.names.fr} : amont` }
      entries.push(
        entryOf(
          row,
          {
            activity: `${fuel.activity}_upstream`,
            attributes: fuel.attributes,
            unit,
            stage: 'upstream',
            boundary: 'upstream',
            category: '3.3',
            note: fuel.note,
          },
          names,
        ),
      )
    }
  }

  for (const item of selection) {
    const found =
      item.at.length === 1 ? [rows.get(item.at[0] ?? '')] : at(...(item.at as [string, string, string, string?]))
    const kept = found.filter(
      (row): row is Row =>
        row !== undefined && (item.uoms ?? [row.uom]).includes(row.uom) && units[row.uom] !== undefined,
    )
    if (kept.length === 0) throw new Error(`No row at ${item.at.join(' | ')}.`)
    for (const row of kept) {
      let entry = entryOf(row, item, item.names)
      if (item.electric) entry = electricVehicle(rows, entry, item.electric.group, item.electric.item)
      if (item.twin) entry = withForcing(entry, row, rows.get(item.twin))
      entries.push(entry)
    }
  }

  for (const row of rows.values()) {
    const [level_1, , haul, level_4] = row.levels
    if (level_1 !== 'Business travel- air' && level_1 !== 'WTT- business travel- air') continue
    const where = airHauls[haul]
    const cabin = airClasses[level_4]
    if (!where || !cabin || row.total === undefined) throw new Error(`Row ${row.id} is a flight of an unknown kind.`)
    const before = level_1.startsWith('WTT')
    const forced = row.column === 'With RF'
    const twin = rows.get(twinOf(row.id))
    const names = {
      en: `Flight, ${where.names.en}, ${cabin.names.en}, ${forced ? 'with' : 'without'} radiative forcing${before ? ': well to tank' : ''}`,
      fr: `Vol ${where.names.fr}, ${cabin.names.fr}, ${forced ? 'avec' : 'sans'} forçage radiatif${before ? ' : amont' : ''}`,
    }
    const chosen: Selected = {
      activity: before ? 'flight_upstream' : 'flight',
      attributes: { haul: where.haul, class: cabin.class, radiative_forcing: forced ? 'included' : 'excluded' },
      stage: before ? 'upstream' : 'combustion',
      boundary: before ? 'upstream' : 'direct',
      category: '3.6',
      geography: where.geography,
      ...(before ? { note: 'The same with and without radiative forcing, which is no part of the fuel chain.' } : {}),
    }
    entries.push(withForcing(entryOf(row, chosen, names), row, twin))
  }

  for (const row of rows.values()) {
    const [level_1, , name] = row.levels
    const gas =
      level_1 === 'Refrigerant & other' && row.column.startsWith('Total emissions') ? refrigerants[name] : undefined
    if (!gas) continue
    const entry = entryOf(
      row,
      { activity: 'refrigerant_leak', attributes: { gas }, stage: 'fugitive', boundary: 'direct', category: '1.4' },
      {
        en: `${gases[gas]?.name.en ?? gas} leaked`,
        fr: `Fuite de ${gases[gas]?.name.fr ?? gas}`,
      },
    )
    // One kilogram leaks: the masses are the composition, so that any set of potentials can be applied.
    const parts = blends[gas]?.parts ?? { [gas]: 1 }
    const gases_kg = Object.fromEntries(Object.entries(parts).filter(([part]) => part in gases))
    entries.push({ ...entry, stages: [{ stage: 'fugitive', total_kg_co2e: row.total ?? 0, gases_kg }] })
  }

  for (const row of rows.values()) {
    const [level_1, , place] = row.levels
    if (level_1 !== 'Hotel stay' || row.total === undefined) continue
    const where = hotelCountries[place]
    if (!where) throw new Error(`Row ${row.id} names a place that is not in the list: ${place}.`)
    entries.push(
      entryOf(
        row,
        { activity: 'hotel_night', stage: 'whole', boundary: 'direct', category: '3.6', geography: where[0] },
        {
          en: `Hotel night, ${place}`,
          fr: `Nuit d’hôtel, ${where[1]}`,
        },
      ),
    )
  }
  return datasetText(common, entries)
}

/** Rows with and without radiative forcing stand one after the other: even numbers with, odd numbers without. */
function twinOf(id: string): string {
  const parts = id.split('_')
  const item = Number(parts[2])
  parts[2] = String(item % 2 === 0 ? item + 1 : item - 1)
  return parts.join('_')
}

runBuild(import.meta.url, ([path = '']) => buildDesnz(readFileSync(path, 'utf8')))
