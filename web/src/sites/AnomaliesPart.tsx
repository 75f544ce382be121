import type { Alert } from '@tidemark/core/sites/alerts-contract.ts'
import type { Detection, SiteAnomaly } from '@tidemark/core/sites/anomalies-contract.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { z } from 'zod'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { Empty } from '../ui/Rows.tsx'
import { AlertActions } from './AlertActions.tsx'
import { AnomalyDetails } from './AnomalyDetails.tsx'
import { energy, instantIn, money } from './figures.ts'
import { NotEnough } from './NotEnough.tsx'
import { alertsQuery, anomaliesQuery } from './queries.ts'
import { Severity } from './Severity.tsx'
import type { SitePartProps } from './SitePage.tsx'

const route = getRouteApi(paths.site)
/** A screen or three; what is older waits behind a button. */
const SHOWN = 12

/** What is not as it should be, the latest first: what it is, what it cost, how sure that is, and what to do about it. */
export function AnomaliesPart({ site }: SitePartProps) {
  const { t } = useWords()
  const { at } = route.useSearch()
  const [all, setAll] = useState(false)
  const asked = useQuery(anomaliesQuery(site.id))
  const client = useQueryClient()
  const ran_at = asked.data?.detection.ran_at
  // Alerts are raised by looking, so they are asked for when that is done, and again after every further look.
  const alerts = useQuery({ ...alertsQuery(site.id), enabled: ran_at !== undefined }).data
  useEffect(() => {
    if (ran_at !== undefined) void client.invalidateQueries({ queryKey: alertsQuery(site.id).queryKey })
  }, [client, site.id, ran_at])
  if (asked.isPending) return <Loading />
  if (asked.error) {
    return <NotEnough error={asked.error} retry={() => void asked.refetch()} says={t('sites.anomaly.notEnough')} />
  }
  const { data, detection } = asked.data
  const alertOf = (anomaly: SiteAnomaly) => alerts?.alerts.find(({ anomaly_id }) => anomaly_id === anomaly.id)
  // One that an address leads to is among them.
  const shown = all ? data : data.slice(0, Math.max(SHOWN, data.findIndex(({ id }) => id === at) + 1))
  const passed = alerts?.alerts.filter(({ anomaly_id }) => anomaly_id === null) ?? []
  return (
    <>
      <p className="mb-5 max-w-prose text-soft">
        {t('sites.anomaly.budget', { count: detection.alarms_per_week })}{' '}
        {alerts?.open !== undefined && alerts.open > 0 && (
          <strong className="text-ink">{t('sites.alert.open', { count: alerts.open })}</strong>
        )}{' '}
        {!detection.is_current && t('sites.anomaly.behind')}
      </p>
      {data.length === 0 && <Empty>{t('sites.anomaly.none')}</Empty>}
      <ul aria-label={t('sites.part.alerts')} className="space-y-3">
        {shown.map((anomaly) => (
          <AnomalyCard key={anomaly.id} anomaly={anomaly} alert={alertOf(anomaly)} site={site} />
        ))}
      </ul>
      {shown.length < data.length && (
        <button type="button" className="button button-plain mt-4" onClick={() => setAll(true)}>
          {t('sites.anomaly.older', { count: data.length - shown.length })}
        </button>
      )}
      {passed.length > 0 && <Passed alerts={passed} site={site} />}
      <LookedAt detection={detection} site={site} />
    </>
  )
}

