/**
 * The closed list of activities that the library can find a factor for. Everything that an inventory line may name
 * instead of a factor stands here: its names, the dimensions of unit it can be counted in, where it lands by default,
 * and the attributes that tell its factors apart. An attribute that is not given takes its default; a value that is not
 * in the list is refused, never guessed.
 *
 * Some publishers put what happens before the point of use in rows of its own (DESNZ: well-to-tank, transmission and
 * distribution). Those rows have activities of their own, ending in `_upstream` or `_losses`, and `companions` says
 * which of them complete a direct factor. A life-cycle factor (Base Carbone) already holds them and takes none.
 */
import type { Category } from '../lib/categories.ts'
import type { Dimension } from '../lib/units.ts'
import { blends, gases } from './gwp.ts'

export const activityKinds = [
  'fuel',
  'energy',
  'refrigerant',
  'transport',
  'freight',
  'travel',
  'purchase',
  'capital',
  'waste',
  'water',
  'digital',
] as const
export type ActivityKind = (typeof activityKinds)[number]

/** A dimension of the unit table, or `money` for every currency and year. */
export type AcceptedDimension = Exclude<Dimension, `money_${string}`> | 'money'

export interface ActivityAttribute {
  name: { en: string; fr: string }
  /** Every value there is. Where the publisher's own code list is too long to repeat, `pattern` stands instead. */
  values?: readonly string[]
  pattern?: string
  /** What is meant when nothing is said. Without it, the attribute must be given to single out one factor. */
  default?: string
}

export interface Activity {
  key: string
  name: { en: string; fr: string }
  kind: ActivityKind
  dimensions: readonly AcceptedDimension[]
  /** Where it lands when the line names no category, for the organisation's own use of it. */
  category: Category
  attributes: Readonly<Record<string, ActivityAttribute>>
  /** Activities whose factors complete a `direct` factor of this one to a whole chain. */
  companions: readonly string[]
  /** Other words a person may type, in both languages. */
  synonyms: readonly string[]
}

type Said = Pick<Activity, 'key' | 'kind' | 'category' | 'dimensions'> & {
  en: string
  fr: string
  attributes?: Activity['attributes']
  companions?: readonly string[]
  synonyms?: readonly string[]
}

/** One attribute with a default; the first value is the default unless another is said. */
const choice = (en: string, fr: string, values: readonly string[], fallback: string | null = values[0] ?? null) => ({
  name: { en, fr },
  values,
  ...(fallback === null ? {} : { default: fallback }),
})

const volumeMassEnergy = ['volume', 'mass', 'fuel_energy_net', 'fuel_energy_gross'] as const

const vehicleFuel = choice('Fuel', 'Énergie', [
  'average',
  'petrol',
  'diesel',
  'hybrid',
  'plug_in_hybrid',
  'electric',
  'lpg',
  'cng',
  'e85',
])
const vanFuel = choice('Fuel', 'Énergie', ['average', 'petrol', 'diesel', 'electric', 'lpg', 'cng'])
const vehicleSize = choice('Size', 'Taille', ['average', 'small', 'medium', 'large'])
const flightHaul = choice('Haul', 'Distance', ['domestic', 'short', 'medium', 'long', 'international'], null)
const flightClass = choice('Cabin class', 'Classe', ['average', 'economy', 'premium_economy', 'business', 'first'])
const radiativeForcing = choice('Effects at altitude', 'Effets en altitude', ['included', 'excluded'])
/** Where a publisher tells aircraft apart: `typical` is 101 to 220 seats up to 5,000 km, and over 220 beyond. */
const seats = choice('Seats of the aircraft', 'Sièges de l’avion', ['typical', '51-100', '101-220', '220+'])
/** Bands of great-circle distance of Base Carbone: only somebody who knows the distance can be given one of its flights. */
const distanceBand = choice(
  'Band of distance',
  'Tranche de distance',
  ['under_500km', '500-1000km', '1000-2000km', '2000-5000km', 'over_5000km'],
  null,
)

/** Sectors of the monetary ratios of Base Carbone, edition 2023, in words of our own. */
const serviceSectors = [
  'it_and_information',
  'telecommunications',
  'legal_accounting_consulting',
  'advertising_market_research',
  'architecture_engineering',
  'research_development',
  'other_professional',
  'insurance',
  'financial',
  'financial_auxiliary',
  'real_estate',
  'employment',
  'travel_agencies',
  'accommodation_restaurants',
  'education',
  'health',
  'public_administration',
  'postal',
  'warehousing',
  'land_transport',
  'air_transport',
  'water_transport',
  'machine_repair',
  'computer_and_household_repair',
  'printing',
  'publishing',
  'audiovisual',
  'arts_culture',
  'sports_leisure',
  'associations',
  'personal_services',
  'retail_trade',
  'wholesale_trade',
  'veterinary',
  'agriculture_services',
  'fishing_services',
] as const

