/** Which rows of the flat file are re-tabulated, what they serve, and what they are called in French. */
import type { Factor, Stage } from '@tidemark/core/factors/contract.ts'

export interface Names {
  en: string
  fr: string
}

export interface Selected {
  activity: string
  attributes?: Record<string, string>
  unit?: string
  stage: Stage
  boundary: Factor['boundary']
  category: string
  geography?: string
  note?: string
}

const burnable = { tonnes: 't', litres: 'L', 'kWh (Net CV)': 'kWh_net', 'kWh (Gross CV)': 'kWh_gross' }
// A litre of gas means nothing without its pressure, and the file's cubic metre of gas does not say its temperature.
const gaseous = { tonnes: 't', 'kWh (Net CV)': 'kWh_net', 'kWh (Gross CV)': 'kWh_gross' }
const biofuel = { litres: 'L', kg: 'kg' }
const biomass = { tonnes: 't', kWh: 'kWh_net' }
const netNote =
  'The file says kWh without its basis. Total per tonne over total per kWh gives the net calorific value of the fuel, so it is taken as net.'

interface Fuel {
  item: string
  group: string
  group_before: string
  tables: [burnt: string, before: string]
  activity: string
  attributes?: Record<string, string>
  category: string
  units: Record<string, string>
  names: Names
  note?: string
}

const fuel = (
  group: string,
  item: string,
  activity: string,
  attributes: Record<string, string> | undefined,
  category: string,
  units: Record<string, string>,
  en: string,
  fr: string,
): Fuel => ({
  item,
  group,
  group_before: group,
  tables: ['Fuels', 'WTT- fuels'],
  activity,
  attributes,
  category,
  units,
  names: { en, fr },
})
const grown = (
  group: string,
  item: string,
  activity: string,
  attributes: Record<string, string> | undefined,
  category: string,
  units: Record<string, string>,
  en: string,
  fr: string,
): Fuel => ({
  item,
  group,
  group_before: `WTT- ${group.toLowerCase()}`,
  tables: ['Bioenergy', 'WTT- bioenergy'],
  activity,
  attributes,
  category,
  units,
  names: { en, fr },
  ...(units === biomass ? { note: netNote } : {}),
})

const gas = 'Gaseous fuels'
const liquid = 'Liquid fuels'
const solid = 'Solid fuels'

