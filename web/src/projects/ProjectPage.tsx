import type { Project } from '@tidemark/core/projects/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense, type ComponentType } from 'react'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { GeneratedTag, StateTag } from './ProjectTags.tsx'
import { projectQuery } from './queries.ts'
import { useSays } from './says.ts'
import { useProjectNews } from './use-project-news.ts'

const route = getRouteApi(paths.project)

export interface ProjectPartProps {
  project: Project
}

/** Each part brings its own script when it is opened. */
const parts = {
  overview: part(() => import('./OverviewPart.tsx').then(({ OverviewPart }) => OverviewPart)),
  evidence: part(() => import('./EvidencePart.tsx').then(({ EvidencePart }) => EvidencePart)),
  result: part(() => import('./ResultPart.tsx').then(({ ResultPart }) => ResultPart)),
  monitoring: part(() => import('./MonitoringPart.tsx').then(({ MonitoringPart }) => MonitoringPart)),
  history: part(() => import('./HistoryPart.tsx').then(({ HistoryPart }) => HistoryPart)),
} as const
type PartName = keyof typeof parts
const names = Object.keys(parts) as PartName[]

function part(load: () => Promise<ComponentType<ProjectPartProps>>) {
  return lazy(async () => ({ default: await load() }))
}

export function ProjectPage() {
  const { t } = useWords()
  const { id } = route.useParams()
  return (
    <InOrganisation title={t('projects.title')}>
      <OneProject key={id} id={id} />
    </InOrganisation>
  )
}

function OneProject({ id }: { id: string }) {
  const { t } = useWords()
  const asked = useQuery(projectQuery(id))
  if (asked.isPending) return <Loading />
  if (asked.error) {
    return (
      <Page title={t('projects.title')}>
        <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
        <Link to={paths.projects} className="button button-plain mt-4">
          {t('projects.back')}
        </Link>
      </Page>
    )
  }
  return <WholeProject project={asked.data} />
}

function WholeProject({ project }: { project: Project }) {
  const { t } = useWords()
  const { Ecosystem } = useSays()
  useProjectNews(project.id)
  const { part: asked } = route.useSearch()
  const shown = names.find((each) => each === asked) ?? 'overview'
  const Part = parts[shown]
  return (
    <Page
      wide
      title={project.name}
      lead={
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-base">
          <span>
            {Ecosystem(project.ecosystem)} · {project.developer}
          </span>
          <StateTag state={project.state} />
          {project.generated && <GeneratedTag />}
          <EditLink project={project} />
        </p>
      }
    >
      <nav aria-label={t('projects.parts')} className="-mx-1 mb-6 border-b border-rule">
        <ul className="flex flex-wrap">
          {names.map((name) => (
            <li key={name}>
              <Link
                to={paths.project}
                params={{ id: project.id }}
                search={name === 'overview' ? {} : { part: name }}
                aria-current={name === shown ? 'page' : undefined}
                className={`inline-flex min-h-11 items-center border-b-2 px-3 hover:bg-wash ${name === shown ? 'border-tide font-semibold text-tide' : 'border-transparent'}`}
              >
                {t(`projects.part.${name}`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Suspense fallback={<Loading />}>
        <Part project={project} />
      </Suspense>
    </Page>
  )
}

function EditLink({ project }: { project: Project }) {
  const { t, language } = useWords()
  if (!allowedTo('projects.manage', useMe(), language).allowed || project.state === 'withdrawn') return null
  return (
    <Link to={paths.editProject} params={{ id: project.id }} className="link inline-flex min-h-8 items-center">
      {t('projects.edit')}
    </Link>
  )
}
