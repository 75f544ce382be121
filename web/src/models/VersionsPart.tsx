import { promote, rollback, type AliasEvent, type Version } from '@tidemark/core/models/contract.ts'
import { champions } from '@tidemark/core/models/lifecycle.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Notice } from '../ui/Notice.tsx'
import { Section } from '../ui/Page.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { CompareVersions } from './CompareVersions.tsx'
import { Pill, StageTag } from './Health.tsx'
import { MetricChart } from './MetricChart.tsx'
import type { ModelInFull } from './queries.ts'
import { ReasonDialog } from './ReasonDialog.tsx'
import { useRight } from './use-right.ts'
import { VersionDetail } from './VersionDetail.tsx'
import { Gain, verdictTones } from './Verdict.tsx'

export function VersionsPart({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const { version_list } = model
  if (version_list.length === 0) {
    return <Empty>{t(model.recipe === null ? 'models.next.upload' : 'models.versions.none')}</Empty>
  }
  return (
    <>
      <Section title={t('models.versions.title')} id="versions" says={t('models.versions.says')}>
        <RollBack model={model} />
        <Rows label={t('models.versions.title')}>
          {version_list.map((version) => (
            <VersionRow key={version.version} model={model} version={version} />
          ))}
        </Rows>
      </Section>
      <Section title={t('models.versions.metrics')} id="metrics" says={t('models.versions.metricsSays')}>
        <MetricChart versions={version_list} />
      </Section>
      {version_list.length > 1 && <CompareVersions model={model} />}
      <History events={model.history} />
    </>
  )
}

function VersionRow({ model, version }: { model: ModelInFull; version: Version }) {
  const { t, format } = useWords()
  const [open, setOpen] = useState(false)
  const { stage, verdict, aliases, algorithm, created_at, created_by } = version
  const name = t('models.version', { version: version.version })
  const others = aliases.filter((alias) => alias !== 'champion' && alias !== 'challenger')
  return (
    <Row
      title={
        <span className="flex flex-wrap items-center gap-2">
          {name}
          <StageTag stage={stage} />
          {verdict && (
            <Pill tone={verdictTones[verdict.outcome]}>{t(`models.verdict.outcome.${verdict.outcome}`)}</Pill>
          )}
          {others.map((alias) => (
            <span key={alias} className="font-mono text-sm font-normal">
              @{alias}
            </span>
          ))}
        </span>
      }
      says={
        <>
          <p>
            <span className="font-mono text-sm">{algorithm}</span> · {format.instant(created_at)} · {created_by}
          </p>
          {verdict && <Gain verdict={verdict} />}
        </>
      }
      below={open ? <VersionDetail version={version} /> : undefined}
    >
      <Promote model={model} version={version} />
      <button
        type="button"
        className="button button-plain button-small"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {t(open ? 'models.less' : 'models.more')}
        <span className="sr-only"> {name}</span>
      </button>
    </Row>
  )
}

/** Makes a version answer, after a reason; one that the gates rejected only knowingly. */
function Promote({ model, version }: { model: ModelInFull; version: Version }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const allowed = useRight('models.promote')
  const against_verdict = version.verdict?.outcome === 'rejected'
  const { model_id } = model
  const number = version.version
  const decide = useMutation({
    mutationFn: (reason: string) => call(promote, { model_id, version: number, reason, against_verdict }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['models'] })
      setAsking(false)
    },
  })
  if (version.stage === 'champion' || version.stage === 'retired' || model.retired_at !== null) return null
  const before = model.champion
  return (
    <>
      <GuardedButton allowed={{ allowed: allowed.allowed }} small onClick={() => setAsking(true)}>
        {t('models.promote.do')}
        <span className="sr-only"> {t('models.version', { version: number })}</span>
      </GuardedButton>
      <ReasonDialog
        open={asking}
        title={t('models.promote.ask', { version: number })}
        says={
          before === null
            ? t('models.promote.first')
            : t('models.promote.instead', { version: number, champion: before })
        }
        action={t('models.promote.do')}
        doing={decide}
        knowingly={against_verdict ? t('models.promote.against') : undefined}
        onClose={() => setAsking(false)}
      />
    </>
  )
}

/** Goes back to the champion before this one, which the same rule names here and on the server. */
function RollBack({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const allowed = useRight('models.promote')
  const stack = champions([...model.history].reverse())
  const usable = new Set(model.version_list.filter(({ stage }) => stage !== 'retired').map(({ version }) => version))
  const target = stack.slice(0, -1).findLast((version) => version !== model.champion && usable.has(version))
  const back = useMutation({
    mutationFn: (reason: string) => call(rollback, { model_id: model.model_id, reason }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['models'] })
      setAsking(false)
    },
  })
  if (!allowed.allowed) return <p className="mb-4 border-l-2 border-sand pl-3 text-soft">{allowed.reason}</p>
  return (
    <>
      {back.data && <Notice>{t('models.rollback.done', { version: back.data.version })}</Notice>}
      {target !== undefined && model.retired_at === null && (
        <div className="mb-4">
          <GuardedButton allowed={allowed} kind="danger" small onClick={() => setAsking(true)}>
            {t('models.rollback.do', { version: target })}
          </GuardedButton>
          <ReasonDialog
            open={asking}
            title={t('models.rollback.ask', { version: target })}
            says={t('models.rollback.says', { version: target, champion: model.champion ?? '' })}
            action={t('models.rollback.confirm')}
            doing={back}
            danger
            onClose={() => setAsking(false)}
          />
        </div>
      )}
    </>
  )
}

function History({ events }: { events: readonly AliasEvent[] }) {
  const { t, format } = useWords()
  return (
    <Section title={t('models.history.title')} id="history" says={t('models.history.says')}>
      {events.length === 0 && <p className="text-soft">{t('models.history.none')}</p>}
      <ol className="border-l-2 border-rule pl-5">
        {events.map((event) => (
          <li key={event.seq} className="pb-4">
            <p className="font-semibold">
              {t(`models.history.${event.action}`, {
                alias: event.alias,
                version: event.to_version ?? event.from_version ?? '',
              })}{' '}
              {event.against_verdict && <Pill tone="note">{t('models.history.against')}</Pill>}
            </p>
            <p className="max-w-prose wrap-anywhere">{event.reason}</p>
            <p className="text-sm text-soft">
              {format.instant(event.at)} · {event.by}
            </p>
          </li>
        ))}
      </ol>
    </Section>
  )
}
