import type { WholeAnalysis } from '@tidemark/core/projects/analysis-contract.ts'
import { confirmDecision, getDecision, type Decision } from '@tidemark/core/projects/decision-contract.ts'
import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { methodWords } from '@tidemark/core/projects/words-of-decisions.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { allowedTo } from '../lib/rights.ts'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Decided } from './Decided.tsx'
import { DecisionForm } from './DecisionForm.tsx'
import { ReasonDialog } from './MoveButtons.tsx'
import { queueQuery } from './queries.ts'
import { useSays } from './says.ts'

/** What was decided, or the form to decide; nobody decides on what they had a part in. */
export function DecisionPart({ analysis, report }: { analysis: WholeAnalysis; report: AnalysisReport }) {
  const { t, language } = useWords()
  const allowed = allowedTo('projects.review', useMe(), language)
  const queue = useQuery(queueQuery()).data?.queue
  const item = queue?.find(({ analysis_id }) => analysis_id === analysis.analysis_id)
  const { decision } = analysis
  if (decision) return <Made decision_id={decision.decision_id} may_confirm={item?.mine === true} />
  const why = item?.why_not
  if (!allowed.allowed || (why !== undefined && why !== null)) {
    return (
      <div className="card border-l-4 border-l-sand p-5" data-testid="not-mine">
        <p className="font-semibold">{t('projects.review.notYours')}</p>
        <p className="mt-1 text-soft">{why ? t(`projects.whyNot.${why}`) : allowed.reason}</p>
      </div>
    )
  }
  if (queue && !item) return <p className="card p-5">{t('projects.review.superseded')}</p>
  return <DecisionForm analysis_id={analysis.analysis_id} report={report} />
}

/** A decision in full; where a second reviewer is waited for, their answer. */
function Made({ decision_id, may_confirm }: { decision_id: string; may_confirm: boolean }) {
  const { t, format } = useWords()
  const { word } = useSays()
  const asked = useQuery({
    queryKey: ['projects', 'decision', decision_id],
    queryFn: ({ signal }) => call(getDecision, { decision_id }, signal),
  })
  const decision = asked.data
  if (!decision) return null
  const { fraction, measured_t_co2e, method, override, reason, wanted, reviewers } = decision
  return (
    <>
      <Decided decision={decision} />
      <div className="mt-4 max-w-prose space-y-2">
        {method !== null && measured_t_co2e !== null && (
          <p className="figures">
            {t('projects.decided.of', {
              method: word(methodWords[method]),
              t: format.number(measured_t_co2e),
              share: fraction === null ? '–' : format.share(fraction),
            })}
          </p>
        )}
        {override !== null && <p>{t('projects.decided.own', { t: format.number(override.approved_t_co2e) })}</p>}
        {reason !== null && <p className="border-l-2 border-rule pl-3 whitespace-pre-line">{reason}</p>}
        {wanted.length > 0 && (
          <ul className="list-disc pl-5">
            {wanted.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        )}
        {reviewers.map(({ name, at, confirms, reason: theirs }) => (
          <p key={at} className="text-[0.9375rem] text-soft">
            {name ?? t('projects.decided.erased')} · {format.instant(at)} ·{' '}
            {t(confirms ? 'projects.decided.agrees' : 'projects.decided.disagrees')}
            {theirs !== null && theirs !== reason && ` · “${theirs}”`}
          </p>
        ))}
      </div>
      {decision.state === 'waits_for_second' && may_confirm && <Second decision={decision} />}
    </>
  )
}

function Second({ decision }: { decision: Decision }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [asked, setAsked] = useState<boolean>()
  const confirm = useMutation({
    mutationFn: (sent: { confirms: boolean; reason: string }) =>
      call(confirmDecision, { decision_id: decision.decision_id, ...sent }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['projects'] }),
    onSettled: () => setAsked(undefined),
  })
  return (
    <div className="card mt-5 border-l-4 border-l-tide p-5">
      <h3 className="text-lg">{t('projects.second.title')}</h3>
      <p className="mt-1 text-soft">{t('projects.second.says')}</p>
      <div className="mt-4 flex flex-wrap gap-3">
        <button type="button" className="button button-main" onClick={() => setAsked(true)}>
          {t('projects.second.confirm')}
        </button>
        <button type="button" className="button button-danger" onClick={() => setAsked(false)}>
          {t('projects.second.refuse')}
        </button>
      </div>
      <ActionProblem action={confirm} />
      {asked !== undefined && (
        <ReasonDialog
          title={t(asked ? 'projects.second.confirm' : 'projects.second.refuse')}
          busy={confirm.isPending}
          onSend={(reason) => confirm.mutate({ confirms: asked, reason })}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  )
}
