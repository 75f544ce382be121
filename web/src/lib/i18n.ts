import i18next, { type PostProcessorModule } from 'i18next'
import { initReactI18next, useTranslation } from 'react-i18next'
import * as app from '../app/words.ts'
import * as certificates from '../certificates/words.ts'
import * as factors from '../factors/words.ts'
import * as footprint from '../footprint/words.ts'
import type * as accounts from '../accounts/words.ts'
import type * as admin from '../admin/words.ts'
import type * as audit from '../audit/words.ts'
import type * as models from '../models/words.ts'
import type * as privacy from '../privacy/words.ts'
import type * as projects from '../projects/words.ts'
import type * as sites from '../sites/words.ts'
import type * as telemetry from '../telemetry/words.ts'
import type * as signed from '../ui/words.ts'
import type * as webhooks from '../webhooks/words.ts'
import { formatFor, type Format, type Language } from './format.ts'
import { frenchBlanks } from './french-blanks.ts'
import { keep, readKept } from './store.ts'

const en = { app: app.en, footprint: footprint.en, certificates: certificates.en, factors: factors.en }
const fr: app.Shape<typeof en> = {
  app: app.fr,
  footprint: footprint.fr,
  certificates: certificates.fr,
  factors: factors.fr,
}

/** Words of pages that a first visitor does not open: they come with those pages, see `pageWith`. */
interface Later {
  accounts: typeof accounts.en
  admin: typeof admin.en
  audit: typeof audit.en
  models: typeof models.en
  privacy: typeof privacy.en
  signed: typeof signed.en
  projects: typeof projects.en
  sites: typeof sites.en
  telemetry: typeof telemetry.en
  webhooks: typeof webhooks.en
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'words'
    resources: { words: typeof en & Later }
  }
}

const KEY = 'tidemark.language'

/** The language that was chosen here before, else the first of the browser's that we speak, else English. */
function firstLanguage(): Language {
  const kept = readKept(KEY)
  if (kept === 'en' || kept === 'fr') return kept
  const spoken = navigator.languages
    .map((each) => each.slice(0, 2).toLowerCase())
    .find((each) => each === 'en' || each === 'fr')
  return spoken === 'fr' ? 'fr' : 'en'
}

/** French words, on their way to the page. */
const french: PostProcessorModule = {
  type: 'postProcessor',
  name: 'french',
  process: (value: string) => (i18next.language === 'fr' && typeof value === 'string' ? frenchBlanks(value) : value),
}

void i18next
  .use(initReactI18next)
  .use(french)
  .init({
    postProcess: ['french'],
    lng: firstLanguage(),
    fallbackLng: 'en',
    defaultNS: 'words',
    ns: ['words'],
    resources: { en: { words: en }, fr: { words: fr } },
    interpolation: { escapeValue: false },
    // Everything is bundled, so the first paint already has its words.
    initAsync: false,
    react: { useSuspense: false },
  })
document.documentElement.lang = i18next.language

function addWords<K extends keyof Later>(name: K, words: { en: Later[K]; fr: app.Shape<Later[K]> }): void {
  i18next.addResourceBundle('en', 'words', { [name]: words.en }, true)
  i18next.addResourceBundle('fr', 'words', { [name]: words.fr }, true)
}

/** Words for what an account may meet anywhere, such as a refusal. */
export async function addSharedWords(): Promise<true> {
  addWords('signed', await import('../ui/words.ts'))
  return true
}

/** A page that needs an account, and so the words for what an account may meet: for `lazyRouteComponent`. */
export function withSharedWords<M>(load: () => Promise<M>): () => Promise<M> {
  return async () => (await Promise.all([load(), addSharedWords()]))[0]
}

/**
 * A page that brings the words of its part with it, and those that all settings share: for `lazyRouteComponent`.
 */
export function pageWith<K extends keyof Later, M>(
  name: K,
  words: () => Promise<{ en: Later[K]; fr: app.Shape<Later[K]> }>,
  load: () => Promise<M>,
): () => Promise<M> {
  return async () => {
    const [page, own] = await Promise.all([load(), words(), addSharedWords()])
    addWords(name, own)
    return page
  }
}

export function setLanguage(language: Language): void {
  keep(KEY, language)
  document.documentElement.lang = language
  void i18next.changeLanguage(language)
}

/** Words, figures and the language they are in. */
export function useWords(): { t: ReturnType<typeof useTranslation<'words'>>['t']; format: Format; language: Language } {
  const { t, i18n } = useTranslation('words')
  const language: Language = i18n.language === 'fr' ? 'fr' : 'en'
  return { t, format: formatFor(language), language }
}