const goodsSectors = [
  'machinery',
  'furniture',
  'computers_electronics',
  'paper',
  'food_beverages_tobacco',
  'textiles_clothing_leather',
  'chemicals',
  'pharmaceuticals',
  'rubber_plastics',
  'metals',
  'metal_products',
  'non_metallic_minerals',
  'wood',
  'other_transport_equipment',
  'other_manufactured',
  'agriculture',
  'forestry',
  'fishing',
  'construction',
  'office_supplies',
] as const

const sector = (values: readonly string[]) => choice('Sector', 'Secteur', values, null)
/** USEEIO factors are told apart by industry code, 1,016 of them. */
const naics: ActivityAttribute = { name: { en: 'NAICS 2017 code', fr: 'Code NAICS 2017' }, pattern: '^\\d{6}$' }

export const wasteMaterials = [
  'mixed',
  'household',
  'food',
  'garden',
  'paper',
  'cardboard',
  'plastic',
  'glass',
  'metal',
  'aluminium',
  'steel',
  'wood',
  'textiles',
  'electronics',
  'batteries',
  'furniture',
  'construction',
  'hazardous',
  'tyres',
] as const
export const wasteTreatments = [
  'average',
  'landfill',
  'incineration',
  'recycling',
  'composting',
  'anaerobic_digestion',
] as const

