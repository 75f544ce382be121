import { changeAlertRule, removeAlertRule, type AlertRule } from '@tidemark/core/sites/alerts-contract.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { allowedTo } from '../lib/rights.ts'
import { measureName, sensorUnit } from '../telemetry/names.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton, Refusal } from '../ui/Refusal.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { rulesQuery } from './queries.ts'
import { RuleForm } from './RuleForm.tsx'
import type { SitePartProps } from './SitePage.tsx'

/** Of what one is told, and how often that may be wrong. */
export function RulesPart({ site }: SitePartProps) {
  const { t, language } = useWords()
  const asked = useQuery(rulesQuery(site.id))
  const allowed = allowedTo('sites.manage', useMe(), language)
  return (
    <>
      <p className="mb-5 max-w-prose text-soft">{t('sites.rule.says')}</p>
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data?.rules.length === 0 && <Empty>{t('sites.rule.none')}</Empty>}
      {asked.data && asked.data.rules.length > 0 && (
        <Rows label={t('sites.part.rules')}>
          {asked.data.rules.map((rule) => (
            <RuleRow key={rule.rule_id} rule={rule} site={site} />
          ))}
        </Rows>
      )}
      <Section title={t('sites.rule.add')} id="add">
        {allowed.allowed ? <RuleForm site={site} /> : <Refusal allowed={allowed} />}
      </Section>
    </>
  )
}

function RuleRow({ rule, site }: { rule: AlertRule; site: Site }) {
  const { t, format, language } = useWords()
  const client = useQueryClient()
  const [removing, setRemoving] = useState(false)
  const allowed = allowedTo('sites.manage', useMe(), language)
  const { rule_id, active, strength_min } = rule
  const after = () => client.invalidateQueries({ queryKey: ['sites', 'rules', site.id] })
  const toggle = useMutation({
    mutationFn: () => call(changeAlertRule, { rule_id, active: !active }),
    onSuccess: after,
  })
  const remove = useMutation({ mutationFn: () => call(removeAlertRule, { rule_id }), onSuccess: after })
  const asset = site.assets.find(({ asset_id }) => asset_id === rule.asset_id)?.name
  return (
    <Row
      title={
        <>
          {rule.name}
          {!active && <Tag>{t('sites.rule.off')}</Tag>}
        </>
      }
      says={
        <>
          <p>
            <Watched rule={rule} />
            {asset !== undefined && ` · ${asset}`}
          </p>
          <p>
            {t('sites.rule.budget', { count: rule.alerts_per_week, number: format.number(rule.alerts_per_week) })}{' '}
            {strength_min > 1 && t('sites.rule.learnt', { strength: format.number(strength_min) })}
          </p>
          <ActionProblem action={toggle} />
        </>
      }
    >
      <GuardedButton small allowed={{ allowed: allowed.allowed }} onClick={() => !toggle.isPending && toggle.mutate()}>
        {t(active ? 'sites.rule.switchOff' : 'sites.rule.switchOn')}
        <span className="sr-only"> {rule.name}</span>
      </GuardedButton>
      <GuardedButton small kind="danger" allowed={{ allowed: allowed.allowed }} onClick={() => setRemoving(true)}>
        {t('sites.form.remove')}
        <span className="sr-only"> {rule.name}</span>
      </GuardedButton>
      <Confirm
        open={removing}
        title={t('sites.rule.removeSure', { name: rule.name })}
        says={t('sites.rule.removeSays')}
        action={t('sites.form.remove')}
        busy={remove.isPending}
        problem={<ActionProblem action={remove} />}
        onConfirm={() => remove.mutate()}
        onClose={() => setRemoving(false)}
      />
    </Row>
  )
}

function Watched({ rule: { watches } }: { rule: AlertRule }) {
  const { t, format, language } = useWords()
  if (watches.kind === 'anomaly')
    return <>{t('sites.rule.anomalies', { severity: t(`sites.severity.${watches.severity_min}`) })}</>
  const unit = sensorUnit(measures.get(watches.measure)?.unit ?? '')
  return (
    <>
      {t(`sites.rule.${watches.direction}`, {
        measure: measureName(watches.measure, language),
        raise: `${format.number(watches.raise_at)}\u00A0${unit}`,
        clear: `${format.number(watches.clear_at)}\u00A0${unit}`,
        minutes: Math.round(watches.for_s / 60),
      })}
    </>
  )
}
