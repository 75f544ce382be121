import type { Site } from '@tidemark/core/sites/contract.ts'
import type { SiteMetrics } from '@tidemark/core/sites/metrics-contract.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { Command } from '../ui/Copyable.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { signedPower } from './figures.ts'
import { metricsQuery, sitesQuery } from './queries.ts'

/** Half a megabyte of drawing, for those who look at it. */
const SitesMap = lazy(() => import('./SitesMap.tsx').then(({ SitesMap: component }) => ({ default: component })))

/** Of this many the current figures are asked for; a longer list stays a list of names. */
const SITES_WITH_FIGURES = 25

export function SitesPage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('sites.title')}>
      <Sites />
    </InOrganisation>
  )
}

function Sites() {
  const { t } = useWords()
  const asked = useQuery(sitesQuery())
  const sites = asked.data?.sites
  return (
    <Page wide title={t('sites.title')} lead={t('sites.says')}>
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {sites?.length === 0 && <NoSites />}
      {sites !== undefined && sites.length > 0 && (
        <>
          <AddSite />
          <div className="mt-6 grid gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.15fr)]">
            <ul aria-label={t('sites.title')} className="space-y-3">
              {sites.map((site) => (
                <SiteCard key={site.id} site={site} with_figures={sites.length <= SITES_WITH_FIGURES} />
              ))}
            </ul>
            <div className="lg:sticky lg:top-6 lg:self-start">
              <Suspense fallback={<div className="card h-72 sm:h-96" />}>
                <SitesMap sites={sites} />
              </Suspense>
            </div>
          </div>
        </>
      )}
    </Page>
  )
}

function AddSite() {
  const { t, language } = useWords()
  const allowed = allowedTo('sites.manage', useMe(), language)
  return (
    <div className="flex flex-wrap items-center gap-3">
      {allowed.allowed ? (
        <Link to={paths.newSite} className="button button-main">
          {t('sites.add')}
        </Link>
      ) : (
        <p className="border-l-2 border-sand pl-3 text-soft">{allowed.reason}</p>
      )}
      <Link to={paths.devices} className="button button-plain">
        {t('sites.allDevices')}
      </Link>
    </div>
  )
}

function NoSites() {
  const { t } = useWords()
  return (
    <div className="card p-6 sm:p-8">
      <h2 className="text-2xl">{t('sites.empty.title')}</h2>
      <p className="mt-2 max-w-prose text-soft">{t('sites.empty.says')}</p>
      <div className="mt-5">
        <AddSite />
      </div>
      <h3 className="mt-8 text-lg">{t('sites.empty.play')}</h3>
      <p className="mt-1 mb-3 max-w-prose text-soft">{t('sites.empty.playSays')}</p>
      <Command
        text={`npx tidemark simulate site --url ${location.origin} --days 30`}
        label={t('sites.empty.command')}
      />
    </div>
  )
}

function SiteCard({ site, with_figures }: { site: Site; with_figures: boolean }) {
  const { t, format } = useWords()
  const asked = useQuery({ ...metricsQuery(site.id), enabled: with_figures })
  return (
    <li className="card relative p-4 focus-within:border-tide hover:border-tide">
      <p className="text-lg font-semibold">
        <Link to={paths.site} params={{ id: site.id }} className="after:absolute after:inset-0">
          {site.name}
        </Link>
        {(site.simulated || asked.data?.simulated === true) && <SimulatedTag />}
      </p>
      <p className="text-[0.9375rem] text-soft">
        {format.country(site.country)} · {t('sites.assets', { count: site.assets.length })}
      </p>
      {with_figures && <NowLine metrics={asked.data} />}
    </li>
  )
}

/** What the site does now, in a line. */
function NowLine({ metrics }: { metrics: SiteMetrics | undefined }) {
  const { t, format } = useWords()
  if (metrics === undefined) return <p className="mt-2 min-h-6 text-sm text-soft">…</p>
  const { now } = metrics
  const figures = [
    { key: 'generation', value: now.generation_kw },
    { key: 'load', value: now.load_kw },
    { key: 'grid', value: now.grid_kw },
  ] as const
  if (figures.every(({ value }) => value === null))
    return <p className="mt-2 text-sm text-soft">{t('sites.now.silent')}</p>
  return (
    <dl className="figures mt-2 flex flex-wrap gap-x-6 gap-y-1">
      {figures.map(({ key, value }) => (
        <div key={key}>
          <dt className="label">{t(`sites.now.${key}`)}</dt>
          <dd className="font-semibold">{value === null ? '–' : signedPower(value, format)}</dd>
        </div>
      ))}
    </dl>
  )
}
