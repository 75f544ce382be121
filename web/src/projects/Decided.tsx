import type { DecisionSummary } from '@tidemark/core/projects/decision-contract.ts'
import { Link } from '@tanstack/react-router'
import type { z } from 'zod'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { shown } from './says.ts'

const tones = {
  approve: 'border-good bg-good-wash',
  approve_partial: 'border-good bg-good-wash',
  request_more: 'border-sand bg-sand-wash',
  reject: 'border-bad bg-bad-wash',
} as const

/** What was decided, as it was certified. */
export function Decided({ decision }: { decision: z.infer<typeof DecisionSummary> }) {
  const { t, format } = useWords()
  const { verdict, state, approved_t_co2e, certificate_id, decided_at, statement } = decision
  const approves = verdict === 'approve' || verdict === 'approve_partial'
  return (
    <section
      aria-labelledby="decided"
      className={`rounded-card border p-5 ${state === 'effective' ? tones[verdict] : 'border-sand bg-sand-wash'}`}
      data-testid="decided"
    >
      <h2 id="decided" className="text-xl">
        {t(`projects.verdict.${verdict}`)}
      </h2>
      {state === 'effective' && approves && (
        <p className="figures mt-1 text-2xl font-semibold">
          {t('projects.decided.for', { t: format.number(approved_t_co2e) })}
        </p>
      )}
      <p className="mt-1">{t(`projects.decided.${state}`, { when: format.instant(decided_at) })}</p>
      {statement !== null && (
        <p className="mt-1 text-soft">{t('projects.decided.certified', { statement: shown(statement, 'en') })}</p>
      )}
      {certificate_id !== null && (
        <Link to={paths.certificate} params={{ id: certificate_id }} className="button button-plain mt-3">
          {t('projects.decided.certificate')}
        </Link>
      )}
    </section>
  )
}
