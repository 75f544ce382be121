import { addProject } from '@tidemark/core/projects/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Page } from '../ui/Page.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { emptyDraft, type ProjectSent } from './draft.ts'
import { ProjectForm } from './ProjectForm.tsx'

export function NewProjectPage() {
  const { t, language } = useWords()
  const allowed = allowedTo('projects.manage', useMe(), language)
  return (
    <InOrganisation title={t('projects.add')}>
      <Page wide title={t('projects.add')} lead={t('projects.form.says')}>
        {allowed.allowed ? <NewProject /> : <Refusal allowed={allowed} />}
      </Page>
    </InOrganisation>
  )
}

function NewProject() {
  const { t } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [start] = useState(emptyDraft)
  const add = useMutation({
    mutationFn: (project: ProjectSent) => call(addProject, project),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['projects'] })
      return navigate({ to: paths.project, params: { id } })
    },
  })
  return (
    <ProjectForm
      start={start}
      busy={add.isPending}
      problem={<ActionProblem action={add} />}
      refused={add.error}
      action={t('projects.form.do')}
      beside={
        <Link to={paths.projects} className="button button-plain">
          {t('app.cancel')}
        </Link>
      }
      onSend={(project) => add.mutate(project)}
    />
  )
}
