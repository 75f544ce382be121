import type { Analysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { SelectField } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { AnalysisProgress } from './AnalysisProgress.tsx'
import { analysesQuery, analysisQuery, isWorking } from './queries.ts'
import { Result } from './Result.tsx'

const route = getRouteApi(paths.project)

/** The result of the newest analysis, or of the one that was chosen. */
export function ResultPart({ project }: { project: Project }) {
  const { t } = useWords()
  const { analysis: chosen } = route.useSearch()
  const asked = useQuery(analysesQuery(project.id))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { analyses } = asked.data
  const shown = analyses.find(({ analysis_id }) => analysis_id === chosen) ?? analyses[0]
  if (!shown) {
    return (
      <div className="card p-6">
        <p>{t('projects.result.none')}</p>
        <Link
          to={paths.project}
          params={{ id: project.id }}
          search={{ part: 'evidence' }}
          className="button button-main mt-4"
        >
          {t('projects.next.toEvidence')}
        </Link>
      </div>
    )
  }
  return (
    <>
      {analyses.length > 1 && <Which project={project} analyses={analyses} shown={shown} />}
      <OneResult key={shown.analysis_id} project={project} analysis={shown} />
    </>
  )
}

function Which({ project, analyses, shown }: { project: Project; analyses: readonly Analysis[]; shown: Analysis }) {
  const { t, format } = useWords()
  const navigate = useNavigate()
  return (
    <div className="mb-6 max-w-md">
      <SelectField
        label={t('projects.result.which')}
        value={shown.analysis_id}
        options={analyses.map((each) => ({
          value: each.analysis_id,
          text: `${format.instant(each.created_at)} · ${t(`projects.analysisState.${each.state}`)}`,
        }))}
        onChange={(analysis) =>
          void navigate({ to: paths.project, params: { id: project.id }, search: { part: 'result', analysis } })
        }
      />
    </div>
  )
}

function OneResult({ project, analysis }: { project: Project; analysis: Analysis }) {
  const { t } = useWords()
  const asked = useQuery({ ...analysisQuery(project.id, analysis.analysis_id), enabled: !isWorking(analysis.state) })
  if (isWorking(analysis.state)) {
    return (
      <div className="card p-6">
        <AnalysisProgress analysis={analysis} />
      </div>
    )
  }
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  if (!asked.data) return <Loading />
  if (asked.data.report === null) {
    return (
      <div className="card border-bad p-6">
        <h2 className="text-xl">{t('projects.next.failed')}</h2>
        <p className="mt-2">{asked.data.reason}</p>
      </div>
    )
  }
  return <Result analysis={asked.data} report={asked.data.report} />
}
