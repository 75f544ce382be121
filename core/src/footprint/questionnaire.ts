/**
 * The first questionnaire, as data: fifteen questions that a company can answer in an afternoon, in English and French.
 * `questionnaire-answers.ts` says what is asked and what is missing, `questionnaire-inventory.ts` what the answers make.
 */

export interface Bilingual {
  en: string
  fr: string
}

export type Scalar = string | number | boolean

/** Holds when the field at `question.field` has one of the values; for a list of choices, when it includes one. */
export interface Condition {
  at: string
  is: readonly Scalar[]
}

export interface UnitChoice {
  unit: string
  text: Bilingual
  help?: Bilingual
  when?: Condition
}

export interface Option {
  value: string
  text: Bilingual
  when?: Condition
}

interface FieldBase {
  id: string
  text: Bilingual
  help?: Bilingual
  /** Asked only when this holds. */
  when?: Condition
  /** The question is complete without it. */
  optional?: boolean
}

export interface NumberField extends FieldBase {
  type: 'number'
  min: number
  max: number
  whole?: boolean
  /** More than one that applies: the person chooses, under `<id>_unit`. Exactly one: it is simply shown. */
  units?: readonly UnitChoice[]
}
export interface ChoiceField extends FieldBase {
  type: 'choice' | 'choices'
  options: readonly Option[]
}
export interface PlainField extends FieldBase {
  type: 'yes_no' | 'text' | 'country' | 'airport'
}
export interface ListField extends FieldBase {
  type: 'list'
  item: readonly (NumberField | ChoiceField | PlainField)[]
  rows_max: number
  /** What one row is called on its button: "Add a flight". */
  add: Bilingual
}
export type Field = NumberField | ChoiceField | PlainField | ListField

export interface Question {
  id: string
  section: SectionId
  text: Bilingual
  /** Where to find the figure: which bill, which line. */
  help: Bilingual
  fields: readonly Field[]
  /** Not asked when one of these holds. An unanswered condition never hides a question. */
  unless?: readonly Condition[]
}

export const sections = {
  company: { en: 'Your company', fr: 'Votre entreprise' },
  premises: { en: 'Premises and energy', fr: 'Locaux et énergie' },
  mobility: { en: 'Moving people', fr: 'Déplacements' },
  purchases: { en: 'Purchases and goods', fr: 'Achats et marchandises' },
} as const
export type SectionId = keyof typeof sections

const evidence: ChoiceField = {
  id: 'evidence',
  type: 'choice',
  optional: true,
  text: { en: 'Where do these figures come from?', fr: 'D’où viennent ces chiffres ?' },
  help: {
    en: 'It narrows or widens the interval. Left open, the figure counts as the least certain kind.',
    fr: 'Cela resserre ou élargit l’intervalle. Sans réponse, le chiffre compte comme le moins certain.',
  },
  options: [
    { value: 'invoice', text: { en: 'Bills or accounts', fr: 'Factures ou comptabilité' } },
    { value: 'meter', text: { en: 'A meter or a register', fr: 'Un compteur ou un registre' } },
    { value: 'estimate', text: { en: 'An estimate', fr: 'Une estimation' } },
  ],
}

const inTheUS: Condition = { at: 'company.country', is: ['US'] }
const withMiles: Condition = { at: 'company.country', is: ['US', 'GB'] }
const remoteOnly: Condition = { at: 'company.premises', is: ['none'] }
const servicesOnly: Condition = { at: 'company.trade', is: ['services'] }

const kilometres: UnitChoice = { unit: 'km', text: { en: 'km', fr: 'km' } }
const miles: UnitChoice = { unit: 'mi', text: { en: 'miles', fr: 'miles' }, when: withMiles }
const kilograms: UnitChoice = { unit: 'kg', text: { en: 'kg', fr: 'kg' } }
const tonnes: UnitChoice = { unit: 't', text: { en: 'tonnes', fr: 'tonnes' } }
const shortTons: UnitChoice = {
  unit: 'short_ton',
  text: { en: 'short tons (2,000 lb)', fr: 'tonnes courtes (2 000 lb)' },
  when: inTheUS,
}
const litres: UnitChoice = { unit: 'L', text: { en: 'litres', fr: 'litres' } }
const usGallons: UnitChoice = { unit: 'gal_us', text: { en: 'US gallons', fr: 'gallons américains' }, when: inTheUS }
const kWhNet: UnitChoice = {
  unit: 'kWh_net',
  text: { en: 'kWh, net calorific value', fr: 'kWh PCI' },
  help: {
    en: 'Net leaves out the heat of the vapour: about 10 % fewer kWh for the same gas.',
    fr: 'Le PCI exclut la chaleur de la vapeur : environ 10\u00A0% de kWh en moins pour le même gaz.',
  },
}

