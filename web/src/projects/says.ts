import { ecosystemNames, type Ecosystem } from '@tidemark/core/projects/ecosystems.ts'
import type { Message } from '@tidemark/core/projects/message.ts'
import { sentenceOf } from '@tidemark/core/projects/words.ts'
import type { Said } from '@tidemark/core/projects/words-of-facts.ts'
import type { Language } from '../lib/format.ts'
import { frenchBlanks } from '../lib/french-blanks.ts'
import { useWords } from '../lib/i18n.ts'

/** A text of the rules as a page shows it: CO₂ as it is written, and French marks that do not stand alone. */
export function shown(text: string, language: Language): string {
  const written = text.replaceAll('CO2', 'CO₂').replaceAll('CH4', 'CH₄').replaceAll('N2O', 'N₂O')
  return language === 'fr' ? frenchBlanks(written) : written
}

/** What the rules say, in the reader's language: sentences, names of levels and methods, ecosystems. */
export function useSays() {
  const { t, language } = useWords()
  const at = language === 'fr' ? 1 : 0
  return {
    say: (message: Message): string => shown(sentenceOf(message)[language], language),
    word: (said: Said): string => shown(said[at], language),
    ecosystem: (id: Ecosystem): string => ecosystemNames[id][language],
    /** Whoever did something; the platform itself where nobody did. */
    somebody: (name: string): string => (name === 'system' ? t('projects.platform') : name),
    /** As the beginning of a line. */
    Ecosystem: (id: Ecosystem): string => capital(ecosystemNames[id][language]),
  }
}

export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1)
}
