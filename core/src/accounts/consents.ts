import { sha256Hex } from '../certificates/encoding.ts'

/**
 * What a person may agree to, with the words they see. Agreement is kept with version and digest of the wording, so that
 * it can be shown later what exactly was agreed to (GDPR article 7.1). What the service needs to work is not asked for.
 * A changed wording is a new version, and asks anew.
 */
export const consentTexts = {
  usage_statistics: {
    version: '2026-11',
    en: 'Count how I use Tidemark, so that it becomes better. Only counts are kept, on this installation.',
    fr: 'Compter comment j’utilise Tidemark, pour l’améliorer. Seuls des nombres sont conservés, sur cette installation.',
  },
  product_news: {
    version: '2026-11',
    en: 'Send me news about Tidemark by e-mail, a few times a year.',
    fr: 'M’envoyer des nouvelles de Tidemark par e-mail, quelques fois par an.',
  },
  assistant_history: {
    version: '2026-11',
    en: 'Keep what I ask the assistant and what it answers, so that I find it again.',
    fr: 'Conserver mes questions à l’assistant et ses réponses, pour que je les retrouve.',
  },
} as const

export type ConsentPurpose = keyof typeof consentTexts

/** SHA-256 over version and both wordings. */
export function consentDigest(purpose: ConsentPurpose): string {
  const { version, en, fr } = consentTexts[purpose]
  return sha256Hex([version, en, fr].join('\n'))
}
