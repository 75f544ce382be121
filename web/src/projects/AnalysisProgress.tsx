import type { Analysis } from '@tidemark/core/projects/analysis-contract.ts'
import { useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { useEffect } from 'react'
import { useWords } from '../lib/i18n.ts'
import { projectKey } from './queries.ts'

/** How far an analysis is. Once it is over and this is gone, everything about the project is asked for again. */
export function AnalysisProgress({ analysis }: { analysis: Analysis }) {
  const { t } = useWords()
  const client = useQueryClient()
  const { project_id, progress, state } = analysis
  useEffect(() => () => void client.invalidateQueries({ queryKey: projectKey(project_id) }), [client, project_id])
  const key = `projects.step.${progress?.step ?? state}`
  const says = i18next.exists(key) ? t(key as 'projects.step.queued') : t('projects.step.running')
  const fraction = progress && progress.of > 0 ? progress.done / progress.of : undefined
  return (
    <div role="status" data-testid="progress">
      <p className="mb-2 font-semibold">{says}</p>
      <progress className="h-2 w-full max-w-md accent-tide" max={1} value={fraction} aria-label={says} />
    </div>
  )
}
