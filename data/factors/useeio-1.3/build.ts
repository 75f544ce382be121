/** Re-tabulates EPA's supply chain emission factors v1.3 (USEEIO), 1,016 industries of NAICS 2017, per dollar of 2022. */
import { readFileSync } from 'node:fs'
import { type Entry, datasetText, readAmount, readTable, runBuild } from '../tabulate.ts'

const CODE = '2017 NAICS Code'
const TITLE = '2017 NAICS Title'
const WITHOUT = 'Supply Chain Emission Factors without Margins'
const MARGINS = 'Margins of Supply Chain Emission Factors'
const WITH = 'Supply Chain Emission Factors with Margins'
const REFERENCE = 'Reference USEEIO Code'

const common = {
  dataset: 'useeio',
  publisher: 'US EPA',
  edition: '1.3',
  unit: 'USD-2022',
  boundary: 'life_cycle',
  geography: 'US',
  category: '3.1',
  valid_from: '2022-01-01',
  valid_to: '2022-12-31',
  // Prices drift: three years after the price year somebody should look for newer ones. Decision 0016.
  best_before: '2025-12-31',
  // An input-output model speaks for a whole industry, not for a product: decision 0016.
  quality: { reliability: 3, technical: 2, geographic: 5, temporal: 4, completeness: 4 },
  status: 'valid',
  price: { currency: 'USD', year: 2022, basis: 'purchaser', tax: 'unknown' },
  source: {
    title: 'Supply Chain Greenhouse Gas Emission Factors v1.3 by NAICS-6',
    url: 'https://catalog.data.gov/dataset/supply-chain-greenhouse-gas-emission-factors-v1-3-by-naics-6',
    licence: 'US Government work, public domain',
  },
  note: 'All gases together; the file does not say which potentials weight them, nor gives them apart.',
} as const

/** Farms, mines, building and factories sell goods; everyone else sells services. */
const isGoods = (code: string) => /^(?:11|21|23|31|32|33)/.test(code)

export function buildUseeio(text: string): string {
  const rows = readTable(text, [CODE, TITLE, 'Unit', WITHOUT, MARGINS, WITH, REFERENCE])
  const entries = rows.flatMap((row): Entry[] => {
    const code = row[CODE] ?? ''
    const title = (row[TITLE] ?? '').trim()
    const total = readAmount(row[WITH])
    if (row.Unit !== 'kg CO2e/2022 USD, purchaser price') throw new Error(`Industry ${code} is counted in ${row.Unit}.`)
    if (total === undefined) throw new Error(`Industry ${code} has no factor.`)
    const factor: Entry = {
      id: `useeio:${code}`,
      row: `NAICS ${code}`,
      name: { en: `${title}, by spend`, fr: `${title} (SCIAN ${code}), par dépense` },
      activity: isGoods(code) ? 'purchase_goods' : 'purchase_services',
      attributes: { naics: code },
      total_kg_co2e: total,
      stages: [{ stage: 'whole', total_kg_co2e: total }],
      raw: {
        without_margins: row[WITHOUT] ?? '',
        margins: row[MARGINS] ?? '',
        with_margins: row[WITH] ?? '',
        useeio_code: row[REFERENCE] ?? '',
      },
    }
    // Hosting is asked for by its own name.
    const hosting: Entry[] =
      code === '518210'
        ? [{ ...factor, id: `useeio:${code}/cloud`, activity: 'cloud_spend', attributes: undefined }]
        : []
    return [factor, ...hosting]
  })
  return datasetText(common, entries)
}

runBuild(import.meta.url, ([path = '']) => buildUseeio(readFileSync(path, 'utf8')))