export const fuels: Fuel[] = [
  fuel(
    gas,
    'Natural gas',
    'natural_gas',
    { blend: 'grid' },
    '1.1',
    gaseous,
    'Natural gas from the grid',
    'Gaz naturel de réseau',
  ),
  fuel(
    gas,
    'Natural gas (100% mineral blend)',
    'natural_gas',
    { blend: 'mineral' },
    '1.1',
    gaseous,
    'Natural gas, 100% mineral',
    'Gaz naturel, 100 % fossile',
  ),
  fuel(gas, 'CNG', 'cng', undefined, '1.2', gaseous, 'Compressed natural gas', 'Gaz naturel comprimé'),
  fuel(gas, 'LPG', 'lpg', { product: 'lpg' }, '1.1', burnable, 'Liquefied petroleum gas', 'Gaz de pétrole liquéfié'),
  fuel(gas, 'Propane', 'lpg', { product: 'propane' }, '1.1', burnable, 'Propane', 'Propane'),
  fuel(gas, 'Butane', 'lpg', { product: 'butane' }, '1.1', burnable, 'Butane', 'Butane'),
  fuel(
    liquid,
    'Gas oil',
    'heating_oil',
    { grade: 'light' },
    '1.1',
    burnable,
    'Gas oil',
    'Gazole de chauffage (gas oil)',
  ),
  fuel(
    liquid,
    'Burning oil',
    'heating_oil',
    { grade: 'kerosene' },
    '1.1',
    burnable,
    'Burning oil (kerosene)',
    'Kérosène de chauffage',
  ),
  fuel(liquid, 'Fuel oil', 'heating_oil', { grade: 'heavy' }, '1.1', burnable, 'Fuel oil', 'Fioul lourd'),
  fuel(
    liquid,
    'Diesel (average biofuel blend)',
    'diesel',
    { blend: 'average' },
    '1.2',
    burnable,
    'Diesel, average biofuel blend',
    'Gazole, mélange moyen à la pompe',
  ),
  fuel(
    liquid,
    'Diesel (100% mineral diesel)',
    'diesel',
    { blend: 'mineral' },
    '1.2',
    burnable,
    'Diesel, 100% mineral',
    'Gazole, 100 % fossile',
  ),
  fuel(
    liquid,
    'Petrol (average biofuel blend)',
    'petrol',
    { blend: 'average' },
    '1.2',
    burnable,
    'Petrol, average biofuel blend',
    'Essence, mélange moyen à la pompe',
  ),
  fuel(
    liquid,
    'Petrol (100% mineral petrol)',
    'petrol',
    { blend: 'mineral' },
    '1.2',
    burnable,
    'Petrol, 100% mineral',
    'Essence, 100 % fossile',
  ),
  fuel(
    liquid,
    'Aviation turbine fuel',
    'jet_fuel',
    undefined,
    '1.2',
    burnable,
    'Aviation turbine fuel',
    'Carburéacteur',
  ),
  fuel(
    solid,
    'Coal (industrial)',
    'coal',
    { grade: 'industrial' },
    '1.1',
    burnable,
    'Coal, industrial',
    'Charbon industriel',
  ),
  fuel(
    solid,
    'Coal (domestic)',
    'coal',
    { grade: 'domestic' },
    '1.1',
    burnable,
    'Coal, domestic',
    'Charbon domestique',
  ),
  grown('Biofuel', 'Bioethanol', 'biofuel', { product: 'bioethanol' }, '1.2', biofuel, 'Bioethanol', 'Bioéthanol'),
  grown(
    'Biofuel',
    'Biodiesel ME',
    'biofuel',
    { product: 'biodiesel' },
    '1.2',
    biofuel,
    'Biodiesel (methyl ester)',
    'Biodiesel (ester méthylique)',
  ),
  grown(
    'Biofuel',
    'Biodiesel HVO',
    'biofuel',
    { product: 'hvo' },
    '1.2',
    biofuel,
    'Hydrotreated vegetable oil',
    'Huile végétale hydrotraitée',
  ),
  grown('Biomass', 'Wood logs', 'wood_logs', undefined, '1.1', { tonnes: 't' }, 'Wood logs', 'Bois bûche'),
  grown('Biomass', 'Wood chips', 'wood_chips', undefined, '1.1', biomass, 'Wood chips', 'Plaquettes de bois'),
  grown('Biomass', 'Wood pellets', 'wood_pellets', undefined, '1.1', biomass, 'Wood pellets', 'Granulés de bois'),
]

export const airHauls: Record<string, { haul: string; geography: string; names: Names }> = {
  'Domestic, to/from UK': {
    haul: 'domestic',
    geography: 'GB',
    names: { en: 'domestic', fr: 'intérieur (Royaume-Uni)' },
  },
  'Short-haul, to/from UK': {
    haul: 'short',
    geography: 'GB',
    names: { en: 'short-haul to or from the UK', fr: 'court-courrier depuis ou vers le Royaume-Uni' },
  },
  'Long-haul, to/from UK': {
    haul: 'long',
    geography: 'GB',
    names: { en: 'long-haul to or from the UK', fr: 'long-courrier depuis ou vers le Royaume-Uni' },
  },
  'International, to/from non-UK': {
    haul: 'international',
    geography: 'world',
    names: { en: 'international between other countries', fr: 'international entre autres pays' },
  },
}

export const airClasses: Record<string, { class: string; names: Names }> = {
  'Average passenger': { class: 'average', names: { en: 'average passenger', fr: 'passager moyen' } },
  'Economy class': { class: 'economy', names: { en: 'economy', fr: 'classe économique' } },
  'Premium economy class': {
    class: 'premium_economy',
    names: { en: 'premium economy', fr: 'classe premium économique' },
  },
  'Business class': { class: 'business', names: { en: 'business', fr: 'classe affaires' } },
  'First class': { class: 'first', names: { en: 'first', fr: 'première classe' } },
}

