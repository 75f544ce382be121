import { acknowledgeAlert, judgeAlert, muteAlert, type Alert } from '@tidemark/core/sites/alerts-contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { allowedTo } from '../lib/rights.ts'
import { GuardedButton } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'

const MUTED_DAYS = 7

/** Somebody takes care of it, wants to hear no more of it for a week, or says whether it was right. */
export function AlertActions({ alert, site_id }: { alert: Alert; site_id: string }) {
  const { t, format, language } = useWords()
  const client = useQueryClient()
  const allowed = allowedTo('sites.operate', useMe(), language)
  const { alert_id, state, verdict, muted_until } = alert
  const [opened_ms] = useState(() => Date.now())
  const muted = muted_until !== null && Date.parse(muted_until) > opened_ms
  const after = () =>
    Promise.all(
      ['alerts', 'anomalies', 'rules'].map((key) => client.invalidateQueries({ queryKey: ['sites', key, site_id] })),
    )
  const acknowledge = useMutation({ mutationFn: () => call(acknowledgeAlert, { alert_id }), onSuccess: after })
  const mute = useMutation({
    mutationFn: () =>
      call(muteAlert, { alert_id, until: muted ? null : new Date(Date.now() + MUTED_DAYS * 86_400_000).toISOString() }),
    onSuccess: after,
  })
  const judge = useMutation({
    mutationFn: (said: 'correct' | 'false_alarm') => call(judgeAlert, { alert_id, verdict: said }),
    onSuccess: after,
  })
  const busy = acknowledge.isPending || mute.isPending || judge.isPending
  const quiet = { allowed: allowed.allowed }
  const act = (action: () => void) => () => {
    if (!busy) action()
  }
  return (
    <>
      {state === 'open' && (
        <GuardedButton small kind="main" allowed={quiet} onClick={act(acknowledge.mutate)}>
          {t('sites.alert.acknowledge')}
        </GuardedButton>
      )}
      <GuardedButton small allowed={quiet} onClick={act(mute.mutate)}>
        {t(muted ? 'sites.alert.unmute' : 'sites.alert.mute')}
      </GuardedButton>
      {alert.anomaly_id !== null &&
        (['correct', 'false_alarm'] as const)
          .filter((said) => said !== verdict)
          .map((said) => (
            <GuardedButton key={said} small allowed={quiet} onClick={act(() => judge.mutate(said))}>
              {t(`sites.alert.say.${said}`)}
            </GuardedButton>
          ))}
      <span className="text-[0.9375rem] text-soft">
        {t(`sites.alert.state.${state}`)}
        {alert.times > 1 && ` · ${t('sites.alert.times', { count: alert.times })}`}
        {muted && muted_until !== null && ` · ${t('sites.alert.mutedUntil', { when: format.day(muted_until) })}`}
        {verdict !== null && <Tag>{t(`sites.alert.said.${verdict}`)}</Tag>}
      </span>
      {allowed.reason !== undefined && <span className="basis-full text-sm text-soft">{allowed.reason}</span>}
      <ActionProblem action={acknowledge} />
      <ActionProblem action={mute} />
      <ActionProblem action={judge} />
    </>
  )
}
