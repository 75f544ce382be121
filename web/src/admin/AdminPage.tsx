import { getRouteApi, Link } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Page } from '../ui/Page.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { SignedIn } from '../ui/SignedIn.tsx'
import { FactorsPart } from './FactorsPart.tsx'
import { KeysPart } from './KeysPart.tsx'
import { JobsPart } from './JobsPart.tsx'
import { OrganisationsPart } from './OrganisationsPart.tsx'
import { OutboxPart } from './OutboxPart.tsx'
import { OverviewPart } from './OverviewPart.tsx'
import { PeoplePart } from './PeoplePart.tsx'
import { PlansPart } from './PlansPart.tsx'
import { UsagePart } from './UsagePart.tsx'

const route = getRouteApi(paths.admin)

const parts = {
  overview: OverviewPart,
  people: PeoplePart,
  organisations: OrganisationsPart,
  keys: KeysPart,
  plans: PlansPart,
  outbox: OutboxPart,
  jobs: JobsPart,
  usage: UsagePart,
  factors: FactorsPart,
} as const satisfies Record<string, ComponentType>
type PartName = keyof typeof parts
const names = Object.keys(parts) as PartName[]

/** Everything about the installation itself, for those who administer it. */
export function AdminPage() {
  const { t, language } = useWords()
  return (
    <SignedIn>
      {(me) => {
        const allowed = allowedTo('instance.admin', me, language)
        return (
          <Page wide title={t('admin.title')} lead={t('admin.says')}>
            {allowed.allowed ? <Parts /> : <Refusal allowed={allowed} />}
          </Page>
        )
      }}
    </SignedIn>
  )
}

function Parts() {
  const { t } = useWords()
  const { part } = route.useSearch()
  const shown = names.find((each) => each === part) ?? 'overview'
  const Part = parts[shown]
  return (
    <div className="gap-12 lg:grid lg:grid-cols-[13rem_minmax(0,1fr)]">
      <nav aria-label={t('admin.title')} className="mb-8 lg:mb-0">
        <ul className="flex flex-wrap gap-x-1 lg:sticky lg:top-6 lg:flex-col">
          {names.map((name) => (
            <li key={name}>
              <Link
                to={paths.admin}
                search={name === 'overview' ? {} : { part: name }}
                aria-current={name === shown ? 'page' : undefined}
                className={`inline-flex min-h-10 items-center rounded-md px-3 hover:bg-wash lg:w-full ${name === shown ? 'bg-wash font-semibold text-tide' : ''}`}
              >
                {t(`admin.part.${name}`)}
              </Link>
            </li>
          ))}
          <li>
            <Link
              to={paths.adminAudit}
              className="inline-flex min-h-10 items-center rounded-md px-3 hover:bg-wash lg:w-full"
            >
              {t('admin.auditTrail')}
            </Link>
          </li>
        </ul>
      </nav>
      <section className="min-w-0" aria-labelledby="part-title">
        <h2 id="part-title" className="mb-4 text-2xl">
          {t(`admin.part.${shown}`)}
        </h2>
        <Part />
      </section>
    </div>
  )
}