export const hotelCountries: Record<string, [code: string, fr: string]> = {
  UK: ['GB', 'Royaume-Uni'],
  'UK (London)': ['GB-LND', 'Londres'],
  Australia: ['AU', 'Australie'],
  Belgium: ['BE', 'Belgique'],
  Brazil: ['BR', 'Brésil'],
  Canada: ['CA', 'Canada'],
  Chile: ['CL', 'Chili'],
  China: ['CN', 'Chine'],
  Colombia: ['CO', 'Colombie'],
  'Costa Rica': ['CR', 'Costa Rica'],
  Egypt: ['EG', 'Égypte'],
  France: ['FR', 'France'],
  Germany: ['DE', 'Allemagne'],
  'Hong Kong, China': ['HK', 'Hong Kong'],
  India: ['IN', 'Inde'],
  Indonesia: ['ID', 'Indonésie'],
  Italy: ['IT', 'Italie'],
  Japan: ['JP', 'Japon'],
  Jordan: ['JO', 'Jordanie'],
  Korea: ['KR', 'Corée du Sud'],
  Malaysia: ['MY', 'Malaisie'],
  Maldives: ['MV', 'Maldives'],
  Mexico: ['MX', 'Mexique'],
  Netherlands: ['NL', 'Pays-Bas'],
  Oman: ['OM', 'Oman'],
  Philippines: ['PH', 'Philippines'],
  Portugal: ['PT', 'Portugal'],
  Qatar: ['QA', 'Qatar'],
  'Russian Federation': ['RU', 'Russie'],
  'Saudi Arabia': ['SA', 'Arabie saoudite'],
  Singapore: ['SG', 'Singapour'],
  'South Africa': ['ZA', 'Afrique du Sud'],
  Spain: ['ES', 'Espagne'],
  Switzerland: ['CH', 'Suisse'],
  Thailand: ['TH', 'Thaïlande'],
  Turkey: ['TR', 'Turquie'],
  'United Arab Emirates': ['AE', 'Émirats arabes unis'],
  'United States': ['US', 'États-Unis'],
  Vietnam: ['VN', 'Viêt Nam'],
}

interface Item extends Selected {
  /** Either a row id, or table, group, item and column. */
  at: string[]
  /** Units of the file to keep; all that we have when absent. */
  uoms?: string[]
  names: Names
  electric?: { group: string; item: string }
  /** The row id of the same flight with or without radiative forcing. */
  twin?: string
}

const row = (
  id: string,
  activity: string,
  attributes: Record<string, string> | undefined,
  stage: Stage,
  boundary: Factor['boundary'],
  category: string,
  en: string,
  fr: string,
  more: Partial<Item> = {},
): Item => ({
  at: [id],
  activity,
  ...(attributes ? { attributes } : {}),
  stage,
  boundary,
  category,
  names: { en, fr },
  ...more,
})

/** A vehicle or carrier with its row of direct emissions and its row of what comes before. */
function pair(
  direct: string[],
  before: string[],
  uoms: string[],
  activity: string,
  attributes: Record<string, string> | undefined,
  category: string,
  en: string,
  fr: string,
  more: Partial<Item> = {},
): Item[] {
  const said = attributes ? { attributes } : {}
  return [
    {
      at: direct,
      uoms,
      activity,
      ...said,
      stage: 'combustion',
      boundary: 'direct',
      category,
      names: { en, fr },
      ...more,
    },
    {
      at: before,
      uoms,
      activity: `${activity}_upstream`,
      ...said,
      stage: 'upstream',
      boundary: 'upstream',
      category: category === '1.2' ? '3.3' : category,
      names: { en: `${en}: well to tank`, fr: `${fr} : amont` },
      ...(more.geography ? { geography: more.geography } : {}),
    },
  ]
}

const carSizes = [
  ['Average car', 'average', 'Average car', 'Voiture moyenne', 3069],
  ['Small car', 'small', 'Small car', 'Petite voiture', 3045],
  ['Medium car', 'medium', 'Medium car', 'Voiture moyenne gamme', 3053],
  ['Large car', 'large', 'Large car', 'Grande voiture', 3061],
] as const
const engines = [
  ['Diesel', 'diesel', 'diesel', 'gazole'],
  ['Petrol', 'petrol', 'petrol', 'essence'],
  ['Hybrid', 'hybrid', 'hybrid', 'hybride'],
  ['Unknown', 'average', 'unknown fuel', 'énergie inconnue'],
] as const
const chargedCars = [
  [
    'plug_in_hybrid',
    'plug-in hybrid',
    'hybride rechargeable',
    { average: 3075, small: 3051, medium: 3059, large: 3067 },
  ],
  ['electric', 'battery electric', 'électrique', { average: 3076, small: 3052, medium: 3060, large: 3068 }],
] as const

