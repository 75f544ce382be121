import type { Stage } from '@tidemark/core/models/contract.ts'
import { useWords } from '../lib/i18n.ts'
import type { Model } from './queries.ts'

const looks = {
  good: 'bg-good-wash text-good',
  bad: 'bg-bad-wash text-bad',
  note: 'bg-sand-wash text-sand-ink',
  plain: 'border border-rule text-soft',
  tide: 'bg-wash text-tide',
} as const
export type Tone = keyof typeof looks

/** A word about a state, in a colour that the word does not depend on. */
export function Pill({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={`inline-block rounded px-2 py-0.5 text-sm font-semibold whitespace-nowrap ${looks[tone]}`}>
      {children}
    </span>
  )
}

const stageTones: Record<Stage, Tone> = { champion: 'tide', shadow: 'note', candidate: 'plain', retired: 'plain' }

export function StageTag({ stage, text }: { stage: Stage; text?: string }) {
  const { t } = useWords()
  return <Pill tone={stageTones[stage]}>{text ?? t(`models.stage.${stage}`)}</Pill>
}

/** What is known to be wrong with a model. Nothing is called healthy before it answers. */
export function Health({ model }: { model: Pick<Model, 'open_alerts' | 'champion' | 'retired_at'> }) {
  const { t } = useWords()
  if (model.open_alerts > 0) return <Pill tone="bad">{t('models.alerts.open', { count: model.open_alerts })}</Pill>
  if (model.champion === null || model.retired_at !== null) return null
  return <Pill tone="good">{t('models.alerts.noneOpen')}</Pill>
}
