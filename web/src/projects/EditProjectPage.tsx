import { changeProject, type Project } from '@tidemark/core/projects/contract.ts'
import type { listEvidence } from '@tidemark/core/projects/evidence-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { draftOf, type ProjectSent } from './draft.ts'
import type { Underlay } from './DrawMap.tsx'
import { pictureAddress } from './pictures.ts'
import { ProjectForm } from './ProjectForm.tsx'
import { evidenceQuery, projectQuery } from './queries.ts'

const route = getRouteApi(paths.editProject)

export function EditProjectPage() {
  const { t, language } = useWords()
  const { id } = route.useParams()
  const allowed = allowedTo('projects.manage', useMe(), language)
  const project = useQuery(projectQuery(id))
  const evidence = useQuery(evidenceQuery(id))
  return (
    <InOrganisation title={t('projects.edit')}>
      <Page wide title={project.data?.name ?? t('projects.edit')} lead={t('projects.form.editSays')}>
        {project.error && <ProblemPanel error={project.error} retry={() => void project.refetch()} />}
        {!allowed.allowed && <Refusal allowed={allowed} />}
        {(project.isPending || evidence.isPending) && <Loading />}
        {allowed.allowed && project.data && !evidence.isPending && <EditProject key={id} project={project.data} />}
      </Page>
    </InOrganisation>
  )
}

function EditProject({ project }: { project: Project }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const underlay = useQuery({ ...evidenceQuery(project.id), select: underlayOf }).data ?? undefined
  const change = useMutation({
    mutationFn: (sent: ProjectSent) => call(changeProject, { project_id: project.id, ...sent }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['projects'] })
      return navigate({ to: paths.project, params: { id: project.id } })
    },
  })
  return (
    <ProjectForm
      start={draftOf(project, language)}
      before={project}
      underlay={underlay}
      busy={change.isPending}
      problem={<ActionProblem action={change} />}
      refused={change.error}
      action={t('projects.form.save')}
      beside={
        <Link to={paths.project} params={{ id: project.id }} className="button button-plain">
          {t('app.cancel')}
        </Link>
      }
      onSend={(sent) => change.mutate(sent)}
    />
  )
}

/** The newest picture that knows its place: a boundary is drawn on what was there. */
function underlayOf({ evidence }: AnswerOf<typeof listEvidence>): Underlay | null {
  for (const { id, files, withdrawn_at } of evidence) {
    const corners = files[0]?.facts.corners
    if (corners && withdrawn_at === null) return { address: pictureAddress(id, 2_048), corners }
  }
  return null
}
