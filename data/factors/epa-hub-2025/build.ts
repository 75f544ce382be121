/**
 * Re-tabulates tables 1 to 10 of EPA's GHG Emission Factors Hub 2025. The workbook is read by the importer, so that a
 * row means the same here and after an import; this adds French names and what each row serves.
 */
import { readFileSync } from 'node:fs'
import { findActivity } from '@tidemark/core/factors/activities.ts'
import type { Factor } from '@tidemark/core/factors/contract.ts'
import { findHubSheet, readEpaHub, type Sheet } from '@tidemark/core/factors/import/epa-hub.ts'
import { readXlsx } from 'hucre'
import { type Entry, datasetText, monthsAfter, runBuildAsync } from '../tabulate.ts'
import { french, serves, volumeOnly, wasteMaterials, wasteTreatments } from './words.ts'

const common = {
  dataset: 'epa-hub',
  publisher: 'US EPA',
  edition: '2025',
  boundary: 'direct',
  gwp_set: 'AR5',
  geography: 'US',
  best_before: monthsAfter('2025-01-15', 18),
  // Grades of national statistics compiled by an agency from measured and reported data: decision 0016.
  quality: { reliability: 4, technical: 4, geographic: 5, temporal: 4, completeness: 4 },
  status: 'valid',
  source: {
    title: 'GHG Emission Factors Hub (2025)',
    url: 'https://www.epa.gov/climateleadership/ghg-emission-factors-hub',
    licence: 'US Government work, public domain',
  },
} as const

/** Footnote letters at the end of a name: `Agricultural EquipmentA`, `Commuter Rail D`. */
const plain = (name: string) => name.replace(/(?: [A-F]|(?<=[a-z])[A-F])$/, '').trim()

/** Two lines of one merged cell: the second is the explanation of the first. */
const lightTrucks = 'Gasoline Light-Duty Trucks (Vans, Pickup Trucks, SUVs)'

function say(words: string): string {
  const known = french[words]
  if (known === undefined) throw new Error(`"${words}" has no French name.`)
  return known
}

function namesOf(table: number, factor: Factor): Factor['name'] & { key: string } {
  const { vehicle: vehicle_raw, fuel, model_year, material, treatment, subregion } = factor.raw ?? {}
  if (table === 1 || table === 2) {
    const name = fuel ?? ''
    return {
      en: table === 2 ? `${name}, mobile combustion, CO2 only` : name,
      fr: table === 2 ? `${say(name)}, sources mobiles, CO2 seul` : say(name),
      key: name,
    }
  }
  if (table === 6) {
    const place =
      subregion && /^us/i.test(subregion)
        ? { en: 'US average', fr: 'moyenne des États-Unis' }
        : { en: `${subregion} (${factor.geography_name})`, fr: `${subregion} (${factor.geography_name})` }
    return { en: `Grid electricity, ${place.en}`, fr: `Électricité du réseau, ${place.fr}`, key: '' }
  }
  if (table === 9) {
    const how = (treatment ?? '').toLowerCase()
    return { en: `${material}, ${how}`, fr: `${say(material ?? '')}, ${say(how)}`, key: material ?? '' }
  }
  if (table === 7) return { en: 'Steam and heat', fr: say('Steam and Heat'), key: 'Steam and Heat' }
  const vehicle = plain(vehicle_raw ?? '').replace(
    /^(?:Gasoline Light-Duty Trucks|\(Vans, Pickup Trucks, SUVs\))$/,
    lightTrucks,
  )
  const parts_en = [vehicle, ...(fuel ? [fuel] : []), ...(model_year ? [`model year ${model_year}`] : [])]
  const parts_fr = [say(vehicle), ...(fuel ? [say(fuel)] : []), ...(model_year ? [`année-modèle ${model_year}`] : [])]
  const partial = table <= 5
  return {
    en: [...parts_en, ...(partial ? ['CH4 and N2O only'] : [])].join(', '),
    fr: [...parts_fr, ...(partial ? ['CH4 et N2O seuls'] : [])].join(', '),
    key: vehicle,
  }
}

