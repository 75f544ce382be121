/** Re-tabulates the carbon intensity of electricity by country, as Our World in Data publishes it from Ember. */
import { readFileSync } from 'node:fs'
import { type Entry, datasetText, readAmount, runBuild, tidy } from '../tabulate.ts'

interface Country {
  iso_code: string
  country_name: string
  carbon_intensity: number | null
  year: number
}

const common = {
  dataset: 'owid-grid',
  publisher: 'Our World in Data (Ember)',
  edition: '2023',
  activity: 'electricity',
  attributes: { origin: 'grid' },
  unit: 'kWh',
  category: '2.1',
  boundary: 'life_cycle',
  best_before: '2025-06-30',
  // One method for every country, from national statistics: decision 0016.
  quality: { reliability: 3, technical: 3, geographic: 5, temporal: 3, completeness: 3 },
  status: 'valid',
  source: {
    title: 'Our World in Data, Energy dataset: carbon intensity of electricity (Ember)',
    url: 'https://ourworldindata.org/grapher/carbon-intensity-electricity',
    licence: 'CC BY 4.0',
  },
  note: 'Life cycle: it holds fuel supply and building of plants, which a scope 2 figure must not. Generation cannot be told apart.',
} as const

/** Names that the International Components for Unicode write differently. */
const otherNames: Record<string, string> = {
  'Bosnia and Herzegovina': 'BA',
  'Antigua and Barbuda': 'AG',
  'Cape Verde': 'CV',
  Congo: 'CG',
  "Cote d'Ivoire": 'CI',
  'Czech Republic': 'CZ',
  'Democratic Republic of Congo': 'CD',
  'Democratic Republic of the Congo': 'CD',
  'Falkland Islands (Malvinas)': 'FK',
  'Hong Kong': 'HK',
  Macao: 'MO',
  Macau: 'MO',
  Myanmar: 'MM',
  Palestine: 'PS',
  'Saint Helena': 'SH',
  'Saint Kitts and Nevis': 'KN',
  'Saint Lucia': 'LC',
  'Saint Pierre and Miquelon': 'PM',
  'Saint Vincent and the Grenadines': 'VC',
  'Sao Tome and Principe': 'ST',
  'Trinidad and Tobago': 'TT',
  Turkey: 'TR',
  'Turks and Caicos Islands': 'TC',
  'United States Virgin Islands': 'VI',
  'U.S. Virgin Islands': 'VI',
  'East Timor': 'TL',
  Swaziland: 'SZ',
  Eswatini: 'SZ',
  'Micronesia (country)': 'FM',
  Micronesia: 'FM',
  'Faeroe Islands': 'FO',
  Curacao: 'CW',
  Reunion: 'RE',
  'Netherlands Antilles': 'AN',
  World: 'world',
  Kosovo: 'XK',
  'Western Sahara': 'EH',
  'Brunei Darussalam': 'BN',
}

function countryCodes(): Map<string, string> {
  const english = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const named = letters
    .flatMap((a) => letters.map((b) => a + b))
    .flatMap((code): [string, string][] => {
      const name = isCurrent(code) ? english.of(code) : undefined
      return name ? [[name.replaceAll('&', 'and').replaceAll('St. ', 'Saint '), code]] : []
    })
  return new Map([...named, ...Object.entries(otherNames)])
}

/** Codes that ISO has withdrawn still have names: FX is called France, SU Russia, YU Serbia, UK the United Kingdom. */
function isCurrent(code: string): boolean {
  return new Intl.Locale('und', { region: code }).region === code
}

export function buildOwidGrid(countries: Record<string, Country>): string {
  const codes = countryCodes()
  const french = new Intl.DisplayNames('fr', { type: 'region', fallback: 'none' })
  const entries = Object.entries(countries).flatMap(([iso3, country]): Entry[] => {
    const grams = readAmount(country.carbon_intensity)
    // A country without a value, and one without production, have no intensity: blank is not zero.
    if (grams === undefined || grams === 0) return []
    const code = codes.get(country.country_name)
    if (!code) throw new Error(`${country.country_name} (${iso3}) has no ISO 3166 code here.`)
    const total = tidy(grams / 1000)
    return [
      {
        id: `owid-grid:${iso3}`,
        row: iso3,
        name: {
          en: `Electricity of ${country.country_name}, life cycle`,
          fr: `Électricité, ${code.length === 2 ? (french.of(code) ?? country.country_name) : 'monde'}, cycle de vie`,
        },
        total_kg_co2e: total,
        stages: [{ stage: 'whole', total_kg_co2e: total }],
        geography: code,
        geography_name: country.country_name,
        valid_from: `${country.year}-01-01`,
        valid_to: `${country.year}-12-31`,
        raw: { carbon_intensity_g_per_kwh: String(country.carbon_intensity), year: String(country.year) },
      },
    ]
  })
  return datasetText(common, entries)
}

runBuild(import.meta.url, ([path = '']) => buildOwidGrid(JSON.parse(readFileSync(path, 'utf8'))))