function AnomalyCard({ anomaly, alert, site }: { anomaly: SiteAnomaly; alert: Alert | undefined; site: Site }) {
  const { t, format } = useWords()
  const { at } = route.useSearch()
  const open = at === anomaly.id
  const { loss, severity, type, timestamp, until, is_open } = anomaly
  const asset = site.assets.find(({ asset_id }) => asset_id === anomaly.asset_id)?.name ?? t('sites.anomaly.whole')
  return (
    <li className="card p-4" data-testid="anomaly">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <p className="text-lg font-semibold">
            <Severity severity={severity} /> {t(`sites.anomaly.type.${type}`)}
            {anomaly.simulated && <SimulatedTag />}
          </p>
          <p className="text-soft">
            {asset} · {instantIn(timestamp, site.time_zone, format)}{' '}
            {is_open ? (
              <strong className="text-bad">{t('sites.anomaly.still')}</strong>
            ) : (
              t('sites.anomaly.until', { when: instantIn(until, site.time_zone, format) })
            )}
          </p>
          <p className="mt-1">{t(`sites.anomaly.cause.${anomaly.cause}`)}</p>
        </div>
        <dl className="figures flex flex-wrap gap-x-6 gap-y-1 text-right">
          {loss.energy_kwh !== null && (
            <div>
              <dt className="label">{t('sites.anomaly.energy')}</dt>
              <dd className="font-semibold">{energy(loss.energy_kwh, format)}</dd>
            </div>
          )}
          {loss.money !== null && loss.currency !== null && (
            <div>
              <dt className="label">{t('sites.anomaly.money')}</dt>
              <dd className="font-semibold">{money(loss.money, loss.currency, format)}</dd>
            </div>
          )}
          <div>
            <dt className="label">{t('sites.anomaly.confidence')}</dt>
            <dd className="font-semibold">{format.share(anomaly.confidence)}</dd>
          </div>
        </dl>
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Link
          to={paths.site}
          params={{ id: site.id }}
          search={{ part: 'alerts', ...(open ? {} : { at: anomaly.id }) }}
          resetScroll={false}
          replace
          aria-expanded={open}
          className="button button-plain button-small"
        >
          {t(open ? 'sites.anomaly.less' : 'sites.anomaly.more')}
          <span className="sr-only"> {t(`sites.anomaly.type.${type}`)}</span>
        </Link>
        {alert && <AlertActions alert={alert} site_id={site.id} />}
      </div>
      {open && <AnomalyDetails anomaly={anomaly} site={site} />}
    </li>
  )
}

/** Alerts of a measure that passed its threshold: no anomaly stands behind them. */
function Passed({ alerts, site }: { alerts: readonly Alert[]; site: Site }) {
  const { t, format } = useWords()
  return (
    <Section title={t('sites.alert.passed')} id="passed">
      <ul className="space-y-3">
        {alerts.map((alert) => (
          <li key={alert.alert_id} className="card p-4" data-testid="alert">
            <p className="font-semibold">
              <Severity severity={alert.severity} /> {alert.measure}{' '}
              {alert.value !== null && format.number(alert.value)}
            </p>
            <p className="text-soft">{instantIn(alert.raised_at, site.time_zone, format)}</p>
            <div className="mt-3 flex flex-wrap gap-2">
              <AlertActions alert={alert} site_id={site.id} />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** What was looked at and what could not be judged: silence of a detector is no proof that all is well. */
function LookedAt({ detection, site }: { detection: z.infer<typeof Detection>; site: Site }) {
  const { t, format } = useWords()
  const unjudged = detection.looked_at.filter(({ needs }) => needs !== null)
  return (
    <details className="mt-8">
      <summary className="font-semibold">
        {t('sites.anomaly.lookedAt', { when: instantIn(detection.ran_at, site.time_zone, format) })}
      </summary>
      <p className="mt-2 text-soft">
        {t('sites.anomaly.judged', { count: detection.looked_at.length - unjudged.length })}{' '}
        {unjudged.length > 0 && t('sites.anomaly.unjudged', { count: unjudged.length })}
      </p>
      <ul className="mt-2 space-y-1 text-[0.9375rem]">
        {unjudged.map(({ method, asset_id, measure, needs }) => (
          <li key={`${method} ${asset_id} ${measure}`}>
            {t(`sites.anomaly.method.${method}`)}, {asset_id ?? site.name}: <span lang="en">{needs}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
