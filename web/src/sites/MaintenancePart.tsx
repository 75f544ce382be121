import type { MaintenanceItem } from '@tidemark/core/sites/maintenance-contract.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { TimeChart } from '../telemetry/TimeChart.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Empty } from '../ui/Rows.tsx'
import { NotEnough } from './NotEnough.tsx'
import { maintenanceQuery } from './queries.ts'
import type { SitePartProps } from './SitePage.tsx'

type Status = MaintenanceItem['status']
type Indicator = MaintenanceItem['indicators'][number]

const tones: Record<Status, string> = {
  healthy: 'bg-good-wash text-good',
  watch: 'bg-sand-wash text-sand-ink',
  degrading: 'bg-bad-wash text-bad',
  act_now: 'bg-bad text-surface',
  insufficient_evidence: 'bg-wash text-soft',
}
/** What has bearings, and so something to listen to. */
const turning: ReadonlySet<string> = new Set(['turbine', 'genset', 'hvac'])
const order: readonly Status[] = ['act_now', 'degrading', 'watch', 'insufficient_evidence', 'healthy']

/** Each asset with its state, the worst first; a date only where something moves towards a limit. */
export function MaintenancePart({ site }: SitePartProps) {
  const { t } = useWords()
  const asked = useQuery(maintenanceQuery(site.id))
  if (asked.isPending) return <Loading />
  if (asked.error)
    return <NotEnough error={asked.error} retry={() => void asked.refetch()} says={t('sites.care.notEnough')} />
  const items = [...asked.data.data].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  return (
    <>
      <p className="mb-5 max-w-prose text-soft">
        {t('sites.care.says')}
        {asked.data.simulated && <SimulatedTag />}
      </p>
      {items.length === 0 && <Empty>{t('sites.care.none')}</Empty>}
      <ul aria-label={t('sites.part.maintenance')} className="space-y-4">
        {items.map((item) => (
          <Item key={item.assetId} item={item} site={site} />
        ))}
      </ul>
      {asked.data.total > items.length && (
        <p className="mt-3 text-soft">{t('sites.care.more', { count: items.length })}</p>
      )}
    </>
  )
}

function StatusTag({ status }: { status: Status }) {
  const { t } = useWords()
  return (
    <span className={`rounded px-2 py-0.5 text-sm font-semibold ${tones[status]}`}>
      {t(`sites.care.status.${status}`)}
    </span>
  )
}

function Item({ item, site }: { item: MaintenanceItem; site: Site }) {
  const { t, format, language } = useWords()
  const { confidence, dates, evidence, prior } = item
  const moved = item.indicators.find(({ id }) => id === item.moved)
  const others = item.indicators.filter((each) => each !== moved)
  return (
    <li className="card p-4 sm:p-5" data-testid="care">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="text-xl">{item.assetName}</h2>
        <StatusTag status={item.status} />
        <span className="text-soft">{t(`sites.kind.${item.assetKind}`)}</span>
      </div>
      <p className="mt-2 max-w-prose">{item.recommendations[language]}</p>
      {dates && (
        <div className="mt-3 rounded-card border border-sand bg-sand-wash p-3">
          <p className="font-semibold">{t('sites.care.date', { day: format.day(dates.p50) })}</p>
          <p className="text-[0.9375rem]">
            {dates.p90 === null
              ? t('sites.care.dateOpen', { from: format.day(dates.p10) })
              : t('sites.care.dateRange', { from: format.day(dates.p10), to: format.day(dates.p90) })}{' '}
            {confidence !== null && item.confidence_basis
              ? t('sites.care.confidence', { share: format.share(confidence), count: item.confidence_basis.dates })
              : t('sites.care.noConfidence')}
          </p>
        </div>
      )}
      {moved && <IndicatorPlot indicator={moved} site={site} />}
      <p className="mt-3 text-[0.9375rem] text-soft">
        {t('sites.care.evidence', {
          count: evidence.history_days,
          to: format.day(evidence.to),
        })}
      </p>
      {prior && (
        <p className="mt-1 text-[0.9375rem] text-soft">
          {t('sites.care.prior', {
            five: format.share(prior.failed_after_5_years),
            ten: format.share(prior.failed_after_10_years),
          })}
        </p>
      )}
      {(turning.has(item.assetKind) || evidence.waveforms > 0) && (
        <p className="mt-3">
          <Link to={paths.vibration} params={{ id: site.id, asset: item.assetId }} className="link">
            {t('sites.vibration.link')}
          </Link>
        </p>
      )}
      {others.length > 0 && (
        <details className="mt-3">
          <summary className="font-semibold">
            {t(moved ? 'sites.care.others' : 'sites.care.indicators', { count: others.length })}
          </summary>
          <ul>
            {others.map((indicator) => (
              <li key={indicator.id}>
                <IndicatorPlot indicator={indicator} site={site} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}

/** An indicator over time, from when it is worse than usual, with its limit across. */
function IndicatorPlot({ indicator, site }: { indicator: Indicator; site: Site }) {
  const { t, format, language } = useWords()
  const { name, series, limit, onset_at, now, reference, reason, status } = indicator
  const unit = indicator.unit === '1' ? '' : indicator.unit
  const first = series[0]
  const last = series.at(-1)
  // Beside its limit, a hundredth is nothing.
  const least = Math.max(Math.abs(now ?? 0), Math.abs(limit ?? 0)) / 100
  const say = (value: number | null) =>
    value === null ? '–' : `${format.number(Math.abs(value) < least ? 0 : value)}\u00A0${unit}`.trim()
  const title = name[language].charAt(0).toLocaleUpperCase(language) + name[language].slice(1)
  return (
    <div className="mt-4">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-semibold">{title}</span>
        <span className="text-sm text-soft">{t(`sites.care.status.${status}`)}</span>
      </p>
      {reason !== null && (
        <p className="text-[0.9375rem] text-soft" lang="en">
          {reason}
        </p>
      )}
      {indicator.missing_values > 0 && reason === null && (
        <p className="text-[0.9375rem] text-soft">{t('sites.care.missing', { count: indicator.missing_values })}</p>
      )}
      {now !== null && (
        <p className="figures text-[0.9375rem]">
          {t(limit === null ? 'sites.care.nowFree' : 'sites.care.now', {
            now: say(now),
            usual: say(reference),
            limit: say(limit),
          })}
          {onset_at !== null && ` ${t('sites.care.since', { day: format.day(onset_at) })}`}
        </p>
      )}
      {first && last && series.length > 2 && (
        <TimeChart
          describe={t('sites.care.chart', { name: title })}
          height="small"
          lines={[
            { name: title, colour: 'tide', points: series.map(({ at, value }) => [Date.parse(at), value] as const) },
          ]}
          level={limit === null ? undefined : { value: limit, text: t('sites.care.limit') }}
          stretches={
            onset_at === null ? [] : [{ from_ms: Date.parse(onset_at), to_ms: Date.parse(last.at), tone: 'note' }]
          }
          unit={unit}
          time_zone={site.time_zone}
          from_ms={Date.parse(first.at)}
          to_ms={Date.parse(last.at)}
        />
      )}
    </div>
  )
}