const cars: Item[] = carSizes.flatMap(([item, size, en, fr]) => [
  ...engines.flatMap(([column, engine, en_engine, fr_engine]) =>
    pair(
      ['Passenger vehicles', 'Cars (by size)', item, column],
      ['WTT- pass vehs & travel- land', 'WTT- cars (by size)', item, column],
      ['km'],
      'car',
      { fuel: engine, size },
      '1.2',
      `${en}, ${en_engine}`,
      `${fr}, ${fr_engine}`,
    ),
  ),
  ...chargedCars.flatMap(([engine, en_engine, fr_engine, ids]) =>
    pair(
      [`25_301_${ids[size]}_4`],
      [`26_904_${ids[size]}_4`],
      ['km'],
      'car',
      { fuel: engine, size },
      '1.2',
      `${en}, ${en_engine}`,
      `${fr}, ${fr_engine}`,
      { electric: { group: '301', item: String(ids[size]) } },
    ),
  ),
])

const vanSizes = [
  [
    'Average (up to 3.5 tonnes)',
    'average',
    'Van up to 3.5 t',
    'Utilitaire jusqu’à 3,5 t',
    ['Diesel', 'Petrol', 'CNG', 'LPG', 'Unknown'],
  ],
  ['Class I (up to 1.305 tonnes)', 'small', 'Van up to 1.305 t', 'Utilitaire jusqu’à 1,305 t', ['Diesel', 'Petrol']],
  [
    'Class II (1.305 to 1.74 tonnes)',
    'medium',
    'Van of 1.305 to 1.74 t',
    'Utilitaire de 1,305 à 1,74 t',
    ['Diesel', 'Petrol'],
  ],
  [
    'Class III (1.74 to 3.5 tonnes)',
    'large',
    'Van of 1.74 to 3.5 t',
    'Utilitaire de 1,74 à 3,5 t',
    ['Diesel', 'Petrol'],
  ],
] as const
const vanEngines: Record<string, [string, string, string]> = {
  Diesel: ['diesel', 'diesel', 'gazole'],
  Petrol: ['petrol', 'petrol', 'essence'],
  CNG: ['cng', 'compressed natural gas', 'GNV'],
  LPG: ['lpg', 'liquefied petroleum gas', 'GPL'],
  Unknown: ['average', 'unknown fuel', 'énergie inconnue'],
}

const vans: Item[] = [
  ...vanSizes.flatMap(([item, size, en, fr, columns]) =>
    columns.flatMap((column) => {
      const [engine, en_engine, fr_engine] = vanEngines[column] ?? ['', '', '']
      return pair(
        ['Delivery vehicles', 'Vans', item, column],
        ['WTT- delivery vehs & freight', 'WTT- vans', item, column],
        ['km'],
        'van',
        { fuel: engine, size },
        '1.2',
        `${en}, ${en_engine}`,
        `${fr}, ${fr_engine}`,
      )
    }),
  ),
  ...pair(
    ['27_303_3108_4'],
    ['28_906_3108_4'],
    ['km'],
    'van',
    { fuel: 'electric', size: 'average' },
    '1.2',
    'Van up to 3.5 t, battery electric',
    'Utilitaire jusqu’à 3,5 t, électrique',
    { electric: { group: '303', item: '3108' } },
  ),
  ...(['Diesel', 'Petrol', 'Unknown'] as const).flatMap((column) => {
    const [engine, en_engine, fr_engine] = vanEngines[column] ?? ['', '', '']
    return pair(
      ['Freighting goods', 'Vans', 'Average (up to 3.5 tonnes)', column],
      ['WTT- delivery vehs & freight', 'WTT- vans', 'Average (up to 3.5 tonnes)', column],
      ['tonne.km'],
      'van_freight',
      { fuel: engine },
      '3.4',
      `Freight by van, ${en_engine}`,
      `Fret par utilitaire, ${fr_engine}`,
    )
  }),
]

const motorbikes: Item[] = (
  [
    ['Average', 'average', 'Motorbike, average', 'Moto moyenne'],
    ['Small', 'small', 'Motorbike, small', 'Petite moto'],
    ['Medium', 'medium', 'Motorbike, medium', 'Moto moyenne cylindrée'],
    ['Large', 'large', 'Motorbike, large', 'Grosse moto'],
  ] as const
).flatMap(([item, size, en, fr]) =>
  pair(
    ['Passenger vehicles', 'Motorbike', item, ''],
    ['WTT- pass vehs & travel- land', 'WTT- motorbike', item, ''],
    ['km'],
    'motorbike',
    { size },
    '1.2',
    en,
    fr,
  ),
)

