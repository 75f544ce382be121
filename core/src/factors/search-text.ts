/** How texts are made comparable for search, the same on both sides: what is stored, and what somebody types. */
import { findActivity, type Activity } from './activities.ts'
import { findUnit } from '../lib/units.ts'
import type { Factor } from './contract.ts'
import { placeNames } from './places.ts'

/** Lower case, no accents, ligatures apart: `Œuf d’Été` is `oeuf d ete`. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim()
}

const stopWords = new Set(
  'a au aux avec d dans de des du en et l la le les ou par pour s sans sur un une and at by for from in of on or the to with'.split(
    ' ',
  ),
)

/** Plural marks of both languages fall away, so that `déchets` finds `déchet` and `cars` finds `car`. */
export function stem(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 3 && /[a-z][sx]$/.test(word) && !word.endsWith('ss')) return word.slice(0, -1)
  return word
}

/** The words of a text that are worth searching. A text of nothing but small words keeps them. */
export function words(text: string): string[] {
  const all = fold(text)
    .split(' ')
    .filter((word) => word !== '')
  const telling = all.filter((word) => !stopWords.has(word))
  return (telling.length > 0 ? telling : all).map(stem)
}

/**
 * What people write in place of what publishers write. Each group is one thing, in both languages; a phrase of several
 * words is found as a whole. One direction is enough nowhere here: every member finds every other.
 */
const synonymGroups: readonly (readonly string[])[] = [
  ['essence', 'petrol', 'gasoline', 'sp95', 'sans plomb'],
  ['gazole', 'gasoil', 'diesel'],
  ['gazole non routier', 'gnr', 'gas oil', 'off road diesel'],
  ['fioul', 'fuel oil', 'heating oil', 'mazout', 'fioul domestique', 'burning oil'],
  ['gaz naturel', 'natural gas', 'gaz de ville', 'methane gas'],
  ['gpl', 'lpg', 'gaz de petrole liquefie'],
  ['gnv', 'gnc', 'cng', 'gaz naturel comprime', 'compressed natural gas'],
  ['electricite', 'electricity', 'elec', 'courant', 'power', 'kwh electrique'],
  ['reseau electrique', 'grid', 'mix electrique'],
  ['chauffage', 'heating', 'chaleur', 'heat'],
  ['reseau de chaleur', 'district heating', 'chauffage urbain', 'heat network'],
  ['reseau de froid', 'district cooling', 'climatisation urbaine'],
  ['vapeur', 'steam'],
  ['charbon', 'coal', 'houille'],
  ['bois', 'wood'],
  ['granule', 'pellet', 'granules de bois', 'wood pellet'],
  ['avion', 'flight', 'plane', 'vol', 'aerien', 'air travel', 'aircraft', 'airplane'],
  ['train', 'rail', 'ferroviaire', 'railway'],
  ['tgv', 'high speed train', 'train grande vitesse'],
  ['voiture', 'car', 'automobile', 'vehicule particulier'],
  ['camion', 'truck', 'lorry', 'poids lourd', 'hgv'],
  ['camionnette', 'van', 'utilitaire', 'fourgon'],
  ['moto', 'motorcycle', 'motorbike', 'deux roues'],
  ['velo', 'bicycle', 'bike'],
  ['bateau', 'ship', 'boat', 'maritime', 'navire'],
  ['ferry', 'ferries'],
  ['autobus', 'bus'],
  ['autocar', 'coach'],
  ['metro', 'subway', 'underground', 'tube'],
  ['tramway', 'tram'],
  ['fret', 'freight', 'transport de marchandises'],
  ['hotel', 'nuitee', 'hebergement', 'accommodation'],
  ['repas', 'meal', 'dejeuner', 'lunch'],
  ['viande', 'meat'],
  ['boeuf', 'beef'],
  ['poulet', 'chicken'],
  ['porc', 'pork'],
  ['lait', 'milk'],
  ['oeuf', 'egg'],
  ['pain', 'bread'],
  ['riz', 'rice'],
  ['eau', 'water'],
  ['eau potable', 'tap water', 'water supply', 'eau de reseau', 'eau du robinet'],
  ['eaux usees', 'wastewater', 'waste water', 'sewage', 'assainissement'],
  ['dechet', 'waste', 'garbage', 'ordures'],
  ['ordures menageres', 'municipal waste', 'household waste'],
  ['recyclage', 'recycling'],
  ['enfouissement', 'stockage', 'landfill', 'decharge'],
  ['incineration', 'combusted', 'incinerated'],
  ['compostage', 'composting', 'compost'],
  ['papier', 'paper'],
  ['carton', 'cardboard', 'paperboard'],
  ['plastique', 'plastic'],
  ['verre', 'glass'],
  ['acier', 'steel'],
  ['aluminium', 'aluminum'],
  ['cuivre', 'copper'],
  ['beton', 'concrete'],
  ['ciment', 'cement'],
  ['ordinateur', 'computer', 'pc'],
  ['ordinateur portable', 'laptop'],
  ['ecran', 'monitor', 'screen'],
  ['imprimante', 'printer'],
  ['telephone', 'smartphone', 'phone'],
  ['serveur', 'server'],
  ['refrigerant', 'fluide frigorigene', 'frigorigene', 'gaz refrigerant'],
  ['teletravail', 'homeworking', 'remote work'],
  ['vetement', 'clothing', 'textile', 'apparel'],
  ['meuble', 'mobilier', 'furniture'],
  ['batiment', 'building'],
  ['assurance', 'insurance'],
  ['engrais', 'fertilizer', 'fertiliser'],
  ['hydrogene', 'hydrogen'],
  ['kerosene', 'jet fuel', 'carbureacteur'],
  ['ethanol', 'bioethanol'],
  ['marine', 'maritime'],
  ['moyen', 'moyenne', 'average', 'mean'],
  ['allemagne', 'germany'],
  ['espagne', 'spain'],
  ['royaume uni', 'united kingdom', 'uk', 'great britain'],
  ['etats unis', 'united states', 'usa'],
]

