import type { Card } from '@tidemark/core/models/contract.ts'
import i18next from 'i18next'
import { useWords } from '../lib/i18n.ts'
import type { Model } from './queries.ts'

type Described = Pick<Model, 'card' | 'card_revision' | 'kept'>

/** What a field of a model's card says: as a person wrote it, or in the reader's language where it described itself. */
export function useCard(): (model: Described, field: keyof Card) => string {
  const { t } = useWords()
  return ({ card, card_revision, kept }, field) => {
    const key = `models.kept.card.${kept?.kind}.${field}`
    const is_own = kept !== null && card_revision === 1 && i18next.exists(key)
    return is_own ? t(key as 'models.kept.card.detector.purpose') : card[field]
  }
}