/** Services and goods by spend: our key, the NAICS 2017 code that the US factors go by, and the words. */
export type Sector = readonly [key: string, naics: string, en: string, fr: string]
export const serviceSectors: readonly Sector[] = [
  ['it_and_information', '541512', 'IT services and software', 'Services informatiques et logiciels'],
  ['telecommunications', '517311', 'Telephone and internet', 'Téléphone et internet'],
  ['legal_accounting_consulting', '541611', 'Legal, accounting, consulting', 'Juridique, comptabilité, conseil'],
  ['advertising_market_research', '541810', 'Advertising and market research', 'Publicité et études de marché'],
  ['architecture_engineering', '541330', 'Architecture and engineering', 'Architecture et ingénierie'],
  ['insurance', '524126', 'Insurance', 'Assurances'],
  ['financial', '522110', 'Banking', 'Services bancaires'],
  ['real_estate', '531120', 'Rent and property services', 'Loyers et services immobiliers'],
  ['accommodation_restaurants', '721110', 'Hotels and restaurants', 'Hôtels et restaurants'],
  ['education', '611430', 'Training', 'Formation'],
  ['postal', '492110', 'Post and couriers', 'Courrier et coursiers'],
  ['machine_repair', '811310', 'Repair and upkeep of machines', 'Réparation et entretien des machines'],
  ['printing', '323111', 'Printing', 'Imprimerie'],
  ['other_professional', '541990', 'Other professional services', 'Autres services professionnels'],
]
export const goodsSectors: readonly Sector[] = [
  ['office_supplies', '339940', 'Office supplies', 'Fournitures de bureau'],
  ['paper', '322121', 'Paper and cardboard', 'Papier et carton'],
  ['furniture', '337211', 'Furniture', 'Meubles'],
  ['food_beverages_tobacco', '311999', 'Food and drink', 'Aliments et boissons'],
  ['textiles_clothing_leather', '315220', 'Textiles and clothing', 'Textiles et vêtements'],
  ['chemicals', '325998', 'Chemicals and cleaning products', 'Produits chimiques et d’entretien'],
  ['rubber_plastics', '326199', 'Plastics and rubber', 'Plastiques et caoutchouc'],
  ['metal_products', '332710', 'Metal parts and products', 'Produits métalliques'],
  ['wood', '321918', 'Wood', 'Bois'],
  ['machinery', '333249', 'Machines and parts', 'Machines et pièces'],
  ['other_manufactured', '339999', 'Other manufactured goods', 'Autres produits manufacturés'],
]
/** Code of what was built or bought to last, for the US. */
export const capitalNaics: Readonly<Record<string, string>> = {
  machinery: '333249',
  construction: '236220',
  furniture: '337211',
}

const options = (list: readonly Sector[]): Option[] => list.map(([value, , en, fr]) => ({ value, text: { en, fr } }))

/** The money that the spend factors of a country count in. */
export const factorMoney = (country: string): string => (country === 'US' ? 'USD-2022' : 'EUR-2023')

/** Money of a year becomes money of the factors' year only by a rate that somebody states. */
const priceRate: NumberField = {
  id: 'price_rate',
  type: 'number',
  min: 0.0001,
  max: 10_000,
  text: {
    en: 'What is one unit of that money worth at the prices of the factors?',
    fr: 'Que vaut une unité de cette monnaie aux prix des facteurs ?',
  },
  help: {
    en: 'The factors count euros of 2023 (US companies: dollars of 2022). With 2 % inflation since, write 0.98. For another currency, multiply by the exchange rate. Write 1 to leave both out.',
    fr: 'Les facteurs comptent en euros de 2023 (États-Unis : dollars de 2022). Avec 2\u00A0% d’inflation depuis, écrivez 0,98. Pour une autre monnaie, multipliez par le taux de change. Écrivez 1 pour ne rien corriger.',
  },
}
const currency: ChoiceField = {
  id: 'currency',
  type: 'choice',
  text: { en: 'Currency', fr: 'Monnaie' },
  options: ['EUR', 'GBP', 'USD', 'CHF', 'CAD'].map((value) => ({ value, text: { en: value, fr: value } })),
}
const spent: NumberField = {
  id: 'thousands',
  type: 'number',
  min: 0,
  max: 10_000_000,
  text: { en: 'Thousands, before tax', fr: 'Milliers, hors taxes' },
}

/** What the questionnaire names as a source. An inventory knows one language, a screen shows the reader's. */
export const ownSources = {
  rate: { en: 'Stated in the questionnaire', fr: 'Indiqué dans le questionnaire' },
  contract: {
    en: 'Contract or guarantees of origin, as stated in the questionnaire',
    fr: 'Contrat ou garanties d’origine, d’après le questionnaire',
  },
} as const satisfies Record<string, Bilingual>

export const YEAR_MIN = 2015
export const YEAR_MAX = 2035

