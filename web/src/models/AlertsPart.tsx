import { acknowledgeAlert, type Alert } from '@tidemark/core/models/serving-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Pill } from './Health.tsx'
import { alertsQuery, type ModelInFull } from './queries.ts'
import { useRight } from './use-right.ts'

export function AlertsPart({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const asked = useQuery(alertsQuery(model.model_id))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { alerts } = asked.data
  const open = alerts.filter(({ resolved_at }) => resolved_at === null)
  const over = alerts.filter(({ resolved_at }) => resolved_at !== null)
  return (
    <>
      <Section title={t('models.alerts.title')} id="alerts" says={t('models.alerts.says')}>
        {open.length === 0 ? <Empty>{t('models.alerts.none')}</Empty> : <AlertList alerts={open} />}
      </Section>
      {over.length > 0 && (
        <Section title={t('models.alerts.over')} id="alerts-over">
          <AlertList alerts={over} />
        </Section>
      )}
    </>
  )
}

function AlertList({ alerts }: { alerts: readonly Alert[] }) {
  const { t } = useWords()
  return (
    <Rows label={t('models.alerts.title')}>
      {alerts.map((alert) => (
        <AlertRow key={alert.alert_id} alert={alert} />
      ))}
    </Rows>
  )
}

function AlertRow({ alert }: { alert: Alert }) {
  const { t, format } = useWords()
  const client = useQueryClient()
  const allowed = useRight('models.train')
  const { kind, feature, version, since, slice, says, acknowledged_by, acknowledged_at, resolved_at, alert_id } = alert
  const see = useMutation({
    mutationFn: () => call(acknowledgeAlert, { alert_id }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['models', 'alerts', alert.model_id] }),
  })
  const title = feature === null ? t(`models.alerts.kind.${kind}`) : `${t(`models.alerts.kind.${kind}`)} · ${feature}`
  return (
    <Row
      title={
        <span className="flex flex-wrap items-center gap-2">
          <Pill tone={resolved_at === null ? 'bad' : 'plain'}>
            {t(resolved_at === null ? 'models.alerts.holds' : 'models.alerts.ended')}
          </Pill>
          {title}
        </span>
      }
      says={
        <>
          <p lang="en">{says}</p>
          {slice !== null && <p lang="en">{slice}</p>}
          <p>
            {t('models.versionIn', { version })} · {t('models.alerts.since', { when: format.day(since) })}
            {resolved_at !== null && ` · ${t('models.alerts.until', { when: format.instant(resolved_at) })}`}
          </p>
          {acknowledged_at !== null && (
            <p>{t('models.alerts.seenBy', { name: acknowledged_by ?? '', when: format.instant(acknowledged_at) })}</p>
          )}
        </>
      }
      below={see.error ? <ActionProblem action={see} /> : undefined}
    >
      {resolved_at === null && acknowledged_at === null && (
        <GuardedButton
          allowed={allowed}
          small
          onClick={() => {
            if (!see.isPending) see.mutate()
          }}
        >
          {t('models.alerts.acknowledge')}
          <span className="sr-only"> {title}</span>
        </GuardedButton>
      )}
    </Row>
  )
}