const land = 'Business travel- land'
const before = 'WTT- pass vehs & travel- land'
const travel: Item[] = (
  [
    ['Taxis', 'WTT- taxis', 'Regular taxi', 'taxi', { vehicle: 'regular' }, 'Regular taxi', 'Taxi'],
    ['Taxis', 'WTT- taxis', 'Black cab', 'taxi', { vehicle: 'black_cab' }, 'Black cab', 'Taxi londonien'],
    ['Bus', 'WTT- bus', 'Average local bus', 'bus', { service: 'city' }, 'Local bus, average', 'Autobus urbain moyen'],
    [
      'Bus',
      'WTT- bus',
      'Local bus (not London)',
      'bus',
      { service: 'outside_london' },
      'Local bus outside London',
      'Autobus urbain hors Londres',
    ],
    ['Bus', 'WTT- bus', 'Local London bus', 'bus', { service: 'london' }, 'Local bus in London', 'Autobus londonien'],
    ['Bus', 'WTT- bus', 'Coach', 'bus', { service: 'coach' }, 'Coach', 'Autocar'],
    ['Rail', 'WTT- rail', 'National rail', 'train', { service: 'national' }, 'National rail', 'Train national'],
    [
      'Rail',
      'WTT- rail',
      'International rail',
      'train',
      { service: 'international' },
      'International rail',
      'Train international',
    ],
    [
      'Rail',
      'WTT- rail',
      'Light rail and tram',
      'metro',
      { vehicle: 'tram' },
      'Light rail and tram',
      'Métro léger et tramway',
    ],
    [
      'Rail',
      'WTT- rail',
      'London Underground',
      'metro',
      { vehicle: 'metro' },
      'London Underground',
      'Métro de Londres',
    ],
  ] as const
).flatMap(([group, group_before, item, activity, attributes, en, fr]) =>
  pair(
    [land, group, item, ''],
    [before, group_before, item, ''],
    ['passenger.km', 'km'],
    activity,
    attributes,
    '3.6',
    en,
    fr,
  ),
)

const ferries: Item[] = (
  [
    ['Average (all passenger)', 'average', 'Ferry, average passenger', 'Ferry, passager moyen'],
    ['Foot passenger', 'on_foot', 'Ferry, foot passenger', 'Ferry, passager à pied'],
    ['Car passenger', 'with_car', 'Ferry, passenger with a car', 'Ferry, passager avec voiture'],
  ] as const
).flatMap(([item, passenger, en, fr]) =>
  pair(
    ['Business travel- sea', 'Ferry', item, ''],
    ['WTT- business travel- sea', 'WTT- ferry', item, ''],
    ['passenger.km'],
    'ferry',
    { passenger },
    '3.6',
    en,
    fr,
  ),
)

const lorries: Item[] = (
  [
    ['All HGVs', 'average', 'Lorry, average', 'Poids lourd moyen'],
    ['All rigids', 'rigid', 'Rigid lorry, average', 'Camion porteur moyen'],
    ['Rigid (>3.5 - 7.5 tonnes)', 'rigid_3.5-7.5t', 'Rigid lorry of 3.5 to 7.5 t', 'Camion porteur de 3,5 à 7,5 t'],
    ['Rigid (>7.5 tonnes-17 tonnes)', 'rigid_7.5-17t', 'Rigid lorry of 7.5 to 17 t', 'Camion porteur de 7,5 à 17 t'],
    ['Rigid (>17 tonnes)', 'rigid_17t+', 'Rigid lorry over 17 t', 'Camion porteur de plus de 17 t'],
    ['All artics', 'articulated', 'Articulated lorry, average', 'Camion articulé moyen'],
    [
      'Articulated (>3.5 - 33t)',
      'articulated_3.5-33t',
      'Articulated lorry of 3.5 to 33 t',
      'Camion articulé de 3,5 à 33 t',
    ],
    ['Articulated (>33t)', 'articulated_33t+', 'Articulated lorry over 33 t', 'Camion articulé de plus de 33 t'],
  ] as const
).flatMap(([item, vehicle, en, fr]) => [
  ...pair(
    ['Freighting goods', 'HGV (all diesel)', item, 'Average laden'],
    ['WTT- delivery vehs & freight', 'WTT- HGV (all diesel)', item, 'Average laden'],
    ['tonne.km', 'km'],
    'truck_freight',
    { vehicle, fuel: 'diesel', refrigerated: 'no' },
    '3.4',
    `${en}, average load`,
    `${fr}, charge moyenne`,
  ),
  ...(vehicle === 'average' || vehicle === 'rigid' || vehicle === 'articulated'
    ? pair(
        ['Freighting goods', 'HGV refrigerated (all diesel)', item, 'Average laden'],
        ['WTT- delivery vehs & freight', 'WTT- HGV refrigerated (all diesel)', item, 'Average laden'],
        ['tonne.km', 'km'],
        'truck_freight',
        { vehicle, fuel: 'diesel', refrigerated: 'yes' },
        '3.4',
        `${en}, refrigerated, average load`,
        `${fr}, frigorifique, charge moyenne`,
      )
    : []),
])