export const questions: readonly Question[] = [
  {
    id: 'company',
    section: 'company',
    text: { en: 'Which company, which year?', fr: 'Quelle entreprise, quelle année ?' },
    help: {
      en: 'The country decides which factors are used. Take the last full year for which you have the bills.',
      fr: 'Le pays décide des facteurs. Prenez la dernière année complète dont vous avez les factures.',
    },
    fields: [
      { id: 'name', type: 'text', text: { en: 'Name', fr: 'Nom' } },
      { id: 'country', type: 'country', text: { en: 'Country', fr: 'Pays' } },
      { id: 'year', type: 'number', min: YEAR_MIN, max: YEAR_MAX, whole: true, text: { en: 'Year', fr: 'Année' } },
      {
        id: 'employees',
        type: 'number',
        min: 0,
        max: 1_000_000,
        optional: true,
        text: { en: 'Employees (full-time equivalents)', fr: 'Salariés (équivalents temps plein)' },
      },
      { id: 'sector', type: 'text', optional: true, text: { en: 'Sector, or its code', fr: 'Secteur, ou code NAF' } },
      {
        id: 'premises',
        type: 'choice',
        text: { en: 'Where do you work?', fr: 'Où travaillez-vous ?' },
        options: [
          { value: 'own', text: { en: 'In premises that we own or rent', fr: 'Dans des locaux à nous ou loués' } },
          { value: 'none', text: { en: 'Everybody works from home', fr: 'Tout le monde en télétravail' } },
        ],
      },
      {
        id: 'trade',
        type: 'choice',
        text: { en: 'What do you sell?', fr: 'Que vendez-vous ?' },
        options: [
          {
            value: 'services',
            text: { en: 'Services only: no goods are shipped', fr: 'Des services : aucune marchandise expédiée' },
          },
          { value: 'goods', text: { en: 'Goods, also or only', fr: 'Des biens, aussi ou seulement' } },
        ],
      },
    ],
  },
  {
    id: 'electricity',
    section: 'premises',
    text: { en: 'How much electricity did you use?', fr: 'Combien d’électricité avez-vous consommé ?' },
    help: {
      en: 'Add up the kWh of the twelve bills, or take the yearly statement of the supplier. It is the line "consumption", not the price. The electricity of charging points counts here too.',
      fr: 'Additionnez les kWh des douze factures, ou prenez le bilan annuel du fournisseur. C’est la ligne « consommation », pas le prix. Les bornes de recharge comptent ici aussi.',
    },
    unless: [remoteOnly],
    fields: [
      {
        id: 'kwh',
        type: 'number',
        min: 0,
        max: 10_000_000_000,
        units: [{ unit: 'kWh', text: { en: 'kWh', fr: 'kWh' } }],
        text: { en: 'Electricity', fr: 'Électricité' },
      },
      {
        id: 'green',
        type: 'yes_no',
        optional: true,
        text: {
          en: 'Do guarantees of origin or a green contract cover it?',
          fr: 'Des garanties d’origine ou un contrat vert la couvrent-ils ?',
        },
        help: {
          en: 'Written on the contract. It changes the market-based figure only; the location-based one stays.',
          fr: 'C’est écrit au contrat. Cela ne change que le chiffre fondé sur le marché ; celui fondé sur le lieu reste.',
        },
      },
      {
        id: 'share_percent',
        type: 'number',
        min: 0,
        max: 100,
        when: { at: 'electricity.green', is: [true] },
        text: { en: 'Part covered, in %', fr: 'Part couverte, en %' },
      },
      {
        id: 'contract_g_per_kwh',
        type: 'number',
        min: 0,
        max: 2000,
        when: { at: 'electricity.green', is: [true] },
        text: {
          en: 'Emissions stated by the supplier, g CO₂e per kWh',
          fr: 'Émissions indiquées par le fournisseur, g CO₂e par kWh',
        },
        help: {
          en: 'On the supplier’s yearly disclosure. 0 for wind, sun and water at the plant.',
          fr: 'Sur l’étiquette annuelle du fournisseur. 0 pour l’éolien, le solaire et l’hydraulique à la centrale.',
        },
      },
      evidence,
    ],
  },
  {
    id: 'heating',
    section: 'premises',
    text: { en: 'What heats your premises?', fr: 'Comment vos locaux sont-ils chauffés ?' },
    help: {
      en: 'Gas: the bill states kWh, nearly always gross. Heating oil, wood: what was delivered. District heating: the yearly statement, often passed on by the landlord. Electric heating is already in the electricity.',
      fr: 'Gaz : la facture donne des kWh, presque toujours PCS. Fioul, bois : les livraisons. Réseau de chaleur : le relevé annuel, souvent transmis par le bailleur. Le chauffage électrique est déjà dans l’électricité.',
    },
    unless: [remoteOnly],
    fields: [
      {
        id: 'sources',
        type: 'choices',
        text: { en: 'Heated with', fr: 'Chauffage' },
        options: [
          { value: 'natural_gas', text: { en: 'Gas', fr: 'Gaz' } },
          { value: 'heating_oil', text: { en: 'Heating oil', fr: 'Fioul' } },
          { value: 'district_heating', text: { en: 'District heating', fr: 'Réseau de chaleur' } },
          { value: 'wood_pellets', text: { en: 'Wood pellets', fr: 'Granulés de bois' } },
          { value: 'lpg', text: { en: 'Bottled or tank gas (LPG)', fr: 'Propane ou butane' } },
          { value: 'none', text: { en: 'Electricity, or no heating', fr: 'Électricité, ou pas de chauffage' } },
        ],
      },
      {
        id: 'natural_gas',
        type: 'number',
        min: 0,
        max: 10_000_000_000,
        when: { at: 'heating.sources', is: ['natural_gas'] },
        text: { en: 'Gas', fr: 'Gaz' },
        units: [
          {
            unit: 'kWh_gross',
            text: { en: 'kWh, gross calorific value', fr: 'kWh PCS' },
            help: {
              en: 'What bills in France, the UK and the US state. Choose it unless yours says net.',
              fr: 'Ce qu’indiquent les factures en France, au Royaume-Uni et aux États-Unis. À choisir, sauf mention PCI.',
            },
          },
          kWhNet,
          { unit: 'therm_gross', text: { en: 'therms', fr: 'therms' }, when: inTheUS },
          { unit: 'MMBtu_gross', text: { en: 'MMBtu', fr: 'MMBtu' }, when: inTheUS },
        ],
      },
      {
        id: 'heating_oil',
        type: 'number',
        min: 0,
        max: 1_000_000_000,
        when: { at: 'heating.sources', is: ['heating_oil'] },
        text: { en: 'Heating oil', fr: 'Fioul' },
        units: [litres, usGallons],
      },
      {
        id: 'district_heating',
        type: 'number',
        min: 0,
        max: 10_000_000_000,
        when: { at: 'heating.sources', is: ['district_heating'] },
        text: { en: 'District heating', fr: 'Réseau de chaleur' },
        units: [{ unit: 'kWh', text: { en: 'kWh', fr: 'kWh' } }],
      },
      {
        id: 'wood_pellets',
        type: 'number',
        min: 0,
        max: 1_000_000,
        when: { at: 'heating.sources', is: ['wood_pellets'] },
        text: { en: 'Wood pellets', fr: 'Granulés de bois' },
        units: [tonnes],
      },
      {
        id: 'lpg',
        type: 'number',
        min: 0,
        max: 1_000_000_000,
        when: { at: 'heating.sources', is: ['lpg'] },
        text: { en: 'Bottled or tank gas', fr: 'Propane ou butane' },
        units: [litres, usGallons],
      },
      evidence,
    ],
  },
  {
    id: 'refrigerants',
    section: 'premises',
    text: {
      en: 'Do you run air conditioning or cold rooms?',
      fr: 'Avez-vous une climatisation ou des chambres froides ?',
    },
    help: {
      en: 'The maintenance sheet says how much refrigerant was topped up. What was topped up had leaked. No sheet: the technician knows.',
      fr: 'La fiche d’intervention dit combien de fluide a été rechargé. Ce qui a été rechargé avait fui. Sans fiche, le frigoriste le sait.',
    },
    unless: [remoteOnly],
    fields: [
      {
        id: 'has',
        type: 'yes_no',
        text: { en: 'Air conditioning or cold rooms', fr: 'Climatisation ou chambres froides' },
      },
      {
        id: 'leaks',
        type: 'list',
        rows_max: 20,
        when: { at: 'refrigerants.has', is: [true] },
        text: { en: 'Refrigerant topped up', fr: 'Fluide rechargé' },
        add: { en: 'Add a refrigerant', fr: 'Ajouter un fluide' },
        item: [
          {
            id: 'gas',
            type: 'choice',
            text: { en: 'Refrigerant', fr: 'Fluide' },
            options: ['R-410A', 'R-32', 'R-134a', 'R-404A', 'R-407C', 'R-507A'].map((value) => ({
              value: value === 'R-32' ? 'HFC-32' : value === 'R-134a' ? 'HFC-134a' : value,
              text: { en: value, fr: value },
            })),
          },
          {
            id: 'mass',
            type: 'number',
            min: 0,
            max: 100_000,
            text: { en: 'Topped up', fr: 'Rechargé' },
            units: [kilograms, { unit: 'lb', text: { en: 'lb', fr: 'lb' }, when: inTheUS }],
          },
        ],
      },
      evidence,
    ],
  },
  {
    id: 'vehicles',
    section: 'mobility',
    text: { en: 'What did company vehicles burn or drive?', fr: 'Qu’ont consommé ou parcouru vos véhicules ?' },
    help: {
      en: 'The fuel-card statement gives litres: take those. Without it, take the odometers. State one or the other for a vehicle, never both. Electric vehicles charged on site are already in the electricity.',
      fr: 'Le relevé des cartes carburant donne les litres : prenez-les. Sinon, les compteurs. L’un ou l’autre pour un véhicule, jamais les deux. Les véhicules électriques chargés sur place sont déjà dans l’électricité.',
    },
    fields: [
      {
        id: 'has',
        type: 'yes_no',
        text: { en: 'Company vehicles, owned or leased', fr: 'Véhicules d’entreprise, en propriété ou location' },
      },
      {
        id: 'fuels',
        type: 'list',
        rows_max: 20,
        when: { at: 'vehicles.has', is: [true] },
        optional: true,
        text: { en: 'By fuel bought', fr: 'Par carburant acheté' },
        add: { en: 'Add a fuel', fr: 'Ajouter un carburant' },
        item: [
          {
            id: 'fuel',
            type: 'choice',
            text: { en: 'Fuel', fr: 'Carburant' },
            options: [
              { value: 'diesel', text: { en: 'Diesel', fr: 'Gazole' } },
              { value: 'petrol', text: { en: 'Petrol', fr: 'Essence' } },
            ],
          },
          {
            id: 'volume',
            type: 'number',
            min: 0,
            max: 1_000_000_000,
            text: { en: 'Bought', fr: 'Acheté' },
            units: [litres, usGallons],
          },
        ],
      },
      {
        id: 'distances',
        type: 'list',
        rows_max: 20,
        when: { at: 'vehicles.has', is: [true] },
        optional: true,
        text: { en: 'By distance driven', fr: 'Par distance parcourue' },
        add: { en: 'Add vehicles', fr: 'Ajouter des véhicules' },
        item: [
          {
            id: 'vehicle',
            type: 'choice',
            text: { en: 'Vehicles', fr: 'Véhicules' },
            options: [
              { value: 'car-diesel', text: { en: 'Diesel cars', fr: 'Voitures gazole' } },
              { value: 'car-petrol', text: { en: 'Petrol cars', fr: 'Voitures essence' } },
              { value: 'car-average', text: { en: 'Cars, mixed', fr: 'Voitures, mélange' } },
              { value: 'van-average', text: { en: 'Vans', fr: 'Utilitaires' } },
            ],
          },
          {
            id: 'distance',
            type: 'number',
            min: 0,
            max: 1_000_000_000,
            text: { en: 'Driven', fr: 'Parcouru' },
            units: [kilometres, miles],
          },
        ],
      },
      evidence,
    ],
  },
  {
    id: 'flights',
    section: 'mobility',
    text: { en: 'Which flights did your people take?', fr: 'Quels vols avez-vous pris ?' },
    help: {
      en: 'The travel agency sends a yearly list; expense claims have the rest. One row per route: the distance is computed from the airports.',
      fr: 'L’agence de voyages envoie une liste annuelle ; les notes de frais ont le reste. Une ligne par trajet : la distance est calculée d’après les aéroports.',
    },
    fields: [
      { id: 'has', type: 'yes_no', text: { en: 'Flights for work', fr: 'Vols professionnels' } },
      {
        id: 'routes',
        type: 'list',
        rows_max: 100,
        when: { at: 'flights.has', is: [true] },
        text: { en: 'Flights', fr: 'Vols' },
        add: { en: 'Add a flight', fr: 'Ajouter un vol' },
        item: [
          { id: 'from', type: 'airport', text: { en: 'From', fr: 'De' } },
          { id: 'to', type: 'airport', text: { en: 'To', fr: 'À' } },
          {
            id: 'class',
            type: 'choice',
            text: { en: 'Class', fr: 'Classe' },
            options: [
              { value: 'economy', text: { en: 'Economy', fr: 'Économique' } },
              { value: 'premium_economy', text: { en: 'Premium economy', fr: 'Premium éco' } },
              { value: 'business', text: { en: 'Business', fr: 'Affaires' } },
              { value: 'first', text: { en: 'First', fr: 'Première' } },
              { value: 'average', text: { en: 'Not known: the average', fr: 'Inconnue : la moyenne' } },
            ],
          },
          {
            id: 'trips',
            type: 'number',
            min: 0,
            max: 1_000_000,
            whole: true,
            text: { en: 'Passengers × trips', fr: 'Passagers × trajets' },
          },
          { id: 'round_trip', type: 'yes_no', text: { en: 'There and back?', fr: 'Aller-retour ?' } },
        ],
      },
      evidence,
    ],
  },
  {
    id: 'travel',
    section: 'mobility',
    text: { en: 'Trains, taxis, hired cars, hotels?', fr: 'Trains, taxis, voitures louées, hôtels ?' },
    help: {
      en: 'The rail company’s business account states the distance; expense claims state nights and mileage paid to employees.',
      fr: 'Le compte professionnel de la compagnie ferroviaire donne les distances ; les notes de frais, les nuits et les indemnités kilométriques.',
    },
    fields: [
      { id: 'has', type: 'yes_no', text: { en: 'Other business travel', fr: 'Autres déplacements professionnels' } },
      {
        id: 'journeys',
        type: 'list',
        rows_max: 50,
        when: { at: 'travel.has', is: [true] },
        optional: true,
        text: { en: 'Journeys', fr: 'Trajets' },
        add: { en: 'Add journeys', fr: 'Ajouter des trajets' },
        item: [
          {
            id: 'mode',
            type: 'choice',
            text: { en: 'By', fr: 'En' },
            options: [
              { value: 'train', text: { en: 'Train', fr: 'Train' } },
              { value: 'taxi', text: { en: 'Taxi', fr: 'Taxi' } },
              { value: 'car', text: { en: 'Own or hired car', fr: 'Voiture personnelle ou louée' } },
              { value: 'bus', text: { en: 'Coach or bus', fr: 'Autocar ou bus' } },
              { value: 'metro', text: { en: 'Metro or tram', fr: 'Métro ou tram' } },
            ],
          },
          {
            id: 'distance',
            type: 'number',
            min: 0,
            max: 1_000_000_000,
            text: { en: 'Distance, all people together', fr: 'Distance, toutes personnes réunies' },
            units: [kilometres, miles],
          },
        ],
      },
      {
        id: 'nights',
        type: 'number',
        min: 0,
        max: 1_000_000,
        when: { at: 'travel.has', is: [true] },
        optional: true,
        text: { en: 'Hotel nights', fr: 'Nuits d’hôtel' },
      },
      evidence,
    ],
  },
  {
    id: 'commuting',
    section: 'mobility',
    text: { en: 'How do people come to work?', fr: 'Comment vient-on au travail ?' },
    help: {
      en: 'A short survey is enough: how many people, which way, how far there and back, how many days a year (about 220 full time).',
      fr: 'Un court sondage suffit : combien de personnes, quel moyen, quelle distance aller-retour, combien de jours par an (environ 220 à temps plein).',
    },
    unless: [{ at: 'company.employees', is: [0] }],
    fields: [
      {
        id: 'groups',
        type: 'list',
        rows_max: 50,
        text: { en: 'Groups of people', fr: 'Groupes de personnes' },
        add: { en: 'Add a group', fr: 'Ajouter un groupe' },
        item: [
          {
            id: 'mode',
            type: 'choice',
            text: { en: 'By', fr: 'En' },
            options: [
              { value: 'car', text: { en: 'Car', fr: 'Voiture' } },
              { value: 'car-electric', text: { en: 'Electric car', fr: 'Voiture électrique' } },
              { value: 'motorbike', text: { en: 'Motorbike or scooter', fr: 'Moto ou scooter' } },
              { value: 'bus', text: { en: 'Bus', fr: 'Bus' } },
              { value: 'metro', text: { en: 'Metro or tram', fr: 'Métro ou tram' } },
              { value: 'train', text: { en: 'Train', fr: 'Train' } },
              { value: 'electric_bike', text: { en: 'Electric bicycle', fr: 'Vélo électrique' } },
              { value: 'walk', text: { en: 'Bicycle or on foot', fr: 'Vélo ou à pied' } },
              { value: 'home', text: { en: 'Working from home', fr: 'Télétravail' } },
            ],
          },
          { id: 'people', type: 'number', min: 0, max: 1_000_000, text: { en: 'People', fr: 'Personnes' } },
          { id: 'days', type: 'number', min: 0, max: 366, text: { en: 'Days a year', fr: 'Jours par an' } },
          {
            id: 'distance',
            type: 'number',
            min: 0,
            max: 1000,
            optional: true,
            text: { en: 'There and back, per day', fr: 'Aller-retour, par jour' },
            units: [kilometres, miles],
            help: { en: 'Leave empty for days at home.', fr: 'Laissez vide pour le télétravail.' },
          },
        ],
      },
      evidence,
    ],
  },
  {
    id: 'services',
    section: 'purchases',
    text: { en: 'Which services did you buy?', fr: 'Quels services avez-vous achetés ?' },
    help: {
      en: 'From the trial balance: accounts of external services (France: classes 61 and 62). Before tax, without travel already counted.',
      fr: 'D’après la balance : les services extérieurs (comptes 61 et 62). Hors taxes, sans les voyages déjà comptés.',
    },
    fields: [
      { ...currency },
      { ...priceRate },
      {
        id: 'spend',
        type: 'list',
        rows_max: 30,
        text: { en: 'Spend', fr: 'Dépenses' },
        add: { en: 'Add a service', fr: 'Ajouter un service' },
        item: [
          { id: 'sector', type: 'choice', text: { en: 'Service', fr: 'Service' }, options: options(serviceSectors) },
          spent,
        ],
      },
      evidence,
    ],
  },
  {
    id: 'goods',
    section: 'purchases',
    text: { en: 'Which goods did you buy?', fr: 'Quels biens avez-vous achetés ?' },
    help: {
      en: 'From the trial balance: supplies and raw materials (France: class 60). Without energy, meals and computers, which have questions of their own.',
      fr: 'D’après la balance : fournitures et matières (compte 60). Sans l’énergie, les repas ni l’informatique, qui ont leurs questions.',
    },
    fields: [
      { ...currency },
      { ...priceRate },
      {
        id: 'spend',
        type: 'list',
        rows_max: 30,
        text: { en: 'Spend', fr: 'Dépenses' },
        add: { en: 'Add goods', fr: 'Ajouter des biens' },
        item: [
          { id: 'sector', type: 'choice', text: { en: 'Goods', fr: 'Biens' }, options: options(goodsSectors) },
          spent,
        ],
      },
      evidence,
    ],
  },
  {
    id: 'equipment',
    section: 'purchases',
    text: {
      en: 'Which IT equipment did you buy in the year?',
      fr: 'Quel matériel informatique avez-vous acheté dans l’année ?',
    },
    help: {
      en: 'Count what was bought or newly leased in the year, not what you have. The invoices of the supplier list them.',
      fr: 'Comptez ce qui a été acheté ou nouvellement loué dans l’année, pas le parc. Les factures du fournisseur en donnent la liste.',
    },
    fields: [
      ...(
        [
          ['laptop', 'Laptops', 'Ordinateurs portables'],
          ['desktop_computer', 'Desktop computers', 'Ordinateurs fixes'],
          ['monitor', 'Screens', 'Écrans'],
          ['smartphone', 'Smartphones', 'Smartphones'],
          ['tablet', 'Tablets', 'Tablettes'],
          ['printer', 'Printers', 'Imprimantes'],
          ['server', 'Servers', 'Serveurs'],
        ] as const
      ).map(([id, en, fr]): NumberField => ({
        id,
        type: 'number',
        min: 0,
        max: 1_000_000,
        whole: true,
        optional: true,
        text: { en, fr },
      })),
      evidence,
    ],
  },
  {
    id: 'waste',
    section: 'purchases',
    text: { en: 'How much waste was taken away?', fr: 'Quels déchets ont été enlevés ?' },
    help: {
      en: 'The collector’s yearly register states weights and treatment. Without one: weigh a week, multiply by the weeks, and call it an estimate.',
      fr: 'Le registre annuel du collecteur donne poids et traitement. Sinon : pesez une semaine, multipliez, et dites que c’est une estimation.',
    },
    unless: [remoteOnly],
    fields: [
      {
        id: 'streams',
        type: 'list',
        rows_max: 30,
        text: { en: 'Waste', fr: 'Déchets' },
        add: { en: 'Add a waste', fr: 'Ajouter un déchet' },
        item: [
          {
            id: 'stream',
            type: 'choice',
            text: { en: 'What, and where it goes', fr: 'Quoi, et où il va' },
            options: [
              {
                value: 'mixed.average',
                text: { en: 'Mixed waste, treatment not known', fr: 'Déchets en mélange, traitement inconnu' },
              },
              {
                value: 'household.incineration',
                text: { en: 'Household waste, incinerated', fr: 'Ordures ménagères, incinérées' },
              },
              {
                value: 'household.landfill',
                text: { en: 'Household waste, landfilled', fr: 'Ordures ménagères, enfouies' },
              },
              { value: 'paper.recycling', text: { en: 'Paper, recycled', fr: 'Papier, recyclé' } },
              { value: 'cardboard.recycling', text: { en: 'Cardboard, recycled', fr: 'Carton, recyclé' } },
              { value: 'plastic.recycling', text: { en: 'Plastic, recycled', fr: 'Plastique, recyclé' } },
              { value: 'food.composting', text: { en: 'Food waste, composted', fr: 'Biodéchets, compostés' } },
              { value: 'wood.recycling', text: { en: 'Wood, recycled', fr: 'Bois, recyclé' } },
              { value: 'metal.recycling', text: { en: 'Metal, recycled', fr: 'Métal, recyclé' } },
            ],
          },
          {
            id: 'mass',
            type: 'number',
            min: 0,
            max: 100_000_000,
            text: { en: 'Weight', fr: 'Poids' },
            units: [kilograms, tonnes, shortTons],
          },
        ],
      },
      evidence,
    ],
  },
  {
    id: 'freight',
    section: 'purchases',
    text: { en: 'What did you have shipped?', fr: 'Qu’avez-vous fait transporter ?' },
    help: {
      en: 'Carriers’ invoices state weight and route. Weight times distance counts: 2 tonnes over 500 km are 1,000 tonne-kilometres.',
      fr: 'Les factures des transporteurs donnent poids et trajet. C’est poids × distance qui compte : 2 tonnes sur 500 km font 1 000 tonnes-kilomètres.',
    },
    unless: [servicesOnly],
    fields: [
      {
        id: 'shipments',
        type: 'list',
        rows_max: 50,
        text: { en: 'Shipments', fr: 'Transports' },
        add: { en: 'Add shipments', fr: 'Ajouter des transports' },
        item: [
          {
            id: 'mode',
            type: 'choice',
            text: { en: 'By', fr: 'Par' },
            options: [
              { value: 'truck_freight', text: { en: 'Lorry', fr: 'Camion' } },
              { value: 'van_freight', text: { en: 'Van', fr: 'Utilitaire' } },
              { value: 'rail_freight', text: { en: 'Rail', fr: 'Rail' } },
              { value: 'sea_freight', text: { en: 'Container ship', fr: 'Porte-conteneurs' } },
            ],
          },
          {
            id: 'mass',
            type: 'number',
            min: 0,
            max: 100_000_000,
            text: { en: 'Weight', fr: 'Poids' },
            units: [tonnes, shortTons],
          },
          {
            id: 'distance',
            type: 'number',
            min: 0,
            max: 50_000,
            text: { en: 'Distance', fr: 'Distance' },
            units: [kilometres, miles],
          },
          {
            id: 'paid_by',
            type: 'choice',
            text: { en: 'Paid by', fr: 'Payé par' },
            options: [
              { value: 'us', text: { en: 'Us', fr: 'Nous' } },
              { value: 'customer', text: { en: 'The customer', fr: 'Le client' } },
            ],
          },
        ],
      },
      evidence,
    ],
  },
  {
    id: 'meals',
    section: 'purchases',
    text: { en: 'How many meals did you pay for?', fr: 'Combien de repas avez-vous payés ?' },
    help: {
      en: 'Canteen, catering, meals with clients. The caterer’s invoices or the number of meal vouchers.',
      fr: 'Cantine, traiteur, repas d’affaires. Les factures du traiteur ou le nombre de titres-restaurant.',
    },
    fields: [
      {
        id: 'average',
        type: 'number',
        min: 0,
        max: 100_000_000,
        whole: true,
        optional: true,
        text: { en: 'Meals, mixed', fr: 'Repas, tous types' },
      },
      {
        id: 'vegetarian',
        type: 'number',
        min: 0,
        max: 100_000_000,
        whole: true,
        optional: true,
        text: { en: 'Of vegetarian kind', fr: 'Repas végétariens' },
      },
      {
        id: 'classic_beef',
        type: 'number',
        min: 0,
        max: 100_000_000,
        whole: true,
        optional: true,
        text: { en: 'With beef', fr: 'Repas avec bœuf' },
      },
      evidence,
    ],
  },
  {
    id: 'investments',
    section: 'purchases',
    text: { en: 'What did you build or buy to last?', fr: 'Qu’avez-vous construit ou acheté pour durer ?' },
    help: {
      en: 'New fixed assets of the year, from the asset register. The GHG Protocol counts them whole in the year of purchase. Computers are already counted.',
      fr: 'Les immobilisations nouvelles de l’année, d’après le registre. Le GHG Protocol les compte en entier l’année de l’achat. L’informatique est déjà comptée.',
    },
    fields: [
      {
        id: 'has',
        type: 'yes_no',
        text: {
          en: 'New buildings, works, machines or vehicles',
          fr: 'Bâtiments, travaux, machines ou véhicules neufs',
        },
      },
      {
        id: 'office_area',
        type: 'number',
        min: 0,
        max: 10_000_000,
        when: { at: 'investments.has', is: [true] },
        optional: true,
        text: { en: 'Office building put up', fr: 'Bureaux construits' },
        units: [
          { unit: 'm2', text: { en: 'm²', fr: 'm²' } },
          { unit: 'ft2', text: { en: 'ft²', fr: 'ft²' }, when: inTheUS },
        ],
      },
      {
        id: 'vehicle_mass',
        type: 'number',
        min: 0,
        max: 100_000_000,
        when: { at: 'investments.has', is: [true] },
        optional: true,
        text: { en: 'Vehicles bought, kerb weight together', fr: 'Véhicules achetés, poids à vide cumulé' },
        units: [kilograms],
        help: { en: 'Field G of the registration certificate.', fr: 'Champ G de la carte grise.' },
      },
      { ...currency, when: { at: 'investments.has', is: [true] }, optional: true },
      { ...priceRate, when: { at: 'investments.has', is: [true] }, optional: true },
      {
        id: 'spend',
        type: 'list',
        rows_max: 20,
        when: { at: 'investments.has', is: [true] },
        optional: true,
        text: { en: 'By spend', fr: 'Par dépense' },
        add: { en: 'Add an investment', fr: 'Ajouter un investissement' },
        item: [
          {
            id: 'sector',
            type: 'choice',
            text: { en: 'What', fr: 'Quoi' },
            options: [
              { value: 'machinery', text: { en: 'Machines', fr: 'Machines' } },
              { value: 'construction', text: { en: 'Building works', fr: 'Travaux de construction' } },
              { value: 'furniture', text: { en: 'Furniture', fr: 'Mobilier' } },
            ],
          },
          spent,
        ],
      },
      evidence,
    ],
  },
]

export function findQuestion(id: string): Question | undefined {
  return questions.find((question) => question.id === id)
}