const said: Said[] = [
  // Fuels, burnt by the organisation itself
  {
    key: 'natural_gas',
    kind: 'fuel',
    category: '1.1',
    en: 'Natural gas',
    fr: 'Gaz naturel',
    dimensions: ['fuel_energy_gross', 'fuel_energy_net', 'gas_volume_0c', 'gas_volume_60f', 'mass'],
    attributes: { blend: choice('Blend', 'Composition', ['grid', 'mineral', 'type_h', 'type_b']) },
    companions: ['natural_gas_upstream'],
    synonyms: ['gas', 'gaz', 'town gas', 'gaz de ville', 'methane'],
  },
  {
    key: 'heating_oil',
    kind: 'fuel',
    category: '1.1',
    en: 'Heating oil',
    fr: 'Fioul domestique',
    dimensions: volumeMassEnergy,
    attributes: { grade: choice('Grade', 'Qualité', ['light', 'kerosene', 'medium', 'heavy']) },
    companions: ['heating_oil_upstream'],
    synonyms: ['fuel oil', 'fuel', 'mazout', 'gas oil', 'burning oil', 'fioul lourd'],
  },
  {
    key: 'diesel',
    kind: 'fuel',
    category: '1.2',
    en: 'Diesel',
    fr: 'Gazole',
    dimensions: volumeMassEnergy,
    attributes: { blend: choice('Blend', 'Mélange', ['average', 'mineral', 'b10', 'b30', 'b100', 'non_road']) },
    companions: ['diesel_upstream'],
    synonyms: ['gasoil', 'derv', 'diesel fuel', 'gnr', 'gazole non routier', 'b7'],
  },
  {
    key: 'petrol',
    kind: 'fuel',
    category: '1.2',
    en: 'Petrol',
    fr: 'Essence',
    dimensions: volumeMassEnergy,
    attributes: { blend: choice('Blend', 'Mélange', ['average', 'mineral', 'e10', 'e85']) },
    companions: ['petrol_upstream'],
    synonyms: ['gasoline', 'sp95', 'sp98', 'sans plomb', 'supercarburant'],
  },
  {
    key: 'lpg',
    kind: 'fuel',
    category: '1.1',
    en: 'Liquefied petroleum gas',
    fr: 'Gaz de pétrole liquéfié',
    dimensions: volumeMassEnergy,
    attributes: { product: choice('Product', 'Produit', ['lpg', 'propane', 'butane']) },
    companions: ['lpg_upstream'],
    synonyms: ['gpl', 'propane', 'butane', 'bottled gas', 'gaz en bouteille'],
  },
  {
    key: 'cng',
    kind: 'fuel',
    category: '1.2',
    en: 'Compressed natural gas',
    fr: 'Gaz naturel comprimé',
    dimensions: ['mass', 'fuel_energy_net', 'fuel_energy_gross', 'gas_volume_60f'],
    companions: ['cng_upstream'],
    synonyms: ['gnv', 'gnc', 'ngv'],
  },
  {
    key: 'coal',
    kind: 'fuel',
    category: '1.1',
    en: 'Coal',
    fr: 'Charbon',
    dimensions: ['mass', 'fuel_energy_net', 'fuel_energy_gross'],
    attributes: {
      grade: choice('Grade', 'Qualité', [
        'bituminous',
        'anthracite',
        'sub_bituminous',
        'lignite',
        'coke',
        'industrial',
        'domestic',
      ]),
    },
    companions: ['coal_upstream'],
    synonyms: ['houille', 'anthracite', 'lignite', 'coke'],
  },
  {
    key: 'jet_fuel',
    kind: 'fuel',
    category: '1.2',
    en: 'Jet fuel',
    fr: 'Kérosène',
    dimensions: volumeMassEnergy,
    companions: ['jet_fuel_upstream'],
    synonyms: ['aviation turbine fuel', 'jet a1', 'avtur', 'carburéacteur'],
  },
  {
    key: 'biofuel',
    kind: 'fuel',
    category: '1.2',
    en: 'Biofuel',
    fr: 'Biocarburant',
    dimensions: ['volume', 'mass'],
    attributes: { product: choice('Product', 'Produit', ['biodiesel', 'bioethanol', 'hvo'], null) },
    companions: ['biofuel_upstream'],
    synonyms: ['biodiesel', 'bioéthanol', 'ethanol', 'hvo100'],
  },
  {
    key: 'biomethane',
    kind: 'fuel',
    category: '1.1',
    en: 'Biomethane',
    fr: 'Biométhane',
    dimensions: ['fuel_energy_net'],
    synonyms: ['renewable gas', 'gaz vert', 'biogaz'],
  },
  {
    key: 'wood_pellets',
    kind: 'fuel',
    category: '1.1',
    en: 'Wood pellets',
    fr: 'Granulés de bois',
    dimensions: ['mass', 'fuel_energy_net'],
    companions: ['wood_pellets_upstream'],
    synonyms: ['pellets', 'granulés'],
  },
  {
    key: 'wood_chips',
    kind: 'fuel',
    category: '1.1',
    en: 'Wood chips',
    fr: 'Plaquettes forestières',
    dimensions: ['mass', 'fuel_energy_net'],
    attributes: { humidity: choice('Humidity', 'Humidité', ['dry', 'wet']) },
    companions: ['wood_chips_upstream'],
    synonyms: ['plaquettes', 'bois déchiqueté'],
  },
  {
    key: 'wood_logs',
    kind: 'fuel',
    category: '1.1',
    en: 'Firewood',
    fr: 'Bois bûche',
    dimensions: ['mass', 'fuel_energy_gross'],
    companions: ['wood_logs_upstream'],
    synonyms: ['logs', 'wood', 'bûches', 'bois de chauffage'],
  },

  // Energy delivered
  {
    key: 'electricity',
    kind: 'energy',
    category: '2.1',
    en: 'Electricity',
    fr: 'Électricité',
    dimensions: ['energy'],
    attributes: {
      origin: choice('Origin', 'Origine', [
        'grid',
        'nuclear',
        'wind_onshore',
        'wind_offshore',
        'solar',
        'hydro',
        'geothermal',
        'gas',
        'oil',
        'coal',
      ]),
    },
    companions: ['electricity_upstream', 'transmission_losses', 'transmission_losses_upstream'],
    synonyms: ['power', 'courant', 'elec', 'kwh', 'grid'],
  },
  {
    key: 'transmission_losses',
    kind: 'energy',
    category: '3.3',
    en: 'Electricity lost in transmission and distribution',
    fr: 'Électricité perdue en ligne',
    dimensions: ['energy'],
    synonyms: ['t&d', 'grid losses', 'pertes en ligne'],
  },
  {
    key: 'transmission_losses_upstream',
    kind: 'energy',
    category: '3.3',
    en: 'Upstream of electricity lost in transmission',
    fr: 'Amont de l’électricité perdue en ligne',
    dimensions: ['energy'],
  },
  {
    key: 'district_heating',
    kind: 'energy',
    category: '2.2',
    en: 'District heating or steam',
    fr: 'Réseau de chaleur ou vapeur',
    dimensions: ['energy'],
    attributes: {
      network: choice('Network', 'Réseau', [
        'unspecified',
        'paris',
        'grenoble',
        'lyon',
        'strasbourg',
        'lille',
        'metz',
        'rennes',
        'toulouse',
        'bordeaux',
        'marseille',
      ]),
    },
    companions: ['district_heating_upstream', 'district_heating_losses', 'district_heating_losses_upstream'],
    synonyms: ['heat network', 'steam', 'vapeur', 'chauffage urbain'],
  },
  {
    key: 'district_heating_losses',
    kind: 'energy',
    category: '3.3',
    en: 'Heat lost in distribution',
    fr: 'Chaleur perdue en distribution',
    dimensions: ['energy'],
  },
  {
    key: 'district_heating_losses_upstream',
    kind: 'energy',
    category: '3.3',
    en: 'Upstream of heat lost in distribution',
    fr: 'Amont de la chaleur perdue en distribution',
    dimensions: ['energy'],
  },
  {
    key: 'district_cooling',
    kind: 'energy',
    category: '2.2',
    en: 'District cooling',
    fr: 'Réseau de froid',
    dimensions: ['energy'],
    attributes: { network: choice('Network', 'Réseau', ['unspecified', 'paris', 'la_defense', 'lyon', 'marseille']) },
    synonyms: ['chilled water', 'eau glacée', 'climatisation urbaine'],
  },

  // Gases that escape
  {
    key: 'refrigerant_leak',
    kind: 'refrigerant',
    category: '1.4',
    en: 'Refrigerant or other gas leaked',
    fr: 'Fuite de fluide frigorigène ou d’un autre gaz',
    dimensions: ['mass'],
    attributes: {
      gas: choice('Gas', 'Gaz', [...Object.keys(gases), ...Object.keys(blends)], null),
    },
    synonyms: ['refrigerant', 'fluide frigorigène', 'climatisation', 'air conditioning', 'f-gas', 'sf6', 'fuite'],
  },

  // People travelling
  {
    key: 'car',
    kind: 'transport',
    category: '1.2',
    en: 'Car',
    fr: 'Voiture',
    dimensions: ['vehicle_distance', 'passenger_distance'],
    attributes: {
      fuel: vehicleFuel,
      size: vehicleSize,
      trip: choice('Trip', 'Trajet', ['average', 'short', 'long']),
    },
    companions: ['car_upstream'],
    synonyms: ['voiture', 'automobile', 'company car', 'voiture de fonction', 'mileage', 'indemnités kilométriques'],
  },
  {
    key: 'van',
    kind: 'transport',
    category: '1.2',
    en: 'Van',
    fr: 'Véhicule utilitaire léger',
    dimensions: ['vehicle_distance'],
    attributes: { fuel: vanFuel, size: vehicleSize },
    companions: ['van_upstream'],
    synonyms: ['vul', 'camionnette', 'utilitaire', 'light commercial vehicle'],
  },
  {
    key: 'motorbike',
    kind: 'transport',
    category: '1.2',
    en: 'Motorbike',
    fr: 'Deux-roues motorisé',
    dimensions: ['vehicle_distance'],
    attributes: { size: choice('Size', 'Taille', ['average', 'moped', 'small', 'medium', 'large']) },
    companions: ['motorbike_upstream'],
    synonyms: ['moto', 'scooter', 'motorcycle', 'cyclomoteur'],
  },
  {
    key: 'electric_bike',
    kind: 'transport',
    category: '3.7',
    en: 'Electric bicycle or scooter',
    fr: 'Vélo ou trottinette électrique',
    dimensions: ['vehicle_distance'],
    attributes: { vehicle: choice('Vehicle', 'Véhicule', ['bicycle', 'scooter']) },
    synonyms: ['e-bike', 'vae', 'trottinette', 'vélo électrique'],
  },
  {
    key: 'taxi',
    kind: 'transport',
    category: '3.6',
    en: 'Taxi',
    fr: 'Taxi',
    dimensions: ['passenger_distance', 'vehicle_distance'],
    attributes: { vehicle: choice('Vehicle', 'Véhicule', ['regular', 'black_cab']) },
    companions: ['taxi_upstream'],
    synonyms: ['cab', 'vtc', 'ride hailing'],
  },
  {
    key: 'bus',
    kind: 'transport',
    category: '3.6',
    en: 'Bus or coach',
    fr: 'Autobus ou autocar',
    dimensions: ['passenger_distance'],
    attributes: {
      service: choice('Service', 'Service', ['city', 'coach', 'london', 'outside_london']),
      fuel: choice('Fuel', 'Énergie', ['average', 'diesel', 'cng', 'hybrid', 'electric']),
    },
    companions: ['bus_upstream'],
    synonyms: ['autobus', 'autocar', 'car'],
  },
  {
    key: 'train',
    kind: 'transport',
    category: '3.6',
    en: 'Train',
    fr: 'Train',
    dimensions: ['passenger_distance'],
    attributes: {
      service: choice('Service', 'Service', [
        'national',
        'high_speed',
        'intercity',
        'regional',
        'suburban',
        'international',
      ]),
    },
    companions: ['train_upstream'],
    synonyms: ['rail', 'tgv', 'ter', 'intercités', 'rer', 'eurostar', 'sncf', 'transilien'],
  },
  {
    key: 'metro',
    kind: 'transport',
    category: '3.6',
    en: 'Metro or tram',
    fr: 'Métro ou tramway',
    dimensions: ['passenger_distance'],
    attributes: { vehicle: choice('Vehicle', 'Véhicule', ['metro', 'tram']) },
    companions: ['metro_upstream'],
    synonyms: ['underground', 'subway', 'tube', 'tramway', 'light rail', 'métro'],
  },
  {
    key: 'ferry',
    kind: 'transport',
    category: '3.6',
    en: 'Ferry',
    fr: 'Ferry',
    dimensions: ['passenger_distance'],
    attributes: { passenger: choice('Passenger', 'Passager', ['average', 'on_foot', 'with_car']) },
    companions: ['ferry_upstream'],
    synonyms: ['boat', 'bateau', 'traversier'],
  },
  {
    key: 'flight',
    kind: 'transport',
    category: '3.6',
    en: 'Flight',
    fr: 'Vol',
    dimensions: ['passenger_distance'],
    attributes: {
      haul: flightHaul,
      band: distanceBand,
      class: flightClass,
      seats,
      radiative_forcing: radiativeForcing,
    },
    companions: ['flight_upstream'],
    synonyms: ['plane', 'avion', 'air travel', 'aérien'],
  },
  {
    key: 'hotel_night',
    kind: 'travel',
    category: '3.6',
    en: 'Hotel night',
    fr: 'Nuit d’hôtel',
    dimensions: ['night'],
    synonyms: ['hotel', 'hôtel', 'accommodation', 'hébergement'],
  },
  {
    key: 'homeworking',
    kind: 'travel',
    category: '3.7',
    en: 'Working from home',
    fr: 'Télétravail',
    dimensions: ['person_time'],
    attributes: { part: choice('Part', 'Part', ['all', 'equipment', 'heating']) },
    synonyms: ['telework', 'remote work', 'télétravail', 'wfh'],
  },

  // Goods travelling
  {
    key: 'truck_freight',
    kind: 'freight',
    category: '3.4',
    en: 'Freight by lorry',
    fr: 'Fret routier',
    dimensions: ['freight', 'vehicle_distance'],
    attributes: {
      vehicle: choice('Vehicle', 'Véhicule', [
        'average',
        'rigid',
        'rigid_3.5-7.5t',
        'rigid_7.5-12t',
        'rigid_7.5-17t',
        'rigid_12-20t',
        'rigid_17t+',
        'rigid_20-26t',
        'rigid_26-32t',
        'articulated',
        'articulated_3.5-33t',
        'articulated_33t+',
        'articulated_34-40t',
        'articulated_40-44t',
        'articulated_under_34t',
        'articulated_44-60t',
      ]),
      fuel: choice('Fuel', 'Énergie', ['diesel', 'cng', 'lng', 'electric']),
      refrigerated: choice('Refrigerated', 'Frigorifique', ['no', 'yes']),
    },
    companions: ['truck_freight_upstream'],
    synonyms: ['hgv', 'truck', 'lorry', 'camion', 'poids lourd', 'transport routier'],
  },
  {
    key: 'van_freight',
    kind: 'freight',
    category: '3.4',
    en: 'Freight by van',
    fr: 'Fret par utilitaire',
    dimensions: ['freight'],
    attributes: { fuel: choice('Fuel', 'Énergie', ['average', 'petrol', 'diesel', 'lpg', 'cng']) },
    companions: ['van_freight_upstream'],
    synonyms: ['courier', 'messagerie', 'last mile', 'dernier kilomètre', 'vul'],
  },
  {
    key: 'rail_freight',
    kind: 'freight',
    category: '3.4',
    en: 'Freight by rail',
    fr: 'Fret ferroviaire',
    dimensions: ['freight'],
    attributes: {
      traction: choice('Traction', 'Traction', ['average', 'diesel', 'electric']),
      load: choice('Load', 'Chargement', ['average', 'dense', 'light']),
    },
    companions: ['rail_freight_upstream'],
    synonyms: ['train de marchandises', 'fret sncf'],
  },
  {
    key: 'sea_freight',
    kind: 'freight',
    category: '3.4',
    en: 'Freight by sea',
    fr: 'Fret maritime',
    dimensions: ['freight'],
    attributes: {
      ship: choice('Ship', 'Navire', [
        'container',
        'container_refrigerated',
        'bulk',
        'general_cargo',
        'ro_ro',
        'tanker',
      ]),
    },
    companions: ['sea_freight_upstream'],
    synonyms: ['ship', 'container', 'porte-conteneur', 'bateau', 'maritime'],
  },
  {
    key: 'inland_water_freight',
    kind: 'freight',
    category: '3.4',
    en: 'Freight by inland waterway',
    fr: 'Fret fluvial',
    dimensions: ['freight'],
    attributes: { vessel: choice('Vessel', 'Bateau', ['barge_1500t', 'barge_650t', 'barge_3000t+', 'pusher']) },
    synonyms: ['barge', 'péniche', 'river', 'fluvial'],
  },
  {
    key: 'air_freight',
    kind: 'freight',
    category: '3.4',
    en: 'Freight by air',
    fr: 'Fret aérien',
    dimensions: ['freight'],
    attributes: { haul: flightHaul, radiative_forcing: radiativeForcing },
    companions: ['air_freight_upstream'],
    synonyms: ['air cargo', 'avion cargo', 'express'],
  },

  // Purchases
  {
    key: 'purchase_services',
    kind: 'purchase',
    category: '3.1',
    en: 'Services, by spend',
    fr: 'Services, par dépense',
    dimensions: ['money'],
    attributes: { sector: sector(serviceSectors), naics },
    synonyms: ['services', 'prestations', 'honoraires', 'consulting', 'insurance', 'assurance'],
  },
  {
    key: 'purchase_goods',
    kind: 'purchase',
    category: '3.1',
    en: 'Goods, by spend',
    fr: 'Biens, par dépense',
    dimensions: ['money'],
    attributes: { sector: sector(goodsSectors), naics },
    synonyms: ['goods', 'supplies', 'fournitures', 'achats', 'raw materials', 'matières premières'],
  },
  {
    key: 'cloud_spend',
    kind: 'digital',
    category: '3.1',
    en: 'Cloud and hosting, by spend',
    fr: 'Cloud et hébergement, par dépense',
    dimensions: ['money'],
    synonyms: ['cloud', 'hosting', 'saas', 'hébergement', 'aws', 'azure', 'gcp'],
  },
  {
    key: 'meal',
    kind: 'purchase',
    category: '3.1',
    en: 'Meal',
    fr: 'Repas',
    dimensions: ['meal'],
    attributes: {
      type: choice('Type', 'Type', [
        'average',
        'vegetarian',
        'classic_chicken',
        'classic_beef',
        'mostly_plant_chicken',
        'mostly_plant_beef',
        'mostly_animal_chicken',
        'mostly_animal_beef',
      ]),
    },
    synonyms: ['lunch', 'canteen', 'cantine', 'déjeuner', 'restauration', 'catering'],
  },
  {
    key: 'food',
    kind: 'purchase',
    category: '3.1',
    en: 'Food, by weight',
    fr: 'Denrées, au poids',
    dimensions: ['mass'],
    attributes: {
      product: choice(
        'Product',
        'Produit',
        [
          'beef_mince',
          'pork',
          'chicken',
          'salmon',
          'eggs',
          'milk',
          'emmental',
          'butter',
          'bread',
          'pasta',
          'rice',
          'lentils',
          'tomato',
          'apple',
          'coffee',
          'chocolate',
          'wine',
          'beer',
        ],
        null,
      ),
    },
    synonyms: ['aliment', 'groceries', 'nourriture', 'viande', 'meat'],
  },
  {
    key: 'paper',
    kind: 'purchase',
    category: '3.1',
    en: 'Paper',
    fr: 'Papier',
    dimensions: ['mass', 'item'],
    synonyms: ['ream', 'ramette', 'printing paper', 'a4'],
  },
  {
    key: 'cardboard',
    kind: 'purchase',
    category: '3.1',
    en: 'Cardboard',
    fr: 'Carton',
    dimensions: ['mass'],
    attributes: { origin: choice('Origin', 'Origine', ['primary', 'recycled']) },
    synonyms: ['packaging', 'emballage', 'board'],
  },
  {
    key: 'steel',
    kind: 'purchase',
    category: '3.1',
    en: 'Steel',
    fr: 'Acier',
    dimensions: ['mass'],
    attributes: { origin: choice('Origin', 'Origine', ['primary', 'recycled']) },
    synonyms: ['iron', 'fer', 'tin plate', 'fer blanc'],
  },
  {
    key: 'aluminium',
    kind: 'purchase',
    category: '3.1',
    en: 'Aluminium',
    fr: 'Aluminium',
    dimensions: ['mass'],
    attributes: { origin: choice('Origin', 'Origine', ['primary', 'recycled', 'primary_france']) },
    synonyms: ['aluminum', 'alu'],
  },
  {
    key: 'copper',
    kind: 'purchase',
    category: '3.1',
    en: 'Copper',
    fr: 'Cuivre',
    dimensions: ['mass'],
    attributes: { origin: choice('Origin', 'Origine', ['primary', 'recycled']) },
  },
  {
    key: 'concrete',
    kind: 'purchase',
    category: '3.1',
    en: 'Concrete',
    fr: 'Béton',
    dimensions: ['mass'],
    attributes: { type: choice('Type', 'Type', ['plain', 'reinforced']) },
    synonyms: ['béton armé'],
  },
  {
    key: 'cement',
    kind: 'purchase',
    category: '3.1',
    en: 'Cement',
    fr: 'Ciment',
    dimensions: ['mass'],
    synonyms: ['portland'],
  },
  {
    key: 'glass',
    kind: 'purchase',
    category: '3.1',
    en: 'Glass',
    fr: 'Verre',
    dimensions: ['mass'],
    attributes: { origin: choice('Origin', 'Origine', ['primary', 'recycled']) },
  },
  {
    key: 'plastic',
    kind: 'purchase',
    category: '3.1',
    en: 'Plastic',
    fr: 'Plastique',
    dimensions: ['mass'],
    attributes: {
      polymer: choice('Polymer', 'Polymère', ['average', 'pet', 'hdpe', 'ldpe', 'pp', 'ps', 'pvc', 'nylon']),
      origin: choice('Origin', 'Origine', ['primary', 'recycled']),
    },
    synonyms: ['polymer', 'pet', 'pvc', 'polypropylène', 'polyéthylène'],
  },
  {
    key: 'wood_material',
    kind: 'purchase',
    category: '3.1',
    en: 'Wood as a material',
    fr: 'Bois matériau',
    dimensions: ['mass'],
    synonyms: ['timber', 'lumber', 'bois d’œuvre'],
  },

  // Things that last
  {
    key: 'laptop',
    kind: 'capital',
    category: '3.2',
    en: 'Laptop computer',
    fr: 'Ordinateur portable',
    dimensions: ['item'],
    synonyms: ['notebook', 'pc portable', 'macbook'],
  },
  {
    key: 'desktop_computer',
    kind: 'capital',
    category: '3.2',
    en: 'Desktop computer',
    fr: 'Ordinateur fixe',
    dimensions: ['item'],
    attributes: { type: choice('Type', 'Type', ['office', 'high_performance']) },
    synonyms: ['pc', 'workstation', 'unité centrale'],
  },
  {
    key: 'monitor',
    kind: 'capital',
    category: '3.2',
    en: 'Screen',
    fr: 'Écran',
    dimensions: ['item'],
    attributes: { size: choice('Size', 'Taille', ['21.5in', '23.8in'], '23.8in') },
    synonyms: ['display', 'moniteur', 'écran'],
  },
  {
    key: 'smartphone',
    kind: 'capital',
    category: '3.2',
    en: 'Smartphone',
    fr: 'Smartphone',
    dimensions: ['item'],
    attributes: { size: choice('Size', 'Taille', ['5in', 'under_4.5in', 'over_5.5in']) },
    synonyms: ['phone', 'mobile', 'téléphone', 'iphone'],
  },
  {
    key: 'tablet',
    kind: 'capital',
    category: '3.2',
    en: 'Tablet',
    fr: 'Tablette',
    dimensions: ['item'],
    synonyms: ['ipad'],
  },
  {
    key: 'printer',
    kind: 'capital',
    category: '3.2',
    en: 'Printer',
    fr: 'Imprimante',
    dimensions: ['item'],
    attributes: { type: choice('Type', 'Type', ['multifunction', 'laser', 'inkjet', 'copier']) },
    synonyms: ['copier', 'photocopieur', 'imprimante'],
  },
  {
    key: 'server',
    kind: 'capital',
    category: '3.2',
    en: 'Server',
    fr: 'Serveur informatique',
    dimensions: ['item'],
    synonyms: ['data centre', 'rack server'],
  },
  {
    key: 'furniture',
    kind: 'capital',
    category: '3.2',
    en: 'Furniture',
    fr: 'Mobilier',
    dimensions: ['item', 'mass'],
    attributes: { product: choice('Product', 'Produit', ['chair', 'table', 'cabinet', 'sofa'], null) },
    synonyms: ['desk', 'bureau', 'chair', 'chaise', 'armoire'],
  },
  {
    key: 'vehicle_manufacture',
    kind: 'capital',
    category: '3.2',
    en: 'Vehicle bought, by weight',
    fr: 'Véhicule acheté, au poids',
    dimensions: ['mass'],
    synonyms: ['car purchase', 'achat de véhicule'],
  },
  {
    key: 'machinery',
    kind: 'capital',
    category: '3.2',
    en: 'Machine bought, by weight',
    fr: 'Machine achetée, au poids',
    dimensions: ['mass'],
    synonyms: ['equipment', 'équipement'],
  },
  {
    key: 'building',
    kind: 'capital',
    category: '3.2',
    en: 'Building put up, by floor area',
    fr: 'Bâtiment construit, à la surface',
    dimensions: ['area'],
    attributes: {
      type: choice('Type', 'Type', [
        'office',
        'industrial_concrete',
        'industrial_metal',
        'retail_concrete',
        'parking_bitumen',
      ]),
    },
    synonyms: ['construction', 'bâtiment', 'immobilier'],
  },
  {
    key: 'capital_goods',
    kind: 'capital',
    category: '3.2',
    en: 'Capital goods, by spend',
    fr: 'Immobilisations, par dépense',
    dimensions: ['money'],
    attributes: {
      sector: choice(
        'Sector',
        'Secteur',
        ['machinery', 'construction', 'furniture', 'computers_electronics', 'other_transport_equipment'],
        null,
      ),
    },
    synonyms: ['capex', 'investment', 'immobilisations'],
  },

  // Waste, water, digital
  {
    key: 'waste',
    kind: 'waste',
    category: '3.5',
    en: 'Waste',
    fr: 'Déchets',
    dimensions: ['mass'],
    attributes: {
      material: choice('Material', 'Matière', wasteMaterials),
      // A tonne of mixed waste is 5 kg or 500 kg according to where it goes, so nobody assumes it.
      treatment: choice('Treatment', 'Traitement', wasteTreatments, null),
    },
    synonyms: ['rubbish', 'trash', 'ordures', 'dib', 'recycling', 'recyclage'],
  },
  {
    key: 'water_supply',
    kind: 'water',
    category: '3.1',
    en: 'Water supply',
    fr: 'Eau du réseau',
    dimensions: ['volume'],
    synonyms: ['tap water', 'eau potable', 'mains water'],
  },
  {
    key: 'wastewater',
    kind: 'water',
    category: '3.5',
    en: 'Wastewater treatment',
    fr: 'Traitement des eaux usées',
    dimensions: ['volume'],
    synonyms: ['sewage', 'assainissement', 'eaux usées'],
  },
  {
    key: 'email',
    kind: 'digital',
    category: '3.1',
    en: 'E-mail sent',
    fr: 'Courriel envoyé',
    dimensions: ['item'],
    attributes: { type: choice('Type', 'Type', ['plain', 'attachment']) },
    synonyms: ['mail', 'courriel'],
  },
]