/** Phrase (its stemmed words, joined) to the other phrases of its group, each as stemmed words. */
const synonyms = new Map<string, string[][]>()
for (const group of synonymGroups) {
  const phrases = group.map((phrase) => words(phrase))
  for (const phrase of phrases) {
    const key = phrase.join(' ')
    const others = phrases.filter((other) => other.join(' ') !== key)
    synonyms.set(key, [...(synonyms.get(key) ?? []), ...others])
  }
}
const LONGEST_PHRASE = 4

/** Other ways to say a whole phrase, given as stemmed words; none when it is not a phrase that is known. */
export function synonymsOf(phrase: readonly string[]): string[][] {
  return synonyms.get(phrase.join(' ')) ?? []
}

export interface QueryTerm {
  /** The stemmed words that were typed: one, or a phrase that has synonyms. */
  typed: string[]
  /** Other ways to say it. */
  others: string[][]
}

/** Takes a query apart into terms, the longest known phrases first. Words beyond `words_max` are ignored. */
export function queryTerms(query: string, words_max = 12): QueryTerm[] {
  const typed = words(query).slice(0, words_max)
  const terms: QueryTerm[] = []
  for (let at = 0; at < typed.length;) {
    let width = Math.min(LONGEST_PHRASE, typed.length - at)
    while (width > 1 && !synonyms.has(typed.slice(at, at + width).join(' '))) width -= 1
    const phrase = typed.slice(at, at + width)
    terms.push({ typed: phrase, others: synonyms.get(phrase.join(' ')) ?? [] })
    at += width
  }
  return terms
}

/** Raw fields in which publishers describe a row in words; numbers and addresses are not searched. */
const describing = [
  'Tags français',
  'Tags anglais',
  'Code de la catégorie',
  'Sous-localisation géographique anglais',
  'level_1',
  'level_2',
  'level_3',
  'level_4',
  'column_text',
  'group',
  'fuel',
  'vehicle',
  'material',
  'treatment',
]

