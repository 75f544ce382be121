import { categories, type Category } from '@tidemark/core/lib/categories.ts'
import type { Format, Language } from './format.ts'

/** What a factor speaks for: a country by its name, and the few places that are no country. */
export function placeName(place: string, format: Format): string {
  if (place === 'world') return format.language === 'fr' ? 'Monde' : 'World'
  if (place === 'EU') return format.language === 'fr' ? 'Union européenne' : 'European Union'
  return format.country(place)
}

/** The GHG Protocol category of that number, in the reader's language. */
export function categoryName(id: string, language: Language): string {
  return categories[id as Category]?.[language] ?? id
}
