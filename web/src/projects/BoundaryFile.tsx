import { setBoundary, type Project } from '@tidemark/core/projects/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId } from 'react'
import { upload } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { allowedTo } from '../lib/rights.ts'
import { ActionProblem } from '../ui/StepUp.tsx'
import { projectKey } from './queries.ts'

/** Reads the boundary anew from a file of any of the three formats. */
export function BoundaryFile({ project }: { project: Project }) {
  const { t, language } = useWords()
  const id = useId()
  const client = useQueryClient()
  const allowed = allowedTo('projects.manage', useMe(), language)
  const send = useMutation({
    mutationFn: (file: File) => upload(setBoundary, { project_id: project.id }, file),
    onSuccess: () => client.invalidateQueries({ queryKey: projectKey(project.id) }),
  })
  if (!allowed.allowed || project.state === 'withdrawn') return null
  return (
    <details className="card p-4">
      <summary className="font-semibold">{t('projects.boundaryFile.title')}</summary>
      <label htmlFor={id} className="mt-3 mb-2 block text-[0.9375rem] text-soft">
        {t('projects.boundaryFile.says')}
      </label>
      <input
        id={id}
        type="file"
        accept=".geojson,.json,.kml,.kmz"
        className="field file:mr-3 file:rounded file:border-0 file:bg-wash file:px-3 file:py-1 file:font-semibold file:text-tide"
        onChange={({ target }) => target.files?.[0] && send.mutate(target.files[0])}
      />
      <p role="status" className="mt-2 text-[0.9375rem]">
        {send.isPending && t('app.sending')}
        {send.data && t('projects.boundaryFile.read', { count: send.data.polygons })}
        {send.data &&
          send.data.left_aside > 0 &&
          ` ${t('projects.boundaryFile.leftAside', { count: send.data.left_aside })}`}
      </p>
      <ActionProblem action={send} />
    </details>
  )
}
