/**
 * A closed table of exact units. A unit has a dimension, and only units of one dimension convert into one another:
 * gross and net calorific value are different dimensions, so are passenger.km and vehicle.km, and so are gas volumes
 * taken at different reference temperatures. Nothing here parses free text: `ton` is not a unit, `t`, `short_ton` and
 * `long_ton` are.
 *
 * Exact definitions: international pound and yard agreement 1959; US gallon 231 in³; imperial gallon 4.546 09 L;
 * BTU(IT) 1 055.055 852 62 J (ISO 31-4); therm(US) 105.480 4 MJ; tonne of oil equivalent 41.868 GJ (IEA, net).
 */
export type Dimension =
  | 'mass'
  | 'volume'
  | 'gas_volume_15c'
  | 'gas_volume_0c'
  | 'gas_volume_60f'
  | 'energy'
  | 'fuel_energy_gross'
  | 'fuel_energy_net'
  | 'power'
  | 'distance'
  | 'area'
  | 'area_time'
  | 'time'
  | 'passenger_distance'
  | 'vehicle_distance'
  | 'freight'
  | 'freight_volume'
  | 'vehicle_time'
  | 'passenger'
  | 'item'
  | 'person'
  | 'person_time'
  | 'meal'
  | 'night'
  | 'data'
  | 'mass_co2e'
  | `money_${string}`

export interface Unit {
  id: string
  dimension: Dimension
  /** How many base units of the dimension one of this unit is. Exact where the definition is. */
  per_base: number
  /** How a person writes it. */
  symbol: string
  name: { en: string; fr: string }
}

type Row = [id: string, per_base: number, symbol: string, en: string, fr: string]

const LB_KG = 0.45359237
const MILE_KM = 1.609344
const BTU_KWH = 1055.05585262 / 3_600_000
const THERM_US_KWH = 105.4804 / 3.6
const FT3_L = 28.316846592