/** Activities whose upstream is a row of its own; the upstream row keeps their attributes and units. */
const splitUpstream: Record<string, Category> = {
  natural_gas: '3.3',
  heating_oil: '3.3',
  diesel: '3.3',
  petrol: '3.3',
  lpg: '3.3',
  cng: '3.3',
  coal: '3.3',
  jet_fuel: '3.3',
  biofuel: '3.3',
  wood_pellets: '3.3',
  wood_chips: '3.3',
  wood_logs: '3.3',
  electricity: '3.3',
  district_heating: '3.3',
  car: '3.3',
  van: '3.3',
  motorbike: '3.3',
  taxi: '3.6',
  bus: '3.6',
  train: '3.6',
  metro: '3.6',
  ferry: '3.6',
  flight: '3.6',
  truck_freight: '3.4',
  van_freight: '3.4',
  rail_freight: '3.4',
  sea_freight: '3.4',
  air_freight: '3.4',
}

/** Units in which the publishers state the upstream rows, where that is not every unit of the activity itself. */
const upstreamDimensions: Record<string, readonly AcceptedDimension[]> = {
  natural_gas: ['fuel_energy_gross', 'fuel_energy_net', 'mass'],
  cng: ['mass', 'fuel_energy_net', 'fuel_energy_gross'],
  car: ['vehicle_distance'],
  wood_logs: ['mass'],
}

