import { findActivity } from '@tidemark/core/factors/activities.ts'
import { categories, type Category } from '@tidemark/core/footprint/categories.ts'
import type { InventoryLine } from '@tidemark/core/footprint/contract.ts'
import { questions, type Bilingual } from '@tidemark/core/footprint/questionnaire.ts'
import type { Language } from '../lib/format.ts'

const optionWords = new Map<string, Bilingual>()
for (const question of questions) {
  for (const field of question.fields) {
    for (const each of field.type === 'list' ? field.item : [field]) {
      if (each.type !== 'choice' && each.type !== 'choices') continue
      for (const option of each.options) optionWords.set(option.value, option.text)
    }
  }
}

/** Attributes that say nothing a reader does not see elsewhere. */
const silent = new Set(['from', 'to', 'round_trip', 'country', 'region', 'naics'])

/** What a line is called on screen: its own label, or what it is about in the reader's language. */
export function lineName(line: Pick<InventoryLine, 'id' | 'label' | 'activity' | 'attributes'> | undefined, id: string, language: Language): string {
  if (line?.label) return line.label
  const activity = line?.activity === undefined ? undefined : findActivity(line.activity)
  if (!line || !activity) return id
  const { from, to } = line.attributes ?? {}
  if (from !== undefined && to !== undefined) return `${activity.name[language]} ${String(from)}–${String(to)}`
  const details = Object.entries(line.attributes ?? {})
    .filter(([name, value]) => !silent.has(name) && value !== 'average' && value !== 'unspecified')
    .map(([, value]) => valueWords(String(value), language))
  return details.length > 0 ? `${activity.name[language]}${language === 'fr' ? ' :' : ':'} ${details.join(', ')}` : activity.name[language]
}

export function valueWords(value: string, language: Language): string {
  const words = optionWords.get(value)?.[language]
  return words ? words.charAt(0).toLocaleLowerCase(language) + words.slice(1) : value.replaceAll('_', ' ')
}

export function categoryName(id: string, language: Language): string {
  return categories[id as Category]?.[language] ?? id
}