const rows: Record<string, Row[]> = {
  // base: kg
  mass: [
    ['mg', 1e-6, 'mg', 'milligram', 'milligramme'],
    ['g', 1e-3, 'g', 'gram', 'gramme'],
    ['kg', 1, 'kg', 'kilogram', 'kilogramme'],
    ['t', 1000, 't', 'tonne (1,000 kg)', 'tonne (1 000 kg)'],
    ['kt', 1e6, 'kt', 'kilotonne', 'kilotonne'],
    ['lb', LB_KG, 'lb', 'pound', 'livre (avoirdupois)'],
    ['short_ton', 2000 * LB_KG, 'short ton', 'short ton (2,000 lb, US)', 'tonne courte (2 000 lb, États-Unis)'],
    ['long_ton', 2240 * LB_KG, 'long ton', 'long ton (2,240 lb, UK)', 'tonne longue (2 240 lb, Royaume-Uni)'],
  ],
  // base: L. Liquids and water; a gas volume means nothing without its reference state.
  volume: [
    ['mL', 1e-3, 'mL', 'millilitre', 'millilitre'],
    ['L', 1, 'L', 'litre', 'litre'],
    ['hL', 100, 'hL', 'hectolitre', 'hectolitre'],
    ['m3', 1000, 'm³', 'cubic metre', 'mètre cube'],
    ['million_L', 1e6, 'million L', 'million litres', 'million de litres'],
    ['gal_us', 3.785411784, 'gal (US)', 'US gallon', 'gallon américain'],
    ['gal_uk', 4.54609, 'gal (UK)', 'imperial gallon', 'gallon impérial'],
    ['bbl', 42 * 3.785411784, 'bbl', 'barrel (42 US gal)', 'baril (42 gal US)'],
    ['ft3', FT3_L, 'ft³', 'cubic foot', 'pied cube'],
  ],
  gas_volume_15c: [['m3_15c', 1, 'm³ (15 °C)', 'cubic metre of gas at 15 °C', 'mètre cube de gaz à 15 °C']],
  gas_volume_0c: [['m3_0c', 1, 'm³(n)', 'normal cubic metre of gas (0 °C)', 'mètre cube normal de gaz (0 °C)']],
  gas_volume_60f: [
    ['scf', 1, 'scf', 'standard cubic foot of gas (60 °F)', 'pied cube standard de gaz (60 °F)'],
    ['ccf', 100, 'ccf', 'hundred standard cubic feet', 'cent pieds cubes standard'],
    ['mcf', 1000, 'Mcf', 'thousand standard cubic feet', 'mille pieds cubes standard'],
  ],
  // base: kWh. Electricity, heat, cold: energy that is delivered, not burnt.
  energy: [
    ['Wh', 1e-3, 'Wh', 'watt-hour', 'watt-heure'],
    ['kWh', 1, 'kWh', 'kilowatt-hour', 'kilowatt-heure'],
    ['MWh', 1000, 'MWh', 'megawatt-hour', 'mégawatt-heure'],
    ['GWh', 1e6, 'GWh', 'gigawatt-hour', 'gigawatt-heure'],
    ['MJ', 1 / 3.6, 'MJ', 'megajoule', 'mégajoule'],
    ['GJ', 1000 / 3.6, 'GJ', 'gigajoule', 'gigajoule'],
    ['TJ', 1e6 / 3.6, 'TJ', 'terajoule', 'térajoule'],
    ['MMBtu', 1e6 * BTU_KWH, 'MMBtu', 'million BTU', 'million de BTU'],
    ['ton_hour_cooling', 12_000 * BTU_KWH, 'ton·h', 'ton-hour of refrigeration', 'tonne-heure de réfrigération'],
  ],
  fuel_energy_gross: [
    ['kWh_gross', 1, 'kWh (gross CV)', 'kWh of fuel, gross calorific value', 'kWh PCS'],
    ['MWh_gross', 1000, 'MWh (gross CV)', 'MWh of fuel, gross calorific value', 'MWh PCS'],
    ['GWh_gross', 1e6, 'GWh (gross CV)', 'GWh of fuel, gross calorific value', 'GWh PCS'],
    ['MJ_gross', 1 / 3.6, 'MJ (gross CV)', 'MJ of fuel, gross calorific value', 'MJ PCS'],
    ['GJ_gross', 1000 / 3.6, 'GJ (gross CV)', 'GJ of fuel, gross calorific value', 'GJ PCS'],
    ['TJ_gross', 1e6 / 3.6, 'TJ (gross CV)', 'TJ of fuel, gross calorific value', 'TJ PCS'],
    ['MMBtu_gross', 1e6 * BTU_KWH, 'MMBtu (HHV)', 'million BTU of fuel, higher heating value', 'million de BTU, PCS'],
    ['tep_gross', 41_868 / 3.6, 'tep (gross CV)', 'tonne of oil equivalent (41.868 GJ, gross)', 'tep PCS'],
    ['therm_gross', THERM_US_KWH, 'therm (HHV)', 'US therm of fuel, higher heating value', 'therm américain, PCS'],
  ],
  fuel_energy_net: [
    ['kWh_net', 1, 'kWh (net CV)', 'kWh of fuel, net calorific value', 'kWh PCI'],
    ['MWh_net', 1000, 'MWh (net CV)', 'MWh of fuel, net calorific value', 'MWh PCI'],
    ['GWh_net', 1e6, 'GWh (net CV)', 'GWh of fuel, net calorific value', 'GWh PCI'],
    ['MJ_net', 1 / 3.6, 'MJ (net CV)', 'MJ of fuel, net calorific value', 'MJ PCI'],
    ['GJ_net', 1000 / 3.6, 'GJ (net CV)', 'GJ of fuel, net calorific value', 'GJ PCI'],
    ['TJ_net', 1e6 / 3.6, 'TJ (net CV)', 'TJ of fuel, net calorific value', 'TJ PCI'],
    ['tep_net', 41_868 / 3.6, 'tep', 'tonne of oil equivalent (41.868 GJ, net)', 'tep PCI'],
  ],
  power: [
    ['W', 1e-3, 'W', 'watt', 'watt'],
    ['kW', 1, 'kW', 'kilowatt', 'kilowatt'],
    ['MW', 1000, 'MW', 'megawatt', 'mégawatt'],
    ['kWp', 1, 'kWp', 'kilowatt peak', 'kilowatt-crête'],
  ],
  // base: km
  distance: [
    ['m', 1e-3, 'm', 'metre', 'mètre'],
    ['km', 1, 'km', 'kilometre', 'kilomètre'],
    ['mi', MILE_KM, 'mi', 'mile', 'mille terrestre'],
    ['nmi', 1.852, 'nmi', 'nautical mile', 'mille marin'],
  ],
  // base: m2
  area: [
    ['m2', 1, 'm²', 'square metre', 'mètre carré'],
    ['ha', 10_000, 'ha', 'hectare', 'hectare'],
    ['km2', 1e6, 'km²', 'square kilometre', 'kilomètre carré'],
    ['ft2', 0.09290304, 'ft²', 'square foot', 'pied carré'],
    ['acre', 4046.8564224, 'acre', 'acre', 'acre'],
  ],
  area_time: [
    ['m2.year', 1, 'm²·yr', 'square metre for a year', 'mètre carré pendant un an'],
    ['ha.year', 10_000, 'ha·yr', 'hectare for a year', 'hectare pendant un an'],
  ],
  // base: hour. A month is not a fixed number of hours, so it is not here.
  time: [
    ['min', 1 / 60, 'min', 'minute', 'minute'],
    ['hour', 1, 'h', 'hour', 'heure'],
    ['day', 24, 'd', 'day', 'jour'],
    ['year', 8766, 'yr', 'year (365.25 days)', 'an (365,25 jours)'],
  ],
  passenger_distance: [
    ['passenger.km', 1, 'passenger·km', 'passenger-kilometre', 'passager.km'],
    ['passenger.mi', MILE_KM, 'passenger·mi', 'passenger-mile', 'passager.mille'],
  ],
  vehicle_distance: [
    ['vehicle.km', 1, 'vehicle·km', 'vehicle-kilometre', 'véhicule.km'],
    ['vehicle.mi', MILE_KM, 'vehicle·mi', 'vehicle-mile', 'véhicule.mille'],
  ],
  freight: [
    ['kg.km', 1e-3, 'kg·km', 'kilogram-kilometre', 'kg.km'],
    ['tonne.km', 1, 't·km', 'tonne-kilometre', 'tonne.km'],
    ['short_ton.mi', 0.90718474 * MILE_KM, 'short ton·mi', 'short ton-mile', 'tonne courte.mille'],
  ],
  freight_volume: [['m3.km', 1, 'm³·km', 'cubic-metre-kilometre of freight', 'm³.km de marchandise']],
  vehicle_time: [['vehicle.year', 1, 'vehicle·yr', 'vehicle for a year', 'véhicule pendant un an']],
  passenger: [['passenger', 1, 'passenger', 'passenger on one journey', 'passager pour un trajet']],
  item: [
    ['item', 1, 'item', 'item', 'unité'],
    ['hundred_items', 100, '100 items', 'hundred items', 'cent unités'],
  ],
  person: [['person', 1, 'person', 'person', 'personne']],
  person_time: [
    ['fte.hour', 1, 'FTE·h', 'full-time-equivalent working hour', 'heure de travail ETP'],
    ['person.day', 24, 'person·d', 'person-day', 'personne.jour'],
    ['person.year', 8766, 'person·yr', 'person-year', 'personne.an'],
  ],
  meal: [['meal', 1, 'meal', 'meal', 'repas']],
  night: [['room.night', 1, 'room·night', 'hotel room for one night', 'chambre.nuit']],
  data: [
    ['MB', 1e-3, 'MB', 'megabyte', 'mégaoctet'],
    ['GB', 1, 'GB', 'gigabyte', 'gigaoctet'],
    ['TB', 1000, 'TB', 'terabyte', 'téraoctet'],
  ],
  mass_co2e: [
    ['kgCO2e', 1, 'kgCO₂e', 'kilogram of CO₂ equivalent', 'kilogramme équivalent CO₂'],
    ['tCO2e', 1000, 'tCO₂e', 'tonne of CO₂ equivalent', 'tonne équivalent CO₂'],
  ],
}

