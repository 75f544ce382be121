import { findActivity } from '@tidemark/core/factors/activities.ts'
import type { InventoryLine } from '@tidemark/core/footprint/contract.ts'
import { ownSources, questions, type Bilingual } from '@tidemark/core/footprint/questionnaire.ts'
import type { Format, Language } from '../lib/format.ts'

/** Words for attribute values that no question offers alone, but that a line states or a factor assumes. */
const optionWords = new Map<string, Bilingual>(
  Object.entries({
    grid: ['of the grid', 'du réseau'],
    included: ['included', 'inclus'],
    excluded: ['excluded', 'exclus'],
    average: ['average', 'moyen'],
    unspecified: ['not specified', 'non précisé'],
    international: ['international', 'internationale'],
    domestic: ['domestic', 'intérieure'],
    short: ['short', 'courte'],
    medium: ['medium', 'moyenne'],
    long: ['long', 'longue'],
    national: ['national', 'national'],
    high_speed: ['high-speed', 'à grande vitesse'],
    regional: ['regional', 'régional'],
    suburban: ['suburban', 'de banlieue'],
    city: ['city', 'urbain'],
    coach: ['coach', 'autocar'],
    light: ['light', 'léger'],
    office: ['office', 'bureau'],
    regular: ['regular', 'ordinaire'],
    container: ['container ship', 'porte-conteneurs'],
    electric: ['electric', 'électrique'],
    no: ['no', 'non'],
    yes: ['yes', 'oui'],
    all: ['all', 'tout'],
    tram: ['tram', 'tramway'],
    bicycle: ['bicycle', 'vélo'],
    mixed: ['mixed', 'en mélange'],
    lpg: ['LPG', 'GPL'],
    primary: ['primary', 'primaire'],
    recycled: ['recycled', 'recyclé'],
    multifunction: ['multifunction', 'multifonction'],
    laser: ['laser', 'laser'],
    small: ['small', 'petite'],
    large: ['large', 'grande'],
    vegetarian: ['vegetarian', 'végétarien'],
    classic_beef: ['with beef', 'avec bœuf'],
    household: ['household waste', 'ordures ménagères'],
    paper: ['paper', 'papier'],
    cardboard: ['cardboard', 'carton'],
    plastic: ['plastic', 'plastique'],
    food: ['food', 'biodéchets'],
    wood: ['wood', 'bois'],
    metal: ['metal', 'métal'],
    recycling: ['recycled', 'recyclage'],
    incineration: ['incinerated', 'incinération'],
    landfill: ['landfill', 'mise en décharge'],
    composting: ['composted', 'compostage'],
    diesel: ['diesel', 'gazole'],
    petrol: ['petrol', 'essence'],
  } satisfies Record<string, [string, string]>).map(([value, [en, fr]]) => [value, { en, fr }]),
)
for (const question of questions) {
  for (const field of question.fields) {
    for (const each of field.type === 'list' ? field.item : [field]) {
      if (each.type !== 'choice' && each.type !== 'choices') continue
      for (const option of each.options) {
        if (!optionWords.has(option.value)) optionWords.set(option.value, option.text)
      }
    }
  }
}

/** Attributes that say nothing a reader does not see elsewhere. */
const silent = new Set(['from', 'to', 'round_trip', 'country', 'region', 'naics'])

/** What a line is called on screen: its own label, or what it is about in the reader's language. */
export function lineName(
  line: Pick<InventoryLine, 'id' | 'label' | 'activity' | 'attributes'> | undefined,
  id: string,
  language: Language,
): string {
  if (line?.label) return line.label
  const activity = line?.activity === undefined ? undefined : findActivity(line.activity)
  if (!line || !activity) return id
  const { from, to } = line.attributes ?? {}
  if (from !== undefined && to !== undefined) return `${activity.name[language]} ${String(from)}–${String(to)}`
  const details = Object.entries(line.attributes ?? {})
    .filter(([name, value]) => !silent.has(name) && value !== 'average' && value !== 'unspecified')
    .map(([, value]) => valueWords(String(value), language))
  return details.length > 0
    ? `${activity.name[language]}${language === 'fr' ? ' :' : ':'} ${details.join(', ')}`
    : activity.name[language]
}

export function valueWords(value: string, language: Language): string {
  const words = optionWords.get(value)?.[language]
  if (!words) return value.replaceAll('_', ' ')
  // "IT services" and "LPG" keep their capitals inside a sentence.
  return /^\p{Lu}\p{Lu}|^\p{Lu}-/u.test(words) ? words : words.charAt(0).toLocaleLowerCase(language) + words.slice(1)
}

/** Whose word a stated figure is: the questionnaire's own sources in the reader's language, all others as they were written. */
export function sourceWords(source: string, language: Language): string {
  return Object.values(ownSources).find(({ en }) => en === source)?.[language] ?? source
}

/** A part of the period, rounded down: what is nearly whole is not whole. */
export function coverageText(share: number, format: Format): string {
  const percent = new Intl.NumberFormat(format.locale, { style: 'percent', maximumFractionDigits: 1 })
  return percent.format(Math.floor(share * 1000) / 1000)
}