function complete({ en, fr, attributes = {}, companions = [], synonyms = [], ...rest }: Said): Activity {
  return { ...rest, name: { en, fr }, attributes, companions, synonyms }
}

function upstreamOf(activity: Activity, category: Category): Activity {
  return {
    ...activity,
    key: `${activity.key}_upstream`,
    name: { en: `${activity.name.en}: upstream`, fr: `${activity.name.fr} : amont` },
    category,
    dimensions: upstreamDimensions[activity.key] ?? activity.dimensions,
    companions: [],
    synonyms: [],
  }
}

const own = said.map(complete)
export const activities: readonly Activity[] = [
  ...own,
  ...own.flatMap((activity) => {
    const category = splitUpstream[activity.key]
    return category === undefined ? [] : [upstreamOf(activity, category)]
  }),
]

const byKey = new Map(activities.map((activity) => [activity.key, activity]))

/** Returns the activity of that exact key, or undefined. */
export function findActivity(key: string): Activity | undefined {
  return byKey.get(key)
}

/** Whether an activity can be counted in a unit of that dimension. */
export function acceptsDimension(activity: Activity, dimension: Dimension): boolean {
  const accepted: readonly string[] = activity.dimensions
  return accepted.includes(dimension.startsWith('money_') ? 'money' : dimension)
}

/** Whether the attribute is one of the activity and the value one it may take. */
export function allowsAttribute(activity: Activity, name: string, value: unknown): boolean {
  const attribute = Object.hasOwn(activity.attributes, name) ? activity.attributes[name] : undefined
  if (!attribute || typeof value !== 'string') return false
  if (attribute.values) return attribute.values.includes(value)
  return attribute.pattern !== undefined && new RegExp(attribute.pattern).test(value)
}
