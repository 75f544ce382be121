import type { Project } from '@tidemark/core/projects/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { GeneratedTag, StateTag } from './ProjectTags.tsx'
import { projectsQuery, queueQuery } from './queries.ts'
import { useSays } from './says.ts'

/** Half a megabyte of drawing, for those who look at it. */
const ProjectsMap = lazy(() =>
  import('./ProjectsMap.tsx').then(({ ProjectsMap: component }) => ({ default: component })),
)

export function ProjectsPage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('projects.title')}>
      <Projects />
    </InOrganisation>
  )
}

function Projects() {
  const { t } = useWords()
  const asked = useQuery(projectsQuery())
  const projects = asked.data?.projects
  return (
    <Page wide title={t('projects.title')} lead={t('projects.says')}>
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {projects?.length === 0 && <NoProjects />}
      {projects !== undefined && projects.length > 0 && (
        <>
          <Ways />
          <div className="mt-6 grid gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.15fr)]">
            <ul aria-label={t('projects.title')} className="space-y-3">
              {projects.map((project) => (
                <ProjectCard key={project.id} project={project} />
              ))}
            </ul>
            <div className="lg:sticky lg:top-6 lg:self-start">
              <Suspense fallback={<div className="card h-72 sm:h-96" />}>
                <ProjectsMap projects={projects} />
              </Suspense>
            </div>
          </div>
        </>
      )}
    </Page>
  )
}

function Ways() {
  const { t, language } = useWords()
  const allowed = allowedTo('projects.manage', useMe(), language)
  const waiting = useQuery(queueQuery()).data?.queue.length ?? 0
  return (
    <div className="flex flex-wrap items-center gap-3">
      {allowed.allowed ? (
        <Link to={paths.newProject} className="button button-main">
          {t('projects.add')}
        </Link>
      ) : (
        <p className="border-l-2 border-sand pl-3 text-soft">{allowed.reason}</p>
      )}
      <Link to={paths.reviews} className="button button-plain">
        {t('projects.toReviews')}
        {waiting > 0 && <span className="figures rounded bg-sand-wash px-1.5 text-sand-ink">{waiting}</span>}
      </Link>
    </div>
  )
}

function NoProjects() {
  const { t } = useWords()
  return (
    <div className="card p-6 sm:p-8">
      <h2 className="text-2xl">{t('projects.empty.title')}</h2>
      <p className="mt-2 max-w-prose text-soft">{t('projects.empty.says')}</p>
      <ol className="mt-4 max-w-prose list-decimal space-y-1 pl-5">
        <li>{t('projects.empty.first')}</li>
        <li>{t('projects.empty.second')}</li>
        <li>{t('projects.empty.third')}</li>
      </ol>
      <div className="mt-6">
        <Ways />
      </div>
    </div>
  )
}

function ProjectCard({ project }: { project: Project }) {
  const { t, format } = useWords()
  const { Ecosystem } = useSays()
  const { area } = project
  const ha = area.measured_ha ?? area.claimed_ha
  return (
    <li className="card relative p-4 focus-within:border-tide hover:border-tide">
      <p className="text-lg font-semibold">
        <Link to={paths.project} params={{ id: project.id }} className="after:absolute after:inset-0">
          {project.name}
        </Link>
      </p>
      <p className="text-[0.9375rem] text-soft">
        {Ecosystem(project.ecosystem)} · {project.developer}
        {ha !== null && <> · {t('projects.hectares', { ha: format.number(ha) })}</>}
      </p>
      <p className="mt-2 flex flex-wrap items-center gap-2">
        <StateTag state={project.state} />
        {project.generated && <GeneratedTag />}
      </p>
    </li>
  )
}
