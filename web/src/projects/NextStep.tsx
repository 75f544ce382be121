import { triggerAnalysis, type Analysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { AnalysisProgress } from './AnalysisProgress.tsx'
import { useMove } from './MoveButtons.tsx'
import { NextEvidence } from './NextEvidence.tsx'
import { analysisQuery, decisionsQuery, isWorking, projectKey } from './queries.ts'
import { useSays } from './says.ts'
import { stepOf } from './step.ts'

/** The one thing to do next, and how. */
export function NextStep({ project, latest }: { project: Project; latest: Analysis | undefined }) {
  const { t } = useWords()
  const step = stepOf(project, latest)
  return (
    <section
      aria-labelledby="next"
      className="card border-l-4 border-l-tide p-5 sm:p-6"
      data-testid="next"
      data-step={step}
    >
      <h2 id="next" className="text-xl">
        {t(`projects.next.${step}`)}
      </h2>
      <p className="mt-2 max-w-prose text-soft">{t(`projects.nextSays.${step}`)}</p>
      <div className="mt-4">
        <How step={step} project={project} latest={latest} />
      </div>
    </section>
  )
}

function How({
  step,
  project,
  latest,
}: {
  step: ReturnType<typeof stepOf>
  project: Project
  latest: Analysis | undefined
}): ReactNode {
  const { t } = useWords()
  const edit = (
    <Link to={paths.editProject} params={{ id: project.id }} hash="boundary" className="button button-main">
      {t('projects.edit')}
    </Link>
  )
  switch (step) {
    case 'boundary':
    case 'area':
      return edit
    case 'register':
      return <Register project={project} />
    case 'before':
    case 'after':
      return (
        <Link
          to={paths.project}
          params={{ id: project.id }}
          search={{ part: 'evidence' }}
          className="button button-main"
        >
          {t('projects.next.toEvidence')}
        </Link>
      )
    case 'wait':
      return latest && <AnalysisProgress analysis={latest} />
    case 'analyse':
    case 'failed':
      return <Analyse project={project} latest={latest} />
    case 'better':
    case 'submit':
    case 'review':
    case 'closed':
      return latest && <AfterResult step={step} project={project} analysis={latest} />
    case 'more':
      return <Wanted project={project} latest={latest} />
    case 'withdrawn':
      return null
  }
}

function Register({ project }: { project: Project }) {
  const { t } = useWords()
  const move = useMove(project)
  return (
    <>
      <ActionButton
        className="button button-main"
        busy={move.isPending}
        onClick={() => move.mutate({ move: 'register' })}
      >
        {t('projects.move.register')}
      </ActionButton>
      <ActionProblem action={move} />
    </>
  )
}

/** Asks for an analysis where none began by itself. */
function Analyse({ project, latest }: { project: Project; latest: Analysis | undefined }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const allowed = allowedTo('projects.analyse', useMe(), language)
  const ask = useMutation({
    mutationFn: () => call(triggerAnalysis, { project_id: project.id }),
    onSuccess: () => client.invalidateQueries({ queryKey: projectKey(project.id) }),
  })
  if (!allowed.allowed) return <p className="text-soft">{allowed.reason}</p>
  return (
    <>
      {latest?.state === 'failed' && latest.reason !== null && (
        <p className="mb-3 border-l-2 border-bad pl-3">{latest.reason}</p>
      )}
      <ActionButton className="button button-main" busy={ask.isPending} onClick={() => ask.mutate()}>
        {t('projects.next.analyseDo')}
      </ActionButton>
      <ActionProblem action={ask} />
    </>
  )
}

/** What the result says to the developer, what would make it better, and the way on. */
function AfterResult({ step, project, analysis }: { step: string; project: Project; analysis: Analysis }) {
  const { t } = useWords()
  const { say } = useSays()
  const move = useMove(project)
  const report = useQuery(analysisQuery(project.id, analysis.analysis_id)).data?.report
  const may_submit = project.moves.some((each) => each.move === 'submit')
  return (
    <>
      {report && step !== 'closed' && (
        <>
          <p className="mb-4 text-lg font-semibold">{say(report.proposal.developer_sees)}</p>
          <NextEvidence report={report} />
        </>
      )}
      <div className="mt-4 flex flex-wrap gap-3">
        {may_submit && (
          <ActionButton
            className={`button ${step === 'submit' ? 'button-main' : 'button-plain'}`}
            busy={move.isPending}
            onClick={() => move.mutate({ move: 'submit' })}
          >
            {t('projects.move.submit')}
          </ActionButton>
        )}
        <Link
          to={paths.project}
          params={{ id: project.id }}
          search={{ part: 'result' }}
          className="button button-plain"
        >
          {t('projects.next.toResult')}
        </Link>
        <Link
          to={paths.project}
          params={{ id: project.id }}
          search={{ part: 'evidence' }}
          className="button button-plain"
        >
          {t('projects.next.toEvidence')}
        </Link>
      </div>
      <ActionProblem action={move} />
    </>
  )
}

/** What the reviewer asked for, in their words. */
function Wanted({ project, latest }: { project: Project; latest: Analysis | undefined }) {
  const decision = useQuery(decisionsQuery(project.id)).data?.decisions[0]
  return (
    <>
      {decision?.verdict === 'request_more' && (
        <div className="mb-4 border-l-2 border-sand pl-3">
          {decision.reason !== null && <p className="whitespace-pre-line">{decision.reason}</p>}
          {decision.wanted.length > 0 && (
            <ul className="mt-2 list-disc pl-5">
              {decision.wanted.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          )}
        </div>
      )}
      {latest && !isWorking(latest.state) && <AfterResult step="more" project={project} analysis={latest} />}
    </>
  )
}
