import { deviceKindName } from '../lib/device-kinds.ts'
import { useWords } from '../lib/i18n.ts'
import type { Model } from './queries.ts'

/** What a model is called: as a person called it, or in the reader's language where it made itself. */
export function useTitle(): (model: Pick<Model, 'title' | 'kept'>) => string {
  const { t, language } = useWords()
  return ({ title, kept }) => {
    if (kept === null) return title
    const { kind, site, device_kind, subject } = kept
    const devices = device_kind === null ? undefined : deviceKindName(device_kind, language)
    return t(`models.kept.titleOf.${kind}`, { name: site?.name ?? devices ?? subject })
  }
}