/** Words of a factor by how much they say about it: A its plain name, B the rest of its name and its place, C everything else. */
export interface SearchableWords {
  a: string[]
  b: string[]
  c: string[]
}

export function searchableWords(factor: Factor): SearchableWords {
  const activity = factor.activity === undefined ? undefined : findActivity(factor.activity)
  const place = placeNames(factor.geography)
  const heads = [headOf(factor.name.fr), headOf(factor.name.en)]
  const rest = [factor.name.fr.slice(heads[0]?.length ?? 0), factor.name.en.slice(heads[1]?.length ?? 0)]
  const seen = new Set<string>()
  const fresh = (texts: readonly string[]): string[] => {
    const found = texts.flatMap(words).filter((word) => !seen.has(word) && word.length <= 40)
    for (const word of found) seen.add(word)
    return [...new Set(found)]
  }
  return {
    a: fresh(heads),
    b: fresh([
      ...rest,
      place?.fr ?? '',
      place?.en ?? '',
      factor.geography_name ?? '',
      ...(activity ? [activity.name.fr, activity.name.en] : []),
    ]),
    c: fresh([
      ...(activity?.synonyms ?? []),
      ...Object.values(factor.attributes ?? {}).map(String),
      ...describing.map((field) => factor.raw?.[field] ?? ''),
      factor.publisher,
      factor.id.slice(factor.id.indexOf(':') + 1),
    ]),
  }
}

/** What a name begins with: everything before its first comma, bracket or colon. */
export function headOf(name: string): string {
  return name.split(/,|\(| : |: /, 1)[0] ?? name
}

/**
 * The phrases that a factor is plainly called by, as stemmed words: the beginnings of its names, and the names of its
 * activity when it is the one meant by the bare word.
 */
export function headsOf(factor: Factor): string[] {
  const activity = factor.activity === undefined ? undefined : findActivity(factor.activity)
  const names = [
    headOf(factor.name.fr),
    headOf(factor.name.en),
    ...(activity && isUsual(factor, activity) ? [activity.name.fr, activity.name.en, ...activity.synonyms] : []),
  ]
  return [...new Set(names.map((name) => words(name).join(' ')))]
}

/** Whether every attribute is the one that is meant when nothing is said. */
function isUsual(factor: Factor, activity: Activity): boolean {
  return Object.entries(activity.attributes).every(([name, { default: usual }]) => {
    const said = factor.attributes?.[name]
    return said === undefined || usual === undefined || String(said) === usual
  })
}

/**
 * How plain and ready a factor is, about 0 to 1, whatever is asked: one the library itself would pick, of a whole
 * country, in the usual unit and of the whole chain, before a special case, a part of a chain, or one that cannot be
 * calculated with.
 */
export function plainness(factor: Factor): number {
  const activity = factor.activity === undefined ? undefined : findActivity(factor.activity)
  const unit = findUnit(factor.unit)
  const place = (factor.geography_name ?? '').replace(/, France$/, '')
  const is_national = !place.includes(',') || placeNames(factor.geography)?.fr === place.split(', ')[1]
  const is_average = /mix moyen|moyenn?e?\b|average/i.test(`${factor.name.fr} ${factor.name.en}`)
  const points = [
    activity ? (isUsual(factor, activity) ? 0.4 : 0.25) : 0,
    unit ? 0.1 : 0,
    unit && activity && activity.dimensions[0] === unit.dimension ? 0.1 : 0,
    is_national ? 0.1 : 0,
    is_average ? 0.1 : 0,
    factor.name.fr.length > 60 ? 0 : 0.05,
    factor.boundary === 'life_cycle' ? 0.15 : 0,
    factor.boundary === 'upstream' ? -0.25 : 0,
  ]
  return Math.max(
    0,
    points.reduce((a, b) => a + b, 0),
  )
}