/** ISO 4217 currencies in which spend can be stated. A sum of money is a unit only together with its price year. */
export const currencies = [
  'EUR',
  'USD',
  'GBP',
  'CHF',
  'CAD',
  'AUD',
  'NZD',
  'JPY',
  'CNY',
  'INR',
  'KRW',
  'SGD',
  'HKD',
  'TWD',
  'IDR',
  'MYR',
  'THB',
  'VND',
  'PHP',
  'SEK',
  'NOK',
  'DKK',
  'ISK',
  'PLN',
  'CZK',
  'HUF',
  'RON',
  'BGN',
  'UAH',
  'TRY',
  'ILS',
  'AED',
  'SAR',
  'QAR',
  'EGP',
  'MAD',
  'TND',
  'DZD',
  'XOF',
  'XAF',
  'NGN',
  'KES',
  'GHS',
  'ZAR',
  'BRL',
  'MXN',
  'ARS',
  'CLP',
  'COP',
  'PEN',
  'XPF',
] as const

/** `EUR-2023`: euros at 2023 prices; `kEUR-2023`: thousands of them. Each currency and year is a dimension of its own. */
const MONEY = /^(k|M)?([A-Z]{3})-((?:19|20)\d{2})$/

const table = new Map<string, Unit>()
for (const [dimension, list] of Object.entries(rows)) {
  for (const [id, per_base, symbol, en, fr] of list) {
    table.set(id, { id, dimension: dimension as Dimension, per_base, symbol, name: { en, fr } })
  }
}

