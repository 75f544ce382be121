import { judgeArea } from '@tidemark/core/projects/boundary.ts'
import { useWords } from '../lib/i18n.ts'

const tones = {
  agrees: 'border-good bg-good-wash text-good',
  warns: 'border-sand bg-sand-wash text-sand-ink',
  blocks: 'border-bad bg-bad-wash text-bad',
  cannot_tell: 'border-rule text-soft',
} as const

/** What is claimed against what the boundary measures: up to 5 % agrees, above 20 % nothing is computed. */
export function AreaVerdict({ claimed_ha, measured_ha }: { claimed_ha: number | null; measured_ha: number | null }) {
  const { t, format } = useWords()
  const { verdict, error_fraction } = judgeArea(claimed_ha, measured_ha)
  const ha = (value: number | null) => (value === null ? '–' : t('projects.hectares', { ha: format.number(value) }))
  const percent = error_fraction === null ? '' : format.number(error_fraction * 100)
  return (
    <div className="card p-4" data-testid="area" data-verdict={verdict}>
      <dl className="figures grid grid-cols-2 gap-4">
        <div>
          <dt className="label">{t('projects.area.measured')}</dt>
          <dd className="text-2xl font-semibold">{ha(measured_ha)}</dd>
        </div>
        <div>
          <dt className="label">{t('projects.area.claimed')}</dt>
          <dd className="text-2xl font-semibold">{ha(claimed_ha)}</dd>
        </div>
      </dl>
      <p role="status" className={`mt-3 rounded border-l-4 px-3 py-2 text-[0.9375rem] font-semibold ${tones[verdict]}`}>
        {t(`projects.area.${verdict}`, { percent })}
      </p>
      <p className="mt-2 text-sm text-soft">{t('projects.area.how')}</p>
    </div>
  )
}
