import type { Project } from '@tidemark/core/projects/contract.ts'
import { useWords } from '../lib/i18n.ts'

/** Stands beside everything whose place and pictures a program made. */
export function GeneratedTag() {
  const { t } = useWords()
  return (
    <span
      title={t('projects.generatedSays')}
      className="rounded border border-dashed border-sand bg-sand-wash px-1.5 py-0.5 align-middle font-sans text-sm font-semibold tracking-normal text-sand-ink"
    >
      {t('projects.generated')}
    </span>
  )
}

const tones: Partial<Record<Project['state'], string>> = {
  approved: 'bg-good-wash text-good',
  rejected: 'bg-bad-wash text-bad',
  more_evidence: 'bg-sand-wash text-sand-ink',
  withdrawn: 'border border-edge text-soft',
}

export function StateTag({ state }: { state: Project['state'] }) {
  const { t } = useWords()
  return (
    <span className={`rounded px-1.5 py-0.5 text-sm font-semibold ${tones[state] ?? 'bg-wash text-tide-deep'}`}>
      {t(`projects.state.${state}`)}
    </span>
  )
}