/** Every unit but the money ones, which are made on demand. */
export const units: readonly Unit[] = [...table.values()]

/** Returns the unit, or undefined when there is none of that exact name. */
export function findUnit(id: string): Unit | undefined {
  const known = table.get(id)
  if (known) return known
  const money = MONEY.exec(id)
  if (!money || !currencies.includes(money[2] as (typeof currencies)[number])) return undefined
  const [, scale, currency, year] = money
  const per_base = scale === 'M' ? 1e6 : scale === 'k' ? 1000 : 1
  const prefix = scale === 'M' ? 'M' : scale === 'k' ? 'k' : ''
  const unit: Unit = {
    id,
    dimension: `money_${currency}-${year}`,
    per_base,
    symbol: `${prefix}${currency} (${year})`,
    name: {
      en: `${prefix}${currency} at ${year} prices`,
      fr: `${prefix}${currency} aux prix de ${year}`,
    },
  }
  table.set(id, unit)
  return unit
}

/** Units that a person may have meant by a word that is deliberately not in the table, most likely first. */
const meant: Record<string, string[]> = {
  ton: ['t', 'short_ton', 'long_ton'],
  tons: ['t', 'short_ton', 'long_ton'],
  tonne: ['t'],
  tonnes: ['t'],
  gallon: ['gal_us', 'gal_uk'],
  gal: ['gal_us', 'gal_uk'],
  litre: ['L'],
  liter: ['L'],
  l: ['L'],
  therm: ['therm_gross'],
  therms: ['therm_gross'],
  mmbtu: ['MMBtu_gross', 'MMBtu'],
  kwh: ['kWh', 'kWh_gross', 'kWh_net'],
  'kwh pcs': ['kWh_gross'],
  'kwh pci': ['kWh_net'],
  tep: ['tep_net'],
  mile: ['mi', 'vehicle.mi', 'passenger.mi'],
  miles: ['mi', 'vehicle.mi', 'passenger.mi'],
  tkm: ['tonne.km'],
  't.km': ['tonne.km'],
  pkm: ['passenger.km'],
  'passager.km': ['passenger.km'],
  vkm: ['vehicle.km'],
  m2: ['m2'],
  'm³': ['m3', 'm3_15c', 'm3_0c'],
  eur: ['EUR-2023', 'EUR-2024', 'EUR-2025'],
  '€': ['EUR-2023', 'EUR-2024', 'EUR-2025'],
  usd: ['USD-2022', 'USD-2024', 'USD-2025'],
  $: ['USD-2022', 'USD-2024', 'USD-2025'],
}

/** Suggestions for an unknown unit: what such a word usually means, else units that differ from it only by case. */
export function suggestUnits(word: string): string[] {
  const low = word.trim().toLowerCase()
  if (Object.hasOwn(meant, low)) return meant[low] ?? []
  const [, scale = '', letters = ''] = /^(k)?([a-z]{3})$/.exec(low) ?? []
  const currency = currencies.find((each) => each === letters.toUpperCase())
  if (currency) return ['2022', '2023', '2024'].map((year) => `${scale}${currency}-${year}`)
  return units
    .filter((unit) => unit.id.toLowerCase() === low || unit.symbol.toLowerCase() === low)
    .map((unit) => unit.id)
}