const carriers: Item[] = [
  ...pair(
    ['Freighting goods', 'Rail', 'Freight train', ''],
    ['WTT- delivery vehs & freight', 'WTT- rail', 'Freight train', ''],
    ['tonne.km'],
    'rail_freight',
    { traction: 'average', load: 'average' },
    '3.4',
    'Freight train',
    'Train de marchandises',
  ),
  ...(
    [
      ['3235', 'container', 'Container ship, average', 'Porte-conteneurs moyen'],
      ['3221', 'bulk', 'Bulk carrier, average', 'Vraquier moyen'],
      ['3228', 'general_cargo', 'General cargo ship, average', 'Cargo polyvalent moyen'],
      ['3241', 'ro_ro', 'Ro-ro ferry, average', 'Roulier moyen'],
    ] as const
  ).flatMap(([item, ship, en, fr]) =>
    pair([`27_320_${item}_14`], [`28_916_${item}_14`], ['tonne.km'], 'sea_freight', { ship }, '3.4', en, fr, {
      geography: 'world',
    }),
  ),
  ...pair(
    ['27_319_3203_14'],
    ['28_915_3203_14'],
    ['tonne.km'],
    'sea_freight',
    { ship: 'tanker' },
    '3.4',
    'Products tanker, average',
    'Pétrolier de produits moyen',
    { geography: 'world' },
  ),
  ...Object.entries(airHauls).flatMap(([item, { haul, geography, names }]) =>
    (['included', 'excluded'] as const).flatMap((forcing) => {
      const column = forcing === 'included' ? 'With RF' : 'Without RF'
      // Rows of one haul stand in pairs, with radiative forcing first.
      const item_number = 3152 + 2 * Object.keys(airHauls).indexOf(item) + (forcing === 'included' ? 0 : 1)
      const twin_number = forcing === 'included' ? item_number + 1 : item_number - 1
      const words =
        forcing === 'included'
          ? ['with radiative forcing', 'avec forçage radiatif']
          : ['without radiative forcing', 'sans forçage radiatif']
      const [direct, upstream] = pair(
        ['Freighting goods', 'Freight flights', item, column],
        ['WTT- delivery vehs & freight', 'WTT- freight flights', item, column],
        ['tonne.km'],
        'air_freight',
        { haul, radiative_forcing: forcing },
        '3.4',
        `Air freight, ${names.en}, ${words[0]}`,
        `Fret aérien ${names.fr}, ${words[1]}`,
        { geography },
      )
      return [{ ...direct, twin: `27_317_${twin_number}_14` } as Item, upstream as Item]
    }),
  ),
]

const wasteTable = 'Waste disposal'
const treatments: Record<string, [string, Stage, string, string]> = {
  'Closed-loop': ['recycling', 'transport', 'recycled in a closed loop', 'recyclage en boucle fermée'],
  'Open-loop': ['recycling', 'transport', 'recycled in an open loop', 'recyclage en boucle ouverte'],
  'Incineration with Energy Recovery': [
    'incineration',
    'transport',
    'burnt with energy recovery',
    'incinération avec valorisation',
  ],
  Landfill: ['landfill', 'treatment', 'landfilled', 'enfouissement'],
  Composting: ['composting', 'treatment', 'composted', 'compostage'],
  'Anaerobic digestion': ['anaerobic_digestion', 'treatment', 'digested', 'méthanisation'],
}
const wasteNote =
  'DESNZ counts recycling and energy recovery to the gate of the plant only: what happens there belongs to the user of the material or energy.'
