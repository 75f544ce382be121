import { useWords } from '../lib/i18n.ts'
import type { Model } from './queries.ts'

/** What a model is called: as a person called it, or in the reader's language where it made itself. */
export function useTitle(): (model: Pick<Model, 'title' | 'kept'>) => string {
  const { t } = useWords()
  return ({ title, kept }) =>
    kept === null ? title : t(`models.kept.titleOf.${kept.kind}`, { name: kept.site?.name ?? kept.subject })
}
