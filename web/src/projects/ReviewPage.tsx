import { getAnalysis, type WholeAnalysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { AreaVerdict } from './AreaVerdict.tsx'
import { DecisionPart } from './DecisionPart.tsx'
import { Outline } from './Outline.tsx'
import { projectQuery } from './queries.ts'
import { Result } from './Result.tsx'
import { useSays } from './says.ts'
import { Tiles } from './Tiles.tsx'

const route = getRouteApi(paths.review)

/** The case file of one analysis, and the decision on it. */
export function ReviewPage() {
  const { t } = useWords()
  const { id } = route.useParams()
  return (
    <InOrganisation title={t('projects.queue.title')}>
      <Case key={id} id={id} />
    </InOrganisation>
  )
}

function Case({ id }: { id: string }) {
  const { t } = useWords()
  const analysis = useQuery({
    queryKey: ['projects', 'review', id],
    queryFn: ({ signal }) => call(getAnalysis, { analysis_id: id }, signal),
  })
  const project = useQuery({
    ...projectQuery(analysis.data?.project_id ?? ''),
    enabled: analysis.data !== undefined,
  })
  const error = analysis.error ?? project.error
  if (error) {
    return (
      <Page title={t('projects.queue.title')}>
        <ProblemPanel error={error} retry={() => void analysis.refetch()} />
        <Link to={paths.reviews} className="button button-plain mt-4">
          {t('projects.review.back')}
        </Link>
      </Page>
    )
  }
  if (!analysis.data || !project.data) return <Loading />
  return <CaseFile analysis={analysis.data} project={project.data} />
}

function CaseFile({ analysis, project }: { analysis: WholeAnalysis; project: Project }) {
  const { t } = useWords()
  const { say, Ecosystem } = useSays()
  const { report } = analysis
  return (
    <Page
      wide
      title={t('projects.review.title', { name: project.name })}
      lead={
        <p className="flex flex-wrap items-center gap-x-3 text-base">
          <span>
            {Ecosystem(project.ecosystem)} · {project.developer}
          </span>
          <Link to={paths.project} params={{ id: project.id }} className="link inline-flex min-h-8 items-center">
            {t('projects.review.toProject')}
          </Link>
          <Link to={paths.reviews} className="link inline-flex min-h-8 items-center">
            {t('projects.review.back')}
          </Link>
        </p>
      }
    >
      {report === null ? (
        <div className="card p-6">
          <p>{analysis.reason ?? t(`projects.analysisState.${analysis.state}`)}</p>
        </div>
      ) : (
        <>
          <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1.7fr)_minmax(0,1fr)]">
            <div className="min-w-0">
              <p className="mb-4 max-w-prose text-lg font-semibold">{say(report.proposal.reviewer_sees)}</p>
              <DecisionPart analysis={analysis} report={report} />
            </div>
            <div className="min-w-0 space-y-4">
              {project.boundary && <Outline boundary={project.boundary} />}
              <AreaVerdict claimed_ha={project.area.claimed_ha} measured_ha={project.area.measured_ha} />
            </div>
          </div>
          <Section title={t('projects.tiles.title')} says={t('projects.tiles.says')} id="tiles">
            <Tiles analysis={analysis} digest={report.report_digest} />
          </Section>
          <Section title={t('projects.review.file')} id="case">
            <Result analysis={analysis} report={report} />
          </Section>
        </>
      )}
    </Page>
  )
}