const waste: Item[] = (
  [
    [
      'Refuse',
      'Commercial and industrial waste',
      'mixed',
      'Commercial and industrial waste',
      'Déchets d’activités en mélange',
      ['Incineration with Energy Recovery', 'Landfill'],
    ],
    [
      'Refuse',
      'Household residual waste',
      'household',
      'Household residual waste',
      'Ordures ménagères résiduelles',
      ['Incineration with Energy Recovery', 'Landfill'],
    ],
    [
      'Refuse',
      'Organic: food and drink waste',
      'food',
      'Food and drink waste',
      'Déchets alimentaires',
      ['Incineration with Energy Recovery', 'Composting', 'Landfill', 'Anaerobic digestion'],
    ],
    [
      'Refuse',
      'Organic: garden waste',
      'garden',
      'Garden waste',
      'Déchets verts',
      ['Incineration with Energy Recovery', 'Composting', 'Landfill', 'Anaerobic digestion'],
    ],
    [
      'Paper',
      'Paper and board: paper',
      'paper',
      'Paper',
      'Papier',
      ['Closed-loop', 'Incineration with Energy Recovery', 'Composting', 'Landfill'],
    ],
    [
      'Paper',
      'Paper and board: board',
      'cardboard',
      'Board',
      'Carton',
      ['Closed-loop', 'Incineration with Energy Recovery', 'Composting', 'Landfill'],
    ],
    [
      'Plastic',
      'Plastics: average plastics',
      'plastic',
      'Plastics, average',
      'Plastiques, moyenne',
      ['Closed-loop', 'Incineration with Energy Recovery', 'Landfill'],
    ],
    ['Other', 'Glass', 'glass', 'Glass', 'Verre', ['Closed-loop', 'Incineration with Energy Recovery', 'Landfill']],
    [
      'Metal',
      'Metal: scrap metal',
      'metal',
      'Scrap metal',
      'Ferraille',
      ['Closed-loop', 'Incineration with Energy Recovery', 'Landfill'],
    ],
    [
      'Metal',
      'Metal: aluminium cans and foil (excl. forming)',
      'aluminium',
      'Aluminium cans and foil',
      'Canettes et feuilles d’aluminium',
      ['Closed-loop', 'Incineration with Energy Recovery', 'Landfill'],
    ],
    [
      'Metal',
      'Metal: steel cans',
      'steel',
      'Steel cans',
      'Boîtes en acier',
      ['Closed-loop', 'Incineration with Energy Recovery', 'Landfill'],
    ],
    [
      'Construction',
      'Wood',
      'wood',
      'Wood',
      'Bois',
      ['Closed-loop', 'Incineration with Energy Recovery', 'Composting', 'Landfill'],
    ],
    [
      'Other',
      'Clothing',
      'textiles',
      'Clothing',
      'Vêtements',
      ['Closed-loop', 'Incineration with Energy Recovery', 'Landfill'],
    ],
    [
      'Electrical items',
      'WEEE - mixed',
      'electronics',
      'Electrical and electronic waste, mixed',
      'DEEE en mélange',
      ['Open-loop', 'Incineration with Energy Recovery', 'Landfill'],
    ],
    ['Electrical items', 'Batteries', 'batteries', 'Batteries', 'Piles et batteries', ['Open-loop', 'Landfill']],
    [
      'Construction',
      'Average construction',
      'construction',
      'Construction waste, average',
      'Déchets de chantier, moyenne',
      ['Closed-loop', 'Incineration with Energy Recovery'],
    ],
    ['Construction', 'Tyres', 'tyres', 'Tyres', 'Pneus', ['Closed-loop']],
  ] as const
).flatMap(([group, item, material, en, fr, columns]) =>
  columns.map((column): Item => {
    const [treatment, stage, en_treatment, fr_treatment] = treatments[column] ?? ['', 'other' as const, '', '']
    return {
      at: [wasteTable, group, item, column],
      uoms: ['tonnes'],
      activity: 'waste',
      attributes: { material, treatment },
      stage,
      boundary: 'direct',
      category: '3.5',
      names: { en: `${en}, ${en_treatment}`, fr: `${fr}, ${fr_treatment}` },
      ...(stage === 'transport' ? { note: wasteNote } : {}),
    }
  }),
)

