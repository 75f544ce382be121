import type { Site } from '@tidemark/core/sites/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense, type ComponentType } from 'react'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { siteQuery } from './queries.ts'

const route = getRouteApi(paths.site)

export interface SitePartProps {
  site: Site
}

/** Each part brings its own script when it is opened. */
const parts = {
  overview: part(() => import('./OverviewPart.tsx').then(({ OverviewPart }) => OverviewPart)),
  live: part(() => import('./LivePart.tsx').then(({ LivePart }) => LivePart)),
  alerts: part(() => import('./AnomaliesPart.tsx').then(({ AnomaliesPart }) => AnomaliesPart)),
  rules: part(() => import('./RulesPart.tsx').then(({ RulesPart }) => RulesPart)),
  maintenance: part(() => import('./MaintenancePart.tsx').then(({ MaintenancePart }) => MaintenancePart)),
  forecast: part(() => import('./ForecastPart.tsx').then(({ ForecastPart }) => ForecastPart)),
  plan: part(() => import('./PlanPart.tsx').then(({ PlanPart }) => PlanPart)),
  devices: part(() => import('./SiteDevicesPart.tsx').then(({ SiteDevicesPart }) => SiteDevicesPart)),
  data: part(() => import('./DataPart.tsx').then(({ DataPart }) => DataPart)),
} as const
export type PartName = keyof typeof parts
const names = Object.keys(parts) as PartName[]

function part(load: () => Promise<ComponentType<SitePartProps>>) {
  return lazy(async () => ({ default: await load() }))
}

export function SitePage() {
  const { t } = useWords()
  const { id } = route.useParams()
  return (
    <InOrganisation title={t('sites.title')}>
      <OneSite key={id} id={id} />
    </InOrganisation>
  )
}

function OneSite({ id }: { id: string }) {
  const { t } = useWords()
  const asked = useQuery(siteQuery(id))
  if (asked.isPending) return <Loading />
  if (asked.error) {
    return (
      <Page title={t('sites.title')}>
        <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
        <Link to={paths.sites} className="button button-plain mt-4">
          {t('sites.back')}
        </Link>
      </Page>
    )
  }
  return <WholeSite site={asked.data} />
}

function WholeSite({ site }: { site: Site }) {
  const { t, format } = useWords()
  const { part: asked } = route.useSearch()
  const shown = names.find((each) => each === asked) ?? 'overview'
  const Part = parts[shown]
  return (
    <Page
      wide
      title={site.name}
      lead={
        <p className="flex flex-wrap items-center gap-x-2 text-base">
          <span>
            {format.country(site.country)} · {site.time_zone}
          </span>
          {site.simulated && <SimulatedTag />}
          <EditLink site={site} />
        </p>
      }
    >
      <nav aria-label={t('sites.parts')} className="-mx-1 mb-6 border-b border-rule">
        <ul className="flex flex-wrap">
          {names.map((name) => (
            <li key={name}>
              <Link
                to={paths.site}
                params={{ id: site.id }}
                search={name === 'overview' ? {} : { part: name }}
                aria-current={name === shown ? 'page' : undefined}
                className={`inline-flex min-h-11 items-center border-b-2 px-3 hover:bg-wash ${name === shown ? 'border-tide font-semibold text-tide' : 'border-transparent'}`}
              >
                {t(`sites.part.${name}`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Suspense fallback={<Loading />}>
        <Part site={site} />
      </Suspense>
    </Page>
  )
}

function EditLink({ site }: { site: Site }) {
  const { t, language } = useWords()
  const allowed = allowedTo('sites.manage', useMe(), language)
  // Whoever may not change a site sees what it consists of all the same.
  return (
    <Link to={paths.editSite} params={{ id: site.id }} className="link inline-flex min-h-8 items-center">
      {t(allowed.allowed ? 'sites.edit' : 'sites.describe')}
    </Link>
  )
}
