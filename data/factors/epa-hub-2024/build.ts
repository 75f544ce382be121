/**
 * Re-tabulates table 6 of EPA's GHG Emission Factors Hub 2024 (eGRID2022), so that an inventory of 2022 or 2023 can pin
 * the grid of its time. Input: the table's rows as JSON, `{ tables: { "6": { rows: [...] } } }`, one object per subregion.
 */
import { readFileSync } from 'node:fs'
import { type Entry, datasetText, monthsAfter, readAmount, runBuild, tidy } from '../tabulate.ts'

const LB_KG = 0.45359237

export interface EgridRow {
  subregion: string
  name: string
  lbCO2_per_MWh: number
  lbCH4_per_MWh: number
  lbN2O_per_MWh: number
  row: number
}

const common = {
  dataset: 'epa-hub',
  publisher: 'US EPA',
  edition: '2024',
  activity: 'electricity',
  attributes: { origin: 'grid' },
  unit: 'MWh',
  category: '2.1',
  boundary: 'direct',
  gwp_set: 'AR5',
  valid_from: '2022-01-01',
  valid_to: '2022-12-31',
  best_before: monthsAfter('2024-06-05', 18),
  quality: { reliability: 4, technical: 4, geographic: 5, temporal: 4, completeness: 4 },
  status: 'valid',
  source: {
    title: 'GHG Emission Factors Hub (2024), table 6, eGRID2022',
    url: 'https://www.epa.gov/climateleadership/ghg-emission-factors-hub',
    licence: 'US Government work, public domain',
  },
} as const

export function buildEpaHub2024(rows: readonly EgridRow[]): string {
  const entries = rows.map((row): Entry => {
    const average = row.subregion.startsWith('US')
    const kg = (pounds: number) => tidy((readAmount(pounds) ?? 0) * LB_KG)
    const gases_kg = { co2: kg(row.lbCO2_per_MWh), ch4: kg(row.lbCH4_per_MWh), n2o: kg(row.lbN2O_per_MWh) }
    const total = tidy(gases_kg.co2 + gases_kg.ch4 * 28 + gases_kg.n2o * 265)
    const place = average
      ? { en: 'US average', fr: 'moyenne des États-Unis' }
      : { en: `${row.subregion} (${row.name})`, fr: `${row.subregion} (${row.name})` }
    return {
      id: `epa-hub:6.${average ? 'us-average' : row.subregion.toLowerCase()}`,
      row: `Table 6, row ${row.row}`,
      name: { en: `Grid electricity, ${place.en}`, fr: `Électricité du réseau, ${place.fr}` },
      total_kg_co2e: total,
      stages: [{ stage: 'generation', total_kg_co2e: total, gases_kg }],
      geography: average ? 'US' : `US-${row.subregion}`,
      geography_name: row.name,
      raw: {
        subregion: row.subregion,
        lb_co2_per_mwh: String(row.lbCO2_per_MWh),
        lb_ch4_per_mwh: String(row.lbCH4_per_MWh),
        lb_n2o_per_mwh: String(row.lbN2O_per_MWh),
      },
    }
  })
  return datasetText(common, entries)
}

runBuild(import.meta.url, ([path = '']) => buildEpaHub2024(JSON.parse(readFileSync(path, 'utf8')).tables['6'].rows))