const notes: Record<number, string> = {
  2: 'CO2 only: tables 3 to 5 hold the CH4 and N2O of the vehicle that burns it, per distance or per gallon.',
  3: 'CH4 and N2O only, per distance: the CO2 comes from the fuel, table 2.',
  4: 'CH4 and N2O only, per distance: the CO2 comes from the fuel, table 2.',
  5: 'CH4 and N2O only: the CO2 comes from the fuel, table 2.',
  9: 'Weighted by EPA under AR4; its gases are not given apart. Without credits for avoided emissions.',
}

function serving(table: number, factor: Factor, key: string): Pick<Entry, 'activity' | 'attributes'> {
  if (table === 6) return { activity: 'electricity', attributes: { origin: 'grid' } }
  if (table === 9) {
    const material = wasteMaterials[key]
    const treatment = wasteTreatments[factor.raw?.treatment ?? '']
    return material && treatment ? { activity: 'waste', attributes: { material, treatment } } : {}
  }
  const [activity, attributes] = serves[`${table} ${key}`] ?? []
  if (!activity || (volumeOnly.includes(activity) && factor.unit !== 'gal_us')) return {}
  return { activity, ...(attributes ? { attributes } : {}) }
}

/** The heat content of a fuel of table 1, which ties its factor per mmBtu to its factor per unit. */
function heatOf(sheet: Sheet, row: string): number | undefined {
  const cell = sheet.rows[Number(/\d+$/.exec(row)?.[0]) - 1]?.[3]
  return typeof cell === 'number' ? cell : undefined
}

export function buildEpaHub2025(sheets: readonly Sheet[]): string {
  const sheet = findHubSheet(sheets)
  if (!sheet) throw new Error("The workbook has no sheet with EPA's table 1.")
  const { factors } = readEpaHub(sheet)
  const entries = factors.flatMap((factor): Entry[] => {
    const table = Number(/^Table (\d+)/.exec(factor.row)?.[1])
    // Non-baseload rates serve to value savings, not to count a consumption.
    if (factor.raw?.kind === 'non-baseload') return []
    const { key, ...name } = namesOf(table, factor)
    const { activity, attributes } = serving(table, factor, key)
    const loss = Number(factor.raw?.grid_gross_loss)
    const note =
      table === 6 && loss > 0
        ? `Grid gross loss ${Number((loss * 100).toPrecision(3))} %, for category 3.3 only: EPA asks not to apply it to scope 2.`
        : notes[table]
    const entry: Entry = {
      id: factor.id,
      row: factor.row,
      name,
      ...(activity ? { activity } : {}),
      ...(attributes ? { attributes } : {}),
      unit: factor.unit,
      total_kg_co2e: factor.total_kg_co2e,
      stages: factor.stages,
      category: (activity && findActivity(activity)?.category) || factor.category,
      ...(factor.geography === 'US' ? {} : { geography: factor.geography }),
      ...(factor.geography_name ? { geography_name: factor.geography_name } : {}),
      ...(factor.gwp_set === 'AR5' ? {} : { gwp_set: factor.gwp_set }),
      // Table 6 is eGRID2023: it speaks for the generation of that year.
      ...(table === 6 ? { valid_from: '2023-01-01', valid_to: '2023-12-31' } : {}),
      ...(activity === 'flight' ? { radiative_forcing: 'excluded' as const } : {}),
      ...(note ? { note } : {}),
      raw: table === 1 ? { ...factor.raw, mmbtu_per_unit: String(heatOf(sheet, factor.row) ?? '') } : factor.raw,
    }
    return [entry]
  })
  return datasetText(common, entries)
}

await runBuildAsync(import.meta.url, async ([path = '']) =>
  buildEpaHub2025((await readXlsx(readFileSync(path))).sheets as Sheet[]),
)