/** Gases and blends as the file names them, and their key in our table. */
export const refrigerants: Record<string, string> = {
  'HFC-23': 'HFC-23',
  'HFC-32': 'HFC-32',
  'HFC-125': 'HFC-125',
  'HFC-134a': 'HFC-134a',
  'HFC-143a': 'HFC-143a',
  'HFC-152a': 'HFC-152a',
  'HFC-227ea': 'HFC-227ea',
  'HFC-245fa': 'HFC-245fa',
  'Sulphur hexafluoride (SF6)': 'sf6',
  'Nitrogen trifluoride': 'nf3',
  'Nitrous oxide': 'n2o',
  R404A: 'R-404A',
  R407A: 'R-407A',
  R407C: 'R-407C',
  R407F: 'R-407F',
  R410A: 'R-410A',
  R417A: 'R-417A',
  R422D: 'R-422D',
  R507A: 'R-507A',
  'HCFC-22/R22 = chlorodifluoromethane': 'HCFC-22',
}

export const selection: Item[] = [
  row(
    '7_400_4000_5',
    'electricity',
    { origin: 'grid' },
    'generation',
    'direct',
    '2.1',
    'UK electricity',
    'Électricité du Royaume-Uni',
  ),
  row(
    '13_402_4000_5',
    'transmission_losses',
    undefined,
    'losses',
    'direct',
    '3.3',
    'UK electricity: transmission and distribution',
    'Électricité du Royaume-Uni : transport et distribution',
  ),
  row(
    '15_917_4000_5',
    'electricity_upstream',
    { origin: 'grid' },
    'upstream',
    'upstream',
    '3.3',
    'UK electricity: well to tank of generation',
    'Électricité du Royaume-Uni : amont de la production',
  ),
  row(
    '15_918_4000_5',
    'transmission_losses_upstream',
    undefined,
    'upstream',
    'upstream',
    '3.3',
    'UK electricity: well to tank of transmission and distribution',
    'Électricité du Royaume-Uni : amont des pertes',
  ),
  row(
    '10_401_4003_5',
    'district_heating',
    { network: 'unspecified' },
    'generation',
    'direct',
    '2.2',
    'District heat and steam',
    'Chaleur et vapeur de réseau',
  ),
  row(
    '13_403_4004_5',
    'district_heating_losses',
    undefined,
    'losses',
    'direct',
    '3.3',
    'District heat and steam: distribution, 5% loss',
    'Chaleur et vapeur de réseau : pertes de 5 %',
  ),
  row(
    '16_919_4003_5',
    'district_heating_upstream',
    { network: 'unspecified' },
    'upstream',
    'upstream',
    '3.3',
    'District heat and steam: well to tank',
    'Chaleur et vapeur de réseau : amont',
  ),
  row(
    '16_920_4004_5',
    'district_heating_losses_upstream',
    undefined,
    'upstream',
    'upstream',
    '3.3',
    'District heat and steam: well to tank of distribution',
    'Chaleur et vapeur de réseau : amont des pertes',
  ),
  row('17_404_4005_1', 'water_supply', undefined, 'whole', 'direct', '3.1', 'Water supply', 'Eau du réseau'),
  row(
    '18_405_4006_1',
    'wastewater',
    undefined,
    'treatment',
    'direct',
    '3.5',
    'Water treatment',
    'Traitement des eaux usées',
  ),
  row(
    '32_603_9999_12',
    'homeworking',
    { part: 'all' },
    'whole',
    'direct',
    '3.7',
    'Working from home: equipment and heating',
    'Télétravail : équipement et chauffage',
  ),
  row(
    '32_601_9999_12',
    'homeworking',
    { part: 'equipment' },
    'whole',
    'direct',
    '3.7',
    'Working from home: equipment',
    'Télétravail : équipement',
  ),
  row(
    '32_602_9999_12',
    'homeworking',
    { part: 'heating' },
    'whole',
    'direct',
    '3.7',
    'Working from home: heating',
    'Télétravail : chauffage',
  ),
  ...cars,
  ...vans,
  ...motorbikes,
  ...travel,
  ...ferries,
  ...lorries,
  ...carriers,
  ...waste,
]
